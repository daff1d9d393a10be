"""Where a series over periods breaks, and why: nothing is joined or compared across a break.

Breaks are declared in ``period.yml`` (``covered_from``, ``coverage_note``, a period that is not
over), in the framework (what is measured, how it is scored), and by a period that is not there.
Of published series each list declares its own (:mod:`analysis.published`).
"""

from collections.abc import Callable

import pandas as pd

from analysis.history.history import periods
from analysis.period import Loaded

COLUMNS = ["time_period", "indicator", "why"]
_CALENDAR = 3
"""Days by which quarters, half-years and months of one calendar differ among themselves."""


def between(one: Loaded, other: Loaded, asked: Callable[[Loaded], object]) -> str:
    """Why figures of a period and of the next of its series are not joined; empty where they are.

    gap (periods between them are missing), days (one covers a part of its days, or is not over),
    units (what is said of whom they cover differs), rules (``asked``, what is measured in a period
    and how, is another).
    """
    before, now = one.plan, other.plan
    if now.period.previous.code != before.code:
        return "gap"
    lasts = [(plan.end - plan.start).days for plan in (before, now)]
    unfinished = [plan.obs_status == "P" for plan in (before, now)]
    if abs(lasts[0] - lasts[1]) > _CALENDAR or unfinished[0] != unfinished[1]:
        return "days"
    if before.coverage_note != now.coverage_note:
        return "units"
    return "rules" if asked(one) != asked(other) else ""


def measured_as(code: str, indicator: str) -> Callable[[Loaded], object]:
    """What an indicator of a framework measures in a period, for :func:`between`."""

    def asked(one: Loaded) -> tuple:
        described = one.framework(code)["indicators"].get(indicator, {})
        return described.get("formula"), described.get("unit_measure")

    return asked


def scored_by(code: str) -> Callable[[Loaded], object]:
    """How a framework scores in a period, for :func:`between`."""
    return lambda one: one.framework(code)


def listed(period: Loaded, code: str | None = None) -> pd.DataFrame:
    """The breaks of a framework over its periods: COLUMNS, the earliest first.

    ``time_period`` is the period before which there is one; ``indicator`` is empty for scores;
    ``why``: as of :func:`between`.
    """
    framework = period.framework(code)
    code = framework["framework"]
    held = periods(period, code, gaps=True)
    asked = {"": scored_by(code)} | {c: measured_as(code, c) for c in framework["indicators"]}
    rows = [
        (other.plan.code, indicator, why)
        for one, other in zip(held, held[1:], strict=False)
        for indicator, what in asked.items()
        if (why := between(one, other, what))
    ]
    return pd.DataFrame(rows, columns=COLUMNS)
