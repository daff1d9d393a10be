"""Figures of provinces with few answers, by an area-level model: ``small_areas`` of a survey.

Direct estimates (:func:`analysis.survey.measures.provinces`) → sampling variances, smoothed →
:mod:`analysis.survey.fay_herriot` → figures that add up to the direct ones of each region. An area
whose direct estimate is not shown has no part in it: its figure is that of the covariates alone
(``synthetic``), so that no figure here tells anything of its few firms.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis import project
from analysis.published import unit_figures
from analysis.survey import fay_herriot, measures, sampling

AREAS = [
    "measure", "category", "region", "respondents", "kind", "direct", "direct_low", "direct_high",
    "sampling_variance", "synthetic", "shrinkage", "shift", "estimate", "mse", "ci_low", "ci_high",
    "residual", "residual_quantile", "reason",
]  # fmt: skip
FITS = [
    "measure", "figure", "estimate", "standard_error", "ci_low", "ci_high", "p_value", "reason",
    "detail",
]  # fmt: skip
REASONS = {
    "no_answer": "nobody answered",
    "hidden": "its direct estimate is hidden, as of too few or telling of them",
    "no_ratio": "its direct estimate does not exist",
    "no_error": "nothing shows its sampling error",
    "no_covariate": "the reference file lacks a figure of it",
    "too_few_areas": "too few areas with a direct estimate for a model",
    "singular": "the covariates follow from each other",
    "covariates": "the covariates cannot be read",
    "no_variance": "the areas do not differ by more than covariates and sampling say",
}
"""Why an area has no part in the model, or why there is no model, or what is to be known of it."""
_REACH = 1.959963984540054


def estimate(
    sample: sampling.Design,
    estimates: pd.DataFrame,
    asked: dict,
    regions: pd.Series,
    same: Collection[str],
    place: project.Place,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Direct and model figures of every area, and what is to be known of each model.

    Parameters
    ----------
    estimates
        Rows of :func:`analysis.survey.measures.provinces`, small ones suppressed.
    asked
        The survey; without ``small_areas`` both tables are empty.
    regions
        Area → region, of all areas whether they answered or not.
    same
        Areas of which the reference file means the same unit; a code that has changed hands since
        has no covariate.

    Returns
    -------
    AREAS: ``kind`` is model, synthetic (without its own answers) or none; ``shrinkage`` the share
    of its own answers in the figure; ``shift`` what was added so that the region adds up.
    FITS: ``figure`` is intercept, a covariate, variance (of the areas' own effects), goodness,
    normality, areas, or refused with ``reason``.
    """
    stated = asked.get("small_areas")
    tables: tuple[list, list] = [], []
    if stated:
        known, told = covariates(stated, asked["survey"], same, place)
        for measure in stated["variables"]:
            own = estimates[(estimates["domain"] == "province") & (estimates["measure"] == measure)]
            shares = measures.expected_anywhere(sample, measure) * sample.design_weight
            shares = shares.groupby(sample.table["province"]).sum()
            held = areas(own, regions, shares)
            both = _refused(held, "covariates", told) if told else model(held, known, stated)
            for rows, table in zip(tables, both, strict=True):
                rows.append(table.assign(measure=measure))
    return tuple(
        pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
        for rows, columns in zip(tables, (AREAS, FITS), strict=True)
    )


def covariates(
    stated: dict, survey: str, same: Collection[str], place: project.Place
) -> tuple[pd.DataFrame | None, str]:
    """Areas × covariates with mean 0 and standard deviation 1, or why there are none."""
    said_in = place.catalogue / "surveys" / f"{survey}.yml", ("small_areas", "covariates")
    asked = unit_figures.Asked(stated["covariates"], place, said_in)
    try:
        found = unit_figures.variables(asked.figures(), asked, stated["covariates"]["year"])
    except unit_figures.UnitFiguresError as error:
        return None, str(error)
    found = found[found.index.isin(same)]
    spread = found.std(ddof=0)
    return (found - found.mean()) / spread.where(spread > 0, 1.0), ""


def areas(direct: pd.DataFrame, regions: pd.Series, shares: pd.Series) -> pd.DataFrame:
    """One row for each area: its direct estimate if that is shown, its region, what it counts.

    Parameters
    ----------
    direct
        category, respondents, estimate, standard_error, ci_low, ci_high, obs_status.
    shares
        What the figure of each area is divided by; a region's figure is their weighted mean.
    """
    rows = direct.set_index("category").reindex(regions.index)
    held = (rows["obs_status"] == "A") & rows["estimate"].notna()
    reason = np.select(
        [held, rows["obs_status"] == "Q", rows["obs_status"] == "M"],
        ["", "hidden", "no_ratio"],
        "no_answer",
    )
    shown = rows[["estimate", "ci_low", "ci_high", "standard_error"]].astype(float).where(held)
    return pd.DataFrame(
        {
            "category": regions.index,
            "region": regions.to_numpy(),
            "respondents": rows["respondents"].fillna(0).astype(int).to_numpy(),
            "direct": shown["estimate"].to_numpy(),
            "direct_low": shown["ci_low"].to_numpy(),
            "direct_high": shown["ci_high"].to_numpy(),
            "sampling_variance": np.square(shown["standard_error"].to_numpy()),
            "share": shares.reindex(regions.index).fillna(0.0).to_numpy(),
            "reason": reason,
        }
    )


def model(
    held: pd.DataFrame, covariates: pd.DataFrame, stated: dict
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Model figures of the rows of :func:`areas`, and the figures of the fit.

    The MSE of a benchmarked figure is that of the model's plus the square of the shift (You, Rao
    and Dick 2004). ``covariates``: areas × covariates; ``stated``: variances, at_least.
    """
    known = covariates.reindex(held["category"])
    lacking = known.isna().any(axis=1).to_numpy()
    held = held.assign(reason=held["reason"].mask(lacking, "no_covariate"))
    used = (held["reason"] == "").to_numpy()
    x = np.column_stack([np.ones(len(held)), known.to_numpy(float)])
    people = held["respondents"].to_numpy(float)
    if used.sum() < stated["at_least"]:
        told = f"{used.sum()} < {stated['at_least']}"
        return _refused(held, "too_few_areas", told)
    psi = held["sampling_variance"].to_numpy(float, copy=True)
    try:
        if stated["variances"] == "smoothed":
            psi[used] = fay_herriot.smoothed(psi[used], people[used])
        else:  # what shows no error cannot be weighed against the model
            used = used & (psi > 0)
            held = held.assign(
                reason=held["reason"].mask((held["reason"] == "") & ~used, "no_error")
            )
        fit = fay_herriot.fit(held["direct"].to_numpy()[used], x[used], psi[used])
    except fay_herriot.CannotFitError as error:
        return _refused(held, error.reason, str(error))
    rows = _figures(held, fit, x, psi, used, lacking)
    return rows, _fit_rows(rows[used], fit, list(covariates), psi[used])


def _figures(held, fit, x, psi, used, lacking) -> pd.DataFrame:
    """Figures of all areas: of the fit where it has the area, of the covariates alone elsewhere."""
    other = ~used & ~lacking
    figures = {name: np.full(len(held), np.nan) for name in ("synthetic", "own", "mse", "gamma")}
    figures["synthetic"][used], figures["own"][used] = fit.synthetic, fit.eblup
    figures["mse"][used], figures["gamma"][used] = fit.mse, fit.shrinkage
    figures["synthetic"][other], figures["mse"][other] = fit.elsewhere(x[other])
    figures["own"][other], figures["gamma"][other] = figures["synthetic"][other], 0.0
    part = held[used]
    shift = fay_herriot.benchmarked(
        fit.eblup, part["direct"].to_numpy(), part["share"].to_numpy(), part["region"].to_numpy()
    )
    by_region = dict(zip(part["region"], shift, strict=True))
    moved = held["region"].map(by_region).fillna(0.0).to_numpy()
    mse = figures["mse"] + np.square(moved)
    found = figures["own"] + moved
    residual, quantile = np.full((2, len(held)), np.nan)
    residual[used] = fit.residuals
    places = (scipy.stats.rankdata(fit.residuals, "ordinal") - 0.375) / (len(part) + 0.25)
    quantile[used] = scipy.stats.norm.ppf(places)  # Blom (1958)
    reach = _REACH * np.sqrt(mse)
    return held.assign(
        kind=np.select([used, other], ["model", "synthetic"], "none"),
        sampling_variance=np.where(used, psi, np.nan),
        synthetic=figures["synthetic"], shrinkage=figures["gamma"],
        shift=np.where(lacking, np.nan, moved), estimate=found, mse=mse,
        ci_low=found - reach, ci_high=found + reach, residual=residual,
        residual_quantile=quantile,
    )  # fmt: skip


def _fit_rows(rows, fit, names, psi) -> pd.DataFrame:
    """What is to be known of a fit, one figure a row."""
    error = np.sqrt(np.diag(fit.covariance))
    size = len(rows)
    beta = pd.DataFrame(
        {
            "figure": ["intercept", *names],
            "estimate": fit.coefficients,
            "standard_error": error,
            "ci_low": fit.coefficients - _REACH * error,
            "ci_high": fit.coefficients + _REACH * error,
            "p_value": 2 * scipy.stats.norm.sf(np.abs(fit.coefficients) / error),
        }
    )
    apart, of_apart = fay_herriot.goodness(
        rows["direct"].to_numpy(), psi, rows["estimate"].to_numpy(), rows["mse"].to_numpy()
    )
    normal = scipy.stats.shapiro(fit.residuals)
    none = "" if fit.variance > 0 else "no_variance"
    others = pd.DataFrame(
        [
            ("variance", fit.variance, fit.low, fit.high, fit.p_value, none),
            ("goodness", apart, np.nan, np.nan, of_apart, ""),
            ("normality", normal.statistic, np.nan, np.nan, normal.pvalue, ""),
            ("areas", size, np.nan, np.nan, np.nan, ""),
        ],
        columns=["figure", "estimate", "ci_low", "ci_high", "p_value", "reason"],
    )
    table = pd.concat([beta.assign(reason=""), others], ignore_index=True)
    return table.assign(detail="")


def _refused(held: pd.DataFrame, reason: str, detail: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Direct estimates alone, and why there is no model."""
    gaps = {c: np.nan for c in AREAS if c not in held and c not in ("measure", "kind")}
    rows = held.assign(kind="none", **gaps)
    told = pd.DataFrame([{"figure": "refused", "reason": reason, "detail": detail}])
    return rows, told.reindex(columns=[c for c in FITS if c != "measure"])
