"""Gaps in time as R's ``approx`` and COINr's tests have them; one scale; compound growth."""

import numpy as np
import pandas as pd
import pytest
import r_index
from composites import framework, values
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scoring import composite, panel


def series(held, start=2018, **columns):
    """One unit's indicator over years."""
    made = pd.DataFrame({"reporting_unit": "a", "indicator": "x", "obs_value": held})
    made["time_period"] = [str(start + i) for i in range(len(held))]
    made["obs_status"] = np.where(made["obs_value"].isna(), "O", "A")
    return made.assign(**columns)


YEARS = {str(y): float(y) for y in range(2000, 2030)}


@pytest.mark.parametrize(
    ("name", "held"),
    [("a", [np.nan, 4, np.nan, np.nan, 10, 12, np.nan]), ("b", [3, np.nan, 5, *[np.nan] * 3, 1])],
)
def test_linear_gaps_are_filled_as_r_does(name, held):
    found = panel.filled(series(held), YEARS, "linear")
    expected = r_index.answers("linear")[name]
    np.testing.assert_allclose(found["filled_value"], expected)
    assert (found["obs_status"] == np.where(np.isnan(held), "I", "A")).all()


@pytest.mark.parametrize(
    ("held", "linear"),
    [([1, 2, 3], [1, 2, 3]), ([3, np.nan, 5], [3, 4, 5]), ([np.nan, 5, 6], [5, 5, 6]),
     ([7, 8, np.nan], [7, 8, 8])],
)  # fmt: skip
def test_the_cases_of_coinrs_own_tests(held, linear):
    assert panel.filled(series(held), YEARS, "linear")["filled_value"].tolist() == linear


def test_the_nearest_in_time_counts_years_and_not_periods():
    times = {"2018": 2018.0, "2019": 2022.0, "2020": 2023.0}
    found = panel.filled(series([1, np.nan, 9]), times, "nearest")
    assert found["filled_value"].tolist() == [1, 9, 9]
    even = panel.filled(series([1, np.nan, 9]), YEARS, "nearest")
    assert even["filled_value"].tolist() == [1, 1, 9], "the earlier of two as near"


def test_what_had_nothing_to_measure_stays_empty():
    held = series([1, np.nan, 9], obs_status=["A", "M", "A"])
    found = panel.filled(held, YEARS, "linear")
    assert np.isnan(found["filled_value"][1]) and found["obs_status"][1] == "M"
    none = panel.filled(series([np.nan, np.nan]), YEARS, "linear")
    assert none["filled_value"].isna().all() and (none["obs_status"] == "O").all()


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=1, max_size=9))
@settings(max_examples=40)
def test_what_is_known_stays_and_what_is_filled_lies_between(held):
    table = series(np.array(held, float))
    for method in panel.METHODS:
        found = panel.filled(table, YEARS, method)
        known = table["obs_value"].notna()
        assert (found.loc[known, "filled_value"] == table.loc[known, "obs_value"]).all()
        rest = found.loc[~known, "filled_value"].dropna()
        low, high = table["obs_value"].min(), table["obs_value"].max()
        assert rest.between(low - 1e-6, high + 1e-6).all()


def test_all_periods_share_one_scale():
    """Of two periods that are the halves of one table the scores are those of the table."""
    made = framework(over_time={})
    x = np.random.default_rng(2).uniform(0, 9, (12, 4))
    table = values(x, made)
    whole = composite.build(table, made).scores
    unit = table["reporting_unit"].str[1:].astype(int)
    halves = table.assign(
        time_period=np.where(unit < 6, "2021", "2022"), reporting_unit="u" + (unit % 6).astype(str)
    )
    found = panel.scores(panel.filled(halves, YEARS, "none"), made)
    found = found[found["level"] == "framework"].set_index(["time_period", "reporting_unit"])
    own = whole[whole["level"] == "framework"].set_index("reporting_unit")["score"]
    for n in range(12):
        key = ("2021" if n < 6 else "2022", f"u{n % 6}")
        assert found.loc[key, "score"] == pytest.approx(own[f"u{n}"])


def test_growth_is_compound_and_only_where_a_rate_exists():
    held = pd.concat(
        [
            series([100, 5, np.nan, 200.0], reporting_unit="double"),
            series([np.nan, 8, 2.0], reporting_unit="fall"),
            series([0, 8.0], reporting_unit="zero"),
            series([8.0, 0], reporting_unit="to zero"),
            series([np.nan, 8.0], reporting_unit="one"),
            series([0.5, 0.25], reporting_unit="small"),
        ]
    )
    found = panel.growth(held, YEARS, "obs_value", ["reporting_unit"]).set_index("reporting_unit")
    assert found.loc["double", "growth"] == pytest.approx(100 * (2 ** (1 / 3) - 1))
    assert found.loc["fall", "growth"] == pytest.approx(-75)
    assert found.loc["small", "growth"] == pytest.approx(-50)
    assert found.loc[["zero", "to zero", "one"], "growth"].isna().all()
    assert found.loc["double", ["first_period", "last_period"]].tolist() == ["2018", "2021"]
