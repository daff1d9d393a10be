"""The versions of a period that were signed: by whom and when, and what differs since.

They lie in ``data/signed/<period>``: ``versions.csv`` has a line for each and is only ever added
to; beside it stand the figures and the files of each version as they were on that day. Their
digests are in the line, so that what was changed later is noticed. A later change of the period is
never a change of a version: it is told as the difference from it, until another version is signed.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.catalogue.frameworks import items_named
from analysis.exchange import appended, neutral, receipts, replies
from analysis.exchange.appended import Kind
from analysis.language.messages import of_both, tell
from analysis.period import Loaded, inputs
from analysis.project import Place
from analysis.schema.tables import named
from analysis.storage import files

BOOK = "versions.csv"
COLUMNS = ("version", "signed_on", "by", "note", "although", "figures", "files", "answers",
           "catalogue")  # fmt: skip
"""``although``: why it was signed although something was not done; ``figures``, ``files``: SHA-256
of what lies beside; ``answers``: how many lines ``answers.csv`` had; ``catalogue``: its SHA-256."""
KIND = Kind(COLUMNS, needed=len(COLUMNS))

KEY = ["framework", "reporting_unit", "level", "code"]
MEASURES = ["obs_value", "score", "rank"]
CHANGES = ["kind", "what", "reporting_unit", "form", "on", "by"]
"""``kind``: file_added, file_replaced, file_gone, answer, ledger, description (of the period) or
method (figures differ though nothing of these changed: catalogue, software or a period before)."""
EFFECTS = [*KEY, "measure", "before", "after", "change", "cause", "of"]
"""``measure``: one of :data:`MEASURES`; ``cause``: own_file, own_answer (of the unit itself), or
others (other units, the catalogue, the software, a period before); ``of``: which files or rules."""
_KINDS = {"added": "file_added", "replaced": "file_replaced", "gone": "file_gone"}
_TEXTS = {"file": str, "sha256": str}


class VersionsError(ValueError):
    """What is kept of signed versions is not as it was written; the message says where."""


@dataclass(frozen=True)
class Version:
    """A signed version. ``figures``: KEY and MEASURES as they were; ``files``: file → SHA-256;
    ``answers``: how many answers had been noted; ``catalogue``: its digest then."""

    number: int
    on: date
    by: str
    note: str
    although: str
    figures: pd.DataFrame
    files: dict[str, str]
    answers: int
    catalogue: str


@dataclass(frozen=True)
class Since:
    """What differs from a version: ``changes`` (CHANGES) and their ``effects`` (EFFECTS)."""

    changes: pd.DataFrame
    effects: pd.DataFrame


# --- the record ----------------------------------------------------------------------------------


def read(code: str, place: Place) -> list[Version]:
    """The signed versions of a period, the first one first; none where nobody has signed.

    Raises
    ------
    VersionsError
        naming file and line of what is not as it was written.
    """
    path = place.signed(code) / BOOK
    if not path.exists():
        return []
    text = appended.read(path.read_bytes(), KIND)
    if text.faults:
        raise _damaged(path, text.faults[0].row, of_both(text.faults[0].reason))
    found = [_read(path, line, n) for n, line in enumerate(text.lines, 1)]
    if not found:
        raise _damaged(path, 1, tell("holds no line"))
    return found


def _read(path, line: appended.Line, number: int) -> Version:
    said, on = line.cells, appended.day(line.cells["signed_on"])
    if said["version"] != str(number):
        what = tell("version {n} belongs here, not {found}", n=number, found=said["version"])
        raise _damaged(path, line.row, what)
    if on is None:
        what = tell("no day: signed_on {text}", text=said["signed_on"])
        raise _damaged(path, line.row, what)
    if not said["by"]:
        raise _damaged(path, line.row, tell("nobody signed: by"))
    if not said["answers"].isdecimal():
        what = tell("no number: answers {text}", text=said["answers"])
        raise _damaged(path, line.row, what)
    held = {part: _kept(path, line, number, part) for part in ("figures", "files")}
    figures = pd.read_csv(
        io.BytesIO(held["figures"]),
        dtype=dict.fromkeys(KEY, str) | dict.fromkeys(MEASURES, float),
        keep_default_na=False,
        na_values={m: [""] for m in MEASURES},
    )
    listed = pd.read_csv(io.BytesIO(held["files"]), dtype=_TEXTS, keep_default_na=False)
    return Version(
        number=number,
        on=on,
        by=said["by"],
        note=said["note"],
        although=said["although"],
        figures=figures,
        files=dict(zip(listed["file"].map(neutral.meant), listed["sha256"], strict=True)),
        answers=int(said["answers"]),
        catalogue=said["catalogue"],
    )


def _kept(path, line: appended.Line, number: int, part: str) -> bytes:
    """What lies beside the record, if it is what was signed."""
    digest = line.cells[part]
    beside = path.parent / _name(number, part, digest)
    data = beside.read_bytes() if beside.is_file() else None
    if data is None or hashlib.sha256(data).hexdigest() != digest:
        what = tell("is gone" if data is None else "was changed")
        raise _damaged(path, line.row, f"{beside.name} {what} (sha256 {digest[:12]}…)")
    return data


def _damaged(path, row: int, what: str) -> VersionsError:
    where = "/".join(path.parts[-4:])
    return VersionsError(
        tell(
            "{where}:{row}: {what}. A signed version is never changed: restore the file from a "
            "backup",
            where=where,
            row=row,
            what=what,
        )
    )


def _name(number: int, part: str, digest: str) -> str:
    return f"{number}-{part}-{digest[:12]}.csv"


def sign(loaded: Loaded, on: date, by: str, note: str = "", although: str = "") -> Version:
    """Keep the period as it is now as its next version, and return that.

    Raises
    ------
    VersionsError
        if what is kept of earlier versions is damaged.
    analysis.exchange.appended.AppendedError, OSError
        if the record cannot be written; then there is no such version.
    """
    place = Place(loaded.root)
    folder, number = place.signed(loaded.plan.code), len(read(loaded.plan.code, place)) + 1
    parts = {
        "figures": figures(loaded.tables),
        "files": pd.DataFrame(sorted(inputs(loaded).items()), columns=list(_TEXTS)),
    }
    texts = {part: _csv(table) for part, table in parts.items()}
    digests = {part: hashlib.sha256(data).hexdigest() for part, data in texts.items()}
    for part, data in texts.items():
        files.write(folder / _name(number, part, digests[part]), data)
    told = {"by": by, "note": note, "although": although, "version": str(number), **digests}
    told |= {"signed_on": on.isoformat(), "answers": str(len(_answers(loaded)))}
    told |= {"catalogue": loaded.catalogue.sha256}
    row = [" ".join(told[column].split()) for column in COLUMNS]
    path = folder / BOOK
    before = path.read_bytes() if path.exists() else b""
    files.write(path, before + appended.addition(before, [row], KIND))
    return read(loaded.plan.code, place)[-1]


def _csv(table: pd.DataFrame) -> bytes:
    texts = table.select_dtypes(include=["object", "string"])
    table = table.assign(**{c: texts[c].map(neutral.safe_field) for c in texts})
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def figures(tables) -> pd.DataFrame:
    """Indicator values, scores and ranks of a period: KEY and MEASURES; what has none of them is
    left out."""
    values = tables.indicator_values.rename(columns={"indicator": "code"}).assign(level="indicator")
    sides = [values[[*KEY, "obs_value"]], tables.scores[[*KEY, "score", "rank"]]]
    sides = [side.astype(dict.fromkeys(KEY, object)) for side in sides]
    held = sides[0].merge(sides[1], on=KEY, how="outer").astype(dict.fromkeys(MEASURES, float))
    return named(held.dropna(subset=MEASURES, how="all").sort_values(KEY, ignore_index=True))


# --- what differs --------------------------------------------------------------------------------


def since(version: Version, loaded: Loaded) -> Since:
    """What differs now from a signed version, and because of which file or answer."""
    held = _changes(version, loaded)
    found = effects(version.figures, figures(loaded.tables))
    if len(found) and held.empty:
        held = pd.DataFrame([{"kind": "method", "what": ""}], columns=CHANGES)
    return Since(held, _with_causes(found, held, loaded))


def since_last(signed: list[Version], loaded: Loaded) -> Since:
    """What differs from the last of the versions; nothing where nobody has signed."""
    if signed:
        return since(signed[-1], loaded)
    return Since(pd.DataFrame(columns=CHANGES), pd.DataFrame(columns=EFFECTS))


def between(before: Version, after: Version) -> Since:
    """What differs between two versions; of files only their names are known."""
    held = pd.DataFrame(_of_files(before.files, after.files), columns=CHANGES)
    found = effects(before.figures, after.figures)
    return Since(held, found.assign(cause="", of="")[EFFECTS])


def effects(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Figures (KEY, MEASURES) that are not the same, one row each: EFFECTS without cause and of.

    ``change`` is missing where there is a figure on one side only. Differences below a billionth
    are those of arithmetic, not of data.
    """
    both = before.merge(after, on=KEY, how="outer", suffixes=("_before", "_after"))
    parts = []
    for measure in MEASURES:
        own = both[KEY].assign(
            measure=measure,
            before=both[f"{measure}_before"].astype(float),
            after=both[f"{measure}_after"].astype(float),
        )
        same = np.isclose(own["before"], own["after"], rtol=1e-9, atol=1e-12, equal_nan=True)
        parts.append(own[~same])
    found = pd.concat(parts, ignore_index=True)
    found = found.assign(change=found["after"] - found["before"])
    return named(found.sort_values([*KEY, "measure"], ignore_index=True))


def _changes(version: Version, loaded: Loaded) -> pd.DataFrame:
    rows = _of_files(version.files, inputs(loaded))
    held = loaded.tables.submissions
    sent = {
        file: (own["form"].dropna().tolist(), own["received_at"].max())
        for file, own in held.groupby("source_file", sort=False)
    }
    units = _units(loaded)
    for row in rows:
        forms, on = sent.get(row["what"], ([], None))
        of = sorted(units.get(row["what"], ()))
        row |= {"reporting_unit": "|".join(of), "form": "|".join(forms), "on": on}
    for line in _answers(loaded)[version.answers :]:
        at = " ".join(filter(None, (line.cells.get(c, "") for c in ("source_file", "source_cell"))))
        unit = line.cells.get("reporting_unit") or "|".join(
            sorted(units.get(line.cells.get("source_file", ""), ()))
        )
        rows.append(
            {
                "kind": "answer",
                "what": f"{line.cells.get('rule', '')} {at}".strip(),
                "reporting_unit": unit,
                "on": appended.day(line.cells.get("answered_on", "")),
                "by": line.cells.get("by", ""),
            }
        )
    table = pd.DataFrame(rows, columns=CHANGES).astype(object)
    return table.assign(on=pd.to_datetime(table["on"]))


def _of_files(before: dict[str, str], after: dict[str, str]) -> list[dict]:
    """Files that came, were replaced or went. The ledger only where nothing else tells why; tables
    to which lines are added are told by their lines."""
    rows = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name) or name.lower() in _TOLD_BY_LINES:
            continue
        how = "replaced" if name in before and name in after else "gone"
        how = "added" if name not in before else how
        kind = "description" if name == "period.yml" else _KINDS[how]
        rows.append({"kind": kind, "what": name})
    ledger = receipts.LEDGER
    if not rows and before.get(ledger) != after.get(ledger):
        rows = [{"kind": "ledger", "what": ledger}]
    return rows


_TOLD_BY_LINES = {receipts.LEDGER, receipts.ANSWERS, "readme.md"}


def _answers(loaded: Loaded) -> list[appended.Line]:
    return replies.known(Place(loaded.root).submissions(loaded.plan.code), None)


def _units(loaded: Loaded) -> dict[str, set[str]]:
    """File → units of which it holds figures, or whose it is."""
    found: dict[str, set[str]] = {}
    for table in (loaded.tables.submissions, loaded.tables.observations):
        pairs = table[["source_file", "reporting_unit"]].dropna().drop_duplicates()
        for file, unit in pairs.itertuples(index=False):
            found.setdefault(file, set()).add(unit)
    return found


def _with_causes(found: pd.DataFrame, changes: pd.DataFrame, loaded: Loaded) -> pd.DataFrame:
    """EFFECTS: each with what of its own unit changed; of an indicator only files of forms with its
    items; where nothing of the unit did, others were the cause."""
    forms = _forms(loaded)
    rows = [
        (
            set(c.reporting_unit.split("|")),
            set(c.form.split("|")) if c.form else None,
            c.kind,
            c.what,
        )
        for c in changes.fillna({"reporting_unit": "", "form": "", "what": ""}).itertuples()
    ]
    causes, names = [], []
    for row in found.itertuples(index=False):
        asked = forms.get((row.framework, row.code)) if row.level == "indicator" else None
        own = [
            (kind, what)
            for units, of, kind, what in rows
            if row.reporting_unit in units and not (asked and of and not of & asked)
        ]
        by_file = any(kind != "answer" for kind, _ in own)
        causes.append("own_file" if by_file else "own_answer" if own else "others")
        names.append("; ".join(dict.fromkeys(what for _, what in own)))
    return found.assign(cause=causes, of=names)[EFFECTS]


def _forms(loaded: Loaded) -> dict[tuple[str, str], set[str]]:
    """Framework and indicator → the forms that have its items."""
    known = {code: set(loaded.catalogue.forms[code]["items"]) for code in loaded.plan.forms}
    return {
        (code, name): {f for f, held in known.items() if held & {*items_named(one["formula"])}}
        for code in loaded.plan.frameworks
        for name, one in loaded.catalogue.frameworks[code]["indicators"].items()
    }
