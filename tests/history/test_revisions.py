"""Late and corrected submissions: nothing is overwritten, any earlier state can be built again."""

import shutil
from datetime import date

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis import pipeline
from analysis.exchange import receipts
from analysis.history import revisions
from analysis.period import load
from analysis.project import PROJECT
from analysis.schema.tables import OBSERVATIONS, SCORES, named
from analysis.topics import corrections

PERIOD = "2022-Q1"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with one period of few units, in which something arrived after the deadline."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "data" / "catalogue", root / "data" / "catalogue")
    source = PROJECT / "data" / "submissions" / PERIOD
    target = root / "data" / "submissions" / PERIOD
    target.mkdir(parents=True)
    ledger = pd.read_csv(source / "received.csv", dtype=str)
    late = ledger[ledger["received_at"] > "2022-03-25"]
    early = ledger[ledger["received_at"] <= "2022-03-25"].head(12)
    kept = pd.concat([early, late])
    for name in kept["file"]:
        shutil.copy(source / name, target / name)
    shutil.copy(source / "period.yml", target / "period.yml")
    kept.to_csv(target / "received.csv", index=False)
    return root


def test_a_period_can_be_built_as_it_was_known_on_any_day(project):
    now = load(PERIOD, project)
    then = load(f"{PERIOD}@2022-03-25", project)
    arrived = receipts.days(project / "data" / "submissions" / PERIOD)
    assert max(arrived.values()) > date(2022, 3, 25)
    assert set(then.tables.submissions["source_file"]) == {
        name for name, day in arrived.items() if day <= date(2022, 3, 25)
    }
    assert len(now.tables.submissions) > len(then.tables.submissions)
    assert not (then.tables.issues["rule"] == "file_missing").any()
    assert "25/03/2022" in then.plan.title["vi"] and then.plan.key == f"{PERIOD}@2022-03-25"
    last = load(f"{PERIOD}@{max(arrived.values())}", project)
    for name in ("observations", "scores", "indicator_values"):
        pd.testing.assert_frame_equal(getattr(last.tables, name), getattr(now.tables, name))


def test_an_earlier_state_stays_as_it_was_when_more_arrives(project, tmp_path):
    before = load(f"{PERIOD}@2022-03-25", project).tables
    folder = project / "data" / "submissions" / PERIOD
    taken = sorted(folder.glob("II06a_*"))[0]
    correction = tmp_path / taken.name
    correction.write_bytes(taken.read_bytes() + b"\0")
    done = receipts.receive([correction], folder, date(2022, 4, 30))
    assert done["outcome"].tolist() == ["renamed"]
    after = load(f"{PERIOD}@2022-03-25", project).tables
    pd.testing.assert_frame_equal(before.observations, after.observations)
    pd.testing.assert_frame_equal(before.scores, after.scores)
    (folder / done["file"][0]).unlink()
    ledger = receipts.read(folder)
    ledger[ledger["file"] != done["file"][0]].to_csv(folder / "received.csv", index=False)


def test_a_state_of_a_day_needs_the_day_of_every_file(project, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(project / "data", root / "data", ignore=shutil.ignore_patterns("derived"))
    ledger = root / "data" / "submissions" / PERIOD / "received.csv"
    lines = ledger.read_text().splitlines()
    ledger.write_text("\n".join(lines[:1] + lines[2:]) + "\n")
    with pytest.raises(pipeline.NoSubmissionsError, match=lines[1].split(",")[0]):
        load(f"{PERIOD}@2022-03-25", root)
    with pytest.raises(pipeline.NoSubmissionsError, match="nothing had arrived"):
        ledger.write_text("\n".join(lines) + "\n")
        load(f"{PERIOD}@2000-01-01", root)


@pytest.mark.parametrize("code", ["2022-Q1@", "2022-Q1@25/03/2022", "2022-Q1@../x"])
def test_what_is_no_day_is_refused(code, project):
    with pytest.raises(ValueError, match="after @"):
        load(code, project)


def test_receiving_overwrites_nothing_and_takes_nothing_twice(tmp_path):
    folder = tmp_path / "2022-Q1"
    folder.mkdir()
    (tmp_path / "a").mkdir()
    first, second = tmp_path / "a.xlsx", tmp_path / "a" / "A.xlsx"
    first.write_bytes(b"one")
    second.write_bytes(b"two")
    day = date(2022, 3, 1)
    done = receipts.receive([first, second, first], folder, day)
    assert done["file"].tolist() == ["a.xlsx", "A_2.xlsx", "a.xlsx"]
    assert done["outcome"].tolist() == ["received", "renamed", "received_again"]
    assert (folder / "a.xlsx").read_bytes() == b"one"
    assert receipts.days(folder) == {"a.xlsx": day, "A_2.xlsx": day}
    again = tmp_path / "a_2.xlsx"  # which is A_2.xlsx on some systems
    again.write_bytes(b"three")
    assert receipts.receive([again], folder, day)["file"].tolist() == ["a_2_2.xlsx"]


def test_the_ledger_of_a_day_ends_with_it(tmp_path):
    lines = ["file,received_at,sha256", "a,2022-03-25,", "b,2022-03-26,", "c,,"]
    (tmp_path / "received.csv").write_text("\n".join(lines))
    assert receipts.read(tmp_path, date(2022, 3, 25))["file"].tolist() == ["a"]
    assert receipts.read(tmp_path)["file"].tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["received.csv", "Period.yml", "README.md"])
def test_a_file_that_is_named_like_ours_does_not_become_ours(name, tmp_path):
    """Whoever sends a ledger would else say when everything arrived."""
    (tmp_path / "sent").mkdir()
    (tmp_path / "period").mkdir()
    path = tmp_path / "sent" / name
    path.write_bytes(b"file,received_at\na.xlsx,1999-01-01\n")
    receipts.receive([path], tmp_path / "period", date(2022, 3, 1))
    (taken,) = receipts.read(tmp_path / "period")["file"]
    assert taken.casefold() not in receipts.OURS and (tmp_path / "period" / taken).exists()
    assert receipts.days(tmp_path / "period") == {taken: date(2022, 3, 1)}


@given(st.text(min_size=1).filter(lambda s: s.strip("./\0")))
@example("a\u202excod.exe")
@example("..\\a/b")
@example("~ .a")
def test_a_received_name_stays_in_its_folder_and_shows(name):
    safe = receipts.safe_name(name)
    assert safe.isprintable() and safe
    assert "/" not in safe and "\\" not in safe and not safe.startswith((".", "~"))


def test_a_file_that_is_not_what_was_received_is_named(project, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(project / "data", root / "data", ignore=shutil.ignore_patterns("derived"))
    folder = root / "data" / "submissions" / PERIOD
    ledger = receipts.read(folder)
    ledger["sha256"] = "0" * 64
    ledger.to_csv(folder / "received.csv", index=False)
    issues = load(PERIOD, root).tables.issues
    assert (issues["rule"] == "changed_since_receipt").sum() >= len(ledger)
    assert not (load(PERIOD).tables.issues["rule"] == "changed_since_receipt").any()


def figures(*rows):
    columns = ["reporting_unit", "form", "item", "level", "field", "obs_value", "source_cell"]
    return named(pd.DataFrame(rows, columns=columns).reindex(columns=OBSERVATIONS.columns))


def test_figures_are_corrected_added_or_withdrawn():
    before = figures(
        ("A", "f", "i", "_T", "land", 1.0, "B2"),
        ("A", "f", "j", "_T", "land", 2.0, "B3"),
        ("B", "f", "i", "_T", "land", None, "B2"),
        ("C", "f", "i", "_T", "land", 5.0, "B2"),
    )
    after = figures(
        ("A", "f", "i", "_T", "land", 3.0, "C2"),
        ("A", "f", "j", "_T", "land", 2.0, "C3"),
        ("B", "f", "i", "_T", "land", 4.0, "C2"),
    )
    found = revisions.figures(before, after).set_index("reporting_unit")
    assert found["change"].to_dict() == {"A": "corrected", "B": "added", "C": "withdrawn"}
    assert found.loc["A", ["before", "after", "source_cell"]].tolist() == [1.0, 3.0, "C2"]
    assert found.loc["C", "source_cell"] == "B2"


numbers = st.one_of(st.none(), st.integers(0, 9).map(float))


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("ij"), numbers, numbers)))
def test_what_changed_turns_one_state_into_the_other(rows):
    before = figures(*[(u, "f", i, "_T", "x", b, "B2") for u, i, b, _ in rows])
    after = figures(*[(u, "f", i, "_T", "x", a, "B2") for u, i, _, a in rows])
    changed = revisions.figures(before, after)
    assert len(changed) == sum(b != a for _, _, b, a in rows)
    assert revisions.figures(before, before).empty


def scores(*rows):
    columns = ["reporting_unit", "level", "code", "score", "rank"]
    return named(pd.DataFrame(rows, columns=columns).reindex(columns=SCORES.columns))


def test_a_rank_moved_by_others_is_told_from_ones_own():
    before = scores(
        ("A", "framework", "f", 5.0, 1), ("A", "indicator", "i", 5.0, None),
        ("B", "framework", "f", 4.0, 2), ("B", "indicator", "i", 4.0, None),
        ("C", "framework", "f", 1.0, 3), ("C", "indicator", "i", 1.0, None),
    )  # fmt: skip
    after = before.assign(score=[5.0, 5.0, 6.0, 6.0, 1.0, 1.0], rank=[2, None, 1, None, 3, None])
    changed = figures(("B", "f", "i", "_T", "x", 6.0, "B2"), ("C", "f", "k", "_T", "x", 6.0, "B2"))
    found = revisions.scores(before, after, changed).set_index("reporting_unit")
    assert found["why"].to_dict() == {"A": "others", "B": "own"}
    assert revisions.parts(before, after, ["B"])[["before", "after"]].values.tolist() == [[4, 6]]


@pytest.mark.parametrize(
    ("days", "deadline", "expected"),
    [
        (["2022-03-20", "2022-03-28"], "2022-03-25", "2022-03-25"),
        (["2022-03-20", "2022-03-24"], "2022-03-25", "2022-03-23"),
        (["2022-03-26", "2022-03-28"], "2022-03-25", "2022-03-27"),
        (["2022-03-20", "2022-03-20"], "2022-03-25", None),
        ([None, None], None, None),
        (["2022-03-20", None, "2022-03-28"], "2022-03-25", None),
        (["2022-03-20", "2022-03-28", None], "2022-03-25", None),
    ],
)
def test_the_state_to_compare_with(days, deadline, expected):
    came = pd.to_datetime(pd.Series(days, dtype=object))
    table = pd.DataFrame({"received_at": came, "first_received_at": came})
    deadline = deadline and date.fromisoformat(deadline)
    assert revisions.last_day(table, deadline) == (expected and date.fromisoformat(expected))


def test_the_key_sentence_counts_files_figures_and_units():
    arrived = pd.DataFrame({"source_file": ["a", "a", "b"]})
    moved = pd.DataFrame({"why": ["own", "others", "others"]})
    said = corrections.key(arrived, pd.DataFrame(index=range(1500)), moved, date(2022, 3, 25))
    assert "2 tệp" in said and "1.500 số liệu" in said and "2 đơn vị khác" in said


def test_the_finding_counts_those_who_moved():
    moved = pd.DataFrame(
        {"reporting_unit": list("abc"), "rank_before": [1, 2, 3], "rank_after": [3, 1, 2]}
    )
    steps = corrections.steps(moved, {"a": "A", "b": "B", "c": "C"})
    assert "tăng hạng: 2, giảm hạng: 1; nhiều nhất 2 bậc" in corrections.finding(steps)
