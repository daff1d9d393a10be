"""Marks of tables: they change with everything the tables rest on, and with nothing else."""

import os
import shutil
import time
from dataclasses import replace

import pytest

from analysis import pipeline, project
from analysis.batch import incremental
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.lineage import imports
from analysis.period import fingerprint
from analysis.render import report
from analysis.site import code_version
from analysis.storage import files
from analysis.survey import editions, flow

PERIODS = ["2021-Q2", "2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2"]
CATALOGUE = cat.load()


@pytest.fixture
def place(tmp_path):
    """A project with what was planned for five quarters, and one submission in each."""
    place = project.Place(tmp_path)
    for code in PERIODS:
        folder = place.submissions(code)
        folder.mkdir(parents=True)
        shutil.copy(project.Place().submissions(code) / "period.yml", folder)
        (folder / "a.csv").write_text("1\n")
    return place


def marks(place: project.Place, catalogue: cat.Catalogue = CATALOGUE) -> dict[str, str]:
    held = (plans.plan(code, catalogue, place.root) for code in PERIODS)
    return {plan.code: fingerprint(plan, catalogue, place) for plan in held}


def changed(before: dict, after: dict) -> list[str]:
    return [code for code in before if before[code] != after[code]]


@pytest.mark.parametrize("number", range(len(PERIODS)))
def test_a_change_reaches_all_later_periods_and_no_earlier_one(place, number):
    before = marks(place)
    assert marks(place) == before and len(set(before.values())) == len(PERIODS)
    (place.submissions(PERIODS[number]) / "a.csv").write_text("2\n")
    assert changed(before, marks(place)) == PERIODS[number:]


def test_files_that_come_go_or_are_renamed_change_the_mark(place):
    folder, seen = place.submissions(PERIODS[-1]), [marks(place)[PERIODS[-1]]]
    shutil.copy(folder / "a.csv", folder / "b.csv")
    seen.append(marks(place)[PERIODS[-1]])
    (folder / "a.csv").unlink()
    seen.append(marks(place)[PERIODS[-1]])
    (folder / "b.csv").rename(folder / "c.csv")
    seen.append(marks(place)[PERIODS[-1]])
    assert len(set(seen)) == 4


def test_another_regime_and_a_gap_end_the_chain(place):
    plan = place.submissions("2021-Q4") / "period.yml"
    other = next(r for r in CATALOGUE.regimes if r != "nd09_2019")
    plan.write_text(plan.read_text("utf-8").replace("nd09_2019", other), "utf-8")
    before = marks(place)
    (place.submissions("2021-Q4") / "a.csv").write_text("2\n")
    assert changed(before, marks(place)) == ["2021-Q4"]
    (place.submissions("2021-Q3") / "a.csv").write_text("2\n")
    assert changed(before, marks(place)) == ["2021-Q3", "2021-Q4"]


def test_the_catalogue_and_the_code_are_in_every_mark(place, monkeypatch):
    before = marks(place)
    assert changed(before, marks(place, replace(CATALOGUE, sha256="another"))) == PERIODS
    asked = []
    monkeypatch.setattr(imports, "digest", lambda names: asked.append(names) or "another")
    assert changed(before, marks(place)) == PERIODS
    assert {name for names in asked for name in names} == {"analysis.pipeline"}


def test_editions_rest_on_the_edition_before(tmp_path):
    place = project.Place(tmp_path)
    for code in ("apci-2020", "apci-2022"):
        place.survey(code).mkdir(parents=True)
        shutil.copy(project.Place().survey(code) / "edition.yml", place.survey(code))
    (place.survey("apci-2020") / "a.csv").write_text("1\n")

    def both() -> dict[str, str]:
        held = (plans.edition("apci", year, CATALOGUE, tmp_path) for year in ("2020", "2022"))
        return {p.code: editions.fingerprint(p, CATALOGUE, place) for p in held}

    before = both()
    (place.survey("apci-2020") / "a.csv").write_text("2\n")
    assert changed(before, both()) == ["apci-2020", "apci-2022"]
    before = both()
    (place.survey("apci-2022") / "a.csv").write_text("2\n")
    assert changed(before, both()) == ["apci-2022"]


def test_the_order_in_which_a_folder_is_listed_changes_nothing(place, monkeypatch):
    """File systems list in an order of their own."""
    for name in ("c.csv", "b.csv", "d.csv"):
        (place.submissions(PERIODS[0]) / name).write_text(name)
    plan, edition = (
        plans.plan(PERIODS[0], CATALOGUE, place.root),
        plans.edition("apci", "2022", CATALOGUE),
    )

    def found() -> tuple:
        return (
            pipeline.submitted_files(plan, place),
            fingerprint(plan, CATALOGUE, place),
            flow.answer_files(edition, project.Place()),
            cat.digest_of_files(project.Place().catalogue),
            incremental.template(report.TEMPLATES),
            code_version.digest(project.PROJECT),
        )

    seen = []
    for backwards in (False, True):
        with monkeypatch.context() as patch:
            for name in ("iterdir", "glob", "rglob"):
                listed = getattr(cat.Path, name)

                def turned(self, *given, listed=listed, backwards=backwards):
                    return iter(sorted(listed(self, *given), reverse=backwards))

                patch.setattr(cat.Path, name, turned)
            seen.append(found())
    assert seen[0] == seen[1]


def test_a_file_is_read_again_where_it_may_have_changed(tmp_path, monkeypatch):
    read = []
    digest = files.digest_of_path
    monkeypatch.setattr(files, "digest_of_path", lambda path: read.append(path) or digest(path))
    path = tmp_path / "a.csv"
    path.write_text("1")
    first = files.sha256(path)
    assert files.sha256(path) == first and len(read) == 2, "written just now"
    monkeypatch.setattr(files, "SETTLED", 0)
    assert files.sha256(path) == files.sha256(path) == first and len(read) == 3
    then = path.stat()
    time.sleep(0.05)  # longer than a clock of files ticks
    path.write_text("2")
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert path.stat().st_size == then.st_size
    assert files.sha256(path) != first, "same size and same time"
