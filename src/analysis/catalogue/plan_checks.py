"""What ``period.yml`` or ``edition.yml`` names must be there."""

from datetime import date
from pathlib import Path

import pandas as pd

from analysis.catalogue.reader import Reader
from analysis.language import codes
from analysis.schema.tables import OBS_STATUS


def period(read: Reader, path: Path, stated: dict, catalogue, reference: Path) -> None:
    """What ``period.yml`` names must be there: a misspelt name would drop figures or offices."""
    for key, known in (("forms", catalogue.forms), ("frameworks", catalogue.frameworks)):
        for i, code in enumerate(stated[key]):
            if code not in known:
                what = f"{key}: {code} is not in the catalogue{codes.hint(code, known)}"
                read.report(path, (key, i), what)
    for item, (first, second) in _collected_twice(stated["forms"], catalogue.forms).items():
        read.report(path, ("forms",), f"forms: {first} and {second} both ask for {item}")
    regime, status = stated["regime"], stated.get("obs_status", "A")
    if regime not in catalogue.regimes:
        near = codes.hint(regime, catalogue.regimes)
        read.report(path, ("regime",), f"regime {regime} is not in regimes.yml{near}")
    if status not in OBS_STATUS:
        read.report(path, ("obs_status",), f"no status {status}{codes.hint(status, OBS_STATUS)}")
    compared = stated.get("published")
    if compared and compared["framework"] not in stated["frameworks"]:
        code = compared["framework"]
        near = codes.hint(code, stated["frameworks"], "those of the period")
        read.report(path, ("published", "framework"), f"published: no framework {code} here{near}")
    if compared and reference.is_dir() and not (reference / compared["file"]).is_file():
        what = f"published: there is no file {compared['file']} in data/reference"
        read.report(path, ("published", "file"), what)


def _collected_twice(named: list[str], forms: dict) -> dict[str, tuple[str, str]]:
    """Items that two forms of a period ask for: their figures would be added up."""
    asked: dict[str, str] = {}
    twice = {}
    for code in named:
        for item in forms.get(code, {"items": ()})["items"]:
            if asked.setdefault(item, code) != code:
                twice[item] = (asked[item], code)
    return twice


def due(read: Reader, path: Path, due: dict, units: pd.DataFrame, types, on: date) -> None:
    """Whom ``due`` names must be among ``units``, those of the day ``on``: a name that means nobody
    would drop offices without a word."""
    for i, kind in enumerate(due.get("types", [])):
        if kind not in types:
            what = f"due: no type {kind} in unit_types.csv{codes.hint(kind, types)}"
            read.report(path, ("due", "types", i), what)
        elif not ((units["type"] == kind) & (units["parent"] == "")).any():
            what = f"due: no unit of type {kind} on {on} that is no part of another"
            read.report(path, ("due", "types", i), what)
    known = dict(zip(units["code"], units["name_vi"], strict=True))
    for i, code in enumerate(due.get("units", [])):
        if code not in known:
            near = codes.hint(code, known, names=known)
            read.report(path, ("due", "units", i), f"due: no unit {code} on {on}{near}")
    parent, wholes = str(due.get("parent", "")), set(units["parent"])
    if "parent" in due and not (parent in known and parent in wholes):
        held = {c: known[c] for c in known if c in wholes}
        near = codes.hint(parent, held, "units with parts", held)
        read.report(path, ("due", "parent"), f"due: no unit {parent} with parts on {on}{near}")


def edition(read: Reader, path: Path, stated: dict, catalogue, editions: list[str]) -> None:
    """What ``edition.yml`` names must be there; ``editions``: the codes of those that are.

    An edition that lies alone can be read and checked, though not compared with an earlier one.
    """
    survey, earlier = stated["survey"], stated.get("earlier")
    if survey not in catalogue.surveys:
        near = codes.hint(survey, catalogue.surveys)
        read.report(path, ("survey",), f"survey {survey} is not in the catalogue{near}")
    before = [code.removeprefix(f"{survey}-") for code in sorted(editions)]
    before = [year for year in before if year < codes.text(stated["edition"])]
    later = earlier is not None and codes.text(earlier) >= codes.text(stated["edition"])
    if later or (earlier is not None and before and codes.text(earlier) not in before):
        near = codes.hint(earlier, before, "editions before this one")
        read.report(path, ("earlier",), f"earlier: no edition {earlier} before this one{near}")
    days = {"units_on": [stated["units_on"]], "reference_period": stated["reference_period"]}
    for key, held in days.items():
        if any(type(day) is not date for day in held):
            read.report(path, (key,), f"{key}: write days as 2021-12-31")
        elif list(held) != sorted(held):
            read.report(path, (key,), f"{key}: ends before it begins")
