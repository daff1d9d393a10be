"""Funnel plots: is a ratio unlike its peers', given its number of cases?

Spiegelhalter (2005), "Funnel plots for comparing institutional performance", Statistics in Medicine
24. The target is the ratio of all peers together. Limits are narrow where cases are many; where the
peers differ by more than chance (:func:`analysis.scoring.dispersion.spread`) they are widened by
what is usual among them. What lies outside is unlike its peers, good or bad; the order of those
inside says nothing.
"""

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.schema.tables import DISPERSION, FUNNELS
from analysis.scoring import chance, dispersion

LEVELS = {"95": 0.95, "998": 0.998}


def limits(
    target: float, n: np.ndarray, level: float, tau2: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Limits by the angle: sin²(asin √target ± q·√(1 ÷ 4n + tau2)), within 0 and 1."""
    half = scipy.special.ndtri((1 + level) / 2) * np.sqrt(1 / (4 * n) + tau2)
    middle = np.arcsin(np.sqrt(target))
    return tuple(np.sin(np.clip(middle + s * half, 0, np.pi / 2)) ** 2 for s in (-1, 1))


def exact(target: float, n: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Binomial limits, interpolated between counts: (r − α) ÷ n, r the smallest count with
    P(R ≤ r) ≥ p and α = (P(R ≤ r) − p) ÷ P(R = r) (Spiegelhalter 2005, A.1.1)."""
    found = []
    for p in ((1 - level) / 2, (1 + level) / 2):
        r = scipy.stats.binom.ppf(p, n, target)
        mass = scipy.stats.binom.pmf(r, n, target)
        over = scipy.stats.binom.cdf(r, n, target) - p
        found.append(np.clip((r - over / mass) / n, 0, 1))
    return found[0], found[1]


def funnel(x: np.ndarray, n: np.ndarray) -> pd.DataFrame:
    """z and limits of units with ``x`` of ``n`` cases each (n > 0), in the order given.

    Returns target, z, z_overdispersed, and for each of 95 and 998: lower_, upper_ (exact),
    od_lower_, od_upper_ (by the angle, widened by tau2), in shares; outside: low_998, low_95,
    high_95, high_998 or empty, where the ratio is beyond the limits of both kinds.
    """
    held = dispersion.spread(x, n)
    s2 = 1 / (4 * n)
    made = {
        "target": np.full(len(n), held.target),
        "z": held.z,
        "z_overdispersed": held.z * np.sqrt(s2 / (s2 + held.tau2)),
    }
    ratio, outside = x / n, np.full(len(n), "", object)
    for name, level in LEVELS.items():
        ends = exact(held.target, n, level)
        wide = limits(held.target, n, level, held.tau2)
        for side, end in zip(("lower", "upper"), ends, strict=True):
            made[f"{side}_{name}"] = end
        for side, end in zip(("lower", "upper"), wide, strict=True):
            made[f"od_{side}_{name}"] = end
        outside[ratio < np.minimum(ends[0], wide[0])] = f"low_{name}"
        outside[ratio > np.maximum(ends[1], wide[1])] = f"high_{name}"
    return pd.DataFrame(made).assign(outside=outside)


_IN_PERCENT = [
    "target",
    *(f"{o}{s}_{n}" for n in LEVELS for o in ("", "od_") for s in ("lower", "upper")),
]


def table(values: pd.DataFrame, groups: dict[str, str]) -> pd.DataFrame:
    """The funnels of all indicators that are ratios of counts, each among the units of one group.

    Parameters
    ----------
    values
        schema.INDICATOR_VALUES of one framework.
    groups
        Unit → the group that it is compared with.

    Returns
    -------
    schema.FUNNELS, in percent as obs_value, with the interval of chance (90 %, exact, with the
    overdispersion within the peers' counts). ``reason``: few_peers, where fewer than three units of
    the group have cases and there is nothing to compare with, no limits; no_cases, where the unit
    has none, no interval either.
    """
    group = np.array([groups.get(unit, "all") for unit in values["reporting_unit"]])
    held = chance.counted(values)
    columns = ["framework", "reporting_unit", "indicator", "obs_value", "numerator", "denominator"]
    named = values[columns].assign(peer_type=group, outside="", reason="")
    cases = chance.Cases.of(values, held, group)
    low, high = chance.interval(cases.x, cases.n, phi=cases.phi)
    counted = named[held].assign(chance_low=100 * low, chance_high=100 * high)
    found = [named[chance.without_cases(values)].assign(reason="no_cases")]
    for _, part in counted.groupby(["indicator", "peer_type"], sort=False, observed=True):
        if len(part) < dispersion.FEWEST:
            found.append(part.assign(reason="few_peers"))
            continue
        made = funnel(part["numerator"].to_numpy(float), part["denominator"].to_numpy(float))
        made[_IN_PERCENT] *= 100
        found.append(part.assign(**{c: made[c].to_numpy() for c in made}))
    rows = [part for part in found if len(part)]
    return FUNNELS.of(pd.concat(rows).sort_index(ignore_index=True) if rows else [])


def spreads(values: pd.DataFrame, groups: dict[str, str]) -> pd.DataFrame:
    """How much the units differ in each of :func:`table`'s funnels: schema.DISPERSION."""
    group = pd.Series([groups.get(u, "all") for u in values["reporting_unit"]], values.index)
    held = values[chance.counted(values)].assign(peer_type=group)
    found = []
    for (indicator, kind), part in held.groupby(
        ["indicator", "peer_type"], sort=False, observed=True
    ):
        x, n = part["numerator"].to_numpy(float), part["denominator"].to_numpy(float)
        if len(part) < dispersion.FEWEST:
            continue
        spread, beta = dispersion.spread(x, n), dispersion.beta_binomial(x, n)
        within = dispersion.within(x, n)
        found.append(
            {"framework": part["framework"].iloc[0], "indicator": indicator, "peer_type": kind}
            | {"units": len(part), "target": 100 * spread.target, "phi": spread.phi}
            | {"tau2": spread.tau2, "rho": beta.rho, "phi_within": within.phi}
            | {"within_known": within.known}
        )
    return DISPERSION.of(found)
