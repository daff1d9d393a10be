"""The first sheet of an annotated copy: what to do, where to send it, and each finding on a line.

It prints on A4 across; what is said of a cell, the cell and what stands in it are on one line, and
beside it the sender answers. :mod:`analysis.reading.reply_sheet` reads it when it comes back.
"""

import re
from dataclasses import dataclass
from math import ceil

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink

from analysis.exchange.neutral import across, safe_text
from analysis.reading.reply_sheet import (
    CODE,
    CONFIRMED,
    ENGLISH,
    FOR_SENDER,
    HEADS,
    MORE,
    OPENING,
    PLACE,
    TO_MEND,
    code_of,
)

TITLE = "Vấn đề"
LIST = "issues.csv"
"""The list of all issues, beside the copies."""
LISTED = 2_000
"""Findings written into a copy: more are for a program to read, not for a person."""
FILL = {"blocking": "F8CBAD", "warning": "FFE699", "note": "DDEBF7"}
HEAD_ROW = 6
_PROPOSED = (
    "Ô viền đậm: có lẽ ghi sai. Các ô viền đứt: một trong số đó sai. Ô chỉ tô màu: nằm trong quy "
    "tắc đang sai. Số “đúng ra là …” chỉ là đề xuất, phải đối chiếu với sổ gốc của đơn vị."
)
_SEVERITY = {"blocking": "Phải sửa", "warning": "Cần kiểm tra", "note": "Lưu ý"}
_HEADS = [*HEADS, *FOR_SENDER, ENGLISH, CODE]
_WIDTHS = dict(zip(_HEADS, (13, 16, 17, 17, 76, 22, 26, 18, 90, 24), strict=True))
_QUOTED = [*HEADS[1:], ENGLISH, FOR_SENDER[0]]  # what may take several lines
_TOP = Alignment(wrap_text=True, vertical="top")
_LINE = Side(style="thin", color="BFBFBF")
THIN = Border(*[Side(style="thin", color="9FB3BD")] * 4)
"""The frame of an ordinary cell."""
_LINK = Font(color="0563C1", underline="single")
_FIRST = re.compile(r"[A-Z]+\d+")
_LINE_HEIGHT = 14.5  # points


@dataclass(frozen=True)
class Told:
    """What the sender is told of a copy as a whole: what was ``sent`` (file, unit, period),
    ``to`` whom it goes back, why no cell of it is ``marked``, where that is so, and whether
    anything is ``proposed`` in it."""

    sent: str = ""
    to: str = "cơ quan đã yêu cầu báo cáo"
    unmarked: str = ""
    proposed: bool = False


def write(
    book: Workbook,
    lines: pd.DataFrame,
    told: Told,
    rules: dict | None = None,
    titles: dict[str, str] | None = None,
) -> None:
    """Put the sheet before all others.

    Parameters
    ----------
    lines
        schema.LINES, those to be mended first.
    rules
        ``rules.yml``: which findings the sender may ``confirm``.
    titles
        Name of a sheet → what it is called in the book: to a cell there leads a link.
    """
    rules = rules or {}
    sheet = book.create_sheet(TITLE, 0)
    for text in [f"{OPENING}{told.sent and ': '}{told.sent}", *_to_do(lines, told, rules)]:
        sheet.append([safe_text(text) or None])
        sheet.merge_cells(None, sheet.max_row, 1, sheet.max_row, 5)
        sheet.cell(sheet.max_row, 1).alignment = _TOP
        sheet.row_dimensions[sheet.max_row].height = 15 * (1 + len(text) // 130)
    for column, head in enumerate(_HEADS, 1):
        sheet.cell(HEAD_ROW, column, head).font = Font(bold=True)
    sheet["A1"].font = Font(bold=True, size=13)
    for line in lines.head(LISTED).itertuples():
        at = (line.source_sheet, line.cells, line.raw_text, line.message_vi, line.message_en)
        held = (line.source_sheet, line.source_cell, line.raw_text)
        code = code_of(line.rule, *(text if isinstance(text, str) else "" for text in held))
        *said, english = (safe_text(text) or None for text in at)
        asked = line.severity != "note" and "sender" not in rules.get(line.rule, {})
        answer = TO_MEND if asked and not _confirmed(line.rule, rules) else None
        sheet.append([_SEVERITY[line.severity], *said, answer, None, None, english, code])
        if line.cells and (title := (titles or {}).get(line.source_sheet)):
            # a link does not wrap in every program: a long list of cells has it at its sheet
            column = _HEADS.index(PLACE) + (len(line.cells) < _WIDTHS[PLACE])
            _lead(sheet.cell(sheet.max_row, column), title, line.cells)
        fill = PatternFill("solid", fgColor=FILL[line.severity])
        sheet.cell(sheet.max_row, 1).fill = fill
        sheet.row_dimensions[sheet.max_row].height = _LINE_HEIGHT * _lines((*at, answer))
    if len(lines) > LISTED:
        sheet.append([f"{MORE}{len(lines) - LISTED} vấn đề nữa: xem {LIST}."])
    for cell in (c for row in sheet.iter_rows(min_row=HEAD_ROW) for c in row):
        cell.alignment, cell.border = _TOP, Border(bottom=_LINE)
    for column, width in enumerate(_WIDTHS.values(), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    shown = lines["rule"].head(LISTED)
    _choice(sheet, [n for n, r in enumerate(shown, HEAD_ROW + 1) if _confirmed(r, rules)])
    _printed(sheet)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False


def _lead(cell, title: str, cells: str) -> None:
    """Let a cell lead to the first of the ``cells`` of a sheet of the same book."""
    first = _FIRST.match(cells)
    if first:
        cell.hyperlink = Hyperlink(cell.coordinate, location=f"{quote_sheetname(title)}!{first[0]}")
        cell.font = _LINK


def _confirmed(rule: str, rules: dict) -> bool:
    """Whether the sender may confirm what the rule finds."""
    return "confirm" in rules.get(rule, {})


def _choice(sheet, rows: list[int]) -> None:
    """Let the sender choose an answer in ``rows``, and type no other."""
    choice = DataValidation("list", formula1=f'"{CONFIRMED}"', allow_blank=True)
    choice.showErrorMessage = True
    for row in rows:
        choice.add(sheet.cell(row, _HEADS.index(FOR_SENDER[0]) + 1))
    if rows:
        sheet.add_data_validation(choice)


def _lines(texts: tuple) -> int:
    """Lines that a row takes: not every program finds out when it opens the file."""
    return max(
        sum(ceil(0.95 * len(part) / width) or 1 for part in str(text or "").split("\n"))
        for text, width in zip(texts, (_WIDTHS[h] for h in _QUOTED), strict=True)
    )


def _to_do(lines: pd.DataFrame, told: Told, rules: dict) -> list[str]:
    """Three lines: what to mend, how to save it, where to send it; and one on what is proposed,
    blank where nothing is."""
    counts = lines.groupby("severity", observed=True)["findings"].sum()
    must, check = int(counts.get("blocking", 0)), int(counts.get("warning", 0))
    asked = [f"sửa {must} chỗ “{_SEVERITY['blocking']}”"] if must else []
    if check:
        asked.append(f"kiểm tra {check} chỗ “{_SEVERITY['warning']}”, sửa nếu sai")
    if any(_confirmed(rule, rules) for rule in lines["rule"]):
        what = ", ".join(f"“{head}”" for head in FOR_SENDER[1:])
        asked.append(f"chỗ nào đúng thì chọn “{CONFIRMED}” ở cột bên phải và ghi {what}")
    where = "các ô có màu ở những trang sau, lời nhắc ghi ở từng ô"
    if not lines["cells"].any():
        where = "xem cột “Nội dung”"
    where = told.unmarked or where
    return [
        f"1. Hãy {'; '.join(asked) or 'đọc các lưu ý'} ({where}).",
        "2. Lưu tệp dạng .xlsx, giữ nguyên tên các trang tính; giữ cả trang này nếu đã trả lời ở "
        "đây. Chỗ “Lưu ý” không phải sửa.",
        f"3. Gửi lại tệp đã sửa cho: {told.to}.",
        _PROPOSED if told.proposed else "",
    ]


def _printed(sheet) -> None:
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    across(sheet)
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_area = f"A1:{get_column_letter(len(HEADS + FOR_SENDER))}{sheet.max_row}"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.center.text = "&P/&N"
