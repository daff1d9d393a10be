"""One function per form of picture of a ranking: every place is drawn with how sure it is."""

from collections.abc import Mapping
from textwrap import wrap

import numpy as np
import pandas as pd
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.figure import ACCENT, INK, PALE, QUIET, canvas, finish, numbers_on, styled
from analysis.periods import GAP, with_gaps
from analysis.words import number

WARM = "#b3401a"
SOURCE = {"method": "đổi cách tính", "sampling": "sai số mẫu", "both": "cả hai"}
_EACH = "mỗi dải: 90 % số lần, theo từng nguồn bất định"
_SHADE = {"method": "#a9cbdb", "sampling": "#e3c38f", "both": "#cfd8dc"}


def _nothing(title: str, why: str = "chưa đủ đơn vị có điểm để vẽ") -> HTML:
    return HTML(Markup("<p class='note'>{}: {}.</p>").format(title, why))


def _beside(names: pd.Series, row_height: float):
    """A canvas with a row for each name; long names are broken and their rows made higher."""
    broken = ["\n".join(wrap(n, 46)) for n in names]
    lines = max(n.count("\n") + 1 for n in broken)
    fig, ax = canvas(len(broken), row_height=max(row_height, 0.19 * lines))
    ax.set_yticks(range(len(broken)), broken)
    return fig, ax


_ENDS = 50  # units drawn at either end, where there are more than both together
_SQUARE = 200  # units beyond which pairs are no picture


@styled
def rank_intervals(table: pd.DataFrame, *, title: str, source: str, highlight: str = "") -> HTML:
    """Each unit's rank with the interval that other choices would give it, best first.

    Parameters
    ----------
    table
        name, rank, rank_low, rank_high, source: one row for each unit and source of doubt. Two
        sources are two bars of their own, never one.
    highlight
        Name drawn in the accent colour.
    """
    held = table.dropna(subset=["rank", "rank_low"])
    if held.empty:
        return _nothing(title)
    order = held.drop_duplicates("name").sort_values(["rank", "name"])["name"].tolist()
    last = len(order)
    if last > 2 * _ENDS:
        shown = [*order[:_ENDS], *order[-_ENDS:]]
        shown += [highlight] if highlight in order[_ENDS:-_ENDS] else []
        order = [name for name in order if name in set(shown)]
        held = held[held["name"].isin(order)]
        source = f"Vẽ {number(_ENDS)} đơn vị đầu, cuối trong {number(last)}. {source}"
    kinds = [k for k in _SHADE if k in set(held["source"])]
    fig, ax = canvas(len(order), row_height=0.2 if len(order) > 20 else 0.28)
    offsets = np.linspace(-0.22, 0.22, len(kinds)) if len(kinds) > 1 else [0.0]
    at = {name: i for i, name in enumerate(order)}
    for kind, offset in zip(kinds, offsets, strict=True):
        rows = held[held["source"] == kind]
        y = rows["name"].map(at).to_numpy() + offset
        ax.hlines(
            y,
            rows["rank_low"] - 0.35,
            rows["rank_high"] + 0.35,
            color=_SHADE[kind],
            lw=6 / len(kinds) + 1,
            label=SOURCE[kind],
        )
    first = held.drop_duplicates("name")
    colours = [WARM if n == highlight else ACCENT for n in first["name"]]
    ax.scatter(first["rank"], first["name"].map(at), c=colours, s=18, zorder=3)
    ax.set_yticks(range(len(order)), order, fontsize=8.5 if len(order) > 20 else 9.5)
    ax.set_ylim(len(order) - 0.4, -0.6)
    ax.set_xlabel("thứ hạng (1 là cao nhất)")
    ax.set_xlim(0.5, last + 0.5)
    step = next((s for s in (1, 5, 20, 100) if last <= 12 * s), 500)
    ax.set_xticks([1, *range(max(step, 2), last + 1, step)])
    if len(kinds) > 1:
        fig.legend(loc="outside upper right", ncols=len(kinds), frameon=False)
    widest = (held["rank_high"] - held["rank_low"]).max()
    each = f"dải: 90 % số lần {SOURCE[kinds[0]]}" if len(kinds) == 1 else _EACH
    source += f" Chấm: thứ hạng; {each} (đổi cách tính: trọng số, thang, cách gộp)."
    said = f"{order[0]} đứng đầu, {order[-1]} đứng cuối; dải rộng nhất {number(widest)} bậc"
    return finish(fig, title, source, f"{title}. {said}.")


@styled
def effects(
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    source: str,
    positive: str = "",
    negative: str = "",
) -> HTML:
    """Parts of a difference as bars from zero, the largest first; they add up to ``total``.

    ``table``: name, contribution (and nothing missing). ``positive`` and ``negative`` say what the
    two sides mean.
    """
    held = table[table["contribution"].abs() > 5e-5].sort_values("contribution")
    if held.empty:
        return _nothing(title, "không có khác biệt nào")
    fig, ax = _beside(held["name"], 0.33)
    values = held["contribution"].to_numpy()
    ax.barh(np.arange(len(held)), values, color=np.where(values > 0, ACCENT, WARM), height=0.62)
    span = np.abs(values).max()
    for i, value in enumerate(values):
        ax.annotate(
            f"{'+' if value > 0 else '−'}{number(abs(value), 2)}",
            (value, i),
            xytext=(4 if value > 0 else -4, 0),
            textcoords="offset points",
            ha="left" if value > 0 else "right",
            va="center",
            fontsize=9,
        )
    ax.axvline(0, color=INK, lw=0.9)
    ax.set_xlim(
        -1.25 * span if values.min() < 0 else -0.02 * span,
        1.25 * span if values.max() > 0 else 0.02 * span,
    )
    ax.set_xlabel(unit)
    numbers_on(ax)
    total = number(values.sum(), 2)
    sides = ". ".join(filter(None, (positive, negative)))
    source += f" Tổng các phần: {total}. {sides}".rstrip() + ("." if sides else "")
    said = "; ".join(
        f"{n}: {number(v, 2)}" for n, v in zip(held["name"][::-1], values[::-1], strict=True)
    )
    return finish(fig, title, source, f"{title}. {said} ({unit}).")


@styled
def above(pairs: pd.DataFrame, order: list[str], *, title: str, source: str) -> HTML:
    """How often the unit of a row stands above the unit of a column, units in order of rank.

    ``pairs``: name, other_name, p_above; ``order``: names, best first. Pale means that the two
    cannot be told apart.
    """
    if pairs.empty:
        return _nothing(title)
    if len(order) > _SQUARE:
        return _nothing(title, f"có {number(len(order))} đơn vị, không vẽ từng cặp được")
    at = {name: i for i, name in enumerate(order)}
    matrix = np.full((len(order), len(order)), np.nan)
    row, column = pairs["name"].map(at).to_numpy(), pairs["other_name"].map(at).to_numpy()
    below = row > column  # tied units may stand in either order
    matrix[np.minimum(row, column), np.maximum(row, column)] = np.where(
        below, 1 - pairs["p_above"], pairs["p_above"]
    )
    side = min(5.6, max(2.2, 0.26 * len(order)))  # inches of the square of cells
    fig = Figure(figsize=(7.6, side + 0.8), layout="constrained")
    ax = fig.add_subplot()
    bounds = [(0.95, ACCENT, "trên ít nhất 95 % số lần"), (0.8, "#6fa9c4", "80–95 %")]
    bounds += [(0.0, "#e6c79a", "dưới 80 %: chưa phân biệt được")]
    left = matrix.copy()
    for bound, colour, label in bounds:
        y, x = np.nonzero(left >= bound)
        left[y, x] = np.nan
        if len(x):
            cell = 72 * side / (len(order) + 0.2)  # points
            size = (0.84 * cell) ** 2
            ax.scatter(x, y, marker="s", s=size, color=colour, linewidths=0, label=label)
    # in the corner: room is left for the labels of where the axes began, not of their middle
    ax.set_aspect("equal", anchor="SW")
    ax.set_xlim(-0.6, len(order) - 0.4)
    ax.set_ylim(len(order) - 0.4, -0.6)
    short = 8 if len(order) > 20 else 9
    ax.set_yticks(range(len(order)), order, fontsize=short)
    places = [*range(0, len(order), 5)]
    ax.set_xticks(places, [number(p + 1) for p in places])
    ax.set_xlabel("đơn vị xếp hạng thứ …")
    ax.grid(False)
    legend = ax.legend(frameon=False, loc="lower left", fontsize=9, markerscale=1)
    for handle in legend.legend_handles:
        handle.set_sizes([60])
    apart = (pairs["p_above"] >= 0.95).mean()
    said = f"{number(100 * apart)} % số cặp phân biệt được"
    return finish(fig, title, source, f"{title}. {said}.")


@styled
def history(table: pd.DataFrame, *, title: str, unit: str, source: str) -> HTML:
    """Scores over periods: units as quiet lines, the median marked.

    ``table``: time_period, name, score. A period without a score breaks the line, and so do
    periods that are not there at all.
    """
    wide = table.pivot_table(index="time_period", columns="name", values="score", dropna=False)
    wide = wide.dropna(axis=1, how="all")
    wide = wide.reindex(with_gaps(wide.index.tolist()))  # GAP is a row of its own, without figures
    if wide.shape[0] < 2 or wide.empty:
        return _nothing(title, "chưa có kỳ trước để so sánh")
    fig = Figure(figsize=(7.6, 3.6), layout="constrained")
    ax = fig.add_subplot()
    x = np.arange(len(wide))
    dot = "." if GAP in wide.index else ""  # beyond a gap a line may be a single point
    for name in wide:
        ax.plot(x, wide[name], color=PALE, lw=1.1, zorder=1, marker=dot, ms=3)
    median = wide.median(axis=1)
    ax.plot(x, median, color=QUIET, lw=2, zorder=2, marker=dot)
    _end(ax, x[-1], median.iloc[-1], f"trung vị {number(median.iloc[-1], 1)}", INK)
    said = f"trung vị từ {number(median.iloc[0], 1)} đến {number(median.iloc[-1], 1)}"
    _over_periods(ax, wide.index, unit)
    return finish(fig, title, source, f"{title}. {said} ({unit}).")


@styled
def against_peers(table: pd.DataFrame, *, title: str, source: str, name: str) -> HTML:
    """A unit's score over periods, before the median of its peers and the range of most of them.

    ``table``: time_period, value, low, median, high, in percent of the maximum. Periods that are
    not there break the lines.
    """
    wide = table.set_index("time_period").reindex(with_gaps(sorted(set(table["time_period"]))))
    if wide.shape[0] < 2 or wide["value"].notna().sum() < 1:
        return _nothing(title, "chưa có kỳ trước để so sánh")
    fig = Figure(figsize=(7.6, 3.2), layout="constrained")
    ax = fig.add_subplot()
    x = np.arange(len(wide))
    ax.fill_between(x, wide["low"], wide["high"], color=PALE, lw=0, zorder=1)
    ax.plot(x, wide["median"], color=QUIET, lw=2, marker=".", zorder=2)
    own, median = wide["value"], wide["median"]
    ax.plot(x, own, color=ACCENT, lw=2.4, marker="o", ms=5, zorder=3)
    for at, value in zip(x, own, strict=True):
        if pd.notna(value):
            ax.annotate(
                number(value, 1),
                (at, value),
                xytext=(0, 7),
                textcoords="offset points",
                ha="center",
                color=ACCENT,
                fontweight="bold",
                fontsize=9,
            )
    _end(ax, x[-1], median.iloc[-1], f"trung vị {number(median.iloc[-1], 1)}", INK)
    _over_periods(ax, wide.index, "% điểm tối đa")
    source += " Vạch xám: trung vị; dải nhạt: từ thập phân vị thứ nhất đến thứ chín."
    said = " → ".join(number(v, 1) for v in own)
    beside = f"trung vị từ {number(median.iloc[0], 1)} đến {number(median.iloc[-1], 1)}"
    return finish(fig, title, source, f"{title}. {name}: {said}; {beside} (% điểm tối đa).")


def _over_periods(ax: Axes, periods: pd.Index, unit: str) -> None:
    """Axes of lines over periods, with room for what is said at their end."""
    ax.set_xticks(range(len(periods)), periods)
    ax.set_xlim(-0.2, len(periods) - 0.45)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.yaxis.set_major_formatter(lambda v, _: number(v))
    ax.set_ylabel(unit)


@styled
def indicators_over_time(table: pd.DataFrame, *, title: str, source: str) -> HTML:
    """A small picture for each indicator: units as quiet lines, the median dark, gaps as gaps.

    ``table``: label, unit_measure, time_period, name, obs_value; indicators in their order.
    """
    held = table.dropna(subset=["obs_value"])
    times = with_gaps(sorted(set(held["time_period"])))
    labels = list(dict.fromkeys(held["label"]))
    if len(times) < 2:
        return _nothing(title, "chưa có kỳ trước để so sánh")
    rows = -(-len(labels) // 2)
    fig = Figure(figsize=(7.6, 2.5 * rows), layout="constrained")
    axes = fig.subplots(rows, 2, squeeze=False).ravel()
    said = []
    for ax, label in zip(axes, labels, strict=False):
        own = held[held["label"] == label]
        wide = own.pivot(index="time_period", columns="name", values="obs_value").reindex(times)
        ax.plot(range(len(times)), wide, color=PALE, lw=0.9, marker=".", ms=2, zorder=1)
        median = wide.median(axis=1).to_numpy()
        ax.plot(range(len(times)), median, color=ACCENT, lw=2, marker="o", ms=4, zorder=2)
        for x in np.flatnonzero(~np.isnan(median))[[0, -1]]:
            at = dict(xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8.5)
            ax.annotate(number(median[x], 1), (x, median[x]), color=ACCENT, **at)
        ax.set_title("\n".join(wrap(label, 44)), fontsize=9, loc="left", color=INK)
        ax.set_xticks(range(len(times)), [t.replace("-", "\n") for t in times], fontsize=8)
        ax.set_xlim(-0.4, len(times) - 0.6)
        ax.grid(True, axis="y")
        ax.grid(False, axis="x")
        ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        places = 0 if np.ptp(ax.get_ylim()) > 5 else 1
        ax.yaxis.set_major_formatter(lambda v, _, places=places: number(v, places))
        ax.set_ylabel("%" if own["unit_measure"].iloc[0] == "percent" else "giá trị", fontsize=8)
        last = median[~np.isnan(median)]
        said.append(f"{label}: trung vị từ {number(last[0], 1)} đến {number(last[-1], 1)}")
    for ax in axes[len(labels) :]:
        ax.set_visible(False)
    return finish(fig, title, source, f"{title}. {'; '.join(said)}.")


def _end(ax, x: float, y: float, text: str, colour: str) -> None:
    at = dict(xytext=(8, 0), textcoords="offset points", va="center", fontsize=9, color=colour)
    ax.annotate(text, (x, y), **at)


@styled
def importance(table: pd.DataFrame, names: Mapping[str, str], *, title: str, source: str) -> HTML:
    """Sobol indices of the choices: alone (dark) and with all interplay (pale), with intervals.

    ``table``: factor, first_order, total_order, total_low, total_high.
    """
    held = table.dropna(subset=["total_order"]).sort_values("total_order").reset_index(drop=True)
    if held.empty:
        return _nothing(title, "thứ hạng không đổi")
    fig, ax = canvas(len(held), row_height=0.42)
    y = np.arange(len(held))
    ax.barh(y, 100 * held["total_order"].clip(lower=0), color=_SHADE["method"], height=0.6)
    ax.barh(y, 100 * held["first_order"].clip(lower=0), color=ACCENT, height=0.28)
    ax.hlines(y, 100 * held["total_low"], 100 * held["total_high"], color=INK, lw=1.2)
    for i, row in held.iterrows():
        ax.annotate(
            number(100 * max(row["total_order"], 0)),
            (100 * max(row["total_high"], row["total_order"], 0), i),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_yticks(y, held["factor"].map(names))
    ax.set_xlim(0, max(110, 112 * held["total_high"].max()))
    ax.set_xlabel("% phần biến động thứ hạng do lựa chọn này")
    numbers_on(ax)
    source += " Đậm: riêng lựa chọn đó; nhạt: kể cả khi đi cùng lựa chọn khác; vạch: khoảng 90 %."
    top = held.iloc[-1]
    said = f"{names[top['factor']]} quyết định nhiều nhất, {number(100 * top['total_order'])} %"
    return finish(fig, title, source, f"{title}. {said}.")


@styled
def side_by_side(
    table: pd.DataFrame, left: str, right: str, *, title: str, unit: str, source: str
) -> HTML:
    """Two units on one line per indicator, joined.

    ``table``: name, unit, other (values on one scale); ``left`` and ``right`` are their names.
    """
    held = table.dropna(subset=["unit", "other"], how="all").iloc[::-1].reset_index(drop=True)
    if held.empty:
        return _nothing(title)
    fig, ax = _beside(held["name"], 0.36)
    y = np.arange(len(held))
    ax.hlines(y, held["unit"], held["other"], color=QUIET, lw=2, zorder=1)
    ax.scatter(held["unit"], y, color=ACCENT, s=52, zorder=3, label=left)
    ax.scatter(held["other"], y, color=WARM, s=52, marker="D", zorder=2, label=right)
    ax.set_ylim(-0.6, len(held) - 0.4)
    ax.set_xlabel(unit)
    numbers_on(ax)
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    ahead = (held["unit"] > held["other"]).sum()
    said = f"{left} hơn {right} ở {number(ahead)} trong {number(len(held))} chỉ tiêu"
    return finish(fig, title, source, f"{title}. {said} ({unit}).")
