"""What is a thousand times off figures that are close to each other is flagged, and stays."""

import pandas as pd
import pytest

from analysis.checking import proportion

FORMS = {"f": {"items": {"people": {"kind": "count"}, "share": {"kind": "percent"},
                         "amount": {"kind": "decimal"}}}}  # fmt: skip
USUAL = [28_000, 31_000, 25_500, 40_100, 33_000, 29_800, 22_700, 35_400, 30_050]


def flagged(figures, item="people"):
    cells = pd.DataFrame({"obs_value": [float(v) for v in figures]}).assign(
        source_file="a", source_sheet="s", form="f", item=item, level="_T", field="_T",
        raw_text="", reporting_unit="01")  # fmt: skip
    cells["source_cell"] = [f"C{n}" for n in cells.index]
    found = proportion.findings(cells, FORMS)
    assert set(found["rule"]) <= {"out_of_proportion"}
    return found["source_cell"].tolist()


@pytest.mark.parametrize(("slip", "named"), [(29, True), (31_000_000, True), (2_900, False)])
@pytest.mark.parametrize("place", [0, 4, 9])
def test_a_slip_of_a_thousand_is_named_wherever_it_stands(slip, named, place):
    figures = [*USUAL[:place], slip, *USUAL[place:]]
    assert flagged(figures) == ([f"C{place}"] if named else [])


def test_nothing_is_named_among_few_or_scattered_or_small_figures():
    assert flagged([29, *USUAL[:7]]) == []
    assert flagged([10**k for k in range(9)] * 2) == []
    assert flagged([3, *USUAL]) == []
    assert flagged([0, float("nan"), *USUAL]) == []
    assert flagged([0.03, *[30.0] * 12], "share") == []


def test_equal_figures_are_no_reason_to_divide_by_nothing():
    assert flagged([*[1000.0] * 12, 1.0], "amount") == ["C12"]


def test_it_takes_nine_of_a_kind_a_count_of_ten_and_six_and_a_half_deviations():
    assert flagged([*[30_000] * 8, 30]) == ["C8"], "nine with the slip"
    assert flagged([*[30_000] * 7, 30]) == []
    assert flagged([*[30_000] * 7, 30, 0, 0]) == [], "nothing is no figure to stand beside"
    assert flagged([*[10_000] * 9, 10]) == ["C9"] and flagged([*[9_000] * 9, 9]) == []
    assert flagged([*[9_000] * 9, 9], "amount") == ["C9"], "an amount of nine is no small office"
    # half lie 10^±0.31 off: 1.4826 · 0.31 · 6.5 is 2.99, less than the three of a thousand
    for apart, named in ((0.31, True), (0.314, False)):
        usual = [10 ** (5 + side * apart) for side in (1, -1) for _ in range(6)]
        assert flagged([*usual, 1e5, 1e5, 1e8], "amount") == (["C14"] if named else [])


@pytest.mark.parametrize(
    ("slip", "named"),
    # beside equal figures: a tenth of a power of ten about a thousand times, 10^2.9 to 10^3.1
    [(795e3, True), (794e3, False), (1258e3, True), (1259e3, False), (1e4, False), (1e7, False)],
)
def test_a_thousand_is_taken_for_one_within_two_deviations(slip, named):
    assert flagged([*[1000.0] * 12, slip], "amount") == ["C12"] * named


@pytest.mark.parametrize(("times", "named"), [(300.5, True), (299.5, False)])
def test_a_slip_lies_three_hundredfold_off(times, named):
    """Half of the others lie 10^±0.2 off: two deviations of 0.2965 reach down to 10^2.41."""
    usual = [10 ** (4 + side * 0.2) for side in (1, -1) for _ in range(6)]
    assert flagged([*usual, 1e4, 1e4, 1e4 * times], "amount") == ["C14"] * named


def test_what_is_usual_is_told_and_figures_of_another_level_are_no_others():
    cells = pd.DataFrame({"obs_value": [*[2000.0] * 9, 2e6]}).assign(
        source_file="a", source_sheet="s", source_cell="C1", form="f", item="amount", level="_T",
        field="_T", raw_text="", reporting_unit="01")  # fmt: skip
    assert proportion.findings(cells, FORMS)["expected"].tolist() == ["2.000"]
    apart = cells.assign(level=["a"] * 5 + ["b"] * 5)
    assert proportion.findings(apart, FORMS).empty
