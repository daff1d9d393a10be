"""The score and the rank of a unit if some of its values were others, the other units as they are.

Scales rise with the value in the direction of the indicator, and every mean rises with its parts:
the ends of the values give the ends of the score, and those the ends of the rank. What is no mean
has no such ends: they are missing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.catalogue.tree import Tree, ends
from analysis.scoring import aggregate, normalise
from analysis.scoring.grid import Grid

_ENDS = ["low", "high"]


@dataclass(frozen=True)
class Field:
    """A scored framework to place units in.

    ``values``: its scored indicator values (schema.SCORED_VALUES); ``scores``: schema.SCORES of it;
    ``tree``: with the weights as used; ``decimals``: to which scores are rounded before they are
    ranked; ``apart``: units that are scored but not ranked.
    """

    framework: dict
    values: pd.DataFrame
    scores: pd.DataFrame
    tree: Tree
    decimals: int
    apart: tuple[str, ...] = ()


def placed(shifts: pd.DataFrame, field: Field) -> pd.DataFrame:
    """Scores and ranks between which units come to lie.

    Values are put on the scale as they are, beside the treated values of the others; a unit whose
    other parts are missing is scored, or not, by the framework's own rule.

    Parameters
    ----------
    shifts
        case, reporting_unit, indicator, ``low`` and ``high``: values of one unit, in the unit of
        measure of the indicator. What a case does not name stays as it is.

    Returns
    -------
    case (index), score, rank, max_score, others (ranked peers beside the unit): as published;
    score_low, score_high, rank_low (the best place) and rank_high.
    """
    codes = list(field.tree.codes[: field.tree.indicators])
    used = field.values[field.values["indicator"].isin(codes)]
    grid = Grid.of(used, columns=codes)
    x = grid.matrix(used["treated_value"].to_numpy(float))
    now = grid.matrix(used["normalised"].to_numpy(float))
    cases = shifts.drop_duplicates("case")[["case", "reporting_unit"]].reset_index(drop=True)
    at = pd.Index(grid.units).get_indexer(cases["reporting_unit"])
    case = pd.Index(cases["case"]).get_indexer(shifts["case"])
    column = grid.columns.get_indexer(shifts["indicator"])
    scale = normalise.Scale.of(field.framework, codes)
    both = []
    for end in _ENDS:
        moved = np.broadcast_to(x, (len(cases), *x.shape)).copy()
        moved[case, at[case], column] = shifts[end].to_numpy(float)
        normal = now[at].copy()
        normal[case, column] = scale.apply(moved)[case, at[case], column]
        both.append(normal)
    top = field.tree.top[-1]
    unit = top / ends(field.framework)[1] if field.framework["aggregate"] == "sum" else 1.0
    ways = field.tree if field.tree.of_means else field.tree.with_means("arithmetic")
    low, high = (
        aggregate.combine(normal[:, None, :], ways)[:, 0, -1] * unit
        for normal in (np.fmin(*both), np.fmax(*both))
    )
    if not field.tree.of_means:
        low, high = np.full(len(cases), np.nan), np.full(len(cases), np.nan)
    made = cases.assign(score_low=low, score_high=high)
    return _ranked(made, field).set_index("case")


def _ranked(made: pd.DataFrame, field: Field) -> pd.DataFrame:
    whole = field.scores[field.scores["level"] == "framework"].set_index("reporting_unit")
    own = whole.reindex(made["reporting_unit"])[["score", "rank", "max_score", "peer_type"]]
    made = made.join(own.reset_index(drop=True))
    ranked, rows = whole[whole["rank"].notna()], []
    alike = {kind: own["score"] for kind, own in ranked.groupby("peer_type", observed=True)}
    alike = {kind: (own.index, own.to_numpy(float)) for kind, own in alike.items()}
    for one in made.itertuples():
        units, others = alike.get(one.peer_type, (ranked.index[:0], np.array([])))
        others = others[units != one.reporting_unit]
        rounded = np.round(others, field.decimals)
        places = [
            1.0 + (rounded > np.round(score, field.decimals)).sum()
            if not np.isnan(score) and one.reporting_unit not in field.apart
            else np.nan
            for score in (one.score_high, one.score_low)
        ]
        rows.append((*places, len(others)))
    return made.assign(
        **dict(zip(("rank_low", "rank_high", "others"), np.array(rows).T, strict=True))
    )
