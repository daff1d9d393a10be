"""Files of one name on some system: each is kept, called by its own name, and told."""

import unicodedata
from datetime import date

import pandas as pd
import pytest

from analysis.exchange import arriving, receipts, returns
from analysis.schema import ISSUES
from analysis.storage import files

DAY = date(2022, 6, 20)
NAME = "Bộ Tài chính.xlsx"
APART = unicodedata.normalize("NFD", NAME)  # as macOS writes it
ALIKE = [NAME, APART, NAME.upper(), NAME.replace("xlsx", "XLSX")]


def test_all_that_are_called_alike_are_received_each_under_a_name_of_its_own(tmp_path):
    folder = tmp_path / "kỳ"
    folder.mkdir()
    sent = []
    for n, name in enumerate(ALIKE):
        (tmp_path / f"{n}").mkdir()
        (tmp_path / f"{n}" / name).write_bytes(name.encode() + b"%d" % n)
        sent.append(tmp_path / f"{n}" / name)
    done = receipts.receive(sent, folder, DAY)
    assert done["outcome"].tolist() == ["received", "renamed", "renamed", "renamed"]
    assert done["file"].map(files.alike).is_unique
    lying = [(folder / name).read_bytes() for name in done["file"]]
    assert lying == [path.read_bytes() for path in sent]
    again = receipts.receive(sent, folder, DAY)
    assert set(again["outcome"]) == {"already_here"}


@pytest.mark.parametrize(
    "sent, name",
    [
        ("CON.xlsx", "_CON.xlsx"),
        ("aux.Biểu.xlsx", "_aux.Biểu.xlsx"),
        ("a:b?.xlsx", "a_b_.xlsx"),
        ("Biểu.xlsx. .", "Biểu.xlsx"),
        ("~Biểu.xlsx", "Biểu.xlsx"),
        (" . ", "unnamed"),
    ],
)
def test_a_name_that_some_system_cannot_write_is_put_right(sent, name):
    assert receipts.safe_name(sent) == name


@pytest.mark.parametrize("told", ALIKE)
@pytest.mark.parametrize("held", ALIKE)
def test_the_ledger_means_the_file_however_its_name_is_written(tmp_path, told, held):
    (tmp_path / held).write_bytes(b"x")
    (tmp_path / receipts.LEDGER).write_text(f"file,received_at\n{told},2022-06-20\n", "utf-8")
    assert receipts.days(tmp_path) == {held: DAY}


def test_of_two_that_are_called_alike_the_one_that_is_named_is_meant(tmp_path):
    for name in (NAME, APART, "a.csv", "A.csv"):
        (tmp_path / name).write_bytes(b"x")
    held = [p.name for p in tmp_path.iterdir()]
    meant = receipts.on_disk([NAME, APART, "a.csv", "A.csv", "A.CSV", "b.csv"], held)
    assert all(meant[name] == name for name in meant), "A.CSV may be either, and is neither"


def test_copies_of_files_that_are_called_alike_stand_beside_each_other(tmp_path):
    row = dict.fromkeys(ISSUES.columns, "") | {"rule": "file_type", "message_vi": "x"}
    stems = [name.rpartition(".")[0] for name in ALIKE[:3]] + ["CON", "con", "..."]
    due = [returns.Receipt(stem, f"<p>{n}") for n, stem in enumerate(stems)]
    done = returns.write(tmp_path / "r", tmp_path / "r.json", pd.DataFrame([row]), due, {})
    assert [p.read_text("utf-8") for p in done.receipts] == [f"<p>{n}" for n in range(len(stems))]
    names = [p.name for p in done.receipts]
    assert len(set(map(files.alike, names))) == len(stems)
    assert all(files.portable(name) == name and not name.startswith(".") for name in names)


def test_locks_are_passed_over_and_told_and_what_is_none_is_received(tmp_path):
    folder, told = tmp_path / "thư đến", []
    folder.mkdir()
    (folder / "~$a.xlsx").write_bytes(b"\x03An".ljust(165))
    (folder / "~$b.xlsx").write_bytes(b"PK" * 3000)
    (folder / "~c.xlsx").write_bytes(b"PK")
    with arriving.files_of([folder, folder / "~$a.xlsx"], {}, told.append) as held:
        assert [one.path.name for one in held] == ["~$b.xlsx", "~c.xlsx"]
    assert told == [str(folder / "~$a.xlsx")] * 2


def test_a_link_to_another_folder_is_told_and_not_passed_over(tmp_path):
    for name in ("thư đến", "khác"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.xlsx").write_bytes(b"x")
    (tmp_path / "thư đến" / "sâu").symlink_to(tmp_path / "khác")
    with pytest.raises(ValueError, match="sâu: a link to another folder"):
        with arriving.files_of([tmp_path / "thư đến"], {}):
            pass
