"""Whether what is known of the firms behind a survey agrees with itself, before anything is
weighted by it: a sum that contradicts another would give wrong weights without a word."""

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.language.messages import tell

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
        yield tell(
            "{file}:{line}: {column} must be a number of at least {least}, not {said!r}",
            file=file,
            line=_line(row),
            column=column,
            least=least,
            said=said,
        )


def _drawn(strata: pd.DataFrame, selected: pd.DataFrame, by: list[str]) -> Iterator[str]:
    """More firms cannot have been drawn from a stratum than there are in it."""
    drawn = selected.groupby(by).size().rename("drawn").reset_index()
    joined = strata.merge(drawn, on=by, how="left")
    for row in np.flatnonzero(joined["drawn"] > pd.to_numeric(joined["population"])):
        held, asked = strata["population"].iloc[row], joined["drawn"].iloc[row]
        where = ", ".join(strata[by].iloc[row])
        yield tell(
            "strata.csv:{line}: {where}: population {held}, but {asked:.0f} firms selected",
            line=_line(row),
            where=where,
            held=held,
            asked=asked,
        )


def _categories(
    totals: pd.DataFrame, selected: pd.DataFrame, joined: Collection[str]
) -> Iterator[str]:
    """Each category of the firms has its total once, and each total its firms."""
    twice = totals.duplicated(["variable", "category"]).to_numpy()
    for row in np.flatnonzero(twice):
        variable, category = totals[["variable", "category"]].iloc[row]
        yield tell(
            "totals.csv:{line}: {variable}: {category} stands twice",
            line=_line(row),
            variable=variable,
            category=category,
        )
    for variable, part in totals.groupby("variable", sort=False):
        first = _line(totals.index.get_loc(part.index[0]))
        if variable not in selected:
            yield tell(
                "totals.csv:{first}: selected.csv has no column {variable}",
                first=first,
                variable=variable,
            )
            continue
        values = selected[variable]
        for row in np.flatnonzero(values.isna()):
            yield tell(
                "selected.csv:{line}: {variable}: a value is missing",
                line=_line(row),
                variable=variable,
            )
        known = set(part.loc[pd.to_numeric(part["total"]) > 0, "category"])
        for category in dict.fromkeys(values.dropna()):
            if category not in known:
                row = _line(np.flatnonzero(values == category)[0])
                what = tell(
                    "{variable}: no total for {category}, which stands in selected.csv:{row}",
                    variable=variable,
                    category=category,
                    row=row,
                )
                yield f"totals.csv:{first}: {what}"
        absent = set() if variable in joined else known - set(values)
        for row in part.index[part["category"].isin(absent)]:
            category = totals.at[row, "category"]
            line = _line(totals.index.get_loc(row))
            yield tell(
                "totals.csv:{line}: {variable}: nobody in the sample for {category}",
                line=line,
                variable=variable,
                category=category,
            )


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
                tell(
                    "adds up to {first}, but {other} to {second}: they must agree to {most:.1%}",
                    first=both[0],
                    other=other.replace(" in ", tell(" in ")),
                    second=both[1],
                    most=TOLERANCE,
                ),
            )
