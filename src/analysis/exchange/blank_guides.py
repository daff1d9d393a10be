"""The guide of a blank form: how it is filled in, each column and each rule in words."""

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

GUIDE = "Hướng dẫn"
LIST_COLUMN = 3
"""Column of the guide with the names that the drop-down of spare rows offers."""


def rules_of(form: dict, kind: str) -> list[dict]:
    """The form's rules of one kind."""
    return [rule for rule in form["rules"] if rule["kind"] == kind]


def unit_of(form: dict, item: str) -> str:
    """What the figures of an item count or measure, in Vietnamese."""
    return form["items"][item].get("unit_text", form["unit_text"])["vi"]


def write(sheet, row: int, column: int, value: object):
    """Write into a cell; names from lists never become formulas, and read back unchanged."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str) and value.lstrip()[:1] in tuple("=+-@"):
        # "text" for openpyxl, and for Excel even after somebody has edited the cell
        cell.data_type, cell.quotePrefix = "s", True
    return cell


def write_guide(sheet, form: dict, names: list[str]) -> None:
    """How to fill the form in: each column and each rule in words, all from the YAML."""
    lines = [
        f"Hướng dẫn ghi biểu {form['form']} (phiên bản {form['version']})",
        f"Căn cứ: {form['legal_basis']}.",
        "Chỉ ghi vào các ô để mở; không thêm, bớt, dời cột và không đổi tên trang tính.",
        "Không phát sinh thì ghi 0. Ô để trống, dấu “-” hay “x” được hiểu là thiếu số liệu.",
        *_how_towrite(form),
        "Các cột:",
        *_columns_in_words(form),
    ]
    lines += ["Các đẳng thức phải đúng ở mỗi dòng:"] * bool(rules_of(form, "sum"))
    number_of = {item: f"“{described['name']['vi']}”" for item, described in form["items"].items()}
    number_of |= {c["item"]: f"({c['number']})" for c in form["columns"] if "item" in c}
    lines += [
        f"   {number_of[r['total']]} = " + " + ".join(number_of[p] for p in r["parts"])
        for r in rules_of(form, "sum")
    ]
    lines += ["Phần không lớn hơn toàn bộ, ở mỗi dòng:"] * bool(rules_of(form, "at_most"))
    lines += [
        f"   {number_of[r['item']]} ≤ {number_of[r['limit']]}" for r in rules_of(form, "at_most")
    ]
    lines.append(" ".join(_rules_in_words(form, number_of)))
    for row, text in enumerate([line for line in lines if line], 1):
        cell = write(sheet, row, 1, text)
        cell.font = Font(bold=row == 1)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for row, name in enumerate(["Lĩnh vực trong danh mục", *names] if names else [], 1):
        write(sheet, row, LIST_COLUMN, name).font = Font(bold=row == 1)
    sheet.column_dimensions["A"].width = 110
    sheet.column_dimensions[get_column_letter(LIST_COLUMN)].width = 44
    sheet.protection.sheet = True


def _how_towrite(form: dict) -> list[str]:
    kinds = {item["kind"] for item in form["items"].values()}
    numbers = {c["item"]: f"({c['number']})" for c in form["columns"] if "item" in c}
    boxes = [how["ticked"] for how in form.get("combine", {}).values() if "ticked" in how]
    comma = "phẩy" if form["numbers"] == "vietnamese" else "chấm"
    return [
        "Ghi số, không kèm chữ, không dùng dấu phân cách hàng nghìn.",
        "Số đếm là số nguyên." if "count" in kinds else "",
        f"Số lẻ ghi dấu {comma} thập phân." if kinds - {"count", "tick"} else "",
        "Ở các cột ô chọn, ghi x vào ô đúng, để trống ô khác." if "tick" in kinds else "",
        *(f"Ở mỗi dòng chọn một trong các cột {', '.join(numbers[i] for i in b)}." for b in boxes),
    ]


def _columns_in_words(form: dict) -> list[str]:
    found = []
    for column in form["columns"]:
        if "item" in column:
            item = form["items"][column["item"]]
            unit = unit_of(form, column["item"])
            text = f"   Cột ({column['number']}): {item['name']['vi']} (đơn vị tính: {unit})."
            more = item.get("definition", {}).get("vi", "")
            found.append(f"{text} {more}".rstrip())
    return found


def _rules_in_words(form: dict, number_of: dict[str, str]) -> list[str]:
    found = ["Dòng tổng bằng tổng các dòng."] * bool(rules_of(form, "total_row"))
    heads = {c["item"]: c["header"]["vi"][-1] for c in form["columns"] if "item" in c}
    for rule in rules_of(form, "equals_previous"):
        now, before = rule["item"], rule["previous_item"]
        found.append(
            f"{heads.get(now, '')} {number_of[now]} bằng {number_of[before]} của kỳ trước."
        )
    return found
