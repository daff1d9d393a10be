"""Whom the answers of an edition stand for: its sampling frame, and the weights made of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import project
from analysis.catalogue import plans
from analysis.language.messages import tell
from analysis.storage import by_hand, files
from analysis.survey import (
    calibration,
    collapsing,
    jackknifing,
    known_numbers,
    margins,
    replicate_files,
    sampling,
)

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
    stratum, found, clusters = asked["stratum"], {}, plan.clusters or {}
    own = {
        "selected.csv": [clusters[key] for key in ("column", "within") if clusters],
        "strata.csv": [clusters["population"]] if clusters else [],
    }
    for name, columns in FRAME.items():
        needed = [*columns, *own.get(name, []), *(stratum if name != "totals.csv" else [])]
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
    names = (plan.calibration or {}).get("numbers", [])
    numbers = found["totals"]["variable"].isin(names)
    wrong = [
        *margins.faults(found["totals"][~numbers], found["strata"], selected, stratum, joined),
        *known_numbers.faults(found["totals"][numbers], selected, names),
        *_counted(found["strata"], selected, clusters),
    ]
    if wrong:
        folder = place.survey(plan.code).relative_to(place.root)
        raise ValueError("\n".join(f"{folder}/{what}" for what in wrong))
    figures = {"strata": ["population", *own["strata.csv"]], "totals": ["total"]}
    figures |= {"selected": [*names, *own["selected.csv"][1:]]}
    found["selected"] = selected
    return {n: t.assign(**{c: pd.to_numeric(t[c]) for c in figures[n]}) for n, t in found.items()}


def _counted(strata: pd.DataFrame, selected: pd.DataFrame, clusters: dict) -> Iterator[str]:
    """The numbers of clusters and of firms within them are numbers of at least 1."""
    for file, table, key in (
        ("strata.csv", strata, "population"),
        ("selected.csv", selected, "within"),
    ):
        if not clusters:
            continue
        column = clusters[key]
        wrong = ~(pd.to_numeric(table[column], errors="coerce").to_numpy() >= 1)
        for row in np.flatnonzero(wrong)[:5]:
            yield tell(
                "{file}:{line}: {column} must be a number of at least {least}, not {said!r}",
                file=file,
                line=int(row) + 2,
                column=column,
                least=1,
                said=table[column].iloc[row],
            )


def _read(path: Path, needed: list[str], root: Path) -> pd.DataFrame:
    """A file of the frame as text, with all that is needed in every row."""
    where = path.relative_to(root)
    if not path.exists():
        raise ValueError(tell("{where}: file is missing", where=where))
    try:
        table = by_hand.table(files.content(path), missing=True)
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

    Where the edition has ``replicates`` the weights and errors are those of its file; ``clusters``
    make it a sample of two stages, ``variance: jackknife`` one of replicates.

    Returns the design with one row per firm (response, region, firm_size, industry, province of
    the frame) and the sample by stratum, ``together`` naming the strata that make one cell of the
    design (:mod:`analysis.survey.collapsing`).
    """
    known, stratum = frame(plan, asked, place), asked["stratum"]
    accepted = records.loc[records["state"] == "accepted", "response"]
    selected = known["selected"].assign(responded=known["selected"]["response"].isin(accepted))
    strata = _by_stratum(known["strata"], selected, stratum, plan.clusters)
    rule = None if plan.replicates else asked.get("collapse")
    cells = collapsing.strata(strata, stratum, rule)
    selected = selected.merge(cells.drop(columns=["responded", "selected"]), on=stratum)
    sample = cells
    if plan.clusters:  # pages count firms
        firms_of = known["strata"].set_index(stratum)["population"]
        counts = selected.groupby(stratum)["responded"].agg(["size", "sum"])
        keys = pd.MultiIndex.from_frame(cells[stratum])
        sample = cells.assign(
            population=firms_of.reindex(keys).to_numpy(),
            selected=counts["size"].reindex(keys, fill_value=0).to_numpy(),
            responded=counts["sum"].reindex(keys, fill_value=0).to_numpy(),
        )
    if plan.replicates:
        firms = _given(plan, place, selected, known["strata"])
        weight = pd.Series(firms.design_weight, firms.table["response"])
        selected["design_weight"] = selected["response"].map(weight)
    else:
        selected["design_weight"] = _adjusted(selected, cells, stratum, plan.clusters)
        firms = _drawn(plan, selected, cells, stratum)
        firms = _meeting(plan, firms, known, rule)
    mean = selected.groupby(stratum)["design_weight"].mean().reset_index()
    sample = sample.merge(mean, on=stratum, how="left" if rule else "inner")
    columns = ["population", "selected", "responded", "design_weight", "together"]
    return firms, sample[[*stratum, *columns]]


def _by_stratum(strata, selected, stratum: list[str], clusters: dict | None) -> pd.DataFrame:
    """How many units of the first stage each stratum has, how many were drawn, how many answered:
    firms, or clusters where these were drawn first."""
    if clusters:
        column = clusters["column"]
        of_it = selected.groupby([*stratum, column])["responded"].any().reset_index()
        strata = strata.assign(population=strata[clusters["population"]])
    else:
        of_it = selected
    drawn = of_it.groupby(stratum)["responded"].agg(selected="size", responded="sum")
    table = strata.merge(drawn.reset_index(), on=stratum, how="left")
    return table.assign(**table[["selected", "responded"]].fillna(0).astype(int))


def _drawn(plan: plans.EditionPlan, selected, cells, stratum: list[str]) -> sampling.Design:
    """The firms that answered, as they were drawn."""
    firms = selected[selected["responded"]].reset_index(drop=True)
    # as strata are called; cells have other names where strata were taken together
    by = ["cell"] if (cells["together"] != "").any() else stratum
    stages = {}
    if plan.clusters:
        stages = {"psu": plan.clusters["column"], "second": "response"}
        stages["within"] = plan.clusters["within"]
    return sampling.design(
        firms, "design_weight", by, "cell_population", lonely_psu="certainty", **stages
    )


def _given(plan: plans.EditionPlan, place: project.Place, selected, strata) -> sampling.Design:
    """The firms that answered, with the weights and replicates that the edition came with."""
    path = place.survey(plan.code) / plan.replicates["file"]
    firms = selected[selected["responded"]].reset_index(drop=True)
    name, codes = path.relative_to(place.root).as_posix(), selected["response"]
    full, replicates = replicate_files.read(
        path, plan.replicates, "response", firms["response"], codes, name
    )
    known = strata["population"].sum()
    if abs(full.sum() / known - 1) > replicate_files.NEAR:
        raise ValueError(
            tell(
                "{name}: {weight} adds up to {first:,.0f}, the firms of strata.csv to "
                "{second:,.0f}: weights of another file?",
                name=name,
                weight=plan.replicates["weight"],
                first=full.sum(),
                second=known,
            )
        )
    return sampling.replicated(firms.assign(design_weight=full), full, replicates)


def _adjusted(selected, cells, stratum: list[str], clusters: dict | None) -> pd.Series:
    """Weights of the firms that answered; each cell stands for all firms of its strata, also of
    those from which no firm was drawn."""
    held = cells[cells["selected"] > 0]
    drawn = held.groupby("cell")["population"].sum()
    reach = selected["cell_population"] / selected["cell"].map(drawn)
    first = held.set_index(stratum)["selected"]
    count = first.reindex(pd.MultiIndex.from_frame(selected[stratum])).to_numpy()
    weight = selected["population"] / count * reach
    if clusters:
        own = selected.groupby([*stratum, clusters["column"]])["response"].transform("size")
        weight = weight * selected[clusters["within"]] / own
    weighted_ = selected.assign(design_weight=weight)
    within = ["cell"] if (cells["together"] != "").any() else stratum
    return sampling.adjust_nonresponse(weighted_, "design_weight", "responded", within)


def _meeting(
    plan: plans.EditionPlan, firms: sampling.Design, known: dict, rule: dict | None
) -> sampling.Design:
    """The weights meet the known totals; categories of too few meet theirs together."""
    stated, table, totals = plan.calibration or {}, firms.table, known["totals"]
    numbers = totals["variable"].isin(stated.get("numbers", []))
    categories = {}
    for name, part in totals[~numbers].groupby("variable"):
        own = part.set_index("category")["total"]
        if rule and name in rule["order"]:
            merged = collapsing.margin(own, table[name], rule["order"][name], rule["least"])
            firms = sampling.with_columns(firms, **{name: table[name].map(merged)})
            own = own.groupby(own.index.map(merged), sort=False).sum()
        categories[name] = own
    if "trim" in stated:
        weight = calibration.trimmed(firms.design_weight, *stated["trim"])
        firms = replace(firms, design_weight=weight)
    if stated:
        held = totals[numbers].set_index("variable")["total"]
        population = float(known["strata"]["population"].sum())
        firms = known_numbers.calibrated(firms, categories, held, population, stated)
    else:
        firms = sampling.rake(firms, categories)
    firms = replace(firms, table=table)
    return jackknifing.jackknife(firms) if plan.variance == "jackknife" else firms


def answers(records: pd.DataFrame, firms: sampling.Design, catalogue, asked: dict):
    """Accepted answers beside the frame's columns of their firm and its final weight."""
    # what the frame knows holds, but for the province: the answer says where the firm dealt with it
    known = firms.table.drop(columns=["responded", "province", *_OWN], errors="ignore")
    known = known.assign(design_weight=firms.design_weight)
    accepted = records[records["state"] == "accepted"]
    doubled = [c for c in known if c in accepted and c != asked["psu"]]
    table = accepted.drop(columns=doubled).merge(known, on=asked["psu"])
    return table.assign(key_region=table["province"].map(catalogue.regions["key_region"]))
