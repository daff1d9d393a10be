"""A day as people write it → a date. The day stands before the month, unless the year comes first.

Who reads days says in which ways they may be written there:

year_first
    2022-06-12, also with points or strokes
day_first
    12/06/2022, 12.6.2022
uneven
    12/06-2022
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
_ONCE, _AGAIN, _ANY = r"\s*(?P<mark>[/.-])\s*", r"\s*(?P=mark)\s*", r"\s*[/.-]\s*"
_DAY, _MONTH, _YEAR = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"(?P<year>\d{4})"
_UNEVEN = _DAY + _ANY + _MONTH + _ANY + _YEAR
_WAYS = {
    "year_first": _YEAR + _ONCE + _MONTH + _AGAIN + _DAY + _TIME,
    "day_first": _DAY + _ONCE + _MONTH + _AGAIN + _YEAR + _TIME,
    "uneven": _UNEVEN + _TIME,
    "short_year": _DAY + _ONCE + _MONTH + _AGAIN + r"(?P<year>\d\d)" + _TIME,
    "words": f"(?:ngay )?{_DAY} thang {_MONTH} nam {_YEAR}",
    "month": rf"(?:t|thang)?\s*{_MONTH}{_ANY}{_YEAR}",
}
_READ = {way: re.compile(pattern, re.IGNORECASE | re.ASCII) for way, pattern in _WAYS.items()}
_IN_TEXT = re.compile(_UNEVEN)
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
            value = _date(found) if found else None
        if value and value.year in years:
            return Day(value, way)
    return None


def within(text: str) -> list[date | None]:
    """The days that stand in a sentence (day first, all digits of the year); None: no day is so."""
    return [_date(found) for found in _IN_TEXT.finditer(text)]


def _of_serial(text: str) -> date | None:
    return _EPOCH + timedelta(days=int(float(text))) if _SERIAL.fullmatch(text) else None


def _date(found: re.Match) -> date | None:
    parts = found.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    try:
        return date(year, int(parts["month"]), int(parts.get("day", 1)))
    except ValueError:
        return None
