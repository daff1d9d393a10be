"""Whatever somebody put in the place of a file, reading it ends by the clock on the wall."""

import os

import pandas as pd
import pytest

from analysis.exchange import arriving, replies
from analysis.reading import archives
from analysis.storage import files
from analysis.survey import response_rates

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
LIMITS = {"file_bytes": 10**6}


@pytest.fixture
def waits(tmp_path, monkeypatch):
    """Puts what waits for others where a file should be."""
    monkeypatch.setattr(files, "STALLED", 0.1)

    def put(name):
        os.mkfifo(tmp_path / name)
        return tmp_path / name

    return put


def test_the_content_of_a_file_is_that_of_the_disk(tmp_path):
    path, data = tmp_path / "a.bin", os.urandom(9 * 2**20 + 5)
    path.write_bytes(data)
    assert files.content(path) == data
    with pytest.raises(FileNotFoundError):
        files.content(tmp_path / "b.bin")


def test_a_table_of_answers_that_is_a_pipe_keeps_nobody_waiting(waits):
    with pytest.raises(TimeoutError, match=r"nothing comes of it.*answers\.csv"):
        replies.is_table(waits("answers.csv"))


def test_contacts_of_a_survey_that_are_a_pipe_keep_nobody_waiting(waits):
    path = waits("contacts.csv")
    with pytest.raises(TimeoutError, match="nothing comes of it"):
        response_rates.read(path, pd.DataFrame(), path.name)


def test_an_archive_of_answers_that_is_a_pipe_is_a_finding(waits):
    cells = archives.received(waits("a.zip"), LIMITS).cells
    assert cells["rule"].tolist() == ["file_unreadable"]


@pytest.mark.parametrize("name", ["a.zip", "a.eml"])
def test_what_arrives_and_gives_nothing_keeps_nobody_waiting(waits, monkeypatch, name):
    path = waits(name)
    monkeypatch.setattr(type(path), "is_file", lambda _: True)  # as of a share that is gone
    with pytest.raises(TimeoutError), arriving.files_of([path], LIMITS):
        pass
