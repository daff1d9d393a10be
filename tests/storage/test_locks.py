"""Who comes second is told who is at work; who waits gets its turn; who is killed holds nothing."""

import json
import os
import platform
import subprocess
import sys
import threading

import pytest

from analysis.storage import locks, owners

HOLD = """
import sys
from pathlib import Path
from analysis.storage import locks
with locks.alone(Path(sys.argv[1]), "2026-Q3"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_comes_second_is_told_who_is_at_work_and_a_killed_one_holds_nothing(tmp_path):
    path = tmp_path / ".locks" / "2026-Q3.run"
    command = [sys.executable, "-c", HOLD, str(path), "run"]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with subprocess.Popen(command, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(locks.HeldError, match=rf"\(process {holder.pid} on "):
            with locks.alone(path, "2026-Q3"):
                pass
        holder.kill()
    with locks.alone(path, "2026-Q3"):
        pass


def test_a_turn_is_waited_for(tmp_path):
    waiting, told = threading.Event(), []

    def second():
        waiting.set()
        with locks.turn(tmp_path / "a"):
            told.append("second")

    with locks.turn(tmp_path / "a"):
        other = threading.Thread(target=second)
        other.start()
        waiting.wait()
        other.join(0.2)
        told.append("first")
    other.join()
    assert told == ["first", "second"]


def test_who_holds_a_lock_is_told_with_user_host_time_and_command_but_no_password(
    tmp_path, monkeypatch
):
    path = tmp_path / "2026-Q3.run"
    words = ["run", "2026-Q3", "--store", "s3://khoa:mật/khẩu@kho.vn/x?token=bí"]
    monkeypatch.setattr(sys, "argv", ["analysis", *words])
    with locks.alone(path, "2026-Q3"):
        monkeypatch.setattr(sys, "argv", ["analysis", "check"])
        with pytest.raises(locks.HeldError) as told, locks.alone(path, "2026-Q3"):
            pass
        kept = path.read_text("utf-8")
    said = str(told.value)
    for part in (owners.me(), platform.node(), "run 2026-Q3 --store s3://", "@kho.vn/x", "since "):
        assert part in said, part
    for secret in ("khoa", "mật", "khẩu", "bí"):
        assert secret not in said and secret not in kept and ascii(secret)[1:-1] not in kept
    assert path.read_text("utf-8") == "", "nobody holds it"


def _left(path, machine):
    held = dict(user="an", pid=1, machine=machine, command="run 2026-Q3", since="30/11/2026")
    path.write_text(json.dumps(held), "utf-8")


@pytest.mark.parametrize("way", [lambda p: locks.alone(p, "2026-Q3"), locks.turn])
def test_what_a_process_of_another_machine_left_is_told_and_not_taken(tmp_path, way):
    path = tmp_path / "2026-Q3.run"
    _left(path, "máy-khác")
    with pytest.raises(locks.HeldError, match=r"an \(process 1 on máy-khác: run 2026-Q3\)") as told:
        with way(path):
            pass
    assert f"remove {path}" in str(told.value)
    with locks.free(path) as free:
        assert not free
    path.unlink()
    with way(path):
        pass


@pytest.mark.parametrize("way", [lambda p: locks.alone(p, "2026-Q3"), locks.turn])
def test_what_a_killed_process_of_this_machine_left_is_taken_over(tmp_path, way):
    path = tmp_path / "2026-Q3.run"
    for text in (None, "", "process 7 on a (run), since yesterday,", "{", "[]", '{"pid": 1}'):
        _left(path, platform.node())
        if text is not None:
            path.write_text(text, "utf-8")
        with way(path):
            assert json.loads(path.read_text("utf-8"))["pid"] == os.getpid()


def test_who_waits_is_told_for_whom(tmp_path):
    told, waits = [], threading.Event()

    def waiting(text):
        told.append(text)
        waits.set()

    def second():
        with locks.turn(tmp_path / "a", waiting):
            pass

    with locks.turn(tmp_path / "a", waiting):
        other = threading.Thread(target=second)
        other.start()
        assert waits.wait(10)
    other.join()
    assert [f"waiting: {owners.me()} (process {os.getpid()}" in text for text in told] == [True]
