"""The Mazziotta–Pareto index beside R's arithmetic on the Technology Achievement Index."""

import numpy as np
import pytest
import r_index
from hypothesis import given
from hypothesis import strategies as st

from analysis.scoring import composite, mazziotta_pareto

FLAT = {"whole": r_index.CODES}


@pytest.mark.parametrize("kind", ["mazziotta_pareto", "mazziotta_pareto_plus"])
def test_both_indices_are_those_of_r(kind):
    made = r_index.tai(FLAT, normalise={"method": "mazziotta_pareto"}, aggregate=kind)
    built = composite.build(r_index.table(), made)
    whole = built.scores[built.scores["level"] == "framework"].set_index("reporting_unit")
    expected = r_index.answers(kind)["tai"]
    if kind.endswith("plus"):
        expected = 200 - expected
    np.testing.assert_allclose(whole["score"].loc[expected.index], expected, rtol=1e-12)
    scale = built.values.pivot(index="reporting_unit", columns="indicator", values="normalised")
    printed = r_index.answers("z_100_10_n")
    np.testing.assert_allclose(scale.loc[printed.index, printed.columns], printed, rtol=1e-12)


@given(st.lists(st.floats(70, 130), min_size=2, max_size=8))
def test_unevenness_never_helps_and_even_parts_lose_nothing(parts):
    x, w = np.array([parts]), np.ones(len(parts))
    for kind in ("mazziotta_pareto", "mazziotta_pareto_plus"):
        found = mazziotta_pareto.index(x, w, kind)[0]
        assert found <= np.mean(parts) + 1e-9
        even = mazziotta_pareto.index(np.full_like(x, parts[0]), w, kind)[0]
        assert even == pytest.approx(parts[0])


def test_missing_parts_share_the_weight_only_where_enough_is_known():
    x, w = np.array([[90.0, 110.0, np.nan]]), np.array([1.0, 1.0, 9.0])
    assert np.isnan(mazziotta_pareto.index(x, w, "mazziotta_pareto")[0])
    assert mazziotta_pareto.index(x, w, "mazziotta_pareto", 0.6)[0] == pytest.approx(99)
    assert np.isnan(mazziotta_pareto.index(-x, w, "mazziotta_pareto", 0.6)[0]), "no mean above 0"
    found = mazziotta_pareto.index(x[:, :2] - 99.5, w[:2], "mazziotta_pareto")
    assert found[0] == pytest.approx(0.5 - 100 / 0.5), "a mean of a half is above 0"
    assert np.isnan(mazziotta_pareto.index(x[:, :2] - 100, w[:2], "mazziotta_pareto")[0])


def test_each_replicate_has_its_own_values_and_weights():
    """90, 110 and 90, 90: M 100, S² 100; M 105, S² 75 with weights 1 and 3; no spread."""
    x = np.array([[[90.0, 110], [90, 90]], [[90, 110], [np.nan, 90]]])
    found = mazziotta_pareto.index(x, np.array([[1.0, 1], [1, 3]]), "mazziotta_pareto")
    np.testing.assert_allclose(found, [[99, 90], [105 - 75 / 105, np.nan]])
