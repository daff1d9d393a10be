"""Take away what was built: by record, never through a link, and what is not ours stays.

Needs the standard library alone: ``make clean`` runs where nothing is installed.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.language.messages import tell
from analysis.storage import files
from analysis.storage.owned import ENDING, Owned

_SITES = re.compile(r"(?P<code>.+)-notebooks(-(?P<lang>[a-z]{2}))?")
_LOCKS = re.compile(r"home|.+\.(run|made|kept|received)")
_TABLES = f"files{ENDING}"


@dataclass(frozen=True)
class Cleaned:
    """What is gone, and what was found beside it and stays."""

    gone: list[Path]
    left: list[Path]


def clean(root: Path) -> Cleaned:
    """Remove built sites, executed notebooks, tables and returned copies of the project ``root``.

    A file is removed where a record of ours holds it and it is as it was written; folders, where
    it was the last that they held.
    """
    root = root.resolve()  # a project may lie behind a link; what is in it is not followed
    reports, derived = root / "reports", root / "data" / "derived"
    gone: list[Path] = []
    for folder in _folders(derived):
        if held := _SITES.fullmatch(folder.name):
            gone += _site(reports / (held["lang"] or "") / held["code"], folder)
        for tables in _folders(folder):
            gone += _table(tables)
    for record in sorted(derived.glob(f"*{ENDING}")) if _real(derived) else []:
        name = record.name.removesuffix(ENDING)
        home = name.removeprefix("reports-")
        folder = derived / name if home == name else reports / ("" if home == "vi" else home)
        gone += _settled(folder, record)
        gone += _unlinked(derived / f"{name}.json") if home == name else []
    for receipt in [*reports.glob("*/receipt.json"), *reports.glob("*/*/receipt.json")]:
        gone += _stated(receipt) if _real(receipt.parent) else []
    for folder in [derived, *_folders(derived)]:
        gone += _books(folder) if _real(folder) else []
    for path in gone:
        _empty(path.parent, root)
    return Cleaned(gone, [p for folder in (reports, derived) for p in _lying(folder)])


def _real(folder: Path) -> bool:
    """Whether a folder is there, and neither it nor one above it in the project is a link."""
    return folder.is_dir() and folder.resolve() == folder


def _folders(folder: Path) -> list[Path]:
    held = sorted(folder.iterdir()) if _real(folder) else []
    return [p for p in held if _real(p) and not p.name.startswith(".")]


def _settled(folder: Path, record: Path) -> list[Path]:
    """Remove what one record holds, and the record unless something of ours stays."""
    if not _real(folder):
        return []
    gone = [folder / name for name in Owned(folder, record).settle()]
    return gone if record.exists() else [*gone, record]


def _site(site: Path, executed: Path) -> list[Path]:
    records, gone = executed / ".records", []
    for kind, folder in ((".site", site), (".executed", executed)):
        for record in sorted(records.rglob(f"*{kind}{ENDING}")) if _real(records) else []:
            gone += _settled(folder, record)
        for part in (folder, folder / "units"):
            lost = files.unfinished(part) if _real(part) else []
            gone += [path for left in lost for path in _unlinked(left)]
    return gone


def _stated(receipt: Path) -> list[Path]:
    """What a receipt holds, then the receipt: of sites whose other records are gone."""
    try:
        stated = json.loads(receipt.read_text(encoding="utf-8"))["written"]
        held = Owned(receipt.parent, receipt, {str(n): str(d) for n, d in stated.items()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []  # of somebody else
    gone = [receipt.parent / name for name in sorted(held.stated) if held.remove(name)]
    return gone + _unlinked(receipt) if gone else []


def _table(tables: Path) -> list[Path]:
    """Tables of one mark go together, or stay."""
    record = tables / _TABLES
    held = Owned(tables, record)
    if not record.is_file() or not all(
        p.name == _TABLES or held.ours(p.name) for p in tables.iterdir()
    ):
        return []
    return _settled(tables, record)


def _books(folder: Path) -> list[Path]:
    """Records of pages, what is kept of files that were read, files of locks."""
    gone: list[Path] = []
    kept = [folder / name for name in (".reading", ".records", ".locks")]
    for path in [p for held in kept if not held.is_symlink() for p in held.rglob("*")]:
        ours = (
            path.name in ("located.parquet", "steps.bin")
            or _record(path)
            or _LOCKS.fullmatch(path.name)
        )
        gone += _unlinked(path) if ours else []
    for left in folder.glob(".making-*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
            gone.append(left)
    return gone


def _record(path: Path) -> bool:
    """Whether a file is what we note of a page, or of an index."""
    try:
        held = json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else {}
        return {"written", "beside", "seconds"} <= held.keys()
    except (OSError, ValueError, AttributeError):
        return False


def _unlinked(path: Path) -> list[Path]:
    if path.is_symlink() or not path.is_file():
        return []
    path.unlink()
    return [path]


def _empty(folder: Path, root: Path) -> None:
    """Remove a folder that holds nothing any more, and those above it."""
    while folder.is_relative_to(root) and folder != root:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:  # something is in it
            return
        folder = folder.parent


def _lying(folder: Path) -> Iterator[Path]:
    """What is left below a folder; templates and site.yml are the project's own."""
    own = {folder / "site.yml", folder / "templates"}
    held = sorted(folder.iterdir()) if _real(folder) else [folder] * folder.is_symlink()
    for path in held:
        if path not in own:
            yield from _lying(path) if _real(path) else [path]


def main(root: Path) -> None:
    """Clean, and say what is left."""
    root = root.resolve()
    cleaned = clean(root)
    print(tell("{n} files removed", n=len(cleaned.gone)))
    if cleaned.left:
        print(tell("{n} stay: they are not ours, or were changed", n=len(cleaned.left)))
        for path in cleaned.left[:20]:
            print(f"  {ascii(path.relative_to(root).as_posix())[1:-1]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3])
