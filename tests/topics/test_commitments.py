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


ON = date(2022, 6, 14)
FRAMEWORK = {
    "framework": "f",
    "indicators": {c: {"name": {"vi": c.upper()}, "unit_measure": "percent"} for c in "abcd"},
}


def asked(*rows):
    """Targets: code of the indicator, kind, low, due, certainty."""
    columns = ["indicator", "kind", "low", "due", "certainty"]
    table = pd.DataFrame(rows, columns=columns).assign(
        framework="f", code=[f"f.{r[0]}" for r in rows], unit_types="province", units="",
        high=float("nan"), direction=1, unit_measure="percent", baseline=float("nan"), text="",
        name_vi="", name_en="", legal_basis="NQ", read_in="authority",
    )  # fmt: skip
    return table.assign(due=pd.to_datetime(table["due"]), low=table["low"].astype(float))


def counted(*rows, period="2022-Q2"):
    """Indicator values: indicator, unit, numerator, denominator."""
    columns = ["indicator", "reporting_unit", "numerator", "denominator"]
    table = pd.DataFrame(rows, columns=columns).assign(framework="f", time_period=period)
    value = (100 * table["numerator"] / table["denominator"]).where(table["denominator"] > 0)
    return table.assign(obs_value=value, obs_status=value.isna().map({True: "M", False: "A"}))


def told(held, values, series=None):
    units = dict.fromkeys("uvw", "province")
    found = targets.assess(values, held, units, ON).assign(framework="f")
    series = values if series is None else pd.concat([series, values])
    return commitments.summary(found, held, series, FRAMEWORK, ON, "2022-Q2")


def test_where_nothing_is_due_nothing_is_missed():
    values = counted(
        ("a", "u", 40, 100), ("a", "v", 90, 100), ("b", "u", 10, 100), ("b", "v", 9, 9)
    )
    held = asked(("a", "at_least", 50, "2025-12-31", "verified"),
                 ("b", "at_least", 50, "2022-12-31", "verified"))  # fmt: skip
    said = commitments.key(told(held, values))
    assert said.startswith("Chưa mục tiêu nào đến hạn trong 2 mục tiêu có thể kết luận")
    assert "sớm nhất là 31/12/2022" in said and "0 trong" not in said
    assert "“B” (≥ 50 %; hạn: 31/12/2022), 1 trong 2 đơn vị có số đo" in said


def test_a_target_that_all_keep_is_never_the_one_that_fewest_keep():
    values = counted(("a", "u", 60, 100), ("b", "u", 60, 100), ("b", "v", 1, 100))
    held = asked(("a", "at_least", 50, "2021-12-31", "verified"))
    assert "Mọi đơn vị có số đo đều đạt." in commitments.key(told(held, values))
    held = asked(("a", "at_least", 50, "2021-12-31", "verified"),
                 ("b", "at_least", 50, "2025-12-31", "verified"))  # fmt: skip
    said = commitments.key(told(held, values))
    assert (
        said.startswith("1 trong 1 mục tiêu đã đến hạn")
        and "1 mục tiêu chưa đến hạn, 0 trong đó" in said
    )
    assert "“B” (≥ 50 %; hạn: 31/12/2025), 1 trong 2" in said


def test_that_something_has_begun_is_said_to_be_no_more():
    held = asked(("a", "started_by", None, "2022-06-01", "verified"))
    summed = told(held, counted(("a", "u", 1, 100), ("a", "v", 3, 100)))
    assert "1 mục tiêu chỉ đòi bắt đầu làm: giá trị nào trên 0" in commitments.key(summed)
    assert summed["progress"].tolist() == ["giá trị trên 0 là đã bắt đầu"]


def test_what_is_due_comes_first_and_what_no_text_confirms_last_without_a_conclusion():
    values = counted(*[(i, u, n, 100) for i in "abcd" for u, n in (("u", 20), ("v", 60))])
    held = asked(("a", "at_least", 50, "2025-12-31", "from_memory"),
                 ("b", "at_least", 50, "2025-12-31", "verified"),
                 ("c", "at_least", 50, "2022-06-01", "verified"),
                 ("d", "at_least", 50, None, "verified"))  # fmt: skip
    summed = told(held, values)
    assert summed["indicator"].tolist() == ["c", "d", "b", "a"]
    assert summed["stage"].tolist() == ["due", "standing", "ahead", "unverified"]
    last = summed.iloc[-1]
    assert (last["value"], last["progress"], last["kept"]) == ("40,0 %", "không kết luận", "")
    assert summed["progress"].tolist()[:3] == ["còn 10,0 điểm phần trăm"] * 3
    assert (summed["kept"][:3] == "1").all() and (summed["unkept"][:3] == "1").all()
    shown = [t.data for t in commitments.tables(summed)]
    heads = ["Đã đến hạn", "Phải giữ thường xuyên", "Chưa đến hạn", "Chưa kiểm chứng"]
    assert [h in t for h, t in zip(heads, shown, strict=True)] == [True] * 4
    assert "Số đơn vị đạt" in shown[2] and "Số đơn vị đạt" not in shown[3]


def test_the_value_beside_a_target_is_of_those_whom_it_asks():
    values = counted(("a", "u", 10, 100), ("a", "v", 90, 100), ("a", "w", 0, 0))
    one = asked(("a", "at_least", 50, "2025-12-31", "verified")).assign(unit_types="", units="u")
    assert told(one, values)["value"].tolist() == ["10,0 %"]
    every = told(asked(("a", "at_least", 50, "2025-12-31", "verified")), values).iloc[0]
    assert (every["value"], every["nothing"], every["no_data"]) == ("50,0 %", 1, 0)


def test_the_pace_is_of_matched_units_along_an_even_way():
    """From 20 % in March to 50 % in December: a third of the way by June is 30 %."""
    before = counted(("a", "u", 20, 100), ("a", "x", 90, 100), period="2022-Q1")
    held = asked(("a", "at_least", 50, "2022-12-31", "verified"))
    for now, said in ((31, "kịp: 20,0 → 31,0 %"), (29, "chậm: 20,0 → 29,0 %")):
        values = counted(("a", "u", now, 100), ("a", "v", 99, 100))
        pace = told(held, values, before)["pace"].iloc[0]
        assert pace == f"{said}, cần 30,0 (từ 2022-Q1, n = 1)"
    assert told(held, values)["pace"].iloc[0] == "chưa có kỳ trước để biết"


def test_the_key_sentence_names_the_target_that_fewest_keep():
    period = load("2026-Q3")
    framework, held = period.framework(), period.ranked()
    wanted, values = targets.holding(LISTED, "qd766", period.plan.end), held.indicator_values
    judged = commitments.asked(held.assessments, period.plan)
    summed = commitments.summary(judged, wanted, values, framework, period.plan.end)
    row = summed.set_index("code").loc["qd766.procedures_payable_online.2022"]
    assert (row["met"], row["judged"], row["value"]) == (0, 163, "21,0 %")
    said = commitments.key(summed)
    assert "TTHC tích hợp thanh toán trực tuyến" in said and "0 trong 163 đơn vị có số đo" in said
    assert "không có mục tiêu" in commitments.key(summed.iloc[:0])
    unjudged = summed.assign(judged=0)
    assert "không mục tiêu nào đủ căn cứ" in commitments.key(unjudged)
    # what only the province itself was asked is told of the province
    own = summed.set_index("code").loc[lambda t: ~t.index.isin(["x"]) & (t["addressed"] == 1)]
    assert len(own) and (own["value"] != "…").all()


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
