"""The open data of a period or survey edition: one archive beside its pages, for programs.

It holds the tables that ``schema/open_data.csv`` lists, column by column, as CSV; a dictionary of
their columns and the codes in them; the figures once more as SDMX; and what they are, how sure
their sources are, and under which licence. The same figures give the same bytes.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pandas as pd

from analysis.period import Loaded
from analysis.render import open_csv, sdmx
from analysis.schema import open_data
from analysis.site import code_version, declared, pack_flows
from analysis.site.subjects import Subject
from analysis.survey import editions

NO_LICENCE = "chưa nêu giấy phép"
"""What stands for a licence where ``licence`` of site.yml is empty."""

_NOTES = [
    "Ô trống: không có số liệu hoặc số liệu bị che; lý do ở cột obs_status. Không phải số 0.",
    "Số giữ nguyên độ chính xác khi tính. Chữ nào bảng tính có thể coi là công thức thì có thêm "
    "dấu ' phía trước.",
]
_STAMP = (2022, 6, 15, 0, 0, 0)  # of every file in the archive: no time of writing
_STATUS_IN = {"assessments": "indicator_values", "rank_intervals": "scores"}


def name(code: str) -> str:
    """What the archive of a site is called."""
    return f"{code}-data.zip"


def packed(loaded: Loaded | editions.Loaded, made: Subject) -> bytes:
    """The archive of a period or edition."""
    survey = isinstance(loaded, editions.Loaded)
    given = tables(loaded)
    held = {f"{n}.csv": open_csv.csv(table) for n, table in given.items()}
    rows = {file: len(table) for file, table in zip(held, given.values(), strict=True)}
    codes = pack_flows.of_survey(loaded, given) if survey else pack_flows.of_period(loaded, given)
    flow = pack_flows.survey_flow(codes) if survey else pack_flows.period_flow(codes, given)
    figures = pack_flows.estimates(given) if survey else pack_flows.figures(given, codes)
    held["codes.csv"] = open_csv.csv(codes)
    held["dictionary.csv"] = open_csv.csv(_dictionary(given, "survey." if survey else ""))
    held["sdmx/data.csv"] = sdmx.data(flow, figures, *pack_flows.time(loaded.plan))
    held["sdmx/structure.json"] = sdmx.structure(flow)
    about = _about(loaded, made, given)
    about["files"] = {
        file: {"sha256": hashlib.sha256(data).hexdigest()}
        | ({"rows": rows[file]} if file in rows else {})
        for file, data in held.items()
    }
    held["metadata.json"] = json.dumps(about, ensure_ascii=False, indent=1, default=str).encode()
    return zipped(held)


def tables(loaded: Loaded | editions.Loaded) -> dict[str, pd.DataFrame]:
    """The tables that are given, with the columns that are given; figures of a row that is
    suppressed or not accepted are empty, in each table."""
    survey = isinstance(loaded, editions.Loaded)
    prefix, found = "survey." if survey else "", {}
    for listed, given in open_data.read().items():
        if listed.startswith("survey.") != survey:
            continue
        own = listed.removeprefix(prefix)
        table = getattr(loaded.tables, own)
        if survey:  # of groups as a whole: parts of several divisions could be subtracted
            table = table[table["domain"] == "_T"]
        columns = [c for c in given.columns if c.name in table]
        held = table[[c.name for c in columns]].reset_index(drop=True)
        hidden = _status(loaded.tables, own, table).isin(open_data.WITHHELD).to_numpy()
        for column in columns:
            if column.kind == "whole":
                held[column.name] = held[column.name].astype("Int64")
            if column.kind in ("whole", "number", "flag") and hidden.any():
                held[column.name] = held[column.name].mask(hidden)
        if "verdict" in held:  # without a value it says why there is none
            held["verdict"] = held["verdict"].mask(hidden & table["obs_value"].notna().to_numpy())
        found[own] = held
    return found


def _status(held, name: str, table: pd.DataFrame) -> pd.Series:
    """The status of each row; a table without one has that of the table that it was made of."""
    if "obs_status" in table:
        return table["obs_status"]
    source = getattr(held, _STATUS_IN[name])
    keys = ["framework", "reporting_unit", "level", "code", "indicator"]
    keys = [c for c in keys if c in table and c in source]
    return table[keys].merge(source[[*keys, "obs_status"]], how="left", on=keys)["obs_status"]


def _dictionary(given: dict[str, pd.DataFrame], prefix: str) -> pd.DataFrame:
    """What each file holds (no column), and each of its columns."""
    listed, rows = open_data.read(), []
    for name, table in given.items():
        of = listed[prefix + name]
        rows.append((f"{name}.csv", "", "", "", "", of.holds_vi, of.holds_en))
        for c in of.columns:
            if c.name in table:
                key = "yes" if c.key else ""
                row = (f"{name}.csv", c.name, c.kind, c.unit, key, c.meaning_vi, c.meaning_en)
                rows.append(row)
    columns = ["file", "column", "type", "unit", "key", "meaning_vi", "meaning_en"]
    return pd.DataFrame(rows, columns=columns)


def _about(loaded: Loaded | editions.Loaded, made: Subject, given: dict) -> dict:
    plan, site = loaded.plan, declared.load(*_site(loaded.root))
    survey = isinstance(loaded, editions.Loaded)
    span = plan.reference_period if survey else [plan.start, plan.end]
    stated = plan.notes if survey else [plan.status_note, plan.coverage_note]
    about = {
        "code": made.code,
        "title": plan.title,
        "time_period": pack_flows.time(plan)[1],
        "from": span[0],
        "to": span[1],
        "known_on": getattr(plan, "known_on", None),
        "synthetic": made.synthetic,
        "signed": made.signed.entry,
        "source": plan.source,
        "notes": [note for note in (*stated, *map(pack_flows.both, _NOTES)) if note],
        "licence": site.get("licence") or pack_flows.both(NO_LICENCE),
        "version": code_version.version(loaded.root),
        "catalogue_sha256": loaded.catalogue.sha256,
        "lineage": {Path(folder).name: mark for folder, mark in sorted(made.pinned.items())},
    }
    if not survey:
        about["frameworks"] = [_framework(loaded, code) for code in plan.frameworks]
        about["targets"] = _targets(loaded, given["assessments"])
    return about


def _site(root: Path) -> tuple[Path, Path]:
    return root / "reports" / "site.yml", root / "notebooks"


def _framework(loaded: Loaded, code: str) -> dict:
    held = loaded.catalogue.frameworks[code]
    asked = ("title", "legal_basis", "certainty", "source")
    return {"code": code, **{k: held[k] for k in asked if k in held}}


def _targets(loaded: Loaded, assessments: pd.DataFrame) -> list[dict]:
    """The targets that values stand beside, each with its source and how sure that is."""
    known = loaded.catalogue.targets
    rows = known[known["code"].isin(assessments["target"])]
    asked = ["code", "name_vi", "name_en", "legal_basis", "source", "certainty", "read_in"]
    return rows[asked].to_dict("records")


def zipped(held: dict[str, bytes]) -> bytes:
    """An archive of these files, by name; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as book:
        for name in sorted(held):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.external_attr = 0o644 << 16
            book.writestr(entry, held[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
