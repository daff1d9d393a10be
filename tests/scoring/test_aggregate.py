import numpy as np
import pytest
from composites import framework, values
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import tree
from analysis.scoring import aggregate

X = np.array([[20.0, 80.0], [50.0, 50.0], [0.0, 100.0]])
W = np.array([1.0, 3.0])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("arithmetic", [65, 50, 75]),
        ("geometric", [np.exp((np.log(20) + 3 * np.log(80)) / 4), 50, 0]),
        ("harmonic", [4 / (1 / 20 + 3 / 80), 50, 0]),
    ],
)
def test_means(kind, expected):
    np.testing.assert_allclose(aggregate.mean(X, W, kind), expected, atol=1e-12)


def test_the_handbooks_example_of_compensation():
    """OECD/JRC handbook, 6.11: 21, 1, 1, 1 against 6, 6, 6, 6; and the first with a 2."""
    x = np.array([[21.0, 1, 1, 1], [6, 6, 6, 6], [21, 2, 1, 1]])
    even = np.ones(4)
    assert aggregate.mean(x, even, "arithmetic")[:2].tolist() == [6, 6]
    assert aggregate.mean(x, even, "geometric").round(2).tolist() == [2.14, 6.0, 2.55]


def test_known_parts_share_the_weight_if_enough_are_known():
    x = np.array([[10.0, np.nan, 30.0], [np.nan, np.nan, 30.0], [np.nan] * 3])
    w = np.array([1.0, 1.0, 3.0])
    found = aggregate.mean(x, w, "arithmetic", at_least=0.6)
    np.testing.assert_array_equal(found, [25, np.nan, np.nan])
    np.testing.assert_array_equal(aggregate.mean(x, w, "arithmetic"), [np.nan] * 3)


def test_below_zero_there_is_no_geometric_mean():
    x = np.array([[-1.0, 4.0], [1.0, 4.0]])
    np.testing.assert_allclose(aggregate.mean(x, np.ones(2), "geometric"), [np.nan, 2])


def test_a_tree_of_any_depth_with_a_mean_of_its_own_at_each_node():
    made = framework({"a": ["x", "y"], "b": ["z"]})
    made["dimensions"] |= {"top": {"name": {}, "aggregate": "harmonic"}}
    made["dimensions"]["a"] |= {"parent": "top", "aggregate": "geometric"}
    made["dimensions"]["b"] |= {"parent": "top"}
    held = tree.of(made)
    assert held.codes == ("x", "y", "z", "a", "b", "top", "f")
    found = aggregate.combine(np.array([[4.0, 9.0, 3.0]]), held)
    np.testing.assert_allclose(found[0], [4, 9, 3, 6, 3, 4, 4])


def test_weights_of_many_replicates_are_one_product():
    made = framework()
    held, rng = tree.of(made), np.random.default_rng(0)
    x, weights = rng.uniform(1, 99, (7, 4)), rng.uniform(0.5, 2, (50, len(held.codes)))
    for kind in tree.MEANS:
        all_ = aggregate.combine(x, held.with_means(kind), weights)
        for r in (0, 17, 49):
            np.testing.assert_allclose(
                all_[r], aggregate.combine(x, held.with_means(kind), weights[r])
            )


def test_status_and_coverage_say_how_firm_a_score_is():
    made = framework(missing_children={"at_least": 0.5})
    table = values([[1, 2, 3, 4], [1, np.nan, 3, 4], [1, 2, 3, 4]], made)
    table["normalised"] = table["obs_value"]
    table.loc[8, "obs_status"] = "E"
    table.loc[3, ["obs_status"]] = "M"
    found = aggregate.aggregate(table, made, tree.of(made))
    whole = found[found["level"] == "framework"].set_index("reporting_unit")
    assert whole["coverage"].tolist() == [1, 0.75, 1]
    assert whole["obs_status"].tolist() == ["A", "A", "E"]
    dimension = found[(found["code"] == "a") & (found["level"] == "dimension")]
    assert dimension["score"].tolist() == [1.5, 1, 1.5]


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=6),
    st.sampled_from(tree.MEANS),
    st.data(),
)
def test_means_lie_between_and_rise_with_every_part(parts, kind, data):
    x = np.array([parts])
    w = np.array(data.draw(st.lists(st.floats(0.1, 10), min_size=len(parts), max_size=len(parts))))
    low = aggregate.mean(x, w, kind)[0]
    assert min(parts) * (1 - 1e-9) <= low <= max(parts) * (1 + 1e-9)
    i = data.draw(st.integers(0, len(parts) - 1))
    x[0, i] *= 2
    assert aggregate.mean(x, w, kind)[0] > low
