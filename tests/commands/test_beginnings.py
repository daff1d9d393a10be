"""From nothing to a period and an edition of one's own, and how far each is."""

import json
import shutil

import pytest
import yaml
from shared import call

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.commands.overview import FILES


@pytest.fixture
def root(tmp_path):
    """A project with a catalogue, the description of one quarter, and nothing that was sent."""
    shutil.copytree(project.PROJECT / "data/catalogue", tmp_path / "data/catalogue")
    old = tmp_path / "data/submissions/2022-Q2"
    old.mkdir(parents=True)
    path = project.PROJECT / "data/submissions/2022-Q2/period.yml"
    stated = yaml.safe_load(path.read_text("utf-8"))
    stated |= {"forms": ["edocs"], "frameworks": ["edocs"], "due": {"types": ["ministry"]}}
    stated["coverage_note"] = {"vi": "của kỳ cũ", "en": "of the old one"}
    (old / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    return tmp_path


def state(root, code: str) -> dict:
    return json.loads(call(root, "status", code, "--json")[1])[0]


def test_a_new_period_takes_over_what_holds_and_nothing_that_was_true_of_the_old_alone(root):
    code, said = call(root, "new", "period", "2022-Q3", "--from", "2022-Q2", "--real")
    assert code == 0 and "15/06/2022" in said and "25/09/2022" in said
    plan = plans.plan("2022-Q3", cat.load(root), root)
    assert (plan.forms, plan.frameworks, plan.synthetic) == (["edocs"], ["edocs"], False)
    assert plan.title == {"vi": "Quý III năm 2022", "en": "Third quarter of 2022"}
    assert plan.coverage_note == {} and "máy sinh" not in str(plan.source)
    assert "source" in said and state(root, "2022-Q3")["state"] == "to_fill"


def test_what_is_said_is_written_and_the_last_period_alike_is_taken_if_none_is_named(root):
    words = ("--illustrative", "--title", "Quý thử: “a”", "--source", "các bộ # gửi")
    assert call(root, "new", "period", "2022-Q3", *words)[0] == 0
    plan = plans.plan("2022-Q3", cat.load(root), root)
    assert plan.synthetic and plan.title["vi"] == "Quý thử: “a”"
    assert plan.source["vi"] == "các bộ # gửi"
    held = state(root, "2022-Q3")
    assert (held["state"], held["files"], held["next"]) == (
        "nothing_sent",
        0,
        "receive 2022-Q3 FILE…",
    )


@pytest.mark.parametrize(
    "words, told",
    [
        (("2022-Q3",), "--real"),
        (("2022-Q2", "--real"), "là"),
        (("2022-Q9", "--real"), "no period code"),
        (("../x", "--real"), "no period code"),
        (("2023", "--real"), "--from"),
        (("2022-Q3", "--from", "2022-Q1", "--real"), "2022-Q2"),
    ],
)
def test_what_cannot_be_begun_is_told_and_nothing_is_left(root, words, told):
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    code, said = call(root, "new", "period", *words)
    assert code == 2 and (told in said or "stays as it is" in said)
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    assert [p.name for p in (root / "data/submissions").iterdir()] == ["2022-Q2"]


def test_one_whose_units_no_longer_exist_is_not_begun(root):
    path = root / "data/submissions/2022-Q2/period.yml"
    path.write_text(path.read_text("utf-8").replace("types:", "units: [BTTTT]\n  types:"), "utf-8")
    code, said = call(root, "new", "period", "2026-Q4", "--from", "2022-Q2", "--real")
    assert code == 2 and "BTTTT" in said and "nothing was made" in said
    assert not (root / "data/submissions/2026-Q4").exists()


def test_a_new_edition_is_described_and_its_next_step_is_told(root):
    words = ("apci-2023", "--months", "01/07/2022-31/12/2022", "--real", "--source", "VPCP")
    code, said = call(root, "new", "edition", *words)
    assert code == 0 and "selected.csv" in said
    plan = plans.edition("apci", "2023", cat.load(root), root)
    assert str(plan.units_on) == "2022-12-31" and plan.earlier is None
    assert state(root, "apci-2023")["state"] == "nothing_sent"
    assert call(root, "new", "edition", *words)[0] == 2
    for broken in (("apci-x", *words[1:]), ("apci-2024", "--months", "2022", "--real")):
        assert call(root, "new", "edition", *broken)[0] == 2
    assert sorted(p.name for p in (root / "data/survey").iterdir()) == ["apci-2023"]


def test_status_tells_a_broken_description_and_goes_on_with_the_others(root):
    call(root, "new", "period", "2022-Q3", "--real", "--source", "x")
    path = root / "data/submissions/2022-Q2/period.yml"
    path.write_text(path.read_text("utf-8").replace("edocs", "edoc"), "utf-8")
    code, said = call(root, "status")
    assert code == 0 and "description" in said and "2022-Q3" in said
    assert state(root, "2022-Q2")["state"] == "broken"


def test_the_map_of_files_names_only_what_there_is(root):
    code, said = call(root, "status", "--files")
    assert code == 0
    for path, _, told in FILES:
        assert (project.PROJECT / told).is_file(), told
        if "<" not in path:
            assert list(project.PROJECT.glob(path)), path
