"""What a table says that its figures are counted in is held against its form, never guessed."""

import pytest

from analysis.reading.layouts import stated_measures
from analysis.reading.layouts.stated_measures import Stated


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("Đơn vị tính: nghìn đồng", "nghìn đồng"),
        ("ĐVT hồ sơ", "hồ sơ"),
        ("Đơn vị: đồng", "đồng"),  # money is a measure whatever stands before it
        ("Đơn vị: nghìn người", "nghìn người"),
        ("Đơn vị: người", None),  # that may be an office
        ("ĐVT: một hai ba bốn năm sáu", "một hai ba bốn năm sáu"),
        ("ĐVT: một hai ba bốn năm sáu bảy", None),  # a sentence
        ("ĐVT: ()", None),
        ("nghìn hồ sơ", "nghìn hồ sơ"),
        ("TRIỆU ĐỒNG", "TRIỆU ĐỒNG"),
        ("Triệu Phong", None),  # a place
        ("nghìn", None),  # of what?
        ("đồng", None),
        ("Số hồ sơ", None),
        ("", None),
    ],
)
def test_a_cell_by_itself_states_a_measure_or_none(text, measure):
    assert stated_measures.of_line(text) == measure


@pytest.mark.parametrize(
    ("text", "head", "measure"),
    [
        ("Số tiền (nghìn đồng)", "Số tiền", "nghìn đồng"),
        ("Số tiền, triệu đồng", "Số tiền", "triệu đồng"),
        ("Số tiền (đồng)", "Số tiền", "đồng"),
        ("Dân số (nghìn)", "Dân số", "nghìn"),
        ("Tỷ lệ (%)", "Tỷ lệ", "%"),
        ("Chi phí (ĐVT: tỷ đồng)", "Chi phí", "tỷ đồng"),
        ("Tổng số (1)", "Tổng số (1)", None),
        ("Tổng số", "Tổng số", None),
    ],
)
def test_a_head_is_told_from_the_measure_at_its_end(text, head, measure):
    assert stated_measures.in_head(text) == (head, measure)


FORM = {
    "unit_text": {"vi": "hồ sơ", "en": "dossiers"},
    "measures": {"nghìn hồ sơ": 1000},
    "items": {
        "count": {"kind": "count"},
        "money": {"kind": "decimal", "unit_text": {"vi": "tỷ đồng", "en": "bn"}},
        "share": {"kind": "percent"},
    },
}


def judged(item, *stated, form=FORM, **cell):
    """The value cell (in column 3) of an item, and the faults; ``stated``: text, columns."""
    value = {"role": "value", "item": item, "column": 3} | cell
    said = [
        Stated(text, {"source_cell": f"A{n}"}, None if columns is None else frozenset(columns))
        for n, (text, columns) in enumerate(stated, 1)
    ]
    [found], faults = stated_measures.judged([value], said, form)
    return found, faults


@pytest.mark.parametrize(
    ("item", "stated", "added"),
    [
        ("count", ("Hồ sơ", None), {}),
        ("count", ("dossiers", {3}), {}),
        ("count", ("Nghìn hồ sơ", None), {"measure_text": "nghìn hồ sơ"}),
        ("count", ("nghìn hồ sơ", {3, 4}), {"measure_text": "nghìn hồ sơ"}),
        ("count", ("nghìn hồ sơ", {4}), {}),  # the head of another column
        ("money", ("nghìn hồ sơ", None), {}),  # a line does not speak of what has its own
        ("money", ("tỷ đồng", {3}), {}),
        ("share", ("nghìn hồ sơ", None), {}),
        ("share", ("%", {3}), {}),
    ],
)
def test_what_the_form_counts_in_or_declares_is_no_fault(item, stated, added):
    found, faults = judged(item, stated)
    assert found == {"role": "value", "item": item, "column": 3} | added and faults == {}


def test_a_head_goes_before_a_line():
    found, faults = judged("count", ("triệu hồ sơ", None), ("nghìn hồ sơ", {3}))
    assert found["measure_text"] == "nghìn hồ sơ" and faults == {}


def test_what_is_neither_covers_its_figures_and_is_said_where_it_stands():
    found, faults = judged("count", ("triệu hồ sơ", None), ("tỷ hồ sơ", None))
    assert found["covered_by"] == "measure_unknown"
    told = {"rule": "measure_unknown", "expected": "hồ sơ"}
    assert faults == {"A1": told | {"found": "triệu hồ sơ"}, "A2": told | {"found": "tỷ hồ sơ"}}
    assert judged("count", ("tỷ", {3}), covered_by="other")[0]["covered_by"] == "other"
    assert judged("money", ("đồng", {3}))[1]["A1"]["expected"] == "tỷ đồng"
    assert judged("count", ("tỷ", None), role="label") == (
        {"role": "label", "item": "count", "column": 3}, {})  # fmt: skip


def test_where_the_form_says_nothing_the_figures_stand_and_it_is_asked_to_declare():
    found, faults = judged("count", ("tỷ đồng", None), form={"items": FORM["items"]})
    assert "covered_by" not in found
    assert faults["A1"] == {"rule": "measure_undeclared", "found": "tỷ đồng", "expected": None}
    for form in ({"unit_text": FORM["unit_text"]}, {"measures": FORM["measures"]}):
        assert judged("count", ("tỷ đồng", None), form=form)[1]["A1"]["rule"] == "measure_unknown"
