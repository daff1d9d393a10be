"""Pictures of registers: what state records are in, unit by unit, and how long they are overdue."""

import numpy as np
import pandas as pd
from IPython.display import HTML

from analysis.figure import ACCENT, INK, PALE, QUIET, canvas, finish, numbers_on, styled
from analysis.words import number

_OVERDUE = "#b5452c"
COLOURS = {
    "completed_on_time": ACCENT,
    "completed_late": "#6fa9c4",
    "completed_no_deadline": "#b9d4e0",
    "open_within": PALE,
    "open_no_deadline": QUIET,
    "open_overdue": _OVERDUE,
}
"""From done to overdue; told apart by lightness too."""


@styled
def by_state(table: pd.DataFrame, labels: dict, *, title: str, unit: str, source: str) -> HTML:
    """One bar per row of ``table``, parted by state, most records first.

    Parameters
    ----------
    table
        ``name`` and one column of counts per state.
    labels
        State → words; states that no row has are left out.
    """
    table = table.iloc[::-1]
    states = [s for s in COLOURS if table[s].sum() > 0]
    fig, ax = canvas(len(table) + 2)
    left, y = np.zeros(len(table)), np.arange(len(table))
    for state in states:
        width = table[state].to_numpy(float)
        edge = {"edgecolor": "white", "linewidth": 0.6}
        ax.barh(y, width, left=left, height=0.7, color=COLOURS[state], label=labels[state], **edge)
        if state == "open_overdue":
            for i in np.flatnonzero(width):
                text = number(width[i])
                ax.annotate(
                    text,
                    (left[i] + width[i], i),
                    xytext=(4, 0),
                    va="center",
                    textcoords="offset points",
                    fontsize=9,
                    color=_OVERDUE,
                )
        left = left + width
    ax.set_yticks(y, table["name"])
    ax.set_xlim(0, max(left.max(initial=1), 1) * 1.08)
    ax.set_xlabel(unit)
    ax.axvline(0, color=INK, lw=0.8)
    ax.margins(y=0.02)
    numbers_on(ax)
    fig.legend(loc="outside lower left", ncols=3, frameon=False, fontsize=9)
    return finish(fig, title, source, f"{title}: {number(len(table))} dòng, theo trạng thái.")


@styled
def in_order(values: pd.Series, *, title: str, unit: str, source: str) -> HTML:
    """Upright bars in the order given, for bands that have an order of their own."""
    fig, ax = canvas(6)
    x = np.arange(len(values))
    ax.bar(x, values.to_numpy(float), width=0.45, color=_OVERDUE)
    for i, value in enumerate(values):
        ax.annotate(
            number(value),
            (i, value),
            xytext=(0, 3),
            ha="center",
            textcoords="offset points",
            fontsize=9,
        )
    ax.set_xticks(x, values.index)
    ax.set_ylim(0, max(float(values.max()), 1) * 1.18)
    ax.set_yticks([])
    ax.grid(False)
    ax.set_xlabel(unit)
    ax.axhline(0, color=INK, lw=0.8)
    said = "; ".join(f"{k}: {number(v)}" for k, v in values.items())
    return finish(fig, title, source, f"{title}. {said}.")
