"""A signed version stays as it was signed, and what differs later is told with its cause."""

import shutil
from datetime import date

import hostile
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.catalogue import plans
from analysis.exchange import blank_forms, receipts, replies
from analysis.history import versions
from analysis.period import load
from analysis.project import PROJECT, Place

CODE, DAY = "2022-Q1", date(2022, 3, 28)
STATED = """
time_period: 2022-Q1
title: {vi: Quý, en: Quarter}
regime: nd09_2019
forms: [edocs]
frameworks: [edocs, nq68]
due: {units: ["BQLLANG", "BHXH"]}
synthetic: true
"""
FIGURES = [200, 150, 120, 100, 300, 250, 200, 150]


def sent(root, unit: str, figures: list[int], name: str, on: date) -> None:
    plan = plans.plan(CODE, hostile.CATALOGUE, root)
    due = plans.due_units(hostile.CATALOGUE, plan, "edocs").set_index("code", drop=False)
    book = blank_forms.blank(hostile.CATALOGUE.forms["edocs"], due.loc[unit], plan)
    for column, figure in enumerate(figures, 3):
        book.worksheets[0].cell(11, column).value = figure
    book.save(root / name)
    receipts.receive([root / name], root / "data/submissions" / CODE, on)


def begun(root):
    (root / "data/submissions" / CODE).mkdir(parents=True)
    (root / "data/catalogue").symlink_to(PROJECT / "data/catalogue")
    (root / "data/submissions" / CODE / "period.yml").write_text(STATED, "utf-8")
    return root


@pytest.fixture()
def root(tmp_path):
    return begun(tmp_path)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A project with a signed period; what is signed in a test is signed in a copy."""
    root = begun(tmp_path_factory.mktemp("signed"))
    units = plans.plan(CODE, hostile.CATALOGUE, root).due["units"]
    for unit in units:
        sent(root, unit, FIGURES, f"{unit}.xlsx", date(2022, 3, 20))
    versions.sign(load(CODE, root), DAY, "=Nguyễn Văn A", note="một\nhai", although="")
    return root


@pytest.fixture()
def signed(once, tmp_path):
    shutil.copytree(once, tmp_path / "project", symlinks=True)
    return tmp_path / "project"


def test_what_was_signed_is_read_back_and_nothing_differs(signed):
    period, (version,) = load(CODE, signed), versions.read(CODE, Place(signed))
    assert (version.number, version.on, version.note) == (1, DAY, "một hai")
    assert version.by == "=Nguyễn Văn A"
    book = (Place(signed).signed(CODE) / versions.BOOK).read_text("utf-8")
    assert "'=Nguyễn Văn A" in book, "no spreadsheet takes a name for a formula"
    pd.testing.assert_frame_equal(
        version.figures.astype(object), versions.figures(period.tables).astype(object)
    )
    since = versions.since(version, period)
    assert since.changes.empty and since.effects.empty


def test_a_correction_is_told_with_what_it_changed_and_by_which_file(signed):
    first = (Place(signed).signed(CODE) / versions.BOOK).read_bytes()
    sent(signed, "BHXH", [200, 150, 140, *FIGURES[3:]], "sửa.xlsx", date(2022, 4, 2))
    since = versions.since(versions.read(CODE, Place(signed))[-1], load(CODE, signed))
    assert since.changes[["kind", "what", "reporting_unit"]].values.tolist() == [
        ["file_added", "sửa.xlsx", "BHXH"]
    ]
    values = since.effects[since.effects["measure"] == "obs_value"]
    assert values["reporting_unit"].tolist() == ["BHXH"]
    assert values[["before", "after", "change"]].values[0] == pytest.approx([60, 70, 10])
    assert values[["cause", "of"]].values.tolist() == [["own_file", "sửa.xlsx"]]
    versions.sign(load(CODE, signed), date(2022, 4, 5), "B")
    one, two = versions.read(CODE, Place(signed))
    assert (Place(signed).signed(CODE) / versions.BOOK).read_bytes().startswith(first)
    step = versions.between(one, two)
    assert len(step.effects) == len(since.effects)
    assert step.changes["what"].tolist() == ["sửa.xlsx"]
    assert versions.since(two, load(CODE, signed)).changes.empty


def test_an_answer_after_signing_is_a_change_even_if_no_figure_differs(signed):
    row = {"answered_on": "2022-04-01", "rule": "late", "source_file": "BHXH.xlsx"}
    replies.note(
        Place(signed).submissions(CODE), [row | {"answer": "closed", "reason": "x", "by": "C"}]
    )
    since = versions.since(versions.read(CODE, Place(signed))[-1], load(CODE, signed))
    assert since.changes[["kind", "by"]].values.tolist() == [["answer", "C"]]
    assert since.changes["reporting_unit"].tolist() == ["BHXH"] and since.effects.empty


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (lambda t: t.replace("1,2022-03-28", "2,2022-03-28"), r"versions.csv:2: .*version 1"),
        (lambda t: t.replace("2022-03-28", "28th March"), "versions.csv:2: .*signed_on 28th"),
        (lambda t: t.replace("'=Nguyễn Văn A", ""), "versions.csv:2: .*nobody signed"),
        (lambda t: t.replace(",0,", ",none,"), "versions.csv:2: .*no number"),
        (lambda t: t + "2,2022-04\n", "versions.csv:3: "),
        (lambda t: t.replace("signed_on", "day"), "versions.csv:1: .*no columns"),
        (lambda t: t.splitlines()[0] + "\n", "versions.csv:1: .*holds no line"),
        (lambda t: "", "versions.csv:1: "),
    ],
)
def test_a_damaged_record_is_an_error_that_names_file_and_line(signed, spoilt, told):
    book = Place(signed).signed(CODE) / versions.BOOK
    book.write_text(spoilt(book.read_text("utf-8")), "utf-8")
    with pytest.raises(versions.VersionsError, match=told):
        versions.read(CODE, Place(signed))


@pytest.mark.parametrize("part", ["figures", "files"])
def test_what_was_signed_is_neither_changed_nor_taken_away_unnoticed(signed, part):
    (path,) = Place(signed).signed(CODE).glob(f"1-{part}-*.csv")
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(versions.VersionsError, match=f"versions.csv:2: {path.name} .*was changed"):
        versions.read(CODE, Place(signed))
    path.unlink()
    with pytest.raises(versions.VersionsError, match="is gone"):
        versions.read(CODE, Place(signed))


def test_close_holds_what_is_not_done_against_the_signer_and_keeps_the_reason(root):
    def close(*words):
        done = CliRunner().invoke(app, ["close", CODE, *words, "--root", str(root)])
        assert isinstance(done.exception, SystemExit | None), done.exception
        return done.exit_code, " ".join(done.output.split())

    (root / "reports").mkdir()
    (root / "reports/site.yml").symlink_to(PROJECT / "reports/site.yml")
    (root / "notebooks").symlink_to(PROJECT / "notebooks")
    sent(root, "BHXH", [200, 350, *FIGURES[2:]], "a.xlsx", date(2022, 3, 20))  # D above C
    for wrong in ([], ["--although", " "]):
        code, said = close("--by", "A", *wrong)
        assert code == 2 and "findings that must be mended have no answer" in said
        assert "Nothing was signed" in said
    assert close("--by", " ")[0] == close("--by", "A", "--on", "2999-01-01")[0] == 2
    assert not Place(root).signed(CODE).exists()
    code, said = close("--by", "A", "--although", "hạn báo cáo", "--on", "28/03/2022")
    assert code == 0 and "version 1, signed on 28/03/2022" in said
    (version,) = versions.read(CODE, Place(root))
    assert (version.although, version.on) == ("hạn báo cáo", DAY)
    code, said = close("--by", "A", "--although", "x")
    assert code == 2 and "nothing has changed since version 1" in said
    sent(root, "BHXH", FIGURES, "b.xlsx", date(2022, 4, 1))
    code, said = close("--by", "A", "--although", "x", "--on", "01/03/2022")
    assert code == 2 and "was signed later" in said
    code, said = close("--by", "B", "--although", "x")
    assert code == 0 and "From version 1" in said and "b.xlsx" in said


_FIGURE = st.one_of(st.just(float("nan")), st.floats(-1e6, 1e6))
_TABLE = st.dictionaries(st.sampled_from("abcde"), st.tuples(_FIGURE, _FIGURE, _FIGURE))


def _table(drawn: dict) -> pd.DataFrame:
    rows = [("f", unit, "indicator", "i", *figures) for unit, figures in drawn.items()]
    return pd.DataFrame(rows, columns=[*versions.KEY, *versions.MEASURES])


@settings(max_examples=30)
@given(before=_TABLE, after=_TABLE)
def test_effects_are_what_takes_one_state_to_the_other(before, after):
    found = versions.effects(_table(before), _table(after))
    back = versions.effects(_table(after), _table(before))
    assert len(found) == len(back) and found["change"].sum() == pytest.approx(-back["change"].sum())
    assert versions.effects(_table(before), _table(before)).empty
    rows = {(r.reporting_unit, r.measure): r.after for r in found.itertuples()}
    none = (float("nan"),) * 3
    for unit in before.keys() | after.keys():
        for n, measure in enumerate(versions.MEASURES):
            now = rows.get((unit, measure), before.get(unit, none)[n])
            assert np.isclose(now, after.get(unit, none)[n], rtol=1e-9, equal_nan=True)


def test_of_a_framework_that_no_form_feeds_there_is_nothing(root):
    plan = plans.plan(CODE, hostile.CATALOGUE, root)
    assert (plan.frameworks, plan.unfed) == (["edocs"], ["nq68"])


def test_a_period_for_which_nothing_was_sent_knows_who_is_awaited(root):
    tables = load(CODE, root).tables
    assert tables.cells.empty and tables.balance.empty
    assert set(tables.issues["rule"]) == {"not_received"}
    assert sorted(tables.issues["reporting_unit"]) == ["BHXH", "BQLLANG"]
    assert tables.indicator_values["obs_value"].isna().all()
