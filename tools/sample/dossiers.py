"""Synthetic figures of form II.06a: dossiers received, resolved and pending, quarter after quarter.

Nothing here is a figure of a real office. The size of a unit is log-normal around a level for its
type; its dossiers are spread over levels and fields by Dirichlet shares; shares filed online,
resolved late or still pending are beta-distributed around a unit effect; counts are binomial, so
every identity of the form holds. What is pending at the end of a quarter is carried over into the
next. The first half of 2022 is drawn first, the quarters before it backwards from there (what was
carried over is what had been left pending), a quarter long after it in one step forward.
"""

import numpy as np
import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import dated
from tools.sample.figures import expit, logit, rng

FORM = "II.06a"
SEED = 20220615
_DRAWN = ("2022-Q1", "2022-Q2")
# type → median dossiers a quarter, spread (standard deviation of the logarithm)
_SIZE = {
    "ministry": (18_000, 1.1),
    "ministerial_level": (2_500, 0.8),
    "government_agency": (700, 0.8),
    "province": (42_000, 0.5),
    "centrally_run_city": (220_000, 0.5),
}
_LEVEL_SHARE = {"ministry": [1.0], "province": [0.25, 0.30, 0.45]}
_FIELDS = {"ministry": (3, 6), "province": (9, 14), "district": (5, 8), "commune": (4, 6)}
_CARRIED = 0.07
_GROWTH, _WOBBLE = 0.02, 0.08  # dossiers filed: change of the logarithm a quarter, and its spread
_ONLINE, _LATE = 0.12, -0.03  # change a quarter: log-odds filed online, logarithm of the share late


def drawn(catalogue: cat.Catalogue, units: pd.DataFrame) -> pd.DataFrame:
    """The figures of 2022-Q1 and 2022-Q2.

    Returns reporting_unit, time_period, level, field (code), and one column per item of the form.
    """
    form = catalogue.forms[FORM]
    tables = []
    for n, unit in enumerate(units.itertuples()):
        draws = np.random.default_rng([SEED, n])
        tables.append(_unit(draws, unit, dated.levels(form, unit.type), catalogue))
    return pd.concat(tables, ignore_index=True)


def _unit(draws, unit, levels: dict, catalogue: cat.Catalogue) -> pd.DataFrame:
    median, spread = _SIZE[unit.type]
    size = median * np.exp(spread * draws.standard_normal())
    online, late = draws.beta(4, 6), draws.beta(1.2, 40)
    shares = _LEVEL_SHARE["ministry" if len(levels) == 1 else "province"]
    tables = []
    for level, share in zip(levels, shares, strict=True):
        known = catalogue.fields.loc[
            catalogue.fields["levels"].str.split("|").map(lambda at, level=level: level in at),
            "code",
        ].to_numpy()
        low, high = _FIELDS[level]
        chosen = np.sort(draws.choice(len(known), draws.integers(low, high + 1), replace=False))
        filed = np.round(size * share * draws.dirichlet(np.full(len(chosen), 0.9))).astype(int)
        place = {"reporting_unit": unit.code, "level": level, "field": known[chosen]}
        p_online = np.clip(online * draws.uniform(0.5, 1.6, len(chosen)), 0.02, 0.97)
        carried = draws.binomial(filed, _CARRIED)
        for period in _DRAWN:
            figures = _quarter(draws, filed, carried, p_online, late)
            tables.append(pd.DataFrame({**place, "time_period": period, **figures}))
            carried = figures["dossiers_pending"]
            filed = np.round(filed * draws.lognormal(0.05, 0.12, len(chosen))).astype(int)
    return pd.concat(tables, ignore_index=True)


def _quarter(draws, filed, carried, p_online, late, pending=None) -> dict[str, np.ndarray]:
    online = draws.binomial(filed, p_online)
    received = filed + carried
    if pending is None:
        pending = draws.binomial(received, draws.beta(6, 70))
    resolved = received - pending
    overdue = draws.binomial(resolved, late)
    early = draws.binomial(resolved - overdue, 0.55)
    pending_overdue = draws.binomial(pending, min(1.0, 2 * late))
    return {
        "dossiers_received": received,
        "dossiers_received_online": online,
        "dossiers_received_direct": filed - online,
        "dossiers_carried_over": carried,
        "dossiers_resolved": resolved,
        "dossiers_resolved_early": early,
        "dossiers_resolved_on_time": resolved - overdue - early,
        "dossiers_resolved_late": overdue,
        "dossiers_pending": pending,
        "dossiers_pending_in_time": pending - pending_overdue,
        "dossiers_pending_overdue": pending_overdue,
    }


def at(table: pd.DataFrame, code: str, quarters: int) -> pd.DataFrame:
    """The figures of the period ``code``, so many quarters from the last one that was drawn.

    ``table``: of :func:`drawn`. Back from its first quarter, what a quarter carried over is what
    the one before it left pending. Forward there is a gap over which nothing is carried.
    """
    if code in _DRAWN:
        return table[table["time_period"] == code].reset_index(drop=True)
    if quarters > 0:
        found = _moved(table[table["time_period"] == _DRAWN[-1]], quarters, quarters)
    else:
        found = table[table["time_period"] == _DRAWN[0]]
        for step in range(-len(_DRAWN), quarters - 1, -1):
            found = _moved(found, step, -1)
    return found.assign(time_period=code)


def _moved(table: pd.DataFrame, to: int, quarters: int) -> pd.DataFrame:
    """A quarter's figures moved by so many quarters, to the quarter ``to`` from the origin."""
    tables = [
        _moved_unit(rng(SEED, unit, FORM, to), rows, quarters)
        for unit, rows in table.groupby("reporting_unit", sort=False)
    ]
    return pd.concat(tables, ignore_index=True)


def _moved_unit(draws, rows: pd.DataFrame, quarters: int) -> pd.DataFrame:
    direct, online = (rows[f"dossiers_received_{k}"].to_numpy() for k in ("direct", "online"))
    pending = rows["dossiers_carried_over"].to_numpy() if quarters == -1 else None
    filed = direct + online
    change = draws.normal(_GROWTH * quarters, _WOBBLE, len(rows))
    later = np.round(filed * np.exp(change)).astype(int)
    if pending is not None:  # nothing can be left pending that never came
        later = np.maximum(later, pending)
    odds = logit((online + 0.5) / (filed + 1)) + _ONLINE * quarters
    p_online = np.clip(expit(odds + draws.normal(0, 0.1, len(rows))), 0.005, 0.985)
    late = (rows["dossiers_resolved_late"].sum() + 1) / (rows["dossiers_resolved"].sum() + 40)
    late = min(0.5, late * np.exp(_LATE * quarters + draws.normal(0, 0.15)))
    carried = draws.binomial(later, _CARRIED)
    figures = _quarter(draws, later, carried, p_online, late, pending)
    place = rows[["reporting_unit", "level", "field"]].reset_index(drop=True)
    return pd.concat([place, pd.DataFrame(figures)], axis=1)
