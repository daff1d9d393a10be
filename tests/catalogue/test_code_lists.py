"""Code lists (CSV) as somebody mistypes them: named with line and column, each thing once."""

import random
import shutil

import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import code_checks, code_lists, list_checks, reader
from analysis.project import Place

LISTS = sorted((Place().catalogue / "codelists").glob("*.csv"))


@pytest.fixture()
def project(tmp_path):
    shutil.copytree(Place().catalogue, tmp_path / "data/catalogue")
    return tmp_path


def problems(project) -> list[str]:
    try:
        cat.load(project)
    except reader.CatalogueError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "what"),
    [
        ("units.csv", "code,name_vi", "cod,name_vi", 1,
         "columns missing: code; unknown column 'cod'; nearest: code"),
        ("regions.csv", "kind,name_vi", "kind,name_vi,kind", 1, "the column 'kind' stands twice"),
        ("fields.csv", "aliases,levels\n", "aliases,levels,note\n", 1, "unknown column 'note'"),
        ("units.csv", "2025-06-30,15,", "30/06/2025,15,", 0, "valid_to is no day (yyyy-mm-dd)"),
        ("units.csv", "2025-06-30,15,", "2025-06-31,15,", 0, "valid_to is no day (yyyy-mm-dd)"),
        ("units.csv", "MND,,,,verified", "MND,,,,surely", 2, "BQP: certainty: the text 'surely'"),
        ("regions.csv", ",region,", ",area,", 2, "kind: the text 'area' is not one of"),
        ("regions.csv", "northern_midlands,region,", ",region,", 2, "code is missing"),
        ("targets.csv", ",range,", ",rang,", 2, "kind: the text 'rang' is not one of"),
        ("targets.csv", "https://moj.gov.vn/", "https://moj.gov.win/", 0,
         "source: moj.gov.win is no publisher of publishers.csv"),
        ("targets.csv", ",verified,press,", ",verified,authority,", 0,
         "read_in is not press, what its source is in publishers.csv"),
        ("targets.csv", ",from_memory,memory,", ",verified,memory,", 0,
         "read_in is memory, certainty says that it was read"),
        ("targets.csv", ",from_memory,memory,", ",from_memory,law_publisher,", 0,
         "certainty says that it was not read, read_in is not memory"),
        ("publishers.csv", "lawnet.vn,law_publisher,", "lawnet.vn,book,", 0,
         "kind: the text 'book' is not one of"),
    ],
)  # fmt: skip
def test_one_fault_of_a_list_is_told_once(project, name, old, new, line, what):
    path = project / "data/catalogue/codelists" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    if name == "regions.csv" and "kind,name_vi,kind" in new:  # and a cell for the column
        path.write_text(path.read_text("utf-8").replace("\n", ",x\n").replace(",x\n", "\n", 1))
    (found,) = problems(project)
    assert found.startswith(f"{name}:{line or text[: text.index(old)].count(chr(10)) + 1}: ")
    assert what in found


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (lambda t: t.replace(",", ";"), "regions.csv:1: columns stand apart by ';': write commas"),
        (lambda t: t.replace(",", "\t"), "regions.csv:1: columns stand apart by '\\t'"),
        (lambda t: t + "x,region\n", "regions.csv:13: has 2 cells, not 4"),
        (lambda t: t + '"x,region,a,b\n', "regions.csv:13: cannot be read: unexpected end of data"),
        (lambda t: "", "regions.csv:1: is empty"),
    ],
)
def test_a_list_saved_otherwise_is_one_problem(project, changed, what):
    path = project / "data/catalogue/codelists/regions.csv"
    path.write_text(changed(path.read_text("utf-8")), "utf-8")
    (found,) = problems(project)
    assert found.startswith(what)


def test_a_mark_of_the_encoding_and_empty_lines_change_nothing(project):
    path = project / "data/catalogue/codelists/regions.csv"
    held = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + held.replace(b"\n", b"\r\n\r\n"))
    assert problems(project) == []
    assert cat.load(project).regions.equals(cat.load().regions)


def test_a_code_that_is_gone_is_one_problem_however_many_rows_name_it(project):
    path = project / "data/catalogue/codelists/regions.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("red_river_delta,region", "red_river,region", 1), "utf-8")
    (found,) = problems(project)
    what = r"province_regions.csv:2: 01: region red_river_delta is not in regions.csv (11 rows)"
    assert found == what


def test_kinds_of_targets_are_those_of_the_code():
    columns = reader.schema("codelists")["properties"]["targets"]["properties"]
    assert columns["kind"]["enum"] == list(list_checks.TARGET_KINDS)
    assert columns["certainty"]["enum"] == list_checks.certainties()


def test_a_list_mistyped_at_random_is_read_or_named_by_line(tmp_path):
    chance, refused = random.Random(20), 0
    for n in range(300):
        path = LISTS[n % len(LISTS)]
        lines = path.read_text("utf-8").splitlines()[:40]
        at = chance.randrange(len(lines))
        cells = lines[at].split(",")
        cells[chance.randrange(len(cells))] = chance.choice(
            ["", "x", '"', "01/08/2022", "2022-02-30", "1.5", "a|b", '"a,b"', "a;b", "\n", "\x00"]
        )
        lines[at] = chance.choice([",".join(cells), "", lines[at] * 2, lines[at][:5], "\t,"])
        (tmp_path / path.name).write_text("\n".join(lines), "utf-8")
        read = reader.Reader(tmp_path)
        table = code_lists.read(read, tmp_path / path.name)
        assert {"code", "from_unit", "domain"} & set(table.columns)
        assert len(read.problems) == len(set(read.problems))
        for problem in read.problems:
            name, line, what = problem.split(":", 2)
            assert name == path.name and 1 <= int(line) <= len(lines) + 1 and what.strip()
        refused += bool(read.problems)
    assert 50 < refused < 300


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("ZZ1", "ZZ1: ZZ1: some systems take it and zz1 for one name: give one of them another"),
        ("CON", "CON: 'CON' cannot be a file name"),
        ("-1", "-1: code must be plain ASCII"),
    ],
    ids=["capitals", "device", "option"],
)
def test_a_code_of_a_unit_that_no_page_can_be_called_by_is_refused(project, code, what):
    path = project / "data/catalogue/codelists/units.csv"
    text = path.read_text("utf-8").rstrip("\n")
    head = text.split("\n")[0].split(",")
    for one, since, to in (("zz1", "2001-01-01", "2001-12-31"), (code, "2020-01-01", "")):
        row = {"code": one, "valid_from": since, "valid_to": to, "certainty": "verified"}
        row |= {"name_vi": f"Sở {one}", "name_en": f"Department {one}", "type": "ministry"}
        text += "\n" + ",".join(row.get(name, "") for name in head)
    path.write_text(f"{text}\n", "utf-8")
    told = [line for line in problems(project) if line.startswith("units.csv:")]
    assert told == [f"units.csv:{text.count(chr(10)) + 1}: {what}"]


def test_a_name_that_would_be_shown_as_another_is_refused(project):
    path = project / "data/catalogue/codelists/units.csv"
    path.write_text(path.read_text("utf-8").replace("Bộ Công", "Bộ \u202eCông", 1), "utf-8")
    (told,) = problems(project)
    assert told == "units.csv:3: BCA: a name holds a sign that turns the text around: write it anew"


def test_indicators_and_forms_that_differ_in_capitals_alone_are_refused(project):
    catalogue = project / "data/catalogue"
    held = reader.Reader(catalogue)
    code_checks.indicators(held, {"nq68": {"indicators": {"paid": {}, "PAID": {}}}})
    code_checks.files(held, "forms", ["b01", "B01"])
    assert [line.partition(": ")[0] for line in held.problems] == [
        "frameworks/nq68.yml:1", "forms/B01.yml:1"
    ]  # fmt: skip
    assert all("for one name: give one of them another" in line for line in held.problems)
