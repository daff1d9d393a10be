"""What was received under the name of a library is not run, wherever somebody stands."""

import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from shared import CONTEXT, needs_fork, notebook, page

from analysis import project
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


STRONGER = ("analysis", "importlib", "runpy", "multiprocessing", "threading")
"""Of these ``python -m analysis`` runs the one that was received, before any line of ours."""


def _stronger(received):
    for name in STRONGER:
        shutil.copy(received / "json.py", received / f"{name}.py")


def test_what_comes_before_any_line_of_ours_is_kept_out_by_python_itself(received):
    """As documentation and Makefile have it: ``-P``, its variable, or the command by its name."""
    _stronger(received)
    begin = "import sys; sys.argv = ['reform-monitor', '--version']; "
    begin += "from analysis.__main__ import main; main()"
    ways = {
        "the option": (["-P", "-m", "analysis", "--version"], {}),
        "the variable": (["-m", "analysis", "--version"], {project.SAFE_PATH: "1"}),
        "the command": ([str(received.parent / "reform-monitor"), "--version"], {}),
    }
    (received.parent / "reform-monitor").write_text(begin)  # a script has its own folder first
    for way, (words, more) in ways.items():
        done = subprocess.run(
            [sys.executable, *words], cwd=received, capture_output=True, env=os.environ | more
        )
        assert done.returncode == 0 and done.stdout.startswith(b"reform-monitor"), (way, done)
    assert not (received / "ran").exists()


def test_nor_does_the_process_that_reads_files(received, monkeypatch):
    _stronger(received)
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


@needs_fork
def test_nor_do_the_processes_of_which_workers_are_forks(received):
    _stronger(received)
    script = received.parent / "forks"
    script.write_text(FORKS)
    env = {name: text for name, text in os.environ.items() if name != project.SAFE_PATH}
    done = subprocess.run([sys.executable, script], cwd=received, capture_output=True, env=env)
    assert done.stdout.split() == [b"0"] and not (received / "ran").exists(), done


FORKS = """
from multiprocessing.context import ForkServerContext as Context
from analysis.batch import zygote
Context.set_forkserver_preload = lambda *_: None  # seconds, which are tried elsewhere
if __name__ == "__main__":
    zygote.warm_up()
    one = Context().Process(target=len, args=("",))
    one.start()
    one.join()
    print(one.exitcode)
"""


def test_the_working_folder_is_looked_in_last_in_every_kernel(received, monkeypatch):
    monkeypatch.chdir(received)
    for before in (["", *sys.path], [str(received), *sys.path], sys.path):
        monkeypatch.setattr(sys, "path", list(before))
        last_sought.load_ipython_extension(None)
        assert sys.path[-1] == str(received)
        assert "" not in sys.path and sys.path.count(str(received)) == 1
