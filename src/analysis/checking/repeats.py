"""A unit whose figures are those of another, or of the period before, cell for cell."""

import pandas as pd

from analysis.schema.tables import FINDINGS, NOWHERE

LEAST = 10
"""Figures other than 0 that must be equal: fewer agree by chance."""

_UNIT = ["form", "reporting_unit"]
_SAYS = ["item", "level", "field", "obs_value"]


def findings(values: pd.DataFrame, last: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Findings ``same_as_unit`` and ``same_as_last_period``, one for each unit and form.

    Parameters
    ----------
    values
        Value cells in force.
    last
        schema.OBSERVATIONS of the period before (may be empty).
    names
        Code → name of a unit.
    """
    now, then = _digests(values), _digests(last)
    if now.empty:
        return FINDINGS.of([])
    before = then.set_index(["form", "digest"]) if len(then) else then
    rows = []
    for row in now.itertuples():
        at = NOWHERE | dict(zip([*_UNIT, "source_file"], row[1:4], strict=True))
        alike = now[(now["digest"] == row.digest) & (now["form"] == row.form)] if row.twice else []
        others = [
            f"{names.get(o.reporting_unit, o.reporting_unit)} ({o.source_file})"
            for o in (alike.itertuples() if row.twice else [])
            if o.reporting_unit != row.reporting_unit
        ]
        if others:
            rows.append(at | dict(rule="same_as_unit", found=", ".join(others)))
        key = (row.form, row.digest)
        for old in before.loc[[key]].itertuples() if len(then) and key in before.index else []:
            unit = names.get(old.reporting_unit, old.reporting_unit)
            rows.append(at | dict(rule="same_as_last_period", found=f"{unit}, {old.time_period}"))
    return FINDINGS.of(rows)


def _digests(values: pd.DataFrame) -> pd.DataFrame:
    """form, reporting_unit, source_file, time_period, digest of the figures, whatever their order,
    and twice (whether it is there again); of units with at least LEAST figures other than 0."""
    held = values[values["obs_value"].notna() & values["reporting_unit"].notna()]
    if held.empty:
        return pd.DataFrame(columns=[*_UNIT, "source_file", "time_period", "digest", "twice"])
    says = held[_SAYS].astype({c: str for c in _SAYS[:3]})
    held = held.assign(
        digest=pd.util.hash_pandas_object(says, index=False), real=held["obs_value"] != 0
    )
    held = held.astype(dict.fromkeys(_UNIT, object))
    found = held.groupby(_UNIT, sort=True).agg(
        source_file=("source_file", "first"),
        time_period=("time_period", "first"),
        digest=("digest", "sum"),
        real=("real", "sum"),
    )
    found = found[found["real"] >= LEAST].reset_index()
    return found.assign(twice=found.duplicated(["form", "digest"], keep=False)).drop(columns="real")
