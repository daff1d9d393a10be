"""What can be wrong with a form of the catalogue beyond its shape: (where, what) for each fault."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from analysis.language.words import fold

Fault = tuple[tuple, str]

_RULE_NEEDS = {
    "sum": ("total", "parts"),
    "at_most": ("item", "limit"),
    "equals_previous": ("item", "previous_item"),
    "jump": ("item", "factor", "at_least"),
    "total_row": (),
}


def rules(form: dict) -> Iterator[Fault]:
    """Rules that lack a word, name no item of the form, or can never find anything."""
    for i, rule in enumerate(form["rules"]):
        where = ("rules", i)
        for key in _RULE_NEEDS.get(rule["kind"], ()):
            if key not in rule:
                yield where, f"rule {rule['rule']}: {rule['kind']} needs {key}"
        named = [rule.get(k) for k in ("total", "item", "previous_item", "limit")]
        for item in [*filter(None, named), *rule.get("parts", []), *rule.get("items", [])]:
            if item not in form["items"]:
                yield where, f"rule {rule['rule']}: unknown item {item}"
        if rule["kind"] == "at_most" and rule.get("item") == rule.get("limit"):
            yield where, f"rule {rule['rule']}: item and limit are the same"
        if rule["kind"] == "total_row" and form.get("rows") == "unit":
            yield where, f"rule {rule['rule']}: a form of one row has no total row"


def sheet(form: dict, unit_types: set[str]) -> Iterator[Fault]:
    """Columns, rows and levels of a form of layout ``sheet``."""
    yield from _columns(form)
    yield from _rows(form)
    yield from _levels(form, unit_types)


def _columns(form: dict) -> Iterator[Fault]:
    columns = form["columns"]
    for i, column in enumerate(columns):
        where = ("columns", i)
        if column["number"] != i + 1:
            yield where, f"column {column['number']} stands in place {i + 1}"
        if "item" in column and column["item"] not in form["items"]:
            yield where, f"column {column['number']}: unknown item {column['item']}"
        heads = column["header"]
        if len(heads["vi"]) != len(heads["en"]):
            yield where, f"column {column['number']}: heads differ in number between vi and en"
    shown = Counter(c["item"] for c in columns if "item" in c)
    for item in form["items"]:
        if shown[item] != 1:
            yield ("items", item), f"{item} has {shown[item]} columns, not one"
    texts = Counter(tuple(map(fold, c["header"]["vi"])) for c in columns)
    for i, column in enumerate(columns):
        if texts[tuple(map(fold, column["header"]["vi"]))] > 1:
            yield ("columns", i), f"column {column['number']}: another column has the same head"
    if [c.get("role") for c in columns].count("field") != 1:
        yield ("columns",), "one column must have the role field: it names the rows"


def _rows(form: dict) -> Iterator[Fault]:
    kind = form.get("rows", "fields")
    if kind == "unit" and "row_label" not in form:
        yield ("rows",), "rows: unit needs row_label, the name of its row"
    if kind == "unit" and form["levels"]:
        yield ("levels",), "levels: a form of one row has none"
    if kind != "unit" and not form["levels"]:
        yield ("levels",), f"rows: {kind} needs levels"


def _levels(form: dict, unit_types: set[str]) -> Iterator[Fault]:
    headings = Counter(fold(v["heading"]["vi"]) for v in form["levels"].values())
    for code, level in form["levels"].items():
        where = ("levels", code)
        for kind in level["unit_types"]:
            if kind not in unit_types:
                yield (*where, "unit_types"), f"{code}: no unit type {kind}"
        if headings[fold(level["heading"]["vi"])] > 1:
            yield (*where, "heading"), f"{code}: another level has the same heading"
        days = {k: level[k] for k in ("valid_from", "valid_to") if k in level}
        for key, day in days.items():
            if type(day) is not date:
                yield (*where, key), f"{code}: {key} is no day (yyyy-mm-dd)"
        if len(days) == 2 and all(type(d) is date for d in days.values()):
            if days["valid_from"] > days["valid_to"]:
                yield (*where, "valid_from"), f"{code}: valid_from is after valid_to"
    served = {kind for level in form["levels"].values() for kind in level["unit_types"]}
    for i, kind in enumerate(form.get("reporters", {}).get("types", [])):
        if form["levels"] and kind not in served:
            yield ("reporters", "types", i), f"reporters: {kind} has no level on this form"
