"""Derived tables on disk: kept as Parquet, rebuilt whenever anything they rest on has changed."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import pandas as pd

T = TypeVar("T")


def holds(folder: Path, mark: str) -> bool:
    """Whether ``folder`` holds tables made from what ``mark`` stands for."""
    stamp = folder / "fingerprint.json"
    return stamp.exists() and json.loads(stamp.read_text())["fingerprint"] == mark


def read(kind: type[T], folder: Path) -> T:
    """The tables of ``folder`` as the data class ``kind``, one frame per field."""
    return kind(**{f.name: pd.read_parquet(folder / f"{f.name}.parquet") for f in fields(kind)})


def save(tables: object, folder: Path, mark: str) -> None:
    """Write the tables beside ``folder`` and swap them in: no reader sees half of them."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    for f in fields(tables):
        getattr(tables, f.name).to_parquet(fresh / f"{f.name}.parquet", index=False)
    (fresh / "fingerprint.json").write_text(json.dumps({"fingerprint": mark}))
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.replace(folder, old / "tables")
        os.replace(fresh, folder)
        shutil.rmtree(old)
    else:
        os.replace(fresh, folder)


def fingerprint(inputs: Iterable[Path], catalogue_sha256: str) -> str:
    """SHA-256 over everything tables rest on: the inputs, the catalogue, this package's code."""
    total = hashlib.sha256(catalogue_sha256.encode())
    for path in [*sorted(Path(__file__).parent.glob("*.py")), *inputs]:
        if path.is_file():
            total.update(path.name.encode() + b"\0" + sha256(path).encode())
    return total.hexdigest()


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
