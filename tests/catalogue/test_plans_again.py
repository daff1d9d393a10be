"""A plan that is asked for again is not read again, unless anything of it has changed."""

import shutil
from dataclasses import replace

import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans, reader
from analysis.project import PROJECT, Place

CATALOGUE = cat.load()
CODE = "2026-Q3"  # compared with published figures


@pytest.fixture
def place(tmp_path):
    held = Place(tmp_path)
    folder = held.submissions(CODE)
    folder.mkdir(parents=True)
    shutil.copy(Place(PROJECT).submissions(CODE) / "period.yml", folder)
    plan = plans.plan(CODE, CATALOGUE)
    named = held.reference / plan.published["file"]
    named.parent.mkdir(parents=True)
    named.touch()
    return held


def test_a_plan_is_read_once_while_its_file_and_catalogue_stay(place):
    first = plans.plan(CODE, CATALOGUE, place.root)
    assert plans.plan(CODE, CATALOGUE, place.root) is first
    other = replace(CATALOGUE, regimes={})
    with pytest.raises(reader.CatalogueError, match="regime"):
        plans.plan(CODE, other, place.root)
    assert plans.plan(f"{CODE}@2011-01-01", CATALOGUE, place.root).known_on is not None


def test_a_plan_that_was_changed_or_broken_is_read_anew(place):
    path = place.submissions(CODE) / "period.yml"
    before = plans.plan(CODE, CATALOGUE, place.root)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"synthetic: false", b"synthetic: true"))
    assert plans.plan(CODE, CATALOGUE, place.root).synthetic is not before.synthetic
    path.write_bytes(b"[")
    with pytest.raises(reader.CatalogueError):
        plans.plan(CODE, CATALOGUE, place.root)
    path.write_bytes(whole)
    assert plans.plan(CODE, CATALOGUE, place.root) == before
    path.unlink()
    with pytest.raises(reader.CatalogueError, match="unknown"):
        plans.plan(CODE, CATALOGUE, place.root)


def test_figures_that_it_is_compared_with_and_that_went_are_told(place):
    plan = plans.plan(CODE, CATALOGUE, place.root)
    (place.reference / plan.published["file"]).unlink()
    with pytest.raises(reader.CatalogueError, match="published"):
        plans.plan(CODE, CATALOGUE, place.root)
