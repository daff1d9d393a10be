"""JSON that a reporting system exports: each of its values as a cell, at its JSON pointer.

Members of a list stand below each other, in the order of the file; what they call their values are
the columns. What cannot be told for certain is refused: a key that stands twice, and more lists
within each other than any table needs.
"""

import json
import re
from collections import Counter
from itertools import accumulate
from pathlib import Path

_DEEPEST = 30  # lists and objects within each other
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPENS = {"[": 1, "{": 1, "]": -1, "}": -1}
_VALUE = re.compile(
    r'"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d[\d.eE+-]*|true|false|-?Infinity|NaN', re.DOTALL
)
_MARK = {"~": "~0", "/": "~1"}  # RFC 6901


class JsonError(Exception):
    """The text is not read; the message is a cause (:mod:`analysis.reading.faults`) and where."""


class _Figure(str):
    """A number as it is written."""


class _Object(list):
    """The members of an object, in their order, each once or not."""


Value = tuple[str, int, int, str, str]
"""Pointer, row, column, text and type (number, text, other) of a value."""


def read(path: Path) -> tuple[list[Value], int]:
    """The values of a file that are neither empty nor null, and how many there are.

    What stands outside lists is in row 1, each member of a list in a row of its own. The number is
    counted from the text by itself, not from the values.

    Raises
    ------
    JsonError
    """
    text = _decoded(path.read_bytes())
    if not text.strip():
        raise JsonError("empty")
    bare = _STRING.sub("", text)
    depth = accumulate(_OPENS[sign] for sign in re.findall(r"[\[\]{}]", bare))
    if max(depth, default=0) > _DEEPEST:
        raise JsonError(f"json_deep: {_DEEPEST}")
    try:
        held = json.loads(
            text,
            object_pairs_hook=_Object,
            parse_int=_Figure,
            parse_float=_Figure,
            parse_constant=str,
        )
    except json.JSONDecodeError as error:
        raise JsonError(f"json: {error.lineno}") from error
    if not isinstance(held, list):
        raise JsonError("not_a_spreadsheet")
    # a string that is empty, or is followed by a colon, is no value
    counted = sum(1 for m in _VALUE.finditer(text) if m[1] != "" and not m[2])
    return _Grid().values(held), counted


def _decoded(data: bytes) -> str:
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise JsonError(f"encoding: byte {error.start + 1}") from error


class _Grid:
    """Where values stand: rows are counted, columns are what they are called in their row."""

    def __init__(self) -> None:
        self.rows = 1
        self.columns: dict[str, int] = {}
        self.found: list[Value] = []

    def values(self, held: object) -> list[Value]:
        self._under(held, "", None, "")
        return self.found

    def _under(self, held: object, pointer: str, row: int | None, name: str) -> None:
        if isinstance(held, _Object):
            keys = [key for key, _ in held]
            if len(set(keys)) < len(keys):
                again = Counter(keys).most_common(1)[0][0]
                raise JsonError(f"json_key: {pointer}/{ascii(pointed(again))[1:-1]}")
            for key, part in held:
                self._under(part, f"{pointer}/{pointed(key)}", row, f"{name}/{key}")
        elif isinstance(held, list):
            for n, part in enumerate(held):
                below = row
                if row is None:  # a list within a member of a list is a part of it
                    self.rows += 1
                    below = self.rows
                self._under(part, f"{pointer}/{n}", below, name if row is None else f"{name}/{n}")
        elif held is not None and held != "":
            column = self.columns.setdefault(name, len(self.columns) + 1)
            text, kind = _said(held)
            if not _is_text(pointer + text):
                raise JsonError(f"json_text: {ascii(pointer)[1:-1]}")
            self.found.append((pointer, row or 1, column, text, kind))


def _said(held: object) -> tuple[str, str]:
    if isinstance(held, bool):
        return str(held).upper(), "other"
    return str(held), "number" if isinstance(held, _Figure) else "text"


def _is_text(text: str) -> bool:
    """Whether the text can be written: JSON may hold halves of a letter."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def pointed(key: str) -> str:
    """A key as a step of a pointer."""
    return re.sub("[~/]", lambda m: _MARK[m[0]], key)


def tokens(pointer: str) -> list[str]:
    """The steps of a pointer.

    >>> tokens("/dataValues/3/a~1b")
    ['dataValues', '3', 'a/b']
    """
    return [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]
