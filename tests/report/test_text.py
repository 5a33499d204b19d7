"""Figures with units, and text made harmless."""

import pytest

from fleetopt.report.text import count, memory, plain, power, seconds, unmarked, usd, whole_usd


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (usd(1_234_567_890.0), "$1,234.57 M"),
        (usd(-84_210.0), "-$84,210"),
        (whole_usd(-0.2), "$0"),
        (power(999.0), "999.0 kW"),
        (power(12_345.0), "12.35 MW"),
        (memory(0.5), "0.5 GB"),
        (memory(7200.0), "7.20 TB"),
        (memory(1.3e6), "1.30 PB"),
        (count(12_000.0), "12,000"),
        (count(0.375), "0.38"),
        (seconds(0.0487), "48.7 ms"),
        (seconds(4.0), "4.00 s"),
        (seconds(600.0), "10.0 min"),
    ],
)
def test_figures_carry_units_people_read(shown: str, expected: str) -> None:
    """Dollars in millions, power in MW, memory in TB, times in the unit that needs fewest digits."""
    assert shown == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>", "&lt;b&gt;"),
        ("a|b", "a\\|b"),
        ("a & b", "a &amp; b"),
        ("*x* _y_ `z`", "\\*x\\* \\_y\\_ \\`z\\`"),
        ("two\nlines", "two lines"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("10 kW - peak", "10 kW - peak"),
    ],
)
def test_text_shows_as_it_stands(text: str, expected: str) -> None:
    """Whatever Markdown or HTML would take for markup is escaped; the rest is left alone."""
    assert plain(text) == expected


@pytest.mark.parametrize("text", ["a_b*c", "1. <b>|x|</b>", "https://x.y & z", "back\\slash", "- item"])
def test_what_was_escaped_can_be_had_again(text: str) -> None:
    """Text made harmless for Markdown is itself again."""
    assert unmarked(plain(text)) == text
