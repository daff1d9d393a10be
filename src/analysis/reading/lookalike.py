"""Which form of the catalogue a file looks like in which none was found that is asked for."""

from collections.abc import Iterator

import pandas as pd

from analysis.language.words import fold

_ENOUGH = 0.6  # of the heads of a form


def told(located: pd.DataFrame, forms: dict) -> pd.DataFrame:
    """Findings ``sheet_missing`` say in ``found`` which form the file looks like, if one.

    Parameters
    ----------
    located
        schema.LOCATED.
    forms
        All forms of the catalogue, by code.
    """
    missing = located["rule"].eq("sheet_missing") & located["found"].isna()
    if not missing.any():
        return located
    looks = {}
    for file in set(located.loc[missing, "source_file"]):
        own = located["source_file"] == file
        texts = {fold(t) for t in located.loc[own & located["raw_text"].ne(""), "raw_text"]}
        looks[file] = _likest(texts, forms)
    found = located["source_file"].map(looks).where(missing)
    other = found.notna() & (found != located["expected"])
    titles = {code: f"{code} ({form['title']['vi']})" for code, form in forms.items()}
    return located.assign(found=located["found"].where(~other, found.map(titles)))


def _likest(texts: set[str], forms: dict) -> str | None:
    """The form of whose heads most are there, if enough are."""
    shares = {code: _share(texts, set(_heads(form))) for code, form in forms.items()}
    code = max(shares, key=lambda c: shares[c], default=None)
    return code if code is not None and shares[code] >= _ENOUGH else None


def _share(texts: set[str], heads: set[str]) -> float:
    return len(heads & texts) / len(heads) if len(heads) > 1 else 0.0


def _heads(form: dict) -> Iterator[str]:
    """The heads that a file of the form has, folded."""
    if form["layout"] == "register":
        yield from (fold(a["head"]["vi"]) for a in form["attributes"].values())
    elif form["layout"] == "sheet":
        yield from (fold(t) for column in form["columns"] for t in column["header"]["vi"])
    elif form["layout"] == "long":
        for named in form["columns"].values():
            yield from map(fold, [named] if isinstance(named, str) else named)
