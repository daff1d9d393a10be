"""Whether a model of single answers beats that of provinces: ``python -m benchmarks.unit_level``.

Battese, Harter and Fuller (1988) on what an answer is to the national mean of its procedure group:
u = x'β + v (province) + e, with the covariates of the area-level model (nothing else is known of
the firms of a province that did not answer); σ² of e within provinces, v by restricted maximum
likelihood. Three ways to take a province's mean: each answer alike, by weight (You and Rao 2002,
pseudo-EBLUP), and by weight times national mean, as the ratio itself does. Error and bias in
percent of the nation's level, beside the direct estimate and the area-level model.
"""

import sys

import numpy as np
import pandas as pd
from benchmarks import small_areas
from tools.sample import population

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.survey import fay_herriot, measures, sampling
from analysis.survey import small_areas as areas


def unit_level(sample: sampling.Design, measure: str, x: pd.DataFrame) -> pd.DataFrame:
    """Figures of every province by the three means."""
    expected = measures.expected_anywhere(sample, measure)
    held = expected.notna()
    u = (sample.table[measure] / expected)[held].astype(float)
    province, w = sample.table["province"][held], sample.design_weight[held.to_numpy()]
    own = u - u.groupby(province).transform("mean")
    freedom = len(u) - province.nunique()
    variance = float(np.square(own).sum() / freedom)
    found = {}
    for name, weight in (("alike", np.ones(len(u))), ("weight", w), ("ratio", w * expected[held])):
        share = pd.Series(np.asarray(weight, float), u.index)
        share = share / share.groupby(province).transform("sum")
        mean = (share * u).groupby(province).sum()
        psi = variance * np.square(share).groupby(province).sum()
        known = mean.index.intersection(x.index)
        design = np.column_stack([np.ones(len(known)), x.loc[known]])
        fit = fay_herriot.fit(mean[known].to_numpy(), design, psi[known].to_numpy())
        found[name] = pd.Series(fit.eblup, known)
    return pd.DataFrame(found)


def one(seed: int, x: pd.DataFrame, stated: dict) -> pd.DataFrame:
    people, totals, truth, _ = small_areas.world()
    firms, done = population.weighted(people, totals, np.random.default_rng([26, seed]))
    sample = sampling.expand(firms, done, "firm")
    drawn, tables = small_areas.direct(seed), []
    for measure in small_areas.MEASURES:
        own = drawn[drawn["measure"] == measure].reset_index(drop=True)
        model = areas.model(own, x, stated)[0].set_index("category")
        figures = unit_level(sample, measure, x).assign(
            direct=model["direct"], area=model["estimate"], kind=model["kind"]
        )
        table = figures[figures["kind"] == "model"].assign(measure=measure)
        tables.append(table.rename_axis("category").reset_index())
    return pd.concat(tables).merge(truth, on=["measure", "category"])


if __name__ == "__main__":
    stated = cat.load().surveys["apci"]["small_areas"]
    same = set(small_areas.world()[3].index)
    x, told = areas.covariates(stated, "apci", same, project.Place())
    samples, found = int((sys.argv[1:] or ["60"])[0]), []
    for seed in range(samples):
        found.append(one(seed, x, stated))
        if (seed + 1) % 10 == 0:
            table, kinds = pd.concat(found), ["direct", "area", "alike", "weight", "ratio"]
            off = table[kinds].sub(table["truth"], axis=0) * 100
            by = off.groupby(table["measure"])
            rmse = np.sqrt(np.square(off).groupby(table["measure"]).mean())
            print(seed + 1, pd.concat({"rmse": rmse, "bias": by.mean()}).round(1).to_string())
            sys.stdout.flush()
