"""Tables as data: what a reader sees, typed; rounding stays."""

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.display import HTML
from markupsafe import Markup

from analysis.display import resource, theme
from analysis.display.table import show
from analysis.language.words import percent


def shown(values: list, write=None) -> tuple[dict, list]:
    """Type and cells of a table of one column, written by ``write`` if it is of figures."""
    formats = {"x": write} if write else {}
    made = show(pd.DataFrame({"x": values}), {"x": "Đầu cột"}, formats).resources[0]
    field = made["schema"]["fields"][0]
    assert (field.pop("name"), field.pop("title")) == ("x", "Đầu cột")
    return field, [row["x"] for row in made["data"]]


def test_figures_are_what_the_reader_sees_and_no_more():
    kind, cells = shown([1234.5678, -0.004, None, 99.999], "points")
    assert kind == {"type": "number", "decimals": 2, "unit": "", "signed": False}
    assert cells == [1234.57, 0, None, 100.0]
    kind, cells = shown([0.123], lambda v: percent(100 * v))
    assert kind == {"type": "number", "decimals": 1, "unit": " %", "signed": False}
    assert cells == [12.3]


def test_figures_keep_sign_thousands_and_differing_decimals():
    assert shown([-1234567, 0], "whole")[1] == [-1234567, 0]
    kind, cells = shown([18, None, 15.5], "short")
    assert kind["decimals"] == [0, 0, 1] and cells == [18, None, 15.5]
    kind, cells = shown(["+3,5", "−1,0", "0,0"], "text")
    assert kind["signed"] and cells == [3.5, -1, 0]


@pytest.mark.parametrize(
    "texts",
    [["12,5 %", "9,24 điểm"], ["3/15"], ["1–5"], ["12,5 %", "chưa có"], ["1.2"], ["1.10,5"], ["b"]],
)
def test_what_is_no_figure_of_one_unit_stays_text(texts):
    assert shown(texts, "text") == ({"type": "string"}, texts)


def test_codes_stay_text_counts_and_days_are_typed():
    assert shown(["001", "1.1"]) == ({"type": "string"}, ["001", "1.1"])
    assert shown([2022, 7]) == ({"type": "integer"}, [2022, 7])
    assert shown([1.234]) == ({"type": "string"}, ["1.234"])
    assert shown(["31/12/2022", "…"]) == ({"type": "date"}, ["2022-12-31", None])
    assert shown(["31/12/2022", "thường xuyên"])[0] == {"type": "string"}


def test_what_is_marked_up_on_the_page_is_plain_text():
    marked = Markup("“<span lang='vi'>Biểu &amp; cột</span>”")
    made = resource.resource([("x", "X", [None, None], [marked, "a"], False)])
    assert [row["x"] for row in made["data"]] == ["“Biểu & cột”", "a"]


def test_a_column_without_any_value_is_empty_text():
    assert shown([None, None], "points") == ({"type": "string"}, [None, None])


def test_what_is_not_shown_is_not_there():
    frame = pd.DataFrame({"name": ["A"], "secret": [7]})
    made = show(frame, {"name": "Tên"}).resources[0]
    assert made["data"] == [{"name": "A"}]


def test_a_notebook_displays_html_and_data_side_by_side():
    table = show(pd.DataFrame({"x": [1]}), {"x": "X"})
    held, _ = DisplayFormatter().format(table)
    assert theme.bare(held["text/html"]) == table.data != held["text/html"]
    assert held[resource.MIME]["resources"] == table.resources
    empty, _ = DisplayFormatter().format(show(pd.DataFrame({"x": []}), {"x": "X"}))
    assert resource.MIME not in empty and "Không có dòng nào." in empty["text/html"]


def test_joined_pieces_keep_their_tables_and_take_the_title_of_their_section():
    table = show(pd.DataFrame({"x": [1]}), {"x": "X"})
    inner = resource.joined([HTML("<h4>a</h4>"), table], "Mục I")
    outer = resource.joined([inner, table], "Báo cáo")
    assert [r["title"] for r in outer.resources] == ["Mục I", "Báo cáo"]
    assert outer.data == f"<h4>a</h4>{table.data}{table.data}"
