"""What goes back for a period, and to whom: a receipt for each file, and a copy where something is
to be mended. Each holds what concerns its sender alone.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis.catalogue import catalogue as cat
from analysis.catalogue import plans
from analysis.exchange import mending, slips
from analysis.exchange.first_sheet import Told
from analysis.exchange.receipts import OURS
from analysis.exchange.returns import Copy, Receipt
from analysis.schema.tables import CELLS, still_open

_US, _TOLD = "us", "told"  # rules.yml: never sent back; sent back, but nothing to mend


def due(
    tables,
    plan: plans.PeriodPlan,
    catalogue: cat.Catalogue,
    sources: dict[str, Path],
    hours: dict[str, str] | None = None,
) -> list[Copy | Receipt]:
    """The copies and receipts of a period.

    A file of layout long, or an export of a reporting system, goes back unit by unit, each with its
    own rows; any other as a whole.

    Parameters
    ----------
    tables
        With ``issues``, ``submissions``, ``cells`` and ``proposals``; ``influence``
        (what each issue can move) where there is one.
    sources
        Name → file, of those that are there.
    hours
        Name → hour of its arrival, where the ledger says it
        (:func:`analysis.exchange.receipts.hours`).
    """
    sender = _Sender(tables, plan, catalogue, hours or {})
    issues = _light(sender.concerns(still_open(tables.issues)))
    groups = dict(iter(issues.groupby("source_file", sort=False)))
    received = tables.submissions["source_file"].dropna()
    found: list[Copy | Receipt] = []
    for file in sorted({*groups, *received} - {""}):
        own, source = groups.get(file, issues.iloc[:0]), sources.get(file)
        parts = _parts(own, tables, catalogue) if sender.is_long(file) else None
        if not parts:
            found += sender.back(Path(file).stem, file, source, own)
            continue
        for unit, theirs, rows in parts:
            stem = f"{Path(file).stem}_{unit}" if unit else Path(file).stem
            found += sender.back(stem, file, None, theirs, rows, unit)
    return found


def _parts(
    own: pd.DataFrame, tables, catalogue: cat.Catalogue
) -> Iterator[tuple[str | None, pd.DataFrame, pd.DataFrame]] | None:
    """Unit, its issues and its rows with their heads; rows of no unit that is known go together."""
    if own.empty:
        return None
    here = tables.cells[tables.cells["source_file"] == own["source_file"].iloc[0]]
    here = here[here["role"] != "reply"]
    if here.empty or not here["role"].isin(["unit", "value"]).any():
        return None
    head = here["row"] < here.loc[here["role"].isin(["unit", "value"]), "row"].min()
    parts = []
    for unit, issues in own.groupby("reporting_unit", sort=True, dropna=False):
        nobody = pd.isna(unit)
        theirs = here["reporting_unit"].isna() if nobody else here["reporting_unit"] == unit
        rows = CELLS.take(here[(theirs | head) & (here["raw_type"] != "blank")])
        parts.append((None if nobody else str(unit), issues, rows.drop_duplicates("source_cell")))
    return parts


class _ByFile:
    """A table, of which the rows of one file are asked for."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = _light(table)
        self.at = table.groupby("source_file", sort=False, observed=True).indices

    def of(self, file: str) -> pd.DataFrame:
        return self.table.iloc[self.at.get(file, slice(0))]


def _light(table: pd.DataFrame) -> pd.DataFrame:
    """The table with texts as objects: of these a few rows are taken in a moment."""
    return table.astype(dict.fromkeys(table.select_dtypes(["string", "category"]), object)).copy()


def _stated(cells: pd.DataFrame) -> Counter:
    """How many figures and records stand in each file, and of each unit in it, that are accepted
    (True) or not."""
    own = cells[cells["role"].isin(["value", "record"]) & (cells["raw_type"] != "blank")]
    files, accepted = own["source_file"], own["fate"] == "accepted"
    of_units = zip(files, own["reporting_unit"], accepted, strict=True)
    return Counter(zip(files, accepted, strict=True)) + Counter(of_units)


class _Sender:
    """What is known of who sent what."""

    def __init__(
        self, tables, plan: plans.PeriodPlan, catalogue: cat.Catalogue, hours: dict[str, str]
    ) -> None:
        held = tables.submissions.drop_duplicates("source_file").set_index("source_file")
        self.units, self.forms, self.days = (
            held[c].to_dict() for c in ("reporting_unit", "form", "received_at")
        )
        confirmed = tables.issues[tables.issues["state"] == "confirmed"]
        self.confirmed = confirmed["source_file"].value_counts().to_dict()
        cells = tables.cells
        exported = cells["mapping"].notna() if "mapping" in cells else cells["row"].lt(0)
        self.mapped = set(cells.loc[exported, "source_file"])
        self.digests = held["sha256"].to_dict() if "sha256" in held else {}
        self.cells, self.hours = _ByFile(tables.cells[mending.OF_CELLS]), hours
        self.proposals, self.stated = _ByFile(tables.proposals), _stated(tables.cells)
        influence = getattr(tables, "influence", None)
        self.influence = None if influence is None else _ByFile(influence)
        totals = (r for form in catalogue.forms.values() for r in form["rules"])
        totals = frozenset(r["rule"] for r in totals if r["kind"] == "total_row")
        self.words = mending.Words(catalogue.rules, catalogue.proposals, totals)
        known = catalogue.units_on(plan.units_on)
        self.names = dict(zip(known["code"], known["name_vi"], strict=True))
        self.plan, self.catalogue, self.rules = plan, catalogue, catalogue.rules
        self.nothing_to_mend = {r for r, x in self.rules.items() if x.get("sender") == _TOLD}

    def is_long(self, file: str) -> bool:
        """Whether the file has rows of many units."""
        form = self.catalogue.forms.get(self.forms.get(file))
        return file in self.mapped or (form is not None and form["layout"] == "long")

    def concerns(self, issues: pd.DataFrame) -> pd.DataFrame:
        """The issues that a sender is told: not ours, nor what names another office's file."""
        return issues.loc[[self._is_told(issue) for issue in issues.itertuples()]]

    def _is_told(self, issue) -> bool:
        kind = self.rules[issue.rule].get("sender")
        if kind == _US or issue.source_file.lower() in OURS:
            return False
        return not (kind == _TOLD and self._names_another(issue))

    def _names_another(self, issue) -> bool:
        own, file = self.units.get(issue.source_file), issue.source_file
        named = [f for f in self.units if f in issue.message_vi and f != file]
        return any(self.units[other] != own for other in named)

    def back(
        self,
        stem: str,
        file: str,
        source: Path | None,
        issues: pd.DataFrame,
        rows: pd.DataFrame | None = None,
        unit: str | None = None,
    ) -> list[Copy | Receipt]:
        """The copy, where something is to be mended or explained, and the receipt."""
        found = zip(issues["rule"], issues["severity"], strict=True)
        asked = any(r not in self.nothing_to_mend and severity != "note" for r, severity in found)
        if asked:
            moves = None if self.influence is None else self.influence.of(file)
            known = self.proposals.of(file), self.cells.of(file)
            issues = mending.told(issues, *known, self.words, moves)
        unit = unit or self.units.get(file)
        name = self.names.get(unit) if isinstance(unit, str) else None
        sent = f"{file} ({', '.join(filter(None, (name, self.plan.title['vi'])))})"
        came = self._came(file, sent, unit)
        receipt = Receipt(stem, slips.text(came, issues, self.rules, asked))
        if not asked:
            return [receipt]
        proposed = issues[[mending.PROBABLE, mending.PERHAPS]].notna().any(axis=None)
        told = Told(sent, self._to(file), proposed=bool(proposed))
        return [Copy(stem, source, issues, rows, told, self.rules), receipt]

    def _came(self, file: str, sent: str, unit: str | None) -> slips.Came:
        own = (file, unit) if isinstance(unit, str) and self.is_long(file) else (file,)
        accepted, refused = self.stated[*own, True], self.stated[*own, False]
        digest, when = self.digests.get(file), self.days.get(file)
        at = (digest if isinstance(digest, str) else None, when, self.hours.get(file))
        confirmed = self.confirmed.get(file, 0)
        return slips.Came(file, sent, *at, accepted, refused, self._to(file), confirmed)

    def _to(self, file: str) -> str:
        """Whom a mended file is sent to: what its form says."""
        form = self.catalogue.forms.get(self.forms.get(file), {})
        told = [form[key]["vi"] for key in ("recipient", "contact") if key in form]
        return ", ".join(told) or Told().to
