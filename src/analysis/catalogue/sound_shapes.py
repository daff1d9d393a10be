"""Whether a value is surely as its schema says, told fast: every page begins with the catalogue.

What is not surely sound, or stands under a word that is not known here, is left to
:mod:`analysis.catalogue.shapes`, which says what is wrong.
"""

import re
from collections.abc import Callable
from datetime import date
from math import isfinite

_WORDS = {"$schema", "title", "description", "format", "properties", "then", "if"}


def sound(schema: dict, held: object) -> bool:
    """True if ``held`` is as ``schema`` (references followed) says; False says nothing."""
    for word, wanted in schema.items():
        if word not in _WORDS and not (word in _HOLDS and _HOLDS[word](wanted, held, schema)):
            return False
    if "format" in schema and not (schema["format"] == "date" and type(held) is date):
        return False
    if not isinstance(held, dict):
        return True
    properties = schema.get("properties", {})
    if not all(sound(properties[key], held[key]) for key in held if key in properties):
        return False
    return "if" not in schema or not sound(schema["if"], held) or sound(schema["then"], held)


def _others(wanted: object, held: object, schema: dict) -> bool:
    """Keys beside those that are named: none, or text (or what ``propertyNames`` wants)."""
    if not isinstance(held, dict):
        return True
    keys = [key for key in held if key not in schema.get("properties", {})]
    if wanted is False:
        return not keys
    named = "propertyNames" in schema or all(isinstance(key, str) for key in keys)
    return named and (wanted is True or all(sound(wanted, held[key]) for key in keys))


def _one_of(wanted: list, held: object, _schema: dict) -> bool:
    """Exactly one, where each only says which keys there must be."""
    plain = isinstance(held, dict) and all(set(part) == {"required"} for part in wanted)
    return plain and sum(all(k in held for k in part["required"]) for part in wanted) == 1


def _beyond_branches(_wanted: object, held: object, schema: dict) -> bool:
    known = set(schema.get("properties", {}))
    for part in [schema, *schema.get("allOf", [])]:
        if "if" in part and sound(part["if"], held):
            known |= set(part["then"].get("properties", {}))
    return not isinstance(held, dict) or set(held) <= known


def _is(kind: str, held: object) -> bool:
    if kind in ("integer", "number"):
        whole = isinstance(held, int) and not isinstance(held, bool)
        return whole or (kind == "number" and isinstance(held, float) and isfinite(held))
    return isinstance(held, _TYPES[kind])


_TYPES = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}


def _is_one(kinds: object, held: object, _schema: dict) -> bool:
    return any(_is(kind, held) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _measured(kind: type | tuple, holds: Callable) -> Callable:
    """A bound that concerns values of one kind alone."""
    return lambda wanted, held, _: not isinstance(held, kind) or holds(held, wanted)


_NUMBER = (int, float)
_HOLDS: dict[str, Callable] = {
    "type": _is_one,
    "enum": lambda wanted, held, _: any(_same(one, held) for one in wanted),
    "const": lambda wanted, held, _: _same(wanted, held),
    "required": _measured(dict, lambda held, wanted: all(key in held for key in wanted)),
    "dependentRequired": _measured(
        dict, lambda held, wanted: all(k not in held or set(wanted[k]) <= set(held) for k in wanted)
    ),
    "additionalProperties": _others,
    "unevaluatedProperties": _beyond_branches,
    "propertyNames": _measured(dict, lambda held, wanted: all(sound(wanted, k) for k in held)),
    "oneOf": _one_of,
    "minProperties": _measured(dict, lambda held, wanted: len(held) >= wanted),
    "maxProperties": _measured(dict, lambda held, wanted: len(held) <= wanted),
    "items": _measured(list, lambda held, wanted: all(sound(wanted, part) for part in held)),
    "minItems": _measured(list, lambda held, wanted: len(held) >= wanted),
    "maxItems": _measured(list, lambda held, wanted: len(held) <= wanted),
    "uniqueItems": _measured(
        list,
        lambda held, _: all(type(p) in (str, int) for p in held) and len(set(held)) == len(held),
    ),
    "minLength": _measured(str, lambda held, wanted: len(held) >= wanted),
    "maxLength": _measured(str, lambda held, wanted: len(held) <= wanted),
    "pattern": _measured(str, lambda held, wanted: re.search(wanted, held) is not None),
    "minimum": _measured(_NUMBER, lambda held, wanted: held >= wanted),
    "maximum": _measured(_NUMBER, lambda held, wanted: held <= wanted),
    "exclusiveMinimum": _measured(_NUMBER, lambda held, wanted: held > wanted),
    "exclusiveMaximum": _measured(_NUMBER, lambda held, wanted: held < wanted),
    "allOf": lambda wanted, held, _: all(sound(part, held) for part in wanted),
    "anyOf": lambda wanted, held, _: any(sound(part, held) for part in wanted),
}
