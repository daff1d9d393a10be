"""A day as people write it → a date. The day stands before the month, unless the year comes first.

Who reads days says in which ways they may be written there:

year_first
    2022-06-12, also with points or strokes
day_first
    12/06/2022, 12.6.2022
short_year
    12/6/22, in this century
words
    ngày 12 tháng 6 năm 2022
month
    T6/2022, which means its first day
serial
    44724, the number that a spreadsheet keeps for a day

A time behind a day is left out.
"""

import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from analysis.language.words import fold, plain, unaccented

# SA, CH: in the morning, in the afternoon
_TIME = r"(?:[ T](?:[01]?\d|2[0-3])(?::[0-5]\d){1,2}(?:[.,]\d+)?(?: ?(?:SA|CH))?)?"
_SEPARATOR = r"\s*[/.-]\s*"
_DAY_AND_MONTH = rf"(?P<day>\d{{1,2}}){_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}"
_DAY_FIRST = rf"{_DAY_AND_MONTH}(?P<year>\d{{4}})"
_YEAR_FIRST = rf"(?P<year>\d{{4}}){_SEPARATOR}(?P<month>\d{{1,2}}){_SEPARATOR}(?P<day>\d{{1,2}})"
_WAYS = {
    "year_first": _YEAR_FIRST + _TIME,
    "day_first": _DAY_FIRST + _TIME,
    "short_year": rf"{_DAY_AND_MONTH}(?P<year>\d\d){_TIME}",
    "words": r"(?:ngay )?(?P<day>\d{1,2}) thang (?P<month>\d{1,2}) nam (?P<year>\d{4})",
    "month": rf"(?:t|thang)?\s*(?P<month>\d{{1,2}}){_SEPARATOR}(?P<year>\d{{4}})",
}
_READ = {way: re.compile(pattern, re.IGNORECASE) for way, pattern in _WAYS.items()}
_IN_TEXT = re.compile(_DAY_FIRST)
_SERIAL = re.compile(r"\d{5}(?:\.0)?")
_EPOCH = date(1899, 12, 30)


class Day(NamedTuple):
    """``way``: how it is written."""

    value: date
    way: str


def read(text: str, ways: Collection[str], years: range) -> Day | None:
    """The day that a whole text means; None unless all who read it read the same.

    Parameters
    ----------
    ways
        In which it may be written (see the module).
    years
        In which it may lie: others are slips of the hand.

    >>> read("12/6/2022 08:30", ["day_first"], range(2000, 2100)).value.isoformat()
    '2022-06-12'
    >>> read("06/25/2022", ["day_first"], range(2000, 2100))
    """
    text = unaccented(plain(text))
    for way in ways:
        if way == "serial":
            value = _of_serial(text)
        else:
            found = _READ[way].fullmatch(fold(text) if way == "words" else text)
            value = _date(**found.groupdict()) if found else None
        if value and value.year in years:
            return Day(value, way)
    return None


def within(text: str) -> list[date | None]:
    """The days that stand in a sentence (day first, all digits of the year); None: no day is so."""
    return [_date(**match.groupdict()) for match in _IN_TEXT.finditer(text)]


def _of_serial(text: str) -> date | None:
    return _EPOCH + timedelta(days=int(float(text))) if _SERIAL.fullmatch(text) else None


def _date(year: str, month: str, day: str = "1") -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None
