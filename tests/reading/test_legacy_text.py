"""TCVN3 text: the table, the certainty, the refusal."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import pipeline, project
from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.period import check
from analysis.reading import legacy_text, workbook

CATALOGUE = cat.load()
KNOWN = pipeline.vocabulary(CATALOGUE)
FILE = project.PROJECT / "data/submissions/budget-2003/Plan_2003.xls"
ASCII = "".join(map(chr, range(32, 127)))


@given(st.text(legacy_text.LETTERS + ASCII))
def test_what_tcvn3_can_write_comes_back_unchanged(text):
    stored = legacy_text.to_tcvn3(text)
    assert legacy_text.from_tcvn3(stored) == text
    assert all(ord(c) < 256 for c in stored)


def test_no_two_letters_share_a_byte():
    assert len(set(legacy_text.LETTERS)) == len(set(legacy_text.BYTES)) == 74


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("Bé Tµi chÝnh", "Bộ Tài chính"),
        ("®¬n vÞ: TriÖu ®ång", "đơn vị: Triệu đồng"),
        ("trung \xad¬ng", "trung ương"),
        ("Thõa Thiªn - HuÕ", "Thừa Thiên - Huế"),
    ],
)
def test_known_words(stored, text):
    assert legacy_text.from_tcvn3(stored) == text


def test_the_sheet_of_2003_says_what_its_unicode_twin_says():
    """The workbook holds the same table twice, once in each encoding."""
    cells = workbook.read(FILE, CATALOGUE.parameters["limits"])
    sheets = dict(tuple(cells.groupby("source_sheet")))
    old = sheets["Sheet1"].set_index("source_cell")["raw_text"].map(legacy_text.from_tcvn3)
    new = sheets["Sheet1 (2)"].set_index("source_cell")["raw_text"]
    both = pd.concat({"old": old, "new": new}, axis=1).dropna()
    # errors in a hidden column are no text, and not the same on both
    text = both[both["new"].str.contains("[^\\d.]") & ~both["new"].str.startswith("#")]
    assert len(text) >= 100
    # the twin is all capitals
    assert (text["old"].str.upper() == text["new"].str.upper()).all()


def test_the_cells_stay_as_received_and_the_conversion_is_reported():
    tables = check(plans.plan("budget-2003", CATALOGUE), CATALOGUE)
    ha_noi = tables["cells"].query("role == 'unit' and reporting_unit == '01'")
    assert ha_noi["raw_text"].tolist() == ["Hµ néi"]
    found = tables["issues"].query("rule == 'encoding_converted'")
    assert found["source_sheet"].tolist() == ["Sheet1"]
    assert set(found["severity"]) == {"note"}


def sheet(texts: list[str]) -> pd.DataFrame:
    rows = [("f.xls", "S", f"A{i}", i, 1, t, "text") for i, t in enumerate(texts, 1)]
    columns = ["source_file", "source_sheet", "source_cell", "row", "column", "raw_text"]
    return pd.DataFrame(rows, columns=[*columns, "raw_type"])


@pytest.mark.parametrize(
    "texts",
    [
        ["Tỉnh Hà Giang", "Tổng số¹", "Diện tích (km²)", "Nhiệt độ ±5", "10 µm", "«trích»"],
        ["Hà Nam", "Hà Tây", "Bà Rịa", "Bình Định"],
        ["Hà Nam", "Thái Bình", "Nam Hà", "Thanh Hóa"],
        ["Crédit Agricole", "Français", "Señor", "Müller"],
        ["Total", "Province", "2008"],
        [],
    ],
)
def test_ordinary_text_is_left_alone(texts):
    cells = sheet(texts)
    kept, findings = legacy_text.readable(cells, KNOWN)
    assert findings.empty
    assert kept["raw_text"].tolist() == texts


def test_strange_text_that_does_not_become_known_words_is_refused_with_all_its_cells():
    texts = ["q¶z xx¹w", "v¨k p¸t", "r·m d©n", "z½z y¾y", "5"]
    kept, findings = legacy_text.readable(sheet(texts), KNOWN)
    assert kept.empty
    assert findings["rule"].dropna().tolist() == ["encoding_unknown"]
    assert (findings["covered_by"] == "encoding_unknown").sum() == len(texts)


def test_a_sheet_of_both_encodings_is_refused():
    texts = ["Hµ néi", "H¶i phßng", "Th¸i b×nh", "Cao b»ng", "§µ n½ng", "Tổng số"]
    verdict, _, _ = legacy_text.judge(texts, KNOWN)
    assert verdict == "unknown"
    assert legacy_text.judge(texts[:5], KNOWN)[0] == "tcvn3"


def test_a_refused_sheet_makes_the_file_refused_and_nothing_is_lost(tmp_path):
    import shutil

    shutil.copytree(project.PROJECT / "data/catalogue", tmp_path / "data/catalogue")
    folder = tmp_path / "data/submissions/budget-2003"
    folder.mkdir(parents=True)
    shutil.copy(FILE.parent / "period.yml", folder)
    text = "q¶z,xx¹w,v¨k,p¸t,r·m,d©n,z½z,y¾y,5\n"
    (folder / "a.csv").write_text(text, encoding="utf-8")
    tables = check(plans.plan("budget-2003", CATALOGUE, tmp_path), CATALOGUE, tmp_path)
    assert tables["submissions"]["rule"].tolist() == ["encoding_unknown"]
    assert tables["balance"][["submitted", "in_issues", "unaccounted"]].iloc[0].tolist() == [
        9,
        9,
        0,
    ]
