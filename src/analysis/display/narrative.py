"""Computed sentences: what a page says about its own data, in the language in use, escaped."""

from collections.abc import Iterable

import pandas as pd
from IPython.display import HTML
from markupsafe import Markup

from analysis.display.resource import Shown
from analysis.language.languages import as_written, choose, say, say_many
from analysis.language.words import MISSING, day, number, percent, short
from analysis.schema import OBS_STATUS

SYNTHETIC = "Dữ liệu minh họa do máy sinh ra, không phải số liệu thật của bất kỳ đơn vị nào."


def _html(template: str, *args: object) -> HTML:
    return Shown(Markup(template).format(*args))


def paragraphs(*sentences: str) -> HTML:
    """Plain sentences, one paragraph each; empty ones are left out."""
    return Shown("".join(Markup("<p>{}</p>").format(s) for s in sentences if s))


def links(label: str, entries: Iterable[tuple[str, str]]) -> HTML:
    """Other pages to go to from here, in a line: (address within the site, text)."""
    entry = Markup("<li><a href='{}'>{}</a></li>")
    listed = Markup("").join(entry.format(*e) for e in entries)
    if not listed:
        return Shown("")
    return _html(
        "<nav class='links' aria-label='{}'><strong>{}:</strong><ul>{}</ul></nav>",
        label,
        label,
        listed,
    )


def heading(subject: str, key: str) -> HTML:
    """What the figures are of (a period, a unit; may be empty), and the page's one key sentence.

    The title stands above: the first line of the notebook, or what ``site.yml`` calls the page.
    """
    above = Markup("<p class='subject'>{}</p>").format(subject) if subject else ""
    return _html("{}<p class='key'>{}</p>", above, key)


def cards(entries: Iterable[tuple[str, str, str]]) -> HTML:
    """Big figures: (label, figure, detail)."""
    card = Markup(
        "<div class='card'><div class='label'>{}</div><div class='figure'>{}</div>"
        "<div class='detail'>{}</div></div>"
    )
    return Shown(
        Markup("<div class='cards'>{}</div>").format(
            Markup("").join(card.format(*e) for e in entries)
        )
    )


def caveats(plan) -> HTML:
    """What a reader must know about the period: synthetic, provisional, gaps, window, source."""
    days = say("Số liệu từ {start} đến {end}.", start=day(plan.start), end=day(plan.end))
    where = say("Nguồn: {source}.", source=choose(plan.source, MISSING))
    return _noted(
        plan.synthetic, [days, where, choose(plan.status_note), choose(plan.coverage_note)]
    )


def _noted(synthetic: bool, sentences: Iterable[str]) -> HTML:
    lines = [Markup("<p class='synthetic'>{}</p>").format(say(SYNTHETIC))] if synthetic else []
    lines.append(Markup("<p class='note'>{}</p>").format(" ".join(filter(None, sentences))))
    return Shown(Markup("").join(lines))


def source(plan) -> str:
    """The line beneath a chart: where from, which days, which status."""
    if plan.obs_status == "A":
        period = say("Kỳ {code}.", code=plan.code)
    else:
        status = say(OBS_STATUS[plan.obs_status])
        period = say("Kỳ {code} ({status}).", code=plan.code, status=status)
    return f"{_origin(plan)} {period}"


def _origin(plan) -> str:
    if plan.synthetic:
        return say("Dữ liệu minh họa, không phải số liệu thật.")
    return say("Nguồn: {source}.", source=choose(plan.source, MISSING))


def basis(described: dict) -> str:
    """Which law or decision a framework, form or regime of the catalogue rests on."""
    return say("Căn cứ: {law}.", law=as_written(described["legal_basis"]))


def survey_caveats(plan, rate: dict) -> HTML:
    """What a reader must know about an edition: synthetic, months asked about, the hourly rate."""
    start, end = plan.reference_period
    months = say("Thủ tục làm từ {start} đến {end}.", start=day(start), end=day(end))
    hourly = say(
        "Một giờ công tính {value} đồng (từ {low} đến {high}): giả định suy ra từ số đã công bố, "
        "không phải số chính thức.",
        **{key: number(rate[key]) for key in ("value", "low", "high")},
    )
    return _noted(plan.synthetic, [months, hourly])


def survey_source(plan) -> str:
    """The line beneath a chart of a survey edition."""
    return f"{_origin(plan)} {choose(plan.title)}."


def glance(tables, due: pd.DataFrame) -> str:
    """Key sentence of a period: who reported, what was accepted, what must be mended."""
    given, accepted = tables.balance[["submitted", "accepted"]].sum()
    blocking = (tables.issues["severity"] == "blocking").sum()
    figures = {
        "units": number(len(reporting(tables) & set(due["code"]))),
        "due": number(len(due)),
        "accepted": number(accepted),
        "given": number(given),
    }
    if figures["units"] == number(0):
        return say_many(
            "Chưa có số liệu dùng được của đơn vị nào trong {due} đơn vị phải báo cáo ({given} ô "
            "đã gửi, {n} vấn đề phải sửa).",
            blocking,
            n=number(blocking),
            **figures,
        )
    if not blocking:
        return say(
            "{units} trong {due} đơn vị có số liệu dùng được; {accepted} số liệu được chấp nhận "
            "trong {given} ô đã gửi; không có vấn đề nào phải sửa.",
            **figures,
        )
    return say_many(
        "{units} trong {due} đơn vị có số liệu dùng được; {accepted} số liệu được chấp nhận "
        "trong {given} ô đã gửi; {n} vấn đề phải sửa.",
        blocking,
        n=number(blocking),
        **figures,
    )


def nothing_usable(tables) -> str:
    """What every page of a period says of which no cell was accepted; empty for any other."""
    if tables.balance["accepted"].sum():
        return ""
    files = len(tables.balance)
    return say_many(
        "Chưa có số liệu nào của kỳ này dùng được: đã nhận {n} tệp, không ô nào được chấp nhận. "
        "Chỗ trống, số 0 hay “không có” dưới đây không phải là kết quả của đơn vị nào; lý do của "
        "từng tệp nằm ở trang về các tệp đã nhận.",
        files,
        n=number(files),
    )


def overview(tables, due: pd.DataFrame) -> HTML:
    """The period's four figures: due, reported, accepted, to be mended."""
    severity = tables.issues["severity"]
    blocking, warning = (severity == "blocking").sum(), (severity == "warning").sum()
    entries = {
        "Đơn vị phải báo cáo": (len(due), say("theo danh mục tại ngày cuối kỳ")),
        "Đơn vị có số liệu": (
            len(reporting(tables) & set(due["code"])),
            say("ít nhất một số liệu được chấp nhận"),
        ),
        "Số liệu được chấp nhận": (tables.balance["accepted"].sum(), say("ô trong các biểu")),
        "Vấn đề phải sửa": (
            blocking,
            say_many("và {n} điều cần kiểm tra", warning, n=number(warning)),
        ),
    }
    return cards((say(label), number(n), detail) for label, (n, detail) in entries.items())


def reporting(tables) -> set[str]:
    """Units with at least one accepted figure, or a register of theirs."""
    held = tables.observations
    figures = set(held.loc[held["obs_value"].notna(), "reporting_unit"])
    return figures | set(tables.records["sender"].dropna())


def balance(table: pd.DataFrame) -> str:
    """Every submitted cell is accounted for, in one sentence."""
    total = table.sum(numeric_only=True)
    parts = ["submitted", "labels", "accepted", "in_issues", "unaccounted"]
    return say(
        "{submitted} ô đã gửi = {labels} ô tiêu đề, nhãn + {accepted} số liệu được chấp nhận + "
        "{in_issues} ô có vấn đề; {unaccounted} ô không rõ đi đâu.",
        **{part: number(total[part]) for part in parts},
    )


def complete(league: pd.DataFrame, framework: dict) -> str:
    """How many units have every dimension (see analysis.display.tables.league)."""
    held = league["total"].notna().sum()
    if not (league["coverage"] > 0).any():
        return say("Chưa có số liệu để chấm điểm đơn vị nào.")
    figures = {
        "held": number(held),
        "units": number(len(league)),
        "top": short(framework["max_score"]),
    }
    if held == len(league):
        return say("{held} trong {units} đơn vị có đủ số liệu cho cả {top} điểm.", **figures)
    return say(
        "{held} trong {units} đơn vị có đủ số liệu cho cả {top} điểm; các đơn vị khác chỉ được so "
        "trong từng nhóm chỉ tiêu có số liệu.",
        **figures,
    )


def result(scores: pd.DataFrame, names: dict[str, str]) -> str:
    """The period's result in a sentence: median total of the ranked units, first and last.

    ``scores``: schema.SCORES of one framework. Units of several peer groups are not compared with
    each other: then no first and last. Empty where fewer than three units are ranked.
    """
    held = scores[(scores["level"] == "framework") & scores["rank"].notna()].sort_values("score")
    if len(held) < 3:
        return ""
    figures = {
        "n": number(len(held)),
        "median": number(held["score"].median(), 1),
        "top": short(held["max_score"].iloc[0]),
    }
    if held["peer_type"].nunique() > 1:
        return say("Trung vị {median}/{top} điểm trong {n} đơn vị được xếp hạng.", **figures)
    low, high = held.iloc[0], held.iloc[-1]
    return say(
        "Trung vị {median}/{top} điểm trong {n} đơn vị được xếp hạng: cao nhất {first} ({high}), "
        "thấp nhất {last} ({low}).",
        first=names[high["reporting_unit"]],
        last=names[low["reporting_unit"]],
        high=number(high["score"], 1),
        low=number(low["score"], 1),
        **figures,
    )


def leaders(scores: pd.DataFrame, code: str, name: str, names: dict[str, str]) -> str:
    """Who is first and last in one dimension, among whom, and how many have no score."""
    rows = scores[(scores["code"] == code) & (scores["level"] == "dimension")]
    idle = rows["obs_status"] == "M"
    held = rows[~idle].dropna(subset=["score"]).sort_values("score")
    if len(held) < 2:
        return say("{name}: chưa đủ số liệu để so sánh.", name=name)
    low, high = held.iloc[0], held.iloc[-1]
    figures = {
        "name": name,
        "n": number(len(held)),
        "low": number(low["score"], 2),
        "high": number(high["score"], 2),
        "top": short(high["max_score"]),
    }
    if figures["low"] == figures["high"]:
        text = say(
            "{name}: cả {n} đơn vị có điểm đều đạt {low}/{top} điểm, nên nhóm này không phân biệt "
            "được các đơn vị.",
            **figures,
        )
    else:
        text = say(
            "{name}: cao nhất {first} ({high}/{top} điểm), thấp nhất {last} ({low}), trong {n} "
            "đơn vị có điểm.",
            first=names[high["reporting_unit"]],
            last=names[low["reporting_unit"]],
            **figures,
        )
    return " ".join([text, *_without(int(rows["score"].isna().sum()), int(idle.sum()))])


def _without(missing: int, idle: int) -> list[str]:
    found = []
    if missing:
        found.append(say_many("{n} đơn vị chưa có điểm.", missing, n=number(missing)))
    if idle:
        found.append(say_many("{n} đơn vị không phát sinh hồ sơ.", idle, n=number(idle)))
    return found


def agreement(table: pd.DataFrame, tolerance: float) -> str:
    """Does our arithmetic agree with the published scores?"""
    counts = table["outcome"].value_counts()
    agrees, differs = counts.get("agrees", 0), counts.get("differs", 0)
    compared = agrees + differs
    if not compared:
        return say("Không có điểm công bố nào để so sánh.")
    largest = table.loc[table["outcome"].isin(["agrees", "differs"]), "difference"].abs().max()
    figures = {
        "agrees": number(agrees),
        "compared": number(compared),
        "tolerance": number(tolerance, 3),
        "largest": number(largest, 3),
    }
    if not differs:
        return say(
            "Khớp: {agrees} trong {compared} điểm tính lại được nằm trong ±{tolerance} điểm so với "
            "Cổng; chênh lệch lớn nhất {largest} điểm.",
            **figures,
        )
    return say_many(
        "{differs} điểm lệch: {agrees} trong {compared} điểm tính lại được nằm trong ±{tolerance} "
        "điểm so với Cổng; chênh lệch lớn nhất {largest} điểm.",
        differs,
        differs=number(differs),
        **figures,
    )


def unit(scores: pd.DataFrame, framework: dict, peers: str, issues: pd.DataFrame) -> str:
    """Key sentences of one unit: points on what could be computed, best and worst, what to mend.

    ``peers``: what the units it is compared with are called, in the language in use.
    """
    rows = scores[(scores["level"] == "dimension") & scores["score"].notna()]
    rows = rows.assign(share=rows["score"] / rows["max_score"]).sort_values("share")
    said = [_reached(rows, framework["max_score"])]
    if len(rows) > 1:
        said.append(_extremes(rows, framework))
    if len(rows) and peers:
        said.append(say("So với {peers}.", peers=peers))
    blocking = (issues["severity"] == "blocking").sum()
    if blocking:
        said.append(
            say_many("Có {n} ô phải sửa, xem danh sách bên dưới.", blocking, n=number(blocking))
        )
    return " ".join(said)


def _reached(dimensions: pd.DataFrame, whole: float) -> str:
    if dimensions.empty:
        return say("Chưa có nhóm chỉ tiêu nào đủ số liệu để chấm điểm.")
    reached, top = number(dimensions["score"].sum(), 2), dimensions["max_score"].sum()
    if top >= whole:
        return say("Đạt {reached}/{top} điểm tính được.", reached=reached, top=short(top))
    return say(
        "Đạt {reached}/{top} điểm tính được (khung có {whole} điểm, phần còn lại thiếu số liệu).",
        reached=reached,
        top=short(top),
        whole=short(whole),
    )


def _extremes(dimensions: pd.DataFrame, framework: dict) -> str:
    low, high = dimensions.iloc[0], dimensions.iloc[-1]
    return say(
        "Mạnh nhất: {best} ({high} điểm tối đa); yếu nhất: {worst} ({low}).",
        best=choose(framework["dimensions"][high["code"]]["name"]),
        high=percent(100 * high["share"], 0),
        worst=choose(framework["dimensions"][low["code"]]["name"]),
        low=percent(100 * low["share"], 0),
    )
