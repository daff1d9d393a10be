"""How far figures, scores and ranks can move if a finding is mended: what to ask about first.

Selective editing orders doubtful figures by what they can do to the results (Latouche & Berthelot,
Use of a score function to prioritize and limit recontacts in editing business surveys, Journal of
Official Statistics 8, 1992; Hedlin, Score functions to reduce business survey editing, Journal of
Official Statistics 19, 2003; UNECE, Generic Statistical Data Editing Models, 2019). There the move
is to an expected value; here it is bounded by the rules of the form, and what peers have is put in
its place only where these say nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, plans
from analysis.catalogue import tree as trees
from analysis.catalogue.tree import Tree
from analysis.exchange import doubtful_cells
from analysis.exchange.doubtful_cells import Block, Doubt, Way
from analysis.exchange.known_figures import Known
from analysis.indicators import indicators
from analysis.indicators.attainable import Sum
from analysis.schema import row_tuples
from analysis.schema.tables import INFLUENCE, parts
from analysis.scoring import composite, shifted

_OPEN = "open"
_OF_RECORDS = {"complete", "combine"}  # what makes figures of several cells otherwise than by sums
_NOISE = 1e-9  # a share below it is what arithmetic leaves in the last digits


def table(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    tables: dict[str, pd.DataFrame],
    before: pd.DataFrame,
) -> pd.DataFrame:
    """What each open finding (no note) can move, the most first.

    Parameters
    ----------
    tables
        Those of a period by name: cells, observations, issues, totals, level_totals,
        indicator_values, national, scores and weights.
    before
        schema.OBSERVATIONS of earlier periods, for stocks carried over, for jumps, and for the
        range of a unit's own values.

    Returns
    -------
    schema.INFLUENCE. ``value_…`` is of the ``indicator`` that it moves most, ``national_…`` of the
    same for all units, ``score_…`` and ``rank_…`` of the unit in its framework with the other units
    as published; ``rank_low`` is the best place. Between these they lie if the finding, and
    whatever else hides the same figure, is mended. ``influence`` is the largest of three shares: of
    the places that the rank can move (1 if the unit has none so far and gets one); of the maximum
    that the score can move; of the national figure that that can move (at most 1). Among equals
    those come first that move the national figure more. ``wide``: the values reach beyond the
    middle 80 % of the peers on both sides, or nothing bounds them; then ``influence`` is that of
    moving to the ends of this middle.
    ``bounded_by`` is ``one_cell`` if exactly one of the figures named is wrong, ``rules`` if
    whatever is not known fulfils the rules of the form, ``history`` or ``peers`` (the range of the
    unit's own earlier values, of other units' values) where the rules leave a side open; empty
    where no figure moves, as by what senders are told and cannot mend; ``not_measured`` where that
    is not known: findings on registers, on figures that a form combines, and on files of nobody
    knows whom.
    """
    issues = tables["issues"]
    held = issues[issues["severity"] != "note"].reset_index(drop=True)
    if "state" in held:
        held = held[held["state"].fillna(_OPEN) == _OPEN].reset_index(drop=True)
    known = Known(plan, catalogue, tables, before)
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
    made = made.assign(nation=0.0 if not found else most["nation"])
    made = made.sort_values(["influence", "nation"], ascending=False, kind="stable")
    return INFLUENCE.take(made.reset_index(drop=True))


# --- which values -------------------------------------------------------------------------------


def _moves(held: pd.DataFrame, known: Known) -> tuple[list[dict], np.ndarray]:
    """The rows of (finding, indicator) with their bounds; of which findings it is known at all."""
    told = {r for r, x in known.catalogue.rules.items() if x.get("sender") == "told"}
    found, measured = [], held["rule"].isin(told).to_numpy(bool, copy=True)  # nobody can mend those
    forms, tables = known.catalogue.forms, known.tables
    own = held[held["form"].isin(known.plan.forms) & held["reporting_unit"].isin(known.types)]
    own = own[~own["rule"].isin(told)]
    refused = tables["cells"][tables["cells"]["refused_value"].notna()]
    refused = refused[refused["state"] == "in_force"]
    last = known.before[known.before["time_period"] == known.plan.period.previous.code]
    observed = tables["observations"].assign(part=parts(tables["observations"]))
    by = [_ByForm(table) for table in (observed, refused, last)]
    asked = {code: _asked(forms[code], known) for code in own["form"].unique()}
    for (unit, code), theirs in own.groupby(_OF):
        form = forms[code]
        if form["layout"] == "register" or _OF_RECORDS & set(form):
            continue
        rows = [table.of(unit, code) for table in by]
        absent = _absent(rows[0], form, known.types[unit], known.plan.end)
        block = doubtful_cells.block(*rows, form, known.severities, absent)
        measured[theirs.index] = True
        formulas = list(_formulas(block, unit, asked[code], known))
        found += _of_block(theirs, block, formulas, unit, known)
    return found, measured


_OF = ["reporting_unit", "form"]


class _ByForm:
    """A table, of which the figures of one unit's form are asked for."""

    _COLUMNS = (*_OF, "item", "level", "field", "obs_value", "obs_status", "part", "refused_value")

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table[[c for c in self._COLUMNS if c in table]]
        self.at = table.astype(dict.fromkeys(_OF, object)).groupby(_OF).indices

    def of(self, unit: str, form: str) -> pd.DataFrame:
        return self.table.iloc[self.at.get((unit, form), slice(0))]


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


_Asked = tuple[str, str, dict, list[dict[str, float]]]
"""Framework, indicator, its formula, and item → sign of its numerator and of its denominator."""


def _asked(form: dict, known: Known) -> list[_Asked]:
    """The indicators with an item of a form."""
    found = [
        (code, name, indicator["formula"], _signs(indicator["formula"]))
        for code, framework in known.frameworks.items()
        for name, indicator in framework["indicators"].items()
    ]
    return [one for one in found if any(item in form["items"] for side in one[-1] for item in side)]


def _signs(formula: dict) -> list[dict[str, float]]:
    if "value" in formula:
        return [{formula["value"]: 1.0}, {}]
    named = indicators.sides(formula)
    added = dict.fromkeys(named["add"], 1.0) | dict.fromkeys(named["subtract"], -1.0)
    return [added, dict.fromkeys(named["whole"], 1.0)]


def _formulas(block: Block, unit: str, asked: list[_Asked], known: Known) -> Iterator[_Formula]:
    for code, name, formula, signs in asked:
        if (code, unit, name) in known.values:
            made = _formula(block, unit, formula, signs, known)
            if made is not None:
                yield _Formula(code, name, *made)


def _formula(block: Block, unit: str, formula: dict, signs: list, known: Known) -> tuple | None:
    """Sums and what other forms add to them; None where that is missing or nothing is of here."""
    level = formula.get("level")
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
    issues: pd.DataFrame, block: Block, formulas: list[_Formula], unit: str, known: Known
) -> Iterator[dict]:
    """The bounds of each indicator that each finding touches, over all ways to mend it."""
    made: dict[Doubt, list[dict]] = {}
    held, by_rule = list(row_tuples.rows(issues)), {}
    for issue in held:
        by_rule.setdefault(issue.rule, []).append(issue)
    for issue in held:
        doubt = doubtful_cells.doubt(block, issue, by_rule[issue.rule])
        if doubt not in made:
            made[doubt] = list(_of_doubt(doubt, block, formulas, unit, known))
        yield from ({"case": issue.Index} | row for row in made[doubt])


def _of_doubt(
    doubt: Doubt, block: Block, formulas: list[_Formula], unit: str, known: Known
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


def _ends(way: tuple, formula: _Formula, unit: str, known: Known) -> np.ndarray | None:
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
        others = known.others(formula.framework, unit, formula.indicator)
        whole = known.fraction(space, top.plus(others[0]), bottom.plus(others[1]))
        found[:, 1] = np.multiply(whole, formula.times)
    return found


# --- where nothing bounds them ------------------------------------------------------------------


def _bounded(found: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Sides that the rules leave open are closed by what the unit, or its peers, have had; adds
    ``wide`` and the ends of the ``middle`` of the peers."""
    closed = np.isfinite(found[["value_low", "value_high"]]).all(axis=1)
    closed &= np.isfinite(found["bottom_high"]) | ~found["percent"]
    past = known.past(found[~closed])
    rows = found.to_dict("records")
    return pd.DataFrame([row | _closed(row, known, past) for row in rows])


def _closed(row: dict, known: Known, pasts: dict[tuple, np.ndarray]) -> dict:
    key = row["framework"], row["reporting_unit"], row["indicator"]
    low, high = row["value_low"], row["value_high"]
    below, above = not np.isfinite(low), not np.isfinite(high)
    sizeless = row["percent"] and not np.isfinite(row["bottom_high"])
    span, sizes = known.peers(*key)
    past = pasts.get(key) if below or above or sizeless else None
    least, most = span[[0, 3]] if past is None else past[:2]
    if below:
        low = least if above else min(least, high)
    if above:
        high = most if below else max(most, low)
    broad = low <= span[1] and high >= span[2] and high > low
    alone = np.isnan(span[1]) and row["percent"] and high - low >= 100
    wide = bool(below or above or broad or alone)
    middle = np.clip([low, high], span[1], span[2]) if wide and len(set(span)) > 1 else [low, high]
    middle = np.where(np.isnan(middle), [low, high], middle)
    made = {"value_low": low, "value_high": high, "wide": wide}
    made |= {"middle_low": middle[0], "middle_high": middle[1]}
    if below or above:
        made["bounded_by"] = "peers" if past is None else "history"
    others = known.others(*key)
    national = row["national_low"], row["national_high"]
    if sizeless:
        national = _together([low, high], sizes[[0, 3]] if past is None else past[2:], others)
    usual = national
    if wide and row["percent"]:
        own = row["bottom_low"], row["bottom_high"]
        usual = np.clip(sizes[1:3], *own) if np.isfinite(own).all() else sizes[1:3]
        usual = _together(middle, usual, others)
    made |= dict(zip(("national_low", "national_high"), national, strict=True))
    return made | dict(zip(("national_middle_low", "national_middle_high"), usual, strict=True))


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


def _most(found: pd.DataFrame, known: Known) -> pd.DataFrame:
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
    places[usual["rank"].isna() & usual["rank_low"].notna()] = 1.0
    shares = np.nan_to_num(np.stack([places, score, np.clip(whole, 0, 1)]).astype(float))
    shares = np.where(shares < _NOISE, 0.0, shares)
    rows = rows.assign(influence=shares.max(axis=0), nation=np.nan_to_num(whole))
    rows = rows.sort_values(["influence", "nation"], ascending=False, kind="stable")
    rows = rows.drop_duplicates("case").set_index("case")
    return rows[["nation", *(c for c in INFLUENCE.columns if c in rows and c != "reporting_unit")]]


def _move(low, high, now) -> np.ndarray:
    """How far from ``now`` the farther end is; the width where there is nothing now."""
    low, high, now = (np.asarray(v, float) for v in (low, high, now))
    return np.where(np.isnan(now), high - low, np.fmax(np.abs(low - now), np.abs(high - now)))


def _placed(found: pd.DataFrame, known: Known, what: str) -> pd.DataFrame:
    """:func:`analysis.scoring.shifted.placed` with the bounds ``what`` (value or middle), by
    finding and framework."""
    tables, made = known.tables, []
    ends = {f"{what}_low": "low", f"{what}_high": "high"}
    for code, framework in known.frameworks.items():
        own = found[(found["framework"] == code) & found[list(ends)].notna().all(axis=1)]
        if not trees.scored(framework):
            continue
        own = own[own["indicator"].isin(trees.scored(framework))]
        if own.empty:
            continue
        values, scores = (t[t["framework"] == code] for t in (known.members, tables["scores"]))
        shifts = own[["case", "reporting_unit", "indicator", *ends]].rename(columns=ends)
        apart = tuple(composite.not_ranked(framework))
        decimals = composite.decimals(framework)
        tree = _tree(framework, tables["weights"])
        place = shifted.Field(framework, values, scores, tree, decimals, apart)
        made.append(shifted.placed(shifts, place).assign(framework=code).reset_index())
    columns = ["score", "rank", "max_score", "others"]
    columns += ["score_low", "score_high", "rank_low", "rank_high"]
    if not made:
        empty = pd.MultiIndex.from_arrays([[], []], names=["case", "framework"])
        return pd.DataFrame(np.nan, empty, columns)
    return pd.concat(made).set_index(["case", "framework"])[columns]


def _tree(framework: dict, weights: pd.DataFrame) -> Tree:
    used = weights.loc[weights["framework"] == framework["framework"], "weight"]
    return replace(trees.of(framework), weights=used.to_numpy(float))
