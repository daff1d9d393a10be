"""How each public function of what a page shows is called: charts, tables, sentences, views.

Every table that a function is given goes through ``c`` first, which leaves as much of it as a
period may have: nothing yet, one row, no value, one unit (``test_nothing_yet.py``).
"""

import importlib
import inspect
import pkgutil
from dataclasses import replace
from datetime import date
from functools import cached_property
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd

from analysis import pipeline, topics
from analysis.catalogue import catalogue, periods
from analysis.checking import register_counts, register_entries, register_states, timeliness
from analysis.display import charts, narrative, tables
from analysis.display.charts import (
    rank_charts,
    register_charts,
    series_charts,
    survey_charts,
    tile_map,
    unit_charts,
)
from analysis.history import revisions
from analysis.indicators import targets
from analysis.period import load
from analysis.published import apci_figures, indices, international
from analysis.scoring import diagnose, explain
from analysis.survey import cost, editions
from analysis.topics import (
    apci_published,
    apci_survey,
    business_environment,
    commitments,
    compliance_cost,
    corrections,
    periodic_report,
    public_summary,
    published_indices,
    punctuality,
)
from analysis.topics import ranking as rank_views
from analysis.topics import records as register_views

_SHARED = {"figure", "svg"}
"""What charts are made of, and show nothing by themselves."""
_COMPUTES = {"business_environment.follow", "business_environment.rescored"}
FRAMEWORK = "qd766_06a"
SAYS = {"title": "Tên hình", "source": "Nguồn."}
DRAWN = {**SAYS, "unit": "điểm"}
DAY = date(2022, 6, 25)


def functions() -> dict[str, object]:
    """All public functions of the modules that make what a page shows, found by their names."""
    found = {}
    for room in (topics, charts):
        for module in pkgutil.iter_modules(room.__path__):
            if module.name not in _SHARED:
                found |= _of(importlib.import_module(f"{room.__name__}.{module.name}"))
    found |= _of(tables) | _of(narrative)
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
        due = {form: catalogue.due_units(lists, plan, form) for form in plan.forms}
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
        return self(rank_views.ranking(held.scores, held.rank_intervals, self.of.names))

    @cached_property
    def parts(self):
        held = self.of.period.ranked(FRAMEWORK).explanation
        return self(rank_views.parts(held, self.of.framework, self.of.unit))

    @cached_property
    def pair(self):
        return self(rank_views.between(self.of.pair, self.of.framework))

    @cached_property
    def records(self):
        return self(self.of.records)

    @cached_property
    def placed(self):
        values = self.of.scores[self.of.scores["level"] == "framework"]
        values = values.assign(value=values["score"])
        return self(rank_views.on_tiles(values, self.of.lists.tiles_on(self.of.period.plan.end)))

    @cached_property
    def national(self):
        return tables.national(self.tables.national, self.of.framework)

    @cached_property
    def summed(self):
        judged = self.tables.assessments
        judged = judged[judged["framework"] == FRAMEWORK]
        held = self(self.of.asked)
        return commitments.summary(targets.counts(judged), held, self.national, self.of.framework)

    @cached_property
    def over_time(self):
        values = self.of.period.ranked(FRAMEWORK).indicator_values
        twice = [values, values.assign(time_period="2022-Q1")]
        return self(pd.concat(twice, ignore_index=True))

    @cached_property
    def totals(self):
        whole = self.of.scores[self.of.scores["level"] == "framework"]
        twice = [whole, whole.assign(time_period="2022-Q1", score=whole["score"] - 1)]
        return self(pd.concat(twice, ignore_index=True).assign(recast="unchanged"))

    @cached_property
    def own_totals(self):
        whole = self.of.scores[self.of.scores["level"] == "framework"]
        whole = whole[whole["reporting_unit"] == self.of.unit]
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
    def matrix(self):
        return apci_survey.quadrants(self.edition.estimates, self.of.edition.provinces)

    @cached_property
    def moved(self):
        held = self.of.scores[self.of.scores["level"] == "framework"].head(6)
        held = held.rename(columns={"score": "score_before", "rank": "rank_before"})
        after = {"score_after": held["score_before"] + 1, "rank_after": held["rank_before"] + 1}
        return self(held.assign(**after, why=["own", "others"] * 3))

    @cached_property
    def changed(self):
        held = self.of.period.tables.observations.head(40)
        before = held["obs_value"] + 1
        return self(held.assign(change="corrected", before=before, after=held["obs_value"]))

    @cached_property
    def arrived(self):
        return self(self.of.period.tables.submissions.head(20))

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

    @cached_property
    def fact(self):
        return public_summary.Fact("Tên", 12.5, "Câu.", "n = 1.", "Nguồn.", "Kỳ", True)


def _points(c: Part) -> pd.DataFrame:
    rows = c.of.scores[c.of.scores["level"] == "dimension"]
    return c(rows.assign(name=rows["code"], label=rows["reporting_unit"], value=rows["score"]))


def _attended(c: Part) -> pd.DataFrame:
    return c(punctuality.grid(c.of.timeliness, c.of.names))


def _profile(c: Part) -> pd.DataFrame:
    alike = c.ranked("peer_scores")
    return tables.peers(c.own, alike[alike["peer_type"] == "ministry"], c.of.framework)


def _agreed(c: Part) -> pd.DataFrame:
    rows = {"published_score": [1.0, 2.0], "score": [1.0, 2.5], "difference": [0.0, 0.5]}
    return c(pd.DataFrame(rows).assign(outcome=["agrees", "differs"], reporting_unit=["a", "b"]))


def _states(c: Part) -> pd.DataFrame:
    return register_views.named(register_counts.states(c.records, "reporting_unit"), c.of.names)


def _panels(c: Part) -> pd.DataFrame:
    return pd.concat([c.placed.assign(panel=p) for p in ("một", "hai")], ignore_index=True)


def _drawn(c: Part) -> pd.DataFrame:
    listed = international.listed()
    drawn = business_environment.to_draw(c.of.series, listed, c.of.followed)
    return c(international.segments(drawn, listed))


def _costs(c: Part) -> pd.DataFrame:
    return c(apci_figures.apci_series(c.of.published, "cost_mean_per_procedure"))


def _pairs(c: Part) -> pd.DataFrame:
    return rank_views.named_pairs(c.ranked("rank_pairs"), c.of.names)


def _case(c: Part) -> tuple:
    cases = apci_figures.standard_cost_cases()
    return cases.iloc[0], cost.what_if(cases.iloc[:1], times_per_year=4).iloc[0]


def _labels(c: Part) -> list[str]:
    return list(c.ranking["name"].drop_duplicates())


def _diagnosed(c: Part, name: str) -> pd.DataFrame:
    held, tree = c.of.period.ranked(FRAMEWORK), c.of.period.tree(FRAMEWORK)
    if name == "influence":
        return c(diagnose.influence(held.indicator_values, held.scores, tree))
    more = [c.of.framework] if name == "discrimination" else []
    return c(getattr(diagnose, name)(held.indicator_values, tree, *more))


def _two_groups(c: Part) -> dict[str, pd.DataFrame]:
    return {m: apci_survey.by_group(c.edition.estimates, m, c.of.edition.groups)
            for m in apci_survey.SHARES}  # fmt: skip


def _outlined(call) -> object:
    return lambda c: call(c.of.lists.outlines["periodic_report"], c.period)


CALLS = {
    "unit_charts.ranked_bars": lambda c: unit_charts.ranked_bars(
        c(c.of.scores.drop_duplicates("reporting_unit").set_index("reporting_unit")["score"]),
        **DRAWN,
    ),
    "unit_charts.spread": lambda c: unit_charts.spread(_points(c), **DRAWN),
    "unit_charts.profile": lambda c: unit_charts.profile(_profile(c), **DRAWN),
    "unit_charts.agreement": lambda c: unit_charts.agreement(_agreed(c), **SAYS),
    "unit_charts.attendance": lambda c: unit_charts.attendance(_attended(c), **SAYS),
    "rank_charts.rank_intervals": lambda c: rank_charts.rank_intervals(c.ranking, **SAYS),
    "rank_charts.effects": lambda c: rank_charts.effects(
        rank_views.bars(c.parts, "against_peers"), **DRAWN
    ),
    "rank_charts.above": lambda c: rank_charts.above(_pairs(c), _labels(c), **SAYS),
    "rank_charts.history": lambda c: rank_charts.history(
        rank_views.over_time(c.totals, c.of.names), **DRAWN
    ),
    "rank_charts.against_peers": lambda c: rank_charts.against_peers(
        rank_views.against_peers(c.own_totals, c.deciles), **SAYS, name="Đơn vị"
    ),
    "rank_charts.indicators_over_time": lambda c: rank_charts.indicators_over_time(
        rank_views.indicators_over_time(c.over_time, c.of.framework, c.of.names), **SAYS
    ),
    "rank_charts.importance": lambda c: rank_charts.importance(
        c.ranked("rank_factors"), rank_views.FACTOR, **SAYS
    ),
    "rank_charts.side_by_side": lambda c: rank_charts.side_by_side(c.pair, "A", "B", **DRAWN),
    "register_charts.by_state": lambda c: register_charts.by_state(
        _states(c), register_views.state_names(c.of.register), **DRAWN
    ),
    "register_charts.in_order": lambda c: register_charts.in_order(
        register_views.bands(register_counts.ageing(c.records, c.of.register)), **DRAWN
    ),
    "series_charts.ranks": lambda c: series_charts.ranks(_drawn(c), **DRAWN),
    "series_charts.estimates": lambda c: series_charts.estimates(
        international.segments(c.governance, international.listed()), **DRAWN
    ),
    "series_charts.spreads": lambda c: series_charts.spreads(c(c.of.spread), **SAYS, own="Tỉnh"),
    "survey_charts.intervals": lambda c: survey_charts.intervals(c.group, **DRAWN, log=True),
    "survey_charts.stacked": lambda c: survey_charts.stacked(
        apci_survey.composition(c.edition.estimates, c.of.edition.groups),
        {"time": "Thời gian", "direct": "Tiền"},
        **DRAWN,
    ),
    "survey_charts.quadrants": lambda c: survey_charts.quadrants(c.matrix, **SAYS),
    "survey_charts.editions": lambda c: survey_charts.editions(
        _costs(c), names=c.of.edition.groups, **DRAWN
    ),
    "tile_map.limits": lambda c: tile_map.limits(c(c.of.scores["score"])),
    "tile_map.classes": lambda c: tile_map.classes(c(c.of.scores["score"]), np.array([0, 50, 99])),
    "tile_map.tile_map": lambda c: tile_map.tile_map(c.placed, **DRAWN),
    "tile_map.tile_maps": lambda c: tile_map.tile_maps(_panels(c), **DRAWN),
    "tables.whole": lambda c: tables.whole(float("nan")),
    "tables.points": lambda c: tables.points(float("nan")),
    "tables.fine": lambda c: tables.fine(None),
    "tables.share": lambda c: tables.share(None),
    "tables.ranking": lambda c: tables.ranking(
        rank_views.one_row_each(c.ranking, c.of.lists.unit_types)
    ),
    "tables.between": lambda c: tables.between("A", "B"),
    "tables.show": lambda c: tables.show(c.national, *tables.NATIONAL),
    "tables.issues": lambda c: tables.issues(c.tables.issues, c.of.names),
    "tables.missing": lambda c: tables.missing(c.tables, c.of.names, c.of.lists.rules),
    "tables.severities": lambda c: tables.severities(c.tables.issues),
    "tables.measured": lambda c: tables.measured(float("nan"), "points"),
    "tables.national": lambda c: c.national,
    "tables.codebook": lambda c: tables.codebook(c.of.framework),
    "tables.ranks": lambda c: tables.ranks(c.scores),
    "tables.league": lambda c: tables.league(c.scores, c.of.framework, c.of.names),
    "tables.heaviest": lambda c: tables.heaviest(c.scores, c.of.framework),
    "tables.peers": lambda c: _profile(c),
    "tables.indicators": lambda c: tables.indicators(
        c.tables.indicator_values, c.own, c.of.framework, c.of.unit
    ),
    "tables.indicator_heads": lambda c: tables.indicator_heads(c.of.framework),
    "narrative.paragraphs": lambda c: narrative.paragraphs("", "Câu."),
    "narrative.links": lambda c: narrative.links("Khác", [("a.html", "A")]),
    "narrative.heading": lambda c: narrative.heading("Tên", ""),
    "narrative.cards": lambda c: narrative.cards([("a", "…", "b")]),
    "narrative.caveats": lambda c: narrative.caveats(c.of.period.plan),
    "narrative.source": lambda c: narrative.source(c.of.period.plan),
    "narrative.basis": lambda c: narrative.basis(c.of.framework),
    "narrative.survey_caveats": lambda c: narrative.survey_caveats(
        c.of.edition.plan, c.of.edition.parameter("hourly_rate")
    ),
    "narrative.survey_source": lambda c: narrative.survey_source(c.of.edition.plan),
    "narrative.glance": lambda c: narrative.glance(c.tables, c.of.period.due),
    "narrative.overview": lambda c: narrative.overview(c.tables, c.of.period.due),
    "narrative.nothing_usable": lambda c: narrative.nothing_usable(c.tables),
    "narrative.reporting": lambda c: narrative.reporting(c.tables),
    "narrative.balance": lambda c: narrative.balance(c.tables.balance),
    "narrative.complete": lambda c: narrative.complete(
        tables.league(c.scores, c.of.framework, c.of.names), c.of.framework
    ),
    "narrative.result": lambda c: narrative.result(c.scores, c.of.names),
    "narrative.leaders": lambda c: narrative.leaders(
        c.scores, next(iter(c.of.framework["dimensions"])), "Nhóm", c.of.names
    ),
    "narrative.agreement": lambda c: narrative.agreement(_agreed(c), 0.01),
    "narrative.unit": lambda c: narrative.unit(c.own, c.of.framework, "các bộ", c.tables.issues),
    "compliance_cost.scale": lambda c: compliance_cost.scale("VND"),
    "compliance_cost.key": lambda c: compliance_cost.key(*_case(c), 4),
    "compliance_cost.by_rate": lambda c: compliance_cost.by_rate(
        _case(c)[0], c(pd.Series([1e9, 2e9], index=["a", "b"]))
    ),
    "business_environment.followed": lambda c: business_environment.followed(
        c(c.of.followed), international.listed()
    ),
    "business_environment.key": lambda c: business_environment.key(c(c.of.followed), DAY),
    "business_environment.why_silent": lambda c: business_environment.why_silent(
        c(c.of.followed), international.listed()
    ),
    "business_environment.to_draw": lambda c: business_environment.to_draw(
        c(c.of.series), international.listed(), c(c.of.followed)
    ),
    "business_environment.named": lambda c: business_environment.named(
        c(c.of.series), international.listed(), "ranks"
    ),
    "business_environment.figures_table": lambda c: business_environment.figures_table(
        business_environment.named(c(c.of.series), international.listed(), "ranks")
    ),
    "business_environment.by_edition": lambda c: business_environment.by_edition(
        c(business_environment.named(c.of.series, international.listed(), "doing_business"))
    ),
    "business_environment.moved": lambda c: business_environment.moved(
        international.moved(c.governance, 1996, 2024), international.listed()
    ),
    "business_environment.moved_key": lambda c: business_environment.moved_key(
        international.moved(c.governance, 1996, 2024), 1996, 2024
    ),
    "business_environment.agreement_key": lambda c: business_environment.agreement_key(
        c(c.of.agreed)
    ),
    "business_environment.measures": lambda c: business_environment.measures(
        c(c.of.agreed), international.doing_business()[1]
    ),
    "published_indices.code": lambda c: published_indices.code(c.of.figures, c.of.lists.units, 22),
    "published_indices.province": lambda c: published_indices.province(
        c(c.of.figures), c.of.lists.units, "22"
    ),
    "published_indices.named": lambda c: published_indices.named(
        indices.spread(c(c.of.figures), "22"), indices.listed()
    ),
    "published_indices.key": lambda c: published_indices.key(
        indices.latest(c(c.of.spread)), "Tỉnh"
    ),
    "published_indices.absent": lambda c: published_indices.absent(c(c.of.spread)),
    "published_indices.sources": lambda c: published_indices.sources(
        c(c.of.figures), indices.listed()
    ),
    "periodic_report.masthead": _outlined(periodic_report.masthead),
    "periodic_report.body": _outlined(periodic_report.body),
    "periodic_report.closing": _outlined(lambda outline, period: periodic_report.closing(outline)),
    "periodic_report.key": _outlined(periodic_report.key),
    "apci_published.published_editions": lambda c: apci_published.published_editions(
        c(c.of.published)
    ),
    "apci_published.published_rows": lambda c: apci_published.published_rows(
        c(c.of.published), c.of.edition.groups, apci_figures.MEASURE, apci_figures.BOUND
    ),
    "apci_published.published_summary": lambda c: apci_published.published_summary(
        c(c.of.published), c(apci_figures.apci_conflicts(c.of.published))
    ),
    "apci_published.break_sentence": lambda c: apci_published.break_sentence(
        _costs(c), c.of.edition.groups
    ),
    "apci_published.rates": lambda c: apci_published.rates(
        c(apci_figures.implied_hourly_rates(c.of.published)), c.of.edition.groups
    ),
    "apci_published.rate_range": lambda c: apci_published.rate_range(
        c(apci_figures.implied_hourly_rates(c.of.published))
    ),
    "ranking.ranking": lambda c: rank_views.ranking(
        c.scores, c.ranked("rank_intervals"), c.of.names
    ),
    "ranking.one_row_each": lambda c: rank_views.one_row_each(c.ranking, c.of.lists.unit_types),
    "ranking.key": lambda c: rank_views.key(c.ranking, c.ranked("rank_pairs")),
    "ranking.named_pairs": lambda c: _pairs(c),
    "ranking.on_tiles": lambda c: c.placed,
    "ranking.by_region": lambda c: rank_views.by_region(c.placed, c.of.lists.regions),
    "ranking.where": lambda c: rank_views.where(c.placed, c.of.lists.regions),
    "ranking.like": lambda c: rank_views.like(c.ranked("rank_close"), c.own, c.of.names),
    "ranking.beside": lambda c: rank_views.beside(c.ranked("rank_neighbours"), c.of.names),
    "ranking.choices": lambda c: rank_views.choices(c.of.framework),
    "ranking.importance": lambda c: rank_views.importance(c.ranked("rank_factors")),
    "ranking.failed": lambda c: rank_views.failed(
        c.ranked("rank_failures"), c.ranked("rank_intervals")
    ),
    "ranking.labels": lambda c: rank_views.labels(c.of.framework),
    "ranking.parts": lambda c: rank_views.parts(c.ranked("explanation"), c.of.framework, c.of.unit),
    "ranking.bars": lambda c: rank_views.bars(c.parts, "change"),
    "ranking.strengths": lambda c: rank_views.strengths(c.parts, "các bộ"),
    "ranking.change": lambda c: rank_views.change(c.parts, "2022-Q1"),
    "ranking.next_point": lambda c: rank_views.next_point(c.parts),
    "ranking.between": lambda c: rank_views.between(c(c.of.pair), c.of.framework),
    "ranking.gap": lambda c: rank_views.gap(c.pair, "A", "B"),
    "ranking.over_time": lambda c: rank_views.over_time(c.totals, c.of.names),
    "ranking.against_peers": lambda c: rank_views.against_peers(c.own_totals, c.deciles),
    "ranking.indicators_over_time": lambda c: rank_views.indicators_over_time(
        c.over_time, c.of.framework, c.of.names
    ),
    "ranking.gaps_over_time": lambda c: rank_views.gaps_over_time(c.over_time, "2022-Q2"),
    "ranking.national_over_time": lambda c: rank_views.national_over_time(
        c.national.assign(time_period="2022-Q2"), c.of.framework
    ),
    "ranking.movers": lambda c: rank_views.movers(c.effect, c.of.names),
    "ranking.movement": lambda c: rank_views.movement(c.effect, "2022-Q1"),
    "ranking.recast_counts": lambda c: rank_views.recast_counts(c.totals),
    "ranking.discrimination": lambda c: rank_views.discrimination(
        _diagnosed(c, "discrimination"), _diagnosed(c, "influence"), c.of.framework
    ),
    "ranking.reliability": lambda c: rank_views.reliability(
        _diagnosed(c, "reliability"), c.of.framework
    ),
    "ranking.close": lambda c: rank_views.close(_diagnosed(c, "correlations"), c.of.framework),
    "ranking.noted": lambda c: rank_views.noted(
        c.tables.score_notes, c.of.lists.rules, c.of.names, c.of.framework
    ),
    "ranking.by_peers": lambda c: rank_views.by_peers(c.ranking, c.of.lists.unit_types),
    "ranking.first_two": lambda c: rank_views.first_two(c.ranking),
    "ranking.peers_of": lambda c: rank_views.peers_of(
        c.of.framework, "ministry", c.of.lists.unit_types
    ),
    "ranking.standing": lambda c: rank_views.standing(
        c.own, c.ranked("rank_intervals"), c.of.framework
    ),
    "ranking.place": lambda c: rank_views.place(
        rank_views.standing(c.own, c.ranked("rank_intervals"), c.of.framework), None, "các bộ"
    ),
    "ranking.favourable": lambda c: rank_views.favourable(
        _diagnosed(c, "most_favourable"), c.scores, c.of.names, c.of.framework
    ),
    "ranking.favourable_said": lambda c: rank_views.favourable_said(
        c(pd.DataFrame({"name": ["A", "B"], "score": [100.0, 90.0]}))
    ),
    "records.state_names": lambda c: register_views.state_names(c.of.register),
    "records.state_counts": lambda c: register_views.state_counts(
        register_counts.states(c.records), c.of.register
    ),
    "records.named": lambda c: _states(c),
    "records.choices": lambda c: register_views.choices(
        c.of.lists.forms["recommendations"], "field"
    ),
    "records.bands": lambda c: register_views.bands(
        register_counts.ageing(c.records, c.of.register)
    ),
    "records.ahead": lambda c: register_views.ahead(
        register_counts.forecast(c.records, c.of.register), c.of.names, c.of.register
    ),
    "records.overdue": lambda c: register_views.overdue(
        c.records, c.of.register, c.of.names, "text"
    ),
    "records.more": lambda c: register_views.more(c.records),
    "records.key": lambda c: register_views.key(
        c.records, register_counts.states(c.records), c.of.register, c.of.names, c.of.period.plan
    ),
    "records.identities": lambda c: register_views.identities(
        register_counts.states(c.records), c.of.register
    ),
    "records.carried": lambda c: register_views.carried(c.records, c.of.register),
    "records.not_counted": lambda c: register_views.not_counted(
        c.tables.records,
        c.tables.issues,
        c.of.register,
        register_entries.table(c.tables.records, c.of.register),
    ),
    "records.theme_counts": lambda c: _themes(c),
    "records.plan_rows": lambda c: register_views.plan_rows(
        _planned(c), c.of.lists.forms["plan_deliverables"], "g1"
    ),
    "records.plan_counts": lambda c: register_views.plan_counts(
        _planned(c), c.of.lists.forms["plan_deliverables"]
    ),
    "records.plan_key": lambda c: register_views.plan_key(
        register_views.plan_counts(_planned(c), c.of.lists.forms["plan_deliverables"])
    ),
    "corrections.key": lambda c: corrections.key(c.arrived, c.changed, c.moved, DAY),
    "corrections.arrivals": lambda c: corrections.arrivals(c.arrived, c.changed, c.of.names),
    "corrections.figures": lambda c: corrections.figures(
        c.changed, c.of.names, c.of.lists.forms, c.of.lists.fields
    ),
    "corrections.more": lambda c: corrections.more(c.changed),
    "corrections.scores": lambda c: corrections.scores(
        c.moved, c(revisions.parts(c.of.scores, c.of.scores, [])), c.of.framework, c.of.names
    ),
    "corrections.finding": lambda c: corrections.finding(corrections.steps(c.moved, c.of.names)),
    "corrections.steps": lambda c: corrections.steps(c.moved, c.of.names),
    "public_summary.facts": lambda c: public_summary.facts(c.of.lists.public_summary, c.period),
    "public_summary.key": lambda c: public_summary.key(
        public_summary.facts(c.of.lists.public_summary, c.period)
    ),
    "public_summary.limits": lambda c: public_summary.limits(c.of.lists.public_summary),
    "public_summary.share_image": lambda c: public_summary.share_image(c.fact),
    "apci_survey.by_group": lambda c: c.group,
    "apci_survey.within": lambda c: apci_survey.within(
        c.edition.estimates, "tax", "key_region", "hours", {}
    ),
    "apci_survey.scaled": lambda c: apci_survey.scaled(c.group),
    "apci_survey.composition": lambda c: apci_survey.composition(
        c.edition.estimates, c.of.edition.groups
    ),
    "apci_survey.steps": lambda c: apci_survey.steps(
        c.edition.estimates, c.of.edition.survey, c.of.edition.groups
    ),
    "apci_survey.quadrants": lambda c: c.matrix,
    "apci_survey.choices": lambda c: apci_survey.choices(
        c.edition.sensitivity, c.of.edition.groups
    ),
    "apci_survey.two_ways": lambda c: apci_survey.two_ways(
        c.edition.estimates, c.edition.resampled, "compliance_cost", c.of.edition.groups
    ),
    "apci_survey.interval": lambda c: apci_survey.interval(
        pd.Series({"obs_status": "O", "estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan})
    ),
    "apci_survey.with_text": lambda c: apci_survey.with_text(c.group),
    "apci_survey.glance": lambda c: apci_survey.glance(
        c.edition.answers, c.edition.estimates, c.of.edition.groups
    ),
    "apci_survey.told_apart": lambda c: apci_survey.told_apart(c.group),
    "apci_survey.changes": lambda c: apci_survey.changes(
        c.edition.change, "hours", c.of.edition.groups, "2020"
    ),
    "apci_survey.quadrant_counts": lambda c: apci_survey.quadrant_counts(c.matrix),
    "apci_survey.share_sentence": lambda c: apci_survey.share_sentence(c.group, "Nộp trực tuyến"),
    "apci_survey.weights": lambda c: apci_survey.weights(c.edition.sample, c.edition.answers),
    "apci_survey.side_by_side": lambda c: apci_survey.side_by_side(c.group, c.group),
    "apci_survey.as_shares": lambda c: apci_survey.as_shares(
        apci_survey.steps(c.edition.estimates, c.of.edition.survey, c.of.edition.groups),
        c.of.edition.survey["steps"],
    ),
    "apci_survey.shares": lambda c: apci_survey.shares(_two_groups(c), c.of.edition.groups),
    "apci_survey.across": lambda c: apci_survey.across(
        c.edition.estimates,
        "compliance_cost",
        "key_region",
        c.of.edition.groups,
        c.of.edition.regions("key_region"),
    ),
    "apci_survey.heads": lambda c: apci_survey.heads("Nhóm", {}),
    "apci_survey.ratios": lambda c: apci_survey.ratios(c.matrix),
    "apci_survey.change": lambda c: apci_survey.change(
        c.edition.change, "hours", c.of.edition.groups
    ),
    "apci_survey.group_scores": lambda c: apci_survey.group_scores(
        c.edition.scores, c.of.edition.groups
    ),
    "apci_survey.places": lambda c: apci_survey.places(
        c.edition.scores, "key_region", c.of.edition.groups, c.of.edition.regions("key_region")
    ),
    "apci_survey.answer_count": lambda c: apci_survey.answer_count(c.edition.records),
    "apci_survey.states": lambda c: apci_survey.states(c.edition.records),
    "apci_survey.strata": lambda c: apci_survey.strata(
        c.edition.sample, c.of.edition.regions("region"), c.of.edition.survey["sizes"]
    ),
    "apci_survey.questions": lambda c: apci_survey.questions(
        c.edition.item_response, c.of.edition.survey
    ),
    "commitments.worded": lambda c: commitments.worded(c(c.of.asked)),
    "commitments.summary": lambda c: c.summed,
    "commitments.furthest": lambda c: commitments.furthest(
        c.tables.assessments, c(c.of.asked), c.of.framework, c.of.names
    ),
    "commitments.of_unit": lambda c: commitments.of_unit(
        c.tables, [c.of.framework], c(c.of.lists.targets), c.of.period.plan.end, c.of.unit
    ),
    "commitments.judged": lambda c: commitments.judged(c.tables.assessments),
    "commitments.uncertain": lambda c: commitments.uncertain(c(c.of.asked)),
    "commitments.macro_key": lambda c: commitments.macro_key(c(c.of.asked), DAY),
    "commitments.key": lambda c: commitments.key(c.summed),
    "commitments.lines": lambda c: commitments.lines(
        c.tables, [c.of.framework], c.of.lists.targets, c.of.period.plan.end
    ),
    "commitments.strips": lambda c: commitments.strips(
        c.ranked("indicator_values"), c(c.of.asked), c.of.framework, c.of.names
    ),
    "punctuality.calendar": lambda c: _calendar(c),
    "punctuality.regimes": lambda c: punctuality.regimes(c.of.lists.regimes),
    "punctuality.league": lambda c: punctuality.league(
        timeliness.league(c(c.of.timeliness), 1), c.of.names
    ),
    "punctuality.not_on_time": lambda c: punctuality.not_on_time(
        c(c.of.timeliness), "2022-Q2", c.of.names
    ),
    "punctuality.key": lambda c: punctuality.key(c(c.of.timeliness), "2022-Q2", DAY),
    "punctuality.grid": lambda c: punctuality.grid(c(c.of.timeliness), c.of.names),
    "punctuality.all_on_time": lambda c: punctuality.all_on_time(c(c.of.timeliness)),
    "punctuality.carried": lambda c: punctuality.carried(c.stocks, c.of.names, c.of.lists.forms),
    "punctuality.carried_sentence": lambda c: punctuality.carried_sentence(c.stocks),
}
"""Module and name → the call, given a :class:`Part`."""


def _themes(c: Part):
    form = c.of.lists.forms["recommendations"]
    rows = register_states.followed(c.of.period.tables.records, form, c.of.period.plan)
    found = c(register_counts.themes(rows, form))
    return register_views.theme_counts(found, form, len(found))


def _planned(c: Part) -> pd.DataFrame:
    held = load("plan-2022")
    return register_entries.table(c(held.tables.records), c.of.lists.forms["plan_deliverables"])


def _calendar(c: Part) -> pd.DataFrame:
    table = c(periods.calendar(c.of.lists.regimes["nd09_2019"], 2022))
    called = [periods.parse(code).name for code in table["time_period"]]
    return punctuality.calendar(table, called)
