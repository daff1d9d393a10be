"""The first sheet of a copy that was sent back, when it comes in again: what to mend, answered.

It is told by its first words and its heads, so that it may be renamed, sorted, filtered and
shortened. Nothing on it is a figure: its cells have the role ``reply``, and are labels.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from analysis.language.words import fold, plain, printable

OPENING = "TRẢ LẠI ĐỂ SỬA"
"""How its first cell begins."""
PLACE = "Ô"
HEADS = ["Mức độ", "Trang tính", PLACE, "Đã ghi", "Nội dung"]
"""Heads of what is said, in the order of the columns."""
FOR_SENDER = ["Trả lời của đơn vị", "Lý do", "Người trả lời"]
"""Heads of the columns for the sender, behind them; then those of the English text, and of what
tells the lines apart."""
ENGLISH, CODE = "In English", "Mã dòng"
CONFIRMED = "xác nhận đúng"
"""What the sender answers where an unusual value is right."""
TO_MEND = "phải sửa, không xác nhận được"
"""What stands in place of an answer where none is possible."""
MORE = "Còn "
"""How the last line begins, where not all are listed."""

ENTRIES = ["source_file", "source_sheet", "code", "answer", "reason", "by", "cell", "remark"]
_LONGEST = 200  # characters of a value by which it is told
_ROLE = "reply"
HEAD_ROWS = 30
"""Among so many rows the heads are looked for: lines may have been put in above."""


def code_of(rule: str, sheet: str, cell: str, text: str) -> str:
    """What tells a line: its rule, where it is, and what stood there.

    >>> code_of("jump", "II.06a", "E14", "310")
    'jump / II.06a / E14 / 310'
    """
    # no sheet of a copy has a stroke in its name
    return " / ".join([rule, sheet.replace("/", "_"), cell, plain(printable(text))[:_LONGEST]])


def told_by(code: str) -> tuple[str, str, str, str] | None:
    """Rule, sheet, cell and what stood there, of a code; None where it is none.

    >>> told_by("jump / II.06a / E14 / 3/10"), told_by("jump / / E14 / 310"), told_by("310")
    (('jump', 'II.06a', 'E14', '3/10'), ('jump', '', 'E14', '310'), None)
    """
    parts = [part.strip() for part in code.split("/", 3)]
    return (parts[0], parts[1], parts[2], parts[3]) if len(parts) == 4 else None


def alike(one: str, other: str) -> bool:
    """Whether two texts of cells are the same, as different programs save it.

    >>> alike("310", "310.0"), alike(" Bộ  Y tế", "Bộ Y tế"), alike("310", "301")
    (True, True, False)
    """
    return saved(one) == saved(other)


def saved(text: str) -> str:
    """A text of a cell as it is compared with another."""
    text = plain(printable(text))[:_LONGEST]
    return f"{float(text):.12g}" if _NUMBER.fullmatch(text) else text


_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,20})?")


def parted(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells of such sheets with their role, and all others."""
    texts = cells["raw_text"]
    if not any(str(text).startswith((OPENING, CODE)) for text in texts.tolist()):
        return cells.iloc[:0], cells  # nearly every file, and comparing columns costs more
    perhaps = (texts.str.startswith(OPENING) | (texts == CODE)) & (cells["row"] <= HEAD_ROWS)
    if not perhaps.any():
        return cells.iloc[:0], cells
    named = cells.loc[perhaps, "source_sheet"].unique()
    held = [name for name in named if _head(cells[cells["source_sheet"] == name])]
    here = cells["source_sheet"].isin(held)
    return cells[here].assign(role=_ROLE), cells[~here]


def entries(cells: pd.DataFrame) -> pd.DataFrame:
    """What senders wrote on such sheets, a row for each line on which something is written.

    Parameters
    ----------
    cells
        Of any files, with ``role``.

    Returns
    -------
    :data:`ENTRIES`: code, answer, reason and by as written (perhaps empty), ``cell`` where the
    first of the latter stands; ``remark``: whether it stands in a place that is not meant for an
    answer (then ``reason`` has its text).
    """
    replies = cells[cells["role"] == _ROLE]
    sheets = replies.groupby(["source_file", "source_sheet"], sort=False)
    rows = [row for at, sheet in sheets for row in _entries(at, sheet)]
    return pd.DataFrame(rows, columns=ENTRIES, dtype=object)


def is_one(rows: Iterable[Sequence]) -> bool:
    """Whether the first ``rows`` of a sheet, as values, are those of such a sheet."""
    return any(_heads(enumerate(map(str, row))) for row in rows)


def _head(sheet: pd.DataFrame) -> tuple[int, dict[int, str]] | None:
    """Row of the heads and column → head; None where the sheet has none of ours."""
    early = sheet[sheet["row"] <= HEAD_ROWS]
    for row, line in early.groupby("row", sort=True):
        if heads := _heads(zip(line["column"], line["raw_text"], strict=True)):
            return int(row), heads
    return None


def _heads(cells: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Column → head, where these cells hold all of them."""
    named = {int(column): _KNOWN.get(fold(text), "") for column, text in cells}
    return named if set(HEADS) <= set(named.values()) else {}


_KNOWN = {fold(head): head for head in [*HEADS, *FOR_SENDER, CODE, ENGLISH]}


def _entries(at: tuple[str, str], sheet: pd.DataFrame) -> Iterator[tuple]:
    head = _head(sheet)
    if head is None:
        return
    row_of_heads, heads = head
    for _, line in sheet[sheet["row"] > row_of_heads].groupby("row", sort=True):
        texts = [plain(text) for text in line["raw_text"]]
        under = [heads.get(int(column), "") for column in line["column"]]
        said = {h: (text, cell) for h, text, cell in
                zip(under, texts, line["source_cell"], strict=True) if text}  # fmt: skip
        code = said.get(CODE, ("", ""))[0]
        answer, reason, by = (said.get(h, ("", "")) for h in FOR_SENDER)
        if fold(answer[0]) == fold(TO_MEND):
            answer = ("", "")
        if places := [cell for text, cell in (answer, reason, by) if text]:
            yield (*at, code, answer[0], reason[0], by[0], places[0], False)
        # where a line is not ours, nor is what stands in it
        lost = not code and CODE in heads.values() and not texts[0].startswith(MORE)
        for h, text, cell in zip(under, texts, line["source_cell"], strict=True):
            if text and (not h or (lost and h not in FOR_SENDER)):
                yield (*at, code, "", text, "", cell, True)
