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
