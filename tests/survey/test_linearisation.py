"""Variances of totals by hand: strata of two and of one, what was drawn whole, what cancels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.survey import estimation, linearisation, sampling
from analysis.survey.replicates import Replicates


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


def two_stages(population=4, firms=(4, 10)) -> sampling.Design:
    """Two of four districts; of the first two of four firms, of the second two of ten."""
    table = pd.DataFrame({"d": list("aabb"), "f": range(4), "y": [1.0, 3, 10, 20], "w": 5.0})
    table["N"], table["M"] = population, np.repeat(firms, 2)
    return sampling.design(table, "w", None, "N", "d", second="f", within="M")


def test_firms_drawn_within_districts_add_their_variance_by_the_share_of_districts():
    """wy is 5, 15; 50, 100: ½ · 2 · (65² + 65²) of 20 and 150 about 85; within, half of it:
    (1 − 2/4) · 2 · (5² + 5²) and (1 − 2/10) · 2 · (25² + 25²)."""
    first = (1 - 2 / 4) * 2 * 2 * 65**2
    within = (1 - 2 / 4) * 2 * 2 * 5**2, (1 - 2 / 10) * 2 * 2 * 25**2
    found = estimation.total(two_stages(), "y").iloc[0]
    assert found["standard_error"] ** 2 == pytest.approx(first + sum(within) / 2)
    # with a district drawn whole its firms add nothing; with all districts, the firms are all
    whole = estimation.total(two_stages(firms=(2, 10)), "y").iloc[0]
    assert whole["standard_error"] ** 2 == pytest.approx(first + within[1] / 2)
    all_drawn = estimation.total(two_stages(population=2), "y").iloc[0]
    assert all_drawn["standard_error"] ** 2 == pytest.approx(sum(within))


def test_a_district_of_one_firm_stops_it_unless_no_chance_is_left_or_it_is_not_asked_about():
    table = pd.DataFrame({"d": list("aab"), "f": range(3), "y": [1.0, 3, 10], "w": 5.0, "N": 3})
    table = table.assign(M=[2, 2, 4], part=[1, 1, np.nan])
    held = sampling.design(table, "w", None, "N", "d", second="f", within="M")
    with pytest.raises(ValueError, match="stratum 0 has one psu only"):
        estimation.total(held, "y")
    assert estimation.total(held, "y", ["part"]).loc[0, "standard_error"] > 0
    one = sampling.design(table.assign(M=[2, 2, 1]), "w", None, "N", "d", second="f", within="M")
    assert estimation.total(one, "y").loc[0, "standard_error"] > 0


def test_what_differs_by_rounding_alone_is_no_residual():
    y = np.array([0.3, 1.0, 1 + 1e-11, 0.0])
    found = linearisation.residuals(y, np.array([0.1 + 0.2, 1, 1, 1e-300]))
    assert found[:2].tolist() == [0, 0] and found[2] == pytest.approx(1e-11, rel=1e-4)
    assert found[3] == -1e-300, "0 is equal to 0 alone"


def test_strata_of_one_beside_two_others_take_the_mean_of_these():
    """Variances 400 of two strata are 800; one of three strata has a single firm: 800 · 3 ÷ 2."""
    table = pd.DataFrame(
        {"s": list("aabbc"), "y": [1.0, 3, 4, 6, 9], "w": 10.0, "d": list("xxyyy")}
    )
    held = sampling.design(table, "w", "s", lonely_psu="average")
    assert estimation.total(held, "y").loc[0, "standard_error"] ** 2 == pytest.approx(1200)
    # of a domain in b and c, two strata count: 400 · 2
    of_y = estimation.total(held, "y", ["d"]).set_index("d")["standard_error"]
    assert (of_y**2).to_dict() == pytest.approx({"x": 400, "y": 800})
    alone = sampling.design(table.tail(1), "w", "s", lonely_psu="average")
    assert np.isnan(estimation.total(alone, "y").loc[0, "standard_error"])


@pytest.mark.parametrize(("drawn", "left"), [(10_000_000 - 0.5, 0), (1, 1 - 1e-7), (9, 1 - 9e-7)])
def test_what_is_left_of_all_but_half_a_firm_is_nothing(drawn, left):
    held = sample("certainty")
    of_many = replace(held, sampled=np.array([drawn]), population=np.array([1e7]))
    assert linearisation.left_to_chance(of_many).tolist() == [pytest.approx(left, abs=1e-12)]


def test_weights_that_meet_totals_leave_to_each_firm_what_these_do_not_explain():
    """Two answers of a firm and one of another, weights raked to one total: z less its mean."""
    table = pd.DataFrame({"firm": list("aab"), "g": "all", "w": 10.0})
    plain = sampling.design(table, "w", psu="firm")
    met = sampling.post_stratify(plain, "g", pd.Series({"all": 30.0}))
    of_it = linearisation.Point(0, np.array([3.0, 6, 9]), np.zeros(3), None)
    assert linearisation.scores(plain, of_it, np.arange(3)).tolist() == [9, 9]
    assert linearisation.scores(met, of_it, np.arange(3)) == pytest.approx([-3, 3])


def test_three_firms_and_the_jackknife_of_their_mean_have_the_error_of_the_textbook():
    """1, 2 and 6: s² ÷ 3 = 7 ÷ 3; the means of two of them are 4, 3.5 and 1.5."""
    table = pd.DataFrame({"y": [1.0, 2, 6], "w": 1e9})
    plain = sampling.design(table, "w")
    assert estimation.mean(plain, "y").loc[0, "standard_error"] ** 2 == pytest.approx(7 / 3)
    rows, left = np.arange(3), 1.5 * (1 - np.eye(3))
    replicates = Replicates(left, rows, 2 / 3, np.ones(3), rows, mse=True)
    held = sampling.replicated(table, np.ones(3), replicates)
    assert estimation.mean(held, "y").loc[0, "standard_error"] ** 2 == pytest.approx(7 / 3)
    # totals are three times the mean
    assert estimation.total(held, "y").loc[0, "standard_error"] ** 2 == pytest.approx(9 * 7 / 3)
