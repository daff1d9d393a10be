"""All that officials sign, held against its rules at once: catalogue, periods, editions."""

from collections.abc import Callable, Iterator
from pathlib import Path

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, rule_sets, yaml_text
from analysis.catalogue.reader import SCHEMAS, CatalogueError, Reader, schema
from analysis.language.messages import tell
from analysis.project import Place
from analysis.storage.files import below


def problems(root: Path | None = None) -> tuple[int, dict[str, list[tuple[int, str]]]]:
    """How many files there are, and what is wrong: file → (line, what), by file and line.

    Reads no submission. What periods and editions name of the catalogue is looked up once that is
    sound; before, only their own shape is. Then rules of forms are held against each other, too
    (:mod:`analysis.catalogue.rule_sets`).
    """
    place = Place(root or project.PROJECT)
    described = [*place.submissions("*").parent.glob("*/period.yml")]
    described += place.survey("*").parent.glob("*/edition.yml")
    held = [p for p in below(place.catalogue) if p.suffix in (".yml", ".csv")]
    found: list[tuple[str, int, str]] = []
    samples = place.catalogue / "samples.yml"
    if samples.exists():
        found += _told(lambda: _shape(samples, "samples", place.catalogue), place.catalogue, place)
    catalogue = None
    try:
        catalogue = cat.load(place.root)
    except CatalogueError as error:
        found += _split(error, place.catalogue, place)
    else:
        found += _rules(catalogue, place)
    found += _unread(place)
    for path in described:
        folder = path.parent.parent
        found += _told(_reading(path, catalogue, place), folder, place)
    grouped: dict[str, list[tuple[int, str]]] = {}
    for name, line, what in sorted(set(found)):
        grouped.setdefault(name, []).append((line, what))
    return len(held) + len(described), grouped


_CODED = ("forms", "frameworks", "surveys", "outlines", "exports")


def _unread(place: Place) -> Iterator[tuple[str, int, str]]:
    """What nobody looks for would be left out without a word: names, and folders without a plan."""
    kinds = {path.stem for path in SCHEMAS.glob("*.json")} - {"period", "edition", "site", "shared"}
    lists = set(schema("codelists")["properties"])
    for path in below(place.catalogue):
        where = path.relative_to(place.catalogue).parent.as_posix()
        known = path.suffix == ".yml" and (where in _CODED or (where == "." and path.stem in kinds))
        listed = path.suffix == ".csv" and where == "codelists"
        known |= listed and (path.stem in lists or path.stem.startswith("units"))
        if path.suffix in (".yml", ".yaml", ".csv") and not known:
            name = path.relative_to(place.root).as_posix()
            yield name, 1, tell("nobody reads a file of this name here")
    for any_one, name in (
        (place.submissions("*"), "period.yml"),
        (place.survey("*"), "edition.yml"),
    ):
        for folder in any_one.parent.glob("[!.]*/"):
            if folder.is_dir() and not (folder / name).exists():
                yield (folder / name).relative_to(place.root).as_posix(), 1, tell("file is missing")


def _rules(catalogue: cat.Catalogue, place: Place) -> Iterator[tuple[str, int, str]]:
    """Rules of a form that cannot be right together, or say nothing: too slow for each start."""
    severities = {code: rule["severity"] for code, rule in catalogue.rules.items()}
    largest = catalogue.parameters["limits"]["count_max"]
    for code, form in catalogue.forms.items():
        yield from _placed(rule_sets.faults(form, severities, largest), code, place)


def remarks(root: Path | None = None) -> dict[str, list[tuple[int, str]]]:
    """What is no fault of a sound catalogue, but worth knowing: file → (line, what)."""
    place = Place(root or project.PROJECT)
    catalogue = cat.load(place.root)
    severities = {code: rule["severity"] for code, rule in catalogue.rules.items()}
    grouped: dict[str, list[tuple[int, str]]] = {}
    for code, form in catalogue.forms.items():
        for name, line, what in _placed(rule_sets.remarks(form, severities), code, place):
            grouped.setdefault(name, []).append((line, what))
    return grouped


def _placed(
    found: Iterator[tuple[tuple, str]], code: str, place: Place
) -> Iterator[tuple[str, int, str]]:
    """File, line and words of what was found of a form."""
    path, lines = place.catalogue / "forms" / f"{code}.yml", None
    for where, what in found:
        lines = lines or yaml_text.Lines(path.read_bytes())
        yield path.relative_to(place.root).as_posix(), lines.of(where), what


def _reading(path: Path, catalogue: cat.Catalogue | None, place: Place) -> Callable[[], object]:
    kind, code = path.stem, path.parent.name
    if catalogue is None:
        return lambda: _shape(path, kind, path.parent.parent)
    if kind == "period":
        return lambda: plans.plan(code, catalogue, place.root)
    survey, _, year = code.rpartition("-")
    return lambda: plans.edition(survey, year, catalogue, place.root)


def _shape(path: Path, kind: str, folder: Path) -> None:
    read = Reader(folder)
    read.yaml(path, kind)
    read.raise_problems()


def _told(read: Callable[[], object], folder: Path, place: Place) -> list[tuple[str, int, str]]:
    try:
        read()
    except CatalogueError as error:
        return list(_split(error, folder, place))
    except ValueError as error:  # the name of the folder is no code of a period
        return [(folder.relative_to(place.root).as_posix(), 1, str(error))]
    return []


def _split(error: Exception, folder: Path, place: Place) -> Iterator[tuple[str, int, str]]:
    """File, line and words of each problem; lists of codes are named without their folder."""
    for problem in str(error).splitlines():
        name, _, rest = problem.partition(":")
        line, _, what = rest.partition(": ")
        path = folder / name
        path = path if path.exists() else folder / "codelists" / name
        known = path if path.exists() else folder / name
        if not line.isdecimal():
            yield folder.relative_to(place.root).as_posix(), 1, problem
        else:
            yield known.relative_to(place.root).as_posix(), int(line), what
