"""The illustrative folders: only what we made is replaced or removed, or a folder is let be."""

import os
import secrets
import shutil
import tempfile
import unicodedata
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.__main__ import app
from tools.sample import answers as survey_sample
from tools.sample import country, illustration
from tools.sample.illustration import Folder, Made
from typer.testing import CliRunner

from analysis.exchange import receipts
from analysis.project import PROJECT, Place
from analysis.storage import files, locks, owned

SENT = date(2022, 6, 20)
OLD = {"tasks_VPCP.xlsx": b"1", "edocs_44.xlsx": b"2", "Tệp.csv": b"3", "gone.xlsx": b"4"}
NEW = {"tasks_VPCP.xlsx": b"1", "edocs_44.xlsx": b"two", "Tệp.csv": b"3", "more.xlsx": b"5"}
SYNTHETIC = "time_period: 2022-Q2\nsynthetic: true\n"


def made(contents: dict[str, bytes]) -> Made:
    return illustration.as_sent([(n, c, SENT) for n, c in contents.items()], b"# SYNTHETIC")


def period(root: Path, contents: dict[str, bytes] = NEW) -> Folder:
    path = Place(root).submissions("2022-Q2")
    return Folder("2022-Q2", path, "period.yml", lambda: made(contents))


def edition(root: Path) -> Folder:
    path = Place(root).survey("apci-2020")
    held = {"edition.yml": b"synthetic: true\n", "phieu.csv": b"a"}
    return Folder("apci-2020", path, "edition.yml", lambda: Made(held))


def project(root: Path) -> Path:
    """A project in which the period was made as it was once."""
    folder = period(root, OLD)
    folder.path.mkdir(parents=True)
    (folder.path / "period.yml").write_text(SYNTHETIC)
    placed(folder, root)
    return root


@pytest.fixture
def root(tmp_path):
    return project(tmp_path / "project")


def placed(folder: Folder, root: Path) -> illustration.Placed:
    return illustration.place(folder, folder.make(), root)


def tree(folder: Path) -> dict[str, object]:
    """All that lies in a folder but our locks: links by where they lead."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("link", os.readlink(path))
        elif path.is_file() and ".locks/" not in name:
            found[name] = path.read_bytes()
    return found


def lies(folder: Folder) -> dict[str, object]:
    return tree(folder.path)


# --- what is ours is kept up to date ------------------------------------------------------------


def test_what_we_made_is_replaced_and_removed_and_nothing_is_written_twice(root):
    folder = period(root)
    (folder.path / "edocs_44.xlsx").chmod(0o444)
    one = placed(folder, root)
    assert (one.written, one.unchanged, one.left, one.refused) == (3, 3, [], [])
    assert one.removed == ["submissions/2022-Q2/gone.xlsx"]
    assert lies(folder) == {**folder.make().files, "period.yml": SYNTHETIC.encode()}
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    again = placed(folder, root)
    assert (again.written, again.unchanged, again.removed) == (0, 6, [])
    assert {p: p.stat().st_mtime_ns for p in before if ".locks" not in p.parts} == {
        p: t for p, t in before.items() if ".locks" not in p.parts
    }


def test_the_ledger_states_the_days_of_what_was_sent(root):
    placed(period(root), root)
    assert receipts.days(period(root).path) == dict.fromkeys(NEW, SENT)


def test_a_record_is_what_sha256sum_checks(root):
    held = owned.read(root / "data/samples/2022-Q2.sha256")
    assert {n.removeprefix("submissions/2022-Q2/") for n in held} == set(made(OLD).files)
    for name, (digest,) in held.items():
        assert files.sha256(root / "data" / name) == digest


def test_a_project_without_a_record_that_holds_what_we_make_is_taken_up(root):
    shutil.rmtree(root / "data/samples")
    assert placed(period(root, OLD), root).unchanged == 6
    assert not placed(period(root), root).refused


def test_an_edition_begins_with_the_file_that_declares_it(root):
    folder = edition(root)
    assert placed(folder, root).written == 2
    for path in (folder.path / "edition.yml", folder.path / "phieu.csv"):
        path.unlink()
        assert placed(folder, root).written == 1


# --- what is not ours ---------------------------------------------------------------------------


def test_what_others_put_there_stays_also_where_its_name_is_like_ours(root):
    folder = period(root)
    own = {
        "edocs_44_gui_lai2.xlsx": b"received",
        "tasks_VPCP_2022-Q2.xlsx": b"mine",
        ".hidden": b"",
        os.fsdecode(b"\xcd.xlsx"): b"a name that is no text",
        "gone.xlsx": b"4, with a remark",
    }
    for name, content in own.items():
        (folder.path / name).write_bytes(content)
    (folder.path / "away.xlsx").symlink_to(root / "data")
    (folder.path / "a folder").mkdir()
    one = placed(folder, root)
    assert not one.refused and one.written == 3 and one.removed == []
    assert set(one.left) == {*own, "away.xlsx", "a folder"}
    assert own.items() <= lies(folder).items() and (folder.path / "away.xlsx").is_symlink()


def _changed(folder: Path):
    (folder / "edocs_44.xlsx").write_bytes(b"2, with a remark")


def _readme(folder: Path):
    (folder / "README.md").write_text("what I noted")


def _new_name(folder: Path):
    (folder / "more.xlsx").write_bytes(b"mine")


def _capitals(folder: Path):
    (folder / "MORE.XLSX").write_bytes(b"mine")


def _decomposed(folder: Path):
    (folder / "Tệp.csv").unlink()
    (folder / unicodedata.normalize("NFD", "Tệp.csv")).write_bytes(b"mine")


def _link(folder: Path):
    (folder / "edocs_44.xlsx").rename(folder.parents[2] / "elsewhere.xlsx")
    (folder / "edocs_44.xlsx").symlink_to(folder.parents[2] / "elsewhere.xlsx")


def _dangling(folder: Path):
    (folder / "more.xlsx").symlink_to("nowhere")


def _folder(folder: Path):
    (folder / "more.xlsx").mkdir()


def _linked_folder(folder: Path):
    folder.rename(folder.parents[2] / "elsewhere")
    folder.symlink_to(folder.parents[2] / "elsewhere")


def _linked_above(folder: Path):
    folder.parent.rename(folder.parents[2] / "elsewhere")
    folder.parent.symlink_to(folder.parents[2] / "elsewhere")


def _linked_records(folder: Path):
    records = folder.parents[1] / "samples"
    records.rename(folder.parents[2] / "elsewhere")
    records.symlink_to(folder.parents[2] / "elsewhere")


def _linked_record(folder: Path):
    record = folder.parents[1] / "samples/2022-Q2.sha256"
    record.rename(folder.parents[2] / "elsewhere")
    record.symlink_to(folder.parents[2] / "elsewhere")


def _real(folder: Path):
    (folder / "period.yml").write_text("synthetic: false\n")


def _unsaid(folder: Path):
    (folder / "period.yml").write_text("title: ours\n")


def _quoted(folder: Path):
    (folder / "period.yml").write_text("synthetic: 'true'\n")


def _broken(folder: Path):
    (folder / "period.yml").write_text("synthetic: [")


def _no_plan(folder: Path):
    (folder / "period.yml").unlink()


def _ledger_lacks(folder: Path):
    (folder / "received.csv").write_text("file,received_at\nmine.xlsx,2022-06-01\n")


def _ledger_unreadable(folder: Path):
    (folder / "received.csv").write_bytes(b"\xff\xfe\x00\xd8,")


IN_THE_WAY = {
    _changed: "edocs_44.xlsx is not as we made it",
    _readme: "README.md is not as we made it",
    _new_name: "more.xlsx is not as we made it",
    _capitals: "MORE.XLSX is called like more.xlsx",
    _decomposed: "is called like Tệp.csv",
    _link: "edocs_44.xlsx is a link",
    _dangling: "more.xlsx is a link",
    _folder: "more.xlsx is not as we made it",
    _linked_folder: "2022-Q2 is a link",
    _linked_above: "submissions is a link",
    _linked_records: "samples is a link",
    _linked_record: "2022-Q2.sha256 is a link",
    _real: "period.yml does not say synthetic: true",
    _unsaid: "period.yml does not say synthetic: true",
    _quoted: "period.yml does not say synthetic: true",
    _broken: "period.yml cannot be read",
    _no_plan: "period.yml cannot be read",
    _ledger_lacks: "received.csv is not as we made it and lacks tasks_VPCP.xlsx,2022-06-20",
    _ledger_unreadable: "received.csv is not as we made it and",
}


@pytest.mark.parametrize("spoil", IN_THE_WAY, ids=lambda f: f.__name__)
def test_a_folder_in_which_something_is_in_the_way_stays_as_it_is_whole(root, spoil):
    folder = period(root)
    spoil(folder.path)
    before = tree(root)
    one = placed(folder, root)
    assert any(IN_THE_WAY[spoil] in reason for reason in one.refused), one.refused
    assert tree(root) == before and not one.written and not one.removed


@pytest.mark.parametrize("text", [None, "survey: apci\n", "synthetic: false\n"])
def test_answers_of_a_real_edition_are_not_touched(root, text):
    folder = edition(root)
    folder.path.mkdir(parents=True)
    (folder.path / "phieu_that.csv").write_bytes(b"real")
    if text:
        (folder.path / "edition.yml").write_text(text)
    before = tree(root)
    assert "synthetic: true" in placed(folder, root).refused[0]
    assert tree(root) == before


OWN_LEDGERS = {
    "a line more": lambda t: t + b"mine.xlsx,2022-06-21\n",
    "a column and a line more": lambda t: (
        b"".join(
            line + (b",so" if n == 0 else b",12") + b"\n" for n, line in enumerate(t.splitlines())
        )
        + b"mine.xlsx,2022-06-21,13\n"
    ),
    "other ends of lines": lambda t: t.replace(b"\n", b"\r\n"),
    "another order": lambda t: b"\n".join([t.splitlines()[0], *t.splitlines()[:0:-1], b""]),
}


@pytest.mark.parametrize("change", OWN_LEDGERS)
def test_a_ledger_to_which_others_added_stays_byte_for_byte_and_can_be_read(root, change):
    folder = period(root, OLD)
    ledger = folder.path / "received.csv"
    ledger.write_bytes(OWN_LEDGERS[change](ledger.read_bytes()))
    (folder.path / "mine.xlsx").write_bytes(b"mine")
    (folder.path / "edocs_44.xlsx").unlink()
    before = ledger.read_bytes()
    one = placed(folder, root)
    assert (one.written, one.left) == (1, ["mine.xlsx", "received.csv"])
    assert ledger.read_bytes() == before
    assert dict.fromkeys(OLD, SENT).items() <= receipts.days(folder.path).items()


def test_a_ledger_of_others_that_names_what_we_make_no_more_is_in_the_way(root):
    folder = period(root)
    text = made(NEW).files["received.csv"] + b"gone.xlsx,2022-06-20\nmine.xlsx,2022-06-21\n"
    (folder.path / "received.csv").write_bytes(text)
    before = tree(root)
    assert placed(folder, root).refused == ["received.csv names what is made no more: gone.xlsx"]
    assert tree(root) == before


NAMES = sorted({*OLD, *NEW, "README.md", "received.csv", "period.yml", "mine.xlsx"})
DEEDS = st.tuples(
    st.sampled_from(["write", "remove", "link", "capitals", "folder"]), st.sampled_from(NAMES)
)


@settings(max_examples=25)
@given(st.lists(DEEDS, max_size=5))
def test_whatever_somebody_did_nothing_of_his_is_lost(deeds):
    with tempfile.TemporaryDirectory() as aside:
        root = project(Path(aside).resolve() / "project")
        folder, ours = period(root), set(lies(period(root)).items())
        for deed, name in deeds:
            path = folder.path / (name.upper() if deed == "capitals" else name)
            if path.is_dir() or (deed == "remove" and not os.path.lexists(path)):
                continue
            path.unlink(missing_ok=True)
            if deed in ("write", "capitals"):
                path.write_bytes(b"written by hand")
            elif deed == "link":
                path.symlink_to(folder.path / "period.yml")
            elif deed == "folder":
                path.mkdir()
        before, own = tree(root), set(lies(folder).items()) - ours
        folders = {path for path in folder.path.iterdir() if path.is_dir()}
        one = placed(folder, root)
        after = set(lies(folder).items())
        assert own <= after and all(path.is_dir() for path in folders)
        if one.refused:
            assert tree(root) == before
        else:
            assert set(made(NEW).files.items()) <= after


def test_nobody_receives_a_file_while_a_folder_is_written(root, monkeypatch):
    lock, real = (
        Place(root).derived(locks.FOLDER) / "2022-Q2.received",
        illustration.put,
    )

    def written(*given):
        with locks.free(lock) as free:
            assert not free
        return real(*given)

    monkeypatch.setattr(illustration, "put", written)
    assert placed(period(root), root).written == 3


# --- a kill -------------------------------------------------------------------------------------


class KilledError(BaseException):
    pass


def killed_at(number: int, monkeypatch, work) -> bool:
    """Whether the work came to its ``number``-th change of a file; none happens from then on."""
    count = 0

    def counted(real):
        def change(*given, **named):
            nonlocal count
            count += 1
            if count >= number:
                raise KilledError
            return real(*given, **named)

        return change

    with monkeypatch.context() as patched:
        for of, name in ((os, "replace"), (os, "unlink"), (secrets, "token_hex"),
                         (owned.Owned, "_note")):  # fmt: skip
            patched.setattr(of, name, counted(getattr(of, name)))
        try:
            work()
        except KilledError:
            return True
    return False


def test_a_kill_at_any_change_is_completed_by_the_next_run(tmp_path, monkeypatch):
    first = project(tmp_path / "first")
    (period(first).path / "mine.xlsx").write_bytes(b"mine")
    undisturbed = shutil.copytree(first, tmp_path / "undisturbed")
    placed(period(undisturbed), undisturbed)
    number, killed = 1, True
    while killed:
        root = shutil.copytree(first, tmp_path / f"at-{number}")
        killed = killed_at(number, monkeypatch, lambda root=root: placed(period(root), root))
        held = {**made(OLD).files, **made(NEW).files, "mine.xlsx": b"mine"}
        assert {n for n in held if n in OLD and n in NEW} <= set(lies(period(root)))
        assert not placed(period(root), root).refused, number
        assert tree(root) == tree(undisturbed), number
        number += 1
    assert number > 10


# --- the command --------------------------------------------------------------------------------

PERIOD = "2022-Q2"
EDOCS = {"forms": ["edocs"], "frameworks": ["edocs"], "due": {"units": ["BTP", "BTC"]}}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A project of a quarter with one form and two offices, the year, and an edition."""
    place = Place(tmp_path_factory.mktemp("small"))
    shutil.copytree(Place().catalogue, place.catalogue)
    hints = place.catalogue / "samples.yml"
    stated = yaml.safe_load(hints.read_text("utf-8"))
    stated["periods"] = {PERIOD: stated["periods"][PERIOD]}
    hints.write_text(yaml.safe_dump(stated), "utf-8")
    for code in (PERIOD, "2021"):
        stated = yaml.safe_load((Place().submissions(code) / "period.yml").read_text("utf-8"))
        stated |= EDOCS if code == PERIOD else {}
        place.submissions(code).mkdir(parents=True)
        (place.submissions(code) / "period.yml").write_text(yaml.safe_dump(stated), "utf-8")
    place.survey("").mkdir()
    (place.survey("") / "illustration.yml").write_text("editions: {'2020': {}}\n")
    return place.root


@pytest.fixture(scope="module")
def sent(small):
    return list(country.submissions(country.country(small), PERIOD))


def call(root, *words):
    result = CliRunner().invoke(app, [*words, "--root", str(root)])
    return result.exit_code, " ".join(result.output.split())


@pytest.fixture
def own(small, sent, tmp_path, monkeypatch):
    answers = {"edition.yml": b"synthetic: true\n", "phieu.csv": b"a"}
    monkeypatch.setattr(survey_sample, "files", lambda edition, root: answers)
    monkeypatch.setattr(country, "submissions", lambda whole, code: sent)
    return shutil.copytree(small, tmp_path / "project")


def test_the_command_says_what_became_of_each_folder(own):
    folder = Place(own).submissions("2022-Q2")
    code, output = call(own, "sample")
    assert code == 0 and "data/submissions/2022-Q2: 4 files written, 0 unchanged" in output
    names = {"README.md", "received.csv", "edocs_BTC_2022-Q2.xlsx", "edocs_BTP_2022-Q2.xlsx"}
    assert {p.name for p in folder.iterdir()} == {*names, "period.yml"}
    assert len(receipts.read(folder)) == 2
    before = tree(own)
    own_file = folder / "edocs_BTC_2022-Q2_gui_lai2.xlsx"
    own_file.write_bytes(b"received")
    code, output = call(own, "sample")
    assert code == 0 and f"4 unchanged; left alone, as not ours: {own_file.name}" in output
    assert tree(own) == {**before, own_file.relative_to(own).as_posix(): b"received"}
    survey = Place(own).survey("apci-2020")
    (survey / "phieu.csv").write_bytes(b"corrected by hand")
    (folder / "README.md").unlink()
    code, output = call(own, "sample")
    assert code == 1 and "in the way: data/survey/apci-2020: phieu.csv is not as we" in output
    assert "1 of 3 folders were left as they are. Move" in output
    assert (survey / "phieu.csv").read_bytes() == b"corrected by hand"
    assert (folder / "README.md").exists(), "the others are done"


@pytest.mark.parametrize(
    ("broken", "text", "message"),
    [
        ("data/catalogue/samples.yml", None, "samples.yml"),
        ("data/catalogue/samples.yml", "a: [\n", "samples.yml"),
        ("data/survey/illustration.yml", None, "illustration.yml"),
        (
            "data/survey/illustration.yml",
            "editions: {../x: {}}\n",
            "an edition is a year, not ../x",
        ),
        ("data/submissions/2021/period.yml", "synthetic: true\n", "period.yml"),
    ],
)
def test_what_cannot_be_made_is_told_before_anything_is_written(own, broken, text, message):
    path = own / broken
    path.unlink() if text is None else path.write_text(text)
    before = tree(own)
    code, output = call(own, "sample")
    assert code == 2 and message in output and "Nothing was written" in output
    assert tree(own) == before


def test_of_a_folder_that_is_not_declared_synthetic_nothing_is_even_made(own):
    path = own / "data/submissions/2021/period.yml"
    path.write_text("synthetic: false\n")
    code, output = call(own, "sample")
    assert code == 1 and "2021 (" not in output
    assert "in the way: data/submissions/2021: period.yml does not say synthetic" in output
    assert [p.name for p in path.parent.iterdir()] == ["period.yml"]


def test_all_is_made_before_anything_is_written(own, monkeypatch):
    def fails(edition, root):
        raise ValueError("no levels")

    monkeypatch.setattr(survey_sample, "files", fails)
    before = tree(own)
    code, output = call(own, "sample")
    assert code == 2 and "no levels" in output and tree(own) == before


# --- the shipped folders ------------------------------------------------------------------------


def test_the_shipped_record_holds_every_shipped_file():
    data = PROJECT / "data"
    for folder in illustration.folders(PROJECT):
        within = folder.path.relative_to(data).as_posix()
        known = owned.read(data / "samples" / f"{folder.code}.sha256")
        present = {f"{within}/{name}" for name in os.listdir(folder.path)} - {
            f"{within}/period.yml"
        }
        assert set(known) == present, folder.code
        assert not [n for n, of in known.items() if of != {files.sha256(data / n)}], folder.code
