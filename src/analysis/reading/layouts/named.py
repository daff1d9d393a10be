"""What the name of a file says of its form, where nothing in the file does."""

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def behind(form: str) -> re.Pattern:
    """What stands behind the code of a form, however its parts are joined: II.06a_10, II06a-10."""
    return re.compile(_CODE.format(_code(form)) + r"[_ -]+([A-Za-z0-9]+)(?![A-Za-z0-9])", re.I)


def form_of(name: str | None, forms: Iterable[str]) -> str | None:
    """The form whose code stands in the name; of none or of several, the first of all.

    >>> form_of("egov_04_2022-Q3.xlsx", ["II.06a", "egov"]), form_of("x.xlsx", ["II.06a", "egov"])
    ('egov', 'II.06a')
    """
    known = list(forms)
    told = [f for f in known if re.search(_CODE.format(_code(f)) + _END, name or "", re.I)]
    return told[0] if len(told) == 1 else next(iter(known), None)


def _code(form: str) -> str:
    return r"[\W_]?".join(re.findall(r"[A-Za-z]+|\d+", form))


_CODE, _END = r"(?<![A-Za-z0-9]){}", r"(?![A-Za-z0-9])"
