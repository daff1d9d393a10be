"""Weights of a framework's parts: stated, equal, by components or influence; benefit of the doubt.

OECD/JRC handbook, step 6. ``weight`` always means the weight of an index, never a design weight.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import scipy

from analysis.catalogue.tree import STATED, Tree
from analysis.language.messages import tell
from analysis.scoring import influence_weights
from analysis.scoring.influence_weights import WeightError

METHODS = ("given", "relative", "equal", "pca", "equal_influence", "influence_as_given")


def weights(tree: Tree, method: str, normalised: np.ndarray) -> Tree:
    """The tree with its weights by ``method``.

    given, relative: those of the catalogue, as ``tree`` has them. equal: all parts of an aggregate
    alike.
    pca: loadings of the first principal component of each aggregate's indicators, from the
    correlations of the units that have all of them (COINr ``get_PCA``); aggregates of aggregates
    weigh their parts alike. equal_influence, influence_as_given: see
    :mod:`analysis.scoring.influence_weights`; the target is the catalogue's weights.

    Parameters
    ----------
    normalised
        units × indicators.

    Raises
    ------
    WeightError
        where a principal component gives an indicator no weight or one below 0, or no weights
        give the influence that is asked for.
    """
    if method in ("given", "relative"):
        return tree
    if "influence" in method:
        target = tree.weights if method in STATED else np.ones(len(tree.codes))
        return replace(tree, weights=influence_weights.weights(tree, normalised, target))
    found = np.ones(len(tree.codes))
    if method == "pca":
        for node in tree.aggregates:
            parts = tree.children(node)
            parts = parts[parts < tree.indicators]
            if len(parts) > 1:
                found[parts] = _loadings(normalised[:, parts], [tree.codes[p] for p in parts])
    return replace(tree, weights=found)


def _loadings(x: np.ndarray, codes: list[str]) -> np.ndarray:
    _, vectors = principal_components(x)
    first = vectors[:, 0] * np.sign(vectors[:, 0].sum() or 1)
    if np.isnan(first).any() or (first <= 1e-12).any():
        weak = codes[int(np.nanargmin(first))] if not np.isnan(first).all() else codes[0]
        raise WeightError(
            tell("{code}: the principal component gives it no positive weight", code=weak)
        )
    return first


def principal_components(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (largest first) and loadings of the correlations of ``x`` (units × indicators).

    Units with a missing value are left out (R ``prcomp``, scaled). All missing where an indicator
    is constant or fewer than three units are complete.
    """
    x = x[~np.isnan(x).any(axis=1)]
    size = x.shape[1]
    if len(x) < 3 or np.any(np.ptp(x, axis=0) == 0):
        return np.full(size, np.nan), np.full((size, size), np.nan)
    values, vectors = np.linalg.eigh(np.corrcoef(x, rowvar=False).reshape(size, size))
    return values[::-1], vectors[:, ::-1]


_EXACT = {"primal_feasibility_tolerance": 1e-10}
"""The solver may miss a bound by this much; its own 1e-7 is seen in shares of large values."""


def _frontier(x: np.ndarray) -> np.ndarray:
    """The rows that no other row equals or exceeds everywhere: with weights of 0 or more the others
    limit nothing. Best sums first: whoever exceeds a row stands before it."""
    kept = np.empty((0, x.shape[1]))
    for row in x[np.argsort(-x.sum(axis=1), kind="stable")]:
        if not (kept >= row).all(axis=1).any():
            kept = np.vstack([kept, row])
    return kept


def benefit_of_the_doubt(
    normalised: np.ndarray,
    units: list[str],
    codes: list[str],
    least: float = 0.0,
    most: float = 1.0,
) -> pd.DataFrame:
    """The score of each unit with the weights that suit it best; a diagnostic, no ranking.

    max Σ w·x of the unit, so that with the same weights no unit exceeds 1 (OECD/JRC handbook,
    6.3, eq. 22; Cherchye et al. 2007). A unit that stays low even so is low whatever the weights.

    Parameters
    ----------
    normalised
        units × indicators, none below 0; units with a missing value get no score.
    least, most
        Least and greatest share of the unit's own score that each indicator may make.

    Raises
    ------
    WeightError
        for values below 0, or bounds that no shares can keep.

    Returns
    -------
    reporting_unit, score (0 to 1), and the share that each indicator makes of it.

    >>> x = np.array([[80.0, 20.0], [20.0, 80.0], [40.0, 40.0]])
    >>> benefit_of_the_doubt(x, ["a", "b", "c"], ["online", "on_time"])["score"].round(2).tolist()
    [1.0, 1.0, 0.8]
    """
    held = ~np.isnan(normalised).any(axis=1)
    if (normalised[held] < 0).any():
        raise WeightError("benefit of the doubt needs values of 0 or more")
    size = len(codes)
    if least * size > 1 + 1e-9 or most * size < 1 - 1e-9:
        what = f"no shares of {size} indicators lie between {least:g} and {most:g}"
        raise WeightError(f"benefit of the doubt: {what}")
    shares = np.full(normalised.shape, np.nan)
    score = np.full(len(normalised), np.nan)
    peers = _frontier(normalised[held])
    for i in np.flatnonzero(held):
        x = normalised[i]
        limits, bounds = peers, np.ones(len(peers))
        sides = ((least > 0, least, 1), (most < 1, most, -1))  # least·Σ w x ≤ w_q x_q ≤ most·Σ w x
        for _, share, sign in [side for side in sides if side[0]]:
            own = sign * (share * x[None, :] - np.diag(x))
            limits, bounds = np.vstack([limits, own]), np.append(bounds, np.zeros(size))
        done = scipy.optimize.linprog(
            -x, A_ub=limits, b_ub=bounds, bounds=(0, None), method="highs", options=_EXACT
        )
        if done.status == 0:
            score[i] = -done.fun
            shares[i] = done.x * x / score[i] if score[i] > 0 else np.nan
    table = pd.DataFrame(shares, columns=codes)
    table.insert(0, "score", score)
    table.insert(0, "reporting_unit", units)
    return table
