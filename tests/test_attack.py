"""Attacks on hidden cells of the shipped survey: by differences, by identities, by reading all that
is published. The attacker knows the method, every weight and every figure that is shown."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis import disclosure, surveys

EDITIONS = ["2020", "2022"]
CLOSE = 0.10
"""A hidden mean is recovered where it is found within so much of itself."""


@pytest.fixture(scope="module", params=EDITIONS)
def held(request):
    return surveys.load(request.param)


def hidden_cells(estimates: pd.DataFrame) -> pd.DataFrame:
    return estimates[(estimates["obs_status"] == "Q") & (estimates["statistic"] == "mean")]


def truth(answers: pd.DataFrame, cell: tuple, measure: str) -> tuple[float, float]:
    """The mean of a cell, and the sum of its weights."""
    group, domain, category = cell
    own = answers[answers["procedure_group"] == group]
    own = own if domain == "_T" else own[own[domain] == category]
    own = own[own[measure].notna()]
    weights = own["design_weight"].sum()
    return float(np.average(own[measure], weights=own["design_weight"])), float(weights)


def bounds(total: float, whole: float, shown: list, hidden: list[float], wanted: int) -> tuple:
    """Least and greatest mean that one hidden cell can have, by what is shown of its line.

    ``total``: mean of the whole, ``whole``: its weight, ``shown``: mean and weight of shown cells,
    ``hidden``: weights of hidden ones.
    """
    left = total * whole - sum(mean * weight for mean, weight in shown)
    aim = np.eye(len(hidden))[wanted]
    solved = [
        linprog(sign * aim, A_eq=[hidden], b_eq=[left], bounds=[(0, None)] * len(hidden))
        for sign in (1, -1)
    ]
    return tuple(
        sign * s.fun if s.success else np.nan for sign, s in zip((1, -1), solved, strict=True)
    )


def recovered_by_difference(estimates: pd.DataFrame, answers: pd.DataFrame) -> list:
    """Hidden means that totals less shown cells leave within CLOSE of what they are."""
    found = []
    means = estimates[estimates["statistic"] == "mean"].set_index(
        ["procedure_group", "domain", "category", "measure"]
    )
    for row in hidden_cells(estimates).itertuples():
        group, domain, measure = row.procedure_group, row.domain, row.measure
        line = means.xs((group, domain, measure), level=[0, 1, 3])
        line = line[line["respondents"] > 0]
        known = {c: truth(answers, (group, domain, c), measure) for c in line.index}
        hidden = [c for c in line.index if line.loc[c, "obs_status"] == "Q"]
        shown = [(line.loc[c, "estimate"], known[c][1]) for c in line.index if c not in hidden]
        total = means.loc[(group, "_T", "_T", measure), "estimate"]
        whole = truth(answers, (group, "_T", "_T"), measure)[1]
        at = hidden.index(row.category)
        low, high = bounds(total, whole, shown, [known[c][1] for c in hidden], at)
        true = known[row.category][0]
        if low > (1 - CLOSE) * true and high < (1 + CLOSE) * true:
            found.append((group, domain, row.category, measure))
    return found


def recovered_by_identity(estimates: pd.DataFrame, answers: pd.DataFrame) -> list:
    """Hidden costs of an agent that the whole cost less time and direct cost leave, by shown means
    and how many answered, or by the share that is outsourced."""
    found = []
    cell = ["procedure_group", "domain", "category"]
    means = estimates[estimates["statistic"] == "mean"].set_index(cell)
    for row in hidden_cells(estimates).itertuples():
        if row.measure != "outsourced_cost":
            continue
        key = (row.procedure_group, row.domain, row.category)
        own = means.loc[[key]].set_index("measure")
        mean, n = own["estimate"], own["respondents"]
        parts = sum(mean[m] * n[m] for m in ("time_cost", "direct_cost"))
        guesses = [(mean["compliance_cost"] * n["compliance_cost"] - parts) / row.respondents]
        share = mean["outsourced"] / 100
        rest = (1 - share) * (mean["time_cost"] + mean["direct_cost"])
        guesses.append((mean["compliance_cost"] - rest) / share if share else np.nan)
        true = truth(answers, key, row.measure)[0]
        if any(abs(guess / true - 1) < CLOSE for guess in guesses):
            found.append(key)
    return found


def test_no_hidden_mean_is_recovered_by_difference(held, monkeypatch):
    estimates, answers = held.tables.estimates, held.tables.answers
    estimates = estimates[estimates["statistic"] != "standardised_ratio"]
    assert len(hidden_cells(estimates)) > 10
    assert recovered_by_difference(estimates, answers) == []
    people = estimates["respondents"]
    shown = estimates.assign(estimate=_unhidden(estimates, answers))
    alone = disclosure.suppress(shown, 5)
    alone.loc[people == 0, "obs_status"] = "O"
    assert recovered_by_difference(alone, answers), "the attack must work where there is no guard"


def test_no_hidden_cost_is_recovered_from_the_cost_that_it_is_part_of(held):
    estimates, answers = held.tables.estimates, held.tables.answers
    assert recovered_by_identity(estimates, answers) == []
    whole = (estimates["measure"] == "compliance_cost") & (estimates["statistic"] == "mean")
    shown = estimates.assign(
        estimate=estimates["estimate"].mask(whole, _unhidden(estimates, answers))
    )
    assert recovered_by_identity(shown, answers), "the attack must work where there is no guard"


def _unhidden(estimates: pd.DataFrame, answers: pd.DataFrame) -> pd.Series:
    """The estimates with hidden means as they are."""
    found = estimates["estimate"].copy()
    for row in hidden_cells(estimates).itertuples():
        cell = (row.procedure_group, row.domain, row.category)
        found[row.Index] = truth(answers, cell, row.measure)[0]
    return found
