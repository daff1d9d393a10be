"""Score and rank with other values are those that scoring itself gives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import composites

from analysis.scoring import composite, shifted

FRAMEWORK = composites.framework(
    normalise={"method": "goalposts"},
    indicators={
        code: {"name": composites.TEXT, "dimension": code[0], "direction": way,
               "goalposts": [0, 100][::way]}
        for code, way in {"a1": 1, "a2": -1, "b1": 1, "b2": 1}.items()
    },
)  # fmt: skip


def field(x: np.ndarray, apart=()) -> shifted.Field:
    built = composite.build(composites.values(x, FRAMEWORK), FRAMEWORK)
    return shifted.Field(FRAMEWORK, built.values, built.scores, built.tree, 9, apart)


def shift(unit: str, **ends) -> pd.DataFrame:
    rows = [(0, unit, code, low, high) for code, (low, high) in ends.items()]
    return pd.DataFrame(rows, columns=["case", "reporting_unit", "indicator", "low", "high"])


def whole(x: np.ndarray) -> pd.DataFrame:
    scores = composite.build(composites.values(x, FRAMEWORK), FRAMEWORK).scores
    return scores[scores["level"] == "framework"].set_index("reporting_unit")


@settings(max_examples=8)
@given(composites.matrices((3, 6), high=120.0), st.floats(0, 120), st.integers(0, 3))
def test_the_unit_lands_where_scoring_the_other_value_puts_it(x, value, column):
    x = np.asarray(x, float)
    code = list(FRAMEWORK["indicators"])[column]
    found = shifted.placed(shift("u1", **{code: (value, value)}), field(x)).loc[0]
    moved = x.copy()
    moved[1, column] = value
    expected = whole(moved).loc["u1"]
    assert found["score_low"] == found["score_high"] == pytest.approx(expected["score"])
    assert found["rank_low"] == found["rank_high"] == expected["rank"]


def test_less_is_better_where_the_indicator_says_so():
    """Each of the four indicators is a quarter; a2 from 50 to 0 or to 100 is ±12.5 points."""
    x = np.full((3, 4), 50.0)
    x[2] = 40
    found = shifted.placed(shift("u0", a2=(0, 100)), field(x)).loc[0]
    assert (found["score"], found["score_low"], found["score_high"]) == (50, 37.5, 62.5)
    assert (found["rank"], found["rank_low"], found["rank_high"]) == (1, 1, 3)
    assert found["others"] == 2


def test_a_unit_with_another_part_missing_stays_without_score_and_who_stands_apart_without_rank():
    x = np.full((3, 4), 50.0)
    x[0, 1] = np.nan
    found = shifted.placed(shift("u0", a1=(0, 100)), field(x)).loc[0]
    assert np.isnan(found[["score", "score_low", "score_high", "rank_low"]].astype(float)).all()
    filled = shifted.placed(shift("u0", a2=(0, 100)), field(x)).loc[0]
    assert np.isnan(filled["score"]) and (filled["score_low"], filled["rank_low"]) == (37.5, 1)
    apart = shifted.placed(shift("u1", a1=(0, 100)), field(x, ("u1",))).loc[0]
    assert apart["score_high"] == 62.5 and np.isnan(apart["rank_high"])


def test_a_sum_of_points_is_moved_by_points():
    """Of 20 points at a full mark of 50: from 25 to 50 ten more, to 0 ten less."""
    made = composites.framework(
        normalise={"method": "points"}, weight="given", aggregate="sum", max_score=40
    )
    for dimension, top in (("a", 30), ("b", 10)):
        made["dimensions"][dimension]["max_score"] = top
    for code, top in (("a1", 20), ("a2", 10), ("b1", 6), ("b2", 4)):
        made["indicators"][code]["points"] = {"max": top, "full_mark_at": 50}
    built = composite.build(composites.values([[25, 25, 0, 50], [25] * 4], made), made)
    held = shifted.Field(made, built.values, built.scores, built.tree, 9)
    found = shifted.placed(shift("u0", a1=(0, 50)), held).loc[0]
    assert (found["score"], found["max_score"]) == (10 + 5 + 0 + 4, 40)
    assert (found["score_low"], found["score_high"]) == pytest.approx((9, 29))
    assert (found["rank_low"], found["rank_high"]) == (1, 2)


def test_only_ranked_units_of_its_type_are_others_and_scores_tie_to_the_decimals_that_count():
    made = FRAMEWORK | {"rank_within": "type"}
    x = np.full((5, 4), 50.0)
    x[0, 1], x[4] = np.nan, 90
    types = {"u0": "town", "u1": "city", "u2": "city", "u3": "city", "u4": "ministry"}
    built = composite.build(composites.values(x, made), made, types)
    held = shifted.Field(made, built.values, built.scores, built.tree, 1)
    cases = [shift("u1", a1=(49.9, 50.1)), shift("u0", a2=(0, 100))]
    found = shifted.placed(pd.concat([c.assign(case=i) for i, c in enumerate(cases)]), held)
    assert found["others"].tolist() == [2, 0]
    assert found[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1], [1, 1]]
    assert found["score_low"].tolist() == [49.975, 37.5]


def test_what_is_no_mean_has_no_ends():
    made = FRAMEWORK | {"aggregate": "copeland"}
    built = composite.build(composites.values(np.eye(4), made), made)
    held = shifted.Field(made, built.values, built.scores, built.tree, 9)
    found = shifted.placed(shift("u1", a1=(0, 100)), held).loc[0]
    assert found["rank"] >= 1 and found["others"] == 3
    assert found[["score_low", "score_high", "rank_low", "rank_high"]].isna().all()
