"""The flow, in order: the one module that knows more than one step.

read → locate → clean → validate → indicators → score; the tables of a period are kept as Parquet
under ``data/derived/<period>`` and are rebuilt whenever anything they rest on has changed.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd

from analysis import catalogue as cat
from analysis import (
    clean,
    codes,
    composite,
    explain,
    frameworks,
    indicators,
    language,
    legacy_text,
    reading,
    receipts,
    registers,
    returns,
    score,
    store,
    targets,
    uncertainty,
    validate,
)
from analysis import tree as trees
from analysis.files import digest, digests, name_of, visible
from analysis.schema import (
    ASSESSMENTS,
    CELLS,
    INDICATOR_VALUES,
    OBSERVATIONS,
    PEER_SCORES,
    RECORDS,
    SCORES,
    named,
    shaped,
)
from analysis.tree import Tree
from analysis.words import fold


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
class OfFramework:
    """The rows of one framework in tables that have frameworks, each when it is asked for."""

    tables: Tables
    framework: str

    def __getattr__(self, name: str) -> pd.DataFrame:
        table = getattr(self.tables, name)
        return table[table["framework"] == self.framework]


@dataclass(frozen=True)
class Loaded:
    """A period as a notebook uses it: its plan, the catalogue, its units and its tables."""

    plan: cat.PeriodPlan
    catalogue: cat.Catalogue
    due: pd.DataFrame
    tables: Tables
    root: Path

    @property
    def names(self) -> dict[str, str]:
        """Code → name of the units that are due, in the language in use."""
        return dict(zip(self.due["code"], self.due[language.column("name")], strict=True))

    def framework(self, code: str | None = None) -> dict:
        """The framework ``code``, or the period's main one, as it holds on its last day.

        The main one is the first that is scored, or the first if none is.
        """
        known = self.catalogue.frameworks
        if code:
            titles = {c: language.choose(known[c]["title"]) for c in known}
            chosen = codes.chosen(code, titles, f"no framework of {self.plan.key}")
        else:
            chosen = next(iter([*self.scored, *self.plan.frameworks]), None)
        if chosen is None:
            raise ValueError(f"{self.plan.key}: period.yml names no framework")
        return frameworks.on_day(known[chosen], self.plan.end)

    def unit(self, given: object) -> str:
        """The code of the unit due that is meant: by its code, a number (1 is 01) or a name.

        Raises
        ------
        analysis.codes.UnknownCodeError
            naming the nearest, and all that are due.
        """
        return cat.unit_code(self.due, given, f"unit not due in {self.plan.key}")

    @property
    def scored(self) -> list[str]:
        """The period's frameworks that give scores; the others are followed only."""
        known = self.catalogue.frameworks
        return [c for c in self.plan.frameworks if trees.scored(known[c])]

    def ranked(self, code: str | None = None, held: Tables | None = None) -> "OfFramework":
        """What is known of one framework: scores, rank_intervals, rank_pairs …

        ``held``: tables of which it is taken; the period's own, or some of their rows.
        """
        return OfFramework(held or self.tables, self.framework(code)["framework"])

    def tree(self, code: str | None = None) -> Tree:
        """Structure of the framework with the weights that were used."""
        framework = self.framework(code)
        held = self.tables.weights
        used = held.loc[held["framework"] == framework["framework"], "weight"]
        return replace(trees.of(framework), weights=used.to_numpy(float))


class NoSubmissionsError(Exception):
    """The period's folder holds no submission."""


def submitted_files(plan: cat.PeriodPlan, place: cat.Place) -> list[Path]:
    """Files of the period in name order; the folder's own description is not a submission.

    Raises
    ------
    NoSubmissionsError
        if there are none, or it is not known of each whether it was there on ``plan.known_on``.
    analysis.files.NotAFileError
    """
    files = _arrived(plan, place)
    if files:
        return files
    if plan.known_on:
        raise NoSubmissionsError(f"{plan.key}: nothing had arrived by then")
    folder = place.submissions(plan.code).relative_to(place.root)
    raise NoSubmissionsError(
        f"{folder} holds no submission; period.yml, {receipts.LEDGER} and README.md are none. "
        f"Put there what was sent: python -m analysis receive {plan.code} FILE…"
    )


def begun(plan: cat.PeriodPlan, place: cat.Place) -> bool:
    """Whether anything was sent for the period (by ``plan.known_on``); else nothing rests on it."""
    return bool(_arrived(plan, place))


def _arrived(plan: cat.PeriodPlan, place: cat.Place) -> list[Path]:
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


def inputs(loaded: Loaded) -> dict[str, str]:
    """SHA-256 of every file of the period, by name: submissions as they were read.

    Of a period as of a day without the ledger, to which lines are added that do not concern it.
    """
    auxiliary = receipts.OURS - ({receipts.LEDGER} if loaded.plan.known_on else set())
    held = digests(cat.Place(loaded.root).submissions(loaded.plan.code))
    own = loaded.tables.submissions.dropna(subset=["sha256"])
    read = dict(zip(own["source_file"], own["sha256"], strict=True))
    return {name: d for name, d in held.items() if name.lower() in auxiliary} | read


def check(
    plan: cat.PeriodPlan, catalogue: cat.Catalogue, root: Path | None = None, progress=None
) -> dict[str, pd.DataFrame]:
    """read → locate → clean → validate, for all submissions of a period.

    Returns ``cells`` (with their fate), ``observations``, ``records`` and ``record_counts`` of
    registers, ``submissions``, ``issues``, ``balance``.
    One faulty file never stops the others.
    """
    return _checked(plan, catalogue, cat.Place(root or cat.PROJECT), progress)[0]


def _checked(
    plan: cat.PeriodPlan, catalogue: cat.Catalogue, place: cat.Place, progress
) -> tuple[dict[str, pd.DataFrame], Loaded | None]:
    """What :func:`check` returns, and the period before, with which it was compared."""
    due = {code: cat.due_units(catalogue, plan, code) for code in plan.forms}
    forms = {c: catalogue.forms[c] | {"stated_as": plan.stated_as} for c in plan.forms}
    files = submitted_files(plan, place)
    limits = catalogue.parameters["limits"]
    by = reading.Known(forms, _field_names(catalogue), _vocabulary(catalogue), limits)
    cells = reading.read(
        files, by, place.derived(plan.key) / store.READING / "located.parquet", progress
    )
    known = catalogue.units_on(plan.units_on)
    names = dict(zip(known["code"], known["name_vi"], strict=True))
    cells = _understood(cells, forms, catalogue, cat.unit_names(known), names)
    received = receipts.read(place.submissions(plan.code), plan.known_on)
    submissions, findings = validate.submissions(
        cells,
        clean.windows(cells),
        received,
        {name_of(p): digest(p) for p in files},
        plan,
        due,
    )
    later = validate.later_for_unit(cells, submissions, received)
    cells = _settle(cells, submissions, later, plan)
    values = cells[(cells["role"] == "value") & cells["state"].eq("in_force")]
    before = _before(plan, catalogue, place)
    previous, records_before = _previous(before, plan, catalogue)
    # registers first: what is refused in them is in no count, and counts are checked like figures
    written = registers.records(_in_force(cells), forms)
    contradictions = registers.findings(written, records_before, forms, plan)
    cells = _refuse(cells, contradictions, catalogue.rules)
    records = registers.records(_in_force(cells), forms)
    counts = registers.counts(records, forms, plan, cat.due_units(catalogue, plan)["code"].tolist())
    figures = validate.figures(_joined([values, counts], OBSERVATIONS), forms, previous)
    senders = dict(zip(submissions["source_file"], submissions["reporting_unit"], strict=True))
    figures = registers.together(figures, forms, senders, names)
    cells = _refuse(cells, figures, catalogue.rules)
    found = [
        validate.cell_findings(cells),
        validate.levels_absent(values, indicators.absent_levels(values, _levels(catalogue, plan))),
        figures,
        contradictions,
        findings,
        receipts.faults(place.submissions(plan.code), plan.known_on),
        later[later["rule"].notna()],
        validate.completeness(submissions, cells, due),
    ]
    found = pd.concat(found, ignore_index=True)
    issues = validate.issues(found, catalogue.rules, plan.code)
    observations = cells[(cells["role"] == "value") & cells["state"].eq("in_force")]
    checked = {
        "cells": cells,
        "observations": shaped(observations, OBSERVATIONS).reset_index(drop=True),
        "records": records,
        "record_counts": counts,
        "submissions": validate.replaced(submissions, cells, later),
        "issues": issues,
        "balance": validate.balance(cells),
    }
    return checked, before


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


def _settle(
    cells: pd.DataFrame, submissions: pd.DataFrame, later: pd.DataFrame, plan: cat.PeriodPlan
) -> pd.DataFrame:
    """Give cells the state of their file, or of their unit's rows in it, a period and a fate."""
    cells = cells.merge(
        submissions[["source_file", "form", "state", "revision", "received_at", "rule"]].rename(
            columns={"rule": "file_rule"}
        ),
        on=["source_file", "form"],
        how="left",
    ).assign(time_period=plan.code)
    key = ["source_file", "form", "reporting_unit"]
    own = cells[key].merge(later[[*key, "state", "revision"]], on=key, how="left")
    own.index = cells.index
    for column in ("state", "revision"):
        cells[column] = own[column].where(own[column].notna(), cells[column])
    value = cells["role"] == "value"
    covered = cells["covered_by"].notna() | (cells["state"] != "in_force")
    cells.loc[value & covered, ["obs_value", "obs_status"]] = [float("nan"), "V"]
    # what is wrong with a cell that does not count anyway would only bury the reason
    cells.loc[value & covered & cells["rule"].notna(), ["rule", "found"]] = None
    in_force = value & ~covered
    nil = validate.proven_nil(cells[in_force])
    nil = nil.index[nil]
    cells.loc[nil, "obs_value"] = 0.0
    cells.loc[nil, "obs_status"] = "E"
    cells.loc[nil, "rule"] = "blank_is_nil"
    accepted = in_force & (cells["obs_status"] == "A")
    cells.loc[accepted, "obs_status"] = plan.obs_status
    return cells


def _in_force(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[cells["state"].eq("in_force")]


def _refuse(cells: pd.DataFrame, figures: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Withdraw figures named by a blocking rule; then every cell has its fate."""
    blocking = figures[figures["rule"].map(lambda r: rules[r]["severity"]) == "blocking"]
    place = ["source_file", "source_sheet", "source_cell"]
    hit = pd.MultiIndex.from_frame(cells[place]).isin(pd.MultiIndex.from_frame(blocking[place]))
    hit &= cells["role"].isin(["value", "record"]).to_numpy()
    refused = cells["obs_value"].where(hit)
    if "refused_value" in cells:
        refused = refused.where(refused.notna(), cells["refused_value"])
    cells = cells.assign(refused_value=refused)
    cells.loc[hit, "obs_status"] = "V"
    cells.loc[hit, "obs_value"] = float("nan")
    value = cells["role"].isin(["value", "record"])
    fate = pd.Series("label", index=cells.index)
    fate[value] = "accepted"
    blocked = cells["rule"].map(lambda r: rules[r]["severity"] if r in rules else "") == "blocking"
    fate[(value & (cells["obs_status"] == "V")) | blocked | (cells["role"] == "other")] = "issue"
    fate[(cells["role"] != "file") & (cells["state"] != "in_force")] = "issue"
    return cells.assign(fate=fate)


def _plan_before(
    plan: cat.PeriodPlan, catalogue: cat.Catalogue, place: cat.Place
) -> cat.PeriodPlan | None:
    """Plan of the period before, if one has begun under the same regime."""
    code = plan.period.previous.code
    if not (place.submissions(code) / "period.yml").exists():
        return None
    before = plan_of(code, plan, catalogue, place.root)
    return before if before.regime == plan.regime and begun(before, place) else None


def plan_of(
    code: str, seen: cat.PeriodPlan, catalogue: cat.Catalogue, root: Path
) -> cat.PeriodPlan:
    """Plan of another period, seen as of the same day as ``seen``.

    Where all of it had arrived by then it is that period as it is now.
    """
    day = seen.known_on
    if day is not None:
        arrived = receipts.days(cat.Place(root).submissions(code))
        held = _arrived(cat.plan(code, catalogue, root), cat.Place(root))
        if all(arrived.get(name_of(p), date.max) <= day for p in held):
            day = None
    return cat.plan(cat.at_day(code, day), catalogue, root)


def _before(plan: cat.PeriodPlan, catalogue: cat.Catalogue, place: cat.Place) -> Loaded | None:
    """The period before with its tables, if there is one under the same regime."""
    before = _plan_before(plan, catalogue, place)
    return load(before.key, place.root, catalogue) if before else None


def _previous(
    before: Loaded | None, plan: cat.PeriodPlan, catalogue: cat.Catalogue
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Observations (counts of registers too) and records of the period before; empty if none."""
    if not before:
        return pd.DataFrame(columns=OBSERVATIONS), pd.DataFrame(columns=RECORDS)
    held = before.tables
    counted = _joined([held.observations, held.record_counts], OBSERVATIONS)
    return _of_same_units(counted, before.plan, plan, catalogue), held.records


def _values_before(before: Loaded | None, plan, catalogue: cat.Catalogue) -> pd.DataFrame:
    """Indicator values of the period before, or an empty table where there is none."""
    if not before:
        return pd.DataFrame(columns=INDICATOR_VALUES)
    return _of_same_units(before.tables.indicator_values, before.plan, plan, catalogue)


def _of_same_units(table: pd.DataFrame, then, plan, catalogue: cat.Catalogue) -> pd.DataFrame:
    """Rows of the units that are the same in both periods: after a merger a code means another."""
    same = catalogue.same_units(then.units_on, plan.units_on)
    return table[table["reporting_unit"].isin(same)]


@language.using(language.SOURCE)  # what is kept is the same whichever page asks for it
def build(
    plan: cat.PeriodPlan, catalogue: cat.Catalogue, root: Path | None = None, progress=None
) -> Tables:
    """The whole flow of a period, from files to scores."""
    place = cat.Place(root or cat.PROJECT)
    checked, earlier = _checked(plan, catalogue, place, progress)
    due = cat.due_units(catalogue, plan)
    forms = {code: catalogue.forms[code] for code in plan.forms}
    observations = indicators.complete_records(checked["observations"], forms)
    levels = _levels(catalogue, plan)
    counted = checked["record_counts"]
    observed = _joined([observations, counted], OBSERVATIONS)
    listed = _joined([checked["observations"], counted], OBSERVATIONS)
    have = set(zip(listed["reporting_unit"], listed["item"], strict=True))
    totals = indicators.unit_totals(observed, levels)
    by_level = indicators.level_totals(observed, levels)
    peers = dict(zip(due["code"], due["type"], strict=True))
    before = _values_before(earlier, plan, catalogue)
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
    joined = {n: _joined(found.get(n, []), columns) for n, columns in _BY_FRAMEWORK.items()}
    agreement = _agreement(plan, catalogue, place, joined["scores"])
    return Tables(**checked, totals=totals, level_totals=by_level, **joined, agreement=agreement)


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


def _levels(catalogue: cat.Catalogue, plan: cat.PeriodPlan) -> pd.DataFrame:
    """Each unit due and each level of its forms: ``asked`` and ``alone`` as in unit_totals."""
    rows = [
        (unit.code, code, level, level in own, form.get("rows") == "levels", named["heading"]["vi"])
        for code, form in ((c, catalogue.forms[c]) for c in plan.forms)
        for unit in cat.due_units(catalogue, plan, code).itertuples()
        for own in [cat.levels(form, unit.type, plan.end)]
        for level, named in form.get("levels", {}).items()
    ]
    columns = ["reporting_unit", "form", "level", "asked", "alone", "name"]
    return pd.DataFrame(rows, columns=columns).astype({"asked": bool, "alone": bool})


def _concerned(
    framework: dict, plan: cat.PeriodPlan, catalogue: cat.Catalogue, due: list[str]
) -> list[str]:
    """Of the units due, those that send a form with items of the framework, in the same order.

    Of a register whose records have a lead any unit may be the one concerned.
    """
    items = {
        i for one in framework["indicators"].values() for i in indicators.inputs(one["formula"])
    }
    asked = [
        cat.due_units(catalogue, plan, None if "lead" in catalogue.forms[form] else form)["code"]
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


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    held = [p for p in parts if len(p)] or parts[:1] or [pd.DataFrame(columns=columns)]
    joined = pd.concat(held, ignore_index=True)
    joined = joined.reindex(columns=[*joined, *(c for c in columns if c not in joined)])
    return joined.astype({c: object for c in joined.select_dtypes("category")})


def due_root(plan: cat.PeriodPlan) -> str | None:
    """The unit of which the others are parts, where the period has one."""
    return plan.due.get("parent")


def _listed(values: pd.DataFrame, have: set[tuple[str, str]], framework: dict) -> pd.Series:
    """Whether the source has a row for the indicator's inputs, even an empty one.

    ``have``: unit and item of every row.
    """
    first = {c: indicators.base(i["formula"]) for c, i in framework["indicators"].items()}
    pairs = zip(values["reporting_unit"], values["indicator"].map(first), strict=True)
    return pd.Series([p in have for p in pairs], index=values.index)


def _agreement(plan, catalogue, place: cat.Place, scores: pd.DataFrame) -> pd.DataFrame:
    if not plan.published:
        return pd.DataFrame(columns=["reporting_unit", "outcome"])
    published = pd.read_csv(place.reference / plan.published["file"], dtype={"unit_code": str})
    names = cat.unit_names(catalogue.units_on(plan.units_on))
    published = published.assign(
        reporting_unit=published["unit_code"].map(lambda c: names.get(fold(c)))
    )
    framework = catalogue.frameworks[plan.published["framework"]]
    tolerance = catalogue.parameters["agreement_tolerance"]["points"]
    return score.agreement(scores, published.drop(columns="unit_code"), framework, tolerance)


# --- keeping the tables --------------------------------------------------------------------------


def meant(plan: cat.PeriodPlan, catalogue: cat.Catalogue, column: str, given: object) -> str:
    """The value of a key of the tables: units that send without being due have rows, too."""
    code = codes.text(given)
    if column != "reporting_unit" or code in set(catalogue.units["code"]):
        return code
    return cat.unit_code(cat.due_units(catalogue, plan), given, f"unit not due in {plan.key}")


def load(
    time_period: object, root: Path | None = None, catalogue: cat.Catalogue | None = None
) -> Loaded:
    """A period ready for analysis; its tables are built first if they are absent or out of date.

    ``time_period``: its code (a year may be a number), or with a day (``2022-Q2@2022-06-25``) the
    period as it was known then. ``catalogue``: where it has been loaded already.

    >>> period = load("plan-2022")
    >>> period.plan.end.year, period.tables.balance["unaccounted"].sum().item()
    (2022, 0)

    Raises
    ------
    ValueError, analysis.catalogue.CatalogueError, NoSubmissionsError
    """
    place = cat.Place(root or cat.PROJECT)
    catalogue = catalogue or cat.load(place.root)
    plan = cat.plan(time_period, catalogue, place.root)
    tables = store.kept(
        Tables,
        place.derived(plan.key),
        lambda: fingerprint(plan, catalogue, place),
        lambda: build(plan, catalogue, place.root),
        partial(meant, plan, catalogue),
    )
    return Loaded(plan, catalogue, cat.due_units(catalogue, plan), tables, place.root)


def fingerprint(plan: cat.PeriodPlan, catalogue: cat.Catalogue, place: cat.Place) -> str:
    """SHA-256 over everything the tables rest on: inputs, earlier periods, catalogue, code.

    The tables of the period before rest on the one before that (imputed values, stocks carried
    over), and so on: hence on its fingerprint, not on its files.
    """
    before = _plan_before(plan, catalogue, place)
    folder, seen = place.submissions(plan.code), ""
    inputs = visible(folder)
    if plan.known_on:  # whatever arrives later changes nothing
        inputs = [folder / "period.yml", *submitted_files(plan, place)]
        seen = f"{plan.known_on} {receipts.read(folder, plan.known_on).to_csv()}"
    if plan.published:
        inputs.append(place.reference / plan.published["file"])
    earlier = fingerprint(before, catalogue, place) if before else ""
    return store.fingerprint(inputs, catalogue.sha256, __name__, f"{earlier} {seen}")


# --- the way back --------------------------------------------------------------------------------


def send_back(tables: Tables, plan: cat.PeriodPlan, root: Path | None = None) -> returns.Written:
    """Write the list of issues, and for each file or unit with issues its annotated workbook.

    Everything goes to ``data/derived/<period>-returns``: a long file holds all units, and what one
    office sent lies in no folder of reports, which are handed on.
    """
    place = cat.Place(root or cat.PROJECT)
    issues, copies = tables.issues, []
    sources = {name_of(p): p for p in place.submissions(plan.code).iterdir()}
    for file, group in issues[issues["source_file"] != ""].groupby("source_file", sort=True):
        stem, source = Path(file).stem, sources.get(file)
        if Path(file).suffix.lower() != ".csv":
            copies.append(returns.Copy(stem, source, group))
            continue
        here = tables.cells[tables.cells["source_file"] == file]
        if here.empty:  # the ledger, or a file that is not there
            copies.append(returns.Copy(stem, None, group))
            continue
        for unit, own in group.groupby("reporting_unit", sort=True, dropna=False):
            nobody = pd.isna(unit)  # rows of no unit that is known go back as the file's
            theirs = here["reporting_unit"].isna() if nobody else here["reporting_unit"] == unit
            rows = shaped(here[theirs | (here["row"] == 1)], CELLS)
            copies.append(returns.Copy(stem if nobody else f"{stem}_{unit}", source, own, rows))
    limits, folder = cat.load(place.root).parameters["limits"], place.returns(plan.key)
    return returns.write(folder, folder.with_suffix(".json"), issues, copies, limits)
