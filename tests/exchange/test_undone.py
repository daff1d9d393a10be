"""The last receive is taken back by what was noted of it; what was changed since stays."""

from datetime import date

import pytest

from analysis.exchange import receipts, undone


@pytest.fixture
def place(tmp_path):
    (tmp_path / "period").mkdir()
    (tmp_path / "period/period.yml").write_text("x")
    return tmp_path


def receive(place, name: str, data: bytes, day: date = date(2022, 6, 20)) -> None:
    sent = place / "sent" / name
    sent.parent.mkdir(exist_ok=True)
    sent.write_bytes(data)
    with undone.noted(place / "period", place / "record.json"):
        receipts.receive([sent], place / "period", day)


def undo(place):
    return undone.undo(place / "period", place / "record.json", place / "aside")


def held(place) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (place / "period").iterdir()}


def test_the_last_receive_is_taken_back_and_nothing_is_lost(place):
    receive(place, "a.xlsx", b"1")
    before = held(place)
    receive(place, "b.xlsx", b"2")
    moved = undo(place)
    assert held(place) == before
    assert [(p.name, p.read_bytes()) for p in moved] == [("b.xlsx", b"2")]
    with pytest.raises(ValueError, match="no receive is noted"):
        undo(place)


def test_the_first_one_too_and_it_can_be_received_again(place):
    before = held(place)
    for _ in range(2):
        receive(place, "a.xlsx", b"1")
        undo(place)
        assert held(place) == before
    assert len(list((place / "aside").iterdir())) == 2, "what lay there stays"


def test_what_was_here_already_is_no_receive(place):
    receive(place, "a.xlsx", b"1")
    receive(place, "a.xlsx", b"1")
    assert [p.name for p in undo(place)] == ["a.xlsx"]


@pytest.mark.parametrize("changed", ["received.csv", "a.xlsx"])
def test_what_was_changed_since_is_not_touched(place, changed):
    receive(place, "a.xlsx", b"1")
    with (place / "period" / changed).open("ab") as file:
        file.write(b"own\n")
    before = held(place)
    with pytest.raises(ValueError, match="was changed since"):
        undo(place)
    assert held(place) == before


def test_one_that_was_interrupted_goes_on(place, monkeypatch):
    before = held(place)
    receive(place, "a.xlsx", b"1")

    def full(*_):
        raise OSError("no room")

    monkeypatch.setattr(undone.shutil, "move", full)
    with pytest.raises(OSError):
        undo(place)
    monkeypatch.undo()
    undo(place)
    assert held(place) == before


@pytest.mark.parametrize("name", ["received.csv", "a.xlsx"])
def test_a_link_in_the_place_of_what_was_received_is_somebody_elses(place, name):
    receive(place, "a.xlsx", b"1")
    theirs, path = place / f"theirs-{name}", place / "period" / name
    path.rename(theirs)
    path.symlink_to(theirs)
    before = theirs.read_bytes()
    with pytest.raises(ValueError, match="was changed since"):
        undo(place)
    assert path.is_symlink() and theirs.read_bytes() == before


def test_a_ledger_that_was_empty_is_empty_again(place):
    (place / "period/received.csv").touch()
    receive(place, "a.xlsx", b"1")
    undo(place)
    assert held(place) == {"period.yml": b"x", "received.csv": b""}
