"""What takes hours is run with one command, and says what found something."""

import subprocess

from tools.__main__ import app
from typer.testing import CliRunner

from analysis.project import PROJECT


def test_every_long_run_is_begun_and_those_that_found_something_are_named(monkeypatch):
    ran = []

    def run(words, **_):
        ran.append(words[1:])
        return subprocess.CompletedProcess(words, int(words[1] == "tools/crash.py"))

    monkeypatch.setattr(subprocess, "run", run)
    done = CliRunner().invoke(app, ["long"])
    assert done.exit_code == 1, done.output
    assert f"{len(ran)} long runs, 1 found something: runs that are killed" in done.output
    assert len(ran) > 4 and all(w[0] == "-m" or (PROJECT / w[0]).is_file() for w in ran)
