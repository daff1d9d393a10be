import pandas as pd
import pytest

from analysis.indicators import indicators

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


def test_who_had_nothing_to_measure_is_counted_apart_from_who_enters_the_whole():
    rows = [(u, i, v, "A") for u, a, b in (("u", 1.0, 3.0), ("v", 0.0, 0.0)) for i, v in
            (("a", a), ("b", b))]  # fmt: skip
    columns = ["reporting_unit", "item", "obs_value", "obs_status"]
    totals = pd.DataFrame(rows, columns=columns).assign(time_period="2022-Q2")
    whole = indicators.national(totals, FRAMEWORK, ["u", "v", "w"]).iloc[0]
    assert whole[["obs_value", "units", "nothing", "of"]].tolist() == [25.0, 1, 1, 3]
    idle = indicators.national(totals, FRAMEWORK, ["v"]).iloc[0]
    assert (idle["units"], idle["nothing"]) == (0, 1) and pd.isna(idle["denominator"])


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


def test_a_whole_below_nothing_has_no_share():
    """A denominator that is a difference may be below 0 in one unit, and in all together."""
    columns = ["reporting_unit", "indicator", "obs_value", "obs_status", "numerator", "denominator"]
    rows = [("u", "online", None, "A", 4.0, 2.0), ("v", "online", None, "A", 1.0, -5.0)]
    whole = indicators.together(pd.DataFrame(rows, columns=columns), FRAMEWORK)
    online = whole.set_index("indicator").loc["online"]
    assert (online["numerator"], online["denominator"]) == (5, -3) and pd.isna(online["obs_value"])


LEVELS = pd.DataFrame(
    [
        ("u", "f", "province", True, True),
        ("u", "f", "commune", True, True),
        ("u", "f", "ministry", False, True),
        ("m", "f", "ministry", True, True),
        ("m", "f", "province", False, True),
        ("m", "f", "commune", False, True),
    ],
    columns=["reporting_unit", "form", "level", "asked", "alone"],
)


def by_level(rows):
    """Observations of a form whose rows are its levels: unit, level, item, value, status."""
    columns = ["reporting_unit", "level", "item", "obs_value", "obs_status"]
    return pd.DataFrame(rows, columns=columns).assign(
        time_period="2022-Q2", source_file="f.xlsx", form="f", field="_T"
    )


FULL = by_level(
    [
        ("u", "province", "a", 6.0, "A"),
        ("u", "province", "b", 10.0, "A"),
        ("u", "commune", "a", 1.0, "A"),
        ("u", "commune", "b", 10.0, "A"),
        ("u", "_T", "a", 99.0, "A"),  # a wrong total row is a check, never a source
        ("u", "_T", "b", 20.0, "A"),
        ("m", "ministry", "a", 3.0, "A"),
        ("m", "ministry", "b", 4.0, "A"),
    ]
)


def share(level=None):
    formula = {"ratio": {"numerator": ["a"], "denominator": ["b"]}}
    formula |= {"level": level} if level else {}
    return {"framework": "f", "indicators": {"i": {"formula": formula}}}


def test_rows_of_levels_are_added_and_their_total_row_is_not_a_source():
    totals = indicators.unit_totals(FULL, LEVELS).set_index(["reporting_unit", "item"])
    assert totals["obs_value"].to_dict() == {
        ("u", "a"): 7.0, ("u", "b"): 20.0, ("m", "a"): 3.0, ("m", "b"): 4.0,
    }  # fmt: skip


def test_a_form_of_one_row_gives_that_row():
    rows = by_level([("u", "_T", "a", 5.0, "A")])
    assert indicators.unit_totals(rows)["obs_value"].tolist() == [5.0]


def test_an_indicator_of_a_level_takes_the_rows_of_that_level_alone():
    totals = indicators.unit_totals(FULL, LEVELS)
    held = indicators.level_totals(FULL, LEVELS)
    for level, expected in (("province", 60.0), ("commune", 10.0)):
        values = indicators.compute(totals, share(level), ["u", "m", "absent"], held)
        assert values["obs_value"].tolist()[0] == expected
        # a ministry has no communes: nothing to measure; who has sent nothing is a gap
        assert values["obs_status"].tolist() == ["A", "M", "O"]
    whole = indicators.national(totals, share("commune"), ["u", "m"], held)
    assert whole[["obs_value", "units", "of"]].values.tolist() == [[10.0, 1, 1]]


def test_the_levels_of_a_unit_add_up_to_the_unit():
    held = indicators.level_totals(FULL, LEVELS).groupby(["reporting_unit", "item"])["obs_value"]
    totals = indicators.unit_totals(FULL, LEVELS).set_index(["reporting_unit", "item"])
    assert held.sum().to_dict() == totals["obs_value"].to_dict()


def test_a_level_that_is_not_there_leaves_the_unit_without_a_total():
    rows = FULL[FULL["level"] != "commune"]
    absent = indicators.absent_levels(rows, LEVELS)
    assert absent[["reporting_unit", "level"]].values.tolist() == [["u", "commune"]]
    totals = indicators.unit_totals(rows, LEVELS).set_index(["reporting_unit", "item"])
    assert totals.loc["u", "obs_value"].isna().all()
    assert totals.loc["u", "obs_status"].tolist() == ["O", "O"]
    assert totals.loc["m", "obs_value"].tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("before", "after", "expected", "status"),
    [
        (200.0, 150.0, 25.0, "A"),  # a quarter is gone
        (200.0, 200.0, 0.0, "A"),
        (200.0, 250.0, -25.0, "A"),  # what has risen is a negative cut, not a missing one
        (0.0, 0.0, None, "M"),
        (None, 150.0, None, "O"),
    ],
)
def test_a_change_is_the_share_that_has_gone(before, after, expected, status):
    rows = by_level([("u", "_T", "a", before, "A"), ("u", "_T", "b", after, "A")])
    formula = {"change": {"before": ["a"], "after": ["b"]}}
    made = {"framework": "f", "indicators": {"i": {"formula": formula}}}
    (value,) = indicators.compute(indicators.unit_totals(rows), made, ["u"]).to_dict("records")
    assert value["obs_status"] == status
    assert pd.isna(value["obs_value"]) if expected is None else value["obs_value"] == expected
    if status == "A":
        assert (value["numerator"], value["denominator"]) == (before - after, before)


def test_the_cut_of_all_is_of_the_summed_cost_and_no_mean_of_cuts():
    rows = by_level(
        [
            ("u", "_T", "a", 100.0, "A"),
            ("u", "_T", "b", 50.0, "A"),
            ("v", "_T", "a", 900.0, "A"),
            ("v", "_T", "b", 900.0, "A"),
        ]
    )
    formula = {"change": {"before": ["a"], "after": ["b"]}}
    made = {"framework": "f", "indicators": {"i": {"formula": formula}}}
    whole = indicators.national(indicators.unit_totals(rows), made, ["u", "v"])
    assert whole["obs_value"].tolist() == [5.0]


@pytest.mark.parametrize(
    ("statuses", "value", "expected"),
    [
        ("AA", 3, "A"),
        ("AE", 3, "E"),
        ("EP", 3, "P"),
        ("PA", 3, "P"),
        ("AO", None, "O"),
        ("PO", None, "O"),
        ("OV", None, "V"),
        ("EV", None, "V"),
    ],
)
def test_a_sum_is_as_weak_as_its_weakest_figure(statuses, value, expected):
    rows = [("u", "a", f"f{n}", None if s in "OV" else n, s) for n, s in enumerate(statuses, 1)]
    totals = indicators.unit_totals(observations(rows).astype({"obs_value": float}))
    assert totals["obs_status"].tolist() == [expected]
    assert totals["obs_value"].fillna(-1).tolist() == [-1 if value is None else value]


def test_a_level_may_be_absent_where_it_is_not_asked_or_the_form_has_other_rows():
    rows = FULL[FULL["level"] != "commune"]
    for column in ("asked", "alone"):
        levels = LEVELS.assign(**{column: False})
        assert indicators.absent_levels(rows, levels).empty
        assert indicators.unit_totals(rows, levels)["obs_value"].notna().all()
    other = LEVELS.assign(form="g")
    assert indicators.absent_levels(rows, other).empty, "a form that did not come lacks no row"


def test_a_refused_figure_is_refused_though_a_level_is_absent_too():
    rows = by_level([("u", "province", "a", None, "V"), ("u", "province", "b", 1.0, "A")])
    totals = indicators.unit_totals(rows, LEVELS).set_index("item")
    assert (
        totals["obs_status"].to_dict() == {"a": "V", "b": "O"} and totals["obs_value"].isna().all()
    )
    assert indicators.unit_totals(rows[:0], LEVELS).empty


def test_a_record_without_both_parts_of_a_share_is_in_neither():
    rows = observations([("u", "a", "x", 1.0, "A"), ("u", "b", "x", 2.0, "A"),
                         ("u", "a", "y", 3.0, "A"), ("u", "b", "y", None, "O"),
                         ("v", "a", "x", 4.0, "A")])  # fmt: skip
    other = rows[:1].assign(form="g", reporting_unit="w")
    forms = {"f": {"complete": ["a", "b"]}, "g": {}}
    held = indicators.complete_records(pd.concat([rows, other], ignore_index=True), forms)
    assert held["obs_value"].tolist() == [1.0, 2.0, 1.0]
    assert len(indicators.complete_records(rows, {"f": {}})) == len(rows)


CHANGE = {"change": {"before": ["b", "c"], "after": ["a"]}}
RATIO = {"ratio": {"numerator": ["a", "b"], "denominator": ["b", "c"]}}


@pytest.mark.parametrize(
    ("formula", "inputs", "read", "base"),
    [
        (CHANGE, ["b", "c", "a"], ["b", "c", "a"], "b"),
        (RATIO, ["a", "b", "c"], ["a", "b", "c"], "b"),
        ({"value": "a"}, ["a"], ["a"], "a"),
        ({"value": "a", "standard_error": "e"}, ["a"], ["a", "e"], "a"),
    ],
)
def test_what_a_formula_reads_and_what_it_rests_on(formula, inputs, read, base):
    assert indicators.inputs(formula) == inputs
    assert indicators.read(formula) == read
    assert indicators.base(formula) == base


def test_figures_of_other_units_are_in_no_value_and_nothing_gives_no_period():
    totals = pd.DataFrame(
        [("x", "a", 9.0, "A"), ("u", "a", 1.0, "E"), ("u", "b", 3.0, "P"), ("v", "a", 1.0, "V"),
         ("v", "b", None, "V"), ("w", "a", 2.0, "E"), ("w", "b", 2.0, "A")],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="2022-Q2")  # fmt: skip
    values = indicators.compute(totals, FRAMEWORK, ["u", "v", "w"])
    assert values["obs_status"].tolist() == ["P", "V", "E"]
    assert values["obs_value"].fillna(-1).tolist() == [25, -1, 50]
    assert values[["numerator", "denominator"]].iloc[0].tolist() == [1, 4]
    assert set(values["time_period"]) == {"2022-Q2"}
    assert set(indicators.compute(totals, FRAMEWORK, ["u"], None, "p")["time_period"]) == {"p"}
    none = indicators.compute(totals[:0], FRAMEWORK, ["u"])
    assert none["time_period"].isna().all() and none["obs_status"].tolist() == ["O"]
    held = indicators.compute(totals[1:], share("commune"), ["u"])
    assert held["obs_status"].tolist() == ["O"] and held["numerator"].isna().all(), (
        "of a level nothing is known without its totals"
    )


def test_of_a_level_something_to_measure_that_is_missing_is_no_nothing():
    held = pd.DataFrame(
        [("u", "a", None, "M"), ("u", "b", None, "O"), ("v", "a", None, "M"),
         ("v", "b", None, "M")],
        columns=["reporting_unit", "item", "obs_value", "obs_status"],
    ).assign(time_period="p", level="commune").astype({"obs_value": float})  # fmt: skip
    values = indicators.compute(held, share("commune"), ["u", "v"], held)
    assert values["obs_status"].tolist() == ["O", "M"]
    whole = indicators.national(held, share("commune"), ["u", "v"], held)
    # the parts of both are missing, but only the second does not report on that level
    assert whole[["units", "nothing", "of"]].values.tolist() == [[0, 0, 1]]
