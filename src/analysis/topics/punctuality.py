"""Punctuality of reporting as readers see it: calendar, states, league table, stocks."""

import pandas as pd

from analysis.checking.timeliness import dated
from analysis.display import wordings
from analysis.display.narrative import CERTAINTY
from analysis.language.collation import in_order
from analysis.language.languages import choose, said, say
from analysis.language.words import MISSING, day, number, percent

STATE = wordings.codes("form_state")
_FREQUENCY = wordings.codes("frequency")
_REPORTS = wordings.codes("reports")
"""``Q`` is every quarter, ``Q1`` the first alone."""
_WEEKDAY = ["thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật"]
_MOST = 30


def calendar(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """A year's reports in words (:func:`catalogue.periods.calendar`); ``names`` of the periods."""
    weekday = [say(_WEEKDAY[int(w)]) if pd.notna(w) else MISSING for w in table["weekday"]]
    return pd.DataFrame(
        {
            "kind": table["frequency"].map(said(_FREQUENCY)),
            "name": names,
            "from": table["start"].map(day),
            "to": table["end"].map(day),
            "by": table["deadline"].map(day),
            "falls": weekday,
        }
    )


def regimes(held: dict) -> pd.DataFrame:
    """The regimes that ask for reports (``regimes.yml``), each in a line of words."""
    asked = [r for r in held.values() if r.get("reports")]
    return pd.DataFrame(
        {
            "name": [choose(r["name"]) for r in asked],
            "reports": [", ".join(say(_REPORTS[code]) for code in r["reports"]) for r in asked],
            "window": [_window(r) for r in asked],
            "by": [
                say("ngày {day} tháng cuối kỳ", day=r["deadline_day"])
                if r["deadline_day"]
                else MISSING
                for r in asked
            ],
            "legal_basis": [r["legal_basis"] for r in asked],
            "certainty": [say(CERTAINTY[r["certainty"]]) for r in asked],
        }
    )


def _window(regime: dict) -> str:
    if not regime.get("window_known", True):
        return say("chưa rõ")
    closing = regime["closing_day"]
    if closing is None:
        return say("kỳ dương lịch")
    return say(
        "từ ngày {first} tháng trước kỳ đến ngày {last} tháng cuối kỳ",
        first=closing + 1,
        last=closing,
    )


def league(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The league table (see :func:`analysis.checking.timeliness.league`) in words."""
    ends = zip(table["low"], table["high"], strict=True)
    parts = zip(table["share"], table["on_time"], table["due"], strict=True)
    return table.assign(
        name=table["reporting_unit"].map(names).fillna(table["reporting_unit"]),
        text=[f"{percent(s, 0)} ({number(k)}/{number(n)})" for s, k, n in parts],
        interval=[f"{number(low)}–{number(high)}" for low, high in ends],
    )


def not_on_time(held: pd.DataFrame, time_period: str, names: dict[str, str]) -> pd.DataFrame:
    """The forms of one period that did not come on time, the worst first."""
    rows = held[(held["time_period"] == time_period) & (held["state"] != "on_time")]
    rows = rows.assign(
        name=rows["reporting_unit"].map(names),
        state_text=rows["state"].map(said(STATE)),
        at=rows["received_at"].map(day),
    )
    order = rows["state"].map({s: n for n, s in enumerate(["missing", "refused", "late"])})
    rows = rows.assign(order=order.fillna(9))
    return rows.sort_values(
        ["order", "days_late", "name"], ascending=[True, False, True], key=in_order
    )


def key(held: pd.DataFrame, time_period: str, deadline: object) -> str:
    """Key sentence: of the forms due in the period, how many came on time, late, not at all."""
    own = held[held["time_period"] == time_period]
    if own.empty:
        return say("Kỳ này không có biểu nào phải gửi.")
    counts = own["state"].value_counts().reindex(list(STATE), fill_value=0)
    if deadline is None:
        return say(
            "Chế độ báo cáo của kỳ này không nêu hạn gửi; {n} trong {all} biểu đã nhận được.",
            n=number(len(own) - counts["missing"]),
            all=number(len(own)),
        )
    told = {state: number(n) for state, n in counts.items()}
    told |= {"all": number(len(own)), "day": day(deadline)}
    if not dated(own):
        return say(
            "Chưa biết ngày nhận của biểu nào, nên chưa nói được biểu nào đến đúng hạn ({day}); "
            "trong {all} biểu phải gửi, {undated} đã đến, {missing} chưa gửi, {refused} tệp không "
            "dùng được.",
            **told,
        )
    if not counts["undated"]:
        return say(
            "{on_time} trong {all} biểu phải gửi đến đúng hạn ({day}); {late} quá hạn, {missing} "
            "chưa gửi, {refused} tệp không dùng được.",
            **told,
        )
    return say(
        "{on_time} trong {all} biểu phải gửi đến đúng hạn ({day}); {late} quá hạn, {missing} chưa "
        "gửi, {refused} tệp không dùng được; {undated} không rõ ngày nhận.",
        **told,
    )


def grid(held: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Share of forms on time by unit and period, the least punctual units first, at most thirty.

    Returns name, time_period, on_time, due (forms whose day is unknown are not counted).
    """
    known = held[held["state"] != "undated"] if dated(held) else held.iloc[:0]
    table = known.assign(on_time=known["state"] == "on_time")
    grouped = table.groupby(["reporting_unit", "time_period"], sort=False)["on_time"]
    cells = grouped.agg(["sum", "size"]).reset_index()
    cells.columns = ["reporting_unit", "time_period", "on_time", "due"]
    sums = cells.groupby("reporting_unit")[["on_time", "due"]].sum()
    order = (sums["on_time"] / sums["due"]).sort_values(kind="stable")
    chosen = order[order < 1].head(_MOST).index
    cells = cells[cells["reporting_unit"].isin(chosen)]
    place = {u: n for n, u in enumerate(chosen)}
    cells = cells.assign(
        name=cells["reporting_unit"].map(names).fillna(cells["reporting_unit"]),
        place=cells["reporting_unit"].map(place),
    )
    return cells.sort_values(["place", "time_period"], kind="stable").reset_index(drop=True)


def all_on_time(held: pd.DataFrame) -> str:
    """What stands in place of an empty :func:`grid`: all were on time, or nobody knows."""
    if dated(held):
        return say("Mọi đơn vị đều gửi đúng hạn.")
    return say("Chưa biết ngày nhận của biểu nào, nên chưa nói được ai gửi đúng hạn.")


def carried(table: pd.DataFrame, names: dict[str, str], forms: dict) -> pd.DataFrame:
    """The stocks that do not agree with the period before, the largest difference first."""
    apart = table[table["rows_apart"] > 0]
    asked = zip(apart["form"], apart["item"], strict=True)
    apart = apart.assign(
        name=apart["reporting_unit"].map(names),
        what=[choose(forms[form]["items"][item]["name"]) for form, item in asked],
    )
    return apart.sort_values("apart", ascending=False, kind="stable")


def carried_sentence(table: pd.DataFrame) -> str:
    """How many units carry over, row by row, what they had at the end of the period before."""
    if table.empty:
        return say("Không có kỳ liền trước, hoặc biểu không có số chuyển kỳ.")
    units = table.groupby("reporting_unit")["rows_apart"].sum()
    told = {"n": number((units == 0).sum()), "all": number(len(units))}
    if not table["rows_apart"].sum():
        return say(
            "{n} trong {all} đơn vị chuyển sang đúng số cuối kỳ trước ở mọi dòng mà cả hai kỳ cùng "
            "có.",
            **told,
        )
    return say(
        "{n} trong {all} đơn vị chuyển sang đúng số cuối kỳ trước ở mọi dòng mà cả hai kỳ cùng có; "
        "{apart} trong {rows} dòng lệch.",
        **told,
        apart=number(table["rows_apart"].sum()),
        rows=number(table["rows"].sum()),
    )
