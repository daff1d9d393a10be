"""What a picture is drawn on: how wide it is, where its axes stand, how its labels are broken.

Each picture is drawn for the width of its reader: for a page, for a telephone, for paper. What is
narrow is not the wide one made small: labels of rows stand above them, small multiples below each
other, and no letter is smaller than :data:`SMALL`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path

WIDE, NARROW, PAPER = 7.6, 3.75, 5.8
"""Inches of a picture on a page (57rem there), on a telephone (392 px there), in Word."""
SMALL, SAID, LABEL = 8.5, 9.0, 9.5
"""Points of ticks and legends, of figures beside marks, of names: 12 px and more as shown."""
SIDE, ABOVE, BELOW = 0.12, 0.1, 0.44  # inches about the axes

_WIDTH: ContextVar[float] = ContextVar("width", default=WIDE)


def width() -> float:
    """Inches of the pictures that are drawn now."""
    return _WIDTH.get()


def is_narrow() -> bool:
    """Whether what is drawn now is for a telephone."""
    return _WIDTH.get() == NARROW


@contextmanager
def drawn_for(inches: float) -> Iterator[None]:
    """Pictures drawn inside are so wide."""
    token = _WIDTH.set(inches)
    try:
        yield
    finally:
        _WIDTH.reset(token)


def area(height: float, *, left: float = 0.5, above: float = ABOVE) -> tuple[Figure, Axes]:
    """A canvas with one pair of axes, ``left`` and ``above`` (inches) of them free for labels; on a
    telephone no higher than it is wide but for a fifth."""
    height = min(height, 1.2 * width() + above) if is_narrow() else height
    fig = Figure(figsize=(width(), height))
    ax = fig.add_axes(_place(fig, left, SIDE, above, BELOW))
    return fig, ax


def fixed(height: float, left: float, wide: float, above: float) -> tuple[Figure, Axes]:
    """A canvas with one pair of axes that begin at ``left`` and are ``wide`` inches wide."""
    fig = Figure(figsize=(width(), height))
    return fig, fig.add_axes(_share(fig, (left, BELOW, wide, height - above - BELOW)))


def rows(
    labels: Sequence[str],
    row_height: float = 0.28,
    *,
    size: float = LABEL,
    above: float = ABOVE,
    wide: int = 34,
) -> tuple[Figure, Axes]:
    """A canvas with a row (inches) for each label, the first on top, at 0, 1, 2 …

    Labels longer than ``wide`` letters are broken; rows are then as high as the longest needs. On a
    telephone long labels stand above their rows.
    """
    held = [broken(str(label), wide) for label in labels]
    left = max((text_width(line, size) for text in held for line in text), default=0) + 0.14
    if is_narrow() and left > 0.36 * width():
        return _labels_above([str(label) for label in labels], row_height, size, above)
    lines = max((len(text) for text in held), default=1)
    row_height = max(row_height, (lines * 1.25 * size + 4) / 72 if lines > 1 else 0)
    fig = Figure(figsize=(width(), max(1, len(held)) * row_height + above + BELOW))
    ax = fig.add_axes(_place(fig, min(left, 0.55 * width()), SIDE, above, BELOW))
    texts = ["\n".join(text) for text in held]
    ax.set_yticks(range(len(held)), texts, fontsize=size, linespacing=1.1)
    ax.set_ylim(max(len(held), 1) - 0.4, -0.6)
    return fig, ax


def _labels_above(
    labels: Sequence[str], row_height: float, size: float, above: float
) -> tuple[Figure, Axes]:
    """Rows as high as elsewhere, before each as much room as the lines of its label need: the scale
    of the axis leaps there, so that what is drawn at 0, 1, 2 … needs to know nothing of it."""
    wide = int((width() - 2 * SIDE) * 72 / (0.56 * size))
    texts = [broken(label, wide) for label in labels]
    line = 1.2 * size / 72  # inches
    high = np.cumsum([0, *(0.1 + line * len(text) for text in texts)])
    leaps = high / row_height  # before row n: leaps[n + 1]
    starts = np.arange(len(labels)) - 0.5 + leaps[:-1]

    def forward(y):
        row = np.nan_to_num(np.floor(np.asarray(y, float) + 0.5))
        return y + leaps[np.clip(row, -1, len(labels) - 1).astype(int) + 1]

    def back(v):
        return v - leaps[np.searchsorted(starts, v, side="right")]

    height = len(labels) * row_height + high[-1] + above + BELOW
    fig = Figure(figsize=(width(), height))
    ax = fig.add_axes(_place(fig, SIDE, SIDE, above, BELOW))
    ax.set_yscale("function", functions=(forward, back))
    ax.set_yticks([])
    ax.set_ylim(len(labels) - 0.4, -0.6)
    for i, text in enumerate(texts):
        ax.annotate(
            "\n".join(text), (0, i - 0.5), (0, 4), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="bottom", fontsize=size, linespacing=1.1,
        )  # fmt: skip
    return fig, ax


def panels(
    table: pd.DataFrame, by: str, height: float, *, above: float = 0.42, below: float = 0.42
) -> tuple[Figure, list[tuple[Axes, pd.DataFrame]]]:
    """A canvas with small axes for each value of a column, each ``height`` inches with its title
    and ticks, two beside each other (on a telephone one), and the rows that belong to each."""
    from matplotlib import pyplot

    across = 1 if is_narrow() else 2
    grid = _grid()(
        table, col=by, col_order=table[by].unique(), col_wrap=across, height=height,
        aspect=width() / across / height, sharex=False, sharey=False, despine=False,
    )  # fmt: skip
    fig = grid.figure
    pyplot.close(fig)  # JupyterLab would show it a second time
    fig.set_size_inches(width(), fig.get_figheight() + 0.05)
    wide, held = width() / across, []
    for (_, i, _), rows_ in grid.facet_data():
        ax = grid.axes[i]
        ax.set_title("")
        left, top = i % across * wide, fig.get_figheight() - i // across * height
        box = (left + 0.52, top - height + below, wide - 0.64, height - above - below)
        ax.set_position(_share(fig, box))
        held.append((ax, rows_))
    return fig, held


@cache
def _grid() -> type:
    """Small multiples of seaborn, which only they that draw some import, without a layout of their
    own: it would measure all that is drawn."""
    from seaborn import FacetGrid

    class Grid(FacetGrid):
        def tight_layout(self, *args, **kwargs) -> "Grid":
            return self

    return Grid


def heading(ax: Axes, text: str) -> None:
    """The name of small axes, over them from the left end of their ticks."""
    inches = ax.get_position().width * width()
    lines = broken(text, int((inches + 0.46) * 72 / (0.58 * SAID)), 2)
    # without a height given, all labels of the axes are measured for the title to stand above them
    place = {"loc": "left", "x": -0.46 / inches, "y": 1.0}
    ax.set_title("\n".join(lines), fontsize=SAID, linespacing=1.15, **place)


def _place(fig: Figure, left: float, right: float, above: float, below: float) -> tuple:
    wide, height = fig.get_size_inches()
    return _share(fig, (left, below, wide - left - right, height - above - below))


def _share(fig: Figure, box: tuple[float, float, float, float]) -> tuple:
    return tuple(np.array(box) / np.tile(fig.get_size_inches(), 2))


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Inches that a line of text takes; to shape one takes a millisecond, and each picture is drawn
    twice."""
    face = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(text, face, ismath=False)[0] / 72


def broken(text: str, wide: int, most: int = 9) -> list[str]:
    """A text in lines of at most ``wide`` letters, as even as they can be; what is beyond ``most``
    lines is cut off with "…" (the data behind the picture have it whole)."""
    lines = wrap(text, wide) or [""]
    if len(lines) > most:
        return [*lines[: most - 1], wrap(" ".join(lines[most - 1 :]), wide - 1)[0] + "…"]
    if len(lines) == 1:
        return lines
    narrow = next(w for w in range(1, wide + 1) if len(wrap(text, w)) <= len(lines))
    return wrap(text, narrow, break_long_words=narrow == wide) or [""]


def legend(ax: Axes, **more) -> None:
    """The legend at the top of the figure; :func:`legend_height` says how much room it takes."""
    handles, labels = ax.get_legend_handles_labels()
    ax.figure.legend(
        handles,
        _in_lines(labels),
        loc="upper left",
        bbox_to_anchor=(0, 1),
        ncols=_columns(labels),
        frameon=False,
        fontsize=SMALL,
        handlelength=1.1,
        columnspacing=1.2,
        borderaxespad=0.1,
        **more,
    )


def keyed(ax: Axes, colours: dict[str, str]) -> Figure:
    """The same legend for what has none of its own: label → colour."""
    for label, colour in colours.items():
        ax.scatter([], [], marker="s", s=50, color=colour, linewidths=0, label=label)
    legend(ax)
    return ax.figure


def legend_height(labels: Sequence[str]) -> float:
    """Inches of the lines of a legend, and of what is free beneath them."""
    lines = sum(text.count("\n") for text in _in_lines(labels))
    return 0.14 + 0.19 * -(-len(labels) // _columns(labels)) + 0.14 * lines


def _in_lines(labels: Sequence[str]) -> list[str]:
    """Labels of a legend, broken where one is wider than the picture."""
    wide = int((width() - 0.5) * 72 / (0.58 * SMALL))
    return ["\n".join(broken(str(label), wide, 3)) for label in labels]


def _columns(labels: Sequence[str]) -> int:
    """How many labels of a legend stand beside each other."""
    widest = max((text_width(label, SMALL) for label in labels), default=1) + 0.42
    return max(1, min(len(labels), int(width() / widest)))


def within(fig: Figure) -> None:
    """What is written stays in the picture: figures beside marks move in from its edges. The name
    of the x axis of a picture of one pair of axes goes beyond these to the left where it is longer
    than they are, and is broken where it is longer than all."""
    for ax in fig.axes:
        for text in ax.texts:
            if isinstance(text, Annotation) and text.get_text() and text.xycoords == "data":
                _move_in(ax, text)
    if len(fig.axes) != 1 or not fig.axes[0].get_xlabel():
        return
    ax = fig.axes[0]
    text, box = ax.get_xlabel(), ax.get_position()
    if text_width(text, SMALL) <= box.width * width():
        return
    whole = box.x1 * width()
    lines = broken(text, max(int(len(text) * whole / text_width(text, SMALL)) - 1, 12), 3)
    ax.set_xlabel("\n".join(lines), ha="right", x=1, linespacing=1.15)
    if more := (len(lines) - 1) * 1.2 * SMALL / 72:
        _lower(fig, more)


def _move_in(ax: Axes, text: Annotation) -> None:
    """Words beside a place that would be cut off: on its other side, or moved by as much."""
    weight = "bold" if text.get_fontweight() in ("bold", 700) else "normal"
    inches = max(text_width(t, text.get_fontsize(), weight) for t in text.get_text().split("\n"))
    x, y = text.xyann
    begins = ax.transData.transform(text.xy)[0] / ax.figure.dpi + x / 72
    begins -= inches * {"left": 0, "center": 0.5, "right": 1}[text.get_ha()]
    if text.get_ha() == "left" and begins + inches > width() and begins > inches + x / 36:
        text.xyann = (-x, y)
        text.set_ha("right")
        return
    by = min(0, width() - 0.02 - begins - inches) or max(0, 0.02 - begins)
    if by:
        text.xyann = (x + 72 * by, y)


def _lower(fig: Figure, more: float) -> None:
    """As many more inches beneath all that is drawn."""
    wide, height = fig.get_size_inches()
    for ax in fig.axes:
        box = ax.get_position()
        share = (box.x0, (box.y0 * height + more) / (height + more))
        ax.set_position((*share, box.width, box.height * height / (height + more)))
    fig.set_size_inches(wide, height + more)
