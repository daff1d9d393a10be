"""The table of administrative compliance cost as a workbook: now, afterwards, both compared.

Three phases, the sheet "BIỂU ĐỒ SO SÁNH" (saving and percent), and the source and way of collecting
each number, as the workbook that goes with reviews of procedures has them; the sum is that of
Thông tư 02/2017/TT-VPCP, Điều 27. The columns are those of the usual form: its text could not be
read, and the workbook says so. What may be changed is a number on yellow, all else a formula; what
is missing stays empty and makes what rests on it empty, never 0.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from analysis.exchange import letters
from analysis.exchange.neutral import across, safe_text, same_bytes
from analysis.language.messages import tell
from analysis.language.words import MISSING, number, percent, short
from analysis.storage import files
from analysis.survey import cost
from analysis.survey.what_if import LABELS, Compared

PARAMETERS, NOW, THEN, COMPARED = "THAM SỐ", "HIỆN TẠI", "SAU ĐƠN GIẢN HÓA", "BIỂU ĐỒ SO SÁNH"
"""Names of the sheets."""
FIRST = 6
"""The row of the first task."""

_UNVERIFIED = (
    "Công thức: Thông tư 02/2017/TT-VPCP, Điều 27. Các cột theo biểu mẫu quen dùng, chưa đối chiếu "
    "được văn bản; không tính chi phí cơ hội. Ô nền vàng là số được sửa, các ô khác tự tính."
)
_HEADS = {
    "A": "STT",
    "B": "Công việc",
    "C": "Cách thực hiện cụ thể",
    "D": "Thời gian (giờ)",
    "E": "Mức TNBQ/01 giờ (đồng)",
    "F": "Chi phí thuê tư vấn, dịch vụ",
    "G": "Phí, lệ phí, chi phí khác",
    "H": "Số lần/01 năm",
    "I": "Số lượng đối tượng/01 năm",
    "J": "Chi phí thực hiện công việc, một lần",
    "K": "Tổng chi phí/năm",
    "L": "Ghi chú",
}
_WIDTHS = dict(zip("ABCDEFGHIJKL", (5, 34, 26, 10, 13, 14, 14, 9, 13, 16, 20, 24), strict=True))
_INPUT = PatternFill("solid", fgColor="FFF2CC")
_LINE = Border(*[Side("thin")] * 4)
_TEXTS, _MONEY = Alignment(wrap_text=True, vertical="top"), "#,##0.##"
# of the sheet of parameters: rows of what all tasks share
_WAGE, _DAY, _HOURLY, _TIMES, _SUBJECTS = 5, 6, 7, 8, 9
_SHARED = {"hourly_rate": _HOURLY, "times_per_year": _TIMES, "subjects": _SUBJECTS}
_SIDES = {NOW: ("before", "B"), THEN: ("after", "C")}


def save(compared: Compared, path: str | Path, title: str, source: str = "") -> Path:
    """Write :func:`workbook` (a name that ends in .xlsx) or :func:`paper` (.html); nothing that
    lies there is replaced.

    Raises
    ------
    ValueError
        for a name with another ending, or one that is taken.
    """
    path = Path(path)
    kinds = {".xlsx": workbook, ".html": paper}
    if path.suffix.lower() not in kinds:
        raise ValueError(tell("{file}: the name must end in .xlsx or .html", file=path.name))
    if path.exists():
        raise ValueError(
            tell("{path} is there already: name another, or remove it yourself", path=path)
        )
    made = kinds[path.suffix.lower()](compared, title, source)
    files.write(path, made if isinstance(made, bytes) else made.encode())
    return path


def workbook(compared: Compared, title: str, source: str = "") -> bytes:
    """The workbook of a change; the same bytes for the same change.

    Parameters
    ----------
    compared
        Of :func:`analysis.survey.what_if.compare`. Optional columns of its tasks: ``how`` (cách
        thực hiện cụ thể) and ``note``.
    title
        What the procedure is called, and ``source`` where its tasks are from: quoted, neutralised.
    """
    book, known = Workbook(), {}
    sheets = {NOW: book.active, THEN: book.create_sheet(), COMPARED: book.create_sheet()}
    sheets |= {PARAMETERS: book.create_sheet()}
    for name, sheet in sheets.items():
        sheet.title = name
        _headed(sheet, name, title)
    known[PARAMETERS] = _parameters(sheets[PARAMETERS], compared, source)
    totals = {}
    for name, (side, column) in _SIDES.items():
        tasks = getattr(compared, side)
        known[name], totals[name] = _phase(sheets[name], tasks, column, _shared(compared, side))
    known[COMPARED] = _comparison(sheets[COMPARED], compared, totals)
    for sheet in sheets.values():
        across(sheet)
    return same_bytes(book, known)


def _headed(sheet: Worksheet, name: str, title: str) -> None:
    sheet["A1"], sheet["A2"], sheet["A3"] = name, safe_text(title), _UNVERIFIED
    sheet["A1"].font, sheet["A2"].font = Font(bold=True, size=13), Font(bold=True)
    sheet["A3"].font = Font(italic=True, size=9)


def _shared(compared: Compared, side: str) -> set[str]:
    """What all tasks of a side have from the sheet of parameters."""
    waged = compared.inputs.set_index("input")[side].reindex(["wage"]).notna().all()
    return {"times_per_year", "subjects"} | ({"hourly_rate"} if waged else set())


def _row(sheet: Worksheet, row: int, values: dict[str, object], inputs: str = "") -> None:
    """Cells of a row, framed; those of the columns ``inputs`` may be changed."""
    for column, value in values.items():
        cell = sheet[f"{column}{row}"]
        cell.value = None if value is None or value != value else value
        cell.border, cell.alignment = _LINE, _TEXTS
        if not isinstance(value, str) or value.startswith("="):
            cell.number_format = _MONEY
        if column in inputs:
            cell.fill = _INPUT


def _parameters(sheet: Worksheet, compared: Compared, source: str) -> dict[str, object]:
    """The sheet of what may be changed for all tasks, with source and way of collecting."""
    heads = ["Tham số", "Hiện tại", "Sau đơn giản hóa", "Nguồn và cách thu thập"]
    _row(sheet, 4, dict(zip("ABCD", heads, strict=True)))
    held = compared.inputs.set_index("input")
    values: dict[str, object] = {}
    rows = {"wage": _WAGE, "hours_per_day": _DAY, "times_per_year": _TIMES, "subjects": _SUBJECTS}
    for name, row in rows.items():
        pair = [_given(held, name, side, getattr(compared, side)) for side in ("before", "after")]
        told = safe_text(_source(held, name) or source)
        _row(sheet, row, {"A": LABELS[name], "B": pair[0], "C": pair[1], "D": told}, "BC")
    for side, column in _SIDES.values():
        wage, day = f"{column}{_WAGE}", f"{column}{_DAY}"
        waged = "hourly_rate" in _shared(compared, side)
        rate = getattr(compared, side)["hourly_rate"].iloc[0]
        values[f"{column}{_HOURLY}"] = rate if waged else None
        formula = f'=IF(COUNT({wage},{day})=2,{wage}/{day},"")'
        _row(sheet, _HOURLY, {"A": "Mức TNBQ/01 giờ (đồng)", column: formula})
    row = _SUBJECTS + 1
    for name in ("hours", "agent_price", "fees"):
        if name in held.index:
            row += 1
            pair = dict(zip("BC", held.loc[name, ["before", "after"]], strict=True))
            told = {"A": LABELS[name], "D": safe_text(_source(held, name))}
            _row(sheet, row, told | pair)
    for column, width in zip("ABCD", (44, 18, 18, 70), strict=True):
        sheet.column_dimensions[column].width = width
    return _known(values)


def _given(held: pd.DataFrame, name: str, side: str, tasks: pd.DataFrame) -> object:
    """An input of one side, as it was given or else as its tasks have it."""
    value = held.at[name, side] if name in held.index else None
    return tasks[name].iloc[0] if pd.isna(value) and name in tasks else value


def _source(held: pd.DataFrame, name: str) -> str:
    """Where an input is from, and how sure it is where it is an estimate."""
    if name not in held.index:
        return ""
    row, told = held.loc[name], {}
    for side, called in (("before", "hiện tại"), ("after", "sau")):
        found = [row[f"source_{side}"]] if row[f"source_{side}"] else []
        if pd.notna(row[f"{side}_error"]):
            found.append(f"ước lượng, sai số chuẩn {number(row[f'{side}_error'], 2)}")
        if pd.notna(row[f"n_{side}"]):
            found.append(f"n = {number(row[f'n_{side}'])}")
        told[called] = "; ".join(found)
    if len({*told.values()}) == 1:
        return told["sau"]
    return " | ".join(f"{called}: {text}" for called, text in told.items() if text)


def _phase(
    sheet: Worksheet, tasks: pd.DataFrame, column: str, shared: set[str]
) -> tuple[dict[str, object], str]:
    """A sheet of tasks; what its formulas come to, and where its total stands."""
    _row(sheet, 4, _HEADS)
    _row(sheet, 5, {c: f"({n})" for n, c in enumerate(_HEADS, 1)})
    values: dict[str, object] = {}
    last = FIRST + len(tasks) - 1
    for row, task in enumerate(tasks.to_dict("records"), FIRST):
        _row(sheet, row, dict(_task(task, row, column, shared)), "DEFGHIJ")
        for c, value in _task_values(task).items():
            if isinstance(sheet[f"{c}{row}"].value, str):
                sheet[f"{c}{row}"].fill = PatternFill()
                values[f"{c}{row}"] = value
    total, years = last + 1, f"K{FIRST}:K{last}"
    formula = f'=IF(COUNT({years})={len(tasks)},SUM({years}),"")'
    _row(sheet, total, {c: "" for c in _HEADS} | {"B": "Cộng", "K": formula})
    values[f"K{total}"] = cost.standard_cost(tasks)["annual_cost"].iloc[0]
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes, sheet.row_dimensions[4].height = f"C{FIRST}", 60
    return _known(values), f"K{total}"


def _task(task: dict, row: int, column: str, shared: set[str]) -> Iterator[tuple[str, object]]:
    """Column → what stands there of a task."""
    yield from (("A", row - FIRST + 1), ("B", safe_text(task["task"])))
    yield from (("C", safe_text(task.get("how"))), ("D", task["hours"]))
    places = {"E": "hourly_rate", "H": "times_per_year", "I": "subjects"}
    for letter, name in places.items():
        at = f"'{PARAMETERS}'!${column}${_SHARED[name]}"
        linked = f'=IF(ISNUMBER({at}),{at},"")'
        yield letter, linked if name in shared else task[name]
    yield from (("F", task["consultancy"]), ("G", task["fees"]))
    stated = task.get("task_cost")
    if task["hours"] == task["hours"] or stated is None or stated != stated:
        yield "J", f'=IF(COUNT(D{row}:F{row})=3,D{row}*E{row}+F{row},"")'
    else:
        yield "J", stated
    yield "K", f'=IF(COUNT(G{row}:J{row})=4,(J{row}+G{row})*H{row}*I{row},"")'
    yield "L", safe_text(task.get("note"))


def _task_values(task: dict) -> dict[str, object]:
    """What the formulas of a task come to."""
    once = cost.standard_cost(pd.DataFrame([task])).iloc[0]
    return {
        "E": task["hourly_rate"],
        "H": task["times_per_year"],
        "I": task["subjects"],
        "J": once["task_cost"],
        "K": once["annual_cost"],
    }


def _known(values: dict[str, object]) -> dict[str, object]:
    """Figures as a sheet keeps them: what is missing is the empty text that formulas give."""
    return {c: "" if v is None or v != v else float(v) for c, v in values.items()}


def _comparison(sheet: Worksheet, compared: Compared, totals: dict[str, str]) -> dict[str, object]:
    """Saving and percent above a chart; the interval stands while the numbers are as exported."""
    at = [f"'{name}'!{place}" for name, place in totals.items()]
    both = "COUNT(B5:B6)=2"
    row = compared.result.iloc[0]
    lines = {
        5: ("Chi phí tuân thủ một năm, hiện tại (đồng)", f'=IF(ISNUMBER({at[0]}),{at[0]},"")'),
        6: ("Chi phí tuân thủ một năm, sau đơn giản hóa", f'=IF(ISNUMBER({at[1]}),{at[1]},"")'),
        7: ("Tiết kiệm một năm (âm là tốn thêm)", f'=IF({both},B5-B6,"")'),
        8: ("Tỷ lệ cắt giảm (%)", f'=IF({both},IF(B5=0,"",100*B7/B5),"")'),
    }
    values = {"B5": row["before"], "B6": row["after"], "B7": row["saving"]}
    values |= {"B8": row["saving_percent"]}
    if compared.estimated:
        text = "Khoảng tin cậy 95 % của tiết kiệm, {} (phương pháp delta; trống khi đã sửa số)"
        saving = float(row["saving"])
        same = f"ABS(B7-{saving!r})<=0.000001*ABS({saving!r})"
        for line, name, called in ((9, "ci_low", "cận dưới"), (10, "ci_high", "cận trên")):
            lines[line] = (
                text.format(called),
                f'=IF(ISNUMBER(B7),IF({same},{float(row[name])!r},""),"")',
            )
            values[f"B{line}"] = row[name]
    else:
        lines[9] = ("Các đầu vào là số cho sẵn, không phải ước lượng: không có khoảng tin cậy", "")
    _row(sheet, 4, {"A": "So sánh", "B": "Đồng một năm"})
    for line, (label, formula) in lines.items():
        _row(sheet, line, {"A": label, "B": formula})
        sheet.row_dimensions[line].height = 30
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 62, 24
    chart = BarChart()
    chart.type, chart.title, chart.legend = "bar", "Chi phí tuân thủ một năm", None
    chart.add_data(Reference(sheet, min_col=2, min_row=5, max_row=6))
    chart.set_categories(Reference(sheet, min_col=1, min_row=5, max_row=6))
    sheet.add_chart(chart, "A13")
    return _known(values)


def paper(compared: Compared, title: str, source: str = "") -> str:
    """The same table as a page that prints on A4: of each task now beside afterwards."""
    parts = [letters.paragraph(_UNVERIFIED.partition(" Ô nền vàng")[0])]
    told = [letters.paragraph(f"Nguồn: {source}")] if source else []
    heads = ["", "Hiện tại", "Sau đơn giản hóa"]
    sides = [getattr(compared, side).to_dict("records") for side in ("before", "after")]
    for n, pair in enumerate(zip(*sides, strict=True), 1):
        parts.append(letters.heading(f"{n}. {pair[0]['task']}"))
        columns = [dict(_task(t, FIRST, "B", set())) | _task_values(t) for t in pair]
        rows = [[_HEADS[c], *(short(side[c]) for side in columns)] for c in "DEFGHIJK"]
        if any(t.get("how") for t in pair):
            rows.insert(0, [_HEADS["C"], *(str(t.get("how") or "") for t in pair)])
        parts.append(letters.table(rows, heads))
    row = compared.result.iloc[0]
    lines = [["Tổng chi phí tuân thủ một năm (đồng)", short(row["before"]),
              short(row["after"])]]  # fmt: skip
    parts += [letters.heading("So sánh"), letters.table(lines, heads)]
    saved = f"Tiết kiệm một năm: {short(row['saving'])} đồng ({percent(row['saving_percent'])})."
    parts.append(letters.paragraph(saved))
    if compared.estimated:
        ends = f"{number(row['ci_low'])} đến {number(row['ci_high'])} đồng"
        told.append(letters.paragraph(f"Khoảng tin cậy 95 %: {ends} (phương pháp delta)."))
    held = compared.inputs.set_index("input")
    given = [[LABELS[name], _source(held, name) or MISSING] for name in held.index]
    parts += [*told, letters.heading("Nguồn và cách thu thập"), letters.table(given, ["", ""])]
    parts.append(letters.table([["Người lập", "…" * 10], ["Ngày", "…" * 10]]))
    return letters.page(title, parts)
