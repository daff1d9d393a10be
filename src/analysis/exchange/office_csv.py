"""A table as CSV that people open: the columns stand apart in the Excel of its readers' country.

Programs read the data pack (:mod:`analysis.render.open_csv`), which has commas and points.
"""

import pandas as pd
from pandas.api import types

from analysis.exchange.neutral import safe_field

_SIGNS = {"vi": (";", ","), "en": (",", ".")}
"""What divides fields, and what stands before decimals, where a language is spoken."""


def csv(table: pd.DataFrame, language: str = "vi") -> bytes:
    """The table in UTF-8 with the mark by which Excel knows it; no field of it is a formula,
    whether it is divided by comma, semicolon or tab."""
    between, decimal = _SIGNS[language]
    held = table.copy()
    for column in held.columns:
        if not types.is_numeric_dtype(held[column]):
            held[column] = held[column].astype(object).map(safe_field, na_action="ignore")
    held = held.rename(columns=safe_field)
    return held.to_csv(index=False, sep=between, decimal=decimal).encode("utf-8-sig")
