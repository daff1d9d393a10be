"""A project of one's own, begun by a command: from a clone, and from a wheel far from any."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from datetime import date
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.site import declared, new_projects

DAY = date(2026, 11, 30)


def test_a_project_has_what_a_period_needs_and_a_period_without_figures(tmp_path):
    plan = new_projects.begin(tmp_path / "mới", "", DAY)
    root, like = tmp_path / "mới", plans.plan("2025-Q3", cat.load(project.PROJECT))
    assert project.holds(root) and [p.name for p in tmp_path.iterdir()] == ["mới"]
    assert plan.code == "2026-Q4" and not plan.synthetic
    assert (plan.forms, plan.frameworks) == (like.forms, like.frameworks)
    assert [p.name for p in (root / "data/submissions").rglob("*")] == ["2026-Q4", "period.yml"]
    site = declared.load(root / "reports/site.yml", root / "notebooks")
    assert (site["report"], site["also_in"]) == (["2026-Q4"], {})
    assert cat.load(root).sha256 == cat.load(project.PROJECT).sha256


def test_an_empty_folder_becomes_the_project_and_the_period_is_the_one_that_is_named(tmp_path):
    assert new_projects.begin(tmp_path, "2027-Q1", DAY).code == "2027-Q1"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "notebooks", "reports"]


def state(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_what_somebody_has_there_stays_and_nothing_is_half_made(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.a").write_text("x")
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    before = state(tmp_path)
    for name, told in [("mine", r"\.a"), ("file", "no folder"), ("link", "link"), ("no/p", "no")]:
        with pytest.raises(new_projects.ProjectError, match=told):
            new_projects.begin(tmp_path / name, "", DAY)
    for code in ("2026-13", "1890-Q1x"):
        with pytest.raises(ValueError, match="period code"):
            new_projects.begin(tmp_path / "empty", code, DAY)
    write, done = new_projects.files.write, []

    def full(path, data):
        done.append(path)
        if len(done) > 9:
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(new_projects.files, "write", full)
    for name in ("empty", "new"):
        done.clear()
        with pytest.raises(OSError, match="space"):
            new_projects.begin(tmp_path / name, "", DAY)
    assert state(tmp_path) == before


def test_the_wheel_carries_what_a_project_begins_with_and_where_it_is_looked_for():
    stated = tomllib.loads((project.PROJECT / "pyproject.toml").read_text("utf-8"))
    held = stated["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert all(at == f"analysis/carried/{name}" for name, at in held.items())
    like = yaml.safe_load((project.PROJECT / "reports/site.yml").read_text("utf-8"))["begin_like"]
    asked = {*new_projects.GIVEN, f"data/submissions/{like}/period.yml"}
    assert set(held) == asked | {"docs", "reports/templates"}


COMMANDS = [["status"], ["init", "mới"], ["catalogue", "check"], ["status"]]
WALK = """
import json, os, sys
from pathlib import Path
from analysis import __main__, project
from analysis.render import report
from analysis.site import method_page
statuses = []
for words in json.loads(sys.argv[1]):
    root = ["--root", "mới"] if Path("mới").exists() else []
    try:
        __main__.app([*words, *root])
    except SystemExit as end:
        statuses.append(end.code)
carried = [report.TEMPLATES / "style.css", method_page.DOCS / "glossary.md", project.SOFTWARE]
print(json.dumps([statuses, [str(p) for p in carried if p.exists()]]))
"""


def test_an_installed_wheel_makes_a_project_without_git_or_a_clone(tmp_path):
    (built,) = WheelBuilder(str(project.PROJECT)).build(
        directory=str(tmp_path / "wheel"), versions=["standard"]
    )
    (tmp_path / "away").mkdir()
    with zipfile.ZipFile(built) as held:
        held.extractall(tmp_path / "installed")
    env = {"PYTHONPATH": str(tmp_path / "installed"), "PATH": "", "PYTHONUTF8": "1"}
    env |= {k: os.environ[k] for k in ("HOME", "SYSTEMROOT") if k in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", WALK, json.dumps(COMMANDS)],
        cwd=tmp_path / "away",
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    statuses, carried = json.loads(done.stdout.splitlines()[-1])
    assert statuses == [2, 0, 0, 0], done.stdout + done.stderr
    assert "reform-monitor init" in done.stdout and "2026" in done.stdout
    assert len(carried) == 3 and all("installed" in path for path in carried)
