"""Comparisons within a sample against R's figures, direct formulas, and what always holds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import project
from analysis.survey import contrasts, estimation, linearisation, sampling

SCHOOLS = pd.read_csv(project.PROJECT / "tests" / "published" / "apistrat.csv")
SCHOOLS = SCHOOLS.rename(columns=lambda c: c.replace(".", "_"))
SCHOOLS["district"] = SCHOOLS["dnum"] % 40


def schools(**options):
    return sampling.design(SCHOOLS, "pw", "stype", "fpc", **options)


# --- tables -------------------------------------------------------------------------------------


def test_rao_scott_gives_the_figures_of_r():
    """svychisq(~awards + sch.wide, dstrat), survey 4.5, as svy's own tests state them
    (tests/svy/categorical/test_tabulate_where.py)."""
    found = contrasts.rao_scott(schools(), "awards", "sch_wide")
    assert found["f"] == pytest.approx(77.2768990382019, rel=1e-9)
    assert found["chi_square"] == pytest.approx(73.54614520966, rel=1e-9)
    assert (found["df_1"], found["df_2"]) == pytest.approx((1, 197))


def test_a_table_of_three_by_two_agrees_with_a_second_library():
    import polars as pl
    import svy

    sample = svy.Sample(
        data=pl.from_pandas(SCHOOLS[["stype", "awards", "pw", "fpc"]]),
        design=svy.Design(stratum="stype", wgt="pw", pop_size="fpc"),
    )
    theirs = sample.categorical.tabulate("stype", "awards").stats
    ours = contrasts.rao_scott(schools(), "stype", "awards")
    assert ours["f"] == pytest.approx(theirs.f.value, rel=1e-9)
    assert ours["df_1"] == pytest.approx(theirs.f.df_num)
    assert ours["p_value"] == pytest.approx(theirs.f.p_value, rel=1e-6)
    assert ours["chi_square_p"] == pytest.approx(theirs.chisq.p_value, rel=1e-6)


def test_under_simple_random_sampling_the_correction_is_none():
    """Pearson's test: in a large sample without association both agree but for n − 1 against n."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"a": rng.integers(0, 3, 20_000), "b": rng.integers(0, 2, 20_000)})
    found = contrasts.rao_scott(sampling.design(table.assign(w=1e6), "w"), "a", "b")
    plain = stats.chi2_contingency(pd.crosstab(table["a"], table["b"]), correction=False)
    assert found["chi_square"] == pytest.approx(plain.statistic)
    assert found["p_value"] == pytest.approx(plain.pvalue, rel=0.02)
    assert found["df_1"] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        (list("xxxx"), list("pqpq"), "one_category"),
        (list("xyz") * 2, list("pqr") * 2, "empty_cells"),
        ([None] * 4, list("pqpq"), "one_category"),
    ],
)
def test_a_table_that_cannot_be_tested_says_why(a, b, reason):
    sample = sampling.design(pd.DataFrame({"a": a, "b": b, "w": 2.0}), "w")
    found = contrasts.rao_scott(sample, "a", "b")
    assert found["reason"] == reason and reason in contrasts.REASONS
    assert np.isnan(found["p_value"])


# --- contrasts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("psu", [None, "district"])
def test_a_difference_of_domains_is_that_of_its_own_linearisation(psu):
    """Influence of ȳ_yes − ȳ_no: that of the one on its rows, less that of the other on its own."""
    sample = sampling.design(SCHOOLS, "pw", "stype", "fpc" if psu is None else None, psu=psu)
    yes = (SCHOOLS["awards"] == "Yes").to_numpy()
    z, means, y, w = np.zeros(len(SCHOOLS)), {}, SCHOOLS["api00"].to_numpy(float), SCHOOLS["pw"]
    for sign, own in ((1, yes), (-1, ~yes)):
        means[sign] = np.average(y[own], weights=w[own])
        z[own] = sign * w[own] * (y[own] - means[sign]) / w[own].sum()
    found = contrasts.differences(contrasts.joint(sample, "api00", ["awards"])).iloc[0]
    assert found["estimate"] == pytest.approx(means[1] - means[-1])
    point = linearisation.Point(means[1] - means[-1], z, z, None)
    whole = linearisation.variance(sample, point, np.arange(len(z)))
    assert found["standard_error"] == pytest.approx(np.sqrt(whole))
    t = found["estimate"] / found["standard_error"]
    df = len(sample.psu_stratum) - 3
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(abs(t), df))
    apart = estimation.mean(sample, "api00", ["awards"])["standard_error"]
    assert abs(found["standard_error"] / np.hypot(*apart) - 1) > 1e-4, "not independent"


def test_a_t_test_agrees_with_a_second_library():
    """svy, ttest("api00", group="awards"): 44.6875, t = 2.3036."""
    found = contrasts.differences(contrasts.joint(schools(), "api00", ["awards"])).iloc[0]
    assert found["estimate"] == pytest.approx(44.6875, abs=5e-5)
    assert found["statistic"] == pytest.approx(2.3036, abs=5e-5)


def test_domains_that_share_no_stratum_are_independent():
    held = contrasts.joint(schools(), "api00", ["stype"])
    assert held.covariance[~np.eye(3, dtype=bool)] == pytest.approx(0)
    errors = estimation.mean(schools(), "api00", ["stype"])["standard_error"]
    assert np.sqrt(np.diag(held.covariance)) == pytest.approx(errors.to_numpy())


def test_two_measures_of_the_same_firms_compare_as_their_difference():
    held = contrasts.joint(schools(), ["api00", "api99"])
    found = contrasts.contrast(held, {"gain": [1, -1]}).iloc[0]
    direct = sampling.with_columns(schools(), gain=SCHOOLS["api00"] - SCHOOLS["api99"])
    row = estimation.mean(direct, "gain").iloc[0]
    same = ["estimate", "standard_error", "ci_low", "ci_high", "degrees_of_freedom"]
    assert found[same].tolist() == pytest.approx(row[same].tolist())


def test_medians_have_the_errors_of_woodruff():
    held = contrasts.joint(schools(), "api00", ["awards"], "median")
    errors = estimation.quantile(schools(), "api00", by=["awards"])["standard_error"]
    assert np.sqrt(np.diag(held.covariance)) == pytest.approx(errors.to_numpy())


def test_known_totals_are_known_to_differences_too():
    """A difference of shares that post-stratification fixes has no error."""
    sample = sampling.post_stratify(schools(), "awards", pd.Series({"No": 2500.0, "Yes": 3694.0}))
    sample = sampling.with_columns(
        sample, yes=(SCHOOLS["awards"] == "Yes") * 1.0, no=(SCHOOLS["awards"] == "No") * 1.0
    )
    found = contrasts.contrast(contrasts.joint(sample, ["yes", "no"]), {"gap": [1, -1]}).iloc[0]
    assert found["estimate"] == pytest.approx(1194 / 6194)
    assert found["standard_error"] == pytest.approx(0, abs=1e-9)


def test_p_values_of_many_pairs_are_holms():
    p = pd.Series([0.01, 0.04, 0.03, np.nan])
    assert contrasts.holm(p).tolist()[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(contrasts.holm(p)[3])


def test_equal_answers_and_single_firms_give_a_figure_or_a_reason():
    table = pd.DataFrame({"g": list("aabbc"), "s": list("aabbc"), "y": [3.0, 3, 7, 7, 1], "w": 4.0})
    sample = sampling.design(table, "w", "s", lonely_psu="certainty")
    found = contrasts.differences(contrasts.joint(sample, "y", ["g"]))
    assert found["estimate"].tolist() == [4, -2, -6]
    assert found["reason"].tolist() == ["alike"] * 3
    assert found["p_value"].isna().all() and found["p_adjusted"].isna().all()
    one = sampling.design(table.head(1).assign(w=2.0), "w", lonely_psu="certainty")
    alone = contrasts.joint(one, "y", ["g"])
    assert contrasts.contrast(alone, {"a": [1]})["reason"].tolist() == ["no_degrees_of_freedom"]
    assert contrasts.differences(alone).empty
    with pytest.raises(ValueError, match="nobody answered"):
        contrasts.joint(sampling.with_columns(sample, y=np.nan), "y")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_covariances_are_those_of_a_difference_both_ways(seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"s": np.repeat(list("abc"), rng.integers(2, 9, 3))})
    table = table.assign(
        y=rng.normal(5, 2, len(table)), g=rng.integers(0, 3, len(table)), w=rng.uniform(1, 9)
    )
    held = contrasts.joint(sampling.design(table, "w", "s"), "y", ["g"])
    values = np.linalg.eigvalsh(held.covariance)
    assert values.min() > -1e-12 * max(values.max(), 1)
    found = contrasts.differences(held)
    for row in found.itertuples():
        i, j = row.first, row.second
        c = held.covariance
        v = c[i, i] + c[j, j] - 2 * c[i, j]
        assert row.standard_error**2 == pytest.approx(max(v, 0), rel=1e-6, abs=1e-12)


# --- two editions -------------------------------------------------------------------------------


def wave(seed: int, firms: np.ndarray, base: np.ndarray) -> sampling.Design:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"firm": firms, "s": np.where(firms % 2, "odd", "even"), "g": "x"})
    table["y"] = base[firms] + rng.normal(0, 1, len(firms))
    return sampling.design(table.assign(N=500), stratum="s", population="N")


BASE = np.random.default_rng(0).normal(50, 10, 1000)


def test_the_same_firms_twice_are_a_paired_comparison():
    firms = np.arange(200)
    earlier, later = wave(1, firms, BASE), wave(2, firms, BASE)
    common = contrasts.shared(earlier, later, ["y"], ["g"], "firm")
    assert common["shared"].tolist() == [200]
    means = [estimation.mean(s, "y", ["g"]) for s in (earlier, later)]
    found = estimation.change(*means, ["g", "measure"], common).iloc[0]
    gap = later.table["y"] - earlier.table["y"]
    paired = estimation.mean(sampling.with_columns(earlier, gap=gap), "gap").iloc[0]
    assert found["standard_error"] == pytest.approx(paired["standard_error"])
    assert found["degrees_of_freedom"] == paired["degrees_of_freedom"]
    apart = estimation.change(*means, ["g", "measure"]).iloc[0]
    assert apart["standard_error"] > 5 * found["standard_error"]
    assert np.isnan(apart["shared"])


def test_of_different_firms_nothing_is_shared():
    earlier, later = wave(1, np.arange(100), BASE), wave(2, np.arange(100, 200), BASE)
    common = contrasts.shared(earlier, later, ["y"], ["g"], "firm")
    assert common[["covariance", "shared"]].to_numpy().tolist() == [[0, 0]]
    means = [estimation.mean(s, "y", ["g"]) for s in (earlier, later)]
    columns = ["estimate", "standard_error", "degrees_of_freedom", "clear"]
    pd.testing.assert_frame_equal(
        estimation.change(*means, ["g", "measure"], common)[columns],
        estimation.change(*means, ["g", "measure"])[columns],
    )


def test_with_half_of_the_firms_kept_the_covariance_is_tams():
    """Simple random samples of one population: (n12/(n1 n2) − 1/N) · s_xy of the common firms."""
    firms, n, size = np.arange(120) * 2, 80, 500
    earlier, later = wave(1, firms[:n], BASE), wave(2, firms[40:], BASE)
    found = contrasts.shared(earlier, later, ["y"], ["g"], "firm").iloc[0]
    both = earlier.table.merge(later.table, on="firm")
    s_xy = np.cov(both["y_x"], both["y_y"])[0, 1]
    assert found["shared"] == 40
    assert found["covariance"] == pytest.approx((40 / n**2 - 1 / size) * s_xy)


def test_a_common_firm_alone_in_its_strata_adds_nothing():
    earlier, later = wave(1, np.arange(30), BASE), wave(2, np.arange(29, 60), BASE)
    found = contrasts.shared(earlier, later, ["y"], ["g"], "firm").iloc[0]
    assert (found["covariance"], found["shared"]) == (0, 1)


def test_in_a_census_two_answers_have_no_chance_to_be_tested():
    table = pd.DataFrame({"a": list("xxyyxy"), "b": list("uvuuuu"), "N": 6})
    found = contrasts.rao_scott(sampling.design(table, population="N"), "a", "b")
    assert found["reason"] == "alike" and np.isnan(found["p_value"])
    assert found["answers"] == 6 and found["chi_square"] > 0


def test_a_contrast_has_the_t_interval_and_test_of_its_degrees_of_freedom():
    """Two samples of two: difference 5, error √(1 + 1), nothing drawn whole, two degrees."""
    firms = pd.DataFrame({"size": list("aabb"), "hours": [1.0, 3, 6, 8], "w": 1e9})
    both = contrasts.joint(sampling.design(firms, "w", "size"), "hours", ["size"])
    found = contrasts.contrast(both, {"b - a": [-1, 1], "twice": [-2, 2], "a": [1, 0]}, level=0.9)
    assert found["estimate"].tolist() == [5, 10, 2]
    assert found["standard_error"].tolist() == pytest.approx([2**0.5, 2 * 2**0.5, 1])
    assert found["degrees_of_freedom"].tolist() == [2, 2, 1]
    assert found["statistic"].iloc[0] == pytest.approx(5 / 2**0.5)
    assert found["p_value"].iloc[0] == pytest.approx(2 * stats.t.sf(5 / 2**0.5, 2))
    reach = stats.t.ppf(0.95, 2) * 2**0.5
    assert found.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx([5 - reach, 5 + reach])


def test_tams_covariance_of_samples_of_unlike_size_and_of_firms_that_changed_their_stratum():
    firms, size = np.arange(120) * 2, 500
    earlier, later = wave(1, firms[:80], BASE), wave(2, firms[40:100], BASE)
    found = contrasts.shared(earlier, later, ["y"], ["g"], "firm").iloc[0]
    both = earlier.table.merge(later.table, on="firm")
    s_xy = np.cov(both["y_x"], both["y_y"])[0, 1]
    assert found["covariance"] == pytest.approx((40 / (80 * 60) - 1 / size) * s_xy)
    # in another stratum: less the larger share that was drawn, 80 of 500
    moved = sampling.design(later.table.assign(s="new", N=500), stratum="s", population="N")
    found = contrasts.shared(earlier, moved, ["y"], ["g"], "firm").iloc[0]
    assert found["covariance"] == pytest.approx(40 / (80 * 60) * (1 - 80 / 500) * s_xy)


def test_without_a_level_an_interval_is_of_95_percent():
    """t of two degrees of freedom at 97.5 %: 4.302653, of one: 12.706205 (any printed table)."""
    firms = pd.DataFrame({"size": list("aabb"), "hours": [1.0, 3, 6, 8], "w": 1e9})
    both = contrasts.joint(sampling.design(firms, "w", "size"), "hours", ["size"])
    found = contrasts.contrast(both, {"b - a": [-1, 1], "a": [1, 0]})
    reach = (found["ci_high"] - found["ci_low"]) / 2
    assert reach.tolist() == pytest.approx([4.302653 * 2**0.5, 12.706205], rel=1e-6)
    pairs = contrasts.differences(both).iloc[0]
    assert (pairs["ci_high"] - pairs["ci_low"]) / 2 == pytest.approx(4.302653 * 2**0.5)
    assert (pairs["first"], pairs["second"]) == (0, 1) and pairs["p_adjusted"] == pairs["p_value"]


def test_no_adjusted_p_value_is_above_1_nor_below_one_before_it():
    assert contrasts.holm(pd.Series([0.7, 0.6])).tolist() == [1, 1]
    assert contrasts.holm(pd.Series([0.03, 0.01, 0.011])).tolist() == pytest.approx([0.03] * 3)
    assert contrasts.holm(pd.Series([np.nan, 0.02])).tolist()[1] == 0.02


def few(firms, y, size, stratum="s") -> sampling.Design:
    table = pd.DataFrame({"firm": firms, "y": np.array(y, float), "g": "x", "N": size})
    return sampling.design(table.assign(s=stratum), stratum="s", population="N")


@pytest.mark.parametrize(
    ("then", "now", "size", "found"),
    [
        # firms 2 and 3, deviations ±2 and ∓2 from their means, a quarter of each: 2 · −2 · ¼
        ([1, 2, 3, 7], [5, 1, 0, 2], 1e9, -1),
        # 4 · (5 ÷ 4)² is more than both variances allow: (25 + 25) ÷ 3 ÷ 4
        ([5, 5, 0, 10], [0, 10, 5, 5], 1e9, 50 / 12),
        ([5, 5, 0, 10], [10, 0, 5, 5], 1e9, -50 / 12),
        # of six firms four and four were drawn: 1 − 16 ÷ (6 · 2) is no share
        ([1, 2, 3, 7], [5, 1, 0, 2], 6, 0),
    ],
)
def test_two_common_firms_have_a_covariance_within_its_limits(then, now, size, found):
    earlier, later = few(range(4), then, size), few(range(2, 6), now, size)
    common = contrasts.shared(earlier, later, ["y"], ["g"], "firm").iloc[0]
    assert common["shared"] == 2 and common["covariance"] == pytest.approx(found, abs=1e-7)


def test_of_firms_in_another_stratum_the_larger_share_drawn_is_left_out():
    then, now = [1, 2, 3, 7], [5, 1, 0, 2]
    for sizes, left in (((8, 40), 1 / 2), ((40, 8), 1 / 2), ((16, 16), 3 / 4)):
        earlier, later = few(range(4), then, sizes[0]), few(range(2, 6), now, sizes[1], "t")
        common = contrasts.shared(earlier, later, ["y"], ["g"], "firm").iloc[0]
        limit = np.prod([estimation.mean(s, "y")["standard_error"][0] for s in (earlier, later)])
        assert common["covariance"] == pytest.approx(max(-left, -limit))


def test_answers_of_strata_of_one_have_no_degrees_of_freedom_to_be_tested():
    table = pd.DataFrame({"a": list("xxyy"), "b": list("uvuu"), "s": range(4), "w": 3.0})
    sample = sampling.design(table, "w", "s", lonely_psu="certainty")
    found = contrasts.rao_scott(sample, "a", "b")
    assert found["reason"] == "no_degrees_of_freedom" and np.isnan(found["chi_square"])


def test_a_variance_below_0_by_rounding_is_none():
    firms = pd.DataFrame({"size": list("aabb"), "hours": [1.0, 3, 6, 8], "w": 1e9})
    held = contrasts.joint(sampling.design(firms, "w", "size"), "hours", ["size"])
    held = replace(held, covariance=np.array([[1, 1 + 1e-12], [1 + 1e-12, 1]]))
    found = contrasts.contrast(held, {"b - a": [-1, 1]}).iloc[0]
    assert (found["standard_error"], found["reason"]) == (0, "alike")
    assert (found["ci_low"], found["ci_high"]) == (5, 5)


def test_of_samples_of_unlike_size_each_share_is_of_its_own_stratum():
    """Four of 16 and three of 6: a half is left. Firms 2 and 3 are 1/2 to either side of the mean
    of their influences in the one, 2/3 in the other, the other way round: −2 · 2 · 1/2 · 2/3."""
    sides = few(range(4), [1, 2, 3, 7], 16), few(range(2, 5), [5, 1, 0], 6, "t")
    for earlier, later in (sides, sides[::-1]):
        common = contrasts.shared(earlier, later, ["y"], ["g"], "firm").iloc[0]
        assert common["covariance"] == pytest.approx(-4 / 3 / 2)


def test_a_median_rises_with_the_firms_above_it():
    table = pd.DataFrame({"y": np.arange(20.0), "w": 5.0})
    held = contrasts.joint(sampling.design(table, "w"), "y", statistic="median")
    assert (np.sign(held.scores[:, 0]) == np.where(table["y"] < 9.5, -1, 1)).all()


def test_a_domain_rests_on_its_own_firms_and_strata():
    """Of strata with 2, 3 and 4 firms: 1, 2 and 3 degrees of freedom, together their sum."""
    table = pd.DataFrame({"s": list("aabbbcccc"), "y": np.arange(9.0), "w": 5.0})
    held = contrasts.joint(sampling.design(table, "w", "s"), "y", ["s"])
    found = contrasts.contrast(held, {"a": [1, 0, 0], "ab": [-1, 1, 0], "all": [1, 1, -2]})
    assert found["degrees_of_freedom"].tolist() == [1, 3, 6]
    assert held.table["respondents"].tolist() == [2, 3, 4]
    halves = contrasts.joint(sampling.design(table, "w", "s"), "y", ["s"], "median", level=0.5)
    direct = estimation.quantile(sampling.design(table, "w", "s"), "y", by=["s"], level=0.5)
    own = np.sqrt(np.diag(halves.covariance))
    np.testing.assert_allclose(own, direct["standard_error"].to_numpy())
