"""Each guard is taken away, one after the other: does a test notice?

Run: ``python tools/guards.py [--only WORD …]``.

``guards.yml`` lists what keeps bad files, crashes and curious readers from doing harm: the exact
text that does it, what stands there without it, and the tests that must then fail. All of that
happens in a copy of the project, in which these tests must pass first.

Prints each guard with its tests, ``red`` (and why) or ``STILL GREEN``, and seconds; exits 1 if any
test stays green, 2 where the list does not fit the project.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_suffix(".yml")
_SECONDS = 300  # a test that does not come to its end by then has noticed too
_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR) ([^\s\[]+)(?:\[.*?\])?(?: - (.*))?$", re.M)


@dataclass(frozen=True)
class Guard:
    """``text`` of ``file`` is the guard called ``name``; ``without`` stands there once it is gone,
    and each of ``tests`` must fail within ``seconds``."""

    part: str
    name: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]
    seconds: int = _SECONDS

    def removed(self, source: str) -> str:
        """The source of its file without the guard.

        Raises
        ------
        ValueError
            where its text does not occur exactly once.
        """
        if (times := source.count(self.text)) != 1:
            raise ValueError(f"{self.name}: its text occurs {times} times in {self.file}")
        return source.replace(self.text, self.without)


def load(path: Path = LIST) -> list[Guard]:
    """All guards of the list, in its order."""
    held = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Guard(part, tests=tuple(one.pop("tests")), **one)
        for part, own in held.items()
        for one in own
    ]


def copied(folder: Path) -> Path:
    """The files of the project that git knows, as they lie here."""
    listed = subprocess.run(
        ["git", "-C", str(PROJECT), "ls-files", "-z"], capture_output=True, check=True, text=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, folder / name)
    compiled = [sys.executable, "-m", "compileall", "-q", str(folder / "src")]
    subprocess.run(compiled, check=True)
    return folder


def run(root: Path, tests: Iterable[str], seconds: int) -> dict[str, tuple[str, str]]:
    """Test → what became of it (PASSED, FAILED, ERROR, skipped, no end) and why."""
    tests = list(tests)
    env = {**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "300"}
    env["PYTHONDONTWRITEBYTECODE"] = "1"  # what is compiled without a guard must not stay
    command = [sys.executable, "-m", "pytest", "-q", "-rpfE", "--tb=no", "-p", "no:cacheprovider"]
    process = subprocess.Popen(
        [*command, "-p", "no:xdist", *tests],
        cwd=root,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return dict.fromkeys(tests, ("no end", f"stopped after {seconds} s"))
    finally:
        if process.poll() is None:  # no end, or we were interrupted
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    found = {}
    for outcome, test, why in _OUTCOME.findall(printed):
        if found.get(test, ("PASSED", ""))[0] == "PASSED":  # one set of parameters is enough
            found[test] = (outcome, why)
    if process.returncode not in (0, 1):
        return dict.fromkeys(tests, ("ERROR", printed.strip()[-300:]))
    return {test: found.get(test.partition("[")[0], ("skipped", "")) for test in tests}


def tried(root: Path, guard: Guard) -> dict[str, tuple[str, str]]:
    """What becomes of the guard's tests without it; its file is as before afterwards."""
    path = root / guard.file
    before, seen = path.read_bytes(), path.stat()
    path.write_bytes(guard.removed(before.decode("utf-8")).encode("utf-8"))
    try:
        return run(root, guard.tests, guard.seconds)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[""], help="in a guard's name, part or file")
    words = parser.parse_args().only
    guards = [g for g in load() if any(w in f"{g.part} {g.name} {g.file}" for w in words)]
    tests = list(dict.fromkeys(test for guard in guards for test in guard.tests))
    with tempfile.TemporaryDirectory(prefix="guards-") as folder:
        root = copied(Path(folder))
        try:
            for guard in guards:
                guard.removed((root / guard.file).read_text(encoding="utf-8"))
        except ValueError as error:
            print(error)
            return 2
        print(f"{len(guards)} guards, {len(tests)} tests without any change …", flush=True)
        began = time.monotonic()
        first = run(root, tests, _SECONDS * len(tests))
        absent = [test for test, (outcome, _) in first.items() if outcome == "skipped"]
        broken = {t: o for t, o in first.items() if o[0] not in ("PASSED", "skipped")}
        for test, (outcome, why) in broken.items():
            print(f"{outcome} {test}: {why}")
        if broken:
            return 2
        print(f"all pass or are skipped ({len(absent)}), {time.monotonic() - began:.0f} s")
        return report(root, guards, absent)


def report(root: Path, guards: list[Guard], absent: list[str]) -> int:
    """Try each guard and say what came of it."""
    counted, part, began = {"red": 0, "STILL GREEN": 0, "not run here": 0}, "", time.monotonic()
    for number, guard in enumerate(guards, 1):
        if guard.part != part:
            part = guard.part
            print(f"\n== {part}")
        at = time.monotonic()
        found = tried(root, guard)
        took = time.monotonic() - at
        print(f"{number}/{len(guards)} {guard.name} ({guard.file}), {took:.1f} s", flush=True)
        for test, (outcome, why) in found.items():
            said = "red" if outcome in ("FAILED", "ERROR", "no end") else "STILL GREEN"
            said = "not run here" if test in absent else said
            counted[said] += 1
            why = f" ({outcome}: {why[:90]})" if said == "red" else ""
            print(f"      {said:<12} {test.removeprefix('tests/')}{why}", flush=True)
    seconds = time.monotonic() - began
    print(f"\n{len(guards)} guards, {seconds:.0f} s; tests:", counted)
    return 1 if counted["STILL GREEN"] else 0


if __name__ == "__main__":
    sys.exit(main())
