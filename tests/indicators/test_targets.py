"""Targets: cases by hand, what holds for all of them, and the list itself."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks, plans
from analysis.indicators import targets

DAY = date(2022, 6, 30)
CASES = yaml.safe_load((Path(__file__).parents[1] / "examples/targets.yml").read_text("utf-8"))
CATALOGUE = cat.load()
_TARGET = dict(code="t", framework="f", indicator="i", unit_types="province", units="", low=None)
_TARGET |= dict(high=None, direction=1, since="2020-01-01", due=None, baseline=None)
_TARGET |= dict(certainty="verified")


def listed(**stated) -> pd.DataFrame:
    table = pd.DataFrame([{**_TARGET, **stated}])
    numbers = ["low", "high", "baseline"]
    return table.assign(
        since=pd.to_datetime(table["since"]),
        due=pd.to_datetime(table["due"]),
        **{c: table[c].astype(float) for c in numbers},
    )


def judged(value: dict, target: pd.DataFrame, unverified: bool = False) -> pd.Series:
    values = pd.DataFrame([{"reporting_unit": "u", "indicator": "i", "obs_value": None, **value}])
    values = values.assign(obs_value=values["obs_value"].astype(float))
    found = targets.assess(values, target, {"u": "province"}, DAY, unverified)
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["why"])
def test_verdicts_by_hand(case):
    own = {"obs_value", "score", "baseline", "baseline_score", "ended"}
    value = {k: v for k, v in case.items() if k in own}
    stated = {k: v for k, v in case.items() if k in {*_TARGET, "kind"} - own}
    found = judged(value, listed(**stated), case.get("unverified", False))
    assert found["verdict"] == case["verdict"]
    if "gap" in case:
        assert found["gap"] == pytest.approx(case["gap"])
    else:
        assert pd.isna(found["gap"])


@given(st.floats(0, 100), st.floats(0, 100), st.sampled_from(["at_least", "at_most", "top_n"]))
def test_the_sign_of_the_gap_is_the_verdict(value, bound, kind):
    direction = 1 if kind == "at_least" else -1
    found = judged(
        {"obs_value": value}, listed(kind=kind, low=bound, high=bound, direction=direction)
    )
    good = value - bound if direction > 0 else bound - value
    assert found["gap"] == pytest.approx(good)
    assert (found["verdict"] == "met") == (good >= -1e-9)


@given(st.sampled_from(["province", "ministry", "x"]), st.sampled_from(["u", "w", ""]))
def test_a_target_asks_whom_it_is_addressed_to_and_nobody_else(types, units):
    values = pd.DataFrame({"reporting_unit": ["u", "v"], "indicator": "i", "obs_value": 1.0})
    kinds = {"u": "province", "v": "ministry"}
    found = targets.assess(
        values, listed(kind="at_least", low=1, unit_types=types, units=units), kinds, DAY
    )
    assert set(found["reporting_unit"]) == {u for u in kinds if kinds[u] == types or u == units}


def test_of_past_targets_the_latest_is_followed_until_a_new_one_is_announced():
    rows = [("a", "2020-01-01", "2020-12-31"), ("b", "2021-01-01", "2021-12-31")]
    table = pd.concat([listed(code=c, since=s, due=d, kind="at_least", low=1) for c, s, d in rows])
    table = table.reset_index(drop=True)
    assert targets.holding(table, "f", date(2020, 6, 1))["code"].tolist() == ["a"]
    assert targets.holding(table, "f", date(2021, 6, 1))["code"].tolist() == ["b"]
    assert targets.holding(table, "f", date(2023, 6, 1))["code"].tolist() == ["b"]
    assert targets.holding(table, "f", date(2019, 6, 1)).empty
    assert targets.holding(table, "g", date(2021, 6, 1)).empty


def test_counts_add_up():
    values = pd.DataFrame({"reporting_unit": list("uvw"), "indicator": "i"})
    values = values.assign(obs_value=[1.0, 0.0, None])
    found = targets.assess(
        values, listed(kind="at_least", low=1), dict.fromkeys("uvw", "province"), DAY
    )
    row = targets.counts(found).iloc[0]
    assert (row["met"], row["not_met"], row["no_data"], row["judged"], row["addressed"]) == (
        1,
        1,
        1,
        2,
        3,
    )


def test_what_is_known_from_memory_alone_is_never_judged_without_the_switch():
    """Every target of the list that no text confirms, against a value that would keep it."""
    table = CATALOGUE.targets[CATALOGUE.targets["certainty"].isin(["from_memory", "unverified"])]
    assert len(table) > 10
    table = table.assign(unit_types="province", units="")
    indicators = table["indicator"].unique()
    values = pd.DataFrame({"reporting_unit": "u", "indicator": indicators, "obs_value": 100.0})
    for switch, verdicts in (
        (False, {"unverified"}),
        (True, {"met", "not_met", "not_due", "note"}),
    ):
        found = targets.assess(values, table, {"u": "province"}, DAY, switch)
        assert set(found["verdict"]) <= verdicts
    for code in ("2022-Q2", "2026-Q3", "2024"):
        assert not plans.plan(code, CATALOGUE).unverified_targets


@pytest.mark.parametrize("day, said", [("2022-06-23", "mức độ 3, 4"), ("2022-06-24", "toàn trình")])
def test_an_indicator_bears_the_name_that_the_law_gave_it_on_the_day(day, said):
    framework = frameworks.on_day(CATALOGUE.frameworks["nq01"], date.fromisoformat(day))
    for code in ("online_services_share", "online_dossier_share", "services_integrated_share"):
        assert said in framework["indicators"][code]["name"]["vi"]
        assert set(framework["indicators"][code]["name"]) == {"vi", "en"}


def test_the_list_says_of_every_row_how_sure_it_is_and_where_it_stands():
    table = CATALOGUE.targets
    assert (table[["name_vi", "legal_basis", "source", "certainty_note"]] != "").all(axis=None)
    memory = table["certainty_note"].str.contains("memory")
    assert (memory == table["certainty"].eq("from_memory")).all()


def _dated(code, since, due, low, indicator="a", who="ministry"):
    return {"code": code, "framework": "f", "indicator": indicator, "unit_types": who, "units": "",
            "kind": "at_least", "low": low, "high": float("nan"), "since": pd.Timestamp(since),
            "due": pd.Timestamp(due)}  # fmt: skip


def test_last_years_targets_stand_beside_the_new_ones():
    held = pd.DataFrame(
        [
            _dated("a22", "2022-01-01", "2022-12-31", 50.0),
            _dated("a23", "2023-01-01", "2023-12-31", 60.0),
            _dated("a25", "2021-01-01", "2025-12-31", 80.0),
            _dated("b22", "2022-01-01", "2022-12-31", 10.0, "b"),
            _dated("b23", "2023-01-01", "2023-12-31", 10.0, "b"),
            _dated("c22", "2022-01-01", "2022-12-31", 5.0, "c"),
            _dated("d23", "2023-01-01", "2023-12-31", 5.0, "d"),
            _dated("e25", "2021-01-01", "2025-12-31", 5.0, "e"),
            _dated("f25", "2021-01-01", "2025-12-31", 5.0, "f"),
            _dated("f25new", "2023-02-01", "2025-12-31", 7.0, "f"),
            _dated("g18", "2018-01-01", "2018-12-31", 5.0, "g"),
            _dated("h24", "2024-01-01", "2024-12-31", 5.0, "h"),
            _dated("a22x", "2022-01-01", "2022-12-31", 50.0, who="province"),
        ]
    )
    found = targets.rolled_over(held, "f", date(2023, 3, 14)).set_index(["indicator", "unit_types"])
    assert found[["before", "now", "state"]].T.to_dict("list") == {
        ("a", "ministry"): ["a22", "a23", "changed"],
        ("b", "ministry"): ["b22", "b23", "same_value"],
        ("c", "ministry"): ["c22", None, "ended"],
        ("d", "ministry"): [None, "d23", "new"],
        ("e", "ministry"): [None, "e25", "going_on"],
        ("f", "ministry"): ["f25", "f25new", "changed"],
        ("a", "province"): ["a22x", None, "ended"],
    }


def test_the_resolution_of_2022_rolls_over_to_that_of_2023():
    """Growth 6–6.5 % (Resolution 32/2021/QH15), then about 6.5 % (Resolution 68/2022/QH15)."""
    listed = cat.load().targets
    rolled = targets.rolled_over(listed, "macro", date(2023, 6, 14)).set_index("indicator")
    growth = rolled.loc["gdp_growth"]
    known = listed.set_index("code")
    assert known.loc[growth["before"], ["low", "high"]].tolist() == [6, 6.5]
    assert known.loc[growth["now"], "text"] == "~6.5" and growth["state"] == "changed"


@pytest.mark.parametrize(
    ("kind", "bound", "value", "verdict"),
    [
        ("below", {"high": 4}, 3.9, "met"),
        ("below", {"high": 4}, 4.1, "not_met"),
        ("below", {"high": 4}, 4 - 1e-10, "not_met"),  # 4, but for the last digits of arithmetic
        ("below", {"high": 4}, 4 - 1e-7, "met"),
        ("at_most", {"high": 4}, 4 + 1e-10, "met"),
        ("at_most", {"high": 4}, 4 + 1e-7, "not_met"),
        ("at_least", {"low": 50}, 50 - 1e-10, "met"),
        ("at_least", {"low": 50}, 50 - 1e-7, "not_met"),
        ("range", {"low": 6, "high": 6.5}, 5.9, "not_met"),
        ("started_by", {}, 0.001, "met"),
        ("started_by", {}, 0, "not_met"),
    ],
)
def test_a_bound_is_one_side_of_what_is_asked(kind, bound, value, verdict):
    direction = -1 if kind in ("below", "at_most") else 1
    target = listed(kind=kind, direction=direction, due="2022-06-30", **bound)
    assert judged({"obs_value": value}, target)["verdict"] == verdict


@pytest.mark.parametrize(
    ("due", "verdict"),
    [("2022-06-29", "not_met"), ("2022-06-30", "not_met"), ("2022-07-01", "not_due")],
)
def test_on_its_day_a_target_is_due(due, verdict):
    found = judged({"obs_value": 49}, listed(kind="at_least", low=50, due=due))
    assert found["verdict"] == verdict


def test_a_target_holds_from_the_day_that_it_is_announced_to_its_day():
    table = listed(kind="at_least", low=1, since="2021-03-01", due="2021-12-31")
    new = listed(code="new", kind="at_least", low=2, since="2022-01-01", due="2022-12-31")
    both = pd.concat([table, new], ignore_index=True)
    held = {
        day: targets.holding(both, "f", date.fromisoformat(day))["code"].tolist()
        for day in ("2021-02-28", "2021-03-01", "2021-12-31", "2022-01-01", "2022-12-31")
    }
    assert held == {
        "2021-02-28": [],
        "2021-03-01": ["t"],
        "2021-12-31": ["t"],
        "2022-01-01": ["new"],
        "2022-12-31": ["new"],
    }
    # nothing after it: it is followed though it is past
    assert targets.holding(table, "f", date(2024, 1, 1))["code"].tolist() == ["t"]


@pytest.mark.parametrize(
    ("since", "due", "on", "state"),
    [
        ("2022-03-14", "2023-12-31", "2023-03-14", "going_on"),  # a year old
        ("2022-03-15", "2023-12-31", "2023-03-14", "new"),
        ("2023-03-14", "2023-12-31", "2023-03-14", "new"),
        ("2023-03-15", "2023-12-31", "2023-03-14", None),  # not announced yet
        ("2020-01-01", "2023-03-14", "2023-03-14", "going_on"),  # its day is today
        ("2020-01-01", "2023-03-13", "2023-03-14", "ended"),
        ("2020-01-01", "2021-03-14", "2023-03-14", "ended"),  # two years ago
        ("2020-01-01", "2021-03-13", "2023-03-14", None),
        ("2020-01-01", None, "2023-03-14", "going_on"),  # a standing one
    ],
)
def test_what_becomes_of_one_target_by_the_days(since, due, on, state):
    held = pd.DataFrame([_dated("t", since, due, 1.0)])
    held["due"] = pd.to_datetime(held["due"])
    found = targets.rolled_over(held, "f", date.fromisoformat(on))
    assert found["state"].tolist() == ([state] if state else [])


def test_nothing_to_measure_is_told_from_no_data():
    target = listed(kind="at_least", low=50)
    assert judged({"obs_status": "M"}, target)["verdict"] == "nothing"
    assert judged({"obs_status": "O"}, target)["verdict"] == "no_data"
    assert judged({"obs_value": 50, "obs_status": "M"}, target)["verdict"] == "met"
    gain = listed(kind="gain_at_least", low=2)
    assert judged({"obs_status": "O"}, gain)["verdict"] == "no_data", "no baseline either"
    # the baseline that the target states itself goes before that of the values
    stated = listed(kind="gain_at_least", low=2, baseline=10)
    found = judged({"obs_value": 8, "baseline": 9}, stated)
    assert (found["gap"], found["verdict"]) == (0, "met")


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({"score": 80, "baseline_score": 79}, "met"),
        ({"score": 79, "baseline_score": 79}, "not_due"),  # the same is no raise
        ({"score": 80}, "no_baseline"),
        ({"baseline_score": 79}, "no_baseline"),
    ],
)
def test_a_score_is_raised_beside_the_one_before(known, verdict):
    target = listed(kind="raise_score_keep_rank", due="2022-12-31")
    assert judged({"obs_value": 5, "baseline": 5} | known, target)["verdict"] == verdict
