"""The list of kinds of attacks and accidents (docs/kinds.md) names tests that there are."""

import ast
import subprocess
import sys
from functools import cache

import pytest
from tools import kinds

from analysis.project import PROJECT

HELD = kinds.kinds()
FOR_EVER = {  # begun once; a kind that is no more tried would come back
    "CSV by three separators",
    "The public archive",
    "Two users and two machines",
    "Names and capitals",
    "Linked folders",
    "Clocks and waiting",
    "Consoles",
    "Windows and macOS",
    "Ownership",
    "Edited outputs",
    "Receive at every replace",
    "Runs that are killed",
    "The ledger as a person keeps it",
    "The whole build under fuzzing",
    "The p % rule",
    "Temporary folders",
    "One store, two machines",
    "Dask and TLS",
    "A file under the name of a library",
    "Bounds over all files",
    "The last good page",
}


@cache
def _defined(path: str) -> set[str]:
    """What pytest would find in a file: functions, and what is given a name there."""
    tree = ast.parse((PROJECT / path).read_text("utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    given = [target for n in tree.body if isinstance(n, ast.Assign) for target in n.targets]
    return found | {target.id for target in given if isinstance(target, ast.Name)}


def test_no_kind_has_gone():
    assert set(HELD) >= FOR_EVER


@pytest.mark.parametrize("kind", HELD)
def test_each_kind_is_held_by_tests_that_there_are(kind):
    assert HELD[kind] and len(set(HELD[kind])) == len(HELD[kind])
    for test in HELD[kind]:
        path, _, name = test.partition("::")
        assert name.lower().startswith("test") and name in _defined(path), test


def test_the_command_lists_the_kinds_and_refuses_a_word_that_none_has():
    command = [sys.executable, str(PROJECT / "tools" / "kinds.py")]
    listed = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    assert all(kind in listed for kind in HELD)
    assert subprocess.run([*command, "no such"], capture_output=True).returncode == 2
