"""Pictures are drawn for their reader's width: on a telephone with letters that can be read, with
the labels of rows above them, and the same marks."""

import ast
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from pandas.api.types import is_numeric_dtype
from test_theme import EVERY
from test_unit_charts import DRAWN, HOSTILE

from analysis.display.charts import canvas, figure, unit_charts
from analysis.display.charts.chart import Chart
from analysis.project import PROJECT

SHOWN = {"wide": 912, "narrow": 392}  # CSS pixels: 57rem; a telephone of 400 without its margins
SMALLEST = 12


def drawings(html: str) -> dict[str, str]:
    found = re.findall(r'<svg [^>]*?class="(\w+)".*?</svg>', html, re.S)
    texts = re.findall("<svg.*?</svg>", html, re.S)
    return dict(zip(found, texts, strict=True))


@pytest.mark.parametrize("name", EVERY)
def test_letters_are_large_enough_for_a_page_and_for_a_telephone(name):
    drawn = drawings(EVERY[name]().html)
    assert list(drawn) == ["wide", "narrow"]
    for kind, svg in drawn.items():
        inner = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
        # what is drawn less wide than others is shown so
        share = re.search(r";width:([\d.]+)%", svg)
        scale = SHOWN[kind] * (float(share[1]) / 100 if share else 1) / inner
        sizes = [float(s) for s in re.findall(r"font-size:([\d.]+)px", svg)]
        assert sizes and min(sizes) * scale >= SMALLEST, (kind, min(sizes) * scale)


@pytest.mark.parametrize("name", EVERY)
def test_a_telephone_shows_the_same_marks_and_says_them_once(name):
    drawn = drawings(EVERY[name]().html)
    wide, narrow = (re.findall(r'class="mark', drawn[kind]) for kind in ("wide", "narrow"))
    assert len(wide) == len(narrow)
    assert "<title>" not in drawn["narrow"]


labels = st.lists(st.text("ab ", min_size=1, max_size=90), min_size=1, max_size=6)


@given(labels)
def test_labels_above_their_rows_keep_rows_in_order_and_labels_before_them(names):
    names = [f"x{name}" * 3 for name in names]
    with canvas.drawn_for(canvas.NARROW), mpl.rc_context({"text.parse_math": False}):
        _, ax = canvas.rows(names)
        ends = [[i - 0.499, i, i + 0.499] for i in range(len(names))]
        inches = [ax.transData.transform((0, y))[1] / 72 for end in ends for y in end]
    assert inches == sorted(inches, reverse=True), "from the top"
    heights = np.diff(inches)[0::3] + np.diff(inches)[1::3]
    assert heights == pytest.approx(heights[0]) and heights[0] <= -0.25, "as high as elsewhere"
    if ax.get_yscale() == "function":
        gaps = -np.diff(inches)[2::3]
        lines = [text.get_text().count("\n") + 1 for text in ax.texts][1:]
        assert all(gap >= 0.13 * n for gap, n in zip(gaps, lines, strict=True))


def test_what_is_beside_a_mark_is_not_cut_off():
    with canvas.drawn_for(canvas.NARROW):
        fig, ax = canvas.area(2)
        for x, by in ((0, (-4, 0)), (0.5, (0, 4)), (1, (4, 0)), (1, (0, 4))):
            figure.beside(ax, "1.234.567.890", (x, 0.5), by)
        canvas.within(fig)
        for text in ax.texts:
            box = text.get_window_extent()
            assert box.x0 >= 0 and box.x1 <= fig.bbox.width


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_can_be_gone_on_with(name):
    chart = DRAWN[name]()
    assert isinstance(chart, Chart) and isinstance(chart.figure, Figure)
    assert chart.figure.get_figwidth() == pytest.approx(canvas.WIDE), "the one of a page"
    assert len(chart.data) and list(chart.data) == list(chart.printed)
    assert f"<strong>{chart.finding.partition('<')[0]}" in chart.html
    assert chart.__html__() == chart.html and chart.html in chart._repr_html_()
    assert chart.finding in repr(chart)


def test_the_data_of_a_chart_are_figures_as_exact_as_they_are_printed():
    chart = DRAWN["bars"]()
    assert chart.data.iloc[:, 1].tolist() == [3.0, 2.0, 1.0]
    assert is_numeric_dtype(chart.data.iloc[:, 1]) and chart.data.iloc[0, 0] == HOSTILE


def test_where_nothing_is_drawn_the_chart_says_why_and_holds_nothing():
    chart = figure.nothing("T", "chưa có gì")
    assert (chart.finding, chart.figure, len(chart.data)) == ("chưa có gì", None, 0)
    assert chart.html == "<p class='note'>T: chưa có gì.</p>" and chart.resources == []


def test_of_many_units_a_box_stands_for_points_that_would_be_a_cloud():
    few = pd.DataFrame({"name": "d", "label": [f"u{i}" for i in range(9)], "value": range(9)})
    many = pd.DataFrame({"name": "d", "label": [f"u{i}" for i in range(300)], "value": 50.0})
    points, box = (unit_charts.spread(t, title="T", source="S") for t in (few, many))
    assert points.html.count("<title>u") == 9 and "hộp" not in points.source
    assert re.findall("<title>(.*?)</title>", box.html, re.S) == [
        "d\nThấp nhất 50,0; Tứ phân vị 1 50,0; Trung vị 50,0; Tứ phân vị 3 50,0; Cao nhất 50,0"
    ]
    assert "hộp" in box.source
    one = many.assign(value=[10.0] + [50.0 + i % 20 for i in range(299)])
    assert "<title>u0\n10,0</title>" in unit_charts.spread(one, title="T", source="S").html


def test_pages_without_such_a_picture_do_not_pay_for_seaborn():
    found = {}
    for path in (PROJECT / "src/analysis/display").rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if "seaborn" in names:
                found.setdefault(path.stem, []).append(node in tree.body)
    assert found and not any(map(any, found.values())), "only where it draws"
