"""Scales: known values, bounds, and order."""

import numpy as np
import pandas as pd
import pytest
import r_index
from composites import framework, matrices, values
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.scoring import normalise

costs = st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=2, max_size=20).map(pd.Series)
PUBLISHED = project.PROJECT / "tests" / "published"


def test_goalposts_as_in_doing_business():
    """Starting a business, days: best 0.5, worst 100 (Doing Business 2020); 50.25 is half way."""
    found = normalise.goalposts(pd.Series([0.5, 50.25, 100, 300, np.nan]), 0.5, 100)
    assert found.tolist()[:4] == pytest.approx([100, 50, 0, 0])
    assert np.isnan(found.iloc[4])
    with pytest.raises(ValueError, match="must differ"):
        normalise.goalposts(pd.Series([1.0]), 3, 3)


def test_schooling_in_the_handbook():
    """OECD/JRC handbook, table 15: rank, z-score and min–max of mean years of schooling."""
    data = pd.read_csv(PUBLISHED / "tai" / "values.csv")
    x = data[data["indicator"] == "schooling"].set_index("reporting_unit")["obs_value"]
    z = pd.Series(normalise.z_score(x), x.index).round(2)
    share = pd.Series(normalise.min_max(x, scale=(0, 1)), x.index).round(2)
    place = pd.Series(normalise.rank(x), x.index)
    printed = {
        "Finland": (15, 0.26, 0.59),
        "United States": (23, 1.52, 1.00),
        "Sweden": (19, 1.14, 0.88),
        "Japan": (12, -0.06, 0.49),
        "Singapore": (1, -1.58, 0.00),
        "Ireland": (9, -0.12, 0.47),
        "Slovenia": (1, -1.58, 0.00),
    }
    for country, expected in printed.items():
        assert (place[country], z[country], share[country]) == pytest.approx(expected), country


def test_percentile_ranks_share_the_lowest_place():
    found = normalise.percentile_rank(pd.Series([10.0, 20, 20, 40, np.nan]), direction=-1)
    assert found.tolist()[:4] == pytest.approx([100, 100 / 3, 100 / 3, 0])
    assert np.isnan(found[4])
    assert np.isnan(normalise.percentile_rank(pd.Series([3.0]))).all()


def test_distance_to_target_ends_at_the_target_if_capped():
    x = pd.Series([10.0, 40, 50, 80])
    assert normalise.distance_to_target(x, 50).tolist() == pytest.approx([0, 75, 100, 175])
    assert normalise.distance_to_target(x, 50, cap=True).tolist() == pytest.approx(
        [0, 75, 100, 100]
    )
    down = normalise.distance_to_target(pd.Series([90.0, 50, 10]), 10, direction=-1)
    assert down.tolist() == pytest.approx([0, 50, 100])
    assert normalise.distance_to_target(x, 5).tolist() == [100] * 4, "all are beyond the target"


def test_distance_to_baseline_is_50_where_nothing_changed():
    found = normalise.distance_to_baseline(pd.Series([10.0, 5, 0]), pd.Series([10.0, 10, 10]))
    assert found.tolist() == pytest.approx([50, 200 / 3, 100])


@pytest.mark.parametrize(("value", "score"), [(0, 0), (69.9, 0), (70, 50), (89, 50), (90, 100)])
def test_steps_begin_at_their_bound(value, score):
    assert normalise.steps(np.array([value]), [(70, 1), (90, 2)])[0] == score


def test_steps_may_run_downwards():
    days = np.array([12.0, 10.0, 5.0, np.nan])
    found = normalise.steps(days, [(10, 1), (5, 2)], direction=-1)
    np.testing.assert_array_equal(found, [0, 50, 100, np.nan])


def test_where_all_are_equal_nobody_is_better():
    same = np.array([3.0, 3.0, np.nan])
    np.testing.assert_array_equal(normalise.min_max(same), [50, 50, np.nan])
    np.testing.assert_array_equal(normalise.z_score(same), [0, 0, np.nan])


@given(costs)
def test_cheaper_never_scores_lower(values):
    order = values.argsort()
    for scores in (
        normalise.goalposts(values, 0, 1e9),
        pd.Series(normalise.percentile_rank(values, direction=-1)),
        pd.Series(normalise.min_max(values, direction=-1)),
        normalise.distance_to_baseline(values, pd.Series(7.0, index=values.index)),
    ):
        assert scores.between(-1e-9, 100 + 1e-9).all()
        assert (scores.iloc[order].diff().dropna() <= 1e-9).all()


@given(matrices(), st.integers(1, 1000), st.integers(-1000, 1000))
def test_a_change_of_unit_changes_no_score(x, times, plus):
    """Positive affine rescaling of the values with their goalposts or target."""
    y = x * times + plus
    close = dict(rtol=1e-9, atol=1e-7)
    for function in (normalise.min_max, normalise.percentile_rank, normalise.rank):
        np.testing.assert_allclose(function(x), function(y), **close)
    np.testing.assert_allclose(
        normalise.goalposts(x, 9e3, 10),
        normalise.goalposts(y, 9e3 * times + plus, 10 * times + plus),
        **close,
    )
    np.testing.assert_allclose(
        normalise.distance_to_target(x, 2e4),
        normalise.distance_to_target(y, 2e4 * times + plus),
        **close,
    )


def test_every_indicator_of_a_framework_has_its_own_scale():
    made = framework({"a": ["x", "y", "z"]}, normalise={"method": "goalposts"})
    made["indicators"]["x"] |= {"goalposts": [0, 10]}
    made["indicators"]["y"] |= {"goalposts": [100, 0], "direction": -1}
    made["indicators"]["z"] |= {"goalposts": [1, 100], "transform": "log"}
    scale = normalise.Scale.of(made, ["x", "y", "z"])
    found = scale.apply(np.array([[5.0, 25.0, 10.0], [20.0, 200.0, 0.5]]))
    np.testing.assert_allclose(found, [[50, 75, 50], [100, 0, 0]])


def test_rules_grant_what_the_catalogue_says():
    made = framework({"a": ["x", "y"]}, normalise={"method": "points"})
    rule = {"max": 6, "full_mark_at": 50}
    made["indicators"]["x"]["points"] = rule | {"zero_denominator": "full"}
    made["indicators"]["y"]["points"] = rule | {
        "zero_denominator": "zero",
        "without_inputs": "full",
    }
    table = values([[np.nan, np.nan], [np.nan, np.nan]], made)
    table["obs_status"] = ["M", "M", "O", "O"]
    table["treated_value"] = np.nan
    table["listed"] = [True, True, True, True]
    found = normalise.normalise(table, made, ["x", "y"])
    assert found["normalised"].tolist()[:2] == [100, 0]
    assert np.isnan(found["normalised"].iloc[2]) and found["normalised"].iloc[3] == 100
    assert found["obs_status"].tolist() == ["M", "M", "O", "E"]


def test_the_lists_of_methods_are_those_of_the_catalogue():
    from analysis.catalogue import reader, tree
    from analysis.scoring import impute, treat

    other = reader.schema("frameworks")["properties"]["uncertainty"]["properties"]
    items = {step: held["items"] for step, held in other.items() if "items" in held}
    named = {step: one.get("enum") or one["anyOf"][0]["enum"] for step, one in items.items()}
    assert named == {
        "normalise": list(normalise.METHODS),
        "aggregate": [*tree.MEANS, *tree.PENALISED, *tree.OUTRANKING],
        "impute": list(impute.METHODS),
        "treat": list(treat.METHODS),
    }


def test_standard_scores_to_a_chosen_mean_and_deviation_are_those_of_r():
    expected = r_index.answers("z_100_10")
    made = r_index.tai(normalise={"method": "z_score", "mean": 100, "sd": 10})
    scale = normalise.Scale.of(made, list(expected.columns))
    np.testing.assert_allclose(scale.apply(r_index.raw().to_numpy()), expected, rtol=1e-12)
    assert scale.scale == (70, 130), "three deviations either way"


def test_uncut_goalposts_go_on_beyond_both_ends():
    found = normalise.goalposts(np.array([-10.0, 0, 50, 120]), 100, 0, cut=False)
    assert found.tolist() == [-10, 0, 50, 120]
    made = framework(normalise={"method": "goalposts_uncut"})
    for entry in made["indicators"].values():
        entry |= {"goalposts": [20, 10], "direction": -1}
    scale = normalise.Scale.of(made, list(made["indicators"]))
    assert scale.apply(np.full((1, 4), 5.0)).tolist() == [[150.0] * 4]


def test_a_scale_need_not_begin_at_0():
    """From 20 to 80: what is half way stands at 50, whatever the method."""
    x, scale = np.array([2.0, 4, 6]), (20, 80)
    found = {
        "goalposts": normalise.goalposts(x, 8, 0, scale),
        "uncut": normalise.goalposts(np.array([-4.0, 12]), 8, 0, scale, cut=False),
        "min_max": normalise.min_max(x, scale=scale),
        "less is better": normalise.min_max(x, -1, scale),
        "all equal": normalise.min_max(np.full(3, 7.0), scale=scale),
        "target": normalise.distance_to_target(x, 8, scale=scale),
        "capped": normalise.distance_to_target(x, 5, scale=scale, cap=True),
        "reached": normalise.distance_to_target(x, 2, scale=scale),
        "percentile_rank": normalise.percentile_rank(x, scale=scale),
        "points": normalise.points(x, 5, scale),
        "steps": normalise.steps(x, [(4, 1), (6, 4)], scale=scale),
    }
    assert {k: v.round(9).tolist() for k, v in found.items()} == {
        "goalposts": [35, 50, 65],
        "uncut": [-10, 110],
        "min_max": [20, 50, 80],
        "less is better": [80, 50, 20],
        "all equal": [50, 50, 50],
        "target": [20, 40, 60],
        "capped": [20, 60, 80],
        "reached": [80, 80, 80],
        "percentile_rank": [20, 50, 80],
        "points": [44, 68, 80],
        "steps": [20, 35, 80],
    }


def test_a_framework_s_own_scale_is_that_of_every_method_and_of_what_rules_grant():
    rule = {"method": "points", "range": [1, 10]}
    made = framework({"a": ["x", "y", "z", "w", "v"]}, normalise=rule)
    made["indicators"]["x"]["points"] = {"full_mark_at": 50, "zero_denominator": "full"}
    made["indicators"]["y"] |= {"normalise": "min_max", "points": {"zero_denominator": "zero"}}
    made["indicators"]["z"] |= {"normalise": "distance_to_target", "target": 100}
    made["indicators"]["z"]["transform"] = "log"
    made["indicators"]["w"] |= {"normalise": "steps", "steps": [(1, 1), (2, 2)]}
    made["indicators"]["v"] |= {"normalise": "percentile_rank", "direction": -1}
    table = values([[25.0, 1, 1, 0, 3], [50, 2, 10, 1, 2], [100, 3, 100, 2, 1]], made)
    table["treated_value"] = table["obs_value"]
    codes = list(made["indicators"])
    found = normalise.normalise(table, made, codes)["normalised"].to_numpy().reshape(3, 5)
    np.testing.assert_allclose(found, [[5.5, 1, 1, 1, 1], [10, 5.5, 5.5, 5.5, 5.5], [10] * 5])
    table.loc[[0, 1], ["obs_status", "treated_value"]] = ["M", np.nan]
    again = normalise.normalise(table, made, codes)
    assert again["normalised"].tolist()[:2] == [10, 1]
    assert again["granted"].tolist()[:2] == [10, 1] and again["granted"].iloc[2:].isna().all()


def test_standard_scores_have_the_divisor_that_is_asked_for():
    x = [1.0, 2, 3, np.nan]
    np.testing.assert_allclose(normalise.z_score(x), [-1, 0, 1, np.nan])
    np.testing.assert_allclose(normalise.z_score(x, -1), [1, 0, -1, np.nan])
    wide = np.sqrt(1.5)  # √(Σd²/n) = √(2/3)
    np.testing.assert_allclose(normalise.z_score(x, divisor=0), [-wide, 0, wide, np.nan])
    np.testing.assert_allclose(normalise.mazziotta_pareto([1.0, 3], -1), [110, 90])


def test_what_is_the_same_to_twelve_digits_is_equal_and_to_eleven_is_not():
    assert normalise.rank([1.0, 1 + 4e-13, 2]).tolist() == [1, 1, 3]
    assert normalise.rank([1.0, 1 + 1e-11, 2]).tolist() == [1, 2, 3]
    assert normalise.min_max([1.0, 1 + 4e-13]).tolist() == [50, 50]
    assert normalise.rank([-2.0, np.nan, -3], direction=-1).tolist()[::2] == [1, 2]
    assert normalise.rank([0.0, 0, 0]).tolist() == [1, 1, 1]


def test_a_unit_that_was_screened_out_has_no_score_and_who_is_not_listed_none_assumed():
    made = framework({"a": ["x"]}, normalise={"method": "points"})
    made["indicators"]["x"]["points"] = {"full_mark_at": 50, "without_inputs": "full"}
    table = values([[50.0], [50.0], [np.nan], [np.nan]], made)
    table["treated_value"] = table["obs_value"]
    table["screened"] = ["", "few_values", "", ""]
    table["listed"] = [True, True, True, False]
    found = normalise.normalise(table, made, ["x"])
    np.testing.assert_array_equal(found["normalised"], [100, np.nan, 100, np.nan])
    assert found["obs_status"].tolist() == ["A", "A", "E", "O"]


def test_units_are_compared_down_a_column():
    """A table of units × indicators: each indicator by itself."""
    x = np.array([[1.0, 30], [3, 10], [2, 20]])
    down = [[0, 100], [100, 0], [50, 50]]
    assert normalise.min_max(x).tolist() == down
    assert normalise.percentile_rank(x).tolist() == down
    assert normalise.rank(x).tolist() == [[1, 3], [3, 1], [2, 2]]
    assert normalise.z_score(x).tolist() == [[-1, 1], [1, -1], [0, 0]]
    assert normalise.mazziotta_pareto(x[:2]).tolist() == [[90, 110], [110, 90]]
    target = normalise.distance_to_target(x, np.array([3.0, 30]))
    assert target.tolist() == down


@pytest.mark.parametrize(("stated", "top"), [({}, 150), ({"cap": True}, 100)])
def test_a_target_is_the_end_of_the_scale_only_where_that_is_said(stated, top):
    made = framework({"a": ["x"]}, normalise={"method": "distance_to_target"} | stated)
    made["indicators"]["x"]["target"] = 50
    found = normalise.Scale.of(made, ["x"]).apply(np.array([[0.0], [25], [75]]))
    assert found[:, 0].tolist() == [0, 50, top]


@pytest.mark.parametrize("method", [*normalise.RELATIVE, "steps"])
def test_each_replicate_is_compared_within_itself(method):
    made = framework({"a": ["x", "y"]}, normalise={"method": method})
    made["indicators"]["y"]["direction"] = -1
    for entry in made["indicators"].values():
        entry |= {"target": 9, "steps": [(2, 1), (4, 3)]}
    scale = normalise.Scale.of(made, ["x", "y"])
    x = np.array([[[1.0, 4], [2, 4], [5, 8]], [[30, 20], [10, np.nan], [10, 60]]])
    np.testing.assert_allclose(scale.apply(x), [scale.apply(x[0]), scale.apply(x[1])])
