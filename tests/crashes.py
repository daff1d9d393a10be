"""A small project whose runs are killed: made, run, looked at, compared (test_crash.py and
tools/crash.py)."""

import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import yaml

from analysis.lineage import kept_steps, store
from analysis.project import PROJECT, ROOT
from analysis.storage import owned

PERIOD = "2026-Q3"
UNITS = ["H44.42", "H44.130"]
PAGES = {"glance", "environment", "reporting_unit"}  # the second has no page in this period
EPOCH = "1790000000"
COPIED = ("data/catalogue", f"data/submissions/{PERIOD}", "data/reference", "notebooks")

# Counts, over all processes of a run, what is about to change a file of the project; at the n-th
# such event, or as a file is about to get the name that is given instead, the whole group of
# processes is killed.
KILLER = """
import os, signal, sys
root, counter, last = os.environ["CRASH_ROOT"], os.environ["CRASH_COUNTER"], os.environ["CRASH_AT"]
counted = os.open(counter, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def changes(event, args):
    if event == "open":
        mode, flags = args[1], args[2]
        writes = set(mode) & set("wax+") if mode else flags & (os.O_WRONLY | os.O_RDWR)
        return args[0] if writes else None
    return args[0] if event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir") else None

def watch(event, args):
    path = changes(event, args)
    if isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(root):
        os.write(counted, b".")
        named = event == "os.rename" and os.fspath(args[1]) == last
        if named or str(os.fstat(counted).st_size) == last:
            os.killpg(0, signal.SIGKILL)

sys.addaudithook(watch)
"""


def project(root: Path, units: list[str] = UNITS) -> Path:
    """A project of one period with a page of the whole and one for each of few units."""
    for name in (*COPIED, "reports/templates"):
        shutil.copytree(PROJECT / name, root / name)
    declared = yaml.safe_load((PROJECT / "reports/site.yml").read_text("utf-8"))
    declared["pages"] = {k: v for k, v in declared["pages"].items() if k in PAGES}
    (root / "reports/site.yml").write_text(yaml.safe_dump(declared), "utf-8")
    table = pd.read_csv(values(root), dtype=str, keep_default_na=False)
    table[table["unit_code"].isin(units)].to_csv(values(root), index=False)
    return root


def values(root: Path) -> Path:
    return root / "data/submissions" / PERIOD / "values.csv"


def change(root: Path) -> None:
    """One figure of a unit is another, and one is missing."""
    lines = values(root).read_text("utf-8").splitlines()
    at = [n for n, line in enumerate(lines) if line.startswith(f"{UNITS[0]},dvc-progress,")]
    head, _, number = lines[at[0]].rpartition(",")
    lines[at[0]] = f"{head},{int(number or 0) + 1}"
    del lines[at[1]]
    values(root).write_text("\n".join(lines) + "\n", "utf-8")


def start(root: Path, *words: str, **env: str) -> subprocess.Popen:
    """A run of the period in a process group of its own; the project is the only one there."""
    command = [sys.executable, "-m", "analysis", *(words or ("run", PERIOD, "--workers", "1"))]
    return subprocess.Popen(
        [*command, "--root", str(root)],
        env={**os.environ, ROOT: str(root), "SOURCE_DATE_EPOCH": EPOCH, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(root: Path, *words: str, **env: str) -> tuple[int, str]:
    """Exit code of a run, and what it printed."""
    process = start(root, *words, **env)
    printed, _ = process.communicate(timeout=600)
    return process.returncode, " ".join(printed.split())


def killed_at_write(root: Path, aside: Path, at: int | Path) -> bool:
    """Whether a run was killed as it was about to change a file of the project the n-th time, or as
    a file was to get this name."""
    counter = aside / "events"
    counter.unlink(missing_ok=True)
    (aside / "sitecustomize.py").write_text(KILLER)
    path = os.pathsep.join([str(aside), os.environ.get("PYTHONPATH", "")])
    watched = dict(CRASH_ROOT=str(root), CRASH_COUNTER=str(counter), CRASH_AT=str(at))
    code, _ = run(root, PYTHONPATH=path, **watched)
    return code == -signal.SIGKILL


def writes(root: Path, aside: Path) -> int:
    """How often a run that is not killed changes files of the project."""
    assert not killed_at_write(root, aside, -1)
    return (aside / "events").stat().st_size


def killed_after(root: Path, seconds: float) -> bool:
    """Whether a run was killed so long after its start."""
    process = start(root)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=seconds)
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return True


def visible(root: Path) -> dict[str, str]:
    """Files that a reader of reports can see, with their digests."""
    held = [p for p in (root / "reports").rglob("*") if p.is_file()]
    names = {p.relative_to(root).as_posix(): p for p in held if not p.name.startswith(".")}
    return {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in names.items()}


_LINK = re.compile(rb"<a class='to' href='[^']*'>(.*?)</a>", re.S)
_MENUS = re.compile(rb"<!--menus-->.*?<!--/menus-->", re.S)


def whole(root: Path) -> dict[str, str]:
    """:func:`visible`, with pages as they are before they get links and menus: that is done when
    all are there, and a page is whole before and after."""
    found = visible(root)
    for name in found:
        if name.endswith(".html"):
            page = _MENUS.sub(b"", (root / name).read_bytes())
            page = _LINK.sub(rb"\1", page).replace(b" data-href=", b" href=")
            found[name] = hashlib.sha256(page).hexdigest()
    return found


def half_written(root: Path, *wholes: dict[str, str]) -> list[str]:
    """What is visible and neither as it was before nor as it will be, or cannot be read.

    ``wholes``: what :func:`whole` said before, and of an undisturbed run.
    """
    found = [
        name
        for name, digest in whole(root).items()
        if digest not in {of.get(name) for of in wholes}
    ]
    derived = root / "data/derived"
    for record in derived.glob(f"{PERIOD}-notebooks/**/*.json"):
        if not record.name.startswith("."):
            try:
                json.loads(record.read_text("utf-8"))
            except ValueError:
                found.append(record.name)
    for tables in derived.glob(f"{PERIOD}*/[!.]*/{store.DIGESTS}"):
        named = json.loads(tables.read_text("utf-8"))
        lying = {p.stem: p for p in tables.parent.glob("*.parquet")}
        found += [f"{tables.parent}: {sorted(lying)}"] if set(lying) != set(named) else []
        for path in lying.values():
            try:
                pq.read_table(path)
            except Exception as error:
                found.append(f"{path}: {error}")
    return found


def state(root: Path) -> dict[str, str]:
    """All that a run leaves, with digests: of records of pages without the times they hold, of
    executed notebooks and logs, which are made of times, only their names."""
    found = visible(root)
    for path in sorted((root / "data/derived").rglob("*")):
        name = path.relative_to(root).as_posix()
        # which steps are kept says only what was worked out last
        if not path.is_file() or ".locks" in path.parts or path.name == kept_steps.FILE:
            continue
        data = path.read_bytes()
        if path.suffix in (".ipynb", ".log"):
            data = b""
        elif name.endswith(".executed.sha256"):
            data = repr(sorted(owned.read(path))).encode()
        elif "-notebooks" in name and path.suffix == ".json" and not path.name.startswith("."):
            timed = json.loads(data)
            data = repr({k: v for k, v in timed.items() if k not in ("seconds", "built_at")})
            data = data.encode()
        found[name] = hashlib.sha256(data).hexdigest()
    hidden = [p for p in root.rglob(".*") if p.is_file() and ".locks" not in p.parts]
    return found | {p.relative_to(root).as_posix(): "left over" for p in hidden}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Files that are not the same in two states, or only in one."""
    return sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))


@dataclass(frozen=True)
class Undisturbed:
    """A project before its first run, built, and built again after a change; how long it takes."""

    folder: Path
    built: dict[str, str]
    changed: dict[str, str]
    whole: dict[bool, dict[str, str]]
    seconds: float
    writes: dict[bool, int]

    def copy(self, target: Path, built: bool) -> Path:
        """The project, built or not, its inputs changed if it is, so that a run has work to do."""
        shutil.copytree(self.folder / ("built" if built else "empty"), target)
        if built:
            change(target)
        return target


def undisturbed(folder: Path) -> Undisturbed:
    empty, aside = project(folder / "empty"), folder / "aside"
    aside.mkdir()
    shutil.copytree(empty, folder / "built")
    began = time.monotonic()
    code, printed = run(folder / "built")
    seconds = time.monotonic() - began
    assert code == 0, printed
    counted = {}
    for built in (False, True):
        root = folder / f"counted-{built}"
        shutil.copytree(folder / ("built" if built else "empty"), root)
        if built:
            change(root)
        counted[built] = writes(root, aside)
    wholes = {False: whole(folder / "built"), True: whole(root)}
    made = Undisturbed(folder, state(folder / "built"), state(root), wholes, seconds, counted)
    again = differing(state(folder / "counted-False"), made.built)
    assert not again, again
    return made


@dataclass(frozen=True)
class Trial:
    """What became of one: how it was killed, and what was wrong then or after the next run."""

    how: str
    killed: bool
    wrong: list[str]


def trial(of: Undisturbed, root: Path, aside: Path, draw: random.Random, at: int = 0) -> Trial:
    """Kill a run of the project at a moment or at a write (the ``at``-th), look, run again."""
    built = draw.random() < 0.5
    of.copy(root, built)
    before, after = whole(root), of.changed if built else of.built
    if at or draw.random() < 0.5:
        number = at or draw.randint(1, of.writes[built])
        how, killed = f"write {number}", killed_at_write(root, aside, number)
    else:
        seconds = draw.uniform(0, of.seconds)
        how, killed = f"{seconds:.1f} s", killed_after(root, seconds)
    wrong = half_written(root, before, of.whole[built])
    code, printed = run(root)
    wrong += [] if code == 0 else [f"the next run: {printed}"]
    wrong += [f"differs: {name}" for name in differing(state(root), after)]
    how = f"{how}, {'built before' if built else 'from nothing'}"
    return Trial(how, killed, wrong)
