"""Published indices of provinces: places, breaks, gaps."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import catalogue as cat
from analysis.catalogue.list_checks import certainties
from analysis.published import indices
from analysis.topics import published_indices

DESCRIBED = indices.listed()
FIGURES = indices.segments(indices.values(), DESCRIBED)


@pytest.mark.parametrize("province", ["48", "79", "46", "51"])
def test_the_place_we_compute_is_the_rank_that_was_published(province):
    """DTI 2023: the whole table from one source, four ranks from the press."""
    table = indices.spread(FIGURES, province).set_index(["index", "time_period"])
    row = table.loc[("dti", 2023)]
    assert row["provinces"] == 63
    assert row["place"] == row["rank"]


def test_nobody_has_a_place_where_only_some_provinces_are_known():
    table = indices.spread(FIGURES, "22")
    assert table.loc[table["partial"], "place"].isna().all()
    assert table.loc[table["partial"], "value"].notna().any()
    assert not indices.latest(table)["partial"].any()
    # what the file calls whole is whole: no edition with the few that the press names
    assert table.loc[~table["partial"], "provinces"].min() >= 34


def test_a_province_withheld_is_missing_and_not_last():
    """PAPI 2021 leaves out Quảng Ninh, Bắc Giang and Bắc Ninh."""
    row = indices.spread(FIGURES, "22").set_index(["index", "time_period"])
    row = row.loc[("papi_procedures", 2021)]
    assert row["provinces"] == 60
    assert pd.isna(row["value"]) and pd.isna(row["place"])
    said = published_indices.absent(
        published_indices.named(indices.spread(FIGURES, "22"), DESCRIBED)
    )
    assert "PAPI: Thủ tục hành chính công: 2021" in said


def test_breaks_part_a_series_and_editions_that_stand_alone_are_never_joined():
    by = FIGURES.drop_duplicates(["index", "time_period"]).set_index(["index", "time_period"])
    papi = by.loc["papi_services", "segment"]
    assert papi[2015] != papi[2016] == papi[2017] != papi[2018] == papi[2020] != papi[2021]
    assert by.loc["pci", "segment"].is_unique
    assert by.loc["dti", "segment"].nunique() == 1


@settings(max_examples=20)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_places_count_those_who_are_better(values):
    rows = pd.DataFrame({"index": "i", "time_period": 1, "segment": 0, "partial": False}, range(1))
    rows = rows.merge(pd.DataFrame({"index": "i", "value": [float(v) for v in values]}))
    rows = rows.assign(province=[str(n) for n in range(len(values))], rank=None)
    for n, value in enumerate(values):
        row = indices.spread(rows, str(n)).iloc[0]
        assert row["place"] == 1 + sum(v > value for v in values)
        assert row["low"] <= row["quarter"] <= row["median"] <= row["high"]


def test_the_files_fit_the_catalogue_and_their_scales():
    units = cat.load().units
    assert set(FIGURES["province"]) <= set(units["code"])
    assert FIGURES["certainty"].isin(certainties()).all()
    assert FIGURES[["value", "rank"]].notna().any(axis=1).all()
    low, high = (FIGURES["index"].map(DESCRIBED[c]) for c in ("scale_low", "scale_high"))
    held = FIGURES["value"].notna()
    assert FIGURES["value"][held].between(low[held], high[held]).all()


def test_what_is_told_of_an_index_has_its_english():
    for stem in ("name", "publisher", "source", "note"):
        pair = DESCRIBED[f"{stem}_vi"], DESCRIBED[f"{stem}_en"]
        assert ((pair[0] == "") == (pair[1] == "")).all()


def test_the_key_sentence_names_the_province_and_counts_its_places():
    table = published_indices.named(indices.spread(FIGURES, "22"), DESCRIBED)
    newest = indices.latest(table)
    upper = (newest["place"] <= newest["provinces"] / 2).sum()
    said = published_indices.key(newest, "Tỉnh Quảng Ninh")
    assert f"nửa trên trong {upper} trên {len(newest)} chỉ số" in said
    nobody = indices.latest(published_indices.named(indices.spread(FIGURES, "28"), DESCRIBED))
    assert nobody["index"].tolist() == ["pci"]  # Hà Tây was merged in 2008


@pytest.mark.parametrize(("code", "name"), [("28", "Tỉnh Hà Tây"), ("22", "Tỉnh Quảng Ninh")])
def test_a_province_is_named_as_in_its_newest_edition(code, name):
    assert published_indices.province(FIGURES, cat.load().units, code) == name


def test_every_code_had_a_name_in_its_newest_edition():
    units = cat.load().units
    assert all(published_indices.province(FIGURES, units, c) for c in FIGURES["province"].unique())
