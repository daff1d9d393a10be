"""Chance in ratios of counts: 3 of 4 is not 3,000 of 4,000.

A complete count has no sampling error: 3 of the 4 petitions were in time, and that is that. What
varies is the *process*: an office that handles petitions as this one does would not have had
exactly these four cases, nor exactly three of them in time (the counts as a draw from a
superpopulation; Goldstein & Spiegelhalter 1996, Spiegelhalter 2005). Chance answers how sure the
count makes us of the ratio at which the office works, not of what happened; of wrong figures it
knows nothing.

Given its ratio p, a unit's count is binomial; where cases go together its variance is ``phi`` times
that (:func:`analysis.scoring.dispersion.within`, estimated from the peers), as if there were
n ÷ phi cases. Without cases there is no ratio and no chance (không phát sinh).
"""

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.scoring import dispersion
from analysis.scoring.grid import Grid

METHODS = ("exact", "wilson", "jeffreys")
LEVEL = 0.9


def interval(
    x: np.ndarray,
    n: np.ndarray,
    level: float = LEVEL,
    phi: float | np.ndarray = 1.0,
    method: str = "exact",
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of a confidence interval of the ratio behind ``x`` of ``n`` (shares; missing if n is 0).

    ``exact`` (Clopper & Pearson 1934, with n ÷ phi cases as Korn & Graubard 1998) holds for every
    ratio and every number of cases, and is what pages show. ``wilson`` and ``jeffreys`` are shorter
    and hold on average over ratios, not for each (docs/method/10-composite.md has the coverage).

    Raises
    ------
    ValueError
        where a count is not between 0 and its denominator, or for another method.
    """
    x, n = np.asarray(x, float), np.asarray(n, float)
    if ((x < 0) | (x > n)).any():
        at = np.argmax(np.ravel((x < 0) | (x > n)))
        raise ValueError(f"{np.ravel(x)[at]:g} of {np.ravel(n)[at]:g} is no share of cases")
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}")
    some = n > 0
    size = np.where(some, n, 1.0) / phi
    count, tail = x / phi, (1 - level) / 2
    if method == "wilson":
        z = scipy.stats.norm.isf(tail)
        share = count / size
        middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
        half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + (z / size) ** 2 / 4)
        low, high = middle - half, middle + half
    else:
        a, b = (0.5, 0.5) if method == "jeffreys" else (0.0, 1.0)
        low = scipy.special.betaincinv(count + a, size - count + b, tail)
        high = scipy.special.betaincinv(count + b, size - count + a, 1 - tail)
    low, high = np.where(x <= 0, 0.0, low), np.where(x >= n, 1.0, high)
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def drawn(
    x: np.ndarray, n: np.ndarray, phi: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Ratios that may be behind ``x`` of ``n``: replicates × the shape of ``x``.

    Half of them as Beta(x, n − x + 1) below its median, half as Beta(x + 1, n − x) above its own:
    any two quantiles of them are an exact interval. (Redrawing x itself would find no doubt in
    four of four.) ``n`` > 0.
    """
    x, size = np.asarray(x, float) / phi, np.asarray(n, float) / phi
    lower, upper = (
        np.sort(_beta(a, b, count, rng), axis=0) for a, b in ((x, size - x + 1), (x + 1, size - x))
    )
    half = count // 2
    return rng.permuted(np.concatenate([lower[:half], upper[half:]]), axis=0)


def _beta(a: np.ndarray, b: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Beta draws; all 0 where ``a`` is 0, all 1 where ``b`` is."""
    held = rng.beta(np.where(a > 0, a, 1.0), np.where(b > 0, b, 1.0), (count, *np.shape(a)))
    return np.where(a <= 0, 0.0, np.where(b <= 0, 1.0, held))


# --- indicator values -----------------------------------------------------------------------------


def counted(values: pd.DataFrame) -> np.ndarray:
    """Which rows are ratios of counts: whole numbers, x of n with 0 ≤ x ≤ n and n > 0."""
    x, n = values["numerator"].to_numpy(float), values["denominator"].to_numpy(float)
    with np.errstate(invalid="ignore"):
        return (x >= 0) & (x <= n) & (n > 0) & (x % 1 == 0) & (n % 1 == 0)


def without_cases(values: pd.DataFrame) -> np.ndarray:
    """Which rows have a denominator of 0: nothing to measure, no ratio, no chance."""
    return (values["denominator"] == 0).to_numpy()


def overdispersion(values: pd.DataFrame, held: np.ndarray, peers: np.ndarray) -> np.ndarray:
    """phi of each row's indicator among the row's peers, by the rows ``held``; 1 elsewhere.

    ``peers``: the group of each row's unit.
    """
    phi = np.ones(len(values))
    x, n = (values[c].to_numpy(float) for c in ("numerator", "denominator"))
    keys = values["indicator"].astype(str).to_numpy()[held], np.asarray(peers)[held]
    rows = np.flatnonzero(held)
    for at in pd.DataFrame({"row": rows}).groupby(list(keys))["row"].groups.values():
        phi[rows[at]] = dispersion.within(x[rows[at]], n[rows[at]]).phi
    return phi


def replicates(
    values: pd.DataFrame,
    held: np.ndarray,
    grid: Grid,
    peers: np.ndarray,
    count: int,
    seed: int,
) -> np.ndarray:
    """Indicator values (percent) by chance: replicates × units × indicators.

    ``held``: rows that are ratios of counts, the others are missing; ``peers``: the group of each
    unit of ``grid``.
    """
    phi = overdispersion(values, held, peers[grid.unit])[held]
    part, rng = values[held], np.random.default_rng([seed, 5])
    x, n = (part[c].to_numpy(float) for c in ("numerator", "denominator"))
    found = np.full((count, *grid.shape), np.nan)
    found[:, grid.unit[held], grid.column[held]] = 100 * drawn(x, n, phi, count, rng)
    return found
