"""What offices get wrong in the illustrative period 2022-Q2, and the finding each fault must give.

Faults are small functions on a filled workbook, or on the bytes of the saved file; the table FAULTS
says who sends which.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from openpyxl import Workbook

from analysis.exchange import blank_forms

PERIOD = "2022-Q2"


@dataclass
class Sheet:
    """A filled workbook and where its figures stand: (level, field, item) → (row, column)."""

    form: dict
    book: Workbook
    at: dict

    @property
    def sheet(self):
        return self.book[self.form["sheet"]]

    @property
    def heads(self) -> int:
        """Row of the column numbers."""
        return blank_forms.first_row(self.form) - 1

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Level and field of the rows that make up the unit's figures, totals left out."""
        found = list(dict.fromkeys((level, field) for level, field, _ in self.at))
        by_field = [row for row in found if row[1] != "_T"]
        return by_field or [row for row in found if row[0] != "_T"] or found

    def first(self, item: str, at_least: int = 0) -> tuple[int, int]:
        """Place of the first row's figure that is at least so large."""
        places = [self.at[(*row, item)] for row in self.rows]
        return next(p for p in places if self.sheet.cell(*p).value >= at_least)

    def totals(self, level: str, item: str) -> list[tuple[int, int]]:
        """Places of the totals in which a row of a level is counted."""
        keys = [("_T", "_T", item)] + [(level, "_T", item)] * (self.rows[0][1] != "_T")
        return [self.at[k] for k in keys if k in self.at and k[:2] not in self.rows]


def _moved(form: Sheet, rows: int = 0, columns: int = 0) -> None:
    """Shift everything on the sheet, merged cells too."""
    old = form.sheet
    new = form.book.create_sheet(old.title + "_", 0)
    for line in old.iter_rows():
        for cell in line:
            if cell.value is not None:
                new.cell(cell.row + rows, cell.column + columns, cell.value)
    for area in old.merged_cells.ranges:
        area.shift(col_shift=columns, row_shift=rows)
        new.merge_cells(area.coord)
    title = old.title
    form.book.remove(old)
    new.title = title
    form.at = {k: (r + rows, c + columns) for k, (r, c) in form.at.items()}


# --- faults: small functions on a filled workbook -------------------------------------------------


def _every(form: Sheet, write: Callable[[int], object], least: int = 0) -> None:
    for place in form.at.values():
        cell = form.sheet.cell(*place)
        if isinstance(cell.value, int) and cell.value >= least:
            cell.value = write(cell.value)


def _grouped(mark: str) -> Callable[[int], str]:
    return lambda value: f"{value:,}".replace(",", mark)


def _one(item: str, write: Callable, at_least: int = 0) -> Callable[[Sheet], None]:
    def spoil(form: Sheet) -> None:
        cell = form.sheet.cell(*form.first(item, at_least))
        cell.value = write(cell.value)

    return spoil


def _head(text: str) -> Callable[[Sheet], None]:
    """Name the unit in the heading as ``text``."""

    def spoil(form: Sheet) -> None:
        for line in form.sheet.iter_rows(max_row=blank_forms.HEADER_ROW):
            for cell in line:
                if str(cell.value).startswith("Đơn vị báo cáo"):
                    cell.value = f"Đơn vị báo cáo: {text}"

    return spoil


def _decomposed(form: Sheet) -> None:
    for line in form.sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str):
                cell.value = unicodedata.normalize("NFD", cell.value)


def _no_numbers(form: Sheet) -> None:
    _clear_row(form, form.heads)


def _clear_row(form: Sheet, row: int) -> None:
    for cell in form.sheet[row]:
        if hasattr(cell, "column_letter"):  # the rest of a merged area has nothing to clear
            cell.value = None


def _wrong_numbers(form: Sheet) -> None:
    """Column numbers pushed one to the right of their heads."""
    for c in range(1, 14):
        form.sheet.cell(form.heads, c + 1).value = f"({c})"
    form.sheet.cell(form.heads, 1).value = None


def _add(items: dict[str, int]) -> Callable[[Sheet], None]:
    """Change a first row's figures, and the totals with them."""

    def spoil(form: Sheet) -> None:
        level, field = form.rows[0]
        for item, change in items.items():
            for place in [form.at[level, field, item], *form.totals(level, item)]:
                form.sheet.cell(*place).value += change

    return spoil


def _over(item: str, limit: str, more: int = 3, total: str | None = None) -> Callable:
    """Make a first row's item exceed what limits it, in its ``total`` too."""

    def spoil(form: Sheet) -> None:
        level, field = form.rows[0]
        held = [form.sheet.cell(*form.at[level, field, i]).value for i in (limit, item)]
        change = held[0] - held[1] + more
        _add(dict.fromkeys(filter(None, (item, total)), change))(form)

    return spoil


def _old_version(form: Sheet) -> None:
    version = form.form["version"]
    for line in form.sheet.iter_rows(max_row=blank_forms.HEADER_ROW):
        for cell in line:
            if cell.value == f"Mẫu phiên bản {version}":
                cell.value = f"Mẫu phiên bản {version - 1}"


def _without_last_level(form: Sheet) -> None:
    level, field = form.rows[-1]
    own = {i: p for (lv, f, i), p in form.at.items() if (lv, f) == (level, field)}
    for item, place in own.items():
        for total in form.totals(level, item):
            form.sheet.cell(*total).value -= form.sheet.cell(*place).value
    _clear_row(form, next(iter(own.values()))[0])


def _jump(form: Sheet) -> None:
    _every(form, lambda value: value * 10)


def _remark(*texts: str) -> Callable[[Sheet], None]:
    def spoil(form: Sheet) -> None:
        last = max(r for r, _ in form.at.values())
        for n, text in enumerate(texts):
            cell = form.sheet.cell(last + 2 + n, 2, text)
            cell.data_type = "s"  # "=…" stays text, as an office would type it after an apostrophe

    return spoil


def _footnote(form: Sheet) -> None:
    _one("dossiers_resolved", lambda v: f"{v}*", 1)(form)
    _remark("* Số liệu chưa gồm 02 huyện chưa báo cáo.", "Ghi chú: số liệu tính đến 14/6.")(form)


def _blank_nil(form: Sheet) -> None:
    for (_, field, item), place in form.at.items():
        cell = form.sheet.cell(*place)
        if field != "_T" and cell.value == 0 and item.endswith(("late", "overdue")):
            cell.value = None


def _extra_sheet(form: Sheet) -> None:
    sheet = form.book.create_sheet("Sheet1")
    sheet["A1"], sheet["B2"] = "nháp", 123


def _only_guide(form: Sheet) -> None:
    form.book.remove(form.sheet)


def _rename_field(form: Sheet) -> None:
    row = form.first("dossiers_received")[0]
    form.sheet.cell(row, 2).value = "Lĩnh vực đặc thù của tỉnh"


def _double_row(form: Sheet) -> None:
    rows = sorted({r for (_, field, _), (r, _) in form.at.items() if field != "_T"})
    form.sheet.cell(rows[1], 2).value = form.sheet.cell(rows[0], 2).value


def _outside(form: Sheet) -> None:
    row = next(iter(form.at.values()))[0]
    form.sheet.cell(row, len(form.form["columns"]) + 2).value = 999


def _extra_titles(form: Sheet) -> None:
    _moved(form, rows=3)
    form.sheet["A1"] = "ỦY BAN NHÂN DÂN TỈNH"
    form.sheet["A2"] = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    form.sheet["A3"] = "Độc lập - Tự do - Hạnh phúc"
    form.sheet.merge_cells("A2:M2")


def _head_gone(form: Sheet) -> None:
    form.sheet.cell(blank_forms.HEADER_ROW + 1, 9).value = None


def _no_dates(form: Sheet) -> None:
    form.sheet.cell(5, 1).value = "Từ đầu kỳ đến cuối kỳ"


def _one_total(item: str, change: int) -> Callable[[Sheet], None]:
    """A total that says so much more than its rows."""

    def spoil(form: Sheet) -> None:
        form.sheet.cell(*form.totals(form.rows[0][0], item)[-1]).value += change

    return spoil


# --- faults on the rows of a long file: [unit, element, name, maximum, figure] --------------------

_ELEMENT, _FIGURE = 1, -1


def _row(n: int, column: int, value: str) -> Callable[[list], None]:
    def spoil(rows: list) -> None:
        rows[n][column] = value

    return spoil


def _misspelt(rows: list) -> None:
    for row in rows:
        row[0] = "Tỉnh Hà Tây"


@dataclass(frozen=True)
class Fault:
    """What a unit's submission gets wrong, and the finding that must come of it ("" for none).

    ``spoil`` changes the filled workbook (of a long file the unit's rows), ``damage`` the bytes of
    the saved file.
    """

    unit: str
    name: str
    expected_rule: str
    spoil: Callable = lambda form: None
    damage: Callable[[bytes], bytes] | None = None
    form: str = "II.06a"


FAULTS = [
    Fault("04", "numbers stored as text", "number_as_text", lambda f: _every(f, str)),
    Fault(
        "11",
        "points group thousands",
        "thousands_separator",
        lambda f: _every(f, _grouped("."), 1000),
    ),
    Fault(
        "12",
        "no-break spaces group thousands",
        "thousands_separator",
        lambda f: _every(f, _grouped("\u00a0"), 1000),
    ),
    Fault(
        "14",
        "a stored number lost its thousands",
        "not_integer",
        _one("dossiers_resolved", lambda v: v / 1000, 1001),
    ),
    Fault(
        "20",
        "a percentage in a count",
        "unit_of_value",
        _one("dossiers_resolved_late", lambda v: "12,5 %"),
    ),
    Fault(
        "22",
        "a comma that can be read in two ways",
        "number_ambiguous",
        _one("dossiers_received", lambda v: f"{v // 1000},{v % 1000:03d}", 1000),
    ),
    Fault("24", "footnotes", "footnote_mark", _footnote),
    Fault("25", "a blank cell", "blank", _one("dossiers_resolved_early", lambda v: None, 1)),
    Fault("26", "blank where the total proves nil", "blank_is_nil", _blank_nil),
    Fault("27", "a dash", "missing_symbol", _one("dossiers_pending", lambda v: "-", 1)),
    Fault("30", "an x", "not_applicable", _one("dossiers_received_online", lambda v: "x")),
    Fault("BNNPTNT", "unit under an alias", "", _head("Bộ NN&PTNT")),
    Fault("79", "unit under an alias", "", _head("UBND TP.HCM")),
    Fault("46", "unit under another spelling", "", _head("UBND tỉnh Thừa Thiên - Huế")),
    Fault("66", "unit without accents", "", _head("tinh Dak Lak")),
    Fault("67", "decomposed Unicode (NFD)", "", _decomposed),
    Fault("31", "a unit that no longer exists", "unit_unknown", _head("Tỉnh Hà Tây")),
    Fault("33", "everything one column to the right", "", lambda f: _moved(f, columns=1)),
    Fault("34", "column numbers shifted against their heads", "column_disagrees", _wrong_numbers),
    Fault("35", "a column head missing", "", _head_gone),
    Fault("36", "no column numbers", "", _no_numbers),
    Fault("37", "extra title rows", "", _extra_titles),
    Fault(
        "38",
        "a total that does not add up",
        "total_row",
        _one_total("dossiers_received", 7),
    ),
    Fault(
        "40",
        "received: parts do not add up",
        "received_parts",
        _add({"dossiers_received_direct": 9}),
    ),
    Fault(
        "42",
        "resolved: parts do not add up",
        "resolved_parts",
        _add({"dossiers_resolved_on_time": 3}),
    ),
    Fault(
        "44", "pending: parts do not add up", "pending_parts", _add({"dossiers_pending_overdue": 2})
    ),
    Fault(
        "45",
        "withdrawn dossiers break the balance",
        "received_balance",
        _add({"dossiers_received": 6, "dossiers_received_direct": 6}),
    ),
    Fault("48", "the form's sheet is missing", "sheet_missing", _only_guide),
    Fault("49", "sent twice", "duplicate_submission"),
    Fault("51", "sent late", "received_late"),
    Fault("BGTVT", "sent late", "received_late"),
    Fault(
        "52",
        "corrected by a second submission",
        "superseded",
        _add({"dossiers_received": 20, "dossiers_received_direct": 20}),
    ),
    Fault("54", "workbook of the quarter before", "period_mismatch"),
    Fault("56", "truncated file", "file_unreadable", damage=lambda b: b[: len(b) // 2]),
    Fault(
        "58",
        "text named .xlsx",
        "file_unreadable",
        damage=lambda b: b"Kinh gui Van phong Chinh phu",
    ),
    Fault("60", "a sheet of the office's own", "sheet_unused", _extra_sheet),
    Fault("62", "a field outside the list", "field_unknown", _rename_field),
    Fault("64", "a field twice", "duplicate_row", _double_row),
    Fault("68", "a negative count", "negative", _one("dossiers_pending_overdue", lambda v: -1)),
    Fault("70", "ten times last quarter", "jump", _jump),
    Fault(
        "72",
        "carried over is not last quarter's pending",
        "carried_over",
        _add(
            {
                "dossiers_carried_over": 5,
                "dossiers_received": 5,
                "dossiers_pending": 5,
                "dossiers_pending_in_time": 5,
            }
        ),
    ),
    Fault("74", "nothing sent", "not_received"),
    Fault("VTV", "nothing sent", "not_received"),
    Fault(
        "75",
        "hostile text",
        "text_kept",
        _remark(
            "<script>alert(1)</script><img src=x onerror=alert(2)>",
            "=cmd|'/C calc'!A0",
            "[đỏ](javascript:alert(3)) {{7*7}}",
        ),
    ),
    Fault("77", "a figure outside the form", "outside_form", _outside),
    Fault("80", "a file of another type", "file_type"),
    Fault("82", "no dates in the heading", "period_unreadable", _no_dates),
]
"""Which office sends which fault of form II.06a; units that are not named send a clean workbook."""

_EGOV = [
    Fault("04", "numbers stored as text", "number_as_text", lambda f: _every(f, str)),
    Fault(
        "12",
        "more paid online than paid",
        "payments_online_within_payments",
        _over("payments_online", "payments"),
    ),
    Fault(
        "14",
        "services: parts do not add up",
        "online_services_parts",
        _add({"online_services_full": 2}),
    ),
    Fault("20", "a total that does not add up", "total_row", _one_total("egov_dossiers", 100)),
    Fault("22", "a blank cell", "blank", _one("payments", lambda v: None, 1)),
    Fault("24", "the row of a level left out", "level_missing", _without_last_level),
    Fault("25", "an older version of the form", "form_version", _old_version),
    Fault("26", "sent late", "received_late"),
    Fault("27", "nothing sent", "not_received"),
    Fault(
        "30",
        "corrected by a second submission",
        "superseded",
        _over("dossiers_status_synced", "egov_dossiers"),
    ),
    Fault("70", "ten times last quarter", "figure_jump", _jump),
    Fault("BGTVT", "a percentage in a count", "unit_of_value", _one("work_files_online",
          lambda v: "92,4%")),
]  # fmt: skip
_EDOCS = [
    Fault(
        "11",
        "points group thousands",
        "thousands_separator",
        lambda f: _every(f, _grouped("."), 1000),
    ),
    Fault(
        "38",
        "more signed than sent electronically",
        "signed_within_electronic",
        _over("documents_sent_signed", "documents_sent_electronically"),
    ),
    Fault(
        "40",
        "a percentage in a count",
        "unit_of_value",
        _one("documents_sent_paperless", lambda v: "97 %"),
    ),
    Fault("42", "sent twice", "duplicate_submission"),
    Fault("44", "workbook of the quarter before", "period_mismatch"),
    Fault("45", "truncated file", "file_unreadable", damage=lambda b: b[: len(b) // 2]),
    Fault("74", "nothing sent", "not_received"),
    Fault("BGTVT", "sent late", "received_late"),
]
_DIGITISATION = [
    Fault(
        "38",
        "more digitised than there are",
        "results_within_valid",
        _over("results_digitised", "results_valid"),
    ),
    Fault("40", "a dash", "missing_symbol", _one("dossiers_data_reused", lambda v: "-")),
    Fault("49", "a negative count", "negative", _one("dossiers_digitised", lambda v: -1)),
    Fault("51", "a footnote", "footnote_mark", _one("results_digitised", lambda v: f"{v}*", 1)),
    Fault(
        "52",
        "more dossiers reuse data than came",
        "reused_within_received",
        _over("dossiers_data_reused", "digitisation_dossiers"),
    ),
    Fault("VTV", "nothing sent", "not_received"),
]
_ONE_STOP_COVERAGE = [
    Fault("31", "a unit that no longer exists", "unit_unknown", _head("Tỉnh Hà Tây")),
    Fault(
        "38",
        "procedures: parts do not add up",
        "local_procedures_parts",
        _add({"local_procedures_commune": 4}),
    ),
    Fault(
        "40",
        "more at the one-stop shop than there are",
        "one_stop_within_procedures",
        _over(
            "one_stop_procedures_commune", "local_procedures_commune", total="one_stop_procedures"
        ),
    ),
    Fault("42", "half a procedure", "not_integer", _one("internal_processes", lambda v: v + 0.5)),
    Fault("48", "a figure outside the form", "outside_form", _outside),
    Fault("79", "unit under an alias", "", _head("UBND TP.HCM")),
]
_REGULATIONS = [
    Fault(
        "BCT",
        "more cut than there were",
        "reduced_within_regulations",
        _over("regulations_reduced", "regulations_in_force", total="regulations_cut"),
    ),
    Fault("BGTVT", "the base changes", "base_changes", _add({"regulations_in_force": 6})),
    Fault(
        "BNNPTNT",
        "cost rises",
        "cost_rises",
        _over("compliance_cost_after", "compliance_cost_before"),
    ),
    Fault("BTTTT", "sent late", "received_late"),
    Fault(
        "VTV", "cut and simplified do not add up", "regulations_parts", _add({"regulations_cut": 1})
    ),
]
_ONE_STOP = [
    Fault("11", "more points than there are", "out_of_range", _row(2, _FIGURE, "2,5")),
    Fault("12", "no points", "blank", _row(3, _FIGURE, "")),
    Fault("14", "a word for points", "number_unreadable", _row(4, _FIGURE, "tốt")),
    Fault("20", "a decimal point", "decimal_point", _row(5, _FIGURE, "1.5")),
    Fault("22", "an index twice", "duplicate_row", _row(7, _ELEMENT, "7")),
    Fault("24", "an index that does not exist", "item_unknown", _row(8, _ELEMENT, "10")),
    Fault("31", "a unit that no longer exists", "unit_unknown", _misspelt),
]
FAULTS += [
    replace(fault, form=form)
    for form, faults in {
        "egov": _EGOV,
        "edocs": _EDOCS,
        "digitisation": _DIGITISATION,
        "II.07b": _ONE_STOP_COVERAGE,
        "regulations": _REGULATIONS,
        "one_stop": _ONE_STOP,
    }.items()
    for fault in faults
]
