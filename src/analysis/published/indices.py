"""Published indices of provinces over their editions: breaks, gaps, the place among all.

Read from ``data/reference/published-indices``; its README names sources and traps.
"""

from pathlib import Path

import pandas as pd

from analysis import project
from analysis.project import Place
from analysis.storage import by_hand

EACH = "each"
"""Said of an index whose editions are comparable within themselves only."""


def _folder(root: Path | None) -> Path:
    return Place(root or project.PROJECT).reference / "published-indices"


def listed(root: Path | None = None) -> pd.DataFrame:
    """The list of indices by code, the columns of the file; ends of the scale as numbers."""
    table = by_hand.table(by_hand.content(_folder(root) / "indices.csv"))
    ends = {c: pd.to_numeric(table[c]) for c in ("scale_low", "scale_high")}
    return table.assign(**ends).set_index("index", drop=False).rename_axis(None)


def values(root: Path | None = None) -> pd.DataFrame:
    """All figures: index, province, time_period (year), value, rank (as published), source,
    certainty, note."""
    table = by_hand.table(by_hand.content(_folder(root) / "values.csv"))
    return table.assign(**{c: pd.to_numeric(table[c]) for c in ("time_period", "value", "rank")})


def segments(figures: pd.DataFrame, described: pd.DataFrame) -> pd.DataFrame:
    """Add ``segment`` (only figures of one segment may be joined or compared over time) and
    ``partial`` (an edition of which only some provinces are known)."""
    parts = []
    for code, rows in figures.groupby("index", sort=False):
        one = described.loc[code]
        years = rows["time_period"]
        breaks = set(years) if one["breaks"] == EACH else _years(one["breaks"])
        segment = years.map({y: sum(b <= y for b in breaks) for y in years.unique()})
        partial = years.isin(_years(one["partial"]))
        parts.append(rows.assign(segment=segment, partial=partial))
    return pd.concat(parts)


def _years(text: str) -> set[int]:
    return {int(year) for year in text.split("|") if year}


def spread(figures: pd.DataFrame, province: str) -> pd.DataFrame:
    """For each index and edition the values of all provinces in short, and one province's own.

    Parameters
    ----------
    figures
        With the columns of :func:`segments`.

    Returns
    -------
    index, time_period, segment, partial, provinces (with a value), low, quarter, median,
    three_quarters, high, value, rank (as published), place (from the best; ties share the better
    one; missing in a partial edition, where the others are unknown).
    """
    keys = ["index", "time_period", "segment", "partial"]
    by = figures.groupby(keys, sort=False)["value"]
    table = by.agg(provinces="count", low="min", median="median", high="max")
    table = table.assign(quarter=by.quantile(0.25), three_quarters=by.quantile(0.75))
    place = by.rank(ascending=False, method="min").mask(figures["partial"])
    own = figures.assign(place=place)[figures["province"] == province]
    own = own.set_index(keys)[["value", "rank", "place"]]
    return table.join(own).reset_index()


def latest(table: pd.DataFrame) -> pd.DataFrame:
    """Of :func:`spread`, the newest edition of each index in which the province has a place."""
    held = table.dropna(subset=["place"]).sort_values("time_period")
    return held.drop_duplicates("index", keep="last").sort_index()
