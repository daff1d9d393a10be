"""The colours of everything that is shown, by what they mean: the one place that names a colour.

Charts are drawn in the light ones; on a page each becomes its variable (``var(--c-accent)``), so
that one drawing serves light and dark. Neighbouring steps differ in lightness too, for grey print
and for eyes that see fewer hues.
"""

LIGHT = {
    "ink": "#1c2830",
    "soft": "#50616b",
    "line": "#d8e1e6",
    "grid": "#e3eaed",
    "paper": "#ffffff",
    "wash": "#f3f6f8",
    "accent": "#0b6c9a",
    "quiet": "#788f9d",
    "pale": "#dae5eb",
    "tint": "#a5c6d6",
    "sand": "#e0bd86",
    "bad": "#942f0e",
    "warn": "#8a5f00",
    "amber": "#b57d10",
    "note": "#4f7184",
    "violet": "#75649a",
    "seq1": "#d5e5ee",
    "seq2": "#a4c7d8",
    "seq3": "#6ea8c4",
    "seq4": "#246f97",
    "seq5": "#0b3f56",
    "mast": "#0c3b52",
    "mast-ink": "#f2f8fa",
    "notice": "#fff3cd",
    "notice-ink": "#553c00",
}
"""Meaning → colour on white paper and on light screens; no two are the same."""

DARK = {
    "ink": "#e6edf0",
    "soft": "#a5b5be",
    "line": "#35444d",
    "grid": "#28353c",
    "paper": "#12191d",
    "wash": "#1b2429",
    "accent": "#5ab6df",
    "quiet": "#7f96a3",
    "pale": "#2c3b44",
    "tint": "#2f5d75",
    "sand": "#75592b",
    "bad": "#e87a50",
    "warn": "#e3b84c",
    "amber": "#eec872",
    "note": "#98b7c6",
    "violet": "#b4a4d8",
    "seq1": "#1d333f",
    "seq2": "#25475a",
    "seq3": "#2f617c",
    "seq4": "#72b9d8",
    "seq5": "#c9e8f6",
    "mast": "#0d2a38",
    "mast-ink": "#dcebf2",
    "notice": "#3a2f12",
    "notice-ink": "#f1dca5",
}
"""Meaning → colour on dark screens. Steps of a sequence run from dark to light."""

SEQUENCE = ("seq1", "seq2", "seq3", "seq4", "seq5")
"""One hue in five steps; ink is read on the first three, paper on the last two."""


def css() -> str:
    """The colours as variables of a page: light, dark where the reader's system is, light in print.

    >>> css().startswith(":root{color-scheme:light dark;--c-ink:#1c2830;")
    True
    """
    return (
        f":root{{color-scheme:light dark;{declared(LIGHT)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{declared(DARK)}}}}}\n"
    )


def declared(colours: dict[str, str]) -> str:
    """Colours as declarations of variables.

    >>> declared({"ink": "black"})
    '--c-ink:black'
    """
    return ";".join(f"--c-{name}:{colour}" for name, colour in colours.items())


def css_string(text: str) -> str:
    """``text`` as a string of a style sheet; nothing in it can end the string."""
    return "".join(["'", *(c if c.isalnum() else f"\\{ord(c):x} " for c in text), "'"])


VARIABLES = {colour: f"var(--c-{name})" for name, colour in LIGHT.items()}
"""Light colour → the variable that stands for it on a page."""
