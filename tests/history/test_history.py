"""Several periods of one framework: real years, a change of rules, the units of another day."""

import shutil
from datetime import date

import pandas as pd
import pytest

from analysis import project
from analysis.history import history
from analysis.period import load

MERGED = date(2025, 7, 1)


@pytest.fixture(scope="module")
def year():
    return load("2024")


def whole(table):
    return table[table["level"] == "framework"]


def test_the_series_ends_where_there_is_no_earlier_period(year):
    assert [p.plan.code for p in history.periods(year)] == ["2022", "2023", "2024"]
    assert [p.plan.code for p in history.periods(year, most=2)] == ["2023", "2024"]
    assert [p.plan.code for p in history.periods(load("2026-Q3"))] == ["2026-Q3"]


def test_scores_of_the_years_are_the_published_totals(year):
    found = whole(history.scores(year))
    assert found.groupby("time_period").size().to_dict() == {"2022": 34, "2023": 34, "2024": 34}
    hanoi = found[found["reporting_unit"] == "01"].set_index("time_period")["score"]
    for code, value in hanoi.items():
        file = project.Place().submissions(code) / "values.csv"
        rows = pd.read_csv(file, dtype={"gso_code": str})
        total = rows[(rows["gso_code"] == "01") & (rows["indicator"] == "qd766_total")]
        assert value == pytest.approx(total["value"].iloc[0], abs=0.006)


def test_scores_do_not_add_over_merged_provinces(year):
    """Points are no counts: a merged province of scores has none, an unchanged one keeps its."""
    found = whole(history.recast_scores(year, MERGED))
    how = found["recast"].value_counts().to_dict()
    assert how == {"not_additive": 23, "unchanged": 11}
    assert found.loc[found["recast"] == "unchanged", "score"].notna().all()
    assert found.loc[found["recast"] == "not_additive", "score"].isna().all()


def test_counts_of_dossiers_are_recast_and_rates_computed_anew():
    quarter = load("2022-Q2")
    found = whole(history.recast_scores(quarter, MERGED)).set_index("reporting_unit")
    mapping = history.mapped(quarter, MERGED).set_index("reporting_unit")
    totals = quarter.tables.totals.pivot(index="reporting_unit", columns="item", values="obs_value")
    checked = 0
    for target, row in found[found["recast"] == "summed"].iterrows():
        parts = totals.loc[mapping.index[mapping["target"] == target]]
        early = parts[["dossiers_resolved_early", "dossiers_resolved_on_time"]].sum(axis=1)
        on_time = (early + parts["dossiers_pending_in_time"]).sum()
        online = parts["dossiers_received_online"].sum()
        filed = online + parts["dossiers_received_direct"].sum()
        share = 100 * on_time / parts["dossiers_received"].sum()
        expected = 20 * min(1, share / 100) + 6 * min(1, 100 * online / filed / 50)
        assert row["score"] == pytest.approx(expected)
        checked += 1
    assert checked >= 10
    assert (found["recast"] == "not_recastable").any()


@pytest.mark.parametrize("on", [date(2022, 6, 30), MERGED])
def test_of_earlier_periods_it_is_told_of_whom_the_framework_asked_and_of_nobody_else(on):
    quarter, before = load("2022-Q2"), load("2022-Q1")
    became = history.mapped(before, on).set_index("reporting_unit")["target"]
    own = before.tables.indicator_values.groupby("framework", observed=True)["reporting_unit"]
    fewest = min(own.nunique())
    for code, asked in own.unique().items():
        told = history.indicator_values(quarter, code, on)
        told = told.loc[told["time_period"] == "2022-Q1", "reporting_unit"]
        assert set(told.astype(str)) == set(became[list(asked)]), code
    assert 0 < fewest < len(before.due), "some framework asks few"


def test_where_the_rules_stay_all_change_is_real(year):
    found = history.method_effect(year)
    assert len(found) == 34 and found["comparable"].all()
    assert found["method"].abs().max() < 1e-9
    gap = found["later"] - found["earlier"]
    assert (found["real"] - gap).abs().max() < 1e-9
    assert history.method_effect(load("2022")).empty


def test_a_change_of_the_rules_is_told_from_a_change_of_the_figures(tmp_path):
    """From 2024 the full mark of digitisation is reached at 20 instead of 22 points."""
    shutil.copytree(project.Place().catalogue, tmp_path / "data/catalogue")
    for code in ("2023", "2024"):
        shutil.copytree(project.Place().submissions(code), tmp_path / "data/submissions" / code)
    path = tmp_path / "data/catalogue/frameworks/qd766_groups.yml"
    text = path.read_text(encoding="utf-8")
    at = text.index("  score_digitisation:")
    old = "points: {max: 22, full_mark_at: 22, zero_denominator: none}"
    rule = "{max: 22, full_mark_at: %s, zero_denominator: none}"
    new = f"points: {{2022-01-01: {rule % 22}, 2024-01-01: {rule % 20}}}"
    assert old in text[at:]
    path.write_text(text[:at] + text[at:].replace(old, new, 1), encoding="utf-8")
    period = load("2024", tmp_path)
    found = history.method_effect(period)
    plain = history.method_effect(load("2024")).set_index("reporting_unit")
    found = found.set_index("reporting_unit")
    assert found["real"].to_dict() == pytest.approx(plain["real"].to_dict())
    values = period.tables.indicator_values
    own = values[values["indicator"] == "score_digitisation"].set_index("reporting_unit")
    expected = 22 * (own["obs_value"] / 20).clip(upper=1) - own["obs_value"]
    assert found["method"].to_dict() == pytest.approx(expected.to_dict())
    assert (found["real"] + found["method"]).to_dict() == pytest.approx(
        (found["later"] - found["earlier"]).to_dict()
    )
