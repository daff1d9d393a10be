"""All files together may hold so many cells; what is beyond is named, and read when it fits."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.checking import wording
from analysis.reading import reading, together, workbook

CATALOGUE = cat.load()
LIMITS = CATALOGUE.parameters["limits"]
FORMS = {"tasks": CATALOGUE.forms["tasks"]}
SIZES = {"a": 6, "b": 2, "c": 3, "d": 1}  # rows of two cells
ROOM = 16  # the three smallest, each with its finding; "a" finds none


@pytest.fixture
def sent(tmp_path) -> list[Path]:
    paths = [tmp_path / f"{name}.csv" for name in SIZES]
    for path, rows in zip(paths, SIZES.values(), strict=True):
        path.write_text("x,y\n" * rows)
    return paths


def rules(cells: pd.DataFrame) -> dict[str, set]:
    return {name: set(of["rule"].dropna()) for name, of in cells.groupby("source_file")}


def test_the_smallest_are_read_and_the_others_are_findings_by_name(sent):
    read = []

    def noted(path, limits):
        read.append(path.name)
        return workbook.received(path, limits)

    found = together.received(sent, LIMITS | {"cells_together": 2 * (1 + 2 + 3) - 1}, noted)
    assert [held.cells["source_file"].iloc[0] for held in found] == [p.name for p in sent]
    told = {h.cells["source_file"].iloc[0]: h.cells["rule"].iloc[0] for h in found}
    assert told == {
        "a.csv": "file_too_large",
        "b.csv": None,
        "c.csv": "file_too_large",
        "d.csv": None,
    }
    assert read == ["d.csv", "b.csv", "c.csv"], "none is read after the first without room"


def test_nothing_is_refused_where_there_is_room(sent):
    found = together.received(sent, LIMITS | {"cells_together": 2 * 12}, workbook.received)
    assert [len(held.cells) for held in found] == [2 * n for n in SIZES.values()]
    assert "cells_together" in LIMITS and together.Room({}).most == together.MOST


def test_what_had_no_room_is_read_when_there_is_kept_or_not(sent, tmp_path):
    kept = tmp_path / "kept/located.parquet"

    def read(paths, most):
        known = reading.Known(FORMS, {}, set(), LIMITS | {"cells_together": most})
        return rules(reading.read(paths, known, kept).cells)

    large = read(sent, ROOM)["a.csv"]
    assert large == {"file_too_large"} and read(sent, ROOM) == read(sent, ROOM)
    alone = [path for path in sent if path.name != "c.csv"]
    assert "file_too_large" not in read(sent[:1], ROOM)["a.csv"]
    assert read(alone, ROOM)["a.csv"] == {"file_too_large"}
    assert "file_too_large" not in set().union(*read(sent, 2 * ROOM).values())


def test_the_finding_says_how_much_all_may_hold_and_where_that_is_set():
    row = together.Room({"cells_together": 7}).refused(Path("a.csv")).cells.iloc[0]
    said = wording.said(CATALOGUE.rules["file_too_large"], row.to_dict())
    assert "close to 7 cells" in said["en"] and "limits.cells_together" in said["vi"]
