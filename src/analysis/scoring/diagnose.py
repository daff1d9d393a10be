"""Does the index hang together: correlations, components, reliability, what tells nobody apart.

OECD/JRC handbook, step 4 (multivariate analysis); correlations of the pairs that are known, as
COINr's ``get_corr``.
"""

import numpy as np
import pandas as pd

from analysis.catalogue.tree import Tree, ends
from analysis.scoring.grid import Grid
from analysis.scoring.weigh import benefit_of_the_doubt, principal_components

KINDS = ("pearson", "spearman", "kendall")


def correlations(values: pd.DataFrame, tree: Tree, value: str = "normalised") -> pd.DataFrame:
    """Pairs of indicators with their correlation.

    Returns
    -------
    indicator, other, units (in which both are known), correlation (Pearson), spearman (of the
    ranks: rises with it, straight or not), kendall (tau-b), same_dimension. None for fewer than
    three units, or where one of the two is constant.
    """
    codes, x, _ = _matrix(values, tree, value)
    parent = tree.parent[: tree.indicators]
    made = _pairs(x).drop(columns=["a", "b"])
    a, b = np.triu_indices(len(codes), 1)
    made.insert(0, "indicator", np.array(codes, object)[a])
    made.insert(1, "other", np.array(codes, object)[b])
    return made.assign(same_dimension=parent[a] == parent[b])


def group_correlations(scores: pd.DataFrame, tree: Tree) -> pd.DataFrame:
    """Correlations of the scores of dimensions, with each other and with the whole.

    A dimension that goes against its sisters is outvoted or outvotes them: the handbook wants them
    to go together, though not to say the same.

    Parameters
    ----------
    scores
        schema.SCORES of the framework.

    Returns
    -------
    code, other (the framework's code last), units, correlation, spearman, kendall.
    """
    y = _aggregates(scores, tree)
    codes = np.array(tree.codes[tree.indicators :], object)
    made = _pairs(y)
    named = made.assign(code=codes[made["a"]], other=codes[made["b"]])
    return named[["code", "other", "units", "correlation", "spearman", "kendall"]]


def _aggregates(scores: pd.DataFrame, tree: Tree) -> np.ndarray:
    """Scores of the aggregates in the order of the tree: units × aggregates."""
    held = scores[scores["level"] != "indicator"]
    grid = Grid.of(held, ["level", "code"])
    order = list(zip(tree.levels[tree.indicators :], tree.codes[tree.indicators :], strict=True))
    return grid.matrix(held["score"].to_numpy(float))[:, grid.columns.get_indexer(order)]


def _pairs(x: np.ndarray) -> pd.DataFrame:
    """Correlations of all pairs of columns: their positions a < b, units, one column a kind."""
    table = pd.DataFrame(x)
    known = table.notna().to_numpy().astype(int)
    a, b = np.triu_indices(x.shape[1], 1)
    made = pd.DataFrame({"a": a, "b": b, "units": (known.T @ known)[a, b]})
    for kind in KINDS:
        found = table.corr(method=kind, min_periods=3).to_numpy()
        made["correlation" if kind == "pearson" else kind] = found[a, b]
    return made


def alpha(x: np.ndarray) -> float:
    """Cronbach's alpha of the columns of ``x`` over its complete rows; missing where there is none.

    k/(k − 1) · (1 − Σ var ÷ sum of all covariances) (Cronbach 1951; COINr ``get_cronbach``).
    """
    x = x[~np.isnan(x).any(axis=1)]
    k = x.shape[1]
    if k < 2 or len(x) < 3:
        return np.nan
    covariance = np.cov(x, rowvar=False)
    total = covariance.sum()
    return k / (k - 1) * (1 - np.trace(covariance) / total) if total > 0 else np.nan


def alpha_if_deleted(values: pd.DataFrame, tree: Tree, value: str = "normalised") -> pd.DataFrame:
    """Cronbach's alpha of each aggregate's indicators without one of them.

    Where it is higher without, the indicator goes its own way among the others. That may be its
    merit: an index is not a scale of one trait.

    Returns
    -------
    code (the aggregate), level, indicator, alpha (of all), without. Aggregates of fewer than three
    indicators have no row; all alphas over the units that have every indicator of the aggregate.
    """
    codes, x, _ = _matrix(values, tree, value)
    rows = []
    for node in tree.aggregates:
        parts = [i for i in range(tree.indicators) if node in tree.path(i)]
        if len(parts) < 3:
            continue
        part = x[:, parts]
        part = part[~np.isnan(part).any(axis=1)]
        whole = alpha(part)
        rows += [
            (tree.codes[node], tree.levels[node], codes[p], whole, alpha(np.delete(part, i, 1)))
            for i, p in enumerate(parts)
        ]
    return pd.DataFrame(rows, columns=["code", "level", "indicator", "alpha", "without"])


def reliability(values: pd.DataFrame, tree: Tree, value: str = "normalised") -> pd.DataFrame:
    """Cronbach's alpha and the first principal component of each aggregate's indicators.

    :func:`alpha` of about 0.7 and more says that the indicators go together; a low one that the
    aggregate mixes different things.

    Returns
    -------
    code, level, indicators, units, alpha, first_component (share of variance), components (with an
    eigenvalue above 1).
    """
    codes, x, _ = _matrix(values, tree, value)
    rows = []
    for node in tree.aggregates:
        parts = [i for i in range(tree.indicators) if node in tree.path(i)]
        part = x[:, parts]
        whole = part[~np.isnan(part).any(axis=1)]
        k = len(parts)
        eigenvalues, _ = principal_components(part) if k > 1 else (np.array([np.nan]), None)
        rows.append(
            {
                "code": tree.codes[node],
                "level": tree.levels[node],
                "indicators": k,
                "units": len(whole),
                "alpha": alpha(part),
                "first_component": eigenvalues[0] / k,
                "components": int((eigenvalues > 1 + 1e-9).sum()),
            }
        )
    return pd.DataFrame(rows)


def group_reliability(scores: pd.DataFrame, tree: Tree) -> pd.DataFrame:
    """Cronbach's alpha of the dimensions that make an aggregate: their scores are the items.

    Returns code, level, parts, alpha; aggregates of fewer than two dimensions have no row.
    """
    y, rows = _aggregates(scores, tree), []
    for node in tree.aggregates:
        parts = tree.children(node)
        parts = parts[parts >= tree.indicators] - tree.indicators
        if len(parts) > 1:
            rows.append((tree.codes[node], tree.levels[node], len(parts), alpha(y[:, parts])))
    return pd.DataFrame(rows, columns=["code", "level", "parts", "alpha"])


def discrimination(
    values: pd.DataFrame, tree: Tree, framework: dict, share: float = 0.5, close: float = 5
) -> pd.DataFrame:
    """How well each indicator tells units apart.

    Returns
    -------
    indicator, units, distinct (values), at_floor and at_ceiling (percent of the units at the foot
    or the top of the scale), spread (interquartile range in percent of the scale), missing
    (percent), verdict: constant, ceiling, floor (``share`` of the units or more stand there), close
    (the middle half of the units within ``close`` percent of the scale) or "" where it tells apart.
    Both limits are conventions of ours.
    """
    codes, x, _ = _matrix(values, tree, "normalised")
    low, high = ends(framework)
    rows = []
    for code, column in zip(codes, x.T, strict=True):
        known = column[~np.isnan(column)]
        n = len(known)
        distinct = len(np.unique(np.round(known, 9)))
        floor = (np.abs(known - low) < 1e-9).mean() if n else np.nan
        ceiling = (np.abs(known - high) < 1e-9).mean() if n else np.nan
        quartiles = np.quantile(known, [0.25, 0.75]) if n else [np.nan, np.nan]
        spread = 100 * (quartiles[1] - quartiles[0]) / (high - low)
        verdict = ""
        if n > 1 and distinct == 1:
            verdict = "constant"
        elif n and max(floor, ceiling) >= share:
            verdict = "ceiling" if ceiling >= floor else "floor"
        elif n > 1 and spread < close:
            verdict = "close"
        rows.append(
            {
                "indicator": code,
                "units": n,
                "distinct": distinct,
                "at_floor": 100 * floor,
                "at_ceiling": 100 * ceiling,
                "spread": spread,
                "missing": 100 * (1 - n / len(column)) if len(column) else np.nan,
                "verdict": verdict,
            }
        )
    return pd.DataFrame(rows)


def influence(values: pd.DataFrame, scores: pd.DataFrame, tree: Tree) -> pd.DataFrame:
    """Nominal weight of each indicator beside its correlation with the whole.

    A high weight does not make an indicator matter where all units are alike (Becker et al. 2017).
    Returns indicator, weight (percent of the whole), correlation (with the score of the framework).
    """
    codes, x, units = _matrix(values, tree, "normalised")
    whole = scores[scores["level"] == "framework"].set_index("reporting_unit")["score"]
    y = whole.reindex(units).to_numpy(float)
    table = pd.DataFrame(x, columns=codes)
    found = [table[c].corr(pd.Series(y), min_periods=3) for c in codes]
    weights = 100 * tree.effective_weights()[: tree.indicators]
    return pd.DataFrame({"indicator": codes, "weight": weights, "correlation": found})


def _matrix(values: pd.DataFrame, tree: Tree, value: str):
    codes = list(tree.codes[: tree.indicators])
    used = values[values["indicator"].isin(codes)]
    grid = Grid.of(used, columns=codes)
    return codes, grid.matrix(used[value].to_numpy(float)), grid.units


def most_favourable(
    values: pd.DataFrame, tree: Tree, least: float | None = None, most: float = 1.0
) -> pd.DataFrame:
    """Each unit's score with the weights that suit it best, beside the best of all (100).

    Benefit of the doubt (:func:`analysis.scoring.weigh.benefit_of_the_doubt`), each indicator
    making from ``least`` to ``most`` of the unit's score (``favourable`` of a framework); where
    nothing is stated at least a twentieth, as far as that many indicators allow it. A diagnostic
    and no ranking: who stays low even so is not low because of the weights.

    Returns reporting_unit, score (0 to 100), indicator (the one that makes most of it;
    of a score of 0 none does).
    """
    codes, x, units = _matrix(values, tree, "normalised")
    usual = 0.05 if 0.05 * len(codes) < 1 else 0.0
    share = usual if least is None else least
    found = benefit_of_the_doubt(np.where(x < 0, np.nan, x), list(units), codes, share, most)
    known = found["score"] > 0
    makes = pd.Series(None, index=found.index, dtype=object)
    makes[known] = found.loc[known, codes].astype(float).idxmax(axis=1)
    return pd.DataFrame(
        {
            "reporting_unit": found["reporting_unit"],
            "score": 100 * found["score"],
            "indicator": makes,
        }
    )
