"""A file is read twice: what the second reading counts, shows and hides."""

import csv
import io
import tempfile
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from analysis.catalogue import catalogue
from analysis.reading import delimited, workbook
from analysis.reading.beside import number_formats, open_xml

LIMITS = catalogue.load().parameters["limits"]
FILES = Path(__file__).parent / "files"
RAISED, STRUCK = InlineFont(vertAlign="superscript"), InlineFont(strike=True)


def marks(path: Path) -> Path:
    """A workbook in which hardly a cell says what it stores."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Biểu"
    held = [(0.42, "0%"), (0.4237, "0.00%"), (600, '0" nghìn"'), (1234, "#,##0,")]
    held += [(1234.5, "#,##0.00"), (0, '_(* #,##0_);_(* "-"??_)'), (7, "General")]
    for row, (value, code) in enumerate(held, 2):
        sheet.cell(row, 2, value).number_format = code
    sheet["B12"] = CellRichText("60", TextBlock(RAISED, "1"))
    sheet["B13"] = CellRichText(TextBlock(STRUCK, "60"), " 65")
    sheet["B14"], sheet["B15"], sheet["D2"], sheet["B16"] = 77, 15, 4, "\xa0"
    sheet["B14"].font = Font(strike=True)
    sheet.row_dimensions[15].hidden = sheet.column_dimensions["D"].hidden = True
    hidden = book.create_sheet("Ẩn")
    hidden["B2"], hidden.sheet_state = 5, "hidden"
    book.create_sheet("Trống")
    book.save(path)
    return path


SHOWN = {"B2": "42%", "B3": "42,37%", "B4": "600 nghìn", "B12": "60¹", "B14": "~~77~~"}


def by_place(cells, column: str) -> dict:
    held = cells[cells[column].notna()]
    return dict(zip(held["source_cell"], held[column], strict=True))


def test_what_a_workbook_shows_and_hides_is_told_beside_what_it_stores(tmp_path):
    received = workbook.received(marks(tmp_path / "a.xlsx"), LIMITS)
    cells, counted = received.cells, received.counted
    shown = by_place(cells[cells["source_sheet"] == "Biểu"], "shown")
    assert shown == {**SHOWN, "B5": "1", "B13": "~~60~~ 65"}
    stored = cells.set_index(["source_sheet", "source_cell"])["raw_text"]
    assert stored["Biểu", "B2"] == "0.42" and stored["Biểu", "B12"] == "601"
    assert by_place(cells, "hidden") == {"B15": "row", "D2": "column", "B2": "sheet"}
    assert counted[["source_sheet", "cells"]].values.tolist() == [["Biểu", 13], ["Ẩn", 1]]


@pytest.mark.parametrize(
    "name, formula", [("marks.xls", ("=…", "other", None)), ("marks.ods", (
        '=IF(1=1;"";"x")', "blank", ""))],
)  # fmt: skip
def test_other_formats_say_the_same(name, formula):
    """Written by LibreOffice from the same workbook, with formulas."""
    received = workbook.received(FILES / name, LIMITS)
    cells, counted = received.cells, received.counted
    own = cells[cells["source_sheet"] == "Biểu"].set_index("source_cell")
    assert SHOWN.items() <= by_place(own.reset_index(), "shown").items()
    assert own.loc["B9", ["raw_text", "raw_type"]].tolist() == ["#DIV/0!", "other"]
    assert tuple(own.loc["B10", ["raw_text", "raw_type", "shown"]]) == formula
    assert own.loc["B11", "raw_text"] == "607"
    assert own.loc[["B15", "D2", "B16"], "hidden"].tolist() == ["row", "column", None]
    assert (cells.loc[cells["source_sheet"] == "Ẩn", "hidden"] == "sheet").all()
    assert counted["cells"].tolist() == [34, 2] and len(cells) == 36


@pytest.mark.parametrize(
    "code, value, shown",
    [
        ("0%", 0.42, "42%"),
        ("0.00%", 1.5, "150,00%"),
        ('0" nghìn"', 600, "600 nghìn"),
        ("#,##0,", 1234, "1"),
        ('#,##0.0,,"tr"', 2_500_000, "2,5 tr"),
        ("[$₫-42A]#,##0", 600, "₫ 600"),
        ('[>=1000]0.0,"K";0', 1500, "1,5 K"),
        ('[>=1000]0.0,"K";0', 15, None),
        (";;;", 7, ""),
        ("#,##0;-#,##0;", 0, None),
        ('"đã xong"', 7, "đã xong"),
        ('0.00_);(0.00);"-"', 0, None),
        ("#,##0.00;[Red]-#,##0.00", -7.126, None),
        ("dd/mm/yyyy", 44724, None),
        ("General", 0.5, None),
        ("0.00E+00", 1234, None),
        ("00000", 12, None),
    ],
)
def test_a_number_format_says_something_else_or_nothing(code, value, shown):
    assert number_formats.shown(code, value) == shown
    assert shown is None or number_formats.odd(code)


_TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "   ",
            "\t",
            " \n ",
            "\xa0",
            "0",
            "=1",
            "a",
            "Hà Nội",
            "1.234,5",
            'x"y',
            "a,b;c\td",
        ]
    ),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.none(),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(_TEXTS, max_size=6), max_size=12), st.booleans())
def test_the_count_is_that_of_the_cells_that_are_read(rows, hidden):
    """By readers that do not know each other."""
    book = openpyxl.Workbook()
    for row in [["head"], *rows]:
        book.active.append(row)
    book.create_sheet("second").append(["x"])
    book["second"].sheet_state = "hidden" if hidden else "visible"
    with tempfile.TemporaryDirectory() as folder:
        book.save(path := Path(folder, "a.xlsx"))
        received = workbook.received(path, LIMITS)
        cells, counted = received.cells, received.counted
    found = cells.groupby("source_sheet", sort=False).size()
    assert found.to_dict() == dict(zip(counted["source_sheet"], counted["cells"], strict=True))
    held = sum(v not in (None, "") for row in rows for v in row)
    assert counted["cells"].sum() == held + 2
    assert (cells.loc[cells["source_sheet"] == "second", "hidden"] == "sheet").all() == hidden


def test_a_sheet_of_values_alone_is_counted_as_one_that_is_gone_through(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("S")
    for row in range(50):
        sheet.append([f"tên {row}", row, None, row / 7])
    book.save(tmp_path / "a.xlsx")
    plain = open_xml.look(ZipFile(tmp_path / "a.xlsx"))["S"]
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["S"]["C3"] = "=A1"
    book.save(tmp_path / "b.xlsx")
    walked = open_xml.look(ZipFile(tmp_path / "b.xlsx"))["S"]
    assert (plain.cells, plain.last) == (150, (50, 4))
    assert (walked.cells, walked.last) == (151, (50, 4))


# --- separated text -------------------------------------------------------------------------------

_ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
_CELL = st.text('ab1,;\t." \nộ', max_size=5).map(lambda t: t.replace("\r", ""))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(_CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(_ENCODINGS),
)
def test_separated_text_is_read_as_it_was_written(rows, separator, encoding):
    rows = [["đơn vị", "chỉ tiêu", "giá trị"]] * 8 + rows
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(text.getvalue().encode(encoding))
        read, counted = delimited.read(path)
    assert read == rows
    assert counted == sum(cell != "" for row in rows for cell in row)


def test_a_separator_is_told_by_the_rows_and_not_by_decimal_commas(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("unit;item;value\nHà Nội;a;1,5\nHuế;a;2,5\n", encoding="utf-8")
    assert delimited.read(path)[0][1] == ["Hà Nội", "a", "1,5"]
    path.write_text("sep=;\na;b\n1;2\n", encoding="utf-8")
    assert delimited.read(path) == ([["sep=;"], ["a", "b"], ["1", "2"]], 5)


@pytest.mark.parametrize(
    "data, fault",
    [
        ("Hà Nội".encode("cp1258", "replace") + b"\xcc,1\n", "encoding"),
        (b"a,b;c\n1,2;3\n", "separator"),
        (b'a,b\n"1,2\n3,4\n', "quotes"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_its_reason(tmp_path, data, fault):
    (tmp_path / "a.csv").write_bytes(data)
    refused = workbook.read(tmp_path / "a.csv", LIMITS)
    assert refused["rule"].tolist() == ["file_unreadable"]
    assert refused["found"].item().startswith(fault)
