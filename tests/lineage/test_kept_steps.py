"""Steps are worked out again when anything they rest on has changed, and only then."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.lineage import kept_steps
from analysis.lineage.kept_steps import Steps

TABLE = pd.DataFrame({"unit": ["01", None], "value": [1.5, np.nan], "n": [1, 2]}, index=[4, 7])
TABLE["unit"] = TABLE["unit"].astype(object)
TABLE["status"] = pd.Categorical(["A", "M"], ["A", "M", "O"])


class Counted:
    """A step that counts how often it was worked out."""

    def __init__(self, result) -> None:
        self.result, self.times = result, 0

    def __call__(self):
        self.times += 1
        return self.result


def test_what_rests_on_the_same_is_worked_out_once_and_is_what_it_was(tmp_path):
    path, made, told = tmp_path / "steps.bin", Counted({"a": TABLE}), Counted([1.25, None, "ă"])
    for _ in range(3):
        known = Steps(path, "code")
        pd.testing.assert_frame_equal(known.tables("one", [TABLE, "x"], made)["a"], TABLE)
        assert known.values("two", ["x"], told) == told.result
        known.save()
    assert (made.times, told.times) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        ("other code", "one", [TABLE, "x"]),
        ("code", "another", [TABLE, "x"]),
        ("code", "one", [TABLE, "y"]),
        ("code", "one", [TABLE.assign(value=[1.5, 0.0]), "x"]),
        ("code", "one", [TABLE.assign(value=[np.nextafter(1.5, 2), np.nan]), "x"]),
        ("code", "one", [TABLE.rename(columns={"n": "m"}), "x"]),
        ("code", "one", [TABLE.reset_index(drop=True), "x"]),
        ("code", "one", ["x", TABLE]),
    ],
)
def test_what_rests_on_something_else_is_worked_out_anew(tmp_path, other):
    path = tmp_path / "steps.bin"
    known = Steps(path, "code")
    known.tables("one", [TABLE, "x"], lambda: {"a": TABLE})
    known.save()
    rests_on, name, on = other
    fresh = Counted({"a": TABLE.iloc[:1]})
    assert len(Steps(path, rests_on).tables(name, on, fresh)["a"]) == 1
    assert fresh.times == 1


@given(st.integers(0, 2000), st.integers(1, 255))
def test_no_damaged_byte_changes_a_result(tmp_path_factory, at, by):
    path = tmp_path_factory.getbasetemp() / "damaged.bin"
    known = Steps(path, "code")
    known.tables("one", [], lambda: {"a": TABLE})
    known.save()
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= by
    path.write_bytes(data)
    found = Steps(path, "code").tables("one", [], lambda: {"a": TABLE})["a"]
    pd.testing.assert_frame_equal(found, TABLE)
    path.unlink()


def test_only_the_steps_of_the_last_time_are_kept(tmp_path):
    path = tmp_path / "steps.bin"
    for figure in range(20):
        known = Steps(path, "code")
        known.values("one", [str(figure)], lambda: "x" * 1000)
        known.save()
    assert path.stat().st_size < 2000


def test_what_cannot_be_kept_is_worked_out_each_time(tmp_path):
    mixed = pd.DataFrame({"a": [1, "text"]})
    made = Counted({"a": mixed})
    for _ in range(2):
        known = Steps(tmp_path / "steps.bin", "code")
        pd.testing.assert_frame_equal(known.tables("one", [], made)["a"], mixed)
        known.tables("two", [mixed], made)
        known.save()
    assert made.times == 4
    (tmp_path / "file").write_bytes(b"")
    nowhere = Steps(tmp_path / "file" / kept_steps.FILE, "code")
    assert nowhere.values("one", [], lambda: 1) == 1
    nowhere.save()
