"""Provinces by time and direct cost, both beside the nation, in one picture."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.display.charts import canvas, figure
from analysis.display.charts.canvas import SAID, SMALL
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, INK, finish, styled
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.languages import say
from analysis.language.words import bare, number

WARM = LIGHT["bad"]
_DRAWN = [m + end for m in ("hours", "direct_cost") for end in ("", "_low", "_high")]


@styled
def quadrants(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """Provinces by time (across) and direct cost (up), both as ratios to the nation.

    ``table``: see :func:`analysis.topics.apci_quadrants.quadrants`. Filled points stand in their
    quadrant beyond chance, hollow ones do not; a small point has few respondents. Only the former
    carry their names and intervals: a picture of sixty-three crosses would say nothing.
    """
    held = table[~table["suppressed"]].dropna(subset=["hours", "direct_cost"])
    held = held.sort_values("direct_cost")
    held = held.assign(fast=held["hours"] < 1, cheap=held["direct_cost"] < 1)
    held[_DRAWN] = held[_DRAWN].astype(float).round(2)  # coordinates can be read off exactly
    if held.empty:
        return figure.nothing(title, say("không có ước lượng nào để vẽ") + _hidden(table))
    fig, ax = canvas.area(5.4, left=0.62)
    ax.axhline(1, color=INK, lw=0.9)
    ax.axvline(1, color=INK, lw=0.9)
    ax.set_xscale("log")
    ax.set_yscale("log")
    _points(ax, held)
    reach = _reach(held)
    ax.set_xlim(1 / reach, reach)
    ax.set_ylim(1 / reach, reach)
    _name_points(ax, held[held["clear"]], held)
    figure.log_ticks(ax)
    figure.log_ticks(ax, "y")
    ax.grid(True, axis="both")
    ax.yaxis.set_tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"])
    _corners(ax)
    ax.set_xlabel(say("Thời gian so với cả nước (cả nước = 1) · thang logarit"))
    ax.set_ylabel(say("Chi phí trực tiếp so với cả nước (= 1)"))
    source += " " + say(
        "Chấm đặc: vị trí vượt khỏi sai số mẫu ở cả hai chiều (vạch nhạt: khoảng tin cậy 95 %); "
        "chấm rỗng: chưa phân biệt được với mức cả nước; chấm nhỏ: dưới 25 doanh nghiệp trả lời."
    )
    source += _hidden(table)
    clear = held["clear"].sum()
    found = say(
        "{n} trong {of} nơi khác mức cả nước vượt sai số mẫu ở cả hai chiều",
        n=number(clear), of=number(len(held)),
    )  # fmt: skip
    heads = {"hours": say("Thời gian"), "direct_cost": say("Chi phí trực tiếp")}
    data = pd.DataFrame({say("Tên"): held["name"]} | figure.texts(held, heads, 2))
    data[say("Vượt sai số mẫu")] = [say("có") if v else say("không") for v in held["clear"]]
    unit = say("cả nước = 1")
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _points(ax: Axes, held: pd.DataFrame) -> None:
    """A point for each province; with its intervals, where they leave out the nation."""
    for row in held.itertuples():
        both, none = row.fast and row.cheap, not (row.fast or row.cheap)
        colour = ACCENT if both else WARM if none else LIGHT["violet"]
        if row.clear:
            line = {"color": LIGHT["line"], "lw": 1.5}
            ax.plot([row.hours_low, row.hours_high], [row.direct_cost] * 2, **line)
            ax.plot([row.hours] * 2, [row.direct_cost_low, row.direct_cost_high], **line)
        look = {"s": 26 if row.small else 58, "edgecolors": colour, "linewidths": 1.2, "zorder": 3}
        look["facecolors"] = colour if row.clear else "none"
        dot = ax.scatter(row.hours, row.direct_cost, **look)
        told = {"hours": number(row.hours, 2), "cost": number(row.direct_cost, 2)}
        mark(dot, (row.name, say("thời gian {hours}, chi phí {cost}", **told)))


def _corners(ax: Axes) -> None:
    """What each quarter of the picture means."""
    for x, y, ha, va, text in (
        (0.02, 0.02, "left", "bottom", say("Hiệu quả: nhanh, rẻ")),
        (0.98, 0.02, "right", "bottom", say("Rẻ nhưng mất thời gian")),
        (0.02, 0.98, "left", "top", say("Nhanh nhưng tốn tiền")),
        (0.98, 0.98, "right", "top", say("Chậm và tốn tiền")),
    ):
        more = {"transform": ax.transAxes, "fontsize": SAID, "color": LIGHT["soft"]}
        ax.text(x, y, text, ha=ha, va=va, **more)


def _hidden(table: pd.DataFrame) -> str:
    hidden = table.loc[table["suppressed"].astype(bool), "name"]
    return " " + figure.suppressed(hidden) if len(hidden) else ""


def _name_points(ax, points: pd.DataFrame, drawn: pd.DataFrame) -> None:
    """Names beside their points, each moved up until it stands clear of those before it, and of all
    points ``drawn``."""
    points_per_pixel = 72 / ax.figure.dpi
    taken = []
    dots = ax.transData.transform(drawn[["hours", "direct_cost"]].to_numpy(float))
    dots = dots * points_per_pixel
    for row in points.itertuples():
        name = bare(row.name)
        at = ax.transData.transform((row.hours, row.direct_cost)) * points_per_pixel
        right, up = at[0] + 6, at[1] + 3
        wide = 72 * canvas.text_width(name, SMALL, "bold")
        while any(abs(up - v) < 10 and abs(right - u) < 48 for u, v in taken) or any(
            -4 < u - right < wide + 4 and -5 < v - up < 11 for u, v in dots
        ):
            up += 2
        taken.append((right, up))
        where, look = (
            (row.hours, row.direct_cost),
            {"va": "baseline", "fontsize": SMALL, "fontweight": "bold"},
        )
        figure.beside(ax, name, where, (6, up - at[1]), **look)


def _reach(held: pd.DataFrame) -> float:
    values = held[["hours", "direct_cost"]].to_numpy(float)
    return float(np.exp(np.abs(np.log(values)).max() * 1.12)) if len(values) else 2.0
