"""Units of a code list on a day, and their names: codes are used again, and units merge."""

import pandas as pd

from analysis.language import codes, languages
from analysis.language.words import fold, spellings

PROVINCES = ("province", "centrally_run_city")


def alive(units: pd.DataFrame, day: object) -> pd.Series:
    """Whether each row of ``units`` exists on ``day``: one day, or a column with one for each row.

    valid_from and valid_to are the first and the last day; open where missing.
    """
    when = pd.to_datetime(day)
    since = units["valid_from"].isna() | (units["valid_from"] <= when)
    return since & (units["valid_to"].isna() | (units["valid_to"] >= when))


def standing(units: pd.DataFrame, codes: pd.Series, day: object) -> pd.DataFrame:
    """The units that ``codes`` mean on ``day``: one day, or a column with one for each code.

    Returns asked (index of the code), row (index of the unit), code, day, valid_from, valid_to; a
    code that means no unit that day has no row.
    """
    asked = pd.DataFrame({"code": codes, "day": day}).rename_axis("asked").reset_index()
    rows = units[["code", "valid_from", "valid_to"]].rename_axis("row").reset_index()
    found = asked.merge(rows, on="code")
    return found[alive(found, found["day"])]


def provinces(units: pd.DataFrame) -> pd.DataFrame:
    """The rows that are provinces or cities like them."""
    return units[units["type"].isin(PROVINCES)]


def unit_names(units: pd.DataFrame) -> dict[str, str]:
    """Every way of writing a unit's name (folded, see :func:`language.words.fold`) → code."""
    names = {}
    for row in units.itertuples():
        for name in [row.code, row.name_vi, row.name_en, *filter(None, row.aliases.split("|"))]:
            for written in spellings(fold(name)):
                names.setdefault(written, row.code)
    return names


def unit_code(units: pd.DataFrame, given: object, problem: str) -> str:
    """The code of that of ``units`` which is meant: by its code, a number or a name.

    ``problem``: what an unknown one is ("unit not due in 2024").

    Raises
    ------
    analysis.language.codes.UnknownCodeError
    """
    known = dict(zip(units["code"], units[languages.column("name")], strict=True))
    return codes.chosen(given, known, problem, unit_names(units))
