"""Blocks of form II.06a with known errors, and all their minimal solutions as an independent exact
enumeration found them (``blocks.csv``, ``solutions.csv``)."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from analysis.catalogue import catalogue as cat
from analysis.catalogue import linear_rules
from analysis.catalogue.linear_rules import Linear
from analysis.editing.blocks import TOTAL, Block, Shape

HERE, FIRST = Path(__file__).parent, 3  # number of the form's first column of figures
RULE_SETS = ("hard", "soft")


@cache
def shape(rule_set: str) -> Shape:
    known = cat.load()
    form = known.forms["II.06a"]
    severities = {code: rule["severity"] for code, rule in known.rules.items()}
    linear = linear_rules.rows(form, severities)
    held = tuple(x for x in linear if rule_set == "soft" or not x.soft)
    return Shape(tuple(form["items"]), held, "total_row", frozenset(form["items"]))


@cache
def sent() -> dict[str, dict]:
    """Block → rows, submitted, true (rows × columns) and kinds of error."""
    found = defaultdict(lambda: {"rows": [], "submitted": [], "true": []})
    with (HERE / "blocks.csv").open(encoding="utf-8") as file:
        for r in csv.DictReader(file):
            block, row = found[r["block"]], TOTAL if r["row"] == "T" else r["row"]
            block["kinds"] = r["kinds"]
            if row not in block["rows"]:
                block["rows"].append(row)
                block["submitted"].append([])
                block["true"].append([])
            block["submitted"][-1].append(int(r["submitted"]) if r["submitted"] else None)
            block["true"][-1].append(int(r["true"]))
    return dict(found)


def block(name: str, rule_set: str) -> Block:
    return shape(rule_set).block(sent()[name]["rows"], sent()[name]["submitted"])


def solutions(name: str, rule_set: str) -> set[frozenset]:
    """Each a set of (row, column, low, high); column None: the rule of the row let go."""
    rows, found = sent()[name]["rows"], defaultdict(set)
    with (HERE / "solutions.csv").open(encoding="utf-8") as file:
        for r in csv.DictReader(file):
            if (r["block"], r["rule_set"]) == (name, rule_set):
                row = rows.index(TOTAL if r["row"] == "T" else r["row"])
                column = None if r["kind"] == "rule" else int(r["column"]) - FIRST
                low, high = r["value"] or r["value_low"], r["value"] or r["value_high"]
                ends = (None, None) if column is None else (_int(low), _int(high))
                found[r["solution"]].add((row, column, *ends))
    return set(map(frozenset, found.values())) or {frozenset()}


def _int(text: str) -> int | None:
    return int(text) if text else None


def parts(columns: str, sums: dict[str, str], total: bool = True) -> Shape:
    """A small form: columns a, b, …; ``sums``: total → its parts."""
    held = [Linear(None, {c: -1}, equal=False) for c in columns]
    held += [Linear(f"sum_{t}", {t: 1} | dict.fromkeys(of, -1)) for t, of in sums.items()]
    return Shape(tuple(columns), tuple(held), "total_row" if total else None, frozenset(columns))
