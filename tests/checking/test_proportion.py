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
    assert flagged([*[10_000] * 9, 10]) == ["C9"] and flagged([*[9_000] * 9, 9]) == []
    assert flagged([*[9_000] * 9, 9], "amount") == ["C9"], "an amount of nine is no small office"
    # half lie 10^±0.31 off: 1.4826 · 0.31 · 6.5 is 2.99, less than the three of a thousand
    for apart, named in ((0.31, True), (0.314, False)):
        usual = [10 ** (5 + side * apart) for side in (1, -1) for _ in range(6)]
        assert flagged([*usual, 1e5, 1e5, 1e8], "amount") == (["C14"] if named else [])
