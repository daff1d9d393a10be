"""What each kind of catalogue file must hold, as JSON Schema."""


def _both(schema: dict, **more: dict) -> dict:
    """The same in Vietnamese and English, and what ``more`` may stand beside."""
    return {
        "type": "object",
        "required": ["vi", "en"],
        "additionalProperties": False,
        "properties": {"vi": schema, "en": schema, **more},
    }


_WORDS = {"type": "string", "minLength": 1}
_TEXT = _both(_WORDS)
_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
# Closed lists: the methods of the steps of a composite index (see the modules of the same names).
_NORMALISE = ["points", "steps", "goalposts", "distance_to_target", "min_max", "z_score"]
_NORMALISE += ["rank", "percentile_rank"]
_IMPUTE = ["none", "mean", "median", "group_mean", "group_median", "last"]
_TREAT = ["none", "winsorise", "log", "winsorise_or_log"]
# What an outline may ask for (analysis.topics.periodic_report) and a summary may say
# (summary_views).
BLOCKS = ["coverage", "quality", "group", "targets", "below_target", "not_usable", "doubtful"]
BLOCKS += ["annex_national", "annex_targets", "annex_missing"]
FACTS = ["national", "reporting", "accepted"]
_MEANS = ["arithmetic", "geometric", "harmonic"]


def _dated(schema: dict) -> dict:
    """A value, or values by the day from which each holds (YAML dates are no JSON strings)."""
    return {"anyOf": [schema, {"type": "object", "additionalProperties": schema}]}


def _method(methods: list[str], **options: dict) -> dict:
    """A method by its name, or with options."""
    named = {
        "type": "object",
        "required": ["method"],
        "additionalProperties": False,
        "properties": {"method": {"enum": methods}, **options},
    }
    return {"anyOf": [{"enum": methods}, named]}


_WHO = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "types": _NAMES,
        "parent": {"type": ["string", "integer"]},
        "units": {**_NAMES, "uniqueItems": True},
    },
}
_COUNT = {"type": "integer", "minimum": 1}
# A head, or the heads from the upper to the lower; several ways of writing it.
_HEADS = {
    "type": "array",
    "minItems": 1,
    "items": {"anyOf": [_WORDS, _NAMES]},
}
# A table of layout "table": see analysis.reading.layouts.locate_table.locate.
_TABLE = {
    "type": "object",
    "required": ["sheets", "names", "columns"],
    "additionalProperties": False,
    "properties": {
        "sheets": _NAMES,
        "names": {
            "type": "object",
            "required": ["head"],
            "additionalProperties": False,
            "properties": {"head": _HEADS, "stand": {"enum": ["once", "left"]}},
        },
        "columns": {"type": "object", "minProperties": 1, "additionalProperties": _HEADS},
        "labels": _HEADS,
        "units": {"type": "object", "additionalProperties": {"type": "string"}},
        "not_units": _NAMES,
        "roman_subtotals": {"type": "boolean"},
        "ends_at": {"anyOf": [{"const": "blank_row"}, _NAMES]},
        "below": {"enum": ["summary", "remarks"]},
    },
}
_UNCERTAINTY = {
    "type": "object",
    "required": ["replicates", "seed"],
    "additionalProperties": False,
    "properties": {
        "replicates": _COUNT,
        "seed": {"type": "integer", "minimum": 0},
        # each weight times a number between 1 − spread and 1 + spread
        "weights": {
            "type": "object",
            "required": ["spread"],
            "additionalProperties": False,
            "properties": {"spread": {"type": "number", "exclusiveMinimum": 0, "maximum": 1}},
        },
        "normalise": {"type": "array", "items": {"enum": _NORMALISE}, "minItems": 1},
        "aggregate": {"type": "array", "items": {"enum": _MEANS}, "minItems": 1},
        "impute": {"type": "array", "items": {"enum": _IMPUTE}, "minItems": 1},
        "treat": {"type": "array", "items": {"enum": _TREAT}, "minItems": 1},
    },
}
CERTAINTIES = ["verified", "third_party", "derived", "from_memory", "unverified"]
TARGET_KINDS = {
    "at_least": ("low",),
    "at_most": ("high",),
    "below": ("high",),
    "range": ("low", "high"),
    "about": ("low", "high"),
    "top_n": ("high",),
    "gain_at_least": ("low",),
    "gain_range": ("low", "high"),
    "raise_score_keep_rank": (),
    "started_by": ("due",),
    "note": (),
}
"""What a target may ask for, and the bounds that it then states. ``about``: half a unit of the last
digit printed to either side; gains are in ranks on the baseline; ``started_by``: any value above
zero on the day it is due; a ``note`` asks for nothing."""
_CERTAINTY = {"enum": CERTAINTIES}
_POINTS = {
    "type": "object",
    "required": ["max", "full_mark_at", "zero_denominator"],
    "additionalProperties": False,
    "properties": {
        "max": {"type": "number", "exclusiveMinimum": 0},
        "full_mark_at": {"type": "number", "exclusiveMinimum": 0},
        "zero_denominator": {"enum": ["zero", "full", "none"]},
        "without_inputs": {"enum": ["full", "none"]},
    },
}
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
        "name": _dated(_TEXT),  # the law renames what is counted
        "definition": _TEXT,
        "note": _TEXT,
        "dimension": {"type": "string"},
        "formula": {
            "type": "object",
            "additionalProperties": False,
            "oneOf": [{"required": [k]} for k in ("value", "ratio", "change")],
            "dependentRequired": {"standard_error": ["value"]},
            "properties": {
                "value": {"type": "string"},
                # the item with the standard error of the value, in the same unit
                "standard_error": {"type": "string"},
                "ratio": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["numerator", "denominator"],
                    "properties": {"numerator": _NAMES, "denominator": _NAMES},
                },
                # by how much of what it was something has fallen: (before − after) / before
                "change": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["before", "after"],
                    "properties": {"before": _NAMES, "after": _NAMES},
                },
                # of the rows of one level of the form alone
                "level": {"type": "string"},
            },
        },
        "unit_measure": {"enum": ["percent", "points"]},
        "direction": {"enum": [1, -1]},
        "scored": {"type": "boolean"},
        "weight": _dated({"type": "number", "exclusiveMinimum": 0}),
        "normalise": {"enum": _NORMALISE},
        "transform": {"enum": ["log"]},
        # [worst, best]
        "goalposts": _dated(_PAIR),
        "target": _dated({"type": "number"}),
        # [[bound, points], …], from the worst to the best
        "steps": {"type": "array", "items": _PAIR, "minItems": 1},
        "points": _dated(_POINTS),
        "published_as": {"type": "object"},
        "legal_basis": _WORDS,
        "certainty": _CERTAINTY,
    },
    "additionalProperties": False,
}
_HEADS = {**_NAMES, "maxItems": 2}
_COLUMN = {
    "type": "object",
    "required": ["number", "header"],
    "oneOf": [{"required": ["item"]}, {"required": ["role"]}],
    "additionalProperties": False,
    "properties": {
        "number": _COUNT,
        "item": {"type": "string"},
        "role": {"enum": ["line", "field"]},
        # the head, or the head of its group and its own
        "header": _both(_HEADS),
    },
}
_LEVEL = {
    "type": "object",
    "required": ["name", "heading", "unit_types"],
    "additionalProperties": False,
    "properties": {
        "name": _TEXT,
        "heading": _TEXT,
        "unit_types": _NAMES,
        "valid_from": {},  # first and last day on which units report on it; a day or nothing
        "valid_to": {},
    },
}
STATES = ["completed_on_time", "completed_late", "completed_no_deadline"]
STATES += ["open_within", "open_overdue", "open_no_deadline"]
"""The states of a record of a register on a day (see :mod:`analysis.checking.register_states`)."""
_STATE_LIST = {"type": "array", "items": {"enum": STATES}, "minItems": 1}
_DAYS = {"type": "array", "items": _COUNT, "minItems": 1, "uniqueItems": True}
_CHOICE = _both(_WORDS, aliases=_NAMES)
_ATTRIBUTE = {
    "type": "object",
    "required": ["head", "kind"],
    "additionalProperties": False,
    "properties": {
        "head": _TEXT,
        "kind": {"enum": ["text", "code", "date", "choice", "unit", "units", "count"]},
        "required": {"type": "boolean"},
        "aliases": _NAMES,
        "choices": {"type": "object", "minProperties": 1, "additionalProperties": _CHOICE},
        "note": _TEXT,
    },
    "if": {"properties": {"kind": {"const": "choice"}}},
    "then": {"required": ["choices"]},
}
# A form of layout "register": a record in each row (analysis.reading.layouts.locate_register,
# analysis.checking.register_states).
_REGISTER = {
    "required": ["sheet", "attributes", "record", "dates", "number", "unit_text"],
    "properties": {
        "sheet": {"type": "string", "minLength": 1, "maxLength": 31},
        "attributes": {"type": "object", "minProperties": 1, "additionalProperties": _ATTRIBUTE},
        # attributes: the code of a record, whose it is, what opens it, by when, what closes it
        "record": {"type": "string"},
        "lead": {"type": "string"},
        "dates": {
            "type": "object",
            "required": ["opened", "due", "closed"],
            "additionalProperties": False,
            "properties": dict.fromkeys(["opened", "due", "closed"], {"type": "string"}),
        },
        # the attribute that states how things stand, and the states that each choice may mean
        "status": {
            "type": "object",
            "required": ["attribute", "means"],
            "additionalProperties": False,
            "properties": {
                "attribute": {"type": "string"},
                "means": {"type": "object", "additionalProperties": _STATE_LIST},
            },
        },
        "state_names": {
            "type": "object",
            "propertyNames": {"enum": STATES},
            "additionalProperties": _TEXT,
        },
        "ageing": _DAYS,
        "forecast": _DAYS,
        "themes": {
            "type": "object",
            "required": ["attribute", "list"],
            "additionalProperties": False,
            "properties": {
                "attribute": {"type": "string"},
                "list": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["name", "keywords"],
                        "additionalProperties": False,
                        "properties": {"name": _TEXT, "keywords": _NAMES},
                    },
                },
            },
        },
    },
}
# What a framework that is scored must name; one that is followed only names none of them.
SCORING = ["normalise", "weight", "aggregate", "missing_children", "rank_within", "uncertainty"]
SCHEMAS = {
    "frameworks": {
        "type": "object",
        "required": [
            "framework",
            "title",
            "legal_basis",
            "certainty",
            "dimensions",
            "indicators",
        ],
        "properties": {
            "title": _TEXT,
            "certainty": _CERTAINTY,
            "source": _TEXT,
            "max_score": {"type": "number"},
            "screen": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"units": _SHARE, "indicators": _SHARE},
            },
            "impute": _method(_IMPUTE, at_most=_COUNT),
            "treat": _method(
                _TREAT,
                skewness={"type": "number", "exclusiveMinimum": 0},
                kurtosis={"type": "number"},
                at_most={"type": "integer", "minimum": 0},
            ),
            "normalise": {
                "type": "object",
                "required": ["method"],
                "additionalProperties": False,
                "properties": {
                    "method": {"enum": _NORMALISE},
                    "range": _PAIR,
                    "cap": {"type": "boolean"},
                },
            },
            "weight": {"enum": ["given", "equal", "pca"]},
            # "sum" of points, or a mean of what is on one scale
            "aggregate": {"enum": ["sum", *_MEANS]},
            "missing_children": {
                "anyOf": [
                    {"enum": ["none"]},
                    {
                        "type": "object",
                        "required": ["at_least"],
                        "additionalProperties": False,
                        "properties": {"at_least": _SHARE},
                    },
                ]
            },
            "rank_within": {"enum": ["type", "all"]},
            "not_ranked": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["units", "reason"],
                    "additionalProperties": False,
                    "properties": {"units": _NAMES, "reason": _TEXT},
                },
            },
            "uncertainty": _UNCERTAINTY,
            "dimensions": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": _TEXT,
                        "parent": {"type": "string"},
                        "weight": _dated({"type": "number", "exclusiveMinimum": 0}),
                        "aggregate": {"enum": _MEANS},
                        "max_score": {"type": "number", "exclusiveMinimum": 0},
                    },
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
        "if": {"properties": {"layout": {"const": "sheet"}}},
        "then": {
            "required": ["sheet", "columns", "levels", "number", "unit_text"],
            "properties": {
                "sheet": {"type": "string", "minLength": 1, "maxLength": 31},
                "columns": {"type": "array", "minItems": 1, "items": _COLUMN},
                "levels": {"type": "object", "additionalProperties": _LEVEL},
            },
        },
        "allOf": [{"if": {"properties": {"layout": {"const": "register"}}}, "then": _REGISTER}],
        "properties": {
            "title": _TEXT,
            "layout": {"enum": ["sheet", "long", "table", "register"]},
            "tables": {"type": "array", "minItems": 1, "items": _TABLE},
            "certainty": _CERTAINTY,
            "numbers": {"enum": ["vietnamese", "plain"]},
            "labels": _NAMES,
            # signs for a missing figure that mean so in this form alone
            "missing_symbols": {"type": "object"},
            # items that a record must have together to be counted in a unit's total
            "complete": _NAMES,
            # as printed on the form: its number, what its figures count
            "number": _WORDS,
            "unit_text": _TEXT,
            "recipient": _TEXT,
            # what the rows of a sheet are: fields under each level, the levels, or the unit alone
            "rows": {"enum": ["fields", "levels", "unit"]},
            "row_label": _TEXT,
            # of the units due in a period, those that send this form (all, if it names none)
            "reporters": _WHO,
            "items": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["name", "kind", "nature"],
                    "properties": {
                        "name": _TEXT,
                        "kind": {"enum": ["count", "decimal", "percent"]},
                        "nature": {"enum": ["flow", "opening_stock", "closing_stock", "level"]},
                        # over units; without it counts add and nothing else does
                        "additive": {"type": "boolean"},
                        "maximum": {"type": "number"},
                        # words that stand for a figure
                        "choices": {"type": "object", "additionalProperties": {"type": "number"}},
                        # where it differs from that of the form
                        "unit_text": _TEXT,
                        "definition": _TEXT,
                        # of the records of a register: in these states, opened before or during
                        # the period
                        "count": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "state": _STATE_LIST,
                                "opened": {"enum": ["before", "during"]},
                            },
                        },
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
                            + ["whole"]
                        },
                        "tolerance": {"type": "number", "minimum": 0},
                    },
                    "dependentSchemas": {
                        "tolerance": {"properties": {"kind": {"enum": ["sum", "whole"]}}}
                    },
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
    "outlines": {
        "type": "object",
        "required": ["outline", "title", "legal_basis", "certainty", "note", "heading"]
        + ["sections", "recipients"],
        "additionalProperties": False,
        "properties": {
            "outline": {"type": "string"},
            "title": _TEXT,
            "legal_basis": _WORDS,
            "certainty": _CERTAINTY,
            "note": _TEXT,
            "heading": {
                "type": "object",
                "required": ["state", "motto", "agency", "number", "place", "kind", "mark"],
                "additionalProperties": _TEXT,
            },
            "recipients": {"type": "array", "items": _TEXT, "minItems": 1},
            "sections": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["title"],
                    "additionalProperties": False,
                    "properties": {
                        "title": _TEXT,
                        "level": {"enum": [1, 2]},
                        "blocks": {"type": "array", "items": {"enum": BLOCKS}},
                        "group": {"type": "integer", "minimum": 1, "maximum": 6},
                        "human": _TEXT,
                    },
                },
            },
        },
    },
    "public_summary": {
        "type": "object",
        "required": ["title", "most", "limits", "candidates"],
        "additionalProperties": False,
        "properties": {
            "title": _TEXT,
            "most": {"type": "integer", "minimum": 1, "maximum": 3},
            "limits": {"type": "array", "items": _TEXT, "minItems": 1},
            "candidates": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["kind", "name", "sentence"],
                    "additionalProperties": False,
                    "properties": {
                        "kind": {"enum": FACTS},
                        "framework": {"type": "string"},
                        "indicator": {"type": "string"},
                        "name": _TEXT,
                        "sentence": _TEXT,
                    },
                },
            },
        },
    },
    "systems": {
        "type": "object",
        "required": ["systems"],
        "additionalProperties": False,
        "properties": {
            "systems": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["number", "group", "name", "legal_basis", "pages"],
                    "additionalProperties": False,
                    "properties": {
                        "number": {"type": "integer", "minimum": 1},
                        "group": {"type": "integer", "minimum": 1, "maximum": 6},
                        "name": _TEXT,
                        "legal_basis": _WORDS,
                        **dict.fromkeys(["forms", "frameworks", "surveys", "pages"], _NAMES),
                    },
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
                    "required": ["head", "name", "kind"],
                    "properties": {
                        "head": _WORDS,
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
                        "method": {"enum": ["goalposts", "percentile_rank", "distance_to_baseline"]}
                    },
                },
            },
        },
    },
    "edition": {
        "type": "object",
        "required": ["survey", "edition", "title", "synthetic", "reference_period", "units_on"],
        "additionalProperties": False,
        "properties": {
            "survey": {"type": "string"},
            "title": _TEXT,
            "edition": {"type": ["string", "integer"], "pattern": "^[0-9]{4}$"},
            "earlier": {"type": ["string", "integer", "null"]},
            "units_on": {},  # a day
            "notes": {"type": "array", "items": _TEXT},
            "source": _TEXT,
            "synthetic": {"type": "boolean"},
            "reference_period": {"type": "array", "minItems": 2, "maxItems": 2},
        },
    },
    "period": {
        "type": "object",
        "required": ["time_period", "title", "regime", "forms", "frameworks", "due", "synthetic"],
        "additionalProperties": False,
        "properties": {
            "time_period": {"type": ["string", "integer"]},
            "title": _TEXT,
            "regime": {"type": "string"},
            "forms": {**_NAMES, "uniqueItems": True},
            # none where there is nothing to score: the period is read and checked alone
            "frameworks": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "obs_status": {"type": "string"},
            **dict.fromkeys(["source", "status_note", "coverage_note"], _TEXT),
            # scores that others published, to compare ours with: a file of data/reference
            "published": {
                "type": "object",
                "required": ["framework", "file"],
                "additionalProperties": False,
                "properties": {"framework": {"type": "string"}, "file": {"type": "string"}},
            },
            "stated_as": _WORDS,
            "units_on": {},  # a day: where the units are those of another day than the last one
            "synthetic": {"type": "boolean"},
            "unverified_targets": {"type": "boolean"},
            "covered_from": {},  # a day: where the figures begin later than the period
            "due": _WHO,
        },
    },
}
