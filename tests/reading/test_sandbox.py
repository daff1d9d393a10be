"""Work on files from outside ends, also where it waits for what never comes."""

import time

import pytest

from analysis.reading import sandbox

BOUNDS = {"memory": 10**9, "seconds": 1}


def test_what_waits_is_stopped_by_the_clock_on_the_wall(monkeypatch):
    assert sandbox.call(abs, -1, **BOUNDS) == 1
    monkeypatch.setattr(sandbox, "WALL", 0.5)
    began = time.monotonic()
    with pytest.raises(sandbox.ExceededError):
        sandbox.call(time.sleep, 30, **BOUNDS)
    assert time.monotonic() - began < 5, "and it is not tried once more"
    assert sandbox.call(abs, -2, **BOUNDS) == 2
