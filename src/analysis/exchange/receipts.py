"""What arrived and when: the ledger of a period (``received.csv``), which is only ever added to.

The order of arrival is that of the days and, within a day, of the times where all its lines have
one, else of the ledger's lines; a line whose day cannot be read arrived after the line above it. A
file may have several lines: what was sent, was replaced and is sent once more counts again.
"""

import errno
import os
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from email.errors import HeaderParseError
from email.header import decode_header
from pathlib import Path

import pandas as pd

from analysis.checking import claims
from analysis.exchange import journal, ledger
from analysis.exchange.appended import same
from analysis.exchange.ledger import COLUMNS, KIND
from analysis.language.messages import tell
from analysis.storage import files

LEDGER = "received.csv"

ANSWERS = "answers.csv"
"""Answers to findings (:mod:`analysis.exchange.replies`), beside the ledger."""

OURS = {"period.yml", LEDGER, ANSWERS, "readme.md"}
"""Files of a period that nobody submits: one that is sent under such a name gets another."""

OUTCOMES = ["received", "renamed", "received_again", "already_here"]
"""``received_again``: its content was here, and counts as the latest from now on;
``already_here``: it is the latest already."""

_CODED = re.compile(r"=[?_]([A-Za-z0-9.-]{2,20})[?_]([bBqQ])[?_]([^?]+?)[?_]=")
_BETWEEN = re.compile(r"(?<=[?_]=)\s+(?==[?_])")  # what separates parts of one name
_COUNTED = re.compile(r"^(.+)(\.[A-Za-z]{2,4})\s*\((\d{1,3})\)$")
_LONGEST = 255  # bytes of a name
_NUMBER = re.compile(r"(?:\s*\(\d+\)|[\s_-]+\d{1,2}|\s*-\s*(?:copy|bản sao))+$")


def read(folder: Path, known_on: date | None = None) -> pd.DataFrame:
    """The arrivals that a ledger notes, in their order; without what came after ``known_on``.

    Returns
    -------
    file (as it is called on the disk, where it is there), received_at (missing where the line does
    not say it), sha256 and row (of the ledger); a file may have several rows.
    """
    held = _ledger(folder)
    table = held.lines.assign(
        file=_on_disk(held.lines["file"], folder),
        received_at=pd.to_datetime(held.lines["received_at"]),
    )
    order = table.assign(since=table["received_at"].ffill())
    minutes = pd.to_numeric(order["minute"])
    # of a day on which some lines have a time and others none the lines decide
    timed = minutes.notna().groupby(order["since"], dropna=False).transform("all")
    order = order.assign(minute=minutes.where(timed, 0))
    order = order.sort_values(["since", "minute", "row"], na_position="first", kind="stable")
    table = order[[*COLUMNS, "row"]].reset_index(drop=True)
    if known_on is None:
        return table
    return table[table["received_at"].dt.date <= known_on].reset_index(drop=True)


def days(folder: Path) -> dict[str, date]:
    """File → the first day on which it arrived, where that is known."""
    table = read(folder).dropna(subset=["received_at"])
    return table.groupby("file", sort=False)["received_at"].min().dt.date.to_dict()


def hours(folder: Path) -> dict[str, str]:
    """File → hour of its last arrival (``08:30``), where the ledger says it."""
    lines = _ledger(folder).lines
    lines = lines.assign(file=_on_disk(lines["file"], folder))
    lines = lines.drop_duplicates("file", keep="last").dropna(subset=["minute"])
    minutes = zip(lines["file"], lines["minute"].astype(float), strict=True)
    return {file: f"{int(at) // 60:02}:{int(at) % 60:02}" for file, at in minutes}


def faults(folder: Path, known_on: date | None = None) -> pd.DataFrame:
    """Findings on lines of the ledger that say nothing that can be relied on.

    Of the period as of a day only that the ledger cannot be read: of a line without a day nobody
    knows whether it was there. Returns place, rule, found.
    """
    first, *others = paths(folder)
    held = [_ledger(folder).faults.assign(source_file=files.name_of(first))]
    for path in others:
        name = files.name_of(path)
        held.append(ledger.unreadable("", name, ledger.SECOND).faults.assign(source_file=name))
    found = pd.concat(held, ignore_index=True)
    found = found.assign(**dict.fromkeys(["source_sheet", "reporting_unit", "form"], ""))
    if known_on is not None:
        found = found[found["rule"] == "ledger_unreadable"]
    return found.drop(columns="row")


def _ledger(folder: Path) -> ledger.Ledger:
    path = paths(folder)[0]
    return ledger.read(files.content(path) if path.is_file() else b"", journal.names(folder))


def paths(folder: Path, table: str = LEDGER) -> list[Path]:
    """A table of a folder, also one in capitals; behind it others, which nobody reads."""
    held = folder.iterdir() if folder.is_dir() else []
    found = sorted(p.name for p in held if _folded(p.name) == table)
    return [folder / n for n in sorted(found, key=lambda n: n != table) or [table]]


def _on_disk(names: pd.Series, folder: Path) -> pd.Series:
    held = journal.names(folder) if folder.is_dir() else []
    return names.map(on_disk(names, held)).astype(names.dtype)  # of no line, too


def on_disk(names: Iterable[str], held: Iterable[str]) -> dict[str, str]:
    """Name → the file of ``held`` that it means: one that differs in the writing of its letters (a
    Mac's, in parts) is the same, and in capitals, where there is one such; else the name itself."""
    known, folded = list(held), {}
    for name in known:
        folded.setdefault(_folded(name), []).append(name)
    alone = {name: files for name, files in folded.items() if len(files) == 1}
    letters = {same(name): name for name in known}
    letters |= {name: name for name in known}
    return {n: letters.get(n) or letters.get(same(n)) or alone.get(_folded(n), [n])[0]
            for n in set(names)}  # fmt: skip


# --- receiving -----------------------------------------------------------------------------------


def receive(sent: Iterable[Path], folder: Path, on: date) -> pd.DataFrame:
    """Put files into the folder of a period and into its ledger; nothing there is overwritten.

    A file whose content is here already is not taken twice: unless it is the latest as it is, the
    ledger gets another line for it, by which it counts again. One whose name is taken by other
    content gets a number behind its name. All files are received, or none.

    Parameters
    ----------
    sent
        Files anywhere, in the order in which they came.
    folder
        ``data/submissions/<period>``.
    on
        Day of receipt.

    Returns
    -------
    sent, file (its name in the folder) and outcome, one of :data:`OUTCOMES`.

    Raises
    ------
    OSError, analysis.exchange.appended.AppendedError
        if a file or the ledger cannot be read or written. The same command, run again, leaves what
        it would have left undisturbed.
    """
    sent = list(sent)
    if any(not path.is_file() for path in sent):
        wrong = next(path for path in sent if not path.is_file())
        raise FileNotFoundError(errno.ENOENT, tell("is no file; nothing was received"), str(wrong))
    journal.finish(folder)
    book, known = paths(folder)[0], read(folder)
    # a ledger that cannot be added to stops us before anything is done
    journal.addition(book, [], KIND)
    digests, here = [files.sha256(path) for path in sent], _contents(folder)
    due = _due(digests, on, known, here)
    taken, noted = _taken(folder, known, digests), set(known["file"])
    rows, fresh, lines = [], [], []
    for n, (path, digest) in enumerate(zip(sent, digests, strict=True)):
        wanted = safe_name(path.name)
        if digest not in here:
            name = _free(taken, wanted)
            taken.add(_folded(name))
            here[digest] = [name]
            fresh.append((path, name, digest))
            outcome = "received" if name == wanted else "renamed"
        else:
            name = _called(path, here[digest], noted)
            outcome = "received_again" if name in noted else "received"
        if n in due:
            lines.append([name, on.isoformat(), digest])
            noted.add(name)
        rows.append((str(path), name, outcome if n in due else "already_here"))
    if lines:
        journal.carry_out(folder, fresh, book, lines, KIND)
    # as objects: a name may be no text
    return pd.DataFrame(rows, columns=["sent", "file", "outcome"], dtype=object)


def doubtful(sent: Iterable[Path]) -> list[tuple[str, str]]:
    """Pairs of names in an order that their numbers contradict: "x (2)" before "x", "x_10" before
    "x_9". So a console lists the files of a folder, and nobody knows whether they came so.

    >>> doubtful([Path("x (2).xlsx"), Path("y.xlsx"), Path("x.xlsx")])
    [('x (2).xlsx', 'x.xlsx')]
    """
    last: dict[str, str] = {}
    found = []
    for name in (files.name_of(path) for path in sent):
        base = _NUMBER.sub("", _folded(Path(name).stem))
        before = last.get(base)
        if before and claims.by_number(before) > claims.by_number(name):
            found.append((before, name))
        last[base] = name
    return found


def _contents(folder: Path) -> dict[str, list[str]]:
    """Digest → the files of the folder with this content."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not files.hidden(path) and _folded(path.name) not in OURS:
            found.setdefault(files.sha256(path), []).append(files.name_of(path))
    return found


def _due(digests: list[str], on: date, known: pd.DataFrame, here: dict[str, list[str]]) -> set[int]:
    """The places of what was sent that get a line: not those with which the arrivals end already.

    Of a command that is repeated this is none; it may have been killed before it could say so.
    """
    changes = [n for n, d in enumerate(digests) if n == 0 or d != digests[n - 1]]
    wanted = [digests[n] for n in changes]
    content = {name: digest for digest, names in here.items() for name in names}
    known = known.assign(content=known["file"].map(content))
    written, day = known.sort_values("row"), pd.Timestamp(on)
    # the last lines of this day, or the last arrivals: another line of theirs would change nothing
    orders = [(written, written["received_at"] == day), (known, known["received_at"] <= day)]
    for done in range(min(len(wanted), len(known)), 0, -1):
        for table, fits in orders:
            last = table["content"].tolist()[-done:]
            if last == wanted[:done] and fits.tolist()[-done:] == [True] * done:
                return set(changes[done:])
    return set(changes)


def _called(path: Path, names: list[str], noted: set[str]) -> str:
    """Under which of several names a content is noted: the file itself, else what has a line."""
    return next(iter([n for n in names if n == files.name_of(path)] or sorted(
        names, key=lambda n: n not in noted)))  # fmt: skip


def safe_name(name: str) -> str:
    """A name as it was meant: without what does not show, or would hide the file or lead elsewhere,
    or what some system cannot write; a name that a program for mail left in code, or counted behind
    its ending, is put right.

    >>> safe_name("=?UTF-8?B?Qmnhu4N1Lnhsc3g=?="), safe_name("edocs_BCA.xlsx (1)")
    ('Biểu.xlsx', 'edocs_BCA (1).xlsx')
    """
    name = _CODED.sub(_read_of_mail, _BETWEEN.sub("", name))
    name = _COUNTED.sub(r"\1 (\3)\2", name)
    shown = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable())
    return files.portable(shown.lstrip(".~ ").strip()) or "unnamed"


def _read_of_mail(found: re.Match) -> str:
    """An encoded word of RFC 2047; systems write _ for the ? that no name of a file may have."""
    charset, way, text = found.groups()
    try:
        ((data, known),) = decode_header(f"=?{charset}?{way}?{text}?=")
        return data.decode(known or "ascii") if isinstance(data, bytes) else data
    except (ValueError, LookupError, HeaderParseError):
        return found[0]


def _taken(folder: Path, known: pd.DataFrame, digests: list[str]) -> set[str]:
    """Names that no new file gets: also those of files that the ledger names and that are gone,
    unless one of ``digests`` is what they held."""
    lost = known.loc[~known["sha256"].isin(digests), "file"]
    return OURS | {_folded(p.name) for p in folder.iterdir()} | set(map(_folded, lost))


def _folded(name: str) -> str:
    return same(name).casefold()


def _free(taken: set[str], name: str) -> str:
    path, number = Path(name), 1
    stem, end = path.stem, ""
    while _folded(name) in taken or len(os.fsencode(name)) > _LONGEST:
        if len(os.fsencode(name)) > _LONGEST:
            stem = stem[:-1]
        else:
            number += 1
            end = f"_{number}"
        name = f"{stem}{end}{path.suffix}"
    return name
