import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pandas as pd
import pytest
from tools.sample import country

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.period import load, send_back
from analysis.reading import sandbox, workbook
from analysis.reading.layouts import locate

CATALOGUE = cat.load()
FORM = CATALOGUE.forms["II.06a"]
LIMITS = CATALOGUE.parameters["limits"]
PLAN = plans.plan("2022-Q2", CATALOGUE)
FIELDS = {lv: blank_forms.fields_of(CATALOGUE, lv) for lv in FORM["levels"]}
UNITS = plans.due_units(CATALOGUE, PLAN).set_index("code", drop=False)


def located(path):
    names = pipeline.field_names(CATALOGUE)
    return locate.locate(workbook.read(path, LIMITS), {"II.06a": FORM}, names)


@pytest.mark.parametrize("unit", ["BTC", "01", "VTV"])
def test_a_blank_form_that_is_filled_in_is_read_back_without_loss(tmp_path, unit):
    book = blank_forms.blank(FORM, UNITS.loc[unit], PLAN, FIELDS)
    sheet, typed = book.worksheets[0], {}
    for line in sheet.iter_rows(min_row=blank_forms.HEADER_ROW + 3, min_col=3, max_col=13):
        for cell in line:
            if not cell.protection.locked and sheet.cell(cell.row, 2).value:
                cell.value = len(typed)
                typed[cell.coordinate] = str(len(typed))
    path = tmp_path / "f.xlsx"
    book.save(path)
    cells = located(path)
    values = cells[(cells["role"] == "value")]
    assert dict(zip(values["source_cell"], values["raw_text"], strict=True)) == typed
    assert cells["rule"].isna().all()
    assert set(values["level"]) == {*blank_forms.levels(FORM, UNITS.loc[unit, "type"]), "_T"}
    assert values["unit_text"].unique().tolist() == [UNITS.loc[unit, "name_vi"]]


def test_labels_are_locked_and_figures_are_open():
    sheet = blank_forms.blank(FORM, UNITS.loc["01"], PLAN, FIELDS).worksheets[0]
    assert sheet.protection.sheet
    first = blank_forms.HEADER_ROW + 4
    assert sheet.cell(first, 2).protection.locked and not sheet.cell(first, 3).protection.locked
    assert sheet.data_validations.dataValidation[0].type == "whole"


def test_blank_forms_are_written_for_every_due_unit_and_named_by_code(tmp_path):
    plan = replace(PLAN, forms=["II.06a", "II.07b"])
    written = blank_forms.write_blanks(plan, CATALOGUE, tmp_path / "out")
    assert len(UNITS) == 93 and len(written) == 93 + 63, "II.07b is a form of provinces alone"
    assert {p.name for p in written} >= {"II.06a_01_2022-Q2.xlsx", "II.06a_VPCP_2022-Q2.xlsx"}


def test_a_period_without_workbook_forms_says_so(tmp_path):
    with pytest.raises(ValueError, match="collects no workbook form"):
        blank_forms.write_blanks(plans.plan("2026-Q3", CATALOGUE), CATALOGUE, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.xlsx", b"", "file_unreadable"),
        ("a.xlsx", b"PK\x03\x04 nothing", "file_unreadable"),
        ("a.csv", b"\xff\xfe\x00", "file_unreadable"),
        ("a.csv", b"", "file_unreadable"),
        ("a.pdf", b"%PDF", "file_type"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_finding(tmp_path, name, content, rule):
    (tmp_path / name).write_bytes(content)
    cells = workbook.read(tmp_path / name, LIMITS)
    assert cells["rule"].tolist() == [rule]


def test_files_beyond_the_limits_are_refused_before_they_are_read(tmp_path):
    (tmp_path / "a.csv").write_text("x" * 100)
    assert workbook.read(tmp_path / "a.csv", {**LIMITS, "file_bytes": 10})["rule"].item() == (
        "file_too_large"
    )
    book = openpyxl.Workbook()
    for i in range(30):
        book.active.append([i] * 10)
    book.save(tmp_path / "b.xlsx")
    assert workbook.read(tmp_path / "b.xlsx", {**LIMITS, "cells_per_file": 50})["rule"].item() == (
        "file_too_large"
    )


def test_a_large_file_is_not_even_opened(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("x" * 100)
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: pytest.fail("opened"))
    found = workbook.read(tmp_path / "a.csv", {**LIMITS, "file_bytes": 99})
    assert found["rule"].tolist() == ["file_too_large"]


def test_the_raw_text_is_kept_as_it_stands_in_the_file(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["1.234", 1.234, 1234, " 12,5 % ", True])
    book.save(tmp_path / "a.xlsx")
    cells = workbook.read(tmp_path / "a.xlsx", LIMITS)
    assert cells["raw_text"].tolist() == ["1.234", "1.234", "1234", " 12,5 % ", "TRUE"]
    assert cells["raw_type"].tolist() == ["text", "number", "number", "text", "other"]


def test_the_way_back_marks_the_cell_and_lists_the_issues(tmp_path):
    loaded = load("2022-Q2")
    source = project.Place().submissions("2022-Q2") / "II06a_40_2022-Q2.xlsx"
    issues = loaded.tables.issues.query("source_file == @source.name")
    workbook.annotate(source, issues, tmp_path / "back.xlsx")
    book = openpyxl.load_workbook(tmp_path / "back.xlsx")
    assert book.sheetnames[0] == "Vấn đề"
    assert book["Vấn đề"].max_row == len(issues) + 1
    for issue in issues.itertuples():
        cell = book["II.06a"][issue.source_cell]
        assert issue.message_vi in cell.comment.text
        assert cell.fill.fgColor.rgb.endswith("F8CBAD")
    numbers = [w for w in issues["message_vi"].iloc[0].split() if w[0].isdigit()]
    assert len(numbers) == 2, "the message names the two figures that disagree"


def test_what_is_said_of_a_cell_is_cut_where_it_would_not_end(tmp_path):
    """The list beside the copies has it all."""
    issue = {"severity": "note", "source_sheet": "Sheet", "source_cell": "A1", "rule": "blank"}
    issue |= {"raw_text": "x" * 40_000, "message_vi": "y" * 1_500, "message_en": "z"}
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    workbook.annotate(tmp_path / "a.xlsx", pd.DataFrame([issue] * 4), tmp_path / "back.xlsx")
    book = openpyxl.load_workbook(tmp_path / "back.xlsx")
    assert len(book["Sheet"]["A1"].comment.text) == 1_500
    assert len(book["Vấn đề"]["D2"].value) == 32_000


def test_the_way_back_holds_no_time_of_writing(tmp_path):
    texts = ["source_sheet", "source_cell", "rule", "raw_text", "message_vi", "message_en"]
    issues = pd.DataFrame([{"severity": "note", **dict.fromkeys(texts, "")}])
    (tmp_path / "a.xlsx").write_bytes(b"no workbook")
    workbook.annotate(tmp_path / "a.xlsx", issues, tmp_path / "back.xlsx")
    with zipfile.ZipFile(tmp_path / "back.xlsx") as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {2022}
        assert f"{date.today().year}-".encode() not in book.read("docProps/core.xml")


def test_every_unit_or_file_with_issues_gets_its_workbook_back(tmp_path):
    loaded = load("2022-Q2")
    (tmp_path / "data").mkdir()
    for name in ("catalogue", "submissions"):
        (tmp_path / "data" / name).symlink_to(project.PROJECT / "data" / name)
    written = send_back(loaded.tables, loaded.plan, tmp_path)
    issues = loaded.tables.issues.query("source_file != ''")
    long = issues["source_file"].str.endswith(".csv")
    units = issues.loc[long, "reporting_unit"]
    several = units.nunique() + units.isna().any()
    assert units.isna().any() and units.nunique() > 3, "one file of many units, and of one unknown"
    assert len(written.copies) == issues.loc[~long, "source_file"].nunique() + several
    returns = written.listed.parent
    own = openpyxl.load_workbook(returns / "one_stop_VPCP_2022-Q2.xlsx")
    texts = {c.value for row in own["Dữ liệu"].iter_rows() for c in row}
    assert "Tỉnh Hà Tây" in texts and "Tỉnh Hà Giang" not in texts
    hostile = openpyxl.load_workbook(returns / "II06a_75_2022-Q2.xlsx")
    texts = [c.value for row in hostile["Vấn đề"].iter_rows() for c in row if c.value]
    assert not [t for t in texts if str(t).startswith(("=", "+", "@"))]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+2", "@x", "\t=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
)
def test_text_is_never_a_formula(text):
    assert workbook.safe_text(text).startswith("'")


def test_missing_marks_stay_readable():
    assert workbook.safe_text("-") == "-"
    assert workbook.safe_text(None) == ""


def test_faults_cover_what_offices_send():
    assert len({f.expected_rule for f in country.FAULTS}) >= 30
