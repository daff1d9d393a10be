"""Provinces by a model: whose answers count, what adds up, what is refused and why."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import project
from analysis.survey import fay_herriot, sampling, small_areas

STATED = {"variances": "smoothed", "at_least": 10}


def made(seed=0, many=24):
    """Areas in four regions, of which the second is hidden and the third did not answer."""
    rng = np.random.default_rng(seed)
    codes = [f"{i:02d}" for i in range(many)]
    people = rng.integers(5, 90, many)
    direct = pd.DataFrame(
        {
            "category": codes,
            "respondents": people,
            "estimate": rng.normal(1, 0.3, many),
            "standard_error": rng.uniform(0.5, 1.5, many) / np.sqrt(people),
            "obs_status": "A",
        }
    )
    direct["ci_low"] = direct["estimate"] - 2 * direct["standard_error"]
    direct["ci_high"] = direct["estimate"] + 2 * direct["standard_error"]
    direct.loc[1, ["estimate", "standard_error", "ci_low", "ci_high"]] = np.nan
    direct.loc[1, ["obs_status", "respondents"]] = ["Q", 3]
    regions = pd.Series([f"r{i % 4}" for i in range(many)], codes)
    shares = pd.Series(rng.uniform(1, 50, many), codes)
    covariates = pd.DataFrame({"size": rng.normal(0, 1, many)}, codes)
    return direct[direct["category"] != "02"], regions, shares, covariates


def figures(direct, regions, shares, covariates, **changes):
    held = small_areas.areas(direct, regions, shares)
    rows, fit = small_areas.model(held, covariates, STATED | changes)
    return rows.set_index("category"), fit.set_index("figure")


@given(st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_the_provinces_of_a_region_add_up_to_its_direct_estimate(seed):
    rows, _ = figures(*made(seed))
    own = rows[rows["kind"] == "model"]
    for column in ("direct", "estimate"):
        own = own.assign(**{f"{column}_sum": own[column] * own["share"]})
    by_region = own.groupby("region")[["direct_sum", "estimate_sum"]].sum()
    np.testing.assert_allclose(by_region["direct_sum"], by_region["estimate_sum"])
    assert set(rows["reason"]) <= {"", *small_areas.REASONS}
    assert (own["mse"] > 0).all() and (own["ci_low"] < own["ci_high"]).all()


@given(st.integers(0, 10_000), st.floats(-50, 50), st.integers(1, 4))
@settings(max_examples=6, deadline=None)
def test_what_is_hidden_has_no_part_in_any_figure(seed, answer, people):
    """Had the firms of a hidden province answered otherwise, every figure were the same."""
    direct, regions, shares, covariates = made(seed)
    rows, fit = figures(direct, regions, shares, covariates)
    hidden = direct["category"] == "01"
    other = direct.copy()
    other.loc[hidden, ["estimate", "standard_error", "respondents"]] = [answer, 0.5, people]
    again, fit_again = figures(other, regions, shares.mask(shares.index == "01", 9), covariates)
    shown = [c for c in rows if c not in ("respondents", "share")]
    pd.testing.assert_frame_equal(rows[shown], again[shown])
    pd.testing.assert_frame_equal(fit, fit_again)
    assert rows.loc["01", ["kind", "reason"]].tolist() == ["synthetic", "hidden"]
    assert np.isnan(rows.loc["01", "direct"])


def test_provinces_without_answers_have_the_figure_of_the_covariates():
    direct, regions, shares, covariates = made()
    rows, fit = figures(direct, regions, shares, covariates)
    row = rows.loc["02"]
    assert (row["kind"], row["reason"], row["respondents"]) == ("synthetic", "no_answer", 0)
    line = fit.loc["intercept", "estimate"] + fit.loc["size", "estimate"] * covariates.loc["02"]
    assert row["estimate"] == pytest.approx(line.iloc[0] + row["shift"])
    assert row["shift"] == rows.loc["06", "shift"]  # that of its region
    known = rows[rows["kind"] == "model"]
    assert row["mse"] - row["shift"] ** 2 > fit.loc["variance", "estimate"]
    np.testing.assert_allclose(
        (rows["ci_high"] - rows["ci_low"]) / 2, 1.959964 * np.sqrt(rows["mse"]), rtol=1e-6
    )
    np.testing.assert_allclose(
        known["estimate"] - known["shift"],
        known["shrinkage"] * known["direct"] + (1 - known["shrinkage"]) * known["synthetic"],
    )


def test_the_error_of_a_shifted_figure_holds_the_shift():
    direct, regions, shares, covariates = made()
    rows, _ = figures(direct, regions, shares, covariates)
    own = rows[rows["kind"] == "model"]
    x = np.column_stack([np.ones(len(own)), covariates.loc[own.index, "size"]])
    fit = fay_herriot.fit(own["direct"].to_numpy(), x, own["sampling_variance"].to_numpy())
    np.testing.assert_allclose(own["mse"], fit.mse + own["shift"] ** 2)
    assert (own["shift"] != 0).all()


def test_variances_as_estimated():
    """Nothing is smoothed; an area that shows no error has the figure of the covariates."""
    direct, regions, shares, covariates = made()
    direct.loc[direct["category"] == "05", "standard_error"] = 0.0
    direct.loc[direct["category"] == "06", "standard_error"] = np.nan
    rows, _ = figures(direct, regions, shares, covariates, variances="direct")
    own = rows[rows["kind"] == "model"]
    errors = direct.set_index("category")["standard_error"].reindex(own.index)
    np.testing.assert_allclose(own["sampling_variance"], errors**2)
    assert rows.loc[["05", "06"], "reason"].tolist() == ["no_error"] * 2
    assert rows.loc[["05", "06"], "kind"].tolist() == ["synthetic"] * 2
    smooth, _ = figures(direct, regions, shares, covariates)
    assert smooth.loc[["05", "06"], "kind"].tolist() == ["model"] * 2


def test_a_province_that_the_reference_file_lacks():
    direct, regions, shares, covariates = made()
    rows, fit = figures(direct, regions, shares, covariates.drop("07"))
    assert rows.loc["07", ["kind", "reason"]].tolist() == ["none", "no_covariate"]
    assert rows.loc["07", ["estimate", "mse", "shift"]].isna().all()
    assert np.isfinite(rows.loc["07", "direct"]) and fit.loc["areas", "estimate"] == 21


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"at_least": 23}, "too_few_areas", "22 < 23"),
        ({"same": True}, "singular", "covariates follow from each other"),
    ],
)
def test_what_cannot_be_modelled_is_told_and_the_direct_figures_stay(change, reason, detail):
    direct, regions, shares, covariates = made()
    if change.pop("same", False):
        covariates = covariates.assign(again=2 * covariates["size"] + 1)
    rows, fit = figures(direct, regions, shares, covariates, **change)
    assert fit.loc["refused", "reason"] == reason and detail in fit.loc["refused", "detail"]
    assert set(rows["kind"]) == {"none"} and rows["estimate"].isna().all()
    assert rows["direct"].notna().sum() == 22


def test_areas_that_do_not_differ_are_told():
    direct, regions, shares, covariates = made()
    direct["estimate"] = direct["estimate"].where(direct["estimate"].isna(), 1.0)
    rows, fit = figures(direct, regions, shares, covariates)
    assert fit.loc["variance", ["estimate", "reason"]].tolist() == [0.0, "no_variance"]
    assert (rows["shrinkage"] == 0).all()


@pytest.fixture
def survey(tmp_path):
    """A sample of firms, its province estimates and a folder with covariates."""
    rng = np.random.default_rng(2)
    firms = pd.DataFrame({"province": np.repeat([f"{i:02d}" for i in range(12)], 8), "w": 3.0})
    firms = firms.assign(procedure_group="tax", hours=rng.lognormal(1, 0.5, len(firms)))
    path = tmp_path / "data/reference/made.csv"
    path.parent.mkdir(parents=True)
    figure = pd.DataFrame({"gso_code": firms["province"].unique(), "indicator": "g", "year": 2022})
    figure.assign(value=rng.lognormal(3, 1, 12)).to_csv(path, index=False)
    own = tmp_path / "data/catalogue/surveys/apci.yml"
    own.parent.mkdir(parents=True)
    own.write_text("survey: apci\nsmall_areas:\n  covariates:\n    file: made.csv\n    year: 1\n")
    by = firms.groupby("province")["hours"].agg(["mean", "sem", "size"]).reset_index()
    direct = pd.DataFrame(
        {
            "domain": "province", "measure": "hours", "category": by["province"],
            "respondents": by["size"], "estimate": by["mean"] / firms["hours"].mean(),
            "standard_error": by["sem"], "ci_low": 0.0, "ci_high": 9.0, "obs_status": "A",
        }
    )  # fmt: skip
    stated = STATED | {
        "variables": ["hours"],
        "covariates": {
            "file": "made.csv", "year": 2022,
            "variables": {"g": {"figure": "g", "transform": "log"}},
        },
    }  # fmt: skip
    regions = pd.Series("r", firms["province"].unique())
    asked = {"survey": "apci", "small_areas": stated}

    def find(same=regions.index, **changes):
        told = {**asked, "small_areas": stated | changes}
        return small_areas.estimate(
            sampling.design(firms, "w"), find.direct, told, regions, same, project.Place(tmp_path)
        )

    find.without = lambda: small_areas.estimate(
        sampling.design(firms, "w"), direct, {}, regions, set(), project.Place(tmp_path)
    )
    find.covariates, find.direct = stated["covariates"], direct
    return find


def test_as_the_survey_states_it(survey):
    rows, fits = survey()
    assert list(rows) == small_areas.AREAS and list(fits) == small_areas.FITS
    assert (rows["kind"] == "model").all() and set(fits["measure"]) == {"hours"}
    assert {"intercept", "g", "variance", "goodness", "normality", "areas"} == set(fits["figure"])
    # a sum over answers that weigh alike is the mean of the direct figures: the nation, which is 1
    assert rows["estimate"].mean() == pytest.approx(1)
    assert [list(t) for t in survey.without()] == [small_areas.AREAS, small_areas.FITS]


def test_a_code_that_means_another_unit_has_no_covariate(survey):
    rows, _ = survey(same=[f"{i:02d}" for i in range(11)])
    own = rows.set_index("category")
    assert own.loc["11", ["kind", "reason"]].tolist() == ["none", "no_covariate"]
    assert set(own["kind"].drop("11")) == {"model"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"year": 2019}, "apci.yml:5: made.csv has no figures of 2019"),
        ({"file": "none.csv"}, "apci.yml:4: there is no data/reference/none.csv"),
    ],
)
def test_covariates_that_cannot_be_read_are_told_with_file_and_line(survey, change, told):
    rows, fits = survey(covariates=survey.covariates | change)
    assert fits[["figure", "reason", "detail"]].to_numpy().tolist() == [
        ["refused", "covariates", told]
    ]
    assert (rows["kind"] == "none").all() and rows["direct"].notna().all()


def test_covariates_have_mean_0_and_a_spread_of_1_over_the_areas_that_are_meant(survey, tmp_path):
    path = tmp_path / "data/reference/made.csv"
    table = pd.DataFrame({"gso_code": ["00", "01", "02", "03"], "indicator": "g", "year": 2022})
    table.assign(value=np.exp([1.0, 3, 5, 99])).to_csv(path, index=False)
    stated, place = {"covariates": survey.covariates}, project.Place(tmp_path)
    found, told = small_areas.covariates(stated, "apci", {"00", "01", "02"}, place)
    assert told == "" and list(found.index) == ["00", "01", "02"]
    # 1, 3 and 5: by the root of 8 ÷ 3, as of a whole and no sample
    np.testing.assert_allclose(found["g"], np.array([-2, 0, 2]) / np.sqrt(8 / 3))
    alone, _ = small_areas.covariates(stated, "apci", {"01"}, place)
    assert alone["g"].tolist() == [0], "nothing differs, and nothing is divided by"


def test_other_domains_and_measures_have_no_part(survey):
    plain = survey()
    more = survey.direct.assign(estimate=77.0)
    survey.direct = pd.concat(
        [more.assign(domain="region"), survey.direct, more.assign(measure="fee")],
        ignore_index=True,
    )
    for one, other in zip(plain, survey(), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_what_is_known_of_a_fit_follows_from_it():
    direct, regions, shares, covariates = made()
    rows, fit = figures(direct, regions, shares, covariates)
    own = rows[rows["kind"] == "model"]
    assert len(own) == fit.loc["areas", "estimate"] == 22
    beta = fit.loc[["intercept", "size"]]
    z = beta["estimate"] / beta["standard_error"]
    np.testing.assert_allclose(beta["p_value"], 2 * stats.norm.sf(abs(z)))
    reach = 1.959964 * beta["standard_error"]
    np.testing.assert_allclose(beta["ci_high"] - beta["estimate"], reach, rtol=1e-6)
    np.testing.assert_allclose(beta["estimate"] - beta["ci_low"], reach, rtol=1e-6)
    held = fay_herriot.fit(
        own["direct"].to_numpy(),
        np.column_stack([np.ones(22), covariates.loc[own.index]]),
        own["sampling_variance"].to_numpy(),
    )
    columns = ["estimate", "ci_low", "ci_high", "p_value"]
    assert fit.loc["variance", columns].tolist() == pytest.approx(
        [held.variance, held.low, held.high, held.p_value]
    )
    np.testing.assert_allclose(own["residual"], held.residuals)
    normal = stats.shapiro(own["residual"])
    assert fit.loc["normality", ["estimate", "p_value"]].tolist() == pytest.approx(list(normal))
    apart = (own["direct"] - own["estimate"]) ** 2 / (own["sampling_variance"] + own["mse"])
    assert fit.loc["goodness", "estimate"] == pytest.approx(apart.sum())
    # Blom (1958): the i-th of n residuals lies at (i − 3/8) ÷ (n + 1/4) of a normal
    place = (own["residual"].rank() - 3 / 8) / (22 + 1 / 4)
    np.testing.assert_allclose(own["residual_quantile"], stats.norm.ppf(place))
    other = rows.loc[["01", "02"]]
    assert other[["residual", "residual_quantile", "sampling_variance"]].isna().all(axis=None)
    assert (other["shrinkage"] == 0).all() and (fit["detail"] == "").all()


def test_as_many_areas_as_are_asked_for_are_enough():
    rows, fit = figures(*made(), at_least=22)
    assert (rows["kind"] == "model").sum() == 22 and "refused" not in fit.index


def test_an_area_without_a_ratio_and_one_that_is_unknown_are_told_apart():
    direct, regions, shares, _ = made()
    direct.loc[direct["category"] == "04", ["obs_status", "estimate"]] = ["M", np.nan]
    direct.loc[direct["category"] == "05", "estimate"] = np.nan
    held = small_areas.areas(direct, regions, shares.drop("06")).set_index("category")
    told = held["reason"].to_dict()
    assert [told[c] for c in ("00", "01", "02", "04", "05")] == [
        "", "hidden", "no_answer", "no_ratio", "no_answer"
    ]  # fmt: skip
    assert held.loc["06", "share"] == 0 and held.loc["02", "respondents"] == 0
    assert (
        held.loc[["01", "04"], ["direct", "direct_low", "sampling_variance"]].isna().all(axis=None)
    )
    own = direct.set_index("category").loc["00"]
    assert held.loc["00", "sampling_variance"] == pytest.approx(own["standard_error"] ** 2)


def test_a_region_without_an_answer_has_nothing_to_add_up_to():
    direct, regions, shares, covariates = made()
    rows, _ = figures(direct, regions.mask(regions.index == "02", "far"), shares, covariates)
    row = rows.loc["02"]
    assert row["shift"] == 0 and row["estimate"] == row["synthetic"]
