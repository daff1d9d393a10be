"""A site is built once; then only what changed, what was interrupted, what was asked for."""

import hashlib
import html
import io
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
import yaml
from shared import CONTEXT, call, change, keep_units, notebook, values

from analysis import period, project
from analysis.batch import batch, incremental
from analysis.batch.pages import Batch, Page, Result, examine
from analysis.site import home as homes
from analysis.site import share
from analysis.storage import locks

UNITS = ["H44", "H44.42", "H44.130", "H44.131"]  # H44: the province, as unit 25
NATIONAL = "glance"
COPIED = ("data/catalogue", "data/submissions/2026-Q3", "data/reference", "notebooks")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with four units, one page of the whole, and its site built."""
    root = tmp_path_factory.mktemp("project")
    for name in (*COPIED, "reports/templates"):
        shutil.copytree(project.PROJECT / name, root / name)
    declared = yaml.safe_load((project.PROJECT / "reports/site.yml").read_text("utf-8"))
    wanted = {NATIONAL, "environment", "reporting_unit"}  # the second: not without its framework
    declared["pages"] = {k: v for k, v in declared["pages"].items() if k in wanted}
    (root / "reports/site.yml").write_text(yaml.safe_dump(declared), "utf-8")
    keep_units(root, UNITS)
    code, output = call(root, "run", "2026-Q3", "--workers", "1")
    assert code == 0 and "5 pages written, 0 failed, 0 unchanged" in output
    return root


@pytest.fixture
def built(root, tmp_path):
    """A copy of the project that the test may change."""
    shutil.copytree(root, tmp_path / "project")
    return tmp_path / "project"


def due(root: Path, *words: str) -> dict[str, str]:
    """Pages that ``--dry-run`` says are due, with its reasons."""
    code, output = call(root, "run", "2026-Q3", "--dry-run", *words)
    assert code == 0
    listed, _, counted = output.rpartition("2026-Q3: ")
    named = re.split(r"(?:^| )(units/[\w.]+|glance): ", listed)[1:]
    found = dict(zip(named[::2], map(str.strip, named[1::2]), strict=True))
    assert counted.startswith(f"{len(found)} of ")
    return found


def site(root: Path) -> dict[str, bytes]:
    folder = root / "reports/2026-Q3"
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.suffix in (".html", ".json")}


@pytest.fixture
def asked(monkeypatch):
    """Pages that a run hands over to be built, by name; none is built."""
    found = []

    def run(pages, *_):
        found.extend(p.name for p in pages)
        return [Result(p, "stopped", 0.0, built=False) for p in pages]

    monkeypatch.setattr(batch, "run", run)
    return found


def test_a_second_run_builds_no_page_and_touches_nothing(root, asked):
    before = site(root)
    code, output = call(root, "run", "2026-Q3")
    assert code == 0 and "0 pages written, 0 failed, 5 unchanged" in output
    assert asked == []
    assert site(root) == before and {"index.html", "receipt.json"} <= set(before)


def test_one_figure_of_one_unit_concerns_its_page_and_those_of_the_whole(built, asked):
    change(built, "H44.42")
    found = due(built)
    # the only department: nobody is compared with it, and the province has its own figures
    assert set(found) == {NATIONAL, "units/H44.42"}
    assert "table changed: 2026-Q3/scores?reporting_unit=H44.42" in found["units/H44.42"]
    assert "table changed: 2026-Q3/observations" in found[NATIONAL]
    assert due(built, "--page", "units/H44.130") == {}
    assert due(built, "--page", "units/H44.130", "--force") == {"units/H44.130": "asked for"}
    assert asked == []
    before = site(built)
    call(built, "run", "2026-Q3", "--page", "units/H44.42")
    assert asked == ["units/H44.42"]
    after = site(built)
    whole = {"index.html", "receipt.json", "explore.html", "2026-Q3-data.zip"}
    assert {n for n in before if before[n] != after.get(n)} <= whole
    listed = re.findall(r'href="(units/[^"]+)"', after["index.html"].decode())
    assert sorted(listed) == [f"units/{u}.html" for u in ("25", *sorted(UNITS[1:]))]


def test_a_figure_of_one_of_a_group_concerns_all_who_are_compared_with_it(built):
    change(built, "H44.130")
    assert set(due(built)) == {NATIONAL, "units/H44.130", "units/H44.131"}


def test_the_page_of_a_unit_that_no_longer_reports_goes(built, asked):
    keep_units(built, UNITS[:-1])
    kept = built / "data/derived/2026-Q3-notebooks"
    assert (kept / ".records/units/H44.131.json").exists()
    call(built, "run", "2026-Q3")
    names = {p.name for p in kept.rglob("*")} | {Path(name).name for name in site(built)}
    assert [n for n in names if n.startswith("H44.131")] == []
    assert {f"H44.130{e}" for e in (".html", ".json", ".ipynb", ".log")} <= names
    assert "units/H44.131.html" not in site(built)["index.html"].decode()


def test_tables_are_kept_while_pages_are_made_and_the_home_is_written_by_one_at_a_time(
    built, monkeypatch
):
    folder, seen, home = built / "data/derived/.locks", [], homes.html

    def held(name: str) -> None:
        with locks.free(folder / name) as free:
            seen.append((name, not free))

    def run(pages, *_):
        held("2026-Q3.kept")
        return [Result(p, "stopped", 0.0, built=False) for p in pages]

    def written(*given, **named):
        held("home")
        return home(*given, **named)

    monkeypatch.setattr(batch, "run", run)
    monkeypatch.setattr(homes, "html", written)
    change(built, "H44.42")
    call(built, "run", "2026-Q3")
    assert seen == [("2026-Q3.kept", True), ("home", True)]


def test_a_damaged_record_of_index_and_home_has_them_written_again(built, asked):
    record = built / "data/derived/2026-Q3-notebooks/.records/index.json"
    whole = json.loads(record.read_text("utf-8"))
    for left in (b"[", b"[]", b"{}", b'{"written": [], "state": ""}', b"\xff"):
        record.write_bytes(left)
        assert call(built, "run", "2026-Q3")[0] == 0 and asked == []
        assert json.loads(record.read_text("utf-8"))["state"] == whole["state"]


CODES = "abcdefghijkl"
SCRIPT = """
import pickle, sys
from analysis import batch

if __name__ == "__main__":
    pages, shared = pickle.load(sys.stdin.buffer)
    for r in batch.run(pages, shared, 1, progress=lambda *a: print("done", flush=True)):
        print(r.page.code, r.status, flush=True)
"""


def small_batch(folder: Path) -> tuple[list[Page], Batch]:
    path = notebook(folder, "n", "import time; time.sleep(0.3)")
    pages = [Page(c, path, Path(f"{c}.html"), c, parameters={"x": ord(c)}) for c in CODES]
    return pages, Batch(folder / "site", folder / "executed", CONTEXT, folder)


def processes_of(folder: Path) -> list[str]:
    """Command lines of the processes that work in the folder, kernels among them."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(one / "cwd") == str(folder):
                found.append((one / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks into /proc")
def test_an_interrupted_batch_keeps_what_is_finished_and_goes_on_with_the_rest(tmp_path):
    script = tmp_path / "batch.py"
    script.write_text(SCRIPT)
    pages, shared = small_batch(tmp_path)
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, **pipes, cwd=tmp_path, start_new_session=True) as process:
        process.stdin.write(pickle.dumps((pages, shared)))
        process.stdin.close()
        assert process.stdout.readline() == b"done\n"
        assert len(processes_of(tmp_path)) >= 3, "this one, its worker, the kernels"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of the group
        at = time.monotonic()
        lines = process.stdout.read().decode().split("\n")
        assert process.wait() == 0 and time.monotonic() - at < 10
    status = dict(line.split() for line in lines if line not in ("", "done"))
    finished = [c for c in status if status[c] == "ok"]
    assert list(status) == list(CODES) and set(status.values()) == {"ok", "stopped"}
    assert CODES.startswith("".join(finished)), "what has begun, or waits in the worker's queue"
    while processes_of(tmp_path) and time.monotonic() - at < 10:
        time.sleep(0.05)
    assert processes_of(tmp_path) == []
    for page in pages:
        record = incremental.load(shared.record(page))
        there = (shared.site / page.output).exists()
        assert (record is not None) == there == (page.code in finished)
    rest = [p.page.code for p in examine(pages, shared) if p.reasons == ("not built yet",)]
    assert rest == list(CODES[len(finished) :])


def test_pages_that_are_finished_when_the_interrupt_comes_count_as_built():
    results = {}

    def done(i, result):
        results[i] = result
        if len(results) == 1:
            time.sleep(0.1)  # the others are finished meanwhile
            raise KeyboardInterrupt

    with ThreadPoolExecutor(3) as executor, pytest.raises(KeyboardInterrupt):
        batch.submit(executor, lambda page, *_: page, dict(enumerate("abc")), None, done)
    assert results == dict(enumerate("abc"))


def links(html: str) -> list[str]:
    return [h for h in re.findall(r'href="([^"#]+)"', html) if not h.startswith("data:")]


def test_an_archive_opens_from_disk_and_a_public_one_has_no_internal_page(built, tmp_path):
    everything, public = tmp_path / "all.zip", tmp_path / "public.zip"
    assert call(built, "share", "2026-Q3", str(everything))[0] == 0
    assert call(built, "share", "2026-Q3", str(public), "--public")[0] == 0
    with zipfile.ZipFile(everything) as whole, zipfile.ZipFile(public) as shown:
        assert {f"2026-Q3/units/{u}.html" for u in UNITS[1:]} < set(whole.namelist())
        assert set(shown.namelist()) == {
            "index.html", "method.html", "explore.html",
            "2026-Q3/index.html", "2026-Q3/receipt.json", "2026-Q3/search.json",
            "2026-Q3/explore.html",
            f"2026-Q3/{NATIONAL}.html", f"2026-Q3/{NATIONAL}.xlsx", "2026-Q3/2026-Q3-data.zip",
        }  # fmt: skip
        for book in (whole, shown):
            for name in [n for n in book.namelist() if n.endswith(".html")]:
                for link in links(book.read(name).decode("utf-8")):
                    target = os.path.normpath(Path(name).parent / link)
                    assert target in book.namelist(), (name, link)
        assert b"values.csv" in whole.read("2026-Q3/receipt.json")
        assert b"values.csv" not in shown.read("2026-Q3/receipt.json")
        assert {"cells", "issues"} <= json.loads(whole.read("2026-Q3/receipt.json")).keys()
        assert not {"cells", "issues"} & json.loads(shown.read("2026-Q3/receipt.json")).keys()
        badge = '<span class="badge'
        assert badge not in shown.read("2026-Q3/index.html").decode("utf-8")
        with shown.open("2026-Q3/2026-Q3-data.zip") as held, zipfile.ZipFile(held) as pack:
            told = b"".join(map(pack.read, pack.namelist()))
        assert b"indicator_values.csv" in told and not re.search(rb"(?<!_)values\.csv", told)


def test_an_archive_replaces_its_like_and_no_other_file(built, tmp_path, monkeypatch):
    target, document = tmp_path / "all.zip", tmp_path / "plan.docx"
    document.write_bytes(b"a document")
    (built / "reports/2026-Q3/returns").mkdir()
    (built / "reports/2026-Q3/returns/firms.xlsx").write_bytes(b"names of firms")
    sent = values(built).read_bytes()
    for number in range(2):
        assert call(built, "share", "2026-Q3", str(target))[0] == 0, number
    with zipfile.ZipFile(target) as book:
        assert not [n for n in book.namelist() if "returns" in n or n.endswith("values.csv")]
    monkeypatch.setattr(period, "load", None)  # refused before the work of minutes
    for name, more in ((target, ["--public"]), (document, []), (values(built), [])):
        before = name.read_bytes()
        code, output = call(built, "share", "2026-Q3", str(name), *more)
        assert code == 2 and name.name in output and "name a file elsewhere" in output
        assert name.read_bytes() == before
    assert values(built).read_bytes() == sent


def test_what_comes_to_lie_there_while_an_archive_is_made_stays(built, tmp_path, monkeypatch):
    gather = share.gathered

    def slow(*given):
        (tmp_path / "all.zip").write_bytes(b"mine")
        return gather(*given)

    monkeypatch.setattr(share, "gathered", slow)
    code, output = call(built, "share", "2026-Q3", str(tmp_path / "all.zip"))
    assert code == 2 and "is no archive that we wrote" in output
    assert (tmp_path / "all.zip").read_bytes() == b"mine"


def test_a_page_that_names_what_was_sent_is_in_no_public_archive(built, tmp_path):
    """Whatever site.yml says of it: such a page tells single cells of single offices."""
    path = built / "notebooks/10_glance.ipynb"
    told = nbformat.read(path, 4)
    told.cells.append(nbformat.v4.new_markdown_cell("Nguồn: values.csv"))
    nbformat.write(told, path)
    assert call(built, "run", "2026-Q3")[0] == 0
    code, output = call(built, "share", "2026-Q3", str(tmp_path / "public.zip"), "--public")
    assert code == 2 and f"{NATIONAL} names values.csv" in output
    assert not (tmp_path / "public.zip").exists()
    assert call(built, "share", "2026-Q3", str(tmp_path / "all.zip"))[0] == 0


HIDDEN = (r"(?<!_)values\.csv", "Tài liệu nội bộ", "PermissionError", "bi-mat")


def _texts(data: bytes) -> list[str]:
    """What an archive holds as text, with all that it packs within."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        held = [book.read(name) for name in book.namelist()]
        found = [html.unescape(name) for name in book.namelist()]
    for one in held:
        packed = one.startswith(b"PK")
        found += _texts(one) if packed else [html.unescape(one.decode("utf-8", "replace"))]
    return found


def test_a_page_that_is_kept_tells_the_public_nothing_of_what_stopped_the_newer_one(
    built, tmp_path
):
    path, packed = built / "notebooks/10_glance.ipynb", tmp_path / "public.zip"
    failing = nbformat.read(path, 4)
    what = f"PermissionError('Tài liệu nội bộ', '{built}/data/bi-mat/values.csv')"
    failing.cells.append(nbformat.v4.new_code_cell(f"raise {what}"))
    nbformat.write(failing, path)
    assert call(built, "run", "2026-Q3", "--page", NATIONAL)[0] == 1
    reason = (built / f"reports/2026-Q3/{NATIONAL}.failed.html").read_text("utf-8")
    assert "Tài liệu nội bộ" in reason
    code, output = call(built, "share", "2026-Q3", str(packed), "--public")
    assert code == 0 and f"{NATIONAL} (" in output, output
    with zipfile.ZipFile(packed) as book:
        shown = book.read(f"2026-Q3/{NATIONAL}.html").decode("utf-8")
        (told,) = json.loads(book.read("2026-Q3/receipt.json"))["pages"]
    texts = _texts(packed.read_bytes())
    for word in (*HIDDEN, str(built), built.name):
        assert not [text[:80] for text in texts if re.search(word, text)], word
    mark = re.search("<!--earlier-->(.*?)<!--/earlier-->", shown)[1]
    assert "Trang này lập lúc" in mark and "Lần lập sau không thành công" in mark
    assert "Lý do" not in mark and ".failed" not in shown
    assert (told["status"], told["as_of"]) == ("error", mark[mark.index("lúc ") + 4 :][:20])
    with zipfile.ZipFile(packed) as book:  # what was put right is what the receipt is true of
        stated = json.loads(book.read("2026-Q3/receipt.json"))["written"]
        digest = hashlib.sha256(book.read(f"2026-Q3/{NATIONAL}.html")).hexdigest()
    assert stated[f"{NATIONAL}.html"] == digest


def test_an_archive_is_the_same_bytes_at_the_same_time_given(built, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    call(built, "share", "2026-Q3", str(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "a.zip") as book:
        assert {entry.date_time for entry in book.infolist()} == {(2020, 9, 13, 12, 26, 40)}
        assert book.namelist() == sorted(book.namelist())


def test_what_is_not_up_to_date_is_not_packed(built, tmp_path):
    (built / f"reports/2026-Q3/{NATIONAL}.html").unlink()
    code, output = call(built, "share", "2026-Q3", str(tmp_path / "all.zip"))
    assert code == 2 and f"1 pages are not up to date: {NATIONAL}: file is missing" in output
    assert not (tmp_path / "all.zip").exists()
