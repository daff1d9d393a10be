"""Blank workbooks to send out, drawn from a form's YAML."""

from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from analysis import catalogue as cat
from analysis.words import day

GUIDE = "Hướng dẫn"
_HEAD = PatternFill("solid", fgColor="DDE6EA")
_LINE = Border(*[Side(style="thin", color="9FB3BD")] * 4)
_SPARE_ROWS = 2
HEADER_ROW = 8
"""Row of the group heads; column heads and column numbers stand in the two rows below."""


def blank(
    form: dict, unit: pd.Series, plan: cat.PeriodPlan, fields: dict[str, list[str]]
) -> Workbook:
    """A blank workbook of a ``layout: sheet`` form.

    Parameters
    ----------
    unit
        Row of the units' code list; its type decides which levels the form has.
    fields
        Level → names of the fields to print as rows; two spare rows follow them.

    Returns
    -------
    Workbook with the form's sheet and a guide. Figures may be typed only in the unlocked cells.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = form["sheet"]
    width = len(form["columns"])
    _heading(sheet, form, unit, plan, width)
    _column_heads(sheet, form)
    row = HEADER_ROW + 3
    for i, (code, level) in enumerate(levels(form, unit["type"]).items(), 1):
        _line(sheet, row, get_column_letter(i), level["heading"]["vi"], width, bold=True)
        for n, name in enumerate([*fields.get(code, []), *[None] * _SPARE_ROWS], 1):
            row += 1
            _line(sheet, row, n, name, width, open_label=name is None)
        row += 1
        _line(sheet, row, None, f"Tổng số {level['name']['vi'].lower()}", width, bold=True)
        row += 1
    _line(sheet, row, None, "TỔNG CỘNG", width, bold=True)
    _finish(sheet, form, row)
    _guide(book.create_sheet(GUIDE), form)
    return book


def levels(form: dict, unit_type: str) -> dict[str, dict]:
    """The form's levels that units of a type report on."""
    return {c: v for c, v in form["levels"].items() if unit_type in v["unit_types"]}


def _write(sheet, row: int, column: int, value: object):
    """Write into a cell; names from lists never become formulas, and read back unchanged."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str) and value.lstrip()[:1] in tuple("=+-@"):
        # "text" for openpyxl, and for Excel even after somebody has edited the cell
        cell.data_type, cell.quotePrefix = "s", True
    return cell


def _heading(sheet, form: dict, unit: pd.Series, plan: cat.PeriodPlan, width: int) -> None:
    lines = [
        (1, 1, f"Biểu số {form['form']}/VPCP/KSTT", Font(bold=True)),
        (1, width - 4, f"Đơn vị báo cáo: {unit['name_vi']}", Font()),
        (2, width - 4, "Đơn vị nhận báo cáo: Văn phòng Chính phủ", Font()),
        (3, 1, form["title"]["vi"].upper(), Font(bold=True, size=13)),
        (4, 1, f"Kỳ báo cáo: {plan.period.name_vi}", Font()),
        (5, 1, f"Từ ngày {day(plan.start)} đến ngày {day(plan.end)}", Font(italic=True)),
        (6, width - 1, "Đơn vị tính: hồ sơ TTHC", Font(italic=True)),
    ]
    for row, column, text, font in lines:
        _write(sheet, row, column, text).font = font
    for row in (3, 4, 5):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center")


def _column_heads(sheet, form: dict) -> None:
    top, group_from = HEADER_ROW, {}
    for column in form["columns"]:
        c, heads = column["number"], column["header"]["vi"]
        if len(heads) == 1:
            _write(sheet, top, c, heads[0])
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=c, end_column=c)
        else:
            group_from.setdefault(heads[0], []).append(c)
            _write(sheet, top + 1, c, heads[1])
        sheet.cell(top + 2, c, f"({c})")
    for name, columns in group_from.items():
        _write(sheet, top, columns[0], name)
        sheet.merge_cells(
            start_row=top, end_row=top, start_column=columns[0], end_column=columns[-1]
        )
    for row in sheet.iter_rows(min_row=top, max_row=top + 2, max_col=len(form["columns"])):
        for cell in row:
            cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _line(sheet, row: int, mark, label, width: int, bold=False, open_label=False) -> None:
    heading = bold and mark is not None
    for c in range(1, width + 1):
        cell = sheet.cell(row, c)
        cell.border, cell.font = _LINE, Font(bold=bold)
        typed = c > 2 and not heading or (c == 2 and open_label)
        cell.protection = Protection(locked=not typed)
    _write(sheet, row, 1, mark)
    _write(sheet, row, 2, label)


def _finish(sheet, form: dict, last: int) -> None:
    counts = DataValidation(
        type="whole",
        operator="greaterThanOrEqual",
        formula1="0",
        allow_blank=True,
        errorTitle="Số hồ sơ",
        error="Hãy ghi số nguyên không âm; nếu không phát sinh, ghi 0.",
    )
    first = HEADER_ROW + 3
    counts.add(f"C{first}:{get_column_letter(len(form['columns']))}{last}")
    sheet.add_data_validation(counts)
    sheet.protection.sheet = True
    sheet.freeze_panes = sheet.cell(first, 3)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 6, 44
    for c in range(3, len(form["columns"]) + 1):
        sheet.column_dimensions[get_column_letter(c)].width = 12
    sheet.row_dimensions[HEADER_ROW + 1].height = 46
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _guide(sheet, form: dict) -> None:
    number = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
    lines = [
        f"Hướng dẫn ghi biểu {form['form']} (phiên bản {form['version']})",
        "Chỉ ghi vào các ô để mở; không thêm, bớt, dời cột và không đổi tên trang tính.",
        "Không phát sinh thì ghi 0. Ô để trống, dấu “-” hay “x” được hiểu là thiếu số liệu.",
        "Ghi số nguyên, không kèm chữ, không dùng dấu phân cách hàng nghìn.",
        "Các đẳng thức phải đúng ở mỗi dòng:",
    ]
    lines += [
        f"   ({number[r['total']]}) = " + " + ".join(f"({number[p]})" for p in r["parts"])
        for r in form["rules"]
        if r["kind"] == "sum"
    ]
    heads = {c["item"]: c["header"]["vi"][-1] for c in form["columns"] if "item" in c}
    others = ["Dòng tổng bằng tổng các dòng."] * any(
        r["kind"] == "total_row" for r in form["rules"]
    )
    others += [
        f"{heads[now]} ({number[now]}) bằng ({number[before]}) của kỳ trước."
        for now, before in (
            (r["item"], r["previous_item"]) for r in form["rules"] if r["kind"] == "equals_previous"
        )
    ]
    lines.append(" ".join(others))
    for row, text in enumerate(lines, 1):
        _write(sheet, row, 1, text).font = Font(bold=row == 1)
    sheet.column_dimensions["A"].width = 110
    sheet.protection.sheet = True


def fields_of(catalogue: cat.Catalogue, level: str) -> list[str]:
    """Names of the fields that occur at a level, in the code list's order."""
    at = catalogue.fields["levels"].str.split("|").map(lambda levels: level in levels)
    return catalogue.fields.loc[at, "name_vi"].tolist()


def write_blanks(plan: cat.PeriodPlan, catalogue: cat.Catalogue, folder: Path) -> list[Path]:
    """Write one workbook per due unit and form; file names are made of codes.

    Raises
    ------
    ValueError
        if the period collects no form that is a workbook.
    """
    sheets = [catalogue.forms[c] for c in plan.forms if catalogue.forms[c]["layout"] == "sheet"]
    if not sheets:
        raise ValueError(f"{plan.code} collects no workbook form (only {', '.join(plan.forms)})")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in sheets:
        fields = {level: fields_of(catalogue, level) for level in form["levels"]}
        for _, unit in cat.due_units(catalogue, plan).iterrows():
            path = folder / f"{form['form']}_{unit['code']}_{plan.code}.xlsx"
            blank(form, unit, plan, fields).save(path)
            written.append(path)
    return written
