"""How far the addressed units have come together to a target, and whether their pace will do.

The value is that of all addressed units together: Σ numerator / Σ denominator. The pace needs an
earlier period of the same series: of the units that have figures in both, the way from the value
then to the bound is laid evenly over the time from then to the due day (a straight line, an
assumption that is said beside it), and the value now is held against where that line is now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from analysis.catalogue import periods
from analysis.language.languages import say
from analysis.language.words import number, percent

_NOISE = 1e-9


@dataclass(frozen=True)
class _Pace:
    """``needed``: the value now that an even way from ``before`` to the bound asks for."""

    period: str
    before: float
    now: float
    needed: float
    units: int
    enough: bool


def together(rows: pd.DataFrame) -> float:
    """The share in percent of units together, from their numerators and denominators; the stated
    value where it is one unit's; missing otherwise."""
    parts = rows.dropna(subset=["numerator", "denominator"])
    whole = parts["denominator"].sum()
    if whole > 0:
        return 100 * parts["numerator"].sum() / whole
    stated = rows["obs_value"].dropna()
    return float(stated.iloc[0]) if len(rows) == 1 and len(stated) else float("nan")


def bound(target: Mapping) -> float:
    """The value from which on a target is kept, for kinds that have one; missing for others."""
    if _floor(target):
        return float(target["low"])
    downwards = target["kind"] in ("at_most", "below", "range")
    return float(target["high"]) if downwards else float("nan")


def _floor(target: Mapping) -> bool:
    """Whether what a target wants is to be reached from below."""
    return target["kind"] == "at_least" or (target["kind"] == "range" and target["direction"] > 0)


def _beyond(target: Mapping, value: float, line: float) -> float:
    """By how much a value is on the good side of a line."""
    return value - line if _floor(target) else line - value


def distance(target: Mapping, value: float) -> str:
    """How far a value in percent is from the bound, in words; empty where that says nothing."""
    gap = _beyond(target, value, bound(target))
    if pd.isna(gap) or target["unit_measure"] != "percent":
        return ""
    if abs(gap) < _NOISE:
        return say("vừa đúng mức")
    points = number(abs(gap), 1)
    if gap < 0:
        return say("còn {points} điểm phần trăm", points=points)
    return say("đã qua mức {points} điểm phần trăm", points=points)


def pace(target: Mapping, values: pd.DataFrame, latest: str, on: date) -> str:
    """The pace of the units together, from the earliest period that has some of them, in words with
    all that it rests on.

    Parameters
    ----------
    target
        A row of the catalogue's targets.
    values
        schema.INDICATOR_VALUES of the addressed units over the periods of the series, of the
        target's indicator.
    latest
        The period whose values are meant; ``on`` its last day.

    Returns
    -------
    Also that it is not known, where no earlier period tells; empty where there is no way left: the
    target has no bound, no day, or is due already.
    """
    if pd.isna(bound(target)) or pd.isna(target["due"]) or target["due"] <= pd.Timestamp(on):
        return ""
    held = values[values["denominator"] > 0].dropna(subset=["numerator"])
    own = held[held["time_period"] == latest]
    for code in sorted(set(held["time_period"].astype(str)) - {latest}, key=_month):
        then = held[held["time_period"] == code]
        if _month(code) >= _month(latest):
            continue
        then = then[then["reporting_unit"].isin(own["reporting_unit"])]
        same = own[own["reporting_unit"].isin(then["reporting_unit"])]
        if len(same):
            found = _pace(target, code, together(then), together(same), len(same), latest)
            return _worded(found)
    return say("chưa có kỳ trước để biết")


def _pace(target: Mapping, code: str, before: float, now: float, units: int, latest: str) -> _Pace:
    due = target["due"].year * 12 + target["due"].month
    gone = (_month(latest) - _month(code)) / (due - _month(code))
    needed = before + (bound(target) - before) * gone
    enough = any(_beyond(target, now, line) >= -_NOISE for line in (bound(target), needed))
    return _Pace(code, before, now, needed, units, enough)


def _month(code: str) -> int:
    period = periods.parse(code)
    return period.year * 12 + period.months[1]


def _worded(found: _Pace) -> str:
    text = "chậm: {before} → {now}, cần {needed} (từ {period}, n = {n})"
    if found.enough:
        text = "kịp: {before} → {now}, cần {needed} (từ {period}, n = {n})"
    return say(
        text,
        before=number(found.before, 1),
        now=percent(found.now),
        needed=number(found.needed, 1),
        period=found.period,
        n=number(found.units),
    )
