"""Figures in texts: looked up by name, reckoned, formatted; nothing else is possible in braces."""

import pytest

from fleetopt.suite.figures import MISSING, Figure
from fleetopt.suite.fill import check_units, filled

FIGURES = {
    "scenario.a.cost": Figure(1.5e6, "USD"),
    "scenario.b-c.cost": Figure(1e6, "USD"),
    "scenario.a.share": Figure(0.25, "share"),
    "scenario.a.bought": Figure(1234.0),
    "scenario.a.power": Figure(2500.0, "kW"),
    "scenario.a.memory": Figure(1500.0, "GB"),
    "scenario.a.main": Figure("cs-3"),
    "scenario.x.cost": MISSING,
    "flip.f.at": Figure(0.02, "s"),
    "flip.g.at": Figure("no value between 1 and 2", nothing=True),
    "flip.t.at": Figure(8230.0, "tokens"),
    "flip.big.at": Figure(31.2e12, "tokens"),
}


def lookup(steps: tuple[str, ...]) -> Figure:
    """By full name."""
    try:
        return FIGURES[".".join(steps)]
    except KeyError:
        raise ValueError(f"there is no {'.'.join(steps)}") from None


@pytest.mark.parametrize(
    "text, said",
    [
        ("{scenario.a.cost} a year", "$1.50 M a year"),
        ("{scenario.a.cost - scenario.b-c.cost}", "$0.50 M"),
        ("{scenario.a.cost / scenario.b-c.cost}", "1.50"),
        ("{scenario.a.cost / scenario.b-c.cost - 1:%}", "50.0 %"),
        ("{(scenario.a.cost - scenario.b-c.cost) / scenario.a.bought}", "$405.19"),
        ("{scenario.a.share}", "25.0 %"),
        ("{2 * scenario.a.share:%}", "50.0 %"),
        ("{scenario.a.bought}", "1,234"),
        ("{scenario.a.bought / 7 : 1}", "176.3"),
        ("{scenario.a.power}", "2.50 MW"),
        ("{scenario.a.memory}", "1.50 TB"),
        ("{flip.f.at}", "20 ms"),
        ("{1 / flip.f.at:0} tokens per second", "50 tokens per second"),
        ("{scenario.a.main}", "cs-3"),
        ("{scenario.a.cost - scenario.x.cost}", "–"),
        ("{1 / flip.g.at:0}", "–"),
        ("at {flip.g.at} of it", "at no value between 1 and 2 of it"),
        ("{flip.g.at:n else nothing} in it", "nothing in it"),
        ("{1 / flip.g.at:0 else none}", "none"),
        ("{scenario.x.cost else no plan: none}", "no plan: none"),
        ("{scenario.a.main else none}", "cs-3"),
        ("{flip.f.at else never}", "20 ms"),
        ("{flip.t.at}, {flip.t.at:n} tokens", "8,230 tokens, 8,230 tokens"),
        ("{flip.t.at} of {flip.t.at}", "8,230 tokens of 8,230 tokens"),
        ("{flip.big.at}", "31.2T tokens"),
        ("{flip.big.at / 15.6e12:1} times", "2.0 times"),
        ("{1 / 0}", "–"),
        ("{{a}}", "{a}"),
        ("{2 + 3 * 4}", "14"),
    ],
)
def test_texts_with_figures(text: str, said: str) -> None:
    """Money, shares, units and differences of them, as people read them; a dash where a run has no plan."""
    assert filled(text, lookup) == said


@pytest.mark.parametrize(
    "text, message",
    [
        ("{scenario.z.cost}", "there is no scenario.z.cost"),
        ("{scenario.a.main - 1}", "'cs-3' is no number"),
        ("{scenario.a.cost.__class__()}", "try scenario.NAME.cost|stands where|no scenario"),
        ("{__import__('os')}", "neither a name nor a number|stands where"),
        ("{scenario.a.cost ** 2}", "neither a name nor a number|stands where"),
        ("{scenario.a.cost scenario.a.cost}", "stands where + - . / is meant"),
        ("{(scenario.a.cost}", "a bracket is not closed"),
        ("{}", "a name is missing"),
        ("{scenario.a.cost:x}", "there is no style 'x'"),
        ("{scenario.a.cost / 1e999}", "neither a name nor a number"),
        ("a { b", "a single {"),
        ("a } b", "a single }"),
        ("{" + "(" * 30 + "1" + ")" * 30 + "}", "too many brackets"),
        ("{" + " + ".join(["1"] * 200) + "}", "longer than 300"),
    ],
)
def test_nothing_else_is_possible(text: str, message: str) -> None:
    """Unknown names, calls, powers, stray braces and endless brackets are refused, and none is carried out."""
    with pytest.raises(ValueError, match=message.replace("+ -", r"\+ -").replace("{", r"\{").replace("}", r"\}")):
        filled(text, lookup)


def test_a_unit_is_said_once() -> None:
    """`8,230 tokens tokens` is found before anything runs; the bare number, other words and other units are not."""
    with pytest.raises(ValueError, match=r"says tokens itself, and the text does so again; try \{flip.t.at:n\}"):
        check_units("a prompt of {flip.t.at}\n tokens", lookup)
    for text in ("{flip.t.at:n} tokens", "{flip.t.at} of tokens", "{flip.f.at} a token", "{{flip.t.at}} tokens"):
        check_units(text, lookup)
