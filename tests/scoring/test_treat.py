"""Outlier treatment against a plain loop written from COINr's description, and SciPy's moments."""

import numpy as np
import pandas as pd
import pytest
import r_index
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.scoring import treat

columns = st.lists(
    st.integers(-50, 50).map(float) | st.floats(-1e4, 1e4).map(lambda v: round(v, 2)),
    min_size=6,
    max_size=40,
).filter(lambda v: len(set(v)) > 3)


@given(columns)
def test_skewness_and_kurtosis_are_the_adjusted_ones(column):
    x = np.array(column)
    assert treat.skew(x[:, None])[0] == pytest.approx(stats.skew(x, bias=False), rel=1e-6, abs=1e-9)
    expected = stats.kurtosis(x, bias=False)
    assert treat.kurt(x[:, None])[0] == pytest.approx(expected, rel=1e-6, abs=1e-9)


def by_hand(x, limit):
    """One value after another, as COINr's ``winsorise`` is described."""
    x, high, low, count = x.copy(), [], [], 0

    def fine(x):
        s, k = stats.skew(x, bias=False), stats.kurtosis(x, bias=False)
        return np.isnan(s) or abs(s) < 2 or k < 3.5

    while not fine(x) and count < limit:
        if stats.skew(x, bias=False) >= 0:
            high = np.flatnonzero(x == x.max())
            x[high] = np.delete(x, high).max()
        else:
            low = np.flatnonzero(x == x.min())
            x[low] = np.delete(x, low).min()
        count = len(high) + len(low)
    return x


@settings(max_examples=200)
@given(
    columns, st.lists(st.sampled_from([1e3, -1e3, 1e6, 5e5, -7e4]), max_size=6), st.integers(1, 6)
)
def test_winsorising_is_that_of_the_plain_loop(column, outliers, limit):
    x = np.array(column + outliers)
    expected = by_hand(x, limit)
    found = treat.treated(x[:, None], "winsorise", at_most=limit)[:, 0]
    np.testing.assert_allclose(found, expected)


def test_the_example_of_coinr():
    """COINr, test-treat.R: 1 … 10 and 100 becomes 1 … 10 and 10."""
    x = np.array([*range(1, 11), 100.0])[:, None]
    assert treat.treated(x, "winsorise")[:, 0].tolist() == [*range(1, 11), 10]


def test_what_winsorising_cannot_mend_is_logged_from_the_untreated_values():
    x = np.array([*range(1, 21), 1000.0, 20000.0])[:, None]
    found = treat.treated(x, "winsorise_or_log", at_most=1)[:, 0]
    expected = np.log(x[:, 0] - 1 + 0.01 * 19999)
    np.testing.assert_allclose(found, expected)


def test_missing_values_stay_out_and_replicates_are_treated_one_by_one():
    x = np.array([*range(1, 11), 100.0, np.nan])[:, None]
    other = np.array([*range(1, 12), np.nan])[:, None]
    found = treat.treated(np.stack([x, other]), "winsorise")
    assert found[0, 10, 0] == 10 and np.isnan(found[0, 11, 0])
    assert np.array_equal(found[1], other, equal_nan=True)


def test_moments_are_those_of_the_known_values():
    known = np.array([[5.0], [7], [8], [12], [30]])
    gaps = np.insert(known, [1, 3, 3], np.nan, axis=0)
    assert treat.skew(gaps) == pytest.approx(treat.skew(known))
    assert treat.kurt(gaps) == pytest.approx(treat.kurt(known))


def test_what_was_treated_is_marked():
    table = pd.DataFrame(
        {
            "reporting_unit": [f"u{i}" for i in range(11)],
            "indicator": "x",
            "filled_value": [*range(1, 11), 100.0],
        }
    )
    found = treat.treat(table, "winsorise")
    assert found["treated"].tolist() == [""] * 10 + ["winsorised_high"]
    assert found["filled_value"].tolist() == table["filled_value"].tolist()
    with pytest.raises(ValueError, match="'clip' is not one of"):
        treat.treat(table, "clip")


@pytest.mark.parametrize("method", ["log", "log_left", "boxcox"])
def test_transformations_are_those_of_r(method):
    expected = r_index.answers(method)
    x = r_index.raw()[expected.columns].to_numpy()
    if method == "boxcox":
        found, power = treat.boxcox(x)
        # near 0 MASS takes a series for the power: six digits, not more
        np.testing.assert_allclose(power, r_index.answers("boxcox_lambda").iloc[0], atol=3e-6)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    else:
        found = treat.treated(x, method, skewness=0, kurtosis=-9)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_tail_is_shortened_on_its_own_side_and_the_order_kept():
    low = np.append(np.arange(90.0, 100), 1.0)
    x = np.stack([low, -low, np.arange(11.0)], axis=1)
    found, marks = treat.treated(x, "log_either", marks=True)
    assert [treat.MARKS[m] for m in marks[0]] == ["log_left", "log", ""]
    assert (np.argsort(found, axis=0) == np.argsort(x, axis=0)).all()
    assert (np.abs(treat.skew(found)[:2]) < np.abs(treat.skew(x)[:2])).all()
    # of a log on the wrong side the tail is longer
    assert abs(treat.skew(treat.treated(x, "log"))[0]) > abs(treat.skew(x)[0])


@given(st.lists(st.integers(-1000, 1000), min_size=5, max_size=20, unique=True))
@settings(max_examples=30)
def test_boxcox_keeps_the_order_and_is_finite(column):
    x = np.array(column, float)[:, None]
    found, power = treat.boxcox(x)
    assert np.isfinite(found).all() and (np.abs(power) <= 2).all()
    assert (np.argsort(found[:, 0]) == np.argsort(x[:, 0])).all()


def test_either_a_small_skewness_or_a_small_kurtosis_is_enough_and_the_limit_is_not():
    x = np.array([*range(1, 11), 100.0])[:, None]
    s, k = treat.skew(x)[0], treat.kurt(x)[0]
    assert s > 2 and k > 3.5
    passes = [
        ((s, k), False),
        ((s + 1e-9, k), True),
        ((s, k + 1e-9), True),
        ((0, -9), False),
    ]
    for limits, expected in passes:
        assert treat.passes(x, *limits)[0] == expected
        assert treat.passes(-x, *limits)[0] == expected or limits[1] != k
    assert treat.passes(np.array([[0.0], [0], [9e9]]), 0, -9)[0], "three values say nothing"
    assert not treat.passes(np.array([[0.0], [0], [1], [9]]), 0, -9)[0]
    assert treat.passes(np.full((9, 1), 3.0), 0, -9)[0], "nor do equal ones"


def test_a_transformed_scale_by_its_formula():
    """log(x − min + 0.01 · (max − min)): of 0 and 100 the logarithms of 1 and 101."""
    x = np.array([[0.0], [100.0], [np.nan], [50.0]])
    np.testing.assert_allclose(treat.shifted_log(x)[:, 0], np.log([1, 101, np.nan, 51]))


def test_marks_say_on_which_side_a_value_was_drawn_in_or_what_was_taken():
    low = np.array([*range(90, 100), 1.0])[:, None]
    found, marks = treat.treated(low, "winsorise", marks=True)
    assert found[-1, 0] == 90 and treat.MARKS[marks[-1, 0]] == "winsorised_low"
    assert (marks[:-1] == 0).all()
    x = np.array([*range(1, 21), 1000.0, 20000.0, np.nan])[:, None]
    _, marks = treat.treated(x, "winsorise_or_log", at_most=1, marks=True)
    assert [treat.MARKS[m] for m in marks[:, 0]] == ["log"] * 22 + [""]
    same, none = treat.treated(low, "none", marks=True)
    assert same is low and not none.any() and treat.treated(low, "none") is low
    # no value may be drawn in
    assert (treat.treated(low, "winsorise", at_most=0) == low).all()


@pytest.mark.parametrize(
    ("column", "regular"),
    [
        ([*range(1, 11), 22], True),  # skewness 1.92, kurtosis 4.76
        ([*range(1, 11), 23], False),  # 2.03 and 5.21
        ([0] * 20 + [9] * 3, False),  # 2.35 and 3.86
        ([*range(1, 41), *[1000] * 6], True),  # 2.26 and 3.28
    ],
)
def test_unasked_the_limits_are_2_and_3_5(column, regular):
    x = np.array(column, float)[:, None]
    assert treat.passes(x)[0] == regular
    assert (treat.treated(x, "log") == x).all() == regular
    table = pd.DataFrame({"reporting_unit": range(len(x)), "filled_value": x[:, 0]})
    assert (treat.treat(table.assign(indicator="x"), "log")["treated"] == "").all() == regular


def test_unasked_five_values_may_be_drawn_in():
    x = np.array([*range(1, 81), *(1000.0 * 2 ** np.arange(6))])
    assert (treat.treated(x[:, None], "winsorise")[:, 0] != x).sum() == 5
    table = pd.DataFrame({"reporting_unit": range(86), "indicator": "x", "filled_value": x})
    assert (treat.treat(table, "winsorise")["treated"] != "").sum() == 5


def test_what_leans_to_neither_side_is_drawn_in_at_the_top():
    x = np.array([[-5.0], [-1], [0], [1], [5]])
    found = treat.treated(x, "winsorise", skewness=0, kurtosis=-9, at_most=1)
    assert found[:, 0].tolist() == [-5, -1, 0, 1, 1]
    _, marks = treat.treated(x, "log_either", skewness=0, kurtosis=-9, marks=True)
    assert {treat.MARKS[m] for m in marks[:, 0]} == {"log"}
