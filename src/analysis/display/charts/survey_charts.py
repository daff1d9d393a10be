"""One function per form of picture of a survey: every estimate is drawn with its interval."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.display.charts import canvas, figure
from analysis.display.charts.canvas import SMALL
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, INK, PAPER, QUIET, finish, numbers_on, styled
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT, SEQUENCE
from analysis.language.languages import say
from analysis.language.words import number, rounded, shown

# Shades for parts of a whole, told apart in print and by the colour-blind (light to dark)
PARTS = tuple(LIGHT[name] for name in SEQUENCE)
EDITIONS = tuple(LIGHT[name] for name in ("amber", "seq4", "seq5", "violet"))


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
) -> Chart:
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
    held = table.dropna(subset=["estimate"])
    held = held.sort_values("estimate", ascending=False, ignore_index=True)
    if held.empty:
        return figure.nothing(title, say("không có ước lượng nào để vẽ") + _not_drawn(table))
    people = zip(held["name"], held["respondents"], strict=True)
    fig, ax = canvas.rows([f"{n} (n\u00a0=\u00a0{number(k)})" for n, k in people], 0.38)
    # coordinates can be read off to many digits
    drawn = held[["estimate", "ci_low", "ci_high"]].map(shown)
    for i, row in held.iterrows():
        away = reference is None or row["ci_low"] > reference or row["ci_high"] < reference
        colour = ACCENT if away else QUIET
        value, *ends = drawn.loc[i]
        if pd.notna(ends).all():
            ax.plot(ends, [i, i], color=LIGHT["tint"] if away else LIGHT["line"], lw=7)
        (dot,) = ax.plot(value, i, "o", color=colour, ms=5.5)
        mark(dot, (row["name"], _with_interval(row)))
        figure.beside(ax, rounded(row["estimate"]), (value, i), (0, 6))
    ax.set_ylim(len(held) - 0.5, -0.75)
    if log:
        ax.set_xscale("log")
        figure.log_ticks(ax)
    else:
        if reference is None:
            ax.set_xlim(left=0)
        numbers_on(ax)
    if reference is not None:
        ax.axvline(reference, color=INK, lw=0.9)
    if reference is not None and reference_label:
        figure.beside(ax, reference_label, (reference, len(held) - 0.5), (4, 2), fontsize=SMALL)
    ax.set_xlabel(say("{unit} · thang logarit", unit=unit) if log else unit)
    source += " " + say("Dải nhạt: khoảng tin cậy 95 %.") + _not_drawn(table)
    found = _estimated(held, reference)
    if len(held) < len(table):
        of = {"n": number(len(held)), "of": number(len(table))}
        found = say("{found}; nêu được {n} trong {of}", found=found, **of)
    return finish(fig, found, title=title, unit=unit, source=source, data=_estimates(held, unit))


def _with_interval(row: pd.Series) -> str:
    return say(
        "{value} ({low} đến {high})",
        value=rounded(row["estimate"]),
        low=rounded(row["ci_low"]),
        high=rounded(row["ci_high"]),
    )


def _estimated(held: pd.DataFrame, reference: float | None) -> str:
    """What the estimates show beyond chance."""
    if reference is not None:
        up, down = (held["ci_low"] > reference).sum(), (held["ci_high"] < reference).sum()
        return say(
            "{up} cao hơn, {down} thấp hơn mức so sánh vượt sai số mẫu; {rest} chưa phân biệt được",
            up=number(up), down=number(down), rest=number(len(held) - up - down),
        )  # fmt: skip
    top, bottom = held.iloc[0], held.iloc[-1]
    if len(held) == 1:
        return say("{name}: {value}", name=top["name"], value=_with_interval(top))
    names = {"first": top["name"], "most": rounded(top["estimate"])}
    names |= {"last": bottom["name"], "least": rounded(bottom["estimate"])}
    if not top["ci_low"] > bottom["ci_high"]:
        return say("Khoảng tin cậy của {first} ({most}) và {last} ({least}) chạm nhau: "
                   "chưa phân biệt được", **names)  # fmt: skip
    if not top["ci_low"] > held["ci_high"].iloc[1:].max():
        return say("{first} ước cao nhất, {most}, nhưng chưa tách hẳn nơi kế tiếp; "
                   "{last} thấp nhất, {least}", **names)  # fmt: skip
    return say("{first} cao nhất, {most}; {last} thấp nhất, {least}", **names)


def _estimates(held: pd.DataFrame, unit: str) -> pd.DataFrame:
    data = {say("Tên"): held["name"], unit: [rounded(v) for v in held["estimate"]]}
    data[say("Từ")] = [rounded(v) for v in held["ci_low"]]
    data[say("Đến")] = [rounded(v) for v in held["ci_high"]]
    data["n"] = [number(v) for v in held["respondents"]]
    return pd.DataFrame(data)


def _not_drawn(table: pd.DataFrame) -> str:
    gone = table["obs_status"] == "Q"
    weak = table.get("quality", table["obs_status"]) == "withheld"
    hidden, not_firm = table.loc[gone & ~weak, "name"], table.loc[gone & weak, "name"]
    missing = table.loc[table["estimate"].isna() & ~gone, "name"]
    told = [figure.suppressed(hidden)] if len(hidden) else []
    if len(not_firm):
        told.append(say("Không công bố vì không đủ chắc chắn: {names}.", names=", ".join(not_firm)))
    if len(missing):
        told.append(say("Không có số liệu: {names}.", names=", ".join(missing)))
    return "".join(f" {text}" for text in told)


@styled
def stacked(
    table: pd.DataFrame,
    parts: Mapping[str, str],
    *,
    title: str,
    unit: str,
    source: str,
    decimals: int = 0,
    least: float = 0.07,
) -> Chart:
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
    rows = table.reset_index(drop=True)
    if not (rows[list(parts)].fillna(0) != 0).any(axis=None):
        return figure.not_yet(title)
    fig, ax = canvas.rows(rows["name"], 0.34, above=canvas.legend_height([*parts.values()]))
    shades = _shades(len(parts))
    left = np.zeros(len(rows))
    whole = rows[list(parts)].round(decimals).sum(axis=1).max()
    for (column, label), shade in zip(parts.items(), shades, strict=True):
        values = rows[column].fillna(0).to_numpy(float).round(decimals)
        look = {"height": 0.68, "color": shade, "label": label}
        bars = ax.barh(range(len(rows)), values, left=left, **look)
        dark = shade in (*PARTS[3:], ACCENT)
        for i, value in enumerate(values):
            if not value:
                continue
            text = number(value, decimals)
            mark(bars[i], (rows["name"].iloc[i], f"{label}: {text}"))
            if value >= least * whole:
                at = {"ha": "center", "va": "center_baseline", "fontsize": SMALL}
                ax.text(left[i] + value / 2, i, text, color=PAPER if dark else INK, **at)
        left += values
    ax.set_xlim(0, whole * 1.02)
    ax.set_xlabel(unit)
    numbers_on(ax)
    canvas.legend(ax)
    found = _largest_part(rows, parts, decimals)
    data = pd.DataFrame({say("Tên"): rows["name"]} | figure.texts(rows, parts, decimals))
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _largest_part(rows: pd.DataFrame, parts: Mapping[str, str], decimals: int) -> str:
    """In how many bars which part is the largest."""
    held = rows[list(parts)].fillna(0)
    held = held[held.sum(axis=1) > 0]
    if held.empty:
        return say("Chưa có số liệu")
    counts = held.idxmax(axis=1).value_counts()
    if len(rows) == 1:
        name, value = parts[counts.index[0]], number(held.iloc[0].max(), decimals)
        return say("Phần lớn nhất: {part}, {value}", part=name, value=value)
    return say(
        "“{part}” là phần lớn nhất ở {k} trong {n} thanh",
        part=parts[counts.index[0]], k=number(counts.iloc[0]), n=number(len(held)),
    )  # fmt: skip


def _shades(count: int) -> Sequence[str]:
    return (ACCENT, PARTS[0]) if count == 2 else PARTS[-count:] if count < 5 else PARTS


@styled
def editions(
    table: pd.DataFrame,
    *,
    names: Mapping[str, str],
    title: str,
    unit: str,
    source: str,
    scale: float = 1.0,
) -> Chart:
    """Published figures over editions, one row per group; nothing is joined across the break.

    Parameters
    ----------
    table
        edition, procedure_group, low, estimate, bound, conflict, segment (see
        :func:`analysis.published.apci_figures.apci_series`). A lower bound is an open mark with an
        arrow; figures of one edition that contradict each other are joined by a thin line.
    names
        Group → label; scale divides the values.
    """
    table = table[table["procedure_group"].isin(list(names))].dropna(subset=["low"])
    if table.empty:
        return figure.not_yet(title)
    editions_ = sorted(table["edition"].unique())
    shade = dict(zip(editions_, EDITIONS, strict=False))
    rows = table.assign(value=table["low"] / scale, name=table["procedure_group"].map(names))
    order = rows.groupby("name")["value"].max().sort_values(ascending=False).index.tolist()
    fig, ax = canvas.rows(order, 0.58)
    ax.set_xscale("log")
    for i, name in enumerate(order):
        _one_group(ax, i, rows[rows["name"] == name], shade)
    low, high = rows["value"].min(), rows["value"].max()
    ax.set_xlim(low / 1.6, high * (high / low) ** 0.42)
    figure.log_ticks(ax)
    ax.set_xlabel(say("{unit} · thang logarit", unit=unit))
    source += " " + say(
        "Chấm rỗng có mũi tên: công bố là “hơn” số này. Vạch nối: các số công bố mâu thuẫn nhau. "
        "Giữa 2018 và các kỳ sau cách tính đã đổi, nên không nối thành xu hướng."
    )
    newest = rows[rows["edition"] == editions_[-1]].sort_values("value")
    last, top = newest.iloc[0], newest.iloc[-1]
    found = say("Kỳ {edition}: cao nhất {first}, {most}; thấp nhất {last}, {least}",
                edition=editions_[-1], first=top["name"], last=last["name"],
                most=_bounded(top["value"], _is_more(top["bound"])),
                least=_bounded(last["value"], _is_more(last["bound"])))  # fmt: skip
    data = pd.DataFrame({
        say("Nhóm"): rows["name"], say("Kỳ"): rows["edition"],
        unit: [_bounded(r.value, _is_more(r.bound)) for r in rows.itertuples()],
    }).sort_values([say("Nhóm"), say("Kỳ")])  # fmt: skip
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _one_group(ax: Axes, i: int, own: pd.DataFrame, shade: Mapping[str, str]) -> None:
    """The figures of a group in row ``i``; ``shade``: edition → colour, the oldest first."""
    for edition, pair in own[own["conflict"] != ""].groupby("edition"):
        ends = [pair["value"].min(), pair["value"].max()]
        ax.plot(ends, [_lift(i, edition, shade)] * 2, color=INK, lw=0.8)
    for row in own.itertuples():
        y, colour, more = _lift(i, row.edition, shade), shade[row.edition], _is_more(row.bound)
        face = PAPER if more else colour
        (dot,) = ax.plot(row.value, y, "o", mfc=face, mec=colour, ms=6)
        mark(dot, (row.name, f"{row.edition}: {_bounded(row.value, more)}"))
        if more:
            arrow = {"arrowstyle": "->", "color": colour, "lw": 1.2}
            ax.annotate("", (row.value * 1.45, y), (row.value * 1.04, y), arrowprops=arrow)
    for edition, same in own.groupby("edition"):
        last = same.loc[same["value"].idxmax()]
        more = _is_more(last["bound"])
        figures = " / ".join(rounded(v) for v in sorted(same["value"].unique()))
        told = say("hơn {value}", value=figures) if more else figures
        at, by = (last["value"], _lift(i, edition, shade)), (20 if more else 7, 0)
        figure.beside(ax, f"{edition}: {told}", at, by, fontsize=SMALL, color=_ink(shade[edition]))


def _ink(colour: str) -> str:
    """A colour of marks as one in which words can be read."""
    return {QUIET: LIGHT["soft"], LIGHT["tint"]: LIGHT["soft"]}.get(colour, colour)


def _is_more(bound: str) -> bool:
    return bound == "lower_bound"


def _bounded(value: float, more: bool) -> str:
    return say("hơn {value}", value=rounded(value)) if more else rounded(value)


def _lift(row: int, edition: str, editions_: Collection[str]) -> float:
    """Editions of one group above each other, the oldest on top."""
    step = 0.62 / max(len(editions_), 2)
    return row - 0.3 + step * list(editions_).index(edition)
