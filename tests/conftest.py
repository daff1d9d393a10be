"""Settings of all tests."""

import os
import shutil
import sys

import pytest
from hypothesis import settings

from analysis import catalogue

# How long an example takes says something of the machine, not of the software.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Files that build whole sites begin first: at the end one worker would wait for the other.
_LONGEST = ["test_site", "test_notebooks", "test_surveys", "test_coverage", "test_batch"]


# What shares the built sites runs in one worker, so that they are built once.
_TOGETHER = {"test_browser": "test_site"}


def pytest_collection_modifyitems(items):
    place = {name: n for n, name in enumerate(_LONGEST)}
    for item in items:
        group = _TOGETHER.get(item.path.stem, item.path.stem)
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(
        key=lambda item: place.get(_TOGETHER.get(item.path.stem, item.path.stem), len(place))
    )


@pytest.fixture(scope="session")
def built_root(tmp_path_factory):
    """A project of its own, in which sites may be built."""
    folder = tmp_path_factory.mktemp("project")
    for name in (
        "data/catalogue",
        "data/submissions",
        "data/reference",
        "data/survey",
        "notebooks",
        "reports/templates",
    ):
        shutil.copytree(catalogue.PROJECT / name, folder / name)
    shutil.copy(catalogue.PROJECT / "reports/site.yml", folder / "reports/site.yml")
    return folder


@pytest.fixture(scope="session")
def built_sites(built_root):
    """Periods with their national pages and some units, one in two languages, and a survey
    edition: code → what became of each page."""
    from analysis import pipeline, publish, surveys

    sites = {
        period: publish.build(pipeline.load(period, built_root), units=units)
        for period, units in {
            "2026-Q3": ["25", "H44.42"],
            "2022-Q2": ["01", "04", "40", "75"],
        }.items()
    }
    year = pipeline.load("2024", built_root)
    for lang in ("en", "vi"):
        planned = publish.plan(year, units=["46"], lang=lang, languages=["vi", "en"])
        sites[f"2024 {lang}"] = publish.build(year, planned=planned)
    return {**sites, "apci-2022": publish.build(surveys.load("2022", root=built_root))}


@pytest.fixture(scope="module")
def in_this_process():
    """Pages may be built in the process of the tests, of any project, as their notebooks read
    nothing that its zygote has read; what that sets is as before afterwards."""
    from analysis import execute, kernels

    kernels.warm_up()
    root = pytest.MonkeyPatch()
    root.setattr(kernels, "_root", lambda env: kernels._zygote.get("root"))
    main, known = sys.modules["__main__"], os.environ.get(catalogue.ROOT)
    yield
    root.undo()
    sys.modules["__main__"] = main
    os.environ.pop(catalogue.ROOT, None)
    if known is not None:
        os.environ[catalogue.ROOT] = known
    execute._prepare.cache_clear()
