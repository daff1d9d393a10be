"""One function per form of picture of published series: gaps break the line, errors are drawn."""

import numpy as np
import pandas as pd
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from analysis.figure import ACCENT, INK, PALE, QUIET, finish, styled
from analysis.words import number

_COLUMNS = 2


def _panels(count: int, height: float = 2.1) -> tuple[Figure, list]:
    rows = -(-count // _COLUMNS)
    fig = Figure(figsize=(7.6, 0.5 + rows * height), layout="constrained")
    grid = fig.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for ax in grid[count:]:
        ax.set_visible(False)
    return fig, list(grid[:count])


def _nothing(title: str) -> HTML:
    return HTML(Markup("<p class='note'>{}: không có số liệu để vẽ.</p>").format(title))


def _framed(ax, name: str, years: tuple[float, float]) -> None:
    ax.set_title(name, loc="left", fontsize=10)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.set_xlim(years[0] - 1, years[1] + 1.5)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f}"))


def _said(ax, x: float, y: float, text: str, above: bool = True) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(0, 6 if above else -6),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        fontsize=9,
        color=ACCENT,
        fontweight="bold",
    )


@styled
def ranks(table: pd.DataFrame, *, title: str, unit: str, source: str) -> HTML:
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
    fig, panels = _panels(held["series"].nunique())
    years = held["time_period"].min(), held["time_period"].max()
    told = []
    for ax, (_, rows) in zip(panels, held.groupby("series", sort=False), strict=True):
        _framed(ax, rows["name"].iloc[0], years)
        for _, part in rows.groupby("segment"):
            ax.plot(part["time_period"], part["rank"], color=ACCENT, lw=2, marker="o", ms=4.5)
        target = rows["target"].iloc[0]
        bottom = np.nanmax([rows["rank"].max(), target])
        ax.set_ylim(bottom * 1.18, 1)
        ticks = MaxNLocator(4, integer=True).tick_values(1, bottom)
        ax.yaxis.set_major_locator(FixedLocator([1, *(t for t in ticks if t > bottom / 8)]))
        if pd.notna(target):
            ax.axhline(target, color=INK, lw=1, ls=(0, (4, 3)))
            at = dict(xytext=(2, 3), textcoords="offset points", fontsize=8.5, color=INK)
            ax.annotate(f"mục tiêu {number(target)}", (years[0] - 1, target), **at)
        ends = rows.iloc[[0, -1]].drop_duplicates("time_period")
        for row in ends.itertuples():
            _said(ax, row.time_period, row.rank, number(row.rank), above=False)
        told.append(f"{rows['name'].iloc[0]}: " + _path(rows, "rank"))
    fig.supylabel(unit, fontsize=10)
    source += " Hạng 1 ở trên cùng. Chỗ thiếu kỳ không được nối."
    return finish(fig, title, source, f"{title}. {'; '.join(told)}.")


def _path(rows: pd.DataFrame, column: str) -> str:
    ends = rows.iloc[[0, -1]].drop_duplicates("time_period")
    return " → ".join(f"{number(r[column])} ({r['time_period']:.0f})" for _, r in ends.iterrows())


@styled
def estimates(table: pd.DataFrame, *, title: str, unit: str, source: str) -> HTML:
    """Estimates over the years with their 90 % intervals, a panel for each series, one scale.

    ``table``: series, name, time_period, score, low, high, segment.
    """
    held = table.dropna(subset=["score"])
    if held.empty:
        return _nothing(title)
    fig, panels = _panels(held["series"].nunique(), height=1.9)
    years = held["time_period"].min(), held["time_period"].max()
    lowest, highest = min(held["low"].min(), 0), max(held["high"].max(), 0)
    edge = 0.08 * (highest - lowest)
    told = []
    for ax, (_, rows) in zip(panels, held.groupby("series", sort=False), strict=True):
        _framed(ax, rows["name"].iloc[0], years)
        for _, part in rows.groupby("segment"):
            x = part["time_period"]
            ax.fill_between(x, part["low"], part["high"], color=PALE, lw=0)
            if len(part) == 1:  # a band needs two editions
                ax.vlines(x, part["low"], part["high"], color=PALE, lw=3)
            ax.plot(x, part["score"], color=ACCENT, lw=2, marker="o", ms=2.5)
        ax.axhline(0, color=QUIET, lw=1)
        ax.set_ylim(lowest - edge, highest + 2 * edge)
        ax.yaxis.set_major_locator(FixedLocator(np.arange(-2, 2.1, 0.5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, 1)))
        last = rows.iloc[-1]
        _said(ax, last["time_period"], last["high"], number(last["score"], 2))
        told.append(f"{rows['name'].iloc[0]}: {number(last['score'], 2)}")
    fig.supylabel(unit, fontsize=10)
    source += " Dải nhạt: khoảng tin cậy 90 %."
    return finish(fig, title, source, f"{title}. {'; '.join(told)} ({unit}).")


@styled
def spreads(table: pd.DataFrame, *, title: str, source: str, own: str) -> HTML:
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
    fig, panels = _panels(table["index"].nunique(), height=1.9)
    years = table["time_period"].min(), table["time_period"].max()
    told = []
    for ax, (_, rows) in zip(panels, table.groupby("index", sort=False), strict=True):
        _framed(ax, rows["name"].iloc[0], years)
        for n, (_, part) in enumerate(rows.groupby("segment")):
            _one_spread(ax, part)
            if n:
                ax.axvline(part["time_period"].min() - 0.5, color=INK, lw=0.8, ls=":")
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.yaxis.set_major_formatter(FuncFormatter(_tick))
        held = rows.dropna(subset=["value"])
        told.append(f"{rows['name'].iloc[0]}: {_last(held)}")
    fig.supylabel("điểm, mỗi chỉ số một thang", fontsize=10)
    source += f" Đường màu: {own}. Dải đậm: một nửa số tỉnh ở giữa; dải nhạt: mọi tỉnh."
    source += " Vạch chấm: chỗ gãy của chuỗi, hai bên không so với nhau."
    return finish(fig, title, source, f"{title}. {'; '.join(told)}.")


def _one_spread(ax, part: pd.DataFrame) -> None:
    x = part["time_period"].to_numpy(float)
    every = np.arange(x.min(), x.max() + 1)  # a missing edition leaves a gap
    rows = part.set_index("time_period").reindex(every)
    for low, high, colour, wide in (
        ("low", "high", PALE, 9),
        ("quarter", "three_quarters", QUIET, 9),
    ):
        ax.fill_between(every, rows[low], rows[high], color=colour, lw=0, alpha=0.8)
        alone = rows[low].notna() & rows[low].shift(1).isna() & rows[low].shift(-1).isna()
        ax.vlines(every[alone], rows[low][alone], rows[high][alone], color=colour, lw=wide)
    ax.plot(every, rows["value"], color=ACCENT, lw=2, marker="o", ms=4, zorder=3)


def _tick(value: float, _: int) -> str:
    return number(value, 1 if abs(value - round(value)) > 1e-9 else 0)


def _last(held: pd.DataFrame) -> str:
    if held.empty:
        return "không có số"
    row = held.iloc[-1]
    return f"{number(row['value'], 2)} ({row['time_period']:.0f})"
