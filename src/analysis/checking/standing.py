"""Which of several submissions counts: in force, superseded, a duplicate, or refused as a whole.

A file that is not refused claims each unit that it names, form by form; which claim counts says
:mod:`analysis.checking.claims`. What becomes of a file follows from its claims: a file of many
units is in force as long as it is for one of them.
"""

from typing import NamedTuple

import pandas as pd

from analysis.checking import claims
from analysis.language.words import day
from analysis.schema.tables import FINDINGS, NOWHERE, SUBMISSIONS

_FILE = ["source_file", "form"]
_OF_ONE_UNIT = ("sheet", "register")
_REFUSING = ["file_unreadable", "file_type", "file_too_large", "sheet_missing", "unit_unknown",
             "header_not_found", "column_disagrees", "encoding_unknown", "cells_unaccounted",
             "unit_by_text", "sheet_twice", "table_twice", "export_unmapped",
             "export_ambiguous"]  # fmt: skip
_UNPLACED = ["column_missing", "column_twice"]  # why a file may name no unit at all


class Standing(NamedTuple):
    """``submissions`` (schema.SUBMISSIONS), ``claims`` on units that several files name
    (schema.CLAIMS), and ``findings``: why files, or units of them, do not count."""

    submissions: pd.DataFrame
    claims: pd.DataFrame
    findings: pd.DataFrame


def decide(
    cells: pd.DataFrame,
    windows: pd.DataFrame,
    received: pd.DataFrame,
    hashes: dict[str, str],
    plan,
    forms: dict[str, dict],
) -> Standing:
    """Decide for each file, and each unit in it, whether it counts.

    Parameters
    ----------
    cells
        Located cells with ``reporting_unit``.
    windows
        See :func:`analysis.reading.clean.windows`.
    received
        Arrivals in their order (:func:`analysis.exchange.receipts.read`).
    hashes
        File name → SHA-256.
    forms
        Code → form of the catalogue.
    """
    arrived = _as_it_is(received, hashes)
    files, refusals = _files(cells, windows, plan, forms)
    first = arrived.groupby("file")["received_at"].first()
    when = [first.get(file) for file in files["source_file"]]
    files = files.assign(
        time_period=plan.code,
        sha256=files["source_file"].map(hashes),
        received_at=when,
        first_received_at=when,
    )
    claimed = claims.claims(cells, files[files["rule"].isna()], arrived)
    findings = FINDINGS.of([*refusals, *claims.findings(claimed)])
    return Standing(_of_claims(files, claimed), claimed, findings)


def _as_it_is(received: pd.DataFrame, hashes: dict[str, str]) -> pd.DataFrame:
    """Arrivals of what files hold now; all of a file that is not what any of its lines noted."""
    other = received["sha256"].notna() & (received["sha256"] != received["file"].map(hashes))
    held = received.loc[~other, "file"]
    return received[~other | ~received["file"].isin(held)]


# --- files as a whole ---------------------------------------------------------------------------


def _files(
    cells: pd.DataFrame, windows: pd.DataFrame, plan, forms: dict[str, dict]
) -> tuple[pd.DataFrame, list[dict]]:
    """One row for each file and form: source_file, form, reporting_unit, units (how many it names),
    rule (that refuses it); and the findings of that."""
    stated = {w.source_file: w for w in windows.itertuples()}
    rows, findings = [], []
    for told in _told(cells).itertuples():
        file, form = told.source_file, None if pd.isna(told.form) else told.form
        unit = told.unit if told.units == 1 else None
        one = forms.get(form, {}).get("layout") in _OF_ONE_UNIT and not told.mapped
        rule, found = _refusal(told, unit, one, stated.get(file), plan)
        at = dict(source_file=file, form=form, reporting_unit=unit)
        rows.append({**at, "units": told.units, "rule": rule})
        findings += [{**NOWHERE, **at, **f} for f in found]
    return pd.DataFrame(rows), findings


def _told(cells: pd.DataFrame) -> pd.DataFrame:
    """What the cells of each file and form tell of it as a whole, in their order.

    Returns source_file, form, units (how many), unit (the first), unit_rows (rows that name one),
    refusing (the first rule that refuses the file), unplaced (the first that may leave it without),
    mapped (whether it is an export of a reporting system, which may hold many units in any form).
    """
    keys = [cells["source_file"], cells["form"]]
    rule = cells["rule"].astype(object)
    columns = {
        "unit": cells["reporting_unit"],
        "unit_rows": cells["row"].where(cells["role"] == "unit"),
        "refusing": rule.where(rule.isin(_REFUSING), None),
        "mapped": cells["mapping"],
        "unplaced": rule.where(rule.isin(_UNPLACED), None),
    }
    by = {n: c.groupby(keys, sort=True, dropna=False) for n, c in columns.items()}
    told = {
        "units": by["unit"].nunique(),
        "unit": by["unit"].first(),
        "unit_rows": by["unit_rows"].nunique(),
        "refusing": by["refusing"].first(),
        "unplaced": by["unplaced"].first(),
        "mapped": by["mapped"].count() > 0,
    }
    return pd.DataFrame(told).reset_index()


def _refusal(told, unit: str | None, one: bool, window, plan) -> tuple[str | None, list[dict]]:
    """The rule by which a whole file is refused (None if it counts), and its new findings.

    ``one``: whether the layout is that of one unit, which states whose it is and for which days.
    """
    if told.refusing == "cells_unaccounted":
        return told.refusing, []
    # others name a unit in each row, and one wrong row is no reason to refuse the rest
    if told.unit_rows > 1 and not one:
        return None, []
    if pd.notna(told.refusing):
        return told.refusing, []
    if unit is None and pd.notna(told.unplaced):
        return told.unplaced, []
    if unit is None:
        return "unit_unknown", [{"rule": "unit_unknown", "found": "…"}]
    if not one:
        return None, []  # it states no days; its period is that of its folder
    if window is None:
        return "period_unreadable", [{"rule": "period_unreadable"}]
    at = {k: getattr(window, k) for k in ("source_sheet", "source_cell", "raw_text")}
    if pd.notna(window.several):
        return "period_contradicts", [{**at, "rule": "period_contradicts", "found": window.several}]
    if window.start is None:
        return "period_unreadable", [{**at, "rule": "period_unreadable"}]
    if (window.start, window.end) == (plan.start, plan.end):
        return None, []
    says = f"{day(window.start)}–{day(window.end)}"
    expected = f"{day(plan.start)}–{day(plan.end)}"
    return "period_mismatch", [
        {**at, "rule": "period_mismatch", "found": says, "expected": expected}
    ]


def _of_claims(files: pd.DataFrame, claimed: pd.DataFrame) -> pd.DataFrame:
    """The files with the state that their claims give them (schema.SUBMISSIONS)."""
    own = claimed.groupby(_FILE)
    place = pd.MultiIndex.from_frame(files[_FILE])

    def of_file(values: pd.Series) -> pd.Series:
        return pd.Series(values.reindex(place).to_numpy(), index=files.index)

    lost = own["state"].agg(lambda states: (states != "in_force").sum())
    gone = (files["units"] > 0) & (of_file(lost) == files["units"])
    worst = own["state"].agg(_worst)
    state = of_file(worst).where(gone, "in_force")
    # of a file of many units it is said for each unit, if it came back for some
    since = of_file(own["since"].max()).where((files["units"] == 1) & (state != "duplicate"))
    since = since.where(since.notna(), files["received_at"])
    rule = files["rule"]
    files = files.assign(
        state=state.mask(rule.notna(), "refused"),
        rule=rule.where(rule.notna(), state.map(claims.RULES)),
        revision=of_file(own["revision"].max()).fillna(0).astype(int),
        received_at=since.astype(files["received_at"].dtype),
    )
    return SUBMISSIONS.take(files)


def _worst(states: pd.Series) -> str:
    """Of a file that counts for no unit: nobody knows which came last, or replaced, or a copy."""
    return min(states, key=["refused", "superseded", "duplicate", "in_force"].index)
