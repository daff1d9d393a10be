"""What the sender sees is what is read; where cell and sheet say different things, it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue
from analysis.reading import displayed, numbers

SYMBOLS = catalogue.load().parameters["missing_symbols"]
UNITS = ("hồ sơ TTHC", "dossiers")


def read(text, raw_type, shown, kind="count", units=UNITS):
    asked = numbers.Asked(kind, "vietnamese", units=units)
    return numbers.read(text, raw_type, shown, asked, SYMBOLS)[:3]


@pytest.mark.parametrize(
    ("text", "shown", "kind", "value", "rule"),
    [
        ("0.42", "42%", "percent", 42, "percent_format"),
        ("0.4237", "42%", "percent", 42.37, "percent_format"),
        ("0.4237", "42,4 %", "percent", 42.37, "percent_format"),
        ("42", "42%", "percent", 42, None),
        ("42", "4200%", "percent", None, "out_of_range"),
        ("0.42", "42%", "count", None, "unit_of_value"),
        ("0.42", "42%", "decimal", None, "unit_of_value"),
        ("600", "600 nghìn", "count", None, "shown_otherwise"),
        ("600", "600 nghìn hồ sơ", "count", None, "shown_otherwise"),
        ("600", "600K", "count", None, "shown_otherwise"),
        ("600", "600 ₫", "count", None, "shown_otherwise"),
        ("600", "600‰", "count", None, "shown_otherwise"),
        ("600", "600 hồ sơ", "count", 600, None),
        ("600", "600 dossiers", "count", 600, None),
        ("1234", "1", "count", None, "shown_otherwise"),
        ("1234", "1.2", "decimal", None, "shown_otherwise"),
        ("1234000", "1.234 tr", "decimal", None, "shown_otherwise"),
        ("300", "0", "count", None, "shown_otherwise"),
        ("1234", "1.234", "count", 1234, None),
        ("1234", "1,234", "count", 1234, None),
        ("1234", "1.234,00", "count", 1234, None),
        ("1234.5678", "1.234,6", "decimal", 1234.5678, None),
        ("59.6", "60", "count", None, "shown_otherwise"),
        ("59.6", "60", "decimal", 59.6, None),
        ("7", "007", "count", 7, None),
        ("123456789", "1.2E+08", "decimal", 123456789, None),
        ("-600", "(600)", "count", None, "negative"),
        ("0", "-", "count", 0, None),
        ("12", "-", "count", None, "shown_otherwise"),
        ("12", "Đạt", "count", None, "shown_otherwise"),
        ("600", "", "count", 600, "shown_not"),
        ("60", "60¹", "count", 60, "footnote_mark"),
        ("60", "~~60~~", "count", None, "struck_out"),
        ("44724", "12/06/2022", "count", None, "shown_otherwise"),
    ],
)
def test_a_number_counts_as_it_is_shown_or_not_at_all(text, shown, kind, value, rule):
    assert read(text, "number", shown, kind)[::2] == (value, rule)


@pytest.mark.parametrize(
    ("text", "shown", "value", "rule"),
    [
        ("601", "60¹", 60, "footnote_mark"),
        ("60(1)", "60⁽¹⁾", 60, "footnote_mark"),
        ("1.2341", "1.234¹", 1234, "footnote_mark"),
        ("160", "¹60", 60, "footnote_mark"),
        ("60¹", None, 60, "footnote_mark"),
        ("1", "¹", None, "number_unreadable"),
        ("-1", "-¹", None, "missing_symbol"),
        ("6065", "~~60~~65", None, "struck_out"),
        ("60", "~~60~~", None, "struck_out"),
        ("600", "600 hồ sơ", 600, "number_as_text"),
        ("600", "600 nghìn", None, "shown_otherwise"),
        ("600", "", 600, "shown_not"),
        ("khoảng 500", "", None, "number_unreadable"),
    ],
)
def test_a_text_is_read_as_it_is_shown(text, shown, value, rule):
    assert read(text, "text", shown)[::2] == (value, rule)


@pytest.mark.parametrize(
    ("text", "raw_type", "shown", "rule", "found"),
    [
        ("#REF!", "other", None, "number_error", "#REF!"),
        ("#N/A", "text", None, "number_error", "#N/A"),
        ("=1/0", "other", "#DIV/0!", "number_error", "#DIV/0!"),
        ("Err:522", "text", None, "number_error", "Err:522"),
        ("=D12+E12", "other", None, "formula_without_value", "=D12+E12"),
        ("=D12+E12", "text", None, "formula_without_value", "=D12+E12"),
        ('=IF(A1="","","")', "blank", "", "blank", None),
        ("TRUE", "other", None, "number_unreadable", "TRUE"),
        ("2022-02-01 00:00:00", "other", None, "number_is_date", "01/02/2022"),
        ("2022-02-01 00:00:00", "other", "1-Feb", "number_is_date", "1-Feb"),
        ("01:30:00", "other", None, "number_is_date", "01:30:00"),
    ],
)
def test_what_is_no_number_is_named_for_what_it_is(text, raw_type, shown, rule, found):
    asked = numbers.Asked("count", "vietnamese")
    given = numbers.read(text, raw_type, shown, asked, SYMBOLS)
    assert (given.value, given.rule, given.found) == (None, rule, found)


@pytest.mark.parametrize(
    ("words", "units", "own"),
    [
        ("hồ sơ", UNITS, True),
        ("đồng", ["tỷ đồng"], False),
        ("tỷ đồng", ["tỷ đồng"], True),
        ("đ", ["đồng"], True),
        ("₫", ["đồng"], True),
        ("$", ["đồng"], False),
        ("nghìn", UNITS, False),
        ("", [], True),
        ("văn bản", UNITS, False),
        ("+ hồ sơ", UNITS, True),
        ("( hồ sơ)", UNITS, True),
        ("%", UNITS, False),
        ("nghìn hồ sơ", ["nghìn hồ sơ", "hồ sơ"], True),
    ],
)
def test_only_what_the_form_counts_may_stand_beside_a_figure(words, units, own):
    assert displayed.says_nothing_else(words, units) is own


@given(st.integers(0, 10**9), st.integers(0, 4), st.sampled_from([",.", ".,", " ,", " ."]))
def test_a_figure_shown_in_full_agrees_and_one_of_another_scale_does_not(held, places, marks):
    value = held / 10**places
    group, decimal = marks
    shown = f"{value:,.{places}f}".replace(",", "\0").replace(".", decimal).replace("\0", group)
    assert displayed.agrees(shown, value)
    assert not displayed.agrees(shown, value * 1_000_000 + 1)


def test_a_figure_in_the_measure_of_the_sheet_is_converted_and_said():
    thousands = numbers.Asked("count", "vietnamese", factor=1000)
    for text, raw_type, value in (("1.5", "number", 1500), ("1,5", "text", 1500),
                                  ("12", "number", 12000), ("1234", "text", 1234000)):  # fmt: skip
        found = numbers.read(text, raw_type, None, thousands, SYMBOLS)
        assert found[:3] == (value, "A", "measure_converted")
        assert found.found == str(value)
    for text, rule in (("1.2345", "not_integer"), ("-1", "negative"), ("2000000", "out_of_range")):
        assert numbers.read(text, "number", None, thousands, SYMBOLS)[:3] == (None, "V", rule)
    assert numbers.read("1.234", "text", None, thousands, SYMBOLS).rule == "number_ambiguous"


@pytest.mark.parametrize("text", ["2.154", "99,9*", "1234", "12.5", "1 234"])
@pytest.mark.parametrize("kind", ["count", "decimal"])
def test_a_note_states_no_reading_that_stands_there_already_nor_a_rounded_one(text, kind):
    found = numbers.figure(text, "text", kind, "vietnamese", SYMBOLS)
    rule = catalogue.load().rules.get(found.rule) if found.value is not None else None
    if rule and "{found}" in rule["vi"]:
        assert found.found != text
        assert float(found.found.replace(",", ".")) == found.value


@pytest.mark.parametrize(
    ("text", "dash"), [("-", True), ("— -", True), ("", False), ("-5", False), (" ", True)]
)
def test_a_dash_is_nothing_but_dashes(text, dash):
    assert displayed.is_dash(text) is dash


@pytest.mark.parametrize(
    ("figure", "value", "same"),
    [
        ("0", 0.5, True),
        ("1", 0.5, True),
        ("0", 0.5000005, True),  # a millionth of the last digit's half, as arithmetic leaves it
        ("0", 0.50001, False),
        ("60", -60.4, True),  # a sign stands beside the digits
        ("1,25", 1.254, True),
        ("1,25", 1.256, False),
        ("1.2E+08", 123456789, True),
        ("1.2E+08", 126000000, False),
        ("1'234", 1234, True),
    ],
)
def test_a_figure_agrees_up_to_half_of_its_last_digit(figure, value, same):
    assert displayed.agrees(figure, value) is same
