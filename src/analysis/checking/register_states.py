"""The state of a record on a day follows from its dates alone.

The states and their identities are those of the totals that the Prime Minister's task force
published for 2017 (METHOD.md, 13)::

    all = completed + open
    completed = on time + late (+ without deadline)
    open = within deadline + overdue (+ without deadline)
"""

import numpy as np
import pandas as pd

from analysis.checking import register_entries
from analysis.schema.tables import STATES

COMPLETED = [s for s in STATES if s.startswith("completed")]
OPEN = [s for s in STATES if s.startswith("open")]


def state(held: pd.DataFrame, form: dict, on: object) -> pd.Series:
    """The state of each record at the end of a day: one day, or a column with one for each.

    What is closed later is still open that day; what is due that day is within its deadline.
    Records not ``placed`` have none.
    """
    dates = form["dates"]
    when = pd.to_datetime(on)
    due, closed = held[dates["due"]], held[dates["closed"]]
    done = closed.notna() & (closed <= when)
    kind = np.select(
        [due.isna(), (done & (closed <= due)) | (~done & (due >= when))],
        ["no_deadline", "kept"],
        "missed",
    )
    words = {"kept": ("on_time", "within"), "missed": ("late", "overdue")}
    named = [
        f"completed_{words.get(k, (k,))[0]}" if d else f"open_{words.get(k, (k,))[-1]}"
        for k, d in zip(kind, done, strict=True)
    ]
    return pd.Series(named, index=held.index, dtype=object).where(held["placed"], None)


def followed(held: pd.DataFrame, form: dict, plan) -> pd.DataFrame:
    """The records that the period counts, with their ``state`` on its last day and days overdue.

    Opened by then, and not closed before the period began: that belongs to an earlier one. Adds
    ``opened`` (before or during the period), ``days_over`` and ``days_left``.
    """
    dates = form["dates"]
    start, end = pd.Timestamp(plan.start), pd.Timestamp(plan.end)
    wide = register_entries.table(held, form)
    wide = wide.assign(state=state(wide, form, end))
    opened, closed = wide[dates["opened"]], wide[dates["closed"]]
    ours = wide["placed"] & (opened <= end) & ~(closed < start)
    since = np.where(opened < start, "before", "during")
    left = (wide[dates["due"]] - end).dt.days.where(wide["state"].isin(OPEN))
    wide = wide.assign(
        opened=since, days_left=left.where(left >= 0), days_over=(-left).where(left < 0)
    )
    return wide[ours].reset_index(drop=True)
