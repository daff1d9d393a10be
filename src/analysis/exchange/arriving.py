"""What was sent as it comes: files, folders, zips and mails become the files of which each is
received."""

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from analysis.checking import claims
from analysis.exchange.receipts import safe_name
from analysis.language.messages import tell
from analysis.reading import archives, spreadsheets
from analysis.storage import files, scratch

MOST = 5_000
"""Files that one zip or folder may hold: more is a mistake, or an attack."""


class Arriving(NamedTuple):
    """A file to be received, and what it is called for those who sent it (``th.zip: a.xlsx``)."""

    path: Path
    told: str


@contextmanager
def files_of(
    sent: Iterable[Path], limits: dict, passed: Callable[[str], None] = lambda _: None
) -> Iterator[list[Arriving]]:
    """The files that were sent, one by one: those of a folder, and of a zip, by their names, so
    that a file stands before the one with a higher number (``x.xlsx``, ``x (2).xlsx``).

    Those of zips, and what hangs at a mail (.eml), lie in a temporary folder meanwhile. Hidden
    files, and what systems put beside files of their own accord, are passed over. A zip in a zip
    stays one file.

    Parameters
    ----------
    limits
        ``file_bytes`` of ``parameters.yml``: what a zip may hold follows from it.
    passed
        Called with each file that is no more than the lock of Excel or Word on another.

    Raises
    ------
    ValueError
        for a zip or mail that is broken, has a password, or holds too much; for a folder without a
        file.
    OSError
    """
    with scratch.folder() as folder:
        found: list[Arriving] = []
        for n, path in enumerate(sent):
            if path.is_dir():
                found += _in_folder(path, passed)
            elif not path.is_file():  # a pipe would keep us waiting for ever
                raise FileNotFoundError(
                    errno.ENOENT, tell("is no file; nothing was received"), str(path)
                )
            elif files.is_lock(path.name, path.stat().st_size):
                passed(str(path))
            elif path.suffix.lower() not in (".zip", ".eml"):
                found.append(Arriving(path, str(path)))
            else:
                files.sha256(path)  # which ends, if reading does not
                taken_apart = _in_zip if path.suffix.lower() == ".zip" else _in_mail
                found += taken_apart(path, folder / str(n), limits, passed)
        yield found


def _in_folder(folder: Path, passed: Callable[[str], None]) -> list[Arriving]:
    inside = ((p, p.relative_to(folder).parts) for p in folder.rglob("*"))
    held = [path for path, parts in inside if archives.counts(parts)]
    if linked := next((p for p in held if p.is_dir() and p.is_symlink()), None):
        raise ValueError(
            tell(
                "{path}: a link to another folder: name that folder, too. Nothing was received",
                path=linked,
            )
        )
    held = [p for p in held if not p.is_dir()]
    for lock in [p for p in held if p.is_file() and files.is_lock(p.name, p.stat().st_size)]:
        passed(str(lock))
        held.remove(lock)
    if wrong := next((p for p in held if not p.is_file()), None):
        raise FileNotFoundError(errno.ENOENT, tell("is no file; nothing was received"), str(wrong))
    if not held or len(held) > MOST:
        raise ValueError(
            tell(
                "{folder}: {n} files; nothing was received (at most {most})",
                folder=folder,
                n=len(held),
                most=MOST,
            )
        )
    return [Arriving(p, str(p)) for p in sorted(held, key=_order)]


def _in_zip(
    path: Path, folder: Path, limits: dict, passed: Callable[[str], None]
) -> list[Arriving]:
    """Each of the files of a zip, in a folder of its own: two may have one name."""
    taken = []
    try:
        with archives.opened(path, MOST, limits) as packed:
            for lock in packed.locks:
                passed(f"{files.name_of(path)}: {lock}")
            for n, (name, info) in enumerate(packed.members):
                if info.file_size > limits["file_bytes"]:
                    raise archives.LargeZipError(f"{name}: {info.file_size / 1e6:.0f} MB")
                own = folder / str(n) / safe_name(PurePosixPath(name).name)
                own.parent.mkdir(parents=True)
                own.write_bytes(packed.read(info))
                taken.append(own)
    except (archives.BrokenZipError, archives.LargeZipError) as error:
        raise ValueError(
            tell("{path}: {error}; nothing was received", path=path, error=tell(str(error)))
        ) from error
    if not taken:
        raise ValueError(tell("{path}: holds no file; nothing was received", path=path))
    return [Arriving(p, f"{files.name_of(path)}: {p.name}") for p in sorted(taken, key=_order)]


def _in_mail(
    path: Path, folder: Path, limits: dict, passed: Callable[[str], None]
) -> list[Arriving]:
    """What hangs at a mail, at mails in it too; zips among it are taken apart."""
    most = spreadsheets.INFLATED * limits["file_bytes"]
    if path.stat().st_size > most:
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        raise ValueError(tell("{path}: {error}; nothing was received", path=path, error=size))
    try:
        with path.open("rb") as file:
            mail = BytesParser(policy=policy.default).parse(file)
        parts = [(part.get_filename(), part) for part in islice(mail.walk(), MOST + 1)]
        held = [(name, part.get_payload(decode=True)) for name, part in parts if name]
    # whatever a mail holds that is none, or was made to mislead
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            tell("{path}: no mail that can be read; nothing was received", path=path)
        ) from error
    if len(parts) > MOST:
        raise ValueError(
            tell("{path}: holds more than {n} parts; nothing was received", path=path, n=MOST)
        )
    taken: list[Arriving] = []
    for n, (name, data) in enumerate(held):
        if data is None or not archives.counts((name,)):
            continue
        if files.is_lock(name, len(data)):
            passed(f"{files.name_of(path)}: {name}")
            continue
        own = folder / str(n) / safe_name(PurePosixPath(name).name)
        own.parent.mkdir(parents=True)
        own.write_bytes(data)
        zipped = own.suffix.lower() == ".zip"
        inside = _in_zip(own, folder / f"{n}-zip", limits, passed) if zipped else []
        taken += inside or [Arriving(own, own.name)]
    if not taken:
        raise ValueError(
            tell("{path}: no file is attached to this mail; nothing was received", path=path)
        )
    called = files.name_of(path)
    told = [Arriving(one.path, f"{called}: {one.told}") for one in taken]
    return sorted(told, key=lambda one: _order(one.path))


def _order(path: Path) -> tuple:
    name = files.name_of(path)
    return claims.by_number(name), name
