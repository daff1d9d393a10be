"""Cells of a file as the readers of layouts look at them: by row and column, blank ones too."""

from openpyxl.utils import get_column_letter

from analysis.schema.tables import LOCATED


def cells_by_row(cells: list[dict]) -> dict[int, dict[int, dict]]:
    """Row → column → cell, both in order of the rows."""
    grid: dict[int, dict[int, dict]] = {}
    for r in cells:
        grid.setdefault(r["row"], {})[r["column"]] = r
    return dict(sorted(grid.items()))


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
