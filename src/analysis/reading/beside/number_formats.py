"""What a number format makes of a number, where that says something else than the number.

Formats are those of Office Open XML (ECMA-376, 18.8.31): up to four sections by sign, a percent
sign multiplies by 100, a comma behind the last digit divides by 1,000, words stand in quotes.
"""

import re

from analysis.language.words import number

BUILT_IN = {9: "0%", 10: "0.00%"}
"""Formats that a file need not write down, as far as they change what a number says."""

_PARTS = re.compile(
    r'"(?P<words>[^"]*)"|\\(?P<sign>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|\[(?P<condition>[<>=]+-?[\d.]+)\]|\[[^\]]*\]|(?P<general>General)|(?P<code>.)",
    re.IGNORECASE | re.DOTALL,
)
_DATE = set("ymdhsb")
_DIGITS = set("0#?")


def odd(code: str) -> bool:
    """Whether a format may show something else than the number."""
    plain = [_taken(section) for section in _sections(code)]
    return any(s.words or s.percent or s.thousands or not s.digits for s in plain)


def shown(code: str, value: float) -> str | None:
    """What is shown of ``value``; None where it is the number itself, perhaps rounded, or a day.

    >>> shown("0%", 0.42), shown('0" nghìn"', 600), shown("#,##0,", 1234)
    ('42%', '600 nghìn', '1')
    >>> shown("#,##0.00", 1234.5), shown(";;;", 7)
    (None, '')
    """
    section = _taken(_section(_sections(code), value))
    if section.date or (value == 0 and not section.digits and not section.words.strip()):
        return None  # an accountant's stroke for nil, or nothing
    if not section.digits:
        return section.words.strip()
    if not (section.words.strip() or section.percent or section.thousands):
        return None
    scaled = value * 100**section.percent / 1000**section.thousands
    text = number(abs(scaled), min(section.decimals, 10))
    text = ("-" if value < 0 else "") + text + "%" * section.percent
    return f"{section.before.strip()} {text} {section.after.strip()}".strip()


class _Section:
    def __init__(self) -> None:
        self.before = self.after = ""
        self.percent = self.thousands = self.decimals = 0
        self.digits = self.date = False

    @property
    def words(self) -> str:
        return self.before + self.after


def _taken(section: str) -> _Section:
    """The parts of one section. Signs that are no letters (brackets, strokes) say nothing."""
    held, last, point = _Section(), "", False
    for found in _PARTS.finditer(section):
        words = found["words"] or found["sign"] or found["currency"] or ""
        if any(c.isalpha() or c in "%‰$€₫" for c in words) or (words and words.strip().isdigit()):
            if held.digits:
                held.after += words
            else:
                held.before += words
        code = found["code"] or ""
        if found["general"]:
            held.digits = True
        elif code in _DIGITS and code:
            held.thousands = 0  # commas between digits only group
            held.decimals += point
            held.digits = True
        elif code == ",":
            held.thousands += held.digits
        elif code == ".":
            point = True
        elif code == "%":
            held.percent += 1
        elif code.lower() in _DATE and code and last != "\\":
            held.date = True
        last = code
    return held


def _sections(code: str) -> list[str]:
    parts, text, quoted = [""], iter(code), False
    for c in text:
        if c == "\\" and not quoted:
            parts[-1] += c + next(text, "")
            continue
        quoted ^= c == '"'
        if c == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += c
    return parts[:3]


def _section(sections: list[str], value: float) -> str:
    """The section for a value: by its conditions, else by its sign."""
    for section in sections:
        found = re.search(r"\[([<>=]+)(-?[\d.]+)\]", section)
        if found and _holds(value, found[1], float(found[2])):
            return section
    if any(re.search(r"\[[<>=]+-?[\d.]+\]", s) for s in sections):
        return sections[-1]
    if value < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if value == 0 and len(sections) > 2 else sections[0]


def _holds(value: float, sign: str, limit: float) -> bool:
    signs = {"<": value < limit, ">": value > limit, "=": value == limit}
    signs |= {"<=": value <= limit, ">=": value >= limit, "<>": value != limit}
    return signs.get(sign, False)
