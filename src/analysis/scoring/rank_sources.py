"""Three sources of doubt about a rank, each with a bar of its own, never merged; and the tiers.

*Method*: what other defensible choices would give (:mod:`analysis.scoring.uncertainty`), an
interval of replicates. *Sampling*: values are estimates and state their standard error. *Chance*:
ratios of counts rest on so many cases (:mod:`analysis.scoring.chance`). The two latter ask for a
true rank; they get confidence sets (:mod:`analysis.scoring.rank_sets`), by replicates carried
through normalising and aggregating as published, so that a composite has its own covariance.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.schema.tables import RANK_SOURCES
from analysis.scoring import chance, composite, rank_sets, tiers, uncertainty
from analysis.scoring.grid import Grid
from analysis.scoring.uncertainty import SAMPLING, Experiment, Uncertainty

LEVEL = 0.9
PAIRWISE = 500
"""In larger peer groups sets are taken from intervals that hold together, not from pairs."""

_FEWEST = 100
_UNKNOWN = ("no_error", "error_infinite")


@dataclass(frozen=True)
class Sources:
    """``ranks``: schema.RANK_SOURCES; ``tiers``: schema.TIERS."""

    ranks: pd.DataFrame
    tiers: pd.DataFrame


@dataclass(frozen=True)
class _Drawn:
    """Errors of one source: ``errors`` (entries × units × replicates), which ``entries`` it
    concerns and why a unit has no set there (``reasons``: units × entries, empty where it has)."""

    source: str
    units: pd.Index
    errors: np.ndarray
    entries: np.ndarray
    reasons: np.ndarray


def analyse(
    values: pd.DataFrame, framework: dict, peers: dict[str, str] | None, doubt: Uncertainty
) -> Sources:
    """Rank intervals by method, sets by sampling and by chance, and tiers, of one framework.

    Parameters
    ----------
    values
        As returned by :func:`analysis.scoring.composite.build`.
    doubt
        Of :func:`analysis.scoring.uncertainty.analyse` for the same.
    """
    held = uncertainty.experiment(values, framework, peers)
    used = values[values["indicator"].isin(held.tree.codes[: held.tree.indicators])]
    used = used.reset_index(drop=True)
    published = np.round(uncertainty.carried(held, held.x), 9)
    sources = (_sampling(held, used, published), _chance(held, used, published))
    drawn = [one for one in sources if one is not None]
    ranks, tiered = [_by_method(doubt)], []
    names = _names(framework, peers, held)
    for entry in range(len(held.tree.codes)):
        for group in np.unique(held.kind):
            among = np.flatnonzero((held.kind == group) & held.ranked)
            x = np.where(held.measured[among, entry], published[among, entry], np.nan)
            known = ~np.isnan(x)
            units = held.units[among[known]]
            told = _by_method_above(held, entry, units, x[known], doubt)
            for one in (d for d in drawn if d.entries[entry]):
                sets, above = _sets(x, one, among, entry)
                ranks.append(sets.assign(source=one.source, **_entry(held, entry)))
                told |= {one.source: above}
            if told and len(units) > 1:
                made = tiers.table(units, x[known], told)
                tiered.append(made.assign(peer_type=names[group], **_entry(held, entry)))
    whole = {"framework": framework["framework"]}
    found = pd.concat([r for r in ranks if len(r)] or ranks, ignore_index=True)
    return Sources(
        RANK_SOURCES.of(found.assign(**whole)),
        tiers.of([t.assign(**whole) for t in tiered]),
    )


def _entry(held: Experiment, entry: int) -> dict[str, str]:
    return {"level": held.tree.levels[entry], "code": held.tree.codes[entry]}


def _names(framework: dict, peers: dict[str, str] | None, held: Experiment) -> list[str]:
    """What the groups of ``held.kind`` are called, as ranks call them."""
    groups = composite.compared(framework, peers)
    return [name or "all" for name in sorted({groups.get(u, "") for u in held.units})]


def _by_method(doubt: Uncertainty) -> pd.DataFrame:
    """The intervals of other choices, which are there already; sets of a true rank they are not."""
    own = doubt.ranks[(doubt.ranks["source"] == "method") & doubt.ranks["rank_low"].notna()]
    own = own[["reporting_unit", "level", "code", "source", "rank_low", "rank_high"]]
    return own.assign(kind="interval", level_of_confidence=LEVEL, reason="")


def _by_method_above(
    held: Experiment, entry: int, units: pd.Index, x: np.ndarray, doubt: Uncertainty
) -> dict[str, np.ndarray]:
    """Who is above whom whatever the choices; known of the whole only."""
    pairs = doubt.pairs
    if held.tree.levels[entry] != "framework" or not len(pairs):
        return {}
    own = pairs[(pairs["source"] == "method") & pairs["reporting_unit"].isin(units)]
    if own.empty:
        return {}
    told = x[:, None] > x  # pairs that are not listed are told apart
    doubtful = own[~own["apart"].to_numpy(bool)]
    first, second = (units.get_indexer(doubtful[c]) for c in ("reporting_unit", "other"))
    told[first, second] = told[second, first] = False
    return {"method": told}


# --- sampling and chance --------------------------------------------------------------------------


def _sampling(held: Experiment, used: pd.DataFrame, published: np.ndarray) -> _Drawn | None:
    """By the standard errors that values state."""
    if held.factor(SAMPLING) is None:
        return None
    stated = _grid(held, used).matrix(used["standard_error"].to_numpy(float))
    states = uncertainty.design(held, [SAMPLING])
    estimates = (held.errors > 0).any(axis=0)
    lacks = estimates & ~np.isnan(held.x) & ~(stated >= 0)
    reasons = np.where(_anywhere(held, lacks), "no_error", "").astype(object)
    reasons[_anywhere(held, np.isinf(stated))] = "error_infinite"
    return _Drawn(
        "sampling",
        held.units,
        _errors(held, published, lambda part: uncertainty.with_errors(held, states[part])),
        _anywhere(held, estimates[None])[0],
        reasons,
    )


def _chance(held: Experiment, used: pd.DataFrame, published: np.ndarray) -> _Drawn | None:
    """By the numbers of cases behind ratios of counts."""
    rows = chance.counted(used) & (used["screened"] == "").to_numpy()
    if not rows.any():
        return None
    grid = _grid(held, used)
    cases, counted = chance.Cases.of(used, rows, held.kind[grid.unit]), grid.matrix(rows, False)
    rng = np.random.default_rng([held.seed, 5])

    def draw(part: slice) -> np.ndarray:
        x = np.tile(held.x, (part.stop - part.start, 1, 1))
        x[:, grid.unit[rows], grid.column[rows]] = 100 * cases.drawn(len(x), rng)
        return x

    lacks = counted.any(axis=0) & ~np.isnan(held.x) & ~counted
    reasons = np.where(_anywhere(held, lacks), "no_error", "").astype(object)
    empty = grid.matrix(chance.without_cases(used), False)
    reasons[:, : held.tree.indicators][empty] = "no_cases"
    entries = _anywhere(held, counted.any(axis=0)[None])[0]
    return _Drawn("chance", held.units, _errors(held, published, draw), entries, reasons)


def _grid(held: Experiment, used: pd.DataFrame) -> Grid:
    return Grid.of(used, columns=held.tree.codes[: held.tree.indicators])


def _errors(
    held: Experiment, published: np.ndarray, draw: Callable[[slice], np.ndarray]
) -> np.ndarray:
    """Published scores less those of replicates: entries × units × replicates.

    ``draw``: values of some of the replicates; never of all at once.
    """
    count = held.framework["uncertainty"]["replicates"]
    found = np.empty((published.shape[1], published.shape[0], count), np.float32)
    size = max(1, uncertainty.CELLS // max(8 * held.x.size, 1))
    for start in range(0, count, size):
        part = slice(start, min(start + size, count))
        scores = np.round(uncertainty.carried(held, draw(part)), 9)
        found[:, :, part] = (published - scores).T
    return found


def _anywhere(held: Experiment, marks: np.ndarray) -> np.ndarray:
    """Marks of indicators (… × indicators) → of all entries (… × entries) that rest on them."""
    tree = held.tree
    found = np.zeros((*marks.shape[:-1], len(tree.codes)), bool)
    found[..., : tree.indicators] = marks
    for node in tree.aggregates:
        found[..., node] = found[..., tree.children(node)].any(axis=-1)
    return found


def _sets(
    x: np.ndarray, drawn: _Drawn, among: np.ndarray, entry: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Sets of the units ``among`` whose scores are ``x``, and who is told to be above whom.

    Units without a score have a row only where it says why there can be none.
    """
    known = ~np.isnan(x)
    reason = drawn.reasons[among, entry]
    low, high = np.full((2, 2, len(x)), np.nan)
    low[:, known], high[:, known], told = _bounds(
        x[known], drawn.errors[entry, among[known]], np.isin(reason[known], _UNKNOWN)
    )
    none = reason == "no_cases"
    low[:, none], high[:, none] = np.nan, np.nan
    shown = known | none
    tables = [
        pd.DataFrame(
            {
                "reporting_unit": drawn.units[among[shown]],
                "kind": kind,
                "rank_low": low[i, shown],
                "rank_high": high[i, shown],
                "level_of_confidence": LEVEL,
                "reason": reason[shown],
            }
        )
        for i, kind in enumerate(("marginal_set", "simultaneous_set"))
    ]
    return pd.concat(tables, ignore_index=True), told


def _bounds(x: np.ndarray, draws: np.ndarray, unknown: np.ndarray) -> tuple:
    """Low and high ranks (marginal, simultaneous) of units with ``x``, and who is above whom.

    Who is ``unknown`` may have any rank; so may all where too few replicates have a score.
    """
    size = len(x)
    draws = draws[:, ~np.isnan(draws).any(axis=0)]
    if size < 2 or draws.shape[1] < _FEWEST:
        told = np.zeros((size, size), bool)
        return np.ones((2, size)), np.full((2, size), size), told
    if size > PAIRWISE:
        told = rank_sets.above_by_intervals(x, draws, LEVEL)
        told[unknown], told[:, unknown] = False, False
        low, high = rank_sets.ends(told)
        return np.tile(low, (2, 1)), np.tile(high, (2, 1)), told
    errors = rank_sets.replicated(draws)
    errors.scale[unknown], errors.scale[:, unknown] = np.inf, np.inf
    told = rank_sets.above(x, errors, LEVEL)
    sets = rank_sets.marginal(x, errors, LEVEL, told), rank_sets.ends(told)
    low, high = (np.stack(pair) for pair in zip(*sets, strict=True))
    return low, high, told
