"""Figures out of all proportion to the others of their kind, as a slip of ×1000 makes them.

Sizes differ by nature, so only what stands alone is named: far from figures that are close to each
other, and among them once a thousand is taken off or put back. It is flagged, never repaired.
"""

import numpy as np
import pandas as pd

from analysis.language.words import rounded
from analysis.schema.tables import FINDINGS

_ALIKE = ["form", "item", "level"]
_OTHERS = 8
"""Beside fewer others nothing is out of proportion."""
_FAR = np.log10(300)
_DEVIATIONS = 6.5  # robust ones: a median of distances does not see the slip itself
_NEAR = 2
_LEAST = 0.05  # of a deviation: figures that are all equal have none
_SMALL_COUNT = 10  # a count of a few is a small office, not a slip
_TO_DEVIATION = 1.4826  # of a normal distribution, from the median distance
_THOUSAND = 3


def findings(values: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """Findings ``out_of_proportion`` (schema.FINDINGS) on figures of one item and level.

    Parameters
    ----------
    values
        Value cells in force; ``obs_value`` empty where no figure was accepted.
    """
    held = values[values["obs_value"] > 0].astype({c: object for c in _ALIKE})
    if held.empty:
        return FINDINGS.of([])
    kinds = [forms[f]["items"].get(i, {}).get("kind") for f, i in held[_ALIKE[:2]].to_numpy()]
    held = held.assign(kind=kinds, size=np.log10(held["obs_value"].astype(float)))
    held = held[held["kind"] != "percent"]
    alike = [held[c] for c in _ALIKE]
    middle = held.groupby(_ALIKE)["size"].transform("median")
    off = held["size"] - middle
    deviation = (off.abs().groupby(alike).transform("median") * _TO_DEVIATION).clip(lower=_LEAST)
    enough = held.groupby(_ALIKE)["size"].transform("size") > _OTHERS
    far = (off.abs() >= _FAR) & (off.abs() > _DEVIATIONS * deviation)
    back = (off.abs() - _THOUSAND).abs() <= _NEAR * deviation
    small = (held["kind"] == "count") & (held["obs_value"] < _SMALL_COUNT)
    found = held[enough & far & back & ~small]
    usual = (10 ** middle[found.index]).map(rounded)
    return FINDINGS.take(found.assign(rule="out_of_proportion", found=None, expected=usual))
