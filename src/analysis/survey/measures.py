"""What an edition says: estimates of its measures, their scores, and how firm they are.

Each takes the sample with a row per answer (:func:`analysis.survey.sampling.expand`); what would
disclose a firm is withheld in all of them (:mod:`analysis.survey.disclosure`).
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.scoring import normalise
from analysis.survey import (
    contrasts,
    cost,
    disclosure,
    estimation,
    fay_herriot,
    resampling,
    sampling,
)


def shares(table: pd.DataFrame, asked: dict) -> pd.DataFrame:
    """Add a column for each measure that is a share: 100 where it is so, 0 where not."""
    out = {}
    for name, measure in asked["measures"].items():
        for item, code in measure.get("of", {}).items():
            chosen = table[item] == code
            if asked["columns"][item]["kind"] == "several":
                chosen = table[item].map(lambda held, c=code: c in str(held).split())
            out[name] = (100.0 * chosen).where(table[item].notna())
    return table.assign(**out)


def estimate(sample: sampling.Design, asked: dict) -> pd.DataFrame:
    """All measures of the survey by procedure group and, within groups, by its domains.

    Returns procedure_group, domain, category, measure, statistic, … (survey.estimation).
    ``domain`` ``_T`` is the group as a whole; steps are measures of their own. Nothing is hidden
    yet (:mod:`analysis.survey.protection`).
    """
    by_statistic = {
        "mean": lambda names, by: means(sample, names, by, asked),
        "median": lambda names, by: median(sample, names, by),
    }
    found = []
    for statistic, function in by_statistic.items():
        names = [n for n, m in asked["measures"].items() if statistic in m["statistics"]]
        steps = asked["steps"] if statistic == "mean" else []
        found.append(
            function([*names, *steps], ["procedure_group"]).assign(domain="_T", category="_T")
        )
        for domain in asked["domains"]:
            table = function(names, ["procedure_group", domain])
            found.append(table.rename(columns={domain: "category"}).assign(domain=domain))
    table = pd.concat(found, ignore_index=True)
    first = ["procedure_group", "domain", "category", "measure", "statistic"]
    return table[[*first, *[c for c in table if c not in first]]]


def means(sample: sampling.Design, names: list[str], by: list[str], asked: dict) -> pd.DataFrame:
    """Means; those of measures that are shares with the intervals of a proportion, in percent."""
    found = []
    for name in names:
        if "of" in asked["measures"].get(name, {}):
            found.append(estimation.proportion(sample, name, by, whole=100))
        else:
            found.append(estimation.mean(sample, name, by))
    return pd.concat(found, ignore_index=True).assign(statistic="mean")


def median(sample: sampling.Design, names: str | list[str], by: list[str]) -> pd.DataFrame:
    """Medians whose intervals end at no answer that can be ascribed to a firm."""
    return disclosure.open_ends(estimation.quantile(sample, names, by=by), sample.table, by)


def expected_anywhere(sample: sampling.Design, measure: str) -> pd.Series:
    """The national mean of its procedure group for each row with an answer."""
    national = estimation.mean(sample, measure, ["procedure_group"])
    means = national.set_index("procedure_group")["estimate"]
    groups = sample.table["procedure_group"]
    return groups.map(means).where(sample.table[measure].notna()).astype(float)


def provinces(sample: sampling.Design) -> pd.DataFrame:
    """Time and direct cost of each province against what its mix of procedures would cost anywhere.

    Ratio of the sum of its answers to the sum of the national means of the same groups (indirect
    standardisation, as a standardised mortality ratio): 1 is the national level, whatever
    procedures the firms of the province happened to do. The national means are taken as fixed.
    Where they add up to 0 there is no ratio: obs_status M, reason no_denominator. Nothing is hidden
    yet.
    """
    table, expected, without = sample.table, {}, {}
    for measure in ("hours", "direct_cost"):
        level = expected_anywhere(sample, measure)
        sums = (level * sample.design_weight).groupby(table["province"]).sum()
        held = level.groupby(table["province"]).count()
        without[measure] = set(sums.index[(sums == 0) & (held > 0)])
        level = level.mask(table["province"].isin(without[measure]))
        expected[f"expected_{measure}"] = level
    wider = sampling.with_columns(sample, **expected)
    found = [
        estimation.ratio(wider, m, f"expected_{m}", ["province"]).assign(measure=m)
        for m in ("hours", "direct_cost")
    ]
    table = pd.concat(found, ignore_index=True).rename(columns={"province": "category"})
    table = table.assign(procedure_group="_T", domain="province", statistic="standardised_ratio")
    table = table.astype({"reason": object}).assign(obs_status=pd.Series(None, table.index, object))
    pairs = {(m, province) for m, of_it in without.items() for province in of_it}
    none = [pair in pairs for pair in zip(table["measure"], table["category"], strict=True)]
    table.loc[none, ["obs_status", "reason"]] = ["M", "no_denominator"]
    return table


def pooled_intervals(estimates: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Provinces with one variance of a firm for all of them: R ± z·√(σ²/n), not below 0.

    σ² as the model of small areas takes it (:func:`analysis.survey.fay_herriot.smoothed`: a
    generalised variance function), pooled over the provinces that are shown. From ten answers of
    skewed costs the own error is mostly far too small, and smallest where the figure is. Takes the
    provinces to be alike in how firms vary. Other rows stay, and so do hidden ones, which have no
    part in σ²; all do where fewer than three errors are known.

    >>> found = pd.DataFrame({"domain": "province", "measure": "hours", "obs_status": "A",
    ...     "respondents": [10, 40, 40], "estimate": 1.0, "standard_error": [0.2, 0.15, 0.1],
    ...     "ci_low": 0.0, "ci_high": 9.0, "degrees_of_freedom": 9})
    >>> pooled_intervals(found)[["standard_error", "ci_low", "ci_high"]].round(3)
       standard_error  ci_low  ci_high
    0           0.250   0.510    1.490
    1           0.125   0.755    1.245
    2           0.125   0.755    1.245
    """
    table = estimates.copy()
    own = table[(table["domain"] == "province") & (table["obs_status"] == "A")]
    for _, rows in own.groupby("measure"):
        people = rows["respondents"].to_numpy(float)
        try:
            psi = fay_herriot.smoothed(np.square(rows["standard_error"].to_numpy(float)), people)
        except fay_herriot.CannotFitError:
            continue
        error = np.sqrt(psi)
        reach = scipy.stats.norm.ppf((1 + level) / 2) * error
        table.loc[rows.index, "standard_error"] = error
        table.loc[rows.index, "ci_low"] = (rows["estimate"] - reach).clip(lower=0)
        table.loc[rows.index, "ci_high"] = rows["estimate"] + reach
        table.loc[rows.index, "degrees_of_freedom"] = int((people - 1).sum())
        if "reason" in table:
            table.loc[rows.index, "reason"] = ""
    return table


def sensitivity(
    sample: sampling.Design, asked: dict, rate: dict, rules: disclosure.Rules
) -> pd.DataFrame:
    """The cost of each group under other choices: weights, winsorising, hourly rate.

    Hidden is a variant that less the plain mean tells of too few firms, and all but the median
    where the mean is hidden. Returns variant, procedure_group, respondents, estimate,
    standard_error, ci_low, ci_high, obs_status, rank (1 = cheapest of those shown).
    """
    table, by = sample.table, ["procedure_group"]
    alike = table.assign(one=1.0)
    equal = sampling.design(alike, "one", psu=asked["psu"], lonely_psu="certainty")
    tails = sampling.winsorise(
        table, "compliance_cost", [*by, *asked["stratum"]], "design_weight", high=0.95
    )
    rates = cost.rate_sensitivity(table, {k: rate[k] for k in ("low", "high")})
    variants = {
        "mean": estimation.mean(sample, "compliance_cost", by),
        "median": median(sample, "compliance_cost", by),
        "mean_unweighted": estimation.mean(equal, "compliance_cost", by),
        "mean_winsorised": estimation.mean(
            sampling.with_columns(sample, compliance_cost=tails), "compliance_cost", by
        ),
    }
    for name, part in rates.groupby("rate"):
        costs = part["compliance_cost"].to_numpy()
        other = sampling.with_columns(sample, compliance_cost=costs)
        variants[f"mean_rate_{name}"] = estimation.mean(other, "compliance_cost", by)
    found = pd.concat([t.assign(variant=n) for n, t in variants.items()], ignore_index=True)
    gone = found["procedure_group"].isin(rules.hidden("compliance_cost")) & (
        found["variant"] != "median"
    )
    weighted = table["compliance_cost"] * table["design_weight"]
    told = {
        "mean_winsorised": rules.told_by_excess(
            table, weighted, (table["compliance_cost"] - tails) * table["design_weight"]
        ),
        "mean_unweighted": rules.told_by_weights(table[table["compliance_cost"].notna()]),
    } | {f"mean_rate_{n}": rules.hidden("compliance_cost", n) for n in rates["rate"].unique()}
    for name, groups in told.items():
        gone |= (found["variant"] == name) & found["procedure_group"].isin(groups)
    found = disclosure.suppress(found, rules.minimum, from_outset=gone.to_numpy())
    found["rank"] = found.groupby("variant")["estimate"].rank(method="min")
    columns = ["variant", *by, "respondents", "estimate", "standard_error", "ci_low", "ci_high"]
    return found[[*columns, "obs_status", "rank"]]


def scores(
    estimates: pd.DataFrame, asked: dict, baselines: dict, shared: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Scores 0–100 of the groups and, within groups, of regions, by the survey's methods.

    ``baselines``: edition → its estimates; ``shared``: see :func:`overlap`. Intervals are those of
    the estimate carried over to the scale of the score; of a percentile there is none. Suppressed
    estimates have no score.
    """
    found = []
    for stated in asked["scores"]:
        rows = estimates[
            (estimates["measure"] == stated["measure"])
            & (estimates["statistic"] == stated["statistic"])
        ]
        rows = rows[
            ["procedure_group", "domain", "category", "estimate", "standard_error"]
            + ["ci_low", "ci_high", "obs_status"]
        ].copy()
        method = stated["method"]
        if method == "goalposts":
            ends = stated["best"], stated["worst"]
            rows["score"] = normalise.goalposts(rows["estimate"], *ends)
            rows["score_low"] = normalise.goalposts(rows["ci_high"], *ends)
            rows["score_high"] = normalise.goalposts(rows["ci_low"], *ends)
        elif method == "percentile_rank":
            rows = rows[rows["domain"] != "_T"].copy()
            line = rows.groupby(["procedure_group", "domain"])["estimate"]
            rows["score"] = line.transform(normalise.percentile_rank, direction=-1)
        else:
            rows = _against(rows, stated, baselines, estimates, shared)
        found.append(
            rows.assign(method=method, measure=stated["measure"], statistic=stated["statistic"])
        )
    columns = ["method", "measure", "statistic", "procedure_group", "domain", "category"]
    columns += ["estimate", "score", "score_low", "score_high", "obs_status"]
    return pd.concat(found, ignore_index=True).reindex(columns=columns)


def _against(rows, stated: dict, baselines: dict, own: pd.DataFrame, shared) -> pd.DataFrame:
    """Distance to the baseline edition; the interval through the error of the log ratio.

    Var(log y − log b) = Var y/y² + Var b/b² − 2 Cov/(y·b); an edition's distance to itself has no
    error.
    """
    rows = rows[rows["domain"] == "_T"].copy()
    base = baselines.get(stated["baseline"])
    if base is None:
        return rows.assign(score=np.nan)
    held = base[
        (base["measure"] == stated["measure"])
        & (base["domain"] == "_T")
        & (base["statistic"] == stated["statistic"])
    ].set_index("procedure_group")
    old = rows["procedure_group"].map(held["estimate"])
    y, b = rows["estimate"].where(rows["estimate"] != 0), old.where(old != 0)
    error = np.hypot(
        rows["standard_error"] / y, rows["procedure_group"].map(held["standard_error"]) / b
    )
    if base is own:
        error = 0 * error
    elif shared is not None and stated["statistic"] == "mean":
        known = shared[shared["measure"] == stated["measure"]].set_index("procedure_group")
        common = rows["procedure_group"].map(known["covariance"]).fillna(0.0)
        error = np.sqrt((error**2 - 2 * common / (y * b)).clip(lower=0))
    reach = np.exp(1.96 * error)
    for name, factor in (("score", 1), ("score_low", reach), ("score_high", 1 / reach)):
        rows[name] = normalise.distance_to_baseline(rows["estimate"] * factor, old)
    return rows


# of the bootstrap, without and with a result
_RESAMPLED = ["procedure_group", "respondents", "answers", "measure", "statistic", "estimate"]
_RESAMPLED += ["standard_error", "ci_low", "ci_high", "obs_status", "hidden"]


def resampled(sample: sampling.Design, asked: dict, rules: disclosure.Rules) -> pd.DataFrame:
    """Bootstrap of the cost by group; empty where a stratum has one firm to draw from, where
    firms were drawn in two stages, and where replicate weights give the errors."""
    how, by = asked["bootstrap"], ["procedure_group"]
    if (sample.sampled < 2).any() or sample.second or sample.replicates:
        return pd.DataFrame(columns=_RESAMPLED)
    found = resampling.bootstrap(sample, how["measure"], by, how["replicates"], how["seed"])
    if sample.quantiles != "math":  # replicates know no other rule
        found = found[found["statistic"] == "mean"].reset_index(drop=True)
    gone = found["procedure_group"].isin(rules.hidden(how["measure"])) & (
        found["statistic"] == "mean"
    )
    found = disclosure.open_ends(found, sample.table, by)
    return disclosure.suppress(found, rules.minimum, from_outset=gone.to_numpy())


CHANGED = ["hours", "direct_cost", "compliance_cost"]
"""The measures whose change on the edition before is told."""


def overlap(sample: sampling.Design, old: sampling.Design | None) -> pd.DataFrame | None:
    """What firms that answered in both editions have in common.

    As :func:`analysis.survey.contrasts.shared`; None where there is no edition before, or where one
    of the frames has no column ``firm`` by which a firm is known again: questionnaires are
    numbered anew in each edition.
    """
    if old is None or any(s.replicates or s.second for s in (old, sample)):
        return None  # covariances of overlapping samples are of one stage (Tam 1984)
    if not all("firm" in s.table and s.table["firm"].notna().any() for s in (old, sample)):
        return None
    return contrasts.shared(old, sample, CHANGED, ["procedure_group"], "firm")


def change(
    sample: sampling.Design,
    old: sampling.Design | None,
    rules: disclosure.Rules,
    withheld: Mapping[str, Collection[str]],
    shared: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Change on the edition before by group, small ones hidden; empty where there is none before.

    ``old``: the sample of that edition, its costs at the hourly rate of the later one;
    ``withheld``: measure → groups of which that edition does not tell the mean (:func:`untold`);
    ``shared``: :func:`overlap`.
    """
    columns = ["procedure_group", "measure", "respondents", "shared", "earlier", "later"]
    columns += ["estimate", "standard_error", "degrees_of_freedom", "ci_low", "ci_high", "clear"]
    columns += ["obs_status"]
    if old is None:
        return pd.DataFrame(columns=columns)
    by = ["procedure_group"]
    found = estimation.change(
        estimation.mean(old, CHANGED, by),
        estimation.mean(sample, CHANGED, by),
        [*by, "measure"],
        shared,
    )
    gone = [
        group in {*rules.hidden(measure), *withheld[measure]}
        for group, measure in zip(found["procedure_group"], found["measure"], strict=True)
    ]
    also, gone = ["shared", "earlier", "later"], np.array(gone, dtype=bool)
    found = disclosure.suppress(found, rules.minimum, also=also, from_outset=gone)
    return found.assign(clear=found["clear"] & found["estimate"].notna())[columns]


def differences(sample: sampling.Design, estimates: pd.DataFrame) -> pd.DataFrame:
    """Every group's cost against every other's, with the covariance that one sample gives them.

    Only of groups whose estimate is shown with its error. Returns procedure_group, other, measure,
    statistic, respondents (of the smaller), estimate (other less group) and the columns of
    :func:`analysis.survey.contrasts.differences`, ``clear``: p_adjusted ≤ 0.05.
    """
    measure, parts = "compliance_cost", []
    shown = estimates[(estimates["domain"] == "_T") & (estimates["measure"] == measure)]
    shown = shown[(shown["obs_status"] == "A") & shown["standard_error"].notna()]
    for statistic, own in shown.groupby("statistic"):
        groups = sample.table["procedure_group"].isin(own["procedure_group"])
        only = sampling.with_columns(sample, **{measure: sample.table[measure].where(groups)})
        held = contrasts.joint(only, measure, ["procedure_group"], statistic)
        if len(held.table) < 2:
            continue
        found = contrasts.differences(held)
        first, second = (
            held.table.iloc[found[c]].reset_index(drop=True) for c in ("first", "second")
        )
        found["procedure_group"], found["other"] = (
            first["procedure_group"],
            second["procedure_group"],
        )
        found["respondents"] = np.minimum(first["respondents"], second["respondents"])
        parts.append(found.assign(measure=measure, statistic=statistic))
    columns = ["procedure_group", "other", "measure", "statistic", "respondents", "estimate"]
    columns += ["standard_error", "degrees_of_freedom", "ci_low", "ci_high", "p_value"]
    columns += ["p_adjusted", "reason", "clear"]
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(clear=table["p_adjusted"] <= 0.05)[columns]


def untold(
    estimates: pd.DataFrame, sensitivity: pd.DataFrame, same_rate: bool
) -> dict[str, set[str]]:
    """Measure → groups whose mean an edition does not tell, at a later hourly rate either.

    A cost at one more rate follows from those at two rates: it is linear in the rate. Where the
    edition shows fewer, it would be one more figure about the same firms.
    """
    hidden = estimates[
        (estimates["domain"] == "_T")
        & (estimates["statistic"] == "mean")
        & (estimates["obs_status"] != "A")
    ]
    groups = hidden.groupby("measure")["procedure_group"].agg(set)
    found = {m: set(groups.get(m, set())) for m in ("hours", "direct_cost", "compliance_cost")}
    rates = sensitivity["variant"].isin(["mean", "mean_rate_low", "mean_rate_high"])
    shown = sensitivity[rates & (sensitivity["obs_status"] == "A")]
    count = shown.groupby("procedure_group").size()
    if not same_rate:
        few = set(sensitivity["procedure_group"]) - set(count.index[count >= 2])
        found["compliance_cost"] |= few
    return found
