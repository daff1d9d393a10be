"""``python -m tools …``: sample data, translations, lists; for those who work on this software."""

import os
import subprocess
import sys
from pathlib import Path

import typer

from analysis import project
from analysis.catalogue import reader
from analysis.commands.terminal import RootOption, alone, app_of, console, fail, run, say
from analysis.language import languages, messages
from analysis.storage import files
from tools import console_words, keys, licences, rules, translations
from tools.sample import illustration

app = app_of("For those who work on this software: sample data, translations, lists.")


def _of_ours(root: Path) -> None:
    """What is for developers writes into the sources of this software alone."""
    if not languages.LOCALE.is_relative_to(root.resolve()):
        fail(f"{root}: is not where the sources of this software lie ({languages.LOCALE})")


@app.command("translations")
def update_translations(root: RootOption = project.PROJECT) -> None:
    """Bring the files of translated sentences up to date; say what they lack."""
    _of_ours(root)  # sentences that are not found there are taken out of the files
    for code in languages.LANGUAGES:
        if code != languages.SOURCE:
            try:
                translations.update(root, code)
                found = translations.faults(root, code)
            except (ValueError, SyntaxError) as error:  # a notebook that is none
                fail(error)
            for fault in found:
                say(fault)
            console.print(f"{languages.path(code)}: {len(found)} to mend", highlight=False)
    console_words.update(root)
    for fault in (found := console_words.faults(root)):
        say(fault)
    console.print(f"{messages.FILE}: {len(found)} to mend", highlight=False)


@app.command("licences")
def list_licences(root: RootOption = project.PROJECT) -> None:
    """Write the licences of the pinned libraries to LICENCES.md."""
    _of_ours(root)
    table = licences.pinned(*root.glob("requirements*.lock"))
    files.write(root / "LICENCES.md", licences.page(table).encode())
    unknown = table.loc[table["licence"] == "", "name"]
    console.print(f"LICENCES.md: {len(table)} libraries, {len(unknown)} unknown {list(unknown)}")


@app.command("rules")
def list_rules(root: RootOption = project.PROJECT) -> None:
    """Write which function sets which rule to docs/rules.md."""
    _of_ours(root)
    try:
        text = rules.page(root)
    except ValueError as error:
        fail(error)
    files.write(root / rules.PLACE, text.encode())
    say(f"{rules.PLACE}: written")


@app.command("keys")
def list_keys(root: RootOption = project.PROJECT) -> None:
    """Write all keys of the files that officials sign to docs/catalogue-keys.md."""
    _of_ours(root)
    files.write(root / keys.PLACE, keys.page().encode())
    say(f"{keys.PLACE}: written")


LONG = {
    "coverage of intervals": ["tests/survey/test_coverage.py", "2000"],
    "runs that are killed": ["tools/crash.py", "--trials", "100"],
    "files that nobody should send": ["tools/fuzz.py", "--files", "10000"],
    "consoles": ["tests/consoles.py"],
    "properties": ["-m", "pytest", "-n", "auto", "--hypothesis-profile=thorough"],
    "guards": ["tools/guards.py"],
}
"""What takes too long for every day, and is tried in small by the tests: what → how."""


@app.command("long")
def long_runs(root: RootOption = project.PROJECT) -> None:
    """Run one after the other what takes hours: kills, files, samples, guards, many examples of
    each property. Exit 1 if any found something."""
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    found = []
    for what, words in LONG.items():
        say(f"{what}: python {' '.join(words)}")
        env = os.environ | {"PYTHONPATH": path}
        done = subprocess.run([sys.executable, *words], cwd=root, env=env)
        found += [what] if done.returncode else []
    named = f": {', '.join(found)}" if found else ""
    say(f"{len(LONG)} long runs, {len(found)} found something{named}")
    raise typer.Exit(1 if found else 0)


@app.command("sample")
def rebuild_sample(root: RootOption = project.PROJECT) -> None:
    """Rebuild the illustrative periods and survey editions (seeded, synthetic).

    Only what was made so before is replaced or removed (data/samples/*.sha256); a folder in which
    something else is in the way is left as it is, whole, and named. Exit 1 if there is one.
    """
    with alone("sample", root):
        made = _made(root)
        refused = 0
        for folder, barred, held in made:
            placed = illustration.Placed(folder, refused=barred)
            placed = placed if barred else illustration.place(folder, held, root)
            refused += bool(placed.refused)
            _print_placed(placed, root)
    if refused:
        say(
            f"{refused} of {len(made)} folders were left as they are. Move what is in the way "
            "elsewhere, or take it out of the folder, then run the same command again."
        )
    raise typer.Exit(1 if refused else 0)


def _made(root: Path) -> list[tuple[illustration.Folder, list[str], illustration.Made | None]]:
    """All folders of the illustration with what bars them, or else what they are to hold."""
    made: list[tuple] = []
    try:
        folders = illustration.folders(root)
        for n, folder in enumerate(folders, 1):
            barred = illustration.barred(folder, root)
            if not barred:
                say(f"{folder.code} ({n}/{len(folders)}): making files …")
            made.append((folder, barred, None if barred else folder.make()))
    except (reader.CatalogueError, ValueError, FileNotFoundError) as error:
        fail(f"{error}\nNothing was written.")
    return made


def _print_placed(placed: illustration.Placed, root: Path, most: int = 10) -> None:
    where = placed.folder.path.relative_to(root).as_posix()
    for reason in placed.refused:
        say(f"in the way: {where}: {reason}")
    if placed.refused:
        return
    left, removed = placed.left, placed.removed
    counts = f"{placed.written} files written, {placed.unchanged} unchanged"
    counts += f", {len(removed)} removed" if removed else ""
    if left:
        more = f" and {len(left) - most} more" if len(left) > most else ""
        counts += f"; left alone, as not ours: {', '.join(left[:most])}{more}"
    say(f"{where}: {counts}")


if __name__ == "__main__":
    with messages.using(messages.CODE):  # those who work on the software read its English
        run(app)
