"""Reporting periods: codes (SDMX TIME_PERIOD), the days they cover, when they are due."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd

from analysis.language.languages import say
from analysis.language.messages import tell

_CODE = re.compile(r"^(?:([a-z][a-z0-9_]*)-)?(\d{4})(?:-(Q[1-4]|S[12]|0[1-9]|1[0-2]))?$")
_MONTHS = {"M": 1, "Q": 3, "S": 6, "A": 12}
_NAMES = {
    "A1": "Năm {year}",
    "S1": "6 tháng đầu năm {year}",
    "S2": "6 tháng cuối năm {year}",
    "Q1": "Quý I năm {year}",
    "Q2": "Quý II năm {year}",
    "Q3": "Quý III năm {year}",
    "Q4": "Quý IV năm {year}",
}


@dataclass(frozen=True)
class Period:
    """A reporting period: ``year``, ``frequency`` (M, Q, S, A) and its number in the year.

    ``series`` tells collections of their own apart (``pci-2014``); its periods follow one another
    and never those of another series.
    """

    year: int
    frequency: str
    index: int
    series: str = ""

    @property
    def code(self) -> str:
        return f"{self.series}-{self.time_period}" if self.series else self.time_period

    @property
    def time_period(self) -> str:
        """The SDMX TIME_PERIOD, without the series."""
        suffix = {"A": "", "M": f"-{self.index:02d}"}.get(
            self.frequency, f"-{self.frequency}{self.index}"
        )
        return f"{self.year}{suffix}"

    @property
    def months(self) -> tuple[int, int]:
        """First and last calendar month."""
        length = _MONTHS[self.frequency]
        return length * (self.index - 1) + 1, length * self.index

    @property
    def previous(self) -> "Period":
        if self.index > 1:
            return replace(self, index=self.index - 1)
        return replace(self, year=self.year - 1, index=12 // _MONTHS[self.frequency])

    @property
    def name(self) -> str:
        """In the language in use."""
        if self.frequency == "M":
            return say("Tháng {month} năm {year}", month=f"{self.index:02d}", year=self.year)
        return say(_NAMES[f"{self.frequency}{self.index}"], year=self.year)


def parse(code: object) -> Period:
    """Read ``2022-Q2``, ``2022-06``, ``2022-S1`` or ``2022``, after ``series-`` where it has one.
    A year may be a number.

    >>> parse("2022-Q2").previous.code
    '2022-Q1'

    Raises
    ------
    ValueError
        for anything else.
    """
    code = str(code)
    found = _CODE.match(code)
    if not found:
        raise ValueError(
            tell("{code!r} is no period code: write 2022-Q2, 2022-06, 2022-S1 or 2022", code=code)
        )
    series, year, part = found[1] or "", int(found[2]), found[3]
    if part is None:
        return Period(year, "A", 1, series)
    if part[0] in "QS":
        return Period(year, part[0], int(part[1:]), series)
    return Period(year, "M", int(part), series)


def holding(day: date, frequency: str) -> Period:
    """The period of the calendar that a day lies in; ``frequency``: M, Q, S or A.

    >>> holding(date(2026, 11, 30), "Q").code
    '2026-Q4'
    """
    return Period(day.year, frequency, (day.month - 1) // _MONTHS[frequency] + 1)


def window(period: Period, closing_day: int | None, first_month: int = 1) -> tuple[date, date]:
    """First and last day whose data belong to ``period``.

    With ``closing_day`` (14 under Nghị định 09/2019/NĐ-CP, art. 12) the period runs from the
    following day of the month before it to the closing day of its last month; with None it is
    the calendar period (Quyết định 766/QĐ-TTg), or that of a fiscal year which begins with
    ``first_month`` of the year by which it is called.
    """
    first, last = period.months
    if closing_day is None:
        begin, end = (divmod(m - 1 + first_month - 1, 12) for m in (first, last))
        last_day = monthrange(period.year + end[0], end[1] + 1)[1]
        return (
            date(period.year + begin[0], begin[1] + 1, 1),
            date(period.year + end[0], end[1] + 1, last_day),
        )
    before = date(period.year, first, 1) - timedelta(days=1)
    start = date(before.year, before.month, closing_day) + timedelta(days=1)
    return start, date(period.year, last, closing_day)


def deadline(period: Period, deadline_day: int | None) -> date | None:
    """Day by which reports are due (art. 13: the 25th of the last month), or None."""
    return None if deadline_day is None else date(period.year, period.months[1], deadline_day)


CALENDAR = ["time_period", "frequency", "start", "end", "deadline", "weekday"]


def calendar(regime: dict, year: int) -> pd.DataFrame:
    """The reports of a year under a regime (``regimes.yml``), in the order in which they are due.

    ``reports`` of the regime names frequencies (``Q``: all quarters) or single reports (``Q1``).

    Returns CALENDAR: code of the period, M, Q, S or A, first and last day of the data (missing
    where nobody knows them: ``window_known: false``), the day by which the report is due (missing
    where the regime names none) and its weekday (0 is Monday): Nghị định 09/2019 moves no deadline
    that falls on a day off, so none is moved here.
    """
    named = regime.get("reports", [])
    found = [
        Period(year, frequency, index)
        for frequency, months in _MONTHS.items()
        for index in range(1, 12 // months + 1)
        if frequency in named or f"{frequency}{index}" in named
    ]
    rows = []
    for period in found:
        start, end = window(period, regime["closing_day"], regime.get("first_month", 1))
        due = deadline(period, regime["deadline_day"])
        weekday = due.weekday() if due else None
        rows.append((period.code, period.frequency, start, end, due, weekday))
    table = pd.DataFrame(rows, columns=CALENDAR)
    table = table.sort_values(["end", "start"], ascending=[True, False], ignore_index=True)
    if not regime.get("window_known", True):
        table[["start", "end"]] = None
    return table


GAP = "…"
"""Stands between two periods that do not follow one another."""


def with_gaps(codes: list[str]) -> list[str]:
    """Codes in their order, with GAP wherever periods are missing between two of them."""
    found: list[str] = []
    for code in codes:
        if found and parse(code).previous.code != found[-1]:
            found.append(GAP)
        found.append(code)
    return found
