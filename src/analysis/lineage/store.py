"""Derived tables on disk: kept as Parquet, rebuilt whenever anything they rest on has changed.

What rests on the same things has the same name, ``<folder>/<fingerprint>``, and is written once:
of runs at the same time one makes it and the others wait. It is there whole or not at all, and
stays as long as pages are made of it (:func:`keeping`).
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.language import codes
from analysis.lineage import imports, trace
from analysis.storage import files, locks, owned

T = TypeVar("T")

KEYS = ("reporting_unit", "peer_type")
"""Columns by whose values rows can be asked for, and are told apart when something changes."""

READING = ".reading"
"""Folder beside the tables of a period: what was read of its files."""

PINNED = "REFORM_MONITOR_TABLES"
"""Environment variable of a kernel: JSON, folder of derived tables → the mark to be read there."""

DIGESTS = "digests.json"
"""File beside tables: digests of each and of its rows by key. Where it is, the tables are whole."""

_MARK = re.compile("[0-9a-f]{64}")
_MAKING = ".making-"
_OURS = f"files{owned.ENDING}"
_PLACE = "row in the table"
GROUP = 10_000  # rows
_NONE = "no rows"


def pinned(folder: Path) -> str | None:
    """The mark that this process was told to read in ``folder``.

    All pages of one batch read the same state of the data, whatever is submitted meanwhile, and
    need not look through all inputs to know it.
    """
    return json.loads(os.environ.get(PINNED, "{}")).get(str(folder))


def holds(folder: Path, mark: str) -> bool:
    """Whether ``folder`` holds tables made from what ``mark`` stands for."""
    return (folder / mark / DIGESTS).exists()


class Kept:
    """Tables on disk, each read when it is first asked for: a page needs few of them.

    What is read is noted (:mod:`analysis.lineage.trace`): a page rests on the tables that it reads,
    or on some of their rows (:meth:`Kept.of`).
    """

    def __init__(
        self,
        kind: type,
        folder: Path,
        mark: str,
        only: tuple[str, str] | None = None,
        meant: Callable[[str, object], str] | None = None,
    ) -> None:
        self._meant = meant or _as_text
        self._kind, self._only = kind, only
        self._names = [f.name for f in fields(kind)]
        self._folder, self.mark = folder, mark

    def of(self, column: str, value: object) -> "Kept":
        """The same tables, of each only the rows in which ``column`` (one of :data:`KEYS`) has
        ``value``; their order and index are kept, as if the whole table had been filtered.

        Raises
        ------
        ValueError
            if ``column`` is not among the keys, or nothing is known that has such a ``value``.
        """
        if column not in KEYS:
            raise ValueError(f"rows are kept by {', '.join(KEYS)}, not by {column}")
        only = (column, self._meant(column, value))
        return type(self)(self._kind, self._folder, self.mark, only, self._meant)

    def sizes(self) -> dict[str, tuple[int, list[str]]]:
        """Table → how many rows it has, its columns. Of some rows (:meth:`Kept.of`) only the tables
        that have the column by which they are chosen."""
        found = {}
        for name in self._names:
            with self._reading(name) as path, pq.ParquetFile(path) as file:
                columns = [c for c in file.schema_arrow.names if c != _PLACE]
                if self._only is None:
                    found[name] = file.metadata.num_rows, columns
                elif self._only[0] in columns:
                    at = file.read([self._only[0]])[0]
                    found[name] = pc.sum(pc.equal(at, self._only[1])).as_py() or 0, columns
        return found

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_"):  # also while it is copied, and has nothing yet
            raise AttributeError(name)
        if name not in self._names:
            raise AttributeError(f"there is no table {name}{codes.hint(name, self._names)}")
        with self._reading(name) as path:
            table = _rows(path, self._only)
        self.__dict__[name] = table
        return table

    @contextmanager
    def _reading(self, name: str) -> Iterator[Path]:
        trace.note("table", source(self._folder.name, name, self._only))
        try:
            yield self._folder / self.mark / f"{name}.parquet"
        except FileNotFoundError as error:
            what = f"{self._folder.name}: tables were rebuilt while in use; load anew"
            raise RuntimeError(what) from error


def _as_text(_column: str, value: object) -> str:
    return codes.text(value)


def _rows(path: Path, only: tuple[str, str] | None) -> pd.DataFrame:
    with pq.ParquetFile(path, memory_map=True) as file:
        names = file.schema_arrow.names
        if only and only[0] not in names:
            raise AttributeError(f"{path.stem} has no column {only[0]}: ask for the whole table")
        if only and file.num_row_groups > 1:
            table = file.read_row_groups(_groups(file, *only), use_threads=False)
        elif file.metadata.num_rows:
            table = file.read(use_threads=False)
        else:  # to read no row would lose that a column is categorical
            table = file.schema_arrow.empty_table()
        if only:
            table = table.filter(pc.equal(table[only[0]], only[1]))
        if _PLACE in names:
            table = table.sort_by(_PLACE).drop_columns(_PLACE)
        return table.to_pandas(use_threads=False)


def _groups(file: pq.ParquetFile, column: str, value: str) -> list[int]:
    """The row groups that may have ``value`` in ``column``, by their least and greatest value."""
    at, found = file.schema_arrow.names.index(column), []
    for group in range(file.num_row_groups):
        seen = file.metadata.row_group(group).column(at).statistics
        if seen is None or not seen.has_min_max or seen.min <= value <= seen.max:
            found.append(group)
    return found or [0]


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Large tables lie sorted by unit, with each row's place in the table: the rows of a unit are
    then in few row groups, and only these are read (:func:`_groups`)."""
    key = KEYS[0]
    if key in table and len(table) > GROUP:
        order = table[key].astype(str).argsort(kind="stable").to_numpy()
        table = table.iloc[order].assign(**{_PLACE: order})
    table.to_parquet(path, index=False, row_group_size=GROUP)


def source(folder: str, table: str, only: tuple[str, str] | None = None) -> str:
    """How a table, or its rows of one value, is named where reads are noted."""
    return f"{folder}/{table}" + (f"?{only[0]}={only[1]}" if only else "")


def digest(folder: Path, mark: str, what: str) -> str:
    """The digest of what :func:`source` names in the tables of ``mark``; empty where there is none.

    Rows of a value that does not occur have the digest of no row.
    """
    table, _, only = what.partition("/")[2].partition("?")
    held = _digests(folder / mark / DIGESTS).get(table, {}) if holds(folder, mark) else {}
    if not only:
        return held.get("", "")
    column, _, value = only.partition("=")
    return held.get(column, {}).get(value, _NONE) if column in held else ""


@lru_cache(maxsize=64)
def _digests(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def _digested(table: pd.DataFrame) -> dict:
    """Digest of the whole table under "", and of the rows of each value of each key."""
    shape = _shape(table)
    rows = pd.util.hash_pandas_object(table, index=False).to_numpy()
    held: dict[str, object] = {"": _combined(shape, rows)}
    for column in [key for key in KEYS if key in table]:
        groups = pd.Series(rows).groupby(table[column].astype(str).to_numpy(), sort=False)
        held[column] = {value: _combined(shape, own.to_numpy()) for value, own in groups}
    return held


def _shape(table: pd.DataFrame) -> bytes:
    described = [(str(c), str(t)) for c, t in table.dtypes.items()]
    return hashlib.sha256(repr(described).encode()).digest()


def _combined(shape: bytes, rows: np.ndarray) -> str:
    return hashlib.blake2b(rows.tobytes(), key=shape, digest_size=12).hexdigest()


def read(
    kind: type[T],
    folder: Path,
    mark: str,
    meant: Callable[[str, object], str] | None = None,
    held: type[Kept] = Kept,
) -> T:
    """The tables of ``folder`` as the data class ``kind`` would hold them, one frame per field."""
    return cast(T, held(kind, folder, mark, meant=meant))


def kept(
    kind: type[T],
    folder: Path,
    mark: Callable[[], str],
    make: Callable[[], T],
    meant: Callable[[str, object], str] | None = None,
    held: type[Kept] = Kept,
) -> T:
    """The tables of ``folder`` as they are now: made and saved first if they are not there.

    ``mark``: what they rest on, asked for unless this process was told (:func:`pinned`).
    ``meant``: column and what was given → the value that is meant (:meth:`Kept.of`). ``held``: a
    class of :class:`Kept` that can do more.
    """
    told = pinned(folder)
    now = told or mark()
    if not holds(folder, now):
        with _at_work(folder):
            if not holds(folder, now):  # nobody has made them meanwhile
                save(make(), folder, now)
    elif not told:
        keep_only(folder, now)  # a run that was killed may have left others
    return read(kind, folder, now, meant, held)


@contextmanager
def _at_work(folder: Path) -> Iterator[None]:
    """Make tables of ``folder`` while no other process does; what killed ones left goes first."""
    with locks.turn(_lock(folder, "made")):
        for left in folder.glob(f"{_MAKING}*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)  # it may be another user's
        for left in [*files.unfinished(folder), *files.unfinished(folder / READING)]:
            with suppress(PermissionError):
                left.unlink()
        yield


@contextmanager
def keeping(marks: dict[str, str]) -> Iterator[None]:
    """Folder of tables → mark: these stay inside the block, whoever makes others meanwhile.

    Raises
    ------
    FileNotFoundError
        if one of them is not there any more.
    """
    with ExitStack() as held:
        for folder, mark in marks.items():
            held.enter_context(locks.shared(_lock(Path(folder), "kept")))
            os.stat(Path(folder, mark, DIGESTS))
        yield


def _lock(folder: Path, state: str) -> Path:
    return folder.parent / locks.FOLDER / f"{folder.name}.{state}"


def save(tables: Any, folder: Path, mark: str) -> None:
    """Write the tables aside and name them when they are whole; those of another mark go, unless
    pages are being made of them."""
    with _aside(folder) as fresh:
        digests = {}
        for f in fields(tables):
            table = getattr(tables, f.name)
            write_table(table, fresh / f"{f.name}.parquet")
            digests[f.name] = _digested(table)
        (fresh / DIGESTS).write_text(json.dumps(digests, ensure_ascii=False), encoding="utf-8")
        record = owned.text({path.name: files.sha256(path) for path in fresh.iterdir()})
        (fresh / _OURS).write_bytes(record)
        _name(fresh, folder, mark)
    keep_only(folder, mark)


def keep_only(folder: Path, mark: str) -> None:
    """Remove tables of other marks, unless somebody keeps some."""
    others = [path for path in folder.glob("[!.]*/") if path.name != mark and ours(path)]
    if others:
        with locks.free(_lock(folder, "kept")) as free:
            for other in others if free else []:
                _remove(other)


def ours(tables: Path) -> bool:
    """Whether a folder holds tables as we wrote them, and nothing else."""
    if tables.is_symlink() or not (tables / DIGESTS).is_file():
        return False
    if not (tables / _OURS).exists():  # made before 2026-12: told by their names
        named = {f"{table}.parquet" for table in _digests(tables / DIGESTS)} | {DIGESTS}
        lying = {path.name for path in tables.iterdir()}
        return lying == named and _MARK.fullmatch(tables.name) is not None
    held = owned.Owned(tables, tables / _OURS)
    return all(path.name == _OURS or held.ours(path.name) for path in tables.iterdir())


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A folder beside the tables, which goes if it gets no other name."""
    fresh = folder / f"{_MAKING}{secrets.token_hex(8)}"
    fresh.mkdir(parents=True)  # for whom folder and umask say: others read the tables, too
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _name(fresh: Path, folder: Path, mark: str) -> None:
    try:
        os.rename(fresh, folder / mark)
    except OSError:  # another run has made the same tables meanwhile
        if not holds(folder, mark):
            raise


def _remove(tables: Path) -> None:
    """Part of the tables must never bear their name, whatever stops us. Other threads may have been
    faster, and some systems keep what is still read."""
    with suppress(OSError), _aside(tables.parent) as aside:
        os.rename(tables, aside / tables.name)


def shelf(shared: Path, folder: Path | str) -> Path:
    """Where a shared store keeps the tables of ``folder``."""
    return shared / "tables" / Path(folder).name


def push(folder: Path, mark: str, shared: Path) -> None:
    """Put the tables of ``mark`` into a shared store, unless it has them; the digests last."""
    if not holds(shared, mark):
        for path in sorted((folder / mark).iterdir(), key=lambda p: p.name == DIGESTS):
            files.write(shared / mark / path.name, path.read_bytes())


def fetch(shared: Path, mark: str, folder: Path) -> None:
    """Bring the tables of ``mark`` from a shared store to this machine, unless it has them."""
    if not holds(folder, mark):
        with _at_work(folder), _aside(folder) as fresh:
            for path in (shared / mark).iterdir():
                (fresh / path.name).write_bytes(path.read_bytes())
            _name(fresh, folder, mark)


def fingerprint(
    inputs: Iterable[Path], catalogue_sha256: str, module: str, earlier: str = ""
) -> str:
    """SHA-256 over everything tables rest on.

    Parameters
    ----------
    inputs
        Files, known by name and content.
    module
        Full name of the module that makes the tables: its code counts and that of all it imports,
        as do the libraries installed.
    earlier
        Fingerprint of the tables of the period before, if they are used.
    """
    code = imports.digest([module])
    on = f"{catalogue_sha256} {code} {imports.libraries()} {earlier}\n"
    total = hashlib.sha256(on.encode())
    for path in inputs:
        if path.is_file():
            total.update(files.name_of(path).encode() + b"\0" + files.digest(path).encode())
    return total.hexdigest()
