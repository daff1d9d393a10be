"""What each kind of catalogue file must hold, as JSON Schema."""

_TEXT = {
    "type": "object",
    "required": ["vi", "en"],
    "properties": {
        "vi": {"type": "string", "minLength": 1},
        "en": {"type": "string", "minLength": 1},
    },
    "additionalProperties": False,
}
_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_CERTAINTY = {"enum": ["verified", "third_party", "derived", "from_memory", "unverified"]}
_INDICATOR = {
    "type": "object",
    "required": [
        "name",
        "dimension",
        "formula",
        "unit_measure",
        "direction",
        "legal_basis",
        "certainty",
    ],
    "properties": {
        "number": {"type": "string"},
        "name": _TEXT,
        "definition": _TEXT,
        "note": _TEXT,
        "dimension": {"type": "string"},
        "formula": {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": {
                "value": {"type": "string"},
                "ratio": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["numerator", "denominator"],
                    "properties": {"numerator": _NAMES, "denominator": _NAMES},
                },
            },
        },
        "unit_measure": {"enum": ["percent", "points"]},
        "direction": {"enum": [1, -1]},
        "points": {
            "type": "object",
            "required": ["max", "full_mark_at", "zero_denominator"],
            "additionalProperties": False,
            "properties": {
                "max": {"type": "number", "exclusiveMinimum": 0},
                "full_mark_at": {"type": "number", "exclusiveMinimum": 0},
                "zero_denominator": {"enum": ["zero", "full", "none"]},
                "without_inputs": {"enum": ["full", "none"]},
            },
        },
        "published_as": {"type": "object"},
        "legal_basis": {"type": "string", "minLength": 1},
        "certainty": _CERTAINTY,
    },
    "additionalProperties": False,
}
SCHEMAS = {
    "frameworks": {
        "type": "object",
        "required": [
            "framework",
            "title",
            "legal_basis",
            "certainty",
            "max_score",
            "aggregate",
            "missing_children",
            "rank_within",
            "dimensions",
            "indicators",
        ],
        "properties": {
            "title": _TEXT,
            "certainty": _CERTAINTY,
            "max_score": {"type": "number"},
            "aggregate": {"enum": ["sum"]},
            "missing_children": {"enum": ["none"]},
            "rank_within": {"enum": ["type"]},
            "dimensions": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["name", "max_score"],
                    "properties": {"name": _TEXT},
                },
            },
            "indicators": {"type": "object", "additionalProperties": _INDICATOR},
        },
    },
    "forms": {
        "type": "object",
        "required": [
            "form",
            "title",
            "layout",
            "version",
            "numbers",
            "items",
            "rules",
            "legal_basis",
            "certainty",
        ],
        "properties": {
            "title": _TEXT,
            "layout": {"enum": ["sheet", "long"]},
            "certainty": _CERTAINTY,
            "numbers": {"enum": ["vietnamese", "plain"]},
            "labels": _NAMES,
            "items": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["name", "kind", "nature"],
                    "properties": {
                        "name": _TEXT,
                        "kind": {"enum": ["count", "decimal", "percent"]},
                        "nature": {"enum": ["flow", "opening_stock", "closing_stock", "level"]},
                        "maximum": {"type": "number"},
                    },
                },
            },
            "rules": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["rule", "kind"],
                    "properties": {
                        "kind": {
                            "enum": ["sum", "total_row", "equals_previous", "jump", "at_most"]
                        },
                        "tolerance": {"type": "number", "minimum": 0},
                    },
                    "dependentSchemas": {"tolerance": {"properties": {"kind": {"const": "sum"}}}},
                },
            },
        },
    },
    "rules": {
        "type": "object",
        "properties": {
            "rules": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["severity", "name", "vi", "en"],
                    "properties": {"severity": {"enum": ["blocking", "warning", "note"]}},
                },
            }
        },
    },
    "surveys": {
        "type": "object",
        "required": ["survey", "title", "legal_basis", "certainty", "key", "psu", "stratum"]
        + ["columns", "sums", "steps", "slip", "scores", "measures", "domains", "bootstrap"],
        "properties": {
            "title": _TEXT,
            "certainty": _CERTAINTY,
            "columns": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["head", "kind"],
                    "properties": {
                        "head": {"type": "string", "minLength": 1},
                        "kind": {
                            "enum": ["code", "edition", "province", "procedure_group", "choice"]
                            + ["hours", "money", "count", "rating", "date", "weight", "text"]
                        },
                        "name": _TEXT,
                        "aliases": _NAMES,
                        "range": {"type": "array", "minItems": 2, "maxItems": 2},
                        "choices": {"type": "object", "additionalProperties": _NAMES},
                        "required": {"type": "boolean"},
                        "zero_words": {"type": "boolean"},
                    },
                    "additionalProperties": False,
                },
            },
            "scores": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["method", "measure", "statistic"],
                    "properties": {
                        "method": {
                            "enum": ["goalposts", "percentile_within_group", "distance_to_baseline"]
                        }
                    },
                },
            },
        },
    },
    "edition": {
        "type": "object",
        "required": ["survey", "edition", "title", "synthetic", "reference_period", "units_on"],
        "properties": {
            "title": _TEXT,
            "edition": {"type": "string", "pattern": "^[0-9]{4}$"},
            "synthetic": {"type": "boolean"},
            "reference_period": {"type": "array", "minItems": 2, "maxItems": 2},
        },
    },
    "period": {
        "type": "object",
        "required": ["time_period", "title", "regime", "forms", "frameworks", "due", "synthetic"],
        "properties": {
            "title": _TEXT,
            "forms": _NAMES,
            "frameworks": _NAMES,
            "synthetic": {"type": "boolean"},
            "covered_from": {},  # a day: where the figures begin later than the period
            "due": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {
                    "types": _NAMES,
                    "parent": {"type": ["string", "integer"]},
                    "units": {**_NAMES, "uniqueItems": True},
                },
            },
        },
    },
}
