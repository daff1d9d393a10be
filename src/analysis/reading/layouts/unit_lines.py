"""What a sheet says its figures are counted in: unit lines, and units in brackets in a head."""

import re
from functools import lru_cache

from analysis.language.words import fold, plain

_LINE = re.compile(
    r"^\W*(đơn vị tính|đvt|đv tính|đơn vị đo|don vi tinh|dvt)\b\s*[:.\-–]?\s*(.*)$", re.I
)
_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_SCALES = {
    "nghin",
    "ngan",
    "tram",
    "trieu",
    "ty",
    "ti",
    "chuc",
    "van",
    "phan",
    "k",
    "tr",
    "percent",
}
_POWER = re.compile(r"10*")
_SAME = set(
    "so luong ho bo tthc thu tuc hanh chinh van ban luot vu viec truong hop cai nguoi giao dich "
    "quy dinh trinh ket qua dich cong don phieu lan cuoc".split()
)
"""Words for one piece of what is counted, whatever it is."""
_MONEY = {"dong", "vnd", "usd", "gio", "ngay"}


@lru_cache(maxsize=65536)
def line(text: str) -> str | None:
    """What a unit line says; "" if that stands in the next cell, None if the text is none.

    >>> line("Đơn vị tính: nghìn hồ sơ"), line("ĐVT:"), line("Đơn vị báo cáo: Sở Y tế")
    ('nghìn hồ sơ', '', None)
    """
    found = _LINE.match(plain(text).strip("()[] "))
    return found[2].strip() if found else None


@lru_cache(maxsize=65536)
def in_brackets(text: str) -> str | None:
    """What stands in brackets at the end of a head.

    >>> in_brackets("Tổng số (nghìn hồ sơ)"), in_brackets("Tổng số")
    ('nghìn hồ sơ', None)
    """
    found = _BRACKETS.search(plain(text))
    return found[1].strip() if found else None


def without_brackets(text: str) -> str:
    """A head without what stands in brackets at its end."""
    return _BRACKETS.sub("", plain(text)).strip()


def scaled(stated: str, form: dict) -> bool:
    """Whether a text is a measure that scales what is counted: "nghìn hồ sơ", "%".

    A text of other words, such as a remark with a figure in it, is none.
    """
    words, scales = _parts(stated)
    known = {w for text in _measures(form, list(form["items"])) for w in _parts(text)[0]}
    return bool(scales) and words <= _SAME | _MONEY | known


def foreign(stated: str, form: dict, items: list[str]) -> bool:
    """Whether a stated measure is none of those that the form has for these ``items``.

    Compared by its words, leniently: what counts single pieces is the same; what scales them
    (nghìn, triệu, %) or measures something else (đồng, giờ) is not.
    """
    words, scales = _parts(stated)
    return not any(
        scales == expected and words <= known | _SAME
        for known, expected in map(_parts, _measures(form, items))
    )


def _measures(form: dict, items: list[str]) -> list[str]:
    """What these items are counted in; of several, what the form says of all of them too."""
    own = [form["items"][item].get("unit_text", form["unit_text"]) for item in items]
    common = [form["unit_text"]] if len(items) > 1 else []
    return [text for unit in [*own, *common] for text in (unit["vi"], unit["en"])]


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a measure, and of them those that scale it."""
    words = set(fold(text).split())
    words |= {"percent"} if "%" in text else set()
    digits = re.sub(r"\D", "", text)
    power = {w for w in words if w.isdigit()} if digits and _POWER.fullmatch(digits) else set()
    scales = (words & _SCALES) | ({digits} if words > power > set() and digits != "1" else set())
    return frozenset(words - _SCALES - power), frozenset(scales)
