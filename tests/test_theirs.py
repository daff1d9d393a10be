"""What lies in a project and is not ours is left by every command: put there, changed, or linked.

The commands are those of the application itself: a new one is walked, or the test fails.
"""

import os
import shutil
import unicodedata
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import _with_its_tables
from test_again import change, keep_units
from test_main import call

from analysis import catalogue as cat
from analysis import surveys
from analysis.__main__ import app

PERIOD, EDITION = "2026-Q3", "2020"
PAGES = {"glance", "periodic_report", "reporting_unit", "apci_editions", "public_summary"}
COPIED = ("data/catalogue", f"data/submissions/{PERIOD}", "data/reference", "notebooks")
DECOMPOSED = unicodedata.normalize("NFD", "báo cáo tổng hợp.docx")
NAMES = ["ghi chú.txt", "Bảng tổng hợp.xlsx", "bài viết.docx", "trang.html", "hình.png", "in.pdf"]
NAMES += ["GLANCE.HTML", "INDEX.html", DECOMPOSED, ".riêng", "glance~2.html", "receipt (1).json"]
NAMES += ["số liệu.csv", "sổ tay.ipynb", "bảng.parquet", "x.sha256", ".a.part", "digests (1).json"]
READ_BY_US = {"data/submissions", "data/survey"}
"""Whatever lies openly there is a submission."""

WALK = {
    "check": [(PERIOD,)],
    "run": [(PERIOD, "--workers", "1"), (PERIOD, "--workers", "1", "--force", "--lang", "en")],
    "apci": [(EDITION, "--workers", "1"), (EDITION, "--workers", "1", "--page", "apci_editions")],
    "report": [("--workers", "1")],
    "verify": [("{root}/reports/" + PERIOD,)],
    "share": [(PERIOD, "{aside}/a.zip"), (PERIOD, "{aside}/b.zip", "--public")],
    "receive": [(PERIOD, "{aside}/sent/values.csv", "--on", "2026-09-30")],
    "forms": [(PERIOD, "{aside}/forms")],
    "messages": [()],
    "licences": [()],
    "sample": [()],
    "clean": [()],
}
"""Command → how it is called; what it writes elsewhere goes aside."""


def commands() -> list[str]:
    return [c.name or c.callback.__name__ for c in app.registered_commands]


def test_every_command_is_walked():
    assert sorted(WALK) == sorted(commands())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project whose period, in two languages, and edition are built; beside it, what is sent."""
    root = tmp_path_factory.mktemp("theirs") / "project"
    for name in (*COPIED, f"data/survey/apci-{EDITION}", "reports/templates"):
        shutil.copytree(cat.PROJECT / name, root / name)
    shutil.copy(cat.PROJECT / "data/survey/illustration.yml", root / "data/survey")
    shutil.copy(cat.PROJECT / "requirements.lock", root)
    declared = yaml.safe_load((cat.PROJECT / "reports/site.yml").read_text("utf-8"))
    declared["pages"] = {k: v for k, v in declared["pages"].items() if k in PAGES}
    declared |= {"report": [PERIOD, f"apci-{EDITION}"], "also_in": {"en": [PERIOD]}}
    (root / "reports/site.yml").write_text(yaml.safe_dump(declared), "utf-8")
    keep_units(root, ["H44.42"])
    _with_its_tables(surveys.load(EDITION), root)
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


def test_no_command_touches_what_somebody_put_into_any_folder(built, tmp_path):
    root = copied(built, tmp_path)
    made = strewn(root, tmp_path / "elsewhere")
    change(root, "H44.42")
    before = {path: seen(path) for path in made}
    assert len(before) > 1000
    touched = walk(root, before, tmp_path)
    assert touched == dict.fromkeys(WALK, [])
    assert not (root / f"reports/{PERIOD}/glance.html").exists(), "clean has removed our own"
    with zipfile.ZipFile(tmp_path / "a.zip") as book:
        packed = unicodedata.normalize("NFC", " ".join(book.namelist()))
    assert not [name for name in ("riêng", "ghi chú", "trang", "GLANCE") if name in packed]


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


def test_what_somebody_changed_stays_and_the_new_one_stands_beside_it(built, tmp_path):
    root = copied(built, tmp_path)
    made = edited(root)
    kinds = {path.suffix for path in made}
    assert kinds >= {".html", ".docx", ".xlsx", ".png", ".csv", ".json", ".ipynb", ".log"}
    before = {path: seen(path) for path in made}
    change(root, "H44.42")
    code, printed = call(root, "run", PERIOD, "--workers", "1", "--force")
    site = root / "reports" / PERIOD
    assert code == 0 and f"kept: {site}/periodic_report.docx is not as we wrote it" in printed
    names = ["glance.html", "periodic_report.docx", "index.html", "units/H44.42.xlsx"]
    for path in [site / name for name in names] + [root / "reports/index.html"]:
        new = path.with_name(f"{path.stem}~2{path.suffix}")
        assert new.is_file() and b"<!-- edited -->" not in new.read_bytes(), path
    assert 'href="glance~2.html"' in (site / "index~2.html").read_text("utf-8")
    assert 'href="periodic_report~2.docx"' in (site / "periodic_report~2.html").read_text("utf-8")
    again = {p: p.read_bytes() for p in site.rglob("*") if p.is_file()}
    call(root, "run", PERIOD, "--workers", "1")
    assert {p: p.read_bytes() for p in site.rglob("*") if p.is_file()} == again, "once is enough"
    assert walk(root, before, tmp_path) == dict.fromkeys(WALK, [])
    assert not (site / "glance~2.html").exists(), "clean has removed our own"
