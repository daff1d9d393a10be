"""What a figure was to be expected to be: from the unit's own earlier periods, or from its peers.

Figures are compared as asinh(figure ÷ ``at_least``): a logarithm for what is larger than that,
straight around 0, and defined for 0 and below. What is usual is a middle and a scale that no single
slip of the past moves: the median, and the median distance from it (the modified z-score of B.
Iglewicz & D. Hoaglin, *How to Detect and Handle Outliers*, ASQC 1993).
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.catalogue import periods
from analysis.language.words import number, rounded
from analysis.schema.tables import OBSERVATIONS

_KEY = ["reporting_unit", "form", "level", "field"]
_TO_DEVIATION = 1.4826  # of a normal distribution, from the median distance
_FEW = np.array([np.inf, np.inf, 1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107])
_OF_A_MEDIAN = np.pi / 2  # variance of the median of n, × n, of a normal distribution
_SHOWN = 8  # earlier figures in a message


@dataclass(frozen=True)
class History:
    """What figures are held against.

    ``observations``: schema.OBSERVATIONS of earlier periods, of units that are still the same;
    ``last``: the period just before; ``now``: the one that is checked; ``types``: unit → its type;
    ``setting``: the entry of ``expected_range`` (parameters.yml) that holds.
    """

    now: str = ""
    last: str | None = None
    observations: pd.DataFrame = field(default_factory=lambda: OBSERVATIONS.of([]))
    types: dict[str, str] = field(default_factory=dict)
    setting: dict = field(default_factory=dict)
    known: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def before(self) -> pd.DataFrame:
        """Observations of the period just before."""
        return self.observations[self.observations["time_period"] == self.last]

    def of(self, item: str) -> pd.DataFrame:
        """Earlier figures of an item, by unit, form, level and field (index): a column for each
        period, first to last. Two steps ask for it, and it is made once."""
        if item not in self.known:
            held = self.observations
            held = held[(held["item"] == item) & held["obs_value"].notna()]
            held = held.drop_duplicates([*_KEY, "time_period"]).astype({c: object for c in _KEY})
            wide = held.pivot(index=_KEY, columns="time_period", values="obs_value").astype(float)
            order = sorted(wide.columns, key=lambda c: (periods.parse(c).year, _season(c)))
            self.known[item] = wide[order]
        return self.known[item]


def held_against(values: pd.DataFrame, rule: dict, history: History) -> pd.DataFrame:
    """The figures of the rule's item of which something can be expected, and what.

    Parameters
    ----------
    values
        Value cells of one form; ``obs_value`` empty where no figure was accepted.
    rule
        ``item``, and ``at_least``: where both the figure and what was expected are smaller, nothing
        is doubted.

    Returns
    -------
    Rows of ``values`` with ``low`` and ``high``, in the unit of the item, both within what is
    expected; ``basis``, which tells from what: ``season`` (so many earlier periods of the same
    season), ``own`` (so many earlier periods), ``peers`` (the unit's last figure, and how those of
    units of its type have changed since) or ``alone`` (a few earlier periods and nothing else);
    ``beside``: basis, number and earlier figures in words; and ``doubted``.
    """
    found, past, expected = _judged(values, rule, history)
    return found.assign(beside=_told(past, expected, history))


def _judged(
    values: pd.DataFrame, rule: dict, history: History
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """As :func:`held_against`; with the earlier figures and what is expected, line by line."""
    rows = with_past(values, rule, history).reset_index(drop=True)
    past = history.of(rule["item"]).reindex(_lines(rows)).reset_index(drop=True)
    if rows.empty:
        return rows.assign(low=0.0, high=0.0, basis="", doubted=False), past, past
    unit = max(rule["at_least"], 1)
    now, then = np.arcsinh(rows["obs_value"].to_numpy(float) / unit), np.arcsinh(past / unit)
    expected = _expected(rows, now, then, unit, history)
    middle, half = expected["middle"], expected["half"]
    low, high = (np.sinh(middle + side * half) * unit for side in (-1, 1))
    counts = np.maximum(rows["obs_value"].abs(), (np.sinh(middle) * unit).abs())
    outside = (rows["obs_value"] < low) | (rows["obs_value"] > high)
    doubted = outside & (counts >= rule["at_least"])
    found = rows.assign(low=low, high=high, basis=expected["basis"], doubted=doubted)
    return found, past, expected


def with_past(values: pd.DataFrame, rule: dict, history: History) -> pd.DataFrame:
    """The figures of the rule's item of which an earlier one is known."""
    rows = values[(values["item"] == rule["item"]) & values["obs_value"].notna()]
    rows = rows[rows["reporting_unit"].notna()]
    return rows[_lines(rows).isin(history.of(rule["item"]).index)]


def _lines(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[_KEY].astype(object))


def findings(values: pd.DataFrame, rule: dict, history: History) -> pd.DataFrame:
    """Findings on figures that are far from what was to be expected, with the range and the past.

    ``values`` and ``rule`` as in :func:`held_against`; rows of ``values`` with rule, found,
    expected and beside.
    """
    found, past, expected = _judged(values, rule, history)
    doubted = found["doubted"]
    found, past, expected = found[doubted], past[doubted], expected[doubted]
    counts = (found["obs_value"] >= 0) & (found["obs_value"] % 1 == 0)
    spans = zip(found["low"], found["high"], counts, strict=True)
    return found.assign(
        rule=rule["rule"],
        found=found["obs_value"].map(_figure),
        expected=[_span(low, high, count) for low, high, count in spans],
        beside=_told(past, expected, history),
    )


def _season(code: str) -> int:
    return periods.parse(code).index


def _expected(
    rows: pd.DataFrame, now: np.ndarray, then: pd.DataFrame, unit: float, history: History
) -> pd.DataFrame:
    """basis, middle, half (the width to each side) and n, by line, on the scale of comparison."""
    setting = history.setting
    few, least = setting["periods"], np.log(setting["least"])
    types = rows["reporting_unit"].map(history.types)
    alike = [rows["level"].astype(object), types]
    spans = {"alone": _alone(then, setting), "peers": _peers(rows, now, then, unit, history)}
    spans["own"] = _own(then, few, alike)
    same = [c for c in then.columns if _season(c) == _season(history.now)]
    if len(same) < len(then.columns):
        spans["season"] = _own(then[same], few, alike)
    found = pd.DataFrame({"basis": "", "middle": np.nan, "half": np.nan, "n": 0}, then.index)
    for basis, span in spans.items():  # the later ones are better where they know enough
        span = span.assign(basis=basis)
        if basis != "alone":
            noise = _counting(span["middle"], unit)
            wide = np.maximum(span["scale"], noise) * np.sqrt(1 + _OF_A_MEDIAN / span["n"])
            span["half"] = (setting["z"] * wide).clip(lower=least)
        found.loc[span.index] = span[found.columns]
    return found


def _own(then: pd.DataFrame, few: int, alike: list[pd.Series]) -> pd.DataFrame:
    """Of lines with at least ``few`` earlier figures: middle, scale, n.

    Few figures lie close together by chance: the scale is no less than that of the lines ``alike``.
    """
    n = then.notna().sum(axis=1)
    then, n = then[n >= few], n[n >= few]
    middle = then.median(axis=1)
    scale = _scale(then.sub(middle, axis=0).abs().median(axis=1), n)
    usual = scale.groupby([key[then.index] for key in alike], dropna=False).transform("median")
    return pd.DataFrame({"middle": middle, "scale": np.maximum(scale, usual), "n": n})


def _peers(
    rows: pd.DataFrame, now: np.ndarray, then: pd.DataFrame, unit: float, history: History
) -> pd.DataFrame:
    """Of lines with a figure of the period before and enough peers: middle, scale, n.

    A peer is another unit of the type, in the same row of the form, whose figure counts.
    """
    found = pd.DataFrame({"middle": 0.0, "scale": 0.0, "n": 0}, rows.index[:0])
    if history.last not in then:
        return found
    last = then[history.last]
    change = pd.Series(now, then.index) - last
    types = rows["reporting_unit"].map(history.types)
    counts = np.maximum(np.abs(now), last.abs()) >= np.arcsinh(1)  # at least ``unit``
    held = pd.DataFrame({"change": change, "counts": counts, "type": types}).dropna()
    row = [rows.loc[held.index, c].astype(object) for c in ("form", "level", "field")]
    parts = []
    for _, group in held.groupby([*row, "type"], sort=False):
        moved = np.where(group["counts"], group["change"], np.nan)
        others = np.where(np.eye(len(group), dtype=bool), np.nan, moved)
        n = np.isfinite(others).sum(axis=1)
        enough = n >= history.setting["peers"]
        others, n, index = others[enough], n[enough], group.index[enough]
        if len(index):
            middle = np.nanmedian(others, axis=1)
            scale = _scale(np.nanmedian(np.abs(others - middle[:, None]), axis=1), n)
            told = {"middle": last[index] + middle, "scale": scale, "n": n}
            parts.append(pd.DataFrame(told, index))
    return pd.concat([found, *parts])


def _alone(then: pd.DataFrame, setting: dict) -> pd.DataFrame:
    """Within ``alone`` times of what was ever reported: middle, half, n."""
    low, high = then.min(axis=1), then.max(axis=1)
    half = (high - low) / 2 + np.log(setting["alone"])
    return pd.DataFrame({"middle": (low + high) / 2, "half": half, "n": then.notna().sum(axis=1)})


def _scale(distance, n):
    """The standard deviation that a median distance of ``n`` figures from their median tells.

    What few figures understate is made up for by the factors of C. Croux & P. Rousseeuw,
    *Time-efficient algorithms for two highly robust estimators of scale*, COMPSTAT 1992.
    """
    n = np.asarray(n, int)
    few = _FEW[np.minimum(n, len(_FEW) - 1)]
    return _TO_DEVIATION * distance * np.where(n < len(_FEW), few, n / (n - 0.8))


def _counting(middle: pd.Series, unit: float) -> pd.Series:
    """How far apart chance alone sets counts (Poisson), on the scale of comparison."""
    counts = (np.sinh(middle) * unit).abs()
    return np.sqrt(counts) / np.hypot(counts, unit)


def _told(past: pd.DataFrame, expected: pd.DataFrame, history: History) -> list[str]:
    """Basis, number and earlier figures: ``own: n = 2; 2021-Q1: 120; 2021-Q2: 131``."""
    said = []
    for figures, row in zip(past.to_numpy(), expected.itertuples(), strict=True):
        held = [(c, f) for c, f in zip(past.columns, figures, strict=True) if np.isfinite(f)]
        if row.basis == "season":
            held = [(c, f) for c, f in held if _season(c) == _season(history.now)]
        if row.basis == "peers":
            held = [(c, f) for c, f in held if c == history.last]
        shown = [f"{c}: {_figure(f)}" for c, f in held[-_SHOWN:]]
        said.append("; ".join([f"{row.basis}: n = {row.n}", *shown]))
    return said


def _figure(value: float) -> str:
    return number(value) if float(value).is_integer() else rounded(value)


def _span(low: float, high: float, count: bool) -> str:
    if count:
        return f"{number(max(0, np.ceil(low)))}–{number(np.floor(high))}"
    return f"{rounded(low)}–{rounded(high)}"
