"""The column as evidence: how the figures of one item are written in one sheet, taken together.

One cell can often be read in two ways (2,001; 1.000; 0.42 among percents). The other cells of its
column show which marks group thousands there and which are decimal. What they settle is read, and
said; what they contradict or leave open is refused, and said with an example of theirs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from analysis.reading.numbers import Asked, Figure, exact, refused

_OTHER = {".": ",", ",": "."}
_DIGITS = re.compile(r"-?\d[\d.,]*")
_EXAMPLES = 3
_SEVERAL, _FAR = 3, 10  # so many percents so large make one of at most 1 beside them doubtful


class Cell(NamedTuple):
    """One figure of a column.

    ``digits``: as it is written, without marks and signs around it; None for a stored number.
    ``percent``: whether a sign or its format says that it is in percent. ``asked``, ``figure``:
    what the form asks of it, what was read in it.
    """

    digits: str | None
    percent: bool
    asked: Asked
    figure: Figure


class Writing(NamedTuple):
    """How one figure is written.

    ``roles``: what each of its marks does (groups, decimal, either). ``places``: digits behind a
    decimal mark. ``long``: four digits or more stand together, or a blank groups them, before it.
    """

    roles: dict[str, str]
    places: int
    long: bool


def writing(text: str) -> Writing | None:
    """How the digits of a figure are written; None where it is no figure or badly written.

    >>> writing("1.234,5").roles, writing("1.234").roles, writing("0.125").roles
    ({'.': 'groups', ',': 'decimal'}, {'.': 'either'}, {'.': 'decimal'})
    """
    blanks, text = " " in text, text.replace(" ", "")
    if not _DIGITS.fullmatch(text):
        return None
    marks = [c for c in text if c in _OTHER]
    pieces = re.split("[.,]", text.lstrip("-"))
    in_groups = [len(pieces[0]) <= 3 and pieces[0][0] != "0"]
    in_groups += [len(p) == 3 for p in pieces[1:]]
    long = blanks or len(pieces[0]) > 3
    if not marks:
        return Writing({}, 0, long)
    if len(set(marks)) == 2:
        first, last = marks[0], marks[-1]
        if marks.count(last) > 1 or not all(in_groups[:-1]):
            return None
        return Writing({first: "groups", last: "decimal"}, len(pieces[-1]), blanks)
    if len(marks) > 1:
        return Writing({marks[0]: "groups"}, 0, blanks) if all(in_groups) else None
    role = "either" if all(in_groups) and not blanks else "decimal"
    return Writing({marks[0]: role}, len(pieces[1]), long)


@dataclass
class _Evidence:
    """What the figures of a column show: marks that surely group or are decimal, and examples."""

    groups: set[str] = field(default_factory=set)
    decimal: set[str] = field(default_factory=set)
    finely: set[str] = field(default_factory=set)
    long: bool = False
    whole: str | None = None
    examples: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        how = writing(text)
        if how is None:
            return
        self.long |= how.long
        if not how.roles:
            self.whole = self.whole or text
        for mark, role in how.roles.items():
            if role == "groups":
                self.groups.add(mark)
            elif role == "decimal":
                self.decimal.add(mark)
                self.finely |= {mark} if how.places >= 3 else set()
        if "either" not in how.roles.values() and how.roles:
            self.examples[text] = None

    def says(self, mark: str) -> tuple[str | None, bool]:
        """What ``mark`` does here, or "both"; and whether that is enough to go by."""
        other = _OTHER[mark]
        groups = mark in self.groups or other in self.decimal
        decimal = mark in self.decimal or other in self.groups
        if groups and decimal:
            return "both", False
        if groups:  # who groups thousands groups all of them
            return "groups", mark in self.groups and not self.long
        return ("decimal", mark in self.finely) if decimal else (None, False)

    def quoted(self) -> str | None:
        held = list(self.examples) or [self.whole] * bool(self.whole)
        return "; ".join(f"“{text}”" for text in held[:_EXAMPLES]) or None


def judged(cells: Sequence[Cell]) -> list[Figure]:
    """The figures of one column, each held against how the others are written."""
    figures = [c.figure for c in cells]
    texts = {c.digits for c in cells if c.digits}
    if any("either" in how.roles.values() for how in map(writing, texts) if how):
        evidence = _Evidence()
        for text in dict.fromkeys(c.digits for c in cells if c.digits):
            evidence.add(text)
        figures = [_settled(c, evidence) for c in cells]
    if any(c.asked.kind == "percent" for c in cells):
        return _shares(figures, [c.percent for c in cells])
    return figures


def _settled(cell: Cell, evidence: _Evidence) -> Figure:
    """A figure that could be read in two ways, as its column has it."""
    found, how = cell.figure, writing(cell.digits or "")
    if how is None or "either" not in how.roles.values():
        return found
    if found.value is None and found.rule != "number_ambiguous":
        return found
    mark = next(iter(how.roles))
    ways = _ways(cell, cell.digits or "", mark)
    role, enough = evidence.says(mark)
    taken = next((way for way, f in ways.items() if f.value == found.value), None)
    if taken and len(ways) == 1:
        return found
    count = cell.asked.reads_as == "count"
    if taken and taken == (role or _alone(cell, mark, evidence)):
        # as the form says itself that numbers are written in it, and nothing speaks against it
        usual = taken == _declared(cell, mark) and (role is not None or count)
        return found if enough or usual else _assumed(ways[taken], evidence)
    if role in ways and enough:
        return _assumed(ways[role], evidence)
    if evidence.examples or (evidence.whole and not count):
        return refused("writing_mixed", evidence.quoted())
    return refused("number_ambiguous")


def _ways(cell: Cell, digits: str, mark: str) -> dict[str, Figure]:
    """In which ways a figure may be read, of those that can be right."""
    grouped = cell.asked.bounded(float(digits.replace(mark, "")))
    decimal = cell.asked.bounded(float(digits.replace(mark, ".")))
    ways = {"groups": grouped, "decimal": decimal}
    return {way: f for way, f in ways.items() if f.value is not None}


def _declared(cell: Cell, mark: str) -> str | None:
    """What ``mark`` does by the form itself: a point is decimal in a plain one, and groups counts
    in a Vietnamese one."""
    if mark == "." and cell.asked.style == "plain":
        return "decimal"
    return "groups" if mark == "." and cell.asked.reads_as == "count" else None


def _alone(cell: Cell, mark: str, evidence: _Evidence) -> str | None:
    """What ``mark`` does where no other figure shows it.

    Beside whole numbers alone three decimals are strange in a plain form: thousands are likelier.
    """
    strange = cell.asked.style == "plain" and evidence.whole is not None
    return None if strange else _declared(cell, mark)


def _assumed(figure: Figure, evidence: _Evidence) -> Figure:
    found, expected = exact(figure.value), evidence.quoted()
    return figure._replace(rule="writing_assumed", found=found, expected=expected)


def _shares(figures: list[Figure], signed: list[bool]) -> list[Figure]:
    """Percents: a figure of at most 1 may be a share of 1; what the others are like decides.

    Beside figures whose format or sign says percent, or beside several that are all far larger, it
    is not read; else it is read and doubted.
    """
    small = [
        not sign and f.value is not None and 0 < f.value <= 1
        for f, sign in zip(figures, signed, strict=True)
    ]
    if not any(small):
        return figures
    others = [f.value for f, s in zip(figures, small, strict=True) if f.value and not s]
    far = len(others) >= _SEVERAL and min(others) >= _FAR
    # beside whole percents 1 may be one of them
    refuse = [any(signed) or (far and f.value != 1) for f in figures]
    told = "; ".join(f"“{exact(v)}”" for v in dict.fromkeys(others[:_EXAMPLES])) or None
    return [
        f if not s else refused("share_or_percent", told) if no else _doubted(f, told)
        for f, s, no in zip(figures, small, refuse, strict=True)
    ]


def _doubted(figure: Figure, told: str | None) -> Figure:
    return figure._replace(rule="perhaps_share", found=exact(figure.value), expected=told)
