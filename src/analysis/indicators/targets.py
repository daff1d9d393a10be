"""Values against targets: which commitments hold on a day, for whom, and whether they are kept.

Targets are data (``codelists/targets.csv``). A target that rests on memory alone gets no verdict
unless the period says that such targets may be used: nobody is to be told in public that a number
was missed which nobody has found in the text of the resolution.
"""

from datetime import date

import numpy as np
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
_ASKED = ["code", "framework", "indicator", "unit_types", "units", "kind", "low", "high"]
_ASKED += ["baseline", "direction", "due", "certainty"]


def holding(targets: pd.DataFrame, framework: str, on: date) -> pd.DataFrame:
    """The targets of a framework that are followed on ``on``.

    Those that are announced and not yet past; of targets that are past only the latest for each
    indicator and addressee, and only where none is pending.
    """
    day = pd.Timestamp(on)
    known = (targets["framework"] == framework) & (targets["since"] <= day)
    rows = targets.loc[known, ["indicator", "unit_types", "units", "due"]]
    pending, latest = set(), {}  # addressee and indicator; of those that are past: the row
    kept = []
    for row, *who, due in rows.sort_values("due", kind="stable").itertuples(name=None):
        if pd.isna(due) or due >= day:
            pending.add((*who,))
            kept.append(row)
        else:
            latest[(*who,)] = row
    kept += [row for who, row in latest.items() if who not in pending]
    return targets.loc[sorted(kept)]


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
    asked = targets[_ASKED].rename(columns={"code": "target", "baseline": "stated_baseline"})
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
    kind, gain = rows["kind"].astype(object), rows["baseline"] - value
    upper = kind.isin(["at_most", "below", "top_n"])
    upper |= kind.isin(["range", "about"]) & (rows["direction"] < 0)
    by_kind = [
        (kind.isin(["started_by", "note"]), float("nan")),
        (kind == "raise_score_keep_rank", gain),
        (kind.isin(["gain_at_least", "gain_range"]), gain - low),
        (upper, high - value),
    ]
    conditions, gaps = zip(*by_kind, strict=True)
    return pd.Series(np.select(conditions, gaps, value - low), index=rows.index)


def _verdict(rows: pd.DataFrame, on: date, unverified: bool) -> pd.Series:
    """The first of these that holds; not due where none does."""
    kind, none, gap = rows["kind"].astype(object), rows["obs_value"].isna(), rows["gap"]
    ranked = kind == "raise_score_keep_rank"
    raised = rows["score"] > rows["baseline_score"]
    enough = gap >= -_NOISE
    kept = np.select(
        [ranked, kind == "started_by", kind == "below"],
        [enough & raised, rows["obs_value"] > 0, gap > _NOISE],
        enough,
    )
    lacking = kind.isin(_GAINS) & rows["baseline"].isna()
    lacking |= ranked & (rows["score"].isna() | rows["baseline_score"].isna())
    nothing = rows["obs_status"].eq("M") if "obs_status" in rows else False
    verdicts = {
        "unverified": rows["certainty"].isin(UNVERIFIED) & (not unverified),
        "note": kind == "note",
        "no_baseline": lacking & ~none,
        "nothing": none & nothing,
        "no_data_this_cycle": none & rows["ended"],
        "no_data": none,
        "met": kept,
        "not_met": rows["due"].isna() | (rows["due"] <= pd.Timestamp(on)),
    }
    held = [np.asarray(holds, bool) for holds in verdicts.values()]
    return pd.Series(np.select(held, list(verdicts), "not_due"), index=rows.index)


def counts(assessments: pd.DataFrame) -> pd.DataFrame:
    """How many units keep each target: target, one column for each verdict, judged, addressed."""
    found = assessments.groupby(["target", "verdict"], observed=True).size()
    wide = found.unstack(fill_value=0).reindex(columns=list(VERDICTS), fill_value=0)
    judged = wide[["met", "not_met", "not_due"]].sum(axis=1)
    return wide.assign(judged=judged, addressed=wide.sum(axis=1)).reset_index()
