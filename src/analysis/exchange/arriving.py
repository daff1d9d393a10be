"""What was sent as it comes: files, folders and zips become the files of which each is received."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from analysis.checking import claims
from analysis.exchange.receipts import safe_name
from analysis.language.messages import tell
from analysis.reading import archives
from analysis.storage import files

MOST = 5_000
"""Files that one zip or folder may hold: more is a mistake, or an attack."""


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
        ``file_bytes`` of ``parameters.yml``: what a zip may hold follows from it.

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
                found += _in_zip(path, Path(folder) / str(n), limits)
            else:
                found.append(Arriving(path, str(path)))
        yield found


def _in_folder(folder: Path) -> list[Arriving]:
    inside = ((p, p.relative_to(folder).parts) for p in folder.rglob("*") if p.is_file())
    held = [path for path, parts in inside if archives.counts(parts)]
    if not held or len(held) > MOST:
        raise ValueError(
            tell(
                "{folder}: {n} files; nothing was received (at most {most})",
                folder=folder,
                n=len(held),
                most=MOST,
            )
        )
    return [Arriving(p, str(p)) for p in sorted(held, key=_order)]


def _in_zip(path: Path, folder: Path, limits: dict) -> list[Arriving]:
    """Each of the files of a zip, in a folder of its own: two may have one name."""
    taken = []
    try:
        with archives.opened(path, MOST, limits) as packed:
            for n, (name, info) in enumerate(packed.members):
                if info.file_size > limits["file_bytes"]:
                    raise archives.LargeZipError(f"{name}: {info.file_size / 1e6:.0f} MB")
                own = folder / str(n) / safe_name(PurePosixPath(name).name)
                own.parent.mkdir(parents=True)
                own.write_bytes(packed.read(info))
                taken.append(own)
    except (archives.BrokenZipError, archives.LargeZipError) as error:
        raise ValueError(
            tell("{path}: {error}; nothing was received", path=path, error=tell(str(error)))
        ) from error
    if not taken:
        raise ValueError(tell("{path}: holds no file; nothing was received", path=path))
    return [Arriving(p, f"{files.name_of(path)}: {p.name}") for p in sorted(taken, key=_order)]


def _order(path: Path) -> tuple:
    name = files.name_of(path)
    return claims.by_number(name), name
