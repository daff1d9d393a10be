"""A day is read however it is written; what is no day, or could be two, is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reading import days

YEARS = range(1990, 2100)
ALL = ["year_first", "day_first", "uneven", "short_year", "words", "month"]
WRITTEN = {
    "{d:02}/{m:02}/{y}": "day_first",
    "{d}.{m}.{y}": "day_first",
    "{d} - {m} - {y}": "day_first",
    "{d}/{m}/{y} 8:30": "day_first",
    "{d}/{m}/{y} 08:30:00 SA": "day_first",
    "{y}-{m:02}-{d:02}": "year_first",
    "{y}/{m}/{d}": "year_first",
    "{y}-{m:02}-{d:02} 00:00:00": "year_first",
    "{y}-{m:02}-{d:02}T23:59:59.5": "year_first",
    "{d}/{m}-{y}": "uneven",
    "{d}/{m}/{s:02}": "short_year",
    "Ngày {d} tháng {m} năm {y}": "words",
    "{d} tháng {m} năm {y}": "words",
}
whole = st.dates(date(2000, 1, 1), date(2089, 12, 31))


@given(whole, st.sampled_from(sorted(WRITTEN)))
def test_a_day_is_read_in_the_ways_that_are_allowed_and_in_no_other(value, how):
    text = how.format(d=value.day, m=value.month, y=value.year, s=value.year % 100)
    assert days.read(text, ALL, YEARS) == days.Day(value, WRITTEN[how])
    others = [way for way in ALL if way not in (WRITTEN[how], "uneven")]
    assert days.read(text, others, YEARS) is None


@given(whole, st.sampled_from(["T{m}/{y}", "tháng {m}/{y}", "Tháng {m:02} - {y}", "{m}/{y}"]))
def test_a_month_means_its_first_day_where_months_are_allowed(value, how):
    found = days.read(how.format(m=value.month, y=value.year), ALL, YEARS)
    assert found == days.Day(value.replace(day=1), "month")


@given(whole)
def test_what_a_spreadsheet_keeps_for_a_day_is_one_only_where_it_may_be(value):
    kept = str((value - date(1899, 12, 30)).days)
    assert days.read(kept, ["serial"], YEARS).value == value
    assert days.read(f"{kept}.0", ["serial"], YEARS).value == value
    assert days.read(kept, ALL, YEARS) is None


@pytest.mark.parametrize(
    "text",
    ["30/02/2022", "06/25/2022", "31/06/2022", "1/1/1822", "1/1/0022", "0022-01-01", "2022", "",
     "5/6/22/1", "12/06/2022 25:00", "12/06/2022 sáng", "hôm qua", "0/1/2022", "１２３"],
)  # fmt: skip
def test_what_is_no_day_is_not_guessed(text):
    assert days.read(text, [*ALL, "serial"], YEARS) is None


@given(st.text(max_size=40))
def test_any_text_is_a_day_of_these_years_or_none(text):
    found = days.read(text, [*ALL, "serial"], YEARS)
    assert found is None or found.value.year in YEARS


@given(st.lists(whole, max_size=3))
def test_the_days_of_a_sentence_stand_in_their_order(found):
    text = " đến ngày ".join(f"{d.day}/{d.month}/{d.year}" for d in found)
    assert days.within(f"Từ ngày {text}.") == found


def test_a_day_that_is_none_keeps_its_place_in_a_sentence():
    assert days.within("Từ 31/06/2022 đến 1.7.2022") == [None, date(2022, 7, 1)]


def test_two_days_are_one_span_whatever_stands_between_three_only_if_it_says_so():
    first, last = date(2022, 3, 15), date(2022, 6, 14)
    assert days.spans("Kỳ 15/3/2022; chốt ngày 14/6/2022") == [(first, last)]
    assert days.spans("15/3/2022 và 14/6/2022 và 20/6/2022") == []
    assert days.spans("chốt 15/3/2022") == []
    assert days.spans("15/3/2022 đến 14/6/2022 và 1/2/2022 - 3/4/2022") == [
        (first, last),
        (date(2022, 2, 1), date(2022, 4, 3)),
    ]
    assert days.spans("31/6/2022 - 14/6/2022") == [(None, last)]


def test_years_of_two_digits_are_of_this_century_and_the_years_asked_for_end_where_they_end():
    assert days.read("31/12/99", ["short_year"], range(2000, 2100)).value == date(2099, 12, 31)
    assert days.read("1/1/00", ["short_year"], range(2000, 2100)).value == date(2000, 1, 1)
    for text, held in (("1/1/2021", False), ("1/1/2022", True), ("31/12/2022", True)):
        assert (days.read(text, ["day_first"], range(2022, 2023)) is not None) is held
    # the day that a spreadsheet keeps as 60 000, by hand: 150 years of 365.25 days and some
    assert days.read("60000", ["serial"], range(2000, 2100)).value == date(2064, 4, 8)
