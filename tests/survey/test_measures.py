"""What an edition says of a few firms whose figures can be done by hand, and what it does not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.survey import disclosure, measures, sampling

RECORD = ["procedure_group", "domain", "measure", "variant", "reason"]
NOTHING = pd.DataFrame(columns=RECORD)


def firms(**more) -> pd.DataFrame:
    """Two groups of four firms, two of each in province p and two in q."""
    table = pd.DataFrame(
        {
            "response": list("abcdefgh"), "procedure_group": list("gggghhhh"),
            "province": list("ppqqppqq"), "size": list("slslslsl"), "w": 10.0,
            "hours": [2.0, 6, 4, 8, 1, 3, 3, 1], "direct_cost": [100.0, 100, 300, 300, 0, 0, 0, 0],
        }
    )  # fmt: skip
    return table.assign(**more)


def test_a_share_is_100_where_the_answer_is_the_code_and_missing_without_one():
    asked = {"measures": {"net": {"of": {"how": "n"}}, "way": {"of": {"ways": "x"}}, "fee": {}},
             "columns": {"how": {"kind": "choice"}, "ways": {"kind": "several"}}}  # fmt: skip
    answers = pd.DataFrame({"how": ["n", "p", None], "ways": ["y x", "xy", None]})
    found = measures.shares(answers, asked)
    np.testing.assert_array_equal(found[["net", "way"]].T, [[100, 0, np.nan]] * 2)
    assert "fee" not in found


def test_each_measure_is_estimated_as_it_is_asked_by_group_and_domain():
    asked = {
        "measures": {
            "hours": {"statistics": ["mean", "median"]},
            "net": {"statistics": ["mean"], "of": {"how": "n"}},
        },
        "steps": ["direct_cost"],
        "domains": ["size"],
    }
    sample = sampling.design(firms(net=[100.0] * 4 + [0.0] * 3 + [100]), "w")
    found = measures.estimate(sample, asked)
    first = ["procedure_group", "domain", "category", "measure", "statistic"]
    assert list(found)[:5] == first and not found.duplicated(first).any()
    held = found.set_index(first)["estimate"]
    assert held.xs("_T", level="domain").unstack("procedure_group").droplevel(0).to_dict(
        "index"
    ) == {
        ("hours", "mean"): {"g": 5, "h": 2},
        ("hours", "median"): {"g": 4, "h": 1},
        ("net", "mean"): {"g": 100, "h": 25},
        ("direct_cost", "mean"): {"g": 200, "h": 0},
    }
    of_size = held.xs("size", level="domain").xs("mean", level="statistic").unstack("category")
    assert of_size.loc[("g", "hours")].tolist() == [7, 3]
    assert of_size.loc[("h", "net")].tolist() == [50, 0]
    assert set(of_size.index.get_level_values("measure")) == {"hours", "net"}, "no steps"
    whole = found.set_index(first).loc[("g", "_T", "_T", "net", "mean")]
    assert whole["ci_high"] == 100 and 0 < whole["ci_low"] < 100, "an interval of a share"


def test_a_province_is_held_against_what_its_procedures_cost_anywhere():
    """p: 2 + 6 + 1 + 3 hours for 5 + 5 + 2 + 2; r did what costs nothing anywhere, t nothing."""
    more = pd.DataFrame(
        {"response": ["i", "j"], "procedure_group": "h", "province": ["r", "t"], "size": "s",
         "w": 10.0, "hours": [2.0, np.nan], "direct_cost": [0.0, np.nan]}
    )  # fmt: skip
    sample = sampling.design(pd.concat([firms(), more], ignore_index=True), "w")
    expected = measures.expected_anywhere(sample, "hours")
    np.testing.assert_array_equal(expected, [5, 5, 5, 5, 2, 2, 2, 2, 2, np.nan])
    found = measures.provinces(sample).set_index(["measure", "category"])
    assert found.loc["hours", "estimate"].dropna().to_dict() == pytest.approx(
        {"p": 12 / 14, "q": 16 / 14, "r": 1}
    )
    assert found.loc["direct_cost", "estimate"].dropna().to_dict() == {"p": 0.5, "q": 1.5}
    assert found.loc[("direct_cost", "r"), ["obs_status", "reason"]].tolist() == [
        "M", "no_denominator"
    ]  # fmt: skip
    assert found["obs_status"].isna().sum() == len(found) - 1
    assert found.loc[("hours", "t"), "reason"] == "no_answer"
    same = {"procedure_group": "_T", "domain": "province", "statistic": "standardised_ratio"}
    assert (found[list(same)] == pd.Series(same)).all(axis=None)


def test_provinces_that_are_shown_share_one_variance_and_no_other_figure_moves():
    """σ² of 10 and 20 firms: (9 · 10 · 0.09 + 19 · 20 · 0.0225 + 9 · 10 · 0.01) ÷ 37 = 0.474."""
    rows = pd.DataFrame(
        {
            "domain": ["province"] * 4 + ["_T"], "measure": "hours", "obs_status": list("AAAQA"),
            "respondents": [10, 20, 10, 90, 40], "estimate": [1.0, 0.1, 1, 2, 1],
            "standard_error": [0.3, 0.15, 0.1, 9, 0.1], "ci_low": 0.4, "ci_high": 9.0,
            "degrees_of_freedom": 5, "reason": "x",
        }
    )  # fmt: skip
    found = measures.pooled_intervals(rows, level=0.9)
    pd.testing.assert_frame_equal(found.iloc[3:], rows.iloc[3:])
    error = np.sqrt((9 * 0.9 + 19 * 0.45 + 9 * 0.1) / 37 / np.array([10, 20, 10]))
    own = found.head(3)
    np.testing.assert_allclose(own["standard_error"], error)
    np.testing.assert_allclose(own["ci_high"], own["estimate"] + 1.644854 * error, rtol=1e-6)
    assert own["ci_low"].iloc[1] == 0, "nothing is below 0"
    assert own["ci_low"].iloc[0] == pytest.approx(1 - 1.644854 * error[0])
    assert (own["degrees_of_freedom"] == 37).all() and (own["reason"] == "").all()
    few = rows.drop(index=0)
    pd.testing.assert_frame_equal(measures.pooled_intervals(few), few)
    plain = rows.drop(columns="reason")
    assert "reason" not in measures.pooled_intervals(plain)


# --- other choices ------------------------------------------------------------------------------


ASKED = {"psu": "response", "stratum": ["size"]}


def choices(hours, weights, rules, rates=(5, 20)):
    """Mean costs of group g at 10 an hour under other choices, beside those of h, which are 50."""
    table = firms(size="s", route="own", hours=[*hours, 5, 5, 5, 5], direct_cost=0.0)
    table = table.assign(outsourced_cost=np.nan, design_weight=[*weights, *[10.0] * 4])
    sample = sampling.design(table.assign(compliance_cost=10 * table["hours"]), "design_weight")
    rate = dict(zip(("low", "high"), rates, strict=True)) | {"value": 10}
    found = measures.sensitivity(sample, ASKED, rate, rules)
    return found.set_index(["variant", "procedure_group"])


def gone(found) -> set:
    assert found["estimate"].isna().equals(found["obs_status"] == "Q")
    return set(found.index[found["obs_status"] == "Q"])


def test_the_cost_of_a_group_under_other_choices():
    found = choices([1, 2, 3, 4], [10, 10, 30, 30], disclosure.Rules(2, 0, NOTHING))
    assert gone(found) == set()
    assert found["estimate"].unstack().T.to_dict() == {
        "mean": {"g": 30, "h": 50},
        "mean_rate_high": {"g": 60, "h": 100},
        "mean_rate_low": {"g": 15, "h": 25},
        "mean_unweighted": {"g": 25, "h": 50},
        "mean_winsorised": {"g": 30, "h": 50},
        "median": {"g": 30, "h": 50},
    }
    assert (found["rank"].unstack() == [1, 2]).all(axis=None)
    assert (found["respondents"] == 4).all()
    # 15, 5, 5 and 15 from the mean, of eight firms in one stratum, whatever they weigh
    error = found.loc[("mean_unweighted", "g"), "standard_error"]
    assert error**2 == pytest.approx(8 / 7 * 500 / 4**2)


def test_a_choice_is_hidden_that_would_tell_of_too_few():
    """Of 10, 20, 30 and 1,000 the last is cut to 30, and weighs otherwise than the others."""
    given = [1, 2, 3, 100], [100, 100, 100, 5]
    found = choices(*given, disclosure.Rules(1, 0, NOTHING))
    assert found.loc[("mean_winsorised", "g"), "estimate"] == pytest.approx(6150 / 305)
    assert gone(found) == set()
    found = choices(*given, disclosure.Rules(2, 0, NOTHING))
    assert gone(found) == {("mean_winsorised", "g"), ("mean_unweighted", "g")}
    assert gone(choices(*given, disclosure.Rules(1, 0.1, NOTHING))) == {("mean_winsorised", "g")}
    rows = [("h", "_T", "compliance_cost", "", "few"), ("g", "_T", "compliance_cost", "low", "few"),
            ("g", "_T", "compliance_cost", "", ""), ("g", "_T", "hours", "", "few"),
            ("g", "size", "compliance_cost", "", "few")]  # fmt: skip
    rules = disclosure.Rules(1, 0, pd.DataFrame(rows, columns=RECORD))
    variants = {v for v, _ in found.index} - {"median"}
    assert gone(choices(*given, rules)) == {(v, "h") for v in variants} | {("mean_rate_low", "g")}


# --- scores -------------------------------------------------------------------------------------


def estimates(*rows) -> pd.DataFrame:
    columns = ["procedure_group", "domain", "category", "estimate", "standard_error"]
    table = pd.DataFrame(rows, columns=columns).assign(measure="cost", statistic="mean")
    reach = 2 * table["standard_error"]
    return table.assign(
        ci_low=table["estimate"] - reach, ci_high=table["estimate"] + reach, obs_status="A"
    )


OWN = estimates(
    ("g", "_T", "_T", 50.0, 5.0), ("h", "_T", "_T", 0.0, 1.0),
    ("g", "region", "n", 10.0, 1.0), ("g", "region", "s", 30.0, 1.0), ("g", "region", "c", 20.0, 1),
    ("h", "region", "n", 7.0, 1.0), ("h", "region", "s", 5.0, 1.0),
)  # fmt: skip


def scored(how: dict, baselines=None, shared=None, own=OWN) -> pd.DataFrame:
    asked = {"scores": [{"measure": "cost", "statistic": "mean", **how}]}
    other = [own.assign(measure="hours"), own.assign(statistic="other")]
    # other measures and statistics have no part in it
    held = own if any(own is b for b in (baselines or {}).values()) else pd.concat([own, *other])
    found = measures.scores(held, asked, baselines or {}, shared)
    return found.set_index(["procedure_group", "category"])[["score", "score_low", "score_high"]]


def test_scores_between_two_ends_carry_the_interval_over():
    found = scored({"method": "goalposts", "best": 0, "worst": 100})
    assert found.loc[("g", "_T")].tolist() == [50, 40, 60]
    assert found.loc[("g", "n")].tolist() == [90, 88, 92]


def test_ranks_are_those_within_the_group_and_have_no_interval():
    found = scored({"method": "percentile_rank"})
    assert found["score"].to_dict() == {
        ("g", "n"): 100, ("g", "s"): 0, ("g", "c"): 50, ("h", "n"): 0, ("h", "s"): 100
    }  # fmt: skip
    assert found[["score_low", "score_high"]].isna().all(axis=None)


def test_the_distance_to_an_earlier_edition_has_the_error_of_the_log_ratio():
    """50 ± 5 beside 100 ± 10: relative errors of a tenth each; 100 · 100 ÷ (100 + 50)."""
    how = {"method": "distance_to_baseline", "baseline": "then"}
    base = estimates(("g", "_T", "_T", 100.0, 10.0), ("h", "_T", "_T", 8.0, 1.0),
                     ("g", "region", "n", 3.0, 1.0))  # fmt: skip
    other = [base.assign(measure="hours"), base.assign(statistic="median")]
    baselines = {"then": pd.concat([base, *other], ignore_index=True)}

    def ends(error):
        factor = np.exp(1.96 * error)
        return [1e4 / (100 + y) for y in (50, 50 * factor, 50 / factor)]

    found = scored(how, baselines)
    assert found.loc[("g", "_T")].tolist() == pytest.approx(ends(0.02**0.5))
    assert found.loc[("h", "_T"), "score"] == 100
    assert found.loc[("h", "_T"), ["score_low", "score_high"]].isna().all(), "no log of 0"
    assert len(found) == 2, "of whole groups"
    shared = pd.DataFrame(
        {"procedure_group": "g", "measure": ["hours", "cost"], "covariance": [9.0, 25]}
    )
    found = scored(how, baselines, shared)
    assert found.loc[("g", "_T")].tolist() == pytest.approx(ends(0.1)), "0.02 − 2 · 25 ÷ 5,000"
    found = scored(how, baselines, shared.assign(procedure_group="h"))
    assert found.loc[("g", "_T")].tolist() == pytest.approx(ends(0.02**0.5)), "none in common"
    assert scored(how)["score"].isna().all(), "there is no such edition"
    itself = scored(how, {"then": OWN}, shared)
    assert itself.loc[("g", "_T")].tolist() == [50, 50, 50]
    medians = OWN.assign(statistic="median")
    found = scored(how | {"statistic": "median"}, baselines, shared, medians)
    assert found.loc[("g", "_T")].tolist() == pytest.approx(ends(0.02**0.5)), "of means alone"


# --- change, differences, replicates ------------------------------------------------------------


def test_the_change_of_a_group_is_hidden_where_either_edition_hides_it():
    then = sampling.design(firms(compliance_cost=10.0, firm=range(8)), "w")
    now = sampling.design(
        firms(hours=firms()["hours"] + 100, compliance_cost=10.0, firm=range(8)), "w"
    )
    record = pd.DataFrame([("h", "_T", "direct_cost", "", "few")], columns=RECORD)
    withheld = {"hours": {"g"}, "direct_cost": set(), "compliance_cost": set()}
    rules = disclosure.Rules(4, 0, record)
    found = measures.change(now, then, rules, withheld).set_index(["measure", "procedure_group"])
    assert gone(found) == {("hours", "g"), ("direct_cost", "h")}
    assert found.loc[("hours", "h"), ["earlier", "later", "estimate"]].tolist() == [2, 102, 100]
    hidden = found[found["obs_status"] == "Q"]
    assert hidden[["shared", "earlier", "later"]].isna().all(axis=None)
    assert found.index[found["clear"]].tolist() == [("hours", "h")]
    few = measures.change(now, then, replace(rules, minimum=5), withheld)
    assert (few["obs_status"] == "Q").all() and not few["clear"].any()
    none = measures.change(now, None, rules, withheld)
    assert none.empty and list(none) == list(found.reset_index()[few.columns])


def test_firms_are_known_again_by_their_column_alone():
    def edition(**more):
        return sampling.design(firms(compliance_cost=10.0, **more), "w")

    plain, named, blank = edition(), edition(firm=list("abcdefgh")), edition(firm=None)
    assert measures.overlap(named, None) is None
    assert measures.overlap(named, plain) is None and measures.overlap(plain, named) is None
    assert measures.overlap(named, blank) is None
    assert measures.overlap(named, replace(named, second=object())) is None
    assert measures.overlap(replace(named, replicates=object()), named) is None
    found = measures.overlap(named, named).set_index(["measure", "procedure_group"])
    assert found["shared"].tolist() == [4] * 6


def test_groups_are_compared_where_both_are_shown_with_an_error():
    costs = [1.0, 2, 3, 4, 101, 102, 103, 104]
    sample = sampling.design(firms(compliance_cost=costs), "w")
    sample.table.loc[7, "compliance_cost"] = np.nan
    shown = pd.DataFrame(
        [("g", 2.5), ("h", 102.0)], columns=["procedure_group", "estimate"]
    ).assign(domain="_T", measure="compliance_cost", statistic="mean", obs_status="A",
             standard_error=1.0)  # fmt: skip
    found = measures.differences(sample, shown)
    assert found[["procedure_group", "other", "respondents", "estimate"]].to_numpy().tolist() == [
        ["g", "h", 3, 99.5]
    ]
    assert found["clear"].tolist() == [True] and found["p_adjusted"].iloc[0] <= 0.05
    near = sampling.with_columns(sample, compliance_cost=[1.0, 2, 3, 4, 1, 2, 3, 4])
    assert measures.differences(near, shown)["clear"].tolist() == [False]
    for column, value in (
        ("obs_status", "Q"), ("standard_error", np.nan), ("domain", "size"), ("measure", "hours")
    ):  # fmt: skip
        other = shown.assign(**{column: shown[column].where([True, False], value)})
        assert measures.differences(sample, other).empty, column
    assert list(measures.differences(sample, shown.head(0))) == list(found)


def test_replicates_tell_of_a_group_what_its_estimates_do():
    asked = {"bootstrap": {"measure": "hours", "replicates": 20, "seed": 1}}
    table = firms(N=400)
    sample = sampling.design(table, population="N")
    record = pd.DataFrame([("h", "_T", "hours", "", "few")], columns=RECORD)
    found = measures.resampled(sample, asked, disclosure.Rules(4, 0, record))
    told = found.set_index(["statistic", "procedure_group"])
    assert gone(told) == {("mean", "h")} and told.loc[("mean", "g"), "estimate"] == 5
    few = measures.resampled(sample, asked, disclosure.Rules(5, 0, record))
    assert (few["obs_status"] == "Q").all()
    rules = disclosure.Rules(1, 0, NOTHING)
    other = measures.resampled(replace(sample, quantiles="school"), asked, rules)
    assert set(other["statistic"]) == {"mean"}
    assert set(measures.resampled(sample, asked, rules)["statistic"]) == {"mean", "median"}
    lonely = sampling.design(table.assign(s=list("aaabbbbc")), "w", "s", lonely_psu="certainty")
    for none in (lonely, replace(sample, second=object()), replace(sample, replicates=object())):
        assert list(measures.resampled(none, asked, rules)) == list(found)
        assert measures.resampled(none, asked, rules).empty


# --- what an edition does not tell --------------------------------------------------------------


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
