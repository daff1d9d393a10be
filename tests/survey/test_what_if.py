"""What a change saves: worked cases, and what must hold whatever is given."""

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
