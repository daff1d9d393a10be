"""Rules → issues. Each rule's severity and words stand in ``data/catalogue/rules.yml``."""

import pandas as pd

from analysis.language.words import day, in_english, number
from analysis.schema import ISSUES, SUBMISSIONS, parts, shaped

_KEY = ["reporting_unit", "form", "level", "field"]
_PLACE = ["source_file", "source_sheet", "source_cell", "raw_text", "reporting_unit", "form"]
_LABEL = ["rule", "found", "expected"]
_NOISE = 1e-9  # what adding decimals leaves in their last places; sums of counts are exact


def submissions(
    cells: pd.DataFrame,
    windows: pd.DataFrame,
    received: pd.DataFrame,
    hashes: dict[str, str],
    plan,
    due: dict[str, pd.DataFrame],
) -> tuple:
    """Decide for each file whether it is in force, superseded, a duplicate or refused.

    Parameters
    ----------
    cells
        Located cells with ``reporting_unit``.
    windows
        See :func:`analysis.reading.clean.windows`.
    received
        Arrivals in their order (:func:`analysis.exchange.receipts.read`).
    hashes
        File name → SHA-256.
    due
        Form → the units that must send it.

    Returns
    -------
    (schema.SUBMISSIONS, findings): findings have place, rule, found, expected.
    """
    arrived = _as_it_is(received, hashes)
    first = arrived.groupby("file")["received_at"].first()
    noted = received.dropna(subset=["sha256"]).groupby("file")["sha256"].last()
    stated = {r.source_file: r for r in windows.itertuples()}
    rows, reasons = [], []
    for told in _told(cells).itertuples():
        file, form = told.source_file, None if pd.isna(told.form) else told.form
        unit = told.unit if told.units == 1 else None
        rule, found = _refusal(told, unit, stated.get(file), plan)
        reasons.append(found)
        rows.append(
            dict(
                source_file=file,
                form=form,
                reporting_unit=unit,
                time_period=plan.code,
                received_at=first.get(file),
                sha256=hashes.get(file),
                rule=rule,
                state="refused" if rule else "in_force",
                first_received_at=first.get(file),
            )
        )
    table, repeated = _in_force(shaped(pd.DataFrame(rows), SUBMISSIONS), arrived)
    findings = []
    for row, found, arrival in zip(rows, reasons, table["received_at"], strict=True):
        file, form, unit = row["source_file"], row["form"], row["reporting_unit"]
        at = dict.fromkeys(_PLACE, "") | dict(source_file=file, reporting_unit=unit, form=form)
        found += _timeliness(arrival, plan)
        if noted.get(file, hashes.get(file)) != hashes.get(file):
            found.append({"rule": "changed_since_receipt", "found": file})
        owing = [due[form]] if form in due else due.values()
        if unit is not None and not any(unit in set(units["code"]) for units in owing):
            found.append({"rule": "unit_not_due", "raw_text": unit})
        findings += [{**at, **f} for f in found]
    absent = sorted(set(received["file"]) - set(cells["source_file"]))
    findings += [
        {**dict.fromkeys(_PLACE, ""), "source_file": file, "rule": "file_missing", "found": file}
        for file in absent
    ]
    table = table.sort_values("source_file").reset_index(drop=True)
    return table, shaped(pd.DataFrame(findings + repeated), [*_PLACE, *_LABEL])


def _as_it_is(received: pd.DataFrame, hashes: dict[str, str]) -> pd.DataFrame:
    """Arrivals of what files hold now; all of a file that is not what any of its lines noted."""
    other = received["sha256"].notna() & (received["sha256"] != received["file"].map(hashes))
    held = received.loc[~other, "file"]
    return received[~other | ~received["file"].isin(held)]


_REFUSING = ["file_unreadable", "file_type", "file_too_large", "sheet_missing", "unit_unknown",
             "header_not_found", "column_disagrees", "encoding_unknown"]  # fmt: skip


def _told(cells: pd.DataFrame) -> pd.DataFrame:
    """What the cells of each file and form tell of it as a whole, in their order.

    Returns source_file, form, units (how many), unit (the first), unit_rows (rows that name one),
    refusing (the first rule that refuses the file), long (whether it has no sheets).
    """
    keys = [cells["source_file"], cells["form"]]
    rule = cells["rule"].astype(object)
    columns = {
        "unit": cells["reporting_unit"],
        "unit_rows": cells["row"].where(cells["role"] == "unit"),
        "refusing": rule.where(rule.isin(_REFUSING), None),
        "long": cells["source_sheet"] == "",
    }
    by = {n: c.groupby(keys, sort=True, dropna=False) for n, c in columns.items()}
    told = {
        "units": by["unit"].nunique(),
        "unit": by["unit"].first(),
        "unit_rows": by["unit_rows"].nunique(),
        "refusing": by["refusing"].first(),
        "long": by["long"].all(),
    }
    return pd.DataFrame(told).reset_index()


def _refusal(told, unit: str | None, window, plan) -> tuple[str | None, list[dict]]:
    """The rule by which a whole file is refused (None if it counts), and its new findings."""
    # a long file names a unit in each row, and one wrong row is no reason to refuse the others
    if told.unit_rows > 1:
        return None, []
    if pd.notna(told.refusing):
        return told.refusing, []
    if unit is None:
        return "unit_unknown", [{"rule": "unit_unknown", "found": "…"}]
    if told.long:
        return None, []  # a long file states no window; its period is that of its folder
    if window is None:
        return "period_unreadable", [{"rule": "period_unreadable"}]
    at = {k: getattr(window, k) for k in ("source_sheet", "source_cell", "raw_text")}
    if window.start is None:
        return "period_unreadable", [{**at, "rule": "period_unreadable"}]
    if (window.start, window.end) == (plan.start, plan.end):
        return None, []
    says = f"{day(window.start)}–{day(window.end)}"
    expected = f"{day(plan.start)}–{day(plan.end)}"
    return "period_mismatch", [
        {**at, "rule": "period_mismatch", "found": says, "expected": expected}
    ]


def _timeliness(arrived, plan) -> list[dict]:
    """Findings on the day of receipt (Nghị định 09/2019/NĐ-CP, art. 13, or none if not due)."""
    if pd.isna(arrived):
        return [{"rule": "received_unknown"}]
    if plan.deadline and arrived.date() > plan.deadline:
        return [{"rule": "received_late", "found": day(arrived), "expected": day(plan.deadline)}]
    return []


def _in_force(table: pd.DataFrame, arrived: pd.DataFrame) -> tuple[pd.DataFrame, list[dict]]:
    """Of several submissions of a unit the latest received counts; equal content counts once.

    What was in force before and came once more is received on the day on which it came back.
    """
    findings = []
    table = table.assign(revision=0)
    open_ = table[(table["state"] == "in_force") & table["reporting_unit"].notna()]
    open_ = open_[open_.duplicated(["reporting_unit", "form"], keep=False)]
    came = _came(open_.assign(content=open_["sha256"], place=open_.index), arrived)
    for _, group in came.groupby(["reporting_unit", "form"], sort=False):
        for place, (state, other, since, revision) in _standing(group).items():
            table.loc[place, ["state", "revision"]] = [state, revision]
            if state != "duplicate":
                table.loc[place, "received_at"] = since
            if state == "in_force":
                continue
            rule = "superseded" if state == "superseded" else "duplicate_submission"
            row = table.loc[place]
            table.loc[place, "rule"] = rule
            own = {c: row[c] for c in ("source_file", "reporting_unit", "form")}
            findings.append({**dict.fromkeys(_PLACE, ""), **own, "rule": rule, "found": other})
    return table, findings


def _came(files: pd.DataFrame, arrived: pd.DataFrame) -> pd.DataFrame:
    """Each arrival of each file, in their order; first, by name, those of which none is known."""
    order = arrived.assign(order=range(len(arrived)), source_file=arrived["file"])
    order = order[["source_file", "order", "received_at"]]
    files = files.drop(columns="received_at", errors="ignore")
    came = files.merge(order, on="source_file", how="left")
    came = came.assign(order=came["order"].fillna(-1))
    return came.sort_values(["order", "source_file"], kind="stable")


def _standing(came: pd.DataFrame) -> dict:
    """Which of the files that came for a unit, in their order, counts in the end.

    ``came``: place (what it is called), source_file, content, received_at. Returns place → state,
    the file that replaced it or has the same content, since when it counted last, its revision.
    """
    standing, current, revision = {}, None, 0
    for row in came.itertuples():
        if current is not None and row.place == current.place:
            _, _, since, number = standing[row.place]  # a line may say the day that one above lacks
            since = row.received_at if pd.isna(since) else since
            standing[row.place] = ("in_force", None, since, number)
            continue
        if current is not None and row.content == current.content:
            said = ("duplicate", current.source_file, pd.NaT, 0)
            standing.setdefault(row.place, said)
            continue
        if current is not None:
            _, _, since, number = standing[current.place]
            standing[current.place] = ("superseded", row.source_file, since, number)
            revision += 1
        standing[row.place] = ("in_force", None, row.received_at, revision)
        current = row
    return standing


def later_for_unit(
    cells: pd.DataFrame, submissions: pd.DataFrame, received: pd.DataFrame
) -> pd.DataFrame:
    """Of several files that name a unit, at least one beside other units, the latest counts for it.

    ``received``: arrivals in their order. Returns, for units in more than one file of a form:
    place, ``state`` (in_force or superseded), ``revision`` and, where superseded, ``rule`` and
    ``found`` (the later file).
    """
    files = submissions[submissions["state"] == "in_force"]
    key = ["source_file", "form", "reporting_unit"]
    held = cells.loc[cells["reporting_unit"].notna(), key].drop_duplicates()
    held = held.merge(files[["source_file", "form"]], on=["source_file", "form"])
    several = held.duplicated(["form", "reporting_unit"], keep=False)
    held = held[several].assign(content=held["source_file"], place=held["source_file"])
    rows = []
    for (form, unit), group in _came(held, received).groupby(
        ["form", "reporting_unit"], sort=False
    ):
        for file, (state, other, _, revision) in _standing(group).items():
            row = dict(source_file=file, form=form, reporting_unit=unit, state=state, found=other)
            rows.append(row | {"revision": revision, "rule": "superseded" if other else None})
    columns = [*_PLACE, *_LABEL, "state", "revision"]
    table = shaped(pd.DataFrame(rows), columns)
    return table.assign(source_sheet="", source_cell="", raw_text="")


def replaced(submissions: pd.DataFrame, cells: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Submissions with the state of files that later ones replaced unit by unit.

    ``later`` as :func:`later_for_unit` returns it. A file of which every unit was replaced is
    superseded; the file that replaced them carries their revision.
    """
    if later.empty:
        return submissions
    place = ["source_file", "form"]
    named = cells[cells["reporting_unit"].notna()].groupby(place)["reporting_unit"].nunique()
    gone = later[later["state"] == "superseded"].groupby(place).size()
    own = pd.MultiIndex.from_frame(submissions[place])
    whole = (gone.reindex(own) == named.reindex(own)).to_numpy()
    revision = later.groupby(place)["revision"].max().reindex(own).to_numpy()
    revision = pd.Series(revision, index=submissions.index).fillna(submissions["revision"])
    table = submissions.assign(revision=revision.astype(submissions["revision"].dtype))
    table.loc[whole, ["state", "rule"]] = ["superseded", "superseded"]
    return table


def completeness(
    submissions: pd.DataFrame, cells: pd.DataFrame, due: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Findings ``not_received`` for each form and unit of ``due`` where none is in force."""
    files = submissions.loc[submissions["state"] == "in_force", "source_file"]
    held = cells[cells["source_file"].isin(files) & cells["role"].isin(["value", "record"])]
    have = set(zip(held["form"], held["reporting_unit"], strict=True))
    rows = [
        dict(
            source_file="",
            source_sheet="",
            source_cell="",
            raw_text="",
            reporting_unit=u.code,
            form=form,
            rule="not_received",
            found=u.name_vi,
            expected=form,
        )
        for form, units in due.items()
        for u in units.itertuples()
        if (form, u.code) not in have
    ]
    return shaped(pd.DataFrame(rows), [*_PLACE, *_LABEL])


def levels_absent(values: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Findings ``level_missing`` at the files that lack the rows of ``absent``.

    ``absent``: reporting_unit, form, level and its printed ``name``.
    """
    files = values[["source_file", "source_sheet", "reporting_unit", "form"]].drop_duplicates()
    files = files.astype({"reporting_unit": object, "form": object})
    rows = files.merge(absent, on=["reporting_unit", "form"])
    rows = rows.assign(rule="level_missing", expected=rows["name"], source_cell="", raw_text="")
    return shaped(rows, [*_PLACE, "level", *_LABEL])


def cell_findings(cells: pd.DataFrame) -> pd.DataFrame:
    """The findings that reading and cleaning left at cells (rows with a ``rule``)."""
    found = cells[cells["rule"].notna()]
    return found[[*_PLACE, "item", "level", "field", *_LABEL]]


def figures(values: pd.DataFrame, forms: dict, previous: pd.DataFrame) -> pd.DataFrame:
    """Findings on figures that should agree, by the ``rules`` of each form.

    Parameters
    ----------
    values
        Value cells in force; ``obs_value`` empty where no figure was accepted.
    previous
        Observations of the period before (may be empty).

    Returns
    -------
    place, item, level, field, rule, found, expected; one row per cell concerned.
    """
    kinds = {
        "sum": _sum,
        "at_most": _at_most,
        "total_row": _total_row,
        "equals_previous": _equals_previous,
        "jump": _jump,
        "whole": _whole,
    }
    columns = [*_PLACE, "item", "level", "field", *_LABEL]
    values = shaped(values, [*columns[: -len(_LABEL)], "obs_value", "obs_status"])
    own = {code: values[values["form"] == code] for code in forms}
    found = [
        kinds[rule["kind"]](own[code], rule, previous)
        for code, form in forms.items()
        for rule in form["rules"]
    ]
    found = [f for f in found if len(f)]
    return (
        shaped(pd.concat(found, ignore_index=True), columns)
        if found
        else shaped(pd.DataFrame(), columns)
    )


def _wide(values: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Rows that have all the items; items are columns."""
    held = values[values["item"].isin(items)].drop_duplicates([*_KEY, "item"])
    wide = held.pivot(index=_KEY, columns="item", values="obs_value")
    return wide.reindex(columns=items).dropna()


def _mark(values: pd.DataFrame, broken: pd.DataFrame, items: list[str], rule: str) -> pd.DataFrame:
    """Findings at the cells ``items`` of the rows in ``broken`` (index _KEY; found, expected)."""
    if broken.empty:
        return values.iloc[:0]
    at = values[values["item"].isin(items)].merge(
        broken[["found", "expected"]].reset_index(), on=_KEY, suffixes=("_", "")
    )
    for column in ("found", "expected"):
        at[column] = at[column].map(_figure)
    return at.assign(rule=rule)


def _figure(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 2)


def _sum(values: pd.DataFrame, rule: dict, _) -> pd.DataFrame:
    """total = Σ parts in each row (identities 1–4 of form II.06a); rows with gaps are skipped.

    ``tolerance`` of the rule is what rounding may leave between them (none, if it says nothing).
    """
    wide = _wide(values, [rule["total"], *rule["parts"]])
    parts = wide[rule["parts"]].sum(axis=1)
    apart = (wide[rule["total"]] - parts).abs() > rule.get("tolerance", 0) + _NOISE
    broken = wide.assign(found=wide[rule["total"]], expected=parts)[apart]
    return _mark(values, broken, [rule["total"], *rule["parts"]], rule["rule"])


def _at_most(values: pd.DataFrame, rule: dict, _) -> pd.DataFrame:
    wide = _wide(values, [rule["item"], rule["limit"]])
    wide = wide.assign(found=wide[rule["item"]], expected=wide[rule["limit"]])
    broken = wide[wide["found"] > wide["expected"]]
    return _mark(values, broken, [rule["item"], rule["limit"]], rule["rule"])


def _total_row(values: pd.DataFrame, rule: dict, _) -> pd.DataFrame:
    """A total row = Σ of its rows: per level over fields, and over all levels."""
    part = parts(values)
    rows = values[part & (values["obs_status"] != "M")]
    level = ["reporting_unit", "form", "item", "level"]
    sums = rows.groupby(level)["obs_value"].sum(skipna=False)
    overall = rows.groupby(level[:3])["obs_value"].sum(skipna=False)
    overall = overall.reset_index().assign(level="_T").set_index(level)["obs_value"]
    added = pd.concat([overall, sums]).rename("rows").reset_index().drop_duplicates(level)
    stated = values[~part].merge(added, on=level).dropna(subset=["obs_value", "rows"])
    broken = stated[(stated["obs_value"] - stated["rows"]).abs() > _NOISE]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(_figure),
        expected=broken["rows"].map(_figure),
    )


def _whole(values: pd.DataFrame, rule: dict, _) -> pd.DataFrame:
    """The row of ``unit`` = Σ of all other units, for each of ``items`` that all of them have."""
    rows = values[values["item"].isin(rule["items"])]
    whole = rows["reporting_unit"] == rule["unit"]
    parts = rows[~whole].groupby("item")["obs_value"].agg(lambda s: s.sum(skipna=False))
    stated = rows[whole].merge(parts.rename("parts").reset_index(), on="item")
    apart = (stated["obs_value"] - stated["parts"]).abs() > rule.get("tolerance", 0) + _NOISE
    broken = stated[apart]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(_figure),
        expected=broken["parts"].map(_figure),
    )


def _before(values: pd.DataFrame, item: str, previous: pd.DataFrame, before: str) -> pd.DataFrame:
    """Rows of ``item`` beside the same unit's figure ``before`` in the previous period."""
    if previous.empty:
        return values.iloc[:0].assign(previous=0.0)
    held = previous[(previous["item"] == before) & previous["obs_value"].notna()]
    held = held[[*_KEY, "obs_value"]].rename(columns={"obs_value": "previous"})
    rows = values[(values["item"] == item) & values["obs_value"].notna()]
    return rows.merge(held.drop_duplicates(_KEY), on=_KEY)


def _equals_previous(values: pd.DataFrame, rule: dict, previous: pd.DataFrame) -> pd.DataFrame:
    """Opening stock = closing stock of the period before (identity 7)."""
    both = _before(values, rule["item"], previous, rule["previous_item"])
    broken = both[both["obs_value"] != both["previous"]]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(_figure),
        expected=broken["previous"].map(_figure),
    )


def _jump(values: pd.DataFrame, rule: dict, previous: pd.DataFrame) -> pd.DataFrame:
    """More than ``factor`` times up or down on the period before, where either side counts."""
    both = _before(values, rule["item"], previous, rule["item"])
    high = both[["obs_value", "previous"]].max(axis=1)
    low = both[["obs_value", "previous"]].min(axis=1)
    broken = both[(high >= rule["at_least"]) & (high > rule["factor"] * low)]
    return broken.assign(
        rule=rule["rule"],
        found=broken["obs_value"].map(number),
        expected=broken["previous"].map(number),
    )


def issues(findings: pd.DataFrame, rules: dict, time_period: str) -> pd.DataFrame:
    """Word the findings: schema.ISSUES, ordered by severity, file and cell."""
    found = findings.astype(object).where(findings.notna(), None)
    texts = {"vi": [], "en": []}
    for row in found.to_dict("records"):
        words = {
            k: row.get(k) if row.get(k) is not None else "…"
            for k in ("raw_text", "found", "expected")
        }
        words["raw_text"] = str(words["raw_text"])[:120]
        texts["vi"].append(rules[row["rule"]]["vi"].format(**words))
        words |= {k: in_english(words[k]) for k in ("found", "expected")}
        texts["en"].append(rules[row["rule"]]["en"].format(**words))
    severity = pd.CategoricalDtype(["blocking", "warning", "note"], ordered=True)
    table = found.assign(
        time_period=time_period,
        severity=found["rule"].map(lambda r: rules[r]["severity"]).astype(severity),
        message_vi=texts["vi"],
        message_en=texts["en"],
    )
    extra = [c for c in ("level", "field") if c in table]
    table = table.sort_values(["severity", "source_file", "source_sheet"], kind="stable")
    same = ["source_file", "source_sheet", "source_cell", "rule", "reporting_unit"]
    same += ["form"] * ("form" in table)  # a unit may owe two forms, and neither has a file
    table = table.drop_duplicates(same)
    return shaped(table, [*ISSUES, *extra]).reset_index(drop=True)


def balance(cells: pd.DataFrame) -> pd.DataFrame:
    """Where every submitted (non-empty) cell went, per file.

    Returns source_file, submitted, labels (recognised text of the form), accepted, in_issues and
    ``unaccounted``, which is zero or the reader has lost something.
    """
    given = cells[(cells["raw_type"] != "file") & (cells["raw_text"] != "")]
    given = given.drop_duplicates(["source_file", "source_sheet", "source_cell"])
    fates = given.groupby(["source_file", "fate"]).size().unstack(fill_value=0)
    fates = fates.reindex(columns=["label", "accepted", "issue"], fill_value=0)
    fates = fates.rename(columns={"label": "labels", "issue": "in_issues"})
    fates.insert(0, "submitted", given.groupby("source_file").size())
    files = cells["source_file"].unique()
    fates = fates.reindex(sorted(files), fill_value=0)
    fates["unaccounted"] = fates["submitted"] - fates[["labels", "accepted", "in_issues"]].sum(
        axis=1
    )
    return fates.rename_axis("source_file").reset_index()


def proven_nil(values: pd.DataFrame) -> pd.Series:
    """Blank cells (status O) that the office's own total shows to be 0.

    Counts are not negative, so a level's total row that equals the sum of the filled rows leaves
    nothing for the blank ones; where levels are the rows, so does the total over them. Returns a
    boolean Series on the index of ``values``.
    """
    level = ["reporting_unit", "form", "item", "level"]
    rows = parts(values)
    over = values["level"].mask(rows & (values["field"] == "_T"), "_T")
    values = values.assign(level=over)
    known = values[rows].groupby(level)["obs_value"].sum().rename("known")
    # a refused figure (V) is unknown, not blank: then the total proves nothing
    refused = (values[rows]["obs_status"] == "V").groupby([values[rows][c] for c in level]).any()
    totals = values[~rows & values["obs_value"].notna()].drop_duplicates(level)
    proof = totals.merge(known.reset_index(), on=level).merge(
        refused.rename("refused").reset_index(), on=level
    )
    proof = proof[(proof["obs_value"] == proof["known"]) & ~proof["refused"]]
    proven = pd.MultiIndex.from_frame(proof[level])
    here = pd.MultiIndex.from_frame(values[level])
    return rows & (values["obs_status"] == "O") & here.isin(proven)
