"""Names on a page become links, and nothing else of it changes."""

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.site import menus
from analysis.site.leads import Leads
from analysis.site.named_things import Name

SHELL = "<header></header><!--menus--><!--/menus--><main id='content'>{}</main>"
HANOI = Name("Thành phố Hà Nội", "units/01.html")
SHARE = Name("Tỷ lệ hồ sơ nộp trực tuyến", "../method.html#i-a-online", "a")
OTHER = Name("Tỷ lệ hồ sơ nộp trực tuyến", "../method.html#i-b-online", "b")
COVER = Name("độ phủ", "../method.html#term-cover", once=True, any_case=True)
FORM = Name("egov", "../method.html#form-egov", alone=True)
HOSTILE = Name("<b>&\"' x", "units/9.html")
NAMES = [HANOI, SHARE, OTHER, COVER, FORM, HOSTILE, Name("Hà Nội", "units/wrong.html")]
GROUPS = [("Chung", [menus.Entry("index.html", "Tổng quan <1>"), menus.Entry("a.html", "A")])]


def leads(there=frozenset(), others=()) -> Leads:
    return Leads(NAMES, there.__contains__, GROUPS, lambda name: list(others))


def body(inside: str, framework: str = "", name: str = "a.html", **given) -> str:
    page = leads(**given).page(SHELL.format(inside), name, "a", framework)
    return re.search("<main id='content'>(.*)</main>", page, re.S)[1]


@pytest.mark.parametrize("element", ["<td>{}</td>", "<li>{}</li>", "<p class='key'>x {}, y</p>"])
def test_a_name_is_a_link_in_cells_lists_and_sentences(element):
    link = "<a class='to' href='units/01.html'>Thành phố Hà Nội</a>"
    assert body(element.format(HANOI.text)) == element.format(link)
    deeper = body(element.format(HANOI.text), name="units/02.html")
    assert "href='../units/01.html'" in deeper
    assert body(element.format(HANOI.text), name="units/01.html") == element.format(HANOI.text)


@pytest.mark.parametrize(
    "inside",
    [
        "<h2>Thành phố Hà Nội</h2>",
        "<p><a href='#x'>Thành phố Hà Nội</a></p>",
        "<figure><svg><text>Thành phố Hà Nội</text></svg></figure>",
        "<td><button>Thành phố Hà Nội</button></td>",
        "<p class='source'>Thành phố Hà Nội</p>",
        "<td title='Thành phố Hà Nội'>1</td>",
        "<td>Thành phố Hà Nộix</td>",
        "<td>egov và nữa</td>",
        "<pre>Thành phố Hà Nội</pre>",
        "<div>Thành phố Hà Nội</div>",
    ],
)
def test_what_is_no_name_in_a_text_stays(inside):
    assert "class='to'" not in body(inside)


def test_of_names_that_are_alike_the_page_means_that_of_its_framework():
    assert "#i-a-online" in body(f"<td>{SHARE.text}</td>")
    assert "#i-b-online" in body(f"<td>{SHARE.text}</td>", "b")


def test_a_term_is_a_link_where_it_is_first_said():
    text = body("<p>Độ phủ và độ phủ</p><td>độ phủ</td><p>độ phủ</p>")
    assert text.count("#term-cover") == 1 and text.startswith("<p><a class='to'")


def test_a_code_is_a_link_alone_and_a_chapter_is_found():
    assert "#form-egov" in body("<td> egov </td>")
    assert "'../method.html#chapter-13'>METHOD.md, mục 13</a>" in body("<p>METHOD.md, mục 13</p>")
    assert "<a class='to' href='../method.html'>METHOD.md</a>." in body("<p>METHOD.md.</p>")


def test_a_name_stays_text_whatever_it_holds():
    linked = body(f"<td>{escape(HOSTILE.text)}</td>")
    assert "<b>" not in linked


def test_a_link_to_a_page_that_is_not_there_waits_for_it():
    page = SHELL.format("<nav><a href='H1.html' class=\"x\">Đơn vị</a></nav>")
    without = leads().page(page, "units/01.html", "units/01")
    assert "<a data-href='H1.html' class=\"x\">" in without
    there = leads(there=frozenset({"units/H1.html"})).page(without, "units/01.html", "units/01")
    assert "<a href='H1.html' class=\"x\">" in there


def test_menus_say_where_one_is_and_are_written_anew():
    entry = menus.Entry("../2024/a.html", "Năm 2024 & nữa")
    page = leads(others=[entry]).page(SHELL.format(""), "a.html", "a")
    assert "<a href='a.html' aria-current='page'>A</a>" in page
    assert "Tổng quan &lt;1&gt;" in page and "Năm 2024 &amp; nữa" in page
    again = leads().page(page, "a.html", "a")
    assert "2024" not in again and again.count("<nav") == page.count("<nav") == 1


TEXTS = st.lists(
    st.sampled_from([n.text for n in NAMES] + ["", " ", ", ", "METHOD.md", "x", "<", "&amp;", "'"]),
    max_size=8,
).map("".join)


@given(TEXTS, st.sampled_from(["<td>{}</td>", "<p>{}</p>", "<li><b>{}</b> {}</li>", "<i>{}</i>"]))
def test_links_change_nothing_that_is_read_and_are_the_same_a_second_time(text, element):
    safe = escape(text)
    page = SHELL.format(element.format(safe, safe))
    once = leads().page(page, "a.html", "a")
    assert leads().page(once, "a.html", "a") == once
    shown = re.search("<main.*</main>", once, re.S)[0]
    bare = re.sub("<a class='to' href='[^'<>]*'>|</a>", "", shown)
    assert bare == re.search("<main.*</main>", page, re.S)[0]
