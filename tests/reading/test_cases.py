"""Files as offices send them, each the shape of something that happened: what must become of them.

Every case is a folder of ``cases``: a period, the files and, where need be, a form of its own.
"""

import dataclasses
import shutil
from pathlib import Path

import pytest
import yaml

from analysis.catalogue import catalogue, plans
from analysis.period import check

CASES = Path(__file__).parent / "cases"
CATALOGUE = catalogue.load()
NOTED = {"received_unknown", "thousands_separator", "number_as_text", "not_received"}

# case → (figures at cells), (rules at cells; "" is the file or sheet), all other rules that may be
EXPECTED: dict[str, tuple[dict, dict, set]] = {
    "columns_numbered_A_B_1_2": ({"C12": 25, "M12": 1}, {}, set()),
    "correction_same_day": ({"C11": 1300}, {"": "superseded"}, set()),
    "csv_semicolon": ({"C12": 25, "D12": 15}, {}, set()),
    "csv_utf16": ({"C12": 25, "D12": 15}, {}, set()),
    "dates_of_an_english_excel": (
        {}, {"I9": "date_doubtful", "J9": "date_doubtful", "I11": "date_doubtful"}, set()),
    "formula_giving_empty_text": ({"C12": 25}, {"D12": "blank"}, set()),
    "formula_never_calculated": (
        {"D12": 15}, {"C12": "formula_without_value", "D13": "formula_without_value"}, set()),
    "hidden_row": ({"C20": 24}, {"C39": "total_leaves_out_hidden"}, {"total_leaves_out_hidden"}),
    "leading_zero_grouped": ({"C13": 400}, {"E13": "not_integer"}, {"blank"}),
    "level_heading_with_letter": ({"C39": 611, "C56": 316}, {}, set()),
    "long_duplicate_without_issue": (
        {"B2": 1204, "B4": 1310}, {"A3": "duplicate_row", "A5": "duplicate_row"}, set()),
    "long_second_sheet_replaces": ({}, {"": "sheet_twice"}, set()),
    "nbsp_cells": ({"C12": 25}, {}, {"blank"}),
    "number_format_thousand": (
        {"C13": 400}, dict.fromkeys(["C11", "C12", "D12"], "shown_otherwise"), set()),
    "percent_cells": (
        {"D5": 42, "D6": 88, "D7": 100}, {"D5": "percent_format"},
        {"percent_format", "measure_undeclared"}),
    "plain_numbers_with_grouping": (
        {}, {"C6": "writing_mixed", "E8": "number_ambiguous"},
        {"writing_mixed", "number_ambiguous", "measure_undeclared", "decimal_point"}),
    "quotes_taken_for_encoding": ({"C12": 25}, {}, {"outside_form", "text_kept"}),
    "remark_above_the_table": ({"C11": 1200}, {"A7": "text_kept"}, set()),
    "row_cumulative_since_january": ({}, {"B71": "row_unknown"}, set()),
    "stray_space_in_last_row": ({"C12": 25}, {}, set()),
    "strict_copy_is_a_list_only": ({"C12": 25}, {"D12": "number_unreadable"}, set()),
    "superscript_in_cell": (
        {"E12": 60}, {"E12": "footnote_mark"}, {"total_row", "probable_cell"}),
    "table_first_rows_taken_for_head": (
        {"C5": 12, "E6": 7}, {"B7": "unit_unknown"}, {"measure_undeclared"}),
    "table_of_one_unit": ({"C5": 1, "D5": 2, "E5": 3}, {}, {
        "measure_undeclared", "perhaps_share", "outside_form", "text_kept"}),
    "tables_side_by_side": ({}, {"R9": "column_in_two_places"}, set()),
    "total_row_named_otherwise": ({"C70": 1147, "C69": 220}, {}, set()),
    "two_form_sheets_hidden_one_first": ({}, {"": "sheet_twice"}, {"sheet_unused"}),
    "unit_in_heading_thousand": ({}, {"L6": "measure_unknown"}, set()),
    "vietnamese_decimals": (
        {"C5": 1000.5, "C7": 3001.5, "C8": 4002}, {}, {
            "decimal_point", "writing_mixed", "measure_undeclared", "unit_unknown", "text_kept"}),
    "xls_copy_is_a_list_only": ({"C12": 25}, {"D12": "number_unreadable"}, set()),
    "xls_error_becomes_nil": ({"C12": 800}, {"E12": "number_error"}, set()),
    "xls_formula_without_value": (
        {"C12": 25}, {"C70": "formula_without_value"}, {"formula_without_value"}),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(EXPECTED))
def test_what_becomes_of_a_case(case, tmp_path):
    figures, named, others = EXPECTED[case]
    stated = yaml.safe_load((CASES / case / "period.yml").read_text("utf-8"))
    code, own = str(stated["time_period"]), {}
    folder = tmp_path / "data/submissions" / code
    folder.mkdir(parents=True)
    for path in (CASES / case).iterdir():
        if path.suffix == ".yml" and path.name != "period.yml":
            form = yaml.safe_load(path.read_text("utf-8"))
            own[form["form"]] = form
        else:
            shutil.copy(path, folder)
    held = dataclasses.replace(CATALOGUE, forms=CATALOGUE.forms | own)
    tables = check(plans.plan(code, held, tmp_path), held, tmp_path)
    cells, issues = tables["cells"], tables["issues"]
    counted = cells[(cells["state"] == "in_force") & (cells["role"] == "value")]
    values = counted.dropna(subset=["obs_value"]).set_index("source_cell")["obs_value"]
    assert {c: values.get(c) for c in figures} == figures
    found = set(zip(issues["source_cell"], issues["rule"], strict=True))
    assert set(named.items()) <= found
    assert {rule for _, rule in found} <= set(named.values()) | others | NOTED
    assert not tables["balance"]["unaccounted"].any()


def test_every_case_is_held_to_something():
    """Those without a period are of the catalogue alone (tests/catalogue)."""
    assert {p.parent.name for p in CASES.glob("*/period.yml")} - set(EXPECTED) == {
        "period_unknown_key"
    }
