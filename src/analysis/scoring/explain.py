"""Why a score is what it is: exact parts of a difference, place among peers, the next point.

All means in use are of the form g(Σ w·h(x) ÷ Σ w). The difference between two states is shared out
by the chords of h and g along the path from an indicator to the whole: Δx · Π w/Σw · Δh/Δx · Δg/ΔY.
The shares add up exactly; for a geometric mean this is the logarithmic-mean (LMDI) decomposition
(Ang 2004), for an arithmetic one w·Δx.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.catalogue.tree import Tree, ends
from analysis.scoring.grid import Grid
from analysis.scoring.means import inner, inner_slope, outer, outer_slope
from analysis.scoring.normalise import RELATIVE, Scale

_NEAR = 1e-9  # below this a chord is taken as the slope


def difference(start: np.ndarray, end: np.ndarray, tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Share out the difference of two states of the whole over the indicators.

    Parameters
    ----------
    start, end
        Normalised values, units × indicators; one row is compared with all.

    Returns
    -------
    contributions (units × indicators; missing where an indicator is not in both states) and
    coverage (units): what comes from indicators that are in one state only. Together they are the
    difference of the scores. What is no mean (Mazziotta–Pareto, outranking) has no such shares:
    all missing.
    """
    start, end = np.broadcast_arrays(start, end)
    if not tree.of_means:
        return np.full(start.shape, np.nan), np.full(len(start), np.nan)
    both = ~(np.isnan(start) | np.isnan(end))
    a, b = np.where(both, start, np.nan), np.where(both, end, np.nan)
    counts = _counts(start, tree) & _counts(end, tree)
    low, high = _states(a, tree, counts), _states(b, tree, counts)
    slope = np.full(low.x.shape, np.nan)
    slope[:, -1] = 1.0
    for node, kind in zip(reversed(tree.aggregates), reversed(tree.means), strict=True):
        parts = tree.children(node)
        share = _share(low.x[:, parts], node, tree)
        below = _chord(inner, inner_slope, low.x[:, parts], high.x[:, parts], kind)
        above = _chord(outer, outer_slope, low.y[:, node], high.y[:, node], kind)
        slope[:, parts] = slope[:, [node]] * share * below * above[:, None]
    moved = (b - a) * slope[:, : tree.indicators]
    whole = _states(end, tree).x[:, -1] - _states(start, tree).x[:, -1]
    # in an aggregate of which too little is known an indicator moves nothing
    moved = np.where(both & np.isnan(moved) & ~np.isnan(whole)[:, None], 0.0, moved)
    return moved, whole - np.nansum(moved, axis=1)


class _States(NamedTuple):
    """Values of all entries (x) and the inner means of the aggregates (y)."""

    x: np.ndarray
    y: np.ndarray


def _counts(normalised: np.ndarray, tree: Tree) -> np.ndarray:
    """Which entries have a score of their own: units × entries.

    Where parts may be missing an aggregate of which too few are known has none, as in
    :func:`scoring.aggregate.mean`. Where none may, what is known is explained though the whole has
    no score.
    """
    found = np.ones((len(normalised), len(tree.codes)), bool)
    found[:, : tree.indicators] = ~np.isnan(normalised)
    for node in tree.aggregates if min(tree.at_least) < 1 else ():
        known = found[:, tree.children(node)]
        found[:, node] = known.any(axis=1) & (known.mean(axis=1) >= tree.least(node) - 1e-12)
    return found


def _states(normalised: np.ndarray, tree: Tree, counts: np.ndarray | None = None) -> _States:
    """As :func:`scoring.aggregate.combine`, but for ``counts`` (:func:`_counts`)."""
    counts = _counts(normalised, tree) if counts is None else counts
    shape = (len(normalised), len(tree.codes))
    x, y = np.full(shape, np.nan), np.full(shape, np.nan)
    x[:, : tree.indicators] = normalised
    for node, kind in zip(tree.aggregates, tree.means, strict=True):
        parts = tree.children(node)
        share = _share(x[:, parts], node, tree)
        some = ~np.isnan(x[:, parts]).all(axis=1) & counts[:, node]
        h = np.where(np.isnan(x[:, parts]), 0.0, inner(x[:, parts], kind))
        y[:, node] = np.where(some, (share * h).sum(axis=1), np.nan)
        x[:, node] = outer(y[:, node], kind)
    return _States(x, y)


def _share(x: np.ndarray, node: int, tree: Tree) -> np.ndarray:
    """Share of each part of ``node``: known parts share the weight, but points are points."""
    weights = tree.weights[tree.children(node)]
    held = np.where(np.isnan(x), 0.0, weights)
    if tree.points:
        return held / weights.sum()
    total = held.sum(axis=1, keepdims=True)
    return np.divide(held, total, out=np.zeros(held.shape), where=total > 0)


def _chord(f: Callable, slope: Callable, a: np.ndarray, b: np.ndarray, kind: str) -> np.ndarray:
    """Δf between ``a`` and ``b`` ÷ their distance; the slope of f where they coincide."""
    if kind == "arithmetic":
        return np.ones(a.shape)
    near = np.abs(b - a) <= _NEAR * np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore", over="ignore"):
        chord = (f(b, kind) - f(a, kind)) / np.where(near, 1.0, b - a)
    return np.where(near, slope(a, kind), chord)


# --- tables -------------------------------------------------------------------------------------


def contributions(values: pd.DataFrame, tree: Tree, framework: dict) -> pd.DataFrame:
    """What each indicator gives to a unit's score and what it leaves on the table.

    Parameters
    ----------
    values
        reporting_unit, indicator, normalised of the scored indicators.

    Returns
    -------
    reporting_unit, indicator, normalised, weight (share in the whole if nothing is missing), given
    (points of the whole earned above the foot of the scale; adds up to the score less the foot for
    an arithmetic mean, missing for others), lost (points short of the best: adds up to best less
    score exactly).
    """
    grid, n, scale, worth = _framework(values, tree, framework)
    top = np.full((1, tree.indicators), scale[1])
    lost, gap = difference(n, np.where(np.isnan(n), np.nan, top), tree)
    foot = np.full((1, tree.indicators), scale[0])
    given, _ = difference(np.where(np.isnan(n), np.nan, foot), n, tree)
    if set(tree.means) != {"arithmetic"}:
        given = np.full(n.shape, np.nan)
    weight = tree.effective_weights()[: tree.indicators]
    return _long(grid, normalised=n, weight=np.broadcast_to(weight, n.shape)).assign(
        given=(given * worth).ravel(), lost=(lost * worth).ravel()
    )


def change(before: pd.DataFrame, after: pd.DataFrame, tree: Tree, framework: dict) -> pd.DataFrame:
    """What made each unit's score change between two periods, method and weights alike.

    Parameters
    ----------
    before, after
        reporting_unit, indicator, normalised: both by the same framework.

    Returns
    -------
    reporting_unit, indicator (``_coverage``: indicators known in one period only), earlier, later
    (normalised), contribution (points of the whole). A unit's contributions add up to the
    difference of its scores over what is known.
    """
    grid, b, _, worth = _framework(after, tree, framework)
    old, known, _, _ = _framework(
        before[before["reporting_unit"].isin(grid.units)], tree, framework
    )
    a = np.full(b.shape, np.nan)
    a[grid.units.get_indexer(old.units)] = known
    moved, coverage = difference(a, b, tree)
    table = _long(grid, earlier=a, later=b).assign(contribution=(moved * worth).ravel())
    rest = pd.DataFrame(
        {
            "reporting_unit": np.asarray(grid.units, object),
            "indicator": "_coverage",
            "contribution": coverage * worth,
        }
    )
    return pd.concat([table, rest], ignore_index=True)


def against_peers(
    values: pd.DataFrame, tree: Tree, framework: dict, peers: dict[str, str]
) -> pd.DataFrame:
    """Strengths and weaknesses: each indicator beside the median of the unit's peers.

    Returns reporting_unit, indicator, normalised, median (of its type), place (percent of the
    other peers that are worse; equal ones are not), contribution (points of the whole by which it
    puts the unit above the median unit; adds up to the gap between the two). The median unit has
    the median of each indicator. What a rule granted where there was nothing to measure is neither
    a strength nor a weakness: it has no part, and counts in nobody's median.
    """
    grid, n, _, worth = _framework(values, tree, framework)
    n = _measured(n, grid, values)
    kinds = grid.of_units(peers)
    middle, place = np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    gaps = np.full(n.shape, np.nan)
    for kind in np.unique(kinds):
        rows = kinds == kind
        part = pd.DataFrame(n[rows])
        middle[rows] = part.median().to_numpy()
        others = part.notna().sum() - 1
        place[rows] = 100 * (part.rank(method="min") - 1) / others.where(others > 0)
        gaps[rows], _ = difference(middle[rows], n[rows], tree)
    return _long(grid, normalised=n, median=middle, place=place).assign(
        contribution=(gaps * worth).ravel()
    )


def between(
    values: pd.DataFrame, tree: Tree, framework: dict, unit: str, other: str
) -> pd.DataFrame:
    """What sets two units apart: points by which each indicator puts ``unit`` above ``other``.

    Returns indicator, unit, other (normalised), contribution; ``_coverage`` for what only one has,
    or one was granted without anything to measure.
    """
    grid, n, _, worth = _framework(values, tree, framework)
    rows = [grid.units.get_loc(u) for u in (other, unit)]
    (a, b), (start, end) = ([x[[r]] for r in rows] for x in (_measured(n, grid, values), n))
    moved, _ = difference(a, b, tree)
    whole, coverage = difference(start, end, tree)
    coverage = coverage + np.nansum(whole) - np.nansum(moved)
    codes = [*tree.codes[: tree.indicators], "_coverage"]
    return pd.DataFrame(
        {
            "indicator": codes,
            "unit": [*b[0], np.nan],
            "other": [*a[0], np.nan],
            "contribution": [*(moved[0] * worth), coverage[0] * worth],
        }
    )


def next_point(
    values: pd.DataFrame, tree: Tree, framework: dict, step: float = 1.0
) -> pd.DataFrame:
    """What one more point of the whole would take from each indicator alone.

    Parameters
    ----------
    values
        reporting_unit, indicator, normalised, obs_value, numerator, denominator.
    step
        Points of the whole.

    Returns
    -------
    reporting_unit, indicator, room (points of the whole still to be had), reachable, needed
    (normalised), needed_value (in the indicator's unit; missing where a scale has no inverse, or
    depends on the others) and needed_count: how many more in the numerator, for ratios in percent.
    """
    grid, n, scale, worth = _framework(values, tree, framework)
    if not tree.of_means:
        none = _long(grid, room=np.full(n.shape, np.nan), needed=np.full(n.shape, np.nan))
        return _in_units(none.assign(reachable=False), values, tree, framework)
    held = _states(n, tree)
    goal = held.x[:, -1] + step / worth
    needed = np.full(n.shape, np.nan)
    for i in range(tree.indicators):
        aim = goal
        path = tree.path(i)
        for child, node in reversed(list(zip(path, path[1:], strict=False))):
            kind = tree.means[node - tree.indicators]
            parts = tree.children(node)
            share = _share(held.x[:, parts], node, tree)[:, parts == child][:, 0]
            with np.errstate(divide="ignore", invalid="ignore"):
                h = inner(held.x[:, child], kind) + (inner(aim, kind) - held.y[:, node]) / share
            aim = np.where(np.isnan(held.x[:, child]), np.nan, outer(h, kind))
        needed[:, i] = aim
    top = np.where(np.isnan(n), np.nan, scale[1])
    room = np.stack([_if_alone(n, top, i, tree) for i in range(tree.indicators)], axis=1) * worth
    reachable = room >= step - 1e-9
    table = _long(grid, room=room).assign(
        reachable=reachable.ravel(), needed=np.where(reachable, needed, np.nan).ravel()
    )
    return _in_units(table, values, tree, framework)


def _if_alone(n: np.ndarray, top: np.ndarray, i: int, tree: Tree) -> np.ndarray:
    best = n.copy()
    best[:, i] = top[:, i]
    return _states(best, tree).x[:, -1] - _states(n, tree).x[:, -1]


def _in_units(table: pd.DataFrame, values: pd.DataFrame, tree: Tree, framework: dict):
    """Back from the scale to the indicator's own unit, and to a number of cases."""
    codes = list(tree.codes[: tree.indicators])
    scale = Scale.of(framework, codes)
    low, high = scale.scale
    fixed = dict.fromkeys(("goalposts", "goalposts_uncut"), (scale.worst, scale.best))
    fixed["points"] = (np.zeros(len(codes)), scale.full_mark)
    ends = np.array(
        [
            [fixed[m][0][i], fixed[m][1][i]] if m in fixed else [np.nan, np.nan]
            for i, m in enumerate(scale.methods)
        ]
    )
    ends = np.where(scale.logged[:, None], np.log(np.where(ends > 0, ends, np.nan)), ends)
    at = pd.Index(codes).get_indexer(table["indicator"])
    share = (table["needed"] - low) / (high - low)
    needed = ends[at, 0] + share * (ends[at, 1] - ends[at, 0])
    needed = np.where(scale.logged[at], np.exp(needed), needed)
    keys = ["reporting_unit", "indicator"]
    own = table[keys].merge(values[[*keys, "obs_value", "denominator"]], on=keys, how="left")
    count = np.ceil((needed - own["obs_value"]) / 100 * own["denominator"] - 1e-9)
    ratio = [("ratio" in framework["indicators"][c].get("formula", {})) for c in codes]
    return table.assign(
        needed_value=needed, needed_count=np.where(np.array(ratio)[at], count, np.nan)
    )


def comparable(framework: dict) -> bool:
    """Whether a unit's score moves only when its own values move (fixed scales throughout)."""
    own = framework["normalise"]["method"]
    methods = {i.get("normalise", own) for i in framework["indicators"].values()}
    return not methods & set(RELATIVE)


def method_effect(earlier: pd.DataFrame, same: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Tell a change of method or weights from a change of what is measured.

    Parameters
    ----------
    earlier, same, later
        reporting_unit and score of the whole: the earlier period by its method, the later period by
        the *earlier* method, the later period by its own.

    Returns
    -------
    reporting_unit, earlier, later, real (same − earlier), method (later − same); they add up.
    """
    columns = {
        name: t.set_index("reporting_unit")["score"]
        for name, t in (("earlier", earlier), ("same", same), ("later", later))
    }
    table = pd.DataFrame(columns).reindex(columns["later"].index)
    return table.assign(
        real=table["same"] - table["earlier"], method=table["later"] - table["same"]
    ).reset_index()[["reporting_unit", "earlier", "later", "real", "method"]]


def _framework(values: pd.DataFrame, tree: Tree, framework: dict):
    """Grid and matrix of the scored indicators, their scale, points of the whole per unit of it."""
    codes = list(tree.codes[: tree.indicators])
    used = values[values["indicator"].isin(codes)]
    grid = Grid.of(used, columns=codes)
    low, high = ends(framework)
    worth = tree.top[-1] / (high - low) if framework["aggregate"] == "sum" else 1.0
    return grid, grid.matrix(used["normalised"].to_numpy(float)), (low, high), worth


def _measured(n: np.ndarray, grid: Grid, values: pd.DataFrame) -> np.ndarray:
    """``n`` without what a rule granted in place of a value."""
    if "granted" not in values:
        return n
    used = values[values["indicator"].isin(grid.columns)]
    return np.where(np.isnan(grid.matrix(used["granted"].to_numpy(float))), n, np.nan)


def _long(grid: Grid, **matrices: np.ndarray) -> pd.DataFrame:
    """One row for each unit and indicator, unit by unit."""
    units, indicators = grid.shape
    return pd.DataFrame(
        {
            "reporting_unit": np.repeat(np.asarray(grid.units, object), indicators),
            "indicator": np.tile(np.asarray(grid.columns, object), units),
            **{name: m.ravel() for name, m in matrices.items()},
        }
    )


def table(
    values: pd.DataFrame,
    tree: Tree,
    framework: dict,
    peers: dict[str, str],
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """All of the above, one row for each unit and scored indicator.

    Parameters
    ----------
    before
        Indicator values of the period before, scored by the same framework.

    Returns
    -------
    framework, reporting_unit, indicator, normalised, weight, given, lost, median, place,
    against_peers (points above the median unit), room, reachable, needed_value, needed_count, and
    earlier (normalised), change (points), missing where there is no period before. Of ``change``
    the row ``_coverage`` holds what comes from indicators known in one period only.
    """
    key = ["reporting_unit", "indicator"]
    gaps = against_peers(values, tree, framework, peers)
    gaps = gaps.rename(columns={"contribution": "against_peers"}).drop(columns="normalised")
    found = contributions(values, tree, framework).merge(gaps, on=key)
    found = found.merge(next_point(values, tree, framework).drop(columns="needed"), on=key)
    if before is None or before.empty:
        found = found.assign(earlier=np.nan, change=np.nan)
    else:
        moved = change(before, values, tree, framework).drop(columns="later")
        found = found.merge(moved.rename(columns={"contribution": "change"}), on=key, how="outer")
    return found.assign(framework=framework["framework"])
