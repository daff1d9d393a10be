"""Files of the catalogue as they are read; what is wrong is collected, with file and line.

What each kind of file must hold stands in ``schemas/<kind>.json`` (JSON Schema, with a word on
every key).
"""

import json
import pickle
from functools import cache, lru_cache
from pathlib import Path

from analysis.catalogue import shapes, yaml_text
from analysis.language.messages import noted, tell
from analysis.storage import by_hand

NO_PROJECT = noted(
    "{root}: no project: a project is a folder that holds data/catalogue. Make one: "
    "reform-monitor init FOLDER; one that lies elsewhere: --root FOLDER"
)
_TOLD = 100  # of what is wrong with one file
SCHEMAS = Path(__file__).with_name("schemas")


class CatalogueError(Exception):
    """The catalogue is broken; the message lists every problem as ``file:line: what``."""


@cache
def schema(kind: str) -> dict:
    """What files of a kind must hold: frameworks, forms, period …, references followed.

    Tables are not made anew when a schema changes: they rest on modules
    (:mod:`analysis.lineage.imports`), and a schema only says what is refused. What code computes
    with is therefore not read from one.
    """
    return _followed(_stated(kind), kind)


@cache
def _stated(kind: str) -> dict:
    return json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8"))


def _followed(node: object, kind: str) -> object:
    if isinstance(node, list):
        return [_followed(part, kind) for part in node]
    if not isinstance(node, dict):
        return node
    held = {k: _followed(part, kind) for k, part in node.items() if k not in ("$ref", "$defs")}
    if "$ref" not in node:
        return held
    file, _, name = node["$ref"].partition("#/$defs/")
    there = file.removesuffix(".json") or kind
    return {**_followed(_stated(there)["$defs"][name], there), **held}


@lru_cache(maxsize=256)
def _sound(raw: bytes, kind: str) -> bytes:
    """What a file holds with which nothing is wrong, pickled; empty otherwise.

    A catalogue is read again when any of its files has changed: the others are not parsed anew.
    """
    held, found = yaml_text.parse(raw)
    if held is None or found or shapes.faults(schema(kind), held):
        return b""
    return pickle.dumps(held)


class Reader:
    """Reads catalogue files and collects what is wrong with them.

    Attributes
    ----------
    problems
        What is wrong, each once, as ``file:line: what``.
    unsound
        Files that cannot be used, with what could be read of each all the same. What other files
        say of them is not held against those.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        self.unsound: dict[Path, object] = {}
        self._raw: dict[Path, bytes] = {}
        self._lines: dict[Path, yaml_text.Lines] = {}

    def report(self, path: Path, where: tuple, what: str) -> None:
        """Say what is wrong at a place of a YAML file: the keys that lead there."""
        self._say(path, self._line(path, where), what)

    def _line(self, path: Path, where: tuple) -> int:
        if path in self._raw and path not in self._lines:
            self._lines[path] = yaml_text.Lines(self._raw[path])
        return self._lines[path].of(where) if path in self._lines else 1

    def _say(self, path: Path, line: int, what: str) -> None:
        problem = f"{self._name(path)}:{line}: {' '.join(what.split())}"
        if problem not in self.problems:
            self.problems.append(problem)

    def raise_problems(self) -> None:
        """Raise :class:`CatalogueError` if anything was wrong."""
        if self.problems:
            raise CatalogueError("\n".join(self.problems))

    def broken(self, kind: str) -> list[str]:
        """Codes of the files of a folder that cannot be used: they are there all the same."""
        return [path.stem for path in self.unsound if path.parent == self.root / kind]

    def _name(self, path: Path) -> str:
        """Code lists have names of their own."""
        named = path.is_relative_to(self.root) and path.suffix != ".csv"
        return path.relative_to(self.root).as_posix() if named else path.name

    def yaml(self, path: Path, kind: str) -> dict:
        """The mapping that a file holds, as the schema of its kind wants it; empty otherwise."""
        before = len(self.problems)
        held = None
        try:
            self._raw[path] = by_hand.content(path)
        except FileNotFoundError:
            self._say(path, 1, tell("file is missing"))
        except OSError as error:
            self._say(path, 1, tell("cannot be read: {strerror}", strerror=error.strerror))
        else:
            held = self._held(path, kind)
        if len(self.problems) > before:
            self.unsound[path] = held
            return {}
        return held

    def _held(self, path: Path, kind: str) -> object:
        if sound := _sound(self._raw[path], kind):
            return pickle.loads(sound)
        held, found = yaml_text.parse(self._raw[path])
        shaped = [] if held is None else shapes.faults(schema(kind), held)
        places = [(self._line(path, where), what) for where, what in shaped[:_TOLD]]
        lines = {line for line, _ in places}
        number = tell(yaml_text.NUMBER)  # its type says as much
        found = [f for f in found if f[0] not in lines or not f[1].endswith(number)]
        if held is None and not found:
            found = [(1, tell("is empty"))]
        self._say_first(path, found)
        self._say_first(path, places, len(shaped))
        return held

    def _say_first(self, path: Path, found: list[tuple[int, str]], in_all: int = 0) -> None:
        """Say the first of what is wrong with a file, and how much more there is."""
        for line, what in found[:_TOLD]:
            self._say(path, line, what)
        if (more := max(len(found), in_all) - _TOLD) > 0:
            self._say(path, found[_TOLD - 1][0], tell("{n} more things are wrong here", n=more))

    def refuse(self, path: Path, found: list[tuple[int, str]], sound: bool = False) -> None:
        """Say what is wrong with a file, by line; it cannot be used, unless it is ``sound``."""
        self._say_first(path, found)
        if not sound:
            self.unsound[path] = None
