"""What a survey asks, as its file states it: sections, questions, choices and when each is asked.

The forms for a phone, for paper and for Excel, and the codebook, are made of this; what comes back
is read by the same words (:mod:`analysis.survey.exported`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.language.words import fold

Text = Mapping[str, str]
"""The same in ``vi`` and ``en``."""

MISSING = {
    "-9": {"vi": "Không biết, không nhớ", "en": "Does not know"},
    "-8": {"vi": "Từ chối trả lời", "en": "Refuses to answer"},
}
"""What is entered where there is no answer (:mod:`analysis.survey.answers` reads it so)."""

NUMBERS = ("hours", "money", "count", "weight")
"""Kinds whose answer is a figure."""

UNITS = {
    "hours": {"vi": "giờ", "en": "hours"},
    "money": {"vi": "đồng", "en": "VND"},
    "count": {"vi": "lần", "en": "times"},
}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")  # what every tool takes for the name of a column


@dataclass(frozen=True)
class Question:
    """One question: the ``item`` of the survey, the ``name`` of its column in exports, what is
    asked, its ``choices`` (code → label), the ``limits`` of a figure, on which earlier choices it
    is asked (``asked_if``), and its ``fixed`` answer, where it is not asked at all."""

    item: str
    name: str
    kind: str
    label: Text
    hint: Text | None = None
    required: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    asked_if: Mapping[str, list[str]] = field(default_factory=dict)
    fixed: str | None = None


@dataclass(frozen=True)
class Section:
    """Questions under one heading; ``repeat``: filled in several times by one respondent."""

    code: str
    name: Text
    questions: list[Question]
    repeat: bool = False


def sections(
    survey: dict, lists: Mapping[str, Mapping[str, Text]], edition: str | None = None
) -> list[Section]:
    """The questionnaire of a survey; one section of all columns, where it states none.

    Parameters
    ----------
    lists
        Code → label of what is chosen from a list of the catalogue, by kind: ``province``,
        ``procedure_group``.
    edition
        The edition asked for, which is then no question.
    """
    stated = survey.get("questionnaire") or [
        {"section": survey["survey"], "name": survey["title"], "items": list(survey["columns"])}
    ]
    return [
        Section(
            one["section"],
            one["name"],
            [_question(i, survey["columns"][i], lists, edition) for i in one["items"]],
            one.get("repeat", False),
        )
        for one in stated
    ]


def _question(item: str, column: dict, lists: Mapping, edition: str | None) -> Question:
    kind, limits = column["kind"], column.get("range")
    labels = {code: choice_label(column, code) for code in column.get("choices", {})}
    return Question(
        item=item,
        name=name(item, column),
        kind=kind,
        label=label(column),
        hint=column.get("hint"),
        required=column.get("required", False),
        choices=lists.get(kind, labels),
        limits=tuple(limits) if limits else None,
        asked_if=column.get("asked_if", {}),
        fixed=edition if kind == "edition" else None,
    )


def name(item: str, column: dict) -> str:
    """How a column is called where names are of plain letters: by its head, else by its code.

    >>> name("response", {"head": "ma_phieu"}), name("response", {"head": "Mã phiếu"})
    ('ma_phieu', 'response')
    """
    return column["head"] if _NAME.fullmatch(column["head"]) else item


def label(column: dict) -> Text:
    """What is asked."""
    return column.get("question") or column["name"]


def choice_label(column: dict, code: str) -> Text:
    """What a choice is called."""
    first = str(next(iter(column["choices"][code]), code))
    stated = column.get("labels", {}).get(code)
    return stated or {"vi": first[:1].upper() + first[1:], "en": str(code).replace("_", " ")}


def spelled(column: dict) -> dict:
    """A column whose choices may also be written as the questionnaire shows them."""
    if not column.get("choices"):
        return column
    choices = {
        code: [*spellings, *choice_label(column, code).values()]
        for code, spellings in column["choices"].items()
    }
    return {**column, "choices": choices}


def chosen(text: str, column: dict) -> list[str] | None:
    """The choices that are written one after the other, codes or labels, whatever stands between;
    None where it can be read in no way or in two.

    >>> column = {"choices": {"a": ["qua mạng"], "b": ["tại quầy"]}}
    >>> chosen("b a", column), chosen("Qua mạng, tại quầy", column), chosen("a c", column)
    (['a', 'b'], ['a', 'b'], None)
    """
    known = {
        tuple(fold(str(word)).split()): code
        for code, spellings in spelled(column)["choices"].items()
        for word in [code, *spellings]
    }
    words = tuple(fold(text).split())
    ends: dict[int, set[frozenset]] = {0: {frozenset()}}
    longest = max(map(len, known), default=0)
    for end in range(1, len(words) + 1):
        ends[end] = {
            sofar | {known[words[begin:end]]}
            for begin in range(max(0, end - longest), end)
            if words[begin:end] in known
            for sofar in ends[begin]
        }
    found = ends[len(words)]
    if not words or len(found) != 1:
        return None
    (codes,) = found
    return [code for code in column["choices"] if code in codes]
