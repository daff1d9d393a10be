"""Who comes second is told who is at work; who waits gets its turn; who is killed holds nothing."""

import subprocess
import sys
import threading

import pytest

from analysis.storage import locks

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
        with pytest.raises(locks.HeldError, match=f"process {holder.pid} on "):
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
