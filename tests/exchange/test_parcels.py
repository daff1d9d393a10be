"""What goes out to each unit: its blanks with a covering note, and reminders of what is missing."""

import io
import zipfile
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from shared import call

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms, letters, parcels, reminders
from analysis.schema.tables import TABLES

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)
SMALL = replace(PLAN, forms=["edocs", "tasks"], due={"units": ["VPCP", "44"]})


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """What stands in a workbook is not looked at."""
    monkeypatch.setattr(blank_forms, "blank_file", lambda *_: b"blank")


@pytest.mark.parametrize("zipped", [False, True])
def test_each_unit_gets_its_own_forms_and_a_note(tmp_path, zipped):
    written = parcels.write(SMALL, CATALOGUE, tmp_path / "out", zipped)
    held = {}
    for path in written:
        if zipped:
            held[path.stem] = set(zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist())
        else:
            held[path.name] = {p.name for p in path.iterdir()}
    assert held == {
        "VPCP_2022-Q2": {parcels.NOTE, "edocs_VPCP_2022-Q2.xlsx", "tasks_VPCP_2022-Q2.xlsx"},
        "44_2022-Q2": {parcels.NOTE, "edocs_44_2022-Q2.xlsx"},
    }
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    with pytest.raises(blank_forms.NotHereError, match="Nothing was written"):
        parcels.write(SMALL, CATALOGUE, tmp_path / "out", zipped)
    again = parcels.write(SMALL, CATALOGUE, tmp_path / "out", zipped, again=True)
    assert all("_2" in p.stem[-2:] for p in again)
    assert all(p.read_bytes() == data for p, data in before.items())


def test_the_note_says_what_to_send_by_when_on_what_basis_and_where():
    form = CATALOGUE.forms["edocs"] | {"contact": {"vi": "<a@b.vn>", "en": "x"}}
    unit = plans.due_units(CATALOGUE, PLAN).set_index("code", drop=False).loc["01"]
    text = parcels.note(PLAN, [(form, unit, "edocs_01.xlsx")])
    for told in ("Thành phố Hà Nội", "edocs_01.xlsx", "25/06/2022", "Quyết định 28/2018/QĐ-TTg",
                 "suy ra từ văn bản", "Văn phòng Chính phủ, &lt;a@b.vn&gt;"):  # fmt: skip
        assert told in text
    assert "<a@b" not in text


def test_text_never_becomes_a_tag():
    page = letters.page("<x>", [letters.table([["<y>", "&"]], ["<z>"]), letters.bullets(["<w>"])])
    assert not any(f"<{tag}>" in page for tag in "xyzw") and "&lt;x&gt;" in page


def reminded(received: str | None, on: date) -> dict[str, str]:
    tables = {name: TABLES[name].of([]) for name in ("submissions", "observations", "issues")}
    if received:
        row = dict(source_file="a.xlsx", form="edocs", reporting_unit="44", state="in_force",
                   received_at=pd.Timestamp(received), first_received_at=pd.Timestamp(received),
                   time_period="2022-Q2", revision=0)  # fmt: skip
        tables["submissions"] = TABLES["submissions"].of([row])
    return reminders.texts(type("Tables", (), tables), SMALL, CATALOGUE, on)


def test_who_lacks_a_form_is_reminded_with_the_deadline_and_the_days():
    assert set(reminders.texts(None, SMALL, CATALOGUE, date(2022, 6, 20))) == {"VPCP", "44"}
    made = reminded("2022-06-20", date(2022, 7, 5))
    assert set(made) == {"VPCP"}
    assert "còn 2 biểu" in made["VPCP"] and "đã quá 10 ngày" in made["VPCP"]
    assert "25/06/2022" in made["VPCP"] and "Sổ theo dõi nhiệm vụ" in made["VPCP"]
    assert "còn 5 ngày" in reminded(None, date(2022, 6, 20))["44"]


def test_a_reminder_that_was_edited_stays_and_one_without_reason_goes(tmp_path):
    reminders.write(tmp_path, "2022-Q2", {"VPCP": "a\n", "44": "b\n", "01": "c\n"})
    (tmp_path / "44_2022-Q2.txt").write_text("edited")
    written, beside = reminders.write(tmp_path, "2022-Q2", {"VPCP": "a\n", "44": "d\n"})
    assert (tmp_path / "44_2022-Q2.txt").read_text() == "edited"
    assert beside == {tmp_path / "44_2022-Q2.txt": tmp_path / "44_2022-Q2~2.txt"}
    assert not (tmp_path / "01_2022-Q2.txt").exists() and len(written) == 2


def test_the_commands(tmp_path, monkeypatch):
    monkeypatch.setattr(cat, "load", lambda root: CATALOGUE)
    (tmp_path / "data/catalogue").mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(plans, "plan", lambda *_: SMALL)
    out = str(tmp_path / "out")
    code, said = call(tmp_path, "forms", "2022-Q2", out, "--zip", "--folders")
    assert code == 2 and "name one of them" in said and not (tmp_path / "out").exists()
    code, said = call(tmp_path, "forms", "2022-Q2", out, "--zip")
    assert code == 0 and "2 zips in" in said
    (tmp_path / "data" / "submissions" / "2022-Q2").mkdir(parents=True)
    mailed = str(tmp_path / "mail")
    code, said = call(tmp_path, "remind", "2022-Q2", mailed, "--on", "2022-07-05")
    assert code == 0 and "2 reminders in" in said
    code, said = call(tmp_path, "remind", "2022-Q2", mailed, "--on", "5/7")
    assert code == 2 and "write the day as" in said
    code, said = call(tmp_path, "remind", "2022-Q2", str(tmp_path / "data" / "x"))
    assert code == 2 and "name a folder elsewhere" in said
