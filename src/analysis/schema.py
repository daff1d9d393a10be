"""The tables that pass between steps: their columns and what each holds."""

import pandas as pd

# SDMX CL_OBS_STATUS, the codes in use here.
OBS_STATUS = {
    "A": "số liệu được chấp nhận",
    "P": "số tạm tính, kỳ chưa kết thúc",
    "E": "giả định, không có số liệu đầu vào",
    "O": "thiếu số liệu",
    "I": "số ước tính thay cho chỗ thiếu",
    "M": "không phát sinh hoặc không áp dụng",
    "Q": "che số liệu vì quá ít người trả lời",
    "V": "chưa được chấp nhận vì có vấn đề",
}

OBS_STATUS_TYPE = pd.CategoricalDtype(["A", "P", "E", "I", "M", "O", "V", "Q"])
"""The same as a type, from firm to weak: fast to compare and to aggregate."""

STATES = ["completed_on_time", "completed_late", "completed_no_deadline"]
STATES += ["open_within", "open_overdue", "open_no_deadline"]
"""The states of a record of a register on a day (:mod:`analysis.checking.registers`)."""

CELLS = [
    "source_file",
    "source_sheet",
    "source_cell",
    "row",
    "column",
    "raw_text",
    "raw_type",
]
"""Every non-empty cell of a submission as it was received (``raw_type``: number, text, other)."""

LOCATED = [
    *CELLS,
    "form",
    "role",
    "item",
    "level",
    "field",
    "unit_text",
    "rule",
    "covered_by",
    "found",
    "expected",
]
"""Cells with their place in a form. ``role``: value, record, label, unit, window or
other;
``rule`` names the finding at the cell, ``covered_by`` a finding of its row, column, sheet or file;
``found`` and ``expected`` are what the message quotes. ``_T`` in level or field means the total."""

OBSERVATIONS = [
    "reporting_unit",
    "time_period",
    "form",
    "item",
    "level",
    "field",
    "obs_value",
    "obs_status",
    "raw_text",
    "source_file",
    "source_sheet",
    "source_cell",
    "received_at",
    "revision",
]
"""Value cells of the submissions in force; no ``obs_value`` where ``obs_status`` is O, M or V."""

RECORDS = [
    "reporting_unit",
    "time_period",
    "form",
    "record",
    "row",
    "attribute",
    "entry",
    "obs_status",
    "raw_text",
    "sender",
    "source_file",
    "source_sheet",
    "source_cell",
    "received_at",
    "revision",
]
"""Cells of the registers in force, one row per record and attribute. ``entry``: what was accepted
(a day as yyyy-mm-dd, the code of a choice or unit, or text); ``reporting_unit``: whose record it
is, ``sender``: who sent the register."""

ISSUES = [
    "source_file",
    "source_sheet",
    "source_cell",
    "rule",
    "reporting_unit",
    "time_period",
    "form",
    "item",
    "severity",
    "raw_text",
    "message_vi",
    "message_en",
]

SUBMISSIONS = [
    "source_file",
    "form",
    "reporting_unit",
    "time_period",
    "received_at",
    "revision",
    "sha256",
    "state",
    "rule",
    "first_received_at",
]
"""One row per file and form in it. ``state``: in_force, superseded, duplicate or refused;
``received_at``: since when it counts or last counted, ``first_received_at``: when it first came
(the same, unless it was replaced and sent once more)."""

INDICATOR_VALUES = [
    "framework",
    "reporting_unit",
    "time_period",
    "indicator",
    "obs_value",
    "numerator",
    "denominator",
    "obs_status",
    "standard_error",
]
"""``obs_value`` in the indicator's unit of measure, ``standard_error`` (where its form states one)
in the same; numerator and denominator of ratios only."""

SCORES = [
    "framework",
    "reporting_unit",
    "time_period",
    "level",
    "code",
    "score",
    "max_score",
    "coverage",
    "obs_status",
    "peer_type",
    "rank",
    "ranked",
]
"""``level``: indicator, dimension or framework; ``coverage``: share of the maximum that could be
computed; ``rank`` among the ``ranked`` units of ``peer_type``."""

PAIR_REACH = 100
"""Pairs of units more places apart are in the table of pairs only if they are not told apart."""


PEER_SCORES = ["peer_type", "level", "code", "n", "low", "median", "high"]
"""Deciles 1, 5 and 9 of the ``n`` scores among peers, in percent of the maximum."""

ASSESSMENTS = [
    "framework",
    "reporting_unit",
    "indicator",
    "target",
    "obs_value",
    "gap",
    "verdict",
]
"""Each value beside each target addressed to its unit; ``target`` is a code of targets.csv,
``verdict`` one of :data:`analysis.indicators.targets.VERDICTS`."""


TIMELINESS = [
    "time_period",
    "reporting_unit",
    "form",
    "state",
    "received_at",
    "days_late",
    "revisions",
    "completeness",
    "blocking",
]
"""One row for each form due; ``state`` is one of :data:`analysis.checking.timeliness.STATES`."""


NAMES = {"reporting_unit", "sender", "time_period", "form", "framework", "indicator", "item"}
NAMES |= {"level", "field", "code", "record", "attribute", "entry", "rule", "found", "expected"}
NAMES |= {"source_file", "source_sheet", "source_cell", "raw_text", "message_vi", "message_en"}
"""Columns that name something, or quote or say it."""


def shaped(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return ``table`` with exactly ``columns``; columns it lacks are empty."""
    return named(table.reindex(columns=columns))


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` with its :data:`NAMES` as names also where none is there.

    pandas takes a column of nothing but gaps for numbers, and lays numbers beside no names.
    """
    numbers = [c for c in table.columns if c in NAMES and table[c].dtype.kind == "f"]
    return table.astype(dict.fromkeys(numbers, object)) if numbers else table


_FORM_OF_UNIT = ["source_file", "reporting_unit", "form"]


def parts(values: pd.DataFrame) -> pd.Series:
    """Which value cells make up a unit's figures; the others are totals that only check them.

    The rows of fields where the unit's form has any, else the rows of its levels, else its one row.
    Returns a boolean Series on the index of ``values``.
    """
    key = [values[k] for k in _FORM_OF_UNIT if k in values]
    by_field = values["field"] != "_T"
    by_level = values["level"] != "_T"
    has_fields = by_field.groupby(key, dropna=False).transform("any")
    has_levels = by_level.groupby(key, dropna=False).transform("any")
    return by_field | (~has_fields & (by_level | ~has_levels))
