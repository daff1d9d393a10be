"""Charts: text stays text, names are escaped, missing is named and never drawn as 0."""

import re

import pandas as pd

from analysis import charts

HOSTILE = '<script>alert(1)</script> & "x"'


def bars(**values):
    return charts.ranked_bars(pd.Series(values), title="T", unit="%", source="S.", decimals=1).data


def test_bars_are_labelled_with_vietnamese_numbers_and_ordered():
    html = bars(a=1.5, b=1234.5)
    assert ">1.234,5</text>" in html and ">1,5</text>" in html
    assert html.index(">a</text>") < html.index(">b</text>"), "largest on top (drawn last)"
    assert 'aria-label="T. b cao nhất, 1.234,5 (%)."' in html


def test_missing_values_are_named_and_not_drawn():
    html = bars(a=1.0, gap=float("nan"))
    assert "Thiếu số liệu: gap." in html
    assert ">gap</text>" not in html and html.count(">1,0</text>") >= 1


def test_text_in_a_chart_is_escaped():
    html = charts.ranked_bars(
        pd.Series({HOSTILE: 1.0}), title=HOSTILE, unit=HOSTILE, source=HOSTILE
    )
    assert "<script" not in html.data
    assert html.data.count("&lt;script&gt;") >= 4


def test_the_same_figures_give_the_same_picture_and_two_charts_share_no_id():
    one, again, other = bars(a=1.0), bars(a=1.0), bars(a=2.0)
    assert one == again
    ids = [set(re.findall(r'\bid="([^"]+)"', html)) for html in (one, other)]
    assert ids[0] and not ids[0] & ids[1]


def test_a_profile_shows_peers_where_the_unit_has_no_value():
    table = pd.DataFrame(
        {"name": ["x", "y"], "value": [50.0, None], "low": [10.0, 20.0], "median": [40.0, 50.0],
         "high": [60.0, 70.0]}
    )  # fmt: skip
    html = charts.profile(table, title="T", source="S").data
    assert "… thiếu số liệu" in html
    assert "x: 50; y: …" in html


def test_spread_marks_the_median_and_says_how_many():
    table = pd.DataFrame({"name": ["d"] * 3, "label": list("abc"), "value": [1.0, 2.0, 9.0]})
    html = charts.spread(table, title="T", source="S", highlight="c").data
    assert "(n = 3)" in html and "d: trung vị 2" in html
