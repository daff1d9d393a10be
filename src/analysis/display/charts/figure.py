"""The frame of every picture: style, canvas, and the figure with all that belongs to it.

Rules of the house: the finding is the heading; ordered by value, zero line shown, one accent
colour, direct labels, unit on the axis, source and status beneath, the figures in a table behind;
missing is named, never drawn as 0.
"""

import base64
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from textwrap import wrap

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from PIL import Image

from analysis.display import table
from analysis.display.charts import svg
from analysis.display.palette import LIGHT
from analysis.display.resource import Shown, resource
from analysis.language.languages import say
from analysis.language.words import MISSING, number

ACCENT, QUIET, PALE, INK, PAPER = (LIGHT[k] for k in ("accent", "quiet", "pale", "ink", "paper"))
WIDTH = 5.8  # inches: a phone shows a chart nearly as large as it is drawn
SMALL, SAID = 8.5, 9  # points: of ticks and legends, of figures beside marks
_SIDE, _ABOVE, _BELOW = 0.12, 0.1, 0.44  # inches about the axes
_STYLE = {
    "svg.fonttype": "none",
    # widths are measured with a wide face: the page's own needs no more room
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.parse_math": False,  # a name may hold two dollar signs
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": LIGHT["soft"],
    "axes.labelsize": SMALL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 0.8,
    "xtick.color": LIGHT["soft"],
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "xtick.bottom": False,
    "ytick.left": False,
    "lines.solid_capstyle": "butt",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


RASTER: ContextVar[bool] = ContextVar("raster", default=False)


@contextmanager
def raster() -> Iterator[None]:
    """Figures finished inside are PNG instead of SVG: Word shows them, and keeps their text alike
    on every machine."""
    token = RASTER.set(True)
    try:
        yield
    finally:
        RASTER.reset(token)


def png(fig: Figure, dpi: int = 200, background: str = PAPER) -> bytes:
    """The figure as PNG in 64 colours, a third of its size in all; the same bytes each time."""
    whole, buffer = io.BytesIO(), io.BytesIO()
    with mpl.rc_context({**_STYLE, "savefig.facecolor": background}):
        fig.savefig(whole, format="png", dpi=dpi, metadata={"Software": None})
    image = Image.open(whole).convert("RGB")
    image.quantize(64, dither=Image.Dither.NONE).save(
        buffer, format="png", optimize=True, dpi=(dpi, dpi)
    )
    return buffer.getvalue()


def area(height: float, *, left: float = 0.5, above: float = _ABOVE) -> tuple[Figure, Axes]:
    """A canvas with one pair of axes, ``left`` and ``above`` (inches) of them free for labels."""
    fig = Figure(figsize=(WIDTH, height))
    ax = fig.add_axes(_place(fig, left, _SIDE, above, _BELOW))
    return fig, ax


def rows(
    labels: Sequence[str],
    row_height: float = 0.28,
    *,
    size: float = 9.5,
    above: float = _ABOVE,
    wide: int = 28,
) -> tuple[Figure, Axes]:
    """A canvas with a row (inches) for each label, the first on top, at 0, 1, 2 …

    Labels longer than ``wide`` letters are broken; rows are then as high as the longest needs.
    """
    held = [broken(str(label), wide) for label in labels]
    lines = max((len(text) for text in held), default=1)
    row_height = max(row_height, (lines * 1.25 * size + 4) / 72 if lines > 1 else 0)
    fig = Figure(figsize=(WIDTH, max(1, len(held)) * row_height + above + _BELOW))
    left = max((text_width(line, size) for text in held for line in text), default=0) + 0.14
    ax = fig.add_axes(_place(fig, min(left, 0.55 * WIDTH), _SIDE, above, _BELOW))
    texts = ["\n".join(text) for text in held]
    ax.set_yticks(range(len(held)), texts, fontsize=size, linespacing=1.1)
    ax.set_ylim(max(len(held), 1) - 0.4, -0.6)
    return fig, ax


def panels(
    count: int, height: float, *, across: int = 2, above: float = 0.42, below: float = 0.42
) -> tuple:
    """A canvas with ``count`` small axes, each ``height`` inches with its title and ticks."""
    down = -(-count // across)
    fig = Figure(figsize=(WIDTH, down * height + 0.05))
    held = []
    for i in range(count):
        wide = WIDTH / across
        left, top = i % across * wide, fig.get_figheight() - i // across * height
        box = (left + 0.42, top - height + below, wide - 0.52, height - above - below)
        held.append(fig.add_axes(_share(fig, box)))
    return fig, held


def _place(fig: Figure, left: float, right: float, above: float, below: float) -> tuple:
    width, height = fig.get_size_inches()
    return _share(fig, (left, below, width - left - right, height - above - below))


def _share(fig: Figure, box: tuple[float, float, float, float]) -> tuple:
    return tuple(np.array(box) / np.tile(fig.get_size_inches(), 2))


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Inches that a line of text takes."""
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
        labels,
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


def legend_height(labels: Sequence[str]) -> float:
    """Inches of the lines of a legend, and of what is free beneath them."""
    return 0.14 + 0.19 * -(-len(labels) // _columns(labels))


def _columns(labels: Sequence[str]) -> int:
    """How many labels of a legend stand beside each other."""
    widest = max((text_width(label, SMALL) for label in labels), default=1) + 0.42
    return max(1, min(len(labels), int(WIDTH / widest)))


def finish(
    fig: Figure,
    finding: str,
    *,
    title: str,
    source: str,
    data: pd.DataFrame,
    unit: str = "",
    width: str = "",
) -> Shown:
    """The figure as a reader gets it: what it shows, what it is, the picture, the source, the data.

    Parameters
    ----------
    finding
        What is to be seen, computed, as the heading; the text alternative begins with it.
    title, unit
        What is drawn, in what.
    data
        The values drawn, as text, under the heads that a reader sees; what a row is comes first.
        They stand in a fold behind the picture.
    width
        How wide it is shown at most (CSS), where that is less than usual.
    """
    what = ", ".join(filter(None, (title, unit)))
    said = f"{finding}. {what}."
    frame = Markup(
        "<figure class='chart'><figcaption><strong>{}</strong><br><span>{}</span></figcaption>{}"
        "<p class='source'>{}</p>{}</figure>"
    )
    if RASTER.get():
        held = base64.b64encode(png(fig)).decode("ascii")
        image = Markup("<img alt='{}' src='data:image/png;base64,{}'>").format(said, held)
    else:
        own = "c" + hashlib.sha256((said + source).encode()).hexdigest()[:8] + "-"
        buffer = io.StringIO()
        # names of markers and hatches are drawn by lot but for the salt
        with mpl.rc_context({**_STYLE, "svg.hashsalt": own}):
            fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        image = svg.inline(buffer.getvalue(), own, said, width)
    figures = [all(_is_figure(v) for v in data[c]) for c in data.columns]
    held = [
        (c, c, data[c].tolist(), data[c].tolist(), f)
        for c, f in zip(data.columns, figures, strict=True)
    ]
    html = frame.format(finding, what, image, source, _behind(data, figures))
    return Shown(html, [{"title": title, **resource(held)}])


def _behind(data: pd.DataFrame, figures: Sequence[bool]) -> Markup:
    """The data of a figure in a fold; columns of figures are right-aligned."""
    kinds = [table.NUM if f else Markup("") for f in figures]
    held = table.grid((c, k, k, data[c].tolist()) for c, k in zip(data, kinds, strict=True))
    return Markup("<details class='behind'><summary>{}</summary>{}</details>").format(
        say("Số liệu của hình"), held
    )


def _is_figure(text: object) -> bool:
    return str(text) == MISSING or str(text)[:1] in set("0123456789+-−")


def beside(ax: Axes, text: str, at: tuple, by: tuple[float, float] = (4, 0), **look) -> None:
    """Words ``by`` so many points (across, up) from a place in the axes, beginning or ending there;
    centred on it in a direction in which they are not away from it."""
    across, up = by
    where = {
        "ha": "left" if across > 0 else "right" if across < 0 else "center",
        "va": "bottom" if up > 0 else "top" if up < 0 else "center_baseline",
        "fontsize": SAID,
    }
    ax.annotate(text, at, by, textcoords="offset points", **where | look)


def texts(held: pd.DataFrame, heads: Mapping[str, str], decimals: int = 1) -> dict[str, list[str]]:
    """Columns of figures as text under the heads that a reader sees, for the data of a figure.

    ``heads``: column → head.
    """
    return {head: [number(v, decimals) for v in held[c]] for c, head in heads.items()}


def nothing(title: str, why: str) -> HTML:
    """What stands where there is nothing to draw."""
    return Shown(Markup("<p class='note'>{}: {}.</p>").format(title, why))


def not_yet(title: str) -> HTML:
    """What stands where nothing has come that could be drawn: not a picture of nothing."""
    return nothing(title, say("chưa có số liệu để vẽ"))


def styled(draw):
    """A chart function drawn in the house's style."""

    @wraps(draw)
    def wrapper(*args, **kwargs):
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return wrapper


def places(values: Iterable[float]) -> int:
    """Decimals that the values need to be written exactly, as many for all; at most ten.

    >>> places([0.5, 0.75, 1.0]), places([80.0, 82.5]), places([20, 40])
    (2, 1, 0)
    """
    held = np.asarray([*values], float)
    near = 1e-9 * max(
        np.abs(held).max(initial=0), 1e-9
    )  # what arithmetic leaves in the last digits
    return next((p for p in range(10) if (np.abs(held.round(p) - held) <= near).all()), 10)


class Exactly(mpl.ticker.Formatter):
    """Ticks written exactly as readers expect, with as many decimals as their step needs."""

    def __init__(self, write: Callable[[float, int], str] = number) -> None:
        self.write = write

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return [self.write(value, places(values)) for value in values]

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.write(x, places([x]))


def numbers_on(ax: mpl.axes.Axes, *more: mpl.axis.Axis) -> None:
    """Round ticks, written as readers expect, on the x axis and ``more``."""
    for axis in (ax.xaxis, *more):
        axis.set_major_locator(mpl.ticker.MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(Exactly())


def log_ticks(ax, axis: str = "x") -> None:
    """Ticks at 1, 2, 5 × powers of ten within the axis, written as readers expect."""
    low, high = ax.get_xlim() if axis == "x" else ax.get_ylim()
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = [t for p in powers for t in (p, 2 * p, 5 * p) if low <= t <= high]
    if len(ticks) > 7:
        ticks = [t for t in ticks if t in powers]
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(mpl.ticker.FixedLocator(ticks))
    target.set_minor_locator(mpl.ticker.NullLocator())
    target.set_major_formatter(lambda v, _: number(v, places([v])))


def suppressed(names: Sequence[str]) -> str:
    """What is said beneath a picture of estimates that are withheld."""
    return say("Che số liệu vì quá ít phiếu: {names}.", names=", ".join(names))
