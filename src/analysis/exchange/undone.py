"""To take back the last ``receive`` of a period, by what was noted of it."""

import base64
import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from analysis.exchange import journal, receipts
from analysis.language.messages import tell
from analysis.storage import files


@contextmanager
def noted(folder: Path, record: Path) -> Iterator[None]:
    """Note what is received meanwhile into ``folder``: :func:`undo` takes that back.

    ``record``: where it is noted, outside the folder. Where nothing came nothing is noted, and what
    was noted of the time before still holds.
    """
    book = receipts.paths(folder)[0]
    there, before, names = book.exists(), journal.content(book), set(journal.names(folder))
    yield
    after = journal.content(book)
    if after == before:
        return
    fresh = sorted(set(journal.names(folder)) - names - {files.name_of(book)})
    held = {
        "ledger": files.name_of(book),
        "before": base64.b64encode(before).decode() if there else None,
        "after": files.sha256(book),
        "files": {name: files.sha256(folder / name) for name in fresh},
    }
    record.parent.mkdir(parents=True, exist_ok=True)
    files.write(record, json.dumps(held).encode())


def undo(folder: Path, record: Path, aside: Path) -> list[Path]:
    """Take back the last receipt: the ledger is as before, the files lie in a folder of ``aside``.

    Nothing is deleted: what was sent may lie nowhere else. Where it was interrupted it goes on.

    Returns
    -------
    Where the files lie now.

    Raises
    ------
    ValueError
        if there is nothing to take back, or the ledger or a file was changed since: nothing was
        done then.
    OSError
    """
    if journal.pending(folder):
        raise ValueError(tell("a receive was interrupted: run it again first"))
    try:
        held = json.loads(record.read_bytes())
    except (OSError, ValueError):
        raise ValueError(tell("no receive is noted that could be taken back")) from None
    book = folder / held["ledger"]
    before = None if held["before"] is None else base64.b64decode(held["before"])
    begun = (journal.content(book) if os.path.lexists(book) else None) == before
    if not begun and not _as_noted(book, held["after"]):
        raise ValueError(
            tell("{book} was changed since; take its lines and files back by hand", book=book)
        )
    here = {n: d for n, d in held["files"].items() if os.path.lexists(folder / n)}
    for name, digest in here.items():
        if not _as_noted(folder / name, digest):
            raise ValueError(
                tell("{file} was changed since; nothing was taken back", file=folder / name)
            )
    if not begun and before is not None:
        files.write(book, before)
    elif not begun:
        book.unlink()  # made by that receive, and as it left it
    target = next(p for n in count(1) if not (p := aside / str(n)).exists())
    moved = []
    for name in here:
        target.mkdir(parents=True, exist_ok=True)
        moved.append(Path(shutil.move(folder / name, target / name)))
    with suppress(FileNotFoundError):
        record.unlink()
    return moved


def _as_noted(path: Path, digest: str) -> bool:
    """Whether a file is the one that was received: a link is somebody else's, wherever it leads."""
    return stat.S_ISREG(os.lstat(path).st_mode) and files.sha256(path) == digest
