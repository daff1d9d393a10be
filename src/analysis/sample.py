"""The illustrative periods 2022-Q1 and 2022-Q2: synthetic workbooks with the mess offices send.

Nothing here is a figure of a real office. Model: the size of a unit is log-normal around a level
for its type; its dossiers are spread over levels and fields by Dirichlet shares; shares filed
online, resolved late or still pending are beta-distributed around a unit effect; counts are
binomial, so every identity of the form holds in the truth. What is pending at the end of the first
quarter is carried over into the second. The second quarter is then spoilt by the table FAULTS.
"""

import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from openpyxl import Workbook

from analysis import catalogue as cat
from analysis import forms, workbook

SEED = 20220615
PERIODS = ("2022-Q1", "2022-Q2")
_FORM = "II.06a"
_TYPES = ["ministry", "ministerial_level", "government_agency", "province", "centrally_run_city"]
# type → median dossiers a quarter, spread (standard deviation of the logarithm)
_SIZE = {
    "ministry": (18_000, 1.1),
    "ministerial_level": (2_500, 0.8),
    "government_agency": (700, 0.8),
    "province": (42_000, 0.5),
    "centrally_run_city": (220_000, 0.5),
}
_LEVEL_SHARE = {"ministry": [1.0], "province": [0.25, 0.30, 0.45]}
_FIELDS = {"ministry": (3, 6), "province": (9, 14), "district": (5, 8), "commune": (4, 6)}


# --- the truth -----------------------------------------------------------------------------------


def truth(catalogue: cat.Catalogue) -> pd.DataFrame:
    """The true figures of both periods.

    Returns reporting_unit, time_period, level, field (code), and one column per item of the form.
    """
    form = catalogue.forms[_FORM]
    units = catalogue.units_on(pd.Timestamp("2022-06-14"))
    units = units[units["type"].isin(_TYPES) & (units["parent"] == "")]
    tables = []
    for n, unit in enumerate(units.itertuples()):
        rng = np.random.default_rng([SEED, n])
        tables.append(_unit_truth(rng, unit, forms.levels(form, unit.type), catalogue))
    return pd.concat(tables, ignore_index=True)


def _unit_truth(rng, unit, levels: dict, catalogue: cat.Catalogue) -> pd.DataFrame:
    median, spread = _SIZE[unit.type]
    size = median * np.exp(spread * rng.standard_normal())
    online, late = rng.beta(4, 6), rng.beta(1.2, 40)
    shares = _LEVEL_SHARE["ministry" if len(levels) == 1 else "province"]
    tables = []
    for level, share in zip(levels, shares, strict=True):
        known = catalogue.fields.loc[
            catalogue.fields["levels"].str.split("|").map(lambda at, level=level: level in at),
            "code",
        ].to_numpy()
        low, high = _FIELDS[level]
        chosen = np.sort(rng.choice(len(known), rng.integers(low, high + 1), replace=False))
        filed = np.round(size * share * rng.dirichlet(np.full(len(chosen), 0.9))).astype(int)
        place = {"reporting_unit": unit.code, "level": level, "field": known[chosen]}
        p_online = np.clip(online * rng.uniform(0.5, 1.6, len(chosen)), 0.02, 0.97)
        carried = rng.binomial(filed, 0.07)
        for period in PERIODS:
            figures = _quarter(rng, filed, carried, p_online, late)
            tables.append(pd.DataFrame({**place, "time_period": period, **figures}))
            carried = figures["dossiers_pending"]
            filed = np.round(filed * rng.lognormal(0.05, 0.12, len(chosen))).astype(int)
    return pd.concat(tables, ignore_index=True)


def _quarter(rng, filed, carried, p_online, late: float) -> dict[str, np.ndarray]:
    online = rng.binomial(filed, p_online)
    received = filed + carried
    pending = rng.binomial(received, rng.beta(6, 70))
    resolved = received - pending
    overdue = rng.binomial(resolved, late)
    early = rng.binomial(resolved - overdue, 0.55)
    pending_overdue = rng.binomial(pending, min(1.0, 2 * late))
    return {
        "dossiers_received": received,
        "dossiers_received_online": online,
        "dossiers_received_direct": filed - online,
        "dossiers_carried_over": carried,
        "dossiers_resolved": resolved,
        "dossiers_resolved_early": early,
        "dossiers_resolved_on_time": resolved - overdue - early,
        "dossiers_resolved_late": overdue,
        "dossiers_pending": pending,
        "dossiers_pending_in_time": pending - pending_overdue,
        "dossiers_pending_overdue": pending_overdue,
    }


# --- workbooks -----------------------------------------------------------------------------------


@dataclass
class Sheet:
    """A filled workbook and where its figures stand: (level, field, item) → (row, column)."""

    book: Workbook
    at: dict

    @property
    def sheet(self):
        return self.book.worksheets[0]

    def first(self, item: str, at_least: int = 0) -> tuple[int, int]:
        """Place of the first row's figure that is at least so large."""
        return next(
            p
            for (_, field, i), p in self.at.items()
            if i == item and field != "_T" and self.sheet.cell(*p).value >= at_least
        )


def filled(
    unit: pd.Series, plan: cat.PeriodPlan, catalogue: cat.Catalogue, figures: pd.DataFrame
) -> Sheet:
    """The workbook that a careful office would send."""
    form = catalogue.forms[_FORM]
    names = dict(zip(catalogue.fields["code"], catalogue.fields["name_vi"], strict=True))
    by_level = {lv: g for lv, g in figures.groupby("level", sort=False)}
    fields = {lv: [names[f] for f in g["field"]] for lv, g in by_level.items()}
    book = forms.blank(form, unit, plan, fields)
    sheet, at = book.worksheets[0], {}
    columns = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
    row = forms.HEADER_ROW + 3

    def put(level: str, field: str, values: pd.Series) -> None:
        for item, column in columns.items():
            sheet.cell(row, column, int(values[item]))
            at[level, field, item] = (row, column)

    for level in forms.levels(form, unit["type"]):
        group = by_level[level]
        for _, line in group.iterrows():
            row += 1
            put(level, line["field"], line)
        for spare in (row + 1, row + 2):  # an office deletes the lines that it did not use
            sheet.cell(spare, 1).value = None
        row += 3
        put(level, "_T", group[list(columns)].sum())
        row += 1
    put("_T", "_T", figures[list(columns)].sum())
    return Sheet(book, at)


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
        for line in form.sheet.iter_rows(max_row=forms.HEADER_ROW):
            for cell in line:
                if str(cell.value).startswith("Đơn vị báo cáo"):
                    cell.value = f"Đơn vị báo cáo: {text}"

    return spoil


def _decomposed(form: Sheet) -> None:
    for line in form.sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str):
                cell.value = unicodedata.normalize("NFD", cell.value)


def _clear_row(row: int) -> Callable[[Sheet], None]:
    def spoil(form: Sheet) -> None:
        for cell in form.sheet[row]:
            if not hasattr(cell, "column_letter"):
                continue
            cell.value = None

    return spoil


def _wrong_numbers(form: Sheet) -> None:
    """Column numbers pushed one to the right of their heads."""
    row = forms.HEADER_ROW + 2
    for c in range(1, 14):
        form.sheet.cell(row, c + 1).value = f"({c})"
    form.sheet.cell(row, 1).value = None


def _add(items: dict[str, int], totals: bool = True) -> Callable[[Sheet], None]:
    """Change a first row's figures, and the totals with them."""

    def spoil(form: Sheet) -> None:
        level, field, _ = next(k for k in form.at if k[1] != "_T")
        for item, change in items.items():
            places = [form.at[level, field, item]]
            if totals:
                places += [form.at[level, "_T", item], form.at["_T", "_T", item]]
            for place in places:
                form.sheet.cell(*place).value += change

    return spoil


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
    row = form.first("dossiers_received")[0]
    form.sheet.cell(row, 15).value = 999


def _extra_titles(form: Sheet) -> None:
    _moved(form, rows=3)
    form.sheet["A1"] = "ỦY BAN NHÂN DÂN TỈNH"
    form.sheet["A2"] = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    form.sheet["A3"] = "Độc lập - Tự do - Hạnh phúc"
    form.sheet.merge_cells("A2:M2")


def _head_gone(form: Sheet) -> None:
    form.sheet.cell(forms.HEADER_ROW + 1, 9).value = None


def _no_dates(form: Sheet) -> None:
    form.sheet.cell(5, 1).value = "Từ đầu kỳ đến cuối kỳ"


def _one_total(form: Sheet, item: str, change: int) -> None:
    level = next(k[0] for k in form.at)
    form.sheet.cell(*form.at[level, "_T", item]).value += change


@dataclass(frozen=True)
class Fault:
    """What a unit's workbook gets wrong, and the finding that must come of it ("" for none).

    ``spoil`` changes the filled workbook, ``damage`` the bytes of the saved file.
    """

    unit: str
    name: str
    expected_rule: str
    spoil: Callable[[Sheet], None] = lambda form: None
    damage: Callable[[bytes], bytes] | None = None


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
    Fault("36", "no column numbers", "", _clear_row(forms.HEADER_ROW + 2)),
    Fault("37", "extra title rows", "", _extra_titles),
    Fault(
        "38",
        "a total that does not add up",
        "total_row",
        lambda f: _one_total(f, "dossiers_received", 7),
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
"""Which office sends which fault in 2022-Q2. Units that are not named send a clean workbook."""


# --- building ------------------------------------------------------------------------------------


def build(root: Path) -> dict[str, int]:
    """Rebuild ``data/submissions/2022-Q1`` and ``2022-Q2``; the same bytes every time.

    Returns the number of files of each period.
    """
    place = cat.Place(root)
    for code in PERIODS:
        folder = place.submissions(code)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "period.yml").write_text(_period_yml(code), encoding="utf-8")
        (folder / "README.md").write_text(_README.format(code=code, seed=SEED), encoding="utf-8")
    catalogue = cat.load(root)
    figures = dict(list(truth(catalogue).groupby(["time_period", "reporting_unit"])))
    plans = {code: cat.plan(code, catalogue, root) for code in PERIODS}
    counts = {}
    for code, plan in plans.items():
        faults = {f.unit: f for f in FAULTS} if code == PERIODS[1] else {}
        received = []
        for n, (_, unit) in enumerate(cat.due_units(catalogue, plan).iterrows()):
            fault = faults.get(unit["code"])
            sent = _sent(unit, plan, plans[PERIODS[0]], catalogue, figures, fault)
            day = _arrival(plan, n, fault)
            for i, (name, content) in enumerate(sent):
                (place.submissions(code) / name).write_bytes(content)
                received.append((name, (day + pd.Timedelta(days=i)).date().isoformat()))
        table = pd.DataFrame(received, columns=["file", "received_at"])
        table.to_csv(place.submissions(code) / "received.csv", index=False)
        counts[code] = len(table)
    return counts


def _arrival(plan: cat.PeriodPlan, n: int, fault: Fault | None) -> pd.Timestamp:
    late = fault is not None and fault.expected_rule == "received_late"
    start = pd.Timestamp(plan.deadline if late else plan.end)
    return start + pd.Timedelta(days=4 if late else 1 + n % 10)


def _sent(unit, plan, before, catalogue, figures, fault: Fault | None) -> list[tuple[str, bytes]]:
    """The files that a unit sends, in order of receipt."""
    name = f"II06a_{unit['code']}_{plan.code}.xlsx"
    own = figures[plan.code, unit["code"]]
    clean = workbook.same_bytes(filled(unit, plan, catalogue, own).book)
    rule = fault.expected_rule if fault else ""
    if rule == "not_received":
        return []
    if rule == "duplicate_submission":
        return [(name, clean), (name.replace(".xlsx", "_gui_lai.xlsx"), clean)]
    if rule == "period_mismatch":
        old = filled(unit, before, catalogue, figures[PERIODS[0], unit["code"]])
        return [(name, workbook.same_bytes(old.book))]
    if rule == "file_type":
        return [(name.replace(".xlsx", ".docx"), b"PK\x03\x04 word processor file")]
    if fault and fault.damage:
        return [(name, fault.damage(clean))]
    form = filled(unit, plan, catalogue, own)
    if fault:
        fault.spoil(form)
    spoilt = workbook.same_bytes(form.book)
    if rule == "superseded":
        return [(name, spoilt), (name.replace(".xlsx", "_sua.xlsx"), clean)]
    return [(name, spoilt)]


def _period_yml(code: str) -> str:
    quarter = {"2022-Q1": ("Quý I", "First"), "2022-Q2": ("Quý II", "Second")}[code]
    note = "dữ liệu minh họa do máy sinh, không phải số liệu thật"
    return yaml.safe_dump(
        {
            "time_period": code,
            "title": {
                "vi": f"{quarter[0]} năm 2022 – minh họa toàn quốc",
                "en": f"{quarter[1]} quarter of 2022 – national illustration",
            },
            "regime": "nd09_2019",
            "forms": [_FORM, "tasks", "recommendations"],
            "frameworks": ["qd766_06a", "tasks", "consultation"],
            "due": {"types": _TYPES},
            "synthetic": True,
            "source": {"vi": note, "en": "synthetic data made by a generator, not real figures"},
        },
        allow_unicode=True,
        sort_keys=False,
    )


_README = """# {code}: SYNTHETIC / DỮ LIỆU MINH HỌA

Mọi tệp trong thư mục này do máy sinh ra (`python -m analysis sample`, seed {seed}); không phải số
liệu thật của bất kỳ đơn vị nào.

Every file here is generated (`src/analysis/sample.py`, seed {seed}). None is a figure of a real
office. The model and the table of faults stand at the top and in FAULTS of that module.
"""
