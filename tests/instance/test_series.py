"""Prices by date in an instance: written out, taken over from the catalogue, and refused."""

from typing import Any

import jsonschema
import pytest
import yaml
from instance_texts import TINY

from fleetopt.catalog.load import series
from fleetopt.errors import InputError, Issue
from fleetopt.instance.json_schema import file_schema
from fleetopt.instance.load import load_text
from fleetopt.instance.summary import summary

MEMORY = "memory:\n  - use: {id}\n    price: {{by_date: {dates}}}\n"


def memory(dates: str, id_: str = "dram", *changes: str) -> Any:
    """The memory tier with these prices by date."""
    return load_text(TINY + MEMORY.format(id=id_, dates=dates), overrides=changes).instance.memory[0]


def priced(price: str) -> str:
    return TINY.replace("price: {buy_usd: $300k}", f"price: {price}")


def refused(text: str) -> tuple[Issue, ...]:
    with pytest.raises(InputError) as caught:
        load_text(text)
    return caught.value.issues


def test_the_catalogue_series_is_taken_over_by_its_name() -> None:
    """`catalogue` becomes the dated prices of the entry, cited by their documents and dates."""
    tier = memory("catalogue")
    points = series("memory", "dram")["price.usd_per_gb"]
    assert [(p.since, p.usd_per_gb) for p in tier.price.by_date] == [(p["since"], p["value"]) for p in points]
    cited = tier.provenance["price.by_date"]
    assert cited.date == "2025q3 to 2026q4"
    assert "TrendForce" in cited.source
    assert cited.confidence == "derived, analyst forecast"


def test_an_override_may_ask_for_the_series() -> None:
    """`--set` by the tier's id does the same as the file."""
    text = TINY + "memory:\n  - dram\n"
    tier = load_text(text, overrides=["memory.dram.price.by_date=catalogue"]).instance.memory[0]
    assert tier == memory("catalogue")


def test_without_the_word_there_is_one_price() -> None:
    """An entry of the catalogue brings no prices by date unless it is asked to."""
    assert load_text(TINY + "memory:\n  - dram\n").instance.memory[0].price.by_date == ()


def test_dated_prices_may_be_written_out() -> None:
    """Prices with their units, for a system and for memory."""
    text = priced("{buy_usd: $300k, by_date: [{since: 2027q2, buy_usd: $250k}]}")
    [point] = load_text(text).instance.systems[0].price.by_date
    assert (point.since, point.buy_usd) == ("2027q2", 250_000)
    assert memory("[{since: 2027q2, usd_per_gb: 20 $/GB}]").price.by_date[0].usd_per_gb == 20


@pytest.mark.parametrize(
    ("text", "line", "path", "said"),
    [
        (
            TINY + MEMORY.format(id="object", dates="catalogue"),
            "by_date: catalogue",
            "memory.object.price.by_date",
            "the catalogue has no prices by date for memory 'object'; try writing them out",
        ),
        (
            priced("{by_date: [{since: 2027q2, buy_usd: 1}]}"),
            "by_date:",
            "systems.gpu8.price.by_date",
            "there is no price before 2027q2; try adding price: {buy_usd: ...}",
        ),
        (
            priced("{buy_usd: 1, by_date: [{since: 2027q2, buy_usd: 1}, {since: 2027q1, buy_usd: 1}]}"),
            "by_date:",
            "systems.gpu8.price.by_date.1.since",
            "2027q1 does not come after 2027q2 before it; try putting the prices in order of date",
        ),
        (
            priced("{buy_usd: 1, by_date: [{since: '2027', buy_usd: 1}]}"),
            "by_date:",
            "systems.gpu8.price.by_date.0.since",
            "2027 is a year, and this plan goes by quarters",
        ),
        (
            priced("{buy_usd: 1, by_date: [{since: 2027q2, buy_usd: -1}]}"),
            "by_date:",
            "systems.gpu8.price.by_date.0.buy_usd",
            "",
        ),
    ],
)
def test_bad_dates_are_refused_with_their_line(text: str, line: str, path: str, said: str) -> None:
    """No series of that name, no price before the first date, dates out of order, a year for a quarter, a negative."""
    [issue] = refused(text)
    assert issue.line == next(n for n, written in enumerate(text.splitlines(), 1) if line in written)
    assert issue.path.replace("[", ".").replace("]", "") == path
    assert said in f"{issue.message}; {issue.hint}"


def test_a_price_that_never_holds_is_a_warning() -> None:
    """Setting the plain price while dated prices cover the horizon has no effect, and that is said."""
    text = TINY + MEMORY.format(id="dram", dates="catalogue")
    [warning] = load_text(text, overrides=["memory.dram.price.usd_per_gb=10"]).warnings
    assert "has no effect" in warning.message
    assert "by_date: []" in warning.hint
    assert load_text(text).warnings == ()
    assert load_text(text, overrides=["memory.dram.price.by_date=[]", "memory.dram.price.usd_per_gb=10"]).warnings == ()


@pytest.mark.parametrize(
    ("dates", "valid"),
    [
        ("catalogue", True),
        ("[{since: 2027q2, usd_per_gb: 20}]", True),
        ("catalog", False),
        ("[{since: 2027q2}]", False),
    ],
)
def test_an_editor_knows_both_forms(dates: str, valid: bool) -> None:
    """The JSON Schema takes the word and the list, and no other word or a date without a price."""
    data = yaml.safe_load(TINY + MEMORY.format(id="dram", dates=dates))
    assert jsonschema.Draft202012Validator(file_schema()).is_valid(data) == valid


def test_check_prints_the_dated_prices() -> None:
    """Dated prices follow the plain one, scaled as it is: 2 x 300,000 USD, 2 x 75,000 from 2027q2."""
    text = priced("{buy_usd: $300k, scale: 2, by_date: [{since: 2027q2, buy_usd: $75k}]}")
    assert "600,000 USD, 150,000 from 2027q2" in str(summary(load_text(text).instance).as_dict())
