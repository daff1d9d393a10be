"""What a page reads, noted while its notebook runs: it is built anew when any of that changes.

Tables note themselves (:mod:`analysis.lineage.store`); files of the project's ``data`` folder are
seen through the interpreter's audit events: whatever opens them through Python. A library that
opens files in its own compiled code (pyarrow, python-calamine by path) must be given an open file,
or what it reads be noted (:func:`note`). Nothing is noted unless the kernel was started with
:data:`VARIABLE`.
"""

import json
import os
import sys
from pathlib import Path
from typing import TextIO

VARIABLE = "REFORM_MONITOR_TRACE"
"""Environment variable of a kernel: JSON list of the file to which reads are noted, and the data
folder that is watched."""

# the catalogue is in every page's key as a whole, derived tables note themselves
_APART = {"derived", "catalogue"}
_noted: TextIO | None = None
_seen: set[tuple[str, str]] = set()


def load_ipython_extension(shell: object) -> None:
    """Begin, if the kernel was asked to (called by IPython when the kernel starts)."""
    if VARIABLE in os.environ:
        start(*map(Path, json.loads(os.environ[VARIABLE])))


def start(file: Path, data: Path) -> None:
    """Note to ``file`` what this process reads of the folder ``data`` from now on.

    There is no end: a kernel is one page.

    Each line is a JSON list: kind (``table``, ``file``, ``folder``) and what was read.
    """
    global _noted
    _seen.clear()
    file.unlink(missing_ok=True)
    _noted = file.open("a", encoding="utf-8", buffering=1)
    folders = _folders(data)

    def watch(event: str, args: tuple) -> None:
        if event == "open" and _to_read(args[1], args[2]):
            _note_path("file", args[0], folders)
        elif event == "sqlite3.connect":
            _note_path("file", args[0], folders)
        elif event in ("os.scandir", "os.listdir"):
            _note_path("folder", args[0] or ".", folders)

    sys.addaudithook(watch)


def note(kind: str, what: str) -> None:
    """Note that ``what`` has been read."""
    if _noted is not None and (kind, what) not in _seen:
        _seen.add((kind, what))
        _noted.write(json.dumps([kind, what], ensure_ascii=False) + "\n")


def read(file: Path) -> list[tuple[str, str]] | None:
    """What was noted to ``file``, or None where nothing was watched."""
    if not file.exists():
        return None
    lines = file.read_text(encoding="utf-8").splitlines()
    return [tuple(json.loads(line)) for line in lines]


def _to_read(mode: str | None, flags: int) -> bool:
    if mode is None:  # os.open
        return flags & (os.O_WRONLY | os.O_RDWR) == 0
    return mode.startswith("r")


def _folders(data: Path) -> dict[str, str]:
    """Where files of ``data`` lie → what that is called in it: parts of it may be links (a share
    that holds what is received, a reference for several projects)."""
    found = {os.path.abspath(data): "", os.path.realpath(data): ""}
    for path in [*data.glob("*"), *data.glob("*/*")]:
        if path.is_symlink():
            found[os.path.realpath(path)] = path.relative_to(data).as_posix()
    return found


def _note_path(kind: str, path: object, folders: dict[str, str]) -> None:
    if not isinstance(path, (str, bytes, os.PathLike)):
        return
    given = os.fsdecode(path)
    for full in {os.path.abspath(given), os.path.realpath(given)}:
        for folder, called in folders.items():
            if full == folder or full.startswith(folder + os.sep):
                inside = f"{called}/{full[len(folder) :].replace(os.sep, '/')}".strip("/")
                inside = inside.replace("//", "/")
                if inside and inside.split("/", 1)[0] not in _APART:
                    note(kind, inside)
