"""Area-level models: the published example of R's sae, limits, sums that hold exactly."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.survey import fay_herriot

# Expenditure on fresh milk in 43 areas of the USA (Arora and Lahiri 1997), as data set `milk` of
# the R package sae 1.3: direct estimate, its standard error, major area.
MILK = np.array("""
1.099 .163 1 1.075 .08 1 1.105 .083 1 .628 .109 1 .753 .119 1 .981 .141 1 1.257 .202 1 1.095 .127 2
1.405 .168 2 1.356 .178 2 .615 .1 2 1.46 .201 2 1.338 .148 2 .854 .143 2 1.176 .149 3 1.111 .145 3
1.257 .135 3 1.43 .172 3 1.278 .137 3 1.292 .163 3 1.002 .125 3 1.183 .247 3 1.044 .14 3
1.267 .171 3 1.193 .106 3 .791 .121 4 .795 .121 4 .759 .259 4 .796 .106 4 .565 .089 4 .886 .225 4
.952 .205 4 .807 .119 4 .582 .067 4 .684 .106 4 .787 .126 4 .44 .092 4 .759 .132 4 .77 .1 4
.8 .113 4 .756 .083 4 .865 .121 4 .64 .129 4
""".split(), float).reshape(-1, 3)  # fmt: skip
# What sae's eblupFH and mseFH give for yi ~ as.factor(MajorArea), method REML.
BETA = [0.9681890, 0.1327801, 0.2269462, -0.2413011]
BETA_ERROR = [0.06936208, 0.10300072, 0.09232981, 0.08161707]
EBLUP = np.array("""
1.0219703 1.0476018 1.0679513 0.7608170 0.8461574 0.9743727 1.0584523 1.0977762 1.2215449 1.1951455
0.7852155 1.2139456 1.2096593 0.9834967 1.1864247 1.1556982 1.2263411 1.2856486 1.2363247 1.2349600
1.0903019 1.1923057 1.1216470 1.2230296 1.1938054 0.7627195 0.7649550 0.7338443 0.7699294 0.6134418
0.7695558 0.7958250 0.7723187 0.6102302 0.7001782 0.7592787 0.5298867 0.7434466 0.7548996 0.7701918
0.7481164 0.8040773 0.6810870
""".split(), float)  # fmt: skip
MSE = np.array("""
.013460220 .005372876 .005701990 .008541740 .009579594 .011670632 .015926137 .010586518 .014184043
.014901472 .007694262 .016336469 .012562726 .012117378 .012031229 .011709147 .010859780 .013690860
.011034674 .013079686 .009948636 .017243977 .011292325 .013625297 .008065787 .009205133 .009205133
.016476912 .007800626 .006098668 .015441564 .014657866 .009024699 .003870786 .007800626 .009646139
.006404335 .010155645 .007209937 .008470277 .005484860 .009205133 .009903626
""".split(), float)  # fmt: skip


def milk():
    y, error, major = MILK.T
    x = np.column_stack([np.ones(43), *[major == k for k in (2, 3, 4)]]).astype(float)
    return y, x, error**2


def test_the_example_of_sae():
    found = fay_herriot.fit(*milk())
    np.testing.assert_allclose(found.coefficients, BETA, atol=2e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), BETA_ERROR, atol=2e-6)
    np.testing.assert_allclose(found.eblup, EBLUP, atol=2e-6)
    np.testing.assert_allclose(found.mse, MSE, rtol=2e-5)


def full_likelihood(variance, y, x, psi):
    """The density of contrasts that are free of x: n − p of them, from the null space of x'."""
    free = scipy.linalg.null_space(x.T)
    v = free.T @ np.diag(variance + psi) @ free
    z = free.T @ y
    return -0.5 * (np.linalg.slogdet(v)[1] + z @ np.linalg.solve(v, z))


def areas(seed, m=30, variance=0.3):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(m), rng.normal(5, 2, m)])
    psi = rng.uniform(0.05, 1.5, m)
    y = x @ [1.0, 0.5] + rng.normal(0, np.sqrt(variance), m) + rng.normal(0, np.sqrt(psi))
    return y, x, psi


@pytest.mark.parametrize("seed", range(3))
def test_the_variance_is_the_highest_point_of_the_likelihood_of_free_contrasts(seed):
    y, x, psi = areas(seed)
    found = fay_herriot.fit(y, x, psi)
    grid = np.concatenate([[0], np.geomspace(1e-4, 20, 1500)])
    heights = [full_likelihood(a, y, x, psi) for a in grid]
    best = grid[int(np.argmax(heights))]
    assert found.variance == pytest.approx(best, rel=9e-3, abs=1e-4)
    top = full_likelihood(found.variance, y, x, psi)
    reach = top - 1.9207294  # half of the 95 % point of a chi square with one degree of freedom
    assert full_likelihood(found.high, y, x, psi) == pytest.approx(reach, abs=1e-5)
    if found.low > 0:
        assert full_likelihood(found.low, y, x, psi) == pytest.approx(reach, abs=1e-5)


def test_the_predictor_is_the_best_linear_one():
    """The mixed-model equations of Henderson, solved as one system, give the same figures."""
    y, x, psi = areas(1)
    found = fay_herriot.fit(y, x, psi)
    r, a, m, p = 1 / psi, found.variance, len(y), x.shape[1]
    left = np.block([[(x.T * r) @ x, x.T * r], [(x.T * r).T, np.diag(r + 1 / a)]])
    solved = np.linalg.solve(left, np.concatenate([x.T @ (r * y), r * y]))
    np.testing.assert_allclose(found.eblup, x @ solved[:p] + solved[p:], rtol=1e-9)
    inverse = np.linalg.inv(left)
    lead = np.hstack([x, np.eye(m)])
    first = np.einsum("ij,jk,ik->i", lead, inverse, lead)  # g1 + g2 at the A that was found
    third = psi**2 / (a + psi) ** 3 * 2 / ((a + psi) ** -2.0).sum()
    np.testing.assert_allclose(found.mse, first + 2 * third, rtol=1e-8)


@given(st.integers(0, 10_000), st.floats(0.01, 100))
@settings(max_examples=15, deadline=None)
def test_units_of_measure_do_not_matter(seed, times):
    y, x, psi = areas(seed, m=15)
    one, other = fay_herriot.fit(y, x, psi), fay_herriot.fit(times * y, x * 7, times**2 * psi)
    np.testing.assert_allclose(other.eblup, times * one.eblup, rtol=1e-5, atol=1e-6 * times)
    np.testing.assert_allclose(other.shrinkage, one.shrinkage, atol=1e-4)


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_between_the_direct_estimate_and_the_line(seed):
    """The share of the direct estimate goes to 1 as its variance vanishes, to 0 as it grows."""
    y, x, psi = areas(seed, variance=1.0)
    psi[0], psi[1] = 1e-9, 1e9
    found = fay_herriot.fit(y, x, psi)
    ends = np.sort([y, found.synthetic], axis=0)
    assert (found.eblup >= ends[0] - 1e-9).all() and (found.eblup <= ends[1] + 1e-9).all()
    assert found.low <= found.variance <= found.high
    assert found.shrinkage[1] < 1e-6
    if found.variance > 1e-3:
        assert found.shrinkage[0] > 1 - 1e-5
        assert found.eblup[0] == pytest.approx(y[0], abs=1e-4)


def test_areas_that_the_covariates_say_all_of():
    """Alike but for the covariate: no variance is left, and the interval says how much may be."""
    _, x, psi = areas(3)
    found = fay_herriot.fit(x @ [2.0, 1.0], x, psi)
    assert (found.variance, found.low, found.p_value) == (0.0, 0.0, 1.0) and found.high > 0
    assert (found.shrinkage == 0).all() and (found.mse > 0).all()


def test_areas_outside_the_fit():
    """As an area whose direct estimate is worth nothing."""
    y, x, psi = areas(5)
    alone, error = fay_herriot.fit(y, x, psi).elsewhere(np.array([[1.0, 4.0]]))
    with_it = fay_herriot.fit(np.append(y, 99.0), np.vstack([x, [1.0, 4.0]]), np.append(psi, 1e12))
    assert alone[0] == pytest.approx(with_it.eblup[-1], abs=1e-4)
    assert error[0] == pytest.approx(with_it.mse[-1], rel=1e-3)


@pytest.mark.parametrize(
    ("x", "reason"),
    [
        (np.ones((3, 1)), "too_few_areas"),
        (np.ones((9, 2)), "singular"),
        (np.column_stack([np.ones(9), np.arange(9), 3 * np.arange(9) - 1]), "singular"),
        (np.column_stack([np.ones(9), np.zeros(9)]), "singular"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(x, reason):
    with pytest.raises(fay_herriot.CannotFitError) as told:
        fay_herriot.fit(np.arange(len(x), dtype=float), x.astype(float), np.ones(len(x)))
    assert told.value.reason == reason


def test_smoothed_variances():
    """What follows the curve stays as it is; what is not known lies on it; n − 1 is the weight."""
    people = np.array([5, 10, 20, 40, 80.0])
    np.testing.assert_allclose(fay_herriot.smoothed(3 / people, people), 3 / people)
    gaps = np.array([np.nan, 0, 0.15, 0.075, 3 / 80])
    np.testing.assert_allclose(fay_herriot.smoothed(gaps, people), 3 / people)
    # three samples of one population: the pooled variance of the classical analysis of variance
    parts = np.array([1.0, 3.0]), np.array([2.0, 2.5, 6.0, 1.0]), np.array([0.0, 4.0, 5.0])
    sizes = np.array([len(p) for p in parts], float)
    of_means = np.array([p.var(ddof=1) / len(p) for p in parts])
    within = sum(((p - p.mean()) ** 2).sum() for p in parts) / (sizes.sum() - 3)
    np.testing.assert_allclose(fay_herriot.smoothed(of_means, sizes), within / sizes)
    with pytest.raises(fay_herriot.CannotFitError):
        fay_herriot.smoothed(np.array([0, 0, 0.1, 0.1]), np.full(4, 9.0))


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_benchmarked_figures_add_up_to_the_direct_ones(seed, many):
    rng = np.random.default_rng(seed)
    direct, model = rng.normal(1, 1, (2, 12))
    shares, groups = rng.uniform(0.1, 9, 12), rng.integers(0, many, 12)
    after = model + fay_herriot.benchmarked(model, direct, shares, groups)
    for group in np.unique(groups):
        own = groups == group
        assert shares[own] @ after[own] == pytest.approx(shares[own] @ direct[own])
    assert shares @ after == pytest.approx(shares @ direct)  # and so does the whole


def test_goodness():
    """Two standard errors of the difference, squared, add up; 8 of χ² with 2: p = e⁻⁴."""
    found = fay_herriot.goodness(
        np.array([3.0, 5.0]), np.array([0.5, 0.75]), np.array([1.0, 7.0]), np.array([0.5, 0.25])
    )
    assert found == pytest.approx((8.0, np.exp(-4)))


def test_the_interval_and_the_test_of_the_variance_are_those_of_the_likelihood():
    y, x, psi = milk()
    found = fay_herriot.fit(y, x, psi)
    peak = full_likelihood(found.variance, y, x, psi)
    assert 0 < found.low < found.variance < found.high
    for end in (found.low, found.high):
        assert full_likelihood(end, y, x, psi) == pytest.approx(peak - 1.9207294, abs=1e-5)
    ratio = 2 * (peak - full_likelihood(0.0, y, x, psi))
    assert found.p_value == pytest.approx(scipy.stats.chi2.sf(ratio, 1) / 2, rel=1e-4)
    assert full_likelihood(found.variance * 1.001, y, x, psi) < peak
    assert full_likelihood(found.variance * 0.999, y, x, psi) < peak


def test_residuals_have_the_error_of_what_is_left_of_the_line():
    """By the projection: the variance of y − x'β is V − x(x'V⁻¹x)⁻¹x'."""
    y, x, psi = milk()
    found = fay_herriot.fit(y, x, psi)
    v = np.diag(found.variance + psi)
    left = np.diag(v - x @ np.linalg.inv(x.T @ np.linalg.inv(v) @ x) @ x.T)
    np.testing.assert_allclose(found.residuals, (y - x @ found.coefficients) / np.sqrt(left))
    np.testing.assert_allclose(found.shrinkage, found.variance / (found.variance + psi))


def test_a_small_variance_has_an_interval_that_begins_at_0():
    y, x, psi = areas(0, m=12, variance=0.0)
    psi = psi * 4
    found = fay_herriot.fit(y, x, psi)
    assert found.low == 0 and found.high > 0
    reach = full_likelihood(found.variance, y, x, psi) - 1.9207294
    assert full_likelihood(found.high, y, x, psi) == pytest.approx(reach, abs=1e-5)
    assert full_likelihood(0.0, y, x, psi) >= reach


def test_far_apart_areas_have_a_wide_interval():
    """Five areas far apart by next to no error: n − 1 = 4 degrees, A is their variance."""
    y = np.array([0.0, 10, 20, 30, 40])
    found = fay_herriot.fit(y, np.ones((5, 1)), np.full(5, 1e-6))
    assert found.variance == pytest.approx(y.var(ddof=1), rel=1e-5)
    assert found.low > 0 and found.high > 5 * found.variance
    x, psi = np.ones((5, 1)), np.full(5, 1e-6)
    reach = full_likelihood(found.variance, y, x, psi) - 1.9207294
    assert full_likelihood(found.high, y, x, psi) == pytest.approx(reach, abs=1e-5)


def test_as_many_areas_as_are_needed_are_enough():
    x = np.column_stack([np.ones(5), [1.0, 2, 3, 4, 6]])
    y = np.array([1.0, 5, 2, 8, 3])
    assert fay_herriot.fit(y, x, np.ones(5)).variance > 0
    with pytest.raises(fay_herriot.CannotFitError, match="4 areas for 2 coefficients: at least 5"):
        fay_herriot.fit(y[:4], x[:4], np.ones(4))


def test_one_answer_has_no_part_in_the_common_variance():
    people, variances = np.array([1.0, 2, 4, 4]), np.array([9.0, 0.5, 0.5, 0.25])
    # 2 · ½ once, 4 · ½ and 4 · ¼ three times each: 10 ÷ 7
    found = fay_herriot.smoothed(variances, people)
    np.testing.assert_allclose(found, 10 / 7 / people)
    with pytest.raises(fay_herriot.CannotFitError, match="2 areas with a sampling error, not 3"):
        fay_herriot.smoothed(variances[:3], people[:3])


def test_an_interval_begins_above_0_where_the_likelihood_of_0_is_just_beyond_its_reach():
    """2.7 below the peak, of which 1.92 are within the interval."""
    y, x, psi = areas(2, m=15)
    found = fay_herriot.fit(y, x, psi)
    reach = full_likelihood(found.variance, y, x, psi) - 1.9207294
    assert reach - 1 < full_likelihood(0.0, y, x, psi) < reach
    assert found.low > 0 and full_likelihood(found.low, y, x, psi) == pytest.approx(reach, abs=1e-5)
