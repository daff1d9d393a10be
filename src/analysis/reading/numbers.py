"""A figure as people write it → a number. What can be read in two ways is not guessed.

Vietnamese writing: a point or a space groups thousands, a comma is decimal.
"""

import math
import re
from typing import NamedTuple

from analysis.language.words import number, plain

_LONGEST = 30  # characters of a figure
_WHOLE = re.compile(r"-?\d+")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}([. ])\d{3}(?:\1\d{3})*(?:,\d+)?")
_ONE_POINT = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")
_GROUPED_BY_COMMA = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3}){2,}")
_ONE_COMMA = re.compile(r"-?[1-9]\d{0,2},\d{3}")
_COMMA = re.compile(r"-?\d+,\d+")
_POINT = re.compile(r"-?\d+\.\d+")
_POINT_OF_THOUSANDS = re.compile(r"-?(?!0\.)\d+\.\d{3}")
_FOOTNOTE = re.compile(r"^(.*\d)\s*[*†‡¹²³]+$")
_FOOTNOTE_BEFORE = re.compile(r"^\(\d{1,2}\)\s+(\d.*)$")


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


Figure = tuple[float | None, str, str | None, str | None]
"""value, obs_status, rule, found."""


def figure(
    raw_text: str, raw_type: str, kind: str, style: str, symbols: dict, largest: float = 1e9
) -> Figure:
    """Read one cell of a form.

    Parameters
    ----------
    raw_text, raw_type
        The cell as received (``raw_type``: number, text, blank, other).
    kind
        ``count`` (whole, not negative), ``decimal`` (not negative) or ``percent`` (0 to 100).
    style
        ``vietnamese``, or ``plain``: a point is decimal, and a number in a text nothing to note.
    symbols
        Signs that stand for a missing figure → ``obs_status`` and ``rule``.

    Returns
    -------
    Nothing ambiguous is guessed: the value is then None, the status V and the rule says why. A note
    (thousands separator …) leaves the value in place.

    >>> figure("1.234", "text", "count", "vietnamese", {})
    (1234.0, 'A', 'thousands_separator', '1.234')
    >>> figure("một trăm", "text", "count", "vietnamese", {})
    (None, 'V', 'number_unreadable', None)
    """
    text = plain(raw_text)
    if text == "":
        return None, "O", "blank", None
    if text in symbols:
        return None, symbols[text]["obs_status"], symbols[text]["rule"], None
    if raw_type == "other":
        return None, "V", "number_unreadable", None
    if raw_type == "number":
        return _bounded(float(text), kind, largest, None)
    marked = _FOOTNOTE.match(text) or _FOOTNOTE_BEFORE.match(text)
    if marked:
        value, status, rule, found = figure(marked[1], "text", kind, style, symbols, largest)
        if status == "A":
            return value, status, "footnote_mark", found or number(value)
        return value, status, rule, found
    if text.endswith("%"):
        if kind != "percent":
            return None, "V", "unit_of_value", None
        text = text[:-1].strip()
    return _of_column(text, kind, style, largest)


def _of_column(text: str, kind: str, style: str, largest: float) -> Figure:
    """In a column of counts a point groups; in one of decimals a comma is decimal."""
    count, machine = kind == "count", style == "plain"
    point = "decimal" if machine else "groups" if count else "either"
    value, how = written(text, point, "either" if count else "decimal")
    if value is None:
        return None, "V", how, None
    notes = {"grouped": "thousands_separator"}
    if not machine:
        notes |= {"decimal_point": "decimal_point", "whole": "number_as_text" if count else None}
    return _bounded(value, kind, largest, notes.get(how))


def _bounded(value: float, kind: str, largest: float, rule: str | None) -> Figure:
    if not math.isfinite(value):
        return None, "V", "number_unreadable", None
    if value < 0:
        return None, "V", "negative", None
    if kind == "count" and not value.is_integer():
        return None, "V", "not_integer", None
    if value > (100 if kind == "percent" else largest):
        return None, "V", "out_of_range", None
    return value, "A", rule, number(value, 0 if value.is_integer() else 2) if rule else None
