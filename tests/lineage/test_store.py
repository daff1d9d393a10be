"""Derived tables: whole or not there, whoever else reads and writes at the same time."""

import errno
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.batch import incremental
from analysis.lineage import store
from analysis.storage import files


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


def test_of_many_at_once_one_makes_the_tables_and_the_others_wait(tmp_path):
    folder, made = tmp_path / "2024", []

    def make() -> Pair:
        made.append(1)
        time.sleep(0.2)
        return pair(len(made))

    with ThreadPoolExecutor(4) as pool:
        held = list(pool.map(lambda _: store.kept(Pair, folder, lambda: "a", make), range(4)))
    assert made == [1] and all(one.left["x"].eq(1).all() for one in held)


def test_tables_that_pages_are_made_of_stay_and_go_afterwards(tmp_path):
    folder = tmp_path / "2024"
    store.save(pair(1), folder, "a")
    with store.keeping({str(folder): "a"}), store.keeping({str(folder): "a"}):
        store.save(pair(2), folder, "b")
        assert store.read(Pair, folder, "a").right["y"].tolist() == [1, 1, 1]
    held = store.kept(Pair, folder, lambda: "b", lambda: pair(3))
    assert held.left["x"].tolist() == [2, 2, 2] and not store.holds(folder, "a")
    with pytest.raises(FileNotFoundError), store.keeping({str(folder): "a"}):
        pass


def test_where_there_is_no_room_nothing_is_left_and_what_was_there_stays(tmp_path, monkeypatch):
    folder = tmp_path / "2024"
    store.save(pair(1), folder, "a")
    whole = store.write_table

    def full(table, path):
        path.write_bytes(b"PAR1")
        if path.stem == "right":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        whole(table, path)

    monkeypatch.setattr(store, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        store.save(pair(2), folder, "b")
    assert [p.name for p in folder.iterdir()] == ["a"]


def test_tables_bear_their_name_whole_or_not_at_all_as_they_go(tmp_path, monkeypatch):
    folder = tmp_path / "2024"
    store.save(pair(1), folder, "a")
    monkeypatch.setattr(store.shutil, "rmtree", lambda *_, **__: None)  # killed before it is done
    store.keep_only(folder, "b")
    assert not store.holds(folder, "a") and list(folder.glob("[!.]*")) == []


def test_what_a_killed_run_left_goes_when_tables_are_next_made(tmp_path):
    folder = tmp_path / "2024"
    (folder / ".making-half").mkdir(parents=True)
    (folder / ".making-half" / "left.parquet").write_bytes(b"PAR1")
    (folder / store.READING).mkdir()
    (folder / store.READING / f".located.parquet.x{files.PART}").write_bytes(b"PAR1")
    own = [folder / ".ipynb_checkpoints", folder / ".x.part"]  # of somebody else
    own[0].mkdir()
    own[1].write_bytes(b"mine")
    store.kept(Pair, folder, lambda: "a", lambda: pair(1))
    assert {p.name for p in folder.iterdir()} == {"a", store.READING, *(p.name for p in own)}
    assert list((folder / store.READING).iterdir()) == []


@pytest.mark.parametrize("name", ["mine.csv", ".mine", "left.parquet"])
def test_a_folder_of_tables_with_something_else_in_it_stays(tmp_path, name):
    """Or with a table that somebody has changed; a link in their place is not followed."""
    folder = tmp_path / "2024"
    store.save(pair(1), folder, "a")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x").write_bytes(b"mine")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "a" / name).write_bytes(b"mine")
    before = {p: p.read_bytes() for p in (folder / "a").iterdir()}
    store.save(pair(2), folder, "b")
    assert {p: p.read_bytes() for p in (folder / "a").iterdir()} == before
    assert (folder / "link/x").read_bytes() == b"mine" and store.holds(folder, "b")
    (folder / "a" / name).unlink()
    if name != "left.parquet":
        store.save(pair(3), folder, "c")
        assert {p.name for p in folder.iterdir()} == {"c", "link"}


@pytest.mark.parametrize("left", [b"", b"[1]", b"{}", b"\xff", b'{"status": "ok"}', None])
def test_a_damaged_record_counts_as_absent(tmp_path, left):
    """Then its page is built again."""
    record = incremental.Record("ok", "", {}, [], {}, [], 1.0, 1.0)
    record.save(tmp_path / "a.json")
    assert incremental.load(tmp_path / "a.json") == record
    if left is None:  # whole, but nothing that this software has written
        left = (tmp_path / "a.json").read_bytes().replace(b'"written": {}', b'"written": 1')
    (tmp_path / "a.json").write_bytes(left)
    assert incremental.load(tmp_path / "a.json") is None
    assert incremental.load(tmp_path / "nowhere.json") is None


def test_what_was_begun_is_looked_for_through_no_link(tmp_path):
    name = f".a.html.x{files.PART}"
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / name).write_bytes(b"of another run")
    (tmp_path / "linked").symlink_to(tmp_path / "theirs")
    (tmp_path / name).symlink_to(tmp_path / "theirs" / name)
    assert files.unfinished(tmp_path / "linked") == files.unfinished(tmp_path) == []
    assert [p.name for p in files.unfinished(tmp_path / "theirs", "a.html")] == [name]


def test_a_file_is_swapped_in_whole_or_stays_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / f"{'x' * 200}.html"
    files.write(path, b"old")

    def full(*_):
        assert path.read_bytes() == b"old"
        (left,) = files.unfinished(tmp_path, path.name)
        assert left.read_bytes() == b"new" and files.unfinished(tmp_path, "other.html") == []
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


UNITS = ["01", "22", "H44.01", "đ"]


@dataclass
class Units:
    scores: pd.DataFrame


@given(
    st.lists(st.sampled_from(UNITS), max_size=60),
    st.sampled_from([1, 3, 10_000]),
)
@settings(max_examples=40, deadline=None)
def test_the_rows_of_a_unit_are_those_of_the_whole_table_in_its_order(units, group):
    """However large the row groups: tables of more than one lie sorted, and come back unsorted."""
    rows = pd.DataFrame({"reporting_unit": pd.Series(units, dtype=object)})
    rows = rows.assign(x=range(len(rows)), kind=pd.Categorical(units, UNITS))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "GROUP", group)
        store.save(Units(rows), Path(folder) / "p", "a")
        held = store.read(Units, Path(folder) / "p", "a")
        assert held.scores.to_dict("records") == rows.to_dict("records")
        for unit in ["01", "đ", "nobody"]:
            own = held.scores[held.scores["reporting_unit"] == unit].reset_index(drop=True)
            found = held.of("reporting_unit", unit).scores
            assert list(found.columns) == list(own.columns)
            assert found.to_dict("records") == own.to_dict("records")
            if len(own):
                pd.testing.assert_frame_equal(found, own)


def test_rows_are_kept_by_their_keys_alone(tmp_path):
    store.save(pair(1), tmp_path / "p", "a")
    with pytest.raises(ValueError, match="rows are kept by reporting_unit, peer_type, not by x"):
        store.read(Pair, tmp_path / "p", "a").of("x", "1")
    with pytest.raises(AttributeError, match="left has no column peer_type: ask for the whole"):
        _ = store.read(Pair, tmp_path / "p", "a").of("peer_type", "1").left


def test_what_cannot_be_named_is_said(tmp_path):
    folder = tmp_path / "2024"
    folder.mkdir()
    (folder / "a").write_text("a file in the way")
    with pytest.raises(OSError):
        store.save(pair(1), folder, "a")
    assert [p.name for p in folder.iterdir()] == ["a"], "nothing is left behind"
