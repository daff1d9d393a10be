"""Blank workbooks to send out, drawn from a form's YAML."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import chain, count
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter

from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, plans
from analysis.exchange import blank_checks, blank_inputs, blank_register_checks, blank_registers
from analysis.exchange.blank_guides import GUIDE, rules_of, unit_of, write, write_guide
from analysis.exchange.blank_rules import Known
from analysis.exchange.neutral import same_bytes
from analysis.language.messages import tell
from analysis.language.words import day
from analysis.storage import files

_HEAD = PatternFill("solid", fgColor="DDE6EA")
_LINE = Border(*[Side(style="thin", color="9FB3BD")] * 4)
_SPARE_ROWS = 2
_SHOWN = 20  # names in one message
HEADER_ROW = 8
"""Row of the group heads; column heads and column numbers stand in the two rows below, with the
units of measure between them where they differ from column to column."""


@dataclass(frozen=True)
class Row:
    """A row below the heads: ``kind`` is heading, field, spare or total.

    ``mark`` and ``label`` are what stands in the first two columns. Figures are typed into fields,
    spare rows (which have no label yet) and totals; ``level`` and ``field`` say whose they are, as
    in the observations that come of them.
    """

    row: int
    kind: str
    level: str
    field: str | None
    mark: object
    label: str | None


def levels(form: dict, unit_type: str, on: date | None = None) -> dict[str, dict]:
    """The form's levels that units of a type report on that day (or on any)."""
    return dated.levels(form, unit_type, on)


def first_row(form: dict) -> int:
    """The row below the column numbers."""
    return HEADER_ROW + 3 + _units_differ(form)


def rows(
    form: dict,
    unit_type: str,
    on: date | None = None,
    fields: dict[str, list[str]] | None = None,
) -> list[Row]:
    """All rows of the sheet that a unit of a type gets on a day.

    ``fields``: level → names to print as rows (forms whose rows are fields).
    """
    kind, own = form.get("rows", "fields"), levels(form, unit_type, on)
    lines: list[tuple] = []
    if kind == "unit":
        lines = [("total", "_T", "_T", 1, form["row_label"]["vi"])]
    for i, (code, level) in enumerate(own.items(), 1):
        if kind == "levels":
            lines.append(("total", code, "_T", i, level["heading"]["vi"]))
            continue
        names = (fields or {}).get(code, [])
        lines.append(("heading", code, "_T", get_column_letter(i), level["heading"]["vi"]))
        lines += [("field", code, name, n, name) for n, name in enumerate(names, 1)]
        after = range(len(names) + 1, len(names) + 1 + _SPARE_ROWS)
        lines += [("spare", code, None, n, None) for n in after]
        lines.append(("total", code, "_T", None, f"Tổng số {level['name']['vi'].lower()}"))
    if kind == "fields" or (kind == "levels" and len(own) > 1 and rules_of(form, "total_row")):
        lines.append(("total", "_T", "_T", None, "TỔNG CỘNG"))
    start = first_row(form)
    return [Row(start + i, *line) for i, line in enumerate(lines)]


def blank(
    form: dict, unit: pd.Series, plan: plans.PeriodPlan, fields: dict[str, list[str]] | None = None
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
    The version of the form stands on the sheet, where the reader finds it, and among the
    properties of the file.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = form["sheet"]
    _heading(sheet, form, unit, plan)
    _column_heads(sheet, form)
    lines = rows(form, unit["type"], plan.end, fields)
    for line in lines:
        _line(sheet, line, form)
    names = sorted({name for held in (fields or {}).values() for name in held})
    blank_inputs.write(sheet, form, lines, len(names))
    _finish(sheet, form)
    write_guide(book.create_sheet(GUIDE), form, names)
    for name, value in (("form", form["form"]), ("form_version", form["version"])):
        book.custom_doc_props.append(StringProperty(name=name, value=str(value)))
    return book


def _heading(sheet, form: dict, unit: pd.Series, plan: plans.PeriodPlan) -> None:
    width = len(form["columns"])
    right = max(3, width - 4)
    lines = [
        (1, 1, form["number"], Font(bold=True)),
        (2, 1, f"Mẫu phiên bản {form['version']}", Font(italic=True)),
        (1, right, f"Đơn vị báo cáo: {unit['name_vi']}", Font()),
        (3, 1, form["title"]["vi"].upper(), Font(bold=True, size=13)),
        (4, 1, f"Kỳ báo cáo: {plan.period.name}", Font()),
        (5, 1, f"Từ ngày {day(plan.start)} đến ngày {day(plan.end)}", Font(italic=True)),
    ]
    if "recipient" in form:
        lines.append((2, right, f"Đơn vị nhận báo cáo: {form['recipient']['vi']}", Font()))
    if not _units_differ(form):
        text = f"Đơn vị tính: {form['unit_text']['vi']}"
        lines.append((6, max(3, width - 1), text, Font(italic=True)))
    for row, column, text, font in lines:
        write(sheet, row, column, text).font = font
    for row in (3, 4, 5):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        sheet.cell(row, 1).alignment = Alignment(
            horizontal="center", vertical="center", wrap_text=True
        )


def _units_differ(form: dict) -> bool:
    return any("unit_text" in item for item in form["items"].values())


def _column_heads(sheet, form: dict) -> None:
    top, group_from, last = HEADER_ROW, {}, first_row(form) - 1
    for column in form["columns"]:
        c, heads = column["number"], column["header"]["vi"]
        if len(heads) == 1:
            write(sheet, top, c, heads[0])
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=c, end_column=c)
        else:
            group_from.setdefault(heads[0], []).append(c)
            write(sheet, top + 1, c, heads[1])
        if _units_differ(form) and "item" in column:
            write(sheet, top + 2, c, unit_of(form, column["item"]))
        sheet.cell(last, c, f"({c})")
    for name, columns in group_from.items():
        write(sheet, top, columns[0], name)
        sheet.merge_cells(
            start_row=top, end_row=top, start_column=columns[0], end_column=columns[-1]
        )
    for row in sheet.iter_rows(min_row=top, max_row=last, max_col=len(form["columns"])):
        for cell in row:
            plain = cell.row == top + 2 != last
            cell.font, cell.fill, cell.border = Font(bold=not plain, italic=plain), _HEAD, _LINE
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _line(sheet, line: Row, form: dict) -> None:
    bold = line.kind == "heading" or (line.kind == "total" and line.mark is None)
    for column in form["columns"]:
        cell = sheet.cell(line.row, column["number"])
        cell.border, cell.font = _LINE, Font(bold=bold)
        typed = "item" in column and line.kind != "heading"
        typed |= column.get("role") == "field" and line.kind == "spare"
        cell.protection = Protection(locked=not typed)
        role = column.get("role")
        if role in ("line", "field"):
            write(sheet, line.row, column["number"], line.mark if role == "line" else line.label)
        if role == "field":
            cell.alignment = Alignment(wrap_text=True, vertical="center")


def _finish(sheet, form: dict) -> None:
    first = first_row(form)
    sheet.protection.sheet = True
    sheet.freeze_panes = sheet.cell(first, 3)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 6, 44
    for c in range(3, len(form["columns"]) + 1):
        sheet.column_dimensions[get_column_letter(c)].width = 12
    sheet.row_dimensions[HEADER_ROW].height = 34
    sheet.row_dimensions[HEADER_ROW + 1].height = 62
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def fields_of(catalogue: cat.Catalogue, level: str) -> list[str]:
    """Names of the fields that occur at a level, in the code list's order."""
    at = catalogue.fields["levels"].str.split("|").map(lambda levels: level in levels)
    return catalogue.fields.loc[at, "name_vi"].tolist()


def form_fields(form: dict, catalogue: cat.Catalogue) -> dict[str, list[str]]:
    """Level → names of the fields to print as rows; none where rows are no fields."""
    if form.get("rows", "fields") != "fields":
        return {}
    return {level: fields_of(catalogue, level) for level in form["levels"]}


class NotHereError(ValueError):
    """The blank workbooks cannot go where they should; the message says why and what to do."""


def write_blanks(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    folder: Path,
    again: bool = False,
    previous: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write one workbook for each form and unit that must send it; names are made of codes.

    Nothing that lies in the folder is overwritten: all workbooks are made before the first is
    written.

    Parameters
    ----------
    again
        Give a workbook whose name is taken a number behind it (``…_2.xlsx``).
    previous
        Observations of the period before, which the blanks show beside what must equal them.
    progress
        Called with the number of workbooks made, and of all.

    Raises
    ------
    ValueError
        if the period collects no form that is a workbook.
    NotHereError
        if names are taken and not ``again``, or ``folder`` is none; nothing was written.
    """
    asked = due(plan, catalogue)
    wanted = [name for _, _, name in asked]
    free_names(folder, wanted, again)  # before the long work, and once more before writing
    books = made(asked, plan, catalogue, previous, progress)
    paths = [folder / name for name in free_names(folder, wanted, again)]
    for path, data in zip(paths, books, strict=True):
        files.write(path, data)
    return paths


Due = tuple[dict, pd.Series, str]
"""A form, a unit that must send it, and what the workbook is called."""


def due(plan: plans.PeriodPlan, catalogue: cat.Catalogue) -> list[Due]:
    """The workbooks that a period asks for.

    Raises
    ------
    ValueError
        if the period collects no form that is a workbook.
    """
    held = [catalogue.forms[c] for c in plan.forms]
    sheets = [form for form in held if form["layout"] in ("sheet", "register")]
    if not sheets:
        raise ValueError(
            tell(
                "{code} collects no workbook form (only {forms})",
                code=plan.code,
                forms=", ".join(plan.forms),
            )
        )
    return [
        (form, unit, f"{form['form']}_{unit['code']}_{plan.code}.xlsx")
        for form in sheets
        for _, unit in plans.due_units(catalogue, plan, form["form"]).iterrows()
    ]


def made(
    asked: list[Due],
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    previous: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[bytes]:
    """The workbooks of :func:`due`, in its order; ``previous`` and ``progress`` as of
    :func:`write_blanks`."""
    units = plans.due_units(catalogue, plan)["name_vi"].tolist()
    names = {
        form["form"]: units if form["layout"] == "register" else form_fields(form, catalogue)
        for form, _, _ in asked
    }
    before = _figures_before(catalogue, previous)
    held = (catalogue.rules, catalogue.parameters)
    books = []
    for form, unit, _ in asked:
        known = Known(*held, before.get((unit["code"], form["form"]), {}))
        books.append(blank_file(form, unit, plan, names[form["form"]], known))
        if progress:
            progress(len(books), len(asked))
    return books


def _figures_before(catalogue: cat.Catalogue, previous: pd.DataFrame | None) -> dict:
    """(Unit, form) → (level, name of the field, item) → figure."""
    if previous is None or previous.empty:
        return {}
    names = dict(zip(catalogue.fields["code"], catalogue.fields["name_vi"], strict=True))
    found: dict[tuple, dict] = {}
    for r in previous[previous["obs_value"].notna()].itertuples():
        at = (r.level, names.get(r.field, r.field), r.item)
        found.setdefault((r.reporting_unit, r.form), {})[at] = float(r.obs_value)
    return found


def blank_file(form: dict, unit: pd.Series, plan: plans.PeriodPlan, names, known: Known) -> bytes:
    """A blank that checks itself, as a file; what its formulas come to is in it.

    ``names``: of fields by level, or of units that a register offers.
    """
    if form["layout"] == "register":
        book = blank_registers.blank(form, unit, plan, names)
        return same_bytes(book, blank_register_checks.add(book, form, unit, plan, known))
    book = blank(form, unit, plan, names)
    lines = rows(form, unit["type"], plan.end, names)
    return same_bytes(book, blank_checks.add(book, form, lines, unit, plan, known))


def free_names(folder: Path, wanted: list[str], again: bool) -> list[str]:
    """A free name for each that is wanted; names are alike as on any system."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise NotHereError(
            tell("{folder} is no folder: name one, it is made if it is not there", folder=folder)
        )
    there = {files.alike(name) for name in os.listdir(folder)} if folder.is_dir() else set()
    taken = [name for name in wanted if files.alike(name) in there]
    if taken and not again:
        more = tell(" and {n} more", n=len(taken) - _SHOWN) if len(taken) > _SHOWN else ""
        raise NotHereError(
            tell(
                "{n} of {wanted} workbooks are in {folder} already: {taken}{more}. Nothing was "
                "written: they may be filled in. Name another folder, or add --again, then new "
                "ones get a number behind their name",
                n=len(taken),
                wanted=len(wanted),
                folder=folder,
                taken=", ".join(taken[:_SHOWN]),
                more=more,
            )
        )
    given = []
    for name in wanted:
        path = Path(name)
        numbered = (f"{path.stem}_{n}{path.suffix}" for n in count(2))
        free = next(n for n in chain([name], numbered) if files.alike(n) not in there)
        there.add(files.alike(free))
        given.append(free)
    return given
