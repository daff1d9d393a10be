"""Scores → ranks among peers, bands, and how they agree with published ones."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.scoring import ordered
from analysis.scoring.grid import Grid

EXACT = 9
"""Decimals beyond which arithmetic leaves noise."""


def rank(
    scores: pd.DataFrame,
    peers: dict[str, str] | None = None,
    not_ranked: Sequence[str] = (),
    decimals: int = EXACT,
) -> pd.DataFrame:
    """Rank units among their peers, best first, ties sharing the lowest place.

    Parameters
    ----------
    scores
        schema.SCORES of one framework and period.
    peers
        Unit → the group it is ranked within (its type); units without one are ranked together.
    not_ranked
        Units that are scored but not ranked (as the PAR Index does); nobody's rank counts them.
    decimals
        To which scores are rounded first, for a publisher who ranks the scores that are printed.

    Returns
    -------
    ``scores`` with ``peer_type``, ``rank`` and ``ranked``: among how many the rank is. Units
    without a score have no rank, nor have those of whose score nothing is ``measured``: there was
    nothing to judge.
    """
    grid = Grid.of(scores, ["level", "code"])
    kind = grid.of_units(peers or {}, fill="all")
    matrix = grid.matrix(scores["score"].to_numpy(float))
    matrix[grid.units.isin(list(not_ranked))] = np.nan
    if "measured" in scores:
        matrix[grid.matrix(scores["measured"].to_numpy(float)) == 0] = np.nan
    place, count = np.full(matrix.shape, np.nan), np.full(matrix.shape, np.nan)
    for group in np.unique(kind):
        rows = kind == group
        place[rows] = places(matrix[rows], axis=0, decimals=decimals)
        count[rows] = (~np.isnan(matrix[rows])).sum(axis=0)
    place = grid.rows(place)
    return scores.assign(
        peer_type=pd.Categorical(kind)[grid.unit],
        rank=place,
        ranked=np.where(np.isnan(place), np.nan, grid.rows(count)),
    )


def places(scores: np.ndarray, axis: int = -1, decimals: int = EXACT) -> np.ndarray:
    """Ranks along ``axis``, best first, ties at the lowest place (COINr ``rank_df``).

    Scores are rounded to ``decimals`` first: by default only so far that float noise breaks no tie.
    A missing score has no rank.

    >>> places(np.array([80.0, 95.0, np.nan, 80.0])).tolist()
    [2.0, 1.0, nan, 2.0]
    """
    known = ~np.isnan(scores)
    tidy = np.where(known, -np.round(scores, decimals), np.inf)
    return np.where(known, ordered.places(tidy, "min", axis), np.nan)


def deciles(scores: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Deciles 1, 5 and 9 of the scores among peers, in percent of the maximum.

    Parameters
    ----------
    scores
        schema.SCORES; units without a score, or with nothing measured, are not counted.
    by
        Columns within which the scores are compared.

    Returns
    -------
    schema.PEER_SCORES with the columns ``by``: n, low, median, high.
    """
    held = scores[judged(scores)]
    share = (100 * held["score"] / held["max_score"]).groupby([held[c] for c in by], observed=True)
    of = {"low": 0.1, "median": 0.5, "high": 0.9}
    table = pd.DataFrame({"n": share.size()} | {name: share.quantile(q) for name, q in of.items()})
    return table.reset_index()


def judged(scores: pd.DataFrame) -> pd.Series:
    """Whether there was something to judge: there is a score, and something of it was measured.

    Where this is false nobody is ranked, coloured, called weakest or compared. ``scores``:
    schema.SCORES; without a column ``measured`` every score counts.
    """
    held = scores["score"].notna()
    return held & (scores["measured"] != 0) if "measured" in scores else held


def idle(scores: pd.DataFrame) -> pd.Series:
    """Whether points stand where there was nothing to judge (không phát sinh)."""
    return scores["score"].notna() & ~judged(scores)


def one_source(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of one ``source`` of doubt, never of several together: method, where it is there.

    Units without any interval stay.
    """
    held = table["source"].dropna()
    main = "method" if "method" in set(held) else held.iloc[0] if len(held) else None
    return table[table["source"].isna() | (table["source"] == main)]


def close(pairs: pd.DataFrame) -> pd.DataFrame:
    """Peers that cannot be told apart, from the side of each: reporting_unit, other.

    ``pairs``: :func:`analysis.scoring.uncertainty.pairs` with their source, of which one is asked
    (:func:`one_source`); a unit's own are in that order, the nearest in rank first.
    """
    if pairs.empty:
        return pd.DataFrame({"reporting_unit": [], "other": []}, dtype=object)
    held = one_source(pairs)
    held = held.loc[~held["apart"].astype(bool), ["reporting_unit", "other"]].astype(object)
    back = held.rename(columns={"reporting_unit": "other", "other": "reporting_unit"})
    return pd.concat([held, back[held.columns]]).sort_index(kind="stable", ignore_index=True)


def neighbours(scores: pd.DataFrame, most: int = 2) -> pd.DataFrame:
    """Who stands next to each ranked unit among its peers.

    Parameters
    ----------
    scores
        schema.SCORES of one framework.
    most
        How many on each side.

    Returns
    -------
    reporting_unit, other, other_rank; up to ``2 * most`` rows a unit, the best rank first.
    """
    whole = scores[(scores["level"] == "framework") & scores["rank"].notna()]
    found = []
    for _, group in whole.groupby("peer_type", observed=True):
        held = group.sort_values(["rank", "reporting_unit"])[["reporting_unit", "rank"]]
        for step in [s for s in range(-most, most + 1) if s]:
            beside = held.shift(-step).rename(
                columns={"reporting_unit": "other", "rank": "other_rank"}
            )
            found.append(held[["reporting_unit"]].join(beside).dropna(subset=["other"]))
    if not found:
        return pd.DataFrame(columns=["reporting_unit", "other", "other_rank"], dtype=object)
    table = pd.concat(found).sort_values(["reporting_unit", "other_rank", "other"])
    return table.reset_index(drop=True)


def band(score: float, framework: dict) -> dict | None:
    """Name of the band that a framework score falls in (None without bands or score)."""
    for step in framework.get("bands", []):
        if pd.notna(score) and round(score, 9) >= step["from"]:
            return step["name"]
    return None


def agreement(
    scores: pd.DataFrame, published: pd.DataFrame, framework: dict, tolerance: float
) -> pd.DataFrame:
    """Lay computed scores beside published ones.

    Parameters
    ----------
    published
        reporting_unit, group, metric, max_score, published_score.
    tolerance
        Points; published figures are rounded.

    Returns
    -------
    reporting_unit, group, metric, code, published_score, score, obs_status, difference, outcome.
    ``outcome``: agrees, differs, assumed (agrees by an assumption), not_published (no score in the
    source), no_inputs, unknown_rule. Every published row appears once.
    """
    codes = {}
    for entries in (framework["dimensions"], framework["indicators"]):
        for code, entry in entries.items():
            if "published_as" in entry:
                at = entry["published_as"]
                codes[at["group"], at["metric"]] = code
    key = list(zip(published["group"], published["metric"], strict=True))
    table = published.assign(code=[codes.get(k) for k in key])
    is_dimension = table["code"].isin(framework["dimensions"])
    table["level"] = np.where(is_dimension, "dimension", "indicator")
    table = table.merge(
        scores[["reporting_unit", "level", "code", "score", "obs_status"]],
        on=["reporting_unit", "level", "code"],
        how="left",
    )
    table["difference"] = table["score"] - table["published_score"]
    close = table["difference"].abs() <= tolerance + 1e-9
    table["outcome"] = np.select(
        [
            table["published_score"].isna(),
            table["code"].isna(),
            table["score"].isna(),
            close & table["obs_status"].eq("E") & ~is_dimension,
            close,
        ],
        ["not_published", "unknown_rule", "no_inputs", "assumed", "agrees"],
        default="differs",
    )
    return table.drop(columns="level")
