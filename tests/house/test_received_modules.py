"""What was received under the name of a library is not run, wherever somebody stands."""

import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from shared import CONTEXT, notebook, page

from analysis.batch import execute, last_sought
from analysis.batch.pages import Batch
from analysis.reading import sandbox

NAMES = ("openpyxl", "pandas", "typer", "rich", "json", "pickle", "distributed")


@pytest.fixture()
def received(tmp_path):
    """A folder that holds what an office sent; each says so where it is imported."""
    for name in NAMES:
        text = f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit('{name} was run')\n"
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def test_a_command_runs_no_module_of_the_folder_in_which_it_is_called(received):
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "--version"], cwd=received, capture_output=True
    )
    assert done.returncode == 0 and done.stdout.startswith(b"reform-monitor"), done.stderr
    assert not (received / "ran").exists()


def test_nor_does_the_process_that_reads_files(received, monkeypatch):
    monkeypatch.chdir(received)
    asked = (importlib.util.find_spec, ("openpyxl",), 10**10, 60)
    found = sandbox.process_of(-1).call(asked)
    assert str(received) not in found.origin
    assert not (received / "ran").exists()


def test_nor_does_a_page_whose_own_modules_are_found_all_the_same(received, in_this_process):
    (received / "helper.py").write_text("WORD = 'of our own'\n")
    code = "import importlib.util as i, helper; print(i.find_spec('distributed').origin)"
    path = notebook(received, "n", f"{code}; print(helper.WORD)")
    shared = Batch(received / "site", received / "executed", CONTEXT)
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(execute.build, page(path, "p"), shared).result()
    said = (received / "executed" / "p.log").read_text("utf-8")
    assert result.status == "ok" and "of our own" in said, said
    assert str(received / "distributed.py") not in said


def test_the_working_folder_is_looked_in_last_in_every_kernel(received, monkeypatch):
    monkeypatch.chdir(received)
    for before in (["", *sys.path], [str(received), *sys.path], sys.path):
        monkeypatch.setattr(sys, "path", list(before))
        last_sought.load_ipython_extension(None)
        assert sys.path[-1] == str(received)
        assert "" not in sys.path and sys.path.count(str(received)) == 1
