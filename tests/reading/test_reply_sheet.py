"""What tells a line of a list that comes back, however it was saved."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.language.words import plain
from analysis.reading import reply_sheet

SHEETS = st.text(
    st.characters(exclude_characters="[]:*?/\\", exclude_categories=["C"]), max_size=31
)


@given(SHEETS.map(plain), st.sampled_from(["", "E14", "ABC1234"]), st.text(max_size=300))
def test_a_code_says_what_it_was_made_of_however_it_is_tidied(sheet, cell, text):
    code = reply_sheet.code_of("jump", sheet, cell, text)
    rule, *place, value = reply_sheet.told_by(plain(code))
    assert (rule, *place) == ("jump", sheet, cell)
    assert reply_sheet.alike(value, text)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_another_figure_is_not_alike(one, other):
    assert reply_sheet.alike(str(one), f"{other}.0") == (one == other)


@given(st.text(max_size=60))
def test_no_code_stops_the_reading(text):
    told = reply_sheet.told_by(text)
    assert told is None or len(told) == 4
