"""Commands on consoles that show little or take nothing (test_consoles.py; all of them on demand:
``python tests/consoles.py``)."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import crashes
import typer
import yaml

from analysis.__main__ import app
from analysis.project import PROJECT

PERIOD = "plan-2022"
NAME = "Biểu số liệu Đắk Lắk.xlsx"
OLD = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

# name → how standard output and error are opened, and what stands in the environment
CONSOLES: dict[str, tuple[str, dict[str, str]]] = {
    "utf-8": ("", {"PYTHONUTF8": "1"}),
    "cp1258": ("", {"PYTHONIOENCODING": "cp1258"}),
    "cp1252, dumb": ("", {"PYTHONIOENCODING": "cp1252", "TERM": "dumb", "NO_COLOR": "1"}),
    "cp437, one column": ("", {"PYTHONIOENCODING": "cp437", "COLUMNS": "1"}),
    "no locale": ("", OLD),
    "ascii, no room": (">/dev/full 2>/dev/full", {"PYTHONIOENCODING": "ascii", "COLUMNS": "0"}),
    "closed": ("<&- >&- 2>&-", {}),
    "no locale, closed": ("<&- >&- 2>&-", OLD),
    "a reader that goes": ("2>&1 | head -c 1", {}),
}


def commands() -> set[str]:
    return set(typer.main.get_command(app).commands)


def said(root: Path, built: bool = False) -> dict[str, list[list[str]]]:
    """Each command of the application with arguments, for a small project: what succeeds and what
    it cannot do. ``built``: a page too, and what rests on it."""
    period, out = PERIOD, root / "out"
    run = ["--workers", "1", "--page", "submissions"] if built else ["--dry-run"]
    here = ["--root", str(root)]
    return {
        "check": [
            ["check", period, "--summary", str(out / "summary"), *here],
            ["check", "2031-Q1", *here],
        ],
        "run": [["run", period, *run, *here], ["run"]],
        "receive": [["receive", period, str(root / NAME), "--on", "2022-09-20", *here]],
        "share": [["share", period, str(out / "a.zip"), *here]],
        "verify": [["verify", str(root / "reports" / period), *here]],
        "forms": [["forms", period, str(out / "forms"), *here]],
        "questionnaire": [["questionnaire", "apci", str(out / "questionnaire"), *here]],
        "remind": [["remind", period, str(out / "reminders"), *here]],
        "answer": [["answer", period, "--file", "ở.xlsx", "--by", "A", "--reason", "B", *here]],
        "close": [["close", period, "--by", "Nguyễn Văn A", *here]],
        "apci": [["apci", "2022", *here]],
        "report": [["report", "--dry-run", *here]],
        "clean": [["clean", "--help"]],
        "catalogue": [["catalogue", "check", *here]],
        "status": [["status", *here], ["status", "2031-Q1", *here]],
        "init": [["init", str(root)]],
        "cluster": [
            ["cluster", "init", str(out / "cluster")],
            ["cluster", "worker", "tcp://127.0.0.1:8786"],
        ],
        "new": [
            ["new", "period", period, "--from", period, "--real", *here],
            ["new", "page", "bảng của tôi", *here],
        ],
    }


def project(root: Path) -> Path:
    """A period of one office with a file that cannot be read, its name in Vietnamese."""
    for name in ("data/catalogue", f"data/submissions/{PERIOD}", "notebooks", "reports/templates"):
        shutil.copytree(PROJECT / name, root / name)
    (root / "data/reference").mkdir()
    declared = yaml.safe_load((PROJECT / "reports/site.yml").read_text("utf-8"))
    (root / "reports/site.yml").write_text(yaml.safe_dump(declared | {"report": [PERIOD]}))
    for folder in (root, root / "data/submissions" / PERIOD):
        (folder / NAME).write_bytes(b"x")
    shutil.copy(PROJECT / "requirements.lock", root)
    return root


def status(words: list[str], console: str) -> int:
    opened, env = CONSOLES[console]
    command = f'"$@" {opened}; exit ${{PIPESTATUS[0]}}'  # not that of a reader
    known = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHONIO", "PYTHONUTF8"))}
    done = subprocess.run(
        ["bash", "-c", command, "bash", sys.executable, "-m", "analysis", *words],
        env={**known, "SOURCE_DATE_EPOCH": crashes.EPOCH, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=600,
    )
    return done.returncode


def left(root: Path) -> dict[str, str]:
    """What is in the project after a command, with digests where they do not hold times."""
    return crashes.state(root) | {
        str(p.relative_to(root)): "" if folder == "out" else str(p.stat().st_size)
        for folder in ("data/submissions", "out", ".")
        for p in sorted((root / folder).glob("*" if folder == "." else "**/*"))
        if p.is_file()
    }


def walked(folder: Path, console: str) -> tuple[dict[str, int], dict[str, str]]:
    """Exit status of every command on a console, one after the other in a project, and what they
    leave."""
    root = project(folder / "project")
    statuses = {
        " ".join(words[:2]): status(words, console)
        for several in said(root, built=True).values()
        for words in several
    }
    return statuses, left(root)


def main() -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for number, console in enumerate(CONSOLES):
            at = Path(folder, "0")  # one place: what is written may name it
            found[console] = walked(at, console)
            shutil.rmtree(at)
            statuses, held = found["utf-8"]
            same = found[console][0] == statuses
            apart = crashes.differing(found[console][1], held)
            wrong += not same or bool(apart)
            told = "the same" if same and number else str(found[console][0])
            print(f"{console}: {told}; {len(held)} files, differing: {apart}", flush=True)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
