"""Where an archive may be written: what lies there is replaced only if we wrote just that."""

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.batch import incremental
from analysis.batch.pages import Page, Planned, as_recorded
from analysis.site import home, receipt, share

KEY = "2022-Q2"
HELD = {"index.html": b"home", "2022-Q2/receipt.json": b"{}", "2022-Q2/a.html": b"page"}
OURS = share.archive_of(HELD, KEY, False)


@pytest.fixture
def root(tmp_path):
    for name in ("data/submissions/2022-Q2", "data/survey", "reports/2022-Q2/units", "out"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "reports/2022-Q2/receipt.json").write_text("{}")
    return tmp_path


def refusal(target: Path, root: Path, key: str = KEY, public: bool = False) -> str:
    """Why an archive may not be written; that it may is an empty text."""
    try:
        share.allowed(target, key, public, root)
    except share.NotOursError as error:
        return str(error)
    return ""


def test_an_archive_replaces_that_of_the_same_site_and_audience_alone(root):
    target = root / "out/site.zip"
    assert not refusal(target, root)
    target.write_bytes(OURS)
    assert not refusal(target, root)
    assert "archive of 2022-Q2 (internal), not of 2022-Q2 (public)" in refusal(target, root, KEY, 1)
    for key in ("2022-Q1", "2022-Q2@2022-06-25", "apci-2022"):
        assert f"not of {key} (internal)" in refusal(target, root, key)
    target.write_bytes(share.archive_of(HELD, "2022-Q2@2022-06-25", True))
    assert not refusal(target, root, "2022-Q2@2022-06-25", True)


def test_an_archive_opens_and_its_mark_is_not_seen(root):
    with zipfile.ZipFile(io.BytesIO(OURS)) as book:
        assert book.testzip() is None
        assert {name: book.read(name) for name in book.namelist()} == HELD


def _added(path: Path):
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("note.txt", b"mine")


def _same_mark(path: Path):
    """Made anew by another program, which kept what was said of it."""
    with zipfile.ZipFile(path) as book:
        said = book.comment
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("index.html", b"home, with a remark")
        book.comment = said


def _zip(path: Path):
    with zipfile.ZipFile(path, "w") as book:
        for name, content in HELD.items():
            book.writestr(name, content)


def _other_comment(path: Path):
    _zip(path)
    with zipfile.ZipFile(path, "a") as book:
        book.comment = b"other-program 2022-Q2 internal 1"


def _written(content: bytes):
    return lambda path: path.write_bytes(content)


def _link(path: Path):
    path.with_name("real.zip").write_bytes(OURS)
    path.unlink()
    path.symlink_to("real.zip")


def _dangling(path: Path):
    path.unlink()
    path.symlink_to("nowhere.zip")


def _folder(path: Path):
    path.unlink()
    path.mkdir()


def _pipe(path: Path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (_added, "was changed since we wrote it"),
        (_same_mark, "was changed since we wrote it"),
        (_written(OURS.replace(b"receipt", b"RECEIPT")), "was changed since we wrote it"),
        (_written(b"before" + OURS), "was changed since we wrote it"),
        (_written(OURS[:-1]), "was changed since we wrote it"),
        (_written(OURS[:-70]), "is no archive that we wrote"),
        (_zip, "is no archive that we wrote"),
        (_other_comment, "is no archive that we wrote"),
        (_written(b"a document"), "is no archive that we wrote"),
        (_written(b""), "is no archive that we wrote"),
        (_written(b"PK\x03\x04"), "is no archive that we wrote"),
        (_pipe, "is no archive that we wrote"),
        (_link, "is a link"),
        (_dangling, "is a link"),
        (_folder, "is a folder"),
    ],
)
def test_what_is_not_as_we_wrote_it_stays_and_is_named(root, spoil, what):
    target = root / "out/site.zip"
    target.write_bytes(OURS)
    spoil(target)
    said = refusal(target, root)
    assert f"{target} {what}" in said and "move it away, or name a file elsewhere" in said


@pytest.mark.parametrize(
    ("spelt", "what"),
    [
        ("data/submissions/2022-Q2/site.zip", "which is for other files"),
        ("data/survey/new/site.zip", "which is for other files"),
        ("data/site.zip", "which is for other files"),
        ("reports/../data/site.zip", "which is for other files"),
        ("link/site.zip", "which is for other files"),
        ("reports/2022-Q2/site.zip", "among the pages of a built site"),
        ("reports/2022-Q2/units/new/site.zip", "among the pages of a built site"),
        ("out/file/site.zip", "is no folder"),
        ("out/file/new/site.zip", "is no folder"),
        ("out/new/site.zip", "there is no folder"),
    ],
)
def test_no_archive_is_put_among_what_is_received_or_built(root, spelt, what, monkeypatch):
    (root / "link").symlink_to("data/submissions")
    (root / "out/file").write_text("a file")
    monkeypatch.chdir(root)
    assert what in refusal(root / spelt, root)
    assert what in refusal(Path(spelt), root)
    for free in ("out/site.zip", "reports/site.zip", "site.zip"):
        assert not refusal(root / free, root) and not refusal(Path(free), root)


KEPT = ("failed last time: ValueError",)


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """A site of a public page that is kept from before and an internal one: ``due``: why they would
    be built."""
    monkeypatch.setattr(receipt, "around", lambda *_, **__: ("index.html", []))
    monkeypatch.setattr(home, "above", lambda *_, **__: {})
    site = tmp_path / "site"
    site.mkdir()
    held = {"public": ["a.html", "a.xlsx", "a.failed.html"], "internal": ["b.html"]}
    for name in sum(held.values(), []):
        (site / name).write_text("x")
    records, pages = {}, []
    for audience, names in held.items():
        page = Page(names[0][0], Path("n.ipynb"), Path(names[0]), "T", audience=audience)
        kept = audience == "public"
        files = [{"href": n} for n in names if n.endswith(".xlsx")]
        written = dict.fromkeys(names, "")
        records[page.code] = incremental.Record(
            "error" if kept else "ok", "m", {}, [], written, files, 1, 1, as_of=9.0, kept=kept
        )
        pages.append(page)

    def plan(*due, **changed):
        first = replace(records["a"], **changed)
        shown = [as_recorded(pages[0], first), as_recorded(pages[1], records["b"])]
        batch = SimpleNamespace(site=site, executed=tmp_path, context=None)
        return SimpleNamespace(
            due=[Planned(pages[0], due, first)] if due else [],
            lying=lambda: shown,
            batch=batch,
            subject=SimpleNamespace(code=KEY),
        )

    return plan


def packed(planned, folder: Path, public: bool) -> set[str]:
    loaded = SimpleNamespace(catalogue=None)
    share.gathered(loaded, planned, folder, public)
    return {p.name for p in (folder / KEY).iterdir()}


def test_a_page_that_is_kept_from_before_is_packed_and_why_it_failed_is_internal(planned, tmp_path):
    assert packed(planned(*KEPT), tmp_path / "public", True) == {"a.html", "a.xlsx"}
    everything = {"a.html", "a.xlsx", "a.failed.html", "b.html"}
    assert packed(planned(*KEPT), tmp_path / "all", False) == everything


def test_the_public_is_told_that_a_page_is_kept_and_not_where_the_reason_lies(planned, tmp_path):
    mark = "<!--earlier--><p>Lúc 7{why}</p><!--/earlier--><p><a href='b.html'>B</a></p>"
    marked = mark.format(why=" <a href='a.failed.html'>Lý do</a>")
    (tmp_path / "site" / "a.html").write_text(marked, "utf-8")
    for public, why in ((True, mark.format(why="")), (False, marked)):
        packed(planned(*KEPT), tmp_path / str(public), public)
        assert (tmp_path / str(public) / KEY / "a.html").read_text("utf-8") == why


@pytest.mark.parametrize(
    ("due", "changed", "why"),
    [
        ((*KEPT, "notebook changed"), {}, "not up to date"),
        (KEPT, {"kept": False}, "could not be built"),
    ],
)
def test_a_page_that_may_be_built_now_or_has_no_good_state_is_not_packed(
    planned, tmp_path, due, changed, why
):
    with pytest.raises(share.NotBuiltError, match=why):
        packed(planned(*due, **changed), tmp_path / "out", True)
