"""A unit with nothing to measure keeps its official points and is compared with nobody."""

import pandas as pd
import pytest

from analysis.display.charts import funnel_chart
from analysis.period import load
from analysis.topics import granted_points, provinces, ranked_unit, results, unlike_peers

FRAMEWORK = {
    "framework": "f",
    "dimensions": {c: {"name": {"vi": c.upper()}} for c in "ab"},
    "indicators": {"x": {"name": {"vi": "X"}}},
    "max_score": 30,
}
NAMES = {u: f"Đơn vị {u.upper()}" for u in "uvwp"}


def scores(**measured):
    """Units by code → points and measured share of dimension a and of the whole."""
    rows = [
        (unit, level, code, points, 20.0, share, 1.0, "A", "office", None, None)
        for unit, (points, share) in measured.items()
        for level, code in (("dimension", "a"), ("framework", "f"))
    ]
    columns = ["reporting_unit", "level", "code", "score", "max_score", "measured", "coverage"]
    return pd.DataFrame(rows, columns=[*columns, "obs_status", "peer_type", "rank", "ranked"])


IDLE = scores(u=(12.0, 1.0), v=(15.0, 0.4), w=(0.0, 0.0))


@pytest.fixture(scope="module")
def quarter():
    return load("2026-Q3")


def test_it_is_neither_first_nor_last_nor_drawn():
    text = results.leaders(IDLE, "a", "Nhóm", NAMES)
    assert "thấp nhất Đơn vị U" in text and "Đơn vị W" not in text
    assert "1 đơn vị không phát sinh hồ sơ" in text
    points = results.comparable(IDLE, FRAMEWORK, NAMES).set_index("reporting_unit")["value"]
    assert points["u"] == 60 and pd.isna(points["w"])
    assert "w" not in set(results.lowest(points.reset_index().merge(IDLE), "a")["reporting_unit"])
    placed = provinces.totals(IDLE).set_index("reporting_unit")["value"]
    assert pd.isna(placed["w"]) and placed["u"] == 12


def test_its_points_stand_in_the_table_behind_the_others_with_the_reason():
    table = results.league(IDLE, FRAMEWORK, NAMES)
    assert table["reporting_unit"].tolist() == ["v", "u", "w"]
    last = table.iloc[-1]
    assert last["a"] == 0 and last["idle"] == "A"
    assert "idle" in results.league_heads(table, FRAMEWORK)[0]
    some = results.league(IDLE[IDLE["reporting_unit"] != "w"], FRAMEWORK, NAMES)
    assert "idle" not in results.league_heads(some, FRAMEWORK)[0]


def test_its_own_page_says_so_and_calls_nothing_its_weakest():
    own = IDLE[IDLE["reporting_unit"] == "w"]
    text = results.unit(own, FRAMEWORK, "các sở", pd.DataFrame({"severity": [], "state": []}))
    assert "Không phát sinh, nên không so sánh: A." in text and "yếu nhất" not in text
    none = pd.DataFrame(columns=["level", "code", "reporting_unit", "source", "kind", "rank_low",
                                 "rank_high", "reason"])  # fmt: skip
    table = ranked_unit.standing(own, none, FRAMEWORK)
    assert (table["place"] == "không phát sinh").all()
    assert "không xếp hạng, không so sánh" in ranked_unit.place(table, None, "các sở")
    shown = results.peers(own, pd.DataFrame({"level": [], "code": [], "n": [], "low": [],
                          "median": [], "high": []}), FRAMEWORK)  # fmt: skip
    assert pd.isna(shown.loc["a", "value"]) and shown.loc["a", "gap"] == "không phát sinh"
    assert "Đơn vị W" in granted_points.nothing(IDLE, NAMES)


def test_a_province_is_not_among_its_own_communes(quarter):
    held = quarter.ranked()
    root = quarter.plan.due["parent"]
    members = results.members(held.scores, quarter.plan)
    assert root in set(held.scores["reporting_unit"]) and root not in set(members["reporting_unit"])
    table = results.league(
        members, quarter.framework(), quarter.names, quarter.catalogue.unit_types
    )
    assert len(table) == 163 and table["peers"].nunique() == 3
    kinds = table["peers"].tolist()
    assert len([1 for a, b in zip(kinds, kinds[1:], strict=False) if a != b]) == 2


def test_what_nobody_measured_is_counted_as_the_tables_have_it(quarter):
    held = quarter.ranked()
    table = held.without_cases
    text = granted_points.key(table, held.scores, quarter.framework())
    some = table[table["no_cases"] > 0.005]["no_cases"]
    total = f"{some.sum():.2f}".replace(".", ",")
    assert f"{len(some)} đơn vị được đến {some.max():.0f},00 điểm" in text
    assert f"cộng lại {total} điểm" in text
    shown = granted_points.beside(table, held.scores, quarter.names)
    assert len(shown) == (table[["no_cases", "assumed", "capped"]] > 0.005).any(axis=1).sum()


def test_ranks_without_such_points_are_counted():
    table = pd.DataFrame(
        {
            "reporting_unit": ["u", "v", "w"],
            "rank": [1.0, 2.0, None],
            "no_cases": [12.0, 0.0, 0.0],
            "assumed": 0.0,
            "capped": 0.0,
            "measured_rank": [2.0, 1.0, None],
            "measured_ranked": [2.0, 2.0, None],
        }
    )
    text = granted_points.key(table, IDLE, FRAMEWORK)
    assert "1 đơn vị được đến 12,00 điểm" in text and "2 trong 2 đơn vị" in text
    clean = table.assign(no_cases=0.0)
    assert "Cả 30 điểm của khung đều dựa trên số đo" in granted_points.key(clean, IDLE, FRAMEWORK)


def test_who_is_outside_a_funnel_is_named_on_either_side_and_said(quarter):
    held, types = quarter.ranked(), quarter.catalogue.unit_types
    far = unlike_peers.outside(held.funnels, quarter.framework(), quarter.names, types)
    text = unlike_peers.key(held.funnels, held.dispersion)
    low = far["how"].str.startswith("thấp hơn").sum()
    high = far["how"].str.startswith("cao hơn").sum()
    assert len(far) == low + high and f"{low} thấp và {high} cao khác thường" in text
    assert f"{(held.dispersion['tau2'] > 0).sum()} trong {len(held.dispersion)} nhóm" in text
    groups = unlike_peers.by_peers(held.funnels, quarter.framework(), quarter.names, types)
    part = groups["các phường"]
    part = part[part["panel"].isin(part["panel"].unique()[:2])]
    lines = unlike_peers.limits(part, held.dispersion)
    chart = funnel_chart.funnels(part, lines, title="<i>", source="Nguồn.").html
    assert chart.count("</title>") >= len(part) and "<i>" not in chart
    outside = (part["outside"] != "").sum()
    assert f"{outside} trong {len(part)} giá trị nằm ngoài giới hạn" in chart


def test_the_lines_of_a_funnel_are_its_limits_where_units_stand(quarter):
    held, types = quarter.ranked(), quarter.catalogue.unit_types
    part = unlike_peers.by_peers(held.funnels, quarter.framework(), quarter.names, types)["các xã"]
    lines = unlike_peers.limits(part, held.dispersion)
    for panel, rows in part.groupby("panel", sort=False):
        own = lines[lines["panel"] == panel]
        for column in ("od_lower_95", "od_upper_998"):
            there = pd.Series(own[column].to_numpy(), own["denominator"].to_numpy())
            shared = rows[rows["denominator"].isin(there.index)]
            assert there.reindex(shared["denominator"]).to_numpy() == pytest.approx(
                shared[column].to_numpy(), abs=1e-9
            )
