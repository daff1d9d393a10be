"""YAML as it is written by hand: what a parser would take in silence is said, with its line."""

import re
from collections.abc import Hashable
from datetime import date
from itertools import accumulate
from math import isfinite

import yaml

from analysis.language.messages import noted, tell

# the C parser where it is built in: a catalogue is read by every page
_BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARKED = re.compile(r"(?:^|[\s\[{,:-])[*&]\S")

Fault = tuple[int, str]


class _Loader(_BASE):  # type: ignore[valid-type,misc]
    """Notes what stands twice in a mapping: YAML keeps the last of them."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.faults: list[Fault] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        held = super().construct_mapping(node, deep=deep)
        if len(held) < len(node.value):
            first: dict[Hashable, int] = {}
            for key, _ in node.value:
                line, name = key.start_mark.line + 1, self.construct_object(key, deep=True)
                if name in first:
                    self.faults.append(
                        (
                            line,
                            tell(
                                "{name}: stands twice, in line {first}, too",
                                name=name,
                                first=first[name],
                            ),
                        )
                    )
                first.setdefault(name, line)
        return held


_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_DEEPEST, _MANY, _DIGITS = 50, 2000, 300


NUMBER = noted("would be read as another number: write it plainly, or in quotes")


def _whole(loader: _Loader, node: yaml.ScalarNode) -> object:
    """YAML reads 014 as 12 and 1:30 as 90."""
    return _plain(loader, node, loader.construct_yaml_int(node), _WHOLE)


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> object:
    return _plain(loader, node, loader.construct_yaml_float(node), _DECIMAL)


def _plain(loader: _Loader, node: yaml.ScalarNode, number: float, form: re.Pattern) -> float:
    if len(node.value) > _DIGITS or (not form.fullmatch(node.value) and isfinite(number)):
        loader.faults.append((node.start_mark.line + 1, f"{node.value} {tell(NUMBER)}"))
        return 0 if len(node.value) > _DIGITS else number
    return number


def _bottomless(text: str) -> bool:
    """Whether the C parser would come to no bottom: it would take the whole process with it."""
    if "- " * _DEEPEST in text:
        return True
    if text.count("[") + text.count("{") < _MANY:
        return False
    signs = re.findall(r"[\[\]{}]", text)
    return max(accumulate(1 if sign in "[{" else -1 for sign in signs)) > _MANY


def _day(loader: _Loader, node: yaml.ScalarNode) -> object:
    """A day or a time; a day that no calendar has stays the text that it is."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def parse(raw: bytes) -> tuple[object, list[Fault]]:
    """What a file holds, and what is wrong with it as YAML; None where it cannot be read.

    Refused besides what is no YAML: other encodings than UTF-8 (a mark at the beginning is taken),
    keys that stand twice, and the marks & and \\*, by which one part would stand for another.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [(line, tell("cannot be read: not UTF-8; save the file in this encoding"))]
    if _bottomless(text):
        return None, [(1, tell("cannot be read: too many things within each other"))]
    try:
        if _MARKED.search(text):
            for event in yaml.parse(text, Loader=_BASE):
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                    line = event.start_mark.line + 1
                    return None, [
                        (line, tell("cannot be read: & and * mean nothing here: use quotes"))
                    ]
        loader = _Loader(text)
        try:
            return loader.get_single_data(), sorted(loader.faults)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        return None, [_unreadable(error, text)]


def _unreadable(error: Exception, text: str) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line if mark else 0
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    if isinstance(error, RecursionError):
        reason = tell("too many things within each other")
    return min(line, text.count("\n")) + 1, tell("cannot be read: {reason}", reason=reason)


class Lines:
    """Where things stand in the text of a file."""

    def __init__(self, raw: bytes) -> None:
        try:
            self._root = yaml.compose(raw.decode("utf-8-sig"), Loader=_BASE)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            self._root = None

    def of(self, path: tuple) -> int:
        """Line (from 1) of what ``path`` leads to, or of the nearest around it."""
        node = self._root
        line = node.start_mark.line if node else 0
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = [(k, v) for k, v in node.value if _names(k, step)]
                if not found:
                    break
                line, node = found[-1][0].start_mark.line, found[-1][1]
            elif isinstance(node, yaml.SequenceNode) and int(step) < len(node.value):
                node = node.value[int(step)]
                line = node.start_mark.line
        return line + 1


def _names(key: yaml.Node, step: object) -> bool:
    written = str(key.value)
    if isinstance(step, date) and written[:4].isdecimal():  # 2022-6-1 is a day, too
        return "-".join(f"{int(n):02d}" for n in written.split("-") if n.isdecimal()) == str(step)
    return written == str(step)
