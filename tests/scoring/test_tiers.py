"""Tiers: contiguous, none with two units told apart, as few as can be, and what they cut."""

import itertools

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import tiers


@st.composite
def rankings(draw):
    size = draw(st.integers(1, 8))
    x = np.array(draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)), float)
    apart = np.array(draw(st.lists(st.booleans(), min_size=size**2, max_size=size**2)))
    return x, apart.reshape(size, size) & (x[:, None] > x)


def separated(tier):
    """Pairs in different tiers."""
    return int((tier[:, None] != tier).sum()) // 2


def allowed(x, apart, tier):
    same = tier[:, None] == tier
    above = x[:, None] > x
    contiguous = not (above & (tier[:, None] > tier)).any()
    level = not ((x[:, None] == x) & ~same).any()
    return contiguous and level and not (same & apart).any()


@given(rankings())
@settings(max_examples=60, deadline=None)
def test_no_way_has_fewer_tiers_or_separates_fewer_pairs(made):
    x, apart = made
    found = tiers.tiers(x, apart)
    assert allowed(x, apart, found) and set(found) == set(range(1, found.max() + 1))
    order = np.argsort(-x, kind="stable")
    best = []
    for cuts in itertools.product([0, 1], repeat=len(x) - 1):
        tier = np.empty(len(x), int)
        tier[order] = np.r_[1, 1 + np.cumsum(cuts, dtype=int)]
        if allowed(x, apart, tier):
            best.append((tier.max(), separated(tier)))
    assert (found.max(), separated(found)) == min(best)


def test_nothing_told_apart_is_one_tier_and_everything_one_for_each():
    x = np.array([1.0, 3, 2])
    assert tiers.tiers(x, np.zeros((3, 3), bool)).tolist() == [1, 1, 1]
    assert tiers.tiers(x, x[:, None] > x).tolist() == [3, 1, 2]


def test_fewer_tiers_come_before_more_pairs_within_them():
    """Of 20 units the middle 18 may be one tier (153 pairs within it, in three tiers); two tiers of
    ten have 90."""
    x, apart = -np.arange(20.0), np.zeros((20, 20), bool)
    apart[0, 10:], apart[:10, 19] = True, True
    assert tiers.tiers(x, apart).tolist() == [1] * 10 + [2] * 10


def test_of_as_many_tiers_those_with_most_pairs_within_them_are_taken():
    """Four and two units have seven pairs, three and three six."""
    x, apart = -np.arange(6.0), np.zeros((6, 6), bool)
    apart[0, 4] = apart[2, 5] = True
    assert tiers.tiers(x, apart).tolist() == [1, 1, 1, 1, 2, 2]


def test_only_what_every_source_tells_apart_must_be_apart():
    x = np.array([9.0, 5, 1])
    all_told, ends = x[:, None] > x, x[:, None] > x + 4
    found = tiers.table(pd.Index(list("abc")), x, {"method": all_told, "chance": ends})
    assert found["tiers"].tolist() == [2, 2, 2]
    assert found["reversible_sampling"].isna().all()
    assert (found["reversible_method"] == 0).all()
    assert found["reversible_chance"].sum() == 2, "the one pair that is cut without need"
    whole = found.assign(framework="f", level="framework", code="f", peer_type="all")
    told = tiers.reversible(whole).iloc[0]
    assert (told["units"], told["tiers"], told["pairs"]) == (3, 2, 2)
    assert told["chance"] == 0.5 and told["method"] == 0 and np.isnan(told["sampling"])
    assert tiers.of([whole, whole])["tier"].tolist() == 2 * found["tier"].tolist()
    assert tiers.of([]).empty


def test_one_tier_has_no_pairs_to_reverse():
    x = np.array([2.0, 1])
    found = tiers.table(pd.Index(list("ab")), x, {"method": np.zeros((2, 2), bool)})
    whole = found.assign(framework="f", level="framework", code="f", peer_type="all")
    told = tiers.reversible(whole).iloc[0]
    assert (told["tiers"], told["pairs"]) == (1, 0) and np.isnan(told["method"])
