"""Heat maps: rows by columns in a few classes, each cell saying what it is (seaborn)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.path import Path

from analysis.display.charts import canvas
from analysis.display.charts.figure import PAPER
from analysis.display.charts.svg import mark

_MOST_LEFT = 0.42  # of the width, for the names of rows


def cells(
    classes: pd.DataFrame,
    colours: Sequence[str],
    told: pd.DataFrame,
    *,
    row_height: float,
    widest: float,
    texts: pd.DataFrame | None = None,
    inks: Sequence[str] = (),
    above: float = canvas.ABOVE,
) -> tuple[Figure, Axes]:
    """A picture of cells, each with what it says under the name of its row.

    Parameters
    ----------
    classes
        Number of the class of each cell, from 0; missing where there is none. Rows are named by
        the index.
    colours, inks
        Of each class: its ground, and what is written on it.
    told
        What each cell says.
    row_height, widest
        Inches of a row and, at most, of a column.
    texts
        What is written into the cells, where all of it has room.
    """
    import seaborn  # pages without such a picture do not pay for it

    fig, ax = _laid(classes, row_height, widest, above, canvas.SMALL)
    if texts is not None:
        across = canvas.width() * ax.get_position().width / classes.shape[1]
        longest = max(canvas.text_width(text, canvas.SMALL) for text in texts.to_numpy().ravel())
        texts = texts if longest < across else None
    seaborn.heatmap(
        classes.astype(float), ax=ax, cmap=ListedColormap(list(colours)),
        vmin=-0.5, vmax=len(colours) - 0.5, cbar=False, xticklabels=False, yticklabels=False,
        linecolor=PAPER, annot=texts, fmt="",
        annot_kws={"fontsize": canvas.SMALL, "va": "center_baseline"},
    )  # fmt: skip
    drawn = classes.notna().to_numpy()
    ax.collections[0].set_linewidths(np.where(drawn.ravel(), 0.8, 0))  # no value, no cell
    if texts is not None:
        for text, kind in zip(ax.texts, classes.to_numpy()[drawn].astype(int), strict=True):
            text.set_color(inks[kind])
    said = told.to_numpy()
    places = zip(*drawn.nonzero(), strict=True)
    mark(ax.collections[0], *((classes.index[i], said[i, j]) for i, j in places))
    _named(ax, classes, canvas.SMALL)
    return fig, ax


def runs(
    classes: pd.DataFrame,
    colours: Sequence[str],
    words: Sequence[str],
    *,
    row_height: float,
    widest: float,
    above: float = canvas.ABOVE,
) -> tuple[Figure, Axes]:
    """The same of hundreds of columns: the cells of one class in a row are one shape, which says
    ``words`` of its class with the numbers of these columns (from 1)."""
    size = canvas.SMALL if canvas.is_narrow() else canvas.SMALL - 1  # shown larger
    fig, ax = _laid(classes, max(row_height, 1.2 * size / 72), widest, above, size)
    for kind, colour in enumerate(colours):
        bars, said = [], []
        for i, (name, row) in enumerate(classes.iterrows()):
            same = np.concatenate([[0], row.to_numpy() == kind, [0]])
            spans = np.flatnonzero(np.diff(same)).reshape(-1, 2)  # begins, ends
            if len(spans):
                boxes = (
                    Path.unit_rectangle().vertices * (b - a, 0.92) + (a, i + 0.04) for a, b in spans
                )
                bars.append(Path.make_compound_path(*(Path(box, closed=True) for box in boxes)))
                places = (str(b) if b == a + 1 else f"{a + 1}–{b}" for a, b in spans)
                said.append((name, f"{words[kind]}: {', '.join(places)}"))
        mark(ax.add_collection(PathCollection(bars, facecolors=colour, linewidths=0)), *said)
    ax.set(xlim=(0, classes.shape[1]), ylim=(len(classes), 0))
    _named(ax, classes, size)
    return fig, ax


def _laid(
    classes: pd.DataFrame, row_height: float, widest: float, above: float, size: float
) -> tuple[Figure, Axes]:
    """A canvas with room for names at the left; names of two lines make all rows higher."""
    names = _names(classes, size)
    left = max(canvas.text_width(line, size) for name in names for line in name) + 0.14
    row_height = max(row_height, max(map(len, names)) * 1.15 * size / 72)
    across = min((canvas.width() - left - canvas.SIDE) / classes.shape[1], widest)
    height = row_height * len(classes) + above + canvas.BELOW
    return canvas.fixed(height, left, across * classes.shape[1], above)


def _names(classes: pd.DataFrame, size: float) -> list[list[str]]:
    letters = int(_MOST_LEFT * canvas.width() * 72 / (0.6 * size))
    return [canvas.broken(str(name), letters, 2) for name in classes.index]


def _named(ax: Axes, classes: pd.DataFrame, size: float) -> None:
    texts = ["\n".join(name) for name in _names(classes, size)]
    ax.set_yticks([i + 0.5 for i in range(len(texts))], texts, fontsize=size, rotation=0)
    ax.set(xlabel="", ylabel="")
    ax.grid(False)
