"""One framework file: its dated values, and whether it has all that its methods need."""

from datetime import date
from pathlib import Path

from analysis.catalogue import tree as trees
from analysis.catalogue.reader import CatalogueError, Reader
from analysis.language.messages import tell

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
            read.report(
                path,
                where,
                tell(
                    "{name}: no dimension {dimension}", name=name, dimension=indicator["dimension"]
                ),
            )
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


_OF_SCORES = ("max_score", "screen", "impute", "treat", "not_ranked", "rank_decimals")
_OF_SCORES += ("favourable", "over_time")


def _check_scoring(read: Reader, path: Path, framework: dict) -> None:
    """A framework is scored, and says how in full, or is followed only and gives nothing weight."""
    stated = [k for k in SCORING if k in framework]
    for key in set(SCORING) - set(stated) if stated else ():
        what = tell(
            "{key} is missing: a framework that names {stated} is scored", key=key, stated=stated[0]
        )
        read.report(path, (stated[0],), what)
    if stated:
        return
    for key in _OF_SCORES:
        if key in framework:
            read.report(
                path,
                (key,),
                tell("{key}: the framework is followed only; it has no score", key=key),
            )
    for kind in ("dimensions", "indicators"):
        for name, entry in framework[kind].items():
            for key in {"weight", "max_score", "aggregate", "points"} & set(entry):
                what = tell("{name}: {key}, but the framework is followed only", name=name, key=key)
                read.report(path, (kind, name, key), what)


def _check_points(read: Reader, path: Path, framework: dict) -> None:
    """Points add up to what dimensions and the whole are said to give."""
    for name, dimension in framework["dimensions"].items():
        own = [i for i in framework["indicators"].values() if i["dimension"] == name]
        reached = sum(i["points"]["max"] for i in own if "points" in i)
        stated = dimension.get("max_score")
        if stated is None or abs(reached - stated) > 1e-9:
            what = tell(
                "{name}: its indicators give {reached:g} points, not {stated:g}",
                name=name,
                reached=reached,
                stated=stated or 0,
            )
            read.report(path, ("dimensions", name), what)
        if "parent" in dimension:
            where = ("dimensions", name, "parent")
            read.report(
                path,
                where,
                tell("{name}: points are summed over one level of dimensions", name=name),
            )
    stated = sum(d.get("max_score", 0) for d in framework["dimensions"].values())
    if abs(stated - framework.get("max_score", 0)) > 1e-9:
        read.report(path, ("max_score",), tell("dimensions give {stated:g} points", stated=stated))


def _unfit(framework: dict) -> list[tuple[tuple, str]]:
    """Methods that lack what they need, or do not go together."""
    found: list[tuple[tuple, str]] = []
    needs = {"goalposts": "goalposts", "distance_to_target": "target", "points": "points"}
    needs |= {"steps": "steps", "goalposts_uncut": "goalposts"}
    own = framework["normalise"]["method"]
    others = framework["uncertainty"].get("normalise", [])
    for code in trees.scored(framework):
        indicator = framework["indicators"][code]
        where = ("indicators", code)
        for method in {indicator.get("normalise", own), *others}:
            if method in needs and needs[method] not in indicator:
                found.append(
                    (
                        where,
                        tell(
                            "{code}: {method} needs {needs}",
                            code=code,
                            method=method,
                            needs=needs[method],
                        ),
                    )
                )
        worst, best = indicator.get("goalposts", (0, indicator["direction"]))
        if worst == best:
            found.append(((*where, "goalposts"), tell("{code}: goalposts are equal", code=code)))
        elif (best - worst) * indicator["direction"] < 0:
            what = tell(
                "{code}: goalposts are [worst, best] and run against the direction", code=code
            )
            found.append(((*where, "goalposts"), what))
        bounds = [b for b, _ in indicator.get("steps", [])]
        worth = [p for _, p in indicator.get("steps", [])]
        ordered = sorted(bounds, reverse=indicator["direction"] < 0)
        if bounds != ordered or worth != sorted(worth) or len(set(bounds)) < len(bounds):
            what = tell(
                "{code}: steps must go from the worst bound to the best, points rising", code=code
            )
            found.append(((*where, "steps"), what))
        if worth and max(worth) <= 0:
            found.append(((*where, "steps"), tell("{code}: no step gives points", code=code)))
        if indicator.get("transform") == "log":
            bounds = {"goalposts": min(worst, best), "target": indicator.get("target", 1)}
            for key in [k for k, low in bounds.items() if k in indicator and low <= 0]:
                what = tell("{code}: {key} of a logarithm must be above 0", code=code, key=key)
                found.append(((*where, key), what))
    if framework["aggregate"] == "sum" and framework["weight"] != "given":
        found.append((("weight",), tell("points are the weights of a sum: weight must be given")))
    return found + _unfit_weights(framework) + _unfit_together(framework, set(needs))


def _unfit_weights(framework: dict) -> list[tuple[tuple, str]]:
    """Weights that the way of aggregating does not allow, bounds that no weights can keep."""
    found: list[tuple[tuple, str]] = []
    ways = set(_means(framework).values())
    if "influence" in framework["weight"] and not ways <= set(trees.MEANS):
        what = tell("{weight}: the influence of parts is of means", weight=framework["weight"])
        found.append((("weight",), what))
    bounds, count = framework.get("favourable", {}), len(trees.scored(framework))
    least, most = bounds.get("least", 0.0), bounds.get("most", 1.0)
    if least * count > 1 + 1e-9 or most * count < 1 - 1e-9:
        what = tell(
            "favourable: no shares of {count} indicators lie between {least:g} and {most:g}",
            count=count,
            least=least,
            most=most,
        )
        found.append((("favourable",), what))
    return found


def _unfit_together(framework: dict, given: set[str]) -> list[tuple[tuple, str]]:
    """Scale, treatment and means that make nonsense of each other; ``given``: the methods that
    measure by bounds which the catalogue gives."""
    found: list[tuple[tuple, str]] = []
    doubt, (low, high) = framework["uncertainty"], trees.ends(framework)
    if low >= high:
        what = tell(
            "range: from the worst score to the best, not from {low:g} to {high:g}",
            low=low,
            high=high,
        )
        found.append((("normalise", "range"), what))
    own = framework["normalise"]["method"]
    scored = {c: framework["indicators"][c] for c in trees.scored(framework)}
    methods = {i.get("normalise", own) for i in scored.values()}
    centre, sd = trees.centre(framework)
    for where, mean in _means(framework).items():
        if mean not in trees.MEANS or mean == "arithmetic":
            continue
        if low < 0:
            what = tell(
                "scores may be below 0 (range from {low:g}): no {mean} mean", low=low, mean=mean
            )
            found.append((where, what))
        elif "z_score" in methods and centre < _CLEAR * sd:
            found.append((where, tell("z-scores may be below 0: no {mean} mean", mean=mean)))
        elif "goalposts_uncut" in methods:
            what = tell(
                "scores beyond the worst goalpost are below the scale: no {mean} mean", mean=mean
            )
            found.append((where, what))
    found += _unfit_ways(framework, methods)
    treated = {("treat",): [trees.method(framework, "treat")["method"]]}
    tried = doubt.get("treat", [])
    treated[("uncertainty", "treat")] = [t if isinstance(t, str) else t["method"] for t in tried]
    on_values = sorted((methods | set(doubt.get("normalise", []))) & given)
    for where, ways in treated.items():
        if on_values and (logs := [way for way in ways if way not in _AS_THEY_ARE]):
            what = tell(
                "{on_values}: on the scale of the values, not of their logarithm or power",
                on_values=", ".join(on_values),
            )
            found.append((where, f"{logs[0]}: {what}"))
    return found


_AS_THEY_ARE = ("none", "winsorise")
_CLEAR = 8
"""Standard deviations below the mean at which no value of up to 65 units can be: (n − 1) ÷ √n."""


def _unfit_ways(framework: dict, methods: set[str]) -> list[tuple[tuple, str]]:
    """Ways of aggregating that need a scale, a ranking or weights of their own."""
    found: list[tuple[tuple, str]] = []
    low, _ = trees.ends(framework)
    for where, way in _means(framework).items():
        if way in trees.PENALISED and methods != {"mazziotta_pareto"}:
            what = tell(
                "{mean} needs its own scale: normalise: {{method: mazziotta_pareto}}", mean=way
            )
            found.append((where, what))
        if way in trees.OUTRANKING and low != 0:
            what = tell("{mean} gives shares of units: the range must begin at 0", mean=way)
            found.append((where, what))
    tried = {*_means(framework).values(), *framework["uncertainty"].get("aggregate", [])}
    orders = sorted(tried & set(trees.OUTRANKING))
    if orders and framework["rank_within"] != "all":
        what = tell("{mean} orders all units at once: rank_within must be all", mean=orders[0])
        found.append((("rank_within",), what))
    rule = framework["normalise"]
    if ("mean" in rule) != ("sd" in rule):
        found.append((("normalise",), tell("mean and sd go together")))
    elif "mean" in rule and "z_score" not in methods:
        found.append((("normalise", "mean"), tell("mean and sd are for z_score")))
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
                    tell(
                        "{framework}.yml:1: {path}: nothing holds on {day}; first entry: {first}",
                        framework=framework["framework"],
                        path=path,
                        day=day,
                        first=min(node),
                    )
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
