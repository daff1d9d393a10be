"""Who gets back what: a receipt for each file, a copy to be mended, nothing of another office."""

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import first_sheet, sendings
from analysis.exchange.returns import Copy, Receipt
from analysis.period import load, send_back
from analysis.schema.tables import CELLS, PROPOSALS, TABLES

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)
SUBMISSION = {"form": "II.06a", "reporting_unit": "10", "received_at": pd.Timestamp("2022-06-20")}
ISSUE = dict.fromkeys(["source_sheet", "source_cell", "raw_text", "form"], "")
ISSUE |= {"reporting_unit": "10", "message_vi": "Sai.", "message_en": "Wrong.", "state": "open"}


def tables(issues: list[dict], submissions: list[dict], cells: pd.DataFrame | None = None):
    rows = [
        ISSUE | {"severity": CATALOGUE.rules[i["rule"]]["severity"], "source_file": "a.xlsx"} | i
        for i in issues
    ]
    held = {
        "issues": pd.DataFrame(rows, columns=[*ISSUE, "severity", "source_file", "rule"]),
        "submissions": pd.DataFrame([SUBMISSION | s for s in submissions]),
        "cells": TABLES["cells"].of([]) if cells is None else cells,
        "proposals": PROPOSALS.of([]),
    }
    return type("Tables", (), held)


def due(issues: list[dict], *files: str, **more) -> list[Copy | Receipt]:
    submissions = [{"source_file": file} for file in files or ("a.xlsx",)]
    return sendings.due(tables(issues, submissions, **more), PLAN, CATALOGUE, {})


def test_any_office_gets_a_receipt_and_one_that_must_mend_or_explain_a_copy_too():
    copy, slip = due([{"rule": "negative"}, {"rule": "thousands_separator"}])
    assert isinstance(copy, Copy) and len(copy.issues) == 2
    assert isinstance(slip, Receipt) and slip.stem == copy.stem
    assert "Không phải sửa gì" not in slip.text and "Gửi lại tệp đã sửa cho: Văn phòng" in slip.text
    assert [type(one) for one in due([{"rule": "blank"}])] == [Copy, Receipt]
    many = [
        {"rule": "thousands_separator", "source_cell": f"C{n}", "raw_text": "4.013"}
        for n in range(12, 109)
    ]
    (receipt,) = due(many)
    assert isinstance(receipt, Receipt) and receipt.stem == "a"
    text = receipt.data({}).decode()
    assert "Đã nhận ngày 20/06/2022: a.xlsx (Tỉnh Lào Cai" in text
    assert "Không phải sửa gì" in text and text.count("4.013") == 1
    assert "C12:C108: 97 ô ghi hàng nghìn" in text


def test_a_file_without_a_finding_is_acknowledged_too():
    (receipt,) = due([])
    assert isinstance(receipt, Receipt) and "Để biết" not in receipt.text


@pytest.mark.parametrize("rule", ["received_unknown", "changed_since_receipt", "ledger_day"])
def test_what_is_for_us_alone_goes_to_nobody(rule):
    (receipt,) = due([{"rule": rule}])
    assert isinstance(receipt, Receipt) and "Sai." not in receipt.text
    copy, slip = due([{"rule": rule}, {"rule": "negative"}])
    assert set(copy.issues["rule"]) == {"negative"} and "Phải sửa: 1" in slip.text


def test_to_be_late_is_told_and_nothing_is_to_be_mended():
    (receipt,) = due([{"rule": "received_late", "message_vi": "Gửi ngày 30/06/2022."}])
    assert isinstance(receipt, Receipt) and "30/06/2022" in receipt.text


@pytest.mark.parametrize("rule", ["superseded", "duplicate_submission"])
def test_files_of_other_offices_are_not_named(rule):
    told = {"rule": rule, "message_vi": "Đã được thay: b.xlsx."}
    submissions = [{"source_file": "a.xlsx"}, {"source_file": "b.xlsx", "reporting_unit": "11"}]
    first, _ = sendings.due(tables([told], submissions), PLAN, CATALOGUE, {})
    assert "b.xlsx" not in first.text
    submissions[1]["reporting_unit"] = "10"
    first, _ = sendings.due(tables([told], submissions), PLAN, CATALOGUE, {})
    assert "b.xlsx" in first.text, "the sender's own is"


def test_it_goes_back_to_whom_the_form_says():
    copy, _ = due([{"rule": "negative"}])
    assert copy.told.to == "Văn phòng Chính phủ" and "a.xlsx" in copy.told.sent
    form = CATALOGUE.forms["II.06a"] | {"contact": {"vi": "ksthc@example.vn", "en": "x"}}
    other = replace(CATALOGUE, forms=CATALOGUE.forms | {"II.06a": form})
    held = tables([{"rule": "negative"}], [{"source_file": "a.xlsx"}])
    copy, _ = sendings.due(held, PLAN, other, {})
    assert copy.told.to == "Văn phòng Chính phủ, ksthc@example.vn"
    held = tables([{"rule": "file_type"}], [{"source_file": "a.xlsx", "form": None}])
    copy, _ = sendings.due(held, PLAN, CATALOGUE, {})
    assert copy.told.to == first_sheet.Told().to


def long_cells() -> pd.DataFrame:
    units = {1: None, 2: "01", 3: None, 4: "92", 5: "01"}
    rows = [
        {"source_file": "a.csv", "source_sheet": "", "source_cell": f"{letter}{row}", "row": row,
         "column": column, "raw_text": f"{unit}/{row}", "raw_type": "text", "reporting_unit": unit,
         "role": "label" if row == 1 else role, "shown": None, "hidden": None, "fate": "accepted",
         "refused_value": None}
        for row, unit in units.items()
        for column, (letter, role) in enumerate([("A", "unit"), ("B", "value")], 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize("file", ["a.csv", "a.xlsx"])
def test_of_a_file_of_many_units_each_gets_its_own_rows_under_their_lines(file):
    long = next(code for code, form in CATALOGUE.forms.items() if form["layout"] == "long")
    issues = [
        {"rule": "negative", "source_file": file, "reporting_unit": "01", "source_cell": "B5"},
        {"rule": "decimal_point", "source_file": file, "reporting_unit": "92"},
        {"rule": "unit_unknown", "source_file": file, "reporting_unit": None},
    ]
    submissions = [{"source_file": file, "form": long, "reporting_unit": None}]
    held = tables(issues, submissions, long_cells().assign(source_file=file))
    made = sendings.due(held, PLAN, CATALOGUE, {})
    assert [m.stem for m in made if isinstance(m, Receipt)] == ["a_01", "a_92", "a"]
    first, nobody = (m for m in made if isinstance(m, Copy))
    assert (first.stem, nobody.stem) == ("a_01", "a")
    assert first.rows["row"].tolist() == [1, 1, 2, 2, 5, 5] and first.source is None
    assert nobody.rows["row"].tolist() == [1, 1, 3, 3]
    assert list(first.rows.columns) == CELLS.columns


def test_a_slip_says_what_came_when_and_what_became_of_it_and_nothing_in_it_acts():
    name = "<script>alert(1)</script>=1+1.xlsx"
    sent = {"source_file": name, "sha256": "ab" * 32, "state": "in_force"}
    cells = [("accepted", "value", "number"), ("issue", "value", "text"),
             ("label", "label", "text"), ("issue", "value", "blank")]  # fmt: skip
    cells = pd.DataFrame(cells, columns=["fate", "role", "raw_type"])
    cells = cells.assign(source_file=name).reindex(columns=TABLES["cells"].columns)
    said = {"rule": "negative", "source_file": name, "source_sheet": "II.06a", "source_cell": "C12",
            "message_vi": "“<b>-5</b>” là số âm."}  # fmt: skip
    held = tables([said], [sent], cells)
    copy, slip = sendings.due(held, PLAN, CATALOGUE, {}, {name: "08:30"})
    for told in ("ab" * 32, "20/06/2022, 08:30", "Tỉnh Lào Cai", "1 ô được dùng, 1 ô chưa dùng",
                 "II.06a C12: “&lt;b&gt;-5&lt;/b&gt;” là số âm.", "Phải sửa: 1"):  # fmt: skip
        assert told in slip.text
    assert "<script" not in slip.text and "<b>" not in slip.text and "size:A4" in slip.text
    again = sendings.due(held, PLAN, CATALOGUE, {}, {name: "08:30"})[1]
    assert again.data({}) == slip.data({}) and slip.ending == ".html"


# --- of a period ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What goes back for the shipped quarter."""
    root, loaded = tmp_path_factory.mktemp("period"), load("2022-Q2")
    (root / "data").mkdir()
    for name in ("catalogue", "submissions"):
        (root / "data" / name).symlink_to(project.PROJECT / "data" / name)
    return loaded, send_back(loaded.tables, loaded.plan, root)


def test_every_file_of_a_period_has_its_receipt_and_a_copy_where_something_is_asked(written):
    loaded, made = written
    issues = loaded.tables.issues.query("source_file != ''")
    files = pipeline.submitted_files(loaded.plan, project.Place())
    asked = issues["severity"].ne("note") & issues["rule"].ne("received_late")
    mended = set(issues.loc[asked, "source_file"])
    stems = {path.stem for path in made.copies}
    assert {file.rsplit(".", 1)[0] for file in mended} <= stems
    acknowledged = {path.stem for path in made.receipts}
    assert stems <= acknowledged and not made.troubles
    split = {s.rsplit("_", 1)[0] for s in acknowledged}  # a file of many units
    assert {path.stem for path in files} <= acknowledged | split


def test_a_file_of_many_units_goes_back_unit_by_unit(written):
    loaded, made = written
    issues = loaded.tables.issues
    own = issues[issues["source_file"].str.endswith(".csv") & issues["severity"].ne("note")]
    units, returns = own["reporting_unit"], made.listed.parent
    assert units.isna().any() and units.nunique() > 1, "one file of many units, and of one unknown"
    for unit in units.dropna().unique():
        book = openpyxl.load_workbook(returns / f"one_stop_VPCP_2022-Q2_{unit}.xlsx")
        places = {c.coordinate for row in book["Dữ liệu"] for c in row if c.comment}
        assert places == set(own.loc[units == unit, "source_cell"]) - {""}
    nobody = openpyxl.load_workbook(returns / "one_stop_VPCP_2022-Q2.xlsx")
    texts = {c.value for row in nobody["Dữ liệu"].iter_rows() for c in row}
    assert "Tỉnh Hà Tây" in texts and "Tỉnh Hà Giang" not in texts


def test_no_text_that_was_sent_becomes_a_formula(written):
    _, made = written
    for name in ("II06a_75_2022-Q2.html", "one_stop_VPCP_2022-Q2.xlsx"):
        assert (made.listed.parent / name).exists()
    for path in made.copies[:12]:
        for sheet in openpyxl.load_workbook(path):
            texts = [c.value for row in sheet.iter_rows() for c in row if c.data_type == "f"]
            assert not texts, (path, texts)
