"""Submission workbooks: every cell as received, and the annotated way back."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook

from analysis.schema import CELLS
from analysis.words import plain

SHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_INFLATED = 20  # an .xlsx that unpacks to more than 20 times the permitted size is refused


# --- reading -----------------------------------------------------------------------------------


def read(path: Path, limits: dict) -> pd.DataFrame:
    """Every non-empty cell of a file as text, nothing interpreted.

    Parameters
    ----------
    path
        .xlsx, .xls, .ods or .csv.
    limits
        ``file_bytes`` and ``cells_per_file`` of ``parameters.yml``.

    Returns
    -------
    schema.CELLS and ``rule``, ``found``. A file that cannot be read is one row with its rule.
    """
    size = path.stat().st_size
    if size > limits["file_bytes"]:
        return _refused(path, "file_too_large", f"{size / 1e6:.0f} MB")
    try:
        if path.suffix.lower() == ".csv":
            cells = _read_csv(path)
        elif path.suffix.lower() in SHEETS:
            cells = _read_sheets(path, limits)
        else:
            return _refused(path, "file_type", path.suffix, path.suffix)
    except _TooLargeError as error:
        return _refused(path, "file_too_large", str(error))
    except (CalamineError, OSError, zipfile.BadZipFile, csv.Error, UnicodeDecodeError) as error:
        return _refused(path, "file_unreadable", plain(error)[:120])
    # A Rust panic of the reader arrives as BaseException; a bad file must not stop the others.
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        return _refused(path, "file_unreadable", plain(error)[:120])
    if not cells:
        return _refused(path, "file_unreadable", "tệp trống / empty file")
    return pd.DataFrame(cells, columns=CELLS, dtype=object).assign(rule=None, found=None)


class _TooLargeError(Exception):
    """The file holds more than the limits allow."""


def _refused(path: Path, rule: str, found: str, raw_text: str = "") -> pd.DataFrame:
    row = dict(
        source_file=path.name,
        source_sheet="",
        source_cell="",
        row=0,
        column=0,
        raw_text=raw_text,
        raw_type="file",
        rule=rule,
        found=found,
    )
    return pd.DataFrame([row])


def _read_sheets(path: Path, limits: dict) -> list[tuple]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _INFLATED * limits["file_bytes"]:
            raise _TooLargeError(f"{unpacked / 1e6:.0f} MB")
    try:
        return _read_quickly(path, limits)
    except CalamineError:
        # Some writers leave out what the quick reader insists on (PCI 2014: a dimension without
        # columns); the slow reader knows .xlsx alone.
        if path.suffix.lower() not in (".xlsx", ".xlsm"):
            raise
        return _read_slowly(path, limits)


def _read_slowly(path: Path, limits: dict) -> list[tuple]:
    """The same by openpyxl: values as last calculated, row by row."""
    cells, seen = [], 0
    book = load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        for line in sheet.iter_rows():
            seen += len(line)
            if seen > 50 * limits["cells_per_file"]:
                raise _TooLargeError(f"{seen} ô")
            for cell in line:
                if cell.value is None or cell.value == "":
                    continue
                text, kind = _as_text(cell.value)
                place = (sheet.title, cell.coordinate, cell.row, cell.column)
                cells.append((path.name, *place, text, kind))
            if len(cells) > limits["cells_per_file"]:
                raise _TooLargeError(f"> {limits['cells_per_file']} ô")
    return cells


def _read_quickly(path: Path, limits: dict) -> list[tuple]:
    cells = []
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height * sheet.total_width > 50 * limits["cells_per_file"]:
            raise _TooLargeError(f"{sheet.total_height} × {sheet.total_width}")
        for r, values in enumerate(sheet.iter_rows(), 1):
            for c, value in enumerate(values, 1):
                if value == "" or value is None:
                    continue
                text, kind = _as_text(value)
                cells.append((path.name, name, f"{get_column_letter(c)}{r}", r, c, text, kind))
            if len(cells) > limits["cells_per_file"]:
                raise _TooLargeError(f"> {limits['cells_per_file']} ô")
    return cells


def _as_text(value: object) -> tuple[str, str]:
    if isinstance(value, str):
        return value, "text"
    if isinstance(value, bool):
        return str(value).upper(), "other"
    if isinstance(value, int | float):
        return (str(int(value)) if float(value).is_integer() else repr(value)), "number"
    return str(value), "other"


def _read_csv(path: Path) -> list[tuple]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            (path.name, "", f"{get_column_letter(c)}{r}", r, c, text, "text")
            for r, values in enumerate(csv.reader(file), 1)
            for c, text in enumerate(values, 1)
            if text != ""
        ]


# --- the way back --------------------------------------------------------------------------------

_FILL = {"blocking": "F8CBAD", "warning": "FFE699", "note": "DDEBF7"}
_SEVERITY = {"blocking": "Phải sửa", "warning": "Cần kiểm tra", "note": "Lưu ý"}


def annotate(source: Path, issues: pd.DataFrame, target: Path, rows: pd.DataFrame | None = None):
    """Write a copy of a submission with its issues marked, to be sent back.

    Offending cells are coloured and carry the message as a comment; a first sheet lists all
    issues. A file that cannot be opened yields a workbook with the list alone; of a .csv with
    many units only ``rows`` (schema.CELLS of this unit) are copied.
    """
    book = _copy_of(source, rows)
    for issue in issues[issues["source_cell"].fillna("") != ""].itertuples():
        if issue.source_sheet not in book.sheetnames and rows is None:
            continue
        sheet = book[issue.source_sheet] if rows is None else book.worksheets[0]
        cell = sheet[issue.source_cell]
        if not hasattr(cell, "column_letter"):  # a merged cell takes its mark on the first one
            owner = next(m for m in sheet.merged_cells.ranges if issue.source_cell in m)
            cell = sheet.cell(owner.min_row, owner.min_col)
        cell.fill = PatternFill("solid", fgColor=_FILL[issue.severity])
        before = cell.comment.text + "\n" if cell.comment else ""
        cell.comment = Comment(before + issue.message_vi, "Reform Monitor", height=110, width=320)
    _issue_sheet(book, issues)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(same_bytes(book))


def _copy_of(source: Path, rows: pd.DataFrame | None) -> Workbook:
    if rows is None:
        try:
            return load_workbook(source)
        except Exception:
            empty = Workbook()
            empty.remove(empty.active)
            return empty
    book = Workbook()
    book.active.title = "Dữ liệu"
    for r in rows[rows["raw_type"] != "file"].itertuples():
        book.active.cell(int(r.row), int(r.column), safe_text(r.raw_text))
    return book


def _issue_sheet(book: Workbook, issues: pd.DataFrame) -> None:
    sheet = book.create_sheet("Vấn đề", 0)
    sheet.append(["Mức độ", "Trang tính", "Ô", "Đã ghi", "Nội dung", "In English"])
    for issue in issues.itertuples():
        sheet.append(
            [
                _SEVERITY[issue.severity],
                *map(
                    safe_text,
                    (
                        issue.source_sheet,
                        issue.source_cell,
                        issue.raw_text,
                        issue.message_vi,
                        issue.message_en,
                    ),
                ),
            ]
        )
        sheet.cell(sheet.max_row, 1).fill = PatternFill("solid", fgColor=_FILL[issue.severity])
    for column, width in zip("ABCDEF", (14, 14, 8, 22, 70, 60), strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=cell.row == 1)
    sheet.freeze_panes = "A2"
    book.active = 0


def same_bytes(book: Workbook) -> bytes:
    """The workbook as a file that is the same whenever it is built: no time of writing in it."""
    buffer, fixed = io.BytesIO(), io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(fixed, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2022-06-15T00:00:00Z", content)
            info = zipfile.ZipInfo(entry.filename, (2022, 6, 15, 0, 0, 0))
            target.writestr(info, content, zipfile.ZIP_DEFLATED, 9)
    return fixed.getvalue()


def safe_text(value: object) -> str:
    """Text that no spreadsheet takes for a formula and no reader chokes on."""
    text = "" if value is None or value != value else str(value)
    text = "".join(c for c in text if c.isprintable() or c in "\n\t")[:32000]
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t") and len(text) > 1 else text
