"""Confidence sets for ranks: csranks' own bounds, what sets must be whatever the data, bad errors.

Known answers (tests/examples/rank_sets.csv): bounds of R's csranks 1.2.2 and of an independent
NumPy version at 90 %, over their seeds; where those differ a bound hangs on the draws.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import rank_sets, score

EXAMPLES = Path(__file__).parents[1] / "examples"
KNOWN = pd.read_csv(EXAMPLES / "rank_sets.csv")
DRAWS = 2000


def covariance() -> pd.DataFrame:
    long = pd.read_csv(EXAMPLES / "rank_sets_covariance.csv")
    half = long.pivot(index="unit_1", columns="unit_2", values="covariance")
    return half.where(half.notna(), half.T)


@pytest.mark.parametrize("vector", KNOWN["vector"].unique())
def test_bounds_are_those_of_independent_software(vector):
    known = KNOWN[KNOWN["vector"] == vector].set_index("unit")
    errors = covariance() if vector == "n034-covariance" else known["se"]
    found = rank_sets.table(known["value"], errors, 0.9, seed=1).set_index("reporting_unit")
    np.testing.assert_array_equal(found["rank"], known["rank"])
    for kind in ("marginal", "simultaneous"):
        off = 0
        for end in ("low", "high"):
            least, most = known[f"{kind}_{end}_min"], known[f"{kind}_{end}_max"]
            bound = found[f"{kind}_{end}"]
            short, over = least - bound, bound - most
            assert max(short.max(), over.max()) <= 1
            off += int((short > 0).sum() + (over > 0).sum())
        assert off <= 0.04 * 2 * len(known)  # a bound at a critical value hangs on the draws


def test_one_side_bounds_one_side():
    known = KNOWN[KNOWN["vector"] == "n034-exact-ties"]
    x, errors = known["value"].to_numpy(), rank_sets.gaussian(known["se"].to_numpy(), draws=DRAWS)
    both, lower, upper = (rank_sets.bounds(x, errors, 0.9, side=side) for side in rank_sets.SIDES)
    assert (lower[1] == len(x)).all() and (upper[0] == 1).all()
    assert (lower[0] >= both[0]).all() and (upper[1] <= both[1]).all()
    assert (lower[0] > both[0]).any(), "half the tests are asked for, so more is told"
    with pytest.raises(ValueError, match="two-sided, lower, upper"):
        rank_sets.bounds(x, errors, side="left")


sizes = st.integers(2, 9)


@st.composite
def estimates(draw):
    size = draw(sizes)
    x = draw(st.lists(st.integers(0, 20), min_size=size, max_size=size))
    se = draw(st.lists(st.sampled_from([0.0, 0.3, 1.0, 4.0]), min_size=size, max_size=size))
    return np.array(x, float), np.array(se)


def both(x, se, level=0.9):
    errors = rank_sets.gaussian(se, draws=DRAWS)
    return [rank_sets.bounds(x, errors, level, simultaneous=s) for s in (False, True)]


@given(estimates())
@settings(max_examples=40, deadline=None)
def test_sets_hold_the_estimated_rank_and_simultaneous_ones_the_marginal(made):
    x, se = made
    (low, high), (low_all, high_all) = both(x, se)
    place = score.places(x)
    assert (low <= place).all() and (place <= high).all()
    assert (low_all <= low).all() and (high <= high_all).all()
    assert (low_all >= 1).all() and (high_all <= len(x)).all()


@given(estimates(), st.sampled_from([2.0, 0.25]), st.integers(-50, 50))
@settings(max_examples=20, deadline=None)
def test_sets_do_not_hang_on_the_unit_of_measure(made, scale, shift):
    x, se = made
    np.testing.assert_array_equal(both(x, se), both(scale * x + shift, scale * se))


@given(estimates())
@settings(max_examples=20, deadline=None)
def test_larger_errors_never_make_a_set_smaller(made):
    x, se = made
    for (low, high), (low_more, high_more) in zip(both(x, se), both(x, 1.5 * se), strict=True):
        assert (low_more <= low).all() and (high_more >= high).all()


@given(estimates())
@settings(max_examples=20, deadline=None)
def test_the_sooner_way_to_marginal_sets_ends_where_the_long_one_does(made):
    x, se = made
    errors = rank_sets.gaussian(se, draws=DRAWS)
    nothing = np.zeros((len(x), len(x)), bool)
    np.testing.assert_array_equal(
        rank_sets.bounds(x, errors), rank_sets.marginal(x, errors, rank_sets.LEVEL, nothing)
    )


def test_stepping_down_tells_more_apart():
    x, errors = np.arange(30.0) ** 1.1, rank_sets.gaussian(np.ones(30), draws=DRAWS)
    once, again = (rank_sets.above(x, errors, stepdown=s) for s in (False, True))
    assert (again | ~once).all() and again.sum() > once.sum()
    assert (rank_sets.above(x, errors) == again).all(), "which is the usual way"
    nothing = np.zeros((30, 30), bool)
    alone = rank_sets.marginal(x, errors, rank_sets.LEVEL, nothing, stepdown=False)
    np.testing.assert_array_equal(rank_sets.bounds(x, errors, stepdown=False), alone)
    assert (rank_sets.bounds(x, errors)[0] > alone[0]).any()


def test_covariance_counts_units_that_err_together_are_told_apart():
    x, shared = np.array([2.0, 1.0, 0.0]), np.full((3, 3), 4.0) + 0.01 * np.eye(3)
    assert rank_sets.above(x, rank_sets.gaussian(shared)).sum() == 3
    assert rank_sets.above(x, rank_sets.gaussian(np.sqrt(np.diag(shared)))).sum() == 0


def test_units_that_err_together_whole_have_draws_of_their_covariance():
    """Of rank one: what is left of the other directions is rounding, on either side of 0."""
    spread = np.array([0.3, 1.7, 2.9, 0.1, 5.3])
    draws = rank_sets.gaussian(np.outer(spread, spread), draws=DRAWS).draws
    np.testing.assert_allclose(draws / spread[:, None], np.tile(draws[4] / 5.3, (5, 1)), atol=1e-5)
    np.testing.assert_allclose(draws.std(axis=1), spread, rtol=0.1)


def test_units_that_err_alike_are_ordered_by_value_and_disturb_nobody():
    """Float noise in their difference is not divided by itself."""
    rng = np.random.default_rng(4)
    shared, own = rng.standard_normal((2, 3000))
    draws = np.stack([shared, shared * (1 + 3e-8), shared, own])
    told = rank_sets.above(np.array([3.0, 2, 1, -2]), rank_sets.replicated(draws))
    assert told.sum() == 6


def test_normal_errors_as_draws_are_normal_errors():
    x, se = np.array([9.0, 6, 5.8, 3, 0]), np.array([1, 0.5, 1, 2, 0.5])
    normal = rank_sets.gaussian(se, draws=40_000)
    drawn = rank_sets.replicated(normal.draws)
    apart = ~np.eye(5, dtype=bool)
    np.testing.assert_allclose(drawn.scale[apart], normal.scale[apart], rtol=0.02)
    np.testing.assert_array_equal(rank_sets.bounds(x, drawn), rank_sets.bounds(x, normal))


def test_skew_errors_are_measured_on_the_side_that_matters():
    """The first can only be lower, the second only higher: they approach each other."""
    e = np.abs(np.random.default_rng(1).standard_normal((2, 4000)))
    toward = rank_sets.replicated(np.stack([e[0], -e[1]])).scale[0, 1]
    away = rank_sets.replicated(np.stack([-e[0], e[1]])).scale[0, 1]
    assert toward > 1 and away == 0


def test_sets_of_very_many_units_are_wider_and_hold():
    rng = np.random.default_rng(3)
    x, errors = np.arange(40.0), rank_sets.gaussian(np.ones(40), draws=DRAWS)
    low, high = rank_sets.ends(rank_sets.above_by_intervals(x, errors.draws))
    low_pairs, high_pairs = rank_sets.bounds(x, errors, simultaneous=True)
    assert (low <= low_pairs).all() and (high >= high_pairs).all() and low[0] > 20
    truth, held = score.places(x), []
    for _ in range(200):
        estimate = x + rng.standard_normal(40)
        told = rank_sets.above_by_intervals(estimate, errors.draws)
        low, high = rank_sets.ends(told)
        held.append(((low <= truth) & (truth <= high)).all())
    assert np.mean(held) >= 0.9


# --- errors that are none -------------------------------------------------------------------------


def table(values, errors, **options):
    units = [f"u{i}" for i in range(len(values))]
    values, errors = pd.Series(values, units, float), pd.Series(errors, units, float)
    return rank_sets.table(values, errors, draws=DRAWS, **options).set_index("reporting_unit")


def sets(found, unit):
    return found.loc[unit, found.columns[1:5]].tolist()


@pytest.mark.parametrize(("error", "why"), [(np.nan, "no_error"), (np.inf, "error_infinite")])
def test_a_unit_without_a_known_error_may_have_any_rank_and_is_told_from_none(error, why):
    found = table([90, 50, 10], [0.1, error, 0.1])
    assert sets(found, "u1") == [1, 3, 1, 3] and found.loc["u1", "reason"] == why
    assert sets(found, "u0") == [1, 2, 1, 2] and sets(found, "u2") == [2, 3, 2, 3]
    assert (found.loc[["u0", "u2"], "reason"] == "").all()


def test_known_values_are_ordered_by_themselves():
    found = table([3, 2, 2, 1], [0, 0, 0, 0])
    assert sets(found, "u0") == [1, 1, 1, 1] and sets(found, "u1") == [2, 3, 2, 3]
    assert sets(found, "u3") == [4, 4, 4, 4] and (found["reason"] == "error_zero").all()


def test_a_unit_without_a_value_has_no_rank_and_nobody_is_beside_it():
    found = table([5, np.nan, 1], [0.1, 0.1, 0.1])
    assert found.loc["u1"].drop("reason").isna().all() and found.loc["u1", "reason"] == "no_value"
    assert sets(found, "u2") == [2, 2, 2, 2]


def test_one_unit_and_all_equal():
    assert sets(table([5], [1]), "u0") == [1, 1, 1, 1]
    assert table([5], [1]).loc["u0", "reason"] == "alone"
    found = table([5] * 4, [1] * 4)
    assert (found["rank"] == 1).all() and sets(found, "u3") == [1, 4, 1, 4]


@pytest.mark.parametrize(
    ("values", "errors", "said"),
    [
        ([1, np.inf], [1, 1], "u1: its value is infinite"),
        ([1, 2], [1, -1], "u1: its error is negative"),
    ],
)
def test_what_is_no_estimate_is_named(values, errors, said):
    with pytest.raises(ValueError, match=said):
        table(values, errors)


@pytest.mark.parametrize("wrong", [[[1, 2], [0, 1]], [[1, 2], [2, 1]], [[1, 0, 0], [0, 1, 0]]])
def test_what_is_no_covariance_is_refused(wrong):
    with pytest.raises(ValueError, match="covariance"):
        rank_sets.gaussian(np.array(wrong, float))


def test_pairs_are_told_apart_together():
    """A pair alone is told apart; among 45 pairs the same distance is not enough."""
    two = rank_sets.above(np.array([2.8, 0]), rank_sets.gaussian(np.ones(2)))
    x = np.r_[2.8, np.zeros(9)]
    ten = rank_sets.above(x, rank_sets.gaussian(np.ones(10)))
    assert two[0, 1] and not ten.any()
    listed = rank_sets.pairs(pd.Index(list("abcdefghij")), x, ten)
    assert len(listed) == 45 and listed.iloc[0].tolist() == ["a", "b", False]


def test_the_limit_itself_tells_nothing_apart():
    """Errors 0 … 10 of the first and none of the second: half of them are at most 5."""
    draws = np.stack([np.arange(11.0), np.zeros(11)])
    errors = rank_sets.Errors(draws.astype(np.float32), np.ones((2, 2)))
    for x, told in ((5, False), (5.001, True)):
        x = np.array([x, 0.0])
        assert rank_sets.above(x, errors, 0.5).tolist() == [[False, told], [False, False]]
        assert not rank_sets.above(-x, errors, 0.5)[0, 1]
        for together in (False, True):
            low, high = rank_sets.bounds(x, errors, 0.5, simultaneous=together)
            assert low.tolist() == [1, 2 if told else 1] and high.tolist() == [1 if told else 2, 2]


def test_of_very_many_an_interval_must_lie_wholly_above_another():
    """Errors of ±2 and ±1: in every replicate one of them is at its usual size."""
    draws = np.array([[-2.0, 2], [1, -1]])
    for x, told in ((3, False), (3.001, True)):
        found = rank_sets.above_by_intervals(np.array([x, 0.0]), draws)
        assert found.tolist() == [[False, told], [False, False]]
        turned = rank_sets.above_by_intervals(np.array([0.0, x]), draws)
        assert turned.tolist() == [[False, False], [told, False]]


def test_errors_as_drawn_are_studentised_by_both_sides():
    """Down √(2·(1 + 9)/4) of the first, up √(2·4/4) of the second, which do not go together."""
    draws = np.array([[1.0, 3, -1, -3], [2.0, -1, -2, 1]])
    covariance = (2 - 3 + 2 - 3) / 4
    left = 1 - 2 * covariance / (5 + 2.5)
    found = rank_sets.replicated(draws).scale
    assert found[0, 1] == pytest.approx(np.sqrt((5 + 2.5) * left))
    skew = rank_sets.replicated(np.array([[2.0, 0, 0, -2], [0, 0, 0, 0]]) + 0).scale
    assert skew[0, 1] == skew[1, 0] == pytest.approx(np.sqrt(2 * 4 / 4))
