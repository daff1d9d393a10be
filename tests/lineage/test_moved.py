"""Names of before: whoever asks for one is told where it is now."""

import importlib
import subprocess
import sys
from importlib.util import find_spec

import pytest

import analysis
from analysis import project
from analysis.lineage import imports, moved

ROWS = [(old, name, new) for old, held in moved.table().items() for name, new in held.items()]
NOW = imports.modules()


def test_all_that_is_said_is_so():
    assert len([old for old, name, _ in ROWS if not name]) > 125
    for old, name, new in ROWS:
        if new.startswith("tools."):
            assert (project.PROJECT / f"{new.replace('.', '/')}.py").exists(), old
        else:
            held = importlib.import_module(new)
            assert not name or hasattr(held, name), (old, name)


@pytest.mark.parametrize("old", sorted(old for old, name, _ in ROWS if not name))
def test_an_old_module_is_there_or_says_where_it_went(old):
    full, new = f"analysis.{old}", moved.table()[old][""]
    if full in NOW:  # a room of that name: its door says what it does not have
        return
    asked = [f"import {full}", f"from {full} import anything", f"import {full}.deeper"]
    if old not in analysis.__all__:  # periods is what all begin with now
        asked.append(f"from analysis import {old}")
        with pytest.raises(AttributeError, match="is now"):
            getattr(analysis, old)
    for ask in asked:
        with pytest.raises(ImportError) as refused:
            exec(ask)
        assert not isinstance(refused.value, ModuleNotFoundError)
        assert f"{full} is now {new if new in NOW else new.replace('.', '/')}" in str(refused.value)


@pytest.mark.parametrize("old, name, new", [row for row in ROWS if row[1]])
def test_a_function_that_left_its_module_is_told_of(old, name, new):
    full = f"analysis.{old}"
    with pytest.raises(ImportError) as refused:
        exec(f"from {full} import {name}")
    assert new in str(refused.value) and name in str(refused.value)


def test_the_module_of_before_is_named_with_what_to_write():
    with pytest.raises(ImportError) as refused:
        exec("from analysis import rank_views")
    told = "analysis.rank_views is now analysis.topics.ranking: "
    assert str(refused.value).startswith(told + "write `from analysis.topics import ranking`")
    with pytest.raises(ImportError, match="sample is now tools/sample/country.py: a tool of those"):
        exec("from analysis import sample")


@pytest.mark.parametrize(
    "room, name, told",
    [
        ("catalogue", "PROJECT", "write `from analysis.project import PROJECT`"),
        ("language", "markdown", "write `from analysis.language.languages import markdown`"),
        ("language", "chose", "no attribute 'chose'; nearest: chosen, choose"),
        ("pipeline", "load", "write `from analysis import load`"),
        ("pipeline", "lod", "module 'analysis.pipeline' has no attribute 'lod'"),
    ],
)
def test_what_a_room_or_module_of_the_same_name_lacks_is_told(room, name, told):
    held = importlib.import_module(f"analysis.{room}")
    with pytest.raises((AttributeError, ImportError)) as refused:
        getattr(held, name)
    assert told in str(refused.value)


def test_old_names_that_a_door_has_work():
    from analysis import catalogue, language, survey
    from analysis.language import choose, column, said, say

    assert callable(language.use) and callable(catalogue.load) and callable(survey.mean)
    assert say("x") == "x" and choose({"vi": "y"}) == "y" and column("a") and said({}) == {}


@pytest.mark.parametrize("name", ["analysis.nothing", "analysis.scoring.nothing", "nothing.at_all"])
def test_what_never_was_is_not_found_as_ever(name):
    with pytest.raises(ModuleNotFoundError, match=f"No module named '{name.partition('.at')[0]}"):
        importlib.import_module(name)
    if name.startswith("analysis"):
        assert find_spec(name) is None


def test_nothing_is_read_while_nothing_is_missing():
    code = (
        "import sys, analysis, analysis.language.words, analysis.catalogue\n"
        "from analysis.scoring import composite\n"
        "print('analysis.lineage.moved' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_lines_written_after_the_move_count_for_the_name_of_before(tmp_path, monkeypatch):
    lines = [
        "old_module,function,new_module",
        "rank_views,,analysis.topics.ranking",
        "analysis.topics.ranking,league,analysis.topics.league",
        "analysis.rank_views,place,analysis.topics.place",
    ]
    monkeypatch.setattr(moved, "FILE", tmp_path / "moved.csv")
    moved.FILE.write_text("\n".join(lines), encoding="utf-8")
    moved.table.cache_clear()
    try:
        expected = {"league": "analysis.topics.league", "place": "analysis.topics.place"}
        assert moved.table() == {"rank_views": {"": "analysis.topics.ranking"} | expected}
    finally:
        monkeypatch.undo()
        moved.table.cache_clear()
