"""Between which values an indicator lies if some of its figures are unknown.

What is known of the unknown figures is linear (parts add up to totals, no count is below 0), and an
indicator is a fraction of two sums. Such a fraction is bounded by a linear programme (Charnes &
Cooper, Programming with linear fractional functionals, Naval Research Logistics Quarterly 9, 1962).
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while

_NOISE = 1e-9  # of the largest figure: what arithmetic leaves in the last digits
_INFEASIBLE = 2  # status of scipy.optimize.milp


@dataclass(frozen=True)
class Space:
    """All ``x`` with ``matrix @ x`` = ``bound`` (where ``equal``) or ≤ ``bound``, give or take
    ``tolerance``, and ``low`` ≤ x ≤ ``high``: (rules, figures), (rules,) and (figures,)."""

    matrix: np.ndarray
    bound: np.ndarray
    equal: np.ndarray
    tolerance: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def around(
        self, x: np.ndarray, free: np.ndarray, rules: np.ndarray, moved: np.ndarray
    ) -> "Space | None":
        """What is left for the figures ``free`` if all the others are as in ``x``.

        Parameters
        ----------
        free, moved
            Which figures are unknown, and which have got another value (boolean, (figures,)).
        rules
            Which rules hold; of them those count that say something of ``free`` or ``moved``.

        Returns
        -------
        None where a rule on ``moved`` does not hold whatever ``free`` is.
        """
        bound = self.bound - self.matrix[:, ~free] @ x[~free]
        noise = _NOISE * max(1.0, np.abs(x[~free]).max(initial=0.0))
        says = (self.matrix[:, free] != 0).any(axis=1)
        told = rules & ~says & (self.matrix[:, moved] != 0).any(axis=1)
        slack = self.tolerance[told] + noise
        apart = np.where(self.equal[told], np.abs(bound[told]), -bound[told])
        beyond = (x < self.low - noise) | (x > self.high + noise)
        if (apart > slack).any() or beyond[moved & ~free].any():
            return None
        held = rules & says
        return Space(
            self.matrix[np.ix_(held, free)],
            bound[held],
            self.equal[held],
            self.tolerance[held],
            self.low[free],
            self.high[free],
        )

    def ends(self) -> tuple[float, float] | None:
        """Between what the figure lies, where there is one; None where nothing fulfils the rules.

        >>> sums = Space(*map(np.array, ([[1.0]], [7.0], [True], [0.0], [0.0], [np.inf])))
        >>> sums.ends()
        (7.0, 7.0)
        """
        a = self.matrix[:, 0]
        near, far = (self.bound + s * self.tolerance for s in (-1, 1))
        least = np.where(self.equal, near, -np.inf)
        upper = np.where(a > 0, far / a, np.where(self.equal, near / a, np.inf))
        lower = np.where(a > 0, least / a, far / a)
        low, high = max(self.low[0], *lower, -np.inf), min(self.high[0], *upper, np.inf)
        noise = _NOISE * max(1.0, abs(low)) if np.isfinite(low) else 0.0
        return (float(low), float(max(low, high))) if low <= high + noise else None


@dataclass(frozen=True)
class Sum:
    """``parts`` · x + ``known``."""

    parts: np.ndarray
    known: float = 0.0

    def plus(self, more: float) -> "Sum":
        return Sum(self.parts, self.known + more)


def fraction(space: Space, top: Sum, bottom: Sum) -> tuple[float, float] | None:
    """Least and greatest ``top`` ÷ ``bottom`` in ``space`` where ``bottom`` is above 0.

    Infinite where nothing bounds it; None where nothing fulfils the rules, or ``bottom`` is 0
    throughout: there is nothing to measure.
    """
    if len(space.low) == 0:
        return (top.known / bottom.known,) * 2 if bottom.known > 0 else None
    if len(space.low) == 1:
        return _of_one(space, top, bottom)
    return _of_several(space, top, bottom)


def _of_one(space: Space, top: Sum, bottom: Sum) -> tuple[float, float] | None:
    """A fraction of one unknown rises or falls throughout: its ends are at those of the figure."""
    ends = space.ends()
    if ends is None:
        return None
    n, d = float(top.parts[0]), float(bottom.parts[0])
    found = [_at(x, n, top.known, d, bottom.known) for x in ends]
    if d and bottom.known + d * ends[0] <= 0 < bottom.known + d * ends[1]:
        # just above the figure at which there is nothing to measure
        left = top.known - n * bottom.known / d
        found[0] = n / d if abs(left) <= _NOISE * max(1.0, top.known) else left * np.inf
    held = [f for f in found if f is not None]
    return (min(held), max(held)) if held else None


def _at(x: float, n: float, n0: float, d: float, d0: float) -> float | None:
    if np.isinf(x):
        return n / d if d else n * x if n else n0 / d0 if d0 > 0 else None
    bottom = d * x + d0
    return (n * x + n0) / bottom if bottom > 0 else None


def _of_several(space: Space, top: Sum, bottom: Sum) -> tuple[float, float] | None:
    """Two linear programmes in y = t·x and t, with ``bottom`` = 1."""
    scale = max(1.0, *np.abs(space.bound), abs(top.known), abs(bottom.known))
    matrix, bound = space.matrix, space.bound / scale
    slack = space.tolerance / scale
    columns = [
        np.column_stack([matrix, -(bound + slack)]),
        np.column_stack([-matrix, bound - slack])[space.equal],
        _limits(space.high / scale, 1.0),
        _limits(space.low / scale, -1.0),
    ]
    under = np.concatenate(columns)
    one = np.append(bottom.parts, bottom.known / scale)[None, :]
    aim = np.append(top.parts, top.known / scale)
    low = np.append(np.where(space.low >= 0, 0.0, -np.inf), 0.0)
    least, most = np.full(len(under) + 1, -np.inf), np.zeros(len(under) + 1)
    least[-1] = most[-1] = 1.0
    lines = scipy.optimize.LinearConstraint(np.concatenate([under, one]), least, most)
    found = []
    for sign in (1.0, -1.0):  # without whole numbers it is linprog's solver, sooner reached
        done = scipy.optimize.milp(
            sign * aim, bounds=scipy.optimize.Bounds(low, np.inf), constraints=lines
        )
        if done.status == _INFEASIBLE:
            return None
        found.append(done.fun * sign if done.status == 0 else -sign * np.inf)
    return float(found[0]), float(found[1])


def _limits(limit: np.ndarray, sign: float) -> np.ndarray:
    """Rows sign · (y − limit · t) ≤ 0, for limits that are."""
    at = np.flatnonzero(np.isfinite(limit) & ((sign > 0) | (limit != 0)))
    rows = np.zeros((len(at), len(limit) + 1))
    rows[np.arange(len(at)), at] = sign
    rows[:, -1] = -sign * limit[at]
    return rows
