"""Blank workbooks of registers, drawn from a form's YAML, and records written into them."""

from collections.abc import Iterable
from datetime import date

import pandas as pd
from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from analysis.catalogue import plans
from analysis.language.words import day

GUIDE = "Hướng dẫn"
HEAD_ROW = 7
"""Row of the heads; the numbers of the columns stand below it and the records below these."""
FIRST_ROW = HEAD_ROW + 2
ROWS = 300
"""Rows that are open for records."""
_HEAD = PatternFill("solid", fgColor="DDE6EA")
_LINE = Border(*[Side(style="thin", color="9FB3BD")] * 4)
_WIDTH = {"text": 44, "unit": 30, "units": 30, "choice": 24, "date": 13, "code": 14, "count": 10}
_DATE = "DD/MM/YYYY"


def blank(form: dict, unit: pd.Series, plan: plans.PeriodPlan, names: list[str]) -> Workbook:
    """A blank workbook of a ``layout: register`` form.

    Parameters
    ----------
    unit
        Row of the units' code list: who sends it.
    names
        Names of units that the columns of units offer.

    Returns
    -------
    Workbook with the form's sheet, of which only the rows of records may be typed in, and a guide
    with the lists that its drop-downs offer.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = form["sheet"]
    _top(sheet, form, unit, plan)
    _heads(sheet, form)
    _open_rows(sheet, form)
    guide = book.create_sheet(GUIDE)
    _guide(guide, form)
    _lists(sheet, guide, form, names)
    sheet.protection.sheet = guide.protection.sheet = True
    sheet.protection.insertRows = sheet.protection.autoFilter = False
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 3)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for name, value in (("form", form["form"]), ("form_version", form["version"])):
        book.custom_doc_props.append(StringProperty(name=name, value=str(value)))
    return book


def fill(book: Workbook, form: dict, records: Iterable[dict]) -> None:
    """Write records (attribute → value) into a blank, one per row; what is absent stays blank."""
    sheet = book[form["sheet"]]
    columns = {code: c for c, code in enumerate(form["attributes"], 2)}
    for n, record in enumerate(records):
        sheet.cell(FIRST_ROW + n, 1, n + 1)
        for code, value in record.items():
            if value is not None:
                _write(sheet, FIRST_ROW + n, columns[code], value)


def _write(sheet, row: int, column: int, value: object):
    """Write into a cell; text never becomes a formula, and reads back unchanged."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str) and value.lstrip()[:1] in tuple("=+-@"):
        cell.data_type, cell.quotePrefix = "s", True
    if isinstance(value, date):
        cell.number_format = _DATE
    elif isinstance(value, int):
        cell.number_format = "General"
    return cell


def _top(sheet, form: dict, unit: pd.Series, plan: plans.PeriodPlan) -> None:
    width = len(form["attributes"]) + 1
    lines = [
        (1, 1, form["number"], Font(bold=True)),
        (1, 5, f"Đơn vị báo cáo: {unit['name_vi']}", Font()),
        (2, 1, f"Mẫu phiên bản {form['version']}", Font(italic=True)),
        (3, 1, form["title"]["vi"].upper(), Font(bold=True, size=13)),
        (4, 1, f"Kỳ báo cáo: {plan.period.name}", Font()),
        (5, 1, f"Từ ngày {day(plan.start)} đến ngày {day(plan.end)}", Font(italic=True)),
    ]
    if "recipient" in form:
        lines.append((2, 5, f"Đơn vị nhận báo cáo: {form['recipient']['vi']}", Font()))
    for row, column, text, font in lines:
        _write(sheet, row, column, text).font = font
    for row in (3, 4, 5):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=min(width, 8))


def _heads(sheet, form: dict) -> None:
    heads = ["STT", *(a["head"]["vi"] for a in form["attributes"].values())]
    required = [False, *(a.get("required", False) for a in form["attributes"].values())]
    for c, (text, asked) in enumerate(zip(heads, required, strict=True), 1):
        for row, value in ((HEAD_ROW, text), (HEAD_ROW + 1, f"({c})")):
            cell = _write(sheet, row, c, value)
            cell.fill, cell.border = _HEAD, _LINE
            cell.font = Font(bold=row == HEAD_ROW, underline="single" if asked else None)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.row_dimensions[HEAD_ROW].height = 34
    sheet.column_dimensions["A"].width = 6
    for c, attribute in enumerate(form["attributes"].values(), 2):
        sheet.column_dimensions[get_column_letter(c)].width = _WIDTH[attribute["kind"]]


def _open_rows(sheet, form: dict) -> None:
    for row in range(FIRST_ROW, FIRST_ROW + ROWS):
        for c, attribute in enumerate([{"kind": "count"}, *form["attributes"].values()], 1):
            cell = sheet.cell(row, c)
            cell.protection, cell.border = Protection(locked=False), _LINE
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if attribute["kind"] == "date":
                cell.number_format = _DATE
            elif attribute["kind"] != "count":
                cell.number_format = "@"


def _lists(sheet, guide, form: dict, names: list[str]) -> None:
    """Drop-downs and checks; the lists that they offer stand in the guide."""
    column = 3
    for c, attribute in enumerate(form["attributes"].values(), 2):
        area = f"{get_column_letter(c)}{FIRST_ROW}:{get_column_letter(c)}{FIRST_ROW + ROWS - 1}"
        offered = [w["vi"] for w in attribute.get("choices", {}).values()]
        offered = names if attribute["kind"] == "unit" else offered
        if offered:
            for row, text in enumerate([attribute["head"]["vi"], *offered], 1):
                _write(guide, row, column, text).font = Font(bold=row == 1)
            letter = get_column_letter(column)
            guide.column_dimensions[letter].width = 40
            where = f"{quote_sheetname(GUIDE)}!${letter}$2:${letter}${len(offered) + 1}"
            check = DataValidation(type="list", formula1=where, allow_blank=True)
            check.error = "Hãy chọn trong danh sách."
            check.showErrorMessage = True
            column += 1
        elif attribute["kind"] == "date":
            check = DataValidation(
                type="date", operator="between", formula1="36526", formula2="73050"
            )
            check.error, check.showErrorMessage = "Hãy ghi ngày theo dạng dd/mm/yyyy.", True
        else:
            continue
        check.add(area)
        sheet.add_data_validation(check)


def _guide(guide, form: dict) -> None:
    """How to fill the register in, all from the YAML."""
    lines = [
        f"Hướng dẫn ghi {form['number'].lower()} (phiên bản {form['version']})",
        f"Căn cứ: {form['legal_basis']}.",
        "Mỗi dòng một mục. Không thêm, bớt, dời cột và không đổi tên trang tính.",
        "Ngày ghi dd/mm/yyyy. Chưa có thì để trống, không ghi chữ vào ô ngày.",
        "Mã của một mục giữ nguyên qua các kỳ; mục chưa xong kỳ trước phải có trong kỳ này.",
        "Cột có tiêu đề gạch chân là bắt buộc.",
        "Các cột:",
    ]
    for n, attribute in enumerate(form["attributes"].values(), 2):
        note = attribute.get("note", {}).get("vi", "")
        lines.append(f"   Cột ({n}): {attribute['head']['vi']}. {note}".rstrip())
    for row, text in enumerate(lines, 1):
        cell = _write(guide, row, 1, text)
        cell.font, cell.alignment = Font(bold=row == 1), Alignment(wrap_text=True, vertical="top")
    guide.column_dimensions["A"].width = 90
