"""Regression on a sample: linear and logistic, with errors that the design gives.

Coefficients solve Σ w (y − μ(x'β)) x = 0; the influence of a row is w (y − μ) A⁻¹x with A =
Σ w μ'(x'β) xx', its variance the design's (Binder 1983, On the variances of asymptotically normal
estimators from complex surveys; R: ``svyglm``). With replicate weights each replicate is fitted
again. t has (psu − strata) + 1 − p degrees of freedom.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.survey import estimation, linearisation
from analysis.survey.sampling import Design

KINDS = ("linear", "logistic")
COEFFICIENTS = [
    "term", "estimate", "standard_error", "degrees_of_freedom", "statistic", "p_value", "ci_low",
    "ci_high",
]  # fmt: skip
REASONS = {
    "no_answer": "too few answers for so many coefficients",
    "singular": "a term follows from the others",
    "separated": "a term tells the answer without error: its coefficient has no bound",
    "no_degrees_of_freedom": "fewer sampled units than coefficients: nothing shows the error",
    "one_answer": "all gave the same answer",
}
_ROUNDS = 60
_SURE = 1e-9


class CannotFitError(ValueError):
    """There is no such regression; ``reason`` (REASONS) and ``detail``: at which term."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{REASONS[reason]}{f': {detail}' if detail else ''}")
        self.reason, self.detail = reason, detail


def fit(
    sample: Design,
    outcome: str,
    x: pd.DataFrame,
    kind: str = "linear",
    level: float = 0.95,
) -> pd.DataFrame:
    """Coefficients of a regression of a column of the sample on numbers.

    Parameters
    ----------
    outcome
        Column of the sample; of a logistic regression 0 or 1.
    x
        A row for each row of the sample; an intercept is added. Rows that lack the outcome or one
        of them do not count.

    Returns
    -------
    COEFFICIENTS, a row for each term: statistic is t, p_value two-sided.

    Raises
    ------
    CannotFitError
        where terms follow from each other, a logistic regression is separated, or too few answered.
    """
    y = sample.table[outcome].to_numpy(float)
    design = np.column_stack([np.ones(len(x)), x.to_numpy(float)])
    index = np.flatnonzero(~np.isnan(y) & ~np.isnan(design).any(axis=1))
    y, design, names = y[index], design[index], ["intercept", *x.columns]
    w = sample.design_weight[index]
    count = design.shape[1]
    if len(index) <= count:
        raise CannotFitError("no_answer")
    if kind == "logistic" and len(np.unique(y)) < 2:
        raise CannotFitError("one_answer")
    scale = np.abs(design).max(axis=0)
    scale[scale == 0] = 1.0
    design = design / scale
    _independent(design, w, names)
    beta = _solved(design, y, w, kind, names)
    df = estimation.degrees_of_freedom(sample, index) + 1 - count
    if df <= 0:
        raise CannotFitError("no_degrees_of_freedom")
    covariance = _covariance(sample, index, design, y, beta, kind, names) / np.outer(scale, scale)
    beta, error = beta / scale, np.sqrt(np.diag(covariance))
    reach = scipy.stats.t.ppf((1 + level) / 2, df) * error
    t = np.divide(beta, error, np.full(count, np.nan), where=error > 0)
    found = {
        "term": names,
        "estimate": beta,
        "standard_error": error,
        "degrees_of_freedom": df,
        "statistic": t,
        "p_value": 2 * scipy.stats.t.sf(np.abs(t), df),
        "ci_low": beta - reach,
        "ci_high": beta + reach,
    }
    return pd.DataFrame(found)[COEFFICIENTS]


def indicators(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """0/1 columns ``column=category`` of each category but that of most answers, the reference.

    Missing where the answer is.

    >>> indicators(pd.DataFrame({"size": ["a", "b", "b"]}), ["size"])["size=a"].tolist()
    [1.0, 0.0, 0.0]
    """
    found = {}
    for column in columns:
        counts = table[column].value_counts()
        order = sorted(counts.index.astype(str), key=lambda c, n=counts: (-n[c], c))
        for category in sorted(order[1:]):
            own = (table[column] == category).astype(float)
            found[f"{column}={category}"] = own.where(table[column].notna())
    return pd.DataFrame(found, index=table.index)


def _independent(x: np.ndarray, w: np.ndarray, names: Sequence[str]) -> None:
    """Refuse terms that follow from those before them."""
    for at in range(len(names)):
        if np.linalg.matrix_rank(np.sqrt(w)[:, None] * x[:, : at + 1], rtol=1e-9) <= at:
            raise CannotFitError("singular", names[at])


def _mean(eta: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """μ and μ' of the linear predictor."""
    if kind == "linear":
        return eta, np.ones(len(eta))
    mu = scipy.special.expit(eta)
    return mu, mu * (1 - mu)


def _solved(x, y, w, kind: str, names, start: np.ndarray | None = None) -> np.ndarray:
    """Newton's method; of a linear regression one step."""
    beta = np.zeros(x.shape[1]) if start is None else start
    for _ in range(_ROUNDS):
        mu, slope = _mean(x @ beta, kind)
        inside = (x * (w * slope)[:, None]).T @ x
        step, *_ = np.linalg.lstsq(inside, x.T @ (w * (y - mu)), rcond=1e-14)
        beta = beta + step
        sure = kind == "logistic" and (np.abs(x @ beta) > -np.log(_SURE)).any()
        if sure or np.abs(step).max() <= 1e-11 * (1 + np.abs(beta).max()):
            break
    if kind == "logistic" and (sure or np.abs(step).max() > 1e-6):
        raise CannotFitError("separated", names[int(np.argmax(np.abs(beta)))])
    return beta


def _covariance(sample, index, x, y, beta, kind: str, names) -> np.ndarray:
    w = sample.design_weight[index]
    if sample.replicates is not None:
        own = sample.replicates
        each = own.weights[own.place[index]]
        found = np.stack([_solved(x, y, r, kind, names, beta) for r in each.T])
        apart = own.deviations(found, beta)
        return apart.T @ apart
    mu, slope = _mean(x @ beta, kind)
    inverse = np.linalg.inv((x * (w * slope)[:, None]).T @ x)
    influence = (x * (w * (y - mu))[:, None]) @ inverse
    points = [linearisation.Point(b, i, i, None) for b, i in zip(beta, influence.T, strict=True)]
    z = np.stack([linearisation.scores(sample, point, index) for point in points], axis=1)
    return linearisation.covariance(sample, z, index)
