"""Submission workbooks: every cell as received, and the annotated way back."""

import io
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.styles import Alignment, Font, PatternFill

from analysis.language.words import printable
from analysis.reading import sandbox, spreadsheets
from analysis.schema.tables import CELLS, COUNTED
from analysis.storage import files

# --- reading -----------------------------------------------------------------------------------


class Received(NamedTuple):
    """``cells`` (schema.CELLS and ``rule``, ``found``) and ``counted`` (schema.COUNTED) of a
    file."""

    cells: pd.DataFrame
    counted: pd.DataFrame


def read(path: Path, limits: dict) -> pd.DataFrame:
    """Every non-empty cell of a file: the cells of :func:`received`."""
    return received(path, limits).cells


def received(path: Path, limits: dict) -> Received:
    """Every non-empty cell of a file as text, nothing interpreted, and how many there are.

    Parameters
    ----------
    path
        .xlsx, .xls, .ods or .csv.
    limits
        ``limits`` of ``parameters.yml``: of bytes, cells, characters, memory and seconds.

    Returns
    -------
    A file that cannot be read is one row of cells with its rule; nothing of it is counted.
    """
    size = path.stat().st_size
    if size > limits["file_bytes"]:
        return _refused(path, "file_too_large", f"{size / 1e6:.0f} MB")
    if path.suffix.lower() not in {*spreadsheets.SUFFIXES, *spreadsheets.TEXTS}:
        return _refused(path, "file_type", path.suffix, path.suffix)
    most = {"memory": limits["memory_per_file"], "seconds": limits["seconds_per_file"]}
    try:
        cells, counted = sandbox.call(spreadsheets.read, path, limits, **most)
    except (spreadsheets.TooLargeError, sandbox.ExceededError) as error:
        return _refused(path, "file_too_large", str(error))
    except spreadsheets.UnreadableError as error:
        return _refused(path, "file_unreadable", str(error))
    if not cells:
        return _refused(path, "file_unreadable", "empty")
    table = pd.DataFrame(cells, columns=CELLS.columns[1:], dtype=object)
    table.insert(0, CELLS.columns[0], files.name_of(path))
    of_file = [(files.name_of(path), name, number) for name, number in counted.items()]
    sheets = pd.DataFrame(of_file, columns=COUNTED.columns)
    return Received(table.assign(rule=None, found=None), sheets)


def _refused(path: Path, rule: str, found: str, raw_text: str = "") -> Received:
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
    return Received(pd.DataFrame([row]), COUNTED.of([]))


# --- the way back --------------------------------------------------------------------------------

LIST = "issues.csv"
"""The list of all issues, beside the copies."""
_COMMENT = 2_000  # characters; what does not fit stands in the list
_LISTED = 2_000  # issues written into a copy: more are for a program to read, not for a person
_UNOPENED = ["file_unreadable", "file_too_large", "file_type"]  # what harms one reader harms others
_BEGINS = (*"=+-@\t\n", *"＝＋－＠")
"""How a formula may begin; the wide signs are those of East-Asian keyboards, which count there."""
_FILL = {"blocking": "F8CBAD", "warning": "FFE699", "note": "DDEBF7"}
_TOP = Alignment(wrap_text=True, vertical="top")
_SEVERITY = {"blocking": "Phải sửa", "warning": "Cần kiểm tra", "note": "Lưu ý"}


def annotate(
    source: Path | None, issues: pd.DataFrame, target: Path, rows: pd.DataFrame | None = None
) -> None:
    """Write a copy of a submission with its issues marked, to be sent back.

    Offending cells are coloured and carry the message as a comment; a first sheet lists all
    issues. No file, or one that cannot be opened, yields a workbook with the list alone; of a
    .csv with many units only ``rows`` (schema.CELLS of this unit) are copied.
    """
    book = _copy_of(source, issues, rows)
    placed = issues[issues["source_cell"].fillna("") != ""]
    for issue in placed.head(_LISTED).itertuples():
        if issue.source_sheet not in book.sheetnames and rows is None:
            continue
        sheet = book[issue.source_sheet] if rows is None else book.worksheets[0]
        cell = sheet[issue.source_cell]
        if not hasattr(cell, "column_letter"):  # a merged cell takes its mark on the first one
            owner = next(m for m in sheet.merged_cells.ranges if issue.source_cell in m)
            cell = sheet.cell(owner.min_row, owner.min_col)
        cell.fill = PatternFill("solid", fgColor=_FILL[issue.severity])
        text = f"{cell.comment.text}\n{issue.message_vi}" if cell.comment else issue.message_vi
        if len(text) <= _COMMENT or not cell.comment:
            cell.comment = Comment(_fitting(text), "Reform Monitor", height=110, width=320)
    _issue_sheet(book, issues)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(same_bytes(book))


def _copy_of(source: Path | None, issues: pd.DataFrame, rows: pd.DataFrame | None) -> Workbook:
    empty = Workbook()
    empty.remove(empty.active)
    if rows is None:
        if source is None or issues["rule"].isin(_UNOPENED).any():
            return empty
        try:
            return _disarmed(load_workbook(source, data_only=True, keep_links=False))
        except Exception:  # of another format, or not as openpyxl expects it
            return empty
    book = Workbook()
    book.active.title = "Dữ liệu"
    for r in rows[rows["raw_type"] != "file"].itertuples():
        book.active.cell(int(r.row), int(r.column), safe_text(r.raw_text))
    return book


def _disarmed(book: Workbook) -> Workbook:
    """What is seen of a workbook, and nothing that a program opening it would act on.

    It is passed on to others than who made it: values in place of formulas, no links, names,
    checks, pictures or objects, no text that XML cannot hold.
    """
    for sheet in book.chartsheets:
        book.remove(sheet)
    book.defined_names.clear()
    for sheet in book.worksheets:
        sheet.defined_names.clear()
        sheet.data_validations.dataValidation.clear()
        sheet.conditional_formatting = ConditionalFormattingList()
        for parts in (sheet._images, sheet._charts, sheet._pivots):
            parts.clear()
        sheet.tables.clear()
        for cell in (c for line in sheet.iter_rows() for c in line):
            if cell.hyperlink:
                cell.hyperlink = None
            if isinstance(cell.value, str) and not isinstance(cell, MergedCell):
                cell.value = _fitting(cell.value)
                cell.data_type = "s"
    return book


def _issue_sheet(book: Workbook, issues: pd.DataFrame) -> None:
    sheet = book.create_sheet("Vấn đề", 0)
    sheet.append(["Mức độ", "Trang tính", "Ô", "Đã ghi", "Nội dung", "In English"])
    for issue in issues.head(_LISTED).itertuples():
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
    if len(issues) > _LISTED:
        sheet.append([f"Còn {len(issues) - _LISTED} vấn đề nữa: xem {LIST}."])
    for column, width in zip("ABCDEF", (14, 14, 8, 22, 70, 60), strict=True):
        sheet.column_dimensions[column].width = width
    for cell in (c for line in sheet.iter_rows() for c in line):
        cell.alignment = _TOP
    for cell in sheet[1]:
        cell.font = Font(bold=True)
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
    text = _fitting("" if value is None or value != value else str(value))
    return "'" + text if text.startswith(_BEGINS) and len(text) > 1 else text


def _fitting(text: str) -> str:
    """Text as a cell can hold it."""
    return printable(text)[:32000]
