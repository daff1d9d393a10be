"""Provinces as tiles: each is one square of the catalogue's drawing (tiles.csv), coloured by value.

Squares of one size, so that a large province weighs no more than a small one; north is at the top,
neighbours are near neighbours. Nothing is loaded: no outline, no coordinates.
"""

from textwrap import wrap

import numpy as np
import pandas as pd
from IPython.display import HTML
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from analysis.figure import INK, finish, styled
from analysis.words import number

# one hue from light to dark: told apart by every eye, and in grey print
SHADES = ("#d6e5ed", "#a5c8d8", "#6fa9c4", "#28759b", "#0b4057")
MARK = "#b3401a"
_HATCH = "#c3d0d7"  # pale: names are read across it
_CELL, _PANEL = 0.4, 0.165  # inches from tile to tile: of the map, of small maps
_FOOT = 0.35  # inches of the legend under small maps
_FILL = 0.92  # how much of its cell a tile takes
_WIDTH = 11.6  # cells of the map with its legend
_CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])
_AROUND = np.array([[-0.3, -0.2], [0.05, -0.3], [0.3, 0.0], [-0.1, 0.1], [0.15, 0.3]])


def limits(values: pd.Series, most: int = 5) -> np.ndarray:
    """Limits of at most ``most`` classes of one round width that hold all values, rising.

    A class begins at its lower limit and ends before its upper one; the last holds both. Where all
    values are equal there is one class, from the value to itself.
    """
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
    return "white" if shade in SHADES[3:] else INK


def _labels(edges: np.ndarray) -> list[str]:
    """Each class in words, with as many decimals as its limits need."""
    places = next(p for p in range(11) if (np.round(edges, p) == edges).all())  # limits: at most 10
    said = [number(edge, places) for edge in edges]
    if edges[0] == edges[-1]:
        return said[:1]
    words = ["đến dưới"] * (len(edges) - 2) + ["đến"]
    pairs = zip(said[:-1], words, said[1:], strict=True)
    return [f"{low} {word} {high}" for low, word, high in pairs]


def _squares(ax: Axes, centres, shade: str | None, side: float = _FILL, **more) -> None:
    """Squares about ``centres`` (column, row), ``side`` cells wide (one for all, or one each), as
    one path, which keeps the picture light. Without a shade they are hatched: no value."""
    look = {"facecolor": shade, "linewidth": 0}
    if shade is None:
        look = {"facecolor": "none", "edgecolor": _HATCH, "linewidth": 0.7, "hatch": "////"}
    sides = np.broadcast_to(side, len(centres))[:, None, None]
    corners = np.asarray(centres)[:, None] + sides * _CORNERS
    steps = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(corners.reshape(-1, 2), steps * len(corners))
    ax.add_patch(PathPatch(path, clip_on=False, **(look | more)))


def _tiles(ax: Axes, table: pd.DataFrame, edges: np.ndarray) -> None:
    """The tiles of one map; islands as a few small squares in the colour of their province."""
    level = classes(table["value"], edges).fillna(-1)
    for i, shade in [(-1, None), *enumerate(_shades(edges))]:
        rows = table[level == i]
        centres = rows[["column", "row"]].to_numpy()
        far = (rows["part"] != "").to_numpy()
        small = (centres[far][:, None] + _AROUND).reshape(-1, 2)
        sides = np.repeat([_FILL, _FILL / 5], [(~far).sum(), len(small)])
        if len(rows):
            _squares(ax, np.concatenate([centres[~far], small]), shade, sides)


def _place(ax: Axes, left: float, right: float, bottom: float) -> None:
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, -0.6)
    ax.set_axis_off()


def _said(held: pd.DataFrame, decimals: int) -> str:
    """Who is highest and lowest."""
    held = held[held["part"] == ""].sort_values(["value", "name"], kind="stable")
    low, high = held.iloc[0], held.iloc[-1]
    return (
        f"cao nhất {high['name']}, {number(high['value'], decimals)}; "
        f"thấp nhất {low['name']}, {number(low['value'], decimals)}"
    )


@styled
def tile_map(
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    source: str,
    highlight: str = "",
    decimals: int = 1,
) -> HTML:
    """A value of each province on the drawing of the country, in up to five classes.

    Parameters
    ----------
    table
        Of :func:`analysis.rank_views.on_tiles`: row, column, short, part, name, value. Provinces
        without a value are hatched and named in the source line. Without rows nothing is drawn.
    highlight
        Name of a province that is framed.
    """
    if not table["value"].notna().any():
        return HTML("")
    table = table.assign(value=table["value"].round(decimals))
    edges = limits(table["value"])
    rows = table["row"].max() + 1.2
    fig = Figure(figsize=(_CELL * _WIDTH, _CELL * rows))
    ax = fig.add_axes((0, 0, 1, 1))
    _place(ax, -0.6, _WIDTH - 0.6, rows - 0.6)
    _tiles(ax, table, edges)
    colours = dict(enumerate(_on(shade) for shade in _shades(edges)))
    level = classes(table["value"], edges)
    centred = {"ha": "center", "va": "center", "fontsize": 6.9, "linespacing": 1.1}
    for tile, colour in zip(table.itertuples(), level.map(colours).fillna(INK), strict=True):
        if tile.part:
            ax.text(tile.column, tile.row + 0.8, f"{tile.part}\n({tile.short})", **centred)
        else:
            name = tile.short.replace(" ", "\n")
            ax.text(tile.column, tile.row, name, color=colour, **centred)
    main = table[table["part"] == ""]
    lines = _counted(main, edges, level)
    own = main[main["name"] == highlight]
    framed = {"edgecolor": MARK, "linewidth": 2.4, "hatch": None, "zorder": 3}
    if len(own):
        _squares(ax, own[["column", "row"]], None, **framed)
        lines.append((None, highlight, framed))
    x, y = 6.6, 3.0
    ax.text(x - 0.3, y - 0.85, f"{unit}: số tỉnh, thành phố", va="center", fontsize=8.5)
    for i, (shade, text, more) in enumerate(lines):
        _squares(ax, [(x, y + 0.72 * i)], shade, 0.52, **more)
        ax.text(x + 0.5, y + 0.72 * i, text, va="center", fontsize=8.5)
    said = f"{title}. Theo {unit}: {_said(table.dropna(subset=['value']), decimals)}"
    missing = main[main["value"].isna()]
    if len(missing):
        said += f"; {number(len(missing))} không có số liệu"
        source += f" Không có số liệu: {', '.join(missing['short'])}."
    return finish(fig, title, f"{_DRAWING} {source}", f"{said}.", width="34rem")


_DRAWING = "Sơ đồ, không phải bản đồ: mỗi tỉnh, thành phố là một ô bằng nhau."


def _counted(main: pd.DataFrame, edges: np.ndarray, level: pd.Series) -> list[tuple]:
    """Lines of the legend, the highest class first: colour, text with how many, more looks."""
    counts = level[main.index].value_counts()
    lines = [
        (shade, f"{label}: {number(counts.get(i, 0))}", {})
        for i, (shade, label) in enumerate(zip(_shades(edges), _labels(edges), strict=True))
    ][::-1]
    missing = main["value"].isna().sum()
    return lines + ([(None, f"không có số liệu: {number(missing)}", {})] if missing else [])


@styled
def tile_maps(
    table: pd.DataFrame, *, title: str, unit: str, source: str, decimals: int = 1
) -> HTML:
    """Small maps beside each other, one for each ``panel``, in the same classes.

    ``table``: as of :func:`tile_map`, with panel (what a map shows), in order. Tiles carry no
    names: a map for a look at the pattern. Provinces without a value in one of them are named in
    the source line. Without values nothing is drawn.
    """
    if not table["value"].notna().any():
        return HTML("")
    table = table.assign(value=table["value"].round(decimals))
    edges = limits(table["value"])
    panels = list(dict.fromkeys(table["panel"]))
    across = min(5, len(panels))
    down = -(-len(panels) // across)
    width, height = 9.2, table["row"].max() + 4.6  # cells of a panel, its title included
    whole = _PANEL * height * down + _FOOT
    fig = Figure(figsize=(_PANEL * width * 5, whole))
    said = []
    for i, panel in enumerate(panels):
        own = table[table["panel"] == panel]
        at = (i % across / 5, 1 - (i // across + 1) * _PANEL * height / whole)
        ax = fig.add_axes((*at, 1 / 5, _PANEL * height / whole))
        _place(ax, -0.6, width - 0.6, table["row"].max() + 0.7)
        ax.set_ylim(table["row"].max() + 0.7, table["row"].max() + 0.7 - height)
        _tiles(ax, own, edges)
        heading = "\n".join(wrap(panel, 22))
        ax.text(-0.5, -1.0, heading, va="baseline", fontsize=8, linespacing=1.1)
        held = own.dropna(subset=["value"])
        said.append(f"{panel}: {_said(held, decimals) if len(held) else 'không có số liệu'}")
    ax = fig.add_axes((0, 0, 1, _FOOT / whole))
    ax.set(xlim=(0, _PANEL * width * 5), ylim=(0, _FOOT))  # inches
    ax.set_axis_off()
    lines = list(zip(_shades(edges), _labels(edges), strict=True))[::-1]
    if table["value"].isna().any():
        lines.append((None, "không có số liệu"))
    ax.text(0.03, _FOOT / 2, f"{unit}:", va="center", fontsize=8)
    for i, (shade, text) in enumerate(lines):
        x = 1.2 + 6.4 * i / len(lines)
        _squares(ax, [(x, _FOOT / 2)], shade, 0.13)
        ax.text(x + 0.12, _FOOT / 2, text, va="center", fontsize=8)
    gaps = table[table["value"].isna() & (table["part"] == "")].drop_duplicates("short")
    if len(gaps):
        source += f" Không có số liệu ở ít nhất một hình: {', '.join(gaps['short'])}."
    alt = f"{title}. Theo {unit}; {'; '.join(said)}."
    return finish(fig, title, f"{_DRAWING} {source}", alt)
