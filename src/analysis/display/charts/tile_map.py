"""Provinces as tiles: each is one square of the catalogue's drawing (tiles.csv), coloured by value.

Squares of one size, so that a large province weighs no more than a small one; north is at the top,
neighbours are near neighbours. Nothing is loaded: no outline, no coordinates.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from analysis.display.charts import canvas, figure, findings
from analysis.display.charts.canvas import SMALL
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import INK, PAPER, finish, styled
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT, SEQUENCE
from analysis.language.languages import say
from analysis.language.words import number

# one hue from light to dark: told apart by every eye, and in grey print
SHADES = tuple(LIGHT[name] for name in SEQUENCE)
MARK = LIGHT["bad"]
_HATCH = LIGHT["line"]  # pale: names are read across it
_PANEL = 0.203  # inches from tile to tile of small maps
_COLUMNS = 9.2  # of the country, islands and margins included
_FREE = 4  # columns west of the narrowest part of the country: there stands the legend
_FILL = 0.92  # how much of its cell a tile takes
_CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])
_AROUND = np.array([[-0.3, -0.2], [0.05, -0.3], [0.3, 0.0], [-0.1, 0.1], [0.15, 0.3]])


def limits(values: pd.Series, most: int = 5) -> np.ndarray:
    """Limits of at most ``most`` classes of one round width that hold all values, rising.

    A class begins at its lower limit and ends before its upper one; the last holds both. Where all
    values are equal there is one class, from the value to itself; without a value there is none.
    """
    if not values.notna().any():
        return np.array([])
    low, high = values.min(), values.max()
    if low == high:
        return np.round([low, high], 10)
    power = 10.0 ** np.floor(np.log10((high - low) / most))
    for step in power * np.array([1, 2, 2.5, 5, 10, 20]):
        first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
        if last - first <= most:
            break
    return np.round(step * np.arange(first, last + 1), 10)


def classes(values: pd.Series, edges: np.ndarray) -> pd.Series:
    """Number of the class (from 0) of each value; missing where the value is."""
    found = np.searchsorted(edges, values, side="right") - 1
    return pd.Series(found.clip(0, len(edges) - 2), values.index).where(values.notna())


def _shades(edges: np.ndarray) -> list[str]:
    """A colour for each class, as far apart as they can be."""
    places = np.linspace(0, len(SHADES) - 1, len(edges) - 1).round().astype(int)
    return [SHADES[i] for i in places]


def _on(shade: str) -> str:
    """Colour of text on a tile."""
    return PAPER if shade in SHADES[3:] else INK


def cell_labels(edges: np.ndarray) -> list[str]:
    """Each class in words, with as many decimals as its limits need."""
    said = [number(edge, figure.places(edges)) for edge in edges]
    if edges[0] == edges[-1]:
        return said[:1]
    pairs = list(zip(said[:-1], said[1:], strict=True))
    below = [say("{low} đến dưới {high}", low=low, high=high) for low, high in pairs[:-1]]
    return [*below, say("{low} đến {high}", low=pairs[-1][0], high=pairs[-1][1])]


def _squares(
    ax: Axes, centres, shade: str | None, side: float | np.ndarray = _FILL, **more
) -> PathPatch:
    """Squares about ``centres`` (column, row), ``side`` cells wide, as one path. Without a shade
    they are hatched: no value."""
    look = {"facecolor": shade, "linewidth": 0}
    if shade is None:
        look = {"facecolor": "none", "edgecolor": _HATCH, "linewidth": 0.7, "hatch": "////"}
    corners = np.asarray(centres)[:, None] + side * _CORNERS
    steps = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(corners.reshape(-1, 2), steps * len(corners))
    return ax.add_patch(PathPatch(path, clip_on=False, **(look | more)))


def _tiles(ax: Axes, table: pd.DataFrame, edges: np.ndarray, decimals: int) -> None:
    """The tiles of one map; islands as a few small squares in the colour of their province."""
    shades = dict(enumerate(_shades(edges)))
    for tile, level in zip(table.itertuples(), classes(table["value"], edges), strict=True):
        centre = np.array([[tile.column, tile.row]])
        shade = shades.get(level)
        if tile.part:
            drawn = _squares(ax, centre + _AROUND, shade, _FILL / 5)
        else:
            drawn = _squares(ax, centre, shade)
        missing = pd.isna(tile.value)
        text = say("không có số liệu") if missing else number(tile.value, decimals)
        mark(drawn, (tile.name, text))


def _place(ax: Axes, left: float, right: float, bottom: float) -> None:
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, -0.6)
    ax.set_axis_off()


def _no_values(title: str) -> Chart:
    return figure.nothing(title, say("chưa đủ tỉnh, thành phố có số liệu để vẽ"))


@styled
def tile_map(  # long: most of it says what it takes
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    source: str,
    highlight: str = "",
    decimals: int = 1,
    direction: int = 1,
    finding: str = "",
) -> Chart:
    """A value of each province on the drawing of the country, in up to five classes.

    Parameters
    ----------
    table
        Of :func:`analysis.topics.provinces.on_tiles`: row, column, short, part, name, value.
        Provinces without a value are hatched and named in the source line. Without any value
        nothing is drawn.
    highlight
        Name of a province that is framed; the finding is then its place.
    direction
        Whether more is better (1), worse (-1) or neither (0).
    finding
        What is to be seen, where it is not who is highest and lowest: of figures with wide
        intervals that would be chance.
    """
    if not table["value"].notna().any():
        return _no_values(title)
    table = table.assign(value=table["value"].round(decimals))
    edges = limits(table["value"])
    deep = table["row"].max() + 1.2
    wide, high = (canvas.width() / _COLUMNS, 0.45) if canvas.is_narrow() else (0.56, 0.4)
    fig = Figure(figsize=(wide * _COLUMNS, high * deep))
    ax = fig.add_axes((0, 0, 1, 1))
    _place(ax, -0.55, _COLUMNS - 0.55, deep - 0.6)
    _tiles(ax, table, edges, decimals)
    colours = dict(enumerate(_on(shade) for shade in _shades(edges)))
    level = classes(table["value"], edges)
    _written(ax, table, level.map(colours).fillna(INK), decimals, wide - 0.03)
    main = table[table["part"] == ""]
    lines = _counted(main, edges, level)
    own = main[main["name"] == highlight]
    framed = {"edgecolor": MARK, "linewidth": 2.4, "hatch": None, "zorder": 3}
    if len(own):
        _squares(ax, own[["column", "row"]], None, **framed)
        lines.append((None, highlight, framed))
    west = table.groupby("row")["column"].min()
    below = west.index[west >= _FREE].min() if (west >= _FREE).any() else deep
    _legend(ax, say("{unit}: số tỉnh, thành phố", unit=unit), lines, below, wide, high)
    held = main.set_index("name")["value"]
    found = finding or findings.extremes(held, decimals, directions=[direction])
    if len(own) and own["value"].notna().all():
        value = own["value"].iloc[0]
        found = say(
            "{name}: {value}, thứ {place} trong {n} tỉnh, thành phố",
            name=highlight, value=number(value, decimals),
            place=number((main["value"] > value).sum() + 1), n=number(main["value"].count()),
        )  # fmt: skip
    missing = main[main["value"].isna()]
    if len(missing):
        source += " " + say("Không có số liệu: {names}.", names=", ".join(missing["short"]))
    source = f"{say(_DRAWING)} {source}"
    data = _values(main, {unit: main["value"]}, decimals)
    return finish(fig, found, title=title, unit=unit, source=source, data=data)


def _written(ax: Axes, table: pd.DataFrame, colours: pd.Series, decimals: int, room: float) -> None:
    """Names on tiles that are ``room`` inches wide, and under each the value, where all fit."""
    small = SMALL if canvas.is_narrow() else SMALL - 1.2  # shown larger
    said = table["value"].map(lambda value: number(value, decimals))
    fits = all(canvas.text_width(text, small) <= room + 0.03 for text in said)
    look = {"ha": "center", "fontsize": small, "linespacing": 1.05}
    for tile, colour, value in zip(table.itertuples(), colours, said, strict=True):
        if tile.part:
            text = f"{tile.part}\n({tile.short})"
            edge = {"ha": "right", "va": "top"}
            ax.text(_COLUMNS - 0.6, tile.row + 0.42, text, **look | edge)
            continue
        whole = canvas.text_width(tile.short, small) <= room
        name = tile.short if whole else tile.short.replace(" ", "\n", 1)
        told = fits and pd.notna(tile.value)
        middle = tile.row + (0.03 if whole else 0.17)
        ax.text(
            tile.column, middle if told else tile.row, name, color=colour,
            va="bottom" if told else "center", **look,
        )  # fmt: skip
        if told:
            at = (tile.column, middle)
            ax.text(*at, value, color=colour, va="top", **look)


def _legend(
    ax: Axes, head: str, lines: list[tuple], below: float, wide: float, high: float
) -> None:
    """The legend of a map, west of the country from row ``below``: colour, text and more looks of
    each line; ``wide``, ``high``: inches of a tile."""
    step = 0.19 / high
    letters = int((_FREE - 0.3) * wide * 72 / (0.56 * SMALL))
    held = canvas.broken(head, letters, 3)
    look = {"va": "center", "fontsize": SMALL}
    for text in held:
        ax.text(-0.45, below, text, **look)
        below += step
    side = 0.12 / wide, 0.12 / high
    for i, (shade, text, more) in enumerate(lines):
        y = below + step * (i + 0.3)
        _squares(ax, [(side[0] - 0.45, y)], shade, np.array(side), **more)
        ax.text(2 * side[0] - 0.35, y, text, **look)


_DRAWING = "Sơ đồ, không phải bản đồ: mỗi tỉnh, thành phố là một ô bằng nhau."


def _values(main: pd.DataFrame, columns: dict[str, pd.Series], decimals: int) -> pd.DataFrame:
    """Provinces with their values as text, the highest of the first column on top."""
    first = next(iter(columns.values()))
    order = first.sort_values(ascending=False, kind="stable").index
    data = {say("Tỉnh, thành phố"): main.loc[order, "name"]}
    data |= {head: [number(v, decimals) for v in c.loc[order]] for head, c in columns.items()}
    return pd.DataFrame(data)


def _counted(main: pd.DataFrame, edges: np.ndarray, level: pd.Series) -> list[tuple]:
    """Lines of the legend, the highest class first: colour, text with how many, more looks."""
    counts = level[main.index].value_counts()
    lines = [
        (shade, f"{label}: {number(counts.get(i, 0))}", {})
        for i, (shade, label) in enumerate(zip(_shades(edges), cell_labels(edges), strict=True))
    ][::-1]
    missing = main["value"].isna().sum()
    gap = say("không có số liệu: {n}", n=number(missing))
    return lines + ([(None, gap, {})] if missing else [])


@styled
def tile_maps(
    table: pd.DataFrame, *, title: str, unit: str, source: str, decimals: int = 1
) -> Chart:
    """Small maps beside each other, one for each ``panel``, in the same classes.

    ``table``: as of :func:`tile_map`, with panel (what a map shows), in order. Tiles carry no
    names: a map for a look at the pattern. Provinces without a value in one of them are named in
    the source line. Without values nothing is drawn.
    """
    if not table["value"].notna().any():
        return _no_values(title)
    table = table.assign(value=table["value"].round(decimals))
    edges = limits(table["value"])
    panels = list(dict.fromkeys(table["panel"]))
    across = min(len(panels), int(canvas.width() / (_PANEL * _COLUMNS)))
    wide = canvas.width() / max(across, 3 - canvas.is_narrow())  # inches of a panel
    deep = table["row"].max() + 3.7  # cells, its title included
    down = -(-len(panels) // across)
    cell = wide / _COLUMNS
    lines = list(zip(_shades(edges), cell_labels(edges), strict=True))[::-1]
    if table["value"].isna().any():
        lines.append((None, say("không có số liệu")))
    foot = 0.36 + 0.2 * -(-len(lines) // 2)
    whole = cell * deep * down + foot
    fig = Figure(figsize=(canvas.width(), whole))
    for i, panel in enumerate(panels):
        own = table[table["panel"] == panel]
        share = wide / canvas.width()
        at = (i % across * share, 1 - (i // across + 1) * cell * deep / whole)
        ax = fig.add_axes((*at, share, cell * deep / whole))
        _place(ax, -0.6, _COLUMNS - 0.6, table["row"].max() + 0.7)
        ax.set_ylim(table["row"].max() + 0.7, table["row"].max() + 0.7 - deep)
        _tiles(ax, own, edges, decimals)
        letters = int(wide * 72 / (0.56 * SMALL))
        name = "\n".join(canvas.broken(panel, letters, 2))
        ax.text(-0.5, -1.0, name, va="baseline", fontsize=SMALL, linespacing=1.1)
    _small_legend(fig, f"{unit}:", lines, foot)
    main = table[table["part"] == ""]
    gaps = main[main["value"].isna()].drop_duplicates("short")
    if len(gaps):
        source += " " + say(
            "Không có số liệu ở ít nhất một hình: {names}.", names=", ".join(gaps["short"])
        )
    values = main.pivot_table(
        index="name", columns="panel", values="value", sort=False, dropna=False
    )
    data = _values(
        pd.DataFrame({"name": values.index}, values.index), {p: values[p] for p in panels}, decimals
    )
    source = f"{say(_DRAWING)} {source}"
    return finish(fig, _widest(values[panels]), title=title, unit=unit, source=source, data=data)


def _small_legend(fig: Figure, head: str, lines: list[tuple], foot: float) -> None:
    """The legend of small maps, in ``foot`` inches beneath them."""
    wide, whole = fig.get_size_inches()
    ax = fig.add_axes((0, 0, 1, foot / whole))
    ax.set(xlim=(0, wide), ylim=(foot, 0))  # inches
    ax.set_axis_off()
    look = {"va": "center", "fontsize": SMALL}
    ax.text(0.05, 0.17, head, **look)
    for i, (shade, text) in enumerate(lines):
        x, y = 0.14 + i % 2 * 1.85, 0.42 + 0.2 * (i // 2)
        _squares(ax, [(x, y)], shade, 0.13)
        ax.text(x + 0.13, y, text, **look)


def _widest(values: pd.DataFrame) -> str:
    """Where provinces lie furthest apart."""
    span = (values.max() - values.min()).dropna()
    if span.empty:
        return say("Chưa có số liệu")
    panel = span.idxmax()
    if (span.round(1) == span.round(1).max()).sum() > 1:
        return say("Các tỉnh cách nhau tới {span}", span=number(span.max(), 1))
    return say(
        "Các tỉnh cách nhau xa nhất ở “{panel}”: từ {low} đến {high}",
        panel=panel, low=number(values[panel].min(), 1), high=number(values[panel].max(), 1),
    )  # fmt: skip
