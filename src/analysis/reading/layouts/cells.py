"""Cells of a file as the readers of layouts look at them: by sheet, row and column, blank ones
too; and findings that concern a sheet or a file rather than one of its cells."""

from openpyxl.utils import get_column_letter

from analysis.language.words import plain
from analysis.schema.tables import LOCATED

GUIDE = "huong dan"
"""How the folded name of a sheet begins that only says how the form is filled in."""


def by_sheet(cells: list[dict]) -> dict[str, list[dict]]:
    """Name of the sheet → its cells, in their order; a CSV is one sheet without a name."""
    sheets: dict[str, list[dict]] = {}
    for r in cells:
        sheets.setdefault(r["source_sheet"], []).append(r)
    return sheets


def cells_by_row(cells: list[dict]) -> dict[int, dict[int, dict]]:
    """Row → column → cell, both in order of the rows."""
    grid: dict[int, dict[int, dict]] = {}
    for r in cells:
        grid.setdefault(r["row"], {})[r["column"]] = r
    return dict(sorted(grid.items()))


def seen(cells: list[dict]) -> tuple[list[dict], list[dict]]:
    """Cells in which something is seen, and those with nothing but spaces of whatever kind."""
    shown, bare = [], []
    for r in cells:
        text = r["raw_text"]
        (shown if text[:1].isalnum() or plain(text) else bare).append(r)
    return shown, bare


def all_hidden(cells: list[dict]) -> bool:
    """Whether the sheet of these cells is hidden."""
    return all(r.get("hidden") == "sheet" for r in cells)


def with_spaces(located: list[dict], bare: list[dict]) -> list[dict]:
    """Located cells and the ``bare`` ones of :func:`seen`: a blank one in its place, the others
    beside them."""
    spaces = {(r["row"], r["column"]): r for r in bare}
    for i, r in enumerate(located):
        if r["raw_type"] == "blank" and (own := spaces.pop((r["row"], r["column"]), None)):
            located[i] = {**r, "raw_text": own["raw_text"], "raw_type": own["raw_type"]}
    return [*located, *({**r, "role": "label"} for r in spaces.values())]


def blank_cell(neighbour: dict, column: int) -> dict:
    """An empty cell (schema.LOCATED) in ``column`` of the row in which ``neighbour`` stands."""
    cell = f"{get_column_letter(column)}{neighbour['row']}"
    return dict.fromkeys(LOCATED.columns) | {
        "source_file": neighbour["source_file"],
        "source_sheet": neighbour["source_sheet"],
        "source_cell": cell,
        "row": neighbour["row"],
        "column": column,
        "raw_text": "",
        "raw_type": "blank",
    }


def of_sheet(neighbour: dict, rule: str, **said: str | None) -> dict:
    """A finding on the sheet of ``neighbour`` as a whole, which is quoted by its name."""
    place = {"source_cell": "", "row": 0, "raw_type": "file", "role": "file"}
    named = {"raw_text": neighbour["source_sheet"], "form": neighbour.get("form"), "rule": rule}
    return {**blank_cell(neighbour, 1), **place, **named, **said}


def covered(cells: list[dict], rule: str) -> list[dict]:
    """Cells that count for nothing, because of a finding on what they stand in."""
    return [{**r, "role": "other", "covered_by": rule} for r in cells]


def unused(cells: list[dict], rule: str = "sheet_unused", found: str | None = None) -> list[dict]:
    """A sheet that is not read: one finding, which covers its cells."""
    return [of_sheet(cells[0], rule, found=found), *covered(cells, rule)]


def file_unused(cells: list[dict], rule: str, form: str | None, **said: str | None) -> list[dict]:
    """A file that is not read: one finding, which covers its cells."""
    nowhere = {"source_sheet": "", "raw_text": "", "column": 0, "form": form}
    finding = {**of_sheet(cells[0], rule), **nowhere, **said}
    return [finding, *covered([{**r, "form": form} for r in cells], rule)]


def headless(cells: list[dict], expected: str) -> list[dict]:
    """A sheet that cannot be read for want of heads: its first cell says so for all."""
    if not cells:
        return []
    first = {**cells[0], "role": "other", "rule": "header_not_found", "expected": expected}
    return [first, *covered(cells[1:], "header_not_found")]


def head_again(line: dict[int, dict]) -> list[dict]:
    """A row that repeats the heads: its first cell says so."""
    first, *rest = (line[c] for c in sorted(line))
    said = {**first, "role": "label", "rule": "head_repeated"}
    return [said, *({**r, "role": "label"} for r in rest)]


def twice(sheets: list[list[dict]]) -> list[dict]:
    """Sheets of which each could be the form's: which of them is meant, nobody but the sender
    knows. Each is named, and none is read."""
    found = ", ".join(f"“{cells[0]['source_sheet']}”" for cells in sheets)
    return [r for cells in sheets for r in unused(cells, "sheet_twice", found)]
