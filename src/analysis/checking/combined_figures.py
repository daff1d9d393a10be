"""Figures that a form makes of several cells, as ``combine`` and ``sheets`` of the form say.

The cells stay what they are, each with its own reading and its own fate; what they make together is
an observation of its own, and a finding on it names them all.
"""

from fractions import Fraction

import pandas as pd

from analysis.language.words import number
from analysis.schema.tables import FINDINGS

_ROW = ["source_file", "source_sheet", "reporting_unit", "form", "level", "field", "row"]


def added(values: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """``values`` with the figures of each row that a form combines.

    Parameters
    ----------
    values
        Value cells with ``row``, ``obs_value`` and ``obs_status``.
    forms
        By code; ``combine``: item → ``columns`` (item → how much of it one is) or ``ticked``
        (item of kind tick → the figure that a tick means).

    Returns
    -------
    values, with a row for each combined figure: its ``source_cell`` names all its cells ("B5, C5").
    It is unknown (V) if one of them was refused or several are ticked; a blank part of a sum is
    none of it if another is filled.
    """
    made = [
        _made(values[(values["form"] == code) & values["item"].isin(_parts(how))], item, how)
        for code, form in forms.items()
        for item, how in form.get("combine", {}).items()
    ]
    made = [table for table in made if len(table)]
    return pd.concat([values, *made], ignore_index=True) if made else values


def findings(values: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """Findings (schema.FINDINGS) on what a form combines: ``choice_several`` where more than one
    box of a row is ticked, ``out_of_range`` where a sum is above the maximum of its item.

    ``values``: as :func:`added` returns them.
    """
    found = []
    for code, form in forms.items():
        own = values[values["form"] == code]
        for item, how in form.get("combine", {}).items():
            found += _several(own, form, how) if "ticked" in how else _above(own, form, item)
    return FINDINGS.of([{c: row.get(c) for c in FINDINGS.declared} for row in found])


def _several(own: pd.DataFrame, form: dict, how: dict) -> list[dict]:
    ticked = own[own["item"].isin(how["ticked"]) & own["obs_value"].eq(1)]
    found = []
    for _, boxes in ticked.groupby(_ROW, sort=False, dropna=False):
        if len(boxes) > 1:
            names = ", ".join(form["items"][i]["name"]["vi"] for i in boxes["item"])
            cells = ", ".join(boxes["source_cell"])
            said = dict(rule="choice_several", found=names, cells=cells)
            found.append(boxes.iloc[0].to_dict() | said)
    return found


def _above(own: pd.DataFrame, form: dict, item: str) -> list[dict]:
    most = form["items"][item].get("maximum", float("inf"))
    above = own[(own["item"] == item) & (own["obs_value"] > most)]
    said = above.assign(rule="out_of_range", found=f"0–{number(most)}" if len(above) else None)
    return said.to_dict("records")


def at_cells(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings on combined figures, at the first of their cells and naming all of them."""
    several = findings["source_cell"].str.contains(", ", regex=False)
    if not several.any():
        return findings
    named = findings["cells"].where(findings["cells"].notna(), findings["source_cell"])
    first = findings["source_cell"].str.split(", ").str[0]
    return findings.assign(
        cells=findings["cells"].mask(several, named),
        source_cell=findings["source_cell"].mask(several, first),
    )


def _parts(how: dict) -> dict:
    return how.get("columns") or how["ticked"]


def _made(cells: pd.DataFrame, item: str, how: dict) -> pd.DataFrame:
    """The combined figure of each row of ``cells`` (value cells of the parts)."""
    if cells.empty:
        return cells
    read = _ticked if "ticked" in how else _sum
    rows = []
    for _, own in cells.groupby(_ROW, sort=False, dropna=False):
        value, status = read(own, _parts(how))
        whole = {
            "item": item,
            "obs_value": value,
            "obs_status": status,
            "source_cell": ", ".join(own["source_cell"]),
            "raw_text": "; ".join(own["raw_text"]),
        }
        rows.append(own.iloc[0].to_dict() | whole)
    return pd.DataFrame(rows, columns=cells.columns)


def _sum(own: pd.DataFrame, parts: dict) -> tuple[float, str]:
    known = own[own["obs_value"].notna()]
    status = _status(own, known)
    if known.empty or status == "V":
        return float("nan"), status
    pairs = zip(known["item"], known["obs_value"], strict=True)
    return float(sum(Fraction(str(parts[i])) * Fraction(str(v)) for i, v in pairs)), status


def _ticked(own: pd.DataFrame, parts: dict) -> tuple[float, str]:
    ticked = own[own["obs_value"].eq(1)]
    status = "V" if len(ticked) > 1 else _status(own, ticked)
    if len(ticked) != 1 or status == "V":
        return float("nan"), "O" if status != "V" else status
    return float(parts[ticked["item"].item()]), status


def _status(own: pd.DataFrame, known: pd.DataFrame) -> str:
    """V if a part was refused, else that of what is known, else of what is not."""
    statuses = set(own["obs_status"])
    if "V" in statuses:
        return "V"
    return known["obs_status"].iloc[0] if len(known) else own["obs_status"].iloc[0]
