"""Links of a real build: each leads somewhere, and what a reader looks for is near."""

import re
from collections import deque
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest
from shared import Page

from analysis.catalogue import catalogue as cat
from analysis.language.languages import using
from analysis.period import load
from analysis.render import report
from analysis.site import method_page, planning, share, verify

STATE = ("explore",)
"""Pages whose script reads what is behind the "#"."""


@pytest.fixture(scope="module")
def reports(built_root, built_sites) -> Path:
    return built_root / "reports"


@cache
def read(path: Path) -> Page:
    return Page(path.read_text("utf-8"))


def pages(folder: Path) -> list[Path]:
    return [p for p in sorted(folder.rglob("*.html")) if "templates" not in p.parts]


def dead(folder: Path) -> list[str]:
    """Links of the pages below ``folder`` that lead to no file, or to no anchor of a page."""
    found = []
    for path in pages(folder):
        for href in read(path).links:
            if href.startswith("data:"):
                continue
            where, _, anchor = href.partition("#")
            target = (path.parent / unquote(where)).resolve() if where else path.resolve()
            if not target.is_file():
                found.append(f"{path.relative_to(folder)} → {href}")
            elif anchor and target.suffix == ".html" and not target.stem.startswith(STATE):
                ids = read(target).ids
                if anchor not in ids and unquote(anchor) not in ids:
                    found.append(f"{path.relative_to(folder)} → {href}")
    return found


def test_every_link_and_anchor_of_a_built_site_leads_somewhere(reports):
    assert len(pages(reports)) > 60
    assert dead(reports) == []


def test_no_anchor_is_there_twice(reports):
    for path in pages(reports):
        ids = read(path).ids
        assert len(ids) == len(set(ids)), (path, {i for i in ids if ids.count(i) > 1})


def test_an_archive_for_the_public_leads_to_nothing_that_is_left_out(
    built_root, built_sites, tmp_path
):
    year, languages = load("2024", built_root), ["vi", "en"]
    for lang in languages:
        planned = planning.plan(year, units=["46"], lang=lang, languages=languages)
        with using(lang):
            share.gathered(year, planned, tmp_path / "out" / report.folder(lang), public=True)
    assert dead(tmp_path / "out") == []
    texts = {p.name: p.read_text("utf-8") for p in pages(tmp_path / "out")}
    assert "submissions.html" not in texts and "method.html" in texts
    for name, text in texts.items():
        assert not re.search(r"href=['\"][^'\"]*(submissions|units/)", text), name


def test_units_indicators_and_forms_in_tables_are_links(reports):
    tables = (reports / "2026-Q3/targets-qd766.html").read_text("utf-8")
    assert "<td><a class='to' href='../method.html#i-qd766-" in tables
    league = (reports / "2024/ranking.html").read_text("utf-8")
    assert "<a class='to' href='units/46.html'>" in league
    own = (reports / "2024/units/46.html").read_text("utf-8")
    assert "href='../../method.html#i-qd766_groups-" in own
    assert "<a class='to' href='../units/46.html'>" not in own, "no page leads to itself"


def test_every_indicator_form_and_term_has_its_place_on_the_page_of_methods(built_root, reports):
    catalogue = cat.load(built_root)
    for path in (reports / "method.html", reports / "en/method.html"):
        ids = set(read(path).ids)
        wanted = {
            method_page.indicator(code, own)
            for code, framework in catalogue.frameworks.items()
            for own in framework["indicators"]
        }
        wanted |= {method_page.framework(code) for code in catalogue.frameworks}
        wanted |= {method_page.form(code) for code in catalogue.forms}
        assert wanted <= ids
        assert {f"chapter-{n}" for n in range(1, 16)} <= ids
        assert sum(i.startswith("term-") for i in ids) > 40


def _clicks(reports: Path) -> dict[str, int]:
    """How many clicks each file and anchor is away from the home page."""
    found, waiting = {"index.html": 0}, deque(["index.html"])
    while waiting:
        name = waiting.popleft()
        for href in read(reports / name).links if name.endswith(".html") else ():
            where, _, anchor = href.partition("#")
            if href.startswith("data:"):
                continue
            path = PurePosixPath(name).parent / unquote(where) if where else PurePosixPath(name)
            target = (reports / path).resolve().relative_to(reports.resolve()).as_posix()
            found.setdefault(f"{target}#{anchor}" if anchor else target, found[name] + 1)
            if target not in found or (target not in waiting and found[target] == found[name] + 1):
                found.setdefault(target, found[name] + 1)
                waiting.append(target)
    return found


def test_a_unit_a_method_and_data_for_a_program_are_three_clicks_from_home_at_most(reports):
    away = _clicks(reports)
    units = {f"{u.parent.parent.name}/units/{u.name}" for u in reports.glob("*/units/*.html")}
    assert units and {u: away.get(u) for u in units if away.get(u, 9) > 3} == {}
    methods = [f"method.html#{i}" for i in read(reports / "method.html").ids if i.startswith("i-")]
    assert methods and max(away[m] for m in methods) <= 3
    packs = [name for name in away if name.endswith("-data.zip")]
    assert len(packs) >= 4 and max(away[p] for p in packs) <= 3


def test_the_menu_of_a_page_names_the_pages_of_its_period_and_itself_in_others(reports):
    text = (reports / "2022-Q2/glance.html").read_text("utf-8")
    bar = re.search(r"<!--menus-->(.*?)<!--/menus-->", text, re.S)[1]
    assert "<a href='glance.html' aria-current='page'>" in bar
    assert "href='../2026-Q3/glance.html'" in bar and "2022-Q2" not in bar
    listed = set(re.findall(r"href='([\w-]+\.html)'", bar))
    built = {p.name for p in (reports / "2022-Q2").glob("*.html")}
    assert listed == built - {p for p in built if p.startswith("explore-")}
    assert len(re.findall("<strong>", bar)) > 4, "by the plan's groups of tasks"


def test_a_page_that_came_later_is_in_the_menus_of_those_before(built_root, built_sites, reports):
    """They are still as they were recorded, and nothing need be built again."""
    early = (reports / "2026-Q3/glance.html").read_text("utf-8")
    assert "href='../2022-Q2/glance.html'" in early and "href='../2024/glance.html'" in early
    for folder in ("2026-Q3", "2022-Q2", "2024", "apci-2022"):
        found = verify.site(reports / folder, built_root).differences
        assert found[found["part"] == "page"].empty, folder
    planned = planning.plan(load("2026-Q3", built_root), units=["25", "H44.42"])
    assert [p.reasons for p in planned.due] == []
