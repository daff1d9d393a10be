"""What arrived and when: the order of the ledger's lines decides, and whatever stops ``receive``,
the same command leaves what it would have left undisturbed."""

import errno
import io
import os
import shutil
import signal
import sys
import unicodedata
from datetime import date

import hostile
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.catalogue import plans
from analysis.checking import timeliness
from analysis.exchange import appended, blank_forms, journal, receipts
from analysis.period import check, load
from analysis.project import PROJECT
from analysis.storage import files

DAY = date(2022, 6, 20)
EXCEL = "\ufeffSTT;File;Received_at;Ghi chú\r\n1;cũ.xlsx;05/06/2022;đã gọi".encode()


@pytest.fixture()
def sent(tmp_path):
    """Three files that were sent, by name."""
    folder = tmp_path / "sent"
    folder.mkdir()
    for name in ("v1", "v2", "v3"):
        (folder / f"{name}.xlsx").write_bytes(name.encode() * 1000)
    return {path.stem: path for path in sorted(folder.iterdir())}


def period(tmp_path, name="2022-Q2", book=None):
    folder = tmp_path / name
    folder.mkdir()
    if book is not None:
        (folder / "cũ.xlsx").write_bytes(b"old")
        (folder / receipts.LEDGER).write_bytes(book)
    return folder


def state(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def lines(folder):
    return receipts.read(folder).sort_values("row")["file"].tolist()


# --- what receive does ---------------------------------------------------------------------------


def test_what_is_sent_again_after_something_else_has_another_line(tmp_path, sent):
    folder, (v1, v2, v3) = period(tmp_path), sent.values()
    for path in (v1, v2, v1, v1, v1):
        receipts.receive([path], folder, DAY)
    assert lines(folder) == ["v1.xlsx", "v2.xlsx", "v1.xlsx"]
    done = receipts.receive([v2, v2, v3], folder, DAY)
    assert done["outcome"].tolist() == ["received_again", "already_here", "received"]
    assert lines(folder)[3:] == ["v2.xlsx", "v3.xlsx"]


def test_a_command_that_is_repeated_adds_nothing(tmp_path, sent):
    folder, (v1, v2, v3) = period(tmp_path, book=EXCEL), sent.values()
    for given in ([v1, v2, v1], [v2, v2], [v3, v1]):
        receipts.receive(given, folder, DAY)
        before = state(folder)
        for day in (DAY, date(2022, 6, 21)):  # midnight may lie between
            again = receipts.receive(given, folder, day)
            assert set(again["outcome"]) == {"already_here"} and state(folder) == before
    receipts.receive([v3, v1, v2], folder, DAY)
    assert lines(folder)[-3:] == ["v3.xlsx", "v1.xlsx", "v2.xlsx"], "only what is new"


def test_the_day_decides_before_the_line(tmp_path, sent):
    """Noted late: v1 came before v2, whatever the order of the lines."""
    folder, (v1, v2, _) = period(tmp_path), sent.values()
    receipts.receive([v2], folder, date(2022, 6, 20))
    receipts.receive([v1], folder, date(2022, 6, 10))
    assert receipts.read(folder)["file"].tolist() == ["v1.xlsx", "v2.xlsx"]
    receipts.receive([v1], folder, date(2022, 6, 25))  # its line is the last, but v2 came after it
    assert receipts.read(folder)["file"].tolist() == ["v1.xlsx", "v2.xlsx", "v1.xlsx"]
    receipts.receive([v1], folder, date(2022, 6, 1))  # it had come before: the day was wrong
    assert receipts.days(folder)["v1.xlsx"] == date(2022, 6, 1)


def test_a_line_without_a_day_came_after_the_one_above(tmp_path):
    book = b"file,received_at\na,2022-06-20\nb,32/13/2022\nc,2022-06-10\nd,\n"
    folder = period(tmp_path, book=book)
    assert receipts.read(folder)["file"].tolist() == ["c", "d", "a", "b"]
    assert receipts.faults(folder)["source_cell"].tolist() == ["B3", "B5"]
    assert receipts.faults(folder, DAY).empty, "nobody knows whether they were there"


def test_a_file_that_lies_there_without_a_line_gets_one(tmp_path, sent):
    folder = period(tmp_path, book=EXCEL)
    shutil.copy(sent["v1"], folder / "tự chép.xlsx")
    done = receipts.receive([sent["v1"]], folder, DAY)
    assert done["file"].tolist() == ["tự chép.xlsx"] and done["outcome"].tolist() == ["received"]
    assert lines(folder) == ["cũ.xlsx", "tự chép.xlsx"]


def test_names_are_the_same_however_their_letters_are_written(tmp_path):
    name = "Bộ Y tế.xlsx"
    apart = unicodedata.normalize("NFD", name)
    for on_disk, in_ledger in ((name, apart), (apart, name)):
        folder = period(tmp_path, f"{len(on_disk)}")
        (folder / on_disk).write_bytes(b"x")
        (folder / receipts.LEDGER).write_text(f"file,received_at\n{in_ledger},2022-06-20\n")
        assert receipts.days(folder) == {on_disk: DAY}
        sent = tmp_path / name
        sent.write_bytes(b"y")
        done = receipts.receive([sent], folder, DAY)
        assert done["file"].tolist() == ["Bộ Y tế_2.xlsx"], "the same name on some systems"


def test_a_new_file_does_not_come_under_the_name_of_one_that_is_gone(tmp_path, sent):
    folder = period(tmp_path, book=b"file,received_at,sha256\nv1.xlsx,2022-06-01,\n")
    assert receipts.receive([sent["v1"]], folder, DAY)["file"].tolist() == ["v1_2.xlsx"]
    digest = files.sha256(sent["v2"])
    with (folder / receipts.LEDGER).open("a") as book:
        book.write(f"v2.xlsx,2022-06-01,{digest}\n")
    assert receipts.receive([sent["v2"]], folder, DAY)["file"].tolist() == ["v2.xlsx"]


def test_a_name_as_long_as_can_be_is_cut_where_it_gets_a_number(tmp_path):
    (tmp_path / "sent").mkdir()
    folder, path = period(tmp_path), tmp_path / "sent" / ("ậ" * 83 + ".xlsx")
    for content in (b"one", b"two"):
        path.write_bytes(content)
        receipts.receive([path], folder, DAY)
    assert sorted(len(n.encode()) for n in lines(folder)) == [253, 254]


def test_nothing_that_lies_in_the_folder_is_followed_or_overwritten(tmp_path, sent):
    folder, outside = period(tmp_path), tmp_path / "outside"
    outside.write_bytes(b"theirs")
    (folder / "v1.xlsx").symlink_to(outside)
    (folder / "v2.xlsx").symlink_to(tmp_path / "nowhere")
    (folder / ".v3.xlsx.abc.part").write_bytes(sent["v3"].read_bytes())
    done = receipts.receive(sent.values(), folder, DAY)
    assert done["file"].tolist() == ["v1_2.xlsx", "v2_2.xlsx", "v3.xlsx"]
    assert outside.read_bytes() == b"theirs" and not (tmp_path / "nowhere").exists()
    assert (folder / ".v3.xlsx.abc.part").exists(), "of others, whatever it is"


def test_a_ledger_that_is_a_link_stays_one(tmp_path, sent):
    folder, book = period(tmp_path), tmp_path / "sổ.csv"
    book.write_bytes(EXCEL)
    (folder / receipts.LEDGER).symlink_to(book)
    receipts.receive([sent["v1"]], folder, DAY)
    assert (folder / receipts.LEDGER).is_symlink()
    assert book.read_bytes() == EXCEL + b"\r\n;v1.xlsx;2022-06-20;\r\n"
    book.unlink()
    before = sorted(os.listdir(folder))
    with pytest.raises(OSError, match="leads nowhere"):
        receipts.receive([sent["v2"]], folder, DAY)
    assert sorted(os.listdir(folder)) == before and not book.exists()


@pytest.mark.parametrize(
    ("book", "said"),
    [(b"file,received_at\na,2022-06-05,x\n", "received.csv: line 2"),
     (b"a.xlsx,2022-06-05\n", "received.csv: line 1"),
     (b"file,received_at\n\xc3\x28,2022-06-05\n", "received.csv: line 2"),
     (b"file,received_at\n\0,2022-06-05\n", "received.csv: line 2")],
)  # fmt: skip
def test_a_ledger_that_cannot_be_read_stops_receive_before_it_touches_anything(
    tmp_path, sent, book, said
):
    folder = period(tmp_path, book=book)
    before = state(folder)
    with pytest.raises(appended.AppendedError, match=said):
        receipts.receive(sent.values(), folder, DAY)
    assert state(folder) == before


def test_a_ledger_in_capitals_is_one_and_a_second_is_named(tmp_path, sent):
    folder = period(tmp_path)
    (folder / "Received.CSV").write_bytes(EXCEL)
    receipts.receive([sent["v1"]], folder, DAY)
    assert (folder / "Received.CSV").read_bytes().startswith(EXCEL + b"\r\n;v1.xlsx;")
    (folder / "received.csv").write_bytes(b"file,received_at\n")
    before = (folder / "Received.CSV").read_bytes()
    receipts.receive([sent["v2"]], folder, DAY)
    assert lines(folder) == ["v2.xlsx"] and (folder / "Received.CSV").read_bytes() == before
    (fault,) = receipts.faults(folder).to_dict("records")
    assert (fault["source_file"], fault["rule"]) == ("Received.CSV", "ledger_unreadable")


# --- killed, or without room ---------------------------------------------------------------------

CHANGING = ["open", "write", "fsync", "link", "unlink", "rename", "replace"]


class Killed(BaseException):
    """What nobody catches: nothing is changed after it."""


def stopped(at, stop, given, folder, dead=False):
    """Receive files with the ``at``-th change of the disk replaced by ``stop(change, *given)``.

    ``dead``: with those that follow, too. Returns whether it came so far.
    """
    seen = [0]

    def watched(change):
        def call(*words, **named):
            seen[0] += 1
            now = seen[0] == at or (dead and seen[0] > at)
            return stop(change, *words) if now else change(*words, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGING:
            patch.setattr(os, name, watched(getattr(os, name)))
        receipts.receive(given, folder, DAY)
    return seen[0] >= at


def halved(change, *given):
    if change.__name__ == "write":
        change(given[0], bytes(given[1])[: len(given[1]) // 2])


def dies(change, *given):
    halved(change, *given)
    raise Killed


def killed(at, given, folder):
    """Whether receiving was stopped at its ``at``-th change of the disk, a write in its middle."""
    try:
        stopped(at, dies, given, folder, dead=True)
    except Killed:
        return True
    return False


def really_killed(at, given, folder):
    """The same by the signal, in a process of its own."""
    process = os.fork()
    if not process:

        def dies(change, *given):
            halved(change, *given)
            os.kill(os.getpid(), signal.SIGKILL)

        try:
            stopped(at, dies, given, folder)
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status)


def in_force(folder):
    return receipts.read(folder)["file"].tolist()[-1:]


def undisturbed(tmp_path, given, book):
    folder = period(tmp_path, "undisturbed", book)
    receipts.receive(given, folder, DAY)
    return state(folder)


@pytest.mark.parametrize(
    ("book", "every"), [(EXCEL, 1), (None, 3), (EXCEL.decode().encode("utf-16"), 3)]
)
def test_killed_at_any_change_the_same_command_leaves_what_an_undisturbed_one_does(
    tmp_path, sent, book, every
):
    given, at = [sent["v1"], sent["v2"], sent["v1"]], 1
    whole = undisturbed(tmp_path, given, book)
    while killed(at, given, folder := period(tmp_path, f"{at}", book)):
        there, before = state(folder), book or b""
        assert there.get("received.csv", b"").startswith(before)
        shown = {n: d for n, d in there.items() if not n.startswith(".") and n != "received.csv"}
        assert shown.items() <= whole.items(), "nothing half-written is seen"
        killed(at % 7 + 1, given, folder)
        receipts.receive(given, folder, DAY)
        assert state(folder) == whole, at
        assert in_force(folder) == ["v1.xlsx"]
        at += every
    assert at > 20 and state(folder) == whole


@pytest.mark.skipif(sys.platform == "win32", reason="no processes to kill")
def test_killed_by_the_signal(tmp_path, sent):
    given, at = [sent["v1"], sent["v2"], sent["v1"]], 1
    whole = undisturbed(tmp_path, given, EXCEL)
    while really_killed(at, given, folder := period(tmp_path, f"{at}", EXCEL)):
        receipts.receive(given, folder, DAY)
        assert state(folder) == whole, at
        at += 6
    assert at > 20 and state(folder) == whole


def test_without_room_the_same_command_leaves_what_an_undisturbed_one_does(tmp_path, sent):
    def full(change, *given):
        halved(change, *given)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    given, at, reached = [sent["v1"], sent["v2"], sent["v1"]], 1, True
    whole = undisturbed(tmp_path, given, EXCEL)
    while reached:
        folder = period(tmp_path, f"{at}", EXCEL)
        before = state(folder)
        try:
            reached = stopped(at, full, given, folder)
        except OSError:
            if not journal.pending(folder) and state(folder) != whole:
                assert state(folder) == before, "all or nothing"
        receipts.receive(given, folder, DAY)
        assert state(folder) == whole, at
        at += 1
    assert at > 20


def until(condition, tmp_path, given, book=None):
    """A folder in which receiving was killed as soon as ``condition`` of it held."""
    for at in range(1, 99):
        folder = period(tmp_path, f"{at}", book)
        assert killed(at, given, folder)
        if condition(folder):
            return folder
    raise AssertionError(condition)


def test_what_was_begun_is_finished_by_whichever_command_comes_next(tmp_path, sent):
    """Also where somebody has saved the ledger anew meanwhile."""
    given = [sent["v1"], sent["v2"]]
    folder = until(lambda f: (f / "v2.xlsx").exists(), tmp_path, given, EXCEL)
    assert journal.pending(folder) and lines(folder) == ["cũ.xlsx"]
    book = "file\treceived_at\r\ncũ.xlsx\t2022-06-05\r\n".encode("utf-16")
    (folder / receipts.LEDGER).write_bytes(book)
    receipts.receive([sent["v3"]], folder, DAY)
    assert lines(folder) == ["cũ.xlsx", "v1.xlsx", "v2.xlsx", "v3.xlsx"]
    assert (folder / receipts.LEDGER).read_bytes().startswith(book)
    assert not any(name.startswith(".") for name in os.listdir(folder))


def test_a_name_that_somebody_has_taken_meanwhile_is_not_overwritten(tmp_path, sent):
    def whole(folder):
        path = folder / journal.RECORD
        return path.exists() and path.read_bytes().endswith(b"whole\n")

    folder = until(whole, tmp_path, [sent["v1"]])
    (folder / "v1.xlsx").write_bytes(b"theirs")
    with pytest.raises(FileExistsError, match="meanwhile"):
        receipts.receive([sent["v1"]], folder, DAY)
    assert (folder / "v1.xlsx").read_bytes() == b"theirs"
    (folder / "v1.xlsx").rename(folder / "other.xlsx")
    receipts.receive([sent["v1"]], folder, DAY)
    assert (folder / "v1.xlsx").read_bytes() == sent["v1"].read_bytes()
    assert lines(folder) == ["v1.xlsx"]


def test_what_is_no_record_of_ours_is_left_where_it_is(tmp_path, sent):
    folder = period(tmp_path)
    (folder / journal.RECORD).write_bytes(b'{"my": "notes"}')
    with pytest.raises(FileExistsError, match="not a record"):
        receipts.receive([sent["v1"]], folder, DAY)
    assert state(folder) == {journal.RECORD: b'{"my": "notes"}'}


def test_a_file_system_that_knows_no_second_name(tmp_path, sent, monkeypatch):
    def link(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    folder = period(tmp_path)
    receipts.receive(sent.values(), folder, DAY)
    assert sorted(state(folder)) == ["received.csv", "v1.xlsx", "v2.xlsx", "v3.xlsx"]


def test_a_file_that_changes_while_it_is_read_is_not_received(tmp_path, sent, monkeypatch):
    folder, digest = period(tmp_path), files.sha256
    seen = lambda path: "0" * 64 if path == sent["v2"] else digest(path)  # noqa: E731
    monkeypatch.setattr(files, "sha256", seen)
    with pytest.raises(OSError, match="changed while it was read"):
        receipts.receive([sent["v1"], sent["v2"]], folder, DAY)
    assert state(folder) == {}


# --- what counts ---------------------------------------------------------------------------------

STATED = """
time_period: 2022-Q2
title: {vi: Quý II, en: Q2}
regime: nd09_2019
forms: [edocs]
frameworks: []
due: {units: ["10"]}
synthetic: true
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project of one unit and one form; its workbooks say 1, 2, 3 in C11."""
    root = tmp_path_factory.mktemp("project")
    folder = root / "data/submissions/2022-Q2"
    folder.mkdir(parents=True)
    (folder / "period.yml").write_text(STATED, "utf-8")
    plan = plans.plan("2022-Q2", hostile.CATALOGUE, root)
    (unit,) = (u for _, u in plans.due_units(hostile.CATALOGUE, plan, "edocs").iterrows())
    for name in ("b", "a", "c"):
        book, held = blank_forms.blank(hostile.CATALOGUE.forms["edocs"], unit, plan), io.BytesIO()
        book.worksheets[0]["C11"] = "bac".index(name) + 1
        book.save(held)
        (folder / f"{name}.xlsx").write_bytes(held.getvalue())
    return root


def checked(root, book, at="2022-Q2"):
    """What C11 says, and the tables, with such lines in the ledger."""
    path = root / "data/submissions/2022-Q2/received.csv"
    path.write_bytes(book if isinstance(book, bytes) else f"file,received_at\n{book}".encode())
    held = check(plans.plan(at, hostile.CATALOGUE, root), hostile.CATALOGUE, root)
    values = held["observations"].set_index("source_cell")["obs_value"]
    return values.get("C11"), held


ORDERS = [
    ("b.xlsx,2022-06-20\na.xlsx,2022-06-20\nc.xlsx,2022-06-20\n", 3),
    ("c.xlsx,2022-06-20\nb.xlsx,2022-06-20\na.xlsx,2022-06-20\n", 2),
    ("a.xlsx,2022-06-20\nc.xlsx,2022-06-20\nb.xlsx,2022-06-20\n", 1),
    ("c.xlsx,12/06/2022\nb.xlsx,05/06/2022\na.xlsx,2022-06-11\n", 3),
    ("b.xlsx,2022-06-20\na.xlsx,2022-06-20\nc.xlsx,2022-06-20\nb.xlsx,2022-06-20\n", 1),
    ("c.xlsx,2022-06-20\nb.xlsx,2022-06-19\na.xlsx,2022-06-18\n", 3),
    ("c.xlsx,2022-06-20 14:00\nb.xlsx,2022-06-20 8:00\na.xlsx,20/06/2022 01:30:00 CH\n", 3),
    ("c.xlsx,2022-06-20 14:00\nb.xlsx,2022-06-20\na.xlsx,2022-06-20 01:30\n", 2),
    ("b.xlsx,2022-06-20\na.xlsx,32/13/2022\nc.xlsx,2022-06-10\n", 2),
]


@pytest.mark.parametrize(("lines", "expected"), ORDERS)
def test_the_latest_by_day_and_line_is_in_force(root, lines, expected):
    value, held = checked(root, lines)
    assert value == expected
    assert held["submissions"]["state"].value_counts().to_dict() == {
        "superseded": 2,
        "in_force": 1,
    }


NAMED = [
    ("x.xlsx", "x (2).xlsx"), ("x (2).xlsx", "x.xlsx"), ("x_9.xlsx", "x_10.xlsx"),
    ("x_10.xlsx", "x_9.xlsx"), ("x - Copy.xlsx", "x.xlsx"), ("Báo cáo (1).xlsx", "Báo cáo.xlsx"),
    ("x.xlsx", "X2.XLSX"),
]  # fmt: skip


@pytest.fixture()
def two(root, tmp_path):
    """The project with two workbooks that say 2 and 1, under names that a test gives them."""
    shutil.copytree(root, tmp_path / "copy")
    folder = tmp_path / "copy/data/submissions/2022-Q2"
    (folder / "c.xlsx").unlink()

    def called(first, second):
        (folder / "a.xlsx").rename(folder / "first")
        (folder / "b.xlsx").rename(folder / second)
        (folder / "first").rename(folder / first)
        return tmp_path / "copy"

    return called


@pytest.mark.parametrize(("first", "second"), NAMED)
def test_of_one_day_the_later_line_counts_whatever_the_files_are_called(two, first, second):
    lines = f"{first},2022-06-20\n{second},2022-06-20\n"
    value, held = checked(two(first, second), lines)
    assert value == 1
    states = held["submissions"].set_index("source_file")["state"].to_dict()
    assert states == {first: "superseded", second: "in_force"}


@pytest.mark.parametrize("lines", ["", "x (2).xlsx,2022-06-20\n", "x.xlsx,2022-06-20\n", b""])
def test_where_the_ledger_lacks_a_line_neither_counts_and_each_names_the_other(two, lines):
    first, second = "x.xlsx", "x (2).xlsx"
    value, held = checked(two(first, second), lines)
    assert value is None or value != value
    issues = held["issues"].query("rule == 'order_unknown'").set_index("source_file")
    assert set(issues.index) == {first, second} and set(issues["severity"]) == {"blocking"}
    assert second in issues.loc[first, "message_vi"] and first in issues.loc[second, "message_vi"]
    assert (held["balance"]["unaccounted"] == 0).all() and held["balance"]["in_issues"].all()


def test_what_came_back_counts_again_and_was_in_time_when_it_first_came(root):
    """Due on 25/06: a form that came in time is not late because it was sent once more."""
    lines = "b.xlsx,2022-06-10\nc.xlsx,2022-06-26\na.xlsx,2022-06-27\nb.xlsx,2022-06-28\n"
    value, held = checked(root, lines)
    assert value == 1
    sent = held["submissions"].set_index("source_file")
    assert sent["revision"].to_dict() == {"a.xlsx": 2, "b.xlsx": 3, "c.xlsx": 1}
    assert sent["received_at"].dt.day.to_dict() == {"a.xlsx": 27, "b.xlsx": 28, "c.xlsx": 26}
    issues = held["issues"]
    late = issues.loc[issues["rule"] == "received_late", "source_file"]
    assert sorted(late) == ["a.xlsx", "b.xlsx", "c.xlsx"]
    replaced = issues[issues["rule"] == "superseded"]
    assert sorted(replaced["source_file"]) == ["a.xlsx", "c.xlsx"]
    plan = plans.plan("2022-Q2", hostile.CATALOGUE, root)
    due = {"edocs": plans.due_units(hostile.CATALOGUE, plan, "edocs")}
    tables = held["submissions"], held["observations"], issues
    (row,) = timeliness.records(*tables, due, plan.code, plan.deadline).to_dict("records")
    assert (row["state"], row["days_late"]) == ("on_time", -15)
    assert checked(root, lines, "2022-Q2@2022-06-27")[0] == 2, "as it was known before"


def test_a_plain_repetition_makes_nothing_late(root):
    lines = "c.xlsx,2022-06-10\na.xlsx,2022-06-11\nb.xlsx,2022-06-12\nb.xlsx,2022-07-28\n"
    value, held = checked(root, lines)
    assert value == 1 and "received_late" not in set(held["issues"]["rule"])
    assert held["submissions"]["received_at"].dt.month.tolist() == [6, 6, 6]


def test_a_day_that_is_missing_is_given_by_a_later_line(root):
    value, held = checked(
        root,
        "c.xlsx,2022-06-10\na.xlsx,2022-06-11\nb.xlsx,31/06/2022\nb.xlsx,2022-06-12\n",
    )
    assert value == 1 and held["submissions"]["received_at"].notna().all()


BAD = [
    ("b.xlsx,\n", "ledger_day_missing", "B", "b.xlsx"),
    ("b.xlsx,32/13/2022\n", "ledger_day", "B", "32/13/2022"),
    ("b.xlsx,06/25/2022\n", "ledger_day", "B", "06/25/2022"),
    ("b.xlsx,44717\n", "ledger_day", "B", "44717"),
    ("b.xlsx,hôm qua\n", "ledger_day", "B", "hôm qua"),
    ("b.xlsx,2022-06-20,x\n", "ledger_line", "A", "b.xlsx,2022-06-20,x"),
    ('"b.xlsx,2022-06-20\n', "ledger_line", "A", '"b.xlsx'),
    (",2022-06-20\n", "ledger_line", "A", "2022-06-20"),
]


def test_a_bad_line_is_a_finding_about_that_line(root):
    bad = "".join(line for line, *_ in BAD)
    value, held = checked(root, f"c.xlsx,2022-06-20\n{bad}a.xlsx,2022-06-21\n")
    assert value == 2
    found = held["issues"][held["issues"]["source_file"] == "received.csv"]
    found = found.sort_values("source_cell", key=lambda cells: cells.str[1:].astype(int))
    for n, (issue, (_, rule, column, quoted)) in enumerate(
        zip(found.to_dict("records"), BAD, strict=True), 3
    ):
        assert (issue["rule"], issue["source_cell"]) == (rule, f"{column}{n}")
        assert quoted in issue["message_vi"] and quoted in issue["message_en"]
    unknown = held["issues"][held["issues"]["rule"] == "received_unknown"]
    assert unknown["source_file"].tolist() == ["b.xlsx"]
    balance = held["balance"]
    assert "received.csv" not in set(balance["source_file"]) and not balance["unaccounted"].any()


def test_a_ledger_that_cannot_be_read_is_a_finding_and_the_period_goes_on(root):
    for book in (b"", b"file;day\n"):
        value, held = checked(root, book)
        assert value is None or value != value, "which of the three is the latest nobody knows"
        rules = set(held["issues"]["rule"])
        assert (held["issues"]["rule"] == "order_unknown").sum() == 3
        assert "received_unknown" in rules and ("ledger_unreadable" in rules) == bool(book)


def test_by_the_commands_a_ledger_that_excel_saved_keeps_its_lines_and_its_order(
    root, tmp_path, sent
):
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "data/catalogue", project / "data/catalogue")
    shutil.copytree(root / "data/submissions", project / "data/submissions")
    folder = project / "data/submissions/2022-Q2"
    (folder / "a.xlsx").rename(sent["v1"].with_name("a.xlsx"))
    book = "\ufeffFile;Received_at;Người gửi\r\nc.xlsx;05/06/2022;Lan\r\nb.xlsx;12/06/2022;\r\n"
    (folder / "received.csv").write_bytes(book.encode() + b"d.xlsx;32/13/2022;\r\n")

    def call(*words):
        told = CliRunner().invoke(app, [*map(str, words), "--root", str(project)])
        assert not told.exception or isinstance(told.exception, SystemExit), told.output
        return told.exit_code, " ".join(told.output.split())

    again = ["receive", "2022-Q2", sent["v1"].with_name("a.xlsx"), "--on", "2022-06-12"]
    assert call(*again)[0] == 0
    held = (folder / "received.csv").read_bytes()
    assert held.startswith(book.encode()) and held.endswith(b"\r\na.xlsx;2022-06-12;\r\n")
    assert call(*again) == (0, call(*again)[1]) and (folder / "received.csv").read_bytes() == held
    assert call("check", "2022-Q2")[0] == 0
    (listed,) = project.rglob("issues.csv")
    assert "32/13/2022" in listed.read_text("utf-8-sig")
    loaded = load("2022-Q2", project).tables
    assert loaded.observations.set_index("source_cell")["obs_value"]["C11"] == 2
    (folder / "received.csv").write_bytes(held + b"x;y;z;w\r\n")
    code, output = call(*again)
    assert code == 2 and "received.csv: line 6" in output
    assert (folder / "received.csv").read_bytes() == held + b"x;y;z;w\r\n"


# --- the order in which a console names files ----------------------------------------------------

IN_ORDER = [
    ["x.xlsx", "x (2).xlsx", "x (10).xlsx"],
    ["x_9.xlsx", "x_10.xlsx"],
    ["x.xlsx", "x - Copy.xlsx", "x - Copy (2).xlsx"],
    ["edocs_10_2022-Q2.xlsx", "edocs_10_2022-Q2 (2).xlsx"],
]


@pytest.mark.parametrize("names", IN_ORDER)
def test_names_whose_numbers_contradict_their_order_are_asked_about(names, tmp_path):
    paths = [tmp_path / name for name in names]
    assert receipts.doubtful([*paths, tmp_path / "y.xlsx"]) == []
    assert receipts.doubtful(paths[::-1])[0] == (names[-1], names[-2])


@pytest.mark.parametrize("names", [["edocs_10_2022-Q2.xlsx", "edocs_09_2022-Q2.xlsx"],
                                   ["b.xlsx", "a.xlsx"], ["v2.xlsx", "v1.xlsx"],
                                   ["x_2022.xlsx", "x.xlsx"]])  # fmt: skip
def test_names_of_different_files_have_any_order(names, tmp_path):
    assert receipts.doubtful([tmp_path / name for name in names]) == []


def test_by_the_command_nothing_is_received_in_doubtful_order(root, tmp_path):
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "data/catalogue", project / "data/catalogue")
    folder = project / "data/submissions/2022-Q2"
    folder.mkdir(parents=True)
    (folder / "period.yml").write_text(STATED, "utf-8")
    sent = [tmp_path / "x (2).xlsx", tmp_path / "x.xlsx"]
    for path in sent:
        path.write_bytes(path.name.encode())
    words = ["receive", "2022-Q2", *map(str, sent), "--root", str(project)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 2 and "--as-named" in told.output
    assert [p.name for p in folder.iterdir()] == ["period.yml"]
    assert CliRunner().invoke(app, [*words, "--as-named"]).exit_code == 0
    assert lines(folder) == ["x (2).xlsx", "x.xlsx"]
