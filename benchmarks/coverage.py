"""How often 95 % intervals of shares hold the truth: ``python benchmarks/coverage.py [samples]``.

Samples of the synthetic population, weighted as an edition is. Each share is of procedures of which
so many percent have a mark that is drawn at random (``even``), or three times as often in large
firms (``by size``). Printed for methods of :func:`analysis.survey.proportions.interval`, over the
procedure groups (``group``) and over the cells of group and region with five firms (``cell``);
``t`` is the plain interval, not cut at 0 and 100; ``worst`` is the least coverage of a group.
"""

import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from tools.sample import population

from analysis.survey import estimation, sampling

EDITION, PERCENT, STRATUM = "2022", [1, 2, 5, 50], ["region", "firm_size"]
SCOPES = {"group": ["procedure_group"], "cell": ["procedure_group", "region"]}
METHODS = ("korn_graubard", "beta", "logit")
_KNOWN: dict = {}


def marked() -> tuple[population.Population, dict, list[str]]:
    """The population with its marks, the known totals, the names of the marks."""
    people, rng = population.population(EDITION), np.random.default_rng(11)
    large = people.firms["firm_size"].astype(str).isin(["large"]).to_numpy()[people.done["firm"]]
    names = []
    for percent in PERCENT:
        for kind, more in (("even", 1.0), ("by size", 3.0)):
            chance = percent / 100 * np.where(large, min(more, 90 / percent), 1.0)
            names.append(f"{percent} % {kind}")
            people.done[names[-1]] = 100.0 * (rng.random(len(large)) < chance)
    margins = population.totals().groupby("variable")
    return people, {n: p.set_index("category")["total"] for n, p in margins}, names


def intervals(seed: int) -> pd.DataFrame:
    """All intervals of one sample."""
    people, totals, names = _KNOWN["made"]
    chosen = population.draw(people, np.random.default_rng([7, seed]))
    chosen = chosen.assign(design_weight=chosen["population"] / chosen["selected"])
    chosen["design_weight"] = sampling.adjust_nonresponse(
        chosen, "design_weight", "responded", STRATUM
    )
    firms = chosen[chosen["responded"]].reset_index(drop=True)
    firms = sampling.rake(sampling.design(firms, "design_weight", STRATUM, "population"), totals)
    sample = sampling.expand(firms, population.answered(people, chosen), "firm")
    found = []
    for scope, by in SCOPES.items():
        tables = {m: estimation.proportion(sample, names, by, method=m, whole=100) for m in METHODS}
        tables["t"] = estimation.mean(sample, names, by)
        found += [t.assign(method=m, scope=scope) for m, t in tables.items()]
    table = pd.concat(found)
    return table[table["respondents"] >= 5]


def _chunk(seeds: np.ndarray) -> pd.DataFrame:
    _KNOWN.setdefault("made", marked())
    return pd.concat([intervals(seed) for seed in seeds])


def study(samples: int) -> pd.DataFrame:
    """Coverage by mark and method, over all groups and of the worst; share of limits outside."""
    people, _, names = marked()
    done = people.done.assign(region=people.firms["region"].to_numpy()[people.done["firm"]])
    truth = {}
    for scope, by in SCOPES.items():
        means = done.groupby(by, observed=True)[names].mean().rename_axis(columns="measure")
        truth[scope] = means.stack().rename("truth").reset_index()
    with ProcessPoolExecutor(2) as pool:
        found = pd.concat(pool.map(_chunk, np.array_split(np.arange(samples), 2)))
    found = pd.concat(
        found[found["scope"] == scope].merge(truth[scope], on=[*by, "measure"])
        for scope, by in SCOPES.items()
    )
    found["held"] = found["truth"].between(found["ci_low"], found["ci_high"])
    found["outside"] = (found["ci_low"] < 0) | (found["ci_high"] > 100)
    found["width"] = found["ci_high"] - found["ci_low"]
    key = ["scope", "measure", "method"]
    table = found.groupby(key).agg(
        covered=("held", "mean"), outside=("outside", "mean"), width=("width", "mean")
    )
    worst = found[found["scope"] == "group"].groupby([*key, "procedure_group"])["held"].mean()
    return table.assign(worst=worst.groupby(key).min())


if __name__ == "__main__":
    print(study(int(sys.argv[1]) if len(sys.argv) > 1 else 1000).round(3).to_string())
