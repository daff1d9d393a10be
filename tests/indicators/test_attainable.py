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


def one(matrix, bound, equal, tolerance=0.0, low=0.0, high=np.inf) -> Space:
    """Rules of one figure."""
    n = len(bound)
    rules = np.array(matrix, float).reshape(n, 1), np.array(bound, float)
    limits = np.array([low]), np.array([high])
    return Space(*rules, np.full(n, equal), np.full(n, tolerance), *limits)


@pytest.mark.parametrize(
    ("held", "ends"),
    [
        (one([2], [10], False, 1), (0, 5.5)),  # 2x ≤ 10, give or take 1
        (one([-2], [-10], False, 1), (4.5, np.inf)),
        (one([2], [10], True, 1), (4.5, 5.5)),
        (one([-2], [-10], True, 1), (4.5, 5.5)),
        (one([2, -1], [10, -3], False), (3, 5)),
        (one([], [], True, low=-3, high=7), (-3, 7)),
        (one([1], [5], True, high=4), None),
        (one([1], [5], True, low=5 + 1e-10), (5 + 1e-10, 5 + 1e-10)),  # the last digits
        (one([1], [5], True, low=5 + 1e-8), None),
        (one([1], [5e9], True, low=5e9 + 4), (5e9 + 4, 5e9 + 4)),  # of so large a figure
        (one([1], [5e9], True, low=5e9 + 6), None),
        (one([1], [5], False, low=-np.inf), (-np.inf, 5)),
    ],
)
def test_between_what_one_figure_lies(held, ends):
    assert held.ends() == ends


def sums(n, known=0.0) -> Sum:
    return Sum(np.atleast_1d(np.array(n, float)), known)


@pytest.mark.parametrize(
    ("low", "high", "top", "bottom", "ends"),
    [
        (2, 4, sums(1, 1), sums(0, 10), (0.3, 0.5)),
        (2, 4, sums(-1, 9), sums(0, 10), (0.5, 0.7)),
        (2, 8, sums(0, 4), sums(1), (0.5, 2)),
        (0, 8, sums(0, 4), sums(1), (0.5, np.inf)),  # of next to nothing
        (0, 8, sums(0, -4), sums(1), (-np.inf, -0.5)),
        (0, 8, sums(3), sums(2), (1.5, 1.5)),
        (0, 8, sums(3), sums(1), (3, 3)),  # three times what there is, whatever it is
        (0, 8, sums(3, 1e-12), sums(1), (3, 3)),
        (0, 8, sums(0, 0), sums(1), (0, 0)),
        (1, 8, sums(1, 4), sums(1, -1), (12 / 7, np.inf)),
        (0, 8, sums(1, -1), sums(1, -1), (1, 1)),
        (0, np.inf, sums(2, 3), sums(4, 1), (0.5, 3)),
        (0, np.inf, sums(2, 3), sums(0, 1), (3, np.inf)),
        (0, np.inf, sums(0, 3), sums(0, 6), (0.5, 0.5)),
        (0, np.inf, sums(0, 3), sums(0, 0), None),
        (0, 0, sums(1, 3), sums(1, 0), None),
    ],
)
def test_a_fraction_of_one_unknown_lies_between_those_of_its_ends(low, high, top, bottom, ends):
    found = attainable.fraction(one([], [], True, low=low, high=high), top, bottom)
    assert found == (ends if ends is None else pytest.approx(ends))


def test_without_an_unknown_a_fraction_is_what_it_is():
    none = space(np.zeros((0, 0)), [], [])
    assert attainable.fraction(none, sums([], 1), sums([], 4)) == (0.25, 0.25)
    assert attainable.fraction(none, sums([], 1), sums([], 0)) is None


@pytest.mark.parametrize(
    ("low", "high", "top", "bottom", "ends"),
    [
        ([0, 0], [30, 30], sums([1, 0]), sums([1, 1]), (18 / 48, 30 / 48)),
        ([0, 0], [30, 30], sums([1, 0], 10), sums([1, 1], 50), (28 / 98, 40 / 98)),
        ([20, 0], [np.inf, 28], sums([1, 0]), sums([0, 1], 2), (20 / 30, 52 / 2)),
        ([0, 0], [0, np.inf], sums([1, 1]), sums([0, 0], 4), (12, 13)),
        ([-5, 0], [-1, np.inf], sums([1, 0]), sums([0, 0], 4), (-1.25, -0.25)),
    ],
)
def test_a_fraction_of_two_unknown_figures_by_hand(low, high, top, bottom, ends):
    """Together they are 50, give or take 2."""
    held = Space(np.array([[1.0, 1]]), np.array([50.0]), np.array([True]), np.array([2.0]),
                 np.array(low, float), np.array(high, float))  # fmt: skip
    assert attainable.fraction(held, top, bottom) == pytest.approx(ends)


def test_a_fraction_that_nothing_bounds_has_no_ends():
    free = space(np.zeros((0, 2)), [], [], low=-np.inf)
    assert attainable.fraction(free, sums([1, 1]), sums([0, 0], 3)) == (-np.inf, np.inf)
    above = space([[-1, -1]], [-6], [False])
    assert attainable.fraction(above, sums([1, 1]), sums([0, 0], 3)) == (2, np.inf)
    large = space([[1, 1]], [5e9], [True])
    assert attainable.fraction(large, sums([1, 0], 5e9), sums([0, 0], 2e10)) == pytest.approx(
        (0.25, 0.5)
    )


@pytest.mark.parametrize(
    ("x", "moved", "changes", "holds"),
    [
        ([10, 4, 6], [0], {}, True),
        ([11, 4, 6], [0], {}, False),
        ([11, 4, 6], [], {}, True),  # it did not hold before, either
        ([11, 4, 6], [0], {"rules": [False, True]}, True),
        ([11, 4, 6], [0], {"tolerance": [1, 0]}, True),
        ([11, 4, 6], [0], {"tolerance": [0.99, 0]}, False),
        ([9, 4, 6], [0], {}, False),
        ([9, 4, 6], [0], {"equal": [False, True]}, True),  # at most the sum of its parts
        ([11, 4, 6], [0], {"equal": [False, True]}, False),
        ([10 + 5e-9, 4, 6], [0], {}, True),  # ten thousand-millionths of the largest figure
        ([10 + 5e-8, 4, 6], [0], {}, False),
        ([3, -3, 6], [1], {}, False),  # below what it can be
        ([3, -3, 6], [2], {}, True),
        ([24, 4, 20], [2], {"high": 19}, False),
        ([24, 4, 20], [2], {"high": 20}, True),
    ],
)
def test_rules_on_what_moved_hold_or_nothing_is_left(x, moved, changes, holds):
    """The first figure is the sum of the others; a second rule is on the unknown fourth."""
    held = Space(
        np.array([[1.0, -1, -1, 0], [1, 0, 0, -1]]),
        np.zeros(2),
        np.array(changes.get("equal", [True, True])),
        np.array(changes.get("tolerance", [0.0, 0]), float),
        np.zeros(4),
        np.array([np.inf, np.inf, changes.get("high", np.inf), np.inf]),
    )
    free = np.array([False, False, False, True])
    rules = np.array(changes.get("rules", [True, True]))
    left = held.around(np.array([*x, 99.0]), free, rules, np.isin(range(4), moved))
    assert (left is not None) == holds
    if left is not None:  # the fourth is the first
        assert left.matrix.tolist() == [[-1]] and left.ends() == pytest.approx((x[0], x[0]))
