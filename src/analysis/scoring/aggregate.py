"""Normalised values → scores of aggregates over a tree of any depth.

OECD/JRC handbook, step 6; means and the rule for missing parts follow COINr (``a_amean``,
``a_gmean``, ``a_hmean``, ``dat_thresh``).
"""

import numpy as np
import pandas as pd

from analysis.catalogue.tree import OUTRANKING, PENALISED, Tree, ends
from analysis.schema.tables import OBS_STATUS_TYPE, SCORES
from analysis.scoring import mazziotta_pareto, outranking
from analysis.scoring.grid import Grid
from analysis.scoring.means import inner, outer

_STATUSES = list(OBS_STATUS_TYPE.categories)


def combine(normalised: np.ndarray, tree: Tree, weights: np.ndarray | None = None) -> np.ndarray:
    """Scores of all entries of ``tree``: (…, units, entries) from (…, units, indicators).

    What outranks is a matter of all units that are given, and of the indicators of an aggregate at
    whatever depth, each with its share in it; everything else of a unit's own parts.

    Parameters
    ----------
    weights
        (…, entries) instead of the tree's own: one set for each replicate. A part of weight 0 is
        left out.
    """
    weights = tree.weights if weights is None else weights
    lead = np.broadcast_shapes(normalised.shape[:-2], weights.shape[:-1])
    found = np.empty((*lead, normalised.shape[-2], len(tree.codes)))
    found[..., : tree.indicators] = normalised
    for node, kind in zip(tree.aggregates, tree.means, strict=True):
        if kind in OUTRANKING:
            below = tree.below(node)
            shares = _shares(tree, weights)[..., below]
            x, least, top = normalised[..., below], tree.least(node), tree.top[node]
            found[..., node] = outranking.scores(x, shares, kind, least, top)
            continue
        parts = tree.children(node)
        flat = (parts < tree.indicators).all()
        x = normalised[..., parts] if flat else found[..., parts]
        way = mazziotta_pareto.index if kind in PENALISED else mean
        found[..., node] = way(x, weights[..., parts], kind, tree.least(node))
    return found


def _shares(tree: Tree, weights: np.ndarray) -> np.ndarray:
    """Share of each entry in the whole for sets of weights (…, entries)."""
    share = np.ones(weights.shape)
    for node in reversed(tree.aggregates):
        parts = tree.children(node)
        own = weights[..., parts]
        share[..., parts] = share[..., [node]] * own / own.sum(axis=-1, keepdims=True)
    return share


def mean(x: np.ndarray, weights: np.ndarray, kind: str, at_least: float = 1.0) -> np.ndarray:
    """Weighted mean over the last axis of ``x`` (…, units, parts); ``weights`` (…, parts).

    Missing parts: none, or those known share the weight, if at least ``at_least`` of the parts are
    known. A mean of exponent 0 or less (geometric, harmonic) with a part at 0 is 0, its limit;
    with a part below 0 there is none but the arithmetic.

    >>> x = np.array([[40.0, 90.0], [40.0, np.nan]])
    >>> mean(x, np.array([1.0, 1.0]), "geometric").round(6).tolist()
    [60.0, nan]
    >>> mean(x, np.array([3.0, 1.0]), "arithmetic", at_least=0.5).tolist()
    [52.5, 40.0]
    """
    known = ~np.isnan(x)
    h, possible = inner(x, kind), True
    if kind != "arithmetic":
        possible = (np.isnan(h) == ~known).all(axis=-1)
    if known.all() and np.all(possible):
        total = weights.sum(axis=-1)[..., None]
        reached = _sum(h, weights)
    else:
        total = _sum(known.astype(float), weights)
        reached = _sum(np.where(np.isnan(h), 0.0, h), weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = outer(reached / total, kind)
    enough = known.any(axis=-1) & (known.mean(axis=-1) >= at_least - 1e-12)
    return np.where(enough & possible, found, np.nan)


def _sum(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ w·x over the parts; one matrix product where the values are the same in all replicates."""
    if x.ndim == 2:
        return weights @ x.T
    return np.einsum("...uk,...k->...u", x, weights)


def aggregate(values: pd.DataFrame, framework: dict, tree: Tree) -> pd.DataFrame:
    """Scores of every entry of the framework's tree.

    Parameters
    ----------
    values
        reporting_unit, time_period, indicator, normalised, obs_status: a row for each unit and
        scored indicator.

    Returns
    -------
    schema.SCORES without ranks: scores in points (sum) or on the framework's scale; ``coverage``,
    the share of an entry's weight that is known, and ``measured``, the share that is known from
    values and not ``granted`` by a rule; obs_status of the weakest part, or, where there is
    a score, of the weakest part that made it.
    """
    codes = tree.codes[: tree.indicators]
    grid = Grid.of(values, columns=codes)
    x = grid.matrix(values["normalised"].to_numpy(float))
    scores = combine(x, tree)
    known = np.where(np.isnan(scores[:, : tree.indicators]), 0.0, 1.0)
    coverage = combine(known, tree.with_means("arithmetic"))
    measured = coverage
    if "granted" in values and values["granted"].notna().any():
        own = np.isnan(grid.matrix(values["granted"].to_numpy(float)))
        measured = combine(known * own, tree.with_means("arithmetic"))
    if framework["aggregate"] == "sum":
        scores = scores * tree.top / ends(framework)[1]
    marks = values["obs_status"].astype(OBS_STATUS_TYPE).cat.codes.to_numpy()
    status = _status(grid.matrix(marks, _STATUSES.index("O")), ~np.isnan(scores), tree)
    units, entries = len(grid.units), len(tree.codes)

    def each(names, codes) -> pd.Categorical:
        return pd.Categorical.from_codes(codes, pd.Index(names).unique())

    levels, names = list(dict.fromkeys(tree.levels)), list(dict.fromkeys(tree.codes))
    table = pd.DataFrame(
        {
            "framework": each([framework["framework"]], np.zeros(units * entries, int)),
            "reporting_unit": each(grid.units, np.tile(np.arange(units), entries)),
            "time_period": each(values["time_period"].iloc[:1], np.zeros(units * entries, int)),
            "level": each(levels, np.repeat([levels.index(k) for k in tree.levels], units)),
            "code": each(names, np.repeat([names.index(c) for c in tree.codes], units)),
            "score": scores.T.ravel(),
            "max_score": np.repeat(tree.top, units),
            "coverage": coverage.T.ravel(),
            "measured": measured.T.ravel(),
            "obs_status": each(_STATUSES, status.T.ravel()),
        }
    )
    return SCORES.of(table)


def _status(marks: np.ndarray, has_score: np.ndarray, tree: Tree) -> np.ndarray:
    """Status of every entry: with a score a part with nothing to measure weakens nothing."""
    found = np.zeros((len(marks), len(tree.codes)), np.int8)
    found[:, : tree.indicators] = marks
    firmest = np.empty_like(found)  # -1 where nothing is firm; each column is written below
    last_firm = _STATUSES.index("I")
    firmest[:, : tree.indicators] = np.where(marks <= last_firm, marks, -1)
    for node in tree.aggregates:
        parts = tree.children(node)
        weakest = found[:, parts].max(axis=1)
        firmest[:, node] = firmest[:, parts].max(axis=1)
        softer = has_score[:, node] & (weakest > last_firm) & (firmest[:, node] >= 0)
        found[:, node] = np.where(softer, firmest[:, node], weakest)
    return found
