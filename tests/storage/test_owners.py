"""What is written is for whom the folder and the umask say; what another user owns is told."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from analysis.exchange import journal, ledger, receipts, undone
from analysis.lineage import store
from analysis.storage import files, locks, owned, owners

posix = pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
NOBODY, OTHER = 54321, 54322  # users whom no machine knows


@dataclass
class Tables:
    one: pd.DataFrame


@pytest.fixture
def umask():
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def _all_is_written(root: Path) -> None:
    """By each way on which something gets onto the disk."""
    files.write(root / "reports" / "index.html", b"<p>")
    owned.Owned(root / "site", root / "records" / "a.sha256").write("units/a.html", b"a")
    with locks.alone(root / ".locks" / "a.run", "a"), locks.turn(root / ".locks" / "a.made"):
        store.save(Tables(pd.DataFrame({"a": [1]})), root / "derived" / "a", "m")
    (root / "sent.xlsx").write_bytes(b"x")
    (root / "period").mkdir()
    with undone.noted(root / "period", root / "undone.json"):
        receipts.receive([root / "sent.xlsx"], root / "period", pd.Timestamp(2026, 11, 30).date())


@posix
@pytest.mark.parametrize("mask", [0o002, 0o022, 0o027, 0o077])
def test_what_is_written_is_as_folder_and_umask_say_neither_wider_nor_narrower(
    tmp_path, umask, mask
):
    root = tmp_path / "shared"
    root.mkdir()
    root.chmod(0o2775)
    group = root.stat().st_gid
    if os.geteuid() == 0:  # a group that is not that of who writes
        os.chown(root, -1, NOBODY)
        root.chmod(0o2775)
        group = NOBODY
    umask(mask)
    _all_is_written(root)
    lying = list(root.rglob("*"))
    assert {p.name for p in lying} >= {"index.html", "a.html", "one.parquet", "received.csv"}
    for path in lying:
        held = path.stat()
        full = 0o777 if path.is_dir() else 0o666
        assert stat.S_IMODE(held.st_mode) & 0o777 == full & ~mask, path
        assert held.st_gid == group, path
        assert not path.is_dir() or held.st_mode & stat.S_ISGID, path


@posix
def test_a_ledger_that_is_added_to_stays_for_whom_it_was(tmp_path, umask):
    book = tmp_path / receipts.LEDGER
    book.write_text("file,received_at,sha256\n", "utf-8")
    book.chmod(0o640)
    umask(0o002)
    journal.carry_out(tmp_path, [], book, [["a.xlsx", "2026-11-30", ""]], ledger.KIND)
    assert stat.S_IMODE(book.stat().st_mode) == 0o640 and "a.xlsx" in book.read_text("utf-8")


AS_ANOTHER = """
import json, os, sys
from pathlib import Path
from analysis.storage import files, locks, owners
os.setgroups([]); os.setresgid(*[int(sys.argv[2])] * 3); os.setresuid(*[int(sys.argv[2])] * 3)
folder, told = Path(sys.argv[1]), {}

def tried(name, act):
    try:
        act()
    except OSError as error:
        told[name] = owners.refused(error)

def lock():
    with locks.alone(folder / "locks" / "a.run", "a"):
        pass

tried("replaced", lambda: files.write(folder / "closed" / "a.html", b"mine"))
tried("new", lambda: files.write(folder / "closed" / "b.html", b"mine"))
tried("sticky", lambda: files.write(folder / "sticky" / "a.html", b"mine"))
tried("read", lambda: (folder / "sticky" / "kín.xlsx").read_bytes())
tried("behind", lambda: (folder / "kín" / "a.xlsx").read_bytes())
tried("lock", lock)
print(json.dumps(told))
"""


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="another user takes root; else emulated below"
)
def test_of_what_belongs_to_another_user_it_is_told_whose_it_is_and_nothing_is_half_done(tmp_path):
    above = [p for p in tmp_path.parents if p.stat().st_uid == 0 and not p.stat().st_mode & 0o001]
    for folder in [*above, tmp_path]:  # pytest's own are its user's alone
        folder.chmod(0o755)
    places = {"closed": 0o755, "sticky": 0o1777, "kín": 0o700, "locks": 0o755}
    for name, mode in places.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.html").write_bytes(b"theirs")
        os.chown(tmp_path / name / "a.html", NOBODY, NOBODY)
        os.chown(tmp_path / name, NOBODY, NOBODY)
        (tmp_path / name).chmod(mode)
    private = tmp_path / "sticky" / "kín.xlsx"
    private.write_bytes(b"x")
    private.chmod(0o600)
    os.chown(private, NOBODY, NOBODY)
    command = [sys.executable, "-c", AS_ANOTHER, str(tmp_path), str(OTHER)]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    told = json.loads(done.stdout)
    blamed = {
        "replaced": "closed", "new": "closed", "sticky": "sticky/a.html",
        "read": "sticky/kín.xlsx", "behind": "kín", "lock": "locks",
    }  # fmt: skip
    assert set(told) == set(blamed)
    for name, at in blamed.items():
        assert f"{tmp_path / at} belongs to {NOBODY}, and you are {OTHER}" in told[name], told[name]
    lying = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert lying == {f"{name}/a.html" for name in places} | {"sticky/kín.xlsx"}
    assert {p.read_bytes() for p in tmp_path.glob("*/a.html")} == {b"theirs"}


def test_a_file_of_another_user_is_told_with_its_owner(tmp_path, monkeypatch):
    files.write(tmp_path / "a.html", b"old")

    def refused(_source, target):
        raise PermissionError(1, "Operation not permitted", str(_source), None, str(target))

    monkeypatch.setattr(os, "replace", refused)
    monkeypatch.setattr(owners, "owner", lambda path: "binh")
    with pytest.raises(PermissionError) as raised:
        files.write(tmp_path / "a.html", b"new")
    told = owners.refused(raised.value)
    assert f"{tmp_path / 'a.html'} belongs to binh" in told and "reform-monitor-part" not in told
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.html", b"old")]


def test_a_file_that_is_open_elsewhere_is_named_with_what_to_do_and_the_old_one_stays(
    tmp_path, monkeypatch
):
    files.write(tmp_path / "bảng.xlsx", b"old")

    def in_use(source, target):  # as Windows says it
        error = PermissionError(13, "Access is denied", str(source), None, str(target))
        error.winerror = 32
        raise error

    monkeypatch.setattr(os, "replace", in_use)
    with pytest.raises(PermissionError) as raised:
        files.write(tmp_path / "bảng.xlsx", b"new")
    told = owners.refused(raised.value)
    assert "bảng.xlsx" in told and "Is it open in another program? Close it there" in told
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("bảng.xlsx", b"old")]
