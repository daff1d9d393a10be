"""Pictures of registers: what state records are in, unit by unit, and how long they are overdue."""

import numpy as np
import pandas as pd

from analysis.display.charts import canvas, figure
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
from analysis.language.languages import say
from analysis.language.words import number

_OVERDUE = LIGHT["bad"]
COLOURS = {
    "completed_on_time": ACCENT,
    "completed_late": LIGHT["seq3"],
    "completed_no_deadline": LIGHT["seq2"],
    "open_within": PALE,
    "open_no_deadline": QUIET,
    "open_overdue": _OVERDUE,
}
"""From done to overdue; told apart by lightness too."""


@styled
def by_state(
    table: pd.DataFrame, labels: dict, *, title: str, unit: str, source: str, of: int | None = None
) -> Chart:
    """One bar per row of ``table``, parted by state, most records first.

    Parameters
    ----------
    table
        ``name`` and one column of counts per state.
    labels
        State → words; states that no row has are left out.
    of
        How many rows there are in all, drawn or not; the finding says where they are not all.
    """
    states = [s for s in COLOURS if table[s].sum() > 0]
    if not states:
        return figure.not_yet(title)
    deep = canvas.legend_height([labels[state] for state in states])
    fig, ax = canvas.rows(table["name"], above=deep)
    left, y = np.zeros(len(table)), np.arange(len(table))
    for state in states:
        width = table[state].to_numpy(float)
        edge = {"edgecolor": PAPER, "linewidth": 0.6}
        look = {"height": 0.7, "color": COLOURS[state], "label": labels[state]}
        bars = ax.barh(y, width, left=left, **look, **edge)
        for i in np.flatnonzero(width):
            mark(bars[i], (table["name"].iloc[i], f"{labels[state]}: {number(width[i])}"))
            if state == "open_overdue":
                figure.beside(ax, number(width[i]), (left[i] + width[i], i), color=_OVERDUE)
        left = left + width
    ax.set_xlim(0, max(left.max(initial=1), 1) * 1.08)
    ax.set_xlabel(unit)
    ax.axvline(0, color=INK, lw=0.8)
    numbers_on(ax)
    canvas.legend(ax)
    every, overdue = table[list(COLOURS)].to_numpy().sum(), table["open_overdue"].sum()
    found = say(
        "{n} trong {of} quá hạn chưa xong ({share} %)",
        n=number(overdue), of=number(every), share=number(100 * overdue / max(every, 1), 1),
    )  # fmt: skip
    if not overdue:
        found = say("Không có việc nào quá hạn trong {of}", of=number(every))
    if of is not None and of > len(table):
        among = say(
            "ở {n} trong {of} dòng, những dòng nhiều nhất", n=number(len(table)), of=number(of)
        )
        found = say("{found}, {among}", found=found, among=among)
    data = pd.DataFrame(
        {say("Tên"): table["name"]} | figure.texts(table, {s: labels[s] for s in states}, 0)
    )
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


@styled
def in_order(values: pd.Series, *, title: str, unit: str, source: str) -> Chart:
    """Upright bars in the order given, for bands that have an order of their own.

    All bands are missing where there was nothing to count, as when no register has come.
    """
    if values.dropna().empty:
        return figure.not_yet(title)
    fig, ax = canvas.area(2.4, left=0.2)
    x = np.arange(len(values))
    bars = ax.bar(x, values.to_numpy(float), width=0.45, color=_OVERDUE)
    for i, (name, value) in enumerate(values.items()):
        mark(bars[i], (name, number(value)))
        figure.beside(ax, number(value), (i, value), (0, 3), va="baseline")
    ax.set_xticks(x, values.index)
    ax.set_ylim(0, max(float(values.max()), 1) * 1.18)
    ax.set_yticks([])
    ax.grid(False)
    ax.set_xlabel(unit)
    ax.axhline(0, color=INK, lw=0.8)
    whole = values.sum()
    found = say("Không có việc nào")
    if whole:
        found = say(
            "Nhiều nhất ở “{name}”: {n} trong {of}",
            name=values.idxmax(), n=number(values.max()), of=number(whole),
        )  # fmt: skip
    data = pd.DataFrame({say("Mức"): values.index, unit: [number(v) for v in values]})
    return finish(fig, found, title=title, unit=unit, source=source, data=data)
