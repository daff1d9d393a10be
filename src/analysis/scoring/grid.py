"""A long table of values and the matrix units × indicators that the arithmetic of scoring needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Grid:
    """Where the rows of a long table stand in the matrix: (unit, column) of each row, by position.

    ``units`` and ``columns`` name what the rows and columns of the matrix are.
    """

    units: pd.Index
    columns: pd.Index
    unit: np.ndarray
    column: np.ndarray

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        by: str | list[str] = "indicator",
        columns: Sequence[str] | None = None,
    ) -> "Grid":
        """The grid of ``table`` over reporting_unit and ``by`` (one column or two together).

        ``columns`` fixes their order; rows of other columns must not be there. Categorical key
        columns need no look-up and are fast.

        Raises
        ------
        ValueError
            where a unit has two rows of one column, or a row belongs to no column.
        """
        unit, units = _codes(table["reporting_unit"])
        if isinstance(by, list):
            (first, outer), (second, inner) = (_codes(table[c]) for c in by)
            pair = first.astype(np.int64) * len(inner) + second
            used = np.flatnonzero(np.bincount(pair, minlength=1))
            column = np.searchsorted(used, pair)
            found = pd.MultiIndex.from_arrays(
                [outer[used // len(inner)], inner[used % len(inner)]], names=by
            )
        else:
            column, found = _codes(table[by], columns)
        if (column < 0).any():
            raise ValueError(f"{by} {table[by][column < 0].iloc[0]} is not among those asked for")
        place = unit.astype(np.int64) * len(found) + column
        if np.bincount(place, minlength=1).max() > 1:
            row = table[pd.Series(place, index=table.index).duplicated()].iloc[0]
            raise ValueError(f"{row['reporting_unit']} has two values of {row[by]}")
        return cls(units, found, unit, column)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.units), len(self.columns)

    def matrix(self, values: pd.Series, fill: object = np.nan) -> np.ndarray:
        """``values`` of the rows as a matrix; ``fill`` where the table has no row."""
        values = np.asarray(values)
        found = np.full(self.shape, fill, dtype=np.result_type(values.dtype, type(fill)))
        found[self.unit, self.column] = values
        return found

    def rows(self, matrix: np.ndarray, names: Sequence[str] = ()) -> np.ndarray | pd.Categorical:
        """The matrix's values in the order of the table's rows; codes become ``names``."""
        found = matrix[self.unit, self.column]
        return pd.Categorical.from_codes(found, names) if names else found

    def of_units(self, mapping: dict[str, object], fill: object = "") -> np.ndarray:
        """A property of the units (their type) in the order of the matrix's rows."""
        return np.array([mapping.get(u, fill) for u in self.units])


def _codes(keys: pd.Series, order: Sequence[str] | None = None) -> tuple[np.ndarray, pd.Index]:
    if order is not None:
        order = pd.Index(order)
        if isinstance(keys.dtype, pd.CategoricalDtype):
            return order.get_indexer(keys.cat.categories)[keys.cat.codes], order
        return order.get_indexer(keys), order
    if isinstance(keys.dtype, pd.CategoricalDtype):
        codes, names = keys.cat.codes.to_numpy(), keys.cat.categories
        used = np.bincount(codes, minlength=len(names)) > 0
        return (codes, names) if used.all() else ((np.cumsum(used) - 1)[codes], names[used])
    codes, found = pd.factorize(keys)
    return codes, pd.Index(found)


def categorical(keys: pd.Series, order: Sequence[str] | None = None) -> pd.Categorical:
    """``keys`` as categories in order of appearance, or in ``order``: looked up once for all."""
    codes, names = pd.factorize(keys)
    if order is None:
        return pd.Categorical.from_codes(codes, names)
    return pd.Categorical.from_codes(pd.Index(order).get_indexer(names)[codes], order)
