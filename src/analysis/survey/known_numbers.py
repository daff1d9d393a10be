"""Known totals of numbers beside those of categories: employees, dossiers of all firms."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.language.messages import tell
from analysis.survey import sampling

WHOLE = "_T"
"""What stands as category where a total is of all firms."""


def faults(totals: pd.DataFrame, selected: pd.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """What is wrong with the totals of the numbers ``names``, as "file:line: what".

    ``totals``: variable, category, total of these variables, indexed as the lines of the file.
    """
    for name in names:
        own = totals[totals["variable"] == name]
        if len(own) != 1:
            yield tell(
                "totals.csv: {name} must stand once, with category {whole}, and stands {n} times",
                name=name,
                whole=WHOLE,
                n=len(own),
            )
            continue
        line, total = int(own.index[0]) + 2, pd.to_numeric(own["total"], errors="coerce").iloc[0]
        if own["category"].iloc[0] != WHOLE:
            yield tell(
                "totals.csv:{line}: {name}: a total of a number has the category {whole}",
                line=line,
                name=name,
                whole=WHOLE,
            )
        if not (np.isfinite(total) and total > 0):
            yield tell(
                "totals.csv:{line}: {name}: the total must be a number above 0, not {said!r}",
                line=line,
                name=name,
                said=own["total"].iloc[0],
            )
        if name not in selected:
            yield tell("totals.csv:{first}: selected.csv has no column {variable}", first=line,
                       variable=name)  # fmt: skip
            continue
        values = pd.to_numeric(selected[name], errors="coerce").to_numpy()
        for row in np.flatnonzero(~np.isfinite(values))[:5]:
            yield tell(
                "selected.csv:{line}: {column} must be a number, not {said!r}",
                line=int(row) + 2,
                column=name,
                said=selected[name].iloc[row],
            )


def calibrated(
    firms: sampling.Design,
    categories: Mapping[str, pd.Series],
    numbers: pd.Series,
    population: float,
    stated: Mapping,
) -> sampling.Design:
    """Weights that meet totals of categories and of numbers at once.

    Parameters
    ----------
    categories
        Column → totals by category. Margins whose sums differ by rounding are scaled to the sum of
        the last, as raking would end there; without any, all firms are ``population``.
    numbers
        Column → total.
    stated
        method and bounds (:func:`analysis.survey.calibration.weights`).

    Raises
    ------
    ValueError
        naming the total that cannot be met.
    """
    # the same checks as for raking: a category without a total, or without a firm
    for by, totals in categories.items():
        sampling.post_stratify(firms, by, totals)
    columns, totals, names = [], [], []
    whole = float(list(categories.values())[-1].sum()) if categories else population
    for name, own in categories.items():
        cells = list(own.index[own > 0])[1 if columns else 0 :]  # the rest follows from the others
        columns += [(firms.table[name] == cell).to_numpy(float) for cell in cells]
        totals += [own[cell] * whole / own.sum() for cell in cells]
        names += [f"{name} {cell}" for cell in cells]
    if not categories:
        columns, totals, names = [np.ones(len(firms.table))], [population], ["population"]
    for name, total in numbers.items():
        columns.append(firms.table[name].to_numpy(float))
        totals.append(total)
        names.append(name)
    bounds = tuple(stated.get("bounds", (-np.inf, np.inf)))
    return sampling.calibrate(
        firms, np.column_stack(columns), np.array(totals, float), stated["method"], bounds, names
    )
