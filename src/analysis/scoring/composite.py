"""The steps of a composite index in order: the one module that knows all of them.

screen ▸ impute ▸ treat ▸ normalise ▸ weigh ▸ aggregate ▸ rank, each by the method that the
framework names (OECD/JRC Handbook on Constructing Composite Indicators, 2008).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.catalogue import tree as trees
from analysis.catalogue.tree import Tree
from analysis.schema.tables import OBS_STATUS_TYPE, SCORE_NOTES
from analysis.scoring import aggregate, impute, normalise, score, treat, weigh, without_cases
from analysis.scoring.grid import Grid, categorical


@dataclass(frozen=True)
class Built:
    """A scored framework.

    ``values``: the indicator values with what each step made of them; ``scores``: schema.SCORES;
    ``tree``: structure and weights as used; ``notes``: what the reader must know of units and
    indicators (schema.SCORE_NOTES); ``without_cases``: what the scores rest on
    (schema.WITHOUT_CASES).
    """

    values: pd.DataFrame
    scores: pd.DataFrame
    tree: Tree
    notes: pd.DataFrame
    without_cases: pd.DataFrame


def build(
    values: pd.DataFrame,
    framework: dict,
    peers: dict[str, str] | None = None,
    earlier: list[pd.DataFrame] = (),
) -> Built:
    """Score one framework in one period.

    Parameters
    ----------
    values
        schema.INDICATOR_VALUES: a row for each unit and indicator; ``standard_error`` where values
        are estimates; ``listed`` where the source lists units (see
        :mod:`analysis.scoring.normalise`).
    framework
        The catalogue's entry with its dates resolved (:func:`catalogue.frameworks.on_day`).
    peers
        Unit → type: the units it is compared with, and the groups of imputation.
    earlier
        Indicator values of the periods before, the latest first (for ``impute: last``).

    Raises
    ------
    analysis.catalogue.tree.TreeError, analysis.scoring.weigh.WeightError
        where structure or weights cannot be computed.
    """
    tree = trees.of(framework)
    codes = list(tree.codes[: tree.indicators])
    enters = values["indicator"].isin(codes)
    shown, used = values[~enters], values[enters]
    used = used.assign(
        reporting_unit=categorical(used["reporting_unit"]),
        indicator=categorical(used["indicator"], codes),
        obs_status=categorical(used["obs_status"], OBS_STATUS_TYPE.categories),
    )
    notes = [_not_finite(used)]
    used = screened(used, framework)
    notes += [_screened(used, framework.get("screen", {})), _empty(used)]
    used = used.drop(columns="available")
    rule = trees.method(framework, "impute")
    used = impute.impute(used, groups=peers, earlier=earlier, kin=kin(framework, tree), **rule)
    used = treat.treat(used, **trees.method(framework, "treat"))
    used = normalise.normalise(used, framework, codes)
    grid = Grid.of(used, columns=codes)
    matrix = grid.matrix(used["normalised"].to_numpy(float))
    tree = weigh.weights(tree, framework["weight"], matrix)
    notes += [_constant(matrix, codes), _rescaled(framework)]
    scores = aggregate.aggregate(used, framework, tree)
    scores = score.rank(
        scores, compared(framework, peers), list(not_ranked(framework)), decimals(framework)
    )
    table = pd.concat([n for n in notes if len(n)] or notes[:1], ignore_index=True)
    return Built(
        pd.concat([used, shown], ignore_index=True) if len(shown) else used.reset_index(drop=True),
        scores,
        tree,
        table.assign(framework=framework["framework"]).reindex(columns=SCORE_NOTES.columns),
        without_cases.table(used, scores, tree, framework, decimals(framework)),
    )


def kin(framework: dict, tree: Tree) -> impute.Kin:
    """The dimension and the direction of each scored indicator, in the tree's order."""
    codes = tree.codes[: tree.indicators]
    directions = np.array([framework["indicators"][c]["direction"] for c in codes])
    return impute.Kin(codes, tree.parent[: tree.indicators], directions)


def screened(used: pd.DataFrame, framework: dict) -> pd.DataFrame:
    """The first step: values that are no numbers go, and what has too little is marked.

    Adds ``available`` (the value, or what a rule grants in its place) and ``screened`` (see
    :func:`analysis.scoring.impute.screen`).
    """
    used = used.assign(obs_value=_finite(used["obs_value"]))
    given, _ = normalise.granted(used, framework)
    own = used["obs_value"].to_numpy(float)
    used = used.assign(available=np.where(np.isnan(own), given, own))
    return impute.screen(used, **framework.get("screen", {}), value="available")


def compared(framework: dict, peers: dict[str, str] | None) -> dict[str, str]:
    """Unit → the group it is ranked within: its type, or all of them together ("all").

    A unit of which others are parts (``wholes`` of the framework) is never compared with them.
    """
    peers = peers or {}
    if framework["rank_within"] == "type":
        return peers
    apart = {unit: peers[unit] for unit in framework.get("wholes", ()) if unit in peers}
    return dict.fromkeys(peers, "all") | apart


def decimals(framework: dict) -> int:
    """To how many decimals scores are rounded before they are ranked."""
    return framework.get("rank_decimals", score.EXACT)


def not_ranked(framework: dict) -> dict[str, str]:
    """Units that the framework scores but does not rank, with the reason."""
    return {unit: r["reason"] for r in framework.get("not_ranked", []) for unit in r["units"]}


def _finite(values: pd.Series) -> pd.Series:
    return values.where(np.isfinite(values.to_numpy(float)))


# --- notes --------------------------------------------------------------------------------------


def _not_finite(used: pd.DataFrame) -> pd.DataFrame:
    wrong = used[np.isinf(used["obs_value"].to_numpy(float))]
    return _notes("value_not_finite", wrong["reporting_unit"], wrong["indicator"])


def _screened(used: pd.DataFrame, rule: dict) -> pd.DataFrame:
    found = []
    known = used["available"].notna()
    zero = (used["available"] == 0)[known]
    for kind, key in (("indicator", "indicator"), ("unit", "reporting_unit")):
        available = known.groupby(used[key], observed=True).mean()
        zeros = zero.groupby(used[key][known], observed=True).mean()
        limits = {kind: rule.get(f"{kind}s", 0), f"{kind}_zeros": rule.get(f"{kind}s_not_zero", 0)}
        for mark, limit in limits.items():
            names = used.loc[used["screened"] == mark, key].drop_duplicates()
            share, bound = (available, limit) if mark == kind else (zeros, 1 - limit)
            found.append(
                _notes(
                    f"{mark}_screened",
                    names if kind == "unit" else None,
                    names if kind == "indicator" else None,
                    [f"{100 * share[n]:.0f}" for n in names],
                    f"{100 * bound:.0f}" if limit else None,
                )
            )
    return pd.concat(found)


def _empty(used: pd.DataFrame) -> pd.DataFrame:
    """Indicators without any value, units without any value."""
    known = used["available"].notna()
    by_unit = known.groupby(used["reporting_unit"], observed=True).any()
    by_indicator = known.groupby(used["indicator"], observed=True).any()
    return pd.concat(
        [
            _notes("unit_without_values", by_unit.index[~by_unit]),
            _notes("indicator_without_values", None, by_indicator.index[~by_indicator]),
        ]
    )


def _constant(matrix: np.ndarray, codes: list[str]) -> pd.DataFrame:
    """Indicators in which all units are equal: they tell nobody apart."""
    known = (~np.isnan(matrix)).sum(axis=0)
    low, high = np.fmin.reduce(matrix, axis=0), np.fmax.reduce(matrix, axis=0)
    same = (known > 1) & (low == high)
    return _notes("indicator_constant", None, np.array(codes, object)[same])


def _rescaled(framework: dict) -> pd.DataFrame:
    """Whose weights were stated otherwise than in shares or percent, and were rescaled."""
    stated: dict[str | None, list[float]] = {}
    if framework["weight"] == "relative":
        for kind, above in (("indicators", "dimension"), ("dimensions", "parent")):
            for code in framework[kind] if kind == "dimensions" else trees.scored(framework):
                entry = framework[kind][code]
                stated.setdefault(entry.get(above), []).append(float(entry["weight"]))
    off = {c: sum(w) for c, w in stated.items() if min(abs(sum(w) - 1), abs(sum(w) - 100)) > 1e-6}
    lists = [" : ".join(f"{w:g}" for w in stated[c]) for c in off]
    made = _notes("weights_rescaled", [None] * len(off), None, lists)
    return made.assign(expected=[f"{total:g}" for total in off.values()])


def _notes(rule: str, units=None, indicators=None, found=None, expected=None) -> pd.DataFrame:
    size = len(units if units is not None else indicators)
    columns = {"reporting_unit": units, "indicator": indicators, "found": found}
    table = pd.DataFrame(
        {c: np.asarray(v, object) if v is not None else [None] * size for c, v in columns.items()}
    )
    return table.assign(rule=rule, expected=expected)
