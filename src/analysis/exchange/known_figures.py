"""What is known of a period beside the figures in doubt: what the other units have, and what the
unit itself has had.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks, plans
from analysis.indicators import attainable, indicators
from analysis.indicators.attainable import Space, Sum

KEY = ["framework", "reporting_unit", "indicator"]
_ENOUGH = 5  # peers, below which all units are taken
_PAST = 4  # own values, below which nothing is taken from them
_MIDDLE = (0.1, 0.9)  # of the peers: what is expected of a unit of which nothing is known
_THEN = "\n"  # between a unit and a period; in no code
_NOBODY = pd.DataFrame(columns=["reporting_unit", "form", "level", "asked", "alone"])
_NOBODY = _NOBODY.astype({"asked": bool, "alone": bool})


@dataclass(frozen=True)
class Known:
    """``tables``: those of :class:`analysis.pipeline.Tables` by name; ``before``:
    schema.OBSERVATIONS of earlier periods."""

    plan: plans.PeriodPlan
    catalogue: cat.Catalogue
    tables: dict[str, pd.DataFrame]
    before: pd.DataFrame
    fractions: dict = field(default_factory=dict)

    @cached_property
    def frameworks(self) -> dict[str, dict]:
        known, plan = self.catalogue.frameworks, self.plan
        return {code: frameworks.on_day(known[code], plan.end) for code in plan.frameworks}

    @cached_property
    def severities(self) -> dict[str, str]:
        return {code: rule["severity"] for code, rule in self.catalogue.rules.items()}

    @cached_property
    def types(self) -> dict[str, str]:
        due = plans.due_units(self.catalogue, self.plan)
        return dict(zip(due["code"], due["type"], strict=True))

    @cached_property
    def members(self) -> pd.DataFrame:
        """Indicator values of the units that are added up for the national figure."""
        values = self.tables["indicator_values"].astype(dict.fromkeys(KEY, object))
        return values[values["reporting_unit"] != str(self.plan.due.get("parent"))]

    @cached_property
    def values(self) -> dict[tuple[str, str, str], object]:
        return {(r.framework, r.reporting_unit, r.indicator): r for r in self.members.itertuples()}

    @cached_property
    def national(self) -> dict[tuple[str, str], object]:
        rows = self.tables["national"].itertuples()
        return {(r.framework, r.indicator): r for r in rows}

    @cached_property
    def totals(self) -> dict[tuple[str, str, str | None], float]:
        whole, level = self.tables["totals"], self.tables["level_totals"]
        whole = {(r.reporting_unit, r.item, None): r.obs_value for r in whole.itertuples()}
        by_level = level.itertuples()
        return whole | {(r.reporting_unit, r.item, r.level): r.obs_value for r in by_level}

    def past(self, of: pd.DataFrame) -> dict[tuple[str, str, str], np.ndarray]:
        """Least and greatest value and denominator that the units of ``of`` (KEY) have had, where
        these are enough."""
        asked = [self._of(code, set(own)) for code, own in of.groupby("framework")["indicator"]]
        formulas = [i["formula"] for one in asked for i in one["indicators"].values()]
        needed = {item for formula in formulas for item in indicators.read(formula)}
        held = self.before[self.before["item"].isin(needed)]
        held = held[held["reporting_unit"].isin(of["reporting_unit"])]
        if held.empty:
            return {}
        # a unit in a period is a unit of its own here, so that all are computed at once
        then = held["reporting_unit"].astype(object) + _THEN + held["time_period"].astype(object)
        held, units = held.assign(reporting_unit=then, time_period=""), list(then.unique())
        totals = indicators.unit_totals(held)
        levels = indicators.level_totals(held, _NOBODY)
        made = [indicators.compute(totals, framework, units, levels) for framework in asked]
        values = pd.concat(made).astype(dict.fromkeys(KEY, object))
        values["reporting_unit"] = values["reporting_unit"].str.split(_THEN).str[0]
        values = values[values["obs_value"].notna()]
        own = values.groupby(KEY)[["obs_value", "denominator"]].agg(["count", "min", "max"])
        own = own[own["obs_value", "count"] >= _PAST]
        kept = own[[(c, end) for c in ("obs_value", "denominator") for end in ("min", "max")]]
        return dict(zip(kept.index, kept.to_numpy(float), strict=True))

    def _of(self, code: str, names: set[str]) -> dict:
        """A framework with some of its indicators alone."""
        known = self.frameworks[code]["indicators"]
        return self.frameworks[code] | {"indicators": {n: known[n] for n in known if n in names}}

    def fraction(self, space: Space, top: Sum, bottom: Sum) -> tuple[float, float] | None:
        """:func:`analysis.indicators.attainable.fraction`, each once: forms that were not received
        leave the same open for every unit."""
        if len(space.low) < 2:
            return attainable.fraction(space, top, bottom)
        arrays = (*vars(space).values(), top.parts, bottom.parts)
        key = (*(a.tobytes() for a in arrays), top.known, bottom.known)
        if key not in self.fractions:
            self.fractions[key] = attainable.fraction(space, top, bottom)
        return self.fractions[key]

    def peers(self, framework: str, unit: str, indicator: str) -> tuple[np.ndarray, np.ndarray]:
        """Least, 10 %, 90 % and greatest value and denominator of the other units of its type, of
        all others if these are too few."""
        units, types, figures = self._by_indicator[framework, indicator]
        others = units != unit
        alike = others & (types == self.types.get(unit))
        figures = figures[alike if alike.sum() >= _ENOUGH else others]
        return tuple(_spread(column) for column in figures.T)

    def others(self, framework: str, unit: str, indicator: str) -> tuple[float, float]:
        """Numerator and denominator of all units but this one."""
        whole, own = self.national[framework, indicator], self.values[framework, unit, indicator]
        entered = pd.notna(own.numerator) and pd.notna(own.denominator)
        sums = np.nan_to_num([whole.numerator, whole.denominator])
        mine = [own.numerator, own.denominator] if entered else [0.0, 0.0]
        return tuple(sums - mine)

    @cached_property
    def _by_indicator(self) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray, np.ndarray]]:
        held = self.members[self.members["obs_value"].notna()]
        own = {key: held.iloc[:0] for key in self.national}
        own |= dict(iter(held.groupby(["framework", "indicator"])))
        return {
            key: (
                table["reporting_unit"].to_numpy(object),
                table["reporting_unit"].map(self.types).to_numpy(object),
                table[["obs_value", "denominator"]].to_numpy(float),
            )
            for key, table in own.items()
        }


def _spread(values: np.ndarray) -> np.ndarray:
    known = values[~np.isnan(values)]
    return np.quantile(known, [0, *_MIDDLE, 1]) if len(known) else np.full(4, np.nan)
