"""What a page shows of the parts of the country: values on its map, and which regions are ahead."""

import pandas as pd

from analysis.language.languages import column, say
from analysis.language.words import number
from analysis.scoring.score import judged


def on_tiles(values: pd.DataFrame, tiles: pd.DataFrame) -> pd.DataFrame:
    """Values of provinces on the drawing of the country: for :mod:`display.charts.tile_map`.

    Parameters
    ----------
    values
        reporting_unit, value; with ``panel`` there is a map for each.
    tiles
        Of :meth:`analysis.catalogue.catalogue.Catalogue.tiles_on`.

    Returns
    -------
    The columns of ``tiles`` with value (missing where a province has none) and panel: one row for
    each tile and panel. No rows where fewer than three provinces have a value: nothing to see.
    """
    held = values.dropna(subset=["value"])
    held = held[held["reporting_unit"].isin(tiles["code"])]
    panels = values[["panel"]].drop_duplicates() if "panel" in values else None
    if held["reporting_unit"].nunique() < 3:
        tiles, held = tiles.iloc[:0], held.iloc[:0]
    every = tiles if panels is None else panels.merge(tiles, how="cross")
    held = held.assign(code=held["reporting_unit"])  # a table of scores has another "code"
    key = ["code"] if panels is None else ["panel", "code"]
    return every.merge(held[[*key, "value"]], on=key, how="left")


def totals(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of the whole as values for :func:`on_tiles`; with nothing to measure there is none."""
    rows = scores[scores["level"] == "framework"]
    return rows.assign(value=rows["score"].where(judged(rows)))


def by_region(placed: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Median of the provinces of each region, the highest first: region, median, provinces, of.

    ``of``: how many provinces the region has, ``provinces`` how many of them have a value.

    Parameters
    ----------
    placed
        Of :func:`on_tiles`.
    regions
        The catalogue's. Where they are not those of just these provinces (after the mergers) there
        are no rows; regions with fewer than three values have none.
    """
    main = placed[placed["part"] == ""]
    if set(main["code"]) != set(regions.index):
        main = main.iloc[:0]
    grouped = main.groupby(main["code"].map(regions[column("region")]).rename("region"))["value"]
    table = grouped.agg(median="median", provinces="count", of="size").reset_index()
    table = table[table["provinces"] >= 3]
    return table.sort_values("median", ascending=False, ignore_index=True)


def where(placed: pd.DataFrame, regions: pd.DataFrame) -> str:
    """Which part of the country is ahead, in a sentence; empty where no regions are known."""
    table = by_region(placed, regions)
    if len(table) < 2:
        return ""
    named = [
        say(
            "{region} ({median}; {held}/{of} tỉnh, thành phố)",
            region=r.region,
            median=number(r.median, 1),
            held=number(r.provinces),
            of=number(r.of),
        )
        for r in table.itertuples()
    ]
    text = say(
        "Trung vị theo vùng: cao nhất {high}, thấp nhất {low}.", high=named[0], low=named[-1]
    )
    return f"{text} {say('Vùng ghi theo trí nhớ, chưa đối chiếu văn bản.')}"
