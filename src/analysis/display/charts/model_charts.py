"""Pictures of a model: what it gives beside what it was given, and whether its residuals hold."""

import pandas as pd

from analysis.display.charts import canvas, figure
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, INK, finish, styled
from analysis.display.charts.svg import mark
from analysis.language.languages import say
from analysis.language.words import number


@styled
def beside(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """Direct estimates (``x``) and those of a model (``y``), with the line on which both are equal;
    ``name`` says whose they are."""
    return _against(table, say("trực tiếp"), say("mô hình"), title, source)


@styled
def normality(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """Standardised residuals (``y``) over normal quantiles (``x``): on the line, were they normal.

    ``name`` says whose they are.
    """
    return _against(table, say("phân vị chuẩn"), say("phần dư chuẩn hoá"), title, source)


def _against(table: pd.DataFrame, across: str, up: str, title: str, source: str) -> Chart:
    """Points with the line of equality; the finding is who lies furthest from it."""
    held = table.dropna(subset=["x", "y"])
    if held.empty:
        return figure.nothing(title, say("không có ước lượng nào để vẽ"))
    drawn = held[["x", "y"]].astype(float).round(2)  # coordinates can be read off exactly
    fig, ax = canvas.area(3.6, left=0.62)
    low, high = drawn.min().min(), drawn.max().max()
    more = 0.05 * (high - low) or 0.5
    ends = [low - more, high + more]
    ax.plot(ends, ends, color=INK, lw=0.9)
    for name, x, y in zip(held["name"], drawn["x"], drawn["y"], strict=True):
        dot = ax.scatter(x, y, s=22, facecolors="none", edgecolors=ACCENT, linewidths=1.2)
        mark(dot, (name, f"{across} {number(x, 2)}, {up} {number(y, 2)}"))
    ax.set(xlim=ends, ylim=ends, xlabel=across, ylabel=up)
    figure.numbers_on(ax, ax.xaxis, ax.yaxis)
    ax.grid(True, axis="both")
    away = (drawn["y"] - drawn["x"]).abs()
    found = say(
        "Xa đường bằng nhau nhất: {name}, {x} và {y}",
        name=held["name"].loc[away.idxmax()], x=number(drawn["x"].loc[away.idxmax()], 2),
        y=number(drawn["y"].loc[away.idxmax()], 2),
    )  # fmt: skip
    heads = {"x": across, "y": up}
    data = pd.DataFrame({say("Tên"): held["name"]} | figure.texts(drawn, heads, 2))
    return finish(fig, found, title=title, source=source, data=data)
