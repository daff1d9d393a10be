"""A site beside its receipt: what is missing, changed or unknown is named, and nothing else."""

import json
import shutil
import zipfile

import crashes
import pytest
from shared import call

from analysis.site import verify
from analysis.storage import files

SITE = f"reports/{crashes.PERIOD}"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project whose site is built in two languages."""
    root = crashes.project(tmp_path_factory.mktemp("verify") / "project")
    code, printed = call(
        root, "run", crashes.PERIOD, "--workers", "1", "--lang", "en", "--page", "glance"
    )
    assert code == 0, printed
    return root


@pytest.fixture(scope="module")
def whole(root, tmp_path_factory):
    """The project once the other pages of its site are built, too."""
    built = shutil.copytree(root, tmp_path_factory.mktemp("whole") / "project")
    code, printed = call(built, "run", crashes.PERIOD, "--workers", "1")
    assert code == 0, printed
    return built


@pytest.fixture
def built(root, tmp_path):
    return shutil.copytree(root, tmp_path / "project")


def found(folder, root) -> set[tuple[str, str, str]]:
    differences = verify.site(folder, root).differences
    return set(differences.itertuples(index=False, name=None))


def test_a_site_as_it_was_built_holds_in_each_language(root):
    for site in (SITE, f"reports/en/{crashes.PERIOD}"):
        code, printed = call(root, "verify", str(root / site))
        assert code == 0 and "3 inputs compared, 0 differences" in printed, printed
    stated = json.loads((root / SITE / "receipt.json").read_text("utf-8"))
    own = {"glance.html", "glance.xlsx", "index.html", "search.json", "2026-Q3-data.zip"}
    own |= {"explore.html"}
    assert set(stated["written"]) == own
    assert {"period.yml", "received.csv", "values.csv"} == set(stated["inputs"])


def test_what_is_missing_changed_or_unknown_is_named_and_nothing_else(built):
    site = built / SITE
    with (site / "glance.html").open("a") as page:
        page.write(" ")
    (site / "index.html").unlink()
    (site / "units").mkdir()
    (site / "units/added.html").write_text("not ours")
    (site / ".hidden").write_text("nor this")
    crashes.change(built)
    submissions = crashes.values(built).parent
    (submissions / "received.csv").unlink()
    (submissions / "late.csv").write_text("a\n")
    assert found(site, built) == {
        ("page", "glance.html", "changed"),
        ("page", "index.html", "missing"),
        ("page", "units/added.html", "unknown"),
        ("page", ".hidden", "unknown"),
        ("input", "values.csv", "changed"),
        ("input", "received.csv", "missing"),
        ("input", "late.csv", "unknown"),
    }
    code, printed = call(built, "verify", str(site))
    assert code == 1 and "7 differences" in printed and "units/added.html unknown" in printed


def test_a_receipt_is_held_against_every_file(tmp_path):
    site, sent = tmp_path / "site", tmp_path / "data/submissions/2022-Q2"
    sent.mkdir(parents=True)
    site.mkdir()
    for name in ("same", "changed", "unknown"):
        for folder, path in ((site, site / f"{name}.html"), (sent, sent / f"{name}.csv")):
            path.write_text(f"{name} in {folder}")
    (site / "nowhere.html").symlink_to("gone.html")
    outside = tmp_path / "outside"
    outside.write_text("x")
    digests = {path.name: files.sha256(path) for path in (*site.glob("[!n]*"), *sent.iterdir())}
    stated = {
        kind: {f"same.{end}": digests[f"same.{end}"], f"changed.{end}": "0", f"missing.{end}": "0"}
        for kind, end in (("written", "html"), ("inputs", "csv"))
    }
    stated["written"]["../outside"] = files.sha256(outside)
    told = {"time_period": "2022-Q2", "catalogue_sha256": "", "code": ""}
    (site / "receipt.json").write_text(json.dumps(told | stated))
    assert found(site, tmp_path) == {
        ("page", "changed.html", "changed"),
        ("page", "missing.html", "missing"),
        ("page", "../outside", "missing"),
        ("page", "unknown.html", "unknown"),
        ("page", "nowhere.html", "unknown"),
        ("input", "changed.csv", "changed"),
        ("input", "missing.csv", "missing"),
        ("input", "unknown.csv", "unknown"),
    }


def test_inputs_are_those_of_the_period_or_edition_and_of_nothing_elsewhere(tmp_path):
    for name in (
        "data/secret.csv",
        "data/survey/apci-2022/b.csv",
        "data/submissions/2022-Q2/a.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    told = {"catalogue_sha256": "", "code": "", "written": {}, "inputs": {}}
    for code, names in {
        "2022-Q2": {"a.csv"},
        "apci-2022": {"b.csv"},
        "..": set(),
        "../../data": set(),
    }.items():
        (tmp_path / "receipt.json").write_text(json.dumps(told | {"time_period": code}))
        seen = {name for part, name, _ in found(tmp_path, tmp_path) if part == "input"}
        assert seen == names, code


def test_another_catalogue_and_another_notebook_are_named(built):
    with (built / "data/catalogue/rules.yml").open("a", encoding="utf-8") as file:
        file.write("\n# another\n")
    assert found(built / SITE, built) == {("project", "catalogue", "changed")}
    shutil.copy(built / "notebooks/10_glance.ipynb", built / "notebooks/11_other.ipynb")
    assert ("project", "code", "changed") in found(built / SITE, built)


@pytest.mark.parametrize("public", [False, True])
def test_a_site_out_of_an_archive_is_checked_like_one_in_place(whole, tmp_path, public):
    packed = tmp_path / "site.zip"
    words = ("share", crashes.PERIOD, str(packed), *(["--public"] if public else []))
    built = shutil.copytree(whole, tmp_path / "project")
    code, printed = call(built, *words)
    assert code == 0, printed
    with zipfile.ZipFile(packed) as book:
        book.extractall(tmp_path / "out")
    for site in (crashes.PERIOD, f"en/{crashes.PERIOD}"):
        checked = verify.site(tmp_path / "out" / site, built)
        assert checked.differences.empty and checked.pages >= 2
        assert checked.inputs == (0 if public else 3)
        assert bool(checked.notes) == public
    elsewhere = verify.site(tmp_path / "out" / crashes.PERIOD, tmp_path)
    assert elsewhere.differences.empty and elsewhere.inputs == 0 and elsewhere.notes
    (tmp_path / "out" / crashes.PERIOD / "glance.html").write_text("forged")
    assert found(tmp_path / "out" / crashes.PERIOD, built) == {("page", "glance.html", "changed")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"time_period": 1}', '{"written": [], "time_period": "x"}']
)
def test_a_folder_without_a_receipt_is_a_clear_message(tmp_path, text):
    if text:
        (tmp_path / "receipt.json").write_text(text)
    code, printed = call(tmp_path, "verify", str(tmp_path))
    assert code == 2 and "receipt.json" in printed and "Traceback" not in printed


def test_names_that_lead_out_of_the_site_are_missing_files(built):
    path = built / SITE / "receipt.json"
    stated = json.loads(path.read_text("utf-8"))
    stated["written"]["../../data/catalogue/rules.yml"] = "0" * 64
    path.write_text(json.dumps(stated))
    assert found(built / SITE, built) == {("page", "../../data/catalogue/rules.yml", "missing")}
