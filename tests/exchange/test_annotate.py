"""What an office gets back: its own workbook, with what it must mend marked and said."""

import zipfile
from datetime import date

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.exchange import annotate, first_sheet, neutral, sendings
from analysis.exchange.returns import Copy
from analysis.period import load

CATALOGUE = cat.load()
LIMITS = CATALOGUE.parameters["limits"]
BLANK = dict.fromkeys(["source_file", "source_sheet", "source_cell", "raw_text"], "")


def issue(cell: str, **more) -> dict:
    """One finding at a cell of the first sheet."""
    at = BLANK | {"source_sheet": "Sheet", "source_cell": cell, "severity": "blocking"}
    said = {"rule": "negative", "message_vi": f"{cell} sai.", "message_en": f"{cell} is wrong."}
    return at | said | more


def copied(tmp_path, source, issues: list[dict], **more):
    target = tmp_path / "back.xlsx"
    annotate.annotate(source, pd.DataFrame(issues), target, limits=LIMITS, **more)
    return openpyxl.load_workbook(target)


def saved(path, rows: list[list]):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def listed(book) -> list[tuple]:
    """The lines of the first sheet, as texts."""
    rows = book[first_sheet.TITLE].iter_rows(min_row=first_sheet.HEAD_ROW + 1, values_only=True)
    return [tuple(text or "" for text in row) for row in rows]


def test_the_way_back_marks_the_cell_and_lists_the_issues(tmp_path):
    loaded = load("2022-Q2")
    source = project.Place().submissions("2022-Q2") / "II06a_40_2022-Q2.xlsx"
    due = sendings.due(loaded.tables, loaded.plan, CATALOGUE, {})
    (issues,) = (d.issues for d in due if isinstance(d, Copy) and d.stem == source.stem)
    annotate.annotate(source, issues, tmp_path / "back.xlsx")
    book = openpyxl.load_workbook(tmp_path / "back.xlsx")
    assert book.sheetnames[0] == "Vấn đề"
    told = " ".join(row[2] + row[4] for row in listed(book))
    for found in issues.itertuples():
        cell = book["II.06a"][found.source_cell]
        assert found.message_vi in cell.comment.text and found.message_vi in told
        assert cell.fill.fgColor.rgb.endswith("F8CBAD")


def test_what_is_said_of_a_cell_is_cut_where_it_would_not_end(tmp_path):
    """The list beside the copies has it all."""
    long = {"severity": "note", "raw_text": "x" * 40_000, "message_vi": "y" * 1_500}
    many = [issue("A1", **long, rule=f"rule {n}") for n in range(4)]
    book = copied(tmp_path, saved(tmp_path / "a.xlsx", [[1]]), many)
    assert len(book["Sheet"]["A1"].comment.text) == 1_500
    assert len(listed(book)[0][3]) == 32_000


def test_the_way_back_holds_no_time_of_writing(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"no workbook")
    copied(tmp_path, tmp_path / "a.xlsx", [issue("")])
    with zipfile.ZipFile(tmp_path / "back.xlsx") as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {2022}
        assert f"{date.today().year}-".encode() not in book.read("docProps/core.xml")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+2", "@x", "\t=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
)
def test_text_is_never_a_formula(text):
    assert neutral.safe_text(text).startswith("'")


def test_missing_marks_stay_readable():
    assert neutral.safe_text("-") == "-"
    assert neutral.safe_text(None) == ""


# --- the first sheet -----------------------------------------------------------------------------


def test_the_first_sheet_says_in_three_lines_what_to_do_and_where_to_send_it(tmp_path):
    told = first_sheet.Told("a.xlsx (Tỉnh Lào Cai)", "Văn phòng Chính phủ, phòng 12")
    issues = [issue("A1"), issue("A2", severity="warning"), issue("A3", severity="note")]
    book = copied(tmp_path, saved(tmp_path / "a.xlsx", [[1], [2], [3]]), issues, told=told)
    sheet = book.worksheets[0]
    lines = [sheet.cell(row, 1).value for row in range(1, first_sheet.HEAD_ROW)]
    assert lines[0].endswith("a.xlsx (Tỉnh Lào Cai)") and lines[4] is None
    assert "sửa 1 chỗ" in lines[1] and "kiểm tra 1 chỗ" in lines[1]
    assert ".xlsx" in lines[2] and lines[3].endswith("Văn phòng Chính phủ, phòng 12.")
    assert [row[0] for row in listed(book)] == ["Phải sửa", "Cần kiểm tra", "Lưu ý"]


def test_the_first_sheet_prints_on_a4_across_the_cell_beside_what_is_said_of_it(tmp_path):
    book = copied(tmp_path, saved(tmp_path / "a.xlsx", [[1]]), [issue("A1", raw_text="1")])
    sheet = book.worksheets[0]
    setup = sheet.page_setup
    assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (int(setup.fitToWidth), int(setup.fitToHeight)) == (1, 0)
    head = first_sheet.HEAD_ROW
    assert sheet.print_title_rows == f"${head}:${head}" and "$H" in sheet.print_area
    assert listed(book)[0][1:5] == ("Sheet", "A1", "1", "A1 sai.")


def test_notes_of_one_kind_are_one_line(tmp_path):
    """Ninety-seven thousands with a point: one line, and the two cells to mend before it."""
    rows = [[f"{n}.013" for n in range(1, 98)], [1, 2]]
    point = {"severity": "note", "rule": "thousands_separator"}
    notes = [issue(f"{get_column_letter(n)}1", raw_text=f"{n}.013", **point) for n in range(1, 98)]
    must = [issue("A2"), issue("B2")]
    path = saved(tmp_path / "a.xlsx", rows)
    book = copied(tmp_path, path, [*must, *notes], rules=CATALOGUE.rules)
    lines = listed(book)
    assert [row[0] for row in lines] == ["Phải sửa", "Phải sửa", "Lưu ý"]
    assert lines[2][2] == "A1:CS1" and lines[2][4] == (
        "97 ô ghi hàng nghìn bằng dấu phân cách, ví dụ A1 “1.013”; không cần sửa."
    )
    assert book["Sheet"]["CS1"].fill.fgColor.rgb.endswith("DDEBF7"), "each is marked"


# --- marks ---------------------------------------------------------------------------------------


def test_all_cells_of_one_finding_are_coloured_and_the_first_carries_the_message(tmp_path):
    found = issue("A1", cells="A1, B1, C2:C3")
    book = copied(tmp_path, saved(tmp_path / "a.xlsx", [[1, 2, 3]] * 3), [found])
    sheet = book["Sheet"]
    marked = {c.coordinate for row in sheet for c in row if c.fill.fill_type == "solid"}
    assert marked == {"A1", "B1", "C2", "C3"}
    assert {c.coordinate for row in sheet for c in row if c.comment} == {"A1"}
    assert listed(book)[0][2] == "A1:B1, C2:C3"


def test_what_hides_a_marked_cell_is_undone_and_nothing_else(tmp_path):
    book = openpyxl.Workbook()
    for _ in range(5):
        book.active.append([1] * 6)
    for row in (2, 4):
        book.active.row_dimensions[row].hidden = True
    book.active.column_dimensions.group("B", "D", hidden=True)
    other = book.create_sheet("Ẩn")
    other["A1"] = 1
    for sheet in (other, book.create_sheet("Khác")):
        sheet.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    issues = [issue("A2"), issue("C5"), issue("A1", source_sheet="Ẩn")]
    back = copied(tmp_path, tmp_path / "a.xlsx", issues)
    sheet = back["Sheet"]
    assert not sheet.row_dimensions[2].hidden and sheet.row_dimensions[4].hidden
    assert not sheet.column_dimensions["B"].hidden
    assert back["Ẩn"].sheet_state == "visible" and back["Khác"].sheet_state == "hidden"


def test_what_was_said_before_is_gone_from_a_copy_that_came_back(tmp_path):
    copied(tmp_path, saved(tmp_path / "a.xlsx", [[1]]), [issue("A1")])
    first = (tmp_path / "back.xlsx").rename(tmp_path / "mended.xlsx")
    book = copied(tmp_path, first, [issue("A1", message_vi="vẫn sai.")])
    assert book.sheetnames == ["Vấn đề", "Sheet"] and listed(book)[0][4] == "vẫn sai."


def test_a_frame_tells_what_is_probably_wrong_without_colour_and_goes_with_the_mark(tmp_path):
    named = [issue("A1", cells="A1, B1", probable="B1", perhaps=None),
             issue("C1", cells="C1, D1", probable=None, perhaps="C1, D1")]  # fmt: skip
    sheet = copied(tmp_path, saved(tmp_path / "a.xlsx", [[1, 2, 3, 4]]), named)["Sheet"]
    frames = {c.coordinate: c.border.left.style for c in sheet[1]}
    assert frames == {"A1": None, "B1": "thick", "C1": "mediumDashed", "D1": "mediumDashed"}
    assert all(sheet[cell].comment for cell in ("B1", "C1", "D1"))
    first = (tmp_path / "back.xlsx").rename(tmp_path / "mended.xlsx")
    again = copied(tmp_path, first, [issue("A1")])["Sheet"]
    assert [c.coordinate for c in again[1] if c.comment or c.fill.fill_type] == ["A1"]
    assert {c.border.left.style for c in again[1]} <= {None, "thin"}


# --- other formats -------------------------------------------------------------------------------


def strict(path):
    """As Excel saves a "Strict Open XML Spreadsheet": the same parts under other names."""
    saved(path, [["Tên", 4013], ["Tổng", "(3)"]])
    transitional = "http://schemas.openxmlformats.org/"
    names = {
        f"{transitional}spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
        f"{transitional}officeDocument/2006/relationships": (
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name).decode() for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, text in parts.items():
            for old, new in names.items():
                text = text.replace(old, new)
            target.writestr(name, text)


_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


def ods(path):
    cell = "<table:table-cell office:value-type={0}><text:p>{1}</text:p>"
    number, string = '"float" office:value="4013"', '"string"'
    rows = [[(string, "Tên"), (number, "4013")], [(string, "Tổng"), (string, "(3)")]]
    table = "".join(
        "<table:table-row>"
        + "".join(cell.format(*held) + "</table:table-cell>" for held in row)
        + "</table:table-row>"
        for row in rows
    )
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="Sheet">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        target.writestr("META-INF/manifest.xml", _MANIFEST)
        target.writestr("content.xml", content)


@pytest.mark.filterwarnings("ignore")  # openpyxl on what it does not know
@pytest.mark.parametrize(
    ("name", "made", "sheet"),
    [
        ("a.xlsx", strict, "Sheet"),
        ("a.ods", ods, "Sheet"),
        ("a.csv", lambda path: path.write_text("Tên,4013\nTổng,(3)\n", "utf-8"), ""),
    ],
)
def test_a_file_that_is_no_ordinary_workbook_is_built_again_and_marked(tmp_path, name, made, sheet):
    made(tmp_path / name)
    found = issue("B2", source_sheet=sheet, raw_text="(3)")
    book = copied(tmp_path, tmp_path / name, [found])
    assert book.sheetnames == ["Vấn đề", sheet or "Dữ liệu"]
    copy = book.worksheets[1]
    assert [[str(c.value) for c in row] for row in copy] == [["Tên", "4013"], ["Tổng", "(3)"]]
    assert copy["B2"].comment and copy["B2"].fill.fgColor.rgb.endswith("F8CBAD")
    leads = book["Vấn đề"][f"C{first_sheet.HEAD_ROW + 1}"].hyperlink.location
    assert leads in (f"'{copy.title}'!B2", f"{copy.title}!B2")


def test_a_file_that_cannot_be_opened_says_that_no_cell_is_marked(tmp_path):
    (tmp_path / "a.xls").write_bytes(b"no workbook")
    book = copied(tmp_path, tmp_path / "a.xls", [issue("", source_sheet="", rule="file_type")])
    assert book.sheetnames == ["Vấn đề"] and "không mở được" in book.active["A2"].value
