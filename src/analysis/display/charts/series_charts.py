"""One function per form of picture of published series: gaps break the line, errors are drawn."""

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from analysis.display.charts import canvas, figure
from analysis.display.charts.canvas import SMALL
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, INK, PALE, QUIET, finish, styled
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.languages import say
from analysis.language.words import number


def _nothing(title: str) -> Chart:
    return figure.nothing(title, say("không có số liệu để vẽ"))


def _framed(ax, name: str, years: tuple[float, float]) -> None:
    canvas.heading(ax, name)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.set_xlim(years[0] - 1, years[1] + 1.5)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f}"))
    ax.yaxis.set_tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"])


def _said(ax, x: float, y: float, text: str, above: bool = True) -> None:
    look = {"fontsize": SMALL, "color": ACCENT, "fontweight": "bold"}
    figure.beside(ax, text, (x, y), (0, 6 if above else -6), **look)


def _dots(ax, rows: pd.DataFrame, column: str, decimals: int, size: float = 18) -> None:
    """A point for each edition, which says its year and figure."""
    dots = ax.scatter(rows["time_period"], rows[column], s=size, color=ACCENT, zorder=3, lw=0)
    mark(
        dots,
        *((f"{r['time_period']:.0f}", number(r[column], decimals)) for _, r in rows.iterrows()),
    )


@styled
def ranks(table: pd.DataFrame, *, title: str, unit: str, source: str) -> Chart:
    """Ranks over the editions, a panel for each series, the first place at the top.

    Parameters
    ----------
    table
        series, name, time_period, rank, segment (editions of different segments are not joined),
        target (the rank to be reached, missing where none is set).
    """
    held = table.dropna(subset=["rank"])
    if held.empty:
        return _nothing(title)
    fig, panels = canvas.panels(held, "series", 2.0)
    years = held["time_period"].min(), held["time_period"].max()
    better, worse, told = 0, 0, []
    for ax, rows in panels:
        _framed(ax, rows["name"].iloc[0], years)
        for _, part in rows.groupby("segment"):
            ax.plot(part["time_period"], part["rank"], color=ACCENT, lw=2)
        _dots(ax, rows, "rank", 0)
        target = rows["target"].iloc[0]
        bottom = np.nanmax([rows["rank"].max(), target])
        ax.set_ylim(bottom * 1.22, 1)
        ticks = MaxNLocator(4, integer=True).tick_values(1, bottom)
        ax.yaxis.set_major_locator(FixedLocator([1, *(t for t in ticks if t > bottom / 8)]))
        if pd.notna(target):
            ax.axhline(target, color=INK, lw=1, ls=(0, (4, 3)))
            text, look = say("mục tiêu {rank}", rank=number(target)), {"va": "baseline"}
            figure.beside(ax, text, (years[0] - 1, target), (2, 3), fontsize=SMALL, **look)
        ends = rows.iloc[[0, -1]].drop_duplicates("time_period")
        for row in ends.itertuples():
            _said(ax, row.time_period, row.rank, number(row.rank), above=False)
        last = rows[rows["segment"] == rows["segment"].iloc[-1]]["rank"]
        better += last.iloc[-1] < last.iloc[0]
        worse += last.iloc[-1] > last.iloc[0]
        told.append(rows)
    source += " " + say("Hạng 1 ở trên cùng. Chỗ thiếu kỳ không được nối.")
    source += " " + figure.own_scales()
    found = say(
        "Thứ hạng tốt lên ở {up}, kém đi ở {down} trong {n} chuỗi, tính trong đoạn liền mới nhất",
        up=number(better), down=number(worse), n=number(len(told)),
    )  # fmt: skip
    data = _values(pd.concat(told), {"rank": (unit, 0), "target": (say("Mục tiêu"), 0)})
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _values(rows: pd.DataFrame, columns: dict[str, tuple[str, int]]) -> pd.DataFrame:
    """Series, year and figures (column → head, decimals) as text."""
    data = {say("Chuỗi"): rows["name"], say("Năm"): [f"{t:.0f}" for t in rows["time_period"]]}
    data |= {
        head: [number(v, places) for v in rows[column]]
        for column, (head, places) in columns.items()
        if rows[column].notna().any()
    }
    return pd.DataFrame(data)


@styled
def estimates(table: pd.DataFrame, *, title: str, unit: str, source: str) -> Chart:
    """Estimates over the years with their 90 % intervals, a panel for each series, one scale.

    ``table``: series, name, time_period, score, low, high, segment.
    """
    held = table.dropna(subset=["score"])
    if held.empty:
        return _nothing(title)
    fig, panels = canvas.panels(held, "series", 1.8)
    years = held["time_period"].min(), held["time_period"].max()
    lowest, highest = min(held["low"].min(), 0), max(held["high"].max(), 0)
    edge = 0.08 * (highest - lowest)
    up = down = 0
    for ax, rows in panels:
        _framed(ax, rows["name"].iloc[0], years)
        for _, part in rows.groupby("segment"):
            x = part["time_period"]
            ax.fill_between(x, part["low"], part["high"], color=PALE, lw=0)
            if len(part) == 1:  # a band needs two editions
                ax.vlines(x, part["low"], part["high"], color=PALE, lw=3)
            ax.plot(x, part["score"], color=ACCENT, lw=2)
        _dots(ax, rows, "score", 2, 7)
        ax.axhline(0, color=QUIET, lw=1)
        ax.set_ylim(lowest - edge, highest + 2 * edge)
        ax.yaxis.set_major_locator(FixedLocator(np.arange(-2, 2.1, 0.5)))
        ax.yaxis.set_major_formatter(figure.Exactly())
        first, last = rows.iloc[0], rows.iloc[-1]
        up, down = up + (last["low"] > first["high"]), down + (last["high"] < first["low"])
        _said(ax, last["time_period"], last["high"], number(last["score"], 2))
    source += " " + say("Dải nhạt: khoảng tin cậy 90 %.")
    source += " " + say("Các hình cùng một thang.")
    found = say(
        "Từ kỳ đầu đến kỳ cuối: {up} tăng rõ, {down} giảm rõ trong {n} chuỗi (khoảng tách rời)",
        up=number(up), down=number(down), n=number(len(panels)),
    )  # fmt: skip
    heads = {"score": (unit, 2), "low": (say("Thấp"), 2), "high": (say("Cao"), 2)}
    data = _values(held, heads)
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


@styled
def spreads(table: pd.DataFrame, *, title: str, source: str, own: str) -> Chart:
    """Values of all and of one over the editions, a panel for each index on its own scale.

    Dark band: the middle half; pale: all; a dotted line stands where the series breaks.

    Parameters
    ----------
    table
        index, name, time_period, segment, low, quarter, median, three_quarters, high, value
        (missing where the one has none); editions in order.
    """
    if table.empty:
        return _nothing(title)
    fig, panels = canvas.panels(table, "index", 1.9)
    years = table["time_period"].min(), table["time_period"].max()
    ahead = having = 0
    for ax, rows in panels:
        _framed(ax, rows["name"].iloc[0], years)
        for n, (_, part) in enumerate(rows.groupby("segment")):
            _one_spread(ax, part)
            if n:
                ax.axvline(part["time_period"].min() - 0.5, color=INK, lw=0.8, ls=":")
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.yaxis.set_major_formatter(figure.Exactly())
        held = rows.dropna(subset=["value"])
        if len(held):
            _dots(ax, held, "value", 2)
            having += 1
            ahead += held["value"].iloc[-1] > held["median"].iloc[-1]
    unit = say("điểm, mỗi chỉ số một thang")
    source += " " + say(
        "Đường màu: {own}. Dải đậm: một nửa số tỉnh ở giữa; dải nhạt: mọi tỉnh. "
        "Vạch chấm: chỗ gãy của chuỗi, hai bên không so với nhau.",
        own=own,
    )
    found = say(
        "{own}: kỳ mới nhất cao hơn trung vị ở {k} trong {n} chỉ số",
        own=own, k=number(ahead), n=number(having),
    )  # fmt: skip
    if not having:
        found = say("{own}: không có số", own=own)
    heads = {
        "value": (own, 2), "low": (say("Thấp nhất"), 2), "quarter": (say("Tứ phân vị 1"), 2),
        "median": (say("Trung vị"), 2), "three_quarters": (say("Tứ phân vị 3"), 2),
        "high": (say("Cao nhất"), 2),
    }  # fmt: skip
    data = _values(table, heads)
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _one_spread(ax, part: pd.DataFrame) -> None:
    x = part["time_period"].to_numpy(float)
    every = np.arange(x.min(), x.max() + 1)  # a missing edition leaves a gap
    rows = part.set_index("time_period").reindex(every)
    for low, high, colour, wide in (
        ("low", "high", PALE, 9),
        ("quarter", "three_quarters", LIGHT["tint"], 9),
    ):
        ax.fill_between(every, rows[low], rows[high], color=colour, lw=0)
        alone = rows[low].notna() & rows[low].shift(1).isna() & rows[low].shift(-1).isna()
        ax.vlines(every[alone], rows[low][alone], rows[high][alone], color=colour, lw=wide)
    ax.plot(every, rows["value"], color=ACCENT, lw=2, zorder=3)
