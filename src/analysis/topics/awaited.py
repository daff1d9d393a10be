"""What of a period is not here yet: which forms, from whom, until when.

A period lives through its weeks: until all is here a page that rests on a form says how many of the
units that must send it have, and who is awaited.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks, plans
from analysis.checking import timeliness
from analysis.language.languages import choose, column, say, say_many
from analysis.language.words import day, number
from analysis.topics.submissions import sent_by_units

NAMED = 5
"""Units that a sentence names; the others are counted."""
_COLUMNS = ["form", "title", "due", "here", "codes", "units"]


def forms(tables, plan: plans.PeriodPlan, catalogue: cat.Catalogue) -> pd.DataFrame:
    """The forms due in a period that some unit has not sent, or not so that it can be used.

    Returns form, title, due and here (how many units must send it, how many have), codes and
    units (names) of those awaited. Empty where figures are a
    source's that was sent by no unit: nobody is awaited.
    """
    if not sent_by_units(tables):
        return pd.DataFrame(columns=_COLUMNS)
    due = {form: plans.due_units(catalogue, plan, form) for form in plan.forms}
    held = timeliness.records(
        tables.submissions, tables.observations, tables.issues, due, plan.code, plan.deadline
    )
    names = {u.code: getattr(u, column("name")) for of in due.values() for u in of.itertuples()}
    rows = []
    for form, own in held.groupby("form", sort=False, observed=True):
        absent = own[own["state"].isin(["missing", "refused"])]
        if len(absent):
            title = choose(catalogue.forms[form]["title"])
            codes = absent["reporting_unit"].tolist()
            units = [names[u] for u in codes]
            rows.append((form, title, len(own), len(own) - len(absent), codes, units))
    return pd.DataFrame(rows, columns=_COLUMNS)


def feeding(catalogue: cat.Catalogue, plan: plans.PeriodPlan, framework: str) -> list[str]:
    """The forms of a period that have items of a framework."""
    items = frameworks.items(catalogue.frameworks[framework])
    return [form for form in plan.forms if items & set(catalogue.forms[form]["items"])]


def headline(awaited: pd.DataFrame, plan: plans.PeriodPlan, asked: int) -> str:
    """How far a period is, where less than half of what is due is here; empty otherwise.

    ``asked``: how many forms are due of all units together.
    """
    lacking = int((awaited["due"] - awaited["here"]).sum()) if len(awaited) else 0
    here = asked - lacking
    if not lacking or 2 * here >= asked:
        return ""
    figures = {"here": number(here), "n": number(asked)}
    if not here:
        told = say("Chưa có biểu nào trong {n} biểu phải nộp", **figures)
    else:
        told = say("Mới có {here} trong {n} biểu phải nộp", **figures)
    if plan.deadline is None:
        return f"{told}."
    return say("{told}, hạn gửi {day}.", told=told, day=day(plan.deadline))


def asked(plan: plans.PeriodPlan, catalogue: cat.Catalogue) -> int:
    """How many forms are due of all units together."""
    return sum(len(plans.due_units(catalogue, plan, form)) for form in plan.forms)


def sentences(awaited: pd.DataFrame, plan: plans.PeriodPlan) -> list[str]:
    """One sentence for each form of :func:`forms`: how many have sent it, who is awaited."""
    return [_sentence(row) + _until(plan) for row in awaited.itertuples()]


def told(awaited: pd.DataFrame, plan: plans.PeriodPlan, of: Iterable[str]) -> list[str]:
    """What a page says that rests on the forms ``of``: of one that is awaited its sentence; of more
    how many they are, then the sentence of each. Empty where all are here."""
    rows = awaited[awaited["form"].isin(set(of))]
    if len(rows) <= 1:
        return sentences(rows, plan)
    count = say_many("{n} biểu của trang này chưa đủ đơn vị gửi.", len(rows), n=number(len(rows)))
    return [count + _until(plan), *(_sentence(row) for row in rows.itertuples())]


def of_unit(awaited: pd.DataFrame, plan: plans.PeriodPlan, unit: str) -> list[str]:
    """Which forms a unit is awaited with, in a sentence; empty where all of them are here."""
    titles = [f"“{r.title}”" for r in awaited.itertuples() if unit in r.codes]
    if not titles:
        return []
    said = say_many(
        "Đơn vị này chưa gửi bản dùng được của {n} biểu: {titles}.",
        len(titles),
        n=number(len(titles)),
        titles="; ".join(titles),
    )
    return [said + _until(plan)]


def _sentence(row) -> str:
    figures: Mapping[str, str] = {"here": number(row.here), "due": number(row.due)}
    if row.here:
        text = "Biểu “{form}”: {here} trong {due} đơn vị đã gửi bản dùng được; chờ {units}."
        return say(text, form=row.title, units=_named(row.units), **figures)
    text = "Biểu “{form}”: chưa đơn vị nào trong {due} đơn vị gửi bản dùng được; chờ {units}."
    return say(text, form=row.title, units=_named(row.units), **figures)


def _named(units: list[str]) -> str:
    shown = ", ".join(units[:NAMED])
    left = len(units) - NAMED
    return (
        say_many("{units} và {n} đơn vị nữa", left, units=shown, n=number(left))
        if left > 0
        else shown
    )


def _until(plan: plans.PeriodPlan) -> str:
    return " " + say("Hạn gửi: {day}.", day=day(plan.deadline)) if plan.deadline else ""
