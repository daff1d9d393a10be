"""Runs of two machines with one store, as their commands say it."""

import json
import sys

import pytest
from shared import call

from analysis import project
from analysis.project import Place
from analysis.storage import locks, store_locks

RUN = ["run", "2022-Q2"]


@pytest.fixture()
def nothing_built(monkeypatch):
    """A run that has the site for itself, and ends there."""
    from analysis.commands import sites

    monkeypatch.setattr(sites, "_run_alone", lambda *_: 0)


@pytest.fixture()
def root(tmp_path):
    (tmp_path / "project" / "data").mkdir(parents=True)
    for name in ("catalogue", "submissions/2022-Q2"):
        link = tmp_path / "project" / "data" / name
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(project.PROJECT / "data" / name)
    return tmp_path / "project"


def test_of_two_machines_with_one_store_the_second_is_told_who_is_at_it(
    root, tmp_path, nothing_built
):
    store = tmp_path / "store"
    words = [*RUN, "--store", str(store)]
    with store_locks.alone(store, "2022-Q2", tmp_path / "of another machine"):
        held = json.loads(store_locks.place(store, "2022-Q2").read_bytes())
        status, said = call(root, *words)
        assert status == 2 and held["machine"] in said and "cluster release 2022-Q2" in said
    assert call(root, *words)[0] == 0
    assert not list((store / locks.FOLDER).iterdir())


def test_what_a_machine_that_is_gone_left_is_released_by_a_command(
    root, tmp_path, nothing_built, monkeypatch
):
    store = tmp_path / "store"
    with store_locks.alone(store, "2022-Q2", tmp_path / "of another machine"):
        left = store_locks.place(store, "2022-Q2").read_bytes()
    store_locks.place(store, "2022-Q2").write_bytes(left)
    monkeypatch.setattr(store_locks, "WATCHED", 0.02)
    words = ["cluster", "release", "2022-Q2", "--store", str(store)]
    assert call(root, *words)[0] == 0
    assert call(root, *words)[0] == 0, "there is none any more, which is said"
    assert call(root, *RUN, "--store", str(store))[0] == 0


def test_a_store_that_no_library_here_knows_is_told(root, nothing_built):
    status, said = call(root, *RUN, "--store", "nowhere://u:secret@host/x")
    assert status == 2 and "nowhere" in said and "secret" not in said


def test_no_file_of_a_run_holds_the_password_of_an_address(
    root, tmp_path, nothing_built, monkeypatch
):
    words = [*RUN, "--store", f"memory://user:secret@host{tmp_path}?token=hidden"]
    monkeypatch.setattr(sys, "argv", ["analysis", *words])
    status, said = call(root, *words)
    lock = Place(root).derived(locks.FOLDER) / "2022-Q2.run"
    made = [path for path in lock.parent.parent.rglob("*") if path.is_file()]
    assert lock in made
    for text in (said, *(path.read_text("utf-8", errors="replace") for path in made)):
        assert "secret" not in text and "hidden" not in text
