"""What a blank register checks by itself: a column beside the records, and the sheet that says
whether it can be sent. Rules that need the register of the period before are not among them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from analysis.catalogue import plans
from analysis.checking.register_entries import BLANK
from analysis.checking.register_states import COMPLETED
from analysis.exchange import ready_sheet
from analysis.exchange.blank_registers import FIRST_ROW, HEAD_ROW, ROWS
from analysis.exchange.blank_rules import Known
from analysis.exchange.neutral import Calculated
from analysis.exchange.ready_sheet import GREEN, RED, Check
from analysis.language.words import day
from analysis.reading.layouts.self_checks import BESIDE, OPEN, RIGHT, WRONG

_EPOCH = pd.Timestamp("1899-12-30")
_DAYS = ("36526", "73050")  # as the input check: 2000 to 2099
_LAST = FIRST_ROW + ROWS - 1
_CHOICE = "choice_unknown"


class _Rule(NamedTuple):
    """``wrong``: row → formula; ``said`` in the cell and looked for by the sheet that says whether
    all is ready, so that no two say the same."""

    name: str
    states: str
    blocking: bool
    said: str
    wrong: Callable[[int], str]


def add(
    book: Workbook, form: dict, unit: pd.Series, plan: plans.PeriodPlan, known: Known
) -> Calculated:
    """Let a blank register check itself; returns what its formulas come to in the blank."""
    sheet = book[form["sheet"]]
    column = len(form["attributes"]) + 3
    letter, last = get_column_letter(column), get_column_letter(column - 2)
    rules = _Rules(sheet, form, plan, known).all()
    for row in range(FIRST_ROW, _LAST + 1):
        sheet.cell(row, column, _formula(rules, row, last))
    _look(sheet, column)
    checks = [
        Check(r.name, r.states, r.blocking, letter, (FIRST_ROW, _LAST), f"*{r.said}*")
        for r in rules
    ]
    figures = f"COUNTA({quote_sheetname(sheet.title)}!B{FIRST_ROW}:{last}{_LAST})"
    ready = ready_sheet.write(book, sheet, checks, figures, None, form, unit, plan)
    book.calculation.fullCalcOnLoad = True
    came_to: dict[str, object] = {f"{letter}{r}": OPEN for r in range(FIRST_ROW, _LAST + 1)}
    return {sheet.title: came_to} | ready


def _formula(rules: list[_Rule], row: int, last: str) -> str:
    """What is wrong in a row that is a record: two entries, or one and its number."""
    written = f"COUNTA(B{row}:{last}{row})"
    said = "&".join(f'IF({r.wrong(row)},"{r.said}; ","")' for r in rules)
    wrong = f"OR({','.join(r.wrong(row) for r in rules)})"
    record = f"AND({written}>0,COUNTA(A{row}:{last}{row})>1)"
    return f'=IF({record},IF({wrong},"{WRONG} "&{said},"{RIGHT}"),"{OPEN}")'


def _look(sheet: Worksheet, column: int) -> None:
    letter = get_column_letter(column)
    for row, text in ((HEAD_ROW, BESIDE), (HEAD_ROW + 1, "Điều chưa đúng ở dòng này")):
        cell = sheet.cell(row, column, text)
        cell.font, cell.fill = Font(italic=True), PatternFill("solid", fgColor="EDEDED")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.column_dimensions[letter].width = 60
    sheet.column_dimensions[get_column_letter(column - 1)].width = 3
    for mark, fill in ((WRONG, RED), (RIGHT, GREEN)):
        rule = FormulaRule([f'LEFT({letter}{FIRST_ROW},1)="{mark}"'], fill=fill)
        sheet.conditional_formatting.add(f"{letter}{FIRST_ROW}:{letter}{_LAST}", rule)
    sheet.print_area = f"A1:{get_column_letter(column - 2)}{_LAST}"


class _Rules:
    """The rules of one register as formulas."""

    def __init__(self, sheet: Worksheet, form: dict, plan: plans.PeriodPlan, known: Known) -> None:
        self.form, self.plan, self.words = form, plan, known.rules
        self.attributes = form["attributes"]
        self.letters = {a: get_column_letter(c) for c, a in enumerate(self.attributes, 2)}
        self.lists = {
            str(check.sqref).split(":")[0].rstrip("0123456789"): check.formula1
            for check in sheet.data_validations.dataValidation
            if check.type == "list"
        }

    def all(self) -> list[_Rule]:
        found = [self._missing(), self._days(), self._repeated()]
        found += [self._list(a) for a, letter in self.letters.items() if letter in self.lists]
        return [*found, *self._order(), *self._states()]

    def _rule(self, code: str, states: str, said: str, wrong: Callable[[int], str]) -> _Rule:
        rule = self.words[code]
        return _Rule(rule["name"]["vi"], states, rule["severity"] == "blocking", said, wrong)

    def _head(self, attribute: str) -> str:
        return self.attributes[attribute]["head"]["vi"]

    def _missing(self) -> _Rule:
        asked = {a: self.letters[a] for a, s in self.attributes.items() if s.get("required")}
        signs = sorted({sign.casefold() for sign in BLANK})

        def wrong(row: int) -> str:
            each = [f'{c}{row}=""' for c in asked.values()]
            each += [f'{c}{row}="{sign}"' for c in asked.values() for sign in signs]
            return f"OR({','.join(each)})"

        states = "Phải có: " + ", ".join(self._head(a) for a in asked)
        return self._rule("required_missing", states, "thiếu thông tin bắt buộc", wrong)

    def _days(self) -> _Rule:
        columns = [self.letters[a] for a, s in self.attributes.items() if s["kind"] == "date"]

        def wrong(row: int) -> str:
            day_like = "AND({0}>={1},{0}<{2}+1)"
            each = [
                f'IF({c}{row}="",FALSE,IF(COUNT({c}{row})=1,'
                f"NOT({day_like.format(f'{c}{row}', *_DAYS)}),TRUE))"
                for c in columns
            ]
            return f"OR({','.join(each)})"

        states = "Ngày là ngày (dd/mm/yyyy), không phải chữ"
        return self._rule("record_date_unreadable", states, "ngày ghi chưa đúng", wrong)

    def _repeated(self) -> _Rule:
        letter = self.letters[self.form["record"]]
        area = f"${letter}${FIRST_ROW}:${letter}${_LAST}"

        def wrong(row: int) -> str:
            here = f"{letter}{row}"
            return f'IF({here}="",FALSE,SUMPRODUCT(({area}={here})*1)>1)'

        head = self._head(self.form["record"])
        return self._rule("record_repeated", f"{head}: mỗi mã một dòng", "mã lặp lại", wrong)

    def _list(self, attribute: str) -> _Rule:
        letter, offered = self.letters[attribute], self.lists[self.letters[attribute]]
        code = "record_unit_unknown" if self.attributes[attribute]["kind"] == "unit" else _CHOICE

        def wrong(row: int) -> str:
            here = f"{letter}{row}"
            return f'IF({here}="",FALSE,SUMPRODUCT(({offered}={here})*1)=0)'

        head = self._head(attribute)
        return self._rule(code, f"{head}: chọn trong danh sách", f"{head} ngoài danh sách", wrong)

    def _order(self) -> Iterator[_Rule]:
        opened, due, closed = (self.form["dates"][k] for k in ("opened", "due", "closed"))
        last = (pd.Timestamp(self.plan.end) - _EPOCH).days

        def before(early: str, late: str) -> Callable[[int], str]:
            a, b = self.letters[early], self.letters[late]
            return lambda row: f"IF(COUNT({a}{row},{b}{row})=2,{b}{row}<{a}{row},FALSE)"

        first = self.letters[opened]
        heads = {a: self._head(a) for a in (opened, due, closed)}
        yield self._rule(
            "closed_before_opened",
            f"{heads[closed]} không trước {heads[opened]}",
            "xong trước khi giao, nhận",
            before(opened, closed),
        )
        yield self._rule(
            "due_before_opened",
            f"{heads[due]} không trước {heads[opened]}",
            "hạn trước ngày giao, nhận",
            before(opened, due),
        )
        yield self._rule(
            "opened_after_period",
            f"{heads[opened]} không sau {day(self.plan.end)}",
            "giao, nhận sau ngày cuối kỳ",
            lambda row: f"IF(COUNT({first}{row})=1,{first}{row}>={last + 1},FALSE)",
        )

    def _states(self) -> Iterator[_Rule]:
        """What a row says of its state beside its date of completion, where these exclude each
        other; the other contradictions are told when it is received."""
        if "status" not in self.form:
            return
        attribute, means = self.form["status"]["attribute"], self.form["status"]["means"]
        words = self.attributes[attribute]["choices"]
        closed, status = self.letters[self.form["dates"]["closed"]], self.letters[attribute]
        done = [words[c]["vi"] for c, told in means.items() if set(told) <= set(COMPLETED)]
        still = [words[c]["vi"] for c, told in means.items() if not set(told) & set(COMPLETED)]

        def one_of(names: list[str], row: int) -> str:
            each = [f'{status}{row}="{name}"' for name in names]
            return f"OR({','.join(each)})" if each else "FALSE"

        head = self._head(self.form["dates"]["closed"])
        yield self._rule(
            "closed_without_date",
            f"Đã xong thì có {head}",
            "ghi đã xong nhưng không có ngày",
            lambda row: f"AND(COUNTA({closed}{row})=0,{one_of(done, row)})",
        )
        yield self._rule(
            "closed_but_open",
            f"Chưa xong thì không có {head}",
            "có ngày xong nhưng ghi chưa xong",
            lambda row: f"AND(COUNTA({closed}{row})=1,{one_of(still, row)})",
        )
