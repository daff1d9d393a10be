"""Orders of units against the examples that the OECD/JRC handbook (2008) prints in its step 6."""

from itertools import permutations

import numpy as np
import pytest
import r_index
from composites import framework, values
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import composite, outranking


def profile(*votes: tuple[int, str]) -> tuple[np.ndarray, np.ndarray]:
    """Units a, b, c … × indicators from "so many indicators put them in this order"."""
    units = sorted(votes[0][1])
    x = [[len(units) - order.index(unit) for _, order in votes] for unit in units]
    return np.array(x, float), np.array([count for count, _ in votes], float)


MOULIN = profile((3, "abcd"), (5, "acbd"), (7, "bdca"), (6, "cbda"))  # table 25
CONDORCET = profile((23, "abc"), (17, "bca"), (2, "bac"), (10, "cab"), (8, "cba"))  # table 28
FIVE = ["Finland", "United States", "Sweden", "Japan", "Korea, Rep. of"]


def five() -> np.ndarray:
    """Table 35: five countries of the index, its telephones and electricity to three decimals."""
    x = r_index.raw().copy()
    x = x.loc[FIVE]
    x["telephones"] = [3.080, 2.997, 3.096, 3.003, 2.972]
    x["electricity"] = [4.150, 4.073, 4.145, 3.865, 3.653]
    return x.to_numpy()


def score(example, kind, **more):
    x, weights = example
    return outranking.scores(x, weights, kind, **more)


def test_outranking_matrices_of_the_handbook():
    table_27 = [[0, 8, 8, 8], [13, 0, 10, 21], [13, 11, 0, 14], [13, 0, 7, 0]]
    table_30 = [[0, 33, 25], [27, 0, 42], [35, 18, 0]]
    for (x, weights), printed in ((MOULIN, table_27), (CONDORCET, table_30)):
        found = weights.sum() * outranking.outranking(x, weights[None])[0]
        np.fill_diagonal(found, 0)
        np.testing.assert_allclose(found, printed)
    table_36 = [
        [0, 0.5, 0.375, 0.75, 0.625],
        [0.5, 0, 0.5, 0.625, 0.625],
        [0.625, 0.5, 0, 0.75, 0.625],
        [0.25, 0.375, 0.25, 0, 0.75],
        [0.375, 0.375, 0.375, 0.25, 0],
    ]
    found = outranking.outranking(five(), np.ones((1, 8)))[0]
    np.fill_diagonal(found, 0)
    np.testing.assert_allclose(found, table_36)


def test_copeland_gives_condorcets_order_and_a_cycle_is_a_tie():
    assert score(MOULIN, "copeland", top=3.0).tolist() == pytest.approx([0, 2, 3, 1])
    assert score(CONDORCET, "copeland").tolist() == pytest.approx([50, 50, 50])


def test_kemeny_gives_the_orders_with_the_most_support():
    """The handbook: b c a with 104 of the votes; of five countries three orders with 6.375."""
    x, weights = CONDORCET
    assert score(CONDORCET, "kemeny").tolist() == pytest.approx([0, 100, 50])
    votes = outranking.outranking(x, weights[None])
    assert 60 * outranking.kemeny_support(votes)[0] == pytest.approx(104)
    votes = outranking.outranking(five(), np.ones((1, 8)))
    assert outranking.kemeny_support(votes)[0] == pytest.approx(6.375)
    places = 5 - 4 * outranking.scores(five(), np.ones(8), "kemeny", top=1.0)
    # USA Sweden Finland, Sweden Finland USA, Sweden USA Finland, then Japan and Korea
    assert places.tolist() == pytest.approx([8 / 3, 2, 4 / 3, 4, 5])


def test_an_unsolvable_ranking_is_a_tie_of_all():
    """Table 34: three orders have the greatest support."""
    circle = profile((1, "abc"), (1, "bca"), (1, "cab"))
    assert score(circle, "kemeny").tolist() == pytest.approx([50, 50, 50])


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 5))
@settings(max_examples=30)
def test_kemeny_is_the_mean_place_of_the_best_of_all_permutations(seed, units, indicators):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, (units, indicators)).astype(float)
    votes = outranking.outranking(x, np.ones((1, indicators)))[0]
    support = {
        order: sum(votes[a, b] for i, a in enumerate(order) for b in order[i + 1 :])
        for order in permutations(range(units))
    }
    best = [o for o, s in support.items() if s >= max(support.values()) - 1e-9]
    mean = [np.mean([o.index(unit) for o in best]) for unit in range(units)]
    found = outranking.scores(x, np.ones(indicators), "kemeny", top=1.0)
    np.testing.assert_allclose(found, 1 - np.array(mean) / (units - 1), atol=1e-9)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_replicates_are_computed_as_each_by_itself(seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 9, (6, 4)).round(1)
    x[rng.random(x.shape) < 0.2] = np.nan
    weights = rng.uniform(0.1, 1, (5, 4))
    many = np.stack([x + rng.integers(0, 2, x.shape) for _ in range(5)])
    for kind in outranking.MOST:
        for given_x in (x, many):
            found = outranking.scores(given_x, weights, kind, 0.5)
            each = [
                outranking.scores(given_x if given_x.ndim == 2 else given_x[r], w, kind, 0.5)
                for r, w in enumerate(weights)
            ]
            np.testing.assert_allclose(found, each, atol=1e-9)


def test_who_lacks_too_much_takes_no_part():
    x = np.array([[1.0, 2], [2, np.nan], [3, 4]])
    assert np.isnan(score((x, np.ones(2)), "copeland")[1])
    assert score((x, np.ones(2)), "copeland", at_least=0.5).tolist() == [0, 50, 100]
    assert np.isnan(score((x[:1], np.ones(2)), "copeland")).all(), "alone there are no others"


def test_too_many_units_are_refused_with_the_limit():
    made = framework(aggregate="kemeny", uncertainty={"replicates": 1, "seed": 1})
    x = np.random.default_rng(1).uniform(0, 9, (13, 4))
    with pytest.raises(outranking.OutrankingError, match="13 units.*at most 10"):
        composite.build(values(x, made), made)
    assert composite.build(values(x[:10], made), made).scores["rank"].notna().all()


def test_an_index_by_duels_weighs_indicators_by_their_share_in_the_whole():
    made = framework({"a": ["x", "y"], "b": ["w"]}, aggregate="copeland")
    built = composite.build(values([[9, 9, 1], [1, 1, 2], [5, 0, 3.0]], made), made)
    whole = built.scores[built.scores["level"] == "framework"].set_index("reporting_unit")
    # x and y are worth a quarter each, w a half: u0 is level with both, u2 beats u1 by x and w
    assert whole["score"].to_dict() == pytest.approx({"u0": 50.0, "u1": 25.0, "u2": 75.0})


def test_values_of_replicates_may_share_one_set_of_weights():
    x, weights = MOULIN
    many = np.stack([x, x[::-1]])
    for kind in outranking.MOST:
        each = [outranking.scores(one, weights, kind) for one in many]
        np.testing.assert_allclose(outranking.scores(many, weights, kind), each, atol=1e-9)


def test_two_units_are_enough_for_a_duel():
    x = np.array([[2.0, 2, 1], [1, 1, 2]])
    for kind in outranking.MOST:
        assert outranking.scores(x, np.ones(3), kind, top=40).tolist() == [40, 0]
        assert outranking.scores(x, np.array([1, 1, 2.0]), kind).tolist() == [50, 50]


@pytest.mark.parametrize("replicates", [False, True])
def test_units_with_no_indicator_in_common_are_a_tie(replicates):
    x, weights = np.array([[1.0, np.nan], [np.nan, 9.0], [0.0, 8.0]]), np.ones((2, 2))
    votes = outranking.outranking(np.stack([x, x]) if replicates else x, weights)
    assert votes[1].tolist() == [[0.5, 0.5, 1.0], [0.5, 0.5, 1.0], [0.0, 0.0, 0.5]]
