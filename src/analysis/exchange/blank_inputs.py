"""What may be typed into a blank form, as a spreadsheet program checks it: figures by the kind of
each column, a tick where there are boxes, names out of a list or others."""

from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from analysis.exchange.blank_guides import GUIDE, LIST_COLUMN, unit_of
from analysis.language.words import number

TICK = "x"
"""What is offered for a box."""


def write(sheet, form: dict, lines: list, names: int) -> None:
    """Let the sheet refuse what its cells cannot take.

    Parameters
    ----------
    lines
        As of :func:`analysis.exchange.blank_forms.rows`.
    names
        How many names the guide lists for spare rows.
    """
    first, last = lines[0].row, lines[-1].row
    alike: dict[tuple, list[str]] = {}
    for column in form["columns"]:
        if "item" in column:
            described = form["items"][column["item"]]
            key = (described["kind"], described.get("maximum"), unit_of(form, column["item"]))
            c = get_column_letter(column["number"])
            alike.setdefault(key, []).append(f"{c}{first}:{c}{last}")
    for key, areas in alike.items():
        check = _check(*key)
        for area in areas:
            check.add(area)
        sheet.add_data_validation(check)
    label = next((c["number"] for c in form["columns"] if c.get("role") == "field"), None)
    spare = [line.row for line in lines if line.kind == "spare"]
    if names and spare and label:
        column = get_column_letter(LIST_COLUMN)
        area = f"{quote_sheetname(GUIDE)}!${column}$2:${column}${names + 1}"
        offered = DataValidation(type="list", formula1=area, allow_blank=True)
        offered.showErrorMessage = False  # a field that the list lacks may be written
        for row in spare:
            offered.add(f"{get_column_letter(label)}{row}")
        sheet.add_data_validation(offered)


def _check(kind: str, maximum: float | None, unit: str) -> DataValidation:
    """An input check for figures of a kind: a whole number, a number, a percentage, or a box."""
    if kind == "tick":
        box = DataValidation("list", formula1=f'"{TICK}"', allow_blank=True, showErrorMessage=True)
        box.error = f"Hãy ghi {TICK} vào ô được chọn, để trống các ô khác."
        return box
    most = 100 if kind == "percent" and maximum is None else maximum
    what = "số nguyên không âm" if kind == "count" else "số không âm"
    if most is not None:
        what = f"{what}, nhiều nhất {number(most, 0 if float(most).is_integer() else 2)}"
    return DataValidation(
        type="whole" if kind == "count" else "decimal",
        operator="greaterThanOrEqual" if most is None else "between",
        formula1="0",
        formula2=None if most is None else f"{most:g}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=unit[:1].upper() + unit[1:31],
        error=f"Hãy ghi {what}; nếu không phát sinh, ghi 0.",
    )
