"""Weights that come with a file, a row for each unit: its weight and those of the replicates."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.language.messages import tell
from analysis.storage import by_hand, files
from analysis.survey.replicates import Replicates, moving_together

NEAR = 0.1
"""How far the replicates may add up, on average, from what the weights do, as a share of it."""


def read(path: Path, stated: dict, key: str, answered: pd.Series, selected: pd.Series, name: str):
    """The weights of those who answered.

    Parameters
    ----------
    stated
        weight (column), columns (a pattern: ``rep_*``), type, and where the type needs them fay,
        scale, rscales; count (how many columns there must be), combined (False: columns are factors
        of the weight), mse.
    key
        The column by which units are known.
    answered, selected
        Their codes: who must stand in the file, who may.

    Returns
    -------
    The weights in the order of ``answered``, and the
    :class:`~analysis.survey.replicates.Replicates`.

    Raises
    ------
    ValueError
        naming the file, the line or column, and what is wrong: a column that is not there, another
        number of columns, no number, negative, another sample, sums that are not those of the
        weights.
    """
    table = _table(path, name)
    columns = _columns(table, stated, key, name)
    table[key] = table[key].astype(str).str.strip().str.lstrip("0")
    _of_this_sample(table, key, answered, selected, name)
    held = table.set_index(key)
    numbers = held[[stated["weight"], *columns]].apply(pd.to_numeric, errors="coerce")
    _numbers(numbers, held, stated["weight"], name)
    numbers = numbers.loc[answered]
    full, weights = numbers[stated["weight"]].to_numpy(), numbers[columns].to_numpy()
    weights = weights if stated.get("combined", True) else weights * full[:, None]
    ratio = weights.sum(axis=0).mean() / full.sum()
    if abs(ratio - 1) > NEAR:
        raise ValueError(
            tell(
                "{name}: the replicates {columns} add up to {times:.3g} times the sum of "
                "{weight}: are they factors (combined: false), weights (combined: true) or of "
                "another file?",
                name=name,
                columns=stated["columns"],
                times=ratio,
                weight=stated["weight"],
            )
        )
    scale, rscales = scales(stated, len(columns), name)
    place = np.arange(len(full))
    alike = moving_together(weights, full)
    return full, Replicates(weights, place, scale, rscales, alike, stated.get("mse", False))


def scales(stated: dict, count: int, name: str) -> tuple[float, np.ndarray]:
    """Scale and rscales of ``count`` replicates of a type.

    BRR 1/R (McCarthy 1969); Fay 1/(R(1 − ρ)²) (Judkins 1990); bootstrap 1/(R − 1); JK1 (R − 1)/R;
    JK2 1; successive differences 4/R (Fay & Train 1995). JKn and other take theirs from the file's
    description.

    Raises
    ------
    ValueError
        where the type needs what is not said, or rscales are not as many as the columns.
    """
    kind, lacking = stated["type"], None
    rscales = np.asarray(stated.get("rscales", np.ones(count)), float)
    if kind == "Fay" and "fay" not in stated:
        lacking = "fay"
    elif kind in ("JKn", "other") and "rscales" not in stated:
        lacking = "rscales"
    elif kind == "other" and "scale" not in stated:
        lacking = "scale"
    if lacking:
        raise ValueError(
            tell("{name}: replicates of type {kind} need {lacking}", name=name, kind=kind,
                 lacking=lacking)
        )  # fmt: skip
    if len(rscales) != count:
        raise ValueError(
            tell("{name}: {n} rscales for {count} replicates", name=name, n=len(rscales),
                 count=count)
        )  # fmt: skip
    own = {
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - stated.get("fay", 0)) ** 2),
        "bootstrap": 1 / max(count - 1, 1),
        "JK1": (count - 1) / count,
        "successive_difference": 4 / count,
    }
    fixed = kind in ("BRR", "Fay", "JK2", "successive_difference")
    scale = own.get(kind, 1.0) if fixed else stated.get("scale", own.get(kind, 1.0))
    return float(scale), rscales


def _table(path: Path, name: str) -> pd.DataFrame:
    if not path.is_file():
        raise ValueError(tell("{where}: file is missing", where=name))
    try:
        return by_hand.table(files.content(path))
    except ValueError as error:
        raise ValueError(
            tell("{where}: cannot be read: {error}", where=name, error=error)
        ) from error


def _columns(table: pd.DataFrame, stated: dict, key: str, name: str) -> list[str]:
    """The columns of the replicates, in the order of the file."""
    absent = [c for c in (key, stated["weight"]) if c not in table]
    if absent:
        raise ValueError(
            tell("{where}: column missing: {absent}", where=name, absent=", ".join(absent))
        )
    before, _, after = stated["columns"].partition("*")
    pattern = re.compile(f"{re.escape(before)}.+{re.escape(after)}")
    columns = [c for c in table if pattern.fullmatch(c) and c not in (key, stated["weight"])]
    wanted = stated.get("count", max(len(columns), 2))
    if len(columns) != wanted:
        raise ValueError(
            tell(
                "{name}: {n} columns are called {pattern}, {wanted} are expected",
                name=name,
                n=len(columns),
                pattern=stated["columns"],
                wanted=wanted,
            )
        )
    return columns


def _of_this_sample(table, key: str, answered, selected, name: str) -> None:
    """Each firm that answered has its row, once, and no row is of another sample."""
    for at, what in (
        (table[key].duplicated(), tell("stands twice")),
        (~table[key].isin(selected), tell("is not in selected.csv: weights of another file?")),
    ):
        if at.any():
            row = int(np.argmax(at))
            raise ValueError(f"{name}:{row + 2}: {key} {table[key].iloc[row]} {what}")
    without = answered[~answered.isin(table[key])]
    if len(without):
        raise ValueError(
            tell(
                "{name}: no weights of {n} who answered ({key} {first} …): of another file?",
                name=name,
                n=len(without),
                key=key,
                first=without.iloc[0],
            )
        )


def _numbers(numbers: pd.DataFrame, held: pd.DataFrame, weight: str, name: str) -> None:
    """The weight is positive, and no replicate is negative or missing."""
    least = pd.Series(0.0, numbers.columns)
    wrong = ~(np.isfinite(numbers) & (numbers >= least))
    wrong[weight] |= ~(numbers[weight] > 0)
    if wrong.any(axis=None):
        row, column = np.argwhere(wrong.to_numpy())[0]
        column = numbers.columns[column]
        raise ValueError(
            tell(
                "{name}:{line}: {column} is {said!r}: a weight is a number, above 0 in {weight} "
                "and not below 0 in a replicate",
                name=name,
                line=row + 2,
                column=column,
                said=held[column].iloc[row],
                weight=weight,
            )
        )
