"""What probably went wrong: causes that explain a block, the likeliest first.

Which cells cannot all be right is certain (:mod:`analysis.editing.localise`); why is conjecture.
One cause may explain several cells: two neighbours were swapped, a row is in another unit of
measure, a row was copied from the one above, the total row was not updated, an error was carried
into a total. Explanations are ordered by Bayes' rule: how rare causes are, times how likely each,
where it happens, gives what was submitted (one of n digits, one of the neighbours), times how
likely the figures are that it takes for true.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import exp, log

from analysis.editing import localise, slips
from analysis.editing.blocks import Block
from analysis.editing.localise import Solution, Span

RARE = log(1 / 100)
"""One cell in a hundred is wrong: what a cause more costs, in logarithms."""
KINDS = len(slips.CODES) + 5
LET_GO = log(1 / 20)
"""One row in twenty breaks a soft rule and is right."""
UNEXPLAINED = log(1 / 50)
"""One error in fifty is of no known kind; then any figure of its size may stand there."""
FURTHER = 5_000
"""Steps spent on looking for causes of several cells, and as many on second slips."""
PINNED = 1_000
"""Figures that are tried at most for cells that may hold many; a block that asks for more is wrong
all over, and no slip explains it (the most of a shipped period: 428)."""
TIED = log(20)
"""Explanations are tied unless the first is twenty times as likely as the other (19 : 1 is what a
confidence of 95 % means)."""


@dataclass(frozen=True)
class Cause:
    """``code`` of the slip, empty if none is known; ``values``: cell → what it then should be."""

    code: str
    values: dict[int, Span]


@dataclass(frozen=True)
class Explanation:
    """Causes that together make every rule hold (but those ``let_go``).

    ``likelihood``: logarithm, to compare explanations of one block; ``missing``: what missing
    cells then should be.
    """

    causes: tuple[Cause, ...]
    missing: dict[int, Span]
    let_go: frozenset[int]
    likelihood: float

    @property
    def cells(self) -> frozenset[int]:
        return frozenset(v for cause in self.causes for v in cause.values)

    @property
    def values(self) -> dict[int, Span]:
        return self.missing | {v: s for cause in self.causes for v, s in cause.values.items()}


def explanations(block: Block, minimal: list[Solution]) -> list[Explanation]:
    """What explains a block, the likeliest first: each minimal solution, and causes that explain
    more cells than one and leave no more causes than these.

    Raises
    ------
    analysis.editing.localise.UnsettledError
    """
    found = of_minimal(block, minimal)
    found += _while_allowed(
        _with_moves(block, block, minimal[0].cost, (), localise.Allowance(FURTHER))
    )
    if not all(cause.code for cause in max(found, key=_likelihood).causes):
        found += _while_allowed(_with_second_slip(block, minimal, localise.Allowance(FURTHER)))
    best: dict[frozenset, Explanation] = {}
    for one in sorted(found, key=_likelihood, reverse=True):
        key = frozenset((v, span.low, span.high) for v, span in one.values.items())
        best.setdefault(key, one)
    return list(best.values())


def of_minimal(block: Block, minimal: list[Solution]) -> list[Explanation]:
    """Each minimal solution, its cells explained one by one; the likeliest first."""
    free = ((v, one.spans[v]) for one in minimal for v in one.cells if one.spans[v].only is None)
    pins = sum(len(_origins(block, cell, span)) for cell, span in free) <= PINNED
    found = [_explained(block, block, solution, (), pins) for solution in minimal]
    return sorted(found, key=_likelihood, reverse=True)


def _while_allowed(found: Iterator[Explanation]) -> Iterator[Explanation]:
    """What is found before the steps are used up: it need not be all, and is no less right."""
    try:
        yield from found
    except localise.ExhaustedError:
        return


def _likelihood(explanation: Explanation) -> float:
    return explanation.likelihood


def tied(found: list[Explanation]) -> int:
    """How many of the first explanations are about as likely as the first one."""
    return sum(found[0].likelihood - e.likelihood < TIED for e in found)


# --- moves: one cause, several cells --------------------------------------------------------------


@dataclass(frozen=True)
class _Move:
    code: str
    new: dict[int, int | None]
    chance: float


def _with_moves(
    submitted: Block,
    block: Block,
    cost: float,
    before: tuple[_Move, ...],
    allowance: localise.Allowance,
) -> Iterator[Explanation]:
    taken = {v for move in before for v in move.new}
    last = min(before[-1].new, default=-1) if before else -1
    for move in _moves(block):
        if not taken.isdisjoint(move.new) or min(move.new) < last:
            continue
        changed = block.changed(move.new)
        if localise.least_cost(changed, cost - 1, allowance) is None:
            continue
        rest = localise.solutions(changed, allowance)
        moves = (*before, move)
        for solution in rest:
            if solution.cells.isdisjoint(v for m in moves for v in m.new):
                yield _explained(submitted, changed, solution, moves)
        if rest[0].cost:
            yield from _with_moves(submitted, changed, rest[0].cost, moves, allowance)


def _moves(block: Block) -> Iterator[_Move]:
    broken = {v for e in block.edits if e.broken for v in e.coefficients}
    yield from _stale_totals(block)
    yield from (m for m in _rows(block) if not broken.isdisjoint(m.new))
    yield from (m for m in _swaps(block) if not broken.isdisjoint(m.new))


def _swaps(block: Block) -> Iterator[_Move]:
    """Two cells, side by side or one above the other, exchanged."""
    n, width, values = len(block.values), len(block.columns), block.values
    beside = [(v, v + 1) for v in range(n) if (v + 1) % width]
    above = [(v, v + width) for v in range(n - width)]
    for a, b in beside + above:
        if values[a] != values[b] and values[a] is not None and values[b] is not None:
            yield _Move("swapped", {a: values[b], b: values[a]}, log(1 / 4))


def _stale_totals(block: Block) -> Iterator[_Move]:
    """The total row is that of rows which were revised afterwards.

    A revision moves whole dossiers between columns, so that the same number is added to or taken
    from each of them, and the rules of the row hold before and after.
    """
    for total, rows in block.totals.items():
        apart: dict[int, int] = {}
        for column in range(len(block.columns)):
            stated = block.values[block.at(total, column)]
            parts = [block.values[block.at(r, column)] for r in rows]
            if stated is not None and None not in parts and stated != sum(parts):
                apart[column] = sum(parts) - stated
        for revised in _revisions(apart):
            new = {block.at(total, c): block.values[block.at(total, c)] + d for c, d in revised}
            if _row_holds(block, block.changed(new), total):
                sizes = {abs(d) for _, d in revised}
                chance = -log(20) - sum(log(1 + d) for d in sizes)
                more = _revised_apart(block, total, revised) - 1
                yield _Move("total_not_updated", new, chance + more * (RARE - log(KINDS)))


def _revisions(apart: dict[int, int]) -> list[tuple[tuple[int, int], ...]]:
    """What may have been added to the columns, as pairs of column and number: all that is apart;
    two or four columns by the same number; all of these but one, in which there is another error.
    """
    found = {tuple(sorted(apart.items()))}
    for size in {abs(d) for d in apart.values()}:
        same = [(c, d) for c, d in apart.items() if abs(d) == size]
        other = [(c, d) for c in apart for d in (size, -size) if abs(apart[c]) != size]
        for n in (2, 4):
            found.update(combinations(same, n))
            found.update(
                tuple(sorted((*some, one))) for some in combinations(same, n - 1) for one in other
            )
    return sorted(r for r in found if len(r) > 1)


def _revised_apart(block: Block, total: int, revised: tuple[tuple[int, int], ...]) -> int:
    """How many revisions that takes: one moves columns by the same number, or such as an identity
    of the row binds. That the others are apart, too, is no evidence of one cause."""
    cells = {block.at(total, column): abs(number) for column, number in revised}
    line = {block.at(total, column) for column in range(len(block.columns))}
    bound = [{v for v in cells if cells[v] == size} for size in set(cells.values())]
    bound += [
        a.cells & cells.keys()
        for a in block.applied
        if a.cells <= line and (len(a.edits) > 1 or any(e.equal for e in a.edits))
    ]
    groups: list[set[int]] = []
    for together in filter(None, bound):
        joined = [g for g in groups if not g.isdisjoint(together)]
        groups = [g for g in groups if g.isdisjoint(together)]
        groups.append(set(together).union(*joined))
    return len(groups)


def _row_holds(before: Block, after: Block, row: int) -> bool:
    """Whether each rule within the row holds, or leaves as much as before."""
    cells = {after.at(row, c) for c in range(len(after.columns))}
    return all(
        not b.broken or [e.residual for e in a.edits] == [e.residual for e in b.edits]
        for a, b in zip(before.applied, after.applied, strict=True)
        if b.cells <= cells
    )


def _rows(block: Block) -> Iterator[_Move]:
    """A whole row in another unit of measure, or copied from the one above."""
    width = len(block.columns)
    for row in range(len(block.rows)):
        cells = [row * width + c for c in range(width)]
        held = {v: block.values[v] for v in cells if block.values[v]}
        if len(held) < 2:
            continue
        for code, (up, down) in slips.SCALED.items():
            if all(x * down % (up * block.steps[v]) == 0 for v, x in held.items()):
                new = {v: x * down // up for v, x in held.items()}
                yield _Move(f"row_{code}", new, 0)
        if row and all(block.values[v] == block.values[v - width] for v in cells):
            yield _Move("row_copied", dict.fromkeys(cells), 0)


# --- two slips where one cell is not explained ---


def _with_second_slip(
    block: Block, minimal: list[Solution], allowance: localise.Allowance
) -> Iterator[Explanation]:
    """A minimal solution and a slip more, in a cell that only stands in rules with cells of it."""
    for solution in minimal:
        free = solution.cells | set(block.missing) | solution.let_go
        held = set(range(len(block.values))) - free
        for edit in block.edits:
            if edit.equal and free.isdisjoint(edit.coefficients):
                held -= set(edit.coefficients)
        trial = localise.Trial(block, solution.cells | solution.let_go)
        for cell in sorted(held):
            for value in slips.origins(block.values[cell]):
                spans = trial.pinned(cell, value, allowance)
                if spans is None:
                    continue
                spans[cell] = Span(value, value)
                if all(s.only != block.values[v] for v, s in spans.items()):
                    cells = solution.cells | {cell}
                    more = Solution(cells, solution.let_go, solution.cost, spans)
                    yield _explained(block, block.changed({cell: value}), more, ())


# --- what explains a cell -------------------------------------------------------------------------


def _explained(
    submitted: Block,
    block: Block,
    solution: Solution,
    moves: tuple[_Move, ...],
    pins: bool = True,
) -> Explanation:
    """The likeliest causes of a solution of what the moves leave; ``pins``: whether slips may say
    what stands in cells that are free within bounds."""
    spans = _pinned(block, solution) if pins else solution.spans
    causes, likelihood = [], 0.0
    for move in moves:
        filled = {v: spans.get(v, Span(x, x)) for v, x in move.new.items()}
        causes.append(Cause(move.code, filled))
        likelihood += RARE - log(KINDS) + move.chance + _likelier_all(submitted, filled)
    for cells in _carried(block, solution.cells, spans):
        code, chance = _cause(submitted, cells[0], spans[cells[0]])
        causes.append(Cause(code, {v: spans[v] for v in cells}))
        likelihood += RARE + chance
    freed = {v for cause in causes for v in cause.values}
    missing = {v: s for v, s in spans.items() if v not in freed}
    likelihood += _let_go(block, solution)
    return Explanation(tuple(causes), missing, solution.let_go, likelihood)


def _carried(
    block: Block, cells: frozenset[int], spans: dict[int, Span]
) -> Iterator[tuple[int, ...]]:
    """The cells of a solution, each with those totals into which its error was carried: the sum
    was right for the wrong figure."""
    left = set(cells)
    for cell in sorted(cells, key=lambda v: (block.place(v)[0] in block.totals, v)):
        if cell in left:
            row, column = block.place(cell)
            sums = (block.at(t, column) for t, rows in block.totals.items() if row in rows)
            of = [t for t in sums if t in left and _alike(block, spans, cell, t)]
            left -= {cell, *of}
            yield (cell, *of)


def _alike(block: Block, spans: dict[int, Span], cell: int, total: int) -> bool:
    one, other = spans[cell].only, spans[total].only
    if one is None or other is None:
        return one is other
    return one - block.values[cell] == other - block.values[total]


def _let_go(block: Block, solution: Solution) -> float:
    """A total row breaks a soft rule if one of its rows does: that is one cause."""
    let_go = {block.lets_go[s] for s in solution.let_go}
    parts = {(rule, row) for rule, row in let_go if row not in block.totals}
    ruled = {rule for rule, _ in parts}
    return LET_GO * len(parts | {(rule, row) for rule, row in let_go if rule not in ruled})


def _cause(block: Block, cell: int, span: Span) -> tuple[str, float]:
    """The code of the likeliest slip, and the logarithm of how likely what stands there is by any
    slip."""
    row, column = block.place(cell)
    submitted = block.values[cell]
    if span.only is not None:
        known = slips.likelihoods(submitted, span.only)
        above = block.values[block.at(row - 1, column)] if row else None
        if row not in block.totals and above == submitted:
            known["copied_above"] = 1.0
        chance = sum(known.values()) / KINDS + exp(UNEXPLAINED) / _size(block, submitted, span.only)
        likelier = _likelier(block, submitted, span.only)
        return max(known, key=known.get, default=""), log(chance * likelier)
    # any figure of the span may be the true one: as likely together as a tenth of all of its size
    chance = exp(UNEXPLAINED) / 10
    for true in _origins(block, cell, span):
        known = slips.likelihoods(submitted, true)
        chance += sum(known.values()) / KINDS * _likelier(block, submitted, true)
    return "", log(chance)


def _size(block: Block, *figures: int) -> int:
    return 10 * max(*map(abs, figures), block.scale)


def _likelier(block: Block, submitted: int, true: int) -> float:
    """How much likelier a figure is than another: as 1/x, as in Benford's law."""
    return (abs(submitted) + block.scale) / (abs(true) + block.scale)


def _likelier_all(block: Block, spans: dict[int, Span]) -> float:
    """The same for the cells of a move; totals follow from the rows."""
    of_rows = {v: s.only for v, s in spans.items() if block.place(v)[0] not in block.totals}
    known = {v: true for v, true in of_rows.items() if true is not None}
    return sum(log(_likelier(block, block.values[v] or 0, true)) for v, true in known.items())


def _origins(block: Block, cell: int, span: Span) -> list[int]:
    found = sorted(slips.origins(block.values[cell]))
    return [x for x in found if _within(span, x) and x % block.steps[cell] == 0]


def _pinned(block: Block, solution: Solution) -> dict[int, Span]:
    """The spans of a solution; one of which a cell is free within bounds is pinned by a slip, if
    that is much likelier than any other."""
    spans = dict(solution.spans)
    for cell in sorted(solution.cells):
        if spans[cell].only is not None:
            continue
        trial = localise.Trial(block, solution.cells - {cell} | solution.let_go)
        tried = [_spans_if(trial, cell, x) for x in _origins(block, cell, spans[cell])]
        likely = [(_chance(block, solution.cells, s), s) for s in tried if s]
        likely = sorted(likely, key=lambda pair: -pair[0])
        if likely and all(likely[0][0] - chance > TIED for chance, _ in likely[1:]):
            spans = likely[0][1]
    return spans


def _spans_if(trial: localise.Trial, cell: int, value: int) -> dict[int, Span] | None:
    spans = trial.spans(cell, value, localise.Allowance())
    return None if spans is None else spans | {cell: Span(value, value)}


def _chance(block: Block, cells: Iterable[int], spans: dict[int, Span]) -> float:
    return sum(_cause(block, v, spans[v])[1] for v in cells)


def _within(span: Span, value: int) -> bool:
    return (span.low is None or span.low <= value) and (span.high is None or value <= span.high)
