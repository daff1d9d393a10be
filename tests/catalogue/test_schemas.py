"""What each kind of catalogue file must hold (``schemas/*.json``): sound, explained, as in code."""

import json

import jsonschema
import pytest

from analysis.catalogue import catalogue, reader
from analysis.schema.tables import STATES

KINDS = sorted(path.stem for path in reader.SCHEMAS.glob("*.json"))


def _keys(node: object, path: str):
    """Every key that a schema knows, with what is said of it."""
    if isinstance(node, dict):
        for key, part in node.get("properties", {}).items():
            yield f"{path}.{key}", part
        for key, part in node.items():
            yield from _keys(part, f"{path}.{key}")
    elif isinstance(node, list):
        for part in node:
            yield from _keys(part, path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_its_references_lead_somewhere(kind):
    stated = json.loads((reader.SCHEMAS / f"{kind}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(stated)
    assert "$ref" not in json.dumps(reader.schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_is_said_on_every_key(kind):
    conditions = (".if.", ".dependentSchemas.", ".then.properties.kind")
    keys = [
        (k, s) for k, s in _keys(reader.schema(kind), kind) if not any(c in k for c in conditions)
    ]
    assert [k for k, s in keys if not s.get("description", "").endswith((".", ")"))] == []


def test_every_key_of_the_catalogue_is_known():
    """Where a file may hold more than its schema says, ours holds nothing that is not explained."""
    lists = catalogue.load()
    for kind in ("frameworks", "forms", "surveys", "outlines"):
        known = set(reader.schema(kind)["properties"])
        known |= {k for part in _branches(reader.schema(kind)) for k in part["properties"]}
        for code, held in getattr(lists, kind).items():
            assert set(held) <= known, (kind, code)


def _branches(schema: dict):
    held = [schema, *schema.get("allOf", [])]
    return [part["then"] for part in held if "then" in part]


def test_the_states_of_records_are_those_of_the_code():
    form = reader.schema("forms")["properties"]["items"]["additionalProperties"]
    assert form["properties"]["count"]["properties"]["state"]["items"]["enum"] == STATES
