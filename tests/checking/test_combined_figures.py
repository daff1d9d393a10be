"""A return of compliance costs: hours and minutes in two columns, one of several classes ticked."""

import dataclasses

import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import catalogue, form_checks, plans
from analysis.checking import combined_figures
from analysis.period import check

FORM = """
form: costs
title: {vi: "Chi phí tuân thủ theo tỉnh", en: "Compliance costs by province"}
layout: table
version: 1
numbers: vietnamese
legal_basis: thử
certainty: unverified
frequency: [A]
tables:
  - sheets: [Chi phi]
    names: {head: ["Tỉnh, thành phố"]}
    columns:
      hours: ["Giờ"]
      minutes: ["Phút"]
      small: ["Dưới 10"]
      middle: ["10-50"]
      large: ["Trên 50"]
combine:
  time: {columns: {hours: 1, minutes: 1/60}}
  staff: {ticked: {small: 5, middle: 30, large: 50}}
items:
  hours: {name: {vi: Giờ, en: Hours}, kind: count, nature: flow}
  minutes: {name: {vi: Phút, en: Minutes}, kind: count, nature: flow}
  small: {name: {vi: Dưới 10, en: Below 10}, kind: tick, nature: level}
  middle: {name: {vi: 10-50, en: 10-50}, kind: tick, nature: level}
  large: {name: {vi: Trên 50, en: Above 50}, kind: tick, nature: level}
  time: {name: {vi: Thời gian, en: Time}, kind: decimal, nature: flow, maximum: 1000}
  staff: {name: {vi: Lao động, en: Staff}, kind: count, nature: level}
rules: []
"""
HEADS = ["Tỉnh, thành phố", "Giờ", "Phút", "Dưới 10", "10-50", "Trên 50"]
PERIOD = dict(
    time_period="costs-2022",
    title={"vi": "thử", "en": "trial"},
    regime="calendar_year",
    forms=["costs"],
    frameworks=[],
    due={"units": ["02", "04", "08"]},
    synthetic=True,
)
CATALOGUE = catalogue.load()


def sent(rows, folder, name="a.xlsx"):
    folder = folder / "data/submissions/costs-2022"
    folder.mkdir(parents=True)
    (folder / "period.yml").write_text(yaml.safe_dump(PERIOD, allow_unicode=True), "utf-8")
    if name.endswith("csv"):
        lines = [";".join("" if v is None else str(v) for v in row) for row in [HEADS, *rows]]
        (folder / name).write_text("\n".join(lines), "utf-8")
    else:
        book = openpyxl.Workbook()
        book.active.title = "Chi phi"
        for row in [HEADS, *rows]:
            book.active.append(row)
        book.save(folder / name)
    form = yaml.safe_load(FORM)
    known = dataclasses.replace(CATALOGUE, forms=CATALOGUE.forms | {"costs": form})
    root = folder.parents[2]
    checked = check(plans.plan("costs-2022", known, root), known, root)
    held = checked["observations"].set_index(["reporting_unit", "item"])
    return checked, held


ROWS = [
    ["Hà Giang", 2, 30, "X", None, None],
    ["Cao Bằng", None, 45, None, "x", "✓"],
    ["Tuyên Quang", "ba", 10, None, None, "v"],
]


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_parts_become_one_figure_and_keep_their_own_fate(name, tmp_path):
    checked, held = sent(ROWS, tmp_path, name)
    figures = held.loc["02"]["obs_value"][["time", "staff", "hours", "minutes"]]
    assert figures.tolist() == [2.5, 5, 2, 30]
    assert held.at[("04", "time"), "obs_value"] == 0.75  # no hours are none
    # two classes: neither counts, and both cells are named
    assert pd.isna(held.at[("04", "staff"), "obs_value"])
    several = checked["issues"].query("rule == 'choice_several'").iloc[0]
    assert several["cells"] == "E3, F3" and "10-50, Trên 50" in several["message_vi"]
    # what cannot be read makes no time, and the minutes beside it are still the office's
    assert pd.isna(held.at[("08", "time"), "obs_value"])
    assert held.loc["08"]["obs_value"][["staff", "minutes"]].tolist() == [50, 10]
    assert checked["balance"]["unaccounted"].eq(0).all()


def test_what_is_no_tick_and_a_sum_above_its_maximum_are_refused(tmp_path):
    rows = [["Hà Giang", 999, 61, "3 người", None, None], ["Cao Bằng", 1, 0, 0, None, "x"]]
    checked, held = sent(rows, tmp_path)
    issues = checked["issues"].set_index("rule")
    assert issues.at["choice_unknown", "source_cell"] == "D2"
    assert issues.at["out_of_range", "cells"] == "B2, C2"
    assert held.loc["02", "obs_value"].isna().all()
    assert held.at[("04", "time"), "obs_value"] == 1 and held.at[("04", "staff"), "obs_value"] == 50


def test_what_is_combined_must_be_there_and_be_of_its_kind():
    form = yaml.safe_load(FORM)
    form["combine"]["time"]["columns"] |= {"small": 1, "minuts": 1}
    form["combine"]["staff"]["ticked"] = {"hours": 1, "time": 2}
    known = form_checks.Known((), (), (), ())
    told = [what for _, what in form_checks.faults(form, known, {})]
    assert any("small cannot be of kind tick" in t for t in told)
    assert any("unknown item minuts" in t and "minutes" in t for t in told)
    assert any("hours must be of kind tick" in t for t in told)
    assert any("time is made of others itself" in t for t in told)


CELLS = ["source_file", "source_sheet", "source_cell", "reporting_unit", "form", "level", "field"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from([None, "V", 0, 1, 7, 59]), min_size=2, max_size=2))
def test_a_sum_is_known_where_a_part_is_and_none_was_refused(parts):
    values = pd.DataFrame(
        {
            **dict.fromkeys(CELLS, "a"),
            "row": 1,
            "item": ["hours", "minutes"],
            "raw_text": [str(p) for p in parts],
            "obs_value": [float("nan") if p in (None, "V") else float(p) for p in parts],
            "obs_status": ["O" if p is None else "V" if p == "V" else "A" for p in parts],
        }
    )
    forms = {"a": {"combine": {"time": {"columns": {"hours": 1, "minutes": "1/60"}}}}}
    made = combined_figures.added(values, forms).iloc[-1]
    if "V" in parts or parts == [None, None]:
        assert pd.isna(made["obs_value"]) and made["obs_status"] in ("V", "O")
    else:
        known = [0 if p is None else p for p in parts]
        assert made["obs_value"] * 60 == pytest.approx(known[0] * 60 + known[1])


KINDS = {"items": {"time": {"maximum": 10}, "staff": {}, "free": {},
                   "small": {"name": {"vi": "Nhỏ"}}, "large": {"name": {"vi": "Lớn"}}}}  # fmt: skip
COMBINE = {
    "time": {"columns": {"hours": 1, "minutes": "1/60"}},
    "staff": {"ticked": {"small": 5, "large": 50}},
}


def cells(*given):
    """Value cells of rows of form a: row, item, value, status."""
    held = pd.DataFrame(given, columns=["row", "item", "obs_value", "obs_status"])
    at = held["item"].str[0].str.upper() + held["row"].astype(str)
    return held.assign(**dict.fromkeys(CELLS, "a") | dict(source_cell=at, raw_text=at, cells=None))


@pytest.mark.parametrize(
    ("small", "large", "value", "status"),
    [
        ((1, "A"), (None, "O"), 5, "A"),
        ((None, "O"), (1, "P"), 50, "P"),
        ((0, "A"), (1, "A"), 50, "A"),
        ((1, "A"), (1, "A"), None, "V"),
        ((1, "A"), (None, "V"), None, "V"),
        ((None, "V"), (None, "O"), None, "V"),
        ((None, "O"), (None, "O"), None, "O"),
        ((0, "A"), (0, "A"), None, "O"),  # all are refused, so none is chosen
    ],
)
def test_one_box_of_a_row_is_a_figure(small, large, value, status):
    made = combined_figures.added(
        cells((1, "small", *small), (1, "large", *large)), {"a": {"combine": COMBINE}}
    )
    assert len(made) == 3
    row = made.iloc[-1]
    assert (row["item"], row["obs_status"], row["source_cell"]) == ("staff", status, "S1, L1")
    assert pd.isna(row["obs_value"]) if value is None else row["obs_value"] == value


@pytest.mark.parametrize(
    ("hours", "minutes", "value", "status"),
    [
        ((2, "A"), (30, "A"), 2.5, "A"),
        ((None, "O"), (45, "P"), 0.75, "P"),
        ((None, "M"), (None, "O"), None, "M"),
        ((None, "O"), (None, "V"), None, "V"),
        ((3, "A"), (None, "V"), None, "V"),
    ],
)
def test_a_sum_has_the_status_of_what_is_known(hours, minutes, value, status):
    made = combined_figures.added(
        cells((1, "hours", *hours), (1, "minutes", *minutes)), {"a": {"combine": COMBINE}}
    ).iloc[-1]
    assert made["obs_status"] == status and made["raw_text"] == "H1; M1"
    assert pd.isna(made["obs_value"]) if value is None else made["obs_value"] == value


def test_each_row_is_combined_by_itself_and_other_forms_are_not():
    values = cells((1, "hours", 1, "A"), (2, "hours", 2, "A"), (2, "minutes", 6, "A"))
    made = combined_figures.added(values, {"a": {"combine": COMBINE}, "b": {}})
    assert made["obs_value"].tolist()[3:] == [1, 2.1]
    assert combined_figures.added(values, {"b": {"combine": COMBINE}}) is values


def test_a_sum_above_the_maximum_and_two_boxes_are_found_where_they_stand():
    values = cells((1, "time", 10, "A"), (2, "time", 10.5, "A"), (1, "free", 1e12, "A"),
                   (1, "small", 1, "A"), (1, "large", 1, "A"), (2, "small", 1, "A"),
                   (2, "large", 0, "A"), (3, "large", 1, "A"))  # fmt: skip
    free = {"free": {"columns": {"hours": 1}}}
    found = combined_figures.findings(values, {"a": KINDS | {"combine": COMBINE | free}})
    columns = ["rule", "source_cell", "found", "cells"]
    told = found[columns].astype(object).where(found[columns].notna(), None)
    assert told.to_numpy().tolist() == [
        ["out_of_range", "T2", "0–10", None],
        ["choice_several", "S1", "Nhỏ, Lớn", "S1, L1"],
    ]


def test_a_finding_on_several_cells_is_told_at_the_first():
    found = pd.DataFrame({"source_cell": ["B5, C5", "B6", "B7, C7"], "cells": [None, None, "D7"]})
    assert combined_figures.at_cells(found)["source_cell"].tolist() == ["B5", "B6", "B7"]
    assert combined_figures.at_cells(found)["cells"].fillna("").tolist() == ["B5, C5", "", "D7"]
    assert combined_figures.at_cells(found[1:2]).equals(found[1:2])
