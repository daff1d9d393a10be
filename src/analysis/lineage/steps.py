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

import pandas as pd
import pyarrow as pa

from analysis.storage import files

FILE = "steps.bin"
"""Name of the file, in :data:`analysis.lineage.store.READING`."""

On = pd.DataFrame | str
"""What a step rests on: tables to the last byte, and whatever else as text."""


class Steps:
    """Steps of one period.

    ``path``: where they are kept (None: nowhere); ``rests_on``: what all of them rest on: code,
    catalogue, plan.
    """

    def __init__(self, path: Path | None = None, rests_on: str = "") -> None:
        self._path, self._rests_on = path, rests_on
        self._held = _read(path) if path else {}
        self._lying, self._used = set(self._held), []

    def tables(
        self, name: str, on: Iterable[On], make: Callable[[], dict[str, pd.DataFrame]]
    ) -> dict[str, pd.DataFrame]:
        """What ``make`` gives, or gave when it rested on the same; ``name`` tells steps apart.

        What Arrow cannot hold (a column of several kinds) is worked out each time.
        """
        try:
            key = self._key(name, on)
        except pa.ArrowException:
            return make()
        if key not in self._held:
            made = make()
            try:
                self._held[key] = _of_tables(made)
            except pa.ArrowException:
                return made
        self._used.append(key)
        return _tables(self._held[key])

    def values(self, name: str, on: Iterable[On], make: Callable[[], object]) -> object:
        """The same of what JSON can hold (lists for tuples, text for keys)."""
        key = self._key(name, on)
        if key not in self._held:
            self._held[key] = json.dumps(make()).encode()
        self._used.append(key)
        return json.loads(self._held[key])

    def save(self) -> None:
        """Keep the steps that were asked for since this was made; what cannot be kept is worked out
        again."""
        used = {key: self._held[key] for key in self._used}
        if self._path and used.keys() != self._lying:
            with suppress(OSError):
                files.write(self._path, _whole(used))

    def _key(self, name: str, on: Iterable[On]) -> str:
        total = hashlib.sha256(f"{self._rests_on}\0{name}".encode())
        for part in on:
            held = part.encode() if isinstance(part, str) else _of_tables({"": part})
            total.update(hashlib.sha256(held).digest())
        return total.hexdigest()


def _of_tables(tables: dict[str, pd.DataFrame]) -> bytes:
    """Tables one after the other, before them their names and the types of columns and index."""
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
