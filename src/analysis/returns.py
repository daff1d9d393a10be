"""What goes back to the offices: the list of issues and annotated copies of their files.

A copy is written again only where its file, what is said of it or the code that writes it has
changed: a period has hundreds.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import pandas as pd

from analysis import confined, files, imports, store, workbook

_RESERVED = set('<>:"/\\|?*')
_LONGEST = 150  # bytes of a copy's name; file systems take 255


@dataclass(frozen=True)
class Copy:
    """An annotated copy to write: what it is called after, the file (None where it is not there),
    what is said of it, and the rows of a CSV file that are copied (``rows``, schema.CELLS)."""

    stem: str
    source: Path | None
    issues: pd.DataFrame
    rows: pd.DataFrame | None = None

    @property
    def key(self) -> str:
        """Digest of all that the copy rests on."""
        parts = [imports.digest(["analysis.workbook"])]
        parts += [files.sha256(self.source)] if self.source else []
        parts += [store.digest_of(t) for t in (self.issues, self.rows) if t is not None]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def write(
    folder: Path, record: Path, issues: pd.DataFrame, copies: list[Copy], limits: dict
) -> list[Path]:
    """Write ``issues.csv`` and the copies into ``folder``; what else is there goes.

    ``record``: the file that remembers what the copies rested on; ``limits``: of ``parameters.yml``
    (what writing one copy may take). Returns all paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in files.unfinished(record.parent, record.name):
        left.unlink()
    listed = issues.copy()
    for column in listed.select_dtypes(include=["object", "string"]):
        listed[column] = listed[column].map(workbook.safe_text)
    files.write(folder / workbook.LIST, listed.to_csv(index=False).encode("utf-8-sig"))
    known, keys = _known(record), {}
    for copy in copies:
        name, key = _name(copy.stem, keys), copy.key
        path = folder / name
        if not path.exists() or known.get(name) != [key, files.sha256(path)]:
            aside = folder / f".{name}"
            _annotate(copy, aside, limits)
            os.replace(aside, path)
        keys[name] = [key, files.sha256(path)]
    for path in folder.iterdir():
        if path.name not in keys and path.name != workbook.LIST:
            path.unlink()
    files.write(record, json.dumps(keys, ensure_ascii=False).encode())
    return [folder / workbook.LIST, *(folder / name for name in keys)]


def _name(stem: str, taken: Iterable[str]) -> str:
    """A name for a copy that any system can show and no other copy has."""
    stem = "".join(c if c.isprintable() and c not in _RESERVED else "_" for c in stem)
    stem = stem.encode()[:_LONGEST].decode(errors="ignore")
    held = {name.casefold() for name in taken}
    names = chain([f"{stem}.xlsx"], (f"{stem}~{n}.xlsx" for n in count(2)))
    return next(name for name in names if name.casefold() not in held)


def _annotate(copy: Copy, path: Path, limits: dict) -> None:
    """As :func:`workbook.annotate`, of the list alone where the file cannot be written again."""
    most = {"memory": limits["memory_per_file"], "seconds": limits["seconds_per_file"]}
    try:
        confined.call(workbook.annotate, copy.source, copy.issues, path, copy.rows, **most)
    except Exception:  # whatever openpyxl makes of it, the others must get theirs
        workbook.annotate(None, copy.issues, path)


def _known(record: Path) -> dict[str, list[str]]:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
