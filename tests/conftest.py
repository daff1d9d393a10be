"""Settings of all tests."""

import gc
import os
import shutil
import signal
import sys
from pathlib import Path

# Two threads of linear algebra in each of two processes wait for one another, and are paid for
# while they do; said before numpy is imported, here and in processes that are started.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from analysis import project
from analysis.language import messages

# A shell that puts the tests in the background has them and all that they start ignore Ctrl-C,
# which some send to themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What fixtures need they import themselves: the process that hands out the tests reads this, too.

# Messages are told in English, as they stand in code; in processes that are started, too.
os.environ[messages.VARIABLE] = messages.CODE

# How long an example takes says something of the machine, not of the software. The properties are
# of small tables and texts, whose kinds of values dozens of examples all show; more of them:
# --hypothesis-profile=thorough.
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.register_profile("untimed", deadline=None, max_examples=40)
settings.load_profile("untimed")

# Files that build whole sites begin first: at the end one worker would wait for the other.
# The second of them makes no tables of the shipped periods, which the first is busy with.
_LONGEST = [
    "test_site",
    "test_crash",
    "test_hostile",
    "test_main",
    "test_coverage",
    "test_theirs",
    "test_editions",
    "test_notebooks",
    "test_lab",
    "test_attack",
    "test_stories",
    "test_again",
    "test_refused",
    "test_habits",
]

# What shares the built sites runs in one worker, so that they are built once.
_TOGETHER = dict.fromkeys(
    ["test_browser", "test_captions", "test_links", "test_recomputed"], "test_site"
)


def _file(name: str) -> str:
    return _TOGETHER.get(name, name)


def pytest_collection_finish():
    """What was imported stays: no search for garbage need walk through it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items):
    place = {name: n for n, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(_file(item.path.stem), len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Files are given to workers whole (xdist's own groups are not, with this pytest)."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _file(Path(super()._split_scope(nodeid)).stem)

    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def one_core():
    """What is not told how many workers it may have takes one: the other cores have tests of their
    own to run, and each more process is warmed up for seconds."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "cpu_count", lambda: 1)
    yield
    patch.undo()


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
        shutil.copytree(project.PROJECT / name, folder / name)
    shutil.copy(project.PROJECT / "reports/site.yml", folder / "reports/site.yml")
    return folder


@pytest.fixture(scope="session")
def built_sites(built_root):
    """Periods with their national pages and some units, one in two languages, and a survey
    edition: code → what became of each page."""
    from shared import with_its_tables

    from analysis.period import load
    from analysis.site import building, planning
    from analysis.survey import editions

    for period in ("2026-Q3", "2022-Q2", "2024"):
        with_its_tables(load(period), built_root)
    with_its_tables(editions.load("2022"), built_root)
    sites = {
        period: building.build(load(period, built_root), units=units)
        for period, units in {
            "2026-Q3": ["25", "H44.42"],
            "2022-Q2": ["01", "04", "40", "75"],
        }.items()
    }
    year = load("2024", built_root)
    for lang in ("en", "vi"):
        planned = planning.plan(year, units=["46"], lang=lang, languages=["vi", "en"])
        sites[f"2024 {lang}"] = building.build(year, planned=planned)
    edition = editions.load("2022", root=built_root)
    return {**sites, "apci-2022": building.build(edition)}


@pytest.fixture(scope="module")
def in_this_process():
    """Pages may be built in the process of the tests, of any project; what that sets is as before
    afterwards."""
    from analysis.batch import execute

    main, known = sys.modules["__main__"], os.environ.get(project.ROOT)
    yield
    sys.modules["__main__"] = main
    os.environ.pop(project.ROOT, None)
    if known is not None:
        os.environ[project.ROOT] = known
    execute.prepare.cache_clear()


@pytest.fixture(scope="module")
def chromium():
    """The browser that prints pages, with a window that nobody sees."""
    import labs
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, labs.browser(playwright) as browser:
        yield browser
