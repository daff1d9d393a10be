"""Rows of small tables as named tuples, where there are many tables of the same columns."""

from collections import namedtuple
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pandas as pd


@lru_cache(maxsize=64)
def _kind(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", ["Index", *columns], rename=True)


def rows(table: pd.DataFrame) -> Iterator:
    """As ``table.itertuples()``, which makes a class for each table: that takes longer than to go
    through a few rows."""
    columns = (column.tolist() for _, column in table.items())
    return map(_kind(tuple(table.columns))._make, zip(table.index, *columns, strict=True))
