"""A message speaks the language of what was sent, and says what to do."""

import re

import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import wording
from analysis.reading import faults

RULES = cat.load().rules
TECHNICAL = re.compile(
    r"codec|\bOLE\b|Cfb|byte|\bzip|Error|Exception|Traceback|invalid|None|NaN|utf-8'", re.I
)


def said(rule: str, **finding) -> str:
    return wording.said(RULES[rule], {"source_file": "a.xlsx", "raw_text": "x"} | finding)["vi"]


def test_a_csv_has_columns_and_no_sheets():
    assert "trang tính" in said("sheet_missing", expected="II.06a")
    of_csv = said("sheet_missing", expected="II.06a", source_file="A.CSV")
    assert "trang tính" not in of_csv and "CSV" in of_csv and "II.06a" in of_csv


@pytest.mark.parametrize("rule", [n for n, r in RULES.items() if "csv" in r.get("instead", {})])
def test_words_for_csv_name_no_sheet(rule):
    words = RULES[rule]["instead"]["csv"]
    assert "trang tính" not in words["vi"].lower() and "sheet" not in words["en"].lower()


def test_a_formula_without_its_value_is_named_as_such_and_an_error_too():
    formula = said("number_unreadable", raw_text="=D12+E12")
    assert "=D12+E12" in formula and "lưu lại" in formula and "không phải là số" not in formula
    assert "#REF!" in said("number_unreadable", raw_text="#REF!")
    assert "không phải là số" in said("number_unreadable", raw_text="ba mươi")


def test_another_known_form_is_named():
    other = said("sheet_missing", expected="II.06a", found="II.07b (Biểu khác)")
    assert "II.07b (Biểu khác)" in other and "II.06a" in other


@pytest.mark.parametrize("cause", faults.CAUSES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_cause_of_a_file_that_cannot_be_read_has_words_that_say_what_to_do(cause, language):
    at = cause in {"marks", "quotes", "separator"}
    found = f"{cause}: C12" if at else cause
    finding = {"source_file": "a.xls", "raw_text": "", "found": found}
    text = wording.said(RULES["file_unreadable"], finding)[language]
    assert "_" not in text and not TECHNICAL.search(text)
    assert ("Hãy" if language == "vi" else "again") in text
    assert ("C12" in text) == at


def test_what_is_blocking_says_what_to_do():
    mute = {
        name
        for name, rule in RULES.items()
        if rule["severity"] == "blocking" and "hãy" not in rule["vi"].lower()
    }
    assert mute <= {"thousand_slip"}, "of which nothing is to be typed until it is confirmed"


def test_a_figure_is_not_said_to_be_itself():
    for rule in ("thousands_separator", "decimal_point", "number_as_text"):
        words = wording.said(RULES[rule], {"raw_text": "2.154", "found": "2.154"})
        assert all(text.count("2.154") == 1 for text in words.values())


def test_texts_that_were_sent_are_no_patterns():
    assert "{found}" in said("number_unreadable", raw_text="{found}")
    assert len(said("number_unreadable", raw_text="x" * 9_999)) < 250
    assert "…" in said("unit_unknown", raw_text=None, found=None)
