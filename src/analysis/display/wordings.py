"""What columns and codes are called, and how the values of columns are written: ``wordings.csv``.

The file has a row for each column of each table, in the order in which they are shown: table,
column, heading (Vietnamese; :mod:`analysis.language` gives it in others) and format, one of
:data:`FORMATS`. Rows without a table say what a column is called wherever a table's own row leaves
the heading empty. The words of codes stand in the same way: a list, its codes, their words.
"""

import csv
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from analysis.language.words import number, percent, rounded, short

FILE = Path(__file__).with_name("wordings.csv")

FORMATS: dict[str, Callable[[object], str]] = {
    "text": str,
    "whole": number,
    "tenths": partial(number, decimals=1),
    "points": partial(number, decimals=2),
    "thousandths": partial(number, decimals=3),
    "fine": partial(number, decimals=4),
    "short": short,
    "rounded": rounded,
    "share": partial(percent, decimals=1),
    "percent": partial(percent, decimals=0),
}
"""Format → function from value to text. ``text`` is written already, as a figure is."""


def columns(table: str) -> tuple[dict[str, str], dict[str, str]]:
    """Heads and formats of a table: column → heading, column → format (of those that have one).

    Raises
    ------
    KeyError
        where the file has no such table.

    >>> columns("noted")
    ({'name': 'Đơn vị, chỉ tiêu', 'text': 'Điều cần biết'}, {})
    """
    return codes(table), {column: form for column, _, form in read()[table] if form}


def codes(listed: str) -> dict[str, str]:
    """Code → its words, of a list; column → heading, of a table.

    Raises
    ------
    KeyError
        where the file has no such list.

    >>> codes("severity")
    {'blocking': 'Phải sửa', 'warning': 'Cần kiểm tra', 'note': 'Lưu ý'}
    """
    return {code: words for code, words, _ in read()[listed]}


@cache
def read() -> dict[str, list[tuple[str, str, str]]]:
    """Table → column, heading, format of each of its columns; "" → those of any table."""
    with open(FILE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    usual = {row["column"]: row for row in rows if not row["table"]}
    found: dict[str, list] = {}
    for row in rows:
        said = row if row["heading"] else usual[row["column"]]
        found.setdefault(row["table"], []).append((row["column"], said["heading"], said["format"]))
    return found
