import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.language import words


@pytest.mark.parametrize(
    "text", ["Tỉnh Đắk Lắk", "tinh dak lak", "TỈNH  ĐẮK LẮK ", "Tỉnh\u00a0Đắk\u200b Lắk"]
)
def test_spellings_of_a_name_fold_to_one(text):
    for form in ("NFC", "NFD"):
        assert words.fold(unicodedata.normalize(form, text)) == "tinh dak lak"


@given(st.text())
def test_fold_is_stable_and_plain(text):
    folded = words.fold(text)
    assert words.fold(folded) == folded
    assert folded.isascii()


@pytest.mark.parametrize(
    "text, english",
    [
        ("1.234.567", "1,234,567"),
        ("-1.234,50", "-1,234.50"),
        ("1,5–2.000", "1.5–2,000"),
        ("31/12/2022", "31 Dec 2022"),
        ("99/99/2022", "99/99/2022"),
        ("1.2", "1.2"),
        ("5 (kỳ trước 6)", "5 (kỳ trước 6)"),
        ("…", "…"),
    ],
)
def test_figures_and_days_in_a_message_are_written_for_english_readers(text, english):
    assert words.in_english(text) == english


def test_numbers_are_written_as_vietnamese_readers_expect():
    assert words.number(1234567) == "1.234.567"
    assert words.number(1234.5, 1) == "1.234,5"
    assert words.number(1234.5, 1) == "1.234,5"
    assert words.percent(12.5) == "12,5 %"
    assert [words.short(v) for v in (18.0, 4.5, 15.567)] == ["18", "4,5", "15,57"]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_missing_is_an_ellipsis_never_zero(missing):
    assert words.number(missing) == words.MISSING
    assert words.percent(missing) == words.short(missing) == words.MISSING


@given(st.floats(-1e9, 1e9) | st.floats(-0.1, 0.0), st.integers(0, 4))
def test_no_minus_stands_before_nothing_but_noughts(value, decimals):
    written = words.number(value, decimals), words.percent(value, decimals)
    for text in (*written, words.short(value), words.rounded(value)):
        assert not text.startswith(("-", words.MINUS)) or set(text) & set("123456789")


def test_what_rounds_to_nothing_is_written_without_a_sign():
    assert (words.number(-0.001, 2), words.number(-0.4), words.short(-0.0)) == ("0,00", "0", "0")
    assert words.number(-0.005001, 2) == "−0,01"


@pytest.mark.parametrize(
    ("value", "written", "drawn"),
    [
        (1363.6, "1.364", 1364),
        (100.4, "100", 100),
        (99.96, "100,0", 100.0),
        (99.94, "99,9", 99.9),
        (10, "10,0", 10.0),
        (9.996, "10,00", 10.0),
        (1, "1,00", 1.0),
        (0.996, "1,00", 1.0),
        (0.994, "0,99", 0.99),
        (0.1, "0,10", 0.1),
        (0.0999, "0,100", 0.1),
        (0.01234, "0,012", 0.012),
        (-8.4166, "−8,42", -8.42),
        (0, "0", 0),
    ],
)
def test_three_figures_are_significant_and_two_below_one(value, written, drawn):
    assert words.rounded(value) == written
    assert words.shown(value) == drawn


def test_what_is_missing_is_drawn_nowhere_and_written_as_missing():
    assert words.rounded(None) == words.day(None) == words.MISSING
    assert pd.isna(words.shown(None))


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [(0.125, 2, "0,12"), (0.375, 2, "0,38"), (2.5, 0, "2"), (3.5, 0, "4"), (15.565, 2, "15,56")],
)
def test_a_half_is_rounded_to_the_even_digit_of_what_is_held(value, decimals, written):
    """15.565 is held as 15.56499…"""
    assert words.number(value, decimals) == written


@pytest.mark.parametrize(
    ("text", "within"),
    [("Có số", "có số"), ("UBND tỉnh", "UBND tỉnh"), ("A", "A"), ("a", "a"), ("", "")],
)
def test_a_sentence_goes_on_small_unless_it_begins_with_an_abbreviation(text, within):
    assert words.within(text) == within


def test_a_name_that_may_be_two_means_none():
    names = {"lao cai": "10", "tinh lao cai": "15", "hue": "46"}
    assert words.meant("UBND thành phố Huế", names) == "46"
    assert words.meant("Tỉnh Lào Cai", names) is None
    assert words.meant("Lào Cai", names) == "10" and words.meant("Hà Tây", names) is None


def test_what_does_not_show_is_not_printed_but_lines_and_tabs_are():
    assert words.printable("a\x1b[31m\u202eb\tc\n") == "a[31mb\tc\n"
    assert words.printable("Đắk Lắk") == "Đắk Lắk"
