"""What ``check`` prints of the issues: how many of each rule and file, worst first, then the first
of them; of some units, rules or severities alone, if that is asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from rich.table import Table
from rich.text import Text

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.checking import gathered
from analysis.commands import terminal
from analysis.language import codes, messages
from analysis.language.messages import noted, tell
from analysis.language.words import fold, printable
from analysis.period import meant
from analysis.topics.submissions import SEVERITY

_FILES = 12  # of which the counts are printed


@dataclass(frozen=True)
class Narrow:
    """The codes of ``units``, ``rules`` and severities that are asked for; all, where none is."""

    units: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()

    def of(self, issues: pd.DataFrame) -> pd.DataFrame:
        """The issues (schema.ISSUES) that are asked for; of a table that has no severities, too."""
        asked = zip(_COLUMNS, (self.units, self.rules, self.severities), strict=True)
        for column, wanted in asked:
            if wanted and column in issues:
                issues = issues[issues[column].isin(wanted)]
        return issues

    def __str__(self) -> str:
        return ", ".join([*self.units, *self.rules, *self.severities])


_COLUMNS = ("reporting_unit", "rule", "severity")


def chosen(
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    units: list[str],
    rules: list[str],
    severities: list[str],
) -> Narrow:
    """What is meant, by code or name.

    Raises
    ------
    analysis.language.codes.UnknownCodeError
        naming the nearest.
    """
    named = {code: rule["name"] for code, rule in catalogue.rules.items()}
    weighed = {code: {"vi": word, "en": code} for code, word in SEVERITY.items()}
    return Narrow(
        tuple(meant(plan, catalogue, "reporting_unit", unit) for unit in units),
        tuple(_code(rule, named, tell("no rule of rules.yml")) for rule in rules),
        tuple(_code(given, weighed, tell("no severity")) for given in severities),
    )


def _code(given: str, known: Mapping[str, Mapping[str, str]], problem: str) -> str:
    """The code that is meant; ``known``: code → its names by language, either may be given."""
    names = {fold(n): code for code, pair in reversed(known.items()) for n in pair.values()}
    if fold(given) in names:
        return names[fold(given)]
    spoken = {code: pair[messages.language()] for code, pair in known.items()}
    return codes.chosen(given, spoken, problem)


def show(issues: pd.DataFrame, rules: dict, narrow: Narrow, most: int) -> None:
    """Print the summary of ``issues`` and the first ``most`` lines of details.

    Findings of one rule in one sheet are one line, unless that rule is asked for.
    """
    if str(narrow):
        terminal.say(tell("only: {narrow}", narrow=narrow))
    if issues.empty:
        terminal.say(tell("no issues"))
        return
    _print_rules(gathered.by_rule(issues, rules), rules)
    _print_files(gathered.by_file(issues))
    lines = issues.assign(cells=issues["source_cell"], findings=1)
    if not narrow.rules:
        lines = gathered.lines(issues, rules, by_rule=True)
    _print_lines(lines.head(most))
    if len(lines) > most:
        terminal.console.print(
            tell(
                "… {n} more; all {of} findings: issues.csv, or --unit, --rule, --severity, --most",
                n=len(lines) - most,
                of=len(issues),
            )
        )


def show_first(moving: pd.DataFrame) -> None:
    """Print the findings that move most (:func:`analysis.topics.submissions.to_ask`)."""
    if moving.empty:
        return
    terminal.console.print()
    terminal.say(tell("ask first (what mending moves most)"))
    table = _table("cell", "problem", "indicator", "value", "rank", "whole")
    for row in moving.itertuples():
        texts = (row.place, row.rule, row.indicator, row.value, row.rank, row.national)
        table.add_row(*map(_text, texts))
    terminal.console.print(table)


def as_json(time_period: str, issues: pd.DataFrame, results: pd.DataFrame, narrow: Narrow) -> str:
    """``time_period``, ``findings`` (an object for each row of ``issues``, with all its columns)
    and ``rule_results`` (schema.RULE_RESULTS) of what is asked for, as JSON; null is missing."""
    found = {"findings": narrow.of(issues), "rule_results": narrow.of(results)}
    rows = {
        name: json.loads(table.to_json(orient="records", date_format="iso"))
        for name, table in found.items()
    }
    return json.dumps({"time_period": time_period} | rows, ensure_ascii=False, indent=1)


def _print_rules(counts: pd.DataFrame, rules: dict) -> None:
    table = _table("severity", "rule", "name", "number", "files", "example")
    for row in counts.itertuples():
        name = rules[row.rule]["name"][messages.language()]
        texts = (row.rule, name, str(row.findings), str(row.files), row.example)
        table.add_row(tell(row.severity), *map(_text, texts))
    terminal.console.print(table)


def _print_files(counts: pd.DataFrame) -> None:
    if counts.empty:
        return
    table = _table("file", *_SEVERITIES)
    for row in counts.head(_FILES).itertuples():
        table.add_row(*map(_text, (row.source_file, row.blocking, row.warning, row.note)))
    terminal.console.print(table)
    if len(counts) > _FILES:
        terminal.console.print(tell("… {n} more files", n=len(counts) - _FILES))


def _print_lines(lines: pd.DataFrame) -> None:
    table = _table("severity", "file", "cell", "finding")
    for line in lines.itertuples():
        cell = " ".join(filter(None, (line.source_sheet, line.cells)))
        told = getattr(line, f"message_{messages.language()}")
        texts = (line.source_file, cell, told)
        table.add_row(tell(line.severity), *map(_text, texts))
    terminal.console.print(table)


def _table(*heads: str) -> Table:
    """Heads (of :data:`HEADS`) over columns, with a blank line before."""
    terminal.console.print()
    return Table(*map(tell, heads), box=None, pad_edge=False)


_SEVERITIES = (noted("blocking"), noted("warning"), noted("note"))
HEADS = [noted("cell"), noted("problem"), noted("indicator"), noted("value"), noted("rank")]
HEADS += [noted("whole"), noted("severity"), noted("rule"), noted("name"), noted("number")]
HEADS += [noted("files"), noted("example"), noted("file"), noted("finding")]


def _text(told: object) -> Text:
    """As it is: no codes for the terminal, no markup."""
    return Text(printable(str(told)))
