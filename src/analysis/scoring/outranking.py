"""Who is above whom, indicator by indicator: orders in which no strength makes up for a weakness.

OECD/JRC handbook, step 6 (non-compensatory multi-criteria approach, eq. 32 and 33). Only the order
of values counts, and weights are what an indicator's vote is worth. Ties are half a vote.
"""

import numpy as np

from analysis.language.messages import tell

MOST = {"copeland": 500, "kemeny": 10}
"""Units at most: pairs are looked at in each replicate; of orders there are 2^units to look at."""
_CELLS = 5_000_000  # numbers at a time
_TIE = 1e-9


class OutrankingError(ValueError):
    """More units than a method can order."""


def check(units: int, kind: str) -> None:
    """Refuse more units than ``kind`` can order.

    Raises
    ------
    OutrankingError
        with the limit.
    """
    if units > MOST[kind]:
        raise OutrankingError(
            tell(
                "{kind}: {n} units have a score to be ordered; at most {most} can be. Name a mean "
                "instead, or copeland for up to {others}.",
                kind=kind,
                n=units,
                most=MOST[kind],
                others=MOST["copeland"],
            )
        )


def scores(
    x: np.ndarray, weights: np.ndarray, kind: str, at_least: float = 1.0, top: float = 100.0
) -> np.ndarray:
    """Scores of units (…, units) from their indicators (…, units, indicators), 0 to ``top``.

    copeland: the share of the other units that a unit beats, ties half (Copeland 1951). kemeny: the
    share of the others that stand below it in the order with the most votes for its pairs (Kemeny
    1959; Young & Levenglick 1978), the mean over all such orders where there are several.

    Parameters
    ----------
    weights
        (…, indicators), what each indicator's vote is worth.
    at_least
        Least share of the indicators that a unit must have to take part. Two units are compared by
        the indicators that both have; without any they are level.

    Raises
    ------
    OutrankingError
        for more units than MOST.
    """
    lead = np.broadcast_shapes(x.shape[:-2], weights.shape[:-1])
    units = x.shape[-2]
    found = np.full((*lead, units), np.nan)
    flat_x = np.broadcast_to(x, (*lead, *x.shape[-2:])).reshape(-1, *x.shape[-2:])
    flat_w = np.broadcast_to(weights, (*lead, weights.shape[-1])).reshape(-1, weights.shape[-1])
    out = found.reshape(-1, units)
    known = ~np.isnan(flat_x)
    enters = known.any(axis=-1) & (known.mean(axis=-1) >= at_least - 1e-12)
    sets, which = np.unique(enters, axis=0, return_inverse=True)
    for s, held in enumerate(sets):
        rows, at = np.flatnonzero(which.ravel() == s), np.flatnonzero(held)
        check(len(at), kind)
        if len(at) < 2:
            continue  # alone there is nobody to be compared with
        cells = len(at) ** 2 if kind == "copeland" else len(at) * 2 ** len(at)
        size = max(1, _CELLS // cells)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            same = x.ndim == 2
            votes = outranking(x[at] if same else flat_x[np.ix_(part, at)], flat_w[part])
            share = _copeland(votes) if kind == "copeland" else _kemeny(votes)
            out[np.ix_(part, at)] = top * share
    return out.reshape(found.shape)


def outranking(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Outranking matrices (…, units, units): the share of votes for the row unit over the column.

    ``x`` (units × indicators, or one for each row of ``weights``); eq. 32 of the handbook.

    >>> x = np.array([[1.0, 5.0], [2.0, 5.0]])
    >>> outranking(x, np.array([[1.0, 1.0]]))[0].tolist()
    [[0.5, 0.25], [0.75, 0.5]]
    """
    x, units = np.round(x, 9), x.shape[-2]
    if x.ndim == 2:  # the same values in all replicates: one product with the weights
        won, both = _duels(x.T)
        votes, cast = (
            (weights @ part.reshape(len(part), -1)).reshape(-1, units, units)
            for part in (won, both)
        )
    else:
        votes, cast = np.zeros((2, len(weights), units, units))
        for q in range(x.shape[-1]):
            won, both = _duels(x[..., q])
            votes += weights[:, q, None, None] * won
            cast += weights[:, q, None, None] * both
    return np.divide(votes, cast, out=np.full(votes.shape, 0.5), where=cast > 0)


def _duels(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of values (…, units): which unit is above which, ties half, and which pairs are known."""
    known = ~np.isnan(x)
    both = (known[..., :, None] & known[..., None, :]).astype(float)
    with np.errstate(invalid="ignore"):
        above = x[..., :, None] > x[..., None, :]
        level = x[..., :, None] == x[..., None, :]
    return (above + 0.5 * level) * both, both


def _copeland(votes: np.ndarray) -> np.ndarray:
    units = votes.shape[-1]
    wins = (votes > 0.5 + _TIE).astype(float) + 0.5 * (np.abs(votes - 0.5) <= _TIE)
    return (wins.sum(axis=-1) - 0.5) / (units - 1)  # the half is a unit's tie with itself


def kemeny_support(votes: np.ndarray) -> np.ndarray:
    """The votes for the pairs of the best order of each outranking matrix (eq. 33)."""
    return _best(votes)[0][:, -1]


def _members(units: int) -> np.ndarray:
    """Which units are in each set of units: a set is the number whose bits they are."""
    return (np.arange(2**units)[:, None] >> np.arange(units)) & 1


def _best(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Most votes for an order of each set of units, and how many orders have that many.

    Held & Karp: the unit placed last in a set stands below all others of it. Sets of one size are
    computed at once, from those with one unit less.
    """
    count, units = votes.shape[0], votes.shape[-1]
    members = _members(units)
    size = members.sum(axis=1)
    over = np.einsum("ruv,su->rsv", votes, members.astype(float), optimize=True)
    best, ways = np.zeros((count, 2**units)), np.ones((count, 2**units))
    for k in range(1, units + 1):
        sets = np.flatnonzero(size == k)
        last = np.nonzero(members[sets])[1].reshape(len(sets), k)
        rest = sets[:, None] - (1 << last)
        reached = best[:, rest] + over[:, rest, last]
        best[:, sets] = reached.max(axis=2)
        ways[:, sets] = (ways[:, rest] * (reached >= best[:, sets, None] - _TIE)).sum(axis=2)
    return best, ways


def _kemeny(votes: np.ndarray) -> np.ndarray:
    """Share of the others below each unit, the mean over all best orders."""
    units = votes.shape[-1]
    members = _members(units).astype(float)
    within, ways = _best(votes)
    over = np.einsum("ruv,su->rsv", votes, members, optimize=True)
    full, place = 2**units - 1, np.zeros((len(votes), units))
    for unit in range(units):
        before = np.flatnonzero(members[:, unit] == 0)
        after = full - before - (1 << unit)
        across = np.einsum("rsv,sv->rs", over[:, before], members[after])
        own = over[:, before, unit] + votes[:, unit] @ members[after].T
        reached = within[:, before] + own + across + within[:, after]
        best = reached >= within[:, [-1]] - _TIE
        weight = best * ways[:, before] * ways[:, after]
        place[:, unit] = weight @ members[before].sum(axis=1) / weight.sum(axis=1)
    return 1 - place / (units - 1)
