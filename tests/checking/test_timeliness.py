"""Punctuality: cases by hand, known answers of the calendar, what holds of every league table."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue import periods, plans
from analysis.checking import timeliness
from analysis.display.charts import period_charts
from analysis.history import breaks, history
from analysis.language import languages
from analysis.period import load
from analysis.schema import tables as schema
from analysis.topics import punctuality as views
from analysis.topics import scores_over_time

CASES = yaml.safe_load((Path(__file__).parents[1] / "examples/timeliness.yml").read_text("utf-8"))
DUE = {"f": pd.DataFrame({"code": ["u"]})}
REGIMES = cat.load().regimes


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["why"])
def test_what_became_of_a_form_by_hand(case):
    files = pd.DataFrame(case["files"], columns=["state", "received_at"])
    files = files.assign(reporting_unit="u", form="f", source_file="x")
    files["first_received_at"] = files["received_at"] = pd.to_datetime(files["received_at"])
    accepted, missing = case["figures"]
    values = pd.DataFrame({"obs_value": [1.0] * accepted + [None] * missing}, dtype=float)
    values = values.assign(reporting_unit="u", form="f", obs_status="A")
    issues = pd.DataFrame(columns=schema.ISSUES.columns)
    table = timeliness.records(files, values, issues, DUE, "2022-Q2", date(2022, 6, 25))
    (row,) = table.to_dict("records")
    assert (row["state"], row["revisions"]) == (case["state"], case["revisions"])
    for key in ("days_late", "completeness"):
        if key in case:
            assert row[key] == case[key]
        else:
            assert pd.isna(row[key])


def test_one_file_for_many_units_counts_for_each_that_it_holds():
    day = pd.Timestamp("2022-06-20")
    files = pd.DataFrame(
        {"source_file": ["all.csv"], "form": "f", "reporting_unit": [None], "state": "in_force",
         "received_at": [day], "first_received_at": [day]}
    )  # fmt: skip
    values = pd.DataFrame({"reporting_unit": ["u", "v", "v"], "obs_value": [1.0, 2.0, None]})
    values = values.assign(source_file="all.csv", form="f", obs_status="A")
    due = {"f": pd.DataFrame({"code": ["u", "v", "w"]})}
    issues = pd.DataFrame(columns=schema.ISSUES.columns)
    table = timeliness.records(files, values, issues, due, "2022-Q2", date(2022, 6, 25))
    assert table["state"].tolist() == ["on_time", "on_time", "missing"]
    assert table["revisions"].tolist() == [0, 0, 0]
    assert table["days_late"].tolist()[:2] == [-5, -5]
    own = files.assign(source_file="w.csv", reporting_unit="w")
    both = pd.concat([files, own], ignore_index=True)
    table = timeliness.records(both, values, issues, due, "2022-Q2", date(2022, 6, 25))
    assert table["state"].tolist() == ["on_time"] * 3


@given(st.lists(st.tuples(st.sampled_from("uvw"), st.sampled_from(timeliness.STATES)), min_size=1))
def test_a_league_table_counts_every_dated_form_once_and_never_ranks_on_too_few(rows):
    held = pd.DataFrame(rows, columns=["reporting_unit", "state"])
    held = held.assign(days_late=0.0, completeness=50.0, revisions=0, blocking=0)
    table = timeliness.league(held, min_due=4)
    if not held["state"].isin(["on_time", "late"]).any():
        assert table.empty, "no day is known: nobody was late, and nobody on time"
        return
    assert table["due"].sum() == (held["state"] != "undated").sum()
    assert (table["on_time"] <= table["due"]).all()
    assert (table["low"] <= table["share"] + 1e-9).all()
    assert (table["share"] <= table["high"] + 1e-9).all()
    assert (table["rank"].notna() == (table["due"] >= 4)).all()
    ranked = table.dropna(subset=["rank"])
    better = ranked["share"].map(lambda s: (ranked["share"] > s).sum() + 1)
    assert (ranked["rank"] == better).all()


def test_the_interval_is_wilsons():
    """Newcombe 1998, table I, method 3: 81 of 263 and 15 of 148."""
    for kept, due, low, high in ((81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05)):
        states = ["on_time"] * kept + ["late"] * (due - kept)
        held = pd.DataFrame({"reporting_unit": "u", "state": states, "days_late": 0.0})
        held = held.assign(completeness=100.0, revisions=0, blocking=0)
        row = timeliness.league(held, 1).iloc[0]
        assert (round(row["low"], 2), round(row["high"], 2)) == (low, high)


@pytest.mark.parametrize(
    ("regime", "code", "start", "end", "deadline"),
    [
        # Nghị định 09/2019/NĐ-CP, art. 12 and 13, as written out in guides to it
        ("nd09_2019", "2022-05", "2022-04-15", "2022-05-14", "2022-05-25"),
        ("nd09_2019", "2022-Q1", "2021-12-15", "2022-03-14", "2022-03-25"),
        ("nd09_2019", "2022-S1", "2021-12-15", "2022-06-14", "2022-06-25"),
        ("nd09_2019", "2022", "2021-12-15", "2022-12-14", "2022-12-25"),
        # Công văn 581/BNV-CCHC
        ("cchc_bnv", "2022-Q1", "2021-12-15", "2022-03-14", "2022-03-20"),
        ("cchc_bnv", "2022-Q3", "2022-06-15", "2022-09-14", "2022-09-20"),
        ("cchc_bnv", "2022", "2021-12-15", "2022-12-14", "2022-12-20"),
        ("qd766_calendar", "2022-Q3", "2022-07-01", "2022-09-30", None),
    ],
)
def test_the_calendar_of_a_regime(regime, code, start, end, deadline):
    table = periods.calendar(REGIMES[regime], 2022).set_index("time_period")
    row = table.loc[code]
    assert (str(row["start"]), str(row["end"])) == (start, end)
    assert str(row["deadline"]) == str(deadline) or (deadline is None and pd.isna(row["deadline"]))


def test_a_regime_asks_for_what_it_names_and_nothing_else():
    codes = {c: periods.calendar(r, 2022)["time_period"].tolist() for c, r in REGIMES.items()}
    assert sorted(codes["cchc_bnv"]) == ["2022", "2022-Q1", "2022-Q3", "2022-S1"]
    assert len(codes["nd09_2019"]) == 12 + 4 + 2 + 1
    assert codes["calendar"] == []


def test_no_report_is_due_before_its_figures_are_closed():
    for code, regime in REGIMES.items():
        table = periods.calendar(regime, 2022)
        known = table.dropna(subset=["end", "deadline"])
        assert (known["deadline"] > known["end"]).all(), code
    unknown = periods.calendar(REGIMES["nq02_reports"], 2022)
    assert unknown["start"].isna().all() and unknown["deadline"].notna().all()
    assert unknown["deadline"].iloc[0] == date(2022, 3, 10)
    said = views.regimes(REGIMES).set_index("name")
    assert len(said) == sum("reports" in r for r in REGIMES.values())
    doubtful = said.loc[REGIMES["nq02_reports"]["name"]["vi"]]
    assert (doubtful["window"], doubtful["certainty"]) == ("chưa rõ", "Chưa kiểm chứng")
    home_affairs = said.loc[REGIMES["cchc_bnv"]["name"]["vi"]]
    assert home_affairs["reports"] == "quý I, sáu tháng đầu năm, quý III, năm"


def test_periods_that_do_not_follow_one_another_leave_a_gap():
    codes = ["2021-Q4", "2022-Q1", "2025-Q3"]
    assert periods.with_gaps(codes) == ["2021-Q4", "2022-Q1", periods.GAP, "2025-Q3"]
    assert periods.with_gaps(["pci-2014", "pci-2015"]) == ["pci-2014", "pci-2015"]
    assert periods.with_gaps([]) == []


def test_a_code_that_lives_on_in_a_merged_unit_is_another_unit():
    same = cat.load().same_units(date(2022, 6, 14), date(2025, 9, 14))
    assert {"01", "46", "BTP", "BQP"} <= same  # Thừa Thiên Huế is now Huế, with the same land
    # 15 was Yên Bái and is Lào Cai; 24 Bắc Giang, Bắc Ninh; 25 Phú Thọ, a larger one; 10 is gone
    assert not same & {"15", "24", "25", "10", "BNV", "BTC"}


def test_a_merged_unit_does_not_inherit_punctuality():
    period = load("2022-Q2")
    later = replace(period, plan=replace(period.plan, units_on=date(2025, 9, 14)))
    held = history.submissions(later)
    before = set(held.loc[held["time_period"] == "2022-Q1", "reporting_unit"])
    assert "46" in before and not before & {"15", "24", "25", "10"}
    assert not set(history.carried_over(later)["reporting_unit"]) & {"15", "24", "25"}


def test_indicators_over_time_are_those_of_todays_units_and_of_the_whole():
    period = load("2022-Q2")
    framework = period.framework()
    held = history.indicator_values(period)
    own = period.tables.indicator_values.query("framework == @framework['framework']")
    now = held[held["time_period"] == "2022-Q2"]
    assert now["obs_value"].sum() == pytest.approx(own["obs_value"].sum())
    merged = history.indicator_values(period, on=date(2025, 7, 1))
    ratio = merged.dropna(subset=["obs_value"]).query("indicator == 'dossiers_on_time'")
    assert {"2022-Q1", "2022-Q2"} <= set(ratio["time_period"])
    assert ratio.groupby("time_period")["reporting_unit"].nunique().max() <= 34 + 22
    recomputed = 100 * ratio["numerator"] / ratio["denominator"]
    assert ratio["obs_value"].tolist() == pytest.approx(recomputed.tolist())
    names = dict.fromkeys(merged["reporting_unit"], "x") | {"01": "Hà Nội"}
    lines = scores_over_time.indicators_over_time(
        merged[merged["reporting_unit"] == "01"], framework, names, breaks.listed(period)
    )
    drawn = period_charts.indicators_over_time(lines, title="t", source="s").html
    assert (
        "có số ở mọi kỳ tăng ở " in drawn
        and framework["indicators"]["dossiers_on_time"]["name"]["vi"] in drawn
    )
    whole, heads = scores_over_time.national_over_time(history.national(period), framework)
    assert list(heads) == ["name", *sorted(set(held["time_period"]))] and len(whole)
    one = lines[lines["time_period"] == "2022-Q2"]
    assert "chưa có kỳ trước" in period_charts.indicators_over_time(one, title="t", source="").html


def test_the_illustrative_quarter_is_told_as_it_is():
    period = load("2022-Q2")
    held = history.submissions(period)
    own = held[held["time_period"] == "2022-Q2"]
    due = sum(len(plans.due_units(period.catalogue, period.plan, f)) for f in period.plan.forms)
    assert len(own) == due and set(own["state"]) <= set(timeliness.STATES)
    late = period.tables.issues.query("rule == 'received_late'")["reporting_unit"]
    assert set(own.loc[own["state"] == "late", "reporting_unit"]) <= set(late)
    said = views.key(held, "2022-Q2", period.plan.deadline)
    assert f"trong {due} biểu phải gửi" in said and "25/06/2022" in said
    assert set(held["time_period"]) >= {"2022-Q1", "2022-Q2"}


def test_stocks_are_compared_row_by_row():
    form = {
        "rules": [{"rule": "c", "kind": "equals_previous", "item": "in", "previous_item": "out"}]
    }
    key = {"reporting_unit": "u", "form": "f", "level": "province"}
    now = pd.DataFrame(
        [{**key, "field": f, "item": "in", "obs_value": v} for f, v in (("a", 5.0), ("b", 9.0))]
        + [{**key, "field": "_T", "item": "in", "obs_value": 14.0}]
    )
    then = pd.DataFrame(
        [{**key, "field": f, "item": "out", "obs_value": v} for f, v in (("a", 5.0), ("c", 1.0))]
    )
    (row,) = timeliness.carried_over(now, then, {"f": form}, ["u"]).to_dict("records")
    assert (row["opening"], row["closing"], row["rows"], row["apart"]) == (5.0, 5.0, 1, 0.0)
    surplus = then.assign(field=["a", "b"], obs_value=[7.0, 7.0])
    (row,) = timeliness.carried_over(now, surplus, {"f": form}, ["u"]).to_dict("records")
    assert (row["opening"], row["closing"]) == (14.0, 14.0)  # the sums agree, the rows do not
    assert (row["rows_apart"], row["apart"]) == (2, 4.0)
    assert "0 trong 1 đơn vị" in views.carried_sentence(pd.DataFrame([row]))
    assert timeliness.carried_over(now, then.iloc[:0], {"f": form}, ["u"]).empty
    assert timeliness.carried_over(now, then, {"f": {"rules": []}}, ["u"]).empty


def test_the_key_sentence_says_what_became_of_every_form():
    held = pd.DataFrame({"time_period": "2022-Q2", "state": ["on_time", "late", "missing"]})
    said = views.key(held, "2022-Q2", date(2022, 6, 25))
    assert said.startswith("1 trong 3 biểu phải gửi đến đúng hạn (25/06/2022); 1 quá hạn, 1 chưa")
    undated = held.assign(state=["on_time", "undated", "undated"])
    assert views.key(undated, "2022-Q2", date(2022, 6, 25)).endswith("; 2 không rõ ngày nhận.")
    with languages.using("en"):
        assert "1 of 3 forms due came by the deadline of 25 Jun 2022" in views.key(
            held, "2022-Q2", date(2022, 6, 25)
        )


def league(*rows, min_due=1):
    columns = ["reporting_unit", "state", "days_late", "completeness", "revisions", "blocking"]
    return timeliness.league(pd.DataFrame(rows, columns=columns), min_due)


def test_a_league_table_adds_and_averages_over_what_was_due():
    table = league(
        ("u", "on_time", -2, 90.0, 1, 2),
        ("u", "late", 5, 100.0, 2, 0),
        ("u", "missing", None, None, 0, 1),
        ("u", "undated", None, 100.0, 7, 7),
        ("v", "on_time", 0, 80.0, 0, 0),
        ("w", "on_time", 0, 90.0, 0, 0),
        ("x", "on_time", 0, 90.0, 0, 0),
        ("x", "on_time", 0, 90.0, 0, 0),
    )
    assert table["reporting_unit"].tolist() == ["x", "w", "v", "u"]
    last = table.iloc[3]
    assert (last["due"], last["on_time"], last["median_days_late"]) == (3, 1, 1.5)
    assert last["completeness"] == pytest.approx(190 / 3), "a form that did not come counts as 0"
    assert (last["revisions"], last["blocking"]) == (3, 3)
    assert last["share"] == pytest.approx(100 / 3)
    assert table["rank"].tolist() == [1, 1, 1, 4] and set(table["ranked"]) == {4}


def test_a_unit_is_ranked_from_so_many_forms_on():
    table = league(*[("u", "on_time", 0, 1.0, 0, 0)] * 2, ("v", "late", 1, 1.0, 0, 0), min_due=2)
    assert table["rank"].notna().tolist() == [True, False] and set(table["ranked"]) == {1}
    assert not timeliness.dated(pd.DataFrame({"state": ["undated", "missing", "refused"]}))
    assert timeliness.dated(pd.DataFrame({"state": ["undated", "late"]}))


def test_issues_to_be_mended_and_figures_that_apply_are_counted():
    files = pd.DataFrame(
        {"source_file": ["x"], "form": "f", "reporting_unit": "u", "state": "in_force",
         "received_at": [pd.Timestamp("2022-06-30 12:00")],
         "first_received_at": [pd.Timestamp("2022-06-30 12:00")]}
    )  # fmt: skip
    values = pd.DataFrame({"obs_value": [1.0, None, None, 2.0], "obs_status": list("AOMA")})
    values = values.assign(reporting_unit="u", form="f", source_file="x")
    said = [("blocking", "r", "open"), ("blocking", "r", "closed"), ("warning", "r", "open"),
            ("blocking", "not_received", "open"), ("blocking", "s", "open")]  # fmt: skip
    issues = pd.DataFrame(said, columns=["severity", "rule", "state"])
    issues = issues.assign(reporting_unit="u", form="f")
    [row] = timeliness.records(files, values, issues, DUE, "2022-Q2", None).to_dict("records")
    assert row["blocking"] == 2 and row["completeness"] == pytest.approx(200 / 3)
    assert row["state"] == "on_time" and pd.isna(row["days_late"]), "no day, so nothing is late"
    [none] = timeliness.records(files[:0], values[:0], issues[:0], DUE, "x", None).to_dict(
        "records"
    )
    assert (none["blocking"], none["revisions"], none["state"]) == (0, 0, "missing")


def test_stocks_of_other_units_and_without_a_figure_are_not_compared():
    rule = {"rule": "c", "kind": "equals_previous", "item": "in", "previous_item": "out"}

    def rows(item, **figures):
        held = [dict(reporting_unit=u, field=f, obs_value=v) for u, own in figures.items()
                for f, v in own.items()]  # fmt: skip
        return pd.DataFrame(held).assign(form="f", level="_T", item=item)

    now = rows("in", u={"a": 5.0, "b": None, "_T": 5.0}, v={"a": 1.0})
    then = rows("out", u={"a": 4.5, "b": 1.0, "_T": 9.0}, v={"a": 1.0})
    table = timeliness.carried_over(now, then, {"f": {"rules": [rule]}}, ["u"])
    assert table.iloc[:, 3:].values.tolist() == [[5.0, 4.5, 1, 1, 0.5]]
