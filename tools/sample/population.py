"""A synthetic population of firms whose true compliance costs are known, and samples of it.

The population is made from ``data/survey/illustration.yml`` and a seed: every firm, the procedures
it went through and what they cost it. Its means and medians are the truth against which estimates
from a sample can be held. Only the levels that the model names as published are published ones.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.survey import sampling

STRATUM = ["region", "firm_size"]
_SHARES = ("outsourced", "informal", "online")


@dataclass(frozen=True)
class Population:
    """Firms (province, region, firm_size, industry) and their procedures (firm, …).

    ``first`` are the positions of each firm's first procedure, one more at the end; ``strata`` the
    positions of the firms of each region and size; ``stated`` what the model says of the edition.
    """

    firms: pd.DataFrame
    done: pd.DataFrame
    first: np.ndarray
    strata: dict
    stated: dict


def model(root: Path | None = None) -> dict:
    """The model of the illustration."""
    path = project.Place(root or project.PROJECT).root / "data" / "survey" / "illustration.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def totals(root: Path | None = None) -> pd.DataFrame:
    """Known numbers of enterprises: variable (region, industry), category, total, source.

    Regions: Economic Census 2021, rounded. Sectors: the same date, scaled to the sum of the
    regions (684,000 of 684,260), so that the margins agree.
    """
    place = project.Place(root or project.PROJECT)
    path = place.reference / "enterprise-population" / "published_enterprise_counts.csv"
    published = pd.read_csv(path)
    published = published[published["reference_date"] == "2020-12-31"]
    listed = pd.read_csv(place.catalogue / "codelists" / "regions.csv").set_index("name_vi")["code"]
    regions = published[published["indicator"] == "enterprises_with_business_results"]
    regions = regions[regions["level"] == "region"]
    sectors = {
        "enterprises_agriculture_forestry_fisheries": "agriculture",
        "enterprises_industry_construction": "industry",
        "enterprises_services": "services",
    }
    rows = published[published["indicator"].isin(sectors)]
    scale = regions["value"].sum() / rows["value"].sum()
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "variable": "region",
                    "category": regions["name"].map(listed),
                    "total": regions["value"],
                    "source": regions["source_url"],
                }
            ),
            pd.DataFrame(
                {
                    "variable": "industry",
                    "category": rows["indicator"].map(sectors),
                    "total": rows["value"] * scale,
                    "source": rows["source_url"],
                }
            ),
        ],
        ignore_index=True,
    )


def population(edition: str, root: Path | None = None) -> Population:
    """All firms of an edition and what their procedures cost them; the same for the same seed."""
    made = model(root)
    stated, known = made["editions"][edition], totals(root)
    rng = np.random.default_rng([made["seed"], int(edition)])
    firms = _firms(made, known, rng, root)
    sizes = firms["firm_size"].cat.categories
    groups = stated["groups"]
    did = (
        rng.random((len(firms), len(groups)))
        < np.array([g["share"] for g in groups.values()]) / 100
    )
    did[~did.any(axis=1), list(groups).index("tax")] = True
    firm, group = np.nonzero(did)
    done = pd.DataFrame({"firm": firm})
    done["procedure_group"] = pd.Categorical.from_codes(group, list(groups))
    size = np.array([made["size_effect"][s] for s in sizes])[firms["firm_size"].cat.codes][firm]
    place = np.exp(rng.normal(0, made["spread"]["province"], 100))
    place = place[firms["province"].astype(int).to_numpy()][firm]
    area = firms["region"].astype(str).to_numpy()[firm]
    for item in ("hours", "direct_cost"):
        sigma = made["spread"][item]
        value = size * place * rng.lognormal(-(sigma**2) / 2, sigma, len(firm))
        for code, (_, g) in enumerate(groups.items()):
            here = group == code
            effect = pd.Series(area[here]).map(g.get("region_effect", {})).fillna(1).to_numpy()
            value[here] *= effect
            value[here] *= g[item] / value[here].mean()  # the level of the model, exactly
        done[item] = value
    shares = {k: np.array([g[k] for g in groups.values()])[group] / 100 for k in _SHARES}
    draw = rng.random(len(firm))
    done["route"] = np.select(
        [draw < shares["outsourced"], draw < shares["outsourced"] + 0.04],
        ["outsourced", "partly"],
        "own",
    )
    sigma = made["spread"]["outsourced_cost"]
    agent = made["outsourced_premium"] * rng.lognormal(-(sigma**2) / 2, sigma, len(firm))
    whole = np.array([g["hours"] * 70000 + g["direct_cost"] for g in groups.values()])[group]
    done["outsourced_cost"] = agent * whole * size * np.where(done["route"] == "partly", 0.3, 1)
    done["informal"] = rng.random(len(firm)) < shares["informal"]
    done["online"] = rng.random(len(firm)) < shares["online"]
    first = np.concatenate([[0], np.cumsum(np.bincount(firm, minlength=len(firms)))])
    strata = firms.groupby(["region", "firm_size"], observed=True).indices
    return Population(firms, done, first, strata, {**made, **stated})


def _firms(made: dict, known: pd.DataFrame, rng, root) -> pd.DataFrame:
    by_region = known[known["variable"] == "region"].set_index("category")["total"]
    provinces = cat.load(root).regions
    path = project.Place(root or project.PROJECT).reference / "enterprise-population"
    relative = pd.read_csv(
        path / "registered_enterprises_by_province_undated.csv", dtype={"gso_code": str}
    )
    relative = relative.set_index("gso_code")["registered_enterprises"].reindex(provinces.index)
    parts = []
    shares = np.array(list(made["sizes"].values()))
    for region, total in by_region.items():
        counts = np.floor(total * shares / shares.sum()).astype(int)
        counts[0] += int(total) - counts.sum()
        here = relative[provinces["region"] == region].fillna(relative.min())
        size = np.repeat(np.arange(len(shares)), counts)
        parts.append(
            pd.DataFrame(
                {
                    "region": region,
                    "firm_size": pd.Categorical.from_codes(size, list(made["sizes"])),
                    "province": rng.choice(here.index, len(size), p=here / here.sum()),
                }
            )
        )
    firms = pd.concat(parts, ignore_index=True)
    sectors = known[known["variable"] == "industry"].set_index("category")["total"]
    firms["industry"] = rng.choice(sectors.index, len(firms), p=sectors / sectors.sum())
    return firms


def truth(people: Population, costs: pd.DataFrame) -> pd.DataFrame:
    """Mean and median of each column of ``costs`` (rows as ``people.done``) by procedure group."""
    grouped = costs.groupby(people.done["procedure_group"], observed=True)
    table = pd.concat({"mean": grouped.mean(), "median": grouped.median()}, names=["statistic"])
    return table.rename_axis(columns="measure").stack().rename("truth").reset_index()


def draw(people: Population, rng: np.random.Generator) -> pd.DataFrame:
    """A stratified sample of firms, and who of them answers.

    Returns firm, region, firm_size, province, industry, population (N_h), selected (n_h),
    responded.
    """
    stated = people.stated
    size = pd.Series({key: len(index) for key, index in people.strata.items()})
    share = np.sqrt(size.groupby(level=0).sum())
    share = share / share.sum()
    picked, counts, answers = [], [], []
    for (region, size_class), index in people.strata.items():
        rate = stated["response_rate"][size_class]
        wanted = stated["respondents"] * share[region] * stated["allocation"][size_class]
        n = min(len(index), max(8, round(wanted / rate)))
        picked.append(rng.choice(index, n, replace=False))
        counts.append((len(index), n))
        answers.append(np.arange(n) < max(2, rng.binomial(n, rate)))
    firm = np.concatenate(picked)
    chosen = people.firms.iloc[firm].reset_index(drop=True).assign(firm=firm)
    population, selected = np.repeat(counts, [n for _, n in counts], axis=0).T
    return chosen.assign(
        population=population, selected=selected, responded=np.concatenate(answers)
    )


def weighted(
    people: Population, totals: dict[str, pd.Series], rng: np.random.Generator
) -> tuple[sampling.Design, pd.DataFrame]:
    """A sample, weighted as an edition is (design, non-response, raking): its firms that answered,
    and their procedures. ``totals``: margin → category → firms."""
    chosen = draw(people, rng)
    chosen = chosen.assign(design_weight=chosen["population"] / chosen["selected"])
    chosen["design_weight"] = sampling.adjust_nonresponse(
        chosen, "design_weight", "responded", STRATUM
    )
    firms = chosen[chosen["responded"]].reset_index(drop=True)
    firms = sampling.rake(sampling.design(firms, "design_weight", STRATUM, "population"), totals)
    return firms, answered(people, chosen)


def answered(people: Population, chosen: pd.DataFrame) -> pd.DataFrame:
    """The procedures of the firms in ``chosen`` that answered, beside the firm's columns."""
    held = chosen[chosen["responded"]].reset_index(drop=True)
    firm = held["firm"].to_numpy()
    counts = people.first[firm + 1] - people.first[firm]
    rows = np.repeat(people.first[firm], counts)
    rows = rows + np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = people.done.iloc[rows].reset_index(drop=True).drop(columns="firm")
    return table.join(held.loc[np.repeat(np.arange(len(held)), counts)].reset_index(drop=True))
