"""Registers: each row a record with dates. What was written → records, their state, their counts.

A record is opened, may be due and may be closed (tasks: assigned, due, completed). Its state on a
day follows from these dates alone; the states and their identities are those of the totals that the
Prime Minister's task force published for 2017 (METHOD.md, 13)::

    all = completed + open
    completed = on time + late (+ without deadline)
    open = within deadline + overdue (+ without deadline)
"""

import re
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from analysis.language.words import MISSING, day, fold, meant, plain
from analysis.schema import OBSERVATIONS, RECORDS, STATES, shaped

COMPLETED = [s for s in STATES if s.startswith("completed")]
OPEN = [s for s in STATES if s.startswith("open")]
_PLACE = ["source_file", "source_sheet", "source_cell", "raw_text", "reporting_unit", "form"]
FINDINGS = [*_PLACE, "item", "rule", "found", "expected"]
_BLANK = {"-", "–", "—", "…", "...", "x", "X", "/"}
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?$")
_DAY = re.compile(r"^(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})$")
_WORDS = re.compile(r"^(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})$")
_SERIAL = re.compile(r"^\d{5}(?:\.0)?$")
_YEARS = range(2000, 2100)
_EPOCH = date(1899, 12, 30)

Entry = tuple[str | None, str, str | None, str | None]


# --- what was written --------------------------------------------------------------------------


def parse(cells: pd.DataFrame, forms: dict, names: dict, labels: dict) -> pd.DataFrame:
    """Add ``entry`` and ``obs_status`` to the cells of records; findings go to ``rule``, ``found``.

    Parameters
    ----------
    cells
        Located cells (schema.LOCATED).
    names, labels
        Folded unit name → code; code → name.

    Returns
    -------
    The cells with ``entry``: a day as yyyy-mm-dd, the code of a choice or unit, codes of several
    units joined by ``|``, else the text. ``obs_status`` is A, O (blank) or V (not accepted).
    """
    cells = cells.assign(entry=None)
    here = cells.index[cells["role"] == "record"]
    read: dict[tuple, Entry] = {}
    found = []
    asked = cells.loc[here, ["form", "item", "raw_text", "raw_type"]]
    for key in asked.itertuples(index=False, name=None):
        if key not in read:
            form, item, text, raw_type = key
            read[key] = _entry(text, raw_type, forms[form]["attributes"][item], names, labels)
        found.append(read[key])
    columns = ["entry", "obs_status", "rule", "found"]
    cells.loc[here, columns] = pd.DataFrame(found, index=here, columns=columns, dtype=object)
    return cells


def _entry(raw_text: str, raw_type: str, attribute: dict, names: dict, labels: dict) -> Entry:
    text = plain(raw_text)
    if text == "" or text in _BLANK:
        if attribute.get("required"):
            return None, "V", "required_missing", attribute["head"]["vi"]
        return None, "O", "sign_for_blank" if text else None, None
    kind = attribute["kind"]
    if kind == "date":
        return _date(text, raw_type)
    if kind == "choice":
        return _choice(text, attribute["choices"])
    if kind == "unit":
        code = meant(text, names)
        return (code, "A", None, None) if code else (None, "V", "record_unit_unknown", None)
    if kind == "units":
        return _units(text, names, labels)
    if kind == "count":
        whole = text.removesuffix(".0")
        fits = whole.isascii() and whole.isdigit()
        return (whole, "A", None, None) if fits else (None, "V", "number_unreadable", None)
    return text, "A", None, None


def _date(text: str, raw_type: str) -> Entry:
    """A day as a spreadsheet or a person writes it; nothing ambiguous is guessed."""
    if raw_type == "number" and _SERIAL.match(text):
        value = _EPOCH + timedelta(days=int(float(text)))
        if value.year in _YEARS:
            return value.isoformat(), "A", "date_serial", day(value)
    parts = [int(p) for m in [_ISO.match(text)] if m for p in m.groups()]
    if not parts and (found := _DAY.match(text) or _WORDS.match(fold(text))):
        parts = [int(p) for p in reversed(found.groups())]
    try:
        value = datetime(parts[0] + (2000 if parts[0] < 100 else 0), *parts[1:]).date()
    except (IndexError, ValueError):
        return None, "V", "record_date_unreadable", None
    if value.year not in _YEARS:
        return None, "V", "record_date_unreadable", None
    asked = raw_type != "text" or _ISO.match(text) or text == day(value)
    return value.isoformat(), "A", None if asked else "date_as_text", day(value)


def _choice(text: str, choices: dict) -> Entry:
    for code, words in choices.items():
        known = [code, words["vi"], words["en"], *words.get("aliases", [])]
        if fold(text) in map(fold, known):
            return code, "A", None, None
    return None, "V", "choice_unknown", ", ".join(w["vi"] for w in choices.values())


def _units(text: str, names: dict, labels: dict) -> Entry:
    """Several units; one that is not known stays in the raw text and is named in the finding."""
    written = [t.strip() for t in text.split(";") if t.strip()]
    codes = {t: meant(t, names) for t in written}
    unknown = [t for t, code in codes.items() if code is None]
    entry = "|".join(dict.fromkeys(filter(None, codes.values()))) or None
    return entry, "A", "with_unknown" if unknown else None, "; ".join(unknown) or None


# --- records -----------------------------------------------------------------------------------


def records(cells: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """The cells of records as schema.RECORDS: one row per record and attribute.

    A record's unit is that of the column which its form names as ``lead``, else the sender's.
    """
    held = cells[cells["role"] == "record"]
    held = held.rename(columns={"item": "attribute"}).reset_index(drop=True)
    key = ["source_file", "row"]
    for column, role in (("record", "record"), ("owner", "lead")):
        named = held["attribute"] == held["form"].map(lambda f, r=role: forms[f].get(r))
        own = held.loc[named, [*key, "entry"]].rename(columns={"entry": column})
        held = held.merge(own, on=key, how="left")
    has_lead = held["form"].map(lambda f: "lead" in forms[f]).astype(bool)
    entry = held["entry"].where(held["obs_status"] != "V")
    held = held.assign(
        sender=held["reporting_unit"],
        reporting_unit=held["owner"].where(has_lead, held["reporting_unit"]),
        record=held["record"].where(held["record"].notna(), "dòng " + held["row"].astype(str)),
        entry=entry.where(entry.notna(), None),
    )
    return shaped(held, RECORDS)


def table(held: pd.DataFrame, form: dict) -> pd.DataFrame:
    """Records of one form, one row each: its attributes, dates read.

    Parameters
    ----------
    held
        schema.RECORDS.

    Returns
    -------
    reporting_unit, sender, record, row, source_file, ``placed`` (nothing in it is refused and
    nothing required is missing) and one column for each attribute of the form.
    """
    own = held[held["form"] == form["form"]]
    key = ["source_file", "row"]
    attributes = form["attributes"]
    wide = own.pivot(index=key, columns="attribute", values="entry")
    wide = wide.reindex(columns=list(attributes)).astype(object)
    wide = wide.where(wide.notna(), None)
    for code, attribute in attributes.items():
        if attribute["kind"] == "date":
            wide[code] = pd.to_datetime(wide[code])
    required = [c for c, a in attributes.items() if a.get("required")]
    refused = (own["obs_status"] == "V").groupby([own[k] for k in key]).any()
    placed = wide[required].notna().all(axis=1) & ~refused.reindex(wide.index, fill_value=False)
    whose = own.groupby(key)[["reporting_unit", "sender", "record"]].first()
    return whose.join(placed.rename("placed")).join(wide.rename_axis(columns=None)).reset_index()


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
    wide = table(held, form)
    wide = wide.assign(state=state(wide, form, end))
    opened, closed = wide[dates["opened"]], wide[dates["closed"]]
    ours = wide["placed"] & (opened <= end) & ~(closed < start)
    since = np.where(opened < start, "before", "during")
    left = (wide[dates["due"]] - end).dt.days.where(wide["state"].isin(OPEN))
    wide = wide.assign(
        opened=since, days_left=left.where(left >= 0), days_over=(-left).where(left < 0)
    )
    return wide[ours].reset_index(drop=True)


# --- findings ----------------------------------------------------------------------------------


def findings(held: pd.DataFrame, previous: pd.DataFrame, forms: dict, plan) -> pd.DataFrame:
    """What does not go together in a record, between records, or with the register before.

    Parameters
    ----------
    held, previous
        schema.RECORDS of the period and of the one before it (may be empty).

    Returns
    -------
    FINDINGS; the unit is the sender, who has to mend it.
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
    return (
        shaped(pd.concat(found, ignore_index=True), FINDINGS)
        if found
        else pd.DataFrame(columns=FINDINGS)
    )


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
        return pd.DataFrame(columns=FINDINGS)
    files = wide[["source_file", "sender"]].drop_duplicates()
    return pd.DataFrame(
        [
            dict.fromkeys(FINDINGS, "")
            | dict(source_file=f.source_file, reporting_unit=f.sender, form=form["form"])
            | dict(rule="record_lost", found=", ".join(sorted(gone)), expected=str(len(gone)))
            for f in files.itertuples()
        ]
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
    return shaped(pd.DataFrame(rows), FINDINGS)


# --- counts ------------------------------------------------------------------------------------


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
        return pd.DataFrame(columns=OBSERVATIONS)
    text = dict(raw_text="", source_sheet="", source_cell="", level="_T", field="_T")
    result = pd.concat(found, ignore_index=True)
    result = result.assign(time_period=plan.code, obs_status=plan.obs_status, **text)
    return shaped(result, OBSERVATIONS)


def _meets(rows: pd.DataFrame, condition: dict) -> pd.Series:
    chosen = pd.Series(True, index=rows.index)
    if "state" in condition:
        chosen &= rows["state"].isin(condition["state"])
    if "opened" in condition:
        chosen &= rows["opened"] == condition["opened"]
    return chosen


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
        blank = dict(source_sheet="", source_cell="", raw_text="")
        rows.append(at | blank | dict(found="; ".join(said), expected=str(len(said))))
    return pd.concat([found[~counted], pd.DataFrame(rows)], ignore_index=True)


def rates(figures: pd.DataFrame) -> pd.DataFrame:
    """Shares in percent beside the counts of states (columns completed, open_overdue …).

    ``completed_share`` = completed ÷ (completed + open overdue) and ``overdue_share`` = open
    overdue ÷ the same: what is still within its deadline is in neither. ``on_time_share`` = on time
    ÷ (on time + late). Nothing to measure gives no share.
    """
    due = figures["completed"] + figures["open_overdue"]
    timed = figures["completed_on_time"] + figures["completed_late"]
    return figures.assign(
        completed_share=(100 * figures["completed"] / due).where(due > 0),
        overdue_share=(100 * figures["open_overdue"] / due).where(due > 0),
        on_time_share=(100 * figures["completed_on_time"] / timed).where(timed > 0),
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
