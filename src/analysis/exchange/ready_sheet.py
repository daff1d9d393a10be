"""The sheet of a blank form that says whether it can be sent: each rule, what is not right, where.

It calculates with what the columns of checks say (:mod:`analysis.reading.layouts.self_checks`).
Its formulas call only what :data:`analysis.exchange.disarm.FUNCTIONS` lets stay, so that they go
on working in an annotated copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from analysis.catalogue import plans
from analysis.exchange.neutral import Calculated, safe_text
from analysis.language.words import day
from analysis.reading.layouts.self_checks import OPEN, READY, READY_TITLE, RIGHT, WRONG

RED = PatternFill("solid", bgColor="F8CBAD")
AMBER = PatternFill("solid", bgColor="FFE699")
GREEN = PatternFill("solid", bgColor="C6E0B4")
NOTHING = "CHƯA: chưa ghi số nào"
NO, YES = "CHƯA SẴN SÀNG", "SẴN SÀNG GỬI"
VERDICT = "A4"
FIRST = 7
"""Row of the first check."""
_LINE = Border(bottom=Side(style="thin", color="BFBFBF"))
_HEADS = ["Điều chưa đúng", "Phải là", "Mức", "Có không", "Dòng đầu tiên"]
_WIDTHS = (44, 58, 13, 26, 15)


@dataclass(frozen=True)
class Check:
    """A rule as the sheet tells it: its ``name``, what it ``states``, whether it is ``blocking``;
    ``area`` of the cells that say for each row whether it holds, ``column`` and ``rows`` of it,
    and how a cell begins or what is in it where it does not (``wrong``, as COUNTIF matches);
    ``later``: only when the form has arrived is it held against what is known then."""

    name: str
    states: str
    blocking: bool
    column: str
    rows: tuple[int, int]
    wrong: str = f"{WRONG}*"
    later: bool = False

    def area(self, sheet: str) -> str:
        """Where its cells lie, as seen from another sheet."""
        first, last = self.rows
        return f"{quote_sheetname(sheet)}!${self.column}${first}:${self.column}${last}"

    def count(self, sheet: str) -> str:
        """How many rows are not right."""
        return f'COUNTIF({self.area(sheet)},"{self.wrong}")'


def write(
    book: Workbook,
    sheet: Worksheet,
    checks: list[Check],
    figures: str,
    blanks: str | None,
    form: dict,
    unit: pd.Series,
    plan: plans.PeriodPlan,
) -> Calculated:
    """Add the sheet behind that of the form.

    Parameters
    ----------
    figures, blanks
        Formulas: how many cells are filled in, and how many of them have no figure yet (None where
        that means nothing).

    Returns
    -------
    What its formulas come to in an untouched blank.
    """
    ready = book.create_sheet(READY, 1)
    told = f"{form['number']} · {unit['name_vi']} · {plan.period.name}"
    for row, text, size in ((1, READY_TITLE, 14), (2, told, 11)):
        ready.cell(row, 1, safe_text(text)).font = Font(bold=True, size=size)
    for column, head in enumerate(_HEADS, 1):
        ready.cell(FIRST - 1, column, head).font = Font(bold=True)
    came_to: dict[str, object] = {}
    for row, check in enumerate(checks, FIRST):
        came_to |= _line(ready, row, check, sheet.title)
    ready[VERDICT] = _verdict(checks, sheet.title, figures, blanks)
    came_to[VERDICT] = NOTHING
    last = FIRST + len(checks) - 1
    for n, text in enumerate(_to_know(form, plan), last + 2):
        ready.cell(n, 1, safe_text(text)).alignment = Alignment(wrap_text=True, vertical="top")
        ready.merge_cells(start_row=n, end_row=n, start_column=1, end_column=5)
        ready.row_dimensions[n].height = 15.5 * (1 + len(text) // 140)
    _look(ready, last)
    return {READY: came_to}


def _line(ready: Worksheet, row: int, check: Check, sheet: str) -> dict[str, object]:
    area, count = check.area(sheet), check.count(sheet)
    held = f'COUNTIF({area},"{RIGHT}*")'
    verdict = f'"{WRONG} có ở "&{count}&" dòng"'
    states = (
        f'=IF({count}>0,{verdict},IF({held}>0,"{RIGHT} không có","{OPEN} chưa có gì để kiểm tra"))'
    )
    place = f'MATCH("{check.wrong}",{area},0)+{check.rows[0] - 1}'
    ready.cell(row, 1, safe_text(check.name))
    ready.cell(row, 2, safe_text(check.states))
    ready.cell(row, 3, "Phải sửa" if check.blocking else "Nên xem lại")
    if check.later:
        ready.cell(row, 4, f"{OPEN} không kiểm tra ở đây, chỉ khi nhận")
        ready.cell(row, 5, OPEN)
        return {}
    ready.cell(row, 4, states)
    ready.cell(row, 5, f'=IF({count}>0,"dòng "&({place}),"{OPEN}")')
    return {f"D{row}": f"{OPEN} chưa có gì để kiểm tra", f"E{row}": OPEN}


def _verdict(checks: list[Check], sheet: str, figures: str, blanks: str | None) -> str:
    must = "+".join(c.count(sheet) for c in checks if c.blocking) or "0"
    see = "+".join(c.count(sheet) for c in checks if not c.blocking) or "0"
    more = f'IF(({see})>0," (nên xem lại "&({see})&" chỗ)","")'
    if blanks:
        empty = f'" (còn "&({blanks})&" ô chưa có số: hiểu là thiếu, không phải 0)"'
        more += f'&IF(({blanks})>0,{empty},"")'
    no = f'"{NO}: còn "&({must})&" chỗ phải sửa"'
    return f'=IF({figures}=0,"{NOTHING}",IF(({must})>0,{no},"{YES}"&{more}))'


def _to_know(form: dict, plan: plans.PeriodPlan) -> Iterator[str]:
    to = ", ".join(form[key]["vi"] for key in ("recipient", "contact") if key in form)
    until = f" trước hết ngày {day(plan.deadline)}" if plan.deadline else ""
    if to or until:
        yield f"Gửi{f' cho {to}' if to else ''}{until}, giữ nguyên dạng .xlsx và tên trang tính."
    yield (
        "Trang này áp dụng các quy tắc của biểu như khi nhận. Trang không thấy được những gì chỉ "
        "biết khi so với biểu, đơn vị khác hoặc kỳ trước chưa có ở đây."
    )
    yield (
        "Số ghi bằng chữ, ngày ghi bằng chữ ở đây đều bị coi là chưa đúng, kể cả khi có thể đọc "
        "được: hãy ghi lại bằng số, bằng ngày."
    )


def _look(ready: Worksheet, last: int) -> None:
    ready.merge_cells(f"{VERDICT}:E4")
    ready.row_dimensions[4].height = 34
    ready[VERDICT].font = Font(bold=True, size=15)
    ready[VERDICT].alignment = Alignment(vertical="center", wrap_text=True)
    for line in ready.iter_rows(min_row=FIRST - 1, max_row=last, max_col=5):
        longest = max(-(-len(str(c.value)) // w) for c, w in zip(line[:2], _WIDTHS, strict=False))
        ready.row_dimensions[line[0].row].height = 15.5 * longest
        for cell in line:
            cell.border, cell.alignment = _LINE, Alignment(wrap_text=True, vertical="top")
    for column, width in zip("ABCDE", _WIDTHS, strict=True):
        ready.column_dimensions[column].width = width
    verdict, results = f"${VERDICT[0]}${VERDICT[1]}", f"D{FIRST}:E{last}"
    said = f"LEFT($D{FIRST},1)"
    rules = [
        (VERDICT, f'LEFT({verdict},4)="CHƯA"', RED),
        (VERDICT, f'LEFT({verdict},{len(YES)})="{YES}"', GREEN),
        (results, f'AND({said}="{WRONG}",$C{FIRST}="Phải sửa")', RED),
        (results, f'{said}="{WRONG}"', AMBER),
        (results, f'{said}="{RIGHT}"', GREEN),
    ]
    for area, formula, fill in rules:
        ready.conditional_formatting.add(area, FormulaRule([formula], stopIfTrue=True, fill=fill))
    ready.protection.sheet = True
    ready.sheet_view.showGridLines = False
    ready.page_setup.orientation, ready.page_setup.paperSize = "landscape", ready.PAPERSIZE_A4
    ready.sheet_properties.pageSetUpPr.fitToPage = True
    ready.page_setup.fitToHeight = 0
