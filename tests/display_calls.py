"""How each public function of what a page shows is called: charts, tables, sentences, topics.

:data:`GIVEN` says what is given for a parameter, by its name. Every table that a function is given
goes through ``c`` first, which leaves as much of it as a period may have: nothing yet, one row, no
value, one unit (``test_nothing_yet.py``).
"""

import importlib
import inspect
import pkgutil
from dataclasses import replace
from datetime import date
from functools import cache, cached_property
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd

from analysis import pipeline, topics
from analysis.catalogue import catalogue, periods, plans
from analysis.checking import register_counts, register_entries, register_states, timeliness
from analysis.display import charts, narrative, table
from analysis.history import revisions, versions
from analysis.indicators import targets
from analysis.period import load
from analysis.published import apci_figures, indices, international
from analysis.scoring import diagnose, explain, indicator_statistics, left_out, panel
from analysis.survey import (
    cost,
    editions,
    interim,
    interview_checks,
    interviewer_effects,
    response_rates,
    what_if,
)
from analysis.topics import (
    achievements,
    alike,
    apci_provinces,
    apci_quadrants,
    apci_survey,
    awaited,
    business_environment,
    commitments,
    corrections,
    provinces,
    public_summary,
    published_indices,
    punctuality,
    rank_evidence,
    ranked_unit,
    ranking,
    records,
    results,
    reweighted,
    robustness,
    rolled_targets,
    scoreboard,
    scores_over_time,
    unlike_peers,
)

_SHARED = {"canvas", "chart", "figure", "findings", "heat", "strips", "svg"}
"""What charts are made of, and show nothing by themselves."""
_COMPUTES = {"business_environment.follow", "business_environment.rescored"}
FRAMEWORK = "qd766_06a"
DAY = date(2022, 6, 25)
SIGNED = versions.Version(1, DAY, "A", "", "", pd.DataFrame(), {}, 0, "")
CHANGED = pd.DataFrame([("file_added", "a.xlsx", "01", "edocs", pd.Timestamp(DAY), None)],
                       columns=versions.CHANGES)  # fmt: skip


@cache
def functions() -> dict[str, object]:
    """All public functions of the modules that make what a page shows, found by their names."""
    found = {}
    for room in (topics, charts):
        for module in pkgutil.iter_modules(room.__path__):
            if module.name not in _SHARED:
                found |= _of(importlib.import_module(f"{room.__name__}.{module.name}"))
    found |= _of(table) | _of(narrative)
    return {name: function for name, function in found.items() if name not in _COMPUTES}


def _of(module: ModuleType) -> dict[str, object]:
    """Public functions that the module defines."""
    found = {}
    for name, value in vars(module).items():
        own = inspect.isfunction(value) and value.__module__ == module.__name__
        if own and not name.startswith("_"):
            found[f"{module.__name__.rpartition('.')[2]}.{name}"] = value
    return found


class Shipped:
    """What functions are given: the tables of shipped periods and editions, or parts of them."""

    @cached_property
    def period(self):
        return load("2022-Q2")

    @cached_property
    def edition(self):
        return editions.load("2022")

    @cached_property
    def interviews(self):
        """Interviews of some firms, of which two have marks; the shipped edition recorded none."""
        firms = self.edition.tables.contacts["response"].head(40).reset_index(drop=True)
        start = pd.Timestamp("2022-03-07 08:00") + pd.to_timedelta(40 * firms.index, unit="min")
        lasts = pd.to_timedelta([1, 55, *[30 + n % 7 for n in range(2, 40)]], unit="min")
        held = self.edition.tables.interviews.reindex(firms.index)
        counts = {"records": 1, "accepted": 1, "asked": 20, "unanswered": 1, "unread": 0}
        names = [f"PV{1 + n % 10:02d}" for n in firms.index]
        made = held.assign(response=firms, interviewer=names, named=names, start=start, **counts)
        made = made.assign(end=start + lasts, day=start.normalize(), row=firms.index + 2)
        return interview_checks.judged(made, self.edition.survey["interviews"])

    @cached_property
    def rolled(self):
        described = self.lists.frameworks["nq01"]
        return rolled_targets.table("nq01", described, [self.period], self.lists)

    @cached_property
    def awaited(self):
        return awaited.forms(self.period.tables, self.period.plan, self.lists)

    @cached_property
    def effects(self):
        """As if all had been nothing when it was signed."""
        held = versions.figures(self.period.tables).query("framework == @FRAMEWORK")
        found = versions.effects(held.iloc[:0], held)
        return found.assign(cause="others", of="")

    @cached_property
    def lists(self):
        return catalogue.load()

    @cached_property
    def names(self):
        return self.period.names

    @cached_property
    def framework(self):
        return self.period.framework(FRAMEWORK)

    @cached_property
    def scores(self):
        return self.period.ranked(FRAMEWORK).scores

    @cached_property
    def totals(self):
        return self.scores[self.scores["level"] == "framework"]

    @cached_property
    def breaks(self):
        return pd.DataFrame({"time_period": ["2022-Q2"], "indicator": [""], "why": ["days"]})

    @cached_property
    def unit(self):
        return self.scores["reporting_unit"].iloc[0]

    @cached_property
    def register(self):
        return self.lists.forms["tasks"]

    @cached_property
    def records(self):
        return register_states.followed(self.period.tables.records, self.register, self.period.plan)

    @cached_property
    def asked(self):
        return targets.holding(self.lists.targets, FRAMEWORK, self.period.plan.end)

    @cached_property
    def timeliness(self):
        held, plan, lists = self.period.tables, self.period.plan, self.lists
        due = {form: plans.due_units(lists, plan, form) for form in plan.forms}
        sent = held.submissions, held.observations, held.issues
        return timeliness.records(*sent, due, plan.code, plan.deadline)

    @cached_property
    def figures(self):
        return indices.segments(indices.values(), indices.listed())

    @cached_property
    def spread(self):
        return published_indices.named(indices.spread(self.figures, "22"), indices.listed())

    @cached_property
    def published(self):
        return apci_figures.apci_published()

    @cached_property
    def series(self):
        return international.usable(international.observations())

    @cached_property
    def followed(self):
        asked = targets.holding(self.lists.targets, "nq02", self.period.plan.end)
        return business_environment.follow(self.series, international.listed(), asked, DAY, False)

    @cached_property
    def agreed(self):
        return international.agreement(
            business_environment.rescored(*international.doing_business())
        )

    @cached_property
    def pair(self):
        held = self.period.ranked(FRAMEWORK)
        one, other = self.scores["reporting_unit"].unique()[:2]
        tree = self.period.tree(FRAMEWORK)
        return explain.between(held.indicator_values, tree, self.framework, one, other)


class Part:
    """As much of every table as ``leave`` leaves, and what is shipped, whole."""

    def __init__(self, shipped: Shipped, leave) -> None:
        self.of, self._leave = shipped, leave

    def __call__(self, table):
        return self._leave(table)

    @cached_property
    def period(self):
        held = self.of.period.tables
        names = [f for f in pipeline.Tables.__dataclass_fields__]
        return replace(
            self.of.period, tables=SimpleNamespace(**{n: self(getattr(held, n)) for n in names})
        )

    @cached_property
    def tables(self):
        return self.period.tables

    @cached_property
    def edition(self):
        held = self.of.edition.tables
        return SimpleNamespace(
            **{n: self(getattr(held, n)) for n in editions.Tables.__dataclass_fields__}
        )

    def ranked(self, name: str) -> pd.DataFrame:
        return self(getattr(self.of.period.ranked(FRAMEWORK), name))

    @cached_property
    def scores(self):
        return self.ranked("scores")

    @cached_property
    def own(self):
        return self(self.of.scores[self.of.scores["reporting_unit"] == self.of.unit])

    @cached_property
    def ranking(self):
        held = self.of.period.ranked(FRAMEWORK)
        bars = rank_evidence.bars(held.rank_sources)
        return self(ranking.ranking(held.scores, bars, self.of.names))

    @cached_property
    def drawn(self):
        held = self.of.period.ranked(FRAMEWORK)
        types = self.of.lists.unit_types
        groups = unlike_peers.by_peers(held.funnels, self.of.framework, self.of.names, types)
        return self(max(groups.values(), key=len))

    @cached_property
    def parts(self):
        held = self.of.period.ranked(FRAMEWORK).explanation
        return self(ranked_unit.parts(held, self.of.framework, self.of.unit))

    @cached_property
    def pair(self):
        return self(ranked_unit.between(self.of.pair, self.of.framework))

    @cached_property
    def records(self):
        return self(self.of.records)

    @cached_property
    def placed(self):
        values = self.of.totals.assign(value=self.of.totals["score"])
        return self(provinces.on_tiles(values, self.of.lists.tiles_on(self.of.period.plan.end)))

    @cached_property
    def national(self):
        return results.national(self.tables.national, self.of.framework)

    @cached_property
    def summed(self):
        judged = self.tables.assessments
        judged = judged[judged["framework"] == FRAMEWORK]
        held, values = self(self.of.asked), self.ranked("indicator_values")
        on = self.of.period.plan.end
        return commitments.summary(judged, held, values, self.of.framework, on)

    @cached_property
    def over_time(self):
        values = self.of.period.ranked(FRAMEWORK).indicator_values
        twice = [values, values.assign(time_period="2022-Q1")]
        return self(pd.concat(twice, ignore_index=True))

    @cached_property
    def totals(self):
        whole = self.of.totals
        twice = [whole, whole.assign(time_period="2022-Q1", score=whole["score"] - 1)]
        return self(pd.concat(twice, ignore_index=True).assign(recast="unchanged"))

    @cached_property
    def own_totals(self):
        whole = self.of.totals[self.of.totals["reporting_unit"] == self.of.unit]
        twice = [whole.assign(time_period=t) for t in ("2022-Q1", "2022-Q2")]
        return self(pd.concat(twice, ignore_index=True))

    @cached_property
    def deciles(self):
        held = self.of.period.ranked(FRAMEWORK).peer_scores
        held = held[held["peer_type"] == "ministry"]
        twice = [held.assign(time_period=t) for t in ("2022-Q1", "2022-Q2")]
        return self(pd.concat(twice, ignore_index=True))

    @cached_property
    def group(self):
        return apci_survey.by_group(
            self.edition.estimates, "compliance_cost", self.of.edition.groups, "median"
        )

    @cached_property
    def judged(self):
        return self(self.of.interviews)

    @cached_property
    def rates(self):
        return response_rates.rates(self.edition.contacts, ["region", "firm_size"])

    @cached_property
    def effects(self):
        compared = interviewer_effects.values(self.edition.answers, self.judged, ["hours"])
        return interviewer_effects.effects(compared, 8)

    @cached_property
    def widths(self):
        return interim.widths(self.group, 1000, 4000, 684_000.0)

    @cached_property
    def copied(self):
        answers = self.edition.answers
        twice = pd.concat([answers.head(20), answers.head(20).assign(response="9")])
        return interview_checks.copied(twice.reset_index(drop=True), self.of.edition.survey)

    @cached_property
    def matrix(self):
        return apci_quadrants.quadrants(self.edition.estimates, self.of.edition.provinces)

    @cached_property
    def moved(self):
        before = {"score": "score_before", "rank": "rank_before"}
        held = self.of.totals.head(6).rename(columns=before)
        after = {"score_after": held["score_before"] + 1, "rank_after": held["rank_before"] + 1}
        return self(held.assign(**after, why=["own", "others"] * 3))

    @cached_property
    def changed(self):
        held = self.of.period.tables.observations.head(40)
        before = held["obs_value"] + 1
        return self(held.assign(change="corrected", before=before, after=held["obs_value"]))

    @cached_property
    def effect(self):
        units = self.of.scores["reporting_unit"].unique()[:6]
        table = pd.DataFrame({"reporting_unit": units, "earlier": 50.0, "later": 55.0})
        return self(table.assign(real=4.0, method=1.0, comparable=True))

    @cached_property
    def governance(self):
        named = business_environment.named(
            international.bands(self.of.series), international.listed(), "governance"
        )
        return self(named)

    @cached_property
    def stocks(self):
        forms = {f: self.of.lists.forms[f] for f in self.of.period.plan.forms}
        held = self.of.period.tables.observations
        units = self.of.period.due["code"].tolist()
        return self(timeliness.carried_over(held, held, forms, units))


def call(name: str, c: Part) -> object:
    """What the function of :func:`functions` returns for what is left.

    Raises
    ------
    LookupError
        where :data:`GIVEN` has nothing for one of its parameters.
    """
    function, listed, named = functions()[name], [], {}
    for parameter in inspect.signature(function).parameters.values():
        key = _key(name, parameter)
        if key is None and parameter.default is parameter.empty:
            raise LookupError(f"say in display_calls.GIVEN what {name} is given: {parameter.name}")
        if key is not None:
            value = GIVEN[key](c) if inspect.isfunction(GIVEN[key]) else GIVEN[key]
            if parameter.kind is parameter.VAR_POSITIONAL:
                listed += value
            else:
                named[parameter.name] = value
    return function(*listed, **named)


def _key(name: str, parameter: inspect.Parameter) -> str | None:
    """Under what name a parameter is given: its function's, its module's, or that of all; what has
    a default is given only by function."""
    keys = [f"{name}.{parameter.name}"]
    if parameter.default is parameter.empty:
        keys += [f"{name.partition('.')[0]}.{parameter.name}", parameter.name]
    return next((key for key in keys if key in GIVEN), None)


def used() -> set[str]:
    """The keys of :data:`GIVEN` that some function asks for."""
    asked = {
        _key(name, parameter)
        for name, function in functions().items()
        for parameter in inspect.signature(function).parameters.values()
    }
    return asked - {None}


def _points(c: Part) -> pd.DataFrame:
    rows = c.of.scores[c.of.scores["level"] == "dimension"]
    return c(rows.assign(name=rows["code"], label=rows["reporting_unit"], value=rows["score"]))


def _peers(c: Part) -> pd.DataFrame:
    alike = c.ranked("peer_scores")
    return alike[alike["peer_type"] == "ministry"]


def _agreed(c: Part) -> pd.DataFrame:
    rows = {"published_score": [1.0, 2.0], "score": [1.0, 2.5], "difference": [0.0, 0.5]}
    return c(pd.DataFrame(rows).assign(outcome=["agrees", "differs"], reporting_unit=["a", "b"]))


def _drawn(c: Part) -> pd.DataFrame:
    listed = international.listed()
    drawn = business_environment.to_draw(c.of.series, listed, c.of.followed)
    return c(international.segments(drawn, listed))


def _group(c: Part, code: str) -> pd.DataFrame:
    return c(business_environment.named(c.of.series, international.listed(), code))


def _costs(c: Part) -> pd.DataFrame:
    return c(apci_figures.apci_series(c.of.published, "cost_mean_per_procedure"))


def _rates(c: Part) -> pd.DataFrame:
    return c(apci_figures.implied_hourly_rates(c.of.published))


def _cases(c: Part) -> pd.DataFrame:
    return apci_figures.standard_cost_cases().iloc[:1]


def _diagnosed(c: Part, name: str) -> pd.DataFrame:
    held, tree = c.of.period.ranked(FRAMEWORK), c.of.period.tree(FRAMEWORK)
    if name == "influence":
        return c(diagnose.influence(held.indicator_values, held.scores, tree))
    more = [c.of.framework] if name == "discrimination" else []
    return c(getattr(diagnose, name)(held.indicator_values, tree, *more))


def _left_out(c: Part) -> pd.DataFrame:
    held, tree = c.of.period.ranked(FRAMEWORK), c.of.period.tree(FRAMEWORK)
    ranks = left_out.ranks(held.indicator_values, held.scores, tree, c.of.framework)
    return c(left_out.shifts(ranks))


def _states(c: Part) -> pd.DataFrame:
    return records.named(register_counts.states(c.records, "reporting_unit"), c.of.names)


def _themes(c: Part) -> pd.DataFrame:
    form = c.of.lists.forms["recommendations"]
    rows = register_states.followed(c.of.period.tables.records, form, c.of.period.plan)
    return c(register_counts.themes(rows, form))


def _planned(c: Part) -> pd.DataFrame:
    held = load("plan-2022")
    return register_entries.table(c(held.tables.records), c.of.lists.forms["plan_deliverables"])


def _calendar(c: Part) -> pd.DataFrame:
    return c(periods.calendar(c.of.lists.regimes["nd09_2019"], 2022))


def _achieved(c: Part) -> pd.DataFrame:
    return c(achievements.against_targets(c.of.period.tables.assessments, [c.of.framework]))


def _changes(c: Part) -> pd.DataFrame:
    held = c.of.period.ranked(FRAMEWORK).indicator_values
    earlier = held.assign(time_period="2022-Q1", numerator=held["numerator"] / 2)
    return c(achievements.changes(pd.concat([earlier, held]), [c.of.framework]))


def _before(c: Part):
    """The period before: the same figures with half the numerators."""
    held = c.period
    values = held.tables.indicator_values
    values = values.assign(numerator=values["numerator"] / 2)
    return replace(held, tables=SimpleNamespace(**vars(held.tables) | {"indicator_values": values}))


def _earlier(c: Part) -> scoreboard.Earlier:
    return scoreboard.Earlier.of(c.period, _before(c))


_REGRESSED = pd.DataFrame(
    {
        "regression": "time", "kind": "linear", "outcome": "hours", "transform": "log",
        "term": ["intercept", "region", "region"], "category": ["", "southeast", "mekong_delta"],
        "respondents": [90, 50, 40], "estimate": [1.0, 0.0, 0.3],
        "standard_error": [0.1, np.nan, 0.1], "degrees_of_freedom": 80.0,
        "statistic": [10.0, np.nan, 3.0], "p_value": [0.0, np.nan, 0.004],
        "ci_low": [0.8, np.nan, 0.1], "ci_high": [1.2, np.nan, 0.5], "obs_status": "A",
        "hidden": "", "reason": ["", "reference", ""], "detail": "",
    }
)  # fmt: skip
GIVEN = {
    "achievements.assessments": lambda c: c.tables.assessments,
    "achievements.frameworks": lambda c: [c.of.framework],
    "achievements.values": lambda c: c.over_time,
    "achievements.tiers": lambda c: c.ranked("tiers"),
    "achievements.reached.table": _achieved,
    "achievements.moved.table": _changes,
    "achievements.worded.table": _changes,
    "achievements.moved.shown": 10,
    "scoreboard.earlier": _earlier,
    "scoreboard.board.earlier": _earlier,
    "scoreboard.board": lambda c: scoreboard.board(c.period, _earlier(c)),
    "scoreboard.key.before": _before,
    "scoreboard.sentence.shown": lambda c: scoreboard.board(c.period, _earlier(c)),
    "scoreboard.sentence.changed": lambda c: scoreboard.changes(c.period, _earlier(c)),
    "scoreboard.moved.told": lambda c: scoreboard.changes(c.period, _earlier(c)),
    "scoreboard.moved.before": "quý I năm 2022",
    # wherever it is asked for
    "title": "Tên hình",
    "subject": "Quý II",
    "source": "Nguồn.",
    "unit": "điểm",
    "left": "A",
    "right": "B",
    "peers": "các bộ",
    "earlier": "2022-Q1",
    "on": DAY,
    "names": lambda c: c.of.names,
    "framework": lambda c: c.of.framework,
    "plan": lambda c: c.of.period.plan,
    "period": lambda c: c.period,
    "tables": lambda c: c.tables,
    "due": lambda c: c.of.period.due,
    "rules": lambda c: c.of.lists.rules,
    "types": lambda c: c.of.lists.unit_types,
    "regions": lambda c: c.of.lists.regions,
    "forms": lambda c: c.of.lists.forms,
    "scores": lambda c: c.scores,
    "own": lambda c: c.own,
    "deciles": _peers,
    "intervals": lambda c: c.ranked("rank_intervals"),
    "listed": lambda c: international.listed(),
    # pictures
    "funnel_chart.table": lambda c: c.drawn,
    "funnel_chart.limits": lambda c: unlike_peers.limits(
        c.drawn, c.of.period.ranked(FRAMEWORK).dispersion
    ),
    "rank_charts.rank_intervals.table": lambda c: c.ranking,
    "rank_charts.effects.table": lambda c: ranked_unit.bars(c.parts, "against_peers"),
    "rank_charts.pairs": lambda c: ranking.named_pairs(c.ranked("rank_pairs"), c.of.names),
    "rank_charts.order": lambda c: list(c.ranking["name"].drop_duplicates()),
    "rank_charts.importance.table": lambda c: c.ranked("rank_factors"),
    "rank_charts.names": robustness.FACTOR,
    "rank_charts.side_by_side.table": lambda c: c.pair,
    "period_charts.history.table": lambda c: scores_over_time.over_time(
        c.totals, c.of.names, c.of.breaks
    ),
    "period_charts.against_peers.table": lambda c: scores_over_time.against_peers(
        c.own_totals, c.deciles, c.of.breaks
    ),
    "period_charts.name": "Đơn vị",
    "period_charts.indicators_over_time.table": lambda c: scores_over_time.indicators_over_time(
        c.over_time, c.of.framework, c.of.names, c.of.breaks
    ),
    "period_charts.chosen_over_time.table": lambda c: scores_over_time.indicators_over_time(
        c.over_time, c.of.framework, c.of.names, c.of.breaks
    ).drop_duplicates(["time_period", "name"]),
    "period_charts.chosen": lambda c: list(c.of.names.values())[:2],
    "register_charts.table": _states,
    "register_charts.labels": lambda c: records.state_names(c.of.register),
    "register_charts.values": lambda c: records.bands(
        register_counts.ageing(c.records, c.of.register)
    ),
    "series_charts.ranks.table": _drawn,
    "series_charts.estimates.table": lambda c: international.segments(
        c.governance, international.listed()
    ),
    "series_charts.spreads.table": lambda c: c(c.of.spread),
    "series_charts.own": "Tỉnh",
    "survey_charts.intervals.table": lambda c: c.group,
    "survey_charts.intervals.log": True,
    "survey_charts.stacked.table": lambda c: apci_survey.composition(
        c.edition.estimates, c.of.edition.groups
    ),
    "survey_charts.parts": {"time": "Thời gian", "direct": "Tiền"},
    "survey_charts.editions.table": _costs,
    "survey_charts.names": lambda c: c.of.edition.groups,
    "quadrant_chart.table": lambda c: c.matrix,
    "tile_map.values": lambda c: c(c.of.scores["score"]),
    "tile_map.edges": np.array([0, 50, 99]),
    "tile_map.tile_map.table": lambda c: c.placed,
    "tile_map.tile_maps.table": lambda c: pd.concat(
        [c.placed.assign(panel=p) for p in ("một", "hai")], ignore_index=True
    ),
    "unit_charts.ranked_bars.values": lambda c: c(
        c.of.scores.drop_duplicates("reporting_unit").set_index("reporting_unit")["score"]
    ),
    "unit_charts.spread.table": _points,
    "unit_charts.spread.unit": "điểm",
    "unit_charts.profile.table": lambda c: results.peers(c.own, _peers(c), c.of.framework),
    "unit_charts.profile.unit": "điểm",
    "unit_charts.agreement.table": _agreed,
    "unit_charts.attendance.table": lambda c: c(punctuality.grid(c.of.timeliness, c.of.names)),
    # tables and sentences of any page
    "table.columns": [("Đầu cột", "", "", ["…"])],
    "table.table": lambda c: c.national,
    "table.heads": "national",
    "narrative.sentences": ["", "Câu."],
    "narrative.label": "Khác",
    "narrative.links.entries": [("a.html", "A")],
    "narrative.key": "",
    "narrative.cards.entries": [("a", "…", "b")],
    "narrative.head": "Kiểm tra",
    "narrative.parts": [narrative.paragraphs("Câu.")],
    "narrative.described": lambda c: c.of.framework,
    "narrative.survey_caveats.plan": lambda c: c.of.edition.plan,
    "narrative.survey_source.plan": lambda c: c.of.edition.plan,
    "narrative.rate": lambda c: c.of.edition.parameter("hourly_rate"),
    # what arrived, when, and what changed since
    "submissions.held": lambda c: c.tables,
    "submissions.balance.table": lambda c: c.tables.balance,
    "submissions.table": lambda c: c.tables.issues,
    "submissions.influence": lambda c: c.tables.influence,
    "submissions.rule_results.table": lambda c: c.tables.rule_results,
    "apci_survey.told_apart.differences": lambda c: c(c.of.edition.tables.differences),
    "submissions.proposed.table": lambda c: c.tables.proposals,
    "punctuality.calendar.table": _calendar,
    "punctuality.calendar.names": lambda c: [
        periods.parse(code).name for code in _calendar(c)["time_period"]
    ],
    "punctuality.regimes.held": lambda c: c.of.lists.regimes,
    "punctuality.league.table": lambda c: timeliness.league(c(c.of.timeliness), 1),
    "punctuality.held": lambda c: c(c.of.timeliness),
    "punctuality.time_period": "2022-Q2",
    "punctuality.deadline": DAY,
    "punctuality.table": lambda c: c.stocks,
    "corrections.arrived": lambda c: c(c.of.period.tables.submissions.head(20)),
    "corrections.changed": lambda c: c.changed,
    "corrections.moved": lambda c: c.moved,
    "corrections.since": DAY,
    "corrections.fields": lambda c: c.of.lists.fields,
    "corrections.parts": lambda c: c(revisions.parts(c.of.scores, c.of.scores, [])),
    "corrections.steps": lambda c: corrections.steps(c.moved, c.of.names),
    "signed_versions.signed": lambda c: [SIGNED],
    "signed_versions.changes": lambda c: c(CHANGED),
    "signed_versions.changed.changes": lambda c: c(CHANGED),
    "signed_versions.effects": lambda c: c(c.of.effects),
    "signed_versions.frameworks": lambda c: [c.of.framework],
    "rolled_targets.framework": "nq01",
    "rolled_targets.described": lambda c: c.of.lists.frameworks["nq01"],
    "rolled_targets.periods": lambda c: [c.of.period],
    "rolled_targets.lists": lambda c: c.of.lists,
    "rolled_targets.rolled": lambda c: c(c.of.rolled),
    "awaited.tables": lambda c: c.tables,
    "awaited.plan": lambda c: c.of.period.plan,
    "awaited.catalogue": lambda c: c.of.lists,
    "awaited.awaited": lambda c: c(c.of.awaited),
    "awaited.asked.catalogue": lambda c: c.of.lists,
    "awaited.headline.asked": 500,
    "awaited.of": ["edocs"],
    "awaited.unit": "01",
    "awaited.framework": "edocs",
    # results, rankings, targets
    "results.value": float("nan"),
    "results.unit_measure": "points",
    "results.national.table": lambda c: c.tables.national,
    "results.values": lambda c: c.tables.indicator_values,
    "results.indicators.scores": lambda c: c.own,
    "results.reporting_unit": lambda c: c.of.unit,
    "results.national_found.table": lambda c: results.national(c.tables.national, c.of.framework),
    "results.lowest_found.points": lambda c: results.comparable(
        c.scores, c.of.framework, c.of.names
    ),
    "results.lowest.points": lambda c: results.comparable(c.scores, c.of.framework, c.of.names),
    "results.league": lambda c: results.league(c.scores, c.of.framework, c.of.names),
    "results.code": lambda c: next(iter(c.of.framework["dimensions"])),
    "results.name": "Nhóm",
    "results.unit.scores": lambda c: c.own,
    "results.points.dimensions": lambda c: c.own[c.own["level"] == "dimension"],
    "results.points.whole": 26.0,
    "results.issues": lambda c: c.tables.issues,
    "results.table": _agreed,
    "results.tolerance": 0.01,
    "ranking.table": lambda c: c.ranking,
    "ranking.columns.table": lambda c: ranking.one_row_each(c.ranking, c.of.lists.unit_types),
    "ranking.pairs": lambda c: c.ranked("rank_pairs"),
    "provinces.values": lambda c: c(c.of.totals.assign(value=c.of.totals["score"])),
    "provinces.tiles": lambda c: c.of.lists.tiles_on(c.of.period.plan.end),
    "provinces.placed": lambda c: c.placed,
    "ranked_unit.kind": "ministry",
    "ranked_unit.place.table": lambda c: ranked_unit.standing(
        c.own, c.ranked("rank_sources"), c.of.framework
    ),
    "ranked_unit.standing.sources": lambda c: c.ranked("rank_sources"),
    "ranked_unit.with_peers.sources": lambda c: c.ranked("rank_sources"),
    "rank_evidence.sources": lambda c: c.ranked("rank_sources"),
    "rank_evidence.tier": lambda c: c.ranked("tiers"),
    "rank_evidence.table": lambda c: c.ranked("tiers"),
    "rank_evidence.columns.table": lambda c: rank_evidence.summary(
        c.ranked("tiers"), c.of.framework, c.of.lists.unit_types
    ),
    "rank_evidence.wording": "tiers_summary",
    "rank_evidence.bars": lambda c: rank_evidence.bars(c.ranked("rank_sources")),
    "rank_evidence.kind": "ministry",
    "rank_evidence.share": 0.25,
    "rank_evidence.low": 1.0,
    "rank_evidence.high": 3.0,
    "unlike_peers.funnels": lambda c: c.ranked("funnels"),
    "unlike_peers.dispersion": lambda c: c.ranked("dispersion"),
    "unlike_peers.part": lambda c: c.drawn,
    "granted_points.table": lambda c: c.ranked("without_cases"),
    "alike.rows": lambda c: c(alike.neighbours(load("2024"), "45")),
    "alike.unit": "01",
    "alike.period": lambda c: c.of.period,
    "ranked_unit.band": None,
    "ranked_unit.close": lambda c: c.ranked("rank_close"),
    "ranked_unit.neighbours": lambda c: c.ranked("rank_neighbours"),
    "ranked_unit.explanation": lambda c: c.ranked("explanation"),
    "ranked_unit.unit": lambda c: c.of.unit,
    "ranked_unit.table": lambda c: c.parts,
    "ranked_unit.part": "change",
    "ranked_unit.judged": lambda c: c.tables.assessments,
    "ranked_unit.listed": lambda c: c.of.lists.targets,
    "ranked_unit.on": lambda c: c.of.period.plan.end,
    "ranked_unit.between.table": lambda c: c(c.of.pair),
    "ranked_unit.gap.table": lambda c: c.pair,
    "robustness.factors": lambda c: c.ranked("rank_factors"),
    "robustness.failures": lambda c: c.ranked("rank_failures"),
    "robustness.favourable.table": lambda c: _diagnosed(c, "most_favourable"),
    "robustness.favourable_said.table": lambda c: c(
        pd.DataFrame({"name": ["A", "B"], "score": [100.0, 90.0]})
    ),
    "robustness.discrimination.table": lambda c: _diagnosed(c, "discrimination"),
    "robustness.influence": lambda c: _diagnosed(c, "influence"),
    "robustness.reliability.table": lambda c: _diagnosed(c, "reliability"),
    "robustness.correlations": lambda c: _diagnosed(c, "correlations"),
    "robustness.without.shifts": lambda c: _left_out(c),
    "robustness.statistics.table": lambda c: c(
        indicator_statistics.table(
            c.of.period.ranked(FRAMEWORK).indicator_values, list(c.of.framework["indicators"])
        )
    ),
    "robustness.deleted.table": lambda c: _diagnosed(c, "alpha_if_deleted"),
    "robustness.groups.correlations": lambda c: c(
        diagnose.group_correlations(
            c.of.period.ranked(FRAMEWORK).scores, c.of.period.tree(FRAMEWORK)
        )
    ),
    "robustness.notes": lambda c: c.tables.score_notes,
    "scores_over_time.scores": lambda c: c.totals,
    "scores_over_time.breaks": lambda c: c.of.breaks,
    "scores_over_time.later": "2022-Q2",
    "scores_over_time.own": lambda c: c.own_totals,
    "scores_over_time.growth.table": lambda c: c(
        panel.growth(
            c.totals.assign(time_period="2022"), {"2022": 2022.0}, "score", ["reporting_unit"]
        )
    ),
    "scores_over_time.deciles": lambda c: c.deciles,
    "scores_over_time.values": lambda c: c.over_time,
    "scores_over_time.gaps_over_time.table": lambda c: c.over_time,
    "scores_over_time.latest": "2022-Q2",
    "scores_over_time.national_over_time.table": lambda c: c.national.assign(time_period="2022-Q2"),
    "scores_over_time.effect": lambda c: c.effect,
    "scores_over_time.movement.table": lambda c: c.effect,
    "scores_over_time.recast_counts.table": lambda c: c.totals,
    "commitments.held": lambda c: c(c.of.asked),
    "commitments.assessments": lambda c: c.tables.assessments,
    "commitments.of_unit.held": lambda c: c.tables,
    "commitments.lines.held": lambda c: c.tables,
    "commitments.frameworks": lambda c: [c.of.framework],
    "commitments.of_unit.listed": lambda c: c(c.of.lists.targets),
    "commitments.lines.listed": lambda c: c.of.lists.targets,
    "commitments.on": lambda c: c.of.period.plan.end,
    "commitments.unit": lambda c: c.of.unit,
    "commitments.summed": lambda c: c.summed,
    "commitments.values": lambda c: c.ranked("indicator_values"),
    "target_progress.rows": lambda c: c.ranked("indicator_values"),
    "target_progress.target": lambda c: c.of.lists.targets.iloc[0].to_dict(),
    "target_progress.value": 50.0,
    "target_progress.values": lambda c: c.ranked("indicator_values"),
    "target_progress.latest": "2022-Q2",
    "one_notion.shown": FRAMEWORK,
    "one_notion.code": FRAMEWORK,
    # registers
    "records.form": lambda c: c.of.register,
    "records.rows": lambda c: c.records,
    "records.summed": lambda c: register_counts.states(c.records),
    "records.named.table": lambda c: register_counts.states(c.records, "reporting_unit"),
    "records.choices.form": lambda c: c.of.lists.forms["recommendations"],
    "records.attribute": "field",
    "records.bands.counts": lambda c: register_counts.ageing(c.records, c.of.register),
    "records.ahead.table": lambda c: register_counts.forecast(c.records, c.of.register),
    "records.text": "text",
    "records.held": lambda c: c.tables.records,
    "records.issues": lambda c: c.tables.issues,
    "records.not_counted.table": lambda c: register_entries.table(c.tables.records, c.of.register),
    "records.theme_counts.form": lambda c: c.of.lists.forms["recommendations"],
    "records.found": _themes,
    "records.total": lambda c: len(_themes(c)),
    "records.table": _planned,
    "records.plan_rows.form": lambda c: c.of.lists.forms["plan_deliverables"],
    "records.plan_counts.form": lambda c: c.of.lists.forms["plan_deliverables"],
    "records.group": "g1",
    "records.plan_key.counts": lambda c: records.plan_counts(
        _planned(c), c.of.lists.forms["plan_deliverables"]
    ),
    # reports, published figures
    "periodic_report.outline": lambda c: c.of.lists.outlines["periodic_report"],
    "public_summary.summary": lambda c: c.of.lists.public_summary,
    "public_summary.told": lambda c: public_summary.facts(c.of.lists.public_summary, c.period),
    "public_summary.fact": public_summary.Fact("Tên", 12.5, "Câu.", "n = 1.", "Nguồn.", "Kỳ", True),
    "compliance_cost.currency": "VND",
    "compliance_cost.case": lambda c: _cases(c).iloc[0],
    "compliance_cost.change": lambda c: cost.what_if(_cases(c), times_per_year=4).iloc[0],
    "compliance_cost.times": 4,
    "compliance_cost.result": lambda c: (
        what_if.compare(_cases(c).iloc[:1], {}, {"times_per_year": 4}).result
    ),
    "compliance_cost.title": "Chi phí",
    "compliance_cost.inputs.table": lambda c: (
        what_if.compare(_cases(c).iloc[:1], {"times_per_year": 12}, {"times_per_year": 4}).inputs
    ),
    "reweighted.own": lambda c: c.scores[c.scores["level"] == "framework"],
    "reweighted.scores": lambda c: c.scores,
    "reweighted.bars": lambda c: rank_evidence.bars(c.ranked("rank_sources")),
    "reweighted.names": lambda c: c.of.names,
    "reweighted.key.table": lambda c: reweighted.beside(
        c.scores[c.scores["level"] == "framework"],
        c.scores,
        rank_evidence.bars(c.ranked("rank_sources")),
        c.of.names,
    ),
    "compliance_cost.own": "a",
    "compliance_cost.amounts": lambda c: c(pd.Series([1e9, 2e9], index=["a", "b"])),
    "business_environment.table": lambda c: c(c.of.followed),
    "business_environment.figures": lambda c: c(c.of.series),
    "business_environment.group": "ranks",
    "business_environment.figures_table.rows": lambda c: _group(c, "ranks"),
    "business_environment.by_edition.rows": lambda c: _group(c, "doing_business"),
    "business_environment.moved.table": lambda c: international.moved(c.governance, 1996, 2024),
    "business_environment.moved_key.table": lambda c: international.moved(c.governance, 1996, 2024),
    "business_environment.first": 1996,
    "business_environment.last": 2024,
    "business_environment.agreement_key.table": lambda c: c(c.of.agreed),
    "business_environment.measures.table": lambda c: c(c.of.agreed),
    "business_environment.rules": lambda c: international.doing_business()[1],
    "published_indices.code.figures": lambda c: c.of.figures,
    "published_indices.figures": lambda c: c(c.of.figures),
    "published_indices.units": lambda c: c.of.lists.units,
    "published_indices.given": 22,
    "published_indices.code": "22",
    "published_indices.named.table": lambda c: indices.spread(c(c.of.figures), "22"),
    "published_indices.described": lambda c: indices.listed(),
    "published_indices.latest": lambda c: indices.latest(c(c.of.spread)),
    "published_indices.key.province": "Tỉnh",
    "published_indices.table": lambda c: c(c.of.spread),
    "apci_published.published": lambda c: c(c.of.published),
    "apci_published.published_rows.table": lambda c: c(c.of.published),
    "apci_published.names": lambda c: c.of.edition.groups,
    "apci_published.words": apci_figures.MEASURE,
    "apci_published.bounds": apci_figures.BOUND,
    "apci_published.conflicts": lambda c: c(apci_figures.apci_conflicts(c.of.published)),
    "apci_published.cost": _costs,
    "apci_published.table": _rates,
    # a survey edition
    "apci_survey.names": lambda c: c.of.edition.groups,
    "apci_survey.estimates": lambda c: c.edition.estimates,
    "apci_survey.measure": "compliance_cost",
    "apci_survey.change.measure": "hours",
    "apci_survey.changes.measure": "hours",
    "apci_survey.domain": "key_region",
    "apci_survey.categories": lambda c: c.of.edition.regions("key_region"),
    "apci_survey.asked": lambda c: c.of.edition.survey,
    "apci_survey.table": lambda c: c.group,
    "apci_survey.row": pd.Series(
        {"obs_status": "O", "estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan}
    ),
    "apci_survey.median": lambda c: c.group,
    "apci_survey.mean": lambda c: c.group,
    "apci_survey.resampled": lambda c: c.edition.resampled,
    "apci_survey.first": "Nhóm",
    "apci_survey.as_shares.table": lambda c: apci_survey.steps(
        c.edition.estimates, c.of.edition.survey, c.of.edition.groups
    ),
    "apci_survey.columns": lambda c: c.of.edition.survey["steps"],
    "apci_survey.found": lambda c: {
        measure: apci_survey.by_group(c.edition.estimates, measure, c.of.edition.groups)
        for measure in apci_survey.SHARES
    },
    "apci_survey.what": "Nộp trực tuyến",
    "apci_survey.sensitivity": lambda c: c.edition.sensitivity,
    "apci_survey.change.table": lambda c: c.edition.change,
    "apci_survey.changes.table": lambda c: c.edition.change,
    "apci_survey.scores": lambda c: c.edition.scores,
    "apci_survey.answers": lambda c: c.edition.answers,
    "apci_models.held": lambda c: c.of.edition,
    "apci_models.publication": "coefficient_of_variation",
    "apci_models.caution": lambda c: c.of.edition.parameter("cv_caution_percent"),
    "apci_models.withheld": lambda c: c.of.edition.parameter("cv_withheld_percent"),
    "apci_models.table": lambda c: c(_REGRESSED),
    "apci_models.stated": [{"code": "time", "name": {"vi": "Thời gian", "en": "Time"}}],
    "apci_models.labels": lambda c: {"region": c.of.edition.regions("region")},
    "apci_quadrants.estimates": lambda c: c.edition.estimates,
    "apci_quadrants.names": lambda c: c.of.edition.provinces,
    "apci_quadrants.table": lambda c: c.matrix,
    "apci_quadrants.matrix": lambda c: c.matrix,
    "apci_provinces.table": lambda c: c.edition.small_areas,
    "apci_provinces.fit": lambda c: c.edition.small_area_fit,
    "apci_provinces.measure": "hours",
    "apci_provinces.names": lambda c: c.of.edition.provinces,
    "apci_provinces.asked": lambda c: c.of.edition.survey,
    "apci_provinces.rows": lambda c: apci_provinces.of_measure(
        c.edition.small_areas, "hours", c.of.edition.provinces
    ),
    "model_charts.table": lambda c: c(
        pd.DataFrame({"name": ["A", "B"], "x": [1.0, 0.8], "y": [0.9, 1.1]})
    ),
    "apci_answers.records": lambda c: c.edition.records,
    "apci_answers.sample": lambda c: c.edition.sample,
    "apci_answers.answers": lambda c: c.edition.answers,
    "apci_answers.regions": lambda c: c.of.edition.regions("region"),
    "apci_answers.sizes": lambda c: c.of.edition.survey["sizes"],
    "apci_answers.table": lambda c: c.edition.item_response,
    "apci_answers.asked": lambda c: c.of.edition.survey,
    # its fieldwork
    "fieldwork_chart.so_far.table": lambda c: response_rates.by_day(c.judged),
    "fieldwork_chart.planned": 4000,
    "fieldwork.rates": lambda c: c.rates,
    "fieldwork.contacts": lambda c: c.edition.contacts,
    "fieldwork.interviews": lambda c: c.judged,
    "fieldwork.regions": lambda c: c.of.edition.regions("region"),
    "fieldwork.sizes": lambda c: c.of.edition.survey["sizes"],
    "fieldwork.provinces": lambda c: c.of.edition.provinces,
    "fieldwork.survey": lambda c: c.of.edition.survey,
    "fieldwork.nonresponse.table": lambda c: c.edition.item_response,
    "fieldwork.judged": lambda c: c.judged,
    "fieldwork.limit": 10.0,
    "fieldwork.counted": lambda c: interview_checks.at_quarters(c.judged["start"]),
    "fieldwork.marked": lambda c: interview_checks.marked(c.judged),
    "fieldwork.copied": lambda c: c.copied,
    "fieldwork.found": lambda c: interview_checks.straight_lined(
        c.edition.answers, c.of.edition.survey
    ),
    "fieldwork.effects.table": lambda c: c.effects,
    "fieldwork.measures": lambda c: c.of.edition.survey["measures"],
    "fieldwork.places": lambda c: interview_checks.where(c.judged, c.edition.contacts, "province"),
    "fieldwork.least": 8,
    "fieldwork.confounded.effects": lambda c: c.effects,
    "fieldwork.responded": 1000,
    "fieldwork.interim.planned": 4000,
    "fieldwork.stated": True,
    "fieldwork.widths.table": lambda c: c.widths,
    "fieldwork.names": lambda c: c.of.edition.groups,
}
"""Parameter → what it is given, or a function of :class:`Part` that gives it; where functions ask
for different things by one name, with the module, or module and function, before it."""
