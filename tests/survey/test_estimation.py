"""Estimates against printed answers, a second library, closed formulas, and what always holds."""

import random

import numpy as np
import pandas as pd
import polars as pl
import pytest
import svy
from few import FEW
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import project
from analysis.survey import estimation, resampling, sampling

SCHOOLS = pd.read_csv(project.PROJECT / "tests" / "published" / "apistrat.csv")
SCHOOLS = SCHOOLS.rename(columns=lambda c: c.replace(".", "_"))
# answers are missing here and there, as they are in a survey
SCHOOLS["holes"] = SCHOOLS["api00"].where(SCHOOLS.index % 7 != 0).astype(float)
SCHOOLS["district"] = SCHOOLS["dnum"] % 40


def schools(**options):
    return sampling.design(SCHOOLS, "pw", "stype", "fpc", **options)


def second_opinion(**design) -> svy.Sample:
    columns = ["stype", "awards", "api00", "api_stu", "enroll", "holes", "district", "pw", "fpc"]
    named = {"stratum": "stype", "wgt": "pw", "pop_size": "fpc", **design}
    return svy.Sample(data=pl.from_pandas(SCHOOLS[columns]), design=svy.Design(**named))


# --- printed answers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "estimate", "error"),
    [
        (lambda d: estimation.mean(d, "api00"), 662.2874, 9.4089),
        (lambda d: estimation.total(d, "enroll"), 3687178, 114642),
        (lambda d: estimation.ratio(d, "api_stu", "enroll"), 0.8369569, 0.007757103),
        (lambda d: estimation.quantile(d, "api00", 0.25), 565, 15.71945),
        (lambda d: estimation.quantile(d, "api00"), 668, 13.18406),
    ],
    ids=["mean", "total", "ratio", "quartile", "median"],
)
def test_printed_answers_of_the_survey_package(found, estimate, error):
    row = found(schools()).iloc[0]
    digits = {"rel": 2e-6}
    assert row["estimate"] == pytest.approx(estimate, **digits)
    assert row["standard_error"] == pytest.approx(error, rel=5e-6)


def test_printed_woodruff_interval():
    row = estimation.quantile(schools(), "api00", 0.25).iloc[0]
    assert (row["ci_low"], row["ci_high"]) == (535, 597)
    row = estimation.quantile(schools(), "api00").iloc[0]
    assert (row["ci_low"], row["ci_high"]) == (642, 694)


# --- a second library ---------------------------------------------------------------------------


def agrees(ours: pd.DataFrame, theirs, by=()):
    theirs = (
        theirs.to_polars().to_pandas().sort_values(list(by))
        if by
        else theirs.to_polars().to_pandas()
    )
    assert len(ours) == len(theirs)
    for mine, other in (("estimate", "est"), ("standard_error", "se")):
        np.testing.assert_allclose(ours[mine], theirs[other], rtol=1e-9)


@pytest.mark.parametrize("by", [(), ("awards",), ("stype",)], ids=["all", "across", "stratum"])
@pytest.mark.parametrize("variable", ["api00", "holes"])
def test_means_and_totals_agree_with_a_second_library(variable, by):
    theirs = second_opinion().estimation
    more = {"by": list(by)} if by else {}
    for ours, other in ((estimation.mean, theirs.mean), (estimation.total, theirs.total)):
        agrees(ours(schools(), variable, by), other(variable, drop_nulls=True, **more), by)


def test_ratios_agree_with_a_second_library():
    theirs = second_opinion().estimation.ratio("api_stu", "enroll", by="awards")
    agrees(estimation.ratio(schools(), "api_stu", "enroll", ["awards"]), theirs, ["awards"])


def test_clusters_agree_with_a_second_library():
    theirs = second_opinion(psu="district", pop_size=None).estimation.mean("api00", by="awards")
    ours = sampling.design(SCHOOLS, "pw", "stype", psu="district")
    agrees(estimation.mean(ours, "api00", ["awards"]), theirs, ["awards"])


def test_medians_agree_with_a_second_library():
    theirs = second_opinion().estimation.median("api00").to_polars().to_pandas()
    assert estimation.quantile(schools(), "api00")["estimate"].tolist() == theirs["est"].tolist()


# --- closed formulas ----------------------------------------------------------------------------


def test_a_simple_random_sample_has_the_textbook_error():
    table = pd.DataFrame({"y": [3.0, 8, 1, 9, 4], "N": 50})
    row = estimation.mean(sampling.design(table, population="N"), "y").iloc[0]
    error = np.sqrt((1 - 5 / 50) * table["y"].var() / 5)
    assert row["standard_error"] == pytest.approx(error)
    assert row["design_effect"] == pytest.approx(1)
    assert row["effective_n"] == pytest.approx(5)
    reach = stats.t.ppf(0.975, 4) * error
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((5 - reach, 5 + reach))


def test_a_census_has_no_error():
    table = pd.DataFrame({"s": list("aabb"), "y": [1.0, 5, 2, 9], "N": 2})
    sample = sampling.design(table, stratum="s", population="N")
    assert estimation.mean(sample, "y").loc[0, "standard_error"] == 0
    boot = resampling.bootstrap(sample, "y", replicates=50)
    assert (boot["standard_error"] == 0).all()


def test_a_sampling_fraction_is_as_good_as_a_population():
    table = SCHOOLS.assign(f=SCHOOLS.groupby("stype")["fpc"].transform("size") / SCHOOLS["fpc"])
    same = estimation.mean(sampling.design(table, "pw", "stype", "f"), "api00")
    pd.testing.assert_frame_equal(same, estimation.mean(schools(), "api00"))


def test_a_domain_is_no_design_of_its_own():
    """Cochran 1977, 5A.14: the domain keeps the n_h of its strata."""
    row = estimation.mean(schools(), "api00", ["awards"]).iloc[0]
    inside = (SCHOOLS["awards"] == "No").to_numpy()
    z = np.where(inside, SCHOOLS["pw"] * (SCHOOLS["api00"] - row["estimate"]), 0)
    z = pd.Series(z / SCHOOLS.loc[inside, "pw"].sum())
    found = 0
    for _, part in SCHOOLS.assign(z=z).groupby("stype"):
        n, size = len(part), part["fpc"].iloc[0]
        found += (1 - n / size) * n * part["z"].var()
    assert row["standard_error"] == pytest.approx(np.sqrt(found))


def test_post_stratification_meets_its_totals_and_reduces_the_error():
    totals = pd.Series({"No": 2500.0, "Yes": 3694.0})
    done = sampling.post_stratify(schools(), "awards", totals)
    reached = pd.Series(done.design_weight).groupby(SCHOOLS["awards"]).sum()
    pd.testing.assert_series_equal(reached, totals, check_names=False)
    # how many there are is known now, and a known number has no error
    one = sampling.design(SCHOOLS.assign(one=1.0), "pw", "stype", "fpc")
    counted = estimation.total(sampling.post_stratify(one, "awards", totals), "one", ["awards"])
    np.testing.assert_allclose(counted["estimate"], totals)
    np.testing.assert_allclose(counted["standard_error"], 0, atol=1e-9)


def test_post_stratification_within_one_stratum_is_the_textbook_formula():
    """Residual variance: y less its post-stratum mean, weighted up by the adjusted weights."""
    table = SCHOOLS[SCHOOLS["stype"] == "E"].reset_index(drop=True)
    totals = pd.Series({"No": 1500.0, "Yes": 2921.0})
    done = sampling.post_stratify(sampling.design(table, "pw", "stype", "fpc"), "awards", totals)
    row = estimation.mean(done, "api00").iloc[0]
    means = table.groupby("awards")["api00"].mean()
    assert row["estimate"] == pytest.approx((means * totals).sum() / totals.sum())
    residual = done.design_weight * (table["api00"] - table["awards"].map(means)) / totals.sum()
    n, size = len(table), 4421
    assert row["standard_error"] == pytest.approx(np.sqrt((1 - n / size) * n * residual.var()))


def test_raking_meets_both_margins():
    margins = {
        "awards": pd.Series({"No": 2500.0, "Yes": 3694.0}),
        "stype": pd.Series({"E": 4400.0, "M": 1020.0, "H": 774.0}),
    }
    done = sampling.rake(schools(), margins, tolerance=1e-8, iterations=50)
    for by, totals in margins.items():
        reached = pd.Series(done.design_weight).groupby(SCHOOLS[by]).sum()
        np.testing.assert_allclose(reached[totals.index], totals, rtol=1e-7)
    one = sampling.design(SCHOOLS.assign(one=1.0), "pw", "stype", "fpc")
    counted = estimation.total(sampling.rake(one, margins, 1e-8, 50), "one", ["awards"])
    np.testing.assert_allclose(counted["standard_error"], 0, atol=1e-3)


def test_answers_of_a_unit_share_its_weight_and_are_one_unit():
    """Two equal answers per school are the school: same estimates, same errors, calibrated too."""
    margins = {"awards": pd.Series({"No": 2500.0, "Yes": 3694.0})}
    units = sampling.rake(schools(), margins)
    twice = pd.concat([SCHOOLS, SCHOOLS]).sort_values("snum", kind="stable")
    answers = sampling.expand(units, twice.reset_index(drop=True), "cds")
    for by in ([], ["awards"], ["stype"]):
        ours, plain = estimation.mean(answers, "api00", by), estimation.mean(units, "api00", by)
        columns = ["estimate", "standard_error", "respondents", "ci_low"]
        pd.testing.assert_frame_equal(ours[columns], plain[columns])
    boot = resampling.bootstrap(answers, "api00", ["awards"], 500, seed=2)
    pd.testing.assert_frame_equal(
        boot.drop(columns="answers"),
        resampling.bootstrap(units, "api00", ["awards"], 500, seed=2).drop(columns="answers"),
    )
    with pytest.raises(ValueError, match="no unit of the sample"):
        sampling.expand(units, SCHOOLS.assign(cds=1), "cds")
    with pytest.raises(ValueError, match="one row per sampled unit"):
        sampling.expand(answers, SCHOOLS, "cds")


def test_raking_that_does_not_settle_says_so():
    margins = {
        "awards": pd.Series({"No": 2500.0, "Yes": 3694.0}),
        "stype": pd.Series({"E": 4400.0, "M": 1020.0, "H": 774.0}),
    }
    with pytest.warns(UserWarning, match="did not settle"):
        sampling.rake(schools(), margins, tolerance=1e-12, iterations=1)


def test_non_respondents_are_carried_by_their_class():
    asked = pd.DataFrame({"c": list("aaabb"), "w": [2.0, 2, 2, 5, 5], "yes": [1, 0, 1, 1, 0]})
    weights = sampling.adjust_nonresponse(asked, "w", "yes", "c")
    assert weights.fillna(0).tolist() == [3, 0, 3, 10, 0]
    with pytest.raises(ValueError, match="nobody answered in class"):
        sampling.adjust_nonresponse(asked.assign(yes=[1, 1, 1, 0, 0]), "w", "yes", "c")


# --- strata with one psu, wrong input -----------------------------------------------------------


def lonely(choice):
    table = pd.DataFrame({"s": list("aabbc"), "y": [1.0, 3, 2, 8, 9], "w": [10.0, 10, 10, 10, 10]})
    return estimation.mean(sampling.design(table, "w", "s", lonely_psu=choice), "y").iloc[0]


def test_a_stratum_with_one_psu_must_be_decided_upon():
    with pytest.raises(ValueError, match="stratum c has one psu only"):
        lonely("fail")
    z = (np.array([1.0, 3, 2, 8, 9]) - 4.6) / 5
    pairs = 2 * (np.var(z[:2], ddof=1) + np.var(z[2:4], ddof=1))
    assert lonely("certainty")["standard_error"] ** 2 == pytest.approx(pairs)
    assert lonely("average")["standard_error"] ** 2 == pytest.approx(pairs * 3 / 2)
    assert lonely("adjust")["standard_error"] ** 2 == pytest.approx(pairs + z[4] ** 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w": [1.0, -1, 1]}, "no positive weight"),
        ({"w": [1.0, np.nan, 1]}, "no positive weight"),
        ({"s": ["a", None, "a"]}, "missing for 1 rows"),
        ({"N": [2, 2, 2]}, "3 psu in the sample and 2 in the population"),
        ({"N": [9, 8, 9]}, "not constant in stratum a"),
        ({"N": [9, np.nan, 9]}, "missing or not constant in stratum a"),
    ],
)
def test_a_broken_design_says_what_is_wrong(change, message):
    table = pd.DataFrame({"s": "a", "y": 1.0, "w": 2.0, "N": 9}, index=range(3)).assign(**change)
    with pytest.raises(ValueError, match=message):
        sampling.design(table, "w", "s", "N")


def test_totals_that_do_not_fit_the_sample_are_refused():
    with pytest.raises(ValueError, match="no total for Yes"):
        sampling.post_stratify(schools(), "awards", pd.Series({"No": 1.0}))
    with pytest.raises(ValueError, match="nobody in the sample for Maybe"):
        totals = pd.Series({"No": 1.0, "Yes": 1.0, "Maybe": 2.0})
        sampling.post_stratify(schools(), "awards", totals)


def test_a_domain_without_answers_is_listed_and_empty():
    table = SCHOOLS.assign(y=SCHOOLS["api00"].where(SCHOOLS["awards"] == "Yes").astype(float))
    found = estimation.mean(sampling.design(table, "pw", "stype", "fpc"), "y", ["awards"])
    assert found.loc[0, "respondents"] == 0
    assert np.isnan(found.loc[0, "estimate"])


def test_an_interval_that_leaves_0_to_1_is_missing():
    table = pd.DataFrame({"y": [1.0, 2, 30, 4], "w": 1000.0})
    row = estimation.quantile(sampling.design(table, "w"), "y").iloc[0]
    assert np.isnan(row["standard_error"])
    assert row["respondents"] == 4


def test_a_share_of_one_without_error_is_one_in_any_order():
    """Found by the property below: the last digit of a sum decided whether a limit was missing."""
    rng = np.random.default_rng(482)
    table = pd.DataFrame({"s": np.repeat(list("abc"), rng.integers(2, 9, 3))})
    table = table.assign(
        y=rng.lognormal(0, 2, len(table)).round(2),
        g=rng.integers(0, 2, len(table)),
        w=table["s"].map(dict(zip("abc", rng.uniform(1, 50, 3), strict=True))),
    )
    plain = estimation.quantile(sampling.design(table, "w", "s"), "y", by=["g"])
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(table))
        mixed = sampling.design(table.loc[order].reset_index(drop=True), "w", "s")
        pd.testing.assert_frame_equal(plain, estimation.quantile(mixed, "y", by=["g"]))


# --- what always holds --------------------------------------------------------------------------


def drawn(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"s": np.repeat(list("abc"), rng.integers(2, 9, 3))})
    return table.assign(
        y=rng.lognormal(0, 2, len(table)).round(2),
        g=rng.integers(0, 2, len(table)),
        w=table["s"].map(dict(zip("abc", rng.uniform(1, 50, 3), strict=True))),
        N=table["s"].map(dict(zip("abc", rng.integers(20, 99, 3), strict=True))),
    )


samples = st.integers(0, 10_000).map(drawn)


@FEW
@given(samples, st.randoms(use_true_random=False), st.floats(0.1, 1000))
@example(drawn(3986), random.Random(0), 3.0)  # a domain of one firm: its error is 0, not 2e-17
def test_order_and_scale_do_not_matter(table, random, scale):
    order = list(table.index)
    random.shuffle(order)
    for estimator in (estimation.mean, estimation.quantile):
        plain = estimator(sampling.design(table, "w", "s", "N"), "y", by=["g"])
        mixed = sampling.design(table.loc[order].reset_index(drop=True), "w", "s", "N")
        pd.testing.assert_frame_equal(plain, estimator(mixed, "y", by=["g"]))
    bigger = estimation.mean(
        sampling.design(table.assign(y=table["y"] * scale), "w", "s", "N"), "y", by=["g"]
    )
    plain = estimation.mean(sampling.design(table, "w", "s", "N"), "y", by=["g"])
    np.testing.assert_allclose(bigger["standard_error"], scale * plain["standard_error"])
    np.testing.assert_allclose(bigger["design_effect"], plain["design_effect"])


@settings(max_examples=60, deadline=None)
@given(samples)
def test_totals_of_domains_add_up_and_errors_are_not_negative(table):
    sample = sampling.design(table, "w", "s", "N")
    parts, whole = estimation.total(sample, "y", ["g"]), estimation.total(sample, "y")
    assert parts["estimate"].sum() == pytest.approx(whole["estimate"].iloc[0])
    assert parts["respondents"].sum() == len(table)
    assert (parts["standard_error"] >= 0).all()


@settings(max_examples=60, deadline=None)
@given(samples, st.floats(0.01, 0.99))
def test_a_quantile_is_a_value_that_enough_weight_lies_at_or_below(table, p):
    sample = sampling.design(table, "w", "s", "N")
    found = estimation.quantile(sample, "y", p)["estimate"].iloc[0]
    below = table.loc[table["y"] <= found, "w"].sum() / table["w"].sum()
    less = table.loc[table["y"] < found, "w"].sum() / table["w"].sum()
    assert below >= p - 1e-9
    first_value_is_skipped = table.loc[table["y"].idxmin(), "w"] / table["w"].sum() > p
    assert less <= p + 1e-9 or first_value_is_skipped


@settings(max_examples=40, deadline=None)
@given(samples, st.floats(0.0, 0.3), st.floats(0.7, 1.0))
def test_winsorising_draws_in_and_drops_nothing(table, low, high):
    drawn = sampling.winsorise(table, "y", "s", "w", low, high)
    assert drawn.notna().all()
    ends = table.groupby("s")["y"].agg(["min", "max"])
    assert (drawn >= table["s"].map(ends["min"])).all()
    assert (drawn <= table["s"].map(ends["max"])).all()
    order = table["y"].sort_values().index
    for _, part in table.loc[order].groupby("s"):
        assert drawn[part.index].is_monotonic_increasing


# --- bootstrap ----------------------------------------------------------------------------------


def test_the_bootstrap_agrees_with_linearisation():
    sample = schools()
    boot = resampling.bootstrap(sample, ["api00", "enroll"], ["stype"], replicates=4000, seed=3)
    means = boot[boot["statistic"] == "mean"].sort_values(["measure", "stype"])
    plain = estimation.mean(sample, ["api00", "enroll"], ["stype"]).sort_values(
        ["measure", "stype"]
    )
    np.testing.assert_allclose(means["estimate"], plain["estimate"])
    # 4,000 replicates know a standard error to about 1.1 % (one standard deviation)
    np.testing.assert_allclose(means["standard_error"], plain["standard_error"], rtol=0.06)
    medians = boot[(boot["statistic"] == "median") & (boot["measure"] == "api00")]
    exact = estimation.quantile(sample, "api00", by=["stype"])
    assert medians["estimate"].tolist() == exact["estimate"].tolist()
    assert (medians["ci_low"] <= medians["estimate"]).all()


def test_the_bootstrap_respects_strata_and_finite_populations():
    """What differs only between strata has no error, and none is left where all were asked."""
    table = pd.DataFrame({"s": list("aaabbb"), "y": [1.0, 1, 1, 9, 9, 9], "N": 30})
    boot = resampling.bootstrap(
        sampling.design(table, stratum="s", population="N"), "y", replicates=200
    )
    assert boot.loc[boot["statistic"] == "mean", "standard_error"].max() < 1e-12


def test_the_bootstrap_of_calibrated_weights_keeps_known_totals():
    totals = pd.Series({"No": 2500.0, "Yes": 3694.0})
    sample = sampling.post_stratify(schools(), "awards", totals)
    boot = resampling.bootstrap(sample, "api00", replicates=1500, seed=1).iloc[0]
    plain = estimation.mean(sample, "api00").iloc[0]
    assert boot["estimate"] == pytest.approx(plain["estimate"])
    assert boot["standard_error"] == pytest.approx(plain["standard_error"], rel=0.1)


def test_the_bootstrap_depends_on_its_seed_alone(monkeypatch):
    first = resampling.bootstrap(schools(), "api00", replicates=300, seed=5)
    monkeypatch.setattr(resampling.os, "cpu_count", lambda: 1)
    pd.testing.assert_frame_equal(
        first, resampling.bootstrap(schools(), "api00", replicates=300, seed=5)
    )
    other = resampling.bootstrap(schools(), "api00", replicates=300, seed=6)
    assert not first["standard_error"].equals(other["standard_error"])


def test_the_bootstrap_refuses_a_stratum_with_one_psu():
    table = pd.DataFrame({"s": list("aab"), "y": [1.0, 2, 3], "w": 2.0})
    with pytest.raises(ValueError, match="stratum b has one psu only"):
        resampling.bootstrap(sampling.design(table, "w", "s", lonely_psu="certainty"), "y")


# --- where nothing varies, nothing is divided by -------------------------------------------------


def test_a_domain_of_one_firm_has_no_error_and_says_why_it_has_no_interval():
    """0 and not the last digit of its sum, be it of one answer or of several."""
    table = pd.DataFrame({"g": list("abbb"), "y": [0.1, 2.0, 3, 4], "w": [3.7, 1.3, 1.3, 1.3]})
    row = estimation.mean(sampling.design(table, "w"), "y", ["g"]).iloc[0]
    assert (row["estimate"], row["standard_error"]) == (0.1, 0)
    assert np.isnan(row["ci_low"]) and row["reason"] == "no_degrees_of_freedom"
    firms = sampling.design(table.assign(firm=range(4)), "w")
    several = pd.DataFrame({"firm": [0, 0, 0, 1, 2], "g": list("aaabb"), "y": [0.1, 0.7, 3, 1, 2]})
    row = estimation.mean(sampling.expand(firms, several, "firm"), "y", ["g"]).iloc[0]
    assert row["standard_error"] == 0 and row["reason"] == "no_degrees_of_freedom"
    firms = sampling.design(pd.DataFrame({"firm": range(3), "w": [1.1, 7.5, 8.3]}), "w")
    several = several.assign(y=[5.7, 2.4, 0.4, 1, 2])  # whose deviations do not add up to 0 exactly
    row = estimation.mean(sampling.expand(firms, several, "firm"), "y", ["g"]).iloc[0]
    assert row["standard_error"] == 0


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.0, 1e-9])
def test_equal_answers_have_no_error_whatever_the_weights(value):
    table = pd.DataFrame({"y": value, "x": 3.0, "w": np.random.default_rng(1).uniform(1, 9, 40)})
    sample = sampling.design(table, "w")
    for row in (estimation.mean(sample, "y").iloc[0], estimation.ratio(sample, "y", "x").iloc[0]):
        assert row["standard_error"] == 0 and row["ci_low"] == row["ci_high"] == row["estimate"]
        assert np.isnan(row["design_effect"])


def test_a_ratio_to_nothing_is_refused_with_its_domain():
    table = pd.DataFrame({"g": list("aabb"), "y": 1.0, "x": [1.0, 2, 0, 0], "w": 2.0})
    sample = sampling.design(table, "w")
    with pytest.raises(ValueError, match="y/x, g b: the denominator adds up to 0"):
        estimation.ratio(sample, "y", "x", ["g"])
    assert estimation.ratio(sample, "y", "x")["estimate"].tolist() == [pytest.approx(4 / 3)]


def test_margins_that_contradict_each_other_are_not_raked():
    margins = {
        "awards": pd.Series({"No": 2500.0, "Yes": 3694.0}),
        "stype": pd.Series({"E": 4400.0, "M": 1020.0, "H": 674.0}),
    }
    with pytest.raises(ValueError, match="awards adds up to 6,194, but stype to 6,094: they must"):
        sampling.rake(schools(), margins)
    shares = {name: totals / totals.sum() for name, totals in margins.items()}
    sampling.rake(schools(), shares, 1e-9, 50)
    with pytest.raises(ValueError, match="awards adds up to 1, but stype to 0.9"):
        sampling.rake(schools(), shares | {"stype": shares["stype"] * 0.9})


@pytest.mark.parametrize("total", [0.0, -5.0, np.inf])
def test_a_total_that_would_leave_rows_without_weight_is_refused(total):
    with pytest.raises(ValueError, match=r"awards: the total of No is .*, but rows are of it"):
        sampling.post_stratify(schools(), "awards", pd.Series({"No": total, "Yes": 6194.0}))


# --- change -------------------------------------------------------------------------------------


def test_noise_is_not_reported_as_change():
    def table(estimate, error):
        return pd.DataFrame(
            {"g": ["x"], "respondents": 60, "estimate": estimate, "standard_error": error}
        ).assign(degrees_of_freedom=50.0)

    still = estimation.change(table(10.0, 2.0), table(12.0, 2.0), ["g"]).iloc[0]
    assert (still["estimate"], still["clear"]) == (2, False)
    assert still["standard_error"] == pytest.approx(np.sqrt(8))
    assert estimation.change(table(10.0, 0.5), table(12.0, 0.5), ["g"])["clear"].all()


def test_kish_effect():
    assert sampling.kish_effect(np.ones(7)) == 1
    assert sampling.kish_effect(np.array([1.0, 3.0])) == pytest.approx(2 * 10 / 16)


def test_equal_answers_within_a_firm_are_worth_one_each():
    """Kish 1965, 5.4: clusters of b equal answers are b times as wide; five firms of three equal
    answers each are about five answers, not fifteen, and not five thirds of one."""
    firms = np.repeat([3.0, 8, 1, 9, 4], 3)
    table = pd.DataFrame({"y": firms, "firm": np.repeat(list("abcde"), 3), "w": 1000.0})
    row = estimation.mean(sampling.design(table, "w", psu="firm"), "y").iloc[0]
    # with means of firms alone: s² ÷ 5 over S² ÷ 15, S² of the fifteen
    assert row["design_effect"] == pytest.approx(14 / 4, rel=2e-3)
    assert (row["respondents"], row["answers"]) == (5, 15)
    assert row["effective_n"] == pytest.approx(15 / row["design_effect"])


def test_an_effect_is_the_design_s_variance_over_that_of_a_simple_sample():
    """R, survey 4: svymean(~api00, dstrat, deff = TRUE) of apistrat prints 1.2045."""
    row = estimation.mean(schools(), "api00").iloc[0]
    assert row["design_effect"] == pytest.approx(1.2045, abs=5e-5)
    assert row["effective_n"] == pytest.approx(200 / 1.2045, abs=0.01)


def test_degrees_of_freedom_of_a_change_are_welch_s():
    """Two simple samples of unlike size and spread: as SciPy's t test without equal variances."""
    then, now = np.array([3.0, 8, 1, 9, 4]), np.array([7.0, 21, 30, 2, 11, 16, 25, 40])

    def row(y):
        error = y.std(ddof=1) / np.sqrt(len(y))
        held = {"respondents": len(y), "estimate": y.mean(), "standard_error": error}
        return pd.DataFrame([{"g": "x", **held, "degrees_of_freedom": len(y) - 1.0}])

    theirs = stats.ttest_ind(now, then, equal_var=False)
    found = estimation.change(row(then), row(now), ["g"]).iloc[0]
    assert found["degrees_of_freedom"] == pytest.approx(theirs.df)
    interval = theirs.confidence_interval(0.95)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((interval.low, interval.high))
    assert found["respondents"] == 5 and found["clear"] == (interval.low > 0)
    down = estimation.change(row(now), row(now - 30), ["g"]).iloc[0]
    assert down["estimate"] == -30 and down["clear"]
    # firms that are in both: twice the covariance less, and the freedom of the smaller sample
    shared = pd.DataFrame({"g": ["x"], "covariance": [1.5], "shared": [3]})
    both = estimation.change(row(then), row(now), ["g"], shared).iloc[0]
    assert both["standard_error"] ** 2 == pytest.approx(found["standard_error"] ** 2 - 3)
    assert both["degrees_of_freedom"] == 4


def test_a_quantile_bears_its_name_and_lies_where_enough_weight_does():
    table = pd.DataFrame({"y": [1.0, 2, 3, 4], "w": [10.0, 10, 10, 30]})
    sample = sampling.design(table, "w")
    found = [estimation.quantile(sample, "y", p).iloc[0] for p in (0.5, 0.25, 0.51)]
    assert [row["statistic"] for row in found] == ["median", "quantile_0.25", "quantile_0.51"]
    assert [row["estimate"] for row in found] == [3, 2, 4]


def test_weights_and_quantiles_at_their_ends():
    nonresponse = pd.DataFrame({"c": list("aaab"), "w": [1.0, 2, 3, 4], "in": [1, 0, 1, 1]})
    adjusted = sampling.adjust_nonresponse(nonresponse, "w", "in", "c")
    np.testing.assert_allclose(adjusted, [6 / 4, np.nan, 3 * 6 / 4, 4])
    values, even = np.array([1.0, 2, 3, 4]), np.ones(4)
    found = [sampling.weighted_quantile(values, even, p) for p in (0, 0.25, 0.3, 0.5, 0.75, 1)]
    assert found == [2, 1, 2, 2, 3, 4], "below the first share R moves to the second value"
    table = pd.DataFrame({"s": "a", "w": 1.0, "y": [0.0, 1, 2, 3, 100]})
    drawn = sampling.winsorise(table, "y", "s", "w", high=0.8)
    assert drawn.tolist() == [0, 1, 2, 3, 3]
    assert sampling.winsorise(table, "y", "s", "w", low=0.4, high=1).tolist() == [1, 1, 2, 3, 100]


def test_a_population_is_stated_in_firms_or_as_the_share_that_was_drawn():
    table = pd.DataFrame({"s": list("aabb"), "N": [2, 2, 8, 8], "f": [1, 1, 0.25, 0.25]})
    by_size = sampling.design(table, stratum="s", population="N")
    assert by_size.design_weight.tolist() == [1, 1, 4, 4]
    by_share = sampling.design(table, stratum="s", population="f")
    assert by_share.population.tolist() == by_size.population.tolist() == [2, 8]
    with pytest.raises(ValueError, match="stratum b has 2 psu in the sample and 1 in the"):
        sampling.design(table.assign(N=[2, 2, 1, 1]), stratum="s", population="N")
    with pytest.raises(ValueError, match="1 rows have no positive weight"):
        sampling.design(table.assign(w=[1, 2, 0, 3]), "w")


def test_a_domain_without_an_answer_leaves_the_others_their_bootstrap():
    table = pd.DataFrame({"g": list("aabbb"), "y": [np.nan, np.nan, 2.0, 3, 4], "w": 9.0})
    sample = sampling.design(table, "w")
    found = resampling.bootstrap(sample, "y", ["g"], replicates=200, seed=1).set_index("g")
    assert found.loc["b", "standard_error"].gt(0).all()
    assert found.loc["b", "answers"].eq(3).all() and found.loc["a", "answers"].eq(0).all()
    mean = found.loc["b"].set_index("statistic")["standard_error"]["mean"]
    assert mean == pytest.approx(estimation.mean(sample, "y", ["g"])["standard_error"][1], rel=0.25)


def test_without_a_level_every_interval_is_of_95_percent():
    sample = schools()
    yes = sampling.with_columns(sample, yes=(SCHOOLS["awards"] == "Yes") * 1.0)
    for found in (
        lambda **how: estimation.mean(sample, "api00", **how),
        lambda **how: estimation.total(sample, "api00", **how),
        lambda **how: estimation.ratio(sample, "api_stu", "enroll", **how),
        lambda **how: estimation.quantile(sample, "api00", **how),
        lambda **how: estimation.proportion(yes, "yes", **how),
    ):
        pd.testing.assert_frame_equal(found(), found(level=0.95))
        assert found(level=0.9)["ci_low"][0] > found()["ci_low"][0]
    plain = resampling.bootstrap(sample, "api00", replicates=40, seed=2)
    pd.testing.assert_frame_equal(
        plain, resampling.bootstrap(sample, "api00", replicates=40, seed=2, level=0.95)
    )
    pd.testing.assert_frame_equal(
        resampling.bootstrap(sample, "api00", replicates=40),
        resampling.bootstrap(sample, "api00", replicates=40, seed=0),
    )


def test_a_bootstrap_s_limits_are_its_percentiles():
    found = [
        resampling.bootstrap(schools(), "api00", replicates=41, seed=2, level=level)
        for level in (0, 0.5, 1)
    ]
    assert found[0]["ci_low"].equals(found[0]["ci_high"]), "the median of the replicates"
    lows, highs = (np.array([f[c] for f in found]) for c in ("ci_low", "ci_high"))
    assert (np.diff(lows, axis=0) < 0).all() and (np.diff(highs, axis=0) > 0).all()
    heavy = pd.DataFrame({"y": [1.0, 2, 9], "w": [2.0, 2, 20]})
    last = resampling.bootstrap(sampling.design(heavy, "w"), "y", replicates=5)
    assert last["estimate"].tolist() == pytest.approx([31 / 4, 9]), "most of the weight is the last"
    # percentiles 0, 25, 50, 75 and 100 of replicates lie about as far apart on both sides
    assert (lows[1] - lows[2] > (lows[0] - lows[1])).all()


@pytest.mark.parametrize(
    ("reach", "low", "high"),
    [
        (0.5, 2, 4), (0.5 + 1e-13, 2, 4), (0.5 + 1e-11, np.nan, np.nan), (0.25, 1, 3),
        (0.2, 2, 3),
    ],
)  # fmt: skip
def test_limits_of_a_median_reach_to_all_of_the_answers_and_no_further(reach, low, high):
    """Of 1, 2, 3 and 4 a half lies at or below 2; R moves from below the first share to the 2."""
    y, w = np.array([3.0, 1, 4, 2]), np.ones(4)
    point = estimation.quantile_point(y, w)
    assert point.estimate == 2 and point.influence.tolist() == [-1 / 8, 1 / 8, -1 / 8, 1 / 8]
    critical = stats.t.ppf(0.975, 3)
    held = estimation.Held(np.arange(4), point, reach / critical, 3)
    found = estimation.woodruff(y, w, held, 0.95)
    np.testing.assert_array_equal(found[:2], [low, high])
    np.testing.assert_allclose(found[2], (high - low) / (2 * critical))


def test_a_denominator_of_rounding_alone_is_nothing():
    table = pd.DataFrame({"y": 1.0, "x": [0.1, 0.2, -0.3], "w": 2.0})
    with pytest.raises(ValueError, match="y/x: the denominator adds up to 0"):
        estimation.ratio(sampling.design(table, "w"), "y", "x")
    small = sampling.design(table.assign(x=[1.0, 1e-6, -1]), "w")
    assert estimation.ratio(small, "y", "x")["estimate"][0] == pytest.approx(3e6)
    none = sampling.design(table.assign(x=np.nan), "w")
    assert estimation.ratio(none, "y", "x")["reason"][0] == "no_answer"


@pytest.mark.parametrize(
    ("y", "weight", "effect"),
    [([1.0, 2, 3], 1.0, np.nan), ([1.0], 5.0, np.nan), ([1.0, 3], 2.0, 2), ([4.0, 4], 2.0, np.nan)],
)
def test_a_design_effect_needs_two_answers_of_a_larger_population_that_differ(y, weight, effect):
    """Of two of four, as if of many: (1 − 2/4) less than what the design says."""
    sample = sampling.design(pd.DataFrame({"y": y, "w": weight}), "w", lonely_psu="certainty")
    row = estimation.mean(sample, "y").iloc[0]
    np.testing.assert_allclose(row[["design_effect", "effective_n"]].astype(float),
                               [effect, len(y) / effect])  # fmt: skip


def test_a_change_is_clear_where_its_interval_leaves_out_0():
    def row(estimate, error, people=9, df=8):
        return pd.DataFrame([{"g": "x", "respondents": people, "estimate": estimate,
                              "standard_error": error, "degrees_of_freedom": df}])  # fmt: skip

    reach = stats.t.ppf(0.975, 8) * 2
    for gap, clear in ((reach * 1.01, True), (reach * 0.99, False), (-reach * 1.01, True),
                       (-reach * 0.99, False)):  # fmt: skip
        found = estimation.change(row(10, 2), row(10 + gap, 0, 7), ["g"]).iloc[0]
        assert found["clear"] == clear and found["respondents"] == 7
        assert found["degrees_of_freedom"] == pytest.approx(8)
    still = estimation.change(row(10, 0), row(10, 0, df=5), ["g"]).iloc[0]
    assert (still["ci_low"], still["ci_high"], still["degrees_of_freedom"]) == (0, 0, 5)
    assert not still["clear"], "from 0 to 0 leaves 0 in"
    shared = pd.DataFrame({"g": ["x"], "covariance": [9.0], "shared": [3]})
    none = estimation.change(row(10, 2), row(12, 2), ["g"], shared).iloc[0]
    assert none["standard_error"] == 0 and none["clear"], "no more than both variances"
    apart = pd.DataFrame({"g": ["y"], "covariance": [9.0], "shared": [3]})
    found = estimation.change(row(10, 2), row(12, 2), ["g"], apart).iloc[0]
    assert (found["shared"], found["standard_error"]) == (0, pytest.approx(8**0.5))
    assert found["degrees_of_freedom"] == pytest.approx(16)


def test_a_share_in_percent_is_the_share_times_100_in_every_figure():
    table = pd.DataFrame({"y": [1.0, 0, 0, 1, 0, 0, 0, 1], "w": [3.0, 5, 4, 4, 6, 2, 7, 5]})
    table = pd.concat([table] * 4, ignore_index=True)
    sample = sampling.design(table.assign(percent=100 * table["y"]), "w")
    figures = ["estimate", "standard_error", "ci_low", "ci_high"]
    for method in ("korn_graubard", "beta", "logit", "mean"):
        of_one = estimation.proportion(sample, "y", method=method).iloc[0]
        of_100 = estimation.proportion(sample, "percent", method=method, whole=100).iloc[0]
        assert 0 < of_one["ci_low"] < of_one["estimate"] < of_one["ci_high"] < 1
        assert of_100[figures].tolist() == pytest.approx([100 * f for f in of_one[figures]])
        assert of_100["design_effect"] == pytest.approx(of_one["design_effect"])


def test_a_total_of_a_simple_sample_has_the_effect_of_its_mean_and_of_equal_answers_none():
    table = pd.DataFrame({"y": [1.0, 4, 6, 9], "N": 40, "same": 5.0, "w": [3.0, 5, 9, 3]})
    simple = sampling.design(table, population="N")
    for function in (estimation.mean, estimation.total):
        row = function(simple, "y").iloc[0]
        assert (row["design_effect"], row["effective_n"]) == pytest.approx((1, 4))
    row = estimation.total(sampling.design(table, "w"), "same").iloc[0]
    assert row["estimate"] == 100 and row["standard_error"] > 0
    assert np.isnan([row["design_effect"], row["effective_n"]]).all()


def test_of_two_firms_the_bootstrap_draws_one_or_the_other():
    """Of 2 of 8 λ² is 3/4: the one drawn weighs 1 + λ times as much, the other 1 − λ."""
    sample = sampling.design(pd.DataFrame({"y": [0.0, 1.0], "N": 8}), population="N")
    row = resampling.bootstrap(sample, "y", replicates=400).iloc[0]
    reach = 0.75**0.5 / 2
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([0.5 - reach, 0.5 + reach])
    assert row["standard_error"] == pytest.approx(reach, rel=0.05)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_unit_of_a_denominator_makes_it_neither_nothing_nor_something(unit):
    table = pd.DataFrame({"y": [1.0, 2, 3], "x": [1.0, 2, 4], "w": [2.0, 3, 4]})
    table["gap"] = unit * np.array([0.1, 0.2, -0.2])  # 0 but for the last digit
    sample = sampling.design(table.assign(x=unit * table["x"]), "w")
    assert estimation.ratio(sample, "y", "x")["estimate"][0] * unit == pytest.approx(20 / 24)
    with pytest.raises(ValueError, match="the denominator adds up to 0"):
        estimation.ratio(sample, "y", "gap")
