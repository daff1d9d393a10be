"""What lies in a project and is not ours is left by every command: put there, changed, or linked.

The commands are those of the application itself: a new one is walked, or the test fails.
"""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import typer
import yaml
from shared import call, change, keep_units, with_its_tables

from analysis import project
from analysis.__main__ import app
from analysis.catalogue import catalogue as cat
from analysis.exchange import returns
from analysis.period import load
from analysis.render import report
from analysis.schema import tables as schema
from analysis.site import home, receipt
from analysis.storage import files
from analysis.survey import editions

PERIOD, EDITION = "2026-Q3", "2020"
PAGES = {"glance", "periodic_report", "reporting_unit", "apci_editions", "public_summary"}
COPIED = ("data/catalogue", f"data/submissions/{PERIOD}", "data/reference", "notebooks")
DECOMPOSED = unicodedata.normalize("NFD", "báo cáo tổng hợp.docx")
NAMES = ["ghi chú.txt", "Bảng tổng hợp.xlsx", "bài viết.docx", "trang.html", "hình.png", "in.pdf"]
NAMES += ["GLANCE.HTML", "INDEX.html", DECOMPOSED, ".riêng", "glance~2.html", "receipt (1).json"]
NAMES += [
    "LICENCES.md",
    "README.md",
    "số liệu.csv",
    "sổ tay.ipynb",
    "bảng.parquet",
    "x.sha256",
    ".a.part",
    "digests (1).json",
]
READ_BY_US = {"data/submissions", "data/survey"}
"""Whatever lies openly there is a submission."""

WALK = {
    "init": [("{root}",)],
    "catalogue": [("check",)],
    "check": [(PERIOD,)],
    "run": [
        (PERIOD, "--workers", "1"),
        (PERIOD, "--workers", "1", "--force", "--page", "glance", "--summary", "{aside}/summary"),
    ],
    "apci": [(EDITION, "--workers", "1")],
    "report": [("--workers", "1")],
    "verify": [("{root}/reports/" + PERIOD,)],
    "share": [(PERIOD, "{aside}/a.zip"), (PERIOD, "{aside}/b.zip", "--public")],
    "receive": [(PERIOD, "{aside}/sent/values.csv", "--on", "2026-09-30")],
    "forms": [(PERIOD, "{aside}/forms")],
    "questionnaire": [("apci", "{aside}/questionnaire")],
    "remind": [(PERIOD, "{aside}/reminders")],
    "answer": [
        (PERIOD, "--file", "none.xlsx", "--rule", "file_type", "--by", "A", "--reason", "B"),
    ],
    "close": [(PERIOD, "--by", "A", "--although", "B"), (PERIOD, "--by", "A")],
    "status": [(), ("--json",), ("--files",)],
    "new": [
        ("period", PERIOD, "--real"),
        ("period", "2026-Q2", "--real"),
        ("page", "10_glance"),
        ("page", "bieu-moi"),
    ],
    "cluster": [("init", "{aside}/cluster"), ("init", "{root}/data")],
    "clean": [()],
}
"""Command → how it is called; what it writes elsewhere goes aside."""


def commands() -> list[str]:
    return list(typer.main.get_command(app).commands)


def test_every_command_is_walked():
    assert sorted(WALK) == sorted(commands())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project whose period and edition are built; beside it, what is sent."""
    root = tmp_path_factory.mktemp("theirs") / "project"
    for name in (*COPIED, f"data/survey/apci-{EDITION}", "reports/templates"):
        shutil.copytree(project.PROJECT / name, root / name)
    shutil.copy(project.PROJECT / "data/survey/illustration.yml", root / "data/survey")
    shutil.copy(project.PROJECT / "requirements.lock", root)
    declared = yaml.safe_load((project.PROJECT / "reports/site.yml").read_text("utf-8"))
    declared["pages"] = {k: v for k, v in declared["pages"].items() if k in PAGES}
    declared |= {"report": [PERIOD, f"apci-{EDITION}"], "also_in": {}}
    (root / "reports/site.yml").write_text(yaml.safe_dump(declared), "utf-8")
    keep_units(root, ["H44.42"])
    with_its_tables(editions.load(EDITION), root)
    assert call(root, "report", "--workers", "1")[0] == 0
    return root


def copied(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "project", symlinks=True)
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent/values.csv").write_text("unit_code,formality\nH44.42,1\n", "utf-8")
    return tmp_path / "project"


def seen(path: Path) -> tuple:
    """What tells whether a path is as it was."""
    held = os.lstat(path)
    what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
    return held.st_ino, held.st_mode, held.st_mtime_ns, what


def strewn(root: Path, elsewhere: Path) -> list[Path]:
    """Put files, folders and links of somebody into every folder of a project."""
    (elsewhere / "units").mkdir(parents=True)
    made = [elsewhere / "a.html", elsewhere / "units/22.html", elsewhere / "glance.xlsx"]
    for path in made:
        path.write_bytes(b"of others")
    folders = [p for p in root.rglob("*") if p.is_dir() and not p.is_symlink()]
    for folder in (root, *folders):
        read = any(folder.is_relative_to(root / name) for name in READ_BY_US)
        for name in [".riêng", "ghi chú.txt"] if read else NAMES:
            path = folder / name
            if read and "survey" in folder.parts and not name.startswith("."):
                continue
            path.write_bytes(f"own {name}".encode())
            path.chmod(0o444 if name.endswith(".xlsx") else 0o644)
            made.append(path)
        if not read:
            (folder / "riêng").mkdir()
            (folder / "riêng/a.html").write_bytes(b"own page")
            (folder / "liên kết.html").symlink_to(elsewhere / "a.html")
            (folder / "nơi khác").symlink_to(elsewhere)
            (folder / "không đâu.pdf").symlink_to(elsewhere / "nothing")
            made += [folder / n for n in ("riêng", "riêng/a.html", "liên kết.html", "nơi khác")]
            made.append(folder / "không đâu.pdf")
    return made


def walk(root: Path, before: dict[Path, tuple], aside: Path) -> dict[str, list[str]]:
    """Which paths each command has touched."""
    touched = {}
    for command, ways in WALK.items():
        for words in ways:
            given = [w.format(root=root, aside=aside) for w in words]
            call(root, command, *given)
            now = {p: seen(p) if os.path.lexists(p) else None for p in before}
            changed = [str(p.relative_to(aside)) for p in before if now[p] != before[p]]
            touched.setdefault(command, []).extend(changed)
    return touched


def edited(root: Path) -> list[Path]:
    """All files that were built and that a person opens, each with something added."""
    held = [*(root / "reports").rglob("*"), *(root / "data/derived").rglob("*")]
    ours = {root / "reports/site.yml", *(root / "reports/templates").rglob("*")}
    books = ("-returns.json", ".sha256", ".parquet", "digests.json", ".kept", ".made", ".run")
    made = [
        path
        for path in held
        if path.is_file()
        and path not in ours
        and not path.name.endswith(books)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]
    for path in made:
        with path.open("ab") as file:
            file.write(b"\n<!-- edited -->")
    return made


def test_make_clean_takes_away_what_a_record_holds_and_follows_no_link(built, tmp_path):
    root, elsewhere = copied(built, tmp_path), tmp_path / "elsewhere"
    shutil.copy(project.PROJECT / "Makefile", root)
    shutil.copytree(
        project.PROJECT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__")
    )
    submitted = {p: p.read_bytes() for p in (root / "data/submissions").rglob("*") if p.is_file()}
    mine = [root / "reports" / name for name in ("ban sao data", "$(touch pwned)", "; rm -rf x")]
    for folder in mine:
        folder.mkdir()
        (folder / "bai.html").write_text("mine")
    elsewhere.mkdir()
    moved = elsewhere / "2026-Q3"
    (root / "reports/2026-Q3").rename(moved)
    (root / "reports/2026-Q3").symlink_to(moved)
    of_link = {p: p.read_bytes() for p in moved.rglob("*") if p.is_file()}
    (root / ".venv").mkdir()  # not one that make has made
    (root / ".venv/mine").write_text("mine")
    done = subprocess.run(
        ["make", "clean", f"PYTHON={sys.executable}"], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert {p: p.read_bytes() for p in submitted} == submitted
    assert {p: p.read_bytes() for p in moved.rglob("*") if p.is_file()} == of_link
    assert all((folder / "bai.html").read_text() == "mine" for folder in mine)
    assert not (root / "pwned").exists() and (root / ".venv/mine").exists()
    assert not (root / "reports/apci-2020").exists() and not (root / "reports/en").exists()
    assert not (root / "reports/index.html").exists()
    assert (root / "reports/site.yml").exists() and (root / "reports/templates/style.css").exists()
    left = [p for p in (root / "data/derived").rglob("*") if p.is_file()]
    assert left == [] or all(".records" in p.parts for p in left), "the link's pages are recorded"
    assert "ban sao data/bai.html" in done.stdout


@pytest.mark.parametrize("linked", ["data/derived", "data", "reports", "reports/2026-Q3"])
def test_cleaning_goes_through_no_link_wherever_it_stands(built, tmp_path, linked):
    root, elsewhere = copied(built, tmp_path), tmp_path / "elsewhere"
    (root / linked).rename(elsewhere)
    (root / linked).symlink_to(elsewhere)
    before = {p: p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()}
    assert len(before) > 10
    code, printed = call(root, "clean")
    assert code == 0 and (linked == "data" or linked in printed)
    assert {p: p.read_bytes() for p in elsewhere.rglob("*") if p.is_file()} == before
    (tmp_path / "behind").symlink_to(root)  # the project itself may lie behind one
    assert call(tmp_path / "behind", "clean")[0] == 0


def test_a_plan_of_another_period_that_is_broken_is_named_with_its_folder(built, tmp_path):
    root = copied(built, tmp_path)
    other = root / "data/submissions/2026-Q2"
    other.mkdir()
    stated = (root / f"data/submissions/{PERIOD}/period.yml").read_text("utf-8")
    stated = stated.replace(PERIOD, "2026-Q2").replace("regime:", "regimen:")
    (other / "period.yml").write_text(stated, "utf-8")
    (other / "values.csv").write_bytes(b"x")
    code, printed = call(root, "run", PERIOD)
    assert code == 2 and "2026-Q2/period.yml:" in printed and "regimen" in printed


FOREIGN = ["", "[]", "{}", '{"title": 1}', "\x00", '{"pages": [{}], "title": "a", "key": "b"}']
FOREIGN += [
    json.dumps(
        {"title": "a", "key": "b", "synthetic": False, "pages": [{"output": path, "title": "x"}]}
    )
    for path in ("../../x.html", "javascript:alert(1).html", "/etc/passwd", "a/b/c.html")
]


@pytest.mark.parametrize("text", FOREIGN)
def test_a_folder_with_a_receipt_of_somebody_is_left_out_of_the_home_and_named(tmp_path, text):
    for name, held in (("theirs", text), ("ours", None)):
        (tmp_path / name).mkdir()
        stated = {"title": "T", "key": "k", "synthetic": False, "pages": []}
        data = receipt.text(**stated) if held is None else held.encode()
        (tmp_path / name / "receipt.json").write_bytes(data)
    (tmp_path / "ours/search.json").write_text('{"title": "T", "pages": [["a.html"]]}')
    (tmp_path / "folder/receipt.json").mkdir(parents=True)
    page = home.html(tmp_path, report.Context()).decode()
    assert 'href="ours/index.html"' in page and "theirs" not in page
    assert sorted(home.foreign(tmp_path)) == ["folder", "theirs"]


def _issues(name: str) -> pd.DataFrame:
    row = dict.fromkeys(schema.ISSUES.columns, "") | {"source_file": name, "severity": "blocking"}
    return pd.DataFrame([row | {"rule": "file_type", "message_vi": "x"}])


def test_a_copy_that_is_open_in_excel_is_one_trouble_and_the_others_are_written(
    tmp_path, monkeypatch
):
    limits = cat.load().parameters["limits"]
    copies = [returns.Copy(stem, None, _issues(f"{stem}.docx")) for stem in ("a", "b", "c")]
    folder, record = tmp_path / "returns", tmp_path / "returns.json"
    assert returns.write(folder, record, _issues("a.docx"), copies, limits).troubles == []
    before = (folder / "b.xlsx").read_bytes()
    copies = [replace(c, issues=c.issues.assign(message_vi="y")) for c in copies]
    swapped = os.replace

    def locked(source, target):
        if Path(target).name == "b.xlsx":
            raise PermissionError(13, "Permission denied", str(target))
        swapped(source, target)

    monkeypatch.setattr(os, "replace", locked)
    (folder / "riêng").mkdir()
    done = returns.write(folder, record, _issues("a.docx"), copies, limits)
    (trouble,) = done.troubles
    assert trouble.startswith("b.xlsx: Permission denied") and "Is it open in another" in trouble
    assert (folder / "b.xlsx").read_bytes() == before and (folder / "riêng").is_dir()
    assert {p.name for p in done.copies} == {"a.xlsx", "c.xlsx"}
    monkeypatch.undo()
    done = returns.write(folder, record, _issues("a.docx"), copies, limits)
    assert done.troubles == [] and (folder / "b.xlsx").read_bytes() != before


def test_a_submission_that_may_not_be_read_is_one_finding(tmp_path, monkeypatch):
    for name in COPIED[:3]:
        shutil.copytree(project.PROJECT / name, tmp_path / name)
    keep_units(tmp_path, ["H44.42"])
    (tmp_path / f"data/submissions/{PERIOD}/khoa.xlsx").write_bytes(b"locked")
    digest = files.digest_of_path

    def refused(path: str) -> str:
        if path.endswith("khoa.xlsx"):
            raise PermissionError(13, "Permission denied", path)
        return digest(path)

    monkeypatch.setattr(files, "digest_of_path", refused)
    tables = load(PERIOD, tmp_path).tables
    found = tables.issues[tables.issues["source_file"] == "khoa.xlsx"]
    assert set(found["rule"]) == {"file_unreadable", "received_unknown"}
    assert len(tables.observations)


def test_no_command_touches_what_somebody_put_there_or_changed(built, tmp_path):
    """The last of this file: the project is walked itself, as its workers are warm."""
    root, aside = built, built.parent
    made = edited(root)
    kinds = {path.suffix for path in made}
    assert kinds >= {".html", ".docx", ".xlsx", ".png", ".csv", ".json", ".ipynb", ".log"}
    made += strewn(root, aside / "elsewhere")
    (aside / "sent").mkdir()
    (aside / "sent/values.csv").write_text("unit_code,formality\nH44.42,1\n", "utf-8")
    before = {path: seen(path) for path in made}
    assert len(before) > 1000
    change(root, "H44.42")
    code, printed = call(root, "run", PERIOD, "--workers", "1")
    site = root / "reports" / PERIOD
    assert code == 0 and f"kept: {site}/periodic_report.docx is not as we wrote it" in printed
    names = ["periodic_report.docx", "index.html", "units/H44.42.xlsx", "public_summary.html"]
    for path in [site / name for name in names] + [root / "reports/index.html"]:
        new = path.with_name(f"{path.stem}~2{path.suffix}")
        assert new.is_file() and b"<!-- edited -->" not in new.read_bytes(), path
    # where the second name is taken as well
    assert 'href="glance~3.html"' in (site / "index~2.html").read_text("utf-8")
    assert 'href="periodic_report~2.docx"' in (site / "periodic_report~2.html").read_text("utf-8")
    again = {p: p.read_bytes() for p in site.rglob("*") if p.is_file()}
    call(root, "run", PERIOD, "--workers", "1")
    assert {p: p.read_bytes() for p in site.rglob("*") if p.is_file()} == again, "once is enough"
    assert walk(root, before, aside) == dict.fromkeys(WALK, [])
    assert not (site / "public_summary~2.html").exists(), "clean has removed our own"
    with zipfile.ZipFile(aside / "a.zip") as book:
        packed = unicodedata.normalize("NFC", " ".join(book.namelist()))
    assert f"{PERIOD}/glance~3.html" in packed
    assert not [name for name in ("riêng", "ghi chú", "trang", "GLANCE") if name in packed]
