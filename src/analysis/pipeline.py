"""The flow, in order: the one module that knows more than one step.

read → locate → clean → which submission counts → registers → validate → edit → fates
(:func:`check`), then
indicators → scores (:func:`build`). Nothing is kept here: :mod:`analysis.period` hands in what is
known of earlier periods and keeps the tables.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, frameworks, plans, unit_lists
from analysis.catalogue import tree as trees
from analysis.checking import (
    accounts,
    combined_figures,
    expected_ranges,
    fates,
    identity,
    located,
    proportion,
    register_counts,
    register_entries,
    register_findings,
    repeats,
    rule_results,
    standing,
    validate,
)
from analysis.editing import proposals
from analysis.exchange import influence, receipts, replies
from analysis.indicators import indicators, targets
from analysis.language import languages
from analysis.language.messages import tell
from analysis.language.words import fold
from analysis.lineage import imports, kept_steps, moved, store
from analysis.lineage.kept_steps import Steps
from analysis.published import published_scores
from analysis.reading import clean, legacy_text, lookalike, reading
from analysis.schema import tables as schema
from analysis.schema.tables import (
    FINDINGS,
    OBSERVATIONS,
    RECORDS,
    RULE_RESULTS,
    SCORED_VALUES,
    TABLES,
    Table,
    named,
)
from analysis.scoring import composite, explain, funnels, rank_sources, score, uncertainty
from analysis.storage.files import digest, name_of, visible

__getattr__ = moved.gone(__name__)  # period keeps what is made here


@dataclass(frozen=True)
class Tables:
    """The tables of one period (see :mod:`analysis.schema`)."""

    cells: pd.DataFrame
    observations: pd.DataFrame
    records: pd.DataFrame
    record_counts: pd.DataFrame
    submissions: pd.DataFrame
    issues: pd.DataFrame
    balance: pd.DataFrame
    proposals: pd.DataFrame
    rule_results: pd.DataFrame
    totals: pd.DataFrame
    level_totals: pd.DataFrame
    indicator_values: pd.DataFrame
    national: pd.DataFrame
    scores: pd.DataFrame
    peer_scores: pd.DataFrame
    score_notes: pd.DataFrame
    without_cases: pd.DataFrame
    weights: pd.DataFrame
    explanation: pd.DataFrame
    assessments: pd.DataFrame
    rank_intervals: pd.DataFrame
    rank_pairs: pd.DataFrame
    rank_close: pd.DataFrame
    rank_neighbours: pd.DataFrame
    rank_factors: pd.DataFrame
    rank_failures: pd.DataFrame
    rank_sources: pd.DataFrame
    tiers: pd.DataFrame
    funnels: pd.DataFrame
    dispersion: pd.DataFrame
    agreement: pd.DataFrame
    influence: pd.DataFrame


@dataclass(frozen=True)
class Earlier:
    """What the periods before tell of units that are still the same, back to where rules changed.

    ``observations``: schema.OBSERVATIONS of all of them, counts of registers too; ``records`` and
    ``indicator_values``: of ``time_period``, the period just before (None if there is none).
    ``mark``: what all of it rests on (:func:`analysis.period.fingerprint`).
    """

    time_period: str | None = None
    observations: pd.DataFrame = field(default_factory=partial(OBSERVATIONS.of, []))
    records: pd.DataFrame = field(default_factory=partial(RECORDS.of, []))
    indicator_values: pd.DataFrame = field(default_factory=partial(SCORED_VALUES.of, []))
    mark: str = ""

    @property
    def last(self) -> pd.DataFrame:
        """Observations of the period just before."""
        return self.observations[self.observations["time_period"] == self.time_period]

    @classmethod
    def of(
        cls,
        plan: plans.PeriodPlan,
        catalogue: cat.Catalogue,
        before: list[tuple[plans.PeriodPlan, Tables]],
    ) -> "Earlier":
        """What is known for ``plan`` from the periods ``before`` it, the last one first."""
        if not before:
            return cls()
        then, last = before[0]
        counted = [
            _of_same_units(
                joined([t.observations, t.record_counts], OBSERVATIONS), p, plan, catalogue
            )
            for p, t in before
        ]
        values = _of_same_units(last.indicator_values, then, plan, catalogue)
        held = pd.concat(counted, ignore_index=True)
        return cls(then.code, held, last.records, values, getattr(last, "mark", ""))


def _of_same_units(table: pd.DataFrame, then, plan, catalogue: cat.Catalogue) -> pd.DataFrame:
    """Rows of the units that are the same in both periods: after a merger a code means another."""
    same = catalogue.same_units(then.units_on, plan.units_on)
    return table[table["reporting_unit"].isin(same)]


class NoSubmissionsError(Exception):
    """The period's folder holds no submission."""


def submitted_files(plan: plans.PeriodPlan, place: project.Place) -> list[Path]:
    """Files of the period in name order; the folder's own description is not a submission. None
    where nothing was sent yet: pages say so, and who is awaited.

    Raises
    ------
    NoSubmissionsError
        as of a day: if there are none, or it is not known of each whether it was there.
    analysis.storage.files.NotAFileError
    """
    files = arrived_files(plan, place)
    if plan.known_on and not files:
        raise NoSubmissionsError(tell("{key}: nothing had arrived by then", key=plan.key))
    return files


def begun(plan: plans.PeriodPlan, place: project.Place) -> bool:
    """Whether anything was sent for the period (by ``plan.known_on``); else nothing rests on it."""
    return bool(arrived_files(plan, place))


def arrived_files(plan: plans.PeriodPlan, place: project.Place) -> list[Path]:
    """Files of the period that had arrived by ``plan.known_on`` (all, if it is not given), perhaps
    none.

    Raises
    ------
    NoSubmissionsError
        if it is not known of each whether it was there.
    """
    folder = place.submissions(plan.code)
    files = [p for p in visible(folder) if p.name.lower() not in receipts.OURS]
    if plan.known_on is None or not files:
        return files
    arrived = receipts.days(folder)
    unknown = [name_of(p) for p in files if name_of(p) not in arrived]
    if unknown:
        raise NoSubmissionsError(
            tell(
                "{key}: received.csv does not say when {n} files arrived ({names} …): write "
                "their days there",
                key=plan.key,
                n=len(unknown),
                names=", ".join(unknown[:3]),
            )
        )
    return [p for p in files if arrived[name_of(p)] <= plan.known_on]


def check(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    root: Path | None = None,
    progress=None,
    earlier: Earlier | None = None,
    known: Steps | None = None,
) -> dict[str, pd.DataFrame]:
    """read → locate → clean → which submission counts → registers → validate → edit → fates.

    Returns the tables of :class:`Tables` from ``cells`` to ``rule_results``. One faulty file never
    stops the others. ``known``: what steps gave when they rested on the same.

    Raises
    ------
    NoSubmissionsError
    analysis.schema.TableError
        if a table is not as declared.
    """
    place, earlier = project.Place(root or project.PROJECT), earlier or Earlier()
    asked, rules, known = _asked(plan, catalogue), catalogue.rules, known or Steps()
    folder = place.submissions(plan.code)
    if not submitted_files(plan, place):
        return _of_nothing(asked, folder, rules, plan)
    sent = _sent(plan, catalogue, place, asked, progress)
    counting = sent.counting
    settled = sent.cells.pipe(fates.settle, counting, plan)
    answers = replies.read(settled, counting.submissions, folder, rules, plan.known_on)
    # what is refused in registers is in no count, and counts are checked like figures
    contradictions, consistent, records = _registers(settled, asked, earlier.records, plan, rules)
    counts = register_counts.counts(records, asked.forms, plan, asked.units)
    values = combined_figures.added(fates.values(consistent), asked.forms)
    stated, past = joined([values, counts], OBSERVATIONS), _history(plan, catalogue, earlier, asked)
    broken, results = _held_to_rules(stated, asked, past, earlier.mark, known)
    figures = _figures(values, broken, asked, counting.submissions)
    errors = _errors(values, figures, asked, earlier.last, rules, known)
    wrong = located.withdrawing(answers.unconfirmed(figures), errors)
    cells = consistent.pipe(fates.withdraw, wrong, rules).pipe(fates.decide, rules)
    found = [
        validate.cell_findings(cells),
        validate.levels_absent(values, indicators.absent_levels(values, _levels(catalogue, plan))),
        figures,
        located.notes(figures, errors, cells, rules),
        contradictions,
        *_of_files(sent, asked, plan),
        *_of_all(cells, values, folder, asked, earlier.last, plan),
    ]
    checked = {
        "cells": cells,
        "observations": _observations(cells, asked.forms),
        "records": records,
        "record_counts": counts,
        "submissions": counting.submissions,
        "issues": _issues(found, answers, cells, rules, plan),
        "balance": fates.balance(cells, sent.counted),
        "proposals": errors.proposals,
        "rule_results": results,
    }
    schema.check(checked)
    return checked


def _of_nothing(asked: "_Asked", folder: Path, rules: dict, plan) -> dict[str, pd.DataFrame]:
    """The tables of :func:`check` where nothing was sent: without rows, but for what is awaited."""
    names = "cells observations records record_counts submissions balance proposals rule_results"
    held = {name: TABLES[name].of([]) for name in names.split()}
    found = [
        validate.completeness(held["cells"], asked.due),
        validate.arrivals(held["submissions"], receipts.read(folder), {}, plan, asked.due),
        FINDINGS.of(receipts.faults(folder)),
    ]
    checked = held | {"issues": _issues(found, replies.Answers([], []), held["cells"], rules, plan)}
    schema.check(checked)
    return checked


def taken_as(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, root: Path | None = None, progress=None
) -> pd.DataFrame:
    """What each file of the period is taken for (schema.SUBMISSIONS): form, unit, whether it counts
    and which revision it is; no figure is checked.

    Raises
    ------
    NoSubmissionsError
    """
    place, asked = project.Place(root or project.PROJECT), _asked(plan, catalogue)
    return _sent(plan, catalogue, place, asked, progress).counting.submissions


class _Sent(NamedTuple):
    """What was sent: its cleaned ``cells``, how many each sheet has by its bytes (``counted``), its
    arrivals (``received``), SHA-256 by file (``hashes``), and what of it counts (``counting``)."""

    cells: pd.DataFrame
    counted: pd.DataFrame
    received: pd.DataFrame
    hashes: dict[str, str]
    counting: standing.Standing


def _sent(plan, catalogue: cat.Catalogue, place, asked: "_Asked", progress) -> _Sent:
    """read → locate → clean → which submission counts."""
    files = submitted_files(plan, place)
    received = receipts.read(place.submissions(plan.code), plan.known_on)
    hashes = {name_of(path): digest(path) for path in files}
    read, counted = _located(files, asked, catalogue, place.derived(plan.key), progress)
    cells, windows = _cleaned(read.pipe(accounts.held_to, counted), asked, catalogue, plan)
    counting = standing.decide(cells, windows, received, hashes, plan, asked.forms)
    return _Sent(cells, counted, received, hashes, counting)


def _registers(
    settled: pd.DataFrame, asked: "_Asked", before: pd.DataFrame, plan, rules: dict
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Findings on the records of registers, the cells without what these refuse, and the records
    that are left."""
    written = register_entries.records(fates.in_force(settled), asked.forms)
    found = register_findings.findings(written, before, asked.forms, plan)
    kept = settled.pipe(fates.withdraw, found, rules)
    return found, kept, register_entries.records(fates.in_force(kept), asked.forms)


def _of_files(sent: "_Sent", asked: "_Asked", plan) -> list[pd.DataFrame]:
    """Findings on files as a whole: how they came, whether they count, what they are called."""
    held = sent.counting.submissions
    return [
        validate.arrivals(held, sent.received, sent.hashes, plan, asked.due),
        sent.counting.findings,
        identity.by_name(held, plan, asked.forms, asked.codes, asked.names),
    ]


def _of_all(
    cells: pd.DataFrame, values: pd.DataFrame, folder: Path, asked: "_Asked", before, plan
) -> list[pd.DataFrame]:
    """Findings on the ledger, on figures that another unit or period has, on what has not come."""
    return [
        FINDINGS.of(receipts.faults(folder, plan.known_on)),
        repeats.findings(values, before, asked.names),
        validate.completeness(cells, asked.due),
    ]


def _issues(
    parts: list[pd.DataFrame], answers: replies.Answers, cells: pd.DataFrame, rules: dict, plan
) -> pd.DataFrame:
    """All findings in words, answered or not, and the cells that none of them explains."""
    found = answers.marked(pd.concat(parts, ignore_index=True))
    issues = validate.issues(found, rules, plan.code)
    silent = accounts.unexplained(cells, issues)
    if silent.empty:
        return issues
    silent = silent.assign(state="open")
    return validate.issues(pd.concat([found, silent], ignore_index=True), rules, plan.code)


@dataclass(frozen=True)
class _Asked:
    """What a period asks, and of whom: ``forms`` and ``due`` (units) by code of the form, all
    ``units`` due; ``names`` and ``types`` of the units that exist (by code), ``codes`` and
    ``fields`` (folded name → code), ``mappings`` of exports that may hold the forms."""

    forms: dict[str, dict]
    due: dict[str, pd.DataFrame]
    units: list[str]
    names: dict[str, str]
    types: dict[str, str]
    codes: dict[str, str]
    fields: dict[str, str]
    mappings: dict[str, dict]


def _asked(plan: plans.PeriodPlan, catalogue: cat.Catalogue) -> _Asked:
    known = catalogue.units_on(plan.units_on)
    return _Asked(
        forms={c: catalogue.forms[c] | {"stated_as": plan.stated_as} for c in plan.forms},
        due={code: plans.due_units(catalogue, plan, code) for code in plan.forms},
        units=plans.due_units(catalogue, plan)["code"].tolist(),
        names=dict(zip(known["code"], known["name_vi"], strict=True)),
        types=dict(zip(known["code"], known["type"], strict=True)),
        codes=unit_lists.unit_names(known),
        fields=field_names(catalogue),
        mappings=_mappings(plan, catalogue),
    )


def _mappings(plan, catalogue: cat.Catalogue) -> dict[str, dict]:
    """Mappings of exports that may hold a form of the period, and the days of this."""
    period = {"code": plan.code, "time_period": plan.period.time_period}
    period |= {"start": plan.start, "end": plan.end}
    return {
        name: mapping | {"of_period": period}
        for name, mapping in catalogue.exports.items()
        if set(mapping["forms"]) & set(plan.forms)
    }


def _located(
    files: list[Path], asked: _Asked, catalogue: cat.Catalogue, derived: Path, progress
) -> reading.Located:
    """The cells of all files with their places in forms; what was read is kept in ``derived``."""
    limits = catalogue.parameters["limits"]
    by = reading.Known(asked.forms, asked.fields, vocabulary(catalogue), limits, asked.mappings)
    return reading.read(files, by, derived / store.READING / "located.parquet", progress)


def _cleaned(
    cells: pd.DataFrame, asked: _Asked, catalogue: cat.Catalogue, plan: plans.PeriodPlan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What cells say: figures, fields, units, entries of registers; and the days that each file
    states (:func:`analysis.reading.clean.windows`)."""
    cells = (
        cells.pipe(lookalike.told, catalogue.forms)
        .pipe(clean.numbers, asked.forms, catalogue.parameters, asked.mappings)
        .pipe(clean.fields, asked.fields)
        .pipe(clean.units, asked.codes, asked.names)
        .pipe(clean.repeated_units)
        .pipe(register_entries.parse, asked.forms, asked.codes, asked.names)
        .pipe(named)
    )
    windows = clean.windows(cells)
    cells = identity.marked(cells, windows, plan, asked.forms, asked.codes, asked.names)
    return cells, windows


def _observations(cells: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """Value cells that count, and what is made of them: at the first of its cells."""
    values = combined_figures.added(fates.values(cells), forms)
    first = values["source_cell"].str.split(", ").str[0]
    return OBSERVATIONS.take(values.assign(source_cell=first)).reset_index(drop=True)


def _history(
    plan: plans.PeriodPlan, catalogue: cat.Catalogue, earlier: Earlier, asked: _Asked
) -> expected_ranges.History:
    """What is known of the periods before, as ranges of this one are taken from it."""
    setting = dated.value_on(catalogue.parameters["expected_range"], plan.end)
    past = (plan.code, earlier.time_period, earlier.observations, asked.types, setting)
    return expected_ranges.History(*past)


def _held_to_rules(
    stated: pd.DataFrame, asked: _Asked, history: expected_ranges.History, mark: str, known: Steps
) -> tuple[list[validate.Broken], pd.DataFrame]:
    """What each rule of the forms found in what was stated, and how often it could say anything;
    form by form, as no rule is about two. ``mark``: what ``history`` rests on."""
    stated = stated.reindex(columns=validate.LOOKED_AT)
    broken, results = [], []
    for code, form in asked.forms.items():
        own = stated[stated["form"] == code].reset_index(drop=True)

        def made(code=code, form=form, own=own) -> dict[str, pd.DataFrame]:
            found = validate.by_rule(own, {code: form}, history.before, history)
            columns = list(FINDINGS.declared)
            told = {str(n): one.rows.reindex(columns=columns) for n, one in enumerate(found)}
            return told | {"results": rule_results.table(own, found, history)}

        held = known.tables(f"rules/{code}", [own, mark or history.observations], made)
        results.append(held.pop("results"))
        rules = zip(form["rules"], held.values(), strict=True)
        broken += [validate.Broken(code, rule, rows) for rule, rows in rules]
    return broken, joined(results, RULE_RESULTS)


def _figures(
    values: pd.DataFrame,
    broken: list[validate.Broken],
    asked: _Asked,
    submissions: pd.DataFrame,
) -> pd.DataFrame:
    """Findings on figures: what rules of forms found, in counts of registers too, and the rest."""
    agreeing = validate.together(broken)
    combined = combined_figures.findings(values, asked.forms)
    found = joined([agreeing, combined, proportion.findings(values, asked.forms)], FINDINGS)
    found = combined_figures.at_cells(found)
    senders = dict(zip(submissions["source_file"], submissions["reporting_unit"], strict=True))
    return register_findings.together(found, asked.forms, senders, asked.names)


def _errors(
    values: pd.DataFrame,
    figures: pd.DataFrame,
    asked: _Asked,
    before: pd.DataFrame,
    rules: dict,
    known: Steps,
) -> proposals.Located:
    """Which cells must be wrong, and which probably are, where findings on ``figures`` are."""
    severities = {code: rule["severity"] for code, rule in rules.items()}
    return proposals.table(values, figures, asked.forms, severities, before, known)


def vocabulary(catalogue: cat.Catalogue) -> set[str]:
    """Vietnamese words of names, forms and fields."""
    names = [*catalogue.units["name_vi"], *catalogue.fields["name_vi"]]
    for form in catalogue.forms.values():
        names += [form["title"]["vi"], *(i["name"]["vi"] for i in form["items"].values())]
        heads = [h for table in form.get("tables", []) for h in table["columns"].values()]
        names += [text for head in heads for text in map(str, head)]
    return legacy_text.vocabulary(names)


def field_names(catalogue: cat.Catalogue) -> dict[str, str]:
    """Folded names and aliases of fields → their codes."""
    names = {}
    for row in catalogue.fields.itertuples():
        for name in [row.name_vi, row.name_en, *filter(None, row.aliases.split("|"))]:
            names.setdefault(fold(name), row.code)
    return names


@languages.using(languages.SOURCE)  # what is kept is the same whichever page asks for it
def build(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    root: Path | None = None,
    progress=None,
    earlier: Earlier | None = None,
) -> Tables:
    """The whole flow of a period, from files to scores.

    ``earlier``: what is known of the periods before (:func:`analysis.period.earlier`).
    """
    place, earlier = project.Place(root or project.PROJECT), earlier or Earlier()
    known = _known(plan, catalogue, place)
    checked = check(plan, catalogue, place.root, progress, earlier, known)
    counted, levels = checked["record_counts"], _levels(catalogue, plan)
    forms = {code: catalogue.forms[code] for code in plan.forms}
    complete = indicators.complete_records(checked["observations"], forms)
    observed = joined([complete, counted], OBSERVATIONS)
    stated = joined([checked["observations"], counted], OBSERVATIONS)
    listed = set(zip(stated["reporting_unit"], stated["item"], strict=True))
    totals = indicators.unit_totals(observed, levels)
    by_level = indicators.level_totals(observed, levels)
    figures = _Figures(totals, by_level, listed, earlier.indicator_values)
    found = [_of_framework(code, figures, plan, catalogue, known) for code in plan.frameworks]
    scored = {
        name: joined([made[name] for made in found if name in made], table)
        for name, table in _BY_FRAMEWORK.items()
    }
    made = {"totals": totals, "level_totals": by_level, **scored}
    made["agreement"] = _agreement(plan, catalogue, place, scored["scores"])
    held = checked | made
    made["influence"] = influence.table(plan, catalogue, held, earlier.observations)
    schema.check(made)
    known.save()
    return Tables(**checked, **made)


def _known(plan: plans.PeriodPlan, catalogue: cat.Catalogue, place: project.Place) -> Steps:
    """What steps gave when they last rested on the same."""
    code = f"{imports.digest([__name__])} {imports.libraries()}"
    rests_on = f"{catalogue.sha256} {code} {plan!r}"
    return Steps(place.derived(plan.key) / store.READING / kept_steps.FILE, rests_on)


_BY_FRAMEWORK = {
    name: TABLES[name]
    for name in (
        "indicator_values national scores peer_scores score_notes without_cases weights "
        "explanation assessments rank_intervals rank_pairs rank_close rank_neighbours "
        "rank_factors rank_failures rank_sources tiers funnels dispersion".split()
    )
}
"""The tables that frameworks give; each is there even where none is scored."""


@dataclass(frozen=True)
class _Figures:
    """What indicators are computed from: ``totals`` of units, those ``by_level``, which units and
    items the source ``listed``, and the indicator values ``before``."""

    totals: pd.DataFrame
    by_level: pd.DataFrame
    listed: set[tuple[str, str]]
    before: pd.DataFrame


def _of_framework(
    code: str, figures: _Figures, plan: plans.PeriodPlan, catalogue: cat.Catalogue, known: Steps
) -> dict[str, pd.DataFrame]:
    """Indicators, scores (if it is scored) and assessments of one framework."""
    framework = frameworks.on_day(catalogue.frameworks[code], plan.end)
    due = plans.due_units(catalogue, plan)
    peers = dict(zip(due["code"], due["type"], strict=True))
    units = _concerned(framework, plan, catalogue, due["code"].tolist())
    root = str(due_root(plan))
    members = [u for u in units if u != root]
    framework = framework | {"wholes": [root]}
    totals, by_level = figures.totals, figures.by_level
    computed = indicators.compute(totals, framework, units, by_level, plan.code)
    computed = computed.assign(listed=_listed(computed, figures.listed, framework))
    before = figures.before
    before = before[before["framework"] == code] if len(before) else before

    def judged() -> dict[str, pd.DataFrame]:
        theirs = computed[computed["reporting_unit"].isin(members)]
        whole = indicators.together(theirs, framework).assign(framework=code)
        made = {"indicator_values": computed, "national": whole}
        if trees.scored(framework):
            made |= _scored(computed, framework, peers, before)
        asked = targets.holding(catalogue.targets, code, plan.end)
        values, unverified = made["indicator_values"], plan.unverified_targets
        assessed = targets.assess(values, asked, peers, plan.end, unverified)
        return made | {"assessments": assessed.assign(framework=code)}

    return known.tables(f"framework/{code}", [computed, before], judged)


def _levels(catalogue: cat.Catalogue, plan: plans.PeriodPlan) -> pd.DataFrame:
    """Each unit due and each level of its forms: ``asked`` and ``alone`` as in unit_totals."""
    rows = [
        (unit.code, code, level, level in own, form.get("rows") == "levels", named["heading"]["vi"])
        for code, form in ((c, catalogue.forms[c]) for c in plan.forms)
        for unit in plans.due_units(catalogue, plan, code).itertuples()
        for own in [dated.levels(form, unit.type, plan.end)]
        for level, named in form.get("levels", {}).items()
    ]
    columns = ["reporting_unit", "form", "level", "asked", "alone", "name"]
    return pd.DataFrame(rows, columns=columns).astype({"asked": bool, "alone": bool})


def _concerned(
    framework: dict, plan: plans.PeriodPlan, catalogue: cat.Catalogue, due: list[str]
) -> list[str]:
    """Of the units due, those that send a form with items of the framework, in the same order.

    Of a register whose records have a lead any unit may be the one concerned.
    """
    items = {
        i for one in framework["indicators"].values() for i in indicators.inputs(one["formula"])
    }
    asked = [
        plans.due_units(catalogue, plan, None if "lead" in catalogue.forms[form] else form)["code"]
        for form in plan.forms
        if items & set(catalogue.forms[form]["items"])
    ]
    concerned = set(pd.concat(asked)) if asked else set(due)
    return [u for u in due if u in concerned]


def _scored(
    values: pd.DataFrame, framework: dict, peers: dict[str, str], before: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Scores of one framework, how sure their ranks are, and what made them."""
    earlier = [before] if len(before) else []
    built = composite.build(values, framework, peers, earlier)
    doubt = uncertainty.analyse(built.values, framework, peers)
    sources = rank_sources.analyse(built.values, framework, peers, doubt)
    tree = built.tree
    compared = composite.compared(framework, peers)
    weights = pd.DataFrame({"level": tree.levels, "code": tree.codes, "weight": tree.weights})
    return {
        "indicator_values": built.values,
        "scores": built.scores,
        "peer_scores": score.deciles(built.scores, ["framework", "peer_type", "level", "code"]),
        "score_notes": built.notes,
        "without_cases": built.without_cases,
        "weights": weights.assign(framework=framework["framework"]),
        "explanation": explain.table(built.values, tree, framework, compared, before),
        "rank_intervals": doubt.ranks,
        "rank_pairs": doubt.pairs,
        "rank_close": score.close(doubt.pairs).assign(framework=framework["framework"]),
        "rank_neighbours": score.neighbours(built.scores).assign(framework=framework["framework"]),
        "rank_factors": doubt.factors,
        "rank_failures": doubt.failures,
        "rank_sources": sources.ranks,
        "tiers": sources.tiers,
        "funnels": funnels.table(built.values, compared),
        "dispersion": funnels.spreads(built.values, compared),
    }


def joined(parts: list[pd.DataFrame], kind: Table) -> pd.DataFrame:
    """The rows of several tables as one that has the columns of ``kind``, if need be empty."""
    held = [p for p in parts if len(p)] or parts[:1] or [kind.of([])]
    table = pd.concat(held, ignore_index=True)
    table = table.reindex(columns=[*table, *(c for c in kind.columns if c not in table)])
    return table.astype({c: object for c in table.select_dtypes("category")})


def due_root(plan: plans.PeriodPlan) -> str | None:
    """The unit of which the others are parts, where the period has one."""
    return plan.due.get("parent")


def _listed(values: pd.DataFrame, have: set[tuple[str, str]], framework: dict) -> pd.Series:
    """Whether the source has a row for the indicator's inputs, even an empty one.

    ``have``: unit and item of every row.
    """
    first = {c: indicators.base(i["formula"]) for c, i in framework["indicators"].items()}
    pairs = zip(values["reporting_unit"], values["indicator"].map(first), strict=True)
    return pd.Series([p in have for p in pairs], index=values.index)


def _agreement(plan, catalogue, place: project.Place, scores: pd.DataFrame) -> pd.DataFrame:
    if not plan.published:
        return pd.DataFrame(columns=["reporting_unit", "outcome"])
    file = plan.published["file"]
    published = published_scores.read(place.reference / file, f"data/reference/{file}")
    names = unit_lists.unit_names(catalogue.units_on(plan.units_on))
    published = published.assign(
        reporting_unit=published["unit_code"].map(lambda c: names.get(fold(c)))
    )
    framework = catalogue.frameworks[plan.published["framework"]]
    tolerance = catalogue.parameters["agreement_tolerance"]["points"]
    return score.agreement(scores, published.drop(columns="unit_code"), framework, tolerance)
