"""The annotated way back: a copy of what an office sent, with what is said of it marked."""

from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from analysis.checking import gathered
from analysis.exchange import disarm, first_sheet
from analysis.exchange.first_sheet import FILL, LISTED, Told
from analysis.exchange.neutral import fitting, same_bytes
from analysis.reading import reply_sheet

_COMMENT = 2_000  # characters; what does not fit stands in the list
_UNOPENED = ["file_unreadable", "file_too_large", "file_type"]  # what harms one reader harms others
_UNMARKED = "tệp không mở được hoặc không có ở đây, nên không ô nào được đánh dấu"


def annotate(
    source: Path | None,
    issues: pd.DataFrame,
    target: Path,
    cells: pd.DataFrame | None = None,
    told: Told | None = None,
    rules: dict | None = None,
    limits: dict | None = None,
) -> None:
    """Write a copy of a submission with its issues marked, to be sent back.

    Offending cells are coloured and carry the message as a comment, and what hides them is undone;
    a first sheet says what to do and lists all issues. The copy is the workbook itself, disarmed
    (:mod:`analysis.exchange.disarm`), or built again of its cells; without either it is the list
    alone.

    Parameters
    ----------
    source
        The file; None where it is not there.
    cells
        schema.CELLS that are copied instead, where only a part of the file concerns the sender.
    rules
        ``rules.yml``, for what is said of many cells at once.
    limits
        Of ``parameters.yml``: within them a file that openpyxl does not open is read again.
    """
    named = sorted(set(issues["source_sheet"].fillna("")))
    book, calculated = Workbook(), {}
    book.remove(book.active)
    if cells is not None:
        book = disarm.rebuilt(cells)
    elif source is not None and not issues["rule"].isin(_UNOPENED).any():
        book, calculated = disarm.opened(source, named, limits)
    _without_ours(book)
    sheets = {name: _sheet_of(book, name) for name in named}
    placed = issues[issues["source_cell"].fillna("") != ""]
    for issue in placed.head(LISTED).itertuples():
        sheet = sheets[issue.source_sheet]
        if sheet is not None:
            _mark(sheet, issue)
    told = told or Told()
    if not book.worksheets:
        told = Told(told.sent, told.to, _UNMARKED)
    first_sheet.write(book, gathered.lines(issues, rules or {}), told, rules)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(same_bytes(book, calculated))


def _without_ours(book: Workbook) -> None:
    """A copy that comes back mended still holds what was said of it then, perhaps renamed."""
    for sheet in book.worksheets:
        if reply_sheet.is_one(
            list(sheet.iter_rows(max_row=reply_sheet.HEAD_ROWS, values_only=True))
        ):
            book.remove(sheet)


def _sheet_of(book: Workbook, name: str):
    """The sheet in which a finding lies; of a file without sheets the only one."""
    wanted = name if name in book.sheetnames else disarm.sheet_name(name)
    return book[wanted] if wanted in book.sheetnames else None


def _mark(sheet, issue) -> None:
    places = gathered.places(issue)
    for n, place in enumerate(places):
        cell = sheet[place]
        if not hasattr(cell, "column_letter"):  # a merged cell takes its mark on the first one
            owner = next(m for m in sheet.merged_cells.ranges if place in m)
            cell = sheet.cell(owner.min_row, owner.min_col)
        cell.fill = PatternFill("solid", fgColor=FILL[issue.severity])
        _show(sheet, cell)
        if n:
            continue
        text = f"{cell.comment.text}\n{issue.message_vi}" if cell.comment else issue.message_vi
        if len(text) <= _COMMENT or not cell.comment:
            cell.comment = Comment(fitting(text), "Reform Monitor", height=110, width=320)


def _show(sheet, cell) -> None:
    """Undo what hides a marked cell: nobody mends what does not show."""
    sheet.sheet_state = "visible"
    sheet.row_dimensions[cell.row].hidden = False
    for letter, held in sheet.column_dimensions.items():
        first = held.min or cell.parent[f"{letter}1"].column
        if first <= cell.column <= (held.max or first):
            held.hidden = False
