"""What goes along with a measure over all groups at once: ``regressions`` of an edition.

A regression on categories tells their weighted sums of the outcome, whatever else it tells: its
equations are Σ w (y − μ) x = 0, and weights and categories are taken to be known. Those sums are
held against all published means of the edition by the rules of :mod:`analysis.survey.protection`;
where they would tell of too few firms, or of one, the regression is hidden as a whole.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.language.messages import tell
from analysis.survey import bounds, disclosure, linked, regression, sampling

REGRESSIONS = [
    "regression", "kind", "outcome", "transform", "term", "category", "respondents",
    *regression.COEFFICIENTS[1:], "obs_status", "hidden", "reason", "detail",
]  # fmt: skip
REFERENCE, INTERCEPT = "reference", "intercept"


def table(
    sample: sampling.Design,
    stated: Sequence[dict],
    asked: dict,
    estimates: pd.DataFrame,
    rules: disclosure.Rules,
) -> pd.DataFrame:
    """All regressions of an edition, a row for each term; the reference has the coefficient 0.

    Parameters
    ----------
    stated
        code, kind, outcome, terms (columns of categories), transform (log of a positive outcome).
    estimates
        The means of the edition, small cells suppressed.

    Returns
    -------
    REGRESSIONS: ``respondents`` of the category; obs_status A, Q (hidden) or M: there is none,
    ``reason`` and ``detail`` say why (:data:`analysis.survey.regression.REASONS`).
    """
    found = [_one(sample, one, asked, estimates, rules) for one in stated]
    if not found:
        return pd.DataFrame(columns=REGRESSIONS)
    return pd.concat(found, ignore_index=True)[REGRESSIONS]


def _one(sample, one: dict, asked: dict, estimates, rules: disclosure.Rules) -> pd.DataFrame:
    name, log = one["outcome"], one.get("transform") == "log"
    share = "of" in asked["measures"][name]
    y = sample.table[name].astype(float) / (100 if share else 1)
    said = {"regression": one["code"], "kind": one["kind"], "outcome": name}
    said["transform"] = one.get("transform", "none")
    rows = _terms(sample, one["terms"], y.notna())
    said |= {"hidden": "", "reason": "", "detail": "", "obs_status": "A"}
    if log and (zero := int((y <= 0).sum())):
        detail = tell("{n} answers of 0 have no logarithm", n=zero)
        return _none(rows.assign(**said), "no_answer", detail)
    few = rows["respondents"] < rules.minimum
    if few.any() or _tells(sample.table, name, one["terms"], asked, estimates, rules, log):
        hidden = np.where(few, "primary", "secondary") if few.any() else "secondary"
        return _none(rows.assign(**said), "", "", "Q").assign(hidden=hidden)
    x = regression.indicators(sample.table.assign(**{name: y}), one["terms"])
    own = sampling.with_columns(sample, **{name: np.log(y) if log else y})
    try:
        fitted = regression.fit(own, name, x, one["kind"])
    except regression.CannotFitError as error:
        return _none(rows.assign(**said), error.reason, error.detail)
    parted = fitted["term"].str.partition("=")
    fitted = fitted.assign(term=parted[0], category=parted[2])
    both = rows.merge(fitted, on=["term", "category"], how="left").assign(**said)
    reference = both["estimate"].isna()
    both.loc[reference, "estimate"] = 0.0
    return both.assign(reason=np.where(reference, REFERENCE, ""))


def _terms(sample: sampling.Design, on: Sequence[str], held: pd.Series) -> pd.DataFrame:
    """The intercept and each category of the columns, with the firms that answered of it."""
    known = held & sample.table[list(on)].notna().all(axis=1)
    own, unit = sample.table[known], pd.Series(sample.unit, sample.table.index)[known]
    rows = [{"term": INTERCEPT, "category": "", "respondents": unit.nunique()}]
    for column in on:
        counts = unit.groupby(own[column].astype(str)).nunique().sort_index()
        rows += [{"term": column, "category": c, "respondents": n} for c, n in counts.items()]
    return pd.DataFrame(rows)


def _none(rows: pd.DataFrame, reason: str, detail: str, status: str = "M") -> pd.DataFrame:
    """Terms without coefficients, and why."""
    gaps = dict.fromkeys(regression.COEFFICIENTS[1:], np.nan)
    return rows.assign(**gaps, reason=reason, detail=detail, obs_status=status)


def _tells(answers, name: str, on, asked: dict, estimates, rules, log: bool) -> bool:
    """Whether the sums by category, with all published means, tell of too few firms or of one."""
    shown = estimates[(estimates["obs_status"] == "A") & estimates["statistic"].ne("median")]
    shown = shown[shown["measure"].isin(asked["measures"]) & shown["estimate"].notna()]
    shown = shown.assign(time=1.0)
    inside = shown["domain"] != linked.PROVINCE
    families = [f for f in linked.families(answers, asked) if name in f.measures]
    cases = [(families[0], shown[inside])]
    areas = shown[~inside & (shown["measure"] == name)]
    if len(areas):
        classes = linked.classes(answers, asked)
        cases.append((linked.of_provinces(answers, name, classes), areas))
    for family, cells in cases:
        own = cells[family.holds(cells)].iloc[: 0 if log else None]
        margins = [family.within(linked.WHOLE, linked.WHOLE, "")]
        for column in on:
            if column in family.parts and family.parts[column].nunique() > 1:
                categories = family.parts[column].dropna().unique()
                margins += [(family.parts[column] == c).to_numpy() for c in categories]
        counts = family.counts(name)
        rows = [family.rows(own), *(sparse.csr_array((counts * m)[None, :]) for m in margins)]
        system = family.system(bounds.of_size_one(sparse.vstack(rows, format="csr")))
        for at in bounds.suspects(system, rules.minimum):
            if bounds.of_few(system, at, rules.minimum)[0] < rules.minimum - 1e-6:
                return True
        aims, needs = family.targets(rules.share)
        if not log and len(needs) and len(bounds.close(system, aims, needs)):
            return True
    return False
