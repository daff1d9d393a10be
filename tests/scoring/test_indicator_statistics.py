"""The statistics table against the one that COINr prints, and a case for each flag."""

import numpy as np
import pandas as pd
import pytest
import r_index
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import indicator_statistics

MTCARS = pd.read_csv(r_index.PUBLISHED / "r-index" / "mtcars.csv").rename_axis("reporting_unit")
PRINTED = """
mpg 10.40 33.90 20.100 19.20 6.030 0.672 -0.022 32 25 ok ok
cyl 4.00 8.00 6.190 6.00 1.790 -0.192 -1.760 32 3 ok LOW
disp 71.10 472.00 231.000 196.00 124.000 0.420 -1.070 32 27 ok ok
hp 52.00 335.00 147.000 123.00 68.600 0.799 0.275 32 22 ok ok
drat 2.76 4.93 3.600 3.70 0.535 0.293 -0.450 32 22 ok ok
wt 1.51 5.42 3.220 3.32 0.978 0.466 0.417 32 29 ok ok
qsec 14.50 22.90 17.800 17.70 1.790 0.406 0.865 32 30 ok ok
vs 0.00 1.00 0.438 0.00 0.504 0.265 -2.060 14 2 LOW LOW
am 0.00 1.00 0.406 0.00 0.499 0.401 -1.970 13 2 LOW LOW
gear 3.00 5.00 3.690 4.00 0.738 0.582 -0.895 32 3 ok LOW
carb 1.00 8.00 2.810 2.00 1.620 1.160 2.020 32 6 ok LOW
"""
"""COINr, get_stats(mtcars), as printed to three figures: minimum, maximum, mean, median, sd,
skewness, kurtosis, values other than 0, distinct values, flags of zeros and of distinct values."""


def found_of(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.rename_axis("reporting_unit")
    long = frame.melt(ignore_index=False, var_name="indicator", value_name="obs_value")
    return indicator_statistics.table(long.reset_index(), list(frame)).set_index("indicator")


def test_the_table_that_coinr_prints():
    found = found_of(MTCARS)
    figures = ["minimum", "maximum", "mean", "median", "sd", "skewness", "kurtosis"]
    for line in PRINTED.split("\n")[1:-1]:
        code, *numbers, zeros, few = line.split()
        own = found.loc[code]
        for name, number in zip(figures, map(float, numbers[:7]), strict=True):
            half = 0.5 * 10.0 ** (np.floor(np.log10(abs(number))) - 2) if number else 1e-9
            assert own[name] == pytest.approx(number, abs=1.0001 * half), (code, name)
        assert own["units"] * (1 - own["zeros"] / 100) == pytest.approx(float(numbers[7]))
        assert own["distinct"] == int(numbers[8])
        assert ("zeros" in own["flags"].split()) == (zeros == "LOW")
        assert ("few_values" in own["flags"].split()) == (few == "LOW")
        assert "outliers" not in own["flags"].split()


def test_moments_are_those_of_r():
    found = found_of(r_index.raw())
    for name, method in {"skewness": "skew", "kurtosis": "kurt"}.items():
        expected = r_index.answers(method).iloc[0]
        np.testing.assert_allclose(found.loc[expected.index, name], expected, rtol=1e-9)


def test_each_flag_has_its_case():
    rng = np.random.default_rng(1)
    plain = rng.normal(50, 9, 40)
    frame = pd.DataFrame({"plain": plain, "twin": -2 * plain + rng.normal(0, 1, 40)})
    frame["constant"] = 0.1 + 0.2
    frame["outliers"] = np.append(rng.normal(0, 1, 39), 60)
    frame["missing"] = np.where(np.arange(40) < 26, rng.normal(0, 1, 40), np.nan)
    frame.loc[25, "missing"] = np.nan  # 25 of 40 are 62.5 %
    frame["zeros"] = np.where(np.arange(40) < 21, 0, np.arange(40))
    frame["absent"] = np.nan
    found = found_of(frame)
    flags = found["flags"].to_dict()
    assert flags["plain"] == flags["twin"] == "collinear"
    assert found.loc["plain", "other"] == "twin" and found.loc["plain", "correlation"] < -0.92
    assert flags["constant"] == "constant same few_values"
    assert np.isnan(found.loc["constant", "skewness"])
    assert flags["outliers"] == "outliers" and flags["missing"] == "missing"
    assert flags["zeros"] == "zeros same"
    assert flags["absent"] == "missing zeros few_values"


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=1, max_size=12))
@settings(max_examples=50)
def test_any_column_has_a_row_and_shares_that_are_shares(column):
    frame = pd.DataFrame({"x": pd.Series(column, dtype=float), "y": 1.0})
    found = found_of(frame)
    assert found.index.tolist() == ["x", "y"]
    shares = found[["missing", "zeros", "same"]].stack().dropna()
    assert shares.between(0, 100 + 1e-9).all()
    assert not np.isinf(found.select_dtypes("number").to_numpy(float)).any()


def test_shares_are_of_the_known_values_and_what_is_missing_of_all_units():
    frame = pd.DataFrame({"x": [0.0, 0, 5, np.nan], "y": [7.0, np.nan, np.nan, np.nan]})
    frame["z"] = np.nan
    found = found_of(frame)
    assert found["units"].tolist() == [3, 1, 0]
    assert found["missing"].tolist() == pytest.approx([25, 75, 100])
    assert found["zeros"].tolist()[:2] == pytest.approx([200 / 3, 0])
    assert found["same"].tolist()[:2] == pytest.approx([200 / 3, 100])
    assert found.loc["z", ["zeros", "same"]].isna().all()
    assert found["distinct"].tolist() == [2, 1, 0]


def test_exactly_at_a_limit_nothing_is_flagged_and_just_beyond_it_is():
    n = np.arange(200)
    nearly = np.minimum(np.arange(400) // 2, 198) + 1  # 199 values of 400
    assert found_of(pd.DataFrame({"49.75 % distinct": nearly}))["flags"].item() == "few_values"
    columns = {
        "65 % known": (np.where(n < 130, n + 1, np.nan), set()),
        "64.5 % known": (np.where(n < 129, n + 1, np.nan), {"missing"}),
        "50 % not zero": (np.where(n < 100, 0, n), set()),
        "49.5 % not zero": (np.where(n < 101, 0, n), {"zeros", "same"}),
        "50 % distinct": (n // 2 + 1, set()),
        "49.5 % distinct": (np.minimum(n // 2, 98) + 1, {"few_values"}),
    }
    found = found_of(pd.DataFrame({name: held[0] for name, held in columns.items()}))["flags"]
    for name, (_, flags) in columns.items():
        assert set(found[name].split()) - {"collinear"} == flags, name


@pytest.mark.parametrize(
    ("column", "outliers"),
    [
        ([*range(1, 11), 22], False),  # skewness 1.92, kurtosis 4.76
        ([*range(1, 11), 23], True),  # 2.03 and 5.21
        ([0] * 20 + [9] * 3, True),  # 2.35 and 3.86
        ([*range(1, 41), *[1000] * 6], False),  # 2.26 and 3.28
    ],
)
def test_outliers_are_where_both_moments_are_beyond_their_limits(column, outliers):
    found = found_of(pd.DataFrame({"x": column, "low": [-v for v in column]}))["flags"]
    assert [("outliers" in flags) for flags in found] == [outliers] * 2


def test_three_units_go_together_and_one_value_is_not_constant():
    frame = pd.DataFrame({"x": [1.0, 2, 4, 3], "y": [2, 4, 8, np.nan], "z": [1, 2, np.nan, np.nan]})
    found = found_of(frame.assign(one=[5, np.nan, np.nan, np.nan]))
    assert found["other"].tolist()[:2] == ["y", "x"] and found["other"].isna().tolist()[2:] == [
        1,
        1,
    ]
    assert "constant" not in found.loc["one", "flags"]


def test_values_that_differ_beyond_the_ninth_decimal_are_one():
    found = found_of(pd.DataFrame({"x": [1, 1 + 4e-10], "y": [1, 1 + 2e-9]}))
    assert found["distinct"].tolist() == [1, 2] and "constant" in found.loc["x", "flags"]
