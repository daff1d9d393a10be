"""What an unattended run leaves to be mailed: FILE.txt, which begins with a subject, and FILE.json.

Written whenever the run ends, also where it failed or was interrupted. What is new is told from the
FILE.json of the run before, which is replaced; a file there that is no summary stays.
"""

import hashlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import typer

from analysis.commands.terminal import INTERNAL, Stopped, fail
from analysis.language import messages
from analysis.language.messages import duration, noted, tell
from analysis.language.words import number
from analysis.schema.tables import still_open
from analysis.storage import files
from analysis.topics.submissions import SEVERITY, severities

if TYPE_CHECKING:
    from analysis.batch.pages import Result

_KIND, _VERSION = "reform-monitor summary", 1
_LISTED = 20  # of each kind in the text; all are in the JSON
_INTERRUPTED = 130
_NAMES = {"blocking": noted("{n} blocking"), "warning": noted("{n} warnings"),
          "note": noted("{n} notes")}  # fmt: skip
_HOW = {0: noted("done"), 1: noted("done, with something to see to")}


class Told:
    """What a run tells of itself while it goes on."""

    def __init__(self, before: dict) -> None:
        self._before = before.get("periods", {})
        self.periods: dict[str, dict] = {}
        self.reasons: list[str] = []

    def loaded(self, loaded) -> None:
        """What of a period or edition was received and found, and what differs from the run
        before; ``loaded``: with ``plan``, ``catalogue`` and ``tables``."""
        code, tables = loaded.plan.key, loaded.tables
        then = self._before.get(code, {}).get("state", {})
        issues = still_open(tables.issues)
        keys = [_key(issue) for issue in issues.itertuples()]
        known = set(then.get("findings", keys))  # of a first run nothing is called new
        fresh = [issue for key, issue in zip(keys, issues.itertuples(), strict=True)
                 if key not in known]  # fmt: skip
        held, scores = _received(tables), _scores(tables)
        self.periods[code] = {
            "title": loaded.plan.title,
            "received": [one for name, one in held.items()
                         if "files" in then and then["files"].get(name) != one["sha256"]],
            "files": len(held),
            "findings": severities(tables.issues),
            "new_findings": [_told(issue, loaded.catalogue.rules) for issue in fresh],
            "mended": len(set(then.get("findings", [])) - set(keys)),
            "changed": _moved(then["scores"], scores) if "scores" in then else [],
            "pages": {"written": 0, "unchanged": 0, "failed": [], "not_begun": []},
            "state": {"files": {name: one["sha256"] for name, one in held.items()},
                      "findings": sorted(keys), "scores": scores},
        }  # fmt: skip

    def built(self, code: str, results: "list[Result]") -> None:
        """What became of the pages of a period or edition; of several languages it adds up."""
        pages = self.periods[code]["pages"]
        for result in results:
            if result.status == "error":
                told = {"page": result.page.name, "reason": result.message.splitlines()[:1]}
                pages["failed"].append(told | {"reason": "".join(told["reason"])})
            elif result.status == "stopped":
                pages["not_begun"].append(result.page.name)
            else:
                pages["written" if result.built else "unchanged"] += 1

    def kept(self) -> dict[str, dict]:
        """The periods, and of those that could not be read this time what is known of before."""
        before = {c: {"state": p["state"]} for c, p in self._before.items() if "state" in p}
        return before | self.periods


class _Unasked(Told):
    """What nobody asked to be told: nothing is worked out for it."""

    def loaded(self, loaded) -> None:
        pass

    def built(self, code: str, results: "list[Result]") -> None:
        pass


@contextmanager
def kept(target: Path | None, command: str) -> Iterator[Told]:
    """Write the summary of what is done meanwhile, however it ends; nothing without a ``target``.

    A signal to terminate is taken as Ctrl-C, so that there is time to say what is finished.
    """
    if target is None:
        yield _Unasked({})
        return
    text, data = _paths(target)
    before = _before(text, data)
    told, started, code = Told(before), datetime.now().astimezone(), INTERNAL
    try:
        with _terminated():
            yield told
        code = 0
    except typer.Exit as stopped:
        code = stopped.exit_code
        told.reasons += [stopped.message] if isinstance(stopped, Stopped) else []
        raise
    except KeyboardInterrupt:
        code = _INTERRUPTED
        told.reasons.append(tell("interrupted"))
        raise
    except BaseException as error:
        told.reasons.append(tell("internal error: {name}", name=type(error).__name__))
        raise
    finally:
        ended = datetime.now().astimezone()
        held = {
            "kind": _KIND, "version": _VERSION, "command": command,
            "started": started.isoformat(timespec="seconds"),
            "ended": ended.isoformat(timespec="seconds"),
            "seconds": round((ended - started).total_seconds(), 1),
            "since": before.get("ended"), "exit_code": code, "reasons": told.reasons,
        }  # fmt: skip
        held |= {"subject": _subject(held, told.periods), "periods": told.kept()}
        files.write(data, json.dumps(held, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
        with messages.spoken():
            lines = _lines(held, told.periods)
        files.write(text, ("\n".join(lines) + "\n").encode("utf-8", "replace"))


def _paths(target: Path) -> tuple[Path, Path]:
    bare = target.with_suffix("") if target.suffix in (".txt", ".json") else target
    return bare.with_name(f"{bare.name}.txt"), bare.with_name(f"{bare.name}.json")


def _before(text: Path, data: Path) -> dict:
    """The summary that lies there; what lies there and is none is not replaced."""
    if not data.exists() and not text.exists():
        return {}
    try:
        held = json.loads(data.read_text(encoding="utf-8"))
        if held["kind"] == _KIND and isinstance(held["periods"], dict):
            return held if held["version"] == _VERSION else {}
    except (OSError, ValueError, LookupError, TypeError):
        pass
    place = data if data.exists() else text
    fail(
        tell(
            "--summary: {place} is no summary of ours. Nothing was done: name another file",
            place=place,
        )
    )


@contextmanager
def _terminated() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    owner = os.getpid()

    def ask(number_of: int, frame: object) -> None:
        if os.getpid() == owner:
            raise KeyboardInterrupt
        signal.signal(number_of, signal.SIG_DFL)  # a process forked meanwhile ends as it would
        os.kill(os.getpid(), number_of)

    then = signal.signal(signal.SIGTERM, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, then)


# --- what is told -------------------------------------------------------------------------------


def _key(issue) -> str:
    place = (issue.source_file, issue.source_sheet, issue.source_cell, issue.rule)
    named = (issue.reporting_unit, issue.form) if hasattr(issue, "form") else ()
    text = "\0".join(map(str, (*place, *named)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _told(issue, rules: dict) -> dict:
    told = {"severity": issue.severity, "rule": issue.rule, "name": rules[issue.rule]["name"]}
    for name in ("source_file", "source_sheet", "source_cell", "reporting_unit"):
        value = getattr(issue, name, None)
        told[name] = value if isinstance(value, str) else ""
    return told | {"message": {"vi": issue.message_vi, "en": issue.message_en}}


def _received(tables) -> dict[str, dict]:
    """File → what is known of it; none of a survey, whose answers come in one file."""
    held = getattr(tables, "submissions", None)
    if held is None:
        return {}
    shown = ["reporting_unit", "form", "received_at", "state", "sha256"]
    found: dict[str, dict] = {}
    for row in held.itertuples():
        said = {name: getattr(row, name) for name in shown}
        said = {k: "" if pd.isna(v) else str(v)[:10] if k == "received_at" else str(v)
                for k, v in said.items()}  # fmt: skip
        found.setdefault(row.source_file, {"file": row.source_file, **said})
    return found


def _scores(tables) -> dict[str, list]:
    """Framework and unit → score and rank of the whole; none of a survey, which scores measures."""
    held = getattr(tables, "scores", None)
    if held is None or "reporting_unit" not in held:
        return {}
    own = held[held["level"] == "framework"]
    return {
        f"{row.framework}/{row.reporting_unit}": [
            None if pd.isna(row.score) else round(float(row.score), 6),
            None if pd.isna(row.rank) else float(row.rank),
        ]
        for row in own.itertuples()
    }


def _moved(then: dict[str, list], now: dict[str, list]) -> list[dict]:
    """Scores and ranks that are others than in the run before, and those that came or went."""
    none = [None, None]
    return [
        {"of": of, "score": [before[0], after[0]], "rank": [before[1], after[1]]}
        for of in sorted({*then, *now})
        if (before := then.get(of, none)) != (after := now.get(of, none))
    ]


# --- the text -----------------------------------------------------------------------------------


def _subject(held: dict, periods: dict[str, dict]) -> str:
    return "[reform-monitor] " + tell(
        "{codes}: {how}; blocking: {blocking}, pages failed: {failed}",
        codes=", ".join(periods) or held["command"],
        how=tell(_HOW.get(held["exit_code"], noted("NOT DONE"))),
        blocking=sum(p["findings"]["blocking"] for p in periods.values()),
        failed=sum(len(p["pages"]["failed"]) for p in periods.values()),
    )


def _lines(held: dict, periods: dict[str, dict]) -> list[str]:
    how = tell(
        "{command}: {started}, {duration}, exit code {code}",
        command=held["command"],
        started=held["started"],
        duration=duration(held["seconds"]),
        code=held["exit_code"],
    )
    if held["since"]:
        how += tell(", the run before: {since}", since=held["since"])
    reasons = [tell("reason: {why}", why=" ".join(why.split())) for why in held["reasons"]]
    lines = [held["subject"], "", how, *reasons]
    for code, one in periods.items():
        lines += ["", f"{code}: {one['title'][messages.language()]}", *_of_period(one)]
    return lines


def _of_period(one: dict) -> Iterator[str]:
    yield tell("- received: {n} files; new: {new}", n=one["files"], new=len(one["received"]))
    yield from _listed(f"  {r['file']} {r['received_at']} {r['state']}" for r in one["received"])
    yield tell(
        "- findings: {counts}; new: {new}; gone: {gone}",
        counts=", ".join(tell(_NAMES[s], n=one["findings"][s]) for s in SEVERITY),
        new=len(one["new_findings"]),
        gone=one["mended"],
    )
    yield from _listed(
        f"  {tell(f['severity'])}: {f['source_file']} {f['source_sheet']} {f['source_cell']}: "
        f"{f['message'][messages.language()]}"
        for f in one["new_findings"]
    )
    pages = one["pages"]
    yield tell(
        "- pages: {written} written, {unchanged} unchanged, {failed} failed, {left} not begun",
        written=pages["written"],
        unchanged=pages["unchanged"],
        failed=len(pages["failed"]),
        left=len(pages["not_begun"]),
    )
    yield from _listed(f"  {p['page']}: {p['reason']}" for p in pages["failed"])
    yield tell("- scores and ranks that changed: {n}", n=len(one["changed"]))
    yield from _listed(
        tell(
            "  {of}: {before} → {after}, rank {rank_before} → {rank_after}",
            of=c["of"],
            before=_figure(c["score"][0]),
            after=_figure(c["score"][1]),
            rank_before=_figure(c["rank"][0]),
            rank_after=_figure(c["rank"][1]),
        )
        for c in one["changed"]
    )


def _listed(lines: Iterator[str]) -> Iterator[str]:
    held = list(lines)
    yield from held[:_LISTED]
    if len(held) > _LISTED:
        yield tell("  … and {n} more", n=len(held) - _LISTED)


def _figure(value: float | None) -> str:
    return "…" if value is None else number(value, 0 if float(value).is_integer() else 2)
