"""A figure as people write it → a number. What can be read in two ways is not guessed.

Vietnamese writing: a point or a space groups thousands, a comma is decimal. One cell is looked at;
what the rest of its column says of it: :mod:`analysis.reading.columns`.
"""

import math
import re
from collections.abc import Collection
from typing import NamedTuple

from analysis.language.words import plain
from analysis.reading import displayed
from analysis.reading.beside.sheet import STRUCK

_LONGEST = 30  # characters of a figure
_WHOLE = re.compile(r"-?\d+")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}([. ])\d{3}(?:\1\d{3})*(?:,\d+)?")
_ONE_POINT = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_GROUPED_BY_COMMA = re.compile(r"-?[1-9]\d{0,2}(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d+)")
_ONE_COMMA = re.compile(r"-?[1-9]\d{0,2},\d{3}")
_COMMA = re.compile(r"-?\d+,\d+")
_POINT = re.compile(r"-?\d+\.\d+")
_POINT_OF_THOUSANDS = re.compile(r"-?(?!0\.)\d+\.\d{3}")
_COMMA_OF_THOUSANDS = re.compile(r"-?[1-9]\d*,\d{3}")
_FOOTNOTE = re.compile(r"^(.*\d)\s*[*†‡]+$")
_FOOTNOTE_BEFORE = re.compile(r"^\(\d{1,2}\)\s+(\d.*)$")
_ERROR = re.compile(r"#+|#(?:REF|N/A|DIV/0|VALUE|NAME|NUM|NULL|SPILL|CALC)[!?]?|Err:\d+", re.I)
_DAY_OR_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T].*)?|\d{1,2}:\d\d(?::\d\d)?.*")


class Number(NamedTuple):
    """``how`` it is written: whole, grouped, decimal_comma or decimal_point; else, without a value,
    why not: number_ambiguous or number_unreadable."""

    value: float | None
    how: str


def written(text: str, point: str, comma: str = "either") -> Number:
    """Read the digits of a figure.

    Parameters
    ----------
    text
        Without blanks around it, words and signs but a minus.
    point
        What a single point before three digits does (1.234): ``groups`` (counts, money), may do
        ``either`` (hours, percent), or is ``decimal`` (what a machine wrote).
    comma
        The same of a single comma (1,234): ``either``, or ``decimal`` (a column of decimals). Where
        nothing is surely decimal, 1234.567 is not read: a point may be missing in it.

    >>> written("1.234", "groups").value, written("1.234", "decimal").value
    (1234.0, 1.234)
    >>> written("1.234", "either").how, written("1.234,5", "either").value
    ('number_ambiguous', 1234.5)
    """
    if len(text) > _LONGEST:
        return Number(None, "number_unreadable")
    if _WHOLE.fullmatch(text):
        return Number(float(text), "whole")
    if _ONE_POINT.fullmatch(text) and point != "groups":
        if point == "either":
            return Number(None, "number_ambiguous")
        return Number(float(text), "decimal_point")
    if _GROUPED.fullmatch(text):
        return Number(float(re.sub("[. ]", "", text).replace(",", ".")), "grouped")
    if _GROUPED_BY_COMMA.fullmatch(text):
        return Number(float(text.replace(",", "")), "grouped")
    if _ONE_COMMA.fullmatch(text) and comma == "either":
        return Number(None, "number_ambiguous")
    if _COMMA.fullmatch(text):
        return Number(float(text.replace(",", ".")), "decimal_comma")
    unsure = "decimal" not in (point, comma) and _POINT_OF_THOUSANDS.fullmatch(text)
    if _POINT.fullmatch(text) and not unsure:
        return Number(float(text), "decimal_point")
    return Number(None, "number_unreadable")


class Figure(NamedTuple):
    """What one cell says: ``found`` and ``expected`` are what the message of ``rule`` quotes."""

    value: float | None
    obs_status: str
    rule: str | None = None
    found: str | None = None
    expected: str | None = None


class Asked(NamedTuple):
    """What a form asks of a figure.

    ``kind``: count (whole, not negative), decimal (not negative) or percent (0 to 100). ``style``:
    vietnamese, or plain (a point is decimal, and a number in a text nothing to note). ``largest``:
    the largest figure that can be right. ``units``: what it counts, in words. ``factor``: how many
    of these one of the sheet's figures stands for.
    """

    kind: str
    style: str
    largest: float = 1e9
    units: tuple[str, ...] = ()
    factor: float = 1

    @property
    def is_share(self) -> bool:
        """Whether it is a part of 1."""
        return self.kind == "decimal" and self.largest == 1

    def bounded(self, value: float, rule: str | None = None, found: str | None = None) -> Figure:
        """The figure as it counts, or why it cannot be right."""
        if not math.isfinite(value):
            return refused("number_unreadable")
        if self.factor != 1:
            value, rule = round(value * self.factor, 6), "measure_converted"
        if value < 0:
            return refused("negative")
        if self.kind == "count" and not value.is_integer():
            return refused("not_integer")
        if value > (100 if self.kind == "percent" else self.largest):
            return refused("out_of_range")
        return Figure(value, "A", rule, found or exact(value) if rule else None)

    @property
    def reads_as(self) -> str:
        """How its digits are read: thousands of a count may have decimals."""
        return "decimal" if self.factor != 1 and self.kind == "count" else self.kind


def refused(rule: str, found: str | None = None, expected: str | None = None) -> Figure:
    """A cell whose figure is not accepted."""
    return Figure(None, "V", rule, found, expected)


def exact(value: float) -> str:
    """A figure with all its decimals and without separators of thousands.

    >>> exact(1234567.0), exact(99.95)
    ('1234567', '99,95')
    """
    return f"{value:.15g}".replace(".", ",")


def figure(
    raw_text: str,
    raw_type: str,
    kind: str,
    style: str,
    symbols: dict,
    largest: float = 1e9,
    shown: str | None = None,
) -> Figure:
    """Read one cell of a form: :func:`read` where the form says no more than this.

    >>> figure("1.234", "text", "count", "vietnamese", {})[:4]
    (1234.0, 'A', 'thousands_separator', '1234')
    >>> figure("một trăm", "text", "count", "vietnamese", {})[:3]
    (None, 'V', 'number_unreadable')
    >>> figure("0.42", "number", "percent", "vietnamese", {}, shown="42%").value
    42.0
    """
    return read(raw_text, raw_type, shown, Asked(kind, style, largest), symbols)


def read(
    raw_text: str, raw_type: str, shown: str | None, asked: Asked, symbols: Collection | dict
) -> Figure:
    """Read one cell of a form.

    Parameters
    ----------
    raw_text, raw_type, shown
        The cell as received (schema.CELLS).
    symbols
        Signs that stand for a missing figure → ``obs_status`` and ``rule``.

    Returns
    -------
    Nothing ambiguous is guessed: the value is then None, the status V and the rule says why. A note
    (thousands separator …) leaves the value in place.
    """
    text = plain(raw_text)
    if text == "" or raw_type == "blank":
        return Figure(None, "O", "blank")
    if shown and STRUCK in shown:
        return refused("struck_out", shown)
    if text in symbols:
        return Figure(None, symbols[text]["obs_status"], symbols[text]["rule"])
    if raw_type == "other":
        return _no_number(text, shown)
    if raw_type == "number":
        value = float(text)
        return asked.bounded(value) if shown is None else _formatted(value, plain(shown), asked)
    if _ERROR.fullmatch(text) or text.startswith("="):
        return _no_number(text, shown)
    return _text(text, shown, asked, symbols)


def digits(raw_text: str, shown: str | None = None) -> str:
    """A figure as it is written, without a sign of percent and marks of footnotes."""
    bare, _ = displayed.unmarked(plain(raw_text if shown is None else shown))
    marked = _FOOTNOTE.match(bare) or _FOOTNOTE_BEFORE.match(bare)
    return (marked[1] if marked else bare).removesuffix("%").strip()


def _no_number(text: str, shown: str | None) -> Figure:
    """What a spreadsheet keeps where a number should be: an error, a formula, a day, yes or no."""
    said = plain(shown or text)
    if _ERROR.fullmatch(said) or _ERROR.fullmatch(text):
        return refused("number_error", said)
    if text.startswith("="):
        return refused("formula_without_value", text)
    day = _DAY_OR_TIME.fullmatch(text)
    if day:
        year, month, of_month = day.groups()
        return refused(
            "number_is_date", said if shown or not year else f"{of_month}/{month}/{year}"
        )
    return refused("number_unreadable", said)


def _formatted(value: float, shown: str, asked: Asked) -> Figure:
    """A number whose format shows something else; what is only rounded is not."""
    visible, marked = displayed.unmarked(shown)
    if visible == "" and not marked:
        return asked.bounded(value, "shown_not", exact(value))
    if value == 0 and displayed.is_dash(visible):
        return asked.bounded(value)
    digits, words = displayed.parts(visible)
    percent, hundredfold = "%" in words, round(value * 100, 10)
    if percent and asked.is_share and displayed.agrees(digits, hundredfold):
        return asked.bounded(value)  # a share of 1 is counted so, and shown as percent
    if percent and asked.kind != "percent":
        return refused("unit_of_value", shown)
    otherwise = refused("shown_otherwise", shown, exact(value))
    if not digits or not displayed.says_nothing_else(words.replace("%", ""), asked.units):
        return otherwise
    if percent and displayed.agrees(digits, hundredfold):
        return asked.bounded(hundredfold, "percent_format", shown)._replace(
            expected=exact(hundredfold)
        )
    rounded = asked.reads_as == "count" and not value.is_integer()
    if rounded or not displayed.agrees(digits, value):
        return otherwise
    found = asked.bounded(value, "footnote_mark" if marked else None)
    return found._replace(expected=shown) if found.rule == "footnote_mark" else found


def _text(text: str, shown: str | None, asked: Asked, symbols: Collection | dict) -> Figure:
    visible = text if shown is None else plain(shown)
    if visible == "":
        found = _text(text, None, asked, symbols)
        return found._replace(rule="shown_not", found=text) if found.value is not None else found
    if not displayed.raised_only(visible, text):
        digits, words = displayed.parts(visible)
        added = displayed.says_nothing_else(words, asked.units)  # what the form counts, no more
        if not added or digits not in text:
            return refused("shown_otherwise", visible, text)
        visible = text
    bare, raised = displayed.unmarked(visible)
    marked = _FOOTNOTE.match(bare) or _FOOTNOTE_BEFORE.match(bare)
    if raised or marked:
        found = read(marked[1] if marked else bare, "text", None, asked, symbols)
        if bare == "":
            return refused("number_unreadable", visible)
        if found.obs_status != "A" or found.rule == "measure_converted":
            return found
        said = {"found": exact(found.value or 0), "expected": visible}
        return found._replace(rule="footnote_mark", **said)
    if visible.endswith("%"):
        if asked.kind != "percent":
            return refused("unit_of_value", visible)
        visible = visible[:-1].strip()
    return _of_column(visible, asked)


def _of_column(text: str, asked: Asked) -> Figure:
    """In a column of counts a point groups; in one of decimals a comma is decimal.

    In a plain form a comma is no decimal mark, and a whole count has no three decimals: 1.000 may
    be a thousand there.
    """
    count, machine = asked.reads_as == "count", asked.style == "plain"
    point = "decimal" if machine else "groups" if count else "either"
    value, how = written(text, point, "either" if count or machine else "decimal")
    if value is None:
        return refused(how)
    if machine and _POINT_OF_THOUSANDS.fullmatch(text) and count and value.is_integer():
        return refused("number_ambiguous")
    if machine and _COMMA_OF_THOUSANDS.fullmatch(text):
        return refused("number_ambiguous")
    notes = {"grouped": "thousands_separator"}
    if not machine:
        notes |= {"decimal_point": "decimal_point", "whole": "number_as_text" if count else None}
    return asked.bounded(value, notes.get(how))
