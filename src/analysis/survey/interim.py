"""How wide intervals are while fieldwork goes on, and how wide they will be when it is done."""

import numpy as np
import pandas as pd
import scipy

_LEVEL = 0.975


def widths(
    estimates: pd.DataFrame, responded: int, planned: int, population: float
) -> pd.DataFrame:
    """Estimates with ``half`` (half the width of their interval) and ``expected``: the same when
    ``planned`` firms have answered.

    Parameters
    ----------
    estimates
        respondents, degrees_of_freedom, ci_low, ci_high, of intervals from t.
    responded, planned, population
        Firms that answered, that are to answer, and that there are.

    The standard error goes with the square root: √((1/n − 1/N) ÷ (1/n₀ − 1/N)), n₀ of now and n of
    the plan; t is that of as many more degrees of freedom. It takes for granted that firms still
    to come differ as much, weigh as unequally and answer about the same procedures as those who
    came. Where the plan is reached, the expected width is that of now.

    >>> one = pd.DataFrame({"degrees_of_freedom": [1e6], "ci_low": [8.0], "ci_high": [12.0]})
    >>> widths(one, 100, 400, 1e9)["expected"].round(2).tolist()
    [1.0]
    """
    half = (estimates["ci_high"] - estimates["ci_low"]) / 2
    planned = min(max(planned, responded), population)
    if not responded:
        return estimates.assign(half=half, expected=np.nan)
    left = [1 / n - 1 / population for n in (responded, planned)]
    shrink = np.sqrt(left[1] / left[0]) if left[0] > 0 else 1.0
    freedom = estimates["degrees_of_freedom"].where(estimates["degrees_of_freedom"] > 0)
    then = freedom * planned / responded
    critical = scipy.stats.t.ppf(_LEVEL, then) / scipy.stats.t.ppf(_LEVEL, freedom)
    return estimates.assign(half=half, expected=half * shrink * critical)
