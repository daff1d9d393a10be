"""Parts of a score and of a difference: they add up, and mean what they say."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from composites import framework, values
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import tree
from analysis.scoring import aggregate, composite, explain

MEANS = st.sampled_from(tree.MEANS)
states = st.integers(0, 2**32 - 1)


def a_tree(mean):
    made = framework({"a": ["x", "y"], "b": ["z", "w"], "c": ["v"]}, aggregate=mean)
    made["dimensions"]["c"] |= {"parent": "b", "aggregate": "harmonic"}
    return tree.of(made)


def drawn(seed, gaps):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 100, (6, 5)).round(rng.integers(0, 3))
    x[rng.random(x.shape) < 0.1] = 0
    x[rng.random(x.shape) < gaps] = np.nan
    return x


@settings(max_examples=200)
@given(states, states, MEANS)
def test_a_difference_is_shared_out_exactly(one, two, mean):
    held = a_tree(mean)
    a, b = drawn(one, 0), drawn(two, 0)
    b[0] = a[0]
    moved, coverage = explain.difference(a, b, held)
    whole = aggregate.combine(b, held)[:, -1] - aggregate.combine(a, held)[:, -1]
    np.testing.assert_allclose(moved.sum(axis=1), whole, atol=1e-9)
    np.testing.assert_allclose(coverage, 0, atol=1e-9)
    assert (moved[a == b] == 0).all(), "what did not change contributes nothing"
    changed = np.abs(moved) > 1e-12
    assert (np.sign(moved[changed]) == np.sign((b - a)[changed])).all()


@settings(max_examples=100)
@given(states, states, MEANS)
def test_with_gaps_what_is_known_on_one_side_only_stands_apart(one, two, mean):
    held = a_tree(mean)
    a, b = drawn(one, 0.2), drawn(two, 0.2)
    moved, coverage = explain.difference(a, b, held)
    both = ~(np.isnan(a) | np.isnan(b))
    assert np.isnan(moved[~both]).all() and not np.isnan(moved[both]).any()
    same = both.all(axis=1)
    np.testing.assert_allclose(coverage[same], 0, atol=1e-9)


def test_an_arithmetic_mean_gives_weight_times_value():
    made = framework()
    table = values([[10, 20, 30, 40], [50, 60, 70, 80]], made).rename(
        columns={"obs_value": "normalised"}
    )
    found = explain.contributions(table, tree.of(made), made)
    first = found[found["reporting_unit"] == "u0"]
    assert first["given"].tolist() == pytest.approx([2.5, 5, 7.5, 10])
    assert first["lost"].tolist() == pytest.approx([22.5, 20, 17.5, 15])
    assert first["weight"].tolist() == [0.25] * 4


def points_framework():
    made = framework(normalise={"method": "points"}, weight="given", aggregate="sum", max_score=40)
    for d, top in (("a", 30), ("b", 10)):
        made["dimensions"][d]["max_score"] = top
    for code, top in (("a1", 20), ("a2", 10), ("b1", 6), ("b2", 4)):
        made["indicators"][code] |= {
            "points": {"max": top, "full_mark_at": 50, "zero_denominator": "zero"},
            "formula": {"ratio": {"numerator": ["n"], "denominator": ["d"]}},
        }
    return made


def test_points_earned_and_lost_are_points():
    made = points_framework()
    built = composite.build(values([[50, 25, 0, 80], [10, 10, 10, 10]], made), made)
    found = explain.contributions(built.values, built.tree, made)
    first = found[found["reporting_unit"] == "u0"].set_index("indicator")
    assert first["given"].to_dict() == pytest.approx({"a1": 20, "a2": 5, "b1": 0, "b2": 4})
    assert first["lost"].to_dict() == pytest.approx({"a1": 0, "a2": 5, "b1": 6, "b2": 0})
    whole = built.scores[built.scores["level"] == "framework"].set_index("reporting_unit")["score"]
    sums = found.groupby("reporting_unit")[["given", "lost"]].sum()
    np.testing.assert_allclose(sums["given"], whole)
    np.testing.assert_allclose(sums["given"] + sums["lost"], 40)


def test_a_change_adds_up_and_says_what_was_not_measured():
    made = points_framework() | {"missing_children": {"at_least": 0}}
    before = composite.build(values([[10, 10, 10, 10], [20, np.nan, 5, 5]], made), made)
    after = composite.build(values([[20, 10, 5, 10], [20, 30, 5, 5]], made), made)
    found = explain.change(before.values, after.values, after.tree, made)
    one = found[found["reporting_unit"] == "u0"].set_index("indicator")["contribution"]
    assert one.to_dict() == pytest.approx({"a1": 4, "a2": 0, "b1": -0.6, "b2": 0, "_coverage": 0})
    two = found[found["reporting_unit"] == "u1"].set_index("indicator")["contribution"]
    assert two["_coverage"] != 0 and np.isnan(two["a2"])
    for unit, part in found.groupby("reporting_unit"):
        gap = [
            b.scores[(b.scores["level"] == "framework") & (b.scores["reporting_unit"] == unit)]
            for b in (before, after)
        ]
        whole = gap[1]["score"].iloc[0] - gap[0]["score"].iloc[0]
        assert part["contribution"].sum() == pytest.approx(whole, abs=1e-9)


def test_against_peers_the_parts_are_the_gap_to_the_median_unit():
    made = framework()
    x = np.random.default_rng(2).uniform(0, 100, (9, 4))
    table = values(x, made).rename(columns={"obs_value": "normalised"})
    peers = {f"u{i}": "city" if i < 4 else "province" for i in range(9)}
    found = explain.against_peers(table, tree.of(made), made, peers)
    for i in (0, 8):
        rows = found[found["reporting_unit"] == f"u{i}"]
        group = x[:4] if i < 4 else x[4:]
        gap = x[i].mean() - np.median(group, axis=0).mean()
        assert rows["contribution"].sum() == pytest.approx(gap)
    best = found.loc[found["place"] == 100, "reporting_unit"]
    assert len(best) >= 8, "somebody is first in each indicator of each group"


def test_of_equal_units_none_is_better_than_half_of_the_others():
    made = framework()
    table = values(np.full((4, 4), 70.0), made).rename(columns={"obs_value": "normalised"})
    peers = dict.fromkeys(table["reporting_unit"], "all")
    assert (explain.against_peers(table, tree.of(made), made, peers)["place"] == 0).all()


def test_beside_one_peer_a_unit_is_better_than_all_or_none_and_alone_it_has_no_place():
    made = framework()
    table = values([[10] * 4, [70] * 4, [50] * 4], made).rename(columns={"obs_value": "normalised"})
    peers = {"u0": "city", "u1": "city", "u2": "town"}
    place = explain.against_peers(table, tree.of(made), made, peers)["place"]
    assert place.tolist() == pytest.approx([0] * 4 + [100] * 4 + [np.nan] * 4, nan_ok=True)


def test_what_was_granted_without_a_case_is_no_strength_and_in_no_median():
    made = framework()
    x = np.array([[10.0, 20, 30, 100], [50, 20, 10, 40], [30, 60, 20, 60], [20, 10, 40, 50]])
    table = values(x, made).rename(columns={"obs_value": "normalised"})
    given = np.full(x.shape, np.nan)
    given[0, 3] = 100.0  # nothing to measure, all points by rule
    table = table.assign(granted=given.ravel())
    peers = dict.fromkeys(table["reporting_unit"], "all")
    found = explain.against_peers(table, tree.of(made), made, peers).set_index("indicator")
    last = found.loc["b2"].set_index("reporting_unit")
    assert np.isnan(last.loc["u0", "contribution"]) and np.isnan(last.loc["u0", "place"])
    assert (last["median"] == 50).all(), "the median of those that were measured"
    pair = explain.between(table, tree.of(made), made, "u0", "u1").set_index("indicator")
    assert np.isnan(pair.loc["b2", "contribution"])
    scores = x.reshape(4, 2, 2).mean(axis=2).mean(axis=1)
    assert np.nansum(pair["contribution"]) == pytest.approx(scores[0] - scores[1])


def test_two_units_side_by_side():
    made = framework()
    table = values([[10, 20, 30, 40], [50, 20, 10, np.nan]], made).rename(
        columns={"obs_value": "normalised"}
    )
    found = explain.between(table, tree.of(made), made, "u0", "u1").set_index("indicator")
    assert found.loc["a2", "contribution"] == 0
    assert found.loc["a1", "contribution"] < 0 < found.loc["b1", "contribution"]
    assert found["contribution"].sum() == pytest.approx(25 - (35 + 10) / 2)


@settings(max_examples=100)
@given(states, MEANS, st.floats(0.1, 3))
def test_the_next_point_is_a_point(seed, mean, step):
    """Put what is needed in place: the score rises by just that much."""
    made = framework({"a": ["x", "y"], "b": ["z", "w"], "c": ["v"]}, aggregate=mean)
    made["dimensions"]["c"] |= {"parent": "b"}
    held = tree.of(made)
    x = np.random.default_rng(seed).uniform(5, 95, (3, 5))
    table = values(x, made).rename(columns={"obs_value": "normalised"}).assign(obs_value=0.0)
    found = explain.next_point(table, held, made, step)
    before = aggregate.combine(x, held)[:, -1]
    for row in found.itertuples():
        u, i = int(row.reporting_unit[1:]), list(held.codes).index(row.indicator)
        y = x.copy()
        y[u, i] = 100 if not row.reachable else row.needed
        rise = aggregate.combine(y, held)[u, -1] - before[u]
        assert rise == pytest.approx(step if row.reachable else row.room, abs=1e-7)
        assert row.reachable == (row.room >= step - 1e-9)
        assert not row.reachable or row.needed <= 100 + 1e-6


def test_the_next_point_in_cases():
    """20 points at 50 percent: one more point takes 2.5 percent, of 200 dossiers 5 more."""
    made = points_framework()
    table = values([[10, 50, 0, 49]], made)
    table["denominator"] = [200.0, 100.0, 80.0, 10.0]
    table["numerator"] = table["obs_value"] * table["denominator"] / 100
    built = composite.build(table, made)
    found = explain.next_point(built.values, built.tree, made).set_index("indicator")
    assert found.loc["a1", ["needed_value", "needed_count"]].tolist() == pytest.approx([12.5, 5])
    assert found.loc["a2", "room"] == 0 and not found.loc["a2", "reachable"]
    # a sixth of the way to 50 percent, of 80 dossiers: 6.67 → 7
    assert found.loc["b1", "needed_count"] == 7
    assert found.loc["b2", "room"] == pytest.approx(0.08)


def test_a_change_of_method_is_told_from_a_real_one():
    frames = [
        pd.DataFrame({"reporting_unit": ["u", "v"], "score": s})
        for s in ([50.0, 60.0], [52.0, 55.0], [57.0, 55.0])
    ]
    found = explain.method_effect(*frames)
    assert found["real"].tolist() == [2, -5] and found["method"].tolist() == [5, 0]
    assert (found["later"] - found["earlier"]).tolist() == [7, -5]


def test_only_fixed_scales_compare_over_time():
    assert explain.comparable(framework(normalise={"method": "goalposts"}))
    assert not explain.comparable(framework())


def test_points_of_a_unit_with_a_gap_are_still_points():
    """Without a total, what is known keeps its points; no other indicator inherits the weight."""
    made = points_framework()
    built = composite.build(values([[50, np.nan, 25, 50], [25, 50, 50, 50]], made), made)
    assert built.scores.loc[built.scores["level"] == "framework", "score"].isna().tolist() == [
        True,
        False,
    ]
    found = explain.contributions(built.values, built.tree, made)
    first = found[found["reporting_unit"] == "u0"].set_index("indicator")
    assert first["given"].dropna().to_dict() == pytest.approx({"a1": 20, "b1": 3, "b2": 4})
    assert first["lost"].dropna().to_dict() == pytest.approx({"a1": 0, "b1": 3, "b2": 0})
    pair = explain.between(built.values, built.tree, made, "u0", "u1").set_index("indicator")
    assert pair["contribution"].dropna().to_dict() == pytest.approx(
        {"a1": 10, "b1": -3, "b2": 0, "_coverage": -10}
    )


@settings(max_examples=150)
@given(states, states, MEANS, st.sampled_from([0.3, 0.5, 0.7]))
def test_where_parts_may_be_missing_the_parts_add_up_to_the_scores(one, two, mean, at_least):
    """A group of which too little is known has no score, and explains none of the whole."""
    held = dataclasses.replace(a_tree(mean), at_least=(at_least,) * len(a_tree(mean).means))
    a, b = drawn(one, 0.35), drawn(two, 0.35)
    before, after = (aggregate.combine(x, held)[:, -1] for x in (a, b))
    moved, coverage = explain.difference(a, b, held)
    scored = ~np.isnan(before) & ~np.isnan(after)
    told = np.nansum(moved, axis=1) + coverage
    np.testing.assert_allclose(told[scored], (after - before)[scored], atol=1e-8)
    assert np.isnan(coverage[~scored]).all(), "without a score there is nothing to explain"


def test_the_next_point_is_not_looked_for_in_a_group_that_has_no_score():
    made = framework({"a": ["a1", "a2", "a3"], "b": ["b1"]}, missing_children={"at_least": 0.5})
    made["normalise"] = {"method": "goalposts"}
    for entry in made["indicators"].values():
        entry["goalposts"] = [0, 100]
    table = values([[50, np.nan, np.nan, 40], [60, 70, np.nan, 40]], made)
    built = composite.build(table, made)
    told = explain.next_point(built.values, built.tree, made)
    told = told.set_index(["reporting_unit", "indicator"])
    assert told.at[("u0", "a1"), "room"] == 0 and not told.at[("u0", "a1"), "reachable"]
    assert told.at[("u0", "b1"), "needed_value"] == pytest.approx(41)
    assert told.at[("u1", "a1"), "needed_value"] == pytest.approx(64)  # half of a half


def test_the_next_point_on_a_scale_that_does_not_begin_at_0():
    """Goalposts 0 and 50 on 1 to 10: 25 is 5.5, one point more is 50 · 5.5 ÷ 9."""
    made = framework({"a": ["x"]}, normalise={"method": "goalposts", "range": [1, 10]})
    made["indicators"]["x"]["goalposts"] = [0, 50]
    built = composite.build(values([[25.0], [50 * 8 / 9], [50 * 8.01 / 9]], made), made)
    found = explain.next_point(built.values, built.tree, made)
    assert found["room"].tolist() == pytest.approx([4.5, 1, 0.99])
    assert found["reachable"].tolist() == [True, True, False], "the last point is one, too"
    assert found["needed"].tolist() == pytest.approx([6.5, 10, np.nan], nan_ok=True)
    assert found["needed_value"].tolist()[:2] == pytest.approx([50 * 5.5 / 9, 50])
    told = explain.contributions(built.values, built.tree, made)
    assert told["given"].tolist() == pytest.approx([4.5, 8, 8.01])
    assert told["lost"].tolist() == pytest.approx([4.5, 1, 0.99])
