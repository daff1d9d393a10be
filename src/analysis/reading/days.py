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
_IN_LINE = re.compile(
    r"(\d{1,2})(?:\s*[/.-]\s*| thang )(\d{1,2})(?:\s*[/.-]\s*| nam )(\d{4})", re.ASCII
)
_UNTIL = re.compile(r"\W*(?:(?:den|toi)\b.{0,40}|ngay\W*)?", re.DOTALL)
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


def spans(text: str) -> list[tuple[date | None, date | None]]:
    """The first and last days that a text states ("từ ngày … đến ngày …"), in their order.

    Two days are one span whatever stands between them, if there are no others. None: no day is so.

    >>> spans("Từ ngày 15/3/2022 đến hết ngày 14 tháng 6 năm 2022, lập ngày 20/6/2022")
    [(datetime.date(2022, 3, 15), datetime.date(2022, 6, 14))]
    """
    text = unaccented(plain(text)).lower()
    found = list(_IN_LINE.finditer(text))
    pairs = list(zip(found, found[1:], strict=False))
    joined = [(a, b) for a, b in pairs if _UNTIL.fullmatch(text[a.end() : b.start()])]
    if not joined and len(found) == 2:
        joined = pairs
    return [(_of_line(a), _of_line(b)) for a, b in joined]


def _of_line(found: re.Match) -> date | None:
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def _of_serial(text: str) -> date | None:
    return _EPOCH + timedelta(days=int(float(text))) if _SERIAL.fullmatch(text) else None


def _date(found: re.Match) -> date | None:
    parts = found.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    try:
        return date(year, int(parts["month"]), int(parts.get("day", 1)))
    except ValueError:
        return None
