"""Whether what is known of the firms behind a survey agrees with itself, before anything is
weighted by it: a sum that contradicts another would give wrong weights without a word."""

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

TOLERANCE = 0.005
"""How far sums of the same firms may lie apart, as a share of the larger one: figures that were
rounded to hundreds or published as shares still agree; other years or other definitions do not."""


def faults(
    totals: pd.DataFrame,
    strata: pd.DataFrame,
    selected: pd.DataFrame,
    by: list[str],
    joined: Collection[str] = (),
):
    """What is wrong with the known numbers of firms, as "file:line: what".

    Parameters
    ----------
    totals
        variable, category, total.
    strata
        The columns ``by`` and population.
    selected
        The firms drawn, with the columns ``by`` and those that ``totals`` names.
    joined
        Variables of which a category that nobody is of is taken together with another.
    """
    found = [*_numbers(totals, "totals.csv", "total", 0)]
    found += _numbers(strata, "strata.csv", "population", 1)
    if not found:
        found += [*_drawn(strata, selected, by), *_categories(totals, selected, joined)]
    return found or list(_sums(totals, strata))


def _line(row: int) -> int:
    return int(row) + 2


def _numbers(table: pd.DataFrame, file: str, column: str, least: int) -> Iterator[str]:
    values = pd.to_numeric(table[column], errors="coerce")
    wrong = ~(np.isfinite(values) & (values >= least))
    for row in np.flatnonzero(wrong):
        said = table[column].iloc[row]
        yield f"{file}:{_line(row)}: {column} must be a number of at least {least}, not {said!r}"


def _drawn(strata: pd.DataFrame, selected: pd.DataFrame, by: list[str]) -> Iterator[str]:
    """More firms cannot have been drawn from a stratum than there are in it."""
    drawn = selected.groupby(by).size().rename("drawn").reset_index()
    joined = strata.merge(drawn, on=by, how="left")
    for row in np.flatnonzero(joined["drawn"] > pd.to_numeric(joined["population"])):
        held, asked = strata["population"].iloc[row], joined["drawn"].iloc[row]
        where = ", ".join(strata[by].iloc[row])
        yield f"strata.csv:{_line(row)}: {where}: population {held}, but {asked:.0f} firms selected"


def _categories(
    totals: pd.DataFrame, selected: pd.DataFrame, joined: Collection[str]
) -> Iterator[str]:
    """Each category of the firms has its total once, and each total its firms."""
    twice = totals.duplicated(["variable", "category"]).to_numpy()
    for row in np.flatnonzero(twice):
        variable, category = totals[["variable", "category"]].iloc[row]
        yield f"totals.csv:{_line(row)}: {variable}: {category} stands twice"
    for variable, part in totals.groupby("variable", sort=False):
        first = _line(totals.index.get_loc(part.index[0]))
        if variable not in selected:
            yield f"totals.csv:{first}: selected.csv has no column {variable}"
            continue
        values = selected[variable]
        for row in np.flatnonzero(values.isna()):
            yield f"selected.csv:{_line(row)}: {variable}: a value is missing"
        known = set(part.loc[pd.to_numeric(part["total"]) > 0, "category"])
        for category in dict.fromkeys(values.dropna()):
            if category not in known:
                row = _line(np.flatnonzero(values == category)[0])
                what = f"{variable}: no total for {category}, which stands in selected.csv:{row}"
                yield f"totals.csv:{first}: {what}"
        absent = set() if variable in joined else known - set(values)
        for row in part.index[part["category"].isin(absent)]:
            category = totals.at[row, "category"]
            line = _line(totals.index.get_loc(row))
            yield f"totals.csv:{line}: {variable}: nobody in the sample for {category}"


def _sums(totals: pd.DataFrame, strata: pd.DataFrame) -> Iterator[str]:
    """All margins, and the strata, are of the same firms: their sums must agree."""
    numbers = totals.assign(total=pd.to_numeric(totals["total"]))
    sums = {
        f"{variable} in totals.csv:{_line(part.index[0])}": part["total"].sum()
        for variable, part in numbers.groupby("variable", sort=False)
    }
    sums["population in strata.csv:2"] = pd.to_numeric(strata["population"]).sum()
    for one, what in contradictions(sums):
        name, _, where = one.partition(" in ")
        yield f"{where}: {name} {what}"


def contradictions(sums: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Which of the sums of the same firms contradict another: its name, and what both say."""
    for (one, first), (other, second) in combinations(sums.items(), 2):
        if abs(first - second) > TOLERANCE * max(first, second):
            both = [f"{n:,.0f}" if abs(n) >= 100 else f"{n:.4g}" for n in (first, second)]
            yield (
                one,
                (
                    f"adds up to {both[0]}, but {other} to {both[1]}: they must agree to "
                    f"{TOLERANCE:.1%}"
                ),
            )
