"""Figures of units from a reference file: what the catalogue asks of it, transformed.

One row for each unit (``gso_code``), indicator and year; which file, year, indicators and whether
by their logarithm is said in YAML. Where that cannot be had, the error names file and line.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.catalogue import yaml_text
from analysis.language.messages import tell
from analysis.project import Place
from analysis.storage import by_hand

COLUMNS = ("gso_code", "indicator", "year", "value")


class UnitFiguresError(Exception):
    """The figures cannot be had; the message says why, as ``file:line: what``."""


@dataclass(frozen=True)
class Asked:
    """What is asked for, and where it says so.

    ``wanted``: file, year, variables (code → figure, over, transform); ``said_in``: the file of the
    catalogue and the keys under which ``wanted`` stands; ``error``: what is raised.
    """

    wanted: dict
    place: Place
    said_in: tuple[Path, tuple]
    error: type[UnitFiguresError] = UnitFiguresError

    def refuse(self, where: tuple, what: str) -> None:
        """Raise ``error``: ``what`` is wrong at ``where`` (keys under those of ``wanted``)."""
        path, keys = self.said_in
        raw = path.read_bytes() if path.exists() else b""
        line = yaml_text.Lines(raw).of((*keys, *where))
        raise self.error(f"{path.name}:{line}: {what}")

    def figures(self) -> pd.DataFrame:
        """The rows of the file as numbers."""
        name = self.wanted["file"]
        try:
            table = by_hand.table(by_hand.content(self.place.reference / name))
        except FileNotFoundError:
            self.refuse(("file",), tell("there is no data/reference/{name}", name=name))
        except (OSError, ValueError) as error:
            what = tell(
                "data/reference/{name} cannot be read as CSV: {error}", name=name, error=error
            )
            self.refuse(("file",), what)
        absent = [c for c in COLUMNS if c not in table]
        if absent:
            what = tell("has no column {columns}", columns=", ".join(absent))
            raise self.error(f"{name}:1: {what}")
        for column in ("year", "value"):
            try:
                table[column] = by_hand.numbers(table, column, name)
            except ValueError as error:
                raise self.error(str(error)) from error
        twice = np.flatnonzero(table.duplicated(["gso_code", "indicator", "year"]))
        if len(twice):
            row = table.iloc[twice[0]]
            told = tell(
                "{unit} has {indicator} of {year:.0f} twice",
                unit=row["gso_code"],
                indicator=row["indicator"],
                year=row["year"],
            )
            raise self.error(f"{name}:{twice[0] + 2}: {told}")
        return table


def variables(figures: pd.DataFrame, held: Asked, year: int) -> pd.DataFrame:
    """Units × variables of a year, transformed; missing where a figure is.

    Raises
    ------
    UnitFiguresError
        where there are no figures of the year, or one has no logarithm.
    """
    wide = figures[figures["year"] == year].pivot(
        index="gso_code", columns="indicator", values="value"
    )
    main = year == held.wanted["year"]
    if wide.empty:
        where = ("year",) if main else ("other_years",)
        what = tell("{file} has no figures of {year}", file=held.wanted["file"], year=year)
        held.refuse(where, what)
    found = {}
    for code, asked in held.wanted["variables"].items():
        for key in ("figure", "over"):
            if key in asked and asked[key] not in wide:
                told = tell(
                    "{file} has no {figure} of {year}",
                    file=held.wanted["file"],
                    figure=asked[key],
                    year=year,
                )
                held.refuse(("variables", code, key), told)
        x = wide[asked["figure"]]
        if "over" in asked:
            x = x / wide[asked["over"]].where(wide[asked["over"]] > 0)
        if asked["transform"] == "log":
            if (x <= 0).any():
                unit = x.index[x <= 0][0]
                told = tell(
                    "{unit} has {value:g} in {year}, which has no logarithm",
                    unit=unit,
                    value=x[unit],
                    year=year,
                )
                held.refuse(("variables", code, "transform"), told)
            x = np.log(x)
        found[code] = x
    return pd.DataFrame(found).sort_index()
