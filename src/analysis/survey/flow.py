"""The flow of a survey edition, in order: the one module that knows its steps.

read → locate → answers → findings → weights → cost → estimates → suppress → scores. Nothing is kept
here: :mod:`analysis.survey.editions` hands in the edition before and keeps the tables.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated, plans, unit_lists
from analysis.checking import accounts, fates, validate
from analysis.exchange import replies
from analysis.language import languages, messages
from analysis.language.messages import tell
from analysis.language.words import fold
from analysis.reading import archives, reply_sheet, together
from analysis.schema import tables as schema
from analysis.storage.files import digests, visible
from analysis.survey import (
    answer_sheets,
    cost,
    disclosure,
    edition_regressions,
    interviews,
    measures,
    protection,
    reliability,
    response_rates,
    responses,
    sampling,
    skips,
    small_areas,
    weighting,
)

_AUXILIARY = {*weighting.FRAME, response_rates.FILE, "edition.yml", "readme.md"}


@dataclass(frozen=True)
class Tables:
    """The tables of one edition.

    ``answers`` one row per accepted answer, with costs and design_weight; ``estimates`` long, small
    cells suppressed; ``suppressed`` (which means are hidden and why: internal, as its bounds are of
    what pages hide); ``resampled`` (bootstrap intervals of the cost by group); ``scores``;
    ``sensitivity`` (estimates under other choices); ``change`` on the edition before;
    ``differences`` between groups; ``small_areas`` (provinces by a model, beside their direct
    estimates) and ``small_area_fit`` (what is to be known of the model); ``regressions`` (those
    that the edition asks for); ``item_response`` (how each question was answered); ``sample``
    (selected and answering by stratum); ``contacts`` (what became of each firm that was drawn) and
    ``interviews`` (who asked, from when to when), both internal; ``records`` (fate of each answer
    row); ``issues``; ``balance``.
    """

    answers: pd.DataFrame
    estimates: pd.DataFrame
    suppressed: pd.DataFrame
    resampled: pd.DataFrame
    scores: pd.DataFrame
    sensitivity: pd.DataFrame
    change: pd.DataFrame
    differences: pd.DataFrame
    small_areas: pd.DataFrame
    small_area_fit: pd.DataFrame
    regressions: pd.DataFrame
    item_response: pd.DataFrame
    sample: pd.DataFrame
    contacts: pd.DataFrame
    interviews: pd.DataFrame
    records: pd.DataFrame
    issues: pd.DataFrame
    balance: pd.DataFrame


class NoResponsesError(ValueError):
    """Nothing can be estimated: there is no answer file, none counts, or they cannot be weighted.

    ``issues``: what is to be said of the answers, if any were read
    (:func:`analysis.survey.editions.give_back`).
    """

    def __init__(self, message: str, issues: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.issues = issues


def answer_files(plan: plans.EditionPlan, place: project.Place) -> list[Path]:
    """The answer files of the edition, in name order."""
    folder = place.survey(plan.code)
    files = [p for p in visible(folder) if p.name.lower() not in _AUXILIARY]
    weights = {plan.replicates["file"].lower()} if plan.replicates else set()
    files = [p for p in files if not replies.is_table(p) and p.name.lower() not in weights]
    if not files:
        raise NoResponsesError(
            tell("{folder} holds no answer file", folder=folder.relative_to(place.root))
        )
    return files


def check(plan: plans.EditionPlan, catalogue: cat.Catalogue, place: project.Place) -> dict:
    """read → locate → answers → findings.

    Returns ``cells`` (with their fate), ``records`` (all rows, accepted values only, ``state``),
    ``issues``, ``balance``, ``item_response``, ``interviews``, ``contacts``.
    """
    asked = catalogue.surveys[plan.survey]
    # first: without it nothing can be weighted
    selected = weighting.frame(plan, asked, place)["selected"]
    limits = catalogue.parameters["limits"]
    received = together.received(answer_files(plan, place), limits, archives.received)
    parts = [reply_sheet.parted(file.cells) for file in received]
    listed, cells = (pd.concat(own, ignore_index=True) for own in zip(*parts, strict=True))
    counted = pd.concat([file.counted for file in received], ignore_index=True)
    read = pd.concat([cells, listed], ignore_index=True).assign(form=plan.survey)
    spoilt = accounts.miscounted(read.assign(expected=None), counted)
    if len(spoilt):
        cells = pd.concat([cells, spoilt[[*cells.columns, "expected"]]], ignore_index=True)
    names = {
        "province": unit_lists.unit_names(catalogue.units_on(plan.units_on)),
        "procedure_group": _group_names(catalogue, plan.edition),
    }
    hours = {
        name: dated.value_on(catalogue.parameters[name], plan.day)["value"]
        for name in ("hours_per_working_day", "hours_per_half_day")
    }
    others = {code: one for code, one in catalogue.surveys.items() if code != plan.survey}
    cells = answer_sheets.locate(cells, asked, others).pipe(
        responses.read, asked, names, hours, plan.edition
    )
    records = responses.wide(cells, asked)
    found = responses.findings(records, asked, set(selected["response"]))
    marked = responses.at_cells(found, cells)
    keys = records.set_index("record")
    at = partial(_placed, keys=keys, form=plan.survey)
    files = [(name, d, None, "in_force") for name, d in digests(place.survey(plan.code)).items()]
    files = pd.DataFrame(files, columns=["source_file", "sha256", "received_at", "state"])
    held = pd.concat([at(cells), listed], ignore_index=True)
    answered = replies.read(held, files, place.survey(plan.code), catalogue.rules)
    cells, state = _settle(cells, answered.unconfirmed(at(marked)), catalogue.rules)
    records = responses.wide(cells, asked).merge(state, on="record", how="left")
    records["state"] = records["state"].fillna("accepted")
    own_place = ~cells["raw_type"].isin(["blank", answer_sheets.CARRIED])
    given = cells[cells["rule"].notna() & own_place]
    own = given[[*responses.FINDINGS, "record"]]
    kinds = skips.kinds(cells, records, asked)
    interviewed = interviews.table(cells, records, skips.by_record(kinds, asked), asked)
    both = answered.marked(at(pd.concat([own, marked], ignore_index=True)))
    cells = pd.concat([cells, listed.assign(fate="label")], ignore_index=True)
    return {
        "cells": cells,
        "records": records,
        "issues": validate.issues(both, catalogue.rules, plan.edition, schema.SURVEY_ISSUES),
        "balance": fates.balance(cells, counted),
        "item_response": skips.by_question(kinds, asked),
        "interviews": interviewed,
        "contacts": _contacts(plan, place, selected, records),
    }


def _contacts(plan: plans.EditionPlan, place: project.Place, selected, records) -> pd.DataFrame:
    """What became of each firm that was drawn."""
    path = place.survey(plan.code) / response_rates.FILE
    name = path.relative_to(place.root).as_posix()
    reported = response_rates.read(path, selected, name)
    return response_rates.outcomes(selected, records, reported)


def _placed(table: pd.DataFrame, keys: pd.DataFrame, form: str) -> pd.DataFrame:
    """A table with ``record``, and where in the survey each row is: ``form``, ``reporting_unit``
    (province), ``level`` (response) and ``field`` (procedure group)."""
    named = {"reporting_unit": "province", "level": "response", "field": "procedure_group"}
    placed = {name: table["record"].map(keys[column]) for name, column in named.items()}
    return table.assign(form=form, **placed)


def _group_names(catalogue: cat.Catalogue, edition: str) -> dict[str, str]:
    names = {}
    groups = catalogue.procedure_groups
    for code, row in groups[dated.in_edition(groups, edition)].iterrows():
        aliases = filter(None, row["aliases"].split("|"))
        for name in [code, row["name_vi"], row["name_en"], *aliases]:
            names.setdefault(fold(name), code)
    return names


def _settle(cells, marked, rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Withdraw what blocking findings name; then every cell has its fate."""
    severity = {code: rule["severity"] for code, rule in rules.items()}
    blocking = marked[marked["rule"].map(severity) == "blocking"]
    whole = marked[(marked["item"] == "response") & marked["rule"].str.startswith("response_")]
    state = whole.drop_duplicates("record")[["record", "rule"]].rename(columns={"rule": "state"})
    value = cells["role"] == "value"
    pairs = pd.MultiIndex.from_frame(cells[["record", "item"]])
    named = pairs.isin(pd.MultiIndex.from_frame(blocking[["record", "item"]]))
    named |= cells["record"].isin(whole["record"]).to_numpy()
    own = cells["rule"].map(severity).eq("blocking")
    status = cells["obs_status"].mask(value & (named | own), "V")
    fate = np.select(
        [cells["role"] == "label", value & (status != "V")], ["label", "accepted"], "issue"
    )
    cells = cells.assign(obs_status=status, fate=fate)
    carried = cells["raw_type"] == answer_sheets.CARRIED
    if carried.any():  # what is used in one record of a respondent is used
        place = pd.MultiIndex.from_frame(cells[["source_file", "source_sheet", "source_cell"]])
        used = place.isin(place[carried & (fate == "accepted")])
        cells.loc[used & value & (cells["raw_text"] != ""), "fate"] = "accepted"
    return cells, state


@languages.using(languages.SOURCE)  # what is kept is the same whichever page asks for it
def build(
    plan: plans.EditionPlan,
    catalogue: cat.Catalogue,
    place: project.Place,
    before: tuple[plans.EditionPlan, Tables] | None = None,
) -> Tables:
    """The whole flow of an edition (``before``: that it is compared with), files to scores."""
    asked = catalogue.surveys[plan.survey]
    rate = dated.value_on(catalogue.parameters["hourly_rate"], plan.day)
    minimum = dated.value_on(catalogue.parameters["minimum_respondents"], plan.day)["value"]
    percent = dated.value_on(catalogue.parameters["dominance_percent"], plan.day)["value"]
    checked = _counted(plan, catalogue, place)
    firms, strata = _weighted(plan, asked, place, checked)
    table = weighting.answers(checked["records"], firms, catalogue, asked)
    table = cost.compliance_cost(table, rate["value"]).pipe(measures.shares, asked)
    sample = replace(sampling.expand(firms, table, asked["psu"]), quantiles=plan.quantiles)
    found = [measures.estimate(sample, asked), measures.provinces(sample)]
    whole = pd.concat(found, ignore_index=True)
    record = protection.protect(table, _published(whole, rate), asked, minimum, percent)
    rules = disclosure.Rules(minimum, percent / 100, record)
    gone = whole.index.isin(record.index[(record["variant"] == "") & (record["reason"] != "")])
    disclosed = disclosure.suppress(whole, minimum, from_outset=gone)
    limits = _limits(plan, catalogue)
    whole = reliability.held_back(_shown(disclosed, plan), limits)
    estimates = whole[whole["domain"] != "province"]
    baselines, earlier, withheld = {plan.edition: estimates}, None, {}
    if before:
        baselines[before[0].edition] = before[1].estimates
        earlier, withheld = _compared(*before, catalogue, place, rate["value"])
    shared = measures.overlap(sample, earlier)
    # a model is for provinces of which the direct estimate is not firm
    areas = _areas(plan, catalogue, asked)
    modelled, fits = small_areas.estimate(sample, disclosed, asked, *areas, place)
    change = measures.change(sample, earlier, rules, withheld, shared)
    both = [estimates, *([before[1].estimates] if before else [])]
    moved = measures.sensitivity(sample, asked, rate, rules)
    tables = Tables(
        answers=table,
        estimates=whole.assign(edition=plan.edition),
        suppressed=record[record["reason"] != ""].assign(edition=plan.edition),
        resampled=reliability.held_back(measures.resampled(sample, asked, rules), limits),
        scores=measures.scores(estimates, asked, baselines, shared),
        sensitivity=reliability.held_back(moved, limits, also=["rank"]),
        change=reliability.withheld_with(change, both, also=["shared", "earlier", "later"]),
        differences=measures.differences(sample, estimates),
        small_areas=reliability.beside_model(modelled, whole),
        small_area_fit=fits,
        regressions=edition_regressions.table(sample, plan.regressions, asked, disclosed, rules),
        item_response=checked["item_response"],
        sample=strata,
        contacts=checked["contacts"],
        interviews=checked["interviews"],
        records=checked["records"][["record", "source_file", "source_sheet", "row", "state"]],
        issues=_with_collapsed(checked["issues"], strata, catalogue, plan),
        balance=checked["balance"],
    )
    schema.check(vars(tables), "survey.")
    return tables


def _counted(plan: plans.EditionPlan, catalogue, place) -> dict[str, pd.DataFrame]:
    """The tables of :func:`check`, where some answer can be counted."""
    checked = check(plan, catalogue, place)
    if not checked["records"]["state"].eq("accepted").any():
        what = tell("{code}: no answer can be counted. {why}", code=plan.code, why=_why(checked))
        raise NoResponsesError(what, checked["issues"])
    return checked


def _compared(then: plans.EditionPlan, held: Tables, catalogue, place, rate: float) -> tuple:
    """The sample of the edition before at the hourly ``rate`` of this one, and what of it cannot be
    told (:func:`analysis.survey.measures.untold`)."""
    own = dated.value_on(catalogue.parameters["hourly_rate"], then.day)["value"]
    withheld = measures.untold(held.estimates, held.sensitivity, own == rate)
    return _at_rate(then, catalogue, place, held.answers, rate), withheld


def _shown(disclosed: pd.DataFrame, plan: plans.EditionPlan) -> pd.DataFrame:
    """Estimates with the intervals of provinces that the edition asks for."""
    return (
        measures.pooled_intervals(disclosed) if plan.province_intervals == "pooled" else disclosed
    )


def _limits(plan: plans.EditionPlan, catalogue) -> reliability.Limits | None:
    """From which coefficient of variation the edition's estimates are marked, if they are."""
    if not plan.publication:
        return None
    values = (
        dated.value_on(catalogue.parameters[name], plan.day)["value"]
        for name in ("cv_caution_percent", "cv_withheld_percent")
    )
    return reliability.Limits(*values)


def _weighted(plan: plans.EditionPlan, asked: dict, place: project.Place, checked: dict):
    """Firms with their design weights, and the strata (:func:`analysis.survey.weighting.weighted`).

    Raises
    ------
    NoResponsesError
        where the answers cannot be weighted.
    """
    try:
        return weighting.weighted(plan, asked, place, checked["records"])
    except ValueError as error:
        raise NoResponsesError(
            tell(
                "{code}: the answers cannot be weighted: {error}. Wait for those who are "
                "missing, or decide which strata or categories are taken together (collapse in "
                "data/catalogue/surveys/{survey}.yml; else selected.csv, strata.csv, totals.csv).",
                code=plan.code,
                error=error,
                survey=plan.survey,
            ),
            checked["issues"],
        ) from error


def _with_collapsed(
    issues: pd.DataFrame, strata: pd.DataFrame, catalogue: cat.Catalogue, plan: plans.EditionPlan
) -> pd.DataFrame:
    """The issues, and one note for each cell of the design that is made of several strata."""
    asked = catalogue.surveys[plan.survey]
    joined = strata[strata["together"] != ""].drop_duplicates("together")
    if joined.empty:
        return issues
    found = joined.assign(
        source_file="strata.csv",
        source_sheet="",
        source_cell=[f"A{row + 2}" for row in joined.index],
        rule="strata_collapsed",
        raw_text=joined[asked["stratum"]].agg(", ".join, axis=1),
        found=joined["together"],
        expected=str(asked["collapse"]["least"]),
        form=plan.survey,
        reporting_unit=None,
        item=None,
    )
    told = validate.issues(found, catalogue.rules, plan.edition, schema.SURVEY_ISSUES)
    return pd.concat([issues, told], ignore_index=True)


def _areas(plan: plans.EditionPlan, catalogue, asked: dict) -> tuple[pd.Series, set[str]]:
    """Region of each province of the edition's day; those that the covariates mean as well."""
    regions = catalogue.regions["region"]
    regions = regions[regions.index.isin(catalogue.units_on(plan.units_on)["code"])]
    if "small_areas" not in asked:
        return regions, set()
    days = sorted([plan.units_on, asked["small_areas"]["covariates"]["units_on"]])
    return regions, catalogue.same_units(*days)


def _published(estimates: pd.DataFrame, rate: dict) -> pd.DataFrame:
    """The means as :func:`analysis.survey.protection.protect` takes them, at all rates shown."""
    means = estimates[estimates["statistic"] != "median"].assign(variant="", time=1.0)
    cost = means[(means["domain"] == "_T") & (means["measure"] == "compliance_cost")]
    others = [cost.assign(variant=n, time=rate[n] / rate["value"]) for n in ("low", "high")]
    others = pd.concat(others).set_axis(range(-2 * len(cost), 0))  # of no row of the estimates
    return pd.concat([means, others])


def _at_rate(
    plan: plans.EditionPlan, catalogue, place: project.Place, answers: pd.DataFrame, rate: float
) -> sampling.Design:
    """The sample of an edition with its costs at another hourly rate."""
    asked = catalogue.surveys[plan.survey]
    states = answers[["response"]].assign(state="accepted")
    firms, _ = weighting.weighted(plan, asked, place, states)
    return sampling.expand(firms, cost.compliance_cost(answers, rate), asked["psu"])


def _why(checked: dict) -> str:
    """The first reason of each file."""
    told = checked["issues"].drop_duplicates("source_file").head(5)
    reasons = dict(zip(told["source_file"], told[f"message_{messages.language()}"], strict=True))
    reasons |= dict.fromkeys(
        set(checked["balance"]["source_file"]) - set(reasons), tell("no answer")
    )
    return "; ".join(f"{file}: {reason}" for file, reason in reasons.items())
