"""Slips of the pen: how a figure may have become another one on its way into a cell.

The kinds are those of the literature on typing errors in business surveys (Scholtus, Algorithms for
correcting sign errors and rounding errors in business survey data, Statistics Netherlands 2008; van
der Loo, de Jonge and Scholtus, Correction of rounding, typing, and sign errors with the deducorrect
package, Statistics Netherlands 2011) and of wrong units of measure. A figure whose decimal sign was
lost, or taken for one of thousands, is ten, a hundred or a thousand times what it should be.
"""

from collections.abc import Iterator

TYPED = ("transposed", "digit", "digit_missing", "digit_extra")
SCALED = {
    f"{way}_{by}": (up, down)
    for by in (10, 100, 1000)
    for way, up, down in (("times", by, 1), ("divided", 1, by))
}
"""Code → by what the true figure was multiplied and divided."""
CODES = (*TYPED, *SCALED, "sign")
"""Slips that concern one cell alone."""


def likelihoods(submitted: int, true: int) -> dict[str, float]:
    """How likely each slip, where it happens to ``true``, gives ``submitted``; none that cannot.

    >>> likelihoods(1243, 1234)
    {'transposed': 0.3333333333333333}
    """
    if submitted == true:
        return {}
    found = {code: _made(code, submitted, true) for code in TYPED}
    for code, (up, down) in SCALED.items():
        found[code] = float(submitted * down == true * up)
    found["sign"] = float(submitted == -true)
    return {code: chance for code, chance in found.items() if chance}


def _made(code: str, submitted: int, true: int) -> float:
    """The share of the slips of a kind, in the digits of ``true``, that give ``submitted``."""
    if submitted * true < 0:
        return 0
    digits, made = str(abs(true)), str(abs(submitted))
    n = len(digits)
    if code == "transposed":
        ways = [_exchanged(digits, i) for i in range(n - 1) if digits[i] != digits[i + 1]]
        return _share(ways, submitted)
    if code == "digit_missing":
        return _share([digits[:i] + digits[i + 1 :] for i in range(n)] if n > 1 else [], submitted)
    if code == "digit":
        other = made.zfill(n)
        if len(other) != n or sum(a != b for a, b in zip(digits, other, strict=True)) != 1:
            return 0
        return 1 / (9 * n)
    if len(made) != n + 1:
        return 0
    doubled = _share([digits[:i] + digits[i] + digits[i:] for i in range(n)], submitted)
    put_in = sum(made[:i] + made[i + 1 :] == digits for i in range(n + 1)) / (10 * (n + 1))
    return (doubled + put_in) / 2


def _share(ways: list[str], submitted: int) -> float:
    return sum(int(w) == abs(submitted) for w in ways) / len(ways) if ways else 0


def _exchanged(digits: str, at: int) -> str:
    return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]


def origins(submitted: int) -> set[int]:
    """Every figure that one slip turns into ``submitted``."""
    sign = -1 if submitted < 0 else 1
    digits = str(abs(submitted))
    whole = (text for text in _typed(digits) if text[0] != "0" or len(text) == 1)
    found = {sign * int(text) for text in whole}
    for up, down in SCALED.values():
        if submitted * down % up == 0:
            found.add(submitted * down // up)
    found.add(-submitted)
    return found - {submitted}


def _typed(digits: str) -> Iterator[str]:
    n = len(digits)
    for i in range(n - 1):
        yield _exchanged(digits, i)
    for i in range(n):
        for d in "0123456789":
            yield digits[:i] + d + digits[i + 1 :]  # one digit mistyped
        if n > 1:
            yield digits[:i] + digits[i + 1 :]  # one too many
    for i in range(n + 1):
        for d in "0123456789":
            yield digits[:i] + d + digits[i:]  # one was left out
