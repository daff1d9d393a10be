"""How much peers differ beyond chance: known figures, digits, two parts told apart."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy

from analysis.scoring import dispersion

COUNTS = pd.read_csv(Path(__file__).parents[1] / "examples" / "counts.csv")

# FunnelPlotR 0.6.0, and maximum likelihood by SciPy, with which VGAM 1.1-7 agrees to 1e-5
KNOWN = {
    "moderate-overdispersion": (5.51022115818, 0.00137963155328, 0.82432075221, 0.014525086661),
    "near-one": (0.545185384127, 0, 0.990435963324, 0.00279180151507),
}
LIKELIHOOD = {"moderate-overdispersion": -223.45628638, "near-one": -80.9979530123}


def counts(name):
    held = COUNTS[COUNTS["set"] == name]
    return held["numerator"].to_numpy(float), held["denominator"].to_numpy(float)


@pytest.mark.parametrize("name", KNOWN)
def test_spread_is_that_of_independent_software(name):
    phi, tau2, mu, rho = KNOWN[name]
    x, n = counts(name)
    found = dispersion.spread(x, n)
    assert found.phi == pytest.approx(phi, rel=1e-10)
    assert found.tau2 == pytest.approx(tau2, rel=1e-9)
    beta = dispersion.beta_binomial(x, n)
    assert (beta.mu, beta.rho) == pytest.approx((mu, rho), rel=1e-4)
    assert beta.log_likelihood == pytest.approx(LIKELIHOOD[name], abs=1e-6)


def test_likelihood_is_scipys_where_that_has_its_digits():
    x, n = np.array([0, 3, 70, 4999, 10]), np.array([5, 3, 200, 5000, 400_000])
    mu, theta = 0.7, 0.02
    a, b = mu / theta, (1 - mu) / theta
    expected = scipy.stats.betabinom.logpmf(x, n, a, b).sum()
    assert dispersion.log_likelihood(x, n, mu, theta) == pytest.approx(expected, rel=1e-10)


def test_likelihood_keeps_its_digits_where_units_do_not_differ():
    x, n = np.array([5.0, 170, 4100]), np.array([6.0, 200, 5000])
    plain = scipy.stats.binom.logpmf(x, n, 0.85).sum()
    assert dispersion.log_likelihood(x, n, 0.85, 0.0) == pytest.approx(plain, abs=1e-9)
    # the slope at 0 is Σ [x(x−1)/μ + (n−x)(n−x−1)/(1−μ) − n(n−1)] / 2
    slope = (x * (x - 1) / 0.85 + (n - x) * (n - x - 1) / 0.15 - n * (n - 1)).sum() / 2
    for theta in (1e-12, 1e-10):
        moved = dispersion.log_likelihood(x, n, 0.85, theta) - plain
        assert moved == pytest.approx(slope * theta, abs=2e-10)


@pytest.mark.parametrize("x", [[0, 0, 0], [4, 9, 2]])
def test_all_or_none_is_no_spread(x):
    n = np.array([4.0, 9, 2])
    found = dispersion.beta_binomial(np.array(x, float), n)
    assert found.rho == 0 and found.mu in (0, 1)
    assert dispersion.within(np.array(x, float), n) == (1.0, 0.0, False)


def within(rng, phi, tau, n, units=300):
    n = n(rng, units)
    p = np.sin(np.arcsin(np.sqrt(0.8)) + tau * rng.standard_normal(units)) ** 2
    return dispersion.within(rng.binomial(n // phi, p) * float(phi), n // phi * float(phi))


def spread_out(rng, units):
    return np.exp(rng.uniform(2, 9, units)).astype(int)


def alike(rng, units):
    return rng.integers(900, 1100, units)


def test_clusters_and_lasting_differences_are_told_apart_by_the_numbers_of_cases():
    rng = np.random.default_rng(5)
    plain, clustered = within(rng, 1, 0.05, spread_out), within(rng, 4, 0.05, spread_out)
    assert plain.known and plain.phi < 1.8
    assert clustered.known and 3 < clustered.phi < 6
    assert np.sqrt([plain.tau2, clustered.tau2]) == pytest.approx(0.05, rel=0.3)


def test_where_they_cannot_be_told_apart_that_is_said_and_cases_count_as_independent():
    rng = np.random.default_rng(6)
    for found in (within(rng, 4, 0.05, alike), within(rng, 1, 0.5, spread_out, 20)):
        assert not found.known and found.phi == 1


def test_of_two_peers_nothing_is_said_of_how_they_differ_and_of_three_it_is():
    two = dispersion.spread(np.array([1.0, 90]), np.array([100.0, 100]))
    assert two.tau2 == 0 and two.target == 0.455
    three = dispersion.spread(np.array([1.0, 50, 90]), np.array([100.0, 100, 100]))
    assert three.tau2 > 0
    one = dispersion.spread(np.array([1.0]), np.array([100.0]))
    assert one.tau2 == 0 and one.phi == pytest.approx(0, abs=1e-20)
    known = dispersion.within(np.array([50.0, 60]), np.array([100.0, 100]))
    assert known == dispersion.Within(1.0, 0.0, False)


def test_moments_by_hand():
    """DerSimonian & Laird with all n equal: weights w = 4n, room = (k − 1) w, so that
    tau2 = (k phi − (k − 1)) ÷ ((k − 1) 4n)."""
    x, n = np.array([20.0, 40, 60, 80]), np.full(4, 100.0)
    found = dispersion.spread(x, n)
    z = (np.arcsin(np.sqrt(x / n)) - np.pi / 4) * 20
    ends = np.quantile(z, [0.1, 0.9])
    phi = np.square(np.clip(z, *ends)).mean()
    np.testing.assert_allclose(found.z, z)
    assert found.phi == pytest.approx(phi)
    assert found.tau2 == pytest.approx((4 * phi - 3) / (3 * 400))


@pytest.mark.parametrize("n", [3, 64, 65, 66, 200, 1000])
def test_where_every_ratio_is_as_likely_so_is_every_count(n):
    """A beta of 1 and 1 is even: each of 0 to n successes has the probability 1 ÷ (n + 1)."""
    for x in {0, 1, n // 3, n // 2, n - 1, n}:
        found = dispersion.log_likelihood(np.array([x]), np.array([n]), 0.5, 0.5)
        assert found == pytest.approx(-np.log(n + 1), abs=1e-12 * n), x
