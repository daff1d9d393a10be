"""How closely shown totals bound what they are the sums of.

Every shown figure is a linear combination of *parts*: totals of the firms that no figure tells
apart. An attacker knows all of them, which firm is in which part, its weight, and what it answered
itself. Two questions, each a linear program over what the parts could be as well:

few
    whether some combination of shown totals is of fewer firms than allowed. For the part at which
    the combination is greatest, Σ firms · |coefficient| is at most the number of its firms, so that
    a minimum of this sum that is not smaller than allowed excludes every such combination.
close
    whether an amount can be bounded from above closer than p % of it (the p % rule, Hundepool et
    al., Statistical Disclosure Control, 2012, ch. 4.2.2, over linked tables as in ch. 4.4). It
    cannot where another world fits all that is shown in which the amount is p % larger, and one of
    these leaves the attacker's own answer as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when first used, which takes a while
from scipy import sparse

NEAR = 1e-7
_TRIES = 3
_AS_IT_IS = {"presolve": False}  # the programs are small: to prepare them takes longer


@dataclass(frozen=True)
class System:
    """Shown totals and the parts that they are sums of.

    ``rows``: shown totals × parts; of each part ``owner`` (parts of one owner are amounts of the
    same firms), ``firms`` (how many), ``total`` and ``first`` (the largest of a firm).
    """

    rows: sparse.csr_array
    owner: np.ndarray
    firms: np.ndarray
    total: np.ndarray
    first: np.ndarray

    def of(self, rows: np.ndarray, parts: np.ndarray) -> "System":
        """Some of the totals, some of the parts."""
        given = (self.owner, self.firms, self.total, self.first)
        return System(self.rows[rows][:, parts], *(g[parts] for g in given))


def of_size_one(rows: sparse.csr_array) -> sparse.csr_array:
    """The rows with 1 as their greatest coefficient."""
    size = abs(rows).max(axis=1).toarray().ravel() if rows.nnz else np.ones(rows.shape[0])
    return (sparse.diags_array(1 / np.where(size > 0, size, 1.0)) @ rows).tocsr()


def blocks(rows: sparse.csr_array) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Totals and parts that hang together, as positions; parts of no total are left out."""
    count = rows.shape[0]
    graph = sparse.block_array([[None, rows], [rows.T, None]]) if rows.nnz else None
    if graph is None:
        return
    found = sparse.csgraph.connected_components(graph, directed=False)[1]
    for label in np.unique(found[:count]):
        inside = np.flatnonzero(found == label)
        if (parts := inside[inside >= count] - count).size:
            yield inside[inside < count], parts


def projector(rows: sparse.csr_array) -> np.ndarray:
    """The matrix that projects onto the combinations of the rows."""
    values, vectors = np.linalg.eigh((rows @ rows.T).toarray())  # the greatest is the last
    held = values > 1e-9 * values[-1:]
    basis = (rows.T @ vectors[:, held]) / np.sqrt(values[held])
    return basis @ basis.T


def needless(rows: sparse.csr_array) -> np.ndarray:
    """Which of the totals follow from the rest: to hide one of them alone hides nothing."""
    values, vectors = np.linalg.eigh((rows @ rows.T).toarray())
    void = ~(values > 1e-9 * values[-1:])
    return np.linalg.norm(vectors[:, void], axis=1) > 1e-6


def spanned(rows: sparse.csr_array, wanted: sparse.csr_array) -> np.ndarray:
    """Which of the totals ``wanted`` follow from the others exactly."""
    left = wanted.toarray()
    for own, parts in blocks(rows):
        left[:, parts] -= left[:, parts] @ projector(rows[own][:, parts])
    return (np.abs(left) < 1e-6).all(axis=1)


def suspects(system: System, minimum: int) -> np.ndarray:
    """Parts at which a combination of fewer than ``minimum`` firms could be greatest.

    A combination v is its own projection: v_a = Σ_b H_ab v_b ≤ |v_a| · Σ_b |H_ab| over the parts
    that it is of. Where the greatest |H_ab| do not reach 1 there is none.
    """
    owners, place = np.unique(system.owner, return_inverse=True)
    firms = np.zeros(len(owners))
    firms[place] = system.firms
    near = np.abs(projector(system.rows))
    own = np.zeros((len(near), len(owners)))
    np.add.at(own.T, place, near.T)
    mine = own[np.arange(len(near)), place]
    own[np.arange(len(near)), place] = 0.0
    left = minimum - system.firms
    found = np.zeros(len(near), dtype=bool)
    for at in np.flatnonzero(left > 0):
        others = own[at, firms < left[at]]
        most = np.sort(others)[::-1][: int(np.ceil(left[at])) - 1].sum()
        found[at] = mine[at] + most >= 1 - 1e-6
    return np.flatnonzero(found)


def of_few(system: System, at: int, minimum: int) -> tuple[float, np.ndarray]:
    """The least Σ firms · |coefficient| of a combination with 1 at part ``at``, and its totals.

    By its dual: how far the part can move if each other firm can move by 1 and no total changes.
    """
    rows, count = system.rows, system.rows.shape[1]
    mine = system.owner == system.owner[at]
    aim = np.tile(mine.astype(float), 2)  # what the firm's other amounts move is lost
    aim[at] = -1.0
    owners, place = np.unique(system.owner[~mine], return_inverse=True)
    firms = np.zeros(len(owners))
    firms[place] = system.firms[~mine]
    others = np.flatnonzero(~mine)
    budget = sparse.csr_array((np.ones(len(others)), (place, others)), (len(owners), count))
    upper = np.full(2 * count, np.inf)
    upper[at], upper[count + at] = minimum, 0.0
    solved = scipy.optimize.linprog(
        aim,
        A_ub=sparse.hstack([budget, budget]) if len(owners) else None,
        b_ub=firms if len(owners) else None,
        A_eq=sparse.hstack([rows, -rows]),
        b_eq=np.zeros(rows.shape[0]),
        bounds=np.column_stack([np.zeros(2 * count), upper]),
        options=_AS_IT_IS,
    )
    return system.firms[at] - solved.fun, np.abs(solved.eqlin.marginals)


def _floors(system: System, draw: np.random.Generator) -> list[np.ndarray]:
    """By how much parts may fall, twice: every firm's own answer stays in one of the two."""
    half = draw.random(system.owner.max() + 1) < 0.5
    held = system.total - system.first
    return [np.where(side[system.owner], held, system.total) for side in (half, ~half)]


def moved(
    system: System, floor: np.ndarray, aims: sparse.csr_array, needs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """In a world that fits all totals: what share of its need each aim can be larger by, together.

    Returns the shares (1: all of it) and how much each total stands in the way.
    """
    scale = np.maximum(system.first, 1e-9 * system.first.max(initial=1e-300))
    to = sparse.diags_array(scale)
    rows = (system.rows @ to).tocsr()
    size = abs(rows).max(axis=1).toarray().ravel()
    rows = sparse.diags_array(1 / np.where(size > 0, size, 1.0)) @ rows
    aims = sparse.diags_array(1 / needs) @ (aims @ to)
    count, wanted = rows.shape[1], len(needs)
    free = np.column_stack([-floor / scale, np.full(count, np.inf)])
    solved = scipy.optimize.linprog(
        np.concatenate([np.zeros(count), -np.ones(wanted)]),
        A_ub=sparse.hstack([-aims, sparse.eye_array(wanted)]),
        b_ub=np.zeros(wanted),
        A_eq=sparse.hstack([rows, sparse.csr_array((rows.shape[0], wanted))]),
        b_eq=np.zeros(rows.shape[0]),
        bounds=np.vstack([free, np.tile([0.0, 1.0], (wanted, 1))]),
        options=_AS_IT_IS,
    )
    if solved.x is None:  # nothing moves: not shown to be safe
        return np.zeros(wanted), np.ones(rows.shape[0])
    reach = np.minimum(aims @ solved.x[:count], 1.0)
    return reach, np.abs(solved.eqlin.marginals)


def close(system: System, aims: sparse.csr_array, needs: np.ndarray) -> np.ndarray:
    """Aims that no two worlds were found for (all together): to be looked at one by one."""
    open_, draw = np.arange(len(needs)), np.random.default_rng(len(needs))
    for _ in range(_TRIES):
        safe = np.ones(len(open_), dtype=bool)
        for floor in _floors(system, draw):
            safe &= _all_moved(system, floor, aims[open_], needs[open_])
        open_ = open_[~safe]
        if not len(open_):
            break
    return open_


def _all_moved(system, floor, aims, needs) -> np.ndarray:
    """Which aims can be larger by what they need, each in a world of its own.

    One world serves as many as may be; of those it does not serve, the nearer half is tried next.
    """
    safe, left = np.zeros(len(needs), dtype=bool), [np.arange(len(needs))]
    while left:
        own = left.pop()
        if not len(own):
            continue
        reach = moved(system, floor, aims[own], needs[own])[0]
        won = reach >= 1 - 1e-6
        safe[own[won]] = True
        rest = own[~won][np.argsort(-reach[~won], kind="stable")]
        if won.any():
            left.append(rest)
        elif len(rest) > 1:
            left += [rest[len(rest) // 2 :], rest[: len(rest) // 2]]
    return safe


def told(system: System, aim: sparse.csr_array, need: float) -> np.ndarray | None:
    """How much each total stands in the way of the aim being larger; None if none does enough."""
    draw, needs = np.random.default_rng(1), np.array([need])
    for _ in range(_TRIES):
        for floor in _floors(system, draw):
            reach, weight = moved(system, floor, aim, needs)
            if reach[0] < 1 - 1e-6:
                break
        else:
            return None
    return weight


def intervals(system: System, aims: sparse.csr_array) -> np.ndarray:
    """Least and greatest value of each Σ aim · part that all shown totals allow."""
    count = system.rows.shape[0]
    ends = np.tile([0.0, np.inf], (aims.shape[0], 1))
    for own, parts in blocks(sparse.vstack([system.rows, aims], format="csr")):
        near = system.of(own[own < count], parts)
        most = near.total.max(initial=1e-300)  # a part of 0 may as well have been all of it
        scale = np.where(near.total > 0, np.maximum(near.total, 1e-9 * most), most)
        known = near.rows @ near.total
        size = np.where(known != 0, np.abs(known), 1.0)
        rows = sparse.diags_array(1 / size) @ near.rows @ sparse.diags_array(scale)
        for at in own[own >= count] - count:
            aim = aims[[at]][:, parts].toarray()[0] * scale
            for end, sign in enumerate((1, -1)):
                solved = scipy.optimize.linprog(
                    sign * aim / aim.max(), A_eq=rows, b_eq=known / size, options=_AS_IT_IS
                )
                if solved.status == 0:
                    ends[at, end] = max(sign * solved.fun * aim.max(), 0.0)
    return ends
