"""The second reading of .xls, by xlrd: errors and formulas without a value, formats, marks."""

import io
from pathlib import Path

import xlrd
from xlrd import biffh

from analysis.reading.beside import number_formats
from analysis.reading.beside.sheet import STRUCK, Sheet, Unseen, written

_SUPERSCRIPT = 1


def look(path: Path) -> dict[str, Sheet]:
    """What the file says of each sheet, by name, hidden ones too.

    Raises
    ------
    Whatever xlrd raises of a file that is not as it should be.
    """
    book = xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO())
    return {sheet.name: _sheet(book, sheet) for sheet in book.sheets()}


def _sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> Sheet:
    seen = Sheet(hidden=sheet.visibility > 0)
    seen.rows = {n + 1 for n, row in sheet.rowinfo_map.items() if row.hidden}
    seen.columns = {n + 1 for n, column in sheet.colinfo_map.items() if column.hidden}
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind = sheet.cell_type(row, column)
            if kind in (biffh.XL_CELL_EMPTY, biffh.XL_CELL_BLANK):
                continue
            at, value = (row + 1, column + 1), sheet.cell_value(row, column)
            seen.cells += 1
            seen.reaches(*at)
            if kind == biffh.XL_CELL_ERROR:
                text = biffh.error_text_from_code.get(value, "#N/A")
                seen.unseen.append(Unseen(*at, text, "other"))
            elif value == "":  # of a formula only this is kept: no value, or a text without letters
                seen.unseen.append(Unseen(*at, "=…", "other"))
            else:
                shown = _shown(book, sheet, row, column)
                if shown is not None:
                    seen.shown[at] = shown
    return seen


def _shown(book: xlrd.Book, sheet: xlrd.sheet.Sheet, row: int, column: int) -> str | None:
    cell = sheet.cell(row, column)
    style = book.xf_list[cell.xf_index]
    if book.font_list[style.font_index].struck_out:
        return STRUCK + STRUCK
    if cell.ctype == biffh.XL_CELL_TEXT:
        runs = sheet.rich_text_runlist_map.get((row, column), [])
        return _rich(book, cell.value, runs)
    if cell.ctype == biffh.XL_CELL_NUMBER:
        code = book.format_map[style.format_key].format_str
        return number_formats.shown(code, cell.value) if number_formats.odd(code) else None
    return None


def _rich(book: xlrd.Book, text: str, runs: list[tuple[int, int]]) -> str | None:
    fonts = [(start, book.font_list[font]) for start, font in runs]
    if not any(f.struck_out or f.escapement == _SUPERSCRIPT for _, f in fonts):
        return None
    ends = [start for start, _ in fonts[1:]] + [len(text)]
    parts = [(text[: fonts[0][0]], False, False)]
    parts += [
        (text[start:end], font.escapement == _SUPERSCRIPT, bool(font.struck_out))
        for (start, font), end in zip(fonts, ends, strict=True)
    ]
    return written(parts)
