"""What officials sign, read from ``data/catalogue``: forms, frameworks, code lists, parameters.

The catalogue is checked as a whole when it is loaded; everything wrong with it is reported at
once, with file and line.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import jsonschema
import pandas as pd
import yaml

from analysis import periods
from analysis.catalogue_schema import SCHEMAS
from analysis.words import fold, spellings

# the C parser where it is built in: a catalogue is read by every page
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

PROJECT = Path(__file__).resolve().parents[2]


class CatalogueError(Exception):
    """The catalogue is broken; the message lists every problem as ``file:line: what``."""


@dataclass(frozen=True)
class Place:
    """Where a project keeps its files."""

    root: Path = PROJECT

    @property
    def catalogue(self) -> Path:
        return self.root / "data" / "catalogue"

    @property
    def reference(self) -> Path:
        return self.root / "data" / "reference"

    def submissions(self, time_period: str) -> Path:
        return self.root / "data" / "submissions" / time_period

    def derived(self, time_period: str) -> Path:
        return self.root / "data" / "derived" / time_period

    def survey(self, code: str) -> Path:
        return self.root / "data" / "survey" / code

    @property
    def reports(self) -> Path:
        return self.root / "reports"


@dataclass(frozen=True)
class Catalogue:
    """Forms, frameworks and lists by code; ``units`` and ``fields`` are frames."""

    forms: dict
    frameworks: dict
    rules: dict
    regimes: dict
    parameters: dict
    units: pd.DataFrame
    unit_types: pd.DataFrame
    fields: pd.DataFrame
    surveys: dict
    procedure_groups: pd.DataFrame
    procedures: pd.DataFrame
    regions: pd.DataFrame
    sha256: str = field(repr=False, default="")

    def units_on(self, day: date) -> pd.DataFrame:
        """Units that exist on ``day`` (GSO codes are re-used: a code means a unit *at a date*)."""
        when = pd.Timestamp(day)
        alive = self.units["valid_from"].isna() | (self.units["valid_from"] <= when)
        alive &= self.units["valid_to"].isna() | (self.units["valid_to"] >= when)
        return self.units[alive]


@dataclass(frozen=True)
class PeriodPlan:
    """``period.yml`` of a period: what is expected, from whom and under which regime."""

    period: periods.Period
    title: dict
    regime: str
    forms: list
    frameworks: list
    due: dict
    synthetic: bool
    obs_status: str = "A"
    source: dict = field(default_factory=dict)
    status_note: dict = field(default_factory=dict)
    coverage_note: dict = field(default_factory=dict)
    published: dict = field(default_factory=dict)
    start: date | None = None
    end: date | None = None
    deadline: date | None = None

    @property
    def code(self) -> str:
        return self.period.code


@dataclass(frozen=True)
class EditionPlan:
    """``edition.yml`` of a survey edition: what was asked, of whom and about which months."""

    survey: str
    edition: str
    title: dict
    synthetic: bool
    reference_period: list
    units_on: date
    source: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    earlier: str | None = None

    @property
    def code(self) -> str:
        return f"{self.survey}-{self.edition}"

    @property
    def day(self) -> date:
        """The day on which dated parameters are read: the middle of the months asked about."""
        start, end = self.reference_period
        return start + (end - start) / 2


def _line_of(text: str, path: tuple) -> int:
    """Line (from 1) of the YAML node that ``path`` leads to, or of its nearest parent."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = node.start_mark.line
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line
    return line + 1


class _Reader:
    """Reads catalogue files and collects what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root, self.problems, self.texts = root, [], {}

    def report(self, path: Path, where: tuple, what: str) -> None:
        line = _line_of(self.texts[path], where) if path in self.texts else 1
        name = path.relative_to(self.root) if path.is_relative_to(self.root) else path.name
        self.problems.append(f"{name}:{line}: {what}")

    def yaml(self, path: Path, schema: str | None = None) -> dict:
        try:
            text = path.read_text(encoding="utf-8")
            loaded = yaml.load(text, Loader=_LOADER)
        except FileNotFoundError:
            self.problems.append(f"{path.name}:1: file is missing")
            return {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            reason = getattr(error, "problem", None) or error
            self.problems.append(f"{path.name}:{line}: cannot be read: {reason}")
            return {}
        self.texts[path] = text
        if not isinstance(loaded, dict):
            self.report(path, (), "must hold a mapping")
            return {}
        if schema:
            broken = jsonschema.Draft202012Validator(SCHEMAS[schema]).iter_errors(loaded)
            found = sorted(broken, key=lambda e: list(map(str, e.absolute_path)))
            for error in found:
                where = tuple(error.absolute_path)
                self.report(path, where, f"{'.'.join(map(str, where)) or 'file'}: {error.message}")
            if found:
                return {}
        return loaded

    def table(self, path: Path) -> pd.DataFrame:
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        except (OSError, ValueError) as error:
            self.problems.append(f"{path.name}:1: cannot be read: {error}")
            return pd.DataFrame()
        return frame


def load(root: Path | None = None) -> Catalogue:
    """Read and check the catalogue under ``root`` (a project folder).

    Raises
    ------
    CatalogueError
        with every problem found, each as ``file:line: what``.
    """
    folder = Place(root or PROJECT).catalogue
    read = _Reader(folder)
    forms = _by_code(read, folder / "forms", "forms", "form")
    frameworks = _by_code(read, folder / "frameworks", "frameworks", "framework")
    rules = read.yaml(folder / "rules.yml", "rules").get("rules", {})
    regimes = read.yaml(folder / "regimes.yml").get("regimes", {})
    parameters = read.yaml(folder / "parameters.yml")
    lists = folder / "codelists"
    units = pd.concat(
        [read.table(path).assign(_file=path.name) for path in sorted(lists.glob("units*.csv"))]
        or [pd.DataFrame()],
        ignore_index=True,
    )
    unit_types = read.table(lists / "unit_types.csv")
    fields = read.table(lists / "fields.csv")
    surveys = _by_code(read, folder / "surveys", "surveys", "survey")
    groups = read.table(lists / "procedure_groups.csv")
    procedures = read.table(lists / "procedures.csv")
    regions = read.table(lists / "regions.csv")
    provinces = read.table(lists / "province_regions.csv")
    for column in ("valid_from", "valid_to"):
        if column in units:
            units[column] = pd.to_datetime(units[column].replace("", None))
    _check_units(read, units, unit_types)
    _check_references(read, folder, forms, frameworks, rules)
    _check_surveys(read, folder, surveys, procedures, groups)
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    return Catalogue(
        forms,
        frameworks,
        rules,
        regimes,
        parameters,
        units.drop(columns="_file"),
        unit_types.set_index("code"),
        fields,
        surveys,
        groups.set_index("code"),
        procedures.set_index("code"),
        _with_provinces(regions, provinces),
        _digest(folder),
    )


def _by_code(read: _Reader, folder: Path, schema: str, key: str) -> dict:
    found = {}
    for path in sorted(folder.glob("*.yml")):
        loaded = read.yaml(path, schema)
        if not loaded:
            continue
        if loaded[key] in found:
            read.report(path, (key,), f"{key} {loaded[key]} is defined twice")
        if loaded[key] != path.stem:
            read.report(path, (key,), f"{key} {loaded[key]} must stand in {loaded[key]}.yml")
        found[loaded[key]] = loaded
    return found


def _check_units(read: _Reader, units: pd.DataFrame, types: pd.DataFrame) -> None:
    needed = ["code", "name_vi", "name_en", "type", "parent", "valid_from", "valid_to", "certainty"]
    absent = [c for c in needed if c not in units]
    if absent:
        read.problems.append(f"units.csv:1: columns missing: {', '.join(absent)}")
        return
    names = units["_file"]
    lines = units.groupby("_file").cumcount() + 2

    def report(rows: pd.Series, what: str) -> None:
        for i in units.index[rows]:
            read.problems.append(f"{names[i]}:{lines[i]}: {units.at[i, 'code']}: {what}")

    report(units.duplicated(["code", "valid_from"], keep="first"), "code and date occur twice")
    report(~units["type"].isin(types.get("code", [])), "type is not in unit_types.csv")
    report((units["name_vi"] == "") | (units["name_en"] == ""), "a name is missing")
    report(~units["code"].str.fullmatch(r"[A-Za-z0-9._-]+"), "code must be plain ASCII")
    report(units["valid_from"] > units["valid_to"], "valid_from is after valid_to")


def _check_references(read, folder: Path, forms: dict, frameworks: dict, rules: dict) -> None:
    items = {item for form in forms.values() for item in form["items"]}
    for code, framework in frameworks.items():
        path = folder / "frameworks" / f"{code}.yml"
        total = {d: 0.0 for d in framework["dimensions"]}
        for name, indicator in framework["indicators"].items():
            where = ("indicators", name)
            formula = indicator["formula"]
            ratio = formula.get("ratio", {"numerator": [], "denominator": []})
            if "ratio" in formula and indicator["unit_measure"] != "percent":
                read.report(path, (*where, "unit_measure"), f"{name}: a ratio is in percent")
            for item in [*ratio["numerator"], *ratio["denominator"], formula.get("value")]:
                if item is not None and item not in items:
                    read.report(path, (*where, "formula"), f"{name}: no form has item {item}")
            if indicator["dimension"] not in total:
                read.report(path, (*where, "dimension"), f"{name}: unknown dimension")
            elif "points" in indicator:
                total[indicator["dimension"]] += indicator["points"]["max"]
        for name, reached in total.items():
            stated = framework["dimensions"][name]["max_score"]
            if abs(reached - stated) > 1e-9:
                read.report(
                    path,
                    ("dimensions", name),
                    f"{name}: its indicators give {reached:g} points, not {stated:g}",
                )
        stated = sum(d["max_score"] for d in framework["dimensions"].values())
        if abs(stated - framework["max_score"]) > 1e-9:
            read.report(path, ("max_score",), f"dimensions give {stated:g} points")
    for code, form in forms.items():
        path = folder / "forms" / f"{code}.yml"
        if form["layout"] == "long":
            named = {"group", "element"} & set(form.get("columns", {}))
            for item, described in form["items"].items():
                if set(described.get("read_from", {})) != named:
                    what = f"{item}: read_from must name {' and '.join(sorted(named))}, as columns"
                    read.report(path, ("items", item), what)
        for i, rule in enumerate(form["rules"]):
            if rule["rule"] not in rules:
                read.report(path, ("rules", i), f"rule {rule['rule']} has no text in rules.yml")
            named = [rule.get(k) for k in ("total", "item", "previous_item", "limit")]
            for item in [*filter(None, named), *rule.get("parts", [])]:
                if item not in form["items"]:
                    read.report(path, ("rules", i), f"rule {rule['rule']}: unknown item {item}")


def _check_surveys(read, folder: Path, surveys: dict, procedures, groups) -> None:
    for code, survey in surveys.items():
        path = folder / "surveys" / f"{code}.yml"
        known = set(survey["columns"])
        named = {"key": survey["key"], "steps": survey["steps"], "psu": [survey["psu"]]}
        for name, rule in survey["sums"].items():
            named[f"sums.{name}"] = [*rule["parts"], *filter(None, [rule.get("total")])]
        for where, items in named.items():
            for item in set(items) - known:
                read.report(path, tuple(where.split(".")), f"{where}: no column {item}")
    if "procedure_group" in procedures and "code" in groups:
        for i, row in enumerate(procedures.itertuples()):
            if row.procedure_group not in set(groups["code"]):
                read.problems.append(f"procedures.csv:{i + 2}: {row.code}: unknown group")


def _with_provinces(regions: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Provinces beside the names of their region and key economic region, by province code."""
    names = regions.set_index("code")["name_vi"]
    return provinces.assign(
        region_vi=provinces["region"].map(names), key_region_vi=provinces["key_region"].map(names)
    ).set_index("code")


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def plan(time_period: str, catalogue: Catalogue, root: Path | None = None) -> PeriodPlan:
    """Read ``data/submissions/<time_period>/period.yml``.

    Raises
    ------
    ValueError
        if ``time_period`` is no period code.
    CatalogueError
        if the period is unknown, its file is broken or ``due`` names a unit that does not exist.
    """
    place = Place(root or PROJECT)
    period = periods.parse(time_period)
    path = place.submissions(time_period) / "period.yml"
    if not path.exists():
        parent = path.parent.parent
        known = sorted(p.parent.name for p in parent.glob("*/period.yml"))
        raise CatalogueError(
            f"period {time_period} is unknown: {path.relative_to(place.root)} does not exist; "
            f"known periods: {', '.join(known) or 'none'}"
        )
    read = _Reader(path.parent)
    stated = read.yaml(path, "period")
    if stated:
        if stated["time_period"] != time_period:
            read.report(path, ("time_period",), f"says {stated['time_period']}, not {time_period}")
        for key, known in (("forms", catalogue.forms), ("frameworks", catalogue.frameworks)):
            for code in stated[key]:
                if code not in known:
                    read.report(path, (key,), f"{key}: {code} is not in the catalogue")
        if stated["regime"] not in catalogue.regimes:
            read.report(path, ("regime",), f"regime {stated['regime']} is not in regimes.yml")
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    regime = catalogue.regimes[stated["regime"]]
    start, end = periods.window(period, regime["closing_day"])
    first = stated.get("covered_from", start)
    if type(first) is not date or not start <= first <= end:
        read.report(path, ("covered_from",), f"covered_from must be a day of {start} to {end}")
    known = set(catalogue.units_on(end)["code"])
    for i, code in enumerate(stated["due"].get("units", [])):
        if code not in known:
            read.report(path, ("due", "units", i), f"due: no unit {code} on {end}")
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    details = {k: v for k, v in stated.items() if k not in ("time_period", "covered_from")}
    return PeriodPlan(
        period=period,
        start=first,
        end=end,
        deadline=periods.deadline(period, regime["deadline_day"]),
        **details,
    )


def edition(survey: str, edition: str, catalogue: Catalogue, root: Path | None = None):
    """Read ``data/survey/<survey>-<edition>/edition.yml``; returns an :class:`EditionPlan`.

    Raises
    ------
    CatalogueError
        if the edition is unknown or its file is broken.
    """
    place = Place(root or PROJECT)
    if not re.fullmatch(r"[0-9]{4}", edition):
        raise CatalogueError(f"an edition is a year, not {edition!r}")
    path = place.survey(f"{survey}-{edition}") / "edition.yml"
    if not path.exists():
        known = sorted(p.parent.name for p in path.parent.parent.glob("*/edition.yml"))
        raise CatalogueError(
            f"edition {edition} of {survey} is unknown: {path.relative_to(place.root)} does not "
            f"exist; known editions: {', '.join(known) or 'none'}"
        )
    read = _Reader(path.parent)
    stated = read.yaml(path, "edition")
    if stated and (stated["survey"], stated["edition"]) != (survey, edition):
        read.report(path, ("edition",), f"says {stated['survey']} {stated['edition']}")
    if stated and stated["survey"] not in catalogue.surveys:
        read.report(path, ("survey",), f"survey {stated['survey']} is not in the catalogue")
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    return EditionPlan(**stated)


def due_units(catalogue: Catalogue, plan: PeriodPlan) -> pd.DataFrame:
    """Units that must report in the period: ``due`` of ``period.yml`` names ``types``, a ``parent``
    (with its parts) or single ``units``; several of these add up."""
    units = catalogue.units_on(plan.end)
    chosen = pd.Series(False, index=units.index)
    if "types" in plan.due:
        chosen |= units["type"].isin(plan.due["types"]) & (units["parent"] == "")
    if "parent" in plan.due:
        parent = str(plan.due["parent"])
        chosen |= (units["parent"] == parent) | (units["code"] == parent)
    chosen |= units["code"].isin(plan.due.get("units", []))
    return units[chosen]


def value_on(parameter: dict, day: date) -> dict:
    """The entry of a dated parameter that holds on ``day`` (value, source, certainty, ``since``).

    Raises
    ------
    CatalogueError
        if no entry holds yet on that day.
    """
    held = [since for since in parameter["values"] if since <= day]
    if not held:
        first = min(parameter["values"])
        raise CatalogueError(f"parameters.yml:1: nothing holds on {day}; first entry: {first}")
    return {**parameter["values"][max(held)], "since": max(held)}


def unit_names(units: pd.DataFrame) -> dict[str, str]:
    """Every way of writing a unit's name (folded, see :func:`analysis.words.fold`) → code."""
    names = {}
    for row in units.itertuples():
        for name in [row.code, row.name_vi, row.name_en, *filter(None, row.aliases.split("|"))]:
            for written in spellings(fold(name)):
                names.setdefault(written, row.code)
    return names
