"""One function per form of picture of scores over periods: lines, broken where nothing is known."""

from collections.abc import Sequence

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
_LOOKS = tuple(
    zip(
        (ACCENT, *(LIGHT[c] for c in ("bad", "violet", "warn", "note", "ink"))),
        "os^DvP",
        strict=True,
    )
)
"""Colour and mark of each line that is told from the others: told apart in grey print, too."""
_BREAK = ""
"""Row between two periods that are not joined though they follow one another."""


def _no_earlier(title: str) -> Chart:
    return figure.nothing(title, say("chưa có kỳ trước để so sánh"))


@styled
def history(table: pd.DataFrame, *, title: str, unit: str, source: str) -> Chart:
    """Scores over periods: units as quiet lines, and the median of those that are in all periods.

    ``table``: time_period, name, score and perhaps ``segment``. Nothing is joined or compared over
    a period without a score, periods that are not there, or from segment to segment.
    """
    wide = table.pivot_table(index="time_period", columns="name", values="score", dropna=False)
    wide = wide.dropna(axis=1, how="all")
    if wide.shape[0] < 2 or wide.empty:
        return _no_earlier(title)
    parts = _stretches(table)
    median, n = _matched(wide, parts)
    wide, x = _spaced(wide, parts)
    fig, ax = canvas.area(3.3)
    _each(ax, x, wide)
    ax.plot(x, median.reindex(wide.index), color=ACCENT, lw=2.4, marker="o", ms=4, zorder=2)
    last = median.iloc[-1]
    said = say("trung vị {value}", value=number(last, 1))
    _over_periods(ax, x, wide.index, n, unit, said, last)
    source += " " + _how_drawn()
    found = _of_stretch(median, n, parts)
    data = _by_period(wide, median, n)
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _how_drawn() -> str:
    return say(
        "Đường đậm và n: trung vị và số đơn vị có số ở mọi kỳ của đoạn liền; mỗi đường nhạt một "
        "đơn vị. Chỗ trống hay vạch chấm: chuỗi gãy, hai bên không so với nhau."
    )


def _stretches(table: pd.DataFrame) -> pd.Series:
    """Number of the stretch of each period (the index, in order): within one there is no break."""
    times = sorted(set(table["time_period"]))
    own = table.get("segment", pd.Series(0, table.index)).groupby(table["time_period"]).max()
    rows = with_gaps(times)
    gaps = [rows[: rows.index(t)].count(GAP) for t in times]
    return own[times] + gaps


def _matched(wide: pd.DataFrame, parts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The median over periods of those that have a value in each period of a stretch in which
    anybody has, and how many they are: a set that changes has no trend."""
    median, n = pd.Series(np.nan, wide.index), pd.Series(0, wide.index)
    for _, times in parts.groupby(parts).groups.items():
        held = wide.loc[times].dropna(how="all")
        same = held.dropna(axis=1)
        median[held.index], n[held.index] = same.median(axis=1), same.shape[1]
    return median, n


def _spaced(wide: pd.DataFrame, parts: pd.Series) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows in their order with empty ones between stretches (GAP where periods are missing, else
    _BREAK), and where each stands."""
    rows: list[str] = []
    for code in with_gaps(wide.index.tolist()):
        if rows and GAP not in (code, rows[-1]) and parts[code] != parts[rows[-1]]:
            rows.append(_BREAK)
        rows.append(code)
    x = np.cumsum([0.5 if _BREAK in pair else 1.0 for pair in zip(["", *rows], rows, strict=False)])
    return wide.reindex(rows), x - x[0]


def _each(ax: Axes, x: np.ndarray, wide: pd.DataFrame, width: float = 1.0) -> None:
    """A quiet line for each column; a point where neither neighbour has a value; a dotted line
    where the series breaks."""
    for name in wide:
        own = wide[name].notna().to_numpy()
        beside = np.concatenate([[False], own[:-1]]) | np.concatenate([own[1:], [False]])
        alone = np.flatnonzero(own & ~beside).tolist()
        more = {"marker": ".", "ms": 4, "markevery": alone} if alone else {}
        (line,) = ax.plot(x, wide[name], color=_FAINT, lw=width, zorder=1, **more)
        mark(line, (name,))
    _broken(ax, x, wide.index)


def _broken(ax: Axes, x: np.ndarray, rows: pd.Index) -> None:
    for at in x[rows == _BREAK]:
        ax.axvline(at, color=INK, lw=0.8, ls=":")


def _of_stretch(median: pd.Series, n: pd.Series, parts: pd.Series) -> str:
    """How the median of those that can be compared moved in the latest stretch."""
    held = median[parts == parts.iloc[-1]].dropna()
    told = {"n": number(n.iloc[-1])}
    if held.empty:
        return say("Không đơn vị nào có điểm ở mọi kỳ của đoạn liền mới nhất: chưa có xu hướng")
    if len(held) < 2:
        return say("Trung vị của {n} đơn vị ở kỳ {period}: {value}; không nối với kỳ trước",
                   period=held.index[0], value=number(held.iloc[0], 1), **told)  # fmt: skip
    return _from_to(held, say("Trung vị của {n} đơn vị có điểm ở mọi kỳ", **told))


def _from_to(held: pd.Series, name: str) -> str:
    """How a line went from its first to its last period."""
    first, last = number(held.iloc[0], 1), number(held.iloc[-1], 1)
    times = {"start": held.index[0], "end": held.index[-1]}
    if first == last:
        return say(
            "{name} ở hai đầu cùng là {value}, từ {start} đến {end}", name=name, value=last, **times
        )
    if held.iloc[-1] > held.iloc[0]:
        return say("{name} tăng từ {first} lên {last}, từ {start} đến {end}",
                   name=name, first=first, last=last, **times)  # fmt: skip
    return say("{name} giảm từ {first} xuống {last}, từ {start} đến {end}",
               name=name, first=first, last=last, **times)  # fmt: skip


def _by_period(wide: pd.DataFrame, median: pd.Series, n: pd.Series) -> pd.DataFrame:
    """What there is of each period: how many, lowest, median, highest, and the line drawn."""
    held = wide.drop(index=[GAP, _BREAK], errors="ignore")
    told = {say("Kỳ"): held.index, say("Đơn vị có số"): [*map(number, held.notna().sum(axis=1))]}
    for head, column in (
        (say("Thấp nhất"), held.min(axis=1)),
        (say("Trung vị"), held.median(axis=1)),
        (say("Cao nhất"), held.max(axis=1)),
        (say("Trung vị của n"), median),
    ):
        told[head] = [number(v, 1) for v in column]
    return pd.DataFrame(told | {"n": [number(v) for v in n]})


@styled
def against_peers(table: pd.DataFrame, *, title: str, source: str, name: str) -> Chart:
    """A unit's score over periods, before the median of its peers and the range of most of them.

    ``table``: time_period, value, low, median, high, in percent of the maximum, n (of the peers),
    and perhaps ``segment``. Nothing is joined over periods that are not there or from segment to
    segment.
    """
    wide = table.set_index("time_period").sort_index()
    if wide.shape[0] < 2 or wide["value"].notna().sum() < 1:
        return _no_earlier(title)
    parts, held = _stretches(table), wide
    wide, x = _spaced(wide, parts)
    fig, ax = canvas.area(2.9)
    ax.fill_between(x, wide["low"], wide["high"], color=PALE, lw=0, zorder=1)
    ax.plot(x, wide["median"], color=QUIET, lw=2, marker=".", zorder=2)
    own, median = wide["value"], wide["median"]
    ax.plot(x, own, color=ACCENT, lw=2.4, zorder=3)
    for at, period, value in zip(x, wide.index, own, strict=True):
        if pd.notna(value):
            (dot,) = ax.plot(at, value, "o", color=ACCENT, ms=5, zorder=3)
            mark(dot, (period, number(value, 1)))
            look = {"va": "baseline", "color": ACCENT, "fontweight": "bold"}
            figure.beside(ax, number(value, 1), (at, value), (0, 7), **look)
    _broken(ax, x, wide.index)
    said = say("trung vị {value}", value=number(median.iloc[-1], 1))
    unit = say("% điểm tối đa")
    _over_periods(ax, x, wide.index, held["n"], unit, said, median.iloc[-1])
    source += " " + say(
        "Vạch xám: trung vị; dải nhạt: từ thập phân vị thứ nhất đến thứ chín của n đơn vị cùng "
        "loại có điểm trong kỳ, không phải cùng những đơn vị ở mọi kỳ."
    )
    heads = {"value": name, "median": say("Trung vị"), "low": say("Thập phân vị 1")}
    heads["high"] = say("Thập phân vị 9")
    data = pd.DataFrame({say("Kỳ"): held.index} | figure.texts(held, heads))
    data["n"] = [number(v) for v in held["n"]]
    found = _own_way(held["value"], parts, name)
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _own_way(own: pd.Series, parts: pd.Series, name: str) -> str:
    """How one's score moved in the latest stretch in which it has any."""
    there = own.dropna()
    held = there[parts[there.index] == parts[there.index[-1]]]
    if len(held) > 1:
        return _from_to(held, name)
    told = {"period": held.index[0], "value": number(held.iloc[0], 1)}
    return say("{name} ở kỳ {period}: {value}; không nối với kỳ nào khác", name=name, **told)


def _over_periods(
    ax: Axes, x: np.ndarray, rows: pd.Index, n: pd.Series, unit: str, said: str, at: float
) -> None:
    """Axes of lines over periods, ``n`` under each, with room for what is said at their end."""
    ax.set_xticks(*_ticks(x, rows, n, " "))
    inches = canvas.width() * ax.get_position().width
    room = (canvas.text_width(said, SAID) + 0.2) / inches
    ax.set_xlim(-0.25, (x[-1] + 0.25 * room) / (1 - room) if room < 0.5 else None)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.yaxis.set_major_formatter(figure.Exactly())
    ax.yaxis.set_tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"])
    ax.set_ylabel(unit)
    if pd.notna(at):
        figure.beside(ax, said, (x[-1], at), (8, 0), color=INK)


def _ticks(x: np.ndarray, rows: pd.Index, n: pd.Series, space: str) -> tuple[list, list[str]]:
    """Where periods stand, and what stands under them: their code and how many there are."""
    held = [(at, row) for at, row in zip(x, rows, strict=True) if row != _BREAK]
    texts = [r if r == GAP else f"{r}\nn{space}={space}{number(n[r])}" for _, r in held]
    return [at for at, _ in held], texts


@styled
def indicators_over_time(table: pd.DataFrame, *, title: str, source: str) -> Chart:
    """A small picture for each indicator: units as quiet lines, and the median of those that are in
    all periods, dark; gaps as gaps.

    ``table``: label, unit_measure, time_period, name, obs_value and perhaps ``segment`` (of the
    indicator); indicators in their order.
    """
    held = table.dropna(subset=["obs_value"])
    times = with_gaps(sorted(set(held["time_period"])))
    if len(times) < 2:
        return _no_earlier(title)
    fig, panels = canvas.panels(held, "label", 2.2, above=0.46, below=0.52)
    told, moved = [], []
    for ax, own in panels:
        label = own["label"].iloc[0]
        write = percent if own["unit_measure"].iloc[0] == "percent" else number
        data, step = _panel(ax, own, [t for t in times if t != GAP], write)
        canvas.heading(ax, label)
        told.append(data.assign(label=label))
        moved.append(step)
    data = pd.concat(told)
    data.insert(0, say("Chỉ tiêu"), data.pop("label"))
    source += f" {_how_drawn()} {figure.own_scales()}"
    return finish(fig, _moved(moved), title=title, source=source, data=data)


def _panel(ax: Axes, own: pd.DataFrame, times: list[str], write) -> tuple[pd.DataFrame, float]:
    """One indicator; returns what there is of each period, and by how much the median moved in the
    latest stretch, as it is written (missing where there are not two periods to compare)."""
    wide = own.pivot(index="time_period", columns="name", values="obs_value").reindex(times)
    parts = _stretches(own).reindex(times).ffill().bfill()
    median, n = _matched(wide, parts)
    rows, x = _spaced(wide, parts)
    _each(ax, x, rows, 0.8)
    ax.plot(x, median.reindex(rows.index), color=ACCENT, lw=2, marker="o", ms=3.5, zorder=2)
    last = median[parts == parts.iloc[-1]].dropna()
    at = dict(zip(rows.index, x, strict=True))
    for period in last.index[[0, -1]] if len(last) else []:
        look = {"va": "baseline", "color": ACCENT, "fontsize": SMALL, "fontweight": "bold"}
        figure.beside(ax, number(last[period], 1), (at[period], last[period]), (0, 6), **look)
    places, texts = _ticks(x, rows.index, n, "")
    ax.set_xticks(places, [t.replace("-", "\n") for t in texts], fontsize=SMALL)
    ax.set_xlim(-0.4, x[-1] + 0.4)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(figure.Exactly(write))
    ax.yaxis.set_tick_params(labelsize=SMALL, labelcolor=LIGHT["soft"])
    ends = last.round(1)
    return _by_period(rows, median, n), ends.iloc[-1] - ends.iloc[0] if len(ends) > 1 else np.nan


@styled
def chosen_over_time(
    table: pd.DataFrame, chosen: Sequence[str], *, title: str, unit: str, source: str
) -> Chart:
    """Chosen units over periods, each with its line, before all others as quiet ones.

    ``table``: time_period, name, obs_value and perhaps ``segment``; ``chosen`` are names, of which
    the first six are drawn. Nothing is joined over periods without a value or that are not there,
    or from segment to segment.
    """
    wide = table.pivot(index="time_period", columns="name", values="obs_value")
    wide = wide.dropna(axis=1, how="all")
    drawn = [name for name in chosen if name in wide][: len(_LOOKS)]
    if not drawn:
        return figure.not_yet(title)
    parts, held = _stretches(table), wide
    wide, x = _spaced(wide, parts)
    fig, ax = canvas.area(3.5, above=canvas.legend_height(drawn))
    _each(ax, x, wide.drop(columns=drawn), 0.6)
    _broken(ax, x, wide.index)
    for name, (colour, shape) in zip(drawn, _LOOKS, strict=False):
        ax.plot(x, wide[name], color=colour, lw=2, marker=shape, ms=5, label=name, zorder=3)
        for at, period, value in zip(x, wide.index, wide[name], strict=True):
            if pd.notna(value):
                (dot,) = ax.plot(at, value, shape, color=colour, ms=5, zorder=4)
                mark(dot, (f"{name}, {period}", number(value, 1)))
    _over_periods(ax, x, wide.index, held.notna().sum(axis=1), unit, "", np.nan)
    canvas.legend(ax)
    source += " " + say("Đường nhạt: các đơn vị khác; n: số đơn vị có số. Chỗ trống hay vạch chấm: "
                        "chuỗi gãy, hai bên không so với nhau.")  # fmt: skip
    if missing := [name for name in chosen if name not in drawn]:
        source += " " + say("Không vẽ: {names}.", names=", ".join(missing))
    found = "; ".join(_own_way(held[name], parts, name) for name in drawn[:2])
    data = pd.DataFrame({say("Kỳ"): held.index} | figure.texts(held, {n: n for n in drawn}))
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _moved(steps: list[float]) -> str:
    """In how many indicators the median rose and fell, of those that can be compared."""
    held = np.array(steps)[~np.isnan(steps)]
    if not len(held):
        return say("Chưa chỉ tiêu nào có hai kỳ so được trong đoạn liền mới nhất")
    return say(
        "Trung vị của các đơn vị có số ở mọi kỳ tăng ở {up}, giảm ở {down} trong {n} chỉ tiêu so "
        "được, tính trong đoạn liền mới nhất",
        up=number((held > 0).sum()), down=number((held < 0).sum()), n=number(len(held)),
    )  # fmt: skip
