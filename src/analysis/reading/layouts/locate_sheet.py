"""Find a form of layout ``sheet`` in a file: its one sheet, its head, its rows."""

from collections.abc import Collection
from typing import NamedTuple

from analysis.language.words import fold
from analysis.reading.layouts import self_checks, sheet_heads, sheet_rows, sheet_top, unit_lines
from analysis.reading.layouts.cells import (
    GUIDE,
    all_hidden,
    blank_cell,
    by_sheet,
    cells_by_row,
    headless,
    seen,
    unused,
)
from analysis.reading.layouts.sheet_heads import Grid, Heads
from analysis.reading.layouts.sheet_rows import Row

_UNTRUSTED = ("column_disagrees", "column_in_two_places", "table_twice")
"""Findings after which no column of a sheet can be trusted."""


def locate(
    rows: list[dict], form: dict, field_names: dict, others: Collection[str] = ()
) -> list[dict] | None:
    """The cells of one file in the form, None if no sheet of it is the form's.

    Of two sheets that hold the form neither is read, unless they are the same cell for cell; nor
    is one that is hidden.

    Parameters
    ----------
    rows
        Cells as dicts of schema.LOCATED.
    field_names
        Folded names of fields → field code.
    others
        Folded names of the sheets of other forms.
    """
    sheets, checks = {}, []
    for name, cells in by_sheet(rows).items():
        sheets[name], beside = self_checks.apart(cells)
        checks += beside
    guides = {n for n, cells in sheets.items() if _is_guide(n, cells)}
    looked = {n: _look(c, form) for n, c in sheets.items() if n not in guides}
    fitting = _fitting(looked, form, others)
    if not fitting:
        return None
    first = fitting[0]
    same = [n for n in fitting[1:] if _content(sheets[n]) == _content(sheets[first])]
    rivals = [n for n in fitting if n not in same]
    located = checks
    for name, cells in sheets.items():
        if name in guides:
            located += [{**r, "role": "label"} for r in cells]
        elif len(rivals) > 1 and name in rivals:
            named = ", ".join(f"“{n}”" for n in rivals)
            own = _grid(looked[name], form, field_names) if name == first else cells
            located += _refused(own, "sheet_twice", named)
        elif name == first and all_hidden(cells):
            located += _refused(_grid(looked[name], form, field_names), "sheet_hidden")
        elif name == first:
            located += _grid(looked[name], form, field_names)
        elif name in same:
            located += unused(cells, "sheet_repeated", f"“{first}”")
        else:
            located += unused(cells)
    return [{**r, "form": form["form"]} for r in located]


def _refused(cells: list[dict], rule: str, found: str | None = None) -> list[dict]:
    """A sheet of the form whose figures do not count; it still says who sent it, for which days."""
    finding, *covered = unused(cells, rule, found)
    kept = ("unit", "window", "label")
    return [
        finding,
        *(
            own if own["role"] in kept and not own["rule"] else {**r, "rule": None}
            for own, r in zip(cells, covered, strict=True)
            if own["raw_type"] not in ("blank", "file")
        ),
    ]


# --- which sheet ----------------------------------------------------------------------------------


def _is_guide(name: str, cells: list[dict]) -> bool:
    """Whether a sheet only says how the form is filled in, or whether it can be sent: it is called
    so and holds no figure."""
    said = fold(name).startswith(GUIDE) and all(r["raw_type"] != "number" for r in cells)
    return said or self_checks.is_ready(name, cells)


class _Looked(NamedTuple):
    """A sheet, looked at once: what is in it, what is nothing but spaces, and the heads."""

    cells: list[dict]
    grid: Grid
    spaces: Grid
    heads: Heads | None


def _look(cells: list[dict], form: dict) -> _Looked:
    grid, spaces = map(cells_by_row, seen(cells))
    return _Looked(cells, grid, spaces, sheet_heads.find(grid, form))


def _fitting(sheets: dict[str, _Looked], form: dict, others: Collection[str]) -> list[str]:
    """The sheets that are the form's: those that hold figures, visible ones first; if none does,
    the one that is likeliest the form."""
    named = [n for n in sheets if fold(n) == fold(form["sheet"])]
    heads = {n: sheet.heads for n, sheet in sheets.items()}
    enough = 0.5 * len(form["items"])
    fit = [
        n
        for n, found in heads.items()
        if n in named or (found and (found.named >= enough or not named) and fold(n) not in others)
    ]
    filled = [n for n in fit if _has_figures(sheets[n].cells, heads[n])]
    filled.sort(key=lambda n: (all_hidden(sheets[n].cells), n not in named))
    fit.sort(key=lambda n: (heads[n] is None, n not in named))
    return filled or fit[:1]


def _has_figures(cells: list[dict], heads: Heads | None) -> bool:
    last, columns = (heads.last, set(heads.items)) if heads else (0, None)
    return any(
        r["row"] > last and (columns is None or r["column"] in columns) and _is_figure(r)
        for r in cells
    )


def _is_figure(r: dict) -> bool:
    return r["raw_type"] == "number" or any(c.isdigit() for c in r["raw_text"])


def _content(cells: list[dict]) -> set[tuple]:
    return {(r["row"], r["column"], r["raw_text"], r["shown"]) for r in cells}


# --- its cells ------------------------------------------------------------------------------------


def _grid(sheet: _Looked, form: dict, field_names: dict) -> list[dict]:
    cells, grid, spaces, heads = sheet
    if heads is None:
        return headless(cells, form["form"])
    located, unit_text = sheet_top.locate(grid, heads, form)
    untrusted = next((r["rule"] for r in heads.findings if r["rule"] in _UNTRUSTED), None)
    second = None if untrusted else _second_table(grid, heads, form)
    if untrusted or second:
        located += _below(grid, heads, untrusted or "table_twice", second)
        located += [{**r, "role": "label"} for line in spaces.values() for r in line.values()]
    else:
        rows = sheet_rows.read(grid, heads, form, field_names, unit_text)
        body = _body(rows, heads, spaces, field_names)
        located = _measured([*located, *body], sheet_top.measures(grid, heads, form), form)
    return [{**r, "unit_text": unit_text} for r in located]


def _second_table(grid: Grid, heads: Heads, form: dict) -> dict | None:
    """The first cell of a second table below the first, if there are figures in it."""
    rows = sheet_heads.again(grid, heads, form)
    for row in rows:
        if any(
            c in heads.items and _is_figure(r)
            for number, line in grid.items()
            if number > row and number not in rows
            for c, r in line.items()
        ):
            cell = next(iter(grid[row].values()))
            first = next(iter(grid[heads.first].values()))["source_cell"]
            return {**cell, "found": f"{first}, {cell['source_cell']}"}
    return None


def _below(grid: Grid, heads: Heads, rule: str, at: dict | None) -> list[dict]:
    """All below a head that cannot be trusted: nothing of it is read."""
    cells = [r for number, line in grid.items() if number > heads.last for r in line.values()]
    return [
        {**r, "role": "other", "rule": rule, "found": at["found"]}
        if at and r["source_cell"] == at["source_cell"]
        else {**r, "role": "other", "covered_by": rule}
        for r in cells
    ]


def _body(rows: list[Row], heads: Heads, spaces: Grid, field_names: dict) -> list[dict]:
    located, items = [], heads.items
    twice = sheet_rows.repeated(rows, field_names)
    for i, row in enumerate(rows):
        counts = row.kind in ("field", "total")
        covered = ("duplicate_row" if i in twice else None) if counts else None
        covered = "level_unknown" if counts and row.level is None else covered
        located += [
            _text_cell(r, row.kind, covered, heads)
            for c, r in row.line.items()
            if not (counts and c in items)
        ]
        if counts:
            anchor = next(iter(row.line.values()))
            empty = spaces.get(anchor["row"], {})
            at = dict(role="value", level=row.level, field=row.field, covered_by=covered)
            for c, item in items.items():
                r = row.line.get(c) or empty.pop(c, None) or blank_cell(anchor, c)
                located.append({**r, **at, "item": item})
    return located + [{**r, "role": "label"} for line in spaces.values() for r in line.values()]


def _text_cell(r: dict, kind: str, covered: str | None, heads: Heads) -> dict:
    """A cell of a row that holds none of its figures."""
    is_field = r["column"] == heads.column_of("field")
    is_line = r["column"] == heads.column_of("line")
    if kind in ("field", "total", "heading") and (is_field or is_line):
        role = "field" if is_field and kind == "field" else "label"
        return {**r, "role": role, "rule": covered if is_field else None}
    if kind == "stray":
        said = {"rule": "row_unknown"} if is_field else {"covered_by": "row_unknown"}
        return {**r, "role": "other", **said}
    if kind == "remark" and is_line and r["raw_text"].strip().isdigit():
        return {**r, "role": "label"}  # the number of an unused line of the blank form
    if unit_lines.line(r["raw_text"]) is not None:
        return {**r, "role": "label"}
    numeric = r["raw_type"] == "number" or kind in ("field", "total")
    return {**r, "role": "other", "rule": "outside_form" if numeric else "text_kept"}


def _measured(located: list[dict], stated: list[sheet_top.Measure], form: dict) -> list[dict]:
    """The cells with the measure that governs them, where it is not that of the form.

    A measure that the form does not declare (``measures``) is refused where it stands.
    """
    if not stated:
        return located
    declared = {fold(text) for text in form.get("measures", {})}
    governing = {
        c: m for m in stated for c in m.columns
    }  # that of a column goes before the sheet's
    at = {m.at: m for m in stated}
    expected = form["unit_text"]["vi"]
    found = []
    for r in located:
        here = at.get((r["row"], r["column"]))
        measure = governing.get(r["column"]) if r["role"] == "value" else None
        if here and fold(here.text) not in declared:
            said = dict(rule="measure_unknown", found=here.text, expected=expected)
            r = {**r, "role": "other", **said, "covered_by": None}
        elif measure:
            unknown = None if fold(measure.text) in declared else "measure_unknown"
            covered = r["covered_by"] or unknown
            r = {**r, "measure_text": measure.text, "covered_by": covered}
        found.append(r)
    return found
