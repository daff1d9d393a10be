"""How often 95 % intervals hold the truth: ``python benchmarks/coverage.py shares|change [times]``.

Samples of the synthetic population, weighted as an edition is. Each share is of procedures of which
so many percent have a mark that is drawn at random (``even``), or three times as often in large
firms (``by size``). Printed for methods of :func:`analysis.survey.proportions.interval`, over the
procedure groups (``group``) and over the cells of group and region with five firms (``cell``);
``t`` is the plain interval, not cut at 0 and 100; ``worst`` is the least coverage of a group.

``change``: two samples of 80 of 1,000 firms in two strata, of which so many firms are the same;
``known`` with their covariance, ``independent`` without.
"""

import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from tools.sample import population

from analysis.survey import contrasts, estimation, sampling

EDITION, PERCENT = "2022", [1, 2, 5, 50]
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
    firms, done = population.weighted(people, totals, np.random.default_rng([7, seed]))
    sample = sampling.expand(firms, done, "firm")
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


def change(pairs: int) -> pd.DataFrame:
    """Coverage and width of the interval of a change that is 0, by firms kept."""
    base, rows = np.random.default_rng(0).normal(50, 10, 1000), []
    for kept in (0, 10, 20, 40):
        for seed in range(pairs):
            rng = np.random.default_rng([3, seed])
            order = [rng.permutation(np.arange(k, 1000, 2)) for k in (0, 1)]
            waves = []
            for start in (0, 40 - kept):
                firms = np.concatenate([part[start : start + 40] for part in order])
                table = pd.DataFrame({"firm": firms, "s": firms % 2, "N": 500, "g": "x"})
                table["y"] = base[firms] + rng.normal(0, 3, len(firms))
                waves.append(sampling.design(table, stratum="s", population="N"))
            means = [estimation.mean(sample, "y", ["g"]) for sample in waves]
            common = contrasts.shared(*waves, ["y"], ["g"], "firm")
            for way, shared in (("known", common), ("independent", None)):
                row = estimation.change(*means, ["g", "measure"], shared).iloc[0]
                held = row["ci_low"] <= 0 <= row["ci_high"]
                rows.append((2 * kept, way, held, row["ci_high"] - row["ci_low"]))
    found = pd.DataFrame(rows, columns=["kept", "way", "covered", "width"])
    return found.groupby(["kept", "way"]).mean()


if __name__ == "__main__":
    what, times = (sys.argv[1:] + ["shares", "1000"][len(sys.argv) - 1 :])[:2]
    print({"shares": study, "change": change}[what](int(times)).round(3).to_string())
