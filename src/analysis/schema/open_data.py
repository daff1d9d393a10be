"""Which columns of which tables are given to everybody: ``open_data.csv``, a closed list.

What the list does not name is in no open data, whatever the tables hold: texts as received, names
of files, counts of issues. A column that the tables do not declare is refused.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from analysis.schema.tables import TABLES, TableError

FILE = Path(__file__).with_name("open_data.csv")

WITHHELD = ("Q", "V")
"""Statuses (SDMX CL_OBS_STATUS) whose figures are given to nobody: suppressed, not accepted."""


class Column(NamedTuple):
    """A column that is given: ``kind`` as in ``tables.csv``; ``unit``: what its figures count
    (``unit_measure``: that of the indicator); what it means, in both languages, in English as the
    table declares it unless the list says more."""

    name: str
    kind: str
    key: bool
    unit: str
    meaning_vi: str
    meaning_en: str


class Given(NamedTuple):
    """A table that is given: what it holds, in both languages, and its columns."""

    name: str
    holds_vi: str
    holds_en: str
    columns: tuple[Column, ...]


def read() -> dict[str, Given]:
    """Table → what of it is given.

    Raises
    ------
    analysis.schema.tables.TableError
        naming a table or column that is listed and not declared.
    """
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    strange = [r for r in rows if r["table"] not in TABLES]
    strange += [r for r in rows if r not in strange and not _declared(r)]
    if strange:
        raise TableError(f"{FILE.name}: {strange[0]['table']}.{strange[0]['column']}: not declared")
    return {
        r["table"]: Given(
            r["table"],
            r["meaning_vi"],
            r["meaning_en"] or TABLES[r["table"]].holds,
            tuple(_column(c) for c in rows if c["table"] == r["table"] and c["column"]),
        )
        for r in rows
        if not r["column"]
    }


def _declared(row: dict[str, str]) -> bool:
    return not row["column"] or row["column"] in TABLES[row["table"]].declared


def _column(row: dict[str, str]) -> Column:
    table = TABLES[row["table"]]
    declared, key = table.declared[row["column"]], row["column"] in table.key
    meanings = (row["meaning_vi"], row["meaning_en"] or declared.meaning)
    return Column(row["column"], declared.kind, key, row["unit"], *meanings)
