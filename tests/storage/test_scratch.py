"""Temporary folders go with their process, however it ends, and nothing else does."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from analysis.storage import scratch

MAKES = """
import sys, time
from analysis.storage import scratch
scratch.begin()
with scratch.folder() as held:
    (held / "a").write_text("x")
    print(held, flush=True)
    time.sleep(60) if sys.argv[1] else None
    sys.exit(3)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def ended(how: str) -> tuple[Path, int]:
    """A folder of a process that ended so, and how."""
    command = [sys.executable, "-c", MAKES, how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        held = Path(process.stdout.readline().strip())
        if how:
            process.send_signal(getattr(signal, how))
    return held, process.returncode


def test_a_folder_goes_with_its_block():
    with scratch.folder() as held:
        assert held.is_dir() and os.stat(held).st_mode & 0o077 == 0
    assert not held.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("how", "code"), [("", 3), ("SIGTERM", -15), ("SIGKILL", -9)])
def test_a_folder_goes_with_its_process_or_when_the_next_begins(how, code):
    held, returned = ended(how)
    assert returned == code and held.exists() == (how == "SIGKILL")
    scratch.sweep()
    assert not held.exists()


def _named(pid: int, machine: str = "") -> str:
    own = scratch.made().name.split("-")
    return f"{scratch.PREFIX}-{machine or own[2]}-{pid}-abc_1"


GONE = 2**22 + 7  # beyond what systems give


@pytest.mark.parametrize(
    "name",
    [
        lambda: _named(os.getppid()),
        lambda: _named(GONE, "0" * 8),
        lambda: f"{scratch.PREFIX}-{GONE}",
        lambda: f"my-{_named(GONE)}",
        lambda: "reform-monitor-abc.log",
    ],
)
def test_what_may_be_of_others_stays(temporary, name):
    kept = temporary / name()
    kept.mkdir()
    scratch.sweep()
    assert kept.is_dir()


def test_no_link_and_no_file_is_taken_for_a_folder_of_ours(temporary):
    real = temporary / "mine"
    real.mkdir()
    (real / "a").write_text("x")
    link, file = temporary / _named(GONE), temporary / (_named(GONE) + "2")
    link.symlink_to(real)
    file.write_text("x")
    scratch.sweep()
    assert link.is_symlink() and file.exists() and (real / "a").exists()


def test_nothing_of_another_user_is_removed(temporary, monkeypatch):
    held = temporary / _named(GONE)
    held.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: os.stat(held).st_uid + 1, raising=False)
        scratch.sweep()
        assert held.exists()
    scratch.sweep()
    assert not held.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_leaves_what_its_parent_made():
    with scratch.folder() as held:
        if (child := os.fork()) == 0:
            scratch.clear()
            os._exit(0)
        os.waitpid(child, 0)
        assert held.is_dir()


def test_a_hidden_folder_within_another_is_found_there(tmp_path):
    name = f".{_named(GONE)}"
    (tmp_path / "project" / name).mkdir(parents=True)
    scratch.sweep(tmp_path / "project")
    assert not list((tmp_path / "project").iterdir())
    with scratch.folder(tmp_path / "project") as held:
        assert held.parent == tmp_path / "project" and held.name.startswith(".")
