"""Two builds of the same inputs, in two folders, with 1 and 2 workers: are they the same bytes?

Run: ``python tools/reproducible.py PERIOD [--page NAME …] [--lang en]``.

Compared are all files of the site (pages, exports, index, receipt, what goes back to the offices),
the home page and the archives of ``share``, both kinds. SOURCE_DATE_EPOCH is set, as the time of
the build stands on every page. Executed notebooks, logs and records of pages hold times and are not
compared; nor are they published. Exits 1 if anything differs.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis import project

COPIED = ("data/catalogue", "data/submissions", "data/reference", "data/survey", "notebooks")
EPOCH = "1790000000"


def built(root: Path, code: str, words: list[str], workers: int) -> dict[str, str]:
    """Build and pack the site of ``code`` in a new project; its files with their digests."""
    for name in (*COPIED, "reports/templates"):
        shutil.copytree(project.PROJECT / name, root / name)
    shutil.copy(project.PROJECT / "reports/site.yml", root / "reports/site.yml")
    survey, _, edition = code.partition("-")
    run = ["apci", edition] if survey == "apci" else ["run", code]
    analysis(root, *run, "--workers", str(workers), *words)
    if "--page" not in words:
        analysis(root, "share", code, str(root / "reports/all.zip"))
        analysis(root, "share", code, str(root / "reports/public.zip"), "--public")
    held = [p for p in (root / "reports").rglob("*") if p.is_file()]
    names = {p.relative_to(root / "reports").as_posix(): p.read_bytes() for p in held}
    return {name: hashlib.sha256(data).hexdigest() for name, data in names.items()}


def analysis(root: Path, *words: str) -> None:
    command = [sys.executable, "-P", "-m", "analysis", *words, "--root", str(root)]
    done = subprocess.run(command, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH})
    if done.returncode:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("code")
    parser.add_argument("--page", action="append", default=[])
    parser.add_argument("--lang")
    given = parser.parse_args()
    words = [word for page in given.page for word in ("--page", page)]
    words += ["--lang", given.lang] if given.lang else []
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first = built(Path(one, "project"), given.code, words, 1)
        second = built(Path(two, "elsewhere", "project"), given.code, words, 2)
    differing = sorted(n for n in first.keys() | second.keys() if first.get(n) != second.get(n))
    for name in differing:
        print(f"differs: {name}")
    kinds = sorted({Path(name).suffix for name in first})
    print(f"{given.code}: {len(first)} files ({' '.join(kinds)}), {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
