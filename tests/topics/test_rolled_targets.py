"""How a target ended is told by the last period before its day, never of what is not confirmed."""

from datetime import date
from types import SimpleNamespace

import pandas as pd

from analysis.catalogue import catalogue
from analysis.catalogue.periods import parse
from analysis.topics import rolled_targets

LISTS = catalogue.load()
OLD, NEW = "own.2022", "own.2023"


def _period(code: str, end: date, values: dict[str, float]):
    due = pd.DataFrame({"code": list(values), "type": "ministry"})
    held = pd.DataFrame(
        {
            "framework": "edocs",
            "reporting_unit": list(values),
            "indicator": "documents_signed_share",
            "time_period": code,
            "obs_value": list(values.values()),
            "obs_status": "A",
        }
    )
    plan = SimpleNamespace(end=end, title={"vi": code}, due={}, period=parse(code), code=code)
    tables = SimpleNamespace(indicator_values=held)
    return SimpleNamespace(plan=plan, due=due, tables=tables, catalogue=LISTS)


def _told(certainty: str, periods: list) -> str:
    (own,) = LISTS.targets[LISTS.targets["code"] == "edocs.documents_signed_share.2025"].index
    row = LISTS.targets.loc[[own]].assign(unit_types="ministry", certainty=certainty)
    days = [("2022-01-01", "2022-12-31", 50.0), ("2023-01-01", "2023-12-31", 70.0)]
    held = pd.concat(
        row.assign(code=c, since=pd.Timestamp(s), due=pd.Timestamp(d), low=low)
        for c, (s, d, low) in zip((OLD, NEW), days, strict=True)
    )
    lists = SimpleNamespace(targets=held, unit_types=LISTS.unit_types, units=LISTS.units)
    described = LISTS.frameworks["edocs"]
    (line,) = rolled_targets.table("edocs", described, periods, lists).to_dict("records")
    assert (line["before_text"], line["now_text"], line["state"]) == ("≥ 50 %", "≥ 70 %", "changed")
    return line["reached"]


def test_it_is_told_how_many_units_had_reached_what_ended():
    before = _period("2022-Q4", date(2022, 12, 14), {"BCA": 60.0, "BTP": 40.0, "BYT": float("nan")})
    now = _period("2023-Q1", date(2023, 3, 14), {"BCA": 90.0, "BTP": 90.0, "BYT": 90.0})
    assert _told("verified", [before, now]) == "đạt ở 1 trong 2 đơn vị có số đo (2022-Q4)"
    assert _told("verified", [now]) == "không có kỳ nào tính đến hạn"
    assert "không kết luận" in _told("from_memory", [before, now])
