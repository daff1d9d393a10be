"""Estimates from a sample: means, totals, ratios and quantiles by domain, with their errors.

Estimators are weighted sums, standard errors come from the linearised influence of each primary
sampling unit (psu), a domain is a part of the design and never a smaller design of its own; the
definitions are those of Lumley's ``survey`` package for R (Complex Surveys, 2010). An estimate is a
row of

``respondents`` (distinct units of the last stage with an answer), ``answers`` (rows), ``estimate``,
``standard_error``, ``degrees_of_freedom``, ``ci_low``, ``ci_high``, ``design_effect``,
``effective_n`` (answers ÷ design effect: the effect is that beside a simple sample of as many
answers; Kish 1965) and ``reason``: why there is no estimate or interval (REASONS), empty where
there is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.survey import linearisation, proportions
from analysis.survey.linearisation import Point
from analysis.survey.quantile_rules import weighted_quantile
from analysis.survey.sampling import Design

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
    "reason",
]
REASONS = {
    "no_answer": "nobody answered",
    "no_degrees_of_freedom": "no stratum has a second psu that answered: nothing shows the error",
    "beyond_sample": "too few answers for a limit of the interval",
    "no_interval": "this kind of interval says nothing where all answers are alike",
    "empty_replicate": "a replicate has nobody of them: it shows no error",
    "no_denominator": "what it would be divided by adds up to 0",
}


def mean(
    sample: Design, variables: str | Sequence[str], by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Weighted means Σwy/Σw, overall or by domains ``by``; rows without the answer do not count.

    Influence of a row: w(y − ȳ)/Σw. Intervals are t with (psu − strata of the domain) degrees of
    freedom; for shares see :func:`proportion`.

    >>> from analysis.survey import sampling
    >>> firms = pd.DataFrame({"size": ["small"] * 3 + ["large"] * 2, "hours": [2, 4, 6, 20, 30]})
    >>> sample = sampling.design(firms.assign(all=[300] * 3 + [20] * 2), None, "size", "all")
    >>> mean(sample, "hours")[["respondents", "estimate", "ci_low", "ci_high"]].round(2)
       respondents  estimate  ci_low  ci_high
    0            5      5.31    1.76     8.87
    """
    return _by_domain(sample, _listed(variables), by, "mean", mean_point, level)


def proportion(
    sample: Design,
    variables: str | Sequence[str],
    by: Sequence[str] = (),
    level: float = 0.95,
    method: str = "korn_graubard",
    whole: float = 1.0,
) -> pd.DataFrame:
    """Weighted shares of the rows that are ``whole``, the others being 0 (R: ``svyciprop``).

    Estimates and errors are those of the mean; intervals lie within 0…whole, and at 0 and at whole
    they end there (``method``: :func:`analysis.survey.proportions.interval`). ``whole`` = 100
    gives percent.

    Raises
    ------
    ValueError
        for a value that is neither 0 nor ``whole``, or an unknown ``method``.

    >>> from analysis.survey import sampling
    >>> firms = pd.DataFrame({"online": [0.0] * 85, "w": 1000.0})
    >>> found = proportion(sampling.design(firms, "w"), "online")
    >>> found[["estimate", "ci_low", "ci_high"]].round(3)
       estimate  ci_low  ci_high
    0       0.0     0.0    0.042
    """
    for name in _listed(variables):
        other = sample.table[name].dropna()
        other = other[~other.isin([0, whole])]
        if len(other):
            raise ValueError(f"{name}: must be 0 or {whole:g} to be a share, not {other.iloc[0]}")

    def one(y, w):
        point = mean_point(y, w)
        # all are, or none is, whatever the last digit of the sum says
        return replace(point, estimate=whole if (y == whole).all() else point.estimate)

    left = linearisation.left_to_chance(sample)

    def interval(held: Held, y):
        units = np.bincount(
            sample.psu[held.index], sample.design_weight[held.index], len(sample.psu_stratum)
        )
        size = proportions.effective_size(units, left[sample.psu_stratum])
        share, error = held.point.estimate / whole, held.error / whole
        ends = proportions.interval(share, error, len(y), held.df, size, method, level)
        return ends[0] * whole, ends[1] * whole, held.error

    return _by_domain(sample, _listed(variables), by, "proportion", one, level, interval)


def total(
    sample: Design, variables: str | Sequence[str], by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Weighted totals Σwy; influence of a row: wy."""

    def one(y, w):
        return Point(float(y @ w), w * y, y, None, _simple_variance(y, w) * w.sum() ** 2)

    return _by_domain(sample, _listed(variables), by, "total", one, level)


def ratio(
    sample: Design, numerator: str, denominator: str, by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Ratio of two totals R = Σwy/Σwx; influence of a row: w(y − Rx)/Σwx.

    Raises
    ------
    ValueError
        where the denominator of a domain adds up to 0, naming it.
    """

    columns = numerator, denominator
    for key, index, values in answered(sample, columns, by):
        w, x = sample.design_weight[index], values[:, 1]
        if len(index) and abs(x @ w) <= 1e-12 * (np.abs(x) @ w):
            where = "".join(f", {name} {value}" for name, value in key.items())
            raise ValueError(f"{numerator}/{denominator}{where}: the denominator adds up to 0")

    def one(values, w):
        y, x = values.T
        size = float(x @ w)
        found = float(y @ w) / size
        residual = linearisation.residuals(y, found * x) / (size / w.sum())
        return Point(found, w * residual / w.sum(), y, x, _simple_variance(residual, w))

    return _by_domain(sample, [columns], by, "ratio", one, level)


def quantile(
    sample: Design,
    variables: str | Sequence[str],
    probability: float = 0.5,
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted quantiles: the smallest value at which the weighted share reaches ``probability``.

    Inverse of the weighted distribution function (R: ``qrule = "math"``), unless the sample says
    another rule (``quantiles``: :mod:`analysis.survey.quantile_rules`). The interval is
    Woodruff's (1952): the t interval of the share at or below the estimate, carried back to the
    scale of the values; the standard error is its width ÷ 2t. Where a limit would lie outside
    0…1 the sample is too small for it and it is missing.
    """

    def interval(held: Held, y):
        return woodruff(y, sample.design_weight[held.index], held, level, sample.quantiles)

    def one(y, w):
        return quantile_point(y, w, probability, sample.quantiles)

    name = "median" if probability == 0.5 else f"quantile_{probability:g}"
    return _by_domain(sample, _listed(variables), by, name, one, level, interval)


def change(
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    on: Sequence[str],
    shared: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Difference later − earlier of two samples, with its interval.

    Parameters
    ----------
    shared
        ``on``, covariance, shared (:func:`analysis.survey.contrasts.shared`); without it the
        samples are taken as independent.

    Returns
    -------
    ``on``, respondents (of the smaller sample), shared (firms that answered in both; missing where
    not known), earlier, later, estimate (the difference), standard_error, degrees_of_freedom
    (Welch–Satterthwaite; of the smaller sample where firms are shared), ci_low, ci_high and
    ``clear``: whether the interval leaves out 0. Where it does not, the samples show no change.
    """
    both = earlier.merge(later, on=list(on), suffixes=("_1", "_2"), how="outer")
    if shared is None:
        both = both.assign(covariance=0.0, shared=np.nan)
    else:
        both = both.merge(shared, on=list(on), how="left").fillna({"covariance": 0.0, "shared": 0})
    a, b = both["standard_error_1"] ** 2, both["standard_error_2"] ** 2
    error = np.sqrt((a + b - 2 * both["covariance"]).clip(lower=0))
    freedom = both[["degrees_of_freedom_1", "degrees_of_freedom_2"]]
    df = (a + b) ** 2 / (a**2 / freedom.iloc[:, 0] + b**2 / freedom.iloc[:, 1])
    # neither sample shows an error: the smaller one says how much that is worth
    df = df.where((a + b > 0) & ~(both["shared"] > 0), freedom.min(axis=1, skipna=False))
    gap = both["estimate_2"] - both["estimate_1"]
    reach = scipy.stats.t.ppf(0.975, df) * error
    table = both[list(on)].assign(
        respondents=both[["respondents_1", "respondents_2"]].min(axis=1),
        shared=both["shared"],
        earlier=both["estimate_1"],
        later=both["estimate_2"],
        estimate=gap,
        standard_error=error,
        degrees_of_freedom=df,
        ci_low=gap - reach,
        ci_high=gap + reach,
    )
    return table.assign(clear=(table["ci_low"] > 0) | (table["ci_high"] < 0))


@dataclass(frozen=True)
class Held:
    """What is known of an estimate before its interval."""

    index: np.ndarray
    point: Point
    error: float
    df: int


def mean_point(y: np.ndarray, w: np.ndarray) -> Point:
    """Σwy/Σw."""
    size = w.sum()
    centre = float(y @ w / size)
    influence = w * linearisation.residuals(y, centre) / size
    return Point(centre, influence, y, np.ones(len(y)), _simple_variance(y, w))


def quantile_point(
    y: np.ndarray, w: np.ndarray, probability: float = 0.5, rule: str = "math"
) -> Point:
    """The quantile; influences are those of the share of weight at or below it."""
    order = np.argsort(y, kind="stable")
    found = weighted_quantile(y[order], w[order], probability, rule)
    below = (y <= found).astype(float)
    share = float(below @ w / w.sum())
    influence = w * linearisation.residuals(below, share) / w.sum()
    return Point(found, influence, below, np.ones(len(y)))


def woodruff(
    y: np.ndarray, w: np.ndarray, held: Held, level: float, rule: str = "math"
) -> tuple[float, float, float]:
    """Both limits of a quantile, and its standard error.

    ``held``: its ``point`` (:func:`quantile_point`), the ``error`` of its share and ``df``.
    """
    order = np.argsort(y, kind="stable")
    values, weights = y[order], w[order]
    critical = _critical(held.df, level)
    share = float((y <= held.point.estimate).astype(float) @ w / w.sum())
    # a share of one with no error is one, whatever the last digit of the sum says
    low, high = (
        weighted_quantile(values, weights, min(max(end, 0.0), 1.0), rule)
        if -1e-12 <= end <= 1 + 1e-12
        else np.nan
        for end in (share - critical * held.error, share + critical * held.error)
    )
    return low, high, (high - low) / (2 * critical)


def _listed(variables: str | Sequence[str]) -> list[str]:
    return [variables] if isinstance(variables, str) else list(variables)


def _critical(df: float, level: float) -> float:
    return float(scipy.stats.t.ppf((1 + level) / 2, df)) if df > 0 else np.nan


def _by_domain(
    sample, measures, by, statistic, one: Callable, level: float, interval: Callable | None = None
) -> pd.DataFrame:
    tables = []
    for measure in measures:
        name = "/".join(measure) if isinstance(measure, tuple) else measure
        rows = [
            {**key, "measure": name, "statistic": statistic}
            | _estimate(sample, index, values, one, interval, level)
            for key, index, values in answered(sample, measure, by)
        ]
        tables.append(pd.DataFrame(rows, columns=[*by, *ESTIMATES]))
    return pd.concat(tables, ignore_index=True)


def answered(sample: Design, measure: str | tuple[str, ...], by: Sequence[str]) -> Iterator[tuple]:
    """Each domain's key, the positions of its rows that answered, and what they answered."""
    values = sample.table[list(measure) if isinstance(measure, tuple) else measure].to_numpy(float)
    missing = np.isnan(values) if values.ndim == 1 else np.isnan(values).any(axis=1)
    for key, index in domains(sample.table, list(by), ~missing):
        yield key, index, values[index]


def domains(table: pd.DataFrame, by: list[str], held: np.ndarray) -> Iterator[tuple]:
    """Each domain's key and the positions of its rows; a domain without an answer stays listed."""
    if not by:
        yield {}, np.flatnonzero(held)
        return
    grouped = table.groupby(by, sort=True, observed=True, dropna=True).indices
    for key, index in grouped.items():
        key = key if isinstance(key, tuple) else (key,)
        yield dict(zip(by, key, strict=True)), index[held[index]]


def degrees_of_freedom(sample: Design, index: np.ndarray) -> int:
    """psu − strata of the rows ``index``; of replicates the rank of their weights, less one."""
    if sample.replicates is not None:
        return sample.replicates.degrees_of_freedom(index)
    return len(np.unique(sample.psu[index])) - len(np.unique(sample.stratum[index]))


def _estimate(sample, index, values, one: Callable, interval, level: float) -> dict:
    """One estimate over the rows ``index``, with everything that says how firm it is."""
    people = len(np.unique(sample.unit[index]))
    found = {"respondents": people, "answers": len(index)}
    if not len(index):
        return found | {"reason": "no_answer"}
    point = one(values, sample.design_weight[index])
    error = np.sqrt(linearisation.variance(sample, point, index))
    df = degrees_of_freedom(sample, index)
    effect = error**2 / point.simple if point.simple > 0 else np.nan
    known = not np.isnan(error)
    if interval:
        low, high, error = interval(Held(index, point, error, df), values)
    else:
        reach = _critical(df, level) * error
        low, high = point.estimate - reach, point.estimate + reach
    return found | {
        "estimate": point.estimate,
        "standard_error": error,
        "degrees_of_freedom": df,
        "ci_low": low,
        "ci_high": high,
        "design_effect": effect,
        "effective_n": len(index) / effect if effect > 0 else np.nan,
        "reason": _reason(low, high, df, known, alike=bool((values == values[0]).all())),
    }


def _reason(low: float, high: float, df: float, known: bool, alike: bool) -> str:
    """Why a limit is missing (REASONS)."""
    if not np.isnan([low, high]).any():
        return ""
    if not known:
        return "empty_replicate"
    if df <= 0:
        return "no_degrees_of_freedom"
    return "no_interval" if alike else "beyond_sample"


def _simple_variance(y: np.ndarray, w: np.ndarray) -> float:
    """Variance of the mean if the same answers came from a simple random sample (Kish 1965)."""
    n, size = len(y), w.sum()
    if n < 2 or size <= n:
        return np.nan
    apart = linearisation.residuals(y, y @ w / size)
    spread = w @ np.square(apart) / size * n / (n - 1)
    return float(spread * (size - n) / (size * n))
