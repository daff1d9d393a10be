"""What holds on a day: the value of a parameter, the levels of a form.

A whole framework on a day: :func:`analysis.catalogue.frameworks.on_day`.
"""

from datetime import date

import pandas as pd

from analysis.catalogue.reader import CatalogueError
from analysis.language.messages import tell


def value_on(parameter: dict, day: date) -> dict:
    """The entry of a dated parameter that holds on ``day`` (value, source, certainty, ``since``).

    Raises
    ------
    CatalogueError
        if no entry holds yet on that day.
    """
    held = [since for since in parameter["values"] if since <= day]
    if not held:
        first = min(parameter["values"])
        raise CatalogueError(
            tell(
                "parameters.yml:1: nothing holds on {day}; first entry: {first}",
                day=day,
                first=first,
            )
        )
    return {**parameter["values"][max(held)], "since": max(held)}


def levels(form: dict, unit_type: str, day: date | None = None) -> dict[str, dict]:
    """The levels of a form that units of a type report on ``day`` (or on any day)."""
    return {
        code: level
        for code, level in form.get("levels", {}).items()
        if unit_type in level["unit_types"]
        and (day is None or level.get("valid_from", day) <= day <= level.get("valid_to", day))
    }


def in_edition(table: pd.DataFrame, edition: str) -> pd.Series:
    """Which rows hold in an edition: ``valid_from_edition`` and ``valid_to_edition``, if stated."""
    since, until = table["valid_from_edition"], table["valid_to_edition"]
    return ((since == "") | (since <= edition)) & ((until == "") | (until >= edition))
