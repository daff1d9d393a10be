"""Layout ``table``: rows are reporting units, columns are found by their heads.

Made for workbooks that nobody shaped for us: heads over several rows, merged or cut, names in one
column or beside each figure, subtotals between the rows and notes below. What stands where is said
in the form file (``tables``), never here.
"""

import re
from collections import Counter

from analysis.language.words import fold, plain
from analysis.reading.layouts import cells as sheets_of
from analysis.reading.layouts import stated_measures, table_heads
from analysis.reading.layouts.cells import blank_cell, cells_by_row
from analysis.reading.layouts.table_heads import Line, is_figure, text_of

_ROMAN = re.compile(r"^[IVX]+[.)]?$")


def locate(cells: list[dict], form: dict) -> list[dict] | None:
    """Place the cells of the sheets that hold the tables of ``form``.

    Parameters
    ----------
    cells
        Cells of one file (schema.LOCATED), those of sheets of no table included.
    form
        With ``tables``; each names its ``sheets``, ``names``
        (``head`` of their column; ``stand: left`` where each figure has its own name to its left),
        ``columns`` (item → heads), ``labels`` (heads of columns that number or repeat),
        ``units`` (name → code, for rows such as the national total), ``not_units`` (names of rows
        that are no unit), ``roman_subtotals``, ``ends_at`` (``blank_row``, or how the first row
        below begins) and ``below`` (``summary`` where the rows below only repeat the table).
        ``unit_text`` and ``measures`` say what its figures are counted in.

    Returns
    -------
    Cells of these sheets with role, item and unit; None where the file has none of them. Of
    several sheets of one table the one with its heads and figures is read; where two have them and
    do not say the same, neither is. The one sheet of a CSV has no name and holds the table whose
    heads it has.
    """
    sheets = sheets_of.by_sheet(cells)
    chosen = [_sheets(table, sheets) for table in form["tables"]]
    if not any(chosen):
        return None
    located = []
    for table, names in zip(form["tables"], chosen, strict=True):
        if not names:
            missing = sheets_of.of_sheet(cells[0], "sheet_missing", expected=table["sheets"][0])
            located.append({**missing, "source_sheet": "", "raw_text": ""})
        elif len(names) > 1:
            located += sheets_of.twice([sheets[name] for name in names])
        else:
            located += _table(sheets[names[0]], table, form)
    return [{**r, "form": form["form"]} for r in located]


def _sheets(table: dict, sheets: dict[str, list[dict]]) -> list[str]:
    """The sheet that holds the table; several where nobody can tell which of them does."""
    if list(sheets) == [""]:
        return [""] if _figures(sheets[""], table) is not None else []
    named = [n for text in table["sheets"] for n in sheets if fold(n) == fold(text)]
    named = list(dict.fromkeys(named))
    shown = [n for n in sheets if not sheets_of.all_hidden(sheets[n])]
    if named and not set(named) & set(shown):  # an old one behind the one to be read
        named += shown
    if len(named) < 2:
        return named
    held = {n: figures for n in named if (figures := _figures(sheets[n], table))}
    if not held:
        return named[:1]
    first, *others = held
    return [first, *(n for n in others if held[n] != held[first])]


def _figures(cells: list[dict], table: dict) -> set[tuple] | None:
    """What a sheet says as the table, (unit, item, text); None where it lacks the heads."""
    grid = cells_by_row(sheets_of.seen(cells)[0])
    head = table_heads.head_of(grid, table)
    where = table_heads.columns(grid, head, table)[0] if head else {}
    if not where:
        return None
    read = _table(cells, table, {})
    values = [r for r in read if r["role"] == "value" and r["raw_text"]]
    return {(fold(r["unit_text"]), r["item"], plain(r["raw_text"])) for r in values}


def _table(cells: list[dict], table: dict, form: dict) -> list[dict]:
    cells, bare = sheets_of.seen(cells)
    grid = cells_by_row(cells)
    head = table_heads.head_of(grid, table)
    where, lost, findings = table_heads.columns(grid, head, table) if head else ({}, {}, [])
    if head is None or not (where or lost):
        expected = "; ".join(map(table_heads.written, table["names"]["head"]))
        return sheets_of.with_spaces(sheets_of.headless(cells, expected), bare)
    inside = {n: line for n, line in grid.items() if n >= head.first or n in head.early}
    rows, below = _split(inside, table)
    summary = table.get("below") == "summary"
    looked_at = {*rows, *(() if summary else (r["row"] for r in below))}
    again = {n: table_heads.repeated(grid[n], head, where) for n in sorted(looked_at)}
    if other := [n for n in rows if again[n] is False]:
        return sheets_of.with_spaces(_two_tables(grid, head.row, other), bare)
    again = {n: same for n, same in again.items() if same is not None}
    rows = {n: line for n, line in rows.items() if n not in again}
    below = [r for r in below if r["row"] not in again]
    findings += [r for n in again for r in sheets_of.head_again(grid[n])]
    body, told = _body(rows, head, where, lost, table, grid)
    findings += told
    top = [r for n, line in grid.items() if n < head.first and n not in inside for r in _in(line)]
    rest = [{**r, **({"role": "label"} if summary else _remark(r))} for r in below]
    stated = [*head.stated, *_lines(top, head), *_lines(below, head)]
    values, faults = stated_measures.judged(body, stated, form)
    marked = {r["source_cell"] for r in findings if r["role"] == "label"}
    strange = {n for n in grid if head.row < n and not table_heads.of_head(grid[n], head, table)}
    around = [
        {**r, **(_remark(r) if r["row"] in strange else {"role": "label"})}
        for r in top
        if r["source_cell"] not in marked
    ]
    around = [_stating(r, faults) for r in [*around, *rest]]
    return sheets_of.with_spaces([*findings, *around, *values], bare)


def _two_tables(grid: dict[int, Line], first: int, others: list[int]) -> list[dict]:
    """A second head over other columns: whose figures those below it are, the first cannot say."""
    heads = {n: _in(grid[n])[0]["source_cell"] for n in (first, *others)}
    said = {"role": "other", "rule": "table_twice", "found": ", ".join(heads.values())}
    return [
        {**r, **said}
        if r["source_cell"] == heads.get(n)
        else {**r, "role": "other", "covered_by": "table_twice"}
        for n, line in grid.items()
        for r in _in(line)
    ]


def _body(rows, head, where, lost, table, grid) -> tuple[list[dict], list[dict]]:
    """The rows of the table, and findings on its columns of names."""
    labels = table_heads.labels(head, table)
    if table["names"].get("stand") == "left":
        return _beside(rows, where, lost, labels, table), []
    torn = _torn(rows, head.names, where)
    heads = {r["source_cell"]: r for r in (table_heads.head_cell(grid, head, c) for c in torn)}
    found = [{**r, "role": "label", "rule": "names_between"} for r in heads.values()]
    lost = lost | dict.fromkeys(torn, "names_between")
    where = {c: item for c, item in where.items() if c not in torn}
    return _once(rows, head.names, where, lost, labels, table), found


def _lines(cells: list[dict], head: table_heads.Head) -> list[stated_measures.Stated]:
    """Measures that cells beside the heads state for the whole table."""
    said = {s.cell["source_cell"] for s in head.stated}
    return [
        stated_measures.Stated(text, r)
        for r in cells
        if r["source_cell"] not in said and (text := stated_measures.of_line(r["raw_text"]))
    ]


def _stating(r: dict, faults: dict[str, dict]) -> dict:
    return {**r, **faults.get(r["source_cell"], {})}


# --- the rows ------------------------------------------------------------------------------------


def _split(rows: dict[int, Line], table: dict) -> tuple[dict[int, Line], list[dict]]:
    """Rows of the table, and the cells below it."""
    ends, before = table.get("ends_at"), None
    for number, line in rows.items():
        gap = before is not None and number > before + 1
        begins = text_of(_in(line)[0])
        texts = [] if isinstance(ends, str) else [fold(t) for t in ends or []]
        if (ends == "blank_row" and gap) or any(begins.startswith(t) for t in texts):
            below = [r for n, held in rows.items() if n >= number for r in _in(held)]
            return {n: held for n, held in rows.items() if n < number}, below
        before = number
    return rows, []


def _torn(rows: dict[int, Line], names: int, where: dict[int, str]) -> list[int]:
    """Columns of figures with another column of the same names, in another order, before them.

    Such a sheet was sorted block by block: reading its figures against the first names would give
    them to the wrong units.
    """
    row_of = {text_of(line[names]): n for n, line in rows.items() if names in line}
    others: dict[int, list[tuple[int, str]]] = {}
    for number, line in rows.items():
        for c, r in line.items():
            if c != names and r["raw_type"] == "text":
                others.setdefault(c, []).append((number, text_of(r)))
    rivals = [
        c
        for c, held in others.items()
        if sum(t in row_of for _, t in held) > len(held) / 2
        and any(row_of.get(t, n) != n for n, t in held)
    ]
    return [c for c in where if any(names < rival < c for rival in rivals)]


def _once(rows, names, where, lost, labels, table) -> list[dict]:
    """One column of names for all figures of a row."""
    times = Counter(text_of(line[names]) for line in rows.values() if names in line)
    located = []
    for line in rows.values():
        name = line.get(names)
        if name is None or _no_unit(name, line, table):
            located += [_unnamed(r, c, labels, named=name is not None) for c, r in line.items()]
            continue
        covered = "duplicate_row" if times[text_of(name)] > 1 else None
        at = {"unit_text": _unit(name, table), "covered_by": covered}
        for c in sorted({*line, *where}):
            r = line.get(c) or blank_cell(name, c)
            if c == names:
                located.append({**r, **at, "role": "unit", "rule": covered, "covered_by": None})
            elif c in where:
                located.append({**r, **at, **_value(where[c])})
            else:
                located.append({**r, **at, **_outside(r, c, labels, lost)})
    return located


def _beside(rows, where, lost, labels, table) -> list[dict]:
    """Each figure has its own name in the column to its left; rows mean nothing."""
    named = [(c, text_of(line[c - 1])) for line in rows.values() for c in where if c - 1 in line]
    times, located = Counter(named), []
    for line in rows.values():
        done = set()
        for c, item in where.items():
            name = line.get(c - 1)
            if name is None or _no_unit(name, line, table):
                continue
            covered = "duplicate_row" if times[c, text_of(name)] > 1 else None
            at = {"unit_text": _unit(name, table)}
            located.append({**name, **at, "role": "unit", "rule": covered})
            value = {**(line.get(c) or blank_cell(name, c)), **at, **_value(item)}
            located.append({**value, "covered_by": covered})
            done |= {c, c - 1}
        rest = {c: r for c, r in line.items() if c not in done}
        located += [{**r, **_outside(r, c, labels, lost)} for c, r in rest.items()]
    return located


def _value(item: str) -> dict:
    return {"role": "value", "item": item, "level": "_T", "field": "_T"}


def _unit(name: dict, table: dict) -> str:
    known = {fold(n): code for n, code in table.get("units", {}).items()}
    return next((known[t] for t in _readings(name) if t in known), plain(name["raw_text"]))


def _no_unit(name: dict, line: Line, table: dict) -> bool:
    if any(t in {fold(n) for n in table.get("not_units", [])} for t in _readings(name)):
        return True
    before = [plain(r["raw_text"]) for c, r in line.items() if c < name["column"]]
    return table.get("roman_subtotals", False) and any(_ROMAN.match(t) for t in before)


def _readings(name: dict) -> list[str]:
    """A name as a whole, and its first line alone (the second one often says it in English)."""
    return [text_of(name), fold(name["raw_text"].strip().split("\n")[0])]


def _unnamed(r: dict, column: int, labels: set[int], named: bool) -> dict:
    if named or column in labels:
        return {**r, "role": "label"}
    return {**r, **_remark(r)}


def _outside(r: dict, column: int, labels: set[int], lost: dict[int, str]) -> dict:
    if column in lost:
        return {"role": "other", "covered_by": lost[column]}
    return {"role": "label"} if column in labels else _remark(r)


def _remark(r: dict) -> dict:
    return {"role": "other", "rule": "outside_form" if is_figure(r) else "text_kept"}


def _in(line: Line) -> list[dict]:
    return [line[c] for c in sorted(line)]
