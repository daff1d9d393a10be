"""The list of guards fits the project: tools/guards.py takes each away and looks for a test
that fails."""

import sys

import pytest

from analysis import project

sys.path.insert(0, str(project.PROJECT / "tools"))

import guards

ALL = guards.load()


def source(file: str) -> str:
    return (project.PROJECT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("guard", ALL, ids=lambda g: g.name.replace(" ", "-"))
def test_a_guard_is_there_once_and_what_is_left_without_it_is_code(guard):
    changed = guard.removed(source(guard.file))
    assert changed != source(guard.file)
    if guard.file.endswith(".py"):
        compile(changed, guard.file, "exec")


def test_every_test_that_shall_notice_is_there():
    named = {test.partition("[")[0] for guard in ALL for test in guard.tests}
    asked = [test.split("::") for test in sorted(named)]
    assert [test for file, test in asked if f"\ndef {test}(" not in source(file)] == []


def test_every_guard_has_a_name_of_its_own_and_tests():
    assert len({guard.name for guard in ALL}) == len(ALL) and all(guard.tests for guard in ALL)
