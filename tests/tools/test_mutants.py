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
    found = {"scoring": Counter(tried=96, noticed=80, unnoticed=15, listed=1)}
    found["survey"] = Counter(tried=5, unnoticed=5)
    made = mutants.written(found, page, "--seed 4")
    assert made.startswith("a\n<!-- mutants: --seed 4 -->\n| room |") and "\nx\n" not in made
    assert "| scoring | 96 | 80 | 1 | 15 |" in made and "| all | 101 | 80 | 1 | 20 |" in made
    # Wilson 1927, by hand: (0.8 + z²/200 ± z √(0.0016 + z²/40000)) ÷ (1 + z²/100)
    assert "Noticed: 80 of 100, 80% (95 % interval 71% to 87%)." in made
    assert mutants.written(found, made, "--seed 4") == made


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
