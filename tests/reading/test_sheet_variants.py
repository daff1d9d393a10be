"""A right form that offices change as they do: their own rows, tables, sheets, heads, measures.

Whatever is changed, no figure is read under another row or column than its own, every cell that is
not empty has a fate, and what does not belong is named at its place.
"""

import os
import random
from functools import lru_cache

import pandas as pd
import pytest

from analysis import pipeline
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.reading.layouts import locate
from analysis.schema.tables import CELLS

CATALOGUE = cat.load()
FORMS = CATALOGUE.forms
NAMES = pipeline.field_names(CATALOGUE)
PLAN = plans.plan("2022-Q2", CATALOGUE)
UNITS = plans.due_units(CATALOGUE, PLAN).set_index("code", drop=False)
FIELDS = {
    "province": ["Đất đai", "Xây dựng", "Hộ tịch"],
    "district": ["Đất đai", "Chứng thực"],
    "commune": ["Hộ tịch", "Chứng thực"],
}
SEEDS = int(os.environ.get("VARIANTS", "40"))
ITEM_COLUMNS = range(3, 14)
FIRST, LAST = 11, 30  # rows of the form II.06a with these fields
DISTRICT = "TTHC thuộc thẩm quyền giải quyết của cấp huyện"


@lru_cache
def drawn(form: str, unit: str) -> tuple[dict, list]:
    """The cells of a blank form by sheet, and its rows."""
    held = FORMS[form]
    fields = FIELDS if held.get("rows", "fields") == "fields" else None
    book = blank_forms.blank(held, UNITS.loc[unit], PLAN, fields)
    cells = {
        s.title: {(c.row, c.column): c.value for r in s.iter_rows() for c in r if c.value}
        for s in book.worksheets
    }
    return cells, blank_forms.rows(held, UNITS.loc[unit, "type"], PLAN.end, fields)


class Book:
    """Sheets as cells by (row, column); a blank form of the project with a figure in each cell."""

    def __init__(self, form: str = "II.06a", unit: str = "10") -> None:
        self.form = FORMS[form]
        cells, rows = drawn(form, unit)
        self.sheets = {title: dict(held) for title, held in cells.items()}
        self.hidden: set[str] = set()
        self.cells = self.sheets[self.form["sheet"]]
        self.keys: dict[int, tuple] = {}
        for line in rows:
            if line.kind in ("field", "total"):
                self.figures(line.row)
                self.keys[line.row] = (line.level, line.field)

    def figures(self, row: int, extra: int = 0) -> None:
        for column in self.form["columns"]:
            if "item" in column:
                self.cells[row, column["number"]] = 1000 + extra + row * 20 + column["number"]

    def row_of(self, label: str) -> int:
        return next(r for (r, c), v in self.cells.items() if c == 2 and v == label)

    def insert(self, at: int, label: str, mark: object = None) -> None:
        """A row with figures before row ``at``."""
        moved = {(r + (r >= at), c): v for (r, c), v in self.cells.items()}
        self.cells.clear()
        self.cells.update(moved)
        self.keys = {r + (r >= at): key for r, key in self.keys.items()}
        self.cells |= {(at, 2): label} | ({(at, 1): mark} if mark else {})
        self.figures(at, extra=50_000)

    def located(self, **changes) -> pd.DataFrame:
        rows = [
            dict(
                source_file="a.xlsx",
                source_sheet=title,
                source_cell=f"R{r}C{c}",
                row=r,
                column=c,
                raw_text=str(value),
                raw_type="number" if isinstance(value, int) else "text",
                shown=None,
                hidden="sheet" if title in self.hidden else None,
            )
            for title, cells in self.sheets.items()
            for (r, c), value in sorted(cells.items())
        ]
        self.given = pd.DataFrame(rows, columns=CELLS.columns)
        form = {**self.form, **changes}
        return locate.locate(self.given, {form["form"]: form}, NAMES)


def counted(found: pd.DataFrame) -> pd.DataFrame:
    return found[(found["role"] == "value") & found["covered_by"].isna()]


def rules(found: pd.DataFrame) -> dict[str, str]:
    named = found[found["rule"].notna()]
    return dict(zip(named["source_cell"], named["rule"], strict=True))


def placed(found: pd.DataFrame) -> pd.DataFrame:
    """The cells of the form's sheet by their places."""
    return found[found["source_sheet"] == "II.06a"].set_index("source_cell")


def holds(book: Book, found: pd.DataFrame) -> None:
    """No figure under a wrong key, no cell lost or read twice, and each that is covered named."""
    columns = {c["number"]: c["item"] for c in book.form["columns"] if "item" in c}
    values = counted(found)
    for r in values[values["raw_type"] == "number"].itertuples():
        assert r.item == columns[r.column]
        assert (r.level, r.field) == book.keys[r.row], (r.source_cell, r.level, r.field)
    assert not values.duplicated(["level", "field", "item"]).any()
    place = ["source_sheet", "source_cell"]
    given = found[~found["raw_type"].isin(["file", "blank"])]
    assert sorted(map(tuple, given[place].to_numpy())) == sorted(
        map(tuple, book.given[place].to_numpy())
    )
    covering = set(found["covered_by"].dropna())
    assert covering <= set(found["rule"].dropna())
    other = found[found["role"] == "other"]
    assert (other["rule"].notna() | other["covered_by"].notna()).all()
    figures = given[given["raw_text"].str.fullmatch(r"\d{4,}")]
    assert figures["role"].isin(["value", "other"]).all()


# --- rows -----------------------------------------------------------------------------------------

NO_FIELDS = [
    "Cộng dồn", "Lũy kế từ đầu năm", "LUỸ KẾ 6 THÁNG", "luy ke tu dau nam", "Trong đó: trực tuyến",
    "T.đó: cấp lại", "- Trong đó", "Tỷ lệ (%)", "So với cùng kỳ", "Cùng kỳ năm trước", "Quý I",
    "6 tháng đầu năm", "Người lập biểu", "GIÁM ĐỐC", "KT. CHỦ TỊCH", "ĐT: 0912345678", "Ghi chú",
    "Tổng hợp", "Tổng tỉnh", "Tổng số cấp tỉnh, cấp huyện", "+ Cấp mới", "Bình quân", "Còn lại",
]  # fmt: skip


@pytest.mark.parametrize("label", NO_FIELDS)
def test_a_row_that_is_no_field_is_refused_wherever_it_stands(label):
    for at in (15, DISTRICT, LAST + 1):
        book = Book()
        at = book.row_of(at) if isinstance(at, str) else at
        book.insert(at, label)
        found = book.located()
        holds(book, found)
        assert rules(found) == {f"R{at}C2": "row_unknown"}
        assert len(counted(found)) == 121


@pytest.mark.parametrize(
    "label",
    ["TỔNG CỘNG TOÀN TỈNH", "Tổng cộng (A+B+C)", "Tổng số toàn tỉnh", "TỔNG CỘNG (I+II+III)",
     "C. Tổng cộng các cấp", "Tong cong toan tinh", "Toàn tỉnh", "Tổng = A + B + C", "Cộng 3 cấp",
     "Tổng cộng tỉnh Lào Cai", "Tổng số"],
)  # fmt: skip
def test_a_total_of_all_levels_is_one_whatever_it_is_called(label):
    book = Book()
    book.cells[LAST, 2] = label
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == 121 and not rules(found)


@pytest.mark.parametrize("label", ["Tổng số", "Cộng", "Tổng cộng:", "TỔNG"])
def test_a_total_without_a_name_is_of_the_level_that_it_ends(label):
    book = Book()
    for (r, c), v in list(book.cells.items()):
        if c == 2 and str(v).startswith("Tổng số cấp"):
            book.cells[r, c] = label
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == 121 and not rules(found)


@pytest.mark.parametrize("column", [1, 2])
@pytest.mark.parametrize(
    "heading",
    ["B. " + DISTRICT, "II - " + DISTRICT, "2) " + DISTRICT, "II/ " + DISTRICT, DISTRICT + ":",
     "Cấp huyện", "B. Cấp huyện", "TTHC cấp huyện", "THỦ TỤC HÀNH CHÍNH THUỘC THẨM QUYỀN CẤP HUYỆN",
     "Phần II. " + DISTRICT, "(b) " + DISTRICT, "B " + DISTRICT],
)  # fmt: skip
def test_a_heading_of_a_level_may_have_a_number_before_it(heading, column):
    book = Book()
    at = book.row_of(DISTRICT)
    book.cells.pop((at, 1))
    book.cells.pop((at, 2))
    book.cells[at, column] = heading
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == 121 and not rules(found)


@pytest.mark.parametrize("heading", [None, "B. Khối huyện", "Các huyện, thị xã", "UBND cấp huyện"])
def test_under_a_heading_that_is_not_known_no_field_is_of_the_level_above(heading):
    book = Book()
    at = book.row_of(DISTRICT)
    book.cells.pop((at, 1))
    book.cells[at, 2] = heading or "\u00a0"
    found = book.located()
    holds(book, found)
    unknown = found[found["rule"] == "level_unknown"]["raw_text"].tolist()
    assert unknown == ["Đất đai", "Chứng thực"]


def test_a_field_of_the_office_is_kept_where_the_form_is_open_and_refused_where_it_is_not():
    book = Book()
    book.insert(15, "Lĩnh vực đặc thù của tỉnh", 4)
    book.keys[15] = ("province", "Lĩnh vực đặc thù của tỉnh")
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == 132 and not rules(found)
    assert rules(book.located(fields="list")) == {"R15C2": "row_unknown"}


@pytest.mark.parametrize(
    ("mark", "label"), [("2.1", "Cấp phép"), ("a)", "Cấp phép"), ("I", "Nhóm tài nguyên")]
)
def test_a_part_of_a_field_or_a_group_of_fields_is_none(mark, label):
    book = Book()
    book.insert(14, label, mark)
    found = book.located()
    holds(book, found)
    assert rules(found) == {"R14C2": "row_unknown"}


def test_a_signer_below_a_table_without_a_total_is_no_field():
    book = Book()
    for c in range(1, 14):
        book.cells.pop((LAST, c), None)
    book.cells |= {(LAST + 2, 2): "Nguyễn Văn A", (LAST + 2, 8): 912345678}
    found = book.located()
    holds(book, found)
    assert rules(found) == {f"R{LAST + 2}C2": "row_unknown"}


@pytest.mark.parametrize(
    ("form", "label", "level"),
    [("edocs", "1. Cấp tỉnh:", "province"), ("edocs", "Tổng số cấp tỉnh", "province"),
     ("edocs", "Trong đó: cấp tỉnh", None), ("edocs", "Lũy kế", None),
     ("II.07b", "UBND tỉnh Lào Cai", "_T"), ("II.07b", "Toàn tỉnh", "_T"),
     ("II.07b", "Sở Y tế", None)],
)  # fmt: skip
def test_a_form_whose_rows_are_not_fields_has_only_its_own(form, label, level):
    book = Book(form)
    at = min(book.keys)
    book.cells[at, 2] = label
    found = book.located()
    holds(book, found)
    assert set(found.loc[(found["row"] == at) & (found["role"] == "value"), "level"]) == (
        {level} - {None}
    )
    assert rules(found) == ({} if level else {f"R{at}C2": "row_unknown"})


# --- heads, tables, sheets ------------------------------------------------------------------------


def line_of_numbers(book: Book, numbers: list) -> None:
    for c, number in enumerate(numbers, 1):
        book.cells.pop((10, c), None)
        if number is not None:
            book.cells[10, c] = number


@pytest.mark.parametrize(
    "numbers",
    [["A", "B", *range(1, 12)], ["A", "B", *(f"({n})" for n in range(1, 12))],
     ["A", *(f"({n})" for n in range(1, 13))], [None] * 13,
     ["(1)", "(2)", "(3)=(4)+(5)+(6)", *(f"({n})" for n in range(4, 14))]],
)  # fmt: skip
def test_intact_heads_are_read_whatever_numbers_stand_below(numbers):
    book = Book()
    line_of_numbers(book, numbers)
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == 121 and not rules(found)


def swapped(book: Book, one: tuple, other: tuple) -> None:
    book.cells[one], book.cells[other] = book.cells[other], book.cells[one]


@pytest.mark.parametrize(
    "change",
    [lambda b: swapped(b, (9, 8), (9, 9)), lambda b: swapped(b, (8, 3), (8, 7)),
     lambda b: swapped(b, (10, 4), (10, 5)),
     lambda b: line_of_numbers(b, [None, *(f"({n})" for n in range(1, 14))]),
     lambda b: (line_of_numbers(b, ["A", "B", *range(1, 12)]), b.cells.update({(9, 8): "Sớm"}))],
)  # fmt: skip
def test_heads_and_numbers_that_disagree_are_not_read(change):
    book = Book()
    change(book)
    found = book.located()
    holds(book, found)
    assert counted(found).empty and "column_disagrees" in set(found["rule"])


def table(book: Book, down: int, right: int, top: int = 8) -> None:
    """A second table like the first, with other figures."""
    for (r, c), v in list(book.cells.items()):
        if r >= top:
            book.cells[r + down, c + right] = v + 7 if isinstance(v, int) else v


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("right", [11, 13, 15, 40])
def test_a_second_table_beside_the_first_leaves_neither(right, numbered):
    book = Book()
    if not numbered:
        line_of_numbers(book, [None] * 13)
    table(book, 0, right)
    found = book.located()
    holds(book, found)
    assert counted(found).empty
    named = found[found["rule"].isin(["column_in_two_places", "column_disagrees"])]
    assert len(named) and named["found"].str.contains(",").all()


@pytest.mark.parametrize("down", [LAST - 7, LAST - 5, 60])
def test_a_second_table_below_the_first_leaves_neither(down):
    book = Book()
    table(book, down, 0)
    found = book.located()
    holds(book, found)
    assert counted(found).empty
    named = found[found["rule"] == "table_twice"]
    assert named["found"].tolist() == [f"R8C1, R{8 + down}C1"]


def test_a_group_head_over_the_wrong_column_leaves_two_columns_for_one_item():
    book = Book()
    line_of_numbers(book, [None] * 13)
    book.cells[8, 8] = book.cells.pop((8, 7))
    found = book.located()
    holds(book, found)
    assert counted(found).empty
    assert found.loc[found["rule"] == "column_in_two_places", "found"].tolist() == ["R9C3, R9C7"]


@pytest.mark.parametrize("hidden", ["II.06a", "Cũ", None])
def test_of_two_sheets_with_the_form_neither_is_read_and_both_are_named(hidden):
    book = Book()
    book.hidden = {hidden} - {None}
    book.sheets["Cũ"] = {k: v + 1 if isinstance(v, int) else v for k, v in book.cells.items()}
    found = book.located()
    holds(book, found)
    assert counted(found).empty
    twice = found[found["rule"] == "sheet_twice"]
    assert set(twice["raw_text"]) == {"II.06a", "Cũ"}
    assert all("“II.06a”" in found and "“Cũ”" in found for found in twice["found"])


def test_the_same_sheet_twice_is_read_once_and_a_blank_form_beside_it_not_at_all():
    book = Book()
    book.hidden = {"Bản sao"}
    book.sheets["Bản sao"] = dict(book.cells)
    book.sheets["Mẫu"] = {k: v for k, v in book.cells.items() if k[0] < 11 or k[1] < 3}
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == 121
    assert found["rule"].dropna().tolist() == ["sheet_repeated", "sheet_unused"]


def test_a_form_that_is_only_on_a_hidden_sheet_does_not_count():
    book = Book()
    book.hidden = {"II.06a"}
    found = book.located()
    holds(book, found)
    assert counted(found).empty and found["rule"].dropna().tolist() == ["sheet_hidden"]


# --- measures, remarks, blanks --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "text", "figures"),
    [((6, 12), "Đơn vị tính: nghìn hồ sơ", 0), ((6, 12), "ĐVT: 1.000 hồ sơ", 0),
     ((7, 1), "(Đơn vị tính: %)", 0), ((LAST + 2, 2), "Đơn vị tính: tỷ đồng", 0),
     ((8, 3), "Số hồ sơ tiếp nhận (nghìn hồ sơ)", 77), ((9, 4), "Trực tuyến (%)", 110),
     ((6, 12), "ĐVT: hồ sơ", 121), ((6, 12), "Đơn vị tính: lượt", 121)],
)  # fmt: skip
def test_figures_in_another_measure_do_not_count_unless_the_form_converts_it(at, text, figures):
    book = Book()
    book.cells[at] = text
    found = book.located()
    holds(book, found)
    assert len(counted(found)) == figures
    cell = f"R{at[0]}C{at[1]}"
    assert rules(found) == ({cell: "measure_unknown"} if figures < 121 else {})
    measure = placed(found).loc[cell, "found"]
    if figures < 121:
        converted = book.located(measures={measure.upper(): 1000})
        assert len(counted(converted)) == 121 and not rules(converted)
        assert (converted["measure_text"] == measure).sum() == 121 - figures


@pytest.mark.parametrize(
    ("at", "text", "rule"),
    [((7, 1), "Số liệu chưa bao gồm huyện Sa Pa (khoảng 1.500 hồ sơ)", "text_kept"),
     ((4, 9), "Chưa gồm Sa Pa", "text_kept"), ((2, 4), 77, "outside_form"),
     ((12, 16), 999, "outside_form"), ((12, 16), "#REF!", "outside_form"),
     ((7, 1), "Ban hành kèm theo Thông tư số 01/2020/TT-VPCP", None),
     ((7, 1), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", None),
     ((7, 1), "ỦY BAN NHÂN DÂN TỈNH LÀO CAI", None),
     ((7, 1), "UBND huyện Sa Pa", "text_kept")],
)  # fmt: skip
def test_what_is_not_of_the_form_is_kept_as_a_remark(at, text, rule):
    book = Book()
    book.cells[at] = text
    found = book.located()
    holds(book, found)
    assert rules(found) == ({f"R{at[0]}C{at[1]}": rule} if rule else {})
    assert len(counted(found)) == 121


@pytest.mark.parametrize("blank", ["\u00a0", "\u200b", "   "])
def test_a_cell_with_nothing_but_spaces_is_blank_and_accounted_for(blank):
    book = Book()
    places = [(7, 1), (11, 14), (12, 14), (12, 5), (15, 4), (LAST + 5, 2), (9, 14)]
    book.cells |= dict.fromkeys(places, blank)
    found = book.located()
    holds(book, found)
    assert not rules(found)
    roles = placed(found).loc[[f"R{r}C{c}" for r, c in places], "role"]
    assert roles.tolist() == ["label", "label", "label", "value", "label", "label", "label"]


# --- all of it at once ----------------------------------------------------------------------------


def changed(draw: random.Random) -> tuple[Book, set[str]]:
    """A form with several changes that a careful reader must name: (book, rules it must find)."""
    book, expected = Book(), set()
    for _ in range(draw.randint(0, 3)):
        label = draw.choice(NO_FIELDS)
        label = draw.choice([label, label.upper(), f"{draw.randint(1, 9)}. {label}", label + ":"])
        book.insert(draw.randint(FIRST + 1, max(book.keys) + 1), label, draw.choice([None, 7]))
        expected.add("row_unknown")
    if draw.random() < 0.5:
        line_of_numbers(book, draw.choice([["A", "B", *range(1, 12)], [None] * 13]))
    if draw.random() < 0.5:
        at = book.row_of(DISTRICT)
        book.cells[at, 2] = draw.choice(["B. ", "II/ ", "2) ", "(b) "]) + DISTRICT
        book.cells.pop((at, 1))
    if draw.random() < 0.3:
        book.cells[7, draw.randint(1, 13)] = "Số liệu chưa gồm Sa Pa"
        expected.add("text_kept")
    end = max(r for r, _ in book.cells)
    spoil = draw.choice([None, "beside", "below", "sheet", "measure"])
    if spoil == "beside":
        table(book, 0, draw.randint(11, 20))
        expected = {"column_in_two_places"}
    elif spoil == "below":
        table(book, end - 8 + draw.randint(1, 9), 0)
        expected = {"table_twice"}
    elif spoil == "sheet":
        name = draw.choice(["II.06a (2)", "Sở Y tế", "Cũ"])
        book.hidden = draw.choice([set(), {name}, {"II.06a"}])
        book.sheets[name] = {k: v + 1 if isinstance(v, int) else v for k, v in book.cells.items()}
        expected = {"sheet_twice"}
    elif spoil == "measure":
        book.cells[6, 12] = draw.choice(["ĐVT: ", "Đơn vị tính: "]) + draw.choice(
            ["nghìn hồ sơ", "trăm hồ sơ", "Triệu hồ sơ", "1000 hồ sơ", "%"]
        )
        expected.add("measure_unknown")
    if draw.random() < 0.5:
        down, right = draw.randint(0, 4), draw.randint(0, 3)
        for name, cells in book.sheets.items():
            book.sheets[name] = {(r + down, c + right): v for (r, c), v in cells.items()}
        book.cells = book.sheets["II.06a"]
        book.keys = {r + down: key for r, key in book.keys.items()}
        columns = [{**c, "number": c["number"] + right} for c in book.form["columns"]]
        book.moved = columns
    return book, expected


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_change_is_read_wrongly_in_silence(seed):
    book, expected = changed(random.Random(seed))
    found = book.located()
    columns = getattr(book, "moved", book.form["columns"])
    book.form = {**book.form, "columns": columns}  # where they stand now
    holds(book, found)
    assert expected <= set(found["rule"].dropna())
    spoilt = expected & {"column_in_two_places", "table_twice", "sheet_twice", "measure_unknown"}
    assert len(counted(found)) == (0 if spoilt else 121)
