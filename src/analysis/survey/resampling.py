"""Bootstrap of means and medians by domain that respects strata, fast and flat in memory."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.survey import calibration
from analysis.survey.estimation import domains
from analysis.survey.sampling import Design

_BLOCK_CELLS = 2_000_000  # replicates × rows at a time: long steps, so that threads do not wait


def bootstrap(
    sample: Design,
    variables: str | Sequence[str],
    by: Sequence[str] = (),
    replicates: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Means and medians by domain with bootstrap standard errors and percentile intervals.

    Rescaling bootstrap (Rao & Wu 1988; Rao, Wu & Yue 1992): in each stratum n_h − 1 psu are drawn
    with replacement, and a psu drawn r times weighs w·(1 − λ + λ·r·n_h/(n_h − 1)) with
    λ² = 1 − n_h/N_h. Calibrated weights are calibrated anew in each replicate. Memory does not
    grow with the number of replicates; the result depends on ``seed`` alone.

    Returns ``by``, measure, statistic (mean, median), respondents, answers, estimate,
    standard_error, ci_low, ci_high.

    Raises
    ------
    ValueError
        for a stratum with one psu, from which nothing can be drawn.
    """
    if (sample.sampled == 1).any():
        name = sample.strata[int(np.flatnonzero(sample.sampled == 1)[0])]
        raise ValueError(f"stratum {name} has one psu only; merge it before a bootstrap")
    size = max(1, min(replicates, _BLOCK_CELLS // len(sample.psu)))
    sizes = [min(size, replicates - done) for done in range(0, replicates, size)]
    # a seed per block, so that the number of threads changes nothing
    seeds = np.random.SeedSequence(seed).spawn(len(sizes))
    tables = []
    for measure in [variables] if isinstance(variables, str) else variables:
        view = _View.of(sample, measure, list(by))
        resampling = _Resampling.of(sample, view.rows)

        def block(size, seed, view=view, resampling=resampling):
            return view.estimates(size, resampling.weights(size, seed))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = np.concatenate(list(pool.map(block, sizes, seeds)))
        own = sample.design_weight[view.rows]
        plain = view.estimates(1, lambda part, own=own: own[None, part])[0]
        low, high = np.nanquantile(found, [(1 - level) / 2, (1 + level) / 2], axis=0)
        for i, statistic in enumerate(("mean", "median")):
            table = view.keys.assign(measure=measure, statistic=statistic, estimate=plain[i])
            error = np.nanstd(found[:, i], axis=0, ddof=1)
            tables.append(table.assign(standard_error=error, ci_low=low[i], ci_high=high[i]))
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class _View:
    """The rows of a measure ordered by domain and value; ``ends`` bound the domains."""

    rows: np.ndarray
    values: np.ndarray
    ends: np.ndarray
    keys: pd.DataFrame

    @classmethod
    def of(cls, sample: Design, measure: str, by: list[str]) -> "_View":
        values = sample.table[measure].to_numpy(float)
        cells = list(domains(sample.table, by, ~np.isnan(values)))
        parts = [index[np.argsort(values[index], kind="stable")] for _, index in cells]
        rows = np.concatenate(parts)
        keys = [
            {**key, "respondents": len(np.unique(sample.psu[index])), "answers": len(index)}
            for key, index in cells
        ]
        ends = np.cumsum([0, *map(len, parts)])
        return cls(rows, values[rows], ends, pd.DataFrame(keys))

    def estimates(self, replicates: int, weights: Callable) -> np.ndarray:
        """Replicates × (mean, median) × domains; ``weights(part)`` gives replicates × rows.

        Domain by domain: what is worked on stays in the processor's cache.
        """
        found = np.full((replicates, 2, len(self.ends) - 1), np.nan)
        for d, (start, end) in enumerate(pairwise(self.ends)):
            if start == end:
                continue
            values, w = self.values[start:end], weights(slice(start, end))
            reached = np.cumsum(w, axis=1)
            size = reached[:, -1]
            with np.errstate(invalid="ignore"):  # a replicate may draw nobody of a small domain
                found[:, 0, d] = w @ values / size
            half = size / 2 * (1 - 1e-12)  # equal weights meet a half exactly, but for rounding
            at = [np.searchsorted(r, h) for r, h in zip(reached, half, strict=True)]
            found[:, 1, d] = np.where(size > 0, values[np.minimum(at, len(values) - 1)], np.nan)
        return found


@dataclass(frozen=True)
class _Resampling:
    """How a replicate's weights follow from how often each psu was drawn: fixed + per_draw·r."""

    sample: Design
    rows: np.ndarray
    place: np.ndarray  # of each row's psu among the psu in order of strata
    fixed: np.ndarray
    per_draw: np.ndarray

    @classmethod
    def of(cls, sample: Design, rows: np.ndarray) -> "_Resampling":
        place = np.empty(len(sample.psu_stratum), np.int32)
        place[np.argsort(sample.psu_stratum, kind="stable")] = np.arange(len(place))
        reach = np.sqrt(1 - sample.sampled / sample.population)
        reach_draw = reach * sample.sampled / (sample.sampled - 1)
        if sample.calibrations:  # calibration needs every row or unit, and the rows after it
            weight = sample.calibrations[0].before
            psu = np.arange(len(place)) if sample.by_unit else sample.psu
            stratum = sample.psu_stratum if sample.by_unit else sample.stratum
            rows = sample.psu[rows] if sample.by_unit else rows
        else:
            weight, psu = sample.design_weight[rows], sample.psu[rows]
            stratum = sample.stratum[rows]
        fixed, per_draw = weight * (1 - reach)[stratum], weight * reach_draw[stratum]
        return cls(sample, rows, place[psu], fixed, per_draw)

    def weights(self, replicates: int, seed) -> Callable:
        """A function from a part of ``rows`` to its weights (replicates × rows)."""
        rng = np.random.default_rng(seed)
        times = np.empty((replicates, len(self.sample.psu_stratum)), np.int32)
        start = 0
        for n in self.sample.sampled.astype(int):
            drawn = rng.integers(0, n, (replicates, n - 1), dtype=np.int32)
            drawn += n * np.arange(replicates, dtype=np.int32)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=replicates * n)
            times[:, start : start + n] = counts.reshape(replicates, n)
            start += n

        def drawn_weights(part: slice) -> np.ndarray:
            drawn = np.take(times, self.place[part], axis=1)
            return self.fixed[part] + self.per_draw[part] * drawn

        if not self.sample.calibrations:
            return drawn_weights
        whole, steps = drawn_weights(slice(None)), self.sample.calibrations
        whole = np.stack([calibration.again(steps, w)[self.rows] for w in whole])
        return lambda part: whole[:, part]
