"""House rules for code: lint, format, types, short functions, private names kept at home."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from analysis.project import PROJECT

CODE = ("src", "tests", "tools", "benchmarks")
LONGEST = 60
"""Lines of a function, unless the line of its ``def`` gives the reason: ``# long: …``."""


def sources() -> Iterator[tuple[str, ast.Module, list[str]]]:
    for folder in CODE:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            yield path.relative_to(PROJECT).as_posix(), ast.parse(text), text.splitlines()


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", *CODE, "notebooks"),
        ("ruff", "format", "--check", *CODE, "notebooks"),
        ("mypy",),
    ],
    ids=" ".join,
)
def test_a_tool_has_nothing_to_say(command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def habits() -> tuple[list[str], list[str]]:
    """Functions that are long, private names that are used elsewhere: every file is read once."""
    long, private = [], []
    for name, tree, lines in sources():
        nodes = list(ast.walk(tree))
        long += [
            f"{name}:{node.lineno} {node.name}"
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno >= LONGEST
            and "# long: " not in lines[node.lineno - 1]
        ]
        held = {}
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("analysis"):
                held |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        asked = [(at, value.rpartition(".")[2]) for at, value in held.items()]
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                asked.append((node.value.id, node.attr))
        private += [
            f"{name}: {held[at]}: {own}" for at, own in asked if at in held and _hidden(own)
        ]
    return long, private


def test_functions_are_short_or_say_why_not():
    assert habits()[0] == []


def test_what_is_private_is_used_in_its_module_alone():
    assert habits()[1] == []


def _hidden(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
