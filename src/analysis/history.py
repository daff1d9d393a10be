"""One framework over several periods: recast to the units of one day, method told from change."""

from datetime import date

import pandas as pd

from analysis import catalogue as cat
from analysis import composite, explain, indicators, pipeline, recast
from analysis.pipeline import Loaded

SCORES = ["time_period", "reporting_unit", "level", "code", "score", "rank", "ranked", "recast"]


def periods(period: Loaded, code: str | None = None, most: int = 12) -> list[Loaded]:
    """The period and those before it that use the framework, the earliest first.

    A gap ends the series; so does another regime, whose periods cover other days.
    """
    code = code or period.framework()["framework"]
    found, place = [period], cat.Place(period.root)
    while len(found) < most:
        before = found[-1].plan.period.previous.code
        if not (place.submissions(before) / "period.yml").exists():
            break
        plan = cat.plan(before, period.catalogue, period.root)
        if plan.regime != period.plan.regime or code not in plan.frameworks:
            break
        found.append(pipeline.load(before, period.root, period.catalogue))
    return found[::-1]


def scores(period: Loaded, code: str | None = None, on: date | None = None) -> pd.DataFrame:
    """Scores of the framework over its periods for the units that exist on ``on``.

    Parameters
    ----------
    on
        The day whose units are wanted; the last day of ``period`` if not given.

    Returns
    -------
    SCORES; ``recast`` says how the unit's figures of that period came about (see
    :func:`recast_scores`).
    """
    on = on or period.plan.end
    return pd.concat(
        [recast_scores(held, on, code) for held in periods(period, code)], ignore_index=True
    )


def recast_scores(period: Loaded, on: date, code: str | None = None) -> pd.DataFrame:
    """Scores of one period for the units of another day: counts added, rates computed anew.

    Returns SCORES. ``recast``: unchanged (the same unit), summed (all counts of all parts are
    there), incomplete (a part is missing), not_additive (a figure does not add over units) or
    not_recastable (functions moved); the last three have gaps where that is so.
    """
    framework = period.framework(code)
    own = period.tables.scores
    held = own[own["framework"] == framework["framework"]].assign(recast="unchanged")
    if on == period.plan.end:
        return held.reindex(columns=SCORES)
    mapping = mapped(period, on)
    if (mapping["parts"] == 1).all() and mapping["recastable"].all():
        names = mapping.set_index("reporting_unit")["target"]
        held = held.assign(reporting_unit=held["reporting_unit"].map(names))
        return held.dropna(subset=["reporting_unit"]).reindex(columns=SCORES)
    totals = period.tables.totals
    totals = totals[totals["reporting_unit"].isin(mapping["reporting_unit"])]
    items = {
        item: described
        for form in period.plan.forms
        for item, described in period.catalogue.forms[form]["items"].items()
    }
    moved = recast.recast(totals, mapping, items)
    units = mapping["target"].drop_duplicates().tolist()
    values = indicators.compute(moved, framework, units, _levels_recast(period, mapping, items))
    types = period.catalogue.units_on(on).set_index("code")["type"].to_dict()
    built = composite.build(values, framework, types)
    outcome = pd.Categorical(moved["recast"], recast.OUTCOMES, ordered=True)
    how = moved.assign(recast=outcome).groupby("reporting_unit")["recast"].max().astype(object)
    table = built.scores.astype({"reporting_unit": object, "level": object, "code": object})
    table = table.assign(
        time_period=period.plan.code,
        recast=table["reporting_unit"].map(how).fillna("incomplete"),
    )
    return table.reindex(columns=SCORES)


def _levels_recast(period: Loaded, mapping: pd.DataFrame, items: dict) -> pd.DataFrame:
    """The totals of each level of the forms for the targets of ``mapping``."""
    held = period.tables.level_totals
    held = held[held["reporting_unit"].isin(mapping["reporting_unit"])]
    moved = [recast.recast(g, mapping, items).assign(level=lv) for lv, g in held.groupby("level")]
    return pd.concat(moved, ignore_index=True) if moved else held


def mapped(period: Loaded, on: date) -> pd.DataFrame:
    """What the units due in the period have become by ``on`` (:func:`analysis.recast.mapping`)."""
    held = period.catalogue
    table = recast.mapping(held.units, period.plan.end, on, held.transfers)
    return table[table["reporting_unit"].isin(period.due["code"])].reset_index(drop=True)


def method_effect(period: Loaded, code: str | None = None) -> pd.DataFrame:
    """Change on the period before, split into what was done and what the rules changed.

    Returns reporting_unit, earlier, later, real, method (:func:`analysis.explain.method_effect`)
    and ``comparable``: whether scales are fixed, so that a score moves only with the unit's own
    figures. Empty where there is no period before.
    """
    found = periods(period, code, most=2)
    if len(found) < 2:
        columns = ["reporting_unit", "earlier", "later", "real", "method", "comparable"]
        return pd.DataFrame(columns=columns)
    before, now = found[0].framework(code), period.framework(code)
    types = dict(zip(period.due["code"], period.due["type"], strict=True))
    same = _whole(period.tables.scores, now)
    if before != now:
        units = period.due["code"].tolist()
        held = period.tables
        values = indicators.compute(held.totals, before, units, held.level_totals)
        same = _whole(composite.build(values, before, types).scores, before)
    table = explain.method_effect(
        _whole(found[0].tables.scores, before), same, _whole(period.tables.scores, now)
    )
    return table.assign(comparable=explain.comparable(now))


def _whole(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    held = (table["level"] == "framework") & (table["framework"] == framework["framework"])
    return table.loc[held, ["reporting_unit", "score"]]
