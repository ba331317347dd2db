"""What is written can be read: contrast of at least 4.5 to 1 (WCAG AA), light, dark and in print."""

import re
from pathlib import Path

import pytest

import figures.explorer
import figures.report

SHEETS = [Path(figures.report.__file__).parent / "templates" / "page.css"]
SHEETS.append(Path(figures.explorer.__file__).parent / "templates" / "explorer.css")
TEXT = [
    ("ink", "paper"),
    ("ink", "card"),
    ("soft", "paper"),
    ("soft", "card"),
    ("link", "paper"),
    ("bad", "paper"),
]
TEXT += [(tone, f"{tone}-bg") for tone in ("good", "bad", "open", "found", "none")]
LINES = [(name, "paper") for name in ("maml", "fo", "hf", "other")]


def variables(scheme):
    """Return the colours of a scheme, those of the light one where it has no own."""
    found = {}
    for sheet in SHEETS:
        text = sheet.read_text(encoding="utf-8")
        blocks = [text]
        if scheme == "dark":
            blocks += re.findall(
                r"@media \(prefers-color-scheme: dark\) \{ (:root \{.*?\}) \}", text, re.DOTALL
            )
        if scheme == "print":
            blocks += re.findall(r"@media print \{\s*(:root \{.*?\})", text, re.DOTALL)
        for block in blocks:
            root = re.search(r":root \{(.*?)\}", block, re.DOTALL)
            found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", root[1] if root else ""))
    return found


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_stands_out(scheme):
    colours = variables(scheme)
    assert {
        pair: round(found, 2) for pair in TEXT if (found := contrast(*map(colours.get, pair))) < 4.5
    } == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_stand_out(scheme):
    colours = variables(scheme)
    assert {pair for pair in LINES if contrast(*map(colours.get, pair)) < 3} == set()


def test_the_schemes_differ_and_contrast_is_known():
    assert variables("light") != variables("dark")
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
