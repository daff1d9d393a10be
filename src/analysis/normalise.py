"""Values → scores from 0 (worst) to 100 (best), by a closed list of methods.

Each takes values and gives scores of the same shape; all are monotone, so that an interval of the
value becomes an interval of the score. METHOD.md says what each can and cannot say.
"""

import numpy as np
import pandas as pd


def goalposts(values: pd.Series, best: float, worst: float) -> pd.Series:
    """100 × (worst − value) ÷ (worst − best), cut at 0 and 100.

    Fixed goalposts: the score moves only when the value moves (World Bank, Doing Business,
    "distance to frontier"; UNDP HDI technical note 1).

    Raises
    ------
    ValueError
        if the goalposts are equal.
    """
    if best == worst:
        raise ValueError("goalposts must differ")
    return (100 * (worst - values) / (worst - best)).clip(0, 100)


def percentile_within_group(values: pd.Series, direction: int = -1) -> pd.Series:
    """Share of the others that are worse, ties counted half, in percent.

    Says where one stands among those compared, not how good it is: everybody may improve and all
    scores stay as they are. ``direction`` +1 where more is better. One alone has no score.
    """
    held = values.dropna()
    if len(held) < 2:
        return pd.Series(np.nan, index=values.index)
    place = (direction * held).rank(method="average")
    return (100 * (place - 1) / (len(held) - 1)).reindex(values.index)


def distance_to_baseline(values: pd.Series, baseline: pd.Series) -> pd.Series:
    """100 × baseline ÷ (baseline + value): 50 as in the baseline edition, 67 at half the cost.

    For costs, where less is better. Compares a group with its own past only; it says nothing of
    whether the group is cheap. Missing where there is no baseline.
    """
    return 100 * baseline / (baseline + values)
