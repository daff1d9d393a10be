"""Points that no value stands for: told apart, and nobody is ranked by them alone."""

import numpy as np
import pandas as pd
import pytest
from composites import framework, values

from analysis.scoring import composite, score, uncertainty


def of_points(**granted) -> dict:
    """18 points for petitions (12 of them granted where there was none) and 6 for answers."""
    made = framework({"a": ["petitions"], "b": ["answers", "sites"]})
    made |= {"aggregate": "sum", "normalise": {"method": "points"}, "weight": "given"}
    made |= {
        "max_score": 24,
        "uncertainty": {"replicates": 50, "seed": 1, "weights": {"spread": 0.2}},
    }
    made["dimensions"]["a"]["max_score"], made["dimensions"]["b"]["max_score"] = 12, 12
    for code, most in (("petitions", 12), ("answers", 6), ("sites", 6)):
        made["indicators"][code]["points"] = {"max": most, "full_mark_at": 100, **granted}
    return made


NONE = np.nan
X = [[NONE, 50, 100], [80, 120, 50], [NONE, NONE, NONE], [10, 10, 10]]
STATUS = [["M", "A", "A"], ["A", "A", "A"], ["M", "M", "M"], ["A", "A", "A"]]


def table(made, status=STATUS):
    return values(X, made).assign(obs_status=np.ravel(status))


def built(**granted):
    made = of_points(**granted)
    return made, composite.build(table(made), made)


@pytest.mark.parametrize("rule", ["full", "zero"])
def test_who_has_nothing_measured_is_not_ranked_whatever_the_rule_grants(rule):
    made, found = built(zero_denominator=rule)
    whole = found.scores.query("level == 'framework'").set_index("reporting_unit")
    assert whole.at["u2", "score"] == (24 if rule == "full" else 0), "the official score stays"
    assert np.isnan(whole.at["u2", "rank"]) and whole.at["u2", "measured"] == 0
    assert whole["rank"].drop("u2").tolist() == ([1, 2, 3] if rule == "full" else [2, 1, 3])
    assert whole["ranked"].dropna().eq(3).all()
    # a part of which nothing was measured is not ranked either
    petitions = found.scores.query("code == 'a'").set_index("reporting_unit")["rank"]
    assert petitions.isna().tolist() == [True, False, True, False]
    # the same in every draw
    told = uncertainty.analyse(table(made), made).ranks.query("level == 'framework'")
    told = told.set_index("reporting_unit")
    assert np.isnan(told.at["u2", "rank_low"]) and told["rank_high"].max() == 3
    # and nobody's peers count it
    among = score.deciles(found.scores.query("level == 'framework'"), ["level"])
    assert among["n"].tolist() == [3]


def test_points_without_cases_and_ranks_without_them():
    _, found = built(zero_denominator="full")
    told = found.without_cases.set_index("reporting_unit")
    assert told["no_cases"].tolist() == [12, 0, 24, 0]
    assert told["capped"].tolist() == [0, 6, 0, 0]
    # u0: 3 and 6 of the 12 points that were measured, as points of 24
    assert told["measured_score"].round(9).tolist()[:2] == [18, 18.6]
    assert np.isnan(told.at["u2", "measured_score"])
    assert told["measured_rank"].tolist()[:2] == [2, 1] and told.at["u0", "rank"] == 1
    assert told["measured_ranked"].dropna().eq(3).all()


def test_assumptions_are_told_apart_from_what_had_no_cases():
    made = of_points(without_inputs="full")
    status = [["O", "A", "A"], *STATUS[1:2], ["O", "O", "O"], STATUS[3]]
    held = table(made, status).assign(listed=True)
    told = composite.build(held, made).without_cases.set_index("reporting_unit")
    assert told["assumed"].tolist() == [12, 0, 24, 0] and told["no_cases"].eq(0).all()


def test_where_nothing_is_granted_both_ranks_are_one():
    made = framework()
    x = np.random.default_rng(2).uniform(0, 100, (8, 4))
    found = composite.build(values(x, made), made).without_cases
    pd.testing.assert_series_equal(found["rank"], found["measured_rank"], check_names=False)
    np.testing.assert_allclose(found["score"], found["measured_score"])


def test_a_whole_is_never_ranked_among_its_parts():
    made = framework(wholes=["u3"])
    x = np.random.default_rng(2).uniform(0, 100, (5, 4))
    peers = {f"u{i}": "commune" for i in range(3)} | {"u3": "province", "u4": "district"}
    found = composite.build(values(x, made), made, peers).scores.query("level == 'framework'")
    found = found.set_index("reporting_unit")
    assert found["ranked"].tolist() == [4, 4, 4, 1, 4]
    assert found["peer_type"].astype(object).tolist() == ["all"] * 3 + ["province", "all"]


def test_what_lies_beyond_the_best_goalpost_is_capped_in_points_above_the_foot():
    """On 1 to 7 each of two indicators gives up to 3 points above the foot."""
    made = framework({"a": ["x", "y"]}, normalise={"method": "goalposts", "range": [1, 7]})
    made["indicators"]["x"]["goalposts"] = [0, 10]
    made["indicators"]["y"] |= {"goalposts": [50, 20], "direction": -1}
    x = [[10, 20], [10.5, 35], [5, 19], [12, 0], [NONE, 60]]
    found = composite.build(values(x, made), made).without_cases
    assert found["capped"].tolist() == pytest.approx([0, 3, 3, 6, 0])
    assert found["measured_score"].tolist()[:4] == pytest.approx([7, 5.5, 5.5, 7])
    assert (found["no_cases"] == 0).all() and (found["assumed"] == 0).all()
