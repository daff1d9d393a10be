"""What does not go together in a register: in a record, between records, with the one before."""

import pandas as pd

from analysis.checking.register_entries import table
from analysis.checking.register_states import COMPLETED, OPEN, state
from analysis.language.words import MISSING, day
from analysis.schema.tables import FINDINGS, NOWHERE


def findings(held: pd.DataFrame, previous: pd.DataFrame, forms: dict, plan) -> pd.DataFrame:
    """What does not go together in a record, between records, or with the register before.

    Parameters
    ----------
    held, previous
        schema.RECORDS of the period and of the one before it (may be empty).

    Returns
    -------
    schema.FINDINGS; the unit is the sender, who has to mend it.
    """
    found = []
    for form in forms.values():
        if form["layout"] != "register" or not (held["form"] == form["form"]).any():
            continue
        wide = table(held, form)
        marks = [*_dates(wide, form, plan), *_statuses(wide, form, plan), *_repeated(wide, form)]
        before = table(previous, form)
        if len(before):
            marks += _against(wide, before, form, plan)
            found.append(_lost(wide, before, form, plan))
        found.append(_at_cells(marks, held, form))
    found = [f for f in found if len(f)]
    return pd.concat(found, ignore_index=True) if found else FINDINGS.of([])


Mark = tuple[pd.Series, str, str, pd.Series | str, pd.Series | str]
"""Which records, at which attribute, by which rule, what was found and what was expected."""


def _dates(wide: pd.DataFrame, form: dict, plan) -> list[Mark]:
    names = form["dates"]
    opened, due, closed = (wide[names[k]] for k in ("opened", "due", "closed"))
    start, end = pd.Timestamp(plan.start), pd.Timestamp(plan.end)
    said, last = closed.map(day), day(end)
    return [
        (closed < opened, names["closed"], "closed_before_opened", said, opened.map(day)),
        (due < opened, names["due"], "due_before_opened", due.map(day), opened.map(day)),
        (opened > end, names["opened"], "opened_after_period", opened.map(day), last),
        ((closed > end) & (opened <= end), names["closed"], "closed_after_period", said, last),
        (
            (closed < start) & (closed >= opened),
            names["closed"],
            "closed_before_period",
            said,
            day(start),
        ),
    ]


def _statuses(wide: pd.DataFrame, form: dict, plan) -> list[Mark]:
    """What the row says of its state beside what its dates say: the dates decide, or neither."""
    if "status" not in form:
        return []
    attribute, means = form["status"]["attribute"], form["status"]["means"]
    closed = wide[form["dates"]["closed"]]
    day_told = closed.where(closed.notna(), pd.Timestamp(plan.end))
    told = state(wide.assign(placed=True), form, day_told)
    stated = wide[attribute].map(means)
    known = stated.notna()
    differs = known & ~pd.Series(
        [t in (s or []) for t, s in zip(told, stated.where(known, None), strict=True)], wide.index
    )
    says_done = known & stated.map(lambda s: s is not None and s == s and set(s) <= set(COMPLETED))
    is_done = told.isin(COMPLETED)
    choices = form["attributes"][attribute]["choices"]
    said = wide[attribute].map({c: w["vi"] for c, w in choices.items()})
    by_date = told.map({s: w["vi"] for s, w in form.get("state_names", {}).items()})
    crossed = differs & (says_done != is_done)
    return [
        (crossed & says_done, form["dates"]["closed"], "closed_without_date", said, ""),
        (crossed & is_done, attribute, "closed_but_open", said, closed.map(day)),
        (differs & ~crossed, attribute, "status_contradicts", said, by_date),
    ]


def _repeated(wide: pd.DataFrame, form: dict) -> list[Mark]:
    code = form["record"]
    twice = wide[code].notna() & wide.duplicated(["source_file", code], keep=False)
    return [(twice, code, "record_repeated", wide[code], "")]


def _against(wide: pd.DataFrame, before: pd.DataFrame, form: dict, plan) -> list[Mark]:
    """A record that was not in the register before although it is older; a deadline that moved."""
    code, dates = form["record"], form["dates"]
    start = pd.Timestamp(plan.start)
    older = wide["placed"] & (wide[dates["opened"]] < start) & ~wide[code].isin(before[code])
    held = before.dropna(subset=[code]).drop_duplicates(code).set_index(code)[dates["due"]]
    was = wide[code].map(held)
    now = wide[dates["due"]]
    moved = wide[code].isin(held.index) & (now != was) & ~(now.isna() & was.isna())
    return [
        (older, code, "record_backdated", wide[dates["opened"]].map(day), day(start)),
        (moved & wide["placed"], dates["due"], "due_changed", now.map(day), was.map(day)),
    ]


def _lost(wide: pd.DataFrame, before: pd.DataFrame, form: dict, plan) -> pd.DataFrame:
    """Records that were open and are not in the register any more: one finding for each file."""
    then = pd.Timestamp(plan.start) - pd.Timedelta(days=1)
    was_open = state(before, form, then).isin(OPEN)
    gone = before.loc[was_open & ~before["record"].isin(wide["record"]), "record"]
    if gone.empty:
        return FINDINGS.of([])
    files = wide[["source_file", "sender"]].drop_duplicates()
    return FINDINGS.of(
        dict(source_file=f.source_file, reporting_unit=f.sender, form=form["form"], item="")
        | NOWHERE
        | dict(rule="record_lost", found=", ".join(sorted(gone)), expected=str(len(gone)))
        for f in files.itertuples()
    )


def _at_cells(marks: list[Mark], held: pd.DataFrame, form: dict) -> pd.DataFrame:
    key = ["source_file", "row", "attribute"]
    own = held[held["form"] == form["form"]].set_index(key, drop=False)
    wide = table(held, form)
    rows = []
    for chosen, attribute, rule, found, expected in marks:
        for i in wide.index[chosen.fillna(False).astype(bool)]:
            at = (wide.at[i, "source_file"], wide.at[i, "row"], attribute)
            if at not in own.index:  # the sheet has no such column: said once, for the file
                continue
            cell = own.loc[at]
            if cell["obs_status"] == "V":  # what is wrong with it has been said
                continue
            place = {k: cell[k] for k in ("source_file", "source_sheet", "source_cell", "raw_text")}
            words = [w if isinstance(w, str) else w[i] for w in (found, expected)]
            rows.append(
                place
                | dict(reporting_unit=cell["sender"], form=form["form"], item=attribute)
                | dict(rule=rule, found=words[0] or MISSING, expected=words[1] or MISSING)
            )
    return FINDINGS.of(rows)


def together(found: pd.DataFrame, forms: dict, senders: dict, names: dict) -> pd.DataFrame:
    """Findings on counts of many units as one for each register and rule, to its sender.

    ``found`` as of :func:`analysis.checking.validate.figures`; findings on other forms are left as
    they are.
    """
    counted = found["form"].map(lambda f: f in forms and forms[f]["layout"] == "register")
    counted = counted.astype(bool)
    if not counted.any():
        return found
    rows = []
    for (file, form, rule), group in found[counted].groupby(["source_file", "form", "rule"]):
        said = [
            f"{names.get(r.reporting_unit, r.reporting_unit)}: {r.found} ≠ {r.expected}"
            for r in group.itertuples()
        ]
        at = dict(source_file=file, form=form, rule=rule, reporting_unit=senders.get(file))
        rows.append(at | NOWHERE | dict(found="; ".join(said), expected=str(len(said))))
    return pd.concat([found[~counted], FINDINGS.of(rows)], ignore_index=True)
