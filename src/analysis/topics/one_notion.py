"""One notion with two values in one period: which they are, beside each other, and why they differ.

Frameworks may measure the same thing on different forms, over different denominators; the catalogue
says so (``same_notion`` of an indicator). And the unit whose parts the others are may state a
figure of its own that is not the sum of theirs.
"""

from collections.abc import Iterator

import pandas as pd

from analysis.language.languages import choose, say
from analysis.language.words import number, percent
from analysis.topics import results


def told(period, shown: str, among: set[str] | None = None) -> list[str]:
    """A sentence for each indicator of the framework ``shown`` that another framework of the period
    measures too, with another value; of those of ``among`` alone, if given."""
    found = []
    for (own, indicator), (other, beside), why in _pairs(period):
        if other == shown:
            (own, indicator), (other, beside) = (other, beside), (own, indicator)
        if own != shown or (among is not None and indicator not in among):
            continue
        values = [_value(period, own, indicator), _value(period, other, beside)]
        if None in values or values[0] == values[1]:
            continue
        found.append(
            say(
                "“{name}” ở đây là {value}; “{beside}” của khung “{framework}” là {other}. Hai số "
                "cùng nói về một điều nhưng khác nhau vì {why}.",
                name=_name(period, own, indicator),
                value=values[0],
                beside=_name(period, other, beside),
                framework=choose(period.framework(other)["title"]),
                other=values[1],
                why=why,
            )
        )
    return found


def _pairs(period) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    """Indicators of frameworks of the period that measure one notion, and why they differ."""
    for code in period.plan.frameworks:
        for name, indicator in period.framework(code)["indicators"].items():
            same = indicator.get("same_notion")
            if same and same["framework"] in period.plan.frameworks:
                yield (code, name), (same["framework"], same["indicator"]), choose(same["why"])


def _name(period, code: str, indicator: str) -> str:
    return choose(period.framework(code)["indicators"][indicator]["name"])


def _value(period, code: str, indicator: str) -> str | None:
    """The value over all units together, with its parts and how many units entered."""
    table = period.tables.national
    row = table[(table["framework"] == code) & (table["indicator"] == indicator)]
    if row.empty or row["obs_value"].isna().all():
        return None
    row = row.iloc[0]
    return say(
        "{value} ({part}/{whole}, {units} đơn vị)",
        value=percent(row["obs_value"]),
        part=number(row["numerator"]),
        whole=number(row["denominator"]),
        units=number(row["units"]),
    )


def whole_beside_parts(period, code: str) -> list[str]:
    """Where the unit whose parts the others are states another value than theirs together: those
    values, and what is known of why; no sentence where there is no such unit or no difference."""
    parent = str(period.plan.due.get("parent"))
    held = period.tables.indicator_values
    own = held[(held["framework"] == code) & (held["reporting_unit"] == parent)]
    national = period.tables.national
    parts = national[national["framework"] == code]
    both = own.dropna(subset=["obs_value"])[["indicator", "obs_value"]].merge(
        parts.dropna(subset=["obs_value"]), on="indicator", suffixes=("_own", "")
    )
    both = both.assign(
        stated=both["obs_value_own"].map(percent), summed=both["obs_value"].map(percent)
    )
    both = both[both["stated"] != both["summed"]]
    if both.empty:
        return []
    names = results.labels(period.framework(code))
    entries = both.assign(name=both["indicator"].map(names)).apply(_beside, axis=1)
    return [
        say(
            "Dòng của chính {unit} trong nguồn nêu số khác với tổng các đơn vị trực thuộc: "
            "{entries}. Tổng chỉ gồm những đơn vị có số đo, và một thủ tục có thể được nhiều đơn "
            "vị cùng đếm; dòng của {unit} do nguồn tính riêng, không rõ cách.",
            unit=period.names[parent],
            entries="; ".join(entries),
        )
    ]


def _beside(row: pd.Series) -> str:
    return say(
        "{name} {stated} (tổng của {units} trong {of} đơn vị: {summed})",
        name=row["name"],
        stated=row["stated"],
        summed=row["summed"],
        units=number(row["units"]),
        of=number(row["of"]),
    )
