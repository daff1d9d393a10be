"""All keys of the files that officials sign: ``docs/catalogue-keys.md``, read from the schemas."""

from collections.abc import Iterator

from analysis.catalogue import reader

PLACE = "docs/catalogue-keys.md"

KINDS = [
    *(
        "forms",
        "frameworks",
        "rules",
        "regimes",
        "parameters",
        "surveys",
        "outlines",
        "exports",
        "systems",
    ),
    *("proposals", "public_summary", "similar_units", "samples", "period", "edition", "site"),
    "codelists",
]
"""The kinds of files, in the order in which they are listed."""

PAGE = """# Keys of the catalogue

Every key that a file of `data/catalogue`, a `period.yml`, an `edition.yml` or `site.yml` may have,
and every column of a code list; any other is refused, with its line. `‹code›` stands for a code or
word of your own, `[]` for each entry of a list. `python -m analysis catalogue check` holds files
against this. It is read out of `src/analysis/catalogue/schemas` by `python -m tools keys`; do not
edit it.
"""

_TYPES = {
    "object": "mapping",
    "array": "list",
    "string": "text",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "maxLength": "at most {} letters",
    "pattern": "`{}`",
}


def page() -> str:
    """The text of ``docs/catalogue-keys.md``."""
    parts = [PAGE]
    for kind in KINDS:
        schema = reader.schema(kind)
        title, _, files = schema["title"].partition(": ")
        parts.append(f"## {title}\n\n`{files}`. {schema['description']}\n")
        parts.append("| key | type | required | allowed | what it is |\n|---|---|---|---|---|")
        rows = dict.fromkeys(_rows(schema, ""))
        parts.append("\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows) + "\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows(schema: dict, path: str) -> Iterator[tuple[str, ...]]:
    """Key, type, whether it must be there, what it may be, what it is; then what it holds."""
    required = schema.get("required", [])
    for key, part in schema.get("properties", {}).items():
        yield from _row(part, f"{path}{key}", "yes" if key in required else "")
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        named = "day" if _kind(schema.get("propertyNames", {})) == "day" else "code"
        yield from _row(others, f"{path}‹{named}›", "")
    if isinstance(schema.get("items"), dict) and _holds(schema["items"]):
        yield from _rows(schema["items"], f"{path.removesuffix('.')}[].")
    for branch in [b for b in schema.get("anyOf", []) if not _is_text(b)]:
        yield from _rows(branch, path)
    for branch in [schema, *schema.get("allOf", [])]:
        if "then" in branch and "properties" in branch["then"]:
            ((key, wanted),) = branch["if"]["properties"].items()
            for row in _rows(branch["then"], path):
                where = f"{row[2] and 'yes, '}{key}: {wanted['const']}"
                yield (*row[:2], where, *row[3:]) if row[0].count(".") == path.count(".") else row


def _row(part: dict, path: str, required: str) -> Iterator[tuple[str, ...]]:
    if "description" in part or _kind(part):
        yield f"`{path}`", _kind(part), required, _allowed(part), part.get("description", "")
    if not _is_text(part):
        yield from _rows(part, f"{path}.")


def _holds(part: dict) -> bool:
    return bool({"properties", "additionalProperties", "anyOf", "items"} & set(part)) and not (
        _is_text(part)
    )


def _is_text(part: dict) -> bool:
    """Whether it is the same text in both languages, of which the page says so once."""
    held = part.get("properties", {})
    return list(held) == ["vi", "en"] and held["vi"].get("type") == "string"


def _kind(part: dict) -> str:
    if _is_text(part):
        return "text, `vi` and `en`"
    if part.get("format") == "date":
        return "day"
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(filter(None, map(_kind, part["anyOf"]))))
    if part.get("type") == "array" and isinstance(part.get("items"), dict):
        inner = _kind(part["items"])
        return f"list of {inner}" if inner else "list"
    kinds = part.get("type", [])
    named = " or ".join(_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    return named or ("one of a few" if "enum" in part or "const" in part else "")


def _allowed(part: dict) -> str:
    told = []
    for inner in [part, part.get("items", {}), *part.get("anyOf", [])]:
        told += [", ".join(f"`{value}`" for value in inner["enum"])] if "enum" in inner else []
        told += [f"`{inner['const']}`"] if "const" in inner else []
        told += [
            words.format(inner[key])
            for key, words in _BOUNDS.items()
            if key in inner and (key != "minItems" or inner[key] > 1)
        ]
    return "; ".join(dict.fromkeys(told))
