"""Whether blanks that check themselves say what `check` says: random fillings, LibreOffice.

    python benchmarks/blank_verdicts.py 2022-Q2 --form II.06a --files 30 --seed 1

Each filling is right by the form's rules, or has up to three faults. LibreOffice calculates the
workbooks anew; then the sheet "Sẵn sàng gửi" must say yes exactly of those in which `check` finds
nothing blocking, and what is read of a file must be the same before and after LibreOffice.
"""

import argparse
import random
import subprocess
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import blank_forms, ready_sheet
from analysis.reading.layouts.self_checks import READY


def right(form: dict, rng: random.Random) -> dict[str, int]:
    """Figures of one row that fulfil the rules of the form, of whatever severity."""
    held = {item: rng.randrange(60) for item in form["items"]}
    sums = {r["total"]: r["parts"] for r in reversed(form["rules"]) if r["kind"] == "sum"}

    def leaf(item: str) -> str:
        return leaf(sums[item][0]) if item in sums else item

    for _ in range(30):
        for rule in form["rules"]:
            if rule["kind"] == "sum":
                added = sum(held[part] for part in rule["parts"])
                if rule["parts"] != sums[rule["total"]]:  # added up in two ways
                    apart = held[rule["total"]] - added
                    held[leaf(rule["parts"][0] if apart > 0 else rule["total"])] += abs(apart)
                else:
                    held[rule["total"]] = added
            elif rule["kind"] == "at_most":
                held[rule["limit"]] = max(held[rule["limit"]], held[rule["item"]])
    return held


def fill(book, form: dict, rows: list, rng: random.Random) -> list[str]:
    """Fill a blank in; returns the faults that were put into it."""
    sheet = book[form["sheet"]]
    numbers = {c["item"]: c["number"] for c in form["columns"] if "item" in c}
    parts = [r for r in rows if r.kind == "field"]
    spare = [r for r in rows if r.kind == "spare"]
    if spare and rng.random() < 0.5:
        sheet.cell(spare[0].row, 2, "Lĩnh vực riêng của đơn vị")
        parts.append(spare[0])
    if not parts:
        parts = [r for r in rows if r.kind == "total" and r.level != "_T"] or rows[:1]
    figures = {r.row: right(form, rng) for r in parts}
    for r in rows:
        if r.kind == "total" and r.row not in figures:
            own = [figures[p.row] for p in parts if r.level in ("_T", p.level)]
            figures[r.row] = {item: sum(f[item] for f in own) for item in numbers}
    for row, values in figures.items():
        for item, value in values.items():
            sheet.cell(row, numbers[item], value)
    told, places = [], [(row, c) for row in figures for c in numbers.values()]
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        row, column = rng.choice(places)
        cell = sheet.cell(row, column)
        fault = rng.choice(
            ["more", "negative", "half", "words", "blank", "-", "x", "huge", "twice"]
        )
        if fault == "twice" and spare:
            sheet.cell(spare[-1].row, 2, next(r.label for r in rows if r.kind == "field"))
            sheet.cell(spare[-1].row, 3, 0)
        elif fault != "twice":
            value = cell.value if isinstance(cell.value, int) else 0
            cell.value = {"more": value + 1, "negative": -1, "half": value + 0.5, "words": "mười",
                          "blank": None, "huge": 2_000_000_000}.get(fault, fault)  # fmt: skip
        told.append(f"{fault} {cell.coordinate}")
    return told


def calculated(files: list[Path], folder: Path) -> None:
    """The files as LibreOffice saves them."""
    for n in range(0, len(files), 30):
        command = ["timeout", "90", "soffice", "--headless", "--convert-to", "xlsx"]
        given = map(str, files[n : n + 30])
        subprocess.run([*command, "--outdir", str(folder), *given], check=True, capture_output=True)


def checked(folder: Path, plan, catalogue) -> dict[str, pd.DataFrame]:
    """What is found in the files of a folder."""
    root = folder.parent
    return pipeline.check(plan, catalogue, root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("period")
    parser.add_argument("--form", required=True)
    parser.add_argument("--files", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng, catalogue = random.Random(given.seed), cat.load()
    plan = plans.plan(given.period, catalogue)
    asked = [d for d in blank_forms.due(plan, catalogue) if d[0]["form"] == given.form]
    asked = rng.sample(asked, min(given.files, len(asked)))
    names = blank_forms.form_fields(catalogue.forms[given.form], catalogue)
    with tempfile.TemporaryDirectory() as aside:
        roots = [Path(aside, name) for name in ("typed", "saved")]
        folders = [project.Place(root).submissions(plan.code) for root in roots]
        for folder in folders:
            folder.mkdir(parents=True)
        faults = {}
        for (form, unit, name), data in zip(
            asked, blank_forms.made(asked, plan, catalogue), strict=True
        ):
            path = folders[0] / name
            path.write_bytes(data)
            book = openpyxl.load_workbook(path)
            rows = blank_forms.rows(form, unit["type"], plan.end, names)
            faults[name] = fill(book, form, rows, rng)
            book.save(path)
        calculated(sorted(folders[0].iterdir()), folders[1])
        told = [pipeline.check(plan, catalogue, root) for root in roots]
        said = {
            path.name: openpyxl.load_workbook(path, data_only=True)[READY]
            for path in sorted(folders[1].iterdir())
        }
        held = [t["observations"].drop(columns="received_at") for t in told]
        pd.testing.assert_frame_equal(*held)
        apart = 0
        for name, sheet in said.items():
            issues = told[1]["issues"]
            own = issues[(issues["source_file"] == name) & (issues["severity"] == "blocking")]
            verdict = str(sheet[ready_sheet.VERDICT].value)
            if verdict.startswith(ready_sheet.YES) != own.empty:
                apart += 1
                print(name, faults[name], verdict, own[["source_cell", "rule"]].values.tolist())
        ready = sum(str(s[ready_sheet.VERDICT].value).startswith(ready_sheet.YES)
                    for s in said.values())  # fmt: skip
        print(f"{given.form}: {len(said)} files, {ready} ready, {apart} verdicts differ")


if __name__ == "__main__":
    main()
