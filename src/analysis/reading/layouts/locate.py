"""Find the form in the cells of a file: which cell is which item, for whom, at which level."""

import re
from collections import Counter
from itertools import islice

import pandas as pd

from analysis.language.words import fold, plain
from analysis.reading.layouts import locate_long, locate_register, locate_table
from analysis.reading.layouts.cells import blank_cell, cells_by_row
from analysis.schema.tables import LOCATED

_GUIDE = "huong dan"
_TOTAL = re.compile(r"^(tong|tong (so|cong)( cap \w+)?|cong( cap \w+)?)$")
_VERSION = re.compile(r"^mau phien ban 0*(\d{1,9})\d*$")
_HEAD_WITHIN = 200  # rows with anything in them; heads without column numbers stand at the top
_COLUMN_NUMBER = re.compile(r"^\(?(\d{1,2})\)?$")


def locate(cells: pd.DataFrame, forms: dict, field_names: dict) -> pd.DataFrame:
    """Give each cell of one file its place in one of the ``forms``.

    Parameters
    ----------
    cells
        As returned by :func:`reading.workbook.read`.
    forms
        Forms of the catalogue that may be in the file, by code.
    field_names
        Folded names of fields → field code; tells rows of figures from remarks.

    Returns
    -------
    schema.LOCATED. Blank cells inside the form's grid are added with an empty ``raw_text``.
    """
    rows = _records(cells)
    if any(r["raw_type"] == "file" for r in rows):
        form = next(iter(forms), None)
        return _table([{**r, "role": "file", "form": form} for r in rows])
    found = _locate_tables(rows, forms) if rows else []
    if found is not None:
        return _table(found)
    for form in (f for f in _likeliest_first(rows, forms) if f["layout"] != "table"):
        if form["layout"] == "long":
            found = locate_long.locate(rows, form)
        elif form["layout"] == "register":
            found = locate_register.locate(rows, form)
        else:
            found = _locate_sheet(rows, form, field_names)
        if found is not None:
            return _table(found)
    for form in (f for f in forms.values() if f["layout"] == "long"):
        if (found := locate_long.nearly(rows, form)) is not None:
            return _table(found)
    form = next(iter(forms.values()))
    # a CSV has no sheets, and a form of layout "long" no name of a sheet
    sheets = form["layout"] != "long" and any(r["source_sheet"] for r in rows)
    rule = "sheet_missing" if sheets else "header_not_found"
    missing = dict.fromkeys(LOCATED.columns) | dict(
        source_file=rows[0]["source_file"],
        source_sheet="",
        source_cell="",
        row=0,
        column=0,
        raw_text="",
        raw_type="file",
        role="file",
        rule=rule,
        form=form["form"],
        expected=form["form"],
    )
    covered = {"role": "other", "covered_by": rule, "form": form["form"]}
    return _table([missing, *({**r, **covered} for r in rows)])


def _records(cells: pd.DataFrame) -> list[dict]:
    """Each cell as a dict with all columns of schema.LOCATED, None where there is nothing."""
    given = [c for c in LOCATED.columns if c in cells]
    empty = dict.fromkeys(LOCATED.columns)
    lines = zip(*(cells[c].tolist() for c in given), strict=True)
    return [
        empty | {c: None if v != v else v for c, v in zip(given, line, strict=True)}
        for line in lines
    ]


def _table(rows: list[dict]) -> pd.DataFrame:
    """The records as a table whose columns have no type yet: there are many small files, and to
    find the types of each costs more than to read it."""
    columns = LOCATED.columns
    return pd.DataFrame([[r.get(c) for c in columns] for r in rows], columns=columns, dtype=object)


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
    located, rest = [r for part in found for r in part], {}
    for r in rows:
        if r["source_sheet"] not in read:
            rest.setdefault(r["source_sheet"], []).append({**r, "form": found[0][0]["form"]})
    return located + [r for name, cells in rest.items() for r in _unused(name, cells)]


def _unused(name: str, cells: list[dict]) -> list[dict]:
    """A sheet that belongs to no form: one finding, which covers its cells."""
    place = {"source_cell": "", "row": 0, "raw_type": "file", "role": "file"}
    sheet = {**blank_cell(cells[0], 1), **place, "raw_text": name, "rule": "sheet_unused"}
    sheet["form"] = cells[0]["form"]
    return [sheet, *({**r, "role": "other", "covered_by": "sheet_unused"} for r in cells)]


def _locate_sheet(rows: list[dict], form: dict, field_names: dict) -> list[dict] | None:
    sheets: dict[str, list[dict]] = {}
    for r in rows:
        sheets.setdefault(r["source_sheet"], []).append(r)
    candidates = [n for n in sheets if fold(n) == fold(form["sheet"])]
    candidates += [n for n in sheets if n not in candidates and not fold(n).startswith(_GUIDE)]
    chosen = next((n for n in candidates if _header(sheets[n], form)), None)
    if chosen is None and candidates and fold(candidates[0]) == fold(form["sheet"]):
        chosen = candidates[0]
    if chosen is None:
        return None
    located = []
    for name, cells in sheets.items():
        if name == chosen:
            located += _locate_grid(cells, form, field_names)
        elif fold(name).startswith(_GUIDE):
            located += [{**r, "role": "label"} for r in cells]
        else:
            located += _unused(name, cells)
    return [{**r, "form": form["form"]} for r in located]


def _header(cells: list[dict], form: dict) -> tuple[int, dict[int, dict], list[dict]] | None:
    """Last row of the header, column of the sheet → column of the form, findings on the head."""
    grid = cells_by_row(cells)
    return _header_by_number(grid, form) or _header_by_text(grid, form)


def _header_by_number(grid: dict, form: dict):
    columns = {c["number"]: c for c in form["columns"]}
    for number, line in grid.items():
        marks = [
            (c, int(m[1]))
            for c, r in sorted(line.items())
            if (m := _COLUMN_NUMBER.match(plain(r["raw_text"])))
        ]
        numbers = [n for _, n in marks]
        if len(marks) < 0.6 * len(columns) or not set(numbers) <= set(columns):
            continue
        if numbers != sorted(set(numbers)) or numbers[-1] - numbers[0] != len(numbers) - 1:
            continue
        where = {c: columns[n] for c, n in marks}
        findings = []
        for c, column in where.items():
            above = [
                fold(grid[r][c]["raw_text"])
                for r in range(max(1, number - 4), number)
                if r in grid and c in grid[r]
            ]
            expected = {fold(t) for t in column["header"]["vi"]}
            if above and not expected & set(above):
                if _known_head(above, form):
                    findings.append(
                        {
                            **line[c],
                            "rule": "column_disagrees",
                            "expected": ", ".join(column["header"]["vi"]),
                        }
                    )
        findings += _missing_columns(where, line[marks[0][0]], form)
        return number, where, findings
    return None


def _known_head(texts: list[str], form: dict) -> bool:
    known = {fold(t) for c in form["columns"] for t in c["header"]["vi"]}
    return bool(known & set(texts))


def _header_by_text(grid: dict, form: dict):
    """Read the heads themselves: group heads stand left in their merged cells."""
    paths: dict[int, list[str]] = {}
    best = None
    early = dict(islice(grid.items(), _HEAD_WITHIN))
    width = max(c for line in early.values() for c in line)
    for number, line in early.items():
        group, filled = "", {}
        for c in range(1, width + 1):
            group = fold(line[c]["raw_text"]) if c in line else group
            filled[c] = (group, c in line)
        where = {}
        for c in (c for c, (_, own) in filled.items() if own):
            for column in form["columns"]:
                head = [fold(t) for t in column["header"]["vi"]]
                leaf = filled[c][0] == head[-1]
                if leaf and (len(head) == 1 or head[0] in paths.get(c, [])):
                    where[c] = column
        for c, (text, _) in filled.items():
            paths.setdefault(c, []).append(text)
        if best is None or len(where) > len(best[1]):
            best = (number, where, line)
    if best is None or sum("item" in c for c in best[1].values()) < 0.6 * len(form["items"]):
        return None
    number, where, line = best
    top = grid.get(number - 1, {})
    for c, r in [*top.items(), *line.items()]:
        for column in form["columns"]:
            if "role" in column and fold(r["raw_text"]) == fold(column["header"]["vi"][0]):
                where[c] = column
    return number, where, _missing_columns(where, next(iter(line.values())), form)


def _missing_columns(where: dict, at: dict, form: dict) -> list[dict]:
    here = {c["number"] for c in where.values()}
    return [
        {
            **at,
            "source_cell": f"{at['source_cell']}",
            "rule": "column_missing",
            "expected": ", ".join(c["header"]["vi"]),
        }
        for c in form["columns"]
        if "item" in c and c["number"] not in here
    ]


def _locate_grid(cells: list[dict], form: dict, field_names: dict) -> list[dict]:
    header = _header(cells, form)
    grid = cells_by_row(cells)
    if header is None:
        first = {**cells[0], "role": "other", "rule": "header_not_found", "expected": form["form"]}
        return [
            first,
            *({**r, "role": "other", "covered_by": "header_not_found"} for r in cells[1:]),
        ]
    last, where, findings = header
    located, unit_text = _locate_top(grid, last, findings, form)
    field_column = next((c for c, f in where.items() if f.get("role") == "field"), None)
    line_column = next((c for c, f in where.items() if f.get("role") == "line"), None)
    broken = {int(r["column"]) for r in findings if r["rule"] == "column_disagrees"}
    if broken:  # a sheet whose numbers and heads disagree cannot be trusted in any column
        below = [
            {**r, "role": "other", "covered_by": "column_disagrees"}
            for number, line in grid.items()
            if number > last
            for r in line.values()
        ]
        return [{**r, "unit_text": unit_text} for r in [*located, *below]]
    items = {c: f["item"] for c, f in where.items() if "item" in f}
    rows = _rows(grid, last, items, field_column, line_column, form, field_names, unit_text)
    times = Counter((r[2], fold(r[3])) for r in rows if r[1] in ("field", "total"))
    for line, kind, level, field in rows:
        covered = None
        if kind in ("field", "total"):
            covered = "duplicate_row" if times[level, fold(field)] > 1 else covered
            covered = "level_unknown" if level is None else covered
        for c, r in line.items():
            if c in items and kind in ("field", "total"):
                continue
            located.append(_text_cell(r, c, kind, covered, field_column, line_column))
        if kind in ("field", "total"):
            anchor = next(iter(line.values()))
            for c, item in items.items():
                r = line.get(c) or blank_cell(anchor, c)
                at = dict(role="value", item=item, level=level, field=field, covered_by=covered)
                located.append({**r, **at})
    return [{**r, "unit_text": unit_text} for r in located]


def _rows(grid, last, items, field_column, line_column, form, names, unit_text) -> list[tuple]:
    """The rows below the header as (cells, kind, level, field), see :func:`_row_kind`."""
    rows, level = [], None
    for number, line in grid.items():
        if number <= last:
            continue
        label = plain(line[field_column]["raw_text"]) if field_column in line else ""
        mark = plain(line[line_column]["raw_text"]) if line_column in line else ""
        if form.get("rows", "fields") == "fields":
            kind, row_level, field = _row_kind(label, mark, line, items, level, form, names)
        else:
            kind, row_level, field = _row_named(label, mark, line, items, form, unit_text)
        if kind == "level":
            level, kind = row_level, "total" if set(items) & set(line) else "heading"
        rows.append((line, kind, row_level, field))
    return rows


def _locate_top(
    grid: dict, last: int, findings: list[dict], form: dict
) -> tuple[list[dict], str | None]:
    """Cells down to the end of the header: who reports, for which days, and findings."""
    at = {r["source_cell"]: r for r in findings if r["rule"] == "column_disagrees"}
    extra = [
        {**r, "role": "file", "raw_type": "file"} for r in findings if r["rule"] == "column_missing"
    ]
    located, unit_text = [], None
    for number, line in grid.items():
        if number > last:
            break
        cells = [line[c] for c in sorted(line)]
        texts = [fold(r["raw_text"]) for r in cells]
        window = any("tu ngay" in t or t.startswith("ky bao cao") for t in texts)
        for i, r in enumerate(cells):
            role = "window" if window else "label"
            if texts[i].startswith("don vi bao cao") and unit_text is None:
                _, _, after = plain(r["raw_text"]).partition(":")
                if after.strip():
                    unit_text, role = after.strip(), "unit"
                elif i + 1 < len(cells):
                    unit_text = plain(cells[i + 1]["raw_text"])
                    cells[i + 1] = {**cells[i + 1], "role": "unit"}
            version = _VERSION.match(texts[i])
            if version and version[1] != str(form["version"]):
                stated = dict(found=version[1], expected=str(form["version"]))
                cells[i] = r = {**r, "rule": "form_version", **stated}
            located.append({**r, **at.get(r["source_cell"], {}), "role": r.get("role") or role})
    return [*located, *extra], unit_text


def _row_named(label, mark, line, items, form, unit_text):
    """The same of a form whose rows are its levels, or which has one row for the unit."""
    folded = fold(label) or fold(mark)
    for code, described in form["levels"].items():
        if folded in (fold(described["heading"]["vi"]), fold(described["name"]["vi"])):
            return "total", code, "_T"
    own = {fold(form["row_label"]["vi"]), fold(unit_text or "")} if "row_label" in form else set()
    if folded and (folded in own or _TOTAL.match(folded)):
        return "total", "_T", "_T"
    if label and set(items) & set(line):
        return "stray", None, label
    return "remark", None, None


def _row_kind(label, mark, line, items, level, form, field_names):
    """What a row is: (kind, level, field) with kind level, total, field or remark."""
    folded = fold(label) or fold(mark)
    has_values = bool(set(items) & set(line))
    for code, described in form["levels"].items():
        if folded == fold(described["heading"]["vi"]):
            return "level", code, "_T"
    if _TOTAL.match(folded):
        named = next(
            (
                code
                for code, described in form["levels"].items()
                if fold(described["name"]["vi"]) in folded
            ),
            None,
        )
        if named is None and folded in ("tong cong", "cong", "tong"):
            named = "_T"
        return "total", named or level, "_T"
    if has_values and label:
        return "field", level, label
    if label and (fold(label) in field_names or mark.isdigit()):
        return "field", level, label
    return "remark", level, None


def _text_cell(r: dict, column: int, kind: str, covered: str | None, field_column, line_column):
    if kind in ("field", "total", "heading") and column in (field_column, line_column):
        own = covered if column == field_column else None
        return {
            **r,
            "role": "field" if column == field_column and kind == "field" else "label",
            "rule": own,
        }
    if kind == "stray" and column == field_column:
        return {**r, "role": "other", "rule": "row_unknown"}
    if kind == "stray":
        return {**r, "role": "other", "covered_by": "row_unknown"}
    if kind == "remark" and column == line_column and r["raw_text"].strip().isdigit():
        return {**r, "role": "label"}  # the number of an unused line of the blank form
    numeric = r["raw_type"] == "number" or kind in ("field", "total")
    return {**r, "role": "other", "rule": "outside_form" if numeric else "text_kept"}
