"""Between what an indicator lies: by hand, against points that fulfil the rules, and as rules are
added."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.indicators import attainable
from analysis.indicators.attainable import Space, Sum


def space(matrix, bound, equal, low=0.0, high=np.inf) -> Space:
    matrix = np.array(matrix, float)
    n = matrix.shape[1]
    return Space(
        matrix,
        np.array(bound, float),
        np.array(equal, bool),
        np.zeros(len(bound)),
        np.full(n, low),
        np.full(n, high),
    )


def test_a_share_of_two_unknown_parts_of_a_known_total_is_anything():
    parts = space([[1, 1]], [50], [True])
    found = attainable.fraction(parts, Sum(np.array([1.0, 0])), Sum(np.array([1.0, 1])))
    assert found == pytest.approx((0, 1))


def test_an_unknown_part_is_what_the_others_leave():
    part = space([[1]], [12], [True])
    found = attainable.fraction(part, Sum(np.array([1.0]), 8), Sum(np.array([0.0]), 40))
    assert found == (0.5, 0.5)


def test_an_unknown_denominator_is_bounded_on_one_side_only():
    """5 of at least 20: at most a quarter, or next to nothing; as a numerator: no end."""
    whole = space([[-1]], [-20], [False])
    assert attainable.fraction(whole, Sum(np.zeros(1), 5), Sum(np.ones(1))) == (0, 0.25)
    above = space([[-1]], [-20], [False])
    assert attainable.fraction(above, Sum(np.ones(1), 5), Sum(np.zeros(1), 10)) == (2.5, np.inf)
    free = space(np.zeros((0, 1)), [], [])
    assert attainable.fraction(free, Sum(np.zeros(1), 5), Sum(np.ones(1))) == (0, np.inf)


def test_what_nothing_fulfils_and_what_measures_nothing_has_no_bounds():
    torn = space([[1], [1]], [3, 4], [True, True])
    assert attainable.fraction(torn, Sum(np.ones(1)), Sum(np.ones(1), 1)) is None
    torn = space([[1, 1], [1, 1]], [3, 4], [True, True])
    assert attainable.fraction(torn, Sum(np.ones(2)), Sum(np.ones(2), 1)) is None
    nothing = space([[1]], [0], [True])
    assert attainable.fraction(nothing, Sum(np.zeros(1)), Sum(np.ones(1))) is None


counts = st.integers(0, 10**7)
signs = st.lists(st.sampled_from([-1, 0, 1]), min_size=3, max_size=3).filter(any)


@st.composite
def truths(draw):
    """A point, rules that it fulfils, and which of its figures are unknown."""
    x = np.array(draw(st.lists(counts, min_size=3, max_size=3)), float)
    rules = draw(st.lists(st.tuples(signs, st.booleans(), counts), min_size=1, max_size=4))
    matrix = np.array([r[0] for r in rules], float)
    equal = np.array([r[1] for r in rules])
    slack = np.where(equal, 0, [r[2] for r in rules])
    free = np.array(draw(st.lists(st.booleans(), min_size=3, max_size=3)))
    top = Sum(np.array(draw(st.lists(st.integers(0, 1), min_size=3, max_size=3)), float))
    return x, space(matrix, matrix @ x + slack, equal), free, top


def bounds(x, held, free, top, rules) -> tuple[float, float]:
    left = held.around(x, free, rules, np.zeros(3, bool))
    whole = Sum(np.ones(free.sum()), 1.0 + x[~free].sum())
    return attainable.fraction(left, Sum(top.parts[free], top.parts[~free] @ x[~free]), whole)


@given(truths())
def test_the_truth_lies_within_and_a_further_rule_never_widens(made):
    x, held, free, top = made
    every = np.ones(len(held.bound), bool)
    fewer = every.copy()
    fewer[-1] = False
    low, high = bounds(x, held, free, top, every)
    true = top.parts @ x / (1 + x.sum())
    assert low - 1e-6 <= true <= high + 1e-6
    wider = bounds(x, held, free, top, fewer)
    assert wider[0] - 1e-6 <= low and high <= wider[1] + 1e-6
