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
from scipy import stats

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


# --- at the limits ------------------------------------------------------------------------------


def test_lengths_are_held_against_enough_interviews_that_differ():
    """Minutes 10, 20 and 40 of ten questions: 60, 120 and 240 seconds, a factor of 2 apart."""
    rule = {"day": [7, 18], "fast": 1 / 1.4826, "at_least": 3}
    table = made([10, 20, 40])
    found = interview_checks.judged(table, rule)
    assert found["seconds"].tolist() == [60, 120, 240] and found["minutes"].tolist() == [10, 20, 40]
    limit = interview_checks.limit(found, rule)
    assert limit == pytest.approx(60)
    wide = rule | {"fast": 0.67}
    assert interview_checks.judged(table, wide)[["fast", "slow"]].to_numpy().tolist() == [
        [True, False], [False, False], [False, True]
    ]  # fmt: skip
    for other, how in ((table, wide | {"at_least": 4}), (made([20] * 4), wide)):
        held = interview_checks.judged(other, how)
        assert not held[["fast", "slow"]].any(axis=None)
        assert np.isnan(interview_checks.limit(held, how))
    mixed = interview_checks.judged(made([20, 20, 20, 40]), wide)
    assert not mixed["slow"].any(), "more than half alike are no yardstick"


def test_a_question_in_less_than_a_second_counts_as_one_and_none_asked_as_nothing():
    table = made([0, 1 / 12, 10])
    found = interview_checks.judged(table.assign(asked=[10, 10, 0]), RULE | {"at_least": 2})
    assert found["seconds"].tolist()[:2] == pytest.approx([0, 0.5])
    assert np.isnan(found["seconds"][2])
    assert np.isnan(interview_checks.limit(found, RULE | {"at_least": 2})), "both count as 1 s"
    assert not found["reversed"].any(), "of no length is not backwards"
    once = interview_checks.judged(made([10, 20]).assign(asked=[1, 1]), RULE)
    assert once["seconds"].tolist() == [600, 1200]


def test_the_day_begins_and_ends_to_the_minute():
    begins = ["06:59", "07:00", "17:59", "18:00", "17:30", "17:30", "23:59"]
    ends = ["07:30", "07:30", "18:00", "18:10", "18:00", "18:01", "00:10"]
    table = made([10] * 7)
    table["start"] = pd.to_datetime([f"2023-05-08 {t}" for t in begins])
    table["end"] = pd.to_datetime([f"2023-05-08 {t}" for t in ends])
    table.loc[6, "end"] += pd.Timedelta(days=1)
    rule = RULE | {"day": [7, 18]}
    night = interview_checks.judged(table, rule)["night"]
    assert night.tolist() == [True, False, False, True, False, True, True]
    long = table.head(1).assign(start=pd.Timestamp("2023-05-08 10:00"),
                                end=pd.Timestamp("2023-05-09 11:00"))  # fmt: skip
    assert interview_checks.judged(long, rule)["night"].tolist() == [True], "over a night"
    half = table.iloc[[1, 4]].assign(interviewer=list("ab"))
    told = [
        interview_checks.judged(half, RULE | {"day": d})["night"] for d in ([7, 17.5], [7.5, 18])
    ]
    assert [t.tolist() for t in told] == [[False, True], [True, False]]
    exact = half.assign(start=half["start"] + pd.Timedelta(minutes=30), end=half["end"].iloc[1])
    held = interview_checks.judged(exact.head(1), RULE | {"day": [7.5, 18]})
    assert held["night"].tolist() == [False], "from half past on"
    early = exact.head(1).assign(end=pd.Timestamp("2023-05-08 17:30"))
    assert not interview_checks.judged(early, RULE | {"day": [7.5, 17.5]})["night"].any()
    back = long.assign(start=long["end"], end=long["start"])
    found = interview_checks.judged(back, rule)
    assert found["reversed"].tolist() == [True] and found["night"].tolist() == [False]
    open_ = interview_checks.judged(table.assign(end=pd.NaT), rule)
    assert open_["night"].tolist() == [True, False, False, True, False, False, True]
    seconds = long.assign(end=long["start"] - pd.Timedelta(seconds=1))
    assert interview_checks.judged(seconds, rule)["reversed"].tolist() == [True]


def test_an_interview_overlaps_one_that_ended_after_it_began():
    table = made([60, 10, 10, 0, 10])
    at = ["09:00", "09:10", "09:50", "10:00", "10:30"]
    table["start"] = pd.to_datetime([f"2023-05-08 {t}" for t in at])
    table["end"] = table["start"] + pd.to_timedelta([60, 10, 10, 0, 10], unit="min")
    found = interview_checks.judged(table.iloc[::-1], RULE)["overlap"].sort_index()
    assert found.tolist() == [False, True, True, False, False], (
        "one that ends as one begins is none"
    )


def test_interviewers_have_their_medians_and_shares():
    table = made([10, 20, 60, 30], who=["a", "a", "a", "b"])
    table = table.assign(unanswered=[1, 2, 3, 0], asked=[10, 20, 10, 0], row=range(4))
    table.loc[1, "day"] = table.loc[0, "day"]
    judged = interview_checks.judged(table, RULE).assign(night=[True, True, False, False])
    found = interview_checks.by_interviewer(judged).set_index("interviewer")
    columns = ["interviews", "days", "minutes", "seconds", "unanswered", "night"]
    assert found.loc["a", columns].tolist() == [3, 2, 20, 60, 15, 2]
    assert np.isnan(found.loc["b", "unanswered"]) and "asked" not in found
    marked = interview_checks.marked(judged)
    assert marked["row"].tolist() == [0, 1]
    contacts = pd.DataFrame({"response": ["1"], "place": "x"})
    assert interview_checks.where(judged, contacts, "place").to_dict() == {"a": 1, "b": 1}


def test_five_figures_above_0_are_a_copy_and_four_are_none():
    items = [f"hours_step_{n}" for n in range(1, 6)]
    rows = [[1.0, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 0], [1, 2, 3, 4, 0], [1, 2, 3, 4, 6]]
    answers = pd.DataFrame(rows, columns=items).assign(response=list("abcde"), procedure="x")
    survey = {"columns": {i: {"kind": "hours"} for i in items} | {"fee": {"kind": "money"}}}
    found = interview_checks.copied(answers, survey)
    assert found.to_numpy().tolist() == [["a", "b", "x", 5]]
    for fee in (0.0, 1.0):
        blank = answers.head(2).assign(fee=[np.nan, fee])
        assert interview_checks.copied(blank, survey).empty, "no answer is not 0, nor 1"


def test_ratings_are_alike_where_three_were_given():
    survey = {"columns": {c: {"kind": "rating"} for c in "abcd"}}
    answers = pd.DataFrame(
        {"a": [1.0, 2, 4, 3], "b": [1, 2, 4, 3], "c": [1, np.nan, 4, 3],
         "d": [1, np.nan, np.nan, 5], "response": list("wxyz")}
    )  # fmt: skip
    found = interview_checks.straight_lined(answers, survey)
    assert found.to_numpy().tolist() == [["w", 4], ["y", 3]]


def test_round_figures_are_counted_among_those_above_0():
    survey = {"columns": {"h": {"kind": "hours"}, "m": {"kind": "money"}, "n": {"kind": "count"},
                          "z": {"kind": "money"}}}  # fmt: skip
    answers = pd.DataFrame(
        {"h": [20.0, 1, 0.5, 12], "m": [0.0, np.nan, 300, 110], "n": 1.0, "z": 0.0}
    )
    found = interview_checks.rounded(answers, survey)
    assert found.to_numpy().tolist() == [["h", 4, 75], ["m", 2, 50]]


def test_quarters_among_other_minutes():
    times = pd.to_datetime(pd.Series([f"2023-05-08 08:{m:02d}" for m in (0, 15, 30, 45, 1, 44)]))
    found = interview_checks.at_quarters(pd.concat([times, pd.Series([pd.NaT])]), level=0.9)
    assert (found["times"], found["quarters"]) == (6, 4)
    assert found["share"] == pytest.approx(100 * 4 / 6)
    # Clopper & Pearson: 5 % of the beta distributions (4, 3) and (5, 2)
    assert found["low"] == pytest.approx(100 * stats.beta.ppf(0.05, 4, 3))
    assert found["high"] == pytest.approx(100 * stats.beta.ppf(0.95, 5, 2))


def test_one_interview_makes_no_interviewer_and_equal_ones_no_correlation():
    found = interviewer_effects.intraclass([1.0, 3, 2, 6, 9], list("aabbc"))
    assert (found.groups, found.values, found.workload) == (2, 4, 2)
    # between (2 − 3)² + (4 − 3)² twice, 4 of one degree; within 2 + 8 of two: (4 − 5) ÷ (4 + 5)
    assert found.estimate == pytest.approx(-1 / 9)
    few = interviewer_effects.intraclass([1.0, 3, 9], list("aac"))
    assert (few.groups, few.values) == (1, 2) and np.isnan(few.estimate)
    alike = interviewer_effects.intraclass([1.0, 1, 2, 2], list("aabb"))
    assert alike.groups == 2 and np.isnan(alike.estimate) and np.isnan(alike.workload)
    same = interviewer_effects.intraclass([5.0] * 4, list("aabb"))
    assert np.isnan(same.estimate)
    gap = interviewer_effects.intraclass([1.0, 3, 2, 6, np.nan], list("aabbb"))
    assert gap.values == 4


def test_unequal_workloads_have_their_common_size():
    """2 and 4 interviews: n₀ = 6 − 20/6 = 8/3, Σn²/N = 20/6; means 1 and 4, 3 of all, within 1."""
    found = interviewer_effects.intraclass([0.0, 2, 3, 5, 3, 5], list("aabbbb"), level=0.9)
    between, within, size = 2 * 2**2 + 4 * 1**2, (2 + 4) / 4, 8 / 3
    ratio = between / within
    assert found.estimate == pytest.approx((ratio - 1) / (ratio + size - 1))
    assert found.workload == pytest.approx(20 / 6)
    low, high = (ratio / stats.f.ppf(p, 1, 4) for p in (0.95, 0.05))
    assert found.ci_low == pytest.approx((low - 1) / (low + size - 1))
    assert found.ci_high == pytest.approx((high - 1) / (high + size - 1))


def test_what_is_compared_is_apart_from_the_kind_of_procedure_and_of_answers_that_count():
    judged = pd.DataFrame(
        {"response": list("abcd"), "interviewer": ["p", "p", "q", None], "accepted": [1, 2, 0, 1],
         "seconds": [np.e, 0.5, 9, 9], "unanswered": [1, 0, 1, 1], "asked": [4, 0, 4, 4]}
    )  # fmt: skip
    answers = pd.DataFrame(
        {"response": list("aabbc"), "procedure_group": list("ghghg"),
         "cost": np.exp([1.0, 7, 3, 5, 5]), "fee": [0.0, 1, 1, 1, 1]}
    )  # fmt: skip
    found = interviewer_effects.values(answers, judged, ["cost", "fee"])
    assert found["interviewer"].tolist() == ["p", "p"] and "response" not in found
    assert found["seconds"].tolist() == pytest.approx([1, 0]), "a second at least"
    assert found["unanswered"].tolist()[0] == 0.25 and np.isnan(found["unanswered"][1])
    # g is 1, 3 and 5, h is 7 and 5: a is −2 and 1 of them, b 0 and −1
    assert found["cost"].tolist() == pytest.approx([-0.5, -0.5])
    assert found["fee"].tolist() == [0, 0], "answers of 0 are left out"


def test_a_negative_correlation_makes_no_sample_better():
    table = pd.DataFrame({"interviewer": list("aabb"), "y": [1.0, 3, 2, 6], "z": [1.0, 1, 2, 2]})
    found = interviewer_effects.effects(table.assign(x=[0.0, 1, 8, 9]), 2).set_index("measure")
    assert found.loc["y", "estimate"] < 0 and found.loc["y", "design_effect"] == 1
    told = ["estimate", "design_effect", "effect_low", "effect_high"]
    assert found.loc["z", told].isna().all() and found.loc["z", "interviewers"] == 2
    row = found.loc["x"]  # two each: 1 + ρ
    assert row["design_effect"] == pytest.approx(1 + row["estimate"])
    assert row["effect_high"] == pytest.approx(1 + row["ci_high"])
    assert row["effect_low"] == pytest.approx(1 + row["ci_low"])


@pytest.mark.parametrize(
    ("day", "read"),
    [("1999-12-31", False), ("2000-01-01", True), ("2099-12-31", True), ("2100-01-01", False)],
)
def test_a_day_of_a_contact_is_of_this_century(tmp_path, day, read):
    said = f"response,disposition,day\n1,refused,{day}\n"
    if read:
        assert str(contacts(tmp_path, said)["reported_on"].dt.date.iloc[0]) == day
    else:
        with pytest.raises(ValueError, match=f"contacts.csv:2: no day: '{day}'"):
            contacts(tmp_path, said)
