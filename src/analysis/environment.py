"""International figures beside the targets of Resolutions; published scores computed again."""

from datetime import date

import pandas as pd

from analysis import normalise, series, targets


def follow(
    figures: pd.DataFrame,
    listed: pd.DataFrame,
    asked: pd.DataFrame,
    on: date,
    unverified: bool = False,
) -> pd.DataFrame:
    """Each target of a nation beside the edition that it is judged by.

    Parameters
    ----------
    figures, listed
        :func:`series.usable` figures of one economy; :func:`series.listed`.
    asked
        Targets that are followed (:func:`targets.holding`); notes are left out.
    on
        The day of the verdict; figures of later years are not looked at.

    Returns
    -------
    The targets with the columns of :func:`series.beside` (``before``, ``before_edition``: the
    newest figure when the target was set), gap and verdict.
    """
    asked = asked[asked["kind"] != "note"]
    values = series.beside(figures, listed, asked, on)
    economies = "|".join(values["reporting_unit"].unique())
    # each target has its own edition and baseline: its code stands for the indicator
    own = asked.assign(indicator=asked["code"], units=economies, unit_types="")
    judged = targets.assess(values.rename(columns={"target": "indicator"}), own, {}, on, unverified)
    found = values.rename(columns={"baseline": "before", "baseline_edition": "before_edition"})
    verdicts = judged[["target", "gap", "verdict"]]
    return asked.merge(found.merge(verdicts, on="target"), left_on="code", right_on="target")


def rescored(table: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Score the measures of Doing Business again: (worst − value) ÷ (worst − best) × 100, cut at
    both ends; where the rules give an exponent, the share is raised to it.

    Returns ``table`` with ``score`` and ``score_low``, ``score_high``: what the score may be, since
    a printed value stands for all that round to it.
    """
    half, parts = rules["printed_to"] / 2, []
    for measure, rows in table.groupby("measure", sort=False):
        rule = rules["measures"][measure]
        (worst, best), power = rule["goalposts"], rule.get("exponent", 1)
        values = {shift: rows["value"] + shift for shift in (-half, 0.0, half)}
        shares = {s: normalise.goalposts(v, best, worst, (0.0, 1.0)) for s, v in values.items()}
        found = {shift: 100 * share**power for shift, share in shares.items()}
        ends = pd.DataFrame(found)
        low, high = ends.min(axis=1), ends.max(axis=1)
        parts.append(rows.assign(score=found[0.0], score_low=low, score_high=high))
    return pd.concat(parts)
