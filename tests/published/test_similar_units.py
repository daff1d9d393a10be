"""Units most like each other: known answers by scipy's tree, and refusals with file and line."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import KDTree

from analysis.catalogue import catalogue
from analysis.period import load
from analysis.published import similar_units
from analysis.published.similar_units import SimilarUnitsError
from analysis.topics import alike

FILE = "made/figures.csv"


def figures(x: pd.DataFrame, years=(2024, 2023)) -> pd.DataFrame:
    long = x.rename_axis("gso_code").reset_index().melt("gso_code", var_name="indicator")
    return pd.concat([long.assign(year=y) for y in years])


@pytest.fixture
def made(tmp_path):
    """Twelve units with two figures; a function that writes them and finds who is alike."""
    rng = np.random.default_rng(5)
    x = pd.DataFrame(rng.lognormal(3, 1, (12, 2)), [f"{i:02d}" for i in range(12)], ["p", "g"])
    text = {"vi": "a", "en": "a"}
    stated = {
        "file": FILE,
        "year": 2024,
        "other_years": [2023],
        "neighbours": 3,
        "variables": {
            "p": {"name": text, "figure": "p", "transform": "log"},
            "g": {"name": text, "figure": "g", "transform": "none"},
        },
        "stability": {"weights_within": 0.5, "draws": 50},
    }

    def find(table=None, lines="", **changes):
        path = tmp_path / "data/reference" / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        figures(x).to_csv(path, index=False) if table is None else table.to_csv(path, index=False)
        own = tmp_path / "data/catalogue/similar_units.yml"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(lines or "similar_units:\n  file: x\n  variables:\n    p: {}\n    g: {}\n")
        return similar_units.find(stated | changes, tmp_path)

    find.x, find.root = x, tmp_path
    return find


def test_neighbours_are_those_of_an_independent_tree(made):
    found = made().neighbours
    z = np.c_[np.log(made.x["p"]), made.x["g"]]
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    distance, order = KDTree(z).query(z, k=4)
    for i, unit in enumerate(made.x.index):
        own = found[found["reporting_unit"] == unit]
        assert own["other"].tolist() == made.x.index[order[i, 1:]].tolist()
        assert own["distance"].to_numpy() == pytest.approx(distance[i, 1:])


def test_how_stable_they_are(made):
    found = made().neighbours
    assert (found["years"] == 1).all(), "the same figures in both years"
    z = np.log(made.x["p"]).to_numpy()
    without = {u: set(np.argsort(np.abs(z - z[i]))[1:4]) for i, u in enumerate(made.x.index)}
    flat = made.x["g"].to_numpy()
    other = {u: set(np.argsort(np.abs(flat - flat[i]))[1:4]) for i, u in enumerate(made.x.index)}
    at = {u: i for i, u in enumerate(made.x.index)}
    for row in found.itertuples():
        place = at[row.other]
        kept = (place in without[row.reporting_unit]) + (place in other[row.reporting_unit])
        assert row.variables == kept / 2
    assert found["weights"].between(0, 1).all() and found["weights"].nunique() > 1
    same = made(stability={"weights_within": 0.0, "draws": 3}).neighbours
    assert (same["weights"] == 1).all(), "weights that do not move"


def test_a_unit_without_a_figure_has_none_and_is_named(made):
    table = figures(made.x)
    table = table[~((table["gso_code"] == "04") & (table["indicator"] == "g"))]
    found = made(table)
    assert found.lacking == {"04": "g"}
    assert "04" not in set(found.neighbours["reporting_unit"]) | set(found.neighbours["other"])


def _broken(made):
    table = figures(made.x).reset_index(drop=True)
    wrong = table.astype({"value": object})
    wrong.loc[2, "value"] = "1,5"
    yield {"table": wrong}, f"{FILE}:4: value '1,5' is no number"
    yield {"table": pd.concat([table, table.iloc[[0]]])}, f"{FILE}:50: 00 has p of 2024 twice"
    yield {"table": table.drop(columns="year")}, f"{FILE}:1: has no column year"
    constant = table.assign(value=table["value"].where(table["indicator"] != "g", 7.0))
    yield {"table": constant}, "similar_units.yml:5: g is the same in all units"
    yield {"table": table.assign(value=-table["value"])}, "similar_units.yml:4: 00 has -"
    yield {"year": 2021}, "has no figures of 2021"
    yield {"file": "made/none.csv"}, "similar_units.yml:2: there is no data/reference/made/none.csv"
    yield {"neighbours": 12}, "12 units have all figures, so none has 12 neighbours"


@pytest.mark.parametrize("number", range(8))
def test_what_cannot_be_is_refused_with_file_and_line(made, number):
    given, told = list(_broken(made))[number]
    with pytest.raises(SimilarUnitsError) as refused:
        made(**given)
    assert told in str(refused.value)


def test_a_page_names_them_only_where_the_unit_is_that_of_the_figures():
    year = load("2024")
    rows = alike.neighbours(year, "45")
    assert len(rows) == year.catalogue.similar_units["neighbours"]
    scores = year.tables.scores
    whole = scores[scores["level"] == "framework"].set_index("reporting_unit")["score"]
    due = rows[rows["other"].isin(whole.index)]
    assert due["score"].astype(float).to_numpy() == pytest.approx(whole[due["other"]].to_numpy())
    text = alike.told(year, "45", rows)
    assert "2024" in text and "chưa đối chiếu từng tỉnh" in text and "bên thứ ba" in text
    assert f"{rows['firm'].sum()} trong {len(rows)} đơn vị" in alike.stability(rows)
    merged = load("2026-Q3")
    assert alike.neighbours(merged, "25").empty, "25 is another unit since the mergers"
    assert "Không nêu đơn vị tương tự" in alike.told(merged, "25", alike.neighbours(merged, "25"))


def test_the_shipped_list_is_of_all_provinces_of_its_day():
    held = catalogue.load()
    found = similar_units.find(held.similar_units)
    assert found.lacking == {} and found.neighbours["reporting_unit"].nunique() == 63
    units = held.units_on(held.similar_units["units_on"])
    assert set(found.neighbours["other"]) <= set(units["code"])
