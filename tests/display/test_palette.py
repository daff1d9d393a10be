"""Colours: one place, enough contrast in light and dark, told apart without hue."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from analysis.display import palette
from analysis.display.charts import register_charts, unit_charts
from analysis.project import PROJECT
from analysis.render import report

MODES = {"light": palette.LIGHT, "dark": palette.DARK}
LITERAL = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![\w-])|\b(?:rgb|hsl)a?\(")
# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB
EYES = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
    "all": np.eye(3),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, eye: str) -> np.ndarray:
    """CIE L*a*b* of a colour as an eye sees it."""
    seen = np.clip(np.array(EYES[eye]) @ linear(colour), 0, 1)
    xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]] @ seen
    t = xyz / [0.9505, 1, 1.089]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, eye: str) -> float:
    return float(np.linalg.norm(lab(one, eye) - lab(other, eye)))


def named(mode: dict, colour: str) -> str:
    """The colour of a mode that a light colour stands for."""
    return mode[next(name for name, light in palette.LIGHT.items() if light == colour)]


def test_a_colour_is_named_in_one_place_alone():
    code = [p for p in (PROJECT / "src/analysis").rglob("*.py") if p.stem != "palette"]
    shown = [p for p in report.TEMPLATES.rglob("*") if p.suffix in (".css", ".js", ".j2")]
    found = {
        f"{path.name}: {hit}"
        for path in [*code, *shown]
        for hit in LITERAL.findall(re.sub(r"url\(#\w+\)", "", path.read_text("utf-8")))
    }
    assert not found


def test_light_and_dark_name_the_same_and_no_two_light_ones_are_alike():
    assert palette.LIGHT.keys() == palette.DARK.keys()
    assert len(set(palette.LIGHT.values())) == len(palette.LIGHT)
    used = set(re.findall(r"var\(--c-([\w-]+)\)", (report.TEMPLATES / "style.css").read_text()))
    assert used <= palette.LIGHT.keys()


@pytest.mark.parametrize("mode", MODES)
def test_text_and_marks_stand_out_from_their_ground(mode):
    colours = MODES[mode]
    for ground in ("paper", "wash"):
        for text in ("ink", "soft", "accent", "bad", "warn", "note", "violet"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for mark in ("accent", "quiet", "bad", "amber", "note", "violet"):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark
    assert contrast(colours["notice-ink"], colours["notice"]) >= 4.5
    assert contrast(colours["mast-ink"], colours["mast"]) >= 7
    assert contrast(colours["paper"], colours["bad"]) >= 4.5, "figures on what was not kept"
    for pale in ("pale", "line"):
        assert contrast(colours["ink"], colours[pale]) >= 4.5, pale


@pytest.mark.parametrize("mode", MODES)
def test_steps_of_a_sequence_differ_in_lightness_and_carry_text(mode):
    colours = MODES[mode]
    steps = [colours[name] for name in palette.SEQUENCE]
    light = [luminance(step) for step in steps]
    assert light == sorted(light, reverse=mode == "light")
    assert min(contrast(a, b) for a, b in pairwise(steps)) > 1.25, "grey print"
    for step, text in zip(steps, ["ink"] * 3 + ["paper"] * 2, strict=True):
        assert contrast(step, colours[text]) >= 4.5, step


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", MODES)
def test_states_are_told_apart_by_every_eye_and_in_grey(mode, eye):
    groups = {
        "severity": list(unit_charts.SEVERITY.values()),
        "outcome": [colour for colour, _, _ in unit_charts.OUTCOMES.values()],
        "late": [palette.LIGHT[n] for n in ("pale", "sand", "bad")],
        "done": [register_charts.COLOURS[s] for s in ("completed_on_time", "open_within",
                                                      "completed_late")],
        "own, others": [palette.LIGHT["accent"], palette.LIGHT["tint"]],
    }  # fmt: skip
    for name, held in groups.items():
        # in grey, shapes, labels and places tell as well: half the distance is enough
        least = 6 if eye == "grey" else 12
        for one, other in combinations([named(MODES[mode], c) for c in held], 2):
            assert apart(one, other, eye) >= least, (name, one, other)
