"""Cells of a file as the readers of layouts look at them: by row and column, blank ones too."""

import pandas as pd
from openpyxl.utils import get_column_letter

from analysis.schema import LOCATED

_FORM_OF_UNIT = ["source_file", "reporting_unit", "form"]


def cells_by_row(cells: list[dict]) -> dict[int, dict[int, dict]]:
    """Row → column → cell, both in order of the rows."""
    grid: dict[int, dict[int, dict]] = {}
    for r in cells:
        grid.setdefault(r["row"], {})[r["column"]] = r
    return dict(sorted(grid.items()))


def blank_cell(neighbour: dict, column: int) -> dict:
    """An empty cell (schema.LOCATED) in ``column`` of the row in which ``neighbour`` stands."""
    cell = f"{get_column_letter(column)}{neighbour['row']}"
    return dict.fromkeys(LOCATED) | {
        "source_file": neighbour["source_file"],
        "source_sheet": neighbour["source_sheet"],
        "source_cell": cell,
        "row": neighbour["row"],
        "column": column,
        "raw_text": "",
        "raw_type": "blank",
    }


def parts(values: pd.DataFrame) -> pd.Series:
    """Which value cells make up a unit's figures; the others are totals that only check them.

    The rows of fields where the unit's form has any, else the rows of its levels, else its one row.
    Returns a boolean Series on the index of ``values``.
    """
    key = [values[k] for k in _FORM_OF_UNIT if k in values]
    by_field = values["field"] != "_T"
    by_level = values["level"] != "_T"
    has_fields = by_field.groupby(key, dropna=False).transform("any")
    has_levels = by_level.groupby(key, dropna=False).transform("any")
    return by_field | (~has_fields & (by_level | ~has_levels))
