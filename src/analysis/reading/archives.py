"""Zips: what of them are files that somebody sent, and how much they may hold.

A zip of CSV files, as ODK Central exports answers, is read as one file whose sheets are its
members.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pandas as pd

from analysis.language.messages import noted
from analysis.reading import spreadsheets, workbook
from analysis.reading.workbook import Received
from analysis.schema.tables import CELLS
from analysis.storage import files, scratch

SUFFIX = ".zip"
_MOST = 200  # members of one export; photographs lie beside the tables
_PASSED_OVER = ("__macosx", "thumbs.db", "desktop.ini", ".")
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
_BROKEN += (NotImplementedError, EOFError, ValueError, OverflowError, OSError)
"""What reading a zip may end with that is none, is torn or was made to mislead."""


class BrokenZipError(Exception):
    """A zip that cannot be read; the message says why."""


class LargeZipError(Exception):
    """A zip that holds more than it may; the message says how much."""


@contextmanager
def opened(path: Path, most: int, limits: dict) -> Iterator["Zip"]:
    """A zip whose files are at most ``most`` and together no larger than a workbook may be when it
    is unpacked. What they state of their size is the bound: no more is ever read of one.

    Raises
    ------
    BrokenZipError, LargeZipError, OSError
    """
    try:
        packed = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise BrokenZipError(str(error)) from error
    with packed:
        held = Zip(packed)
        size = sum(info.file_size for _, info in held.members)
        if len(held.members) > most:
            raise LargeZipError(f"{len(held.members)} files")
        if size > spreadsheets.INFLATED * limits["file_bytes"]:
            raise LargeZipError(f"{size / 1e6:.0f} MB")
        yield held


class Zip:
    """The files of an open zip that somebody meant to send, by the names that were meant: without
    folders, hidden files, and what systems put beside files of their own accord. Two files may have
    one name. ``locks``: of Excel and Word, among the files."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        named = [(_name(info), info) for info in packed.infolist() if not info.is_dir()]
        named = [(n, i) for n, i in named if counts(PurePosixPath(n).parts)]
        told = [(files.is_lock(PurePosixPath(n).name, i.file_size), n, i) for n, i in named]
        self.members = [(name, info) for lock, name, info in told if not lock]
        self.locks = [name for lock, name, _ in told if lock]

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """The bytes of a file.

        Raises
        ------
        BrokenZipError
            also where it has a password.
        """
        if info.flag_bits & 1:
            raise BrokenZipError(noted("it has a password: unpack it first"))
        try:
            return self._packed.read(info)
        except _BROKEN as error:
            raise BrokenZipError(str(error)) from error


def counts(parts: tuple[str, ...]) -> bool:
    """Whether a path, by its parts, is one that somebody meant to send."""
    return not any(part.casefold().startswith(_PASSED_OVER) for part in parts)


def _name(info: zipfile.ZipInfo) -> str:
    """A name as it was meant: programs write UTF-8 into zips without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


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
        files.sha256(path)  # what waits for others keeps nobody waiting
        with opened(path, _MOST, limits) as packed, scratch.folder() as folder:
            parts = [_member(packed, *m, path, folder, limits) for m in packed.members]
    except LargeZipError as error:
        return workbook.refused(path, "file_too_large", str(error))
    except (BrokenZipError, TimeoutError):
        return workbook.refused(path, "file_unreadable", "damaged")
    if not parts:
        return workbook.refused(path, "file_unreadable", "empty")
    counted = {name: n for part in parts for name, n in part.by_sheet.items()}
    return Received(pd.concat([part.cells for part in parts], ignore_index=True), counted)


def _member(
    packed: Zip, name: str, info: zipfile.ZipInfo, path: Path, folder: Path, limits: dict
) -> Received:
    file = files.name_of(path)
    if Path(name).suffix.lower() not in spreadsheets.TEXTS:
        row = dict.fromkeys(CELLS.columns[:7], "") | {"row": 0, "column": 0, "raw_type": "file"}
        row |= {"source_file": file, "source_sheet": name, "raw_text": name}
        return Received(pd.DataFrame([row | {"rule": "sheet_unused", "found": None}]), {})
    aside = folder / f"{len(list(folder.iterdir()))}.csv"
    aside.write_bytes(packed.read(info))
    held = workbook.received(aside, limits)
    counted = {name: sum(held.by_sheet.values())} if held.by_sheet else {}
    return Received(held.cells.assign(source_file=file, source_sheet=name), counted)
