import pandas as pd
import pytest

from analysis import indicators

FRAMEWORK = {
    "framework": "f",
    "indicators": {
        "online": {"formula": {"ratio": {"numerator": ["a"], "denominator": ["a", "b"]}}},
    },
}


def observations(rows):
    columns = ["reporting_unit", "item", "field", "obs_value", "obs_status"]
    return pd.DataFrame(rows, columns=columns).assign(
        time_period="2022-Q2", source_file="f.xlsx", form="f", level="province"
    )


def test_rows_are_added_and_total_rows_are_not_a_source():
    totals = indicators.unit_totals(
        observations(
            [("u", "a", "x", 1.0, "A"), ("u", "a", "y", 2.0, "A"), ("u", "a", "_T", 9.0, "A")]
        )
    )
    assert totals["obs_value"].tolist() == [3.0]


@pytest.mark.parametrize(("status", "expected"), [("O", "O"), ("V", "V")])
def test_one_missing_figure_makes_the_total_missing(status, expected):
    totals = indicators.unit_totals(
        observations([("u", "a", "x", 1.0, "A"), ("u", "a", "y", None, status)])
    )
    assert totals["obs_value"].isna().all()
    assert totals["obs_status"].tolist() == [expected]


def test_not_applicable_rows_are_no_gap():
    totals = indicators.unit_totals(
        observations([("u", "a", "x", 5.0, "A"), ("u", "a", "y", None, "M")])
    )
    assert totals["obs_value"].tolist() == [5.0]


def test_a_ratio_is_percent_and_zero_over_zero_is_nothing_to_measure():
    totals = pd.DataFrame(
        [
            ("u", "a", 1.0, "A"),
            ("u", "b", 3.0, "A"),
            ("v", "a", 0.0, "A"),
            ("v", "b", 0.0, "A"),
            ("w", "a", 1.0, "A"),
        ],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="2022-Q2")
    values = indicators.compute(totals, FRAMEWORK, ["u", "v", "w", "absent"])
    assert values["obs_value"].tolist()[:1] == [25.0]
    assert values["obs_value"].isna().tolist() == [False, True, True, True]
    assert values["obs_status"].tolist() == ["A", "M", "O", "O"]


def test_the_whole_is_a_ratio_of_sums_not_a_mean_of_ratios():
    totals = pd.DataFrame(
        [
            ("u", "a", 1.0, "A"),
            ("u", "b", 0.0, "A"),
            ("v", "a", 0.0, "A"),
            ("v", "b", 99.0, "A"),
            ("w", "a", 50.0, "A"),
        ],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="2022-Q2")
    whole = indicators.national(totals, FRAMEWORK, ["u", "v", "w"]).iloc[0]
    assert whole["obs_value"] == 1.0
    assert (whole["units"], whole["of"]) == (2, 3)


STATED = {"framework": "f", "indicators": {"mark": {"formula": {"value": "a"}}}}


def test_a_value_is_the_units_total_as_stated_without_parts():
    totals = pd.DataFrame(
        [("u", "a", 9.24, "A"), ("v", "a", 1.5, "P"), ("w", "a", 2.0, "E"), ("x", "a", 0.0, "A"),
         ("y", "a", None, "O"), ("z", "a", None, "V")],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="2024")  # fmt: skip
    values = indicators.compute(totals, STATED, [*"uvwxyz", "absent"])
    assert values["obs_value"].tolist()[:4] == [9.24, 1.5, 2.0, 0.0]
    assert values["obs_value"].isna().tolist() == [False] * 4 + [True] * 3
    assert values["obs_status"].tolist() == ["A", "P", "E", "A", "O", "V", "O"]
    assert values[["numerator", "denominator"]].isna().all(axis=None)


SURVEYED = {
    "framework": "f",
    "indicators": {
        "mark": {"formula": {"value": "a", "standard_error": "e"}},
        "online": FRAMEWORK["indicators"]["online"],
    },
}


def test_a_value_carries_the_standard_error_that_another_item_states():
    totals = pd.DataFrame(
        [("u", "a", 4.0, "A"), ("u", "e", 0.2, "A"), ("u", "b", 1.0, "A"),
         ("v", "a", 3.0, "A"), ("v", "e", None, "V"),
         ("w", "a", None, "O"), ("w", "e", 0.3, "A"), ("x", "a", 2.0, "A")],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="2021")  # fmt: skip
    values = indicators.compute(totals, SURVEYED, list("uvwx"))
    mark = values[values["indicator"] == "mark"].set_index("reporting_unit")
    assert mark["standard_error"].to_dict()["u"] == 0.2
    assert mark["standard_error"].isna().tolist() == [False, True, True, True], "none without value"
    assert mark.loc[["v", "x"], "obs_value"].tolist() == [3.0, 2.0], "no error, but a value"
    assert mark["obs_status"].tolist() == ["A", "A", "O", "A"]
    assert values.loc[values["indicator"] == "online", "standard_error"].isna().all()


def test_the_error_of_a_value_is_not_what_the_value_rests_on():
    assert indicators.inputs(SURVEYED["indicators"]["mark"]["formula"]) == ["a"]


def test_values_as_stated_have_no_figure_for_the_whole():
    totals = pd.DataFrame(
        [("u", "a", 4.0, "A"), ("v", "a", 6.0, "A"), ("u", "b", 4.0, "A")],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="2024")
    both = {"framework": "f", "indicators": STATED["indicators"] | FRAMEWORK["indicators"]}
    whole = indicators.national(totals, both, ["u", "v", "w"]).set_index("indicator")
    assert whole.loc["mark", ["numerator", "denominator", "obs_value"]].isna().all()
    assert whole["units"].to_dict() == {"mark": 2, "online": 1}
    assert whole.loc["online", "obs_value"] == 50.0


def test_over_cumulative_periods_flows_add_up_and_stocks_do_not():
    items = {
        "received": {"nature": "flow"},
        "carried": {"nature": "opening_stock"},
        "pending": {"nature": "closing_stock"},
    }
    quarters = pd.concat(
        observations(
            [
                ("u", "received", "x", r, "A"),
                ("u", "carried", "x", c, "A"),
                ("u", "pending", "x", p, "A"),
            ]
        ).assign(time_period=q)
        for q, r, c, p in [("2022-Q1", 10.0, 3.0, 4.0), ("2022-Q2", 20.0, 4.0, 6.0)]
    ).assign(form="f", level="l")
    half = indicators.cumulate(quarters, items, "2022-S1").set_index("item")["obs_value"]
    assert half.to_dict() == {"received": 30, "carried": 3, "pending": 6}
    gap = quarters[(quarters["item"] != "received") | (quarters["time_period"] != "2022-Q1")]
    assert indicators.cumulate(gap, items, "2022-S1").set_index("item")["obs_status"].to_dict() == {
        "received": "O",
        "carried": "A",
        "pending": "A",
    }
