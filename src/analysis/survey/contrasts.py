"""Comparisons: estimates of one sample with their covariance, contrasts, tests; two editions.

Domains of a sample share psu, strata and known totals: the error of a difference is not that of
independent estimates. Definitions are those of Lumley's ``survey`` package for R (``svyby`` with
``covmat``, ``svycontrast``, ``svyttest``, ``svychisq``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.survey import estimation, linearisation
from analysis.survey.sampling import Design

POINTS: dict[str, Callable] = {
    "mean": lambda y, w, rule: estimation.mean_point(y, w),
    "median": lambda y, w, rule: estimation.quantile_point(y, w, 0.5, rule),
}
REASONS = {
    "no_degrees_of_freedom": estimation.REASONS["no_degrees_of_freedom"],
    "no_error": "one of the estimates has no standard error",
    "alike": "neither estimate has an error: all answers of each are alike",
    "one_category": "all that answered gave the same answer to one of both questions",
    "empty_cells": "too many combinations of answers that nobody gave",
}


@dataclass(frozen=True)
class Joint:
    """Estimates of one sample with their covariance.

    ``table``: ``by``, measure, statistic, respondents, estimate, a row per estimate; ``scores`` psu
    × estimates (:func:`analysis.survey.linearisation.scores`); ``rows``: those that each
    estimate rests on; ``covariance`` in the order of ``table``, missing for a median without a
    standard error.
    """

    sample: Design
    table: pd.DataFrame
    scores: np.ndarray
    rows: tuple[np.ndarray, ...]
    covariance: np.ndarray

    def degrees_of_freedom(self, used: np.ndarray) -> int:
        """psu − strata of the estimates ``used`` (True or False for each) together."""
        rows = [index for index, own in zip(self.rows, used, strict=True) if own]
        return estimation.degrees_of_freedom(self.sample, np.unique(np.concatenate(rows)))


def joint(
    sample: Design,
    variables: str | Sequence[str],
    by: Sequence[str] = (),
    statistic: str = "mean",
    level: float = 0.95,
) -> Joint:
    """Means or medians by domain with their covariance; a domain without an answer is left out.

    Of a median, the influence of its share is carried to the scale of the values by the ratio of
    both standard errors (:func:`analysis.survey.estimation.quantile`).

    Raises
    ------
    ValueError
        if nobody answered.
    """
    lines, scores, rows = [], [], []
    for measure in [variables] if isinstance(variables, str) else variables:
        for key, index, values in estimation.answered(sample, measure, by):
            if not len(index):
                continue
            weight = sample.design_weight[index]
            point = POINTS[statistic](values, weight, sample.quantiles)
            z = linearisation.scores(sample, point, index)
            if statistic == "median":
                z = z * _density(sample, index, values, point, level)
            people = len(np.unique(sample.unit[index]))
            said = {"measure": measure, "statistic": statistic, "respondents": people}
            lines.append({**key, **said, "estimate": point.estimate})
            scores.append(z)
            rows.append(index)
    if not lines:
        raise ValueError("nobody answered: there is nothing to compare")
    z = np.stack(scores, axis=1)
    found = linearisation.covariance(sample, z, np.unique(np.concatenate(rows)))
    return Joint(sample, pd.DataFrame(lines), z, tuple(rows), found)


def _density(sample, index, values, point, level: float) -> float:
    """What a median moves by when the share below it moves by one."""
    error = np.sqrt(linearisation.variance(sample, point, index))
    df = estimation.degrees_of_freedom(sample, index)
    held = estimation.Held(index, point, error, df)
    weight = sample.design_weight[index]
    own = estimation.woodruff(values, weight, held, level, sample.quantiles)[2]
    return -own / error if error > 0 else np.nan


def contrast(
    held: Joint, coefficients: Mapping[str, Sequence[float]], level: float = 0.95
) -> pd.DataFrame:
    """Linear combinations Σ c·estimate with the variance cᵀVc, each tested against 0.

    Parameters
    ----------
    coefficients
        Name → one number for each row of ``held.table``.

    Returns
    -------
    contrast, estimate, standard_error, degrees_of_freedom (psu − strata of the estimates that
    count), statistic (t), p_value (two-sided), ci_low, ci_high, reason (REASONS; empty where there
    is an interval).

    >>> from analysis.survey import sampling
    >>> firms = pd.DataFrame({"size": list("aabb"), "hours": [1.0, 3, 6, 8], "w": 9.0})
    >>> both = joint(sampling.design(firms, "w"), "hours", ["size"])
    >>> contrast(both, {"b - a": [-1, 1]})[["estimate", "standard_error"]].round(2)
       estimate  standard_error
    0       5.0            1.15
    """
    found = []
    for name, given in coefficients.items():
        c = np.asarray(given, float)
        used = c != 0
        estimate = float(c[used] @ held.table["estimate"].to_numpy(float)[used])
        variance = float(c[used] @ held.covariance[np.ix_(used, used)] @ c[used])
        df = held.degrees_of_freedom(used)
        found.append({"contrast": name} | _tested(estimate, variance, df, level))
    return pd.DataFrame(found)


def _tested(estimate: float, variance: float, df: float, level: float) -> dict:
    """An estimate against 0: its t interval and test."""
    error = np.sqrt(max(variance, 0.0)) if not np.isnan(variance) else np.nan
    reason = "no_error" if np.isnan(error) else "no_degrees_of_freedom" if df <= 0 else ""
    critical = scipy.stats.t.ppf((1 + level) / 2, df) if df > 0 else np.nan
    t = p = np.nan
    if not reason and error > 0:
        t = estimate / error
        p = float(2 * scipy.stats.t.sf(abs(t), df))
    elif not reason:
        reason = "alike"
    return {
        "estimate": estimate,
        "standard_error": error,
        "degrees_of_freedom": df,
        "statistic": t,
        "p_value": p,
        "ci_low": estimate - critical * error,
        "ci_high": estimate + critical * error,
        "reason": reason,
    }


def differences(held: Joint, level: float = 0.95) -> pd.DataFrame:
    """All pairs of estimates of one measure: the second less the first.

    Returns first, second (positions in ``held.table``), the columns of :func:`contrast`, and
    ``p_adjusted``: Holm's (1979), so that of all pairs of the measure that are called different
    with p_adjusted ≤ 0.05 none is so by chance in 95 of 100 samples.
    """
    parts = []
    for _, at in held.table.groupby("measure", sort=False).indices.items():
        pairs = list(combinations(at, 2))
        given = {}
        for i, j in pairs:
            c = np.zeros(len(held.table))
            c[[i, j]] = -1, 1
            given[f"{j} - {i}"] = c
        found = contrast(held, given, level)
        found[["first", "second"]] = np.array(pairs, int).reshape(-1, 2)
        parts.append(found.assign(p_adjusted=holm(found["p_value"])) if pairs else found)
    return pd.concat(parts, ignore_index=True)


def holm(p: pd.Series) -> pd.Series:
    """Step-down adjusted p-values of those that there are (Holm 1979)."""
    known = p.dropna().sort_values()
    steps = known * np.arange(len(known), 0, -1)
    return steps.cummax().clip(upper=1).reindex(p.index)


def shared(
    earlier: Design, later: Design, variables: Sequence[str], by: Sequence[str], unit: str
) -> pd.DataFrame:
    """Covariance of the same means of two samples, from the firms that answered in both.

    In each pair of strata with n₁₂ ≥ 2 common firms: n₁₂/(n₁₂ − 1) · (1 − n₁n₂/(N n₁₂)) ·
    Σ(z₁ − z̄₁)(z₂ − z̄₂) over the common firms, z their influences (Tam 1984, On covariances from
    overlapping samples). The correction for a finite population is that of the stratum where a firm
    stayed in it, else 1 less the larger sampling fraction; a negative one counts as 0. A common
    firm alone in its pair of strata adds nothing, which errs on the side of a wider interval.

    Parameters
    ----------
    unit
        Column of both tables that names a firm whatever the edition.

    Returns
    -------
    ``by``, measure, covariance, shared (firms of the domain in both).
    """
    one, other = (joint(sample, variables, by) for sample in (earlier, later))
    known = [_identity(sample, unit) for sample in (earlier, later)]
    pairs = known[0].rename("one").to_frame().join(known[1].rename("other"), how="inner")
    first, second = pairs["one"].to_numpy(), pairs["other"].to_numpy()
    strata = earlier.psu_stratum[first], later.psu_stratum[second]
    key = [*by, "measure"]
    names = one.table[key].assign(_one=range(len(one.table)))
    both = names.merge(other.table[key].assign(_other=range(len(other.table))), on=key)
    z = one.scores[first][:, both["_one"]], other.scores[second][:, both["_other"]]
    found = np.zeros(len(both))
    cells = pd.DataFrame({"then": strata[0], "now": strata[1]}).groupby(["then", "now"])
    for (h, g), at in cells.indices.items():
        n = len(at)
        if n < 2:
            continue
        a, b = (part[at] - part[at].mean(axis=0) for part in z)
        found += n / (n - 1) * _correction(earlier, later, h, g, n) * (a * b).sum(axis=0)
    variances = [np.diag(one.covariance)[both["_one"]], np.diag(other.covariance)[both["_other"]]]
    limit = np.sqrt(variances[0] * variances[1])
    common = [
        np.isin(first, earlier.psu[one.rows[i]]) & np.isin(second, later.psu[other.rows[j]])
        for i, j in zip(both["_one"], both["_other"], strict=True)
    ]
    counts = [int(own.sum()) for own in common]
    return both[key].assign(covariance=np.clip(found, -limit, limit), shared=counts)


def _identity(sample: Design, unit: str) -> pd.Series:
    """Firm → its psu."""
    named = pd.Series(sample.table[unit].to_numpy()).groupby(sample.psu).first().dropna()
    return pd.Series(named.index.to_numpy(), index=named.to_numpy())


def _correction(earlier: Design, later: Design, h: int, g: int, common: int) -> float:
    """What is left to chance of the common firms of stratum ``h`` then and ``g`` now."""
    n, size = (earlier.sampled[h], later.sampled[g]), (earlier.population[h], later.population[g])
    if earlier.strata[h] == later.strata[g]:
        return max(0.0, 1 - n[0] * n[1] / (min(size) * common))
    return 1 - max(n[0] / size[0], n[1] / size[1])


def rao_scott(sample: Design, rows: str, columns: str) -> pd.Series:
    """Whether two answers go together: Pearson's chi-square, corrected for the design.

    Second-order correction of Rao & Scott (1984) in its F version (Thomas & Rao 1987), as R's
    ``svychisq``: X²/tr Δ is held against F(d, d·ν), Δ = (Cᵀ D⁻¹ C/n)⁻¹ CᵀD⁻¹ V D⁻¹ C, d = (tr Δ)²
    ÷ tr Δ², ν psu − strata; p and V are the shares of the cells and their covariance, D = diag(p),
    C the contrasts of interaction. Rows without both answers do not count.

    Returns
    -------
    chi_square (X², n answers), chi_square_p (first order: X² · (r − 1)(c − 1)/tr Δ), f, df_1, df_2,
    p_value, answers, reason (REASONS; empty where there is a test).
    """
    index = np.flatnonzero(sample.table[[rows, columns]].notna().all(axis=1).to_numpy())
    table = sample.table.iloc[index]
    (row, first), (column, second) = (pd.factorize(table[c], sort=True) for c in (rows, columns))
    found = dict.fromkeys(["chi_square", "chi_square_p", "f", "df_1", "df_2", "p_value"], np.nan)
    found |= {"answers": len(index), "reason": ""}
    if min(len(first), len(second)) < 2:
        return pd.Series(found | {"reason": "one_category"})
    df = estimation.degrees_of_freedom(sample, index)
    if df <= 0:
        return pd.Series(found | {"reason": "no_degrees_of_freedom"})
    weight, cells = sample.design_weight[index], len(first) * len(second)
    inside = (row * len(second) + column)[:, None] == np.arange(cells)
    p = weight @ inside / weight.sum()
    shares = p.reshape(len(first), len(second))
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    pearson = len(index) * float((np.square(shares - expected) / expected).sum())
    found["chi_square"] = pearson
    influence = weight[:, None] * (inside - p) / weight.sum()
    ones = np.ones(len(index))
    points = [
        linearisation.Point(share, own, cell.astype(float), ones)
        for share, own, cell in zip(p, influence.T, inside.T, strict=True)
    ]
    z = np.stack([linearisation.scores(sample, point, index) for point in points], axis=1)
    delta = _design_effects(p, shares.shape, linearisation.covariance(sample, z, index), len(index))
    if delta is None:
        return pd.Series(found | {"reason": "empty_cells"})
    trace, size = float(np.trace(delta)), len(delta)
    if not trace > 0:
        return pd.Series(found | {"reason": "alike"})
    d = trace**2 / float(np.trace(delta @ delta))
    found |= {"f": pearson / trace, "df_1": d, "df_2": d * df}
    found["chi_square_p"] = float(scipy.stats.chi2.sf(pearson * size / trace, size))
    found["p_value"] = float(scipy.stats.f.sf(pearson / trace, d, d * df))
    return pd.Series(found)


def _design_effects(p: np.ndarray, shape: tuple, v: np.ndarray, n: int) -> np.ndarray | None:
    """Δ of :func:`rao_scott`; none where empty cells leave a contrast without a variance."""
    contrasts = np.kron(*(np.eye(k)[:, 1:] - np.eye(k)[:, :1] for k in shape))
    scaled = contrasts * np.divide(1, p, np.zeros(len(p)), where=p > 0)[:, None]
    simple = contrasts.T @ scaled / n
    if np.linalg.matrix_rank(simple) < len(simple):
        return None
    return np.linalg.solve(simple, scaled.T @ v @ scaled)
