"""The order in which Vietnamese readers look for names: Bắc Kạn, Bạc Liêu, Bắc Ninh."""

import unicodedata
from functools import lru_cache

import pandas as pd

from analysis.language.words import fold

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTERS = "\u0306\u0302\u031b"
"""Marks that make a letter of its own of another: ă, â, ơ."""
_TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng, as dictionaries have them; no mark comes before all."""


@lru_cache(maxsize=4096)
def key(name: str) -> tuple:
    """What to sort a name by: letters without their marks; where these are the same, the letters
    that marks make (a, ă, â; d, đ); then the tones.

    So lists of provinces run. A dictionary compares marked letters first (all of Bạc before all of
    Bắc); whoever looks for a name in a list need not know that. CLDR has the tones so (``vi``).

    >>> sorted(["Bạc Liêu", "Đà Nẵng", "Bắc Ninh", "Cần Thơ", "Bắc Kạn"], key=key)
    ['Bắc Kạn', 'Bạc Liêu', 'Bắc Ninh', 'Cần Thơ', 'Đà Nẵng']
    """
    parts = unicodedata.normalize("NFD", str(name))
    whole = "".join(c for c in parts if c not in _TONES)
    letters = [_ALPHABET.find(c) for c in unicodedata.normalize("NFC", whole).lower()]
    tones = [_TONES.find(c) for c in parts if c not in _LETTERS]
    return fold(name), letters, tones, parts


def in_order(column: pd.Series) -> pd.Series:
    """A column for ``sort_values(key=…)``: names in their order, anything else as it is.

    >>> pd.DataFrame({"n": [2, 2], "name": ["Bạc Liêu", "Bắc Kạn"]}).sort_values(
    ...     ["n", "name"], key=in_order)["name"].tolist()
    ['Bắc Kạn', 'Bạc Liêu']
    """
    if not pd.api.types.is_string_dtype(column) and column.dtype != object:
        return column
    known = sorted(column.dropna().unique(), key=key)
    return column.map({name: n for n, name in enumerate(known)})
