"""Confidence sets for ranks: which ranks a unit may have, given the errors of what is ranked.

Mogstad, Romano, Shaikh and Wilhelm (2024, Review of Economic Studies 91, "Inference for ranks"):
every pair of units is tested for which of the two is above; what is left untold bounds the ranks.
The tests hold together: their critical value is a quantile of the greatest studentised difference
among the pairs that are not yet told apart, and is taken anew when some are (step-down). Sets are
*marginal* (one unit's true rank is in its set with the stated probability) or *simultaneous* (all
units' true ranks are in their sets at once). Two-sided, lower and upper are as in R's ``csranks``.

The highest value has rank 1; equal values share the lowest place. Errors are normal with given
standard errors or covariance (:func:`gaussian`), or drawn by whoever knows them better
(:func:`replicated`). The sets keep their level under ties and near-ties, and are wide there.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.scoring import score

LEVEL = 0.9
DRAWS = 10_000
_NOISE = 1e-10
SIDES = ("two-sided", "lower", "upper")
REASONS = ("no_value", "no_error", "error_infinite", "error_zero", "alone")
"""Why a set says less than it seems to: there is nothing to rank; the error is not known or without
bound (the unit may have any rank); it is said to be nil; there is nobody else."""


@dataclass(frozen=True)
class Errors:
    """Errors of p estimates: ``draws`` (p × replicates: estimate − truth) and ``scale`` (p × p).

    ``scale[j, k]`` studentises the difference of j above k; infinite where the two can never be
    told apart, 0 where both are known.
    """

    draws: np.ndarray
    scale: np.ndarray


def gaussian(errors: np.ndarray, *, draws: int = DRAWS, seed: int = 0) -> Errors:
    """Normal errors: standard errors of independent estimates (p) or their covariance (p × p).

    A missing or infinite error leaves a unit untold from all others.

    Raises
    ------
    ValueError
        for a negative error, or a covariance that is none (not square, not symmetric, negative).
    """
    errors = np.asarray(errors, float)
    covariance = np.diag(errors**2) if errors.ndim == 1 else errors
    if errors.ndim == 1 and (errors < 0).any():
        raise ValueError(f"unit {np.argmax(errors < 0)}: a standard error is not negative")
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1]:
        raise ValueError("a covariance has as many rows as columns")
    known = np.isfinite(np.diag(covariance))
    held = covariance[np.ix_(known, known)]
    if not np.isfinite(held).all() or not np.allclose(held, held.T, atol=0):
        raise ValueError("a covariance is symmetric and has no gaps")
    values, vectors = np.linalg.eigh(held)
    if (values < -1e-9 * max(values.max(initial=0.0), 0.0)).any() or (np.diag(held) < 0).any():
        raise ValueError("a covariance has no negative variance, of no difference either")
    normal = np.random.default_rng([seed, 6]).standard_normal((len(held), draws))
    found = np.zeros((len(covariance), draws), np.float32)
    if errors.ndim == 1:
        found[known] = errors[known, None] * normal
    else:
        found[known] = (vectors * np.sqrt(values.clip(0))) @ normal
    total = np.diag(held)[:, None] + np.diag(held)
    scale = np.full(covariance.shape, np.inf)
    scale[np.ix_(known, known)] = np.sqrt(total * _left(held, total))
    return Errors(found, scale)


def _left(covariance: np.ndarray, total: np.ndarray) -> np.ndarray:
    """What covariance leaves of the variance of differences: a share of ``total``.

    Units that err alike all but for float noise are known beside each other: 0.
    """
    left = np.divide(total - 2 * covariance, total, np.ones(total.shape), where=total > 0)
    return np.where(left > _NOISE, left, 0.0)


def replicated(draws: np.ndarray) -> Errors:
    """Errors as drawn (p × replicates: estimate − what the true value may be).

    They may be skew (four of four cases can only be too good): a difference is studentised by how
    far the upper unit may be lower and the lower one higher, each the root of twice the mean square
    on that side (the standard deviation where errors are symmetric; as Zou & Donner 2008, MOVER),
    times what their covariance leaves of it.
    """
    down, up = _one_sided(draws)
    covariance = np.atleast_2d(np.cov(draws.astype(float), bias=True))
    total = np.diag(covariance)[:, None] + np.diag(covariance)
    scale = np.sqrt((down[:, None] ** 2 + up**2) * _left(covariance, total))
    return Errors(draws.astype(np.float32), scale)


# --- tests ----------------------------------------------------------------------------------------


def above(x: np.ndarray, errors: Errors, level: float = LEVEL, stepdown: bool = True) -> np.ndarray:
    """Which units are above which (p × p: row above column), all pairs corrected together.

    Any false statement among them has a probability of at most 1 − ``level``.
    """
    difference = np.asarray(x, float)[:, None] - x
    told = (difference > 0) & (errors.scale == 0)
    active = _tested(errors)
    while active.any():
        limit = np.quantile(_greatest(errors, active), level)
        new = active & (difference > limit * errors.scale)
        told, active = told | new, active & ~new
        if not stepdown or not new.any():
            break
    return told


def _tested(errors: Errors) -> np.ndarray:
    return np.isfinite(errors.scale) & (errors.scale > 0) & ~np.eye(len(errors.scale), dtype=bool)


def _greatest(errors: Errors, active: np.ndarray) -> np.ndarray:
    """The greatest studentised error of a difference among the ``active``, in each replicate.

    Never below 0: no estimate is above another that has the higher value.
    """
    e = errors.draws
    share = np.divide(1.0, errors.scale, np.zeros(active.shape), where=active).astype(np.float32)
    top = np.zeros(e.shape[1], np.float32)
    for j in range(len(e)):
        others = j + 1 + np.flatnonzero(active[j, j + 1 :] | active[j + 1 :, j])
        if not len(others):
            continue
        apart = e[j] - e[others]
        np.maximum(top, (apart * share[j, others, None]).max(axis=0), out=top)
        np.maximum(top, -(apart * share[others, j, None]).min(axis=0), out=top)
    return top


def bounds(
    x: np.ndarray,
    errors: Errors,
    level: float = LEVEL,
    *,
    simultaneous: bool = False,
    side: str = "two-sided",
    stepdown: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest rank in the confidence set of each of p units.

    ``side``: two-sided, or only the lower or the upper bound (the other is then 1 or p).

    Raises
    ------
    ValueError
        for a side that is none of these, or values that are not finite.
    """
    x, size = np.asarray(x, float), len(x)
    if side not in SIDES:
        raise ValueError(f"side is one of {', '.join(SIDES)}, not {side!r}")
    if not np.isfinite(x).all():
        raise ValueError(f"unit {np.argmin(np.isfinite(x))}: its value is not finite")
    if simultaneous:
        low, high = ends(above(x, errors, level, stepdown))
    else:
        told = above(x, errors, level) if stepdown else np.zeros((size, size), bool)
        low, high = marginal(x, errors, level, told, side, stepdown)
    return (
        np.ones(size, int) if side == "upper" else low,
        np.full(size, size) if side == "lower" else high,
    )


def marginal(
    x: np.ndarray,
    errors: Errors,
    level: float,
    told: np.ndarray,
    side: str = "two-sided",
    stepdown: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Marginal sets that begin from what is ``told`` of all pairs at once (:func:`above`).

    What is told among all pairs is told among those of one unit; the step-down ends at the same
    sets, sooner.
    """
    counts = [_of_one(j, x, errors, level, side, told, stepdown) for j in range(len(x))]
    better, worse = np.array(counts, int).reshape(len(x), 2).T
    return 1 + better, len(x) - worse


def _of_one(
    j: int,
    x: np.ndarray,
    errors: Errors,
    level: float,
    side: str,
    told: np.ndarray,
    stepdown: bool,
) -> tuple[int, int]:
    """How many units are above unit ``j`` and how many below it, by tests of its own pairs."""
    p, e = len(x), errors.draws
    difference = np.concatenate([x - x[j], x[j] - x])  # others above it, then it above others
    scale = np.concatenate([errors.scale[:, j], errors.scale[j]])
    held = np.concatenate([told[:, j], told[j]])
    held |= (difference > 0) & (scale == 0)
    asked = np.repeat([side != "upper", side != "lower"], p)
    asked[[j, p + j]] = False
    active = np.flatnonzero(asked & ~held & np.isfinite(scale) & (scale > 0))
    sign = np.where(active < p, 1.0, -1.0) / scale[active]
    greatest = (e[active % p] - e[j]) * sign[:, None].astype(np.float32)
    while len(active):
        limit = np.quantile(greatest.max(axis=0).clip(0), level)
        new = difference[active] > limit * scale[active]
        held[active[new]] = True
        if not stepdown or not new.any():
            break
        active, greatest = active[~new], greatest[~new]
    return int(held[:p].sum()), int(held[p:].sum())


def above_by_intervals(x: np.ndarray, draws: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """As :func:`above` for thousands of units: tells fewer apart, and looks at no pair.

    Intervals of all values that hold together; a unit is above another if its interval is (Klein,
    Wright & Wieczorek 2020, "A joint confidence region for an overall ranking of populations",
    Journal of the Royal Statistical Society C 69).

    ``draws`` (p × replicates): as of :class:`Errors`.
    """
    x = np.asarray(x, float)
    down, up = _one_sided(draws)
    top = np.zeros(draws.shape[1])
    for reach, sign in ((down, 1), (up, -1)):
        some = reach > 0
        if some.any():
            np.maximum(top, (sign * draws[some] / reach[some, None]).max(axis=0), out=top)
    limit = np.quantile(top, level)
    return (x - limit * down)[:, None] > x + limit * up


def _one_sided(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the truth may be below and above each estimate: roots of twice the mean squares."""
    sides = (draws.clip(0), draws.clip(None, 0))
    return tuple(np.sqrt(2 * (side**2).mean(axis=1, dtype=float)) for side in sides)


def ends(told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest rank that go with who is told to be above whom (p × p)."""
    return 1 + told.sum(axis=0), len(told) - told.sum(axis=1)


# --- tables ---------------------------------------------------------------------------------------


def table(
    values: pd.Series,
    errors: pd.Series | pd.DataFrame,
    level: float = LEVEL,
    *,
    side: str = "two-sided",
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Marginal and simultaneous sets of estimates with normal errors.

    Parameters
    ----------
    values
        Unit → estimate; the highest has rank 1. A unit without one has no rank.
    errors
        Unit → standard error, or the covariance (units × units).

    Returns
    -------
    A row for each unit: reporting_unit, rank, marginal_low, marginal_high, simultaneous_low,
    simultaneous_high, reason (one of REASONS, or empty).

    Raises
    ------
    ValueError
        naming the unit, for a value that is infinite or an error that is negative.
    """
    x, units = values.to_numpy(float), values.index
    matrix = isinstance(errors, pd.DataFrame)
    held = (
        errors.reindex(index=units, columns=units) if matrix else errors.reindex(units)
    ).to_numpy(float)
    own = np.diag(held) if matrix else held
    for wrong, what in ((np.isinf(x), "value is infinite"), (own < 0, "error is negative")):
        if wrong.any():
            raise ValueError(f"{units[wrong.argmax()]}: its {what}")
    ranked = ~np.isnan(x)
    part = held[np.ix_(ranked, ranked)] if matrix else held[ranked]
    drawn = gaussian(part, draws=draws, seed=seed)
    found = pd.DataFrame({"reporting_unit": units, "rank": score.places(x)})
    for name, together in (("marginal", False), ("simultaneous", True)):
        low, high = bounds(x[ranked], drawn, level, simultaneous=together, side=side)
        found.loc[ranked, f"{name}_low"], found.loc[ranked, f"{name}_high"] = low, high
    conditions = [
        ~ranked,
        np.isnan(own),
        np.isinf(own),
        own == 0,
        np.full(len(x), ranked.sum() < 2),
    ]
    return found.assign(reason=np.select(conditions, REASONS, ""))


def pairs(units: pd.Index, x: np.ndarray, told: np.ndarray) -> pd.DataFrame:
    """Every pair, the higher value first, and whether it is told apart (``told``: :func:`above`).

    Returns reporting_unit, other, apart; all pairs are corrected together.
    """
    order = np.argsort(-np.asarray(x, float), kind="stable")
    first, second = np.triu_indices(len(order), 1)
    first, second = order[first], order[second]
    return pd.DataFrame(
        {"reporting_unit": units[first], "other": units[second], "apart": told[first, second]}
    )
