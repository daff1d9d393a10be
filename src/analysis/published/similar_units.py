"""Units most like a unit in what it does not choose: fixed nearest neighbours and their stability.

As the Nearest Neighbours Model of CIPFA compares English councils: Euclidean distance over
standardised variables, the nearest k, published with the variables. A Mahalanobis distance would
count what two variables share once; with few variables the plain distance can be checked by hand,
and what each variable does is shown by leaving it out. Which file, year, variables and how many:
``data/catalogue/similar_units.yml``. Never an input of a score.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis import project
from analysis.project import Place
from analysis.published import unit_figures

_STATED = "similar_units.yml"
_SEED = 0


class SimilarUnitsError(unit_figures.UnitFiguresError):
    """Similar units cannot be found; the message says why, as ``file:line: what``."""


@dataclass(frozen=True)
class Similar:
    """``neighbours``: reporting_unit, other, distance, and of the lists made without one variable,
    from another year and by other weights how many name the other too (variables, years, weights:
    shares; missing where there is no such list), the nearest first. ``lacking``: units of the file
    without a figure of the year → which variable."""

    neighbours: pd.DataFrame
    lacking: dict[str, str]


def find(stated: dict, root: Path | None = None) -> Similar:
    """The similar units of every unit of the reference file.

    Parameters
    ----------
    stated
        ``catalogue.similar_units``.

    Raises
    ------
    SimilarUnitsError
        where the file is absent or broken, a year or figure is not in it, a variable has no
        logarithm or is the same everywhere, or there are no more units than neighbours.
    """
    place = Place(root or project.PROJECT)
    said_in = place.catalogue / _STATED, ("similar_units",)
    held = unit_figures.Asked(stated, place, said_in, SimilarUnitsError)
    figures = held.figures()
    years = [stated["year"], *stated.get("other_years", [])]
    tables = {year: unit_figures.variables(figures, held, year) for year in years}
    first = tables[stated["year"]]
    lacking = {unit: row.index[row.isna()][0] for unit, row in first.iterrows() if row.isna().any()}
    x, k = first.dropna(), stated["neighbours"]
    if len(x) <= k:
        held.refuse(("neighbours",), f"{len(x)} units have all figures, so none has {k} neighbours")
    z = _standardised(x, held)
    distance = _distances(z)
    own = _nearest(distance, k)
    found = pd.DataFrame(
        {
            "reporting_unit": np.repeat(x.index.to_numpy(object), k),
            "other": x.index.to_numpy(object)[own.ravel()],
            "distance": np.take_along_axis(distance, own, axis=1).ravel(),
        }
    )
    size = z.shape[1]
    masks = np.ones((size, size)) - np.eye(size) if size > 1 else np.empty((0, size))
    spread, draws = stated["stability"]["weights_within"], stated["stability"]["draws"]
    drawn = np.random.default_rng(_SEED).uniform(1 - spread, 1 + spread, (draws, size))
    found["variables"] = _kept(own, [_nearest(_distances(z, w), k) for w in masks])
    found["years"] = _kept_by_year(x.index, own, tables, held)
    found["weights"] = _kept(own, [_nearest(_distances(z, w), k) for w in drawn])
    return Similar(found, lacking)


def _standardised(x: pd.DataFrame, held: unit_figures.Asked) -> np.ndarray:
    """Each variable with mean 0 and standard deviation 1 over the units."""
    values = x.to_numpy(float)
    spread = values.std(axis=0)
    same = spread <= 1e-12 * np.abs(values).max(axis=0)
    if same.any():
        code = x.columns[same][0]
        held.refuse(("variables", code), f"{code} is the same in all units: it tells none apart")
    return (values - values.mean(axis=0)) / spread


def _distances(z: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    weights = np.ones(z.shape[1]) if weights is None else weights
    return scipy.spatial.distance.cdist(z, z, "euclidean", w=weights)


def _nearest(distance: np.ndarray, k: int) -> np.ndarray:
    """Positions of the ``k`` nearest others of each row, the nearest first; ties by position."""
    away = np.round(distance, 12)  # float noise decides no tie
    np.fill_diagonal(away, np.inf)
    return np.argsort(away, axis=1, kind="stable")[:, :k]


def _kept(own: np.ndarray, lists: list[np.ndarray]) -> np.ndarray:
    """In which share of the other lists each neighbour stands as well, as a column."""
    if not lists:
        return np.full(own.size, np.nan)
    there = [(own[:, :, None] == other[:, None, :]).any(axis=2) for other in lists]
    return np.mean(there, axis=0).ravel()


def _kept_by_year(
    units: pd.Index, own: np.ndarray, tables: dict[int, pd.DataFrame], held: unit_figures.Asked
) -> np.ndarray:
    """:func:`_kept` for lists of other years, in which other units may have no figures."""
    there = []
    for year in held.wanted.get("other_years", []):
        x = tables[year].dropna()
        x = x[x.index.isin(units)]
        if len(x) <= own.shape[1]:
            held.refuse(("other_years",), f"too few units have all figures of {year}")
        near = _nearest(_distances(_standardised(x, held)), own.shape[1])
        names = x.index.to_numpy(object)
        lists = {unit: set(names[row]) for unit, row in zip(x.index, near, strict=True)}
        there.append(
            [
                [units[j] in lists.get(unit, ()) for j in row]
                for unit, row in zip(units, own, strict=True)
            ]
        )
    return np.mean(there, axis=0).ravel() if there else np.full(own.size, np.nan)
