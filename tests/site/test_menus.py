"""Menus: the pages of a period by the plan's groups of tasks, the same page in other periods."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from analysis.site import menus
from analysis.site.menus import Entry


def test_only_periods_that_have_the_page_are_named():
    receipt = {
        "title": "Năm",
        "index": "index.html",
        "pages": [{"name": "a", "output": "a~2.html"}],
    }
    sites = {"2024": receipt, "2023": {**receipt, "pages": []}, "theirs": None, "2022": receipt}
    assert menus.same(sites, "2022", "a") == [Entry("../2024/a~2.html", "Năm")]
    assert [e.href for e in menus.same(sites, "2022", "index")] == [
        "../2024/index.html",
        "../2023/index.html",
    ]


ODD = st.text("<>&'\"/-!x ", min_size=1).map(lambda t: f"§{t}§")


@given(ODD, ODD)
def test_no_title_or_address_ends_its_element(href, text):
    made = menus.menu([(text, [Entry(href, text)])], "", "") + menus.others([Entry(href, text)], "")
    bare = made.replace(escape(href), "").replace(escape(text), "")
    assert bare.count("<a href=''>") == 2 == bare.count("</a>") and "script" not in bare


def test_a_part_is_written_anew_whatever_it_says():
    filled = menus.replaced("a<!--x-->old<!--/x-->b", "x", menus.marked("x", r"\1 & new"))
    assert filled == r"a<!--x-->\1 & new<!--/x-->b"
