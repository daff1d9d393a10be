"""Cells of an export of a reporting system in their places in forms.

What stands in which column says a mapping of the catalogue (``exports/*.yml``). Each row says whose
figure it holds, of which period and item; a row that cannot be placed says why, at the cell by
which it cannot.
"""

from collections import Counter
from typing import Any, NamedTuple

from analysis.language.words import MISSING, fold
from analysis.reading import days, period_codes
from analysis.reading.layouts import export_rows
from analysis.reading.layouts.cells import seen, with_spaces
from analysis.reading.layouts.export_rows import Record, Table

_TOTAL = "_T"
_NO_FIGURE = ("missing", "not_applicable")
"""What a code of a status may mean, by which there is no figure."""


class Target(NamedTuple):
    """Where a figure belongs: an item of a form, or the attribute of a register."""

    form: str
    item: str
    level: str | None
    field: str | None


class _Fault(NamedTuple):
    name: str
    rule: str
    found: str | None = None
    expected: str | None = None


class _Row(NamedTuple):
    """A record, the unit that it names, what is wrong with it, and its figures: column → place."""

    record: Record
    unit: str | None
    faults: list[_Fault]
    figures: dict[str, Target]
    passed_over: bool = False


def locate(rows: list[dict], table: Table, name: str, mapping: dict, forms: dict) -> list[dict]:
    """The cells of an export with role, item and unit (schema.LOCATED).

    Parameters
    ----------
    rows
        All cells of the file.
    table
        What :func:`analysis.reading.layouts.export_rows.of` found in them.
    mapping
        Of the catalogue, with ``of_period``: code, time_period (as SDMX writes it),
        start and end of the period.
    forms
        Those of the period, by code.
    """
    reader = _Reader(table, mapping, forms)
    if table.twice:
        located = _column_twice(rows, table.twice)
    else:
        located = reader.located()
    if mapping["format"] != "json" and not table.twice:
        located = with_spaces(located, seen(rows)[1])
    main = next((r["form"] for r in located if r["form"]), None)
    main = main or next(f for f in mapping["forms"] if f in forms)
    return [{**r, "form": r["form"] or main, "mapping": name} for r in located]


def _column_twice(rows: list[dict], twice: list[dict]) -> list[dict]:
    """Which of two columns is meant, nobody can say."""
    told = {r["source_cell"]: r["raw_text"] for r in twice}
    return [
        {**r, "role": "other", "rule": "column_twice", "expected": told[r["source_cell"]]}
        if r["source_cell"] in told
        else {**r, "role": "other", "covered_by": "column_twice"}
        for r in rows
    ]


class _Reader:
    """A table by a mapping."""

    def __init__(self, table: Table, mapping: dict, forms: dict) -> None:
        self.table, self.mapping = table, mapping
        self.forms = {f: forms[f] for f in mapping["forms"] if f in forms}
        self.ignored = {*mapping.get("ignore", []), *export_rows.built_in(mapping)}
        self.only = {**mapping.get("only", {})}
        if mapping["format"] == "sdmx_csv":
            self.only = export_rows.ACTION | self.only
        self.read = {k: mapping[k]["column"] for k in ("unit", "period", "item", "level", "field",
                     "status") if k in mapping}  # fmt: skip
        self.labels = {*self.read.values(), *self.only, mapping.get("record")}
        self.numbers: dict[tuple, int] = {}

    def located(self) -> list[dict]:
        """All cells: of the head, of what holds for all rows, and row by row."""
        rows = self._complete([self._row(record) for record in self.table.records])
        keys = Counter(key for row in rows for key in self._keys(row))
        found = [{**r, "role": "label"} for r in self.table.head]
        found += [{**r, **_beside(r)} for r in self.table.beside]
        shared: dict[str, _Fault] = {}
        for row in rows:
            found += self._cells(row, keys, shared)
        used = set(self.read.values()) | set(self.only)
        for name, r in self.table.shared.items():
            fault = shared.get(name)
            told = fault._asdict() if fault else {}
            told.pop("name", None)
            own = {"role": "unit" if name == self.read["unit"] else "label", **told}
            if name not in used and name.split("/")[0] not in self.ignored:
                own = _beside(r)
            unit = self._unit(r)[0] if own["role"] == "unit" else None
            found.append({**r, **own, "unit_text": unit})
        return found

    def _said(self, record: Record, name: str) -> tuple[dict | None, str]:
        cell = record.cells.get(name, self.table.shared.get(name))
        return cell, self.table.text(cell, name)

    def _unit(self, cell: dict | None) -> tuple[str | None, _Fault | None]:
        """The unit as our lists call it; by a table of theirs, if there is one."""
        column = self.read["unit"]
        text = self.table.text(cell, column)
        codes = self.mapping["unit"].get("codes")
        if not text or (codes is not None and text not in codes):
            return None, _Fault(column, "unit_unknown", MISSING)
        return (text if codes is None else str(codes[text])), None

    def _row(self, record: Record) -> _Row:
        unit, fault = self._unit(self._said(record, self.read["unit"])[0])
        faults = [fault] if fault else []
        code, name = self.mapping["of_period"]["code"], self.read["period"]
        _, text = self._said(record, name)
        if not self._is_period(text):
            faults.append(_Fault(name, "row_other_period", None, code))
        for name, held in self.only.items():
            allowed = [str(one) for one in held] if isinstance(held, list) else [str(held)]
            if self._said(record, name)[1] not in allowed:
                faults.append(
                    _Fault(name, "export_other_row", name, "/".join(filter(None, allowed)))
                )
        figures, passed_over, more = self._figures(record)
        return _Row(record, unit, [*faults, *more], figures, passed_over)

    def _complete(self, rows: list[_Row]) -> list[_Row]:
        """The rows, with what the records of a register lack, told at the first row of each."""
        name = self.mapping.get("record")
        if name is None or "item" not in self.read:
            return rows
        held: dict[tuple, list[_Row]] = {}
        for row in rows:
            for target in row.figures.values():
                key = (target.form, row.unit, self._said(row.record, name)[1])
                held.setdefault(key, []).append(row)
        for (form, _, record), own in held.items():
            known = {t.item for row in own for t in row.figures.values()}
            wanted = self.forms[form].get("attributes", {}).items()
            lacks = [a["head"]["vi"] for c, a in wanted if a.get("required") and c not in known]
            if wanted and not record:
                lacks = [name]
            if lacks:
                told = own if not record else own[:1]
                for row in told:
                    row.faults.append(_Fault(name, "required_missing", "”, “".join(lacks)))
        return rows

    def _is_period(self, text: str) -> bool:
        period = self.mapping["of_period"]
        text = str(self.mapping["period"].get("codes", {}).get(text, text))
        if text == period["code"]:
            return True
        if (named := period_codes.named(text)) is not None:
            return named == period_codes.named(period["time_period"])
        return days.spans(text) == [(period["start"], period["end"])] or (
            period_codes.days_of(text) == (period["start"], period["end"])
        )

    # --- whose figures they are -----------------------------------------------------------------

    def _figures(self, record: Record) -> tuple[dict[str, Target], bool, list[_Fault]]:
        """Column → place of the figures of a row, whether the row is left out by name, faults."""
        if "values" in self.mapping:
            named = {c: self._target(t) for c, t in self.mapping["values"].items()}
            placed = {c: t for c, t in named.items() if t}
        else:
            name = self.read["item"]
            _, text = self._said(record, name)
            if text in map(str, self.mapping["item"].get("ignore", [])):
                return {}, True, []
            codes = self.mapping["item"].get("codes")
            target = self._target(text if codes is None else codes.get(text))
            if target is None:
                return {}, False, [_Fault(name, "item_unknown", text or MISSING)]
            placed = {self.mapping["value"]: target}
        if all(self.forms[t.form]["layout"] == "register" for t in placed.values()):
            return placed, False, []
        level, fault = _TOTAL, None
        if not all(t.level for t in placed.values()):
            level, fault = self._level(record, placed)
        field = self._said(record, self.read["field"])[1] if "field" in self.read else ""
        return (
            {
                c: t._replace(level=t.level or level, field=t.field or field or _TOTAL)
                for c, t in placed.items()
            },
            False,
            [fault] if fault else [],
        )

    def _target(self, stated: Any) -> Target | None:
        told = stated if isinstance(stated, dict) else {"item": stated}
        item = str(told.get("item"))
        for code, form in self.forms.items():
            if told.get("form", code) == code and item in form.get("attributes", form["items"]):
                return Target(code, item, told.get("level"), told.get("field"))
        return None

    def _level(self, record: Record, placed: dict) -> tuple[str, _Fault | None]:
        if "level" not in self.read:
            return _TOTAL, None
        name = self.read["level"]
        _, text = self._said(record, name)
        said = str(self.mapping["level"].get("codes", {}).get(text, text))
        form = self.forms[next(iter(placed.values())).form]
        levels = form.get("levels", {})
        if said in levels or said == _TOTAL:
            return said, None
        for code, level in levels.items():
            if fold(said) in {fold(t) for k in ("name", "heading") for t in level[k].values()}:
                return code, None
        return _TOTAL, _Fault(name, "export_level", ", ".join(levels))

    # --- the cells of a row ---------------------------------------------------------------------

    def _keys(self, row: _Row) -> list[tuple]:
        """Whose figures a row holds; nobody's where something is wrong with it."""
        if row.faults or row.unit is None:
            return []
        record = self._said(row.record, self.mapping.get("record", ""))[1]
        by_row = "" if record or not self._registers(row) else row.record.row
        return [(fold(row.unit), *target, record, by_row) for target in row.figures.values()]

    def _registers(self, row: _Row) -> bool:
        return any(self.forms[t.form]["layout"] == "register" for t in row.figures.values())

    def _cells(self, row: _Row, keys: Counter, shared: dict[str, _Fault]) -> list[dict]:
        record, faults = row.record, {f.name: f for f in reversed(row.faults)}
        status = self._status(row)
        if any(keys[key] > 1 for key in self._keys(row)):
            name = self.read["item"] if "item" in self.read else self.read["unit"]
            faults.setdefault(name, _Fault(name, "duplicate_row"))
        if status.fault:
            faults.setdefault(status.fault.name, status.fault)
        blocking = [f for f in faults.values() if f.rule != "status_noted"]
        covered = blocking[0].rule if blocking and not row.passed_over else None
        shared |= {n: f for n, f in faults.items() if n in self.table.shared
                   and n not in record.cells and not row.passed_over}  # fmt: skip
        needed = {*row.figures, *(n for n in faults if n not in self.table.shared)}
        names = [*record.cells, *(n for n in sorted(needed) if n not in record.cells)]
        lost = bool(row.faults)
        found, form = [], next((t.form for t in row.figures.values()), None)
        for name in names:
            r = record.cells.get(name) or self.table.blank(record, name)
            at = {"unit_text": row.unit, "covered_by": covered, "form": form}
            place = self._placed(name, r, row, status, faults)
            if (covered and place["role"] == "record") or (lost and place["role"] == "value"):
                place["role"] = "other"  # nobody's figure of this period, whatever it says
            found.append({**r, **at, **place})
        return found

    def _placed(self, name: str, r: dict, row: _Row, status: "_Status", faults: dict) -> dict:
        """Role, place and finding of one cell of a row."""
        if name in row.figures:
            return self._figure(r, row, row.figures[name], status)
        if name == self.mapping.get("value") or name in self.mapping.get("values", {}):
            return {"role": "label" if row.passed_over else "other"}
        if name in self.labels or name.split("/")[0] in self.ignored:
            roles = {self.read["unit"]: "unit", self.read.get("field"): "field"}
            fault = None if row.passed_over else faults.get(name)
            told = {"rule": fault.rule, "found": fault.found, "expected": fault.expected,
                    "covered_by": None} if fault else {"covered_by": None}  # fmt: skip
            return {"role": roles.get(name, "label"), **told}
        return {**_beside(r), "covered_by": None}

    def _figure(self, r: dict, row: _Row, target: Target, status: "_Status") -> dict:
        form = self.forms[target.form]
        place = {"form": target.form, "item": target.item}
        record = self._said(row.record, self.mapping.get("record", ""))[1]
        if form["layout"] == "register":
            key = (target.form, row.unit, record or row.record.row)
            return {**place, "role": "record", "row": self._number(key, row)}
        key = (target.form, row.unit, target.level, target.field)
        own = {"role": "value", "level": target.level, "field": target.field}
        own["row"] = self._number(key, row)
        sign = {"shown": status.sign} if status.sign and r["raw_type"] == "blank" else {}
        return {**place, **own, **sign}

    def _number(self, key: tuple, row: _Row) -> int:
        """Figures that stand in one row of a form are of one row here, too."""
        return self.numbers.setdefault(key, row.record.row)

    def _status(self, row: _Row) -> "_Status":
        if "status" not in self.read or not row.figures:
            return _Status()
        name = self.read["status"]
        _, code = self._said(row.record, name)
        if not code:
            return _Status()
        meaning = self.mapping["status"]["codes"].get(code)
        if meaning is None:
            return _Status(fault=_Fault(name, "status_unknown", code))
        if meaning == "noted":
            return _Status(fault=_Fault(name, "status_noted", code))
        if meaning not in _NO_FIGURE:
            return _Status()
        signs = self.mapping.get("missing", {})
        said = (self._said(row.record, column)[1] for column in row.figures)
        if figure := next((t for t in said if t and t not in signs), None):
            return _Status(fault=_Fault(name, "export_status", figure, code))
        return _Status(sign=code)


class _Status(NamedTuple):
    """What the status of a figure says: a ``sign`` for why there is none, or a ``fault``."""

    sign: str | None = None
    fault: _Fault | None = None


def _beside(r: dict) -> dict:
    """A cell that no column of the mapping holds."""
    figure = r["raw_type"] != "text"
    return {"role": "other", "rule": "outside_form" if figure else "text_kept"}
