"""Error localisation: the smallest sets of cells that must be wrong for all rules to hold together.

The principle is Fellegi and Holt's (A systematic approach to automatic edit and imputation, JASA
71, 1976); the search is the branch and bound of de Waal, Pannekoek and Scholtus (Handbook of
Statistical Data Editing and Imputation, 2011, ch. 4): a broken rule needs one of its cells changed;
the cell is eliminated from the rules (Gauss, and Fourier–Motzkin for inequalities), and what is
implied for the others may be broken in turn. All is done in whole numbers, and all solutions of the
least weight are found, each once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import gcd

from analysis.editing.blocks import Block, Edit

STEPS = 20_000
"""Eliminations after which a block is left unsettled. A number of steps, no time, so that the
answer is the same on every machine."""
RULES = 1_000_000
"""Rules gone through after which it is, too: a second or two. Where all is wrong, a step goes
through a thousand; the most of a shipped block is 32,000 in all."""
IMPLIED = 2_000
"""Rules that may be implied at a time."""
_TINY = 1e-9


class UnsettledError(Exception):
    """The rules of a block contradict each other, or only fractions of what is counted would do."""


class ExhaustedError(UnsettledError):
    """More than the steps or the rules allowed."""


class Allowance:
    """Steps that may still be taken, and rules that may still be gone through."""

    def __init__(self, steps: int = STEPS, rules: int = RULES) -> None:
        self.steps, self.rules = steps, rules

    def spend(self, rules: int = 0) -> None:
        """Take one step, which goes through so many rules.

        Raises
        ------
        ExhaustedError
        """
        self.steps -= 1
        self.rules -= rules
        if self.steps < 0 or self.rules < 0:
            raise ExhaustedError


@dataclass(frozen=True)
class Span:
    """What a cell may be, in units of the block: None where nothing bounds it."""

    low: int | None
    high: int | None

    @property
    def only(self) -> int | None:
        """The one value that is left, if it is one."""
        return self.low if self.low is not None and self.low == self.high else None


@dataclass(frozen=True)
class Solution:
    """Cells that can be given values so that all rules hold, and what they then may be.

    ``cells``: changed; ``let_go``: soft rules (slack variables) let go; ``spans``: of the changed
    and of the missing cells; ``cost``: weight of cells and rules.
    """

    cells: frozenset[int]
    let_go: frozenset[int]
    cost: float
    spans: dict[int, Span]


def solutions(block: Block, allowance: Allowance | None = None) -> list[Solution]:
    """All sets of cells of the least weight that can be changed so that every rule holds.

    Missing cells cost nothing. A block that breaks no rule has one solution, without cells.

    Raises
    ------
    UnsettledError
    """
    search = _Search(block, allowance)
    found = search.least(search.start())
    return [search.solved(cells) for cells in sorted(found, key=lambda s: (len(s), sorted(s)))]


def least_cost(block: Block, limit: float, allowance: Allowance | None = None) -> float | None:
    """The weight of a minimal solution, None if it is more than ``limit``.

    Raises
    ------
    UnsettledError
    """
    search = _Search(block, allowance)
    start = search.start()
    budget = search.bound(start)
    while budget <= limit + _TINY:
        if next(search.sets(start, budget), None) is not None:
            return budget
        if search.over is None:
            return None
        budget = search.over
    return None


class Trial:
    """What cells ``chosen`` and the missing ones may be if one other cell has another value."""

    def __init__(self, block: Block, chosen: frozenset[int]) -> None:
        self.block, self.free = block, sorted(chosen | set(block.missing))
        self.edits = [(_only(e, set(self.free)), e.coefficients) for e in block.edits]

    def spans(self, cell: int, value: int, allowance: Allowance) -> dict[int, Span] | None:
        """What they then may be, held to whole numbers; None if the rules cannot hold with them.

        Raises
        ------
        ExhaustedError
        """
        return self._tried(cell, value, allowance, _Search.spans)

    def pinned(self, cell: int, value: int, allowance: Allowance) -> dict[int, Span] | None:
        """The same, if the rules leave exactly one value for each of them."""
        return self._tried(cell, value, allowance, _Search.single)

    def _tried(self, cell: int, value: int, allowance: Allowance, find) -> dict[int, Span] | None:
        allowance.spend()
        change = value - (self.block.values[cell] or 0)
        edits = []
        for edit, terms in self.edits:
            if cell in terms:
                moved = edit.residual + terms[cell] * change
                edit = Edit(edit.coefficients, moved, edit.equal)
            if edit.coefficients:
                edits.append(edit)
            elif edit.broken:
                return None
        try:
            return find(_Search(self.block, allowance), edits, self.free)
        except ExhaustedError:
            raise
        except UnsettledError:
            return None


class _Search:
    def __init__(self, block: Block, allowance: Allowance | None) -> None:
        self.block, self.allowance = block, allowance or Allowance()
        self.over: float | None = None  # the least weight that went beyond the budget

    def start(self) -> list[Edit]:
        """The rules that are left when missing figures are eliminated."""
        edits = self.block.edits
        for missing in self.block.missing:
            edits = self.without(edits, missing)
        return edits

    def least(self, start: list[Edit]) -> list[frozenset[int]]:
        budget = self.bound(start)
        while not (found := list(self.sets(start, budget))):
            if self.over is None:
                raise UnsettledError("the rules contradict each other")
            budget = self.over
        return found

    def sets(self, edits: list[Edit], budget: float) -> Iterator[frozenset[int]]:
        """Sets of cells of at most that weight, each once."""
        self.over = None
        yield from self._branch(edits, budget, 0, ())

    def _branch(self, edits, budget, spent, chosen) -> Iterator[frozenset[int]]:
        broken = sorted(_broken(edits), key=len)
        if broken and not broken[0]:
            return  # a contradiction that no cell can mend
        needed = spent + self._packed(broken)
        if needed > budget + _TINY:
            self.over = needed if self.over is None else min(self.over, needed)
            return
        if not broken:
            yield frozenset(chosen)
            return
        for variable in sorted(broken[0]):
            weight = spent + self.block.weight(variable)
            yield from self._branch(
                self.without(edits, variable), budget, weight, (*chosen, variable)
            )
            edits = _kept(edits, variable)  # the next ones take this cell for right

    def bound(self, edits: list[Edit]) -> float:
        return self._packed(sorted(_broken(edits), key=len))

    def _packed(self, broken: Iterable[dict[int, int]]) -> float:
        """A lower bound: broken rules that share no cell need a cell each."""
        taken: set[int] = set()
        least = 0.0
        for cells in broken:
            if taken.isdisjoint(cells):
                taken.update(cells)
                least += min(map(self.block.weight, cells), default=0)
        return least

    def without(self, edits: list[Edit], variable: int) -> list[Edit]:
        """What the rules say of the other variables, whatever this one is."""
        self.allowance.spend(len(edits))
        out = [e for e in edits if variable not in e.coefficients]
        has = [e for e in edits if variable in e.coefficients]
        equal = [e for e in has if e.equal]
        if equal:
            pivot = min(equal, key=lambda e: len(e.coefficients))
            out += [_cancelled(e, pivot, variable) for e in has if e is not pivot]
        else:
            lows = [e for e in has if e.coefficients[variable] > 0]
            highs = [e for e in has if e.coefficients[variable] < 0]
            out = _distinct([*out, *(_cancelled(a, b, variable) for a in lows for b in highs)])
        if len(out) > IMPLIED:
            raise ExhaustedError
        return [e for e in out if e.coefficients or e.broken]

    def solved(self, chosen: frozenset[int]) -> Solution:
        """The solution of these variables: what each may be, held to whole numbers."""
        self.allowance.spend()
        block = self.block
        free = sorted(chosen | set(block.missing))
        within = [_only(e, set(free)) for e in block.edits]
        if any(e.broken and not e.coefficients for e in within):
            raise UnsettledError("these cells are not enough")
        spans = self.spans([e for e in within if e.coefficients], free)
        cells = frozenset(v for v in chosen if v < len(block.values))
        cost = sum(map(block.weight, chosen))
        return Solution(cells, chosen - cells, cost, spans)

    def spans(self, edits: list[Edit], free: Sequence[int]) -> dict[int, Span]:
        """What each of ``free`` may be, which alone the ``edits`` bind; whole numbers."""
        found = {v: self._span(edits, v) for v in free}
        if any(span.only is None for span in found.values()):
            self._whole(edits, free)
        return self._of_cells(found)

    def single(self, edits: list[Edit], free: Sequence[int]) -> dict[int, Span] | None:
        """The same; None as soon as one of them may be more than one value."""
        found = {}
        for variable in free:
            found[variable] = self._span(edits, variable)
            if found[variable].only is None:
                return None
        return self._of_cells(found)

    def _of_cells(self, found: dict[int, Span]) -> dict[int, Span]:
        return {v: span for v, span in found.items() if v < len(self.block.values)}

    def _span(self, edits: list[Edit], variable: int) -> Span:
        edits = _near(edits, variable)
        for other in sorted({i for e in edits for i in e.coefficients}):
            if other != variable:
                edits = self.without(edits, other)
        if any(e.broken and not e.coefficients for e in edits):
            raise UnsettledError("these cells are not enough")
        value = self._value(variable)
        low, high = _bounds([e for e in edits if variable in e.coefficients], variable)
        step = self._step(variable)
        low = None if low is None else -(-(value * low[1] + low[0]) // (low[1] * step)) * step
        high = None if high is None else (value * high[1] + high[0]) // (high[1] * step) * step
        if low is not None and high is not None and low > high:
            raise UnsettledError("only fractions of what is counted would do")
        return Span(low, high)

    def _whole(self, edits: list[Edit], free: Sequence[int]) -> None:
        """Hold that there are whole numbers for all of them: one after the other gets one."""
        for variable in free:
            span, value = self._span(edits, variable), self._value(variable)
            to = value
            if span.low is not None:
                to = max(to, span.low)
            if span.high is not None:
                to = min(to, span.high)
            edits = [_fixed(e, variable, to - value) for e in edits]
            if any(e.broken and not e.coefficients for e in edits):
                raise UnsettledError("only fractions of what is counted would do")
            edits = [e for e in edits if e.coefficients]

    def _value(self, variable: int) -> int:
        values = self.block.values
        return (values[variable] or 0) if variable < len(values) else 0

    def _step(self, variable: int) -> int:
        return self.block.steps[variable] if variable < len(self.block.values) else 1


def _broken(edits: list[Edit]) -> list[dict[int, int]]:
    """The coefficients of the broken ones; most of the time goes here, hence no property."""
    return [terms for terms, residual, equal in edits if (residual if equal else residual < 0)]


def _cancelled(edit: Edit, other: Edit, variable: int) -> Edit:
    """The combination of two edits from which a variable is gone; if ``edit`` is an inequality it
    is multiplied by a positive number (and so is ``other``, if it is one as well)."""
    a, b = edit.coefficients[variable], other.coefficients[variable]
    by, times = abs(b), (-a if b > 0 else a)
    terms = {i: by * c for i, c in edit.coefficients.items()}
    for i, c in other.coefficients.items():
        terms[i] = terms.get(i, 0) + times * c
    terms = {i: c for i, c in terms.items() if c}
    residual = by * edit.residual + times * other.residual
    common = gcd(residual, *terms.values()) or 1
    if common > 1:
        terms, residual = {i: c // common for i, c in terms.items()}, residual // common
    return Edit(terms, residual, edit.equal)


def _kept(edits: list[Edit], variable: int) -> list[Edit]:
    """The edits if a cell stays as it is."""
    return [
        Edit({i: c for i, c in e.coefficients.items() if i != variable}, e.residual, e.equal)
        if variable in e.coefficients
        else e
        for e in edits
    ]


def _only(edit: Edit, free: set[int]) -> Edit:
    terms = {i: c for i, c in edit.coefficients.items() if i in free}
    return Edit(terms, edit.residual, edit.equal)


def _fixed(edit: Edit, variable: int, change: int) -> Edit:
    if variable not in edit.coefficients:
        return edit
    terms = {i: c for i, c in edit.coefficients.items() if i != variable}
    return Edit(terms, edit.residual + edit.coefficients[variable] * change, edit.equal)


def _near(edits: list[Edit], variable: int) -> list[Edit]:
    """The edits that bind a variable directly or through others."""
    reached, near, rest = {variable}, [], list(edits)
    while touching := [e for e in rest if not reached.isdisjoint(e.coefficients)]:
        near += touching
        rest = [e for e in rest if reached.isdisjoint(e.coefficients)]
        reached.update(i for e in touching for i in e.coefficients)
    return near


def _bounds(edits: list[Edit], variable: int):
    """The greatest lower and least upper bound of a change, as (numerator, denominator > 0)."""
    low = high = None
    for edit in edits:
        a = edit.coefficients[variable]
        bound = (-edit.residual, a) if a > 0 else (edit.residual, -a)
        if (edit.equal or a > 0) and (low is None or bound[0] * low[1] > low[0] * bound[1]):
            low = bound
        if (edit.equal or a < 0) and (high is None or bound[0] * high[1] < high[0] * bound[1]):
            high = bound
    return low, high


def _distinct(edits: list[Edit]) -> list[Edit]:
    """Of edits with the same coefficients the tightest."""
    best: dict[tuple, Edit] = {}
    for edit in edits:
        key = (edit.equal, frozenset(edit.coefficients.items()))
        if key not in best or (not edit.equal and edit.residual < best[key].residual):
            best[key] = edit
        elif edit.equal and edit.residual != best[key].residual:
            best[(*key, edit.residual)] = edit
    return list(best.values())
