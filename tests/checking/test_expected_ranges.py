"""What a figure is expected to be: by its own past, its season, its peers; no slip moves it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated
from analysis.checking import expected_ranges, validate, wording

CATALOGUE = cat.load()
SETTING = dated.value_on(CATALOGUE.parameters["expected_range"], pd.Timestamp("2022-06-14").date())
RULE = {"rule": "jump", "kind": "expected_range", "item": "dossiers_received", "at_least": 100}
QUARTERS = ["2020-Q3", "2020-Q4", "2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1"]


def at(unit, value, period="2022-Q2", **changes):
    place = dict(source_file="f", source_sheet="s", source_cell="C9", raw_text="")
    whose = dict(reporting_unit=unit, time_period=period, form="II.06a", level="province")
    what = dict(item="dossiers_received", field="land", obs_value=value, obs_status="A")
    return place | whose | what | changes


def past(unit, figures, periods=QUARTERS):
    periods = periods[len(periods) - len(figures) :]
    return [at(unit, f, p) for f, p in zip(figures, periods, strict=True)]


def held(now, before, last="2022-Q1", rule=RULE):
    types = {row["reporting_unit"]: "province" for row in now}
    table = pd.DataFrame(before, columns=list(now[0])).astype({"obs_value": float})
    history = expected_ranges.History("2022-Q2", last, table, types, SETTING)
    values = pd.DataFrame(now).astype({"obs_value": float})
    return expected_ranges.held_against(values, rule, history).set_index("reporting_unit")


def test_the_range_is_the_median_and_the_median_distance_of_the_units_own_past():
    """Computed step by step as Iglewicz & Hoaglin do, on asinh(figure ÷ at_least)."""
    found = held([at("01", 2000)], past("01", [800, 1000, 1300, 900, 1500])).loc["01"]
    scaled = np.arcsinh(np.array([800, 900, 1000, 1300, 1500]) / 100)
    distance = sorted(abs(scaled - scaled[2]))[2]
    half = 3.5 * 1.4826 * 1.206 * distance * np.sqrt(1 + np.pi / 2 / 5)
    assert found["basis"] == "own"
    assert found["low"] == pytest.approx(100 * np.sinh(scaled[2] - half))
    assert found["high"] == pytest.approx(100 * np.sinh(scaled[2] + half))


def test_a_slip_in_the_past_hides_no_slip_of_now_and_makes_none():
    before = [1000, 1040, 980_000, 960, 1010]
    assert not held([at("01", 1025)], past("01", before)).loc["01", "doubted"]
    for slip in (10, 1000, 0.1):
        assert held([at("01", 1025 * slip)], past("01", before)).loc["01", "doubted"]


def test_a_past_without_any_change_leaves_room():
    found = held([at("01", 1200)], past("01", [1000] * 5)).loc["01"]
    assert found["low"] < 700 and 1400 < found["high"] < 1600 and not found["doubted"]
    assert not held([at("01", 10)], past("01", [0] * 5)).loc["01", "doubted"]
    assert held([at("01", 4000)], past("01", [0] * 5)).loc["01", "doubted"]


def test_the_same_season_counts_where_it_came_often_enough():
    years = [f"{y}-Q{q}" for y in range(2018, 2022) for q in (1, 2, 3, 4)]
    figures = [5000 + y if q == 2 else 300 + y for y in range(4) for q in (1, 2, 3, 4)]
    found = held([at("01", 310)], past("01", figures, years), "2022-Q1").loc["01"]
    assert found["basis"] == "season" and found["doubted"]
    assert found["beside"] == (
        "season: n = 4; 2018-Q2: 5.000; 2019-Q2: 5.001; 2020-Q2: 5.002; 2021-Q2: 5.003"
    )
    assert not held([at("01", 5100)], past("01", figures, years)).loc["01", "doubted"]


def test_with_few_periods_the_change_of_peers_counts():
    """All grew about fivefold: who did not is asked, and nobody else."""
    units = [f"{n:02d}" for n in range(1, 9)]
    before = [row for n, u in enumerate(units) for row in past(u, [400 + 20 * n])]
    now = [at(u, 5 * (400 + 20 * n) + n) for n, u in enumerate(units)]
    now[3] = at("04", 460)
    found = held(now, before)
    assert set(found["basis"]) == {"peers"}
    assert found.index[found["doubted"]].tolist() == ["04"]
    assert found.loc["04", "beside"] == "peers: n = 7; 2022-Q1: 460"


def test_without_peers_too_it_is_held_against_all_that_was_reported():
    found = held([at("01", 2900)], past("01", [300, 1000])).loc["01"]
    assert found["basis"] == "alone" and not found["doubted"]
    assert held([at("01", 3300)], past("01", [300, 1000])).loc["01", "doubted"]


def test_who_was_not_there_before_is_not_compared():
    """As the units that 2025 merged: their past is that of others."""
    assert held([at("01", 9e6)], past("02", [10] * 5)).empty
    assert held([at("01", 9e6)], []).empty


def test_the_message_says_from_what_the_range_comes_and_quotes_the_past():
    table = pd.DataFrame(past("01", [1000, 1040, 980, 960, 1010])).astype({"obs_value": float})
    history = expected_ranges.History("2022-Q2", "2022-Q1", table, {}, SETTING)
    form = {"II.06a": CATALOGUE.forms["II.06a"] | {"rules": [RULE]}}
    values = pd.DataFrame([at("01", 10_250)]).astype({"obs_value": float})
    [finding] = validate.figures(values, form, table, history).to_dict("records")
    said = wording.said(CATALOGUE.rules["jump"], finding)
    assert "10.250" in said["vi"] and "2021-Q2: 1.000" not in said["vi"].split("(")[0]
    assert "chính đơn vị (n = 5; 2021-Q1: 1.000; 2021-Q2: 1.040;" in said["vi"]
    assert "(n = 5; 2021-Q1: 1,000; 2021-Q2: 1,040;" in said["en"] and "10,250" in said["en"]
    plain = wording.said({"vi": "{found}: {expected}", "en": "{found}: {expected}"}, finding)
    assert plain["vi"].startswith("10.250: 6")


FIGURES = st.one_of(
    st.integers(0, 10**9), st.floats(-1e9, 1e9), st.sampled_from([0, 100, 99, None])
)


@given(
    st.lists(st.tuples(FIGURES, st.lists(FIGURES, max_size=7)), min_size=1, max_size=9),
    st.sampled_from([0, 1, 100]),
)
def test_every_range_is_one(units, at_least):
    """Whatever was reported, no range has a gap, and what was usual lies within it."""
    now = [at(f"{n:02d}", value) for n, (value, _) in enumerate(units)]
    before = [row for n, (_, figures) in enumerate(units) for row in past(f"{n:02d}", figures)]
    found = held(now, before, rule=RULE | {"at_least": at_least})
    assert np.isfinite(found[["low", "high"]].to_numpy(float)).all()
    assert (found["low"] < found["high"]).all()
    assert set(found["basis"]) <= {"own", "season", "peers", "alone"}
    comparable = {
        f"{n:02d}"
        for n, (value, figures) in enumerate(units)
        if value is not None and any(f is not None for f in figures)
    }
    assert set(found.index) == comparable
    for unit, row in found[found["basis"] == "own"].iterrows():
        usual = sorted(f for f in units[int(unit)][1] if f is not None)
        assert row["low"] < usual[len(usual) // 2] and usual[(len(usual) - 1) // 2] < row["high"]


def test_from_ten_figures_on_the_factor_of_croux_and_rousseeuw_is_a_formula():
    """n = 9: 1.107; n = 10: 10 ÷ 9.2 (Croux & Rousseeuw 1992, b_n of the MAD)."""
    periods = [f"{y}-Q{q}" for y in (2019, 2020, 2021) for q in (1, 2, 3, 4)][:10]
    figures = [1000, 1010, 1030, 1060, 1100, 1150, 1210, 1280, 1360, 1450]
    for count, factor in ((9, 1.107), (10, 10 / 9.2)):
        before = past("01", figures[:count], periods)
        found = held([at("01", 1200, "2022-Q3")], before, periods[-1]).loc["01"]
        scaled = np.arcsinh(np.array(figures[:count]) / 100)
        middle = np.median(scaled)
        half = 3.5 * 1.4826 * factor * np.median(abs(scaled - middle))
        half *= np.sqrt(1 + np.pi / 2 / count)
        assert found["basis"] == "own"
        assert found["high"] == pytest.approx(100 * np.sinh(middle + half), rel=1e-6)


YEARS = [str(year) for year in range(2010, 2022)]


def annual(now, figures, rule=RULE, **setting):
    """What is held against the figures of the years before 2022, unit 01 alone."""
    years = YEARS[len(YEARS) - len(figures) :]
    before = pd.DataFrame(past("01", figures, years)).astype({"obs_value": float})
    history = expected_ranges.History("2022", years[-1], before, {}, SETTING | setting)
    values = pd.DataFrame([at("01", now, "2022")]).astype({"obs_value": float})
    return values, rule, history


@pytest.mark.parametrize(
    ("count", "factor"),
    [(2, 1.196), (3, 1.495), (4, 1.363), (5, 1.206), (6, 1.200), (7, 1.140), (8, 1.129),
     (11, 11 / 10.2)],
)  # fmt: skip
def test_few_figures_are_made_up_for_by_the_factors_of_croux_and_rousseeuw(count, factor):
    """Their table of b_n for the median distance from the median; figures counted from 1 on.

    All earlier periods are of the same season here: that is the unit's own past, no choice of it.
    """
    figures = [1000 * 1.3**n for n in range(count)]
    asked = annual(1200, figures, RULE | {"at_least": 0}, periods=2)
    [found] = expected_ranges.held_against(*asked).to_dict("records")
    scaled = np.arcsinh(figures)
    middle = np.median(scaled)
    half = 3.5 * 1.4826 * factor * np.median(abs(scaled - middle))
    half *= np.sqrt(1 + np.pi / 2 / count)
    assert found["basis"] == "own"
    assert found["low"] == pytest.approx(np.sinh(middle - half))
    assert found["high"] == pytest.approx(np.sinh(middle + half))


def test_a_past_without_any_change_leaves_what_chance_does_to_counts_or_half_as_much_again():
    """Of 64 a year chance alone moves by 1 ÷ 8; of a million by nothing to speak of."""
    found = expected_ranges.held_against(*annual(64, [64] * 4, RULE | {"at_least": 1})).iloc[0]
    half = 3.5 * 8 / np.hypot(64, 1) * np.sqrt(1 + np.pi / 2 / 4)
    assert found["high"] == pytest.approx(np.sinh(np.arcsinh(64) + half))
    found = expected_ranges.held_against(*annual(1e6, [1e6] * 4)).iloc[0]
    assert found["high"] == pytest.approx(1.5e6) and found["low"] == pytest.approx(1e6 / 1.5)


def test_an_end_of_the_range_is_within_and_what_lies_beyond_is_doubted():
    low, high = expected_ranges.held_against(*annual(1000, [1000] * 5)).iloc[0][["low", "high"]]
    for value, doubted in (
        (low, False),
        (np.nextafter(low, 0), True),
        (high, False),
        (np.nextafter(high, np.inf), True),
    ):
        found = expected_ranges.held_against(*annual(value, [1000] * 5))
        assert found["doubted"].tolist() == [doubted]


@pytest.mark.parametrize(
    ("now", "before", "doubted"),
    [(1000, 0, True), (999, 0, False), (0, 1000, True), (0, 999, False), (-1000, 0, True)],
)
def test_what_is_smaller_than_the_rule_asks_on_both_sides_is_not_doubted(now, before, doubted):
    asked = annual(now, [before] * 5, RULE | {"at_least": 1000}, z=0.1, least=1.01)
    assert expected_ranges.held_against(*asked)["doubted"].tolist() == [doubted]


@pytest.mark.parametrize(
    ("now", "before", "found", "expected"),
    [
        # from 731.44 to 1651.89; a count lies between whole numbers within
        (5000, [1100] * 5, "5.000", "732–1.651"),
        (500.5, [1100] * 5, "500", "731–1.652"),
        (5000, [0] * 5, "5.000", "0–"),  # no count is expected to be below 0
        (-5000, [0] * 5, "−5.000", "−"),
    ],
)
def test_a_count_is_expected_to_be_one(now, before, found, expected):
    rows = expected_ranges.findings(*annual(now, before, z=0.1))
    assert rows["found"].iloc[0].startswith(found)
    assert rows["expected"].iloc[0].startswith(expected)


def test_a_message_quotes_the_last_eight_figures():
    beside = expected_ranges.held_against(*annual(10, range(10, 20)))["beside"].iloc[0]
    quoted = [f"{year}: {figure}" for year, figure in zip(YEARS[4:], range(12, 20), strict=True)]
    assert beside == "; ".join(["own: n = 10", *quoted])


@pytest.mark.parametrize(
    ("others", "small", "basis"),
    [(5, 0, "peers"), (4, 0, "alone"), (4, 1, "alone"), (4, 2, "peers")],
)
def test_five_peers_must_tell_a_change_and_those_below_what_counts_tell_none(others, small, basis):
    """``small``: one more had 99 in both periods, or 100 in one of them, which counts."""
    units = [f"{n:02d}" for n in range(2, 2 + others + bool(small))]
    now = [at("01", 800), *(at(u, 400 + n) for n, u in enumerate(units))]
    before = [row for n, u in enumerate(units) for row in past(u, [200 + n])]
    if small:
        now[-1] = at(units[-1], 98 + small)
        before[-1] = past(units[-1], [99])[0]
    found = held(now, [*before, *past("01", [400])])
    assert found.loc["01", "basis"] == basis


def test_the_change_of_peers_is_their_middle_one_added_to_the_units_last_figure():
    units = ["02", "03", "04", "05", "06"]
    grown = [1.5, 1.8, 2.0, 2.3, 2.9]
    now = [at("01", 800), *(at(u, 1e6 * g) for u, g in zip(units, grown, strict=True))]
    found = held(now, [row for u in ["01", *units] for row in past(u, [1e6])]).loc["01"]
    scaled = np.arcsinh(1e4) + np.log(2)
    # distances from 2: 1.33, 1.11, 1, 1.15 and 1.45 times; the middle one is the fourth's
    half = 3.5 * 1.4826 * 1.206 * np.log(2.3 / 2) * np.sqrt(1 + np.pi / 2 / 5)
    assert found["low"] == pytest.approx(100 * np.sinh(scaled - half), rel=1e-6)
    assert found["high"] == pytest.approx(100 * np.sinh(scaled + half), rel=1e-6)


def test_alone_the_range_reaches_three_times_beyond_what_was_ever_reported():
    found = expected_ranges.held_against(*annual(5, [30_000, 1e6])).iloc[0]
    assert (found["basis"], found["low"]) == ("alone", pytest.approx(1e4, rel=1e-3))
    assert found["high"] == pytest.approx(3e6, rel=1e-3)
