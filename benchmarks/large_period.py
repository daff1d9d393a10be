"""A period of the whole country: 34 provinces and 3,321 communes, one page for each.

Run: ``python benchmarks/large_period.py [--units N] [--communes N] [--profile] [--keep FOLDER]``.
Nothing of it is real, and all of it says so (``synthetic: true``): as many units as there are since
1 July 2025, named "Xã minh họa 00001" …, with figures drawn anew (seeded) around those that the
National Public Service Portal shows of one province (period 2026-Q3), in the same form: one long
file for each province. Unlike there, every unit has every group of inputs, so that all are ranked
and peer groups are as large as they can be.

A temporary project is made of it (notebooks and templates are linked to, not copied), and measured:

* reading, checking and scoring the period, and opening it again once that is done, as pages do;
* building its site, all pages (of units all, or the first ``--units``), with one worker for each
  core: time, and memory of all processes together at most until 10, 50 and 100 % of the pages;
* planning it again when nothing has changed.
"""

import argparse
import contextlib
import cProfile
import os
import pstats
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import batch as benchmark
import memory
import numpy as np
import pandas as pd
import yaml
from pyarrow import parquet

from analysis import period as a_period
from analysis import project
from analysis.period import Loaded
from analysis.site import building, planning

PERIOD, FORM, LIKE = "2026-Q4", "npsp766", "2026-Q3"
SEED, COMMUNES, WARDS = 3321, 3321, 0.2
LINKED = ("notebooks", "reports/templates", "reports/site.yml", "data/reference")
LISTS = Path("data/catalogue/codelists")
SPREAD = {"size": 0.5, "quality": 0.5, "own": 0.3}  # of logarithms, and of log-odds of shares
PARTS = {
    "dossiers_on_time": "dossiers_handled",
    "dossiers_overdue": "dossiers_handled",
    "dossiers_completed": "dossiers_handled",
    "services_partial": "procedures_authority",
    "services_full": "procedures_authority",
    "services_with_online_dossiers": "services_online_total",
    "dossiers_online": "dossiers_all_channels",
    "dossiers_online_on_time": "dossiers_online",
    "dossiers_paid_online": "dossiers_with_fee",
    "procedures_paid_online": "procedures_with_fee",
    "procedures_payable_online": "procedures_with_fee",
}
"""Items that are a part of another; those with ``.numerator`` in their name are found by it."""


# --- the period ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """What figures are drawn around: by item and type of unit, the middle of sizes and of shares.

    ``whole``: part → the item it is a part of; ``flow``: items that grow with the size of a unit.
    """

    items: dict
    whole: dict[str, str]
    flow: set[str]
    middle: pd.DataFrame
    share: pd.DataFrame


def model(held: Loaded) -> Model:
    """The middle of the real figures; what communes lack is in proportion to the province."""
    items = held.catalogue.forms[FORM]["items"]
    at = {(i["read_from"]["group"], i["read_from"]["element"]): c for c, i in items.items()}
    whole = dict(PARTS)
    for (group, element), code in at.items():
        name, _, part = element.rpartition(".")
        if part == "numerator":
            whole[code] = at[group, f"{name}.denominator"]
    types = held.due.set_index("code")["type"]
    wide = held.tables.observations.pivot(
        index="reporting_unit", columns="item", values="obs_value"
    ).reindex(columns=list(items))
    kinds = wide.index.map(types)
    middle = wide.groupby(kinds).mean()
    shares = pd.DataFrame({p: wide[p] / wide[w].where(wide[w] > 0) for p, w in whole.items()})
    share = shares.groupby(kinds).median()
    small = middle["dossiers_handled"] / middle.loc["province", "dossiers_handled"]
    flow = {c for c, i in items.items() if i["nature"] == "flow"}
    for code in set(items) - set(middle.columns[middle.loc["commune"].notna()]):
        ratio = small if code in flow else 1.0
        middle[code] = middle[code].fillna(middle.loc["province", code] * ratio)
    return Model(items, whole, flow, middle, share.fillna(share.loc["province"]))


def figures(drawn_from: Model, kind: str, seed: int) -> dict[str, float]:
    """All items of one unit of a type; items that its type does not report are missing."""
    rng = np.random.default_rng([SEED, seed])
    middle, share = drawn_from.middle.loc[kind], drawn_from.share.loc[kind]
    size, quality = np.exp(SPREAD["size"] * rng.standard_normal()), rng.standard_normal()
    found: dict[str, float] = {}

    def value(code: str) -> float:
        if code in found:
            return found[code]
        if code not in drawn_from.whole:
            about = middle[code] * (size if code in drawn_from.flow else 1.0)
            found[code] = _about(about, drawn_from.items[code], rng)
            return found[code]
        of, likely = value(drawn_from.whole[code]), share[code]
        if np.isnan(of) or np.isnan(likely):
            found[code] = np.nan
        else:
            odds = np.log(likely / (1 - likely)) if 0 < likely < 1 else 8 * (likely - 0.5)
            odds += SPREAD["quality"] * quality + SPREAD["own"] * rng.standard_normal()
            found[code] = float(np.round(of / (1 + np.exp(-odds))))
        return found[code]

    for code in drawn_from.items:
        value(code)
    found["dossiers_overdue"] = found["dossiers_handled"] - found["dossiers_on_time"]
    return found


def _about(middle: float, item: dict, rng: np.random.Generator) -> float:
    if np.isnan(middle):
        return np.nan
    if item["kind"] != "count":
        return float(np.round(middle * np.exp(0.3 * rng.standard_normal()), 2))
    if item["nature"] != "flow":
        return float(np.round(middle))
    return float(rng.poisson(middle))


def communes(provinces: list[str], count: int) -> pd.DataFrame:
    """``count`` communes and wards that do not exist, shared out over the provinces (code list)."""
    rng = np.random.default_rng([SEED, 0])
    weights = rng.uniform(0.5, 1.5, len(provinces))
    ends = np.round(count * np.cumsum(weights) / weights.sum()).astype(int)
    numbers = np.arange(1, count + 1)
    ward = rng.random(count) < WARDS
    named = {True: ("Phường", "ward"), False: ("Xã", "commune")}
    return pd.DataFrame(
        {
            "code": [f"X{n:05d}" for n in numbers],
            "name_vi": [
                f"{named[w][0]} minh họa {n:05d}" for n, w in zip(numbers, ward, strict=True)
            ],
            "name_en": [
                f"Illustrative {named[w][1]} {n:05d}" for n, w in zip(numbers, ward, strict=True)
            ],
            "type": np.where(ward, "ward", "commune"),
            "parent": [provinces[np.searchsorted(ends, n)] for n in numbers],
            "aliases": "",
            "valid_from": "2025-07-01",
            "valid_to": "",
            "successor": "",
            "certainty": "unverified",
        }
    )


def make(root: Path, count: int) -> None:
    """Make the temporary project: catalogue, links, the period's plan and files."""
    held = a_period.load(LIKE)
    for name in LINKED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(held.root / name)
    shutil.copytree(held.root / "data/catalogue", root / "data/catalogue")
    units = held.catalogue.units_on(held.plan.end)
    provinces = units[units["type"].isin(["province", "centrally_run_city"])]
    under = communes(provinces["code"].tolist(), count)
    under.to_csv(root / LISTS / "units_illustrative.csv", index=False)
    folder = root / "data/submissions" / PERIOD
    folder.mkdir(parents=True)
    drawn_from, columns = model(held), list(held.catalogue.forms[FORM]["columns"].values())
    for n, (province, own) in enumerate(under.groupby("parent", sort=True)):
        units_of = [(province, "province", 1_000_000 + n)]
        units_of += [(u.code, u.type, int(u.code[1:])) for u in own.itertuples()]
        rows = [row for unit in units_of for row in _rows(drawn_from, *unit)]
        pd.DataFrame(rows, columns=columns).to_csv(folder / f"values_{province}.csv", index=False)
    plan = {
        "time_period": PERIOD,
        "title": {"vi": "Cả nước, số liệu minh họa", "en": "Whole country, illustrative"},
        "regime": held.plan.regime,
        "forms": [FORM],
        "frameworks": list(held.plan.frameworks),
        "due": {"units": [*provinces["code"], *under["code"]]},
        "synthetic": True,
    }
    (folder / "period.yml").write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    files = sorted(path.name for path in folder.glob("values_*.csv"))
    received = pd.DataFrame({"file": files, "received_at": "2026-12-31"})
    received.to_csv(folder / "received.csv", index=False)


def _rows(drawn_from: Model, code: str, kind: str, seed: int) -> list[list[str]]:
    """The rows of one unit, as the Portal's pages give them; a figure that is missing is empty."""
    found, plain = figures(drawn_from, kind, seed), partial(np.format_float_positional, trim="-")
    return [
        [code, *item["read_from"].values(), "" if np.isnan(found[c]) else plain(found[c])]
        for c, item in drawn_from.items.items()
    ]


# --- what is measured ---------------------------------------------------------------------------


@contextlib.contextmanager
def profiled(wanted: bool) -> Iterator[None]:
    """Print where the time of the block goes, if ``wanted``."""
    if not wanted:
        yield
        return
    with cProfile.Profile() as profile:
        yield
    pstats.Stats(profile).sort_stats("cumulative").print_stats("analysis", 45)


def load(root: Path, profile: bool) -> Loaded:
    """Load the period, print what that took, and what opening it again takes."""
    with memory.Watch() as watch:
        start = time.perf_counter()
        with profiled(profile):
            loaded = a_period.load(PERIOD, root)
        taken = time.perf_counter() - start
    start = time.perf_counter()
    loaded = a_period.load(PERIOD, root)
    again = time.perf_counter() - start
    print(f"  read, check, score  {taken:8.1f} s   {len(loaded.due):,} units")
    print(f"  open again          {again:8.2f} s")
    print(f"  peak memory         {watch.said()}")
    folder = next((root / "data/derived" / PERIOD).glob("[!.]*"))
    for path in sorted(folder.glob("*.parquet"), key=lambda p: -p.stat().st_size)[:5]:
        count = parquet.ParquetFile(path).metadata.num_rows  # not read: memory is measured
        print(f"    {path.stem:<18}{count:>12,} rows {path.stat().st_size / memory.MB:8.1f} MB")
    return loaded


def build(loaded: Loaded, count: int | None) -> None:
    """Build the period's site, print the time and the memory at most until parts of its pages.

    ``count``: of the pages of units only the first so many.
    """
    planned = planning.plan(loaded, force=True)
    of_units = [p for p in planned.pages if p.page.unit]
    left_out = {p.page.output for p in of_units[len(of_units) if count is None else count :]}
    wanted = [p for p in planned.pages if p.page.output not in left_out]
    moments: list[float] = []
    with memory.Watch(2.0) as watch:  # a look takes time of the cores that build
        start = time.monotonic()
        built = building.build(
            loaded,
            workers=benchmark.CORES,
            progress=lambda *_: moments.append(time.monotonic()),
            planned=replace(planned, pages=wanted),
        )
        taken = time.monotonic() - start
    failed = [r for r in built.results if r.status != "ok"]
    print(f"  {len(wanted):,} pages, {benchmark.CORES} workers: {taken:.1f} s, "
          f"{taken / len(wanted):.3f} s/page, {len(failed)} failed")  # fmt: skip
    for result in failed[:5]:
        print(f"    failed: {result.page.name}: {result.message}")
    since = 0.0
    for part in (0.1, 0.5, 1.0):
        until = moments[max(0, round(part * len(moments)) - 1)] - start
        print(f"    to {part:4.0%} ({until:7.1f} s)  {watch.said(since, until)}")
        since = until
    slow = sorted(built.results, key=lambda r: -r.seconds)[:5]
    print("    slowest: " + ", ".join(f"{r.page.name} {r.seconds:.1f} s" for r in slow))
    start = time.monotonic()
    again = planning.plan(loaded)
    print(f"  planned again       {time.monotonic() - start:8.1f} s   {len(again.due)} pages due")


def main() -> None:
    parser = argparse.ArgumentParser(description="A period of 34 provinces and their communes.")
    parser.add_argument("--units", type=int, help="only the first so many unit pages")
    parser.add_argument("--communes", type=int, default=COMMUNES)
    parser.add_argument("--profile", action="store_true", help="profile loading the period")
    parser.add_argument("--keep", type=Path, help="make the project here, and leave it")
    asked = parser.parse_args()
    benchmark.quiet()
    with tempfile.TemporaryDirectory() as temporary:
        root = (asked.keep or Path(temporary)).resolve()
        if not (root / "data").exists():
            make(root, asked.communes)
        # kernels ask for the period alone: this tells them where it is
        os.environ[project.ROOT] = str(root)
        print(f"{PERIOD}, illustrative: {asked.communes:,} communes; {benchmark.versions()}")
        loaded = load(root, asked.profile)
        build(loaded, asked.units)


if __name__ == "__main__":
    main()
