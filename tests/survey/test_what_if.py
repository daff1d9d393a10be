"""What a change saves: worked cases, and what must hold whatever is given."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.published import apci_figures
from analysis.survey import what_if
from analysis.survey.what_if import Quantity

TASK = {"procedure": "p", "task": "t", "hours": 16, "hourly_rate": 30_000, "consultancy": 200_000}
TASK |= {"fees": 100_000, "times_per_year": 2, "subjects": 1_500}
TWO = pd.DataFrame([TASK, TASK | {"task": "u", "hours": 4, "consultancy": 0}])
amounts = st.floats(0, 1e6)


def saved(tasks, now, then, **more):
    return what_if.compare(tasks, now, then, **more).result.iloc[0]


def test_the_invented_case_of_the_law_s_formula():
    """SYN-01, SYN-02: (16 h × 30,000 + 200,000 + 100,000) × 2 × 1,500; 10 h, no agent, once."""
    then = {"hours": 10, "agent_price": 0, "times_per_year": 1}
    row = saved(pd.DataFrame([TASK]), {}, then)
    assert (row["before"], row["after"], row["saving"]) == (2.34e9, 0.6e9, 1.74e9)
    assert row["saving_percent"] == pytest.approx(74.36, abs=0.005)


def test_a_man_day_is_the_wage_whatever_its_hours():
    """VN-03: 18 million man-days at 350,000 are 6,300 bn, by 43,750 an hour of an 8-hour day."""
    tasks = apci_figures.standard_cost_cases().query("case == 'VN-03'")
    row = saved(tasks, {"wage": 350_000, "hours_per_day": 8}, {"times_per_year": 0})
    assert (row["before"], row["saving"], row["saving_percent"]) == (6.3e12, 6.3e12, 100)


def test_a_published_change_of_frequency():
    """VN-01: 12 returns made 4 at 250,000 for 325,000 firms save 650 bn of 975 bn."""
    tasks = apci_figures.standard_cost_cases().query("case == 'VN-01'")
    row = saved(tasks, {}, {"times_per_year": 4})
    assert (row["before"], row["saving"]) == (975e9, 650e9)


@settings(max_examples=15)
@given(wage=amounts, times=amounts, then=amounts, factor=st.floats(0, 100))
def test_time_cost_is_linear_in_the_wage_and_zero_times_cost_nothing(wage, times, then, factor):
    given_ = {"hours_per_day": 8, "agent_price": 0, "fees": 0, "times_per_year": times}
    plain = saved(TWO, given_ | {"wage": wage}, {"times_per_year": then})
    more = saved(TWO, given_ | {"wage": wage * factor}, {"times_per_year": then})
    for side in ("before", "after", "saving"):
        scale = max(plain["before"], plain["after"]) * factor
        assert more[side] == pytest.approx(factor * plain[side], rel=1e-9, abs=1e-9 * scale + 1e-9)
    assert saved(TWO, {"wage": wage, "hours_per_day": 8}, {"times_per_year": 0})["after"] == 0


@settings(max_examples=15)
@given(
    st.fixed_dictionaries({name: st.floats(0.5, 20) for name in what_if.INPUTS}),
    st.fixed_dictionaries({name: st.floats(0.5, 20) for name in what_if.INPUTS}),
    st.floats(0.01, 5),
)
def test_what_is_saved_by_a_change_is_lost_by_its_undoing(now, then, error):
    now |= {"hours": Quantity(now["hours"], error, 30)}
    there, back = saved(TWO, now, then), saved(TWO, now | then, now)
    scale = max(there["before"], there["after"])
    assert there["saving"] == pytest.approx(-back["saving"], abs=1e-9 * scale)
    assert there["standard_error"] == pytest.approx(back["standard_error"], rel=1e-6, abs=1e-9)
    assert there["ci_low"] == pytest.approx(-back["ci_high"], rel=1e-6, abs=1e-6 * scale)


def test_the_interval_of_one_estimate_is_its_own_scaled():
    """hours 20 ± 1 with 9 degrees of freedom, at 100 an hour, 3 times for 10: one third is cut."""
    tasks = pd.DataFrame([TASK | {"consultancy": 0, "fees": 0}])
    now = {"wage": 800, "hours_per_day": 8, "hours": Quantity(20, 1, 9, 10)}
    now |= {"times_per_year": 3, "subjects": 10}
    row = saved(tasks, now, {"times_per_year": 2})
    # t of 9 degrees of freedom at 97.5 %: 2.262157 (any printed table)
    assert row["saving"] == 20_000 and row["standard_error"] == pytest.approx(1_000)
    assert row["degrees_of_freedom"] == pytest.approx(9)
    assert row["ci_high"] - row["saving"] == pytest.approx(2262.157, abs=0.001)


def test_independent_estimates_add_as_squares():
    """JCGM 100:2008, 5.1.2: of a product the relative errors add as squares (3-4-5)."""
    tasks = pd.DataFrame([TASK | {"consultancy": 0, "fees": 0}])
    now = {"hours": Quantity(10, 0.3), "subjects": Quantity(100, 4)}
    row = saved(tasks, now, {"times_per_year": 0})
    assert row["standard_error"] / row["saving"] == pytest.approx(0.05)
    assert np.isinf(row["degrees_of_freedom"])


def test_given_numbers_make_a_plain_figure():
    compared = what_if.compare(TWO, {"hours": 8}, {"hours": 4})
    assert not compared.estimated
    assert compared.result[["standard_error", "ci_low", "ci_high"]].isna().all(axis=None)


def test_the_same_estimate_before_and_after_is_one():
    one, other = Quantity(20, 1, 9, 10), Quantity(20, 1, 9, 11)
    assert saved(TWO, {"hours": one}, {"hours": one})["standard_error"] == 0
    assert saved(TWO, {"hours": one}, {"hours": other})["standard_error"] > 0


def test_a_total_keeps_the_proportions_of_the_tasks():
    after = what_if.compare(TWO, {"hours": 10}, {}, hours_share=0.5).after
    assert after["hours"].tolist() == [4, 1]
    unknown = TWO.assign(fees=[np.nan, 1.0])
    assert what_if.compare(unknown, {"fees": 7}, {}).before["fees"].tolist() == [7, 0]


def test_what_is_missing_makes_no_saving_and_no_interval():
    compared = what_if.compare(TWO.assign(subjects=None), {"hours": Quantity(20, 1)}, {"hours": 2})
    assert compared.result[["saving", "standard_error"]].isna().all(axis=None)
    assert not compared.estimated


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        ({"wages": 1}, {}, "wages"),
        ({"wage": 1}, {}, "cùng nhau"),
        ({}, {"hours_per_day": 8}, "cùng nhau"),
        ({"wage": 1, "hours_per_day": 0}, {}, "24"),
        ({"subjects": -1}, {}, "Số lượng đối tượng.*−1"),
        ({"subjects": float("nan")}, {}, "nan"),
        ({"subjects": float("inf")}, {}, "inf"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_words(now, then, told):
    with pytest.raises(ValueError, match=told):
        what_if.compare(TWO, now, then)


def test_tasks_are_of_one_procedure():
    for tasks in (TWO.iloc[:0], TWO.assign(procedure=["a", "b"])):
        with pytest.raises(ValueError, match="một thủ tục"):
            what_if.compare(tasks, {}, {})
    with pytest.raises(ValueError, match="hai câu"):
        Quantity(1, 1, 0)


# --- what goes in, what comes out ---------------------------------------------------------------


def test_inputs_that_are_not_given_are_left_out():
    assert what_if.stated(wage=None, hours=0, fees=5.0) == {"hours": 0, "fees": 5.0}


def test_the_wage_of_a_day_is_its_hours_at_the_rate_of_that_day():
    def entry(*values):
        return {"values": {d: {"value": v, "source": {"vi": f"v{v}"}} for v, d in values}}

    parameters = {
        "hourly_rate": entry((100, date(2020, 1, 1)), (150, date(2022, 7, 1))),
        "hours_per_working_day": entry((8, date(2020, 1, 1))),
    }
    found = what_if.of_day(parameters, date(2022, 6, 30))
    assert found == {
        "wage": Quantity(800, source="v100"),
        "hours_per_day": Quantity(8, source="v8"),
    }
    assert what_if.of_day(parameters, date(2022, 7, 1))["wage"].value == 1200


def edition(**changes) -> pd.DataFrame:
    """Rows of which the third alone is the mean of the hours of the whole group g."""
    row = {"procedure_group": "g", "measure": "hours", "statistic": "mean", "domain": "_T"}
    row |= {"estimate": 5.0, "standard_error": 0.5, "degrees_of_freedom": 9, "respondents": 12}
    other = [{"measure": "fee"}, {"procedure_group": "h"}, {"statistic": "median"}]
    other += [{"domain": "size"}, {"procedure_group": "_T"}]
    rows = [row | {"estimate": 99.0} | change for change in other]
    return pd.DataFrame([*rows[:2], row | changes, *rows[2:]])


def test_an_input_of_a_survey_is_the_mean_of_its_group_with_its_error():
    assert what_if.surveyed(edition(), "g", source="s") == Quantity(5.0, 0.5, 9, 12, "s")
    assert what_if.surveyed(edition(), "g", "fee").value == 99
    assert what_if.surveyed(edition(measure="outsourced_cost"), "g", "outsourced_cost").value == 5
    for error in (0.0, np.nan):  # of one answer, or of answers that are all alike
        found = what_if.surveyed(edition(standard_error=error, degrees_of_freedom=0), "g")
        assert found == Quantity(5.0, 0.0, np.inf, 12)
    for gone in (edition(estimate=np.nan), edition(procedure_group="i")):
        with pytest.raises(ValueError, match=r"hours của nhóm g; các nhóm: (g, h|g, h, i)\."):
            what_if.surveyed(gone, "g")


def test_a_procedure_of_which_nothing_is_known_costs_no_agent_and_no_fee():
    row = what_if.procedure("x").iloc[0]
    assert row[["procedure", "task"]].tolist() == ["x", "x"]
    assert row[["consultancy", "fees"]].tolist() == [0, 0]
    assert row[["hours", "hourly_rate", "times_per_year", "subjects"]].isna().all()


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ((-0.01,), "từ 0 trở lên, không phải −0,01"),
        ((1, -0.25), "sai số chuẩn .* −0,25"),
        ((1, np.inf), "sai số chuẩn .* inf"),
        ((1, np.nan), "sai số chuẩn .* nan"),
        ((1, 1, 0), "hai câu"),
        ((1, 1, np.nan), "hai câu"),
    ],
)
def test_a_quantity_is_a_number_with_an_error(bad, told):
    with pytest.raises(ValueError, match=told):
        Quantity(*bad)


def test_a_quantity_may_be_0_and_be_of_two_answers():
    assert Quantity(0, 0, 1) == Quantity(0.0, 0.0, 1.0)


@pytest.mark.parametrize("share", [-0.1, np.inf, np.nan])
def test_the_share_of_hours_is_a_number_from_0_on(share):
    with pytest.raises(ValueError, match="Phần số giờ"):
        what_if.compare(TWO, {}, {}, hours_share=share)


@pytest.mark.parametrize(("hours", "fine"), [(0, False), (0.5, True), (24, True), (24.5, False)])
def test_a_day_has_more_than_0_and_at_most_24_hours(hours, fine):
    now = {"wage": 10, "hours_per_day": hours}
    if fine:
        assert what_if.compare(TWO, now, {}).before["hourly_rate"].tolist() == [10 / hours] * 2
    else:
        with pytest.raises(ValueError, match="24"):
            what_if.compare(TWO, now, {})


def test_no_hours_are_left_or_as_many_as_before():
    gone = what_if.compare(TWO, {}, {}, hours_share=0)
    assert gone.after["hours"].tolist() == [0, 0] and gone.before["hours"].tolist() == [16, 4]
    assert gone.result["saving"].iloc[0] == 20 * 30_000 * 3_000
    assert what_if.compare(TWO, {}, {}).result["saving"].iloc[0] == 0


def test_what_went_in_is_told_of_both_sides():
    hours = Quantity(20, 1, 9, 10, "survey")
    found = what_if.compare(TWO, {"hours": hours, "fees": 5}, {"subjects": 7}, hours_share=0.5)
    table = found.inputs.set_index("input")
    assert list(table.index) == ["hours", "fees", "subjects"]
    told = ["before", "after", "before_error", "after_error", "n_before", "n_after"]
    np.testing.assert_array_equal(
        table[told],
        [[20, 10, 1, 0.5, 10, 10], [5, 5] + [np.nan] * 4, [np.nan, 7] + [np.nan] * 4],
    )
    assert table["source_before"].tolist() == ["survey", "", ""]
    assert table["source_after"].tolist() == ["survey", "", ""]


def test_two_errors_have_the_degrees_of_freedom_of_welch_and_satterthwaite():
    """JCGM 100:2008, G.4: errors as 3 to 4 of 9 and 16: 5⁴ ÷ (3⁴ ÷ 9 + 4⁴ ÷ 16) = 25."""
    tasks = pd.DataFrame([TASK | {"consultancy": 0, "fees": 0}])
    now = {"hours": Quantity(10, 0.3, 9), "subjects": Quantity(100, 4, 16)}
    row = saved(tasks, now, {"times_per_year": 0}, level=0.9)
    assert row["degrees_of_freedom"] == pytest.approx(25)
    # t of 25 degrees of freedom at 95 %: 1.708141 (any printed table)
    reach = 1.708141 * row["standard_error"]
    assert row["ci_low"] == pytest.approx(row["saving"] - reach, rel=1e-6)
    assert row["ci_high"] == pytest.approx(row["saving"] + reach, rel=1e-6)


def test_an_estimate_of_afterwards_alone_has_its_own_error():
    tasks = pd.DataFrame([TASK | {"consultancy": 0, "fees": 0}])
    row = saved(tasks, {"hours": 10}, {"hours": Quantity(4, 0.5, 8)})
    assert row["saving"] == 6 * 30_000 * 3_000
    assert row["standard_error"] == pytest.approx(0.5 * 30_000 * 3_000)
    assert row["degrees_of_freedom"] == pytest.approx(8)
    none = saved(tasks, {"hours": Quantity(10, 1, 8)}, {"times_per_year": 2})
    assert none["standard_error"] == 0 and none["ci_low"] == none["saving"] == none["ci_high"] == 0
