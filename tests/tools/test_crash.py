"""Runs that are killed, have no room, may not write, or meet another: nothing half-written is ever
visible, and the next run leaves what an undisturbed one does (tools/crash.py tries it often).
"""

import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import crashes
import pytest
import yaml
from shared import call

from analysis import project
from analysis.storage import locks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no groups of processes to kill")


# What builds no page, and is not killed, needs no process of its own.
RUN = ("run", crashes.PERIOD, "--workers", "1")


@pytest.fixture
def same_time(monkeypatch):
    """A run in this process is at the time of the others."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", crashes.EPOCH)


@pytest.fixture(scope="module")
def of(tmp_path_factory):
    """A project that is not built, how often a run of it changes files, and what that leaves."""
    folder = tmp_path_factory.mktemp("of")
    empty = crashes.project(folder / "empty")
    root = Path(shutil.copytree(empty, folder / "built"))
    (folder / "aside").mkdir()
    changes = crashes.writes(root, folder / "aside")
    return empty, changes, crashes.whole(root), crashes.state(root)


def test_a_run_that_is_killed_again_and_again_is_finished_by_the_next(of, tmp_path, same_time):
    empty, changes, whole, left = of
    root = shutil.copytree(empty, tmp_path / "project")
    before = crashes.whole(empty)
    for part in (0.3, 0.5):  # while tables are made, and while pages are
        at = int(part * changes)
        assert crashes.killed_at_write(root, tmp_path, at), at
        assert crashes.half_written(root, before, whole) == [], at
    assert crashes.state(root) != left
    code, printed = call(root, *RUN)
    assert code == 0, printed
    assert crashes.differing(crashes.state(root), left) == []
    assert call(root, "verify", str(root / "reports" / crashes.PERIOD))[0] == 0


def test_a_site_whose_last_run_was_killed_before_its_home_gets_it(of, tmp_path, same_time):
    """All pages are built then, so that no page says that anything is left to do."""
    empty, _, whole, left = of
    root = shutil.copytree(empty, tmp_path / "project")
    assert crashes.killed_at_write(root, tmp_path, root / "reports/index.html")
    seen = crashes.visible(root)
    assert f"reports/{crashes.PERIOD}/receipt.json" in seen and "reports/index.html" not in seen
    for lost in ("", "index.html", f"{crashes.PERIOD}/search.json"):  # and one that lost a file
        if lost:
            (root / "reports" / lost).unlink()
        code, printed = call(root, *RUN)
        assert code == 0 and "0 pages written" in printed, lost
        assert crashes.differing(crashes.state(root), left) == [], lost


@contextmanager
def small_disk(folder: Path, size: str):
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield lambda options: subprocess.run(
            ["mount", "-o", f"remount,{options}", str(folder)], check=True
        )
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_and_one_that_is_read_only_are_named_and_what_was_begun_is_finished(
    of, tmp_path, same_time
):
    empty, _, whole, left = of
    used = sum(p.stat().st_blocks * 512 for p in empty.rglob("*")) // 1024
    with small_disk(tmp_path / "disk", "60m") as remount:
        root = shutil.copytree(empty, tmp_path / "disk" / "project")
        before = crashes.whole(root)
        remount("ro")
        code, printed = call(root, *RUN)
        assert code == 2 and "Read-only file system" in printed and str(root) in printed
        assert "run the same command again" in printed and "Traceback" not in printed
        for more in (60, 400):  # kilobytes: for no table; for tables, but not for all pages
            remount(f"rw,size={used + more}k")
            code, printed = crashes.run(root)
            assert code in (1, 2) and "No space left on device" in printed, printed
            assert "Traceback" not in printed
            others = [root / name for name in crashes.half_written(root, before, whole)]
            cards = [path.read_text("utf-8") for path in others]  # of pages, or an index of them
            assert all(card.rstrip().endswith(("</html>", "}")) for card in cards), others
        remount("size=60m")
        code, printed = call(root, *RUN)
        assert code == 0, printed
        assert crashes.differing(crashes.state(root), left) == []


HOLD = """
import sys, time
from pathlib import Path
from analysis.storage import locks
with locks.alone(Path(sys.argv[1]), "2026-Q3"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_run_of_a_site_is_told_who_is_at_it_and_a_killed_one_holds_nothing(of, tmp_path):
    empty, *_ = of
    root = shutil.copytree(empty, tmp_path / "project")
    path = project.Place(root).derived(locks.FOLDER) / f"{crashes.PERIOD}.run"
    command = [sys.executable, "-c", HOLD, str(path), "run", crashes.PERIOD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        before = crashes.state(root)
        for words in (("run", crashes.PERIOD), ("check", crashes.PERIOD)):
            code, printed = call(root, *words)
            assert code == 2 and f"process {holder.pid} on " in printed, printed
            assert "since" in printed and "then run the same command again" in printed
        assert crashes.state(root) == before
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    code, printed = call(root, "check", crashes.PERIOD)
    assert code == 0, printed


def test_runs_of_two_periods_at_once_do_not_mix(of, tmp_path, same_time):
    """The later rests on the tables of the earlier, which both make; the home names both."""
    empty, *_ = of
    other = "2026-Q2"
    roots = []
    for name in ("together", "one after the other"):
        root = shutil.copytree(empty, tmp_path / name)
        submissions = root / "data/submissions"
        shutil.copytree(submissions / crashes.PERIOD, submissions / other)
        stated = submissions / other / "period.yml"
        stated.write_text(stated.read_text("utf-8").replace(crashes.PERIOD, other), "utf-8")
        crashes.change(root)
        site = root / "reports/site.yml"
        declared = yaml.safe_load(site.read_text("utf-8"))
        site.write_text(yaml.safe_dump(declared | {"report": [other, crashes.PERIOD]}), "utf-8")
        roots.append(root)
    first = crashes.start(roots[0])
    second = crashes.start(roots[0], "run", other, "--workers", "1")
    for process in (first, second):
        printed, _ = process.communicate(timeout=600)
        assert process.returncode == 0, printed
    code, printed = call(roots[1], "report", "--workers", "2")
    assert code == 0, printed
    states = [crashes.state(root) for root in roots]
    assert crashes.differing(*states) == []
    home = (roots[0] / "reports/index.html").read_text("utf-8")
    assert f"{other}/index.html" in home and f"{crashes.PERIOD}/index.html" in home
