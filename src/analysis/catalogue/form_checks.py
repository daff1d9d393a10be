"""What can be wrong with a form of the catalogue beyond its shape: (where, what) for each fault."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from analysis.language import codes
from analysis.language.messages import tell
from analysis.language.words import fold

Fault = tuple[tuple, str]

_RULE_NEEDS = {
    "sum": ("total", "parts"),
    "at_most": ("item", "limit"),
    "equals_previous": ("item", "previous_item"),
    "jump": ("item", "factor", "at_least"),
    "expected_range": ("item", "at_least"),
    "total_row": (),
    "whole": ("unit", "items"),
}
_RULE_MAY = {"sum": ("tolerance",), "whole": ("tolerance",)}
_CONFIRMABLE = ("jump", "expected_range")
"""Kinds of rules that may be broken by what is right: an identity cannot be confirmed away."""
_RECORD_KINDS = {"record": "code", "lead": "unit"}


@dataclass(frozen=True)
class Known:
    """What a form may name: codes of units, those with parts, types of units, rules with a text.

    Nothing is held against what is empty: the list could not be read, and that is said of it.
    """

    units: Collection[str]
    wholes: Collection[str]
    unit_types: Collection[str]
    rules: Mapping[str, dict]


def faults(form: dict, known: Known, others: dict[str, dict]) -> Iterator[Fault]:
    """All that is wrong with a form; ``others``: the other forms by code.

    An item that is named and not there is told once, where it is first named.
    """
    told: set[str] = set()
    for where, what, *about in _all(form, known, others):
        if not told.intersection(about):
            yield where, what
        told.update(about)


def absent_items(form: dict) -> set[str]:
    """Items that columns, tables and rules of a form name, and that it does not have."""
    named = [c["item"] for c in form.get("columns", ()) if "item" in c]
    named += [item for table in form.get("tables", ()) for item in table["columns"]]
    for rule in form["rules"]:
        named += [rule[k] for k in ("total", "item", "previous_item", "limit") if k in rule]
        named += [*rule.get("parts", []), *rule.get("items", [])]
    for item, how in form.get("combine", {}).items():
        named += [item, *next(iter(how.values()))]
    return set(named) - set(form["items"])


def _meant(item: str, form: dict) -> list[str]:
    """The item that is named instead of one which nothing names: said where it is named."""
    return codes.nearest(item, dict.fromkeys(sorted(absent_items(form)), ""))[:1]


def _all(form: dict, known: Known, others: dict[str, dict]) -> Iterator[tuple]:
    """Where and what; and the item that is not there, where that is it."""
    yield from _reporters(form, known)
    yield from _combined(form)
    if form["layout"] == "long":
        yield from _read_from(form)
    if form["layout"] == "table":
        yield from _tables(form, known.units)
    if form["layout"] == "register":
        yield from _register(form)
    for i, rule in enumerate(form["rules"]):
        if known.rules and rule["rule"] not in known.rules:
            yield ("rules", i), tell("rule {rule} has no text in rules.yml", rule=rule["rule"])
        if rule["kind"] not in ("jump", "expected_range") and known.rules.get(rule["rule"], {}).get(
            "confirm"
        ):
            yield (
                ("rules", i),
                tell(
                    "rule {rule}: what {kind} says cannot be confirmed away: take “confirm” off it "
                    "in rules.yml",
                    rule=rule["rule"],
                    kind=rule["kind"],
                ),
            )
    if form["layout"] == "sheet":
        yield from _sheet(form, known.unit_types)
        for code, other in others.items():
            if other["layout"] == "sheet" and fold(other["sheet"]) == fold(form["sheet"]):
                yield ("sheet",), tell("form {code} has a sheet of the same name", code=code)
    yield from _rules(form, known.units)


def _reporters(form: dict, known: Known) -> Iterator[Fault]:
    """A form that nobody can be asked for would never be missed."""
    who = form.get("reporters", {})
    for key, held in (("types", known.unit_types), ("units", known.units)):
        for i, code in enumerate(who.get(key, [])):
            if held and code not in held:
                near = codes.hint(code, held)
                yield (
                    ("reporters", key, i),
                    tell("reporters: no {key} {code}{near}", key=key[:-1], code=code, near=near),
                )
    if "parent" in who and known.wholes and str(who["parent"]) not in known.wholes:
        yield (
            ("reporters", "parent"),
            tell("reporters: no unit {parent} with parts", parent=who["parent"]),
        )


def _combined(form: dict) -> Iterator[tuple]:
    """Items made of others: those are there, are not made of others, and are boxes if ticked."""
    said, items = form.get("combine", {}), form["items"]
    if said and form["layout"] == "register":
        yield ("combine",), tell("combine: a register counts its records")
    for item, how in said.items():
        if item not in items:
            near = codes.hint(item, items)
            yield (
                ("combine", item),
                tell("combine: unknown item {item}{near}", item=item, near=near),
                item,
            )
        elif items[item]["kind"] == "tick":
            yield ("combine", item), tell("combine: {item} is a box itself", item=item)
        way, parts = next(iter(how.items()))
        for part in parts:
            where = ("combine", item, way, part)
            if part not in items:
                yield (
                    where,
                    tell(
                        "combine: unknown item {part}{hint}",
                        part=part,
                        hint=codes.hint(part, items),
                    ),
                    part,
                )
            elif part in said:
                yield where, tell("combine: {part} is made of others itself", part=part)
            elif (items[part]["kind"] == "tick") != (way == "ticked"):
                what = tell("combine: {part} cannot be of kind tick", part=part)
                if way == "ticked":
                    what = tell("combine: {part} must be of kind tick", part=part)
                yield where, what


def own_items(form: dict) -> list[str]:
    """The items of a form that stand in cells of its own; the others are made of those."""
    return [item for item in form["items"] if item not in form.get("combine", {})]


def _read_from(form: dict) -> Iterator[Fault]:
    """Each item of a long form names the columns that it is read from, and none twice."""
    columns = form["columns"]
    named = {"group", "element"} & set(columns) or {"column"}
    if named != {"column"} and "value" not in columns:
        yield ("columns",), tell("columns: element needs value, the column of its figures")
    heads = [tuple(map(fold, [h] if isinstance(h, str) else h)) for h in columns.values()]
    for key, head in zip(columns, heads, strict=True):
        if heads.count(head) > 1:
            yield ("columns", key), tell("columns: {key} has the head of another", key=key)
    read: dict[tuple, str] = {}
    for item in own_items(form):
        described = form["items"][item]
        source = described.get("read_from", {})
        if set(source) != named:
            what = tell(
                "{item}: read_from must name {named}, as columns",
                item=item,
                named=tell(" and ").join(sorted(named)),
            )
            yield ("items", item), what
        elif "choices" not in described:  # words of one column may be counted in several items
            first = read.setdefault(tuple(fold(source[k]) for k in sorted(named)), item)
            if first != item:
                yield (
                    ("items", item, "read_from"),
                    tell("{item} is read from where {first} is", item=item, first=first),
                )


def _tables(form: dict, units: Collection[str]) -> Iterator[Fault]:
    """Each item of the form is read from one column, and rows name units that exist."""
    read_from = [item for table in form.get("tables", []) for item in table["columns"]]
    for item in {*read_from, *own_items(form)}:
        if item not in form["items"]:
            yield ("tables",), tell("tables: unknown item {item}", item=item), item
        elif read_from.count(item) != 1:
            what = tell("{item} is read from {n} columns", item=item, n=read_from.count(item))
            yield ("items", item), what, *_meant(item, form)
    for i, table in enumerate(form["tables"]):
        heads = Counter(head for written in table["columns"].values() for head in _folded(written))
        for item, written in table["columns"].items():
            for head in (h for h in _folded(written) if heads[h] > 1):
                told = " / ".join(head)
                yield (
                    ("tables", i, "columns", item),
                    tell("two columns may be headed “{told}”", told=told),
                )
        for code in set(table.get("units", {}).values()) - set(units) if units else ():
            yield ("tables",), tell("tables: no unit {code}", code=code)


def _folded(written: list) -> set[tuple[str, ...]]:
    """Ways of writing a head, each from the upper to the lower."""
    return {tuple(map(fold, [head] if isinstance(head, str) else head)) for head in written}


def _rules(form: dict, units: Collection[str]) -> Iterator[Fault]:
    """Rules that lack a word, name no item of the form, or can never find anything."""
    for i, rule in enumerate(form["rules"]):
        where, called, kind = ("rules", i), tell("rule {rule}", rule=rule["rule"]), rule["kind"]
        if lacking := [key for key in _RULE_NEEDS[kind] if key not in rule]:
            yield (
                where,
                tell(
                    "{called}: {kind} needs {lacking}",
                    called=called,
                    kind=kind,
                    lacking=", ".join(lacking),
                ),
            )
        known = ("rule", "kind", *_RULE_NEEDS[kind], *_RULE_MAY.get(kind, ()))
        for key in [key for key in rule if key not in known]:
            yield (
                (*where, key),
                tell(
                    "{called}: {kind} knows no {key}; it has {known}",
                    called=called,
                    kind=kind,
                    key=key,
                    known=", ".join(known[2:]),
                ),
            )
        for key in ("total", "item", "previous_item", "limit", "parts", "items"):
            named = rule.get(key, [])
            for item in [named] if isinstance(named, str) else named:
                if item not in form["items"]:
                    near = codes.hint(item, form["items"])
                    yield (
                        (*where, key),
                        tell(
                            "{called}: unknown item {item}{near}",
                            called=called,
                            item=item,
                            near=near,
                        ),
                        item,
                    )
        if units and rule.get("unit", next(iter(units))) not in units:
            yield (
                (*where, "unit"),
                tell("{called}: no unit {unit}", called=called, unit=rule["unit"]),
            )
        if kind == "at_most" and rule.get("item", "") == rule.get("limit"):
            yield where, tell("{called}: item and limit are the same", called=called)
        if kind == "sum" and rule.get("total") in rule.get("parts", []):
            yield where, tell("{called}: the total is one of its parts", called=called)
        if kind == "total_row" and form.get("rows") == "unit":
            yield where, tell("{called}: a form of one row has no total row", called=called)


def _sheet(form: dict, unit_types: set[str]) -> Iterator[Fault]:
    """Columns, rows and levels of a form of layout ``sheet``."""
    yield from _columns(form)
    yield from _rows(form)
    yield from _levels(form, unit_types)


def _columns(form: dict) -> Iterator[Fault]:
    columns = form["columns"]
    wrong = [i for i, column in enumerate(columns) if column["number"] != i + 1]
    for i in wrong[:1]:  # the others follow from it
        yield (
            ("columns", i),
            tell("column {number} stands in place {i}", number=columns[i]["number"], i=i + 1),
        )
    for i, column in enumerate(columns):
        where = ("columns", i)
        if "item" in column and column["item"] not in form["items"]:
            what = tell(
                "column {number}: unknown item {item}", number=column["number"], item=column["item"]
            )
            yield where, what, column["item"]
        heads = column["header"]
        if len(heads["vi"]) != len(heads["en"]):
            yield (
                where,
                tell(
                    "column {number}: heads differ in number between vi and en",
                    number=column["number"],
                ),
            )
    shown = Counter(c["item"] for c in columns if "item" in c)
    for item in own_items(form):
        if shown[item] != 1:
            yield (
                ("items", item),
                tell("{item} has {shown} columns, not one", item=item, shown=shown[item]),
                *_meant(item, form),
            )
    texts = [tuple(map(fold, c["header"]["vi"])) for c in columns]
    for i, column in enumerate(columns):
        if texts[i] in texts[:i]:
            yield (
                ("columns", i),
                tell("column {number}: another column has the same head", number=column["number"]),
            )
    if [c.get("role") for c in columns].count("field") != 1:
        yield ("columns",), tell("one column must have the role field: it names the rows")


def _rows(form: dict) -> Iterator[Fault]:
    kind = form.get("rows", "fields")
    if kind == "unit" and "row_label" not in form:
        yield ("rows",), tell("rows: unit needs row_label, the name of its row")
    if kind == "unit" and form["levels"]:
        yield ("levels",), tell("levels: a form of one row has none")
    if kind != "unit" and not form["levels"]:
        yield ("levels",), tell("rows: {kind} needs levels", kind=kind)


def _levels(form: dict, unit_types: set[str]) -> Iterator[Fault]:
    headings = Counter(fold(v["heading"]["vi"]) for v in form["levels"].values())
    for code, level in form["levels"].items():
        where = ("levels", code)
        for kind in level["unit_types"]:
            if unit_types and kind not in unit_types:
                yield (
                    (*where, "unit_types"),
                    tell("{code}: no unit type {kind}", code=code, kind=kind),
                )
        if headings[fold(level["heading"]["vi"])] > 1:
            yield (*where, "heading"), tell("{code}: another level has the same heading", code=code)
        days = {k: level[k] for k in ("valid_from", "valid_to") if k in level}
        if len(days) == 2 and days["valid_from"] > days["valid_to"]:
            yield (*where, "valid_from"), tell("{code}: valid_from is after valid_to", code=code)
    served = {kind for level in form["levels"].values() for kind in level["unit_types"]}
    for i, kind in enumerate(form.get("reporters", {}).get("types", [])):
        if form["levels"] and kind not in served:
            yield (
                ("reporters", "types", i),
                tell("reporters: {kind} has no level on this form", kind=kind),
            )


def _register(form: dict) -> Iterator[Fault]:
    """Attributes that are named and not there, or of the wrong kind; heads and words used twice."""
    attributes = form["attributes"]
    named = {(k,): (form[k], kind) for k, kind in _RECORD_KINDS.items() if k in form}
    named |= {("dates", k): (a, "date") for k, a in form["dates"].items()}
    if "status" in form:
        named["status", "attribute"] = (form["status"]["attribute"], "choice")
    if "themes" in form:
        named["themes", "attribute"] = (form["themes"]["attribute"], "text")
    for where, (attribute, kind) in named.items():
        if attribute not in attributes:
            yield where, tell("no attribute {attribute}", attribute=attribute)
        elif attributes[attribute]["kind"] != kind:
            yield where, tell("{attribute} must be of kind {kind}", attribute=attribute, kind=kind)
    for code in filter(None, [form["record"], form["dates"]["opened"], form.get("lead")]):
        if not attributes.get(code, {"required": True}).get("required"):
            yield (
                ("attributes", code),
                tell("{code} must be required: records are told by it", code=code),
            )
    yield from _twice(attributes)
    yield from _statuses(form)
    for code, item in form["items"].items():
        if "count" not in item:
            yield (
                ("items", code),
                tell("{code}: an item of a register must say what it counts", code=code),
            )
    if form["items"] and "lead" not in form:
        yield ("items",), tell("counts need a lead: whose records are they?")


def _twice(attributes: dict) -> Iterator[Fault]:
    heads = Counter(
        text
        for a in attributes.values()
        for text in {fold(t) for t in [*a["head"].values(), *a.get("aliases", [])]}
    )
    for text in (t for t, n in heads.items() if n > 1):
        yield ("attributes",), tell("two columns may be headed “{text}”", text=text)
    for code, attribute in attributes.items():
        words = Counter(
            text
            for choice, c in attribute.get("choices", {}).items()
            for text in {fold(t) for t in [choice, c["vi"], c["en"], *c.get("aliases", [])]}
        )
        for text in (t for t, n in words.items() if n > 1):
            yield (
                ("attributes", code, "choices"),
                tell("{code}: “{text}” stands for two choices", code=code, text=text),
            )


def _statuses(form: dict) -> Iterator[Fault]:
    if "status" not in form:
        return
    choices = form["attributes"].get(form["status"]["attribute"], {}).get("choices", {})
    for code in set(choices) ^ set(form["status"]["means"]):
        yield (
            ("status", "means"),
            tell("status: {code} is a choice or has a meaning, not both", code=code),
        )
