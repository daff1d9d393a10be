"""What parts of the catalogue must say of each other: lists, forms, frameworks, surveys, rules.

What is wrong is told to the reader; what no schema can say of one file stands here.
"""

from datetime import date
from pathlib import Path

import pandas as pd

from analysis.catalogue import form_checks, list_checks, register_checks
from analysis.catalogue.frameworks import check as check_framework
from analysis.catalogue.frameworks import items_named
from analysis.catalogue.reader import Reader
from analysis.catalogue.schemas import CERTAINTIES, TARGET_KINDS
from analysis.catalogue.unit_lists import alive, provinces, standing
from analysis.language import codes
from analysis.language.words import fold
from analysis.schema import OBS_STATUS

_DAY = pd.Timedelta(days=1)
_TILE_SETS = {"63": date(2024, 12, 31), "34": date(2025, 7, 1)}  # a day with these provinces


def units(read: Reader, units: pd.DataFrame, types: pd.DataFrame) -> None:
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


def tiles(read: Reader, tiles: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with ``row`` and ``column`` as numbers."""
    if not {"code", "type", "valid_from", "valid_to"} <= set(units):
        return tiles  # said already, and no province is known
    there = {s: set(provinces(units[alive(units, d)])["code"]) for s, d in _TILE_SETS.items()}
    found = list(list_checks.faults(tiles, there))
    for i, what in found:
        line, who = (1, "") if i is None else (i + 2, f"{tiles.at[i, 'code']}: ")
        read.problems.append(f"tiles.csv:{line}: {who}{what}")
    return tiles if found else tiles.astype({"row": int, "column": int})


def transfers(read: Reader, transfers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
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


def targets(
    read: Reader, targets: pd.DataFrame, frameworks: dict, unit_types: pd.DataFrame
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


def reporters(read: Reader, path: Path, form: dict, units, unit_types) -> None:
    """A form that nobody can be asked for would never be missed."""
    who = form.get("reporters", {})
    for key, known in (("types", unit_types), ("units", units)):
        for i, code in enumerate(who.get(key, [])):
            if code not in set(known.get("code", [])):
                near = codes.hint(code, known.get("code", []))
                read.report(path, ("reporters", key, i), f"reporters: no {key[:-1]} {code}{near}")
    if "parent" in who and str(who["parent"]) not in set(units.get("parent", [])):
        read.report(path, ("reporters", "parent"), f"reporters: no unit {who['parent']} with parts")


def references(
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
            level(read, path, name, formula, forms)
        check_framework(read, path, framework)
    for code, form in forms.items():
        path = folder / "forms" / f"{code}.yml"
        reporters(read, path, form, units, unit_types)
        if form["layout"] == "long":
            named = {"group", "element"} & set(form.get("columns", {})) or {"column"}
            for item, described in form["items"].items():
                if set(described.get("read_from", {})) != named:
                    what = f"{item}: read_from must name {' and '.join(sorted(named))}, as columns"
                    read.report(path, ("items", item), what)
        if form["layout"] == "table":
            tables(read, path, form, units)
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


def tables(read: Reader, path: Path, form: dict, units: pd.DataFrame) -> None:
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


def level(read: Reader, path: Path, name: str, formula: dict, forms: dict) -> None:
    """A level that no row of the form has would leave an indicator empty for ever."""
    if "level" not in formula:
        return
    for item in items_named(formula):
        holding = [f for f in forms.values() if item in f["items"]]
        if holding and not any(formula["level"] in f.get("levels", {}) for f in holding):
            where = ("indicators", name, "formula", "level")
            read.report(path, where, f"{name}: {item} has no level {formula['level']}")


def not_ranked(read: Reader, folder: Path, frameworks: dict, units: pd.DataFrame) -> None:
    """A code that means nobody would leave in the ranking whom it is to take out."""
    known = set(units.get("code", []))
    for code, framework in frameworks.items():
        for i, rule in enumerate(framework.get("not_ranked", [])):
            for unit in set(rule["units"]) - known:
                where = ("not_ranked", i, "units")
                what = f"not_ranked: no unit {unit}"
                read.report(folder / "frameworks" / f"{code}.yml", where, what)


def surveys(read, folder: Path, surveys: dict, procedures, groups) -> None:
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


def systems(read: Reader, path: Path, systems: list, known: dict[str, dict]) -> None:
    for i, system in enumerate(systems):
        for kind, held in known.items():
            for j, code in enumerate(system.get(kind, [])):
                if code not in held:
                    where = ("systems", i, kind, j)
                    read.report(path, where, f"{kind}: {code} is not in the catalogue")


def public(read: Reader, path: Path, public: dict, frameworks: dict) -> None:
    for i, told in enumerate(public.get("candidates", [])):
        if told["kind"] != "national":
            continue
        held = frameworks.get(told.get("framework"), {}).get("indicators", {})
        if told.get("indicator") not in held:
            read.report(path, ("candidates", i, "kind"), "no such framework and indicator")
