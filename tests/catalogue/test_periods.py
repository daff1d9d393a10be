from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import periods
from analysis.language import languages

CODES = st.one_of(
    st.integers(2000, 2100).map(str),
    st.tuples(st.integers(2000, 2100), st.sampled_from(["Q1", "Q2", "Q3", "Q4", "S1", "S2"])).map(
        lambda t: f"{t[0]}-{t[1]}"
    ),
    st.tuples(st.integers(2000, 2100), st.integers(1, 12)).map(lambda t: f"{t[0]}-{t[1]:02d}"),
)


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [  # the examples of Nghị định 09/2019/NĐ-CP, art. 12, as listed in METHOD.md
        ("2022-05", date(2022, 4, 15), date(2022, 5, 14)),
        ("2022-Q1", date(2021, 12, 15), date(2022, 3, 14)),
        ("2022-Q2", date(2022, 3, 15), date(2022, 6, 14)),
        ("2022-S1", date(2021, 12, 15), date(2022, 6, 14)),
        ("2022-S2", date(2022, 6, 15), date(2022, 12, 14)),
        ("2022", date(2021, 12, 15), date(2022, 12, 14)),
    ],
)
def test_decree_windows_run_from_the_15th_to_the_14th(code, start, end):
    period = periods.parse(code)
    assert periods.window(period, 14) == (start, end)
    assert periods.deadline(period, 25) == date(end.year, end.month, 25)


def test_calendar_windows_are_calendar_quarters():
    quarter = periods.parse("2026-Q3")
    assert periods.window(quarter, None) == (date(2026, 7, 1), date(2026, 9, 30))
    assert periods.deadline(quarter, None) is None


@given(CODES)
def test_codes_round_trip_and_windows_leave_no_gap(code):
    period = periods.parse(code)
    assert period.code == code
    for closing_day in (14, None):
        start, _ = periods.window(period, closing_day)
        _, before = periods.window(period.previous, closing_day)
        assert (start - before).days == 1


def test_a_series_follows_its_own_periods():
    first = periods.parse("pci-2014")
    assert (first.code, first.time_period, first.previous.code) == ("pci-2014", "2014", "pci-2013")
    assert periods.parse("budget-2022-Q1").previous.code == "budget-2021-Q4"
    assert first != periods.parse("2014")


@pytest.mark.parametrize(
    "code", ["2022-Q5", "22-Q1", "2022-13", "2022-00", "", "../2022", "../pci-2014", "-2014"]
)
def test_other_codes_are_refused(code):
    with pytest.raises(ValueError, match="no period code"):
        periods.parse(code)


def test_names_are_said_in_the_language_in_use():
    held = [periods.parse(c) for c in ("2022-Q2", "2022-05", "2022-S2", "2022")]
    names = ["Quý II năm 2022", "Tháng 05 năm 2022", "6 tháng cuối năm 2022", "Năm 2022"]
    assert [p.name for p in held] == names
    with languages.using("en"):
        names = ["Second quarter of 2022", "05/2022", "Second half of 2022", "Year 2022"]
        assert [p.name for p in held] == names


@given(st.integers(1990, 2100), st.integers(1, 12))
def test_a_fiscal_year_has_twelve_months_from_its_first_one(year, first_month):
    start, end = periods.window(periods.parse(str(year)), None, first_month)
    assert (start.year, start.month, start.day) == (year, first_month, 1)
    assert end + timedelta(days=1) == date(year + 1, first_month, 1)
