"""The tables that pass between rooms: their columns, what these hold, and what makes a row unique.

Each is declared once, as a :class:`Table`, and held to it where it leaves a room
(:func:`check`). A few lines of our own: Pandera would take a second of every start.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

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

_COMMON = {
    "framework": "code of the framework",
    "reporting_unit": "code of the unit whose figure it is",
    "time_period": "code of the period",
    "form": "code of the form",
    "item": "code of the cell of the form",
    "level": "level of government; _T all together",
    "field": "field of work; _T all together",
    "indicator": "code of the indicator",
    "obs_value": "the figure",
    "obs_status": "status of the figure (SDMX CL_OBS_STATUS)",
    "raw_text": "as received",
    "source_file": "name of the file",
    "source_sheet": "name of its sheet; empty for CSV",
    "source_cell": "as a spreadsheet names it; empty where the whole file is meant",
    "row": "row of the sheet",
    "received_at": "day of receipt",
    "revision": "how often the unit's form had been sent before",
    "rule": "rule of rules.yml that was broken",
    "found": "what the message quotes",
    "expected": "what the message expects",
    "peer_type": "type of the units that are compared",
    "weight": "index weight",
    "procedure_group": "code of the procedure group; _T all",
    "measure": "what is estimated",
    "statistic": "mean, median or ratio",
    "domain": "by what answers are told apart; _T not at all",
    "category": "value of the domain",
    "estimate": "in the unit of the measure",
    "respondents": "firms that answered",
    "ci_low": "lower end of the 95 % interval",
    "ci_high": "upper end of the 95 % interval",
    "design_weight": "how many firms one stands for",
}


class Table:
    """A table that passes between rooms.

    Parameters
    ----------
    name
        As analysts ask for it.
    holds
        What it holds, in a sentence.
    columns
        One a line: its name, its kind, what it means (if neither the name nor other tables say
        so). ``text?`` may have gaps; a table may lack ``~name``.
    key
        Columns whose values no two rows share.
    base
        A table whose columns come first.
    others
        Whether there may be more columns: those that the catalogue names (questions, strata).
    """

    def __init__(
        self,
        name: str,
        holds: str,
        columns: str,
        key: str = "",
        base: "Table | None" = None,
        others: bool = False,
    ) -> None:
        self.name, self.holds, self.others, self.key = name, holds, others, key.split()
        own = [_column(line) for line in columns.splitlines() if line.strip()]
        self.declared: dict[str, Column] = {
            c.name: c for c in [*(base.declared.values() if base else []), *own]
        }
        self.columns = [c.name for c in self.declared.values() if not c.optional]

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


def _column(line: str) -> Column:
    name, kind, *meaning = line.split(maxsplit=2)
    bare = name.removeprefix("~")
    means = meaning[0] if meaning else _COMMON.get(bare, "")
    return Column(bare, kind.removesuffix("?"), kind.endswith("?"), name != bare, means)


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


# --- submissions --------------------------------------------------------------------------------

CELLS = Table(
    "received_cells",
    "Every non-empty cell of a submission as it was received.",
    """
    source_file   text
    source_sheet  text
    source_cell   text
    row           whole
    column        whole   number of the column
    raw_text      text
    raw_type      text    number, text, blank, file or other
    """,
)

LOCATED = Table(
    "located_cells",
    "Cells with their place in a form, blank ones of its rows too.",
    """
    form        text?
    role        text?  value, record, label, unit, field, window, file or other
    item        text?  code of the cell of the form, or of the register's column
    level       text?
    field       text?
    unit_text   text?  name of the unit as received
    rule        text?  rule that the cell itself breaks
    covered_by  text?  rule that its row, column, sheet or file breaks
    found       text?
    expected    text?
    """,
    base=CELLS,
)

ACCOUNTED = Table(
    "cells",
    "Every submitted cell, what was read in it and what became of it.",
    """
    obs_value       number?
    obs_status      text?
    reporting_unit  text?
    entry           text?    what was accepted in a register: a day as yyyy-mm-dd, a code or text
    state           text     of its file, or of its unit in it: in_force, superseded …
    revision        number
    received_at     day?
    file_rule       text?    rule by which the whole file does not count
    time_period     text
    refused_value   number?  a figure that was withdrawn
    fate            text     accepted, label (text of the form) or issue
    """,
    base=LOCATED,
)

OBSERVATIONS = Table(
    "observations",
    "Value cells of the submissions in force; no obs_value where obs_status is O, M or V.",
    """
    reporting_unit  text?
    time_period     text
    form            text
    item            text
    level           text?
    field           text?
    obs_value       number?
    obs_status      text
    raw_text        text
    source_file     text
    source_sheet    text
    source_cell     text
    received_at     day?
    revision        number
    """,
    key="source_file source_sheet source_cell reporting_unit form item level field",
)

RECORD_COUNTS = Table(
    "record_counts",
    "Figures of forms that are counted from records: observations without a cell.",
    "reporting_unit text",
    key="form reporting_unit item",
    base=OBSERVATIONS,
)

RECORDS = Table(
    "records",
    "Cells of the registers in force, one row per record and attribute.",
    """
    reporting_unit  text?   code of the unit whose record it is
    time_period     text
    form            text
    record          text    its code in the register, else its row
    row             whole
    attribute       text    code of the register's column
    entry           text?   what was accepted: a day as yyyy-mm-dd, a code or text
    obs_status      text    status of the entry
    raw_text        text
    sender          text?   code of the unit that sent the register
    source_file     text
    source_sheet    text
    source_cell     text
    received_at     day?
    revision        number
    """,
    key="form source_file row attribute",
)

SUBMISSIONS = Table(
    "submissions",
    "One row per file and form in it.",
    """
    source_file        text
    form               text?
    reporting_unit     text?  empty where the file names several units
    time_period        text
    received_at        day?   since when it counts, or last counted
    revision           whole
    sha256             text?  digest of the file
    state              text   in_force, superseded, duplicate or refused
    rule               text?  why it does not count
    first_received_at  day?   the same as received_at, unless it was replaced and sent once more
    """,
    key="source_file form",
)

CLAIMS = Table(
    "claims",
    "Files that name the same unit in a form, and which of them counts for it.",
    """
    source_file     text
    form            text
    reporting_unit  text
    state           text   in_force, superseded or duplicate
    revision        whole
    since           day?   when it began to count, or last did
    by              text?  the file that counts in its place
    """,
    key="source_file form reporting_unit",
)

FINDINGS = Table(
    "findings",
    "What is wrong, where: an issue without its words.",
    """
    source_file     text
    source_sheet    text
    source_cell     text
    raw_text        text?
    reporting_unit  text?
    form            text?
    item            text?
    level           text?
    field           text?
    rule            text
    found           text?
    expected        text?
    """,
)

_ISSUE = """
    source_file     text
    source_sheet    text
    source_cell     text
    rule            text
    reporting_unit  text?
    time_period     text
    form            text?
    item            text?
    severity        text   blocking, warning or note
    raw_text        text?
    message_vi      text
    message_en      text
"""

ISSUES = Table(
    "issues",
    "What the sender is asked to look at, worst first.",
    _ISSUE + "level text?\nfield text?",
    key="source_file source_sheet source_cell rule reporting_unit form",
)

BALANCE = Table(
    "balance",
    "Where every submitted cell of a file went.",
    """
    source_file  text
    submitted    whole  cells that are not empty
    labels       whole  recognised text of the form
    accepted     whole
    in_issues    whole
    unaccounted  whole  zero, or the reader has lost something
    """,
    key="source_file",
)

TIMELINESS = Table(
    "timeliness",
    "One row for each form due.",
    """
    time_period     text
    reporting_unit  text
    form            text
    state           text     on_time, late, undated, refused or missing
    received_at     day?     first day on which it could be used
    days_late       number?  days after the deadline; negative: before it
    revisions       whole    corrections after the first
    completeness    number?  percent of the figures that were accepted
    blocking        whole    issues to be mended
    """,
    key="time_period reporting_unit form",
)

# --- figures and scores -------------------------------------------------------------------------

TOTALS = Table(
    "totals",
    "One figure per unit and item.",
    """
    reporting_unit  text
    time_period     text
    item            text
    obs_value       number?
    obs_status      text
    """,
    key="reporting_unit time_period item",
)

LEVEL_TOTALS = Table(
    "level_totals",
    "One figure per unit, item and level of its form.",
    """
    reporting_unit  text
    time_period     text
    item            text
    level           text
    obs_value       number?
    obs_status      text
    """,
    key="reporting_unit time_period item level",
)

INDICATOR_VALUES = Table(
    "computed_values",
    "One row per framework, unit and indicator, before any scoring.",
    """
    framework       text
    reporting_unit  text
    time_period     text?
    indicator       text
    obs_value       number?  in the indicator's unit of measure
    numerator       number?  of ratios only
    denominator     number?  of ratios only
    obs_status      text
    standard_error  number?  as the form states it, in the unit of obs_value
    """,
    key="framework reporting_unit indicator",
)

SCORED_VALUES = Table(
    "indicator_values",
    "One row per framework, unit and indicator, and what scoring made of it where it is scored.",
    """
    listed          flag     whether the source has a row for it, even an empty one
    ~screened       text?    why it is not used: indicator, unit or (empty) used
    ~filled_value   number?  after imputation
    ~treated_value  number?  after treatment of outliers
    ~treated        text?    how it was treated
    ~normalised     number?  on the common scale
    ~granted        number?  what a rule gives in place of a value
    """,
    key="framework reporting_unit indicator",
    base=INDICATOR_VALUES,
)

NATIONAL = Table(
    "national",
    "The same for all units together, from summed counts.",
    """
    framework    text
    indicator    text
    obs_value    number?  percent; never an average
    numerator    number?
    denominator  number?
    units        whole    units that entered it
    of           whole    units that report on it
    """,
    key="framework indicator",
)

SCORES = Table(
    "scores",
    "One row per unit and entry of the framework: indicator, dimension or the whole.",
    """
    framework       text
    reporting_unit  text
    time_period     text?
    level           text     indicator, dimension or framework
    code            text     of the entry
    score           number?
    max_score       number?
    coverage        number?  share of the maximum that could be computed
    obs_status      text
    peer_type       text?
    rank            number?
    ranked          number?  how many peers have a rank
    """,
    key="framework reporting_unit time_period level code",
)

PEER_SCORES = Table(
    "peer_scores",
    "Deciles 1, 5 and 9 of the scores among peers, in percent of the maximum.",
    """
    framework  text
    peer_type  text
    level      text     indicator, dimension or framework
    code       text     of the entry
    n          whole    units with a score
    low        number?  first decile
    median     number?
    high       number?  ninth decile
    """,
    key="framework peer_type level code",
)

SCORE_NOTES = Table(
    "score_notes",
    "What scoring had to leave out, and why.",
    """
    framework       text
    reporting_unit  text?
    indicator       text?
    rule            text
    found           text?
    expected        text?
    """,
)

WEIGHTS = Table(
    "weights",
    "The index weights that were used.",
    """
    framework  text
    level      text  indicator, dimension or framework
    code       text  of the entry
    weight     number
    """,
    key="framework level code",
)

EXPLANATION = Table(
    "explanation",
    "What each indicator gives to a unit's score.",
    """
    framework       text
    reporting_unit  text
    indicator       text
    normalised      number?  on the common scale
    weight          number?  within the whole
    given           number?  points that it gives
    lost            number?  points to the maximum
    median          number?  normalised value in the middle of the peers
    place           number?  percent of peers that are worse
    against_peers   number?  points above the peers' median
    room            number?  points of the whole still to be had
    reachable       flag?    whether the next point can be had by it alone
    needed_value    number?  value that gives the next point
    needed_count    number?  how many more in the numerator that is
    earlier         number?  normalised value of the period before
    change          number?  points since then; indicator _coverage: by what one period lacks
    """,
    key="framework reporting_unit indicator",
)

ASSESSMENTS = Table(
    "assessments",
    "Each value beside each target addressed to its unit.",
    """
    framework       text
    reporting_unit  text
    indicator       text
    target          text     code of targets.csv
    obs_value       number?
    gap             number?  on the good (+) or bad (−) side of the bound
    verdict         text     one of analysis.indicators.targets.VERDICTS
    """,
    key="framework reporting_unit indicator target",
)

RANK_INTERVALS = Table(
    "rank_intervals",
    "How sure each rank is, over replicates of the composite index.",
    """
    framework       text
    level           text     indicator, dimension or framework
    code            text     of the entry
    reporting_unit  text
    source          text     what varied: method, sampling or both
    rank_median     number?
    rank_low        number?  best rank of the 90 % interval
    rank_high       number?  worst rank of it
    score_low       number?  of sampling alone
    score_high      number?
    top             number?  places that count as top
    p_top           number?  chance of one of them
    p_bottom        number?  chance of one of the last
    replicates      whole    in which the unit has a rank
    failed          whole    in which nobody has one
    """,
    key="framework level code reporting_unit source",
)

RANK_PAIRS = Table(
    "rank_pairs",
    "Pairs of units: which is above the other, and how surely.",
    """
    framework       text
    reporting_unit  text
    other           text    code of a unit ranked below it
    peer_places     whole   places between them
    p_above         number  share of the replicates in which the first is above
    apart           flag    whether they are told apart
    source          text    what varied: method, sampling or both
    """,
    key="framework source reporting_unit other",
)

RANK_CLOSE = Table(
    "rank_close",
    "Units that are not told apart from a unit.",
    """
    framework       text
    reporting_unit  text
    other           text
    """,
    key="framework reporting_unit other",
)

RANK_NEIGHBOURS = Table(
    "rank_neighbours",
    "Units next to a unit in rank.",
    """
    framework       text
    reporting_unit  text
    other           text
    other_rank      number
    """,
    key="framework reporting_unit other",
)

RANK_FACTORS = Table(
    "rank_factors",
    "How much each choice of method moves the ranking (Sobol indices).",
    """
    framework    text
    factor       text     the choice
    states       whole    ways in which it can be made
    first_order  number?  share of the variance by it alone
    first_low    number?
    first_high   number?
    total_order  number?  with all its interactions
    total_low    number?
    total_high   number?
    mean_shift   number?  mean distance from the published ranks, in places
    failed       whole    replicates without a ranking
    """,
    key="framework factor",
)

RANK_FAILURES = Table(
    "rank_failures",
    "Choices that do not go together: replicates without any score.",
    """
    framework   text
    choices     text   as they were made
    replicates  whole
    source      text   what varied: method, sampling or both
    level       text   indicator, dimension or framework
    code        text   of the entry
    """,
)

AGREEMENT = Table(
    "agreement",
    "Computed scores beside published ones.",
    """
    reporting_unit    text
    outcome           text     agrees, differs, assumed, not_published, no_inputs, unknown_rule
    ~group            text     as published
    ~metric           text     as published
    ~max_score        number?
    ~published_ratio  number?
    ~published_score  number?
    ~code             text?    of the entry of the framework
    ~score            number?  as computed
    ~obs_status       text?
    ~difference       number?  computed less published
    """,
    others=True,
)

# --- editions of surveys ------------------------------------------------------------------------

_ESTIMATE = """
    estimate            number?
    standard_error      number?
    ci_low              number?
    ci_high             number?
    obs_status          text     A, Q (suppressed) or O
"""

ANSWERS = Table(
    "survey.answers",
    "One row per accepted answer: the answers to all questions, costs and weight.",
    """
    record           number   number of the answer's row
    source_file      text
    source_sheet     text
    row              whole
    state            text     accepted
    hours            number?  of all steps
    direct_cost      number?  VND
    time_cost        number?  hours by the hourly rate, VND
    own_cost         number?  time and direct cost of own work, VND
    compliance_cost  number?  with what an agent was paid, VND
    population       whole    firms of the stratum
    design_weight    number
    """,
    others=True,
)

ESTIMATES = Table(
    "survey.estimates",
    "All measures by procedure group and, within groups, by domains; small cells suppressed.",
    f"""
    edition             text
    procedure_group     text
    domain              text
    category            text
    measure             text
    statistic           text
    respondents         whole
    answers             whole
    {_ESTIMATE}
    degrees_of_freedom  number?
    design_effect       number?
    effective_n         number?
    hidden              text     why it is suppressed: primary, secondary or (empty) not
    """,
    key="procedure_group domain category measure statistic",
)

RESAMPLED = Table(
    "survey.resampled",
    "The cost by group with bootstrap intervals.",
    f"""
    procedure_group  text
    respondents      whole
    answers          whole
    measure          text
    statistic        text
    {_ESTIMATE}
    hidden           text  why it is suppressed: primary, secondary or (empty) not
    """,
    key="procedure_group measure statistic",
)

SURVEY_SCORES = Table(
    "survey.scores",
    "Scores 0–100 of estimates.",
    """
    method           text     goalposts, percentile_rank or distance_to_baseline
    measure          text
    statistic        text
    procedure_group  text
    domain           text
    category         text
    estimate         number?
    score            number?
    score_low        number?  interval of the estimate on the scale of the score
    score_high       number?
    obs_status       text
    """,
    key="method measure statistic procedure_group domain category",
)

SENSITIVITY = Table(
    "survey.sensitivity",
    "The cost of each group under other choices.",
    f"""
    variant          text     what was chosen otherwise
    procedure_group  text
    respondents      whole
    {_ESTIMATE}
    rank             number?  1 is the cheapest of those shown
    """,
    key="variant procedure_group",
)

CHANGE = Table(
    "survey.change",
    "Change on the edition before, both at the later hourly rate.",
    f"""
    procedure_group     text
    measure             text
    respondents         whole
    earlier             number?
    later               number?
    {_ESTIMATE}
    degrees_of_freedom  number?
    clear               flag     whether the interval leaves out 0
    """,
    key="procedure_group measure",
)

ITEM_RESPONSE = Table(
    "survey.item_response",
    "How each question was answered: number of answers.",
    """
    item          text   code of the question
    answered      whole
    approximate   whole
    dont_know     whole
    refused       whole
    blank         whole
    not_accepted  whole
    """,
    key="item",
)

SAMPLE = Table(
    "survey.sample",
    "Firms by stratum.",
    """
    population     whole
    selected       whole
    responded      whole
    design_weight  number?  on average
    """,
    others=True,
)

ANSWER_ROWS = Table(
    "survey.records",
    "What became of each row of the answer files.",
    """
    record        number  number of the answer's row
    source_file   text
    source_sheet  text
    row           whole
    state         text    accepted, or the rule by which the row does not count
    """,
    key="record",
)

SURVEY_ISSUES = Table("survey.issues", ISSUES.holds, _ISSUE, key=" ".join(ISSUES.key))

SURVEY_BALANCE = Table("survey.balance", BALANCE.holds, "source_file text", base=BALANCE)

TABLES = {table.name: table for table in list(globals().values()) if isinstance(table, Table)}
"""Name → table. Those of a period have the names of :class:`analysis.pipeline.Tables`."""

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
