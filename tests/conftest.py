"""Settings of all tests."""

from hypothesis import settings

# How long an example takes says something of the machine, not of the software.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Files that build whole sites begin first: at the end one worker would wait for the other.
_LONGEST = ["test_site", "test_notebooks", "test_surveys", "test_coverage", "test_batch"]


def pytest_collection_modifyitems(items):
    place = {name: n for n, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
