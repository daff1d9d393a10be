"""What is known of the firms behind a survey must agree with itself before weights rest on it."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.survey import margins

BY = ["region", "size"]


def known(regions=(600, 400), industries=(700, 300), strata=(500, 100, 400)):
    totals = [("region", r, n) for r, n in zip("ab", regions, strict=True)]
    totals += [("industry", i, n) for i, n in zip("xy", industries, strict=True)]
    cells = [("a", "big"), ("a", "small"), ("b", "big")]
    held = [(*c, n) for c, n in zip(cells, strata, strict=True)]
    selected = [(*c, i) for c in cells for i in "xy"]
    return (
        pd.DataFrame(totals, columns=["variable", "category", "total"]).astype({"total": str}),
        pd.DataFrame(held, columns=[*BY, "population"]).astype({"population": str}),
        pd.DataFrame(selected, columns=[*BY, "industry"]),
    )


def faults(*args, **more):
    return margins.faults(*known(*args, **more), BY)


def test_sums_that_agree_but_for_rounding_are_taken():
    assert faults() == []
    assert faults(industries=(702, 302)) == [], "of 1,000 firms, rounded"


def test_sums_that_contradict_each_other_are_told_with_both_numbers():
    found = faults((145_000, 99_900), (384_000, 300_000), (400_000, 100_000, 184_000))
    assert len(found) == 2
    assert found[0].startswith("totals.csv:2: region adds up to 244,900, but industry in totals")
    assert "684,000" in found[0] and "agree to 0.5%" in found[0]
    assert "region adds up to 244,900, but population in strata.csv:2 to 684,000" in found[1]


def test_strata_that_contradict_agreeing_margins_are_told():
    found = faults(strata=(50, 10, 40))
    assert [f.partition(":")[0] for f in found] == ["totals.csv"] * 2
    assert all("1,000" in f and " to 100: " in f for f in found)


@given(st.integers(1000, 10**6), st.floats(-0.2, 0.2))
def test_a_sum_is_refused_just_where_it_lies_beyond_the_tolerance(whole, apart):
    other = round(whole * (1 + apart))
    half = whole // 2
    found = faults((half, whole - half), (other - 1, 1), (half, 2, whole - half - 2))
    beyond = abs(other - whole) > margins.TOLERANCE * max(other, whole)
    assert bool(found) == beyond


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "told"),
    [
        (0, 1, "total", "-5", "totals.csv:3: total must be a number of at least 0, not '-5'"),
        (0, 1, "total", None, "totals.csv:3: total must be a number"),
        (0, 1, "total", "nhiều", "totals.csv:3: total must be a number of at least 0, not 'nhiều'"),
        (0, 1, "total", "inf", "totals.csv:3: total must be a number"),
        (0, 1, "category", "a", "totals.csv:3: region: a stands twice"),
        (0, 1, "category", "c", "totals.csv:2: region: no total for b, which stands in selected.c"),
        (0, 1, "category", "c", "totals.csv:3: region: nobody in the sample for c"),
        (0, 1, "total", "0", "totals.csv:2: region: no total for b"),
        (0, 2, "variable", "branch", "totals.csv:4: selected.csv has no column branch"),
        (1, 2, "population", "0", "strata.csv:4: population must be a number of at least 1"),
        (1, 2, "population", "-1", "strata.csv:4: population must be a number of at least 1"),
        (1, 2, "population", "1", "strata.csv:4: b, big: population 1, but 2 firms selected"),
        (2, 5, "industry", None, "selected.csv:7: industry: a value is missing"),
    ],
)
def test_each_fault_is_told_with_file_and_line(table, row, column, value, told):
    held = known()
    held[table].loc[row, column] = value
    found = margins.faults(*held, BY)
    assert [f for f in found if f.startswith(told)], found


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (1000, 995, None),  # 0.5 % of the larger
        (1000, 994.9, "1,000, but b to 995"),
        (995, 1000, None),
        (99.5, 12.3456, "99.5, but b to 12.35"),
        (100.4, 2000, "100, but b to 2,000"),
        (1, 0.5, "1, but b to 0.5"),
    ],
)
def test_two_sums_agree_to_half_a_percent_of_the_larger(first, second, told):
    found = list(margins.contradictions({"a": first, "b": second}))
    assert [name for name, _ in found] == (["a"] if told else [])
    assert not told or f"adds up to {told}: they must agree to 0.5%" in found[0][1]


def test_the_first_row_of_a_category_without_a_total_is_named():
    totals, strata, selected = known()
    selected.loc[[2, 4], "industry"] = "z"
    found = margins.faults(totals, strata, selected, BY)
    assert found == ["totals.csv:4: industry: no total for z, which stands in selected.csv:4"]


def test_a_variable_that_the_firms_lack_hides_no_fault_of_the_next():
    totals, strata, selected = known()
    selected.loc[4, "industry"] = "z"
    totals["variable"] = totals["variable"].replace("region", "branch")
    assert margins.faults(totals, strata, selected, BY) == [
        "totals.csv:2: selected.csv has no column branch",
        "totals.csv:4: industry: no total for z, which stands in selected.csv:6",
    ]


def test_a_category_that_is_taken_with_another_may_have_nobody():
    totals, strata, selected = known()
    selected = selected[selected["industry"] == "x"]
    assert margins.faults(totals, strata, selected, BY) == [
        "totals.csv:5: industry: nobody in the sample for y"
    ]
    assert margins.faults(totals, strata, selected, BY, ["industry"]) == []
    zero = totals.assign(total=["600", "400", "1000", "0"])
    assert margins.faults(zero, strata, selected, BY) == [], "a total of 0 has nobody"


def test_as_many_firms_may_be_drawn_as_there_are():
    assert faults((4, 2), (5, 1), (2, 2, 2)) == []
    found = faults((4, 1), (4, 1), (2, 2, 1))
    assert found == ["strata.csv:4: b, big: population 1, but 2 firms selected"]
