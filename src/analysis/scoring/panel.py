"""One index over several periods at once: gaps filled in time, one scale for all, yearly growth.

COINr (purses: ``impute_panel``, global normalisation, ``CAGR``). A score on a scale of all periods
moves when a later period is added: it compares these periods, and is no score of any one of them.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.catalogue import tree as trees
from analysis.scoring import aggregate, composite, normalise, treat, weigh
from analysis.scoring.grid import Grid, categorical

METHODS = ("none", "linear", "nearest")
_KEYS = ["reporting_unit", "indicator"]


def filled(values: pd.DataFrame, times: Mapping[str, float], method: str) -> pd.DataFrame:
    """Fill gaps of a unit's indicator from its own values in other periods.

    linear: on the line between the known periods before and after, by time; beyond the first and
    the last known the nearest (R ``approx`` with rule 2; COINr ``impute_panel``). nearest: the
    value nearest in time, the earlier of two as near. What had nothing to measure (obs_status M)
    stays.

    Parameters
    ----------
    values
        reporting_unit, indicator, time_period, obs_value, obs_status.
    times
        Period → its time in years.

    Returns
    -------
    ``values`` with ``filled_value`` and obs_status I where it was filled.
    """
    if method not in METHODS:
        raise ValueError(f"over_time: {method!r} is not one of {', '.join(METHODS)}")
    table = values.reset_index(drop=True)
    found = table["obs_value"].to_numpy(float).copy()
    if method != "none":
        years = table["time_period"].astype(object).map(times).to_numpy(float)
        for rows in table.groupby(_KEYS, observed=True).indices.values():
            own, at = found[rows], years[rows]
            known = ~np.isnan(own)
            if known.any() and not known.all():
                order = np.argsort(at[known], kind="stable")
                found[rows] = _between(at, at[known][order], own[known][order], method)
    gap = table["obs_value"].isna() & ~np.isnan(found) & (table["obs_status"] != "M")
    status = table["obs_status"].astype(object)
    return table.assign(
        filled_value=table["obs_value"].where(~gap, found), obs_status=status.mask(gap, "I")
    )


def _between(at: np.ndarray, known: np.ndarray, held: np.ndarray, method: str) -> np.ndarray:
    if method == "linear":
        return np.interp(at, known, held)
    return held[np.abs(at[:, None] - known).argmin(axis=1)]


def scores(values: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Scores of all units in all periods, as one set: one scale, one treatment, one set of weights.

    Parameters
    ----------
    values
        Of :func:`filled`, with the columns of schema.INDICATOR_VALUES.
    framework
        The catalogue's entry, its dates resolved: one rule for all periods.

    Returns
    -------
    schema.SCORES without ranks, by reporting_unit and time_period.
    """
    tree = trees.of(framework)
    codes = list(tree.codes[: tree.indicators])
    used = values[values["indicator"].isin(codes)].reset_index(drop=True)
    pairs = pd.MultiIndex.from_frame(used[["time_period", "reporting_unit"]].astype(object))
    at, names = pairs.factorize()
    keys = pd.Categorical.from_codes(at, [str(n) for n in range(len(names))])
    used = used.assign(reporting_unit=keys, indicator=categorical(used["indicator"], codes))
    own = used["filled_value"]
    used = composite.screened(used.assign(obs_value=own), framework).drop(columns="available")
    used = treat.treat(used, **trees.method(framework, "treat"))
    used = normalise.normalise(used, framework, codes)
    matrix = Grid.of(used, columns=codes).matrix(used["normalised"].to_numpy(float))
    tree = weigh.weights(tree, framework["weight"], matrix)
    made = aggregate.aggregate(used, framework, tree)
    place = made["reporting_unit"].astype(int)
    return made.assign(
        time_period=names.get_level_values(0).to_numpy(object)[place],
        reporting_unit=names.get_level_values(1).to_numpy(object)[place],
    )


def growth(table: pd.DataFrame, times: Mapping[str, float], value: str, by: list[str]):
    """Compound yearly growth between the first and the last known value, in percent.

    (last ÷ first)^(1 ÷ years) − 1 (COINr ``CAGR``). None where there is only one, or where either
    is 0 or less: there is no constant rate then. What lies between plays no part.

    Parameters
    ----------
    table
        time_period, ``value`` and the columns ``by``.

    Returns
    -------
    The columns ``by``, first_period, first, last_period, last, years, growth.
    """
    held = table.dropna(subset=[value])
    held = held.assign(_time=held["time_period"].astype(object).map(times).astype(float))
    held = held.sort_values("_time", kind="stable").groupby(by, observed=True, sort=False)
    ends = held.agg(
        first_period=("time_period", "first"),
        first=(value, "first"),
        last_period=("time_period", "last"),
        last=(value, "last"),
        start=("_time", "first"),
        end=("_time", "last"),
    )
    years = (ends.pop("end") - ends.pop("start")).astype(float)
    first, last = ends["first"].astype(float), ends["last"].astype(float)
    possible = (first > 0) & (last > 0) & (years > 0)
    rate = np.exp(np.log(last.where(possible) / first) / years.where(possible)) - 1
    return ends.assign(years=years, growth=100 * rate).reset_index()
