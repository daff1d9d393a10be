"""What is ours: a file is replaced or removed only where a record of ours says we wrote it.

Folders that we write into also hold what people put there, and what they change: a remark typed
into an annotated copy, the draft that we offer "to edit". Every file that we write is therefore
recorded, before it takes its name, with its SHA-256. What lies there as recorded is ours. Anything
else — changed, put there, a link, a folder, unreadable — stays as it is, and the new file stands
beside it (``draft~2.docx``).

Records are lines as ``sha256sum`` writes them. This module needs the standard library alone, so
that :mod:`analysis.storage.clean_up` runs where nothing is installed.
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain, count
from pathlib import Path, PurePosixPath

from analysis.storage import files

ENDING = ".sha256"
"""Of records."""

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def read(record: Path) -> dict[str, set[str]]:
    """Name → the digests under which a record holds it; empty where there is none.

    A line that was torn as it was written, or is none, says nothing.
    """
    found: dict[str, set[str]] = {}
    with suppress(OSError):
        for line in record.read_bytes().decode("utf-8", "surrogateescape").split("\n")[:-1]:
            if held := _LINE.fullmatch(line):
                found.setdefault(held[2], set()).add(held[1])
    return found


def text(digests: Mapping[str, str]) -> bytes:
    """Name → digest as the lines of a record, in the order of names."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return "".join(lines).encode("utf-8", "surrogateescape")


class Owned:
    """The files of a folder that one record holds; names are relative to the folder.

    One process at a time writes by one record: each page has its own. The folder, and the place of
    the record, may be in an object store.
    """

    def __init__(self, folder: Path, record: Path, stated: Mapping[str, str] | None = None) -> None:
        """``stated``: what another record of ours (a receipt) holds, name → digest."""
        self.folder, self.record = folder, record
        self.written: dict[str, str] = {}  # by this object: name → digest
        self.beside: dict[str, str] = {}  # name of what is not ours → name of the new one
        self._known = read(record)
        self.stated = stated or {}
        self._wanted: dict[str, str] = {}  # name written by this object, as alike → name asked for

    def ours(self, name: str) -> bool:
        """Whether the file of that name is as we wrote it."""
        known = self._known.get(name, set()) | {self.stated.get(name)}
        path = self.folder / name
        if not isinstance(path, Path):
            return path.is_file() and files.sha256(path) in known
        try:  # links are somebody else's, wherever they lead
            return stat.S_ISREG(os.lstat(path).st_mode) and files.sha256(path) in known
        except OSError:
            return False

    def place(self, name: str) -> str:
        """The name under which a file called ``name`` is written: another, where that is taken by
        what is not ours, or was given to another file: names that are one on some system are."""
        path = PurePosixPath(name)
        others = (str(path.with_name(f"{path.stem}~{n}{path.suffix}")) for n in count(2))
        return next(n for n in chain([name], others) if self._given(n, name))

    def _given(self, placed: str, name: str) -> bool:
        if self._wanted.get(files.alike(placed), name) != name:
            return False
        path = self.folder / placed
        there = os.path.lexists(path) if isinstance(path, Path) else path.exists()
        return not there or self.ours(placed)

    def write(self, name: str, data: bytes) -> str:
        """Write a file whole, and its record before it; returns the name that it got.

        Raises
        ------
        OSError
            if it cannot be written: no room, not allowed, or open in a program that locks it.
        """
        placed, digest = self.place(name), hashlib.sha256(data).hexdigest()
        if digest not in self._known.get(placed, ()):
            self._note(placed, digest)
        files.write(self.folder / placed, data)
        return self._is(placed, digest, name)

    def keep(self, placed: str, name: str) -> str:
        """What lies there for ``name`` since earlier is still wanted (:meth:`Owned.settle`)."""
        return self._is(placed, files.sha256(self.folder / placed), name)

    def _is(self, placed: str, digest: str, name: str) -> str:
        if placed != name:
            self.beside[name] = placed
        self.written[placed], self._wanted[files.alike(placed)] = digest, name
        return placed

    def _note(self, name: str, digest: str) -> None:
        self._known.setdefault(name, set()).add(digest)
        line = b"\n" + text({name: digest})  # what was torn before must not swallow it
        if isinstance(self.record, Path):
            self.record.parent.mkdir(parents=True, exist_ok=True)
            with self.record.open("ab") as file:
                file.write(line)
        else:  # an object is written whole
            held = self.record.read_bytes() if self.record.exists() else b""
            files.write(self.record, held + line)

    def remove(self, name: str) -> bool:
        """Remove a file if it is ours and no link leads to it; whether it is gone."""
        if self._through_link(name) or not self.ours(name):
            return False
        try:
            (self.folder / name).unlink()
        except PermissionError:  # a program holds it open, on some systems
            return False
        return True

    def _through_link(self, name: str) -> bool:
        above = list(PurePosixPath(name).parents)[:-1]
        return any(os.path.islink(self.folder / p) for p in above if isinstance(self.folder, Path))

    def settle(self) -> list[str]:
        """Remove what the record holds beyond what was written by this object, where it is ours
        still, and let the record hold what was written alone; returns the names removed."""
        held, gone = dict(self.written), []
        for name in sorted(self._known.keys() - held.keys()):
            if self.remove(name):
                gone.append(name)
            elif self.ours(name):  # for the next time
                held[name] = files.sha256(self.folder / name)
        data = text(held)
        if not data:
            if self._known:  # or there is none, or somebody else's
                self.record.unlink(missing_ok=True)
        elif not self.record.exists() or self.record.read_bytes() != data:
            files.write(self.record, data)
        return gone
