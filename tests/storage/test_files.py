"""A file is known by its content, and one of which nothing comes keeps nobody waiting."""

import hashlib
import os

import pytest

from analysis.storage import files


def test_a_file_is_known_by_its_content(tmp_path):
    path, data = tmp_path / "a.bin", os.urandom(2**21 + 5)
    path.write_bytes(data)
    assert files.sha256(path) == hashlib.sha256(data).hexdigest()
    with pytest.raises(FileNotFoundError):
        files.sha256(tmp_path / "b.bin")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_what_waits_for_others_is_left_and_named(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "STALLED", 0.1)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.xlsx").symlink_to("pipe")
    with pytest.raises(TimeoutError, match=r"nothing comes of it for 0\.1 seconds.*a\.xlsx"):
        files.sha256(tmp_path / "a.xlsx")
    assert files.digest(tmp_path / "a.xlsx") == ""


def test_a_file_whose_name_begins_with_a_tilde_is_not_passed_over(tmp_path):
    for name in ("~Biểu.xlsx", "~$Biểu.xlsx", ".ẩn", "a.csv"):
        (tmp_path / name).write_bytes(b"")
    assert [p.name for p in files.visible(tmp_path)] == ["a.csv", "~Biểu.xlsx"]
    assert set(files.digests(tmp_path)) == {"a.csv", "~Biểu.xlsx"}
