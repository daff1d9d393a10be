"""Temporary folders, from one place: what we made goes when we do, however we end.

A folder says in its name that it is ours, on which machine and of which process. It goes with its
block, at the end of the process, and on SIGTERM; what a process left that was killed goes when the
next one begins. Nothing else is ever touched: no link, nothing of another user or machine, nothing
of a process that lives.
"""

import atexit
import hashlib
import os
import platform
import re
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

PREFIX = "reform-monitor"
_NAME = re.compile(rf"\.?{PREFIX}-([0-9a-f]{{8}})-(\d+)-\w+")
_made: dict[int, set[Path]] = {}  # by process: a fork has none of its parent's


@contextmanager
def folder(within: Path | None = None) -> Iterator[Path]:
    """A folder that goes with the block; ``within``: where it lies, hidden there."""
    path = made(within)
    try:
        yield path
    finally:
        _remove(path)


def made(within: Path | None = None) -> Path:
    """A folder that goes with this process."""
    hidden = "." if within else ""
    prefix = f"{hidden}{PREFIX}-{_machine()}-{os.getpid()}-"
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    if not _made:
        atexit.register(clear)
    _made.setdefault(os.getpid(), set()).add(path)
    return path


def clear() -> None:
    """Remove what this process made, and nothing of a process that it was forked from."""
    for path in list(_made.get(os.getpid(), ())):
        _remove(path)


def sweep(within: Path | None = None) -> None:
    """Remove what processes that are gone left in the folder of temporary files, or ``within``."""
    place = within or Path(tempfile.gettempdir())
    with suppress(OSError):
        for entry in os.scandir(place):
            if (named := _NAME.fullmatch(entry.name)) and named[1] == _machine():
                with suppress(OSError):
                    if _own(entry.path) and not _lives(int(named[2])):
                        shutil.rmtree(entry.path, ignore_errors=True)


def begin() -> None:
    """What a command does first: see that its folders go with it, and remove what others left."""
    if threading.current_thread() is threading.main_thread():
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _ended)
    sweep()


def _ended(number: int, frame: object) -> None:
    clear()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)  # who waits for us sees what ended us


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    _made.get(os.getpid(), set()).discard(path)


@cache
def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def _own(path: str) -> bool:
    """Whether it is a folder of this user, and no link."""
    seen = os.lstat(path)
    return stat.S_ISDIR(seen.st_mode) and (not hasattr(os, "getuid") or seen.st_uid == os.getuid())


def _lives(pid: int) -> bool:
    import psutil  # of ipykernel; only where something was left

    return psutil.pid_exists(pid)
