"""Ranks with weights of one's own, in words, beside the interval of the published ones."""

import pandas as pd

from analysis.language import languages
from analysis.topics import reweighted

NAMES = {u: f"Đơn vị {u}" for u in "abcd"}


def scores(ranks):
    table = pd.DataFrame({"reporting_unit": list(ranks), "rank": list(ranks.values())})
    return table.assign(level="framework", code="f", peer_type="all", score=100 - table["rank"])


def bars(spans, source="method"):
    rows = [{"reporting_unit": u, "rank_low": a, "rank_high": b} for u, (a, b) in spans.items()]
    return pd.DataFrame(rows).assign(level="framework", code="f", source=source)


def beside(own, published, spans, **more):
    return reweighted.beside(scores(own), scores(published), bars(spans, **more), NAMES)


OWN, PUBLISHED = {"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 3, "b": 2, "c": 1, "d": 4}
SPANS = {"a": (3, 4), "b": (1, 2), "c": (1, 3), "d": (4, 4)}


def test_each_unit_stands_beside_its_interval():
    table = beside(OWN, PUBLISHED, SPANS)
    assert table["name"].tolist() == [NAMES[u] for u in "abcd"]
    assert table["moved"].tolist() == ["+2", "0", "−2", "0"]
    assert table["span"].tolist() == ["3–4", "1–2", "1–3", "4"]
    assert table["verdict"].tolist() == ["ngoài khoảng"] + 3 * ["trong khoảng"]


def test_the_sentence_says_how_many_move_and_who_leaves_its_interval():
    told = reweighted.key(beside(OWN, PUBLISHED, SPANS))
    assert "2 trong 4 đơn vị đổi hạng" in told and "Đơn vị a, từ 3 thành 1" in told
    assert "1 trong 4 đơn vị ra ngoài khoảng" in told
    assert "không đơn vị nào đổi hạng" in reweighted.key(beside(OWN, OWN, SPANS))
    with languages.using("en"):
        assert reweighted.key(beside(OWN, PUBLISHED, SPANS))


def test_intervals_of_another_doubt_are_not_taken_for_those_of_the_method():
    table = beside(OWN, PUBLISHED, SPANS, source="sampling")
    assert table["verdict"].tolist() == 4 * ["…"] == table["span"].tolist()
    assert "không có khoảng hạng" in reweighted.key(table)


def test_a_unit_that_loses_its_rank_is_shown_without_one():
    table = beside(OWN | {"d": None}, PUBLISHED, SPANS)
    row = table[table["reporting_unit"] == "d"].iloc[0]
    assert (row["moved"], row["verdict"]) == ("…", "…") and row["rank"] == 4
