"""The door for who analyses: it opens quickly, and what it gives says what it is."""

import copy
import pickle
import shutil
import subprocess
import sys
from dataclasses import fields

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from markupsafe import escape

import analysis
from analysis import pipeline, project
from analysis.catalogue.reader import CatalogueError
from analysis.display import contents, theme
from analysis.language import codes, languages
from analysis.lineage import imports
from analysis.survey import flow

GIVEN = {
    "period": lambda: analysis.load("2024"),
    "as of a day": lambda: analysis.load("2022-Q2@2022-06-25"),
    "tables": lambda: analysis.load("2024").tables,
    "rows of a unit": lambda: analysis.load(2024).tables.of("reporting_unit", 22),
    "framework": lambda: analysis.load("2024").ranked(),
    "edition": lambda: analysis.edition("apci-2022"),
    "tables of an edition": lambda: analysis.edition(2022).tables,
    "catalogue": lambda: analysis.load("2024").catalogue,
    "plan": lambda: analysis.load("2024").plan,
    "tree": lambda: analysis.load("2024").tree(),
}
SHOWN = [name for name in GIVEN if name not in ("catalogue", "plan", "tree")]


@pytest.fixture(params=GIVEN)
def given(request):
    return GIVEN[request.param]()


@pytest.fixture(params=SHOWN)
def shown(request):
    return GIVEN[request.param]()


def test_the_door_opens_without_pandas():
    code = "import sys, analysis; print(sorted({'pandas', 'numpy', 'csv'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_rests_on_all_that_the_door_leads_to():
    assert imports.closure(["analysis"]) == {"analysis"}
    for flow_of in ("analysis.pipeline", "analysis.survey.flow"):
        assert not [m for m in imports.closure([flow_of]) if m.startswith("analysis.display")]


def test_no_door_gives_a_name_to_two_things():
    """A module in a room of the same name would take its place as soon as it is imported."""
    known = imports.modules()
    for room in {name.rpartition(".")[0] for name in known} - {""}:
        offered = getattr(sys.modules.get(room) or __import__(room, fromlist=["x"]), "__all__", [])
        assert not [name for name in offered if f"{room}.{name}" in known], room


def test_periods_lists_all_that_there_are_and_makes_none(tmp_path):
    root = tmp_path
    for name in ("catalogue", "reference", "submissions/2024", "submissions/2022-Q2"):
        shutil.copytree(project.PROJECT / "data" / name, root / "data" / name)
    place = project.Place(root)
    (place.submissions("2024") / "period.yml").write_text("time_period: 2024\n", encoding="utf-8")
    for path in place.submissions("2022-Q2").glob("*.xlsx"):
        path.unlink()
    from analysis.period import periods

    listed = periods(root).set_index("period")
    assert listed.index.tolist() == ["2022-Q2", "2024"]
    assert "period.yml" in listed.loc["2024", "fault"] and listed.loc["2022-Q2", "fault"] == ""
    assert bool(listed.loc["2022-Q2", "synthetic"])
    assert str(listed.loc["2022-Q2", "deadline"]) == "2022-06-25"
    assert not place.derived("").exists()


def test_all_shipped_periods_are_listed_and_can_be_loaded():
    listed = analysis.periods()
    assert {"2024", "2022-Q2", "plan-2022"} <= set(listed["period"])
    assert listed["fault"].eq("").all()
    assert listed.loc[listed["period"] == "2023", "forms"].notna().all()
    with languages.using("en"):
        title = analysis.periods().set_index("period").loc["2024", "title"]
    assert title != listed.set_index("period").loc["2024", "title"]


@pytest.mark.parametrize("given", ["apci-2022", "2022", 2022, 2022.0, " 2022 "])
def test_an_edition_is_given_by_code_or_year(given):
    assert analysis.edition(given).plan.code == "apci-2022"


@pytest.mark.parametrize(
    "ask, error, told",
    [
        (lambda: analysis.load("2025"), CatalogueError, "nearest: 2025-Q3, 2024, 2023; known"),
        (lambda: analysis.load("2022-q2"), ValueError, "no period code: .*nearest: 2022-Q2"),
        (lambda: analysis.edition("apci-2002"), codes.UnknownCodeError, "known: apci-2020, apci-2"),
        (lambda: analysis.load("2024").unit(99), ValueError, "unit not due in 2024: 99; nearest: "),
        (lambda: analysis.load("2024").tables.scors, AttributeError, "no table scors; nearest: sc"),
        (lambda: analysis.load("2024").scores, AttributeError, r"write \.tables\.scores"),
        (lambda: analysis.load("2024").duee, AttributeError, "there is no duee; nearest: due;"),
        (lambda: analysis.load("2024").ranked().cells, AttributeError, r"ask .* tables\.cells"),
        (lambda: analysis.load("2024").ranked().scors, AttributeError, "nearest: scores"),
        (lambda: analysis.load("2024").describe("scors"), AttributeError, "nearest: scores"),
        (lambda: analysis.edition(2022).parametr, AttributeError, "nearest: parameter"),
        (lambda: analysis.lod, AttributeError, "module 'analysis' has no .* nearest: load"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(ask, error, told):
    with pytest.raises(error, match=told):
        ask()


def test_what_is_given_can_be_copied_and_sent(given):
    for made in (copy.copy(given), copy.deepcopy(given), pickle.loads(pickle.dumps(given))):
        assert type(made) is type(given) and repr(made) == repr(given)


def test_what_was_copied_has_the_same_tables():
    ranked = pickle.loads(pickle.dumps(analysis.load("2024").ranked()))
    pd.testing.assert_frame_equal(ranked.scores, analysis.load("2024").ranked().scores)
    rows = copy.deepcopy(analysis.load("2024").tables.of("reporting_unit", 22))
    assert rows.scores["reporting_unit"].unique().tolist() == ["22"]
    assert rows.of("reporting_unit", 1).scores["reporting_unit"].unique().tolist() == ["01"]


def test_an_object_that_has_nothing_yet_ends_in_an_error():
    for kind in {type(GIVEN[name]()) for name in SHOWN}:
        with pytest.raises(AttributeError):
            _ = object.__new__(kind).tables


def test_it_prints_briefly(given):
    assert len(repr(given)) < 3000


def test_it_shows_its_tables_with_rows_columns_and_what_they_are(shown):
    listed = shown.contents().set_index("table")
    assert "scores" in listed.index and listed["what"].ne("").all()
    held = shown if "scores" in dir(shown) else shown.tables
    assert listed.loc["scores", ["rows", "columns"]].tolist() == list(held.scores.shape)
    for row in shown.contents().itertuples():
        assert row.what in repr(shown) and str(escape(row.what)) in shown._repr_html_()
    with languages.using("en"):
        assert "điểm" not in repr(shown) and "score" in repr(shown)


def test_it_is_dressed_for_light_and_dark(shown):
    html = shown._repr_html_()
    assert theme.dressed("x").partition("x")[0] in html and "table class='data'" in html
    assert theme.bare(html) != html  # a page has a style sheet of its own


def test_what_it_holds_as_a_whole_is_what_it_says_of_rows():
    rows = analysis.load("2024").tables.of("reporting_unit", 22)
    for name, (number, columns) in rows.sizes().items():
        assert (number, columns) == (len(getattr(rows, name)), list(getattr(rows, name))), name


def test_columns_are_described(shown):
    described = shown.describe("scores")
    assert described.columns.tolist() == ["column", "type", "missing", "meaning"]
    assert described.set_index("column").loc["score", "type"] == "number"


@pytest.mark.parametrize("kind, prefix", [(pipeline.Tables, ""), (flow.Tables, "survey.")])
def test_every_table_is_told_of(kind, prefix):
    told = [name for name in contents.TABLES if name.startswith("survey.") == bool(prefix)]
    assert told == [prefix + f.name for f in fields(kind)]


def test_tab_completes_what_the_door_gives():
    shell = InteractiveShell.instance()
    shell.run_cell("import analysis; period = analysis.load(2024); ranked = period.ranked()")
    shell.run_cell("edition = analysis.edition('2022'); rows = period.tables.of('peer_type', 'x')")

    def offered(text: str) -> set[str]:
        with provisionalcompleter():
            return {c.text.lstrip(".") for c in shell.Completer.completions(text, len(text))}

    assert set(analysis.__all__) == {n for n in offered("analysis.") if not n.startswith("_")}
    assert {"tables", "due", "unit", "describe"} <= offered("period.")
    assert {"scores", "score_notes"} <= offered("period.tables.sc")
    assert "cells" in offered("period.tables.") and "cells" not in offered("ranked.")
    assert {"scores", "rank_pairs"} <= offered("ranked.") and "estimates" in offered(
        "edition.tables."
    )
