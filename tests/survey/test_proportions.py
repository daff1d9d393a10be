"""Intervals of shares against exact binomial limits, a second library, and what always holds."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import svy
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from analysis import project
from analysis.survey import estimation, proportions, sampling

SCHOOLS = pd.read_csv(project.PROJECT / "tests" / "published" / "apistrat.csv")
SCHOOLS["wide"] = (SCHOOLS["sch.wide"] == "Yes").astype(float)
SCHOOLS["rare"] = (SCHOOLS["api00"] > 880).astype(float)
METHODS = proportions.METHODS


def simple(hits: int, n: int, **more) -> pd.Series:
    """Share of a simple random sample of a large population."""
    table = pd.DataFrame({"y": np.r_[np.ones(hits), np.zeros(n - hits)], "w": 1e6})
    sample = sampling.design(table, "w", lonely_psu="certainty")
    return estimation.proportion(sample, "y", **more).iloc[0]


@pytest.mark.parametrize("n", [1, 5, 85, 400])
@pytest.mark.parametrize("all_alike", [False, True])
def test_where_all_or_none_say_yes_the_limits_are_the_exact_binomial_ones(n, all_alike):
    hits = n if all_alike else 0
    row = simple(hits, n)
    if n == 1:  # one firm shows nothing of how firms differ
        assert np.isnan(row["ci_low"]) and row["reason"] == "no_degrees_of_freedom"
        return
    exact = stats.binomtest(hits, n).proportion_ci(method="exact")
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((exact.low, exact.high))
    assert row["reason"] == "" and row["standard_error"] == 0


@pytest.mark.parametrize(("hits", "n"), [(1, 100), (3, 85), (50, 101), (99, 100)])
def test_a_simple_random_sample_has_the_limits_of_one_toss_less(hits, n):
    """p(1 − p)/error² is n − 1 there; scipy knows whole numbers of tosses, beta limits do not."""
    row, p = simple(hits, n), hits / n
    x, m = (n - 1) * p, n - 1
    low, high = special.betaincinv([x, x + 1], [m - x + 1, m - x], [0.025, 0.975])
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-6)
    exact = stats.binomtest(hits, n).proportion_ci(method="exact")
    assert (low, high) == pytest.approx((exact.low, exact.high), rel=0.04)


@pytest.mark.parametrize(("method", "theirs"), [("beta", "beta"), ("logit", "logit")])
@pytest.mark.parametrize("variable", ["wide", "rare"])
def test_limits_as_in_r_agree_with_a_second_library(variable, method, theirs):
    ours = sampling.design(SCHOOLS, "pw", "stype", "fpc")
    row = estimation.proportion(ours, variable, method=method).iloc[0]
    sample = svy.Sample(
        data=pl.from_pandas(SCHOOLS[["stype", "pw", "fpc", variable]]),
        design=svy.Design(stratum="stype", wgt="pw", pop_size="fpc"),
    )
    found = sample.estimation.prop(variable, ci_method=theirs).to_polars().to_pandas()
    other = found.iloc[found["est"].sub(row["estimate"]).abs().argmin()]
    assert row["estimate"] == pytest.approx(other["est"])
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((other["lci"], other["uci"]), rel=1e-6)


def test_logit_limits_by_their_formula():
    sample = sampling.design(SCHOOLS, "pw", "stype", "fpc")
    plain = estimation.mean(sample, "wide").iloc[0]
    p, error = plain["estimate"], plain["standard_error"]
    reach = stats.t.ppf(0.975, 197) * error / (p * (1 - p))
    row = estimation.proportion(sample, "wide", method="logit").iloc[0]
    found = special.expit(special.logit(p) + np.array([-reach, reach]))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(found))
    assert row["standard_error"] == error


def test_few_cases_do_not_understate_their_error():
    """One yes of the lightest firm: the plain error believes in thousands of firms."""
    table = pd.DataFrame({"y": [1.0] + [0.0] * 99, "w": [1.0] + [500.0] * 99})
    sample = sampling.design(table, "w")
    bold = estimation.proportion(sample, "y", method="beta").iloc[0]
    row = estimation.proportion(sample, "y").iloc[0]
    assert bold["ci_high"] < 0.001
    assert row["ci_high"] == pytest.approx(simple(0, 100)["ci_high"], rel=0.05)


def test_a_census_knows_its_share():
    table = pd.DataFrame({"s": list("aabb"), "y": [0.0, 0, 0, 0], "z": [1.0, 0, 1, 1], "N": 2})
    sample = sampling.design(table, stratum="s", population="N")
    rows = estimation.proportion(sample, ["y", "z"])
    assert rows["ci_low"].tolist() == rows["ci_high"].tolist() == [0, 0.75]


def test_without_a_second_firm_in_any_stratum_there_is_a_reason_and_no_interval():
    table = pd.DataFrame({"s": list("abc"), "y": [0.0, 1, 1], "w": 5.0})
    sample = sampling.design(table, "w", "s", lonely_psu="certainty")
    for found in (estimation.proportion(sample, "y"), estimation.mean(sample, "y")):
        assert found.loc[0, "estimate"] == pytest.approx(2 / 3)
        assert np.isnan(found.loc[0, "ci_low"])
        assert found.loc[0, "reason"] == "no_degrees_of_freedom"


def test_what_is_no_share_is_refused():
    table = pd.DataFrame({"y": [0.0, 1, 100], "w": 5.0})
    with pytest.raises(ValueError, match="y: must be 0 or 1 to be a share, not 100"):
        estimation.proportion(sampling.design(table, "w"), "y")
    with pytest.raises(ValueError, match="method must be one of"):
        simple(1, 9, method="wald")


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0.1, 900), st.sampled_from("ab")), min_size=2),
    st.sampled_from(["korn_graubard", "mean"]),
)
def test_limits_stay_within_0_and_100_and_hold_the_estimate(rows, method):
    table = pd.DataFrame(rows, columns=["y", "w", "s"])
    table["y"] = 100.0 * table["y"]
    sample = sampling.design(table, "w", "s", lonely_psu="certainty")
    row = estimation.proportion(sample, "y", method=method, whole=100).iloc[0]
    assert row["reason"] in {"", *estimation.REASONS}
    if row["reason"]:
        assert row[["ci_low", "ci_high"]].isna().all()
        return
    assert 0 <= row["ci_low"] <= row["estimate"] + 1e-9
    assert row["estimate"] - 1e-9 <= row["ci_high"] <= 100
    if method == "korn_graubard":
        assert row["ci_low"] < row["ci_high"], "no sample of some knows the share exactly"


def test_small_shares_are_held_as_often_as_said():
    """2 % of 120 firms with unequal weights; ``benchmarks/coverage.py`` does it for an edition."""
    rng, held = np.random.default_rng(5), {"korn_graubard": 0, "t": 0}
    weight = np.r_[np.full(60, 1.0), np.full(60, 4.0)]
    effective = proportions.effective_size(weight, np.ones(120))
    share = weight / weight.sum()
    for _ in range(600):
        y = (rng.random(120) < 0.02).astype(float)
        p = float(share @ y)
        error = float(np.sqrt(120 / 119 * np.square(share * (y - p)).sum()))
        low, high = proportions.interval(p, error, 120, 119, effective)
        held["korn_graubard"] += low <= 0.02 <= high
        held["t"] += abs(p - 0.02) <= stats.t.ppf(0.975, 119) * error
    assert held["korn_graubard"] / 600 > 0.94
    assert held["t"] / 600 < 0.90


def test_the_effective_size_is_kish_s():
    """Kish 1965, 11.7: of weights 1 and 3, 4² ÷ (1 + 9); half of all drawn halves the loss."""
    weights = np.array([1.0, 3.0])
    assert proportions.effective_size(weights, np.ones(2)) == pytest.approx(1.6)
    assert proportions.effective_size(weights, np.array([0.5, 0.5])) == pytest.approx(3.2)
    assert proportions.effective_size(weights, np.array([1.0, 0])) == pytest.approx(16)
    assert proportions.effective_size(np.full(7, 2.0), np.ones(7)) == pytest.approx(7)
    assert proportions.effective_size(weights, np.zeros(2)) == np.inf


def test_a_plain_t_interval_by_its_formula_cut_at_0_and_1():
    critical = stats.t.ppf(0.95, 9)
    found = proportions.interval(0.5, 0.1, 20, 9, 20, "mean", level=0.9)
    assert found == pytest.approx((0.5 - critical * 0.1, 0.5 + critical * 0.1))
    assert proportions.interval(0.05, 0.1, 20, 9, 20, "mean")[0] == 0
    assert proportions.interval(0.95, 0.1, 20, 9, 20, "mean")[1] == 1
    assert np.isnan(proportions.interval(0.5, 0.1, 20, 0, 20)).all(), "no degrees of freedom"


def test_a_share_without_an_error_has_the_tosses_that_the_weights_allow():
    """Firms that all give the same share of 3 in 4: beta is sure, Korn and Graubard are not."""
    assert proportions.interval(0.75, 0.0, 10, 9, 8.0, "beta") == (0.75, 0.75)
    low, high = proportions.interval(0.75, 0.0, 10, 9, 8.0)
    exact = stats.binomtest(6, 8).proportion_ci(method="exact")
    assert (low, high) == pytest.approx((exact.low, exact.high))
    for method in proportions.METHODS:
        assert proportions.interval(0.75, 0.0, 10, 9, np.inf, method) == (0.75, 0.75)
    assert proportions.interval(1.0, 0.0, 10, 9, np.inf) == (1, 1)


@pytest.mark.parametrize("method", ["beta", "logit", "mean"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_at_0_and_1_the_others_have_no_interval(method, share):
    for effective in (10.0, np.inf):
        assert np.isnan(proportions.interval(share, 0.0, 10, 9, effective, method)).all()


def test_the_tosses_are_corrected_by_the_degrees_of_freedom_where_there_are_two_answers():
    """n* · (t of n − 1 ÷ t of the design)²: 0.2 · 0.8 ÷ 0.1² = 16 tosses of 20 answers and 4."""
    tosses = 16 * (stats.t.ppf(0.95, 19) / stats.t.ppf(0.95, 4)) ** 2
    low = stats.beta.ppf(0.05, 0.2 * tosses, 0.8 * tosses + 1)
    high = stats.beta.ppf(0.95, 0.2 * tosses + 1, 0.8 * tosses)
    found = proportions.interval(0.2, 0.1, 20, 4, 99.0, level=0.9)
    assert found == pytest.approx((low, high))
    assert proportions.interval(0.2, 0.1, 20, 4, 16.0, level=0.9) == pytest.approx((low, high))
    assert proportions.interval(0.2, 0.1, 20, 4, np.inf, level=0.9) == pytest.approx((low, high))
    fewer = proportions.interval(0.2, 0.1, 20, 4, 8.0, level=0.9)
    assert fewer[0] < low and fewer[1] > high
    of_two = proportions.interval(0.0, 0.0, 2, 1, 2.0)
    assert of_two[1] == pytest.approx(1 - 0.025**0.5), "as two tosses"
    alone = proportions.interval(0.0, 0.0, 1, 1, 2.0)
    assert alone[1] == pytest.approx(1 - 0.025**0.5), "n − 1 of one answer says nothing"
