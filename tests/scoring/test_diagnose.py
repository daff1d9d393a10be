import numpy as np
import pandas as pd
import pytest
import r_index
import scipy
from composites import framework, values

from analysis.catalogue import tree
from analysis.scoring import composite, diagnose

MADE = framework({"a": ["x", "y", "z"], "b": ["w"]})


def table(x):
    return values(x, MADE).rename(columns={"obs_value": "normalised"})


def test_cronbachs_alpha_of_a_known_sample():
    """Three parallel items: alpha = k·r/(1 + (k − 1)·r) for equal variances and correlation r."""
    rng = np.random.default_rng(0)
    n, r = 4000, 0.5
    common = rng.normal(size=(n, 1))
    items = np.sqrt(r) * common + np.sqrt(1 - r) * rng.normal(size=(n, 3))
    x = np.column_stack([50 + 10 * items, rng.normal(50, 10, n)])
    found = diagnose.reliability(table(x), tree.of(MADE)).set_index("code")
    assert found.loc["a", "alpha"] == pytest.approx(3 * r / (1 + 2 * r), abs=0.02)
    assert found.loc["a", "first_component"] == pytest.approx((1 + 2 * r) / 3, abs=0.02)
    assert found.loc["a", "components"] == 1
    assert np.isnan(found.loc["b", "alpha"]), "one indicator alone has none"
    assert found.loc["f", "indicators"] == 4


def test_correlations_within_and_between_dimensions():
    x = np.array([[1.0, 2, 9, 1], [2, 4, 1, np.nan], [3, 6, 2, 5], [4, 8, 7, 2]])
    found = diagnose.correlations(table(x), tree.of(MADE)).set_index(["indicator", "other"])
    assert found.loc[("x", "y"), "correlation"] == pytest.approx(1)
    assert found.loc[("x", "y"), "same_dimension"] and not found.loc[("x", "w"), "same_dimension"]
    assert found.loc[("x", "w"), "units"] == 3
    expected = pd.Series([1.0, 3, 4]).corr(pd.Series([1.0, 5, 2]))
    assert found.loc[("x", "w"), "correlation"] == pytest.approx(expected)


def test_what_tells_nobody_apart_is_named():
    x = np.array([[100.0, 0, 50, 1], [100, 0, 50, 40], [100, 70, 50, 80], [40, 0, 50, np.nan]])
    found = diagnose.discrimination(table(x), tree.of(MADE), MADE).set_index("indicator")
    assert found["verdict"].to_dict() == {"x": "ceiling", "y": "floor", "z": "constant", "w": ""}
    assert found.loc["x", "at_ceiling"] == 75 and found.loc["w", "missing"] == 25


def test_an_indicator_on_which_half_the_units_nearly_agree_hardly_tells_apart():
    x = np.array(
        [[0.0, 0, 96, 0], [50, 4, 97, 10], [50, 5, 98, 20], [50, 6, 99, 30], [99, 9, 1, 9]]
    )
    found = diagnose.discrimination(table(x), tree.of(MADE), MADE).set_index("indicator")
    assert found["verdict"].to_dict() == {"x": "close", "y": "close", "z": "close", "w": ""}
    assert found.loc["z", "spread"] == pytest.approx(2), "quartiles 96 and 98, whatever stands far"


def test_a_constant_indicator_has_weight_and_no_influence():
    x = np.random.default_rng(1).uniform(0, 9, (20, 4))
    x[:, 1] = 3
    built = composite.build(values(x, MADE), MADE)
    found = diagnose.influence(built.values, built.scores, built.tree).set_index("indicator")
    assert found["weight"].sum() == pytest.approx(100)
    assert np.isnan(found.loc["y", "correlation"])
    assert found.loc["w", "correlation"] > 0.5, "half of the weight"


def test_whoever_leads_somewhere_leads_with_weights_of_its_own():
    x = np.array([[90.0, 10, 10, 10], [10, 90, 10, 10], [30, 30, 30, 30], [5, 5, 5, np.nan]])
    found = diagnose.most_favourable(table(x), tree.of(MADE), least=0.0)
    found = found.set_index("reporting_unit")
    assert found.loc[["u0", "u1", "u2"], "score"].tolist() == pytest.approx([100, 100, 100])
    assert found.loc["u0", "indicator"] == "x" and np.isnan(found.loc["u3", "score"])
    strict = diagnose.most_favourable(table(x), tree.of(MADE), least=0.2).set_index(
        "reporting_unit"
    )
    assert (strict["score"].dropna() <= 100 + 1e-6).all()


def scaled():
    """The Technology Achievement Index from the lowest to the highest country, scored."""
    made = r_index.tai()
    return composite.build(r_index.table(), made), made


def test_correlations_of_all_kinds_are_those_of_r():
    built, _ = scaled()
    found = diagnose.correlations(built.values, built.tree)
    assert found.columns[:3].tolist() == ["indicator", "other", "units"]  # the pair comes first
    for kind in diagnose.KINDS:
        expected = r_index.answers(kind)
        column = "correlation" if kind == "pearson" else kind
        by_r = [expected.loc[r.indicator, r.other] for r in found.itertuples()]
        np.testing.assert_allclose(found[column], by_r, atol=1e-12)


def test_alpha_and_alpha_if_deleted_are_those_of_psych():
    built, _ = scaled()
    found = diagnose.alpha_if_deleted(built.values, built.tree).set_index("indicator")
    assert set(found["level"]) == {"framework"}, "two indicators leave none to compare"
    assert found["alpha"].iloc[0] == pytest.approx(r_index.answers("alpha").iloc[0, 0])
    expected = r_index.answers("alpha_if_deleted").iloc[0]
    np.testing.assert_allclose(found.loc[expected.index, "without"], expected, rtol=1e-9)


def test_groups_have_correlations_and_an_alpha_of_their_own():
    built, made = scaled()
    scores = built.scores[built.scores["level"] != "indicator"]
    wide = scores.pivot(index="reporting_unit", columns="code", values="score").astype(float)
    found = diagnose.group_correlations(built.scores, built.tree).set_index(["code", "other"])
    assert len(found) == 10 and (found["units"] == 23).all()
    for code, other in found.index:
        a, b = wide[code], wide[other]
        own = found.loc[(code, other)]
        assert own["correlation"] == pytest.approx(np.corrcoef(a, b)[0, 1])
        assert own["spearman"] == pytest.approx(scipy.stats.spearmanr(a, b).statistic)
        assert own["kendall"] == pytest.approx(scipy.stats.kendalltau(a, b).statistic)
    parts = wide[list(made["dimensions"])]
    alpha = 4 / 3 * (1 - parts.var().sum() / parts.sum(axis=1).var())
    whole = diagnose.group_reliability(built.scores, built.tree).iloc[0]
    assert whole["code"] == "f" and whole["parts"] == 4
    assert whole["alpha"] == pytest.approx(alpha)


def test_floor_top_and_spread_are_those_of_the_framework_s_scale():
    """On a scale of 20 to 80: an interquartile range of 30 is half of it."""
    made = framework({"a": list("xyzw")})
    made["normalise"] = {"method": "goalposts", "range": [20, 80]}
    x = np.array([[20.0, 80, 20.5, 20], [20, 80, 79.5, 35], [65, 35, 79.5, 65], [80, 30, 50, 80]])
    scored = values(x, made).rename(columns={"obs_value": "normalised"})
    found = diagnose.discrimination(scored, tree.of(made), made).set_index("indicator")
    assert list(found.index) == list("xyzw")
    assert found["at_floor"].tolist() == [50, 0, 0, 25]
    assert found["at_ceiling"].tolist() == [25, 50, 0, 25]
    assert found.loc["w", "spread"] == pytest.approx(100 * (68.75 - 31.25) / 60)
    # exactly the share is enough; floor and top alike would be named for the top
    assert found["verdict"].to_dict() == {"x": "floor", "y": "ceiling", "z": "", "w": ""}
    close = diagnose.discrimination(scored, tree.of(made), made, close=62.5)
    assert close.set_index("indicator").loc["w", "verdict"] == "", "exactly the limit is not within"


def test_one_value_is_neither_constant_nor_close_and_none_has_no_shares():
    x = np.array([[np.nan, 30.0, 50, 1], [np.nan, np.nan, 50, 50], [np.nan, np.nan, 50, 99]])
    found = diagnose.discrimination(table(x), tree.of(MADE), MADE).set_index("indicator")
    assert found["verdict"].to_dict() == {"x": "", "y": "", "z": "constant", "w": ""}
    assert found["units"].tolist() == [0, 1, 3, 3]
    assert found.loc["x", ["at_floor", "at_ceiling", "spread"]].isna().all()
    assert found["missing"].tolist() == pytest.approx([100, 200 / 3, 0, 0])


def test_who_is_best_with_its_own_weights_is_so_on_a_scale_of_one_too():
    x = np.array([[0.9, 0.1, 0.1, 0.1], [0.1, 0.9, 0.1, 0.1], [0.2, 0.2, 0.2, 0], [-1, 1, 1, 1]])
    found = diagnose.most_favourable(table(x), tree.of(MADE), least=0.0).set_index("reporting_unit")
    assert found.loc[["u0", "u1"], "indicator"].tolist() == ["x", "y"]
    assert found.loc[["u0", "u1"], "score"].tolist() == pytest.approx([100, 100])
    assert found["score"].notna().tolist() == [True, True, True, False], "below 0 there is none"


def test_no_indicator_makes_most_of_a_score_of_0():
    x = np.array([[0.9, 0.1, 0.1, 0.1], [0, 0, 0, 0]])
    found = diagnose.most_favourable(table(x), tree.of(MADE), least=0.0).set_index("reporting_unit")
    assert found.loc["u1", "score"] == 0 and pd.isna(found.loc["u1", "indicator"])
    assert found.loc["u0", "indicator"] == "x"


def test_what_differs_beyond_the_ninth_decimal_is_one_value_and_at_the_floor():
    made = framework({"a": ["x"]}, normalise={"method": "goalposts"})
    made["indicators"]["x"]["goalposts"] = [0, 100]
    x = np.array([[0.0], [4e-10], [4e-9], [60]])
    scored = values(x, made).rename(columns={"obs_value": "normalised"})
    found = diagnose.discrimination(scored, tree.of(made), made).iloc[0]
    assert found["distinct"] == 3 and found["at_floor"] == 50


@pytest.mark.parametrize(
    ("column", "verdict"),
    [
        ([0, 0, 40, 60], "floor"),
        ([0, 0, 100, 100], "ceiling"),
        ([0, 40, 60, 80, 100], ""),
        ([10, 50, 52, 55, 90], ""),
        ([10, 50, 52, 54.9, 90], "close"),
        ([7, 7], "constant"),
    ],
)
def test_half_of_the_units_and_a_twentieth_of_the_scale_are_the_limits(column, verdict):
    made = framework({"a": ["x"]}, normalise={"method": "goalposts"})
    made["indicators"]["x"]["goalposts"] = [0, 100]
    built = composite.build(values(np.array(column, float)[:, None], made), made)
    found = diagnose.discrimination(built.values, built.tree, made)
    assert found["verdict"].tolist() == [verdict]


def test_three_units_have_a_correlation_and_an_alpha_and_two_have_none():
    made = framework({"a": ["x", "y", "z"]})
    x = np.array([[1.0, 2, 4], [2, 4, 1], [3, 6, 1]])
    for rows, none in ((3, False), (2, True)):
        table = values(x[:rows], made)
        held = diagnose.correlations(table, tree.of(made), "obs_value")
        assert held["correlation"].isna().all() == none
        assert held["correlation"][0] == pytest.approx(np.nan if none else 1, nan_ok=True)
        found = diagnose.alpha_if_deleted(table, tree.of(made), "obs_value")
        assert len(found) == 6 and found["alpha"].isna().all() == none
        # of x and y variances 1 and 4, covariance 2: 2 · (1 − 5 ÷ 9)
        assert found["without"][2] == pytest.approx(np.nan if none else 8 / 9, nan_ok=True)
    two = tree.of(framework({"a": ["x", "y"]}))
    assert diagnose.alpha_if_deleted(values(x[:, :2], made), two, "obs_value").empty


def test_indicators_that_have_nothing_in_common_have_no_component():
    made = framework({"a": ["x", "y"]})
    table = values(np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]), made)
    found = diagnose.reliability(table, tree.of(made), "obs_value").iloc[-1]
    assert (found["components"], found["units"], found["indicators"]) == (0, 4, 2)
    assert found["first_component"] == pytest.approx(0.5)
    assert found["alpha"] == pytest.approx(0, abs=1e-12)


def test_unasked_each_indicator_makes_a_twentieth_of_the_most_favourable_score():
    x = table(np.array([[90.0, 0, 0, 0], [50, 50, 50, 50], [90, 90, 0.1, 90]]))
    found = diagnose.most_favourable(x, tree.of(MADE))
    pd.testing.assert_frame_equal(found, diagnose.most_favourable(x, tree.of(MADE), least=0.05))
    free = diagnose.most_favourable(x, tree.of(MADE), least=0.0)
    assert not found["score"].equals(free["score"])
