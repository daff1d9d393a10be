"""Which mapping of the catalogue an export of a reporting system is read by.

A mapping fits a file that has its format, all of its columns and a row that says what it says in
``only``. A file that several fit is not read: the figures could be taken for two things.
"""

from typing import NamedTuple

from analysis.language.words import MISSING
from analysis.reading.layouts import export_rows
from analysis.reading.layouts.cells import file_unused
from analysis.reading.layouts.export_rows import Table

_SHOWN = 12  # columns that a message names
_NEAR = 0.5  # of the columns of a mapping: the file is meant to be such an export
_FIGURE = "OBS_VALUE"


class Fit(NamedTuple):
    """A mapping by its name, the table that it finds in a file, and what that lacks."""

    name: str
    table: Table | None
    wanted: list[str]
    lacks: list[str]

    @property
    def share(self) -> float:
        """How much of the mapping the file has."""
        return 1 - len(self.lacks) / len(self.wanted) if self.table else 0.0


def fitting(rows: list[dict], mappings: dict[str, dict]) -> list[Fit]:
    """All mappings, those that lack least first.

    ``rows``: cells of one file as dicts of schema.LOCATED.
    """
    found = [_held(name, rows, mapping) for name, mapping in mappings.items()]
    return sorted(found, key=lambda fit: -fit.share)


def _held(name: str, rows: list[dict], mapping: dict) -> Fit:
    table = export_rows.of(rows, mapping)
    named = export_rows.columns(mapping)
    spare = {n for n, held in mapping.get("only", {}).items() if "" in texts(held)}
    spare.add(mapping.get("status", {}).get("column"))
    wanted = [c for c in named if c not in spare]
    if table is None:
        return Fit(name, None, wanted, wanted)
    there = {*table.columns, *table.shared}
    lacks = [c for c in wanted if c not in there]
    figures = list(mapping.get("values", {}))
    if mapping["format"] == "json" and there.intersection(figures):
        lacks = [c for c in lacks if c not in figures]  # systems leave out what is not known
    if not lacks:
        lacks = _otherwise(table, mapping)
    return Fit(name, table, wanted, lacks)


def _otherwise(table: Table, mapping: dict) -> list[str]:
    """What the mapping asks that no row says."""
    asked = {name: texts(held) for name, held in mapping.get("only", {}).items()}
    for record in table.records:
        said = {n: table.text(record.cells.get(n, table.shared.get(n)), n) for n in asked}
        if all(said[name] in held for name, held in asked.items()):
            return []
    return [f"{name} = {'/'.join(held)}" for name, held in asked.items()]


def texts(held: object) -> list[str]:
    """What may stand somewhere: one text, or several."""
    return [str(one) for one in held] if isinstance(held, list) else [str(held)]


def refused(rows: list[dict], fits: list[Fit], form: str | None) -> list[dict]:
    """The cells of a file that no mapping fits, or several, with the finding that says so."""
    several = [fit.name for fit in fits if not fit.lacks]
    if several:
        rule, found, expected = "export_ambiguous", ", ".join(several), None
    else:
        rule, near = "export_unmapped", fits[0] if fits else None
        table = near.table if near else None
        names = [*table.shared, *table.columns] if table else _keys(rows)
        found = ", ".join(names[:_SHOWN]) + ", …" * (len(names) > _SHOWN)
        expected = f"{near.name}: {', '.join(near.lacks)}" if near else MISSING
        found = found if near else f"none: {found}"
    return file_unused(rows, rule, form, found=found, expected=expected)


def is_meant(rows: list[dict], fits: list[Fit]) -> bool:
    """Whether a file is an export, as far as its columns tell."""
    heads = {r["raw_text"].partition(":")[0] for r in rows if r["row"] <= 1}
    return bool(fits and fits[0].share >= _NEAR) or _FIGURE in heads


def _keys(rows: list[dict]) -> list[str]:
    """What the values of a JSON file are called, those of the first rows."""
    steps = (r["source_cell"].rpartition("/")[2] for r in rows[:200])
    said = (r["raw_text"] for r in rows if r["row"] <= 1)
    pointers = rows[0]["source_cell"].startswith("/")
    return list(dict.fromkeys(steps if pointers else said))
