"""Days of a register that a machine may have turned: day and month, of one file taken together.

Where English settings rule, 06/03/2022 typed for 6 March becomes a real day, 3 June, and 25/03/2022
stays a text. So real days that could be turned, beside texts that could not, are doubtful; so are
texts beside others that can only have the month first (06/25/2022).
"""

import re
from datetime import date
from typing import NamedTuple

import pandas as pd

from analysis.language.words import plain
from analysis.reading import days

_TYPED = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(?:\d{4}|\d\d)\b.*")


class _Seen(NamedTuple):
    """A day as it stands in the file: ``typed`` as a text, else real; its two numbers if it is a
    text, and what was read in it."""

    typed: bool
    first: int
    second: int
    value: date | None


def doubtful(entries: pd.DataFrame, years: range) -> pd.Series:
    """What each day would be with its day and month turned, where that may be meant; else None.

    Parameters
    ----------
    entries
        Cells of dates: source_file, item, raw_text, raw_type, shown, entry (yyyy-mm-dd or None).
    years
        In which days may lie.
    """
    seen = [
        _seen(*row)
        for row in entries[["raw_text", "raw_type", "entry"]].itertuples(index=False, name=None)
    ]
    turned: list[date | None] = [None] * len(seen)
    for key in (["source_file"], ["source_file", "item"]):
        for rows in entries.reset_index(drop=True).groupby(key, observed=True).indices.values():
            typed, real = _in_doubt([s for n in rows if (s := seen[n])])
            for n in rows:
                own = seen[n]
                if own and (typed if own.typed else real):
                    turned[n] = turned[n] or _turned(own.value)
    for n, shown in enumerate(entries["shown"]):
        turned[n] = turned[n] or _as_shown(shown, seen[n], years)
    return pd.Series(turned, index=entries.index, dtype=object)


def _seen(raw_text: str, raw_type: str, entry: object) -> _Seen | None:
    value = date.fromisoformat(entry) if isinstance(entry, str) else None
    if raw_type == "text":
        found = _TYPED.fullmatch(plain(raw_text))
        return _Seen(True, int(found[1]), int(found[2]), value) if found else None
    return _Seen(False, 0, 0, value) if value else None


def _in_doubt(column: list[_Seen]) -> tuple[bool, bool]:
    """Whether texts, and whether real days, may be turned.

    A real day after the 12th speaks against it: there the machine read the day first.
    """
    typed = [s for s in column if s.typed]
    day_first = any(s.first > 12 >= s.second for s in typed)
    month_first = any(s.second > 12 >= s.first for s in typed)
    certain = any(s.value and s.value.day > 12 for s in column if not s.typed)
    return month_first, (day_first or month_first) and not certain


def _turned(value: date | None) -> date | None:
    if value is None or value.day > 12 or value.day == value.month:
        return None
    return date(value.year, value.day, value.month)


def _as_shown(shown: object, own: _Seen | None, years: range) -> date | None:
    """The other day that a real one shows to whoever reads the day first."""
    if own is None or own.typed or not isinstance(shown, str):
        return None
    found = days.read(shown, ["day_first", "short_year"], years)
    return found.value if found and found.value == _turned(own.value) else None
