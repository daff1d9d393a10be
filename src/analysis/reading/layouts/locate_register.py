"""Layout ``register``: a sheet with one head per column and one record in each row below.

Which columns there are stands in the form (``attributes``); extra title rows may stand above.
"""

import re

from analysis.language.words import fold, plain
from analysis.reading.layouts.cells import blank_cell, cells_by_row

GUIDE = "huong dan"
_NUMBER = re.compile(r"^\(\d{1,2}\)$")
_VERSION = re.compile(r"^mau phien ban 0*(\d{1,9})\d*$")
_LINE = {"stt", "so thu tu", "tt"}


def locate(rows: list[dict], form: dict) -> list[dict] | None:
    """Cells of one file in their places in a register; None where no sheet has its heads.

    Cells of records have role ``record`` and their attribute in ``item``; blank ones are added.
    """
    sheets: dict[str, list[dict]] = {}
    for r in rows:
        sheets.setdefault(r["source_sheet"], []).append(r)
    own = [n for n in sheets if fold(n) == fold(form["sheet"])]
    others = [n for n in sheets if n not in own and not fold(n).startswith(GUIDE)]
    chosen = next((n for n in [*own, *others] if _head(cells_by_row(sheets[n]), form)), None)
    chosen = own[0] if chosen is None and own else chosen
    if chosen is None:
        return None
    located = []
    for name, cells in sheets.items():
        if name == chosen:
            located += _sheet(cells, form)
        elif fold(name).startswith(GUIDE):
            located += [{**r, "role": "label"} for r in cells]
        else:
            located += _unused(name, cells)
    return [{**r, "form": form["form"]} for r in located]


def _unused(name: str, cells: list[dict]) -> list[dict]:
    at = dict(source_cell="", row=0, raw_type="file", role="file", raw_text=name)
    sheet = {**blank_cell(cells[0], 1), **at, "rule": "sheet_unused"}
    return [sheet, *({**r, "role": "other", "covered_by": "sheet_unused"} for r in cells)]


def _head(grid: dict[int, dict[int, dict]], form: dict) -> tuple[int, dict[int, str]] | None:
    """Row of the heads and column → attribute, where most of the required heads are in one row."""
    names = {}
    for code, attribute in form["attributes"].items():
        for text in [*attribute["head"].values(), *attribute.get("aliases", [])]:
            names.setdefault(fold(text), code)
    required = {c for c, a in form["attributes"].items() if a.get("required")}
    for number, line in grid.items():
        where: dict[int, str] = {}
        for column, r in sorted(line.items()):
            code = names.get(fold(r["raw_text"]))
            if code and code not in where.values():
                where[column] = code
        found = set(where.values())
        if len(found) > 1 and len(found & required) >= 0.6 * len(required):
            return number, where
    return None


def _sheet(cells: list[dict], form: dict) -> list[dict]:
    grid = cells_by_row(cells)
    head = _head(grid, form)
    if head is None:
        first = {**cells[0], "role": "other", "rule": "header_not_found", "expected": form["form"]}
        rest = ({**r, "role": "other", "covered_by": "header_not_found"} for r in cells[1:])
        return [first, *rest]
    last, where = head
    located, unit_text = _top({n: line for n, line in grid.items() if n <= last}, form)
    located += _absent(where, grid[last], form)
    lines = {c for c, r in grid[last].items() if fold(r["raw_text"]) in _LINE}
    for number, line in grid.items():
        if number > last:
            located += _row(line, where, lines)
    return [{**r, "unit_text": unit_text} for r in located]


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
    """Findings on required columns that the sheet lacks."""
    at = {**next(iter(head.values())), "role": "file", "raw_type": "file", "rule": "column_missing"}
    return [
        {**at, "expected": attribute["head"]["vi"]}
        for code, attribute in form["attributes"].items()
        if attribute.get("required") and code not in where.values()
    ]


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
