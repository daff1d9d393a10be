import numpy as np
import pandas as pd
import pytest
from composites import framework, values

from analysis.scoring import composite, impute

NAN = np.nan
MADE = framework({"a": ["x", "y"]})


def filled(method, rows, **options):
    found = impute.impute(values(rows, MADE), method, **options)
    return found["filled_value"].to_numpy().reshape(-1, 2).tolist(), found


@pytest.mark.parametrize(
    ("method", "expected"), [("mean", 4.0), ("median", 2.0), ("group_mean", 1.5), ("none", NAN)]
)
def test_a_gap_is_filled_by_the_method_named(method, expected):
    rows = [[1, 5], [2, 6], [NAN, 7], [9, 8]]
    groups = {"u0": "city", "u1": "city", "u2": "city", "u3": "province"}
    found, table = filled(method, rows, groups=groups)
    assert found[2][0] == pytest.approx(expected, nan_ok=True)
    assert (table["obs_status"] == "I").sum() == (method != "none")
    assert table["obs_value"].isna().sum() == 1, "what was observed stays as it was"


def test_one_value_is_the_mean_of_its_group_and_of_no_other():
    groups = {"u0": "a", "u1": "a", "u2": "b", "u3": "c", "u4": "c"}
    rows = [[2, 1], [NAN, 1], [5, 1], [8, 1], [NAN, 1]]
    for method in ("group_mean", "group_median"):
        assert [row[0] for row in filled(method, rows, groups=groups)[0]] == [2, 2, 5, 8, 8]


def test_a_group_without_any_value_stays_missing():
    found, _ = filled("group_median", [[1, 5], [NAN, 6]], groups={"u0": "a", "u1": "b"})
    assert np.isnan(found[1][0])


def test_the_last_value_is_carried_as_far_as_allowed():
    old = [values([[NAN, 2], [3, 4]], MADE), values([[7, 2], [8, 4]], MADE)]
    now = [[NAN, 1], [NAN, 1]]
    near, _ = filled("last", now, earlier=old, at_most=1)
    far, _ = filled("last", now, earlier=old, at_most=2)
    unsaid, _ = filled("last", now, earlier=old)
    assert np.isnan(unsaid[0][0]) and unsaid[1][0] == 3, "one period, where nothing is said"
    assert np.isnan(near[0][0]) and near[1][0] == 3
    assert far[0][0] == 7 and far[1][0] == 3


def test_nothing_to_measure_is_no_gap():
    table = values([[1, 2], [NAN, 3]], MADE)
    table.loc[2, "obs_status"] = "M"
    found = impute.impute(table, "mean")
    assert np.isnan(found["filled_value"].iloc[2]) and found["obs_status"].iloc[2] == "M"


def test_indicators_then_units_are_screened():
    rows = [[1, NAN, NAN], [2, 3, NAN], [4, NAN, 1], [NAN, NAN, 9]]
    made = framework({"a": ["x", "y", "z"]})
    found = impute.screen(values(rows, made), units=0.6, indicators=0.5)
    marks = found["screened"].astype(str).to_numpy().reshape(-1, 3)
    assert (marks[:, 1] == "indicator").all(), "y has a quarter of its values"
    assert marks[[0, 1, 2, 3], 0].tolist() == ["unit", "unit", "", "unit"]
    table = impute.impute(found, "mean")
    assert np.isnan(table["filled_value"].to_numpy().reshape(-1, 3)[3, 0])


def test_a_method_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="'guess' is not one of none, mean"):
        impute.impute(values([[1, 2]], MADE), "guess")


def test_replicates_are_filled_one_by_one():
    x = np.array([[[1.0], [np.nan]], [[5.0], [np.nan]]])
    found = impute.filled(x, "median", np.array(["", ""]))
    assert found[:, 1, 0].tolist() == [1, 5]


def test_two_values_of_one_indicator_are_an_error():
    table = values([[1, 2]], MADE)
    with pytest.raises(ValueError, match="u0 has two values of x"):
        impute.screen(pd.concat([table, table.head(1)]))


def test_indicators_then_units_with_too_many_zeros_are_marked():
    x = np.array([[0.0, 1, 2, 0], [0, 0, 0, 4], [0, 3, 3, np.nan], [5, 1, 1, 1]])
    made = framework()
    found = impute.screen(values(x, made), units_not_zero=0.5, indicators_not_zero=0.5)
    marks = found.pivot(index="reporting_unit", columns="indicator", values="screened")
    assert (marks["a1"] == "indicator_zeros").all(), "three of four are 0"
    assert (marks.loc["u1", ["a2", "b1", "b2"]] == "unit_zeros").all()
    assert (marks.loc[["u0", "u2", "u3"], ["a2", "b1", "b2"]] == "").all(axis=None)


def test_exactly_the_least_share_is_enough_and_unasked_nothing_is_screened():
    x = np.array([[1, 1, NAN, 0], [0, 0, 3, 4], [1, NAN, 3, NAN], [0, NAN, 3, NAN]])
    found = impute.screen(values(x, framework()), 0.5, 0.5, 0.5, 0.5)
    assert (found["screened"] == "").all()
    bare = values(np.array([[0, NAN, 0, 0], [NAN] * 4]), framework())
    assert (impute.screen(bare)["screened"] == "").all()


def test_a_gap_stands_where_the_units_other_indicators_of_the_dimension_stand():
    """y from 100 (best) to 300: at 0.5 of the range in x and 0.75 in z, u2 is given 175."""
    made = framework({"a": ["x", "y", "z"], "b": ["w"]}, impute="unit_mean")
    made["indicators"]["y"]["direction"] = -1
    x = np.array([[0, 300, 0, 1], [10, 100, 1, 2], [5, np.nan, 0.75, np.nan]])
    built = composite.build(values(x, made), made)
    held = built.values.pivot(index="reporting_unit", columns="indicator", values="filled_value")
    assert held.loc["u2", "y"] == pytest.approx(300 - 200 * 0.625)
    assert np.isnan(held.loc["u2", "w"]), "no other indicator in its dimension"
    marks = built.values.set_index(["reporting_unit", "indicator"])["obs_status"]
    assert marks[("u2", "y")] == "I" and marks[("u2", "w")] == "O"


def test_the_others_of_a_unit_are_placed_between_their_own_ends():
    """x from 10 to 20 and z from −4 to 4: u2 stands at 0.5 and 0.75, so y (300 to 100) is 175."""
    x = np.array([[10, 300, -4], [20, 100, 4], [15, np.nan, 2.0]])
    kin = impute.Kin(("x", "y", "z"), np.array([3, 3, 3]), np.array([1, -1, 1]))
    found = impute.filled(x, "unit_mean", np.zeros(3), kin)
    assert found[2].tolist() == pytest.approx([15, 175, 2])
    # what all units have alike says nothing of where a unit stands
    x[:, 0] = 7
    assert impute.filled(x, "unit_mean", np.zeros(3), kin)[2, 1] == pytest.approx(150)
