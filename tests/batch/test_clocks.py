"""No clock that was wrong, here or elsewhere, makes a page be built for ever."""

import time
from dataclasses import dataclass

import pytest

from analysis.batch import incremental
from analysis.site import share

DAY = 86400.0
NOW = time.time


@dataclass
class Clock:
    """What the clock says, from what it is."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return NOW() + self.ahead


@pytest.mark.parametrize(("ahead", "late"), [(0, True), (-30, True), (-DAY, False), (DAY, False)])
def test_what_a_clock_dated_that_was_set_back_is_not_built_for_ever(
    tmp_path, monkeypatch, ahead, late
):
    (tmp_path / "a.csv").write_text("n")
    monkeypatch.setattr(time, "time", clock := Clock(ahead))
    began = clock() - 5
    (read,) = incremental.settled([("file", "a.csv")], lambda *_: "x", tmp_path, began)
    assert read[2] == ("changed while it was read" if late else "x")


@pytest.mark.parametrize("epoch", ["0", "315532799", "4102444800"])
def test_an_archive_can_be_made_at_any_time(monkeypatch, epoch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    assert share.archive_of({"a": b""}, "k", False)
