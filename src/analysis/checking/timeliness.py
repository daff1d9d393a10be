"""Who reports on time, in full and without mending: per form and period, and over periods.

What a form is worth to the reader decides: a file that cannot be read is not yet a report, and a
later correction of one that could be read is a revision, not lateness.
"""

import pandas as pd
import scipy

from analysis.schema.tables import TIMELINESS, still_open

STATES = ("on_time", "late", "undated", "refused", "missing")
"""What became of a form that was due. ``undated``: nobody noted the day on which it came."""
_UNIT = ["reporting_unit", "form"]


def records(
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    issues: pd.DataFrame,
    due: dict[str, pd.DataFrame],
    time_period: str,
    deadline: object,
) -> pd.DataFrame:
    """One row for each form due in a period.

    Parameters
    ----------
    submissions, observations, issues
        schema.SUBMISSIONS, schema.OBSERVATIONS, schema.ISSUES of the period.
    due
        Form → the units that must send it.
    deadline
        The day by which it is due; None where the regime names none (then nothing is late).

    Returns
    -------
    schema.TIMELINESS. ``days_late``: days from the deadline to the first usable file, negative when
    it came before; ``completeness``: percent of the form's figures that were accepted;
    ``blocking``: issues to be mended.
    """
    asked = [(u, form) for form, units in due.items() for u in units["code"]]
    table = pd.DataFrame(asked, columns=_UNIT).set_index(_UNIT)
    usable = submissions[submissions["state"].isin(["in_force", "superseded"])]
    usable = _for_each_unit(usable, observations)
    first = usable.groupby(_UNIT)["first_received_at"].min()
    files = usable.groupby(_UNIT).size()
    tried = submissions[submissions["state"] == "refused"].groupby(_UNIT).size()
    figures = observations.assign(held=observations["obs_value"].notna())
    figures = figures[figures["obs_status"] != "M"].groupby(_UNIT)["held"].agg(["sum", "size"])
    asked = still_open(issues)
    blocking = asked[(asked["severity"] == "blocking") & (asked["rule"] != "not_received")]
    table = table.assign(
        received_at=pd.to_datetime(first.reindex(table.index)),
        revisions=(files - 1).reindex(table.index).fillna(0).astype(int),
        completeness=(100 * figures["sum"] / figures["size"]).reindex(table.index),
        blocking=blocking.groupby(_UNIT).size().reindex(table.index).fillna(0).astype(int),
        files=files.reindex(table.index).fillna(0),
        tried=tried.reindex(table.index).fillna(0),
    )
    day = pd.Timestamp(deadline) if deadline else pd.NaT
    days = (table["received_at"].dt.normalize() - day).dt.days
    state = pd.Series("on_time", index=table.index).mask(days > 0, "late")
    state = state.mask(table["received_at"].isna(), "undated")
    state = state.mask(table["files"] == 0, "missing")
    state = state.mask((table["files"] == 0) & (table["tried"] > 0), "refused")
    table = table.assign(days_late=days, state=state, time_period=time_period).reset_index()
    return TIMELINESS.take(table)


def _for_each_unit(files: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Files, one row for each unit of which they hold figures: some are sent for many units."""
    joint = files["reporting_unit"].isna()
    if not joint.any():
        return files
    place = ["source_file", "form"]
    held = observations[[*place, "reporting_unit"]].drop_duplicates()
    shared = files[joint].drop(columns="reporting_unit").merge(held, on=place)
    return pd.concat([files[~joint], shared], ignore_index=True)


def dated(held: pd.DataFrame) -> bool:
    """Whether it is known of any form when it came: else nobody was late, and nobody on time."""
    return bool(held["state"].isin(["on_time", "late"]).any())


def league(held: pd.DataFrame, min_due: int, confidence: float = 0.95) -> pd.DataFrame:
    """Units over all forms and periods that were due, the most punctual first.

    Parameters
    ----------
    held
        schema.TIMELINESS of one or more periods; forms whose day is unknown are not counted, and
        where no day is known at all nobody is ranked.
    min_due
        With fewer forms due a unit gets no rank: a share of one or two says nothing.

    Returns
    -------
    reporting_unit, due, on_time, share (percent) with the Wilson interval ``low``, ``high``
    (Wilson 1927), median_days_late, completeness (percent; a form that did not come counts as 0),
    revisions, blocking, rank (equal shares share the best place), ranked.
    """
    known = held[held["state"] != "undated"] if dated(held) else held.iloc[:0]
    counted = known.assign(
        on_time=known["state"] == "on_time", completeness=known["completeness"].fillna(0.0)
    )
    grouped = counted.groupby("reporting_unit", sort=False)
    table = grouped.agg(
        due=("state", "size"),
        on_time=("on_time", "sum"),
        median_days_late=("days_late", "median"),
        completeness=("completeness", "mean"),
        revisions=("revisions", "sum"),
        blocking=("blocking", "sum"),
    ).reset_index()
    interval = [
        scipy.stats.binomtest(int(k), int(n)).proportion_ci(confidence, method="wilson")
        for k, n in zip(table["on_time"], table["due"], strict=True)
    ]
    table = table.assign(
        share=100 * table["on_time"] / table["due"],
        low=[100 * i.low for i in interval],
        high=[100 * i.high for i in interval],
    )
    enough = table["due"] >= min_due
    table["rank"] = table["share"].where(enough).rank(ascending=False, method="min")
    table["ranked"] = int(enough.sum())
    order = ["share", "completeness", "due"]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def carried_over(
    observations: pd.DataFrame, previous: pd.DataFrame, forms: dict, units: list[str]
) -> pd.DataFrame:
    """Opening stocks beside the closing stocks of the period before (rule ``equals_previous``).

    Returns reporting_unit, form, item, opening, closing, rows, rows_apart, apart: sums over the
    rows that both periods have, how many rows these are and how many disagree, and the sum of the
    differences without their sign, since what one row lacks another's surplus does not make good.
    Empty where no form has such a rule or there is no period before.
    """
    asked = [
        (form, r["item"], r["previous_item"])
        for form, described in forms.items()
        for r in described["rules"]
        if r["kind"] == "equals_previous"
    ]
    stocks = pd.DataFrame(asked, columns=["form", "item", "previous_item"], dtype=object)
    key = ["reporting_unit", "form", "level", "field", "item"]
    now = observations[[*key, "obs_value"]].merge(stocks, on=["form", "item"])
    then = previous[[*key, "obs_value"]].rename(columns={"item": "previous_item"})
    both = now.merge(then, on=[*key[:-1], "previous_item"], suffixes=("", "_before"))
    both = both[(both["field"] != "_T") & both["reporting_unit"].isin(units)]
    both = both.dropna(subset=["obs_value", "obs_value_before"])
    gap = (both["obs_value"] - both["obs_value_before"]).abs()
    both = both.assign(gap=gap, disagrees=gap > 0)
    return both.groupby(["reporting_unit", "form", "item"], sort=False, as_index=False).agg(
        opening=("obs_value", "sum"),
        closing=("obs_value_before", "sum"),
        rows=("gap", "size"),
        rows_apart=("disagrees", "sum"),
        apart=("gap", "sum"),
    )
