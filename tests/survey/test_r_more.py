"""Figure by figure against R's survey package: replicates, calibration, stages, regression."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import project
from analysis.survey import (
    calibration,
    estimation,
    jackknifing,
    quantile_rules,
    regression,
    replicate_files,
    sampling,
)

FOLDER = project.PROJECT / "tests" / "published" / "r-survey-more"
ROWS = pd.read_csv(FOLDER / "clusters.csv")
RESULTS = pd.read_csv(FOLDER / "results.csv")
TOTALS = pd.read_csv(FOLDER / "totals.csv")["total"].to_numpy()
CALIBRATED = {
    "linear": ("linear", (-np.inf, np.inf)),
    "raking": ("raking", (-np.inf, np.inf)),
    "logit": ("logit", (0.7, 1.6)),
    "truncated": ("linear", (0.94, 1.2)),
}


def one_stage():
    return sampling.design(ROWS, "w", "h", "N", psu="a", lonely_psu="adjust")


def calibrated(method, bounds):
    ones = np.ones(len(ROWS))
    x = np.column_stack([ones, ROWS["grp"] == "q", ROWS["grp"] == "r", ROWS["x"]]).astype(float)
    return sampling.calibrate(one_stage(), x, TOTALS, method, bounds, list("1qrx"))


def from_file(name, **stated):
    first = ROWS["b"].isin(pd.read_csv(FOLDER / f"{name}.csv")["b"])
    rows = ROWS[first].reset_index(drop=True)
    stated = {"weight": "w", "columns": "rep_*"} | stated
    path = FOLDER / f"{name}.csv"
    full, held = replicate_files.read(path, stated, "b", rows["b"], ROWS["b"], path.name)
    return sampling.replicated(rows, full, held)


def designs(name):
    boot = {"type": "bootstrap"}
    made = {
        "one": one_stage,
        "two": lambda: sampling.design(ROWS, None, "h", "N", psu="a", second="b", within="M"),
        "jkn": lambda: jackknifing.jackknife(one_stage()),
        "jk1": lambda: jackknifing.jackknife(sampling.design(ROWS, "w", psu="a")),
        "brr": lambda: from_file("brr", type="BRR"),
        "fay": lambda: from_file("fay", type="Fay", fay=0.3),
        "bootstrap": lambda: from_file("bootstrap", **boot),
        "jk2": lambda: from_file("bootstrap", type="JK2"),
        "successive": lambda: from_file("bootstrap", type="successive_difference"),
        "mse": lambda: from_file("bootstrap", mse=True, **boot),
        "other": lambda: from_file(
            "bootstrap", type="other", scale=0.5, rscales=[i / 20 for i in range(1, 21)]
        ),
        "jkn_linear": lambda: jackknifing.jackknife(calibrated(*CALIBRATED["linear"])),
    } | {n: lambda how=how: calibrated(*how) for n, how in CALIBRATED.items()}
    return made[name]()


STATISTICS = {
    "mean": lambda s, by: estimation.mean(s, "y", by),
    "total": lambda s, by: estimation.total(s, "y", by),
    "ratio": lambda s, by: estimation.ratio(s, "y", "x", by),
    "median": lambda s, by: estimation.quantile(s, "y", 0.5, by),
}


@pytest.mark.parametrize(
    "name",
    ["one", "two", "jkn", "jk1", "brr", "fay", "bootstrap", "mse", "jk2", "successive", "other",
     "linear", "raking", "logit", "truncated", "jkn_linear"],
)  # fmt: skip
def test_every_design_agrees_with_r(name):
    sample = designs(name)
    for statistic, estimate in STATISTICS.items():
        theirs = RESULTS[(RESULTS["design"] == name) & (RESULTS["stat"] == statistic)]
        ours = pd.concat([estimate(sample, []).assign(grp="_"), estimate(sample, ["grp"])])
        both = theirs.merge(ours, left_on="term", right_on="grp", validate="one_to_one")
        assert len(both) == len(theirs) == (1 if statistic == "median" else 4)
        pairs = [("est", "estimate"), ("se", "standard_error")]
        if statistic == "median":
            pairs += [("lo", "ci_low"), ("hi", "ci_high"), ("df", "degrees_of_freedom")]
        for r, mine in pairs:
            np.testing.assert_allclose(
                both[mine], both[r], rtol=2e-6, err_msg=f"{name} {statistic} {mine}"
            )


@pytest.mark.parametrize("name", [*CALIBRATED, "trim", "strict"])
def test_calibrated_and_trimmed_weights_are_those_of_r(name):
    if name in CALIBRATED:
        weight = calibrated(*CALIBRATED[name]).design_weight
    else:
        weight = calibration.trimmed(ROWS["w"], 3, 25, strict=name == "strict")
    theirs = RESULTS[(RESULTS["design"] == name) & (RESULTS["stat"] == "weight")]
    ours = pd.Series(weight, ROWS["b"]).loc[theirs["term"]]
    np.testing.assert_allclose(ours, theirs["est"], rtol=1e-7)


@pytest.mark.parametrize("name", ["one", "two", "jkn", "linear_cal"])
def test_regressions_agree_with_r(name):
    sample = designs(name.removesuffix("_cal"))
    table = ROWS.assign(
        ly=np.log(ROWS["y"]),
        **{"log(x)": np.log(ROWS["x"]), "grpq": ROWS["grp"] == "q", "grpr": ROWS["grp"] == "r"},
        kv=ROWS["k"] == "v",
    )
    sample = sampling.with_columns(sample, ly=table["ly"], yes=table["yes"])
    for kind, outcome, terms in (
        ("linear", "ly", ["log(x)", "grpq", "grpr"]),
        ("logistic", "yes", ["log(x)", "grpq", "grpr", "kv"]),
    ):
        ours = regression.fit(sample, outcome, table[terms].astype(float), kind)
        theirs = RESULTS[(RESULTS["design"] == name) & (RESULTS["stat"] == kind)]
        assert ours["term"].tolist()[1:] == theirs["term"].tolist()[1:]
        for r, mine in (("est", "estimate"), ("se", "standard_error"), ("lo", "ci_low"),
                        ("hi", "ci_high"), ("df", "degrees_of_freedom")):  # fmt: skip
            np.testing.assert_allclose(
                ours[mine], theirs[r], rtol=2e-6, err_msg=f"{name} {kind} {mine}"
            )


@pytest.mark.parametrize("rule", quantile_rules.RULES)
def test_rules_of_quantiles_agree_with_r(rule):
    sample = replace(one_stage(), quantiles=rule)
    theirs = RESULTS[RESULTS["design"] == rule]
    assert len(theirs) == 4
    for row in theirs.itertuples():
        ours = estimation.quantile(sample, "y", float(row.stat[1:])).iloc[0]
        names = ["estimate", "standard_error", "ci_low", "ci_high"]
        np.testing.assert_allclose(
            ours[names].astype(float), [row.est, row.se, row.lo, row.hi], rtol=1e-9
        )
