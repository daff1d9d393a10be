"""The table of an export: rows of cells under names, and what stands beside it.

A mapping of the catalogue (``exports/*.yml``) says which columns there are; how they are written
depends on its format: the head row of a CSV, the keys of objects in JSON.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from analysis.language.words import plain
from analysis.reading import json_cells
from analysis.reading.layouts.cells import blank_cell, cells_by_row, seen

_WITHIN = 20  # rows with anything in them among which the heads are looked for
_OF_SDMX = ("DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION")
"""Columns that SDMX-CSV 1.0 and 2.0 put before the dimensions."""
_LABELLED = re.compile(r"^([^:\s]+):\s*(.*)$", re.DOTALL)

ACTION = {"ACTION": ["", "I", "A", "M", "R"]}
"""SDMX-CSV 2.0: what a row may ask for; D, to delete a figure, is no figure."""


@dataclass
class Record:
    """A row: ``cells`` by name; ``anchor``: any cell of it; ``at``: its pointer, in JSON."""

    row: int
    cells: dict[str, dict]
    anchor: dict
    at: str = ""


@dataclass
class Table:
    """``columns``: name → number, in their order; ``records``; ``shared`` cells by name that hold
    for all of them (JSON); cells of the ``head``, those of it that are written ``twice``, and cells
    that stand elsewhere (``beside``); of which columns the codes are ``labelled``."""

    columns: dict[str, int]
    records: list[Record]
    shared: dict[str, dict] = field(default_factory=dict)
    head: list[dict] = field(default_factory=list)
    twice: list[dict] = field(default_factory=list)
    beside: list[dict] = field(default_factory=list)
    labelled: frozenset[str] = frozenset()

    def blank(self, record: Record, name: str) -> dict:
        """The cell that a row does not have."""
        cell = blank_cell(record.anchor, self.columns.get(name, len(self.columns) + 1))
        if record.at:
            steps = map(json_cells.pointed, name.split("/"))
            cell["source_cell"] = "/".join([record.at, *steps])
        return cell

    def text(self, cell: dict | None, name: str) -> str:
        """What a cell says, without the label that SDMX-CSV may write behind a code."""
        said = plain(cell["raw_text"]) if cell else ""
        if name in self.labelled and (parted := _LABELLED.match(said)):
            return parted[1]
        return said


def columns(mapping: dict) -> list[str]:
    """The columns that a mapping reads, each once."""
    named = [mapping[k]["column"] for k in ("unit", "period", "item", "level", "field", "status")
             if k in mapping]  # fmt: skip
    named += [mapping[k] for k in ("record", "value") if k in mapping]
    named += [*mapping.get("values", {}), *mapping.get("only", {})]
    return list(dict.fromkeys(named))


def of(rows: list[dict], mapping: dict) -> Table | None:
    """The table of the cells of a file by a mapping; None where the file has none of its format.

    ``rows``: cells as dicts of schema.LOCATED.
    """
    pointers = rows[0]["source_cell"].startswith("/")
    if pointers != (mapping["format"] == "json"):
        return None
    return _of_json(rows, mapping) if pointers else _of_csv(rows, mapping)


def built_in(mapping: dict) -> tuple[str, ...]:
    """Columns that the format itself has: they need not be named."""
    return _OF_SDMX if mapping["format"] == "sdmx_csv" else ()


def _of_csv(rows: list[dict], mapping: dict) -> Table | None:
    lines = cells_by_row(seen(rows)[0])
    wanted, sdmx = set(columns(mapping)), mapping["format"] == "sdmx_csv"

    def name(cell: dict) -> str:
        text = plain(cell["raw_text"])
        parted = _LABELLED.match(text) if sdmx else None
        return parted[1] if parted else text

    most, top = 0, None
    for number, line in islice(lines.items(), _WITHIN):
        if (held := len({name(r) for r in line.values()} & wanted)) > most:
            most, top = held, number
    if top is None:
        return None
    head = lines[top]
    names = {c: name(r) for c, r in sorted(head.items())}
    times = Counter(names.values())
    labelled = frozenset(n for c, n in names.items() if n != plain(head[c]["raw_text"]))
    records = []
    for number, line in lines.items():
        if number > top:
            cells = {names[c]: r for c, r in line.items() if c in names}
            outside = {f"\0{c}": r for c, r in line.items() if c not in names}
            records.append(Record(number, cells | outside, next(iter(line.values()))))
    columns_of: dict[str, int] = {}
    for column, text in names.items():
        columns_of.setdefault(text, column)
    return Table(
        columns=columns_of,
        records=records,
        head=list(head.values()),
        twice=[r for c, r in head.items() if times[names[c]] > 1 and names[c] in wanted],
        beside=[r for n, line in lines.items() if n < top for r in line.values()],
        labelled=labelled,
    )


def _of_json(rows: list[dict], mapping: dict) -> Table | None:
    path = [p for p in mapping.get("rows", "").split("/") if p]
    table, records = Table({}, []), {}
    for r in rows:
        steps = json_cells.tokens(r["source_cell"])
        index, name = steps[len(path) : len(path) + 1], "/".join(steps[len(path) + 1 :])
        if steps[: len(path)] == path and index and index[0].isdecimal() and name:
            at = "".join(f"/{json_cells.pointed(step)}" for step in [*path, *index])
            own = records.setdefault(at, Record(r["row"], {}, r, at))
            own.cells[name] = r
            table.columns.setdefault(name, r["column"])
        elif any(step.isdecimal() for step in steps):
            table.beside.append(r)
        else:
            table.shared["/".join(steps)] = r
    table.records = list(records.values())
    return table if records else None
