"""Method, sampling and chance: each its own bar, by the framework's own steps; reasons for none."""

import numpy as np
import pandas as pd
import pytest
from composites import framework, values

from analysis.schema import tables
from analysis.scoring import composite, rank_sources, uncertainty

RNG = np.random.default_rng(8)
GOALS = {"method": "goalposts"}


def made(replicates=400):
    f = framework(normalise=GOALS)
    f["uncertainty"] |= {"normalise": ["goalposts", "min_max"], "replicates": replicates}
    for entry in f["indicators"].values():
        entry["goalposts"] = [0, 100]
    return f


def counts(x, n, f):
    x, n = np.asarray(x, float), np.asarray(n, float)
    with np.errstate(invalid="ignore"):
        table = values(100 * x / n, f).assign(numerator=x.ravel(), denominator=n.ravel())
    empty = table["denominator"] == 0
    return table.assign(obs_status=table["obs_status"].mask(empty, "M"))


NOTHING = uncertainty.Uncertainty(tables.RANK_INTERVALS.of([]), *[pd.DataFrame()] * 3)


def analysed(table, f, doubt=NOTHING):
    built = composite.build(table, f)
    return built, rank_sources.analyse(built.values, f, None, doubt)


def of(found, source, kind, code="f"):
    held = found.ranks
    held = held[(held["source"] == source) & (held["kind"] == kind) & (held["code"] == code)]
    return held.set_index("reporting_unit")


N = np.full((8, 4), 400)
P = np.linspace(0.2, 0.9, 8)[:, None] * np.ones(4)
MANY = np.round(P * N)


def test_three_sources_stand_apart_and_sets_hold_the_published_rank():
    f = made()
    table = counts(MANY, N, f)
    table["standard_error"] = np.where(table["indicator"] == "a1", 5.0, np.nan)
    held = uncertainty.experiment(table, f)
    scores = uncertainty.evaluate(held, uncertainty.design(held, ["normalise", "weights"]))
    method = dict(source="method", framework="f", level="framework", code="f")
    ranks = uncertainty.summarise(held, scores, "method").assign(**method)
    pairs = uncertainty.pairs(held, scores).assign(**method)
    doubt = uncertainty.Uncertainty(ranks, pairs, *[pd.DataFrame()] * 2)
    built, found = analysed(table, f, doubt)
    tables.RANK_SOURCES.check(found.ranks)
    tables.TIERS.check(found.tiers)
    kinds = set(map(tuple, found.ranks[["source", "kind"]].to_numpy()))
    sets = {(s, k) for s in ("sampling", "chance") for k in ("marginal_set", "simultaneous_set")}
    assert kinds == sets | {("method", "interval")}
    others = ranks.assign(source="both")  # of all sources at once; and one that has none
    lost = ranks.assign(rank_low=ranks["rank_low"].mask(ranks["reporting_unit"] == "u3"))
    more = uncertainty.Uncertainty(pd.concat([lost, others]), pairs, *[pd.DataFrame()] * 2)
    intervals = of(analysed(table, f, more)[1], "method", "interval").index
    assert sorted(intervals) == sorted(set(ranks["reporting_unit"]) - {"u3"})
    whole = built.scores[built.scores["level"] == "framework"].set_index("reporting_unit")["rank"]
    for source, kind in sets:
        own = of(found, source, kind)
        assert (own["rank_low"] <= whole[own.index]).all()
        assert (own["rank_high"] >= whole[own.index]).all()
    concerned = found.ranks.loc[found.ranks["source"] == "sampling", "code"]
    assert set(concerned) == {"a1", "a", "f"}, "only what rests on an estimate"


def test_few_cases_are_less_sure_than_many():
    f = made()
    _, many = analysed(counts(MANY, N, f), f)
    _, few = analysed(counts(np.round(P * 4), N / 100, f), f)
    width = [
        (own["rank_high"] - own["rank_low"]).sum()
        for own in (of(found, "chance", "marginal_set") for found in (many, few))
    ]
    assert width[0] < 10 < 40 < width[1]
    assert many.tiers["tiers"].max() > few.tiers["tiers"].max() == 1


def test_four_of_four_is_not_certain():
    f = made()
    n = N.copy()
    n[7] = 4
    x = MANY.copy()
    x[7] = 4
    _, found = analysed(counts(x, n, f), f)
    own = of(found, "chance", "marginal_set").loc["u7"]
    assert own["rank_low"] == 1 and own["rank_high"] > 2


def test_a_unit_without_cases_has_no_set_but_a_reason():
    f = made()
    x, n = MANY.copy(), N.copy()
    x[2, 0] = n[2, 0] = 0
    _, found = analysed(counts(x, n, f), f)
    own = of(found, "chance", "simultaneous_set", "a1").loc["u2"]
    assert (
        own["reason"] == "no_cases" and np.isnan(own[["rank_low", "rank_high"]].astype(float)).all()
    )
    assert (of(found, "chance", "simultaneous_set", "a1").drop("u2")["reason"] == "").all()


def test_a_unit_of_which_nothing_was_asked_is_not_one_without_cases():
    f = made()
    table = counts(MANY, N, f)
    asked = (table["reporting_unit"] != "u2") | (table["indicator"] != "a1")
    _, found = analysed(table[asked], f)
    own = of(found, "chance", "simultaneous_set", "a1")
    assert "no_cases" not in set(own["reason"]) and "u2" not in own.index


def test_a_value_without_an_error_among_estimates_may_have_any_rank():
    f = made()
    table = values(100 * P, f, standard_error=np.full((8, 4), 0.5))
    at = (table["reporting_unit"] == "u0") & (table["indicator"] == "a1")
    for error, why in ((np.nan, "no_error"), (np.inf, "error_infinite")):
        table.loc[at, "standard_error"] = error
        _, found = analysed(table, f)
        for code in ("a1", "f"):
            own = of(found, "sampling", "marginal_set", code).loc["u0"]
            assert own["reason"] == why and (own["rank_low"], own["rank_high"]) == (1, 8)


def test_the_same_seed_gives_the_same_sets():
    f = made()
    table = counts(np.round(P * 30), np.full((8, 4), 30), f)
    one, two = analysed(table, f)[1], analysed(table, f)[1]
    pd.testing.assert_frame_equal(one.ranks, two.ranks)
    pd.testing.assert_frame_equal(one.tiers, two.tiers)


def test_replicates_are_scored_by_the_published_steps():
    """Also where a scale hangs on who else is there: carried() is build() of other values."""
    f = framework(impute="mean", missing_children={"at_least": 0.5})
    x = RNG.uniform(0, 100, (9, 4))
    x[1, 2] = np.nan
    held = uncertainty.experiment(values(x, f), f)
    other = x + RNG.uniform(0, 5, (3, 9, 4))
    found = uncertainty.carried(held, other)
    for i in range(3):
        scores = composite.build(values(other[i], f), f).scores
        expected = scores["score"].to_numpy().reshape(len(held.tree.codes), 9).T
        np.testing.assert_allclose(found[i], expected)
    single = uncertainty.carried(held, other[0])
    np.testing.assert_allclose(single, found[0])


def test_sets_and_tiers_are_among_the_ranked_units_of_one_type():
    f = made(100) | {"rank_within": "type"}
    f["not_ranked"] = [{"units": ["u0"], "reason": {"vi": "x", "en": "x"}}]
    types = dict.fromkeys(("u0", "u1", "u2", "u3", "u4"), "city")
    types |= {"u5": "town", "u6": "town", "u7": "village"}
    table = counts(MANY * 100, N * 100, f)
    built = composite.build(table, f, types)
    found = rank_sources.analyse(built.values, f, types, NOTHING)
    own = of(found, "chance", "simultaneous_set")
    low, high = {"u1": 4, "u2": 3, "u3": 2, "u4": 1, "u5": 2, "u6": 1, "u7": 1}, own["rank_high"]
    assert own["rank_low"].to_dict() == high.to_dict() == low
    tiered = found.tiers[found.tiers["code"] == "f"].set_index("reporting_unit")
    assert tiered["tier"].to_dict() == {u: n for u, n in low.items() if u != "u7"}
    assert tiered["peer_type"].astype(object).to_dict() == {u: types[u] for u in tiered.index}


@pytest.mark.parametrize(
    ("source", "close", "tiered"),
    [("method", True, 7), ("method", False, 8), ("sampling", True, 8)],
)
def test_the_method_has_a_say_where_its_pairs_are_known_and_for_the_whole_only(
    source, close, tiered
):
    f = made(100)
    rows = [["u7", "u6", source, not close], ["u5", "u4", source, True]]
    pairs = pd.DataFrame(rows, columns=["reporting_unit", "other", "source", "apart"])
    doubt = uncertainty.Uncertainty(tables.RANK_INTERVALS.of([]), pairs, *[pd.DataFrame()] * 2)
    held = analysed(counts(MANY * 100, N * 100, f), f, doubt)[1].tiers.set_index("reporting_unit")
    whole, part = held[held["code"] == "f"], held[held["code"] == "a"]
    assert (whole["tiers"] == tiered).all() and (part["tiers"] == 8).all()
    assert (whole["tier"]["u7"] == whole["tier"]["u6"]) == (tiered == 7)
    assert whole["reversible_method"].isna().all() == (source == "sampling")
    assert whole["reversible_method"].sum() == 0 and part["reversible_method"].isna().all()


def test_an_error_of_0_is_known_and_a_gap_needs_none():
    f = made(100) | {"missing_children": {"at_least": 0.5}}
    x, errors = 100 * P.copy(), np.full((8, 4), 0.5)
    errors[0, 0], errors[1, 0], x[1, 0] = 0, np.nan, np.nan
    _, found = analysed(values(x, f, standard_error=errors), f)
    assert (of(found, "sampling", "marginal_set")["reason"] == "").all()
    assert "u1" not in of(found, "sampling", "marginal_set", "a1").index


def test_scores_are_level_where_they_are_to_nine_decimals():
    f = made(100)
    x = np.array([20, 20 + 4e-10, 40, 40 + 2e-9, 60])[:, None] * np.ones(4)
    _, found = analysed(values(x, f, standard_error=np.full((5, 4), 1e-12)), f)
    held = found.tiers[found.tiers["code"] == "f"].set_index("reporting_unit")["tier"]
    assert held.to_dict() == {"u0": 4, "u1": 4, "u2": 3, "u3": 2, "u4": 1}


def test_a_hundred_replicates_are_needed():
    f = made(100)
    for count, told in ((99, False), (100, True)):
        f["uncertainty"]["replicates"] = count
        found = analysed(counts(MANY * 100, N * 100, f), f)[1]
        own = of(found, "chance", "marginal_set")
        assert ((own["rank_low"] == own["rank_high"]).all(), own["rank_low"].min()) == (told, 1)
        assert (own["rank_high"] == 8).all() != told


def test_from_pairs_one_unit_is_told_more_of_than_all_at_once_in_larger_groups_no_more(monkeypatch):
    """Up to the bound marginal sets are of one unit's pairs; beyond it both kinds are one."""
    f = made()
    table = counts(np.round(P * 40), np.full((8, 4), 40), f)
    narrower = {}
    for bound in (8, 7):
        monkeypatch.setattr(rank_sources, "PAIRWISE", bound)
        found = analysed(table, f)[1]
        width = {
            kind: (own["rank_high"] - own["rank_low"]).sum()
            for kind in ("marginal_set", "simultaneous_set")
            for own in [of(found, "chance", kind, "a1")]
        }
        narrower[bound] = width["simultaneous_set"] - width["marginal_set"]
    assert narrower[8] > 0 == narrower[7]
