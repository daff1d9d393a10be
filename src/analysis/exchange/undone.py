"""To take back the last ``receive`` of a period, by what was noted of it."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from analysis.exchange import journal, receipts
from analysis.storage import files


@contextmanager
def noted(folder: Path, record: Path) -> Iterator[None]:
    """Note what is received meanwhile into ``folder``: :func:`undo` takes that back.

    ``record``: where it is noted, outside the folder. Where nothing came nothing is noted, and what
    was noted of the time before still holds.
    """
    book = receipts.paths(folder)[0]
    before, names = journal.content(book), set(journal.names(folder))
    yield
    after = journal.content(book)
    if after == before:
        return
    fresh = sorted(set(journal.names(folder)) - names - {files.name_of(book)})
    held = {
        "ledger": files.name_of(book),
        "before": base64.b64encode(before).decode(),
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
        raise ValueError("a receive was interrupted: run it again first")
    try:
        held = json.loads(record.read_bytes())
    except (OSError, ValueError):
        raise ValueError("no receive is noted that could be taken back") from None
    book, before = folder / held["ledger"], base64.b64decode(held["before"])
    begun = journal.content(book) == before
    if not begun and files.sha256(book) != held["after"]:
        raise ValueError(f"{book} was changed since; take its lines and files back by hand")
    here = {n: d for n, d in held["files"].items() if os.path.lexists(folder / n)}
    for name, digest in here.items():
        if files.sha256(folder / name) != digest:
            raise ValueError(f"{folder / name} was changed since; nothing was taken back")
    if before:
        files.write(book, before)
    else:
        book.unlink(missing_ok=True)
    target = next(p for n in count(1) if not (p := aside / str(n)).exists())
    moved = []
    for name in here:
        target.mkdir(parents=True, exist_ok=True)
        moved.append(Path(shutil.move(folder / name, target / name)))
    with suppress(FileNotFoundError):
        record.unlink()
    return moved
