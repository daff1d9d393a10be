"""Whom the answers of an edition stand for: its sampling frame, and the weights made of it."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import project
from analysis.catalogue import plans
from analysis.language.messages import tell
from analysis.storage import files
from analysis.survey import collapsing, margins, sampling

FRAME = {
    "selected.csv": ["response"],
    "strata.csv": ["population"],
    "totals.csv": ["variable", "category", "total"],
}
"""The files of the frame, and the columns that each needs beside those of the stratum."""

_OWN = ["cell", "cell_population", "together"]


def frame(plan: plans.EditionPlan, asked: dict, place: project.Place) -> dict[str, pd.DataFrame]:
    """The sampling frame of the edition: ``selected`` firms, ``strata``, known ``totals``.

    Raises
    ------
    ValueError
        naming the file and what is wrong with it.
    """
    stratum, found = asked["stratum"], {}
    for name, columns in FRAME.items():
        needed = [*columns, *(stratum if name != "totals.csv" else [])]
        path = place.survey(plan.code) / name
        found[path.stem] = _read(path, needed, place.root)
    selected = found["selected"].assign(response=lambda t: t["response"].str.lstrip("0"))
    for name, table, key in (
        ("selected.csv", selected, ["response"]),
        ("strata.csv", found["strata"], stratum),
    ):
        twice = table.duplicated(key)
        if twice.any():
            raise ValueError(
                tell(
                    "{name}:{line}: {key} stands twice",
                    name=name,
                    line=_line(twice),
                    key=", ".join(key),
                )
            )
    if "firm" in selected:  # by which a firm is known again in another edition
        twice = selected["firm"].notna() & selected.duplicated("firm")
        if twice.any():
            raise ValueError(tell("selected.csv:{line}: firm stands twice", line=_line(twice)))
    listed = pd.MultiIndex.from_frame(found["strata"][stratum])
    unknown = ~pd.MultiIndex.from_frame(selected[stratum]).isin(listed)
    if unknown.any():
        raise ValueError(
            tell("selected.csv:{line}: stratum is not in strata.csv", line=_line(unknown))
        )
    joined = asked.get("collapse", {}).get("order", ())
    wrong = margins.faults(found["totals"], found["strata"], selected, stratum, joined)
    if wrong:
        folder = place.survey(plan.code).relative_to(place.root)
        raise ValueError("\n".join(f"{folder}/{what}" for what in wrong))
    figures = {"strata": "population", "totals": "total"}
    numbers = {n: found[n].assign(**{c: pd.to_numeric(found[n][c])}) for n, c in figures.items()}
    return numbers | {"selected": selected}


def _read(path: Path, needed: list[str], root: Path) -> pd.DataFrame:
    """A file of the frame as text, with all that is needed in every row."""
    where = path.relative_to(root)
    if not path.exists():
        raise ValueError(tell("{where}: file is missing", where=where))
    try:
        table = pd.read_csv(io.BytesIO(files.content(path)), dtype=str, encoding="utf-8-sig")
    except ValueError as error:
        raise ValueError(
            tell("{where}: cannot be read: {error}", where=where, error=error)
        ) from error
    absent = [c for c in needed if c not in table]
    if absent:
        raise ValueError(
            tell("{where}: column missing: {absent}", where=where, absent=", ".join(absent))
        )
    gaps = table[needed].isna().any(axis=1)
    if gaps.any():
        raise ValueError(tell("{where}:{line}: a value is missing", where=where, line=_line(gaps)))
    return table


def _line(wrong: np.ndarray | pd.Series) -> int:
    """The line of a file in which the first of its rows that are ``wrong`` stands."""
    return int(np.argmax(wrong)) + 2


def weighted(
    plan: plans.EditionPlan, asked: dict, place: project.Place, records: pd.DataFrame
) -> tuple[sampling.Design, pd.DataFrame]:
    """The firms that answered, weighted: design, non-response, known totals.

    Returns the design with one row per firm (response, region, firm_size, industry, province of
    the frame) and the sample by stratum, ``together`` naming the strata that make one cell of the
    design (:mod:`analysis.survey.collapsing`).
    """
    known, stratum = frame(plan, asked, place), asked["stratum"]
    accepted = records.loc[records["state"] == "accepted", "response"]
    selected = known["selected"].assign(responded=known["selected"]["response"].isin(accepted))
    drawn = selected.groupby(stratum).agg(
        selected=("response", "size"), responded=("responded", "sum")
    )
    strata = known["strata"].merge(drawn.reset_index(), on=stratum, how="left")
    strata = strata.assign(**strata[["selected", "responded"]].fillna(0).astype(int))
    rule = asked.get("collapse")
    cells = collapsing.strata(strata, stratum, rule)
    selected = selected.merge(cells.drop(columns="responded"), on=stratum)
    selected["design_weight"] = _adjusted(selected, cells, stratum)
    mean = selected.groupby(stratum)["design_weight"].mean().reset_index()
    sample = cells.merge(mean, on=stratum, how="left" if rule else "inner")
    columns = ["population", "selected", "responded", "design_weight", "together"]
    firms = selected[selected["responded"]].drop(columns="selected").reset_index(drop=True)
    # as strata are called; cells have other names where strata were taken together
    by = ["cell"] if (cells["together"] != "").any() else stratum
    firms = sampling.design(firms, "design_weight", by, "cell_population", lonely_psu="certainty")
    known_totals = {
        n: p.set_index("category")["total"] for n, p in known["totals"].groupby("variable")
    }
    return _raked(firms, known_totals, rule), sample[[*stratum, *columns]]


def _adjusted(selected: pd.DataFrame, cells: pd.DataFrame, stratum: list[str]) -> pd.Series:
    """Weights of the firms that answered; each cell stands for all firms of its strata, also of
    those from which no firm was drawn."""
    drawn = cells[cells["selected"] > 0].groupby("cell")["population"].sum()
    reach = selected["cell_population"] / selected["cell"].map(drawn)
    weighted_ = selected.assign(design_weight=selected["population"] / selected["selected"] * reach)
    within = ["cell"] if (cells["together"] != "").any() else stratum
    return sampling.adjust_nonresponse(weighted_, "design_weight", "responded", within)


def _raked(
    firms: sampling.Design, totals: dict[str, pd.Series], rule: dict | None
) -> sampling.Design:
    """The weights meet the known totals; categories of too few meet theirs together."""
    table, known = firms.table, {}
    for name, own in totals.items():
        if rule and name in rule["order"]:
            merged = collapsing.margin(own, table[name], rule["order"][name], rule["least"])
            firms = sampling.with_columns(firms, **{name: table[name].map(merged)})
            own = own.groupby(own.index.map(merged), sort=False).sum()
        known[name] = own
    return replace(sampling.rake(firms, known), table=table)


def answers(records: pd.DataFrame, firms: sampling.Design, catalogue, asked: dict):
    """Accepted answers beside the frame's columns of their firm and its final weight."""
    # what the frame knows holds, but for the province: the answer says where the firm dealt with it
    known = firms.table.drop(columns=["responded", "province", *_OWN], errors="ignore")
    known = known.assign(design_weight=firms.design_weight)
    accepted = records[records["state"] == "accepted"]
    doubled = [c for c in known if c in accepted and c != asked["psu"]]
    table = accepted.drop(columns=doubled).merge(known, on=asked["psu"])
    return table.assign(key_region=table["province"].map(catalogue.regions["key_region"]))
