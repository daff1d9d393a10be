"""How many records of registers are in which state: the items that forms count, and tables."""

import pandas as pd

from analysis.checking.register_states import COMPLETED, OPEN, followed
from analysis.language.words import fold
from analysis.schema.tables import RECORD_COUNTS, STATES


def counts(held: pd.DataFrame, forms: dict, plan, units: list[str]) -> pd.DataFrame:
    """The items that forms count from their records, for every unit of ``units`` and every lead.

    A unit without a record has 0: the register is complete or it is not a register. Records not
    ``placed`` are in no count; they are among the issues. Returns schema.OBSERVATIONS without cell.
    """
    found = []
    for form in forms.values():
        if form["layout"] != "register" or not (held["form"] == form["form"]).any():
            continue
        asked = {c: i["count"] for c, i in form["items"].items() if "count" in i}
        rows = followed(held, form, plan)
        own = held.loc[held["form"] == form["form"], ["source_file", "received_at", "revision"]]
        whose = list(dict.fromkeys([*units, *rows["reporting_unit"].dropna()]))
        for item, condition in asked.items():
            mine = rows[_meets(rows, condition)].groupby("reporting_unit").size()
            mine = mine.reindex(whose, fill_value=0).rename_axis("reporting_unit")
            figures = mine.rename("obs_value").astype(float).reset_index()
            found.append(figures.assign(item=item, form=form["form"], **own.iloc[0].to_dict()))
    if not found:
        return RECORD_COUNTS.of([])
    text = dict(raw_text="", source_sheet="", source_cell="", level="_T", field="_T")
    result = pd.concat(found, ignore_index=True)
    result = result.assign(time_period=plan.code, obs_status=plan.obs_status, **text)
    return RECORD_COUNTS.take(result)


def _meets(rows: pd.DataFrame, condition: dict) -> pd.Series:
    chosen = pd.Series(True, index=rows.index)
    if "state" in condition:
        chosen &= rows["state"].isin(condition["state"])
    if "opened" in condition:
        chosen &= rows["opened"] == condition["opened"]
    return chosen


def rates(figures: pd.DataFrame) -> pd.DataFrame:
    """Shares in percent beside the counts of states (columns completed, open_overdue …).

    ``completed_share`` = completed ÷ (completed + open overdue) and ``overdue_share`` = open
    overdue ÷ the same: what is still within its deadline is in neither. ``on_time_share`` = on time
    ÷ (on time + late). Nothing to measure gives no share.
    """
    due = figures["completed"] + figures["open_overdue"]
    timed = figures["completed_on_time"] + figures["completed_late"]
    return figures.assign(
        completed_share=100 * figures["completed"] / due,
        overdue_share=100 * figures["open_overdue"] / due,
        on_time_share=100 * figures["completed_on_time"] / timed,
    )


def states(rows: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """How many records are in each state, by the values of a column or all together, with shares.

    Returns ``by`` (or ``whole``), all, completed, open, one column per state and those of
    :func:`rates`; most records first.
    """
    key = rows[by].rename(by) if by else pd.Series("whole", index=rows.index, name="whole")
    found = rows.groupby([key, "state"]).size().unstack(fill_value=0)
    found = found.reindex(columns=STATES, fill_value=0).rename_axis(columns=None)
    found.insert(0, "all", found.sum(axis=1))
    found.insert(1, "completed", found[COMPLETED].sum(axis=1))
    found.insert(2, "open", found[OPEN].sum(axis=1))
    return rates(found.reset_index()).sort_values("all", ascending=False, ignore_index=True)


def ageing(rows: pd.DataFrame, form: dict) -> pd.Series:
    """Records open and overdue by how long, in the bands of the form: (from, to) days → number.

    The last band has no end (to is 0). Without any record the numbers are missing, not 0.
    """
    edges = [0, *form["ageing"]]
    bands = [(a + 1, b) for a, b in zip(edges, edges[1:], strict=False)] + [(edges[-1] + 1, 0)]
    over = rows.loc[rows["state"] == "open_overdue", "days_over"]
    count = [((over >= a) & ((over <= b) | (b == 0))).sum() for a, b in bands]
    index = pd.MultiIndex.from_tuples(bands, names=["from", "to"])
    return pd.Series(count if len(rows) else float("nan"), index=index)


def forecast(rows: pd.DataFrame, form: dict) -> pd.DataFrame:
    """Open records that fall due within so many days of the form, by unit; ``_T`` is all of them.

    Returns reporting_unit and one column per horizon (days); most to do in the longest one first.
    Without any record there is no row, not even of all.
    """
    left = rows.loc[rows["state"] == "open_within"]
    wide = pd.DataFrame(
        {
            h: (left["days_left"] <= h).groupby(left["reporting_unit"]).sum()
            for h in form["forecast"]
        }
    ).astype(int)
    last = form["forecast"][-1]
    wide = wide[wide[last] > 0].sort_values([last, form["forecast"][0]], ascending=False)
    whole = wide.sum().to_frame("_T").T.iloc[: len(rows)]
    return pd.concat([whole, wide]).rename_axis("reporting_unit").reset_index()


def themes(rows: pd.DataFrame, form: dict) -> pd.DataFrame:
    """Which themes of the form each record has: record, theme and the ``keyword`` that was found.

    Keywords are compared as whole words without accents and case; a record may have several themes.
    """
    listed = form["themes"]["list"].items()
    found = []
    for row in rows.itertuples():
        text = f" {fold(getattr(row, form['themes']['attribute']) or '')} "
        for code, theme in listed:
            hit = next((k for k in theme["keywords"] if f" {fold(k)} " in text), None)
            if hit:
                found.append((row.record, code, hit, row.reporting_unit, row.state))
    columns = ["record", "theme", "keyword", "reporting_unit", "state"]
    return pd.DataFrame(found, columns=columns)
