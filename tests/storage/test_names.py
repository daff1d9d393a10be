"""Names that are one on some system are never given to two files, and every system can write them;
what lies behind a link is part of its folder."""

import ntpath
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.storage import files
from analysis.storage.owned import Owned

DEVICES = ["CON", "prn", "Aux", "NUL", "com1", "LPT9", "COM²", "conin$"]
NAMES = st.one_of(
    st.text(max_size=30),
    st.builds(
        "{}{}{}".format,
        st.sampled_from([*DEVICES, "Biểu", "a:b", "x?"]),
        st.sampled_from(["", " ", ".", ". ", "1"]),
        st.sampled_from(["", ".xlsx", ".tar.gz", "...", ".xlsx "]),
    ),
)


@given(NAMES)
def test_a_name_becomes_one_that_every_system_can_write_and_stays_it(name):
    made = files.portable(name)
    assert files.portable(made) == made
    assert not set(made) & set('<>:"/\\|?*') and not any(ord(c) < 32 for c in made)
    assert made == made.rstrip(". ")
    assert made.partition(".")[0].rstrip(" ").upper() not in {d.upper() for d in DEVICES}
    if hasattr(ntpath, "isreserved"):  # Python's own list, from 3.13 on
        assert not made or not ntpath.isreserved(made)


@given(st.sampled_from(["Bộ Tài chính.xlsx", "edocs_BTP (2).xlsx", "communes.csv", "a.con", "_x"]))
def test_an_ordinary_name_stays_as_it_is(name):
    assert files.portable(name) == name


PARTS = st.sampled_from(["Bộ", "BỘ", "bộ", unicodedata.normalize("NFD", "Bộ"), "x", "X"])


@given(st.lists(PARTS, max_size=6, unique=True))
def test_what_is_written_in_one_go_stands_apart_on_any_system(tmp_path_factory, stems):
    folder = tmp_path_factory.mktemp("site")
    held = Owned(folder, folder / ".record.sha256")
    placed = {held.write(f"{stem}.html", stem.encode()): stem.encode() for stem in stems}
    assert len({files.alike(name) for name in placed}) == len(stems)
    assert {name: (folder / name).read_bytes() for name in placed} == placed
    again = Owned(folder, folder / ".record.sha256")
    assert {again.write(f"{stem}.html", stem.encode()) for stem in stems} == set(placed)


def test_only_what_is_a_lock_is_passed_over(tmp_path):
    (tmp_path / "~$Biểu.xlsx").write_bytes(b"\x03Tuan".ljust(165))
    (tmp_path / "~$thật.xlsx").write_bytes(b"PK" * 5000)
    (tmp_path / "~tạm.xlsx").write_bytes(b"x")
    (tmp_path / ".~lock.Biểu.ods#").write_bytes(b",tuan,")
    assert [p.name for p in files.visible(tmp_path)] == ["~$thật.xlsx", "~tạm.xlsx"]
    assert files.opened_by_others(tmp_path) == [".~lock.Biểu.ods#", "~$Biểu.xlsx"]


@pytest.mark.parametrize("linked", ["catalogue", "catalogue/forms", "catalogue/forms/a.yml"])
def test_a_change_behind_a_link_is_a_change_of_the_catalogue(tmp_path, linked):
    path = tmp_path / "catalogue" / "forms" / "a.yml"
    path.parent.mkdir(parents=True)
    path.write_text("a: 1\n")
    whole = cat.digest_of_files(tmp_path / "catalogue")
    (tmp_path / linked).rename(tmp_path / "elsewhere")
    (tmp_path / linked).symlink_to(tmp_path / "elsewhere")
    assert cat.digest_of_files(tmp_path / "catalogue") == whole, "wherever it lies"
    path.write_text("a: 2\n")
    assert cat.digest_of_files(tmp_path / "catalogue") != whole


def test_a_folder_that_leads_back_to_itself_is_read_once(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").write_bytes(b"")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert files.below(tmp_path) == [tmp_path / "a" / "x.csv"]
