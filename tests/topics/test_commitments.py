"""Targets in words: what is said of them on a page."""

from datetime import date

import pandas as pd
import pytest

from analysis.catalogue import catalogue as cat
from analysis.catalogue import frameworks
from analysis.indicators import targets
from analysis.language import languages
from analysis.period import load
from analysis.topics import commitments

CATALOGUE = cat.load()
LISTED = CATALOGUE.targets


@pytest.mark.parametrize(
    ("code", "wanted", "by"),
    [
        ("nq01.work_files_online_commune.2025", "≥ 60 %", "31/12/2025"),
        ("macro.cpi_growth.2022", "khoảng 4 %", "31/12/2022"),
        ("macro.gdp_growth.2022", "6–6,5 %", "31/12/2022"),
        ("macro.urban_unemployment.2023", "< 4 %", "31/12/2023"),
        ("nq02.egdi.2025.2", "trong 60 nước đứng đầu", "31/12/2025"),
        ("nq02.lpi.2025", "tăng ít nhất 4 bậc", "31/12/2025"),
        ("nq02.gci_ict.2022", "tăng 2–3 bậc", "31/12/2022"),
        ("nq02.gci_regulation_burden.2022", "tăng điểm, giữ thứ hạng", "31/12/2022"),
        ("digitisation.results_digitised_district.2022", "bắt đầu từ 01/12/2022", "01/12/2022"),
        ("qd766.dossiers_online.2022", "≥ 50 %", "thường xuyên"),
    ],
)
def test_a_target_is_said_as_the_text_has_it(code, wanted, by):
    row = commitments.worded(LISTED[LISTED["code"] == code]).iloc[0]
    assert (row["wanted"], row["by"]) == (wanted, by)


@pytest.mark.parametrize("lang", languages.LANGUAGES)
def test_every_target_of_the_list_can_be_said(lang):
    with languages.using(lang):
        said = commitments.worded(LISTED)
    assert said["wanted"].str.len().gt(0).all()
    assert not said["wanted"].str.contains("nan|None|{").any()


def test_only_what_an_authority_or_a_law_publisher_prints_is_called_verified():
    said = commitments.worded(LISTED)
    verified = said["certainty_text"] == "Đã kiểm chứng"
    printed = LISTED["read_in"].isin(["authority", "law_publisher"])
    assert (
        verified.sum() == 51 and (verified == (LISTED["certainty"].eq("verified") & printed)).all()
    )
    shown = said.set_index("code")["certainty_text"]
    assert shown["macro.gdp_growth.2022"] == "Theo báo chí"
    assert shown["macro.cpi_growth.2022"] == "Theo mô tả của bên thứ ba"
    assert (
        shown[list(LISTED.loc[LISTED["read_in"] == "memory", "code"])] == "Chưa kiểm chứng"
    ).all()


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("macro.gdp_growth.2022", "6–6.5%"),
        ("macro.gdp_per_capita.2022", "≥ 3,900 USD"),
        ("nq02.egdi.2025.2", "among the top 60 countries"),
        ("nq02.gci_land.2022", "up in rank by at least 1"),
        ("digitisation.results_digitised_district.2022", "begun by 1 Dec 2022"),
    ],
)
def test_a_target_is_said_in_english(code, wanted):
    with languages.using("en"):
        assert commitments.worded(LISTED[LISTED["code"] == code])["wanted"].iloc[0] == wanted


def test_the_key_sentence_names_the_target_that_fewest_keep():
    period = load("2026-Q3")
    framework, held = period.framework(), period.ranked()
    asked = targets.holding(LISTED, "qd766", period.plan.end)
    counts = targets.counts(held.assessments)
    national = period.tables.national
    summed = commitments.summary(counts, asked, national, framework)
    row = summed.set_index("code").loc["qd766.procedures_payable_online.2022"]
    assert (row["met"], row["judged"], row["value"]) == (0, 164, "21,0 %")
    said = commitments.key(summed)
    assert "TTHC tích hợp thanh toán trực tuyến" in said and "0 trong 164 đơn vị đạt" in said
    assert "không có mục tiêu" in commitments.key(summed.iloc[:0])
    unjudged = summed.assign(judged=0)
    assert "không mục tiêu nào đủ căn cứ" in commitments.key(unjudged)


def test_a_units_own_values_stand_beside_its_targets():
    period = load("2026-Q3")
    frameworks = [period.framework(code) for code in period.plan.frameworks]
    own = commitments.of_unit(period.tables, frameworks, LISTED, period.plan.end, "H44.42")
    row = own.set_index("indicator").loc["procedures_payable_online"]
    assert (row["wanted"], row["verdict_text"]) == ("≥ 80 %", "Chưa đạt")
    assert "dossiers_on_time" not in set(own["indicator"])  # scored, and nobody has set a target


def test_what_no_text_confirms_is_listed_as_such_and_not_drawn():
    asked = targets.holding(LISTED, "nq01", date(2022, 6, 14))
    doubtful = commitments.uncertain(asked)
    assert set(doubtful["certainty_text"]) == {"Chưa kiểm chứng"}
    values = pd.DataFrame(
        {"indicator": ["status_sync_share", "services_integrated_share"], "reporting_unit": "01"}
    ).assign(obs_value=10.0)
    framework = frameworks.on_day(CATALOGUE.frameworks["nq01"], date(2022, 6, 14))
    drawn = commitments.strips(values, asked, framework, {"01": "Hà Nội"})
    assert pd.isna(drawn["target"].iloc[0]) and drawn["target"].iloc[1] == 100


def test_what_nobody_collects_is_listed_without_a_verdict():
    asked = targets.holding(LISTED, "macro", date(2022, 6, 14))
    said = commitments.macro_key(asked, date(2022, 6, 14))
    own = asked[asked["due"] == "2022-12-31"]
    assert len(own) == 16 and (own["certainty"] == "verified").sum() == 3  # the list of 2022
    memory, printed = asked["read_in"] == "memory", ("authority", "law_publisher")
    sure = (asked["read_in"].isin(printed) & (asked["certainty"] == "verified")).sum()
    assert f"có {len(asked)} mục tiêu: {sure} đã kiểm chứng" in said and "không kết luận" in said
    rest = len(asked) - sure - memory.sum()
    assert f"{rest} mới đọc ở báo chí" in said and f"{memory.sum()} mới chỉ nhớ lại" in said
