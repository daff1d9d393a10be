"""The second reading of .xlsb: the records of its sheets (MS-XLSB, 2.5.97, 2.4)."""

import struct
from collections.abc import Iterator
from zipfile import ZipFile

from analysis.reading.beside.sheet import Sheet, Unseen, main_part, related

_ROW, _SHEET, _ERROR, _FORMULA_TEXT, _FORMULA_ERROR, _COLUMN = 0, 156, 3, 8, 11, 60
_CELLS = (*range(2, 12), 62)  # 1 is a cell without a value
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!"}
_HIDDEN_ROW = 0x1000


def look(package: ZipFile) -> dict[str, Sheet]:
    """What the records say of each worksheet, by name, hidden ones too.

    Raises
    ------
    KeyError, ValueError, StopIteration, struct.error, zipfile.BadZipFile
    """
    main = main_part(package)
    parts, found = related(package, main), {}
    for kind, data in _records(package.read(main)):
        if kind != _SHEET:
            continue
        state = struct.unpack_from("<I", data)[0]
        key, at = _text(data, 8)
        name, _ = _text(data, at)
        if "worksheets/" in parts.get(key, ""):
            found[name] = _sheet(package.read(parts[key]), state > 0)
    return found


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = _varying(data, at, 2)
        size, at = _varying(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _varying(data: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for n in range(most):
        value |= (data[at] & 0x7F) << 7 * n
        at += 1
        if data[at - 1] < 0x80:
            break
    return value, at


def _text(data: bytes, at: int) -> tuple[str, int]:
    length = struct.unpack_from("<I", data, at)[0]
    end = at + 4 + 2 * length
    return data[at + 4 : end].decode("utf-16-le"), end


def _sheet(data: bytes, hidden: bool) -> Sheet:
    sheet, row = Sheet(hidden=hidden), 0
    for kind, record in _records(data):
        if kind == _ROW:
            row = struct.unpack_from("<I", record)[0] + 1
            if struct.unpack_from("<H", record, 10)[0] & _HIDDEN_ROW:
                sheet.rows.add(row)
        elif kind == _COLUMN:
            first, last = struct.unpack_from("<II", record)
            if struct.unpack_from("<H", record, 16)[0] & 1:
                sheet.columns |= set(range(first + 1, min(last, 16383) + 2))
        elif kind in _CELLS:
            column = struct.unpack_from("<I", record)[0] + 1
            sheet.cells += 1
            sheet.reaches(row, column)
            if kind in (_ERROR, _FORMULA_ERROR):
                text = _ERRORS.get(record[8], "#N/A")
                sheet.unseen.append(Unseen(row, column, text, "other"))
            elif kind == _FORMULA_TEXT and struct.unpack_from("<I", record, 8)[0] == 0:
                sheet.unseen.append(Unseen(row, column, "=…", "blank"))
    return sheet
