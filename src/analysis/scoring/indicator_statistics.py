"""Each indicator's values in figures, and what about them asks for a second look.

The limits are conventions of the field, not tests: they say where to look (JRC, statistical audits
of composite indicators; COINr ``get_stats`` and ``get_corr_flags``).
"""

import numpy as np
import pandas as pd

from analysis.scoring import treat
from analysis.scoring.grid import Grid

LIMITS = {
    "skewness": 2.0,  # with kurtosis: outliers (JRC; COINr t_skew, t_kurt)
    "kurtosis": 3.5,
    "available": 65.0,  # percent of the units (COINr t_avail; JRC)
    "not_zero": 50.0,  # percent of the units (COINr t_zero)
    "distinct": 50.0,  # distinct values in percent of the units (COINr t_unq)
    "same": 50.0,  # percent of the known values that are one and the same (COINr Frc.Same)
    "collinear": 0.92,  # Pearson, either way: two indicators say one thing (JRC audits)
}
FLAGS = ("constant", "outliers", "missing", "zeros", "same", "few_values", "collinear")


def table(values: pd.DataFrame, indicators: list[str], value: str = "obs_value") -> pd.DataFrame:
    """Figures and flags of ``indicators``, of the values as they are before any treatment.

    Parameters
    ----------
    values
        reporting_unit, indicator and ``value``, in the unit of measure of the indicator.

    Returns
    -------
    indicator, units (with a value), missing (percent), zeros, same (the most frequent value) in
    percent of the known values, distinct (how many values there are), minimum, maximum, mean,
    median, sd (n − 1), skewness (G1), kurtosis (excess, G2), other (the indicator with which it
    goes together most, where that is above the limit), correlation (with it), flags (of FLAGS,
    parted by spaces).
    """
    used = values[values["indicator"].isin(indicators)]
    grid = Grid.of(used, columns=indicators)
    x = grid.matrix(used[value].to_numpy(float))
    x = np.where(np.isfinite(x), x, np.nan)
    frame = pd.DataFrame(x, columns=indicators)
    units, known = len(frame), frame.notna().sum()
    counts = [frame[c].round(9).value_counts() for c in indicators]
    share = 100 / known.where(known > 0)
    made = pd.DataFrame(
        {
            "units": known,
            "missing": 100 - 100 * known / units if units else np.nan,
            "zeros": (frame == 0).sum() * share,
            "same": pd.Series([c.max() if len(c) else np.nan for c in counts], indicators) * share,
            "distinct": [len(c) for c in counts],
            "minimum": frame.min(),
            "maximum": frame.max(),
            "mean": frame.mean(),
            "median": frame.median(),
            "sd": frame.std(),
            "skewness": treat.skew(x),
            "kurtosis": treat.kurt(x),
        }
    )
    # where all are equal a moment is 0 ÷ 0, or the noise of floats over itself
    flat = made["distinct"] < 2
    made.loc[flat, ["skewness", "kurtosis"]] = np.nan
    made = made.replace([np.inf, -np.inf], np.nan)
    made["other"], made["correlation"] = _closest(frame, flat.to_numpy())
    made["flags"] = _flags(made, units)
    return made.rename_axis("indicator").reset_index()


def _closest(frame: pd.DataFrame, flat: np.ndarray) -> tuple[list, np.ndarray]:
    """The indicator with the highest correlation beyond the limit, over three units or more."""
    r = frame.corr(min_periods=3).to_numpy(copy=True)
    np.fill_diagonal(r, np.nan)
    r[flat], r[:, flat] = np.nan, np.nan
    size = np.nan_to_num(np.abs(r), nan=-1.0)
    best = size.argmax(axis=1) if len(r) else np.array([], int)
    rows = np.arange(len(r))
    over = size[rows, best] > LIMITS["collinear"]
    names = [frame.columns[b] if held else None for b, held in zip(best, over, strict=True)]
    return names, np.where(over, r[rows, best], np.nan)


def _flags(made: pd.DataFrame, units: int) -> list[str]:
    all_units = max(units, 1)
    raised = {
        "constant": (made["distinct"] == 1) & (made["units"] > 1),
        "outliers": (made["skewness"].abs() > LIMITS["skewness"])
        & (made["kurtosis"] > LIMITS["kurtosis"]),
        "missing": 100 * made["units"] / all_units < LIMITS["available"],
        "zeros": made["units"] * (1 - made["zeros"].fillna(0) / 100) / all_units
        < LIMITS["not_zero"] / 100,
        "same": made["same"] > LIMITS["same"],
        "few_values": 100 * made["distinct"] / all_units < LIMITS["distinct"],
        "collinear": made["other"].notna(),
    }
    return [" ".join(f for f in FLAGS if raised[f][code]) for code in made.index]
