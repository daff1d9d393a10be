"""What must be hidden of an edition so that no published table tells of a firm, with the reason.

Three rules, over all published means at once: no figure, and no combination of shown figures, is of
fewer firms than the minimum; no firm of the sample can bound what another answered from above
within p % of it, by its own answers and all that is shown; no hidden figure can be bounded so.
What gives something away is hidden from the least important: variants, then cells of domains and
provinces with the fewest firms, the nation last.

Assumed of the attacker: it knows who answered what kind of question, every weight, all digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survey import bounds, linked
from analysis.survey.linked import CELL, PROVINCE, WHOLE

RECORD = [*CELL, "statistic", "variant", "reason", "protects", "bound_low", "bound_high"]
FEW, DOMINATED, SECONDARY = "few_respondents", "dominated", "secondary"
OF_PART = "a part of it"


@dataclass
class Cells:
    """The published means, and which of them are hidden for what reason."""

    table: pd.DataFrame
    minimum: int
    share: float
    reason: np.ndarray = field(init=False)
    protects: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        people = self.table["respondents"].to_numpy()
        few = (people > 0) & (people < self.minimum)
        self.reason = np.where(few, FEW, "").astype(object)
        self.protects = np.where(few, "itself", "").astype(object)

    def shown(self) -> np.ndarray:
        """Which have a value and are not hidden."""
        return (self.reason == "") & (self.table["respondents"] > 0).to_numpy()

    def hide(self, among: np.ndarray, what: str) -> int | None:
        """Hide the least important of the cells ``among`` that are shown; None if none is."""
        left = among[self.shown()[among]]
        if not len(left):
            return None
        own = self.table.iloc[left]
        kind = np.select([own["variant"] != "", own["domain"] != WHOLE], [0, 1], 2)
        order = np.lexsort((left, own["respondents"], kind))
        at = left[order[0]]
        self.reason[at], self.protects[at] = SECONDARY, what
        return int(at)


def protect(
    answers: pd.DataFrame, published: pd.DataFrame, asked: dict, minimum: int, percent: float
) -> pd.DataFrame:
    """Which published means are hidden, and why.

    Parameters
    ----------
    answers
        One row per answer: response, procedure_group, province, design_weight, the domains and the
        measures.
    published
        CELL, respondents, ``statistic``, ``variant`` (empty but for another choice of hourly rate)
        and ``time`` (what the time cost counts in it, else 1); of provinces the group is ``_T``.
    asked
        measures, domains, steps of the survey.
    percent
        p of the p % rule.

    Returns
    -------
    The columns of RECORD on the index of ``published``: ``reason`` is few_respondents, dominated,
    secondary or empty; ``protects`` says what for. Bounds are those of a hidden mean (provinces:
    of the weighted sum) by all that is shown.
    """
    cells = Cells(published.reset_index(drop=True), minimum, percent / 100)
    shares = [name for name, m in asked["measures"].items() if "of" in m]
    _primary(cells, answers, shares)
    for whole, m in asked["measures"].items():
        _hide_sum(cells, whole, m.get("parts", ()))
    mean = cells.table["domain"] != PROVINCE
    groups = [
        _Table(cells, family, np.flatnonzero(mean & family.holds(cells.table)))
        for family in linked.families(answers, asked)
    ]
    classes = linked.classes(answers, asked)
    areas = [
        _Table(cells, family, np.flatnonzero(~mean & family.holds(cells.table)))
        for family in (linked.of_provinces(answers, m, classes) for m in _of_provinces(cells))
    ]
    count = -1
    while count != (count := int((cells.reason != "").sum())):
        for table in groups:
            table.protect([_totals_of_areas(table, area) for area in areas])
        for area in areas:
            area.protect([_areas_of_totals(table, area) for table in groups])
    _show_what_follows(cells, [*groups, *areas])
    return _record(cells, [*groups, *areas]).set_index(published.index)


def _of_provinces(cells: Cells) -> list[str]:
    table = cells.table
    return list(table.loc[table["domain"] == PROVINCE, "measure"].unique())


def _primary(cells: Cells, answers: pd.DataFrame, shares: list[str]) -> None:
    """The p % rule within each cell."""
    table = cells.table
    for (domain, measure), own in table.groupby(["domain", "measure"], observed=True):
        if measure in shares or measure not in answers:
            continue
        by = {WHOLE: ["procedure_group"], PROVINCE: [PROVINCE]}.get(
            domain, ["procedure_group", domain]
        )
        found = linked.dominated(answers, measure, by, cells.share)
        found = found[found["dominated"]]
        keys = own["category" if domain == PROVINCE else "procedure_group"].rename(by[0]).to_frame()
        if len(by) == 2:
            keys[domain] = own["category"]
        told = pd.MultiIndex.from_frame(found[by])
        at = own.index[pd.MultiIndex.from_frame(keys).isin(told)]
        at = at[cells.shown()[at]]
        cells.reason[at], cells.protects[at] = DOMINATED, "itself"


def _hide_sum(cells: Cells, whole: str, parts: Sequence[str]) -> None:
    """Hide a sum where a part is hidden for its own sake: less the rest it is a good guess."""
    key = pd.MultiIndex.from_frame(cells.table[CELL[:3]])
    theirs = (cells.reason != "") & cells.table["measure"].isin(parts).to_numpy()
    at = cells.table["measure"].eq(whole).to_numpy() & key.isin(key[theirs]) & cells.shown()
    cells.reason[at], cells.protects[at] = SECONDARY, OF_PART


Following = tuple[sparse.csr_array, list[np.ndarray]]
"""Totals that follow from cells of another table, and on which cells each rests."""


class _Table:
    """Cells that are sums of the same parts."""

    def __init__(self, cells: Cells, family: linked.Family, at: np.ndarray) -> None:
        self.cells, self.family, self.at = cells, family, at
        self.rows = family.rows(cells.table.iloc[at])
        self.seen: set[tuple[int, ...]] | None = None

    def protect(self, following: list[Following]) -> None:
        """Hide cells until nothing is told."""
        rests = {tuple(cells) for _, own in following for cells in own}
        if self.seen is not None and rests <= self.seen:
            return  # what is hidden since then tells nothing more
        self.seen = rests
        rows = bounds.of_size_one(
            sparse.vstack([self.rows, *(r for r, _ in following)], format="csr")
        )
        rests = [np.array([at]) for at in self.at] + [c for _, own in following for c in own]
        aims, needs, names = self._targets()
        live = np.array([self.cells.shown()[c].all() for c in rests], dtype=bool)
        rows, rests = rows[live], [c for c, is_live in zip(rests, live, strict=True) if is_live]
        system = self.family.system(rows)
        for own, parts in bounds.blocks(sparse.vstack([rows, aims], format="csr")):
            ours, theirs = own[own < len(rests)], own[own >= len(rests)] - len(rests)
            lines = _Lines(self.cells, system.of(ours, parts), [rests[i] for i in ours])
            lines.few()
            lines.close(aims[theirs][:, parts], needs[theirs], [names[i] for i in theirs])

    def _targets(self) -> tuple[sparse.csr_array, np.ndarray, list[str]]:
        """What must not be bounded: a firm's amounts, and cells hidden for their own sake."""
        aims, needs = self.family.targets(self.cells.share)
        own = np.isin(self.cells.reason[self.at], [FEW, DOMINATED])
        own |= self.cells.protects[self.at] == OF_PART
        totals = self.cells.share * (self.rows[own] @ self.family.parts["total"].to_numpy())
        own[np.flatnonzero(own)[totals <= 0]] = False
        names = ["the largest of a firm"] * len(needs)
        names += [" ".join(map(str, c)) for c in self.cells.table.iloc[self.at[own]][CELL].values]
        both = sparse.vstack([aims, self.rows[own]], format="csr")
        return both, np.concatenate([needs, totals[totals > 0]]), names


@dataclass
class _Lines:
    """Totals that hang together, each shown while all cells are on which it rests."""

    cells: Cells
    system: bounds.System
    rests: list[np.ndarray]

    def _hide(self, weight: np.ndarray, what: str) -> bool:
        """Hide one of the totals that have weight: where it can be, one that no others tell."""
        used = weight > bounds.NEAR * weight.max(initial=0.0)
        own = used & ~bounds.needless(self.system.rows)
        chosen = np.flatnonzero(own if own.any() else used)
        if not len(chosen):
            return False
        at = self.cells.hide(np.unique(np.concatenate([self.rests[i] for i in chosen])), what)
        live = np.array([at not in cells for cells in self.rests], dtype=bool)
        self.system = self.system.of(live, np.ones(len(self.system.firms), dtype=bool))
        self.rests = [c for c, is_live in zip(self.rests, live, strict=True) if is_live]
        return at is not None

    def few(self) -> None:
        minimum = self.cells.minimum
        for at in bounds.suspects(self.system, minimum) if self.rests else ():
            while self.rests:
                least, weight = bounds.of_few(self.system, at, minimum)
                told = f"a combination of {least:.3g} firms"
                if least >= minimum - 1e-6 or not self._hide(weight, told):
                    break

    def close(self, aims: sparse.csr_array, needs: np.ndarray, names: list[str]) -> None:
        if not len(needs) or not self.rests:
            return
        for target in bounds.close(self.system, aims, needs):
            while self.rests:
                weight = bounds.told(self.system, aims[[target]], needs[target])
                if weight is None or not self._hide(weight, names[target]):
                    break


def _totals_of_areas(table: _Table, area: _Table) -> Following:
    """Totals over all groups that provinces add up to, unless cells of groups tell them anyway."""
    nothing = sparse.csr_array((0, len(table.family.parts))), []
    measure = area.family.measures[0]
    kinds = [d for d in table.family.domains if d in area.family.parts]
    if measure not in table.family.measures or not kinds:
        return nothing
    shown, counts = area.cells.shown(), table.family.counts(measure)
    provinces = area.family.parts.set_index(PROVINCE)[kinds]
    place = pd.Series(area.at, index=area.cells.table["category"].to_numpy()[area.at])
    found, rests = [], []
    for key, own in provinces.groupby(kinds, observed=True, dropna=False):
        at = place.reindex(own.index)
        if at.isna().any() or not shown[at.astype(int)].all():
            continue
        inside = [table.family.within(WHOLE, d, c) for d, c in zip(kinds, key, strict=True)]
        found.append(sparse.csr_array((counts * np.all(inside, axis=0))[None, :]))
        rests.append(at.to_numpy(int))
    if not found:
        return nothing
    rows = sparse.vstack(found, format="csr")
    new = ~bounds.spanned(bounds.of_size_one(table.rows[shown[table.at]]), rows)
    return rows[new], [cells for cells, is_new in zip(rests, new, strict=True) if is_new]


def _areas_of_totals(table: _Table, area: _Table) -> Following:
    """Sums of provinces that the cells of all groups tell."""
    parts, measure = area.family.parts, area.family.measures[0]
    nothing = sparse.csr_array((0, len(parts))), []
    kinds = [d for d in table.family.domains if d in parts]
    if measure not in table.family.measures:
        return nothing
    counts, shown = table.family.counts(measure), table.cells.shown()
    single = [([d], [c]) for d in kinds for c in parts[d].unique()]
    several = [(kinds, key) for key in parts[kinds].drop_duplicates().itertuples(index=False)]
    wanted, sums, rests = [], [], []
    own = table.cells.table.iloc[table.at]
    for names, key in [([], []), *single, *several]:
        pairs = list(zip(names, key, strict=True))
        inside = [table.family.within(WHOLE, d, c) for d, c in pairs]
        wanted.append(sparse.csr_array((counts * np.all(inside, axis=0))[None, :]))
        theirs = np.all([np.ones(len(parts), bool), *(parts[d] == c for d, c in pairs)], axis=0)
        sums.append(sparse.csr_array(theirs[None, :].astype(float)))
        near = [own["domain"].eq(d) & own["category"].eq(c) for d, c in pairs]
        near = np.any([*near, own["domain"].eq(WHOLE) & (not pairs)], axis=0)
        rests.append(table.at[near & (own["measure"] == measure).to_numpy()])
    told = bounds.spanned(
        bounds.of_size_one(table.rows[shown[table.at]]), sparse.vstack(wanted, format="csr")
    )
    chosen = [cells[shown[cells]] for cells in rests]
    rows = sparse.vstack(sums, format="csr")
    return rows[told], [cells for cells, is_told in zip(chosen, told, strict=True) if is_told]


def _show_what_follows(cells: Cells, tables: list[_Table]) -> None:
    """Show again what follows from the shown anyway: to hide it hides nothing."""
    gone = (cells.reason == SECONDARY) & (cells.protects != OF_PART)
    shown = cells.shown()
    for table in tables:
        own = table.at[cells.reason[table.at] == SECONDARY]
        wanted = bounds.of_size_one(table.rows[np.isin(table.at, own)])
        told = bounds.spanned(bounds.of_size_one(table.rows[shown[table.at]]), wanted)
        gone[own[~told]] = False
    cells.reason[gone] = cells.protects[gone] = ""


def _record(cells: Cells, tables: list[_Table]) -> pd.DataFrame:
    """The cells with the reason of those that are hidden, and how closely they are bounded."""
    ends = np.full((len(cells.table), 2), np.nan)
    shown = cells.shown()
    for table in tables:
        rows, total = bounds.of_size_one(table.rows), table.family.parts["total"].to_numpy()
        gone = (cells.reason[table.at] != "") & (table.rows @ total > 0)
        system = table.family.system(rows[shown[table.at]])
        aims = table.rows[gone]
        ends[table.at[gone]] = bounds.intervals(system, aims) / (aims @ total)[:, None]
    value = cells.table["estimate"].to_numpy()
    record = cells.table[[c for c in RECORD if c in cells.table]]
    record = record.assign(reason=cells.reason, protects=cells.protects)
    return record.assign(bound_low=ends[:, 0] * value, bound_high=ends[:, 1] * value)[RECORD]
