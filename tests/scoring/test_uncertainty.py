"""Rank intervals: replicates against the engine itself, reproducible, counted, nothing dropped."""

import numpy as np
import pandas as pd
import pytest
from composites import framework, values
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import composite, outranking, uncertainty

RNG = np.random.default_rng(7)
X = RNG.uniform(10, 90, (15, 4))


def made(uncertainty=(), **changes):
    out = framework(**changes)
    out["uncertainty"] = out["uncertainty"] | dict(uncertainty)
    return out


def test_the_first_state_of_every_factor_is_the_published_score():
    f = made(impute="median", treat="winsorise", missing_children={"at_least": 0.5})
    x = X.copy()
    x[0, 0], x[3, 2] = np.nan, 5e4
    table = values(x, f)
    held = uncertainty.experiment(table, f)
    found = uncertainty.evaluate(held, np.zeros((2, len(held.factors)), int))
    built = composite.build(table, f)
    whole = built.scores[built.scores["level"] == "framework"]
    np.testing.assert_allclose(found[0], whole["score"])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(uncertainty.ranks(held, found)[0], whole["rank"])


def test_gaps_are_filled_from_units_of_one_type_also_where_all_are_ranked_together():
    f = made(impute="group_mean", uncertainty={"impute": ["none", "group_mean"]})
    x = X.copy()
    x[0, 0] = np.nan
    table = values(x, f)
    peers = {
        unit: ["ministry", "province"][i % 2]
        for i, unit in enumerate(f"u{n}" for n in range(len(x)))
    }
    held = uncertainty.experiment(table, f, peers)
    found = uncertainty.evaluate(held, np.zeros((1, len(held.factors)), int))[0]
    whole = composite.build(table, f, peers).scores.query("level == 'framework'")
    np.testing.assert_allclose(found, whole["score"])
    assert len(np.unique(held.kind)) == 1, "all are ranked together"


@pytest.mark.parametrize("normalise", ["min_max", "percentile_rank"])
@pytest.mark.parametrize("fill", ["none", "mean"])
def test_each_replicate_is_what_the_engine_computes_with_those_choices(normalise, fill):
    """Every combination of methods, one replicate with drawn weights, against build()."""
    f = made(
        missing_children={"at_least": 0.25},
        uncertainty={"impute": ["none", "mean"], "aggregate": ["arithmetic"]},
    )
    x = X.copy()
    x[2, 1] = np.nan
    held = uncertainty.experiment(values(x, f), f)
    row = np.zeros(len(held.factors), int)
    row[held.factor("impute")] = ["none", "mean"].index(fill)
    row[held.factor("normalise")] = ["min_max", "percentile_rank"].index(normalise)
    row[held.factor("weights")] = 5
    found = uncertainty.evaluate(held, row[None])[0]
    weights = held.weights[5]
    again = made(
        normalise={"method": normalise},
        impute=fill,
        missing_children={"at_least": 0.25},
        weight="given",
    )
    codes = held.tree.codes
    for kind in ("indicators", "dimensions"):
        for code, entry in again[kind].items():
            at = codes.index(code)
            alike = np.flatnonzero(held.tree.parent == held.tree.parent[at])
            entry["weight"] = weights[at] / weights[alike].sum()
    built = composite.build(values(x, again), again)
    whole = built.scores[built.scores["level"] == "framework"]
    np.testing.assert_allclose(found, whole["score"])


def summary(f, table, **options):
    held = uncertainty.experiment(table, f)
    scores = uncertainty.evaluate(held, uncertainty.design(held))
    return uncertainty.summarise(held, scores, "method", **options)


def test_replicates_are_those_of_the_seed():
    f = made()
    one, two = summary(f, values(X, f)), summary(f, values(X, f))
    pd.testing.assert_frame_equal(one, two)
    held = uncertainty.experiment(values(X, f), f)
    both = [uncertainty.sensitivity(held, power=6) for _ in range(2)]
    pd.testing.assert_frame_equal(*both)
    other = made(uncertainty={"seed": 2})
    again = summary(other, values(X, other))
    assert not one[["p_top", "p_bottom"]].equals(again[["p_top", "p_bottom"]])


def test_memory_blocks_change_nothing(monkeypatch):
    f = made()
    whole = summary(f, values(X, f))
    monkeypatch.setattr(uncertainty, "CELLS", 200)
    pd.testing.assert_frame_equal(whole, summary(f, values(X, f)))


@pytest.mark.parametrize("cells", [1, 60, 150, 10_000])
def test_other_values_are_scored_as_an_edition_of_its_own_however_many_at_once(monkeypatch, cells):
    f = made()
    held = uncertainty.experiment(values(X, f), f)
    others = held.x + np.arange(5.0)[:, None, None] * RNG.uniform(0, 1, X.shape)
    each = np.stack([uncertainty.carried(held, x) for x in others])
    monkeypatch.setattr(uncertainty, "CELLS", cells)
    np.testing.assert_allclose(uncertainty.carried(held, others), each, rtol=1e-12)
    published = uncertainty.evaluate(held, np.zeros((1, len(held.factors)), int))[0]
    np.testing.assert_allclose(each[0, :, -1], published, rtol=1e-12)


@pytest.mark.parametrize("units", [2, 3])
def test_three_units_have_rank_intervals_and_two_have_none(units):
    f = made({"replicates": 20})
    found = uncertainty.analyse(values(X[:units], f), f)
    assert found.ranks.empty == (units < 3)
    assert set(found.ranks["code"]) == (set() if units < 3 else {"a", "b", "f"})


def test_intervals_hold_the_median_and_probabilities_add_up():
    f = made()
    table = summary(f, values(X, f))
    assert (table["rank_low"] <= table["rank_median"]).all()
    assert (table["rank_median"] <= table["rank_high"]).all()
    assert (table["top"] == 5).all(), "a third of fifteen"
    assert table["p_top"].sum() == pytest.approx(5, abs=0.1)
    assert table["p_bottom"].sum() == pytest.approx(5, abs=0.1)
    assert (table["replicates"] == 200).all() and (table["failed"] == 0).all()


def test_a_unit_that_is_best_in_everything_is_first_in_every_replicate():
    f = made(uncertainty={"aggregate": ["arithmetic", "geometric", "harmonic"]})
    x = np.vstack([X, np.full(4, 99.0), np.full(4, 1.0)])
    table = summary(f, values(x, f)).set_index("reporting_unit")
    assert table.loc["u15", ["rank_low", "rank_high", "p_top"]].tolist() == [1, 1, 1]
    assert table.loc["u16", ["rank_low", "rank_high", "p_bottom"]].tolist() == [17, 17, 1]


def test_impossible_choices_are_counted_and_named():
    """z-scores fall below 0: no geometric mean of them."""
    f = made(uncertainty={"normalise": ["min_max", "z_score"]})
    table = values(X, f)
    held = uncertainty.experiment(table, f)
    states = uncertainty.design(held)
    scores = uncertainty.evaluate(held, states)
    both = (states[:, held.factor("normalise")] == 1) & (states[:, held.factor("aggregate")] == 1)
    found = uncertainty.summarise(held, scores, "method")
    failed = found["failed"].iloc[0]
    assert 0 < failed <= both.sum()
    assert (found["replicates"] <= 200).all()
    named = uncertainty.failures(held, states, scores)
    assert named["replicates"].sum() == failed
    assert set(named["choices"]) == {"normalise: z_score, aggregate: geometric"}


def test_ranks_are_among_peers_and_without_the_unranked():
    f = made(rank_within="type", not_ranked=[{"units": ["u0"], "reason": {"vi": "x", "en": "x"}}])
    peers = {f"u{i}": "city" if i < 5 else "province" for i in range(15)}
    held = uncertainty.experiment(values(X, f), f, peers)
    place = uncertainty.ranks(held, uncertainty.evaluate(held, uncertainty.design(held)))
    assert np.isnan(place[:, 0]).all()
    assert np.nanmax(place[:, :5]) == 4 and np.nanmax(place[:, 5:]) == 10
    pairs = uncertainty.pairs(held, uncertainty.evaluate(held, uncertainty.design(held)))
    kinds = pairs["reporting_unit"].map(peers) == pairs["other"].map(peers)
    assert kinds.all() and len(pairs) == 4 * 3 / 2 + 10 * 9 / 2


def test_sampling_error_is_a_factor_of_its_own():
    """Two units, one indicator each apart: P(first above) is that of two normal draws."""
    f = made(
        normalise={"method": "goalposts"},
        uncertainty={"replicates": 4000, "normalise": ["goalposts"], "aggregate": ["arithmetic"]},
    )
    for c in f["indicators"].values():
        c["goalposts"] = [0, 100]
    x = np.array([[52.0] * 4, [50.0] * 4, [10.0] * 4])
    table = values(x, f, standard_error=np.full((3, 4), 2.0))
    held = uncertainty.experiment(table, f)
    only = uncertainty.design(held, [uncertainty.SAMPLING])
    scores = uncertainty.evaluate(held, only)
    # the mean of four errors of 2 has error 1; the difference of two of them √2
    assert scores[:, 0].std() == pytest.approx(1, rel=0.05)
    assert scores[:, 0].mean() == pytest.approx(52, abs=0.1)
    pairs = uncertainty.pairs(held, scores).set_index(["reporting_unit", "other"])
    from scipy import stats

    expected = stats.norm.cdf(2 / np.sqrt(2))
    assert pairs.loc[("u0", "u1"), "p_above"] == pytest.approx(expected, abs=0.02)
    assert not pairs.loc[("u0", "u1"), "apart"] and pairs.loc[("u0", "u2"), "apart"]
    method = uncertainty.evaluate(held, uncertainty.design(held, ["weights"]))
    assert np.ptp(method[:, 2]) < 1e-9, "without sampling error nothing is drawn"


def surveyed(low=30.0, high=70.0):
    """A framework on fixed goalposts, so wide that no draw is cut at their ends."""
    f = made(
        normalise={"method": "goalposts"},
        uncertainty={"normalise": ["goalposts"], "aggregate": ["arithmetic"]},
    )
    for c in f["indicators"].values():
        c["goalposts"] = [0, 100]
    return f, np.random.default_rng(3).uniform(low, high, (8, 4))


def sampled(f: dict, x: np.ndarray, errors: np.ndarray) -> pd.DataFrame:
    held = uncertainty.experiment(values(x, f, standard_error=errors), f)
    scores = uncertainty.evaluate(held, uncertainty.design(held, [uncertainty.SAMPLING]))
    return uncertainty.summarise(held, scores, "sampling").set_index("reporting_unit")


@settings(max_examples=20)
@given(st.floats(0.05, 3.0), st.integers(0, 10**6))
def test_intervals_of_sampling_are_as_wide_as_the_standard_errors(scale, seed):
    f, x = surveyed()
    errors = np.random.default_rng(seed).uniform(0.2, 2.0, x.shape)
    one, other = sampled(f, x, errors), sampled(f, x, scale * errors)
    own = x.reshape(8, 2, 2).mean(axis=(1, 2))
    for end in ("score_low", "score_high"):
        np.testing.assert_allclose(other[end] - own, scale * (one[end] - own), atol=1e-9)


def test_the_larger_the_standard_errors_the_wider_the_rank_intervals():
    f, x = surveyed(48, 52)
    errors = np.full(x.shape, 1.0)
    tables = [sampled(f, x, k * errors) for k in (1e-6, 0.5, 1.0, 4.0)]
    widths = [(t["rank_high"] - t["rank_low"]).sum() for t in tables]
    assert widths[0] == 0 and widths == sorted(widths) and len(set(widths)) == 4


def test_a_column_of_missing_standard_errors_is_as_no_column():
    f = made()
    without = uncertainty.analyse(values(X, f), f)
    for nothing in (np.full(X.shape, np.nan), np.full(X.shape, None, object)):
        found = uncertainty.analyse(values(X, f, standard_error=nothing), f)
        for name in ("ranks", "pairs", "factors", "failures"):
            pd.testing.assert_frame_equal(getattr(found, name), getattr(without, name))
    assert set(without.ranks["source"]) == {"method"}


def test_an_unknown_standard_error_is_taken_as_none():
    f, x = surveyed()
    errors = np.full(x.shape, np.nan)
    errors[0, 0] = 2.0
    table = sampled(f, x, errors)
    width = table["score_high"] - table["score_low"]
    assert width.iloc[0] > 0 and (width.iloc[1:] < 1e-9).all()


def test_sobol_indices_find_the_choice_that_matters():
    """Where all indicators but one agree, only its weight can move ranks; scales are the same."""
    f = made(uncertainty={"normalise": ["min_max", "rank"], "weights": {"spread": 0.01}})
    held = uncertainty.experiment(values(X, f), f)
    table = uncertainty.sensitivity(held, power=7).set_index("factor")
    assert table["total_order"].idxmax() in ("normalise", "aggregate")
    assert table.loc["weights", "total_order"] < 0.2
    assert (table["total_order"] >= table["first_order"] - 0.15).all()
    assert (table["failed"] == 0).all()
    for order in ("first", "total"):
        low, high = table[f"{order}_low"], table[f"{order}_high"]
        within = (low <= table[f"{order}_order"]) & (table[f"{order}_order"] <= high)
        assert within[high - low > 0].all()
    one = made(uncertainty={"normalise": ["min_max"], "aggregate": ["arithmetic"]})
    assert uncertainty.sensitivity(uncertainty.experiment(values(X, one), one)).empty


def test_rules_that_grant_a_score_hold_in_every_replicate():
    f = made(normalise={"method": "points"}, uncertainty={"normalise": ["points", "min_max"]})
    f["aggregate"] = "sum"
    for d in f["dimensions"].values():
        d["max_score"] = 20
    f["max_score"] = 40
    for c in f["indicators"].values():
        c["points"] = {"max": 10, "full_mark_at": 100, "zero_denominator": "full"}
    table = values(X, f)
    table.loc[0, ["obs_value", "obs_status"]] = [np.nan, "M"]
    held = uncertainty.experiment(table, f)
    row = np.zeros((1, len(held.factors)), int)
    plain = uncertainty.evaluate(held, row)[0, 0]
    assert plain == pytest.approx((100 + X[0, 1:].sum()) / 4)
    row[0, held.factor("normalise")] = 1
    assert np.isfinite(uncertainty.evaluate(held, row)[0, 0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 9))
def test_every_replicate_ranks_every_unit_once(seed, units):
    f = made(uncertainty={"seed": seed, "replicates": 20})
    x = np.random.default_rng(seed).uniform(1, 99, (units, 4))
    held = uncertainty.experiment(values(x, f), f)
    place = uncertainty.ranks(held, uncertainty.evaluate(held, uncertainty.design(held)))
    np.testing.assert_array_equal(np.sort(place, axis=1), np.tile(np.arange(1, units + 1), (20, 1)))


@given(st.integers(0, 1000), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_far_pairs_are_listed_only_where_they_are_not_told_apart(seed, reach):
    """Against a plain count over the replicates; some scores are level, some missing."""
    rng = np.random.default_rng(seed)
    f = made(rank_within="type")
    peers = {f"u{i}": "city" if i < 5 else "province" for i in range(15)}
    held = uncertainty.experiment(values(X, f), f, peers)
    published = uncertainty.evaluate(held, np.zeros((1, len(held.factors)), int))
    scores = np.round(published + 8 * rng.standard_normal((60, 15)), rng.integers(0, 3))
    scores[rng.random(scores.shape) < 0.1] = np.nan
    scores[:2] = np.nan
    found = uncertainty.pairs(held, scores, reach)
    whole = uncertainty.pairs(held, scores)
    assert len(whole) == 5 * 4 / 2 + 10 * 9 / 2
    for row in whole.itertuples():
        a, b = (scores[:, held.units.get_loc(u)] for u in (row.reporting_unit, row.other))
        known = ~(np.isnan(a) | np.isnan(b))
        wins = (a > b)[known].sum() + (a == b)[known].sum() / 2
        assert row.p_above == wins / known.sum()
    kept = whole[(whole["peer_places"] <= reach) | ~whole["apart"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, kept)


STATES = {
    "aggregate": ["power_3", "mazziotta_pareto", "mazziotta_pareto_plus", "copeland", "kemeny"],
    "treat": ["log_either", "boxcox", {"method": "winsorise", "at_most": 1}],
}


@pytest.mark.parametrize("step", STATES)
def test_each_state_is_what_the_framework_would_give_by_it(step):
    rng = np.random.default_rng(3)
    x = 1 + rng.lognormal(0, 1.5, (9, 4))
    made = framework(uncertainty={"replicates": 5, "seed": 1, step: STATES[step]})
    held = uncertainty.experiment(values(x, made), made)
    states = np.arange(len(STATES[step]) + 1)[:, None]
    found = uncertainty.evaluate(held, states)
    own = "arithmetic" if step == "aggregate" else "none"
    for row, state in zip(found, [own, *STATES[step]], strict=True):
        other = made | {step: state}
        if str(state).startswith("mazziotta"):
            other |= {"normalise": {"method": "mazziotta_pareto"}}
        built = composite.build(values(x, made), other)
        whole = built.scores[built.scores["level"] == "framework"]["score"]
        if state == "power_3":  # of scores on 1 … 100 instead of 0 … 100
            assert (np.argsort(row) == np.argsort(whole)).sum() >= 7
        else:
            np.testing.assert_allclose(row, whole, rtol=1e-12)


def test_an_order_of_too_many_is_refused_as_a_state_too():
    made = framework(uncertainty={"replicates": 5, "seed": 1, "aggregate": ["kemeny"]})
    x = np.random.default_rng(1).uniform(0, 9, (14, 4))
    with pytest.raises(outranking.OutrankingError, match="at most 10"):
        uncertainty.analyse(values(x, made), made)


@pytest.mark.parametrize(
    ("method", "rule", "expected"),
    [
        ("rank", "full", (3 + 1) / 2),
        ("rank", "zero", (1 + 1) / 2),
        ("min_max", "full", (10 + 1) / 2),
        ("min_max", "zero", (1 + 1) / 2),
        ("z_score", "full", (0.967421566 - 1) / 2),
        ("z_score", "zero", (-0.967421566 - 1) / 2),
        ("mazziotta_pareto", "full", (109.67421566 + 87.75255129) / 2),
    ],
)
def test_a_granted_share_has_its_place_on_every_scale(method, rule, expected):
    """Of three units the best is granted the third place, the worst the first; as a standard score
    that of the middle of the best or the worst third (5/6 or 1/6 of a normal distribution)."""
    made = framework({"a": ["x", "y"]}, normalise={"method": "points", "range": [1, 10]})
    made["uncertainty"]["normalise"] = [method]
    for entry in made["indicators"].values():
        entry["points"] = {"full_mark_at": 30, "zero_denominator": rule}
    table = values([[np.nan, 10], [10, 20], [20, 30]], made)
    table.loc[0, "obs_status"] = "M"
    held = uncertainty.experiment(table, made)
    states = np.zeros((1, len(held.factors)), int)
    states[0, held.factor("normalise")] = 1
    assert uncertainty.evaluate(held, states)[0, 0] == pytest.approx(expected)


def by_hand(units: int, swapped: int, **changes):
    """Units in their order in 20 replicates, but in some the first two the other way round."""
    f = made(**changes)
    x = np.arange(units, 0.0, -1)[:, None] * np.ones(4)
    held = uncertainty.experiment(values(x, f), f)
    scores = np.tile(x[:, 0], (20, 1))
    scores[:swapped, :2] = scores[:swapped, 1::-1]
    return held, scores


def test_what_is_said_of_replicates_that_can_be_counted():
    held, scores = by_hand(6, 2)
    table = uncertainty.summarise(held, scores, "sampling")
    assert table["rank_low"].tolist() == [1, 1, 3, 4, 5, 6]
    assert table["rank_high"].tolist() == [2, 2, 3, 4, 5, 6]
    assert table["rank_median"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["score_low"].tolist() == [5, 5, 4, 3, 2, 1]
    assert table["score_high"].tolist() == [6, 6, 4, 3, 2, 1]
    assert table["top"].tolist() == [2] * 6, "a third of six"
    assert table["p_top"].tolist() == [1, 1, 0, 0, 0, 0]
    assert table["p_bottom"].tolist() == [0, 0, 0, 0, 1, 1]
    first = uncertainty.summarise(held, scores, "method", level=0.5, top=1)
    assert first["p_top"].tolist() == [0.9, 0.1, 0, 0, 0, 0]
    assert first["p_bottom"].tolist() == [0, 0, 0, 0, 0, 1]
    assert first["rank_high"].tolist() == [1, 2, 3, 4, 5, 6]
    assert first[["score_low", "score_high"]].isna().all(axis=None)
    scores[0], scores[1, 5] = np.nan, np.nan
    gaps = uncertainty.summarise(held, scores, "sampling")
    assert (gaps["failed"] == 1).all() and gaps["replicates"].tolist() == [19] * 5 + [18]
    assert gaps["p_top"].tolist()[:2] == [1, 1] and gaps["p_bottom"].tolist()[4:] == [1, 1]


@pytest.mark.parametrize(("units", "top"), [(2, np.nan), (3, 1), (33, 10)])
def test_the_top_is_ten_places_or_a_third_of_few_peers(units, top):
    table = uncertainty.summarise(*by_hand(units, 0), "method")
    assert table["top"].tolist() == pytest.approx([top] * units, nan_ok=True)
    places = 0 if np.isnan(top) else top
    assert table["p_top"].sum() == table["p_bottom"].sum() == places


@pytest.mark.parametrize(("swapped", "tied", "share"), [(1, 0, 0.95), (1, 1, 0.925), (0, 2, 0.95)])
def test_two_are_apart_from_95_of_100_replicates_and_ties_count_half(swapped, tied, share):
    held, scores = by_hand(4, swapped)
    scores[10 : 10 + tied, 1] = scores[10 : 10 + tied, 0] - 4e-10
    table = uncertainty.pairs(held, scores).set_index(["reporting_unit", "other"])
    one = table.loc[("u0", "u1")]
    assert one["p_above"] == pytest.approx(share) and one["apart"] == (share >= 0.95)
    assert one["peer_places"] == 1 and len(table) == 6
    assert table.loc[("u0", "u3"), "peer_places"] == 3 and table.loc[("u0", "u3"), "apart"]
    near = uncertainty.pairs(held, scores, reach=1)
    assert len(near) == 3, "farther ones are told apart"
    scores[:10, 0] = np.nan
    half = uncertainty.pairs(held, scores).set_index(["reporting_unit", "other"])
    assert half.loc[("u0", "u1"), "p_above"] == pytest.approx(1 - tied / 20)
