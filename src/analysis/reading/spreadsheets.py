"""The cells of a spreadsheet file as text, nothing interpreted, nothing left out."""

import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from analysis.language.words import plain
from analysis.reading import delimited, json_cells
from analysis.reading.beside import biff, binary_xml, open_document, open_xml
from analysis.reading.beside.sheet import STRUCK, Sheet, Unseen

SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
TEXTS = {".csv"}
JSON = ".json"
READ = {*SUFFIXES, *TEXTS, JSON}
INFLATED = 20
"""An .xlsx that unpacks to more than so many times the permitted size is refused."""
_MEMBERS = 2_000  # parts of a package; a workbook with a hundred sheets has some 300
_AREA = 10  # cells of a sheet's rectangle, blank ones too, for each cell a file may have
_MARKS = 30  # on one letter; the most that Unicode asks a program to expect (UAX 15, stream-safe)
_RUN = 2_000  # cells that are looked at together
_EXACT = 15  # digits that a spreadsheet keeps of a number: more are an account
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an .xls begins, and a file under a password."""

Cell = tuple[str, str, int, int, str, str, str | None, str | None]
"""Sheet, place (``B7``), row, column, text as it stands, type (number, text, other), what is shown
instead (schema.CELLS), what hides the cell."""


class TooLargeError(Exception):
    """The file holds more than the limits allow; the message says what."""


class UnreadableError(Exception):
    """The file cannot be read; the message is the cause, perhaps with where it lies, or what the
    reader of the format said."""


class Read(NamedTuple):
    """``cells`` of a file that are not empty, and ``counted``: sheet → how many there are by a
    count of their own, from the bytes of the file."""

    cells: list[Cell]
    counted: dict[str, int]


def read(path: Path, limits: dict) -> Read:
    """Every non-empty cell of a file, sheet by sheet, hidden ones too.

    Parameters
    ----------
    path
        With one of the endings of :data:`READ`.
    limits
        ``file_bytes``, ``cells_per_file``, ``characters_per_cell`` of ``parameters.yml``.

    Returns
    -------
    Cells as in :class:`Read`. An error value is there as it is shown, a formula without a value as
    it is written, both with type other; one that gives an empty text with type blank.

    Raises
    ------
    TooLargeError, UnreadableError
    """
    try:
        if path.suffix.lower() in TEXTS:
            return _text(path, limits)
        if path.suffix.lower() == JSON:
            values, counted = json_cells.read(path)
            found = (("", *value, None, None) for value in values)
            return Read(_bounded(found, limits), {"": counted})
        _refuse_bomb(path, limits)
        return _spreadsheet(path, limits)
    except (TooLargeError, UnreadableError, MemoryError):
        raise
    except (delimited.UndecidedError, json_cells.JsonError) as error:
        raise UnreadableError(str(error)) from error
    except PasswordError as error:
        raise UnreadableError("password") from error
    # Readers of formats raise whatever they like; a panic of the one in Rust is no Exception.
    except BaseException as error:
        raise UnreadableError(plain(error)[:120] or type(error).__name__) from error


def _bounded(cells: Iterable[Cell], limits: dict) -> list[Cell]:
    """The cells, as many and as long as they may be. Of large sheets most are short: a run of short
    ones is looked at together, which takes a third of the time."""
    held: list[Cell] = []
    characters, cells = 0, iter(cells)
    most, room = limits["cells_per_file"], limits["file_bytes"]
    while run := list(islice(cells, _RUN)):
        sizes = [len(cell[4]) for cell in run]
        if max(sizes) > min(_MARKS, limits["characters_per_cell"]) or len(held) + len(run) > most:
            held, characters = _one_by_one(run, held, characters, limits)
        else:
            held += run
            characters += sum(sizes)
        if characters > room:
            raise TooLargeError(f"> {room} ký tự / characters")
    return held


def _one_by_one(
    cells: list[Cell], held: list[Cell], characters: int, limits: dict
) -> tuple[list[Cell], int]:
    """``held`` and the cells, and their characters; what is too much is named by its cell."""
    for cell in cells:
        held.append(cell)
        place, text = cell[1], cell[4]
        characters += len(text)
        if len(held) > limits["cells_per_file"]:
            raise TooLargeError(f"> {limits['cells_per_file']} ô / cells")
        if len(text) > limits["characters_per_cell"]:
            raise TooLargeError(f"{place}: {len(text)} ký tự / characters")
        if len(text) > _MARKS and not text.isascii() and _piled(text):
            raise UnreadableError(f"marks: {place}")
    return held, characters


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


def _text(path: Path, limits: dict) -> Read:
    rows, counted = delimited.read(path)
    cells = (
        ("", f"{get_column_letter(c)}{r}", r, c, text, _typed(text), None, None)
        for r, values in enumerate(rows, 1)
        for c, text in enumerate(values, 1)
        if text != ""
    )
    return Read(_bounded(cells, limits), {"": counted})


def _typed(text: str) -> str:
    """Digits alone can be read in one way; codes begin with a nought, and whatever else is text."""
    whole = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _EXACT
    return "number" if whole and (text == "0" or not text.startswith(("0", "-0"))) else "text"


def _spreadsheet(path: Path, limits: dict) -> Read:
    with path.open("rb") as file:
        old = file.read(8) == OLE
    if old:  # the reader of values knows more of what cannot be read at all, as under a password
        cells = _bounded(quickly(path, limits), limits)
        beside = biff.look(path)
    else:
        beside = _beside(path)
        cells = _values(path, limits, beside)
    counted = {name: sheet.cells for name, sheet in beside.items() if sheet.cells}
    if _alone(cells, beside):
        return Read(cells, counted)
    return Read(_bounded(_completed(cells, beside), limits), counted)


def _alone(cells: list[Cell], beside: dict[str, Sheet]) -> bool:
    """Whether the second reading has nothing to add, and has the sheets in the same order."""
    if any(s.shown or s.hidden or s.rows or s.columns or s.unseen for s in beside.values()):
        return False
    names = list(dict.fromkeys(cell[0] for cell in cells))
    return names == [name for name in beside if name in names]


def _values(path: Path, limits: dict, beside: dict[str, Sheet]) -> list[Cell]:
    slow = path.suffix.lower() in (".xlsx", ".xlsm")  # the slow reader knows no other
    most = _AREA * limits["cells_per_file"]
    if slow and any(s.last[0] * s.last[1] > most for s in beside.values()):
        return _bounded(slowly(path, limits), limits)  # the quick one would lay out every cell
    try:
        return _bounded(quickly(path, limits), limits)
    except CalamineError:
        # Some writers leave out what the quick reader insists on (PCI 2014: a dimension without
        # columns).
        if not slow:
            raise
        return _bounded(slowly(path, limits), limits)


def _beside(path: Path) -> dict[str, Sheet]:
    """What the bytes tell beside the values; by what the file is, whatever it is called."""
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        if "content.xml" in names:
            return open_document.look(package)
        binary = any(name.endswith("workbook.bin") for name in names)
        return binary_xml.look(package) if binary else open_xml.look(package)


def _completed(cells: list[Cell], beside: dict[str, Sheet]) -> Iterator[Cell]:
    """With what readers of values do not see, in its place, and what is shown and hidden."""
    sheets: dict[str, list[Cell]] = {name: [] for name in beside}
    for cell in cells:
        sheets.setdefault(cell[0], []).append(cell)
    for name, own in sheets.items():
        told = beside.get(name, Sheet())
        if told.unseen:
            seen = {cell[2:4] for cell in own}
            more = (c for c in told.unseen if (c.row, c.column) not in seen)
            own += (_of_unseen(name, cell) for cell in more)
            own.sort(key=lambda cell: cell[2:4])
        if not (told.shown or told.hidden or told.rows or told.columns or told.unseen):
            yield from own
            continue
        for *place, row, column, text, kind, said, _ in own:
            shown = told.shown.get((row, column), said)
            shown = f"{STRUCK}{text}{STRUCK}" if shown == STRUCK + STRUCK else shown
            yield *place, row, column, text, kind, shown, told.hides(row, column)


def _of_unseen(sheet: str, cell: Unseen) -> Cell:
    place = f"{get_column_letter(cell.column)}{cell.row}"
    shown = "" if cell.kind == "blank" else None
    return (sheet, place, cell.row, cell.column, cell.text, cell.kind, shown, None)


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
        columns = range(left, left + width)
        letters = [get_column_letter(c) for c in columns]
        for r, values in enumerate(sheet.iter_rows(), 1):  # blank rows above are there, and
            for c, letter, value in zip(columns, letters, values, strict=True):  # blank columns
                if value != "" and value is not None:  # before are not
                    text, kind = _as_text(value)
                    yield name, f"{letter}{r}", r, c, text, kind, None, None


def slowly(path: Path, limits: dict) -> Iterator[Cell]:
    """The same by openpyxl, row by row."""
    book, seen = load_workbook(path, read_only=True, data_only=True), 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        for line in sheet.iter_rows():
            seen += 1 + len(line)  # a row may be blank, and the next one far below
            if seen > _AREA * limits["cells_per_file"]:
                raise TooLargeError(f"{seen} ô / cells")
            for cell in line:
                if cell.value is None or cell.value == "" or cell.data_type == "e":
                    continue
                place = sheet.title, cell.coordinate, cell.row, cell.column
                yield *place, *_as_text(cell.value), None, None


def _as_text(value: object) -> tuple[str, str]:
    if isinstance(value, str):
        return value, "text"
    if type(value) is float:  # most are
        return (str(int(value)) if value.is_integer() else repr(value)), "number"
    if isinstance(value, bool):
        return str(value).upper(), "other"
    if isinstance(value, int | float):
        return (str(int(value)) if float(value).is_integer() else repr(value)), "number"
    return str(value), "other"
