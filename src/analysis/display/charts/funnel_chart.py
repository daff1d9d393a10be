"""Funnel plots: ratios of counts beside the limits of chance, narrow where cases are many.

Spiegelhalter (2005). The order of the units inside the limits says nothing, so none is named.
"""

import matplotlib as mpl
import numpy as np
import pandas as pd

from analysis.display.charts import canvas, figure
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, INK, QUIET, finish, styled
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.languages import say, say_many
from analysis.language.words import number, percent

OUTSIDE = LIGHT["bad"]
_MOST = 60
"""More values do not stand in the table behind a drawing: a page must load on a telephone."""
_FEW = 40
"""In a panel of more units only those outside the limits say who they are."""


@styled
def funnels(table: pd.DataFrame, limits: pd.DataFrame, *, title: str, source: str) -> Chart:
    """One small picture for each ``panel``: cases across (powers of ten), ratio upwards.

    Parameters
    ----------
    table
        panel, name (of the unit), numerator, denominator, obs_value, target (in percent), outside
        (empty within the limits), od_lower_998, od_upper_998: schema.FUNNELS of one group of peers.
    limits
        panel, denominator (rising), for 95 and 998 lower_, upper_, od_lower_, od_upper_ (percent),
        widened: the lines. Dashed: limits of chance alone; solid: widened by what is usual among
        the peers, drawn where they differ by more than chance.
    """
    held = table.dropna(subset=["target", "obs_value"])
    if held.empty:
        return figure.nothing(title, say("chưa đủ tỷ lệ có tử số, mẫu số để so với may rủi"))
    fig, panels = canvas.panels(held, "panel", 2.15, above=0.44)
    for ax, own in panels:
        name = own["panel"].iloc[0]
        _panel(ax, own, limits[limits["panel"] == name], name)
    far = held[held["outside"] != ""]
    source += " " + say(
        "Ngang: số trường hợp (thang lũy thừa); dọc: %; vạch ngang: mức chung. Vạch đứt: giới hạn "
        "95 % và 99,8 % nếu chỉ có may rủi; vạch liền: đã nới theo mức khác nhau thường thấy giữa "
        "các đơn vị. Tô màu: ngoài cả hai. Thứ tự bên trong giới hạn không nói lên điều gì."
    )
    source += " " + figure.own_scales()
    found = say_many(
        "{n} trong {of} giá trị nằm ngoài giới hạn; các giá trị khác không khác nhau quá mức "
        "thường thấy",
        len(far), n=number(len(far)), of=number(len(held)),
    )  # fmt: skip
    shown = held if len(held) <= _MOST else far  # of thousands of values those that are told of
    return finish(fig, found, title=title, unit="%", source=source, data=_data(shown))


def _panel(ax, part: pd.DataFrame, lines: pd.DataFrame, title: str) -> None:
    n = lines["denominator"].to_numpy(float)
    for level, width in (("95", 0.8), ("998", 1.3)):
        for side in ("lower", "upper"):
            held = ax.plot(n, lines[f"{side}_{level}"], color=QUIET, lw=width, ls=(0, (3, 2)))
            if lines["widened"].any():
                held += ax.plot(n, lines[f"od_{side}_{level}"], color=INK, lw=width)
            for line in held:  # less than 128 points are otherwise kept, however straight
                line.get_path().should_simplify = True
    ax.axhline(part["target"].iloc[0], color=QUIET, lw=1)
    far = (part["outside"] != "").to_numpy()
    for rows, colour, size in ((~far, ACCENT, 9), (far, OUTSIDE, 20)):
        own = part[rows]
        if len(own) > _FEW and colour == ACCENT:
            _as_one(ax, own)
        elif len(own):
            dots = ax.scatter(own["denominator"], own["obs_value"], s=size, c=colour, linewidths=0,
                              zorder=3)  # fmt: skip
            mark(dots, *((r["name"], _told(r)) for r in own.to_dict("records")))
    ax.set_xscale("log")
    ax.set_xlim(n[0], n[-1])
    _heights(ax, part, lines)
    ax.grid(axis="y")
    canvas.heading(ax, title)
    ax.xaxis.set_major_locator(mpl.ticker.FixedLocator(_ticks(n[0], n[-1])))
    ax.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    ax.xaxis.set_major_formatter(lambda x, _: number(x))
    _numbers(ax)
    ax.tick_params(labelsize=canvas.SMALL)


def _as_one(ax, own: pd.DataFrame) -> None:
    """Many dots as one line of round points: a third of the bytes of a shape for each."""
    at = own[["denominator", "obs_value"]].to_numpy(float)
    gap = np.full(at.shape, np.nan)
    x, y = np.stack([at, at, gap], axis=1).reshape(-1, 2).T
    (line,) = ax.plot(x, y, color=ACCENT, lw=3, solid_capstyle="round", zorder=3)
    line.get_path().should_simplify = False


def _ticks(low: float, high: float) -> list[float]:
    """At most four round numbers of cases, none so near the edge that it would be cut off."""
    powers = 10.0 ** np.arange(0, 10)
    held = [t for p in powers for t in (p, 2 * p, 5 * p) if low <= t <= high / 1.1]
    if len(held) > 4:
        held = [t for t in held if t in powers]
    return held[:: -(-len(held) // 4)] if held else [np.round(low)]


def _heights(ax, part: pd.DataFrame, lines: pd.DataFrame) -> None:
    """As high as the values and half of the limits ask for, within 0 and 100."""
    half = lines.iloc[len(lines) // 2][["lower_95", "upper_95"]].to_numpy(float)
    seen = np.r_[part[["obs_value", "target"]].to_numpy().ravel(), half]
    span = max(np.ptp(seen), 1.0)
    ax.set_ylim(max(seen.min() - 0.08 * span, -2), min(seen.max() + 0.08 * span, 102))


def _numbers(ax) -> None:
    """Round ticks on the y axis only: the other is of powers of ten."""
    ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(figure.Exactly())


def _told(row: dict) -> str:
    told = {"part": number(row["numerator"]), "whole": number(row["denominator"])}
    return say("{value} ({part}/{whole})", value=percent(row["obs_value"], 1), **told)


def _data(held: pd.DataFrame) -> pd.DataFrame:
    order = held.sort_values(["panel", "denominator"], kind="stable")
    heads = {"obs_value": "%", "od_lower_998": say("Giới hạn dưới 99,8 %, đã nới")}
    heads |= {"od_upper_998": say("Giới hạn trên 99,8 %, đã nới")}
    whole = {say("Số trường hợp"): [number(v) for v in order["denominator"]]}
    return pd.DataFrame(
        {say("Đơn vị"): order["name"], say("Chỉ tiêu"): order["panel"]}
        | whole
        | figure.texts(order, heads)
    )
