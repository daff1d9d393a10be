"""Weights that meet known totals: post-strata, raking, and generalised regression with numbers.

:func:`weights` follows Deville & Särndal (1992, Calibration estimators in survey sampling): of all
weights w = d·F(x'λ) that meet the totals T = Σ w·x those nearest to the design weights d, by the
distance that belongs to F. ``linear`` is the generalised regression estimator (GREG); with bounds
it is the truncated one. Definitions and errors as R's ``calibrate`` (Lumley 2010, ch. 7).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while

from analysis.language.messages import tell

METHODS = ("linear", "raking", "logit")
MET = 1e-7
"""How near every total must be met, as a share of it."""
_ROUNDS = 100


@dataclass(frozen=True)
class Margin:
    """Post-strata: the cell of each row, its known total, the weights before and after."""

    cell: np.ndarray
    totals: np.ndarray
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class Raking:
    """Margins met in turn (as in the last round), and the weights before the first."""

    margins: tuple
    iterations: int
    before: np.ndarray


@dataclass(frozen=True)
class Regression:
    """Totals of numbers: what they are of (``x``: rows × totals), how they are met, the weights
    before and after."""

    x: np.ndarray
    totals: np.ndarray
    method: str
    bounds: tuple[float, float]
    names: tuple
    before: np.ndarray
    after: np.ndarray
    basis: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        u, size, _ = np.linalg.svd(self.x * np.sqrt(self.before)[:, None], full_matrices=False)
        held = size > 1e-10 * size.max(initial=0.0)
        object.__setattr__(self, "basis", u[:, held])


def unexplained(steps: Sequence, z: np.ndarray) -> np.ndarray:
    """Influences after calibration: what the known totals do not explain."""
    for step in steps:
        if isinstance(step, Margin):
            by_weight = np.bincount(step.cell, z / step.after * step.before, len(step.totals))
            explained = by_weight / np.bincount(step.cell, step.before, len(step.totals))
            z = z - explained[step.cell] * step.after
        elif isinstance(step, Regression):
            # residuals of the regression weighted by the weights before, at the weights after
            root = np.sqrt(step.before)
            plain = z / step.after * root
            z = (plain - step.basis @ (step.basis.T @ plain)) / root * step.after
        else:
            sizes = [np.bincount(m.cell, minlength=len(m.totals)) for m in step.margins]
            for _ in range(10):
                for m, size in zip(step.margins, sizes, strict=True):
                    plain = np.bincount(m.cell, z / m.after, len(m.totals)) / size
                    z = z - plain[m.cell] * m.after
    return z


def again(steps: Sequence, weight: np.ndarray) -> np.ndarray:
    """Other weights of the same rows, made to meet the same totals: those of a replicate."""
    for step in steps:
        if isinstance(step, Regression):
            weight = weights(step.x, weight, step.totals, step.method, step.bounds, step.names)
            continue
        raking = isinstance(step, Raking)
        for _ in range(step.iterations if raking else 1):
            for m in step.margins if raking else [step]:
                held = np.bincount(m.cell, weight, len(m.totals))
                weight = (
                    weight * np.divide(m.totals, held, np.zeros_like(held), where=held > 0)[m.cell]
                )
    return weight


def weights(
    x: np.ndarray,
    before: np.ndarray,
    totals: np.ndarray,
    method: str = "linear",
    bounds: tuple[float, float] = (-np.inf, np.inf),
    names: Sequence[str] = (),
) -> np.ndarray:
    """The weights nearest to ``before`` with Σ w·x = ``totals`` (Newton's method).

    Parameters
    ----------
    x
        Rows × totals.
    bounds
        Least and greatest w ÷ d; of ``logit`` finite. ``linear`` and ``raking`` are cut there.
    names
        What the totals are called.

    Raises
    ------
    ValueError
        where no weights, or none within the bounds, meet the totals: which total, and how near.
    """
    low, high = bounds
    if not low < 1 < high:
        raise ValueError(
            tell("bounds {low:g} to {high:g} do not leave weights as they are (1)", low=low,
                 high=high)
        )  # fmt: skip
    if method == "logit" and not np.isfinite([low, high]).all():
        raise ValueError(tell("calibration by logit needs two bounds"))
    size = np.where(totals != 0, np.abs(totals), 1.0)
    scaled, aim = x / size, totals / size
    steps, g = np.zeros(x.shape[1]), np.ones(len(before))
    for _ in range(_ROUNDS):
        apart = aim - scaled.T @ (before * g)
        if np.abs(apart).max(initial=0.0) < MET * 1e-3:
            break
        slope = _slope(g, method, bounds)
        root = np.sqrt(before * slope)[:, None] * scaled
        move, *_ = np.linalg.lstsq(root.T @ root, apart, rcond=1e-12)
        steps, g = _nearer(scaled, before, aim, steps, move, (method, bounds))
    apart = np.abs(aim - scaled.T @ (before * g))
    if not apart.max(initial=0.0) < MET:
        raise ValueError(_why_not(scaled, before, aim, bounds, method, names or range(len(aim))))
    return before * g


def _nearer(x, before, aim, steps, move, how) -> tuple[np.ndarray, np.ndarray]:
    """The next λ: a full step, or one halved until the totals are nearer."""
    apart = np.abs(aim - x.T @ (before * _factor(x @ steps, *how))).max()
    for halved in range(12):
        tried = steps + move / 2**halved
        g = _factor(x @ tried, *how)
        left = np.abs(aim - x.T @ (before * g)).max()
        if np.isfinite(left) and left < apart:
            break
    return tried, g


def _factor(u: np.ndarray, method: str, bounds: tuple[float, float]) -> np.ndarray:
    """F(u): what a weight is multiplied by."""
    low, high = bounds
    if method == "linear":
        return np.clip(1 + u, low, high)
    if method == "raking":
        return np.clip(np.exp(np.minimum(u, 700.0)), low, high)
    steep = (high - low) / ((1 - low) * (high - 1))
    grown = np.exp(np.clip(steep * u, -700.0, 700.0))
    return (low * (high - 1) + high * (1 - low) * grown) / ((high - 1) + (1 - low) * grown)


def _slope(g: np.ndarray, method: str, bounds: tuple[float, float]) -> np.ndarray:
    """F'(u) where F(u) is ``g``."""
    low, high = bounds
    if method == "logit":
        return (g - low) * (high - g) / ((1 - low) * (high - 1))
    inside = (g > low) & (g < high)
    return inside * (g if method == "raking" else 1.0)


def _why_not(x, before, aim, bounds, method, names) -> str:
    """Which total cannot be met: of all weights within the bounds those that miss the least."""
    low, high = bounds
    low = max(low, 0.0) if method != "linear" else low
    rows, count = x.T * before, len(aim)
    slack = np.eye(count)
    solved = scipy.optimize.linprog(
        np.concatenate([np.zeros(len(before)), np.ones(2 * count)]),
        A_eq=np.hstack([rows, slack, -slack]),
        b_eq=aim,
        bounds=np.vstack(
            [np.tile([low, high], (len(before), 1)), np.tile([0, np.inf], (2 * count, 1))]
        ),
    )
    missed = solved.x[len(before) :].reshape(2, count).sum(axis=0) if solved.status == 0 else None
    if missed is None or missed.max() < MET:
        return tell("the weights did not settle: let them vary more (bounds) or meet fewer totals")
    at = int(np.argmax(missed))
    return tell(
        "no weights between {low:g} and {high:g} times the design weights meet the total of "
        "{name}: they miss it by {missed:.2%} at least",
        low=low,
        high=high,
        name=list(names)[at],
        missed=missed[at],
    )


def trimmed(
    weight: np.ndarray, low: float = 0.0, high: float = np.inf, strict: bool = True
) -> np.ndarray:
    """Weights drawn in to ``low`` … ``high``; what is cut off is spread equally over the others.

    As R's ``trimWeights``. ``strict``: where that takes others outside, all that are not at an end
    move alike until none is, and the sum is as before.

    Raises
    ------
    ValueError
        where their mean is outside: no weights of the same sum are within.
    """
    w = np.asarray(weight, float)
    outside, mean = (w < low) | (w > high), float(np.mean(w))
    if not outside.any():
        return w
    if not low <= mean <= high or (outside.all() and not strict):
        raise ValueError(
            tell("weights cannot be trimmed to {low:g} … {high:g}: their mean is {mean:g}",
                 low=low, high=high, mean=mean)
        )  # fmt: skip
    cut = np.clip(w, low, high)
    if not outside.all():
        cut[~outside] += (w - cut).sum() / (~outside).sum()
        if not strict or ((cut >= low) & (cut <= high)).all():
            return cut
    size, total = np.ptp(cut) + mean, w.sum()
    moved = scipy.optimize.brentq(
        lambda by: np.clip(cut + by, low, high).sum() - total, -size, size, xtol=1e-13 * mean
    )
    return np.clip(cut + moved, low, high)
