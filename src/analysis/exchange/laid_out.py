"""Exports of reporting systems as a sheet on which cells can be marked.

JSON has no rows and columns: each member of a list has a row, each key a column with a head, and
behind the last column stands where in the file the row comes from.
"""

import re

import pandas as pd
from openpyxl.utils import column_index_from_string, get_column_letter

from analysis.reading import json_cells

_ADDRESS = re.compile(r"([A-Z]{1,3})(\d+)")
_MEMBER = r"^(/(?:[^/]*/)*?\d+)(/.*)$"


def sheet(cells: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Cells of one file at the places that they have on paper.

    Parameters
    ----------
    cells
        schema.CELLS; what counts as one row in a form may be several in the file.

    Returns
    -------
    The cells with ``row`` and ``column`` of the file, and pointer → address; nothing without JSON.
    """
    pointer = cells["source_cell"].str.startswith("/", na=False)
    if pointer.any():
        return _of_json(cells[pointer])
    own = zip(cells["source_cell"], cells["row"], cells["column"], strict=True)
    at = [_at(address, int(row), int(column)) for address, row, column in own]
    return cells.assign(row=[r for r, _ in at], column=[c for _, c in at]), {}


def _at(address: str, row: int, column: int) -> tuple[int, int]:
    found = _ADDRESS.fullmatch(address)
    return (int(found[2]), column_index_from_string(found[1])) if found else (row, column)


def _of_json(cells: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    parts = cells["source_cell"].str.extract(_MEMBER)
    member, key = parts[0], parts[1].fillna(cells["source_cell"])
    rows = {at: n for n, at in enumerate(member.dropna().unique(), 3)}
    columns = {name: n for n, name in enumerate(key.unique(), 1)}
    placed = cells.assign(row=member.map(rows).fillna(2).astype(int), column=key.map(columns))
    letters = placed["column"].map(get_column_letter)
    places = dict(zip(placed["source_cell"], letters + placed["row"].astype(str), strict=True))
    heads = [(1, n, "/".join(json_cells.tokens(name))) for name, n in columns.items()]
    told = [*heads, *((row, len(columns) + 1, at) for at, row in rows.items())]
    added = pd.DataFrame(told, columns=["row", "column", "raw_text"])
    added = added.assign(source_sheet="", source_cell="", raw_type="text")
    return pd.concat([placed, added], ignore_index=True), places
