"""The page above all sites on which a reader asks ("Khám phá"): series over all built periods.

It is the page of a period (:mod:`analysis.site.explorer`) with other data, without own weights;
what it holds is in :mod:`analysis.site.across_data`.
"""

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from analysis.display import narrative, table
from analysis.language.languages import say, say_many
from analysis.language.words import number
from analysis.render import report
from analysis.site import across_data, explorer
from analysis.site.across_data import Series
from analysis.site.declared import EXPLORE, INDEX
from analysis.topics.results import measured


def pages(series: Sequence[Series], context: report.Context) -> dict[str, bytes]:
    """The page by file name, or one for each framework where together they would be too heavy."""
    titles = across_data.titles(series)
    tables = [_shown(one, title) for one, (_, title) in zip(series, titles, strict=True)]

    def page(_: str, at: Sequence[int], others: Sequence[dict]) -> str:
        held = [series[n] for n in at]
        return _written(held, [tables[n] for n in at], context, others)

    return explorer.fitted(titles, page) if series else {}


def _written(series: list[Series], tables: list[dict], context, others) -> str:
    """The page; one that is too heavy with all figures in its table has those of as many of the
    last periods as it can, and says so."""
    data, most = across_data.held(series), len(series[0].periods)
    html, bound = _page(data, tables, context, others), explorer.MOST_BYTES
    while len(series) == 1 and most > 1 and (weight := len(report.encoded(html))) > bound:
        most = max(1, min(most - 1, most * bound // weight))
        html = _page(data, [_shown(series[0], tables[0]["title"], most)], context, others)
    return html


def _page(data: dict, tables: list[dict], context: report.Context, others) -> str:
    title = say(explorer.ACROSS_TITLE)
    if len(tables) == 1 and others:
        title += f": {tables[0]['title']}"
    made = {made for one in data["frameworks"] for made in one["synthetic"]}
    context = replace(context, synthetic=made == {True})
    # in another language there may be other pages: all lead to the first
    page = explorer.shell(title, data, context, f"{EXPLORE}.html")
    page["trail"] = [{"href": INDEX, "text": say("Các kỳ")}]
    notes = [
        say("Số liệu lấy từ trang Khám phá của các kỳ đã lập báo cáo, nên chỉ có những gì ở đó."),
        say(
            "Số của kỳ trước được tính lại cho các đơn vị của kỳ mới nhất; đơn vị không còn nữa "
            "đứng thành nhóm riêng, đến kỳ cuối mà nó có."
        ),
    ]
    if True in made:
        notes.append(
            say("Kỳ có dấu * là số liệu do máy tạo để minh họa, không nối với số liệu thật.")
        )
    return report.rendered(
        "explorer.html.j2",
        page,
        key=say(
            "Chọn đơn vị và chỉ tiêu để xem qua mọi kỳ; địa chỉ của trang giữ cách xem để gửi cho "
            "người khác."
        ),
        notes=notes,
        others=others,
        tables=tables,
    )


def _shown(one: Series, title: str, most: int = 0) -> dict:
    """The periods and the figures of a framework, those of the last periods where it says how many,
    without script."""
    return {
        "title": title,
        "html": _told(one) + _cut(most) + _table(one, most),
        "basis": narrative.basis({"legal_basis": one.basis}),
    }


def _labels(one: Series) -> list[str]:
    """The periods; a star marks those of which the figures are made by machine."""
    return [f"{period}*" if made else period for period, made in one.synthetic.items()]


def _told(one: Series) -> Markup:
    """The periods: how many of today's units have figures, and where lines break."""
    columns = [(say("Kỳ báo cáo"), "", "", _labels(one))]
    for group in one.groups():
        having = [one.some(period, group) for period in one.periods]
        counts = [number(len(having[0]))] + [
            f"{number(len(now))} ({number(len(now & then))})"
            for then, now in zip(having, having[1:], strict=False)
        ]
        columns.append((group or say("Đơn vị"), table.NUM, table.NUM, counts))
    breaks = []
    for period in one.periods:
        cut = [m.about["name"] for m in one.measures.values() if period in m.breaks]
        every = cut and len(cut) == len(one.measures)
        breaks.append(say("mọi chỉ tiêu") if every else "; ".join(cut) or "–")
    columns.append((say("Chuỗi đứt trước kỳ này ở"), "", "", breaks))
    note = say(
        "Mỗi nhóm: số đơn vị có số liệu ở kỳ, trong ngoặc là số đơn vị có cả ở kỳ trước. "
        "Chuỗi đứt: thiếu kỳ, đổi cách tính hoặc phạm vi, hoặc số thật cạnh số do máy tạo."
    )
    return table.grid(columns) + Markup("<p class='note'>{}</p>").format(note)


def _cut(most: int) -> Markup:
    if not most:
        return Markup("")
    told = say_many(
        "Bảng dưới đây chỉ có {n} kỳ cuối để trang không quá nặng; các kỳ trước xem ở hình bên "
        "trên hoặc ở trang của từng kỳ.",
        most,
        n=most,
    )
    return Markup("<p class='note'>{}</p>").format(told)


def _table(one: Series, most: int) -> Markup:
    """The figures of each unit in each period in which it has any; ``most``: of the last ones."""
    at = range(len(one.periods))[-most:]
    measures = sorted(one.measures.values(), key=lambda m: not m.about.get("whole"))
    rows = [
        (unit, n)
        for unit in one.units
        for n in at
        if any(measure.rows[unit][n] is not None for measure in measures)
    ]
    labels = _labels(one)
    columns = [
        (say("Đơn vị"), "", "", [one.units[unit].name for unit, _ in rows]),
        (say("Kỳ báo cáo"), "", "", [labels[n] for _, n in rows]),
    ]
    for measure in measures:
        columns.append(
            (
                say("Tổng điểm") if measure.about.get("whole") else measure.about["name"],
                table.NUM,
                table.NUM,
                [_said(measure, measure.rows[unit][n]) for unit, n in rows],
            )
        )
    return table.grid(columns)


def _said(measure: across_data.Measure, value: float | None) -> str:
    if "whole" in measure.about:
        return number(value, 2)
    return measured(value, "percent" if measure.about["percent"] else "points")
