"""How a fieldwork comes on, day by day."""

import pandas as pd

from analysis.display.charts import canvas, figure
from analysis.display.charts.chart import Chart
from analysis.display.charts.figure import ACCENT, PALE, QUIET, finish, numbers_on, styled
from analysis.display.charts.svg import mark
from analysis.language.languages import say
from analysis.language.words import day, number


@styled
def so_far(table: pd.DataFrame, planned: int, *, title: str, unit: str, source: str) -> Chart:
    """Firms that answered, day by day (bars) and so far (line), beside the number that is planned.

    ``table``: day, firms, so_far; no day between the first and the last is left out.
    """
    if table.empty:
        return figure.not_yet(title)
    fig, ax = canvas.area(2.6)
    for i, row in enumerate(table.itertuples()):
        bar = ax.bar(i, row.firms, width=0.8, color=PALE)
        mark(bar[0], (day(row.day), f"{number(row.firms)} / {number(row.so_far)}"))
    ax.plot(range(len(table)), table["so_far"], color=ACCENT, lw=2, marker="o", ms=3)
    ax.axhline(planned, color=QUIET, lw=1, ls="--")
    figure.beside(ax, number(planned), (0, planned), (0, 4), va="baseline")
    ax.set_ylim(0, 1.15 * max(planned, table["so_far"].iloc[-1], 1))
    numbers_on(ax, ax.yaxis)
    ticks = sorted({0, (len(table) - 1) // 2, len(table) - 1})
    ax.set_xticks(ticks, [day(table["day"].iloc[i]) for i in ticks])
    last = table.iloc[-1]
    found = say(
        "{n} trong {of} doanh nghiệp dự kiến, đến ngày {day}",
        n=number(last["so_far"]), of=number(planned), day=day(last["day"]),
    )  # fmt: skip
    data = pd.DataFrame(
        {
            say("Ngày"): table["day"].map(day),
            say("Trong ngày"): table["firms"].map(number),
            say("Đến nay"): table["so_far"].map(number),
        }
    )
    return finish(fig, found, title=title, unit=unit, source=source, data=data)
