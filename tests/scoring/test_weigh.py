import numpy as np
import pandas as pd
import pytest
import r_index
import scipy
from composites import framework, values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.catalogue import tree
from analysis.scoring import composite, influence_weights, weigh


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


def test_a_unit_with_the_same_value_everywhere_is_no_constant_indicator():
    values, _ = weigh.principal_components(np.array([[2.0, 2], [1, 3], [1, 5]]))
    r = np.corrcoef([2.0, 1, 1], [2.0, 3, 5])[0, 1]
    np.testing.assert_allclose(values, [1 + abs(r), 1 - abs(r)])


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


@pytest.mark.parametrize(
    ("method", "target"),
    [("equal_influence", [1, 1, 1, 1]), ("influence_as_given", [28, 26, 24, 22])],
)
def test_weights_of_a_given_influence_are_those_that_r_finds(method, target):
    made = r_index.tai({"whole": r_index.FOUR}, weight=method)
    for entry, weight in zip(made["indicators"].values(), target, strict=True):
        entry["weight"] = weight
    made["dimensions"]["whole"]["weight"] = 1
    built = composite.build(r_index.table(r_index.raw()[r_index.FOUR]), made)
    expected = r_index.answers(
        "influence_as_weights" if method == "influence_as_given" else method
    ).iloc[0]
    found = pd.Series(built.tree.weights[:4], r_index.FOUR)
    np.testing.assert_allclose(found[expected.index], expected, atol=1e-9)
    scores = built.scores.pivot(index="reporting_unit", columns="code", values="score").astype(
        float
    )
    r = [scores[c].corr(scores["f"]) for c in r_index.FOUR]
    np.testing.assert_allclose(np.array(r) / sum(r), np.array(target) / sum(target), atol=1e-6)


def test_two_parts_are_balanced_as_coinr_prints_it():
    """COINr, vignette on weights: correlations 0.9397805 and 0.8382873 with the mean of two; at
    weights 0.3902439 and 0.6097561, found with a tolerance of a tenth, 0.8971336 and 0.8925119."""

    def correlations(w, ratio, r):  # of a part of sd ``ratio`` and one of sd 1
        cov = np.array([[ratio**2, r * ratio], [r * ratio, 1]])
        return (cov @ w) / np.sqrt(np.diag(cov) * (w @ cov @ w))

    off = scipy.optimize.fsolve(
        lambda p: correlations(np.full(2, 0.5), *p) - [0.9397805, 0.8382873], [1.5, 0.6]
    )
    printed = correlations(np.array([0.3902439, 0.6097561]), *off)
    np.testing.assert_allclose(printed, [0.8971336, 0.8925119], atol=2e-6)
    rng = np.random.default_rng(1)
    z = np.linalg.qr(rng.normal(size=(40, 3)) - 0)[0]
    z = np.linalg.qr(np.column_stack([np.ones(40), z]))[0][:, 1:3]
    ratio, r = off
    x = np.column_stack([ratio * z[:, 0], r * z[:, 0] + np.sqrt(1 - r * r) * z[:, 1]])
    found = influence_weights.balanced(x, np.ones(2), ["conn", "sust"], "arithmetic")
    assert found.tolist() == pytest.approx([1 / (1 + ratio), ratio / (1 + ratio)], abs=1e-6)
    assert found[0] == pytest.approx(0.3902439, abs=0.005)


def test_what_has_no_sister_has_all_the_influence():
    made = tree.of(framework({"a": ["x"]}))
    constant = np.array([[1.0], [1.0]])
    assert influence_weights.weights(made, constant, np.ones(len(made.codes))).tolist() == (
        [1.0] * len(made.codes)
    )


def test_what_cannot_be_balanced_is_refused_with_the_reason():
    rng = np.random.default_rng(5)
    a, c = rng.normal(size=30), rng.normal(size=30)
    twins = np.stack([a, 2 * a + c / 1000], axis=1)
    with pytest.raises(weigh.WeightError, match="^x: no weights above 0 give it 90.0 %.*50.0 %"):
        influence_weights.balanced(twins, np.array([9, 1]), list("xy"), "arithmetic")
    with pytest.raises(weigh.WeightError, match="^y: all units are equal"):
        flat = np.stack([a, np.full(30, 0.3), c], axis=1)
        influence_weights.balanced(flat, np.ones(3), list("xyz"), "arithmetic")
    with pytest.raises(weigh.WeightError, match="^y: all units are equal"):  # but for rounding
        nearly = np.stack([a, 1e6 + np.arange(30) * 1e-6, c], axis=1)
        influence_weights.balanced(nearly, np.ones(3), list("xyz"), "arithmetic")
    small = np.stack([a, c], axis=1) * 1e-7  # small values are no equal ones
    assert influence_weights.balanced(small, np.ones(2), list("xy"), "arithmetic").sum() == (
        pytest.approx(1)
    )
    with pytest.raises(weigh.WeightError, match="4 units with a score are too few"):
        influence_weights.balanced(flat[:4], np.ones(3), list("xyz"), "arithmetic")


def test_raw_weights_are_rescaled_and_the_reader_is_told():
    made = framework({"a": ["x", "y", "z"], "b": ["w"]}, weight="relative")
    for entry, weight in zip(made["indicators"].values(), [6, 4, 2, 1], strict=True):
        entry["weight"] = weight
    made["dimensions"]["a"]["weight"], made["dimensions"]["b"]["weight"] = 3, 1
    built = composite.build(values(np.arange(12.0).reshape(3, 4), made), made)
    assert built.tree.weights[:6].tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 6, 1, 3 / 4, 1 / 4])
    told = built.notes[built.notes["rule"] == "weights_rescaled"]
    assert told[["found", "expected"]].to_numpy().tolist() == [["6 : 4 : 2", "12"], ["3 : 1", "4"]]


@pytest.mark.parametrize(
    ("method", "least", "most"), [("benefit_10_40", 0.1, 0.4), ("benefit_0_100", 0.0, 1.0)]
)
def test_benefit_of_the_doubt_within_bounds_is_that_of_lpsolve(method, least, most):
    x = r_index.raw()[r_index.FOUR]
    x = 100 * (x - x.min()) / (x.max() - x.min())
    found = weigh.benefit_of_the_doubt(x.to_numpy(), list(x.index), r_index.FOUR, least, most)
    expected = r_index.answers(method)["tai"]
    np.testing.assert_allclose(found["score"], expected.loc[found["reporting_unit"]], atol=1e-7)
    shares = found[r_index.FOUR].to_numpy()[found["score"] > 0]
    assert (shares >= least - 1e-7).all() and (shares <= most + 1e-7).all()


def test_bounds_that_no_shares_can_keep_are_refused():
    for least, most in ((0.6, 1.0), (0.0, 0.4)):
        with pytest.raises(weigh.WeightError, match="no shares of 2 indicators"):
            weigh.benefit_of_the_doubt(np.ones((3, 2)), list("abc"), ["x", "y"], least, most)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
@settings(max_examples=25)
def test_parts_that_do_not_go_together_are_balanced_on_any_scale(seed, parts):
    x = np.random.default_rng(seed).uniform(1, 9, (60, parts))
    target = np.ones(parts)
    for scaled in (x, (x - x.mean(0)) / x.std(0), x * 10.0 ** np.arange(parts)):
        w = influence_weights.balanced(scaled, target, [str(i) for i in range(parts)], "arithmetic")
        r = [np.corrcoef(column, scaled @ w)[0, 1] for column in scaled.T]
        assert w.min() > 0 and np.ptp(r) < 1e-4
