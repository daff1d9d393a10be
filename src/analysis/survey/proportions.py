"""Intervals of a proportion, which never leave 0…1 and say something at 0 and 1 too.

Definitions as in ``svyciprop`` of Lumley's ``survey`` package for R, with the bound on the
effective sample size and the ends at 0 and 1 of Parker et al. (2017), National Center for Health
Statistics Data Presentation Standards for Proportions (Vital and Health Statistics 2/175).
"""

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while

METHODS = ("korn_graubard", "beta", "logit", "mean")


def interval(
    share: float,
    error: float,
    answers: int,
    degrees_of_freedom: float,
    effective: float,
    method: str = "korn_graubard",
    level: float = 0.95,
) -> tuple[float, float]:
    """Both limits of a proportion.

    ``beta`` (Korn & Graubard 1998): the exact binomial limits (Clopper & Pearson 1934) for
    n* = p(1 − p)/error² · (t(n − 1)/t(df))² tosses, t at 1 − level/2. ``korn_graubard``: the same,
    but the first factor is at most ``effective``, and is ``effective`` at 0 and 1, where the sample
    shows no variance: few cases understate their own error. ``logit``: t interval of the log odds,
    error ÷ p(1 − p). ``mean``: plain t interval, cut at 0 and 1.

    Parameters
    ----------
    share, error
        p and its standard error, 0…1.
    answers
        n, rows.
    effective
        Tosses that would say as much as this sample if nothing but the weights mattered
        (:func:`effective_size`).

    Returns
    -------
    low, high. Missing without degrees of freedom. ``logit`` and ``beta`` have none at 0 and 1, as
    in R, nor has ``mean``. What the whole population said (``effective`` is infinite) is certain.

    >>> tuple(round(x, 4) for x in interval(0.0, 0.0, 85, 84, 85.0))
    (0.0, 0.0425)
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    if not degrees_of_freedom > 0:
        return np.nan, np.nan
    inside = 0 < share < 1
    if error == 0 and (inside or method == "korn_graubard") and np.isinf(effective):
        return share, share
    if not inside and method != "korn_graubard":
        return np.nan, np.nan
    critical = scipy.stats.t.ppf((1 + level) / 2, degrees_of_freedom)
    if method == "mean":
        return max(share - critical * error, 0.0), min(share + critical * error, 1.0)
    spread = share * (1 - share)
    if method == "logit":
        odds, reach = scipy.special.logit(share), critical * error / spread
        return tuple(scipy.special.expit([odds - reach, odds + reach]).tolist())
    tosses = spread / error**2 if error > 0 and inside else np.inf
    if method == "korn_graubard":
        tosses = min(tosses, effective)
    if np.isinf(tosses):
        return share, share
    if answers > 1:
        tosses *= (scipy.stats.t.ppf((1 + level) / 2, answers - 1) / critical) ** 2
    return _exact(share, tosses, (1 - level) / 2)


def _exact(share: float, tosses: float, tail: float) -> tuple[float, float]:
    """Limits of Clopper & Pearson (1934), ``tail`` beyond each; tosses need not be whole."""
    cases, beta = tosses * share, scipy.stats.beta.ppf
    low = 0.0 if share <= 0 else float(beta(tail, cases, tosses - cases + 1))
    high = 1.0 if share >= 1 else float(beta(1 - tail, cases + 1, tosses - cases))
    return low, high


def effective_size(weights: np.ndarray, left: np.ndarray) -> float:
    """(Σw)² ÷ Σ(1 − f)w² of units drawn with unequal weights (Kish 1965, 11.7).

    Parameters
    ----------
    weights
        Weight of each sampling unit, all its answers together.
    left
        1 − f of each, f the share of its stratum that was drawn.

    Returns
    -------
    Units of a simple random sample; n where weights are equal and f is small, infinite where all
    units of the population are in the sample.
    """
    lost = float(left @ np.square(weights))
    return float(weights.sum() ** 2 / lost) if lost > 0 else np.inf
