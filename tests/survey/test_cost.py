from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis.published import apci_figures
from analysis.survey import cost

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "examples" / "standard_cost.yml").read_text(encoding="utf-8")
)
TASK_COLUMNS = [
    *["procedure", "task", "hours", "hourly_rate", "consultancy", "fees"],
    *["task_cost", "times_per_year", "subjects"],
]


def task_table(rows):
    """Rows of the examples as tasks: a list of minutes becomes one row per task."""
    long = [
        {**row, "hours": minutes / 60} if minutes is not None else row
        for row in rows
        for minutes in row.get("minutes", [None])
    ]
    return pd.DataFrame(long).reindex(columns=TASK_COLUMNS)


def task(**changes):
    given = {
        **{"procedure": "p", "task": "t", "hours": 16, "hourly_rate": 30_000},
        **{"consultancy": 200_000, "fees": 100_000, "times_per_year": 2, "subjects": 1_500},
    }
    return {**given, **changes}


def figures(case):
    """Every figure of a case that can be computed, one row per procedure."""
    if "annual_cost" in case["before"][0]:
        before, after = (pd.DataFrame(case[side]) for side in ("before", "after"))
        return cost.saving(before, after).set_index("procedure")
    before = cost.standard_cost(task_table(case["before"]))
    table = before.assign(
        minutes=before["hours"] * 60, time_share=100 * before["task_cost"] / before["unit_cost"]
    ).set_index("procedure")
    if "after" in case:
        after = cost.standard_cost(task_table(case["after"]))
        saved = cost.saving(before, after).set_index("procedure")
        table = table.join(saved)
        table["hours_saved"] = table["hours"] - after.set_index("procedure")["hours"]
    return table


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["case"])
def test_worked_case(case):
    table = figures(case)
    for figure, values in case["expected"].items():
        for procedure, value in values.items():
            found = table.loc[procedure, figure]
            if value is None:
                assert np.isnan(found), (figure, procedure)
            else:
                allowed = case["tolerance"].get(figure, 0)
                assert abs(found - value) <= allowed, (figure, procedure, found)
    if conflict := case.get("contradicts"):
        found = table.loc[conflict["procedure"], conflict["figure"]]
        assert abs(found - conflict["published"]) > conflict["by_more_than"]


def test_worked_cases_are_complete():
    needed = {"case", "sentence", "before", "expected", "tolerance", "reason", "source"}
    for case in CASES:
        assert needed <= set(case)
        assert case["certainty"] in {"verified", "third_party", "derived", "from_memory"}
    assert len({c["case"] for c in CASES}) == len(CASES) == 12


def test_published_cases_give_what_was_published():
    cases = apci_figures.standard_cost_cases()
    table = cost.standard_cost(cases).set_index("procedure")
    assert table["annual_cost"].dropna().to_dict() == {
        "VN-01": 975e9,
        "VN-03": 6300e9,
        "DE-01": 342e6,
        "UK-01": 6e6,
    }
    assert table.loc["VN-07", "unit_cost"] == pytest.approx(64.1e6, abs=55)
    assert cases["source_url"].str.startswith("http").all()
    assert (
        cases[["title_vi", "title_en", "currency", "certainty", "note_vi"]].notna().all(axis=None)
    )


def test_tasks_of_a_procedure_are_added():
    tasks = pd.DataFrame(
        [
            task(procedure="q", fees=0),
            task(procedure="p", hours=1, consultancy=0),
            task(procedure="p", hours=2, fees=5),
        ]
    )
    table = cost.standard_cost(tasks)
    assert table["procedure"].tolist() == ["q", "p"]
    assert table["hours"].tolist() == [16, 3]
    assert table["task_cost"].tolist() == [680_000, 30_000 + 260_000]
    assert table["unit_cost"].tolist() == [680_000, 290_000 + 100_005]


@pytest.mark.parametrize("column", ["times_per_year", "subjects"])
@pytest.mark.parametrize("other", [3, None])
def test_frequency_and_subjects_belong_to_the_procedure(column, other):
    tasks = pd.DataFrame([task(procedure="đăng ký"), task(procedure="đăng ký", **{column: other})])
    with pytest.raises(ValueError, match=f"{column}.*đăng ký"):
        cost.standard_cost(tasks)


@pytest.mark.parametrize("column", ["times_per_year", "subjects"])
def test_without_frequency_or_subjects_there_is_no_annual_cost(column):
    table = cost.standard_cost(pd.DataFrame([task(**{column: None})]))
    assert table["unit_cost"].tolist() == [780_000]
    assert table["annual_cost"].isna().all()


@pytest.mark.parametrize("column", ["hours", "hourly_rate", "consultancy", "fees"])
def test_a_missing_part_is_never_zero(column):
    table = cost.standard_cost(pd.DataFrame([task(), task(**{column: None})]))
    assert table["unit_cost"].isna().all()
    assert table["annual_cost"].isna().all()


def test_a_known_task_cost_stands_in_where_hours_are_missing():
    tasks = pd.DataFrame(
        [
            task(procedure="known", hours=None, consultancy=None, task_cost=7),
            task(procedure="hours win", task_cost=7),
        ]
    )
    table = cost.standard_cost(tasks).set_index("procedure")
    assert table["task_cost"].to_dict() == {"known": 7, "hours win": 680_000}
    assert np.isnan(table.loc["known", "hours"])


def test_a_rise_in_cost_is_a_negative_saving():
    before = pd.DataFrame({"procedure": ["up", "free", "gone"], "annual_cost": [100.0, 0.0, 50.0]})
    after = pd.DataFrame({"procedure": ["up", "free", "new"], "annual_cost": [150.0, 10.0, 1.0]})
    table = cost.saving(before, after).set_index("procedure")
    assert table.index.tolist() == ["up", "free", "gone", "new"]
    assert table.loc["up", ["saving", "saving_percent"]].tolist() == [-50, -50]
    assert table.loc["free", "saving"] == -10
    assert np.isnan(table.loc["free", "saving_percent"])
    assert table.loc[["gone", "new"], "saving"].isna().all()
    with pytest.raises(ValueError, match="procedure up occurs twice in after"):
        cost.saving(before, pd.concat([after, after]))


def test_what_if_changes_only_what_is_named():
    tasks = pd.DataFrame([task()])
    row = cost.what_if(tasks, times_per_year=1).iloc[0]
    assert (row["before"], row["after"], row["saving_percent"]) == (2.34e9, 1.17e9, 50)
    table = cost.frequencies(tasks, [1, 2, 4])
    assert table["times_per_year"].tolist() == [1, 2, 4]
    assert table["saving_percent"].tolist() == [50, 0, -100]


def test_the_rate_moves_only_what_has_hours():
    tasks = pd.DataFrame([task(), task(procedure="known", hours=None, task_cost=7)])
    table = cost.hourly_rates(tasks, {"low": 10_000, "high": 50_000}, times_per_year=1)
    assert table["rate"].tolist() == ["low", "low", "high", "high"]
    assert table["before"].isna().tolist() == [False, True, False, True]
    held = table[table["procedure"] == "p"]
    assert held["saving"].tolist() == [460_000 * 1500, 1_100_000 * 1500]
    assert held["saving_percent"].tolist() == [50, 50]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([3, 1, 2], 2), ([4, 1, 3, 2], 2), ([5], 5), ([None, 9, 7], 7), ([2, 2, 8, 9], 2)],
)
def test_low_middle_is_the_lower_median(values, expected):
    assert cost.low_middle(values) == expected
    assert cost.low_middle(pd.Series(values)) == expected


def test_low_middle_of_nothing_is_missing():
    assert np.isnan(cost.low_middle([]))
    assert np.isnan(cost.low_middle([None, np.nan]))


def answers(*rows):
    columns = ["route", "hours", "direct_cost", "outsourced_cost", "informal_cost"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(response=range(len(rows)), procedure_group="g", procedure="p")


def test_each_route_has_its_own_parts():
    table = cost.compliance_cost(
        answers(
            ("own", 2, 50, None, 1000),
            ("outsourced", 2, 50, 700, 1000),
            ("partly", 2, 50, 700, 1000),
            ("own", None, 50, 700, 0),
            ("outsourced", None, None, 700, None),
            ("outsourced", 2, 50, None, 0),
            ("partly", 2, 50, None, 0),
            ("other", 2, 50, 700, 0),
            (None, 2, 50, 700, 0),
        ),
        hourly_rate=10,
    )
    missing = np.nan
    expected = [70, 700, 770, missing, 700, missing, missing, missing, missing]
    np.testing.assert_array_equal(table["compliance_cost"], expected)
    assert table["time_cost"].tolist()[:3] == [20, 20, 20]
    assert table["own_cost"].tolist()[:3] == [70, 70, 70]


def test_a_missing_route_of_any_column_type_is_unknown():
    table = answers(("own", 2, 50, 0, 0), (None, 2, 50, 0, 0))
    for kind in ("string", "category"):
        found = cost.compliance_cost(table.astype({"route": kind}), 10)["compliance_cost"]
        assert found.isna().tolist() == [False, True]


def test_sensitivity_is_the_plain_function_at_each_rate():
    table = answers(("own", 2, 50, None, 0), ("outsourced", 2, 50, 700, 0))
    long = cost.rate_sensitivity(table, {"low": 10, "high": 20})
    assert long["rate"].tolist() == ["low", "low", "high", "high"]
    assert long["compliance_cost"].tolist() == [70, 700, 90, 700]


money = st.floats(0, 1e9, allow_nan=False)
maybe = st.one_of(st.none(), money)
survey = st.lists(
    st.tuples(
        st.sampled_from(["own", "outsourced", "partly", "?", None]), maybe, maybe, maybe, maybe
    ),
    min_size=1,
    max_size=8,
).map(lambda rows: answers(*rows))
annual = st.lists(maybe, min_size=1, max_size=6).map(
    lambda values: pd.DataFrame({"procedure": range(len(values)), "annual_cost": values})
)


@given(survey, st.floats(0, 1e6), st.floats(0, 1e6))
def test_cost_is_linear_in_the_rate(table, one, other):
    at = [cost.compliance_cost(table, r)["compliance_cost"] for r in (0, one, other, one + other)]
    np.testing.assert_allclose(at[1] + at[2], at[3] + at[0], rtol=1e-9, atol=1e-3)


@given(survey, st.floats(0, 1e6), money, money)
def test_outsourcing_replaces_and_informal_cost_never_counts(table, rate, hours, informal):
    plain = cost.compliance_cost(table, rate)
    outsourced = table["route"] == "outsourced"
    np.testing.assert_array_equal(
        plain.loc[outsourced, "compliance_cost"],
        table.loc[outsourced, "outsourced_cost"].astype(float),
    )
    table = table.assign(hours=table["hours"].mask(outsourced, hours), informal_cost=informal)
    changed = cost.compliance_cost(table, rate)["compliance_cost"]
    pd.testing.assert_series_equal(changed, plain["compliance_cost"])


@given(annual, annual)
def test_saving_is_antisymmetric(before, after):
    there = cost.saving(before, after).set_index("procedure")["saving"]
    back = cost.saving(after, before).set_index("procedure")["saving"].reindex(there.index)
    np.testing.assert_array_equal(there, -back)


@given(st.lists(st.tuples(maybe, maybe, maybe, maybe), min_size=1, max_size=5), maybe, maybe)
def test_annual_cost_is_linear_in_the_rate_and_missing_only_with_a_part(parts, times, subjects):
    columns = ["hours", "hourly_rate", "consultancy", "fees"]
    tasks = pd.DataFrame(parts, columns=columns, dtype=float).assign(
        procedure="p", task="t", times_per_year=times, subjects=subjects
    )
    whole = tasks[[*columns, "times_per_year", "subjects"]].notna().all(axis=None)
    found = cost.standard_cost(tasks)["annual_cost"].iloc[0]
    assert np.isnan(found) == (not whole)
    double = cost.standard_cost(tasks.assign(hourly_rate=tasks["hourly_rate"] * 2))
    none = cost.standard_cost(tasks.assign(hourly_rate=tasks["hourly_rate"] * 0))
    np.testing.assert_allclose(
        double["annual_cost"] + none["annual_cost"], 2 * found, rtol=1e-9, atol=1e-9
    )


@given(st.lists(maybe, max_size=9))
def test_low_middle_is_one_of_the_sources_with_half_at_or_below(values):
    known = [v for v in values if v is not None]
    found = cost.low_middle(values)
    if not known:
        assert np.isnan(found)
    else:
        assert found in known
        assert sum(v <= found for v in known) >= len(known) / 2
        assert sum(v >= found for v in known) >= len(known) / 2


def test_no_argument_is_changed():
    tasks, table = pd.DataFrame([task()]), answers(("own", 2, 50, None, 0))
    totals = cost.standard_cost(tasks)
    kept = [f.copy(deep=True) for f in (tasks, table, totals)]
    cost.what_if(tasks, times_per_year=1)
    cost.hourly_rates(tasks, {"r": 1.0})
    cost.saving(totals, totals)
    cost.rate_sensitivity(table, {"r": 1.0})
    for frame, before in zip((tasks, table, totals), kept, strict=True):
        pd.testing.assert_frame_equal(frame, before)
