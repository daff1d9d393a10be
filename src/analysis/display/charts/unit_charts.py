"""One function per form of picture. Each returns HTML: finding, inline SVG, source, data."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.catalogue.periods import with_gaps
from analysis.display.charts import canvas, figure, findings, heat, strips
from analysis.display.charts.canvas import SAID
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import (
    ACCENT,
    INK,
    PALE,
    PAPER,
    QUIET,
    finish,
    numbers_on,
    styled,
)
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.languages import say, say_many
from analysis.language.words import number

TARGET = LIGHT["bad"]
SEVERITY = {"blocking": LIGHT["bad"], "warning": LIGHT["amber"], "note": LIGHT["note"]}
OUTCOMES = {
    "agrees": (ACCENT, "o", "khớp"),
    "assumed": (LIGHT["amber"], "s", "khớp nhờ giả định"),
    "differs": (LIGHT["bad"], "D", "lệch"),
}


@styled
def ranked_bars(  # long: most of it says what it takes
    values: pd.Series,
    *,
    title: str,
    unit: str,
    source: str,
    highlight: str = "",
    colours: dict[str, str] | None = None,
    decimals: int = 0,
    limit: float | None = None,
    finding: str = "",
    counted_of: float | None = None,
    directions: Collection[int] = (),
    of: int | None = None,
) -> Chart:
    """Horizontal bars, largest first.

    The caption answers what the picture asks: a ``finding`` of its own, the place of ``highlight``,
    the most frequent of counts (``counted_of``), the highest and the lowest of values of one
    direction that are all there (``directions``), or else no more than from what to what they go.

    Parameters
    ----------
    values
        Label → value; missing values are listed in the source line, not drawn.
    highlight
        Label drawn in the accent colour (all are, if none is named).
    colours
        Label → colour, where the colour has a meaning of its own.
    limit
        Full mark, drawn as the end of the axis.
    counted_of
        Of how many things in all the values are counts.
    directions, of
        As for :func:`analysis.display.charts.findings.extremes`.

    Raises
    ------
    ValueError
        where ``directions`` are several, or the values some of more (see ``extremes``).
    """
    missing = values[values.isna()]
    drawn = values.dropna().sort_values(ascending=False, kind="stable")
    if drawn.empty:
        return figure.not_yet(title)
    fig, ax = canvas.rows(drawn.index)
    lit = {n: ACCENT if highlight in ("", n) else QUIET for n in drawn.index} | (colours or {})
    bars = ax.barh(range(len(drawn)), drawn, color=[lit[n] for n in drawn.index], height=0.66)
    for i, (name, value) in enumerate(drawn.items()):
        text = number(value, decimals)
        mark(bars[i], (name, text))
        figure.beside(ax, text, (value, i))
    ax.set_xlim(0, 1.14 * (limit or max(drawn.max(), 1e-9)))
    ax.set_xlabel(unit)
    ax.axvline(0, color=INK, lw=0.8)
    numbers_on(ax)
    if len(missing):
        source += " " + say("Thiếu số liệu: {names}.", names=", ".join(missing.index))
    found = finding or findings.span(values, decimals, unit, of)
    if not finding and counted_of is not None:
        found = findings.most(drawn, counted_of)
    elif not finding and highlight in drawn.index:
        found = _placed(drawn.round(decimals), highlight, decimals)
    elif not finding and directions:
        found = findings.extremes(values, decimals, unit, directions=directions, of=of)
    data = [(name, number(value, decimals)) for name, value in [*drawn.items(), *missing.items()]]
    data = pd.DataFrame(data, columns=[say("Tên"), unit])
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _placed(drawn: pd.Series, name: str, decimals: int) -> str:
    """The value of one, and its place among all."""
    value = number(drawn[name], decimals)
    place = number((drawn > drawn[name]).sum() + 1)
    told = {"name": name, "value": value, "place": place}
    return say("{name}: {value}, thứ {place} trong {n}", n=number(len(drawn)), **told)


@styled
def spread(
    table: pd.DataFrame,
    *,
    title: str,
    source: str,
    highlight: str = "",
    unit: str = "",
) -> Chart:
    """All units on one line per dimension, the median marked.

    ``table``: name (of the dimension), label (of the unit), value; where there is one, ``target``
    of the line is drawn too. ``highlight`` is a label; ``unit``: share of the maximum, if none, of
    which more is better; of values in another the table has ``direction`` (1, -1, 0), too.
    """
    if "direction" not in table:
        table = table.assign(direction=0 if unit else 1)
    unit = unit or say("% điểm tối đa")
    held = table.dropna(subset=["value"])
    if held.empty:
        return figure.not_yet(title)
    medians = held.groupby("name")["value"].median().sort_values(ascending=False, kind="stable")
    order = medians.index.tolist()
    counts = held.groupby("name")["label"].nunique()
    labels = [f"{n} (n\u00a0=\u00a0{number(counts[n])})" for n in order]
    fig, ax = canvas.rows(labels, 0.62, size=9)
    place = held["name"].map({name: i for i, name in enumerate(order)})
    each = strips.draw(ax, held.assign(place=place), 0.4)
    source += " " + strips.read(all_points=len(each) == len(order))
    ahead = 0
    for i, name in enumerate(order):
        group = held[held["name"] == name]
        # as high as points may lie above each other, and before them
        ax.plot([medians[name]] * 2, [i - 0.36, i + 0.36], color=INK, lw=2, zorder=4)
        text = number(medians[name], 0)
        figure.beside(ax, text, (medians[name], i - 0.36), (0, 2), va="baseline")
        target = group["target"].max() if "target" in group else float("nan")
        if pd.notna(target):
            ax.plot([target, target], [i - 0.3, i + 0.3], color=TARGET, lw=2, ls=(0, (2, 1)))
        own = group.loc[group["label"] == highlight, "value"]
        if len(own):
            ahead += own.iloc[0] > medians[name]
            _own(ax, own.iloc[0], i, highlight, below=True)
    ax.set_ylim(len(order) - 0.4, -0.7)
    ax.set_xlabel(unit)
    ax.set_xlim(-2, 104)
    numbers_on(ax)
    if "target" in held and held["target"].notna().any():
        source += " " + say("Vạch đứt: mục tiêu.")
    if highlight in set(held["label"]):
        n = held.loc[held["label"] == highlight, "name"].nunique()
        found = say(
            "{name} cao hơn trung vị ở {k} trong {n} nội dung",
            name=highlight, k=number(ahead), n=number(n),
        )  # fmt: skip
    else:
        found = _medians(held, medians)
    return finish(fig, found, title=title, unit=unit, source=source, data=_strips(held, order))


def _medians(held: pd.DataFrame, medians: pd.Series) -> str:
    """Where the medians of the lines lie: beside their targets, where there are any; the highest
    and the lowest only of lines of which more is better."""
    lines = held.groupby("name").first().loc[medians.index]
    aimed = lines["target"].dropna() if "target" in lines else pd.Series(dtype=float)
    if len(aimed):
        way = lines["direction"][aimed.index].replace(0, 1)
        reached = (medians[aimed.index] - aimed) * way >= 0
        return say("Trung vị đã ở mức mục tiêu ở {k} trong {n} chỉ tiêu có mục tiêu",
                   k=number(reached.sum()), n=number(len(aimed)))  # fmt: skip
    if len(medians) == 1:
        return say("Trung vị: {value}", value=number(medians.iloc[0]))
    if set(lines["direction"]) != {1} or medians.round().nunique() == 1:
        told = findings.by_direction(medians, lines["direction"])
        return say("Trung vị của các nội dung: {told}", told=told)
    told = {"first": medians.index[0], "most": number(medians.iloc[0])}
    told |= {"last": medians.index[-1], "least": number(medians.iloc[-1])}
    return say("Trung vị cao nhất ở “{first}”, {most}; thấp nhất ở “{last}”, {least}", **told)


def _strips(held: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """What there is of each line of :func:`spread`."""
    told = []
    for name in order:
        values = held.loc[held["name"] == name, "value"]
        five = values.quantile([0, 0.25, 0.5, 0.75, 1])
        told.append([name, number(len(values)), *(number(v, 1) for v in five)])
    heads = [say("Nội dung"), "n", say("Thấp nhất"), say("Tứ phân vị 1"), say("Trung vị")]
    return pd.DataFrame(told, columns=[*heads, say("Tứ phân vị 3"), say("Cao nhất")])


def _own(ax, x: float, y: float, name: str, below: bool = False) -> None:
    """The one that a picture is about: a large point with its figure."""
    text = number(x, 0)
    (dot,) = ax.plot(x, y, "o", color=ACCENT, ms=8, mec=PAPER, zorder=4)
    mark(dot, (name, text))
    look = {"color": ACCENT, "fontweight": "bold"}
    figure.beside(ax, text, (x, y), (0, -8 if below else 7), **look)


@styled
def profile(table: pd.DataFrame, *, title: str, source: str, unit: str = "") -> Chart:
    """One unit against its peers.

    ``table``: name, value (of the unit), low, median, high (of its peers, deciles 1 and 9); in the
    framework's order. Rows without a value show what the peers do, and say that it is missing, or
    why there is none (``gap``).
    """
    if table[["value", "median"]].isna().all(axis=None):
        return figure.not_yet(title)
    unit = unit or say("% điểm tối đa")
    fig, ax = canvas.rows(table["name"], 0.46)
    for i, row in enumerate(table.to_dict("records")):
        ax.plot([row["low"], row["high"]], [i, i], color=PALE, lw=9, solid_capstyle="round")
        ax.plot([row["median"]] * 2, [i - 0.26, i + 0.26], color=QUIET, lw=2.4)
        if pd.notna(row["value"]):
            _own(ax, row["value"], i, row["name"])
        else:
            text = row.get("gap") or say("… thiếu số liệu")
            ax.annotate(text, (1, i), va="center", fontsize=SAID, fontstyle="italic")
    ax.set_ylim(len(table) - 0.4, -0.7)
    ax.set_xlim(-2, 104)
    ax.set_xlabel(unit)
    numbers_on(ax)
    source += " " + say("Vạch: trung vị; dải nhạt: từ thập phân vị thứ nhất đến thứ chín.")
    held = table.dropna(subset=["value", "median"])
    k, n = (held["value"] > held["median"]).sum(), len(held)
    found = say(
        "Cao hơn trung vị ở {k} trong {n} nội dung có số liệu", k=number(k), n=number(n)
    )  # fmt: skip
    if n and not k:
        found = say("Không cao hơn trung vị ở nội dung nào trong {n} có số liệu", n=number(n))
    if not n:
        found = say("Chưa có số liệu để so sánh")
    heads = {"value": say("Đơn vị"), "low": say("Thập phân vị 1"), "median": say("Trung vị")}
    heads |= {"high": say("Thập phân vị 9")}
    data = pd.DataFrame({say("Nội dung"): table["name"]} | figure.texts(table, heads))
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


@styled
def agreement(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """Computed against published scores, on the line where they agree.

    ``table``: published_score, score, outcome.
    """
    if table[["published_score", "score"]].dropna().empty:
        return figure.not_yet(title)
    labels = [say(label) for _, _, label in OUTCOMES.values()]
    fig, ax = canvas.area(4.2, left=0.62, above=canvas.legend_height(labels))
    top = float(table[["published_score", "score"]].max().max())
    ax.plot([0, top], [0, top], color=QUIET, lw=1)
    for outcome, (colour, shape, label) in OUTCOMES.items():
        points = table[table["outcome"] == outcome]
        if len(points):
            points = points.round({"published_score": 1, "score": 1}).drop_duplicates(
                ["published_score", "score"]
            )
            more = {"s": 16, "color": colour, "alpha": 0.7, "linewidths": 0, "marker": shape}
            ax.scatter(points["published_score"], points["score"], label=say(label), **more)
    ax.set_xlabel(say("Điểm Cổng công bố"))
    ax.set_ylabel(say("Điểm tính lại từ số liệu đầu vào"))
    ax.grid(True, axis="both")
    numbers_on(ax, ax.yaxis)
    canvas.legend(ax)
    counts = table["outcome"].value_counts()
    compared = sum(counts.get(outcome, 0) for outcome in OUTCOMES)
    differs = counts.get("differs", 0)
    if differs:
        found = say_many("{n} trong {of} cặp điểm lệch", differs, n=number(differs),
                         of=number(compared))  # fmt: skip
    else:
        found = say("Cả {of} cặp điểm đều khớp", of=number(compared))
    lines = [(say(label), number(counts.get(o, 0))) for o, (_, _, label) in OUTCOMES.items()]
    data = pd.DataFrame(lines, columns=[say("Kết quả so"), say("Số cặp")])
    return finish(fig, found, title=title, unit=say("điểm"), source=source, data=data)


@styled
def attendance(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """Units by periods: how many of the forms due came on time, written and shaded.

    ``table``: name, time_period, on_time, due; units in the order in which they stand. Periods that
    are not there leave a gap.
    """
    if table.empty:
        return figure.not_yet(title)
    names = list(dict.fromkeys(table["name"]))
    times = with_gaps(sorted(set(table["time_period"])))
    share = table["on_time"] / table["due"]
    held = table.assign(
        kind=np.select([share == 1, share > 0], [0, 1], 2),
        text=[f"{r.on_time}/{r.due}" for r in table.itertuples()],
        said=[f"{r.time_period}: {r.on_time}/{r.due}" for r in table.itertuples()],
    )

    def laid(column: str) -> pd.DataFrame:
        return held.pivot(index="name", columns="time_period", values=column).reindex(
            index=names, columns=times
        )

    fig, ax = heat.cells(
        laid("kind"), (PALE, LIGHT["sand"], TARGET), laid("said"), row_height=0.27, widest=1.2,
        texts=laid("text").fillna(""), inks=(INK, LIGHT["notice-ink"], PAPER),
    )  # fmt: skip
    ax.set_xticks([i + 0.5 for i in range(len(times))], [t.replace("-", "\n") for t in times])
    data = held.pivot(index="name", columns="time_period", values="text").reindex(names)
    data = data.fillna("…").rename_axis(columns=None).reset_index(names=say("Đơn vị"))
    late = (table["due"] - table["on_time"]).groupby(table["name"], sort=False).sum()
    worst = late.index[late == late.max()]
    if not late.max():
        found = say("Mọi biểu đều đúng hạn")
    else:
        found = say_many(
            "Không đúng hạn nhiều nhất: {names}, {n} biểu",
            late.max(), names=findings.together(worst), n=number(late.max()),
        )  # fmt: skip
    return finish(fig, found, title=title, source=source, data=data)
