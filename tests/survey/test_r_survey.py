"""Figure by figure against R's survey package (tests/published/r-survey)."""

import numpy as np
import pandas as pd
import pytest

from analysis import project
from analysis.survey import estimation, sampling

FOLDER = project.PROJECT / "tests" / "published" / "r-survey"
ANSWERS = pd.read_csv(FOLDER / "answers.csv")
RESULTS = pd.read_csv(FOLDER / "results.csv")


def designs() -> dict[str, sampling.Design]:
    by_d = pd.read_csv(FOLDER / "totals_d.csv", index_col="d")["Freq"]
    by_m = pd.read_csv(FOLDER / "totals_m.csv", index_col="m")["Freq"]
    plain = sampling.design(ANSWERS, "w", "s", "N", lonely_psu="adjust")
    return {
        "fpc": plain,
        "nofpc": sampling.design(ANSWERS, "w", "s", lonely_psu="adjust"),
        "cluster": sampling.design(ANSWERS, "w", "s", psu="c", lonely_psu="adjust"),
        "post": sampling.post_stratify(plain, "d", by_d),
        "rake": sampling.rake(plain, {"d": by_d, "m": by_m}),
    }


STATISTICS = {
    "mean": lambda s, by: estimation.mean(s, "y", by),
    "total": lambda s, by: estimation.total(s, "y", by),
    "ratio": lambda s, by: estimation.ratio(s, "y", "x", by),
    "median": lambda s, by: estimation.quantile(s, "y", 0.5, by),
    "q25": lambda s, by: estimation.quantile(s, "y", 0.25, by),
}


@pytest.mark.filterwarnings("ignore:raking did not settle")
@pytest.mark.parametrize("name", ["fpc", "nofpc", "cluster", "post", "rake"])
def test_every_figure_agrees_with_r(name):
    sample, compared = designs()[name], 0
    for statistic, estimate in STATISTICS.items():
        theirs = RESULTS[(RESULTS["design"] == name) & (RESULTS["stat"] == statistic)]
        ours = pd.concat([estimate(sample, []).assign(d="_"), estimate(sample, ["d"])])
        both = theirs.merge(ours, left_on="dom", right_on="d", validate="one_to_one")
        assert len(both) == len(theirs)
        pairs = [("est", "estimate"), ("se", "standard_error")]
        pairs += [("lo", "ci_low"), ("hi", "ci_high")] if theirs["lo"].notna().any() else []
        pairs += [("deff", "design_effect")] if theirs["deff"].notna().any() else []
        for r, mine in pairs:
            np.testing.assert_allclose(
                both[mine], both[r], rtol=1e-6, atol=1e-9, err_msg=f"{name} {statistic} {mine}"
            )
            compared += len(both)
    assert compared > 40
