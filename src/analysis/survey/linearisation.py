"""How far linearised estimates vary from sample to sample, and with one another.

An estimate is, but for chance of a smaller order, a sum of influences of the rows; the variance of
such a sum follows from the design. Definitions as in Lumley's ``survey`` package for R (Complex
Surveys, 2010).
"""

import numpy as np

from analysis.survey.sampling import Design, Margin

_NOTHING = 1e-12
"""What is left of a difference of equal numbers, as a share of them: rounding, and no variance."""


def residuals(y: np.ndarray, fitted: np.ndarray | float) -> np.ndarray:
    """y − fitted, 0 where they differ by rounding alone.

    The mean of equal values is that value but for its last digit; an error made of such digits
    would depend on the order of the rows.
    """
    return np.where(np.isclose(y, fitted, rtol=_NOTHING, atol=0), 0.0, y - fitted)


def scores(sample: Design, influence: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Sum of the (weighted) ``influence`` of the rows ``index`` over each psu of the sample.

    psu without such a row have 0; after calibration it is what the known totals do not explain.
    Where influences cancel within a psu, as those of a mean do in a domain of one psu, it is 0.
    """
    count, own = len(sample.psu_stratum), sample.psu[index]
    z = np.bincount(own, influence, count)
    z[np.abs(z) <= _NOTHING * np.bincount(own, np.abs(influence), count)] = 0.0
    if not sample.calibrations:
        return z
    if sample.by_unit:
        return _unexplained(sample, z)
    whole = np.zeros(len(sample.psu))
    whole[index] = influence
    return np.bincount(sample.psu, _unexplained(sample, whole), count)


def covariance(sample: Design, z: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Covariances Σ_h (1 − n_h/N_h) · n_h/(n_h − 1) · Σ_i (z_hi − z̄_h)(z_hi − z̄_h)ᵀ.

    Parameters
    ----------
    z
        psu × estimates (:func:`scores`). psu outside a domain count with 0, so that a domain keeps
        the full n_h (Cochran 1977, 5A.14).
    index
        The rows that the estimates rest on.

    Raises
    ------
    ValueError
        for a stratum with one psu, if the design says ``fail``.
    """
    n, strata = sample.sampled, sample.psu_stratum
    touched = np.bincount(sample.stratum[index], minlength=len(n)) > 0
    if sample.calibrations:
        touched[:] = True  # what the totals explain reaches every row
    sums = np.stack([np.bincount(strata, column, len(n)) for column in z.T], axis=1)
    centre = sums / n[:, None]
    left = left_to_chance(sample)
    lonely = (n == 1) & touched & (left > 0)
    if lonely.any() and sample.lonely_psu == "fail":
        name = sample.strata[int(np.flatnonzero(lonely)[0])]
        raise ValueError(f"stratum {name} has one psu only; choose lonely_psu")
    if sample.lonely_psu == "adjust":
        centre[n == 1] = 0.0
    factor = left * n / np.maximum(n - 1, 1)
    apart = (z - centre[strata]) * np.sqrt(factor)[strata, None]
    found = apart.T @ apart
    if sample.lonely_psu == "average" and lonely.any():
        found *= touched.sum() / max(touched.sum() - lonely.sum(), np.nan)
    return found


def left_to_chance(sample: Design) -> np.ndarray:
    """1 − n_h/N_h of each stratum; 0 where the whole stratum is in the sample."""
    f = np.where(np.isinf(sample.population), 1.0, 1 - sample.sampled / sample.population)
    return np.where(f < 1e-7, 0.0, f)


def variance(sample: Design, influence: np.ndarray, index: np.ndarray) -> float:
    """Variance of one estimate (:func:`covariance`)."""
    return float(covariance(sample, scores(sample, influence, index)[:, None], index)[0, 0])


def _unexplained(sample: Design, z: np.ndarray) -> np.ndarray:
    """Influences after calibration: what the known totals do not explain."""
    for step in sample.calibrations:
        if isinstance(step, Margin):
            by_weight = np.bincount(step.cell, z / step.after * step.before, len(step.totals))
            explained = by_weight / np.bincount(step.cell, step.before, len(step.totals))
            z = z - explained[step.cell] * step.after
        else:
            sizes = [np.bincount(m.cell, minlength=len(m.totals)) for m in step.margins]
            for _ in range(10):
                for m, size in zip(step.margins, sizes, strict=True):
                    plain = np.bincount(m.cell, z / m.after, len(m.totals)) / size
                    z = z - plain[m.cell] * m.after
    return z
