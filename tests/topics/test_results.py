"""Tables say what a figure is: a ratio with its parts, or a value as stated."""

import pandas as pd

from analysis.display.table import show
from analysis.language import languages
from analysis.topics import results, submissions

RATIO = {
    "name": {"vi": "Tỷ lệ A", "en": "A"},
    "dimension": "a",
    "formula": {"ratio": {"numerator": ["x"], "denominator": ["y"]}},
    "unit_measure": "percent",
    "certainty": "verified",
    "points": {"max": 6, "full_mark_at": 80},
}
VALUE = {
    "name": {"vi": "Điểm B", "en": "B"},
    "dimension": "b",
    "formula": {"value": "z"},
    "unit_measure": "points",
    "certainty": "verified",
    "points": {"max": 18, "full_mark_at": 18},
}


def framework(**indicators):
    names = {c: {"name": {"vi": c.upper(), "en": c}} for c in "ab"}
    return {"framework": "f", "dimensions": names, "indicators": indicators}


def test_only_ratios_have_a_figure_for_the_whole():
    rows = pd.DataFrame(
        [("f", "r", 25.0), ("f", "v", None), ("g", "r", 1.0)],
        columns=["framework", "indicator", "obs_value"],
    )
    assert results.national(rows, framework(r=RATIO, v=VALUE))["name"].tolist() == ["Tỷ lệ A"]
    assert results.national(rows, framework(v=VALUE)).empty


def test_figures_carry_their_unit_of_measure():
    assert results.measured(80, "percent") == "80,0 %"
    assert results.measured(9.24, "points") == "9,24 điểm"
    assert results.measured(None, "points") == results.measured(None, "percent") == "…"
    full = results.codebook(framework(r=RATIO, v=VALUE, w={**RATIO, "points": {}}))["full"]
    assert full.tolist() == ["80,0 %", "18,00 điểm", "…"]


def test_no_column_of_parts_where_nothing_is_a_ratio():
    ratios, _ = results.indicator_heads(framework(r=RATIO))
    mixed, _ = results.indicator_heads(framework(r=RATIO, v=VALUE))
    values, formats = results.indicator_heads(framework(v=VALUE))
    assert {"numerator", "denominator"} <= set(ratios) & set(mixed)
    assert not {"numerator", "denominator"} & set(values)
    assert [h["value"] for h in (ratios, mixed, values)] == ["Tỷ lệ", "Giá trị", "Giá trị"]
    row = pd.DataFrame([{**dict.fromkeys(values, 1.0), "value": "9,24 điểm"}])
    assert "9,24 điểm" in show(row, values, formats).data


def test_the_heaviest_dimension_is_that_with_most_points_given():
    rows = pd.DataFrame(
        [("a", 1.0, 20), ("a", None, 20), ("b", 5.0, 12), ("b", 6.0, 12)],
        columns=["code", "score", "max_score"],
    )
    described = framework(r=RATIO, v=VALUE)
    assert results.heaviest(rows, described) == "b"
    assert results.heaviest(rows[:2], described) == "a"
    assert results.heaviest(rows[:0], described) == "a", "of none the framework's first"


def test_english_pages_mark_what_offices_wrote():
    found = pd.DataFrame(
        {
            "severity": ["blocking"],
            "reporting_unit": ["u"],
            "source_file": ["biểu <1>.xlsx"],
            "source_sheet": ["Bieu"],
            "source_cell": ["A1"],
            "message_vi": ["“chín <b>” không phải là số."],
            "message_en": ["“chín <b>” is not a number."],
            "state": ["open"],
        }
    )
    with languages.using("en"):
        html = submissions.issues(found, {"u": "Unit U"}).data
    assert "“<span lang='vi'>chín &lt;b&gt;</span>” is not a number." in html
    assert "<td lang='vi'>biểu &lt;1&gt;.xlsx · Bieu · A1</td>" in html
    assert "Must be corrected" in html and "Severity" in html
    plain = submissions.issues(found, {"u": "Đơn vị U"}).data
    assert "“chín &lt;b&gt;” không phải là số." in plain and "lang=" not in plain


def test_a_file_that_was_refused_is_named_in_the_reason():
    class Held:
        issues = pd.DataFrame({"rule": ["not_received"], "reporting_unit": ["u"], "form": ["f"]})
        submissions = pd.DataFrame(
            [("refused", "u", "f", "tệp<.xlsx", "broken")],
            columns=["state", "reporting_unit", "form", "source_file", "rule"],
        )

    rules = {"broken": {"name": {"vi": "Tệp hỏng", "en": "Broken file"}}}
    with languages.using("en"):
        rows = submissions.missing(Held, {"u": "Unit U"}, rules)
        html = show(rows, {"reason": "Tình trạng"}, quoting=["reason"]).data
    assert "File “<span lang='vi'>tệp&lt;.xlsx</span>” was sent but cannot be used" in html
    assert "(Broken file)" in html
