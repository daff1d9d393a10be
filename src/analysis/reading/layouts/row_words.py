"""What the label of a row says: a level's heading, a total, or what is never a field of a form."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from analysis.language.words import fold, plain, spellings

_NUMBERING = re.compile(
    r"^(?:(?:phần|mục|nhóm)\s+)?\(?([A-ZĐa-zđ]|[IVXLivxl]{1,5}|\d{1,2})\)?\s*[.)/:\-–—]+\s*(?=\S)",
    re.I,
)
_TERM = r"\(?(?:[A-ZĐ]|[IVXL]{1,5}|\d{1,2})\)?"
_FORMULA = re.compile(rf"^(.*?)[\s(=:]*(?<!\w)({_TERM}(?:\s*[+,;&]\s*{_TERM})+)\s*\)*$", re.I)
_TOTAL = re.compile(
    r"^((dong )?(?!tong (cuc|cong ty|lanh su)\b)(tong|sub ?total|total|t cong)\b"
    r"|(toan|ca) (tinh|thanh pho|nganh|bo|quoc|nuoc|dia phuong|co quan|don vi|huyen|xa)\b"
    r"|chung( toan| ca| cac|$))"
)
_LEADING = re.compile(
    r"^(dong )?(tong so|tong cong|tong|cong|t cong|total)( so| cong)?( chung)?\b ?"
)
_WHOLE = set("toan ca chung cac cap tat cua tinh thanh pho dia phuong nganh bo don vi co".split())
_WHOLE |= set("quan he thong hai ba bon 2 3 4".split())
_ALL = {"toan", "ca", "chung", "cac", "tat"}
_NUMERALS = {"hai", "ba", "bon", "2", "3", "4"}
_AMONG = set("o tai cua thuoc ho so tthc".split())  # what may stand beside the name of a level
_NO_FIELD = re.compile(
    # sums since another day, other periods, plans
    r"\b(luy ke|cong don|cung ky|tu dau (nam|ky|quy)|l ke|lk|mang sang|chuyen trang)\b"
    r"|^(luy tien|don luy|tinh (tu|den)|den het|ke tu|\d+ ?(t|thang)|ca (nam|quy)|nam truoc"
    r"|(quy|thang|nam|ky|tuan) (\d+|[ivx]+|nay|truoc|sau)|uoc|du kien|so (lieu|du))\b"
    r"|^(ke hoach|chi tieu|tc)$"
    # parts, rates, comparisons
    r"|\b(trong do|trong so do|tong so|tong cong)\b"
    r"|^(bao gom|gom co|chia ra|rieng|ngoai ra|(so )?con lai|so (voi|sanh)|ty le|ti le|ty trong"
    r"|phan tram|chenh lech|binh quan|trung binh|tang giam|muc (tang|giam)|toc do)\b"
    r"|^(gom|(tang|giam)( so.*)?|danh gia|xep hang|diem)$"
    # who signs, whom to call, what to note
    r"|^(nguoi (lap|ky|tong hop|bao cao|kiem tra|duyet|phu trach|lien he)|lap bieu|tm|kt|tl|tuq"
    r"|thu truong|(pho )?(giam doc|chu tich|truong phong|vu truong|cuc truong|truong ban)"
    r"|(pho )?chanh van phong|ke toan|ky (ten|thay|boi)|chu ky|dong dau|chuyen vien|phu trach"
    r"|(so )?(dt|sdt|dtdd|di dong)|tel|fax|hotline|e?mail|website|ho (va )?ten|lien he|noi nhan"
    r"|ghi chu|chu thich|luu y|nguon (so lieu|tin|bao cao)|can bo (lap|tong hop|phu trach)"
    r"|xac nhan( cua)?( don vi| thu truong| lanh dao|$)|ngay \d+|\w+( \w+)? ngay \d+)\b"
    r"|\bdien thoai( lien he|:|$| \d)|\d{9}"
)


class Total(NamedTuple):
    """Of what a total row is: ``level`` ("_T": of all) where its words say so, and the ``terms``
    that it says it adds (A+B+C)."""

    level: str | None
    terms: list[str]


def numbered(label: str) -> tuple[str, str]:
    """A label as (number or letter before it, the rest).

    >>> numbered("B. TTHC cấp huyện"), numbered("II/ Đất đai"), numbered("Đất đai")
    (('B', 'TTHC cấp huyện'), ('II', 'Đất đai'), ('', 'Đất đai'))
    """
    text = plain(label)
    found = _NUMBERING.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def heading(label: str, form: dict) -> str | None:
    """The level whose heading a label is, with or without a number before it.

    A shorter writing is one too, if all its words are those of the heading and it names the level.

    >>> form = {"levels": {"district": {"heading": {"vi": "TTHC thuộc cấp huyện"},
    ...                                 "name": {"vi": "Cấp huyện"}}}}
    >>> heading("2) Thủ tục hành chính cấp huyện:", form), heading("Lĩnh vực cấp huyện", form)
    ('district', None)
    """
    rest = numbered(label)[1]
    without = re.sub(r"\s*\([^()]*\)\W*$", "", rest)
    written = [_spelt_out(t) for t in (plain(label), rest, without)]
    first, _, after = written[0].partition(" ")
    if re.fullmatch(r"[a-z]|[ivxl]+|\d{1,2}", first):
        written.append(after)
    found = []
    for code, described in form["levels"].items():
        full, name = _spelt_out(described["heading"]["vi"]), _spelt_out(described["name"]["vi"])
        for text in written:
            words = text.split()
            known = {*full.split(), *name.split()}
            short = text.endswith(f" {name}") and len(words) == len(known & set(words))
            if text in (full, name) or short:
                found.append(code)
                break
    return found[0] if len(found) == 1 else None


def names_level(label: str, form: dict, by_last_word: bool = False) -> bool:
    """Whether a label speaks of a level of the form (huyện, for Cấp huyện, if ``by_last_word``)."""
    text = f" {fold(label)} "
    names = [fold(d["name"]["vi"]) for d in form["levels"].values()]
    names += [name.split()[-1] for name in names if by_last_word]
    return any(f" {name} " in text for name in names)


def is_total(label: str) -> bool:
    """Whether a label is that of a total, of whatever.

    >>> is_total("TỔNG CỘNG TOÀN TỈNH"), is_total("Cộng:"), is_total("Công chứng")
    (True, True, False)
    """
    text = numbered(label)[1]
    folded = fold(text)
    adds = text.lower().startswith("cộng") and not folded.startswith(("cong dong", "cong don"))
    return bool(adds or _TOTAL.match(folded) or re.match(r"^cong( cap \w+)?$", folded))


def total(label: str, form: dict, unit_text: str | None) -> Total | None:
    """What a total row adds; None where its words may mean several things.

    ``level`` is None if the words alone do not tell.
    """
    text, terms = _formula(numbered(label)[1])
    rest = _LEADING.sub("", fold(text), count=1)
    words = rest.split()
    if not words:
        return Total(None, terms)
    named = [
        code
        for code, described in form["levels"].items()
        if f" {fold(described['name']['vi'])} " in f" {rest} "
    ]
    if named:
        own = form["levels"][named[0]]
        known = {*fold(own["heading"]["vi"]).split(), *fold(own["name"]["vi"]).split(), *_AMONG}
        return Total(named[0], terms) if len(named) == 1 and set(words) <= known else None
    several = "cap" in words and _NUMERALS & set(words)
    whole = set(words) <= _WHOLE and (_ALL & set(words) or several)
    ours = unit_text is not None and spellings(rest) & spellings(fold(unit_text))
    return Total("_T", terms) if whole or ours else None


def never_field(label: str) -> bool:
    """Whether a label is that of no field: cumulative, of which, a rate, a signature.

    >>> [never_field(t) for t in ("Lũy kế từ đầu năm", "Trong đó: nữ", "Quy hoạch", "Giám định")]
    [True, True, False, False]
    """
    text = numbered(label)[1]
    folded = fold(text)
    signs = text[:1] in tuple("-–—+*•") or "%" in text or not re.search("[a-z]{2}", folded)
    short = re.search(r"(?<!\w)tr?[. ]{0,2}đó\b", plain(label).lower())
    return bool(signs or short or _NO_FIELD.search(folded) or _NO_FIELD.search(fold(label)))


def known_field(label: str, names: Iterable[str]) -> str | None:
    """A label as a known field is written: without a number or “Lĩnh vực” before it."""
    for text in (plain(label), numbered(label)[1]):
        for name in (text, re.sub(r"^lĩnh vực\s*[:\-–]?\s*", "", text, flags=re.I)):
            if fold(name) in names:
                return name
    return None


def _spelt_out(text: str) -> str:
    return f" {fold(text)} ".replace(" tthc ", " thu tuc hanh chinh ").strip()


def _formula(text: str) -> tuple[str, list[str]]:
    """A label without the terms that it says it adds, and these."""
    found = _FORMULA.match(text)
    return (found[1], re.findall(r"\w+", found[2])) if found else (text, [])
