"""What an index says of its pages: the first sentence of each, and the group of tasks to which it
belongs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from pathlib import Path

from markupsafe import Markup, escape

from analysis.language.languages import choose, say
from analysis.language.words import unaccented

_KEY = re.compile(rb"<p class=['\"]key['\"]>(.*?)</p>", re.S)
_END = re.compile(r"(?<=[.!?])(?<!\bTP\.)\s+")
_NUMBER = r"\d+(?:[.,]\d+)*"
_FIGURE = re.compile(
    rf"(?<![\w.,])[−+]?{_NUMBER}(?:/{_NUMBER})?(?:\s?%)?(?: (?:trong|of) {_NUMBER})?"
)
_LONGEST = 230
"""Letters of a first sentence on a card; a longer one ends at its last ";" or "," before."""


def lead(page: Path) -> str:
    """The first sentence of a built page: that of its key sentence; empty without one."""
    found = _KEY.search(page.read_bytes()) if page.exists() else None
    if found is None:
        return ""
    text = re.sub(r"<[^>]+>", "", found[1].decode("utf-8", "replace"))
    return first_sentence(" ".join(unescape(text).split()))


def first_sentence(text: str) -> str:
    """The first sentence of a text, cut where it is long at a sign that divides it.

    >>> first_sentence("A median of 24.2 in TP. Hue. Then more."), first_sentence("")
    ('A median of 24.2 in TP. Hue.', '')
    """
    ends = (e for e in _END.finditer(text) if not text[e.end() : e.end() + 1].islower())
    end = next(ends, None)
    one = text[: end.start()] if end else text
    if len(one) <= _LONGEST:
        return one
    cut = max(one.rfind(sign, 40, _LONGEST) for sign in ("; ", ": ", ", "))
    return f"{one[: cut if cut > 0 else one.rfind(' ', 0, _LONGEST)]} …"


def marked(sentence: str) -> Markup:
    """A sentence with its first figure set off.

    >>> marked("12 of 93 units < 5")
    Markup('<b>12 of 93</b> units &lt; 5')
    """
    found = next((f for f in _FIGURE.finditer(sentence) if not _named(sentence, f)), None)
    if found is None:
        return escape(sentence)
    before, after = sentence[: found.start()], sentence[found.end() :]
    return escape(before) + Markup("<b>{}</b>").format(found[0]) + after


def _named(sentence: str, found: re.Match) -> bool:
    """Whether digits are part of a name or a date (Resolution 01, quarter 2022-Q1, 14/06/2022)."""
    before, after = sentence[: found.start()], sentence[found.end() :]
    word = re.search(r"(\w+)\s*$", before)
    named = word is not None and unaccented(word[1]).lower() in _NAMING
    return named or before.endswith(("/", "-", "–")) or after.startswith(("/", "-"))


_NAMING = {"quyet", "dinh", "quy", "nam", "thang", "ngay", "den", "ky", "qd", "nq", "so"}
_NAMING |= {"resolution", "decision", "quarter", "year", "of", "on", "period"}
"""What stands before digits that are a name or a date, without marks."""


def grouped(
    cards: Iterable[Mapping],
    period: str,
    systems: Sequence[Mapping],
    names: Mapping[int, Mapping[str, str]],
) -> list[dict]:
    """Cards by the plan's groups of tasks: name and cards, those of no group first.

    Parameters
    ----------
    cards
        Each with ``code`` (of its page in site.yml) and ``framework`` (that it is about), if known.
    period
        Code of the site; a page that systems.yml names in it goes where it is named, another where
        its framework is, or its page in another period.
    systems, names
        What the plan asks for, and what its groups are called (catalogue).
    """
    exact, about, alike = {}, {}, {}
    for system in systems:
        group = system["group"]
        for name in system["pages"]:
            exact.setdefault(name, group)
            alike.setdefault(name.partition("/")[2], group)
        for framework in system.get("frameworks", []):
            about.setdefault(framework, group)
    found: dict[int, list] = {}
    for card in cards:
        code, framework = card.get("code"), card.get("framework")
        group = exact.get(f"{period}/{code}", about.get(framework, alike.get(code, 0)))
        found.setdefault(group, []).append(card)
    called = {0: say("Tổng quan")} | {n: choose(name) for n, name in names.items()}
    return [{"name": called.get(n, str(n)), "cards": found[n]} for n in sorted(found)]
