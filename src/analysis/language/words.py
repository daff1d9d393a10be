"""Vietnamese text and numbers: compare names, write figures as readers of a language expect."""

import math
import re
import unicodedata
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_decimal

from analysis.language import languages

MISSING = "…"
MINUS = "−"
"""The sign before what is below zero; a hyphen is read for a dash, and lines are cut at it."""

_FIGURE = re.compile(r"[-−]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_DAY = re.compile(r"\d\d/\d\d/\d{4}")
_SWAPPED = str.maketrans(".,", ",.")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def plain(text: str) -> str:
    """Return ``text`` in NFC with invisible characters removed and white space collapsed."""
    return _plain(str(text))


@lru_cache(maxsize=65536)  # the forms that offices fill in say the same a hundred times
def _plain(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def printable(text: str) -> str:
    """Return ``text`` without what does not show: codes that command a terminal or turn the
    direction of writing; line breaks and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return ``text`` as compared: no accents, lower case, words apart by one space.

    >>> fold("Tỉnh Đắk  Lắk") == fold("TINH DAK LAK") == "tinh dak lak"
    True
    """
    return _NOT_WORD.sub(" ", unaccented(_INVISIBLE.sub("", str(text))).lower()).strip()


def unaccented(text: str) -> str:
    """Vietnamese text in the letters of English.

    >>> unaccented("Đắk Lắk")
    'Dak Lak'
    """
    letters = unicodedata.normalize("NFKD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in letters if not unicodedata.combining(c))


def spellings(name: str) -> set[str]:
    """A folded unit name with and without the words that offices put before it."""
    found = {name}
    for prefix in ("uy ban nhan dan ", "ubnd ", "tinh ", "thanh pho ", "tp "):
        found |= {n.removeprefix(prefix) for n in found}
    return found


def bare(name: str) -> str:
    """The name of a province without its kind.

    >>> bare("Tỉnh Lạng Sơn"), bare("Thành phố Huế")
    ('Lạng Sơn', 'Huế')
    """
    return name.removeprefix("Tỉnh ").removeprefix("Thành phố ")


def meant(text: str, names: dict[str, str]) -> str | None:
    """The code that a written name means: by its spellings in ``names`` (folded name → code).

    None where it is no known name, or may be that of several.

    >>> meant("UBND tỉnh Lào Cai", {"lao cai": "10"})
    '10'
    """
    found = {names[s] for s in spellings(fold(text)) if s in names}
    return found.pop() if len(found) == 1 else None


def within(sentence: str) -> str:
    """A sentence as it goes on after a colon: small first letter, unless it is an abbreviation."""
    return sentence if sentence[:2].isupper() else sentence[:1].lower() + sentence[1:]


def _absent(value: object) -> bool:
    from pandas import isna  # who compares names or asks for help does not wait for pandas

    return value is None or isna(value)


def number(value: float | None, decimals: int = 0) -> str:
    """Write ``value`` as a reader of the language in use expects it; missing is "…".

    >>> number(1234.5, 1), number(float("nan"))
    ('1.234,5', '…')
    >>> with languages.using("en"):
    ...     number(1234.5, 1)
    '1,234.5'
    """
    if _absent(value):
        return MISSING
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return _decimal(value, decimals, pattern)


def short(value: float | None) -> str:
    """Write ``value`` with the decimals that it has, at most two: for maxima.

    >>> short(18.0), short(15.5)
    ('18', '15,5')
    """
    if _absent(value):
        return MISSING
    return _decimal(value, 2, "#,##0.##")


def _decimal(value: float, decimals: int, pattern: str) -> str:
    exact = round(float(value), decimals) + 0.0  # never -0.0, which would be written with its sign
    return _written(exact, pattern, languages.current())


@lru_cache(maxsize=20_000)
def _written(value: float, pattern: str, language: str) -> str:
    return format_decimal(value, format=pattern, locale=language).replace("-", MINUS)


def rounded(value: float | None) -> str:
    """Write ``value`` with three significant figures, two below 1, and all of its whole part.

    >>> rounded(1363.2), rounded(8.4166), rounded(0.01234)
    ('1.363', '8,42', '0,012')
    """
    return number(value, _places(value))


def shown(value: float | None) -> float:
    """The value as :func:`rounded` writes it: a drawing says no more than its table.

    >>> shown(1363.2), shown(8.4166), shown(0.01234)
    (1363.0, 8.42, 0.012)
    """
    return float("nan") if _absent(value) else round(float(value), _places(value))


def _places(value: float | None) -> int:
    """Decimals of three significant figures, of two below 1."""
    if _absent(value) or value == 0:
        return 0
    size = math.floor(math.log10(abs(value)))
    return max(0, 2 - size) if size >= 0 else 1 - size


def percent(value: float | None, decimals: int = 1) -> str:
    """Write a value already in percent.

    >>> percent(12.5)
    '12,5 %'
    >>> with languages.using("en"):
    ...     percent(12.5)
    '12.5%'
    """
    text = number(value, decimals)
    space = " " if languages.current() == "vi" else ""
    return text if text == MISSING else f"{text}{space}%"


def day(value: object) -> str:
    """Write a date; missing dates become "…".

    >>> day("2022-12-31")
    '31/12/2022'
    >>> with languages.using("en"):
    ...     day("2022-12-31")
    '31 Dec 2022'
    """
    if _absent(value):
        return MISSING
    from pandas import Timestamp

    pattern = "dd/MM/y" if languages.current() == "vi" else "d MMM y"
    return format_date(Timestamp(value), pattern, locale=languages.current())


def in_english(text: str) -> str:
    """A figure, a day or a span of them as Vietnamese readers expect it, written for English ones.

    Any other text stays as it is.

    >>> in_english("1.234,5"), in_english("01/04/2022–30/06/2022"), in_english("Bộ Y tế")
    ('1,234.5', '1 Apr 2022–30 Jun 2022', 'Bộ Y tế')
    """
    with languages.using("en"):
        parts = [_in_english(part) for part in str(text).split("–")]
    return text if None in parts else "–".join(parts)


def _in_english(part: str) -> str | None:
    if _DAY.fullmatch(part):
        from pandas import to_datetime

        when = to_datetime(part, format="%d/%m/%Y", errors="coerce")
        return None if _absent(when) else day(when)
    return part.translate(_SWAPPED) if _FIGURE.fullmatch(part) else None
