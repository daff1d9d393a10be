"""What changed in a period between two days: figures, scores and ranks, and which files did it.

Both states are the period's tables as built from the files that had arrived
(:func:`analysis.period.load` of ``2022-Q2@2022-06-25``); nothing here reads a file.
"""

from datetime import date, timedelta

import pandas as pd

from analysis.schema.tables import named

_FIGURE = ["reporting_unit", "form", "item", "level", "field"]
_SOURCE = ["source_file", "source_sheet", "source_cell"]

CHANGES = ["corrected", "added", "withdrawn"]
"""Both values known and different; known only later; known only before."""

FIGURES = [*_FIGURE, "before", "after", "change", "source_file", "source_sheet", "source_cell"]
"""``before`` and ``after`` in the figure's unit; the place is that of the later value, or of the
earlier one where it was withdrawn."""

SCORES = ["reporting_unit", "score_before", "score_after", "rank_before", "rank_after", "why"]
"""``why``: own (figures of the unit changed, and with them one of its indicators), else others."""


def last_day(submissions: pd.DataFrame, deadline: date | None) -> date | None:
    """The day whose state a period is best compared with: its deadline if anything came later, or
    the day before the last arrival; None where all came at once or a day is not known."""
    held = pd.concat([submissions["first_received_at"], submissions["received_at"]])
    days = pd.to_datetime(held).dt.date
    if days.isna().any() or days.nunique() < 2:
        return None
    if deadline and days.min() <= deadline < days.max():
        return deadline
    return max(days.max() - timedelta(days=1), days.min())


def arrivals(submissions: pd.DataFrame, since: date) -> pd.DataFrame:
    """Files and forms that arrived after ``since`` (schema.SUBMISSIONS), in that order."""
    late = submissions[pd.to_datetime(submissions["received_at"]).dt.date > since]
    order = ["received_at", "revision", "source_file", "form"]
    return late.sort_values(order, ignore_index=True)


def figures(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Figures that are not the same in two states of a period.

    Parameters
    ----------
    before, after
        schema.OBSERVATIONS.

    Returns
    -------
    FIGURES, ordered by unit and place.
    """
    left, right = _numbered(before), _numbered(after)
    key = [*_FIGURE, "occurrence"]
    both = left.merge(right, on=key, how="outer", suffixes=("_before", "_after"))
    had, has = both["obs_value_before"], both["obs_value_after"]
    change = pd.Series(pd.NA, index=both.index, dtype=object)
    change[had.notna() & has.notna() & (had != has)] = "corrected"
    change[had.isna() & has.notna()] = "added"
    change[had.notna() & has.isna()] = "withdrawn"
    place = {c: both[f"{c}_after"].fillna(both[f"{c}_before"]) for c in _SOURCE}
    both = both.assign(before=had, after=has, change=change, **place)
    both = both[both["change"].notna()]
    order = ["reporting_unit", "source_file", "source_sheet", "item", "level", "field"]
    return named(both.sort_values(order, ignore_index=True)[FIGURES])


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Figures with a number among those of the same key: a repeated row is another figure."""
    held = table[[*_FIGURE, "obs_value", *_SOURCE]].astype(dict.fromkeys(_FIGURE, object))
    held[_FIGURE] = held[_FIGURE].fillna("")
    return held.assign(occurrence=held.groupby(_FIGURE).cumcount())


def scores(before: pd.DataFrame, after: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Units whose total or rank is not the same in two states of a period.

    Parameters
    ----------
    before, after
        schema.SCORES of one framework.
    changed
        FIGURES that changed in between.

    Returns
    -------
    SCORES, the largest change of score first, then of rank.
    """
    left, right = (
        t[t["level"] == "framework"][["reporting_unit", "score", "rank"]] for t in (before, after)
    )
    both = left.merge(right, on="reporting_unit", how="outer", suffixes=("_before", "_after"))
    same = [
        both[f"{c}_before"].eq(both[f"{c}_after"])
        | (both[f"{c}_before"].isna() & both[f"{c}_after"].isna())
        for c in ("score", "rank")
    ]
    both = both[~(same[0] & same[1])]
    touched = parts(before, after, changed["reporting_unit"].unique().tolist())
    own = both["reporting_unit"].isin(touched["reporting_unit"])
    both = both.assign(why=own.map({True: "own", False: "others"}))
    size = (both["score_after"].fillna(0) - both["score_before"].fillna(0)).abs()
    moved = (both["rank_after"] - both["rank_before"]).abs()
    both = both.assign(size=size, moved=moved)
    both = both.sort_values(["size", "moved"], ascending=False, kind="stable")
    return named(both.reset_index(drop=True)[SCORES])


def parts(before: pd.DataFrame, after: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    """Where a change of score comes from: reporting_unit, code (of the indicator), before, after.

    ``before``, ``after``: schema.SCORES of one framework; only indicators whose score changed.
    """
    key = ["reporting_unit", "code"]
    left, right = (
        t[(t["level"] == "indicator") & t["reporting_unit"].isin(units)][[*key, "score"]]
        for t in (before, after)
    )
    both = left.merge(right, on=key, how="outer", suffixes=("_before", "_after"))
    both = both.rename(columns={"score_before": "before", "score_after": "after"})
    same = both["before"].eq(both["after"]) | (both["before"].isna() & both["after"].isna())
    return both[~same].sort_values(key, ignore_index=True)
