"""What respondents write → values: hours, money, counts, choices, dates. Never a guess.

Vietnamese writing: ``.`` groups thousands, ``,`` is decimal; k, nghìn = 10³, tr, triệu = 10⁶,
tỷ = 10⁹. A text that is not understood as a whole gives no value. METHOD.md lists the rules.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.language.words import fold, number, plain
from analysis.reading import days, numbers

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
        + ["khong biet khong nho", "does not know", "n a", "9"],
        _UNKNOWN,
    ),
    **dict.fromkeys(
        ["tu choi", "tu choi tra loi", "te nhi", "khong tra loi", "ko tra loi", "ktl", "8"]
        + ["refuses to answer"],
        _REFUSED,
    ),
    "7": Answer(None, "M", "not_applicable"),
}
_ZERO = {"khong", "ko", "k", "0", "khong co", "ko co", "mien phi", "khong mat phi"}
_ZERO |= {"khong ton", "khong mat tien", "khong mat", "khong phai tra"}
_ONES = "mot hai ba bon nam sau bay tam chin muoi".split()
# A bound ("dưới 2 giờ", ">2") is no value near 2 and is not read.
_ABOUT = re.compile(r"^(?:khoang|tam|chung|gan|hon|uoc|uoc chung|~|≈)\s*(.+)$")
_AMOUNT = r"(\d[\d.,]*)"
_RANGE = re.compile(r"^(?:tu )?(\d[^-–—]{0,40}?)\s*(?:[-–—]|\bden\b|\btoi\b)\s*(\d.*)$")
# words that say nothing about the figure
_FILLER = re.compile(r"^(?:het|mat|ton|tron goi|chi phi|tong cong|tong)\s+")
_PER = re.compile(r"\s*(?:/\s*|\bmoi )(?:lan|ho so|bo|thu tuc)$")
# At the end of a figure only: "500đ500" must not become 500500.
_CURRENCY = re.compile(r"\s*(?:vnd|dong|₫|(?<=\d)d|(?<=\d )d)(?=\s*(?:$|[-–—+]|(?:den|toi)\b))")
_SPACED = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
# "tám tiếng" is eight hours, "tầm tiếng" about one, and both are "tam tieng"; "tám lần" is clear.
_WORD = re.compile(rf"^({'|'.join(_ONES).replace('tam', 'tam(?= lan| luot)')}) (?=[a-z])")
_SIGNED = re.compile(r"^-\s*\d")
_AND_A_HALF = re.compile(r"^(\d{1,4})\s*([a-z]+) ruoi$")


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
    raw = texts.astype(object).where(texts.notna(), "").map(str)
    tidy = plain if kind == "text" else tidied  # an open answer stays as written
    return _as_table(raw, lambda text: _ranged(read(tidy(text), spec), spec), spec)


def stated(figures: pd.Series, kind: str, spec: dict) -> pd.DataFrame:
    """What programs wrote, as of :func:`parse`: digits with a point before decimals, read so."""

    def read(text: str) -> Answer:
        value = float(text)
        if kind == "count" and value != int(value):
            return Answer(None, "V", "not_integer")
        if kind == "weight" and not value > 0:
            return Answer(None, "V", "weight_invalid")
        return _ranged(Answer(value, "A", None), spec)

    return _as_table(figures, read, spec)


def _as_table(texts: pd.Series, read: Callable, spec: dict) -> pd.DataFrame:
    known = {text: read(text) for text in texts.unique()}
    rows = [known[text] for text in texts]
    table = pd.DataFrame(rows, columns=Answer._fields, index=texts.index, dtype=object)
    limits = spec.get("range")
    expected = f"{number(limits[0])}–{number(limits[1])}" if limits else None
    return table.assign(expected=np.where(table["rule"] == "out_of_range", expected, None))


def tidied(text: str) -> str:
    """Lower case, no accents, one space; signs kept. Full-width digits become plain ones."""
    text = "".join(str(int(c)) if c.isdecimal() else c for c in plain(text[: 2 * _LONGEST]))
    # Without accents "không tiện" (rather not say) would be "không tiền" (no money), and "tám"
    # (eight) would be "tầm" (about): told apart first.
    text = text.lower().replace("không tiện", "từ chối").replace("tám ", "8 ")
    kept = [fold(c) or c if c.isalpha() else c for c in text]
    return "".join(kept).replace("’", "'").replace("`", "'").strip()


def _none(text: str, spec: dict) -> Answer | None:
    """Answers that are no figure: blank, forgotten, refused, nothing."""
    if text == "":
        return _BLANK
    if len(text) > _LONGEST:
        return Answer()
    text = re.sub(r"^(-[789])\.0$", r"\1", text)  # a code stored as a decimal number
    words = fold(text)
    if spec.get("zero_words") and (text.rstrip(" .") in _ZERO or text == "-"):
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
    value, how = numbers.written(text, "groups" if grouped else "either")
    if how == "decimal_point":
        return Answer(value, "A", how, number(value, 2))
    return Answer(None, "V", how) if value is None else Answer(value, "A", None)


def _plainly(text: str) -> str:
    """Without words that say nothing, with figures for number words: "hết hai ngày" → "2 ngay"."""
    text = _PER.sub("", _FILLER.sub("", text)).replace(" lam viec", "")
    text = _SPACED.sub(".", text)
    text = re.sub(r"^(?:nua|1/2) (?=[a-z])", "0,5 ", text)
    text = _WORD.sub(lambda found: f"{_ONES.index(found.group(1)) + 1} ", text)
    return _AND_A_HALF.sub(r"\1,5 \2", text).strip()


def _about(text: str) -> str | None:
    """What stands after "khoảng", "hơn" …, or before "+"; None where nothing of it is said."""
    found = _ABOUT.match(text)
    if found:
        return found.group(1)
    return text[:-1].rstrip() if text.endswith("+") else None


def _between(text: str, read: Callable) -> Answer | None:
    """ "1-2 ngày", "300-500k": the middle. A unit that stands once is that of both ends."""
    found = _RANGE.match(text)
    if not found:
        return None
    low, high = found.groups()
    if re.fullmatch(r"[\d.,]+", low):
        unit = re.match(r"[\d.,]+\s*([a-z']*)", high).group(1)
        low = f"{low} {unit}".strip()
    elif re.fullmatch(r"[\d.,]+", high):
        unit = re.search(r"[a-z' ]*$", low).group()
        if read(high).value != read(f"{high}{unit}").value:
            return Answer()  # "30' - 45": 45 minutes or 45 hours?
    ends = read(low), read(high)
    if any(e.obs_status not in "AE" for e in ends) or ends[0].value > ends[1].value:
        return Answer()
    middle = (ends[0].value + ends[1].value) / 2
    return Answer(middle, "E", "range_midpoint", number(middle, 2))


def _figure(text: str, spec: dict, read: Callable) -> Answer:
    """Answers that are none; else a range or a figure, marked where it is approximate."""
    none = _none(text, spec)
    if none:
        return none
    text = _plainly(text)
    about = _about(text)
    inner = text if about is None else _plainly(about)
    if _SIGNED.match(inner):
        return Answer(None, "V", "negative")
    answer = _between(inner, read) or read(inner)
    if about is None or answer.obs_status not in "AE":
        return answer
    return Answer(answer.value, "E", "approximate", number(answer.value, 2))


# --- hours --------------------------------------------------------------------------------------

_HOUR = r"(?:h|g|gio|tieng|gio lam viec|gio cong)"
_MINUTE = r"(?:'|p|ph|phut)"
_HOURS_MINUTES = re.compile(rf"^{_AMOUNT}\s*{_HOUR}\s*(?:(\d{{1,2}})\s*{_MINUTE}|(\d\d))?$")
_MINUTES = re.compile(rf"^{_AMOUNT}\s*{_MINUTE}$")
_DAYS = re.compile(rf"^{_AMOUNT}\s*(ngay|buoi|tuan)(?: sang| chieu| cong)?$")
_DAYS_HOURS = re.compile(r"^(\d[\d.,]{0,9}\s*ngay)\s+(\d.*[a-z'].*)$")


def _hours(text: str, spec: dict, parameters: dict) -> Answer:
    return _figure(text, spec, partial(_plain_hours, parameters=parameters))


def _plain_hours(text: str, parameters: dict) -> Answer:
    day, half = parameters["hours_per_working_day"], parameters["hours_per_half_day"]
    if found := _DAYS_HOURS.match(text):
        parts = [_plain_hours(part, parameters) for part in found.groups()]
        if any(part.value is None for part in parts):
            return Answer()
        value = sum(part.value for part in parts)
        return Answer(value, "A", "days_to_hours", number(value, 2))
    if found := _DAYS.match(text):
        amount = _decimal(found.group(1), grouped=False)
        length = {"ngay": day, "buoi": half, "tuan": _DAYS_A_WEEK * day}[found.group(2)]
        if amount.value is None:
            return amount
        value = amount.value * length
        return Answer(value, "A", "days_to_hours", number(value, 2))
    if found := _MINUTES.match(text):
        amount = _decimal(found.group(1), grouped=False)
        return amount._replace(value=amount.value / 60) if amount.value is not None else amount
    if found := _HOURS_MINUTES.match(text):
        amount = _decimal(found.group(1), grouped=False)
        minutes = int(found.group(2) or found.group(3) or 0)
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
_HUNDREDS = re.compile(r"^(\d{1,3})\s*(?:tr|trieu)\s*(\d{3})$")
_TWO = re.compile(rf"^(\d+)\s*({_UNIT})\s*{_AMOUNT}\s*({_UNIT})$")
_FOREIGN = re.compile(r"usd|eur|\$|€|do la")


def _money(text: str, spec: dict) -> Answer:
    if _FOREIGN.search(text):
        return Answer(None, "V", "unit_of_value")
    bare = _CURRENCY.sub("", _PER.sub("", text)).strip()
    if bare != text and re.search(rf"\d\s*(?:{_UNIT})\s*\d{{1,3}}\s*(?:d|dong|vnd|₫)$", text):
        return Answer(None, "V", "number_ambiguous")  # "1 triệu 500 đồng": 500 what?
    return _figure(bare, spec, _plain_money)


def _of_unit(amount: float, unit: str) -> Answer:
    """Round off what binary fractions add: 2.01 × 10⁶ is 2010000."""
    return Answer(round(amount * _UNITS[unit], 3), "A", None)


def _plain_money(text: str) -> Answer:
    if found := _SHORT.match(text):
        whole, unit, tenth = found.groups()
        return _of_unit(int(whole) + int(tenth) / 10, unit)
    if found := _HUNDREDS.match(text):  # "1tr500" is a million and five hundred thousand
        return Answer(int(found.group(1)) * 1e6 + int(found.group(2)) * 1e3, "A", None)
    if found := _TWO.match(text):
        first, big, second, small = found.groups()
        parts = _decimal(first, grouped=True), _decimal(second, grouped=True)
        if any(p.value is None for p in parts) or parts[1].value * _UNITS[small] >= _UNITS[big]:
            return Answer()
        return _of_unit(parts[0].value + parts[1].value * _UNITS[small] / _UNITS[big], big)
    if found := _SUM.match(text):
        amount = _decimal(found.group(1), grouped=False)
        if amount.value is None:
            return amount
        return _of_unit(amount.value, found.group(2))
    amount = _decimal(text, grouped=True)
    if amount.value is None:
        return amount
    if amount.value != int(amount.value) or re.fullmatch(r"\d+(?:\.\d\d|,\d+)", text):
        return Answer(None, "V", "number_ambiguous")  # "12,5": million? "50.00": 50.000?
    return amount


# --- the others ---------------------------------------------------------------------------------


def _count(text: str, spec: dict) -> Answer:
    def read(text: str) -> Answer:
        text = re.sub(r"\s*(?:lan|luot)$", "", text)
        if text in _ONES and text != "nam":  # may be "Nam"
            return Answer(float(_ONES.index(text) + 1), "A", None)
        amount = _decimal(text, grouped=False)
        if amount.value is not None and amount.value != int(amount.value):
            return Answer(None, "V", "not_integer")
        return amount

    return _figure(text, spec, read)


def _rating(text: str, spec: dict) -> Answer:
    none = _none(text, spec)
    if none:
        return none
    if _SIGNED.match(text):
        return Answer(None, "V", "negative")
    found = re.fullmatch(r"(\d)(?:\.0)?(?:\s*/\s*5)?", text)
    if found:
        return _ranged(Answer(float(found.group(1)), "A", None), {"range": [1, 5]})
    if not spec.get("choices"):
        return Answer()
    chosen = _choice(text, spec)
    if chosen.value is None:
        return Answer()
    return chosen._replace(value=float(chosen.value))


def _choice(text: str, spec: dict) -> Answer:
    if text == "":
        return _BLANK
    words = "" if _SIGNED.match(text) else fold(text)  # without its sign "-1" would be choice 1
    for code, spellings in spec["choices"].items():
        for spelling in map(str, [code, *spellings]):
            if text == tidied(spelling) or (words and words == fold(spelling)):
                if re.sub(r"[^<>]", "", text) == re.sub(r"[^<>]", "", spelling):
                    return Answer(str(code), "A", None)
    none = _none(text, {})
    if none:
        return none
    known = ", ".join(str(spellings[0]) for spellings in spec["choices"].values())
    return Answer(None, "V", "choice_unknown", known)


_DAYS_WRITTEN = ("year_first", "day_first", "uneven", "short_year", "month")
_YEARS = range(1990, 2101)


def _date(text: str, spec: dict) -> Answer:
    none = _none(text, {})
    if none:
        return none
    found = days.read(text, _DAYS_WRITTEN, _YEARS)
    if not found:
        return Answer(None, "V", "date_unreadable")
    value, month_only = pd.Timestamp(found.value).as_unit("us"), found.way == "month"
    last = value + pd.offsets.MonthEnd() if month_only else value
    window = spec.get("window")
    if window and not (pd.Timestamp(window[0]) <= last and value <= pd.Timestamp(window[1])):
        return Answer(value, "V", "outside_reference_period")
    return Answer(value, "E", "date_month_only") if month_only else Answer(value, "A", None)


def _weight(text: str, spec: dict) -> Answer:
    if text == "":
        return _BLANK
    # computed, with many decimals: a point is decimal, and only "1,234" may be thousands
    value, how = numbers.written(text, "decimal")
    if value and value > 0 and how != "grouped":
        return Answer(value, "A", None)
    return Answer(None, "V", "weight_invalid")


def _text(text: str, spec: dict) -> Answer:
    return Answer(text, "A", None) if text else _BLANK
