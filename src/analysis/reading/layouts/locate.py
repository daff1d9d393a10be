"""Find the form in the cells of a file: which cell is which item, for whom, at which level."""

import numpy as np
import pandas as pd

from analysis.language.words import fold
from analysis.reading import exports
from analysis.reading.layouts import (
    locate_export,
    locate_long,
    locate_register,
    locate_sheet,
    locate_table,
    named,
)
from analysis.reading.layouts.cells import by_sheet, file_unused, unused
from analysis.schema.tables import LOCATED


def locate(
    cells: pd.DataFrame, forms: dict, field_names: dict, mappings: dict | None = None
) -> pd.DataFrame:
    """Give each cell of one file its place in one of the ``forms``.

    Parameters
    ----------
    cells
        As returned by :func:`reading.workbook.read`.
    forms
        Forms of the catalogue that may be in the file, by code.
    field_names
        Folded names of fields → field code; tells rows of figures from remarks.
    mappings
        Of exports of reporting systems that may be in the file, by name, each with ``of_period``
        (:func:`analysis.reading.layouts.locate_export.locate`).

    Returns
    -------
    schema.LOCATED. Blank cells inside the form's grid are added with an empty ``raw_text``.
    """
    rows = _records(cells)
    if any(r["raw_type"] == "file" for r in rows):
        form = named.form_of(rows[0]["source_file"], forms)
        return _table([{**r, "role": "file", "form": form} for r in rows])
    fits = []
    if rows and _of_system(rows):
        fits = exports.fitting(rows, mappings or {})
        if (found := _exported(rows, fits, mappings or {}, forms)) is not None:
            return _table(found)
    found = _locate_tables(rows, forms) if rows else []
    if found is not None:
        return _table(found)
    for form in (f for f in _likeliest_first(rows, forms) if f["layout"] != "table"):
        if form["layout"] == "long":
            found = locate_long.locate(rows, form)
        elif form["layout"] == "register":
            found = locate_register.locate(rows, form)
        else:
            found = locate_sheet.locate(rows, form, field_names, _sheets_of(forms, form))
        if found is not None:
            return _table(found)
    for form in (f for f in forms.values() if f["layout"] == "long"):
        if (found := locate_long.nearly(rows, form)) is not None:
            return _table(found)
    form = forms[named.form_of(rows[0]["source_file"], forms)]
    if exports.is_meant(rows, fits):
        return _table(exports.refused(rows, fits, form["form"]))
    return _table(_formless(rows, form))


def _formless(rows: list[dict], form: dict) -> list[dict]:
    """The cells of a file in which no form is, with the finding that says so."""
    # a CSV has no sheets, and a form of layout "long" no name of a sheet
    sheets = form["layout"] != "long" and any(r["source_sheet"] for r in rows)
    rule = "sheet_missing" if sheets else "header_not_found"
    return file_unused(rows, rule, form["form"], expected=form["form"])


def _of_system(rows: list[dict]) -> bool:
    """Whether a reporting system may have exported the file: it is one table."""
    return len({r["source_sheet"] for r in rows}) == 1


def _exported(
    rows: list[dict], fits: list[exports.Fit], mappings: dict, forms: dict
) -> list[dict] | None:
    """The cells by the one mapping that fits; refused if several do, or none fits a JSON file."""
    whole = [fit for fit in fits if not fit.lacks]
    if len(whole) == 1 and whole[0].table:
        return locate_export.locate(
            rows, whole[0].table, whole[0].name, mappings[whole[0].name], forms
        )
    if whole or rows[0]["source_cell"].startswith("/"):
        return exports.refused(rows, fits, next(iter(forms), None))
    return None


def _records(cells: pd.DataFrame) -> list[dict]:
    """Each cell as a dict with all columns of schema.LOCATED, None where there is nothing."""
    given = [c for c in LOCATED.columns if c in cells]
    empty = dict.fromkeys(LOCATED.columns)
    columns = ([None if v != v else v for v in cells[c].tolist()] for c in given)
    return [empty | dict(zip(given, line, strict=True)) for line in zip(*columns, strict=True)]


def _table(rows: list[dict]) -> pd.DataFrame:
    """The records as a table whose columns have no type yet: there are many small files, and to
    find the types of each costs more than to read it."""
    held = np.empty(len(rows) * len(_COLUMNS), object)
    held[:] = [row.get(column) for row in rows for column in LOCATED.columns]
    return pd.DataFrame(held.reshape(len(rows), len(_COLUMNS)), columns=_COLUMNS, dtype=object)


_COLUMNS = pd.Index(LOCATED.columns)  # made once: that takes as long as to read a file


def _likeliest_first(rows: list[dict], forms: dict) -> list[dict]:
    """The forms in the order in which the file is tried against them.

    First the one that a sheet is named after, then the one of whose heads most are there: forms
    share column numbers, and no figure may be read by the columns of another form.
    """
    names = {fold(r["source_sheet"]) for r in rows}
    texts = {fold(r["raw_text"]) for r in rows if r["raw_type"] == "text"}

    def likeness(form: dict) -> tuple[bool, float]:
        if form["layout"] == "register":
            heads = {fold(a["head"]["vi"]) for a in form["attributes"].values()}
        elif form["layout"] == "sheet":
            heads = {fold(t) for c in form["columns"] for t in c["header"]["vi"]}
        else:
            return False, 0.0
        return fold(form["sheet"]) in names, len(heads & texts) / len(heads)

    return sorted(forms.values(), key=likeness, reverse=True)


def _sheets_of(forms: dict, form: dict) -> set[str]:
    """The folded names of the sheets of the other forms."""
    return {fold(f["sheet"]) for f in forms.values() if "sheet" in f and f is not form}


def _locate_tables(rows: list[dict], forms: dict) -> list[dict] | None:
    """All forms of layout ``table`` in the file: several may share it, each with its own sheets."""
    found = [
        part
        for form in forms.values()
        if form["layout"] == "table" and (part := locate_table.locate(rows, form)) is not None
    ]
    if not found:
        return None
    read = {r["source_sheet"] for part in found for r in part}
    form = found[0][0]["form"]
    located = [r for part in found for r in part]
    rest = [{**r, "form": form} for r in rows if r["source_sheet"] not in read]
    return located + [r for cells in by_sheet(rest).values() for r in unused(cells)]
