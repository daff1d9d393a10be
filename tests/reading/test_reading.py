"""Files are read once: what is kept gives the same cells as reading everything anew."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from few import FEW
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.lineage import imports
from analysis.reading import reading, workbook

CATALOGUE = cat.load()
PLAN = plans.plan("2022-Q2", CATALOGUE)
KNOWN = reading.Known(
    {code: CATALOGUE.forms[code] | {"stated_as": PLAN.stated_as} for code in PLAN.forms},
    pipeline.field_names(CATALOGUE),
    pipeline.vocabulary(CATALOGUE),
    CATALOGUE.parameters["limits"],
)
SENT = [p for p in pipeline.submitted_files(PLAN, project.Place()) if p.stat().st_size < 20_000]
SENT = [*SENT[::30], *(p for p in SENT if p.suffix not in (".xlsx", ".csv"))]


@pytest.fixture
def folder(tmp_path):
    """Submissions of every kind, a legacy one among them."""
    folder = tmp_path / "received"
    folder.mkdir()
    for path in SENT:
        shutil.copy(path, folder)
    legacy = project.Place().submissions("budget-2003")
    shutil.copy(next(legacy.glob("*.xls")), folder / "legacy.xls")
    return folder


@pytest.fixture
def opened(monkeypatch):
    """Names of the files that are read, in order."""
    names, read = [], workbook.received
    monkeypatch.setattr(
        workbook, "received", lambda p, limits: names.append(p.name) or read(p, limits)
    )
    return names


def cells(folder, kept, known=KNOWN) -> pd.DataFrame:
    """The cells, which must be those of reading everything anew."""
    paths = sorted(folder.iterdir())
    found = reading.read(paths, known, kept).cells
    anew = reading.read(
        paths, known, kept.with_name("never-there") / "x" / os.urandom(4).hex()
    ).cells
    pd.testing.assert_frame_equal(found, anew, check_exact=True, check_index_type="exact")
    return found


def marked(path, text: str) -> None:
    book = openpyxl.load_workbook(path)
    book.active["Z99"] = text
    book.save(path)


def again(folder, kept, opened, known=KNOWN) -> list[str]:
    """Names of the files that are read where something is kept; the result is checked first."""
    before = kept.read_bytes() if kept.exists() else None
    cells(folder, kept, known)
    kept.unlink()
    if before:
        kept.write_bytes(before)
    opened.clear()
    reading.read(sorted(folder.iterdir()), known, kept)
    return sorted(opened)


def test_only_changed_files_are_read(folder, tmp_path, opened):
    kept = tmp_path / "derived" / "located.parquet"
    everything = sorted(p.name for p in folder.iterdir())
    assert again(folder, kept, opened) == everything
    assert again(folder, kept, opened) == []
    first, second, third, *_ = sorted(folder.glob("*.xlsx"))
    marked(first, "changed")
    assert again(folder, kept, opened) == [first.name]
    shutil.copy(second, folder / "A.xlsx")
    assert again(folder, kept, opened) == ["A.xlsx"], "the same content under another name"
    second.rename(folder / "renamed.xlsx")
    assert again(folder, kept, opened) == ["renamed.xlsx"]
    third.unlink()
    assert again(folder, kept, opened) == []
    shutil.copy(folder / "A.xlsx", third)
    assert again(folder, kept, opened) == [third.name], "what was taken away is not kept"
    found = reading.read(sorted(folder.iterdir()), KNOWN, kept).cells
    assert {"sheet_missing", "file_type"} & set(found["rule"])
    assert found["source_file"].drop_duplicates().tolist() == sorted(os.listdir(folder))


def test_everything_is_read_anew_by_another_catalogue_or_other_code(
    folder, tmp_path, opened, monkeypatch
):
    kept = tmp_path / "located.parquet"
    everything = again(folder, kept, opened)
    code, form = next(iter(KNOWN.forms.items()))
    others = [
        replace(KNOWN, forms=KNOWN.forms | {code: form | {"version": form["version"] + 1}}),
        replace(KNOWN, forms=dict(reversed(KNOWN.forms.items()))),
        replace(KNOWN, field_names={**KNOWN.field_names, "x": "y"}),
        replace(KNOWN, words=KNOWN.words | {"ẩ"}),
        replace(KNOWN, limits=KNOWN.limits | {"file_bytes": 9_000}),
    ]
    for known in others:
        assert again(folder, kept, opened, known) == everything
        assert again(folder, kept, opened, known) == []
    monkeypatch.setattr(imports, "digest", lambda names: f"other code of {names}")
    assert again(folder, kept, opened, others[-1]) == everything


def test_reading_rests_on_readers_alone():
    modules = imports.closure(["analysis.reading.reading"])
    assert {m for m in modules if "locate" in m} and "analysis.reading.workbook" in modules
    assert {m.split(".")[1] for m in modules} == {
        "reading", "lineage", "storage", "language", "schema", "project"
    }  # fmt: skip


changes = st.lists(
    st.tuples(
        st.sampled_from(["change", "copy", "rename", "remove", "form"]),
        st.integers(0, 99),
        st.integers(0, 2),
    ),
    max_size=4,
)


@settings(max_examples=12)
@given(rounds=st.lists(changes, min_size=1, max_size=3))
def test_any_changes_give_what_reading_everything_gives(tmp_path_factory, rounds):
    root = tmp_path_factory.mktemp("any")
    folder, kept, known = root / "received", root / "located.parquet", KNOWN
    folder.mkdir()
    for path in SENT[:6]:
        shutil.copy(path, folder)
    for steps in rounds:
        for what, number, other in steps:
            there = sorted(folder.iterdir())
            path = there[number % len(there)]
            if what == "change":
                path.write_bytes(SENT[other].read_bytes())
            elif what == "copy":
                (folder / f"{other}{path.suffix}").write_bytes(path.read_bytes())
            elif what == "rename":
                path.rename(folder / f"{other}.xlsx")
            elif what == "remove" and len(there) > 1:
                path.unlink()
            elif what == "form":
                known = replace(KNOWN, forms=dict([*KNOWN.forms.items()][other:]))
        cells(folder, kept, known)


def test_what_is_damaged_or_of_another_is_never_used(folder, tmp_path, opened):
    kept = tmp_path / "located.parquet"
    paths = sorted(folder.iterdir())
    whole = reading.read(paths, KNOWN, kept).cells
    good = kept.read_bytes()
    other = tmp_path / "other.parquet"
    pd.DataFrame({"x": [1]}).to_parquet(other)
    swapped = tmp_path / "swapped.parquet"
    whole.to_parquet(swapped)
    damaged = [b"", b"PAR1", good[:-1], good[: len(good) // 2], good[9:], good + b"x"]
    for content in [*damaged, other.read_bytes(), swapped.read_bytes()]:
        kept.write_bytes(content)
        opened.clear()
        pd.testing.assert_frame_equal(reading.read(paths, KNOWN, kept).cells, whole)
        assert len(opened) == len(paths)
        opened.clear()
        pd.testing.assert_frame_equal(reading.read(paths, KNOWN, kept).cells, whole)
        assert not opened, "made anew"


@FEW  # a byte is of a page (with checksum), a page's head or the footer
@given(data=st.data())
def test_no_damaged_byte_changes_a_cell(kept_well, data):
    paths, kept, good, whole = kept_well
    at = data.draw(st.integers(0, len(good) - 1))
    bit = data.draw(st.integers(0, 7))
    kept.write_bytes(good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :])
    pd.testing.assert_frame_equal(reading.read(paths, KNOWN, kept).cells, whole)


@pytest.fixture(scope="module")
def kept_well(tmp_path_factory):
    kept = tmp_path_factory.mktemp("kept") / "located.parquet"
    paths = [p for p in SENT if p.stat().st_size < 10_000][:3]
    whole = reading.read(paths, KNOWN, kept).cells
    return paths, kept, kept.read_bytes(), whole


def test_a_file_replaced_while_it_is_read_is_read_again(folder, tmp_path, monkeypatch):
    kept, path = tmp_path / "located.parquet", sorted(folder.glob("*.xlsx"))[0]
    first, read = path.read_bytes(), workbook.received

    def while_replaced(p, limits):
        if p == path:
            marked(path, "while it was read")
        return read(p, limits)

    with monkeypatch.context() as patch:
        patch.setattr(workbook, "received", while_replaced)
        found = reading.read(sorted(folder.iterdir()), KNOWN, kept).cells
    assert "while it was read" in set(found["raw_text"])
    path.write_bytes(first)
    assert "while it was read" not in set(cells(folder, kept)["raw_text"])


def test_runs_at_the_same_time_do_not_disturb_each_other(folder, tmp_path):
    kept = tmp_path / "located.parquet"
    paths = sorted(folder.iterdir())[:6]
    other = replace(KNOWN, words=set())
    whole = reading.read(paths, KNOWN, kept).cells

    def run(number: int) -> None:
        for known in (KNOWN, other):
            pd.testing.assert_frame_equal(reading.read(paths[number % 3 :], known, kept).cells,
                whole[whole["source_file"].isin([p.name for p in paths[number % 3 :]])]
                .reset_index(drop=True), check_dtype=False)  # fmt: skip

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(8)))
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["located.parquet"]


def test_where_nothing_can_be_kept_everything_is_read(folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    kept = tmp_path / "file" / "located.parquet"
    assert len(reading.read(sorted(folder.iterdir()), KNOWN, kept).cells)
