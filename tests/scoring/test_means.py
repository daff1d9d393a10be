"""The parts of which means are made: inverse of each other, their slopes, what has none."""

import numpy as np
import pytest

from analysis.catalogue.tree import EXPONENTS
from analysis.scoring import means

KINDS = ["arithmetic", "geometric", "harmonic", *EXPONENTS]
X = np.array([0.5, 1.0, 2.0, 30.0])


@pytest.mark.parametrize(
    ("kind", "inner", "outer"),
    [
        ("arithmetic", 4, 4),
        ("geometric", np.log(4), np.exp(4)),
        ("harmonic", 1 / 4, 1 / 4),
        ("power_half", 2, 16),
        ("power_2", 16, 2),
        ("power_3", 64, 4 ** (1 / 3)),
        ("power_minus_2", 1 / 16, 1 / 2),
    ],
)
def test_each_mean_by_its_formula(kind, inner, outer):
    four = np.array([4.0])
    assert means.inner(four, kind)[0] == pytest.approx(inner)
    assert means.outer(four, kind)[0] == pytest.approx(outer)


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_back_is_the_inverse_and_slopes_are_those_of_small_steps(kind):
    np.testing.assert_allclose(means.outer(means.inner(X, kind), kind), X)
    step = 1e-6 * X
    for there, slope in ((means.inner, means.inner_slope), (means.outer, means.outer_slope)):
        rise = (there(X + step, kind) - there(X - step, kind)) / (2 * step)
        np.testing.assert_allclose(slope(X, kind), rise, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_below_0_there_is_no_value_and_at_0_no_slope_without_end(kind):
    assert np.isnan(means.inner(np.array([-1.0]), kind)[0])
    nil = means.inner(np.array([0.0, 1.0]), kind)
    assert np.isfinite(nil).all()
    # half of it at 0: what the mean becomes
    whole = means.outer(np.array([nil.mean()]), kind)[0]
    expected = {"power_half": 0.25, "power_2": 0.5**0.5, "power_3": 0.5 ** (1 / 3)}
    assert whole == pytest.approx(expected.get(kind, 0), abs=1e-12)
    assert means.inner_slope(np.array([0.0]), kind).tolist() == [0]
    assert means.outer_slope(np.array([0.0]), kind).tolist() == [kind == "geometric"]


def test_what_is_below_0_has_an_arithmetic_mean():
    assert means.inner(np.array([-1.0, 0]), "arithmetic").tolist() == [-1, 0]
    assert means.inner_slope(np.array([-1.0, 5]), "arithmetic").tolist() == [1, 1]
