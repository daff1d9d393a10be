"""Synthetic figures of any form: made to keep the form's own rules, sized by ``samples.yml``.

Nothing here is a figure of a real office. An item is the opening stock that the period before
closed with, the same figure of another form, a share of the item that limits it, the sum of its
parts, a part of its total, or a size of its own: the rules of the form decide which, the hints of
``samples.yml`` how much. Sizes are log-normal around a median for the level or the type of unit;
shares move on the log-odds scale with an effect of the unit, one of the item and a trend. Each draw
has a seed made of what it is about, so that a unit, a form or a period more changes no other.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import yaml

from analysis import project
from analysis.catalogue import dated

_FILE = "samples.yml"
_KEY = ["reporting_unit", "level", "field"]
_FIELDS = 5
"""Rows of fields that a unit fills in at a level of a form whose rows are fields."""
_QUALITY = 0.45  # spread of the log-odds of shares between units
_OWN = 0.2  # … and of one item of a unit
_SPLIT = 0.25  # spread of the logarithm of the weights of parts


def hints(root: Path | None = None) -> dict:
    """``samples.yml``: seed, origin, periods, sizes and shares."""
    path = project.Place(root or project.PROJECT).catalogue / _FILE
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def faults(hints: dict, forms: dict) -> list[str]:
    """What in the hints fits no form of the catalogue; empty if all is well."""
    found = []
    for code, items in hints["forms"].items():
        known = forms[code]["items"] if code in forms else {}
        found += [] if code in forms else [f"no form {code}"]
        for item, hint in items.items():
            named = [item, *(hint[k] for k in ("of", "into") if k in hint)]
            found += [f"{code}: no item {name}" for name in named if known and name not in known]
            source = hint.get("from", {"form": code, "items": []})
            other = forms.get(source["form"], {"items": {}})["items"]
            found += [f"{code}: {i} is not in {source['form']}" for i in source["items"]
                      if i not in other]  # fmt: skip
    return found


def rng(*keys: object) -> np.random.Generator:
    """A generator seeded by what is drawn, and by nothing else."""
    return np.random.default_rng([crc32(str(key).encode()) for key in keys])


@lru_cache(maxsize=1 << 17)
def _normal(*keys: object) -> float:
    """A standard normal draw: the same about the same, so that it need be drawn only once."""
    return rng(*keys).standard_normal()


def expit(x: float) -> float:
    """The share of a log-odds."""
    return 1 / (1 + np.exp(-x))


def logit(share: float) -> float:
    """The log-odds of a share; 0 and 1 count as nearly that."""
    share = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(share / (1 - share))


def figures(
    form: dict,
    units: pd.DataFrame,
    code: str,
    hints: dict,
    fields: pd.DataFrame,
    quarters: int = 0,
    before: pd.DataFrame | None = None,
    known: dict[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """What each of ``units`` has to report of a form in the period ``code``.

    Parameters
    ----------
    units
        With code and type; ``fields`` is the code list of fields.
    quarters
        Quarters from the origin of the hints to the period.
    before
        The same form's figures of the period before, for stocks that are carried over.
    known
        Figures of other forms in the period, by form, for items that are the same there.

    Returns
    -------
    reporting_unit, level, field (``_T`` where the form has none) and one column per item.

    Raises
    ------
    ValueError
        where the rules of the form cannot all be kept.
    """
    known = {name: _sums(table) for name, table in (known or {}).items()}
    lines = [
        _Line(form, hints, unit, level, field, code, quarters, _before(before, unit, level, field),
              known).figures()
        for unit in units.itertuples()
        for level, field in _places(form, unit, fields)
    ]  # fmt: skip
    table = pd.DataFrame(lines, columns=[*_KEY, *form["items"]])
    broken = [name for name, wrong in breaches(form, table).items() if wrong.any()]
    if broken:
        raise ValueError(f"figures of {form['form']} cannot keep {', '.join(broken)}")
    return table


def _sums(table: pd.DataFrame) -> pd.DataFrame:
    """Figures by unit and level, and of all levels together (``_T``)."""
    if (table["level"] != "_T").any():
        table = pd.concat([table, table.assign(level="_T")])
    return table.groupby(_KEY[:2]).sum(numeric_only=True)


def breaches(form: dict, table: pd.DataFrame) -> dict[str, pd.Series]:
    """Which rows break each rule that concerns one row (sums and limits), by the rule's place."""
    found = {}
    for i, rule in enumerate(form["rules"]):
        if rule["kind"] == "sum":
            apart = table[rule["total"]] - table[rule["parts"]].sum(axis=1)
            found[f"{rule['rule']} ({i})"] = apart.abs() > rule.get("tolerance", 0) + 1e-9
        elif rule["kind"] == "at_most":
            found[f"{rule['rule']} ({i})"] = table[rule["item"]] > table[rule["limit"]]
    return found


def _places(form: dict, unit, fields: pd.DataFrame) -> list[tuple[str, str]]:
    """Level and field of each row of figures that the unit fills in."""
    if form["layout"] == "long" or form.get("rows") == "unit":
        return [("_T", "_T")]
    levels = list(dated.levels(form, unit.type))
    if form.get("rows") == "levels":
        return [(level, "_T") for level in levels]
    places = []
    for level in levels:
        at = fields["levels"].str.split("|").map(lambda held, level=level: level in held)
        held = fields.loc[at, "code"].to_numpy()
        order = rng("fields", unit.code, form["form"], level).permutation(len(held))
        places += [(level, field) for field in held[np.sort(order[:_FIELDS])]]
    return places


def _before(before: pd.DataFrame | None, unit, level: str, field: str) -> dict | None:
    if before is None:
        return None
    at = (before["reporting_unit"] == unit.code) & (before["level"] == level)
    held = before[at & (before["field"] == field)]
    return None if held.empty else held.iloc[0].to_dict()


@dataclass
class _Line:
    """One row of a form, of one unit in one period: its items, each worked out when it is asked."""

    form: dict
    hints: dict
    unit: object
    level: str
    field: str
    period: str
    quarters: int
    before: dict | None
    known: dict

    def figures(self) -> dict:
        self.values: dict = {}
        for item in self.form["items"]:
            self._value(item)
        place = dict(reporting_unit=self.unit.code, level=self.level, field=self.field)
        return {**place, **{i: self.values[i] for i in self.form["items"]}}

    # what an item is

    def _value(self, item: str, asked: tuple = ()) -> float:
        if item in self.values:
            return self.values[item]
        if item in asked:
            raise ValueError(f"{self.form['form']}: the rules of {item} go round in a circle")
        asked = (*asked, item)
        opening = self._opening(item)
        limits = self._limits(item)
        total = self._total_of(item)
        parts = self._own_parts(item)
        if opening is not None:
            value = opening
        elif "from" in self._hint(item) and self._elsewhere(item) is not None:
            value = self._elsewhere(item)
        elif parts:
            value = sum(self._value(part, asked) for part in parts)
        elif limits:
            value = self._share(item, min(self._value(limit, asked) for limit in limits))
        elif total and not self._own_parts(total["total"]) == total["parts"]:
            self._split(total, self._value(total["total"], asked))
            return self.values[item]
        else:
            value = self._size(item)
        self.values[item] = value
        return value

    def _hint(self, item: str) -> dict:
        return self.hints["forms"].get(self.form["form"], {}).get(item, {})

    def _rules(self, kind: str) -> list[dict]:
        return [rule for rule in self.form["rules"] if rule["kind"] == kind]

    def _limits(self, item: str) -> list[str]:
        """Items that it cannot exceed; its own total is not among them."""
        stated = [r["limit"] for r in self._rules("at_most") if r["item"] == item]
        return [*stated, *filter(None, [self._hint(item).get("of")])]

    def _opening(self, item: str) -> float | None:
        """The closing stock of the period before; a base that never moves needs none."""
        named = [r for r in self._rules("equals_previous") if r["item"] == item]
        return self.before[named[0]["previous_item"]] if named and self.before else None

    def _stands_alone(self, item: str) -> bool:
        """Whether an item has a source other than the total of which it is a part."""
        carried = any(r["item"] == item for r in self._rules("equals_previous"))
        return bool(carried or self._limits(item) or {"from", "median"} & set(self._hint(item)))

    def _own_parts(self, item: str) -> list[str]:
        """The parts to be added up, where one of them at least stands alone."""
        sums = [r["parts"] for r in self._rules("sum") if r["total"] == item]
        return next((p for p in sums if any(map(self._stands_alone, p))), [])

    def _total_of(self, item: str) -> dict | None:
        return next((r for r in self._rules("sum") if item in r["parts"]), None)

    def _elsewhere(self, item: str) -> float | None:
        source = self._hint(item)["from"]
        table = self.known.get(source["form"])
        if table is None:
            return None
        place = (self.unit.code, self.level)
        return table.loc[place, source["items"]].sum() if place in table.index else None

    # how much it is

    def _pick(self, item: str, key: str) -> float:
        """A hint, by level or by type of unit where it differs."""
        value = self._hint(item).get(key, self.hints["default"][key])
        if isinstance(value, dict):
            value = value.get(self.level, value.get(self.unit.type, self.hints["default"][key]))
        return value

    def _normal(self, *about: object) -> float:
        return _normal(self.hints["seed"], self.unit.code, *about)

    def _own(self, item: str) -> float:
        """The effect of this row on an item, the same in every period."""
        return self._normal(self.form["form"], item, self.level, self.field)

    def _moved(self, item: str) -> float:
        """The effect of this period; a stock hardly moves, a base not at all."""
        nature = self.form["items"][item]["nature"]
        if nature == "level" or self._hint(item).get("constant"):
            return 0.0
        return self._normal(self.form["form"], item, self.level, self.field, self.period)

    def _size(self, item: str) -> float:
        described = self.form["items"][item]
        if "maximum" in described or described["kind"] == "percent":
            return self._share(item, described.get("maximum", 100))
        relative = self.hints["scale"].get(self.unit.type, 1) * np.exp(
            self.hints["spread"] * self._normal("size")
        )
        growth = 0 if self._hint(item).get("constant") else self._pick(item, "growth")
        effect = 0.1 * self._own(item) + self._pick(item, "noise") * self._moved(item)
        size = self._pick(item, "median") * relative ** self._pick(item, "grows")
        return self._rounded(item, size * np.exp(effect + growth * self.quarters))

    def _share(self, item: str, limit: float) -> float:
        odds = logit(self._pick(item, "share")) + self._pick(item, "trend") * self.quarters
        odds += _QUALITY * self._normal("quality") + _OWN * self._own(item)
        odds += self._pick(item, "noise") * self._moved(item)
        return min(limit, self._rounded(item, limit * expit(odds)))

    def _split(self, rule: dict, total: float) -> None:
        """The parts of a total, by weight; the largest takes what rounding leaves."""
        weights = [self._pick(p, "weight") * np.exp(_SPLIT * self._own(p)) for p in rule["parts"]]
        found = [np.floor(total * w / sum(weights)) for w in weights]
        found[int(np.argmax(weights))] += total - sum(found)
        self.values |= dict(zip(rule["parts"], found, strict=True))

    def _rounded(self, item: str, value: float) -> float:
        step = self._hint(item).get(
            "step", 1 if self.form["items"][item]["kind"] == "count" else 0.1
        )
        return round(round(value / step) * step, 6)


def merged(
    table: pd.DataFrame, mapping: pd.DataFrame, form: dict, day: date, hints: dict,
    fields: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """Figures of the units of one day as those of a later day would report them.

    Parameters
    ----------
    table
        As of :func:`figures`.
    mapping
        Of :func:`analysis.indicators.recast.mapping`: reporting_unit, target.
    day
        The later day: levels and columns that have ended by then are added to those that took
        their work over.

    Returns
    -------
    As of :func:`figures`. Figures that add over units are added, others are the mean of the parts.
    """
    items = form["items"]
    adds = [i for i, d in items.items() if d.get("additive", d["kind"] == "count")]
    names = mapping.set_index("reporting_unit")["target"]
    table = table.assign(reporting_unit=table["reporting_unit"].map(names))
    gone = [code for code, level in form.get("levels", {}).items()
            if level.get("valid_to", day) < day]  # fmt: skip
    moved = table["level"].isin(gone)
    table = table.assign(level=table["level"].replace({g: hints["abolished"][g] for g in gone}))
    if (table["field"] != "_T").any():
        table = table.assign(field=_allowed(table[moved], fields).reindex(table.index)
                             .fillna(table["field"]))  # fmt: skip
    how = {item: "sum" if item in adds else "mean" for item in items}
    order = {level: n for n, level in enumerate(form.get("levels", {}))}
    table = table.groupby(_KEY, as_index=False, sort=False).agg(how)
    for item, hint in hints["forms"].get(form["form"], {}).items():
        if hint.get("until", day) < day:
            table[hint["into"]] += table[item]
            table[item] = 0.0
    for item in set(items) - set(adds):
        step = hints["forms"].get(form["form"], {}).get(item, {}).get("step", 0.1)
        table[item] = ((table[item] / step).round() * step).round(6)
    return (
        table.assign(_level=table["level"].map(order))
        .sort_values(["reporting_unit", "_level", "field"], ignore_index=True)
        .drop(columns="_level")
    )


def _allowed(moved: pd.DataFrame, fields: pd.DataFrame) -> pd.Series:
    """Fields for rows that come to a level where their own does not occur: the first that does."""
    at = {f.code: f.levels.split("|") for f in fields.itertuples()}
    first = {level: next((c for c, held in at.items() if level in held), None)
             for level in moved["level"].unique()}  # fmt: skip
    return pd.Series(
        [f if lv in at[f] else first[lv]
         for lv, f in zip(moved["level"], moved["field"], strict=True)],
        index=moved.index, dtype=object,
    )  # fmt: skip
