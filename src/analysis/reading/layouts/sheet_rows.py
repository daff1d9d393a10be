"""The rows below the head of a sheet: what each is, and what a form may not have."""

import re
from collections import Counter
from dataclasses import dataclass, field

from analysis.language.words import fold, plain, spellings
from analysis.reading.layouts import row_words
from analysis.reading.layouts.sheet_heads import Grid, Heads

_TELEPHONE = re.compile(r"\(?(\+?84|0)[\d .\-()]{8,}")
_TELEPHONE_AS_NUMBER = 1e7  # a figure that stands alone in a row and is as large counts nothing
_SIGN = 3  # characters of a sign for a missing figure; more is a word
_SUB_NUMBER = re.compile(r"(.+)[.,]\d+\.?")
_ROMAN = "I II III IV V VI VII VIII IX X".split()


@dataclass
class Row:
    """A row with its cells by column.

    ``kind``: heading; total or field, whose figures count; stray, whose figures are refused;
    remark. ``level``: None where no heading says it; ``field``: "_T" in a total.
    """

    line: dict[int, dict]
    kind: str
    level: str | None = None
    field: str | None = None


@dataclass
class _Labelled:
    """A row as it is written."""

    number: int
    line: dict[int, dict]
    label: str
    mark: str
    figures: bool

    @property
    def said(self) -> str:
        return self.label or self.mark


def read(
    grid: Grid, heads: Heads, form: dict, field_names: dict, unit_text: str | None
) -> list[Row]:
    """What the rows below the head are.

    ``field_names``: folded names of the fields of the code list; ``unit_text``: the unit as the
    sheet names it, which may name a total.
    """
    items = set(heads.items)
    written = []
    for number, line in grid.items():
        if number > heads.last:
            said = [
                plain(line[c]["raw_text"]) if c in line else ""
                for c in (heads.column_of("field"), heads.column_of("line"))
            ]
            filled = bool(items & set(line)) and not _signed(line, items)
            written.append(_Labelled(number, line, said[0], said[1], filled))
    if form.get("rows", "fields") != "fields":
        return [_named(row, form, unit_text) for row in written]
    return _Fields(written, items, form, field_names, unit_text).read()


def _signed(line: dict[int, dict], items: set[int]) -> bool:
    """Whether words alone stand under the items, as where people sign: no figure is among them."""
    texts = [plain(line[c]["raw_text"]) for c in items & set(line)]
    return all(len(t) > _SIGN and not any(ch.isdigit() for ch in t) for t in texts)


def repeated(rows: list[Row], field_names: dict) -> set[int]:
    """Places in ``rows`` of those that stand more than once, under whatever name of a field."""
    keys = [
        (row.level, field_names.get(fold(row.field or ""), fold(row.field or "")))
        if row.kind in ("field", "total")
        else None
        for row in rows
    ]
    times = Counter(keys)
    return {i for i, key in enumerate(keys) if key is not None and times[key] > 1}


def _named(row: _Labelled, form: dict, unit_text: str | None) -> Row:
    """A row of a form whose rows are its levels, or which has one row for the unit."""
    if not row.said:
        return Row(row.line, "remark")
    level = row_words.heading(row.said, form)
    if level:
        return Row(row.line, "total", level, "_T")
    own = [t for t in (form.get("row_label", {}).get("vi"), unit_text) if t]
    named = row_words.numbered(row.said)[1]
    if "row_label" in form and any(spellings(fold(named)) & spellings(fold(t)) for t in own):
        return Row(row.line, "total", "_T", "_T")
    if row_words.is_total(row.said):
        adds = row_words.total(row.said, form, unit_text)
        if adds:
            return Row(row.line, "total", adds.level or "_T", "_T")
    if row.figures and row.label:
        return Row(row.line, "stray", None, row.label)
    return Row(row.line, "remark")


@dataclass
class _Fields:
    """The rows of a form whose rows are fields under the headings of levels, from the top down."""

    written: list[_Labelled]
    items: set[int]
    form: dict
    names: dict
    unit_text: str | None
    level: str | None = None
    mark: str = ""  # the number or letter of the heading
    closed: bool = False  # the level has had its total: no field of it follows
    ended: bool = False  # the total of all levels was there
    marks: set[str] = field(default_factory=set)  # of the fields under this heading
    totals: set[str] = field(default_factory=set)  # what the total rows so far are called
    numbered: bool = False  # whether one of them is a number
    count: int = 0

    def read(self) -> list[Row]:
        self.levels = [
            row_words.heading(w.said, self.form) if w.said else None for w in self.written
        ]
        totals = [j for j, w in enumerate(self.written) if w.said and row_words.is_total(w.said)]
        self.last_total = totals[-1] if totals else -1
        self.seen = [j for j, level in enumerate(self.levels) if level]
        return [self._row(i, row) for i, row in enumerate(self.written)]

    def _row(self, i: int, row: _Labelled) -> Row:
        if level := self.levels[i]:
            self._open(level, row)
            return Row(row.line, "total" if row.figures else "heading", level, "_T")
        known = row_words.known_field(row.label, self.names)
        if not known and row.said and row_words.is_total(row.said):
            return self._total(i, row)
        never = not known and (row_words.never_field(row.label) or self._is_head(row.label))
        if not known and self._sibling(row):
            self.level, self.closed = None, True
            return Row(row.line, "stray" if row.figures else "remark", None, row.label)
        if not row.figures:
            if known or (row.label and row.mark.isdigit() and not never and self._open_list):
                return self._field(row, known)
            return Row(row.line, "remark", self.level)
        if not row.label:
            return Row(row.line, "remark", self.level)
        if self._part_of_field(row) or never or (not known and not self._own_field(i, row)):
            return Row(row.line, "stray", None, row.label)
        return self._field(row, known)

    @property
    def _open_list(self) -> bool:
        return self.form.get("fields", "list") == "open"

    def _is_head(self, label: str) -> bool:
        """Whether a row has the name of a column: a part of the row above."""
        heads = (c["header"]["vi"] for c in self.form["columns"] if "item" in c)
        folded = f"{fold(row_words.numbered(label)[1])} "
        return any(f"{fold(text)} ".startswith(folded) for texts in heads for text in texts)

    def _open(self, level: str, row: _Labelled) -> None:
        self.level, self.closed, self.ended = level, False, False
        self.marks, self.numbered, self.count = set(), False, 0
        self.mark = row_words.numbered(row.label)[0] or row.mark

    def _field(self, row: _Labelled, known: str | None) -> Row:
        self.marks.add(row.mark)
        self.numbered |= row.mark.isdigit()
        self.count += 1
        level = None if self.closed or self.ended else self.level
        return Row(row.line, "field", level, known or row.label)

    def _own_field(self, i: int, row: _Labelled) -> bool:
        """Whether a row that the list lacks is a field that the office writes itself."""
        filled = [row.line[c] for c in self.items & set(row.line)]
        telephone = any(_TELEPHONE.fullmatch(plain(r["raw_text"])) for r in filled)
        if len(filled) == 1 < len(self.items):
            telephone |= _large(filled[0]["raw_text"])
        mark = (row.mark or row_words.numbered(row.label)[0]).strip("(). ")
        apart = i > 0 and self.written[i - 1].number < row.number - 1 and not mark
        group = mark and not mark.isdigit()  # of its own numbering: the sum of the rows below
        return self._open_list and not (telephone or apart or group or self.ended)

    def _part_of_field(self, row: _Labelled) -> bool:
        """Whether a row is numbered as a part of the field above it: 3.1, or a) under 3."""
        mark = row.mark or row_words.numbered(row.label)[0]
        if sub := _SUB_NUMBER.fullmatch(mark):
            return sub[1] in self.marks
        letter = re.fullmatch(r"\(?[a-zđ]\)?\.?", mark)
        return bool(letter) and self.numbered

    def _sibling(self, row: _Labelled) -> bool:
        """Whether a row is a heading next to that of the level, though not one that is known."""
        if not row.label:
            return False
        mark = row_words.numbered(row.label)[0] or row.mark
        short = not (row.figures or row.mark.isdigit()) and len(row.label.split()) <= 6
        named = row_words.names_level(row.label, self.form, by_last_word=short)
        return named or _follows(mark, self.mark)

    def _total(self, i: int, row: _Labelled) -> Row:
        adds = row_words.total(row.said, self.form, self.unit_text)
        level = self._added(i, adds) if adds else None
        if level is None:
            kind = "stray" if row.figures and row.label else "remark"
            return Row(row.line, kind, None, row.said)
        if level == "_T":
            self.ended = bool(self.seen) and self.seen[0] < i
        elif level == self.level and self.count:
            self.closed = True
        self.totals.add(_words(row.said))
        return Row(row.line, "total", level, "_T")

    def _added(self, i: int, adds: row_words.Total) -> str | None:
        """The level that a total adds ("_T": all), None where that cannot be known."""
        if adds.level:
            return adds.level
        own = None if self.closed or not self.level else self.level
        if adds.terms:
            return self._of_terms(adds.terms, own)
        if not self.seen or self.seen[0] > i:
            return "_T"
        if self.seen[-1] > i:
            return own
        if own is None or self.ended:
            return "_T"
        words = _words(self.written[i].said)
        if words == "tong so":
            return own
        return own if words in self.totals or self.last_total > i else "_T"

    def _of_terms(self, terms: list[str], own: str | None) -> str | None:
        marks = [
            row_words.numbered(self.written[j].label)[0] or self.written[j].mark for j in self.seen
        ]
        folded = {fold(t) for t in terms}
        if len(self.seen) > 1 and folded == {fold(m) for m in marks}:
            return "_T"
        if any(t.isdigit() for t in terms):
            inside = folded <= {fold(m) for m in self.marks}
            return own if inside and len(terms) == self.count else None
        return "_T" if len(terms) == len(self.seen) > 1 else None


def _words(label: str) -> str:
    return fold(row_words.numbered(label)[1])


def _large(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return bool(digits) and float(digits) >= _TELEPHONE_AS_NUMBER


def _follows(mark: str, before: str) -> bool:
    """Whether a letter or Roman number is the next one.

    >>> _follows("B", "A"), _follows("III", "II"), _follows("C", "A")
    (True, True, False)
    """
    mark, before = mark.strip("().").upper(), before.strip("().").upper()
    if mark in _ROMAN and before in _ROMAN and _ROMAN.index(mark) == _ROMAN.index(before) + 1:
        return True
    return len(mark) == len(before) == 1 and ord(mark) == ord(before) + 1 and mark.isalpha()
