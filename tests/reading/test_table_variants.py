"""Tables, long files and registers as offices rearrange them, each with one thing wrong in it.

Whatever is varied (titles, columns, order, signs, sheets, CSV or XLSX): a figure is accepted for
the unit and item that it stands for or not at all, every cell has a place, and what was planted is
named at its own place.
"""

import csv
import random

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from analysis.catalogue import catalogue as cat
from analysis.catalogue import unit_lists
from analysis.language.words import fold
from analysis.reading import clean, spreadsheets
from analysis.reading.layouts import locate
from analysis.schema.tables import LOCATED

CATALOGUE = cat.load()
UNITS = CATALOGUE.units_on(pd.Timestamp("2026-01-01").date())
NAMES = dict(zip(UNITS["code"], UNITS["name_vi"], strict=True))
CODES = unit_lists.unit_names(UNITS)
PROVINCES = [c for c in NAMES if c.isdigit()]
LIMITS = CATALOGUE.parameters["limits"]
EACH = settings(max_examples=max(4, settings.default.max_examples // 8), deadline=None)

ITEMS = {"amount": "Số tiền", "share": "Tỷ lệ (%)", "cases": "Số vụ"}
KINDS = {"amount": "decimal", "share": "percent", "cases": "count"}
TABLE = {
    "form": "t",
    "layout": "table",
    "numbers": "vietnamese",
    "unit_text": {"vi": "triệu đồng", "en": "million dong"},
    "measures": {"tỷ đồng": 1000},
    "tables": [
        {
            "sheets": ["Bang", "Bảng 2"],
            "names": {"head": ["Tỉnh, thành phố"]},
            "labels": ["STT"],
            "ends_at": ["Ghi chú"],
            "columns": {item: [head] for item, head in ITEMS.items()},
        }
    ],
    "items": {
        "amount": {"kind": "decimal", "maximum": 1e10},
        "share": {"kind": "percent"},
        "cases": {"kind": "count", "unit_text": {"vi": "vụ", "en": "cases"}},
    },
}
LONG = {
    "form": "l",
    "layout": "long",
    "numbers": "vietnamese",
    "columns": {"reporting_unit": "tinh", "record": "tinh"},
    "items": {i: {"kind": k, "read_from": {"column": i}} for i, k in KINDS.items()},
}
BY_ELEMENT = {
    "form": "e",
    "layout": "long",
    "numbers": "vietnamese",
    "columns": {"reporting_unit": "tinh", "group": "nhom", "element": "chi_tieu", "value": "so"},
    "items": {i: {"kind": k, "read_from": {"group": "g", "element": i}} for i, k in KINDS.items()},
}


class Variant:
    """Sheets of rows that say ``truth`` (unit, item → figure), and how they may be varied."""

    def __init__(self, draw: random.Random, form: dict) -> None:
        self.draw, self.form = draw, form
        self.units = draw.sample(PROVINCES, draw.randint(1, 6))
        self.truth = {(u, i): self.figure(i) for u in self.units for i in ITEMS}
        self.order = draw.sample(list(ITEMS), len(ITEMS))
        # a bare number is a unit among other codes alone
        self.by_code = draw.random() < 0.3 and len(self.units) > 2
        self.numbered = form is TABLE and draw.random() < 0.5
        self.title = [["BẢNG THỬ"]] if form is TABLE or draw.random() < 0.3 else []
        self.title += [[]] * draw.randint(0, 2)
        self.rows = self.heads() + [row for u in self.units for row in self.lines(u)]
        self.below: list[list] = []
        self.sheets: dict[str, list[list]] = {}
        self.csv = draw.random() < 0.3

    def figure(self, item: str) -> float:
        return self.draw.randint(1, 99) if self.draw.random() < 0.7 else self.draw.randint(1, 100)

    def name(self, unit: str) -> str:
        return unit if self.by_code and fold(unit) in CODES else NAMES[unit]

    def heads(self) -> list[list]:
        if self.form is LONG:
            return [[self.spelt(h) for h in ["tinh", *self.order]]]
        if self.form is BY_ELEMENT:
            return [[self.spelt(h) for h in ["tinh", "nhom", "chi_tieu", "so"]]]
        heads = ["Tỉnh, thành phố", *(ITEMS[i] for i in self.order)]
        lines = [["STT", *map(self.spelt, heads)]]
        if self.numbered:
            lines.append(
                self.draw.choice([["A", "B", 1, 2, "3=1+2"], ["(1)", "(2)", "(3)", "(4)", "(5)"]])
            )
        return lines

    def spelt(self, head: str) -> str:
        """As somebody writes it: other case, spaces around it that do not break."""
        return self.draw.choice([head, head.upper(), f"\xa0{head} ", f"\ufeff{head}"])

    def lines(self, unit: str, figures: dict | None = None) -> list[list]:
        held = figures or {i: self.truth[unit, i] for i in ITEMS}
        if self.form is BY_ELEMENT:
            return [[self.name(unit), "g", i, held[i]] for i in self.order]
        row = [self.name(unit), *(held[i] for i in self.order)]
        return [row] if self.form is LONG else [[self.draw.choice([None, 1]), *row]]

    def other(self) -> dict:
        return {i: self.draw.randint(100, 200) if i == "amount" else 7 for i in ITEMS}

    def another_unit(self) -> str:
        return next(u for u in self.draw.sample(PROVINCES, 10) if u not in self.units)

    def located(self, tmp_path) -> pd.DataFrame:
        """The cells as read, one time in four from a file, and cleaned."""
        whole = [*self.title, *self.rows, *self.below]
        alone = self.csv and not self.sheets
        sheets = {"": whole} if alone else {"Bang": whole, **self.sheets}
        if self.draw.random() < 0.25:
            read = [c[:6] for c in spreadsheets.read(_saved(sheets, tmp_path), LIMITS).cells]
        else:
            read = [
                (name, f"{get_column_letter(c)}{r}", r, c, str(text), _type(text, alone))
                for name, lines in sheets.items()
                for r, line in enumerate(lines, 1)
                for c, text in enumerate(line, 1)
                if text is not None
            ]
        columns = ["source_sheet", "source_cell", "row", "column", "raw_text", "raw_type"]
        self.received = pd.DataFrame(read, columns=columns).assign(source_file="a")
        forms = {self.form["form"]: self.form}
        found = LOCATED.of(locate.locate(self.received, forms, {}))
        found = found.pipe(clean.numbers, forms, CATALOGUE.parameters).pipe(clean.fields, {})
        return found.pipe(clean.units, CODES, NAMES).pipe(clean.repeated_units)


def _type(text: object, of_csv: bool) -> str:
    return "text" if of_csv or isinstance(text, str) else "number"


def _saved(sheets: dict[str, list[list]], folder):
    """The sheets as a workbook, or as a CSV if there is one without a name."""
    if "" in sheets:
        path = folder / "a.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(sheets[""])
        return path
    path, book = folder / "a.xlsx", openpyxl.Workbook()
    book.active.title = next(iter(sheets))
    for name, lines in sheets.items():
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


def accepted(cells: pd.DataFrame) -> dict[tuple[str, str], float]:
    values = cells[(cells["role"] == "value") & cells["covered_by"].isna()]
    values = values[values["obs_value"].notna() & values["reporting_unit"].notna()]
    key = list(zip(values["reporting_unit"], values["item"], strict=True))
    assert len(key) == len(set(key)), "a figure of a unit is accepted twice"
    return dict(zip(key, values["obs_value"], strict=True))


def hold(variant: Variant, cells: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Nothing is accepted that is not so, lost, or withdrawn without a finding in its file."""
    place = ["source_sheet", "source_cell"]
    sent = set(variant.received[place].itertuples(index=False, name=None))
    kept = cells[(cells["raw_type"] != "file") & (cells["raw_text"] != "")]
    assert sorted(kept[place].itertuples(index=False, name=None)) == sorted(sent)
    assert set(cells["covered_by"].dropna()) <= set(cells["rule"].dropna())
    figures = accepted(cells)
    wrong = {k: v for k, v in figures.items() if variant.truth.get(k) != v}
    assert not wrong, wrong
    return figures


@pytest.mark.parametrize("form", [TABLE, LONG, BY_ELEMENT], ids=["table", "record", "element"])
@EACH
@given(seed=st.integers(0, 2**32))
def test_a_right_file_is_read_however_it_is_laid_out(tmp_path_factory, form, seed):
    variant = Variant(random.Random(seed), form)
    cells = variant.located(tmp_path_factory.getbasetemp())
    assert hold(variant, cells) == variant.truth
    assert not {"duplicate_row", "unit_unknown", "item_unknown"} & set(cells["rule"].dropna())


def second_sheet(v: Variant) -> str:
    v.sheets["Bảng 2"] = v.heads() + [row for u in v.units for row in v.lines(u, v.other())]
    return "sheet_twice"


def duplicate(v: Variant) -> str:
    unit = v.draw.choice(v.units)
    rows = v.lines(unit, v.draw.choice([None, v.other()]))
    for i in ITEMS:
        del v.truth[unit, i]
    at = v.draw.randint(len(v.heads()), len(v.rows))
    v.rows[at:at] = rows
    return "duplicate_row"


def column_twice(v: Variant) -> str:
    at, name = len(v.rows[0]) - 1, v.rows[0][-1]
    for row in v.rows:
        row.append(row[at] if row[at] == name or isinstance(row[at], str) else 77)
    return "column_twice"


def column_missing(v: Variant) -> str:
    for row in v.rows:
        row.pop()
    if v.form is not TABLE:
        v.truth.clear()
    for u in v.units:
        v.truth.pop((u, v.order[-1]), None)
    return "column_missing"


def total(v: Variant) -> str:
    label = v.draw.choice(["Tổng cộng", "CỘNG", "Trung bình", "Tỷ lệ (%)", "Lũy kế", "Vùng I"])
    rows = v.lines(v.units[0], v.other())
    for row in rows:
        row[0 if v.form is not TABLE else 1] = label
    v.rows += rows
    return "unit_unknown"


def nameless(v: Variant) -> str:
    rows = v.lines(v.units[0], v.other())
    for row in rows:
        row[0 if v.form is not TABLE else 1] = None
    v.rows += rows
    return "outside_form" if v.form is TABLE else "unit_unknown"


def head_again(v: Variant) -> str:
    v.rows.insert(v.draw.randint(len(v.heads()) + 1, len(v.rows)), list(v.rows[0]))
    return "head_repeated"


def second_table(v: Variant) -> str:
    """Below, with the columns in another order."""
    shift = [None] if v.form is BY_ELEMENT else []
    order, v.order = v.order, [v.order[1], v.order[2], v.order[0]]
    unit = v.another_unit()
    v.below = [shift + row for row in [*v.heads()[:1], *v.lines(unit, v.other())]]
    v.order = order
    return "table_twice"


def measure(v: Variant) -> str:
    """Another unit of measure than the form's, above the table or in a head."""
    said = v.draw.choice(["nghìn đồng", "đồng", "nghìn tỷ đồng", "USD", "1.000 đồng"])
    if v.draw.random() < 0.5 or v.form is not TABLE:
        v.title = [[None, f"{v.draw.choice(['Đơn vị tính: ', 'ĐVT: ', '(Đơn vị: '])}{said}"], []]
    else:
        v.rows[0][2 + v.order.index("amount")] = f"Số tiền ({said})"
    return "measure_unknown" if v.form is TABLE else "measure_undeclared"


def spaces(v: Variant) -> None:
    for row in v.rows[len(v.heads()) :]:
        row += [None, "\xa0"]


PLANTS = [second_sheet, duplicate, column_twice, column_missing, total, nameless, head_again,
          second_table, measure, spaces]  # fmt: skip
# of these the rest of the file is right, and is read
LOCAL = {duplicate, total, nameless, head_again, spaces}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda p: p.__name__)
@pytest.mark.parametrize("form", [TABLE, LONG, BY_ELEMENT], ids=["table", "record", "element"])
@EACH
@given(seed=st.integers(0, 2**32))
def test_what_is_wrong_is_named_and_no_figure_is_taken_for_another(
    tmp_path_factory, form, plant, seed
):
    variant = Variant(random.Random(seed), form)
    rule = plant(variant)
    cells = variant.located(tmp_path_factory.getbasetemp())
    figures = hold(variant, cells)
    assert rule is None or rule in set(cells["rule"].dropna()), rule
    if plant in LOCAL:
        assert figures == variant.truth
    if plant is duplicate:
        named = cells[cells["rule"] == "duplicate_row"]
        covered = cells[(cells["covered_by"] == "duplicate_row") & (cells["raw_text"] != "")]
        assert set(named["row"]) == set(covered["row"]) and len(set(named["row"])) > 1
    if plant is spaces:
        assert not {"outside_form", "text_kept"} & set(
            cells.loc[cells["raw_text"] == "\xa0", "rule"]
        )
    if plant is measure and form is TABLE:
        assert not any(item == "amount" for _, item in figures)
