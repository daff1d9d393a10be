"""Sites built before 2026-12: their records, which lay among executed notebooks, become those of
now, so that what is ours is known to be (:mod:`analysis.storage.owned`).

They held no digests of notebooks, logs and the home page; what is no younger than the record that
was written after it is as it was written.
"""

import json
from pathlib import Path

from analysis.batch.pages import RECEIPT, Batch
from analysis.storage import files, owned

_OF_PAGE, _OF_INDEX = {"basis", "reads", "written"}, {"state", "seconds", "written"}


def adopt(shared: Batch) -> None:
    """Take over the records of a site, once: those of before are gone then."""
    if not isinstance(shared.executed, Path):
        return
    _home(shared)
    for folder in (shared.executed, shared.executed / "units"):
        listed = [] if folder.is_symlink() else sorted(folder.glob("*.json"))
        for old in [path for path in listed if not path.is_symlink()]:
            held = _read(old)
            name = old.relative_to(shared.executed).as_posix().removesuffix(".json")
            if _OF_PAGE <= held.keys():
                made = [shared.executed / f"{name}{ending}" for ending in (".ipynb", ".log")]
                digests = {p.relative_to(shared.executed).as_posix(): files.digest(p) for p in made
                           if _no_younger(p, old)}  # fmt: skip
                _record(shared.records / f"{name}.executed{owned.ENDING}", digests)
            elif _OF_INDEX <= held.keys() and old.parent == shared.executed:
                _record(shared.records / f"{name}.site{owned.ENDING}", held["written"])
            else:
                continue  # of somebody else
            old.unlink()


def _home(shared: Batch) -> None:
    """The home page, if it was the last that a run wrote but its record."""
    home = shared.site.parent / "index.html"
    target = shared.executed.parent / f"reports-{shared.context.lang}{owned.ENDING}"
    for old in shared.executed.parent.glob("*-notebooks*/index.json"):
        code = old.parent.name.partition("-notebooks")[0]
        receipt = shared.site.with_name(code) / RECEIPT
        if _no_younger(receipt, home) and _no_younger(home, old) and _OF_INDEX <= _read(old).keys():
            _record(target, {home.name: files.digest(home)})


def _read(path: Path) -> dict:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return held if isinstance(held.get("written"), dict) else {}
    except (OSError, ValueError, AttributeError):
        return {}


def _no_younger(path: Path, than: Path) -> bool:
    there = path.is_file() and not path.is_symlink() and than.is_file()
    return there and path.stat().st_mtime_ns <= than.stat().st_mtime_ns


def _record(path: Path, digests: dict[str, str]) -> None:
    if digests and not path.exists():
        files.write(path, owned.text({str(n): str(d) for n, d in digests.items()}))
