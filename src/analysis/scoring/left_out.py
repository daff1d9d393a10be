"""What each indicator and each group does to the ranking: all ranks again without it.

OECD/JRC handbook, step 7 (inclusion and exclusion of indicators); COINr ``remove_elements``. Scales
and weights of what stays are as published: those left share the weight.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.catalogue.tree import Tree, ends
from analysis.scoring import aggregate, score
from analysis.scoring.grid import Grid


def without(tree: Tree, entry: int) -> tuple[Tree, np.ndarray] | None:
    """The tree without an entry, its parts and what has no parts left; positions of what stays.

    None where nothing would be left.
    """
    gone = np.array([entry in tree.path(i) for i in range(len(tree.codes))])
    for node in tree.aggregates:
        gone[node] |= gone[tree.children(node)].all()
    if gone[-1]:
        return None
    kept = np.flatnonzero(~gone)
    place = np.append(np.cumsum(~gone) - 1, -1)  # the parent of the whole stays -1
    found = replace(
        tree,
        codes=tuple(tree.codes[i] for i in kept),
        levels=tuple(tree.levels[i] for i in kept),
        indicators=int((kept < tree.indicators).sum()),
        parent=place[tree.parent[kept]],
        weights=tree.weights[kept],
        means=tuple(tree.means[i - tree.indicators] for i in kept if i >= tree.indicators),
        at_least=tuple(tree.least(i) for i in kept if i >= tree.indicators),
        top=tree.top[kept],
    )
    return found, kept


def ranks(values: pd.DataFrame, scores: pd.DataFrame, tree: Tree, framework: dict) -> pd.DataFrame:
    """The rank of every ranked unit without each indicator and each dimension.

    Parameters
    ----------
    values
        reporting_unit, indicator, normalised; ``granted`` where rules grant scores.
    scores
        schema.SCORES of the framework.

    Returns
    -------
    level and code of what is left out (a dimension of one part: that part alone), reporting_unit,
    rank (as published), rank_without (missing where the unit has no score then, or nothing of it
    was measured).
    """
    codes = list(tree.codes[: tree.indicators])
    used = values[values["indicator"].isin(codes)]
    grid = Grid.of(used, columns=codes)
    x = grid.matrix(used["normalised"].to_numpy(float))
    given = np.zeros(x.shape, bool)
    if "granted" in used:
        given = ~np.isnan(grid.matrix(used["granted"].to_numpy(float)))
    whole = scores[scores["level"] == "framework"].set_index("reporting_unit").reindex(grid.units)
    ranked = whole["rank"].notna().to_numpy()
    kind = whole["peer_type"].astype(str).to_numpy()
    place_by = framework.get("rank_decimals", score.EXACT)
    found = []
    for entry in range(len(tree.codes) - 1):
        held = without(tree, entry)
        if held is None or len(tree.children(entry)) == 1:
            continue  # nothing would be left, or it is what its only part is
        smaller, kept = held
        own = kept[: smaller.indicators]
        made = aggregate.combine(x[:, own], smaller)[:, -1] * _points(framework, smaller)
        judged = (~np.isnan(x[:, own]) & ~given[:, own]).any(axis=1) | ~given[:, own].any(axis=1)
        made[~(ranked & judged)] = np.nan
        places = np.full(len(made), np.nan)
        for group in np.unique(kind[ranked]):
            rows = kind == group
            places[rows] = score.places(made[rows], decimals=place_by)
        found.append(
            pd.DataFrame(
                {
                    "level": tree.levels[entry],
                    "code": tree.codes[entry],
                    "reporting_unit": np.asarray(grid.units, object)[ranked],
                    "rank": whole["rank"].to_numpy(float)[ranked],
                    "rank_without": places[ranked],
                }
            )
        )
    columns = ["level", "code", "reporting_unit", "rank", "rank_without"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _points(framework: dict, tree: Tree) -> float:
    """Points of the whole per unit of the scale: rounding before ranks is of printed scores."""
    if framework["aggregate"] != "sum":
        return 1.0
    return tree.weights[: tree.indicators].sum() / ends(framework)[1]


def shifts(table: pd.DataFrame) -> pd.DataFrame:
    """How far the ranking moves without each entry (``table``: of :func:`ranks`).

    Returns
    -------
    level, code, units (with a rank both ways), mean_shift and largest_shift (places, either way),
    reporting_unit (whose shift is the largest, the first by rank), moved (percent of the units),
    spearman and kendall (tau-b) of the two rankings, missing for fewer than three units.
    """
    rows = []
    for (level, code), part in table.groupby(["level", "code"], sort=False, observed=True):
        held = part.dropna(subset=["rank_without"]).sort_values("rank", kind="stable")
        moved = (held["rank_without"] - held["rank"]).abs()
        both = held[["rank", "rank_without"]]
        alike = len(held) < 3 or (both.nunique() < 2).any()
        rows.append(
            {
                "level": level,
                "code": code,
                "units": len(held),
                "mean_shift": moved.mean(),
                "largest_shift": moved.max(),
                "reporting_unit": held.loc[moved.idxmax(), "reporting_unit"] if len(held) else None,
                "moved": 100 * (moved > 0).mean(),
                "spearman": np.nan if alike else scipy.stats.spearmanr(both).statistic,
                "kendall": np.nan
                if alike
                else scipy.stats.kendalltau(*both.to_numpy().T).statistic,
            }
        )
    columns = ["level", "code", "units", "mean_shift", "largest_shift", "reporting_unit", "moved"]
    return pd.DataFrame(rows, columns=[*columns, "spearman", "kendall"])
