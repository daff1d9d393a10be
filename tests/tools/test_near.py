"""What is near to a change, in a small project made for it and in this one."""

import subprocess

import pytest
from tools.near import NOTEBOOK, PROJECT, changed, longest, near

FILES = {
    "src/analysis/__init__.py": "",
    "src/analysis/scale.py": "",
    "src/analysis/score.py": "from analysis import scale",
    "src/analysis/report.py": "def page():\n    from analysis import score",
    "tests/conftest.py": "_LONGEST = ['test_site']\n_TOGETHER = dict.fromkeys(['test_links'], 'x')",
    "tests/shared.py": "",
    "tests/test_scale.py": "from analysis import scale",
    "tests/test_score.py": "import shared\nfrom analysis import score",
    "tests/test_report.py": "from analysis import report",
    "tests/test_site.py": "from analysis import scale",
    "docs/page.md": "",
    "LICENCE": "",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("near")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("file", "steps", "run"),
    [
        ("src/analysis/scale.py", 0, ["src/analysis/scale.py", "tests/test_scale.py"]),
        (
            "src/analysis/scale.py",
            1,
            ["src/analysis/scale.py", "tests/test_scale.py", "tests/test_score.py"],
        ),
        ("src/analysis/score.py", 0, ["src/analysis/score.py", "tests/test_score.py"]),
        ("tests/test_score.py", 1, ["tests/test_score.py"]),
        ("tests/test_site.py", 1, ["tests/test_site.py"]),
        ("tests/shared.py", 1, ["tests/test_score.py"]),
        ("docs/page.md", 1, ["tests/house/test_docs.py"]),
        ("notebooks/10_glance.ipynb", 1, [NOTEBOOK.format("10_glance")]),
        ("LICENCE", 1, []),
    ],
)
def test_near_is_what_imports_it(root, file, steps, run):
    found = near([file], root, steps)
    assert list(found.run) == run
    assert found.untried == ([] if run else [file])


def test_what_takes_minutes_is_left_and_named(root):
    assert list(near(["src/analysis/scale.py"], root).long) == ["tests/test_site.py"]
    assert longest(root) == {"test_site", "test_links"}
    assert longest() > {"test_site", "test_crash", "test_links"}


def test_changed_is_what_git_shows_and_does_not_ignore(root, tmp_path):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a", *words], cwd=tmp_path)

    git("init", "-q")
    for name in ("kept", "gone", "edited"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".gitignore").write_text("ignored")
    git("add", "-A")
    git("commit", "-q", "-m", "a")
    (tmp_path / "gone").unlink()
    for name in ("edited", "new ă.py", "ignored"):
        (tmp_path / name).write_text("b")
    assert changed(tmp_path) == ["edited", "new ă.py"]


def test_of_this_project_a_formula_has_its_own_tests_and_those_of_what_uses_it():
    found = near(["src/analysis/scoring/normalise.py"])
    assert {"tests/scoring/test_normalise.py", "tests/scoring/test_composite.py"} <= set(found.run)
    assert all((PROJECT / name).is_file() for name in [*found.run, *found.long])
