"""The tables of a page as a workbook: a first sheet that says what they are, a sheet for each."""

import re
from datetime import date
from html import unescape

from nbformat import NotebookNode
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.display import theme
from analysis.display.resource import MIME
from analysis.exchange.neutral import safe_text, same_bytes
from analysis.language.languages import LANGUAGES, markdown, say

SYNTHETIC = "DỮ LIỆU MINH HỌA (SYNTHETIC): số liệu do máy sinh, không phải số liệu thật"
AS_SHOWN = "Số được làm tròn như trên trang. Ô trống: không có số liệu, không phải 0."
ABOUT = "Thông tin"
NARROWEST, WIDEST = 8, 60

_HEAD = PatternFill("solid", fgColor="DDE8EE")
_LINE = Border(bottom=Side("thin", color="9FB3BD"))
_TOP = Alignment(wrap_text=True, vertical="top")


def xlsx(notebook: NotebookNode, title: str, context) -> bytes:
    """The workbook of an executed notebook, the same bytes each time; empty if it has no table.

    ``context``: period, period_title, address, question, warning, notes, synthetic,
    provenance.
    """
    held = tables(notebook)
    if not held:
        return b""
    book = Workbook()
    book.properties.title, book.properties.creator = title, "Reform Monitor"
    names = [_sheet_name(n, table["title"] or title) for n, table in enumerate(held, 1)]
    _about(book.active, title, context, _method(notebook), zip(names, held, strict=True))
    for name, table in zip(names, held, strict=True):
        _fill(book.create_sheet(name), table)
    return same_bytes(book)


def tables(notebook: NotebookNode) -> list[dict]:
    """The tables that a notebook shows, each with its ``title``, or that of its section."""
    found, section = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = (_headings(markdown(cell.source)) or [section])[-1]
        for output in cell.get("outputs", ()):
            held = output.get("data", {}).get(MIME, {}).get("resources", ())
            found += [{"title": section, **resource} for resource in held]
    return found


def _headings(markdown: str) -> list[str]:
    return re.findall(r"^##+ +(.+?) *$", markdown, re.M)


def _method(notebook: NotebookNode) -> str:
    """What the last section says: sources and method."""
    cells = list(notebook.cells)
    begins = [n for n, c in enumerate(cells) if c.cell_type == "markdown" and _headings(c.source)]
    texts = []
    for cell in cells[begins[-1] :] if begins else ():
        if cell.cell_type == "markdown":
            texts.append(re.sub(r"^#.*$|[*`]", "", markdown(cell.source), flags=re.M))
        for output in cell.get("outputs", ()):
            html = theme.bare("".join(output.get("data", {}).get("text/html", "")))
            texts.append(unescape(re.sub(r"<[^>]+>", " ", html.replace("</p>", "\n"))))
    lines = [" ".join(line.split()) for line in "\n".join(texts).splitlines()]
    return "\n".join(filter(None, lines))


def _sheet_name(number: int, title: str) -> str:
    allowed = re.sub(r"[][:*?/\\]", " ", safe_text(title))
    return f"{number} {allowed}"[:31].rstrip(" '")


def _about(sheet: Worksheet, title: str, context, method: str, listed) -> None:
    sheet.title = say(ABOUT)
    rows = [
        ("Trang", title),
        ("Câu hỏi", context.question),
        ("Kỳ báo cáo", " – ".join(filter(None, (context.period, context.period_title)))),
        ("Tình trạng", say(SYNTHETIC) if context.synthetic else ""),
        *(("Ghi chú, nguồn", note) for note in (context.warning, *context.notes)),
        ("Căn cứ, phương pháp", method),
        ("Ngôn ngữ", LANGUAGES[context.lang]),
        ("Số liệu", say(AS_SHOWN)),
        *(("Lập từ", line) for line in context.provenance),
        ("Địa chỉ trong bộ báo cáo", context.address),
    ]
    for label, text in rows:
        if text:
            sheet.append([say(label), safe_text(text)])
    sheet.append([])
    sheet.append([say("Trang tính"), say("Bảng"), say("Số dòng")])
    first = sheet.max_row
    for name, table in listed:
        sheet.append([name, safe_text(table["title"] or title), len(table["data"])])
        sheet.cell(sheet.max_row, 1).hyperlink = f"#'{name.replace(chr(39), chr(39) * 2)}'!A1"
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = _TOP
            cell.font = Font(bold=cell.row == first or (cell.column == 1 and cell.row < first))
    for column, width in zip("ABC", (30, 100, 10), strict=True):
        sheet.column_dimensions[column].width = width


def _fill(sheet: Worksheet, table: dict) -> None:
    """One table: heads that stay in sight, a filter, typed cells, widths of what they hold."""
    fields = table["schema"]["fields"]
    sheet.append([safe_text(field["title"]) for field in fields])
    for cell in sheet[1]:
        cell.font, cell.fill, cell.border, cell.alignment = Font(bold=True), _HEAD, _LINE, _TOP
    for n, field in enumerate(fields, 1):
        values = [row[field["name"]] for row in table["data"]]
        for row, value in enumerate(values):
            if value is not None:
                cell = sheet.cell(row + 2, n, _typed(value, field["type"]))
                cell.number_format, cell.alignment = _number_format(field, row), _TOP
        widest = max(len(str(v)) for v in (field["title"][:20], *values) if v is not None)
        width = min(max(widest + 3, NARROWEST), WIDEST)
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _typed(value: object, kind: str) -> object:
    if kind == "date":
        return date.fromisoformat(value)
    return safe_text(value) if kind == "string" else value


def _number_format(field: dict, row: int) -> str:
    """How a spreadsheet writes the cell of a field in a row."""
    if field["type"] != "number":
        return {"date": "dd/mm/yyyy", "integer": "0"}.get(field["type"], "General")
    decimals = field["decimals"]
    decimals = decimals[row] if isinstance(decimals, list) else decimals
    unit = field["unit"].replace('"', "")
    shape = "#,##0" + ("." + "0" * decimals if decimals else "") + (f'"{unit}"' if unit else "")
    return f"+{shape};-{shape};{shape}" if field["signed"] else shape
