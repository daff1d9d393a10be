"""The area-level model of Fay and Herriot (1979): estimates of areas that borrow from all others.

y = x'β + v + e for each area: y the direct estimate, e its sampling error of known variance ψ, v
what the covariates x do not say of the area, with variance A. Notation and formulae: Rao and
Molina, Small Area Estimation (2nd ed. 2015), ch. 6.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while

_SMALL = 1e-12


class CannotFitError(ValueError):
    """The model cannot be fitted; ``reason`` is one of too_few_areas, singular."""

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


@dataclass(frozen=True)
class Fit:
    """A fitted model. Arrays are in the order of the areas.

    ``variance`` A with its profile interval ``low``–``high`` and ``p_value`` of A = 0;
    ``coefficients`` β and their ``covariance``; ``shrinkage`` γ = A/(A + ψ), the share of the
    direct estimate; ``synthetic`` x'β; ``eblup``; ``mse``; ``residuals`` (standardised, of the
    direct estimate from x'β).
    """

    variance: float
    low: float
    high: float
    p_value: float
    coefficients: np.ndarray
    covariance: np.ndarray
    shrinkage: np.ndarray
    synthetic: np.ndarray
    eblup: np.ndarray
    mse: np.ndarray
    residuals: np.ndarray

    def elsewhere(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Synthetic estimates x'β of areas that are not in the fit, and their MSE A + x'Cov(β)x."""
        spread = np.einsum("ij,jk,ik->i", x, self.covariance, x)
        return x @ self.coefficients, self.variance + spread


def fit(y: np.ndarray, x: np.ndarray, psi: np.ndarray) -> Fit:
    """Empirical best linear unbiased predictors with A by restricted maximum likelihood (REML).

    MSE g₁ + g₂ + 2g₃ of Prasad and Rao (1990), which for REML is unbiased to the second order
    (Datta and Lahiri 2000). The interval of A is that of the restricted profile likelihood; A = 0
    is tested by its ratio against half a χ² with one degree of freedom (Self and Liang 1987).

    Parameters
    ----------
    y, psi
        Direct estimates and their sampling variances (above 0), one for each area.
    x
        Areas × covariates, with its column of ones.

    Raises
    ------
    CannotFitError
        where there are not at least three areas more than covariates, or covariates add up to each
        other.

    >>> y, x = np.array([1.0, 2.0, 6.0, 3.0]), np.ones((4, 1))
    >>> fit(y, x, np.array([0.01, 0.01, 0.01, 100.0])).eblup.round(2)
    array([1., 2., 6., 3.])
    """
    areas, size = x.shape
    if areas < size + 3:
        raise CannotFitError(
            "too_few_areas", f"{areas} areas for {size} coefficients: at least {size + 3} needed"
        )
    scale = np.abs(x).max(axis=0)
    if not scale.all() or np.linalg.matrix_rank(x / scale) < size:
        raise CannotFitError("singular", "covariates follow from each other, or are 0 everywhere")
    variance, low, high, p_value = _variance(y, x, psi)
    weight = 1 / (variance + psi)
    covariance = np.linalg.inv((x.T * weight) @ x)
    beta = covariance @ (x.T @ (weight * y))
    synthetic = x @ beta
    gamma = variance * weight
    leverage = np.einsum("ij,jk,ik->i", x, covariance, x)
    of_variance = 2 / (weight**2).sum()
    mse = gamma * psi + (1 - gamma) ** 2 * leverage + 2 * psi**2 * weight**3 * of_variance
    left = np.clip(1 / weight - leverage, _SMALL * psi, None)
    return Fit(
        variance, low, high, p_value, beta, covariance, gamma, synthetic,
        gamma * y + (1 - gamma) * synthetic, mse, (y - synthetic) / np.sqrt(left),
    )  # fmt: skip


def log_likelihood(variance: float, y: np.ndarray, x: np.ndarray, psi: np.ndarray) -> float:
    """Restricted log likelihood of A, up to a constant: −½(log|V| + log|X'V⁻¹X| + y'Py)."""
    weight = 1 / (variance + psi)
    within = (x.T * weight) @ x
    beta = np.linalg.solve(within, x.T @ (weight * y))
    left = weight @ (y - x @ beta) ** 2
    return -0.5 * (np.log(1 / weight).sum() + np.linalg.slogdet(within)[1] + left)


def _variance(y, x, psi) -> tuple[float, float, float, float]:
    """A, both ends of its 95 % interval, the p-value of A = 0."""
    # columns of one length: the likelihood moves by a constant, its ratios do not
    x = np.linalg.qr(x / np.abs(x).max(axis=0))[0]

    def value(variance):
        return log_likelihood(variance, y, x, psi)

    spread = float(np.square(y - x @ (x.T @ y)).sum())
    top = 4 * spread + 4 * float(psi.max())
    # the likelihood may have several peaks: the best of a grid is where to climb
    grid = np.concatenate([[0.0], np.geomspace(1e-8 * min(psi.min(), top), top, 60)])
    heights = np.array([value(a) for a in grid])
    best = int(heights.argmax())
    ends = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = scipy.optimize.minimize_scalar(
        lambda a: -value(a), bounds=ends, method="bounded", options={"xatol": 1e-9 * ends[1]}
    )
    at, peak = (float(found.x), -float(found.fun)) if -found.fun > heights[best] else (
        float(grid[best]), float(heights[best])
    )  # fmt: skip
    if heights[0] >= peak:
        at, peak = 0.0, float(heights[0])
    reach = scipy.stats.chi2.ppf(0.95, 1) / 2

    def beyond(variance):
        return value(variance) - (peak - reach)

    low = 0.0 if beyond(0.0) >= 0 else scipy.optimize.brentq(beyond, 0.0, at)
    upper = max(top, at)
    while beyond(upper) > 0:
        upper *= 4
    high = scipy.optimize.brentq(beyond, at, upper)
    ratio = max(2 * (peak - heights[0]), 0.0)
    p_value = 1.0 if at == 0 else float(scipy.stats.chi2.sf(ratio, 1)) / 2
    return at, float(low), float(high), p_value


def smoothed(variances: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Sampling variances by a generalised variance function: ψ = σ²/n, one σ² for all areas.

    σ² is pooled over the areas whose variance is known and above 0, each by its n − 1: of few
    answers a variance is itself an estimate of little worth, mostly too small, and the model takes
    it as known (Wolter, Introduction to Variance Estimation, 2nd ed. 2007, ch. 7; Rao and Molina
    2015, 6.4.1).

    Parameters
    ----------
    variances
        As estimated; missing or 0 where nothing shows the error.
    people
        Respondents, above 0.

    Raises
    ------
    CannotFitError
        where fewer than three variances are known.
    """
    with np.errstate(invalid="ignore"):
        known = (variances > 0) & (people > 1)
    if known.sum() < 3:
        raise CannotFitError("too_few_areas", f"{known.sum()} areas with a sampling error, not 3")
    each = people[known] * variances[known]
    return np.average(each, weights=people[known] - 1) / people


def benchmarked(
    estimates: np.ndarray, direct: np.ndarray, shares: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """What is added to the estimates of each group, so that they add up to its direct estimate.

    Difference benchmarking: one shift for all areas of a group, Σ s(y − θ)/Σs, the least change in
    the sense of weighted squares (Datta, Ghosh, Steorts and Maples 2011). ``shares`` s: what each
    area counts in the figure of its group. Returns the shift of each area.
    """
    _, code = np.unique(groups, return_inverse=True)
    apart = np.bincount(code, shares * (direct - estimates)) / np.bincount(code, shares)
    return apart[code]


def goodness(direct: np.ndarray, psi: np.ndarray, estimates: np.ndarray, mse: np.ndarray):
    """W = Σ(y − θ)²/(ψ + MSE) and its p-value by χ² with as many degrees of freedom as areas.

    Brown, Chambers, Heady and Heasman (2001): a small p-value says that the model's figures are
    further from the direct ones than the errors of both allow.
    """
    found = float((np.square(direct - estimates) / (psi + mse)).sum())
    return found, float(scipy.stats.chi2.sf(found, len(direct)))
