"""What was sent as it comes: files, folders and zips become the files of which each is received."""

import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from analysis.checking import claims
from analysis.exchange.receipts import safe_name
from analysis.storage import files

MOST = 5_000
"""Files that one zip or folder may hold: more is a mistake, or an attack."""

_PASSED_OVER = {"__macosx", "thumbs.db", "desktop.ini"}


class Arriving(NamedTuple):
    """A file to be received, and what it is called for those who sent it (``th.zip: a.xlsx``)."""

    path: Path
    told: str


@contextmanager
def files_of(sent: Iterable[Path], limits: dict) -> Iterator[list[Arriving]]:
    """The files that were sent, one by one: those of a folder, and of a zip, by their names, so
    that a file stands before the one with a higher number (``x.xlsx``, ``x (2).xlsx``).

    Those of zips lie in a temporary folder meanwhile. Hidden files, and what systems put beside
    files of their own accord, are passed over. A zip in a zip stays one file.

    Parameters
    ----------
    limits
        ``file_bytes``: how large a file may be (``parameters.yml``).

    Raises
    ------
    ValueError
        for a zip that is broken, has a password, or holds too much; for a folder without a file.
    OSError
    """
    with TemporaryDirectory(prefix="reform-monitor-") as folder:
        found: list[Arriving] = []
        for n, path in enumerate(sent):
            if path.is_dir():
                found += _in_folder(path)
            elif path.suffix.lower() == ".zip":
                found += _in_zip(path, Path(folder) / str(n), limits["file_bytes"])
            else:
                found.append(Arriving(path, str(path)))
        yield found


def _in_folder(folder: Path) -> list[Arriving]:
    held = [p for p in folder.rglob("*") if p.is_file() and _counts(p.relative_to(folder).parts)]
    if not held or len(held) > MOST:
        raise ValueError(f"{folder}: {len(held)} files; nothing was received (at most {MOST})")
    return [Arriving(p, str(p)) for p in sorted(held, key=_order)]


def _in_zip(path: Path, folder: Path, most: int) -> list[Arriving]:
    """Each of the files of a zip, in a folder of its own: two may have one name."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = [i for i in packed.infolist() if not i.is_dir()]
            members = [i for i in members if _counts(PurePosixPath(_name(i)).parts)]
            if not members or len(members) > MOST:
                raise ValueError(f"{path}: {len(members)} files; nothing was received")
            if any(i.flag_bits & 1 for i in members):
                raise ValueError(f"{path} has a password: unpack it first; nothing was received")
            taken = [_unpacked(packed, i, folder / str(n), most) for n, i in enumerate(members)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ValueError(f"{path} is a broken zip ({error}); nothing was received") from error
    return [Arriving(p, f"{files.name_of(path)}: {p.name}") for p in sorted(taken, key=_order)]


def _unpacked(packed: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, most: int) -> Path:
    """One file of a zip, written out as far as a file may be large."""
    folder.mkdir(parents=True)
    path = folder / safe_name(PurePosixPath(_name(info)).name)
    with packed.open(info) as source, path.open("xb") as target:
        shutil.copyfileobj(_Bounded(source, most, info.filename), target)
    return path


class _Bounded:
    """A stream that ends with an error where it is longer than it may be: a size that a zip states
    need not be true."""

    def __init__(self, source, most: int, name: str) -> None:
        self._source, self._left, self._name = source, most, name

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError(f"{self._name}: larger than a file may be; nothing was received")
        return data


def _name(info: zipfile.ZipInfo) -> str:
    """A name as it was meant: programs write UTF-8 into zips without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _counts(parts: tuple[str, ...]) -> bool:
    return not any(p.startswith((".", "~$")) or p.lower() in _PASSED_OVER for p in parts)


def _order(path: Path) -> tuple:
    name = files.name_of(path)
    return claims.by_number(name), name
