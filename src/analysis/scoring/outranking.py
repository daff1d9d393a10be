"""Who is above whom, indicator by indicator: orders in which no strength makes up for a weakness.

OECD/JRC handbook, step 6 (non-compensatory multi-criteria approach, eq. 32 and 33). Only the order
of values counts, and weights are what an indicator's vote is worth. Ties are half a vote.
"""

import numpy as np

MOST = {"copeland": 500, "kemeny": 12}
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
            f"{kind}: {units} units have a score to be ordered; at most {MOST[kind]} can be. "
            f"Name a mean instead, or copeland for up to {MOST['copeland']}."
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
        size = max(1, _CELLS // (len(at) ** 2 if kind == "copeland" else 2 ** len(at)))
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
    x = np.round(x, 9)
    units, size = x.shape[-2:]
    votes = np.zeros((len(weights), units, units))
    cast = np.zeros((len(weights), units, units))
    for q in range(size):
        one = x[..., q]
        both = ~np.isnan(one)
        both = both[..., :, None] & both[..., None, :]
        with np.errstate(invalid="ignore"):
            above = (one[..., :, None] > one[..., None, :]) & both
            level = (one[..., :, None] == one[..., None, :]) & both
        w = weights[:, q, None, None]
        votes += w * (above + 0.5 * level)
        cast += w * both
    return np.divide(votes, cast, out=np.full(votes.shape, 0.5), where=cast > 0)


def _copeland(votes: np.ndarray) -> np.ndarray:
    units = votes.shape[-1]
    wins = (votes > 0.5 + _TIE).astype(float) + 0.5 * (np.abs(votes - 0.5) <= _TIE)
    return (wins.sum(axis=-1) - 0.5) / (units - 1)  # the half is a unit's tie with itself


def kemeny_support(votes: np.ndarray) -> np.ndarray:
    """The votes for the pairs of the best order of each outranking matrix (eq. 33)."""
    return _best(votes)[0][:, -1]


def _best(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Most votes for an order of each set of units, and how many orders have that many.

    Sets are numbers whose bits are the units (Held & Karp): the unit placed last in a set stands
    below all others of it.
    """
    count, units = votes.shape[0], votes.shape[-1]
    members = (np.arange(2**units)[:, None] >> np.arange(units)) & 1
    over = np.einsum("ruv,su->rsv", votes, members.astype(float))
    best, ways = np.full((count, 2**units), -np.inf), np.zeros((count, 2**units))
    best[:, 0], ways[:, 0] = 0.0, 1.0
    for held in range(1, 2**units):
        last = np.flatnonzero(members[held])
        rest = held - (1 << last)
        reached = best[:, rest] + over[:, rest, last]
        best[:, held] = reached.max(axis=1)
        ways[:, held] = (ways[:, rest] * (reached >= best[:, [held]] - _TIE)).sum(axis=1)
    return best, ways


def _kemeny(votes: np.ndarray) -> np.ndarray:
    """Share of the others below each unit, the mean over all best orders."""
    units = votes.shape[-1]
    above, ways = _best(votes)
    # the same from below: of the complement of a set, placed after it
    turned, ways_after = _best(np.swapaxes(votes, -1, -2))
    full = 2**units - 1
    total, place = above[:, [-1]], np.zeros((len(votes), units))
    members = (np.arange(2**units)[:, None] >> np.arange(units)) & 1
    over = np.einsum("ruv,su->rsv", votes, members.astype(float))
    for unit in range(units):
        before = np.flatnonzero(members[:, unit] == 0)
        after = full - before - (1 << unit)
        # votes of the set over what comes after it, besides those within either
        across = np.einsum("rsv,sv->rs", over[:, before], members[after].astype(float))
        mine = over[:, before, unit] + np.einsum("rv,sv->rs", votes[:, unit], members[after])
        reached = above[:, before] + mine + across + turned[:, after]
        on = (reached >= total - _TIE) * ways[:, before] * ways_after[:, after]
        place[:, unit] = (on * members[before].sum(axis=1)).sum(axis=1) / on.sum(axis=1)
    return 1 - place / (units - 1)
