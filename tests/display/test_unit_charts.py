"""Charts: text stays text, names are escaped, missing is named and never drawn as 0."""

import re
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from analysis.display.charts import (
    figure,
    findings,
    period_charts,
    quadrant_chart,
    rank_charts,
    register_charts,
    series_charts,
    survey_charts,
    svg,
    unit_charts,
)

HOSTILE = '<script>alert(1)</script> & "x" $\\bad{x}$'


def bars(**values):
    return unit_charts.ranked_bars(
        pd.Series(values), title="T", unit="%", source="S.", decimals=1, directions=[1]
    ).html


def test_bars_are_labelled_with_vietnamese_numbers_and_ordered():
    html = bars(a=1.5, b=1234.5)
    assert ">1.234,5</text>" in html and ">1,5</text>" in html
    assert html.index(">b</text>") < html.index(">a</text>"), "largest on top"
    assert 'aria-label="b cao nhất, 1.234,5 %; a thấp nhất, 1,5 %. T, %."' in html


def test_missing_values_are_named_and_not_drawn():
    html = bars(a=1.0, gap=float("nan"))
    assert "Thiếu số liệu: gap." in html
    assert ">gap</text>" not in html and html.count(">1,0</text>") >= 1


def test_text_in_a_chart_is_escaped():
    html = unit_charts.ranked_bars(
        pd.Series({HOSTILE: 1.0}), title=HOSTILE, unit=HOSTILE, source=HOSTILE
    )
    assert "<script" not in html.html
    assert html.html.count("&lt;script&gt;") >= 4


def test_the_same_figures_give_the_same_picture_and_two_charts_share_no_id():
    one, again, other = bars(a=1.0), bars(a=1.0), bars(a=2.0)
    assert one == again
    assert one != other
    table = pd.DataFrame({"name": ["d"] * 2, "label": list("ab"), "value": [1.0, 2.0]})
    drawn = [unit_charts.spread(table, title=t, source="S").html for t in "TU"]
    ids = [set(re.findall(r'\bid="([^"]+)"', html)) for html in drawn]
    assert ids[0] and not ids[0] & ids[1]


def test_a_profile_shows_peers_where_the_unit_has_no_value():
    table = pd.DataFrame(
        {"name": ["x", "y"], "value": [50.0, None], "low": [10.0, 20.0], "median": [40.0, 50.0],
         "high": [60.0, 70.0]}
    )  # fmt: skip
    html = unit_charts.profile(table, title="T", source="S").html
    assert "… thiếu số liệu" in html
    assert "<strong>Cao hơn trung vị ở 1 trong 1 nội dung có số liệu</strong>" in html
    assert "<td>y</td><td class='num'>…</td>" in html


def test_spread_marks_the_median_and_says_how_many():
    table = pd.DataFrame({"name": ["d"] * 3, "label": list("abc"), "value": [1.0, 2.0, 9.0]})
    html = unit_charts.spread(table, title="T", source="S", highlight="c").html
    assert "(n\u00a0=\u00a03)" in html and "<strong>c cao hơn trung vị ở 1 trong 1" in html
    alone = unit_charts.spread(table, title="T", source="S").html
    assert "<strong>Trung vị: 2</strong>" in alone


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"a": 2.0, "b": 1.0}, "a cao nhất, 2; b thấp nhất, 1"),
        ({"a": 2.04, "b": 1.96, "c": 1.0}, "a và b cao nhất, 2; c thấp nhất, 1"),
        ({"a": 2, "b": 2, "c": 2, "d": 1}, "3 nơi cùng mức cao nhất, 2; d thấp nhất, 1"),
        ({"a": 2.0, "b": 2.0}, "Cả 2 bằng nhau: 2"),
        ({"a": 2.0, "b": None}, "a: 2"),
        ({"a": None}, "Chưa có số liệu"),
    ],
)
def test_a_finding_does_not_break_ties(values, said):
    assert findings.extremes(pd.Series(values, dtype=float), directions=[1]) == said


def test_mixed_directions_and_parts_of_a_list_have_no_highest_and_lowest():
    values = pd.Series({"đúng hạn": 97.0, "quá hạn": 5.0})
    for more in ({}, {"directions": [1, -1]}, {"directions": [1], "of": 40}):
        with pytest.raises(ValueError, match="no highest|no extremes"):
            findings.extremes(values, **more)
    said = {"title": "T", "unit": "%", "source": "S"}
    with pytest.raises(ValueError, match="several"):
        unit_charts.ranked_bars(values, directions=[1, -1], **said)
    assert "2 giá trị, từ 5 % đến 97 %" in unit_charts.ranked_bars(values, **said).finding
    ways = pd.Series([1, -1], values.index)
    apart = findings.by_direction(values, ways)
    assert apart == "1 giá trị càng cao càng tốt: 97; 1 giá trị càng thấp càng tốt: 5"


def test_a_largest_count_is_a_share_of_all_things_and_ties_are_no_name():
    counts = pd.Series({"muộn": 3, "thiếu": 1})
    assert findings.most(counts, 10) == "Nhiều nhất: muộn, 3 trong 10 (30 %)"
    tied = pd.Series({"a": 2, "b": 2, "c": 2})
    assert findings.most(tied, 6) == "Nhiều nhất: 3 mục cùng mức, 2 trong 6 (33 %)"
    assert findings.most(tied.iloc[:1], 6) == "a: 2 trong 6"


@pytest.mark.parametrize(
    ("values", "said"),
    [([80, 82.5, 85], ["80,0", "82,5", "85,0"]), ([0.5, 0.75, 1.0], ["0,50", "0,75", "1,00"]),
     ([-1, 0, 1], ["−1", "0", "1"]), ([0, 0.1 + 0.2], ["0,0", "0,3"])],
)  # fmt: skip
def test_ticks_are_written_exactly(values, said):
    assert figure.Exactly().format_ticks(values) == said


NAMES = [HOSTILE, "Tỉnh B", "Tỉnh C"]
SAID = {"title": HOSTILE, "source": HOSTILE}
UNIT = {**SAID, "unit": HOSTILE}


def ranks(**more):
    table = {"name": NAMES, "rank": [1, 2, 3], "rank_low": [1, 1, 3], "rank_high": [2, 2, 3]}
    return pd.DataFrame(table | {"source": "method"} | more)


def over(**more):
    rows = [(t, n, 10.0 * i + k) for i, t in enumerate(["2022", "2023"])
            for k, n in enumerate(NAMES)]  # fmt: skip
    return pd.DataFrame(rows, columns=["time_period", "name", "score"]).assign(**more)


def estimated(**more):
    table = {"name": NAMES, "estimate": [3.0, 2.0, 1.0], "ci_low": [2.5, 1.0, 0.5]}
    table |= {"ci_high": [3.5, 2.6, 1.5], "respondents": [9, 8, 7], "obs_status": "A"}
    return pd.DataFrame(table | more)


def published():
    rows = over(series="s", segment=0, target=2.0).assign(rank=lambda t: t["score"] + 1)
    rows = rows[rows["name"] == HOSTILE].assign(time_period=[2022, 2023])
    return rows.assign(low=rows["score"] - 1, high=rows["score"] + 1, index="i", value=rows["rank"],
                       quarter=1.0, median=2.0, three_quarters=3.0)  # fmt: skip


def edition():
    rows = [("2018", "g", 5.0, "", ""), ("2022", "g", 3.0, "lower_bound", "x")]
    columns = ["edition", "procedure_group", "low", "bound", "conflict"]
    return pd.DataFrame(rows, columns=columns)


def states():
    counts = dict.fromkeys(register_charts.COLOURS, [1, 2, 0])
    return pd.DataFrame({"name": NAMES, **counts})


def quadrant():
    table = pd.DataFrame({"name": NAMES, "hours": [0.5, 2.0, 1.1], "direct_cost": [0.6, 1.9, 1.0]})
    for column in ("hours", "direct_cost"):
        table[f"{column}_low"], table[f"{column}_high"] = table[column] * 0.9, table[column] * 1.1
    return table.assign(small=False, clear=[True, True, False], suppressed=False, quadrant="q")


DRAWN = {
    "bars": lambda: unit_charts.ranked_bars(pd.Series([3.0, 2.0, 1.0], NAMES), **UNIT),
    "spread": lambda: unit_charts.spread(
        pd.DataFrame({"name": HOSTILE, "label": NAMES, "value": [1, 2, 3], "target": 2}), **SAID
    ),
    "profile": lambda: unit_charts.profile(
        pd.DataFrame({"name": NAMES, "value": [1, 2, None], "low": 0, "median": 1, "high": 2}),
        **SAID,
    ),
    "agreement": lambda: unit_charts.agreement(
        pd.DataFrame({"published_score": 1, "score": [1, 3], "outcome": ["agrees", "differs"]}),
        **SAID,
    ),
    "attendance": lambda: unit_charts.attendance(
        pd.DataFrame({"name": NAMES, "time_period": "2022-Q1", "on_time": [0, 1, 2], "due": 2}),
        **SAID,
    ),
    "rank_intervals": lambda: rank_charts.rank_intervals(ranks(), **SAID),
    "effects": lambda: rank_charts.effects(
        pd.DataFrame({"name": NAMES, "contribution": [1, -2, 3]}), **UNIT
    ),
    "above": lambda: rank_charts.above(
        pd.DataFrame({"name": NAMES[:2], "other_name": NAMES[1:], "p_above": [0.99, 0.6]}),
        NAMES, **SAID,
    ),
    "history": lambda: period_charts.history(over(), **UNIT),
    "against_peers": lambda: period_charts.against_peers(
        pd.DataFrame({"time_period": ["2022", "2023"], "value": [1, 2], "low": 0, "median": 1,
                      "high": 3, "n": [4, 5]}), name=HOSTILE, **SAID,
    ),
    "indicators_over_time": lambda: period_charts.indicators_over_time(
        over(label=HOSTILE, unit_measure="percent").rename(columns={"score": "obs_value"}), **SAID
    ),
    "chosen_over_time": lambda: period_charts.chosen_over_time(
        over().rename(columns={"score": "obs_value"}), [HOSTILE], **UNIT
    ),
    "importance": lambda: rank_charts.importance(
        pd.DataFrame({"factor": ["a", "b"], "first_order": 0.2, "total_order": [0.5, 0.4],
                      "total_low": 0.3, "total_high": 0.6}), {"a": HOSTILE, "b": "B"}, **SAID,
    ),
    "side_by_side": lambda: rank_charts.side_by_side(
        pd.DataFrame({"name": NAMES, "unit": [1, 2, 3], "other": [2, 2, None]}),
        HOSTILE, "R", **UNIT,
    ),
    "by_state": lambda: register_charts.by_state(
        states(), dict.fromkeys(register_charts.COLOURS, HOSTILE), **UNIT
    ),
    "in_order": lambda: register_charts.in_order(pd.Series([1, 2, 3], NAMES), **UNIT),
    "ranks": lambda: series_charts.ranks(published(), **UNIT),
    "estimates": lambda: series_charts.estimates(published(), **UNIT),
    "spreads": lambda: series_charts.spreads(published(), own=HOSTILE, **SAID),
    "intervals": lambda: survey_charts.intervals(estimated(), **UNIT),
    "changes": lambda: survey_charts.intervals(estimated(), reference=1.2, **UNIT),
    "stacked": lambda: survey_charts.stacked(
        pd.DataFrame({"name": NAMES, "x": [1, 2, 3], "y": [3, 2, 1]}),
        {"x": HOSTILE, "y": "Y"}, **UNIT,
    ),
    "quadrants": lambda: quadrant_chart.quadrants(quadrant(), **SAID),
    "editions": lambda: survey_charts.editions(edition(), names={"g": HOSTILE}, **UNIT),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_each_chart_has_a_finding_a_text_alternative_and_its_data(name):
    html = DRAWN[name]().html
    finding = re.search("<figcaption><strong>(.+?)</strong><br><span>(.+?)</span>", html)
    said = re.search('<svg role="img" aria-label="([^"]+)"', html)[1]
    assert said.split(". ")[0] and finding[1] and "<script" not in html and "&lt;script" in html
    plain = finding[1].replace("&#34;", "&quot;")
    assert said.startswith(plain), "the text alternative states the finding"
    behind = html.partition("<details class='behind'>")[2]
    assert behind.count("<tr>") > 1 and "<td" in behind and "<td>None" not in behind
    assert not re.search(r"\bnan\b", html)


@pytest.mark.parametrize("name", sorted(DRAWN.keys() - {"agreement", "above"}))
def test_marks_of_a_chart_say_what_they_are(name):
    marks = re.findall(r'class="mark[^>]*>?<title>([^<]+)</title>', DRAWN[name]().html)
    assert marks and all(mark.strip() for mark in marks)


def test_every_chart_function_is_tried():
    modules = (unit_charts, rank_charts, register_charts, series_charts, survey_charts)
    drawing = {n for m in modules for n, f in vars(m).items() if hasattr(f, "__wrapped__")}
    drawing -= {"styled"}
    assert drawing - {"ranked_bars"} <= DRAWN.keys()


def test_a_path_that_draws_nothing_is_within_any_clip():
    clip = "<clipPath id='k'><rect x='0' y='0' width='9' height='9'/></clipPath>"
    root = ET.fromstring(f"<svg>{clip}<g clip-path='url(#k)'><path/></g></svg>")
    svg.without_clips(root)
    assert ET.tostring(root) == b"<svg><g><path /></g></svg>"


@pytest.mark.parametrize("draw", [
    lambda more: quadrant_chart.quadrants(nudged(quadrant(), more), **SAID),
    lambda more: survey_charts.intervals(nudged(estimated(), more), **UNIT),
    lambda more: survey_charts.stacked(
        pd.DataFrame({"name": ["A", "B"], "x": [30 + more, 40], "y": [70, 60 - more]}),
        {"x": "X", "y": "Y"}, title="T", unit="%", source="S.",
    ),
])  # fmt: skip
def test_no_drawing_says_more_than_its_table(draw):
    """Coordinates can be read off: figures that are printed alike are drawn alike."""
    assert re.sub(r"-?[a-z]+-?[0-9a-f]{6,}", "", draw(0.0).html) == re.sub(
        r"-?[a-z]+-?[0-9a-f]{6,}", "", draw(0.004).html
    )


def nudged(table, more):
    """The same estimates but for what is not printed."""
    ends = ["estimate", "hours", "direct_cost", "ci_low", "ci_high"]
    ends += ["hours_low", "hours_high", "direct_cost_low", "direct_cost_high"]
    return table.assign(**{c: table[c] + more for c in ends if c in table})
