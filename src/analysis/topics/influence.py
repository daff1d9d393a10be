"""How far figures, scores and ranks can move if a finding is mended: what is to be asked about first.

Selective editing orders doubtful figures by what they can do to the results (Latouche & Berthelot,
Use of a score function to prioritize and limit recontacts in editing business surveys, Journal of
Official Statistics 8, 1992; Hedlin, Score functions to reduce business survey editing, Journal of
Official Statistics 19, 2003; UNECE, Generic Statistical Data Editing Models, 2019). There the move
is to an expected value; here it is bounded by the rules of the form, and what peers have is put in
its place only where these say nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.catalogue import dated, frameworks
from analysis.catalogue import tree as trees
from analysis.indicators import attainable, indicators
from analysis.indicators.attainable import Space, Sum
from analysis.schema.tables import INFLUENCE, OBSERVATIONS
from analysis.scoring import composite, shifted
from analysis.topics import doubtful_cells
from analysis.topics.doubtful_cells import Block, Doubt, Way

_OPEN = "open"
_ENOUGH = 5  # peers, below which all units are taken
_PAST = 4  # own values, below which nothing is taken from them
_MIDDLE = (0.1, 0.9)  # of the peers: what is expected of a unit of which nothing is known
_KEY = ["framework", "reporting_unit", "indicator"]
_THEN = "\n"  # between a unit and a period; in no code
_NOBODY = pd.DataFrame(columns=["reporting_unit", "form", "level", "asked", "alone"])
_NOBODY = _NOBODY.astype({"asked": bool, "alone": bool})


def table(period, before: pd.DataFrame | None = None) -> pd.DataFrame:
    """What each open finding (no note) can move, the most first.

    Parameters
    ----------
    period
        A period with its ``plan``, ``catalogue``, ``due`` and ``tables``.
    before
        schema.OBSERVATIONS of earlier periods, for stocks carried over, for jumps, and for the
        range of a unit's own values.

    Returns
    -------
    schema.INFLUENCE. ``value_…`` is of the ``indicator`` that it moves most, ``national_…`` of the
    same for all units, ``score_…`` and ``rank_…`` of the unit in its framework with the other units
    as published; ``rank_low`` is the best place. Between these they lie if the finding, and
    whatever else hides the same figure, is mended. ``influence`` is the largest of three shares: of
    the places that the rank can move; of the maximum that the score can move; of the national
    figure that that can move (at most 1). Where nothing has been published so far, the width counts
    as the move. ``wide``: the values reach beyond the middle 80 % of the peers on both sides, or
    nothing bounds them; then ``influence`` is that of moving to the ends of this middle.
    ``bounded_by`` is ``one_cell`` if exactly one of the figures named is wrong, ``rules`` if
    whatever is not known fulfils the rules of the form, ``history`` or ``peers`` (the range of the
    unit's own earlier values, of other units' values) where the rules leave a side open; empty
    where no figure moves; ``not_measured`` where that is not known: findings on registers, and on
    files of nobody knows whom.
    """
    issues = period.tables.issues
    held = issues[issues["severity"] != "note"].reset_index(drop=True)
    if "state" in held:
        held = held[held["state"].fillna(_OPEN) == _OPEN].reset_index(drop=True)
    known = _Known(period, OBSERVATIONS.of([]) if before is None else before)
    found, measured = _moves(held, known)
    if found:
        most = _most(_bounded(pd.DataFrame(found), known), known)
        held = held.drop(columns=most.columns, errors="ignore").join(most)
    made = held.reindex(columns=INFLUENCE.columns)
    moves = made["indicator"].notna()
    made = made.assign(
        bounded_by=made["bounded_by"].where(moves, np.where(measured, "", "not_measured")),
        influence=made["influence"].where(moves, np.where(measured, 0.0, np.nan)),
        wide=made["wide"].eq(True),
    )
    order = made["influence"].sort_values(ascending=False, kind="stable").index
    return INFLUENCE.take(made.loc[order].reset_index(drop=True))


@dataclass(frozen=True)
class _Known:
    """What the bounds of one period are computed from."""

    period: object
    before: pd.DataFrame
    fractions: dict = field(default_factory=dict)

    @cached_property
    def frameworks(self) -> dict[str, dict]:
        known, plan = self.period.catalogue.frameworks, self.period.plan
        return {code: frameworks.on_day(known[code], plan.end) for code in plan.frameworks}

    @cached_property
    def severities(self) -> dict[str, str]:
        return {code: rule["severity"] for code, rule in self.period.catalogue.rules.items()}

    @cached_property
    def types(self) -> dict[str, str]:
        due = self.period.due
        return dict(zip(due["code"], due["type"], strict=True))

    @cached_property
    def members(self) -> pd.DataFrame:
        """Indicator values of the units that are added up for the national figure."""
        values = self.period.tables.indicator_values.astype(dict.fromkeys(_KEY, object))
        return values[values["reporting_unit"] != str(self.period.plan.due.get("parent"))]

    @cached_property
    def values(self) -> dict[tuple[str, str, str], object]:
        return {(r.framework, r.reporting_unit, r.indicator): r for r in self.members.itertuples()}

    @cached_property
    def national(self) -> dict[tuple[str, str], object]:
        rows = self.period.tables.national.itertuples()
        return {(r.framework, r.indicator): r for r in rows}

    @cached_property
    def totals(self) -> dict[tuple[str, str, str | None], float]:
        whole, level = self.period.tables.totals, self.period.tables.level_totals
        whole = {(r.reporting_unit, r.item, None): r.obs_value for r in whole.itertuples()}
        by_level = level.itertuples()
        return whole | {(r.reporting_unit, r.item, r.level): r.obs_value for r in by_level}

    @cached_property
    def past(self) -> dict[tuple[str, str, str], np.ndarray]:
        """Least and greatest value and denominator that a unit has had, where these are enough."""
        held = self.before[self.before["reporting_unit"].isin(self.types)]
        if held.empty:
            return {}
        # a unit in a period is a unit of its own here, so that all are computed at once
        then = held["reporting_unit"].astype(object) + _THEN + held["time_period"].astype(object)
        held, units = held.assign(reporting_unit=then, time_period=""), list(then.unique())
        totals = indicators.unit_totals(held)
        levels = indicators.level_totals(held, _NOBODY)
        made = [indicators.compute(totals, f, units, levels) for f in self.frameworks.values()]
        values = pd.concat(made).astype(dict.fromkeys(_KEY, object))
        values["reporting_unit"] = values["reporting_unit"].str.split(_THEN).str[0]
        values = values[values["obs_value"].notna()]
        own = values.groupby(_KEY)[["obs_value", "denominator"]].agg(["count", "min", "max"])
        own = own[own["obs_value", "count"] >= _PAST]
        kept = own[[(c, end) for c in ("obs_value", "denominator") for end in ("min", "max")]]
        return dict(zip(kept.index, kept.to_numpy(float), strict=True))

    def fraction(self, space: Space, top: Sum, bottom: Sum) -> tuple[float, float] | None:
        """:func:`analysis.indicators.attainable.fraction`, each once: forms that were not received
        leave the same open for every unit."""
        if len(space.low) < 2:
            return attainable.fraction(space, top, bottom)
        arrays = (*vars(space).values(), top.parts, bottom.parts)
        key = (*(a.tobytes() for a in arrays), top.known, bottom.known)
        if key not in self.fractions:
            self.fractions[key] = attainable.fraction(space, top, bottom)
        return self.fractions[key]

    def peers(self, framework: str, unit: str, indicator: str) -> pd.DataFrame:
        """Values and denominators of the other units of its type, of all others if too few."""
        others = self._by_indicator[framework, indicator]
        others = others[others["reporting_unit"] != unit]
        alike = others[others["reporting_unit"].map(self.types) == self.types.get(unit)]
        return alike if len(alike) >= _ENOUGH else others

    @cached_property
    def _by_indicator(self) -> dict[tuple[str, str], pd.DataFrame]:
        held = self.members[["reporting_unit", "obs_value", "denominator"]]
        held = held[held["obs_value"].notna()]
        keys = [self.members.loc[held.index, c] for c in ("framework", "indicator")]
        empty = dict.fromkeys(self.national, held.iloc[:0])
        return empty | dict(iter(held.groupby(keys)))


# --- which values -------------------------------------------------------------------------------


def _moves(held: pd.DataFrame, known: _Known) -> tuple[list[dict], np.ndarray]:
    """The rows of (finding, indicator) with their bounds; of which findings it is known at all."""
    found, measured = [], np.zeros(len(held), bool)
    forms, tables = known.period.catalogue.forms, known.period.tables
    own = held[held["form"].isin(known.period.plan.forms) & held["reporting_unit"].isin(known.types)]
    refused = tables.cells[tables.cells["refused_value"].notna()]
    refused = refused[refused["state"] == "in_force"]
    last = known.before[known.before["time_period"] == known.period.plan.period.previous.code]
    by = {
        name: dict(iter(t.astype({"reporting_unit": object, "form": object}).groupby(_OF)))
        for name, t in (("observations", tables.observations), ("refused", refused), ("last", last))
    }
    empty = {name: t.iloc[:0] for name, t in (("observations", tables.observations),)}
    empty |= {"refused": refused.iloc[:0], "last": last.iloc[:0]}
    for (unit, code), theirs in own.groupby(_OF):
        form = forms[code]
        if form["layout"] == "register":
            continue
        rows = {name: by[name].get((unit, code), empty[name]) for name in by}
        absent = _absent(rows["observations"], form, known.types[unit], known.period.plan.end)
        block = doubtful_cells.block(
            rows["observations"], rows["refused"], rows["last"], form, known.severities, absent
        )
        measured[theirs.index] = True
        formulas = list(_formulas(block, unit, known))
        found += _of_block(theirs, block, formulas, unit, known)
    return found, measured


_OF = ["reporting_unit", "form"]


def _absent(observed: pd.DataFrame, form: dict, unit_type: str, day) -> list[str]:
    """Levels that the unit must report on and has no row of, if the form has no other rows."""
    if "levels" not in form:
        return [] if len(observed) else ["_T"]
    if len(observed) and form.get("rows") != "levels":
        return []
    return [c for c in dated.levels(form, unit_type, day) if c not in set(observed["level"])]


@dataclass(frozen=True)
class _Formula:
    """An indicator as sums over the positions of a block; ``times`` 100 for percent."""

    framework: str
    indicator: str
    top: np.ndarray
    bottom: np.ndarray
    known: tuple[float, float]
    times: float

    def touches(self, positions) -> bool:
        at = list(positions)
        return bool(self.top[at].any() or self.bottom[at].any())


def _formulas(block: Block, unit: str, known: _Known) -> Iterator[_Formula]:
    for code, framework in known.frameworks.items():
        for name, indicator in framework["indicators"].items():
            made = _formula(block, unit, indicator["formula"], known)
            if made is not None and (code, unit, name) in known.values:
                yield _Formula(code, name, *made)


def _formula(block: Block, unit: str, formula: dict, known: _Known) -> tuple | None:
    """Sums and what other forms add to them; None where that is missing or nothing is of here."""
    level = formula.get("level")
    if "value" in formula:
        signs = [{formula["value"]: 1.0}, {}]
    else:
        named = indicators.sides(formula)
        added = dict.fromkeys(named["add"], 1.0) | dict.fromkeys(named["subtract"], -1.0)
        signs = [added, dict.fromkeys(named["whole"], 1.0)]
    sums, rest = [], []
    for side in signs:
        terms = np.zeros(len(block.value))
        for (item, here, _), k in block.at.items():
            if item in side and block.part[k] and level in (None, here):
                terms[k] = side[item]
        sums.append(terms)
        other = [i for i in side if i not in block.form["items"]]
        rest.append(sum(side[i] * known.totals.get((unit, i, level), np.nan) for i in other))
    if np.isnan(rest).any() or not (sums[0].any() or sums[1].any()):
        return None
    if "value" in formula:
        return *sums, (rest[0], 1.0), 1.0
    return *sums, tuple(rest), 100.0


def _of_block(
    issues: pd.DataFrame, block: Block, formulas: list[_Formula], unit: str, known: _Known
) -> Iterator[dict]:
    """The bounds of each indicator that each finding touches, over all ways to mend it."""
    made: dict[Doubt, list[dict]] = {}
    for issue in issues.itertuples():
        doubt = doubtful_cells.doubt(block, issue)
        if doubt not in made:
            made[doubt] = list(_of_doubt(doubt, block, formulas, unit, known))
        yield from ({"case": issue.Index} | row for row in made[doubt])


def _of_doubt(
    doubt: Doubt, block: Block, formulas: list[_Formula], unit: str, known: _Known
) -> Iterator[dict]:
    touched = [f for f in formulas if f.touches(doubt.places)]
    if not touched:
        return
    left = [block.left(way, doubt) for way in doubt.ways]
    ways, one = [w for w in left if w is not None], doubt.one
    if one and not any(w and way != Way() for w, way in zip(left, doubt.ways, strict=True)):
        # no one figure alone can be wrong: several are
        ways, one = [*ways, block.left(Way(free=tuple(doubt.places)), doubt)], False
    for formula in touched:
        ends = [_ends(way, formula, unit, known) for way in ways if way is not None]
        ends = [e for e in ends if e is not None]
        low = np.min([e[0] for e in ends], axis=0) if ends else np.full(3, np.nan)
        high = np.max([e[1] for e in ends], axis=0) if ends else np.full(3, np.nan)
        yield {
            "framework": formula.framework,
            "reporting_unit": unit,
            "indicator": formula.indicator,
            "percent": formula.times == 100,
            **dict(zip(("value_low", "national_low", "bottom_low"), low, strict=True)),
            **dict(zip(("value_high", "national_high", "bottom_high"), high, strict=True)),
            "bounded_by": "one_cell" if one else "rules",
        }


def _ends(way: tuple, formula: _Formula, unit: str, known: _Known) -> np.ndarray | None:
    """Least and greatest (rows) value, national figure and denominator (columns) in one way; no
    national figure where nothing bounds the denominator."""
    space, x, free = way
    top = Sum(formula.top[free], formula.known[0] + formula.top[~free] @ x[~free])
    bottom = Sum(formula.bottom[free], formula.known[1] + formula.bottom[~free] @ x[~free])
    own = known.fraction(space, top, bottom)
    if own is None:
        return None
    found = np.full((2, 3), np.nan)
    found[:, 0] = np.multiply(own, formula.times)
    if formula.times == 1:
        return found
    found[:, 2] = known.fraction(space, bottom, Sum(np.zeros_like(bottom.parts), 1.0))
    if np.isfinite(found[1, 2]):
        others = _others(known, formula.framework, unit, formula.indicator)
        whole = known.fraction(space, top.plus(others[0]), bottom.plus(others[1]))
        found[:, 1] = np.multiply(whole, formula.times)
    return found


def _others(known: _Known, framework: str, unit: str, indicator: str) -> tuple[float, float]:
    """Numerator and denominator of all units but this one."""
    whole, own = known.national[framework, indicator], known.values[framework, unit, indicator]
    entered = pd.notna(own.numerator) and pd.notna(own.denominator)
    sums = np.nan_to_num([whole.numerator, whole.denominator])
    mine = [own.numerator, own.denominator] if entered else [0.0, 0.0]
    return tuple(sums - mine)


# --- where nothing bounds them ------------------------------------------------------------------


def _bounded(found: pd.DataFrame, known: _Known) -> pd.DataFrame:
    """Sides that the rules leave open are closed by what the unit, or its peers, have had; adds
    ``wide`` and the ends of the ``middle`` of the peers."""
    rows = []
    for row in found.to_dict("records"):
        key = row["framework"], row["reporting_unit"], row["indicator"]
        peers = known.peers(*key)
        span, bottoms = (_spread(peers[c]) for c in ("obs_value", "denominator"))
        rows.append(row | _closed(row, span, bottoms, known.past.get(key), known))
    return pd.DataFrame(rows)


def _spread(values: pd.Series) -> np.ndarray:
    """Least, 10 %, 90 % and greatest of what is known."""
    known = values.dropna().to_numpy(float)
    return np.quantile(known, [0, *_MIDDLE, 1]) if len(known) else np.full(4, np.nan)


def _closed(row: dict, span, bottoms, past: np.ndarray | None, known: _Known) -> dict:
    low, high = row["value_low"], row["value_high"]
    below, above = not np.isfinite(low), not np.isfinite(high)
    reach = span[[0, 3]] if past is None else past[:2]
    sizes = bottoms[[0, 3]] if past is None else past[2:]
    made = {
        "value_low": min(reach[0], high) if below and np.isfinite(high) else low,
        "value_high": max(reach[1], low) if above and np.isfinite(low) else high,
    }
    if below and above:
        made = {"value_low": reach[0], "value_high": reach[1]}
    low, high = made["value_low"], made["value_high"]
    broad = low <= span[1] and high >= span[2] and high > low
    alone = np.isnan(span[1]) and row["percent"] and high - low >= 100
    made["wide"] = bool(below or above or broad or alone)
    middle = np.clip([low, high], *span[1:3]) if made["wide"] else np.array([low, high])
    middle = np.where(np.isnan(middle), [low, high], middle)
    made |= {"middle_low": middle[0], "middle_high": middle[1]}
    open_ended = row["percent"] and not np.isfinite(row["bottom_high"])
    if below or above:
        made["bounded_by"] = "peers" if past is None else "history"
    others = _others(known, row["framework"], row["reporting_unit"], row["indicator"])
    if open_ended:
        ends = _together([low, high], sizes, others)
        made |= dict(zip(("national_low", "national_high"), ends, strict=True))
    if row["percent"] and made["wide"]:
        own = [row["bottom_low"], row["bottom_high"]]
        usual = bottoms[1:3] if past is None else past[2:]
        usual = np.clip(usual, *own) if np.isfinite(own).all() else usual
        ends = _together(middle, usual, others)
    else:
        ends = [made.get(f"national_{e}", row[f"national_{e}"]) for e in ("low", "high")]
    return made | dict(zip(("national_middle_low", "national_middle_high"), ends, strict=True))


def _together(values, bottoms, others: tuple[float, float]) -> tuple[float, float]:
    """National figures (percent) if a unit with such values and denominators joins the others: the
    ends lie at the corners, as the figure rises with the value and moves one way with its size."""
    found = [
        (100 * others[0] + value * size) / (others[1] + size)
        for value in values
        for size in bottoms
        if others[1] + size > 0
    ]
    return (min(found), max(found)) if found else (np.nan, np.nan)


# --- what that does -----------------------------------------------------------------------------


def _most(found: pd.DataFrame, known: _Known) -> pd.DataFrame:
    """Of each finding the indicator that it moves most, with score, rank and ``influence``."""
    rows = found.join(_placed(found, known, "value"), on=["case", "framework"])
    usual = found.join(_placed(found, known, "middle"), on=["case", "framework"])
    national = [known.national[f, i].obs_value for f, i in rows[["framework", "indicator"]].values]
    whole = _move(usual["national_middle_low"], usual["national_middle_high"], np.array(national))
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = whole / np.abs(np.where(np.isnan(national), 100.0, national))
    score = _move(usual["score_low"], usual["score_high"], usual["score"]) / usual["max_score"]
    places = _move(usual["rank_low"], usual["rank_high"], usual["rank"])
    places = places / usual["others"].where(usual["others"] > 0)
    shares = np.nan_to_num(np.stack([places, score, np.clip(whole, 0, 1)]).astype(float))
    rows = rows.assign(influence=shares.max(axis=0), national_share=np.nan_to_num(whole))
    rows = rows.sort_values(["influence", "national_share"], ascending=False, kind="stable")
    rows = rows.drop_duplicates("case").set_index("case")
    return rows[[c for c in INFLUENCE.columns if c in rows and c != "reporting_unit"]]


def _move(low, high, now) -> np.ndarray:
    """How far from ``now`` the farther end is; the width where there is nothing now."""
    low, high, now = (np.asarray(v, float) for v in (low, high, now))
    return np.where(np.isnan(now), high - low, np.fmax(np.abs(low - now), np.abs(high - now)))


def _placed(found: pd.DataFrame, known: _Known, what: str) -> pd.DataFrame:
    """:func:`analysis.scoring.shifted.placed` with the bounds ``what`` (value or middle), by
    finding and framework."""
    tables, made = known.period.tables, []
    ends = {f"{what}_low": "low", f"{what}_high": "high"}
    for code, framework in known.frameworks.items():
        own = found[(found["framework"] == code) & found[list(ends)].notna().all(axis=1)]
        if not trees.scored(framework):
            continue
        own = own[own["indicator"].isin(trees.scored(framework))]
        if own.empty:
            continue
        values, scores = (t[t["framework"] == code] for t in (known.members, tables.scores))
        shifts = own[["case", "reporting_unit", "indicator", *ends]].rename(columns=ends)
        apart = tuple(composite.not_ranked(framework))
        decimals = composite.decimals(framework)
        tree = known.period.tree(code)
        place = shifted.Field(framework, values, scores, tree, decimals, apart)
        made.append(shifted.placed(shifts, place).assign(framework=code).reset_index())
    columns = ["score", "rank", "max_score", "others"]
    columns += ["score_low", "score_high", "rank_low", "rank_high"]
    if not made:
        empty = pd.MultiIndex.from_arrays([[], []], names=["case", "framework"])
        return pd.DataFrame(np.nan, empty, columns)
    return pd.concat(made).set_index(["case", "framework"])[columns]
