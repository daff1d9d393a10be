"""What is missing: screen units and indicators by availability, fill gaps by a named method.

OECD/JRC handbook, step 3; screening and the group means follow COINr (``Screen``, ``i_mean_grp``).
A filled value is marked I and can be counted; nothing is filled unless the framework says so.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.schema.tables import OBS_STATUS_TYPE
from analysis.scoring.grid import Grid

METHODS = ("none", "mean", "median", "group_mean", "group_median", "unit_mean", "last")


class Kin(NamedTuple):
    """Of each indicator, in order: code, dimension (as a number), 1 where more is better or -1."""

    codes: tuple[str, ...]
    dimension: np.ndarray
    direction: np.ndarray


SCREENED = ("", "indicator", "unit", "indicator_zeros", "unit_zeros")


def screen(
    values: pd.DataFrame,
    units: float = 0.0,
    indicators: float = 0.0,
    units_not_zero: float = 0.0,
    indicators_not_zero: float = 0.0,
    value: str = "obs_value",
) -> pd.DataFrame:
    """Mark indicators, then units, of which too little is there, or too much is 0.

    Parameters
    ----------
    values
        reporting_unit, indicator and ``value``.
    units, indicators
        Least share of values that a unit (of the indicators kept) or an indicator (of all units)
        must have.
    units_not_zero, indicators_not_zero
        Least share of those values that must be other than 0 (COINr ``Screen``, by zeros).

    Returns
    -------
    ``values`` with ``screened``: of SCREENED. Marked rows take no part in the score.
    """
    grid = Grid.of(values)
    x = grid.matrix(values[value].to_numpy(float))
    known, other = ~np.isnan(x), ~np.isnan(x) & (x != 0)
    weak = known.mean(axis=0) < indicators
    zeros = ~weak & (_share(other, known, 0) < indicators_not_zero)
    kept = ~(weak | zeros)
    bare = known[:, kept].mean(axis=1) < units if kept.any() else np.ones(len(known), bool)
    empty = ~bare & (_share(other[:, kept], known[:, kept], 1) < units_not_zero)
    by_unit = np.where(bare, 2, np.where(empty, 4, 0))[:, None]
    marks = np.where(weak, 1, np.where(zeros, 3, by_unit))
    return values.assign(screened=grid.rows(marks, SCREENED))


def _share(part: np.ndarray, of: np.ndarray, axis: int) -> np.ndarray:
    """``part`` of ``of``; all of it where there is nothing."""
    count = of.sum(axis=axis)
    return np.divide(part.sum(axis=axis), count, out=np.ones(len(count)), where=count > 0)


def impute(
    values: pd.DataFrame,
    method: str = "none",
    groups: dict[str, object] | None = None,
    earlier: list[pd.DataFrame] = (),
    at_most: int = 1,
    kin: Kin | None = None,
) -> pd.DataFrame:
    """Fill missing values of rows that are not screened out.

    Parameters
    ----------
    values
        reporting_unit, indicator, obs_value, obs_status; ``screened`` if screened.
    method
        none; mean or median of the indicator; group_mean or group_median, within the units of the
        same group; unit_mean, by the unit's other indicators of the dimension; last, the unit's own
        value in one of the periods before.
    groups
        Unit → group, for the group methods.
    earlier
        Tables of the periods before, the latest first.
    at_most
        How many periods back ``last`` may reach.
    kin
        What the indicators are (for unit_mean).

    Returns
    -------
    ``values`` with ``filled_value`` (obs_value, or what stands for it) and obs_status I where it
    was filled. Where nothing can stand for a value it stays missing.
    """
    _check(method)
    grid = Grid.of(values, columns=kin.codes if kin else None)
    x = grid.matrix(values["obs_value"].to_numpy(float))
    if method == "last":
        found = _last(x, grid, list(earlier)[:at_most])
    else:
        found = filled(x, method, grid.of_units(groups or {}), kin)
    fill = grid.rows(found)
    status = values["obs_status"].astype(OBS_STATUS_TYPE)
    gap = values["obs_value"].isna() & ~np.isnan(fill) & (status != "M")
    if "screened" in values:
        gap &= values["screened"] == ""
    return values.assign(
        filled_value=values["obs_value"].where(~gap, fill), obs_status=status.mask(gap, "I")
    )


def _check(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"impute: {method!r} is not one of {', '.join(METHODS)}")


def filled(x: np.ndarray, method: str, groups: np.ndarray, kin: Kin | None = None) -> np.ndarray:
    """``x`` (…, units, indicators) with its gaps filled by mean, median, group_mean, group_median
    or unit_mean.

    ``groups`` holds the group of each unit, ``kin`` what the indicators are.
    """
    _check(method)
    if method in ("none", "last"):
        return x
    if method == "unit_mean":
        return _by_others(x, kin)
    middle = _mean if method.endswith("mean") else _median
    if not method.startswith("group"):
        return np.where(np.isnan(x), middle(x), x)
    found = x.copy()
    for group in np.unique(groups):
        rows = groups == group
        part = x[..., rows, :]
        found[..., rows, :] = np.where(np.isnan(part), middle(part), part)
    return found


def _by_others(x: np.ndarray, kin: Kin) -> np.ndarray:
    """Gaps at the share of the range at which the unit's other indicators of the dimension stand,
    on average (COINr ``Impute`` by row, normalised first). Without any other they stay."""
    low, high = (f.reduce(x, axis=-2, keepdims=True) for f in (np.fmin, np.fmax))
    better = kin.direction > 0
    worst, best = np.where(better, low, high), np.where(better, high, low)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (x - worst) / (best - worst), np.nan)
    alike = (kin.dimension[:, None] == kin.dimension).astype(float)
    known = ~np.isnan(share)
    count = known @ alike
    total = np.where(known, share, 0.0) @ alike
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return np.where(np.isnan(x), worst + mean * (best - worst), x)


def _mean(x: np.ndarray) -> np.ndarray:
    known = ~np.isnan(x)
    count = known.sum(axis=-2, keepdims=True)
    total = np.where(known, x, 0).sum(axis=-2, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _median(x: np.ndarray) -> np.ndarray:
    """Without the warning of NumPy where a column holds nothing."""
    empty = np.isnan(x).all(axis=-2, keepdims=True)
    found = np.nanmedian(np.where(empty, 0.0, x), axis=-2, keepdims=True)
    return np.where(empty, np.nan, found)


def _last(x: np.ndarray, grid: Grid, earlier: list[pd.DataFrame]) -> np.ndarray:
    for table in earlier:
        wide = table.pivot(index="reporting_unit", columns="indicator", values="obs_value")
        wide = wide.reindex(index=grid.units, columns=grid.columns).to_numpy(float)
        x = np.where(np.isnan(x), wide, x)
    return x
