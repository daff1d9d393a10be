import numpy as np
import pandas as pd
import pytest
from few import FEW
from hypothesis import given
from hypothesis import strategies as st

from analysis.scoring import composite, score

FRAMEWORK = {
    "framework": "f",
    "max_score": 10,
    "normalise": {"method": "points"},
    "weight": "given",
    "aggregate": "sum",
    "missing_children": "none",
    "rank_within": "type",
    "dimensions": {"d": {"name": {"vi": "D", "en": "D"}, "max_score": 10}},
    "indicators": {
        "x": {
            "dimension": "d",
            "direction": 1,
            "points": {"max": 6, "full_mark_at": 50, "zero_denominator": "zero"},
        },
        "y": {
            "dimension": "d",
            "direction": 1,
            "points": {"max": 4, "full_mark_at": 100, "zero_denominator": "full"},
        },
    },
    "bands": [
        {"from": 9, "name": {"vi": "Tốt", "en": "Good"}},
        {"from": 0, "name": {"vi": "Yếu", "en": "Weak"}},
    ],
}


def values(x, y, status_x="A", status_y="A", unit="u"):
    return pd.DataFrame(
        [(unit, "x", x, status_x, True), (unit, "y", y, status_y, True)],
        columns=["reporting_unit", "indicator", "obs_value", "obs_status", "listed"],
    ).assign(time_period="2022-Q2", framework="f")


def scored(*tables, peers=None):
    return composite.build(pd.concat(tables, ignore_index=True), FRAMEWORK, peers or {}).scores


def whole(table):
    return table[table["level"] == "framework"].iloc[0]


@pytest.mark.parametrize(
    ("x", "y", "expected"), [(25, 50, 5), (50, 100, 10), (80, 100, 10), (0, 0, 0)]
)
def test_points_rise_to_the_full_mark_and_no_further(x, y, expected):
    assert whole(scored(values(x, y)))["score"] == expected


def test_nothing_to_measure_gives_what_the_decision_says():
    table = scored(values(np.nan, np.nan, "M", "M")).set_index("code")
    assert table.loc["x", "score"] == 0
    assert table.loc["y", "score"] == 4


def test_a_missing_indicator_leaves_no_sum_but_shows_its_coverage():
    row = whole(scored(values(np.nan, 100, "O")))
    assert np.isnan(row["score"])
    assert row["coverage"] == pytest.approx(0.4)


@FEW
@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_more_is_never_worth_less(x, y, more):
    low = whole(scored(values(x, y)))["score"]
    high = whole(scored(values(min(100, x + more), y)))["score"]
    assert high >= low
    assert 0 <= low <= 10


def test_ties_share_a_rank_float_noise_breaks_none_and_peers_are_kept_apart():
    types = dict.fromkeys("abc", "province") | {"city": "city", "gap": "province"}
    ranks = scored(
        values(25, 50, unit="a"),
        values(25 + 1e-12, 50, unit="b"),
        values(10, 50, unit="c"),
        values(50, 100, unit="city"),
        values(np.nan, 1, "O", unit="gap"),
        peers=types,
    )
    ranks = ranks[ranks["level"] == "framework"].set_index("reporting_unit")
    assert ranks["rank"].reindex(["a", "b", "c", "city"]).tolist() == [1, 1, 3, 1]
    assert ranks["ranked"].reindex(["a", "city"]).tolist() == [3, 1]
    assert np.isnan(ranks.loc["gap", "rank"])


def test_places_are_those_of_r():
    """R: rank(-c(3, 1, 3, NA, 2), ties.method = "min", na.last = "keep") is 1 4 1 NA 3."""
    found = score.places(np.array([3.0, 1, 3, np.nan, 2]))
    np.testing.assert_array_equal(found, [1, 4, 1, np.nan, 3])
    close = np.array([5, 5 + 4e-10, 5 + 2e-9])
    assert score.places(close).tolist() == [2, 2, 1], "the ninth decimal counts, not the tenth"


@pytest.mark.parametrize(
    ("value", "name"), [(9, "Tốt"), (9 - 4e-10, "Tốt"), (9 - 2e-9, "Yếu"), (0, "Yếu")]
)
def test_a_band_begins_at_its_bound(value, name):
    assert score.band(value, FRAMEWORK)["vi"] == name
    assert score.band(-1, FRAMEWORK) is None


def test_no_score_no_band():
    assert score.band(float("nan"), FRAMEWORK) is None


def test_where_nobody_has_a_score_there_are_no_deciles():
    scores = pd.DataFrame({"score": [10.0, 4.0], "max_score": 10.0, "peer_type": "province"})
    table = score.deciles(scores, ["peer_type"])
    assert table.round(1).to_dict("records") == [
        {"peer_type": "province", "n": 2, "low": 46.0, "median": 70.0, "high": 94.0}
    ]
    empty = score.deciles(scores.assign(score=np.nan), ["peer_type"])
    assert empty.empty and list(empty.columns) == list(table.columns)


def test_neighbours_are_those_next_in_rank_among_peers():
    rows = [(f"p{i}", "province", i) for i in range(1, 6)] + [("m1", "ministry", 1)]
    scores = pd.DataFrame(rows, columns=["reporting_unit", "peer_type", "rank"])
    scores = scores.assign(level="framework")
    found = score.neighbours(scores)
    near = found.groupby("reporting_unit")["other"].agg(list)
    assert near["p3"] == ["p1", "p2", "p4", "p5"]
    assert near["p1"] == ["p2", "p3"] and near["p5"] == ["p3", "p4"]
    assert "m1" not in near and found.loc[found["other"] == "p2", "other_rank"].eq(2).all()
    assert score.neighbours(scores.assign(rank=float("nan"))).empty


def test_scores_tie_where_they_agree_to_the_decimals_that_count():
    x = np.array([[2.0, 5.0], [1.96, 5.0], [1.94, np.nan]])
    assert score.places(x[:, 0], decimals=1).tolist() == [1, 1, 3]
    np.testing.assert_array_equal(score.places(x, axis=0), [[1, 1], [2, 1], [3, np.nan]])


def test_what_nothing_was_measured_of_is_scored_and_not_judged():
    table = pd.DataFrame({"score": [5.0, 5.0, np.nan, 0.0], "measured": [1.0, 0.0, 0.0, 0.5]})
    table["max_score"] = 10.0
    assert score.judged(table).tolist() == [True, False, False, True]
    assert score.idle(table).tolist() == [False, True, False, False]
    assert score.judged(table.drop(columns="measured")).tolist() == [True, True, False, True]
    assert score.deciles(table.assign(g="a"), ["g"])["n"].tolist() == [2]


def test_of_several_sources_of_doubt_one_is_asked_the_method_first():
    table = pd.DataFrame({"source": ["sampling", "method", None, "sampling"], "i": range(4)})
    assert score.one_source(table)["i"].tolist() == [1, 2]
    other = table.assign(source=[None, "sampling", "chance", "sampling"])
    assert score.one_source(other)["i"].tolist() == [0, 1, 3], "else the first that there is"
    assert len(score.one_source(table.assign(source=None))) == 4


def test_who_is_close_is_so_to_both_sides():
    pairs = pd.DataFrame({"reporting_unit": ["a", "a", "b"], "other": ["b", "c", "c"]})
    pairs = pairs.assign(apart=[False, True, False], source="method")
    found = score.close(pairs)
    assert found.to_numpy().tolist() == [["a", "b"], ["b", "a"], ["b", "c"], ["c", "b"]]
    assert score.close(pairs.iloc[:0]).empty


def test_a_published_score_agrees_within_its_rounding():
    made = {
        "dimensions": {"d": {"published_as": {"group": "G", "metric": "sum"}}},
        "indicators": {
            c: {"published_as": {"group": "G", "metric": c}} for c in ("a", "b", "c", "e")
        },
    }
    rows = [("a", "indicator", 5.005, "A"), ("b", "indicator", 5.006, "A"),
            ("c", "indicator", np.nan, "O"), ("e", "indicator", 4.0, "E"),
            ("d", "dimension", 9.0, "E")]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["code", "level", "score", "obs_status"])
    scores["reporting_unit"] = "u"
    said = {"a": 5.0, "b": 5.0, "c": 5.0, "e": 4.0, "sum": 9.0, "other": 1.0, "a ": np.nan}
    published = pd.DataFrame({"metric": list(said), "published_score": list(said.values())})
    published = published.assign(reporting_unit="u", group="G", max_score=10.0)
    found = score.agreement(scores, published, made, 0.005).set_index("metric")["outcome"]
    assert found.to_dict() == {
        "a": "agrees",
        "b": "differs",
        "c": "no_inputs",
        "e": "assumed",
        "sum": "agrees",
        "other": "unknown_rule",
        "a ": "not_published",
    }
