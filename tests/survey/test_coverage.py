"""Over 250 samples of a known population 95 % intervals hold the truth about 95 % of the time."""

import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest
from tools.sample import population

from analysis.survey import cost, estimation, sampling

EDITION, SAMPLES, RATE = "2022", 250, 73000.0
MEASURES = ["compliance_cost"]


def costs(done: pd.DataFrame) -> pd.DataFrame:
    return cost.compliance_cost(done.assign(informal_cost=0.0), RATE)


def estimates(people, totals, seed: int) -> pd.DataFrame:
    """One sample, weighted as an edition is: design, non-response, raking."""
    firms, done = population.weighted(people, totals, np.random.default_rng([7, seed]))
    sample = sampling.expand(firms, costs(done), "firm")
    by = ["procedure_group"]
    found = [estimation.mean(sample, MEASURES, by), estimation.quantile(sample, MEASURES, by=by)]
    return pd.concat(found).assign(sample=seed)


_STATE = {}


def _chunk(seeds) -> pd.DataFrame:
    if not _STATE:
        known = population.totals()
        _STATE["totals"] = {
            name: part.set_index("category")["total"] for name, part in known.groupby("variable")
        }
        _STATE["people"] = population.population(EDITION)
    return pd.concat([estimates(_STATE["people"], _STATE["totals"], s) for s in seeds])


def study(samples: int) -> pd.DataFrame:
    """Coverage and bias by measure, statistic and group over so many samples."""
    people = population.population(EDITION)
    truth = population.truth(people, costs(people.done)[MEASURES])
    with ProcessPoolExecutor(2) as pool:
        found = pd.concat(pool.map(_chunk, np.array_split(np.arange(samples), 2)))
    found = found.merge(truth, on=["procedure_group", "measure", "statistic"])
    found["held"] = found["truth"].between(found["ci_low"], found["ci_high"])
    found["share"] = found["estimate"] / found["truth"] - 1
    key = ["measure", "statistic", "procedure_group"]
    return found.groupby(key, observed=True).agg(
        coverage=("held", "mean"), bias=("share", "mean"), least=("respondents", "min")
    )


@pytest.fixture(scope="module")
def coverage() -> pd.DataFrame:
    return study(SAMPLES)


def test_intervals_cover_the_truth(coverage):
    """93 to 97 %, give or take two standard errors of a share counted over 250 samples (1.4 %).

    Without that allowance sound intervals would fail: of 18 shares around 95 %, one lies outside
    every second time. METHOD.md gives the shares over 2,000 samples.
    """
    large = coverage[coverage["least"] >= 100]
    assert len(large) == 18  # nine groups, mean and median: all have 100 and more
    chance = 2 * np.sqrt(0.95 * 0.05 / SAMPLES)
    assert large["coverage"].between(0.93 - chance, 0.97 + chance).all(), large
    assert 0.94 < large["coverage"].mean() < 0.96


def test_estimates_are_not_biased(coverage):
    assert coverage["bias"].abs().max() < 0.01


if __name__ == "__main__":  # python tests/survey/test_coverage.py 2000
    print(study(int(sys.argv[1])).round(3).to_string())
