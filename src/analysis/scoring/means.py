"""The means of an index, each of the form g(Σ w·h(x) ÷ Σ w): what is added up, and the way back."""

import numpy as np

# Stands for log 0 and 1/0: a mean with a part at 0 is then 0, also beside a weight of 0.
_NIL = {"geometric": -1e9, "harmonic": 1e60}


def inner(x: np.ndarray, kind: str) -> np.ndarray:
    """h: x, log x or 1/x; missing where it does not exist (below 0)."""
    if kind == "arithmetic":
        return x
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.log(x) if kind == "geometric" else 1 / x
    return np.where(x == 0, _NIL[kind], np.where(x < 0, np.nan, h))


def outer(y: np.ndarray, kind: str) -> np.ndarray:
    """g, the inverse of :func:`inner`: y, exp y or 1/y."""
    if kind == "arithmetic":
        return y
    with np.errstate(divide="ignore", under="ignore", over="ignore"):
        return np.exp(y) if kind == "geometric" else 1 / y


def inner_slope(x: np.ndarray, kind: str) -> np.ndarray:
    """h′; 0 where it is infinite."""
    if kind == "arithmetic":
        return np.ones(x.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 1 / x if kind == "geometric" else -1 / (x * x)
    return np.where(np.isfinite(slope), slope, 0.0)


def outer_slope(y: np.ndarray, kind: str) -> np.ndarray:
    """g′."""
    if kind == "arithmetic":
        return np.ones(y.shape)
    with np.errstate(divide="ignore", invalid="ignore", under="ignore", over="ignore"):
        return np.exp(y) if kind == "geometric" else -1 / (y * y)
