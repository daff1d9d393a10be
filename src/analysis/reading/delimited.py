"""Text files of separated cells (.csv, .txt): their encoding and separator are found, not assumed.

Excel with Vietnamese settings separates by semicolons, saves "Unicode text" as UTF-16 with tabs,
and takes the separator from a first line ``sep=;``. What cannot be told for certain is refused.
"""

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATORS = ",;\t|"
_SAMPLE = 200  # rows by which the separator is told
_STATED = re.compile(r"\s*sep=(.)\s*\r?\n", re.IGNORECASE)


class UndecidedError(Exception):
    """The text cannot be read in one way only; the message is why: ``encoding``, ``separator`` or
    ``quotes``, and where."""


def read(path: Path) -> tuple[list[list[str]], int]:
    """The rows of a file as text, and how many of their cells are not empty.

    The number is counted from the text by itself, not from the rows.

    Raises
    ------
    UndecidedError
    """
    text = _decoded(path.read_bytes())
    stated = _STATED.match(text)
    separator = stated[1] if stated else separator_of(text)
    rest = text[stated.end() :] if stated else text
    _refuse_open_quote(rest, separator)
    try:
        rows = list(csv.reader(io.StringIO(rest, newline=""), delimiter=separator))
    except csv.Error as error:
        raise UndecidedError("quotes: 1") from error
    counted = _counted(rest, separator)
    if stated:  # the line is there, and says nothing that goes into a form
        rows.insert(0, [stated[0].strip()])
        counted += 1
    return rows, counted


def _refuse_open_quote(text: str, separator: str) -> None:
    """A quotation mark that is never closed would take all rows below it into one cell."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for _ in reader:
            begins = reader.line_num + 1
    except csv.Error as error:
        if "end of data" in str(error):
            raise UndecidedError(f"quotes: {begins}") from error


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding is None and b"\0" in data[:2000]:
        # of "A" one byte is nought: the second where the low byte comes first
        encoding = "utf-16-le" if data[1:2000:2].count(0) > data[0:2000:2].count(0) else "utf-16-be"
    try:
        return data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise UndecidedError(f"encoding: byte {error.start + 1}") from error


def separator_of(text: str) -> str:
    """The sign by which the first rows fall into equally many cells.

    Raises
    ------
    UndecidedError
        where two signs do it equally well, and differently.

    >>> separator_of("unit;item;value\\nHà Nội;a;1,5\\nHuế;a;2,5\\n")
    ';'
    """
    judged = {s: _judged(text, s) for s in _SEPARATORS}
    best = max(judged.values())
    if best[1] <= 1:
        return ","
    held = [s for s, value in judged.items() if value == best]
    if len(held) > 1:
        raise UndecidedError(f"separator: {' '.join(held)}")
    return held[0]


def _judged(text: str, separator: str) -> tuple[float, int]:
    """Share of rows of the commonest width beyond one cell, and that width."""
    widths: Counter[int] = Counter()
    try:
        for n, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
            if n == _SAMPLE:
                break
            if any(row):
                widths[len(row)] += 1
    except csv.Error:
        return 0.0, 0
    several = {w: n for w, n in widths.items() if w > 1}
    if not several:
        return 0.0, 1
    width = max(several, key=lambda w: (several[w], w))
    return several[width] / widths.total(), width


def _counted(text: str, separator: str) -> int:
    """Cells with anything in them, counted from the text: in quotes, or up to the next sign."""
    sign = re.escape(separator)
    cell = rf'(?:^|(?<=[{sign}\r\n]))(?:"((?:[^"]|"")*)"([^{sign}\r\n]*)|([^{sign}\r\n]+))'
    found = re.finditer(cell, text)
    return sum(1 for m in found if m[1] or m[2] or m[3])
