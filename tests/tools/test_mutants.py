"""The list of tools/mutants.py fits the project, and its parts do what it says of them."""

import sys
from collections import Counter

import pytest
import yaml

from analysis import project

sys.path.insert(0, str(project.PROJECT / "tools"))

import mutants

HELD = yaml.safe_load(mutants.LIST.read_text(encoding="utf-8"))
FILES = [f"src/analysis/{room}/{m}.py" for room in HELD["rooms"] for m in HELD["rooms"][room]]


def lines(file: str) -> set[str]:
    return {n.strip() for n in (project.PROJECT / file).read_text(encoding="utf-8").splitlines()}


@pytest.mark.parametrize("file", FILES)
def test_every_module_of_the_list_has_tests_of_its_own(file):
    own, _ = mutants.stages(project.PROJECT, file, HELD)
    assert own[0] == file and len(own) > 1


def test_whatever_the_list_names_is_there():
    named = {t for tests in HELD["tests"].values() for t in tests} | set(HELD["slow"])
    assert [name for name in named if not (project.PROJECT / name).is_file()] == []
    assert set(HELD["tests"]) | set(HELD["nothing changes"]) <= set(FILES)
    for file, listed in HELD["nothing changes"].items():
        for one in listed:
            assert set(one) == {"line", "becomes", "why"} and one["line"] not in one["becomes"]
            assert one["line"] in lines(file), (file, one["line"])


def test_figures_take_the_place_of_those_before():
    page = "a\n<!-- mutants: old -->\nx\n<!-- /mutants -->\nb\n"
    found = {"scoring": Counter(tried=3, noticed=2, unnoticed=1), "survey": Counter(tried=1)}
    made = mutants.written(found, page, 4, 3)
    assert made.startswith("a\n<!-- mutants: --seed 4 --n 3 -->\n| room |") and "x" not in made
    assert "| scoring | 3 | 2 | 0 | 1 |" in made and "| all | 4 | 2 | 0 | 1 |" in made
    assert mutants.written(found, made, 4, 3) == made


def test_texts_annotations_and_switches_are_left_alone():
    pytest.importorskip("cosmic_ray")
    source = (
        'def f(x: int | None = 1, *, key=True) -> int | None:\n    return g(f"{x + 1}", on=True)\n'
    )
    made = {m.becomes for seed in range(20) for m in mutants.drawn("f.py", source, 9, seed)}
    assert made == {
        "def f(x: int | None = 2, *, key=True) -> int | None:",
        "def f(x: int | None = 0, *, key=True) -> int | None:",
        "def f(x: int | None = 1, *, key=False) -> int | None:",
    }
