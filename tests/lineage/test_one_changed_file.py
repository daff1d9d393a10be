"""A period of which one file has changed is what it would be if nothing of it had been kept."""

import shutil
from dataclasses import fields, replace

import pandas as pd
import pytest
from openpyxl import load_workbook

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.lineage import kept_steps, store

FILES = 4


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with the first files of a period, and none of the periods before."""
    root, here = tmp_path_factory.mktemp("kept"), project.PROJECT / "data"
    for name in ("catalogue", "reference"):
        (root / "data").mkdir(exist_ok=True)
        (root / "data" / name).symlink_to(here / name)
    sent, own = here / "submissions/2022-Q2", root / "data/submissions/2022-Q2"
    own.mkdir(parents=True)
    shutil.copy(sent / "period.yml", own)
    for path in sorted(sent.glob("II06a_*.xlsx"))[:FILES]:
        shutil.copy(path, own)
    return root


def _built(root):
    catalogue = cat.load(root)
    plan = replace(plans.plan("2022-Q2", catalogue, root), frameworks=["qd766_06a"])
    tables = pipeline.build(plan, catalogue, root)
    return {f.name: getattr(tables, f.name) for f in fields(tables)}


def _changed(root):
    """The first figure of the first file is larger by one."""
    path = sorted((root / "data/submissions/2022-Q2").glob("*.xlsx"))[0]
    book = load_workbook(path)
    cells = [c for row in book.worksheets[0].iter_rows(min_row=11) for c in row]
    cell = next(c for c in cells if isinstance(c.value, int | float) and c.value > 50)
    cell.value += 1
    book.save(path)


def test_one_changed_file_gives_what_would_come_of_nothing_kept(root, monkeypatch):
    first = _built(root)
    _changed(root)
    made = []
    told = kept_steps.Steps.tables
    monkeypatch.setattr(
        kept_steps.Steps,
        "tables",
        lambda self, name, on, make: told(self, name, on, lambda: (made.append(name), make())[1]),
    )
    kept = _built(root)
    again = {name.partition("/")[0] for name in made}
    assert {"rules", "framework"} == again
    assert len([n for n in made if n.startswith("rules/")]) == 1  # of the form of that file alone
    shutil.rmtree(project.Place(root).derived("2022-Q2") / store.READING)
    fresh = _built(root)
    assert not first["observations"].equals(fresh["observations"])
    for name, table in fresh.items():
        pd.testing.assert_frame_equal(kept[name], table, check_exact=True, obj=name)
