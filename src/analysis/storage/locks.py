"""Who is at work: one run at a time for a site, and no tables go while pages are made of them.

The locks are the operating system's: they end with the process that holds them, however it ends,
and between machines hold as far as the share on which they lie passes them on. Who holds one stands
in its file as long as it works. What stands in a free one was left by a process that was killed:
one of this machine is gone, of another nobody here can know.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import portalocker
from portalocker import LockFlags
from portalocker.exceptions import AlreadyLocked

from analysis.language.messages import tell
from analysis.storage import clock, owners
from analysis.storage.addresses import without_secrets

FOLDER = ".locks"
"""Where lock files lie, in the folder of derived tables."""

_KEYS = ("user", "pid", "machine", "command", "since")


class HeldError(Exception):
    """Another process is at work on the same; the message says which, since when, what to do."""


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Work on ``what`` alone.

    Raises
    ------
    HeldError
        at once, if another process does, or one of another machine may.
    """
    with _opened(path) as file:
        try:
            portalocker.lock(file, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
        except AlreadyLocked as error:
            raise HeldError(
                tell(
                    "{what}: {who} is at work on it. Wait until it is done, or stop it, then run "
                    "the same command again.",
                    what=what,
                    who=_told(_holder(path)),
                )
            ) from error
        with _named(file, path, what):
            yield


@contextmanager
def turn(path: Path, waits: Callable[[str], None] | None = None) -> Iterator[None]:
    """Wait until no other process is at the same, then keep it out.

    ``waits``: called before, if it must be waited, with who is at work.

    Raises
    ------
    HeldError
        if a process of another machine may be at work.
    """
    with _opened(path) as file:
        try:
            portalocker.lock(file, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
        except AlreadyLocked:
            if waits:
                waits(tell("waiting: {who} is at work", who=_told(_holder(path))))
            portalocker.lock(file, LockFlags.EXCLUSIVE)
        with _named(file, path, path.name):
            yield


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Keep ``path`` from being :func:`free`, with others who do the same."""
    with _opened(path) as file:
        portalocker.lock(file, LockFlags.SHARED)
        yield


@contextmanager
def free(path: Path) -> Iterator[bool]:
    """Whether nobody holds ``path``; if so, nobody can inside the block."""
    with _opened(path) as file:
        try:
            portalocker.lock(file, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
        except AlreadyLocked:
            yield False
        else:
            yield not _elsewhere(_said(file))


def _opened(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a+", encoding="utf-8")


@contextmanager
def _named(file: IO[str], path: Path, what: str) -> Iterator[None]:
    """Say in the file of a lock that is held who holds it, as long as it is."""
    left = _said(file)
    if _elsewhere(left):
        raise HeldError(
            tell(
                "{what}: {who} began to work on it, and whether that goes on cannot be seen from "
                "this machine. Ask there; if it is over, remove {path} and run the same command "
                "again.",
                what=what,
                who=_told(left),
                path=path,
            )
        )
    held = {
        "user": owners.me(),
        "pid": os.getpid(),
        "machine": platform.node(),
        "command": without_secrets(" ".join(sys.argv[1:])),
        "since": f"{clock.wall():%d/%m/%Y %H:%M:%S %Z}",
    }
    file.truncate(0)
    file.write(json.dumps(held))
    file.flush()
    try:
        yield
    finally:
        with suppress(OSError):  # the work is done, whatever becomes of the note
            file.truncate(0)


def _elsewhere(held: dict[str, str]) -> bool:
    return bool(held) and held["machine"] != platform.node()


def _holder(path: Path) -> dict[str, str]:
    """Who holds a lock; empty where some systems let nobody read what another has locked."""
    try:
        with path.open(encoding="utf-8") as file:
            return _said(file)
    except OSError:
        return {}


def _said(file: IO[str]) -> dict[str, str]:
    """What the file of a lock says of who holds it; empty where it says nothing."""
    try:
        file.seek(0)
        held = json.loads(file.read())
        return {key: str(held[key]) for key in _KEYS}
    except (ValueError, LookupError, TypeError):
        return {}


def _told(held: dict[str, str]) -> str:
    if not held:
        return tell("another process")
    return tell("{user} (process {pid} on {machine}: {command}), since {since},", **held)
