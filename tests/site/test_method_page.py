"""The page of methods and terms: all of the catalogue, what is documented, no link elsewhere."""

import re
from dataclasses import replace
from datetime import date

import pytest
from shared import Page

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.language import languages
from analysis.render import report
from analysis.site import method_page, named_things


@pytest.fixture(scope="module")
def catalogue():
    return cat.load(project.PROJECT)


@pytest.fixture(scope="module", params=languages.LANGUAGES)
def shown(request, catalogue) -> str:
    used = {
        "name": "a",
        "output": "a.html",
        "title": "<Trang>",
        "parameters": {"framework": "nq01"},
    }
    odd = {"name": "b", "output": "b.html", "title": "b", "parameters": "theirs"}
    site = {"title": "Quý <II>", "index": "index.html", "pages": [used, odd]}
    with languages.using(request.param):
        context = report.Context(lang=request.param)
        return method_page.html(catalogue, context, {"2022-Q2": site, "theirs": None}).decode()


def test_each_indicator_says_what_it_is_made_of_and_where_it_is_used(shown, catalogue):
    page = Page(shown)
    assert "&lt;Trang&gt; (Quý &lt;II&gt;)" in shown and "2022-Q2/a.html" in page.links
    own = shown.partition('id="i-nq01-online_dossier_share"')[2].partition("</dl>")[0]
    described = catalogue.frameworks["nq01"]["indicators"]["online_dossier_share"]["formula"]
    items = catalogue.forms["egov"]["items"]
    lang = re.search('lang="(..)"', shown)[1]
    for part in described["ratio"].values():
        for item in part:
            assert f'<a href="#form-egov">{items[item]["name"][lang]}</a>' in own
    assert "≥" in own, "its targets"


def test_every_link_of_the_page_leads_to_a_place_on_it(shown):
    page = Page(shown)
    assert len(page.ids) == len(set(page.ids))
    inside = {href[1:] for href in page.links if href.startswith("#")}
    assert len(inside) > 100 and inside <= set(page.ids)
    assert not [h for h in page.links if h.endswith(".md") or "://" in h]


def test_the_page_is_light(shown):
    assert len(shown.encode()) < 400 * 1024


def test_words_in_bold_of_the_glossary_are_links_and_each_has_its_place():
    vi, terms = {t.text: t.href for t in named_things.terms()}, method_page.terms()
    assert "độ phủ" in vi and "giá trị" not in vi
    assert {href.partition("#")[2] for href in vi.values()} <= {t.anchor for t in terms}
    assert len({t.anchor for t in terms}) == len(terms) > 40
    assert all(t.said and t.meant for t in terms)


def test_documentation_is_text_and_leads_to_chapters_alone(tmp_path, monkeypatch):
    folder = tmp_path / "method"
    folder.mkdir()
    text = "# 2. Một <i>\n\n[a](01-x.md#y) [b](../rules.md) [c](../glossary.md)\n\n## <b>Mục</b>\n"
    (folder / "02-y.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(method_page, "DOCS", tmp_path)
    method_page.chapters.cache_clear()
    try:
        (chapter,) = method_page.chapters()
        assert method_page.terms() == []
    finally:
        method_page.chapters.cache_clear()
    assert (chapter["number"], chapter["title"]) == (2, "Một <i>")
    assert '<a href="#chapter-1">a</a> b <a href="#terms">c</a>' in chapter["html"]
    assert '<h4 id="chapter-2-1">&lt;b&gt;Mục&lt;/b&gt;</h4>' in chapter["html"]


def test_it_can_be_searched_for(catalogue):
    page, *indicators = method_page.searched(catalogue)
    assert len(indicators) == sum(len(f["indicators"]) for f in catalogue.frameworks.values())
    assert ["term-screen-coverage", "sàng lọc, độ phủ"] in page[4]


def test_a_framework_of_a_later_year_has_its_place_and_stops_nothing(catalogue):
    held = catalogue
    code, stated = next(iter(held.frameworks.items()))
    later = {k: v for k, v in stated.items() if k != "source"}
    own = next(iter(later["indicators"]))
    name = {date(2999, 1, 1): {"vi": "Chỉ tiêu của năm sau", "en": "Of a later year"}}
    indicators = later["indicators"] | {own: later["indicators"][own] | {"name": name}}
    held = replace(held, frameworks={**held.frameworks, code: later | {"indicators": indicators}})
    page = method_page.html(held, report.Context(), {}).decode("utf-8")
    assert "Chỉ tiêu của năm sau" in page
