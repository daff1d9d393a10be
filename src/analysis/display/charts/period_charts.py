"""One function per form of picture of scores over periods: lines, broken where nothing is known."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.catalogue.periods import GAP, with_gaps
from analysis.display.charts import canvas, figure
from analysis.display.charts.canvas import SAID, SMALL
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, INK, PALE, QUIET, finish, styled
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.languages import say
from analysis.language.words import number, percent

_FAINT = LIGHT["tint"]


def _no_earlier(title: str) -> Chart:
    return figure.nothing(title, say("chưa có kỳ trước để so sánh"))


@styled
def history(table: pd.DataFrame, *, title: str, unit: str, source: str) -> Chart:
    """Scores over periods: units as quiet lines, the median marked.

    ``table``: time_period, name, score. A period without a score breaks the line, and so do
    periods that are not there at all.
    """
    wide = table.pivot_table(index="time_period", columns="name", values="score", dropna=False)
    wide = wide.dropna(axis=1, how="all")
    wide = wide.reindex(with_gaps(wide.index.tolist()))  # GAP is a row of its own, without figures
    if wide.shape[0] < 2 or wide.empty:
        return _no_earlier(title)
    fig, ax = canvas.area(3.3)
    _each(ax, wide)
    median = wide.median(axis=1)
    ax.plot(range(len(wide)), median, color=ACCENT, lw=2.4, marker="o", ms=4, zorder=2)
    _over_periods(ax, wide.index, unit, say("trung vị {value}", value=number(median.iloc[-1], 1)),
                  median.iloc[-1])  # fmt: skip
    source += " " + say("Đường đậm: trung vị; mỗi đường nhạt một đơn vị.")
    found = _from_to(median, say("Trung vị"))
    return finish(fig, found, title=title, unit=unit, source=source, data=_by_period(wide))


def _each(ax: Axes, wide: pd.DataFrame, width: float = 1.0) -> None:
    """A quiet line for each column; a point where neither neighbour has a value."""
    for name in wide:
        own = wide[name].notna().to_numpy()
        beside = np.concatenate([[False], own[:-1]]) | np.concatenate([own[1:], [False]])
        alone = np.flatnonzero(own & ~beside).tolist()
        more = {"marker": ".", "ms": 4, "markevery": alone} if alone else {}
        (line,) = ax.plot(range(len(wide)), wide[name], color=_FAINT, lw=width, zorder=1, **more)
        mark(line, (name,))


def _from_to(median: pd.Series, name: str) -> str:
    """How a line went from its first to its last period with a value."""
    held = median.dropna()
    if len(held) < 2:
        return say("{name}: chỉ một kỳ có số liệu", name=name)
    first, last = number(held.iloc[0], 1), number(held.iloc[-1], 1)
    times = {"start": held.index[0], "end": held.index[-1]}
    if first == last:
        return say(
            "{name} giữ nguyên {value}, từ {start} đến {end}", name=name, value=last, **times
        )
    if held.iloc[-1] > held.iloc[0]:
        return say("{name} tăng từ {first} lên {last}, từ {start} đến {end}",
                   name=name, first=first, last=last, **times)  # fmt: skip
    return say("{name} giảm từ {first} xuống {last}, từ {start} đến {end}",
               name=name, first=first, last=last, **times)  # fmt: skip


def _by_period(wide: pd.DataFrame) -> pd.DataFrame:
    """What there is of each period: how many, lowest, median, highest."""
    held = wide.drop(index=GAP, errors="ignore")
    told = {say("Kỳ"): held.index, "n": [number(n) for n in held.notna().sum(axis=1)]}
    for head, column in (
        (say("Thấp nhất"), held.min(axis=1)),
        (say("Trung vị"), held.median(axis=1)),
        (say("Cao nhất"), held.max(axis=1)),
    ):
        told[head] = [number(v, 1) for v in column]
    return pd.DataFrame(told)


@styled
def against_peers(table: pd.DataFrame, *, title: str, source: str, name: str) -> Chart:
    """A unit's score over periods, before the median of its peers and the range of most of them.

    ``table``: time_period, value, low, median, high, in percent of the maximum. Periods that are
    not there break the lines.
    """
    wide = table.set_index("time_period").reindex(with_gaps(sorted(set(table["time_period"]))))
    if wide.shape[0] < 2 or wide["value"].notna().sum() < 1:
        return _no_earlier(title)
    fig, ax = canvas.area(2.9)
    x = np.arange(len(wide))
    ax.fill_between(x, wide["low"], wide["high"], color=PALE, lw=0, zorder=1)
    ax.plot(x, wide["median"], color=QUIET, lw=2, marker=".", zorder=2)
    own, median = wide["value"], wide["median"]
    ax.plot(x, own, color=ACCENT, lw=2.4, zorder=3)
    for at, value in zip(x, own, strict=True):
        if pd.notna(value):
            (dot,) = ax.plot(at, value, "o", color=ACCENT, ms=5, zorder=3)
            mark(dot, (wide.index[at], number(value, 1)))
            look = {"va": "baseline", "color": ACCENT, "fontweight": "bold"}
            figure.beside(ax, number(value, 1), (at, value), (0, 7), **look)
    said = say("trung vị {value}", value=number(median.iloc[-1], 1))
    unit = say("% điểm tối đa")
    _over_periods(ax, wide.index, unit, said, median.iloc[-1])
    source += " " + say("Vạch xám: trung vị; dải nhạt: từ thập phân vị thứ nhất đến thứ chín.")
    held = wide.drop(index=GAP, errors="ignore")
    heads = {"value": name, "median": say("Trung vị"), "low": say("Thập phân vị 1")}
    heads["high"] = say("Thập phân vị 9")
    data = pd.DataFrame({say("Kỳ"): held.index} | figure.texts(held, heads))
    found = _from_to(own, name)
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _over_periods(ax: Axes, periods: pd.Index, unit: str, said: str, at: float) -> None:
    """Axes of lines over periods, with room for what is said at their end."""
    ax.set_xticks(range(len(periods)), periods)
    inches = canvas.width() * ax.get_position().width
    room = (canvas.text_width(said, SAID) + 0.2) / inches
    ax.set_xlim(-0.25, (len(periods) - 1 + 0.25 * room) / (1 - room) if room < 0.5 else None)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.yaxis.set_major_formatter(lambda v, _: number(v))
    ax.yaxis.set_tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"])
    ax.set_ylabel(unit)
    figure.beside(ax, said, (len(periods) - 1, at), (8, 0), color=INK)


@styled
def indicators_over_time(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """A small picture for each indicator: units as quiet lines, the median dark, gaps as gaps.

    ``table``: label, unit_measure, time_period, name, obs_value; indicators in their order.
    """
    held = table.dropna(subset=["obs_value"])
    times = with_gaps(sorted(set(held["time_period"])))
    labels = list(dict.fromkeys(held["label"]))
    if len(times) < 2:
        return _no_earlier(title)
    fig, panels = canvas.panels(held, "label", 2.1, above=0.46)
    told, up, down = [], 0, 0
    for ax, own in panels:
        label = own["label"].iloc[0]
        wide = own.pivot(index="time_period", columns="name", values="obs_value").reindex(times)
        write = percent if own["unit_measure"].iloc[0] == "percent" else number
        _each(ax, wide, 0.8)
        median = wide.median(axis=1)
        values = median.to_numpy()
        ax.plot(range(len(times)), values, color=ACCENT, lw=2, marker="o", ms=3.5, zorder=2)
        ends = np.flatnonzero(~np.isnan(values))[[0, -1]]
        for x in ends:
            look = {"va": "baseline", "color": ACCENT, "fontsize": SMALL, "fontweight": "bold"}
            figure.beside(ax, number(values[x], 1), (x, values[x]), (0, 6), **look)
        first, last = values[ends].round(1)
        up, down = up + (last > first), down + (last < first)
        canvas.heading(ax, label)
        ax.set_xticks(range(len(times)), [t.replace("-", "\n") for t in times])
        ax.set_xlim(-0.4, len(times) - 0.6)
        ax.grid(True, axis="y")
        ax.grid(False, axis="x")
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        places = 0 if np.ptp(ax.get_ylim()) > 5 else 1
        ax.yaxis.set_major_formatter(lambda v, _, w=write, p=places: w(v, p))
        ax.yaxis.set_tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"])
        told.append(_by_period(wide).assign(label=label))
    data = pd.concat(told)
    data.insert(0, say("Chỉ tiêu"), data.pop("label"))
    found = say(
        "Trung vị tăng ở {up}, giảm ở {down} trong {n} chỉ tiêu",
        up=number(up), down=number(down), n=number(len(labels)),
    )  # fmt: skip
    source += " " + say("Đường đậm: trung vị; mỗi đường nhạt một đơn vị.")
    source += " " + figure.own_scales()
    return finish(fig, found, title=title, source=source, data=data)
