"""Which of the files that name the same unit in a form counts for it.

The latest that came does; equal content counts once; what was replaced and came once more is in
force again, from the day on which it came back. The order is that of the ledger. Of a file that has
no line there nobody knows whether it came first or last: it counts beside another only if both say
the same, else none of them does. What a name suggests ("x (2)") is told, and decides nothing.
"""

import re

import pandas as pd

from analysis.schema.tables import CLAIMS, NOWHERE

UNIT = ["form", "reporting_unit"]
RULES = {
    "superseded": "superseded",
    "duplicate": "duplicate_submission",
    "refused": "order_unknown",
}
"""State of a claim that does not count → the rule that says so."""

_FILE = ["source_file", "form"]
_SAYS = ["item", "level", "field", "row", "obs_value", "raw_text"]
_DIGITS = re.compile(r"(\d+)")


def claims(cells: pd.DataFrame, files: pd.DataFrame, arrived: pd.DataFrame) -> pd.DataFrame:
    """The claims on units that several files name, and which of them counts (schema.CLAIMS).

    Parameters
    ----------
    cells
        Located cells with ``reporting_unit``.
    files
        source_file, form, sha256 of those that are not refused.
    arrived
        Arrivals in their order: file, received_at.
    """
    named = cells.loc[_speaks(cells), ["source_file", *UNIT]].drop_duplicates()
    named = named.merge(files[[*_FILE, "sha256"]], on=_FILE)
    several = named[named.duplicated(UNIT, keep=False)]
    order = arrived.assign(order=range(len(arrived)), source_file=arrived["file"])
    order = order[["source_file", "order", "received_at"]]
    came = several.merge(order, on="source_file", how="left")
    came = came.sort_values(["order", "source_file"], kind="stable")
    rows = [
        dict(zip(CLAIMS.columns, (file, *unit, *said), strict=True))
        for unit, own in came.groupby(UNIT, sort=False)
        for file, said in _standing(own, cells, unit).items()
    ]
    return CLAIMS.of(rows)


def _speaks(cells: pd.DataFrame) -> pd.Series:
    """Cells that speak for their unit; of an export with many units only figures that are placed:
    a row of another period replaces nothing."""
    named = cells["reporting_unit"].notna()
    if "mapping" not in cells:
        return named
    placed = cells["role"].isin(["value", "record"]) & cells["covered_by"].isna()
    return named & (placed | cells["mapping"].isna())


def findings(claimed: pd.DataFrame) -> list[dict]:
    """Findings on claims that do not count: each names the file that does in their place, or those
    with which nobody knows which came last, and the one whose name is that of the latest."""
    return [
        dict(zip([*_FILE, "reporting_unit"], row[:3], strict=True), **NOWHERE)
        | dict(rule=RULES[row.state], found=row.by)
        | (dict(expected=_latest_by_name([row.source_file, *row.by.split(_AND)]))
           if row.state == "refused" else {})
        for row in claimed[claimed["state"] != "in_force"].itertuples(index=False)
    ]  # fmt: skip


_AND = " | "  # no name of a file holds it: Windows allows no stroke


def _standing(came: pd.DataFrame, cells: pd.DataFrame, unit: tuple) -> dict[str, tuple]:
    """Which of the files that came for a unit, in their order, counts in the end.

    ``came``: source_file, sha256, received_at and order (missing where the ledger has no line).
    Returns file → state, revision, since when it counted last, and the file that replaced it, has
    the same content, or may have come later.
    """
    known = came[came["order"].notna()]
    found = _last(known)
    rivals = {n: s for n, s in known[["source_file", "sha256"]].itertuples(index=False)}
    contents = {sha: name for name, sha in reversed(rivals.items())}
    latest = [name for name, said in found.items() if said[0] == "in_force"]
    for row in came[came["order"].isna()].itertuples():
        if row.sha256 in contents:
            found[row.source_file] = ("duplicate", 0, pd.NaT, contents[row.sha256])
            continue
        contents[row.sha256] = row.source_file
        found[row.source_file] = ("in_force", 0, row.received_at, None)
        latest.append(row.source_file)
    if len(latest) < 2:
        return found
    if _alike(latest, cells, unit):
        return found | {n: ("duplicate", 0, pd.NaT, latest[0]) for n in latest[1:]}
    others = {n: _AND.join(o for o in latest if o != n) for n in latest}
    return found | {n: ("refused", found[n][1], found[n][2], others[n]) for n in latest}


def _last(came: pd.DataFrame) -> dict[str, tuple]:
    """The same of files whose order is known."""
    standing, current, revision = {}, None, 0
    for row in came.itertuples():
        file = row.source_file
        if current is not None and file == current.source_file:
            _, number, since, _ = standing[file]  # a line may say the day that one above lacks
            since = row.received_at if pd.isna(since) else since
            standing[file] = ("in_force", number, since, None)
            continue
        if current is not None and row.sha256 == current.sha256:
            standing.setdefault(file, ("duplicate", 0, pd.NaT, current.source_file))
            continue
        if current is not None:
            _, number, since, _ = standing[current.source_file]
            standing[current.source_file] = ("superseded", number, since, file)
            revision += 1
        standing[file] = ("in_force", revision, row.received_at, None)
        current = row
    return standing


def _alike(files: list[str], cells: pd.DataFrame, unit: tuple) -> bool:
    """Whether files say the same of a unit, figure by figure, however it is written."""
    own = cells[cells["source_file"].isin(files) & (cells["form"] == unit[0])]
    own = own[(own["reporting_unit"] == unit[1]) & own["role"].isin(["value", "record"])]
    own = own.reindex(columns=["source_file", *_SAYS])
    figure = own["obs_value"].notna()
    own = own.assign(raw_text=own["raw_text"].mask(figure, ""), row=own["row"].mask(figure, 0))
    own = own.fillna({"obs_value": float("inf")}).astype({"row": int})
    said = [set(rows[_SAYS].itertuples(index=False, name=None))
            for _, rows in own.fillna("").groupby("source_file")]  # fmt: skip
    return len(said) == len(files) and all(one == said[0] for one in said)


def _latest_by_name(names: list[str]) -> str:
    """The name with the highest number: x, x (2), x (10)."""
    return max(names, key=by_number)


def by_number(name: str) -> list[tuple]:
    """A key by which names stand as people count them: x.xlsx, x (2).xlsx, x (10).xlsx."""
    stem = name.rpartition(".")[0].casefold() or name.casefold()
    parts = _DIGITS.split(stem)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]
