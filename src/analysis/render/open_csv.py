"""A table as CSV that programs read and that no spreadsheet runs: UTF-8, comma, point."""

import re

import pandas as pd
from pandas.api import types

from analysis.exchange.neutral import BEGINS, fitting

_FORMULA = re.compile(f'(^|[,;\\t\\r\\n])(?=[\\s"]*[{re.escape("".join(BEGINS))}])')


def csv(table: pd.DataFrame) -> bytes:
    """The table in the lines of RFC 4180, the same bytes each time.

    Figures stand at full precision (they are read back as they were), days as yyyy-mm-dd; an empty
    field is a missing one. Only texts are changed, where a spreadsheet would take one for a formula
    (:func:`safe_field`).
    """
    held = table.copy()
    for column in held.columns:
        if types.is_datetime64_any_dtype(held[column]):
            held[column] = held[column].dt.strftime("%Y-%m-%d")
        elif not types.is_numeric_dtype(held[column]):  # flags are numbers to pandas
            held[column] = held[column].astype(object).map(safe_field, na_action="ignore")
    return held.rename(columns=safe_field).to_csv(index=False, lineterminator="\r\n").encode()


def safe_field(value: object) -> str:
    """Text that holds no formula by whichever sign a list is divided: comma, semicolon, tab.

    Programs divide by the sign that their country uses, also within what others put in quotes; the
    text then begins anew there.

    >>> safe_field("Sở A;=1+1"), safe_field("Đạt -- 90 %"), safe_field("=1")
    ("Sở A;'=1+1", 'Đạt -- 90 %', "'=1")
    """
    return _FORMULA.sub(r"\1'", fitting(str(value)))
