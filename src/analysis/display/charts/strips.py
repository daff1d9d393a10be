"""Distributions side by side: a point for each unit, a box where these were a cloud (seaborn)."""

from warnings import catch_warnings, simplefilter

import pandas as pd
from matplotlib import MatplotlibDeprecationWarning
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from analysis.display.charts import canvas
from analysis.display.charts.figure import QUIET
from analysis.display.charts.svg import mark
from analysis.display.palette import LIGHT
from analysis.language.languages import say
from analysis.language.words import number

MOST = 100
"""Units of a line that are still drawn each as a point."""
_SIZES = (4.4, 3.6, 2.8)  # points across a point


def draw(ax: Axes, held: pd.DataFrame, high: float) -> list[int]:
    """Draw ``value`` of each ``label`` on the line ``place`` (0, 1, 2 …), where ``high`` inches are
    free: beside each other where they are alike (a swarm). Where that is no room for them, or they
    are more than :data:`MOST`, the middle half as a box, with whiskers to the lowest and highest.

    Returns the places of the lines that are drawn as points.
    """
    import seaborn  # pages without such a picture do not pay for it

    ax.set_xlim(-2, 104)  # before: points are placed by how near they are on paper
    points = []
    for place, rows in held.groupby("place"):
        at = {"x": rows["value"], "y": [place] * len(rows), "orient": "y", "ax": ax}
        size = _size(rows["value"], 72 * high, 72 * canvas.width() * ax.get_position().width)
        if not size:
            _box(at, str(rows["name"].iloc[0]))
            q1, q3 = rows["value"].quantile([0.25, 0.75])
            far = (rows["value"] < 2.5 * q1 - 1.5 * q3) | (rows["value"] > 2.5 * q3 - 1.5 * q1)
            _named(
                ax.scatter(rows["value"][far], [place] * far.sum(), s=8, c=QUIET, lw=0), rows[far]
            )
            continue
        before = len(ax.collections)
        seaborn.swarmplot(
            **at, native_scale=True, size=size, color=QUIET, linewidth=0, warn_thresh=1
        )
        _named(ax.collections[before], rows)
        points.append(int(place))
    ax.set(ylabel="")
    return points


def read(all_points: bool) -> str:
    """How such a picture is read."""
    if all_points:
        return say("Vạch đậm: trung vị; mỗi chấm một đơn vị.")
    return say(
        "Vạch đậm: trung vị; mỗi chấm một đơn vị; hộp, nơi các chấm sẽ chồng lên nhau: một nửa "
        "số đơn vị ở giữa; chấm rời: đơn vị cách xa."
    )


def _named(dots: PathCollection, rows: pd.DataFrame) -> None:
    told = zip(rows["label"], rows["value"], strict=True)
    mark(dots, *((name, number(value, 1)) for name, value in told))


def _box(at: dict, name: str) -> None:
    """The box of a line, which says its five figures."""
    import seaborn

    with catch_warnings():  # seaborn 0.13 asks matplotlib 3.11 in the way of before
        simplefilter("ignore", MatplotlibDeprecationWarning)
        seaborn.boxplot(
            **at, native_scale=True, width=0.36, showfliers=False, color=LIGHT["tint"],
            saturation=1, linecolor=QUIET, linewidth=1,
        )  # fmt: skip
    low, q1, median, q3, high = (number(v, 1) for v in at["x"].quantile([0, 0.25, 0.5, 0.75, 1]))
    told = {say("Thấp nhất"): low, say("Tứ phân vị 1"): q1, say("Trung vị"): median}
    told |= {say("Tứ phân vị 3"): q3, say("Cao nhất"): high}
    words = "; ".join(f"{head} {value}" for head, value in told.items())
    mark(at["ax"].patches[-1], (name, words))


def _size(values: pd.Series, high: float, wide: float) -> float:
    """How large points may be to find room beside each other; 0 where they find none."""
    for size in _SIZES:
        fullest = (values * wide / 106 // size).value_counts().max()
        if len(values) <= MOST and fullest * size * 1.1 <= high:
            return size
    return 0
