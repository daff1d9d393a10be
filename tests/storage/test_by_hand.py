"""What people write by hand is small, and a file: nothing else is waited for or read."""

import csv
import io
import os
import pathlib

import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.language import messages
from analysis.project import Place
from analysis.storage import by_hand

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")


def _pipe(path):
    os.mkfifo(path)


def _endless(path):
    path.symlink_to("/dev/zero")


def _large(path):
    with path.open("wb") as file:
        file.truncate(2 * 10**9)  # which takes no room on the disk


@pytest.fixture
def english():
    with messages.using("en"):
        yield


@pytest.fixture
def project(tmp_path):
    """The catalogue, each file a link to the shipped one."""
    for path in Place().catalogue.rglob("*.*"):
        to = tmp_path / "data" / "catalogue" / path.relative_to(Place().catalogue)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.symlink_to(path)
    return tmp_path


@posix
@pytest.mark.parametrize(
    ("name", "put"),
    [
        ("rules.yml", _endless),
        ("similar_units.yml", _pipe),
        ("codelists/units.csv", _pipe),
        ("codelists/tiles.csv", _large),
        ("frameworks/nq68.yml", _large),
    ],
)
def test_what_is_no_file_of_a_catalogue_is_told_with_its_name(project, put, name, english):
    path = project / "data" / "catalogue" / name
    path.unlink()
    put(path)
    with pytest.raises(reader.CatalogueError) as told:
        cat.load(project)
    most = 20 if name.endswith(".csv") else 2
    why = f"2000 MB, at most {most} are read" if put is _large else "is no file"
    said = str(told.value).splitlines()
    assert any(line.startswith(f"{name.removeprefix('codelists/')}:1: ") for line in said)
    assert any(why in line and "take it away" in line for line in said)


@posix
@pytest.mark.parametrize("put", [_pipe, _endless, _large])
def test_nor_is_the_plan_of_a_period_waited_for(tmp_path, put):
    path = tmp_path / "data" / "submissions" / "2026-Q3" / "period.yml"
    path.parent.mkdir(parents=True)
    put(path)
    with pytest.raises(reader.CatalogueError, match=r"2026-Q3/period\.yml:1: "):
        plans.plan("2026-Q3", cat.load(), tmp_path)


@posix
def test_what_nobody_reads_there_stops_nothing_however_large(project):
    _large(project / "data" / "catalogue" / "copy.zip")
    assert cat.load(project).forms


def test_no_more_than_a_page_is_told_of_a_file_that_is_wrong_all_over(project, english):
    path = project / "data" / "catalogue" / "rules.yml"
    path.unlink()
    path.write_text("a: 1\n" * 5000)
    with pytest.raises(reader.CatalogueError) as told:
        cat.load(project)
    said = str(told.value).splitlines()
    assert len(said) < 110 and any("4899 more things are wrong here" in line for line in said)


def test_aliases_are_refused_however_much_they_would_become(project, english):
    path = project / "data" / "catalogue" / "regimes.yml"
    path.unlink()
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    path.write_text("\n".join(lines))
    with pytest.raises(reader.CatalogueError, match=r"regimes\.yml:1: cannot be read: & and \*"):
        cat.load(project)


def test_an_empty_file_holds_nothing(tmp_path):
    (tmp_path / "a").touch()
    assert by_hand.content(tmp_path / "a") == b""


@posix
@pytest.mark.parametrize("put", [_pipe, _endless, _large])
def test_an_endless_file_is_refused_before_it_is_opened(tmp_path, put, monkeypatch):
    monkeypatch.setattr(pathlib.Path, "read_bytes", lambda path: b"opened")
    put(tmp_path / "a")
    with pytest.raises(by_hand.UnfitError):
        by_hand.content(tmp_path / "a")


ROWS = [{"code": "H44", "name": "Hà Nội; Huế, \"một\"", "share": "1286.75"},
        {"code": "01", "name": "1,5 giờ", "share": ""}]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", ",;\t")
def test_a_list_is_the_same_however_it_was_saved(sign, encoding):
    held = io.StringIO()
    written = csv.DictWriter(held, list(ROWS[0]), delimiter=sign)
    written.writeheader()
    comma = {"share": "1.286,75"} if sign == ";" else {}
    written.writerows([ROWS[0] | comma, ROWS[1]])
    read = by_hand.table(held.getvalue().encode(encoding))
    assert read.to_dict("records") == ROWS


@pytest.mark.parametrize(
    "column", [["1,5", "x"], ["1.500", "2.250"], ["1,5,5", "2"], ["1.50,5", "2"], ["1.5", "2,5"]]
)
def test_what_is_no_column_of_numbers_with_decimal_commas_stays_as_it_stands(column):
    data = "\n".join(["a;b", *(f"x;{text}" for text in column)]).encode()
    assert by_hand.table(data)["b"].tolist() == column


def test_a_list_in_another_encoding_is_refused_and_told_what_to_do():
    with pytest.raises(ValueError, match="not UTF-8; save the file in this encoding"):
        by_hand.table("tên,số\nHà Nội,1\n".encode("cp1258", "ignore") + b"\xff")
