"""The structure of a framework: which indicators make which aggregate, with what weight, how."""

from dataclasses import dataclass, replace

import numpy as np

from analysis.language.messages import tell

MEANS = ("arithmetic", "geometric", "harmonic")


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
        arithmetic, geometric or harmonic, of each aggregate.
    at_least
        Least share of the children of an aggregate that must be there for it to have a score.
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
    at_least: float
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

    def with_means(self, mean: str) -> "Tree":
        """The same tree with one kind of mean throughout."""
        return replace(self, means=(mean,) * len(self.means))


def method(framework: dict, step: str) -> dict:
    """What a framework says of a step: ``method`` (none, if it says nothing) and its options."""
    rule = framework.get(step, "none")
    return {"method": rule} if isinstance(rule, str) else rule


def ends(framework: dict) -> tuple[float, float]:
    """Foot and top of the framework's scale."""
    low, high = framework["normalise"].get("range", [0, 100])
    return float(low), float(high)


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
    at_least = 1.0 if rule == "none" else float(rule["at_least"])
    points = framework["aggregate"] == "sum" and at_least == 1
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
    if framework["weight"] != "given":
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
