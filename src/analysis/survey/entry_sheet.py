"""The questionnaire as a workbook to be filled in: one row for each answer, choices offered,
figures checked, what is not to be asked grey, what contradicts itself red. It is read as any answer
file."""

from collections.abc import Iterator

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from analysis.exchange.neutral import across, fitting, same_bytes
from analysis.language.words import number
from analysis.survey import codebook
from analysis.survey.answer_sheets import LISTS
from analysis.survey.questionnaire import MISSING, NUMBERS, Question, Section

SHEET = "Trả lời"
ROWS = 1000
"""Rows that offer choices and are checked; more may be filled in."""

_GREY, _RED = PatternFill(bgColor="D9D9D9"), PatternFill(bgColor="F8CBAD")
_WIDTH = 18


def workbook(survey: dict, sections: list[Section], rules: dict) -> bytes:
    """The workbook; the same bytes for the same questionnaire."""
    questions = [q for section in sections for q in section.questions]
    book = Workbook()
    sheet, lists = book.active, book.create_sheet(LISTS)
    sheet.title = SHEET
    columns = {q.item: get_column_letter(n) for n, q in enumerate(questions, 1)}
    names = {q.item: q for q in questions}
    for question in questions:
        column = columns[question.item]
        head = sheet[f"{column}1"]
        head.value, head.font = fitting(question.label["vi"]), Font(bold=True)
        head.alignment = Alignment(wrap_text=True, vertical="top")
        head.comment = Comment(fitting(_told(question, names, survey, rules)), "Reform Monitor")
        sheet.column_dimensions[column].width = _WIDTH
        if check := _check(question, column, lists):
            check.add(f"{column}2:{column}{ROWS + 1}")
            sheet.add_data_validation(check)
        if question.asked_if:
            told = [f"NOT({_one_of(columns, names, i, c)})" for i, c in question.asked_if.items()]
            _paint(sheet, column, _all(told, "OR"), _GREY)
    for items, formula in _contradictions(survey, columns, names):
        for item in items:
            _paint(sheet, columns[item], formula, _RED)
    sheet.freeze_panes = "B2"
    across(sheet)
    return same_bytes(book)


def _told(question: Question, names: dict, survey: dict, rules: dict) -> str:
    """What stands behind a head: whether it is needed, when it is asked, how it is checked."""
    told = ["Bắt buộc"] if question.required else []
    if question.fixed is not None:
        told.append(f"Ghi {question.fixed}")
    if question.hint:
        told.append(question.hint["vi"])
    called = {item: f"“{other.label['vi']}”" for item, other in names.items()}
    if when := codebook.skip(question, names, "vi", called):
        told.append(f"Chỉ hỏi nếu {when}")
    if question.kind == "several":
        told.append("Có thể ghi nhiều lựa chọn, cách nhau bằng dấu phẩy")
    told += codebook.checks(question, survey, rules, "vi")
    return "\n".join(told) or question.name


def _check(question: Question, column: str, lists) -> DataValidation | None:
    if question.fixed is not None:
        offered = DataValidation("list", formula1=f'"{question.fixed}"', allow_blank=True)
    elif question.choices and question.kind != "several":
        labels = [label["vi"] for label in question.choices.values()]
        if not question.required:
            labels += [text["vi"] for text in MISSING.values()]
        place = lists.max_column + 1 if lists["A1"].value else 1
        for row, text in enumerate([question.name, *labels], 1):
            lists.cell(row, place, fitting(text)).data_type = "s"
        letter = get_column_letter(place)
        area = f"{quote_sheetname(LISTS)}!${letter}$2:${letter}${len(labels) + 1}"
        offered = DataValidation("list", formula1=area, allow_blank=True)
    elif question.kind in NUMBERS and question.limits:
        low, high = question.limits
        own = f"{column}2"
        within = f"AND(ISNUMBER({own}),{own}>={low},{own}<={high})"
        codes = [] if question.required else [f"{own}={code}" for code in MISSING]
        offered = DataValidation("custom", formula1=_all([within, *codes], "OR"), allow_blank=True)
        offered.error = f"Hãy ghi số từ {number(low)} đến {number(high)}" + (
            "" if question.required else f", hoặc {' hay '.join(MISSING)}"
        )
    else:
        return None
    offered.showErrorMessage, offered.errorTitle = True, question.name[:32]
    return offered


def _paint(sheet, column: str, formula: str, fill: PatternFill) -> None:
    area = f"{column}2:{column}{ROWS + 1}"
    sheet.conditional_formatting.add(area, FormulaRule(formula=[formula], fill=fill))


def _all(terms: list[str], how: str = "AND") -> str:
    return terms[0] if len(terms) == 1 else f"{how}({','.join(terms)})"


def _one_of(columns: dict, names: dict, item: str, codes: list[str]) -> str:
    """That one of the choices stands in the row (row 2, from which the others follow)."""
    told = [names[item].choices[code]["vi"].replace('"', '""') for code in codes]
    return _all([f'${columns[item]}2="{text}"' for text in told], "OR")


def _contradictions(survey: dict, columns: dict, names: dict) -> Iterator[tuple[list[str], str]]:
    """Columns and the formula by which what is in them does not go together."""

    def parts(items: list[str]) -> list[str]:
        sums = survey["sums"]
        wholes = [sums.get(item, {"parts": [item]}) for item in items]
        found = [p for w in wholes for p in (*w["parts"], *filter(None, [w.get("total")]))]
        return [f"N(${columns[part]}2)" for part in found]  # of a text 0: it is not above

    for line in survey.get("contradictions", []):
        try:
            told = [_one_of(columns, names, i, c) for i, c in line.get("where", {}).items()]
            unless = line.get("unless", {}).items()
            told += [f"NOT({_one_of(columns, names, i, c)})" for i, c in unless]
            if "above_zero" in line:
                told.append(_all([f"{p}>0" for p in parts(line["above_zero"])], "OR"))
            if "not_above_zero" in line:
                told.append(_all([f"{p}<=0" for p in parts(line["not_above_zero"])]))
            if "zero" in line:
                filled = [p.replace("N(", "ISNUMBER(", 1) for p in parts(line["zero"])]
                told.append(_all(filled, "OR"))
                told += [f"{p}=0" for p in parts(line["zero"])]
            if "before" in line:
                days = [f"${columns[item]}2" for item in line["before"]]
                told += [*(f"ISNUMBER({d})" for d in days), "<".join(days)]
            yield line["at"], _all(told)
        except KeyError:  # speaks of a column that is not asked
            continue
    for total in survey["sums"].values():
        held = [*total["parts"], *filter(None, [total.get("total")])]
        if total.get("total") and set(held) <= set(columns):
            cells = [f"${columns[item]}2" for item in held]
            given = [f"ISNUMBER({cell})" for cell in cells]
            apart = f"ABS({cells[-1]}-({'+'.join(cells[:-1])}))>{total.get('tolerance', 0)}"
            yield held, _all([*given, apart])
