"""What officials sign, read from ``data/catalogue``: forms, frameworks, code lists, parameters.

The catalogue is checked as a whole when it is loaded; everything wrong with it is reported at
once, with file and line.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd

from analysis.catalogue import checks, periods
from analysis.catalogue.reader import CatalogueError, Reader
from analysis.catalogue.unit_lists import alive, provinces
from analysis.language import codes, languages
from analysis.language.languages import say
from analysis.language.words import day as written_day
from analysis.language.words import fold, spellings, unaccented
from analysis.project import PROJECT, Place


@dataclass(frozen=True, repr=False)
class Catalogue:
    """Forms, frameworks and lists by code; ``units`` and ``fields`` are frames.

    ``systems``: what the plan asks to be followed and the forms, frameworks and pages that do it.

    ``tiles``: where provinces stand in a drawing of the country (:meth:`Catalogue.tiles_on`).
    ``transfers``: functions that moved from one unit to another, the first day with the new one in
    ``date``. ``targets``: commitments by date (:mod:`analysis.indicators.targets`). ``outlines``:
    of reports that people go on writing (:mod:`analysis.topics.periodic_report`);
    ``public_summary``: what may be told to the public, in order
    (:mod:`analysis.topics.public_summary`).
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
    sha256: str = field(default="")

    def __repr__(self) -> str:
        held = {name: part for name, part in vars(self).items() if name != "sha256"}
        return f"Catalogue({', '.join(f'{name}: {len(part)}' for name, part in held.items())})"

    def units_on(self, day: date) -> pd.DataFrame:
        """Units that exist on ``day`` (GSO codes are re-used: a code means a unit *at a date*)."""
        return self.units[alive(self.units, day)]

    def tiles_on(self, day: date) -> pd.DataFrame:
        """The drawing of the provinces of ``day``: code, row, column, short, part, name.

        ``name`` and ``short`` are in the language in use. No rows where those of the day are the
        provinces of no drawing (before Hà Tây was merged).
        """
        names = provinces(self.units_on(day)).set_index("code")[languages.column("name")]
        for _, tiles in self.tiles.groupby("set"):
            if set(tiles["code"]) == set(names.index):
                if languages.current() != languages.SOURCE:
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
    read = Reader(folder)
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
    targets = checks.targets(read, read.table(lists / "targets.csv"), frameworks, unit_types)
    for column in ("valid_from", "valid_to"):
        if column in units:
            units[column] = pd.to_datetime(units[column].replace("", None))
    checks.units(read, units, unit_types)
    tiles = checks.tiles(read, tiles, units)
    transfers = checks.transfers(read, transfers, units)
    checks.references(read, folder, forms, frameworks, rules, units, unit_types)
    checks.not_ranked(read, folder, frameworks, units)
    checks.surveys(read, folder, surveys, procedures, groups)
    outlines = _by_code(read, folder / "outlines", "outlines", "outline")
    public = read.yaml(folder / "public_summary.yml", "public_summary")
    checks.public(read, folder / "public_summary.yml", public, frameworks)
    known = {"forms": forms, "frameworks": frameworks, "surveys": surveys}
    checks.systems(read, folder / "systems.yml", systems, known)
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


def _by_code(read: Reader, folder: Path, schema: str, key: str) -> dict:
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


def of_day(time_period: object) -> tuple[str, date | None]:
    """Code and day of what :func:`at_day` gave; a code that is a number is taken as text.

    Raises
    ------
    ValueError
        if what follows ``@`` is no day (yyyy-mm-dd).
    """
    time_period = codes.text(time_period)
    code, at, day = time_period.partition("@")
    try:
        return code, date.fromisoformat(day) if at else None
    except ValueError as error:
        raise ValueError(f"{time_period!r}: write the day after @ as 2022-06-25") from error


def _as_known(title: str, lang: str, day: date) -> str:
    with languages.using(lang):
        return say("{title} (như biết đến hết ngày {day})", title=title, day=written_day(day))


def plan(time_period: object, catalogue: Catalogue, root: Path | None = None) -> PeriodPlan:
    """Read ``data/submissions/<time_period>/period.yml``.

    ``time_period``: its code (a year may be a number), or code and day (``2022-Q2@2022-06-25``) for
    the period as it was known when that day ended.

    Raises
    ------
    ValueError
        if ``time_period`` is no period code, or what follows ``@`` is no day.
    CatalogueError
        if the period is unknown, its file is broken or names what does not exist.
    """
    place = Place(root or PROJECT)
    time_period, known_on = of_day(time_period)
    try:
        period = periods.parse(time_period)
    except ValueError as error:
        raise ValueError(f"{error}{_near(time_period, place.submissions('period.yml'))}") from error
    path = place.submissions(time_period) / "period.yml"
    if not path.exists():
        raise CatalogueError(f"period {time_period} is unknown: {_absent(path, place)}")
    read = Reader(path.parent.parent)  # its name says of which: other plans are read, too
    stated = read.yaml(path, "period")
    if stated:
        if codes.text(stated["time_period"]) != time_period:
            read.report(path, ("time_period",), f"says {stated['time_period']}, not {time_period}")
        checks.period(read, path, stated, catalogue, place.reference)
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
    units = catalogue.units_on(units_on)
    checks.due(read, path, stated["due"], units, catalogue.unit_types.index, units_on)
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


def _absent(path: Path, place: Place) -> str:
    """What to say of the description of a period or edition that is not there."""
    near = _near(path.parent.name, path.parent.parent / path.name)
    return f"{path.relative_to(place.root)} does not exist{near}"


def _near(code: str, described: Path) -> str:
    """What periods or editions there are, and which of them may have been meant by ``code``."""
    known = sorted(p.parent.name for p in described.parent.glob(f"*/{described.name}"))
    called = f"known {'periods' if described.name == 'period.yml' else 'editions'}"
    return codes.hint(code, known, called)


def edition(survey: str, edition: object, catalogue: Catalogue, root: Path | None = None):
    """Read ``data/survey/<survey>-<edition>/edition.yml``; returns an :class:`EditionPlan`.

    ``edition``: its year, which may be a number, or the whole code (``apci-2022``).

    Raises
    ------
    CatalogueError
        if the edition is unknown or its file is broken.
    """
    place = Place(root or PROJECT)
    edition = codes.text(edition).removeprefix(f"{survey}-")
    if not re.fullmatch(r"[0-9]{4}", edition):
        raise CatalogueError(f"an edition is a year, not {edition!r}")
    path = place.survey(f"{survey}-{edition}") / "edition.yml"
    if not path.exists():
        raise CatalogueError(f"edition {edition} of {survey} is unknown: {_absent(path, place)}")
    read = Reader(path.parent.parent)  # its name says of which: other plans are read, too
    stated = read.yaml(path, "edition")
    if stated and (stated["survey"], codes.text(stated["edition"])) != (survey, edition):
        read.report(path, ("edition",), f"says {stated['survey']} {stated['edition']}")
    if stated:
        others = [p.parent.name for p in path.parent.parent.glob("*/edition.yml")]
        checks.edition(read, path, stated, catalogue, others)
    if read.problems:
        raise CatalogueError("\n".join(read.problems))
    earlier = stated.get("earlier")
    years = {"edition": edition, "earlier": earlier and codes.text(earlier)}
    return EditionPlan(**stated | years)


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


def unit_code(units: pd.DataFrame, given: object, problem: str) -> str:
    """The code of that of ``units`` which is meant: by its code, a number or a name.

    ``problem``: what an unknown one is ("unit not due in 2024").

    Raises
    ------
    analysis.language.codes.UnknownCodeError
    """
    known = dict(zip(units["code"], units[languages.column("name")], strict=True))
    return codes.chosen(given, known, problem, unit_names(units))


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
    """Every way of writing a unit's name (folded, see :func:`language.words.fold`) → code."""
    names = {}
    for row in units.itertuples():
        for name in [row.code, row.name_vi, row.name_en, *filter(None, row.aliases.split("|"))]:
            for written in spellings(fold(name)):
                names.setdefault(written, row.code)
    return names
