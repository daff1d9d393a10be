"""The portal's own scores for Phú Thọ, Q3/2026, are reproduced from its inputs."""

import pandas as pd
import pytest

from analysis.period import load


@pytest.fixture(scope="module")
def loaded():
    return load("2026-Q3")


def test_every_published_score_agrees_or_says_why_it_cannot_be_compared(loaded):
    published = pd.read_csv(loaded.root / "data/reference" / loaded.plan.published["file"])
    outcomes = loaded.tables.agreement["outcome"].value_counts().to_dict()
    assert sum(outcomes.values()) == len(published) == 1865
    assert outcomes == {
        "agrees": 1492,  # the source's own count of recomputable scores
        "no_inputs": 163,  # online services of subordinate units: no inputs published
        "not_published": 140,  # two classification metrics without a score
        "assumed": 69,  # electronic certified copies: full mark everywhere, no inputs
        "unknown_rule": 1,  # averageScore
    }
    agreed = loaded.tables.agreement.query("outcome == 'agrees'")
    assert agreed["difference"].abs().max() <= 0.015 + 1e-9


def test_a_wrong_input_would_be_noticed(loaded):
    table = loaded.tables.agreement
    assert table.loc[table["outcome"] == "agrees", "published_score"].nunique() > 300


def test_the_province_reaches_the_known_total(loaded):
    scores = loaded.tables.scores
    row = scores[(scores["reporting_unit"] == "25") & (scores["level"] == "framework")].iloc[0]
    assert row["score"] == pytest.approx(61.39, abs=0.015)
    assert row["obs_status"] == "E"  # it contains the assumed indicator


def test_children_add_up_to_the_province_where_the_source_says_so(loaded):
    totals = loaded.tables.totals.pivot(index="reporting_unit", columns="item", values="obs_value")
    for item, expected in {
        "dossiers_handled": 464_494,
        "dossiers_on_time": 403_016,
        "dossiers_paid_online": 233_203,
        "dossiers_with_fee": 268_066,
    }.items():
        assert totals.loc["25", item] == totals.drop("25")[item].sum() == expected


def test_every_cell_is_accounted_for_and_nothing_is_an_issue(loaded):
    balance = loaded.tables.balance.sum(numeric_only=True)
    assert balance["unaccounted"] == 0
    assert balance["accepted"] == 4167 - 138  # 138 values are null in the source
    assert loaded.tables.issues.empty


def test_gaps_stay_gaps(loaded):
    scores = loaded.tables.scores
    online = scores[(scores["code"] == "online_services") & (scores["level"] == "dimension")]
    assert online["score"].notna().sum() == 1
