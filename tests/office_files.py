"""Forms as offices send them: a right form, changed in one of the ways that are known of offices.

Each way says what the sender means by every figure (:attr:`Sent.truth`) and whether the file is
still a right one. Whatever is read must be what is meant, or be named; a right file is read.
"""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas as pd
import yaml
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from analysis import period
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms

CATALOGUE = cat.load()
FORM = CATALOGUE.forms["II.06a"]
PLAN = plans.plan("2022-Q2", CATALOGUE)
UNITS = plans.due_units(CATALOGUE, PLAN).set_index("code", drop=False)
PROVINCES = [u.code for u in UNITS.itertuples() if "province" in u.type or "city" in u.type]
FIELDS = {
    "province": ["Đất đai", "Xây dựng", "Hộ tịch"],
    "district": ["Đất đai", "Chứng thực"],
    "commune": ["Hộ tịch", "Chứng thực"],
}
ITEMS = {c["number"]: c["item"] for c in FORM["columns"] if "item" in c}
FIRST, LAST = min(ITEMS), max(ITEMS)

Key = tuple[str, str, str]
"""Item, level, field as it is written (``_T`` for a total)."""


@dataclass
class Sent:
    """A form of one unit as it is sent, and what its sender means."""

    draw: random.Random
    unit: str
    book: openpyxl.Workbook = field(init=False)
    rows: dict[int, tuple[str, str]] = field(default_factory=dict)
    truth: dict[Key, float] = field(default_factory=dict)
    at: dict[Key, str] = field(default_factory=dict)
    suffix: str = ".xlsx"
    encoding: str = "utf-8"
    separator: str = ","

    def __post_init__(self) -> None:
        self.book = blank_forms.blank(FORM, UNITS.loc[self.unit], PLAN, FIELDS)
        kind = UNITS.loc[self.unit, "type"]
        lines = list(blank_forms.rows(FORM, kind, PLAN.end, FIELDS))
        self.rows = {n.row: (n.level, n.field) for n in lines if n.kind in ("field", "total")}
        named = {row: key for row, key in self.rows.items() if key[1] != "_T"}
        figures = {row: self._figures() for row in named}
        for row, (level, name) in self.rows.items():
            if name == "_T":
                own = [f for r, f in figures.items() if level in (named[r][0], "_T")]
                total = [sum(column) for column in zip(*own, strict=True)]
                self._write(row, total)
            else:
                self._write(row, figures[row])

    def _figures(self) -> list[int]:
        draw = self.draw
        early, on_time, late = (draw.randint(1, 2_000) for _ in range(3))
        in_time, overdue = draw.randint(1, 900), draw.randint(1, 90)
        resolved, pending = early + on_time + late, in_time + overdue
        received = resolved + pending
        online = draw.randint(1, received - 2)
        direct = draw.randint(1, received - online - 1)
        carried = received - online - direct
        return [received, online, direct, carried, resolved, early, on_time, late, pending,
                in_time, overdue]  # fmt: skip

    def _write(self, row: int, figures: list[int]) -> None:
        for column, value in zip(range(FIRST, LAST + 1), figures, strict=True):
            self.put(row, column, value)

    @property
    def sheet(self):
        return self.book[FORM["sheet"]]

    def key(self, row: int, column: int) -> Key:
        level, name = self.rows[row]
        return ITEMS[column], level, name

    def put(self, row: int, column: int, value: object) -> None:
        """A figure that means itself."""
        self.sheet.cell(row, column, value)
        self.truth[self.key(row, column)] = float(value)

    def somewhere(self, totals: bool = False) -> tuple[int, int]:
        rows = [r for r, (_, name) in self.rows.items() if totals or name != "_T"]
        return self.draw.choice(rows), self.draw.randint(FIRST, LAST)

    def row_at(self, at: int, label: str, mark: object = None, figures: bool = True) -> None:
        """A row of the sender's own before row ``at``."""
        self.sheet.insert_rows(at)
        self.rows = {r + (r >= at): key for r, key in self.rows.items()}
        self.sheet.cell(at, 2, label)
        self.sheet.cell(at, 1, mark)
        for column in range(FIRST, LAST + 1) if figures else ():
            self.sheet.cell(at, column, self.draw.randint(1, 90_000))

    def places(self) -> dict[Key, str]:
        """Where each figure stands."""
        letters = openpyxl.utils.get_column_letter
        return {self.key(r, c): f"{letters(c)}{r}" for r in self.rows for c in ITEMS}

    def save(self, folder: Path) -> str:
        name = f"II06a_{self.unit}_2022-Q2{self.suffix}"
        if self.suffix == ".xlsx":
            self.book.save(folder / name)
            return name
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.separator)
        for line in self.sheet.iter_rows(values_only=True):
            writer.writerow(["" if v is None else v for v in line])
        (folder / name).write_bytes(text.getvalue().encode(self.encoding))
        return name


# --- right files ----------------------------------------------------------------------------------


def as_it_is(sent: Sent) -> None:
    """Nothing is changed."""


def headings_with_letters(sent: Sent) -> None:
    """ "B. TTHC thuộc thẩm quyền …"."""
    marks = sent.draw.choice(
        [("A. ", "B. ", "C. "), ("I- ", "II- ", "III- "), ("1) ", "2) ", "3) ")]
    )
    end = sent.draw.choice(["", ":", " "])
    headings = [lv["heading"]["vi"] for lv in FORM["levels"].values()]
    held = [c for line in sent.sheet.iter_rows() for c in line if c.value in headings]
    for mark, cell in zip(marks, held, strict=False):
        cell.value = f"{mark}{cell.value}{end}"


def other_numbers_of_columns(sent: Sent) -> None:
    """The line of column numbers counts the figures alone."""
    line = next(r for r in sent.sheet.iter_rows() if str(r[2].value) == "(3)")
    for n, cell in enumerate(line[:LAST]):
        text = "AB"[n] if n < 2 else f"({n - 1})"
        cell.value = text


def blanks(sent: Sent) -> None:
    """Cells that hold a no-break space only."""
    for _ in range(sent.draw.randint(1, 20)):
        sent.sheet.cell(sent.draw.randint(1, 60), LAST + sent.draw.randint(1, 9), "\xa0")


def far_blank(sent: Sent) -> None:
    sent.sheet.cell(1_048_576, sent.draw.randint(1, 13), " ")


def remark_above(sent: Sent) -> None:
    sent.sheet.cell(7, 1, "Số liệu đã được lãnh đạo đơn vị thông qua")


def quotes(sent: Sent) -> None:
    """Signs that an old encoding uses for letters."""
    words = ["«Một cửa»", "máy®", "Chi·cục", "phòng¹", "liên thông»", "§5 Điều", "25m²"]
    for n, word in enumerate(words):
        sent.sheet.cell(LAST + 20 + n, 2, word)


def grouped(sent: Sent) -> None:
    """Thousands with a point, in all cells."""
    for row in sent.rows:
        for column in ITEMS:
            value = sent.sheet.cell(row, column).value
            if value >= 1000:
                sent.sheet.cell(row, column, f"{value:,}".replace(",", "."))


def separated(sent: Sent) -> None:
    sent.suffix = ".csv"
    sent.separator = sent.draw.choice(";,\t")
    sent.encoding = sent.draw.choice(["utf-8", "utf-8-sig", "utf-16"])


def own_name_of_total(sent: Sent) -> None:
    row = next(r for r, key in sent.rows.items() if key == ("_T", "_T"))
    words = ["TỔNG CỘNG TOÀN TỈNH", "Tổng cộng (A+B+C)", "TỔNG CỘNG:", "Tổng số toàn tỉnh"]
    sent.sheet.cell(row, 2, sent.draw.choice(words))


def signed(sent: Sent) -> None:
    """By whom it was drawn up and whom it was approved by, below the table."""
    row = max(sent.rows) + sent.draw.randint(1, 3)
    sent.sheet.cell(row, 2, "Người lập biểu")
    sent.sheet.cell(row, sent.draw.randint(8, LAST), "KT. GIÁM ĐỐC")
    sent.sheet.cell(row + 4, 2, "Trần Thị Bình")


def accountant(sent: Sent) -> None:
    """Formats that group, and draw a stroke for nil."""
    for row in sent.rows:
        for column in ITEMS:
            sent.sheet.cell(row, column).number_format = '_(* #,##0_);_(* (#,##0);_(* "-"??_)'


# --- files with something wrong -------------------------------------------------------------------

_TOTALS = ["Tổng cộng A", "CỘNG DỒN", "Tổng hợp", "Cộng các huyện", "Tổng cấp tỉnh và cấp huyện"]
_OTHERS = ["Lũy kế từ đầu năm", "Luỹ kế 6 tháng", "Trong đó: qua mạng", "Tỷ lệ (%)", "So cùng kỳ"]
_OTHERS += [
    "Cùng kỳ năm trước",
    "Người lập biểu",
    "ĐT: 0912345678",
    "Bình quân",
    "Ghi chú",
    "Quý I",
]


def strange_row(sent: Sent) -> None:
    label = sent.draw.choice(_TOTALS + _OTHERS)
    label = sent.draw.choice([label, label.upper(), f"- {label}", f"{label}:", f"  {label}"])
    rows = sorted(sent.rows)
    at = sent.draw.choice([*rows[1:], rows[-1] + sent.draw.randint(1, 4)])
    sent.row_at(at, label, sent.draw.choice([None, "", 9]))


def telephone(sent: Sent) -> None:
    row = max(sent.rows) + sent.draw.randint(1, 5)
    sent.sheet.cell(row, 2, sent.draw.choice(["Người lập biểu", "Nguyễn Văn An", "Điện thoại"]))
    sent.sheet.cell(row, FIRST + sent.draw.randint(0, 5), 912_345_678)


def second_sheet(sent: Sent) -> None:
    """An old one that was forgotten, perhaps hidden, before or behind."""
    copy = sent.book.copy_worksheet(sent.sheet)
    for row in sent.rows:
        for column in ITEMS:
            copy.cell(row, column).value += sent.draw.randint(1, 9)
    copy.title = sent.draw.choice(["II.06a (2)", "Quý I", "Sở Tư pháp"])
    hidden = sent.draw.choice([copy, sent.sheet, None])
    if hidden is not None:
        hidden.sheet_state = "hidden"
        sent.book.active = 1 if hidden is sent.sheet else 0
    if sent.draw.random() < 0.5:
        sent.book.move_sheet(copy, -3)


def table_beside(sent: Sent) -> None:
    gap = sent.draw.randint(1, 3)
    for line in list(sent.sheet.iter_rows(min_row=8)):
        for cell in line[:LAST]:
            if type(cell).__name__ != "MergedCell" and cell.value is not None:
                value = cell.value + 1 if isinstance(cell.value, int) else cell.value
                sent.sheet.cell(cell.row, cell.column + LAST + gap, value)


def table_below(sent: Sent) -> None:
    last = max(sent.rows) + sent.draw.randint(1, 4)
    for line in list(sent.sheet.iter_rows(min_row=8, max_row=max(sent.rows))):
        for cell in line[:LAST]:
            if type(cell).__name__ != "MergedCell" and cell.value is not None:
                value = cell.value + 1 if isinstance(cell.value, int) else cell.value
                sent.sheet.cell(cell.row - 7 + last, cell.column, value)


def _in_a_cell(sent: Sent, text: object, meant: float | None) -> None:
    row, column = sent.somewhere()
    sent.sheet.cell(row, column, text)
    key = sent.key(row, column)
    sent.truth.pop(key)
    if meant is not None:
        sent.truth[key] = meant


def scaled_format(sent: Sent) -> None:
    row, column = sent.somewhere()
    cell = sent.sheet.cell(row, column)
    code = sent.draw.choice(['0" nghìn"', "#,##0,", '0.0,"K"', '#,##0" tr"', "0%"])
    cell.number_format = code
    sent.truth.pop(sent.key(row, column))


def raised(sent: Sent) -> None:
    row, column = sent.somewhere()
    value = int(sent.sheet.cell(row, column).value)
    mark = TextBlock(InlineFont(vertAlign="superscript"), sent.draw.choice(["1", "2", "(1)", "a"]))
    sent.sheet.cell(row, column).value = CellRichText(str(value), mark)


def struck(sent: Sent) -> None:
    row, column = sent.somewhere()
    cell = sent.sheet.cell(row, column)
    key = sent.key(row, column)
    if sent.draw.random() < 0.5:
        cell.font = Font(strike=True)
        sent.truth.pop(key)
    else:
        old = TextBlock(InlineFont(strike=True), str(sent.draw.randint(1, 99)))
        cell.value = CellRichText(old, str(int(cell.value)))


def hidden_row(sent: Sent) -> None:
    """A row that the totals leave out."""
    row = sent.draw.choice([r for r, (_, name) in sent.rows.items() if name != "_T"])
    level, _ = sent.rows[row]
    for column in ITEMS:
        own = sent.sheet.cell(row, column).value
        for total, key in sent.rows.items():
            if key in ((level, "_T"), ("_T", "_T")):
                sent.put(total, column, sent.sheet.cell(total, column).value - own)
    sent.sheet.row_dimensions[row].hidden = True


def error_value(sent: Sent) -> None:
    _in_a_cell(sent, sent.draw.choice(["#REF!", "#N/A", "#DIV/0!", "#VALUE!"]), None)


def formula_without_value(sent: Sent) -> None:
    row, column = sent.somewhere()
    _in_a_cell(sent, f"=A{row}+1", None)


def doubtful_text(sent: Sent) -> None:
    texts = ["0.125", "1,234", "12.5", "1.000,5", "2,001", "1e3", "O", "một trăm", "1.2.3", "-5"]
    texts += ["5%", "12 nghìn", "1/2", "(45)", "1.23", "4,5", "1234567890123"]
    _in_a_cell(sent, sent.draw.choice(texts), None)


def thousands_of(sent: Sent) -> None:
    """The sheet says that its figures are counted in thousands."""
    words = ["Đơn vị tính: nghìn hồ sơ", "ĐVT: nghìn hồ sơ", "(Đơn vị tính: 1.000 hồ sơ)"]
    sent.sheet.cell(7, sent.draw.randint(8, LAST), sent.draw.choice([*words, "ĐVT: triệu hồ sơ"]))
    sent.truth.clear()


def another_period(sent: Sent) -> None:
    """The title is that of another quarter than the days."""
    cells = [
        c for line in sent.sheet.iter_rows(max_row=7) for c in line if isinstance(c.value, str)
    ]
    title = next(c for c in cells if "tình hình" in c.value.lower())
    title.value = f"{title.value} Quý I năm 2022"


def row_twice(sent: Sent) -> None:
    row = sent.draw.choice([r for r, (_, name) in sent.rows.items() if name != "_T"])
    level, name = sent.rows[row]
    sent.row_at(row + 1, name.upper() if sent.draw.random() < 0.5 else name)
    for item in ITEMS.values():
        sent.truth.pop((item, level, name))


def head_displaced(sent: Sent) -> None:
    """The head of one column is that of another, too."""
    cells = [c for line in sent.sheet.iter_rows(min_row=7, max_row=10) for c in line]
    early = next(c for c in cells if c.value == "Trước hạn")
    early.value = "Đúng hạn"
    for key in [k for k in sent.truth if k[0] == "dossiers_resolved_early"]:
        sent.truth.pop(key)


RIGHT: list[Callable[[Sent], None]] = [
    as_it_is, headings_with_letters, other_numbers_of_columns, blanks, far_blank, remark_above,
    quotes, grouped, separated, own_name_of_total, signed, accountant, raised,
]  # fmt: skip
WRONG: list[Callable[[Sent], None]] = [
    strange_row, telephone, second_sheet, table_beside, table_below, scaled_format, struck,
    hidden_row, error_value, formula_without_value, doubtful_text, thousands_of, another_period,
    row_twice, head_displaced,
]  # fmt: skip


# --- trying them ----------------------------------------------------------------------------------


def trial(ways: list[Callable[[Sent], None]], seed: int, root: Path) -> list[str]:
    """Send one file for each of ``ways``, each from another province; what is wrong with the
    reading of any of them, with its seed."""
    folder = root / "data/submissions/2022-Q2"
    folder.mkdir(parents=True)
    draw = random.Random(seed)
    units = draw.sample(PROVINCES, len(ways))
    sent = {}
    for n, (way, unit) in enumerate(zip(ways, units, strict=True)):
        one = Sent(random.Random(f"{seed} {n}"), unit)
        way(one)
        sent[one.save(folder)] = (way, one)
    stated = yaml.safe_load(_PERIOD)
    stated["due"] = {"units": units}
    (folder / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    checked = period.check(plans.plan("2022-Q2", CATALOGUE, root), CATALOGUE, root)
    return [
        f"{seed} {way.__name__} {file}: {what}"
        for file, (way, one) in sent.items()
        for what in _faults(file, one, way in RIGHT, checked)
    ]


_PERIOD = """
time_period: 2022-Q2
title: {vi: Thử, en: Trial}
regime: nd09_2019
forms: [II.06a]
frameworks: [nq01]
synthetic: true
"""


def _faults(file: str, sent: Sent, right: bool, checked: dict[str, pd.DataFrame]) -> list[str]:
    issues = checked["issues"]
    own = issues[(issues["source_file"] == file) & ~issues["rule"].isin(["received_unknown"])]
    balance = checked["balance"].set_index("source_file").loc[file]
    found = [f"{balance['unaccounted']} cells lost"] if balance["unaccounted"] else []
    silent = own[own["rule"] == "withdrawn_unexplained"]
    found += [f"{len(silent)} cells withdrawn without a reason"] * (len(silent) > 0)
    names = CATALOGUE.fields.set_index("code")["name_vi"].to_dict()
    cells = checked["cells"]
    values = cells[(cells["source_file"] == file) & (cells["role"] == "value")]
    values = values[values["obs_value"].notna() & (values["state"] == "in_force")]
    told = set(own.loc[own["severity"] != "note", "source_cell"])
    for row in values.itertuples():
        key = (row.item, row.level, names.get(row.field, row.field))
        if sent.truth.get(key) != row.obs_value and row.source_cell not in told:
            meant = sent.truth.get(key)
            found.append(f"{row.source_cell} {row.raw_text!r} read as {row.obs_value}, {meant}")
    if right:
        blocking = own.loc[own["severity"] == "blocking", ["source_cell", "rule"]].to_numpy()
        found += [f"a right file is refused: {blocking[:3].tolist()}"] if len(blocking) else []
        found += [f"{len(sent.truth) - len(values)} figures lost"] * (len(values) < len(sent.truth))
    elif own[own["severity"] != "note"].empty:
        found.append("nothing is said of it")
    return found
