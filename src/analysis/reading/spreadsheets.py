"""The cells of a spreadsheet file as text, nothing interpreted, nothing left out."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from analysis.language.words import plain

SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
INFLATED = 20
"""An .xlsx that unpacks to more than so many times the permitted size is refused."""
_MEMBERS = 2_000  # parts of a package; a workbook with a hundred sheets has some 300
_AREA = 10  # cells of a sheet's rectangle, blank ones too, for each cell a file may have
_MARKS = 30  # on one letter; the most that Unicode asks a program to expect (UAX 15, stream-safe)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNSEEN = re.compile(rb"<(?:\w+:)?f[ />]| t=[\"']e[\"']")  # a formula, an error value

Cell = tuple[str, str, int, int, str, str, str | None, str | None]
"""Sheet, place (``B7``), row, column, text as it stands, type (number, text, other), what is shown
instead (schema.CELLS), what hides the cell."""


class TooLargeError(Exception):
    """The file holds more than the limits allow; the message says what."""


class UnreadableError(Exception):
    """The file cannot be read; the message says why."""


def read(path: Path, limits: dict) -> list[Cell]:
    """Every non-empty cell of a file.

    A formula without a calculated value, or with an error, is there as it is written, with type
    other.

    Parameters
    ----------
    path
        .csv, or with one of :data:`SUFFIXES`.
    limits
        ``file_bytes``, ``cells_per_file``, ``characters_per_cell`` of ``parameters.yml``.

    Raises
    ------
    TooLargeError, UnreadableError
    """
    try:
        if path.suffix.lower() == ".csv":
            return _bounded(_csv(path), limits)
        _refuse_bomb(path, limits)
        return _spreadsheet(path, limits)
    except (TooLargeError, UnreadableError, MemoryError):
        raise
    except PasswordError as error:
        raise UnreadableError("password") from error
    # Readers of formats raise whatever they like; a panic of the one in Rust is no Exception.
    except BaseException as error:
        raise UnreadableError(plain(error)[:120] or type(error).__name__) from error


def _bounded(cells: Iterator[Cell], limits: dict) -> list[Cell]:
    held, characters = [], 0
    for cell in cells:
        held.append(cell)
        place, text = cell[1], cell[4]
        characters += len(text)
        if len(held) > limits["cells_per_file"]:
            raise TooLargeError(f"> {limits['cells_per_file']} ô / cells")
        if len(text) > limits["characters_per_cell"]:
            raise TooLargeError(f"{place}: {len(text)} ký tự / characters")
        if characters > limits["file_bytes"]:
            raise TooLargeError(f"> {limits['file_bytes']} ký tự / characters")
        if len(text) > _MARKS and not text.isascii() and _piled(text):
            raise UnreadableError(f"marks: {place}")
    return held


def _piled(text: str) -> bool:
    """Marks without end on one letter: no language has them, and comparing them takes forever."""
    run = 0
    for c in text:
        run = run + 1 if unicodedata.combining(c) else 0
        if run > _MARKS:
            return True
    return False


def _refuse_bomb(path: Path, limits: dict) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if len(entries) > _MEMBERS:
        raise TooLargeError(f"{len(entries)} phần / parts")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > INFLATED * limits["file_bytes"]:
        raise TooLargeError(f"{unpacked / 1e6:.0f} MB")


def _spreadsheet(path: Path, limits: dict) -> list[Cell]:
    package = path.suffix.lower() in (".xlsx", ".xlsm")
    try:
        cells = _bounded(quickly(path, limits), limits)
    except CalamineError:
        # Some writers leave out what the quick reader insists on (PCI 2014: a dimension without
        # columns); the slow reader knows .xlsx alone.
        if not package or path.read_bytes()[:8] == _OLE:
            raise
        cells = _bounded(slowly(path, limits), limits)
    return _with_unseen(cells, path, limits) if package and _has_unseen(path) else cells


def _with_unseen(cells: list[Cell], path: Path, limits: dict) -> list[Cell]:
    """With the cells whose formula has no value, or an error, each in its place."""
    seen = {cell[:2] for cell in cells}
    every = slowly(path, limits, formulas=True)
    cells = _bounded(chain(cells, (c for c in every if c[:2] not in seen)), limits)
    place = {name: n for n, name in enumerate(dict.fromkeys(cell[0] for cell in cells))}
    return sorted(cells, key=lambda cell: (place[cell[0]], cell[2], cell[3]))


def _has_unseen(path: Path) -> bool:
    """Whether there may be cells that the quick reader takes for blank."""
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if "worksheets/" in n and n.endswith(".xml")]
        return any(_UNSEEN.search(archive.read(name)) for name in names)


def quickly(path: Path, limits: dict) -> Iterator[Cell]:
    """The cells of a workbook by calamine, which reads what openpyxl does and much faster."""
    # a name that is no UTF-8 means nothing to the reader
    named = str(path).isprintable()
    book = CalamineWorkbook.from_object(str(path) if named else io.BytesIO(path.read_bytes()))
    names = book.sheet_names
    if len(set(names)) < len(names):
        raise UnreadableError("sheets_of_one_name")
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:  # nothing in it
            continue
        height, width, left = sheet.end[0] + 1, sheet.width, sheet.start[1] + 1
        if height * width > _AREA * limits["cells_per_file"]:
            raise TooLargeError(f"{height} × {width}")
        for r, values in enumerate(sheet.iter_rows(), 1):  # blank rows above are there, and
            for c, value in enumerate(values, left):  # blank columns before are not
                if value != "" and value is not None:
                    yield name, f"{get_column_letter(c)}{r}", r, c, *_as_text(value), None, None


def slowly(path: Path, limits: dict, formulas: bool = False) -> Iterator[Cell]:
    """The same by openpyxl, row by row: values as last calculated, or formulas as written."""
    book, seen = load_workbook(path, read_only=True, data_only=not formulas), 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        for line in sheet.iter_rows():
            seen += 1 + len(line)  # a row may be blank, and the next one far below
            if seen > _AREA * limits["cells_per_file"]:
                raise TooLargeError(f"{seen} ô / cells")
            for cell in line:
                if cell.value is None or cell.value == "":
                    continue
                text, kind = _as_text(cell.value)
                kind = "other" if cell.data_type in ("e", "f") else kind
                place = sheet.title, cell.coordinate, cell.row, cell.column
                yield *place, text, kind, None, None


def _as_text(value: object) -> tuple[str, str]:
    if isinstance(value, str):
        return value, "text"
    if isinstance(value, bool):
        return str(value).upper(), "other"
    if isinstance(value, int | float):
        return (str(int(value)) if float(value).is_integer() else repr(value)), "number"
    return str(value), "other"


def _csv(path: Path) -> Iterator[Cell]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for r, values in enumerate(csv.reader(file), 1):
            for c, text in enumerate(values, 1):
                if text != "":
                    yield "", f"{get_column_letter(c)}{r}", r, c, text, "text", None, None
