"""Who is at work on what several machines share: an object in the store itself.

The locks of :mod:`storage.locks` are one machine's. Here a run makes an object that must not be
there yet, and takes it away when it is done. It says who made it, and is written again every
:data:`RENEWED` seconds, so that others see that the run lives. Nobody takes it from a run that may
live: a run of the same project on the same machine may (it holds the lock of that machine, so the
other is dead), and a person who has watched it for longer than that (:func:`release`).

Whether a store makes objects only where there are none is tried each time; of one that does not,
the last to write has the lock, and who has lost it is told when he looks (:func:`still`).
"""

import hashlib
import json
import os
import platform
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from analysis.language.messages import tell
from analysis.storage import clock, files, owners
from analysis.storage.addresses import without_secrets
from analysis.storage.locks import FOLDER, HeldError

RENEWED = 30.0  # seconds
WATCHED = 1.5 * RENEWED
SETTLES = 0.5  # seconds until who wrote last is known, where creation is not exclusive
_held: dict[str, str] = {}  # object → what tells that it is ours


class StoreError(Exception):
    """The store does not answer; the message says which, and what to do."""


def place(store: Path, name: str) -> Path:
    """The object that says who is at work on ``name``."""
    return store / FOLDER / f"{name}.json"


@contextmanager
def alone(store: Path | None, name: str, root: Path) -> Iterator[bool]:
    """Work on ``name`` of a store alone (where there is a store); the caller holds this machine's
    own lock of it, for the project ``root``.

    Whether it is certain: of a store that does not make objects only where there are none, two runs
    that begin in the same moment may both go on, until one of them looks (:func:`still`).

    Raises
    ------
    HeldError
        at once, if another run does, or at the end, if another has taken it meanwhile.
    StoreError
        if the store does not answer.
    """
    if store is None:
        yield True
        return
    path = place(store, name)
    try:
        token, certain = _taken(path, root)
    except _TakenError as taken:
        raise HeldError(_at_work(store, name, taken.args[0])) from taken
    except Exception as error:
        asked(store, error)
        raise
    _held[str(path)] = token
    done = Event()
    renewing = Thread(target=_renew, args=(path, token, done), daemon=True)
    renewing.start()
    try:
        yield certain
        still(store, name)
    finally:
        done.set()
        del _held[str(path)]
        with suppress(Exception):  # what made the run fail is told, not that this did, too
            renewing.join(RENEWED)  # it must not write what is gone
            if not renewing.is_alive() and (_read(path) or {}).get("token") == token:
                path.unlink()


@contextmanager
def turn(store: Path | None, name: str, root: Path, seconds: float = 120) -> Iterator[None]:
    """The same, but wait for others, who are done soon: for so many seconds."""
    end = time.monotonic() + seconds
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(alone(store, name, root))
                break
            except HeldError:
                if time.monotonic() > end:
                    raise
                time.sleep(SETTLES)
        yield


def still(store: Path | None, name: str) -> None:
    """See that ``name`` is still ours, where this process took it.

    Raises
    ------
    HeldError
        if it is another's.
    StoreError
        if the store does not answer.
    """
    mine = _held.get(str(place(store, name))) if store is not None else None
    if store is None or mine is None:
        return
    try:
        said = _read(place(store, name)) or {}
    except Exception as error:
        asked(store, error)
        raise
    if said.get("token") != mine:
        raise HeldError(
            tell(
                "{what}: {who} has taken it over meanwhile. What lies there may be of two runs: "
                "run the same command again when that one is done.",
                what=_what(store, name),
                who=_who(said),
            )
        )


def release(store: Path, name: str, watched: float) -> str | None:
    """Take away what a run has left that is no more; who that was, or None where nothing lies. What
    says nothing of a run is not ours, and stays.

    That it lives is seen by its writing, not by what its clock says, which may be another's.

    Raises
    ------
    HeldError
        if it lives: it was written again while it was watched for so many seconds; if it is none.
    StoreError
        if the store does not answer.
    """
    path = place(store, name)
    try:
        if (before := _read(path)) is None:
            return None
        if not before.get("token"):
            raise HeldError(
                tell(
                    "{path} is no lock of ours: look what it is, and take it away yourself if "
                    "nobody needs it",
                    path=without_secrets(str(path)),
                )
            )
        end = time.monotonic() + watched
        while time.monotonic() < end:
            time.sleep(min(1.0, watched / 2))
            if (now := _read(path)) != before:
                raise HeldError(_at_work(store, name, now or {}))
        path.unlink()
    except HeldError:
        raise
    except Exception as error:
        asked(store, error)
        raise
    return _who(before)


def asked(store: Path | None, error: Exception) -> None:
    """Ask a store whether it is there, where ``error`` came up: each library has errors of its own,
    and not all are of the system.

    Raises
    ------
    StoreError
        if it does not answer.
    """
    if store is None:
        return
    try:
        (
            store / FOLDER / "asked"
        ).read_bytes()  # whether it exists is answered without a store, too
    except (FileNotFoundError, PermissionError):
        return
    except Exception as why:
        raise StoreError(
            tell(
                "{store} does not answer: {why}. What is finished stays; when it is back, run "
                "the same command again: it goes on with the rest.",
                store=without_secrets(str(store)),
                why=without_secrets(f"{type(why).__name__}: {why}"[:300]),
            )
        ) from error


class _TakenError(Exception):
    """Somebody else has it: what the object says."""


def _taken(path: Path, root: Path) -> tuple[str, bool]:
    """Take an object: what tells that it is ours, and whether that is certain."""
    said = _said(root)
    data = json.dumps(said, ensure_ascii=False).encode()
    there = _read(path)
    if there is not None:
        if there.get("place") != said["place"]:
            raise _TakenError(there)
        path.unlink()  # of a run of this project here, which is dead: we hold its lock
    certain = _create(path, data) and not _create(path, data)
    if not certain:
        time.sleep(SETTLES)
    if (there := _read(path) or {}).get("token") != said["token"]:
        raise _TakenError(there)
    return str(said["token"]), certain


def _create(path: Path, data: bytes) -> bool:
    """Make an object, unless there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if isinstance(path, Path):
            with path.open("xb") as file:
                file.write(data)
        else:
            path.fs.pipe_file(path.path, data, mode="create")
    except FileExistsError:
        return False
    return True


def _read(path: Path) -> dict | None:
    """What an object says; nothing if it is none of ours, None where there is none."""
    _listed_anew(path)
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _listed_anew(path: Path) -> None:
    if not isinstance(path, Path):
        path.fs.invalidate_cache()


def _renew(path: Path, token: str, done: Event) -> None:
    while not done.wait(RENEWED):
        with suppress(Exception):  # a store that is away for a moment
            if (said := _read(path) or {}).get("token") == token:
                renewed = said | {"renewed": _now()}
                files.write(path, json.dumps(renewed, ensure_ascii=False).encode())


def _said(root: Path) -> dict[str, str | int]:
    machine, where = platform.node(), f"{uuid.getnode():x} {os.path.realpath(root)}"
    return {
        "token": uuid.uuid4().hex,
        "user": owners.me(),
        "machine": machine,
        "process": os.getpid(),
        "since": _now(),
        "renewed": _now(),
        "command": without_secrets(" ".join(sys.argv[1:])),
        "place": hashlib.sha256(f"{machine} {where}".encode()).hexdigest()[:16],
    }


def _now() -> str:
    return f"{clock.wall():%d/%m/%Y %H:%M:%S %Z}"


def _who(said: dict) -> str:
    if not said.get("token"):
        return tell("another process")
    return tell(
        "{user} on {machine} (process {process}: {command}), since {since}",
        **{name: said.get(name, "") for name in ("user", "machine", "process", "since")},
        command=said.get("command", ""),
    )


def _at_work(store: Path, name: str, said: dict) -> str:
    return tell(
        "{what}: {who} is at work on it; last sign of life: {renewed}. Wait until it is done. If "
        "it is no more (its machine was switched off): python -m analysis cluster release {name} "
        "--store {store}",
        what=_what(store, name),
        who=_who(said),
        renewed=said.get("renewed", "?"),
        name=name,
        store=without_secrets(str(store)),
    )


def _what(store: Path, name: str) -> str:
    return f"{without_secrets(str(store))}, {name}"
