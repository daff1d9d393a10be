"""Columns of tables in Word: whole words, room for what is long, smaller letters for many."""

import re

from hypothesis import given
from hypothesis import strategies as st

from analysis.render import word_tables

WORDS = st.lists(st.text("abcđê ", min_size=1, max_size=40), min_size=2, max_size=4)


def table(*columns: list[str]) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        for row in zip(*columns, strict=True)
    )
    return f"<table class='data'>{rows}</table>"


def told(html: str) -> list[float]:
    return [float(w) for w in re.findall(r"width:([\d.]+)%", html)]


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_widths_fill_the_page_and_no_column_is_narrower_than_its_longest_word(columns):
    rows = min(map(len, columns))
    columns = [[text.strip() for text in texts[:rows]] for texts in columns]
    found = word_tables.widths(columns)
    assert abs(sum(found) - 100) < 1
    assert told(word_tables.with_widths(table(*columns))) == found
    need = [max((len(w) for t in texts for w in t.split()), default=0) for texts in columns]
    if sum(max(n, word_tables.PHRASE) + 3 for n in need) <= word_tables.ABREAST:
        letters = [w * word_tables.ABREAST / 100 for w in found]
        assert all(has > n for has, n in zip(letters, need, strict=True))


def test_a_long_text_has_the_room_that_figures_leave():
    name, figure = ["Chỉ tiêu", "Tỷ lệ hồ sơ nộp trực tuyến"], ["Tỷ lệ", "43,5 %"]
    first, *rest = word_tables.widths([name, figure, figure])
    assert first > 2 * max(rest)


def test_a_table_of_many_columns_is_set_in_smaller_letters():
    narrow, word = table(["a", "b"]), ["Mục", "31/12/2022"]
    assert "custom-style" not in word_tables.with_widths(narrow)
    assert "'Dense'" in word_tables.with_widths(table(*[word] * 6))
    assert "'Densest'" in word_tables.with_widths(table(*[word] * 9))


def test_what_is_no_table_of_ours_stays():
    html = "<table class='letter'><tr><td>a</td></tr></table><p>&lt;table class='data'&gt;</p>"
    assert word_tables.with_widths(html) == html
