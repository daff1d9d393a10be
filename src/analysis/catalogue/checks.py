"""What files of the catalogue must say of each other: frameworks, forms, surveys, systems.

What is wrong is told to the reader; what no schema can say of one file stands here.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from string import Formatter

import pandas as pd

from analysis.catalogue import code_checks, export_checks, form_checks, survey_checks
from analysis.catalogue.frameworks import check as check_framework
from analysis.catalogue.frameworks import items_named
from analysis.catalogue.reader import Reader
from analysis.language.messages import tell
from analysis.language.words import fold


def frameworks(read: Reader, frameworks: dict, forms: dict) -> None:
    """Formulas name items of forms, and each framework has what its methods need."""
    code_checks.indicators(read, frameworks)
    items = _items(read, forms)
    named = set().union(*map(form_checks.absent_items, forms.values()))  # said of the forms
    for code, framework in frameworks.items():
        path = read.root / "frameworks" / f"{code}.yml"
        for name, indicator in framework["indicators"].items():
            where = ("indicators", name)
            formula = indicator["formula"]
            if "value" not in formula and indicator["unit_measure"] != "percent":
                what = tell("{name}: a change is in percent", name=name)
                if "ratio" in formula:
                    what = tell("{name}: a ratio is in percent", name=name)
                read.report(path, (*where, "unit_measure"), what)
            for item in items_named(formula):
                if items and item not in items | named:
                    read.report(
                        path,
                        (*where, "formula"),
                        tell("{name}: no form has item {item}", name=name, item=item),
                    )
            _level(read, path, name, formula, forms)
            same = indicator.get("same_notion")
            if same and same["indicator"] not in _indicators(frameworks, same["framework"]):
                what = tell("{framework} has no indicator {indicator}", **same)
                read.report(
                    path,
                    (*where, "same_notion"),
                    tell("{name}: same_notion: {what}", name=name, what=what),
                )
        check_framework(read, path, framework)


def _indicators(frameworks: dict, code: str) -> dict:
    return frameworks.get(code, {}).get("indicators", {})


def _items(read: Reader, forms: dict) -> set[str]:
    """All items of forms, also of broken ones; none where one of those does not tell its items."""
    items = {item for form in forms.values() for item in form["items"]}
    for path, held in read.unsound.items():
        if path.parent.name == "forms":
            named = held.get("items") if isinstance(held, dict) else None
            if not isinstance(named, dict):
                return set()
            items |= {item for item in named if isinstance(item, str)}
    return items


def _level(read: Reader, path: Path, name: str, formula: dict, forms: dict) -> None:
    """A level that no row of the form has would leave an indicator empty for ever."""
    if "level" not in formula:
        return
    for item in items_named(formula):
        holding = [f for f in forms.values() if item in f["items"]]
        if holding and not any(formula["level"] in f.get("levels", {}) for f in holding):
            where = ("indicators", name, "formula", "level")
            read.report(
                path,
                where,
                tell(
                    "{name}: {item} has no level {level}",
                    name=name,
                    item=item,
                    level=formula["level"],
                ),
            )


def forms(read: Reader, forms: dict, rules: dict, units: pd.DataFrame, types: pd.DataFrame) -> None:
    """What forms name must be there (:mod:`analysis.catalogue.form_checks`)."""
    units, types = (t.iloc[:0] if read.broken("codelists") else t for t in (units, types))
    known = form_checks.Known(
        units=list(units.get("code", [])),
        wholes=set(units.get("parent", [])),
        unit_types=list(types.get("code", [])),
        rules=rules,
    )
    for code, form in forms.items():
        others = {c: f for c, f in forms.items() if c != code}
        for where, what in form_checks.faults(form, known, others):
            read.report(read.root / "forms" / f"{code}.yml", where, what)


def not_ranked(read: Reader, frameworks: dict, units: pd.DataFrame) -> None:
    """A code that means nobody would leave in the ranking whom it is to take out."""
    known = set(units.get("code", []))
    if not known or read.broken("codelists"):
        return
    for code, framework in frameworks.items():
        for i, rule in enumerate(framework.get("not_ranked", [])):
            for unit in set(rule["units"]) - known:
                where = ("not_ranked", i, "units")
                what = tell("not_ranked: no unit {unit}", unit=unit)
                read.report(read.root / "frameworks" / f"{code}.yml", where, what)


def surveys(read: Reader, surveys: dict, rules: dict) -> None:
    """Columns, choices and rules that a survey names are there."""
    for code, survey in surveys.items():
        path = read.root / "surveys" / f"{code}.yml"
        known = set(survey["columns"])
        named = {"key": survey["key"], "steps": survey["steps"], "psu": [survey["psu"]]}
        for name, rule in survey["sums"].items():
            named[f"sums.{name}"] = [*rule["parts"], *filter(None, [rule.get("total")])]
        for where, items in named.items():
            for item in set(items) - known:
                read.report(
                    path,
                    tuple(where.split(".")),
                    tell("{where}: no column {item}", where=where, item=item),
                )
        found = (_combined(survey), _heads(survey), survey_checks.faults(survey, rules))
        for where, what in chain(*found):
            read.report(path, where, what)


def _combined(survey: dict) -> Iterator[tuple[tuple, str]]:
    """What is wrong with answers of several columns: what they are, and heads that stand twice."""
    columns = survey["columns"]
    heads = Counter(
        fold(h)
        for item, c in columns.items()
        for h in {fold(h) for h in [item, c["head"], *c.get("aliases", [])]}
    )
    said = survey.get("combine", {})
    heads.update(fold(h) for how in said.values() for part in how.values() for h in part)
    for item, how in said.items():
        kind = columns.get(item, {}).get("kind")
        allowed = ("choice",) if "ticked" in how else ("hours", "money", "count")
        if kind not in allowed:
            what = tell(
                "{item} is no column of kind {kinds}", item=item, kinds=tell(" or ").join(allowed)
            )
            yield ("combine", item), tell("combine: {what}", what=what)
            continue
        for head, choice in how.get("ticked", {}).items():
            if str(choice) not in map(str, columns[item]["choices"]):
                yield (
                    ("combine", item, "ticked", head),
                    tell("combine: {item} has no choice {choice}", item=item, choice=choice),
                )
        for head in next(iter(how.values())):
            if heads[fold(head)] > 1:
                yield (
                    ("combine", item),
                    tell("combine: two columns may be headed “{head}”", head=head),
                )


def _heads(survey: dict) -> Iterator[tuple[tuple, str]]:
    """Columns that one head may stand for: nobody could tell whose the answers are."""
    first: dict[str, str] = {}
    for item, column in survey["columns"].items():
        asked = (column.get("question") or column["name"]).values()  # heads of exports with labels
        for head in [item, column["head"], *column.get("aliases", []), *asked]:
            if first.setdefault(fold(head), item) != item:
                what = tell(
                    "{item}: “{head}” heads the column {first}, too",
                    item=item,
                    head=head,
                    first=first[fold(head)],
                )
                yield ("columns", item), what


def systems(read: Reader, systems: list, known: dict[str, dict]) -> None:
    path = read.root / "systems.yml"
    for i, system in enumerate(systems):
        for kind, held in known.items():
            held = {*held, *read.broken(kind)}
            for j, code in enumerate(system.get(kind, [])):
                if code not in held:
                    where = ("systems", i, kind, j)
                    read.report(
                        path,
                        where,
                        tell("{kind}: {code} is not in the catalogue", kind=kind, code=code),
                    )


def exports(read: Reader, exports: dict, forms: dict, units: pd.DataFrame) -> None:
    """What mappings of exports name is there (:mod:`analysis.catalogue.export_checks`)."""
    known = {**forms, **dict.fromkeys(read.broken("forms"))}
    codes = set() if read.broken("codelists") else set(units.get("code", []))
    for name, mapping in exports.items():
        for where, what in export_checks.faults(mapping, known, codes):
            read.report(read.root / "exports" / f"{name}.yml", where, what)


_FILLED = ("raw_text", "found", "expected", "beside")
_EXPLAINED, _CELL, _ENDS = ("explained", "broken", "n"), ("cell", "raw", "figure"), ("low", "high")
_OF_PROPOSALS = {
    **dict.fromkeys(("one", "one_of_two", "one_of"), _EXPLAINED),
    **dict.fromkeys(("cell", "cell_missing"), _CELL),
    **dict.fromkeys(("between", "at_least", "at_most", "another"), _ENDS),
    "more": ("n",),
    "because": ("cause",),
    "rule": ("name", "cells"),
}
"""Phrase of proposals.yml → what it can be filled with; nothing, if it is not named."""


def words(read: Reader, rules: dict, proposals: dict) -> None:
    """What stands in braces in words of findings and proposals is what these are filled with."""
    path = read.root / "rules.yml"
    for code, rule in rules.items():
        told = {k: rule[k] for k in ("vi", "en")}
        _words(read, path, ("rules", code), told, _FILLED)
        for case, texts in rule.get("instead", {}).items():
            _words(read, path, ("rules", code, "instead", case), texts, _FILLED)
        _words(read, path, ("rules", code, "many"), rule.get("many", {}), ("n",))
    path = read.root / "proposals.yml"
    for phrase, texts in proposals.items():
        if phrase != "causes":
            known = _OF_PROPOSALS.get(phrase, ())
            _words(read, path, ("proposals", phrase), texts, known)


def _words(read: Reader, path: Path, where: tuple, texts: dict, known: tuple[str, ...]) -> None:
    named = ", ".join(f"{{{name}}}" for name in known) or tell("nothing in braces")
    for language, text in texts.items():
        at = (*where, language)
        try:
            parts = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError as error:
            read.report(
                path,
                at,
                tell(
                    "{language}: {error}; a brace itself is written twice",
                    language=language,
                    error=error,
                ),
            )
            continue
        for _, name, form, turned in parts:
            if name not in known or form or turned:
                stands = name + (f"!{turned}" if turned else "") + (f":{form}" if form else "")
                read.report(
                    path,
                    at,
                    tell(
                        "{language}: {{{stands}}} is not known here; known: {named}",
                        language=language,
                        stands=stands,
                        named=named,
                    ),
                )


def public(read: Reader, public: dict, frameworks: dict) -> None:
    path = read.root / "public_summary.yml"
    for i, told in enumerate(public.get("candidates", [])):
        if told["kind"] != "national":
            continue
        held = frameworks.get(told.get("framework"), {}).get("indicators", {})
        if told.get("framework") in read.broken("frameworks"):
            continue
        if told.get("indicator") not in held:
            read.report(path, ("candidates", i, "kind"), tell("no such framework and indicator"))
