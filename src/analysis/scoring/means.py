"""The means of an index, each of the form g(Σ w·h(x) ÷ Σ w): what is added up, and the way back."""

import numpy as np

from analysis.catalogue.tree import EXPONENTS

# Stands for log 0 and 1/0: a mean with a part at 0 is then 0, also beside a weight of 0.
_NIL = {"geometric": -1e9, "harmonic": 1e60, "power_minus_2": 1e60}


def inner(x: np.ndarray, kind: str) -> np.ndarray:
    """h: x, log x, 1/x or x^p; missing where it does not exist (below 0)."""
    if kind == "arithmetic":
        return x
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.log(x) if kind == "geometric" else x ** EXPONENTS.get(kind, -1.0)
    return np.where(x == 0, _NIL.get(kind, 0.0), np.where(x < 0, np.nan, h))


def outer(y: np.ndarray, kind: str) -> np.ndarray:
    """g, the inverse of :func:`inner`: y, exp y, 1/y or y^(1/p)."""
    if kind == "arithmetic":
        return y
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        return np.exp(y) if kind == "geometric" else y ** (1 / EXPONENTS.get(kind, -1.0))


def inner_slope(x: np.ndarray, kind: str) -> np.ndarray:
    """h′; 0 where it is infinite."""
    if kind == "arithmetic":
        return np.ones(x.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 1 / x if kind == "geometric" else _power_slope(x, EXPONENTS.get(kind, -1.0))
    return np.where(np.isfinite(slope), slope, 0.0)


def outer_slope(y: np.ndarray, kind: str) -> np.ndarray:
    """g′."""
    if kind == "arithmetic":
        return np.ones(y.shape)
    with np.errstate(divide="ignore", invalid="ignore", under="ignore", over="ignore"):
        p = 1 / EXPONENTS.get(kind, -1.0)
        slope = np.exp(y) if kind == "geometric" else _power_slope(y, p)
    return np.where(np.isfinite(slope), slope, 0.0)


def _power_slope(x: np.ndarray, p: float) -> np.ndarray:
    return p * x ** (p - 1)
