"""What respondents write → values: hours, money, counts, choices, dates. Never a guess.

Vietnamese writing: ``.`` groups thousands, ``,`` is decimal; k, nghìn = 10³, tr, triệu = 10⁶,
tỷ = 10⁹. A text that is not understood as a whole gives no value. METHOD.md lists the rules.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.words import fold, number, plain

_LONGEST = 200
_DAYS_A_WEEK = 5


class Answer(NamedTuple):
    """``obs_status``: A accepted, E approximate, O missing, M refused or does not apply, V not
    accepted."""

    value: object = None
    obs_status: str = "V"
    rule: str | None = "number_unreadable"
    found: str | None = None


_BLANK = Answer(None, "O", "blank")
_UNKNOWN = Answer(None, "O", "dont_know")
_REFUSED = Answer(None, "M", "refused_answer")
_NO_ANSWER = {
    **dict.fromkeys(
        ["khong nho", "ko nho", "k nho", "khong ro", "ko ro", "khong biet", "ko biet", "kb", "kn"]
        + ["n a", "9"],
        _UNKNOWN,
    ),
    **dict.fromkeys(
        ["tu choi", "te nhi", "khong tra loi", "ko tra loi", "ktl", "khong tien", "8"], _REFUSED
    ),
    "7": Answer(None, "M", "not_applicable"),
}
_ZERO = {"khong", "ko", "k", "0", "khong co", "ko co", "mien phi"}
_ONES = "mot hai ba bon nam sau bay tam chin muoi".split()
_ABOUT = re.compile(r"^(?:khoang|tam|chung|gan|hon|tren|duoi|uoc|uoc chung|~|≈|>|<)\s*(.+)$")
_AMOUNT = r"(\d[\d.,]*)"
_RANGE = re.compile(rf"^(?:tu )?{_AMOUNT}\s*([a-z']*)\s*(?:-|–|—|den|toi)\s*{_AMOUNT}\s*([a-z']*)$")


def parse(texts: pd.Series, kind: str, spec: dict, parameters: dict) -> pd.DataFrame:
    """Read answers of one question.

    Parameters
    ----------
    texts
        As received.
    kind
        hours, money, count, rating, choice, date, weight or text.
    spec
        The question: ``range`` (limits of what is accepted), ``choices`` (code → spellings),
        ``zero_words`` (words for nothing mean 0), ``window`` (first and last permitted day).
    parameters
        hours_per_working_day, hours_per_half_day.

    Returns
    -------
    value, obs_status, rule, found, expected, on the index of ``texts``. The value is a number
    (hours, VND), a code, a timestamp or a text; None where there is none.
    """
    readers: dict[str, Callable] = {
        "hours": partial(_hours, parameters=parameters),
        "money": _money,
        "count": _count,
        "rating": _rating,
        "choice": _choice,
        "date": _date,
        "weight": _weight,
        "text": _text,
    }
    read = readers[kind]
    raw = texts.fillna("").astype(str)
    known = {text: _ranged(read(_tidy(text), spec), spec) for text in raw.unique()}
    rows = [known[text] for text in raw]
    table = pd.DataFrame(rows, columns=Answer._fields, index=texts.index, dtype=object)
    limits = spec.get("range")
    expected = f"{number(limits[0])}–{number(limits[1])}" if limits else None
    return table.assign(expected=np.where(table["rule"] == "out_of_range", expected, None))


def _tidy(text: str) -> str:
    """Lower case, no accents, one space; signs kept. Full-width digits become plain ones."""
    text = "".join(str(int(c)) if c.isdecimal() else c for c in plain(text[: 2 * _LONGEST]))
    kept = [fold(c) or c if c.isalpha() else c for c in text.lower()]
    return "".join(kept).replace("’", "'").replace("`", "'").strip()


def _none(text: str, spec: dict) -> Answer | None:
    """Answers that are no figure: blank, forgotten, refused, nothing."""
    if text == "":
        return _BLANK
    if len(text) > _LONGEST:
        return Answer()
    words = fold(text)
    if spec.get("zero_words") and (words in _ZERO or text == "-"):
        return Answer(0.0, "A", None)
    if text in ("-", "–", "—", "…", "..."):
        return _UNKNOWN
    if words in _NO_ANSWER and (not words.isdigit() or text == f"-{words}"):
        return _NO_ANSWER[words]
    return None


def _ranged(answer: Answer, spec: dict) -> Answer:
    limits = spec.get("range")
    if not isinstance(answer.value, float) or not limits or limits[0] <= answer.value <= limits[1]:
        return answer
    if answer.value < 0:
        return Answer(None, "V", "negative")
    return Answer(None, "V", "out_of_range")


def _decimal(text: str, grouped: bool) -> Answer:
    """A figure without words. ``grouped``: "1.234" is 1234 (money); else it can mean two things."""
    if not re.fullmatch(r"\d[\d.,]*", text) or len(text) > 30:
        return Answer()
    if re.fullmatch(r"\d+", text):
        return Answer(float(text), "A", None)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", text):
        if not grouped and "," not in text and text.count(".") == 1:
            return Answer(None, "V", "number_ambiguous")
        return Answer(float(text.replace(".", "").replace(",", ".")), "A", None)
    if re.fullmatch(r"\d{1,3}(?:,\d{3}){2,}", text):
        return Answer(float(text.replace(",", "")), "A", None)
    if re.fullmatch(r"\d{1,3},\d{3}", text):
        return Answer(None, "V", "number_ambiguous")
    if re.fullmatch(r"\d+,\d+", text):
        return Answer(float(text.replace(",", ".")), "A", None)
    if re.fullmatch(r"\d+\.\d{1,2}", text):
        return Answer(float(text), "A", "decimal_point", number(float(text), 2))
    return Answer()


def _approximate(text: str, read: Callable) -> Answer | None:
    """ "khoảng …", "hơn …", "3h+": the figure, marked as approximate."""
    about = _ABOUT.match(text)
    inner = about.group(1) if about else text[:-1].rstrip() if text.endswith("+") else None
    if inner is None:
        return None
    answer = read(inner)
    if answer.obs_status not in "AE":
        return answer
    return Answer(answer.value, "E", "approximate", number(answer.value, 2))


def _between(text: str, read: Callable) -> Answer | None:
    """ "1-2 ngày", "300-500k": the middle. A unit that stands once is that of both ends."""
    found = _RANGE.match(text)
    if not found:
        return None
    low, low_unit, high, high_unit = found.groups()
    ends = read(f"{low} {low_unit or high_unit}".strip()), read(f"{high} {high_unit}".strip())
    if any(e.obs_status not in "AE" for e in ends) or ends[0].value > ends[1].value:
        return Answer()
    middle = (ends[0].value + ends[1].value) / 2
    return Answer(middle, "E", "range_midpoint", number(middle, 2))


def _with_marks(text: str, spec: dict, read: Callable) -> Answer:
    """Answers that are none, ranges, approximate figures, figures, in that order."""
    answer = _none(text, spec) or _between(text, read) or _approximate(text, read)
    if answer is None and re.match(r"^-\s*\d", text):
        return Answer(None, "V", "negative")
    return answer or read(text)


# --- hours --------------------------------------------------------------------------------------

_HOUR = r"(?:h|g|gio|tieng|gio lam viec|gio cong)"
_MINUTE = r"(?:'|p|ph|phut)"
_HOURS_MINUTES = re.compile(rf"^{_AMOUNT}\s*{_HOUR}\s*(?:(\d{{1,2}})\s*{_MINUTE}?)?$")
_HALF = re.compile(rf"^{_AMOUNT}\s*{_HOUR}\s*ruoi$")
_MINUTES = re.compile(rf"^{_AMOUNT}\s*{_MINUTE}$")
_DAYS = re.compile(rf"^{_AMOUNT}\s*(ngay|buoi|tuan)(?: lam viec| sang| chieu| cong)?$")


def _hours(text: str, spec: dict, parameters: dict) -> Answer:
    return _with_marks(text, spec, partial(_plain_hours, parameters=parameters))


def _plain_hours(text: str, parameters: dict) -> Answer:
    day, half = parameters["hours_per_working_day"], parameters["hours_per_half_day"]
    text = re.sub(r"^nua (ngay|buoi)", r"0,5 \1", text)
    if found := _DAYS.match(text):
        amount = _decimal(found.group(1), grouped=False)
        length = {"ngay": day, "buoi": half, "tuan": _DAYS_A_WEEK * day}[found.group(2)]
        if amount.value is None:
            return amount
        value = amount.value * length
        return Answer(value, "A", "days_to_hours", number(value, 2))
    if found := _HALF.match(text):
        amount = _decimal(found.group(1), grouped=False)
        return amount._replace(value=amount.value + 0.5) if amount.value is not None else amount
    if found := _MINUTES.match(text):
        amount = _decimal(found.group(1), grouped=False)
        return amount._replace(value=amount.value / 60) if amount.value is not None else amount
    if found := _HOURS_MINUTES.match(text):
        amount = _decimal(found.group(1), grouped=False)
        minutes = int(found.group(2) or 0)
        if amount.value is None:
            return amount
        if minutes and (minutes > 59 or amount.value != int(amount.value)):
            return Answer()
        return amount._replace(value=amount.value + minutes / 60)
    return _decimal(text, grouped=False)


# --- money --------------------------------------------------------------------------------------

_THOUSAND = dict.fromkeys(["k", "nghin", "ngan", "ng"], 1e3)
_MILLION = dict.fromkeys(["tr", "trieu", "m"], 1e6)
_BILLION = dict.fromkeys(["ty", "ti"], 1e9)
_UNITS = {**_THOUSAND, **_MILLION, **_BILLION}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_SUM = re.compile(rf"^{_AMOUNT}\s*({_UNIT})$")
_SHORT = re.compile(r"^(\d{1,3})\s*(tr|trieu|ty|ti)\s*(\d)$")
_TWO = re.compile(rf"^{_AMOUNT}\s*({_UNIT})\s+{_AMOUNT}\s*({_UNIT})$")
_CURRENCY = re.compile(r"\s*(?:vnd|vnđ|dong|d|₫)?\s*(?:/\s*(?:lan|ho so|bo))?\s*$")
_FOREIGN = re.compile(r"usd|eur|\$|€|do la")


def _money(text: str, spec: dict) -> Answer:
    return _with_marks(text, spec, _plain_money)


def _plain_money(text: str) -> Answer:
    if _FOREIGN.search(text):
        return Answer(None, "V", "unit_of_value")
    text = _CURRENCY.sub("", re.sub(r"^(?:tron goi|het|mat)\s+", "", text), count=1)
    if found := _SHORT.match(text):
        whole, unit, tenth = found.groups()
        return Answer((int(whole) + int(tenth) / 10) * _UNITS[unit], "A", None)
    if found := _TWO.match(text):
        first, big, second, small = found.groups()
        parts = _decimal(first, grouped=True), _decimal(second, grouped=True)
        if any(p.value is None for p in parts) or _UNITS[small] >= _UNITS[big]:
            return Answer()
        return Answer(parts[0].value * _UNITS[big] + parts[1].value * _UNITS[small], "A", None)
    if found := _SUM.match(text):
        amount = _decimal(found.group(1), grouped=False)
        if amount.value is None:
            return amount
        return Answer(amount.value * _UNITS[found.group(2)], "A", None)
    amount = _decimal(text, grouped=True)
    if amount.value is not None and amount.value != int(amount.value):
        return Answer(None, "V", "number_ambiguous")  # "12,5": million, thousand?
    return amount


# --- the others ---------------------------------------------------------------------------------


def _count(text: str, spec: dict) -> Answer:
    def read(text: str) -> Answer:
        text = re.sub(r"\s*(?:lan|lượt|luot)$", "", text)
        if text in _ONES:
            return Answer(float(_ONES.index(text) + 1), "A", None)
        amount = _decimal(text, grouped=False)
        if amount.value is not None and amount.value != int(amount.value):
            return Answer(None, "V", "not_integer")
        return amount

    return _with_marks(text, spec, read)


def _rating(text: str, spec: dict) -> Answer:
    none = _none(text, spec)
    if none:
        return none
    found = re.fullmatch(r"(\d)(?:\s*/\s*5)?", text)
    if found:
        return Answer(float(found.group(1)), "A", None)
    chosen = _choice(text, spec)
    if chosen.value is None:
        return Answer()
    return chosen._replace(value=float(chosen.value))


def _choice(text: str, spec: dict) -> Answer:
    if text == "":
        return _BLANK
    for code, spellings in spec["choices"].items():
        for spelling in [code, *spellings]:
            if text == _tidy(spelling) or (fold(text) and fold(text) == fold(spelling)):
                if re.sub(r"[^<>]", "", text) == re.sub(r"[^<>]", "", spelling):
                    return Answer(code, "A", None)
    none = _none(text, {})
    if none:
        return none
    known = ", ".join(spellings[0] for spellings in spec["choices"].values())
    return Answer(None, "V", "choice_unknown", known)


_DAY = re.compile(r"^(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ][\d:.]+)?$")
_MONTH = re.compile(r"^(?:t|thang)?\s*(\d{1,2})\s*[/.-]\s*(\d{4})$")


def _date(text: str, spec: dict) -> Answer:
    none = _none(text, {})
    if none:
        return none
    if found := _ISO.match(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY.match(text):
        day, month, year = map(int, found.groups())
    elif found := _MONTH.match(text):
        month, year = map(int, found.groups())
        day = 1
    else:
        return Answer(None, "V", "date_unreadable")
    year += 2000 if year < 100 else 0
    if not 1990 <= year <= 2100:
        return Answer(None, "V", "date_unreadable")
    try:
        value = pd.Timestamp(datetime(year, month, day))
    except ValueError:
        return Answer(None, "V", "date_unreadable")
    window = spec.get("window")
    if window and not pd.Timestamp(window[0]) <= value <= pd.Timestamp(window[1]):
        return Answer(value, "V", "outside_reference_period")
    if _MONTH.match(text):
        return Answer(value, "E", "date_month_only")
    return Answer(value, "A", None)


def _weight(text: str, spec: dict) -> Answer:
    if text == "":
        return _BLANK
    if re.fullmatch(r"\d{1,12}(?:[.,]\d{1,12})?", text):
        value = float(text.replace(",", "."))
        if value > 0:
            return Answer(value, "A", None)
    return Answer(None, "V", "weight_invalid")


def _text(text: str, spec: dict) -> Answer:
    return Answer(text, "A", None) if text else _BLANK
