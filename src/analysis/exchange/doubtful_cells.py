"""What a finding puts in doubt: the figures of one unit's form, what its rules say of them, and the
ways in which the finding can be mended.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.catalogue import linear_rules
from analysis.indicators.attainable import Space

_PLACE = ["item", "level", "field"]


@dataclass(frozen=True)
class Way:
    """A way to mend a finding: figures ``moved`` (position, other value), figures ``free`` within
    the rules; nothing of both: it is right as it is."""

    moved: tuple[tuple[int, float], ...] = ()
    free: tuple[int, ...] = ()


@dataclass(frozen=True)
class Doubt:
    """A finding's ``ways``; the positions that it ``named``; ``one``: whether they are all ways in
    which exactly one of several figures is wrong; the ``rule`` that then holds, though a warning.
    """

    ways: tuple[Way, ...]
    named: tuple[int, ...]
    one: bool = False
    rule: str = ""

    @property
    def places(self) -> list[int]:
        """All positions that it concerns."""
        moved = (k for way in self.ways for k, _ in way.moved)
        free = (k for way in self.ways for k in way.free)
        return sorted({*self.named, *moved, *free})


@dataclass(frozen=True)
class Block:
    """One unit's figures of one form.

    ``at``: (item, level, field) → position; ``value``: what was sent, withdrawn or not (missing
    where no figure was read); ``accepted``; ``part``: whether it makes up the unit's figures or is
    a total that checks them; ``previous``: the same figure of the period before; ``space``: the
    rules on them; ``code``, ``row`` and ``soft`` of each rule: which it is, on which row it stands
    (level, field), and whether it is a warning.
    """

    form: dict
    at: dict[tuple[str, str, str], int]
    value: np.ndarray
    accepted: np.ndarray
    part: np.ndarray
    previous: np.ndarray
    space: Space
    code: np.ndarray
    row: list[tuple[str, str]]
    soft: np.ndarray

    def hidden(self) -> np.ndarray:
        """Positions of the parts of which no figure was accepted."""
        return np.flatnonzero(self.part & ~self.accepted)

    def of_row(self, items: Iterable[str], level: str, fld: str) -> list[int]:
        """Positions of ``items`` on a row, those that are there."""
        return [self.at[i, level, fld] for i in items if (i, level, fld) in self.at]

    def left(self, way: Way, doubt: Doubt) -> tuple[Space, np.ndarray, np.ndarray] | None:
        """What of the rules is left if a finding is mended in one ``way``, with the figures and
        which of them are free; None where the rules do not allow it.

        Other figures that were not accepted are free. Rules over totals that were not accepted are
        left aside, which can only widen what is found.
        """
        x, moved = self.value.copy(), np.zeros(len(self.value), bool)
        free, other = moved.copy(), ~self.accepted
        for k, value in way.moved:
            x[k], moved[k] = value, True
        free[list(way.free)] = True
        other[list(doubt.named)] = False
        free |= self.part & ~moved & (other | np.isnan(x))
        aside = ~free & ~self.part & (other | np.isnan(x))
        x[free | aside] = 0.0
        rules = ~self.soft | (self.code == doubt.rule)
        rules &= ~(self.space.matrix[:, aside] != 0).any(axis=1)
        space = self.space.around(x, free, rules, moved)
        return None if space is None else (space, x, free)


def block(
    observations: pd.DataFrame,
    refused: pd.DataFrame,
    before: pd.DataFrame,
    form: dict,
    severities: dict[str, str],
    absent: list[str],
) -> Block:
    """The block of one unit and form.

    Parameters
    ----------
    observations, refused, before
        Its observations with ``part`` (:func:`analysis.schema.tables.parts`), its cells with a
        ``refused_value``, its observations of the period before.
    severities
        Code of a rule → blocking, warning or note.
    absent
        Levels on which it must report and has no row: their figures are unknown.
    """
    held = observations.drop_duplicates(_PLACE)
    keys = [*_keys(held), *((item, level, "_T") for level in absent for item in form["items"])]
    at = {key: k for k, key in enumerate(keys)}
    value, part = np.full(len(keys), np.nan), np.ones(len(keys), bool)
    # what does not apply adds nothing to a total
    value[: len(held)] = held["obs_value"].mask(held["obs_status"] == "M", 0).to_numpy(float)
    part[: len(held)] = held["part"].to_numpy(bool)
    sent, previous = (_placed(t, c, at) for t, c in ((refused, _SENT), (before, "obs_value")))
    lines = [*_in_rows(at, form, severities), *_totals(at, part, form, severities)]
    matrix = np.zeros((len(lines), len(keys)))
    for n, (coefficients, *_) in enumerate(lines):
        matrix[n, list(coefficients)] = list(coefficients.values())
    rules = [line for _, line, _ in lines]
    kinds = [form["items"].get(i, {}) for i, *_ in keys]
    most = [k.get("maximum", 100 if k.get("kind") == "percent" else np.inf) for k in kinds]
    space = Space(
        matrix,
        np.array([r.bound for r in rules], float),
        np.array([r.equal for r in rules], bool),
        np.array([r.tolerance for r in rules], float),
        np.zeros(len(keys)),  # analysis.reading.numbers refuses whatever is below
        np.where(part, np.array(most, float), np.inf),
    )
    return Block(
        form,
        at,
        np.where(np.isnan(value), sent, value),
        ~np.isnan(value),
        part,
        previous,
        space,
        np.array([r.rule for r in rules], object),
        [row for *_, row in lines],
        np.array([r.soft for r in rules], bool),
    )


_SENT = "refused_value"


def _keys(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(*(table[c] for c in _PLACE), strict=True))


def _placed(table: pd.DataFrame, column: str, at: dict) -> np.ndarray:
    found = np.full(len(at), np.nan)
    for key, value in zip(_keys(table), table[column], strict=True):
        if key in at:
            found[at[key]] = value
    return found


_Line = tuple[dict[int, int], linear_rules.Linear, tuple[str, str]]


def _in_rows(at: dict, form: dict, severities: dict[str, str]) -> Iterator[_Line]:
    linear = [one for one in linear_rules.rows(form, severities) if one.rule is not None]
    for level, fld in dict.fromkeys((level, fld) for _, level, fld in at):
        for one in linear:
            if all((item, level, fld) in at for item in one.coefficients):
                terms = {at[i, level, fld]: c for i, c in one.coefficients.items()}
                yield terms, one, (level, fld)


def _totals(at: dict, part: np.ndarray, form: dict, severities: dict[str, str]) -> Iterator[_Line]:
    """Total rows = Σ of their rows, as :func:`analysis.checking.validate.figures` holds them."""
    rows: dict[tuple[str, str], list[int]] = {}
    for (item, level, _), k in at.items():
        if part[k]:
            for over in {level, "_T"}:
                rows.setdefault((item, over), []).append(k)
    for rule in (r["rule"] for r in form["rules"] if r["kind"] == "total_row"):
        line = linear_rules.Linear(rule, {}, soft=severities[rule] != "blocking")
        for (item, level, fld), k in at.items():
            if not part[k] and (item, level) in rows:
                yield {k: 1} | dict.fromkeys(rows[item, level], -1), line, (level, fld)


# --- the ways in which a finding can be mended ---------------------------------------------------


def doubt(block: Block, issue, beside: Iterable = ()) -> Doubt:
    """What an issue (a row of schema.ISSUES) puts in doubt, with the others of its rule ``beside``.

    Of an identity that does not hold, with all its figures there, one figure is taken to be wrong,
    each in turn; of anything else, what has no accepted figure is free within the rules. What a
    warning names may also be right.
    """
    rule = _rule(block.form, issue)
    kind = rule["kind"] if rule else None
    if kind in _IDENTITIES:
        named = _IDENTITIES[kind](block, rule, issue)
        if named and not np.isnan(block.value[named]).any():
            ways = [Way(free=(k,)) for k in named]
            return Doubt(_or_right(ways, block, named), tuple(named), True, issue.rule)
    own = block.of_row([issue.item], issue.level, issue.field)
    if kind in _BESIDE_BEFORE and own:
        item = rule.get("previous_item", issue.item)
        before = block.previous[block.of_row([item], issue.level, issue.field)]
        if np.isnan(before).any() or not len(before):
            ways = [Way(free=tuple(own))]
        else:
            ways = _BESIDE_BEFORE[kind](block, own[0], float(before[0]), [issue, *beside])
        return Doubt(_or_right(ways, block, own), tuple(own), kind == "equals_previous")
    if own:
        named = tuple(own) if block.accepted[own[0]] else ()
        return Doubt(_or_right([Way(free=tuple(own))], block, own), named)
    hidden = block.hidden()
    if pd.notna(issue.level):
        here = [k for (_, level, _), k in block.at.items() if level == issue.level]
        hidden = np.intersect1d(hidden, here)
    return Doubt((Way(free=tuple(map(int, hidden))),) if len(hidden) else (), ())


def _or_right(ways: list[Way], block: Block, named: list[int]) -> tuple[Way, ...]:
    return (Way(), *ways) if block.accepted[named].all() else tuple(ways)


def _rule(form: dict, issue) -> dict | None:
    """The rule of the form that an issue is of; of several of one code that with its item."""
    for rule in form["rules"]:
        if rule["rule"] == issue.rule and (issue.item in _items(rule) or not _items(rule)):
            return rule
    return None


def _items(rule: dict) -> list[str]:
    single = [rule[k] for k in ("total", "item", "limit") if k in rule]
    return [*single, *rule.get("parts", []), *rule.get("items", [])]


def _in_row(block: Block, rule: dict, issue) -> list[int]:
    items = _items(rule)
    found = block.of_row(items, issue.level, issue.field)
    return found if len(found) == len(items) else []


def _in_total(block: Block, rule: dict, issue) -> list[int]:
    """The total and its parts."""
    total = block.of_row([issue.item], issue.level, issue.field)
    for code, line in zip(block.code, block.space.matrix, strict=True):
        if total and code == rule["rule"] and line[total[0]] == 1:
            return [*total, *map(int, np.flatnonzero(line == -1))]
    return []


_IDENTITIES = {"sum": _in_row, "at_most": _in_row, "total_row": _in_total}


def _carried(block: Block, at: int, before: float, _) -> list[Way]:
    """It is what the period before left: alone, with one other figure of a rule that it is in, or
    with the whole form, where the point slipped."""
    now, moved = float(block.value[at]), ((at, before),)
    rules = (block.space.matrix[:, at] != 0) & ~block.soft
    others = np.flatnonzero((block.space.matrix[rules] != 0).any(axis=0))
    ways = [Way(moved), *(Way(moved, (int(k),)) for k in others if k != at)]
    share = _slip(before, now)
    slipped = share != 1 and np.isclose(share * now, before, rtol=1e-9)
    return [*ways, _scaled(block, share)] if slipped else ways


def _jumped(block: Block, at: int, before: float, issues: list) -> list[Way]:
    """As large as before are it alone, its row in proportion, or the whole form; or the point
    slipped in the whole form."""
    own, jumped = issues[0], dict.fromkeys((i.item, i.level, i.field) for i in issues)
    known = [k for k in map(block.at.get, jumped) if k is not None and block.previous[k] >= 0]
    now, ways = float(block.value[at]), [Way(((at, before),))]
    if not now > 0:
        return ways
    row = block.of_row(block.form["items"], own.level, own.field)
    total = float(block.previous[known].sum() / np.nansum(block.value[known]))
    shares = dict.fromkeys((total, _slip(before, now)))
    return [*ways, _scaled(block, before / now, row), *(_scaled(block, s) for s in shares)]


def _slip(before: float, now: float) -> float:
    """The power of ten that brings a figure nearest to what it was."""
    return 10.0 ** round(np.log10(before / now)) if before > 0 and now > 0 else 1.0


def _scaled(block: Block, share: float, places: Iterable[int] | None = None) -> Way:
    held = range(len(block.value)) if places is None else places
    return Way(tuple((k, float(block.value[k]) * share) for k in held if block.value[k] >= 0))


_BESIDE_BEFORE = {"equals_previous": _carried, "jump": _jumped, "expected_range": _jumped}
