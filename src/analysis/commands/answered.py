"""``answer``: what an analyst notes about findings, by name and day."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from analysis import period, project
from analysis.checking import wording
from analysis.commands.terminal import RootOption, alone, fail, loaded_period, planned, say
from analysis.exchange import appended, receipts, replies
from analysis.language import codes, messages
from analysis.language.messages import of_both, tell
from analysis.language.words import MISSING
from analysis.reading.reply_sheet import alike
from analysis.storage import files, locks, owners
from analysis.survey import editions

_PLACE = ["source_file", "source_sheet", "source_cell", "rule", "reporting_unit"]


def answer(
    time_period: Annotated[
        str, typer.Argument(help="Reporting period (2022-Q2) or survey edition (apci-2022).")
    ],
    root: RootOption = project.PROJECT,
    file: Annotated[str, typer.Option(help="The file that the finding is on.")] = "",
    unit: Annotated[str, typer.Option(help="The unit that it is on (code or name).")] = "",
    sheet: Annotated[str, typer.Option(help="Its sheet.")] = "",
    cell: Annotated[str, typer.Option(help="Its cell.")] = "",
    rule: Annotated[str, typer.Option(help="Its rule (code).")] = "",
    by: Annotated[str, typer.Option(help="Who answers.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    on: Annotated[str, typer.Option(help="Day (yyyy-mm-dd); today if not given.")] = "",
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Nobody can mend it; what it withholds stays out.")
    ] = False,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Its sender has said that it is right as it is.")
    ] = False,
    reopen: Annotated[
        bool, typer.Option("--reopen", help="Take back what was answered before.")
    ] = False,
    given: Annotated[
        Path | None,
        typer.Option("--from", help="A CSV of answers instead, with the columns of answers.csv."),
    ] = None,
) -> None:
    """Note an answer to a finding: it is closed, and does not come back while nothing changes.

    Without --set-aside, --confirmed or --reopen it is closed as looked into (warnings and notes).
    """
    chosen = [k for k, asked in zip(_OTHERS, (confirmed, set_aside, reopen), strict=True) if asked]
    if len(chosen) > 1:
        fail(tell("--set-aside, --confirmed, --reopen: take one of them"))
    said = {"answer": (chosen or [replies.CLOSED])[0], "by": by, "reason": reason}
    edition = (project.Place(root).survey(time_period) / "edition.yml").exists()
    try:
        said["answered_on"] = (date.fromisoformat(on) if on else date.today()).isoformat()
        known = _edition(time_period, root) if edition else _period(time_period, root)
        where = {"source_file": file, "source_sheet": sheet, "source_cell": cell, "rule": rule}
        where["reporting_unit"] = known.unit(unit) if unit else ""
        rows = _of_table(given, said) if given else [("", where | said)]
        _note(known, rows, root)
    except OSError as error:
        fail(tell("{why}. Nothing was noted", why=owners.refused(error)))
    except ValueError as error:
        fail(error)


_OTHERS = (replies.CONFIRMED, replies.SET_ASIDE, replies.OPEN)


class _Known:
    """A period or edition whose findings are answered."""

    def __init__(self, loaded, folder: Path, digests: dict[str, str], unit) -> None:
        self.issues, self.rules = loaded.tables.issues, loaded.catalogue.rules
        self.code, self.folder, self.digests, self.unit = loaded.plan.code, folder, digests, unit


def _period(code: str, root: Path) -> _Known:
    plan, catalogue = planned(code, root)
    with alone(plan.key, root):
        loaded = loaded_period(code, root)
    folder = project.Place(root).submissions(plan.code)
    unit = partial(period.meant, plan, catalogue, "reporting_unit")
    return _Known(loaded, folder, period.inputs(loaded), unit)


def _edition(code: str, root: Path) -> _Known:
    with alone(code, root):
        loaded = editions.edition(code, root)
    return _Known(loaded, project.Place(root).survey(code), editions.inputs(loaded), str)


def _of_table(path: Path, said: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """The lines of a CSV, each with where it stands; who, when and how may be said for all."""
    text = appended.read(files.content(path), replies.GIVEN)
    if text.faults:
        held = [(tell("line {n}", n=f.row), of_both(f.reason)) for f in text.faults]
        wrong = "; ".join(f"{line}: {reason}" for line, reason in held)
        raise ValueError(tell("{file}: {wrong}. Nothing was noted", file=path.name, wrong=wrong))
    return [
        (
            f"{path.name}, {tell('line {n}', n=line.row)}: ",
            said | {k: v for k, v in line.cells.items() if v},
        )
        for line in text.lines
    ]


def _note(known: _Known, rows: list[tuple[str, dict[str, str]]], root: Path) -> None:
    held = [(at, *_held_to(known, row)) for at, row in rows]
    wrong = [f"{at}{problem}" for at, _, problem in held if problem]
    if wrong or not held:
        told = "\n".join([*wrong, tell("no answer was noted")])
        raise ValueError(told)
    lines = [row for _, row, _ in held]
    with locks.turn(project.Place(root).derived(locks.FOLDER) / f"{known.code}.received", say):
        replies.note(known.folder, lines)
    for row in lines:
        place = " ".join(filter(None, (row.get(key) for key in _PLACE)))
        say(f"{row['answer']}: {place} ({row['by']}, {row['answered_on']})")


def _held_to(known: _Known, row: dict[str, str]) -> tuple[dict[str, str], str]:
    """A line as it is noted, and why it cannot be."""
    found, rule = known.issues, row.get("rule", "")
    if rule and rule not in known.rules:
        names = {c: held["name"][messages.language()] for c, held in known.rules.items()}
        return row, f"{tell('no rule of rules.yml')}: {rule}{codes.near(rule, names)}"
    if named := row.get("source_file"):
        row = row | {"source_file": receipts.on_disk([named], known.digests)[named]}
    for column in _PLACE:
        if row.get(column):
            found = found[found[column].fillna("") == row[column]]
    asked = " ".join(filter(None, (row.get(column) for column in _PLACE)))
    if not asked or found.empty:
        return row, _said(known, "answer_unknown", found=asked or MISSING)
    again = found["state"] != replies.OPEN
    found = found[again if row["answer"] == replies.OPEN else ~again]
    if found.empty:
        return row, tell("{asked}: answered already, or not at all", asked=asked)
    if len(found) > 1:
        some = "; ".join(_places(found.head(5)))
        return row, tell(
            "{asked}: {n} findings; say which: --file --sheet --cell --rule --unit: {some}",
            asked=asked,
            n=len(found),
            some=some,
        )
    issue = found.iloc[0].fillna("")
    if row.get("value") and not alike(row["value"], issue["raw_text"]):
        was = f"{issue['source_cell']}: {row['value']}"
        return row, _said(known, "answer_outdated", found=issue["raw_text"], expected=was)
    told = {key: row.get(key, "") for key in ("answer", "reason", "by", "answered_on")}
    told["answered_on"] = told["answered_on"] if appended.day(told["answered_on"]) else ""
    if wrong := replies.fault(told, known.rules[issue["rule"]]):
        return row, f"{asked}: {_said(known, **wrong, raw_text=told['answer'])}"
    line = {column: str(issue[column]) for column in _PLACE} | told
    digest = known.digests.get(issue["source_file"], "")
    return line | {"value": issue["raw_text"], "sha256": digest}, ""


def _places(issues: pd.DataFrame) -> Iterator[str]:
    for row in issues[_PLACE].fillna("").itertuples(index=False):
        yield " ".join(filter(None, row))


def _said(known: _Known, rule: str, **finding: str) -> str:
    words = wording.said(known.rules[rule], finding)
    return words[messages.language()]
