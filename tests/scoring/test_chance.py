"""Chance in ratios of counts: known intervals, their coverage, draws, no cases."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from analysis.scoring import chance

COUNTS = pd.read_csv(Path(__file__).parents[1] / "examples" / "counts.csv")
X, N = (COUNTS[c].to_numpy(float) for c in ("numerator", "denominator"))


@pytest.mark.parametrize("method", ["wilson", "jeffreys"])
def test_intervals_are_the_known_ones(method):
    low, high = chance.interval(X, N, 0.9, method=method)
    np.testing.assert_allclose(low, COUNTS[f"{method}_low_90"], atol=2e-9)
    np.testing.assert_allclose(high, COUNTS[f"{method}_high_90"], atol=2e-9)


def test_the_exact_interval_is_scipys():
    for x, n in ((0, 4), (3, 4), (4, 4), (3000, 4000)):
        own = scipy.stats.binomtest(x, n).proportion_ci(0.9, "exact")
        assert chance.interval([x], [n], 0.9) == (
            pytest.approx([own.low]),
            pytest.approx([own.high]),
        )


@pytest.mark.parametrize("n", [1, 4, 17, 60])
def test_it_holds_for_every_ratio_and_the_shorter_ones_do_not(n):
    """Coverage without simulation: the probability of the counts whose interval holds p."""
    p, x = np.linspace(0.001, 0.999, 499), np.arange(n + 1.0)
    worst = {}
    for method in chance.METHODS:
        low, high = chance.interval(x, np.full(n + 1, n), 0.9, method=method)
        held = (low <= p[:, None]) & (p[:, None] <= high)
        worst[method] = (held * scipy.stats.binom.pmf(x, n, p[:, None])).sum(axis=1).min()
    assert worst["exact"] >= 0.9 > max(worst["wilson"], worst["jeffreys"])


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_overdispersion_widens_and_the_ratio_is_inside(case):
    x, n = (np.array([v], float) for v in case)
    (low, high), (wide_low, wide_high) = (chance.interval(x, n, 0.9, phi) for phi in (1, 3))
    assert 0 <= wide_low <= low <= x / n <= high <= wide_high <= 1
    assert high - low < wide_high - wide_low


def test_no_cases_no_interval_and_what_is_no_share_is_refused():
    assert np.isnan(chance.interval([0], [0])).all()
    with pytest.raises(ValueError, match="5 of 4 is no share"):
        chance.interval([0, 1, 5], [4, 2, 4])
    with pytest.raises(ValueError, match="-1 of 4 is no share"):
        chance.interval(-1, 4)
    with pytest.raises(ValueError, match="exact, wilson, jeffreys"):
        chance.interval([1], [2], method="wald")


def test_any_two_quantiles_of_the_draws_are_an_exact_interval():
    cases = chance.Cases(
        np.array([0.0, 1, 3, 4, 50]), np.array([4.0, 4, 4, 4, 100]), np.array([1.0, 1, 1, 1, 2])
    )
    drawn = cases.drawn(40_000, np.random.default_rng(2))
    for level in (0.5, 0.9):
        low, high = chance.interval(cases.x, cases.n, level, cases.phi)
        tail = (1 - level) / 2
        found = np.quantile(drawn, [tail, 1 - tail], axis=0)
        np.testing.assert_allclose(found, [low, high], atol=0.01)


def test_ratios_of_counts_are_whole_numbers_of_cases_in_use():
    rows = [(3, 4, True), (0, 4, True), (0, 0, False), (5, 4, False), (-1, 4, False)]
    rows += [
        (1, 1, True),
        (0, 1, True),
        (1, 1.5, False),
        (1.5, 4, False),
        (np.nan, 4, False),
        (3, np.nan, False),
    ]
    table = pd.DataFrame(rows, columns=["numerator", "denominator", "held"])
    table["obs_value"] = 100 * table["numerator"] / table["denominator"]
    assert chance.counted(table).tolist() == table["held"].tolist()
    assert not chance.counted(table.assign(obs_value=np.nan)).any()
    assert chance.without_cases(table).tolist() == [False, False, True] + [False] * 8


def test_draws_are_of_the_cases_that_there_are_and_of_their_overdispersion():
    """Mean of the half Beta(x, n − x + 1), half Beta(x + 1, n − x): about x ÷ n."""
    x, n = np.array([30.0, 0, 12]), np.array([40.0, 12, 12])
    cases = chance.Cases(x, n, np.array([1.0, 1.0, 1.0]))
    drawn = cases.drawn(4000, np.random.default_rng(1))
    assert drawn.shape == (4000, 3) and ((drawn >= 0) & (drawn <= 1)).all()
    assert drawn[:, 0].mean() == pytest.approx(0.75, abs=0.01)
    # none of 12: half the draws are 0, the others above the median of Beta(1, 12)
    assert (drawn[:, 1] == 0).mean() == pytest.approx(0.5, abs=0.03)
    assert drawn[drawn[:, 1] > 0, 1].min() >= 1 - 0.5 ** (1 / 12)
    assert (drawn[:, 2] == 1).mean() == pytest.approx(0.5, abs=0.03)
    # four times the variance: as if a quarter of the cases were there
    wide = chance.Cases(x, n, np.full(3, 4.0)).drawn(4000, np.random.default_rng(1))
    assert wide[:, 0].std() == pytest.approx(2 * drawn[:, 0].std(), rel=0.15)


def test_intervals_by_their_formulas():
    """Wilson 1927 at 3 of 4, z = 1.6449: (p + z²/2n ± z√(pq/n + z²/4n²)) ÷ (1 + z²/n)."""
    z2 = 1.6448536269514722**2
    half = np.sqrt(z2 * (0.75 * 0.25 / 4 + z2 / 64))
    expected = [(0.75 + z2 / 8 + s * half) / (1 + z2 / 4) for s in (-1, 1)]
    assert [float(e) for e in chance.interval(3, 4, method="wilson")] == pytest.approx(expected)
    # Jeffreys: Beta(x + ½, n − x + ½), but 0 and 1 where all or none are counted
    low, high = chance.interval([0, 3, 4], [4, 4, 4], method="jeffreys")
    assert low[0] == 0 and high[2] == 1
    import scipy

    assert (low[1], high[1]) == pytest.approx(scipy.stats.beta(3.5, 1.5).interval(0.9))
    # of n ÷ phi cases: 30 of 40 with phi 2 is 15 of 20
    for wide, same in zip(
        chance.interval([30], [40], phi=2.0), chance.interval([15], [20]), strict=True
    ):
        assert wide == pytest.approx(same)
