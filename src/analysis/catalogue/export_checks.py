"""What can be wrong with a mapping of an export beyond its shape: (where, what) for each fault."""

from collections.abc import Collection, Iterator

from analysis.language import codes
from analysis.language.messages import tell

Fault = tuple[tuple, str]


def faults(mapping: dict, forms: dict, units: Collection[str]) -> Iterator[Fault]:
    """All that is wrong with a mapping (``exports/*.yml``).

    Parameters
    ----------
    forms
        By code; None for one that cannot be read: nothing is held against it.
    units
        Codes of all units; nothing is held against none.
    """
    yield from _columns(mapping)
    own, known = {}, True
    for i, code in enumerate(mapping["forms"]):
        if code not in forms:
            yield (
                ("forms", i),
                tell("no form {code}{near}", code=code, near=codes.hint(code, forms)),
            )
        known &= forms.get(code) is not None
        own[code] = forms.get(code)
    if not known:
        return
    for text, unit in mapping["unit"].get("codes", {}).items():
        if units and unit not in units:
            where = ("unit", "codes", text)
            near = codes.hint(unit, units)
            yield where, tell("{text}: no unit {unit}{near}", text=text, unit=unit, near=near)
    yield from _targets(mapping, own)
    yield from _levels(mapping, own)


def _columns(mapping: dict) -> Iterator[Fault]:
    """Columns without which nothing can be placed, and those that are two things."""
    wide = "values" in mapping
    if wide and ("item" in mapping or "value" in mapping):
        yield (
            ("values",),
            tell("values: each column is an item; item and value have no place beside it"),
        )
    if not wide and not ("item" in mapping and "value" in mapping):
        lacks = "value" if "item" in mapping else "item"
        what = tell("{key} is missing: name the columns item and value, or values", key=lacks)
        yield (), what
    if "rows" in mapping and mapping["format"] != "json":
        yield ("rows",), tell("rows: only JSON has lists under keys")
    named: dict[str, str] = {}
    for key in ("unit", "period", "item", "level", "field", "status"):
        if key in mapping:
            column = mapping[key]["column"]
            if named.setdefault(column, key) != key:
                what = tell(
                    "{key}: the column {column} is read as {other}, too",
                    key=key,
                    column=column,
                    other=named[column],
                )
                yield (key, "column"), what
    named |= {mapping[key]: key for key in ("value", "record") if key in mapping}
    named |= dict.fromkeys(mapping.get("values", {}), "values")
    for i, column in enumerate(mapping.get("ignore", [])):
        if column in named:
            what = tell(
                "ignore: the column {column} is read as {other}",
                column=column,
                other=named[column],
            )
            yield ("ignore", i), what


def _targets(mapping: dict, forms: dict[str, dict]) -> Iterator[Fault]:
    """Items and attributes that are named are there, once, in one form, with what places them."""
    if "values" in mapping:
        stated = {("values", text): held for text, held in mapping["values"].items()}
    else:
        table = mapping.get("item", {}).get("codes", {})
        stated = {("item", "codes", text): held for text, held in table.items()}
    first: dict[tuple, str] = {}
    named: dict[str, set[str]] = {code: set() for code in forms}
    for where, held in stated.items():
        told = held if isinstance(held, dict) else {"item": held}
        item, text = told["item"], where[-1]
        if "form" in told and told["form"] not in forms:
            yield (
                where,
                tell(
                    "{text}: {form} is none of forms: {forms}",
                    text=text,
                    form=told["form"],
                    forms=", ".join(forms),
                ),
            )
            continue
        asked = [told["form"]] if "form" in told else list(forms)
        holding = [code for code in asked if item in _items(forms[code])]
        if not holding:
            known = [i for code in asked for i in _items(forms[code])]
            near = codes.hint(item, known)
            what = tell("{text}: no form has item {item}{near}", text=text, item=item, near=near)
            yield where, what
        elif len(holding) > 1:
            yield (
                where,
                tell(
                    "{text}: {item} is an item of {forms}: say which form",
                    text=text,
                    item=item,
                    forms=", ".join(holding),
                ),
            )
        else:
            form = forms[holding[0]]
            named[holding[0]].add(item)
            if "level" in told and told["level"] not in {*form.get("levels", {}), "_T"}:
                yield (
                    where,
                    tell(
                        "{text}: {form} has no level {level}",
                        text=text,
                        form=holding[0],
                        level=told["level"],
                    ),
                )
            place = (holding[0], item, told.get("level"), told.get("field"))
            if (other := first.setdefault(place, text)) != text:
                yield where, tell("{text}: means the same as {other}", text=text, other=other)
    if not stated:
        yield from _of_several(forms)
        return
    yield from _registers(mapping, forms, named)


def _of_several(forms: dict[str, dict]) -> Iterator[Fault]:
    """Items that are in several forms, where nothing says which is meant."""
    for item in {i for form in forms.values() for i in _items(form)}:
        if sum(item in _items(form) for form in forms.values()) > 1:
            yield (
                ("item",),
                tell(
                    "item: {item} is an item of several forms: give codes that say which",
                    item=item,
                ),
            )


def _items(form: dict) -> dict:
    """What a form asks: the columns of a register, else its items."""
    return form.get("attributes", form["items"])


def _registers(mapping: dict, forms: dict, named: dict[str, set[str]]) -> Iterator[Fault]:
    for code, form in forms.items():
        wanted = [c for c, a in form.get("attributes", {}).items() if a.get("required")]
        where = ("values",) if "values" in mapping else ("item", "codes")
        if lacks := [c for c in wanted if c not in named[code]]:
            columns = ", ".join(lacks)
            yield (
                where,
                tell("{code} needs a column for {columns}, too", code=code, columns=columns),
            )
        if wanted and "item" in mapping and "record" not in mapping:
            yield (
                ("item",),
                tell(
                    "record is missing: in which column the records of {code} are told", code=code
                ),
            )


def _levels(mapping: dict, forms: dict) -> Iterator[Fault]:
    """A form with levels must be told which."""
    known = {level for form in forms.values() for level in form.get("levels", {})}
    for text, level in mapping.get("level", {}).get("codes", {}).items():
        if level not in {*known, "_T"}:
            where = ("level", "codes", text)
            near = codes.hint(level, known)
            yield (
                where,
                tell("{text}: no form has level {level}{near}", text=text, level=level, near=near),
            )
    if "level" in mapping:
        return
    table = mapping.get("values") or mapping.get("item", {}).get("codes", {})
    stated = [held for held in table.values() if isinstance(held, dict)]
    if known and (len(stated) < len(table) or not all("level" in held for held in stated)):
        with_levels = ", ".join(c for c, form in forms.items() if form.get("levels"))
        yield (
            (),
            tell("level is missing: {forms} has figures at several levels", forms=with_levels),
        )
