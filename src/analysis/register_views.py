"""Registers as readers see them: key sentences, tables of units, of what is overdue, the plan."""

import pandas as pd

from analysis.catalogue_schema import STATES
from analysis.tables import CERTAINTY, share, whole
from analysis.words import MISSING, day, number, percent

STATE_COUNTS = ({"name": "Trạng thái", "n": "Số lượng", "share": "Tỷ trọng"},
                {"n": whole, "share": share})  # fmt: skip
UNITS = (
    {"name": "Cơ quan", "all": "Tổng số", "completed": "Đã xong", "completed_on_time": "Đúng hạn",
     "completed_late": "Quá hạn", "open": "Chưa xong", "open_overdue": "Chưa xong, quá hạn",
     "completed_share": "Tỷ lệ hoàn thành", "overdue_share": "Tỷ lệ quá hạn",
     "on_time_share": "Đúng hạn trong số đã xong có hạn"},
    dict.fromkeys(["all", "completed", "completed_on_time", "completed_late", "open"], whole)
    | {"open_overdue": whole, "completed_share": share, "overdue_share": share}
    | {"on_time_share": share},
)  # fmt: skip
PLAN = {"code": "Mã", "text": "Nội dung", "lead": "Chủ trì trong VPCP", "due": "Thời hạn",
        "status": "Trạng thái", "result": "Kết quả", "certainty": "Mức chắc chắn",
        "source": "Nguồn"}  # fmt: skip
PLAN_COUNTS = ({"name": "Nhóm nhiệm vụ", "all": "Số việc", "done": "Đã ban hành",
                "open": "Đang thực hiện", "recurring": "Thường xuyên", "unknown": "Chưa rõ",
                "dated": "Có ngày trong nguồn", "led": "Có đơn vị chủ trì"},
               dict.fromkeys(["all", "done", "open", "recurring", "unknown", "dated", "led"],
                             whole))  # fmt: skip
THEMES = ({"name": "Chủ đề", "n": "Số kiến nghị", "open": "Chưa trả lời", "units": "Số cơ quan",
           "keywords": "Tìm thấy bởi từ khóa"},
          {"n": whole, "open": whole, "units": whole})  # fmt: skip
NOT_COUNTED = {"record": "Mã", "place": "Tệp · trang tính · ô", "message_vi": "Vì sao"}
_MOST = 30


def state_names(form: dict) -> dict[str, str]:
    """State → the form's words for it."""
    return {s: form["state_names"][s]["vi"] for s in STATES}


def state_counts(summed: pd.DataFrame, form: dict) -> pd.DataFrame:
    """The states of all records together, with their share of all (summed: one row)."""
    row = summed.iloc[0] if len(summed) else pd.Series(0, index=["all", *STATES])
    names = state_names(form)
    table = pd.DataFrame({"name": [names[s] for s in STATES], "n": [row[s] for s in STATES]})
    table["share"] = 100 * table["n"] / row["all"] if row["all"] else float("nan")
    return table[table["n"] > 0]


def named(table: pd.DataFrame, names: dict[str, str], by: str = "reporting_unit") -> pd.DataFrame:
    """``table`` with ``name``: that of the unit or choice in column ``by``, else the code."""
    return table.assign(name=[names.get(c, c) for c in table[by]])


def choices(form: dict, attribute: str) -> dict[str, str]:
    """Code of a choice → its words."""
    return {c: w["vi"] for c, w in form["attributes"][attribute]["choices"].items()}


def bands(counts: pd.Series) -> pd.Series:
    """The bands of :func:`analysis.registers.ageing` in words."""
    words = [f"{a}–{b} ngày" if b else f"trên {a - 1} ngày" for a, b in counts.index]
    return pd.Series(counts.to_numpy(), index=words)


def ahead(table: pd.DataFrame, names: dict[str, str], form: dict) -> tuple:
    """:func:`analysis.registers.forecast` with names, and its columns for tables.show."""
    table = table.assign(name=[names.get(c, c) for c in table["reporting_unit"]])
    table.loc[table["reporting_unit"] == "_T", "name"] = "Tổng số"
    days = form["forecast"]
    table = table.rename(columns={d: f"d{d}" for d in days})
    heads = {"name": "Cơ quan"} | {f"d{d}": f"Trong {d} ngày tới" for d in days}
    return table, heads, {f"d{d}": whole for d in days}


def overdue(rows: pd.DataFrame, form: dict, names: dict[str, str], text: str) -> tuple:
    """Records open and overdue, the longest first, and their columns; at most thirty rows."""
    late = rows[rows["state"] == "open_overdue"].sort_values(["days_over", "record"])
    late = named(late.iloc[::-1].head(_MOST), names)
    dates = form["dates"]
    late = late.assign(
        opened_text=late[dates["opened"]].map(day), due_text=late[dates["due"]].map(day)
    )
    attributes = form["attributes"]
    heads = {form["record"]: "Mã", text: attributes[text]["head"]["vi"], "name": "Cơ quan"}
    heads |= {"opened_text": attributes[dates["opened"]]["head"]["vi"]}
    heads |= {"due_text": attributes[dates["due"]]["head"]["vi"], "days_over": "Số ngày quá hạn"}
    return late, heads, {"days_over": whole}


def more(rows: pd.DataFrame) -> str:
    """How many overdue records the table does not show."""
    rest = int((rows["state"] == "open_overdue").sum()) - _MOST
    return f"Còn {number(rest)} mục quá hạn nữa, xem trong sổ." if rest > 0 else ""


def key(rows: pd.DataFrame, summed: pd.DataFrame, form: dict, names: dict, plan) -> str:
    """Key sentence: how many are overdue and where, the completion rate, what falls due next."""
    what = form["unit_text"]["vi"]
    if rows.empty:
        return f"Chưa có sổ {what} dùng được cho kỳ này."
    one = summed.iloc[0]
    by_unit = rows.loc[rows["state"] == "open_overdue", "reporting_unit"].value_counts()
    soon = form["forecast"][0]
    falling = int((rows["days_left"] <= soon).sum())
    text = f"Đến {day(plan.end)}: {number(one['open_overdue'])} trong {number(one['all'])} {what} "
    text += "chưa xong và đã quá hạn"
    if len(by_unit):
        most = by_unit[by_unit == by_unit.max()].index
        whose = names.get(most[0], most[0])
        others = f" và {number(len(most) - 1)} cơ quan khác" if len(most) > 1 else ""
        text += f", ở {number(len(by_unit))} cơ quan; nhiều nhất là {whose}{others} "
        text += f"({number(by_unit.max())})"
    rate = percent(one["completed_share"])
    return (
        f"{text}. Tỷ lệ hoàn thành {rate}. {number(falling)} {what} đến hạn trong {soon} ngày tới."
    )


def identities(summed: pd.DataFrame, form: dict) -> str:
    """The identities of the states with the figures of this register."""
    if summed.empty:
        return ""
    one, n = summed.iloc[0], {s: number(summed.iloc[0][s]) for s in STATES}
    return (
        f"{number(one['all'])} {form['unit_text']['vi']} = {number(one['completed'])} đã xong "
        f"({n['completed_on_time']} đúng hạn + {n['completed_late']} quá hạn + "
        f"{n['completed_no_deadline']} không có hạn) + {number(one['open'])} chưa xong "
        f"({n['open_within']} trong hạn + {n['open_overdue']} quá hạn + "
        f"{n['open_no_deadline']} không có hạn)."
    )


def carried(rows: pd.DataFrame, form: dict) -> str:
    """How much of the register is stock of the period before."""
    before = int((rows["opened"] == "before").sum())
    what = form["unit_text"]["vi"]
    new = number(len(rows) - before)
    return f"{number(before)} {what} từ kỳ trước chuyển sang, {new} mới trong kỳ."


def not_counted(held: pd.DataFrame, issues: pd.DataFrame, form: dict, table: pd.DataFrame):
    """Records that are in no count and why: one row per blocking issue at one of their cells.

    ``held``: schema.RECORDS; ``table``: all records of the form (analysis.registers.table).
    """
    wrong = issues[(issues["severity"] == "blocking") & (issues["form"] == form["form"])]
    place = ["source_file", "source_sheet", "source_cell"]
    found = wrong.merge(held[[*place, "record"]].drop_duplicates(place), on=place)
    found = found.assign(place=[" · ".join(filter(None, p)) for p in found[place].to_numpy()])
    without = int((~table["placed"].astype(bool)).sum())
    what = form["unit_text"]["vi"]
    if not without:
        return found, f"Mọi {what} trong sổ đều được tính."
    return found, f"{number(without)} {what} trong sổ không được tính vào đâu cho đến khi sửa:"


def theme_counts(found: pd.DataFrame, form: dict, total: int) -> tuple[pd.DataFrame, str]:
    """Themes by how many records have them, and a sentence on how many have none."""
    listed = form["themes"]["list"]
    rows = []
    for code, group in found.groupby("theme"):
        open_ = group["state"].str.startswith("open")
        words = ", ".join(dict.fromkeys(group["keyword"]))
        rows.append((listed[code]["name"]["vi"], len(group), int(open_.sum()),
                     group["reporting_unit"].nunique(), words))  # fmt: skip
    table = pd.DataFrame(rows, columns=["name", "n", "open", "units", "keywords"])
    table = table.sort_values(["n", "name"], ascending=[False, True], ignore_index=True)
    with_one = found["record"].nunique()
    said = f"{number(with_one)} trong {number(total)} kiến nghị có ít nhất một chủ đề; "
    said += (
        f"{number(total - with_one)} không có từ khóa nào; một kiến nghị có thể thuộc nhiều chủ đề."
    )
    return table, said


# --- the plan ----------------------------------------------------------------------------------


def plan_rows(table: pd.DataFrame, form: dict, group: str) -> pd.DataFrame:
    """The deliverables of one group in words; what no source says is "…"."""
    rows = table[table["group"] == group].sort_values("row")
    due = rows["due"].map(day).where(rows["due"].notna(), None)
    asked = rows["due_text"].where(rows["due_text"].notna(), due)
    status = rows["status"].map(choices(form, "status"))
    common = table["source"].mode()
    source = rows["source"]
    if len(common):  # said in full at the top of the page
        source = source.str.replace(common[0], "Bài giới thiệu kế hoạch", regex=False)
    done = rows["completed"].notna()
    status = status.mask(done, status + ", " + rows["completed"].map(day))
    return rows.assign(
        due=asked.where(asked.notna(), MISSING),
        lead=rows["lead"].fillna("chưa nêu"),
        status=status,
        certainty=rows["certainty"].map(CERTAINTY),
        result=rows["result"].fillna(""),
        source=source,
    )


def plan_counts(table: pd.DataFrame, form: dict) -> pd.DataFrame:
    """Deliverables by group and stated status; how many have a day or a lead in the source."""
    named_ = choices(form, "group")
    counts = table.groupby(["group", "status"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=list(named_), columns=list(choices(form, "status")), fill_value=0)
    grouped = table.groupby("group")
    counts = counts.assign(
        name=[named_[g] for g in counts.index],
        all=grouped.size().reindex(counts.index, fill_value=0),
        dated=grouped["due"].count().reindex(counts.index, fill_value=0),
        led=grouped["lead"].count().reindex(counts.index, fill_value=0),
    )
    return counts.rename_axis(columns=None).reset_index()


def plan_key(counts: pd.DataFrame) -> str:
    """Key sentence of the plan: how much is known of what became of it."""
    n = counts.sum(numeric_only=True)
    return (
        f"Kế hoạch nêu {number(n['all'])} việc trong {number(len(counts))} nhóm; "
        f"{number(n['done'])} việc có căn cứ để ghi là đã ban hành (suy ra), "
        f"{number(n['recurring'])} là việc thường xuyên, {number(n['unknown'])} việc chưa rõ trạng "
        f"thái; nguồn chỉ nêu ngày cho {number(n['dated'])} việc và đơn vị chủ trì cho "
        f"{number(n['led'])} việc."
    )
