"""What the cells of forms say: figures within their limits, units, windows."""

import pandas as pd

from analysis.catalogue import catalogue, unit_lists
from analysis.reading import clean


def test_an_item_may_have_a_largest_value_of_its_own():
    texts = ["18", "18.01", "18.01"]
    cells = pd.DataFrame({"raw_text": texts, "item": ["s", "s", "t"]}).assign(
        **dict.fromkeys(["shown", "measure_text", "rule", "found", "expected"]),
        **{"role": "value", "form": "f", "raw_type": "text", "source_file": "a.csv"},
        source_sheet="",
    )
    items = {"s": {"kind": "decimal", "maximum": 18}, "t": {"kind": "decimal"}}
    parameters = catalogue.load().parameters
    read = clean.numbers(cells, {"f": {"numbers": "plain", "items": items}}, parameters)
    assert read["rule"].fillna("").tolist() == ["", "out_of_range", ""]
    assert read["obs_value"].fillna(-1).tolist() == [18, -1, 18.01]


def test_of_many_strange_names_only_some_are_compared_with_all(monkeypatch):
    """A file of a hundred thousand of them would keep its readers waiting for hours."""
    names, asked = [f"unit {n}" for n in range(300)], []
    monkeypatch.setattr(clean, "nearest", lambda text, *_: asked.append(text) or "…")
    cells = pd.DataFrame({"unit_text": names, "role": "unit"})
    cells = cells.assign(rule=None, found=None, covered_by=None)
    found = clean.units(cells, {"bo y te": "BYT"}, {"BYT": "Bộ Y tế"})
    assert (found["rule"] == "unit_unknown").all() and len(asked) == clean.SUGGESTIONS == 200


def test_units_resolve_by_alias_and_unknown_names_get_the_nearest():
    cells = pd.DataFrame(
        {
            "unit_text": ["tinh dak lak", "Tỉnh Hà Tây", "TP.HCM"],
            "role": "unit",
            "rule": None,
            "found": None,
            "covered_by": None,
        }
    )
    units = catalogue.load().units_on(pd.Timestamp("2022-06-14"))
    labels = dict(zip(units["code"], units["name_vi"], strict=True))
    result = clean.units(cells, unit_lists.unit_names(units), labels)
    assert result["reporting_unit"].fillna("").tolist() == ["66", "", "79"]
    assert result["rule"].tolist() == [None, "unit_unknown", None]
    assert result.loc[1, "found"].startswith("Tỉnh Hà")


def test_windows_are_read_from_one_cell_or_two_and_impossible_days_are_not():
    cells = pd.DataFrame(
        [
            ("a", "Từ ngày 15/03/2022 đến ngày 14/06/2022"),
            ("b", "Từ ngày: 15-3-2022"),
            ("b", "đến ngày: 14.6.2022"),
            ("c", "Từ ngày 15/03/2022 đến ngày 31/06/2022"),
        ],
        columns=["source_file", "raw_text"],
    ).assign(role="window", source_sheet="s", source_cell="A5")
    found = clean.windows(cells).set_index("source_file")
    assert str(found.loc["a", "end"]) == str(found.loc["b", "end"]) == "2022-06-14"
    assert found.loc["c", "start"] is None


def named(*names, raw=None):
    cells = pd.DataFrame({"unit_text": names, "raw_text": raw or names}).assign(
        role="unit", source_file="a.xlsx", form="f", rule=None, found=None, covered_by=None
    )
    known = {"10": "10", "lao cai": "10", "01": "01", "ha noi": "01", "79": "79"}
    labels = {"10": "Tỉnh Lào Cai", "01": "Thành phố Hà Nội", "79": "Thành phố Hồ Chí Minh"}
    return clean.units(cells, known, labels)


def test_a_number_is_a_unit_only_where_units_are_named_by_their_codes():
    assert named("01", "10", "79")["reporting_unit"].tolist() == ["01", "10", "79"]
    assert named("01")["reporting_unit"].tolist() == ["01"]
    alone = named("10", raw=["Đơn vị báo cáo: 10"])
    assert alone["reporting_unit"].isna().all() and alone["rule"].tolist() == ["unit_unknown"]
    assert alone["found"].tolist() == ["Tỉnh Lào Cai"]
    among = named("Hà Nội", "Lào Cai", "10")
    assert among["reporting_unit"].fillna("").tolist() == ["01", "10", ""]
    assert named("79", raw=["Sài Gòn"])["reporting_unit"].tolist() == ["79"], "as the form says"


def test_percents_of_a_column_that_shows_them_are_read_as_shown():
    cells = pd.DataFrame(
        {"raw_text": ["0.42", "0.88", "0.5"], "shown": ["42%", "88%", None]}
    ).assign(**dict.fromkeys(["measure_text", "rule", "found", "expected"]),
             role="value", form="f", item="p", raw_type="number", source_file="a.xlsx",
             source_sheet="s")  # fmt: skip
    form = {"numbers": "vietnamese", "items": {"p": {"kind": "percent"}}}
    found = clean.numbers(cells, {"f": form}, catalogue.load().parameters)
    assert found["obs_value"].fillna(-1).tolist() == [42, 88, -1]
    assert found["rule"].tolist() == ["percent_format"] * 2 + ["share_or_percent"]
    assert found["expected"].tolist()[0] == "42"


def test_a_measure_that_the_form_declares_is_converted():
    cells = pd.DataFrame({"raw_text": ["1.5", "2"], "measure_text": ["Nghìn hồ sơ", None]}).assign(
        **dict.fromkeys(["shown", "rule", "found", "expected"]), role="value", form="f", item="c",
        raw_type="number", source_file="a.xlsx", source_sheet="s")  # fmt: skip
    form = {"numbers": "vietnamese", "items": {"c": {"kind": "count"}},
            "measures": {"nghìn hồ sơ": 1000}}  # fmt: skip
    found = clean.numbers(cells, {"f": form}, catalogue.load().parameters)
    assert found["obs_value"].tolist() == [1500, 2]
    assert found["rule"].fillna("").tolist() == ["measure_converted", ""]


def test_a_field_has_the_code_of_its_name_the_total_its_own_and_another_one_of_its_own():
    written = ["Đất đai", "_T", "Lĩnh vực lạ", None]
    cells = pd.DataFrame({"field": written, "raw_text": ["Đất đai", "x", "Lĩnh vực lạ", ""]})
    cells = cells.assign(role="field", rule=None)
    found = clean.fields(cells, {"dat dai": "land"})
    assert found["field"].fillna("").tolist() == ["land", "_T", "_linh_vuc_la", ""]
    assert found["rule"].fillna("").tolist() == ["", "", "field_unknown", ""]
