"""Derived tables: whole or not there, whoever else reads and writes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd
import pytest

from analysis import store


@dataclass
class Pair:
    left: pd.DataFrame
    right: pd.DataFrame


def pair(value: int, rows: int = 3) -> Pair:
    return Pair(pd.DataFrame({"x": [value] * rows}), pd.DataFrame({"y": [value] * rows}))


def test_tables_come_back_as_they_were_and_only_for_their_mark(tmp_path):
    folder = tmp_path / "2024"
    assert not store.holds(folder, "a")
    store.save(pair(1), folder, "a")
    assert store.holds(folder, "a") and not store.holds(folder, "b")
    held = store.read(Pair, folder, "a")
    pd.testing.assert_frame_equal(held.left, pair(1).left)
    with pytest.raises(AttributeError, match="no table middle"):
        _ = held.middle


def test_tables_of_another_mark_are_never_given_for_the_old_ones(tmp_path):
    folder = tmp_path / "2024"
    store.save(pair(1), folder, "a")
    held = store.read(Pair, folder, "a")
    assert held.left["x"].tolist() == [1, 1, 1]
    store.save(pair(2), folder, "b")
    assert not store.holds(folder, "a") and len(list(folder.iterdir())) == 1
    assert held.left["x"].tolist() == [1, 1, 1], "what was read stays"
    with pytest.raises(RuntimeError, match="2024: tables were rebuilt while in use"):
        _ = held.right


def test_the_same_tables_may_be_made_and_read_by_many_at_once(tmp_path):
    folder = tmp_path / "2024"

    def made(i: int) -> int:
        for _ in range(10):
            store.save(pair(7, 1000), folder, "a")
            held = store.read(Pair, folder, "a")
            assert held.left["x"].eq(7).all() and held.right["y"].eq(7).all()
        return i

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(made, range(8))) == list(range(8))
    assert [p.name for p in folder.iterdir()] == ["a"]


def test_what_cannot_be_named_is_said(tmp_path):
    folder = tmp_path / "2024"
    folder.mkdir()
    (folder / "a").write_text("a file in the way")
    with pytest.raises(OSError):
        store.save(pair(1), folder, "a")
    assert [p.name for p in folder.iterdir()] == ["a"], "nothing is left behind"
