"""Cells of a design in which too few answered, taken together with their neighbours by the rule
that the survey states (``collapse``); without one, an empty cell stops the weighting.

The rule names columns and the order of their values. A cell that is short takes in the next value
in that order (the last one, the value before) until there is enough. Strata are collapsed along
the first column with the others the same, then, where all of it is short, along the second: each
of its strata joins the like one of the neighbour (collapsed strata: Cochran 1977, 5A.12).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

BETWEEN = " + "
"""What stands between the names of cells that were taken together."""


def groups(counts: Sequence[float], least: float) -> list[int]:
    """The group of each of the values in order; every group has ``least``, or there is only one.

    >>> groups([5, 0, 3, 0], 2)
    [0, 1, 1, 1]
    """
    held = [[n] for n in range(len(counts))]
    while len(held) > 1:
        sums = [sum(counts[n] for n in group) for group in held]
        short = next((n for n, number in enumerate(sums) if number < least), None)
        if short is None:
            break
        first = min(short, len(held) - 2)
        held[first : first + 2] = [held[first] + held[first + 1]]
    return [n for n, group in enumerate(held) for _ in group]


def strata(counts: pd.DataFrame, by: Sequence[str], rule: Mapping | None) -> pd.DataFrame:
    """The strata and the cell that each belongs to.

    Parameters
    ----------
    counts
        The columns ``by``, ``population`` (firms of the stratum) and ``responded`` (of them).
    rule
        ``collapse`` of the survey: ``least`` (firms that answered) and ``order`` (column → values);
        None: every stratum is a cell. A stratum all of whose firms answered is never short.

    Returns
    -------
    ``counts`` with ``cell`` (names of its strata), ``cell_population`` (their firms: none is lost)
    and ``together``: its name again, empty where the stratum is alone.
    """
    table = counts.reset_index(drop=True)
    cell = list(table.index)
    if rule:
        enough = table["responded"].where(table["responded"] < table["population"], rule["least"])
        number = enough.clip(lower=table["responded"])
        done: list[str] = []
        for column in (c for c in rule["order"] if c in by):
            context = [c for c in by if c != column and c not in done]
            for rows in _alike(table, context):
                _along(table, rows, column, (done, number, cell), rule)
            done.append(column)
    names = table[list(by)].astype(str).agg(", ".join, axis=1).groupby(cell)
    table["cell"] = names.transform(BETWEEN.join)
    table["cell_population"] = table["population"].groupby(cell).transform("sum")
    table["together"] = table["cell"].where(names.transform("size") > 1, "")
    return table


def _alike(table: pd.DataFrame, columns: list[str]) -> list[list[int]]:
    """Rows of the table by what stands in the columns."""
    if not columns:
        return [list(table.index)]
    return [list(rows) for rows in table.groupby(columns, sort=False).indices.values()]


def _along(table: pd.DataFrame, rows: list[int], column: str, held: tuple, rule: Mapping) -> None:
    """Collapse the rows along the column; ``held``: columns done, numbers, cells (changed)."""
    done, number, cell = held
    of_value: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        of_value[table.at[row, column]].append(row)
    values = [v for v in rule["order"][column] if v in of_value]
    counts = [float(number[of_value[v]].sum()) for v in values]
    for group in _members(values, groups(counts, rule["least"])):
        if len(group) < 2:
            continue
        full = [v for v in group if float(number[of_value[v]].sum()) >= rule["least"]]
        own = [row for v in group for row in of_value[v]]
        if not full:  # none has enough by itself: all are one cell
            _into(cell, own, cell[own[0]])
            continue
        target = of_value[full[0]]  # groups of enough never take in another: there is one
        like = {tuple(table.loc[row, done]): cell[row] for row in target}
        most = cell[max(target, key=lambda row: (number[row], -row))]
        for row in own:
            if row not in target:
                cell[row] = like.get(tuple(table.loc[row, done]), most)


def _into(cell: list[int], rows: list[int], number: int) -> None:
    for row in rows:
        cell[row] = number


def _members(values: list[str], of_group: list[int]) -> list[list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for value, group in zip(values, of_group, strict=True):
        found[group].append(value)
    return list(found.values())


def margin(
    totals: pd.Series, answered: pd.Series, order: Sequence[str], least: int
) -> dict[str, str]:
    """Category → what it is called with those that it is taken together with, of a known margin.

    Parameters
    ----------
    totals
        Known totals by category; one of 0 has nobody to take in.
    answered
        Category of each firm that answered.
    order
        Neighbours; a category that does not stand there stays alone.

    >>> margin(pd.Series({"a": 5, "b": 9}), pd.Series(["a", "a"]), ["a", "b"], 1)
    {'a': 'a + b', 'b': 'a + b'}
    """
    counts = answered.value_counts()
    values = [v for v in order if v in totals.index and (totals[v] > 0 or counts.get(v, 0))]
    merged = {str(v): str(v) for v in totals.index}
    number = [float(counts.get(v, 0)) for v in values]
    for group in _members(values, groups(number, least)):
        merged |= dict.fromkeys(group, BETWEEN.join(group))
    return merged
