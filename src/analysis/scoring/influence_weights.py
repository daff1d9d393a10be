"""Weights such that each part has the influence on its whole that it is meant to have.

A weight is no importance: what moves a whole is also how much a part varies and what it goes
together with. The influence of a part is its Pearson correlation with the whole; weights are sought
for which the influences stand to each other as asked (Becker, Saisana, Paruolo & Vandecasteele
2017; COINr ``get_opt_weights``, balance).
"""

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while

from analysis.catalogue.tree import Tree
from analysis.language.messages import tell
from analysis.scoring import aggregate

_CLOSE = 1e-6
"""How near the shares of influence must come to those asked for."""


class WeightError(ValueError):
    """Weights that the data cannot give."""


def weights(tree: Tree, normalised: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights of all entries: of each aggregate's parts, from the deepest to the whole.

    Parameters
    ----------
    normalised
        units × indicators.
    target
        Of each entry, relative to its sisters: the influence that it is to have.

    Raises
    ------
    WeightError
        where units are too few, a part is constant, or no weights above 0 give the influence that
        is asked for: with the part that comes least near.
    """
    found = np.ones(len(tree.codes))
    values = np.full((len(normalised), len(tree.codes)), np.nan)
    values[:, : tree.indicators] = normalised
    for node, kind in zip(tree.aggregates, tree.means, strict=True):
        parts = tree.children(node)
        x, least = values[:, parts], tree.least(node)
        if len(parts) > 1:
            codes = [tree.codes[p] for p in parts]
            found[parts] = balanced(x, target[parts], codes, kind, least)
        values[:, node] = aggregate.mean(x, found[parts], kind, least)
    return found


def balanced(
    x: np.ndarray, target: np.ndarray, codes: list[str], kind: str, at_least: float = 1.0
) -> np.ndarray:
    """Weights, summing to 1, of the columns of ``x`` for which their correlations with the mean of
    ``kind`` are as ``target``.

    For two parts and an arithmetic mean equal influence asks for equal w · sd:

    >>> x = np.array([[1.0, 6], [2, 2], [3, 8], [4, 10]])
    >>> balanced(x, np.ones(2), ["x", "y"], "arithmetic").round(6).tolist()
    [0.725708, 0.274292]
    """
    held = x[~np.isnan(aggregate.mean(x, np.ones(len(codes)), kind, at_least))]
    if len(held) < len(codes) + 2:
        raise WeightError(
            tell(
                "{parts}: {n} units with a score are too few for the influence of {of} parts",
                parts=", ".join(codes),
                n=len(held),
                of=len(codes),
            )
        )
    spread = np.nanmax(held, axis=0) - np.nanmin(held, axis=0)
    if (spread <= 1e-9 * np.nanmax(np.abs(held), axis=0)).any() or np.isnan(spread).any():
        constant = codes[int(np.nanargmin(spread))]
        raise WeightError(
            tell("{code}: all units are equal, it can have no influence", code=constant)
        )
    asked = target / target.sum()

    def off(u: np.ndarray) -> np.ndarray:
        return _influence(held, _shares(u), kind, at_least) - asked

    start = np.log(asked / np.nanstd(held, axis=0))
    # about 1, as the first step is as long as the start and only differences count
    first = start - start.mean() + 1
    done = scipy.optimize.least_squares(off, first, xtol=1e-14, ftol=1e-14, gtol=1e-14)
    if not np.all(np.abs(done.fun) <= _CLOSE):
        worst = int(np.argmax(np.abs(done.fun)))
        got, wanted = 100 * (asked + done.fun)[worst], 100 * asked[worst]
        raise WeightError(
            tell(
                "{code}: no weights above 0 give it {wanted:.1f} % of the influence of {parts}; "
                "{got:.1f} % is the nearest. Parts that go against each other cannot be balanced: "
                "look at their correlations, or name other weights.",
                code=codes[worst],
                wanted=wanted,
                parts=", ".join(codes),
                got=got,
            )
        )
    return _shares(done.x)


def _shares(u: np.ndarray) -> np.ndarray:
    weights = np.exp(u - u.max())
    return weights / weights.sum()


def _influence(x: np.ndarray, w: np.ndarray, kind: str, at_least: float) -> np.ndarray:
    """Correlation of each column with the mean, in shares of their sum; pairs that are known."""
    y = aggregate.mean(x, w, kind, at_least)[:, None]
    known = ~np.isnan(x)
    n = known.sum(axis=0)
    d = np.where(known, x - np.where(known, x, 0).sum(axis=0) / n, 0.0)
    e = np.where(known, y - np.where(known, y, 0).sum(axis=0) / n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (d * e).sum(axis=0) / np.sqrt((d * d).sum(axis=0) * (e * e).sum(axis=0))
        return np.nan_to_num(r / r.sum(), nan=9.0, posinf=9.0, neginf=-9.0)
