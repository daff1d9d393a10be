"""Commands wait to be imported until they are called; until then each says what it is for."""

import inspect
import os
import subprocess
import sys

import pytest
import typer

from analysis.__main__ import app
from analysis.commands import later

HEAVY = {"pandas", "numpy", "scipy", "pyarrow", "openpyxl", "jinja2", "nbformat", "jsonschema"}

CALLED = """
import atexit, sys
atexit.register(lambda: print(sorted(n for n in sys.modules if "." not in n), file=sys.stderr))
from analysis.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (["--help"], {}, "questionnaire"),
        (["new", "--help"], {}, "edition"),
        (["--version"], {}, "reform-monitor"),
        ([], {"_X_COMPLETE": "complete_bash", "COMP_WORDS": "x ch", "COMP_CWORD": "1"}, "check"),
    ],
    ids=["help", "help of a group", "version", "completion"],
)
def test_who_asks_which_commands_there_are_waits_for_none(words, environment, said):
    named = CALLED.replace("main()", f"sys.argv = ['x', *{words}]\nmain()")
    asked = subprocess.run(
        [sys.executable, "-c", named], capture_output=True, text=True, env=os.environ | environment
    )
    assert said in asked.stdout and "'rich'" in asked.stderr
    assert not [name for name in HEAVY if f"'{name}'" in asked.stderr]


def pairs(group) -> list:
    """Each command as it waits and as it is called, in groups too."""
    found = []
    for command in group.commands.values():
        inside = getattr(command, "commands", None)
        found += pairs(command) if inside else [(command, later.called(command))]
    return found


@pytest.mark.parametrize(
    ("waiting", "called"), pairs(typer.main.get_command(app)), ids=lambda command: command.name
)
def test_what_waits_is_called_by_its_name_and_says_what_the_command_says(waiting, called):
    assert waiting is not called and waiting.name == called.name
    assert waiting.help == called.help == inspect.getdoc(called.callback)
    assert called.params and type(waiting) is type(called)
    assert later.called(called) is called
