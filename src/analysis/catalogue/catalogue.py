"""What officials sign, read from ``data/catalogue``: forms, frameworks, code lists, parameters.

The catalogue is checked as a whole when it is loaded; everything wrong with it is reported at
once, with file and line.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import project
from analysis.catalogue import checks, code_checks, code_lists, list_checks
from analysis.catalogue.reader import NO_PROJECT, CatalogueError, Reader
from analysis.catalogue.unit_lists import alive, provinces
from analysis.language import languages
from analysis.language.messages import tell
from analysis.language.words import unaccented
from analysis.project import Place, holds
from analysis.storage import by_hand, files


@dataclass(frozen=True, repr=False)
class Catalogue:
    """Forms, frameworks and lists by code; ``units`` and ``fields`` are frames.

    ``systems``: what the plan asks to be followed and the forms, frameworks and pages that do it;
    ``task_groups``: number of each of its groups of tasks → what it is called.

    ``proposals``: how cells that are probably wrong are told (:mod:`analysis.exchange.mending`).
    ``tiles``: where provinces stand in a drawing of the country (:meth:`Catalogue.tiles_on`).
    ``publishers``: name and kind of what stands at the addresses of sources, by domain.
    ``transfers``: functions that moved from one unit to another, the first day with the new one in
    ``date``. ``targets``: commitments by date (:mod:`analysis.indicators.targets`). ``outlines``:
    of reports that people go on writing (:mod:`analysis.topics.periodic_report`);
    ``public_summary``: what may be told to the public, in order
    (:mod:`analysis.topics.public_summary`). ``similar_units``: by which figures units are alike
    (:mod:`analysis.published.similar_units`), empty where nothing is stated. ``exports``: how
    what reporting systems export is read (:mod:`analysis.reading.exports`).
    """

    forms: dict
    frameworks: dict
    rules: dict
    proposals: dict
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
    publishers: pd.DataFrame
    systems: list
    task_groups: dict
    outlines: dict
    public_summary: dict
    similar_units: dict
    exports: dict = field(default_factory=dict)
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


def load(root: Path | None = None) -> Catalogue:
    """Read and check the catalogue under ``root`` (a project folder).

    It is read once for as long as its files stay as they are, wherever they lie: every page begins
    with it.

    Raises
    ------
    analysis.catalogue.reader.CatalogueError
        with every problem found, each as ``file:line: what``, or that there is no project.
    """
    folder = Place(root or project.PROJECT).catalogue
    if not holds(root or project.PROJECT):
        raise CatalogueError(tell(NO_PROJECT, root=root or project.PROJECT))
    digest = digest_of_files(folder)
    if digest not in _known:
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[digest] = _read(folder, digest)
    return _known[digest]


_KEPT = 4  # two are compared now and then
_known: dict[str, Catalogue] = {}
_LISTS = ["unit_types", "fields", "procedure_groups", "procedures", "regions", "province_regions"]
_LISTS += ["tiles", "transfers", "targets", "publishers"]


def _read(folder: Path, digest: str) -> Catalogue:
    read = Reader(folder)
    forms, frameworks = _by_code(read, "forms"), _by_code(read, "frameworks")
    rules = read.yaml(folder / "rules.yml", "rules").get("rules", {})
    proposals = read.yaml(folder / "proposals.yml", "proposals").get("proposals", {})
    regimes = read.yaml(folder / "regimes.yml", "regimes").get("regimes", {})
    asked = read.yaml(folder / "systems.yml", "systems")
    systems = asked.get("systems", [])
    parameters = read.yaml(folder / "parameters.yml", "parameters")
    units = _units(read)
    lists = {name: code_lists.read(read, folder / "codelists" / f"{name}.csv") for name in _LISTS}
    unit_types = lists["unit_types"]
    surveys = _by_code(read, "surveys")
    list_checks.named(read, lists)
    targets, tiles, transfers = (lists[name] for name in ("targets", "tiles", "transfers"))
    if not read.broken("codelists"):  # one that cannot be read is no fault of the others
        targets = list_checks.targets(read, targets, frameworks, unit_types)
        list_checks.sources(read, targets, lists["publishers"])
        list_checks.units(read, units, unit_types)
        tiles = list_checks.tiles(read, tiles, units)
        transfers = list_checks.transfers(read, transfers, units)
    checks.frameworks(read, frameworks, forms)
    checks.forms(read, forms, rules, units, unit_types)
    checks.not_ranked(read, frameworks, units)
    checks.surveys(read, surveys, rules)
    checks.words(read, rules, proposals)
    outlines = _by_code(read, "outlines")
    public = read.yaml(folder / "public_summary.yml", "public_summary")
    checks.public(read, public, frameworks)
    exports = _by_code(read, "exports")
    checks.exports(read, exports, forms, units)
    alike = _stated(read, folder / "similar_units.yml", "similar_units")
    checks.systems(read, systems, {"forms": forms, "frameworks": frameworks, "surveys": surveys})
    read.raise_problems()
    return Catalogue(
        forms=forms,
        frameworks=frameworks,
        rules=rules,
        proposals=proposals,
        regimes=regimes,
        parameters=parameters,
        units=units.drop(columns=["_file", "_line"]),
        unit_types=unit_types.set_index("code"),
        fields=lists["fields"].reset_index(drop=True),
        surveys=surveys,
        procedure_groups=lists["procedure_groups"].set_index("code"),
        procedures=lists["procedures"].set_index("code"),
        regions=_with_provinces(lists["regions"], lists["province_regions"]),
        tiles=tiles.reset_index(drop=True),
        transfers=transfers.reset_index(drop=True),
        targets=targets.reset_index(drop=True),
        publishers=lists["publishers"].set_index("domain"),
        systems=systems,
        task_groups={g["number"]: g["name"] for g in asked.get("groups", [])},
        outlines=outlines,
        public_summary=public,
        similar_units=alike,
        exports=exports,
        sha256=digest,
    )


def _stated(read: Reader, path: Path, kind: str) -> dict:
    """What a file that need not be there says; nothing without it."""
    return read.yaml(path, kind).get(kind, {}) if path.exists() else {}


def _by_code(read: Reader, kind: str) -> dict:
    """Files of a folder by their code, which stands under its name in the singular."""
    found, key = {}, kind.removesuffix("s")
    for path in sorted((read.root / kind).glob("*.yml")):
        loaded = read.yaml(path, kind)
        if not loaded:
            continue
        if loaded[key] in found:
            read.report(
                path, (key,), tell("{key} {loaded} is defined twice", key=key, loaded=loaded[key])
            )
        if loaded[key] != path.stem:
            read.report(
                path,
                (key,),
                tell("{key} {loaded} must stand in {loaded}.yml", key=key, loaded=loaded[key]),
            )
        found[loaded[key]] = loaded
    code_checks.files(read, kind, found)
    return found


def _units(read: Reader) -> pd.DataFrame:
    """Units of all lists, with the list in ``_file``; first and last days as dates."""
    paths = sorted((read.root / "codelists").glob("units*.csv"))
    paths = paths or [read.root / "codelists/units.csv"]
    held = [(path.name, code_lists.read(read, path)) for path in paths]
    marked = [table.assign(_file=name, _line=table.index + 2) for name, table in held]
    units = pd.concat(marked, ignore_index=True)
    for column in ("valid_from", "valid_to"):
        units[column] = pd.to_datetime(units[column].replace("", None), errors="coerce")
    return units


def _with_provinces(regions: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Provinces beside the names of their region and key economic region, by province code."""
    names = regions.set_index("code")
    named = {
        f"{kind}_{lang}": provinces[kind].map(names[f"name_{lang}"])
        for kind in ("region", "key_region")
        for lang in ("vi", "en")
    }
    return provinces.assign(**named).set_index("code")


def digest_of_files(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of a catalogue; of what is no file of one
    (:mod:`analysis.storage.by_hand`), which nobody reads, over what is wrong with it."""
    total = hashlib.sha256()
    for path in files.below(folder):
        try:
            held = by_hand.content(path)
        except by_hand.UnfitError as error:
            held = str(error.errno).encode()
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + held)
    return total.hexdigest()
