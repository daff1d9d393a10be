"""Texts and workbooks that can be passed on: no text is taken for a formula, no time is in them."""

import io
import re
import zipfile
from xml.sax.saxutils import escape

from openpyxl import Workbook

from analysis.language.words import printable

BEGINS = (*"=+-@\t\n", *"＝＋－＠")
"""How a formula may begin; the wide signs are those of East-Asian keyboards, which count there."""
_FORMULA = f"(?='*[\\s\"]*[{re.escape(''.join(BEGINS))}])"
_BARE = re.compile(rf"(^|[,;\t\r\n]){_FORMULA}")
_GUARDED = re.compile(rf"(^|[,;\t\r\n])'{_FORMULA}")
_UNCALCULATED = re.compile(r'<c r="([A-Z]+\d+)"((?: s="\d+")?)>(<f>[^<]*</f>)<v ?/></c>')

Calculated = dict[str, dict[str, object]]
"""Sheet → place of a formula → what it came to."""


def safe_text(value: object) -> str:
    """Text that no spreadsheet takes for a formula and no reader chokes on."""
    text = fitting("" if value is None or value != value else str(value))
    return "'" + text if text.startswith(BEGINS) and len(text) > 1 else text


def safe_field(value: object) -> str:
    """Text of a list that holds no formula by whichever sign it is divided: comma, semicolon, tab.

    Programs divide by the sign that their country uses, also within what others put in quotes; the
    text then begins anew there. :func:`meant` undoes it.

    >>> safe_field("Sở A;=1+1"), safe_field("Đạt -- 90 %"), safe_field("=1")
    ("Sở A;'=1+1", 'Đạt -- 90 %', "'=1")
    """
    return _BARE.sub(r"\1'", fitting(str(value)))


def meant(text: str) -> str:
    """What was to be written, of a field that :func:`safe_field` made.

    >>> meant("Sở A;'=1+1"), meant("'=1"), meant("'a'")
    ('Sở A;=1+1', '=1', "'a'")
    """
    return _GUARDED.sub(r"\1", text)


def fitting(text: str) -> str:
    """Text as a cell can hold it."""
    return printable(text)[:32000]


def across(sheet) -> None:
    """Let a sheet print on A4 across, as wide as the paper and as long as it is."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0


def same_bytes(book: Workbook, calculated: Calculated | None = None) -> bytes:
    """The workbook as a file that is the same whenever it is built: no time of writing in it.

    ``calculated``: what formulas came to, which openpyxl leaves out: programs that do not calculate
    (previews, readers) show it.
    """
    buffer, fixed = io.BytesIO(), io.BytesIO()
    book.save(buffer)
    known = {
        f"xl/worksheets/sheet{n}.xml": (calculated or {}).get(sheet.title)
        for n, sheet in enumerate(book.worksheets, 1)
    }
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(fixed, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2022-06-15T00:00:00Z", content)
            if values := known.get(entry.filename):
                content = _with_values(content.decode(), values).encode()
            info = zipfile.ZipInfo(entry.filename, (2022, 6, 15, 0, 0, 0))
            target.writestr(info, content, zipfile.ZIP_DEFLATED, 9)
    return fixed.getvalue()


def _with_values(xml: str, values: dict[str, object]) -> str:
    def valued(cell: re.Match) -> str:
        place, style, formula = cell.groups()
        kind, text = _stored(values.get(place))
        return f'<c r="{place}"{style}{kind}>{formula}<v>{text}</v></c>' if text else cell[0]

    return _UNCALCULATED.sub(valued, xml)


def _stored(value: object) -> tuple[str, str]:
    """Type and text by which a sheet keeps what a formula came to; none for what it has no way."""
    if isinstance(value, bool):
        return ' t="b"', str(int(value))
    if isinstance(value, int | float):
        return "", repr(value)
    if isinstance(value, str):
        return (' t="e"' if value.startswith("#") else ' t="str"'), escape(fitting(value))
    return "", ""
