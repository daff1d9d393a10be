"""A file in which the form is not found says which form of the catalogue it looks like."""

import io

import openpyxl
import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.reading import lookalike, workbook
from analysis.reading.layouts import locate

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)
UNIT = plans.due_units(CATALOGUE, PLAN).set_index("code", drop=False).loc["10"]


def sent(tmp_path, form: str):
    fields = {lv: blank_forms.fields_of(CATALOGUE, lv) for lv in CATALOGUE.forms[form]["levels"]}
    book = blank_forms.blank(CATALOGUE.forms[form], UNIT, PLAN, fields)
    book.save(tmp_path / "a.xlsx")
    return workbook.read(tmp_path / "a.xlsx", CATALOGUE.parameters["limits"])


def test_another_known_form_is_named_by_its_code_and_title(tmp_path):
    cells = sent(tmp_path, "II.06a")
    asked = {"edocs": CATALOGUE.forms["edocs"] | {"sheet": "nowhere"}}
    cells = cells[cells["row"] < 200]
    located = locate.locate(cells, asked, {})
    if "sheet_missing" not in set(located["rule"].dropna()):
        pytest.fail("the other form was read by the heads of this one")
    told = lookalike.told(located, CATALOGUE.forms)
    (found,) = told.loc[told["rule"] == "sheet_missing", "found"]
    assert found == f"II.06a ({CATALOGUE.forms['II.06a']['title']['vi']})"
    assert told.drop(columns="found").equals(located.drop(columns="found"))


def test_what_looks_like_no_form_is_said_to_look_like_none(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Ăn trưa", "Số suất"])
    held = io.BytesIO()
    book.save(held)
    (tmp_path / "a.xlsx").write_bytes(held.getvalue())
    cells = workbook.read(tmp_path / "a.xlsx", CATALOGUE.parameters["limits"])
    located = locate.locate(cells, {"II.06a": CATALOGUE.forms["II.06a"]}, {})
    told = lookalike.told(located, CATALOGUE.forms)
    assert set(located["rule"].dropna()) == {"sheet_missing"} and told["found"].isna().all()
