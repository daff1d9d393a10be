"""How much ratios of counts differ between peers, beyond what chance within each would give.

Three figures, for three questions. *Winsorised z* (Spiegelhalter 2005, Quality and Safety in Health
Care 14) says how far funnel limits must be widened so that only what is unlike the peers lies
outside. The *beta-binomial* says how far the units' own ratios lie apart. *Within* says how much
more chance there is in a count than if its cases were independent (cases of one office, one week,
one team go together): the part of the differences that becomes less as cases become more.
"""

from typing import NamedTuple

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while

FEWEST = 3
"""With fewer peers that had cases nothing is said of how they differ."""

_TAIL = 0.1
_DIRECT = 64
_PRECISE = 1.0


def angle(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """asin √(x ÷ n): its standard error is 1 ÷ (2√n), whatever the ratio."""
    return np.arcsin(np.sqrt(np.clip(x / n, 0.0, 1.0)))


# --- Spiegelhalter's winsorised z -----------------------------------------------------------------


class Spread(NamedTuple):
    """``target``: Σx ÷ Σn; ``z`` of each unit and ``winsorised``; ``phi``: mean of its square;
    ``tau2``: variance between units, of the angle asin √ratio (0 where phi shows none)."""

    target: float
    z: np.ndarray
    winsorised: np.ndarray
    phi: float
    tau2: float


def spread(x: np.ndarray, n: np.ndarray) -> Spread:
    """Overdispersion by winsorised z: z beyond their 10 % and 90 % quantiles are set to these.

    tau2 by the moments of DerSimonian & Laird with phi in place of the mean square. ``n`` > 0.
    """
    target = float(x.sum() / n.sum())
    s = 1 / (2 * np.sqrt(n))
    z = (angle(x, n) - np.arcsin(np.sqrt(target))) / s
    w, k = s**-2, len(n)
    winsorised = np.clip(z, *np.quantile(z, [_TAIL, 1 - _TAIL]))
    phi = float((winsorised**2).mean())
    room = w.sum() - (w**2).sum() / w.sum()
    tau2 = max(0.0, (k * phi - (k - 1)) / room) if k >= FEWEST and room > 0 else 0.0
    return Spread(target, z, winsorised, phi, float(tau2))


# --- beta-binomial --------------------------------------------------------------------------------


class BetaBinomial(NamedTuple):
    """``mu``: mean ratio; ``rho``: correlation of two cases of a unit, 1 ÷ (a + b + 1); 0: the
    units do not differ; ``log_likelihood`` with the binomial coefficients."""

    mu: float
    rho: float
    log_likelihood: float


def beta_binomial(x: np.ndarray, n: np.ndarray) -> BetaBinomial:
    """The beta-binomial of greatest likelihood. ``n`` > 0."""
    x, n = np.asarray(x, float), np.asarray(n, float)
    pooled = float(x.sum() / n.sum())
    plain = log_likelihood(x, n, pooled, 0.0)
    best = BetaBinomial(pooled, 0.0, plain)
    if not 0 < pooled < 1 or (n < 2).all():
        return best

    coefficient = _coefficient(x, n)

    def loss(at: np.ndarray) -> float:
        return -_likelihood(x, n, coefficient, scipy.special.expit(at[0]), np.exp(at[1]))

    between = max(float(((x / n - pooled) ** 2).mean()) / (pooled * (1 - pooled)), 1e-4)
    found = scipy.optimize.minimize(
        loss,
        [scipy.special.logit(pooled), np.log(between / (1 + between))],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 500},
    )
    if -found.fun <= plain + 1e-8:
        return best
    mu, theta = scipy.special.expit(found.x[0]), np.exp(found.x[1])
    return BetaBinomial(float(mu), float(theta / (1 + theta)), float(-found.fun))


def log_likelihood(x: np.ndarray, n: np.ndarray, mu: float, theta: float) -> float:
    """Of the beta-binomial with mean ``mu`` and theta = rho ÷ (1 − rho); 0 is the binomial.

    By Π(mu + k·theta), which keeps its digits where the spread goes to 0; differences of log-gamma
    lose all of them there.
    """
    return _likelihood(x, n, _coefficient(x, n), mu, theta)


def _coefficient(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    return -np.log1p(n) - scipy.special.betaln(x + 1, n - x + 1)


def _likelihood(
    x: np.ndarray, n: np.ndarray, coefficient: np.ndarray, mu: float, theta: float
) -> float:
    with np.errstate(divide="ignore"):
        parts = _rising(x, mu, theta) + _rising(n - x, 1 - mu, theta) - _rising(n, 1.0, theta)
    return float((coefficient + parts).sum())


def _rising(m: np.ndarray, a: float, theta: float) -> np.ndarray:
    """Σ log(a + k·theta) over k < m: term by term at first, then by Euler and Maclaurin."""
    k = np.arange(_DIRECT)
    found = np.where(k < m[:, None], np.log(a + k * theta), 0.0).sum(axis=1)
    long = m > _DIRECT
    if not long.any():
        return found
    start, end = a + _DIRECT * theta, a + m[long] * theta
    steps = m[long] - _DIRECT
    u = steps * theta / start
    rise = np.where(u < 1e-8, u / 2, np.log1p(u) * (1 + u) / np.where(u > 0, u, 1.0) - 1)
    integral = steps * (np.log(start) + rise)
    ends = -np.log(end / start) / 2 + theta * (1 / end - 1 / start) / 12
    ends -= 2 * theta**3 * (end**-3 - start**-3) / 720
    found[long] += integral + ends
    return found


# --- chance within units --------------------------------------------------------------------------


class Within(NamedTuple):
    """``phi``: variance of a count over that of independent cases, at least 1; ``tau2``: variance
    of lasting differences between units (of the angle); ``known``: whether the peers tell the two
    apart. If they do not phi is 1."""

    phi: float
    tau2: float
    known: bool


def within(x: np.ndarray, n: np.ndarray) -> Within:
    """Overdispersion of the counts themselves, by peers with few and with many cases.

    The variance of the angle is phi ÷ 4n + tau2: chance falls with the cases, lasting differences
    do not. Both by Gaussian likelihood (Fisher scoring); phi is taken if its standard error, were
    it 1, is at most 1. Where peers have about as many cases each, or differ much, no one period can
    tell clustered cases from different offices; cases then count as independent, and chance is the
    least that there is. Units expected to have less than one case of either kind are left out: an
    angle says nothing there.
    """
    pooled = x.sum() / max(n.sum(), 1)
    held = n * min(pooled, 1 - pooled) >= 1
    if held.sum() < FEWEST:
        return Within(1.0, 0.0, False)
    y, chance = angle(x[held], n[held]), 1 / (4 * n[held])
    k = len(y)
    terms = np.stack([chance, np.ones(k)], axis=1)
    phi, tau2 = 1.0, float(max(y.var() - chance.mean(), 0.0))
    for _ in range(100):
        v = phi * chance + tau2
        square = (y - (y / v).sum() / (1 / v).sum()) ** 2 * k / (k - 1)
        new = _scored(terms, square, v)
        if np.allclose(new, (phi, tau2), rtol=1e-6, atol=1e-12):
            break
        phi, tau2 = new
    v = chance + tau2
    information = (terms.T / v**2) @ terms / 2
    if np.linalg.cond(information) > 1e14 or np.linalg.inv(information)[0, 0] > _PRECISE**2:
        return Within(1.0, tau2, False)
    return Within(phi, tau2, True)


def _scored(terms: np.ndarray, square: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """The next (phi, tau2): weighted least squares of the squared distances, phi ≥ 1, tau2 ≥ 0."""
    w = v**-2
    phi, tau2 = np.linalg.lstsq(terms * np.sqrt(w)[:, None], square * np.sqrt(w), rcond=None)[0]
    if tau2 < 0:
        phi, tau2 = (w * terms[:, 0] * square).sum() / (w * terms[:, 0] ** 2).sum(), 0.0
    if phi < 1:
        phi, tau2 = 1.0, max(0.0, (w * (square - terms[:, 0])).sum() / w.sum())
    return float(phi), float(tau2)
