"""How far model figures of provinces are off: ``python benchmarks/small_areas.py [500]``.

Samples of the synthetic population of 684,000 firms, weighted as an edition is; of each province
the direct estimate (time and direct cost against the nation with the same procedures) and the
figures of :mod:`analysis.survey.small_areas`. Printed by measure and by size of the sample: root
mean squared error, bias, coverage and width of 95 % intervals, direct and model side by side, over
the same samples; then the provinces in which the model does worst.
"""

import sys
from functools import cache

import numpy as np
import pandas as pd
from tools.sample import population

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.survey import disclosure, measures, sampling, small_areas

EDITION, MINIMUM = "2022", 5
MEASURES = ["hours", "direct_cost"]


@cache
def world() -> tuple:
    """The population (only what firms did themselves counts), known totals, truth, regions."""
    people = population.population(EDITION)
    own = people.done["route"].ne("outsourced")
    people.done[MEASURES] = people.done[MEASURES].where(own)
    margins = population.totals().groupby("variable")
    totals = {n: p.set_index("category")["total"] for n, p in margins}
    province = people.firms["province"].to_numpy()[people.done["firm"]]
    groups = people.done.groupby("procedure_group", observed=True)[MEASURES]
    anywhere = groups.transform("mean").where(people.done[MEASURES].notna())
    sums = people.done[MEASURES].groupby(province).sum() / anywhere.groupby(province).sum()
    truth = sums.rename_axis("category").melt(
        var_name="measure", value_name="truth", ignore_index=False
    )
    return people, totals, truth.reset_index(), cat.load().regions["region"]


def direct(seed: int) -> pd.DataFrame:
    """Rows of :func:`small_areas.areas` of one sample, by measure."""
    people, totals, _, regions = world()
    firms, done = population.weighted(people, totals, np.random.default_rng([26, seed]))
    sample = sampling.expand(firms, done, "firm")
    found = disclosure.suppress(measures.provinces(sample), MINIMUM)
    tables = []
    for measure in MEASURES:
        shares = measures.expected_anywhere(sample, measure) * sample.design_weight
        shares = shares.groupby(sample.table["province"]).sum()
        own = small_areas.areas(found[found["measure"] == measure], regions, shares)
        tables.append(own.assign(measure=measure, seed=seed))
    return pd.concat(tables, ignore_index=True)


def modelled(drawn: pd.DataFrame, **changes) -> pd.DataFrame:
    """The model's figures of every sample, beside the truth; ``changes``: of ``small_areas``."""
    asked = cat.load().surveys["apci"]
    stated = asked["small_areas"] | changes
    covariates, told = small_areas.covariates(
        stated, "apci", set(world()[3].index), project.Place()
    )
    assert not told, told
    found = [
        small_areas.model(own.reset_index(drop=True), covariates, stated)
        for _, own in drawn.groupby(["measure", "seed"])
    ]
    truth, fits = world()[2], pd.concat([fit for _, fit in found])
    none = (fits["reason"] == "no_variance").sum()
    print(f"{len(found)} models, {none} of them without a variance of the areas")
    return pd.concat([rows for rows, _ in found]).merge(truth, on=["measure", "category"])


def judged(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Error, bias (percent of the nation), coverage and width, direct and model."""
    kinds = {
        "direct": ("direct", "direct_low", "direct_high"),
        "model": ("estimate", "ci_low", "ci_high"),
    }
    out = {}
    for name, (value, low, high) in kinds.items():
        off = table[value] - table["truth"]
        known = table[low].notna() & table[high].notna()
        held = table["truth"].between(table[low], table[high]).astype(float).where(known)
        parts = {
            "rmse": 100 * np.sqrt((off**2).groupby([table[c] for c in by]).mean()),
            "bias": 100 * off.groupby([table[c] for c in by]).mean(),
            "covered": 100 * held.groupby([table[c] for c in by]).mean(),
            "width": 100 * (table[high] - table[low]).groupby([table[c] for c in by]).mean(),
        }
        out |= {f"{name} {k}": v for k, v in parts.items()}
    return pd.DataFrame(out).assign(figures=table.groupby(by).size())


def told(table: pd.DataFrame) -> None:
    """Print what :func:`judged` says by size of the sample, and by province."""
    sizes = [0, 4, 9, 19, 49, 99, 10_000]
    names = ["0–4", "5–9", "10–19", "20–49", "50–99", "100+"]
    typical = table.groupby(["measure", "category"])["respondents"].transform("mean")
    table = table.assign(firms=pd.cut(typical, sizes, labels=names).astype(str))
    print(judged(table, ["measure", "kind"]).round(1).to_string())
    own = table[table["kind"] == "model"]
    print(judged(own, ["measure", "firms"]).round(1).to_string())
    each = judged(own, ["measure", "category"])
    worse = each["model rmse"] > each["direct rmse"]
    print("provinces in which the model is further off:", worse.groupby("measure").sum().to_dict())
    print("share of provinces covered in 90 % and more:")
    print((each[["direct covered", "model covered"]] >= 90).groupby("measure").mean().round(2))
    print(each.sort_values("model covered").groupby("measure").head(6).round(1).to_string())


if __name__ == "__main__":
    samples = int((sys.argv[1:] or ["500"])[0])
    told(modelled(pd.concat([direct(seed) for seed in range(samples)], ignore_index=True)))
