"""How alike the interviews of one interviewer are, and what that costs in precision.

One-way random effects: a value is the mean of all, what is of its interviewer, and what is its own.
The intraclass correlation ρ is the part of the variance that is of interviewers.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

MIN_INTERVIEWS = 2
"""So many interviews make an interviewer one of those compared."""


class Intraclass(NamedTuple):
    """ρ with its interval, and what it rests on."""

    groups: int
    values: int
    estimate: float
    ci_low: float
    ci_high: float
    workload: float


def intraclass(values: np.ndarray, groups: np.ndarray, level: float = 0.95) -> Intraclass:
    """ρ = (MSB − MSW) ÷ (MSB + (n₀ − 1) MSW), by the analysis of variance (Searle, Casella &
    McCulloch 1992, 3.6), n₀ = (N − Σnᵢ²/N) ÷ (k − 1).

    Limits from those of F = MSB ÷ MSW: (F/q − 1) ÷ (F/q + n₀ − 1), q the quantiles of F(k − 1,
    N − k). They are exact for normal values and equal workloads; else n₀ stands for the common
    one. ``workload`` is Σnᵢ² ÷ N: the interviews of the interviewer of an interview (Kish 1962).
    Groups of fewer than MIN_INTERVIEWS values do not count. ρ may come out below 0, which says that
    there is none.
    """
    table = pd.DataFrame({"y": np.asarray(values, float), "g": np.asarray(groups)}).dropna()
    table = table[table.groupby("g")["y"].transform("size") >= MIN_INTERVIEWS]
    own = table.groupby("g")["y"].agg(["size", "mean"])
    n, k, total = own["size"].to_numpy(float), len(own), len(table)
    nothing = Intraclass(k, total, np.nan, np.nan, np.nan, np.nan)
    if k < 2 or total <= k:
        return nothing
    within = table["y"] - table["g"].map(own["mean"])
    low = float((within**2).sum()) / (total - k)
    high = float(n @ (own["mean"] - table["y"].mean()).to_numpy() ** 2) / (k - 1)
    if not low > 1e-12 * max(high, float(table["y"].var())):
        return nothing
    size = (total - float(n @ n) / total) / (k - 1)
    ratio = high / low
    ends = scipy.stats.f.ppf([(1 + level) / 2, (1 - level) / 2], k - 1, total - k)
    limits = [_of_ratio(ratio / q, size) for q in ends]
    return Intraclass(k, total, _of_ratio(ratio, size), *limits, float(n @ n) / total)


def _of_ratio(ratio: float, size: float) -> float:
    return float((ratio - 1) / (ratio + size - 1))


def values(answers: pd.DataFrame, judged: pd.DataFrame, measures: list[str]) -> pd.DataFrame:
    """What is compared, one row per interview with an interviewer: interviewer, ``seconds`` (the
    logarithm of the time per question), ``unanswered`` (share of the questions) and the measures.

    A measure of an interview is the mean, over its answers, of the logarithm less that of all
    answers about the same group of procedures: which procedures a firm did is not the interviewer's
    doing, and a few large costs decide nothing. Answers of 0 are left out.
    """
    held = judged[judged["accepted"] > 0].dropna(subset=["interviewer"])
    table = held[["response", "interviewer"]].assign(
        seconds=np.log(held["seconds"].clip(lower=1)),
        unanswered=held["unanswered"] / held["asked"].where(held["asked"] > 0),
    )
    for name in measures:
        logs = np.log(answers[name].where(answers[name] > 0))
        apart = logs - logs.groupby(answers["procedure_group"]).transform("mean")
        table[name] = table["response"].map(apart.groupby(answers["response"]).mean())
    return table.drop(columns="response").reset_index(drop=True)


def effects(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """ρ of each column of ``table`` (:func:`values`) with its interval, and the design effect of
    interviewers on a mean, 1 + (Σnᵢ²/N − 1)·ρ (Kish 1962), which is at least 1.

    Returns measure, interviewers, interviews, estimate, ci_low, ci_high, workload, design_effect,
    effect_low, effect_high; the estimates are missing where fewer than ``least`` interviewers have
    two interviews, or nothing varies.
    """
    rows = []
    for name in table.columns.drop("interviewer"):
        found = intraclass(table[name], table["interviewer"])
        told = [found.estimate, found.ci_low, found.ci_high]
        if found.groups < least:
            told = [np.nan] * 3
        effect = [1 + (found.workload - 1) * max(rho, 0) for rho in told]
        rows.append((name, found.groups, found.values, *told, found.workload, *effect))
    columns = ["measure", "interviewers", "interviews", "estimate", "ci_low", "ci_high"]
    columns += ["workload", "design_effect", "effect_low", "effect_high"]
    table = pd.DataFrame(rows, columns=columns)
    missing = table["estimate"].isna()
    kept = table[["design_effect", "effect_low", "effect_high"]].mask(missing)
    return table.assign(**kept)
