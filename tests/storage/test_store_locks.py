"""Two machines with one store: one run at a time, who has it is told, and no password is kept."""

import json
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from upath import UPath

from analysis.language import messages
from analysis.storage import clock, store_locks
from analysis.storage.addresses import without_secrets
from analysis.storage.locks import HeldError


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return {"folder": tmp_path / "store", "memory": UPath(f"memory://{tmp_path}/store")}[
        request.param
    ]


def said(store, name="2024"):
    return json.loads(store_locks.place(store, name).read_bytes())


@pytest.fixture()
def english():
    with messages.using("en"):
        yield


def test_of_runs_that_begin_together_on_many_machines_one_goes_on(tmp_path):
    store = tmp_path / "store"  # a share; that of a memory is one process's
    ready, ended = threading.Barrier(6), threading.Event()
    came = []

    def machine(n: int) -> None:
        ready.wait()
        try:
            with store_locks.alone(store, "2024", tmp_path / str(n)):
                came.append(n)
                ended.wait(10)
        except HeldError:
            came.append(-1)

    runs = [threading.Thread(target=machine, args=(n,)) for n in range(6)]
    for run in runs:
        run.start()
    end = time.monotonic() + 10
    while len(came) < 6 and time.monotonic() < end:
        time.sleep(0.01)
    ended.set()
    for run in runs:
        run.join()
    assert sorted(came)[:5] == [-1] * 5 and max(came) >= 0
    with store_locks.alone(store, "2024", tmp_path / "later") as certain:
        assert certain, "it was given back"


def test_who_comes_second_is_told_who_is_at_work_and_what_to_do(store, tmp_path, english):
    with store_locks.alone(store, "2024", tmp_path / "a"):
        held = said(store)
        with pytest.raises(HeldError) as error:
            with store_locks.alone(store, "2024", tmp_path / "b"):
                raise AssertionError("two at once")
        assert said(store) == held, "and the first keeps it"
        with store_locks.alone(store, "2022-Q2", tmp_path / "b"):
            pass  # another period is another matter
    for what in ("user", "machine", "process", "since", "renewed"):
        assert str(held[what]) in str(error.value), what
    assert "cluster release 2024" in str(error.value)
    assert not store_locks.place(store, "2024").exists()


def test_what_a_dead_run_left_stops_others_but_not_the_same_project(store, tmp_path):
    left_behind(store, tmp_path / "a")
    with pytest.raises(HeldError), store_locks.alone(store, "2024", tmp_path / "b"):
        pass
    with store_locks.alone(store, "2024", tmp_path / "a"):  # it holds its machine's own lock
        pass
    left_behind(store, tmp_path / "a")
    assert store_locks.release(store, "2024", watched=0.05)
    assert store_locks.release(store, "2024", watched=0) is None
    with store_locks.alone(store, "2024", tmp_path / "b"):
        pass


def left_behind(store, root) -> None:
    """As by a machine that was switched off."""
    with store_locks.alone(store, "2024", root):
        data = store_locks.place(store, "2024").read_bytes()
    store_locks.place(store, "2024").write_bytes(data)


def test_a_run_that_lasts_is_not_taken_for_dead(store, tmp_path, monkeypatch):
    monkeypatch.setattr(store_locks, "RENEWED", 0.02)
    begun, seconds = clock.wall(), count()  # what the clock shows is not what is waited for
    monkeypatch.setattr(clock, "wall", lambda: begun + timedelta(seconds=next(seconds)))
    with store_locks.alone(store, "2024", tmp_path):
        with pytest.raises(HeldError):
            store_locks.release(store, "2024", watched=0.2)


def test_a_lock_that_was_broken_into_is_noticed_and_not_taken_away(store, tmp_path):
    path = store_locks.place(store, "2024")
    with pytest.raises(HeldError, match="cluster|lập lại|again"):
        with store_locks.alone(store, "2024", tmp_path):
            path.write_bytes(json.dumps(said(store) | {"token": "other"}).encode())
    assert said(store)["token"] == "other"
    path.write_bytes(b"")  # torn, or of somebody else
    with pytest.raises(HeldError), store_locks.alone(store, "2024", tmp_path):
        pass
    assert path.read_bytes() == b""


def test_a_store_that_cannot_exclude_is_told_so_and_the_first_is_kept(tmp_path, monkeypatch):
    store = UPath(f"memory://{tmp_path}/careless")
    create = store.fs.pipe_file

    def careless(path, value, mode="overwrite"):
        create(path, value)

    monkeypatch.setattr(store.fs, "pipe_file", careless)
    monkeypatch.setattr(store_locks, "SETTLES", 0.01)
    with store_locks.alone(store, "2024", tmp_path / "a") as certain:
        assert not certain
        with pytest.raises(HeldError), store_locks.alone(store, "2024", tmp_path / "b"):
            pass


def test_no_record_holds_the_password_of_an_address(store, tmp_path, monkeypatch):
    words = ["run", "2024", "--store", "s3://key:se/cret@host/bucket?token=hidden"]
    monkeypatch.setattr(sys, "argv", ["analysis", *words])
    with store_locks.alone(store, "2024", tmp_path):
        text = store_locks.place(store, "2024").read_text()
    assert "run 2024 --store s3://…@host/bucket?…" in json.loads(text)["command"]
    assert not any(secret in text for secret in ("key", "cret", "hidden"))


@pytest.mark.parametrize(
    "address, shown",
    [
        ("tls://u:p@10.0.0.1:8786", "tls://…@10.0.0.1:8786"),
        ("ftp://token@host/a", "ftp://…@host/a"),
        ("abfs://c@account.host/x?sv=1&sig=a%2Fb", "abfs://…@account.host/x?…"),
        ("'https://h/p?X-Amz-Signature=abc'", "'https://h/p?…'"),
        ("s3://bucket/2022-Q2@2022-06-25/a", "s3://bucket/2022-Q2@2022-06-25/a"),
        (
            "http://127.0.0.1:9000/b/2022-Q2@2022-06-25",
            "http://127.0.0.1:9000/b/2022-Q2@2022-06-25",
        ),
        ("a mail to a@b.vn", "a mail to a@b.vn"),
    ],
)
def test_addresses_are_shown_without_what_lets_somebody_in(address, shown):
    assert without_secrets(address) == shown


def test_a_store_that_is_away_is_told_plainly(tmp_path, monkeypatch, english):
    store = UPath(f"memory://{tmp_path}/away")

    class EndpointError(Exception):
        """As a library of its own raises, and no error of the system."""

    def gone(*_, **__):
        raise EndpointError("cannot reach http://key:secret@host/")

    with suppress(HeldError), store_locks.alone(store, "2024", tmp_path):
        pass
    with monkeypatch.context() as away:
        for name in ("cat_file", "info", "exists", "open", "pipe_file"):
            away.setattr(store.fs, name, gone)
        with pytest.raises(store_locks.StoreError, match="the same command again") as error:
            with store_locks.alone(store, "2024", tmp_path):
                pass
    assert "secret" not in str(error.value)
    store_locks.asked(store, ValueError("of something else"))  # it answers: nothing is said


def test_what_is_no_lock_stays_where_it_lies(tmp_path):
    path = store_locks.place(tmp_path, "2024")
    path.parent.mkdir(parents=True)
    for held in (b"notes of somebody", b"[]", b"{}"):
        path.write_bytes(held)
        with pytest.raises(HeldError, match="is no lock of ours"):
            store_locks.release(tmp_path, "2024", watched=0)
        assert path.read_bytes() == held
