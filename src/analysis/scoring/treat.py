"""Outliers: winsorise by skewness and kurtosis, or take the logarithm; what was treated is marked.

OECD/JRC handbook, step 5; the procedure and its limits are those of COINr's ``Treat``.
"""

import numpy as np
import pandas as pd

from analysis.scoring.grid import Grid

METHODS = ("none", "winsorise", "log", "winsorise_or_log")
MARKS = ["", "winsorised_high", "winsorised_low", "log"]


def treat(
    values: pd.DataFrame,
    method: str = "none",
    skewness: float = 2.0,
    kurtosis: float = 3.5,
    at_most: int = 5,
    value: str = "filled_value",
) -> pd.DataFrame:
    """Treat each indicator whose distribution is far from regular.

    An indicator passes if |skewness| < 2 or kurtosis < 3.5. ``winsorise`` sets the most extreme
    values, on the side of the skew, to the next one until it passes, at most ``at_most`` values;
    ``winsorise_or_log`` takes the logarithm of the untreated values where that is not enough;
    ``log`` takes it at once.

    Parameters
    ----------
    values
        reporting_unit, indicator and ``value``.

    Returns
    -------
    ``values`` with ``treated_value`` and ``treated``: winsorised_high, winsorised_low, log or "".
    """
    if method not in METHODS:
        raise ValueError(f"treat: {method!r} is not one of {', '.join(METHODS)}")
    grid = Grid.of(values)
    x = grid.matrix(values[value].to_numpy(float))
    found, marks = treated(x, method, skewness, kurtosis, at_most, marks=True)
    return values.assign(treated_value=grid.rows(found), treated=grid.rows(marks, MARKS))


def treated(
    x: np.ndarray,
    method: str,
    skewness: float = 2.0,
    kurtosis: float = 3.5,
    at_most: int = 5,
    marks: bool = False,
):
    """:func:`treat` on an array (…, units, indicators); with ``marks`` also codes of MARKS."""
    labels = np.zeros(x.shape, np.int8)
    if method == "none":
        return (x, labels) if marks else x
    columns = np.moveaxis(x, -2, 0).reshape(x.shape[-2], -1)
    found = columns.copy()
    off = ~passes(columns, skewness, kurtosis)
    if method != "log" and off.any():
        found[:, off] = winsorised(columns[:, off], skewness, kurtosis, at_most)
    if method != "winsorise":
        still = off & ~passes(found, skewness, kurtosis) if method != "log" else off
        found[:, still] = shifted_log(columns[:, still])
    shape = (x.shape[-2], *x.shape[:-2], x.shape[-1])
    out = np.moveaxis(found.reshape(shape), 0, -2)
    if not marks:
        return out
    logged = np.zeros(found.shape[1], bool) if method == "winsorise" else still
    logged = np.moveaxis(np.broadcast_to(logged, found.shape).reshape(shape), 0, -2)
    labels[out < x] = MARKS.index("winsorised_high")
    labels[out > x] = MARKS.index("winsorised_low")
    labels[logged & ~np.isnan(x)] = MARKS.index("log")
    return out, labels


def skew(x: np.ndarray) -> np.ndarray:
    """Adjusted Fisher–Pearson skewness G1 of each column (COINr ``skew``, e1071 type 2)."""
    n, _, m2, m3, _ = _moments(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(n) * m3 / m2**1.5 * np.sqrt(n * (n - 1)) / (n - 2)


def kurt(x: np.ndarray) -> np.ndarray:
    """Adjusted excess kurtosis G2 of each column (COINr ``kurt``, e1071 type 2)."""
    n, _, m2, _, m4 = _moments(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = n * m4 / m2**2
        return ((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))


def _moments(x: np.ndarray) -> tuple:
    """Count, mean and sums of powers of the distance from it; missing values are left out."""
    known = ~np.isnan(x)
    n = known.sum(axis=0).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, x, 0).sum(axis=0) / n
    d = np.where(known, x - mean, 0)
    square = d * d
    return n, mean, square.sum(axis=0), (square * d).sum(axis=0), (square * square).sum(axis=0)


def passes(x: np.ndarray, skewness: float = 2.0, kurtosis: float = 3.5) -> np.ndarray:
    """Whether each column is regular enough; one of under four values, or of equal ones, is."""
    s, k = skew(x), kurt(x)
    few = (~np.isnan(x)).sum(axis=0) < 4
    return few | ~np.isfinite(s) | ~np.isfinite(k) | (np.abs(s) < skewness) | (k < kurtosis)


def winsorised(x: np.ndarray, skewness: float, kurtosis: float, at_most: int) -> np.ndarray:
    """Each column with its extreme values drawn in until it passes or ``at_most`` were (COINr)."""
    x = x.copy()
    high, low = np.zeros(x.shape[1], int), np.zeros(x.shape[1], int)
    going = ~passes(x, skewness, kurtosis) & (at_most > 0)
    while going.any():
        part = x[:, going]
        up = skew(part) >= 0
        # drawn in towards the middle: the low side is the high side of the negative
        turned = np.where(up, part, -part)
        most = np.fmax.reduce(turned, axis=0)
        at_end = turned == most
        rest = np.fmax.reduce(np.where(at_end, np.nan, turned), axis=0)
        turned = np.where(at_end, rest, turned)
        x[:, going] = np.where(up, turned, -turned)
        count = at_end.sum(axis=0)
        high[going] = np.where(up, count, high[going])
        low[going] = np.where(up, low[going], count)
        going &= ~passes(x, skewness, kurtosis) & (high + low < at_most)
    return x


def shifted_log(x: np.ndarray) -> np.ndarray:
    """log(x − min + 0.01 (max − min)) of each column (COINr ``log_CT``)."""
    low, high = np.fmin.reduce(x, axis=0), np.fmax.reduce(x, axis=0)
    return np.log(x - low + 0.01 * (high - low))
