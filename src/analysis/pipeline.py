"""The flow, in order: the one module that knows more than one step.

read → locate → clean → validate → indicators → score. Nothing is kept here: :mod:`analysis.period`
hands in what is known of earlier periods and keeps the tables.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, frameworks, plans, unit_lists
from analysis.catalogue import tree as trees
from analysis.checking import fates, registers, validate
from analysis.exchange import receipts
from analysis.indicators import indicators, targets
from analysis.language import languages
from analysis.language.words import fold
from analysis.lineage import moved, store
from analysis.reading import clean, legacy_text, reading
from analysis.schema import (
    ASSESSMENTS,
    INDICATOR_VALUES,
    OBSERVATIONS,
    PEER_SCORES,
    RECORDS,
    SCORES,
    named,
    shaped,
)
from analysis.scoring import composite, explain, score, uncertainty
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
    totals: pd.DataFrame
    level_totals: pd.DataFrame
    indicator_values: pd.DataFrame
    national: pd.DataFrame
    scores: pd.DataFrame
    peer_scores: pd.DataFrame
    score_notes: pd.DataFrame
    weights: pd.DataFrame
    explanation: pd.DataFrame
    assessments: pd.DataFrame
    rank_intervals: pd.DataFrame
    rank_pairs: pd.DataFrame
    rank_close: pd.DataFrame
    rank_neighbours: pd.DataFrame
    rank_factors: pd.DataFrame
    rank_failures: pd.DataFrame
    agreement: pd.DataFrame


@dataclass(frozen=True)
class Earlier:
    """What the periods before tell of units that are still the same, back to where rules changed.

    ``observations``: schema.OBSERVATIONS of all of them, counts of registers too; ``records`` and
    ``indicator_values``: of ``time_period``, the period just before (None if there is none).
    """

    time_period: str | None = None
    observations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=OBSERVATIONS))
    records: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=RECORDS))
    indicator_values: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=INDICATOR_VALUES)
    )

    @property
    def last(self) -> pd.DataFrame:
        """Observations of the period just before."""
        return self.observations[self.observations["time_period"] == self.time_period]


class NoSubmissionsError(Exception):
    """The period's folder holds no submission."""


def submitted_files(plan: plans.PeriodPlan, place: project.Place) -> list[Path]:
    """Files of the period in name order; the folder's own description is not a submission.

    Raises
    ------
    NoSubmissionsError
        if there are none, or it is not known of each whether it was there on ``plan.known_on``.
    analysis.storage.files.NotAFileError
    """
    files = arrived_files(plan, place)
    if files:
        return files
    if plan.known_on:
        raise NoSubmissionsError(f"{plan.key}: nothing had arrived by then")
    folder = place.submissions(plan.code).relative_to(place.root)
    raise NoSubmissionsError(
        f"{folder} holds no submission; period.yml, {receipts.LEDGER} and README.md are none. "
        f"Put there what was sent: python -m analysis receive {plan.code} FILE…"
    )


def begun(plan: plans.PeriodPlan, place: project.Place) -> bool:
    """Whether anything was sent for the period (by ``plan.known_on``); else nothing rests on it."""
    return bool(arrived_files(plan, place))


def arrived_files(plan: plans.PeriodPlan, place: project.Place) -> list[Path]:
    folder = place.submissions(plan.code)
    files = [p for p in visible(folder) if p.name.lower() not in receipts.OURS]
    if plan.known_on is None or not files:
        return files
    arrived = receipts.days(folder)
    unknown = [name_of(p) for p in files if name_of(p) not in arrived]
    if unknown:
        raise NoSubmissionsError(
            f"{plan.key}: received.csv does not say when {len(unknown)} files arrived "
            f"({', '.join(unknown[:3])} …): write their days there"
        )
    return [p for p in files if arrived[name_of(p)] <= plan.known_on]


def check(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    root: Path | None = None,
    progress=None,
    earlier: Earlier | None = None,
) -> dict[str, pd.DataFrame]:
    """read → locate → clean → validate, for all submissions of a period.

    Returns ``cells`` (with their fate), ``observations``, ``records`` and ``record_counts`` of
    registers, ``submissions``, ``issues``, ``balance``.
    One faulty file never stops the others.
    """
    place = project.Place(root or project.PROJECT)
    earlier = earlier or Earlier()
    rules = catalogue.rules
    due = {code: plans.due_units(catalogue, plan, code) for code in plan.forms}
    forms = {c: catalogue.forms[c] | {"stated_as": plan.stated_as} for c in plan.forms}
    known = catalogue.units_on(plan.units_on)
    names = dict(zip(known["code"], known["name_vi"], strict=True))
    folder = place.submissions(plan.code)
    received = receipts.read(folder, plan.known_on)
    files = submitted_files(plan, place)

    understood = _located(files, forms, catalogue, place.derived(plan.key), progress).pipe(
        _understood, forms, catalogue, unit_lists.unit_names(known), names
    )
    submissions, findings = validate.submissions(
        understood,
        clean.windows(understood),
        received,
        {name_of(p): digest(p) for p in files},
        plan,
        due,
    )
    later = validate.later_for_unit(understood, submissions, received)
    settled = understood.pipe(fates.settle, submissions, later, plan)
    # registers first: what is refused in them is in no count, and counts are checked like figures
    written = registers.records(fates.in_force(settled), forms)
    contradictions = registers.findings(written, earlier.records, forms, plan)
    consistent = settled.pipe(fates.withdraw, contradictions, rules)
    records = registers.records(fates.in_force(consistent), forms)
    counts = registers.counts(
        records, forms, plan, plans.due_units(catalogue, plan)["code"].tolist()
    )
    values = fates.values(consistent)
    figures = validate.figures(joined([values, counts], OBSERVATIONS), forms, earlier.last)
    senders = dict(zip(submissions["source_file"], submissions["reporting_unit"], strict=True))
    figures = registers.together(figures, forms, senders, names)
    cells = consistent.pipe(fates.withdraw, figures, rules).pipe(fates.decide, rules)
    found = [
        validate.cell_findings(cells),
        validate.levels_absent(values, indicators.absent_levels(values, _levels(catalogue, plan))),
        figures,
        contradictions,
        findings,
        receipts.faults(folder, plan.known_on),
        later[later["rule"].notna()],
        validate.completeness(submissions, cells, due),
    ]
    return {
        "cells": cells,
        "observations": shaped(fates.values(cells), OBSERVATIONS).reset_index(drop=True),
        "records": records,
        "record_counts": counts,
        "submissions": validate.replaced(submissions, cells, later),
        "issues": validate.issues(pd.concat(found, ignore_index=True), rules, plan.code),
        "balance": validate.balance(cells),
    }


def _located(
    files: list[Path], forms: dict, catalogue: cat.Catalogue, derived: Path, progress
) -> pd.DataFrame:
    """The cells of all files with their places in forms; what was read is kept in ``derived``."""
    limits = catalogue.parameters["limits"]
    by = reading.Known(forms, _field_names(catalogue), _vocabulary(catalogue), limits)
    return reading.read(files, by, derived / store.READING / "located.parquet", progress)


def _understood(
    cells: pd.DataFrame, forms: dict, catalogue: cat.Catalogue, codes: dict, names: dict
) -> pd.DataFrame:
    """What cells say: figures, fields, units, entries of registers.

    ``codes``: folded name of a unit → code; ``names``: code → name.
    """
    return (
        cells.pipe(clean.numbers, forms, catalogue.parameters)
        .pipe(clean.fields, _field_names(catalogue))
        .pipe(clean.units, codes, names)
        .pipe(clean.repeated_units)
        .pipe(registers.parse, forms, codes, names)
        .pipe(named)
    )


def _vocabulary(catalogue: cat.Catalogue) -> set[str]:
    """Vietnamese words of names, forms and fields."""
    names = [*catalogue.units["name_vi"], *catalogue.fields["name_vi"]]
    for form in catalogue.forms.values():
        names += [form["title"]["vi"], *(i["name"]["vi"] for i in form["items"].values())]
        heads = [h for table in form.get("tables", []) for h in table["columns"].values()]
        names += [text for head in heads for text in map(str, head)]
    return legacy_text.vocabulary(names)


def _field_names(catalogue: cat.Catalogue) -> dict[str, str]:
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
    checked = check(plan, catalogue, place.root, progress, earlier)
    due = plans.due_units(catalogue, plan)
    forms = {code: catalogue.forms[code] for code in plan.forms}
    observations = indicators.complete_records(checked["observations"], forms)
    levels = _levels(catalogue, plan)
    counted = checked["record_counts"]
    observed = joined([observations, counted], OBSERVATIONS)
    listed = joined([checked["observations"], counted], OBSERVATIONS)
    have = set(zip(listed["reporting_unit"], listed["item"], strict=True))
    totals = indicators.unit_totals(observed, levels)
    by_level = indicators.level_totals(observed, levels)
    peers = dict(zip(due["code"], due["type"], strict=True))
    before = earlier.indicator_values
    found: dict[str, list[pd.DataFrame]] = {}
    for code in plan.frameworks:
        framework = frameworks.on_day(catalogue.frameworks[code], plan.end)
        units = _concerned(framework, plan, catalogue, due["code"].tolist())
        members = [u for u in units if u != str(due_root(plan))]
        computed = indicators.compute(totals, framework, units, by_level, plan.code)
        computed = computed.assign(listed=_listed(computed, have, framework))
        held = before[before["framework"] == code] if len(before) else before
        theirs = computed[computed["reporting_unit"].isin(members)]
        whole = indicators.together(theirs, framework).assign(framework=code)
        made = {"indicator_values": computed, "national": whole}
        if trees.scored(framework):
            made |= _scored(computed, framework, peers, held)
        asked = targets.holding(catalogue.targets, code, plan.end)
        made["assessments"] = targets.assess(
            made["indicator_values"], asked, peers, plan.end, plan.unverified_targets
        ).assign(framework=code)
        for name, table in made.items():
            found.setdefault(name, []).append(table)
    tables = {n: joined(found.get(n, []), columns) for n, columns in _BY_FRAMEWORK.items()}
    agreement = _agreement(plan, catalogue, place, tables["scores"])
    return Tables(**checked, totals=totals, level_totals=by_level, **tables, agreement=agreement)


# The tables that frameworks give, with the columns that each has even where none is scored.
_RANKED = ["framework", "reporting_unit"]
_BY_FRAMEWORK = {
    "indicator_values": [*INDICATOR_VALUES, "listed"],
    "national": ["framework", "indicator", "obs_value", "numerator", "denominator", "units", "of"],
    "scores": SCORES,
    "peer_scores": ["framework", *PEER_SCORES],
    "score_notes": composite.NOTES,
    "weights": ["framework", "level", "code", "weight"],
    "explanation": ["framework", *explain.COLUMNS],
    "rank_intervals": ["framework", "level", "code", *uncertainty.RANKS],
    "rank_pairs": ["framework", *uncertainty.PAIRS],
    "rank_close": [*_RANKED, "other"],
    "rank_neighbours": [*_RANKED, "other", "other_rank"],
    "rank_factors": ["framework", *uncertainty.FACTORS],
    "rank_failures": ["framework", *uncertainty.FAILURES],
    "assessments": ASSESSMENTS,
}


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
    tree = built.tree
    compared = composite.compared(framework, peers)
    weights = pd.DataFrame({"level": tree.levels, "code": tree.codes, "weight": tree.weights})
    return {
        "indicator_values": built.values,
        "scores": built.scores,
        "peer_scores": score.deciles(built.scores, ["framework", "peer_type", "level", "code"]),
        "score_notes": built.notes,
        "weights": weights.assign(framework=framework["framework"]),
        "explanation": explain.table(built.values, tree, framework, compared, before),
        "rank_intervals": doubt.ranks,
        "rank_pairs": doubt.pairs,
        "rank_close": score.close(doubt.pairs).assign(framework=framework["framework"]),
        "rank_neighbours": score.neighbours(built.scores).assign(framework=framework["framework"]),
        "rank_factors": doubt.factors,
        "rank_failures": doubt.failures,
    }


def joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """The rows of several tables as one that has ``columns``, if need be empty."""
    held = [p for p in parts if len(p)] or parts[:1] or [pd.DataFrame(columns=columns)]
    table = pd.concat(held, ignore_index=True)
    table = table.reindex(columns=[*table, *(c for c in columns if c not in table)])
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
    published = pd.read_csv(place.reference / plan.published["file"], dtype={"unit_code": str})
    names = unit_lists.unit_names(catalogue.units_on(plan.units_on))
    published = published.assign(
        reporting_unit=published["unit_code"].map(lambda c: names.get(fold(c)))
    )
    framework = catalogue.frameworks[plan.published["framework"]]
    tolerance = catalogue.parameters["agreement_tolerance"]["points"]
    return score.agreement(scores, published.drop(columns="unit_code"), framework, tolerance)
