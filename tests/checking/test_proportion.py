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
