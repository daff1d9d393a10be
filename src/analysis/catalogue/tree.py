"""The structure of a framework: which indicators make which aggregate, with what weight, how."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.language.messages import tell

STATED = ("given", "relative", "influence_as_given")
"""Sources of weights for which the catalogue states a number of each part."""
EXPONENTS = {"power_minus_2": -2.0, "power_half": 0.5, "power_2": 2.0, "power_3": 3.0}
"""Power means by name: (Σ w·x^p ÷ Σ w)^(1/p)."""
MEANS = ("arithmetic", "geometric", "harmonic", *EXPONENTS)
PENALISED = ("mazziotta_pareto", "mazziotta_pareto_plus")
"""A mean less, or more, the unevenness of its parts."""
OUTRANKING = ("copeland", "kemeny")
"""Which unit is above which, indicator by indicator: no mean, and a matter of all units."""


class TreeError(ValueError):
    """The structure cannot be computed; ``where`` leads to the entry of the catalogue at fault."""

    def __init__(self, where: tuple, what: str) -> None:
        super().__init__(what)
        self.where = where


@dataclass(frozen=True)
class Tree:
    """Indicators first, then aggregates, each after its parts; the last one is the framework.

    Attributes
    ----------
    codes, levels
        ``level`` is indicator, dimension or framework; a code names an entry of its level.
    indicators
        How many of them are indicators.
    parent
        Position of each entry's aggregate; -1 for the framework.
    weights
        Of each entry within its aggregate; relative.
    means
        How the parts of each aggregate make it: of MEANS, PENALISED or OUTRANKING.
    at_least
        Least share of the children that must be there for a score, of each aggregate.
    points
        Whether parts are points that add up: one that is missing leaves the others as they are.
    top
        Score of each entry if everything is reached: its points, or the top of the scale.
    """

    codes: tuple[str, ...]
    levels: tuple[str, ...]
    indicators: int
    parent: np.ndarray
    weights: np.ndarray
    means: tuple[str, ...]
    at_least: tuple[float, ...]
    points: bool
    top: np.ndarray

    @property
    def aggregates(self) -> range:
        return range(self.indicators, len(self.codes))

    def children(self, position: int) -> np.ndarray:
        return np.flatnonzero(self.parent == position)

    def path(self, position: int) -> list[int]:
        """The entry and what it is part of, up to the framework."""
        found = [position]
        while self.parent[found[-1]] >= 0:
            found.append(int(self.parent[found[-1]]))
        return found

    def effective_weights(self) -> np.ndarray:
        """Share of each entry in the framework if nothing is missing (product along its path)."""
        share = np.ones(len(self.codes))
        for node in reversed(self.aggregates):
            parts = self.children(node)
            share[parts] = share[node] * self.weights[parts] / self.weights[parts].sum()
        return share

    @property
    def of_means(self) -> bool:
        """Whether all is made of means: a difference is then the sum of its parts."""
        return set(self.means) <= set(MEANS)

    def least(self, node: int) -> float:
        """Least share of the children of an aggregate that must be there."""
        return self.at_least[node - self.indicators]

    def below(self, node: int) -> np.ndarray:
        """The indicators of an aggregate, at whatever depth."""
        return np.array([i for i in range(self.indicators) if node in self.path(i)])

    def with_means(self, mean: str) -> "Tree":
        """The same tree with one kind of mean throughout."""
        return replace(self, means=(mean,) * len(self.means))


def method(framework: dict, step: str) -> dict:
    """What a framework says of a step: ``method`` (none, if it says nothing) and its options."""
    rule = framework.get(step, "none")
    return {"method": rule} if isinstance(rule, str) else rule


def ends(framework: dict) -> tuple[float, float]:
    """Foot and top of the framework's scale: what it states, else three chosen standard deviations
    about a chosen mean, else 0 and 100."""
    rule = framework["normalise"]
    mean, sd = centre(framework)
    wide = [mean - 3 * sd, mean + 3 * sd]
    own = rule["method"] == "mazziotta_pareto" or "mean" in rule
    low, high = rule.get("range", wide if own else [0, 100])
    return float(low), float(high)


def centre(framework: dict) -> tuple[float, float]:
    """Mean and standard deviation to which standardised values are brought."""
    rule = framework["normalise"]
    usual = (100, 10) if rule["method"] == "mazziotta_pareto" else (0, 1)
    return float(rule.get("mean", usual[0])), float(rule.get("sd", usual[1]))


def scored(framework: dict) -> list[str]:
    """Codes of the indicators that enter the score, in the catalogue's order.

    In a framework of points those that carry points; otherwise all but those marked
    ``scored: false``, which are shown only. None in a framework that names no way to add them up:
    it is followed, not scored.
    """
    if "aggregate" not in framework:
        return []
    if framework["aggregate"] == "sum":
        return [c for c, i in framework["indicators"].items() if "points" in i]
    return [c for c, i in framework["indicators"].items() if i.get("scored", True)]


def of(framework: dict) -> Tree:
    """The tree of a framework (dates resolved, see :func:`analysis.catalogue.frameworks.on_day`).

    A framework of points (``aggregate: sum``) is the arithmetic mean of the shares reached,
    weighted by the points: the same sums, and comparable with other methods.

    Raises
    ------
    TreeError
        for a parent that does not exist, a circle, an aggregate without parts, weights that do not
        sum.
    """
    entries, dimensions = framework["indicators"], framework["dimensions"]
    codes = scored(framework)
    if not codes:
        raise TreeError(("indicators",), tell("no indicator enters the score"))
    order = _parts_first(framework)
    names = [*codes, *order, framework["framework"]]
    levels = ["indicator"] * len(codes) + ["dimension"] * len(order) + ["framework"]
    at = {code: len(codes) + i for i, code in enumerate([*order, None])}
    parent = [at[entries[c]["dimension"]] for c in codes]
    parent += [at[dimensions[d].get("parent")] for d in order] + [-1]
    parent = np.array(parent)
    means = [dimensions[d].get("aggregate", framework["aggregate"]) for d in order]
    means = ["arithmetic" if m == "sum" else m for m in [*means, framework["aggregate"]]]
    for node, code in zip(range(len(codes), len(names)), [*order, ""], strict=True):
        if not (parent == node).any():
            where = ("dimensions", code) if code else ("dimensions",)
            raise TreeError(
                where, tell("{code}: nothing is part of it", code=code or framework["framework"])
            )
    weights, top = _weights(framework, codes, order, parent)
    rule = framework["missing_children"]
    share = 1.0 if rule == "none" else rule["at_least"]
    by_level = share if isinstance(share, dict) else dict.fromkeys(levels, share)
    at_least = tuple(float(by_level.get(level, 1)) for level in levels[len(codes) :])
    points = framework["aggregate"] == "sum" and min(at_least) == 1
    return Tree(
        tuple(names),
        tuple(levels),
        len(codes),
        parent,
        weights,
        tuple(means),
        at_least,
        points,
        top,
    )


def _parts_first(framework: dict) -> list[str]:
    """Dimensions in the catalogue's order, but each before the one it is part of."""
    dimensions = framework["dimensions"]

    def above(code: str) -> list[str]:
        path = [code]
        while (parent := dimensions[path[-1]].get("parent")) is not None:
            where = ("dimensions", path[-1], "parent")
            if parent not in dimensions:
                raise TreeError(
                    where, tell("{path}: no dimension {parent}", path=path[-1], parent=parent)
                )
            if parent in path:
                circle = " → ".join([*path, parent])
                raise TreeError(
                    where, tell("{path}: part of itself: {circle}", path=path[-1], circle=circle)
                )
            path.append(parent)
        return path

    return sorted(dimensions, key=lambda code: -len(above(code)))


def _weights(framework, codes, order, parent) -> tuple[np.ndarray, np.ndarray]:
    entries, dimensions = framework["indicators"], framework["dimensions"]
    if framework["aggregate"] == "sum":
        points = [entries[c]["points"]["max"] for c in codes]
        points += [dimensions[d]["max_score"] for d in order] + [framework["max_score"]]
        return np.array(points, float), np.array(points, float)
    top = np.full(len(parent), ends(framework)[1])
    places = [("indicators", c) for c in codes] + [("dimensions", d) for d in order]
    if framework["weight"] not in STATED:
        return np.ones(len(parent)), top
    weights = np.ones(len(parent))
    for i, (kind, code) in enumerate(places):
        stated = framework[kind][code].get("weight")
        if stated is None:
            raise TreeError(
                (kind, code), tell("{code}: no weight, and weights are given", code=code)
            )
        weights[i] = stated
    for node in range(len(codes), len(parent)):
        parts = np.flatnonzero(parent == node)
        total = weights[parts].sum()
        if framework["weight"] != "given":
            weights[parts] /= total
            continue
        if not any(abs(total - whole) < 1e-6 for whole in (1, 100)):
            kind, code = places[parts[0]]
            above = places[node][1] if node < len(places) else framework["framework"]
            what = tell(
                "{above}: the weights of its parts sum to {total:g}, not to 1 or 100",
                above=above,
                total=total,
            )
            raise TreeError((kind, code, "weight"), what)
    return weights, top
