"""How KoboToolbox and ODK lay out the answers that they export: heads, groups, columns of their
own, and the key by which the rows of a repeat belong to those of the form.

Kobo writes the names of groups before those of columns, with any sign between (``nhom/tinh``), or
labels for names; of a question with several answers one column, or one for each choice, or both;
repeats as further sheets, joined by ``_index`` and ``_parent_index``. ODK Central writes a CSV for
the form and one for each repeat (``nhom-tinh``), joined by ``KEY`` and ``PARENT_KEY``. What a
machine wrote has decimal points and no signs of grouping.
"""

import re
from collections.abc import Iterator

from analysis.language.words import fold
from analysis.survey import combined, questionnaire

OWN = ("_index", "KEY")
"""Columns that give each row of a form its key."""

PARENT = {"_parent_index": "_index", "PARENT_KEY": "KEY"}
"""Columns of a repeat that name the row it belongs to → the column of the form that has it."""

_SURE = {*PARENT, "_index", "_id", "_uuid", "_submission_time", "__version__", "_submission__id"}
_SURE |= {"_submission__uuid", "_validation_status", "KEY", "SubmissionDate", "instanceID"}
_SURE |= {"meta-instanceID", "meta/instanceID", "formhub/uuid"}
"""Heads that nobody writes by hand."""

_ASIDE = {"start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "audit"}
_ASIDE |= {"username", "email", "interviewer", "_parent_table_name", "_version_", "_notes"}
_ASIDE |= {"_status", "_submitted_by", "_tags", "_geolocation", "_attachments", "_xform_id_string"}
_ASIDE |= {"instanceName", "rootUuid", "deprecatedID", "SubmitterID", "SubmitterName"}
_ASIDE |= {"AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState", "DeviceID"}
_ASIDE |= {"Edits", "FormVersion", "isValidated", "formdef_version", "uuid", *_SURE}
_MADE = re.compile(r"(?:_submission_|SET-OF-).+")
_BETWEEN = re.compile(r"[/.:-]")

INTERVIEWER = {"vi": "Điều tra viên", "en": "Interviewer"}
"""Asked by the form for a phone beside what the survey asks, and read as a label."""

RECORDED = {"start": "start", "end": "end", "today": "day", "interviewer": "interviewer"}
"""Heads of what is recorded of an interview → what it is."""

Place = tuple[str, str]
"""The item that a column is of, and its part (a head, a choice), else ``""``."""


def heads(survey: dict) -> dict[str, Place]:
    """Folded head → the place that it stands for: codes, heads, aliases, questions in both
    languages, and the columns of an answer that is given in several."""
    found: dict[str, Place] = {}
    for item, own in combined.heads(survey).items():
        found |= {fold(head): (item, head) for head in own}
    for item, column in survey["columns"].items():
        asked = list(questionnaire.label(column).values())
        for word in [item, column["head"], *column.get("aliases", []), *asked]:
            found.setdefault(fold(word), (item, ""))
        if column["kind"] == "several":
            for word in [item, column["head"], *asked]:
                for code in column["choices"]:
                    labels = questionnaire.choice_label(column, code).values()
                    for choice in [code, *labels]:
                        found.setdefault(fold(f"{word}/{choice}"), (item, code))
    return found


def is_one(texts: list[str], survey: dict) -> bool:
    """Whether the heads are those of an export."""
    within = [f"{section}{sign}" for section in _codes(survey) for sign in "/.:-"]
    return any(text in _SURE or text.startswith(tuple(within)) for text in texts)


def places(texts: dict[int, str], survey: dict, known: dict[str, Place]) -> dict[int, Place]:
    """Column → the place that its head stands for; columns that are none of ours are left out.

    Groups before a name are passed over: those of the questionnaire anywhere, others in an export.
    Where a name stands by itself and within other groups, it is the first that is meant.
    """
    codes, any_group = _codes(survey), is_one(list(texts.values()), survey)
    sure: dict[int, Place] = {}
    perhaps: dict[int, Place] = {}
    for column, text in texts.items():
        of_ours = next((known[fold(t)] for t in _within(text, codes) if fold(t) in known), None)
        if of_ours:
            sure[column] = of_ours
        elif any_group and not aside(text):
            rests = (text[sign.end() :] for sign in _BETWEEN.finditer(text))
            held = next((known[fold(t)] for t in rests if fold(t) in known), None)
            perhaps |= {column: held} if held else {}
    taken = {*sure.values()}
    return sure | {c: place for c, place in perhaps.items() if place not in taken}


def aside(text: str) -> bool:
    """Whether a head of an export is of a column that says how the answer was collected.

    >>> aside("_submission_time"), aside("meta/instanceID"), aside("nhom/tinh")
    (True, True, False)
    """
    last = _BETWEEN.split(text)[-1]
    of_form = last in _ASIDE or fold(text) in {fold(t) for t in INTERVIEWER.values()}
    return text in _ASIDE or of_form or bool(_MADE.fullmatch(text))


def recorded(text: str) -> str | None:
    """What a head of an export records of the interview, a value of RECORDED.

    >>> recorded("meta/start"), recorded("Điều tra viên"), recorded("_id")
    ('start', 'interviewer', None)
    """
    if fold(text) in {fold(t) for t in INTERVIEWER.values()}:
        return "interviewer"
    return RECORDED.get(_BETWEEN.split(text)[-1])


def _codes(survey: dict) -> list[str]:
    return [section["section"] for section in survey.get("questionnaire", [])]


def _within(text: str, codes: list[str]) -> Iterator[str]:
    """A head, and what is left of it behind groups of the questionnaire."""
    yield text
    for code in codes:
        if re.match(rf"{re.escape(code)}[/.:_-]", text):
            yield from _within(text[len(code) + 1 :], codes)
