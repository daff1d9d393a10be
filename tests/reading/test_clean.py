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


def cells_of(texts, raw_type="text", **columns):
    """Value cells of item i of form f."""
    cells = pd.DataFrame({"raw_text": texts}).assign(
        **dict.fromkeys(["shown", "measure_text", "rule", "found", "expected"]),
        role="value", form="f", item="i", raw_type=raw_type, source_file="a.xlsx",
        source_sheet="s")  # fmt: skip
    return cells.assign(**columns)


def read_as(cells, item, numbers="vietnamese", **more):
    form = {"numbers": numbers, "items": {"i": item}}
    return clean.numbers(cells, {"f": form}, catalogue.load().parameters, **more)


def said(found):
    columns = found[["obs_value", "obs_status", "rule"]].astype(object)
    return list(columns.where(columns.notna(), None).itertuples(index=False, name=None))


def test_texts_of_a_column_are_read_together_and_what_was_found_before_stays():
    cells = cells_of(["1.000,5", "2.001", "88,0", "5"], rule=[None, None, None, "text_kept"])
    cells.loc[4] = cells.loc[0].to_dict() | {"role": "label", "raw_text": "7"}
    assert said(read_as(cells, {"kind": "decimal"})) == [
        (1000.5, "A", "thousands_separator"),
        (2001, "A", "writing_assumed"),
        (88, "A", None),
        (5, "A", "text_kept"),
        (None, None, None),
    ]


def test_a_blank_is_no_finding_where_it_is_allowed_and_a_choice_is_its_figure():
    texts = ["", "5", "Có"]
    assert said(read_as(cells_of(texts[:2]), {"kind": "count", "nullable": True})) == [
        (None, "O", None),
        (5, "A", "number_as_text"),
    ]
    assert said(read_as(cells_of([""]), {"kind": "count"})) == [(None, "O", "blank")]
    found = read_as(cells_of(texts[2:]), {"kind": "count", "choices": {"Có": 1}})
    assert said(found) == [(1, "A", None)]
    # a choice of 1 among percents is no share of 1, though no sign says so
    both = read_as(cells_of(["Đủ", "42%"]), {"kind": "percent", "choices": {"Đủ": 100}})
    assert said(both) == [(100, "A", None), (42, "A", None)]


def test_a_box_is_ticked_or_not_or_blank_or_unclear():
    found = read_as(cells_of(["x", "không", " ", "3 giờ"]), {"kind": "tick"})
    assert said(found) == [
        (1, "A", None),
        (0, "A", None),
        (None, "O", None),
        (None, "V", "choice_unknown"),
    ]


def test_an_export_writes_figures_and_what_is_missing_as_its_mapping_says():
    mapping = {"status": {"codes": {"M": "missing", "A": "valid"}}, "missing": {"-9": "missing",
               "NA": "not_applicable"}}  # fmt: skip
    texts, shown = ["1.5", "-9", "NA", "", "", ""], [None] * 3 + ["M", "A", None]
    cells = cells_of(texts, shown=shown, mapping="m")
    found = read_as(cells, {"kind": "decimal"}, mappings={"m": mapping})
    assert said(found)[:4] == [
        (1.5, "A", None),  # a point is decimal in an export that says nothing else
        (None, "O", "missing_symbol"),
        (None, "M", "not_applicable"),
        (None, "O", "missing_symbol"),
    ]
    assert found["found"].tolist()[3:5] == ["status: M", "status: A"]
    assert said(found)[4][:2] == (None, "V"), "a status of figures that stands beside none"
    assert said(found)[5] == (None, "O", "blank")
    own = read_as(cells[:1], {"kind": "decimal"}, mappings={"m": {"numbers": "vietnamese"}})
    assert said(own) == [(1.5, "A", "decimal_point")]


def test_a_measure_that_the_form_does_not_know_converts_nothing():
    found = read_as(cells_of(["2"], "number", measure_text="tá"), {"kind": "count"})
    assert said(found) == [(2, "A", None)]


def test_half_of_a_files_names_must_be_codes_for_a_number_to_be_one():
    known = {"10": "10", "79": "79", "ha noi": "01", "hue": "46", "cao bang": "04"}
    place = {"role": "unit", "source_file": "a", "form": "f"}
    nothing = dict.fromkeys(["rule", "found", "covered_by"])
    for others, codes in ((["Hà Nội", "Huế"], ["10", "79"]), (["Hà Nội", "Huế", "Cao Bằng"], [])):
        names = ["10", "79", *others]
        cells = pd.DataFrame({"unit_text": names, "raw_text": names}).assign(**place, **nothing)
        cells.loc[len(cells)] = cells.loc[0].to_dict() | {"role": "value", "raw_text": "5"}
        labels = dict.fromkeys(known.values(), "x")
        found = clean.units(cells, known, labels).fillna("")
        assert found["reporting_unit"].tolist()[:2] == (codes or ["", ""])
        assert (found["reporting_unit"] == "").sum() == (0 if codes else 3)
        assert found["rule"].tolist()[-1] == ""
        assert found["covered_by"].tolist()[-1] == ("" if codes else "unit_unknown")
    cells.loc[0, "raw_text"], cells.loc[len(cells) - 1, "raw_text"] = "Lào Cai", "1.100"
    stated = clean.units(cells, known, labels)
    assert stated["reporting_unit"].notna().iloc[0], "as the form says"
    assert stated["reporting_unit"].notna().iloc[-1], "a figure that holds its digits says nothing"
    mapped = clean.units(cells.assign(mapping="m"), known, {})
    assert mapped["reporting_unit"].notna().all(), "the mapping says what its numbers mean"


def test_one_unit_under_two_names_counts_under_neither_where_both_have_the_figure():
    rows = [("unit", "Huế", None, "A1"), ("value", "Huế", "i", "B1"), ("value", "Huế", "j", "C1"),
            ("unit", "TT Huế", None, "A2"), ("value", "TT Huế", "i", "B2"),
            ("unit", "Hà Nội", None, "A3"), ("value", "Hà Nội", "i", "B3")]  # fmt: skip
    cells = pd.DataFrame(rows, columns=["role", "unit_text", "item", "source_cell"]).assign(
        source_file="a", form="f", level="_T", field="_T", rule=None, covered_by=None
    )
    cells["reporting_unit"] = ["46"] * 5 + ["01"] * 2
    cells.loc[4, "covered_by"] = "measure_unknown"  # fmt: skip
    found = clean.repeated_units(cells)
    assert found["rule"].tolist() == [
        "duplicate_row",
        None,
        None,
        "duplicate_row",
        None,
        None,
        None,
    ]
    covered = [None, "duplicate_row", None, None, "measure_unknown", None, None]
    assert found["covered_by"].tolist() == covered
    named = clean.repeated_units(cells.assign(rule="unit_by_text"))
    assert set(named["rule"]) == {"unit_by_text"}
    apart = cells.assign(item=["", "i", "j", "", "k", "", "i"])
    assert clean.repeated_units(apart)["rule"].isna().all(), "two names, but no figure twice"
    assert clean.repeated_units(cells[cells["unit_text"] != "TT Huế"])["covered_by"].isna().all()


def test_the_nearest_name_is_alike_in_six_letters_of_ten():
    names = {"abcde": "1", "vwxyz": "2"}
    labels = {"1": "Một", "2": "Hai"}
    assert clean.nearest("ABCxy", names, labels) == "Một"  # 2 · 3 ÷ 10
    assert clean.nearest("abmno", names, labels) == "…"
    assert clean.nearest("vwxyq", names | {"vwxqq": "1"}, labels) == "Hai"


def test_long_names_of_fields_that_begin_alike_have_codes_of_their_own():
    texts = ["a" * 60, "a" * 61, "a" * 62, "Đất đai", "khác"]
    cells = pd.DataFrame({"field": texts, "raw_text": texts, "role": "field"})
    cells = cells.assign(rule=[None] * 4 + ["text_kept"])
    cells.loc[5] = {"field": "khác", "raw_text": "khác", "role": "value", "rule": None}
    found = clean.fields(cells, {"dat dai": "land"})
    codes = found["field"].tolist()
    assert codes[0] == "_" + "a" * 60 and codes[3:] == ["land", "_khac", "_khac"]
    assert len(set(codes[:3])) == 3
    assert all(c.startswith("_" + "a" * 60 + "_") and len(c) == 70 for c in codes[1:3])
    assert found["rule"].fillna("").tolist() == ["field_unknown"] * 3 + ["", "text_kept", ""]


def test_a_file_states_one_window_or_several():
    rows = [
        ("a", "s", "A1", "Biểu của quý II"),
        ("a", "s", "A2", "Từ ngày 15/03/2022"),
        ("a", "s", "A3", "đến ngày 14/06/2022"),
        ("a", "t", "A1", "Từ 15/03/2022 đến 14/06/2022"),
        ("b", "s", "A1", "Từ 15/03/2022 đến 14/06/2022"),
        ("b", "t", "A1", "Từ 15/03/2022 đến 15/06/2022"),
        ("c", "s", "A1", "quý II"),
    ]
    columns = ["source_file", "source_sheet", "source_cell", "raw_text"]
    cells = pd.DataFrame(rows, columns=columns).assign(role="window")
    found = clean.windows(cells).set_index("source_file")
    assert found["source_cell"].tolist() == ["A2", "A1", "A1"], "where the first day stands"
    assert [str(found.loc["a", c]) for c in ("start", "end")] == ["2022-03-15", "2022-06-14"]
    several = ["", "15/03/2022–14/06/2022; 15/03/2022–15/06/2022", ""]
    assert found["several"].fillna("").tolist() == several
    assert found.loc[["b", "c"], ["start", "end"]].isna().all(axis=None)
