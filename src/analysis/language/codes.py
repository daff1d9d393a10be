"""Codes as they are given: papermill passes numbers, a number has lost its zeros, a reader has only
a name. Wherever a code enters it is taken as text here; an unknown one is told the nearest."""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from numbers import Integral, Real

from analysis.language.messages import tell
from analysis.language.words import fold, meant

_NEAR, _MOST, _LISTED = 0.6, 3, 100


class UnknownCodeError(ValueError):
    """No such code is known here; the message names the nearest, and those that are."""


def text(given: object) -> str:
    """A code as text, whatever it was given as.

    >>> text(2024), text(22.0), text(" 2022-Q2 ")
    ('2024', '22', '2022-Q2')
    """
    if isinstance(given, Real) and not isinstance(given, Integral) and float(given).is_integer():
        given = int(given)
    return str(given).strip()


def chosen(
    given: object,
    known: Mapping[str, str],
    problem: str,
    names: Mapping[str, str] | None = None,
) -> str:
    """That of the codes which is meant: itself, as a number without its zeros, or by its name.

    Parameters
    ----------
    known
        Code → what it is called, in the order in which codes are listed.
    problem
        What an unknown one is, before the colon: "unit not due in 2024".
    names
        Folded name → code (:func:`analysis.catalogue.unit_lists.unit_names`), where names are
        understood too.

    Raises
    ------
    UnknownCodeError

    >>> units = {"01": "Hà Nội", "22": "Quảng Ninh"}
    >>> chosen(22, units, "no unit"), chosen(1, units, "no unit")
    ('22', '01')
    >>> try:
    ...     chosen("Quang Nin", units, "no unit")
    ... except UnknownCodeError as error:
    ...     print(error)
    no unit: Quang Nin; nearest: 22 (Quảng Ninh); known: 01, 22
    """
    code = text(given)
    if code in known:
        return code
    if code.isdecimal():  # 01 arrives as 1; of 1 and 001 nobody knows which was meant
        same = [c for c in known if c.isdecimal() and int(c) == int(code)]
        if len(same) == 1:
            return same[0]
    named = meant(code, names) if names and fold(code) else None
    if named is not None:
        return named
    raise UnknownCodeError(f"{problem}: {code}{hint(code, known, names=known)}")


def hint(
    code: object,
    known: Iterable[str],
    called: str = "",
    names: Mapping[str, str] | None = None,
) -> str:
    """What to add where a code is not among ``known``: the nearest of them, and all.

    ``called``: what all of them are, if not "known"; ``names``: code → what it is called, where
    that may be what was meant.

    >>> hint("ministries", ["ministry", "province"])
    '; nearest: ministry; known: ministry, province'
    """
    known = dict.fromkeys(known, "") | (names or {})
    listed, more = ", ".join(list(known)[:_LISTED]) or tell("none"), len(known) - _LISTED
    rest = tell(" and {n} more", n=more) if more > 0 else ""
    return f"{near(code, known)}; {called or tell('known')}: {listed}{rest}"


def near(code: object, known: Iterable[str] | Mapping[str, str]) -> str:
    """What to add where a code is not among ``known``: the nearest of them, if any is near.

    >>> near("ministries", ["ministry", "province"])
    '; nearest: ministry'
    """
    named = known if isinstance(known, Mapping) else dict.fromkeys(known, "")
    found = ", ".join(_called(c, named[c]) for c in nearest(text(code), named))
    return "; " + tell("nearest: {near}", near=found) if found else ""


def nearest(code: str, known: Mapping[str, str]) -> list[str]:
    """The codes that a misspelt code or name is likest to, the likest first; at most three."""

    def unlike(one: str) -> tuple[float, float]:
        apart = abs(int(one) - int(code)) if one.isdecimal() and code.isdecimal() else 0
        return -max(_alike(code, one), _alike(code, known[one])), apart

    likest = sorted(known, key=unlike)[:_MOST]
    if code.isdecimal():  # of numbers the next ones are near, whatever their figures
        return [c for c in likest if unlike(c)[0] < 0]
    return [c for c in likest if unlike(c)[0] <= -_NEAR]


def _alike(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1; part of a name is nearly as good as the name."""
    one, other = fold(one), fold(other)
    if len(one) > 2 and one in other:
        return 0.95
    return SequenceMatcher(None, one, other).ratio()


def _called(code: str, name: str) -> str:
    return f"{code} ({name})" if name and name != code else code
