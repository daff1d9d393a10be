"""A table as CSV that programs read and that no spreadsheet runs: UTF-8, comma, point."""

import pandas as pd
from pandas.api import types

from analysis.exchange.neutral import safe_field


def csv(table: pd.DataFrame) -> bytes:
    """The table in the lines of RFC 4180, the same bytes each time.

    Figures stand at full precision (they are read back as they were), days as yyyy-mm-dd; an empty
    field is a missing one. Only texts are changed, where a spreadsheet would take one for a formula
    (:func:`analysis.exchange.neutral.safe_field`).
    """
    held = table.copy()
    for column in held.columns:
        if types.is_datetime64_any_dtype(held[column]):
            held[column] = held[column].dt.strftime("%Y-%m-%d")
        elif not types.is_numeric_dtype(held[column]):  # flags are numbers to pandas
            held[column] = held[column].astype(object).map(safe_field, na_action="ignore")
    return held.rename(columns=safe_field).to_csv(index=False, lineterminator="\r\n").encode()
