"""What the open data of a period or survey edition are called: codes with names, dataflows."""

from collections.abc import Iterator

import pandas as pd

from analysis.catalogue import frameworks, periods
from analysis.display import wordings
from analysis.language.languages import LANGUAGES, say, using
from analysis.period import Loaded
from analysis.render import sdmx
from analysis.schema.tables import OBS_STATUS
from analysis.survey import editions

Given = dict[str, pd.DataFrame]
"""Table → what of it is given (:func:`analysis.site.data_pack.tables`)."""

_MEASURES = {
    "score": "Điểm",
    "max_score": "Điểm tối đa",
    "rank": "Hạng",
    "rank_median": "Hạng trung vị",
    "rank_low": "Hạng tốt nhất của khoảng",
    "rank_high": "Hạng kém nhất của khoảng",
}


def both(text: str) -> dict[str, str]:
    """A text of ours in each language."""
    found = {}
    for code in LANGUAGES:
        with using(code):
            found[code] = say(text)
    return found


# --- codes and their names -------------------------------------------------------------------


def _listed(rows: Iterator[tuple]) -> pd.DataFrame:
    """list, code, name_vi, name_en, framework, unit_measure: each once, as it comes."""
    columns = ["list", "code", "name_vi", "name_en", "framework", "unit_measure"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)


def _row(kind: str, code: str, names: dict, framework: str = "", unit: str = "") -> tuple:
    return kind, code, names["vi"], names["en"], framework, unit


def of_period(loaded: Loaded, given: Given) -> pd.DataFrame:
    """The codes in the tables of a period: list, code, name_vi, name_en, framework,
    unit_measure."""
    return _listed(_period_codes(loaded, given))


def _period_codes(loaded: Loaded, given: Given) -> Iterator[tuple]:
    known = loaded.catalogue
    asked = set().union(*(table["reporting_unit"] for table in given.values()))
    units = known.units.drop_duplicates("code", keep="last").set_index("code")
    called = {**units[["name_vi", "name_en"]].to_dict("index")}
    called |= loaded.due.set_index("code")[["name_vi", "name_en"]].to_dict("index")
    for unit in sorted(asked):
        of = called.get(unit, {"name_vi": unit, "name_en": unit})
        yield _row("reporting_unit", unit, {"vi": of["name_vi"], "en": of["name_en"]})
    for code in loaded.plan.frameworks:
        framework = frameworks.on_day(known.frameworks[code], loaded.plan.end)
        yield _row("framework", code, framework["title"])
        for level in ("dimension", "indicator"):
            for entry, stated in framework.get(f"{level}s", {}).items():
                unit = stated.get("unit_measure", "") if level == "indicator" else ""
                yield _row(level, entry, stated["name"], code, unit)
    targets = known.targets[known.targets["code"].isin(given["assessments"]["target"])]
    for target in targets.itertuples():
        names = {"vi": target.name_vi, "en": target.name_en}
        yield _row("target", target.code, names, target.framework, target.unit_measure)
    for verdict, words in wordings.codes("target_verdict").items():
        yield _row("verdict", verdict, both(words))
    yield from _statuses()


def of_survey(loaded: editions.Loaded, given: Given) -> pd.DataFrame:
    """The codes in the tables of a survey edition, as :func:`of_period`."""
    estimates, groups = given["estimates"], {}
    for lang in LANGUAGES:
        with using(lang):
            groups[lang] = loaded.groups
    rows = []
    for column in ("procedure_group", "measure", "statistic"):
        for code in estimates[column].unique():
            names = {lang: groups[lang].get(code, code) for lang in LANGUAGES}
            rows.append(_row(column, code, names))
    return _listed([*rows, *_statuses()])


def _statuses() -> Iterator[tuple]:
    for status, words in OBS_STATUS.items():
        yield _row("obs_status", status, both(words))


def _names(codes: pd.DataFrame, *kinds: str) -> dict[str, sdmx.Names]:
    rows = codes[codes["list"].isin(kinds)]
    names = rows[["name_vi", "name_en"]].set_axis(["vi", "en"], axis=1).to_dict("records")
    return sdmx.joined(zip(rows["code"], names, strict=True))


# --- SDMX ------------------------------------------------------------------------------------


def _coded(key: str, said: str, column: str, codes: dict) -> sdmx.Coded:
    return sdmx.Coded(key, both(said), column, codes)


def period_flow(codes: pd.DataFrame, given: Given) -> sdmx.Flow:
    """Values, scores and ranks: by framework, level, entry, unit and what is measured."""
    sources = {"method": "cách tính", "sampling": "chọn mẫu", "both": "cả hai"}
    ranked = [m for m in _MEASURES if m.startswith("rank_")]
    measures = {"value": both("Giá trị")} | {m: both(_MEASURES[m]) for m in _MEASURES}
    for source, said in sources.items():
        words = both(said)
        for m in ranked:
            measures[f"{m}_{source}"] = {c: f"{measures[m][c]}: {words[c]}" for c in words}
    measures = {m: names for m, names in measures.items() if m not in ranked}
    levels = {"indicator": "Chỉ tiêu", "dimension": "Nhóm", "framework": "Tổng"}
    units = ["points", "rank", *codes["unit_measure"]]
    entries = _names(codes, "indicator", "dimension", "framework")
    seen = [*given["scores"]["code"], *given["indicator_values"]["indicator"]]
    return sdmx.Flow(
        "PERIOD_FIGURES",
        both("Chỉ tiêu, điểm và hạng của các đơn vị"),
        (
            _coded("FRAMEWORK", "Khung", "framework", _names(codes, "framework")),
            _coded("LEVEL", "Cấp", "level", {k: both(v) for k, v in levels.items()}),
            _coded("ENTRY", "Chỉ tiêu, nhóm", "code", {**_same(seen), **entries}),
            _coded("REPORTING_UNIT", "Đơn vị", "reporting_unit", _names(codes, "reporting_unit")),
            _coded("MEASURE", "Đại lượng", "measure", measures),
        ),
        (
            _coded("OBS_STATUS", "Trạng thái", "obs_status", _names(codes, "obs_status")),
            _coded("UNIT_MEASURE", "Đơn vị tính", "unit_measure", _same(units)),
        ),
    )


def _same(codes) -> dict[str, sdmx.Names]:
    """Codes that have no other name."""
    return {code: dict.fromkeys(LANGUAGES, code) for code in codes if code}


def figures(given: Given, codes: pd.DataFrame) -> pd.DataFrame:
    """Values, scores and ranks as rows of one table, a measure each."""
    entries = codes[codes["list"] == "indicator"].set_index(["framework", "code"])["unit_measure"]
    values = given["indicator_values"].rename(columns={"indicator": "code"})
    unit = entries.reindex(pd.MultiIndex.from_frame(values[["framework", "code"]])).to_numpy()
    parts = [values.assign(level="indicator", measure="value", unit_measure=unit)]
    for name in ("scores", "rank_intervals"):
        for measure in (m for m in _MEASURES if m in given[name]):
            rows = given[name].rename(columns={measure: "obs_value"}).assign(measure=measure)
            rows["unit_measure"] = "points" if "score" in measure else "rank"
            if name == "rank_intervals":
                rows["measure"] += "_" + rows["source"]
            parts.append(rows if measure == "score" else rows[rows["obs_value"].notna()])
    columns = ["framework", "level", "code", "reporting_unit", "measure"]
    columns += ["obs_value", "obs_status", "unit_measure"]
    return pd.concat([part.reindex(columns=columns) for part in parts], ignore_index=True)


def survey_flow(codes: pd.DataFrame) -> sdmx.Flow:
    """Estimates and their bounds: by procedure group, measure and statistic."""
    kinds = ("procedure_group", "measure", "statistic")
    said = dict(zip(kinds, ("Nhóm thủ tục", "Thước đo", "Thống kê"), strict=True))
    bounds = {
        "estimate": "Ước lượng",
        "ci_low": "Cận dưới của khoảng tin cậy 95 %",
        "ci_high": "Cận trên của khoảng tin cậy 95 %",
        "respondents": "Số doanh nghiệp trả lời",
    }
    figure = _coded("FIGURE", "Đại lượng", "figure", {k: both(v) for k, v in bounds.items()})
    status = _coded("OBS_STATUS", "Trạng thái", "obs_status", _names(codes, "obs_status"))
    listed = (_coded(k.upper(), said[k], k, _names(codes, k)) for k in kinds)
    return sdmx.Flow(
        "SURVEY_ESTIMATES", both("Ước lượng của cuộc điều tra"), (*listed, figure), (status,)
    )


def estimates(given: Given) -> pd.DataFrame:
    """Estimates, their bounds and how many answered, as rows of one table."""
    keys = ["procedure_group", "measure", "statistic", "obs_status"]
    asked = ["estimate", "ci_low", "ci_high", "respondents"]
    table = given["estimates"].astype(dict.fromkeys(asked, float))
    return table.melt(keys, asked, var_name="figure", value_name="obs_value")


def time(plan) -> tuple[str, str]:
    """Frequency and period in the codes of SDMX."""
    if hasattr(plan, "edition"):
        return "A", periods.parse(plan.edition).time_period
    return plan.period.frequency, plan.period.time_period
