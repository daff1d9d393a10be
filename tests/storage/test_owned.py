"""What somebody put into a folder of ours, or changed there, stays; what we wrote is ours."""

import errno
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from upath import UPath

from analysis.storage import owned
from analysis.storage.owned import Owned


@pytest.fixture
def site(tmp_path):
    (tmp_path / "site").mkdir()

    def opened(**more) -> Owned:
        return Owned(tmp_path / "site", tmp_path / "records" / "page.sha256", **more)

    return opened


def test_what_we_wrote_is_replaced_and_what_was_changed_gets_a_neighbour(site):
    assert site().write("draft.docx", b"first") == "draft.docx"
    assert site().write("draft.docx", b"second") == "draft.docx"
    folder = site().folder
    (folder / "draft.docx").write_bytes(b"mine now")
    held = site()
    assert held.write("draft.docx", b"third") == "draft~2.docx"
    assert held.beside == {"draft.docx": "draft~2.docx"}
    assert site().write("draft.docx", b"fourth") == "draft~2.docx", (
        "the new one is replaced, not both"
    )
    (folder / "draft~2.docx").write_bytes(b"mine too")
    assert site().write("draft.docx", b"fifth") == "draft~3.docx"
    (folder / "draft.docx").unlink()
    held = site()
    assert held.write("draft.docx", b"sixth") == "draft.docx"
    held.settle()
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        "draft.docx": b"sixth",
        "draft~2.docx": b"mine too",
    }


@pytest.mark.parametrize(
    "kind", ["link", "link to what we wrote", "link to nothing", "folder", "another name's"]
)
def test_what_stands_in_the_way_is_left(site, tmp_path, kind):
    folder, other = site().folder, tmp_path / "other.html"
    other.write_bytes(b"<p>")
    if kind == "folder":
        (folder / "a.html").mkdir()
    elif kind == "another name's":  # our bytes, but not under this name
        site().write("b.html", b"<p>")
        (folder / "a.html").write_bytes(b"<p>")
    else:
        if kind == "link to what we wrote":  # somebody has moved it, and linked it here
            site().write("a.html", b"<p>")
            (folder / "a.html").rename(other)
        target = tmp_path / "nowhere" if kind == "link to nothing" else other
        (folder / "a.html").symlink_to(target)
    before = os.lstat(folder / "a.html")
    held = site()
    assert held.write("a.html", b"new") == "a~2.html" and not held.remove("a.html")
    after = os.lstat(folder / "a.html")
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert other.read_bytes() == b"<p>" and not (tmp_path / "nowhere").exists()


def test_nothing_is_removed_through_a_link(site, tmp_path):
    held = site()
    held.write("units/22.html", b"of the unit")
    folder = held.folder
    (folder / "units").rename(tmp_path / "elsewhere")
    (folder / "units").symlink_to(tmp_path / "elsewhere")
    assert site().settle() == []
    assert (tmp_path / "elsewhere" / "22.html").read_bytes() == b"of the unit"


def test_two_files_never_get_one_name(site):
    """The second of two copies may be called as the first one's neighbour."""
    site().write("x.xlsx", b"1")
    site().write("x~2.xlsx", b"2")
    (site().folder / "x.xlsx").write_bytes(b"mine")
    held = site()
    names = [held.write("x.xlsx", b"11"), held.write("x~2.xlsx", b"22")]
    assert len(set(names)) == 2 and "x.xlsx" not in names
    assert [(held.folder / n).read_bytes() for n in names] == [b"11", b"22"]
    assert held.write("x.xlsx", b"111") == names[0], "and the same again has its own"


def test_a_file_that_cannot_be_swapped_in_stays_as_it_was(site, monkeypatch):
    site().write("a.html", b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        site().write("a.html", b"new")
    assert [(p.name, p.read_bytes()) for p in site().folder.iterdir()] == [("a.html", b"old")]
    monkeypatch.undo()
    assert site().write("a.html", b"new") == "a.html", "the record held both"


def test_a_file_that_may_not_be_read_is_not_ours(site, monkeypatch):
    site().write("a.html", b"old")

    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(owned.files, "sha256", refused)
    assert site().write("a.html", b"new") == "a~2.html"


def test_a_file_that_is_open_elsewhere_is_removed_another_time(site, monkeypatch):
    site().write("a.xlsx", b"old")

    def locked(*_):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "unlink", locked)
    assert site().settle() == []
    monkeypatch.undo()
    assert site().settle() == ["a.xlsx"] and list(site().folder.iterdir()) == []


def test_a_record_is_read_by_sha256sum_and_a_torn_line_of_it_says_nothing(site):
    held = site()
    held.write("a.html", b"a")
    held.write("units/Đà Nẵng (2).html", b"b")
    held.settle()
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", held.record], cwd=held.folder, capture_output=True
    )
    assert checked.returncode == 0 and checked.stdout.count(b": OK") == 2
    whole = held.record.read_bytes()
    for cut in range(len(whole)):
        held.record.write_bytes(whole[:cut])
        known = owned.read(held.record)
        assert all((held.folder / name).exists() for name in known)
        torn = site()
        torn.write("c.html", b"c")
        assert "c.html" in owned.read(torn.record)
        (torn.folder / "c.html").unlink()


def test_in_an_object_store_as_on_a_disk():
    folder = UPath("memory://owned/site")
    record = UPath("memory://owned/records/a.sha256")
    assert Owned(folder, record).write("a.html", b"1") == "a.html"
    assert Owned(folder, record).write("a.html", b"2") == "a.html"
    (folder / "a.html").write_bytes(b"mine")
    held = Owned(folder, record)
    assert held.write("a.html", b"3") == "a~2.html"
    assert held.settle() == [] and (folder / "a.html").read_bytes() == b"mine"
    assert Owned(folder, record).settle() == ["a~2.html"]


NAMES = st.sampled_from(["a.html", "a.docx", "a~2.docx", "units/a.html", "A.html", "à.html"])


class Lived(RuleBasedStateMachine):
    """Runs write and settle, and are killed between; people put, change, link and take away."""

    @initialize()
    def start(self):
        self.aside = tempfile.TemporaryDirectory()
        self.folder = Path(self.aside.name, "site")
        self.record = Path(self.aside.name, "record.sha256")
        self.folder.mkdir()
        self.theirs: dict[Path, bytes] = {}
        self.count = 0

    def _new(self) -> bytes:
        self.count += 1
        return f"{self.count}".encode()

    @rule(names=st.lists(NAMES, max_size=4, unique=True), settles=st.booleans())
    def run(self, names, settles):
        held = Owned(self.folder, self.record)
        placed = {name: (held.write(name, data), data) for name in names for data in [self._new()]}
        for at, data in placed.values():
            assert (self.folder / at).read_bytes() == data
        if settles:
            held.settle()
            lying = {p for p in self.folder.rglob("*") if p.is_file()}
            ours = {self.folder / at for at, _ in placed.values()}
            assert lying - set(self.theirs) == ours, "what we do not want any more is gone"

    @rule(name=NAMES)
    def somebody_writes(self, name):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        data = b"theirs " + self._new()
        path.write_bytes(data)
        self.theirs[path] = data

    @rule(name=NAMES)
    def somebody_takes_away(self, name):
        (self.folder / name).unlink(missing_ok=True)
        self.theirs.pop(self.folder / name, None)

    @invariant()
    def nothing_of_theirs_is_touched(self):
        for path, data in getattr(self, "theirs", {}).items():
            assert path.read_bytes() == data

    def teardown(self):
        self.aside.cleanup()


TestLived = Lived.TestCase
TestLived.settings = settings(
    max_examples=30, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)


FILE_NAMES = st.binary(min_size=1).filter(lambda b: not set(b) & set(b"\n\0")).map(os.fsdecode)


@given(st.dictionaries(FILE_NAMES, st.just("a" * 64)))
def test_any_name_is_read_back(tmp_path_factory, digests):
    path = tmp_path_factory.mktemp("record") / "r.sha256"
    path.write_bytes(owned.text(digests))
    assert owned.read(path) == {name: {digest} for name, digest in digests.items()}
