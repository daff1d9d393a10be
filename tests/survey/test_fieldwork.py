"""While fieldwork goes on: what became of whom, what was asked and not answered, how interviews
went, what interviewers do to precision, and how wide interim intervals are."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from fieldwork_files import CODE, FORM, frame, submissions, workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from kobo_files import central_csvs, central_zip

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.survey import (
    estimation,
    flow,
    interim,
    interview_checks,
    interviewer_effects,
    interviews,
    response_rates,
    sampling,
    skips,
)

CATALOGUE = cat.load()
SURVEY = CATALOGUE.surveys["apci"]
RULE = SURVEY["interviews"]
FIRMS = pd.DataFrame({"response": [str(n) for n in range(1, 11)], "region": list("aaaaabbbbb")})


# --- response rates ------------------------------------------------------------------------------


def contacts(tmp_path, text):
    path = tmp_path / "contacts.csv"
    path.write_text(text, "utf-8")
    return response_rates.read(path, FIRMS, "contacts.csv")


def test_rates_are_those_of_aapor(tmp_path):
    """4 completed, 1 partial, 1 refused, 1 not contacted, 1 other, 1 not eligible, 1 unknown."""
    said = "response,day,disposition\n6,2023-05-01,Từ chối\n7,2023-05-01,no_contact\n"
    said += "8,2023-05-01,other\n9,02/05/2023,not_eligible\n0005,,refused\n"
    records = pd.DataFrame({"response": ["1", "2", "3", "4", "5"], "state": "accepted"})
    records.loc[4, "state"] = "response_contradicts"
    found = response_rates.outcomes(FIRMS, records, contacts(tmp_path, said))
    row = response_rates.rates(found).iloc[0]
    assert row[response_rates.OUTCOMES].tolist() == [4, 1, 1, 1, 1, 1, 1]
    assert row["rr1"] == pytest.approx(100 * 4 / 9)
    assert row["rr5"] == pytest.approx(100 * 4 / 8)
    assert row["cooperation"] == pytest.approx(100 * 4 / 7)
    assert row["refusal"] == pytest.approx(100 / 9)
    assert response_rates.rates(found, ["region"])["selected"].tolist() == [5, 5]


def test_the_last_word_about_a_firm_counts_and_an_answer_more_than_any(tmp_path):
    said = "response,day,disposition\n1,2023-05-09,refused\n1,2023-05-02,no_contact\n"
    said += "2,2023-05-02,completed\n3,2023-05-02,refused\n"
    reported = contacts(tmp_path, said)
    assert reported.set_index("response")["reported"].to_dict()["1"] == "refused"
    came = pd.DataFrame({"response": ["3"], "state": ["accepted"]})
    found = response_rates.outcomes(FIRMS, came, reported).set_index("response")["outcome"]
    assert found[["1", "2", "3", "4"]].tolist() == ["refused", "other", "completed", "unknown"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("response,state\n1,refused\n", "column missing: disposition; it has: response, state"),
        ("response,disposition\n1,refusd\n", "contacts.csv:2: no disposition 'refusd'; nearest"),
        ("response,disposition\n77,refused\n", "contacts.csv:2: 77 is not in selected.csv"),
        ("response,disposition,day\n1,refused,mai\n", "contacts.csv:2: no day: 'mai'"),
        ("", "contacts.csv: cannot be read"),
    ],
)
def test_a_wrong_line_of_contacts_is_named(tmp_path, text, told):
    with pytest.raises(ValueError, match=told):
        contacts(tmp_path, text)


@given(st.lists(st.sampled_from(response_rates.OUTCOMES), max_size=30))
def test_no_firm_is_lost_and_rates_keep_their_order(outcomes):
    found = response_rates.rates(pd.DataFrame({"outcome": outcomes}, dtype=object))
    assert found[response_rates.OUTCOMES].sum().sum() == len(outcomes) == found["selected"].sum()
    for row in found.dropna(subset=["rr5"]).itertuples():
        assert 0 <= row.rr1 <= row.rr5 <= row.cooperation + 1e-9 or np.isnan(row.cooperation)


# --- questions -----------------------------------------------------------------------------------


def test_a_blank_that_the_skip_rules_do_not_ask_is_no_missing_answer():
    survey = {
        "columns": {
            "route": {"kind": "choice"},
            "hours": {"kind": "hours", "asked_if": {"route": ["own"]}},
        }
    }
    records = pd.DataFrame({"record": [0, 1, 2], "route": ["own", "outsourced", None]})
    cells = pd.DataFrame(
        {
            "record": [0, 1, 2] * 2,
            "item": ["route"] * 3 + ["hours"] * 3,
            "role": "value",
            "lead": True,
            "raw_type": ["text", "text", "blank"] + ["blank"] * 3,
            "obs_status": ["A", "A", "O"] + ["O"] * 3,
        }
    )
    found = skips.kinds(cells, records, survey)
    counted = skips.by_question(found, survey).set_index("item")
    assert counted.loc["hours", ["blank", "not_asked"]].tolist() == [1, 2]
    assert counted.loc["route", ["answered", "blank", "not_asked"]].tolist() == [2, 1, 0]
    assert skips.by_record(found, survey).loc[0].tolist() == [2, 1]


# --- interviews ----------------------------------------------------------------------------------


def checked(tmp_path, name, data):
    place = project.Place(tmp_path)
    frame(place.survey(CODE), 60)
    (place.survey(CODE) / name).write_bytes(data)
    plan = plans.edition("apci", "2023", CATALOGUE, tmp_path)
    return flow.check(plan, CATALOGUE, place)


def sent(rng=3):
    shipped = pd.read_csv(project.Place().survey("apci-2022") / "selected.csv", dtype=str)
    chosen = shipped.iloc[:: len(shipped) // 60].head(20)
    return submissions(chosen, np.random.default_rng(rng), 4)


def test_who_asked_and_when_is_read_from_exports_of_both_tools(tmp_path):
    told, kobo = sent(), workbook(sent())
    first = told[0]["phone"]
    for folder, name, data in (
        ("k", "kobo.xlsx", kobo),
        ("c", "central.zip", central_zip(central_csvs(FORM, "thu_tuc", told))),
    ):
        held = checked(tmp_path / folder, name, data)
        found = held["interviews"]
        assert len(found) == 20 and (held["balance"]["unaccounted"] == 0).all()
        row = found.iloc[0]
        assert row["named"] == first["interviewer"] and row["interviewer"] == "PV01"
        assert row["start"].isoformat() == first["start"][:19]
        assert row["end"] - row["start"] < timedelta(hours=1) and row["records"] == row["accepted"]
        assert found["records"].sum() == sum(len(one["thu_tuc"]) for one in told)
        assert set(found["interviewer"]) == {f"PV{n:02d}" for n in (1, 2, 3, 4)}


def test_a_time_that_is_none_is_counted_and_missing(tmp_path):
    told = sent()
    told[3]["phone"]["end"] = "sau 5 giờ chiều"
    found = checked(tmp_path, "kobo.xlsx", workbook(told))["interviews"]
    odd = found[found["unread"] > 0]
    assert len(odd) == 1 and odd["end"].isna().all() and odd["start"].notna().all()


@settings(max_examples=30)
@given(st.text(max_size=30))
def test_no_text_makes_the_clock_fail(text):
    assert interviews.clock(pd.Series([text, None]), 7).isna()[1]


def made(lengths, start=None, who="PV01"):
    """One interview an hour, of ten questions each."""
    first = pd.Timestamp(start or "2023-05-08 06:00")
    n = len(lengths)
    begins = first + pd.to_timedelta([24 * i for i in range(n)], unit="h")
    table = pd.DataFrame({"start": begins, "interviewer": who, "asked": 10, "row": range(n)})
    table["end"] = table["start"] + pd.to_timedelta(lengths, unit="min")
    return table.assign(day=table["start"].dt.normalize(), unanswered=1, response="1", accepted=1)


def test_the_fast_and_the_slow_lie_beyond_three_robust_deviations():
    """Logarithms of seconds: median log 120, MAD log 2: limits 120 ÷ and × 2^(3·1.4826)."""
    table = made([10] * 7 + [20] * 7 + [40] * 7 + [20 / 2**4.4, 20 / 2**4.5, 20 * 2**4.5])
    found = interview_checks.judged(table, RULE)
    assert found["fast"].tolist() == [False] * 22 + [True, False]
    assert found["slow"].tolist() == [False] * 23 + [True]
    assert interview_checks.limit(found, RULE) == pytest.approx(120 / 2 ** (3 * 1.4826))
    assert not interview_checks.judged(table.head(19), RULE)[["fast", "slow"]].any(axis=None)


def test_interviews_at_one_time_at_night_or_backwards_are_marked():
    day = made([30, 30, 30, -5, 30, 60], "2023-05-08 09:00")
    day["start"] = pd.to_datetime(
        [f"2023-05-08 {t}" for t in ("09:00", "09:20", "10:00", "11:00", "20:50", "05:30")]
    )
    day["end"] = day["start"] + pd.to_timedelta([30, 30, 30, -5, 30, 60], unit="min")
    found = interview_checks.judged(day, RULE)
    assert found["overlap"].tolist() == [False, True, False, False, False, False]
    assert found["reversed"].tolist() == [False] * 3 + [True, False, False]
    assert found["night"].tolist() == [False] * 4 + [True, True]
    assert np.isnan(found["minutes"][3])
    other = interview_checks.judged(day.assign(interviewer=list("abcdef")), RULE)
    assert not other["overlap"].any()
    unknown = interview_checks.judged(day.assign(interviewer=None, end=pd.NaT), RULE)
    assert not unknown[["overlap", "fast", "reversed"]].any(axis=None)


def test_copied_answers_are_found_and_few_figures_are_no_copy():
    items = [f"hours_step_{n}" for n in range(1, 6)]
    answers = pd.DataFrame([[1.0, 2, 3, 4, 5]] * 3 + [[1, 2, 0, 0, 0]] * 2, columns=items)
    answers = answers.assign(response=list("abacd"), procedure=["x", "x", "y", "x", "x"])
    found = interview_checks.copied(answers, SURVEY)
    pairs = set(zip(found["response"], found["other"], found["procedure"], strict=True))
    assert pairs == {("a", "b", "x"), ("a", "a", "x")}


def test_ratings_all_alike_are_only_looked_at_where_there_are_three():
    rating = {"kind": "rating"}
    survey = {"columns": {"a": rating, "b": rating, "c": rating}}
    answers = pd.DataFrame({"a": [1, 2], "b": [1, 3], "c": [1, 1], "response": ["x", "y"]})
    assert interview_checks.straight_lined(answers, survey)["response"].tolist() == ["x"]
    assert interview_checks.straight_lined(answers.drop(columns="c"), survey) is None


def test_starts_on_quarters_are_held_against_chance():
    times = pd.Series(pd.date_range("2023-05-08 08:00", periods=20, freq="15min"))
    found = interview_checks.at_quarters(times)
    assert found["quarters"] == 20 and found["high"] == 100
    assert found["low"] == pytest.approx(100 * 0.025 ** (1 / 20)), "Clopper & Pearson"
    assert np.isnan(interview_checks.at_quarters(times.iloc[:0])["share"])


# --- interviewers and widths ---------------------------------------------------------------------


def test_the_intraclass_correlation_is_that_of_shrout_and_fleiss():
    """Their table 2 (1979): six targets, four judges; ICC(1,1) = 0.17, F(5, 18) = 1.79."""
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = interviewer_effects.intraclass(np.ravel(table), np.repeat(range(6), 4))
    assert found.estimate == pytest.approx(0.166, abs=5e-4)
    assert (found.ci_low, found.ci_high) == pytest.approx((-0.133, 0.723), abs=1e-3)
    assert (found.groups, found.values, found.workload) == (6, 24, 4)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=12),
    st.lists(st.integers(0, 3), min_size=12, max_size=12),
    st.floats(0.1, 100),
    st.floats(-1e3, 1e3),
)
def test_the_correlation_knows_no_scale_and_lies_within_its_interval(y, groups, times, more):
    y, groups = np.round(y, 3), np.array(groups)
    one = interviewer_effects.intraclass(y, groups)
    other = interviewer_effects.intraclass(times * y + more, groups)
    if not np.isnan([one.estimate, other.estimate]).any():
        assert one.estimate == pytest.approx(other.estimate, rel=1e-4, abs=1e-4)
        assert one.ci_low <= one.estimate + 1e-9 and one.estimate <= one.ci_high + 1e-9
        assert one.ci_high <= 1


def test_too_few_interviewers_have_no_effect_and_no_design_effect():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"interviewer": np.repeat(list("abcdefgh"), 5), "y": rng.normal(size=40)})
    assert (
        interviewer_effects.effects(table, 9)[["estimate", "design_effect"]].isna().all(axis=None)
    )
    row = interviewer_effects.effects(table, 8).iloc[0]
    assert row["design_effect"] == pytest.approx(1 + 4 * max(row["estimate"], 0))


def test_the_expected_width_is_that_of_a_sample_as_large_as_planned():
    """Equal answers, twice as many: what the estimator gives is what was expected."""
    y = np.tile([1.0, 5.0, 9.0, 2.0], 50)

    def found(values):
        table = pd.DataFrame({"y": values, "N": 4000})
        return estimation.mean(sampling.design(table, None, None, "N"), "y")

    now, later = found(y), found(np.tile(y, 2))
    expected = interim.widths(now, 200, 400, 4000)["expected"].iloc[0]
    assert expected == pytest.approx(
        interim.widths(later, 400, 400, 4000)["half"].iloc[0], rel=2e-3
    )
    done = interim.widths(now, 200, 150, 4000).iloc[0]
    assert done["expected"] == done["half"]
    assert np.isnan(interim.widths(now, 0, 400, 4000)["expected"].iloc[0])


def test_a_rate_of_nobody_is_missing_and_of_one_is_all():
    """Of two not eligible there is no rate; of one firm alone each rate is all or nothing."""
    firms = pd.DataFrame({"outcome": ["not_eligible"] * 2, "g": "a"})
    one = pd.DataFrame({"outcome": ["completed", "refused", "no_contact"], "g": list("bcd")})
    found = response_rates.rates(pd.concat([firms, one]), ["g"]).set_index("g")
    columns = ["rr1", "rr5", "cooperation", "refusal"]
    assert found.loc["a", columns].isna().all() and found.loc["a", "selected"] == 2
    assert found.loc["b", columns].tolist() == [100, 100, 100, 0]
    assert found.loc["c", columns].tolist() == [0, 0, 0, 100]
    assert found.loc["d", ["rr1", "rr5", "refusal"]].tolist() == [0, 0, 0]
    assert np.isnan(found.loc["d", "cooperation"])


def test_answers_come_by_the_day_of_their_first_interview():
    rows = [("1", "2023-05-03", 1), ("1", "2023-05-01", 2), ("2", "2023-05-03", 1),
            ("3", "2023-05-02", 0), ("4", None, 1)]  # fmt: skip
    held = pd.DataFrame(rows, columns=["response", "day", "accepted"])
    found = response_rates.by_day(held.assign(day=pd.to_datetime(held["day"])))
    assert found["day"].dt.day.tolist() == [1, 2, 3]
    assert found["firms"].tolist() == [1, 0, 1] and found["so_far"].tolist() == [1, 1, 2]
