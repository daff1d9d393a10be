"""Open data: what the tables hold, to the last digit, and nothing that is not on the list."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.language.languages import LANGUAGES, using
from analysis.period import load
from analysis.schema import open_data
from analysis.site import data_pack, subjects
from analysis.survey import editions

SECRET = "=HYPERLINK(1);tep-mat-0418.xlsx"


@pytest.fixture(scope="module")
def period():
    return load("2022-Q2")


@pytest.fixture(scope="module")
def made(period):
    return subjects.of(period, ["01"])


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        return {name: book.read(name) for name in book.namelist()}


@pytest.fixture(scope="module")
def pack(period, made):
    return unpacked(data_pack.packed(period, made))


def read(data: bytes, **settings) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), **settings)


NAMES = ["indicator_values", "scores", "rank_intervals", "assessments"]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_read_back_as_it_is(period, pack, name):
    """All but the figures of rows that were not accepted, which the tables hold as counts only."""
    table = getattr(period.tables, name)
    codes = {"framework": str, "reporting_unit": str, "code": str, "indicator": str, "target": str}
    back = read(pack[f"{name}.csv"], dtype=codes, keep_default_na=False, na_values=[""])
    assert list(back) == [c.name for c in open_data.read()[name].columns]
    status = getattr(
        period.tables, {"assessments": NAMES[0], "rank_intervals": "scores"}.get(name, name)
    )
    keys = [c for c in ("framework", "reporting_unit", "indicator", "level", "code") if c in table]
    hidden = status.loc[status["obs_status"].isin(open_data.WITHHELD), keys]
    kept = ~pd.MultiIndex.from_frame(table[keys]).isin(pd.MultiIndex.from_frame(hidden))
    shown, back = table.loc[kept, list(back)], back[kept]
    assert len(back) == len(shown) > 100
    for column in back:
        as_held = [None if pd.isna(v) else v for v in shown[column]]
        assert [None if pd.isna(v) else v for v in back[column]] == as_held, column


def test_the_same_tables_give_the_same_bytes_in_either_language(period, made):
    packed = {}
    for lang in LANGUAGES:
        with using(lang):
            packed[lang] = data_pack.packed(period, made)
    assert len(set(packed.values())) == 1


def hostile(period):
    """The period with figures in what is withheld, texts as received, and names of units that
    spreadsheets would calculate."""
    held = {name: getattr(period.tables, name).copy() for name in NAMES}
    values, scores = held["indicator_values"], held["scores"]
    values.loc[values.index[:2], "obs_status"] = ["Q", "V"]
    scores.loc[scores.index[0], "obs_status"] = "Q"
    for table in held.values():
        table["source_file"] = table["raw_text"] = SECRET
    due = period.due.assign(name_vi=SECRET, name_en="x;=cmd")
    return replace(period, tables=SimpleNamespace(**held), due=due)


def test_what_is_suppressed_or_not_accepted_has_no_figure_in_any_table(period):
    given = data_pack.tables(hostile(period))
    values = period.tables.indicator_values.head(2)
    assert values["obs_value"].notna().all()  # or nothing would be shown
    keys = values[["framework", "reporting_unit", "indicator"]]
    shown = given["indicator_values"].merge(keys)
    assert len(shown) == 2
    assert shown[["obs_value", "numerator", "denominator", "standard_error"]].isna().all(axis=None)
    beside = given["assessments"].merge(keys)
    assert beside[["obs_value", "gap", "verdict"]].isna().all(axis=None)
    assert given["scores"].loc[0, ["score", "rank"]].isna().all()
    assert given["scores"]["score"].notna().sum() == period.tables.scores["score"].notna().sum() - 1


def test_nothing_that_is_not_on_the_list_gets_out(period, made, pack):
    files = unpacked(data_pack.packed(hostile(period), made))
    secret = SECRET.partition(";")[2].encode()
    assert {name for name, data in files.items() if secret in data} == {
        *("codes.csv", "sdmx/structure.json")  # the names of units, which the owner states
    }
    for line in files["codes.csv"].decode().split("\r\n"):
        assert not any(part.startswith("=") for part in line.replace('"', "").split(";"))
    sent = {name.encode() for name in period.tables.submissions["source_file"]}
    assert sent and not any(name in data for name in sent for data in pack.values())


def test_what_the_files_are_is_told_with_their_digests(period, pack):
    about = json.loads(pack["metadata.json"])
    assert about["synthetic"] is True and about["time_period"] == "2022-Q2"
    assert about["licence"]["vi"] == "chưa nêu giấy phép"
    assert about["catalogue_sha256"] == period.catalogue.sha256
    assert set(about["files"]) == set(pack) - {"metadata.json"}
    for name, told in about["files"].items():
        assert told["sha256"] == hashlib.sha256(pack[name]).hexdigest()
        if "rows" in told:
            assert told["rows"] == len(read(pack[name]))
    used = set(read(pack["assessments.csv"])["target"])
    assert {t["code"] for t in about["targets"]} == used
    assert all(t["source"] and t["certainty"] for t in about["targets"])


def test_every_column_is_explained_in_both_languages_and_every_code_has_names(pack):
    told = read(pack["dictionary.csv"], keep_default_na=False)
    assert (told[["meaning_vi", "meaning_en"]] != "").all(axis=None)
    codes = read(pack["codes.csv"], dtype=str, keep_default_na=False)
    for name in NAMES:
        table = read(pack[f"{name}.csv"], dtype=str, keep_default_na=False)
        assert set(table) == set(told.loc[told["file"] == f"{name}.csv", "column"]) - {""}
        for column in set(table) & set(codes["list"]):
            known = set(codes.loc[codes["list"] == column, "code"])
            assert set(table[column]) - {""} <= known, (name, column)


def test_sdmx_holds_the_same_figures_each_under_a_key_of_its_own(period, pack):
    data = read(pack["sdmx/data.csv"], dtype={"REPORTING_UNIT": str})
    assert list(data)[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    keys = ["FREQ", "FRAMEWORK", "LEVEL", "ENTRY", "REPORTING_UNIT", "MEASURE", "TIME_PERIOD"]
    assert not data.duplicated(keys).any() and data[keys].notna().all(axis=None)
    held = data[data["MEASURE"] == "value"]["OBS_VALUE"].dropna()
    assert sorted(held) == sorted(period.tables.indicator_values["obs_value"].dropna())
    lists = json.loads(pack["sdmx/structure.json"])["data"]["codelists"]
    for listed in lists:
        known = {code["id"] for code in listed["codes"]}
        column = listed["id"].removeprefix("CL_")
        assert set(data[column].dropna().astype(str)) <= known, column


def test_a_survey_gives_its_groups_as_a_whole_and_hides_what_is_hidden():
    edition = editions.load("2022")
    whole = edition.tables.estimates
    whole = whole[whole["domain"] == "_T"].copy()
    whole.loc[whole.index[0], "obs_status"] = "Q"
    held = replace(edition, tables=SimpleNamespace(estimates=whole))
    table = data_pack.tables(held)["estimates"]
    assert len(table) == len(whole) and "domain" not in table
    assert table.loc[0, ["estimate", "respondents", "ci_low"]].isna().all()
    assert table.loc[1:, "estimate"].tolist() == whole["estimate"].iloc[1:].tolist()
    files = unpacked(data_pack.packed(edition, subjects.of(edition)))
    figures = read(files["sdmx/data.csv"])
    assert not figures.duplicated(list(figures)[3:9]).any()


def test_a_column_that_no_table_declares_is_refused(tmp_path, monkeypatch):
    listed = open_data.FILE.read_text("utf-8") + "scores,source_file,,tệp,file\n"
    monkeypatch.setattr(open_data, "FILE", tmp_path / "open_data.csv")
    open_data.FILE.write_text(listed, "utf-8")
    with pytest.raises(open_data.TableError, match=r"scores\.source_file"):
        open_data.read()
