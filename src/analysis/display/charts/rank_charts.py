"""One function per form of picture of a ranking: every place is drawn with how sure it is."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.display.charts import canvas, figure, heat
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import (
    ACCENT,
    INK,
    PAPER,
    QUIET,
    finish,
    numbers_on,
    styled,
)
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.collation import in_order
from analysis.language.languages import say, say_many
from analysis.language.words import number, percent

WARM = LIGHT["bad"]
SOURCE = {
    "method": "đổi cách tính (90 % số lần)",
    "sampling": "sai số chọn mẫu (tin cậy 90 %)",
    "chance": "may rủi (tin cậy 90 %)",
}
_SHADE = {"method": LIGHT["tint"], "sampling": LIGHT["sand"], "chance": LIGHT["line"]}
_ENDS = 50  # units drawn at either end, where there are more than both together
_SQUARE = 200  # units beyond which pairs are no picture
_CELLS, _WRITTEN = 24, 12  # units up to which each pair is a cell, and its figure written there
_PAIRS = (LIGHT["sand"], LIGHT["seq3"], ACCENT)


def _too_few(title: str) -> Chart:
    return figure.nothing(title, say("chưa đủ đơn vị có điểm để vẽ"))


@styled
def rank_intervals(table: pd.DataFrame, *, title: str, source: str, highlight: str = "") -> Chart:
    """Each unit's rank with the ranks that each source of doubt leaves it, best first.

    Parameters
    ----------
    table
        name, rank, rank_low, rank_high, source: one row for each unit and source of doubt. Two
        sources are two bars of their own, never one. Where there are all_low and all_high (what
        holds for all units at once) a thin line goes as far; where there is rank_median (of the
        replicates) and the rank lies at an end of its bar, a tick stands there.
    highlight
        Name drawn in another colour.
    """
    held = table.dropna(subset=["rank", "rank_low"])
    held = held[held["source"].isin(list(_SHADE))]
    if held.empty:
        return _too_few(title)
    order = (
        held.drop_duplicates("name").sort_values(["rank", "name"], key=in_order)["name"].tolist()
    )
    found, last = _leader(held, order), len(order)
    if last > 2 * _ENDS:
        shown = [*order[:_ENDS], *order[-_ENDS:]]
        shown += [highlight] if highlight in order[_ENDS:-_ENDS] else []
        order = [name for name in order if name in set(shown)]
        held = held[held["name"].isin(order)]
        kept = say("Vẽ {n} đơn vị đầu, cuối trong {of}.", n=number(_ENDS), of=number(last))
        source = f"{kept} {source}"
    kinds = [k for k in _SHADE if k in set(held["source"])]
    many = len(order) > 20
    labels = [say(SOURCE[kind]) for kind in kinds]
    above = canvas.legend_height(labels) if len(kinds) > 1 else 0.1
    fig, ax = canvas.rows(order, 0.2 if many else 0.28, size=8.5 if many else 9.5, above=above)
    at = {name: i for i, name in enumerate(order)}
    _bars(ax, held, kinds, at)
    first = held.drop_duplicates("name")
    colours = [WARM if n == highlight else ACCENT for n in first["name"]]
    dots = ax.scatter(first["rank"], first["name"].map(at), c=colours, s=18, zorder=3)
    middle = _at_an_end(held)
    y = np.array([at[name] for name in middle["name"]], float)
    ax.vlines(middle["rank_median"], y - 0.32, y + 0.32, color=INK, lw=1.6, zorder=2)
    told = zip(first["name"], first["rank"], strict=True)
    mark(dots, *((name, say("thứ {rank}", rank=number(rank))) for name, rank in told))
    ax.set_xlabel(say("thứ hạng (1 là cao nhất)"))
    ax.set_xlim(0.5, last + 0.5)
    step = next((s for s in (1, 5, 20, 100) if last <= 12 * s), 500)
    ax.set_xticks([1, *range(max(step, 2), last + 1, step)])
    if len(kinds) > 1:
        canvas.legend(ax)
    source = " ".join([source, *_how_to_read(held, kinds, len(middle))])
    return finish(fig, found, title=title, source=source, data=_ranks(held, order, kinds))


def _how_to_read(held: pd.DataFrame, kinds: list[str], middle: int) -> list[str]:
    """What the marks of ranks are; ``middle``: how many stand at the end of their bar."""
    each = say("dải: {source}", source=say(SOURCE[kinds[0]]))
    if len(kinds) > 1:
        each = say("mỗi nguồn bất định một dải, không gộp")
    told = [say("Chấm: thứ hạng; {each}.", each=each)]
    if middle:
        text = say(
            "Vạch đứng: hạng giữa của các lần tính lại, ở {n} đơn vị có hạng nêu ở đầu dải: cách "
            "tính đã chọn xếp các đơn vị ấy cao hơn hoặc thấp hơn phần lớn các cách khác.",
            n=number(middle),
        )
        told.append(text)
    if "all_low" in held and held["all_low"].notna().any():
        told.append(say("Vạch mảnh: hạng của mọi đơn vị cùng một lúc."))
    return told


def _bars(ax, held: pd.DataFrame, kinds: list[str], at: Mapping[str, int]) -> None:
    """A bar for each unit and source of doubt, close beside each other however high a row is."""
    high = ax.get_position().height * ax.figure.get_figheight() / len(at)  # inches of a row
    apart = min(0.22, 0.07 / high) if len(kinds) > 1 else 0.0
    for kind, offset in zip(kinds, np.linspace(-apart, apart, len(kinds)), strict=True):
        part = held[held["source"] == kind]
        y = part["name"].map(at).to_numpy() + offset
        bars = ax.hlines(
            y,
            part["rank_low"] - 0.35,
            part["rank_high"] + 0.35,
            color=_SHADE[kind],
            lw=6 / len(kinds) + 1,
            label=say(SOURCE[kind]),
        )
        _whiskers(ax, part, y)
        mark(bars, *((r["name"], _place(r)) for r in part.to_dict("records")))


def _at_an_end(held: pd.DataFrame) -> pd.DataFrame:
    """The rows whose rank lies at an end of its interval or beyond, where it could lie further."""
    held = held.assign(rank_median=held.get("rank_median", np.nan))
    best = held.groupby("source")["rank"].transform("min")
    last = held.groupby("source")["rank"].transform("max")
    ends = (held["rank"] <= held["rank_low"]) & (held["rank"] > best)
    ends |= (held["rank"] >= held["rank_high"]) & (held["rank"] < last)
    return held[ends & held["rank_median"].notna() & (held["rank_median"] != held["rank"])]


def _whiskers(ax, part: pd.DataFrame, y: np.ndarray) -> None:
    """Thin lines where sets of all units at once are wider than the bars."""
    if "all_low" not in part or part["all_low"].isna().all():
        return
    for low, high, by in (("all_low", "rank_low", -0.35), ("rank_high", "all_high", 0.35)):
        wider = (part[low] < part[high]).to_numpy()
        ax.hlines(y[wider], part[low][wider] + by, part[high][wider] + by, color=QUIET, lw=0.8)


def _place(row: dict) -> str:
    return say(
        "thứ {rank} (từ {low} đến {high})",
        rank=number(row["rank"]),
        low=number(row["rank_low"]),
        high=number(row["rank_high"]),
    )


def _leader(held: pd.DataFrame, order: list[str]) -> str:
    """Who is first, and how many others may be: their intervals reach the first place."""
    leaders = held.loc[held["rank"] == held["rank"].min(), "name"].nunique()
    reach = set(held.loc[held["rank_low"] <= 1, "name"]) - {order[0]}
    if leaders > 1:
        more = len(reach) + 1 - leaders
        if more > 0:
            return say_many(
                "{leaders} đơn vị cùng đứng đầu, nhưng {n} đơn vị khác cũng có thể đứng đầu",
                more, leaders=number(leaders), n=number(more),
            )  # fmt: skip
        return say("{n} đơn vị cùng đứng đầu", n=number(leaders))
    if reach:
        return say_many(
            "{name} đứng đầu, nhưng {n} đơn vị khác cũng có thể đứng đầu",
            len(reach), name=order[0], n=number(len(reach)),
        )  # fmt: skip
    return say("{name} đứng đầu, xét từng nguồn bất định đã tính được", name=order[0])


def _ranks(held: pd.DataFrame, order: list[str], kinds: list[str]) -> pd.DataFrame:
    own = held.drop_duplicates("name").set_index("name")["rank"]
    data = {say("Đơn vị"): order, say("Hạng"): [number(own[n]) for n in order]}
    for kind in kinds:
        rows = held[held["source"] == kind].set_index("name")
        spans = [
            f"{number(rows.at[n, 'rank_low'])}–{number(rows.at[n, 'rank_high'])}"
            if n in rows.index
            else "…"
            for n in order
        ]
        data[say("Khoảng hạng: {source}", source=say(SOURCE[kind]))] = spans
    return pd.DataFrame(data)


@styled
def effects(
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    source: str,
    finding: str = "",
    decimals: int = 2,
) -> Chart:
    """Parts of a difference as bars from zero, the largest first; they add up to ``total``.

    Without a row the difference is not known; where all are 0, there is none.

    ``table``: name, contribution (and nothing missing). With a ``finding`` of its own the bars are
    no parts of a whole: no total.
    """
    if table["contribution"].dropna().empty and not finding:
        return figure.not_yet(title)
    held = table[table["contribution"].abs() > 5e-5].sort_values("contribution", ascending=False)
    if held.empty:
        return figure.nothing(title, say("không có khác biệt nào"))
    fig, ax = canvas.rows(held["name"], 0.3)
    values = held["contribution"].to_numpy()
    y = np.arange(len(held))
    bars = ax.barh(y, values, color=np.where(values > 0, ACCENT, WARM), height=0.62)
    span = np.abs(values).max()
    for i, (name, value) in enumerate(zip(held["name"], values, strict=True)):
        mark(bars[i], (name, _signed(value, decimals)))
        figure.beside(ax, _signed(value, decimals), (value, i), (4 if value > 0 else -4, 0))
    ax.axvline(0, color=INK, lw=0.9)
    ax.set_xlim(
        -1.35 * span if values.min() < 0 else -0.02 * span,
        1.35 * span if values.max() > 0 else 0.02 * span,
    )
    ax.set_xlabel(unit)
    numbers_on(ax)
    if not finding:
        source += " " + say("Tổng các phần: {total}.", total=_signed(values.sum()))
    found = finding or _largest_parts(held)
    head = say("Đơn vị") if finding else say("Chỉ tiêu")
    data = pd.DataFrame({head: held["name"], unit: [_signed(v, decimals) for v in values]})
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _largest_parts(held: pd.DataFrame) -> str:
    """What adds most and what takes most, of parts with the largest first."""
    best, worst = held.iloc[0], held.iloc[-1]
    told = {"best": best["name"], "most": _signed(best["contribution"])}
    told |= {"worst": worst["name"], "least": _signed(worst["contribution"])}
    if best["contribution"] > 0 > worst["contribution"]:
        return say("Cộng nhiều nhất: {best} ({most}); trừ nhiều nhất: {worst} ({least})", **told)
    if best["contribution"] > 0:
        return say("Cộng nhiều nhất: {best} ({most})", **told)
    return say("Trừ nhiều nhất: {worst} ({least})", **told)


def _signed(value: float, decimals: int = 2) -> str:
    text = number(abs(value), decimals)
    return f"+{text}" if value > 0 else f"−{text}" if value < 0 else text


@styled
def above(pairs: pd.DataFrame, order: list[str], *, title: str, source: str) -> Chart:
    """How often the unit of a row stands above the unit of a column, units in order of rank.

    ``pairs``: name, other_name, p_above; ``order``: names, best first. Pale means that the two
    cannot be told apart.
    """
    pairs = pairs[pairs["name"].isin(order) & pairs["other_name"].isin(order)]
    if pairs["p_above"].dropna().empty:
        return _too_few(title)
    if len(order) > _SQUARE:
        return figure.nothing(
            title, say("có {n} đơn vị, không vẽ từng cặp được", n=number(len(order)))
        )
    at = {name: i for i, name in enumerate(order)}
    matrix = np.full((len(order), len(order)), np.nan)
    row, column = pairs["name"].map(at).to_numpy(), pairs["other_name"].map(at).to_numpy()
    below = row > column  # tied units may stand in either order
    matrix[np.minimum(row, column), np.maximum(row, column)] = np.where(
        below, 1 - pairs["p_above"], pairs["p_above"]
    )
    bounds = [say("dưới 80 %: chưa phân biệt được"), "80–95 %", say("trên ít nhất 95 % số lần")]
    kinds = np.where(np.isnan(matrix), np.nan, np.digitize(matrix, [0.8, 0.95]))
    classes = pd.DataFrame(kinds, order)
    counts = [(label, number((kinds == i).sum())) for i, label in enumerate(bounds)][::-1]
    look = {"above": canvas.legend_height(bounds), "widest": 0.5}
    if len(order) > _CELLS:
        words = [say("{share}, so với hạng", share=label) for label in bounds]
        _, ax = heat.runs(classes, _PAIRS, words, row_height=0.1, **look)
    else:
        told = pd.DataFrame(matrix).apply(
            lambda p: [
                say(
                    "đứng trên {other}: {share} % số lần",
                    other=order[p.name],
                    share=number(100 * v),
                )
                for v in p
            ]
        )
        if len(order) <= _WRITTEN:
            texts = pd.DataFrame(matrix).map(lambda v: "" if np.isnan(v) else number(100 * v))
            look |= {"texts": texts, "inks": (INK, INK, PAPER)}
        _, ax = heat.cells(classes, _PAIRS, told, row_height=0.26, **look)
    places = [*range(0, len(order), 5 if len(order) > 12 else 1)]
    ax.set_xticks([p + 0.5 for p in places], [number(p + 1) for p in places])
    ax.set_xlabel(say("đơn vị xếp hạng thứ …"))
    fig = canvas.keyed(ax, dict(zip(bounds[::-1], _PAIRS[::-1], strict=True)))
    apart = ((pairs["p_above"] >= 0.95) | (pairs["p_above"] <= 0.05)).mean()
    found = say(
        "Ở {share} số cặp, một đơn vị đứng trên đơn vị kia trong ít nhất 95 % số lần tính lại",
        share=percent(100 * apart, 0),
    )
    data = pd.DataFrame(counts, columns=[say("Đứng trên bao nhiêu lần"), say("Số cặp")])
    unit = say("cột: hạng của đơn vị so với đơn vị ở dòng")
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


@styled
def importance(table: pd.DataFrame, names: Mapping[str, str], *, title: str, source: str) -> Chart:
    """Sobol indices of the choices: alone (dark) and with all interplay (pale), with intervals.

    ``table``: factor, first_order, total_order, total_low, total_high.
    """
    held = table.dropna(subset=["total_order"]).sort_values("total_order", ascending=False)
    held = held.reset_index(drop=True)
    if held.empty:
        return figure.nothing(title, say("thứ hạng không đổi"))
    labels = held["factor"].map(names)
    fig, ax = canvas.rows(labels, 0.38)
    y = np.arange(len(held))
    whole = ax.barh(y, 100 * held["total_order"].clip(lower=0), color=LIGHT["tint"], height=0.6)
    ax.barh(y, 100 * held["first_order"].clip(lower=0), color=ACCENT, height=0.28)
    ax.hlines(y, 100 * held["total_low"], 100 * held["total_high"], color=INK, lw=1.2)
    for i, row in held.iterrows():
        text = number(100 * max(row["total_order"], 0))
        mark(whole[i], (labels[i], percent(100 * max(row["total_order"], 0), 0)))
        end = 100 * max(row["total_high"], row["total_order"], 0)
        figure.beside(ax, text, (end, i), (5, 0))
    ax.set_xlim(0, max(110, 112 * held["total_high"].max()))
    unit = say("% phần biến động thứ hạng do lựa chọn này")
    ax.set_xlabel(unit)
    numbers_on(ax)
    source += " " + say(
        "Đậm: riêng lựa chọn đó; nhạt: kể cả khi đi cùng lựa chọn khác; vạch: khoảng 90 %."
    )
    top = held.iloc[0]
    share = number(100 * top["total_order"])
    rivals = (held["total_high"].iloc[1:] >= top["total_low"]).any()
    text = "“{name}” làm thứ hạng đổi nhiều nhất, {share} %"
    if rivals:
        text = "“{name}” làm thứ hạng đổi nhiều nhất, {share} %, nhưng chưa tách hẳn lựa chọn khác"
    found = say(text, name=names[top["factor"]], share=share)
    ends = zip(100 * held["total_low"], 100 * held["total_high"], strict=True)
    heads = {"first_order": say("Riêng"), "total_order": say("Kể cả tương tác")}
    data = pd.DataFrame(
        {say("Lựa chọn"): labels}
        | figure.texts(100 * held[list(heads)], heads)
        | {say("Khoảng 90 %"): [f"{number(low, 1)}–{number(high, 1)}" for low, high in ends]}
    )
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


@styled
def side_by_side(
    table: pd.DataFrame, left: str, right: str, *, title: str, unit: str, source: str
) -> Chart:
    """Two units on one line per indicator, joined.

    ``table``: name, unit, other (values on one scale); ``left`` and ``right`` are their names.
    """
    held = table.dropna(subset=["unit", "other"], how="all").reset_index(drop=True)
    if held.empty:
        return _too_few(title)
    fig, ax = canvas.rows(held["name"], 0.34, above=canvas.legend_height([left, right]))
    y = np.arange(len(held))
    both = held.dropna(subset=["unit", "other"])
    ax.hlines(both.index, both["unit"], both["other"], color=QUIET, lw=2, zorder=1)
    for column, name, look in (
        ("unit", left, {"color": ACCENT, "zorder": 3}),
        ("other", right, {"color": WARM, "marker": "D", "zorder": 2}),
    ):
        own = held[column].notna()
        dots = ax.scatter(held.loc[own, column], y[own], s=44, label=name, linewidths=0, **look)
        told = zip(held.loc[own, "name"], held.loc[own, column], strict=True)
        mark(dots, *((n, f"{name}: {number(value, 1)}") for n, value in told))
    ax.set_xlabel(unit)
    numbers_on(ax)
    canvas.legend(ax)
    ahead, behind = (both["unit"] > both["other"]).sum(), (both["unit"] < both["other"]).sum()
    found = say(
        "{left} hơn {right} ở {ahead}, kém ở {behind} trong {n} chỉ tiêu so được",
        left=left, right=right, ahead=number(ahead), behind=number(behind), n=number(len(both)),
    )  # fmt: skip
    heads = {"unit": left, "other": right if right != left else f"{right} (2)"}
    data = pd.DataFrame({say("Chỉ tiêu"): held["name"]} | figure.texts(held, heads))
    return finish(fig, found, title=title, unit=unit, source=source, data=data)
