"""Computed sentences: what a page says about its own data. Vietnamese, escaped."""

from collections.abc import Iterable

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from analysis.schema import OBS_STATUS
from analysis.words import MISSING, day, number, percent, short

SYNTHETIC = "Dữ liệu minh họa do máy sinh ra, không phải số liệu thật của bất kỳ đơn vị nào."


def _html(template: str, *args: object) -> HTML:
    return HTML(Markup(template).format(*args))


def paragraphs(*sentences: str) -> HTML:
    """Plain sentences, one paragraph each; empty ones are left out."""
    return HTML("".join(Markup("<p>{}</p>").format(s) for s in sentences if s))


def heading(title: str, key: str) -> HTML:
    """The page's heading and its one key sentence."""
    return _html("<h1>{}</h1><p class='key'>{}</p>", title, key)


def cards(entries: Iterable[tuple[str, str, str]]) -> HTML:
    """Big figures: (label, figure, detail)."""
    card = Markup(
        "<div class='card'><div class='label'>{}</div><div class='figure'>{}</div>"
        "<div class='detail'>{}</div></div>"
    )
    return HTML(
        Markup("<div class='cards'>{}</div>").format(
            Markup("").join(card.format(*e) for e in entries)
        )
    )


def caveats(plan) -> HTML:
    """What a reader must know about the period: synthetic, provisional, gaps, window, source."""
    lines = []
    if plan.synthetic:
        lines.append(Markup("<p class='synthetic'>{}</p>").format(SYNTHETIC))
    lines.append(
        Markup("<p class='note'>Số liệu từ {} đến {}. Nguồn: {}. {} {}</p>").format(
            day(plan.start),
            day(plan.end),
            plan.source.get("vi", MISSING),
            plan.status_note.get("vi", ""),
            plan.coverage_note.get("vi", ""),
        )
    )
    return HTML(Markup("").join(lines))


def source(plan) -> str:
    """The line beneath a chart: where from, which days, which status."""
    status = "" if plan.obs_status == "A" else f" ({OBS_STATUS[plan.obs_status]['vi']})"
    label = "Dữ liệu minh họa, không phải số liệu thật. " if plan.synthetic else ""
    where = "" if plan.synthetic else f"Nguồn: {plan.source.get('vi', MISSING)}. "
    return f"{label}{where}Kỳ {plan.code}{status}."


def survey_caveats(plan, rate: dict) -> HTML:
    """What a reader must know about an edition: synthetic, months asked about, the hourly rate."""
    lines = []
    if plan.synthetic:
        lines.append(Markup("<p class='synthetic'>{}</p>").format(SYNTHETIC))
    start, end = plan.reference_period
    lines.append(
        Markup(
            "<p class='note'>Thủ tục làm từ {} đến {}. Một giờ công tính {} đồng (từ {} đến {}): "
            "giả định suy ra từ số đã công bố, không phải số chính thức.</p>"
        ).format(day(start), day(end), *(number(rate[key]) for key in ("value", "low", "high")))
    )
    return HTML(Markup("").join(lines))


def survey_source(plan) -> str:
    """The line beneath a chart of a survey edition."""
    if plan.synthetic:
        return f"Dữ liệu minh họa, không phải số liệu thật. {plan.title['vi']}."
    return f"Nguồn: {plan.source.get('vi', MISSING)}. {plan.title['vi']}."


def glance(tables, due: pd.DataFrame) -> str:
    """Key sentence of a period: who reported, what was accepted, what must be mended."""
    have = reporting(tables)
    given, accepted = tables.balance[["submitted", "accepted"]].sum()
    blocking = (tables.issues["severity"] == "blocking").sum()
    wrong = f"{number(blocking)} vấn đề phải sửa" if blocking else "không có vấn đề nào phải sửa"
    return (
        f"{number(len(have & set(due['code'])))} trong {number(len(due))} đơn vị có số liệu dùng "
        f"được; {number(accepted)} số liệu được chấp nhận trong {number(given)} ô đã gửi; {wrong}."
    )


def overview(tables, due: pd.DataFrame) -> HTML:
    """The period's four figures: due, reported, accepted, to be mended."""
    severity = tables.issues["severity"]
    blocking, warning = (severity == "blocking").sum(), (severity == "warning").sum()
    accepted = tables.balance["accepted"].sum()
    return cards(
        [
            ("Đơn vị phải báo cáo", number(len(due)), "theo danh mục tại ngày cuối kỳ"),
            (
                "Đơn vị có số liệu",
                number(len(reporting(tables) & set(due["code"]))),
                "ít nhất một số liệu được chấp nhận",
            ),
            ("Số liệu được chấp nhận", number(accepted), "ô trong các biểu"),
            ("Vấn đề phải sửa", number(blocking), f"và {number(warning)} điều cần kiểm tra"),
        ]
    )


def reporting(tables) -> set[str]:
    """Units with at least one accepted figure, or a register of theirs."""
    held = tables.observations
    figures = set(held.loc[held["obs_value"].notna(), "reporting_unit"])
    return figures | set(tables.records["sender"].dropna())


def balance(table: pd.DataFrame) -> str:
    """Every submitted cell is accounted for, in one sentence."""
    total = table.sum(numeric_only=True)
    return (
        f"{number(total['submitted'])} ô đã gửi = {number(total['labels'])} ô tiêu đề, nhãn + "
        f"{number(total['accepted'])} số liệu được chấp nhận + {number(total['in_issues'])} ô có "
        f"vấn đề; {number(total['unaccounted'])} ô không rõ đi đâu."
    )


def complete(league: pd.DataFrame, framework: dict) -> str:
    """How many units have every dimension (see analysis.tables.league)."""
    held = league["total"].notna().sum()
    text = f"{number(held)} trong {number(len(league))} đơn vị có đủ số liệu cho cả "
    text += f"{short(framework['max_score'])} điểm"
    if held == len(league):
        return text + "."
    return text + "; các đơn vị khác chỉ được so trong từng nhóm chỉ tiêu có số liệu."


def leaders(scores: pd.DataFrame, code: str, name: str, names: dict[str, str]) -> str:
    """Who is first and last in one dimension, among whom, and how many have no score."""
    rows = scores[(scores["code"] == code) & (scores["level"] == "dimension")]
    idle = rows["obs_status"] == "M"
    held = rows[~idle].dropna(subset=["score"]).sort_values("score")
    if len(held) < 2:
        return f"{name}: chưa đủ số liệu để so sánh."
    low, high = held.iloc[0], held.iloc[-1]
    missing = int(rows["score"].isna().sum())
    tail = f"; {number(missing)} đơn vị chưa có điểm" if missing else ""
    tail += f"; {number(idle.sum())} đơn vị không phát sinh hồ sơ" if idle.any() else ""
    if round(low["score"], 2) == round(high["score"], 2):
        return (
            f"{name}: cả {number(len(held))} đơn vị có điểm đều đạt {number(low['score'], 2)}/"
            f"{short(low['max_score'])} điểm, nên nhóm này không phân biệt được các đơn vị{tail}."
        )
    return (
        f"{name}: cao nhất {names[high['reporting_unit']]} ({number(high['score'], 2)}/"
        f"{short(high['max_score'])} điểm), thấp nhất {names[low['reporting_unit']]} "
        f"({number(low['score'], 2)}), trong {number(len(held))} đơn vị có điểm{tail}."
    )


def agreement(table: pd.DataFrame, tolerance: float) -> str:
    """Does our arithmetic agree with the published scores?"""
    counts = table["outcome"].value_counts()
    agrees, differs = counts.get("agrees", 0), counts.get("differs", 0)
    compared = agrees + differs
    if not compared:
        return "Không có điểm công bố nào để so sánh."
    largest = table.loc[table["outcome"].isin(["agrees", "differs"]), "difference"].abs().max()
    verdict = "Khớp" if differs == 0 else f"{number(differs)} điểm lệch"
    return (
        f"{verdict}: {number(agrees)} trong {number(compared)} điểm tính lại được nằm trong "
        f"±{number(tolerance, 3)} điểm so với Cổng; chênh lệch lớn nhất {number(largest, 3)} điểm."
    )


def unit(scores: pd.DataFrame, framework: dict, peers: str, issues: pd.DataFrame) -> str:
    """Key sentence of one unit: points on what could be computed, best and worst, what to mend."""
    blocking = (issues["severity"] == "blocking").sum()
    mend = f" Có {number(blocking)} ô phải sửa, xem danh sách bên dưới." if blocking else ""
    whole = scores[scores["level"] == "framework"].iloc[0]
    rows = scores[(scores["level"] == "dimension") & scores["score"].notna()]
    if rows.empty:
        return "Chưa có nhóm chỉ tiêu nào đủ số liệu để chấm điểm." + mend
    reached, top = rows["score"].sum(), rows["max_score"].sum()
    text = f"Đạt {number(reached, 2)}/{short(top)} điểm tính được"
    if top < whole["max_score"]:
        text += f" (khung có {short(whole['max_score'])} điểm, phần còn lại thiếu số liệu)"
    rows = rows.assign(share=rows["score"] / rows["max_score"]).sort_values("share")
    if len(rows) > 1:
        names = framework["dimensions"]
        low, high = rows.iloc[0], rows.iloc[-1]
        text += (
            f"; mạnh nhất: {names[high['code']]['name']['vi']} "
            f"({percent(100 * high['share'], 0)} điểm tối đa), yếu nhất: "
            f"{names[low['code']]['name']['vi']} ({percent(100 * low['share'], 0)})"
        )
    return text + (f". So với {peers}." if peers else ".") + mend
