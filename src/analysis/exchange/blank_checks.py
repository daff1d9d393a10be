"""What a blank form checks by itself while it is filled in: columns beside its figures, cells that
turn red, and the sheet that says whether it can be sent. All rules come from the form's YAML.

Each cell of a check says in words whether a rule holds in its row; none is a figure, and the reader
knows them (:mod:`analysis.reading.layouts.self_checks`). A rule is applied to a row exactly where
:mod:`analysis.checking.validate` applies it: where every figure of it is there.
"""

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from analysis.catalogue import plans
from analysis.exchange import ready_sheet
from analysis.exchange.blank_rules import Column, Known, Rules, runs
from analysis.exchange.neutral import Calculated
from analysis.exchange.ready_sheet import AMBER, GREEN, RED, Check
from analysis.reading.layouts.self_checks import BESIDE, RIGHT, WRONG

_HEAD = PatternFill("solid", fgColor="EDEDED")
_WIDTH = 30


def add(
    book: Workbook,
    form: dict,
    rows: list,
    unit: pd.Series,
    plan: plans.PeriodPlan,
    known: Known,
) -> Calculated:
    """Let a blank of a ``layout: sheet`` form check itself.

    Parameters
    ----------
    rows
        As of :func:`analysis.exchange.blank_forms.rows`: what stands in each row of the sheet.

    Returns
    -------
    What the formulas come to in the untouched blank.
    """
    sheet = book[form["sheet"]]
    sheet.column_dimensions["B"].width = 52  # labels of two lines beside columns of words
    return _Beside(sheet, Rules(form, rows, known)).write(book, unit, plan)


class _Beside:
    """The columns beside the figures of one sheet."""

    def __init__(self, sheet: Worksheet, rules: Rules) -> None:
        self.sheet, self.rules = sheet, rules

    # --- writing ----------------------------------------------------------------------------------

    def write(self, book: Workbook, unit: pd.Series, plan: plans.PeriodPlan) -> Calculated:
        columns, width = self.rules.columns(), len(self.rules.form["columns"])
        top, from_column = self._head_row(), width + 2
        came_to: dict[str, object] = {}
        checks = []
        for c, column in enumerate(columns, from_column):
            letter = get_column_letter(c)
            self.sheet.cell(top + 1, c, column.states)
            self.sheet.column_dimensions[letter].width = _WIDTH
            for row in self.rules.rows:
                formula = column.formula(row)
                if formula is not None:
                    self.sheet.cell(row.row, c, f"={formula}")
                    came_to[f"{letter}{row.row}"] = column.start(row)
            self._reddened(column, letter)
            rows = (self.rules.first, self.rules.last)
            told = (column.name, column.states, column.blocking, letter, rows)
            checks.append(Check(*told, later=column.later))
        self._look(top, from_column, len(columns))
        self._reddened_cells()
        area = f"{self.rules.at(next(iter(self.rules.numbers)), self.rules.first)}"
        area = (
            f"{self._sheet()}{area}:{self.rules.at(list(self.rules.numbers)[-1], self.rules.last)}"
        )
        typed, boxes = [r for r in self.rules.rows if r.kind != "spare"], self.rules.boxes
        asked = len(typed) * len(self.rules.numbers.keys() - boxes)
        blanks = f"{asked}-({self._count(typed)})" if asked else None
        figures = f"COUNT{'A' * bool(boxes)}({area})"
        told = (self.rules.form, unit, plan)
        ready = ready_sheet.write(book, self.sheet, checks, figures, blanks, *told)
        book.calculation.fullCalcOnLoad = True
        return {self.sheet.title: came_to} | ready

    def _sheet(self) -> str:
        return quote_sheetname(self.sheet.title) + "!"

    def _count(self, rows: list) -> str:
        columns = sorted(n for i, n in self.rules.numbers.items() if i not in self.rules.boxes)
        areas = [
            f"{self._sheet()}{get_column_letter(left)}{a}:{get_column_letter(right)}{b}"
            for a, b in runs(r.row for r in rows)
            for left, right in runs(columns)
        ]
        return f"COUNT({','.join(areas)})"

    def _head_row(self) -> int:
        """The row of the group heads."""
        return next(
            cell.row
            for line in self.sheet.iter_rows(max_row=self.rules.first, max_col=1)
            for cell in line
            if cell.value == self.rules.form["columns"][0]["header"]["vi"][0]
        )

    def _reddened(self, column: Column, letter: str) -> None:
        fill = RED if column.blocking else AMBER
        for area in self._areas(column.items):
            rule = FormulaRule([f'LEFT(${letter}{self.rules.first},1)="{WRONG}"'], fill=fill)
            self.sheet.conditional_formatting.add(area, rule)
        own = f"{letter}{self.rules.first}:{letter}{self.rules.last}"
        for mark, look in ((WRONG, fill), (RIGHT, GREEN)):
            rule = FormulaRule([f'LEFT({letter}{self.rules.first},1)="{mark}"'], fill=look)
            self.sheet.conditional_formatting.add(own, rule)

    def _areas(self, items: list[str]) -> list[str]:
        return [
            f"{get_column_letter(a)}{self.rules.first}:{get_column_letter(b)}{self.rules.last}"
            for a, b in runs(sorted(self.rules.numbers[item] for item in items))
        ]

    def _reddened_cells(self) -> None:
        """Cells that are wrong by themselves, and totals that are not what their rows add up to."""
        strong = PatternFill("solid", bgColor="FF9999")
        for item in self.rules.numbers:
            area, place = self._areas([item])[0], self.rules.at(item, self.rules.first)
            rule = FormulaRule([self.rules.bad(item, place)], fill=strong)
            self.sheet.conditional_formatting.add(area, rule)
            for row in self.rules.rows if self.rules.of("total_row") else []:
                if self.rules.parts(row):
                    rule = FormulaRule([self.rules.total_wrong(item, row)[0]], fill=strong)
                    self.sheet.conditional_formatting.add(self.rules.at(item, row.row), rule)

    def _look(self, top: int, from_column: int, wide: int) -> None:
        last = from_column + wide - 1
        self.sheet.cell(top, from_column, BESIDE)
        self.sheet.column_dimensions[get_column_letter(from_column - 1)].width = 3
        for row in self.sheet.iter_rows(
            min_row=top, max_row=top + 1, min_col=from_column, max_col=last
        ):
            for cell in row:
                cell.font, cell.fill = Font(italic=True, bold=cell.row == top), _HEAD
                cell.alignment = Alignment(wrap_text=cell.row > top, vertical="center")
        right = get_column_letter(len(self.rules.form["columns"]))
        self.sheet.print_area = f"A1:{right}{self.rules.last}"
