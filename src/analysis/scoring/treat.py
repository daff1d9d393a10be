"""Outliers: winsorise by skewness and kurtosis, or take a logarithm or power; what was is marked.

OECD/JRC handbook, step 5; the procedure and its limits are those of COINr's ``Treat``.
"""

import numpy as np
import pandas as pd

from analysis.scoring.grid import Grid

METHODS = (
    "none",
    "winsorise",
    "log",
    "winsorise_or_log",
    "log_left",
    "log_either",
    "boxcox",
)
MARKS = ["", "winsorised_high", "winsorised_low", "log", "log_left", "boxcox"]


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
    ``log`` takes it at once; ``log_left`` where a long tail lies at the low end, ``log_either`` on
    the side of the skew; ``boxcox`` the power that makes it most regular (Box & Cox 1964).

    Parameters
    ----------
    values
        reporting_unit, indicator and ``value``.

    Returns
    -------
    ``values`` with ``treated_value`` and ``treated``: of MARKS, "" as it was.
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
    kinds = np.zeros(columns.shape[1], np.int8)
    if method.startswith("winsorise") and off.any():
        found[:, off] = winsorised(columns[:, off], skewness, kurtosis, at_most)
        off &= ~passes(found, skewness, kurtosis)
    if method != "winsorise" and off.any():
        found[:, off], kinds[off] = _transformed(columns[:, off], method)
    shape = (x.shape[-2], *x.shape[:-2], x.shape[-1])
    out = np.moveaxis(found.reshape(shape), 0, -2)
    if not marks:
        return out
    kinds = np.moveaxis(np.broadcast_to(kinds, found.shape).reshape(shape), 0, -2)
    labels[out < x] = MARKS.index("winsorised_high")
    labels[out > x] = MARKS.index("winsorised_low")
    return out, np.where((kinds > 0) & ~np.isnan(x), kinds, labels)


def _transformed(x: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Each column by a rising function, and the code of its mark."""
    if method == "boxcox":
        return boxcox(x)[0], np.full(x.shape[1], MARKS.index("boxcox"), np.int8)
    left = np.full(x.shape[1], method == "log_left")
    if method == "log_either":
        left = skew(x) < 0
    turned = np.where(left, -1.0, 1.0)
    marks = np.where(left, MARKS.index("log_left"), MARKS.index("log"))
    return turned * shifted_log(turned * x), marks.astype(np.int8)


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
    return np.log(_shifted(x))


def _shifted(x: np.ndarray) -> np.ndarray:
    low, high = np.fmin.reduce(x, axis=0), np.fmax.reduce(x, axis=0)
    return x - low + 0.01 * (high - low)


_POWERS = np.linspace(-2, 2, 41)
_GOLDEN = (np.sqrt(5) - 1) / 2


def boxcox(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each column (y^λ − 1) ÷ λ of the y that :func:`shifted_log` takes the logarithm of; λ too.

    λ between −2 and 2 by maximum likelihood of a normal distribution (Box & Cox 1964; R
    ``MASS::boxcox``): the best of a grid, refined by golden sections, all columns at once.
    """
    y = _shifted(x)
    log = np.log(y)
    known = ~np.isnan(y)
    n = known.sum(axis=0)
    total = np.where(known, log, 0).sum(axis=0)

    def power(at: np.ndarray) -> np.ndarray:
        small = np.abs(at) < 1e-9
        return np.where(small, log, np.expm1(at * log) / np.where(small, 1.0, at))

    def likelihood(at: np.ndarray) -> np.ndarray:
        z = power(at)
        mean = np.where(known, z, 0).sum(axis=0) / n
        square = np.where(known, (z - mean) ** 2, 0).sum(axis=0)
        return (at - 1) * total - n / 2 * np.log(square / n)

    tried = np.stack([likelihood(np.full(x.shape[1], p)) for p in _POWERS])
    best = _POWERS[tried.argmax(axis=0)]
    low, high = np.clip(best - 0.1, -2, 2), np.clip(best + 0.1, -2, 2)
    for _ in range(45):
        a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        up = likelihood(a) < likelihood(b)
        low, high = np.where(up, a, low), np.where(up, high, b)
    found = (low + high) / 2
    return power(found), found
