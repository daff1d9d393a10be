from dataclasses import replace

import openpyxl
import pytest
from tools.sample import country

from analysis import pipeline
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
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
    due = {"types": ["ministerial_level", "centrally_run_city"]}
    plan = replace(PLAN, forms=["II.06a", "II.07b"], due=due)
    written = blank_forms.write_blanks(plan, CATALOGUE, tmp_path / "out")
    offices, cities = (UNITS.index[UNITS["type"] == kind] for kind in due["types"])
    names = {f"II.06a_{unit}_2022-Q2.xlsx" for unit in [*offices, *cities]}
    names |= {f"II.07b_{unit}_2022-Q2.xlsx" for unit in cities}  # a form of provinces alone
    assert {p.name for p in written} == names and len(written) == len(names)
    assert {"01", "VPCP"} <= {*offices, *cities} and len(UNITS) == 93


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


def test_faults_cover_what_offices_send():
    assert len({f.expected_rule for f in country.FAULTS}) >= 30
