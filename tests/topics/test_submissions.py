"""The table of rules × results: most broken first, with the units where it failed most often."""

import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.topics import submissions

RULES = cat.load().rules
COUNTS = ["applied", "passed", "failed", "not_applicable"]


def test_rules_most_broken_first_with_the_worst_units():
    rows = [("01", "received_parts", 9, 8, 1, 0), ("02", "received_parts", 9, 5, 4, 1),
            ("03", "received_parts", 9, 9, 0, 2), ("01", "jump", 3, 3, 0, 5)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["reporting_unit", "rule", *COUNTS])
    table = table.assign(form="II.06a", time_period="2022-Q2")
    found = submissions.rule_results(table, {"01": "Hà Nội", "02": "Hà Giang"}, RULES)
    assert found["rule"].tolist() == ["received_parts", "jump"]
    assert found[COUNTS].to_numpy().tolist() == [[27, 22, 5, 3], [3, 3, 0, 5]]
    assert found["worst"].tolist() == ["Hà Giang (4); Hà Nội (1)", "…"]
    assert found["severity"].tolist() == ["Phải sửa", "Cần kiểm tra"]


def test_a_period_without_rules_has_no_row():
    empty = pd.DataFrame(columns=["reporting_unit", "form", "rule", *COUNTS])
    assert submissions.rule_results(empty, {}, RULES).empty


def test_what_is_probably_wrong_is_told_in_a_sentence_only_where_a_rule_is_broken():
    rows = [{"block": 1, "causes_tied": False, "status": "settled"},
            {"block": 2, "causes_tied": True, "status": "settled"},
            {"block": 2, "causes_tied": True, "status": "settled"},
            {"block": 3, "causes_tied": False, "status": "unsettled"}]  # fmt: skip
    table = pd.DataFrame(rows)
    settled, unsettled = submissions.proposed(table)
    assert "sai ở 3 khối" in settled and "Ở 1 khối" in settled and "ở 1 khối có vài" in settled
    assert unsettled.startswith("1 khối chưa tìm được")
    assert len(submissions.proposed(table[:3])) == 1 and submissions.proposed(table[:0]) == []
