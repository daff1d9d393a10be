"""Codes of periods and intervals of days, by SDMX 2.1 (section 6, part 4.2) and ISO 8601."""

from datetime import date

import pytest

from analysis.reading import period_codes


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2022", (2022, "A", 1)),
        ("2022-A1", (2022, "A", 1)),
        ("2022-A2", None),
        ("2022-S1", (2022, "S", 1)),
        ("2022-S2", (2022, "S", 2)),
        ("2022-S3", None),
        ("2022Q1", (2022, "Q", 1)),
        ("2022-Q4", (2022, "Q", 4)),
        ("2022-Q5", None),
        ("2022-Q0", None),
        ("202201", (2022, "M", 1)),
        ("2022-M12", (2022, "M", 12)),
        ("2022-13", None),
        ("2022-00", None),
        (" 2022-Q2 ", (2022, "Q", 2)),
        ("２０２２", None),
        ("", None),
    ],
)
def test_a_code_names_one_period_of_its_year_or_none(text, meant):
    assert period_codes.named(text) == meant


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-01-01/2022-03-31", date(2022, 1, 1), date(2022, 3, 31)),
        ("2022-03-15/P1M", date(2022, 3, 15), date(2022, 4, 14)),
        ("2022-01-01/P12M", date(2022, 1, 1), date(2022, 12, 31)),
        ("2022-12-01/P1M", date(2022, 12, 1), date(2022, 12, 31)),
        ("2021-11-15/P3M", date(2021, 11, 15), date(2022, 2, 14)),
        ("2022-12-15/P1Y", date(2022, 12, 15), date(2023, 12, 14)),
        ("2020-01-01/P2Y", date(2020, 1, 1), date(2021, 12, 31)),
        ("2022-03-15T00:00:00/P1M", date(2022, 3, 15), date(2022, 4, 14)),
    ],
)
def test_an_interval_ends_the_day_before_its_next_one(text, first, last):
    assert period_codes.days_of(text) == (first, last)


@pytest.mark.parametrize("text", ["2022-13-01/P1M", "2022-01-31/P1M", "9999-12-01/P1M", "2022/P1M"])
def test_what_is_no_interval_of_days_is_none(text):
    assert period_codes.days_of(text) is None
