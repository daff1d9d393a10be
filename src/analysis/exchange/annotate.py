"""The annotated way back: a copy of what an office sent, with what is said of it marked."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Border, PatternFill, Side

from analysis.checking import gathered
from analysis.exchange import disarm, first_sheet, laid_out, mending
from analysis.exchange.first_sheet import FILL, LISTED, Told
from analysis.exchange.neutral import fitting, same_bytes
from analysis.reading import reply_sheet

_COMMENT = 2_000  # characters; what does not fit stands in the list
_UNOPENED = ["file_unreadable", "file_too_large", "file_type"]  # what harms one reader harms others
_AUTHOR = "Reform Monitor"
_RED = "C00000"
_EDGE = {mending.PROBABLE: "thick", mending.PERHAPS: "mediumDashed"}
"""The frame of a cell that is probably wrong, and of those one of which is: paper has no colour."""
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
    those that are probably wrong have a frame, too. A first sheet says what to do and lists all
    issues, each with a way to its cell. The copy is the workbook itself, disarmed
    (:mod:`analysis.exchange.disarm`), or built again of its cells; without either it is the list
    alone.

    Parameters
    ----------
    source
        The file; None where it is not there.
    issues
        schema.ISSUES, perhaps as of :func:`analysis.exchange.mending.told`, in their order.
    cells
        schema.CELLS that are copied instead, where only a part of the file concerns the sender.
    rules
        ``rules.yml``, for what is said of many cells at once.
    limits
        Of ``parameters.yml``: within them a file that openpyxl does not open is read again.
    """
    named = sorted(set(issues["source_sheet"].fillna("")))
    book, calculated, places = Workbook(), {}, {}
    book.remove(book.active)
    if cells is not None:
        grid, places = laid_out.sheet(cells)
        book = disarm.rebuilt(grid)
    elif source is not None and not issues["rule"].isin(_UNOPENED).any():
        book, calculated = disarm.opened(source, named, limits)
    _without_ours(book)
    sheets = {name: _sheet_of(book, name) for name in named}
    placed = issues[issues["source_cell"].fillna("") != ""]
    for issue in placed.head(LISTED).itertuples():
        sheet = sheets[issue.source_sheet]
        if sheet is not None:
            _mark(sheet, issue, places)
    for issue in placed.head(LISTED).itertuples():  # no mark of another lies over a frame
        if (sheet := sheets[issue.source_sheet]) is not None:
            _frame(sheet, issue, places)
    told = told or Told()
    if not book.worksheets:
        told = replace(told, unmarked=_UNMARKED)
    titles = {name: sheet.title for name, sheet in sheets.items() if sheet is not None}
    first_sheet.write(book, gathered.lines(issues, rules or {}), told, rules, titles)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(same_bytes(book, calculated))


def _without_ours(book: Workbook) -> None:
    """A copy that comes back mended still holds what was said of it then, perhaps renamed."""
    ours = [s for s in book.worksheets if reply_sheet.is_one(
        list(s.iter_rows(max_row=reply_sheet.HEAD_ROWS, values_only=True)))]  # fmt: skip
    for sheet in ours:
        book.remove(sheet)
    for cell in (c for s in book.worksheets if ours for line in s.iter_rows() for c in line):
        if cell.comment and cell.comment.author == _AUTHOR:
            cell.comment = None
        if cell.fill.fill_type == "solid" and str(cell.fill.fgColor.rgb)[2:] in FILL.values():
            cell.fill = PatternFill()
        if cell.border.left.color and str(cell.border.left.color.rgb)[2:] == _RED:
            cell.border = first_sheet.THIN


def _sheet_of(book: Workbook, name: str):
    """The sheet in which a finding lies; of a file without sheets the only one."""
    wanted = name if name in book.sheetnames else disarm.sheet_name(name)
    return book[wanted] if wanted in book.sheetnames else None


def _mark(sheet, issue, places: dict[str, str]) -> None:
    for n, place in enumerate(gathered.places(issue)):
        cell = _at(sheet, place, places)
        if cell is None:
            continue
        cell.fill = PatternFill("solid", fgColor=FILL[issue.severity])
        _show(sheet, cell)
        if n:
            continue
        text = f"{cell.comment.text}\n{issue.message_vi}" if cell.comment else issue.message_vi
        if len(text) <= _COMMENT or not cell.comment:
            _comment(cell, text)


def _frame(sheet, issue, places: dict[str, str]) -> None:
    """Mark what is probably wrong, or one of which is, by more than a colour."""
    for named, style in _EDGE.items():
        text = getattr(issue, named, None)
        for place in text.split(", ") if isinstance(text, str) else ():
            cell, side = _at(sheet, place, places), Side(style, color=_RED)
            if cell is None:
                continue
            cell.border = Border(side, side, side, side)
            cell.fill = PatternFill("solid", fgColor=FILL[issue.severity])
            _show(sheet, cell)
            if issue.message_vi not in (cell.comment.text if cell.comment else ""):
                _comment(cell, issue.message_vi)


def _at(sheet, place: str, places: dict[str, str]):
    """The cell at a place; a merged one takes its mark on the first of its area. None where the
    file does not hold what is named (a key of JSON that is not there)."""
    place = places.get(place, place)
    if place.startswith("/"):
        return None
    cell = sheet[place]
    if hasattr(cell, "column_letter"):
        return cell
    owner = next(m for m in sheet.merged_cells.ranges if place in m)
    return sheet.cell(owner.min_row, owner.min_col)


def _comment(cell, text: str) -> None:
    height = max(110, 22 * (1 + len(text) // 55))  # as long as what is said: nothing scrolls
    cell.comment = Comment(fitting(text), _AUTHOR, height=min(height, 400), width=320)


def _show(sheet, cell) -> None:
    """Undo what hides a marked cell: nobody mends what does not show."""
    sheet.sheet_state = "visible"
    sheet.row_dimensions[cell.row].hidden = False
    for letter, held in sheet.column_dimensions.items():
        first = held.min or cell.parent[f"{letter}1"].column
        if first <= cell.column <= (held.max or first):
            held.hidden = False
