import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.catalogue import catalogue, unit_lists
from analysis.reading import clean

SYMBOLS = catalogue.load().parameters["missing_symbols"]


def read(text, kind="count", raw_type="text", style="vietnamese"):
    return clean.parse_number(text, raw_type, kind, style, SYMBOLS)[:3]


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


def test_an_item_may_have_a_largest_value_of_its_own():
    texts = ["18", "18.01", "18.01"]
    cells = pd.DataFrame({"raw_text": texts, "item": ["s", "s", "t"]}).assign(
        role="value", form="f", raw_type="text", rule=None, found=None
    )
    items = {"s": {"kind": "decimal", "maximum": 18}, "t": {"kind": "decimal"}}
    parameters = catalogue.load().parameters
    read = clean.numbers(cells, {"f": {"numbers": "plain", "items": items}}, parameters)
    assert read["rule"].fillna("").tolist() == ["", "out_of_range", ""]
    assert read["obs_value"].fillna(-1).tolist() == [18, -1, 18.01]


def test_what_is_neither_number_nor_text_is_no_figure():
    assert clean.parse_number("12", "other", "count", "vietnamese", {})[1] == "V"
    assert clean.parse_number("12", "text", "count", "vietnamese", {})[1] == "A"


def test_of_many_strange_names_only_some_are_compared_with_all(monkeypatch):
    """A file of a hundred thousand of them would keep its readers waiting for hours."""
    names, asked = [f"unit {n}" for n in range(300)], []
    monkeypatch.setattr(clean, "_nearest", lambda text, *_: asked.append(text) or "…")
    cells = pd.DataFrame({"unit_text": names, "role": "unit"})
    cells = cells.assign(rule=None, found=None, covered_by=None)
    found = clean.units(cells, {"bo y te": "BYT"}, {"BYT": "Bộ Y tế"})
    assert (found["rule"] == "unit_unknown").all() and len(asked) == clean._SUGGESTIONS == 200


def test_units_resolve_by_alias_and_unknown_names_get_the_nearest():
    cells = pd.DataFrame(
        {
            "unit_text": ["tinh dak lak", "Tỉnh Hà Tây", "TP.HCM"],
            "role": "unit",
            "rule": None,
            "found": None,
            "covered_by": None,
        }
    )
    units = catalogue.load().units_on(pd.Timestamp("2022-06-14"))
    labels = dict(zip(units["code"], units["name_vi"], strict=True))
    result = clean.units(cells, unit_lists.unit_names(units), labels)
    assert result["reporting_unit"].fillna("").tolist() == ["66", "", "79"]
    assert result["rule"].tolist() == [None, "unit_unknown", None]
    assert result.loc[1, "found"].startswith("Tỉnh Hà")


def test_windows_are_read_from_one_cell_or_two_and_impossible_days_are_not():
    cells = pd.DataFrame(
        [
            ("a", "Từ ngày 15/03/2022 đến ngày 14/06/2022"),
            ("b", "Từ ngày: 15-3-2022"),
            ("b", "đến ngày: 14.6.2022"),
            ("c", "Từ ngày 15/03/2022 đến ngày 31/06/2022"),
        ],
        columns=["source_file", "raw_text"],
    ).assign(role="window", source_sheet="s", source_cell="A5")
    found = clean.windows(cells).set_index("source_file")
    assert str(found.loc["a", "end"]) == str(found.loc["b", "end"]) == "2022-06-14"
    assert found.loc["c", "start"] is None
