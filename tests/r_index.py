"""The Technology Achievement Index and what R says of it (tests/published/r-index)."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from composites import framework

PUBLISHED = Path(__file__).parent / "published"
PARTS = {
    "creation": ["patents", "royalties"],
    "recent": ["internet", "exports"],
    "old": ["telephones", "electricity"],
    "skills": ["schooling", "university"],
}
CODES = [code for codes in PARTS.values() for code in codes]
FOUR = ["royalties", "internet", "telephones", "schooling"]


@cache
def _answers() -> pd.DataFrame:
    return pd.read_csv(PUBLISHED / "r-index" / "results.csv", keep_default_na=False)


def answers(method: str) -> pd.DataFrame:
    """R's figures of one method: unit × indicator, in R's order ("" where there is no unit)."""
    held = _answers()
    held = held[held["method"] == method].astype({"value": float})
    order = held["unit"].unique(), held["indicator"].unique()
    return held.pivot(index="unit", columns="indicator", values="value").reindex(
        index=order[0], columns=order[1]
    )


def tai(parts=PARTS, **changes) -> dict:
    """A framework of the index's indicators: equal weights, min–max."""
    return framework(parts, **changes)


@cache
def raw() -> pd.DataFrame:
    """The index's data: countries × indicators."""
    held = pd.read_csv(PUBLISHED / "tai" / "values.csv")
    order = held["reporting_unit"].unique()
    return held.pivot(index="reporting_unit", columns="indicator", values="obs_value").loc[
        order, CODES
    ]


def table(x: pd.DataFrame | None = None, **columns) -> pd.DataFrame:
    """Indicator values of countries × indicators, as the engine takes them."""
    x = raw() if x is None else x
    long = x.rename_axis(columns="indicator").stack(future_stack=True).rename("obs_value")
    long = long.reset_index().assign(
        framework="f", time_period="2022", numerator=np.nan, denominator=np.nan
    )
    status = np.where(long["obs_value"].isna(), "O", "A")
    return long.assign(obs_status=status, **columns)
