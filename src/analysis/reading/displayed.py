"""What a sheet shows of a cell: its figure, the words and marks around it, against what it holds.

A number format can show 0.42 as 42%, 600 as "600 nghìn" and 1234 as 1; rich text can raise a
footnote mark or strike a figure out. Nothing is decided here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from analysis.language.words import fold, plain

_FIGURE = re.compile(r"\d(?:[\d.,' ]*\d)?(?:E[+-]?\d+)?")
_ACCEPTED = " ()+-"  # signs beside a figure that say nothing of what it counts
_CURRENCY = {"d": "dong", "₫": "dong", "đ": "dong", "vnd": "dong", "vnđ": "dong"}
_SCALES = {
    *("chuc tram nghin ngan trieu tr ty ti k m b bn".split()),
    *("hundred hundreds thousand thousands million millions billion billions".split()),
}
_DASHES = set("-–— ")
_SLACK = Decimal("1.000001")


def unmarked(text: str) -> tuple[str, bool]:
    """A text without raised characters, and whether it had some.

    >>> unmarked("60¹")
    ('60', True)
    """
    kept = "".join(c for c in text if not unicodedata.decomposition(c).startswith("<super>"))
    return plain(kept), kept != text


def raised_only(shown: str, raw_text: str) -> bool:
    """Whether what is shown is the text of the cell, but for marks that stand higher."""
    return _level(shown) == _level(raw_text)


def _level(text: str) -> str:
    return plain(unicodedata.normalize("NFKC", text))


def is_dash(text: str) -> bool:
    """Whether a format shows nothing but a dash, as those of accounts do for 0."""
    return bool(text) and set(text) <= _DASHES


def parts(text: str) -> tuple[str, str]:
    """The figure in what is shown, and all that stands around it.

    >>> parts("600 nghìn"), parts("(1.234,5)")
    (('600', 'nghìn'), ('1.234,5', '()'))
    """
    found = _FIGURE.search(text)
    if not found:
        return "", text
    return found[0], plain(text[: found.start()] + " " + text[found.end() :]).replace("( )", "()")


def says_nothing_else(words: str, units: Iterable[str]) -> bool:
    """Whether words beside a figure only repeat one of ``units``: what the form counts.

    Of the words of a unit some may be left out, but not those that say how many of it.

    >>> says_nothing_else("hồ sơ", ["hồ sơ TTHC"]), says_nothing_else("đồng", ["tỷ đồng"])
    (True, False)
    """
    if not words.strip(_ACCEPTED):
        return True
    said = set(_words(words))
    own = map(set, map(_words, units))
    return any(said <= one and said & _SCALES == one & _SCALES for one in own)


def _words(text: str) -> Iterator[str]:
    for word in filter(None, (w.strip(_ACCEPTED) for w in text.lower().split())):
        named = _CURRENCY.get(word) or fold(word)
        yield from named.split() if named else [word]  # a sign that is no letter says something


def agrees(figure: str, value: float) -> bool:
    """Whether a figure as shown is ``value``, rounded to the digits that are shown.

    Either mark may be decimal: which one is, the settings of the sender's machine decide.
    """
    held = abs(Decimal(repr(float(value))))
    for decimal, group in (",", "."), (".", ","):
        digits = re.sub("[ ']", "", figure).replace(group, "").replace(decimal, ".")
        try:
            read = Decimal(digits)
        except InvalidOperation:
            continue
        last = Decimal(1).scaleb(int(read.as_tuple().exponent))
        if abs(read - held) <= last / 2 * _SLACK:
            return True
    return False
