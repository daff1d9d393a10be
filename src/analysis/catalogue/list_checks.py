"""What can be wrong with the lists of the catalogue: units, tiles, transfers, targets (CSV)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit

import pandas as pd

from analysis.catalogue import code_checks
from analysis.catalogue.reader import Reader, schema
from analysis.catalogue.unit_lists import alive, provinces, standing
from analysis.language.messages import noted, tell
from analysis.language.words import fold

_DAY = pd.Timedelta(days=1)
_TURNS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
"""Signs of direction, which nobody sees and no name here has: a page would show another name."""
_TILE_SETS = {"63": date(2024, 12, 31), "34": date(2025, 7, 1)}  # a day with these provinces
TARGET_KINDS = {
    "at_least": ("low",),
    "at_most": ("high",),
    "below": ("high",),
    "range": ("low", "high"),
    "about": ("low", "high"),
    "top_n": ("high",),
    "gain_at_least": ("low",),
    "gain_range": ("low", "high"),
    "raise_score_keep_rank": (),
    "started_by": ("due",),
    "note": (),
}
"""What a target may ask for, and the bounds that it then states. ``about``: half a unit of the last
digit printed to either side; gains are in ranks on the baseline; ``started_by``: any value above
zero on the day it is due; a ``note`` asks for nothing."""


def certainties() -> list[str]:
    """The closed list of how sure something is."""
    return schema("frameworks")["properties"]["certainty"]["enum"]


_CODED = ("unit_types", "fields", "procedure_groups", "procedures", "regions", "province_regions")
_NAMED_IN = {  # list and column → the list whose codes they are, and which of them
    ("procedures", "procedure_group"): ("procedure_groups", ""),
    ("province_regions", "region"): ("regions", "region"),
    ("province_regions", "key_region"): ("regions", "key_region"),
}


def named(read: Reader, lists: dict[str, pd.DataFrame]) -> None:
    """A code, or a way of writing a name, means one entry alone; codes of other lists are there."""
    for name in _CODED:
        table = lists[name]
        report = _reporting(read, _line(f"{name}.csv", table) + table["code"])
        report(table.duplicated("code"), tell("code occurs twice"))
        if "aliases" in table:
            for i, what in _namesakes(table):
                report(table.index == i, what)
    for (name, column), (other, kind) in _NAMED_IN.items():
        table, known = lists[name], lists[other]
        if any(p.startswith(f"{other}.csv:") for p in read.problems):
            continue  # said already, and nobody knows which there are
        there = known.loc[known["kind"] == kind, "code"] if kind else known["code"]
        strange = table[column].where(~table[column].isin(there), "")
        report = _reporting(read, _line(f"{name}.csv", table) + table["code"])
        what = noted("{column} {value} is not in {other}.csv")
        _once(report, strange, what, column=column, other=other)


def _once(report: Callable, strange: pd.Series, what: str, **named: str) -> None:
    """One value is one fault, however many rows have it; ``strange``: empty where there is none;
    ``what``: a :func:`~analysis.language.messages.noted` text with ``{value}``."""
    for value, rows in strange[strange != ""].groupby(strange):
        more = " " + tell("({n} rows)", n=len(rows)) if len(rows) > 1 else ""
        report(strange.index == rows.index[0], tell(what, value=value, **named) + more)


def _namesakes(entries: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Rows with a name that an entry above has, too: nobody could tell which is meant."""
    first: dict[str, str] = {}
    for row in entries.itertuples():
        for name in [row.code, row.name_vi, row.name_en, *filter(None, row.aliases.split("|"))]:
            if first.setdefault(fold(name), row.code) != row.code:
                yield (
                    row.Index,
                    tell("“{name}” is a name of {first}, too", name=name, first=first[fold(name)]),
                )


def _unit_namesakes(units: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Units with a name that another has on one of their days."""
    spans: dict[str, list[tuple]] = {}
    early, late = pd.Timestamp(1700, 1, 1), pd.Timestamp(2200, 1, 1)
    days = zip(units["valid_from"].fillna(early), units["valid_to"].fillna(late), strict=True)
    for row, (since, to) in zip(units.itertuples(), days, strict=True):
        names = [row.code, row.name_vi, row.name_en, *filter(None, row.aliases.split("|"))]
        for written in {fold(name): name for name in names}.items():
            held = spans.setdefault(written[0], [])
            for code, begun, ended in held:
                if code != row.code and begun <= to and since <= ended:
                    yield (
                        row.Index,
                        tell(
                            "“{written}” is a name of {code} on the same days, too",
                            written=written[1],
                            code=code,
                        ),
                    )
            held.append((row.code, since, to))


def _line(file: str, table: pd.DataFrame) -> pd.Series:
    return f"{file}:" + (table.index + 2).to_series(table.index).astype(str) + ": "


def _reporting(read: Reader, where: pd.Series) -> Callable[[pd.Series, str], None]:
    """Reports what is wrong with some rows; ``where``: file, line and name of each row."""

    def report(rows: pd.Series, what: str) -> None:
        known = set(read.problems)
        told = [f"{place}: {what}" for place in where[rows]]
        read.problems += [problem for problem in told if problem not in known]

    return report


def units(read: Reader, units: pd.DataFrame, types: pd.DataFrame) -> None:
    """Codes, types, names and days of units, and what becomes of them."""
    where = units["_file"] + ":" + units["_line"].astype(str) + ": " + units["code"]
    report = _reporting(read, where)
    report(
        units.duplicated(["code", "valid_from"], keep="first"), tell("code and date occur twice")
    )
    strange = units["type"].where(~units["type"].isin(types["code"]), "")
    _once(report, strange, noted("type {value} is not in unit_types.csv"))
    parents = units["parent"].where(~units["parent"].isin(units["code"]), "")
    _once(report, parents, noted("parent {value} is no unit"))
    report((units["name_vi"] == "") | (units["name_en"] == ""), tell("a name is missing"))
    turned = units["name_vi"].str.contains(_TURNS) | units["name_en"].str.contains(_TURNS)
    report(turned, tell("a name holds a sign that turns the text around: write it anew"))
    plain = units["code"].str.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*")
    report(~plain, tell("code must be plain ASCII"))
    for code, what in code_checks.faults(units.loc[plain, "code"].unique()):
        report((units["code"] == code) & ~units.duplicated("code"), what)
    report(units["valid_from"] > units["valid_to"], tell("valid_from is after valid_to"))
    after = units["valid_to"] + _DAY
    named = (units["successor"] != "") & after.notna()
    there = standing(units, units["successor"], after)["asked"]
    report(named & ~units.index.isin(there), tell("successor is no unit on the day after"))
    for i, what in _unit_namesakes(units):
        report(units.index == i, what)


def tiles(read: Reader, tiles: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with ``row`` and ``column`` as numbers."""
    if any(p.startswith("units") for p in read.problems):
        return tiles  # said already, and nobody knows which there are
    there = {s: set(provinces(units[alive(units, d)])["code"]) for s, d in _TILE_SETS.items()}
    found = list(_tile_faults(tiles, there))
    for i, what in found:
        line, who = (1, "") if i is None else (i + 2, f"{tiles.at[i, 'code']}: ")
        read.problems.append(tell("tiles.csv:{line}: {who}{what}", line=line, who=who, what=what))
    return tiles if found else tiles.astype({"row": int, "column": int})


def _tile_faults(
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
    whole = tiles["row"].str.fullmatch("[0-9]+") & tiles["column"].str.fullmatch("[0-9]+")
    main = tiles["part"] == ""
    twice = {
        tell("two on one tile"): tiles.duplicated(["set", "row", "column"]),
        tell("has a tile already"): tiles.duplicated(["set", "code", "part"]),
        tell("short is that of another"): main & tiles.duplicated(["set", "short", "part"]),
    }
    for i, tile in tiles.iterrows():
        if tile["set"] not in provinces:
            yield i, tell("set is none of {provinces}", provinces=", ".join(provinces))
        elif tile["code"] not in provinces[tile["set"]]:
            yield i, tell("no province of set {set}", set=tile["set"])
        if not whole[i]:
            yield i, tell("row and column must be whole numbers")
        if not tile["short"]:
            yield i, tell("short is missing")
        yield from ((i, what) for what, rows in twice.items() if rows.get(i))
    for name, codes in provinces.items():
        drawn = set(tiles.loc[main & (tiles["set"] == name), "code"])
        if codes - drawn:
            yield (
                None,
                tell(
                    "set {name}: no tile for {codes}",
                    name=name,
                    codes=", ".join(sorted(codes - drawn)),
                ),
            )


def transfers(read: Reader, transfers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with ``date`` as a date."""
    dates = pd.to_datetime(transfers["date"], format="%Y-%m-%d", errors="coerce")
    sides = transfers["from_unit"] + " to " + transfers["to_unit"]
    report = _reporting(read, _line("transfers.csv", transfers) + sides)
    report(dates.isna(), tell("date is no day (yyyy-mm-dd)"))
    report(
        (transfers["function_vi"] == "") | (transfers["function_en"] == ""),
        tell("a name is missing"),
    )
    report(
        (transfers["certainty"] == "") | (transfers["source"] == ""), tell("no certainty or source")
    )
    report(transfers["from_unit"] == transfers["to_unit"], tell("gives to itself"))
    if not any(p.startswith("units") for p in read.problems):
        for side, days in (("from_unit", dates - _DAY), ("to_unit", dates)):
            there = standing(units, transfers[side], days)["asked"]
            what = tell("to_unit is no unit on that day")
            if side == "from_unit":
                what = tell("from_unit is no unit on the day before")
            report(days.notna() & ~transfers.index.isin(there), what)
    return transfers.assign(date=dates)


_TARGET_NUMBERS = ["low", "high", "direction", "baseline"]
_TARGET_DAYS = ["since", "due"]


def targets(
    read: Reader, targets: pd.DataFrame, frameworks: dict, unit_types: pd.DataFrame
) -> pd.DataFrame:
    """Report what is wrong with the list; returns it with numbers and days read.

    A target may be of a framework that nothing here collects; of one that is here it must name an
    indicator.
    """
    report = _reporting(read, _line("targets.csv", targets) + targets["code"])
    days = {c: pd.to_datetime(targets[c], format="%Y-%m-%d", errors="coerce") for c in _TARGET_DAYS}
    figures = {c: pd.to_numeric(targets[c], errors="coerce") for c in _TARGET_NUMBERS}
    for column, found in {**days, **figures}.items():
        what = noted("{column} is no number")
        what = noted("{column} is no day (yyyy-mm-dd)") if column in days else what
        report(found.isna() & (targets[column] != ""), tell(what, column=column))
    report(days["since"].isna(), tell("since is missing"))
    report(targets.duplicated("code"), tell("code occurs twice"))
    for column in ("low", "high"):
        asked = targets["kind"].isin([k for k, bounds in TARGET_KINDS.items() if column in bounds])
        report(
            asked & (targets[column] == ""), tell("{column} is missing for its kind", column=column)
        )
    report(figures["low"] > figures["high"], tell("low is above high"))
    report(days["since"] > days["due"], tell("since is after due"))
    for column in ("name_vi", "name_en", "legal_basis", "source"):
        report(targets[column] == "", tell("{column} is missing", column=column))
    known = set(unit_types["code"])
    named = targets["unit_types"].str.split("|")
    strange = ["|".join(t for t in types if t and t not in known) for types in named]
    strange = pd.Series(strange, targets.index, dtype=str)
    _once(report, strange, noted("unit_types: {value} not in unit_types.csv"))
    here = targets["framework"].isin(frameworks) & (targets["indicator"] != "")
    wrong = [
        there and indicator not in frameworks[framework]["indicators"]
        for there, framework, indicator in zip(
            here, targets["framework"], targets["indicator"], strict=True
        )
    ]
    report(
        pd.Series(wrong, index=targets.index, dtype=bool),
        tell("no such indicator in its framework"),
    )
    return targets.assign(**days, **figures)


_UNREAD = ("from_memory", "unverified")
"""Certainties of what was read nowhere."""


def sources(read: Reader, targets: pd.DataFrame, publishers: pd.DataFrame) -> None:
    """An address is that of a publisher who is listed, and says in what the target was read; what
    was read nowhere is from memory, and that alone."""
    report = _reporting(read, _line("publishers.csv", publishers) + publishers["domain"])
    report(publishers.duplicated("domain"), tell("domain occurs twice"))
    if any(p.startswith("publishers.csv:") for p in read.problems):
        return  # said already, and nobody knows what they are
    report = _reporting(read, _line("targets.csv", targets) + targets["code"])
    kinds = publishers.drop_duplicates("domain").set_index("domain")["kind"]
    domains = targets["source"].map(_domain)
    kind, addressed = domains.map(kinds), domains != ""
    known = addressed & kind.notna()
    strange = domains.where(addressed & ~known, "")
    _once(report, strange, noted("source: {value} is no publisher of publishers.csv"))
    for said in kinds.unique():
        wrong = known & (kind == said) & (targets["read_in"] != said)
        report(
            wrong, tell("read_in is not {said}, what its source is in publishers.csv", said=said)
        )
    memory, unread = targets["read_in"] == "memory", targets["certainty"].isin(_UNREAD)
    report(memory & ~unread, tell("read_in is memory, certainty says that it was read"))
    report(unread & ~memory, tell("certainty says that it was not read, read_in is not memory"))


def _domain(source: str) -> str:
    """The domain of an address; empty for a source in words."""
    return urlsplit(source.split()[0]).netloc if source.startswith("http") else ""
