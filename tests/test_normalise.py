"""Scores: known values, bounds, and order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import normalise

costs = st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=2, max_size=20).map(pd.Series)


def test_goalposts_as_in_doing_business():
    """Starting a business, days: best 0.5, worst 100 (Doing Business 2020); 50.25 is half way."""
    found = normalise.goalposts(pd.Series([0.5, 50.25, 100, 300, np.nan]), 0.5, 100)
    assert found.tolist()[:4] == pytest.approx([100, 50, 0, 0])
    assert np.isnan(found.iloc[4])
    with pytest.raises(ValueError, match="must differ"):
        normalise.goalposts(pd.Series([1.0]), 3, 3)


def test_percentiles_count_ties_half():
    found = normalise.percentile_within_group(pd.Series([10.0, 20, 20, 40, np.nan]))
    assert found.tolist()[:4] == pytest.approx([100, 50, 50, 0])
    assert np.isnan(found.iloc[4])
    assert normalise.percentile_within_group(pd.Series([3.0])).isna().all()


def test_distance_to_baseline_is_50_where_nothing_changed():
    found = normalise.distance_to_baseline(pd.Series([10.0, 5, 0]), pd.Series([10.0, 10, 10]))
    assert found.tolist() == pytest.approx([50, 200 / 3, 100])


@given(costs)
def test_cheaper_never_scores_lower(values):
    order = values.argsort()
    for scores in (
        normalise.goalposts(values, 0, 1e9),
        normalise.percentile_within_group(values),
        normalise.distance_to_baseline(values, pd.Series(7.0, index=values.index)),
    ):
        assert scores.between(-1e-9, 100 + 1e-9).all()
        assert (scores.iloc[order].diff().dropna() <= 1e-9).all()
