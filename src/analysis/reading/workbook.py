"""Submission workbooks: every cell as received."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.reading import faults, sandbox, spreadsheets
from analysis.schema.tables import CELLS, COUNTED
from analysis.storage import files


class Received(NamedTuple):
    """``cells`` (schema.CELLS and ``rule``, ``found``) of a file, and ``by_sheet``: how many there
    are in each sheet by a count of their own."""

    cells: pd.DataFrame
    by_sheet: dict[str, int]

    @property
    def counted(self) -> pd.DataFrame:
        """The same as schema.COUNTED."""
        file = self.cells["source_file"].iloc[0]
        rows = [(file, name, number) for name, number in self.by_sheet.items()]
        return pd.DataFrame(rows, columns=COUNTED.columns)


def read(path: Path, limits: dict) -> pd.DataFrame:
    """Every non-empty cell of a file: the cells of :func:`received`."""
    return received(path, limits).cells


def received(path: Path, limits: dict) -> Received:
    """Every non-empty cell of a file as text, nothing interpreted, and how many there are.

    Parameters
    ----------
    path
        .xlsx, .xls, .ods, .csv or .json.
    limits
        ``limits`` of ``parameters.yml``: of bytes, cells, characters, memory and seconds.

    Returns
    -------
    A file that cannot be read is one row of cells with its rule; nothing of it is counted.
    """
    size = path.stat().st_size
    if size > limits["file_bytes"]:
        return refused(path, "file_too_large", f"{size / 1e6:.0f} MB")
    if path.suffix.lower() not in spreadsheets.READ:
        return refused(path, "file_type", path.suffix, path.suffix)
    most = {"memory": limits["memory_per_file"], "seconds": limits["seconds_per_file"]}
    try:
        cells, counted = sandbox.call(spreadsheets.read, path, limits, **most)
    except (spreadsheets.TooLargeError, sandbox.ExceededError) as error:
        return refused(path, "file_too_large", str(error))
    except spreadsheets.UnreadableError as error:
        return refused(path, "file_unreadable", faults.cause(path, str(error)))
    if not cells:
        return refused(path, "file_unreadable", "empty")
    name = files.name_of(path)
    rows = [(name, *cell, None, None) for cell in cells]
    return Received(pd.DataFrame(rows, columns=_COLUMNS, dtype=object), counted)


_COLUMNS = pd.Index([*CELLS.columns, "rule", "found"])


def refused(path: Path, rule: str, found: str, raw_text: str = "") -> Received:
    """What stands for a file that cannot be read: one row with its rule."""
    row = dict(
        source_file=files.name_of(path),
        source_sheet="",
        source_cell="",
        row=0,
        column=0,
        raw_text=raw_text,
        raw_type="file",
        rule=rule,
        found=found,
    )
    return Received(pd.DataFrame([row]), {})
