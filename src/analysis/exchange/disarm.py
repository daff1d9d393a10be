"""A sender's workbook as it may be passed on to others than who made it.

What is seen of it, and nothing that a program opening it would act on: no links, names, checks,
pictures or objects, no text that XML cannot hold. Of its formulas those stay that only calculate
with cells of the workbook itself, so that a total follows when a part of it is mended.
"""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from analysis.exchange.neutral import BEGINS, Calculated, across, fitting, safe_text
from analysis.reading import spreadsheets
from analysis.schema.tables import CELLS

UNNAMED = "Dữ liệu"
"""The sheet of a file that has none."""
FUNCTIONS = frozenset(
    "ABS AND AVERAGE COUNT COUNTA COUNTBLANK COUNTIF IF IFERROR INT MATCH MAX MIN MOD NOT OR "
    "PRODUCT ROUND ROUNDDOWN ROUNDUP SUBTOTAL SUM SUMIF SUMPRODUCT TRUNC".split()
)
"""What a formula that stays may call; anything else could fetch, run or send something."""
_OPENED = {".xlsx", ".xlsm"}
_LONGEST = 8_192  # characters of a formula that Excel takes
_SHEET = r"(?:(?P<quoted>'(?:[^'\[\]]|'')+')|(?P<bare>[^\W\d][\w.]*))!"
_PLACE = r"\$?[A-Z]{1,3}\$?\d{1,7}"
_RANGE = re.compile(
    rf"(?:{_SHEET})?(?:{_PLACE}(?::{_PLACE})?|\$?[A-Z]{{1,3}}:\$?[A-Z]{{1,3}}|\$?\d+:\$?\d+)", re.I
)
_ROWS, _COLUMNS = 1_048_576, 16_384  # of a sheet
_NAME = re.compile(r"[\[\]:*?/\\]")


def opened(
    source: Path, sheets: Collection[str], limits: dict | None
) -> tuple[Workbook, Calculated]:
    """The workbook to be passed on, and what its formulas came to.

    A file that openpyxl does not open, or not with the ``sheets`` that are asked for, as .xls,
    .ods, .csv or Strict Open XML, is built again of what we read of it; one that cannot be read,
    or is read within no ``limits``, has no sheet.
    """
    if source.suffix.lower() in _OPENED:
        try:
            book = load_workbook(source, keep_links=False, rich_text=True)
            if book.worksheets and set(sheets) <= {"", *book.sheetnames}:
                return book, _disarmed(book, source)
        except Exception:  # of another format, or not as openpyxl expects it
            pass
    return rebuilt(_read(source, limits)), {}


def _read(source: Path, limits: dict | None) -> pd.DataFrame:
    cells: list = []
    if limits is not None:
        with suppress(spreadsheets.UnreadableError, spreadsheets.TooLargeError):
            cells = spreadsheets.read(source, limits).cells
    return pd.DataFrame(cells, columns=CELLS.columns[1:], dtype=object)


# --- formulas -----------------------------------------------------------------------------------


def harmless(formula: str, sheets: Collection[str]) -> bool:
    """Whether a formula only calculates with cells of the ``sheets`` of its own workbook.

    >>> harmless("=ROUND(SUM(C12:C20)/'II.06a'!$D$3,2)", ["II.06a"])
    True
    >>> harmless("=[1]Sheet1!A1", ["Sheet1"]), harmless('=WEBSERVICE("x")', [])
    (False, False)
    """
    if len(formula) > _LONGEST:
        return False
    try:
        tokens = Tokenizer(formula).items
    except Exception:  # it says of a formula that is none what it likes
        return False
    depths = accumulate(_DEEPER.get(token.subtype, 0) for token in tokens)
    closed = [*depths][-1:] == [0]  # Excel mends a file with a formula that is none
    return closed and all(_calculates(token, sheets) for token in tokens)


_DEEPER = {Token.OPEN: 1, Token.CLOSE: -1}


def _calculates(token: Token, sheets: Collection[str]) -> bool:
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        return token.value[:-1].upper() in FUNCTIONS
    if token.type == Token.OPERAND and token.subtype == Token.RANGE:
        place = _RANGE.fullmatch(token.value)
        if place is None:
            return False
        named = place["bare"] or (place["quoted"] or "")[1:-1].replace("''", "'")
        return not named or named.casefold() in {s.casefold() for s in sheets}
    return (token.type, token.subtype) != (Token.OPERAND, Token.ERROR) and token.type in _STAYS


_STAYS = {Token.OPERAND, Token.FUNC, Token.PAREN, Token.SEP, Token.OP_PRE, Token.OP_IN,
          Token.OP_POST, Token.WSPACE}  # fmt: skip


# --- what stays of a workbook -------------------------------------------------------------------


def _disarmed(book: Workbook, source: Path) -> Calculated:
    """Take out of the workbook what would act; returns what its formulas came to."""
    for sheet in book.chartsheets:
        book.remove(sheet)
    book.defined_names.clear()
    formulas: list[Cell] = []
    for sheet in book.worksheets:
        sheet.defined_names.clear()
        sheet.data_validations.dataValidation.clear()
        sheet.conditional_formatting = ConditionalFormattingList()
        for parts in (sheet._images, sheet._charts, sheet._pivots):
            parts.clear()
        sheet.tables.clear()
        for cell in (c for line in sheet.iter_rows() for c in line):
            if cell.hyperlink:
                cell.hyperlink = None
            if isinstance(cell, MergedCell):
                continue
            if cell.data_type == "f":
                formulas.append(cell)
            elif isinstance(cell.value, str | CellRichText):
                _as_text(cell, cell.value)
    return _calculated(formulas, book, source) if formulas else {}


def _calculated(formulas: list[Cell], book: Workbook, source: Path) -> Calculated:
    """What the formulas came to; of those that do more than calculate that alone stays."""
    values = load_workbook(source, data_only=True, keep_links=False)
    found: Calculated = {}
    for cell in formulas:
        sheet, place = cell.parent.title, cell.coordinate
        value = values[sheet][place].value
        if isinstance(cell.value, str) and harmless(cell.value, book.sheetnames):
            found.setdefault(sheet, {})[place] = value
        elif isinstance(value, str):
            _as_text(cell, value)
        else:
            cell.value = value
    book.calculation.fullCalcOnLoad = True  # whatever was kept of them, Excel calculates anew
    return found


def _as_text(cell: Cell, value: str | CellRichText) -> None:
    """Text stays text, also where somebody types into its cell."""
    if isinstance(value, CellRichText) and len(str(value)) <= 32_000:
        parts = [
            TextBlock(p.font, fitting(p.text)) if isinstance(p, TextBlock) else fitting(p)
            for p in value
        ]
        cell.value = CellRichText(parts)
    else:
        cell.value = fitting(str(value))
    cell.data_type = "s"
    if str(value).startswith(BEGINS):
        cell.quotePrefix = True


# --- built again --------------------------------------------------------------------------------


def rebuilt(cells: pd.DataFrame) -> Workbook:
    """A workbook of ``cells`` (schema.CELLS): each value at its place, on a sheet of its name.

    A file without sheets has one, :data:`UNNAMED`. Rows that are not among the ``cells`` do not
    show, so that those of one unit stand together under the numbers of their lines.
    """
    book = Workbook()
    book.remove(book.active)
    cells = cells[~cells["raw_type"].isin(["file", "blank"])]
    cells = cells[cells["row"].between(1, _ROWS) & cells["column"].between(1, _COLUMNS)]
    unnamed = pd.Series("", cells.index)
    sheets = cells["source_sheet"].fillna("") if "source_sheet" in cells else unnamed
    for name, own in cells.groupby(sheets, sort=False):
        sheet = book.create_sheet(sheet_name(name))
        for r in own.itertuples():
            _put(sheet.cell(int(r.row), int(r.column)), r.raw_text, r.raw_type)
        for letter, column in zip(*_columns(sheet), strict=True):
            longest = max((len(str(c.value)) for c in column if c.value is not None), default=0)
            sheet.column_dimensions[letter].width = min(max(longest + 2, 8), 40)
        across(sheet)
        sheet.sheet_format.zeroHeight = name == ""
    return book


def _columns(sheet) -> tuple[list[str], list[tuple]]:
    columns = list(sheet.iter_cols(max_row=min(sheet.max_row, 2_000)))
    return [next(iter(c)).column_letter for c in columns], columns


def sheet_name(name: str) -> str:
    """The name of a sheet as Excel takes it."""
    return _NAME.sub("_", fitting(name)).strip("'")[:31] or UNNAMED


def _put(cell: Cell, text: str, kind: str) -> None:
    if kind == "number":
        with suppress(ValueError):
            number = float(text)
            cell.value = int(number) if number.is_integer() else number
            return
    if kind == "other":
        with suppress(ValueError):
            cell.value = datetime.fromisoformat(text)
            cell.number_format = "dd/mm/yyyy"
            return
    cell.value = safe_text(text)
    cell.data_type = "s"
