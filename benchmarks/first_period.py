"""A first period of a few units while most is still missing, built and packed in every combination.

    python benchmarks/first_period.py [CASE …]

Each form alone, each unit alone (with all its forms), all cells blank, and with no day of receipt
known. Ends with 1 where a page fails, shows what is no figure, or the site cannot be packed.
"""

import argparse
import html
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from tools.sample import country

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.period import load
from analysis.site import building, share

PERIOD = "2022-Q2"
UNITS = ["VPCP", "BYT", "BTP", "01", "04", "79"]
SHIPPED = project.Place().submissions(PERIOD)
NO_FIGURE = re.compile(r"\bnan\b|\bNone\b|\bNaT\b|\b0 trong 0\b|\b0/0\b")


def cases() -> Iterator[tuple[str, list[str]]]:
    """Name of each case and the shipped files that have come in it."""
    forms = yaml.safe_load((SHIPPED / "period.yml").read_text("utf-8"))["forms"]
    known = cat.load().forms
    for code in forms:
        yield f"form {code}", [name for name in _files(known[code]) if _of(name, UNITS)]
    for unit in UNITS:
        yield f"unit {unit}", [n for code in forms for n in _files(known[code]) if _of(n, [unit])]
    every = [n for code in forms for n in _files(known[code]) if _of(n, UNITS)]
    yield "blank", [name for name in every if name.endswith(".xlsx")]
    yield "no ledger", every


def _files(form: dict) -> list[str]:
    start = form["form"].replace(".", "")
    return sorted(p.name for p in SHIPPED.glob(f"{start}_*") if "." in p.name)


def _of(name: str, units: list[str]) -> bool:
    return any(f"_{unit}_" in name for unit in units)


def project(root: Path, case: str, names: list[str]) -> None:
    for name in ("data/catalogue", "data/reference", "notebooks", "reports/templates"):
        shutil.copytree(project.PROJECT / name, root / name)
    shutil.copy(project.PROJECT / "reports/site.yml", root / "reports/site.yml")
    folder = project.Place(root).submissions(PERIOD)
    folder.mkdir(parents=True)
    stated = yaml.safe_load((SHIPPED / "period.yml").read_text("utf-8"))
    stated |= {"due": {"units": UNITS}}
    (folder / "period.yml").write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    for name in names if case != "blank" else ():
        shutil.copy(SHIPPED / name, folder / name)
    if case == "blank":
        _blanks(root, folder)
    if case != "no ledger":
        shutil.copy(SHIPPED / "received.csv", folder / "received.csv")


def _blanks(root: Path, folder: Path) -> None:
    """The workbooks that a careful office would send, without their figures."""
    whole, catalogue = country.country(), cat.load(root)
    plan = plans.plan(PERIOD, catalogue, root)
    names = dict(zip(catalogue.fields["code"], catalogue.fields["name_vi"], strict=True))
    for form in (f for f in whole.forms(PERIOD) if f["layout"] == "sheet"):
        figures = whole.figures(form, PERIOD)
        for _, unit in plans.due_units(catalogue, plan, form["form"]).iterrows():
            own = figures[figures["reporting_unit"] == unit["code"]]
            held = country.filled(form, unit, plan, names, own)
            for at in held.at.values():
                held.sheet.cell(*at).value = None
            path = folder / f"{form['form']}_{unit['code']}_{PERIOD}.xlsx"
            path.write_bytes(country.saved(held))


def faults(root: Path) -> Iterator[str]:
    loaded = load(PERIOD, root)
    built = building.build(loaded)
    print(f"  {len(built.results)} pages", flush=True)
    for result in built.results:
        if result.status != "ok":
            yield f"{result.page.name}: {result.message}"
        text = (built.index.parent / result.page.output).read_text("utf-8")
        text = re.sub(r"<(script|style|details)\b.*?</\1>", " ", text, flags=re.DOTALL)
        for found in NO_FIGURE.finditer(html.unescape(re.sub(r"<[^>]+>", " ", text))):
            yield f"{result.page.name} shows {found.group(0)!r}"
    for public in (False, True):
        try:
            share.archive(loaded, root / f"{public}.zip", public)
        except (share.NotBuiltError, share.NotPublicError) as error:
            yield str(error)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", nargs="*", help="only these, as they are called when they begin")
    asked = parser.parse_args().case
    wrong = 0
    for case, names in cases():
        if asked and case not in asked:
            continue
        print(case, flush=True)
        if not names:
            print("  nothing is shipped")
            continue
        with tempfile.TemporaryDirectory() as folder:
            project(Path(folder), case, names)
            for fault in faults(Path(folder)):
                wrong += 1
                print(f"  FAILED {fault}", flush=True)
    print(f"{wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
