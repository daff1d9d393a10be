"""How often intervals and sets hold what they promise: ranks, and ratios of counts.

Run: ``python benchmarks/coverage_ranks.py [REPEATS]`` (300 repeats take about two minutes). Nominal
level 90 %. True values are fixed, estimates or counts are drawn anew each time. ``mean`` and
``worst``: share of the repeats in which the truth of a unit is held, mean over the units and the
unit that fares worst (with 300 repeats good to ±0.035); ``all``: of the repeats in which it is held
for every unit at once. Units that are tied in truth may claim any rank of their group: held is the
whole group. ``width``: mean number of ranks, or of points. What pages showed before are percentiles
of ranks redrawn around the estimates (``redrawn``), and for ratios nothing.
"""

import sys
from collections.abc import Callable

import numpy as np
import scipy

from analysis.scoring import chance, dispersion, rank_sets, score

LEVEL = 0.9
DRAWS = 1000
Ends = tuple[np.ndarray, np.ndarray]


def true_ranks(theta: np.ndarray) -> Ends:
    """Best and worst rank that a unit may claim."""
    above = (theta[:, None] > theta).sum(axis=0)
    return above + 1, above + (theta[:, None] == theta).sum(axis=0)


def summary(name: str, truth: Ends, found: list[Ends], unit: str = "ranks") -> None:
    held = np.array([(low <= truth[0]) & (truth[1] <= high) for low, high in found])
    width = np.mean([high - low for low, high in found]) + (unit == "ranks")
    width *= 1 if unit == "ranks" else 100
    each = held.mean(axis=0)
    print(
        f"    {name:<24} mean {each.mean():.3f}  worst {each.min():.3f}  "
        f"all {held.all(axis=1).mean():.3f}  width {width:.1f} {unit}"
    )


def redrawn(replicates: np.ndarray) -> Ends:
    """Percentiles of the ranks in replicates: what a ranking page showed."""
    places = score.places(replicates)
    return tuple(np.quantile(places, [0.05, 0.95], axis=0, method="inverted_cdf"))


def ranks(title: str, theta: np.ndarray, draw: Callable) -> None:
    """``draw`` gives an estimate, its errors and its replicates."""
    found: dict[str, list[Ends]] = {"redrawn": [], "marginal set": [], "simultaneous set": []}
    for _ in range(REPEATS):
        x, errors, replicates = draw()
        found["redrawn"].append(redrawn(replicates))
        told = rank_sets.above(x, errors, LEVEL)
        found["marginal set"].append(rank_sets.marginal(x, errors, LEVEL, told))
        found["simultaneous set"].append(rank_sets.ends(told))
    print(f"  {title}")
    for name, ends in found.items():
        summary(name, true_ranks(theta), ends)


def normal(title: str, theta: np.ndarray, se: np.ndarray, rng: np.random.Generator) -> None:
    se = np.broadcast_to(se, theta.shape)

    def draw() -> tuple:
        x = theta + se * rng.standard_normal(len(theta))
        errors = rank_sets.gaussian(se, draws=DRAWS, seed=int(rng.integers(1e9)))
        return x, errors, x + errors.draws.T

    ranks(title, theta, draw)


def counts(
    title: str, p: np.ndarray, n: np.ndarray, rng: np.random.Generator, cap=1.0, cluster=1
) -> None:
    """Scores of units × indicators: the mean of the shares of ``cap`` that are reached."""

    def scores(ratio: np.ndarray) -> np.ndarray:
        return np.minimum(ratio / cap, 1).mean(axis=-1)

    def draw() -> tuple:
        x = clustered(p, n, cluster, rng)
        phi = [dispersion.within(x[:, i], n[:, i]).phi for i in range(n.shape[1])]
        cases = chance.Cases(x.ravel(), n.ravel(), np.tile(phi, len(x)))
        replicates = scores(cases.drawn(DRAWS, rng).reshape(DRAWS, *n.shape))
        published = scores(x / n)
        return published, rank_sets.replicated((published - replicates).T), replicates

    ranks(title, scores(p), draw)


def clustered(p: np.ndarray, n: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Counts of cases that come in groups of ``size`` alike (their variance is that many times)."""
    return rng.binomial(n // size, p) * float(size) + rng.binomial(n % size, p)


def shrunken(x: np.ndarray, n: np.ndarray, level: float) -> Ends:
    """The plug-in beta-binomial interval, not offered: here to show why."""
    held = dispersion.beta_binomial(x, n)
    if held.rho <= 0:
        return np.full(len(x), held.mu), np.full(len(x), held.mu)
    size = 1 / held.rho - 1
    a, b = held.mu * size + x, (1 - held.mu) * size + n - x
    return tuple(scipy.special.betaincinv(a, b, q) for q in ((1 - level) / 2, (1 + level) / 2))


def ratios(title: str, p: np.ndarray, n: np.ndarray, rng: np.random.Generator, cluster=1) -> None:
    found: dict[str, list[Ends]] = {"beta-binomial, plug-in": []}
    for i in range(REPEATS):
        x = clustered(p, n, cluster, rng)
        if i < REPEATS // 3:  # slow
            found["beta-binomial, plug-in"].append(shrunken(x, n, LEVEL))
        phi = dispersion.within(x, n).phi
        for method in chance.METHODS:
            ends = chance.interval(x, n, LEVEL, method=method)
            found.setdefault(f"{method}, phi = 1", []).append(ends)
        found.setdefault("exact, phi of peers", []).append(chance.interval(x, n, LEVEL, phi))
    print(f"  {title}")
    for name, ends in found.items():
        summary(name, (p, p), ends, "points")


def main() -> None:
    rng = np.random.default_rng(21)
    print("ratios of counts, 61 units: intervals of the ratio")
    wide = np.exp(rng.uniform(0, 8.5, 61)).astype(int)
    small = rng.integers(1, 30, 61)
    ratios("one ratio, 0.88", np.full(61, 0.88), wide, rng)
    ratios("ratios differ (beta, rho 0.015)", rng.beta(55, 12, 61), wide, rng)
    ratios("near 1", rng.beta(350, 3.5, 61), wide, rng)
    ratios("1 to 29 cases", rng.beta(190, 52, 61), small, rng)
    ratios("cases in threes", rng.beta(190, 52, 61), wide, rng, cluster=3)

    print("normal errors, 34 units: ranks")
    mixed = rng.uniform(0.5, 2, 34)
    groups = np.repeat(np.arange(5) * 4.0, 7)[:34]
    normal("1 se between neighbours", np.arange(34.0), np.ones(34), rng)
    normal("even over 12 se, mixed se", np.linspace(0, 12, 34), mixed, rng)
    normal("near ties: 5 groups, 0.02 se within", groups + 0.02 * np.arange(34), np.ones(34), rng)
    normal("exact ties: 5 groups", groups, np.ones(34), rng)
    normal("all equal", np.zeros(34), np.ones(34), rng)

    print("chance, 34 units: ranks")
    one, four = (34, 1), (34, 4)
    few = rng.integers(1, 12, one)
    many = np.exp(rng.uniform(1, 8.5, four)).astype(int) + 1
    counts("1 to 11 cases, ratios 0.2 to 0.98", np.linspace(0.2, 0.98, 34)[:, None], few, rng)
    counts("1 to 11 cases, all 0.9", np.full(one, 0.9), few, rng)
    near = np.repeat([0.5, 0.7, 0.8, 0.9, 0.99], 7)[:34, None] + 0.0005 * (
        np.arange(34)[:, None] % 7
    )
    counts("near ties: 5 groups, 3 to 5,000", near.clip(0, 1), many[:, :1], rng)
    counts("4 indicators, capped at 0.9, 3 to 5,000", rng.beta(8, 2, four), many, rng, cap=0.9)
    counts("the same, all alike", np.full(four, 0.8), many, rng, cap=0.9)
    counts("the same, cases in threes", np.full(four, 0.8), many, rng, cap=0.9, cluster=3)


if __name__ == "__main__":
    REPEATS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    main()
