"""Layout ``long``: one record per row, columns found by their heads in the first row.

A row is one figure of one unit (``element``, ``value``), or one record of a unit with several
figures beside each other (``record``; each item then says which column it is read from).
"""

from collections import Counter

from analysis.language.words import plain
from analysis.reading.layouts.cells import blank_cell, cells_by_row


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
    The cells with role, item and unit; None where a head is absent. A cell of which two items are
    read stands twice.
    """
    head = {plain(r["raw_text"]): r["column"] for r in reversed(cells) if r["row"] == 1}
    named = {k: [n] if isinstance(n, str) else n for k, n in form["columns"].items()}
    where = {k: [head[n] for n in ns] for k, ns in named.items() if set(ns) <= set(head)}
    beside = _beside(form, head)
    if set(where) != set(form["columns"]) or beside is None:
        return None
    labels, lines = {head.get(text) for text in form.get("labels", [])}, cells_by_row(cells)
    texts = {n: _texts(line, where) for n, line in lines.items() if n > 1}
    stated = form.get("stated_as")
    ours = {n for n, t in texts.items() if t.get("period", stated) == stated}
    keys = {n: _key(t) for n, t in texts.items()}
    times = Counter(keys[n] for n in ours)
    key = "record" if "record" in where else "element"
    by_name = {} if beside else _items(form)
    located = [{**r, "role": "label"} for r in lines.get(1, {}).values()]
    for number, text in texts.items():
        line = lines[number]
        twice = "duplicate_row" if times[keys[number]] > 1 else None
        covered = twice if number in ours else "row_other_period"
        asked = beside or {where["value"][0]: by_name.get(_named(text), [])}
        at = {"unit_text": text["reporting_unit"], "covered_by": covered}
        for column in sorted({*line, *(c for c, items in asked.items() if items)}):
            r = line.get(column) or blank_cell(next(iter(line.values())), column)
            role = next((k for k, cs in where.items() if column in cs), None)
            if asked.get(column):
                if number in ours:
                    value = {"role": "value", "level": "_T", "field": text.get("record") or "_T"}
                    located += [{**r, **at, **value, "item": item} for item in asked[column]]
                elif r["raw_text"]:  # no figure of this period, whatever it says
                    located.append({**r, **at, "role": "other"})
            elif role == "value":
                unknown = {"role": "other", "rule": "item_unknown"}
                found = "/".join(filter(None, _named(text)))
                located.append({**r, **at, **unknown, "found": found})
            elif role is None and column not in labels:
                located.append({**r, **at, "role": "other", "rule": "outside_form"})
            else:
                says = "period" if covered == "row_other_period" else key
                told = _reason(covered, form) if covered and role == says else {}
                place = {"role": "unit" if role == "reporting_unit" else "label"}
                located.append({**r, **at, **place, **told})
    return [{**r, "form": form["form"]} for r in located]


def _texts(line: dict[int, dict], where: dict[str, list[int]]) -> dict[str, str]:
    """What a row says of itself, by what its columns hold."""
    return {
        k: "/".join(plain(line[c]["raw_text"]) for c in columns if c in line)
        for k, columns in where.items()
    }


def _key(text: dict[str, str]) -> tuple[str, ...]:
    """Whose figure a row is: two rows of one key contradict each other."""
    return tuple(v for k, v in text.items() if k not in ("value", "period"))


def _reason(covered: str, form: dict) -> dict:
    """Why the figures of a row do not count, said at the cell that shows it."""
    expected = form.get("stated_as") if covered == "row_other_period" else None
    return {"rule": covered, "covered_by": None, "expected": expected}


def _beside(form: dict, head: dict[str, int]) -> dict[int, list[str]] | None:
    """Column → items read from it, for rows with several figures; None where a column is absent."""
    asked: dict[int, list[str]] = {}
    if "value" in form["columns"]:
        return asked
    for item, described in form["items"].items():
        column = head.get(described["read_from"]["column"])
        if column is None:
            return None
        asked.setdefault(column, []).append(item)
    return asked


def _named(text: dict[str, str]) -> tuple[str, str]:
    return text.get("group", ""), text["element"]


def _items(form: dict) -> dict[tuple[str, str], list[str]]:
    """Items by what the rows call them (group and element): looked up for every row of a file."""
    found: dict[tuple[str, str], list[str]] = {}
    for code, item in form["items"].items():
        found.setdefault(_named(item["read_from"]), []).append(code)
    return found
