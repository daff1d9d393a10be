"""What a survey must say of its own questions: sections, skip rules, labels, contradictions."""

from collections import Counter
from collections.abc import Iterator

from analysis.language.messages import tell
from analysis.language.words import fold

Fault = tuple[tuple, str]
"""Where in the file, and what is wrong."""

_FIGURES = ("hours", "money", "count", "rating", "weight")


def faults(survey: dict, rules: dict) -> Iterator[Fault]:
    """What is wrong with the questionnaire of a survey and with what it says cannot be together.

    Parameters
    ----------
    rules
        Of ``rules.yml``; nothing is said of rules where they could not be read.
    """
    yield from _labels(survey)
    yield from _sections(survey)
    yield from _skips(survey)
    yield from _contradictions(survey, rules)
    yield from _neighbours(survey)


def _labels(survey: dict) -> Iterator[Fault]:
    """Labels are of choices, and each says which of them it is."""
    for item, column in survey["columns"].items():
        choices, where = column.get("choices", {}), ("columns", item)
        for code in sorted(set(column.get("labels", {})) - set(choices)):
            yield (
                (*where, "labels", code),
                tell("{item}: labels: no choice {code}", item=item, code=code),
            )
        held: dict[str, str] = {}
        for code, spellings in choices.items():
            for word in [*spellings, *column.get("labels", {}).get(code, {}).values()]:
                signs = "".join(c for c in str(word) if c in "<>+")
                if (other := held.setdefault(fold(str(word)) + signs, code)) != code:
                    yield (
                        where,
                        tell(
                            "{item}: “{word}” is both {other} and {code}",
                            item=item,
                            word=word,
                            other=other,
                            code=code,
                        ),
                    )


def _sections(survey: dict) -> Iterator[Fault]:
    """Every column is asked once at most, and those without which nothing counts are."""
    sections, columns = survey.get("questionnaire", []), survey["columns"]
    times = Counter(item for section in sections for item in section["items"])
    for n, section in enumerate(sections):
        for item in section["items"]:
            where = ("questionnaire", n, "items")
            if item not in columns:
                yield where, tell("questionnaire: no column {item}", item=item)
            elif times[item] > 1:
                yield (
                    where,
                    tell(
                        "questionnaire: {item} is asked {times} times", item=item, times=times[item]
                    ),
                )
    if sections:
        for item, column in columns.items():
            if column.get("required") and not times[item]:
                yield (
                    ("questionnaire",),
                    tell("questionnaire: {item} is required and not asked", item=item),
                )
    codes = Counter(fold(section["section"]) for section in sections)
    names = {fold(word) for item, c in columns.items() for word in (item, c["head"])}
    for n, section in enumerate(sections):
        code = fold(section["section"])
        if codes[code] > 1 or code in names:
            where = ("questionnaire", n, "section")
            yield (
                where,
                tell(
                    "questionnaire: {section} is the name of something else, too",
                    section=section["section"],
                ),
            )


def _skips(survey: dict) -> Iterator[Fault]:
    """A question is asked on the choices of an earlier one that is asked as often."""
    columns, order, section = survey["columns"], {}, {}
    stated = survey.get("questionnaire") or [{"items": list(columns), "section": ""}]
    for one in stated:
        for item in one["items"]:
            order[item], section[item] = len(order), one
    for item, column in columns.items():
        for other, codes in column.get("asked_if", {}).items():
            where = ("columns", item, "asked_if")
            yield from _of_choices(
                columns, other, codes, where, tell("{item}: asked_if", item=item)
            )
            if item in order and other in columns and not order.get(other, 1e9) < order[item]:
                yield (
                    where,
                    tell("{item}: asked_if: {other} is not asked before", item=item, other=other),
                )
            elif item in order and _repeats(section.get(other, {}), section[item]):
                yield (
                    where,
                    tell(
                        "{item}: asked_if: {other} is asked in a section that repeats",
                        item=item,
                        other=other,
                    ),
                )


def _repeats(section: dict, other: dict) -> bool:
    """Whether one question has several answers where the other is asked."""
    return bool(section.get("repeat")) and section is not other


def _of_choices(columns: dict, item: str, codes: list, where: tuple, what: str) -> Iterator[Fault]:
    if columns.get(item, {}).get("kind") not in ("choice", "several"):
        yield where, tell("{what}: {item} is no column of choices", what=what, item=item)
        return
    for code in codes:
        if code not in columns[item]["choices"]:
            yield (
                where,
                tell("{what}: {item} has no choice {code}", what=what, item=item, code=code),
            )


def _contradictions(survey: dict, rules: dict) -> Iterator[Fault]:
    columns, what = survey["columns"], "contradictions"
    figures = {item for item, c in columns.items() if c["kind"] in _FIGURES} | set(survey["sums"])
    days = {item for item, c in columns.items() if c["kind"] == "date"}
    for n, line in enumerate(survey.get(what, [])):
        if rules and line["rule"] not in rules:
            yield (
                (what, n, "rule"),
                tell("{what}: {rule} is not in rules.yml", what=what, rule=line["rule"]),
            )
        for key in ("where", "unless"):
            for item, codes in line.get(key, {}).items():
                yield from _of_choices(columns, item, codes, (what, n, key), f"{what}: {key}")
                if columns.get(item, {}).get("kind") == "several":
                    yield (
                        (what, n, key),
                        tell(
                            "{what}: {key}: {item} may have several answers",
                            what=what,
                            key=key,
                            item=item,
                        ),
                    )
        known = {"at": set(columns), "before": days}
        known |= dict.fromkeys(("above_zero", "not_above_zero", "zero"), figures)
        for key, held in known.items():
            for item in line.get(key, []):
                if item not in held:
                    yield (
                        (what, n, key),
                        tell(
                            "{what}: {key}: {item} is no such column", what=what, key=key, item=item
                        ),
                    )


def _neighbours(survey: dict) -> Iterator[Fault]:
    """What is taken together along a column of choices are its choices, each of them."""
    for item, order in survey.get("collapse", {}).get("order", {}).items():
        choices = survey["columns"].get(item, {}).get("choices")
        for code in sorted(set(choices).symmetric_difference(order)) if choices else ():
            if code in order:
                what = tell("collapse: order: {item}: {code} is no choice", item=item, code=code)
            else:
                what = tell(
                    "collapse: order: {item}: {code} has no neighbour", item=item, code=code
                )
            yield ("collapse", "order", item), what


def regressions(stated: list[dict], survey: dict) -> Iterator[Fault]:
    """What is wrong with ``regressions`` of an edition: what they name must be there."""
    offered = ["procedure_group", *survey["domains"]]
    for n, one in enumerate(stated):
        measure = survey["measures"].get(one["outcome"])
        if measure is None:
            what = tell("regressions: no measure {name}", name=one["outcome"])
            yield (("regressions", n, "outcome"), what)
        elif ("of" in measure) != (one["kind"] == "logistic"):
            what = tell(
                "regressions: {name}: logistic is for measures that are shares, linear for others",
                name=one["outcome"],
            )
            yield (("regressions", n, "kind"), what)
        for column in one["terms"]:
            if column not in offered:
                what = tell(
                    "regressions: {name} is none of {offered}",
                    name=column,
                    offered=", ".join(offered),
                )
                yield (("regressions", n, "terms"), what)
    codes = [one["code"] for one in stated]
    for n, code in enumerate(codes):
        if code in codes[:n]:
            yield (("regressions", n, "code"), tell("regressions: {code} stands twice", code=code))
