"""Files of the catalogue as they are read; what is wrong is collected, with file and line.

What each kind of file must hold stands in ``schemas/<kind>.json`` (JSON Schema, with a word on
every key).
"""

import json
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from analysis.language import codes

SCHEMAS = Path(__file__).with_name("schemas")

# the C parser where it is built in: a catalogue is read by every page
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CatalogueError(Exception):
    """The catalogue is broken; the message lists every problem as ``file:line: what``."""


def _line_of(text: str, path: tuple) -> int:
    """Line (from 1) of the YAML node that ``path`` leads to, or of its nearest parent."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = node.start_mark.line
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line
    return line + 1


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


class Reader:
    """Reads catalogue files and collects what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root, self.problems, self.texts = root, [], {}

    def report(self, path: Path, where: tuple, what: str) -> None:
        line = _line_of(self.texts[path], where) if path in self.texts else 1
        self.problems.append(f"{self._name(path)}:{line}: {what}")

    def raise_problems(self) -> None:
        """Raise :class:`CatalogueError` if anything was wrong."""
        if self.problems:
            raise CatalogueError("\n".join(self.problems))

    def _name(self, path: Path) -> str:
        return (
            path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name
        )

    def yaml(self, path: Path, kind: str | None = None) -> dict:
        try:
            text = path.read_text(encoding="utf-8")
            loaded = yaml.load(text, Loader=_LOADER)
        except FileNotFoundError:
            self.problems.append(f"{self._name(path)}:1: file is missing")
            return {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            reason = getattr(error, "problem", None) or error
            self.problems.append(f"{self._name(path)}:{line}: cannot be read: {reason}")
            return {}
        self.texts[path] = text
        if not isinstance(loaded, dict):
            self.report(path, (), "must hold a mapping")
            return {}
        if kind:
            import jsonschema  # a twentieth of the time in which a command starts

            broken = jsonschema.Draft202012Validator(schema(kind)).iter_errors(loaded)
            found = sorted(broken, key=lambda e: list(map(str, e.absolute_path)))
            for error in found:
                where = tuple(error.absolute_path)
                name = ".".join(map(str, where)) or "file"
                known = error.schema.get("properties", {})
                if error.validator != "additionalProperties" or not known:
                    self.report(path, where, f"{name}: {error.message}")
                    continue
                for key in [k for k in error.instance if k not in known]:
                    what = f"{name}: {key!r} means nothing here{codes.hint(key, known)}"
                    self.report(path, (*where, key), what)
            if found:
                return {}
        return loaded

    def table(self, path: Path) -> pd.DataFrame:
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        except (OSError, ValueError) as error:
            self.problems.append(f"{path.name}:1: cannot be read: {error}")
            return pd.DataFrame()
        return frame
