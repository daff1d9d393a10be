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

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.scoring import dispersion

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
    if (wrong := np.ravel((x < 0) | (x > n))).any():
        at = np.argmax(wrong)
        raise ValueError(f"{np.ravel(x)[at]:g} of {np.ravel(n)[at]:g} is no share of cases")
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}")
    some = n > 0
    size = np.where(some, n, 1.0) / phi
    count, tail = x / phi, (1 - level) / 2
    if method == "wilson":
        z = -scipy.special.ndtri(tail)
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


class Cases(NamedTuple):
    """Counts whose ratios are to be drawn: ``x`` of ``n`` (n > 0) with overdispersion ``phi``."""

    x: np.ndarray
    n: np.ndarray
    phi: np.ndarray

    @classmethod
    def of(cls, values: pd.DataFrame, rows: np.ndarray, peers: np.ndarray) -> "Cases":
        """Those of the ``rows`` (flags) of a table of indicator values.

        ``peers``: the group of each row's unit; phi is that of an indicator among the peers.
        """
        held = values[rows].reset_index(drop=True)
        x, n = (held[c].to_numpy(float) for c in ("numerator", "denominator"))
        phi = np.ones(len(held))
        for at in held.groupby(["indicator", peers[rows]], observed=True).indices.values():
            phi[at] = dispersion.within(x[at], n[at]).phi
        return cls(x, n, phi)

    def drawn(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Ratios (shares) that may be behind the counts: replicates × counts.

        One half as Beta(x, n − x + 1) up to its median, the other as Beta(x + 1, n − x) from its
        own: any two quantiles are an exact interval. (Redrawing the count itself would find no
        doubt in four of four.)
        """
        x, rest = self.x / self.phi, (self.n - self.x) / self.phi
        found = rng.beta(np.where(x > 0, x, 1.0), rest + 1, (count, len(x)))
        found[:, x == 0] *= 0
        upper = found > scipy.special.betaincinv(x, rest + 1, 0.5)
        upper[:, x == 0] = rng.random((count, (x == 0).sum())) < 0.5
        found[upper & (rest == 0)] = 1
        median = scipy.special.betaincinv(x + 1, rest, 0.5)
        row, at = np.nonzero(upper & (rest > 0))
        while len(at):  # half of the draws lie above their median
            ratio = rng.beta(x[at] + 1, rest[at])
            good = ratio > median[at]
            found[row[good], at[good]] = ratio[good]
            row, at = row[~good], at[~good]
        return found


# --- indicator values -----------------------------------------------------------------------------


def counted(values: pd.DataFrame) -> np.ndarray:
    """Which rows are ratios of counts: whole numbers, x of n with 0 ≤ x ≤ n and n > 0, in use."""
    x, n = values["numerator"].to_numpy(float), values["denominator"].to_numpy(float)
    with np.errstate(invalid="ignore"):
        held = (x >= 0) & (x <= n) & (n > 0) & (x % 1 == 0) & (n % 1 == 0)
    return held & values["obs_value"].notna().to_numpy()


def without_cases(values: pd.DataFrame) -> np.ndarray:
    """Which rows have a denominator of 0: nothing to measure, no ratio, no chance."""
    return (values["denominator"] == 0).to_numpy()
