"""Files of answers, and zips of CSV files as ODK Central exports them: read as one file whose
sheets are the members of the zip."""

import zipfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pandas as pd

from analysis.reading import spreadsheets, workbook
from analysis.reading.workbook import Received
from analysis.schema.tables import CELLS
from analysis.storage import files

SUFFIX = ".zip"
_MOST = 200  # members of one export; photographs lie beside the tables
_PASSED_OVER = ("__MACOSX", ".")


def received(path: Path, limits: dict) -> Received:
    """As :func:`analysis.reading.workbook.received`, of a zip of CSV files too.

    A zip that cannot be unpacked within the limits is one row of cells with its rule, as is each
    member that is no CSV.
    """
    if path.suffix.lower() != SUFFIX:
        return workbook.received(path, limits)
    if path.stat().st_size > limits["file_bytes"]:
        return workbook.refused(path, "file_too_large", f"{path.stat().st_size / 1e6:.0f} MB")
    try:
        with zipfile.ZipFile(path) as packed, TemporaryDirectory("-reform-monitor") as folder:
            members = [m for m in packed.infolist() if not m.is_dir() and _counts(m.filename)]
            size = sum(m.file_size for m in members)
            if len(members) > _MOST or size > spreadsheets.INFLATED * limits["file_bytes"]:
                return workbook.refused(path, "file_too_large", f"{size / 1e6:.0f} MB")
            parts = [_member(packed, m, path, Path(folder), limits) for m in members]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError):
        return workbook.refused(path, "file_unreadable", "damaged")
    if not parts:
        return workbook.refused(path, "file_unreadable", "empty")
    counted = {name: n for part in parts for name, n in part.by_sheet.items()}
    return Received(pd.concat([part.cells for part in parts], ignore_index=True), counted)


def _counts(name: str) -> bool:
    return not any(part.startswith(_PASSED_OVER) for part in PurePosixPath(name).parts)


def _member(
    packed: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, folder: Path, limits: dict
) -> Received:
    name, file = member.filename, files.name_of(path)
    if Path(name).suffix.lower() not in spreadsheets.TEXTS:
        row = dict.fromkeys(CELLS.columns[:7], "") | {"row": 0, "column": 0, "raw_type": "file"}
        row |= {"source_file": file, "source_sheet": name, "raw_text": name}
        return Received(pd.DataFrame([row | {"rule": "sheet_unused", "found": None}]), {})
    aside = folder / f"{len(list(folder.iterdir()))}.csv"
    aside.write_bytes(packed.read(member))
    held = workbook.received(aside, limits)
    counted = {name: sum(held.by_sheet.values())} if held.by_sheet else {}
    return Received(held.cells.assign(source_file=file, source_sheet=name), counted)
