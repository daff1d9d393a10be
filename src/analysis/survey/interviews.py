"""Who interviewed, from when to when: what the phone recorded beside the answers
(:mod:`analysis.survey.exported`), one row per interview. Internal: no page names an interviewer
but by code."""

import re
from collections.abc import Mapping

import pandas as pd

from analysis.language.words import fold, plain
from analysis.survey import exported

COLUMNS = ["source_file", "source_sheet", "row", "response", "interviewer", "named", "start", "end"]
COLUMNS += ["day", "unread", "records", "accepted", "asked", "unanswered"]

_TYPES = dict.fromkeys(["start", "end", "day"], "datetime64[ns]")
_TYPES |= dict.fromkeys(["row", "unread", "records", "accepted", "asked", "unanswered"], int)
_FORM = ["source_file", "source_sheet", "row"]
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?")
_CODE = re.compile(r"(?=.*\d)[\w.-]{1,12}")  # what is one already, and no name


def table(
    cells: pd.DataFrame, records: pd.DataFrame, counts: pd.DataFrame, survey: dict
) -> pd.DataFrame:
    """The interviews of which anything was recorded.

    Parameters
    ----------
    cells
        Located cells; labels with ``part`` start, end, day or interviewer say what was recorded.
    records
        record, state and the columns of the survey.
    counts
        Record → asked, unanswered (:func:`analysis.survey.skips.by_record`).

    Returns
    -------
    COLUMNS: ``start`` and ``end`` by the clock of the survey (``hours_from_utc``), ``day`` (of the
    start, else as recorded), ``unread`` (times that could not be read), ``interviewer`` (a code)
    and ``named`` (as written), ``records`` (answer rows) and how many of them are ``accepted``.
    """
    recorded = cells[(cells["role"] == "label") & cells["part"].isin(exported.RECORDED.values())]
    recorded = recorded[recorded["raw_text"].map(plain) != ""]
    if recorded.empty:
        return pd.DataFrame(columns=COLUMNS).astype(_TYPES)
    said = recorded.drop_duplicates([*_FORM, "part"]).pivot(
        index=_FORM, columns="part", values="raw_text"
    )
    said = said.reindex(columns=["start", "end", "day", "interviewer"])
    own = cells[(cells["role"] == "value") & (cells["item"] == survey["psu"])]
    own = own[[*_FORM, "record"]].merge(
        records[["record", survey["psu"], "state"]].rename(columns={survey["psu"]: "response"})
    )
    own = own.join(counts, on="record").assign(accepted=own["state"] == "accepted")
    forms = own.groupby(_FORM, sort=False).agg(
        response=("response", "first"),
        records=("record", "size"),
        accepted=("accepted", "sum"),
        asked=("asked", "sum"),
        unanswered=("unanswered", "sum"),
    )
    found = forms.join(said, how="inner").reset_index()
    shift = survey.get("interviews", {}).get("hours_from_utc", 0)
    times = {name: clock(found[name], shift) for name in ("start", "end", "day")}
    read = pd.DataFrame(times)
    unread = (found[list(times)].notna() & read.isna()).sum(axis=1)
    found = found.assign(
        **read, unread=unread, named=found["interviewer"].map(plain, na_action="ignore")
    )
    found["day"] = found["start"].fillna(found["day"]).dt.normalize()
    whole = {name: found[name].astype(int) for name in ("records", "accepted", "asked")}
    whole["unanswered"] = found["unanswered"].astype(int)
    found = found.assign(**whole).sort_values(["start", *_FORM], kind="stable")
    names = codes(found["named"])
    found["interviewer"] = found["named"].map(fold, na_action="ignore").map(names)
    return found[COLUMNS].reset_index(drop=True)


def clock(texts: pd.Series, hours_from_utc: float) -> pd.Series:
    """Times as the tools write them, by one clock; missing where there is none or it is no time.

    >>> written = pd.Series(["2023-05-08T08:00:00.000+07:00", "2023-05-08T01:00:00Z", "8 giờ"])
    >>> clock(written, 7).dt.strftime("%H:%M").tolist()
    ['08:00', '08:00', nan]
    """
    tidy = texts.map(plain, na_action="ignore").astype(object)
    whole = tidy.where(tidy.map(lambda t: isinstance(t, str) and bool(_whole(t))), None)
    zoned = whole.map(lambda t: t is not None and bool(_whole(t).group(1)))
    aware = pd.to_datetime(whole.where(zoned, None), utc=True, errors="coerce", format="ISO8601")
    aware = aware.dt.tz_localize(None) + pd.Timedelta(hours=hours_from_utc)
    plainly = pd.to_datetime(whole.mask(zoned, None), errors="coerce", format="ISO8601")
    return aware.fillna(plainly).astype("datetime64[ns]")


def _whole(text: str) -> re.Match | None:
    return _TIME.fullmatch(text if len(text) > 10 else f"{text} 00:00")


def codes(named: pd.Series) -> Mapping[str, str]:
    """Folded name → code of the interviewers, in the order of their first interview, so that a code
    stays when others begin: what is a code already (letters with a digit, no space) stays it.

    >>> codes(pd.Series(["Lê Thị Hoa", "DT07", "lê thị  hoa"]))
    {'le thi hoa': 'PV01', 'dt07': 'DT07'}
    """
    found: dict[str, str] = {}
    taken = {name.upper() for name in named.dropna() if _CODE.fullmatch(name)}
    number = 0
    for name in named.dropna():
        if fold(name) in found:
            continue
        if _CODE.fullmatch(name):
            found[fold(name)] = name.upper()
            continue
        while f"PV{(number := number + 1):02d}" in taken:
            pass
        found[fold(name)] = f"PV{number:02d}"
    return found
