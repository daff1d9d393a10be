"""How far linearised estimates vary from sample to sample, and with one another.

An estimate is, but for chance of a smaller order, a sum of influences of the rows; the variance of
such a sum follows from the design. Definitions as in Lumley's ``survey`` package for R (Complex
Surveys, 2010).
"""

from dataclasses import dataclass

import numpy as np

from analysis.survey import calibration
from analysis.survey.sampling import Design

_NOTHING = 1e-12
"""What is left of a difference of equal numbers, as a share of them: rounding, and no variance."""


def residuals(y: np.ndarray, fitted: np.ndarray | float) -> np.ndarray:
    """y − fitted, 0 where they differ by rounding alone.

    The mean of equal values is that value but for its last digit; an error made of such digits
    would depend on the order of the rows.
    """
    return np.where(np.isclose(y, fitted, rtol=_NOTHING, atol=0), 0.0, y - fitted)


@dataclass(frozen=True)
class Point:
    """An estimate, the influence of each of its rows, its variance were the sample a simple one.

    ``top`` and ``bottom``: values of the rows of which the estimate is Σw·top ÷ Σw·bottom (of a
    total, where ``bottom`` is None, Σw·top), by which replicates estimate it again.
    """

    estimate: float
    influence: np.ndarray
    top: np.ndarray
    bottom: np.ndarray | None
    simple: float = np.nan


def scores(sample: Design, point: Point, index: np.ndarray) -> np.ndarray:
    """What the covariance of estimates is made of (:func:`covariance`).

    Sum of the (weighted) influence of the rows ``index`` over each unit of the last stage of the
    sample (the psu, where there is one stage); units without such a row have 0; after calibration
    it is what the known totals do not explain. Where influences cancel within a unit, as those of a
    mean do in a domain of one, it is 0. With replicate weights: how far each replicate is from the
    estimate, by its scale.
    """
    if sample.replicates is not None:
        found = sample.replicates.of_ratio(point.top, point.bottom, index)
        w = sample.design_weight[index]
        plain = w @ point.top / (1 if point.bottom is None else w @ point.bottom)
        return sample.replicates.deviations(found, plain)
    count, own = sample.units, sample.unit[index]
    influence = point.influence
    z = np.bincount(own, influence, count)
    z[np.abs(z) <= _NOTHING * np.bincount(own, np.abs(influence), count)] = 0.0
    if not sample.calibrations:
        return z
    if sample.by_unit:
        return calibration.unexplained(sample.calibrations, z)
    whole = np.zeros(len(sample.psu))
    whole[index] = influence
    return np.bincount(sample.unit, calibration.unexplained(sample.calibrations, whole), count)


def covariance(sample: Design, z: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Covariances Σ_h (1 − n_h/N_h) · n_h/(n_h − 1) · Σ_i (z_hi − z̄_h)(z_hi − z̄_h)ᵀ.

    Of two stages the z_hi are sums over the psu, and n_h/N_h times the like sum over the units
    within each psu is added (Särndal, Swensson & Wretman 1992, 4.3; R: ``svyrecvar``). Of
    replicates it is zᵀz.

    Parameters
    ----------
    z
        Units × estimates (:func:`scores`). Units outside a domain count with 0, so that a domain
        keeps the full n_h (Cochran 1977, 5A.14).
    index
        The rows that the estimates rest on.

    Raises
    ------
    ValueError
        for a stratum with one psu, if the design says ``fail``.
    """
    if sample.replicates is not None:
        return z.T @ z
    left, second = left_to_chance(sample), sample.second
    touched = np.bincount(sample.stratum[index], minlength=len(sample.sampled)) > 0
    if sample.calibrations:
        touched[:] = True  # what the totals explain reaches every row
    if second is None:
        return _stage(sample, z, sample.psu_stratum, sample.sampled, left, touched)
    count = len(sample.psu_stratum)
    of_psu = np.stack([np.bincount(second.psu, column, count) for column in z.T], axis=1)
    found = _stage(sample, of_psu, sample.psu_stratum, sample.sampled, left, touched)
    drawn = (1 - left)[sample.psu_stratum]
    within = np.where(second.sampled < second.population, 1 - second.sampled / second.population, 0)
    reached = np.bincount(sample.psu[index], minlength=count) > 0
    reached |= bool(sample.calibrations)
    return found + _stage(sample, z, second.psu, second.sampled, drawn * within, reached)


def _stage(sample: Design, z, strata, n, left, touched) -> np.ndarray:
    """The covariance that one stage gives: ``strata`` of each row of z, ``n`` and what is ``left``
    to chance of each stratum."""
    sums = np.stack([np.bincount(strata, column, len(n)) for column in z.T], axis=1)
    centre = sums / n[:, None]
    lonely = (n == 1) & touched & (left > 0)
    if lonely.any() and sample.lonely_psu == "fail":
        at = int(np.flatnonzero(lonely)[0])
        name = sample.strata[at if len(n) == len(sample.strata) else sample.psu_stratum[at]]
        raise ValueError(f"stratum {name} has one psu only; choose lonely_psu")
    if sample.lonely_psu == "adjust":
        centre[n == 1] = 0.0
    factor = left * n / np.maximum(n - 1, 1)
    apart = (z - centre[strata]) * np.sqrt(factor)[strata, None]
    found = apart.T @ apart
    if sample.lonely_psu == "average" and lonely.any():
        others = touched.sum() - lonely.sum()
        found *= touched.sum() / others if others else np.nan
    return found


def left_to_chance(sample: Design) -> np.ndarray:
    """1 − n_h/N_h of each stratum; 0 where the whole stratum is in the sample."""
    f = np.where(np.isinf(sample.population), 1.0, 1 - sample.sampled / sample.population)
    return np.where(f < 1e-7, 0.0, f)


def variance(sample: Design, point: Point, index: np.ndarray) -> float:
    """Variance of one estimate (:func:`covariance`)."""
    return float(covariance(sample, scores(sample, point, index)[:, None], index)[0, 0])
