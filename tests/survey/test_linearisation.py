"""Variances of totals by hand: strata of two and of one, what was drawn whole, what cancels."""

import numpy as np
import pandas as pd
import pytest

from analysis.survey import estimation, linearisation, sampling


def sample(lonely_psu, population=None, y=(1.0, 3, 10)):
    table = pd.DataFrame({"s": list("aab"), "y": y, "w": 10.0})
    if population:
        table["N"] = population
    return sampling.design(table, "w", "s", "N" if population else None, lonely_psu=lonely_psu)


@pytest.mark.parametrize(
    ("lonely_psu", "variance"),
    [
        ("certainty", 400),  # 2 ÷ 1 · (10² + 10²): stratum a alone
        ("adjust", 400 + 100**2),  # the firm of b against no deviation at all
        ("average", 2 * 400),  # b as wide as the mean of the others
    ],
)
def test_a_stratum_of_one_firm_adds_what_the_design_says(lonely_psu, variance):
    found = estimation.total(sample(lonely_psu), "y").iloc[0]
    assert found["estimate"] == 140
    assert found["standard_error"] ** 2 == pytest.approx(variance)


def test_a_stratum_of_one_firm_must_be_decided_upon_unless_it_is_all_of_it():
    with pytest.raises(ValueError, match="stratum b has one psu only"):
        estimation.total(sample("fail"), "y")
    whole = sample("fail", [4, 4, 1])
    error = estimation.total(whole, "y").loc[0, "standard_error"]
    assert error**2 == pytest.approx((1 - 2 / 4) * 400), "half of a was drawn, all of b"
    # of a domain that does not touch b nothing is to be decided, and n_h stays that of the design
    table = sample("fail").table.assign(d=[1, 2, None])
    held = sampling.design(table, "w", "s")
    rows = estimation.total(held, "y", ["d"])
    assert (rows["standard_error"] ** 2).tolist() == pytest.approx([2 * 2 * 5**2, 2 * 2 * 15**2])


def test_what_is_left_to_chance_is_the_share_that_was_not_drawn():
    held = sample("certainty", [8, 8, 1])
    assert linearisation.left_to_chance(held).tolist() == [0.75, 0]
    assert linearisation.left_to_chance(sample("certainty")).tolist() == [1, 1]


def test_two_estimates_have_the_covariance_of_their_influences():
    held = sample("certainty")
    z = np.array([[10.0, 1], [30, -1], [100, 5]])
    found = linearisation.covariance(held, z, np.arange(3))
    # stratum a: 2 · Σ (z₁ − 20)(z₂ − 0) = 2 · (−10 − 10)
    np.testing.assert_allclose(found, [[400, -40], [-40, 4]])


def point(influence: list[float]) -> linearisation.Point:
    return linearisation.Point(0, np.array(influence), np.zeros(4), None)


def test_influences_that_cancel_within_a_firm_are_nothing():
    table = pd.DataFrame({"firm": list("aabb"), "w": 0.1})
    held = sampling.design(table, "w", psu="firm")
    rows = np.arange(4)
    found = linearisation.scores(held, point([0.1 + 0.2, -0.3, 1e-9, 1e-9]), rows)
    assert found.tolist() == [0, 2e-9]
    found = linearisation.scores(held, point([1.0, -1 + 1e-6, 2, 3]), rows)
    assert found == pytest.approx([1e-6, 5])


def test_what_known_totals_explain_reaches_every_stratum():
    """Of weights that meet totals a domain in stratum a alone rests on the firm of b, too."""
    table = sample("fail").table.assign(d=[1, 2, None], g="all")
    met = sampling.post_stratify(sampling.design(table, "w", "s"), "g", pd.Series({"all": 60.0}))
    with pytest.raises(ValueError, match="stratum b has one psu only"):
        estimation.total(met, "y", ["d"])
