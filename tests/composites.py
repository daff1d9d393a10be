"""Small frameworks and value tables that several tests of scoring share."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

TEXT = {"vi": "x", "en": "x"}


def framework(parts=None, **changes) -> dict:
    """A framework of two dimensions with two indicators each (equal weights, min–max)."""
    parts = parts or {"a": ["a1", "a2"], "b": ["b1", "b2"]}
    made = {
        "framework": "f",
        "normalise": {"method": "min_max"},
        "weight": "equal",
        "aggregate": "arithmetic",
        "missing_children": "none",
        "rank_within": "all",
        "uncertainty": {
            "replicates": 200,
            "seed": 1,
            "weights": {"spread": 0.25},
            "normalise": ["min_max", "percentile_rank"],
            "aggregate": ["arithmetic", "geometric"],
        },
        "dimensions": {d: {"name": TEXT} for d in parts},
        "indicators": {
            c: {"name": TEXT, "dimension": d, "direction": 1}
            for d, codes in parts.items()
            for c in codes
        },
    }
    return made | changes


def values(x: np.ndarray, made: dict, **columns) -> pd.DataFrame:
    """Indicator values of a matrix units × indicators, in the framework's order."""
    x = np.asarray(x, float)
    codes = list(made["indicators"])[: x.shape[1]]
    table = pd.DataFrame(
        {
            "framework": made["framework"],
            "reporting_unit": np.repeat([f"u{i}" for i in range(len(x))], len(codes)),
            "time_period": "2022",
            "indicator": np.tile(codes, len(x)),
            "obs_value": x.ravel(),
            "numerator": np.nan,
            "denominator": np.nan,
        }
    )
    status = np.where(table["obs_value"].isna(), "O", "A")
    return table.assign(obs_status=status, **{k: np.ravel(v) for k, v in columns.items()})


def matrices(units=(3, 12), indicators=(4, 4), low=0.0, high=1e4):
    """Hypothesis: matrices of values that are apart from each other by more than float noise."""
    return st.tuples(st.integers(*units), st.integers(*indicators)).flatmap(
        lambda size: st.lists(
            st.lists(
                st.integers(int(low), int(high)).map(float), min_size=size[1], max_size=size[1]
            ),
            min_size=size[0],
            max_size=size[0],
        ).map(np.array)
    )
