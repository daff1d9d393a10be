"""What officials sign, read from ``data/catalogue``: forms, frameworks, code lists, parameters.

The catalogue is checked as a whole when it is loaded; everything wrong with it is reported at
once, with file and line.
"""

import hashlib
import os
import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import jsonschema
import pandas as pd
import yaml

from analysis import form_checks, language, periods, register_checks, tile_checks
from analysis import tree as trees
from analysis.catalogue_schema import CERTAINTIES, SCHEMAS, SCORING, TARGET_KINDS
from analysis.language import say
from analysis.words import day as written_day
from analysis.words import fold, spellings, unaccented

# the C parser where it is built in: a catalogue is read by every page
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DAY = pd.Timedelta(days=1)
_PROVINCES = ("province", "centrally_run_city")
_TILE_SETS = {"63": date(2024, 12, 31), "34": date(2025, 7, 1)}  # a day with these provinces

ROOT = "REFORM_MONITOR_ROOT"
PROJECT = Path(os.environ.get(ROOT) or Path(__file__).resolve().parents[2]).resolve()
"""The project that is meant where none is named. The environment variable ``REFORM_MONITOR_ROOT``,
read once when this is imported, names another than the one that holds this file: a notebook asks
for a period alone, and its kernel is told in this way where the period's project is."""


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

    def returns(self, time_period: str) -> Path:
        return self.root / "reports" / time_period / "returns"

    def survey(self, code: str) -> Path:
        return self.root / "data" / "survey" / code

    @property
    def reports(self) -> Path:
        return self.root / "reports"


def alive(units: pd.DataFrame, day: object) -> pd.Series:
    """Whether each row of ``units`` exists on ``day``: one day, or a column with one for each row.

    valid_from and valid_to are the first and the last day; open where missing.
    """
    when = pd.to_datetime(day)
    since = units["valid_from"].isna() | (units["valid_from"] <= when)
    return since & (units["valid_to"].isna() | (units["valid_to"] >= when))


def standing(units: pd.DataFrame, codes: pd.Series, day: object) -> pd.DataFrame:
    """The units that ``codes`` mean on ``day``: one day, or a column with one for each code.

    Returns asked (index of the code), row (index of the unit), code, day, valid_from, valid_to; a
    code that means no unit that day has no row.
    """
    asked = pd.DataFrame({"code": codes, "day": day}).rename_axis("asked").reset_index()
    rows = units[["code", "valid_from", "valid_to"]].rename_axis("row").reset_index()
    found = asked.merge(rows, on="code")
    return found[alive(found, found["day"])]


@dataclass(frozen=True)
class Catalogue:
    """Forms, frameworks and lists by code; ``units`` and ``fields`` are frames.

    ``systems``: what the plan asks to be followed and the forms, frameworks and pages that do it.

    ``tiles``: where provinces stand in a drawing of the country (:meth:`Catalogue.tiles_on`).
    ``transfers``: functions that moved from one unit to another, the first day with the new one in
    ``date``. ``targets``: commitments by date (:mod:`analysis.targets`). ``outlines``: of reports
    that people go on writing (:mod:`analysis.periodic_views`); ``public_summary``: what may be told
    to the public, in order (:mod:`analysis.summary_views`).
    """

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
    tiles: pd.DataFrame
    transfers: pd.DataFrame
    targets: pd.DataFrame
    systems: list
    outlines: dict
    public_summary: dict
    sha256: str = field(repr=False, default="")

    def units_on(self, day: date) -> pd.DataFrame:
        """Units that exist on ``day`` (GSO codes are re-used: a code means a unit *at a date*)."""
        return self.units[alive(self.units, day)]

    def tiles_on(self, day: date) -> pd.DataFrame:
        """The drawing of the provinces of ``day``: code, row, column, short, part, name.

        ``name`` and ``short`` are in the language in use. No rows where those of the day are the
        provinces of no drawing (before Hà Tây was merged).
        """
        names = _provinces(self.units_on(day)).set_index("code")[language.column("name")]
        for _, tiles in self.tiles.groupby("set"):
            if set(tiles["code"]) == set(names.index):
                if language.current() != language.SOURCE:
                    written = {c: tiles[c].map(unaccented) for c in ("short", "part")}
                    tiles = tiles.assign(**written)
                return tiles.assign(name=tiles["code"].map(names)).drop(columns="set")
        return self.tiles.iloc[:0].assign(name="").drop(columns="set")

    def same_units(self, first: date, second: date) -> set[str]:
        """Codes that mean one and the same unit on both days, perhaps renamed.

        A code that lives on in a merged unit (15 was Yên Bái and is now Lào Cai) is not among them.
        """
        units, (first, second) = self.units, map(pd.Timestamp, (first, second))
        ended = units[(units["valid_to"] >= first) & (units["valid_to"] < second)]
        own = ended["code"] == ended["successor"]
        renamed = set(ended.loc[own, "code"]) - set(ended.loc[~own, "successor"])
        then, now = alive(units, first), alive(units, second)
        both = set(units.loc[then, "code"]) & set(units.loc[now, "code"])
        return set(units.loc[then & now, "code"]) | renamed & both


@dataclass(frozen=True)
class PeriodPlan:
    """``period.yml`` of a period: what is expected, from whom and under which regime.

    ``units_on``: the day whose units are meant, where it is not the last one (a plan for 2008 is
    made for the provinces of 2007). ``stated_as``: how rows that name their period write this one.
    ``known_on``: the day as of which the period is seen: what arrived later does not count.
    """

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
    unverified_targets: bool = False
    stated_as: str | None = None
    start: date | None = None
    end: date | None = None
    units_on: date | None = None
    deadline: date | None = None
    known_on: date | None = None

    @property
    def code(self) -> str:
        return self.period.code

    @property
    def key(self) -> str:
        """The code, and the day as of which it is seen: ``2022-Q2@2022-06-25``."""
        return at_day(self.code, self.known_on)


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
    def key(self) -> str:
        return self.code

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

    It is read once for as long as its files stay as they are: every page begins with it.

    Raises
    ------
    CatalogueError
        with every problem found, each as ``file:line: what``.
    """
    folder = Place(root or PROJECT).catalogue
    return _read(folder, _digest(folder))


@lru_cache(maxsize=2)
def _read(folder: Path, digest: str) -> Catalogue:
    read = _Reader(folder)
    forms = _by_code(read, folder / "forms", "forms", "form")
    frameworks = _by_code(read, folder / "frameworks", "frameworks", "framework")
    rules = read.yaml(folder / "rules.yml", "rules").get("rules", {})
    regimes = read.yaml(folder / "regimes.yml").get("regimes", {})
    systems = read.yaml(folder / "systems.yml", "systems").get("systems", [])
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
    tiles = read.table(lists / "tiles.csv")
    transfers = read.table(lists / "transfers.csv")
    targets = _check_targets(read, read.table(lists / "targets.csv"), frameworks, unit_types)
    for column in ("valid_from", "valid_to"):
        if column in units:
            units[column] = pd.to_datetime(units[column].replace("", None))
    _check_units(read, units, unit_types)
    tiles = _check_tiles(read, tiles, units)
    transfers = _check_transfers(read, transfers, units)
    _check_references(read, folder, forms, frameworks, rules, units, unit_types)
    _check_not_ranked(read, folder, frameworks, units)
    _check_surveys(read, folder, surveys, procedures, groups)
    outlines = _by_code(read, folder / "outlines", "outlines", "outline")
    public = read.yaml(folder / "public_summary.yml", "public_summary")
    _check_public(read, folder / "public_summary.yml", public, frameworks)
    known = {"forms": forms, "frameworks": frameworks, "surveys": surveys}
    _check_systems(read, folder / "systems.yml", systems, known)
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
        tiles,
        transfers,
        targets,
        systems,
        outlines,
        public,
        digest,
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
    needed = ["code", "name_vi", "name_en", "type", "parent", "valid_from", "valid_to"]
    needed += ["successor", "certainty"]
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
    after = units["valid_to"] + _DAY
    named = (units["successor"] != "") & after.notna()
    there = standing(units, units["successor"], after)["asked"]
    report(named & ~units.index.isin(there), "successor is no unit on the day after")


def _provinces(units: pd.DataFrame) -> pd.DataFrame:
    return units[units["type"].isin(_PROVINCES)]


def _check_tiles(read: _Reader, tiles: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with ``row`` and ``column`` as numbers."""
    if not {"code", "type", "valid_from", "valid_to"} <= set(units):
        return tiles  # said already, and no province is known
    there = {s: set(_provinces(units[alive(units, d)])["code"]) for s, d in _TILE_SETS.items()}
    found = list(tile_checks.faults(tiles, there))
    for i, what in found:
        line, who = (1, "") if i is None else (i + 2, f"{tiles.at[i, 'code']}: ")
        read.problems.append(f"tiles.csv:{line}: {who}{what}")
    return tiles if found else tiles.astype({"row": int, "column": int})


def _check_transfers(read: _Reader, transfers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with ``date`` as a date."""
    needed = ["from_unit", "to_unit", "date", "function_vi", "function_en", "certainty", "source"]
    absent = [c for c in needed if c not in transfers]
    if absent:
        read.problems.append(f"transfers.csv:1: columns missing: {', '.join(absent)}")
        return transfers
    dates = pd.to_datetime(transfers["date"], format="%Y-%m-%d", errors="coerce")

    def report(rows: pd.Series, what: str) -> None:
        for i in transfers.index[rows]:
            giver, taker = transfers.loc[i, ["from_unit", "to_unit"]]
            read.problems.append(f"transfers.csv:{i + 2}: {giver} to {taker}: {what}")

    report(dates.isna(), "date is no day (yyyy-mm-dd)")
    report((transfers["function_vi"] == "") | (transfers["function_en"] == ""), "a name is missing")
    report((transfers["certainty"] == "") | (transfers["source"] == ""), "no certainty or source")
    report(transfers["from_unit"] == transfers["to_unit"], "gives to itself")
    if {"code", "valid_from", "valid_to"} <= set(units):
        for side, days in (("from_unit", dates - _DAY), ("to_unit", dates)):
            there = standing(units, transfers[side], days)["asked"]
            when = "the day before" if side == "from_unit" else "that day"
            report(days.notna() & ~transfers.index.isin(there), f"{side} is no unit on {when}")
    return transfers.assign(date=dates)


_TARGET_NUMBERS = ["low", "high", "direction", "baseline"]
_TARGET_DAYS = ["since", "due"]


def _check_targets(
    read: _Reader, targets: pd.DataFrame, frameworks: dict, unit_types: pd.DataFrame
) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with numbers and days read.

    A target may be of a framework that nothing here collects; of one that is here it must name an
    indicator.
    """
    needed = ["code", "framework", "indicator", "unit_types", "units", "kind", "low", "high"]
    needed += ["direction", "unit_measure", "since", "due", "baseline", "name_vi", "name_en"]
    needed += ["text", "legal_basis", "source", "certainty"]
    absent = [c for c in needed if c not in targets]
    if absent:
        read.problems.append(f"targets.csv:1: columns missing: {', '.join(absent)}")
        return targets

    def report(rows: pd.Series, what: str) -> None:
        for i in targets.index[rows]:
            read.problems.append(f"targets.csv:{i + 2}: {targets.at[i, 'code']}: {what}")

    days = {c: pd.to_datetime(targets[c], format="%Y-%m-%d", errors="coerce") for c in _TARGET_DAYS}
    figures = {c: pd.to_numeric(targets[c], errors="coerce") for c in _TARGET_NUMBERS}
    for column, found in {**days, **figures}.items():
        kind = "day (yyyy-mm-dd)" if column in days else "number"
        report(found.isna() & (targets[column] != ""), f"{column} is no {kind}")
    report(days["since"].isna(), "since is missing")
    report(targets.duplicated("code"), "code occurs twice")
    report(~targets["kind"].isin(TARGET_KINDS), f"kind is none of {', '.join(TARGET_KINDS)}")
    for column in ("low", "high"):
        asked = targets["kind"].map(lambda k, c=column: c in TARGET_KINDS.get(k, ()))
        report(asked & (targets[column] == ""), f"{column} is missing for its kind")
    report(figures["low"] > figures["high"], "low is above high")
    report(days["since"] > days["due"], "since is after due")
    report(~targets["certainty"].isin(CERTAINTIES), "certainty is not in the closed list")
    for column in ("name_vi", "name_en", "legal_basis", "source"):
        report(targets[column] == "", f"{column} is missing")
    known_types = set(unit_types.get("code", []))
    strange = targets["unit_types"].map(
        lambda t: bool(set(filter(None, t.split("|"))) - known_types)
    )
    report(strange, "unit_types: not in unit_types.csv")
    here = targets["framework"].isin(frameworks) & (targets["indicator"] != "")
    wrong = [
        there and indicator not in frameworks[framework]["indicators"]
        for there, framework, indicator in zip(
            here, targets["framework"], targets["indicator"], strict=True
        )
    ]
    report(pd.Series(wrong, index=targets.index, dtype=bool), "no such indicator in its framework")
    return targets.assign(**days, **figures)


def _check_reporters(read: _Reader, path: Path, form: dict, units, unit_types) -> None:
    """A form that nobody can be asked for would never be missed."""
    who = form.get("reporters", {})
    for key, known in (("types", unit_types), ("units", units)):
        for i, code in enumerate(who.get(key, [])):
            if code not in set(known.get("code", [])):
                read.report(path, ("reporters", key, i), f"reporters: no {key[:-1]} {code}")


def _check_references(
    read, folder: Path, forms: dict, frameworks: dict, rules: dict, units, unit_types
) -> None:
    items = {item for form in forms.values() for item in form["items"]}
    for code, framework in frameworks.items():
        path = folder / "frameworks" / f"{code}.yml"
        for name, indicator in framework["indicators"].items():
            where = ("indicators", name)
            formula = indicator["formula"]
            if "value" not in formula and indicator["unit_measure"] != "percent":
                what = f"{name}: a {'ratio' if 'ratio' in formula else 'change'} is in percent"
                read.report(path, (*where, "unit_measure"), what)
            for item in items_named(formula):
                if item not in items:
                    read.report(path, (*where, "formula"), f"{name}: no form has item {item}")
            _check_level(read, path, name, formula, forms)
        _check_framework(read, path, framework)
    for code, form in forms.items():
        path = folder / "forms" / f"{code}.yml"
        _check_reporters(read, path, form, units, unit_types)
        if form["layout"] == "long":
            named = {"group", "element"} & set(form.get("columns", {})) or {"column"}
            for item, described in form["items"].items():
                if set(described.get("read_from", {})) != named:
                    what = f"{item}: read_from must name {' and '.join(sorted(named))}, as columns"
                    read.report(path, ("items", item), what)
        if form["layout"] == "table":
            _check_tables(read, path, form, units)
        if form["layout"] == "register":
            for where, what in register_checks.faults(form):
                read.report(path, where, what)
        for i, rule in enumerate(form["rules"]):
            if rule["rule"] not in rules:
                read.report(path, ("rules", i), f"rule {rule['rule']} has no text in rules.yml")
        faults = list(form_checks.rules(form))
        if form["layout"] == "sheet":
            faults += form_checks.sheet(form, set(unit_types.get("code", [])))
            same = [c for c in forms if c != code and _sheet_name(forms[c]) == _sheet_name(form)]
            faults += [(("sheet",), f"form {c} has a sheet of the same name") for c in same]
        for where, what in faults:
            read.report(path, where, what)


def _sheet_name(form: dict) -> str:
    return fold(form["sheet"]) if form["layout"] == "sheet" else ""


def _check_tables(read: _Reader, path: Path, form: dict, units: pd.DataFrame) -> None:
    """Each item of the form is read from one column, and rows name units that exist."""
    read_from = [item for table in form.get("tables", []) for item in table["columns"]]
    for item in {*read_from, *form["items"]}:
        if item not in form["items"]:
            read.report(path, ("tables",), f"tables: unknown item {item}")
        elif read_from.count(item) != 1:
            read.report(
                path, ("items", item), f"{item} is read from {read_from.count(item)} columns"
            )
    for table in form.get("tables", []):
        for code in set(table.get("units", {}).values()) - set(units.get("code", [])):
            read.report(path, ("tables",), f"tables: no unit {code}")


def items_named(formula: dict) -> list[str]:
    parts = [*formula.get("ratio", {}).values(), *formula.get("change", {}).values()]
    single = [formula[k] for k in ("value", "standard_error") if k in formula]
    return [*single, *(item for part in parts for item in part)]


def _check_level(read: _Reader, path: Path, name: str, formula: dict, forms: dict) -> None:
    """A level that no row of the form has would leave an indicator empty for ever."""
    if "level" not in formula:
        return
    for item in items_named(formula):
        holding = [f for f in forms.values() if item in f["items"]]
        if holding and not any(formula["level"] in f.get("levels", {}) for f in holding):
            where = ("indicators", name, "formula", "level")
            read.report(path, where, f"{name}: {item} has no level {formula['level']}")


def _check_not_ranked(read: _Reader, folder: Path, frameworks: dict, units: pd.DataFrame) -> None:
    """A code that means nobody would leave in the ranking whom it is to take out."""
    known = set(units.get("code", []))
    for code, framework in frameworks.items():
        for i, rule in enumerate(framework.get("not_ranked", [])):
            for unit in set(rule["units"]) - known:
                where = ("not_ranked", i, "units")
                what = f"not_ranked: no unit {unit}"
                read.report(folder / "frameworks" / f"{code}.yml", where, what)


def _check_framework(read: _Reader, path: Path, framework: dict) -> None:
    """Structure, weights and what each method needs, on every day on which something changes."""
    before = len(read.problems)
    for name, indicator in framework["indicators"].items():
        if indicator["dimension"] not in framework["dimensions"]:
            where = ("indicators", name, "dimension")
            read.report(path, where, f"{name}: no dimension {indicator['dimension']}")
    _check_scoring(read, path, framework)
    if len(read.problems) > before or "aggregate" not in framework:
        return
    for day in _days(framework) or [date.max]:
        held = on_day(framework, day)
        if held["aggregate"] == "sum":
            _check_points(read, path, held)
        if len(read.problems) > before:
            return
        try:
            trees.of(held)
        except trees.TreeError as error:
            read.report(path, error.where, str(error))
        for where, what in _unfit(held):
            read.report(path, where, what)


def _check_scoring(read: _Reader, path: Path, framework: dict) -> None:
    """A framework is scored, and says how in full, or is followed only and gives nothing weight."""
    stated = [k for k in SCORING if k in framework]
    for key in set(SCORING) - set(stated) if stated else ():
        what = f"{key} is missing: a framework that names {stated[0]} is scored"
        read.report(path, (stated[0],), what)
    if stated:
        return
    for key in ("max_score", "screen", "impute", "treat", "not_ranked"):
        if key in framework:
            read.report(path, (key,), f"{key}: the framework is followed only; it has no score")
    for kind in ("dimensions", "indicators"):
        for name, entry in framework[kind].items():
            for key in {"weight", "max_score", "aggregate", "points"} & set(entry):
                what = f"{name}: {key}, but the framework is followed only"
                read.report(path, (kind, name, key), what)


def _check_points(read: _Reader, path: Path, framework: dict) -> None:
    """Points add up to what dimensions and the whole are said to give."""
    for name, dimension in framework["dimensions"].items():
        own = [i for i in framework["indicators"].values() if i["dimension"] == name]
        reached = sum(i["points"]["max"] for i in own if "points" in i)
        stated = dimension.get("max_score")
        if stated is None or abs(reached - stated) > 1e-9:
            what = f"{name}: its indicators give {reached:g} points, not {stated or 0:g}"
            read.report(path, ("dimensions", name), what)
        if "parent" in dimension:
            where = ("dimensions", name, "parent")
            read.report(path, where, f"{name}: points are summed over one level of dimensions")
    stated = sum(d.get("max_score", 0) for d in framework["dimensions"].values())
    if abs(stated - framework.get("max_score", 0)) > 1e-9:
        read.report(path, ("max_score",), f"dimensions give {stated:g} points")


def _unfit(framework: dict) -> list[tuple[tuple, str]]:
    """Methods that lack what they need, or do not go together."""
    found: list[tuple[tuple, str]] = []
    needs = {"goalposts": "goalposts", "distance_to_target": "target", "points": "points"}
    needs["steps"] = "steps"
    own = framework["normalise"]["method"]
    others = framework["uncertainty"].get("normalise", [])
    treated = trees.method(framework, "treat")["method"]
    for code in trees.scored(framework):
        indicator = framework["indicators"][code]
        where = ("indicators", code)
        for method in {indicator.get("normalise", own), *others}:
            if method in needs and needs[method] not in indicator:
                found.append((where, f"{code}: {method} needs {needs[method]}"))
        worst, best = indicator.get("goalposts", (0, indicator["direction"]))
        if worst == best:
            found.append(((*where, "goalposts"), f"{code}: goalposts are equal"))
        elif (best - worst) * indicator["direction"] < 0:
            what = f"{code}: goalposts are [worst, best] and run against the direction"
            found.append(((*where, "goalposts"), what))
        bounds = [b for b, _ in indicator.get("steps", [])]
        worth = [p for _, p in indicator.get("steps", [])]
        ordered = sorted(bounds, reverse=indicator["direction"] < 0)
        if bounds != ordered or worth != sorted(worth) or len(set(bounds)) < len(bounds):
            what = f"{code}: steps must go from the worst bound to the best, points rising"
            found.append(((*where, "steps"), what))
        if worth and max(worth) <= 0:
            found.append(((*where, "steps"), f"{code}: no step gives points"))
        if indicator.get("transform") == "log" and min(indicator.get("goalposts", [1])) <= 0:
            what = f"{code}: goalposts of a logarithm must be above 0"
            found.append(((*where, "goalposts"), what))
    means = {
        framework["aggregate"],
        *(d.get("aggregate") for d in framework["dimensions"].values()),
    }
    if own == "z_score" and means & {"geometric", "harmonic"}:
        found.append((("aggregate",), "z-scores may be below 0: no geometric or harmonic mean"))
    if framework["aggregate"] == "sum" and framework["weight"] != "given":
        found.append((("weight",), "points are the weights of a sum: weight must be given"))
    if "log" in treated and own in needs:
        found.append((("treat",), f"{own} is on the scale of the values, not of their logarithm"))
    return found


def _days(node: object) -> list[date]:
    """Days on which something dated below ``node`` changes, from the first on which all holds."""
    spans = _spans(node)
    first = max((min(span) for span in spans), default=date.max)
    return sorted({day for span in spans for day in span if day >= first})


def _spans(node: object) -> list[list[date]]:
    if not isinstance(node, dict):
        return []
    own = [k for k in node if isinstance(k, date)]
    return ([own] if own else []) + [s for v in node.values() for s in _spans(v)]


def on_day(framework: dict, day: date) -> dict:
    """A framework with its dated values as they hold on ``day``.

    Raises
    ------
    CatalogueError
        where a dated value does not hold yet.
    """

    def resolved(node: object, path: str) -> object:
        if not isinstance(node, dict):
            return node
        if node and all(isinstance(k, date) for k in node):
            held = [since for since in node if since <= day]
            if not held:
                raise CatalogueError(
                    f"{framework['framework']}.yml:1: {path}: nothing holds on {day}; "
                    f"first entry: {min(node)}"
                )
            return node[max(held)]
        return {k: resolved(v, f"{path}.{k}" if path else str(k)) for k, v in node.items()}

    return resolved(framework, "")


def framework(path: Path) -> dict:
    """Read and check one framework file by itself (its items need no form).

    Raises
    ------
    CatalogueError
        with every problem found, each as ``file:line: what``.
    """
    read = _Reader(path.parent)
    loaded = read.yaml(path, "frameworks")
    if loaded:
        _check_framework(read, path, loaded)
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    return loaded


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


def _check_systems(read: _Reader, path: Path, systems: list, known: dict[str, dict]) -> None:
    for i, system in enumerate(systems):
        for kind, held in known.items():
            for j, code in enumerate(system.get(kind, [])):
                if code not in held:
                    where = ("systems", i, kind, j)
                    read.report(path, where, f"{kind}: {code} is not in the catalogue")


def _check_public(read: _Reader, path: Path, public: dict, frameworks: dict) -> None:
    for i, told in enumerate(public.get("candidates", [])):
        if told["kind"] != "national":
            continue
        held = frameworks.get(told.get("framework"), {}).get("indicators", {})
        if told.get("indicator") not in held:
            read.report(path, ("candidates", i, "kind"), "no such framework and indicator")


def _with_provinces(regions: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Provinces beside the names of their region and key economic region, by province code."""
    names = regions.set_index("code")
    named = {
        f"{kind}_{lang}": provinces[kind].map(names[f"name_{lang}"])
        for kind in ("region", "key_region")
        for lang in ("vi", "en")
    }
    return provinces.assign(**named).set_index("code")


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def at_day(code: str, day: date | None) -> str:
    """A period's code with the day as of which it is seen, if there is one."""
    return f"{code}@{day.isoformat()}" if day else code


def of_day(time_period: str) -> tuple[str, date | None]:
    """Code and day of what :func:`at_day` gave.

    Raises
    ------
    ValueError
        if what follows ``@`` is no day (yyyy-mm-dd).
    """
    code, at, day = time_period.partition("@")
    try:
        return code, date.fromisoformat(day) if at else None
    except ValueError as error:
        raise ValueError(f"{time_period!r}: write the day after @ as 2022-06-25") from error


def _as_known(title: str, lang: str, day: date) -> str:
    with language.using(lang):
        return say("{title} (như biết đến hết ngày {day})", title=title, day=written_day(day))


def plan(time_period: str, catalogue: Catalogue, root: Path | None = None) -> PeriodPlan:
    """Read ``data/submissions/<time_period>/period.yml``.

    ``time_period``: its code, or code and day (``2022-Q2@2022-06-25``) for the period as it was
    known when that day ended.

    Raises
    ------
    ValueError
        if ``time_period`` is no period code, or what follows ``@`` is no day.
    CatalogueError
        if the period is unknown, its file is broken or ``due`` names a unit that does not exist.
    """
    place = Place(root or PROJECT)
    time_period, known_on = of_day(time_period)
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
        for item, (first, second) in _collected_twice(stated["forms"], catalogue.forms).items():
            read.report(path, ("forms",), f"forms: {first} and {second} both ask for {item}")
        if stated["regime"] not in catalogue.regimes:
            read.report(path, ("regime",), f"regime {stated['regime']} is not in regimes.yml")
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    regime = catalogue.regimes[stated["regime"]]
    if not regime.get("window_known", True):
        read.report(path, ("regime",), f"{stated['regime']}: which days it covers is not known")
    start, end = periods.window(period, regime["closing_day"], regime.get("first_month", 1))
    first = stated.get("covered_from", start)
    if type(first) is not date or not start <= first <= end:
        read.report(path, ("covered_from",), f"covered_from must be a day of {start} to {end}")
    units_on = stated.get("units_on", end)
    if type(units_on) is not date:
        read.report(path, ("units_on",), "units_on must be a day")
        units_on = end
    known = set(catalogue.units_on(units_on)["code"])
    for i, code in enumerate(stated["due"].get("units", [])):
        if code not in known:
            read.report(path, ("due", "units", i), f"due: no unit {code} on {units_on}")
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    details = {k: v for k, v in stated.items() if k not in ("time_period", "covered_from")}
    if known_on:
        details["title"] = {k: _as_known(v, k, known_on) for k, v in stated["title"].items()}
    return PeriodPlan(
        known_on=known_on,
        **details | {"units_on": units_on},
        period=period,
        start=first,
        end=end,
        deadline=periods.deadline(period, regime["deadline_day"]),
    )


def _collected_twice(codes: list[str], forms: dict) -> dict[str, tuple[str, str]]:
    """Items that two forms of a period ask for: their figures would be added up."""
    asked: dict[str, str] = {}
    twice = {}
    for code in codes:
        for item in forms.get(code, {"items": ()})["items"]:
            if asked.setdefault(item, code) != code:
                twice[item] = (asked[item], code)
    return twice


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


def due_units(catalogue: Catalogue, plan: PeriodPlan, form: str | None = None) -> pd.DataFrame:
    """Units that must report in the period, or must send one of its forms.

    ``due`` of ``period.yml`` names ``types``, a ``parent`` (with its parts) or single ``units``;
    several of these add up. A form with ``reporters`` (the same words) is due from those of them
    alone.
    """
    units = catalogue.units_on(plan.units_on)
    due = units[_named(units, plan.due)]
    reporters = catalogue.forms[form].get("reporters") if form else None
    return due if reporters is None else due[_named(due, reporters)]


def levels(form: dict, unit_type: str, day: date | None = None) -> dict[str, dict]:
    """The levels of a form that units of a type report on ``day`` (or on any day)."""
    return {
        code: level
        for code, level in form.get("levels", {}).items()
        if unit_type in level["unit_types"]
        and (day is None or level.get("valid_from", day) <= day <= level.get("valid_to", day))
    }


def _named(units: pd.DataFrame, who: dict) -> pd.Series:
    """Which of ``units`` are meant by ``types``, ``parent`` and ``units`` together."""
    chosen = pd.Series(False, index=units.index)
    if "types" in who:
        chosen |= units["type"].isin(who["types"]) & (units["parent"] == "")
    if "parent" in who:
        parent = str(who["parent"])
        chosen |= (units["parent"] == parent) | (units["code"] == parent)
    return chosen | units["code"].isin(who.get("units", []))


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
