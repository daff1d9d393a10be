"""Layout ``register``: a sheet with one head per column and one record in each row below.

Which columns there are stands in the form (``attributes``); extra title rows may stand above.
"""

import re
from collections import Counter
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from analysis.language.words import fold, plain
from analysis.reading.layouts import self_checks
from analysis.reading.layouts.cells import (
    GUIDE,
    blank_cell,
    by_sheet,
    cells_by_row,
    covered,
    head_again,
    headless,
    seen,
    twice,
    unused,
    with_spaces,
)

_NUMBER = re.compile(r"^\(\d{1,2}\)$")
_VERSION = re.compile(r"^mau phien ban 0*(\d{1,9})\d*$")
_LINE = {"stt", "so thu tu", "tt"}


class _Head(NamedTuple):
    """Row of the heads, column → attribute, and cells of heads of which another means the same."""

    row: int
    where: dict[int, str]
    twice: dict[str, str]


def locate(rows: list[dict], form: dict) -> list[dict] | None:
    """Cells of one file in their places in a register; None where no sheet has its heads.

    Cells of records have role ``record`` and their attribute in ``item``; blank ones are added. The
    sheet of the form's name is read if it has the heads, else another; where a second sheet has all
    that must be there and records too, neither is.
    """
    sheets, checks = {}, []
    for name, cells in by_sheet(rows).items():
        sheets[name], beside = self_checks.apart(cells)
        checks += beside
    own = [n for n in sheets if fold(n) == fold(form["sheet"])]
    guides = {n for n, c in sheets.items() if _is_guide(n, c)}
    others = [n for n in sheets if n not in own and n not in guides]
    heads = {n: h for n in [*own, *others] if (h := _head(_grid(sheets[n]), form))}
    chosen = next(iter(heads), own[0] if own else None)
    if chosen is None:
        return None
    rivals = [n for n, h in heads.items() if n != chosen and _whole(sheets[n], h, form)]
    if rivals and not _whole(sheets[chosen], heads[chosen], form):
        chosen, *rivals = rivals
    located = checks + (twice([sheets[n] for n in (chosen, *rivals)]) if rivals else [])
    for name, cells in sheets.items():
        if name == chosen and not rivals:
            located += _sheet(cells, form)
        elif name in guides:
            located += [{**r, "role": "label"} for r in cells]
        elif name not in (chosen, *rivals):
            located += unused(cells)
    return [{**r, "form": form["form"]} for r in located]


def _is_guide(name: str, cells: list[dict]) -> bool:
    return fold(name).startswith(GUIDE) or self_checks.is_ready(name, cells)


def _grid(cells: list[dict]) -> dict[int, dict[int, dict]]:
    return cells_by_row(seen(cells)[0])


def _required(form: dict) -> set[str]:
    return {c for c, a in form["attributes"].items() if a.get("required")}


def _whole(cells: list[dict], head: _Head, form: dict) -> bool:
    """Whether a sheet has all required heads, and a record below them."""
    below = (line for n, line in _grid(cells).items() if n > head.row)
    return _required(form) <= set(head.where.values()) and any(
        len(set(line) & set(head.where)) > 1 for line in below
    )


def _names(form: dict) -> dict[str, str]:
    """Folded head → attribute."""
    names: dict[str, str] = {}
    for code, attribute in form["attributes"].items():
        for text in [*attribute["head"].values(), *attribute.get("aliases", [])]:
            names.setdefault(fold(text), code)
    return names


def _head(grid: dict[int, dict[int, dict]], form: dict) -> _Head | None:
    """The first row with most of the required heads."""
    names, required = _names(form), _required(form)
    for number, line in grid.items():
        named = {c: names.get(fold(line[c]["raw_text"])) for c in sorted(line)}
        where = {c: code for c, code in named.items() if code}
        found, times = set(where.values()), Counter(where.values())
        if len(found) > 1 and len(found & required) >= 0.6 * len(required):
            again = {line[c]["source_cell"]: a for c, a in where.items() if times[a] > 1}
            return _Head(number, where, again)
    return None


def _sheet(cells: list[dict], form: dict) -> list[dict]:
    shown, bare = seen(cells)
    grid = cells_by_row(shown)
    head = _head(grid, form)
    if head is None:
        return headless(cells, form["form"])
    last, where = head.row, head.where
    located, unit_text = _top({n: line for n, line in grid.items() if n <= last}, form)
    located += _absent(where, grid[last], form)
    again = {n: h for n in grid if n > last and (h := _head({n: grid[n]}, form))}
    if refused := _refused(head, again, form):
        located = [{**r, **refused.get(r["source_cell"], {})} for r in located]
        rest = [r for n, line in grid.items() if n > last for r in line.values()]
        rule = next(iter(refused.values()))["rule"]
        located += [{**r, **refused.get(r["source_cell"], {})} for r in covered(rest, rule)]
        return [{**r, "unit_text": unit_text} for r in with_spaces(located, bare)]
    lines = {c for c, r in grid[last].items() if fold(r["raw_text"]) in _LINE}
    for number, line in grid.items():
        if number in again:
            located += head_again(line)
        elif number > last:
            located += _row(line, where, lines)
    return [{**r, "unit_text": unit_text} for r in with_spaces(located, bare)]


def _refused(head: _Head, again: dict[int, _Head], form: dict) -> dict[str, dict]:
    """Place of a head → what it says, where it cannot be told which column is which."""
    if head.twice:
        says = {a: form["attributes"][a]["head"]["vi"] for a in head.twice.values()}
        return {at: {"rule": "column_twice", "expected": says[a]} for at, a in head.twice.items()}
    others = [n for n, h in again.items() if h.where != head.where]
    at = [f"{get_column_letter(min(h.where))}{h.row}" for h in (head, *(again[n] for n in others))]
    said = {"rule": "table_twice", "found": ", ".join(at), "covered_by": None}
    return dict.fromkeys(at, said) if others else {}


def _top(grid: dict, form: dict) -> tuple[list[dict], str | None]:
    """Cells down to the heads: who reports, for which days, which version; the rest are labels."""
    located, unit_text = [], None
    for line in grid.values():
        cells = [line[c] for c in sorted(line)]
        texts = [fold(r["raw_text"]) for r in cells]
        window = any("tu ngay" in t or t.startswith("ky bao cao") for t in texts)
        for i, r in enumerate(cells):
            at = {"role": r.get("role") or ("window" if window else "label")}
            if texts[i].startswith("don vi bao cao") and unit_text is None:
                _, _, after = plain(r["raw_text"]).partition(":")
                if after.strip():
                    unit_text, at["role"] = after.strip(), "unit"
                elif i + 1 < len(cells):
                    unit_text = plain(cells[i + 1]["raw_text"])
                    cells[i + 1] = {**cells[i + 1], "role": "unit"}
            version = _VERSION.match(texts[i])
            if version and version[1] != str(form["version"]):
                at |= dict(rule="form_version", found=version[1], expected=str(form["version"]))
            located.append({**r, **at})
    return located, unit_text


def _absent(where: dict[int, str], head: dict[int, dict], form: dict) -> list[dict]:
    """A finding on required columns that the sheet lacks: one, of several at one place only the
    first would be told."""
    held = set(where.values())
    absent = [a for c, a in form["attributes"].items() if a.get("required") and c not in held]
    if not absent:
        return []
    at = {**next(iter(head.values())), "role": "file", "raw_type": "file", "rule": "column_missing"}
    return [{**at, "expected": "”, “".join(a["head"]["vi"] for a in absent)}]


def _row(line: dict[int, dict], where: dict[int, str], lines: set[int]) -> list[dict]:
    """One row below the heads: a record, the line of column numbers, or a remark."""
    texts = {c: plain(r["raw_text"]) for c, r in line.items()}
    if all(_NUMBER.match(t) for t in texts.values()):
        return [{**r, "role": "label"} for r in line.values()]
    filled = [c for c in line if c in where and texts[c]]
    named = {c for c in lines if c in line}
    if len(filled) < 2 and not (filled and named):
        return [
            {**r, "role": "label"}
            if c in named and texts[c].isdigit()
            else {**r, "role": "other", "rule": "text_kept" if r["raw_type"] == "text" else _OUT}
            for c, r in line.items()
        ]
    anchor = next(iter(line.values()))
    cells = {c: {**blank_cell(anchor, c), "role": "record", "item": a} for c, a in where.items()}
    for c, r in line.items():
        at = dict(role="record", item=where[c]) if c in where else dict(role="label")
        cells[c] = {**r, **at}
        if c not in where and c not in lines:
            cells[c] = {**r, "role": "other", "rule": _OUT}
    return [cells[c] for c in sorted(cells)]


_OUT = "outside_form"
