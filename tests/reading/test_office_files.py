"""What is read of forms as offices send them is what their senders mean, or is named."""

import os

import office_files
import pytest

SEEDS = int(os.environ.get("OFFICE_FILES", "4"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_read_is_what_is_meant_or_is_named(seed, tmp_path):
    """Twenty-seven files at once, each changed in another way; other seeds: tools/variants.py."""
    assert office_files.trial(office_files.RIGHT + office_files.WRONG, seed, tmp_path) == []


def test_a_figure_that_is_read_wrongly_would_be_noticed(tmp_path, monkeypatch):
    def careless(sent):
        """Means something else than it writes, and there is no way to see it."""
        row, column = sent.somewhere()
        sent.truth[sent.key(row, column)] += 1

    monkeypatch.setattr(office_files, "RIGHT", [careless])
    (found,) = office_files.trial([careless], 1, tmp_path)
    assert "careless" in found and "read as" in found
