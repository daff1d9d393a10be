"""Points for what nobody measured: how many of a score they are, and the ranks without them.

A rule may give points where there was no case to judge (a denominator of 0) or where the source is
silent (an assumption), and a cap keeps what lies beyond the full mark from counting. The official
score stays as it is; this says beside it what it rests on.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.catalogue.tree import Tree, ends
from analysis.schema.tables import WITHOUT_CASES
from analysis.scoring import aggregate, score
from analysis.scoring.grid import Grid
from analysis.scoring.normalise import Scale


def table(
    values: pd.DataFrame, scores: pd.DataFrame, tree: Tree, framework: dict, decimals: int
) -> pd.DataFrame:
    """What the scores of the whole rest on.

    Parameters
    ----------
    values
        reporting_unit, indicator, obs_value, obs_status, normalised and granted of the scored
        indicators (:func:`analysis.scoring.normalise.normalise`).
    scores
        schema.SCORES with their ranks.

    Returns
    -------
    schema.WITHOUT_CASES, a row for each unit. ``no_cases``, ``assumed`` and ``capped``: points of
    the score that come from denominators of 0, from assumptions, and from indicators beyond their
    full mark. ``measured_score``: the score if only what was measured shared the weights;
    ``measured_rank`` among the ``measured_ranked`` peers that have one and are ranked officially.
    """
    codes = list(tree.codes[: tree.indicators])
    used = values[values["indicator"].isin(codes)]
    grid = Grid.of(used, columns=codes)
    n = grid.matrix(used["normalised"].to_numpy(float))
    given = ~np.isnan(grid.matrix(used["granted"].to_numpy(float)))
    assumed = given & grid.matrix(used["obs_status"].eq("E").to_numpy(float), 0.0).astype(bool)
    (low, high), top = ends(framework), tree.top[-1]
    worth = tree.effective_weights()[: tree.indicators] * top / high
    points = np.where(np.isnan(n), 0.0, n - low) * worth
    kept = aggregate.combine(
        np.where(given, np.nan, n), replace(tree, at_least=(0.0,) * len(tree.means), points=False)
    )
    measured = kept[:, -1] * (top / high if framework["aggregate"] == "sum" else 1.0)
    beyond = _beyond(grid.matrix(used["obs_value"].to_numpy(float)), framework, codes) & ~given
    made = pd.DataFrame(
        {
            "framework": framework["framework"],
            "reporting_unit": np.asarray(grid.units, object),
            "no_cases": (points * (given & ~assumed)).sum(axis=1),
            "assumed": (points * assumed).sum(axis=1),
            "capped": (points * beyond).sum(axis=1),
            "measured_score": measured,
        }
    )
    whole = scores[scores["level"] == "framework"].astype({"reporting_unit": object})
    made = made.merge(whole[["reporting_unit", "score", "rank", "peer_type"]], on="reporting_unit")
    counted = made["measured_score"].where(made["rank"].notna())
    for _, rows in made.groupby("peer_type", observed=True).groups.items():
        place = score.places(counted[rows].to_numpy(float), decimals=decimals)
        made.loc[rows, "measured_rank"] = place
        made.loc[rows, "measured_ranked"] = np.where(np.isnan(place), np.nan, (place > 0).sum())
    return WITHOUT_CASES.take(made)


def _beyond(x: np.ndarray, framework: dict, codes: list[str]) -> np.ndarray:
    """Where a value lies beyond the end at which its indicator has all its points."""
    scale = Scale.of(framework, codes)
    methods = np.array(scale.methods)
    with np.errstate(invalid="ignore"):
        past_mark = (methods == "points") & (x > scale.full_mark)
        past_best = (methods == "goalposts") & (x * scale.direction > scale.best * scale.direction)
    return past_mark | past_best
