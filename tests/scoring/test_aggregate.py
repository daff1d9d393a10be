import numpy as np
import pytest
import r_index
from composites import framework, values
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import tree
from analysis.catalogue.tree import EXPONENTS
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
    gaps = np.array([[-1.0, 4, np.nan], [1, 4, np.nan]])
    found = aggregate.mean(gaps, np.ones(3), "geometric", at_least=0.5)
    np.testing.assert_allclose(found, [np.nan, 2], err_msg="nor of what is known beside a gap")


def test_a_tree_of_any_depth_with_a_mean_of_its_own_at_each_node():
    made = framework({"a": ["x", "y"], "b": ["z"]})
    made["dimensions"] |= {"top": {"name": {}, "aggregate": "harmonic"}}
    made["dimensions"]["a"] |= {"parent": "top", "aggregate": "geometric"}
    made["dimensions"]["b"] |= {"parent": "top"}
    held = tree.of(made)
    assert held.codes == ("x", "y", "z", "a", "b", "top", "f")
    found = aggregate.combine(np.array([[4.0, 9.0, 3.0]]), held)
    np.testing.assert_allclose(found[0], [4, 9, 3, 6, 3, 4, 4])


def test_replicates_of_values_are_each_combined():
    held = tree.of(framework({"a": ["x", "y"]}))
    x = np.array([[[2.0, 4], [1, 9]], [[6, 8], [np.nan, 5]]])
    found = aggregate.combine(x, held)
    np.testing.assert_array_equal(found[..., -1], [[3, 5], [7, np.nan]])
    np.testing.assert_array_equal(found[..., :2], x)


def test_behind_an_aggregate_that_outranks_the_others_are_means():
    made = framework({"a": ["x", "y"], "b": ["z"]})
    made["dimensions"]["a"]["aggregate"] = "copeland"
    found = aggregate.combine(np.array([[9.0, 8, 40], [1, 2, 60]]), tree.of(made))
    assert found[:, 3:].tolist() == [[100, 40, 70], [0, 60, 30]]


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
    st.lists(st.floats(1, 1e3), min_size=2, max_size=6),  # whose cubes doubles can tell apart
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


@pytest.mark.parametrize("kind", EXPONENTS)
def test_power_means_are_those_of_r(kind):
    x = r_index.answers("z_100_10").to_numpy()
    found = aggregate.mean(x, np.arange(1, 9) / 36, kind)
    expected = r_index.answers(f"power {EXPONENTS[kind]:g}")["tai"]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=6))
def test_power_means_rise_with_their_exponent(parts):
    order = ["power_minus_2", "harmonic", "geometric", "power_half", "arithmetic"]
    order += ["power_2", "power_3"]
    found = [aggregate.mean(np.array([parts]), np.ones(len(parts)), k)[0] for k in order]
    assert all(a <= b * (1 + 1e-9) for a, b in zip(found, found[1:], strict=False))
    assert min(parts) * (1 - 1e-9) <= found[0] and found[-1] <= max(parts) * (1 + 1e-9)


def test_a_power_mean_of_what_is_below_0_is_none():
    assert np.isnan(aggregate.mean(np.array([[4.0, -1.0]]), np.ones(2), "power_2")[0])
    assert aggregate.mean(np.array([[4.0, 0.0]]), np.ones(2), "power_minus_2")[0] == pytest.approx(
        0
    )


def test_each_level_has_its_own_share_that_must_be_known():
    made = framework(missing_children={"at_least": {"dimension": 0.5}})
    held = tree.of(made)
    assert held.at_least == (0.5, 0.5, 1.0)
    found = aggregate.combine(np.array([[1.0, np.nan, 3, 5], [1, 1, np.nan, np.nan]]), held)
    assert found[0, 4:].tolist() == [1, 4, 2.5]
    assert found[1, 4] == 1 and np.isnan(found[1, 5:]).all()


def test_a_duel_is_decided_by_each_indicator_s_share_in_the_whole():
    """x has 3/4 of nine tenths, 0.675: who is better there alone wins against two others."""
    made = framework({"a": ["x", "y"], "b": ["z"]}, aggregate="copeland", weight="given")
    for code, weight in {"x": 0.75, "y": 0.25, "z": 1}.items():
        made["indicators"][code]["weight"] = weight
    made["dimensions"]["a"] |= {"weight": 0.9, "aggregate": "arithmetic"}
    made["dimensions"]["b"] |= {"weight": 0.1, "aggregate": "arithmetic"}
    held = tree.of(made)
    found = aggregate.combine(np.array([[9.0, 1, 1], [1, 9, 9]]), held)
    assert found[:, -1].tolist() == [100, 0]
    x = np.array([[9.0, 1, 9], [1, 9, 1]])
    for other in ([1.0, 3, 1, 9, 1, 1], [1, 3, 50, 9, 1, 1]):  # now y has 0.675
        assert aggregate.combine(x, held, np.array(other))[:, -1].tolist() == [0, 100]


def test_the_weakest_part_gives_its_status_but_for_what_is_not_there_beside_a_score():
    made = framework(missing_children={"at_least": 0.5}, normalise={"method": "points"})
    for entry in made["indicators"].values():
        entry["points"] = {"full_mark_at": 1, "zero_denominator": "full"}
    table = values(np.ones((6, 4)), made).assign(normalised=100.0, granted=np.nan)

    def given(unit, marks, scores):
        rows = table["reporting_unit"] == unit
        table.loc[rows, "obs_status"] = marks
        table.loc[rows, "normalised"] = scores

    given("u1", list("AIAA"), [100.0] * 4)
    given("u2", list("AOOO"), [100.0] + [np.nan] * 3)
    given("u3", list("MMMM"), [100.0] * 4)
    given("u4", list("AAAE"), [100.0] * 4)
    given("u5", list("IAOO"), [100.0] * 2 + [np.nan] * 2)
    found = aggregate.aggregate(table, made, tree.of(made))
    whole = found[found["level"] == "framework"].set_index("reporting_unit")
    marks = {"u0": "A", "u1": "I", "u2": "A", "u3": "M", "u4": "E", "u5": "I"}
    assert whole["obs_status"].to_dict() == marks
    strict = tree.of(made | {"missing_children": "none"})
    found = aggregate.aggregate(table, made, strict)
    whole = found[found["level"] == "framework"].set_index("reporting_unit")
    assert np.isnan(whole["score"]["u2"]) and whole["obs_status"]["u2"] == "O"


def test_what_is_measured_leaves_out_what_a_rule_granted():
    made = framework(missing_children={"at_least": 0.5})
    table = values([[1.0, 2, 3, 4]], made).assign(normalised=[10.0, 100, 30, 50])
    table["granted"] = [np.nan, 100, np.nan, np.nan]
    whole = aggregate.aggregate(table, made, tree.of(made)).iloc[-1]
    assert (whole["coverage"], whole["measured"]) == (1, 0.75)
    assert whole["score"] == pytest.approx((55 + 40) / 2)


def test_exactly_the_least_share_is_enough():
    x = np.array([[1.0, 2, np.nan], [1, np.nan, np.nan]])
    np.testing.assert_allclose(
        aggregate.mean(x, np.ones(3), "arithmetic", at_least=2 / 3), [1.5, np.nan]
    )


def test_only_a_sum_is_in_points():
    """A mean of 50 on 0 to 100; as a sum half of the points of each entry."""
    made = framework(max_score=40)
    table = values(np.full((1, 4), 50.0), made).assign(normalised=50.0)
    assert aggregate.aggregate(table, made, tree.of(made))["score"].tolist() == [50] * 7
    made |= {"aggregate": "sum", "weight": "given"}
    for entries, tops in (("dimensions", [30, 10]), ("indicators", [20, 10, 6, 4])):
        for entry, top in zip(made[entries].values(), tops, strict=True):
            entry |= {"max_score": top} if entries == "dimensions" else {"points": {"max": top}}
    found = aggregate.aggregate(table, made, tree.of(made)).set_index("code")
    assert found["score"].astype(float).to_dict() == pytest.approx(
        {"a1": 10, "a2": 5, "b1": 3, "b2": 2, "a": 15, "b": 5, "f": 20}
    )
    assert found.loc["f", "max_score"] == 40
