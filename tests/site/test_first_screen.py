"""First screens: every figure of the home and of an index is found again in the period's tables."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.batch.pages import Result
from analysis.period import load
from analysis.render import report
from analysis.site import first_screen, home, planning, receipt
from analysis.topics import scoreboard

PERIOD, BEFORE = "2022-Q2", "2022-Q1"


def told_of(loaded):
    pages = planning.plan(loaded).subject.pages
    return first_screen.of_period(loaded, [Result(page, "ok", 0) for page in pages])


def written(folder, loaded, told):
    """Index and home of a period of which all pages are there."""
    site = folder / loaded.plan.key
    site.mkdir()
    index = receipt.index(
        site,
        context=report.Context(loaded.plan.key, loaded.plan.title["vi"]),
        key=told["key"],
        notes=[],
        national=[],
        groups=[],
        failed=[],
        told=told,
    )
    stated = {"title": loaded.plan.title["vi"], "key": told["key"], "first_screen": told}
    stated |= {"synthetic": loaded.plan.synthetic, "pages": []}
    (site / "receipt.json").write_bytes(receipt.text(**stated))
    return BeautifulSoup(index["index.html"], "html.parser")


@pytest.fixture(scope="module")
def period():
    return load(PERIOD)


@pytest.fixture(scope="module")
def pages(period, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    index = written(folder, period, told_of(period))
    return {"home": BeautifulSoup(home.html(folder, report.Context()), "html.parser"), "i": index}


@pytest.fixture(scope="module")
def both(period):
    """Indicator values of the period and of the one before, as they lie in the tables; the days
    between their ends."""
    asked = ["framework", "reporting_unit", "indicator", "obs_value", "numerator", "denominator"]
    before = load(BEFORE)
    values = {
        code: held.tables.indicator_values[asked].astype(
            dict.fromkeys(["framework", "reporting_unit", "indicator"], str)
        )
        for code, held in ((PERIOD, period), (BEFORE, before))
    }
    return values, (period.plan.end - before.plan.end).days


def text(node):
    return " ".join(node.get_text(" ").split())


def share(rows):
    held = rows.dropna(subset=["numerator", "denominator"])
    return 100 * held["numerator"].sum() / held["denominator"].sum()


def printed(value, places=1):
    return f"{value:.{places}f}".replace(".", ",").replace("-", "−")


def indicator_of(period, name):
    """Framework and code of what a page calls by its name."""
    return next(
        (code, own)
        for code in period.plan.frameworks
        for own, described in period.framework(code)["indicators"].items()
        if described["name"]["vi"] == name
    )


def scoreboard_of(page):
    groups = [text(th) for th in page.select("table.board thead th")][1:]
    for row in page.select("table.board tbody tr"):
        for group, cell in zip(groups, row.select("td"), strict=True):
            if "is-none" not in cell["class"]:
                yield row, group, cell


@pytest.mark.parametrize("where", ["home", "i"])
def test_every_figure_beside_a_target_is_found_again(pages, period, both, where):
    kinds = period.catalogue.unit_types["name_vi"]
    types = dict(zip(period.due["code"], period.due["type"].map(kinds), strict=True))
    targets, seen = period.catalogue.targets, set()
    both, days = both
    for row, group, cell in scoreboard_of(pages[where]):
        named = row.select_one(".what")
        asked = text(row.select_one("th .detail"))
        if asked == "không đặt mục tiêu":
            continue
        framework, code = indicator_of(period, text(named))
        frames = {}
        for time, values in both.items():
            of_one = (values["framework"] == framework) & (values["indicator"] == code)
            frames[time] = values[of_one & (values["reporting_unit"].map(types) == group)]
        own = frames[PERIOD].dropna(subset=["obs_value"])
        state = cell["class"][0].removeprefix("is-")
        seen.add(state)
        if own.empty:
            assert state == "no_data" and text(cell.select_one("b")) == "…"
            continue
        value = share(own)
        assert text(cell.select_one("b")) == f"{printed(value)} %"
        if "bắt đầu từ" in asked:
            assert state == "started"
            continue
        bound = float(re.search(r"≥ ([\d,]+) %", asked)[1].replace(",", "."))
        due = re.search(r"hạn (\d+)/(\d+)/(\d+)", asked)
        due = pd.Timestamp(*(int(due[i]) for i in (3, 2, 1)))
        known = targets[(targets["indicator"] == code) & (targets["due"] == due)]
        assert bound in set(known["low"]), "a target of the catalogue"
        reached = (own["obs_value"] >= bound - 1e-9).sum()
        assert text(cell.select_one(".n")) == f"{reached}/{len(own)} đơn vị đã đạt"
        pairs = own.merge(frames[BEFORE].dropna(), on="reporting_unit", suffixes=("", "_then"))
        late, way = due <= pd.Timestamp(period.plan.end), False
        if len(pairs):
            then = 100 * pairs["numerator_then"].sum() / pairs["denominator_then"].sum()
            pace = (share(pairs) - then) / days
            end = share(pairs) + pace * (due - pd.Timestamp(period.plan.end)).days
            way = pace > 0 and end >= bound
        below = "not_met" if late else "on_way" if way else "not_due"
        assert state == ("met" if value >= bound else below), (text(named), group)
        words = {"met": "đạt", "not_met": "chưa đạt", "on_way": "đúng tiến độ"}
        assert words.get(state, "chưa đến hạn") in text(cell.select_one(".state"))
    assert {"met", "on_way", "not_due", "started", "no_data"} <= seen


def test_every_median_of_points_is_found_again(pages, period):
    kinds = period.catalogue.unit_types["name_vi"]
    types = dict(zip(period.due["code"], period.due["type"].map(kinds), strict=True))
    titles = {period.framework(f)["title"]["vi"]: f for f in period.plan.frameworks}
    scores = period.tables.scores
    scores = scores[(scores["level"] == "framework") & (scores["measured"] != 0)]
    found = 0
    for row, group, cell in scoreboard_of(pages["home"]):
        if text(row.select_one("th .detail")) == "không đặt mục tiêu":
            own = scores[scores["framework"] == titles[text(row.select_one("th a"))]]
            own = own[own["reporting_unit"].astype(object).map(types) == group]["score"].dropna()
            assert text(cell.select_one("b")).startswith(f"{printed(own.median())}/")
            assert text(cell.select_one(".n")) == f"n = {len(own)}"
            found += 1
    assert found >= 5


def test_the_map_prints_the_points_of_who_is_ranked_and_of_nobody_else(pages, period):
    scores = period.tables.scores
    first = period.framework()["framework"]
    of_it = (scores["level"] == "framework") & (scores["framework"] == first)
    ranked = scores[of_it & scores["rank"].notna()].set_index("reporting_unit")["score"]
    expected = {n: printed(ranked[c]) if c in ranked else "…" for c, n in period.names.items()}
    for page in pages.values():
        tiles = page.select(".tiles li:not(.part)")
        assert len(tiles) == 63
        for tile in tiles:
            assert text(tile.select_one("b")) == expected[tile["title"].partition(":")[0]]
        shown = sum(text(tile.select_one("b")) != "…" for tile in tiles)
        assert f"n = {shown} tỉnh" in text(page)


def test_what_changed_is_of_the_same_units_and_the_largest_of_its_framework(pages, period, both):
    def change(framework, code):
        rows = [v[(v["framework"] == framework) & (v["indicator"] == code)].dropna() for v in
                both[0].values()]  # fmt: skip
        pairs = rows[0].merge(rows[1], on="reporting_unit", suffixes=("", "_then"))
        then = 100 * pairs["numerator_then"].sum() / pairs["denominator_then"].sum()
        return then, share(pairs), len(pairs)

    for page in pages.values():
        told = page.select("#changes li") or page.select("section:has(#changes) li")
        assert len(told) == 3
        for line in told:
            framework, code = indicator_of(period, text(line.select_one("a")))
            then, now, n = change(framework, code)
            said = text(line)
            assert f"từ {printed(then)} % thành {printed(now)} %" in said
            moved = round(now, 1) - round(then, 1)
            sign = "+" if moved > 0 else ""
            assert f"({sign}{printed(moved)} điểm phần trăm)" in said and f"n = {n} đơn vị" in said
            others = [change(framework, c) for c in period.framework(framework)["indicators"]]
            largest = max(abs(round(b, 1) - round(a, 1)) for a, b, k in others if k)
            assert abs(moved) == pytest.approx(largest)


def test_what_is_overdue_is_counted_again_from_the_registers(pages, period):
    end = pd.Timestamp(period.plan.end)
    for form in ("tasks", "recommendations"):
        described = period.catalogue.forms[form]
        held = period.tables.records
        held = held[held["form"] == form]
        rows = [held["source_file"].astype(object), held["row"]]
        wide = held.assign(attribute=held["attribute"].astype(object)).pivot(
            index=["source_file", "row"], columns="attribute", values="entry"
        )
        required = [c for c, a in described["attributes"].items() if a.get("required")]
        whole = ~(held["obs_status"] == "V").groupby(rows).any()
        wide = wide[whole.reindex(wide.index) & wide[required].notna().all(axis=1)]
        opened, due, closed = (
            pd.to_datetime(wide[described["dates"][k]], errors="coerce")
            for k in ("opened", "due", "closed")
        )
        still = (opened <= end) & ~(closed <= end)
        late = still & (due < end)
        what = described["unit_text"]["vi"]
        days = (end - due[late]).dt.days.max()
        expected = (
            f"{late.sum()} trong {still.sum()} {what} chưa xong đã quá hạn tại ngày "
            f"{end:%d/%m/%Y}; lâu nhất {days} ngày."
        )
        for page in pages.values():
            assert expected in text(page)


def test_the_key_sentence_counts_the_scoreboard(pages):
    for page in pages.values():
        states = [cell["class"][0] for _, _, cell in scoreboard_of(page)]
        compared = [s for s in states if s in ("is-met", "is-on_way", "is-not_due", "is-not_met")]
        met, way = compared.count("is-met"), compared.count("is-on_way")
        said = text(page.select_one("p.key"))
        assert f"{met} trong {len(compared)} kết quả của các nhóm đơn vị đã đạt mục tiêu" in said
        assert f"{way} đúng tiến độ" in said


def test_each_figure_leads_to_a_page_and_every_state_has_words(pages):
    home_links = [a["href"] for a in pages["home"].select(".board a, .told a, .tiles a")]
    assert home_links and all(h.startswith(f"{PERIOD}/") for h in home_links)
    for _, _, cell in scoreboard_of(pages["home"]):
        assert cell.select_one("a[href]") and cell.select_one(".n")
        named = cell["class"][0] == "is-no_target" or cell.select_one(".state")
        assert named, "told without colour, too"
    assert "Dữ liệu minh họa (synthetic)" in text(pages["home"])
    assert text(pages["home"]).count("Quý II năm 2022") >= 2


HEADINGS = ("#board", "#map", "#changes", "#overdue", "#plan", ".tiles", ".board", ".first-bars")


def test_a_period_without_frameworks_tells_who_sent_figures_and_nothing_else(tmp_path):
    loaded = load("pci-2010")
    told = told_of(loaded)
    assert told["key"] == "63 trong 63 đơn vị có số liệu dùng được."
    index = written(tmp_path, loaded, told)
    page = BeautifulSoup(home.html(tmp_path, report.Context()), "html.parser")
    for shown in (index, page):
        assert [h for h in HEADINGS if shown.select(h)] == []
        assert "63 trong 63" in text(shown.select_one("p.key"))


def test_few_units_are_columns_of_their_own():
    loaded = load("2024")
    few = replace(loaded, due=loaded.due.head(3))
    board = scoreboard.board(few)
    assert board["groups"] == list(few.names.values())
    (row,) = board["rows"]
    scores = few.tables.scores
    whole = scores[scores["level"] == "framework"].set_index("reporting_unit")["score"]
    figures = [c["figure"].partition("/")[0] for c in row["cells"]]
    assert figures == [printed(whole[c]) for c in few.due["code"]]


def test_while_no_target_is_due_nothing_is_told_as_not_reached():
    def told(*states: str) -> str:
        return scoreboard.distance(
            {"groups": ["Bộ"], "rows": [{"cells": [{"state": state}]} for state in states]}
        )

    assert told("not_due", "on_way", "no_data").startswith("Chưa kết quả nào trong 2 kết quả")
    assert told("not_due", "not_met").startswith("0 trong 2 kết quả")
    assert told("no_data") == ""


def test_without_a_period_before_or_a_target_neither_change_nor_target_is_told(tmp_path):
    loaded = load("2024")
    alone = replace(loaded, plan=replace(loaded.plan, regime="another"))
    told = told_of(alone)
    assert "Tăng nhiều nhất" not in told["key"] and "mục tiêu" not in told["key"]
    index = written(tmp_path, alone, told)
    page = BeautifulSoup(home.html(tmp_path, report.Context()), "html.parser")
    for shown in (index, page):
        assert shown.select(".board") and not shown.select("#changes, #overdue, .state")


def test_what_no_page_of_the_site_shows_is_not_told():
    told = first_screen.of_period(load("2024"), [])
    assert told["board"]["rows"] == [] and told["changes"]["items"] == told["overdue"] == []


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"board": {"groups": ["<b>"], "rows": [{"href": "javascript:alert(1)"}]}},
        {"overdue": [{"text": "x", "href": "https://example.org/a.html"}]},
        {"overdue": [{"text": "x", "href": "../../a.html"}], "bars": "all", "furthest": 1},
        {"changes": {"before": 1, "items": 2}, "map": {"tiles": [None]}},
    ],
)
def test_a_receipt_of_somebody_tells_nothing_that_is_not_of_its_shape(tmp_path, broken):
    (tmp_path / "2024").mkdir()
    stated = {"title": "T", "key": "k", "synthetic": False, "pages": [], "first_screen": broken}
    (tmp_path / "2024/receipt.json").write_text(json.dumps(stated), "utf-8")
    page = home.html(tmp_path, report.Context()).decode()
    assert 'href="2024/index.html"' in page
    assert not [bad for bad in ("javascript:", "example.org", "../../a", "<b>") if bad in page]


def test_a_period_of_one_province_does_not_stand_for_the_country(tmp_path):
    """However new it is, while there is one of the whole country."""
    row = {"theme": "t", "what": "w", "wanted": "≥ 1 %", "by": "", "more": 0, "href": "a.html"}
    cell = {"state": "met", "figure": "1 %", "n": 1, "reached": 1, "judged": 1}
    for code, nation in (("2024", True), ("2026-Q3", False), ("2023", True)):
        (tmp_path / code).mkdir()
        told = {"national": nation, "furthest": "", "board": {"groups": [code], "rows": [row]}}
        told["board"]["rows"] = [row | {"cells": [cell]}]
        stated = {"title": code, "key": f"k{code}", "synthetic": False, "pages": []}
        data = receipt.text(**stated, first_screen=told)
        (tmp_path / code / "receipt.json").write_bytes(data)
    page = BeautifulSoup(home.html(tmp_path, report.Context()), "html.parser")
    assert text(page.select(".board thead th")[1]) == "2024"
    assert text(page.select_one("p.key")) == "k2024"
