"""What columns and codes are called is one file: whole, all of it used, and pages rest on it."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest

from analysis.display import wordings
from analysis.project import PROJECT

with open(wordings.FILE, encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
TABLES = sorted({row["table"] for row in ROWS} - {""})


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the file in its place."""
    monkeypatch.setattr(wordings, "FILE", Path(shutil.copy(wordings.FILE, tmp_path)))
    wordings.read.cache_clear()
    yield wordings.FILE
    wordings.read.cache_clear()


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_heading_and_a_known_format(table):
    heads, formats = wordings.columns(table)
    assert len(heads) == sum(row["table"] == table for row in ROWS), "a column is there once"
    assert all(heads.values()) and set(formats.values()) <= set(wordings.FORMATS)


def test_every_table_is_shown_somewhere():
    code = "".join(
        path.read_text("utf-8")
        for path in [*PROJECT.glob("notebooks/*.ipynb"), *PROJECT.glob("src/analysis/*/*.py")]
    ).replace("\\", "")
    assert [table for table in TABLES if f'"{table}"' not in code] == []
    assert [row for row in ROWS if not (row["table"] or row["heading"])] == []


def test_a_heading_that_recurs_is_said_once():
    usual = {row["column"]: row for row in ROWS if not row["table"]}
    again = Counter((row["column"], row["heading"], row["format"]) for row in ROWS if row["table"])
    for (column, heading, form), count in again.items():
        same = column in usual and (heading, form) == tuple(usual[column].values())[2:]
        assert not same, f"{column}: leave its heading empty"
        assert count == 1 or not heading or column in usual, f"{column}: say it without a table"


def test_what_a_table_says_itself_comes_before_what_any_table_says(copied):
    copied.write_text("table,column,heading,format\n,a,A,whole\nt,a,,\nt,b,B,\nu,a,Á,\n", "utf-8")
    assert wordings.columns("t") == ({"a": "A", "b": "B"}, {"a": "whole"})
    assert wordings.columns("u") == ({"a": "Á"}, {})
    with pytest.raises(KeyError):
        wordings.columns("v")
