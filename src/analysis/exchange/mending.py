"""What a sender is asked to mend, each cause in one line: the cell that is probably wrong, what it
probably should be, and the rules that are certainly broken.

Which rules are broken is certain, and said as such; what happened is conjecture
(:mod:`analysis.editing.causes`), and where several explanations are about as likely, all of them
are named.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checking import gathered
from analysis.editing.proposals import MISSING
from analysis.language.words import number
from analysis.schema import row_tuples

PROBABLE, PERHAPS = "probable", "perhaps"
"""Columns of what is told: the cells that are probably wrong; those one of which may be."""
OF_CELLS = ["source_file", "source_sheet", "source_cell", "raw_text", "refused_value"]
"""Columns of cells that are looked at."""
_KEY = ["source_file", "source_sheet", "source_cell", "rule"]
_OF = ["source_file", "source_sheet", "reporting_unit", "form"]
_SEVERAL = ("swapped", "total_not_updated", "row_")  # one cause of several cells
_MOST = 6  # explanations that a line names
_QUOTED = 60  # characters of what stands in a cell


@dataclass(frozen=True)
class Words:
    """``rules`` and ``proposals`` of ``rules.yml``, and the codes of rules on ``totals`` of rows,
    whose parts a finding does not name."""

    rules: dict
    proposals: dict
    totals: frozenset[str]


def told(
    issues: pd.DataFrame,
    proposals: pd.DataFrame,
    cells: pd.DataFrame,
    words: Words,
    influence: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The issues of one sender, those that one explanation mends as one, the weightiest first.

    By severity; then by what they can move, where that is known; then by the figures that they
    withhold, the largest first.

    Parameters
    ----------
    issues
        schema.ISSUES, in any order. What may be confirmed keeps a line of its own.
    proposals, cells
        schema.PROPOSALS; of schema.CELLS of the file at least :data:`OF_CELLS`.
    influence
        source_file, source_sheet, source_cell, rule and influence, the larger the more it moves.

    Returns
    -------
    issues with :data:`PROBABLE` and :data:`PERHAPS` (texts as ``E14, F14``, empty where nothing is
    proposed). Where something is, ``cells`` are all that the broken rules name, the messages tell
    the explanation, and the note that it repeats is left out.
    """
    order = issues["severity"].astype(str).map(_ORDER)
    weighed = issues.assign(_order=order, _moves=_moves(issues, influence))
    weighed["_size"] = _withheld(issues, cells)
    merged = _together(weighed, proposals, cells, words)
    by, falling = ["_order", "_moves", "_size"], [True, False, False]
    ranked = merged.sort_values(by, ascending=falling, kind="stable", na_position="last")
    return ranked.drop(columns=by)


_ORDER = {"blocking": 0, "warning": 1, "note": 2}


def _moves(issues: pd.DataFrame, influence: pd.DataFrame | None) -> pd.Series:
    if influence is None or influence.empty or issues.empty:
        return pd.Series(float("nan"), issues.index)
    known: dict[tuple, float] = {}
    for place, moves in zip(_places(influence), influence["influence"], strict=True):
        known[place] = np.fmax(known.get(place, np.nan), moves)
    held = [known.get(place, np.nan) for place in _places(issues)]
    return pd.Series(held, issues.index, dtype=float)


def _places(table: pd.DataFrame) -> Iterator[tuple]:
    return zip(*(table[column] for column in _KEY), strict=True)


def _withheld(issues: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """The sum of the figures that are withdrawn at the cells of each issue."""
    out = cells[cells["refused_value"].notna()]
    places = zip(out["source_file"], out["source_sheet"], out["source_cell"], strict=True)
    held = dict(zip(places, out["refused_value"].abs(), strict=True))
    sizes = [
        sum(held.get((i.source_file, i.source_sheet, p), 0.0) for p in gathered.places(i))
        for i in row_tuples.rows(issues)
    ]
    return pd.Series(sizes, issues.index, dtype=float)


def _together(
    issues: pd.DataFrame, proposals: pd.DataFrame, cells: pd.DataFrame, words: Words
) -> pd.DataFrame:
    """The issues with those that one explanation mends as one."""
    nothing = pd.Series(None, issues.index, dtype=object)
    merged = issues.assign(**{PROBABLE: nothing, PERHAPS: nothing})
    own = proposals[proposals["source_file"].isin(set(issues["source_file"]))]
    if own.empty:
        return merged
    places = zip(cells["source_file"], cells["source_sheet"], cells["source_cell"], strict=True)
    raw = dict(zip(places, cells["raw_text"].fillna(""), strict=True))
    groups = {key: table for key, table in merged.groupby(_OF, dropna=False, observed=True)}
    gone: set = set()
    for key, block in own.groupby([*_OF, "block"], sort=False, observed=True):
        here = groups.get(key[:-1])
        for one in _explanations(block, here, words) if here is not None else ():
            found = [n for n in one.broken if n not in gone]
            if not found:
                continue
            for column, value in _line(one, merged.loc[found], raw, words).items():
                merged.at[found[0], column] = value
            repeats = here["rule"].eq("probable_cell") & here["source_cell"].isin(one.cells)
            gone |= {*found[1:], *here.index[repeats]}
    return merged.drop(index=gone)


@dataclass(frozen=True)
class _Told:
    """What explains some broken rules (``broken``: index of their issues): ``ways``, each rows of
    the table of proposals; one of them, or several that are about as likely."""

    ways: list[list]
    broken: list

    @property
    def cells(self) -> list[str]:
        return list(dict.fromkeys(row.source_cell for way in self.ways for row in way))


def _explanations(block: pd.DataFrame, issues: pd.DataFrame, words: Words) -> Iterator[_Told]:
    settled = block[(block["status"] == "settled") & (block["rank"] >= 1)]
    tied = settled[settled["causes_tied"].astype(bool)]
    chosen = tied if len(tied) else settled[settled["rank"] == 1]
    known = chosen["cause"].notna() & (chosen["cause"] != MISSING)
    ways = [list(row_tuples.rows(way)) for _, way in chosen.groupby("rank", sort=True)]
    asked = list(row_tuples.rows(issues))
    mends = {
        row.Index: [i.Index for i in asked if _mends(row, i, words)] for way in ways for row in way
    }
    if len(tied):
        if known.any() or len(ways) <= _MOST:
            yield _Told(ways, sorted({n for found in mends.values() for n in found}))
    elif known.any() or chosen["certain"].astype(bool).any():
        for rows in _parted(ways[0], mends):
            yield _Told([rows], sorted({n for row in rows for n in mends[row.Index]}))


def _mends(row, issue, words: Words) -> bool:
    """Whether the broken rule that an issue tells holds with the cell as proposed."""
    rules = row.rules.split(",") if isinstance(row.rules, str) else []
    if issue.rule not in rules or "confirm" in words.rules[issue.rule]:
        return False
    total = issue.rule in words.totals and issue.item == row.item
    return (total and issue.level in ("_T", row.level)) or row.source_cell in gathered.places(issue)


def _parted(rows: list, mends: dict) -> list[list]:
    """The rows of an explanation, those of one cause or of one broken rule together."""
    parts: list[list] = []
    for row in rows:
        joined = [p for p in parts if any(_one_cause(row, o, mends) for o in p)]
        parts = [p for p in parts if p not in joined]
        parts.append([*(o for p in joined for o in p), row])
    return parts


def _one_cause(row, other, mends: dict) -> bool:
    if set(mends[row.Index]) & set(mends[other.Index]):
        return True
    if row.cause != other.cause or not isinstance(row.cause, str):
        return False
    carried = row.item == other.item and row.proposed - row.submitted == (
        other.proposed - other.submitted
    )
    return carried or row.cause.startswith(_SEVERAL)


# --- in words -----------------------------------------------------------------------------------


def _line(one: _Told, broken: pd.DataFrame, raw: dict, words: Words) -> dict[str, object]:
    """What the first of the ``broken`` issues then says."""
    first, cells = broken.iloc[0], ", ".join(one.cells)
    places = [p for issue in row_tuples.rows(broken) for p in gathered.places(issue)]
    line: dict[str, object] = {"cells": ", ".join(dict.fromkeys([*one.cells, *places]))}
    line |= broken[["_moves", "_size"]].max().to_dict()
    for language in ("vi", "en"):
        line[f"message_{language}"] = _message(one, broken, raw, words, language)
    if len(one.ways) > 1:
        return line | {PERHAPS: cells}
    at = (first["source_file"], first["source_sheet"], one.cells[0])
    return line | {PROBABLE: cells, "source_cell": one.cells[0], "raw_text": raw.get(at, "")}


def _message(one: _Told, broken: pd.DataFrame, raw: dict, words: Words, language: str) -> str:
    said = {key: text[language] for key, text in words.proposals.items() if key != "causes"}
    causes = {code: text[language] for code, text in words.proposals["causes"].items()}
    ways = [_way(way, raw, said, causes) for way in one.ways[:_MOST]]
    if left := len(one.ways) - len(ways):
        ways.append(said["more"].format(n=left))
    named: dict[str, list[str]] = {}
    for issue in row_tuples.rows(broken):
        name = words.rules[issue.rule]["name"][language]
        named.setdefault(name, []).append(gathered.ranges(gathered.places(issue)))
    rules = [said["rule"].format(name=n, cells=", ".join(at)) for n, at in named.items()]
    form = {1: "one", 2: "one_of_two"}.get(len(one.ways), "one_of")
    explained = said["or"].join(ways)
    return said[form].format(n=len(one.ways), explained=explained, broken="; ".join(rules))


def _way(rows: list, raw: dict, said: dict, causes: dict) -> str:
    """The cells of an explanation with what they should be, and the cause behind those that it
    explains."""
    parts: list[str] = []
    for n, row in enumerate(rows):
        stands = raw.get((row.source_file, row.source_sheet, row.source_cell), "")[:_QUOTED]
        cell = said["cell" if stands and row.cause != MISSING else "cell_missing"]
        part = cell.format(cell=row.source_cell, raw=stands, figure=_figure(row, said))
        last = n + 1 == len(rows) or rows[n + 1].cause != row.cause
        if last and row.cause in causes:
            part += said["because"].format(cause=causes[row.cause])
        parts.append(part)
    return "; ".join(parts)


def _figure(row, said: dict) -> str:
    if pd.notna(row.proposed):
        return _number(row.proposed)
    ends = pd.notna(row.proposed_low), pd.notna(row.proposed_high)
    words = {(True, True): "between", (True, False): "at_least", (False, True): "at_most"}
    return said[words.get(ends, "another")].format(
        low=_number(row.proposed_low), high=_number(row.proposed_high)
    )


def _number(value: float) -> str:
    return "" if pd.isna(value) else number(value, 0 if float(value).is_integer() else 2)
