"""The illustrative folders put into place: what the generators make, and nothing of anybody else's.

All files are made before the first is written. A folder is written to where it is declared
synthetic and every name that is needed is free or taken by what we made: as the record of the
folder holds it (``data/samples/<code>.sha256``, in git), or byte for byte what is made now. If not,
the folder stays as it is, whole, and what is in the way is named. A run that was killed is
completed by the next one: digests stand in the record before files lie in the folder.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import yaml

from analysis import project
from analysis.exchange import receipts
from analysis.storage import files, locks
from analysis.storage.owned import ENDING, Owned
from tools.sample import answers, country, population, rating, registers

_PERIOD, _EDITION = "period.yml", "edition.yml"
_SHOWN = 10  # names in one message


@dataclass(frozen=True)
class Made:
    """What a folder is to hold: name → content, in the order of writing; ``received``: name → day
    of what was sent, which its ledger states."""

    files: dict[str, bytes]
    received: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """A folder of the illustration. ``declares``: its file that says whether it is synthetic."""

    code: str
    path: Path
    declares: str
    make: Callable[[], Made]


@dataclass(frozen=True)
class Placed:
    """What became of a folder.

    ``written``, ``unchanged``: numbers of files; ``removed``: ours that are made no more; ``left``:
    names of what is not ours; ``refused``: what is in the way (then nothing was written).
    """

    folder: Folder
    written: int = 0
    unchanged: int = 0
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


# --- what is made -------------------------------------------------------------------------------


def folders(root: Path) -> list[Folder]:
    """The illustrative periods, the year 2021 and the survey editions of a project, in order.

    Raises
    ------
    ValueError, OSError
        if what they are made from cannot be read.
    """
    try:
        whole, editions = country.country(root), population.model(root)["editions"]
    except yaml.YAMLError as error:
        raise ValueError(f"samples.yml or survey/illustration.yml: {error}") from error
    wrong = [str(e) for e in editions if not re.fullmatch("[0-9]{4}", str(e))]
    if wrong:
        raise ValueError(f"survey/illustration.yml: an edition is a year, not {', '.join(wrong)}")
    place = project.Place(root)
    found = [
        Folder(code, place.submissions(code), _PERIOD, partial(_period, whole, code))
        for code in whole.hints["periods"]
    ]
    year = rating.PERIOD
    found.append(Folder(year, place.submissions(year), _PERIOD, partial(_year, whole)))
    for edition in map(str, editions):
        code = f"{answers.SURVEY}-{edition}"
        found.append(Folder(code, place.survey(code), _EDITION, partial(_edition, edition, root)))
    return found


def _period(whole: country.Country, code: str) -> Made:
    sent = [
        *country.submissions(whole, code),
        *registers.submissions(code, whole.catalogue, whole.root),
    ]
    return as_sent(sent, country.readme(whole, code))


def _year(whole: country.Country) -> Made:
    return as_sent(rating.submissions(whole.catalogue, whole.root), rating.readme())


def _edition(edition: str, root: Path) -> Made:
    return Made(answers.files(edition, root))


def as_sent(sent: list[tuple[str, bytes, date]], readme: bytes) -> Made:
    lines = [f"{name},{day.isoformat()}" for name, _, day in sent]
    ledger = "\n".join(["file,received_at", *lines, ""]).encode("utf-8")
    held = {name: content for name, content, _ in sent}
    days = {name: day for name, _, day in sent}
    return Made({**held, receipts.LEDGER: ledger, "README.md": readme}, days)


# --- what is in the way -------------------------------------------------------------------------


def _record(folder: Folder, root: Path) -> Path:
    return root / "data" / "samples" / f"{folder.code}{ENDING}"


def _held(folder: Folder, root: Path) -> tuple[Owned, str]:
    """What our record says of a folder, and what stands before names there: ``sha256sum -c`` reads
    all records in ``data``."""
    data = root / "data"
    within = folder.path.relative_to(data).as_posix()
    return Owned(data, _record(folder, root)), f"{within}/"


def barred(folder: Folder, root: Path) -> list[str]:
    """Why nothing may be written to a folder, whatever it is; empty if it may."""
    record = _record(folder, root)
    above = [root / "data", folder.path.parent, folder.path, record.parent, record]
    links = [f"{path} is a link, to what is somebody else's" for path in above if path.is_symlink()]
    if links:
        return links
    if os.path.lexists(folder.path) and not folder.path.is_dir():
        return [f"{folder.path} is no folder"]
    return _undeclared(folder, root)


def _undeclared(folder: Folder, root: Path) -> list[str]:
    path = folder.path / folder.declares
    if folder.declares == _EDITION and not os.path.lexists(path):  # which we write, first of all
        others = _others(folder, root, ())
        what = f"there is no {_EDITION} that says synthetic: true, but {_some(others)}"
        return [what] if others else []
    try:
        stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [f"{path.name} cannot be read: {error}"]
    if isinstance(stated, dict) and stated.get("synthetic") is True:
        return []
    return [f"{path.name} does not say synthetic: true; figures there may be real"]


def _others(folder: Folder, root: Path, names: object) -> list[str]:
    """Names in a folder that are neither ours nor among ``names``."""
    held, within = _held(folder, root)
    present = sorted(os.listdir(folder.path)) if folder.path.is_dir() else []
    unfinished = {path.name for path in files.unfinished(folder.path)}
    return [
        n for n in present if n not in names and n not in unfinished and not held.ours(within + n)
    ]


def in_the_way(folder: Folder, made: Made, root: Path) -> list[str]:
    """What keeps the files of a folder from being written, each with the reason; empty if nothing.

    A ledger to which somebody added is not in the way where it says of our files what we say.
    """
    found = barred(folder, root)
    if found:
        return found
    held, within = _held(folder, root)
    present = os.listdir(folder.path) if folder.path.is_dir() else []
    alike = {files.alike(name): name for name in made.files}
    for name in sorted(present):
        wanted = alike.get(files.alike(name), name)
        if wanted != name:  # the same name, on other systems
            found.append(f"{name} is called like {wanted}, which we make")
    for name, content in made.files.items():
        path = folder.path / name
        if not os.path.lexists(path) or held.ours(within + name) or _lies(path, content):
            continue
        if path.is_symlink():
            found.append(f"{name} is a link")
        elif name == receipts.LEDGER and made.received and path.is_file():
            found += _contradicts(folder, made, held, within)
        else:
            found.append(f"{name} is not as we made it")
    return found


def _lies(path: Path, content: bytes) -> bool:
    """Whether a file lies there with that content, and no link."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        return files.sha256(path) == hashlib.sha256(content).hexdigest()
    except OSError:
        return False


def _contradicts(folder: Folder, made: Made, held: Owned, within: str) -> list[str]:
    """What a ledger that is not ours any more says otherwise of our files."""
    name = receipts.LEDGER
    try:
        days = receipts.days(folder.path)
    except (OSError, ValueError, LookupError) as error:
        return [f"{name} is not as we made it and cannot be read: {error}"]
    lines = [f"{n},{day}" for n, day in made.received.items() if days.get(n) != day]
    gone = [n for n in days if n not in made.received and held.ours(within + n)]
    found = [f"{name} is not as we made it and lacks {_some(lines)}"] if lines else []
    return found + [f"{name} names what is made no more: {_some(gone)}"] * bool(gone)


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


# --- putting it there ---------------------------------------------------------------------------


def place(folder: Folder, made: Made, root: Path) -> Placed:
    """Write what was made where nothing is in the way; our own files that are made no more go.

    Raises
    ------
    OSError
        if there is no room, or the folder may not be written to: the next run goes on from there.
    """
    # nobody receives a file meanwhile, whose line of the ledger would be lost
    with locks.turn(project.Place(root).derived(locks.FOLDER) / f"{folder.code}.received"):
        refused = in_the_way(folder, made, root)
        return Placed(folder, refused=refused) if refused else put(folder, made, root)


def put(folder: Folder, made: Made, root: Path) -> Placed:
    held, within = _held(folder, root)
    for path in _unfinished(folder, root):
        path.unlink()
    written = unchanged = 0
    for name, content in made.files.items():
        path = folder.path / name
        if _lies(path, content):
            held.keep(within + name, within + name)
            unchanged += 1
        elif not os.path.lexists(path) or held.ours(within + name):
            held.write(within + name, content)
            written += 1
    removed = held.settle()
    left = _others(folder, root, {folder.declares})
    return Placed(folder, written, unchanged, removed, left)


def _unfinished(folder: Folder, root: Path) -> Iterator[Path]:
    record = _record(folder, root)
    yield from files.unfinished(folder.path)
    yield from files.unfinished(record.parent, record.name)
