"""Sentences that say what a picture shows, by its kind: values of one direction, counts of things,
a mere span. Where a sentence would not be true it is refused."""

from collections.abc import Collection, Sequence

import pandas as pd

from analysis.language.languages import say
from analysis.language.words import number, percent


def extremes(
    values: pd.Series,
    decimals: int = 0,
    unit: str = "",
    *,
    directions: Collection[int] = (),
    of: int | None = None,
) -> str:
    """The highest and the lowest of named values in a sentence; ties and single values say so.

    Parameters
    ----------
    directions
        Of the values: whether more is better (1), worse (-1) or neither (0).
    of
        How many there are in all, shown or not; as many as ``values``, if not given.

    Raises
    ------
    ValueError
        where there is no highest and lowest to tell: the values run in several directions or in
        none that is known, or are some of more. Such a picture needs a finding of its own.
    """
    if len(set(directions)) != 1:
        raise ValueError("values of several or unknown directions have no highest and lowest")
    if of is not None and of > len(values):
        raise ValueError(f"of {of} values only {len(values)} are shown: they hold no extremes")
    held = values.dropna().round(decimals).sort_values(kind="stable")
    if held.empty:
        return say("Chưa có số liệu")
    write = percent if unit == "%" else number

    def written(value: float) -> str:
        return write(value, decimals)

    low, high = held.iloc[0], held.iloc[-1]
    top, bottom = held.index[held == high], held.index[held == low]
    if len(held) == 1:
        return say("{name}: {value}", name=top[0], value=written(high))
    if high == low:
        return say("Cả {n} bằng nhau: {value}", n=number(len(held)), value=written(high))
    return say(
        "{first} cao nhất, {most}; {last} thấp nhất, {least}",
        first=together(top), most=written(high), last=together(bottom), least=written(low),
    )  # fmt: skip


def span(values: pd.Series, decimals: int = 0, unit: str = "", of: int | None = None) -> str:
    """How many values there are, of how many, and from what to what they go: nothing is said of
    better and worse."""
    held = values.dropna()
    if held.empty:
        return say("Chưa có số liệu")
    write = percent if unit == "%" else number
    count = number(len(held))
    if of is not None and of > len(held):
        count = say("{n} trong {of}", n=count, of=number(of))
    low, high = write(held.min(), decimals), write(held.max(), decimals)
    return say("{count} giá trị, từ {low} đến {high}", count=count, low=low, high=high)


def most(counts: pd.Series, of: float) -> str:
    """Which count is the largest, of how many things in all.

    >>> most(pd.Series({"muộn": 3, "thiếu": 1}), 5)
    'Nhiều nhất: muộn, 3 trong 5 (60 %)'
    """
    held = counts.dropna()
    if held.empty or not of:
        return say("Chưa có số liệu")
    top = held.index[held == held.max()]
    name = together(top) if len(top) < 3 else say("{n} mục cùng mức", n=number(len(top)))
    told = {"n": number(held.max()), "of": number(of), "share": percent(100 * held.max() / of, 0)}
    if len(held) == 1:
        return say("{name}: {n} trong {of}", name=name, **told)
    return say("Nhiều nhất: {name}, {n} trong {of} ({share})", name=name, **told)


def by_direction(values: pd.Series, directions: pd.Series, decimals: int = 0) -> str:
    """From what to what values go, those of which more is better apart from the others.

    ``directions``: of each value, 1, -1 or 0.
    """
    words = {1: "càng cao càng tốt", -1: "càng thấp càng tốt", 0: "chỉ để theo dõi"}
    told = []
    for direction, text in words.items():
        held = values[(directions == direction).to_numpy()].dropna().round(decimals)
        low, high = number(held.min(), decimals), number(held.max(), decimals)
        span = low if low == high else say("từ {low} đến {high}", low=low, high=high)
        if len(held):
            told.append(
                say("{n} giá trị {what}: {span}", n=number(len(held)), what=say(text), span=span)
            )
    return "; ".join(told) if told else say("Chưa có số liệu")


def together(names: Sequence[str]) -> str:
    """One or two names as they are; of more only how many they are."""
    if len(names) > 2:
        return say("{n} nơi cùng mức", n=number(len(names)))
    return names[0] if len(names) == 1 else say("{one} và {other}", one=names[0], other=names[1])
