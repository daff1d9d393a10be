"""Estimates from a stratified sample: means, totals, ratios and quantiles, with their errors.

The definitions are those of Lumley's ``survey`` package for R (Complex Surveys, 2010): estimators
are weighted sums, standard errors come from the linearised influence of each primary sampling
unit (psu), a domain is a part of the design and never a smaller design of its own. An estimate by
domains is a table with

``respondents`` (distinct psu with an answer), ``answers`` (rows), ``estimate``,
``standard_error``, ``degrees_of_freedom``, ``ci_low``, ``ci_high``, ``design_effect`` and
``effective_n`` (respondents ÷ design effect).
"""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

ESTIMATES = [
    "measure",
    "statistic",
    "respondents",
    "answers",
    "estimate",
    "standard_error",
    "degrees_of_freedom",
    "ci_low",
    "ci_high",
    "design_effect",
    "effective_n",
]
LONELY_PSU = ("fail", "certainty", "adjust", "average")


@dataclass(frozen=True)
class Design:
    """A one-stage stratified sample (see :func:`design`): arrays in the order of ``table``.

    ``psu`` and ``stratum`` are codes from 0; ``psu_stratum``, ``sampled`` (n_h) and ``population``
    (N_h, infinite where not known) belong to psu and strata; ``calibrations`` are the totals that
    the weights were made to meet.
    """

    table: pd.DataFrame
    design_weight: np.ndarray
    psu: np.ndarray
    stratum: np.ndarray
    psu_stratum: np.ndarray
    sampled: np.ndarray
    population: np.ndarray
    strata: tuple
    lonely_psu: str
    calibrations: tuple = ()


@dataclass(frozen=True)
class _Margin:
    """Post-strata: the cell of each row, its known total, the weights before and after."""

    cell: np.ndarray
    totals: np.ndarray
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class _Raking:
    """Margins met in turn (as in the last round), and the weights before the first."""

    margins: tuple
    iterations: int
    before: np.ndarray


def design(
    table: pd.DataFrame,
    design_weight: str | None = None,
    stratum: str | Sequence[str] | None = None,
    population: str | None = None,
    psu: str | None = None,
    lonely_psu: str = "fail",
) -> Design:
    """Describe how ``table`` was sampled.

    Parameters
    ----------
    design_weight
        Column of weights; without it N_h/n_h of ``population``.
    stratum, psu
        Columns. Without ``psu`` each row was drawn by itself; psu codes are taken within strata.
    population
        Column with the number of psu in the population of the row's stratum (finite population
        correction 1 − n_h/N_h), or the sampling fraction if all values are at most 1.
    lonely_psu
        What a stratum with one psu does: ``fail``; ``certainty`` adds no variance; ``adjust``
        centres it at the mean of the sample; ``average`` takes the mean variance of the others.

    Raises
    ------
    ValueError
        where weights are missing, not positive or N_h is missing, not constant in a stratum or
        smaller than n_h.
    """
    if lonely_psu not in LONELY_PSU:
        raise ValueError(f"lonely_psu must be one of {', '.join(LONELY_PSU)}, not {lonely_psu!r}")
    rows = len(table)
    named = [stratum] if isinstance(stratum, str) else list(stratum or [])
    if named and table[named].isna().any(axis=None):
        raise ValueError(
            f"{', '.join(named)}: missing for {table[named].isna().any(axis=1).sum()} rows"
        )
    keys = pd.MultiIndex.from_frame(table[named]) if named else pd.Index(np.zeros(rows, int))
    strata, found = pd.factorize(keys, sort=True)
    names = [" × ".join(map(str, k)) if isinstance(k, tuple) else str(k) for k in found]
    if psu is None:
        units, of_unit = np.arange(rows), strata
    else:
        if table[psu].isna().any():
            raise ValueError(f"{psu}: missing for {table[psu].isna().sum()} rows")
        pairs = pd.MultiIndex.from_arrays([strata, table[psu]])
        units, found = pd.factorize(pairs)
        of_unit = np.asarray(found.get_level_values(0), int)
    sampled = np.bincount(of_unit, minlength=len(names)).astype(float)
    size = _population(table, population, strata, sampled, names)
    if design_weight is not None:
        weight = table[design_weight].to_numpy(float)
    elif population is not None:
        weight = (size / sampled)[strata]
    else:
        raise ValueError("either design_weight or population must be given")
    wrong = ~(weight > 0) | np.isinf(weight)
    if wrong.any():
        raise ValueError(f"{design_weight}: {wrong.sum()} rows have no positive weight")
    return Design(table, weight, units, strata, of_unit, sampled, size, tuple(names), lonely_psu)


def _population(table, column, strata, sampled, names) -> np.ndarray:
    if column is None:
        return np.full(len(sampled), np.inf)
    stated = table[column].groupby(strata).agg(["min", "max"])
    varies = (stated["min"] != stated["max"]) | table[column].isna().groupby(strata).any()
    if varies.any():
        first = names[stated.index[varies][0]]
        raise ValueError(f"{column}: missing or not constant in stratum {first}")
    size = stated["min"].to_numpy(float)
    if (size <= 1).all():
        size = sampled / size
    if (size < sampled).any():
        h = int(np.flatnonzero(size < sampled)[0])
        raise ValueError(
            f"{column}: stratum {names[h]} has {sampled[h]:.0f} psu in the sample "
            f"and {size[h]:.0f} in the population"
        )
    return size


# --- weights ------------------------------------------------------------------------------------


def adjust_nonresponse(
    selected: pd.DataFrame, design_weight: str, responded: str, within: str | Sequence[str]
) -> pd.Series:
    """Weights of the respondents that also stand for those who did not answer.

    Weighting-class adjustment: in each class ``within`` the weights are multiplied by Σw of all
    selected ÷ Σw of those who ``responded`` (Särndal & Lundström 2005, ch. 3). Non-respondents
    get NaN.

    Raises
    ------
    ValueError
        where nobody of a class answered: classes must be merged by decision, not by code.
    """
    weight = selected[design_weight].astype(float)
    answered = weight.where(selected[responded].astype(bool))
    keys = [selected[c] for c in ([within] if isinstance(within, str) else within)]
    asked = weight.groupby(keys).transform("sum")
    held = answered.groupby(keys).transform("sum")
    if (held == 0).any():
        first = selected.loc[held == 0, [k.name for k in keys]].iloc[0].tolist()
        raise ValueError(f"nobody answered in class {first}")
    return answered * asked / held


def post_stratify(sample: Design, by: str | Sequence[str], totals: pd.Series) -> Design:
    """Scale the weights so that each cell of ``by`` meets its known population total.

    ``totals`` is indexed by the values of ``by``. Variances are then those of the residuals from
    the cell means (Lumley 2010, 7.2).

    Raises
    ------
    ValueError
        where a cell of the sample has no total or a total has no sample.
    """
    margin = _margin(sample, sample.design_weight, by, totals)
    return replace(sample, design_weight=margin.after, calibrations=(*sample.calibrations, margin))


def rake(
    sample: Design,
    margins: dict[str | tuple[str, ...], pd.Series],
    tolerance: float = 1.0,
    iterations: int = 10,
) -> Design:
    """Post-stratify on several margins in turn until the weights settle.

    Iterative proportional fitting (Deming & Stephan 1940). ``margins`` maps columns to totals.
    It ends when no cell of the crossed margins moves by ``tolerance`` (in units of the population;
    below 1, a share of it); not settling within ``iterations`` warns.
    """
    columns = [c for by in margins for c in ([by] if isinstance(by, str) else by)]
    cross, cells = pd.factorize(pd.MultiIndex.from_frame(sample.table[columns]))
    weight = sample.design_weight
    if tolerance < 1:
        tolerance = tolerance * weight.sum()
    table = np.bincount(cross, weight, len(cells))
    last = []
    for _ in range(iterations):
        last = []
        for by, totals in margins.items():
            last.append(_margin(sample, weight, by, totals))
            weight = last[-1].after
        moved, table = table, np.bincount(cross, weight, len(cells))
        if np.abs(table - moved).max() < tolerance:
            break
    else:
        warnings.warn(f"raking did not settle within {iterations} iterations", stacklevel=2)
    raking = _Raking(tuple(last), iterations, sample.design_weight)
    return replace(sample, design_weight=weight, calibrations=(*sample.calibrations, raking))


def _margin(sample: Design, weight: np.ndarray, by, totals: pd.Series) -> _Margin:
    columns = [by] if isinstance(by, str) else list(by)
    keys = sample.table[columns]
    keys = keys.iloc[:, 0] if len(columns) == 1 else pd.MultiIndex.from_frame(keys)
    cell, names = pd.factorize(keys, sort=True)
    if (cell < 0).any():
        raise ValueError(f"{', '.join(columns)}: missing for {(cell < 0).sum()} rows")
    known = totals.reindex(names)
    if known.isna().any():
        raise ValueError(f"{', '.join(columns)}: no total for {known.index[known.isna()][0]}")
    absent = totals.index.difference(names)
    absent = absent[(totals[absent] != 0).to_numpy()]
    if len(absent):
        raise ValueError(f"{', '.join(columns)}: nobody in the sample for {absent[0]}")
    known = known.to_numpy(float)
    factor = known / np.bincount(cell, weight, len(known))
    return _Margin(cell, known, weight, weight * factor[cell])


def kish_effect(design_weight: np.ndarray) -> float:
    """Loss of precision from unequal weights, 1 + cv² = n·Σw²/(Σw)² (Kish 1965)."""
    w = np.asarray(design_weight, float)
    return float(len(w) * np.square(w).sum() / w.sum() ** 2)


def winsorise(
    table: pd.DataFrame,
    variable: str,
    within: str | Sequence[str],
    design_weight: str,
    low: float = 0.0,
    high: float = 0.95,
) -> pd.Series:
    """``variable`` with its tails drawn in to the weighted quantiles ``low`` and ``high``.

    Quantiles are those of the row's own stratum ``within``; a value is drawn in, never dropped
    (Hulliger 1995; the shares are a choice that must be shown beside the plain estimate).
    """
    columns = [within] if isinstance(within, str) else list(within)
    out = table[variable].astype(float).copy()
    for _, rows in table.dropna(subset=[variable]).groupby(columns, sort=False):
        values, weight = rows[variable].to_numpy(float), rows[design_weight].to_numpy(float)
        order = np.argsort(values, kind="stable")
        floor, cap = (_math(values[order], weight[order], p) for p in (low, high))
        out.loc[rows.index] = values.clip(floor if low > 0 else -np.inf, cap)
    return out


# --- estimates ----------------------------------------------------------------------------------


def mean(
    sample: Design, variables: str | Sequence[str], by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Weighted means Σwy/Σw, overall or by domains ``by``; rows without the answer do not count.

    Influence of a row: w(y − ȳ)/Σw. Intervals are t with (psu − strata of the domain) degrees of
    freedom.
    """

    def one(y, w):
        size = w.sum()
        centre = float(y @ w / size)
        return centre, w * (y - centre) / size, _simple_variance(y, w)

    return _by_domain(sample, _listed(variables), by, "mean", one, level)


def total(
    sample: Design, variables: str | Sequence[str], by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Weighted totals Σwy; influence of a row: wy."""

    def one(y, w):
        return float(y @ w), w * y, _simple_variance(y, w) * w.sum() ** 2

    return _by_domain(sample, _listed(variables), by, "total", one, level)


def ratio(
    sample: Design, numerator: str, denominator: str, by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Ratio of two totals R = Σwy/Σwx; influence of a row: w(y − Rx)/Σwx."""

    def one(values, w):
        y, x = values.T
        size = float(x @ w)
        found = float(y @ w) / size
        residual = (y - found * x) / (size / w.sum())
        return found, w * residual / w.sum(), _simple_variance(residual, w)

    return _by_domain(sample, [(numerator, denominator)], by, "ratio", one, level)


def quantile(
    sample: Design,
    variables: str | Sequence[str],
    probability: float = 0.5,
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted quantiles: the smallest value at which the weighted share reaches ``probability``.

    Inverse of the weighted distribution function (R: ``qrule = "math"``). The interval is
    Woodruff's (1952): the t interval of the share at or below the estimate, carried back to the
    scale of the values; the standard error is its width ÷ 2t. Where a limit would lie outside
    0…1 the sample is too small for it and it is missing.
    """

    def one(y, w):
        order = np.argsort(y, kind="stable")
        values, weights = y[order], w[order]
        found = _math(values, weights, probability)
        below = (y <= found).astype(float)
        share = float(below @ w / w.sum())

        def limits(error, critical):
            ends = share - critical * error, share + critical * error
            low = _math(values, weights, ends[0]) if ends[0] >= 0 else np.nan
            high = _math(values, weights, ends[1]) if ends[1] <= 1 else np.nan
            return low, high, (high - low) / (2 * critical)

        return found, w * (below - share) / w.sum(), np.nan, limits

    name = "median" if probability == 0.5 else f"quantile_{probability:g}"
    return _by_domain(sample, _listed(variables), by, name, one, level)


def change(earlier: pd.DataFrame, later: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    """Difference later − earlier of two independent samples, with its interval.

    Returns ``on``, earlier, later, estimate (the difference), standard_error,
    degrees_of_freedom (Welch–Satterthwaite), ci_low, ci_high and ``clear``: whether the interval
    leaves out 0. Where it does not, the samples do not show a change.
    """
    both = earlier.merge(later, on=list(on), suffixes=("_1", "_2"), how="outer")
    a, b = both["standard_error_1"] ** 2, both["standard_error_2"] ** 2
    error = np.sqrt(a + b)
    df = (a + b) ** 2 / (a**2 / both["degrees_of_freedom_1"] + b**2 / both["degrees_of_freedom_2"])
    gap = both["estimate_2"] - both["estimate_1"]
    reach = stats.t.ppf(0.975, df) * error
    table = both[list(on)].assign(
        earlier=both["estimate_1"],
        later=both["estimate_2"],
        estimate=gap,
        standard_error=error,
        degrees_of_freedom=df,
        ci_low=gap - reach,
        ci_high=gap + reach,
    )
    return table.assign(clear=(table["ci_low"] > 0) | (table["ci_high"] < 0))


def _listed(variables: str | Sequence[str]) -> list[str]:
    return [variables] if isinstance(variables, str) else list(variables)


def _by_domain(sample, measures, by, statistic, one: Callable, level: float) -> pd.DataFrame:
    tables = []
    for measure in measures:
        columns = list(measure) if isinstance(measure, tuple) else [measure]
        values = sample.table[columns].to_numpy(float)
        held = ~np.isnan(values).any(axis=1)
        if isinstance(measure, str):
            values = values[:, 0]
        rows = [
            {**key, "measure": "/".join(columns), "statistic": statistic}
            | _estimate(sample, index, values[index], one, level)
            for key, index in _domains(sample.table, list(by), held)
        ]
        tables.append(pd.DataFrame(rows, columns=[*by, *ESTIMATES]))
    return pd.concat(tables, ignore_index=True)


def _domains(table: pd.DataFrame, by: list[str], held: np.ndarray) -> Iterator[tuple]:
    """Each domain's key and the positions of its rows; a domain without an answer stays listed."""
    if not by:
        yield {}, np.flatnonzero(held)
        return
    grouped = table.groupby(by, sort=True, observed=True, dropna=True).indices
    for key, index in grouped.items():
        key = key if isinstance(key, tuple) else (key,)
        yield dict(zip(by, key, strict=True)), index[held[index]]


def _estimate(sample: Design, index, values, one: Callable, level: float) -> dict:
    """One estimate over the rows ``index``, with everything that says how firm it is."""
    people = len(np.unique(sample.psu[index]))
    found = {"respondents": people, "answers": len(index)}
    if not len(index):
        return found
    estimate, influence, simple, *limits = one(values, sample.design_weight[index])
    error = np.sqrt(variance(sample, influence, index))
    df = people - len(np.unique(sample.stratum[index]))
    critical = stats.t.ppf((1 + level) / 2, df) if df > 0 else np.nan
    effect = error**2 / simple if simple and simple > 0 else np.nan
    low, high = estimate - critical * error, estimate + critical * error
    if limits:
        low, high, error = limits[0](error, critical)
    return found | {
        "estimate": estimate,
        "standard_error": error,
        "degrees_of_freedom": df,
        "ci_low": low,
        "ci_high": high,
        "design_effect": effect,
        "effective_n": people / effect if effect > 0 else np.nan,
    }


def _simple_variance(y: np.ndarray, w: np.ndarray) -> float:
    """Variance of the mean if the same answers came from a simple random sample (Kish 1965)."""
    n, size = len(y), w.sum()
    if n < 2 or size <= n:
        return np.nan
    spread = w @ np.square(y - y @ w / size) / size * n / (n - 1)
    return float(spread * (size - n) / (size * n))


def variance(sample: Design, influence: np.ndarray, index: np.ndarray | None = None) -> float:
    """Linearised variance Σ_h (1 − n_h/N_h) · n_h/(n_h − 1) · Σ_i (z_hi − z̄_h)².

    z_hi is the sum of the (weighted) ``influence`` over psu i of stratum h; psu outside ``index``
    count with 0, so that a domain keeps the full n_h (Cochran 1977, 5A.14).

    Raises
    ------
    ValueError
        for a stratum with one psu, if the design says ``fail``.
    """
    index = np.arange(len(sample.psu)) if index is None else index
    if sample.calibrations:
        whole = np.zeros(len(sample.psu))
        whole[index] = influence
        influence, index = _residual(sample, whole), np.arange(len(whole))
    touched = np.bincount(sample.stratum[index], minlength=len(sample.sampled)) > 0
    n, strata = sample.sampled, sample.psu_stratum
    z = np.bincount(sample.psu[index], influence, len(strata))
    centre = np.bincount(strata, z, len(n)) / n
    f = np.where(np.isinf(sample.population), 1.0, 1 - n / sample.population)
    taken = f < 1e-7  # the whole stratum is in the sample: nothing is left to chance
    lonely = (n == 1) & touched & ~taken
    if lonely.any() and sample.lonely_psu == "fail":
        name = sample.strata[int(np.flatnonzero(lonely)[0])]
        raise ValueError(f"stratum {name} has one psu only; choose lonely_psu")
    if sample.lonely_psu == "adjust":
        centre = np.where(n == 1, 0.0, centre)
    spread = np.bincount(strata, np.square(z - centre[strata]), len(n))
    found = float((spread * f * n / np.maximum(n - 1, 1))[~taken].sum())
    if sample.lonely_psu == "average" and lonely.any():
        found *= touched.sum() / max(touched.sum() - lonely.sum(), np.nan)
    return found


def _residual(sample: Design, z: np.ndarray) -> np.ndarray:
    """Influences after calibration: what the known totals do not explain."""
    for step in sample.calibrations:
        if isinstance(step, _Margin):
            by_weight = np.bincount(step.cell, z / step.after * step.before, len(step.totals))
            explained = by_weight / np.bincount(step.cell, step.before, len(step.totals))
            z = z - explained[step.cell] * step.after
        else:
            for _ in range(10):
                for m in step.margins:
                    plain = np.bincount(m.cell, z / m.after, len(m.totals))
                    plain /= np.bincount(m.cell, minlength=len(m.totals))
                    z = z - plain[m.cell] * m.after
    return z


def _math(values: np.ndarray, weights: np.ndarray, p: float) -> float:
    """Quantile of sorted ``values`` by the rule "math" of R's survey package.

    Long sums, as there: with equal weights a half must be met exactly and not almost. Below the
    first value's share R moves to the second value; so do we.
    """
    reached = np.cumsum(weights, dtype=np.longdouble).astype(float)
    size = reached[-1]
    at = max(int(np.searchsorted(reached, p * size, side="right")) - 1, 0)
    if p - reached[at] / size == 0:
        return float(values[at])
    return float(values[min(at + 1, len(values) - 1)])


# --- bootstrap ----------------------------------------------------------------------------------

_BLOCK_CELLS = 300_000  # replicates × rows at a time: what fits the processor's cache decides


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
    for measure in _listed(variables):
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
        domains = list(_domains(sample.table, by, ~np.isnan(values)))
        parts = [index[np.argsort(values[index], kind="stable")] for _, index in domains]
        rows = np.concatenate(parts)
        keys = [
            {**key, "respondents": len(np.unique(sample.psu[index])), "answers": len(index)}
            for key, index in domains
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
        weight = sample.calibrations[0].before if sample.calibrations else sample.design_weight
        # calibration needs every row, and the rows asked for only after it
        kept = np.arange(len(weight)) if sample.calibrations else rows
        stratum = sample.stratum[kept]
        return cls(
            sample,
            rows,
            place[sample.psu[kept]],
            weight[kept] * (1 - reach)[stratum],
            weight[kept] * (reach * sample.sampled / (sample.sampled - 1))[stratum],
        )

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
        whole = drawn_weights(slice(None))
        whole = np.stack([_recalibrated(self.sample, w)[self.rows] for w in whole])
        return lambda part: whole[:, part]


def _recalibrated(sample: Design, weight: np.ndarray) -> np.ndarray:
    for step in sample.calibrations:
        raking = isinstance(step, _Raking)
        for _ in range(step.iterations if raking else 1):
            for m in step.margins if raking else [step]:
                held = np.bincount(m.cell, weight, len(m.totals))
                weight = (
                    weight * np.divide(m.totals, held, np.zeros_like(held), where=held > 0)[m.cell]
                )
    return weight
