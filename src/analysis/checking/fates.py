"""What becomes of each submitted cell: the one place where a figure counts or is withdrawn.

A cell gets the state of its file (:func:`settle`), loses its figure where a blocking rule names it
(:func:`withdraw`), and leaves as ``accepted``, ``label`` or ``issue`` (:func:`decide`).
"""

import pandas as pd

from analysis.checking import validate


def settle(
    cells: pd.DataFrame, submissions: pd.DataFrame, later: pd.DataFrame, plan
) -> pd.DataFrame:
    """Give cells the state of their file, or of their unit's rows in it, a period and a fate."""
    cells = cells.merge(
        submissions[["source_file", "form", "state", "revision", "received_at", "rule"]].rename(
            columns={"rule": "file_rule"}
        ),
        on=["source_file", "form"],
        how="left",
    ).assign(time_period=plan.code)
    key = ["source_file", "form", "reporting_unit"]
    own = cells[key].merge(later[[*key, "state", "revision"]], on=key, how="left")
    own.index = cells.index
    for column in ("state", "revision"):
        cells[column] = own[column].where(own[column].notna(), cells[column])
    value = cells["role"] == "value"
    covered = cells["covered_by"].notna() | (cells["state"] != "in_force")
    cells.loc[value & covered, ["obs_value", "obs_status"]] = [float("nan"), "V"]
    # what is wrong with a cell that does not count anyway would only bury the reason
    cells.loc[value & covered & cells["rule"].notna(), ["rule", "found"]] = None
    in_force = value & ~covered
    nil = validate.proven_nil(cells[in_force])
    nil = nil.index[nil]
    cells.loc[nil, "obs_value"] = 0.0
    cells.loc[nil, "obs_status"] = "E"
    cells.loc[nil, "rule"] = "blank_is_nil"
    accepted = in_force & (cells["obs_status"] == "A")
    cells.loc[accepted, "obs_status"] = plan.obs_status
    return cells


def in_force(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of the submissions that count."""
    return cells[cells["state"].eq("in_force")]


def values(cells: pd.DataFrame) -> pd.DataFrame:
    """Value cells of the submissions that count."""
    return cells[(cells["role"] == "value") & cells["state"].eq("in_force")]


def withdraw(cells: pd.DataFrame, findings: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Withdraw figures and entries that a blocking rule names; they stay as ``refused_value``."""
    blocking = findings[findings["rule"].map(lambda r: rules[r]["severity"]) == "blocking"]
    place = ["source_file", "source_sheet", "source_cell"]
    hit = pd.MultiIndex.from_frame(cells[place]).isin(pd.MultiIndex.from_frame(blocking[place]))
    hit &= cells["role"].isin(["value", "record"]).to_numpy()
    refused = cells["obs_value"].where(hit)
    if "refused_value" in cells:
        refused = refused.where(refused.notna(), cells["refused_value"])
    cells = cells.assign(refused_value=refused)
    cells.loc[hit, "obs_status"] = "V"
    cells.loc[hit, "obs_value"] = float("nan")
    return cells


def decide(cells: pd.DataFrame, rules: dict) -> pd.DataFrame:
    """Add ``fate``: accepted, label (recognised text of a form) or issue."""
    value = cells["role"].isin(["value", "record"])
    fate = pd.Series("label", index=cells.index)
    fate[value] = "accepted"
    blocked = cells["rule"].map(lambda r: rules[r]["severity"] if r in rules else "") == "blocking"
    fate[(value & (cells["obs_status"] == "V")) | blocked | (cells["role"] == "other")] = "issue"
    fate[(cells["role"] != "file") & (cells["state"] != "in_force")] = "issue"
    return cells.assign(fate=fate)
