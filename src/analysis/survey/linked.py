"""The published means of an edition as one linear system: what each is the sum of.

All measures, groups, domains and provinces hang together: domains overlap, costs are sums of
others, provinces add up to regions over all groups. Firms that no published figure tells apart
make one part (:mod:`analysis.survey.bounds`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.survey import bounds

CELL = ["procedure_group", "domain", "category", "measure"]
WHOLE = "_T"
PROVINCE = "province"
SAME = {"hours": "time_cost"}  # hours are the time cost on another scale (survey.cost)


@dataclass(frozen=True)
class Family:
    """Measures that are sums of each other, and the parts that their cells are sums of.

    Parameters
    ----------
    parts
        owner, leaf, firms, total, first, second; the domains; ``in ‹whole›``: of which leaves that
        measure is the sum in the answers of the part. Of provinces: one for each, over all groups.
    wholes
        Measures that are sums of leaves.
    measures
        Those of whose cells the parts are.
    domains
        Domains that are told apart.
    sums
        Targets that are sums of parts: positions, total, first, second.
    amounts
        Whether a firm's figure must not be bounded (not so of shares, which have bounds anyway).
    """

    parts: pd.DataFrame
    wholes: tuple[str, ...]
    measures: tuple[str, ...]
    domains: tuple[str, ...]
    sums: tuple[tuple[np.ndarray, float, float, float], ...] = ()
    amounts: bool = True

    def holds(self, cells: pd.DataFrame) -> np.ndarray:
        """Which cells are sums of the parts."""
        return (
            cells["measure"].isin(self.measures) & cells["domain"].isin([WHOLE, *self.domains])
        ).to_numpy()

    def rows(self, cells: pd.DataFrame) -> sparse.csr_array:
        """Cells × parts. Column ``time`` of cells: time cost counts so much (another rate)."""
        coefficients: dict[tuple, np.ndarray] = {}
        found = np.zeros((len(cells), len(self.parts)))
        for at, row in enumerate(cells.itertuples()):
            key = row.measure, row.time
            if key not in coefficients:
                coefficients[key] = self.counts(*key)
            inside = self.within(row.procedure_group, row.domain, row.category)
            found[at] = coefficients[key] * inside
        return sparse.csr_array(found)

    def within(self, group: str, domain: str, category: object) -> np.ndarray:
        """Which parts are of a cell."""
        held = np.ones(len(self.parts), dtype=bool)
        if group != WHOLE:
            held &= (self.parts["procedure_group"] == group).to_numpy()
        if domain != WHOLE:
            held &= (self.parts[domain] == category).to_numpy()
        return held

    def counts(self, measure: str, time: float = 1.0) -> np.ndarray:
        """How much of each part is in a measure."""
        leaf = SAME.get(measure, measure)
        held = self.parts["leaf"].isin([leaf, measure]).to_numpy()
        if measure in self.wholes:
            pairs = zip(self.parts["leaf"], self.parts[f"in {measure}"], strict=True)
            held = np.array([name in leaves for name, leaves in pairs], dtype=bool)
        return np.where(self.parts["leaf"] == SAME["hours"], time, 1.0) * held

    def system(self, rows: sparse.csr_array) -> bounds.System:
        """The parts with the totals that are shown of them."""
        columns = ("owner", "firms", "total", "first")
        return bounds.System(rows, *(self.parts[c].to_numpy() for c in columns))

    def targets(self, share: float) -> tuple[sparse.csr_array, np.ndarray]:
        """Sums of parts in which another firm could bound the largest, and what is lacking.

        The sum would have to be able to be larger by (1 + share) · first + second − total.
        """
        if not self.amounts:
            return sparse.csr_array((0, len(self.parts))), np.zeros(0)
        ranked = self.parts[["total", "first", "second"]].to_numpy()
        singles = [(np.array([at]), *own) for at, own in enumerate(ranked)]
        found = [
            (at, (1 + share) * first + second - total)
            for at, total, first, second in [*singles, *self.sums]
            if first > 0 and (1 + share) * first + second - total > 1e-9 * first
        ]
        columns = np.concatenate([at for at, _ in found]) if found else np.zeros(0, int)
        lines = np.repeat(np.arange(len(found)), [len(at) for at, _ in found])
        aims = sparse.csr_array(
            (np.ones(len(columns)), (lines, columns)), (len(found), len(self.parts))
        )
        return aims, np.array([need for _, need in found])


def families(answers: pd.DataFrame, asked: dict) -> list[Family]:
    """Every measure is in one; the time of the steps, published of groups alone, in one more."""
    measures, domains, found = asked["measures"], [*asked["domains"]], []
    taken: set[str] = set()
    for whole, own in ((n, m["parts"]) for n, m in measures.items() if "parts" in m):
        also = [name for name, same in SAME.items() if same in own]
        found.append(_family(answers, {whole: own}, own, domains, also))
        taken |= {whole, *own, *also}
    for name in measures:
        if name not in taken:
            found.append(_family(answers, {}, [name], domains, amounts="of" not in measures[name]))
    if asked.get("steps"):
        found.append(_family(answers, {"hours": asked["steps"]}, asked["steps"], []))
    return found


def _family(answers, wholes, leaves, domains, also=(), amounts=True) -> Family:
    """The parts of some measures: one for all firms alike in group, domains and what they answered.

    What is no sum of its leaves stands for itself.
    """
    by, marks = ["procedure_group", *domains], [f"in {whole}" for whole in wholes]
    table = answers[[*by, "response", "design_weight"]].copy()
    values = answers[[*leaves]].astype(float)
    for whole, parts in wholes.items():
        given = answers[whole].astype(float)
        table[f"in {whole}"] = _summed(given, values[[*parts]], whole)
        values[whole] = given.where(table[f"in {whole}"] == (whole,))
    told = values.notna().astype(int).astype(str).agg("".join, axis=1)
    for mark in marks:
        told = told + "|" + table[mark].astype(str)
    table["answered"] = told
    # a firm with several answers about one group: its own kinds of answers, together
    several = table.duplicated([*by, "response"], keep=False)
    firm = table[several].sort_values("answered").groupby([*by, "response"], dropna=False)
    table["firm"] = told.astype(object)
    table.loc[several, "firm"] = firm["answered"].transform(" ".join).astype(object)
    table["owner"] = table.groupby([*by, "firm"], dropna=False).ngroup()
    alike = [*by, *marks, "owner", "answered"]
    weighted = values.mul(table["design_weight"], axis=0)
    long = [table.assign(leaf=n, value=v).dropna(subset=["value"]) for n, v in weighted.items()]
    parts = _ranked(pd.concat(long), ["owner", "answered", "leaf"], alike)
    sums = []
    for whole in wholes:
        several = table[f"in {whole}"].map(len) > 1
        value = answers[whole] * answers["design_weight"]
        own = _ranked(table.assign(value=value)[several], ["owner", "answered"], alike)
        at = parts.groupby(["owner", "answered"]).indices
        for row, leaves_ in zip(own.itertuples(), own[f"in {whole}"], strict=True):
            inside = at[row.owner, row.answered]
            inside = inside[parts["leaf"].iloc[inside].isin(leaves_)]
            sums.append((inside, row.total, row.first, row.second))
    measures = {*wholes, *leaves, *also}
    return Family(parts, (*wholes,), (*sorted(measures),), (*domains,), (*sums,), amounts)


def _ranked(long: pd.DataFrame, by: list[str], more: Sequence[str] = ()) -> pd.DataFrame:
    """Of each ``by``: firms, total, first and second of the sums of ``value`` over each firm.

    ``more``: columns that do not vary within ``by``.
    """
    long = long.assign(place=long.groupby(by, observed=True, dropna=False).ngroup())
    own = long.groupby(["place", "response"])["value"].sum().reset_index()
    own = own.sort_values(["place", "value"], ascending=[True, False])
    grouped = own.groupby("place")["value"]
    parts = grouped.agg(firms="size", total="sum", first="max")
    second = own[grouped.cumcount() == 1].set_index("place")["value"]
    parts["second"] = second.reindex(parts.index).fillna(0.0)
    keys = long.drop_duplicates("place").set_index("place")[[*dict.fromkeys([*by, *more])]]
    return keys.join(parts).sort_index().reset_index(drop=True)


def _summed(whole: pd.Series, parts: pd.DataFrame, name: str) -> pd.Series:
    """Of which parts each figure is the sum: as many as may be; of none, of itself."""
    found = pd.Series([()] * len(whole), index=whole.index, dtype=object)
    left = whole.notna()
    for count in range(parts.shape[1], 0, -1):
        for chosen in combinations(parts, count):
            sums = parts[list(chosen)].sum(axis=1, skipna=False)
            here = left & np.isclose(sums, whole, rtol=1e-9, atol=1e-6)
            found[here] = pd.Series([chosen] * int(here.sum()), index=whole.index[here])
            left &= ~here
    found[left] = pd.Series([(name,)] * int(left.sum()), index=whole.index[left])
    return found


def classes(answers: pd.DataFrame, asked: dict) -> pd.DataFrame:
    """Province → class of the domains that hold whole provinces (columns as those domains)."""
    known = answers.groupby(PROVINCE, observed=True)[[*asked["domains"]]].nunique(dropna=False)
    whole = [d for d in asked["domains"] if (known[d] <= 1).all()]
    return answers.drop_duplicates(PROVINCE).set_index(PROVINCE)[whole].sort_index()


def of_provinces(answers: pd.DataFrame, measure: str, classes: pd.DataFrame) -> Family:
    """Provinces as parts: what their firms answered over all groups."""
    own = answers[answers[measure].notna()]
    own = own.assign(value=own["design_weight"] * own[measure])
    parts = _ranked(own, [PROVINCE]).join(classes, on=PROVINCE)
    parts = parts.assign(leaf=measure, owner=range(len(parts)), procedure_group=WHOLE)
    return Family(parts, (), (measure,), (PROVINCE,))


def dominated(answers: pd.DataFrame, measure: str, by: list[str], share: float) -> pd.DataFrame:
    """The p % rule within each cell of ``by``: total − second < (1 + share) · first, all weighted.

    Returns ``by``, total, first, second, dominated (Hundepool et al. 2012, ch. 4.2.2).
    """
    own = answers[answers[measure].notna()]
    table = _ranked(own.assign(value=own["design_weight"] * own[measure]), by)
    rest = table["total"] - table["first"] - table["second"]
    few = (table["first"] > 0) & (rest < share * table["first"] * (1 - 1e-9))
    return table.assign(dominated=few)
