"""Files of the catalogue as somebody mistypes them: what is wrong is said with its line, or is not
wrong; never a traceback, never a word on another file."""

import random
import shutil
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis import __main__ as commands
from analysis.catalogue import catalogue as cat
from analysis.catalogue import form_checks, inspection, reader, shapes, sound_shapes, yaml_text
from analysis.project import PROJECT, Place

FORM = """\
form: h3_table
title: {vi: "Bảng thử theo tỉnh", en: "Table by province, a trial"}
layout: table
version: 1
numbers: vietnamese
legal_basis: "thử"
certainty: unverified
tables:
  - sheets: ["Bang"]
    names: {head: ["Tỉnh, thành phố"]}
    columns: {amount: ["Số tiền"], cases: ["Số vụ"]}
items:
  amount: {name: {vi: "Số tiền", en: "Amount"}, kind: decimal, nature: flow, maximum: 100}
  cases: {name: {vi: "Số vụ", en: "Cases"}, kind: count, nature: flow}
rules:
  - {rule: whole_parts, kind: whole, unit: VN, items: [amount], tolerance: 1}
"""

LONG = """\
form: trial_long
title: {vi: "Thử", en: "Trial"}
layout: long
version: 1
numbers: vietnamese
legal_basis: "thử"
certainty: unverified
columns: {reporting_unit: don_vi, record: tinh}
items:
  total: {read_from: {column: tong_so}, name: {vi: "Tổng", en: "Total"}, kind: count, nature: level}
  online: {read_from: {column: mang}, name: {vi: "Mạng", en: "Online"}, kind: count, nature: level}
rules: []
"""


@pytest.fixture()
def project(tmp_path):
    shutil.copytree(Place().catalogue, tmp_path / "data/catalogue")
    return tmp_path


@pytest.fixture(scope="module")
def known():
    held = cat.load()
    units = held.units
    return form_checks.Known(
        list(units["code"]), set(units["parent"]), list(held.unit_types.index), held.rules
    )


def problems(project: Path) -> list[str]:
    """What is wrong with a whole catalogue."""
    try:
        cat.load(project)
    except reader.CatalogueError as error:
        return str(error).splitlines()
    return []


def of_file(path: Path, held: str | bytes, kind: str = "forms", known=None) -> list[str]:
    """What is wrong with one file, and with a form beyond its shape."""
    path.write_bytes(held.encode() if isinstance(held, str) else held)
    read = reader.Reader(path.parent)
    loaded = read.yaml(path, kind)
    assert bool(loaded) != bool(read.problems)
    if loaded and known and kind == "forms":
        for where, what in form_checks.faults(loaded, known, {}):
            read.report(path, where, what)
    return read.problems


_FAULTS = [  # of which form; what is written instead of what; the line and what is said of it
    (FORM, ", unit: VN, items: [amount]", "", 16, "rule whole_parts: whole needs unit, items"),
    (FORM, "unit: VN", "unit: VNM", 16, "rule whole_parts: no unit VNM"),
    (FORM, "kind: whole, unit: VN, items: [amount]", "kind: sum, total: amount", 16,
     "rule whole_parts: sum needs parts"),
    (FORM, "maximum: 100", "maximun: 100", 13,
     "items.amount: unknown key 'maximun'; nearest: maximum"),
    (FORM, "tolerance: 1", "tolerence: 1", 16, "rules.0: unknown key 'tolerence'; near"),
    (FORM, "maximum: 100", "maximum: '100'", 13,
     "items.amount.maximum: must be a number, not the text '100': write it without quotes"),
    (FORM, "maximum: 100", "maximum: .nan", 13, "items.amount.maximum: must be a number, not nan"),
    (FORM, "maximum: 100", "maximum: null", 13,
     "items.amount.maximum: must be a number, not nothing"),
    (FORM, '["Số vụ"]', '["số  VỤ", "Số tiền"]', 11, "two columns may be headed “so tien”"),
    (FORM, "items:\n", "items:\n  - x\nother:\n", 12, "items: must be a mapping (key: value), not"),
    (FORM, "version: 1\n", "version: 1\nversion: 2\n", 5, "version: stands twice, in line 4, too"),
    (FORM, "version: 1\n", "version: 1\nband: 2\n", 5, "file: unknown key 'band'"),
    (FORM, "version: 1\n", "version: 1\nsheet: X\n", 5, "file: unknown key 'sheet'"),
    (FORM, "kind: decimal", "kind: decimals", 13,
     "items.amount.kind: the text 'decimals' is not one of"),
    (FORM, "legal_basis: ", "legal_basis: &x ", 6, "& and * mean nothing here"),
    (FORM, "  cases:", "  2022-01-01:", 14, "items: the key 2022-01-01 must be text"),
    (LONG, "reporting_unit: don_vi, ", "", 8, "columns: the key 'reporting_unit' is missing"),
    (LONG, "reporting_unit: don_vi", "reporting_units: don_vi", 8,
     "columns: unknown key 'reporting_units'; nearest: reporting_unit"),
    (LONG, "record: tinh", "record: Don_Vi", 8, "columns: reporting_unit has the head of another"),
    (LONG, "column: mang", "column: Tong_so", 11, "online is read from where total is"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "old", "new", "line", "told"), _FAULTS)
def test_what_is_wrong_with_a_form_is_said_where_it_stands(
    tmp_path, known, form, old, new, line, told
):
    path = tmp_path / "form.yml"
    assert of_file(path, form, known=known) == [] and old in form
    found = of_file(path, form.replace(old, new, 1), known=known)
    assert any(f.startswith(f"form.yml:{line}: ") and told in f for f in found), found
    assert len(found) == len(set(found))


_BYTES = [
    (b"", ":1: is empty"),
    (b"\n# nothing\n", ":1: is empty"),
    ("form: Số".encode("utf-16"), ":1: cannot be read: not UTF-8"),
    (b"form: x\ntitle: S\xe9\n", ":2: cannot be read: not UTF-8"),
    (b"form: x\ntitle: a\x00b\n", ":2: cannot be read: "),
    (b"- a\n- b\n", ":1: file: must be a mapping"),
    (b"form: {a: [1, 2\n", "cannot be read: "),
    (b"form: !!python/object:os.system x\n", ":1: cannot be read: "),
    (b"form: " + b"[" * 3000 + b"]" * 3000, ":1: "),
    (b"form: a\n--- \nform: b\n", ":2: cannot be read: "),
    (b"form: !!int abc\n", ":1: cannot be read: "),
]


@pytest.mark.parametrize(("held", "told"), _BYTES)
def test_a_file_that_is_no_mapping_in_utf8_is_named(tmp_path, held, told):
    (found, *_) = of_file(tmp_path / "form.yml", held)
    assert found.startswith("form.yml:") and told in found


def test_a_mark_at_the_beginning_is_no_fault(tmp_path):
    assert of_file(tmp_path / "form.yml", b"\xef\xbb\xbf" + FORM.encode()) == []


@pytest.mark.parametrize(
    "name", ["rules.yml", "regimes.yml", "parameters.yml", "systems.yml", "proposals.yml",
             "public_summary.yml",
             "forms/II.06a.yml", "forms/egov.yml", "frameworks/qd766.yml", "surveys/apci.yml"]
)  # fmt: skip
def test_one_broken_file_is_one_problem(project, name):
    path = project / "data/catalogue" / name
    path.write_text("band: 1\n" + path.read_text("utf-8"), "utf-8")
    if name == "forms/egov.yml":  # of which nothing at all can be read
        path.write_bytes("form: Số".encode("utf-16"))
        (found,) = problems(project)
        assert found.startswith(f"{name}:1: cannot be read: not UTF-8")
        return
    (found,) = problems(project)
    assert found.startswith(f"{name}:1: file: unknown key 'band'")


@pytest.mark.parametrize("name", ["units.csv", "unit_types.csv", "regions.csv", "targets.csv"])
def test_a_list_that_cannot_be_read_is_one_problem(project, name):
    (project / "data/catalogue/codelists" / name).write_bytes("code,name\nSố".encode("utf-16"))
    (found,) = problems(project)
    assert name in found and "cannot be read" in found


_NAMESAKES = [
    ("units.csv", "Bộ QP|BQP|MND", "Bộ QP|bo cong an", "“Bộ Công an” is a name of BQP on the same"),
    ("fields.csv", "investment,", "investments,", ""),
    ("fields.csv", "ĐKDN|Đăng ký kinh doanh", "ĐKDN|Đầu tư", "“Đầu tư” is a name of business_"),
    ("fields.csv", "name_vi,", "name,", "columns missing: name_vi"),
    ("regions.csv", "code,kind", "cod,kind", "columns missing: code"),
]


@pytest.mark.parametrize(("name", "old", "new", "told"), _NAMESAKES)
def test_no_name_means_two_entries_of_a_list_on_one_day(project, name, old, new, told):
    path = project / "data/catalogue/codelists" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = problems(project)
    assert all(f.startswith(f"{name}:") for f in found) and bool(found) == bool(told)
    assert not told or told in found[0]


@pytest.mark.parametrize("day", ["01/08/2022", "2022-08-01 10:00:00", "2022-13-45", "20220801", ""])
def test_a_day_is_a_day(tmp_path, day):
    held = (Place().catalogue / "frameworks/qd766.yml").read_text("utf-8").splitlines()
    line = next(n for n, s in enumerate(held, 1) if s.startswith("valid_from: "))
    held[line - 1] = f"valid_from: {day}"
    (found,) = of_file(tmp_path / "qd766.yml", "\n".join(held), "frameworks")
    told = "valid_from: must be a day, written 2021-12-31, not "
    assert found.startswith(f"qd766.yml:{line}: {told}")


# --- files mistyped at random ------------------------------------------------------------------

KINDS = {
    **{p: p.parent.name for d in ("forms", "frameworks", "surveys", "outlines", "exports")
       for p in sorted((Place().catalogue / d).glob("*.yml"))},
    **{p: p.stem for p in sorted(Place().catalogue.glob("*.yml"))},
    **{p: "period" for p in sorted(PROJECT.glob("data/submissions/*/period.yml"))},
    **{p: "edition" for p in sorted(PROJECT.glob("data/survey/*/edition.yml"))},
}  # fmt: skip

_VALUES = ["", "null", "1", "-1", "1.5", "'1'", "yes", "[]", "{}", "[a, b]", "{a: b}",
           "2022-01-01",
           "01/08/2022", "2022-08-01 10:00:00", ".nan", "é", "*x",
           "&x 1", '"', "? [a]", "!!set {a}"]  # fmt: skip


def mistyped(lines: list[str], chance: random.Random) -> list[str]:
    """A file with one line mistyped: a key, a value, a line that stands twice or is gone."""
    held, n = list(lines), chance.choice([i for i, s in enumerate(lines) if ":" in s])
    key, _, value = held[n].partition(":")
    at = chance.randrange(len(held[n]))
    held[n] = chance.choice(
        [
            f"{key}{chance.choice('sxé_')}:{value}",
            f"{key}: {chance.choice(_VALUES)}",
            f"{held[n]}\n{held[n]}",
            "",
            f"  {held[n]}",
            held[n][:at] + chance.choice("{}[]:,'\"#\t x1-") + held[n][at + 1 :],
            held[n].replace("true", "maybe").replace("vi:", "vn:").replace("kind", "kinds"),
        ]
    )
    return "\n".join(held).splitlines()


def test_a_file_mistyped_at_random_is_read_or_said_to_be_wrong_by_line(tmp_path, known):
    chance, refused, files = random.Random(19), 0, list(KINDS)
    for n in range(400):
        path = files[n % len(files)]
        lines = mistyped(path.read_text("utf-8").splitlines()[:120], chance)
        found = of_file(tmp_path / path.name, "\n".join(lines), KINDS[path], known)
        assert len(found) == len(set(found))
        for problem in found:
            name, line, what = problem.split(":", 2)
            assert name == path.name and 1 <= int(line) <= max(len(lines), 1) and what.strip()
        refused += bool(found)
    assert 100 < refused < 400


# --- what is read of YAML ----------------------------------------------------------------------


def test_lines_are_those_of_what_is_named():
    raw = b"a:\n  2022-06-01: 1\n  b: [x,\n    y]\nc: {d: 1}\n"
    held, found = yaml_text.parse(raw)
    lines = yaml_text.Lines(raw)
    assert found == [] and held["a"][date(2022, 6, 1)] == 1
    assert [lines.of(p) for p in (("a",), ("a", date(2022, 6, 1)), ("a", "b", 1), ("c", "e"))] == [
        1, 2, 4, 5,
    ]  # fmt: skip


def test_a_choice_of_shapes_is_held_against_the_one_that_was_meant():
    schema = {"anyOf": [
        {"type": "number"},
        {"type": "object", "properties": {"low": {"type": "number"}},
         "additionalProperties": False},
    ]}  # fmt: skip
    assert shapes.faults(schema, 1) == []
    ((where, what),) = shapes.faults(schema, {"low": "x"})
    assert where == ("low",) and "must be a number" in what
    ((where, what),) = shapes.faults(schema, {"hgih": 1})
    assert where == ("hgih",) and "unknown key 'hgih'" in what


# --- the command -------------------------------------------------------------------------------


def test_the_command_finds_nothing_wrong_with_what_is_shipped():
    ran = CliRunner().invoke(commands.app, ["catalogue", "check"])
    assert ran.exit_code == 0, ran.output
    count = len(list(Place().catalogue.rglob("*.csv"))) + len(KINDS) + 1  # and site.yml
    assert f"{count} files, no problem" in ran.output


def test_the_command_names_file_and_line_of_a_key_that_no_period_has(project):
    folder = project / "data/submissions/2026"
    folder.mkdir(parents=True)
    shipped = (Place().submissions("2024") / "period.yml").read_text("utf-8")
    text = shipped.replace('"2024"', '"2026"', 1) + "\nunit_on: 2007-12-31\n"
    (folder / "period.yml").write_text(text, "utf-8")
    (folder / "broken.xlsx").write_bytes(b"no submission is read")
    files, found = inspection.problems(project)
    line = text.splitlines().index("unit_on: 2007-12-31") + 1
    ((name, ((at, what),)),) = found.items()
    assert (name, at) == ("data/submissions/2026/period.yml", line)
    assert what.startswith("file: unknown key 'unit_on'; nearest: units_on")
    ran = CliRunner().invoke(commands.app, ["catalogue", "check", "--root", str(project)])
    assert ran.exit_code == 1 and f"  {line}: file: unknown key" in ran.output


def test_the_command_names_what_nobody_reads_and_what_site_yml_says(project):
    (project / "data/catalogue/forms/mine.yaml").write_text("form: mine\n")
    (project / "data/submissions/2031-Q1").mkdir(parents=True)
    (project / "reports").mkdir()
    site = (PROJECT / "reports/site.yml").read_text("utf-8")
    changed = site.replace("    audience: internal", "    audiense: internal", 1)
    (project / "reports/site.yml").write_text(changed, "utf-8")
    (project / "notebooks").symlink_to(PROJECT / "notebooks")
    ran = CliRunner().invoke(commands.app, ["catalogue", "check", "--root", str(project)])
    told = " ".join(ran.output.split())
    assert ran.exit_code == 1 and "3 problems in 3 of them" in told
    assert "data/catalogue/forms/mine.yaml 1: nobody reads a file of this name here" in told
    assert "data/submissions/2031-Q1/period.yml 1: file is missing" in told
    line = site[: site.index("    audience: internal")].count("\n") + 1
    assert f"reports/site.yml {line}: pages.submissions: unknown key 'audiense'; nearest" in told


# --- numbers that YAML reads as others ---------------------------------------------------------


@pytest.mark.parametrize("written", ["014", "1:30", "1_000", "0x1F", "1:30.5", "9" * 400])
def test_a_number_that_yaml_reads_as_another_is_named(written):
    _, found = yaml_text.parse(f"a: 1\nb: {written}\n".encode())
    assert found == [(2, f"{written} {yaml_text.NUMBER}")]


@pytest.mark.parametrize("written", ["0", "-12", "14", "1.5", "-.5", "1.0e+3", "'014'", "1,5"])
def test_other_numbers_are_read_as_they_stand(written):
    assert yaml_text.parse(f"b: {written}\n".encode())[1] == []


@pytest.mark.parametrize("text", ["[" * 300_000, "- " * 300_000, "{a: " * 100_000])
def test_what_has_no_bottom_ends_no_process(text):
    held, ((line, what),) = yaml_text.parse(text.encode())
    assert (held, line) == (None, 1) and what.startswith("cannot be read: too many things")


def test_a_whole_number_is_no_decimal_one():
    ((where, what),) = shapes.faults({"type": "integer"}, 400.0)
    assert where == () and "must be a whole number, not 400.0" in what


def test_a_misspelt_item_is_told_once_where_it_is_first_named(project):
    path = project / "data/catalogue/forms/edocs.yml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("  documents_sent: {", "  documents_snet: {", 1), "utf-8")
    (found,) = problems(project)
    line = text[: text.index("item: documents_sent,")].count("\n") + 1
    assert found == f"forms/edocs.yml:{line}: column 3: unknown item documents_sent"


@pytest.mark.parametrize("layout", ["layo_t: sheet", "layout: sheets", "# layout"])
def test_a_layout_that_is_none_is_one_problem(project, layout):
    """What keys a form may have, and must, depends on it: nothing is said of those."""
    path = project / "data/catalogue/forms/edocs.yml"
    path.write_text(path.read_text("utf-8").replace("layout: sheet", layout, 1), "utf-8")
    (found,) = problems(project)
    assert "layout" in found


# --- what is surely sound is told without the standard's own validator ------------------------

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "sheet", "x1", 1.0]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "code", "names"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_BRANCH = {"properties": {"a": {"const": "sheet"}}, "required": ["a"]}
_PARTS = [
    {"type": "string", "minLength": 1},
    {"type": ["integer", "null"], "minimum": 0, "exclusiveMaximum": 3},
    {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"type": "boolean"}},
    {"enum": ["a", 1, None]},
    {"const": False},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"type": "object", "required": ["a"], "additionalProperties": {"type": "string"}},
    {"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1}]},
    {"type": "object", "maxProperties": 1, "dependentRequired": {"a": ["b"]}},
    {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3},
    {"type": "object", "propertyNames": {"pattern": "^c"}, "additionalProperties": True},
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"},
    {"properties": {"a": {}}, "unevaluatedProperties": False,
     "allOf": [{"if": _BRANCH, "then": {"required": ["b"], "properties": {"b": {}}}}]},
    {"if": _BRANCH, "then": {"required": ["b"]}, "else": {"required": ["code"]}},
]  # fmt: skip


@given(st.sampled_from(_PARTS), _JSON)
def test_what_is_sound_has_no_fault_by_the_standard_either(schema, held):
    if sound_shapes.sound(schema, held):
        assert jsonschema.Draft202012Validator(schema).is_valid(held)


def test_what_is_shipped_is_told_sound_at_once():
    """Otherwise every page would wait for a validator that says what is wrong."""
    for path, kind in KINDS.items():
        held, _ = yaml_text.parse(path.read_bytes())
        assert sound_shapes.sound(reader.schema(kind), held), path
