"""Figures and broken rules → what the sender may look at first: a table of proposals.

Only units and levels of which a rule was found broken are looked at; the others cost nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pandas as pd

from analysis.catalogue import linear_rules
from analysis.editing import causes, localise
from analysis.editing.blocks import TOTAL, Applied, Block, Known, Shape
from analysis.editing.causes import Explanation
from analysis.editing.localise import Solution
from analysis.lineage.kept_steps import Steps
from analysis.schema import row_tuples
from analysis.schema.tables import PROPOSALS, parts

_ROW = ["reporting_unit", "form", "level", "field"]
_PLACE = ["source_file", "source_sheet", "source_cell"]
MISSING = "missing"
"""The cause of a figure that was not submitted, or not read, and follows from the others."""


@dataclass(frozen=True)
class Agreed:
    """A broken rule of which every minimal solution, with warnings and without, says the same:
    ``key`` (unit, form, level, field, rule, item; no item but for total rows), and the places of
    its ``wrong`` cells (file, sheet, cell)."""

    key: tuple
    wrong: frozenset[tuple]


@dataclass(frozen=True)
class Located:
    """``proposals`` (schema.PROPOSALS), and the broken rules whose wrong cells are ``agreed``."""

    proposals: pd.DataFrame
    agreed: dict[tuple, frozenset[tuple]] = field(default_factory=dict)


def table(
    values: pd.DataFrame,
    findings: pd.DataFrame,
    forms: dict[str, dict],
    severities: dict[str, str],
    previous: pd.DataFrame,
    known: Steps | None = None,
) -> Located:
    """What is probably wrong where rules are broken.

    Parameters
    ----------
    values
        Value cells in force (schema.CELLS).
    findings
        What was found wrong with figures (schema.FINDINGS): blocks of which it names a linear rule
        are looked at.
    severities
        Code of a rule → blocking, warning or note.
    previous
        Observations of the period before, for stocks carried over (may be empty).
    known
        What was found of blocks when they were the same.
    """
    rows, agreed, known = [], {}, known or Steps()
    shapes = {code: s for code, form in forms.items() if (s := _shape(form, severities))}
    broken = _broken(findings, forms, shapes)
    held = _concerned(values, broken)
    before = {code: _before(forms[code], previous) for code in shapes} if len(held) else {}
    number = 0
    for (unit, code, _), cells in held.groupby(["reporting_unit", "form", "_of"], sort=True):
        carried = [(r, {k: v for k, v in then.items() if k[0] == unit}) for r, then in before[code]]

        def made(cells=cells, code=code, carried=carried) -> list | None:
            laid = _laid(cells, shapes[code], forms[code], severities, carried)
            return None if laid is None else _told(laid)

        told = known.values(
            f"block/{code}", [cells[_READ].reset_index(drop=True), repr(carried)], made
        )
        if told is None:
            continue
        number += 1
        period = cells["time_period"].iloc[0]
        at = {"time_period": period, "reporting_unit": unit, "form": code, "block": number}
        rows += [at | row for row in told[0]]
        agreed |= {(unit, code, *key): frozenset(map(tuple, wrong)) for key, wrong in told[1]}
    return Located(PROPOSALS.of(rows), agreed)


# --- which blocks, and their shape ----------------------------------------------------------------


def _shape(form: dict, severities: dict[str, str]) -> Shape | None:
    """What blocks of the form have in common; None if no rule of it is linear."""
    linear = linear_rules.rows(form, severities)
    totals = [r["rule"] for r in form["rules"] if r["kind"] == "total_row"]
    if not totals and not any(x.rule for x in linear):
        return None
    items = form["items"]
    return Shape(
        columns=tuple(items),
        linear=tuple(linear),
        total_row=totals[0] if totals else None,
        counts=frozenset(i for i, spec in items.items() if spec["kind"] == "count"),
        confidence={i: spec["confidence"] for i, spec in items.items() if "confidence" in spec},
    )


def _codes(form: dict) -> set[str]:
    kinds = ("sum", "at_most", "total_row", "equals_previous")
    return {r["rule"] for r in form["rules"] if r["kind"] in kinds}


def _broken(findings: pd.DataFrame, forms: dict, shapes: dict[str, Shape]) -> pd.DataFrame:
    """The rows (_ROW) at which a linear rule is broken."""
    linear = {(code, rule) for code in shapes for rule in _codes(forms[code])}
    broken = [pair in linear for pair in zip(findings["form"], findings["rule"], strict=True)]
    return findings.loc[broken, _ROW].drop_duplicates()


def _concerned(values: pd.DataFrame, broken: pd.DataFrame) -> pd.DataFrame:
    """Value cells of the blocks of which a rule is broken; ``_of`` tells blocks of a form apart.

    That is the level, or nothing where there is a row of all levels. Where there is no total row
    at all, rows have nothing to do with each other: a row stands alone, with its neighbours, from
    which it may have been copied.
    """
    key = ["reporting_unit", "form"]
    held = values.merge(broken[key].drop_duplicates(), on=key)
    if held.empty:
        return held.assign(_part=False, _of="")
    held = held.assign(_part=parts(held)).sort_values([*key, "row"], kind="stable")
    of_form = [held[k] for k in key]
    several = held.groupby(key)["level"].transform("nunique") > 1
    whole = (held["level"].eq(TOTAL) & several).groupby(of_form).transform("any")
    held["_of"] = held["level"].where(~whole, TOTAL)
    alone = held["_part"].groupby(of_form).transform("all")
    rows = held[[*_ROW, "_of"]].drop_duplicates(_ROW)
    rows = rows.merge(broken.assign(_is=True), on=_ROW, how="left")
    hit = rows.pop("_is").notna()
    beside = hit.groupby([rows[k] for k in [*key, "_of"]])
    near = hit | beside.shift(1, fill_value=False) | beside.shift(-1, fill_value=False)
    runs = (near & ~near.shift(1, fill_value=False)).cumsum().astype(str)
    held = held.merge(rows[_ROW].assign(_near=near, _run=runs), on=_ROW).set_index(held.index)
    held["_of"] = held["_of"].mask(alone, held["_of"] + " " + held["_run"])
    units = held.merge(broken, on=_ROW)[[*key, "_of"]].drop_duplicates()
    return held[~alone | held["_near"]].merge(units, on=[*key, "_of"])


def _before(form: dict, previous: pd.DataFrame) -> list[tuple[dict, dict[tuple, float]]]:
    """Rules on stocks carried over, each with the figures of the period before by unit and row."""
    found = []
    for rule in form["rules"]:
        if rule["kind"] == "equals_previous" and len(previous):
            own = previous["item"].eq(rule["previous_item"]) & previous["form"].eq(form["form"])
            own = previous[own & previous["obs_value"].notna()].drop_duplicates(_ROW)
            keys = own[_ROW].itertuples(index=False, name=None)
            found.append((rule, dict(zip(keys, own["obs_value"], strict=True))))
    return found


@dataclass(frozen=True)
class _Laid:
    """A block, where its rows (level, field) and cells stand, and which cells are signs that
    nothing occurs (``nil``): no finding holds the rules of their rows against them."""

    block: Block
    rows: list[tuple[str, str]]
    places: dict[int, tuple]
    nil: frozenset[int]


def _laid(cells: pd.DataFrame, shape: Shape, form, severities, before) -> _Laid | None:
    """The cells as a block, rows in the order of the sheet; None if a cell stands there twice."""
    if cells.duplicated(["level", "field", "item"]).any():
        return None
    cells = cells[cells["item"].isin(shape.columns)].sort_values("row", kind="stable")
    rows = list(dict.fromkeys(zip(cells["level"], cells["field"], strict=True)))
    columns = [c for c in shape.columns if c in set(cells["item"])]
    shape = replace(shape, columns=tuple(columns))
    grid: list[list] = [[None] * len(columns) for _ in rows]
    places, nil = {}, set()
    for cell in row_tuples.rows(cells):
        r, c = rows.index((cell.level, cell.field)), columns.index(cell.item)
        grid[r][c] = _exact(cell.obs_value, cell.obs_status)
        places[r * len(columns) + c] = tuple(getattr(cell, p) for p in _PLACE)
        if pd.isna(cell.obs_value) and grid[r][c] is not None:
            nil.add(r * len(columns) + c)
    names = [f"{level} {of}" for level, of in rows]
    own = cells[cells["_part"]]
    part = set(zip(own["level"], own["field"], strict=True))
    known = [
        Known(names[r], rule["item"], _exact(then[key]), rule["rule"], soft)
        for rule, then in before
        for soft in [severities[rule["rule"]] != "blocking"]
        for r, row in enumerate(rows)
        for key in [(cells["reporting_unit"].iloc[0], form["form"], *row)]
        if key in then and rule["item"] in columns
    ]
    block = shape.block(names, grid, known, _totals(rows, part))
    return _Laid(block, rows, places, frozenset(nil))


def _totals(rows: list[tuple[str, str]], part: set) -> dict[int, list[int]]:
    """Total rows and their parts: of a level its rows, of all levels all rows."""
    found = {}
    for t, (level, _) in enumerate(rows):
        of = [r for r, row in enumerate(rows) if row in part and level in (row[0], TOTAL)]
        if rows[t] not in part and of:
            found[t] = of
    return found


def _exact(value: float, status: str = "A") -> Fraction | int | None:
    """The figure, exactly; what does not occur (status M) is nil."""
    if pd.isna(value):
        return 0 if status == "M" else None
    return int(value) if float(value).is_integer() else Fraction(str(value))


_READ = [*_ROW, *_PLACE, "item", "row", "obs_value", "obs_status", "_part"]
"""The columns of value cells that a block is laid out of."""


def _told(laid: _Laid) -> list:
    """Rows of the table, and key and places of what is agreed, as JSON holds them."""
    found, sure = _proposed(laid)
    return [found, [[one.key, sorted(one.wrong)] for one in sure]]


# --- what is proposed -----------------------------------------------------------------------------


def _proposed(laid: _Laid) -> tuple[list[dict], list[Agreed]]:
    block = laid.block
    try:
        minimal = localise.solutions(block)
        found = causes.explanations(block, minimal)
    except localise.UnsettledError:
        return [_unsettled(laid)], []
    tied = causes.tied(found)
    sets = {s.cells: n for n, s in enumerate(minimal, start=1) if s.cells}
    always = frozenset.intersection(*(s.cells for s in minimal))
    rows = []
    for rank, one in enumerate(found, start=1):
        if rank > tied and one.cells not in sets:
            continue
        whole = {
            "solution": sets.get(one.cells, 0),
            "solutions": len(minimal),
            "causes_tied": tied > 1 and rank <= tied,
            "rank": rank,
            "status": "settled",
        }
        rows += [whole | row for row in _cells(laid, one, always)]
    return rows, list(_agreed(laid, minimal))


def _cells(laid: _Laid, one: Explanation, always: frozenset[int]) -> Iterator[dict]:
    """The cells of an explanation as rows of the table."""
    block = laid.block
    filled = [(MISSING, v, s) for v, s in one.missing.items() if s.only is not None]
    freed = [(c.code, v, s) for c in one.causes for v, s in c.values.items()]
    held = [a for a in block.applied if a.slack not in one.let_go]
    for cause, cell, span in freed + filled:
        if cell not in laid.places:
            continue  # a cell that the sheet does not have
        mended = [a.rule for a in held if a.broken and a.rule and cell in a.cells]
        yield _where(laid, cell) | {
            "cause": cause or None,
            "submitted": _figure(block, block.values[cell]),
            "proposed": _figure(block, span.only),
            "proposed_low": _figure(block, span.low),
            "proposed_high": _figure(block, span.high),
            "certain": cell in always,
            "rules": ",".join(dict.fromkeys(mended)),
        }


def _figure(block: Block, value: int | None) -> float:
    return float("nan") if value is None else float(Fraction(value, block.scale))


def _where(laid: _Laid, cell: int) -> dict:
    row, column = laid.block.place(cell)
    level, of = laid.rows[row]
    place = dict(zip(_PLACE, laid.places[cell], strict=True))
    return {"level": level, "field": of, "item": laid.block.columns[column], **place}


def _unsettled(laid: _Laid) -> dict:
    """One row says that the block is left as it was found, at the first cell of a broken rule."""
    broken = [a for a in laid.block.broken if a.rule] or list(laid.block.applied)
    cell = next(v for a in broken for v in sorted(a.cells) if v in laid.places)
    nothing = dict.fromkeys(
        ["submitted", "proposed", "proposed_low", "proposed_high"], float("nan")
    )
    rules = ",".join(dict.fromkeys(a.rule for a in broken if a.rule))
    numbers = {"solution": 0, "solutions": 0, "rank": 0, "causes_tied": False, "certain": False}
    return _where(laid, cell) | nothing | numbers | {"rules": rules, "status": "unsettled"}


# --- what is certain ------------------------------------------------------------------------------


def _agreed(laid: _Laid, minimal: list[Solution]) -> Iterator[Agreed]:
    """Broken rules that bind (no warnings) of which all minimal solutions change the same cells,
    whether warnings are among the rules or not: what only may be so decides nothing."""
    block = laid.block
    try:
        sets = [s.cells for s in [*minimal, *localise.solutions(block.hard())]]
    except localise.UnsettledError:
        return
    broken = [a for a in block.broken if a.rule and a.slack is None]
    named = frozenset(v for a in broken for v in a.cells) - laid.nil
    if not frozenset.intersection(*sets) <= named:
        return  # a cell that no finding names must be wrong, too: nobody would be told
    for rule in broken:
        wrong = {s & rule.cells for s in sets}
        if len(wrong) == 1 and (cells := wrong.pop()):
            at = frozenset(laid.places[v] for v in cells if v in laid.places)
            yield Agreed(_key(laid, rule), at)


def _key(laid: _Laid, rule: Applied) -> tuple:
    """Level, field, rule and item (of total rows only) as a finding has them."""
    block = laid.block
    lines = {block.place(v)[0] for v in rule.cells}
    if len(lines) == 1:
        return (*laid.rows[lines.pop()], rule.rule, "")
    total = next(t for t in block.totals if t in lines and set(block.totals[t]) | {t} == lines)
    column = block.place(next(iter(rule.cells)))[1]
    return (*laid.rows[total], rule.rule, block.columns[column])
