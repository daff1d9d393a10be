"""Answers to findings: what senders wrote on the list that came back, and what analysts noted.

An answer of a sender stands in the file that was received, and is read from there each time: noted
anywhere else it would be there twice, and the two could differ. What analysts decide is noted in
``answers.csv`` beside the ledger, which is only ever added to. A later answer takes the place of
an earlier one. An answer holds as long as what it was given for stands there: the same text in the
same cell of the same file, or at the same place of the form in another file of the same unit.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.exchange import appended, disarm, journal, receipts
from analysis.exchange.appended import Kind
from analysis.language.words import MISSING, fold, plain
from analysis.reading import reply_sheet, sandbox, spreadsheets
from analysis.reading.reply_sheet import alike, saved
from analysis.schema.tables import ACCOUNTED, CELLS, FINDINGS
from analysis.storage import files

COLUMNS = ("answered_on", "source_file", "source_cell", "rule", "answer", "reason", "by",
           "source_sheet", "value", "sha256", "reporting_unit")  # fmt: skip
KIND = Kind(COLUMNS, needed=7)
GIVEN = Kind((*COLUMNS[1:4], COLUMNS[0], *COLUMNS[4:]), needed=3)
"""Answers that are handed over to be noted: file, cell and rule must be among the columns."""
KINDS = CONFIRMED, SET_ASIDE, CLOSED, OPEN = "confirmed", "set_aside", "closed", "open"
"""Right as it is, as the sender says; nobody can mend it: it stays out; looked into, nothing is to
be done (a warning or a note); what was answered before is taken back."""
_WORDS = dict(zip(("reason", "by"), reply_sheet.FOR_SENDER[1:], strict=True))


class Answer(NamedTuple):
    """An answer that can be read. ``file`` … ``unit``: what it is for (``unit`` where it is for one
    unit alone); ``figures``: the places in forms where that stands; ``noted``: file, sheet and cell
    in which the answer stands; ``in_force``: whether what it is for counts, so that there should be
    such a finding."""

    rule: str
    file: str
    sheet: str
    cell: str
    value: str
    unit: str | None
    figures: tuple[tuple, ...]
    answer: str
    reason: str
    by: str
    on: pd.Timestamp
    noted: tuple[str, str, str]
    in_force: bool

    @property
    def keys(self) -> list[tuple]:
        """By which findings are told that it answers."""
        at = (self.rule, self.file, self.sheet, self.cell, saved(self.value), self.unit)
        return [at, *((self.rule, *place, saved(self.value)) for place in self.figures)]


@dataclass(frozen=True)
class Answers:
    """The answers of a period or edition, in their order, and the findings (schema.FINDINGS) on
    those that do not count."""

    given: list[Answer]
    refused: list[dict]

    def unconfirmed(self, findings: pd.DataFrame) -> pd.DataFrame:
        """The findings (schema.FINDINGS) that their sender has not confirmed: what they withhold
        stays out."""
        if not self.given or findings.empty:
            return findings
        asked = [not own or self._last(own).answer != CONFIRMED for own in self._of(findings)]
        return findings[asked]

    def marked(self, findings: pd.DataFrame) -> pd.DataFrame:
        """The findings with ``state`` (open, confirmed, closed, set_aside), ``answered_by``,
        ``answered_on`` and ``reason``; those on answers that do not count are added."""
        numbers = self._of(findings)
        last = [self._last(own) if own else None for own in numbers]
        shown = [a if a and a.answer != OPEN else None for a in last]
        findings = findings.assign(
            state=[a.answer if a else OPEN for a in shown],
            answered_by=[a.by if a else None for a in shown],
            answered_on=pd.to_datetime([a.on if a else None for a in shown]),
            reason=[a.reason if a else None for a in shown],
        )
        met = {n for own in numbers for n in own}
        idle = [a for n, a in enumerate(self.given) if a.in_force and n not in met]
        more = FINDINGS.of([*self.refused, *(_unknown(a) for a in idle)]).assign(state=OPEN)
        return pd.concat([findings, more], ignore_index=True) if len(more) else findings

    def _of(self, findings: pd.DataFrame) -> list[list[int]]:
        """For each finding the numbers of the answers to it."""
        if not self.given:
            return [[]] * len(findings)
        known: dict[tuple, list[int]] = {}
        for n, answer in enumerate(self.given):
            for key in answer.keys:
                known.setdefault(key, []).append(n)
        asked = findings["rule"].isin({a.rule for a in self.given})
        rows = zip(asked, findings.itertuples(index=False), strict=True)
        return [
            sorted({n for key in _keys(row) for n in known.get(key, [])}) if may else []
            for may, row in rows
        ]

    def _last(self, numbers: list[int]) -> Answer:
        return self.given[numbers[-1]]


def _keys(finding) -> list[tuple]:
    rule, unit, value = finding.rule, _text(finding.reporting_unit), saved(_text(finding.raw_text))
    at = (rule, finding.source_file, finding.source_sheet, finding.source_cell, value)
    place = (finding.form, unit, finding.item, finding.level, finding.field)
    figure = all(isinstance(part, str) for part in place)
    return [(*at, unit), (*at, None), *([(rule, *place, value)] if figure else [])]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def read(
    cells: pd.DataFrame,
    files: pd.DataFrame,
    folder: Path,
    rules: dict,
    known_on: date | None = None,
) -> Answers:
    """The answers of a period.

    Parameters
    ----------
    cells
        Its cells in their places (``role`` reply: of lists that came back), with form,
        reporting_unit, item, level and field.
    files
        source_file, sha256, received_at (day, perhaps missing) and state of what was received.
    folder
        Where ``answers.csv`` stands.
    rules
        ``rules.yml``.
    known_on
        Without what was noted after this day.
    """
    held = _Held(cells, files, rules)
    found = [*_of_senders(held), *_of_analysts(held, folder, known_on)]
    given = [answer for answer in found if isinstance(answer, Answer)]
    given = sorted(given, key=lambda a: pd.Timestamp.min if pd.isna(a.on) else a.on)
    return Answers(given, [refused for refused in found if isinstance(refused, dict)])


def in_file(path: Path, rules: dict, limits: dict) -> Answers:
    """The answers that a file holds, as far as it tells by itself; whether there is such a finding
    is found out when all are checked. A file that cannot be read holds none."""
    most = {"memory": limits["memory_per_file"], "seconds": limits["seconds_per_file"]}
    cells: list = []
    if path.suffix.lower() in spreadsheets.SUFFIXES:
        with suppress(
            spreadsheets.UnreadableError, spreadsheets.TooLargeError, sandbox.ExceededError
        ):
            cells = sandbox.call(spreadsheets.read, path, limits, **most).cells
    listed, others = reply_sheet.parted(pd.DataFrame(cells, columns=CELLS.columns[1:]))
    if listed.empty:
        return Answers([], [])
    held = pd.concat([listed, others]).reindex(columns=ACCOUNTED.columns)
    held = held.assign(source_file=path.name)
    file = {"source_file": path.name, "received_at": pd.NaT, "sha256": "", "state": "in_force"}
    found = list(_of_senders(_Held(held, pd.DataFrame([file]), rules)))
    given = [answer for answer in found if isinstance(answer, Answer)]
    return Answers(given, [refused for refused in found if isinstance(refused, dict)])


class _Held:
    """What answers are held against."""

    def __init__(self, cells: pd.DataFrame, files: pd.DataFrame, rules: dict) -> None:
        self.cells, self.rules = cells, rules
        first = files.drop_duplicates("source_file").set_index("source_file")
        self.digests, self.days = first["sha256"].to_dict(), first["received_at"].to_dict()
        counts = files.groupby("source_file")["state"].agg(lambda s: not s.isin(_PAST).all())
        self.counts = counts.to_dict()
        self._by_file: dict[str, dict] = {}

    def file(self, name: str) -> str:
        """The received file that is meant (:func:`analysis.exchange.receipts.on_disk`)."""
        name = appended.same(name)
        return receipts.on_disk([name], self.digests)[name]

    def at(self, file: str, sheet: str, cell: str) -> list:
        """The located cells at a place."""
        if file not in self._by_file:
            places: dict[tuple, list] = {}
            for row in self.cells[self.cells["source_file"] == file].itertuples(index=False):
                places.setdefault((row.source_sheet, row.source_cell), []).append(row)
            self._by_file[file] = places
        return self._by_file[file].get((sheet, cell), [])

    def sheet(self, file: str, sheet: str) -> str:
        """The sheet of a file that is meant: a copy may have had to name it otherwise."""
        names = self.cells.loc[self.cells["source_file"] == file, "source_sheet"].unique()
        alike = (n for n in names if disarm.sheet_name(n) == disarm.sheet_name(sheet))
        return sheet if sheet in names else next(alike, sheet)


_PAST = ["superseded", "duplicate"]


def _of_senders(held: _Held) -> Iterator[Answer | dict]:
    for row in reply_sheet.entries(held.cells).itertuples(index=False):
        noted = (row.source_file, row.source_sheet, row.cell)
        told = reply_sheet.told_by(row.code)
        own = held.at(*noted)[0]
        at = {"noted": noted, "raw_text": row.answer or row.reason, "of": own}
        confirmed = fold(row.answer) in (fold(reply_sheet.CONFIRMED), CONFIRMED)
        if row.remark or not row.answer:
            yield _refused("text_kept", **at)
        elif told is None or told[0] not in held.rules:
            yield _refused("answer_unknown", **at, found=row.code or MISSING)
        elif not confirmed:
            yield _refused("answer_unclear", **at, expected=reply_sheet.CONFIRMED)
        else:
            rule, sheet, cell, value = told
            meant = {"rule": rule, "sheet": held.sheet(row.source_file, sheet), "cell": cell}
            said = {"answer": CONFIRMED, "reason": row.reason, "by": row.by}
            on = held.days.get(row.source_file, pd.NaT)
            yield _held_to(held, at, {**meant, "file": row.source_file, "value": value}, said, on)


def known(folder: Path, known_on: date | None) -> list[appended.Line]:
    """The lines of ``answers.csv``; without those of later days, or of none, if a day is given."""
    lines = _noted(folder)[0].lines
    if known_on is None:
        return lines
    days = [appended.day(line.cells.get("answered_on", "")) for line in lines]
    return [line for line, on in zip(lines, days, strict=True) if on and on <= known_on]


def _of_analysts(held: _Held, folder: Path, known_on: date | None) -> Iterator[Answer | dict]:
    text, path = _noted(folder)
    name = path.name
    for other in receipts.paths(folder, receipts.ANSWERS)[1:]:
        again = "bảng thứ hai trong thư mục / a second table of the folder"
        yield _refused("answers_unreadable", (other.name, "", ""), other.name, found=again)
    for fault in [] if known_on else text.faults:
        rule = "answers_unreadable" if fault.whole else "answer_line"
        noted = (name, "", f"A{fault.row}")
        yield _refused(rule, noted=noted, raw_text=fault.shown, found=fault.reason)
    for row, cells, shown in known(folder, known_on):
        on = appended.day(cells.get("answered_on", ""))
        said = {key: cells.get(key, "") for key in ("answer", "reason", "by")}
        meant = {"rule": cells.get("rule", ""), "file": held.file(cells.get("source_file", ""))}
        meant |= {"sheet": cells.get("source_sheet", ""), "cell": cells.get("source_cell", "")}
        meant |= {"value": cells.get("value", ""), "unit": cells.get("reporting_unit") or None}
        at = {"noted": (name, "", text.place("answer", row)), "raw_text": shown}
        digest = cells.get("sha256", "").lower()
        if meant["rule"] not in held.rules:
            yield _refused("answer_unknown", **at, found=meant["rule"] or MISSING)
        elif meant["file"] and digest and held.digests.get(meant["file"], digest) != digest:
            yield _refused("answer_outdated", **at, found="sha256", expected=meant["file"])
        else:
            yield _held_to(held, at, meant, said, pd.NaT if on is None else pd.Timestamp(on))


def _held_to(held: _Held, at: dict, meant: dict, said: dict, on) -> Answer | dict:
    """An answer held against what it is for, or why it does not count."""
    rule, noted = held.rules[meant["rule"]], at["noted"][0]
    known = said | {"answered_on": "" if pd.isna(on) else str(on)}
    if noted in held.digests:  # of a file whose day nobody noted the answers count all the same
        known.pop("answered_on")
    if wrong := fault(known, rule):
        return _refused(**at, **wrong)
    places = held.at(meant["file"], meant["sheet"], meant["cell"]) if meant["cell"] else []
    now = places[0].raw_text if places else ""
    if meant["cell"] and not alike(meant["value"], now):
        asked = f"{meant['cell']}: {meant['value'] or MISSING}"
        return _refused("answer_outdated", **at, found=now or MISSING, expected=asked)
    unread = rule["severity"] == "blocking" and any(p.rule == meant["rule"] for p in places)
    if said["answer"] == CONFIRMED and unread:  # there is no figure that could be used
        return _refused("answer_not_allowed", **at, found=rule["name"]["vi"])
    figures = tuple(
        (row.form, row.reporting_unit, row.item, row.level, row.field)
        for row in places
        if row.role == "value"
    )
    in_force = held.counts.get(meant["file"], not meant["file"])
    return Answer(figures=figures, on=on, noted=at["noted"], in_force=in_force,
                  **{"unit": None, **meant}, **said)  # fmt: skip


def fault(said: dict[str, str], rule: dict) -> dict[str, str] | None:
    """Why an answer (answer, reason, by, answered_on) to a finding of ``rule`` cannot count,
    whatever it is for: the rule, and what was found or expected; None where it can."""
    if said["answer"] not in KINDS:
        return {"rule": "answer_unclear", "expected": ", ".join(KINDS)}
    if lacking := [_WORDS.get(key, key) for key, text in said.items() if not plain(text)]:
        return {"rule": "answer_incomplete", "found": ", ".join(lacking)}
    confirmed, closed = (said["answer"] == word for word in (CONFIRMED, CLOSED))
    if (confirmed and not rule.get("confirm")) or (closed and rule["severity"] == "blocking"):
        return {"rule": "answer_not_allowed", "found": rule["name"]["vi"]}
    return None


def _refused(
    rule: str, noted: tuple[str, str, str], raw_text: str, of=None, found=None, expected=None
) -> dict:
    """A finding at the answer that does not count; ``of``: the located cell in which it stands."""
    file, sheet, cell = noted
    at = {"source_file": file, "source_sheet": sheet, "source_cell": cell, "raw_text": raw_text}
    own = {key: getattr(of, key, None) for key in ("reporting_unit", "form")}
    return {**at, **own, "rule": rule, "found": found, "expected": expected}


def _unknown(answer: Answer) -> dict:
    place = " ".join(filter(None, (answer.rule, answer.file, answer.sheet, answer.cell)))
    return _refused("answer_unknown", answer.noted, answer.by, found=place)


def is_table(path: Path) -> bool:
    """Whether a file is a table of answers to findings: answers of a survey may be called so."""
    return path.name.lower() == receipts.ANSWERS and bool(
        appended.read(files.content(path), KIND).head
    )


# --- noting --------------------------------------------------------------------------------------


def note(folder: Path, rows: Iterable[dict[str, str]]) -> None:
    """Add lines (keys: :data:`COLUMNS`) to the answers of a folder: all of them, or none.

    Raises
    ------
    OSError, analysis.exchange.appended.AppendedError
        if the table cannot be read or written.
    """
    journal.finish(folder)
    lines = [[plain(row.get(column, "")) for column in COLUMNS] for row in rows]
    journal.carry_out(folder, [], _noted(folder)[1], lines, KIND)


def _noted(folder: Path) -> tuple[appended.Appended, Path]:
    path = receipts.paths(folder, receipts.ANSWERS)[0]
    data = files.content(path) if path.is_file() else b""
    return appended.read(data, KIND, journal.names(folder) if data else []), path
