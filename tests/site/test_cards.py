"""Cards of an index: the first sentence of a page, its figure, the group in which it stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from analysis.site import cards

GROUPS = {1: {"vi": "Một", "en": "One"}, 3: {"vi": "Ba", "en": "Three"}}
SYSTEMS = [
    {"group": 1, "pages": ["2022-Q2/over_time", "2024/ranking"], "frameworks": ["tasks"]},
    {"group": 3, "pages": ["2022-Q2/targets-nq01"], "frameworks": ["nq01"]},
]


@pytest.mark.parametrize(
    "whole, first",
    [
        ("Trung vị 24,2/26 điểm. Cao nhất: Huế.", "Trung vị 24,2/26 điểm."),
        ("Ở TP. Hồ Chí Minh có 1.234 hồ sơ. Hết.", "Ở TP. Hồ Chí Minh có 1.234 hồ sơ."),
        ("Không đổi", "Không đổi"),
        ("Có ba việc. 12 trong 93 đơn vị xong.", "Có ba việc."),
    ],
)
def test_a_card_ends_with_the_first_sentence(tmp_path, whole, first):
    page = tmp_path / "a.html"
    page.write_text(f"<h1>T</h1><p class='key'><a href='#x'>{whole}</a></p><p class='key'>z</p>")
    assert cards.lead(page) == first


def test_a_page_without_a_key_sentence_or_without_a_page_has_no_lead(tmp_path):
    (tmp_path / "a.html").write_text("<p>nothing</p>")
    assert cards.lead(tmp_path / "a.html") == cards.lead(tmp_path / "b.html") == ""


@given(st.text(alphabet=st.sampled_from("aĐ1 .,;:!?%<&")))
def test_a_first_sentence_is_a_beginning_and_stays_text(whole):
    first = cards.first_sentence(whole)
    assert whole.startswith(first.removesuffix(" …")) and len(first) <= 235
    shown = cards.marked(first)
    assert re.sub("</?b>", "", shown) == str(Markup.escape(first)) and shown.count("<b>") <= 1


def test_a_long_sentence_ends_where_it_is_divided():
    long = "một hai ba bốn năm sáu, " * 20
    assert cards.first_sentence(long).endswith("sáu …") and len(cards.first_sentence(long)) < 235


@pytest.mark.parametrize(
    "sentence, figure",
    [
        ("Nghị quyết 01: đến 31/12/2025 có 12 trong 93 đơn vị", "12 trong 93"),
        ("Kỳ 2022-Q1: trung vị 24,2/26 điểm", "24,2/26"),
        ("Đạt −1,5 % và 3", "−1,5 %"),
        ("Không có số nào", None),
    ],
)
def test_the_figure_of_a_card_is_no_date_and_no_name(sentence, figure):
    found = re.findall("<b>(.*?)</b>", cards.marked(sentence))
    assert found == ([figure] if figure else [])


def test_pages_stand_in_their_groups_also_those_of_a_period_that_the_plan_does_not_name():
    asked = [("glance", ""), ("targets-nq01", "nq01"), ("ranking", ""), ("targets-tasks", "tasks")]
    listed = [{"code": c, "framework": f} for c, f in asked]
    found = cards.grouped(listed, "2031-Q1", SYSTEMS, GROUPS)
    assert [(g["name"], [c["code"] for c in g["cards"]]) for g in found] == [
        ("Tổng quan", ["glance"]),
        ("Một", ["ranking", "targets-tasks"]),
        ("Ba", ["targets-nq01"]),
    ]
