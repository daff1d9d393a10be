"""The codebook of a survey: every variable with its question, kind, unit, codes, when it is asked
and how its answers are checked; as a table and as a page that prints."""

import pandas as pd

from analysis.exchange import letters
from analysis.language import languages
from analysis.language.words import number
from analysis.survey.questionnaire import NUMBERS, UNITS, Question, Section

_KINDS = {
    "code": ("mã", "code"),
    "edition": ("năm khảo sát", "edition"),
    "province": ("một lựa chọn", "one choice"),
    "procedure_group": ("một lựa chọn", "one choice"),
    "choice": ("một lựa chọn", "one choice"),
    "several": ("nhiều lựa chọn", "several choices"),
    "hours": ("số", "figure"),
    "money": ("số nguyên", "whole number"),
    "count": ("số nguyên", "whole number"),
    "weight": ("số", "figure"),
    "rating": ("thang điểm", "rating"),
    "date": ("ngày", "day"),
    "text": ("chữ", "text"),
}
_COLUMNS = {
    "section": ("Phần", "Section"),
    "item": ("Biến", "Variable"),
    "name": ("Tên cột", "Column"),
    "question": ("Câu hỏi", "Question"),
    "kind": ("Loại", "Kind"),
    "unit": ("Đơn vị", "Unit"),
    "codes": ("Mã và nhãn", "Codes and labels"),
    "required": ("Bắt buộc", "Required"),
    "asked_if": ("Chỉ hỏi nếu", "Asked only if"),
    "checks": ("Kiểm tra", "Checks"),
}
_NOT_ASKED = ("Không hỏi", "Not asked")
_YES = ("có", "yes")
_OR = {"vi": " hoặc ", "en": " or "}
_RANGE = ("từ {} đến {}", "from {} to {}")


def table(survey: dict, sections: list[Section], rules: dict, language: str) -> pd.DataFrame:
    """One row for each variable of the survey, asked or not, in one language (``vi``, ``en``).

    Returns
    -------
    section, item, name, question, kind, unit, codes (``code = label; …``), required, asked_if,
    checks: texts, empty where there is nothing to say. ``section`` is empty for what is not asked.
    """
    asked = {q.item: (s, q) for s in sections for q in s.questions}
    names = {item: question for item, (_, question) in asked.items()}
    called = {item: question.name for item, question in names.items()}
    rows = []
    for item in [*asked, *(i for i in survey["columns"] if i not in asked)]:
        section, question = asked.get(item, (None, None))
        if question is None:
            column = survey["columns"][item]
            told = {"item": item, "name": column["head"], "question": column["name"][language]}
            rows.append(told | {"kind": _KINDS[column["kind"]][language == "en"]})
            continue
        rows.append(
            {
                "section": section.name[language],
                "item": item,
                "name": question.name,
                "question": question.label[language],
                "kind": _KINDS[question.kind][language == "en"],
                "unit": UNITS.get(question.kind, {}).get(language, ""),
                "codes": "; ".join(f"{c} = {t[language]}" for c, t in question.choices.items()),
                "required": _YES[language == "en"] if question.required else "",
                "asked_if": skip(question, names, language, called),
                "checks": "; ".join(checks(question, survey, rules, language)),
            }
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS)).fillna("")


def skip(
    question: Question, names: dict[str, Question], language: str, called: dict[str, str]
) -> str:
    """On which earlier answers a question is asked, in words; ``called``: what each is named by."""
    told = []
    for item, codes in question.asked_if.items():
        labels = [f"“{names[item].choices[code][language]}”" for code in codes]
        told.append(f"{called[item]} = {_OR[language].join(labels)}")
    return "; ".join(told)


def checks(question: Question, survey: dict, rules: dict, language: str) -> list[str]:
    """By what an answer is held when it comes in: its limits, and rules that name it."""
    told = []
    if question.limits and question.kind in NUMBERS:
        with languages.using(language):
            told.append(_RANGE[language == "en"].format(*map(number, question.limits)))
    named = [c["rule"] for c in survey.get("contradictions", []) if question.item in c["at"]]
    for total in survey["sums"].values():
        if total.get("total") == question.item:
            named.append("total_contradicts_steps")
    slips = [p for i in survey["slip"]["items"] for p in _parts(survey, i)]
    named += ["thousand_slip"] if question.item in slips else []
    return told + [rules[rule]["name"][language] for rule in named]


def _parts(survey: dict, item: str) -> list[str]:
    return survey["sums"].get(item, {"parts": [item]})["parts"]


def html(title: str, table: pd.DataFrame, language: str) -> str:
    """The table as a page that prints on A4, section by section."""
    english = language == "en"
    heads = [_COLUMNS[name][english] for name in ("name", "question", "kind", "codes", "checks")]
    parts = []
    for section, own in table.groupby("section", sort=False):
        parts.append(letters.heading(section or _NOT_ASKED[english]))
        rows = [_line(row, english) for row in own.to_dict("records")]
        parts.append(letters.table(rows, heads))
    return letters.page(title, parts, language)


def _line(row: dict[str, str], english: bool) -> list[str]:
    kind = f"{row['kind']}, {row['unit']}" if row["unit"] else row["kind"]
    held = [_COLUMNS["required"][english].lower()] if row["required"] else []
    held += [f"{_COLUMNS['asked_if'][english]} {row['asked_if']}"] if row["asked_if"] else []
    held += [row["checks"]] if row["checks"] else []
    return [f"{row['name']} ({row['item']})", row["question"], kind, row["codes"], "; ".join(held)]
