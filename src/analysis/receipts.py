"""What arrived and when: the ledger of a period (``received.csv``), which is only ever added to."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from analysis import files

LEDGER = "received.csv"
COLUMNS = ["file", "received_at", "sha256"]
"""File name, day of receipt, and digest of the content then (may be missing)."""

OURS = {"period.yml", LEDGER, "readme.md"}
"""Files of a period that nobody submits: one that is sent under such a name gets another."""

OUTCOMES = ["received", "renamed", "already_here"]


def read(folder: Path, known_on: date | None = None) -> pd.DataFrame:
    """The ledger of a period: COLUMNS as text; without what arrived after ``known_on``."""
    path = folder / LEDGER
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    table = pd.read_csv(path, dtype=str).reindex(columns=COLUMNS)
    if known_on is None:
        return table
    return table[pd.to_datetime(table["received_at"]).dt.date <= known_on].reset_index(drop=True)


def days(folder: Path) -> dict[str, date]:
    """File → the day on which it arrived, where that is known."""
    table = read(folder).dropna(subset=["received_at"])
    return dict(zip(table["file"], pd.to_datetime(table["received_at"]).dt.date, strict=True))


def receive(sent: Iterable[Path], folder: Path, on: date) -> pd.DataFrame:
    """Put files into the folder of a period and into its ledger; nothing there is overwritten.

    A file whose content is here already is not taken twice; one whose name is taken by other
    content gets a number behind its name.

    Parameters
    ----------
    sent
        Files anywhere.
    folder
        ``data/submissions/<period>``.
    on
        Day of receipt.

    Returns
    -------
    sent, file (its name in the folder) and outcome, one of :data:`OUTCOMES`.

    Raises
    ------
    OSError
        if a file cannot be read or written; those before it have been received.
    """
    here = {files.sha256(p): p.name for p in sorted(folder.iterdir()) if p.is_file()}
    rows = []
    for path in sent:
        digest, wanted = files.sha256(path), _safe(path.name)
        if digest in here:
            rows.append((str(path), here[digest], "already_here"))
            continue
        name = _free(folder, wanted)
        files.write(folder / name, path.read_bytes())  # before its line: no line without its file
        line = pd.DataFrame([[name, on.isoformat(), digest]], columns=COLUMNS)
        ledger = line if not len(read(folder)) else pd.concat([read(folder), line])
        files.write(folder / LEDGER, ledger.to_csv(index=False).encode("utf-8"))
        here[digest] = name
        rows.append((str(path), name, "received" if name == wanted else "renamed"))
    # as objects: a name may be no text
    return pd.DataFrame(rows, columns=["sent", "file", "outcome"], dtype=object)


def _safe(name: str) -> str:
    """A name without what does not show, or would hide the file or lead elsewhere."""
    shown = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable())
    shown = shown.replace("/", "_").replace("\\", "_").lstrip(".~ ").strip()
    return shown or "unnamed"


def _free(folder: Path, name: str) -> str:
    taken = OURS | {p.name.casefold() for p in folder.iterdir()}
    path, number = Path(name), 1
    while name.casefold() in taken:
        number += 1
        name = f"{path.stem}_{number}{path.suffix}"
    return name
