"""What only Linux and macOS have is asked for where it may be missing: Windows has no fork, no
users by number, no limits of a process."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import analysis
from analysis.batch import zygote

SOURCE = Path(analysis.__file__).parent
LACKING = {"fcntl", "grp", "posix", "pwd", "resource", "termios"}
OF_OS = {
    "fork",
    "forkpty",
    "geteuid",
    "getuid",
    "killpg",
    "mkfifo",
    "setsid",
    "uname",
    "O_NOFOLLOW",
}
FORKED = {"batch/kernels.py", "batch/piped.py"}  # where there is no fork nothing of them is called
MAY = re.compile(rf"^(import|from) ({'|'.join(LACKING)})|os\.({'|'.join(OF_OS)})\b", re.M)
MODULES = sorted(SOURCE.rglob("*.py"))


def _unguarded(tree: ast.Module) -> list[str]:
    """Imports at the head of a module that stand in no ``try``."""
    heads = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    named = [n.module if isinstance(n, ast.ImportFrom) else n.names[0].name for n in heads]
    return [name for name in named if name and name.partition(".")[0] in LACKING]


def _asked(tree: ast.Module, source: str) -> list[str]:
    """Names of ``os`` that Windows lacks, in a module that does not look whether they are there."""
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id == "os" and node.attr in OF_OS
    }
    return [name for name in used if not re.search(rf"[a-z]+attr\(os, ['\"]{name}['\"]", source)]


def test_nothing_is_taken_for_granted_that_windows_lacks():
    wrong = {}
    for path in MODULES:
        source = path.read_text("utf-8")
        if not MAY.search(source):  # to parse all of them takes seconds
            continue
        tree, name = ast.parse(source), path.relative_to(SOURCE).as_posix()
        found = _unguarded(tree) + ([] if name in FORKED else _asked(tree, source))
        wrong |= {name: found} if found else {}
    assert wrong == {}


WITHOUT = """
import multiprocessing, os, signal, sys
from pathlib import Path
for name in ("grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "getuid", "geteuid", "killpg", "setsid", "mkfifo", "uname"):
    delattr(os, name)
multiprocessing.get_all_start_methods = lambda: ["spawn"]
os.environ.update(USERNAME="an", LOGNAME="an")
from analysis.batch import zygote
from analysis.reading import sandbox
from analysis.storage import files, locks, owners
assert not zygote.CAN_FORK and not zygote.fits()
zygote.warm_up()
assert zygote.context().get_start_method() == "spawn"
assert owners.me() == "an" and owners.owner(Path.cwd()) == ""
with locks.alone(Path(sys.argv[1], "a.run"), "a"):
    files.write(Path(sys.argv[1], "a.html"), b"a")
assert sandbox.call(os.path.basename, "x/y", memory=10**9, seconds=10) == "y"
refused = PermissionError(13, "Access is denied", sys.argv[1] + "/a.html")
refused.winerror = 32
print(owners.refused(refused))
"""


def test_without_fork_users_and_limits_work_goes_on(tmp_path):
    command = [sys.executable, "-c", WITHOUT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "a.html" in done.stdout and "Is it open in another program?" in done.stdout
    assert (tmp_path / "a.html").read_bytes() == b"a"


def test_without_fork_workers_are_started_anew(monkeypatch):
    monkeypatch.setattr(zygote, "CAN_FORK", False)
    monkeypatch.setattr(zygote.multiprocessing, "current_process", pytest.fail)
    assert zygote.context().get_start_method() == "spawn"
