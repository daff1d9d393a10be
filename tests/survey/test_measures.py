"""What an edition does not tell, at another hourly rate either."""

import pandas as pd

from analysis.survey import measures


def told(rates, hidden=(), same_rate=False):
    columns = ["procedure_group", "domain", "statistic", "measure", "obs_status"]
    rows = [("g", "_T", "mean", m, "Q" if m in hidden else "A") for m in ("hours", "direct_cost")]
    rows += [("g", "_T", "median", "hours", "Q"), ("g", "size", "mean", "hours", "Q")]
    estimates = pd.DataFrame(rows, columns=columns)
    shown = pd.DataFrame({"procedure_group": "g", "variant": list(rates)})
    shown["obs_status"] = list(rates.values())
    return measures.untold(estimates, shown, same_rate)


def test_a_cost_at_one_more_rate_follows_from_two_that_are_shown():
    two = {"mean": "A", "mean_rate_low": "A", "mean_rate_high": "Q"}
    assert told(two) == {"hours": set(), "direct_cost": set(), "compliance_cost": set()}
    one = two | {"mean_rate_low": "Q"}
    assert told(one)["compliance_cost"] == {"g"}
    assert told(one | {"winsorised": "A"})["compliance_cost"] == {"g"}, "that is no rate"
    assert told(one, same_rate=True)["compliance_cost"] == set()
    assert told({k: "Q" for k in two})["compliance_cost"] == {"g"}


def test_a_mean_that_is_hidden_for_the_whole_group_is_not_told():
    found = told({"mean": "A", "mean_rate_low": "A"}, hidden=["hours"])
    assert found == {"hours": {"g"}, "direct_cost": set(), "compliance_cost": set()}
