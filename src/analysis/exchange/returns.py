"""What goes back to the offices: the list of issues, annotated copies of their files in which
something is to be mended, and a receipt for each file.

A copy is written again only where its file, what is said of it or the code that writes it has
changed: a period has hundreds.
"""

import errno
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

import pandas as pd

from analysis.exchange import annotate, office_csv
from analysis.exchange.first_sheet import LIST, Told
from analysis.language.messages import tell
from analysis.lineage import imports
from analysis.reading import sandbox
from analysis.storage import files, owners, scratch
from analysis.storage.owned import ENDING, Owned

_LONGEST = 150  # bytes of a copy's name; file systems take 255


@dataclass(frozen=True)
class Copy:
    """An annotated copy to write: what it is called after, the file (None where it is not there,
    or only a part of it concerns the sender), what is said of it, what was read of it (``rows``,
    schema.CELLS), what the sender is ``told`` of it, and the ``rules`` for what is said of many
    cells at once."""

    stem: str
    source: Path | None
    issues: pd.DataFrame
    rows: pd.DataFrame | None = None
    told: Told = Told()
    rules: dict = field(default_factory=dict)
    ending = ".xlsx"

    @property
    def key(self) -> str:
        """Digest of all that the copy rests on."""
        rules = {r: self.rules[r] for r in sorted(set(self.issues["rule"])) if r in self.rules}
        parts = [imports.digest(["analysis.exchange.annotate"]), repr((self.told, rules))]
        parts += [files.sha256(self.source)] if self.source else []
        parts += [repr(t.to_dict("list")) for t in (self.issues, self.rows) if t is not None]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    def data(self, limits: dict) -> bytes:
        """As :func:`exchange.annotate.annotate`; the list alone where the file cannot be
        written."""
        most = {"memory": limits["memory_per_file"], "seconds": limits["seconds_per_file"]}
        with scratch.folder() as aside:
            path, said = aside / "copy.xlsx", (self.told, self.rules)
            given = (self.source, self.issues, path, self.rows, *said, limits)
            try:
                sandbox.call(annotate.annotate, *given, **most)
            except Exception:  # whatever openpyxl makes of it, the others must get theirs
                annotate.annotate(None, self.issues, path, None, *said)
            return path.read_bytes()


@dataclass(frozen=True)
class Receipt:
    """The slip that an office gets for a file that it sent (:mod:`analysis.exchange.slips`): what
    it is called after, and the page of HTML."""

    stem: str
    text: str
    ending = ".html"

    @property
    def key(self) -> str:
        """Digest of the page."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def data(self, limits: dict) -> bytes:  # as of a copy
        """The page as a file."""
        return self.text.encode("utf-8", "replace")


@dataclass(frozen=True)
class Written:
    """What was written to be sent back.

    ``listed``: the list of issues; ``copies``: the annotated workbooks; ``receipts``: the
    slips, one for each file; ``beside``: what is not as we wrote it, and stayed → the new file
    beside it; ``troubles``: files that could not be written, each with the reason.
    """

    listed: Path
    copies: list[Path]
    beside: dict[Path, Path]
    troubles: list[str]
    receipts: list[Path]


def write(
    folder: Path,
    record: Path,
    issues: pd.DataFrame,
    due: list[Copy | Receipt],
    limits: dict,
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """Write ``issues.csv`` and what is ``due``, copies and receipts, into ``folder``; our own that
    are not due any more go.

    What somebody changed there or put there stays (:mod:`analysis.storage.owned`). A file that
    cannot be replaced, as one open in Excel on some systems, stops no other.

    Parameters
    ----------
    record
        The file that remembers what the copies rested on.
    limits
        Of ``parameters.yml``: what writing one copy may take.
    progress
        Called with the number of copies and receipts done, and of all.

    Raises
    ------
    OSError
        where there is no room, or the disk may not be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known, keys, troubles, taken = _known(record), {}, [], set()
    held = Owned(folder, record.with_suffix(ENDING), {n: digest for _, n, digest in known.values()})
    for left in [*files.unfinished(record.parent, record.name), *files.unfinished(folder)]:
        left.unlink()
    data, listed_as = office_csv.csv(issues), LIST
    made: dict[str, list[Path]] = {Copy.ending: [], Receipt.ending: []}
    with _named(troubles, LIST, held):
        listed_as = held.write(LIST, data)
    for copy in _told(due, progress):
        name = _name(copy.stem, copy.ending, taken)
        taken.add(files.alike(name))
        then, placed, digest = keys[name] = known.get(name, ("", name, ""))
        with _named(troubles, name, held):
            key = copy.key
            if then == key and held.ours(placed) and files.sha256(folder / placed) == digest:
                held.keep(placed, name)
            else:
                placed = held.write(name, copy.data(limits))
                keys[name] = (key, placed, held.written[placed])
            made[copy.ending].append(folder / placed)
    held.settle()
    files.write(record, json.dumps(keys, ensure_ascii=False).encode())
    return Written(
        folder / listed_as,
        made[Copy.ending],
        {folder / name: folder / placed for name, placed in held.beside.items()},
        troubles,
        made[Receipt.ending],
    )


def _told(due: list, progress: Callable[[int, int], None] | None) -> Iterator:
    """Each of what is due, told of when it begins."""
    for n, copy in enumerate(due):
        if progress:
            progress(n, len(due))
        yield copy


@contextmanager
def _named(troubles: list[str], name: str, held: Owned) -> Iterator[None]:
    """What keeps one file from being written is one trouble, unless it would keep all; the file of
    before stays."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        placed = held.place(name)
        if held.ours(placed):
            held.keep(placed, name)
        why = owners.refused(error)
        troubles.append(tell("{name}: {why}; see to it, then check again", name=name, why=why))


def _name(stem: str, ending: str, held: set[str]) -> str:
    """A name for what goes back that any system can show and have beside the others there
    (``held``: names as :func:`storage.files.alike` has them)."""
    stem = "".join(c if c.isprintable() else "_" for c in stem)
    stem = files.portable(stem) or "_"
    stem = stem.encode()[:_LONGEST].decode(errors="ignore")
    names = chain([f"{stem}{ending}"], (f"{stem}~{n}{ending}" for n in count(2)))
    return next(name for name in names if files.alike(name) not in held)


def _known(record: Path) -> dict[str, tuple[str, str, str]]:
    """Name of a copy → what it rested on, where it lies, its digest."""
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
        # until 2026-11 a copy always lay under its name
        return {
            n: (str(h[0]), str(h[1] if len(h) == 3 else n), str(h[-1])) for n, h in found.items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
