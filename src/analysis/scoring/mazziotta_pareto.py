"""The Mazziotta–Pareto index: a mean, and what unevenness takes from it.

De Muro, Mazziotta & Pareto (2011), Composite Indices of Development and Poverty; with weights
Mazziotta & Pareto (2024), Weighting in composite indices construction. Its own scale is 100 ± 10
(:func:`analysis.scoring.normalise.mazziotta_pareto`).
"""

import numpy as np


def index(x: np.ndarray, weights: np.ndarray, kind: str, at_least: float = 1.0) -> np.ndarray:
    """M − S²/M over the last axis of ``x`` (…, units, parts).

    M and S are the weighted mean and standard deviation (divisor Σ w) of the unit's parts, on the
    scale of 100 ± 10 on which more is better. ``mazziotta_pareto_plus`` is the index M + S²/M of
    what is bad, of parts turned about 100, and turned back, so that here too more is better: 200
    less the index. Missing parts as in :func:`analysis.scoring.aggregate.mean`; no index where M
    is 0 or less.

    >>> x = np.array([[100.0, 100.0], [90.0, 110.0]])
    >>> index(x, np.ones(2), "mazziotta_pareto").tolist()
    [100.0, 99.0]
    """
    known, plus = ~np.isnan(x), kind == "mazziotta_pareto_plus"
    x = 200 - x if plus else x
    w = np.where(known, weights[..., None, :], 0.0)
    held = np.where(known, x, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = w.sum(axis=-1)
        mean = (w * held).sum(axis=-1) / total
        spread = (w * (held - mean[..., None]) ** 2).sum(axis=-1) / total
        found = 200 - (mean + spread / mean) if plus else mean - spread / mean
    enough = known.any(axis=-1) & (known.mean(axis=-1) >= at_least - 1e-12)
    return np.where(enough & (mean > 0), found, np.nan)
