"""The questionnaire on paper: a page that prints on A4, filled in by hand, one copy of what repeats
for each answer."""

from analysis.exchange import letters
from analysis.survey import codebook
from analysis.survey.questionnaire import MISSING, UNITS, Question, Section

_FEW = 12
"""Choices that are printed to be ticked; of longer lists the name is written."""

_DOTS = "…" * 10
_HEADS = ("Số", "Câu hỏi", "Trả lời")
_BEFORE = (
    ("Điều tra viên", _DOTS),
    ("Ngày hỏi, từ giờ đến giờ", f"…… / …… / …………, {'…' * 4} – {'…' * 4}"),
)


def html(title: str, sections: list[Section]) -> str:
    """The page; in Vietnamese, as firms read it."""
    names = {q.item: q for section in sections for q in section.questions}
    codes = "; ".join(f"{code} = {text['vi'].lower()}" for code, text in MISSING.items())
    parts = [letters.table(_BEFORE)]
    parts.append(letters.paragraph(f"Đánh dấu × vào ô ☐. Khi không có số: {codes}."))
    printed = [q.item for s in sections for q in s.questions if q.fixed is None]
    numbers = {item: f"câu {n}" for n, item in enumerate(printed, 1)}
    for section in sections:
        parts.append(letters.heading(section.name["vi"]))
        if section.repeat:
            parts.append(letters.paragraph("Mỗi thủ tục ghi một bản riêng của phần này."))
        rows = []
        for question in section.questions:
            if question.fixed is None:
                number = numbers[question.item].removeprefix("câu ")
                asked = _asked(question, names, numbers)
                rows.append([number, asked, _room(question)])
        parts.append(letters.table(rows, _HEADS))
    return letters.page(title, parts)


def _asked(question: Question, names: dict[str, Question], numbers: dict[str, str]) -> str:
    said = question.label["vi"] + (" (bắt buộc)" if question.required else "")
    if question.hint:
        said += f" – {question.hint['vi']}"
    if when := codebook.skip(question, names, "vi", numbers):
        said += f" [nếu {when}]"
    return said


def _room(question: Question) -> str:
    """What is ticked, or where the answer is written."""
    if 0 < len(question.choices) <= _FEW:
        return "   ".join(f"☐ {label['vi']}" for label in question.choices.values())
    if question.kind == "date":
        return "…… / …… / …………"
    return f"{_DOTS} {UNITS.get(question.kind, {}).get('vi', '')}".rstrip()
