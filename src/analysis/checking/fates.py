"""What becomes of each submitted cell: the one place where a figure counts or is withdrawn.

A cell gets the state of its file (:func:`settle`), loses its figure where a blocking rule names it
(:func:`withdraw`), and leaves as ``accepted``, ``label`` or ``issue`` (:func:`decide`), so that the
three add up to what was submitted (:func:`balance`).
"""

import pandas as pd

from analysis.checking.standing import Standing
from analysis.language.words import plain
from analysis.schema.tables import BALANCE, parts

_REMARKS = ["outside_form", "text_kept"]
_PLACE = ["source_file", "source_sheet", "source_cell"]


def settle(cells: pd.DataFrame, standing: Standing, plan) -> pd.DataFrame:
    """Give cells the state of their file, or of their unit in it, their period and their status.

    A figure counts if its file does and nothing covers it; a blank that is proven to be nil is 0.
    """
    cells = cells.pipe(_placed, standing).pipe(_without_ink).assign(time_period=plan.code)
    value = cells["role"] == "value"
    covered = cells["covered_by"].notna() | (cells["state"] != "in_force")
    cells.loc[value & covered, ["obs_value", "obs_status"]] = [float("nan"), "V"]
    # what is wrong with a cell that does not count anyway would only bury the reason
    cells.loc[value & covered & cells["rule"].notna(), ["rule", "found"]] = None
    counts = value & ~covered
    nil = proven_nil(cells[counts])
    nil = nil.index[nil]
    cells.loc[nil, "obs_value"] = 0.0
    cells.loc[nil, "obs_status"] = "E"
    cells.loc[nil, "rule"] = "blank_is_nil"
    cells.loc[counts & (cells["obs_status"] == "A"), "obs_status"] = plan.obs_status
    return cells


def _placed(cells: pd.DataFrame, standing: Standing) -> pd.DataFrame:
    """Add ``state``, ``revision``, ``received_at`` and ``file_rule``; claims on a unit go first."""
    file, unit = ["source_file", "form"], ["source_file", "form", "reporting_unit"]
    files = standing.submissions.rename(columns={"rule": "file_rule"})
    # a file of many units counts unit by unit, and its head line belongs to none of them
    many = files["reporting_unit"].isna() & (files["state"] != "refused")
    files.loc[many, ["state", "revision", "file_rule"]] = ["in_force", 0, None]
    files = files[[*file, "state", "revision", "received_at", "file_rule"]]
    cells = cells.merge(files, on=file, how="left")
    own = cells[unit].merge(standing.claims[[*unit, "state", "revision"]], on=unit, how="left")
    own.index = cells.index
    claimed = {c: own[c].where(own[c].notna(), cells[c]) for c in ("state", "revision")}
    return cells.assign(**claimed).astype({"revision": float})


def _without_ink(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of nothing but spaces outside the form are labels: nobody meant to say anything."""
    beside = cells["role"].eq("other") & cells["covered_by"].isna() & cells["raw_text"].ne("")
    beside &= cells["rule"].isna() | cells["rule"].isin(_REMARKS)
    empty = cells.index[beside][[plain(t) == "" for t in cells.loc[beside, "raw_text"]]]
    if empty.empty:
        return cells
    cells = cells.copy()
    cells.loc[empty, "role"] = "label"
    cells.loc[empty, ["rule", "found"]] = None
    return cells


def in_force(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of the submissions that count."""
    return cells[cells["state"].eq("in_force")]


def values(cells: pd.DataFrame) -> pd.DataFrame:
    """Value cells of the submissions that count."""
    return cells[(cells["role"] == "value") & cells["state"].eq("in_force")]


def proven_nil(values: pd.DataFrame) -> pd.Series:
    """Blank cells (status O) that the office's own total shows to be 0.

    Counts are not negative, so a level's total row that equals the sum of the filled rows leaves
    nothing for the blank ones; where levels are the rows, so does the total over them. Returns a
    boolean Series on the index of ``values``.
    """
    level = ["reporting_unit", "form", "item", "level"]
    rows = parts(values)
    over = values["level"].mask(rows & (values["field"] == "_T"), "_T")
    values = values.assign(level=over)
    known = values[rows].groupby(level)["obs_value"].sum().rename("known")
    # a refused figure (V) is unknown, not blank: then the total proves nothing
    refused = (values[rows]["obs_status"] == "V").groupby([values[rows][c] for c in level]).any()
    totals = values[~rows & values["obs_value"].notna()].drop_duplicates(level)
    proof = totals.merge(known.reset_index(), on=level).merge(
        refused.rename("refused").reset_index(), on=level
    )
    proof = proof[(proof["obs_value"] == proof["known"]) & ~proof["refused"]]
    proven = pd.MultiIndex.from_frame(proof[level])
    here = pd.MultiIndex.from_frame(values[level])
    return rows & (values["obs_status"] == "O") & here.isin(proven)


def withdraw(cells: pd.DataFrame, findings: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Withdraw figures and entries that a blocking rule names; they stay as ``refused_value``.

    What a finding names among its ``cells`` beside its own place is covered by its rule.
    """
    blocking = findings[findings["rule"].map(lambda r: rules[r]["severity"]) == "blocking"]
    place = ["source_file", "source_sheet", "source_cell"]
    named = places(blocking)
    here = pd.MultiIndex.from_frame(cells[place])
    data = cells["role"].isin(["value", "record"]).to_numpy()
    hit = data & here.isin(pd.MultiIndex.from_frame(named[place]))
    refused = cells["obs_value"].where(hit)
    if "refused_value" in cells:
        refused = refused.where(refused.notna(), cells["refused_value"])
    covers = named.drop_duplicates(place).set_index(place)["rule"].reindex(here).to_numpy()
    beside = hit & ~here.isin(pd.MultiIndex.from_frame(blocking[place]))
    beside &= cells["covered_by"].isna().to_numpy()
    cells = cells.assign(
        refused_value=refused,
        covered_by=cells["covered_by"].mask(beside, pd.Series(covers, cells.index)),
    )
    cells.loc[hit, "obs_status"] = "V"
    cells.loc[hit, "obs_value"] = float("nan")
    return cells


def places(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings, one row for each cell that they name (``cells``), or that they stand at."""
    if "cells" not in findings or findings["cells"].isna().all():
        return findings
    named = findings["cells"].where(findings["cells"].notna(), findings["source_cell"])
    return findings.assign(source_cell=named.str.split(", ")).explode("source_cell")


def decide(cells: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Add ``fate``: accepted, label (recognised text of a form) or issue."""
    value = cells["role"].isin(["value", "record"])
    fate = pd.Series("label", index=cells.index)
    fate[value] = "accepted"
    blocked = cells["rule"].map(lambda r: rules[r]["severity"] if r in rules else "") == "blocking"
    fate[(value & (cells["obs_status"] == "V")) | blocked | (cells["role"] == "other")] = "issue"
    fate[(cells["role"] != "file") & (cells["state"] != "in_force")] = "issue"
    return cells.assign(fate=fate)


def balance(cells: pd.DataFrame, counted: pd.DataFrame | None = None) -> pd.DataFrame:
    """Where every submitted (non-empty) cell went, per file (schema.BALANCE).

    ``counted``: source_file, source_sheet and cells, how many that are not empty each sheet of the
    file itself holds. Without it what was read is taken for what was submitted.
    """
    given = submitted(cells[[*_PLACE, "raw_type", "raw_text", "fate"]])
    fates = given.groupby(["source_file", "fate"]).size().unstack(fill_value=0)
    fates = fates.reindex(columns=["label", "accepted", "issue"], fill_value=0)
    fates = fates.rename(columns={"label": "labels", "issue": "in_issues"})
    number = given.groupby("source_file").size()
    if counted is not None:
        number = counted.groupby("source_file")["cells"].sum().combine_first(number)
    files = sorted({*cells["source_file"].unique(), *number.index})
    fates, number = fates.reindex(files, fill_value=0), number.reindex(files, fill_value=0)
    unread = number.where(~number.index.isin(given["source_file"].unique()), 0)
    # of a file that could not be read at all its one finding speaks for every cell
    named = cells["source_file"].unique()
    fates["in_issues"] += unread.where(number.index.isin(named), 0).astype(int)
    fates.insert(0, "submitted", number.astype(int))
    ends = fates[["labels", "accepted", "in_issues"]].sum(axis=1)
    fates["unaccounted"] = fates["submitted"] - ends
    return BALANCE.take(fates.rename_axis("source_file").reset_index())


def submitted(cells: pd.DataFrame) -> pd.DataFrame:
    """The non-empty cells of the files, each once: of one from which two figures are read, too."""
    given = cells[(cells["raw_type"] != "file") & (cells["raw_text"] != "")]
    return given.drop_duplicates(_PLACE)
