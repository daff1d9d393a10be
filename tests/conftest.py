"""Settings of all tests."""

import os
import sys

import pytest
from hypothesis import settings

# How long an example takes says something of the machine, not of the software.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Files that build whole sites begin first: at the end one worker would wait for the other.
_LONGEST = ["test_site", "test_notebooks", "test_surveys", "test_coverage", "test_batch"]


def pytest_collection_modifyitems(items):
    place = {name: n for n, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(scope="module")
def in_this_process():
    """Pages may be built in the process of the tests, of any project, as their notebooks read
    nothing that its zygote has read; what that sets is as before afterwards."""
    from analysis import catalogue, execute, kernels

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
