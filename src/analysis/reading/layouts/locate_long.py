"""Layout ``long``: one record per row, columns found by their heads.

A row is one figure of one unit (``element``, ``value``), or one record of a unit with several
figures beside each other (``record``; each item then says which column it is read from).
"""

from collections import Counter
from typing import NamedTuple

from analysis.language.words import fold, plain
from analysis.reading.layouts import long_heads, stated_measures
from analysis.reading.layouts.cells import (
    blank_cell,
    by_sheet,
    cells_by_row,
    covered,
    head_again,
    of_sheet,
    seen,
    twice,
    unused,
    with_spaces,
)
from analysis.reading.layouts.long_heads import Head, Line


class _Row(NamedTuple):
    """One row below the heads: its cells, and what they say of it by what the columns hold."""

    line: Line
    text: dict[str, str]
    ours: bool


class _Sheet(NamedTuple):
    cells: list[dict]
    head: Head


def locate(cells: list[dict], form: dict) -> list[dict] | None:
    """Place the cells of a file of layout ``long``.

    Parameters
    ----------
    cells
        Cells of one file (schema.LOCATED).
    form
        ``columns`` says which head holds whom (``reporting_unit``), which item (``element``, and
        ``group`` where the file has one) and the ``value``; or which ``record`` (one column, or
        several that name it together). With ``period``, rows that do not say what ``stated_as``
        says are refused. Columns headed by one of ``labels`` only repeat what is known.

    Returns
    -------
    The cells with role, item and unit; None where no sheet has all heads. A cell of which two items
    are read stands twice. Each sheet is read by itself: that with the heads is the form's, others
    are named; where two have heads and rows, neither is read.
    """
    return _located(cells, form, complete=True)


def nearly(cells: list[dict], form: dict) -> list[dict] | None:
    """The same of a file that lacks some of the heads: refused, and told which."""
    return _located(cells, form, complete=False)


def _located(cells: list[dict], form: dict, complete: bool) -> list[dict] | None:
    sheets = by_sheet(cells)
    found = {n: head for n, own in sheets.items() if (head := _head(own, form))}
    found = {n: head for n, head in found.items() if complete is not bool(head.absent)}
    if not found:
        return None
    filled = [n for n, head in found.items() if any(r["row"] > head.row for r in sheets[n])]
    chosen = filled if filled and complete else list(found)[:1]
    located = []
    if len(chosen) > 1:
        located += twice([sheets[n] for n in chosen])
    else:
        located += _sheet(_Sheet(sheets[chosen[0]], found[chosen[0]]), form)
    located += [r for n, own in sheets.items() if n not in chosen for r in unused(own)]
    return [{**r, "form": form["form"]} for r in located]


def _head(cells: list[dict], form: dict) -> Head | None:
    return long_heads.find(cells_by_row(seen(cells)[0]), form)


def _sheet(sheet: _Sheet, form: dict) -> list[dict]:
    head, (shown, bare) = sheet.head, seen(sheet.cells)
    if head.absent or head.twice:
        return _faulty(sheet)
    lines = cells_by_row(shown)
    first = lines[head.row]
    again = {n: long_heads.again(line, first, head) for n, line in lines.items() if n > head.row}
    if other := [n for n, same in again.items() if same is False]:
        return _two_tables(lines, [head.row, *other])
    above = [r for n, line in lines.items() if n < head.row for r in line.values()]
    measures = [
        stated_measures.Stated(text, r)
        for r in above
        if (text := stated_measures.of_line(r["raw_text"]))
    ]
    located = [{**r, "role": "label"} for r in first.values()]
    located += [r for n, same in again.items() if same for r in head_again(lines[n])]
    rows = [_row(lines[n], head, form) for n, same in again.items() if same is None]
    body, faults = stated_measures.judged(_rows(rows, head, form), measures, form)
    located += [{**_remark(r), **faults.get(r["source_cell"], {})} for r in above]
    return with_spaces([*located, *body], bare)


def _faulty(sheet: _Sheet) -> list[dict]:
    """A sheet without all heads, or with one of them twice: none of its figures can be placed."""
    rule = "column_missing" if sheet.head.absent else "column_twice"
    located = []
    if sheet.head.absent:
        expected = "”, “".join(sheet.head.absent)
        at = next(r for r in sheet.cells if r["row"] == sheet.head.row)
        said = {"source_cell": at["source_cell"], "raw_text": ""}
        located.append({**of_sheet(at, rule, expected=expected), **said})
    told = {} if sheet.head.absent else {r["source_cell"] for r in sheet.head.twice}
    for r in sheet.cells:
        if r["source_cell"] in told:
            located.append({**r, "role": "other", "rule": rule, "expected": plain(r["raw_text"])})
        else:
            located += covered([r], rule)
    return located


def _two_tables(lines: dict[int, Line], heads: list[int]) -> list[dict]:
    """A second row of heads over other columns: nobody can say by which the rows are meant."""
    at = [next(iter(lines[n].values()))["source_cell"] for n in heads]
    return [
        {**r, "role": "other", "rule": "table_twice", "found": ", ".join(at)}
        if r["source_cell"] in at
        else covered([r], "table_twice")[0]
        for line in lines.values()
        for r in line.values()
    ]


# --- the rows ------------------------------------------------------------------------------------


def _row(line: Line, head: Head, form: dict) -> _Row:
    text = {
        k: "/".join(plain(line[c]["raw_text"]) for c in columns if c in line)
        for k, columns in head.where.items()
    }
    stated = form.get("stated_as")
    return _Row(line, text, text.get("period", stated) == stated)


def _rows(rows: list[_Row], head: Head, form: dict) -> list[dict]:
    """Cells of all rows; rows of one key contradict each other, and each of them says so."""
    figures = head.asked or {head.where["value"][0]: []}
    records = [r for r in rows if not _no_record(r, head, set(figures))]
    times = Counter(_key(r) for r in records if r.ours)
    named = {} if head.asked else _items(form)
    located = []
    for row in rows:
        if _no_record(row, head, set(figures)):
            located += [_remark(r) for r in row.line.values()]
            continue
        if not row.ours:
            fault = ("row_other_period", head.where["period"][0], form.get("stated_as"))
        elif times[_key(row)] > 1:
            fault = ("duplicate_row", head.where["record" if head.asked else "element"][0], None)
        else:
            fault = None
        asked = head.asked or {head.where["value"][0]: named.get(_named(row.text), [])}
        located += _record(row, head, asked, fault)
    return located


def _no_record(row: _Row, head: Head, figures: set[int]) -> bool:
    """A remark among the rows: nobody's, and without a figure."""
    if figures & set(row.line):
        return False
    return not row.text["reporting_unit"] or (
        len(row.line) == 1 and ":" in row.text["reporting_unit"]
    )


def _record(row: _Row, head: Head, asked: dict[int, list[str]], fault) -> list[dict]:
    """The cells of one row. ``fault``: rule by which it does not count, the column whose cell says
    so, what was expected there."""
    rule, telling, expected = fault or (None, None, None)
    unit = head.where["reporting_unit"][0]
    at = {"unit_text": row.text["reporting_unit"], "covered_by": rule}
    any_cell = next(iter(row.line.values()))
    columns = {*row.line, unit, *(c for c, items in asked.items() if items)}
    located = []
    for column in sorted(columns | ({telling} if fault else set())):
        r = row.line.get(column) or blank_cell(any_cell, column)
        role = next((k for k, cs in head.where.items() if column in cs), None)
        if asked.get(column):
            if row.ours:
                value = {"role": "value", "level": "_T", "field": _field(row, head)}
                located += [{**r, **at, **value, "item": item} for item in asked[column]]
            elif r["raw_text"]:  # no figure of this period, whatever it says
                located.append({**r, **at, "role": "other"})
        elif role == "value":
            found = "/".join(filter(None, _named(row.text)))
            located.append({**r, **at, "role": "other", "rule": "item_unknown", "found": found})
        elif role is None and column not in head.labels:
            located.append({**r, **at, "role": "other", "rule": "outside_form"})
        else:
            place = {"role": "unit" if role == "reporting_unit" else "label"}
            told = {"rule": rule, "covered_by": None, "expected": expected}
            located.append({**r, **at, **place, **(told if column == telling else {})})
    return located


def _field(row: _Row, head: Head) -> str:
    """What a record is called; one that only repeats its unit needs no other name."""
    if head.where.get("record") in (None, head.where["reporting_unit"]):
        return "_T"
    return row.text["record"] or "_T"


def _key(row: _Row) -> tuple[str, ...]:
    """Whose figure a row is, as units and records are compared."""
    text = {k: t for k, t in row.text.items() if k not in ("value", "period")}
    return tuple(t if k in ("group", "element") else fold(t) or t for k, t in text.items())


def _named(text: dict[str, str]) -> tuple[str, str]:
    return text.get("group", ""), text["element"]


def _items(form: dict) -> dict[tuple[str, str], list[str]]:
    """Items by what the rows call them (group and element): looked up for every row of a file."""
    found: dict[tuple[str, str], list[str]] = {}
    for code, item in form["items"].items():
        found.setdefault(_named(item["read_from"]), []).append(code)
    return found


def _remark(r: dict) -> dict:
    figure = r["raw_type"] == "number" or plain(r["raw_text"]).isdigit()
    return {**r, "role": "other", "rule": "outside_form" if figure else "text_kept"}
