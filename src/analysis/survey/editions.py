"""The flow of a survey edition, in order: the one module that knows its steps.

read → locate → answers → findings → weights → cost → estimates → suppress → scores; the tables of
an edition are kept like those of a period.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import project, schema
from analysis.catalogue import catalogue as cat
from analysis.checking import fates, validate
from analysis.exchange import returns
from analysis.language import languages
from analysis.language.languages import column
from analysis.language.words import fold
from analysis.lineage import store
from analysis.reading import workbook
from analysis.scoring import normalise
from analysis.storage.files import digests, name_of, visible
from analysis.survey import bootstrap, cost, disclosure, estimation, margins, responses, sampling

_FRAME = {"selected.csv": ["response"], "strata.csv": ["population"]}
_FRAME["totals.csv"] = ["variable", "category", "total"]
_AUXILIARY = {*_FRAME, "edition.yml", "readme.md"}


@dataclass(frozen=True)
class Tables:
    """The tables of one edition.

    ``answers`` one row per accepted answer, with costs and design_weight; ``estimates`` long, small
    cells suppressed; ``resampled`` (bootstrap intervals of the cost by group); ``scores``;
    ``sensitivity`` (estimates under other choices); ``change`` on the
    edition before; ``item_response`` (how each question was answered); ``sample`` (selected and
    answering by stratum); ``records`` (fate of each answer row); ``issues``; ``balance``.
    """

    answers: pd.DataFrame
    estimates: pd.DataFrame
    resampled: pd.DataFrame
    scores: pd.DataFrame
    sensitivity: pd.DataFrame
    change: pd.DataFrame
    item_response: pd.DataFrame
    sample: pd.DataFrame
    records: pd.DataFrame
    issues: pd.DataFrame
    balance: pd.DataFrame


@dataclass(frozen=True)
class Loaded:
    """An edition as a notebook uses it."""

    plan: cat.EditionPlan
    catalogue: cat.Catalogue
    survey: dict
    tables: Tables
    root: Path
    earlier: "Loaded | None" = None

    def parameter(self, name: str) -> dict:
        """A dated parameter as it held in the months asked about (value, source, certainty)."""
        return cat.value_on(self.catalogue.parameters[name], self.plan.day)

    @property
    def groups(self) -> dict[str, str]:
        """Code → name of the procedure groups."""
        return self.catalogue.procedure_groups[column("name")].to_dict()

    def regions(self, kind: str) -> dict[str, str]:
        """Code → name of the regions of ``kind`` (region, key_region)."""
        table = self.catalogue.regions
        return dict(zip(table[kind], table[column(kind)], strict=True))

    @property
    def provinces(self) -> dict[str, str]:
        """Code → name of the provinces of the edition's day."""
        units = self.catalogue.units_on(self.plan.units_on).set_index("code")
        return units[column("name")].reindex(self.catalogue.regions.index).to_dict()


class NoResponsesError(ValueError):
    """Nothing can be estimated: there is no answer file, none counts, or they cannot be weighted.

    ``issues``: what is to be said of the answers, if any were read (:func:`give_back`).
    """

    def __init__(self, message: str, issues: pd.DataFrame | None = None) -> None:
        super().__init__(message)
        self.issues = issues


def load(edition: object, survey_code: str = "apci", root: Path | None = None) -> Loaded:
    """An edition ready for analysis; its tables are built first if absent or out of date.

    ``edition``: its year, which may be a number.

    Raises
    ------
    analysis.catalogue.catalogue.CatalogueError, NoResponsesError
    """
    place = project.Place(root or project.PROJECT)
    catalogue = cat.load(place.root)
    plan = cat.edition(survey_code, edition, catalogue, place.root)
    before = _edition_before(plan, place)
    tables = store.kept(
        Tables,
        place.derived(plan.code),
        lambda: fingerprint(plan, catalogue, place),
        lambda: build(plan, catalogue, place, before),
    )
    return Loaded(plan, catalogue, catalogue.surveys[survey_code], tables, place.root, before)


def _edition_before(plan: cat.EditionPlan, place: project.Place) -> Loaded | None:
    try:
        return load(plan.earlier, plan.survey, place.root) if plan.earlier else None
    except cat.CatalogueError as error:
        where = place.survey(plan.code).relative_to(place.root) / "edition.yml"
        raise cat.CatalogueError(f"{where}: earlier: {error}") from error
    except NoResponsesError as error:  # what is to be said of its answers is said of it, not here
        raise NoResponsesError(
            f"{plan.code} is compared with {plan.earlier} (edition.yml, earlier). {error}"
        ) from error


def fingerprint(plan: cat.EditionPlan, catalogue: cat.Catalogue, place: project.Place) -> str:
    """SHA-256 over everything the tables rest on: inputs, earlier editions, catalogue, code."""
    earlier = ""
    if plan.earlier:
        before = cat.edition(plan.survey, plan.earlier, catalogue, place.root)
        earlier = fingerprint(before, catalogue, place)
    inputs = visible(place.survey(plan.code))
    return store.fingerprint(inputs, catalogue.sha256, __name__, earlier)


def marks(loaded: Loaded) -> dict[str, str]:
    """Folders of derived tables that pages of the edition may read → their marks, all made."""
    place, found = project.Place(loaded.root), {}
    while loaded:
        found[str(place.derived(loaded.plan.code))] = loaded.tables.mark
        loaded = loaded.earlier
    return found


def answer_files(plan: cat.EditionPlan, place: project.Place) -> list[Path]:
    """The answer files of the edition, in name order."""
    folder = place.survey(plan.code)
    files = [p for p in visible(folder) if p.name.lower() not in _AUXILIARY]
    if not files:
        raise NoResponsesError(f"{folder.relative_to(place.root)} holds no answer file")
    return files


def inputs(loaded: Loaded) -> dict[str, str]:
    """SHA-256 of every file of the edition, by name."""
    return digests(project.Place(loaded.root).survey(loaded.plan.code))


# --- answers ------------------------------------------------------------------------------------


def check(plan: cat.EditionPlan, catalogue: cat.Catalogue, place: project.Place) -> dict:
    """read → locate → answers → findings.

    Returns ``cells`` (with their fate), ``records`` (all rows, accepted values only, ``state``),
    ``issues``, ``balance``, ``item_response``.
    """
    asked = catalogue.surveys[plan.survey]
    selected = frame(plan, asked, place)["selected"]  # first: without it nothing can be weighted
    limits = catalogue.parameters["limits"]
    cells = pd.concat(
        [workbook.read(path, limits) for path in answer_files(plan, place)], ignore_index=True
    )
    names = {
        "province": cat.unit_names(catalogue.units_on(plan.units_on)),
        "procedure_group": _group_names(catalogue, plan.edition),
    }
    hours = {
        name: cat.value_on(catalogue.parameters[name], plan.day)["value"]
        for name in ("hours_per_working_day", "hours_per_half_day")
    }
    cells = responses.locate(cells, asked).pipe(responses.read, asked, names, hours, plan.edition)
    records = responses.wide(cells, asked)
    found = responses.findings(records, asked, set(selected["response"]))
    marks = responses.at_cells(found, cells)
    cells, state = _settle(cells, marks, catalogue.rules)
    records = responses.wide(cells, asked).merge(state, on="record", how="left")
    records["state"] = records["state"].fillna("accepted")
    given = cells[cells["rule"].notna() & (cells["raw_type"] != "blank")]
    own = given.assign(record=given["record"])[[*responses.FINDINGS, "record"]]
    both = pd.concat([own, marks], ignore_index=True)
    units = records.set_index("record")["province"]
    both = both.assign(reporting_unit=both["record"].map(units), form=plan.survey)
    return {
        "cells": cells,
        "records": records,
        "issues": validate.issues(both, catalogue.rules, plan.edition, schema.SURVEY_ISSUES),
        "balance": fates.balance(cells),
        "item_response": _item_response(cells, asked),
    }


def _group_names(catalogue: cat.Catalogue, edition: str) -> dict[str, str]:
    names = {}
    for code, row in catalogue.procedure_groups.iterrows():
        since, until = row["valid_from_edition"], row["valid_to_edition"]
        if (since and edition < since) or (until and edition > until):
            continue
        aliases = filter(None, row["aliases"].split("|"))
        for name in [code, row["name_vi"], row["name_en"], *aliases]:
            names.setdefault(fold(name), code)
    return names


def frame(plan: cat.EditionPlan, asked: dict, place: project.Place) -> dict[str, pd.DataFrame]:
    """The sampling frame of the edition: ``selected`` firms, ``strata``, known ``totals``.

    Raises
    ------
    ValueError
        naming the file and what is wrong with it.
    """
    found = {}
    for name, columns in _FRAME.items():
        path = place.survey(plan.code) / name
        where = path.relative_to(place.root)
        if not path.exists():
            raise ValueError(f"{where}: file is missing")
        try:
            table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        except ValueError as error:
            raise ValueError(f"{where}: cannot be read: {error}") from error
        needed = [*columns, *(asked["stratum"] if name != "totals.csv" else [])]
        absent = [c for c in needed if c not in table]
        if absent:
            raise ValueError(f"{where}: column missing: {', '.join(absent)}")
        if table[needed].isna().any(axis=None):
            line = int(table[needed].isna().any(axis=1).to_numpy().argmax()) + 2
            raise ValueError(f"{where}:{line}: a value is missing")
        found[path.stem] = table
    selected = found["selected"].assign(response=lambda t: t["response"].str.lstrip("0"))
    for name, table, key in (
        ("selected.csv", selected, ["response"]),
        ("strata.csv", found["strata"], asked["stratum"]),
    ):
        twice = table.duplicated(key)
        if twice.any():
            line = int(twice.to_numpy().argmax()) + 2
            raise ValueError(f"{name}:{line}: {', '.join(key)} stands twice")
    listed = pd.MultiIndex.from_frame(found["strata"][asked["stratum"]])
    unknown = ~pd.MultiIndex.from_frame(selected[asked["stratum"]]).isin(listed)
    if unknown.any():
        raise ValueError(f"selected.csv:{int(unknown.argmax()) + 2}: stratum is not in strata.csv")
    wrong = margins.faults(found["totals"], found["strata"], selected, asked["stratum"])
    if wrong:
        folder = place.survey(plan.code).relative_to(place.root)
        raise ValueError("\n".join(f"{folder}/{what}" for what in wrong))
    figures = {"strata": "population", "totals": "total"}
    numbers = {n: found[n].assign(**{c: pd.to_numeric(found[n][c])}) for n, c in figures.items()}
    return numbers | {"selected": selected}


def _settle(cells, marks, rules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Withdraw what blocking findings name; then every cell has its fate."""
    severity = {code: rule["severity"] for code, rule in rules.items()}
    blocking = marks[marks["rule"].map(severity) == "blocking"]
    whole = marks[(marks["item"] == "response") & marks["rule"].str.startswith("response_")]
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
    return cells.assign(obs_status=status, fate=fate), state


def _item_response(cells: pd.DataFrame, asked: dict) -> pd.DataFrame:
    """How each question was answered: value, approximate, do not know, refused, blank, withheld."""
    held = cells[cells["role"] == "value"]
    kind = np.select(
        [
            held["raw_type"] == "blank",
            held["obs_status"] == "A",
            held["obs_status"] == "E",
            held["obs_status"] == "O",
            held["obs_status"] == "M",
        ],
        ["blank", "answered", "approximate", "dont_know", "refused"],
        "not_accepted",
    )
    table = held.groupby(["item", kind]).size().unstack(fill_value=0)
    columns = ["answered", "approximate", "dont_know", "refused", "blank", "not_accepted"]
    table = table.reindex(list(asked["columns"])).reindex(columns=columns).fillna(0).astype(int)
    return table.rename_axis("item").reset_index()


def send_back(loaded: Loaded) -> returns.Written:
    """Write the list of issues and an annotated copy of each answer file that has something to ask.

    Everything goes to ``data/derived/<edition>-returns``, as what firms answered lies in no folder
    of reports, which are handed on. Copies mark what is blocking or to be checked; notes stand in
    the list alone.
    """
    limits = loaded.catalogue.parameters["limits"]
    return give_back(loaded.tables.issues, loaded.plan, project.Place(loaded.root), limits)


def give_back(
    issues: pd.DataFrame, plan: cat.EditionPlan, place: project.Place, limits: dict
) -> returns.Written:
    """:func:`send_back` of an edition that could not be estimated."""
    code, copies = plan.code, []
    sources = {name_of(p): p for p in answer_files(plan, place)}
    for file, own in issues[issues["severity"] != "note"].groupby("source_file", sort=True):
        source, rows = sources[file], None
        if source.suffix.lower() == ".csv":
            rows = workbook.read(source, limits)
        copies.append(returns.Copy(Path(file).stem, source, own, rows))
    target = place.returns(code)
    return returns.write(target, target.with_suffix(".json"), issues, copies, limits)


# --- weights and costs --------------------------------------------------------------------------


def weighted(
    plan: cat.EditionPlan, asked: dict, place: project.Place, records: pd.DataFrame
) -> tuple[sampling.Design, pd.DataFrame]:
    """The firms that answered, weighted: design, non-response, known totals.

    Returns the design with one row per firm (response, region, firm_size, industry, province of
    the frame) and the sample by stratum.
    """
    known, stratum = frame(plan, asked, place), asked["stratum"]
    selected = known["selected"].merge(known["strata"], on=stratum, validate="many_to_one")
    drawn = selected.groupby(stratum)["response"].transform("size")
    accepted = records.loc[records["state"] == "accepted", "response"]
    selected = selected.assign(
        design_weight=selected["population"] / drawn,
        responded=selected["response"].isin(accepted),
    )
    selected["design_weight"] = sampling.adjust_nonresponse(
        selected, "design_weight", "responded", stratum
    )
    sample = selected.groupby(stratum, sort=False).agg(
        population=("population", "first"),
        selected=("response", "size"),
        responded=("responded", "sum"),
        design_weight=("design_weight", "mean"),
    )
    firms = selected[selected["responded"]].reset_index(drop=True)
    totals = known["totals"].groupby("variable")
    known_totals = {n: p.set_index("category")["total"] for n, p in totals}
    firms = sampling.design(firms, "design_weight", stratum, "population", lonely_psu="certainty")
    return sampling.rake(firms, known_totals), sample.reset_index()


def _answers(records: pd.DataFrame, firms: sampling.Design, catalogue, asked: dict):
    """Accepted answers beside the frame's columns of their firm and its final weight."""
    # what the frame knows holds, but for the province: the answer says where the firm dealt with it
    frame = firms.table.drop(columns=["responded", "province"], errors="ignore")
    frame = frame.assign(design_weight=firms.design_weight)
    accepted = records[records["state"] == "accepted"]
    doubled = [c for c in frame if c in accepted and c != asked["psu"]]
    table = accepted.drop(columns=doubled).merge(frame, on=asked["psu"])
    return table.assign(key_region=table["province"].map(catalogue.regions["key_region"]))


def _shares(table: pd.DataFrame, asked: dict) -> pd.DataFrame:
    """Add a column for each measure that is a share: 100 where it is so, 0 where not."""
    out = {}
    for name, measure in asked["measures"].items():
        for item, code in measure.get("of", {}).items():
            out[name] = (100.0 * (table[item] == code)).where(table[item].notna())
    return table.assign(**out)


# --- estimates ----------------------------------------------------------------------------------


def estimate(sample: sampling.Design, asked: dict, minimum: int) -> pd.DataFrame:
    """All measures of the survey by procedure group and, within groups, by its domains.

    Returns procedure_group, domain, category, measure, statistic, … (survey.estimation),
    obs_status, hidden. ``domain`` ``_T`` is the group as a whole; steps are measures of their own.
    """
    by_statistic = {
        "mean": lambda names, by: estimation.mean(sample, names, by),
        "median": lambda names, by: median(sample, names, by),
    }
    found = []
    for statistic, function in by_statistic.items():
        names = [n for n, m in asked["measures"].items() if statistic in m["statistics"]]
        steps = asked["steps"] if statistic == "mean" else []
        found.append(
            function([*names, *steps], ["procedure_group"]).assign(domain="_T", category="_T")
        )
        for domain in asked["domains"]:
            table = function(names, ["procedure_group", domain])
            found.append(table.rename(columns={domain: "category"}).assign(domain=domain))
    table = pd.concat(found, ignore_index=True)
    line = ["procedure_group", "domain", "measure", "statistic"]
    parts = {name: m["parts"] for name, m in asked["measures"].items() if "parts" in m}
    small = disclosure.suppress(table, minimum, margins=[line])
    sums = disclosure.of_hidden_parts(small, parts, ["procedure_group", "domain", "category"])
    table = disclosure.suppress(table, minimum, margins=[line], from_outset=sums)
    first = ["procedure_group", "domain", "category", "measure", "statistic"]
    return table[[*first, *[c for c in table if c not in first]]]


def median(sample: sampling.Design, names: str | list[str], by: list[str]) -> pd.DataFrame:
    """Medians whose intervals end at no answer that can be ascribed to a firm."""
    return disclosure.open_ends(estimation.quantile(sample, names, by=by), sample.table, by)


def provinces(sample: sampling.Design, minimum: int) -> pd.DataFrame:
    """Time and direct cost of each province against what its mix of procedures would cost anywhere.

    Ratio of the sum of its answers to the sum of the national means of the same groups (indirect
    standardisation, as a standardised mortality ratio): 1 is the national level, whatever
    procedures the firms of the province happened to do. The national means are taken as fixed.
    """
    table, expected = sample.table, {}
    for measure in ("hours", "direct_cost"):
        national = estimation.mean(sample, measure, ["procedure_group"])
        means = national.set_index("procedure_group")["estimate"]
        level = table["procedure_group"].map(means).where(table[measure].notna())
        expected[f"expected_{measure}"] = level.astype(float)
    wider = sampling.with_columns(sample, **expected)
    found = [
        estimation.ratio(wider, m, f"expected_{m}", ["province"]).assign(measure=m)
        for m in ("hours", "direct_cost")
    ]
    table = pd.concat(found, ignore_index=True).rename(columns={"province": "category"})
    table = table.assign(procedure_group="_T", domain="province", statistic="standardised_ratio")
    return disclosure.suppress(table, minimum, margins=[["measure"]])


def sensitivity(sample: sampling.Design, asked: dict, rate: dict, minimum: int) -> pd.DataFrame:
    """The cost of each group under other choices: weights, winsorising, hourly rate.

    Returns variant, procedure_group, respondents, estimate, standard_error, ci_low, ci_high,
    obs_status, rank (1 = cheapest of those shown).
    """
    table, by = sample.table, ["procedure_group"]
    alike = table.assign(one=1.0)
    equal = sampling.design(alike, "one", psu=asked["psu"], lonely_psu="certainty")
    tails = sampling.winsorise(
        table, "compliance_cost", [*by, *asked["stratum"]], "design_weight", high=0.95
    )
    rates = cost.rate_sensitivity(table, {k: rate[k] for k in ("low", "high")})
    variants = {
        "mean": estimation.mean(sample, "compliance_cost", by),
        "median": median(sample, "compliance_cost", by),
        "mean_unweighted": estimation.mean(equal, "compliance_cost", by),
        "mean_winsorised": estimation.mean(
            sampling.with_columns(sample, compliance_cost=tails), "compliance_cost", by
        ),
    }
    for name, part in rates.groupby("rate"):
        costs = part["compliance_cost"].to_numpy()
        other = sampling.with_columns(sample, compliance_cost=costs)
        variants[f"mean_rate_{name}"] = estimation.mean(other, "compliance_cost", by)
    found = pd.concat([t.assign(variant=n) for n, t in variants.items()], ignore_index=True)
    found = disclosure.suppress(found, minimum)
    found["rank"] = found.groupby("variant")["estimate"].rank(method="min")
    columns = ["variant", *by, "respondents", "estimate", "standard_error", "ci_low", "ci_high"]
    return found[[*columns, "obs_status", "rank"]]


def scores(estimates: pd.DataFrame, asked: dict, baselines: dict) -> pd.DataFrame:
    """Scores 0–100 of the groups and, within groups, of regions, by the survey's methods.

    ``baselines``: edition → its estimates. Intervals are those of the estimate carried over to the
    scale of the score; of a percentile there is none. Suppressed estimates have no score.
    """
    found = []
    for stated in asked["scores"]:
        rows = estimates[
            (estimates["measure"] == stated["measure"])
            & (estimates["statistic"] == stated["statistic"])
        ]
        rows = rows[
            ["procedure_group", "domain", "category", "estimate", "standard_error"]
            + ["ci_low", "ci_high", "obs_status"]
        ].copy()
        method = stated["method"]
        if method == "goalposts":
            ends = stated["best"], stated["worst"]
            rows["score"] = normalise.goalposts(rows["estimate"], *ends)
            rows["score_low"] = normalise.goalposts(rows["ci_high"], *ends)
            rows["score_high"] = normalise.goalposts(rows["ci_low"], *ends)
        elif method == "percentile_rank":
            rows = rows[rows["domain"] != "_T"].copy()
            line = rows.groupby(["procedure_group", "domain"])["estimate"]
            rows["score"] = line.transform(normalise.percentile_rank, direction=-1)
        else:
            rows = _against(rows, stated, baselines)
        found.append(
            rows.assign(method=method, measure=stated["measure"], statistic=stated["statistic"])
        )
    columns = [
        "method",
        "measure",
        "statistic",
        "procedure_group",
        "domain",
        "category",
        "estimate",
        "score",
        "score_low",
        "score_high",
        "obs_status",
    ]
    return pd.concat(found, ignore_index=True).reindex(columns=columns)


def _against(rows: pd.DataFrame, stated: dict, baselines: dict) -> pd.DataFrame:
    """Distance to the baseline edition; the interval through the error of the log ratio."""
    rows = rows[rows["domain"] == "_T"].copy()
    base = baselines.get(stated["baseline"])
    if base is None:
        return rows.assign(score=np.nan)
    held = base[
        (base["measure"] == stated["measure"])
        & (base["domain"] == "_T")
        & (base["statistic"] == stated["statistic"])
    ].set_index("procedure_group")
    old = rows["procedure_group"].map(held["estimate"])
    error = np.hypot(
        rows["standard_error"] / rows["estimate"],
        rows["procedure_group"].map(held["standard_error"]) / old,
    )
    reach = np.exp(1.96 * error)
    for name, factor in (("score", 1), ("score_low", reach), ("score_high", 1 / reach)):
        rows[name] = normalise.distance_to_baseline(rows["estimate"] * factor, old)
    return rows


# --- the whole ----------------------------------------------------------------------------------


@languages.using(languages.SOURCE)  # what is kept is the same whichever page asks for it
def build(plan, catalogue, place: project.Place, before: Loaded | None) -> Tables:
    """The whole flow of an edition, from files to scores."""
    asked = catalogue.surveys[plan.survey]
    rate = cat.value_on(catalogue.parameters["hourly_rate"], plan.day)
    minimum = cat.value_on(catalogue.parameters["minimum_respondents"], plan.day)["value"]
    checked = check(plan, catalogue, place)
    issues = checked["issues"]
    if not checked["records"]["state"].eq("accepted").any():
        raise NoResponsesError(f"{plan.code}: no answer can be counted. {_why(checked)}", issues)
    try:
        firms, strata = weighted(plan, asked, place, checked["records"])
    except ValueError as error:
        raise NoResponsesError(
            f"{plan.code}: the answers cannot be weighted: {error}. Wait for those who are missing,"
            " or decide which strata or categories are taken together (selected.csv, strata.csv, "
            "totals.csv).",
            issues,
        ) from error
    table = _answers(checked["records"], firms, catalogue, asked)
    table = cost.compliance_cost(table, rate["value"]).pipe(_shares, asked)
    sample = sampling.expand(firms, table, asked["psu"])
    estimates = estimate(sample, asked, minimum)
    baselines = {plan.edition: estimates}
    if before:
        baselines[before.plan.edition] = before.tables.estimates
    estimates_all = pd.concat([estimates, provinces(sample, minimum)], ignore_index=True)
    tables = Tables(
        answers=table,
        estimates=estimates_all.assign(edition=plan.edition),
        resampled=_resampled(sample, asked, minimum),
        scores=scores(estimates, asked, baselines),
        sensitivity=sensitivity(sample, asked, rate, minimum),
        change=_change(sample, before, rate["value"], minimum),
        item_response=checked["item_response"],
        sample=strata,
        records=checked["records"][["record", "source_file", "source_sheet", "row", "state"]],
        issues=checked["issues"],
        balance=checked["balance"],
    )
    schema.check(vars(tables), "survey.")
    return tables


def _why(checked: dict) -> str:
    """The first reason of each file."""
    told = checked["issues"].drop_duplicates("source_file").head(5)
    reasons = dict(zip(told["source_file"], told["message_vi"], strict=True))
    reasons |= dict.fromkeys(set(checked["balance"]["source_file"]) - set(reasons), "no answer")
    return "; ".join(f"{file}: {reason}" for file, reason in reasons.items())


# of the bootstrap, without and with a result
_RESAMPLED = ["procedure_group", "respondents", "answers", "measure", "statistic", "estimate"]
_RESAMPLED += ["standard_error", "ci_low", "ci_high", "obs_status", "hidden"]


def _resampled(sample: sampling.Design, asked: dict, minimum: int) -> pd.DataFrame:
    """Bootstrap of the cost by group; empty where a stratum has one firm to draw from."""
    stated, by = asked["bootstrap"], ["procedure_group"]
    if (sample.sampled < 2).any():
        return pd.DataFrame(columns=_RESAMPLED)
    found = bootstrap.bootstrap(sample, stated["measure"], by, stated["replicates"], stated["seed"])
    return disclosure.suppress(disclosure.open_ends(found, sample.table, by), minimum)


def _change(
    sample: sampling.Design, before: Loaded | None, rate: float, minimum: int
) -> pd.DataFrame:
    """Change on the edition before, both at the later hourly rate, by group; small ones hidden."""
    columns = ["procedure_group", "measure", "respondents", "earlier", "later", "estimate"]
    columns += ["standard_error", "degrees_of_freedom", "ci_low", "ci_high", "clear", "obs_status"]
    if before is None:
        return pd.DataFrame(columns=columns)
    by, measures = ["procedure_group"], ["hours", "direct_cost", "compliance_cost"]
    old = before.tables.answers
    place = project.Place(before.root)
    states = old[["response"]].assign(state="accepted")
    firms, _ = weighted(before.plan, before.survey, place, states)
    old = sampling.expand(firms, cost.compliance_cost(old, rate), before.survey["psu"])
    found = estimation.change(
        estimation.mean(old, measures, by), estimation.mean(sample, measures, by), [*by, "measure"]
    )
    found = disclosure.suppress(found, minimum, also=["earlier", "later"])
    return found.assign(clear=found["clear"] & found["estimate"].notna())[columns]
