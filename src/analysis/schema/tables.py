"""The tables that pass between rooms: their columns, what these hold, and what makes a row unique.

Each is declared once, in ``tables.csv`` beside this file, and held to it where it leaves a room
(:func:`check`). A few lines of our own: Pandera would take a second of every start.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

FILE = Path(__file__).with_name("tables.csv")

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
"""The states of a record of a register on a day (:mod:`analysis.checking.register_states`)."""

PAIR_REACH = 100
"""Pairs of units more places apart are in the table of pairs only if they are not told apart."""


# --- what a table is ----------------------------------------------------------------------------


class TableError(Exception):
    """A table is not what it is declared to be: the code that made it is wrong, not the data."""


class Column(NamedTuple):
    """``kind``: text, number, whole, flag or day; ``missing``: whether it may have gaps;
    ``optional``: whether a table may do without it."""

    name: str
    kind: str
    missing: bool
    optional: bool
    meaning: str


_KINDS = {
    "text": ("string", "categorical"),
    "number": ("floating", "integer", "mixed-integer-float"),
    "whole": ("integer",),
    "flag": ("boolean",),
    "day": ("datetime64", "datetime"),
}
"""Kind → what pandas takes a column of it for (``pandas.api.types.infer_dtype``)."""


class Table:
    """A table that passes between rooms, as ``tables.csv`` declares it.

    ``holds``: what it holds, in a sentence; ``declared``: column → :class:`Column`; ``columns``:
    those that it always has; ``key``: columns whose values no two rows share; ``others``: whether
    there may be more columns, those that the catalogue names (questions, strata).
    """

    def __init__(self, name: str, holds: str, others: bool, columns: list[dict[str, str]]) -> None:
        self.name, self.holds, self.others = name, holds, others
        self.declared: dict[str, Column] = {row["column"]: _column(row) for row in columns}
        self.columns = [c.name for c in self.declared.values() if not c.optional]
        self.key = [row["column"] for row in columns if row["key"]]

    def of(self, rows: pd.DataFrame | Iterable[Mapping]) -> pd.DataFrame:
        """The table from rows that may lack columns: those that may be missing are empty.

        Raises
        ------
        TableError
            naming a column that the table does not have, or one that must not be missing.
        """
        table = rows if isinstance(rows, pd.DataFrame) else self._from(list(rows))
        self._refuse_unknown(table)
        for column in self.columns:
            if column not in table and len(table) and not self.declared[column].missing:
                raise TableError(f"{self.name}: column {column} is absent")
        held = [c for c in self.declared if c in table or c in self.columns]
        return named(table.reindex(columns=held))

    def _from(self, rows: list[Mapping]) -> pd.DataFrame:
        return pd.DataFrame(rows) if rows else pd.DataFrame(columns=self.columns)

    def take(self, table: pd.DataFrame) -> pd.DataFrame:
        """The columns of a wider table that are this one's.

        Raises
        ------
        TableError
            naming a column that is absent.
        """
        self._refuse_absent(table)
        return named(table[self.columns])

    def check(self, table: pd.DataFrame) -> pd.DataFrame:
        """``table`` as it is, if it is as declared: columns, kinds, gaps and key, in any order.

        A column without any value is of every kind.

        Raises
        ------
        TableError
            naming the table, the column and an example row.
        """
        self._refuse_unknown(table)
        self._refuse_absent(table)
        for name in (c for c in self.declared if c in table):
            column, gaps = self.declared[name], table[name].isna().to_numpy()
            if gaps.any() and not column.missing:
                self._refuse(table, name, "has a gap", gaps.argmax())
            if not gaps.all() and not _is(table[name], column.kind):
                self._refuse(table, name, f"is no {column.kind}", (~gaps).argmax())
        if self.key:
            again = table.duplicated(self.key).to_numpy()
            if again.any():
                self._refuse(table, ", ".join(self.key), "stands twice", again.argmax())
        return table

    def _refuse_unknown(self, table: pd.DataFrame) -> None:
        for column in table.columns:
            if column not in self.declared and not self.others:
                self._refuse(table, column, "is not declared", 0)

    def _refuse_absent(self, table: pd.DataFrame) -> None:
        for column in self.columns:
            if column not in table:
                self._refuse(table, column, "is absent", 0)

    def _refuse(self, table: pd.DataFrame, column: object, what: str, at: int) -> None:
        row = table.iloc[at].dropna().to_dict() if len(table) else {}
        raise TableError(f"{self.name}: column {column} {what}; row {at}: {row}")


def _column(row: dict[str, str]) -> Column:
    name = row["column"]
    means = row["meaning"] or _MEANINGS.get(name, "")
    return Column(name, row["kind"], bool(row["missing"]), bool(row["optional"]), means)


def _is(values: pd.Series, kind: str) -> bool:
    if values.dtype == "str":  # pandas's own type of texts holds nothing else
        return kind == "text"
    return pd.api.types.infer_dtype(values, skipna=True) in _KINDS[kind]


def check(tables: Mapping[str, pd.DataFrame], before: str = "") -> None:
    """Hold tables to what is declared of them, by name; ``before`` stands before each name.

    Raises
    ------
    TableError
    """
    for name, table in tables.items():
        TABLES[before + name].check(table)


def describe(table: str) -> pd.DataFrame:
    """What a table holds: column, type, missing (whether it may have gaps) and meaning.

    ``table``: a name of :data:`TABLES`; those of a survey edition begin with ``survey.``.

    >>> describe("balance").loc[5, ["column", "meaning"]].tolist()
    ['unaccounted', 'zero, or the reader has lost something']
    """
    columns = [(c.name, c.kind, c.missing, c.meaning) for c in TABLES[table].declared.values()]
    return pd.DataFrame(columns, columns=["column", "type", "missing", "meaning"])


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` with its :data:`NAMES` as names also where none is there.

    pandas takes a column of nothing but gaps for numbers, and lays numbers beside no names.
    """
    numbers = [c for c in table.columns if c in NAMES and table[c].dtype.kind == "f"]
    return table.astype(dict.fromkeys(numbers, object)) if numbers else table


# --- the tables -----------------------------------------------------------------------------------

_MEANINGS: dict[str, str] = {}


def _read() -> dict[str, Table]:
    """Tables by name. Rows without a table say what a column means wherever its own does not."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    _MEANINGS.update({row["column"]: row["meaning"] for row in rows if not row["table"]})
    whole = {row["table"]: row for row in rows if not row["column"]}
    return {
        name: Table(
            name,
            told["meaning"],
            told["kind"] == "others",
            [row for row in rows if row["table"] == name and row["column"]],
        )
        for name, told in whole.items()
    }


TABLES = _read()
"""Name → table. Those of a period have the names of :class:`analysis.pipeline.Tables`, those of a
survey edition begin with ``survey.``."""

CELLS = TABLES["received_cells"]
COUNTED = TABLES["counted_cells"]
LOCATED = TABLES["located_cells"]
ACCOUNTED = TABLES["cells"]
OBSERVATIONS = TABLES["observations"]
RECORD_COUNTS = TABLES["record_counts"]
RECORDS = TABLES["records"]
SUBMISSIONS = TABLES["submissions"]
CLAIMS = TABLES["claims"]
FINDINGS = TABLES["findings"]
NOWHERE = dict(source_sheet="", source_cell="", raw_text="")
"""Where a finding stands that concerns a file as a whole."""
LINES = TABLES["lines"]
ISSUES = TABLES["issues"]
INFLUENCE = TABLES["influence"]
BALANCE = TABLES["balance"]
PROPOSALS = TABLES["proposals"]
RULE_RESULTS = TABLES["rule_results"]
TIMELINESS = TABLES["timeliness"]
TOTALS = TABLES["totals"]
LEVEL_TOTALS = TABLES["level_totals"]
INDICATOR_VALUES = TABLES["computed_values"]
SCORED_VALUES = TABLES["indicator_values"]
NATIONAL = TABLES["national"]
SCORES = TABLES["scores"]
PEER_SCORES = TABLES["peer_scores"]
SCORE_NOTES = TABLES["score_notes"]
WITHOUT_CASES = TABLES["without_cases"]
WEIGHTS = TABLES["weights"]
EXPLANATION = TABLES["explanation"]
ASSESSMENTS = TABLES["assessments"]
RANK_INTERVALS = TABLES["rank_intervals"]
RANK_PAIRS = TABLES["rank_pairs"]
RANK_CLOSE = TABLES["rank_close"]
RANK_NEIGHBOURS = TABLES["rank_neighbours"]
RANK_FACTORS = TABLES["rank_factors"]
RANK_FAILURES = TABLES["rank_failures"]
RANK_SOURCES = TABLES["rank_sources"]
TIERS = TABLES["tiers"]
FUNNELS = TABLES["funnels"]
DISPERSION = TABLES["dispersion"]
AGREEMENT = TABLES["agreement"]
ANSWERS = TABLES["survey.answers"]
ESTIMATES = TABLES["survey.estimates"]
RESAMPLED = TABLES["survey.resampled"]
SURVEY_SCORES = TABLES["survey.scores"]
SENSITIVITY = TABLES["survey.sensitivity"]
CHANGE = TABLES["survey.change"]
DIFFERENCES = TABLES["survey.differences"]
ITEM_RESPONSE = TABLES["survey.item_response"]
SAMPLE = TABLES["survey.sample"]
ANSWER_ROWS = TABLES["survey.records"]
SURVEY_ISSUES = TABLES["survey.issues"]
SURVEY_BALANCE = TABLES["survey.balance"]

NAMES = {c.name for table in TABLES.values() for c in table.declared.values() if c.kind == "text"}
"""Columns that name something, or quote or say it."""


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


def still_open(issues: pd.DataFrame) -> pd.DataFrame:
    """The issues (schema.ISSUES) that nobody has answered, or not so that they are closed."""
    return issues[issues["state"] == "open"]
