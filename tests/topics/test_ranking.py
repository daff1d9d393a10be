"""What a reader is told of a ranking: no rank without its basis, no bar for two kinds of doubt."""

import re

import numpy as np
import pandas as pd
import pytest
from composites import framework
from matplotlib.textpath import TextPath

from analysis.display import theme
from analysis.display.charts import period_charts, rank_charts
from analysis.history import history
from analysis.language import languages
from analysis.period import load
from analysis.schema.tables import PAIR_REACH
from analysis.scoring import score
from analysis.topics import rank_evidence, ranked_unit, robustness
from analysis.topics import ranking as rank_views


@pytest.fixture(scope="module")
def year():
    return load("2024")


@pytest.fixture(scope="module")
def names(year):
    return dict(zip(year.due["code"], year.due["name_vi"], strict=True))


@pytest.fixture(scope="module")
def ranking(year, names):
    held = year.ranked()
    return rank_views.ranking(held.scores, rank_evidence.bars(held.rank_sources), names)


def a_ranking(sources=("method",)):
    rows = [
        ("u1", "Hà Giang", "province", 80.0, 1, 1, 2),
        ("u2", "<b>Sơn La</b>", "province", 70.0, 2, 1, 3),
        ("u3", "Lai Châu", "province", 60.0, 3, 2, 3),
    ]
    columns = ["reporting_unit", "name", "peer_type", "score", "rank", "rank_low", "rank_high"]
    one = pd.DataFrame(rows, columns=columns).assign(
        ranked=3, p_top=[0.9, 0.1, 0.0], p_bottom=[0.0, 0.2, 0.8], top=1
    )
    return pd.concat([one.assign(source=s) for s in sources], ignore_index=True)


def test_the_key_sentence_says_who_leads_and_how_sure_that_is(year, ranking):
    text = rank_views.key(ranking, year.ranked().rank_pairs)
    assert text.startswith("34 đơn vị được xếp hạng: Tỉnh Thái Nguyên đứng đầu (89,0 điểm)")
    assert "% số cặp đơn vị, một đơn vị đứng trên" in text and "xê dịch từ" in text


def test_leaders_of_different_peers_are_not_compared():
    quarter = load("2022-Q2")
    names = dict(zip(quarter.due["code"], quarter.due["name_vi"], strict=True))
    held = quarter.ranked()
    ranking = rank_views.ranking(held.scores, held.rank_intervals, names)
    text = rank_views.key(ranking, held.rank_pairs)
    assert "trong 5 nhóm cùng loại" in text and "đứng đầu" not in text
    listed = rank_views.one_row_each(ranking, quarter.catalogue.unit_types)
    assert "peers" in rank_views.columns(listed)[0]
    groups = rank_views.by_peers(ranking, quarter.catalogue.unit_types)
    assert sum(len(part) for part in groups.values()) == len(ranking)


def test_each_source_of_doubt_has_a_column_and_a_bar_of_its_own():
    types = pd.DataFrame({"peers_vi": {"province": "các tỉnh"}})
    one = rank_views.one_row_each(a_ranking(), types)
    three = rank_views.one_row_each(a_ranking(("method", "sampling", "chance")), types)
    assert "place_sampling" not in rank_views.columns(one)[0]
    heads = rank_views.columns(three)[0]
    assert [heads[c] for c in ("place_method", "place_sampling", "place_chance")] == [
        "Nếu đổi cách tính",
        "Xét sai số chọn mẫu",
        "Xét may rủi của số trường hợp",
    ]
    chart = rank_charts.rank_intervals(
        a_ranking(("method", "sampling")), title="t", source="Nguồn."
    ).html
    assert "sai số chọn mẫu (tin cậy 90 %)" in chart and "một dải, không gộp" in chart
    assert "đổi cách tính (90 % số lần)" in chart
    alone = rank_charts.rank_intervals(a_ranking(), title="t", source="Nguồn.").html
    assert "dải: đổi cách tính (90 % số lần)" in alone and "sai số chọn mẫu" not in alone


def test_what_is_said_of_certainty_is_of_one_source_never_of_several_together():
    both = a_ranking(["method", "sampling", "both"])
    wide = both["source"] == "both"
    both.loc[wide, "rank_low"], both.loc[wide, "rank_high"] = 1, 3
    sources = ["method", "sampling", "both"]
    pairs = pd.DataFrame({"source": sources, "apart": [True, True, False]})
    text = rank_views.key(both, pairs)
    assert "Ở 100 % số cặp đơn vị, " in text and "95 % số lần đổi cách tính; " in text
    whole = pd.DataFrame({"level": "framework", "code": "f"}, index=both.index)
    scores = both.drop_duplicates("reporting_unit").assign(level="framework", code="f")
    held = rank_views.ranking(scores[["reporting_unit", "peer_type", "score", "rank", "ranked",
                                      "level", "code"]], both.join(whole), {})  # fmt: skip
    assert set(held["source"]) == {"method", "sampling"}, "a bar for two kinds of doubt"
    alone = a_ranking(["sampling"])
    text = rank_views.key(alone, pairs[pairs["source"] == "sampling"])
    assert "95 % số lần lấy mẫu lại" in text and "cách tính" not in text


@pytest.mark.parametrize("count", [3, 7, 16, 18, 45])
def test_the_longest_name_has_room_beside_the_pairs(count):
    name = "Bộ Nông nghiệp và Phát triển nông thôn"
    order = [name] + [f"Bộ {i}" for i in range(1, count)]
    pairs = pd.DataFrame({"name": order[:-1], "other_name": order[1:], "p_above": 0.9})
    svg = theme.bare(rank_charts.above(pairs, order, title="t", source="s").html)
    x, look = re.search(rf'<text x="([\d.]+)" y="[\d.]+" class="(\w+)">{name}<', svg).groups()
    size = re.search(rf"\.{look}{{font-size:([\d.]+)px;text-anchor:end", svg)[1]
    width = TextPath((0, 0), name, size=float(size)).get_extents().width
    assert float(x) > width, "the name begins right of the edge of the picture"


def test_names_are_escaped_in_every_chart():
    chart = rank_charts.rank_intervals(a_ranking(), title="<i>", source="<u>").html
    assert "<b>" not in chart and "<i>" not in chart and "<u>" not in chart


def test_a_units_place_stands_beside_each_doubt_and_names_whom_it_cannot_be_told_from(year, names):
    held = year.ranked()
    own = held.scores[held.scores["reporting_unit"] == "45"]
    sure = held.rank_sources[held.rank_sources["reporting_unit"] == "45"]
    table = ranked_unit.standing(own, sure, year.framework())
    assert table["name"].iloc[0] == "Tổng điểm" and len(table) == 6
    row = sure[sure["level"] == "framework"].iloc[0]
    assert table["place"].iloc[0].endswith("/34")
    assert table["place_method"].iloc[0] == f"{row['rank_low']:.0f}–{row['rank_high']:.0f}"
    assert "place_sampling" not in table and "place_chance" not in table
    tier = held.tiers[held.tiers["reporting_unit"] == "45"]
    beside = rank_evidence.of_unit(sure, tier)
    assert beside[0].startswith(f"Nhóm hạng {tier['tier'].iloc[0]} trong ")
    assert f"từ {row['rank_low']:.0f} đến {row['rank_high']:.0f} nếu đổi cách tính" in beside[1]
    said = ranked_unit.place(table, {"vi": "Tốt"}, "các tỉnh")
    assert "loại Tốt" in said and table["place"].iloc[0] in said
    assert "không xếp hạng: lý do" in ranked_unit.place(table, None, "", "lý do")
    alike = held.rank_close[held.rank_close["reporting_unit"] == "45"]
    close = ranked_unit.like(alike, own, names)
    pairs = held.rank_pairs
    mine = pairs[((pairs["reporting_unit"] == "45") | (pairs["other"] == "45")) & ~pairs["apart"]]
    assert close.startswith(f"Không phân biệt được chắc chắn với {len(mine)} đơn vị")


def test_the_parts_of_a_unit_add_up_to_its_distance_from_the_middle(year):
    made = year.framework()
    parts = ranked_unit.parts(year.tables.explanation, made, "45")
    assert parts["indicator"].tolist()[:-1] == list(made["indicators"])
    bars = ranked_unit.bars(parts, "change")
    scores = year.tables.scores
    now = scores[(scores["reporting_unit"] == "45") & (scores["level"] == "framework")]
    before = history.periods(year, most=2)[0].tables.scores
    then = before[(before["reporting_unit"] == "45") & (before["level"] == "framework")]
    gap = now["score"].iloc[0] - then["score"].iloc[0]
    assert bars["contribution"].sum() == pytest.approx(gap)
    assert f"tăng {gap:.2f}".replace(".", ",") in ranked_unit.change(parts, "2023")
    assert "hơn nhiều nhất ở Điểm số hóa hồ sơ" in ranked_unit.strengths(parts, "tất cả")


def test_the_next_point_says_what_is_out_of_reach():
    parts = pd.DataFrame(
        {
            "indicator": ["x", "y", "z", "_coverage"],
            "name": ["X", "Y", "Z", "…"],
            "obs_value": [10.0, 40.0, 50.0, np.nan],
            "room": [5.0, 0.4, 0.0, np.nan],
            "reachable": [True, False, False, None],
            "needed_value": [12.5, np.nan, np.nan, np.nan],
            "needed_count": [7.0, np.nan, np.nan, np.nan],
        }
    )
    found = ranked_unit.next_point(parts)
    assert found["name"].tolist() == ["X", "Y"]
    assert found["cases"].tolist() == ["thêm 7", "…"]
    assert found["verdict"].tolist() == ["đủ chỗ cho một điểm", "không đủ một điểm"]


def test_choices_say_what_was_chosen_and_what_was_tried():
    made = framework(impute="median")
    made["uncertainty"] |= {"impute": ["median", "none"]}
    found = robustness.choices(made).set_index("step")
    assert found.loc["Cách điền chỗ thiếu"].tolist() == ["trung vị", "không"]
    assert found.loc["Trọng số", "tried"] == "mỗi trọng số nhiều hơn hoặc ít hơn đến 25 %"


def test_every_method_and_note_has_words(year):
    from analysis.scoring import impute, normalise, treat, weigh

    lists = normalise.METHODS, impute.METHODS, treat.METHODS, weigh.METHODS
    assert {m for methods in lists for m in methods} <= set(robustness.METHOD)
    rules = ["value_not_finite", "unit_screened", "indicator_constant", "unit_without_values"]
    notes = pd.DataFrame(
        {"reporting_unit": "45", "indicator": None, "rule": rules, "found": "1", "expected": "2"}
    )
    found = robustness.noted(notes, year.catalogue.rules, {"45": "Quảng Trị"}, year.framework())
    assert (found["name"] == "Quảng Trị").all() and not found["text"].str.contains("{").any()


def test_pictures_say_when_there_is_nothing_to_draw():
    empty = a_ranking().iloc[:0]
    assert "chưa đủ đơn vị" in rank_charts.rank_intervals(empty, title="t", source="").html
    none = pd.DataFrame({"name": ["x"], "contribution": [0.0]})
    assert "không có khác biệt" in rank_charts.effects(none, title="t", unit="", source="").html
    one = pd.DataFrame({"time_period": ["2022"], "name": ["x"], "score": [1.0]})
    assert "chưa có kỳ trước" in period_charts.history(one, title="t", unit="", source="").html


def test_a_trend_is_of_the_same_units_and_ends_at_a_break():
    rows = [("2021", "a", 1.0), ("2022", "a", 2.0), ("2022", "b", 9.0), ("2023", "a", 4.0),
            ("2023", "b", 8.0), ("2024", "a", 5.0), ("2024", "b", 9.0),
            ("2024", "c", 0.0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["time_period", "name", "score"])
    said = {"title": "t", "unit": "", "source": ""}
    whole = period_charts.history(table, **said).html
    assert "Trung vị của 1 đơn vị có điểm ở mọi kỳ tăng từ 1,0 lên 5,0, từ 2021 đến 2024" in whole
    table["segment"] = (table["time_period"] >= "2023").astype(int)
    parted = period_charts.history(table, **said).html
    assert "Trung vị của 2 đơn vị có điểm ở mọi kỳ tăng từ 6,0 lên 7,0, từ 2023 đến 2024" in parted
    assert parted.count("n = 1</text>") == 4 and parted.count("n = 2</text>") == 4, "drawn twice"
    table["segment"] = (table["time_period"] >= "2024").astype(int)
    last = period_charts.history(table, **said).html
    assert "Trung vị của 3 đơn vị ở kỳ 2024: 5,0; không nối với kỳ trước" in last


def test_what_is_said_of_pairs_holds_where_most_are_not_listed():
    """300 units, each told from all but those within 120 places; far pairs told apart are away."""
    count, near = 300, 120
    units = [f"u{i:03d}" for i in range(count)]
    rows = [
        (units[i], units[i + gap], gap, 0.5 if gap <= near else 1.0)
        for gap in range(1, count)
        for i in range(count - gap)
    ]
    every = pd.DataFrame(rows, columns=["reporting_unit", "other", "peer_places", "p_above"])
    every = every.assign(apart=every["p_above"] >= 0.95, source="method")
    listed = every[(every["peer_places"] <= PAIR_REACH) | ~every["apart"]]
    assert len(listed) < len(every)
    names = {u: u.upper() for u in units}
    ranking = pd.DataFrame({"reporting_unit": units, "name": units, "peer_type": "commune"})
    ranking = ranking.assign(rank_low=1, rank_high=9, source="method", score=1.0)
    share = rank_views.number(100 * every["apart"].mean())
    assert f"Ở {share} % số cặp đơn vị, một đơn vị" in rank_views.key(ranking, listed)
    own = pd.DataFrame({"level": ["framework"], "rank": [1.0], "ranked": [300.0]})

    def said(pairs: pd.DataFrame, unit: str) -> str:
        close = score.close(pairs)
        return ranked_unit.like(close[close["reporting_unit"] == unit], own, names)

    assert said(listed, "u150") == said(every, "u150")
    text = said(listed, "u150")
    assert "với 240 đơn vị, gần nhất là" in text and text.count(",") == 20
    assert "U149" in text and "U140" in text and "U139" not in text
    assert said(listed, "u000").count("U") == 20
    assert "đứng vững trước mọi đơn vị" in said(listed[listed["apart"]], "u150")
    alone = own.assign(ranked=1.0)
    assert ranked_unit.like(score.close(listed).iloc[:0], alone, names) == ""


def test_english_sentences_keep_their_own_order_and_number():
    both = a_ranking(["method", "sampling"])
    pairs = pd.DataFrame({"source": ["method"], "apart": [True]})
    lost = pd.DataFrame({"choices": ["normalise: z_score, aggregate: geometric"], "replicates": 1})
    close = pd.DataFrame({"other": ["u2"]})
    own = pd.DataFrame({"level": ["framework"], "rank": [1.0], "ranked": [3.0]})
    with languages.using("en"):
        text = rank_views.key(both, pairs)
        one = ranked_unit.like(close, own, {"u2": "Ha Nam"})
        failed = robustness.failed(lost, pd.DataFrame({"replicates": [1000]}))
        change = ranked_unit.change(pd.DataFrame({"name": ["A"], "change": [-1234.5]}), "2023")
    assert text.startswith("3 units are ranked: Hà Giang comes first (80.0 points), Lai Châu last")
    assert "In 100% of pairs one unit stands above the other in at least 95% of the draws" in text
    assert one == "Cannot be told apart with certainty from 1 unit: Ha Nam."
    assert failed.startswith("1 replicate gave no ranks because its choices do not go together:")
    assert "Normalisation: standard deviations, Aggregation: geometric mean (1)" in failed
    assert "fell by 1,234.50 points, mainly through A (−1,234.50 points)" in change


def test_every_choice_that_failed_is_said_in_words(year):
    lost = pd.DataFrame({"choices": ["impute: none, treat: log"], "replicates": [2]})
    text = robustness.failed(lost, pd.DataFrame({"replicates": [10]}))
    assert "Cách điền chỗ thiếu: không, Xử lý giá trị ngoại lai: lấy logarit (2)" in text


def test_a_unit_alone_has_no_place():
    own = pd.DataFrame(
        {"level": ["framework"] * 2, "rank": 1.0, "ranked": [1, 2], "rank_low": 1, "rank_high": 1}
    )
    assert rank_views.places(own) == ["…", "1/2"]
