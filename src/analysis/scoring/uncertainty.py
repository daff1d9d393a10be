"""How sure is a rank: Monte Carlo over the choices of a composite index, and which choice matters.

Every choice is a factor with equally likely states (Saisana, Saltelli & Tarantola 2005; OECD/JRC
handbook, step 7): sets of weights, scales, means, ways to fill gaps, and draws of the sampling
error. A design says which state each factor takes in each replicate; :func:`evaluate` computes all
replicates of one design at once. State 0 of every factor is the published choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # its parts are loaded when first used, which takes a while

from analysis.catalogue import tree as trees
from analysis.catalogue.tree import Tree
from analysis.schema.tables import PAIR_REACH, RANK_FACTORS, RANK_INTERVALS
from analysis.scoring import aggregate, composite, impute, normalise, ordered, score, treat, weigh
from analysis.scoring.grid import Grid

SAMPLING = "sampling_error"
_FLOOR = 0.01
_APART = 0.95
_OF_PARTS_ABOVE_0 = set(trees.MEANS) - {"arithmetic"}
CELLS = 20_000_000  # numbers at a time: memory does not grow with the number of replicates


@dataclass(frozen=True)
class Factor:
    """A choice: its name and its states, the published one first."""

    name: str
    states: tuple


@dataclass(frozen=True)
class Experiment:
    """One framework with everything that could have been chosen otherwise.

    ``x`` the values (units × indicators), ``errors`` their standard errors (0 where none),
    ``granted`` what rules give in place of a value, ``kind`` the peers of each unit as codes,
    ``filled_from`` the group from which its gaps are filled, ``measured`` (units × entries) whether
    anything of an entry is, ``ranked`` whether it takes part in the ranking.
    """

    framework: dict
    tree: Tree
    units: pd.Index
    x: np.ndarray
    errors: np.ndarray
    granted: np.ndarray
    kind: np.ndarray
    filled_from: np.ndarray
    measured: np.ndarray
    ranked: np.ndarray
    factors: tuple[Factor, ...]
    weights: np.ndarray
    seed: int

    def factor(self, name: str) -> int | None:
        names = [f.name for f in self.factors]
        return names.index(name) if name in names else None


def experiment(
    values: pd.DataFrame, framework: dict, peers: dict[str, str] | None = None
) -> Experiment:
    """Prepare the uncertainty analysis that ``framework: uncertainty`` describes.

    Parameters
    ----------
    values
        As given to or returned by :func:`analysis.scoring.composite.build`; ``standard_error`` (of
        obs_value) makes sampling error a factor of its own.
    """
    tree = trees.of(framework)
    codes = list(tree.codes[: tree.indicators])
    used = values[values["indicator"].isin(codes)]
    stated = framework["uncertainty"]
    used = composite.screened(used, framework)
    granted, _ = normalise.granted(used, framework)
    grid = Grid.of(used, columns=codes)
    held = (used["screened"] == "").to_numpy()
    carried = _method(framework, "impute") == "last" and "filled_value" in used
    own = used["filled_value" if carried else "obs_value"]
    x = grid.matrix(own.where(held).to_numpy(float))
    errors = np.zeros(x.shape)
    if "standard_error" in used:
        stated_errors = grid.matrix(used["standard_error"].to_numpy(float))
        errors = np.where(np.isfinite(stated_errors), stated_errors, 0.0)
    groups = grid.of_units(composite.compared(framework, peers))
    _, kind = np.unique(groups, return_inverse=True)
    count = stated["replicates"]
    factors = [
        Factor(step, _first(_method(framework, step), stated[step]))
        for step in ("impute", "treat", "normalise", "aggregate")
        if len(_first(_method(framework, step), stated.get(step, []))) > 1
    ]
    if "weights" in stated:
        factors.append(Factor("weights", tuple(range(count + 1))))
    if errors.any():
        factors.append(Factor(SAMPLING, tuple(range(count + 1))))
    return Experiment(
        framework,
        tree,
        grid.units,
        x,
        errors,
        grid.matrix(np.where(held, granted, np.nan)),
        kind,
        grid.of_units(peers or {}),
        _measured(x, grid.matrix(granted), tree),
        ~grid.units.isin(list(composite.not_ranked(framework))),
        tuple(factors),
        _weight_sets(tree, count, stated.get("weights", {}).get("spread", 0.0), stated["seed"]),
        stated["seed"],
    )


def _measured(x: np.ndarray, granted: np.ndarray, tree: Tree) -> np.ndarray:
    """Whether an entry rests on more than what rules grant: where that is all, nobody is ranked."""
    known, given = (np.zeros((len(x), len(tree.codes)), bool) for _ in range(2))
    known[:, : tree.indicators] = ~np.isnan(x)
    given[:, : tree.indicators] = ~np.isnan(granted)
    for node in tree.aggregates:
        for found in (known, given):
            found[:, node] = found[:, tree.children(node)].any(axis=1)
    return known | ~given


def _method(framework: dict, step: str) -> str:
    method = trees.method(framework, step)["method"]
    return "arithmetic" if method == "sum" else method


def _first(own: str, others: Sequence[str | dict]) -> tuple[str | dict, ...]:
    found = [own]
    found += [o for i, o in enumerate(others) if o != own and o not in others[:i]]
    return tuple(found)


def _weight_sets(tree: Tree, count: int, spread: float, seed: int) -> np.ndarray:
    """Weights as published, then each times a number between 1 − spread and 1 + spread."""
    rng = np.random.default_rng([seed, 1])
    drawn = rng.uniform(1 - spread, 1 + spread, (count, len(tree.codes)))
    return np.vstack([np.ones(len(tree.codes)), drawn])


# --- designs ------------------------------------------------------------------------------------


def design(held: Experiment, factors: Sequence[str] | None = None) -> np.ndarray:
    """A random design: replicates × factors, states drawn independently and evenly.

    ``factors``: only these vary; the others stay at the published choice. Weights and errors take
    a draw of their own in each replicate.
    """
    count = held.framework["uncertainty"]["replicates"]
    rng = np.random.default_rng([held.seed, 2])
    found = np.zeros((count, len(held.factors)), int)
    for i, factor in enumerate(held.factors):
        drawn = rng.integers(0, len(factor.states), count)
        if factor.name in ("weights", SAMPLING):
            drawn = np.arange(1, count + 1)
        if factors is None or factor.name in factors:
            found[:, i] = drawn
    return found


def evaluate(held: Experiment, states: np.ndarray, entry: int = -1) -> np.ndarray:
    """Scores of one entry of the tree under each row of a design: replicates × units.

    A replicate in which the choices do not go together is missing throughout.
    """
    found = np.full((len(states), len(held.units)), np.nan)
    steps = [held.factor(s) for s in ("impute", "treat", "normalise", "aggregate")]
    combined = states[:, [s for s in steps if s is not None]]
    groups, which = np.unique(combined, axis=0, return_inverse=True)
    for g in range(len(groups)):
        rows = np.flatnonzero(which.ravel() == g)
        size = max(1, CELLS // max(held.x.size, 1))
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            found[part] = _replicates(held, states[part], entry)
    return found


def carried(held: Experiment, x: np.ndarray) -> np.ndarray:
    """Scores of every entry by the published choices from other values: … × units × entries.

    ``x``: values as those of the experiment, of one state or of many replicates (… × units ×
    indicators). Weights that come from data are those of the experiment's own.
    """
    states = x[None] if x.ndim == 2 else x
    found = np.empty((*states.shape[:2], len(held.tree.codes)))
    size = max(1, CELLS // max(held.x.size, 1))
    for start in range(0, len(states), size):
        part = np.concatenate([held.x[None], states[start : start + size]])
        chosen = np.zeros((len(part), len(held.factors)), int)
        found[start : start + size] = _steps(held, part, chosen)[1:]
    return found[0] if x.ndim == 2 else found


def _replicates(held: Experiment, states: np.ndarray, entry: int) -> np.ndarray:
    """Replicates that share their methods: one pass through the steps."""
    scores = _steps(held, with_errors(held, states), states)[..., entry]
    return np.broadcast_to(scores, (len(states), len(held.units)))


def _steps(held: Experiment, x: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Values → scores of all entries, by the methods of the first of ``states``."""

    def chosen(step: str) -> str | dict:
        at = held.factor(step)
        own = _method(held.framework, step)
        return own if at is None else held.factors[at].states[states[0, at]]

    framework, codes = held.framework, list(held.tree.codes[: held.tree.indicators])
    kin = composite.kin(framework, held.tree)
    x = impute.filled(x, chosen("impute"), held.filled_from, kin)
    x = treat.treated(x, **trees.method(framework, "treat") | _rule(chosen("treat")))
    scale = normalise.Scale.of(framework, codes)
    method, mean = chosen("normalise"), chosen("aggregate")
    if mean in trees.PENALISED:
        method = "mazziotta_pareto"  # the index is of that scale alone
    own = method == framework["normalise"]["method"]
    n = scale.apply(x, None if own else method)
    low, high = scale.scale
    share = (held.granted - low) / (high - low)
    n = np.where(np.isnan(held.granted), n, _on_scale(share, method, scale, len(held.units)))
    tree = held.tree
    if mean != _method(framework, "aggregate"):
        tree = tree.with_means(mean)
        if mean in trees.MEANS and mean != "arithmetic":
            # on 1 … 100: else one indicator at 0 would decide alone
            n = n + _FLOOR * (high - n)
    weights = _weights(held, tree, states, n)
    if weights is None:
        return np.full((len(states), len(held.units), len(tree.codes)), np.nan)
    scores = aggregate.combine(n, tree, weights)
    if set(tree.means) & _OF_PARTS_ABOVE_0:  # no mean of part of the units: it would mislead
        scores = np.where((n < 0).any(axis=(-2, -1))[..., None, None], np.nan, scores)
    return scores


def _rule(state: str | dict) -> dict:
    """A state as the method and options that it is."""
    return {"method": state} if isinstance(state, str) else state


def _on_scale(share: np.ndarray, method: str, scale: normalise.Scale, units: int) -> np.ndarray:
    """A granted share (0 the worst, 1 the best) on the scale of another method."""
    if method == "rank":
        return 1 + share * (units - 1)
    if method in ("z_score", "mazziotta_pareto"):
        mean, sd = (100, 10) if method == "mazziotta_pareto" else scale.centre
        return mean + sd * scipy.special.ndtri(np.clip(share, 0.5 / units, 1 - 0.5 / units))
    low, high = scale.scale
    return low + share * (high - low)


def with_errors(held: Experiment, states: np.ndarray) -> np.ndarray:
    """Values plus a normal draw of their sampling error, one for each state of that factor."""
    at = held.factor(SAMPLING)
    if at is None or not states[:, at].any():
        return held.x
    drawn = np.zeros((len(states), *held.x.shape))
    for i, state in enumerate(states[:, at]):
        if state:
            rng = np.random.default_rng([held.seed, 3, int(state)])
            drawn[i] = rng.standard_normal(held.x.shape)
    return held.x + drawn * held.errors


def _weights(held: Experiment, tree: Tree, states: np.ndarray, n: np.ndarray):
    """Weights of each replicate; None where the data cannot give any."""
    base = tree.weights
    if held.framework["weight"] not in ("given", "relative"):
        middle = n if n.ndim == 2 else n[0]
        try:
            base = weigh.weights(tree, held.framework["weight"], middle).weights
        except weigh.WeightError:
            return None
    at = held.factor("weights")
    return base if at is None else base * held.weights[states[:, at]]


# --- what the replicates say --------------------------------------------------------------------


def ranks(held: Experiment, scores: np.ndarray) -> np.ndarray:
    """Ranks among peers in every replicate: replicates × units."""
    found, to = np.full(scores.shape, np.nan), composite.decimals(held.framework)
    for group in np.unique(held.kind):
        rows = np.flatnonzero((held.kind == group) & held.ranked)
        if len(rows):
            found[:, rows] = score.places(scores[:, rows], decimals=to)
    return found


RANKS = RANK_INTERVALS.columns[3:]


def summarise(
    held: Experiment, scores: np.ndarray, source: str, level: float = 0.9, top: int = 10
) -> pd.DataFrame:
    """Rank intervals and the chance of a place at the top or the bottom.

    The interval of the score is given for sampling alone: other choices change what a score means.

    Parameters
    ----------
    scores
        Of :func:`evaluate`.
    source
        What varied: method, sampling or both; it goes with every interval.
    level
        Of the interval: 0.9 leaves out the lowest and the highest twentieth.
    top
        How many places count as top and as bottom; a third of the peers where there are few.

    Returns
    -------
    RANKS, one row per unit. ``replicates`` counts those in which the unit has a rank, ``failed``
    those in which nobody has one since the choices do not go together.
    """
    place = ranks(held, scores)
    lost = np.isnan(scores).all(axis=1)
    ends = [0.5, (1 - level) / 2, (1 + level) / 2]
    middle, low, high = _quantiles(place, ends)
    _, score_low, score_high = _quantiles(scores, ends)
    if source != "sampling":
        score_low = score_high = np.full(len(held.units), np.nan)
    tops, p_top, p_bottom = (np.full(len(held.units), np.nan) for _ in range(3))
    counted = (~np.isnan(place)).sum(axis=0)
    for group in np.unique(held.kind):
        rows = np.flatnonzero((held.kind == group) & (counted > 0))
        if len(rows) < 3:
            continue
        size = min(top, len(rows) // 3)
        tops[rows] = size
        p_top[rows] = (place[:, rows] <= size).sum(axis=0) / counted[rows]
        bottom = place[:, rows] > len(rows) - size
        p_bottom[rows] = bottom.sum(axis=0) / counted[rows]
    table = pd.DataFrame(
        {
            "reporting_unit": held.units,
            "rank_median": middle,
            "rank_low": low,
            "rank_high": high,
            "score_low": score_low,
            "score_high": score_high,
            "top": tops,
            "p_top": p_top,
            "p_bottom": p_bottom,
            "replicates": counted,
            "failed": int(lost.sum()),
        }
    )
    return table.assign(source=source)[RANKS]


def _quantiles(x: np.ndarray, at: list[float]) -> np.ndarray:
    """Quantiles over the replicates that are among the values; missing where nothing is known."""
    known = ~np.isnan(x)
    some = known.any(axis=0)
    filled = np.where(some, x, 0.0)
    if known[:, some].all():
        found = np.quantile(filled, at, axis=0, method="inverted_cdf")
    else:
        found = np.nanquantile(filled, at, axis=0, method="inverted_cdf")
    return np.where(some, found, np.nan)


def pairs(held: Experiment, scores: np.ndarray, reach: int = PAIR_REACH) -> pd.DataFrame:
    """How often one of two peers is above the other.

    Pairs within ``reach`` places are all there, farther ones only if they are not told apart: in a
    large group nearly all are, and every page of a unit reads this table.

    Returns reporting_unit, other (ranked below it as published), peer_places (how far apart),
    p_above (share of the replicates in which the first is above, ties half) and ``apart``: whether
    that is so in at least 95 of 100.
    """
    published = evaluate(held, np.zeros((1, len(held.factors)), int))[0]
    published[~held.measured[:, -1]] = np.nan
    found = []
    for group in np.unique(held.kind):
        rows = np.flatnonzero((held.kind == group) & held.ranked & ~np.isnan(published))
        rows = rows[np.argsort(-published[rows], kind="stable")]
        order, known = _order(scores[:, rows])
        for gap in range(1, len(rows)):
            share = _above(order[:-gap], order[gap:], known[:-gap], known[gap:])
            listed = np.flatnonzero((gap <= reach) | ~(share >= _APART))
            if not len(listed):
                continue
            found.append(
                pd.DataFrame(
                    {
                        "reporting_unit": held.units[rows[listed]],
                        "other": held.units[rows[listed + gap]],
                        "peer_places": gap,
                        "p_above": share[listed],
                    }
                )
            )
    columns = ["reporting_unit", "other", "peer_places", "p_above"]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return table.assign(apart=table["p_above"] >= _APART)


def _order(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores as small whole numbers in the same order, and which are known: units × replicates.

    One unit's replicates lie beside each other: all pairs of a group are then compared fast.
    """
    known = ~np.isnan(scores)
    tidy = np.where(known, np.round(scores, 9), -np.inf)
    order = ordered.places(tidy, "dense", 1).astype(np.uint32)
    return np.ascontiguousarray(order.T), np.ascontiguousarray(known.T)


def _above(a: np.ndarray, b: np.ndarray, a_known: np.ndarray, b_known: np.ndarray) -> np.ndarray:
    """Share of the replicates that both have in which ``a`` is above ``b``, row by row."""
    above, level = a > b, a == b
    count = np.full(len(a), a.shape[1])
    if not (a_known.all() and b_known.all()):
        both = a_known & b_known
        above, level, count = above & both, level & both, both.sum(axis=1)
    wins = above.sum(axis=1) + 0.5 * level.sum(axis=1)
    return np.divide(wins, count, np.full(len(a), np.nan), where=count > 0)


def failures(held: Experiment, states: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Replicates without any score, by the choices they took: choices (text), replicates."""
    lost = states[np.isnan(scores).all(axis=1)]
    named = [i for i, f in enumerate(held.factors) if f.name not in ("weights", SAMPLING)]
    texts = [
        ", ".join(
            f"{held.factors[i].name}: {_rule(held.factors[i].states[row[i]])['method']}"
            for i in named
        )
        for row in lost
    ]
    counts = pd.Series(texts, dtype=object).value_counts()
    return counts.rename_axis("choices").rename("replicates").reset_index()


def sensitivity(held: Experiment, power: int = 9) -> pd.DataFrame:
    """Which choice moves the ranking: Sobol indices of the mean shift in rank.

    The output is the mean absolute difference of the units' ranks from the published ones
    (Saisana et al. 2005; COINr ``get_sensitivity``). First order: the share of its variance that
    the choice explains alone; total: with all its interplay.

    Parameters
    ----------
    power
        2 to this power points for each of (factors + 2) designs.

    Returns
    -------
    factor, states, first_order, first_low, first_high, total_order, total_low, total_high (90 %
    bootstrap intervals), mean_shift (of the whole), failed. Empty with fewer than two factors or
    three ranked units.
    """
    sizes = np.array([len(f.states) for f in held.factors])
    published = ranks(held, evaluate(held, np.zeros((1, len(sizes)), int)))
    if len(sizes) < 2 or (~np.isnan(published)).sum() < 3:
        return pd.DataFrame(columns=RANK_FACTORS.columns[1:])
    failed, shifts = 0, []

    def shift(u: np.ndarray) -> np.ndarray:
        nonlocal failed
        states = np.minimum((u.reshape(len(sizes), -1).T * sizes).astype(int), sizes - 1)
        place = ranks(held, evaluate(held, states))
        moved = np.abs(place - published)
        known = ~np.isnan(moved)
        count = known.sum(axis=1)
        total = np.where(known, moved, 0).sum(axis=1)
        mean = np.divide(total, count, np.full(len(count), np.nan), where=count > 0)
        failed += int((count == 0).sum())
        # an impossible combination has no rank; it counts as the mean shift, and is reported
        mean = np.where(count > 0, mean, np.nanmean(mean) if (count > 0).any() else 0.0)
        shifts.append(mean.copy())  # SciPy centres what it is given
        return mean.reshape(1, *u.shape[1:])

    even = [scipy.stats.uniform()] * len(sizes)
    rng = np.random.default_rng([held.seed, 4])
    found = scipy.stats.sobol_indices(func=shift, n=2**power, dists=even, rng=rng)
    low, high = _bootstrapped(*shifts[:2], shifts[2].reshape(-1, len(sizes)).T, rng)
    return pd.DataFrame(
        {
            "factor": [f.name for f in held.factors],
            "states": sizes,
            "first_order": np.ravel(found.first_order),
            "first_low": low[0],
            "first_high": high[0],
            "total_order": np.ravel(found.total_order),
            "total_low": low[1],
            "total_high": high[1],
            "mean_shift": float(np.mean(np.concatenate(shifts[:2]))),
            "failed": failed,
        }
    )


def _bootstrapped(a: np.ndarray, b: np.ndarray, ab: np.ndarray, rng) -> tuple:
    """90 % intervals (BCa) of first and total order from the outputs at the points of SciPy's
    designs A, B and AB: its own bootstrap of them takes no seed, and every run would differ."""
    middle = np.mean([a, b])

    def indices(rows: np.ndarray) -> np.ndarray:  # Saltelli et al. 2010, table 2 (b) and (f)
        x, y, xy = a[rows] - middle, b[rows] - middle, ab[:, rows] - middle
        first = (y * (xy - x)).mean(axis=1)
        return np.stack([first, 0.5 * ((x - xy) ** 2).mean(axis=1)]) / np.var([x, y])

    points = [np.arange(len(a))]
    found = scipy.stats.bootstrap(points, indices, n_resamples=200, confidence_level=0.9, rng=rng)
    return found.confidence_interval


# --- all of it ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Uncertainty:
    """``ranks`` (RANKS by framework, level, code and source), ``pairs`` of the whole, ``factors``
    (Sobol indices) and ``failures``."""

    ranks: pd.DataFrame
    pairs: pd.DataFrame
    factors: pd.DataFrame
    failures: pd.DataFrame


def analyse(
    values: pd.DataFrame, framework: dict, peers: dict[str, str] | None = None
) -> Uncertainty:
    """Rank intervals of every aggregate of a framework, and what moves the ranking of the whole.

    Method and sampling are drawn apart, then together: ``source`` says which an interval is about.
    """
    held = experiment(values, framework, peers)
    method = [f.name for f in held.factors if f.name != SAMPLING]
    sources = {"method": method} if method else {}
    if held.factor(SAMPLING) is not None:
        sources |= {"sampling": [SAMPLING]} | ({"both": None} if method else {})
    found, pairs_, failures_ = [], [], []
    published = np.zeros((1, len(held.factors)), int)
    for source, factors in sources.items():
        states = design(held, factors)
        for entry in held.tree.aggregates:
            if (~np.isnan(evaluate(held, published, entry))).sum() < 3:
                continue  # nothing to rank, whatever the method
            scores = evaluate(held, states, entry)
            scores[:, ~held.measured[:, entry]] = np.nan  # not ranked, as published
            named = {"level": held.tree.levels[entry], "code": held.tree.codes[entry]}
            found.append(summarise(held, scores, source).assign(**named))
            failures_.append(failures(held, states, scores).assign(source=source, **named))
            if held.tree.levels[entry] == "framework":
                pairs_.append(pairs(held, scores).assign(source=source))
    whole = {"framework": framework["framework"]}
    columns = RANK_INTERVALS.columns
    made = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return Uncertainty(
        made.assign(**whole)[columns],
        _joined(pairs_).assign(**whole),
        sensitivity(held).assign(**whole),
        _joined(failures_).assign(**whole),
    )


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    held = [t for t in tables if len(t)]
    return pd.concat(held or tables or [pd.DataFrame()], ignore_index=True)
