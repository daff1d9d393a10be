"""Values of different units → one scale, by a closed list of methods.

OECD/JRC handbook, step 6. Where COINr has the method its definition is followed. Functions work
on a Series or on an array whose ``axis`` runs over the units; missing values stay missing and do
not count. All rise with the value in the direction of the indicator, so that an interval of a value
becomes an interval of its score. METHOD.md says what each can and cannot say.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.catalogue.tree import centre, ends
from analysis.schema.tables import OBS_STATUS_TYPE
from analysis.scoring import ordered
from analysis.scoring.grid import Grid

METHODS = (
    "points",
    "steps",
    "goalposts",
    "goalposts_uncut",
    "distance_to_target",
    "min_max",
    "z_score",
    "mazziotta_pareto",
    "rank",
    "percentile_rank",
)
RELATIVE = (
    "min_max",
    "z_score",
    "mazziotta_pareto",
    "rank",
    "percentile_rank",
    "distance_to_target",
)
"""Methods by which a unit's score moves when other units move."""


def goalposts(values, best, worst, scale=(0.0, 100.0), cut=True):
    """From ``scale[0]`` at ``worst`` to ``scale[1]`` at ``best``; ``cut`` at both, or going on.

    Fixed goalposts: the score moves only when the value moves (World Bank, Doing Business,
    "distance to frontier"; UNDP, HDI technical note 1; COINr ``n_goalposts``).

    >>> goalposts(pd.Series([10, 50, 120]), best=100, worst=0).tolist()
    [10.0, 50.0, 100.0]

    Raises
    ------
    ValueError
        if the goalposts are equal.
    """
    if np.any(np.equal(best, worst)):
        raise ValueError("goalposts must differ")
    share = (worst - values) / (worst - best)
    return scale[0] + (scale[1] - scale[0]) * (share.clip(0, 1) if cut else share)


def _directed(values, direction) -> np.ndarray:
    """As an array in which more is better."""
    return np.asarray(values, float) * direction


_DIGITS = 12


def _even(x: np.ndarray, axis: int) -> np.ndarray:
    """``x`` without what arithmetic leaves in the last digits of doubles: values that are the same
    to twelve digits of the largest of them are equal."""
    most = np.fmax.reduce(np.abs(np.where(np.isfinite(x), x, 0.0)), axis, keepdims=True)
    unit = np.where(most > 0, most, 1.0)
    return np.round(x / unit, _DIGITS) * unit


def _all_equal(x: np.ndarray, axis: int) -> np.ndarray:
    held = _even(x, axis)
    low, high = (f.reduce(held, axis, keepdims=True) for f in (np.fmin, np.fmax))
    return low == high


def min_max(values, direction=1, scale=(0.0, 100.0), axis=0):
    """From the worst value of all to the best (COINr ``n_minmax``).

    Where all are equal nothing is better or worse: everybody stands in the middle of the scale.

    >>> min_max([2, 4, 6], direction=-1).tolist()
    [100.0, 50.0, 0.0]
    """
    x = _directed(values, direction)
    low, high = np.fmin.reduce(x, axis, keepdims=True), np.fmax.reduce(x, axis, keepdims=True)
    same = _all_equal(x, axis)
    share = (x - low) / np.where(same, 1.0, high - low)
    share = np.where(same & ~np.isnan(x), 0.5, share)
    return scale[0] + (scale[1] - scale[0]) * share


def distance_to_target(values, target, direction=1, scale=(0.0, 100.0), cap=False, axis=0):
    """From the worst value of all to ``target`` (COINr ``n_dist2targ``); ``cap`` ends it there.

    Where the worst value is at the target or beyond, everybody has reached it.
    """
    x, goal = _directed(values, direction), target * direction
    low = np.fmin.reduce(x, axis, keepdims=True)
    reached = low >= goal
    share = 1 - (goal - x) / np.where(reached, 1.0, goal - low)
    share = np.where(reached & ~np.isnan(x), 1.0, share)
    share = np.minimum(share, 1.0) if cap else share
    return scale[0] + (scale[1] - scale[0]) * share


def z_score(values, direction=1, axis=0, divisor=1):
    """Distance from the mean in standard deviations (n − 1; COINr ``n_zscore``); all equal: 0.

    ``divisor``: 0 for standard deviations with divisor n.
    """
    x = _directed(values, direction)
    known = ~np.isnan(x)
    n = known.sum(axis=axis, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, x, 0).sum(axis=axis, keepdims=True) / n
        d = x - mean
        sd = np.sqrt(np.where(known, d * d, 0).sum(axis=axis, keepdims=True) / (n - divisor))
        same = _all_equal(x, axis)
        return np.where(same, np.where(known, 0.0, np.nan), d / sd)


def mazziotta_pareto(values, direction=1, axis=0):
    """Standardised to mean 100 and standard deviation 10 (divisor n): the scale of the
    Mazziotta–Pareto index (De Muro, Mazziotta & Pareto 2011).

    >>> mazziotta_pareto([1, 3]).tolist()
    [90.0, 110.0]
    """
    return 100 + 10 * z_score(values, direction, axis, divisor=0)


def rank(values, direction=1, axis=0):
    """Place from the worst (1) up; ties share the lowest place (COINr ``n_rank``).

    What arithmetic leaves in the last digits breaks no tie:

    >>> rank([0.1 + 0.2, 0.3, 0.4]).tolist()
    [1.0, 1.0, 3.0]
    """
    x = _even(_directed(values, direction), axis)
    known = ~np.isnan(x)
    place = ordered.places(np.where(known, x, np.inf), "min", axis)
    return np.where(known, place, np.nan)


def percentile_rank(values, direction=1, scale=(0.0, 100.0), axis=0):
    """Share of the others that are worse (COINr ``n_prank``); one alone has none.

    Says where one stands among those compared, not how good it is: everybody may improve and all
    scores stay as they are.

    >>> percentile_rank([3, 1, 2]).tolist()
    [100.0, 0.0, 50.0]
    """
    place = rank(values, direction, axis)
    others = (~np.isnan(place)).sum(axis=axis, keepdims=True) - 1
    share = np.divide(place - 1, others, out=np.full(place.shape, np.nan), where=others > 0)
    return scale[0] + (scale[1] - scale[0]) * share


def points(values, full_mark, scale=(0.0, 100.0)):
    """Share of the full mark reached, at most all of it (QĐ 766: points = max × min(1, ratio)).

    >>> points(np.array([45.0, 90.0]), full_mark=60, scale=(0, 20)).tolist()
    [15.0, 20.0]
    """
    return scale[0] + (scale[1] - scale[0]) * np.minimum(values / full_mark, 1.0)


def steps(values, bands, direction=1, scale=(0.0, 100.0)):
    """Points by bands: the share of the highest band's points that the value earns.

    ``bands``: pairs (bound, points), from the worst to the best; the best band whose bound is
    reached counts; a value short of all of them earns 0.

    >>> steps([40, 75, 95], [(50, 1), (90, 2)]).tolist()
    [0.0, 50.0, 100.0]
    """
    x = np.asarray(values, float)
    earned = np.where(np.isnan(x), np.nan, 0.0)
    for bound, worth in bands:
        earned = np.where(direction * x >= direction * bound, float(worth), earned)
    return scale[0] + (scale[1] - scale[0]) * earned / max(worth for _, worth in bands)


def distance_to_baseline(values: pd.Series, baseline: pd.Series) -> pd.Series:
    """100 × baseline ÷ (baseline + value): 50 as in the baseline edition, 67 at half the cost.

    For costs, where less is better. Compares a group with its own past only; it says nothing of
    whether the group is cheap. Missing where there is no baseline.
    """
    return 100 * baseline / (baseline + values)


# --- a framework's indicators -------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """How each indicator of a framework is normalised: arrays in the indicators' order."""

    methods: tuple[str, ...]
    direction: np.ndarray
    logged: np.ndarray
    best: np.ndarray
    worst: np.ndarray
    target: np.ndarray
    full_mark: np.ndarray
    bands: tuple
    scale: tuple[float, float]
    cap: bool
    centre: tuple[float, float]

    @classmethod
    def of(cls, framework: dict, codes: list[str]) -> "Scale":
        """From the catalogue's entries (dates resolved), for the indicators ``codes``."""
        entries = [framework["indicators"][c] for c in codes]
        rule = framework["normalise"]
        posts = np.array([e.get("goalposts", [np.nan, np.nan]) for e in entries], float)
        full = [e.get("points", {}).get("full_mark_at", np.nan) for e in entries]
        return cls(
            tuple(e.get("normalise", rule["method"]) for e in entries),
            np.array([e["direction"] for e in entries]),
            np.array([e.get("transform") == "log" for e in entries]),
            posts[:, 1],
            posts[:, 0],
            np.array([e.get("target", np.nan) for e in entries], float),
            np.array(full, float),
            tuple(e.get("steps") for e in entries),
            ends(framework),
            rule.get("cap", False),
            centre(framework),
        )

    def apply(self, x: np.ndarray, method: str | None = None) -> np.ndarray:
        """Normalise an array (…, units, indicators); ``method`` instead of the framework's own."""
        x = np.where(self.logged, np.log(np.where(self.logged, x, 1.0)), x)
        found = np.full(x.shape, np.nan)
        methods = np.array(self.methods if method is None else (method,) * len(self.methods))
        for name in dict.fromkeys(methods):
            at = np.flatnonzero(methods == name)
            found[..., at] = self._one(name, x[..., at], at)
        return found

    def _one(self, name: str, x: np.ndarray, at: np.ndarray) -> np.ndarray:
        direction, scale = self.direction[at], self.scale
        if name in ("goalposts", "goalposts_uncut"):
            best, worst = self._posts(at)
            return goalposts(x, best, worst, scale, cut=name == "goalposts")
        if name == "distance_to_target":
            target = np.where(self.logged[at], np.log(self.target[at]), self.target[at])
            return distance_to_target(x, target, direction, scale, self.cap, axis=-2)
        if name == "points":
            return points(x, self.full_mark[at], scale)
        if name == "steps":
            columns = [
                steps(x[..., i], self.bands[k], direction[i], scale) for i, k in enumerate(at)
            ]
            return np.stack(columns, axis=-1)
        if name == "z_score":
            mean, sd = self.centre
            return mean + sd * z_score(x, direction, axis=-2)
        if name == "mazziotta_pareto":
            return mazziotta_pareto(x, direction, axis=-2)
        if name == "rank":
            return rank(x, direction, axis=-2)
        function = {"min_max": min_max, "percentile_rank": percentile_rank}[name]
        return function(x, direction, scale, axis=-2)

    def _posts(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logged = self.logged[at]
        with np.errstate(divide="ignore", invalid="ignore"):
            return tuple(
                np.where(logged, np.log(end[at]), end[at]) for end in (self.best, self.worst)
            )


def normalise(
    values: pd.DataFrame, framework: dict, codes: list[str], value: str = "treated_value"
) -> pd.DataFrame:
    """Bring the indicators ``codes`` of a framework onto its scale.

    Parameters
    ----------
    values
        reporting_unit, indicator, ``value``, obs_status; ``screened`` if screened; ``listed`` where
        the source lists the unit with the indicator.

    Returns
    -------
    ``values`` with ``normalised`` and ``granted`` (what a rule gave in place of a value). A zero
    denominator (obs_status M) gives what the indicator's
    points say (``zero``, ``full``, ``none``); missing inputs give none, unless the catalogue
    assumes the full mark (``without_inputs: full``), which is then marked E.
    """
    grid = Grid.of(values, columns=codes)
    scale = Scale.of(framework, codes)
    x = grid.matrix(values[value].to_numpy(float))
    out = grid.rows(scale.apply(np.where(np.isfinite(x), x, np.nan)))
    given, status = granted(values, framework)
    out = np.where(np.isnan(given), out, given)
    if "screened" in values:
        out = np.where((values["screened"] == "").to_numpy(), out, np.nan)
    return values.assign(normalised=out, granted=given, obs_status=status)


def granted(values: pd.DataFrame, framework: dict) -> tuple[np.ndarray, pd.Series]:
    """What rules grant in place of a value: normalised score (missing: nothing) and obs_status.

    Values that have been normalised carry it (``granted``).
    """
    if "granted" in values:
        return values["granted"].to_numpy(float), values["obs_status"]
    low, high = ends(framework)
    rules = {c: i.get("points", {}) for c, i in framework["indicators"].items()}
    status, codes = values["obs_status"].astype(OBS_STATUS_TYPE), values["indicator"]
    given = np.full(len(values), np.nan)
    empty = (status == "M").to_numpy()
    worth = {"zero": low, "full": high}
    for code in codes[empty].unique():
        at = empty & (codes == code).to_numpy()
        given[at] = worth.get(rules.get(code, {}).get("zero_denominator"), np.nan)
    assumed = [c for c, r in rules.items() if r.get("without_inputs") == "full"]
    if assumed and "listed" in values:
        # assumed only for units that the source lists with this indicator
        taken = (status == "O") & codes.isin(assumed) & values["listed"].astype(bool)
        given[taken.to_numpy()] = high
        status = status.mask(taken, "E")
    return given, status
