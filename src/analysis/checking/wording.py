"""What the sender reads of a finding: the words of its rule for what was sent and found."""

from pathlib import Path

from analysis.language.words import in_english
from analysis.reading import spreadsheets

_QUOTED = 120  # characters of what stands in a cell
_ERRORS = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!")


def said(rule: dict, finding: dict) -> dict[str, str]:
    """The message in both languages, ``vi`` and ``en``.

    Parameters
    ----------
    rule
        Of ``rules.yml``: ``vi`` and ``en``, and ``instead``: other words for a case. The cases are
        what was ``found``, if the rule names it; what the figures ``beside`` are; ``formula`` and
        ``error``, where such a thing stands in the cell; ``csv``, of a file without sheets;
        ``told``, where anything was found.
    finding
        A row of schema.FINDINGS; missing texts are None.

    >>> rule = {"vi": "Thiếu trang tính.", "en": "No sheet.",
    ...         "instead": {"csv": {"vi": "Thiếu cột.", "en": "No column."}}}
    >>> said(rule, {"source_file": "a.csv"})["en"], said(rule, {"source_file": "a.xlsx"})["en"]
    ('No column.', 'No sheet.')
    """
    words = {k: "…" if finding.get(k) is None else finding[k] for k in _FILLED}
    words["beside"] = str(words["beside"]).partition(": ")[2]
    words["raw_text"] = str(words["raw_text"])[:_QUOTED]
    case = next((c for c in _cases(finding) if c in rule.get("instead", {})), None)
    texts = rule["instead"][case] if case else rule
    if case == _code(words["found"]):  # what it was at follows
        words["found"] = words["found"].partition(": ")[2]
    english = words | {k: in_english(words[k]) for k in ("found", "expected")}
    english["beside"] = "; ".join(
        ": ".join(map(in_english, part.split(": "))) for part in words["beside"].split("; ")
    )
    return {"vi": texts["vi"].format(**words), "en": texts["en"].format(**english)}


_FILLED = ("raw_text", "found", "expected", "beside")


def _code(found: object) -> str:
    return str(found).partition(":")[0]


def _cases(finding: dict) -> list[str]:
    raw, found = str(finding.get("raw_text") or ""), finding.get("found")
    holds = {
        _code(found): found is not None,
        "formula": raw.startswith("="),
        "error": raw.upper().startswith(_ERRORS),
        "csv": Path(str(finding.get("source_file") or "")).suffix.lower() in spreadsheets.TEXTS,
        "told": found is not None,
        _code(finding.get("beside")): finding.get("beside") is not None,
    }
    return [case for case, held in holds.items() if held]
