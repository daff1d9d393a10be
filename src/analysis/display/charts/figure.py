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

import matplotlib as mpl
import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from analysis.display.charts import canvas, svg
from analysis.display.charts.canvas import LABEL, SAID, SMALL
from analysis.display.charts.chart import Chart
from analysis.display.palette import LIGHT
from analysis.language.languages import say
from analysis.language.words import number

ACCENT, QUIET, PALE, INK, PAPER = (LIGHT[k] for k in ("accent", "quiet", "pale", "ink", "paper"))
_STYLE = {
    "svg.fonttype": "none",
    # widths are measured with a wide face: the page's own needs no more room
    "font.family": ["DejaVu Sans"],
    "font.size": LABEL,
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
    "path.simplify_threshold": 0.3,  # points: a page shows nothing finer
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


def finish(
    fig: Figure,
    finding: str,
    *,
    title: str,
    source: str,
    data: pd.DataFrame,
    unit: str = "",
) -> Chart:
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
    """
    what = ", ".join(filter(None, (title, unit)))
    said = f"{finding}. {what}."
    canvas.within(fig)
    if RASTER.get():
        held = base64.b64encode(png(fig)).decode("ascii")
        image = Markup("<img alt='{}' src='data:image/png;base64,{}'>").format(said, held)
    else:
        narrow = canvas.is_narrow()
        own = "c" + hashlib.sha256((said + source).encode()).hexdigest()[:8] + "-"
        own += "n" if narrow else ""
        buffer = io.StringIO()
        # names of markers and hatches are drawn by lot but for the salt
        with mpl.rc_context({**_STYLE, "svg.hashsalt": own}):
            fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        image = svg.inline(buffer.getvalue(), own, said, _share(fig), narrow=narrow)
    return Chart(finding, title, fig, what, source, image, data)


def _share(fig: Figure) -> str:
    """How wide a picture is shown at most, where it is drawn less wide than others (CSS)."""
    share = fig.get_figwidth() / canvas.width()
    return f"{100 * share:.3g}%" if share < 0.99 else ""


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


def nothing(title: str, why: str) -> Chart:
    """What stands where there is nothing to draw."""
    return Chart(why, title)


def not_yet(title: str) -> Chart:
    """What stands where nothing has come that could be drawn: not a picture of nothing."""
    return nothing(title, say("chưa có số liệu để vẽ"))


def styled(draw: Callable[..., Chart]) -> Callable[..., Chart]:
    """A chart function drawn in the house's style: for a page, and a second time for a telephone;
    once, as wide as paper, where pictures are to be PNG."""

    @wraps(draw)
    def wrapper(*args, **kwargs) -> Chart:
        with mpl.rc_context(_STYLE):
            if RASTER.get():
                with canvas.drawn_for(canvas.PAPER):
                    return draw(*args, **kwargs)
            wide = draw(*args, **kwargs)
            if wide.figure is None:
                return wide
            with canvas.drawn_for(canvas.NARROW):
                return wide.also(draw(*args, **kwargs))

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

    def written(v: float, _: int = 0) -> str:
        return number(v, 0 if v >= 1 else 1 if v >= 0.1 else 2)

    room = canvas.width() * ax.get_position().width - 0.1 * len(ticks)
    if axis == "x" and sum(canvas.text_width(written(t), SMALL) for t in ticks) > room:
        ticks = ticks[::2]
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_major_locator(mpl.ticker.FixedLocator(ticks))
    target.set_minor_locator(mpl.ticker.NullLocator())
    target.set_major_formatter(lambda v, _: number(v, places([v])))


def own_scales() -> str:
    """What is said beneath small pictures that are not compared by height."""
    return say("Mỗi hình một thang.")


def suppressed(names: Sequence[str]) -> str:
    """What is said beneath a picture of estimates that are withheld."""
    return say("Che số liệu vì quá ít phiếu: {names}.", names=", ".join(names))
