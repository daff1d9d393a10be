"""What stands above the rows of a sheet: who reports, for which days, in which measure, remarks."""

import re
from dataclasses import dataclass

from analysis.language.words import fold, plain, spellings
from analysis.reading.layouts import sheet_heads, unit_lines
from analysis.reading.layouts.sheet_heads import Grid, Heads

_VERSION = re.compile(r"^mau phien ban 0*(\d{1,9})\d*$")
_OF_DAYS = re.compile(
    r"^(tu|den|ngay|thang|nam|quy|ky|bao|cao|dau|cuoi|hang|so|va|het|chinh thuc|[ivx]+|\d+)$"
)
_LETTERHEAD = {"cong hoa xa hoi chu nghia viet nam", "doc lap tu do hanh phuc"}
_LETTERHEAD |= {"uy ban nhan dan tinh", "uy ban nhan dan thanh pho", "uy ban nhan dan"}
_ATTACHED = ("ban hanh kem theo", "kem theo", "can cu", "phu luc")


@dataclass(frozen=True)
class Measure:
    """A measure that is not the form's, as the sheet states it, and the columns that it governs."""

    text: str
    at: tuple[int, int]  # row and column of the cell that says so
    columns: frozenset[int]


def locate(grid: Grid, heads: Heads, form: dict) -> tuple[list[dict], str | None]:
    """The cells down to the end of the head in their roles, and the unit as the sheet names it."""
    at = {r["source_cell"]: r for r in heads.findings if r["rule"] != "column_missing"}
    located: list[dict] = [
        {**r, "role": "file", "raw_type": "file"}
        for r in heads.findings
        if r["rule"] == "column_missing"
    ]
    unit_text, printed = None, _printed(form)
    for number, line in grid.items():
        if number > heads.last:
            break
        cells = [line[c] for c in sorted(line)]
        window = any(_of_window(fold(r["raw_text"])) for r in cells)
        left = ""
        for r in cells:
            folded = fold(r["raw_text"])
            role = _role(r, folded, left, window, printed, form)
            if number == heads.last and heads.numbers:
                role = {"role": "label"}
            if folded.startswith("don vi bao cao") and unit_text is None:
                _, _, after = plain(r["raw_text"]).partition(":")
                role = {"role": "unit"} if after.strip() else {"role": "label"}
                unit_text = after.strip() or None
            elif left == "don vi bao cao" and unit_text is None:
                unit_text, role = plain(r["raw_text"]), {"role": "unit"}
            located.append({**r, **role, **at.get(r["source_cell"], {}), "role": role["role"]})
            left = folded
    ours = spellings(fold(unit_text)) if unit_text else set()
    return [_letterhead(r, ours) for r in located], unit_text


def _letterhead(r: dict, ours: set[str]) -> dict:
    """A cell above the rows; a text that is but the name of the unit that reports is no remark."""
    named = r.get("rule") == "text_kept" and ours & spellings(fold(r["raw_text"]))
    return {**r, "role": "label", "rule": None} if named else r


def measures(grid: Grid, heads: Heads, form: dict) -> list[Measure]:
    """The measures that are not the form's: of unit lines, anywhere, and of heads of columns."""
    found, items = [], heads.items
    own = {plain(t).lower() for f in form["columns"] for t in f["header"]["vi"]}
    for number, line in grid.items():
        for c, r in line.items():
            if r["raw_type"] == "number":
                continue
            stated = unit_lines.line(r["raw_text"])
            if stated == "" and (after := [x for x in sorted(line) if x > c]):
                stated, c = plain(line[after[0]]["raw_text"]), after[0]
            columns = set(items)
            if stated is None and number <= heads.last - heads.numbers:
                if plain(r["raw_text"]).lower() not in own:
                    stated, columns = _in_head(grid, number, c, heads, form)
            if stated and unit_lines.foreign(stated, form, [items[x] for x in sorted(columns)]):
                found.append(Measure(stated, (number, c), frozenset(columns)))
    return found


def _in_head(grid: Grid, number: int, c: int, heads: Heads, form: dict):
    """What a head says in brackets or a line of units says below it, and of which columns."""
    text = plain(grid[number][c]["raw_text"])
    within = number >= heads.first
    said = unit_lines.in_brackets(text) or (text if within else "")
    if not unit_lines.scaled(said, form):
        return None, set()
    if not within:
        return said, set(heads.items)
    right = min((x for x in grid[number] if x > c), default=max(heads.where) + 1)
    leaf = max(r for r in grid if r <= heads.last - heads.numbers)
    below = [c] if number == leaf else range(c, right)
    return said, {x for x in below if x in heads.items}


def _role(r: dict, folded: str, left: str, window: bool, printed: set[str], form: dict) -> dict:
    """The role of a cell above the rows, and the rule of what does not belong there."""
    if window and (_of_window(folded) or all(map(_OF_DAYS.match, folded.split()))):
        return {"role": "window"}
    if version := _VERSION.match(folded):
        stated = dict(found=version[1], expected=str(form["version"]))
        other = version[1] != str(form["version"])
        return {"role": "label", **({"rule": "form_version", **stated} if other else {})}
    line = unit_lines.line(r["raw_text"])
    if line is not None or _recognised(r["raw_text"], folded, printed, form):
        return {"role": "label"}
    if unit_lines.line(left) == "" or left in ("don vi nhan bao cao", "don vi bao cao"):
        return {"role": "label"}
    numeric = r["raw_type"] == "number"
    return {"role": "other", "rule": "outside_form" if numeric else "text_kept"}


def _of_window(folded: str) -> bool:
    return "tu ngay" in folded or folded.startswith("ky bao cao")


def _printed(form: dict) -> set[str]:
    """What the form itself says above its rows, folded."""
    heads = {n for c in form["columns"] for t in c["header"]["vi"] for n in sheet_heads.names(t)}
    units = [
        form["unit_text"],
        *(i["unit_text"] for i in form["items"].values() if "unit_text" in i),
    ]
    said = [form["number"], form["title"]["vi"], form["legal_basis"], *(u["vi"] for u in units)]
    return heads | _LETTERHEAD | {fold(text) for text in said}


def _recognised(text: str, folded: str, printed: set[str], form: dict) -> bool:
    """Whether a text is the form's own: its number, title, heads, recipient or legal basis."""
    if folded in printed or sheet_heads.names(text) & printed:
        return True
    if folded.startswith(("don vi bao cao", "don vi nhan bao cao")):
        return True
    title, words = fold(form["title"]["vi"]), folded.split()
    if title in folded and len(words) <= len(title.split()) + 4:
        return True
    if folded.startswith("bieu") and len(words) <= 8:
        return bool(fold(form["form"]) in folded or folded in fold(form["number"]))
    basis = [w for w in fold(form["legal_basis"]).split() if w.isdigit()]
    return folded.startswith(_ATTACHED) and any(w in words for w in basis)
