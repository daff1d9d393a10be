"""Scores and ranks with weights of one's own, all other choices as published."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.catalogue.tree import Tree
from analysis.language.languages import say
from analysis.scoring import aggregate, composite, score


def parts(tree: Tree) -> dict[str, float]:
    """Code → weight of the parts that the whole is made of, as published, in percent.

    In the catalogue's order; where indicators belong to no dimension they are the parts.
    """
    found = tree.children(len(tree.codes) - 1)
    weights = tree.weights[found]
    return {tree.codes[p]: 100 * w / weights.sum() for p, w in zip(found, weights, strict=True)}


def rescored(
    values: pd.DataFrame,
    framework: dict,
    tree: Tree,
    weights: Mapping[str, float],
    peers: dict[str, str] | None = None,
) -> pd.DataFrame:
    """Scores of the whole with other weights of its :func:`parts`.

    Weights are relative: what they add up to does not matter. A part of weight 0 is left out, also
    where it is missing. Normalisation, means and the rule for missing parts stay as they are; with
    the published weights the published scores and ranks come out (OECD/JRC handbook, step 6).

    Parameters
    ----------
    values
        Of :func:`analysis.scoring.composite.build`, or indicator_values of a period (these have
        ``normalised``).
    tree
        The framework's, with the weights that were used.
    weights
        Code of each part → its weight.
    peers
        Unit → type.

    Returns
    -------
    schema.SCORES, the rows of the whole, ranked.

    Raises
    ------
    ValueError
        for a part that is not there or is left out, a weight that is negative or no number, and
        where all are 0.
    """
    own = _relative(parts(tree), weights)
    places = tree.children(len(tree.codes) - 1)
    changed = tree.weights.astype(float)
    changed[places] = own / own.sum()
    outside = {places[i] for i in np.flatnonzero(own == 0)}
    left_out = [tree.codes[i] for i in range(tree.indicators) if outside & {*tree.path(i)}]
    used = values[values["indicator"].isin(tree.codes[: tree.indicators])]
    # it counts for nothing: any value that every mean can take
    used = used.assign(normalised=used["normalised"].mask(used["indicator"].isin(left_out), 1.0))
    scores = aggregate.aggregate(used, framework, replace(tree, weights=changed))
    ranked = score.rank(
        scores[scores["level"] == "framework"],
        composite.compared(framework, peers),
        list(composite.not_ranked(framework)),
        composite.decimals(framework),
    )
    return ranked.reset_index(drop=True)


def _relative(known: Mapping[str, float], weights: Mapping[str, float]) -> np.ndarray:
    """Weights in the order of the parts."""
    for code in [*known, *weights]:
        if code not in known or code not in weights:
            raise ValueError(say("Trọng số phải nêu đúng các phần {parts}: xem {code}.",
                                 parts=", ".join(known), code=code))  # fmt: skip
    own = np.array([weights[code] for code in known], float)
    if not (np.isfinite(own).all() and (own >= 0).all()):
        raise ValueError(say("Trọng số phải là số từ 0 trở lên."))
    if not own.any():
        raise ValueError(say("Ít nhất một trọng số phải lớn hơn 0."))
    return own
