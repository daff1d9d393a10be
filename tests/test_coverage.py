"""Over 500 samples of a known population 95 % intervals hold the truth about 95 % of the time."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest

from analysis import cost, sampling, survey, survey_population

EDITION, SAMPLES, RATE = "2022", 500, 73000.0
MEASURES = ["compliance_cost"]


def costs(done: pd.DataFrame) -> pd.DataFrame:
    return cost.compliance_cost(done.assign(informal_cost=0.0), RATE)


def estimates(people, totals, seed: int) -> pd.DataFrame:
    """One sample, weighted as an edition is: design, non-response, raking."""
    chosen = survey_population.draw(people, np.random.default_rng([7, seed]))
    chosen = chosen.assign(design_weight=chosen["population"] / chosen["selected"])
    stratum = ["region", "firm_size"]
    chosen["design_weight"] = sampling.adjust_nonresponse(
        chosen, "design_weight", "responded", stratum
    )
    rows = costs(survey_population.answered(people, chosen))
    sample = sampling.design(rows, "design_weight", stratum, "population", psu="firm")
    sample = sampling.rake(sample, totals)
    by = ["procedure_group"]
    found = [survey.mean(sample, MEASURES, by), survey.quantile(sample, MEASURES, by=by)]
    return pd.concat(found).assign(sample=seed)


_STATE = {}


def _chunk(seeds) -> pd.DataFrame:
    if not _STATE:
        known = survey_population.totals()
        _STATE["totals"] = {
            name: part.set_index("category")["total"] for name, part in known.groupby("variable")
        }
        _STATE["people"] = survey_population.population(EDITION)
    return pd.concat([estimates(_STATE["people"], _STATE["totals"], s) for s in seeds])


@pytest.fixture(scope="module")
def coverage() -> pd.DataFrame:
    people = survey_population.population(EDITION)
    truth = survey_population.truth(people, costs(people.done)[MEASURES])
    with ProcessPoolExecutor(2) as pool:
        found = pd.concat(pool.map(_chunk, np.array_split(np.arange(SAMPLES), 2)))
    found = found.merge(truth, on=["procedure_group", "measure", "statistic"])
    found["held"] = found["truth"].between(found["ci_low"], found["ci_high"])
    found["share"] = found["estimate"] / found["truth"] - 1
    key = ["measure", "statistic", "procedure_group"]
    return found.groupby(key, observed=True).agg(
        coverage=("held", "mean"), bias=("share", "mean"), least=("respondents", "min")
    )


def test_intervals_cover_the_truth(coverage):
    print("\n" + coverage.round(3).to_string())
    large = coverage[coverage["least"] >= 100]
    assert len(large) == 18  # nine groups, mean and median: all have 100 and more
    assert large["coverage"].between(0.93, 0.97).all()


def test_estimates_are_not_biased(coverage):
    assert coverage["bias"].abs().max() < 0.01
