"""Reform Monitor: read, check, score and report administrative-reform indicators.

Submission → observations → issues → indicators → scores → pages: each step has its room (a package
of one job), and :mod:`analysis.pipeline` puts the steps in order.
"""

import sys
from collections.abc import Callable
from importlib import import_module

# jsonschema imports this to check IRIs, if it is there: a second of every start, for a format that
# no schema of ours has. It is as if it were not there.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def door(room: str, /, **named: str) -> tuple[Callable[[str], object], list[str]]:
    """The door of a room: its ``__getattr__`` (PEP 562) and ``__all__``.

    ``named``: module → names that others may use. A module is imported when something of it is
    first asked for, and the door itself is no dependency (:mod:`analysis.lineage.imports`).
    """
    modules = {name: module for module, names in named.items() for name in names.split()}

    def find(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {room!r} has no attribute {name!r}", name=name)
        return getattr(import_module(f"{room}.{modules[name]}"), name)

    return find, sorted(modules)


__getattr__, __all__ = door(__name__, period="load")
