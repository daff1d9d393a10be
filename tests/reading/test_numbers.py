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


@pytest.mark.parametrize(
    ("asked", "held", "first_out", "rule"),
    [
        (numbers.Asked("percent", "vietnamese"), 100, 100.001, "out_of_range"),
        (numbers.Asked("percent", "vietnamese", largest=5), 100, 101, "out_of_range"),
        (numbers.Asked("count", "vietnamese", largest=500), 500, 501, "out_of_range"),
        (numbers.Asked("decimal", "vietnamese", largest=1), 1, 1.001, "out_of_range"),
        (numbers.Asked("count", "vietnamese"), 0, -1, "negative"),
        (numbers.Asked("decimal", "vietnamese"), 0, -0.001, "negative"),
        (numbers.Asked("count", "vietnamese", factor=1000), 0.001, 0.0001, "not_integer"),
        (numbers.Asked("decimal", "vietnamese"), 0.5, float("inf"), "number_unreadable"),
    ],
)
def test_a_bound_is_still_within(asked, held, first_out, rule):
    assert asked.bounded(float(held)).value == held * asked.factor
    assert asked.bounded(float(first_out))[:3] == (None, "V", rule)


def test_what_is_converted_says_so_with_the_figure_that_counts():
    found = numbers.Asked("count", "vietnamese", factor=1000).bounded(1.5)
    assert found == numbers.Figure(1500, "A", "measure_converted", "1500")
    assert numbers.Asked("count", "vietnamese").bounded(15.0) == numbers.Figure(15, "A")
    # thousands of a count may have decimals; what is no count reads as it is asked
    assert numbers.Asked("count", "vietnamese", factor=1000).reads_as == "decimal"
    assert numbers.Asked("count", "vietnamese").reads_as == "count"
    assert numbers.Asked("percent", "vietnamese", factor=1000).reads_as == "percent"


def test_only_a_decimal_up_to_one_is_a_share_of_one():
    shares = [("decimal", 1, True), ("decimal", 2, False), ("percent", 1, False)]
    for kind, largest, share in shares:
        assert numbers.Asked(kind, "vietnamese", largest).is_share is share
    asked = numbers.Asked("decimal", "vietnamese", 1)
    assert numbers.read("0.42", "number", "42%", asked, SYMBOLS) == numbers.Figure(0.42, "A")
    assert numbers.read("0.42", "number", "43%", asked, SYMBOLS).rule == "unit_of_value"


def test_a_percent_by_its_format_has_no_digits_of_binary_arithmetic():
    """0.07 · 100 is 7.000000000000001 in doubles."""
    found = numbers.figure("0.07", "number", "percent", "vietnamese", SYMBOLS, shown="7%")
    assert found == numbers.Figure(7.0, "A", "percent_format", "7%", "7")


@pytest.mark.parametrize(
    ("text", "kind", "style", "value", "rule"),
    [
        ("1.000", "count", "plain", None, "number_ambiguous"),
        ("1.500", "decimal", "plain", 1.5, None),
        ("1,234", "decimal", "plain", None, "number_ambiguous"),
        ("1234,567", "decimal", "plain", None, "number_ambiguous"),
        ("1,25", "decimal", "plain", 1.25, None),
        ("1,234", "decimal", "vietnamese", 1.234, None),
        ("1234.567", "count", "vietnamese", None, "number_unreadable"),
        ("12", "decimal", "vietnamese", 12, None),
        ("12", "count", "plain", 12, None),
        ("(12) 500", "count", "vietnamese", 500, "footnote_mark"),
        ("(123) 500", "count", "vietnamese", None, "number_unreadable"),
        ("9" * 9, "count", "vietnamese", 999_999_999, "number_as_text"),
        ("0" * 29 + "1", "count", "vietnamese", 1, "number_as_text"),
        ("0" * 30 + "1", "count", "vietnamese", None, "number_unreadable"),
    ],
)
def test_a_figure_is_read_as_its_form_writes_or_refused(text, kind, style, value, rule):
    found = read(text, kind, style=style)
    assert (found[0], found[2]) == (value, rule)


def test_a_number_that_is_shown_otherwise_is_refused_and_a_rounded_one_is_not():
    def shown(text, as_seen, kind="count"):
        return numbers.figure(text, "number", kind, "vietnamese", SYMBOLS, shown=as_seen)

    assert shown("12.4", "12", "decimal") == numbers.Figure(12.4, "A")
    assert shown("12.4", "12").rule == "shown_otherwise", "a count is not rounded by its format"
    assert shown("0", "-") == numbers.Figure(0, "A")
    assert shown("5", "-").rule == "shown_otherwise"
    assert shown("600", "").rule == "shown_not" and shown("600", "").value == 600
    assert shown("60", "60¹")[:3] == (60, "A", "footnote_mark")
    assert shown("600", "600 nghìn").rule == "shown_otherwise"
    assert shown("600", "601").rule == "shown_otherwise"
    assert shown("600", "600%").rule == "unit_of_value"


@pytest.mark.parametrize(
    ("text", "shown", "written"),
    [
        ("12,5 %", None, "12,5"),
        ("1.000*", None, "1.000"),
        ("(1) 1.000", None, "1.000"),
        ("601", "60¹", "60"),
        ("1.234", None, "1.234"),
    ],
)
def test_the_digits_of_a_figure_are_what_is_left_without_signs_and_marks(text, shown, written):
    assert numbers.digits(text, shown) == written


@pytest.mark.parametrize(
    ("text", "raw_type", "shown", "kind", "found"),
    [
        ("60", "number", "60¹", "count", (60, "A", "footnote_mark", "60", "60¹")),
        ("60", "number", "¹", "count", (None, "V", "shown_otherwise", "¹", "60")),
        ("#REF!", "other", "5", "count", (None, "V", "number_error", "5", None)),
        ("0*", "text", None, "count", (0, "A", "footnote_mark", "0", "0*")),
        ("600", "text", "", "count", (600, "A", "shown_not", "600", None)),
        # of ten decimals of a percent none is lost, and there is no eleventh
        ("0.123456789012", "number", "12%", "percent",
         (12.3456789012, "A", "percent_format", "12%", "12,3456789012")),
        ("0.1234567890123", "number", "12%", "percent",
         (12.3456789012, "A", "percent_format", "12%", "12,3456789012")),
    ],
)  # fmt: skip
def test_a_finding_quotes_what_was_read_and_what_is_shown(text, raw_type, shown, kind, found):
    given = numbers.figure(text, raw_type, kind, "vietnamese", SYMBOLS, shown=shown)
    assert given == numbers.Figure(*found)


@pytest.mark.parametrize(
    ("text", "kind", "style", "value", "rule"),
    [
        ("1.234", "count", "plain", None, "not_integer"),  # no thousand, as it is no whole one
        ("1.000", "decimal", "plain", 1, None),
        ("1234,567", "decimal", "vietnamese", 1234.567, None),
        ("1.234", "decimal", "vietnamese", None, "number_ambiguous"),
        ("1,5", "count", "plain", None, "not_integer"),
    ],
)
def test_three_decimals_are_doubted_where_they_may_be_thousands(text, kind, style, value, rule):
    found = read(text, kind, style=style)
    assert (found[0], found[2]) == (value, rule)


def test_what_is_converted_has_six_decimals_and_keeps_its_rule_beside_a_footnote():
    tens = numbers.Asked("decimal", "vietnamese", factor=10)
    assert tens.bounded(1.23456789).value == 12.345679
    thousands = numbers.Asked("count", "vietnamese", factor=1000)
    found = numbers.read("12*", "text", None, thousands, SYMBOLS)
    assert found == numbers.Figure(12000, "A", "measure_converted", "12000")


def test_a_figure_of_which_nothing_more_is_said_is_at_most_a_thousand_million():
    for bounded in (
        numbers.Asked("count", "vietnamese").bounded,
        lambda value: numbers.figure(f"{value:.0f}", "number", "count", "vietnamese", SYMBOLS),
    ):
        assert bounded(1e9).value == 1e9 and bounded(1e9 + 1).rule == "out_of_range"


def test_beside_the_words_of_a_form_a_text_shows_its_own_figure():
    asked = numbers.Asked("count", "vietnamese", units=("hồ sơ",))
    assert numbers.read("600", "text", "600 hồ sơ", asked, SYMBOLS).value == 600
    assert numbers.read("600", "text", "601 hồ sơ", asked, SYMBOLS).rule == "shown_otherwise"
