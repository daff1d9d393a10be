"""Under what terms the pinned libraries may be used, as each says of itself (``LICENCES.md``)."""

import re
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

import pandas as pd

ELSEWHERE = {
    "aiohappyeyeballs": "PSF-2.0",
    "aiohttp": "Apache-2.0 AND MIT",
    "aiosignal": "Apache-2.0",
    "appnope": "BSD-2-Clause",
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "frozenlist": "Apache-2.0",
    "multidict": "Apache-2.0",
    "propcache": "Apache-2.0",
    "pywin32": "PSF-2.0",
    "pywinpty": "MIT",
    "svy-rs": "MIT",
    "yarl": "Apache-2.0",
}
"""Of distributions that are pinned for other systems only, or whose metadata says nothing: as their
projects state it."""

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)
_NO_NAME = re.compile("UNKNOWN$|Copyright|[=\\W]*$", re.I)
_LONGEST = 60  # a licence field longer than this is the text, not its name


def pinned(*locks: Path) -> pd.DataFrame:
    """Every distribution of lock files: name, version, licence (empty where unknown), by name.

    A distribution pinned in several versions, for several systems, has a row for each.
    """
    found = sorted({pin for lock in locks for pin in _PINNED.findall(lock.read_text("utf-8"))})
    rows = [(name, version, licence(name)) for name, version in found]
    return pd.DataFrame(rows, columns=["name", "version", "licence"])


def licence(name: str) -> str:
    """The licence of a distribution as its metadata names it; empty where it does not."""
    try:
        return ELSEWHERE.get(name) or _stated(metadata(name))
    except PackageNotFoundError:
        return ""


def _stated(about: PackageMetadata) -> str:
    marks = [c for c in about.get_all("Classifier", []) if c.startswith("License :: OSI Approved")]
    lines = (about.get("License") or "").strip().splitlines()
    first = next((n for n in lines if len(n) <= _LONGEST and not _NO_NAME.match(n)), "")
    field, text = (first, "") if len(lines) == 1 else ("", first)
    named = ", ".join(mark.rpartition(" :: ")[2] for mark in marks)
    return about.get("License-Expression") or field or named or text


def page(table: pd.DataFrame) -> str:
    """The table of :func:`pinned` as Markdown."""
    rows = [f"| {r.name} | {r.version} | {r.licence} |" for r in table.itertuples(index=False)]
    head = (
        "# Licences of the libraries\n\nWhat `requirements*.lock` pin, and what each distribution"
    )
    head += " says of its licence. Written by `python -m tools licences`.\n\n"
    return head + "\n".join(["| library | version | licence |", "|---|---|---|", *rows]) + "\n"
