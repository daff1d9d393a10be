"""What follows from the cells that must be wrong: which figures are withdrawn, and what is said.

Where every smallest set of cells that must be changed for the rules to hold names the same ones,
only these are withdrawn; the others that a broken rule binds are right if these are mended, stay,
and have a note. Conjectures on what happened withdraw nothing.
"""

import pandas as pd

from analysis.editing.proposals import MISSING, Located
from analysis.language.words import number
from analysis.schema.tables import FINDINGS

_PLACE = ["source_file", "source_sheet", "source_cell"]
_AT = ["source_file", "source_sheet", "source_cell", "reporting_unit", "form", "item", "level"]


def withdrawing(findings: pd.DataFrame, located: Located) -> pd.DataFrame:
    """``findings`` (schema.FINDINGS) as they withdraw figures.

    Where all solutions agree on the wrong cells, ``cells`` are these alone, and a finding that
    names none of them withdraws nothing.
    """
    if not located.agreed:
        return findings
    cells, kept = [], []
    for row in findings.to_dict("records"):
        wrong, named = _wrong(row, located), _named(row)
        held = [c for c in named if wrong is None or _place(row, c) in wrong]
        kept.append(bool(held) or wrong is None)
        cells.append(", ".join(held) if wrong is not None else row.get("cells"))
    return findings.assign(cells=pd.Series(cells, findings.index, dtype=object))[kept]


def notes(
    findings: pd.DataFrame, located: Located, cells: pd.DataFrame, rules: dict
) -> pd.DataFrame:
    """All that is said of located errors beside the findings themselves."""
    both = [spared(findings, located, cells, rules), conjectures(located, cells)]
    return FINDINGS.of(pd.concat(both, ignore_index=True))


def spared(
    findings: pd.DataFrame, located: Located, cells: pd.DataFrame, rules: dict
) -> pd.DataFrame:
    """Notes at the cells that a broken rule names and that stay: which cell is wrong instead.

    ``cells``: as they are after :func:`withdrawing` was applied.
    """
    agreed = [(row, _wrong(row, located)) for row in findings.to_dict("records")]
    blocking = {code for code, rule in rules.items() if rule["severity"] == "blocking"}
    agreed = [(r, wrong) for r, wrong in agreed if wrong is not None and r["rule"] in blocking]
    cells = cells[cells["source_file"].isin({row["source_file"] for row, _ in agreed})]
    stay = cells["role"].eq("value") & cells["obs_value"].notna()
    here = dict(zip(zip(*(cells[p] for p in _PLACE), strict=True), cells.index, strict=True))
    said: dict[tuple, dict] = {}
    for row, wrong in agreed:
        there = ", ".join(sorted(c for f, s, c in wrong if (f, s) == _place(row, c)[:2]))
        for cell in _named(row):
            index = here.get(_place(row, cell))
            if index is not None and stay[index]:
                at = cells.loc[index, [*_AT, "field", "raw_text"]].to_dict()
                said[_place(row, cell)] = at | {"rule": "named_by_broken_rule", "found": there}
    return FINDINGS.of(said.values())


def conjectures(located: Located, cells: pd.DataFrame) -> pd.DataFrame:
    """Findings on cells that are probably wrong, where one explanation is much the likeliest."""
    table = located.proposals
    first = table[
        table["rank"].eq(1)
        & ~table["causes_tied"].astype(bool)
        & (table["cause"].notna() | table["certain"].astype(bool))
        & table["cause"].ne(MISSING)
        & table["proposed"].notna()
    ]
    if first.empty:
        return FINDINGS.of([])
    raw = cells.loc[cells["source_file"].isin(first["source_file"]), [*_PLACE, "raw_text"]]
    raw = raw.drop_duplicates(_PLACE)
    first = first.merge(raw, on=_PLACE, how="left")
    together = first.groupby("block")["source_cell"].agg(list)
    others = [
        ", ".join(c for c in together[block] if c != cell) or None
        for block, cell in zip(first["block"], first["source_cell"], strict=True)
    ]
    figures = [number(v, 0 if v.is_integer() else 2) for v in first["proposed"]]
    found = [f"with: {v}" if o else v for v, o in zip(figures, others, strict=True)]
    return FINDINGS.take(first.assign(rule="probable_cell", found=found, expected=others))


def _wrong(row: dict, located: Located) -> frozenset[tuple] | None:
    """The places of the wrong cells of a finding, None where nothing is agreed on."""
    key = tuple(row[k] for k in ("reporting_unit", "form", "level", "field", "rule"))
    agreed = located.agreed
    return agreed.get((*key, ""), agreed.get((*key, row["item"])))


def _named(row: dict) -> list[str]:
    cells = row.get("cells")
    return cells.split(", ") if isinstance(cells, str) else [row["source_cell"]]


def _place(row: dict, cell: str) -> tuple:
    return row["source_file"], row["source_sheet"], cell
