"""Which of several submissions counts, unit by unit: files of one unit and of many."""

from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.checking import standing
from analysis.period import check
from analysis.schema.tables import LOCATED

PLAN = plans.plan("2024", cat.load())

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
    windows = pd.DataFrame(columns=["source_file"])
    hashes = {name: (same or {}).get(name, name) for name in files}
    return standing.decide(cells(files), windows, received, hashes, PLAN, FORMS)


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
    ("of which nothing is known came first", {"a": "x", "b": "x"}, "a", {"x": "a"},
     "in_force superseded"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "files", "came", "held", "said"), CASES, ids=[c[0] for c in CASES])
def test_the_latest_that_names_a_unit_counts_for_it(why, files, came, held, said):
    found = decided(files, list(came))
    assert in_force(files, found) == {unit: {name} for unit, name in held.items()}
    assert list(states(found).values()) == said.split()


def test_equal_content_counts_once_also_of_many_units():
    for units in ("x", "xy"):
        files = {"a": units, "b": units}
        found = decided(files, ["a", "b"], dict.fromkeys(files, "same"))
        assert states(found) == {"a": "in_force", "b": "duplicate"}
        assert set(found.findings["rule"]) == {"duplicate_submission"}
        assert set(found.findings["found"]) == {"a"} and len(found.findings) == len(units)


def test_a_file_that_is_no_use_claims_nothing():
    broken = cells({"a": "x", "b": "x"})
    at = (broken["source_file"] == "b").to_numpy()
    broken = broken.assign(rule=broken["rule"].mask(at, "header_not_found"))
    received = pd.DataFrame({"file": ["a", "b"], "received_at": pd.NaT, "sha256": None})
    windows = pd.DataFrame(columns=["source_file"])
    found = standing.decide(broken, windows, received, dict(a="1", b="2"), PLAN, FORMS)
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
def test_for_each_unit_one_file_counts_the_last_that_came_and_nothing_is_lost(held, data):
    came = data.draw(st.lists(st.sampled_from(sorted(held)), max_size=6))
    found = decided(held, came)
    order = [*sorted(set(held) - set(came)), *came]
    for unit, counting in in_force(held, found).items():
        assert counting == {[name for name in order if unit in held[name]][-1]}
    for name, state in states(found).items():
        own = [unit for unit in held[name] if name in in_force(held, found)[unit]]
        assert (state == "in_force") == bool(own)
    assert len(found.findings) == (found.claims["state"] != "in_force").sum()


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
