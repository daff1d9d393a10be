"""One function per form of picture of a survey: every estimate is drawn with its interval."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np
import pandas as pd
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from analysis.figure import ACCENT, INK, PALE, QUIET, canvas, finish, numbers_on, styled
from analysis.words import number, rounded

WARM = "#b3401a"
# Shades for parts of a whole, told apart in print and by the colour-blind (light to dark)
PARTS = ("#cfe1ea", "#8db9cd", "#4f93b0", "#1d6d8f", "#0a4258")


@styled
def intervals(
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    source: str,
    log: bool = False,
    reference: float | None = None,
    reference_label: str = "",
) -> HTML:
    """Estimates as points with their 95 % intervals, the largest first.

    Parameters
    ----------
    table
        name, estimate, ci_low, ci_high, respondents, obs_status. Suppressed and missing estimates
        are named beneath, never drawn.
    log
        Logarithmic axis, said on the axis: for amounts that differ by orders of magnitude.
    reference
        A value to compare with, drawn as a line (0 for a change).
    """
    held = table.dropna(subset=["estimate"]).sort_values("estimate").reset_index(drop=True)
    if held.empty:
        nothing = Markup("<p class='note'>{}: không có ước lượng nào để vẽ.{}</p>")
        return HTML(nothing.format(title, _not_drawn(table)))
    fig, ax = canvas(len(held), row_height=0.36)
    for i, row in held.iterrows():
        away = reference is None or row["ci_low"] > reference or row["ci_high"] < reference
        colour = ACCENT if away else QUIET
        if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
            ends = [row["ci_low"], row["ci_high"]]
            ax.plot(ends, [i, i], color=colour, lw=7, alpha=0.35, solid_capstyle="butt")
        ax.plot(row["estimate"], i, "o", color=colour, ms=5)
        ax.annotate(
            rounded(row["estimate"]),
            (row["estimate"], i),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=9,
        )
    people = zip(held["name"], held["respondents"], strict=True)
    ax.set_yticks(range(len(held)), [_label(f"{n} (n = {number(k)})") for n, k in people])
    ax.set_ylim(-0.5, len(held) - 0.3)
    if log:
        ax.set_xscale("log")
        _log_ticks(ax)
        unit += " · thang logarit"
    else:
        if reference is None:
            ax.set_xlim(left=0)
        numbers_on(ax)
    if reference is not None:
        ax.axvline(reference, color=INK, lw=0.9)
        if reference_label:
            ax.annotate(
                reference_label,
                (reference, -0.5),
                xytext=(4, 2),
                textcoords="offset points",
                fontsize=8.5,
                va="bottom",
            )
    ax.set_xlabel(unit)
    source += " Dải nhạt: khoảng tin cậy 95%." + _not_drawn(table)
    said = "; ".join(
        f"{r.name_}: {rounded(r.estimate)} ({rounded(r.ci_low)} đến {rounded(r.ci_high)})"
        for r in held.iloc[::-1].rename(columns={"name": "name_"}).itertuples()
    )
    return finish(fig, title, source, f"{title}. {said} ({unit}).")


def _label(text: str) -> str:
    """Long names on two lines: the picture needs the width."""
    return "\n".join(wrap(text, 34, break_long_words=False))


def _log_ticks(ax, axis: str = "x") -> None:
    """Ticks at 1, 2, 5 × powers of ten within the axis, written as readers expect."""
    low, high = ax.get_xlim() if axis == "x" else ax.get_ylim()
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = [t for p in powers for t in (p, 2 * p, 5 * p) if low <= t <= high]
    if len(ticks) > 9:
        ticks = [t for t in ticks if t in powers]
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(FixedLocator(ticks))
    target.set_minor_locator(NullLocator())
    target.set_major_formatter(lambda v, _: number(v, 0 if v >= 1 else 1 if v >= 0.1 else 2))


def _not_drawn(table: pd.DataFrame) -> str:
    hidden = table.loc[table["obs_status"] == "Q", "name"]
    missing = table.loc[table["estimate"].isna() & (table["obs_status"] != "Q"), "name"]
    text = f" Che số liệu vì quá ít phiếu: {', '.join(hidden)}." if len(hidden) else ""
    return text + (f" Không có số liệu: {', '.join(missing)}." if len(missing) else "")


@styled
def stacked(
    table: pd.DataFrame,
    parts: Mapping[str, str],
    *,
    title: str,
    unit: str,
    source: str,
    decimals: int = 0,
    least: float = 0.06,
) -> HTML:
    """Parts of a whole as bars laid end to end.

    Parameters
    ----------
    table
        name and one column per part, in drawing order (the first row on top).
    parts
        Column → what the reader sees, in order.
    least
        Smallest share of the axis whose figure is still written into the bar.
    """
    rows = table.iloc[::-1].reset_index(drop=True)
    fig, ax = canvas(len(rows) + 1, row_height=0.34)
    shades = _shades(len(parts))
    left = np.zeros(len(rows))
    whole = rows[list(parts)].sum(axis=1).max()
    for (column, label), shade in zip(parts.items(), shades, strict=True):
        values = rows[column].fillna(0).to_numpy(float)
        ax.barh(range(len(rows)), values, left=left, height=0.68, color=shade, label=label)
        dark = shade in (*PARTS[2:], ACCENT)
        for i, value in enumerate(values):
            if value >= least * whole:
                ax.text(
                    left[i] + value / 2,
                    i,
                    number(value, decimals),
                    ha="center",
                    va="center",
                    fontsize=8.5,
                    color="white" if dark else INK,
                )
        left += values
    ax.set_yticks(range(len(rows)), rows["name"].map(_label))
    ax.set_xlim(0, whole * 1.02)
    ax.set_xlabel(unit)
    numbers_on(ax)
    fig.legend(
        loc="outside upper left",
        ncols=min(len(parts), 3),
        frameon=False,
        fontsize=9,
        handlelength=1.1,
        columnspacing=1.2,
    )
    said = "; ".join(
        f"{r['name']}: "
        + ", ".join(f"{label} {number(r[c], decimals)}" for c, label in parts.items())
        for _, r in table.iterrows()
    )
    return finish(fig, title, source, f"{title}. {said} ({unit}).")


def _shades(count: int) -> Sequence[str]:
    return (ACCENT, PARTS[0]) if count == 2 else PARTS[-count:] if count < 5 else PARTS


@styled
def quadrants(table: pd.DataFrame, *, title: str, source: str) -> HTML:
    """Provinces by time (across) and direct cost (up), both as ratios to the nation.

    ``table``: see :func:`analysis.survey_views.quadrants`. Filled points stand in their quadrant
    beyond chance, hollow ones do not; a small point has few respondents. Only the former carry
    their names and intervals: a picture of sixty-three crosses would say nothing.
    """
    held = table.dropna(subset=["hours", "direct_cost"]).sort_values("direct_cost")
    fig = Figure(figsize=(7.6, 6.0), layout="constrained")
    ax = fig.add_subplot()
    ax.axhline(1, color=INK, lw=0.9)
    ax.axvline(1, color=INK, lw=0.9)
    ax.set_xscale("log")
    ax.set_yscale("log")
    for row in held.itertuples():
        fast, cheap = row.hours < 1, row.direct_cost < 1
        colour = ACCENT if fast and cheap else WARM if not fast and not cheap else "#7a6a9b"
        size = 26 if row.small else 58
        if row.clear:
            ax.plot([row.hours_low, row.hours_high], [row.direct_cost] * 2, color=PALE, lw=1.5)
            ax.plot(
                [row.hours] * 2, [row.direct_cost_low, row.direct_cost_high], color=PALE, lw=1.5
            )
        ax.scatter(
            row.hours,
            row.direct_cost,
            s=size,
            facecolors=colour if row.clear else "none",
            edgecolors=colour,
            linewidths=1.2,
            zorder=3,
        )
    reach = _reach(held)
    ax.set_xlim(1 / reach, reach)
    ax.set_ylim(1 / reach, reach)
    _name_points(ax, held[held["clear"]])
    _log_ticks(ax)
    _log_ticks(ax, "y")
    ax.grid(True, axis="both")
    for x, y, ha, va, text in (
        (0.02, 0.02, "left", "bottom", "Hiệu quả: nhanh, rẻ"),
        (0.98, 0.02, "right", "bottom", "Rẻ nhưng mất thời gian"),
        (0.02, 0.98, "left", "top", "Nhanh nhưng tốn tiền"),
        (0.98, 0.98, "right", "top", "Chậm và tốn tiền"),
    ):
        ax.text(x, y, text, transform=ax.transAxes, ha=ha, va=va, fontsize=9.5, color="#5b6b75")
    ax.set_xlabel("Thời gian so với cả nước (cả nước = 1) · thang logarit")
    ax.set_ylabel("Chi phí trực tiếp so với cả nước (= 1)")
    source += (
        " Chấm đặc: vị trí vượt khỏi sai số mẫu ở cả hai chiều (vạch nhạt: khoảng tin cậy 95%); "
        "chấm rỗng: chưa phân biệt được với mức cả nước; chấm nhỏ: dưới 25 doanh nghiệp trả lời."
    )
    hidden = table.loc[table["suppressed"], "name"]
    if len(hidden):
        source += f" Che số liệu vì quá ít phiếu: {', '.join(hidden)}."
    counts = held["quadrant"].value_counts()
    said = "; ".join(f"{name}: {number(n)} nơi" for name, n in counts.items())
    return finish(fig, title, source, f"{title}. {said}.")


def _name_points(ax, points: pd.DataFrame) -> None:
    """Names beside their points, each moved up until it stands clear of those before it."""
    ax.figure.draw_without_rendering()  # places are known only once the layout is settled
    points_per_pixel = 72 / ax.figure.dpi
    taken = []
    for row in points.itertuples():
        name = row.name.removeprefix("Tỉnh ").removeprefix("Thành phố ")
        at = ax.transData.transform((row.hours, row.direct_cost)) * points_per_pixel
        right, up = at[0] + 6, at[1] + 3
        while any(abs(up - v) < 10 and abs(right - u) < 48 for u, v in taken):
            up += 2
        taken.append((right, up))
        ax.annotate(
            name,
            (row.hours, row.direct_cost),
            (6, up - at[1]),
            textcoords="offset points",
            fontsize=8.5,
        )


def _reach(held: pd.DataFrame) -> float:
    values = held[["hours", "direct_cost"]].to_numpy(float)
    return float(np.exp(np.abs(np.log(values)).max() * 1.12)) if len(values) else 2.0


@styled
def editions(
    table: pd.DataFrame,
    *,
    names: Mapping[str, str],
    title: str,
    unit: str,
    source: str,
    scale: float = 1.0,
) -> HTML:
    """Published figures over editions, one row per group; nothing is joined across the break.

    Parameters
    ----------
    table
        edition, procedure_group, low, estimate, bound, conflict, segment (see
        :func:`analysis.reference.apci_series`). A lower bound is an open mark with an arrow;
        figures of one edition that contradict each other are joined by a thin line.
    names
        Group → label; scale divides the values.
    """
    editions_ = sorted(table["edition"].unique())
    shade = dict(zip(editions_, ("#b9892f", "#4f93b0", "#0a4258", "#7a6a9b"), strict=False))
    rows = table.assign(value=table["low"] / scale, name=table["procedure_group"].map(names))
    order = rows.groupby("name")["value"].max().sort_values().index.tolist()
    fig, ax = canvas(len(order), row_height=0.56)
    ax.set_xscale("log")
    for i, name in enumerate(order):
        own = rows[rows["name"] == name]
        for _, pair in own[own["conflict"] != ""].groupby("edition"):
            ends = [pair["value"].min(), pair["value"].max()]
            ax.plot(ends, [_lift(i, pair["edition"].iloc[0], editions_)] * 2, color=INK, lw=0.8)
        for row in own.itertuples():
            y = _lift(i, row.edition, editions_)
            more = row.bound == "lower_bound"
            face = "white" if more else shade[row.edition]
            ax.plot(row.value, y, "o", mfc=face, mec=shade[row.edition], ms=6.5)
            if more:
                ax.annotate(
                    "",
                    (row.value * 1.45, y),
                    (row.value * 1.04, y),
                    arrowprops={"arrowstyle": "->", "color": shade[row.edition], "lw": 1.2},
                )
        for edition, same in own.groupby("edition"):
            last = same.loc[same["value"].idxmax()]
            texts = [rounded(v) for v in sorted(same["value"].unique())]
            told = ("hơn " if last["bound"] == "lower_bound" else "") + " / ".join(texts)
            ax.annotate(
                f"{edition}: {told}",
                (last["value"], _lift(i, edition, editions_)),
                xytext=(22 if last["bound"] == "lower_bound" else 7, 0),
                textcoords="offset points",
                va="center",
                fontsize=8.5,
                color=shade[edition],
            )
    ax.set_yticks(range(len(order)), [_label(n) for n in order])
    ax.set_ylim(-0.6, len(order) - 0.4)
    low, high = rows["value"].min(), rows["value"].max()
    ax.set_xlim(low / 1.6, high * (high / low) ** 0.34)
    _log_ticks(ax)
    ax.set_xlabel(f"{unit} · thang logarit")
    source += (
        " Chấm rỗng có mũi tên: công bố là “hơn” số này. Vạch nối: các số công bố mâu thuẫn nhau. "
        "Giữa 2018 và các kỳ sau cách tính đã đổi, nên không nối thành xu hướng."
    )
    said = "; ".join(
        f"{r.name_} {r.edition}: {'hơn ' if r.bound == 'lower_bound' else ''}{rounded(r.value)}"
        for r in rows.rename(columns={"name": "name_"}).itertuples()
    )
    return finish(fig, title, source, f"{title}. {said} ({unit}).")


def _lift(row: int, edition: str, editions_: Sequence[str]) -> float:
    """Editions of one group above each other, the oldest on top."""
    step = 0.62 / max(len(editions_), 2)
    return row + 0.3 - step * list(editions_).index(edition)
