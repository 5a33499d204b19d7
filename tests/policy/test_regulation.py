"""The packaged rules in planning: what may be delivered where and when, at what duty, and what overrides them."""

from typing import Any

import pytest
from builders import GPU, GPU_CHIP, tiny_instance

from fleetopt.candidates.offers import offers
from fleetopt.instance.schema import Instance
from fleetopt.policy.duties import duty_rate
from fleetopt.policy.export import Verdict, licence_for, verdict_at

H200 = {**GPU_CHIP, "tpp": 15832.0, "die_area_mm2": 814.0, "dram_gb_s": 4800.0, "vendor": "NVIDIA", "name": "H200"}
H20 = {**H200, "tpp": 2368.0, "dram_gb_s": 4000.0, "name": "NVIDIA H20"}
B200 = {**H200, "tpp": 36000.0, "dram_gb_s": 7700.0, "name": "B200"}
ASCEND = {**H200, "id": "ascend910c", "origin": "CN", "vendor": "Huawei", "name": "Ascend 910C"}


def placed(
    chip: dict[str, Any] = H200,
    country: str = "CN",
    parent: str = "CN",
    provider: str | None = None,
    start: str = "2027q1",
    rent: bool = False,
    **trade: Any,
) -> Instance:
    """One server of eight chips for a site in a country, under the packaged rules."""
    system = {**GPU, "chip": chip, **({"rent": {"usd_per_h": 20.0}} if rent else {})}
    regulation = trade.pop("regulation", {})
    return tiny_instance(
        time={"start": start},
        jurisdictions={"us": {"country": country}},
        trade={"operator_country": parent, "parent_country": parent, "regulation": regulation, **trade},
        systems={"gpu8": system},
        sites={"virginia": {"provider_country": provider} if provider else {}},
    )


def said(instance: Instance, period: int = 0) -> Verdict:
    return verdict_at(instance, instance.systems[0], instance.sites[0], period)


def rate(instance: Instance) -> float:
    system = instance.systems[0]
    held = licence_for(instance.trade, instance.time, system.id, "us", 0)
    return duty_rate(instance.trade, instance.time, system, "us", 0, held, said(instance))


@pytest.mark.parametrize(
    ("chip", "country", "parent", "allowed"),
    [
        (H200, "CN", "CN", "licence"),
        (B200, "CN", "CN", "licence"),
        (H20, "CN", "CN", "licence"),
        (ASCEND, "CN", "CN", "free"),
        (ASCEND, "CN", "US", "barred"),
        (B200, "AE", "AE", "licence"),
        (B200, "NO", "CN", "licence"),
        (B200, "NO", "AE", "free"),
        (B200, "US", "CN", "free"),
        (B200, "XO", "US", "free"),
        (B200, "XO", "CN", "licence"),
    ],
)
def test_destination_and_parent(chip: dict[str, Any], country: str, parent: str, allowed: str) -> None:
    """As `classify` says for the same chip, place and parent; orbit follows the operator's country."""
    assert said(placed(chip, country, parent)).allowed == allowed


@pytest.mark.parametrize(("start", "period", "allowed"), [("2023q3", 0, "free"), ("2023q3", 1, "licence")])
def test_a_rule_holds_in_the_period_in_which_it_begins(start: str, period: int, allowed: str) -> None:
    """H20's cousin of TPP 2,400 and density 4.8 is free in 2023q3, and 3A090.b from 2023q4 on (no exception used)."""
    chip = {**H200, "tpp": 2400.0, "die_area_mm2": 500.0}
    assert said(placed(chip, start=start, regulation={"exceptions": False}), period).allowed == allowed


def test_presumption_of_denial_can_be_taken_at_its_word() -> None:
    """`denial: barred` bars B200 and leaves H200, which is reviewed case by case, to a licence."""
    strict = {"denial": "barred"}
    assert said(placed(B200, regulation=strict)).allowed == "barred"
    assert said(placed(H200, regulation=strict)).allowed == "licence"
    assert said(placed(H200, regulation={**strict, "route": "re-export"})).allowed == "barred"


def test_exceptions_free_what_they_cover() -> None:
    """3A090.b goes to China after notice, unless the instance makes no use of exceptions."""
    chip = {**H200, "tpp": 3000.0}
    assert said(placed(chip)).allowed == "free"
    assert said(placed(chip, regulation={"exceptions": False})).allowed == "licence"


def test_own_rules_come_on_top_or_stand_instead() -> None:
    """A bar of the instance's own is stricter; `allowed` lifts the packaged rules for what it names, nothing else."""
    bar = {"id": "own", "destinations": ["CN"], "effect": "barred"}
    allow = {"id": "deal", "destinations": ["CN"], "chips": ["gpu"], "effect": "allowed"}
    assert said(placed(rules=[bar])).allowed == "barred"
    assert said(placed(B200, rules=[allow])).allowed == "free"
    assert said(placed(B200, rules=[allow, bar])).allowed == "barred"
    assert said(placed({**B200, "id": "other"}, rules=[allow])).allowed == "licence"
    assert said(placed(B200, regulation={"enabled": False})).allowed == "free"


def test_x3_the_duty_falls_on_the_way_through_the_us_alone() -> None:
    """H200 to China pays 25 %, as a re-export (never in the US), to Norway and at home none; without the duty none."""
    assert rate(placed(H200)) == 0.25
    assert rate(placed(H200, regulation={"route": "re-export"})) == 0.0
    assert rate(placed(H200, "NO", "US")) == rate(placed(H200, "US", "US")) == 0.0
    assert rate(placed(H200, regulation={"without": ["us-2026-duty-band-1"]})) == 0.0
    assert rate(placed({**H200, "tpp": 17500.0})) == 0.0


def test_x3_shares_of_a_licence_and_of_the_rules_do_not_add_up() -> None:
    """H20 pays 15 %; a licence that says 20 % costs 20 %, one that says 10 % still 15 %."""
    deal = {"id": "deal", "systems": ["gpu8"], "jurisdiction": "us"}
    rates = [rate(placed(H20, licences=[{**deal, "revenue_share": share}])) for share in (0.0, 0.10, 0.20)]
    assert rates == pytest.approx([0.15, 0.15, 0.20])


def test_a_providers_machines_are_judged_by_the_provider() -> None:
    """A Malaysian provider may have B200 and a Chinese user rent them; a Chinese provider may not."""
    assert said(placed(B200, "MY", "CN")).allowed == "licence"
    assert said(placed(B200, "MY", "CN", provider="MY")).allowed == "free"
    assert said(placed(B200, "MY", "MY", provider="CN")).allowed == "licence"


def test_the_proposed_act_reaches_remote_use() -> None:
    """Assumed in force, the Remote Access Security Act asks a Chinese user for a licence, and no American one."""
    act = {"assume": ["us-remote-access-act"]}
    assert said(placed(B200, "MY", "CN", provider="MY", regulation=act)).allowed == "licence"
    assert said(placed(B200, "MY", "US", provider="MY", regulation=act)).allowed == "free"


def test_nothing_is_bought_at_a_providers_site() -> None:
    """What is rented out there is on offer from the first period; nothing is sold."""
    offer = offers(placed(B200, "MY", "CN", provider="MY", rent=True)).offers[0]
    assert offer.buy_periods == ()
    assert offer.rent_periods == (0, 1)
    assert offers(placed(B200, "MY", "CN", rent=True)).offers == ()


def test_a_rejection_names_the_packaged_rule() -> None:
    """Without a licence the reason names rule, figures, and how an application would be looked at."""
    rejection = offers(placed(B200)).rejections[0]
    assert rejection.rule == "X1"
    for words in ("us-2023-requirement-d5", "needs a licence, none is assumed", "B200 (denial)", "TPP 36,000 >= 4,800"):
        assert words in rejection.detail
