"""What can be wrong with the tiles on which provinces are drawn: (index of the row, what) each."""

from collections.abc import Iterator, Mapping

import pandas as pd

COLUMNS = ("set", "code", "row", "column", "short", "part")


def faults(
    tiles: pd.DataFrame, provinces: Mapping[str, set[str]]
) -> Iterator[tuple[int | None, str]]:
    """Units that nobody knows, two on one tile, provinces without one; no index: the whole list.

    Parameters
    ----------
    tiles
        set, code, row, column, short (as written in the tile), part (islands far out, which are
        drawn beside their province), all as text.
    provinces
        Set → codes of the provinces that it must show.
    """
    absent = [c for c in COLUMNS if c not in tiles]
    if absent:
        yield None, f"columns missing: {', '.join(absent)}"
        return
    whole = tiles["row"].str.fullmatch("[0-9]+") & tiles["column"].str.fullmatch("[0-9]+")
    main = tiles["part"] == ""
    twice = {
        "two on one tile": tiles.duplicated(["set", "row", "column"]),
        "has a tile already": tiles.duplicated(["set", "code", "part"]),
        "short is that of another": main & tiles.duplicated(["set", "short", "part"]),
    }
    for i, tile in tiles.iterrows():
        if tile["set"] not in provinces:
            yield i, f"set is none of {', '.join(provinces)}"
        elif tile["code"] not in provinces[tile["set"]]:
            yield i, f"no province of set {tile['set']}"
        if not whole[i]:
            yield i, "row and column must be whole numbers"
        if not tile["short"]:
            yield i, "short is missing"
        yield from ((i, what) for what, rows in twice.items() if rows.get(i))
    for name, codes in provinces.items():
        drawn = set(tiles.loc[main & (tiles["set"] == name), "code"])
        if codes - drawn:
            yield None, f"set {name}: no tile for {', '.join(sorted(codes - drawn))}"
