"""Tables that others cleaned from the same workbooks, beside our own reading of them."""

import io
from pathlib import Path

import pandas as pd

from analysis import project
from analysis.language import codes
from analysis.language.languages import current, said, say
from analysis.language.words import number
from analysis.project import Place
from analysis.storage import by_hand

_DIGITS = 5e-7  # relative: the tables are printed with six to eight digits, ours with all
OUTCOMES = ["same", "differs", "absent_there", "absent_here"]
"""``absent_there``: we read a figure, their table has none; ``absent_here``: the reverse."""


def read(time_period: object, root: Path | None = None) -> pd.DataFrame:
    """Figures of ``data/reference/cleaned-tables`` for one period.

    Returns reporting_unit, column (as named there), item (ours), theirs. Rows without a code of
    the unit are left out: they belong to nobody.
    """
    folder = Place(root or project.PROJECT).reference / "cleaned-tables"
    columns = _columns(folder)
    parts = []
    for (file, year), asked in columns[columns["time_period"] == codes.text(time_period)].groupby(
        ["file", "year"]
    ):
        table = pd.read_csv(io.BytesIO(by_hand.content(folder / file)), dtype={"gso_code": str})
        table = table[(table["year"] == year) & table["gso_code"].notna()]
        long = table.melt("gso_code", asked["column"].tolist(), "column", "theirs")
        parts.append(long.merge(asked[["column", "item"]], on="column"))
    empty = pd.DataFrame(columns=["gso_code", "column", "item", "theirs"])
    held = pd.concat(parts, ignore_index=True) if parts else empty
    return held.rename(columns={"gso_code": "reporting_unit"})


def _columns(folder: Path) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(by_hand.content(folder / "columns.csv")))


def covered(root: Path | None = None) -> set[str]:
    """Periods with something to compare."""
    folder = Place(root or project.PROJECT).reference / "cleaned-tables"
    return set(_columns(folder)["time_period"]) if folder.exists() else set()


def explained(time_period: object, root: Path | None = None) -> pd.DataFrame:
    """What we know of the differences: column, outcome, rows, vi, en."""
    file = Place(root or project.PROJECT).reference / "cleaned-tables" / "explained.csv"
    table = pd.read_csv(io.BytesIO(by_hand.content(file)), encoding="utf-8")
    return table[table["time_period"] == codes.text(time_period)].drop(columns="time_period")


def compare(observations: pd.DataFrame, theirs: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    """Each figure of ``units`` in either table.

    Parameters
    ----------
    observations
        schema.OBSERVATIONS of the period.
    theirs
        As returned by :func:`read`.
    units
        Codes of the units that must report.

    Returns
    -------
    reporting_unit, column, item, ours, theirs, outcome (OUTCOMES).
    """
    names = theirs[["column", "item"]].drop_duplicates()
    own = observations[observations["reporting_unit"].isin(units)]
    own = own[["reporting_unit", "item", "obs_value"]].merge(names, on="item")
    own = own.rename(columns={"obs_value": "ours"}).astype({"reporting_unit": object})
    both = own.merge(theirs, on=["reporting_unit", "column", "item"], how="outer")
    near = (both["ours"] - both["theirs"]).abs() <= _DIGITS * both["theirs"].abs().clip(lower=1)
    outcome = pd.Series("differs", index=both.index)
    outcome[near | (both["ours"].isna() & both["theirs"].isna())] = "same"
    outcome[both["ours"].notna() & both["theirs"].isna()] = "absent_there"
    outcome[both["ours"].isna() & both["theirs"].notna()] = "absent_here"
    return both.assign(outcome=outcome)


def summary(compared: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Figures by column and outcome, with what is known of each kind of difference.

    Returns column, item, outcome, rows, vi and en (missing where nothing explains it).
    """
    counted = compared.groupby(["column", "item", "outcome"]).size().rename("rows").reset_index()
    words = known[["column", "outcome", "rows", "vi", "en"]]
    return counted.merge(words, on=["column", "outcome", "rows"], how="left")


def sentence(compared: pd.DataFrame, counted: pd.DataFrame) -> str:
    """How far both readings agree, and how much of the rest is explained."""
    same, rows = (compared["outcome"] == "same").sum(), len(compared)
    other = counted[counted["outcome"] != "same"]
    unknown = other.loc[other["vi"].isna(), "rows"].sum()
    rest = rows - same
    if not rest:
        return say("Cả {n} số so được đều bằng nhau.", n=number(rows))
    told = {"same": number(same), "all": number(rows), "rest": number(rest)}
    if not unknown:
        return say(
            "{same} trong {all} số bằng nhau; {rest} số khác, đều có lời giải thích.", **told
        )
    return say(
        "{same} trong {all} số bằng nhau; {rest} số khác, {unknown} số chưa giải thích được.",
        **told,
        unknown=number(unknown),
    )


def worded(counted: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Add ``name`` (of the item), ``result`` (the outcome) and ``why`` (its explanation)."""
    return counted.assign(
        name=counted["item"].map(names),
        result=counted["outcome"].map(said(WORDS)),
        why=counted[current()].fillna(""),
    )


WORDS = {
    "same": "bằng nhau",
    "differs": "khác nhau",
    "absent_there": "bảng kia không có",
    "absent_here": "tệp để trống",
}
