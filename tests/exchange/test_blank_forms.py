"""Blank workbooks: what is printed on them, and that all of it comes from the form's YAML."""

import copy
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from shared import call

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.storage import files

CATALOGUE = cat.load()
FORM = CATALOGUE.forms["II.06a"]
PLAN = plans.plan("2022-Q2", CATALOGUE)
UNITS = plans.due_units(CATALOGUE, PLAN).set_index("code", drop=False)
FIELDS = {level: blank_forms.fields_of(CATALOGUE, level) for level in FORM["levels"]}


def saved(tmp_path, form=FORM, unit="01", fields=FIELDS):
    """The blank form as an office opens it."""
    path = tmp_path / "blank.xlsx"
    blank_forms.blank(form, UNITS.loc[unit], PLAN, fields).save(path)
    return openpyxl.load_workbook(path)


def texts(sheet) -> list[str]:
    return [str(c.value) for line in sheet.iter_rows() for c in line if c.value is not None]


def test_the_heading_names_form_unit_and_period(tmp_path):
    book = saved(tmp_path)
    assert book.sheetnames == ["II.06a", blank_forms.GUIDE]
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
    numbers = [cell.value for cell in sheet[blank_forms.HEADER_ROW + 2]]
    assert numbers == [f"({c})" for c in range(1, 14)]


@pytest.mark.parametrize(("unit", "marks"), [("BTC", ["A"]), ("25", ["A", "B", "C"])])
def test_a_unit_gets_the_levels_of_its_type(tmp_path, unit, marks):
    sheet = saved(tmp_path, unit=unit).worksheets[0]
    first = [sheet.cell(r, 1).value for r in range(blank_forms.HEADER_ROW + 3, sheet.max_row + 1)]
    assert [mark for mark in first if isinstance(mark, str)] == marks
    labels = [sheet.cell(r, 2).value for r in range(blank_forms.HEADER_ROW + 3, sheet.max_row + 1)]
    totals = [label for label in labels if label and label.startswith("Tổng số")]
    names = [v["name"]["vi"] for v in blank_forms.levels(FORM, UNITS.loc[unit, "type"]).values()]
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
    guide = texts(saved(tmp_path)[blank_forms.GUIDE])
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
    guide = texts(saved(tmp_path, form=form)[blank_forms.GUIDE])
    assert "Dòng tổng bằng tổng các dòng." in guide
    assert not any("của kỳ trước" in line for line in guide)


@pytest.mark.parametrize("name", ["=1+1", "+84", "-2", "@SUM(A1)", "  =cmd|'/C calc'!A0"])
def test_a_name_never_becomes_a_formula(tmp_path, name):
    sheet = saved(tmp_path, fields={"province": [name]}).worksheets[0]
    (cell,) = [c for c in sheet["B"] if c.value == name]
    assert cell.data_type == "s" and cell.quotePrefix


# --- workbooks to send out: nothing that lies there is overwritten --------------------------------

SMALL = replace(PLAN, forms=["edocs", "tasks"], due={"units": ["VPCP", "44"]})
NAMES = ["edocs_VPCP_2022-Q2.xlsx", "edocs_44_2022-Q2.xlsx", "tasks_VPCP_2022-Q2.xlsx"]


@pytest.fixture
def quick(monkeypatch):
    """What stands in a workbook is not looked at."""
    monkeypatch.setattr(blank_forms, "blank_file", lambda *_: b"blank")


def write(folder: Path, again: bool = False) -> list[str]:
    return [p.name for p in blank_forms.write_blanks(SMALL, CATALOGUE, folder, again)]


def test_blanks_are_whole_workbooks_in_a_folder_that_is_made(tmp_path):
    assert sorted(write(tmp_path / "a" / "b")) == sorted(NAMES)
    for path in (tmp_path / "a" / "b").iterdir():
        assert blank_forms.GUIDE in openpyxl.load_workbook(path).sheetnames


def lie(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"filled in")


def lie_linked(folder: Path, name: str) -> None:
    lie(folder.parent, "elsewhere.xlsx")
    (folder / name).symlink_to(folder.parent / "elsewhere.xlsx")


@pytest.mark.parametrize("name", [NAMES[1], NAMES[1].upper(), NAMES[2]])
@pytest.mark.parametrize("how", [lie, lie_linked, lambda f, n: (f / n).symlink_to("nowhere"),
                                 lambda f, n: (f / n).mkdir()])  # fmt: skip
def test_a_name_that_is_taken_stops_all_and_nothing_is_written(tmp_path, name, how, quick):
    folder = tmp_path / "out"
    folder.mkdir()
    how(folder, name)
    with pytest.raises(
        blank_forms.NotHereError, match="1 of 3 workbooks .*Nothing was written"
    ) as said:
        write(folder)
    assert next(n for n in NAMES if n.casefold() == name.casefold()) in str(said.value)
    assert os.listdir(folder) == [name]
    numbered = [n.replace(".xlsx", "_2.xlsx") if n.upper() == name.upper() else n for n in NAMES]
    assert sorted(write(folder, again=True)) == sorted(numbered)
    assert set(os.listdir(folder)) == {name, *numbered}
    if how in (lie, lie_linked):
        assert (folder / name).read_bytes() == b"filled in"


def test_names_in_decomposed_letters_are_the_same_names(tmp_path):
    name = unicodedata.normalize("NFD", "biểu.xlsx")
    (tmp_path / name).write_bytes(b"filled in")
    with pytest.raises(blank_forms.NotHereError):
        blank_forms.free_names(tmp_path, ["Biểu.xlsx"], again=False)
    assert blank_forms.free_names(tmp_path, ["Biểu.xlsx", "B.xlsx"], again=True) == [
        "Biểu_2.xlsx",
        "B.xlsx",
    ]


def test_again_and_again_numbers_go_on_and_all_names_are_told_up_to_a_bound(tmp_path, quick):
    for n in ("", "_2", "_3"):
        expected = [name.replace(".xlsx", f"{n}.xlsx") for name in NAMES]
        assert sorted(write(tmp_path, again=True)) == sorted(expected)
    names = [f"{n}.xlsx" for n in range(30)]
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(
        blank_forms.NotHereError, match=r"30 of 30 .* 0.xlsx, .*19.xlsx and 10 more\."
    ):
        blank_forms.free_names(tmp_path, names, again=False)


def test_what_comes_to_lie_there_meanwhile_is_not_overwritten(tmp_path, monkeypatch, quick):
    make = blank_forms.blank_file

    def slow(*given):
        lie(tmp_path, NAMES[0])
        return make(*given)

    monkeypatch.setattr(blank_forms, "blank_file", slow)
    with pytest.raises(blank_forms.NotHereError):
        write(tmp_path)
    assert os.listdir(tmp_path) == [NAMES[0]]


def test_no_half_of_a_workbook_is_left_where_there_is_no_room(tmp_path, monkeypatch, quick):
    def full(*_):
        raise OSError("no room")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no room"):
        write(tmp_path)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("spelt", ["data/submissions/2022-Q2", "data/submissions/2022-Q2/new",
                                   "data/submissions", "data/survey/x", "data/catalogue/forms",
                                   "data/reference", "reports/../data/submissions/2022-Q2",
                                   "link", "link/new", "above/submissions"])  # fmt: skip
def test_where_submissions_lie_no_blank_is_written_by_whatever_name(tmp_path, monkeypatch, spelt):
    for name in ("data/submissions/2022-Q2", "reports"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("data/submissions/2022-Q2")
    (tmp_path / "above").symlink_to(tmp_path / "data")
    monkeypatch.setattr(cat, "load", lambda root: CATALOGUE)
    (tmp_path / "data/catalogue").mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(plans, "plan", lambda *_: SMALL)
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    for folder in (spelt, str(tmp_path / spelt)):
        for more in ([], ["--again"]):
            code, output = call(tmp_path, "forms", "2022-Q2", folder, *more)
            assert code == 2 and "name a folder elsewhere" in output, output
    assert set(tmp_path.rglob("*")) == before


def test_the_command_writes_once_and_then_says_what_is_in_the_way(tmp_path, monkeypatch, quick):
    monkeypatch.setattr(cat, "load", lambda root: CATALOGUE)
    (tmp_path / "data/catalogue").mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(plans, "plan", lambda *_: SMALL)
    out = str(tmp_path / "out")
    assert call(tmp_path, "forms", "2022-Q2", out)[0] == 0
    code, output = call(tmp_path, "forms", "2022-Q2", out)
    assert code == 2 and "3 of 3 workbooks are in" in output and "add --again" in output
    code, output = call(tmp_path, "forms", "2022-Q2", out, "--again")
    assert code == 0 and len(os.listdir(out)) == 6
    file = str(tmp_path / "out" / NAMES[0])
    code, output = call(tmp_path, "forms", "2022-Q2", file)
    assert code == 2 and "is no folder: name one" in output
    assert not files.unfinished(Path(out))
