import numpy as np
import pytest
from composites import framework
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.catalogue import tree
from analysis.scoring import weigh


def test_equal_weights_are_equal_in_each_aggregate():
    made = framework({"a": ["x", "y", "z"], "b": ["w"]})
    share = weigh.weights(tree.of(made), "equal", None).effective_weights()
    assert share[:4].tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_weights_by_principal_component_are_its_loadings():
    rng = np.random.default_rng(1)
    common = rng.normal(size=200)
    x = np.stack([common, common + rng.normal(size=200), common + 3 * rng.normal(size=200)], 1)
    made = framework({"a": ["x", "y", "z"]})
    found = weigh.weights(tree.of(made), "pca", x).weights[:3]
    # the first right singular vector of the standardised data
    standard = (x - x.mean(0)) / x.std(0, ddof=1)
    expected = np.abs(np.linalg.svd(standard, full_matrices=False)[2][0])
    np.testing.assert_allclose(found, expected)
    assert found[0] > found[1] > found[2]


def test_a_component_that_gives_a_negative_weight_is_refused_by_name():
    x = np.array([[1.0, 9, 1], [2, 7, 2], [3, 6, 4], [4, 1, 4]])
    made = framework({"a": ["x", "y", "z"]})
    with pytest.raises(weigh.WeightError, match="^y: "):
        weigh.weights(tree.of(made), "pca", x)


def test_components_of_a_constant_indicator_are_missing():
    values, _ = weigh.principal_components(np.array([[1.0, 2], [1, 3], [1, 5]]))
    assert np.isnan(values).all()


def test_benefit_of_the_doubt_gives_each_unit_its_best_weights():
    """Two specialists are both best with their own weights; the unit in between is not."""
    x = np.array([[1.0, 0.1], [0.1, 1.0], [0.4, 0.4], [np.nan, 1.0]])
    found = weigh.benefit_of_the_doubt(x, list("abcd"), ["x", "y"])
    assert found["score"].tolist()[:2] == pytest.approx([1, 1])
    # weights 1/1.1 each: 0.8/1.1
    assert found["score"][2] == pytest.approx(0.8 / 1.1)
    assert np.isnan(found["score"][3])
    assert found.loc[0, ["x", "y"]].sum() == pytest.approx(1)


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.3))
@example(98, 1.192092896e-07)  # a least share of the size of the solver's usual tolerance
def test_no_unit_beats_one_and_the_best_weights_beat_equal_ones(seed, least):
    x = np.random.default_rng(seed).uniform(1, 100, (8, 3))
    found = weigh.benefit_of_the_doubt(x, list("abcdefgh"), list("xyz"), least)
    assert (found["score"] <= 1 + 1e-9).all()
    shares = found[list("xyz")].to_numpy()
    assert (shares >= least - 1e-7).all()
    if least == 0:
        equal = x.mean(axis=1) / x.mean(axis=1).max()
        assert (found["score"] >= equal - 1e-9).all()
