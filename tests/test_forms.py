"""Blank workbooks: what is printed on them, and that all of it comes from the form's YAML."""

import copy

import openpyxl
import pytest

from analysis import catalogue as cat
from analysis import forms

CATALOGUE = cat.load()
FORM = CATALOGUE.forms["II.06a"]
PLAN = cat.plan("2022-Q2", CATALOGUE)
UNITS = cat.due_units(CATALOGUE, PLAN).set_index("code", drop=False)
FIELDS = {level: forms.fields_of(CATALOGUE, level) for level in FORM["levels"]}


def saved(tmp_path, form=FORM, unit="01", fields=FIELDS):
    """The blank form as an office opens it."""
    path = tmp_path / "blank.xlsx"
    forms.blank(form, UNITS.loc[unit], PLAN, fields).save(path)
    return openpyxl.load_workbook(path)


def texts(sheet) -> list[str]:
    return [str(c.value) for line in sheet.iter_rows() for c in line if c.value is not None]


def test_the_heading_names_form_unit_and_period(tmp_path):
    book = saved(tmp_path)
    assert book.sheetnames == ["II.06a", forms.GUIDE]
    assert set(texts(book.worksheets[0])) >= {
        "Biểu số II.06a/VPCP/KSTT",
        "Đơn vị báo cáo: Thành phố Hà Nội",
        "Đơn vị nhận báo cáo: Văn phòng Chính phủ",
        "Kỳ báo cáo: Quý II năm 2022",
        "Từ ngày 15/03/2022 đến ngày 14/06/2022",
    }


def test_group_heads_stand_over_their_columns_and_numbers_below(tmp_path):
    sheet = saved(tmp_path).worksheets[0]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert merged >= {"A8:A9", "B8:B9", "C8:F8", "G8:J8", "K8:M8"}
    numbers = [cell.value for cell in sheet[forms.HEADER_ROW + 2]]
    assert numbers == [f"({c})" for c in range(1, 14)]


@pytest.mark.parametrize(("unit", "marks"), [("BTC", ["A"]), ("25", ["A", "B", "C"])])
def test_a_unit_gets_the_levels_of_its_type(tmp_path, unit, marks):
    sheet = saved(tmp_path, unit=unit).worksheets[0]
    first = [sheet.cell(r, 1).value for r in range(forms.HEADER_ROW + 3, sheet.max_row + 1)]
    assert [mark for mark in first if isinstance(mark, str)] == marks
    labels = [sheet.cell(r, 2).value for r in range(forms.HEADER_ROW + 3, sheet.max_row + 1)]
    totals = [label for label in labels if label and label.startswith("Tổng số")]
    names = [v["name"]["vi"] for v in forms.levels(FORM, UNITS.loc[unit, "type"]).values()]
    assert totals == [f"Tổng số {name.lower()}" for name in names]
    assert labels[-1] == "TỔNG CỘNG"


def test_only_whole_numbers_that_are_not_negative_may_be_typed(tmp_path):
    sheet = saved(tmp_path).worksheets[0]
    rule, names = sheet.data_validations.dataValidation
    assert (rule.type, rule.operator, rule.formula1) == ("whole", "greaterThanOrEqual", "0")
    assert "không âm" in rule.error
    assert f"M{sheet.max_row}" in rule.sqref
    assert names.type == "list" and not names.showErrorMessage  # others may be written


def test_labels_stay_in_sight_and_the_print_is_one_page_wide(tmp_path):
    sheet = saved(tmp_path).worksheets[0]
    assert sheet.freeze_panes == "C11"
    assert sheet.page_setup.orientation == "landscape"
    assert int(sheet.page_setup.paperSize) == int(sheet.PAPERSIZE_A4)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_the_guide_states_the_version_and_the_identities_of_the_form(tmp_path):
    guide = texts(saved(tmp_path)[forms.GUIDE])
    assert guide[0].endswith(f"(phiên bản {FORM['version']})")
    identities = [line.strip() for line in guide if line.startswith("   (")]
    assert identities == [
        "(3) = (4) + (5) + (6)",
        "(7) = (8) + (9) + (10)",
        "(11) = (12) + (13)",
        "(3) = (7) + (11)",
    ]
    assert any(line.endswith("Từ kỳ trước (6) bằng (11) của kỳ trước.") for line in guide)
    assert any("ghi 0" in line for line in guide)


def test_the_guide_follows_the_rules_of_the_form(tmp_path):
    form = copy.deepcopy(FORM)
    form["rules"] = [r for r in form["rules"] if r["kind"] == "total_row"]
    guide = texts(saved(tmp_path, form=form)[forms.GUIDE])
    assert "Dòng tổng bằng tổng các dòng." in guide
    assert not any("của kỳ trước" in line for line in guide)


@pytest.mark.parametrize("name", ["=1+1", "+84", "-2", "@SUM(A1)", "  =cmd|'/C calc'!A0"])
def test_a_name_never_becomes_a_formula(tmp_path, name):
    sheet = saved(tmp_path, fields={"province": [name]}).worksheets[0]
    (cell,) = [c for c in sheet["B"] if c.value == name]
    assert cell.data_type == "s" and cell.quotePrefix
