"""One framework file: its dated values, and whether it has all that its methods need."""

from datetime import date
from pathlib import Path

from analysis.catalogue import tree as trees
from analysis.catalogue.reader import CatalogueError, Reader

SCORING = ["normalise", "weight", "aggregate", "missing_children", "rank_within", "uncertainty"]
"""What a framework that is scored must name; one that is followed only names none of them."""


def items_named(formula: dict) -> list[str]:
    """The items of forms that a formula names."""
    parts = [*formula.get("ratio", {}).values(), *formula.get("change", {}).values()]
    single = [formula[k] for k in ("value", "standard_error") if k in formula]
    return [*single, *(item for part in parts for item in part)]


def items(framework: dict) -> set[str]:
    """The items of forms that the indicators of a framework name."""
    return {i for one in framework["indicators"].values() for i in items_named(one["formula"])}


def fed(named: list[str], forms: list[str], catalogue) -> list[str]:
    """The frameworks among those ``named`` of which one of the ``forms`` has an item."""
    held = {item for form in forms for item in catalogue.forms[form]["items"]}
    return [code for code in named if held & items(catalogue.frameworks[code])]


def check(read: Reader, path: Path, framework: dict) -> None:
    """Structure, weights and what each method needs, on every day on which something changes."""
    before = len(read.problems)
    for name, indicator in framework["indicators"].items():
        if indicator["dimension"] not in framework["dimensions"]:
            where = ("indicators", name, "dimension")
            read.report(path, where, f"{name}: no dimension {indicator['dimension']}")
    _check_scoring(read, path, framework)
    if len(read.problems) > before or "aggregate" not in framework:
        return
    for day in _days(framework) or [date.max]:
        held = on_day(framework, day)
        if held["aggregate"] == "sum":
            _check_points(read, path, held)
        if len(read.problems) > before:
            return
        try:
            trees.of(held)
        except trees.TreeError as error:
            read.report(path, error.where, str(error))
        for where, what in _unfit(held):
            read.report(path, where, what)


def _check_scoring(read: Reader, path: Path, framework: dict) -> None:
    """A framework is scored, and says how in full, or is followed only and gives nothing weight."""
    stated = [k for k in SCORING if k in framework]
    for key in set(SCORING) - set(stated) if stated else ():
        what = f"{key} is missing: a framework that names {stated[0]} is scored"
        read.report(path, (stated[0],), what)
    if stated:
        return
    for key in ("max_score", "screen", "impute", "treat", "not_ranked", "rank_decimals"):
        if key in framework:
            read.report(path, (key,), f"{key}: the framework is followed only; it has no score")
    for kind in ("dimensions", "indicators"):
        for name, entry in framework[kind].items():
            for key in {"weight", "max_score", "aggregate", "points"} & set(entry):
                what = f"{name}: {key}, but the framework is followed only"
                read.report(path, (kind, name, key), what)


def _check_points(read: Reader, path: Path, framework: dict) -> None:
    """Points add up to what dimensions and the whole are said to give."""
    for name, dimension in framework["dimensions"].items():
        own = [i for i in framework["indicators"].values() if i["dimension"] == name]
        reached = sum(i["points"]["max"] for i in own if "points" in i)
        stated = dimension.get("max_score")
        if stated is None or abs(reached - stated) > 1e-9:
            what = f"{name}: its indicators give {reached:g} points, not {stated or 0:g}"
            read.report(path, ("dimensions", name), what)
        if "parent" in dimension:
            where = ("dimensions", name, "parent")
            read.report(path, where, f"{name}: points are summed over one level of dimensions")
    stated = sum(d.get("max_score", 0) for d in framework["dimensions"].values())
    if abs(stated - framework.get("max_score", 0)) > 1e-9:
        read.report(path, ("max_score",), f"dimensions give {stated:g} points")


def _unfit(framework: dict) -> list[tuple[tuple, str]]:
    """Methods that lack what they need, or do not go together."""
    found: list[tuple[tuple, str]] = []
    needs = {"goalposts": "goalposts", "distance_to_target": "target", "points": "points"}
    needs["steps"] = "steps"
    own = framework["normalise"]["method"]
    others = framework["uncertainty"].get("normalise", [])
    for code in trees.scored(framework):
        indicator = framework["indicators"][code]
        where = ("indicators", code)
        for method in {indicator.get("normalise", own), *others}:
            if method in needs and needs[method] not in indicator:
                found.append((where, f"{code}: {method} needs {needs[method]}"))
        worst, best = indicator.get("goalposts", (0, indicator["direction"]))
        if worst == best:
            found.append(((*where, "goalposts"), f"{code}: goalposts are equal"))
        elif (best - worst) * indicator["direction"] < 0:
            what = f"{code}: goalposts are [worst, best] and run against the direction"
            found.append(((*where, "goalposts"), what))
        bounds = [b for b, _ in indicator.get("steps", [])]
        worth = [p for _, p in indicator.get("steps", [])]
        ordered = sorted(bounds, reverse=indicator["direction"] < 0)
        if bounds != ordered or worth != sorted(worth) or len(set(bounds)) < len(bounds):
            what = f"{code}: steps must go from the worst bound to the best, points rising"
            found.append(((*where, "steps"), what))
        if worth and max(worth) <= 0:
            found.append(((*where, "steps"), f"{code}: no step gives points"))
        if indicator.get("transform") == "log":
            bounds = {"goalposts": min(worst, best), "target": indicator.get("target", 1)}
            for key in [k for k, low in bounds.items() if k in indicator and low <= 0]:
                what = f"{code}: {key} of a logarithm must be above 0"
                found.append(((*where, key), what))
    if framework["aggregate"] == "sum" and framework["weight"] != "given":
        found.append((("weight",), "points are the weights of a sum: weight must be given"))
    return found + _unfit_together(framework, set(needs))


def _unfit_together(framework: dict, given: set[str]) -> list[tuple[tuple, str]]:
    """Scale, treatment and means that make nonsense of each other; ``given``: the methods that
    measure by bounds which the catalogue gives."""
    found: list[tuple[tuple, str]] = []
    doubt, (low, high) = framework["uncertainty"], trees.ends(framework)
    if low >= high:
        what = f"range: from the worst score to the best, not from {low:g} to {high:g}"
        found.append((("normalise", "range"), what))
    own = framework["normalise"]["method"]
    scored = {c: framework["indicators"][c] for c in trees.scored(framework)}
    methods = {i.get("normalise", own) for i in scored.values()}
    products = [
        (where, mean)
        for where, mean in _means(framework).items()
        if mean in ("geometric", "harmonic")
    ]
    for where, mean in products:
        if low < 0:
            what = f"scores may be below 0 (range from {low:g}): no {mean} mean"
            found.append((where, what))
        elif "z_score" in methods:
            found.append((where, f"z-scores may be below 0: no {mean} mean"))
    treated = {("treat",): [trees.method(framework, "treat")["method"]]}
    treated[("uncertainty", "treat")] = doubt.get("treat", [])
    on_values = sorted((methods | set(doubt.get("normalise", []))) & given)
    for where, ways in treated.items():
        if on_values and (logs := [way for way in ways if "log" in way]):
            what = f"{', '.join(on_values)}: on the scale of the values, not of their logarithm"
            found.append((where, f"{logs[0]}: {what}"))
    return found


def _means(framework: dict) -> dict[tuple, str]:
    """Where the framework names a mean → which."""
    means = {("aggregate",): framework["aggregate"]}
    for code, dimension in framework["dimensions"].items():
        if "aggregate" in dimension:
            means["dimensions", code, "aggregate"] = dimension["aggregate"]
    return means


def _days(node: object) -> list[date]:
    """Days on which something dated below ``node`` changes, from the first on which all holds."""
    spans = _spans(node)
    first = max((min(span) for span in spans), default=date.max)
    return sorted({day for span in spans for day in span if day >= first})


def _spans(node: object) -> list[list[date]]:
    if not isinstance(node, dict):
        return []
    own = [k for k in node if isinstance(k, date)]
    return ([own] if own else []) + [s for v in node.values() for s in _spans(v)]


def on_day(framework: dict, day: date) -> dict:
    """A framework with its dated values as they hold on ``day``.

    Raises
    ------
    CatalogueError
        where a dated value does not hold yet.
    """

    def resolved(node: object, path: str) -> object:
        if not isinstance(node, dict):
            return node
        if node and all(isinstance(k, date) for k in node):
            held = [since for since in node if since <= day]
            if not held:
                raise CatalogueError(
                    f"{framework['framework']}.yml:1: {path}: nothing holds on {day}; "
                    f"first entry: {min(node)}"
                )
            return node[max(held)]
        return {k: resolved(v, f"{path}.{k}" if path else str(k)) for k, v in node.items()}

    return resolved(framework, "")


def load(path: Path) -> dict:
    """Read and check one framework file by itself (its items need no form).

    Raises
    ------
    CatalogueError
        with every problem found, each as ``file:line: what``.
    """
    read = Reader(path.parent)
    loaded = read.yaml(path, "frameworks")
    if loaded:
        check(read, path, loaded)
    read.raise_problems()
    return loaded
