"""What respondents write, read by hand, and what must hold for whatever else they write."""

import math
import unicodedata

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.language.words import number
from analysis.survey import answers

HOURS = {"hours_per_working_day": 8, "hours_per_half_day": 4}
COST = {"zero_words": True, "range": [0, 5_000_000_000]}
TIME = {"range": [0, 4000]}


def read(text, kind, spec=None):
    return answers.parse(pd.Series([text]), kind, spec or {}, HOURS).iloc[0]


def check(text, kind, spec, value, status, rule):
    row = read(text, kind, spec)
    assert (row["obs_status"], row["rule"]) == (status, rule), text
    if value is None:
        assert row["value"] is None or pd.isna(row["value"])
    else:
        assert row["value"] == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value", "status", "rule"),
    [
        ("3h", 3, "A", None),
        ("3 giờ", 3, "A", None),
        ("3 tiếng", 3, "A", None),
        ("2h30", 2.5, "A", None),
        ("2 giờ 30 phút", 2.5, "A", None),
        ("1h30'", 1.5, "A", None),
        ("1 giờ rưỡi", 1.5, "A", None),
        ("30'", 0.5, "A", None),
        ("30 phút", 0.5, "A", None),
        ("2,5", 2.5, "A", None),
        ("2.5", 2.5, "A", "decimal_point"),
        ("16", 16, "A", None),
        ("0", 0, "A", None),
        ("２ giờ", 2, "A", None),
        ("2 ngày", 16, "A", "days_to_hours"),
        ("0,5 ngày", 4, "A", "days_to_hours"),
        ("nửa ngày", 4, "A", "days_to_hours"),
        ("1 buổi", 4, "A", "days_to_hours"),
        ("1 buổi sáng", 4, "A", "days_to_hours"),
        ("1 tuần", 40, "A", "days_to_hours"),
        ("1-2 ngày", 12, "E", "range_midpoint"),
        ("2 đến 3 giờ", 2.5, "E", "range_midpoint"),
        ("từ 2 đến 4h", 3, "E", "range_midpoint"),
        ("khoảng 3h", 3, "E", "approximate"),
        ("~3", 3, "E", "approximate"),
        ("gần 2 ngày", 16, "E", "approximate"),
        ("hơn 3 giờ", 3, "E", "approximate"),
        ("3h+", 3, "E", "approximate"),
        ("2-3 ngày làm việc", 20, "E", "range_midpoint"),
        ("khoảng 2-3 ngày", 20, "E", "approximate"),
        ("3 ngày 4 giờ", 28, "A", "days_to_hours"),
        ("2 ngày rưỡi", 20, "A", "days_to_hours"),
        ("1/2 ngày", 4, "A", "days_to_hours"),
        ("một ngày", 8, "A", "days_to_hours"),
        ("hai tiếng", 2, "A", None),
        ("tám giờ", 8, "A", None),
        ("nửa tiếng", 0.5, "A", None),
        ("mất 2 tiếng", 2, "A", None),
        ("2 giờ/lần", 2, "A", None),
        ("1 tháng", None, "V", "number_unreadable"),
        ("3-2 giờ", None, "V", "number_unreadable"),
        ("1.234", None, "V", "number_ambiguous"),
        ("1,234", None, "V", "number_ambiguous"),
        ("nhiều", None, "V", "number_unreadable"),
        ("3h75", None, "V", "number_unreadable"),
        ("-3", None, "V", "negative"),
        ("5000", None, "V", "out_of_range"),
        ("inf", None, "V", "number_unreadable"),
        ("nan", None, "V", "number_unreadable"),
        ("1e5", None, "V", "number_unreadable"),
        ("", None, "O", "blank"),
        ("không nhớ", None, "O", "dont_know"),
        ("KB", None, "O", "dont_know"),
        ("-9", None, "O", "dont_know"),
        ("-", None, "O", "dont_know"),
        ("từ chối", None, "M", "refused_answer"),
        ("-8", None, "M", "refused_answer"),
        ("-7", None, "M", "not_applicable"),
        ("2h - 3", 2.5, "E", "range_midpoint"),
        ("30' - 45", None, "V", "number_unreadable"),
        ("2 ngày 3", None, "V", "number_unreadable"),
        ("tầm tiếng rưỡi", None, "V", "number_unreadable"),
        ("2h05", 2 + 5 / 60, "A", None),
        ("2h5", None, "V", "number_unreadable"),
        ("dưới 2 giờ", None, "V", "number_unreadable"),
        ("<2", None, "V", "number_unreadable"),
        ("0.125", 0.125, "A", "decimal_point"),
        ("2.3333333333333335", 7 / 3, "A", "decimal_point"),
        ("-9.0", None, "O", "dont_know"),
        ("không tiện", None, "M", "refused_answer"),
    ],
)
def test_hours(text, value, status, rule):
    check(text, "hours", TIME, value, status, rule)


@pytest.mark.parametrize(
    ("text", "value", "status", "rule"),
    [
        ("1.234.567 đ", 1_234_567, "A", None),
        ("1,234,567", 1_234_567, "A", None),
        ("1234567", 1_234_567, "A", None),
        ("1.234", 1234, "A", None),
        ("500k", 500_000, "A", None),
        ("500 nghìn", 500_000, "A", None),
        ("500 ngàn đồng", 500_000, "A", None),
        ("5tr", 5_000_000, "A", None),
        ("1,5 triệu", 1_500_000, "A", None),
        ("1tr2", 1_200_000, "A", None),
        ("1 triệu 200 nghìn", 1_200_000, "A", None),
        ("0,5 tỷ", 500_000_000, "A", None),
        ("200000 VNĐ", 200_000, "A", None),
        ("50.000đ/lần", 50_000, "A", None),
        ("trọn gói 5tr", 5_000_000, "A", None),
        ("khoảng 500k", 500_000, "E", "approximate"),
        ("300-500k", 400_000, "E", "range_midpoint"),
        ("1-1,5 triệu", 1_250_000, "E", "range_midpoint"),
        ("500k - 1tr", 750_000, "E", "range_midpoint"),
        ("khoảng 1 triệu - 2 triệu", 1_500_000, "E", "approximate"),
        ("1 triệu đến 2 triệu đồng", 1_500_000, "E", "range_midpoint"),
        ("500.000đ - 1.000.000đ", 750_000, "E", "range_midpoint"),
        ("1tr-1tr5", 1_250_000, "E", "range_midpoint"),
        ("2 triệu rưỡi", 2_500_000, "A", None),
        ("1tr500", 1_500_000, "A", None),
        ("1tr50", None, "V", "number_unreadable"),
        ("hai triệu", 2_000_000, "A", None),
        ("TÁM triệu", 8_000_000, "A", None),
        ("nửa triệu", 500_000, "A", None),
        ("1 200 000 đ", 1_200_000, "A", None),
        ("1.500k", None, "V", "number_ambiguous"),
        ("vài trăm", None, "V", "number_unreadable"),
        ("không mất phí", 0, "A", None),
        ("không", 0, "A", None),
        ("0", 0, "A", None),
        ("-", 0, "A", None),
        ("miễn phí", 0, "A", None),
        ("không nhớ", None, "O", "dont_know"),
        ("tế nhị", None, "M", "refused_answer"),
        ("1,234", None, "V", "number_ambiguous"),
        ("12,5", None, "V", "number_ambiguous"),
        ("5 củ", None, "V", "number_unreadable"),
        ("100 USD", None, "V", "unit_of_value"),
        ("9" * 400, None, "V", "number_unreadable"),
        ("99999999999", None, "V", "out_of_range"),
        ("1tr200k", 1_200_000, "A", None),
        ("200000.0", 200_000, "A", "decimal_point"),
        ("1 triệu 500 đồng", None, "V", "number_ambiguous"),
        ("1 triệu 2000 nghìn", None, "V", "number_unreadable"),
        ("500đ500", None, "V", "number_unreadable"),
        ("0.500", None, "V", "number_ambiguous"),
        ("50.00", None, "V", "number_ambiguous"),
        ("0?", None, "V", "number_unreadable"),
        ("không tiền", None, "V", "number_unreadable"),
    ],
)
def test_money(text, value, status, rule):
    check(text, "money", COST, value, status, rule)


def test_without_words_for_nothing_a_dash_is_not_0():
    check("-", "money", {}, None, "O", "dont_know")
    check("không", "money", {}, None, "V", "number_unreadable")


@pytest.mark.parametrize(
    ("text", "kind", "spec", "value", "status", "rule"),
    [
        ("3 lần", "count", {}, 3, "A", None),
        ("hai lần", "count", {}, 2, "A", None),
        ("2-3 lần", "count", {}, 2.5, "E", "range_midpoint"),
        ("2,5", "count", {}, None, "V", "not_integer"),
        ("nhiều lần", "count", {}, None, "V", "number_unreadable"),
        ("4/5", "rating", {"choices": {}}, 4, "A", None),
        ("Tốt", "rating", {"choices": {"4": ["tốt"]}}, 4, "A", None),
        ("FDI", "choice", {"choices": {"foreign": ["fdi"]}}, "foreign", "A", None),
        ("<10", "choice", {"choices": {"a": ["<10"], "b": [">10"]}}, "a", "A", None),
        (">10", "choice", {"choices": {"a": ["<10"], "b": [">10"]}}, "b", "A", None),
        ("10", "choice", {"choices": {"a": ["<10"]}}, None, "V", "choice_unknown"),
        ("25/06/2019", "date", {}, pd.Timestamp(2019, 6, 25), "A", None),
        ("2019-06-25 00:00:00", "date", {}, pd.Timestamp(2019, 6, 25), "A", None),
        ("T6/2019", "date", {}, pd.Timestamp(2019, 6, 1), "E", "date_month_only"),
        ("06/25/2019", "date", {}, None, "V", "date_unreadable"),
        ("31/02/2020", "date", {}, None, "V", "date_unreadable"),
        ("1,5", "weight", {}, 1.5, "A", None),
        ("0", "weight", {}, None, "V", "weight_invalid"),
        ("", "weight", {}, None, "O", "blank"),
        ("tám lần", "count", {}, 8, "A", None),
        ("Nam", "count", {}, None, "V", "number_unreadable"),
        ("4.0", "rating", {}, 4, "A", None),
        ("-4", "rating", {"choices": {"4": ["tốt"]}}, None, "V", "negative"),
        ("9", "rating", {}, None, "V", "out_of_range"),
        ("tốt", "rating", {}, None, "V", "number_unreadable"),
        ("-1", "choice", {"choices": {"yes": ["có", "1"]}}, None, "V", "choice_unknown"),
        ("-9", "choice", {"choices": {"9": ["khác"]}}, None, "O", "dont_know"),
        ("1", "choice", {"choices": {1: ["có"]}}, "1", "A", None),
        ("25/06/2019 10:30", "date", {}, pd.Timestamp(2019, 6, 25), "A", None),
        ("12.333333333333334", "weight", {}, 12.333333333333334, "A", None),
        ("1,234", "weight", {}, None, "V", "weight_invalid"),
        ("Cán bộ tận tình", "text", {}, "Cán bộ tận tình", "A", None),
    ],
)
def test_other_questions(text, kind, spec, value, status, rule):
    row = read(text, kind, spec)
    assert (row["obs_status"], row["rule"]) == (status, rule)
    assert row["value"] == value or (value is None and pd.isna(row["value"]))


def test_a_day_outside_the_months_asked_about_is_named():
    window = [pd.Timestamp(2021, 7, 1), pd.Timestamp(2021, 12, 31)]
    assert read("01/01/2022", "date", {"window": window})["rule"] == "outside_reference_period"
    middle = {"window": [pd.Timestamp(2021, 6, 15), pd.Timestamp(2021, 12, 31)]}
    assert read("T6/2021", "date", middle)["rule"] == "date_month_only"
    assert read("T5/2021", "date", middle)["rule"] == "outside_reference_period"


def test_every_rule_has_its_words():
    path = project.PROJECT / "data" / "catalogue" / "rules.yml"
    rules = yaml.safe_load(path.read_text("utf-8"))["rules"]
    source = (project.PROJECT / "src/analysis/survey/answers.py").read_text("utf-8")
    named = set(pd.Series([source]).str.findall(r'"[AEOMV]", "([a-z_]+)"').iloc[0])
    assert len(named) > 10
    assert named | {"number_unreadable"} <= set(rules)


KINDS = ["hours", "money", "count", "rating", "choice", "date", "weight", "text"]


@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_whatever_is_written_is_a_finite_value_or_is_not_accepted(text, kind):
    row = read(text, kind, {"choices": {"1": ["một"]}, "range": [0, 1e9], "zero_words": True})
    if row["obs_status"] in ("A", "E"):
        assert row["value"] is not None
        if isinstance(row["value"], float):
            assert math.isfinite(row["value"])
    else:
        assert row["rule"] is not None


written = st.text(alphabet="0123456789.,-+~ hgiờpút'ngàytrk'ệuđ", max_size=30)


@given(written, st.sampled_from(["hours", "money", "count"]))
def test_case_accents_and_form_do_not_matter(text, kind):
    plain = read(text, kind, COST)
    for other in (text.upper(), unicodedata.normalize("NFD", text), f" {text}\u00a0"):
        row = read(other, kind, COST)
        assert row["obs_status"] == plain["obs_status"]
        assert row["value"] == plain["value"] or pd.isna(row["value"])


@given(st.integers(0, 4_999_999_999))
def test_money_written_in_vietnamese_is_read_back(value):
    for text in (number(value), f"{number(value)} đ", str(value)):
        assert read(text, "money", COST)["value"] == value


@given(st.integers(1, 999), st.sampled_from([("k", 1e3), ("triệu", 1e6), ("tr", 1e6)]))
def test_units_scale(value, unit):
    assert read(f"{value}{unit[0]}", "money", COST)["value"] == value * unit[1]


@given(st.integers(1, 99_999), st.sampled_from([("k", 1000), ("tr", 10**6), ("tỷ", 10**9)]))
def test_decimals_of_a_unit_scale_exactly(hundredths, unit):
    text = f"{hundredths // 100},{hundredths % 100:02d}{unit[0]}"
    assert read(text, "money")["value"] == hundredths * unit[1] // 100


@given(st.integers(0, 90), st.integers(0, 90), st.sampled_from(["giờ", "ngày", "phút"]))
def test_the_middle_lies_between_the_ends(low, high, unit):
    low, high = sorted((low, high))
    ends = [read(f"{v} {unit}", "hours", TIME)["value"] for v in (low, high)]
    row = read(f"{low}-{high} {unit}", "hours", TIME)
    assert row["obs_status"] == "E"
    assert row["value"] == pytest.approx(np.mean(ends))


def test_each_text_is_read_once_however_often_it_stands_there(monkeypatch):
    calls = []
    monkeypatch.setattr(answers, "tidied", lambda t: calls.append(t) or t)
    answers.parse(pd.Series(["3", "4"] * 50_000), "count", {}, HOURS)
    assert len(calls) == 2
