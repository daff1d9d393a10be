"""Computed sentences say what the tables say, and nothing where there is nothing to say."""

import pandas as pd

from analysis.display import narrative
from analysis.language import languages
from analysis.topics import results

FRAMEWORK = {"dimensions": {c: {"name": {"vi": c.upper(), "en": c}} for c in "ab"}, "max_score": 30}
NAMES = {"u": "Đơn vị U", "v": "Đơn vị V", "w": "Đơn vị W"}
NO_ISSUES = pd.DataFrame({"severity": [], "state": []})


def scores(rows):
    columns = ["reporting_unit", "level", "code", "score", "max_score", "obs_status"]
    return pd.DataFrame(rows, columns=columns).assign(ranked=3)


WHOLE = ("u", "framework", "f", None, 30.0, "O")


def test_a_units_sentence_names_its_points_its_best_and_its_worst():
    own = scores(
        [WHOLE, ("u", "dimension", "a", 18.0, 20.0, "A"), ("u", "dimension", "b", 5.0, 10.0, "A")]
    )
    text = results.unit(own, FRAMEWORK, "các tỉnh", NO_ISSUES)
    assert "23,00/30 điểm tính được" in text and "thiếu số liệu" not in text
    assert "Mạnh nhất: A (90 % điểm tối đa); yếu nhất: B (50 %)." in text


def test_what_is_missing_or_must_be_mended_is_said():
    own = scores(
        [WHOLE, ("u", "dimension", "a", 18.0, 20.0, "A"), ("u", "dimension", "b", None, 10.0, "V")]
    )
    blocked = pd.DataFrame({"severity": ["blocking", "blocking", "note"], "state": "open"})
    text = results.unit(own, FRAMEWORK, "", blocked)
    assert "18,00/20 điểm tính được (khung có 30 điểm, phần còn lại thiếu số liệu)" in text
    assert "Có 2 ô phải sửa" in text
    nothing = scores([WHOLE, ("u", "dimension", "a", None, 20.0, "V")])
    assert results.unit(nothing, FRAMEWORK, "", NO_ISSUES).startswith("Chưa có nhóm chỉ tiêu nào")


def dimension(**values):
    return scores(
        [(u, "dimension", "a", v, 20.0, "M" if u == "w" else "A") for u, v in values.items()]
    )


def test_leaders_names_first_and_last_and_who_had_nothing_to_measure():
    text = results.leaders(dimension(u=10.0, v=15.5, w=0.0), "a", "Nhóm", NAMES)
    assert "cao nhất Đơn vị V (15,50/20 điểm), thấp nhất Đơn vị U (10,00)" in text
    assert "trong 2 đơn vị" in text and "1 đơn vị không phát sinh hồ sơ" in text


def test_equal_scores_have_no_leader():
    text = results.leaders(dimension(u=7.0, v=7.0), "a", "Nhóm", NAMES)
    assert "cao nhất" not in text and "không phân biệt được" in text


def test_agreement_counts_and_names_the_largest_difference():
    table = pd.DataFrame(
        {"outcome": ["agrees", "agrees", "no_inputs"], "difference": [0.004, -0.01, None]}
    )
    text = results.agreement(table, 0.015)
    assert text.startswith("Khớp: 2 trong 2") and "0,010 điểm" in text
    table.loc[1, ["outcome", "difference"]] = ["differs", -0.5]
    assert results.agreement(table, 0.015).startswith("1 điểm lệch: 1 trong 2")


def test_sentences_are_escaped():
    assert "<b>" not in narrative.heading("<b>", "<b>").data
    assert "<b>" not in narrative.cards([("<b>", "<b>", "<b>")]).data
    assert "<b>" not in narrative.paragraphs("<b>").data
    folded = narrative.folded("<b>", [narrative.paragraphs("<b>", "Câu.")]).data
    assert "<b>" not in folded and "<p>Câu.</p></details>" in folded


def test_english_tells_one_from_several_and_keeps_its_own_order():
    own = scores([WHOLE, ("u", "dimension", "a", 1018.0, 1020.0, "A")])
    with languages.using("en"):
        one = results.unit(
            own, FRAMEWORK, "provinces", pd.DataFrame({"severity": ["blocking"], "state": "open"})
        )
        two = results.leaders(dimension(u=10.0, v=None, w=None), "a", "Group", NAMES)
        both = results.leaders(dimension(u=10.0, v=15.5, w=0.0), "a", "Group", NAMES)
    assert one.startswith("1,018.00 of the 1,020 points that can be computed.")
    assert "Compared with provinces." in one and "1 cell must be corrected" in one
    assert two == "Group: not enough figures to compare."
    assert "highest Đơn vị V (15.50 of 20 points)" in both and "1 unit had no dossiers." in both


def test_what_is_quoted_is_marked_as_vietnamese_and_escaped():
    with languages.using("en"):
        html = narrative.paragraphs(narrative.basis({"legal_basis": "Nghị định <b>"})).data
    assert html == "<p>Legal basis: <span lang='vi'>Nghị định &lt;b&gt;</span>.</p>"


def test_the_result_names_first_and_last_only_among_peers():
    rows = [("a", 90.0, 1), ("b", 80.0, 2), ("c", 64.1, 3), ("d", 99.0, None)]
    scores = pd.DataFrame(rows, columns=["reporting_unit", "score", "rank"])
    scores = scores.assign(level="framework", max_score=100.0, peer_type="province")
    names = {"a": "Tỉnh A", "b": "Tỉnh B", "c": "Tỉnh C", "d": "Tỉnh D"}
    said = results.result(scores, names)
    assert "80,0/100" in said and "Tỉnh A (90,0)" in said and "Tỉnh C (64,1)" in said
    mixed = scores.assign(peer_type=["province", "ministry", "province", "province"])
    assert "Tỉnh" not in results.result(mixed, names)
    assert results.result(scores.head(2), names) == ""
