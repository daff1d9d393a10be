"""Names in the order in which Vietnamese readers look for them."""

import random

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.language import collation
from analysis.language.words import fold

NAMES = st.text(alphabet="aăâáàảãạắấbcdđeêghioôơuưy AĂĐ", max_size=8)

IN_ORDER = [
    *("An Giang", "Bắc Kạn", "Bạc Liêu", "Bắc Ninh", "Cần Thơ", "Da", "Đa", "Đà Nẵng"),
    *("ma", "mà", "mả", "mã", "má", "mạ", "mă", "mâ", "Quảng Ninh", "Quảng Trị", "Yên Bái"),
]


def test_names_stand_in_their_order_however_they_come_and_are_encoded():
    mixed = random.Random(1).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(mixed, key=collation.key) == IN_ORDER
    assert sorted(mixed) != IN_ORDER  # by the numbers of the letters they would not


@given(st.lists(NAMES, max_size=8))
def test_the_order_is_that_of_the_letters_without_marks_and_one_for_any_mixture(names):
    held = sorted(names, key=collation.key)
    assert [fold(n) for n in held] == sorted(map(fold, names))
    assert sorted(reversed(names), key=collation.key) == held


def test_a_table_is_sorted_by_figures_and_names_together():
    table = pd.DataFrame(
        {"n": [1.0, 2.0, 2.0, None], "name": ["Yên Bái", "Bạc Liêu", "Bắc Kạn", None]}
    )
    held = table.sort_values(["n", "name"], ascending=[False, True], key=collation.in_order)
    assert held["name"].tolist()[:3] == ["Bắc Kạn", "Bạc Liêu", "Yên Bái"]


def test_units_of_the_catalogue_are_all_told_apart():
    names = cat.load().units["name_vi"].unique()
    assert len({str(collation.key(name)) for name in names}) == len(names)
