"""The workbook of a page, opened as its readers open it."""

import io
from datetime import datetime

import openpyxl
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.display.table import show
from analysis.render import exports, page_workbook, report

CONTEXT = report.Context(
    period="2024",
    period_title="Năm 2024",
    synthetic=True,
    provenance=("Kỳ 2024", "Lập lúc 01/01/2025"),
    notes=("Nguồn: Cổng",),
    question="Ai đứng trước?",
    address="2024/ranking.html",
)


def displayed(table: pd.DataFrame, heads: dict, formats: dict | None = None):
    data = show(table, heads, formats)._repr_mimebundle_()
    return new_code_cell("x", outputs=[new_output("display_data", data=data)])


@pytest.fixture(scope="module")
def notebook():
    scores = pd.DataFrame(
        {
            "name": ["Hà Nội", "=HYPERLINK(1)", None],
            "score": [1234.5, None, -3.14159],
            "day": ["31/12/2022", "01/02/2023", "…"],
        }
    )
    heads = {"name": "Đơn vị", "score": "Điểm", "day": "Ngày"}
    method = new_output("display_data", data={"text/html": "<p>Căn cứ: A &amp; B.</p>"})
    return new_notebook(
        cells=[
            new_markdown_cell("# Trang"),
            new_markdown_cell("## Bảng: điểm [1]/2?"),
            displayed(scores, heads, {"score": "points"}),
            displayed(pd.DataFrame({"share": [45.25]}), {"share": "Tỷ lệ"}, {"share": "share"}),
            displayed(scores.head(0), heads),
            new_markdown_cell("## Nguồn và phương pháp\n\nTheo *METHOD*."),
            new_code_cell("y", outputs=[method]),
        ]
    )


@pytest.fixture(scope="module")
def book(notebook):
    data = page_workbook.xlsx(notebook, "Xếp hạng", CONTEXT)
    return openpyxl.load_workbook(io.BytesIO(data))


def test_each_table_that_has_rows_is_a_sheet_named_after_its_section(book):
    assert book.sheetnames == ["Thông tin", "1 Bảng  điểm  1  2", "2 Bảng  điểm  1  2"]


def test_cells_are_typed_and_written_as_on_the_page(book):
    rows = list(book.worksheets[1].iter_rows())
    assert [c.value for c in rows[0]] == ["Đơn vị", "Điểm", "Ngày"]
    assert [c.value for c in rows[1]] == ["Hà Nội", 1234.5, datetime(2022, 12, 31)]
    assert [c.value for c in rows[2]] == ["'=HYPERLINK(1)", None, datetime(2023, 2, 1)]
    assert [c.value for c in rows[3]] == [None, -3.14, None]
    assert rows[1][1].number_format == "#,##0.00" and rows[1][2].number_format == "dd/mm/yyyy"
    assert book.worksheets[2]["A2"].value == 45.2
    assert book.worksheets[2]["A2"].number_format == '#,##0.0" %"'


def test_signs_and_decimals_of_each_cell_are_as_on_the_page():
    table = pd.DataFrame({"change": ["+3,5 %", "-1 %"]})
    data = page_workbook.xlsx(
        new_notebook(cells=[displayed(table, {"change": "Đổi"}, {"change": str})]), "T", CONTEXT
    )
    cells = openpyxl.load_workbook(io.BytesIO(data)).worksheets[1]["A"][1:]
    assert [c.value for c in cells] == [3.5, -1]
    one, whole = '#,##0.0" %"', '#,##0" %"'
    assert [c.number_format for c in cells] == [f"+{x};-{x};{x}" for x in (one, whole)]


def test_no_cell_is_a_formula(book):
    assert {c.data_type for s in book for row in s.iter_rows() for c in row} <= {"s", "n", "d"}


def test_titles_and_heads_are_no_formulas_either():
    table = displayed(pd.DataFrame({"a": ["x"]}), {"a": "=1+1"})
    told = report.Context(question="@SUM(A1)", notes=("+1",), provenance=("-1+1", "＝1"))
    titled = new_notebook(cells=[new_markdown_cell("## =2+2"), table])
    for notebook in (titled, new_notebook(cells=[table])):
        data = page_workbook.xlsx(notebook, "=HYPERLINK(1)", told)
        cells = [
            cell
            for sheet in openpyxl.load_workbook(io.BytesIO(data))
            for row in sheet.iter_rows()
            for cell in row
        ]
        assert {c.data_type for c in cells} <= {"s", "n"}
        begun = [c.value for c in cells if str(c.value).startswith("'")]
        # of the page its title, question, note, provenance (2); of the table title and head; method
        assert len(begun) == 6 + len(notebook.cells)


def test_heads_stay_in_sight_and_columns_can_be_filtered(book):
    sheet = book.worksheets[1]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:C4"
    assert sheet["A1"].font.bold and sheet.column_dimensions["A"].width > 10


def test_the_first_sheet_says_what_the_figures_are(book):
    text = "\n".join(str(c) for row in book.worksheets[0].values for c in row if c)
    for part in (
        *(
            "Xếp hạng",
            "Ai đứng trước?",
            "2024 – Năm 2024",
            "SYNTHETIC",
            "Nguồn: Cổng",
            "Tiếng Việt",
        ),
        *("Theo METHOD.\nCăn cứ: A & B.", "Lập lúc 01/01/2025", "2024/ranking.html"),
    ):
        assert part in text
    listed = [row for row in book.worksheets[0].values if row[2] is not None]
    assert listed[1:] == [
        (name, "Bảng: điểm [1]/2?", n) for name, n in zip(book.sheetnames[1:], (3, 1), strict=True)
    ]


def test_figures_that_are_real_are_not_called_synthetic(notebook):
    data = page_workbook.xlsx(notebook, "T", report.Context())
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert not any("SYNTHETIC" in str(c) for row in sheet.values for c in row)


def test_the_same_page_gives_the_same_bytes(notebook):
    once, again = (page_workbook.xlsx(notebook, "T", CONTEXT) for _ in range(2))
    assert once == again


def test_a_page_without_a_table_has_no_workbook():
    book = new_notebook(cells=[new_markdown_cell("# T")])
    assert exports.write(("xlsx",), book, "p", "T", CONTEXT, lay=None) == []
