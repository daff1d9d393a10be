"""Derived tables on disk: kept as Parquet, rebuilt whenever anything they rest on has changed.

What rests on the same things has the same name, ``<folder>/<fingerprint>``, and is written once:
runs at the same time may both make it, and neither disturbs the other.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import pandas as pd

from analysis import imports
from analysis.files import sha256

T = TypeVar("T")


def holds(folder: Path, mark: str) -> bool:
    """Whether ``folder`` holds tables made from what ``mark`` stands for."""
    return (folder / mark).is_dir()


class Kept:
    """Tables on disk, each read when it is first asked for: a page needs few of them."""

    def __init__(self, kind: type, folder: Path, mark: str) -> None:
        self._names = {f.name for f in fields(kind)}
        self._folder, self._mark = folder, mark

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in self._names:
            raise AttributeError(f"there is no table {name}")
        try:
            table = pd.read_parquet(self._folder / self._mark / f"{name}.parquet")
        except FileNotFoundError as error:
            what = f"{self._folder.name}: tables were rebuilt while in use; load anew"
            raise RuntimeError(what) from error
        self.__dict__[name] = table
        return table


def read(kind: type[T], folder: Path, mark: str) -> T:
    """The tables of ``folder`` as the data class ``kind`` would hold them, one frame per field."""
    return Kept(kind, folder, mark)


def save(tables: object, folder: Path, mark: str) -> None:
    """Write the tables aside and name them when they are whole; those of another mark go."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".", dir=folder))
    for f in fields(tables):
        getattr(tables, f.name).to_parquet(fresh / f"{f.name}.parquet", index=False)
    try:
        os.rename(fresh, folder / mark)
    except OSError:  # another run has made the same tables meanwhile
        shutil.rmtree(fresh)
        if not holds(folder, mark):
            raise
    for other in folder.glob("[!.]*/"):
        if other.name != mark:
            shutil.rmtree(other, ignore_errors=True)


def fingerprint(
    inputs: Iterable[Path], catalogue_sha256: str, module: str, earlier: str = ""
) -> str:
    """SHA-256 over everything tables rest on.

    Parameters
    ----------
    inputs
        Files, known by name and content.
    module
        Full name of the module that makes the tables: its code counts and that of all it imports.
    earlier
        Fingerprint of the tables of the period before, if they are used.
    """
    code = imports.digest([module])
    total = hashlib.sha256(f"{catalogue_sha256} {code} {earlier}\n".encode())
    for path in inputs:
        if path.is_file():
            total.update(path.name.encode() + b"\0" + sha256(path).encode())
    return total.hexdigest()
