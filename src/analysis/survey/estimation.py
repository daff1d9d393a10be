"""Estimates from a sample: means, totals, ratios and quantiles by domain, with their errors.

Estimators are weighted sums, standard errors come from the linearised influence of each primary
sampling unit (psu), a domain is a part of the design and never a smaller design of its own; the
definitions are those of Lumley's ``survey`` package for R (Complex Surveys, 2010). An estimate is a
row of

``respondents`` (distinct psu with an answer), ``answers`` (rows), ``estimate``,
``standard_error``, ``degrees_of_freedom``, ``ci_low``, ``ci_high``, ``design_effect`` and
``effective_n`` (respondents ÷ design effect).
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.survey.sampling import Design, variance, weighted_quantile

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


def mean(
    sample: Design, variables: str | Sequence[str], by: Sequence[str] = (), level: float = 0.95
) -> pd.DataFrame:
    """Weighted means Σwy/Σw, overall or by domains ``by``; rows without the answer do not count.

    Influence of a row: w(y − ȳ)/Σw. Intervals are t with (psu − strata of the domain) degrees of
    freedom.

    >>> from analysis.survey import sampling
    >>> firms = pd.DataFrame({"size": ["small"] * 3 + ["large"] * 2, "hours": [2, 4, 6, 20, 30]})
    >>> sample = sampling.design(firms.assign(all=[300] * 3 + [20] * 2), None, "size", "all")
    >>> mean(sample, "hours")[["respondents", "estimate", "ci_low", "ci_high"]].round(2)
       respondents  estimate  ci_low  ci_high
    0            5      5.31    1.76     8.87
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
        found = weighted_quantile(values, weights, probability)
        below = (y <= found).astype(float)
        share = float(below @ w / w.sum())

        def limits(error, critical):
            low, high = share - critical * error, share + critical * error
            # a share of one with no error is one, whatever the last digit of the sum says
            low, high = (
                weighted_quantile(values, weights, min(max(end, 0.0), 1.0))
                if -1e-12 <= end <= 1 + 1e-12
                else np.nan
                for end in (low, high)
            )
            return low, high, (high - low) / (2 * critical)

        return found, w * (below - share) / w.sum(), np.nan, limits

    name = "median" if probability == 0.5 else f"quantile_{probability:g}"
    return _by_domain(sample, _listed(variables), by, name, one, level)


def change(earlier: pd.DataFrame, later: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    """Difference later − earlier of two independent samples, with its interval.

    Returns ``on``, respondents (of the smaller sample), earlier, later, estimate (the difference),
    standard_error,
    degrees_of_freedom (Welch–Satterthwaite), ci_low, ci_high and ``clear``: whether the interval
    leaves out 0. Where it does not, the samples do not show a change.
    """
    both = earlier.merge(later, on=list(on), suffixes=("_1", "_2"), how="outer")
    a, b = both["standard_error_1"] ** 2, both["standard_error_2"] ** 2
    error = np.sqrt(a + b)
    df = (a + b) ** 2 / (a**2 / both["degrees_of_freedom_1"] + b**2 / both["degrees_of_freedom_2"])
    gap = both["estimate_2"] - both["estimate_1"]
    reach = scipy.stats.t.ppf(0.975, df) * error
    table = both[list(on)].assign(
        respondents=both[["respondents_1", "respondents_2"]].min(axis=1),
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
            for key, index in domains(sample.table, list(by), held)
        ]
        tables.append(pd.DataFrame(rows, columns=[*by, *ESTIMATES]))
    return pd.concat(tables, ignore_index=True)


def domains(table: pd.DataFrame, by: list[str], held: np.ndarray) -> Iterator[tuple]:
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
    critical = scipy.stats.t.ppf((1 + level) / 2, df) if df > 0 else np.nan
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
