"""Funnel limits: known ones, mirrored where 'in time' becomes 'late', no cases."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.schema import tables
from analysis.scoring import chance, funnels

COUNTS = pd.read_csv(Path(__file__).parents[1] / "examples" / "counts.csv")


@pytest.mark.parametrize("name", COUNTS["set"].unique())
def test_z_and_limits_are_the_known_ones(name):
    known = COUNTS[COUNTS["set"] == name]
    found = funnels.funnel(known["numerator"].to_numpy(), known["denominator"].to_numpy())
    for column in ("z", "z_overdispersed"):
        np.testing.assert_allclose(found[column], known[column], atol=2e-9)
    for level in funnels.LEVELS:
        for side in ("lower", "upper"):
            own, plain = f"od_{side}_{level}", f"{side}_{level}"
            np.testing.assert_allclose(found[own], known[own], atol=2e-9)
            np.testing.assert_allclose(found[plain], known[f"exact_{plain}"], atol=2e-9)


def test_outside_is_what_lies_beyond_the_limits_of_both_kinds():
    known = COUNTS[COUNTS["set"] == "moderate-overdispersion"]
    x, n = known["numerator"].to_numpy(), known["denominator"].to_numpy()
    for found, ratio in ((funnels.funnel(x, n), x / n), (funnels.funnel(n - x, n), 1 - x / n)):
        low = (ratio < found["lower_95"]) & (ratio < found["od_lower_95"])
        high = (ratio > found["upper_95"]) & (ratio > found["od_upper_95"])
        assert (ratio < found["lower_95"]).sum() > low.sum() and low.any()
        np.testing.assert_array_equal(found["outside"].str.startswith("low"), low)
        np.testing.assert_array_equal(found["outside"].str.startswith("high"), high)


def test_late_is_the_mirror_of_in_time():
    known = COUNTS[COUNTS["set"] == "moderate-overdispersion"]
    x, n = known["numerator"].to_numpy(), known["denominator"].to_numpy()
    there, back = funnels.funnel(x, n), funnels.funnel(n - x, n)
    np.testing.assert_allclose(there["z"], -back["z"], atol=1e-9)
    for level in funnels.LEVELS:
        np.testing.assert_allclose(
            there[f"od_lower_{level}"], 1 - back[f"od_upper_{level}"], atol=1e-9
        )


def values(x, n, indicator="i"):
    table = pd.DataFrame({"numerator": np.asarray(x, float), "denominator": np.asarray(n, float)})
    units = [f"u{i}" for i in range(len(table))]
    ratio = 100 * table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    return table.assign(framework="f", reporting_unit=units, indicator=indicator, obs_value=ratio)


def test_few_cases_are_within_and_many_outside():
    """0 of 1 and 60 of 100 beside peers at 95 %: the one says nothing."""
    table = values([95] * 8 + [0, 60], [100] * 8 + [1, 100])
    found = funnels.table(table, {}).set_index("reporting_unit")
    assert found.loc["u8", "outside"] == "" and found.loc["u9", "outside"] == "low_998"
    assert found.loc["u0", "target"] == pytest.approx(100 * 820 / 901)
    assert (found["peer_type"] == "all").all()


def test_no_cases_and_few_peers_have_a_reason_and_no_limits():
    table = values([5, 6, 7, 0], [10, 10, 10, 0])
    found = funnels.table(table, dict.fromkeys(["u0", "u1", "u2", "u3"], "commune"))
    tables.FUNNELS.check(found)
    last = found.set_index("reporting_unit").loc["u3"]
    assert last["reason"] == "no_cases" and last["outside"] == ""
    assert last[["upper_95", "chance_low", "obs_value"]].isna().all()
    few = funnels.table(table, {"u0": "a", "u1": "a"})
    assert few["reason"].tolist() == ["few_peers"] * 3 + ["no_cases"]
    assert few["target"].isna().all() and few["chance_low"].notna().sum() == 3
    assert funnels.spreads(table, {"u0": "a", "u1": "a"}).empty


def test_the_interval_beside_a_ratio_is_that_of_its_cases():
    table = values([3, 3000, 5], [4, 4000, 10])
    found = funnels.table(table, {})
    low, high = chance.interval([3, 3000, 5], [4, 4000, 10])
    np.testing.assert_allclose(found[["chance_low", "chance_high"]].T, [100 * low, 100 * high])


@pytest.mark.parametrize("x", [[0, 0, 0], [4, 9, 2]])
def test_none_or_all_of_all_are_limits_without_gaps(x):
    table = values(x, [4, 9, 2])
    found, spread = funnels.table(table, {}), funnels.spreads(table, {})
    tables.FUNNELS.check(found)
    tables.DISPERSION.check(spread)
    assert found.drop(columns="reason").notna().all(axis=None) and (found["outside"] == "").all()
    assert spread["rho"].tolist() == [0] and not spread["within_known"].any()


def test_a_group_of_few_peers_leaves_the_others_their_limits():
    table = values([5, 6, 7, 8, 9], [10] * 5)
    kinds = {"u0": "a", "u1": "a", "u2": "b", "u3": "b", "u4": "b"}
    found = funnels.table(table, kinds)
    assert found["reason"].tolist() == ["few_peers"] * 2 + [""] * 3
    assert found["target"].tolist()[2:] == pytest.approx([80] * 3)
    spread = funnels.spreads(table, kinds).iloc[0]
    assert (spread["peer_type"], spread["units"]) == ("b", 3), "three are enough"
    assert spread["target"] == pytest.approx(80)


def test_limits_by_their_formulas():
    """By the angle at 1/2 of 100, 95 %: sin²(π/4 ± 1.96 ÷ 20); exact ones by scipy's binomial."""
    low, high = funnels.limits(0.5, np.array([100.0]), 0.95)
    reach = 1.959963984540054 / 20
    assert (low[0], high[0]) == pytest.approx(
        (np.sin(np.pi / 4 - reach) ** 2, np.sin(np.pi / 4 + reach) ** 2)
    )
    wide = funnels.limits(0.5, np.array([100.0]), 0.95, tau2=0.0075)  # twice as wide
    assert wide[0][0] == pytest.approx(np.sin(np.pi / 4 - 2 * reach) ** 2)
    # near an end they stay within 0 and 1
    assert funnels.limits(0.99, np.array([4.0]), 0.998)[1][0] == 1
    assert funnels.limits(0.01, np.array([4.0]), 0.998)[0][0] == 0


def test_what_lies_beyond_both_kinds_of_limits_is_outside():
    x = np.array([90.0] * 8 + [60, 99.9])
    found = funnels.funnel(np.round(x * 10), np.full(10, 1000.0))
    assert found["outside"].tolist()[:8] == [""] * 8
    assert found["outside"].iloc[8] == "low_998"
    assert (found["lower_998"] < found["lower_95"]).all()
    assert (found["upper_95"] < found["upper_998"]).all()
