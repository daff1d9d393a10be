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

from analysis.catalogue import yaml_text
from analysis.project import PROJECT, Place

COLUMNS = ("gso_code", "indicator", "year", "value")
_STATED = "similar_units.yml"
_SEED = 0


class SimilarUnitsError(Exception):
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
    held = _Stated(stated, Place(root or PROJECT))
    figures = held.figures()
    years = [stated["year"], *stated.get("other_years", [])]
    tables = {year: _variables(figures, held, year) for year in years}
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


@dataclass(frozen=True)
class _Stated:
    """What is asked for, and where it says so."""

    wanted: dict
    place: Place

    def refuse(self, where: tuple, what: str) -> None:
        path = self.place.catalogue / _STATED
        raw = path.read_bytes() if path.exists() else b""
        line = yaml_text.Lines(raw).of(("similar_units", *where))
        raise SimilarUnitsError(f"{_STATED}:{line}: {what}")

    def figures(self) -> pd.DataFrame:
        """The rows of the file as numbers."""
        name = self.wanted["file"]
        try:
            table = pd.read_csv(self.place.reference / name, dtype=str, keep_default_na=False)
        except FileNotFoundError:
            self.refuse(("file",), f"there is no data/reference/{name}")
        except (OSError, ValueError) as error:
            self.refuse(("file",), f"data/reference/{name} cannot be read as CSV: {error}")
        absent = [c for c in COLUMNS if c not in table]
        if absent:
            raise SimilarUnitsError(f"{name}:1: has no column {', '.join(absent)}")
        for column in ("year", "value"):
            given = table[column].str.strip()
            read = pd.to_numeric(given, errors="coerce")
            read = read.where(np.isfinite(read.astype(float)))
            wrong = np.flatnonzero(read.isna() & (given != ""))
            if len(wrong):
                at = wrong[0]
                told = f"{column} {table[column].iloc[at]!r} is no number"
                raise SimilarUnitsError(f"{name}:{at + 2}: {told}")
            table[column] = read
        twice = np.flatnonzero(table.duplicated(["gso_code", "indicator", "year"]))
        if len(twice):
            row = table.iloc[twice[0]]
            told = f"{row['gso_code']} has {row['indicator']} of {row['year']:.0f} twice"
            raise SimilarUnitsError(f"{name}:{twice[0] + 2}: {told}")
        return table


def _variables(figures: pd.DataFrame, held: _Stated, year: int) -> pd.DataFrame:
    """Units × variables of a year, transformed; missing where a figure is."""
    wide = figures[figures["year"] == year].pivot(
        index="gso_code", columns="indicator", values="value"
    )
    main = year == held.wanted["year"]
    if wide.empty:
        where = ("year",) if main else ("other_years",)
        held.refuse(where, f"{held.wanted['file']} has no figures of {year}")
    found = {}
    for code, asked in held.wanted["variables"].items():
        for key in ("figure", "over"):
            if key in asked and asked[key] not in wide:
                told = f"{held.wanted['file']} has no {asked[key]} of {year}"
                held.refuse(("variables", code, key), told)
        x = wide[asked["figure"]]
        if "over" in asked:
            x = x / wide[asked["over"]].where(wide[asked["over"]] > 0)
        if asked["transform"] == "log":
            if (x <= 0).any():
                unit = x.index[x <= 0][0]
                told = f"{unit} has {x[unit]:g} in {year}, which has no logarithm"
                held.refuse(("variables", code, "transform"), told)
            x = np.log(x)
        found[code] = x
    return pd.DataFrame(found).sort_index()


def _standardised(x: pd.DataFrame, held: _Stated) -> np.ndarray:
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
    units: pd.Index, own: np.ndarray, tables: dict[int, pd.DataFrame], held: _Stated
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
