"""Registers as readers see them: key sentences, tables of units, of what is overdue, the plan."""

from collections.abc import Iterable

import pandas as pd

from analysis.display.narrative import CERTAINTY
from analysis.language.collation import in_order
from analysis.language.languages import as_written, choose, column, said, say, say_many
from analysis.language.words import MISSING, day, number, percent
from analysis.schema.tables import STATES, still_open

_MOST = 30
_COUNTED = ["all", "completed", "open", *STATES]


def state_names(form: dict) -> dict[str, str]:
    """State → the form's words for it."""
    return {s: choose(form["state_names"][s]) for s in STATES}


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
    return {c: choose(w) for c, w in form["attributes"][attribute]["choices"].items()}


def bands(counts: pd.Series) -> pd.Series:
    """The bands of :func:`analysis.checking.register_counts.ageing` in words."""
    words = [
        say("{a}–{b} ngày", a=a, b=b) if b else say("trên {a} ngày", a=a - 1)
        for a, b in counts.index
    ]
    return pd.Series(counts.to_numpy(), index=words)


def ahead(table: pd.DataFrame, names: dict[str, str], form: dict) -> tuple:
    """:func:`analysis.checking.register_counts.forecast` with names, and its columns."""
    table = table.assign(name=[names.get(c, c) for c in table["reporting_unit"]])
    table.loc[table["reporting_unit"] == "_T", "name"] = say("Tổng số")
    days = form["forecast"]
    table = table.rename(columns={d: f"d{d}" for d in days})
    heads = {"name": "Cơ quan"} | {f"d{d}": say("Trong {days} ngày tới", days=d) for d in days}
    return table, heads, {f"d{d}": "whole" for d in days}


def overdue(rows: pd.DataFrame, form: dict, names: dict[str, str], text: str) -> tuple:
    """Records open and overdue, the longest first, and their columns; at most thirty rows."""
    late = rows[rows["state"] == "open_overdue"].sort_values(["days_over", "record"])
    late = named(late.iloc[::-1].head(_MOST), names)
    dates = form["dates"]
    late = late.assign(
        opened_text=late[dates["opened"]].map(day), due_text=late[dates["due"]].map(day)
    )
    attributes = form["attributes"]
    heads = {form["record"]: "Mã", text: choose(attributes[text]["head"]), "name": "Cơ quan"}
    heads |= {"opened_text": choose(attributes[dates["opened"]]["head"])}
    heads |= {"due_text": choose(attributes[dates["due"]]["head"]), "days_over": "Số ngày quá hạn"}
    return late, heads, {"days_over": "whole"}


def more(rows: pd.DataFrame) -> str:
    """How many overdue records the table does not show."""
    rest = int((rows["state"] == "open_overdue").sum()) - _MOST
    if rest <= 0:
        return ""
    return say_many("Còn {n} mục quá hạn nữa, xem trong sổ.", rest, n=number(rest))


def key(rows: pd.DataFrame, summed: pd.DataFrame, form: dict, names: dict, plan) -> str:
    """Key sentence: how many are overdue and where, the completion rate, what falls due next."""
    what = choose(form["unit_text"])
    if rows.empty:
        return say("Chưa có sổ {what} dùng được cho kỳ này.", what=what)
    one, soon = summed.iloc[0], form["forecast"][0]
    falling = int((rows["days_left"] <= soon).sum())
    sentences = [
        _overdue_where(rows, one, what, names, plan),
        say("Tỷ lệ hoàn thành {rate}.", rate=percent(one["completed_share"])),
        say_many(
            "{n} {what} đến hạn trong {days} ngày tới.",
            falling,
            n=number(falling),
            what=what,
            days=soon,
        ),
    ]
    return " ".join(sentences)


def _overdue_where(rows: pd.DataFrame, one: pd.Series, what: str, names: dict, plan) -> str:
    by_unit = rows.loc[rows["state"] == "open_overdue", "reporting_unit"].value_counts()
    most = by_unit[by_unit == by_unit.max()].index
    told = {"day": day(plan.end), "all": number(one["all"]), "what": what}
    told |= {"n": number(one["open_overdue"]), "units": number(len(by_unit))}
    if by_unit.empty:
        return say("Đến {day}: {n} trong {all} {what} chưa xong và đã quá hạn.", **told)
    told |= {"whose": names.get(most[0], most[0]), "most": number(by_unit.max())}
    if len(most) == len(by_unit) > 1:
        return say(
            "Đến {day}: {n} trong {all} {what} chưa xong và đã quá hạn, ở {units} cơ quan, mỗi cơ "
            "quan {most}.",
            **told,
        )
    if len(most) == 1:
        return say_many(
            "Đến {day}: {n} trong {all} {what} chưa xong và đã quá hạn, ở {units} cơ quan; "
            "nhiều nhất là {whose} ({most}).",
            len(by_unit),
            **told,
        )
    if len(most) == 2:
        told["second"] = names.get(most[1], most[1])
        return say(
            "Đến {day}: {n} trong {all} {what} chưa xong và đã quá hạn, ở {units} cơ quan; "
            "nhiều nhất là {whose} và {second} (mỗi cơ quan {most}).",
            **told,
        )
    return say_many(
        "Đến {day}: {n} trong {all} {what} chưa xong và đã quá hạn, ở {units} cơ quan; "
        "nhiều nhất là {whose} và {others} cơ quan khác (mỗi cơ quan {most}).",
        len(most) - 1,
        **told,
        others=number(len(most) - 1),
    )


def identities(summed: pd.DataFrame, form: dict) -> str:
    """The identities of the states with the figures of this register."""
    if summed.empty:
        return ""
    counts = {c: number(n) for c, n in summed.iloc[0].items() if c in _COUNTED}
    return say(
        "{all} {what} = {completed} đã xong ({completed_on_time} đúng hạn + {completed_late} quá "
        "hạn + {completed_no_deadline} không có hạn) + {open} chưa xong ({open_within} trong hạn + "
        "{open_overdue} quá hạn + {open_no_deadline} không có hạn).",
        what=choose(form["unit_text"]),
        **counts,
    )


def carried(rows: pd.DataFrame, form: dict) -> str:
    """How much of the register is stock of the period before."""
    if rows.empty:  # said in the key sentence
        return ""
    before = int((rows["opened"] == "before").sum())
    return say_many(
        "{before} {what} từ kỳ trước chuyển sang, {new} mới trong kỳ.",
        before,
        before=number(before),
        new=number(len(rows) - before),
        what=choose(form["unit_text"]),
    )


def not_counted(held: pd.DataFrame, issues: pd.DataFrame, form: dict, table: pd.DataFrame):
    """Records that are in no count and why: one row per blocking issue at one of their cells.

    ``held``: schema.RECORDS; ``table``: all records of the form (checking.register_entries.table).
    """
    wrong = still_open(issues)
    wrong = wrong[(wrong["severity"] == "blocking") & (wrong["form"] == form["form"])]
    place = ["source_file", "source_sheet", "source_cell"]
    found = wrong.merge(held[[*place, "record"]].drop_duplicates(place), on=place)
    found = found.assign(
        place=[" · ".join(filter(None, p)) for p in found[place].to_numpy()],
        message=found[column("message")],
    )
    without = int((~table["placed"].astype(bool)).sum())
    what = choose(form["unit_text"])
    if table.empty:
        return found, say("Chưa có sổ {what} dùng được cho kỳ này.", what=what)
    if not without:
        return found, say("Mọi {what} trong sổ đều được tính.", what=what)
    return found, say_many(
        "{n} {what} trong sổ không được tính vào đâu cho đến khi sửa:",
        without,
        n=number(without),
        what=what,
    )


def theme_counts(found: pd.DataFrame, form: dict, total: int) -> tuple[pd.DataFrame, str]:
    """Themes by how many records have them, and a sentence on how many have none."""
    listed = form["themes"]["list"]
    rows = []
    for code, group in found.groupby("theme"):
        open_ = group["state"].str.startswith("open")
        words = ", ".join(dict.fromkeys(group["keyword"]))
        rows.append((choose(listed[code]["name"]), len(group), int(open_.sum()),
                     group["reporting_unit"].nunique(), words))  # fmt: skip
    table = pd.DataFrame(rows, columns=["name", "n", "open", "units", "keywords"])
    table = table.sort_values(
        ["n", "name"], ascending=[False, True], ignore_index=True, key=in_order
    )
    if not total:
        return table, ""
    with_one = found["record"].nunique()
    return table, say(
        "{n} trong {all} kiến nghị có ít nhất một chủ đề; {none} không có từ khóa nào; một kiến "
        "nghị có thể thuộc nhiều chủ đề.",
        n=number(with_one),
        all=number(total),
        none=number(total - with_one),
    )


# --- the plan ----------------------------------------------------------------------------------


def plan_rows(table: pd.DataFrame, form: dict, group: str) -> pd.DataFrame:
    """The deliverables of one group in words; what no source says is "…"."""
    rows = table[table["group"] == group].sort_values("row")
    common = table["source"].mode()  # said in full at the top of the page
    sources = [_shortened(s, common[0]) if pd.notna(s) else MISSING for s in rows["source"]]
    status = rows["status"].map(choices(form, "status"))
    done = rows["completed"].notna()
    status = status.mask(done, status + ", " + rows["completed"].map(day).astype(str))
    return rows.assign(
        due=_quoted(rows["due_text"], rows["due"].map(day)),
        lead=_quoted(rows["lead"], [say("chưa nêu")] * len(rows)),
        status=status,
        certainty=rows["certainty"].map(said(CERTAINTY)),
        result=rows["result"].fillna(""),
        source=pd.Series(sources, index=rows.index, dtype=object),
    )


def _shortened(source: str, common: str) -> str:
    before, found, after = source.partition(common)
    if not found:
        return as_written(source)
    return as_written(before) + say("Bài giới thiệu kế hoạch") + as_written(after)


def _quoted(texts: pd.Series, otherwise: Iterable[str]) -> pd.Series:
    """Texts of the source, marked as such; ``otherwise`` where it says nothing."""
    both = zip(texts, otherwise, strict=True)
    cells = [other if pd.isna(text) else as_written(text) for text, other in both]
    return pd.Series(cells, index=texts.index, dtype=object)


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
    told = {c: number(n[c]) for c in ("all", "done", "recurring", "unknown", "dated", "led")}
    return say(
        "Kế hoạch nêu {all} việc trong {groups} nhóm; {done} việc có căn cứ để ghi là đã ban hành "
        "(suy ra), {recurring} là việc thường xuyên, {unknown} việc chưa rõ trạng thái; nguồn chỉ "
        "nêu ngày cho {dated} việc và đơn vị chủ trì cho {led} việc.",
        groups=number(len(counts)),
        **told,
    )
