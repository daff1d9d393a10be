"""The page over all periods: its figures are those of the tables of each period, nothing is joined
that is not declared to be, and what no page of a period shows is not there."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from analysis.catalogue import catalogue as cat
from analysis.history import history
from analysis.language import words
from analysis.period import load
from analysis.render import report
from analysis.site import (
    across,
    across_data,
    explorer,
    explorer_data,
    home,
    method_page,
    receipt,
    subjects,
)
from analysis.site.site_search import literal
from analysis.storage import files

YEARS = ["2022", "2023", "2024"]
HELD = re.compile(r"<script>const held = (.*);$", re.M)


def laid(reports, folder: str, page: bytes, synthetic: bool = False) -> None:
    """A site of which only the page on which a reader asks is there."""
    site = reports / folder
    site.mkdir()
    (site / "explore.html").write_bytes(page)
    written = {"explore.html": files.sha256(site / "explore.html")}
    told = {"title": folder, "key": "Kết quả.", "pages": [], "synthetic": synthetic}
    (site / "receipt.json").write_bytes(receipt.text(**told, written=written))


def read(reports) -> list[across_data.Series]:
    return across_data.read(reports, home.receipts(reports))


def asked(loaded) -> bytes:
    pages = subjects.of(loaded).pages
    shown = [SimpleNamespace(page=p, output=p.output, status="ok") for p in pages]
    return explorer.pages(loaded, shown, report.Context(period=loaded.plan.key), [])["explore.html"]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    laid(folder, YEARS[-1], asked(load(YEARS[-1])))
    return folder


@pytest.fixture(scope="module")
def page(reports) -> str:
    (made,) = across.pages(read(reports), report.Context()).values()
    return made.decode("utf-8")


@pytest.fixture(scope="module")
def tables():
    """Year → printed values of indicators and scores, each by unit and code, from its tables."""
    found = {}
    for year in YEARS:
        own = load(year).tables
        values = own.indicator_values.astype({"reporting_unit": object, "indicator": object})
        scores = own.scores[own.scores["level"] != "indicator"].astype(
            {"reporting_unit": object, "code": object, "level": object}
        )
        ids = scores["level"].str[0] + "." + scores["code"]
        found[year] = {
            **{(u, f"v.{c}"): v for u, c, v in zip(
                values["reporting_unit"], values["indicator"], values["obs_value"], strict=True
            )},
            **dict(zip(zip(scores["reporting_unit"], ids, strict=True), scores["score"],
                       strict=True)),
        }  # fmt: skip
    return found


def test_its_figures_are_those_of_the_tables_of_each_period(page, tables):
    held = json.loads(HELD.search(page)[1])
    (one,) = held["frameworks"]
    assert one["periods"] == YEARS and held["view"] == "series"
    measures = {f"v.{i['code']}": (i["before"], i["values"]) for i in one["indicators"]}
    measures |= {e["id"]: (e["before"], e["scores"]) for e in one["tree"]["entries"]}
    compared = 0
    for own, (before, now) in measures.items():
        for year, column in zip(YEARS, [*before, now], strict=True):
            for (unit, _, _), value in zip(held["units"], column, strict=True):
                wanted = tables[year].get((unit, own), np.nan)
                assert (value is None) == np.isnan(wanted), (own, year, unit)
                if value is not None:
                    assert words.number(value, 2) == words.number(wanted, 2), (own, year, unit)
                    compared += 1
    assert compared > 1000
    assert one["tree"]["normalised"] == [], "nothing to compute other scores from"


def test_without_script_it_is_a_table_of_the_same_figures(page, tables):
    told, figures = BeautifulSoup(page, "html.parser").select("#figures ~ details table.data")
    heads = [th.text for th in figures.select("thead th")]
    rows = [[td.text for td in tr.select("td")] for tr in figures.select("tbody tr")]
    shown = pd.DataFrame(rows, columns=heads)
    units = load("2024").names
    whole = {
        (units[unit], year): words.number(score, 2)
        for year in YEARS
        for (unit, own), score in tables[year].items()
        if own == "f.qd766_groups" and not np.isnan(score)
    }
    got = zip(shown["Đơn vị"], shown["Kỳ báo cáo"], shown["Tổng điểm"], strict=True)
    assert {(u, y): s for u, y, s in got if s != words.MISSING} == whole and len(whole) > 90
    cells = [[td.text for td in tr.select("td")] for tr in told.select("tbody tr")]
    scored = [{u for u, _ in tables[year] if not np.isnan(tables[year][u, _])} for year in YEARS]
    first, *later = (len(s) for s in scored)
    both = [len(then & now) for then, now in zip(scored, scored[1:], strict=False)]
    counts = [f"{first}", *(f"{n} ({m})" for n, m in zip(later, both, strict=True))]
    assert [row[:2] for row in cells] == [list(r) for r in zip(YEARS, counts, strict=True)]
    assert [row[2] for row in cells] == ["–", "mọi chỉ tiêu", "–"], "2022 covers a part of its days"


def test_home_and_each_period_lead_to_it(reports, monkeypatch):
    monkeypatch.setattr(method_page, "html", lambda *_: b"")  # it takes longer than all the rest
    made = home.above(report.Context(), reports, cat.load())
    assert "href='explore.html'" in made["index.html"].decode().replace('"', "'")
    assert len(made["explore.html"]) <= 400 * 1024
    own = (reports / "2024/explore.html").read_text("utf-8")
    assert '<a href="../explore.html">' in own
    links = {a["href"] for a in BeautifulSoup(made["explore.html"], "html.parser").select("a")}
    assert "index.html" in links


# What is joined, and what is not


def framework(periods, rows: dict, code="f", breaks=(), **more) -> bytes:
    """The page of a period with one indicator; ``rows``: unit → values by period."""
    *before, now = [list(column) for column in zip(*rows.values(), strict=True)]
    one = {"code": "x", "name": "Tỷ lệ", "percent": True, "direction": 1, "values": now,
           "before": before, "breaks": list(breaks)}  # fmt: skip
    held = {"code": code, "title": code, "basis": "Luật", "groups": ["Tỉnh"], "tree": None,
            "group": [0] * len(rows), "periods": periods, "indicators": [one], **more}  # fmt: skip
    units = [[unit, f"Tỉnh {unit}", ""] for unit in rows]
    text = literal({"units": units, "frameworks": [held]})
    return f"<script>const held = {text};\n</script>".encode()


def test_a_newer_period_tells_of_its_own_units_and_an_older_one_of_those_that_are_gone(tmp_path):
    laid(tmp_path, "2021", framework(["2020", "2021"], {"A": [1, 2], "B": [3, 4]}))
    laid(tmp_path, "2023", framework(["2021", "2022", "2023"], {"A": [None, 6, 7.04]}))
    (one,) = read(tmp_path)
    assert one.periods == ["2020", "2021", "2022", "2023"]
    rows = one.measures["v.x"].rows
    assert rows == {"A": [1, None, 6, 7], "B": [3, 4, None, None]}, "what is hidden stays hidden"
    assert one.units["B"].group == "Tỉnh, đến kỳ 2021" and one.groups() == ["Tỉnh"]
    assert one.some("2020", "Tỉnh") == {"A"}, "none is counted twice"
    assert one.measures["v.x"].breaks == frozenset()


def test_periods_of_which_no_page_says_that_they_follow_one_another_are_not_joined(tmp_path):
    laid(tmp_path, "2021", framework(["2020", "2021"], {"A": [1, 2]}, breaks=[1]))
    laid(tmp_path, "2023", framework(["2023"], {"A": [3]}))
    (one,) = read(tmp_path)
    assert one.measures["v.x"].breaks == {"2021", "2023"}


def test_another_frequency_is_another_series_and_an_earlier_state_is_none(tmp_path):
    laid(tmp_path, "2021", framework(["2020", "2021"], {"A": [1, 2]}))
    laid(tmp_path, "2021-Q1", framework(["2021-Q1"], {"A": [1]}))
    laid(tmp_path, "2021@2021-06-01", framework(["2021"], {"A": [9]}))
    found = read(tmp_path)
    assert [s.periods for s in found] == [["2020", "2021"], ["2021-Q1"]]
    assert across_data.titles(found) == [("f", "f"), ("f.Q", "f (theo quý)")]
    held = across_data.held(found)
    assert [f["code"] for f in held["frameworks"]] == ["f", "f.Q"]


def test_where_no_site_has_such_a_page_there_is_none(tmp_path):
    assert across.pages(read(tmp_path), report.Context()) == {}


def test_a_page_that_is_not_as_its_receipt_says_is_passed_over(tmp_path):
    laid(tmp_path, "2021", framework(["2021"], {"A": [1]}))
    laid(tmp_path, "2022", b"<script>const held = {};\n</script>")
    laid(tmp_path, "2023", framework(["2023"], {"A": [3]}))
    with (tmp_path / "2023/explore.html").open("ab") as file:
        file.write(b" ")
    (one,) = read(tmp_path)
    assert one.periods == ["2021"]


def test_figures_made_by_machine_are_marked_and_never_joined_with_real_ones(tmp_path, monkeypatch):
    held = [load(year) for year in YEARS]
    held[-1] = replace(held[-1], plan=replace(held[-1].plan, synthetic=True))
    monkeypatch.setattr(history, "periods", lambda *_, **__: held)
    found = explorer_data.framework(held[-1], "qd766_groups")
    assert found["synthetic"] == [False, False, True]
    assert found["tree"]["breaks"] == [1, 2]
    page = framework(["2020", "2021"], {"A": [1, 2]}, breaks=[1], synthetic=[True, False])
    laid(tmp_path, "2021", page)
    (made,) = across.pages(read(tmp_path), report.Context()).values()
    text = BeautifulSoup(made, "html.parser")
    rows = [[td.text for td in tr.select("td")] for tr in text.select("tbody tr")]
    laid(tmp_path, "2021-Q1", framework(["2021-Q1"], {"A": [7]}, code="g"), synthetic=True)
    (made,) = across.pages(read(tmp_path), report.Context()).values()
    assert b"<td>2021-Q1*</td>" in made, "beside real figures of another framework too"
    assert ["Tỉnh A", "2020*", "1,0 %"] in rows and ["Tỉnh A", "2021", "2,0 %"] in rows
    assert "do máy tạo" in text.select_one("main details").text


# How heavy it is


def test_beyond_its_weight_each_framework_has_a_page_and_that_the_last_periods(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(explorer, "MOST_BYTES", 160_000)
    years = [str(year) for year in range(2005, 2025)]
    rows = {f"{n:03d}": [round(n / 7 + k, 1) for k in range(len(years))] for n in range(199)}
    laid(tmp_path, "2024", framework(years, rows))
    laid(tmp_path, "2024-Q1", framework(["2024-Q1"], {"<b>": [1]}, code="g"))
    made = across.pages(read(tmp_path), report.Context(languages=["vi", "en"]))
    assert b'href="en/explore.html"' in made["explore-g.html"], "there may be no other in English"
    assert list(made) == ["explore.html", "explore-g.html"]
    assert max(map(len, made.values())) <= explorer.MOST_BYTES
    text = BeautifulSoup(made["explore.html"], "html.parser")
    told = re.search(r"chỉ có (\d+) kỳ cuối", text.text)
    rows = text.select("#figures ~ details table.data")[1].select("tbody tr")
    assert told and len(rows) == 199 * int(told[1]) and int(told[1]) >= 2
    assert [a["href"] for a in text.select("nav.links a")] == ["explore-g.html"]
    assert b"<b>" not in made["explore-g.html"]
