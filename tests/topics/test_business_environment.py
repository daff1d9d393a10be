"""International figures: known answers of publishers, what may be judged by which edition."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue.list_checks import certainties
from analysis.display.table import show
from analysis.indicators import targets
from analysis.language import languages
from analysis.published import international
from analysis.topics import business_environment, commitments

LISTED, FOUND = international.listed(), international.observations()
FIGURES = international.usable(FOUND)
CATALOGUE = cat.load()
AFTER = date(2025, 12, 31)


def asked(on=date(2022, 6, 30)) -> pd.DataFrame:
    return targets.holding(CATALOGUE.targets, "nq02", on)


def followed(on=AFTER, **more) -> pd.DataFrame:
    return business_environment.follow(FIGURES, LISTED, asked(), on, **more).set_index("code")


# --- Doing Business: the publisher's own scores are the answers ---------------------------------


def test_scores_of_doing_business_come_back_within_the_rounding_of_the_printed_values():
    table, rules = international.doing_business()
    found = international.agreement(business_environment.rescored(table, rules)).set_index(
        "measure"
    )
    assert found["compared"].sum() == len(table) == 5706
    assert table["economy"].nunique() == 15
    assert found["beyond"].sum() == 0
    assert found["exact"].sum() > 0.75 * len(table)
    # what is counted in whole steps is not rounded: to the last decimal
    counted = found.index.str.contains("procedures|payments|_index")
    assert counted.sum() >= 8
    assert (found.loc[counted, "exact"] == found.loc[counted, "compared"]).all()


@pytest.mark.parametrize("measure", ["starting_business.time", "paying_taxes.time"])
def test_other_goalposts_or_a_wrong_value_would_be_noticed(measure):
    table, rules = international.doing_business()
    table = table[table["measure"] == measure]
    worst, best = rules["measures"][measure]["goalposts"]
    wrong = {**rules, "measures": {measure: {"goalposts": [worst * 1.1, best]}}}
    assert (
        international.agreement(business_environment.rescored(table, wrong))["beyond"].sum()
        > len(table) / 2
    )
    shifted = table.assign(value=table["value"] + 1)
    assert (
        international.agreement(business_environment.rescored(shifted, rules))["beyond"].sum()
        > len(table) / 2
    )


def test_the_tax_score_is_not_linear():
    table, rules = international.doing_business()
    measure = "paying_taxes.total_tax_and_contribution_rate"
    table = table[table["measure"] == measure]
    straight = {**rules["measures"][measure], "exponent": 1}
    found = international.agreement(
        business_environment.rescored(table, {**rules, "measures": {measure: straight}})
    )
    assert found["beyond"].sum() > len(table) / 2


# --- which edition judges -----------------------------------------------------------------------


def test_baselines_stated_with_the_targets_are_the_figures_of_the_series():
    table = followed()
    stated = table[table["baseline"].notna()]
    assert len(stated) == 5
    assert (stated["baseline"] == stated["before"]).all()
    assert (stated["baseline_period"].astype(int) == stated["before_edition"]).all()


def test_an_edition_within_the_cycle_judges_and_an_older_one_does_not():
    table = followed()
    egdi = table.loc["nq02.egdi.2025.2"]  # first 60 asked, 71 of 193 in 2024, every two years
    assert (egdi["verdict"], egdi["gap"], egdi["edition"]) == ("not_met", -11, 2024)
    gii = table.loc["nq02.gii.2025"]  # each year; the newest sure one is of 2022
    assert (gii["verdict"], gii["latest"], gii["latest_edition"]) == ("no_data", 48, 2022)


def test_what_a_publisher_has_ended_is_said_to_have_no_data_and_is_never_missed():
    table = followed()
    ended = table[table["indicator"].str.startswith(("gci", "db_"))]
    assert len(ended) == 11
    assert set(ended["verdict"]) == {"no_data_this_cycle"}


def test_before_its_day_a_target_is_not_missed_and_later_editions_are_not_seen():
    early = followed(on=date(2022, 6, 30))
    assert early.loc["nq02.egdi.2025.2", "verdict"] == "not_due"
    assert early.loc["nq02.egdi.2025.2", "latest_edition"] == 2022
    assert (early["latest_edition"].dropna() <= 2022).all()


def test_targets_from_memory_are_judged_only_with_the_switch():
    doubtful = followed()["certainty"].isin(["from_memory", "unverified"])
    assert doubtful.sum() == 2
    assert (followed()["verdict"] == "unverified").equals(doubtful)
    # with the switch: no edition of the cycle, so still nothing to judge by
    assert set(followed(unverified=True).loc[doubtful, "verdict"]) == {"no_data"}


def test_the_rank_that_contradicts_itself_is_kept_and_used_for_nothing():
    odd = FOUND[(FOUND["series"] == "gii") & (FOUND["time_period"] == 2023)]
    assert (FOUND.loc[FOUND["obs_status"] == "V", "note_vi"] != "").all()
    assert odd["note"].str.startswith("UNRELIABLE").tolist() == [True]
    assert FIGURES[FIGURES["series"] == "gii"]["time_period"].max() == 2022


@settings(max_examples=40)
@given(st.lists(st.integers(2000, 2030), min_size=1, unique=True), st.integers(2000, 2030))
def test_no_verdict_rests_on_an_edition_after_the_day_or_older_than_the_cycle(years, until):
    own = pd.DataFrame({"series": "egdi", "economy": "X", "time_period": years})
    own = own.assign(rank=10.0, score=0.5, obs_status="A")
    one = asked()[asked()["code"] == "nq02.egdi.2025.2"]
    row = international.beside(own, LISTED, one, date(until, 12, 31)).iloc[0]
    last = min(until, 2025)
    fits = [y for y in years if last - LISTED.at["egdi", "cycle"] < y <= last]
    assert pd.isna(row["edition"]) if not fits else row["edition"] == max(fits)


# --- the lists and the views --------------------------------------------------------------------


def test_the_list_of_series_and_the_figures_fit_together():
    assert LISTED.index.is_unique
    assert set(FOUND["series"]) <= set(LISTED.index)
    assert not FOUND.duplicated(["series", "economy", "time_period"]).any()
    assert (
        FOUND["certainty"].isin(certainties()).all()
        and LISTED["certainty"].isin(certainties()).all()
    )
    assert (FOUND["source"] != "").all()
    assert FOUND[["rank", "score"]].notna().any(axis=1).all()
    asks = CATALOGUE.targets[CATALOGUE.targets["framework"] == "nq02"]
    assert set(asks["indicator"]) - {""} <= set(LISTED.index)


def test_intervals_of_governance_follow_from_the_published_errors():
    """The publisher's own 90 % limits, of percentile ranks, hold the percentile rank."""
    rows = international.bands(FIGURES[FIGURES["series"].str.startswith("wgi_")])
    assert len(rows) == 126 and rows["standard_error"].gt(0).all()
    assert np.allclose(rows["high"] - rows["low"], 2 * 1.6449 * rows["standard_error"])
    assert rows["score"].between(-2.5, 2.5).all()


def test_movements_within_the_error_are_no_movements():
    rows = pd.DataFrame({"series": ["a", "a", "b", "b"], "time_period": [1, 2, 1, 2]})
    rows = rows.assign(score=[0.0, 0.22, 0.0, 0.24], standard_error=0.1)
    found = international.moved(rows, 1, 2).set_index("series")
    # 1.6449 × √(0.1² + 0.1²) = 0.2326 is the least that counts
    assert found["apart"].to_dict() == {"a": False, "b": True}
    assert found.at["b", "low"] == pytest.approx(0.24 - 0.2326, abs=1e-4)


def test_missing_editions_break_the_line():
    rows = pd.DataFrame({"series": "egdi", "time_period": [2003, 2004, 2005, 2008, 2010]})
    assert international.segments(rows, LISTED)["segment"].tolist() == [0, 0, 0, 1, 1]


def test_leads_are_quoted_and_marked_where_they_rest_on_memory():
    table = followed().reset_index()
    with languages.using("en"):
        page = show(business_environment.followed(table, LISTED), "followed").data
    assert "<td><span lang='vi'>Thanh tra Chính phủ</span> (not verified)</td>" in page
    assert "&lt;span" not in page


def test_every_note_has_its_english():
    for table in (LISTED, FOUND):
        assert ((table["note_vi"] == "") == (table["note_en"] == "")).all()


def test_the_key_sentence_counts_every_target_once():
    table = followed().reset_index()
    said = business_environment.key(table, AFTER)
    numbers = [int(part.split()[0]) for part in said.split(": ")[1].split(", ")]
    assert sum(numbers) == len(table)
    assert set(targets.VERDICTS) == set(commitments.VERDICT)
