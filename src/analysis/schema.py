"""The tables that pass between steps: their columns and what each holds."""

import pandas as pd

# SDMX CL_OBS_STATUS, the codes in use here.
OBS_STATUS = {
    "A": {"vi": "số liệu được chấp nhận", "en": "normal value"},
    "P": {"vi": "số tạm tính, kỳ chưa kết thúc", "en": "provisional value"},
    "E": {"vi": "giả định, không có số liệu đầu vào", "en": "estimated value"},
    "O": {"vi": "thiếu số liệu", "en": "missing value"},
    "M": {"vi": "không phát sinh hoặc không áp dụng", "en": "data cannot exist"},
    "V": {"vi": "chưa được chấp nhận vì có vấn đề", "en": "unvalidated value"},
}

CELLS = [
    "source_file", "source_sheet", "source_cell", "row", "column", "raw_text", "raw_type",
]  # fmt: skip
"""Every non-empty cell of a submission as it was received (``raw_type``: number, text, other)."""

LOCATED = [*CELLS, "form", "role", "item", "level", "field", "rule"]
"""Cells with their place in a form. ``role``: value, heading (recognised text) or other;
``rule`` names the finding at the cell, if any."""

OBSERVATIONS = [
    "reporting_unit", "time_period", "form", "item", "level", "field", "obs_value", "obs_status",
    "raw_text", "source_file", "source_sheet", "source_cell", "received_at", "revision",
]  # fmt: skip
"""Value cells of the submission in force; ``obs_value`` is empty unless ``obs_status`` is A or P."""

ISSUES = [
    "source_file", "source_sheet", "source_cell", "rule", "reporting_unit", "time_period", "form",
    "item", "severity", "raw_text", "message_vi", "message_en",
]  # fmt: skip

SUBMISSIONS = [
    "source_file", "form", "reporting_unit", "time_period", "received_at", "revision", "sha256",
    "state", "rule",
]  # fmt: skip
"""One row per file. ``state``: in_force, superseded, duplicate or refused."""

INDICATOR_VALUES = [
    "framework", "reporting_unit", "time_period", "indicator", "obs_value", "numerator",
    "denominator", "obs_status",
]  # fmt: skip
"""``obs_value`` in the indicator's unit of measure (percent)."""

SCORES = [
    "framework", "reporting_unit", "time_period", "level", "code", "score", "max_score",
    "coverage", "obs_status", "peer_type", "rank", "ranked",
]  # fmt: skip
"""``level``: indicator, dimension or framework; ``coverage``: share of the maximum that could be
computed; ``rank`` among the ``ranked`` units of ``peer_type``."""


def shaped(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return ``table`` with exactly ``columns``; columns it lacks are empty."""
    return table.reindex(columns=columns)
