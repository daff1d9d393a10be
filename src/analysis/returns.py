"""What goes back to the offices: the list of issues and annotated copies of their files.

A copy is written again only where its file, what is said of it or the code that writes it has
changed: a period has hundreds.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import files, imports, store, workbook

LIST = "issues.csv"


@dataclass(frozen=True)
class Copy:
    """An annotated copy to write: its name, the file, what is said of it, and the rows of a CSV
    file that are copied (``rows``, schema.CELLS)."""

    name: str
    source: Path
    issues: pd.DataFrame
    rows: pd.DataFrame | None = None

    @property
    def key(self) -> str:
        """Digest of all that the copy rests on."""
        parts = [imports.digest(["analysis.workbook"])]
        parts += [files.sha256(self.source)] if self.source.exists() else []
        parts += [store.digest_of(t) for t in (self.issues, self.rows) if t is not None]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def write(folder: Path, record: Path, issues: pd.DataFrame, copies: list[Copy]) -> list[Path]:
    """Write ``issues.csv`` and the copies into ``folder``; what else is there goes.

    ``record``: the file that remembers what the copies rested on. Returns all paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in files.unfinished(record.parent, record.name):
        left.unlink()
    listed = issues.copy()
    for column in listed.select_dtypes(include=["object", "string"]):
        listed[column] = listed[column].map(workbook.safe_text)
    files.write(folder / LIST, listed.to_csv(index=False).encode("utf-8-sig"))
    known, keys = _known(record), {}
    for copy in copies:
        path, key = folder / copy.name, copy.key
        if not path.exists() or known.get(copy.name) != [key, files.sha256(path)]:
            aside = folder / f".{copy.name}"
            workbook.annotate(copy.source, copy.issues, aside, copy.rows)
            os.replace(aside, path)
        keys[copy.name] = [key, files.sha256(path)]
    for path in folder.iterdir():
        if path.name not in keys and path.name != LIST:
            path.unlink()
    files.write(record, json.dumps(keys, ensure_ascii=False).encode())
    return [folder / LIST, *(folder / copy.name for copy in copies)]


def _known(record: Path) -> dict[str, list[str]]:
    try:
        found = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
