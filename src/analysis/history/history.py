"""One framework over several periods: recast to the units of one day, method told from change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice

import pandas as pd

from analysis import period as a_period
from analysis import pipeline, project
from analysis.catalogue import frameworks, plans
from analysis.catalogue.periods import Period, parse
from analysis.checking import timeliness
from analysis.indicators import indicators, recast
from analysis.lineage import store
from analysis.period import Loaded, load, plan_of
from analysis.schema.tables import INDICATOR_VALUES
from analysis.scoring import composite, explain, panel, score

SCORES = ["time_period", "reporting_unit", "level", "code", "score", "max_score", "peer_type"]
SCORES += ["rank", "ranked", "measured", "recast"]


@dataclass(frozen=True)
class Totals:
    """The total of the period's main framework over its periods, for the units of the period.

    ``scores``: SCORES of the whole; ``peer_scores``: time_period and schema.PEER_SCORES.
    """

    scores: pd.DataFrame
    peer_scores: pd.DataFrame


def periods(
    period: Loaded, code: str | None = None, most: int = 12, gaps: bool = False
) -> list[Loaded]:
    """The period and those before it that use the framework, the earliest first.

    Another regime ends the series: its periods cover other days. So does a gap, unless ``gaps``
    says that the periods beyond it are wanted too.
    """
    code = code or period.framework()["framework"]
    found = [period]
    for plan in _earlier(period, gaps):
        if len(found) == most or code not in plan.frameworks:
            break
        found.append(load(plan.key, period.root, period.catalogue))
    return found[::-1]


def followed_before(period: Loaded, code: str | None = None) -> bool:
    """Whether :func:`periods` beyond gaps are more than one; asks their plans, loads none."""
    code = code or period.framework()["framework"]
    before = next(_earlier(period, gaps=True), None)
    return before is not None and code in before.frameworks


def before(period: Loaded) -> Loaded | None:
    """The last period before, of the same series, frequency and regime, whatever it is followed by;
    None without one, or where one of the two is made by machine and the other is not."""
    plan = next(_earlier(period, gaps=True), None)
    if plan is None or plan.synthetic != period.plan.synthetic:
        return None
    return load(plan.key, period.root, period.catalogue)


def _earlier(period: Loaded, gaps: bool) -> Iterator[plans.PeriodPlan]:
    """Plans of the periods before, of the same series, frequency and regime, the latest first.

    One for which nothing was sent is a gap.
    """
    place = project.Place(period.root)
    folder = place.submissions(period.plan.code).parent
    own, expected = period.plan.period, period.plan.period.previous
    known = [_parsed(path.parent.name) for path in folder.glob("*/period.yml")]
    kind = (own.series, own.frequency)
    known = [p for p in known if p and (p.series, p.frequency) == kind]
    before = [p for p in known if (p.year, p.index) < (own.year, own.index)]
    for found in sorted(before, key=lambda p: (p.year, p.index), reverse=True):
        if found != expected and not gaps:
            return
        plan = plan_of(found.code, period.plan, period.catalogue, period.root)
        if plan.regime != period.plan.regime:
            return
        if pipeline.begun(plan, place):
            yield plan
            expected = found.previous


def _parsed(code: str) -> Period | None:
    try:
        return parse(code)
    except ValueError:
        return None


def submissions(period: Loaded, most: int = 12) -> pd.DataFrame:
    """What became of each form due in the period and those before it, whatever their frameworks.

    Punctuality is not recast: it is that of a unit, not of the ground it covers. Earlier periods
    show the units of this one that existed then; those that have been merged are left out, also
    where their code lives on in another unit.

    Returns schema.TIMELINESS.
    """
    before = list(islice(_earlier(period, gaps=True), most - 1))
    held = [period, *(load(p.key, period.root, period.catalogue) for p in before)]
    found = [_timeliness(one, period.plan.units_on) for one in held[::-1]]
    return pd.concat(found, ignore_index=True)


def _timeliness(period: Loaded, on: date) -> pd.DataFrame:
    """schema.TIMELINESS of a period for those of its units that still exist on ``on``."""
    plan, tables = period.plan, period.tables
    same = period.catalogue.same_units(plan.units_on, on)
    due = {f: plans.due_units(period.catalogue, plan, f) for f in plan.forms}
    due = {form: units[units["code"].isin(same)] for form, units in due.items()}
    return timeliness.records(
        tables.submissions, tables.observations, tables.issues, due, plan.code, plan.deadline
    )


def carried_over(period: Loaded) -> pd.DataFrame:
    """Opening stocks beside the closing stocks of the adjacent period before, by unit.

    Only units that are the same in both: what two units had pending is not asked of a third.
    """
    before = list(islice(_earlier(period, gaps=False), 1))
    forms = {f: period.catalogue.forms[f] for f in period.plan.forms}
    previous = [load(p.key, period.root, period.catalogue) for p in before]
    then = previous[0].tables.observations if previous else period.tables.observations.iloc[:0]
    units = period.due["code"]
    for plan in before:
        same = period.catalogue.same_units(plan.units_on, period.plan.units_on)
        units = units[units.isin(same)]
    return timeliness.carried_over(period.tables.observations, then, forms, units.tolist())


def indicator_values(
    period: Loaded, code: str | None = None, on: date | None = None
) -> pd.DataFrame:
    """Indicator values of the framework over its periods for the units that exist on ``on``.

    Counts are added over merged units and ratios computed anew, never averaged; a unit whose
    functions were split, or of which a part is missing, has a gap.

    Returns schema.INDICATOR_VALUES.
    """
    on, code = on or period.plan.end, period.framework(code)["framework"]
    return pd.concat(
        [_recast_values(held, on, code) for held in periods(period, code, gaps=True)],
        ignore_index=True,
    )


_AS_LONG = 0.1
"""Periods whose lengths differ by no more than this share are compared."""


def with_before(period: Loaded) -> pd.DataFrame:
    """Indicator values of the period beside those of the one before, for the period's units.

    Of each framework that the period before uses too, where no period lies between them and the
    two are of about the same length. Returns schema.INDICATOR_VALUES.
    """
    found = []
    for code in period.plan.frameworks:
        held = periods(period, code, most=2)
        days = [(p.plan.end - p.plan.start).days + 1 for p in held]
        if len(held) == 2 and abs(days[1] - days[0]) <= _AS_LONG * max(days):
            found += [_recast_values(p, period.plan.end, code) for p in held]
    columns = INDICATOR_VALUES.columns
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


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
    on, code = on or period.plan.end, period.framework(code)["framework"]
    return pd.concat(
        [recast_scores(held, on, code) for held in periods(period, code, gaps=True)],
        ignore_index=True,
    )


def totals(period: Loaded) -> Totals:
    """:class:`Totals`, kept on disk like the period's tables: each unit's page shows some rows."""
    folder = project.Place(period.root).derived(f"{period.plan.key}-history")

    def mark() -> str:
        rests_on = " ".join(p.tables.mark for p in periods(period, gaps=True))
        return store.fingerprint([], period.catalogue.sha256, __name__, rests_on)

    def make() -> Totals:
        held = scores(period)
        held = held[held["level"] == "framework"].reset_index(drop=True)
        return Totals(held, score.deciles(held, ["time_period", "peer_type", "level", "code"]))

    meant = partial(a_period.meant, period.plan, period.catalogue)
    return store.kept(Totals, folder, mark, make, meant)


def marks(period: Loaded, with_totals: bool, as_on: date | None = None) -> dict[str, str]:
    """Folders of derived tables that pages of the period may read → their marks, all made.

    ``with_totals``: whether :func:`totals` are among them; ``as_on``: a day as of which the period
    is read too.
    """
    place = project.Place(period.root)
    held = [period]
    if as_on:
        held.append(load(plans.at_day(period.plan.code, as_on), period.root, period.catalogue))
    held += [load(p.key, period.root, period.catalogue) for p in _earlier(period, True)]
    found = {str(place.derived(p.plan.key)): p.tables.mark for p in held}
    if with_totals:
        found[str(place.derived(f"{period.plan.key}-history"))] = totals(period).mark
    return found


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
    if _as_they_were(mapping):
        return _renamed(held, mapping).reindex(columns=SCORES)
    values, moved = _computed_anew(period, mapping, framework)
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


def _recast_values(period: Loaded, on: date, code: str | None) -> pd.DataFrame:
    framework = period.framework(code)
    own = period.tables.indicator_values
    held = own[own["framework"] == framework["framework"]]
    if on == period.plan.end:
        return held.reindex(columns=INDICATOR_VALUES.columns)
    mapping = mapped(period, on)
    mapping = mapping[mapping["reporting_unit"].isin(held["reporting_unit"])]  # of whom it asks
    if _as_they_were(mapping):
        return _renamed(held, mapping).reindex(columns=INDICATOR_VALUES.columns)
    values, _ = _computed_anew(period, mapping, framework)
    own = dict(framework=framework["framework"], time_period=period.plan.code)
    return values.assign(**own).reindex(columns=INDICATOR_VALUES.columns)


def _as_they_were(mapping: pd.DataFrame) -> bool:
    """Whether no unit was merged and no function moved, so that all figures stand."""
    return bool((mapping["parts"] == 1).all() and mapping["recastable"].all())


def _renamed(held: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """The rows of the units of ``mapping``, under the codes that these have become."""
    names = mapping.set_index("reporting_unit")["target"]
    held = held.assign(reporting_unit=held["reporting_unit"].map(names))
    return held.dropna(subset=["reporting_unit"])


def on_one_scale(period: Loaded, code: str | None = None) -> pd.DataFrame:
    """Growth of the score of every unit over the framework's periods, all on one scale.

    Where the framework says how (``over_time``): gaps are filled in time, and all periods are
    scored as one set by the rules of this period (:mod:`analysis.scoring.panel`).

    Returns
    -------
    reporting_unit, first_period, first, last_period, last, years, growth (percent a year); empty
    where the framework says nothing.
    """
    framework = period.framework(code)
    rule = framework.get("over_time")
    held = periods(period, framework["framework"], gaps=True) if rule else []
    times = {p.plan.code: _year(p.plan.end) for p in held}
    table = pd.DataFrame(columns=["reporting_unit", "time_period", "level", "score"])
    if rule:
        values = indicator_values(period, framework["framework"])
        values = panel.filled(values, times, rule.get("impute", "none"))
        table = panel.scores(values, framework)
    whole = table[table["level"] == "framework"]
    return panel.growth(whole, times, "score", ["reporting_unit"])


def _year(day: date) -> float:
    start, end = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + ((day - start).days + 1) / (end - start).days


def national(period: Loaded, code: str | None = None) -> pd.DataFrame:
    """The framework's indicators for all units together, in each of its periods.

    Returns time_period, indicator, obs_value, units, of
    (:func:`analysis.indicators.indicators.national`).
    """
    wanted = period.framework(code)["framework"]
    held = periods(period, wanted, gaps=True)
    whole = [p.tables.national.assign(time_period=p.plan.code) for p in held]
    table = pd.concat([t[t["framework"] == wanted] for t in whole], ignore_index=True)
    return table[["time_period", "indicator", "obs_value", "units", "of"]]


def _computed_anew(
    period: Loaded, mapping: pd.DataFrame, framework: dict
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Indicator values from the totals of merged units, and those totals.

    Only items of the framework: what a unit sent on another form says nothing of this one.
    """
    wanted, totals = frameworks.items(framework), period.tables.totals
    totals = totals[totals["item"].isin(wanted)]
    totals = totals[totals["reporting_unit"].isin(mapping["reporting_unit"])]
    items = {
        item: described
        for form in period.plan.forms
        for item, described in period.catalogue.forms[form]["items"].items()
    }
    moved = recast.recast(totals, mapping, items)
    units = mapping["target"].drop_duplicates().tolist()
    levels = _levels_recast(period, mapping, items, framework)
    code = period.plan.code
    return indicators.compute(moved, framework, units, levels, code), moved


def _levels_recast(
    period: Loaded, mapping: pd.DataFrame, items: dict, framework: dict
) -> pd.DataFrame:
    """The totals of each level that the framework asks for, for the targets of ``mapping``."""
    held = period.tables.level_totals
    held = held[held["reporting_unit"].isin(mapping["reporting_unit"])]
    asked = {i["formula"].get("level") for i in framework["indicators"].values()}
    held = held[held["level"].isin(asked) & held["item"].isin(frameworks.items(framework))]
    moved = [recast.recast(g, mapping, items).assign(level=lv) for lv, g in held.groupby("level")]
    return pd.concat(moved, ignore_index=True) if moved else held


def mapped(period: Loaded, on: date) -> pd.DataFrame:
    """What the units due in a period have become by ``on`` (:func:`indicators.recast.mapping`)."""
    held = period.catalogue
    table = recast.mapping(held.units, period.plan.end, on, held.transfers)
    return table[table["reporting_unit"].isin(period.due["code"])].reset_index(drop=True)


def method_effect(period: Loaded, code: str | None = None) -> pd.DataFrame:
    """Change on the period before, split into what was done and what the rules changed.

    Returns reporting_unit, earlier, later, real, method
    (:func:`analysis.scoring.explain.method_effect`) and ``comparable``: whether scales are fixed,
    so that a score moves only with the unit's own figures. Only units that are the same in both
    periods; empty where there is no period before.
    """
    code = period.framework(code)["framework"]
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
        code = period.plan.code
        values = indicators.compute(held.totals, before, units, held.level_totals, code)
        same = _whole(composite.build(values, before, types).scores, before)
    table = explain.method_effect(
        _whole(found[0].tables.scores, before), same, _whole(period.tables.scores, now)
    )
    units = period.catalogue.same_units(found[0].plan.units_on, period.plan.units_on)
    table = table[table["reporting_unit"].isin(units)].reset_index(drop=True)
    return table.assign(comparable=explain.comparable(now))


def _whole(table: pd.DataFrame, framework: dict) -> pd.DataFrame:
    held = (table["level"] == "framework") & (table["framework"] == framework["framework"])
    return table.loc[held, ["reporting_unit", "score"]]
