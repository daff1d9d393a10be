"""Who is at work: one run at a time for a site, and no tables go while pages are made of them.

The locks are the operating system's: they end with the process that holds them, however it ends.
Their files stay, and say who was the last to hold them.
"""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import portalocker
from portalocker import LockFlags
from portalocker.exceptions import AlreadyLocked

from analysis.language.messages import tell
from analysis.storage import clock
from analysis.storage.addresses import without_secrets

FOLDER = ".locks"
"""Where lock files lie, in the folder of derived tables."""


class HeldError(Exception):
    """Another process is at work on the same; the message says which, since when, what to do."""


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Work on ``what`` alone.

    Raises
    ------
    HeldError
        at once, if another process does.
    """
    with _opened(path) as file:
        try:
            portalocker.lock(file, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
        except AlreadyLocked as error:
            who = _holder(path) or tell("another process")
            raise HeldError(
                tell(
                    "{what}: {who} is at work on it. Wait until it is done, or stop it, then run "
                    "the same command again.",
                    what=what,
                    who=who,
                )
            ) from error
        file.truncate(0)
        file.write(
            tell(
                "process {pid} on {machine} ({words}), since {time},",
                pid=os.getpid(),
                machine=platform.node(),
                words=without_secrets(" ".join(sys.argv[1:])),
                time=f"{clock.wall():%d/%m/%Y %H:%M:%S %Z}",
            )
        )
        file.flush()
        yield


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait until no other process is at the same, then keep it out."""
    with _opened(path) as file:
        portalocker.lock(file, LockFlags.EXCLUSIVE)
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
            yield True


def _opened(path: Path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a", encoding="utf-8")


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip(" ,\n")
    except OSError:  # some systems let nobody read what another has locked
        return ""
