"""The questionnaire as an XLSForm: the workbook that KoboToolbox, ODK and others make a form for
phones of (https://xlsform.org). What it does not ask and what it does not take mirror the rules by
which answers are checked: a blocking one stops the entry, a warning is shown.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from openpyxl import Workbook
from openpyxl.styles import Font

from analysis.exchange.neutral import fitting, same_bytes
from analysis.language import languages
from analysis.language.words import number
from analysis.survey import exported
from analysis.survey.questionnaire import MISSING, NUMBERS, UNITS, Question, Section, Text

LANGUAGES = {"vi": "Tiếng Việt (vi)", "en": "English (en)"}
"""How XLSForm calls a language; the first is the one that opens."""

_TRANSLATED = ("label", "hint", "constraint_message", "required_message")
_PLAIN = ("required", "relevant", "constraint", "calculation")
SURVEY = ["type", "name", *(f"{c}::{n}" for c in _TRANSLATED for n in LANGUAGES.values()), *_PLAIN]
CHOICES = ["list_name", "name", *(f"label::{name}" for name in LANGUAGES.values())]
SETTINGS = ["form_title", "form_id", "version", "default_language", "instance_name"]

_TYPES = {"hours": "decimal", "money": "decimal", "count": "integer", "weight": "decimal"}
_TYPES |= {"date": "date", "text": "text", "code": "text", "edition": "text"}
_METADATA = ("start", "end", "today", "deviceid")
_CHECK = {"vi": "Hãy kiểm tra lại", "en": "Please check"}
_WITHIN = {"vi": "Từ {} đến {}", "en": "From {} to {}"}
_NEEDED = {"vi": "Câu này phải trả lời", "en": "This must be answered"}

Rows = list[dict[str, str]]


def workbook(survey: dict, sections: list[Section], rules: dict, edition: str | None) -> bytes:
    """The XLSForm; the same bytes for the same questionnaire.

    Parameters
    ----------
    sections
        :func:`analysis.survey.questionnaire.sections`.
    rules
        Of ``rules.yml``: names and severities of what is checked.
    """
    rows, choices = survey_rows(survey, sections, rules), choice_rows(sections)
    digest = hashlib.sha256(repr((rows, choices)).encode()).hexdigest()
    key = next((q for s in sections for q in s.questions if q.item == survey["psu"]), None)
    settings = {
        "form_title": f"{survey['title']['vi']} {edition or ''}".strip(),
        "form_id": f"{survey['survey']}_{edition}" if edition else survey["survey"],
        "version": digest[:10],
        "default_language": LANGUAGES["vi"],
        "instance_name": f"concat(${{{key.name}}})" if key else "",
    }
    book = Workbook()
    book.remove(book.active)
    for title, heads, held in (
        ("survey", SURVEY, rows),
        ("choices", CHOICES, choices),
        ("settings", SETTINGS, [settings]),
    ):
        sheet = book.create_sheet(title)
        sheet.append(heads)
        for row in held:
            sheet.append([fitting(row.get(head, "")) or None for head in heads])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for line in sheet.iter_rows(min_row=2):
            for cell in line:  # no text is a formula, whatever it begins with
                cell.data_type = "s" if cell.value is not None else cell.data_type
        sheet.freeze_panes = "A2"
    return same_bytes(book)


def survey_rows(survey: dict, sections: list[Section], rules: dict) -> Rows:
    """The sheet ``survey``: head → text."""
    rows = [{"type": kind, "name": kind} for kind in _METADATA]
    rows.append({"type": "text", "name": "interviewer", **_said("label", exported.INTERVIEWER)})
    checks = _Checks(survey, sections, rules)
    for section in sections:
        kind = "repeat" if section.repeat else "group"
        rows.append({"type": f"begin_{kind}", "name": section.code, **_said("label", section.name)})
        for question in section.questions:
            rows.append(_asked(question, checks))
            rows += checks.notes(question)
        rows.append({"type": f"end_{kind}"})
    return rows


def choice_rows(sections: list[Section]) -> Rows:
    """The sheet ``choices``: a list for each question with choices."""
    return [
        {"list_name": question.name, "name": code, **_said("label", label)}
        for section in sections
        for question in section.questions
        for code, label in _choices(question).items()
    ]


def _choices(question: Question) -> Mapping[str, Text]:
    """With the ways of not answering, where an answer may be missing."""
    one = question.choices and question.kind not in ("several", "province", "procedure_group")
    return {**question.choices, **MISSING} if one and not question.required else question.choices


def _said(column: str, text: Text) -> dict[str, str]:
    return {f"{column}::{name}": text[code] for code, name in LANGUAGES.items()}


def _asked(question: Question, checks: "_Checks") -> dict[str, str]:
    if question.fixed is not None:
        return {
            "type": "calculate",
            "name": question.name,
            "calculation": f"'{question.fixed}'",
        }
    row = {"type": _type(question), "name": question.name, **_said("label", question.label)}
    if hint := _hint(question):
        row |= _said("hint", hint)
    if question.required:
        row |= {"required": "yes", **_said("required_message", _NEEDED)}
    relevant = [_one_of(checks.names[item], c) for item, c in question.asked_if.items()]
    constraint, message = checks.of(question)
    if constraint:
        row |= {"constraint": constraint, **_said("constraint_message", message)}
    return row | ({"relevant": " and ".join(relevant)} if relevant else {})


def _type(question: Question) -> str:
    if question.choices:
        kind = "select_multiple" if question.kind == "several" else "select_one"
        return f"{kind} {question.name}"
    return _TYPES[question.kind]


def _hint(question: Question) -> Text | None:
    """What is stated; of a figure, its unit and what is entered where there is none."""
    if question.kind not in NUMBERS:
        return question.hint
    parts = [p for p in (question.hint, UNITS.get(question.kind)) if p]
    said = {lang: [part[lang] for part in parts] for lang in LANGUAGES}
    for code, text in MISSING.items() if not question.required else ():
        for lang in LANGUAGES:
            said[lang].append(f"{code}: {text[lang]}")
    return {lang: "; ".join(told) for lang, told in said.items()} if any(said.values()) else None


def _one_of(name: str, codes: Iterable[str], own: str | None = None) -> str:
    """That one of the choices was given; ``own``: the question is the one at hand."""
    at = own or f"${{{name}}}"
    told = [f"selected({at}, '{code}')" for code in codes]
    return told[0] if len(told) == 1 else f"({' or '.join(told)})"


class _Checks:
    """What is held against what, each at the last question that it needs."""

    def __init__(self, survey: dict, sections: list[Section], rules: dict) -> None:
        asked = [q for section in sections for q in section.questions if q.fixed is None]
        self.names = {q.item: q.name for q in asked}
        self._order = {q.item: n for n, q in enumerate(asked)}
        self._sums, self._rules = survey["sums"], rules
        self._lines = [
            (max(needs, key=self._order.get), line)
            for line in survey.get("contradictions", [])
            if (needs := self._items(line)) and set(needs) <= set(self._order)
        ]
        self._totals = [
            (sum_, max(needs, key=self._order.get))
            for sum_ in self._sums.values()
            if "total" in sum_ and set(needs := [*sum_["parts"], sum_["total"]]) <= set(self._order)
        ]

    def of(self, question: Question) -> tuple[str, Text]:
        """The constraint of a question and what is said where it does not hold."""
        terms, said = [], []
        if told := _range(question):
            terms.append(told[0])
            said.append(told[1])
        for item, line in self._lines:
            if item == question.item and self._severity(line) == "blocking":
                terms.append(f"not({self.condition(line, item)})")
                said.append(self._rules[line["rule"]]["name"])
        for total, item in self._totals:
            if item == question.item:
                terms.append(f"not({self._unequal(total, item)})")
                said.append(self._rules["total_contradicts_steps"]["name"])
        message = {lang: ". ".join(text[lang] for text in said) for lang in LANGUAGES}
        if len(terms) > 1:
            terms = [f"({term})" for term in terms]
        return " and ".join(terms), message

    def notes(self, question: Question) -> Iterator[dict[str, str]]:
        """What is shown behind a question: warnings, which stop nothing."""
        for item, line in self._lines:
            if item == question.item and self._severity(line) != "blocking":
                name = self._rules[line["rule"]]["name"]
                text = {lang: f"{_CHECK[lang]}: {name[lang]}" for lang in LANGUAGES}
                yield {
                    "type": "note",
                    "name": f"check_{line['rule']}",
                    **_said("label", text),
                    "relevant": self.condition(line),
                }

    def condition(self, line: dict, own: str | None = None) -> str:
        """That all of a line of ``contradictions`` holds, as an expression of XPath."""

        def at(item: str) -> str:
            return "." if item == own else f"${{{self.names[item]}}}"

        def figure(item: str, is_: str) -> str:
            """What a column is; a sum is that of its parts, else the total that was stated."""
            whole = self._sums.get(item)
            if not whole:
                return f"{at(item)} {is_} 0"
            known = " and ".join(f"{at(part)} >= 0" for part in whole["parts"])
            added = f"{' + '.join(map(at, whole['parts']))} {is_} 0"
            told = [f"({known} and {added})"]
            if total := whole.get("total"):
                told.append(f"(not({known}) and {at(total)} {is_} 0)")
            return _or(told)

        def any_above(items: list[str]) -> str:
            return _or([figure(item, ">") for item in items])

        told = [_one_of("", codes, at(i)) for i, codes in line.get("where", {}).items()]
        unless = line.get("unless", {}).items()
        told += [f"not({_one_of('', codes, at(i))})" for i, codes in unless]
        if "above_zero" in line:
            told.append(any_above(line["above_zero"]))
        if "not_above_zero" in line:
            told.append(f"not({any_above(line['not_above_zero'])})")
        told += [figure(item, "=") for item in line.get("zero", [])]
        if "before" in line:
            told.append(" < ".join(at(item) for item in line["before"]))
        return " and ".join(told)

    def _unequal(self, total: dict, own: str) -> str:
        """That a total is not the sum of its parts, all of which were given."""

        def at(item: str) -> str:
            return "." if item == own else f"${{{self.names[item]}}}"

        given = [f"{at(item)} >= 0" for item in [*total["parts"], total["total"]]]
        added, most = " + ".join(map(at, total["parts"])), total.get("tolerance", 0)
        apart = [
            f"{at(total['total'])} - ({added}) > {most}",
            f"({added}) - {at(total['total'])} > {most}",
        ]
        return " and ".join([*given, _or(apart)])

    def _severity(self, line: dict) -> str:
        return self._rules[line["rule"]]["severity"]

    def _parts(self, item: str) -> list[str]:
        """A column, or those of a sum: it is above 0 where one of them is."""
        whole = self._sums.get(item)
        return [*whole["parts"], *filter(None, [whole.get("total")])] if whole else [item]

    def _items(self, line: dict) -> list[str]:
        """All columns that a line speaks of."""
        named = [*line.get("where", {}), *line.get("unless", {}), *line.get("before", [])]
        for key in ("above_zero", "not_above_zero", "zero"):
            named += [part for item in line.get(key, []) for part in self._parts(item)]
        return named


def _or(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"


def _range(question: Question) -> tuple[str, Text] | None:
    """What a figure, day or edition may be."""
    if question.kind == "edition":
        text = {"vi": "Ghi năm, bốn chữ số", "en": "Write the year, four digits"}
        return "regex(., '^20[0-9][0-9]$')", text
    if question.kind == "date":
        text = {"vi": "Ngày chưa tới", "en": "The day is in the future"}
        return ". <= today()", text
    if question.kind not in NUMBERS or not question.limits:
        return None
    low, high = (f"{limit:.10g}" for limit in question.limits)
    within = f". >= {low} and . <= {high}"
    if question.kind == "money":  # whole numbers of phones end below the dearest procedures
        within += " and . = round(.)"
    if not question.required:
        within = f"({within}) or " + " or ".join(f". = {code}" for code in MISSING)
    message = {}
    for lang, text in _WITHIN.items():
        with languages.using(lang):
            message[lang] = text.format(*map(number, question.limits))
    return within, message
