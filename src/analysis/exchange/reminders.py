"""Reminders to units that have not sent all that is due: a text for each, ready to be mailed."""

from datetime import date
from pathlib import Path

import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.checking import timeliness
from analysis.exchange.parcels import address
from analysis.language.words import day
from analysis.schema.tables import TABLES
from analysis.storage.owned import ENDING, Owned

_WHY = {"missing": "chưa nhận được", "refused": "đã nhận nhưng không dùng được, phải gửi lại"}


def texts(tables, plan: plans.PeriodPlan, catalogue: cat.Catalogue, on: date) -> dict[str, str]:
    """Code of a unit → its reminder, for those that lack a form on a day.

    Parameters
    ----------
    tables
        With ``submissions``, ``observations`` and ``issues`` as known on that day; None where
        nobody has sent anything.
    on
        The day of the reminder.
    """
    due = {form: plans.due_units(catalogue, plan, form) for form in plan.forms}
    of = ("submissions", "observations", "issues")
    known = [getattr(tables, n) if tables is not None else TABLES[n].of([]) for n in of]
    held = timeliness.records(*known, due, plan.code, plan.deadline)
    absent = held[held["state"].isin(list(_WHY))]
    names = {u.code: u.name_vi for units in due.values() for u in units.itertuples()}
    return {
        str(unit): _text(names[str(unit)], own, plan, catalogue, on)
        for unit, own in absent.groupby("reporting_unit", sort=True)
    }


def _text(
    name: str, absent: pd.DataFrame, plan: plans.PeriodPlan, catalogue: cat.Catalogue, on: date
) -> str:
    forms = [(catalogue.forms[row.form], row.state) for row in absent.itertuples()]
    lines = [
        f"Tiêu đề: Nhắc gửi báo cáo, {plan.period.name}, {name}",
        "",
        f"Kính gửi: {name}",
        "",
        f"Đến hết ngày {day(on)} còn {len(forms)} biểu của {plan.period.name} (số liệu từ ngày "
        f"{day(plan.start)} đến ngày {day(plan.end)}) chưa có số liệu dùng được:",
        "",
        *(
            f"- {form.get('number', form['form'])}: {form['title']['vi']}; {_WHY[state]}; "
            f"gửi cho {address(form)}."
            for form, state in forms
        ),
        "",
        _deadline(plan, on),
        "Nếu đã gửi, xin báo lại ngày gửi và tên tệp.",
    ]
    if plan.synthetic:
        lines.insert(0, "KỲ MINH HỌA: số liệu do máy sinh, không gửi thư này.\n")
    return "\n".join(lines) + "\n"


def _deadline(plan: plans.PeriodPlan, on: date) -> str:
    if plan.deadline is None:
        return "Chế độ báo cáo không quy định ngày hạn gửi."
    late = (on - plan.deadline).days
    until = f"Hạn gửi là ngày {day(plan.deadline)}"
    return f"{until}, đã quá {late} ngày." if late > 0 else f"{until}, còn {-late} ngày."


def write(folder: Path, code: str, made: dict[str, str]) -> tuple[list[Path], dict[Path, Path]]:
    """Write the reminders of a period; one that somebody edited stays, the new one beside it.

    Those of units that have sent meanwhile go, unless they were edited.

    Returns
    -------
    The files, and what stayed → the new file beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = Owned(folder, folder / f".{code}{ENDING}")
    placed = [
        held.write(f"{unit}_{code}.txt", text.replace("\n", "\r\n").encode("utf-8-sig"))
        for unit, text in made.items()
    ]
    held.settle()
    beside = {folder / name: folder / new for name, new in held.beside.items()}
    return [folder / name for name in placed], beside
