"""Values against targets: which commitments hold on a day, for whom, and whether they are kept.

Targets are data (``codelists/targets.csv``). A target that rests on memory alone gets no verdict
unless the period says that such targets may be used: nobody is to be told in public that a number
was missed which nobody has found in the text of the resolution.
"""

from datetime import date

import pandas as pd

from analysis.schema.tables import ASSESSMENTS

VERDICTS = (
    "met",
    "not_met",
    "not_due",
    "no_data",
    "nothing",
    "no_data_this_cycle",
    "no_baseline",
    "unverified",
    "note",
)
UNVERIFIED = ("from_memory", "unverified")
"""Certainties of what no text confirms: listed, never judged without the switch."""
_GAINS = ("gain_at_least", "gain_range", "raise_score_keep_rank")
_NOISE = 1e-9


def holding(targets: pd.DataFrame, framework: str, on: date) -> pd.DataFrame:
    """The targets of a framework that are followed on ``on``.

    Those that are announced and not yet past; of targets that are past only the latest for each
    indicator and addressee, and only where none is pending.
    """
    day = pd.Timestamp(on)
    held = targets[(targets["framework"] == framework) & (targets["since"] <= day)]
    pending = held["due"].isna() | (held["due"] >= day)
    who = ["indicator", "unit_types", "units"]
    latest = held[~pending].sort_values("due").drop_duplicates(who, keep="last")
    asked = pd.MultiIndex.from_frame(held.loc[pending, who])
    past = latest[~pd.MultiIndex.from_frame(latest[who]).isin(asked)]
    return held.loc[[*held.index[pending], *past.index]].sort_index()


ROLLED = ("changed", "same_value", "new", "going_on", "ended")
"""What becomes of a target when a resolution rolls over: another value follows it, the same value
with another day, there was none before, it began earlier and has not ended, or nothing follows."""


def rolled_over(targets: pd.DataFrame, framework: str, on: date) -> pd.DataFrame:
    """For each indicator and addressee of a framework the target that ended last beside the one
    that holds on ``on``.

    Of several that hold it is the one whose day is nearest, of one day the one announced last; one
    of that same day which was announced before counts as the one before it. What ended more than
    two years before ``on`` with nothing after it is left out.

    Returns
    -------
    ``indicator``, ``unit_types``, ``units``; ``before`` and ``now``: codes of targets, missing
    where there is none; ``state`` (:data:`ROLLED`).
    """
    day, rows = pd.Timestamp(on), []
    known = targets[(targets["framework"] == framework) & (targets["since"] <= day)]
    known = known.sort_values(["since", "due"], kind="stable")
    for key, own in known.groupby(["indicator", "unit_types", "units"], sort=False, dropna=False):
        pending = own[own["due"].isna() | (own["due"] >= day)]
        nearest = pending[pending["due"].fillna(pd.Timestamp.max) == _nearest(pending)]
        past = own[own["due"] < day].sort_values("due", kind="stable")
        now, before = nearest.tail(1), pd.concat([past, nearest.iloc[:-1]]).tail(1)
        if now.empty and (before["due"] < day - pd.DateOffset(years=2)).all():
            continue
        codes = [t["code"].item() if len(t) else None for t in (before, now)]
        rows.append((*key, *codes, _rolled(before, now, day)))
    columns = ["indicator", "unit_types", "units", "before", "now", "state"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _nearest(pending: pd.DataFrame) -> pd.Timestamp:
    days = pending["due"].fillna(pd.Timestamp.max)
    return days.min() if len(days) else pd.NaT


def _rolled(before: pd.DataFrame, now: pd.DataFrame, day: pd.Timestamp) -> str:
    if now.empty:
        return "ended"
    if before.empty:
        fresh = now["since"].item() > day - pd.DateOffset(years=1)
        return "new" if fresh else "going_on"
    asked = [side[["kind", "low", "high"]].astype(object).fillna("") for side in (before, now)]
    return "same_value" if (asked[0].iloc[0] == asked[1].iloc[0]).all() else "changed"


def assess(
    values: pd.DataFrame,
    targets: pd.DataFrame,
    types: dict[str, str],
    on: date,
    unverified: bool = False,
) -> pd.DataFrame:
    """Each unit's value beside each target that is addressed to it.

    Parameters
    ----------
    values
        reporting_unit, indicator, obs_value; ``obs_status``, where it is known that there was
        nothing to measure (M); for ranks also ``score``, ``baseline`` (the rank before) and
        ``baseline_score`` where they are known; ``ended`` where a publisher has stopped, so that no
        value can come.
    targets
        See :func:`holding`.
    types
        Unit → type. A target addressed to no type and no unit is for the nation and asks nobody
        here; give its values under a unit of its own and that unit's code in ``units``.
    unverified
        Whether targets from memory may be judged.

    Returns
    -------
    schema.ASSESSMENTS. ``gap``: by how much the value is on the good (+) or bad (−) side of the
    bound, in the target's unit of measure; for ranks in ranks.
    """
    asked = targets.rename(columns={"code": "target", "baseline": "stated_baseline"})
    held = values.drop(columns="framework", errors="ignore")
    rows = held.assign(unit_type=held["reporting_unit"].map(types)).merge(asked, on="indicator")
    rows = rows[_addressed(rows)].reset_index(drop=True)
    for column in ("score", "baseline", "baseline_score"):
        if column not in rows:
            rows[column] = float("nan")
    rows["ended"] = rows["ended"] if "ended" in rows else False
    rows["baseline"] = rows["stated_baseline"].fillna(rows["baseline"]).astype(float)
    rows = rows.assign(gap=_gap(rows))
    return ASSESSMENTS.take(rows.assign(verdict=_verdict(rows, on, unverified)))


def _addressed(rows: pd.DataFrame) -> pd.Series:
    def named(column: str, lists: str) -> list[bool]:
        return [own in held.split("|") for own, held in zip(rows[column], rows[lists], strict=True)]

    found = pd.DataFrame(
        {"type": named("unit_type", "unit_types"), "unit": named("reporting_unit", "units")},
        index=rows.index,
        dtype=bool,
    )
    return found.any(axis=1)


def _gap(rows: pd.DataFrame) -> pd.Series:
    value, low, high = rows["obs_value"], rows["low"], rows["high"]
    gain = rows["baseline"] - value
    upper = rows["kind"].isin(["at_most", "below", "top_n"])
    upper |= rows["kind"].isin(["range", "about"]) & (rows["direction"] < 0)
    gap = (value - low).mask(upper, high - value)
    gap = gap.mask(rows["kind"].isin(["gain_at_least", "gain_range"]), gain - low)
    gap = gap.mask(rows["kind"] == "raise_score_keep_rank", gain)
    return gap.mask(rows["kind"].isin(["started_by", "note"]))


def _verdict(rows: pd.DataFrame, on: date, unverified: bool) -> pd.Series:
    kept = rows["gap"] >= -_NOISE
    kept = kept.mask(rows["kind"] == "below", rows["gap"] > _NOISE)
    kept = kept.mask(rows["kind"] == "started_by", rows["obs_value"] > 0)
    raised = rows["score"] > rows["baseline_score"]
    kept = kept.mask(rows["kind"] == "raise_score_keep_rank", kept & raised).astype(bool)
    due = rows["due"].notna() & (rows["due"] <= pd.Timestamp(on))
    verdict = pd.Series("not_due", index=rows.index)
    verdict = verdict.mask(due | (rows["due"].isna()), "not_met").mask(kept, "met")
    verdict = verdict.mask(rows["obs_value"].isna(), "no_data")
    verdict = verdict.mask(rows["obs_value"].isna() & rows["ended"], "no_data_this_cycle")
    if "obs_status" in rows:
        verdict = verdict.mask(rows["obs_value"].isna() & rows["obs_status"].eq("M"), "nothing")
    lacking = rows["kind"].isin(_GAINS) & rows["baseline"].isna()
    lacking |= (rows["kind"] == "raise_score_keep_rank") & (
        rows["score"].isna() | rows["baseline_score"].isna()
    )
    verdict = verdict.mask(lacking & rows["obs_value"].notna(), "no_baseline")
    verdict = verdict.mask(rows["kind"] == "note", "note")
    if unverified:
        return verdict
    return verdict.mask(rows["certainty"].isin(UNVERIFIED), "unverified")


def counts(assessments: pd.DataFrame) -> pd.DataFrame:
    """How many units keep each target: target, one column for each verdict, judged, addressed."""
    wide = pd.crosstab(assessments["target"], assessments["verdict"])
    wide = wide.reindex(columns=list(VERDICTS), fill_value=0)
    judged = wide[["met", "not_met", "not_due"]].sum(axis=1)
    return wide.assign(judged=judged, addressed=wide.sum(axis=1)).reset_index()
