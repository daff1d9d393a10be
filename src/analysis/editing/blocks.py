"""Value cells → blocks: the figures of one unit at one level, and the rules that bind them.

A block is a grid: rows are fields of work (and their total row), columns are items. Its figures are
held as whole numbers (figures with decimals as so many of their last place), so that all that
follows is exact.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from analysis.catalogue.linear_rules import Linear

TOTAL = "_T"


class Edit(NamedTuple):
    """Σ ``coefficients`` × change + ``residual`` = 0 (``equal``), or ≥ 0.

    The unknowns are changes of the submitted figures, so that large figures cost no precision:
    ``residual`` is what the rule leaves with the figures as submitted.
    """

    coefficients: dict[int, int]
    residual: int
    equal: bool

    @property
    def broken(self) -> bool:
        return self.residual != 0 if self.equal else self.residual < 0


@dataclass(frozen=True)
class Applied:
    """A rule of the form as applied in one place: its code, the variables that it binds, the
    variable that lets it go (soft rules only)."""

    rule: str | None
    edits: tuple[Edit, ...]
    cells: frozenset[int]
    slack: int | None = None

    @property
    def broken(self) -> bool:
        return any(e.broken for e in self.edits)


@dataclass(frozen=True)
class Block:
    """The figures of one unit at one level, as a grid.

    Attributes
    ----------
    rows, columns
        Names, in the order of the sheet.
    values
        Row by row, in units of 1/``scale``; None where nothing was submitted.
    weights
        What it costs to change a cell (its confidence; 1 if nothing is stated).
    steps
        Of each cell, in units of 1/``scale``: counts are whole numbers.
    applied
        The rules in each place. Variables are the cells in the order of ``values``; after them one
        for each soft rule in each place, by which it can be let go.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[int | None, ...]
    weights: tuple[float, ...]
    steps: tuple[int, ...]
    applied: tuple[Applied, ...]
    scale: int = 1
    lets_go: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Slack variable → the rule and its row (number)."""
    totals: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Total row (number) → the rows whose sum it is."""

    @property
    def missing(self) -> list[int]:
        return [i for i, v in enumerate(self.values) if v is None]

    @property
    def broken(self) -> list[Applied]:
        """Rules that do not hold, among those that bind no missing figure."""
        gaps = set(self.missing)
        return [a for a in self.applied if a.broken and not a.cells & gaps]

    @property
    def edits(self) -> list[Edit]:
        return [e for a in self.applied for e in a.edits]

    def at(self, row: int, column: int) -> int:
        """The variable of a cell."""
        return row * len(self.columns) + column

    def place(self, variable: int) -> tuple[int, int]:
        """Row and column of a cell, as numbers."""
        return divmod(variable, len(self.columns))

    def weight(self, variable: int) -> float:
        """Cost of changing a cell; letting a soft rule go costs 1."""
        return self.weights[variable] if variable < len(self.values) else 1

    def changed(self, new: dict[int, int | None]) -> "Block":
        """The block with other figures, the same rules."""
        values = [new.get(i, v) for i, v in enumerate(self.values)]
        before = self.values
        moved = {i: (values[i] or 0) - (before[i] or 0) for i in new}
        applied = tuple(
            Applied(a.rule, tuple(_moved(e, moved) for e in a.edits), a.cells, a.slack)
            if not a.cells.isdisjoint(moved)
            else a
            for a in self.applied
        )
        return replace(self, values=tuple(values), applied=applied)

    def hard(self) -> "Block":
        """The block without the rules that can be let go."""
        return replace(self, applied=tuple(a for a in self.applied if a.slack is None), lets_go={})


def _moved(edit: Edit, moved: dict[int, int]) -> Edit:
    shift = sum(edit.coefficients.get(i, 0) * by for i, by in moved.items())
    return Edit(edit.coefficients, edit.residual + shift, edit.equal) if shift else edit


@dataclass(frozen=True)
class Shape:
    """What blocks of a form have in common.

    ``columns``: items in the order of the form; ``linear``: rules of each row; ``total_row``: code
    of the rule that the total row is the sum of the rows; ``counts``: items that are whole numbers;
    ``confidence``: item → weight.
    """

    columns: tuple[str, ...]
    linear: tuple[Linear, ...]
    total_row: str | None = None
    counts: frozenset[str] = frozenset()
    confidence: dict[str, float] = field(default_factory=dict)

    def block(
        self,
        rows: Sequence[str],
        grid: Sequence[Sequence[Fraction | int | None]],
        known: Sequence["Known"] = (),
        totals: Mapping[int, Sequence[int]] | None = None,
    ) -> Block:
        """The block of a grid.

        Parameters
        ----------
        grid
            rows × columns; None where a figure is missing.
        known
            What is known of single cells from elsewhere.
        totals
            Total row (number) → the rows whose sum it is; without it ``_T`` is that of all others.
        """
        if totals is None:
            others = tuple(r for r, name in enumerate(rows) if name != TOTAL)
            totals = {rows.index(TOTAL): others} if TOTAL in rows and others else {}
        totals = {t: tuple(of) for t, of in totals.items()} if self.total_row else {}
        flat = [v for line in grid for v in line]
        scale = _scale([*flat, *(k.value for k in known), *self._constants()])
        values = tuple(None if v is None else int(v * scale) for v in flat)
        held = list(self._rules(rows, values, scale, known, totals))
        cells = len(values)
        applied, lets_go = [], {}
        for rule, row, edits, soft in held:
            bound = frozenset(i for e in edits for i in e.coefficients)
            slack = None
            if soft:
                slack = cells + len(lets_go)
                lets_go[slack] = (rule, row)
                edits = [Edit(e.coefficients | {slack: 1}, e.residual, e.equal) for e in edits]
            applied.append(Applied(rule, tuple(edits), bound, slack))
        counted = [scale if c in self.counts else 1 for c in self.columns]
        weights = [float(self.confidence.get(c, 1)) for c in self.columns]
        n = len(rows)
        return Block(
            rows=tuple(rows),
            columns=self.columns,
            values=values,
            weights=tuple(weights * n),
            steps=tuple(counted * n),
            applied=tuple(applied),
            scale=scale,
            lets_go=lets_go,
            totals=totals,
        )

    def _constants(self) -> list:
        return [Fraction(str(x)) for rule in self.linear for x in (rule.bound, rule.tolerance)]

    def _rules(self, rows, values, scale, known, totals) -> Iterator[tuple]:
        """Rule, its row (number), edits, whether it is soft; for each place."""
        width = len(self.columns)
        column = {c: k for k, c in enumerate(self.columns)}
        for r in range(len(rows)):
            for rule in self.linear:
                if set(rule.coefficients) <= set(column):
                    terms = {r * width + column[c]: k for c, k in rule.coefficients.items()}
                    yield rule.rule, r, _edits(terms, rule, values, scale), rule.soft
        for total, of in totals.items():
            for c in range(width):
                terms = {total * width + c: 1} | {r * width + c: -1 for r in of}
                whole = Linear(self.total_row, {})
                yield self.total_row, total, _edits(terms, whole, values, scale), False
        for k in known:
            terms = {list(rows).index(k.row) * width + column[k.column]: 1}
            rule = Linear(k.rule, {}, bound=k.value)
            yield k.rule, list(rows).index(k.row), _edits(terms, rule, values, scale), k.soft


@dataclass(frozen=True)
class Known:
    """What a cell should be, from elsewhere: the closing stock of the period before."""

    row: str
    column: str
    value: Fraction | int
    rule: str
    soft: bool = True


def _edits(terms: dict[int, int], rule: Linear, values, scale: int) -> list[Edit]:
    """The rule as edits over changes of the submitted figures (a missing one counts as 0)."""
    bound, slack = _scaled(rule.bound, scale), _scaled(rule.tolerance, scale)
    left = sum(k * (values[i] or 0) for i, k in terms.items()) - bound
    against = {i: -k for i, k in terms.items()}
    if not rule.equal:
        return [Edit(against, slack - left, equal=False)]
    if slack:
        return [Edit(against, slack - left, equal=False), Edit(terms, slack + left, equal=False)]
    return [Edit(terms, left, equal=True)]


@cache
def _scaled(figure: float | Fraction, scale: int) -> int:
    return int(Fraction(str(figure)) * scale)


def _scale(figures: Sequence[Fraction | int | None]) -> int:
    """Power of ten that makes all figures whole."""
    scale = 1
    while any(f is not None and Fraction(f) * scale % 1 for f in figures):
        scale *= 10
    return scale
