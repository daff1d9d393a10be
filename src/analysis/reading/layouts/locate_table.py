"""Layout ``table``: rows are reporting units, columns are found by their heads.

Made for workbooks that nobody shaped for us: heads over several rows, merged or cut, names in one
column or beside each figure, subtotals between the rows and notes below. What stands where is said
in the form file (``tables``), never here.
"""

import re
from collections import Counter
from dataclasses import dataclass

from analysis.language.words import fold, plain
from analysis.reading.layouts.cells import blank_cell, cells_by_row

_MARK = re.compile(r"^\(?(?:[A-Za-z]|\d{1,2})\)?(?:\s*=[\d\s+()-]+)?$")
_ROMAN = re.compile(r"^[IVX]+[.)]?$")
FIGURE = re.compile(r"^[.,\s()%+-]*\d[\d.,\s()%*+-]*$")
_HEAD_ROWS = 20
"""More rows are no head: what stands over each column would be compared without end."""

Line = dict[int, dict]


@dataclass(frozen=True)
class _Head:
    """The head of a table: its rows, the column of the names, heads over each column."""

    start: int
    first: int
    names: int
    stacks: dict[int, list[tuple[str, bool]]]


def locate(cells: list[dict], form: dict) -> list[dict] | None:
    """Place the cells of the sheets that hold the tables of ``form``.

    Parameters
    ----------
    cells
        Cells of one file (schema.LOCATED), those of sheets of no table included.
    form
        With ``tables``; each names its ``sheets`` (the first one present is read), ``names``
        (``head`` of their column; ``stand: left`` where each figure has its own name to its left),
        ``columns`` (item → heads), ``labels`` (heads of columns that number or repeat),
        ``units`` (name → code, for rows such as the national total), ``not_units`` (names of rows
        that are no unit), ``roman_subtotals``, ``ends_at`` (``blank_row``, or how the first row
        below begins) and ``below`` (``summary`` where the rows below only repeat the table).

    Returns
    -------
    Cells of these sheets with role, item and unit; None where the file has none of them.
    """
    sheets: dict[str, list[dict]] = {}
    for r in cells:
        sheets.setdefault(r["source_sheet"], []).append(r)
    folded = {fold(name): name for name in reversed(sheets)}
    chosen = [
        next((folded[fold(s)] for s in table["sheets"] if fold(s) in folded), None)
        for table in form["tables"]
    ]
    if not any(chosen):
        return None
    located = []
    for table, name in zip(form["tables"], chosen, strict=True):
        if name is None:
            located.append(_of_file(cells[0], "sheet_missing", table["sheets"][0]))
        else:
            located += _table(sheets[name], table)
    return [{**r, "form": form["form"]} for r in located]


def _of_file(neighbour: dict, rule: str, expected: str) -> dict:
    place = {"source_sheet": "", "source_cell": "", "row": 0, "raw_type": "file", "role": "file"}
    return {**blank_cell(neighbour, 1), **place, "rule": rule, "expected": expected}


def _table(cells: list[dict], table: dict) -> list[dict]:
    grid = cells_by_row(cells)
    head = head_of(grid, table)
    where, findings = _columns(grid, head, table) if head else ({}, [])
    if head is None or not where:
        first = {**cells[0], "role": "other", "rule": "header_not_found"}
        first["expected"] = "; ".join(map(_written, table["names"]["head"]))
        rest = [{**r, "role": "other", "covered_by": "header_not_found"} for r in cells[1:]]
        return [first, *rest]
    top = [{**r, "role": "label"} for n, line in grid.items() if n < head.first for r in _in(line)]
    labels = _labels(head, table)
    rows, below = _split({n: line for n, line in grid.items() if n >= head.first}, table)
    if table["names"].get("stand") == "left":
        body = _beside(rows, where, labels, table)
    else:
        torn = _torn(rows, head.names, where)
        heads = {r["source_cell"]: r for r in (_head_cell(grid, head, c) for c in torn)}
        findings += [{**r, "role": "label", "rule": "names_between"} for r in heads.values()]
        body = _once(rows, head.names, where, labels, torn, table)
    marked = {r["source_cell"] for r in findings if r["role"] == "label"}
    top = [r for r in top if r["source_cell"] not in marked]
    role = {"role": "label"} if table.get("below") == "summary" else None
    return [*findings, *top, *body, *({**r, **(role or _remark(r))} for r in below)]


# --- the head ------------------------------------------------------------------------------------


def head_of(grid: dict[int, Line], table: dict) -> _Head | None:
    """Where the heads of a table stand, and what each column is; None if they are not found."""
    wanted = {fold(_written(h)) for h in table["names"]["head"]}
    at = ((n, c) for n, line in grid.items() for c in sorted(line) if _text(line[c]) in wanted)
    found = next(at, None)
    if found is None:
        return None
    row, names = found
    start = row
    while len(grid.get(start - 1, {})) > 1:
        start -= 1
    first = next((n for n, line in grid.items() if n > row and _is_data(line, names)), None)
    if first is None or first - start > _HEAD_ROWS:
        return None
    width = max(c for line in grid.values() for c in line)
    return _Head(start, first, names, _stacks(grid, range(start, first), width))


def _is_data(line: Line, names: int) -> bool:
    """A name and a figure, and more than the numbers of the columns (A, B, 1, 2, 3=1+2)."""
    if all(_MARK.match(plain(r["raw_text"])) for r in line.values()):
        return False
    return names in line and any(_is_figure(r) for c, r in line.items() if c > names)


def _stacks(grid: dict[int, Line], rows: range, width: int) -> dict[int, list[tuple[str, bool]]]:
    """Heads over each column from the top: (folded text, whether it stands in the column itself).

    A head reaches over the columns to its right that have none of their own, as merged cells do.
    """
    stacks: dict[int, list[tuple[str, bool]]] = {c: [] for c in range(1, width + 1)}
    owned: set[int] = set()
    for number in rows:
        line, carried = grid.get(number, {}), ""
        for c, stack in stacks.items():
            if c in line:
                carried = _text(line[c])
            elif c in owned:
                carried = ""
            if carried:
                stack.append((carried, c in line))
        owned |= set(line)
    return stacks


def _columns(grid, head: _Head, table: dict) -> tuple[dict[int, str], list[dict]]:
    """Column → item, and findings on heads that are absent or stand twice."""
    where, findings = {}, []
    below = [line for n, line in grid.items() if n >= head.first]
    filled = Counter(c for line in below for c, r in line.items() if _is_figure(r))
    at = grid[head.first][head.names]
    for item, heads in table["columns"].items():
        own = [c for c, stack in head.stacks.items() if any(_own(stack, h) for h in heads)]
        under = [c for c, stack in head.stacks.items() if any(_under(stack, h) for h in heads)]
        if len(own) > 1:  # a head repeated over an empty column is no second one
            own = [c for c in own if filled[c]] or own
        if len(own) == 1:
            # the figures may stand beside the first column of a merged head
            beside = [c for c in under if c > own[0] and filled[c] > 2 * filled[own[0]]]
            own = beside[:1] or own
        rule = {0: "column_missing", 1: None}.get(len(own), "column_twice")
        if rule:
            findings.append(_of_file(at, rule, _written(heads[0])))
        else:
            where[own[0]] = item
    return where, findings


def _labels(head: _Head, table: dict) -> set[int]:
    """Columns that number or repeat: under one of ``labels``, or left of the names without head."""
    heads = table.get("labels", [])
    named = {
        c
        for c, stack in head.stacks.items()
        if any(_own(stack, h) or _under(stack, h) for h in heads)
    }
    bare = {
        c for c, stack in head.stacks.items() if c < head.names and not any(o for _, o in stack)
    }
    return named | bare


def _written(head: str | list) -> str:
    return head if isinstance(head, str) else " › ".join(head)


def _own(stack: list[tuple[str, bool]], head: str | list) -> bool:
    return _matches(stack, head, own=True)


def _under(stack: list[tuple[str, bool]], head: str | list) -> bool:
    return _matches(stack, head, own=False)


def _matches(stack: list[tuple[str, bool]], head: str | list, own: bool) -> bool:
    """Whether heads one below the other read as ``head`` (a text, or a path of texts).

    Cut heads ("THU NSNN", "TRÊN", "ĐỊA BÀN") are read as one text; with ``own`` the lowest of
    them must stand in the column itself.
    """
    wanted = fold(_written(head))
    ends = range(1, len(stack) + 1)
    return any(
        " ".join(t for t, _ in stack[i:j]) == wanted and stack[j - 1][1] == own
        for j in ends
        for i in range(j)
    )


def _head_cell(grid: dict[int, Line], head: _Head, column: int) -> dict:
    """The lowest head that stands in or over the column."""
    for number in range(head.first - 1, head.start - 1, -1):
        for c in range(column, 0, -1):
            if c in grid.get(number, {}):
                return grid[number][c]
    return grid[head.first][head.names]


# --- the rows ------------------------------------------------------------------------------------


def _split(rows: dict[int, Line], table: dict) -> tuple[dict[int, Line], list[dict]]:
    """Rows of the table, and the cells below it."""
    ends, before = table.get("ends_at"), None
    for number, line in rows.items():
        gap = before is not None and number > before + 1
        begins = _text(_in(line)[0])
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
    row_of = {_text(line[names]): n for n, line in rows.items() if names in line}
    others: dict[int, list[tuple[int, str]]] = {}
    for number, line in rows.items():
        for c, r in line.items():
            if c != names and r["raw_type"] == "text":
                others.setdefault(c, []).append((number, _text(r)))
    rivals = [
        c
        for c, held in others.items()
        if sum(t in row_of for _, t in held) > len(held) / 2
        and any(row_of.get(t, n) != n for n, t in held)
    ]
    return [c for c in where if any(names < rival < c for rival in rivals)]


def _once(rows, names, where, labels, torn, table) -> list[dict]:
    """One column of names for all figures of a row."""
    times = Counter(_text(line[names]) for line in rows.values() if names in line)
    located = []
    for line in rows.values():
        name = line.get(names)
        if name is None or _no_unit(name, line, table):
            located += [_unnamed(r, c, labels, named=name is not None) for c, r in line.items()]
            continue
        covered = "duplicate_row" if times[_text(name)] > 1 else None
        at = {"unit_text": _unit(name, table), "covered_by": covered}
        for c in sorted({*line, *where}):
            r = line.get(c) or blank_cell(name, c)
            if c == names:
                located.append({**r, **at, "role": "unit", "rule": covered, "covered_by": None})
            elif c in torn:
                if r["raw_text"]:
                    located.append({**r, **at, "role": "other", "covered_by": "names_between"})
            elif c in where:
                located.append({**r, **at, **_value(where[c])})
            else:
                located.append({**r, **at, **_outside(r, c, labels)})
    return located


def _beside(rows, where, labels, table) -> list[dict]:
    """Each figure has its own name in the column to its left; rows mean nothing."""
    named = [(c, _text(line[c - 1])) for line in rows.values() for c in where if c - 1 in line]
    times, located = Counter(named), []
    for line in rows.values():
        done = set()
        for c, item in where.items():
            name = line.get(c - 1)
            if name is None or _no_unit(name, line, table):
                continue
            covered = "duplicate_row" if times[c, _text(name)] > 1 else None
            at = {"unit_text": _unit(name, table)}
            located.append({**name, **at, "role": "unit", "rule": covered})
            value = {**(line.get(c) or blank_cell(name, c)), **at, **_value(item)}
            located.append({**value, "covered_by": covered})
            done |= {c, c - 1}
        rest = {c: r for c, r in line.items() if c not in done}
        located += [{**r, **_outside(r, c, labels)} for c, r in rest.items()]
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
    return [_text(name), fold(name["raw_text"].strip().split("\n")[0])]


def _unnamed(r: dict, column: int, labels: set[int], named: bool) -> dict:
    if named or column in labels:
        return {**r, "role": "label"}
    return {**r, **_remark(r)}


def _outside(r: dict, column: int, labels: set[int]) -> dict:
    return {"role": "label"} if column in labels else _remark(r)


def _remark(r: dict) -> dict:
    return {"role": "other", "rule": "outside_form" if _is_figure(r) else "text_kept"}


# --- cells ---------------------------------------------------------------------------------------


def _in(line: Line) -> list[dict]:
    return [line[c] for c in sorted(line)]


def _text(r: dict) -> str:
    return fold(r["raw_text"])


def _is_figure(r: dict) -> bool:
    return r["raw_type"] == "number" or bool(FIGURE.match(plain(r["raw_text"])))
