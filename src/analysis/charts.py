"""One function per form of picture. Each returns HTML: inline SVG with title, unit, source, alt."""

from textwrap import fill

import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import HTML
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.figure import ACCENT, INK, PALE, QUIET, canvas, finish, numbers_on, styled
from analysis.periods import with_gaps
from analysis.words import number

TARGET = "#b3401a"
SEVERITY = {"blocking": "#b3401a", "warning": "#c78a0b", "note": "#6b8fa3"}


@styled
def ranked_bars(
    values: pd.Series,
    *,
    title: str,
    unit: str,
    source: str,
    highlight: str = "",
    colours: dict[str, str] | None = None,
    decimals: int = 0,
    limit: float | None = None,
) -> HTML:
    """Horizontal bars, largest first.

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
    """
    missing = values[values.isna()]
    drawn = values.dropna().sort_values()
    fig, ax = canvas(len(drawn))
    shades = [
        (colours or {}).get(name, ACCENT if highlight in ("", name) else QUIET)
        for name in drawn.index
    ]
    ax.barh(np.arange(len(drawn)), drawn.to_numpy(), color=shades, height=0.66)
    ax.set_yticks(np.arange(len(drawn)), drawn.index)
    span = limit or max(drawn.max() if len(drawn) else 1, 1e-9)
    for i, value in enumerate(drawn):
        ax.annotate(
            number(value, decimals),
            (value, i),
            xytext=(4, 0),
            va="center",
            textcoords="offset points",
            fontsize=9,
        )
    ax.set_xlim(0, span * 1.12)
    ax.set_xlabel(unit)
    ax.axvline(0, color=INK, lw=0.8)
    ax.margins(y=0.02)
    numbers_on(ax)
    if len(missing):
        source += f" Thiếu số liệu: {', '.join(missing.index)}."
    top = f"{drawn.index[-1]} cao nhất, {number(drawn.iloc[-1], decimals)}" if len(drawn) else "…"
    return finish(fig, title, source, f"{title}. {top} ({unit}).")


@styled
def spread(
    table: pd.DataFrame,
    *,
    title: str,
    source: str,
    highlight: str = "",
    unit: str = "% điểm tối đa",
) -> HTML:
    """All units on one line per dimension, the median marked.

    ``table``: name (of the dimension), label (of the unit), value; where there is one, ``target``
    of the line is drawn too. ``highlight`` is a label.
    """
    held = table.dropna(subset=["value"])
    order = held.groupby("name")["value"].median().sort_values(ascending=False).index.tolist()
    fig, ax = canvas(len(order), row_height=0.55)
    # spread by the golden ratio rather than at random: the same picture from the same figures
    within = held.groupby("name").cumcount() * 0.618034 % 1 - 0.5
    height = held["name"].map({name: i for i, name in enumerate(order)}) + 0.44 * within
    sns.scatterplot(
        x=held["value"], y=height, ax=ax, color=QUIET, alpha=0.6, s=22, linewidth=0, legend=False
    )
    ax.set_ylim(len(order) - 0.4, -0.7)
    for i, name in enumerate(order):
        group = held[held["name"] == name]
        median = group["value"].median()
        ax.plot([median, median], [i - 0.32, i + 0.32], color=INK, lw=2)
        ax.annotate(
            f"{number(median, 0)}", (median, i - 0.34), ha="center", va="bottom", fontsize=9
        )
        target = group["target"].max() if "target" in group else float("nan")
        if pd.notna(target):
            ax.plot([target, target], [i - 0.4, i + 0.4], color=TARGET, lw=2, ls=(0, (2, 1)))
        own = group.loc[group["label"] == highlight, "value"]
        if len(own):
            ax.plot(own, [i], "o", color=ACCENT, ms=9, mec="white")
            ax.annotate(
                number(own.iloc[0], 0),
                (own.iloc[0], i),
                xytext=(0, -9),
                ha="center",
                va="top",
                textcoords="offset points",
                color=ACCENT,
                fontweight="bold",
                fontsize=9,
            )
    counts = held.groupby("name")["label"].nunique()
    ax.set_yticks(range(len(order)), [fill(f"{n} (n = {counts[n]})", 42) for n in order])
    ax.set_ylabel("")
    ax.set_xlabel(unit)
    ax.set_xlim(-2, 104)
    numbers_on(ax)
    medians = held.groupby("name")["value"].median()
    text = "; ".join(f"{n}: trung vị {number(medians[n], 0)}" for n in order)
    return finish(fig, title, source, f"{title}. {text} ({unit}).")


@styled
def profile(table: pd.DataFrame, *, title: str, source: str, unit: str = "% điểm tối đa") -> HTML:
    """One unit against its peers.

    ``table``: name, value (of the unit), low, median, high (of its peers, deciles 1 and 9); in the
    framework's order. Rows without a value show what the peers do, and say that it is missing.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = canvas(len(rows), row_height=0.5)
    for i, row in rows.iterrows():
        ax.plot([row["low"], row["high"]], [i, i], color=PALE, lw=9, solid_capstyle="round")
        ax.plot([row["median"]] * 2, [i - 0.24, i + 0.24], color=QUIET, lw=2)
        if pd.notna(row["value"]):
            ax.plot(row["value"], i, "o", color=ACCENT, ms=9, mec="white")
            ax.annotate(
                number(row["value"], 0),
                (row["value"], i),
                xytext=(0, 8),
                ha="center",
                textcoords="offset points",
                color=ACCENT,
                fontweight="bold",
                fontsize=9,
            )
        else:
            ax.annotate("… thiếu số liệu", (1, i), va="center", fontsize=9, fontstyle="italic")
    ax.set_yticks(range(len(rows)), rows["name"])
    ax.set_xlim(-2, 104)
    ax.set_ylim(-0.6, len(rows) - 0.2)
    ax.set_xlabel(unit)
    numbers_on(ax)
    source += " Vạch: trung vị; dải nhạt: từ thập phân vị thứ nhất đến thứ chín."
    text = "; ".join(f"{r['name']}: {number(r['value'], 0)}" for _, r in table.iterrows())
    return finish(fig, title, source, f"{title}. {text} ({unit}).")


@styled
def agreement(table: pd.DataFrame, *, title: str, source: str) -> HTML:
    """Computed against published scores, on the line where they agree.

    ``table``: published_score, score, outcome.
    """
    fig = Figure(figsize=(7.6, 4.6), layout="constrained")
    ax = fig.add_subplot()
    top = float(table[["published_score", "score"]].max().max())
    ax.plot([0, top], [0, top], color=QUIET, lw=1)
    for outcome, colour, label in (
        ("agrees", ACCENT, "khớp"),
        ("assumed", "#c78a0b", "khớp nhờ giả định"),
        ("differs", "#b3401a", "lệch"),
    ):
        rows = table[table["outcome"] == outcome]
        if len(rows):
            rows = rows.round({"published_score": 1, "score": 1}).drop_duplicates(
                ["published_score", "score"]
            )
            ax.scatter(
                rows["published_score"],
                rows["score"],
                s=16,
                color=colour,
                alpha=0.7,
                label=label,
                linewidths=0,
            )
    ax.set_xlabel("Điểm Cổng công bố")
    ax.set_ylabel("Điểm tính lại từ số liệu đầu vào")
    ax.grid(True, axis="both")
    numbers_on(ax, ax.yaxis)
    ax.legend(frameon=False, loc="upper left")
    compared = table["outcome"].isin(["agrees", "assumed", "differs"]).sum()
    differs = (table["outcome"] == "differs").sum()
    return finish(fig, title, source, f"{title}. {compared} cặp điểm, {differs} cặp lệch.")


@styled
def attendance(table: pd.DataFrame, *, title: str, source: str) -> HTML:
    """Units by periods: how many of the forms due came on time, written and shaded.

    ``table``: name, time_period, on_time, due; units in the order in which they stand. Periods that
    are not there leave a gap.
    """
    names = list(dict.fromkeys(table["name"]))
    times = with_gaps(sorted(set(table["time_period"])))
    fig, ax = canvas(len(names), row_height=0.27)
    shade = {name: n for n, name in enumerate(names)}
    for row in table.itertuples():
        x, y = times.index(row.time_period), shade[row.name]
        kept = row.on_time / row.due
        colour = PALE if kept == 1 else "#e8b98a" if kept > 0 else TARGET
        ax.add_patch(Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, color=colour, lw=0))
        ink = "white" if kept == 0 else INK
        ax.text(x, y, f"{row.on_time}/{row.due}", ha="center", va="center", fontsize=8, color=ink)
    ax.set_xlim(-0.6, max(len(times) - 0.4, 0.6))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xticks(range(len(times)), [t.replace("-", "\n") for t in times])
    ax.set_yticks(range(len(names)), names)
    ax.grid(False)
    worst = f"{names[0]} ít đúng hạn nhất" if names else "mọi đơn vị đều đúng hạn"
    return finish(fig, title, source, f"{title}. {worst}.")
