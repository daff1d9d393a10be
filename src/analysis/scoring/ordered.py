"""Places in an order, along an axis.

By pandas: that of scipy.stats is the same, but to load it takes longer than to check a period.
"""

from math import prod
from typing import Literal

import numpy as np
import pandas as pd


def places(values: np.ndarray, method: Literal["min", "dense"], axis: int) -> np.ndarray:
    """Places from the least (1) up, in the shape of ``values``; of ties the lowest (``min``), or
    without leaving places out (``dense``).

    ``values``: none is missing; what is infinite is in its place.

    >>> places(np.array([[3.0, 1.0, 3.0, np.inf]]), "min", axis=1).tolist()
    [[2.0, 1.0, 2.0, 4.0]]
    """
    along = np.moveaxis(values, axis, 0)
    flat = pd.DataFrame(along.reshape(len(along), prod(along.shape[1:])))
    return np.moveaxis(flat.rank(method=method).to_numpy().reshape(along.shape), 0, axis)
