"""A period of which little or nothing can be used: read, told file by file, sent back and built."""

import random
import re
import shutil
from dataclasses import fields

import hostile
import pandas as pd
import pytest
import yaml
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis import pipeline
from analysis.__main__ import app
from analysis.history import history
from analysis.period import Loaded, load
from analysis.project import PROJECT, Place
from analysis.site import planning, subjects
from analysis.storage import files
from analysis.survey import editions

PERIOD = "2024"  # one file for all units
_LINES = (Place().submissions(PERIOD) / "values.csv").read_bytes().splitlines(keepends=True)
NOTHING = {
    "a.docx": b"PK\x03\x04 x",
    "broken.xlsx": b"no workbook",
    "empty.xlsx": b"",
    "empty.csv": b"",
    "head.csv": b"foo,bar\n1,2\n",
    "head_only.csv": _LINES[0],
    "locked.xlsx": hostile.encrypted(random.Random(1)),
    "notes.txt": b"Kinh gui",
    "blank.xlsx": hostile.saved(hostile.openpyxl.Workbook()),
}
SOME = {"row.csv": b"".join(_LINES[:2]), "values.csv": b"".join(_LINES)}
NONE = {"README.md": b"x", "received.csv": b"file,received_at\nvalues.csv,2024-12-20\n"}


def project(root, sent: dict[str, bytes], setting: str = PERIOD):
    folder = hostile.project(root, setting)
    for name, data in sent.items():
        (folder / name).write_bytes(data)
    return root


def command(root, *words):
    done = CliRunner().invoke(app, [*words, "--root", str(root)])
    assert isinstance(done.exception, SystemExit | None), done.exception
    return done.exit_code, " ".join(done.output.split())


@example(sent={"values.csv", "received.csv"})  # nothing is wrong with it
@settings(max_examples=2, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes
@given(sent=st.sets(st.sampled_from([*NOTHING, *SOME, *NONE]), min_size=1))
def test_any_files_go_through_and_each_is_told(tmp_path_factory, sent):
    known, names = NOTHING | SOME | NONE, sent - set(NONE)
    root = project(tmp_path_factory.mktemp("some"), {n: known[n] for n in sent})
    if not names:  # nothing was sent: who is awaited is known all the same
        noted = {"file_missing"} if "received.csv" in sent else set()
        assert set(load(PERIOD, root).tables.issues["rule"]) == {"not_received", *noted}
        return
    found = hostile.through(root, PERIOD)
    assert hostile.faults(found, names) == {}
    warned = subjects.of(load(PERIOD, root)).warning
    assert bool(warned) == (not names & set(SOME))


@pytest.mark.parametrize("name", ["a.docx", "head_only.csv"])
def test_a_file_alone_of_which_nothing_can_be_used_has_its_reason(tmp_path, name):
    root = project(tmp_path, {name: NOTHING[name]})
    code, said = command(root, "check", PERIOD)
    assert code == 1 and "1 files" in said and "+ 0 accepted" in said and "1 annotated" in said
    values = load(PERIOD, root).tables.indicator_values
    assert set(values["time_period"]) == {PERIOD} and values["obs_value"].isna().all()


@pytest.mark.filterwarnings("ignore")
def test_pages_of_a_period_of_which_all_is_refused_say_so(tmp_path, in_this_process):
    root = project(tmp_path, {"a.docx": b"x", "head.csv": NOTHING["head.csv"]})
    hostile.through(root, PERIOD, pages=True)
    site = root / "reports" / PERIOD
    for page in site.glob("*.html"):
        assert "Chưa có số liệu nào của kỳ này dùng được" in page.read_text("utf-8"), page.name
    assert "0 trong" not in re.sub(r"<[^>]+>", "", (site / "index.html").read_text("utf-8"))
    (Place(root).submissions(PERIOD) / "values.csv").write_bytes(SOME["values.csv"])
    planned = planning.plan(load(PERIOD, root))
    assert not planned.batch.context.warning and len(planned.due) == len(planned.pages)


def test_published_scores_that_cannot_be_read_are_a_message_with_file_and_line(tmp_path):
    root = project(tmp_path, {"row.csv": SOME["row.csv"]})
    path = Place(root).submissions(PERIOD) / "period.yml"
    stated = yaml.safe_load(path.read_text("utf-8"))
    stated["published"] = {"framework": stated["frameworks"][0], "file": "own.csv"}
    path.write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    Place(root).reference.mkdir(parents=True)
    (Place(root).reference / "own.csv").write_text("unit,group\n01,a\n", "utf-8")
    code, said = command(root, "check", PERIOD)
    assert code and "data/reference/own.csv:1: has no column unit_code, metric" in said


@pytest.mark.parametrize("sent", [[], [*NONE]])
def test_a_period_for_which_nothing_was_sent_is_checked(tmp_path, sent):
    """Its weeks begin before the first file: that nothing is here yet is no error."""
    root = project(tmp_path, {n: NONE[n] for n in sent})
    code, said = command(root, "check", PERIOD)
    assert code == 0 and "0 files, 0 cells" in said


def test_a_period_before_of_which_nothing_came_or_is_used_stops_no_later_one(tmp_path):
    for before in ({}, {"a.docx": b"x"}):
        root = tmp_path / str(len(before))
        project(root, before, "2023")
        project(root, {"row.csv": SOME["row.csv"]})
        loaded = load(PERIOD, root)
        assert [p.plan.code for p in history.periods(loaded)][-1:] == [PERIOD]
        assert history.followed_before(loaded) == bool(before)
        assert len(history.submissions(loaded)["time_period"].unique()) == 1 + bool(before)


def one_form(root, setting: str, sent: dict[str, bytes]):
    """A quarter of one form, which is compared with the quarter before."""
    project(root, sent, setting)
    path = Place(root).submissions(setting) / "period.yml"
    stated = yaml.safe_load(path.read_text("utf-8"))
    stated |= {"forms": ["II.06a"], "frameworks": ["qd766_06a"]}
    path.write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")


def test_a_quarter_after_one_for_which_nothing_was_sent(tmp_path):
    path = Place().submissions("2022-Q2") / "II06a_01_2022-Q2.xlsx"
    one_form(tmp_path, "2022-Q1", {})
    one_form(tmp_path, "2022-Q2", {path.name: path.read_bytes()})
    loaded = load("2022-Q2", tmp_path)
    assert list(loaded.tables.submissions["reporting_unit"].dropna().unique()) == ["01"]
    assert not history.followed_before(loaded)


def test_a_quarter_of_which_all_is_refused_after_one_with_figures(tmp_path):
    """One of another type; last quarter's file, too, is refused in this one."""
    path = Place().submissions("2022-Q1") / "II06a_01_2022-Q1.xlsx"
    one_form(tmp_path, "2022-Q1", {path.name: path.read_bytes()})
    one_form(tmp_path, "2022-Q2", {"a.docx": b"x"})
    found = hostile.checked(tmp_path, "2022-Q2")
    assert hostile.faults(found, {"a.docx"}) == {}
    (Place(tmp_path).submissions("2022-Q2") / path.name).write_bytes(path.read_bytes())
    found = hostile.checked(tmp_path, "2022-Q2")
    assert hostile.faults(found, {path.name, "a.docx"}) == {}
    assert {"period_mismatch", "file_type"} <= set(found["issues"]["rule"])


def test_files_of_which_nobody_knows_when_they_came_stop_no_page(tmp_path):
    """Two came on known days, a third was put there by hand."""
    ledger = b"file,received_at\na.docx,2024-12-20\nb.docx,2024-12-28\n"
    sent = dict.fromkeys(("a.docx", "b.docx", "c.docx"), b"x") | {"received.csv": ledger}
    hostile.through(project(tmp_path, sent), PERIOD)


# --- surveys --------------------------------------------------------------------------------------


def test_an_edition_that_cannot_be_estimated_gives_its_answers_back_with_the_reason(tmp_path):
    lines = hostile.bases(hostile.EDITION)["a.csv"].splitlines(keepends=True)
    for name, sent, reason in (
        ("unreadable", {"a.xlsx": b"x", "b.docx": b"x"}, "a.xlsx: The file is no spreadsheet"),
        ("of another", {"a.csv": SOME["values.csv"]}, "These are no answers of the survey"),
        ("no answer", {"a.csv": lines[0]}, "a.csv: The file has no row of answers"),
        ("too few", {"a.csv": b"".join(lines[:9])}, "cannot be weighted: nobody answered"),
    ):
        root = tmp_path / name
        shutil.copytree(PROJECT / "data/catalogue", root / "data/catalogue")
        survey = Place(root).catalogue / "surveys/apci.yml"
        text = survey.read_text("utf-8")  # without a rule for cells in which too few answered
        survey.write_text(re.sub(r"(?ms)^collapse:\n.*?^(?=\w|#)", "", text), "utf-8")
        project(root, sent, hostile.EDITION)
        code, said = command(root, "apci", "2022")
        listed = Place(root).returns(hostile.EDITION) / "issues.csv"
        assert code == 2 and reason in said and str(listed.parent) in said, said
        assert all(n in listed.read_text("utf-8-sig") for n in sent if name != "no answer")


def test_an_edition_before_that_cannot_be_estimated_is_named(tmp_path):
    root = project(tmp_path, {"a.csv": hostile.bases(hostile.EDITION)["a.csv"]}, hostile.EDITION)
    source, before = (Place(r).survey("apci-2020") for r in (None or PROJECT, root))
    before.mkdir()
    for name in hostile.FRAME:
        (before / name).write_bytes((source / name).read_bytes())
    (before / "a.docx").write_bytes(b"x")
    stated = before.with_name("apci-2022") / "edition.yml"
    stated.write_text(stated.read_text("utf-8") + "earlier: '2020'\n", "utf-8")
    code, said = command(root, "apci", "2022")
    assert code == 2 and "apci-2022 is compared with 2020" in said and "a.docx" in said
    with pytest.raises(editions.NoResponsesError) as raised:
        editions.load("2022", root=root)
    assert raised.value.issues is None and files.digests(Place(root).returns("apci-2022")) == {}


def columns(loaded) -> dict[str, set[str]]:
    kind = pipeline.Tables if isinstance(loaded, Loaded) else editions.Tables
    return {f.name: set(getattr(loaded.tables, f.name)) for f in fields(kind)}


def of_one_firm(root):
    """A project with an edition in which one firm was drawn, and has answered."""
    survey = root / "data/survey/apci-2020"
    for name in ("data/catalogue", "data/survey/apci-2020"):
        shutil.copytree(PROJECT / name, root / name)
    for path in [*survey.glob("*.xlsx"), survey / "phieu_mien_nam.csv"]:
        path.unlink()
    answers = pd.read_csv(survey / "phieu_mien_bac.csv", dtype=str, keep_default_na=False)
    firm = answers.iloc[0, 0]
    answers[answers.iloc[:, 0] == firm].to_csv(survey / "phieu_mien_bac.csv", index=False)
    drawn = pd.read_csv(survey / "selected.csv", dtype=str)
    drawn = drawn[drawn["response"] == firm]
    drawn.to_csv(survey / "selected.csv", index=False)
    own = drawn[["region", "firm_size"]]
    strata = pd.read_csv(survey / "strata.csv").merge(own)
    strata.to_csv(survey / "strata.csv", index=False)
    totals = pd.read_csv(survey / "totals.csv").drop_duplicates("variable")
    totals["category"] = [drawn[variable].iloc[0] for variable in totals["variable"]]
    totals.assign(total=strata["population"].iloc[0]).to_csv(survey / "totals.csv", index=False)
    return root


def test_tables_have_their_columns_whatever_came(tmp_path):
    """Who asks for one of them meets no KeyError: with nothing in it, or of one firm alone."""
    nothing = project(tmp_path / "nothing", {"a.docx": NOTHING["a.docx"]})
    one = of_one_firm(tmp_path / "one")
    for full, few in (
        (load(PERIOD), load(PERIOD, nothing)),
        (editions.load("2020"), editions.load("2020", root=one)),
    ):
        whole, held = columns(full), columns(few)
        assert {name: lost for name in whole if (lost := whole[name] - held[name])} == {}
