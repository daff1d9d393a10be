"""The table of compliance cost as a workbook: its formulas say what the software computes."""

import io
import re

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.language.words import number, short
from analysis.survey import cost_form, what_if
from analysis.survey.what_if import Quantity

TASK = {"procedure": "p", "task": "Nộp hồ sơ", "hours": 16, "hourly_rate": 30_000}
TASK |= {"consultancy": 200_000, "fees": 100_000, "times_per_year": 2, "subjects": 1_500}
TASKS = pd.DataFrame([TASK, TASK | {"task": "Chờ", "hours": 4, "consultancy": 0, "fees": 0}])
NOW = {"wage": Quantity(240_000, 0, n=None, source="khảo sát"), "hours_per_day": 8}
NOW |= {"hours": Quantity(20, 1.5, 30, 31, "điều tra")}


def opened(compared, **more):
    """Sheets by their names, with formulas; and with what these came to."""
    data = cost_form.workbook(compared, **{"title": "Khai thuế"} | more)
    return [openpyxl.load_workbook(io.BytesIO(data), data_only=d) for d in (False, True)]


_CELL = re.compile(r"(?:'([^']+)'!)?\$?([A-Z])\$?(\d+)(:[A-Z]\d+)?")


def computed(book, sheet: str, place: str) -> float:
    """What a cell comes to: enough of a spreadsheet for these formulas; no number is nan."""
    held = book[sheet][place].value
    if not isinstance(held, str):
        return np.float64("nan") if held is None else np.float64(held)
    if not held.startswith("="):
        return np.float64("nan")

    def named(found: re.Match) -> str:
        area = f"{found[2]}{found[3]}{found[4] or ''}"
        return f"cells({found[1] or sheet!r}, {area!r})"

    def cells(at, area):
        if ":" not in area:
            return computed(book, at, area)
        return [computed(book, at, c.coordinate) for row in book[at][area] for c in row]

    def numbers(values):
        flat = [x for v in values for x in (v if isinstance(v, list) else [v])]
        return [x for x in flat if not np.isnan(x)]

    code = _CELL.sub(named, re.sub(r"(?<![<>=])=(?!=)", "==", held[1:])).replace('""', "nan")
    known = {"cells": cells, "nan": np.float64("nan"), "ABS": abs}
    known |= {"COUNT": lambda *v: len(numbers(v)), "SUM": lambda *v: sum(numbers(v))}
    known |= {"ISNUMBER": lambda v: bool(numbers([v]))}
    known["when"] = lambda test, yes, no: yes if test else no
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.float64(eval(code.replace("IF(", "when("), known))  # formulas of ours alone


def figures(book) -> dict[str, float]:
    rows = {"before": "B5", "after": "B6", "saving": "B7", "saving_percent": "B8"}
    return {name: computed(book, cost_form.COMPARED, at) for name, at in rows.items()}


def same(book, compared) -> None:
    row = compared.result.iloc[0]
    for name, value in figures(book).items():
        assert value == pytest.approx(row[name], nan_ok=True), name


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ({}, {"times_per_year": 1, "agent_price": 50_000}),
        (NOW, {}),
        ({}, {"wage": 8, "hours_per_day": 8}),
    ],
)
def test_the_formulas_come_to_what_the_software_computes(now, then):
    compared = what_if.compare(TASKS, now, then, hours_share=0.5)
    book, kept = opened(compared)
    same(book, compared)
    for sheet in book:
        for cell in (c for row in sheet.iter_rows() for c in row):
            if isinstance(cell.value, str) and cell.value.startswith("="):
                shown = kept[sheet.title][cell.coordinate].value
                known = np.nan if shown in (None, "") else shown
                found = computed(book, sheet.title, cell.coordinate)
                assert found == pytest.approx(known, nan_ok=True), (sheet.title, cell.coordinate)


def test_who_changes_a_number_sees_what_the_software_would_compute():
    book, _ = opened(what_if.compare(TASKS, NOW, {"times_per_year": 1}))
    inputs = book[cost_form.PARAMETERS]
    inputs["B5"], inputs["C5"], inputs["B9"], inputs["C9"] = 400_000, 400_000, 900, 900
    book[cost_form.NOW]["D6"] = 10
    now = NOW | {"wage": 400_000, "subjects": 900}
    tasks = TASKS.assign(hours=[10, 4])
    same(book, what_if.compare(tasks, {**now, "hours": 14}, {"times_per_year": 1, "hours": 20}))


def test_what_is_missing_is_empty_and_never_nought():
    book, kept = opened(what_if.compare(TASKS.assign(fees=[None, 0]), NOW, {"times_per_year": 1}))
    assert all(np.isnan(value) for value in figures(book).values())
    assert kept[cost_form.COMPARED]["B7"].value in (None, "")


def test_the_interval_stands_only_while_the_numbers_do():
    compared = what_if.compare(TASKS, NOW, {"times_per_year": 1})
    book, _ = opened(compared)
    low = compared.result["ci_low"].iloc[0]
    assert computed(book, cost_form.COMPARED, "B9") == pytest.approx(low)
    book[cost_form.PARAMETERS]["B9"] = 1
    assert np.isnan(computed(book, cost_form.COMPARED, "B9"))
    plain, _ = opened(what_if.compare(TASKS, {}, {"times_per_year": 1}))
    assert "không có khoảng" in plain[cost_form.COMPARED]["A9"].value


def test_it_says_where_each_number_is_from_and_that_the_columns_are_unverified():
    book, _ = opened(what_if.compare(TASKS, NOW, {}), source="Bảng của tôi")
    told = " ".join(str(c.value) for row in book[cost_form.PARAMETERS].iter_rows() for c in row)
    for words in ("khảo sát", "điều tra", "sai số chuẩn 1,50", "n = 31", "Bảng của tôi"):
        assert words in told
    assert all("chưa đối chiếu" in sheet["A3"].value for sheet in book)


def test_no_name_is_taken_for_a_formula():
    texts = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2", "＝1"]
    tasks = pd.concat([TASKS.iloc[:1].assign(task=t, how=t, note=t) for t in texts])
    now = {"times_per_year": Quantity(2, 0.1, 9, 10, texts[0])}
    book, _ = opened(what_if.compare(tasks, now, {}), title=texts[0], source=texts[1])
    for sheet in book:
        for cell in (c for row in sheet.iter_rows() for c in row if isinstance(c.value, str)):
            assert cell.data_type == "f" or not cell.value.startswith(tuple("=+-@＝"))
            assert cell.data_type != "f" or re.match(r"=IF\(", cell.value)


def test_it_prints_across_and_is_the_same_each_time():
    compared = what_if.compare(TASKS, NOW, {})
    assert cost_form.workbook(compared, "a") == cost_form.workbook(compared, "a")
    book, _ = opened(compared)
    assert all(sheet.page_setup.orientation == "landscape" for sheet in book)


def test_on_paper_it_says_the_same(tmp_path):
    compared = what_if.compare(TASKS.assign(task="<i>x</i>"), NOW, {"times_per_year": 1})
    page = cost_form.paper(compared, "<b>Khai thuế</b>", "nguồn <i>")
    for told in (
        "chưa đối chiếu",
        "&lt;b&gt;Khai thuế",
        "&lt;i&gt;x",
        "nguồn &lt;i&gt;",
        "điều tra",
    ):
        assert told in page
    assert "<i>" not in page and "<b>" not in page
    row = compared.result.iloc[0]
    for name in ("before", "after", "saving"):
        assert short(row[name]) in page
    assert number(row["ci_low"]) in page
    missing = what_if.compare(TASKS.assign(subjects=None), {}, {})
    assert "nan" not in cost_form.paper(missing, "a")


def test_nothing_that_lies_there_is_replaced(tmp_path):
    compared = what_if.compare(TASKS, {}, {})
    for name in ("bang.xlsx", "bang.html"):
        path = cost_form.save(compared, tmp_path / "moi" / name, "a")
        before = path.read_bytes()
        with pytest.raises(ValueError, match="is there already"):
            cost_form.save(compared, path, "b")
        assert path.read_bytes() == before
    with pytest.raises(ValueError, match="bang.csv"):
        cost_form.save(compared, tmp_path / "bang.csv", "a")
