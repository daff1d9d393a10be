"""Where a weighted quantile lies between two answers: rules by name.

``math`` takes the smallest value at which the weighted share reaches p; ``school`` the middle of
two where the share is met exactly; ``hf6``, ``hf7`` and ``hf8`` are the continuous rules of Hyndman
& Fan (1996, Sample quantiles in statistical packages) with shares of weight in place of ranks: 6
that of SPSS and Minitab, 7 of Excel, 8 that which they recommend. Names and definitions as
``qrule`` of R's ``svyquantile``, whose ``hf1`` and ``hf2`` are ``math`` and ``school``.
"""

import numpy as np

RULES = ("math", "school", "hf6", "hf7", "hf8")


def weighted_quantile(
    values: np.ndarray, weights: np.ndarray, p: float, rule: str = "math"
) -> float:
    """Quantile ``p`` of sorted ``values`` by a rule (RULES).

    Of the rules that step, long sums, as in R: with equal weights a half must be met exactly and
    not almost. Below the first value's share R moves to the second value; so do we.

    >>> values, weights = np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4)
    >>> [weighted_quantile(values, weights, 0.5, rule) for rule in ("math", "school", "hf7")]
    [2.0, 2.5, 2.5]
    """
    if rule not in ("math", "school"):
        return _between(values, weights, p, rule)
    reached = np.cumsum(weights, dtype=np.longdouble).astype(float)
    size = reached[-1]
    at = max(int(np.searchsorted(reached, p * size, side="right")) - 1, 0)
    above = float(values[min(at + 1, len(values) - 1)])
    if p - reached[at] / size == 0:
        return float(values[at]) if rule == "math" else (float(values[at]) + above) / 2
    return above


def _between(values: np.ndarray, weights: np.ndarray, p: float, rule: str) -> float:
    """Linear between the positions that the rule gives the values; ends are the outer values."""
    reached = np.cumsum(weights)
    before, size = reached - weights, reached[-1]
    if rule == "hf6":
        place = reached / (size + weights[-1])
    elif rule == "hf7":
        last = before[-1]
        place = before / last if last > 0 else before
    else:
        place = (before / 3 + reached * 2 / 3) / (size + weights[-1] / 3)
    return float(np.interp(p, place, values))
