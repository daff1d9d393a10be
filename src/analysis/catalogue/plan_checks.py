"""What ``period.yml`` or ``edition.yml`` names must be there."""

from datetime import date
from pathlib import Path

import pandas as pd

from analysis.catalogue import survey_checks
from analysis.catalogue.reader import Reader
from analysis.language import codes
from analysis.language.messages import tell
from analysis.schema.tables import OBS_STATUS


def period(read: Reader, path: Path, stated: dict, catalogue, reference: Path) -> None:
    """What ``period.yml`` names must be there: a misspelt name would drop figures or offices."""
    for key, known in (("forms", catalogue.forms), ("frameworks", catalogue.frameworks)):
        for i, code in enumerate(stated[key]):
            if code not in known:
                what = tell(
                    "{key}: {code} is not in the catalogue{hint}",
                    key=key,
                    code=code,
                    hint=codes.hint(code, known),
                )
                read.report(path, (key, i), what)
    for item, (first, second) in _collected_twice(stated["forms"], catalogue.forms).items():
        read.report(
            path,
            ("forms",),
            tell(
                "forms: {first} and {second} both ask for {item}",
                first=first,
                second=second,
                item=item,
            ),
        )
    regime, status = stated["regime"], stated.get("obs_status", "A")
    if regime not in catalogue.regimes:
        near = codes.hint(regime, catalogue.regimes)
        read.report(
            path,
            ("regime",),
            tell("regime {regime} is not in regimes.yml{near}", regime=regime, near=near),
        )
    if status not in OBS_STATUS:
        read.report(
            path,
            ("obs_status",),
            tell("no status {status}{hint}", status=status, hint=codes.hint(status, OBS_STATUS)),
        )
    compared = stated.get("published")
    if compared and compared["framework"] not in stated["frameworks"]:
        code = compared["framework"]
        near = codes.hint(code, stated["frameworks"], tell("those of the period"))
        read.report(
            path,
            ("published", "framework"),
            tell("published: no framework {code} here{near}", code=code, near=near),
        )
    if compared and reference.is_dir() and not (reference / compared["file"]).is_file():
        what = tell("published: there is no file {file} in data/reference", file=compared["file"])
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
            what = tell(
                "due: no type {kind} in unit_types.csv{hint}",
                kind=kind,
                hint=codes.hint(kind, types),
            )
            read.report(path, ("due", "types", i), what)
        elif not ((units["type"] == kind) & (units["parent"] == "")).any():
            what = tell(
                "due: no unit of type {kind} on {on} that is no part of another", kind=kind, on=on
            )
            read.report(path, ("due", "types", i), what)
    known = dict(zip(units["code"], units["name_vi"], strict=True))
    for i, code in enumerate(due.get("units", [])):
        if code not in known:
            near = codes.hint(code, known, names=known)
            read.report(
                path,
                ("due", "units", i),
                tell("due: no unit {code} on {on}{near}", code=code, on=on, near=near),
            )
    parent, wholes = str(due.get("parent", "")), set(units["parent"])
    if "parent" in due and not (parent in known and parent in wholes):
        held = {c: known[c] for c in known if c in wholes}
        near = codes.hint(parent, held, tell("units with parts"), held)
        read.report(
            path,
            ("due", "parent"),
            tell("due: no unit {parent} with parts on {on}{near}", parent=parent, on=on, near=near),
        )


def edition(read: Reader, path: Path, stated: dict, catalogue, editions: list[str]) -> None:
    """What ``edition.yml`` names must be there; ``editions``: the codes of those that are.

    An edition that lies alone can be read and checked, though not compared with an earlier one.
    """
    survey, earlier = stated["survey"], stated.get("earlier")
    if survey not in catalogue.surveys:
        near = codes.hint(survey, catalogue.surveys)
        read.report(
            path,
            ("survey",),
            tell("survey {survey} is not in the catalogue{near}", survey=survey, near=near),
        )
    before = [code.removeprefix(f"{survey}-") for code in sorted(editions)]
    before = [year for year in before if year < codes.text(stated["edition"])]
    later = earlier is not None and codes.text(earlier) >= codes.text(stated["edition"])
    if later or (earlier is not None and before and codes.text(earlier) not in before):
        near = codes.hint(earlier, before, tell("editions before this one"))
        read.report(
            path,
            ("earlier",),
            tell("earlier: no edition {earlier} before this one{near}", earlier=earlier, near=near),
        )
    if "replicates" in stated:  # what a file says of the sample is not worked out once more
        for key in ("clusters", "calibration", "variance"):
            if key in stated:
                what = tell("{key}: weights and errors come from replicates already", key=key)
                read.report(path, (key,), what)
    if survey in catalogue.surveys:
        faults = survey_checks.regressions(stated.get("regressions", []), catalogue.surveys[survey])
        for where, what in faults:
            read.report(path, where, what)
    if "publication" in stated:
        for name in ("cv_caution_percent", "cv_withheld_percent"):
            if name not in catalogue.parameters:
                what = tell("publication: parameters.yml has no {name}", name=name)
                read.report(path, ("publication",), what)
    days = {"units_on": [stated["units_on"]], "reference_period": stated["reference_period"]}
    for key, held in days.items():
        if any(type(day) is not date for day in held):
            read.report(path, (key,), tell("{key}: write days as 2021-12-31", key=key))
        elif list(held) != sorted(held):
            read.report(path, (key,), tell("{key}: ends before it begins", key=key))
