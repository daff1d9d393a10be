"""The illustrative periods: synthetic submissions of every form, with the mess offices send.

Nothing here is a figure of a real office. The figures are those of :mod:`tools.sample.dossiers`
(form II.06a) and :mod:`tools.sample.figures` (every other form); in 2022-Q2 they are spoilt by the
table of :mod:`tools.sample.faults`, in the other periods some submissions come late, some never
and some wrong at first, as often as ``samples.yml`` says. Which periods there are stands there too;
which forms each has, in its ``period.yml``. A period after mergers has the figures that the parts
of each unit would have had, added up.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import periods, plans
from analysis.exchange import blank_forms, neutral
from analysis.indicators import recast
from tools.sample import dossiers
from tools.sample import figures as model
from tools.sample.faults import FAULTS, Fault, Sheet
from tools.sample.faults import PERIOD as FAULTY

_CENTRE = "VPCP"
"""Who sends the long files, which hold all units."""
_CORRECTED_AFTER = 4  # days


@dataclass(frozen=True)
class Country:
    """The figures that all offices have, of any form in any period of ``samples.yml``."""

    catalogue: cat.Catalogue
    hints: dict
    root: Path

    def plan(self, code: str) -> plans.PeriodPlan:
        return plans.plan(code, self.catalogue, self.root)

    def forms(self, code: str) -> list[dict]:
        """Forms of the period for which figures can be made."""
        held = [self.catalogue.forms[form] for form in self.plan(code).forms]
        return [form for form in held if form["layout"] in ("sheet", "long")]

    def quarters(self, code: str) -> int:
        """Quarters from the origin to the period."""
        return _quarter(code) - _quarter(self.hints["origin"])

    @cached_property
    def origin(self) -> plans.PeriodPlan:
        return self.plan(self.hints["origin"])

    @cached_property
    def units(self) -> pd.DataFrame:
        """The units of the origin: those of later days are made of them."""
        return plans.due_units(self.catalogue, self.origin)

    @cached_property
    def _drawn(self) -> pd.DataFrame:
        return dossiers.drawn(self.catalogue, self.units)

    @cached_property
    def _made(self) -> dict:
        return {}

    def figures(self, form: dict, code: str) -> pd.DataFrame:
        """What the units due in the period have to report (see sample_model.figures)."""
        plan = self.plan(code)
        table = self.of_origin(form, code)
        if plan.end > self.origin.end:
            mapping = recast.mapping(
                self.catalogue.units, self.origin.end, plan.end, self.catalogue.transfers
            )
            fields = self.catalogue.fields
            table = model.merged(table, mapping, form, plan.end, self.hints, fields)
        due = plans.due_units(self.catalogue, plan, form["form"])["code"]
        return table[table["reporting_unit"].isin(due)].reset_index(drop=True)

    def of_origin(self, form: dict, code: str) -> pd.DataFrame:
        """The same for the units of the origin."""
        if (form["form"], code) not in self._made:
            self._made[form["form"], code] = self._make(form, code)
        return self._made[form["form"], code]

    def _make(self, form: dict, code: str) -> pd.DataFrame:
        if form["form"] == dossiers.FORM:
            return dossiers.at(self._drawn, code, self.quarters(code))
        wanted = self.hints["forms"].get(form["form"], {}).values()
        sources = {hint["from"]["form"] for hint in wanted if "from" in hint}
        known = {name: self.of_origin(self.catalogue.forms[name], code) for name in sources}
        before = periods.parse(code).previous.code
        carried = before in self.hints["periods"] and form in self.forms(before)
        return model.figures(
            form,
            plans.due_units(self.catalogue, self.origin, form["form"]),
            code,
            self.hints,
            self.catalogue.fields,
            self.quarters(code),
            self.of_origin(form, before) if carried else None,
            known,
        )


def country(root: Path | None = None) -> Country:
    """The offices of a project folder's catalogue and periods.

    Raises
    ------
    ValueError
        if ``samples.yml`` names what no form has.
    """
    place = project.Place(root or project.PROJECT)
    catalogue, hints = cat.load(place.root), model.hints(place.root)
    wrong = model.faults(hints, catalogue.forms)
    if wrong:
        raise ValueError("samples.yml: " + "; ".join(wrong))
    return Country(catalogue, hints, place.root)


def _quarter(code: str) -> int:
    period = periods.parse(code)
    return 4 * period.year + (period.months[1] + 2) // 3


# --- workbooks -----------------------------------------------------------------------------------


def filled(
    form: dict, unit: pd.Series, plan: plans.PeriodPlan, names: dict, figures: pd.DataFrame
) -> Sheet:
    """The workbook that a careful office would send; ``names``: code of a field → its name."""
    by_level = {level: group for level, group in figures.groupby("level", sort=False)}
    fields = {level: [names.get(f, f) for f in g["field"]] for level, g in by_level.items()}
    printed = fields if form.get("rows", "fields") == "fields" else {}
    book = blank_forms.blank(form, unit, plan, printed)
    sheet, at = book[form["sheet"]], {}
    codes = {name: code for code, name in names.items()}
    columns = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
    for line in blank_forms.rows(form, unit["type"], plan.end, printed):
        if line.kind == "spare":  # an office deletes the lines that it did not use
            sheet.cell(line.row, 1).value = None
        if line.kind not in ("field", "total"):
            continue
        own = figures if line.level == "_T" else by_level[line.level]
        field = codes.get(line.field, line.field)
        own = own if field == "_T" else own[own["field"] == field]
        for item, total in own[list(columns)].sum().items():
            sheet.cell(line.row, columns[item], int(total) if float(total).is_integer() else total)
            at[line.level, field, item] = (line.row, columns[item])
    return Sheet(form, book, at)


def saved(form: Sheet) -> bytes:
    """The file that an office sends: it keeps the guide, unless nothing else is left."""
    if blank_forms.GUIDE in form.book.sheetnames and len(form.book.sheetnames) > 1:
        form.book.remove(form.book[blank_forms.GUIDE])
    return neutral.same_bytes(form.book)


def _wrong_at_first(form: Sheet) -> None:
    """Break the first rule of the form: what a correction some days later puts right."""
    rule = form.form["rules"][0]
    item = rule["parts"][0] if rule["kind"] == "sum" else rule["item"]
    level, field = form.rows[0]
    cell = form.sheet.cell(*form.at[level, field, item])
    limit = form.at[level, field, rule.get("limit", item)]
    cell.value = max(cell.value, form.sheet.cell(*limit).value) + 9


# --- what is sent --------------------------------------------------------------------------------


class Sent(NamedTuple):
    """A file as received, and the day."""

    file: str
    content: bytes
    day: date


def submissions(
    whole: Country, code: str, form: str | None = None, units: list[str] | None = None
) -> Iterator[Sent]:
    """What the offices send in a period: of all forms or one, from all units or some.

    The bytes are the same every time.
    """
    plan = whole.plan(code)
    names = dict(
        zip(whole.catalogue.fields["code"], whole.catalogue.fields["name_vi"], strict=True)
    )
    order = plans.due_units(whole.catalogue, plan)["code"].tolist()
    for held in whole.forms(code):
        if form not in (None, held["form"]):
            continue
        due = plans.due_units(whole.catalogue, plan, held["form"])
        if held["layout"] == "long":
            yield _long(whole, held, due, plan)
            continue
        figures = dict(list(whole.figures(held, code).groupby("reporting_unit")))
        for _, unit in due.iterrows():
            if units is None or unit["code"] in units:
                office = _Office(whole, held, unit, plan, names, figures[unit["code"]])
                yield from office.sends(order.index(unit["code"]))


@dataclass(frozen=True)
class _Office:
    """One unit that sends one form in one period."""

    whole: Country
    form: dict
    unit: pd.Series
    plan: plans.PeriodPlan
    names: dict
    figures: pd.DataFrame

    def sends(self, n: int) -> list[Sent]:
        """Its files in order of receipt; ``n`` is the unit's place in the list of units."""
        faulty = self.plan.code == FAULTY
        if not faulty:
            return self._by_habit()
        own = (self.form["form"], self.unit["code"])
        fault = next((f for f in FAULTS if (f.form, f.unit) == own), None)
        late = fault is not None and fault.expected_rule == "received_late"
        start = self.plan.deadline if late else self.plan.end
        day = start + timedelta(days=4 if late else 1 + n % 10)
        return [
            Sent(name, content, day + timedelta(days=i))
            for i, (name, content) in enumerate(self._with(fault))
        ]

    @property
    def _name(self) -> str:
        return f"{_prefix(self.form)}_{self.unit['code']}_{self.plan.code}.xlsx"

    def _filled(self) -> Sheet:
        return filled(self.form, self.unit, self.plan, self.names, self.figures)

    def _earlier(self) -> bytes:
        """The workbook of the period before, once more."""
        plan = self.whole.plan(self.plan.period.previous.code)
        figures = self.whole.figures(self.form, plan.code)
        own = figures[figures["reporting_unit"] == self.unit["code"]]
        return saved(filled(self.form, self.unit, plan, self.names, own))

    def _with(self, fault: Fault | None) -> list[tuple[str, bytes]]:
        name, rule = self._name, fault.expected_rule if fault else ""
        if rule == "not_received":
            return []
        if rule == "period_mismatch":
            return [(name, self._earlier())]
        if rule == "file_type":
            return [(name.replace(".xlsx", ".docx"), b"PK\x03\x04 word processor file")]
        clean = saved(self._filled())
        if rule == "duplicate_submission":
            return [(name, clean), (name.replace(".xlsx", "_gui_lai.xlsx"), clean)]
        if fault is None:
            return [(name, clean)]
        if fault.damage:
            return [(name, fault.damage(clean))]
        spoilt = self._filled()
        fault.spoil(spoilt)
        if rule == "superseded":
            return [(name, saved(spoilt)), (name.replace(".xlsx", "_sua.xlsx"), clean)]
        return [(name, saved(spoilt))]

    def _by_habit(self) -> list[Sent]:
        """Late, never or wrong at first, by the shares of the period and the unit's habit."""
        chance = self.whole.hints["periods"][self.plan.code]
        draws = model.rng("sends", self.unit["code"], self.form["form"], self.plan.code)
        habit = model.rng("habit", self.unit["code"]).standard_normal() * self.whole.hints["habit"]
        odds = {k: model.expit(model.logit(p) + habit) if p else 0 for k, p in chance.items()}
        happens = {k: draws.random() < p for k, p in odds.items()}
        in_time, days_late = draws.integers(1, 11), draws.integers(1, 15)
        if happens["missing"]:
            return []
        start = self.plan.deadline if happens["late"] else self.plan.end
        day = start + timedelta(days=int(days_late if happens["late"] else in_time))
        clean = Sent(self._name, saved(self._filled()), day)
        if not happens["corrected"]:
            return [clean]
        wrong = self._filled()
        _wrong_at_first(wrong)
        later = day + timedelta(days=_CORRECTED_AFTER)
        return [
            clean._replace(content=saved(wrong)),
            clean._replace(file=self._name.replace(".xlsx", "_sua.xlsx"), day=later),
        ]


def _long(whole: Country, form: dict, due: pd.DataFrame, plan: plans.PeriodPlan) -> Sent:
    """A long form: one file for all units, a row for each unit and item."""
    figures = whole.figures(form, plan.code).set_index("reporting_unit")
    faults = {f.unit: f for f in FAULTS if f.form == form["form"] and plan.code == FAULTY}
    columns = form["columns"]
    labels = form.get("labels", [])
    lines = [[columns["reporting_unit"], columns["element"], *labels, columns["value"]]]
    for unit in due.itertuples():
        rows = []
        for item, described in form["items"].items():
            known = [described["name"]["vi"], _written(described.get("maximum"), form)]
            own = [unit.name_vi, described["read_from"]["element"], *known[: len(labels)]]
            rows.append([*own, _written(figures.at[unit.code, item], form)])
        if unit.code in faults:
            faults[unit.code].spoil(rows)
        lines += rows
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    day = plan.end + timedelta(days=8)
    return Sent(f"{_prefix(form)}_{_CENTRE}_{plan.code}.csv", text.getvalue().encode("utf-8"), day)


def _written(value: float | None, form: dict) -> str:
    text = "" if value is None else f"{value:g}"
    return text.replace(".", ",") if form["numbers"] == "vietnamese" else text


def _prefix(form: dict) -> str:
    return form["form"].replace(".", "")


def readme(whole: Country, code: str) -> bytes:
    """What stands beside the files of a period."""
    return _README.format(code=code, seed=whole.hints["seed"]).encode("utf-8")


_README = """# {code}: SYNTHETIC / DỮ LIỆU MINH HỌA

Mọi tệp trong thư mục này do máy sinh ra (`python -m tools sample`, seed {seed}); không phải số
liệu thật của bất kỳ đơn vị nào.

Every file here is generated (`src/analysis/sample.py`, seed {seed}). None is a figure of a real
office. Sizes, shares and habits stand in `data/catalogue/samples.yml`, the models at the top of
`sample_dossiers.py` and `sample_model.py`, the faults of 2022-Q2 in `sample_faults.py`.
"""
