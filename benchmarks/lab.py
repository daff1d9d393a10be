"""Four notebooks run in a real JupyterLab and by nbconvert: can what they show be read?

Run: ``python benchmarks/lab.py FOLDER``.

The notebooks 00, 41, 50 and 90 are copied, opened in a JupyterLab of their own (nothing of the
user's is read or changed), run there with "Run all" in a kernel as ``make lab`` gives it, and
looked at, folds opened, in the light and in the dark theme; then ``jupyter nbconvert --execute --to
html`` runs them again. Of each drawing the pixels are measured, of each text the contrast. Pictures
of all are kept in FOLDER. Prints what cannot be read; exits 1 if there is any.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import labs
from playwright.sync_api import sync_playwright

from analysis import project
from analysis.batch import kernels


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="lab-") as home,
        sync_playwright() as playwright,
        labs.browser(playwright) as browser,
    ):
        found = in_lab(browser, Path(home), folder) | by_nbconvert(browser, Path(home), folder)
    for place, (drawn, told, faults) in found.items():
        print(f"{' '.join(place)}: {drawn} drawings, {told} texts", *faults, sep="\n    ")
    return any(faults for _, _, faults in found.values())


def in_lab(browser, home: Path, folder: Path) -> dict:
    """(where, notebook) → what was looked at, and what cannot be read."""
    copies, found = home / "notebooks", {}
    copies.mkdir()
    for name in labs.NOTEBOOKS:
        shutil.copy(project.PROJECT / "notebooks" / f"{name}.ipynb", copies)
    with labs.server(home, copies) as address:
        page = browser.new_page(viewport=labs.VIEW)
        lab = labs.Lab(page, address)
        for name in labs.NOTEBOOKS:
            lab.open(name, kernel=True)
            lab.run_all()
        for side in labs.THEMES:
            lab.dress(side)
            for name in labs.NOTEBOOKS:
                panel = lab.open(name)
                found[f"JupyterLab {side}", name] = read(page, panel, side)
                with labs.at_full_length(page, f"{panel} .jp-WindowedPanel-outer"):
                    page.screenshot(path=folder / f"lab-{side}-{name}.png")
    return found


def by_nbconvert(browser, home: Path, folder: Path) -> dict:
    found = {}
    for side in labs.THEMES:
        files = [str(project.PROJECT / "notebooks" / f"{name}.ipynb") for name in labs.NOTEBOOKS]
        command = [sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", "html"]
        command += ["--theme", side, "--output-dir", str(home / side), *files]
        env = os.environ | {"JUPYTER_PATH": str(kernels.KERNELSPECS.parent)}
        subprocess.run(command, check=True, capture_output=True, env=env)
        for name in labs.NOTEBOOKS:
            page = browser.new_page(viewport=labs.VIEW)
            page.goto((home / side / f"{name}.html").as_uri(), wait_until="domcontentloaded")
            found[f"nbconvert {side}", name] = read(page, "body", side)
            page.screenshot(path=folder / f"nbconvert-{side}-{name}.png", full_page=True)
            page.close()
    return found


def read(page, within: str, side: str) -> tuple[int, int, list]:
    # what lies in a closed fold has no place in the window: a reader opens it, too
    page.eval_on_selector_all(f"{within} details", "all => all.forEach(fold => fold.open = true)")
    seen, told = labs.drawings(page, within), labs.words(page, within)
    faults = [(n, f) for n, drawing in enumerate(seen) for f in drawing.faults(labs.COLOURS[side])]
    return len(seen), len(told), faults + [t for t in told if t[0] < 4.5]


if __name__ == "__main__":
    sys.exit(main())
