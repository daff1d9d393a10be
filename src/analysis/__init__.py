"""Reform Monitor: read, check, score and report administrative-reform indicators.

Submission → observations → issues → indicators → scores → pages: each step has its room (a package
of one job), and :mod:`analysis.pipeline` puts the steps in order. Who analyses begins here:
``periods()`` lists what there is, ``load("2024")`` gives a period, ``edition("apci-2022")`` that of
a survey; each says what it holds when it is shown.
"""

import os
import sys

# Of "python -m analysis", whose name is still sought: the folder in which somebody stands comes
# before all libraries, and what was received there as openpyxl.py would be run.
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path:
    if sys.path[0] != os.path.dirname(os.path.dirname(__file__)):
        del sys.path[0]

from collections.abc import Callable
from importlib import import_module

# jsonschema imports this to check IRIs, if it is there: a second of every start, for a format that
# no schema of ours has. It is as if it were not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


class NotHereError(AttributeError):
    """What a door does not have. Where it is, is looked up only if somebody reads the message:
    every ``from analysis.room import module`` asks the door first, in vain."""

    def __str__(self) -> str:
        return import_module("analysis.lineage.moved").not_here(*self.args)


def door(room: str, /, **named: str) -> tuple[Callable[[str], object], list[str]]:
    """The door of a room: its ``__getattr__`` (PEP 562) and ``__all__``, which Tab offers.

    ``named``: module → names that others may use. A module is imported when something of it is
    first asked for, and the door itself is no dependency (:mod:`analysis.lineage.imports`).
    """
    modules = {name: module for module, names in named.items() for name in names.split()}
    held = vars(sys.modules[room])

    def find(name: str) -> object:
        if name not in modules:
            raise NotHereError(room, name)
        return getattr(import_module(f"{room}.{modules[name]}"), name)

    held["__dir__"] = lambda: [*modules, *(name for name in held if name.startswith("__"))]
    return find, sorted(modules)


class _Moved:
    """Asked last, for modules that nobody found: old names of ours are told where they went."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name.startswith("analysis."):
            import_module("analysis.lineage.moved").refuse(name)


sys.meta_path.append(_Moved)
__getattr__, __all__ = door(__name__, period="load periods", survey="edition")
