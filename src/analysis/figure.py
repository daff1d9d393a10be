"""The frame of every picture: style, canvas, and the figure as inline SVG with title and source.

Rules of the house: ordered by value, zero line shown, one accent colour, colour-blind safe, direct
labels, unit on the axis, source and status beneath; missing is named, never drawn as 0.
"""

import base64
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

import matplotlib as mpl
import numpy as np
from IPython.display import HTML
from markupsafe import Markup
from matplotlib.figure import Figure

from analysis.words import number

ACCENT, QUIET, PALE, INK = "#0b6e99", "#9fb3bd", "#dde6ea", "#24313a"
_STYLE = {
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
    # every text of a picture carries this list: a long one is half of its size
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "grid.color": PALE,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.left": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


_RASTER: ContextVar[bool] = ContextVar("raster", default=False)


@contextmanager
def raster() -> Iterator[None]:
    """Figures finished inside are PNG instead of SVG: Word shows them, and keeps their text alike
    on every machine."""
    token = _RASTER.set(True)
    try:
        yield
    finally:
        _RASTER.reset(token)


def png(fig: Figure, dpi: int = 200, background: str = "white") -> bytes:
    """The figure as PNG, the same bytes each time."""
    buffer = io.BytesIO()
    with mpl.rc_context({**_STYLE, "savefig.facecolor": background}):
        fig.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def canvas(rows: int, width: float = 7.6, row_height: float = 0.3) -> tuple[Figure, mpl.axes.Axes]:
    fig = Figure(figsize=(width, max(1.4, rows * row_height + 0.9)), layout="constrained")
    return fig, fig.add_subplot()


def finish(fig: Figure, title: str, source: str, alt: str, width: str = "") -> HTML:
    """The figure as inline SVG, its ids marked as its own: several charts share a page.

    ``width``: how wide it is shown at most (CSS), where that is less than a page is wide.
    """
    frame = Markup(
        "<figure><figcaption><strong>{}</strong></figcaption>{}<p class='source'>{}</p></figure>"
    )
    if _RASTER.get():
        data = base64.b64encode(png(fig)).decode("ascii")
        image = Markup("<img alt='{}' src='data:image/png;base64,{}'>").format(alt, data)
        return HTML(frame.format(title, image, source))
    buffer = io.StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": title + alt}):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"| height="[\d.]+pt"', r"\1", svg, count=2)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    own = "c" + hashlib.sha256((title + alt).encode()).hexdigest()[:8] + "-"
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}", svg)
    style = f' style="max-width:{width}"' if width else ""
    svg = svg.replace("<svg", str(Markup('<svg role="img" aria-label="{}"').format(alt)) + style, 1)
    return HTML(frame.format(title, Markup(svg), source))


def styled(draw):
    """A chart function drawn in the house's style."""

    @wraps(draw)
    def wrapper(*args, **kwargs):
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return wrapper


def numbers_on(ax: mpl.axes.Axes, *more: mpl.axis.Axis) -> None:
    """Round ticks, written as readers expect, on the x axis and ``more``."""
    span = np.ptp(ax.get_xlim())
    # six ticks or fewer: as many places as tell them apart
    places = 0 if span > 6 else max(1, int(np.ceil(-np.log10(span / 6))))
    for axis in (ax.xaxis, *more):
        axis.set_major_locator(mpl.ticker.MaxNLocator(6, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(lambda x, _: number(x, places))
