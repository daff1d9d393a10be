"""Periods as reporting systems write them: codes of SDMX and DHIS2, and days of ISO 8601."""

import re
from datetime import date, timedelta

_CODE = re.compile(
    r"(?P<year>\d{4})-?(?:(?P<kind>[QSA])(?P<number>\d)|M?(?P<month>0[1-9]|1[0-2]))?"
)
_MOST = {"Q": 4, "S": 2, "A": 1}
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[\d:]+)?/(?:(\d{4}-\d\d-\d\d)|P(\d+)([MY]))(?:T[\d:]+)?")


def named(text: str) -> tuple[int, str, int] | None:
    """Year, frequency (M, Q, S, A) and number of a period that a code names.

    >>> named("2022-Q2") == named("2022Q2"), named("202206"), named("2022-A1"), named("2022S3")
    (True, (2022, 'M', 6), (2022, 'A', 1), None)
    """
    found = _CODE.fullmatch(text.strip())
    if not found or not text.isascii():
        return None
    year = int(found["year"])
    if found["month"]:
        return year, "M", int(found["month"])
    if not found["kind"]:
        return year, "A", 1
    number = int(found["number"])
    return (year, found["kind"], number) if 1 <= number <= _MOST[found["kind"]] else None


def days_of(text: str) -> tuple[date, date] | None:
    """The first and last day of an interval of ISO 8601.

    >>> days_of("2022-03-15/P3M")[1].isoformat(), days_of("2022-03-15/2022-06-14")[1].isoformat()
    ('2022-06-14', '2022-06-14')
    """
    found = _DAYS.fullmatch(text.strip())
    if not found:
        return None
    try:
        first = date.fromisoformat(found[1])
        if found[2]:
            return first, date.fromisoformat(found[2])
        months = first.month - 1 + int(found[3]) * (12 if found[4] == "Y" else 1)
        after = first.replace(year=first.year + months // 12, month=months % 12 + 1)
    except (ValueError, OverflowError):
        return None
    return first, after - timedelta(days=1)
