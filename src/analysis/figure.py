"""The frame of every picture: style, canvas, and the figure as inline SVG with title and source.

Rules of the house: ordered by value, zero line shown, one accent colour, colour-blind safe, direct
labels, unit on the axis, source and status beneath; missing is named, never drawn as 0.
"""

import hashlib
import io
import re
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


def canvas(rows: int, width: float = 7.6, row_height: float = 0.3) -> tuple[Figure, mpl.axes.Axes]:
    fig = Figure(figsize=(width, max(1.4, rows * row_height + 0.9)), layout="constrained")
    return fig, fig.add_subplot()


def finish(fig: Figure, title: str, source: str, alt: str) -> HTML:
    """The figure as inline SVG, its ids marked as its own: several charts share a page."""
    buffer = io.StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": title + alt}):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"| height="[\d.]+pt"', r"\1", svg, count=2)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    own = "c" + hashlib.sha256((title + alt).encode()).hexdigest()[:8] + "-"
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}", svg)
    svg = svg.replace("<svg", str(Markup('<svg role="img" aria-label="{}"').format(alt)), 1)
    frame = Markup(
        "<figure><figcaption><strong>{}</strong></figcaption>{}<p class='source'>{}</p></figure>"
    )
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
    places = 0 if np.ptp(ax.get_xlim()) > 6 else 1
    for axis in (ax.xaxis, *more):
        axis.set_major_locator(mpl.ticker.MaxNLocator(6, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(lambda x, _: number(x, places))
