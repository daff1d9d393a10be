"""How a figure is written is decided with the rest of its column; what stays open is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import catalogue
from analysis.reading import columns, numbers

SYMBOLS = catalogue.load().parameters["missing_symbols"]
RULES = catalogue.load().rules


def judged(texts, kind, style="vietnamese", raw_type="text", shown=None):
    asked = numbers.Asked(kind, style)
    shown = shown or [None] * len(texts)
    return columns.judged(
        [
            columns.Cell(
                numbers.digits(t, s) if raw_type == "text" else None,
                (s or t).endswith("%"),
                asked,
                numbers.read(t, raw_type, s, asked, SYMBOLS),
            )
            for t, s in zip(texts, shown, strict=True)
        ]
    )


def values(*args, **kwargs):
    return [f.value for f in judged(*args, **kwargs)]


@pytest.mark.parametrize(
    ("style", "kind", "texts", "expected"),
    [
        # a plain form: English grouping is not certain beside a figure that is not grouped
        ("plain", "decimal", ["1,000.5", "2,001", "5002.5"], [1000.5, None, 5002.5]),
        ("plain", "decimal", ["1,000.5", "2,001", "12"], [1000.5, 2001, 12]),
        ("plain", "decimal", ["2,001", "4,002"], [None, None]),
        ("plain", "decimal", ["12,3456", "2,001"], [12.3456, 2.001]),
        ("plain", "decimal", ["1.234", "2.5"], [1.234, 2.5]),
        ("plain", "decimal", ["1.234", "345", "12"], [None, 345, 12]),
        ("plain", "decimal", ["1.234", "12,5"], [None, 12.5]),
        ("plain", "count", ["1.000", "345", "12"], [None, 345, 12]),
        ("plain", "count", ["5.000"], [None]),
        ("plain", "count", ["1.000", "0.000", "12.0"], [1, 0, 12]),
        ("plain", "count", ["1.000", "1.234.567"], [1000, 1234567]),
        ("plain", "count", ["1,234", "12"], [None, 12]),
        # a Vietnamese one
        ("vietnamese", "decimal", ["1.000,5", "4 002,0", "5002,5"], [1000.5, 4002, 5002.5]),
        ("vietnamese", "decimal", ["1.000,5", "2.001", "88,0"], [1000.5, 2001, 88]),
        ("vietnamese", "decimal", ["1.000,5", "2.001", "5002,5"], [1000.5, None, 5002.5]),
        ("vietnamese", "decimal", ["2,001", "4,002"], [None, None]),
        ("vietnamese", "decimal", ["2,001", "1,000.5"], [2001, 1000.5]),
        ("vietnamese", "decimal", ["2,001", "0,125"], [2.001, 0.125]),
        ("vietnamese", "decimal", ["2,001", "12.5"], [None, 12.5]),
        ("vietnamese", "count", ["1.000", "4.013", "345"], [1000, 4013, 345]),
        ("vietnamese", "count", ["1.000", "1,234,567"], [None, 1234567]),
        ("vietnamese", "count", ["1.000", "345.0"], [None, 345]),
        ("vietnamese", "count", ["2,345", "1,234,567"], [2345, 1234567]),
        ("vietnamese", "count", ["0.125", "4.013"], [None, 4013]),
        ("vietnamese", "count", ["2,345", "1.000"], [None, 1000]),
        ("vietnamese", "percent", ["12,345", "1.234"], [12.345, None]),
        ("vietnamese", "percent", ["99,95%", "85 %", "91.5"], [99.95, 85, 91.5]),
    ],
)
def test_the_column_settles_what_a_cell_leaves_open(style, kind, texts, expected):
    found = judged(texts, kind, style)
    assert [f.value for f in found] == expected
    assert all(f.rule for f in found if f.value is None)


def test_what_contradicts_the_column_names_how_the_others_are_written():
    refused = judged(["2,001", "1,000.5", "5002.5"], "decimal", "plain")[0]
    assert (refused.rule, refused.found) == ("writing_mixed", "“1,000.5”; “5002.5”")
    assumed = judged(["2.001", "1.000,5"], "decimal")[0]
    assert assumed[2:] == ("writing_assumed", "2001", "“1.000,5”")


def test_a_footnote_mark_does_not_hide_that_a_figure_is_ambiguous():
    assert values(["1.000*", "345"], "count", "plain") == [None, 345]
    assert values(["2,001", "4,002"], "decimal", shown=["2,001¹", "4,002"]) == [None, None]


@pytest.mark.parametrize(
    ("texts", "shown", "expected", "rules"),
    [
        (["0.42", "0.88"], ["42%", "88%"], [42, 88], ["percent_format"] * 2),
        (["0.4237", "1"], ["42%", "100%"], [42.37, 100], ["percent_format"] * 2),
        (["0.42", "0.88"], None, [0.42, 0.88], ["perhaps_share"] * 2),
        (["0.42", "0.88"], ["42%", None], [42, None], ["percent_format", "share_or_percent"]),
        (["1", "88"], ["100%", None], [100, 88], ["percent_format", None]),
        (["0.42", "88", "91", "75"], None, [None, 88, 91, 75], ["share_or_percent"] + [None] * 3),
        (["0.42", "3", "5"], None, [0.42, 3, 5], ["perhaps_share", None, None]),
        (["0", "42"], ["0%", None], [0, 42], ["percent_format", None]),
        (["42", "0"], ["42%", None], [42, 0], [None, None]),
    ],
)
def test_percents_and_shares_of_one_are_told_apart_or_doubted(texts, shown, expected, rules):
    found = judged(texts, "percent", raw_type="number", shown=shown)
    assert [f.value for f in found] == expected and [f.rule for f in found] == rules


def _written(value: float, way: tuple[str, str, int]) -> str:
    group, decimal, places = way
    text = f"{value:,.{places}f}"
    return text.replace(",", "\0").replace(".", decimal).replace("\0", group)


WAYS = st.tuples(
    st.sampled_from([(".", ","), (",", "."), ("", ","), ("", "."), (" ", ",")]),
    st.integers(0, 4),
).map(lambda w: (*w[0], w[1]))
SIZES = st.integers(0, 10**7) | st.integers(0, 9999).map(lambda n: n * 1000) | st.integers(0, 999)
FIGURES = st.lists(SIZES, min_size=1, max_size=6)


@settings(max_examples=400)
@given(FIGURES, WAYS, st.sampled_from(["plain", "vietnamese"]), st.integers(0, 4))
def test_a_column_of_decimals_gives_the_truth_or_an_issue(tenths, way, style, places):
    """Whole columns written in one way: none is read as another without a warning."""
    truths = [round(t / 10**places, way[2]) for t in tenths]
    found = judged([_written(t, way) for t in truths], "decimal", style)
    for truth, f in zip(truths, found, strict=True):
        warned = f.rule in RULES and RULES[f.rule]["severity"] != "note"
        assert f.value == truth or warned, (truths, found)


@settings(max_examples=300)
@given(FIGURES, st.lists(WAYS, min_size=6, max_size=6), st.sampled_from(["plain", "vietnamese"]))
def test_a_column_of_counts_gives_the_truth_or_an_issue(truths, ways, style):
    """Each cell in a way of its own; only a machine's three decimals are no way of a Vietnamese."""
    ways = [(g, d, p if p != 3 or style == "plain" else 0) for g, d, p in ways]
    texts = [_written(t, w) for t, w in zip(truths, ways, strict=False)]
    for truth, f in zip(truths, judged(texts, "count", style), strict=True):
        warned = f.rule in RULES and RULES[f.rule]["severity"] != "note"
        assert f.value == truth or warned, (truth, texts, f)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 1000), st.sampled_from("share formatted percent".split())),
                min_size=1, max_size=6))  # fmt: skip
def test_a_column_of_percents_gives_the_truth_or_an_issue(cells):
    texts = [repr(n / 1000 if way != "percent" else n / 10) for n, way in cells]
    shown = [f"{n / 10:.0f}%" if way == "formatted" else None for n, way in cells]
    found = judged(texts, "percent", raw_type="number", shown=shown)
    for (n, _), f in zip(cells, found, strict=True):
        assert f.value == n / 10 or f.rule in ("perhaps_share", "share_or_percent"), (cells, found)


@given(
    st.lists(st.text("0123456789., -%*", max_size=12), max_size=6),
    st.sampled_from(["count", "decimal", "percent"]),
    st.sampled_from(["plain", "vietnamese"]),
)
def test_any_column_gives_values_or_reasons(texts, kind, style):
    found = judged(texts, kind, style)
    assert len(found) == len(texts)
    assert all((f.value is not None) == (f.obs_status == "A") and (f.value is not None or f.rule)
               for f in found)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "roles", "places", "long"),
    [
        ("123", {}, 0, False),
        ("1234", {}, 0, True),
        ("-123", {}, 0, False),
        ("1 234", {}, 0, True),
        ("123.456", {".": "either"}, 3, False),
        ("1234.567", {".": "decimal"}, 3, True),
        ("123.45", {".": "decimal"}, 2, False),
        ("0.125", {".": "decimal"}, 3, False),
        ("1.2345", {".": "decimal"}, 4, False),
        ("1 234.567", {".": "decimal"}, 3, True),
        ("1.234.567", {".": "groups"}, 0, False),
        ("1.234,5", {".": "groups", ",": "decimal"}, 1, False),
        ("-12.345,678", {".": "groups", ",": "decimal"}, 3, False),
    ],
)
def test_what_the_marks_of_a_figure_do(text, roles, places, long):
    assert columns.writing(text) == columns.Writing(roles, places, long)


@pytest.mark.parametrize(
    "text", ["1.23.456", "0.123.456", "1.23,4", "1.234,5,6", "1,234.5,678", "12a", "", "."]
)
def test_what_is_badly_written_shows_nothing(text):
    assert columns.writing(text) is None


@pytest.mark.parametrize(
    ("others", "value", "read", "rule"),
    [
        ([10, 88, 91], 0.42, None, "share_or_percent"),
        ([9.9, 88, 91], 0.42, 0.42, "perhaps_share"),  # not all of them are far
        ([88, 91], 0.42, 0.42, "perhaps_share"),  # two are not several
        ([10, 88, 91], 1, 1, "perhaps_share"),  # may be a whole percent
        ([10, 88, 91], 0, 0, None),
        ([10, 88, 91], 1.01, 1.01, None),
    ],
)
def test_one_of_at_most_1_beside_several_far_larger_percents(others, value, read, rule):
    texts = [repr(v) for v in [value, *others]]
    found = judged(texts, "percent", raw_type="number")[0]
    assert (found.value, found.rule) == (read, rule)


def test_at_most_three_figures_of_a_column_are_quoted():
    found = judged(["2.001", "1,25", "3,75", "4,5", "7,25"], "decimal")[0]
    assert found.rule == "writing_mixed"
    assert found.found == "“1,25”; “3,75”; “4,5”"


@pytest.mark.parametrize(
    ("texts", "kind", "style", "value", "rule", "quoted"),
    [
        # a comma before three digits and more is decimal for certain; before two it is not enough
        (["2,001", "0,125"], "decimal", "vietnamese", 2.001, None, None),
        (["2,001", "12,34"], "decimal", "vietnamese", 2.001, "writing_assumed", "“12,34”"),
        (["2,001", "12"], "decimal", "vietnamese", None, "writing_mixed", "“12”"),
        (["2,001"], "decimal", "vietnamese", None, "number_ambiguous", None),
        (["2,345", "12"], "count", "vietnamese", None, "number_ambiguous", None),
        (["2,345", "1,234,567"], "count", "vietnamese", 2345, "writing_assumed", "“1,234,567”"),
        (["1.234", "345", "12"], "decimal", "plain", None, "writing_mixed", "“345”"),
        (["1.234", "2.5"], "decimal", "plain", 1.234, None, None),
        (["1.234"], "decimal", "plain", 1.234, "writing_assumed", None),
        (["1.000", "345"], "count", "vietnamese", 1000, "thousands_separator", None),
        (["1.234%", "2,5"], "decimal", "vietnamese", None, "unit_of_value", None),
        (["12,345", "2"], "percent", "vietnamese", 12.345, None, None),
    ],
)
def test_the_first_figure_of_a_column_as_the_others_have_it(
    texts, kind, style, value, rule, quoted
):
    found = judged(texts, kind, style)[0]
    said = found.expected if found.value is not None else found.found
    assert (found.value, found.rule) == (value, rule)
    assert said == quoted or rule not in ("writing_assumed", "writing_mixed")


def test_a_doubted_percent_quotes_itself_and_three_others():
    share, *_ = judged(["0.5", "3", "4", "5", "6"], "percent", raw_type="number")
    assert share == numbers.Figure(0.5, "A", "perhaps_share", "0,5", "“3”; “4”; “5”")
    refused, *_ = judged(["0.5", "30", "40", "50", "60"], "percent", raw_type="number")
    assert refused == numbers.Figure(None, "V", "share_or_percent", "“30”; “40”; “50”")
