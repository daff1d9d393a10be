"""Files of the catalogue as they are read; what is wrong is collected, with file and line."""

from pathlib import Path

import jsonschema
import pandas as pd
import yaml

from analysis.catalogue.schemas import SCHEMAS
from analysis.language import codes

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


class Reader:
    """Reads catalogue files and collects what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root, self.problems, self.texts = root, [], {}

    def report(self, path: Path, where: tuple, what: str) -> None:
        line = _line_of(self.texts[path], where) if path in self.texts else 1
        self.problems.append(f"{self._name(path)}:{line}: {what}")

    def _name(self, path: Path) -> str:
        return (
            path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name
        )

    def yaml(self, path: Path, schema: str | None = None) -> dict:
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
        if schema:
            broken = jsonschema.Draft202012Validator(SCHEMAS[schema]).iter_errors(loaded)
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
