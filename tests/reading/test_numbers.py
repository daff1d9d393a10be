"""Figures are read however they are written, or named; nothing ambiguous is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue
from analysis.reading import numbers

SYMBOLS = catalogue.load().parameters["missing_symbols"]


def read(text, kind="count", raw_type="text", style="vietnamese"):
    return numbers.figure(text, raw_type, kind, style, SYMBOLS)[:3]


@pytest.mark.parametrize(
    ("text", "kind", "value", "status", "rule"),
    [
        ("1234", "count", 1234, "A", "number_as_text"),
        ("1.234", "count", 1234, "A", "thousands_separator"),
        ("1.234.567", "count", 1234567, "A", "thousands_separator"),
        ("1 234", "count", 1234, "A", "thousands_separator"),
        ("1\u00a0234", "count", 1234, "A", "thousands_separator"),
        ("1,234,567", "count", 1234567, "A", "thousands_separator"),
        ("1234*", "count", 1234, "A", "footnote_mark"),
        ("1,234", "count", None, "V", "number_ambiguous"),
        ("1.234", "percent", None, "V", "number_ambiguous"),
        ("12,5 %", "percent", 12.5, "A", None),
        ("12.5%", "percent", 12.5, "A", "decimal_point"),
        ("12,5 %", "count", None, "V", "unit_of_value"),
        ("120 %", "percent", None, "V", "out_of_range"),
        ("2,5", "count", None, "V", "not_integer"),
        ("-3", "count", None, "V", "negative"),
        ("1.23.456", "count", None, "V", "number_unreadable"),
        ("1.234 567", "count", None, "V", "number_unreadable"),
        ("khoảng 500", "count", None, "V", "number_unreadable"),
        ("", "count", None, "O", "blank"),
        ("-", "count", None, "O", "missing_symbol"),
        ("…", "count", None, "O", "missing_symbol"),
        ("x", "count", None, "M", "not_applicable"),
    ],
)
def test_written_figures_are_read_or_named_never_guessed(text, kind, value, status, rule):
    assert read(text, kind) == (value, status, rule)


def test_a_stored_number_that_lost_its_thousands_is_an_issue():
    assert read("1.234", raw_type="number") == (None, "V", "not_integer")
    assert read("1234", raw_type="number") == (1234.0, "A", None)


def test_a_plain_style_file_writes_decimals_with_a_point():
    assert read("4.69", "decimal", style="plain") == (4.69, "A", None)
    assert read("1.234", "decimal", style="plain") == (1.234, "A", None)


@pytest.mark.parametrize(
    ("text", "count", "decimal", "money", "hours", "weight"),
    [
        ("1234", 1234, 1234, 1234, 1234, 1234),
        ("1.234", 1234, None, 1234, None, 1.234),
        ("1.234.567", 1234567, 1234567, 1234567, 1234567, 1234567),
        ("1.234,5", 1234.5, 1234.5, 1234.5, 1234.5, 1234.5),
        ("1,234", None, 1.234, None, None, None),
        ("0,125", 0.125, 0.125, 0.125, 0.125, 0.125),
        ("0.125", 0.125, 0.125, 0.125, 0.125, 0.125),
        ("1234.567", None, 1234.567, None, None, 1234.567),
        ("12.5", 12.5, 12.5, 12.5, 12.5, 12.5),
        ("0.1.2", None, None, None, None, None),
        ("1.23.456", None, None, None, None, None),
        ("9" * 31, None, None, None, None, None),
    ],
)
def test_what_a_point_and_a_comma_do_depends_on_what_is_asked(
    text, count, decimal, money, hours, weight
):
    asked = [("groups", "either"), ("either", "decimal"), ("groups", "either"),
             ("either", "either"), ("decimal", "either")]  # fmt: skip
    found = [numbers.written(text, *how).value for how in asked]
    assert found == [count, decimal, money, hours, weight]


@given(st.floats(0, 1e9).map(lambda v: round(v, 4)), st.sampled_from([("groups", "either"),
       ("either", "decimal"), ("either", "either"), ("decimal", "either")]))  # fmt: skip
def test_a_figure_of_vietnamese_writing_is_read_as_it_is_or_is_not_certain(value, asked):
    text = f"{value:,.4f}".translate(str.maketrans(",.", ".,"))
    assert numbers.written(text, *asked).value == value


@given(st.text("0123456789., -%", max_size=35), st.sampled_from(["groups", "either", "decimal"]))
def test_whatever_is_read_has_its_way_of_writing_and_nothing_else_a_value(text, point):
    value, how = numbers.written(text, point)
    assert (value is None) == (how in ("number_ambiguous", "number_unreadable"))


@given(st.integers(0, 999_999_999))
def test_every_grouping_of_a_count_gives_it_back(count):
    for mark in (".", " ", "\u00a0"):
        assert read(f"{count:,}".replace(",", mark))[0] == count
    assert read(str(count))[0] == count


@given(st.text(max_size=30), st.sampled_from(["count", "decimal", "percent"]))
def test_any_text_gives_a_value_or_a_reason(text, kind):
    value, status, rule = read(text, kind)
    assert (value is not None) == (status == "A")
    assert value is None or value >= 0
    assert status == "A" or rule


def test_what_is_neither_number_nor_text_is_no_figure():
    assert numbers.figure("12", "other", "count", "vietnamese", {})[1] == "V"
    assert numbers.figure("12", "text", "count", "vietnamese", {})[1] == "A"
