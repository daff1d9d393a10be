"""What the page on which readers ask (:mod:`analysis.site.explorer`) knows of a framework: figures
that other pages of the period show, as lists in the order of the units. Nothing of who sent what,
of findings, or of numerators and denominators."""

import math
from collections.abc import Callable, Iterable

import pandas as pd

from analysis.catalogue.tree import Tree, ends
from analysis.history import breaks, history
from analysis.language.languages import choose, column
from analysis.period import Loaded
from analysis.scoring import composite

DECIMALS = {"percent": 1, "points": 2}
"""Unit of measure → decimals, as :func:`analysis.topics.results.measured` writes them."""


def units(loaded: Loaded, hrefs: dict[str, str]) -> list[list]:
    """Code, name and address of the page of each unit that is due; ``hrefs``: those with one."""
    return [[code, name, hrefs.get(code, "")] for code, name in loaded.names.items()]


def framework(loaded: Loaded, code: str, detailed: bool = True) -> dict:
    """One framework: its indicators with their values, now and before, and its scores.

    ``detailed``: whether readers may see each unit's indicators; else scores of dimensions and of
    the whole alone, without anything to compute others from.

    ``group``: of each unit, which of ``groups`` it is compared within. ``before``: a list for each
    of ``periods`` but the last, printed decimals only. ``synthetic``: of each period, whether its
    figures are made by machine. ``breaks``: positions of the periods before which a line breaks.
    """
    described = loaded.framework(code)
    held = history.periods(loaded, code, gaps=True)
    types = dict(zip(loaded.due["code"], loaded.due["type"], strict=True))
    within = composite.compared({"rank_within": "type"} | described, types)
    groups = list(dict.fromkeys(within.get(u, "all") for u in types))
    kinds = loaded.catalogue.unit_types[column("name")].to_dict()
    scored = code in loaded.scored
    return {
        "code": code,
        "title": choose(described["title"]),
        "basis": described["legal_basis"],
        "groups": [kinds.get(g, "") for g in groups],
        "group": [groups.index(within.get(u, "all")) for u in types],
        "periods": [p.plan.key for p in held],
        "synthetic": [p.plan.synthetic for p in held],
        "indicators": _indicators(loaded, described, held) if detailed else [],
        "tree": _tree(loaded, described, held, detailed) if scored else None,
    }


def _indicators(loaded: Loaded, described: dict, held: list[Loaded]) -> list[dict]:
    code = described["framework"]
    now = loaded.ranked(code).indicator_values
    now = _by_unit(loaded, now, "indicator", "obs_value", described["indicators"])
    before = history.indicator_values(loaded, code) if len(held) > 1 else None
    earlier = _earlier(loaded, before, held, "indicator", "obs_value")
    found = []
    for name, indicator in described["indicators"].items():
        measure = indicator["unit_measure"]
        found.append(
            {
                "code": name,
                "name": " ".join(
                    filter(None, [indicator.get("number"), choose(indicator["name"])])
                ),
                "percent": measure == "percent",
                "direction": indicator.get("direction", 0),
                "values": listed(now[name]),
                "before": [listed(t[name], DECIMALS.get(measure, 2)) for t in earlier],
                "breaks": _breaks(held, breaks.measured_as(code, name)),
            }
        )
    return found


def _tree(loaded: Loaded, described: dict, held: list[Loaded], detailed: bool) -> dict:
    """Structure, weights and normalised values, from which the page computes; scores and ranks of
    dimensions and of the whole beside them, as published."""
    code = described["framework"]
    tree, ranked = loaded.tree(code), loaded.ranked(code)
    values, scores = ranked.indicator_values, ranked.scores
    codes = tree.codes[: tree.indicators]
    normalised = _by_unit(loaded, values, "indicator", "normalised", codes)
    granted = pd.DataFrame(index=normalised.index, columns=codes)
    if "granted" in values:
        granted = _by_unit(loaded, values, "indicator", "granted", codes)
    # what is made of no means the page cannot compute anew: no own weights then
    detailed = detailed and tree.of_means
    left_out, shown = composite.not_ranked(described), codes if detailed else ()
    entries = _entries(loaded, described, tree, scores, held)
    if not detailed:
        n = tree.indicators
        entries = [e | {"parent": e["parent"] - n if e["parent"] >= 0 else -1} for e in entries[n:]]
    return {
        "normalised": [listed(normalised[c]) for c in shown],
        "granted": [[int(n) for n in granted[c].notna().to_numpy().nonzero()[0]] for c in shown],
        "entries": entries,
        "scale": ends(described)[1] if described["aggregate"] == "sum" else None,
        "decimals": composite.decimals(described),
        "unranked": [n for n, u in enumerate(loaded.names) if u in left_out],
        "breaks": _breaks(held, breaks.scored_by(code)),
    }


def _entries(
    loaded: Loaded, described: dict, tree: Tree, scores: pd.DataFrame, held: list[Loaded]
) -> list[dict]:
    """The tree's entries: indicators first, the whole last."""
    names = {"indicator": described["indicators"], "dimension": described["dimensions"]}
    whole = {"name": described["title"]}
    before = history.scores(loaded, described["framework"]) if len(held) > 1 else None
    found = []
    for at, (level, code) in enumerate(zip(tree.levels, tree.codes, strict=True)):
        entry = {
            "id": f"{level[0]}.{code}",
            "name": choose(names.get(level, {}).get(code, whole)["name"]),
            "parent": int(tree.parent[at]),
            "weight": float(tree.weights[at]),
            "top": float(tree.top[at]),
        }
        if level != "indicator":
            own = scores[(scores["level"] == level) & (scores["code"] == code)]
            then = before
            if before is not None:
                then = before[(before["level"] == level) & (before["code"] == code)]
            earlier = _earlier(loaded, then, held, "code", "score")
            entry |= {
                "mean": tree.means[at - tree.indicators],
                "atLeast": tree.least(at),
                "scores": listed(_by_unit(loaded, own, "code", "score", [code])[code]),
                "ranks": listed(_by_unit(loaded, own, "code", "rank", [code])[code]),
                "before": [listed(table[code], 2) for table in earlier],
            }
        found.append(entry)
    return found


def _by_unit(
    loaded: Loaded, table: pd.DataFrame, key: str, value: str, codes: Iterable[str]
) -> pd.DataFrame:
    """``value`` of the units due (rows, in their order) by ``key``."""
    held = table[["reporting_unit", key, value]].astype({"reporting_unit": object, key: object})
    wide = held.pivot(index="reporting_unit", columns=key, values=value)
    return wide.reindex(index=list(loaded.names), columns=list(codes))


def _earlier(
    loaded: Loaded, table: pd.DataFrame | None, held: list[Loaded], key: str, value: str
) -> list[pd.DataFrame]:
    """:func:`_by_unit` of each period of ``held`` but the last, recast to the units of today."""
    if table is None:
        return []
    codes, then = table[key].astype(object).unique(), table["time_period"].astype(object)
    rows = (table[then.isin([p.plan.code, p.plan.key])] for p in held[:-1])
    return [_by_unit(loaded, r, key, value, codes) for r in rows]


def _breaks(held: list[Loaded], asked: Callable[[Loaded], object]) -> list[int]:
    """Before which periods a line breaks (:func:`analysis.history.breaks.between`); figures made
    by machine are never joined with others."""
    pairs = enumerate(zip(held, held[1:], strict=False), 1)
    return [
        n
        for n, (one, other) in pairs
        if one.plan.synthetic != other.plan.synthetic or breaks.between(one, other, asked)
    ]


def listed(values: Iterable, decimals: int | None = None) -> list:
    """Numbers for JSON, missing and infinite ones as None, whole ones without a point.

    >>> listed([1.0, float("nan"), 2.25], 1)
    [1, None, 2.2]
    """
    found = []
    for value in values:
        number = float(value) if pd.notna(value) else math.nan
        number = number if decimals is None else round(number, decimals)
        whole = math.isfinite(number) and number.is_integer()
        found.append(int(number) if whole else number if math.isfinite(number) else None)
    return found
