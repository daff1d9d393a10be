"""What ``receive`` is about to do with a folder, noted before it does it.

Whoever is killed, or has no room, leaves a record: the next one undoes what was not yet whole, or
finishes what was. Files are first copied under hidden names; once the record says that all are
whole they get their names, then the ledger its lines, in one piece; the record goes last. Nothing
else in the folder is touched: what we made is what the record names.
"""

import base64
import errno
import json
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from analysis.exchange import appended
from analysis.exchange.appended import Kind
from analysis.language.messages import tell
from analysis.storage import files

RECORD = ".receive.json"
_BEGINS = b'{"receive": '
_WHOLE = b"whole\n"
_BINARY = getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | _BINARY
_MODE = 0o666  # of which the umask takes away
_PIECE = 2**20


def carry_out(
    folder: Path,
    taken: list[tuple[Path, str, str]],
    book: Path,
    rows: list[list[str]],
    kind: Kind,
) -> None:
    """Copy files into a folder and add lines to a table there: all of it, or nothing.

    Parameters
    ----------
    taken
        File, its name in the folder (which is free), its SHA-256.
    book
        The table (the ledger, the answers), which may not be there yet.
    rows
        Its new lines, each as the columns of its ``kind``.

    Raises
    ------
    analysis.exchange.appended.AppendedError, OSError
        before anything was done; or OSError once all files are whole: then :func:`finish` goes on.
    """
    before, block = content(book), addition(book, rows, kind)
    if book.exists():
        os.close(os.open(book, os.O_WRONLY | os.O_APPEND | _BINARY))  # whether it may be written
    token = secrets.token_hex(8)
    parts = [[f".receive-{token}-{n}.part", *named[1:]] for n, named in enumerate(taken)]
    noted = {"parts": parts, "ledger": book.name, "rows": rows, "kind": kind}
    noted |= {"size": len(before), "sha256": appended.digest(before)}
    noted["block"] = base64.b64encode(block).decode()
    record = os.open(folder / RECORD, _NEW, _MODE)
    try:
        _put(record, _BEGINS + json.dumps(noted).encode() + b"}\n")
        _settle(folder)
        for (source, _, digest), (part, *_) in zip(taken, parts, strict=True):
            _copy(source, folder / part, digest)
        _settle(folder)
        _put(record, _WHOLE)
    except Exception:
        os.close(record)
        finish(folder)
        raise
    os.close(record)
    finish(folder)


def finish(folder: Path) -> None:
    """Undo or finish what a command that came to no end had begun in a folder.

    Raises
    ------
    FileExistsError
        if something else has taken a name meanwhile.
    analysis.exchange.appended.AppendedError, OSError
    """
    noted, whole = _noted(folder)
    missing = _missing(folder / noted["ledger"], noted) if whole else b""  # or it says why not
    for part, name, digest in noted.get("parts", []):
        if whole:
            _name(folder / part, folder / name, digest)
        else:
            (folder / part).unlink(missing_ok=True)
    if whole:
        _settle(folder)
        _add(folder / noted["ledger"], missing)
        _settle(folder)
    if pending(folder):
        os.unlink(folder / RECORD)
        _settle(folder)


def pending(folder: Path) -> bool:
    """Whether a command came to no end in a folder."""
    return os.path.lexists(folder / RECORD)


def names(folder: Path) -> list[str]:
    """The files of a folder that are shown."""
    return [files.name_of(p) for p in folder.iterdir() if not files.hidden(p)]


def _noted(folder: Path) -> tuple[dict, bool]:
    """What the record says, and whether all files are whole; nothing if it was not yet written."""
    path = folder / RECORD
    if not pending(folder):
        return {}, False
    data = path.read_bytes() if _plain(path) else b"-"
    if data[: len(_BEGINS)] != _BEGINS[: len(data)]:
        raise FileExistsError(
            errno.EEXIST,
            tell("not a record of receive: give it another name, or take it away"),
            str(path),
        )
    line, _, rest = data.partition(b"\n")
    if not data.endswith(b"\n") and not rest:
        return {}, False  # killed while it was written: then nothing else was done
    return json.loads(line)["receive"], rest == _WHOLE


def _name(part: Path, path: Path, digest: str) -> None:
    """Give a whole file its name, which nothing else may have."""
    if not os.path.lexists(part):
        return  # it has it
    try:
        os.link(part, path)
    except FileExistsError as error:
        if not (_plain(path) and files.sha256(path) == digest):
            taken = tell(
                "has been put there meanwhile: give it another name, then run receive again"
            )
            raise FileExistsError(errno.EEXIST, taken, str(path)) from error
    except OSError:  # a file system that knows one name for each file
        if os.path.lexists(path):
            raise
        os.rename(part, path)
        return
    os.unlink(part)


def _plain(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def content(book: Path) -> bytes:
    """What stands in a table, which may not be there yet."""
    if os.path.lexists(book) and not book.is_file():
        raise FileExistsError(
            errno.EEXIST, tell("is no file, or a link that leads nowhere"), str(book)
        )
    return files.content(book) if book.exists() else b""


def addition(book: Path, rows: list[list[str]], kind: Kind) -> bytes:
    """The bytes that add ``rows`` to such a table.

    Raises
    ------
    analysis.exchange.appended.AppendedError
    """
    try:
        return appended.addition(content(book), rows, kind, names(book.parent))
    except appended.AppendedError as error:
        raise appended.AppendedError(f"{book}: {error}") from error


def _missing(book: Path, noted: dict) -> bytes:
    """What a table still lacks of its new lines: part of the first may be there."""
    data, block = content(book), base64.b64decode(noted["block"])
    before, added = data[: noted["size"]], data[noted["size"] :]
    if appended.digest(before) == noted["sha256"]:
        if block.startswith(added):
            return block[len(added) :]
        if added.startswith(block):
            return b""
    # somebody has saved it meanwhile
    kind = Kind(*noted["kind"])
    rest = _rest(appended.read(data, kind, names(book.parent)), noted["rows"], kind)
    return addition(book, rest, kind) if rest else b""


def _add(book: Path, lines: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | _BINARY if book.exists() else _NEW
    handle = os.open(book, flags, _MODE)
    try:
        _put(handle, lines)
    finally:
        os.close(handle)


def _rest(held: appended.Appended, rows: list[list[str]], kind: Kind) -> list[list[str]]:
    """The rows with which a table does not end yet, by what its needed columns mean."""
    needed = kind.columns[: kind.needed]
    wanted = [[_meant(text) for text in row[: kind.needed]] for row in rows]
    said = [[_meant(line.cells.get(column, "")) for column in needed] for line in held.lines]
    done = next(n for n in range(len(rows), -1, -1) if said[len(said) - n :] == wanted[:n])
    return rows[done:]


def _meant(text: str) -> str:
    """A text as it is compared: days are saved in several manners."""
    found = appended.day(text)
    return found.isoformat() if found else appended.same(text)


def _copy(source: Path, part: Path, digest: str) -> None:
    handle = os.open(part, _NEW, _MODE)
    try:
        with source.open("rb") as file:
            _put(handle, *iter(lambda: file.read(_PIECE), b""))
    finally:
        os.close(handle)
    if files.sha256(part) != digest:
        raise OSError(
            errno.EBUSY, tell("changed while it was read; nothing was received"), str(source)
        )


def _put(handle: int, *pieces: bytes) -> None:
    """Write all of it, and have it on the disk."""
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(handle, view) :]
    os.fsync(handle)


def _settle(folder: Path) -> None:
    """Have the names of a folder on the disk, where its system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
