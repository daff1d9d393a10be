"""What a table says its figures are counted in ("ĐVT: tỷ đồng", "Số tiền (nghìn đồng)"), held
against what its form counts in.

A form says its own in ``unit_text`` (the form's, or an item's), and in ``measures`` (text → factor)
in what else its figures may be written. What is neither is nobody's to guess.
"""

import re
from dataclasses import dataclass

from analysis.language.words import fold, plain

_SIZE = r"(?:nghìn|ngàn|triệu|tỷ|tỉ|thousands?|millions?|billions?|1[.,]?000(?:[.,]000){0,3})"
_NO_SIZE = r"(?!\s+(?:lệ|trọng|suất|giá|số)\b)"  # "tỷ lệ" is a ratio, "tỷ đồng" is money
_SIZED = re.compile(rf"(?:in )?{_SIZE}{_NO_SIZE}(?: [^\W\d]+){{0,4}}", re.IGNORECASE)
_NAMED = re.compile(r"(?:việt nam )?(?:đồng|vnđ|vnd|usd|đô la(?: mỹ)?|%)", re.IGNORECASE)
_SAID = re.compile(
    r"(?P<sure>đơn vị tính|đvt|đv tính|unit of measure(?:ment)?)\s*[:\-–]?\s*(?P<a>.+)"
    r"|(?:đơn vị|unit)\s*[:\-–]\s*(?P<b>.+)",
    re.IGNORECASE,
)
_IN_HEAD = re.compile(r"^(?P<head>.*\S)\s*(?:\((?P<a>[^()]+)\)|,\s*(?P<b>[^(),]+))$", re.DOTALL)
_APART = re.compile(r"\s[-–—/]\s|\s*[;|]\s*")
_WORDS = 6  # a longer text is a sentence and states no measure


@dataclass(frozen=True)
class Stated:
    """A measure, the cell that states it, and the columns that it governs (None: all)."""

    text: str
    cell: dict
    columns: frozenset[int] | None = None


def of_line(text: str) -> str | None:
    """The measure that a cell by itself states, if it does.

    >>> of_line("(Đơn vị tính: tỷ đồng)"), of_line("Triệu đồng - Million dong")
    ('tỷ đồng', 'Triệu đồng')
    >>> of_line("Đơn vị: Sở Nội vụ"), of_line("Tỷ lệ (%)"), of_line("Triệu Phong")
    (None, None, None)
    """
    written = plain(text).strip("()[] .")
    said = _SAID.fullmatch(written)
    rest = (said["a"] or said["b"]) if said else written
    first = _APART.split(rest)[0].strip("()[] .:")
    if not first or len(first.split()) > _WORDS:
        return None
    if said and (said["sure"] or _NAMED.fullmatch(first)):
        return first
    sized = _SIZED.fullmatch(first)
    if said and sized:
        return first
    _, *after = first.split()
    return first if sized and after and (after[0].islower() or first.isupper()) else None


def in_head(text: str) -> tuple[str, str | None]:
    """A head without the measure at its end, and that measure.

    >>> in_head("Số tiền (nghìn đồng)"), in_head("Tổng số (1)")
    (('Số tiền', 'nghìn đồng'), ('Tổng số (1)', None))
    """
    found = _IN_HEAD.match(plain(text))
    inside = plain((found["a"] or found["b"]) if found else "")
    if found and (of_line(inside) or _SIZED.fullmatch(inside) or _NAMED.fullmatch(inside)):
        return found["head"], of_line(inside) or inside
    return text, None


def judged(values: list[dict], stated: list[Stated], form: dict) -> tuple[list[dict], dict]:
    """Value cells with the measure that is stated for them.

    Parameters
    ----------
    values
        Cells (schema.LOCATED) of one table; those of values are looked at.
    stated
        What it states; in which a head goes before a line, and a line does not speak of percent,
        nor of items with a ``unit_text`` of their own.

    Returns
    -------
    All cells, values with ``measure_text`` where the form declares that measure, or covered by
    ``measure_unknown``; and place of a stating cell → what is wrong with what it states.
    """
    told: list[dict] = []
    faults: dict[str, dict] = {}
    for r in values:
        item = form.get("items", {}).get(r.get("item"), {})
        for s in _governing(r, item, stated) if r["role"] == "value" else []:
            own, declared = _own(item, form), _declared(form)
            if fold(s.text) in own:
                continue
            if fold(s.text) in declared:
                r = {**r, "measure_text": declared[fold(s.text)]}
                continue
            said = {"found": s.text, "expected": _expected(item, form)}
            rule = "measure_unknown" if own or declared else "measure_undeclared"
            faults.setdefault(s.cell["source_cell"], {"rule": rule, **said})
            if rule == "measure_unknown":
                r = {**r, "covered_by": r.get("covered_by") or rule}
        told.append(r)
    return told, faults


def _governing(r: dict, item: dict, stated: list[Stated]) -> list[Stated]:
    heads = [s for s in stated if s.columns is not None and r["column"] in s.columns]
    if heads or item.get("kind") == "percent" or "unit_text" in item:
        return heads
    return [s for s in stated if s.columns is None]


def _own(item: dict, form: dict) -> set[str]:
    """What the item is counted in, folded; empty where its form says nothing."""
    words = item.get("unit_text") or form.get("unit_text") or {}
    own = {fold(t) for t in words.values()}
    return own | ({""} if item.get("kind") == "percent" else set())  # "%" has no letters


def _declared(form: dict) -> dict[str, str]:
    return {fold(t): t for t in form.get("measures", {})}


def _expected(item: dict, form: dict) -> str | None:
    return (item.get("unit_text") or form.get("unit_text") or {}).get("vi")
