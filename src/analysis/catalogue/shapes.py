"""Whether what a file holds has the shape that its schema wants, said so that it can be mended."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from math import isfinite
from typing import Any

from analysis.catalogue import sound_shapes
from analysis.language import codes
from analysis.language.messages import noted, tell

Fault = tuple[tuple, str]

_CALLED = {
    "object": noted("a mapping (key: value)"),
    "array": noted("a list"),
    "string": noted("text"),
    "number": noted("a number"),
    "integer": noted("a whole number"),
    "boolean": noted("true or false"),
    "null": noted("nothing"),
}


def faults(schema: dict, held: object) -> list[Fault]:
    """What is wrong, each once: the keys that lead there, and words.

    Besides what JSON Schema says: ``format: date`` is a day as YAML has it, numbers are finite, and
    keys of a mapping are text unless ``propertyNames`` says otherwise.
    """
    try:
        if sound_shapes.sound(schema, held):
            return []
        found = sorted(_validator(schema).iter_errors(held), key=lambda e: _order(e.absolute_path))
        said = [fault for error in found for fault in _said(error)]
    except RecursionError:
        return [((), tell("file: too many things within each other"))]
    meant = {
        (where[:-1], near) for where, _, unknown in said for near in (unknown or [])[:1]
    }  # a key that is misspelt is not also missing
    told = [(where, what) for where, what, lacks in said
            if not (isinstance(lacks, str) and (where, lacks) in meant)]  # fmt: skip
    return list(dict.fromkeys(told))


def _order(path: Any) -> list[str]:
    return [f"{step:06d}" if isinstance(step, int) else str(step) for step in path]


@cache
def _kind() -> Any:
    """A validator of JSON Schema that knows days, finite numbers and keys that are text."""
    import jsonschema  # a twentieth of the time in which a command starts

    base = jsonschema.Draft202012Validator
    types = base.TYPE_CHECKER.redefine(
        "number",
        lambda _, n: isinstance(n, int | float) and not isinstance(n, bool) and isfinite(n),
    ).redefine("integer", lambda _, n: isinstance(n, int) and not isinstance(n, bool))

    def others(validator: Any, wanted: object, held: object, schema: dict) -> Iterator:
        if isinstance(held, dict) and "propertyNames" not in schema and wanted is not False:
            if not all(isinstance(key, str) for key in held):
                yield jsonschema.ValidationError("keys that are no text")
        yield from base.VALIDATORS["additionalProperties"](validator, wanted, held, schema)

    def beyond_branches(_validator: Any, _wanted: object, held: object, schema: dict) -> Iterator:
        if isinstance(held, dict) and set(held) - set(_known(schema, held)):
            yield jsonschema.ValidationError("unknown keys")

    extended = {"additionalProperties": others, "unevaluatedProperties": beyond_branches}
    return jsonschema.validators.extend(base, extended, type_checker=types)


def _validator(schema: dict) -> Any:
    import jsonschema

    days = jsonschema.FormatChecker(formats=())
    days.checkers = {"date": (lambda day: type(day) is date, ())}
    return _kind()(schema, format_checker=days)


def _said(error: Any) -> Iterator[tuple[tuple, str, object]]:
    """Where, what, and the key that is lacking or the keys that an unknown one may have meant."""
    where, held = tuple(error.absolute_path), error.instance
    name = ".".join(map(str, where)) or "file"
    if error.validator == "additionalProperties" and error.validator_value is not False:
        for key in [k for k in held if not isinstance(k, str)]:
            yield (
                (*where, key),
                tell("{name}: the key {key} must be text: write it in quotes", name=name, key=key),
                None,
            )
    elif error.validator in ("additionalProperties", "unevaluatedProperties"):
        known = _known(error.schema, held)
        for key in [k for k in held if k not in known]:
            near = codes.nearest(codes.text(key), dict.fromkeys(known, ""))
            what = tell(
                "{name}: unknown key {key!r}{hint}",
                name=name,
                key=str(key),
                hint=codes.hint(key, known),
            )
            yield (*where, key), what, near
    elif error.validator in ("anyOf", "oneOf"):
        yield from _of_branches(error, where, name)
    elif error.validator == "required":
        lacking = error.message.split("'")[1]
        yield (
            where,
            tell("{name}: the key {lacking!r} is missing", name=name, lacking=lacking),
            lacking,
        )
    else:
        yield where, f"{name}: {_worded(error)}", None


def _known(schema: dict, held: dict) -> list[str]:
    """Keys that a mapping may have, with those of the branches that apply to it; of all branches
    where the key that decides is missing or misspelt, which is said of that key alone."""
    branches = [
        (part["if"].get("properties", {}), list(part.get("then", {}).get("properties", {})))
        for part in [schema, *schema.get("allOf", [])]
        if "if" in part
    ]
    met = [keys for asked, keys in branches if _met(asked, held)]
    parts = met or [keys for _, keys in branches]
    return [*schema.get("properties", {}), *(key for keys in parts for key in keys)]


def _met(asked: dict, held: dict) -> bool:
    return all(held.get(key) == wanted.get("const") for key, wanted in asked.items())


def _of_branches(error: Any, where: tuple, name: str) -> Iterator[tuple[tuple, str, object]]:
    """Of several shapes the one that was meant is held against what there is."""
    branches: dict[int, list] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    if not branches:
        told = [tell(" and ").join(part.get("required", [])) for part in error.validator_value]
        yield (
            where,
            tell("{name}: names more than one of {told}", name=name, told=", ".join(told)),
            None,
        )
    elif all(e.validator == "required" for held in branches.values() for e in held):
        told = [tell(" and ").join(part.get("required", [])) for part in error.validator_value]
        yield where, tell("{name}: names none of {told}", name=name, told=", ".join(told)), None
    else:
        likest = min(branches.values(), key=lambda held: (_unlike(held), len(held)))
        for inner in likest:
            yield from _said(inner)


def _unlike(errors: list) -> bool:
    return any(not e.relative_path and e.validator in ("type", "const", "enum") for e in errors)


def _worded(error: Any) -> str:
    held, wanted = error.instance, error.validator_value
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        quoted = "string" in kinds and not isinstance(held, dict | list) and held is not None
        plain = {"number", "integer", "boolean"} & set(kinds) and isinstance(held, str)
        mend = tell(": write it without quotes") if plain else ""
        mend = tell(": write it in quotes") if quoted else mend
        wanted = tell(" or ").join(tell(_CALLED[k]) for k in kinds)
        return tell("must be {wanted}, not {held}", wanted=wanted, held=_shown(held)) + mend
    if error.validator == "format":
        return tell("must be a day, written 2021-12-31, not {shown}", shown=_shown(held))
    if error.validator == "enum":
        near = codes.near(held, map(str, wanted)) if isinstance(held, str) else ""
        return tell("{held} is not one of {wanted}", held=_shown(held), wanted=wanted) + near
    if error.validator in ("minLength", "minItems", "minProperties"):
        few = tell("has too few: {n}, not {wanted}", n=len(held), wanted=wanted)
        return few if held else tell("is empty")
    if error.validator == "maxItems":
        return tell("has too many: {n}, not {wanted}", n=len(held), wanted=wanted)
    kind = error.validator
    return (
        error.message if len(error.message) < 200 else tell("is not as {kind} wants it", kind=kind)
    )


def _shown(held: object) -> str:
    if held is None:
        return tell("nothing")
    if isinstance(held, dict | list):
        return tell(_CALLED["object" if isinstance(held, dict) else "array"])
    if isinstance(held, bool):
        return str(held).lower()
    text = str(held)
    text = text if len(text) <= 40 else f"{text[:40]}…"
    return tell("the text {text!r}", text=text) if isinstance(held, str) else text
