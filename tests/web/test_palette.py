"""The contrasts of the palette (RGAA 3.2 and 3.3), in both schemes."""

from __future__ import annotations

import re

import pytest

from app.config import ROOT

TOKENS = (ROOT / "static/css/tokens.css").read_text("utf-8")
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")
GROUNDS = ("ground", "surface", "sunken")
# (text, grounds, ratio at least): 7 for running text, 4.5 for the rest, 3 for edges and drawings.
PAIRS = [
    ("ink", GROUNDS, 7),
    ("ink", ("accent-soft", "warning-soft", "alarm-soft"), 7),
    ("muted", ("ground", "surface"), 7),
    ("muted", ("sunken", "accent-soft"), 4.5),
    ("accent", ("ground", "surface"), 7),
    ("accent", ("sunken", "accent-soft"), 4.5),
    ("accent-strong", (*GROUNDS, "accent-soft"), 4.5),
    ("on-accent", ("accent", "accent-strong"), 4.5),
    ("warning", ("ground", "surface", "warning-soft"), 4.5),
    ("alarm", ("ground", "surface", "alarm-soft"), 4.5),
    ("edge", ("ground", "surface"), 3),
    ("warning-edge", ("ground", "surface", "warning-soft"), 3),
    ("alarm-edge", ("ground", "surface", "alarm-soft"), 3),
]
CASES = [(text, ground, least) for text, grounds, least in PAIRS for ground in grounds]


def palette(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), CASES)
def test_contrast(scheme: str, text: str, ground: str, least: float) -> None:
    colours = palette(scheme)
    ratio = contrast(colours[text], colours[ground])
    assert ratio >= least, f"--{text} on --{ground}: {ratio:.2f}:1, at least {least}:1 is needed"


def test_both_schemes_name_the_same_colours() -> None:
    assert set(palette(DARK)) <= set(palette(LIGHT))
    assert set(palette(LIGHT)) - set(palette(DARK)) == set()


def test_colours_are_named_in_one_file() -> None:
    for path in (ROOT / "static/css").glob("*.css"):
        if path.stem not in {"tokens", "print"}:
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", path.read_text("utf-8")), path.name
