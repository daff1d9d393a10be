"""Where names of before are, for notebooks that people wrote against them.

Until the code moved into rooms all modules lay in one folder: ``analysis.rank_views``. Whoever asks
for such a module, or for a function that a module had then, is told where it is now; nothing is
redirected. ``moved.csv``: old module, function (empty: the module itself), new module.
"""

import csv
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path

FILE = Path(__file__).with_name("moved.csv")


@cache
def table() -> dict[str, dict[str, str]]:
    """Old module → function → the module where it is now; under "" where the module itself is."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [(r["old_module"], r["function"], r["new_module"]) for r in csv.DictReader(file)]
    at_first = {new: old for old, function, new in rows if not function}
    found: dict[str, dict[str, str]] = {}
    for old, function, new in rows:
        old = at_first.get(old, old).removeprefix("analysis.")  # split when it lay in a room
        found.setdefault(old, {})[function] = new
    return found


def refuse(name: str) -> None:
    """Say where the module ``name`` went, or what somebody takes for one: a name in a room.

    Raises
    ------
    ImportError
        where that is known.
    """
    told = _told(*name.split(".")[1:])
    if told:
        raise ImportError(told, name=name)


def not_here(room: str, name: str) -> str:
    """What to say of a name that the door of a room does not have."""
    told = _told(*room.split(".")[1:], name)
    near = "" if told else ", ".join(get_close_matches(name, import_module(room).__all__))
    own = Path.cwd() / f"{room}.py"
    other = f"; {own} is another module of this name: rename it" if own.is_file() else ""
    near = f"; nearest: {near}" if near else ""
    return told or f"module {room!r} has no attribute {name!r}{near}{other}"


def gone(module: str) -> Callable[[str], object]:
    """The ``__getattr__`` of a module that kept its name, but not all that it had.

    Raises
    ------
    ImportError
        saying where it is: of another error ``from … import …`` would not give the message.
    """

    def find(name: str) -> object:
        if not name.startswith("_"):
            refuse(f"{module}.{name}")
        raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name)

    return find


def _told(old: str = "", name: str = "", *_: str) -> str:
    held = table().get(old, {})
    if name:
        new = held.get(name) or _has(held.get("", ""), name)
        write = f"write `from {new} import {name}`"
        return f"analysis.{old}.{name} is now {new}.{name}: {write}" if new else ""
    return _module(old, held) if "" in held else ""


def _has(module: str, name: str) -> str:
    """The module, if it is one of ours that has the name."""
    ours = module.startswith("analysis.")
    return module if ours and hasattr(import_module(module), name) else ""


def _module(old: str, held: dict[str, str]) -> str:
    new = held[""]
    if not new.startswith("analysis."):
        path = new.replace(".", "/")
        return f"analysis.{old} is now {path}.py: a tool of those who develop this, not of analysis"
    room, _, base = new.rpartition(".")
    also = "" if base == old else f" (with `as {old}` all else can stay as it is)"
    told = [f"analysis.{old} is now {new}: write `from {room} import {base}`{also}"]
    for at in dict.fromkeys(where for name, where in held.items() if name):
        names = ", ".join(name for name, where in held.items() if name and where == at)
        told.append(f"but {names}: `from {at} import …`")
    return "; ".join(told)
