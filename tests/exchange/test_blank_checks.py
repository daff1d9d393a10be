"""Blanks that check themselves: what is calculated in them, and that the reader takes none of it
for data. That the verdict is that of `check`, with LibreOffice: benchmarks/blank_verdicts.py."""

import io
import re
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.checking import validate
from analysis.exchange import blank_forms, blank_registers, blank_rules, disarm, ready_sheet
from analysis.language.words import fold
from analysis.pipeline import field_names
from analysis.reading import spreadsheets
from analysis.reading.layouts import locate_register, locate_sheet, self_checks
from analysis.reading.layouts.self_checks import BESIDE, OPEN, READY, RIGHT, WRONG
from analysis.schema.tables import CELLS, LOCATED

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)
LIMITS = CATALOGUE.parameters["limits"]
DUE: dict = {}
for due in blank_forms.due(PLAN, CATALOGUE):
    DUE.setdefault(due[0]["form"], due)
WIDEST = next(d for d in blank_forms.due(PLAN, CATALOGUE) if d[2].startswith("II.06a_01_"))
BEFORE = pd.DataFrame(
    [{"reporting_unit": DUE["II.06a"][1]["code"], "form": "II.06a", "level": "ministry",
      "field": "_T", "item": item, "obs_value": 53.0}
     for item in ("dossiers_pending", "dossiers_received")]
)  # fmt: skip


@cache
def made() -> dict[str, bytes]:
    """The blank of each form; not made where these tests are only collected."""
    return dict(zip(DUE, blank_forms.made([*DUE.values()], PLAN, CATALOGUE, BEFORE), strict=True))


def book(form: str):
    return openpyxl.load_workbook(io.BytesIO(made()[form]))


def read(path: Path, form: str) -> list[dict]:
    """Its cells in their places, and no two places for one."""
    held = spreadsheets.read(path, LIMITS)
    rows = [dict.fromkeys(LOCATED.columns) | dict(zip(CELLS.columns[1:], cell, strict=True))
            | {"source_file": path.name} for cell in held.cells]  # fmt: skip
    assert sum(held.counted.values()) == len(held.cells)
    described = CATALOGUE.forms[form]
    if described["layout"] == "register":
        return locate_register.locate(rows, described)
    return locate_sheet.locate(rows, described, field_names(CATALOGUE))


@pytest.mark.parametrize("form", DUE)
@pytest.mark.parametrize("calculated", [True, False], ids=["as sent", "saved without values"])
def test_no_check_is_read_as_data_or_complained_of(form, calculated, tmp_path):
    path = tmp_path / "blank.xlsx"
    path.write_bytes(made()[form])
    if not calculated:  # openpyxl leaves the results of formulas out
        book(form).save(path)
    cells = read(path, form)
    ours = [r for r in cells if r["raw_type"] != "blank" and _is_ours(r, form)]
    assert len(ours) > 10 and {r["role"] for r in ours} == {"label"}
    assert not [r["rule"] for r in cells if r["rule"]]
    assert not [r for r in cells if r["role"] in ("value", "record") and r["raw_text"]]
    if calculated:
        assert not [r for r in cells if r["raw_type"] == "other"], "a formula without a result"


def _is_ours(r: dict, form: str) -> bool:
    described = CATALOGUE.forms[form]
    width = len(described.get("columns", [0, *described.get("attributes", [])]))
    return r["source_sheet"] == READY or (
        r["source_sheet"] == described["sheet"] and r["column"] > width
    )


@pytest.mark.parametrize("form", DUE)
def test_formulas_only_calculate_so_that_a_copy_that_goes_back_keeps_them(form):
    held = book(form)
    formulas = [c.value for s in held for line in s.iter_rows() for c in line
                if c.data_type == "f"]  # fmt: skip
    kinds = {re.sub(r"\d+", "1", f): f for f in formulas}  # one of each, whatever its row
    assert kinds and all(disarm.harmless(f, held.sheetnames) for f in kinds.values())


def test_no_formula_is_longer_than_excel_takes_it():
    (made,) = blank_forms.made([WIDEST], PLAN, CATALOGUE)
    sheets = openpyxl.load_workbook(io.BytesIO(made))
    formulas = [c for s in sheets for line in s.iter_rows() for c in line if c.data_type == "f"]
    assert max(len(c.value) for c in formulas) < 8192


@pytest.mark.parametrize("form", DUE)
def test_an_untouched_blank_is_not_ready_and_says_so_before_anything_calculates_it(form):
    held = openpyxl.load_workbook(io.BytesIO(made()[form]), data_only=True)
    assert held.sheetnames[1] == READY
    assert held[READY][ready_sheet.VERDICT].value == ready_sheet.NOTHING
    described = CATALOGUE.forms[form]
    severities = {code: rule["severity"] for code, rule in CATALOGUE.rules.items()}
    names = {r[0].value: r[2].value for r in held[READY].iter_rows(min_row=ready_sheet.FIRST)}
    for rule in described["rules"] if described["layout"] == "sheet" else []:
        # II.06a alone has several rows and, here, a period before
        if rule["kind"] in ("sum", "at_most") or form == "II.06a":
            weight = "Phải sửa" if severities[rule["rule"]] == "blocking" else "Nên xem lại"
            assert names[CATALOGUE.rules[rule["rule"]]["name"]["vi"]] == weight


@pytest.mark.parametrize("form", [f for f in DUE if CATALOGUE.forms[f]["layout"] == "sheet"])
def test_in_an_untouched_blank_no_rule_is_broken_there_and_none_here(form, tmp_path):
    held = openpyxl.load_workbook(io.BytesIO(made()[form]), data_only=True)
    lines = held[READY].iter_rows(min_row=ready_sheet.FIRST, max_col=4, values_only=True)
    said = [result for *_, weight, result in lines if weight]
    assert said and {result[0] for result in said} == {OPEN}
    beside = [c.value for line in held[CATALOGUE.forms[form]["sheet"]].iter_rows() for c in line]
    assert not [text for text in beside if str(text).startswith((WRONG, RIGHT))]
    path = tmp_path / "blank.xlsx"
    path.write_bytes(made()[form])
    cells = pd.DataFrame([r for r in read(path, form) if r["role"] == "value"])
    blank = cells.assign(
        reporting_unit=DUE[form][1]["code"], obs_value=float("nan"), obs_status="O"
    )
    assert len(blank) and blank["raw_text"].fillna("").eq("").all()
    assert validate.figures(blank, {form: CATALOGUE.forms[form]}, BEFORE).empty


def test_a_sum_is_added_up_beside_what_is_typed_and_names_its_columns():
    sheet = book("II.06a")["II.06a"]
    head = next(c for line in sheet.iter_rows() for c in line if c.value == BESIDE)
    heads = {sheet.cell(head.row + 1, c).value: c for c in range(head.column, sheet.max_column + 1)}
    row = blank_forms.first_row(CATALOGUE.forms["II.06a"]) + 1
    formula = sheet.cell(row, heads["(3) = (4) + (5) + (6)"]).value
    assert formula.startswith(f"=IF(COUNT(C{row},D{row},E{row},F{row})=4,IF(ABS(C{row}-(D{row}+E")
    assert f'"{RIGHT} "' in formula and f'"{WRONG} cộng được "' in formula
    assert {"(7) = (8) + (9) + (10)", "(3) = (7) + (11)"} <= set(heads)


def test_last_period_s_closing_stock_stands_beside_the_opening_one():
    held = openpyxl.load_workbook(io.BytesIO(made()["II.06a"]), data_only=True)["II.06a"]
    said = {c.value for line in held.iter_rows() for c in line if "kỳ trước 53" in str(c.value)}
    assert said == {f"{OPEN} kỳ trước 53 "}
    formulas = [c.value for line in book("II.06a")["II.06a"].iter_rows() for c in line
                if c.data_type == "f" and "kỳ trước" in str(c.value)]  # fmt: skip
    assert any(re.search(r"IF\(COUNT\(F\d+\)=1,F\d+<>53,FALSE\)", f) for f in formulas)
    other = blank_forms.made([DUE["II.06a"]], PLAN, CATALOGUE)[0]
    texts = [c.value for line in openpyxl.load_workbook(io.BytesIO(other))["II.06a"].iter_rows()
             for c in line]  # fmt: skip
    assert not [t for t in texts if "kỳ trước 53" in str(t)], "nothing is shown that is not known"


def test_the_same_blank_is_the_same_bytes():
    (again,) = blank_forms.made([DUE["edocs"]], PLAN, CATALOGUE)
    (once_more,) = blank_forms.made([DUE["edocs"]], PLAN, CATALOGUE)
    assert again == once_more


@pytest.mark.parametrize("typed", [57, "xin xem lại", "2022-01-01"])
def test_what_somebody_writes_among_the_checks_is_still_looked_at(typed, tmp_path):
    held, path = book("edocs"), tmp_path / "a.xlsx"
    sheet = held[CATALOGUE.forms["edocs"]["sheet"]]
    head = next(c for line in sheet.iter_rows() for c in line if c.value == BESIDE)
    row = blank_forms.first_row(CATALOGUE.forms["edocs"])
    place = sheet.cell(row, head.column + 1)
    place.value = typed
    held.save(path)
    (own,) = [r for r in read(path, "edocs") if r["source_cell"] == place.coordinate
              and r["source_sheet"] == sheet.title]  # fmt: skip
    assert own["role"] == "other" and own["rule"]


def test_figures_on_a_sheet_that_only_bears_the_name_are_not_taken_for_checks(tmp_path):
    held, path = book("edocs"), tmp_path / "a.xlsx"
    held[READY]["H1"] = 12
    held.save(path)
    cells = read(path, "edocs")
    assert "sheet_unused" in {r["rule"] for r in cells if r["source_sheet"] == READY}
    assert fold(READY) == fold("SẴN SÀNG GỬI") and self_checks.READY_TITLE


def test_a_blank_without_anything_known_is_drawn_as_before():
    form, unit, _ = DUE["edocs"]
    plain = blank_forms.blank(form, unit, PLAN, {})
    width = len(form["columns"])
    assert plain[form["sheet"]].max_column == width
    known = blank_rules.Known(CATALOGUE.rules, CATALOGUE.parameters)
    assert "x" in known.signs(form, "M") and "-" not in known.signs(form, "M")
    assert blank_registers.ROWS


# --- what depends on the form --------------------------------------------------------------------


def test_a_range_of_earlier_periods_is_shown_and_not_judged():
    held = openpyxl.load_workbook(io.BytesIO(made()["II.06a"]))
    name = CATALOGUE.rules["jump"]["name"]["vi"]
    (line,) = (r for r in held[READY].iter_rows(values_only=True) if r[0] == name)
    assert line[2] == "Nên xem lại" and line[3].startswith(f"{OPEN} không kiểm tra ở đây")
    assert "(3)" in line[1] and "ở đây không kiểm tra" in line[1]
    beside = {c.value for row in held["II.06a"].iter_rows() for c in row}
    assert f'="{OPEN} kỳ trước 53 "' in beside


BOXES = {
    "form": "boxes", "number": "Biểu thử", "sheet": "Thử", "layout": "sheet", "version": 1,
    "numbers": "vietnamese", "rows": "levels", "legal_basis": "không", "title": {"vi": "Thử"},
    "unit_text": {"vi": "giờ"}, "levels": CATALOGUE.forms["edocs"]["levels"],
    "columns": [{"number": 1, "role": "line", "header": {"vi": ["STT"]}},
                {"number": 2, "role": "field", "header": {"vi": ["Cấp"]}},
                *({"number": n, "item": i, "header": {"vi": [i]}}
                  for n, i in enumerate(("all", "hours", "minutes", "small", "large"), 3))],
    "items": {i: {"name": {"vi": i}, "kind": kind, "nature": "level"} for i, kind in
              {"all": "decimal", "hours": "count", "minutes": "count", "small": "tick",
               "large": "tick", "time": "decimal", "staff": "count"}.items()},
    "combine": {"time": {"columns": {"hours": 1, "minutes": "1/60"}},
                "staff": {"ticked": {"small": 5, "large": 50}}},
    "rules": [{"rule": "received_parts", "kind": "sum", "total": "all", "parts": ["time"]},
              {"rule": "paid_within_fee", "kind": "at_most", "item": "staff", "limit": "all"},
              {"rule": "figure_jump", "kind": "expected_range", "item": "staff", "at_least": 1}],
}  # fmt: skip


def test_boxes_are_offered_and_what_is_made_of_several_cells_is_checked_in_these(tmp_path):
    unit = next(u for f, u, _ in blank_forms.due(PLAN, CATALOGUE) if u["type"] == "province")
    before = {("province", "_T", "staff"): 5.0}
    known = blank_rules.Known(CATALOGUE.rules, CATALOGUE.parameters, before)
    path = tmp_path / "blank.xlsx"
    path.write_bytes(blank_forms.blank_file(BOXES, unit, PLAN, {}, known))
    book = openpyxl.load_workbook(path)
    sheet, row = book["Thử"], blank_forms.first_row(BOXES)
    offered = [d for d in sheet.data_validations.dataValidation if d.type == "list"]
    assert [d.formula1 for d in offered] == ['"x"']
    assert {f"F{row}", f"G{row}"} <= {c for d in offered for r in d.sqref.ranges
                                      for line in r.rows for c in _names(line)}  # fmt: skip
    formulas = [c.value for c in sheet[row] if c.data_type == "f"]
    (one_box,) = (f for f in formulas if "chọn" in f)
    assert f'F{row}="x"' in one_box and f'G{row}="x"' in one_box
    (added,) = (f for f in formulas if "cộng được" in f)
    assert f"C{row}-(D{row}+{1 / 60}*E{row})" in added
    assert not any("kỳ trước" in f for f in formulas), "staff stands in no cell"
    guide = " ".join(str(r[0].value) for r in book[blank_forms.GUIDE].iter_rows())
    assert "chọn một trong các cột (6), (7)" in guide
    assert all(disarm.harmless(f, book.sheetnames) for f in formulas)
    read_back = spreadsheets.read(path, LIMITS)
    assert not [c for c in read_back.cells if c[4] == "number" and c[2] > 10]


def _names(line: tuple) -> list[str]:
    return [f"{openpyxl.utils.get_column_letter(column)}{row}" for row, column in line]
