"""Tiers in place of ranks: as few as the evidence asks for.

Rule: tiers are contiguous in rank; no two units of one tier are told apart by *every* source of
doubt that there is (method, sampling, chance); equal scores share a tier. Among all ways to do so
the one with the fewest tiers is taken, and among those the one that separates the fewest pairs, for
every pair that it separates without need may be reversed. An exact dynamic programme over the
places finds it. What tiers cannot say stands beside them: of the pairs in different tiers, how many
may be reversed, by each source.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.schema.tables import TIERS

SOURCES = ("method", "sampling", "chance")


def tiers(x: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """The tier of each unit, 1 the best.

    Parameters
    ----------
    x
        Scores, the highest is best.
    apart
        units × units: whether the unit of the row is told to be above that of the column.
    """
    order = np.argsort(-np.asarray(x, float), kind="stable")
    x, told = np.asarray(x, float)[order], apart[np.ix_(order, order)]
    first = np.flatnonzero(np.r_[True, np.diff(x) < 0])  # where a new score begins
    end = np.r_[first[1:], len(x)]
    # the last unit above that is told apart from one of the block; a tier begins behind its block
    last = np.where(told.any(axis=0), len(x) - 1 - told[::-1].argmax(axis=0), -1)
    reach = np.maximum.accumulate(np.maximum.reduceat(last, first))
    begin = np.searchsorted(first, reach, side="right")
    cost = np.zeros(len(first) + 1, np.int64)  # tiers × more than all pairs − pairs within tiers
    back = np.zeros(len(first), int)
    for i in range(len(first)):
        starts = np.arange(begin[i], i + 1)
        size = end[i] - first[starts]
        found = cost[starts] + len(x) ** 2 - size * (size - 1) // 2
        back[i] = starts[found.argmin()]
        cost[i + 1] = found.min()
    tier, at, number = np.zeros(len(x), int), len(first) - 1, 0
    while at >= 0:
        tier[first[back[at]] : end[at]] = number
        at, number = back[at] - 1, number + 1
    made = np.empty(len(x), int)
    made[order] = number - tier
    return made


def table(units: pd.Index, x: np.ndarray, told: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The tiers of one peer group, and of each unit's pairs with other tiers the reversible ones.

    ``told``: source → which unit is told to be above which (units × units); at least one source.

    Returns reporting_unit, tier, tiers, across, reversible_method, _sampling, _chance (missing
    where that source does not doubt).
    """
    tier = tiers(x, np.logical_and.reduce(list(told.values())))
    other = tier[:, None] != tier
    made = {"reporting_unit": units, "tier": tier, "tiers": tier.max(), "across": other.sum(axis=1)}
    for source in SOURCES:
        doubt = told.get(source)
        made[f"reversible_{source}"] = (
            np.nan if doubt is None else (other & ~(doubt | doubt.T)).sum(axis=1)
        )
    return pd.DataFrame(made)


def reversible(table: pd.DataFrame) -> pd.DataFrame:
    """What a page says beneath its tiers, from schema.TIERS.

    Returns framework, level, code, peer_type, units, tiers, pairs (in different tiers), method,
    sampling, chance: share of these pairs that the source may reverse (missing without the source,
    and where there is one tier).
    """
    by = ["framework", "level", "code", "peer_type"]
    grouped = table.groupby(by, sort=False, observed=True)
    found = grouped.agg(units=("tier", "size"), tiers=("tiers", "max"), pairs=("across", "sum"))
    for source in SOURCES:
        doubtful = grouped[f"reversible_{source}"].sum(min_count=1)
        found[source] = (doubtful / found["pairs"]).where(found["pairs"] > 0)
    return found.assign(pairs=found["pairs"] // 2).reset_index()


def of(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """schema.TIERS from the tables of several groups, perhaps none."""
    return TIERS.of(pd.concat(parts, ignore_index=True) if parts else [])
