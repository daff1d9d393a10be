"""Files that others may be reading or writing: swapped in whole, known by their content."""

import errno
import hashlib
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from analysis.language.messages import tell

# A file of the last two seconds may change once more and keep its time: clocks of file systems
# are that coarse.
SETTLED = 2 * 10**9
STALLED = 20  # seconds
_LOCK = 1024  # bytes; Excel's has 165, Word's 162
# what Windows keeps for itself (learn.microsoft.com, Naming Files, Paths, and Namespaces)
_RESERVED = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.I)
PART = ".reform-monitor-part"  # a name that nobody else gives


def name_of(path: Path) -> str:
    """The name of a file as text: bytes that are no UTF-8 are written out (``\\xcd.xlsx``)."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def sha256(path: Path) -> str:
    """Hex digest of a file's content, which is read again only where it may have changed."""
    if not isinstance(path, Path):  # in an object store
        return hashlib.sha256(path.read_bytes()).hexdigest()
    seen = path.stat()
    if time.time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) < SETTLED:
        return digest_of_path(str(path))
    identity = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
    return _known(str(path), identity)


def digest(path: Path) -> str:
    """The same; empty where the file cannot be read, so that one such file stops no other."""
    try:
        return sha256(path)
    except OSError:
        return ""


def digest_of_path(path: str) -> str:
    """SHA-256 of what a file holds now, without a look at what was read of it before.

    Raises
    ------
    TimeoutError
        as of :func:`content`.
    """
    total = hashlib.sha256()
    for piece in _pieces(path):
        total.update(piece)
    return total.hexdigest()


def content(path: Path) -> bytes:
    """What a file holds now.

    Raises
    ------
    TimeoutError
        if nothing comes of it for :data:`STALLED` seconds: a pipe, a link to what waits for others,
        a share that is gone.
    OSError
    """
    return b"".join(_pieces(str(path))) if isinstance(path, Path) else path.read_bytes()


def _pieces(path: str) -> Iterator[bytes]:
    if time.monotonic() < _stalled.get(path, 0.0):  # it is not waited for at each step
        raise _nothing_comes(path)
    came: Queue = Queue(_AHEAD)
    Thread(target=_read, args=(path, came), daemon=True).start()
    while True:
        try:
            got = came.get(timeout=STALLED)
        except Empty as error:
            _stalled[path] = time.monotonic() + 10 * STALLED
            raise _nothing_comes(path) from error
        if got is None:
            return
        if isinstance(got, Exception):
            raise got
        yield got


_AHEAD = 8  # pieces that are read before they are asked for
_stalled: dict[str, float] = {}  # until when a file is not tried again


def _nothing_comes(path: str) -> TimeoutError:
    said = tell("nothing comes of it for {n} seconds", n=STALLED)
    return TimeoutError(errno.ETIMEDOUT, said, path)


def _read(path: str, came: Queue) -> None:
    """Pass on what a file holds piece by piece, then None; or why it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(2**20):
                came.put(piece)
    except Exception as error:
        came.put(error)
    else:
        came.put(None)


@lru_cache(maxsize=2**16)
def _known(path: str, identity: tuple[int, ...]) -> str:
    return digest_of_path(path)


class NotAFileError(ValueError):
    """Something among files that is none, so that nobody would read it; the message says what."""


def visible(folder: Path) -> list[Path]:
    """The files of a folder in name order; those that are :func:`hidden` are left out.

    Raises
    ------
    NotAFileError
        if there is a folder in it, or a link that leads nowhere: what is in there would be lost.
    """
    held = _shown(folder)
    for path in held:
        if not path.is_file():
            what = tell("no file: it would not be read")
            if path.is_dir():
                what = tell("a folder: its files would not be read")
            raise NotAFileError(
                tell(
                    "{folder}: {name} is {what}. Put files beside the others (of a period: "
                    "python -m analysis receive), and take it away",
                    folder=folder,
                    name=name_of(path),
                    what=what,
                )
            )
    return held


def _shown(folder: Path) -> list[Path]:
    # paths as such are compared part by part, which takes longer than all else here
    return [p for p in sorted(folder.iterdir(), key=_named) if not hidden(p)]


def _named(path: Path) -> str:
    return os.path.normcase(path.name)


def hidden(path: Path) -> bool:
    """Whether a file is passed over: one that systems hide, or a lock of Excel or Word."""
    return path.name.startswith(".") or is_lock(path.name, _size(path))


def is_lock(name: str, size: int) -> bool:
    """Whether a file of that name and size (bytes) is what Excel and Word put beside one that they
    have open: a few bytes that say who.

    >>> is_lock("~$x.xlsx", 165), is_lock("~$x.xlsx", 9000), is_lock("~x.xlsx", 165)
    (True, False, False)
    """
    return name.startswith("~$") and size <= _LOCK


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size if path.name.startswith("~$") else 0
    except OSError:  # a link that leads nowhere
        return 0


def opened_by_others(folder: Path) -> list[str]:
    """The locks of Excel, Word and LibreOffice in a folder: somebody has these files open."""
    held = sorted(folder.iterdir()) if folder.is_dir() else []
    return [name_of(p) for p in held if is_lock(p.name, _size(p)) or p.name.startswith(".~lock.")]


def below(folder: Path, above: frozenset[str] = frozenset()) -> list[Path]:
    """The files of a folder and of the folders in it, in the order of their names; folders that are
    links to elsewhere are entered, unless one stands ``above`` them."""
    real = os.path.realpath(folder)
    if real in above:
        return []
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        found += below(path, above | {real}) if path.is_dir() else [path] * path.is_file()
    return sorted(found)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a folder by name, hidden ones left out; empty where there is none.

    Of a file that cannot be read it is empty.
    """
    held = _shown(folder) if folder.is_dir() else []
    return {name_of(p): digest(p) for p in held if p.is_file()}


def lies_in(path: Path, folder: Path) -> bool:
    """Whether ``path`` is ``folder`` or would lie in it, through whatever link or spelling."""
    real = Path(os.path.realpath(path))
    above = [p for p in (real, *real.parents) if p.exists()]
    return folder.exists() and any(p.samefile(folder) for p in above)


def alike(name: str) -> str:
    """What names have in common that are one name on some system: capitals, composed letters.

    >>> alike("Tệp.XLSX") == alike("te\u0323\u0302p.xlsx")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def taken_twice(codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each code that differs from one before it in its capitals alone, and that one: on some
    systems a file that is called by it takes the place of the other's.

    >>> list(taken_twice(["h01", "H01", "h02", "h01"]))
    [('H01', 'h01')]
    """
    seen: dict[str, str] = {}
    for code in codes:
        if (first := seen.setdefault(alike(code), code)) != code:
            yield code, first


def portable(name: str) -> str:
    """A name that every system can give to a file, as near as it can be; a folder has no part in
    it, and nothing is left of dots alone.

    >>> portable("CON.xlsx"), portable("a:b?.xlsx. "), portable("Biểu 1.xlsx")
    ('_CON.xlsx', 'a_b_.xlsx', 'Biểu 1.xlsx')
    """
    name = _RESERVED.sub("_", name).rstrip(". ")
    return f"_{name}" if _DEVICE.match(name) else name


def write(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path``, then give it that name; folders are made as needed.

    An object store shows an object when it is whole, so that it is written at once. What a process
    that is killed leaves beside ``path`` is found by :func:`unfinished`.
    """
    if not isinstance(path, Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # mode and group are those that folder and umask give: a file of tempfile is its owner's alone
    name = path.with_name(f"{_aside(path.name)}{secrets.token_hex(8)}{PART}")
    try:
        with open(name, "xb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError as error:
        name.unlink(missing_ok=True)
        if error.errno is not None:
            error.filename, error.filename2 = str(path), None  # nobody knows the other name
        raise
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def unfinished(folder: Path, name: str = "") -> list[Path]:
    """What processes that were killed had begun to write in ``folder``, or to its file ``name``.

    Those that still run write there too: ask only where no other can.
    """
    begins = _aside(name) if name else "."
    real = isinstance(folder, Path) and not folder.is_symlink()
    found = folder.glob(f".*{PART}") if real else []
    return [p for p in found if p.name.startswith(begins) and p.is_file() and not p.is_symlink()]


def _aside(name: str) -> str:
    return f".{name[:40]}."  # names may be as long as a file system allows
