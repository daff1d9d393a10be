"""Which of several submissions counts, unit by unit: files of one unit and of many."""

from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.checking import claims, standing
from analysis.period import check
from analysis.schema.tables import LOCATED

PLAN = plans.plan("2024", cat.load())
WINDOWS = pd.DataFrame(columns=["source_file"])
FORMS = {"f": {"layout": "long"}}


def cells(files: dict[str, str]) -> pd.DataFrame:
    """Cells of long files, each of which names the units that its letters stand for."""
    rows = [
        dict(source_file=name, source_sheet="", source_cell=f"A{row}", row=row, column=1)
        | dict(raw_text=unit, raw_type="text", form="f", role="unit", unit_text=unit)
        for name, units in files.items()
        for row, unit in enumerate(units, 2)
    ]
    return LOCATED.of(rows).assign(reporting_unit=lambda t: t["unit_text"])


def decided(files: dict[str, str], arrivals: list[str], same: dict | None = None):
    """Files → units, names in the order of arrival (one a day), name → content where alike."""
    received = pd.DataFrame(
        {
            "file": pd.Series(arrivals, dtype=object),
            "received_at": pd.date_range("2024-06-01", periods=len(arrivals)),
            "sha256": None,
        }
    )
    hashes = {name: (same or {}).get(name, name) for name in files}
    return standing.decide(cells(files), WINDOWS, received, hashes, PLAN, FORMS)


def in_force(files: dict[str, str], found: standing.Standing) -> dict[str, set[str]]:
    """Unit → the files that count for it."""
    claims = found.claims.set_index(["source_file", "reporting_unit"])["state"].to_dict()
    held = {unit: set() for units in files.values() for unit in units}
    for name, units in files.items():
        for unit in units:
            if claims.get((name, unit), "in_force") == "in_force":
                held[unit].add(name)
    return held


def states(found: standing.Standing) -> dict[str, str]:
    return found.submissions.set_index("source_file")["state"].to_dict()


CASES = [
    ("one after the other", {"a": "x", "b": "x"}, "ab", {"x": "b"}, "superseded in_force"),
    ("against the order of names", {"a": "x", "b": "x"}, "ba", {"x": "a"}, "in_force superseded"),
    ("what came back", {"a": "x", "b": "x"}, "aba", {"x": "a"}, "in_force superseded"),
    ("many, then one of them", {"a": "xy", "b": "x"}, "ab", {"x": "b", "y": "a"},
     "in_force in_force"),
    ("one, then many", {"a": "x", "b": "xy"}, "ab", {"x": "b", "y": "b"}, "superseded in_force"),
    ("one, many, and the one once more", {"a": "x", "b": "xy"}, "aba", {"x": "a", "y": "b"},
     "in_force in_force"),
    ("many, replaced unit by unit", {"a": "xy", "b": "x", "c": "y"}, "abc", {"x": "b", "y": "c"},
     "superseded in_force in_force"),
    ("of one nothing is known", {"a": "x", "b": "x"}, "a", {"x": ""}, "refused refused"),
    ("nothing is known", {"a": "x", "b": "x"}, "", {"x": ""}, "refused refused"),
    ("nothing is known of one, two came", {"a": "x", "b": "x", "c": "x"}, "ab", {"x": ""},
     "superseded refused refused"),
    ("nothing is known, of one unit", {"a": "xy", "b": "x"}, "", {"x": "", "y": "a"},
     "in_force refused"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "files", "came", "held", "said"), CASES, ids=[c[0] for c in CASES])
def test_the_latest_that_names_a_unit_counts_for_it(why, files, came, held, said):
    found = decided(files, list(came))
    assert in_force(files, found) == {unit: set(name) for unit, name in held.items()}
    assert list(states(found).values()) == said.split()


def test_equal_content_counts_once_also_of_many_units():
    for units in ("x", "xy"):
        files = {"a": units, "b": units}
        found = decided(files, ["a", "b"], dict.fromkeys(files, "same"))
        assert states(found) == {"a": "in_force", "b": "duplicate"}
        assert set(found.findings["rule"]) == {"duplicate_submission"}
        assert set(found.findings["found"]) == {"a"} and len(found.findings) == len(units)


def test_equal_content_of_which_nothing_is_known_counts_once():
    for came in ("", "a"):
        found = decided({"a": "x", "b": "x"}, list(came), dict(a="same", b="same"))
        assert states(found) == {"a": "in_force", "b": "duplicate"}


def figured(files: dict[str, list[str]]) -> pd.DataFrame:
    """Cells of files of unit x that hold these texts as figures."""
    rows = [
        dict(source_file=name, source_sheet="", source_cell=f"B{row}", row=row, column=2)
        | dict(
            raw_text=text, raw_type="text", form="f", role="value", unit_text="x", item=f"i{row}"
        )
        | dict(level="_T", field="_T")
        for name, texts in files.items()
        for row, text in enumerate(texts, 2)
    ]
    own = LOCATED.of(rows).assign(reporting_unit="x", obs_status="A")
    number = own["raw_text"].str.replace(".", "", regex=False)
    return own.assign(obs_value=pd.to_numeric(number, errors="coerce"))


@pytest.mark.parametrize(("second", "states"), [
    (["1200", "7"], {"in_force", "duplicate"}),
    (["1.201", "7"], {"refused"}),
    (["1.200"], {"refused"}),
    (["1.200", "…"], {"refused"}),
])  # fmt: skip
def test_files_that_say_the_same_in_other_letters_count_once_whatever_their_order(second, states):
    held = figured({"x (2).csv": ["1.200", "7"], "x.csv": second})
    received = pd.DataFrame({"file": [], "received_at": [], "sha256": []}, dtype=object)
    hashes = {"x (2).csv": "1", "x.csv": "2"}
    found = standing.decide(held, WINDOWS, received, hashes, PLAN, FORMS)
    assert set(found.submissions["state"]) == states
    if states == {"refused"}:
        assert set(found.findings["rule"]) == {"order_unknown"}
        assert found.findings["found"].tolist() == ["x.csv", "x (2).csv"]
        assert set(found.findings["expected"]) == {"x (2).csv"}


@pytest.mark.parametrize("names", [
    ["x.xlsx", "x (2).xlsx", "x (10).xlsx"],
    ["edocs_10_2022-Q2.xlsx", "edocs_10_2022-Q2 (2).xlsx"],
    ["a_9.xlsx", "a_10.xlsx"],
    ["II06a_36_2021-Q1.xlsx", "II06a_36_2021-Q1_sua.xlsx"],
    ["x", "x2"],
])  # fmt: skip
def test_names_stand_as_people_count_them(names):
    assert sorted(reversed(names), key=claims.by_number) == names


def test_a_file_that_is_no_use_claims_nothing():
    broken = cells({"a": "x", "b": "x"})
    at = (broken["source_file"] == "b").to_numpy()
    broken = broken.assign(rule=broken["rule"].mask(at, "header_not_found"))
    received = pd.DataFrame({"file": ["a", "b"], "received_at": pd.NaT, "sha256": None})
    found = standing.decide(broken, WINDOWS, received, dict(a="1", b="2"), PLAN, FORMS)
    assert states(found) == {"a": "in_force", "b": "refused"} and found.claims.empty


def test_each_replacement_is_one_revision_and_names_what_came_next():
    found = decided({"a": "x", "b": "x", "c": "x"}, ["a", "b", "c", "a"])
    sent = found.submissions.set_index("source_file")
    assert sent["revision"].to_dict() == {"a": 3, "b": 1, "c": 2}
    assert sent["received_at"].dt.day.to_dict() == {"a": 4, "b": 2, "c": 3}
    assert sent["first_received_at"].dt.day.to_dict() == {"a": 1, "b": 2, "c": 3}
    named = found.findings.set_index("source_file")["found"].to_dict()
    assert named == {"b": "c", "c": "a"}


files = st.dictionaries(
    st.sampled_from("abcd"), st.sets(st.sampled_from("xyz"), min_size=1).map(sorted), min_size=1
)


@given(files, st.data())
def test_for_each_unit_one_file_counts_that_is_known_to_be_the_last_or_none_and_nothing_is_lost(
    held, data
):
    came = data.draw(st.lists(st.sampled_from(sorted(held)), max_size=6))
    found = decided(held, came)
    for unit, counting in in_force(held, found).items():
        loose = [name for name in set(held) - set(came) if unit in held[name]]
        order = [name for name in came if unit in held[name]]
        latest = {*loose, *order[-1:]}
        assert counting == (latest if len(latest) == 1 else set())
    for name, state in states(found).items():
        own = [unit for unit in held[name] if name in in_force(held, found)[unit]]
        assert (state == "in_force") == bool(own)
    assert len(found.findings) == (found.claims["state"] != "in_force").sum()


SHEET = {"f": {"layout": "sheet"}, "g": {"layout": "long"}}
BLANK = {"form": "f", "mapping": None, "covered_by": None}
DAYS = (PLAN.start, PLAN.end)
OTHER = (PLAN.start, PLAN.end.replace(day=30))


def refused(held, start_end=DAYS, several=None, **cells):
    """The rule that refuses one file of form f whose days stand in A5, and its findings.

    ``held``: row, unit and rule of its cells; ``start_end``: None if no days are stated.
    """
    told = pd.DataFrame(held, columns=["row", "reporting_unit", "rule"], dtype=object)
    told = told.assign(source_file="a", role="unit", **BLANK | cells)
    line = ("a", "s", "A5", "kỳ", *(start_end or ()), several)
    columns = ["source_file", "source_sheet", "source_cell", "raw_text", "start", "end", "several"]
    windows = pd.DataFrame([line] if start_end else [], columns=columns, dtype=object)
    received = pd.DataFrame({"file": [], "received_at": [], "sha256": []}, dtype=object)
    found = standing.decide(told, windows, received, {"a": "1"}, PLAN, SHEET)
    [file] = found.submissions.to_dict("records")
    assert (file["state"] == "refused") == pd.notna(file["rule"])
    said = found.findings[["rule", "source_cell", "found", "expected"]].astype(object)
    findings = said.where(said.notna(), None).to_numpy().tolist()
    return file["rule"] if pd.notna(file["rule"]) else None, findings


ONE = [(1, "x", None)]


@pytest.mark.parametrize(
    ("asked", "rule", "findings"),
    [
        (dict(held=ONE), None, []),
        (dict(held=ONE, start_end=None), "period_unreadable",
         [["period_unreadable", "", None, None]]),
        (dict(held=ONE, start_end=(None, None)), "period_unreadable",
         [["period_unreadable", "A5", None, None]]),
        (dict(held=ONE, start_end=OTHER), "period_mismatch",
         [["period_mismatch", "A5", "01/01/2024–30/12/2024", "01/01/2024–31/12/2024"]]),
        (dict(held=ONE, start_end=(None, None), several="a; b"), "period_contradicts",
         [["period_contradicts", "A5", "a; b", None]]),
        (dict(held=ONE, start_end=None, form="g"), None, []),  # a long file states no days
        (dict(held=ONE, start_end=None, mapping="m"), None, []),  # nor does an export
        (dict(held=[(1, None, None)]), "unit_unknown", [["unit_unknown", "", "…", None]]),
        (dict(held=[(1, None, "column_missing")]), "column_missing", []),
        (dict(held=[(1, "x", "column_missing")]), None, []),
        (dict(held=[(1, "x", "header_not_found")]), "header_not_found", []),
        (dict(held=[(1, "x", None), (2, "x", "header_not_found")]), "header_not_found", []),
        # of a file of many units one wrong row is no reason to refuse the rest
        (dict(held=[(1, "x", None), (2, None, "unit_unknown")], form="g"), None, []),
        (dict(held=[(1, "x", None), (1, None, "unit_unknown")], form="g"), "unit_unknown", []),
        (dict(held=[(1, "x", None), (2, "y", "cells_unaccounted")], form="g"),
         "cells_unaccounted", []),
    ],
)  # fmt: skip
def test_why_a_file_as_a_whole_does_not_count(asked, rule, findings):
    assert refused(**asked) == (rule, findings)


def test_what_a_file_holds_now_is_what_its_lines_say_of_it():
    """Of a file whose content has changed since no line is of what it holds; then all are."""
    files = {"a": "x", "b": "x"}
    days = pd.date_range("2024-06-01", periods=3)
    lines = {"file": ["a", "b", "a"], "received_at": days}
    for noted, latest in (([None, None, None], "a"), (["1", "2", "old"], "b"),
                          (["old", "2", "older"], "a")):  # fmt: skip
        received = pd.DataFrame(lines | {"sha256": noted})
        found = standing.decide(cells(files), WINDOWS, received, dict(a="1", b="2"), PLAN, FORMS)
        assert in_force(files, found) == {"x": {latest}}


def test_of_a_file_of_many_units_the_day_is_that_on_which_it_first_came():
    found = decided({"a": "xy", "b": "x", "c": "y"}, ["a", "b", "c", "a"])
    sent = found.submissions.set_index("source_file")
    assert sent.loc["a", "state"] == "in_force"
    assert sent["received_at"].dt.day.to_dict() == {"a": 1, "b": 2, "c": 3}
    same = decided({"a": "x", "b": "x"}, ["a", "b"], dict.fromkeys("ab", "same"))
    assert same.submissions["received_at"].dt.day.tolist() == [1, 2], "a copy came when it came"


# --- through the whole flow ---------------------------------------------------------------------

STATED = """
time_period: "2024"
title: {vi: Năm 2024, en: Year 2024}
regime: qd766_calendar
forms: [qd766_groups]
frameworks: [qd766_groups]
due: {units: ["01", "04", "08"]}
synthetic: true
"""
NAMES = {"01": "Hà Nội", "04": "UBND tỉnh Cao Bằng", "08": "Tuyên Quang"}


def sheet(points: dict[str, float], element: str = "qd766_transparency") -> str:
    head = "gso_code,unit_as_published,year,indicator,value,unit_measure"
    rows = [f"{u},{NAMES[u]},2024,{element},{p},điểm" for u, p in points.items()]
    return "\n".join([head, *rows, ""])


@pytest.fixture
def root(tmp_path):
    folder = project.Place(tmp_path).submissions("2024")
    folder.mkdir(parents=True)
    (folder / "period.yml").write_text(STATED, "utf-8")
    (tmp_path / "data/catalogue").symlink_to(project.Place().catalogue)
    return tmp_path


def sent(root, files: dict[str, str], came: str) -> dict[str, pd.DataFrame]:
    folder = project.Place(root).submissions("2024")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    lines = [f"{name}.csv,2024-12-{day:02}" for day, name in enumerate(came, 1)]
    (folder / "received.csv").write_text("\n".join(["file,received_at", *lines, ""]), "utf-8")
    return check(plans.plan("2024", cat.load(), root), cat.load(), root)


@pytest.mark.parametrize("came", ["abc", "acb", "bca", "abca"])
def test_a_later_file_replaces_the_units_that_it_names_and_no_others(root, came):
    held = {"a": {"01": 1, "04": 2}, "b": {"04": 3, "08": 4}, "c": {"01": 5}}
    checked = sent(root, {name: sheet(points) for name, points in held.items()}, came)
    points = {}
    for name in came:
        points |= {u: float(p) for u, p in held[name].items()}
    values = checked["observations"].dropna(subset="obs_value")
    assert values.set_index("reporting_unit")["obs_value"].to_dict() == points
    assert (checked["balance"]["unaccounted"] == 0).all()
    replaced = checked["issues"].query("rule == 'superseded'")
    claims = list(product(held, points))
    lost = [(n, u) for n, u in claims if u in held[n] and held[n][u] != points[u]]
    assert sorted(
        zip(replaced["source_file"].str[0], replaced["reporting_unit"], strict=True)
    ) == sorted(lost)
    states = checked["submissions"].set_index("source_file")["state"]
    whole = {n for n in held if all((n, u) in lost for u in held[n])}
    assert set(states[states == "superseded"].index.str[0]) == whole


def test_a_long_file_with_a_misspelt_column_is_refused_and_costs_the_others_nothing(root):
    wrong = sheet({"04": 9.0}).replace("unit_as_published", "unit_as_publshed")
    checked = sent(root, {"a": sheet({"01": 1.5, "04": 2.5}), "b": wrong}, "ab")
    states = checked["submissions"].set_index("source_file")["state"].to_dict()
    assert states == {"a.csv": "in_force", "b.csv": "refused"}
    assert checked["observations"]["obs_value"].dropna().tolist() == [1.5, 2.5]
    said = checked["issues"].query("source_file == 'b.csv' and severity == 'blocking'")
    assert len(said) and (checked["balance"]["unaccounted"] == 0).all()
