"""`--set PATH=VALUE`: paths by id, wildcards, the log, and what is refused."""

from typing import Any

import pytest
import yaml
from instance_texts import TINY

from fleetopt.errors import InputError, Issue
from fleetopt.instance.load import load_text
from fleetopt.instance.located import Place
from fleetopt.instance.overrides import Override, apply, overlaps, parse


def changed(*texts: str | Override) -> Any:
    """The tiny instance after overrides."""
    return load_text(TINY, overrides=texts).instance


def log(*texts: str) -> tuple[str, ...]:
    """What is logged."""
    return load_text(TINY, overrides=texts).changes


def refused(*texts: str | Override) -> tuple[Issue, ...]:
    """What is wrong with the overrides."""
    with pytest.raises(InputError) as caught:
        changed(*texts)
    return caught.value.issues


def test_list_items_are_addressed_by_id() -> None:
    """Ids, regions and the ends of a link address list items."""
    instance = changed(
        "systems.gpu8.price.buy_usd=$200k",
        "workloads.chat.demand.regions.east.rate_per_s=1e3",
        "network.links.east-virginia.rtt_ms=5",
    )
    assert instance.systems[0].price.buy_usd == 200_000
    assert instance.workloads[0].demand.regions[0].rate_per_s == 1000
    assert instance.network.links[0].rtt_ms == 5


def test_ids_with_dots_are_found() -> None:
    """An id such as llama-3.1-8b has a dot of its own: the longest id that fits is taken."""
    text = TINY.replace("model: small", "model: small-3.1").replace("- id: small", "- id: small-3.1")
    assert load_text(text, overrides=["models.small-3.1.layers=16"]).instance.models[0].layers == 16


def test_each_change_is_logged_old_to_new() -> None:
    """A given value, a default, and a missing optional field each show what they were."""
    assert log(
        "systems.gpu8.price.buy_usd=$200k", "sites.virginia.power.scale=0.5", "sites.virginia.space={slots: 9}"
    ) == (
        "systems.gpu8.price.buy_usd: $300k -> $200k",
        "sites.virginia.power.scale: 1.0 -> 0.5",
        'sites.virginia.space: null -> {"slots": 9}',
    )


def test_a_field_at_its_default_may_be_set() -> None:
    """Neither the section nor the field need stand in the file."""
    assert changed("finance.wacc=5 %").finance.wacc == 0.05
    assert changed("sites.virginia.power.scale=0.5").sites[0].power.scale == 0.5
    assert changed("trade.operator_country=DE").trade.operator_country == "DE"


def test_a_wildcard_means_all_that_have_it() -> None:
    """`*` changes every item; items without the section are passed over, and logged ones are counted."""
    two = TINY.replace("fleet:\n", "  - {id: texas, jurisdiction: us, space: {slots: 4}}\nfleet:\n")
    assert len(load_text(two, overrides=["sites.*.power.scale=0.5"]).changes) == 2
    assert load_text(two, overrides=["sites.*.space.slots=9"]).changes == ("sites.texas.space.slots: 4 -> 9",)


def test_keys_of_a_mapping_may_be_new() -> None:
    """A slice factor that is not in the file is added."""
    demand = changed("workloads.chat.demand.regions.east.slice_factors.day=2").workloads[0].demand
    assert demand.regions[0].slice_factors == {"day": 2.0}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("sites.virginia.power.scal=1", "there is no field 'scal'", "did you mean 'scale'?"),
        ("sites.va.power.scale=1", "there is no 'va' in sites", "try one of virginia"),
        ("sites.virginia.space.slots=1", "it has no space", "giving space as a whole"),
        ("sites.*.space.slots=1", "it has no space", "giving space as a whole"),
        ("memory.*.enabled=false", "* matches nothing in memory", "try"),
        ("time.periods.x=1", "there is nothing below periods", "try it without"),
        ("time.*=1", "* stands for items", "try"),
        ("workloads.chat.precisions.0=bf16", "the items of precisions have no ids", "as a whole"),
        ("include=[a.yaml]", "there is no field 'include'", "try"),
        ("nothing", "is not PATH=VALUE", "try"),
        ("=3", "is not PATH=VALUE", "try"),
        ("name=NO", "plain NO means false", "quotes"),
        ("name=[1", "this is not YAML", "try"),
        ("name=*x", "anchors and aliases", "try"),
    ],
)
def test_what_cannot_be_set_is_refused(text: str, message: str, hint: str) -> None:
    """The message stands at the number of the `--set`."""
    found = refused("finance.wacc=0.05", text)
    assert [(i.file, i.line) for i in found] == [("--set", 2)]
    assert message in found[0].message
    assert hint in found[0].hint


def test_the_whole_is_validated_again() -> None:
    """A value of the wrong unit, and a check that fails after the change, are reported at the override."""
    found = refused("systems.gpu8.power_kw=3 GB", "time.slices=[{id: day, start_hour: 0, hours: 12}]")
    assert [(i.file, i.line, i.path) for i in found] == [
        ("--set", 1, "systems.gpu8.power_kw"),
        ("--set", 2, "time.slices"),
    ]


@pytest.mark.parametrize(
    "texts",
    [
        ("finance.wacc=0.05", "finance.wacc=0.06"),
        ("sites.*.power.scale=0.5", "sites.virginia.power.scale=2"),
        ("sites.virginia.power={scale: 2}", "sites.virginia.power.scale=0.5"),
        ("sites.virginia.power.scale=0.5", "sites.virginia.power={scale: 2}"),
    ],
)
def test_two_overrides_never_touch_the_same_path(texts: tuple[str, str]) -> None:
    """The same path, one under a wildcard, or one above the other: the second is refused."""
    found = refused(*texts)
    assert {(i.file, i.line) for i in found} == {("--set", 2)}
    assert "touch the same path" in found[0].message
    assert overlaps(yaml.safe_load(TINY), parse(texts))


def test_neighbouring_paths_do_not_overlap() -> None:
    """Fields side by side may both be set."""
    assert overlaps(yaml.safe_load(TINY), parse(["finance.wacc=0.05", "finance.carbon_usd_per_t=3"])) == ()


def test_an_override_keeps_the_place_it_comes_from() -> None:
    """A suite's line stands in the message."""
    found = refused(Override("finance.wacc", 7, Place("suite.yaml", 12)))
    assert (found[0].file, found[0].line, found[0].path) == ("suite.yaml", 12, "finance.wacc")


def test_an_override_stamps_the_provenance() -> None:
    """A catalogue figure that is set has the instance as its source."""
    data = {"systems": [{"id": "a", "price": {"buy_usd": 1}, "provenance": {"*": {"source": "s", "confidence": "c"}}}]}
    after = apply(data, parse(["systems.a.price.buy_usd=2"])).data
    assert after["systems"][0]["provenance"]["price.buy_usd"]["source"] == "the instance"
    assert "price.buy_usd" not in data["systems"][0]["provenance"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("old", "new"),
    [("    chip:\n      id: gpu\n", "    chip: []\n    was:\n      id: gpu\n"), ("power_kw: 10", "power_kw: {}")],
)
def test_an_override_below_something_else_leaves_it_to_the_schema(old: str, new: str) -> None:
    """A list where the chip should be is refused as such, not by the override that addresses a field of it."""
    with pytest.raises(InputError, match="systems"):
        load_text(TINY.replace(old, new), overrides=["systems.gpu8.chip.memory_gb=3"])
