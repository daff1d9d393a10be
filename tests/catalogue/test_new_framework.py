"""A form and a framework that nobody has programmed: from YAML alone to a page with its figures."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date

import openpyxl
import pytest

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms
from analysis.period import load

FORM = """
form: training
number: Biểu TH-01
title: {vi: Tập huấn cải cách hành chính, en: Training on administrative reform}
layout: sheet
sheet: Tập huấn
version: 1
numbers: vietnamese
rows: unit
row_label: {vi: Toàn đơn vị, en: Whole unit}
unit_text: {vi: người, en: persons}
legal_basis: Kế hoạch tập huấn thử nghiệm
certainty: unverified
reporters: {types: [ministry]}
columns:
  - {number: 1, role: line, header: {vi: [STT], en: [No.]}}
  - {number: 2, role: field, header: {vi: [Đơn vị], en: [Unit]}}
  - {number: 3, item: staff, header: {vi: [Cán bộ], en: [Staff]}}
  - {number: 4, item: staff_trained, header: {vi: [Đã tập huấn], en: [Trained]}}
levels: {}
items:
  staff: {name: {vi: Cán bộ một cửa, en: One-stop staff}, kind: count, nature: level}
  staff_trained: {name: {vi: Cán bộ đã tập huấn, en: Staff trained}, kind: count, nature: level}
rules:
  - {rule: trained_within_staff, kind: at_most, item: staff_trained, limit: staff}
"""
RULE = """
  trained_within_staff: {severity: blocking, name: {vi: Quá số cán bộ, en: Beyond staff}, vi: "{found} người đã tập huấn, nhiều hơn {expected} cán bộ.", en: "{found} trained of {expected}."}
"""  # noqa: E501
FRAMEWORK = """
framework: training
title: {vi: Tập huấn cán bộ một cửa, en: Training of one-stop staff}
legal_basis: Kế hoạch tập huấn thử nghiệm
certainty: unverified
source: {vi: Ví dụ của kiểm thử., en: An example of a test.}
dimensions:
  people: {name: {vi: Con người, en: People}}
indicators:
  trained_share:
    name: {vi: Tỷ lệ cán bộ đã tập huấn, en: Staff trained}
    dimension: people
    formula: {ratio: {numerator: [staff_trained], denominator: [staff]}}
    unit_measure: percent
    direction: 1
    legal_basis: Kế hoạch tập huấn thử nghiệm
    certainty: unverified
"""
PERIOD = """
time_period: 2031-Q1
title: {vi: Quý I năm 2031, en: First quarter of 2031}
regime: nd09_2019
forms: [training]
frameworks: [training]
due: {units: [BCA, BQP, BNG, VPCP]}
synthetic: true
"""
SITE = """
pages:
  targets:
    notebook: 30_targets
    title: {vi: Mục tiêu và kết quả, en: Targets and results}
    question: {vi: "Đến đâu rồi?", en: "How far?"}
    needs: [followed]
    for_each: framework
report: [2031-Q1]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with one more form and framework, and a period of them; no Python is added."""
    folder = tmp_path_factory.mktemp("project")
    copied = ("data/catalogue", "data/reference", "notebooks", "reports/templates", "src")
    for name in copied:
        shutil.copytree(project.PROJECT / name, folder / name)
    catalogue = folder / "data/catalogue"
    (catalogue / "forms/training.yml").write_text(FORM, "utf-8")
    (catalogue / "frameworks/training.yml").write_text(FRAMEWORK, "utf-8")
    with (catalogue / "rules.yml").open("a", encoding="utf-8") as file:
        file.write(RULE)
    (folder / "reports/site.yml").write_text(SITE, "utf-8")
    received = folder / "data/submissions/2031-Q1"
    received.mkdir(parents=True)
    (received / "period.yml").write_text(PERIOD, "utf-8")
    held = cat.load(folder)
    plan = plans.plan("2031-Q1", held, folder)
    for path in blank_forms.write_blanks(plan, held, received):
        book = openpyxl.load_workbook(path)
        (line,) = blank_forms.rows(held.forms["training"], "ministry", date(2031, 3, 14))
        figures = {"BCA": (80, 60), "BQP": (40, 30), "BNG": (10, 12)}[path.stem.split("_")[1]]
        for column, value in zip((3, 4), figures, strict=True):
            book.worksheets[0].cell(line.row, column, value)
        book.save(path)
    return folder


def test_who_must_send_the_form_is_in_its_yaml(root):
    names = {p.name for p in (root / "data/submissions/2031-Q1").glob("*.xlsx")}
    assert names == {f"training_{u}_2031-Q1.xlsx" for u in ("BCA", "BQP", "BNG")}


def test_its_rule_refuses_what_cannot_be(root):
    tables = load("2031-Q1", root).tables
    refused = tables.issues[tables.issues["rule"] == "trained_within_staff"]
    assert set(refused["reporting_unit"]) == {"BNG"}
    assert "12 người đã tập huấn, nhiều hơn 10 cán bộ." in set(refused["message_vi"])
    assert (tables.balance["unaccounted"] == 0).all()


def test_its_page_shows_the_figure_and_no_score(root):
    loaded = load("2031-Q1", root)
    whole = loaded.tables.national.set_index("indicator").loc["trained_share"]
    assert (whole["obs_value"], whole["units"], whole["of"]) == (75.0, 2, 3)  # 90 of 120
    assert loaded.scored == [] and loaded.tables.scores.empty
    command = [sys.executable, "-m", "analysis", "run", "2031-Q1", "--workers", "1"]
    told = subprocess.run(
        command, cwd=root, env=os.environ | {"PYTHONPATH": str(root / "src")}, capture_output=True
    )
    assert told.returncode == 0, told.stdout
    page = (root / "reports/2031-Q1/targets-training.html").read_text("utf-8")
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Tập huấn cán bộ một cửa" in words
    assert "Tỷ lệ cán bộ đã tập huấn 90 120 75,0 % 2 0 3" in words
