"""What a report says was achieved: recounted, of the same units, with those who lead."""

from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.history import history
from analysis.period import load
from analysis.topics import achievements, results

FRAMEWORK = {
    "framework": "f",
    "title": {"vi": "Khung", "en": "Framework"},
    "indicators": {
        "up": {"name": {"vi": "Tốt khi tăng"}, "unit_measure": "percent", "direction": 1},
        "down": {"name": {"vi": "Tốt khi giảm"}, "unit_measure": "percent", "direction": -1},
    },
}


@pytest.fixture(scope="module")
def period():
    return load("2022-Q2")


def values(*rows) -> pd.DataFrame:
    columns = ["reporting_unit", "time_period", "indicator", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=columns).assign(framework="f")


def test_a_change_is_of_the_units_that_are_there_in_both_periods():
    held = values(
        ("a", "2022-Q1", "up", 10, 100),
        ("a", "2022-Q2", "up", 30, 100),
        ("b", "2022-Q1", "up", 50, 300),
        ("b", "2022-Q2", "up", 50, 300),
        ("new", "2022-Q2", "up", 900, 900),  # would be a rise of 60 points
        ("gone", "2022-Q1", "up", 1, None),
    )
    row = achievements.changes(held, [FRAMEWORK]).iloc[0]
    assert (row["units"], row["earlier"], row["later"]) == (2, 15.0, 20.0)
    assert row["change"] == pytest.approx(5) and row["way"] == "better"


def test_a_rise_of_what_should_fall_is_no_improvement_and_a_trifle_is_no_change():
    held = values(
        ("a", "2022-Q1", "down", 10, 100),
        ("a", "2022-Q2", "down", 12, 100),
        ("a", "2022-Q1", "up", 5000, 10000),
        ("a", "2022-Q2", "up", 5001, 10000),
    )
    table = achievements.changes(held, [FRAMEWORK])
    assert table["way"].tolist() == ["worse", "same"], "the largest change first"
    shown = achievements.worded(table)
    assert shown["change"].tolist() == ["+2,0", "0,0"]
    assert shown["way"].tolist() == ["kém đi", "không đổi đáng kể"]


def test_without_a_period_before_no_change_is_told():
    alone = values(("a", "2022-Q2", "up", 1, 2))
    for held in (alone, alone.head(0), values(("a", "2022-Q1", "up", 1, 0))):
        assert achievements.changes(held, [FRAMEWORK]).empty
    told = achievements.moved(achievements.changes(alone, [FRAMEWORK]), 10)
    assert told.startswith("Không có kỳ liền trước")


def test_every_case_of_a_unit_and_a_target_is_counted_once(period):
    held = results.members(period.tables.assessments, period.plan)
    frameworks = [period.framework(code) for code in period.plan.frameworks]
    table = achievements.against_targets(held, frameworks)
    verdicts = held["verdict"].value_counts()
    assert table[["reached", "not_met", "not_due", "open"]].sum().sum() == len(held) > 1000
    assert table["reached"].sum() == verdicts["met"]
    assert f"{verdicts['met']} đạt" in achievements.reached(table)


def test_the_national_change_is_recomputed_from_both_periods(period):
    before = history.with_before(period)
    framework = period.framework("nq01")
    table = achievements.changes(before, [framework]).set_index("name")
    name = framework["indicators"]["online_dossier_share"]["name"]["vi"]
    rows = before[before["indicator"] == "online_dossier_share"]
    both = rows.dropna(subset=["obs_value"]).groupby("reporting_unit").filter(lambda g: len(g) == 2)
    total = both.groupby("time_period")[["numerator", "denominator"]].sum()
    share = 100 * total["numerator"] / total["denominator"]
    assert table.loc[name, "change"] == pytest.approx(share["2022-Q2"] - share["2022-Q1"])
    assert table.loc[name, "units"] == both["reporting_unit"].nunique()


def test_leaders_are_named_for_each_group_that_is_compared(period):
    ranked, types = period.ranked(), period.catalogue.unit_types
    table = achievements.leaders(ranked.scores, ranked.tiers, period.names, types)
    whole = ranked.scores[(ranked.scores["level"] == "framework") & ranked.scores["rank"].notna()]
    sizes = whole["peer_type"].value_counts()
    assert sorted(table["units"]) == sorted(sizes[sizes > 2])
    best = whole[(whole["peer_type"] == sizes.index[0]) & (whole["rank"] == 1)]
    assert period.names[best["reporting_unit"].iloc[0]] in table["told"].iloc[0]


def test_of_two_nobody_leads():
    scores = pd.DataFrame(
        {"level": "framework", "peer_type": "x", "rank": [1.0, 2.0], "score": 1.0, "max_score": 2}
    )
    tiers = pd.DataFrame(columns=["level", "peer_type", "reporting_unit"])
    types = SimpleNamespace()
    assert achievements.leaders(scores, tiers, {}, types).empty
