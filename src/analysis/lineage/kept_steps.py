"""What single steps of a period's flow gave, kept by all that they rest on.

One changed file changes the figures of one unit: a step whose own inputs are the same to the last
byte is not worked out again. Kept or fresh, what a step gives takes the same way through bytes, so
that nothing depends on which it was. All steps of a period lie in one file, each with the digest of
its bytes: what is damaged, or rests on something else, is worked out anew.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from analysis.storage import files

FILE = "steps.bin"
"""Name of the file, in :data:`analysis.lineage.store.READING`."""

On: TypeAlias = pd.DataFrame | str
"""What a step rests on: tables to the last byte, and whatever else as text."""


class Steps:
    """Steps of one period.

    ``path``: where they are kept (None: nowhere); ``rests_on``: what all of them rest on: code,
    catalogue, plan.
    """

    def __init__(self, path: Path | None = None, rests_on: str = "") -> None:
        self._path, self._rests_on = path, rests_on
        self._held = _read(path) if path else {}
        self._used: dict[str, bytes] = {}

    def tables(
        self, name: str, on: Iterable[On], make: Callable[[], dict[str, pd.DataFrame]]
    ) -> dict[str, pd.DataFrame]:
        """What ``make`` gives, or gave when it rested on the same; ``name`` tells steps apart.

        What Arrow cannot hold (a column of several kinds) is worked out each time.
        """
        key, data = self._known(name, on)
        if data is None:
            made = make()
            data = _of_tables(made)
            if data is None:
                return made
        self._keep(key, data)
        return _tables(data)

    def values(self, name: str, on: Iterable[On], make: Callable[[], object]) -> object:
        """The same of what JSON can hold (lists for tuples, text for keys)."""
        key, data = self._known(name, on)
        if data is None:
            data = json.dumps(make()).encode()
        self._keep(key, data)
        return json.loads(data)

    def save(self) -> None:
        """Keep the steps that were asked for since this was made; what cannot be kept is worked out
        again."""
        if self._path and self._used.keys() != self._held.keys():
            with suppress(OSError):
                files.write(self._path, _whole(self._used))

    def _known(self, name: str, on: Iterable[On]) -> tuple[str | None, bytes | None]:
        """The key of a step (None of one that cannot be kept), and what it gave, if it is known."""
        total = hashlib.sha256(f"{self._rests_on}\0{name}".encode())
        for part in on:
            held = part.encode() if isinstance(part, str) else _of_tables({"": part})
            if held is None:
                return None, None
            total.update(hashlib.sha256(held).digest())
        key = total.hexdigest()
        return key, self._used.get(key, self._held.get(key))

    def _keep(self, key: str | None, data: bytes) -> None:
        if key is not None:
            self._used[key] = data


def _of_tables(tables: dict[str, pd.DataFrame]) -> bytes | None:
    """Tables one after the other, before them their names and the types of their columns; None
    where Arrow cannot hold them."""
    try:
        return _streams(tables)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return None


def _streams(tables: dict[str, pd.DataFrame]) -> bytes:
    types = {name: [str(t) for t in table.dtypes] for name, table in tables.items()}
    sink = pa.BufferOutputStream()
    told = json.dumps(types).encode()
    sink.write(len(told).to_bytes(8, "big") + told)
    for table in tables.values():
        held = pa.Table.from_pandas(table)
        with pa.ipc.new_stream(sink, held.schema) as stream:
            stream.write_table(held)
    return sink.getvalue().to_pybytes()


def _tables(data: bytes) -> dict[str, pd.DataFrame]:
    source = pa.BufferReader(data)
    types = json.loads(source.read(int.from_bytes(source.read(8), "big")))
    found = {}
    for name, kinds in types.items():
        with pa.ipc.open_stream(source) as stream:
            table = stream.read_all().to_pandas()
        objects = [c for c, kind in zip(table, kinds, strict=True) if kind == "object"]
        found[name] = table.astype(dict.fromkeys(objects, object))
    return found


def _whole(steps: dict[str, bytes]) -> bytes:
    told = [[key, len(data), hashlib.sha256(data).hexdigest()] for key, data in steps.items()]
    return b"".join([json.dumps(told).encode(), b"\n", *steps.values()])


def _read(path: Path) -> dict[str, bytes]:
    """What is kept and whole, by key."""
    try:
        head, _, data = path.read_bytes().partition(b"\n")
        found, at = {}, 0
        for key, size, digest in json.loads(head):
            held = data[at : at + size]
            if hashlib.sha256(held).hexdigest() == digest:
                found[key] = held
            at += size
        return found
    except (OSError, ValueError, TypeError):
        return {}
