"""What a sender is told first is what must be mended: ten faults as offices make them, each in an
otherwise right file of its own; and no certainty where there is none."""

import random
from dataclasses import dataclass

import openpyxl
import pandas as pd
import pytest
import yaml
from office_files import CATALOGUE, PLAN, PROVINCES, UNITS, Sent

from analysis import period
from analysis.catalogue import plans
from analysis.checking import gathered
from analysis.editing import slips
from analysis.exchange import blank_forms, mending, sendings
from analysis.exchange.returns import Copy
from analysis.language.words import number
from analysis.project import PROJECT
from analysis.schema.tables import PROPOSALS, TABLES

PROCEDURES = [1810, 320, 960, 530, 1404, 234, 812, 358, 1290, 250, 740, 300]
DOCUMENTS = [[2135, 1648, 1279, 1016, 3467, 2589, 1934, 1578],
             [843, 517, 392, 268, 1246, 935, 721, 486],
             [1572, 1238, 907, 643, 684, 429, 315, 172]]  # fmt: skip


@dataclass
class Fault:
    """A fault: what was ``done`` to the cells of a form (cell → figures as they were right
    → figure that was sent), the code of its ``cause``, and whether several explanations are
    ``tied``, since nothing tells them apart."""

    name: str
    form: str
    done: dict
    cause: str = ""
    tied: bool = False


FAULTS = [
    Fault("two digits exchanged", "II.06a", {"E13": "transposed"}, "transposed"),
    Fault("a thousand times too large", "II.06a", {"H12": lambda v: 1000 * v["H12"]}, "times_1000"),
    Fault("neighbours swapped", "II.06a",
          {"D14": lambda v: v["E14"], "E14": lambda v: v["D14"]}, "swapped"),
    Fault("a digit missing in the grand total", "II.06a", {"C30": lambda v: v["C30"] // 10},
          "digit_missing"),
    Fault("totals not updated", "II.06a",
          {"D30": lambda v: v["D30"] - 40, "E30": lambda v: v["E30"] + 40}, "total_not_updated"),
    Fault("a wrong digit", "II.06a", {"L19": lambda v: v["L19"] + 300}, "digit"),
    Fault("a row copied", "II.06a",
          {f"{c}20": lambda v, c=c: v[f"{c}19"] for c in "CDEFGHIJKLM"}, "row_copied"),
    Fault("a part ten times too large", "II.07b", {"E12": lambda v: 10 * v["E12"]}, "times_10"),
    Fault("a sum that is one too large", "II.07b", {"G12": lambda v: v["G12"] + 1}, tied=True),
    Fault("a part larger than the whole", "edocs", {"D12": lambda v: 5170}, "times_10"),
]  # fmt: skip


def transposed(figure: int) -> int:
    digits = str(int(figure))
    at = max(i for i in range(len(digits) - 1) if digits[i] != digits[i + 1])
    return int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])


def right(form: str, unit: str) -> openpyxl.Workbook:
    if form == "II.06a":
        return Sent(random.Random(unit), unit).book
    described = CATALOGUE.forms[form]
    book = blank_forms.blank(described, UNITS.loc[unit], PLAN)
    lines = [PROCEDURES] if form == "II.07b" else DOCUMENTS
    lines += [[sum(c) for c in zip(*lines, strict=True)]] * (form == "edocs")
    rows = blank_forms.rows(described, UNITS.loc[unit, "type"], PLAN.end)
    for row, line in zip(rows, lines, strict=True):
        for column, figure in enumerate(line, 3):
            book.worksheets[0].cell(row.row, column).value = figure
    return book


@dataclass
class Told:
    """What the first line says: issue and line; and the true figures of the faulty cells."""

    issue: pd.Series
    line: pd.Series
    truth: dict[str, int]


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> dict[str, Told]:
    """The first line that each sender is told; all are senders of one period."""
    root = tmp_path_factory.mktemp("faults")
    folder = root / "data/submissions/2022-Q2"
    folder.mkdir(parents=True)
    (root / "data/catalogue").symlink_to(PROJECT / "data/catalogue")
    units, truths = PROVINCES[: len(FAULTS)], {}
    for fault, unit in zip(FAULTS, units, strict=True):
        book = right(fault.form, unit)
        sheet = book.worksheets[0]
        values = {c.coordinate: c.value for line in sheet.iter_rows() for c in line}
        truths[fault.name] = {cell: values[cell] for cell in fault.done}
        for cell, how in fault.done.items():
            sheet[cell] = transposed(values[cell]) if how == "transposed" else how(values)
        book.save(folder / f"{fault.form.replace('.', '')}_{unit}_2022-Q2.xlsx")
    stated = {"time_period": "2022-Q2", "title": {"vi": "Quý II", "en": "Q2"}, "frameworks": [],
              "regime": "nd09_2019", "forms": ["II.06a", "II.07b", "edocs"], "synthetic": True,
              "due": {"units": units}}  # fmt: skip
    (folder / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    plan = plans.plan("2022-Q2", CATALOGUE, root)
    tables = type("Tables", (), period.check(plan, CATALOGUE, root))
    copies = [d for d in sendings.due(tables, plan, CATALOGUE, {}) if isinstance(d, Copy)]
    by_unit = {copy.issues["reporting_unit"].dropna().iloc[0]: copy.issues for copy in copies}
    found = {}
    for fault, unit in zip(FAULTS, units, strict=True):
        issues = by_unit[unit]
        line = gathered.lines(issues, CATALOGUE.rules).iloc[0]
        found[fault.name] = Told(issues.iloc[0], line, truths[fault.name])
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_first_line_is_what_must_be_mended(first, fault):
    told = first[fault.name]
    message, probable = told.line["message_vi"], told.issue[mending.PROBABLE]
    named = told.line["cells"].split(", ")
    assert set(told.truth) <= set(named), message
    for cell, figure in told.truth.items():
        assert f"ô {cell} ghi" in message and f"đúng ra là {number(figure)}" in message
    assert "phỏng đoán" in message and "chắc chắn đang sai" in message
    if fault.tied:
        assert pd.isna(probable) and message.startswith("Một trong") and "; hoặc " in message
    else:
        assert probable == told.line["cells"] and set(named) == set(told.truth), message
        assert message.startswith("Có lẽ")
        assert CATALOGUE.proposals["causes"][fault.cause]["vi"] in message


# --- words ---------------------------------------------------------------------------------------


def test_every_cause_has_words():
    several = {f"row_{code}" for code in slips.SCALED} | {"row_copied", "copied_above"}
    known = {*slips.CODES, *several, "swapped", "total_not_updated", "missing"}
    assert set(CATALOGUE.proposals["causes"]) == known


AT = {"source_file": "a.xlsx", "source_sheet": "S", "reporting_unit": "01", "form": "II.06a",
      "level": "province", "field": "land"}  # fmt: skip
WORDS = mending.Words(CATALOGUE.rules, CATALOGUE.proposals, frozenset({"total_row"}))


def issue(rule: str, cells: str, severity="blocking", **more) -> dict:
    said = {"message_vi": "Sai.", "message_en": "Wrong.", "raw_text": "7", "item": "x"}
    return AT | said | {"rule": rule, "severity": severity, "source_cell": cells.split(", ")[0],
                        "cells": cells} | more  # fmt: skip


def proposal(cell: str, rank: int, **more) -> dict:
    said = {"block": 1, "solution": 1, "solutions": 1, "cause": "digit", "causes_tied": False,
            "submitted": 7.0, "proposed": 8.0, "certain": False, "rules": "received_parts",
            "status": "settled", "time_period": "2022-Q2", "item": "x"}  # fmt: skip
    return AT | said | {"source_cell": cell, "rank": rank} | more


def told(issues: list[dict], proposals: list[dict], influence=None) -> pd.DataFrame:
    cells = [AT | {"source_cell": c, "raw_text": "7", "refused_value": v}
             for c, v in (("C1", 7.0), ("D1", 7.0), ("E1", 900.0))]  # fmt: skip
    tables = (PROPOSALS.of(proposals), pd.DataFrame(cells).reindex(columns=TABLES["cells"].columns))
    return mending.told(pd.DataFrame(issues), *tables, WORDS, influence)


def test_two_explanations_that_are_as_likely_are_both_named_and_none_is_probable():
    ways = [proposal("C1", 1, causes_tied=True), proposal("D1", 2, causes_tied=True, cause="sign"),
            proposal("E1", 3)]  # fmt: skip
    (row,) = told([issue("received_parts", "C1, D1, E1")], ways).to_dict("records")
    assert row["perhaps"] == "C1, D1" and pd.isna(row["probable"])
    assert row["message_vi"].startswith("Một trong hai, chưa biết điều nào: ô C1")
    assert "; hoặc ô D1" in row["message_vi"] and "ô E1" not in row["message_vi"]
    assert row["message_en"].startswith("One of two, which is not known: C1")


def test_what_the_solver_gave_up_stays_as_it_was_found():
    unsettled = proposal("C1", 0, status="unsettled", cause=None, proposed=None)
    (row,) = told([issue("received_parts", "C1, D1")], [unsettled]).to_dict("records")
    assert row["message_vi"] == "Sai." and pd.isna(row["probable"]) and pd.isna(row["perhaps"])


def test_without_a_cause_or_certainty_nothing_is_called_probable():
    (row,) = told([issue("received_parts", "C1")], [proposal("C1", 1, cause=None)]).to_dict(
        "records"
    )
    assert row["message_vi"] == "Sai."


def test_one_line_takes_the_place_of_the_rules_that_are_broken_and_of_the_note():
    issues = [issue("received_parts", "C1, D1"), issue("total_row", "E9", level="_T"),
              issue("total_row", "F9", level="_T", item="y"), issue("jump", "C1", "warning"),
              issue("probable_cell", "C1", "note")]  # fmt: skip
    rules = "received_parts,total_row,jump"
    found = told(issues, [proposal("C1", 1, rules=rules, proposed=1234.5)])
    assert found["rule"].tolist() == ["received_parts", "total_row", "jump"], "jump is confirmed"
    first = found.iloc[0]
    assert first["cells"] == "C1, D1, E9" and first["probable"] == "C1"
    assert "đúng ra là 1.234,50" in first["message_vi"] and "(E9)" in first["message_vi"]


@pytest.mark.parametrize("known", [False, True])
def test_what_moves_most_comes_first_within_its_severity(known):
    issues = [issue("figure_jump", "E1", "warning"), issue("received_parts", "C1"),
              issue("resolved_parts", "D1"), issue("pending_parts", "E1")]  # fmt: skip
    keys = ["source_file", "source_sheet", "source_cell", "rule"]
    moves = pd.DataFrame([AT | {"source_cell": "D1", "rule": "resolved_parts", "influence": 0.3}])
    found = told(issues, [], moves[[*keys, "influence"]] if known else None)
    wanted = ["pending_parts", "received_parts", "resolved_parts", "figure_jump"]
    assert found["rule"].tolist() == (
        ["resolved_parts", *wanted[:2], wanted[3]] if known else wanted
    )
