"""Indicator values → points, sums over the framework's tree, ranks among peers, bands."""

import numpy as np
import pandas as pd

from analysis.schema import SCORES, shaped


def points(values: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Points of each scored indicator: max × min(1, ratio / full mark).

    Source: Quyết định 766/QĐ-TTg as described in METHOD.md. A zero denominator gives what the
    indicator says (``zero``, ``full`` or ``none``); missing inputs give no points, unless the
    catalogue assumes the full mark (``without_inputs: full``), which is marked E.

    Returns reporting_unit, time_period, code, score, max_score, obs_status.
    """
    tables = []
    for code, indicator in framework["indicators"].items():
        rule = indicator.get("points")
        if rule is None:
            continue
        rows = values[values["indicator"] == code]
        score = rule["max"] * (rows["obs_value"] / rule["full_mark_at"]).clip(upper=1)
        status = rows["obs_status"].copy()
        empty = status == "M"
        given = {"zero": 0.0, "full": float(rule["max"]), "none": np.nan}[rule["zero_denominator"]]
        score = score.mask(empty, given)
        if rule.get("without_inputs") == "full":
            # assumed only for units that the source lists with this indicator, see obs_status O
            assumed = (status == "O") & rows["listed"]
            score, status = score.mask(assumed, float(rule["max"])), status.mask(assumed, "E")
        tables.append(
            rows[["reporting_unit", "time_period"]].assign(
                code=code, score=score, max_score=float(rule["max"]), obs_status=status
            )
        )
    return pd.concat(tables, ignore_index=True)


def aggregate(scored: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """Add dimension and framework sums.

    A sum is given only where all its parts are known (``missing_children: none``); ``coverage``
    is the share of its maximum that could be computed.

    Returns schema.SCORES without ranks.
    """
    parent = {c: i["dimension"] for c, i in framework["indicators"].items()}
    indicator = scored.assign(level="indicator", coverage=scored["score"].notna().astype(float))
    dimension = _sum(scored.assign(parent=scored["code"].map(parent)), "dimension")
    whole = _sum(
        scored.assign(parent=framework["framework"]), "framework"
    )  # over indicators: the sum of sums is the same and coverage stays in points
    table = pd.concat([indicator, dimension, whole], ignore_index=True)
    return shaped(table.assign(framework=framework["framework"]), SCORES)


def _sum(children: pd.DataFrame, level: str) -> pd.DataFrame:
    children = children.assign(known=children["max_score"].where(children["score"].notna(), 0.0))
    order = pd.CategoricalDtype(["A", "P", "E", "M", "O", "V"], ordered=True)
    children = children.assign(obs_status=children["obs_status"].astype(order))
    table = children.groupby(["reporting_unit", "time_period", "parent"], sort=False).agg(
        score=("score", lambda s: s.sum(skipna=False)),
        max_score=("max_score", "sum"),
        known=("known", "sum"),
        obs_status=("obs_status", "max"),
    )
    # with a score, the status says how firm it is: a part with nothing to measure weakens nothing
    softer = table["score"].notna() & table["obs_status"].isin(["M", "O", "V"])
    firm = children[children["obs_status"].isin(["A", "P", "E"])]
    firmest = firm.groupby(["reporting_unit", "time_period", "parent"], sort=False)["obs_status"]
    firmest = firmest.max().astype(object).reindex(table.index)
    status = table["obs_status"].astype(object).mask(softer & firmest.notna(), firmest)
    table = table.assign(obs_status=status, coverage=table["known"] / table["max_score"])
    return table.reset_index().rename(columns={"parent": "code"}).assign(level=level)


def rank(scores: pd.DataFrame, peer_types: dict[str, str]) -> pd.DataFrame:
    """Rank units among peers of their type, best first, ties sharing the lowest place.

    Scores are rounded to 9 decimals first so that float noise breaks no tie. ``ranked`` says how
    many units the rank is among; units without a score have no rank.
    """
    scores = scores.assign(peer_type=scores["reporting_unit"].map(peer_types))
    groups = ["framework", "time_period", "level", "code", "peer_type"]
    tidy = scores["score"].round(9)
    place = tidy.groupby([scores[g] for g in groups]).rank(method="min", ascending=False)
    count = scores.groupby(groups)["score"].transform("count")
    return scores.assign(rank=place, ranked=count.where(place.notna()))


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
