"""Provinces on tiles: each has one, faults have a line, what is missing is not drawn as a value."""

import re
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import reader
from analysis.display import theme
from analysis.display.charts import figure, tile_map
from analysis.topics import provinces

DAYS = {63: date(2022, 6, 14), 34: date(2025, 7, 1)}
HOSTILE = '<script>alert(1)</script> & "x"'


@pytest.fixture(scope="module")
def catalogue():
    return cat.load()


def placed(catalogue, size=63, **values):
    """The drawing with values: 50, 51 … in order of the codes, or those that are given."""
    tiles = catalogue.tiles_on(DAYS[size])
    codes = sorted(set(tiles["code"]))
    every = {c: 50.0 + i for i, c in enumerate(codes)} | values
    table = pd.DataFrame({"reporting_unit": every.keys(), "value": every.values()})
    return provinces.on_tiles(table.assign(code="of a framework"), tiles)


def draw(table, **more):
    return tile_map.tile_map(table, title="T", unit="điểm", source="S.", **more).html


@pytest.mark.parametrize("size", DAYS)
def test_every_province_has_one_tile_and_islands_stand_apart(catalogue, size):
    tiles = catalogue.tiles_on(DAYS[size])
    units = catalogue.units_on(DAYS[size])
    provinces = units[units["type"].isin(["province", "centrally_run_city"])]
    main = tiles[tiles["part"] == ""]
    assert len(main) == size and set(main["code"]) == set(provinces["code"])
    assert not tiles.duplicated(["row", "column"]).any() and main["short"].is_unique
    assert tiles.loc[tiles["part"] != "", "part"].tolist() == ["Hoàng Sa", "Trường Sa"]


@pytest.mark.parametrize("size", DAYS)
def test_the_drawing_is_one_piece_and_lies_as_the_country_does(catalogue, size):
    tiles = catalogue.tiles_on(DAYS[size])
    main = tiles[tiles["part"] == ""].set_index("short")
    at = {(r.row, r.column) for r in main.itertuples()}
    reached, new = set(), {min(at)}
    while new:
        reached |= new
        near = {(r + i, c + j) for r, c in new for i in (-1, 0, 1) for j in (-1, 0, 1)}
        new = (near & at) - reached
    assert reached == at
    order = ["Cao Bằng", "Hà Nội", "Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Quảng Trị", "Huế", "Đà Nẵng"]
    order += ["Quảng Ngãi", "Gia Lai", "Đắk Lắk", "Lâm Đồng", "TP HCM", "Cần Thơ", "Cà Mau"]
    assert main.loc[order, "row"].is_monotonic_increasing
    assert main["row"].idxmax() == "Cà Mau" and main.loc["Điện Biên", "column"] == 0
    assert main.loc["Quảng Ninh", "column"] > main.loc["Hà Nội", "column"]
    assert main["column"].max() == main.loc["Khánh Hòa", "column"]


def test_no_drawing_fits_the_provinces_before_ha_tay_was_merged(catalogue):
    assert catalogue.tiles_on(date(2007, 12, 31)).empty
    assert len(catalogue.tiles_on(date(2024, 12, 31))) == len(catalogue.tiles_on(date(2025, 6, 30)))


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("63,02,0,", "63,ZZ,0,", 2, "ZZ: no province of set 63"),
        ("63,02,0,", "63,ZZ,0,", 1, "set 63: no tile for 02"),
        ("34,08,0,", "43,08,0,", None, "08: set is none of 63, 34"),
        ("63,04,0,3,", "63,04,0,2,", 3, "04: two on one tile"),
        ("63,04,0,3,", "63,02,0,3,", 3, "02: has a tile already"),
        ("63,04,0,3,", "63,04,0,three,", 3, "04: row and column must be whole numbers"),
        ("63,04,0,3,Cao Bằng", "63,04,0,3,", 3, "04: short is missing"),
        ("63,04,0,3,Cao Bằng", "63,04,0,3,Hà Giang", 3, "04: short is that of another"),
        ("set,code,row,column", "set,code,row,col", 1, "columns missing: column"),
    ],
)
def test_faults_of_the_drawing_are_reported_with_their_line(tmp_path, old, new, line, what):
    shutil.copytree(project.Place().catalogue, tmp_path / "data/catalogue")
    path = tmp_path / "data/catalogue/codelists/tiles.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(reader.CatalogueError) as error:
        cat.load(tmp_path)
    line = line or text[: text.index(old)].count("\n") + 1
    told = [problem.partition("; ")[0] for problem in str(error.value).splitlines()]
    assert f"tiles.csv:{line}: {what}" in told


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([61.2, 88.9], [60, 70, 80, 90]),
        ([0.0, 100.0], [0, 20, 40, 60, 80, 100]),
        ([-1.0, 1.0], [-1, -0.5, 0, 0.5, 1]),
        ([7.0, 7.0], [7, 7]),
        ([0.11, 0.19], [0.1, 0.12, 0.14, 0.16, 0.18, 0.2]),
    ],
)
def test_limits_of_classes_are_round_and_hold_all(values, edges):
    assert tile_map.limits(pd.Series(values)).tolist() == edges


@pytest.mark.parametrize(
    ("edges", "said"),
    [
        ([70, 72.5, 75], ["70,0 đến dưới 72,5", "72,5 đến 75,0"]),
        ([0.01, 0.035, 0.06], ["0,010 đến dưới 0,035", "0,035 đến 0,060"]),
        ([1000, 2000], ["1.000 đến 2.000"]),
        ([66.7, 66.7], ["66,7"]),
    ],
)
def test_limits_are_written_with_the_decimals_that_they_need(edges, said):
    assert tile_map.cell_labels(np.array(edges)) == said


def test_classes_rise_with_the_value_and_are_few():
    rng = np.random.default_rng(7)
    for scale in (0.01, 1, 40, 1e6):
        values = pd.Series(np.sort(rng.gamma(2, scale, 63))).round(4)
        edges = tile_map.limits(values)
        found = tile_map.classes(values, edges)
        assert 2 <= len(edges) - 1 <= 5 and found.is_monotonic_increasing
        inside = (values >= edges[found]) & (values <= edges[found + 1])
        assert inside.all()
    assert tile_map.classes(pd.Series([70.0, np.nan]), np.array([60, 70, 80])).tolist()[0] == 1


def test_a_province_without_a_value_is_hatched_and_named_and_never_the_lowest(catalogue):
    html = draw(placed(catalogue, **{"96": np.nan}))
    assert "Không có số liệu: Cà Mau." in html and ">không có số liệu: 1</text>" in html
    assert "<pattern" in html and ">Mau</text>" in html
    assert "thấp nhất, 50,0. T, điểm." in html.replace("Thành phố Hà Nội ", "")
    assert "<td>Tỉnh Cà Mau</td><td class='num'>…</td>" in html
    assert "<pattern" not in draw(placed(catalogue))
    again = draw(placed(catalogue, **{"96": np.nan}))
    assert html == again, "hatches are named by lot, unless there is a salt"


@pytest.mark.parametrize("size", DAYS)
def test_the_picture_says_who_is_highest_and_lowest_and_is_light(catalogue, size):
    table = placed(catalogue, size, **{"22": 1234.5, "11": 1.25, "45": np.nan, "44": np.nan})
    html = draw(table, highlight="Tỉnh Lạng Sơn", decimals=2)
    plain = draw(table, decimals=2)
    alt = re.search('aria-label="([^"]*)"', plain).group(1)
    assert alt == "Tỉnh Quảng Ninh cao nhất, 1.234,50; Tỉnh Điện Biên thấp nhất, 1,25. T, điểm."
    place = (table[table["part"] == ""].sort_values("value", ascending=False)["name"].tolist()
             .index("Tỉnh Lạng Sơn") + 1)  # fmt: skip
    n = table.loc[table["part"] == "", "value"].count()
    assert f", thứ {place} trong {n} tỉnh, thành phố</strong>" in html
    assert "<title>Tỉnh Điện Biên\n1,25</title>" in html
    assert ">1.000 đến 1.250: 1</text>" in html and ">0 đến dưới 250: " in html
    assert ">Tỉnh Lạng Sơn</text>" in html and "stroke:var(--c-bad," in html
    assert ">Hoàng Sa</text>" in html and ">Trường Sa</text>" in html
    assert len(theme.bare(html).encode()) < 40_000


def test_small_maps_have_the_same_classes_and_say_what_each_shows(catalogue):
    tiles = catalogue.tiles_on(DAYS[63])
    panels = {"A": 10.0, HOSTILE: 60.0, "C": 0.0, "D": 30.0, "E": 90.0}
    rows = [(p, c, v + i) for p, v in panels.items() for i, c in enumerate(["01", "02", "96"])]
    values = pd.DataFrame(rows, columns=["panel", "reporting_unit", "value"])
    table = provinces.on_tiles(values, tiles)
    assert len(table) == 5 * len(tiles)
    html = tile_map.tile_maps(table, title="T", unit="%", source="S.").html
    assert "<strong>Các tỉnh cách nhau tới 2,0</strong>" in html and "<script" not in html
    assert "<title>Tỉnh Cà Mau\n62,0</title>" in html
    assert re.search("<td>Tỉnh Cà Mau</td>(<td class='num'>(12|62|2|32|92),0</td>){5}", html)
    assert "ở ít nhất một hình: Hà Giang" not in html, "it has values in all"
    assert "ở ít nhất một hình: Cao Bằng, Lai Châu, " in html
    assert ">0 đến dưới 20</text>" in html and ">không có số liệu</text>" in html
    assert len(theme.bare(html).encode()) < 80_000, "drawn twice"


def test_word_is_given_the_same_picture_in_points(catalogue):
    with figure.raster():
        html = draw(placed(catalogue, **{"96": np.nan}))
    assert "<img alt='Tỉnh Bạc Liêu cao nhất" in html and "data:image/png" in html


def test_text_is_escaped(catalogue):
    table = placed(catalogue).assign(name=HOSTILE, short=HOSTILE)
    html = tile_map.tile_map(table, title=HOSTILE, unit=HOSTILE, source=HOSTILE, highlight=HOSTILE)
    assert "<script" not in html.html and "&lt;script&gt;" in html.html


def test_nothing_is_drawn_where_fewer_than_three_provinces_have_a_value(catalogue):
    values = pd.DataFrame({"reporting_unit": ["25", "H44.01", "BTC"], "value": [1.0, 2.0, 3.0]})
    table = provinces.on_tiles(values, catalogue.tiles_on(DAYS[34]))
    assert table.empty and "<svg" not in draw(table)
    shown = tile_map.tile_maps(table.assign(panel=""), title="T", unit="", source="").html
    assert "<svg" not in shown and "T: chưa đủ tỉnh, thành phố có số liệu để vẽ" in shown
    assert provinces.where(table, catalogue.regions) == ""


def test_regions_are_compared_where_they_are_those_of_the_provinces(catalogue):
    table = placed(catalogue, **{"96": np.nan})
    found = provinces.by_region(table, catalogue.regions)
    assert found["median"].is_monotonic_decreasing
    assert (found["provinces"].sum(), found["of"].sum()) == (62, 63)
    said = provinces.where(table, catalogue.regions)
    assert said.startswith(f"Trung vị theo vùng: cao nhất {found['region'].iloc[0]} (")
    assert provinces.by_region(placed(catalogue, 34), catalogue.regions).empty
