"""Finding the form in the cells: long files, and sheets that someone has rearranged."""

import shutil

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.period import check
from analysis.reading import workbook
from analysis.reading.layouts import locate

HEAD = "unit_code,group,element,value\n"
CATALOGUE = cat.load()
FIELDS = pipeline.field_names(CATALOGUE)
FORM = CATALOGUE.forms["II.06a"]


@pytest.fixture()
def root(tmp_path):
    shutil.copytree(project.PROJECT / "data/catalogue", tmp_path / "data/catalogue")
    folder = tmp_path / "data/submissions/2026-Q3"
    shutil.copytree(project.PROJECT / "data/submissions/2026-Q3", folder)
    (tmp_path / "data/reference").symlink_to(project.PROJECT / "data/reference")
    return tmp_path


def checked(root, text: str) -> dict:
    path = root / "data/submissions/2026-Q3/values.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    return check(plans.plan("2026-Q3", CATALOGUE, root), CATALOGUE, root)


@pytest.mark.parametrize(
    ("text", "cell", "rule"),
    [
        ("H44.01,dvc-progress,totalMade,5\n", "D2", "item_unknown"),
        ("H99.99,dvc-progress,totalReceived,5\n", "A2", "unit_unknown"),
        ("H44.01,dvc-progress,totalReceived,5.5\n", "D2", "not_integer"),
        ("H44.01,dvc-progress,totalReceived,\n", "D2", "blank"),
        ("H44.01,dvc-progress,totalReceived,-\n", "D2", "missing_symbol"),
        ("H44.01,dvc-progress,totalReceived,5,6\n", "E2", "outside_form"),
        ("H44.01,dvc-progress,totalReceived,5\nH44.01,dvc-progress,totalOnTime,6\n", "D3",
         "on_time_within_handled"),
        ("H44.01,dvc-progress,totalReceived,5\nH44.01,dvc-progress,totalReceived,6\n", "C3",
         "duplicate_row"),
    ],
)  # fmt: skip
def test_a_fault_in_a_long_file_is_found_at_its_cell(root, text, cell, rule):
    tables = checked(root, text)
    found = tables["issues"]
    assert (found.loc[found["source_cell"] == cell, "rule"] == rule).any()
    assert (tables["balance"]["unaccounted"] == 0).all()


def test_of_two_rows_that_contradict_each_other_neither_counts(root):
    text = "H44.01,dvc-progress,totalReceived,5\nH44.01,dvc-progress,totalReceived,6\n"
    observations = checked(root, text)["observations"]
    assert observations["obs_value"].isna().all()


def test_the_good_rows_of_a_long_file_count_beside_the_bad_ones(root):
    text = "H99.99,dvc-progress,totalReceived,5\nH44.01,dvc-progress,totalReceived,7\n"
    observations = checked(root, text)["observations"]
    assert observations["obs_value"].dropna().tolist() == [7]


GROUPS = CATALOGUE.forms["qd766_groups"]
YEAR = "gso_code,unit_as_published,year,indicator,value,unit_measure\n"


def published(tmp_path, text: str, form=GROUPS) -> pd.DataFrame:
    path = tmp_path / "values.csv"
    path.write_text(text, encoding="utf-8")
    cells = workbook.read(path, CATALOGUE.parameters["limits"])
    return locate.locate(cells, {form["form"]: form}, FIELDS).set_index("source_cell")


def test_a_long_file_without_groups_is_read_by_element_alone(tmp_path):
    row = "56,UBND tỉnh Khánh Hòa,2024,qd766_progress,19.05,điểm (0-20)\n"
    found = published(tmp_path, YEAR + row)
    assert found["role"].tolist() == ["label"] * 7 + ["unit", "label", "label", "value", "label"]
    assert found["rule"].isna().all()
    assert found.loc["E2", ["item", "unit_text"]].tolist() == [
        "score_progress", "UBND tỉnh Khánh Hòa"]  # fmt: skip


def test_a_column_that_the_form_does_not_name_is_no_label(tmp_path):
    row = "56,UBND tỉnh Khánh Hòa,2024,qd766_progress,19.05,điểm (0-20)\n"
    form = {**GROUPS, "labels": ["gso_code", "year"]}
    found = published(tmp_path, YEAR + row, form)
    assert found["rule"].dropna().to_dict() == {"F2": "outside_form"}


def test_an_element_outside_the_form_is_quoted_without_a_group(tmp_path):
    found = published(tmp_path, YEAR + "56,Khánh Hòa,2024,qd766_mood,1,điểm\n")
    assert found.loc["E2", ["rule", "found"]].tolist() == ["item_unknown", "qd766_mood"]


def test_figures_of_two_years_in_one_file_contradict_each_other(tmp_path):
    rows = "".join(f"56,Khánh Hòa,{y},qd766_progress,19,điểm\n" for y in (2023, 2024))
    found = published(tmp_path, YEAR + rows)
    assert (found.loc[found["role"] == "value", "covered_by"] == "duplicate_row").all()


CLEAN = workbook.read(
    project.Place().submissions("2022-Q2") / "II06a_BTP_2022-Q2.xlsx",
    CATALOGUE.parameters["limits"],
)
TEXT = st.one_of(st.text(max_size=12), st.integers(-10, 10**7).map(str), st.sampled_from(
    ["", "(3)", "Tổng cộng", "Hộ tịch", "1.234", "-", "x", "TỔNG CỘNG", "STT"]))  # fmt: skip
CHANGE = st.tuples(st.integers(0, len(CLEAN) - 1), TEXT)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGE, max_size=8), st.integers(0, 3), st.integers(0, 3))
def test_however_a_sheet_is_rearranged_no_cell_is_lost_or_read_twice(changes, down, right):
    cells = CLEAN.copy()
    for i, text in changes:
        cells.loc[i, "raw_text"] = text
        cells.loc[i, "raw_type"] = "text"
    cells["row"] += down
    cells["column"] += right
    cells["source_cell"] = [f"{r}:{c}" for r, c in zip(cells["row"], cells["column"], strict=True)]
    found = locate.locate(cells, {"II.06a": FORM}, FIELDS)
    place = ["source_sheet", "source_cell"]
    given_ = found[~found["raw_type"].isin(["file", "blank"])]
    assert sorted(map(tuple, given_[place].to_numpy())) == sorted(
        map(tuple, cells[place].to_numpy())
    )
    assert found["role"].isin(["value", "label", "unit", "window", "field", "other", "file"]).all()
    values = found[found["role"] == "value"]
    assert values["item"].notna().all()
    named = values[values["covered_by"].isna()]
    assert not named.duplicated(["source_sheet", "level", "field", "item"]).any()
    other = found[(found["role"] == "other")]
    assert (other["rule"].notna() | other["covered_by"].notna()).all()
    assert pd.notna(found["source_file"]).all()
